/* check_marshal.c - each type code of Python's marshal, what references give, and what is refused.
 */
#include "marshal.h"

#include <check.h>
#include <math.h>
#include <stdlib.h>

static struct pf_mem mem;
static struct pf_profile *p;
static struct pf_source *in;
static struct pf_marshal m;
static struct pf_mval v;
static struct pf_err err;

static void setup(void)
{
    pf_mem_init(&mem, 0);
    p = pf_new(&mem);
    in = NULL;
    err = (struct pf_err){0};
}

static void close_input(void)
{
    if (in)
        pf_marshal_close(&m);
    pf_close(in);
    in = NULL;
}

static void teardown(void)
{
    close_input();
    pf_free(p);
    ck_assert_uint_eq(mem.used, 0);
}

static void open_bytes(const char *bytes, size_t len)
{
    close_input();
    err = (struct pf_err){0};
    in = pf_open_mem(&mem, bytes, len, &err);
    ck_assert_ptr_nonnull(in);
    pf_marshal_open(&m, in, p, &err);
}

/* Bytes as a literal, with their length: they may hold NULs. */
#define LIT(bytes) (bytes), sizeof(bytes) - 1
#define ZERO       "\0\0\0\0"
#define SEVEN      "\7\0\0\0"

static void next(void)
{
    if (!pf_marshal_next(&m, &v))
        ck_abort_msg("offset %llu: %s", (unsigned long long)err.at, err.msg);
}

static void expect_str(const struct pf_mval *x, const char *bytes, size_t len)
{
    struct pf_str s = p->strs.at[x->str];

    ck_assert_int_eq(x->kind, PF_M_STR);
    ck_assert_uint_eq(s.len, len);
    ck_assert_mem_eq(s.s, bytes, len);
}

/* ---- scalars ---- */

static const struct {
    const char *bytes;
    size_t len;
    enum pf_mkind kind;
    int64_t i;
} ints[] = {
    {LIT("i\xff\xff\xff\xff"), PF_M_INT, -1},
    {LIT("i\0\0\0\x80"), PF_M_INT, INT32_MIN},
    {LIT("I\0\0\0\0\1\0\0\0"), PF_M_INT, 1LL << 32},
    {LIT("l" ZERO), PF_M_INT, 0},
    {LIT("l\1\0\0\0\5\0"), PF_M_INT, 5},
    {LIT("l\xff\xff\xff\xff\5\0"), PF_M_INT, -5},
    {LIT("l\3\0\0\0\0\0\0\0\1\0"), PF_M_INT, 1LL << 30},
    {LIT("l\5\0\0\0\xff\x7f\xff\x7f\xff\x7f\xff\x7f\7\0"), PF_M_INT, INT64_MAX},
    {LIT("l\xfb\xff\xff\xff\0\0\0\0\0\0\0\0\x08\0"), PF_M_INT, INT64_MIN},
    {LIT("l\5\0\0\0\0\0\0\0\0\0\0\0\x08\0"), PF_M_HUGE, 0},
    {LIT("l\5\0\0\0\0\0\0\0\0\0\0\0\x10\0"), PF_M_HUGE, 0},
    {LIT("l\6\0\0\0\1\0\1\0\1\0\1\0\1\0\1\0"), PF_M_HUGE, 0},
    {LIT("T"), PF_M_BOOL, 1},
    {LIT("F"), PF_M_BOOL, 0},
    {LIT("\xd4"), PF_M_BOOL, 1},
};

START_TEST(ints_are_exact)
{
    open_bytes(ints[_i].bytes, ints[_i].len);
    next();
    ck_assert_int_eq(v.kind, ints[_i].kind);
    ck_assert_int_eq(v.i, ints[_i].i);
}
END_TEST

START_TEST(floats_are_bits_or_text)
{
    open_bytes(LIT("g\0\0\0\0\0\0\xf8\x3f"
                   "f\3"
                   "1.5"
                   "f\4"
                   "-1e3"
                   "f\3"
                   "nan"
                   "\xe6\3"
                   "2.5"
                   "r" ZERO));
    for (int i = 0; i < 2; i++) {
        next();
        ck_assert_int_eq(v.kind, PF_M_FLOAT);
        ck_assert_double_eq(v.d, 1.5);
    }
    next();
    ck_assert_double_eq(v.d, -1000);
    next();
    ck_assert(isnan(v.d));
    next();
    next();
    ck_assert_double_eq(v.d, 2.5);
}
END_TEST

