/* check_num.c - seconds to nanoseconds, and sums of doubles, held against long integers. */
#include "core.h"

#include <check.h>
#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct pf_mem mem;
static struct pf_profile *p;

static void setup(void)
{
    pf_mem_init(&mem, 0);
    p = pf_new(&mem);
}

static void teardown(void)
{
    pf_free(p);
    ck_assert_uint_eq(mem.used, 0);
}

static uint64_t state;

static uint64_t any64(void)
{
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return state;
}

static uint32_t any(uint32_t n)
{
    return (uint32_t)((any64() >> 32) % n);
}

static void seed(int i)
{
    state = (uint64_t)i * 0x9e3779b97f4a7c15u + 88172645463325252u;
}

static uint64_t bits_of(double d)
{
    uint64_t bits;

    memcpy(&bits, &d, sizeof bits);
    return bits;
}

static double double_of(uint64_t bits)
{
    double d;

    memcpy(&d, &bits, sizeof d);
    return d;
}

/* d = (sign) mantissa * 2^(exponent - 1074), exponent >= 0 */
struct split {
    bool negative;
    uint64_t mantissa;
    unsigned exponent;
};

static struct split split(double d)
{
    uint64_t bits = bits_of(d), fraction = bits & ((1ull << 52) - 1);
    unsigned e = (unsigned)(bits >> 52) & 0x7ff;

    return (struct split){bits >> 63, e ? fraction | 1ull << 52 : fraction, e ? e - 1 : 0};
}

/* ---- seconds to nanoseconds ---- */

__extension__ typedef __int128 i128;

/* The same by integers: mantissa * 10^9, shifted with half to even. Only |seconds| < 2^34. */
static i128 exact_ns(double seconds)
{
    struct split s = split(seconds);
    i128 n = (i128)s.mantissa * 1000000000;
    unsigned down = 1074 - s.exponent;

    if (s.exponent >= 1074) {
        n <<= s.exponent - 1074;
    } else if (down > 100) {
        n = 0;
    } else {
        i128 half = (i128)1 << (down - 1), rest = n & (2 * half - 1);
        n >>= down;
        n += rest > half || (rest == half && n % 2);
    }
    return s.negative ? -n : n;
}

static void expect_exact_ns(double seconds)
{
    int64_t ns;

    ck_assert_msg(pf_seconds_to_ns(seconds, &ns), "%a", seconds);
    ck_assert_msg(ns == exact_ns(seconds), "%a: %lld, not %lld", seconds, (long long)ns,
                  (long long)exact_ns(seconds));
}

START_TEST(nanoseconds_by_hand)
{
    static const struct {
        double seconds;
        int64_t ns;
    } cases[] = {
        {0.0, 0},
        {-0.0, 0},
        {1.0, 1000000000},
        {-1.5, -1500000000},
        {1e-9, 1},
        {4e-10, 0},
        {6e-10, 1},
        {-6e-10, -1},
        {0.000001, 1000},
        {0.1, 100000000},
        {0.123456789, 123456789},
        {5e-324, 0},
        {-DBL_MIN, 0},
        /* odd multiples of 1/1024 s end in half a nanosecond: to even */
        {1 / 1024.0, 976562},
        {3 / 1024.0, 2929688},
        {-1 / 1024.0, -976562},
        {-3 / 1024.0, -2929688},
        {1024 + 1 / 1024.0, 1024000976562},
        {1025 + 3 / 1024.0, 1025002929688},
        {4194304 + 5 / 1024.0, 4194304004882812},
        {9e9, 9000000000000000000},
        {-9e9, -9000000000000000000},
        {9.2e9, 9200000000000000000},
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        int64_t ns;
        ck_assert(pf_seconds_to_ns(cases[i].seconds, &ns));
        ck_assert_msg(ns == cases[i].ns, "%a: %lld", cases[i].seconds, (long long)ns);
        expect_exact_ns(cases[i].seconds);
    }
}
END_TEST