static const struct {
    const char *bytes;
    size_t len;
    const char *text;
    size_t text_len;
} strings[] = {
    {LIT("z\3abc"), LIT("abc")},
    {LIT("Z\1a"), LIT("a")},
    {LIT("z\0"), LIT("")},
    {LIT("a\2\0\0\0ab"), LIT("ab")},
    {LIT("A\2\0\0\0ab"), LIT("ab")},
    {LIT("u\2\0\0\0\xc3\xa9"), LIT("\xc3\xa9")},
    {LIT("z\2\xe9"
         "a"),
     LIT("\xc3\xa9"
         "a")},                                          /* Latin-1 */
    {LIT("A\1\0\0\0\xff"), LIT("\xc3\xbf")},             /* Latin-1 */
    {LIT("z\3a\0b"), LIT("a\0b")},                       /* a NUL does not end it */
    {LIT("u\4\0\0\0\xed\xb3\xbf/"), LIT("\xff/")},       /* U+DCFF: the byte FF */
    {LIT("u\3\0\0\0\xed\xb2\x80"), LIT("\x80")},         /* U+DC80 */
    {LIT("u\3\0\0\0\xed\xa0\x80"), LIT("\xed\xa0\x80")}, /* another lone surrogate */
    {LIT("\xf4\3\0\0\0\xed\xb3\xbf"), LIT("\xff")},      /* t in Python 3 */
    {LIT("t\3\0\0\0\xed\xb3\xbf"), LIT("\xed\xb3\xbf")}, /* t in Python 2: bytes */
    {LIT("s\3\0\0\0\xed\xb3\xbf"), LIT("\xed\xb3\xbf")},
    {LIT("u\3\0\0\0\xff\xfe"
         "a"),
     LIT("\xff\xfe"
         "a")}, /* no UTF-8 at all */
};

START_TEST(strings_come_in_seven_spellings)
{
    open_bytes(strings[_i].bytes, strings[_i].len);
    next();
    expect_str(&v, strings[_i].text, strings[_i].text_len);
    ck_assert_uint_eq(m.bad_utf8, _i == 15);
    ck_assert(!pf_marshal_next(&m, &v));
}
END_TEST

START_TEST(what_is_written_reads_the_same)
{
    static const struct {
        const char *s;
        size_t len;
    } names[] = {{LIT("plain")},        {LIT("")},
                 {LIT("\xc3\xa9")},     {LIT("\xff\xfe.py")},
                 {LIT("a\0b")},         {LIT("\xed\xb3\xbf")}, /* bytes that look like U+DCFF */
                 {LIT("\xed\xb2\x80")}, {LIT("\xed\xa0\x80")},
                 {LIT("a\xf0\x9f")}};
    static const int64_t numbers[] = {
        0,         -1,        INT32_MAX, INT32_MIN, INT32_MAX + 1LL, INT32_MIN - 1LL,
        INT64_MAX, INT64_MIN, 1LL << 45};
    struct pf_sink *out = pf_create_mem(&mem, PF_PLAIN, &err);
    size_t len;

    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        pf_marshal_put_str(out, names[i].s, names[i].len);
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        pf_marshal_put_int(out, numbers[i]);
    pf_marshal_put_float(out, 0.1);
    pf_end_frame(out);
    const uint8_t *bytes = pf_sink_bytes(out, &len);
    open_bytes((const char *)bytes, len);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        next();
        expect_str(&v, names[i].s, names[i].len);
    }
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        next();
        ck_assert_int_eq(v.kind, PF_M_INT);
        ck_assert_int_eq(v.i, numbers[i]);
    }
    next();
    ck_assert_double_eq(v.d, 0.1);
    ck_assert_uint_eq(m.bad_utf8, 0);
    close_input();
    pf_abandon(out);
}
END_TEST

/* ---- containers and references ---- */