START_TEST(what_is_no_time_is_refused)
{
    static const double cases[] = {NAN,   -NAN,  INFINITY, -INFINITY,           DBL_MAX,
                                   1e300, -1e10, 9.3e9,    9223372036.854775808};
    int64_t ns = 77;

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        ck_assert_msg(!pf_seconds_to_ns(cases[i], &ns), "%a", cases[i]);
    ck_assert_int_eq(ns, 77);
}
END_TEST

/* Around every kind of border: halves of nanoseconds, of all sizes, and their neighbours. */
START_TEST(nanoseconds_agree_with_integers)
{
    seed(_i);
    for (int i = 0; i < 20000; i++) {
        double tick = (double)(any64() >> (1 + any(62)));
        double near = (tick + 0.5) * 1e-9;
        if (near < 9.1e9) {
            expect_exact_ns(near);
            expect_exact_ns(-nextafter(near, 0));
            expect_exact_ns(nextafter(near, 1e10));
        }
        expect_exact_ns((double)(any64() >> (22 + any(42))) / 1024);
        expect_exact_ns(ldexp((double)(any64() >> 11), (int)any(80) - 100));
        expect_exact_ns(-ldexp((double)(any64() >> 11), -19 - (int)any(4)) / 1.9);
    }
}
END_TEST

START_TEST(ints_are_taken_as_they_are)
{
    struct pf_num x = {.i = INT64_MIN, .is_int = true}, y = {.d = 2.5e-9};
    int64_t value;

    ck_assert(pf_num_value(&x, &value));
    ck_assert_int_eq(value, INT64_MIN);
    ck_assert(pf_num_value(&y, &value));
    ck_assert(value == exact_ns(2.5e-9));
    y.d = NAN;
    ck_assert(!pf_num_value(&y, &value));
}
END_TEST

/* ---- exact sums: a fixed-point number of 2176 bits, two's complement, unit 2^-1074 ---- */

enum { LIMBS = 34, MAX_EXACT_PARTS = 44 };

struct fixed {
    uint64_t limb[LIMBS]; /* lowest first */
};

static void fixed_add(struct fixed *f, double d)
{
    struct split s = split(d);
    struct fixed x = {{0}};
    unsigned word = s.exponent / 64, shift = s.exponent % 64, carry = s.negative;

    x.limb[word] = s.mantissa << shift;
    if (shift)
        x.limb[word + 1] = s.mantissa >> (64 - shift);
    for (unsigned i = 0; i < LIMBS; i++) {
        uint64_t add = s.negative ? ~x.limb[i] : x.limb[i];
        uint64_t sum = f->limb[i] + add;
        unsigned over = sum < add;
        f->limb[i] = sum + carry;
        carry = over | (f->limb[i] < sum);
    }
}

static void fixed_add_int(struct fixed *f, int64_t i)
{
    int64_t low = i & 0xffffffff;

    fixed_add(f, (double)low);
    fixed_add(f, (double)(i - low));
}

static bool fixed_bit(const struct fixed *f, unsigned bit)
{
    return f->limb[bit / 64] >> bit % 64 & 1;
}

/* Rounded half to even. */
static double fixed_round(const struct fixed *from)
{
    struct fixed f = *from;
    bool negative = f.limb[LIMBS - 1] >> 63;
    unsigned carry = 1, top = 64 * LIMBS;

    for (unsigned i = 0; negative && i < LIMBS; i++) {
        f.limb[i] = ~f.limb[i] + carry;
        carry = carry && f.limb[i] == 0;
    }
    while (top > 0 && !fixed_bit(&f, top - 1))
        top--;
    unsigned low = top > 53 ? top - 53 : 0;
    uint64_t mantissa = 0;
    for (unsigned bit = top; bit > low; bit--)
        mantissa = mantissa << 1 | fixed_bit(&f, bit - 1);
    if (low) {
        bool rest = false;
        for (unsigned bit = 0; bit + 1 < low; bit++)
            rest |= fixed_bit(&f, bit);
        mantissa += fixed_bit(&f, low - 1) && (rest || mantissa % 2);
    }
    double d = ldexp((double)mantissa, (int)low - 1074);
    return negative ? -d : d;
}

static void tell(char *to, size_t size, double d, const double *part, unsigned n)
{
    int at = snprintf(to, size, "%a", d);

    for (unsigned i = 0; i < n; i++)
        at += snprintf(to + at, size - (size_t)at, " + %a", part[i]);
}

/* The only form of a sum: each number is what the ones before it leave over, rounded once. */
static void expect_sum(const struct pf_num *sum, struct fixed exact)
{
    double part[MAX_EXACT_PARTS], d = fixed_round(&exact);
    unsigned n = 0;
    char want[MAX_EXACT_PARTS * 32], got[MAX_EXACT_PARTS * 32];

    fixed_add(&exact, -d);
    while ((part[n] = fixed_round(&exact)) != 0) {
        fixed_add(&exact, -part[n++]);
        ck_assert_uint_lt(n, MAX_EXACT_PARTS);
    }
    ck_assert(!sum->is_int);
    ck_assert_uint_lt(sum->parts, MAX_EXACT_PARTS);
    tell(want, sizeof want, d, part, n);
    tell(got, sizeof got, sum->d, sum->parts ? p->calls.part + sum->part : NULL, sum->parts);
    ck_assert_str_eq(got, want);
}

static void add(struct pf_num *sum, const struct pf_num *x)
{
    double parts[MAX_EXACT_PARTS + 1];

    ck_assert_uint_le(x->parts, MAX_EXACT_PARTS);
    if (x->parts)
        memcpy(parts, p->calls.part + x->part, x->parts * sizeof *parts);
    ck_assert(pf_num_add(p, sum, x, parts));
}

static struct pf_num number(double d)
{
    return (struct pf_num){.d = d};
}

static struct pf_num integer(int64_t i)
{
    return (struct pf_num){.i = i, .is_int = true};
}

START_TEST(sums_by_hand)
{
    static const struct {
        double x[4];
        double d, part[3];
        unsigned parts;
    } cases[] = {
        {{1, 2}, 3, {0}, 0},
        {{0.1, 0.2}, 0.1 + 0.2, {-0x1p-55}, 1},
        {{1, 0x1p-60}, 1, {0x1p-60}, 1},
        {{1, 0x1p-60, -1}, 0x1p-60, {0}, 0},
        {{1e300, 1, -1e300}, 1, {0}, 0},
        {{1e300, 1, 1e-300}, 1e300, {1, 1e-300}, 2},
        {{1, 0x1p-53}, 1, {0x1p-53}, 1},                                /* a tie goes to even */
        {{1, 0x1p-53, 0x1p-110}, 1 + 0x1p-52, {-0x1p-53, 0x1p-110}, 2}, /* and this is none */
        {{1 + 0x1p-52, 0x1p-53}, 1 + 0x1p-51, {-0x1p-53}, 1},
        {{5e-324, -1e-300}, -1e-300, {5e-324}, 1},
        {{3, -3}, 0, {0}, 0},
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct pf_num sum = number(0);
        struct fixed exact = {{0}};
        for (unsigned k = 0; k < 4; k++) {
            struct pf_num x = number(cases[i].x[k]);
            add(&sum, &x);
            fixed_add(&exact, x.d);
        }
        ck_assert_uint_eq(bits_of(sum.d), bits_of(cases[i].d));
        ck_assert_uint_eq(sum.parts, cases[i].parts);
        for (unsigned k = 0; k < sum.parts; k++)
            ck_assert_uint_eq(bits_of(p->calls.part[sum.part + k]), bits_of(cases[i].part[k]));
        expect_sum(&sum, exact);
    }
}
END_TEST