START_TEST(a_tuple_takes_its_place_before_its_items)
{
    struct pf_mval tuple, item[2];

    open_bytes(LIT("\xa9\2\xfa\1a\xe9\7\0\0\0"
                   "r\1\0\0\0r\2\0\0\0r\0\0\0\0"));
    next();
    tuple = v;
    ck_assert(tuple.open && tuple.kind == PF_M_TUPLE && tuple.n == 2);
    for (int i = 0; i < 2; i++) {
        next();
        item[i] = v;
    }
    ck_assert(pf_marshal_keep(&m, &tuple, item, 2, 42));
    next();
    expect_str(&v, "a", 1);
    next();
    ck_assert_int_eq(v.i, 7);
    next();
    ck_assert(v.kind == PF_M_TUPLE && !v.open && v.n == 2 && v.mark == 42);
    ck_assert_int_eq(m.items.at[v.first + 1].i, 7);
}
END_TEST

START_TEST(interned_strings_of_python_2_have_a_list_of_their_own)
{
    open_bytes(LIT("t\1\0\0\0at\1\0\0\0bR\1\0\0\0R" ZERO));
    next();
    next();
    next();
    expect_str(&v, "b", 1);
    next();
    expect_str(&v, "a", 1);
    ck_assert(m.old_seen && !m.refs_seen);

    open_bytes(LIT("\xfa\1z\xf4\1\0\0\0aR" ZERO "r\1\0\0\0"));
    for (int i = 0; i < 3; i++)
        next();
    expect_str(&v, "a", 1);
    next();
    expect_str(&v, "a", 1);
}
END_TEST

static const struct {
    const char *bytes;
    size_t len;
    const char *message;
    uint64_t offset;
} refused[] = {
    {LIT(""), "the file is cut", 0},
    {LIT("i\1\0"), "the file is cut", 3},
    {LIT("\x7f"), "unknown type code 0x7f", 0},
    {LIT("\x80"), "unknown type code 0x80", 0},
    {LIT("r" ZERO), "reference 0: there are 0 objects", 0},
    {LIT("r\xff\xff\xff\xff"), "reference -1", 0},
    {LIT("R" ZERO), "reference 0", 0},
    {LIT("s\xff\xff\xff\x7f"
         "abc"),
     "claims 2147483647 bytes, 3 are left", 0},
    {LIT("u\xff\xff\xff\xff"
         "abc"),
     "claims -1 bytes", 0},
    {LIT("z\4abc"), "the file is cut", 5},
    {LIT("(\xff\xff\xff\xff"), "a tuple claims -1 items", 0},
    {LIT("[\0\0\0\x80"), "a list claims -2147483648 items", 0},
    {LIT("l\0\0\0\x80"), "claims 2147483648 digits", 0},
    {LIT("l\xff\xff\xff\x7f\1\0"), "claims 2147483647 digits", 0},
    {LIT("l\2\0\0\0\1\0\0\0"), "a digit that Python does not write", 0},
    {LIT("l\1\0\0\0\0\x80"), "a digit that Python does not write", 0},
    {LIT("f\0"), "expected a number as text", 0},
    {LIT("f\3 1 "), "expected a number as text", 0},
    {LIT("f\5"
         "0x1p3"),
     "expected a number as text", 0},
    {LIT("f\3"
         "1e+"),
     "expected a number as text", 0},
    {LIT("f\3"
         "1\0"
         "2"),
     "expected a number as text", 0},
};

START_TEST(damage_is_refused_where_it_is)
{
    open_bytes(refused[_i].bytes, refused[_i].len);
    ck_assert(!pf_marshal_next(&m, &v));
    ck_assert_msg(strstr(err.msg, refused[_i].message), "%s", err.msg);
    ck_assert_int_eq(err.where, PF_AT_OFFSET);
    ck_assert_uint_eq(err.at, refused[_i].offset);
    ck_assert_uint_lt(mem.peak, PF_MIB);
}
END_TEST

START_TEST(nothing_may_refer_to_what_is_not_finished)
{
    open_bytes(LIT("\xa9\1r" ZERO));
    next();
    ck_assert(!pf_marshal_next(&m, &v));
    ck_assert_ptr_nonnull(strstr(err.msg, "part of"));
}
END_TEST