START_TEST(signs_of_zero_are_those_of_plain_sums)
{
    static const double zero[] = {0.0, -0.0};

    for (unsigned i = 0; i < 4; i++) {
        struct pf_num sum = number(zero[i / 2]), x = number(zero[i % 2]);
        add(&sum, &x);
        ck_assert_uint_eq(bits_of(sum.d), bits_of(zero[i / 2] + zero[i % 2]));
        ck_assert_uint_eq(sum.parts, 0);
    }
}
END_TEST

/* A number of some size; `how` makes them alike, wildly different, or such that halves decide. */
static double some_double(int how)
{
    double sign = any(2) ? 1 : -1;

    switch (how) {
    case 0: return (double)(any64() >> 34) * 1e-9;                     /* times */
    case 1: return sign * ldexp((double)any64(), (int)any(120) - 120); /* 160 bits apart */
    case 2: return sign * ldexp(1, (int)any(12) * -53 + (int)any(3));  /* single bits, ties */
    case 3: return sign * ldexp(1, -(int)any(900));
    default:
        return double_of((any64() & ~(0x7ffull << 52)) | (uint64_t)any(2000) << 52); /* anything */
    }
}

enum { TERMS = 60, HOWS = 5 };

static void shuffle(double *x, unsigned n)
{
    for (unsigned i = n; i > 1; i--) {
        unsigned j = any(i);
        double swap = x[i - 1];
        x[i - 1] = x[j];
        x[j] = swap;
    }
}

START_TEST(sums_equal_long_integers_in_any_order)
{
    double x[TERMS];
    struct fixed exact = {{0}};
    unsigned n;

    seed(_i);
    n = 2 + any(TERMS - 2);
    for (unsigned k = 0; k < n; k++) {
        x[k] = some_double(_i % HOWS);
        fixed_add(&exact, x[k]);
    }
    for (int order = 0; order < 5; order++) {
        struct pf_num sum = number(-0.0);
        for (unsigned k = 0; k < n; k++) {
            struct pf_num term = number(x[k]);
            add(&sum, &term);
        }
        expect_sum(&sum, exact);
        shuffle(x, n);
    }
}
END_TEST

/* Brackets at random: any two of what is left are added, until one is left. */
START_TEST(sums_equal_long_integers_in_any_brackets)
{
    struct pf_num x[TERMS];
    struct fixed exact = {{0}};
    unsigned n;

    seed(_i);
    n = 2 + any(TERMS - 2);
    for (unsigned k = 0; k < n; k++) {
        x[k] = number(some_double(_i % HOWS));
        fixed_add(&exact, x[k].d);
    }
    for (; n > 1; n--) {
        unsigned a = any(n), b = (a + 1 + any(n - 1)) % n;
        add(&x[a], &x[b]);
        x[b] = x[n - 1];
    }
    expect_sum(&x[0], exact);
}
END_TEST

START_TEST(running_sums_need_no_more_than_their_parts)
{
    struct pf_num sum = number(0);
    struct fixed exact = {{0}};

    seed(1);
    for (int i = 0; i < 20000; i++) {
        struct pf_num x = number(some_double(i % HOWS));
        add(&sum, &x);
        fixed_add(&exact, x.d);
        if (i % 100 == 0)
            expect_sum(&sum, exact);
    }
    expect_sum(&sum, exact);
}
END_TEST

/* Single bits as far apart as they can be without being one double; some of either sign. */
static struct pf_num wide_sum(int top, struct fixed *exact)
{
    struct pf_num sum = number(0);

    for (int e = top; e >= -1074; e -= 54) {
        struct pf_num x = number(ldexp(any(2) ? -1 : 1, e));
        add(&sum, &x);
        fixed_add(exact, x.d);
    }
    ck_assert_uint_ge(sum.parts, 24);
    return sum;
}

START_TEST(the_widest_sums_fit)
{
    struct fixed exact = {{0}};

    seed(_i);
    struct pf_num a = wide_sum(500, &exact), b = wide_sum(500 - _i, &exact);
    add(&a, &b);
    expect_sum(&a, exact);
}
END_TEST

START_TEST(ints_stay_ints)
{
    struct pf_num sum = integer(INT64_MAX - 6), x = integer(3), y = integer(INT64_MIN);

    add(&sum, &x);
    ck_assert(sum.is_int);
    ck_assert_int_eq(sum.i, INT64_MAX - 3);
    add(&sum, &x);
    add(&sum, &y);
    ck_assert_int_eq(sum.i, -1);
    ck_assert_uint_eq(p->calls.n_parts, 0);
}
END_TEST

START_TEST(a_sum_of_ints_that_does_not_fit_is_told)
{
    static const int64_t cases[][2] = {{INT64_MAX, 1}, {INT64_MIN, -1}, {INT64_MIN, INT64_MIN}};
    struct pf_num sum = integer(cases[_i][0]), x = integer(cases[_i][1]);

    ck_assert(!pf_num_add(p, &sum, &x, NULL));
    ck_assert_int_eq(sum.i, cases[_i][0]);
    ck_assert_int_eq(p->err.code, PF_EVALUE);
    ck_assert_str_eq(p->err.msg, "a sum of integer times does not fit 64 bits");
}
END_TEST

START_TEST(an_int_and_a_float_are_summed_exactly)
{
    static const int64_t ints[] = {0, 1, -1, INT64_MAX, INT64_MIN, (1ll << 53) + 1, -12345};
    static const double doubles[] = {0.5, 0x1p-60, -0x1p62, 1e18, 0};

    for (size_t i = 0; i < sizeof ints / sizeof *ints; i++)
        for (size_t j = 0; j < sizeof doubles / sizeof *doubles; j++) {
            struct pf_num a = integer(ints[i]), b = number(doubles[j]);
            struct pf_num c = number(doubles[j]), d = integer(ints[i]);
            struct fixed exact = {{0}};
            fixed_add_int(&exact, ints[i]);
            fixed_add(&exact, doubles[j]);
            add(&a, &b);
            add(&c, &d);
            expect_sum(&a, exact);
            expect_sum(&c, exact);
        }
}
END_TEST

START_TEST(no_memory_leaves_the_sum)
{
    struct pf_num sum = number(1), x = number(0x1p-60);

    mem.fail_at = mem.count + 1;
    ck_assert(!pf_num_add(p, &sum, &x, NULL));
    mem.fail_at = 0;
    ck_assert_int_eq(p->err.code, PF_ENOMEM);
    ck_assert_uint_eq(bits_of(sum.d), bits_of(1));
    ck_assert_uint_eq(sum.parts, 0);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("num");
    TCase *t = tcase_create("num");

    tcase_add_checked_fixture(t, setup, teardown);
    tcase_set_timeout(t, 60);
    tcase_add_test(t, nanoseconds_by_hand);
    tcase_add_test(t, what_is_no_time_is_refused);
    tcase_add_loop_test(t, nanoseconds_agree_with_integers, 0, 5);
    tcase_add_test(t, ints_are_taken_as_they_are);
    tcase_add_test(t, sums_by_hand);
    tcase_add_test(t, signs_of_zero_are_those_of_plain_sums);
    tcase_add_loop_test(t, sums_equal_long_integers_in_any_order, 0, 40 * HOWS);
    tcase_add_loop_test(t, sums_equal_long_integers_in_any_brackets, 0, 40 * HOWS);
    tcase_add_test(t, running_sums_need_no_more_than_their_parts);
    tcase_add_loop_test(t, the_widest_sums_fit, 0, 2 * 54);
    tcase_add_test(t, ints_stay_ints);
    tcase_add_loop_test(t, a_sum_of_ints_that_does_not_fit_is_told, 0, 3);
    tcase_add_test(t, an_int_and_a_float_are_summed_exactly);
    tcase_add_test(t, no_memory_leaves_the_sum);
    suite_add_tcase(s, t);

    SRunner *r = srunner_create(s);
    srunner_run_all(r, CK_ENV);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