/* ---- code objects ---- */

#define INTS4       ZERO ZERO ZERO ZERO
#define BYTES       "s" ZERO
#define TUPLES5     ")\0)\0)\0)\0)\0"
#define OLD_TUPLES5 "(" ZERO "(" ZERO "(" ZERO "(" ZERO "(" ZERO
#define PLACE                                                                                      \
    "z\4c.py"                                                                                      \
    "z\1f"
#define CODE_311 "c" INTS4 ZERO BYTES ")\0)\0)\0" BYTES PLACE "z\1f" SEVEN BYTES BYTES
#define CODE_38  "c" INTS4 ZERO ZERO BYTES TUPLES5 PLACE SEVEN BYTES
#define CODE_30                                                                                    \
    "c" INTS4 ZERO BYTES OLD_TUPLES5 "u\4\0\0\0c.py"                                               \
    "u\1\0\0\0f" SEVEN BYTES
#define CODE_2                                                                                     \
    "c" INTS4 "s\1\0\0\0d" OLD_TUPLES5 "s\4\0\0\0c.py"                                             \
    "t\1\0\0\0f" SEVEN "t" ZERO
#define TEXT "<code object f, file \"c.py\", line 7>"

static const struct {
    const char *bytes;
    size_t len;
} codes[] = {{LIT(CODE_311 "i" SEVEN CODE_311)},
             {LIT(CODE_38 "i" SEVEN CODE_38)},
             {LIT(CODE_30 "i" SEVEN CODE_30)},
             {LIT(CODE_2 "i" SEVEN CODE_2)}};

START_TEST(code_objects_of_every_version_are_passed)
{
    open_bytes(codes[_i].bytes, codes[_i].len);
    for (int i = 0; i < 2; i++) {
        next();
        ck_assert_int_eq(v.kind, PF_M_CODE);
        ck_assert_str_eq(p->strs.at[v.str].s, TEXT);
        if (i == 0) {
            next();
            ck_assert_int_eq(v.i, 7);
        }
    }
    ck_assert_uint_eq(pf_offset(in) + (uint64_t)(m.at - m.base), codes[_i].len);
}
END_TEST

/* Constants of all kinds, a code object among them; what is flagged counts on outside. */
START_TEST(references_lead_into_code_objects_and_out)
{
    open_bytes(LIT("\xfa\4c.py"
                   "\xe3" INTS4 ZERO BYTES ")\6N\xf9" INTS4 ">\1\0\0\0i" SEVEN "{z\1kT0" CODE_311
                   "\xa9\1\xfa\1x)\0)\0" BYTES "r" ZERO "\xfa\1g"
                   "r\5\0\0\0" SEVEN BYTES BYTES "r\1\0\0\0"
                   "r\5\0\0\0"
                   "r\4\0\0\0"
                   "r\3\0\0\0"));
    next();
    next();
    ck_assert_int_eq(v.kind, PF_M_CODE);
    ck_assert_str_eq(p->strs.at[v.str].s, "<code object g, file \"c.py\", line 7>");
    pf_id code = v.str;
    next();
    ck_assert(v.kind == PF_M_CODE && v.str == code);
    next();
    expect_str(&v, "g", 1);
    next();
    expect_str(&v, "x", 1);
    next();
    ck_assert_int_eq(v.kind, PF_M_OTHER); /* a tuple among the constants is none of a table's */
}
END_TEST

/* The layout of 3.11 gets some way into one of 3.6; what it had put into the lists is undone. */
START_TEST(a_failed_layout_leaves_no_references)
{
    open_bytes(LIT("\xfa\1a"
                   "\xe3" INTS4 ZERO BYTES
                   "\xa9\1\xfa\1b\xa9\0\xa9\0\xa9\0r\5\0\0\0" PLACE SEVEN BYTES "\xfa\1z"
                   "r\3\0\0\0r\7\0\0\0r\1\0\0\0r\x08\0\0\0"));
    next();
    next();
    ck_assert_str_eq(p->strs.at[v.str].s, TEXT);
    next();
    expect_str(&v, "z", 1);
    next();
    expect_str(&v, "b", 1);
    next();
    expect_str(&v, "z", 1);
    next();
    ck_assert_int_eq(v.kind, PF_M_CODE);
    ck_assert(!pf_marshal_next(&m, &v));
}
END_TEST

/* Without a first choice that stays, this would be tried 4^40 times. */
START_TEST(a_wrong_layout_costs_no_more_than_one_try_each)
{
    static const char level[] = "c" INTS4 BYTES "(\1\0\0\0";
    enum { N = sizeof level - 1, LEVELS = 40 };
    char bytes[N * LEVELS];

    for (size_t i = 0; i < LEVELS; i++)
        memcpy(bytes + i * N, level, N);
    open_bytes(bytes, sizeof bytes);
    ck_assert(!pf_marshal_next(&m, &v));
    ck_assert_msg(strstr(err.msg, "in a code object"), "%s", err.msg);
    ck_assert_int_eq(err.where, PF_AT_OFFSET);
}
END_TEST

START_TEST(depth_has_a_limit)
{
    static const char level[] = "c" INTS4 ZERO BYTES ")\1";
    enum { N = sizeof level - 1, LEVELS = 3000 };
    char *bytes = malloc((size_t)N * LEVELS);

    for (size_t i = 0; i < LEVELS; i++)
        memcpy(bytes + i * N, level, N);
    open_bytes(bytes, (size_t)N * LEVELS);
    ck_assert(!pf_marshal_next(&m, &v));
    ck_assert_int_eq(err.code, PF_ELIMIT);
    ck_assert_ptr_nonnull(strstr(err.msg, "100 deep"));
    free(bytes);
}
END_TEST

/* Read in small pieces from a pipe, what is held for guessing must survive refills. */
START_TEST(a_large_code_object_is_held_while_guessing)
{
    enum { SIZE = 1 << 20 };
    static const char head[] = "c" INTS4 "s\0\0\x10\0", tail[] = OLD_TUPLES5 "s\4\0\0\0c.py"
                                                                             "t\1\0\0\0f" SEVEN
                                                                             "t" ZERO "i" SEVEN;
    size_t len = sizeof head - 1 + SIZE + sizeof tail - 1;
    char *bytes = calloc(1, len);

    memcpy(bytes, head, sizeof head - 1);
    memcpy(bytes + sizeof head - 1 + SIZE, tail, sizeof tail - 1);
    open_bytes(bytes, len);
    next();
    ck_assert_str_eq(p->strs.at[v.str].s, TEXT);
    next();
    ck_assert_int_eq(v.i, 7);
    close_input();
    free(bytes);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("marshal");
    TCase *t = tcase_create("objects");
    enum {
        INTS = sizeof ints / sizeof *ints,
        STRINGS = sizeof strings / sizeof *strings,
        REFUSED = sizeof refused / sizeof *refused,
        CODES = sizeof codes / sizeof *codes,
    };

    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_loop_test(t, ints_are_exact, 0, INTS);
    tcase_add_test(t, floats_are_bits_or_text);
    tcase_add_loop_test(t, strings_come_in_seven_spellings, 0, STRINGS);
    tcase_add_test(t, what_is_written_reads_the_same);
    tcase_add_test(t, a_tuple_takes_its_place_before_its_items);
    tcase_add_test(t, interned_strings_of_python_2_have_a_list_of_their_own);
    tcase_add_loop_test(t, damage_is_refused_where_it_is, 0, REFUSED);
    tcase_add_test(t, nothing_may_refer_to_what_is_not_finished);
    tcase_add_loop_test(t, code_objects_of_every_version_are_passed, 0, CODES);
    tcase_add_test(t, references_lead_into_code_objects_and_out);
    tcase_add_test(t, a_failed_layout_leaves_no_references);
    tcase_add_test(t, a_wrong_layout_costs_no_more_than_one_try_each);
    tcase_add_test(t, depth_has_a_limit);
    tcase_add_test(t, a_large_code_object_is_held_while_guessing);
    suite_add_tcase(s, t);

    SRunner *r = srunner_create(s);
    srunner_run_all(r, CK_ENV);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
