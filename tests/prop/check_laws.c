/* check_laws.c - what must hold for every profile: round trips, merge laws, sums that are kept. */
#include "gen.h"

#include <check.h>
#include <stdlib.h>

enum { SEEDS = 300 };

static struct pf_mem mem;

static void start(void)
{
    pf_mem_init(&mem, 0);
}

static void finish(void)
{
    ck_assert_uint_eq(mem.used, 0); /* nothing leaks from any of the below */
}

static struct pf_profile *made(uint64_t seed, enum gen_how how)
{
    struct pf_profile *p = gen_profile(&mem, seed, how);

    ck_assert_ptr_nonnull(p);
    ck_assert_msg(!p->err.code, "seed %lu: %s", seed, p->err.msg);
    ck_assert_int_eq(pf_check(p, NULL, NULL), 0);
    return p;
}

static struct pf_profile *read_back(struct gen_bytes bytes, const char *format, uint64_t seed)
{
    struct pf_err err = {0};
    struct pf_profile *p = gen_read(&mem, bytes, format, &err);

    ck_assert_msg(p != NULL, "seed %lu: %s: %s", seed, format, err.msg);
    ck_assert_int_eq(pf_check(p, NULL, NULL), 0);
    return p;
}

static void same_totals(const struct pf_profile *a, const struct pf_profile *b, uint64_t seed)
{
    for (uint32_t k = 0; k < a->types.n; k++) {
        const char *type = pf_str_at(a, a->types.at[k].name).s;
        ck_assert_msg(gen_total(a, type) == gen_total(b, type), "seed %lu: total of %s: %ld, %ld",
                      seed, type, gen_total(a, type), gen_total(b, type));
    }
}

/* Writing what was read gives the same bytes: the form is canonical, and nothing is lost. */
static void there_and_back(const struct pf_profile *p, const char *format, uint64_t seed)
{
    struct gen_bytes once = gen_written(p, format, -1);
    struct pf_profile *q = read_back(once, format, seed);
    struct gen_bytes twice = gen_written(q, format, -1);

    ck_assert_msg(gen_equal(once, twice), "seed %lu: %s: %zu bytes, then %zu", seed, format, once.n,
                  twice.n);
    same_totals(p, q, seed);
    pf_free(q);
    free(once.at);
    free(twice.at);
}

START_TEST(pb_round_trip)
{
    struct pf_profile *p = made((uint64_t)_i, GEN_ANY);

    there_and_back(p, "pb", (uint64_t)_i);
    pf_free(p);
}
END_TEST

START_TEST(folded_round_trip)
{
    struct pf_profile *p = made((uint64_t)_i, GEN_FOLDED);

    if (p->samples.n)
        there_and_back(p, "folded", (uint64_t)_i);
    pf_free(p);
}
END_TEST

/* pprof's own form renames functions, so it is the sums and the number of samples that stay. */
START_TEST(pprof_round_trip)
{
    struct pf_profile *p = made((uint64_t)_i, GEN_ANY);
    struct gen_bytes bytes = gen_written(p, "pprof", -1);
    struct pf_profile *q = read_back(bytes, "pprof", (uint64_t)_i);

    same_totals(p, q, (uint64_t)_i);
    ck_assert_uint_eq(p->types.n, q->types.n);
    pf_free(p);
    pf_free(q);
    free(bytes.at);
}
END_TEST

static struct pf_profile *pstats(uint64_t seed, bool floats)
{
    struct gen_bytes bytes = gen_pstats(seed, floats);
    struct pf_profile *p = read_back(bytes, "pstat", seed);

    ck_assert_uint_gt(p->calls.n, 0);
    free(bytes.at);
    return p;
}

static void pstats_there_and_back(uint64_t seed, bool floats)
{
    struct pf_profile *p = pstats(seed, floats);

    there_and_back(p, "pb", seed);
    if (pf_format_named("pstat")->write)
        there_and_back(p, "pstat", seed);
    pf_free(p);
}

START_TEST(pstats_round_trip)
{
    pstats_there_and_back((uint64_t)_i, true);
    pstats_there_and_back((uint64_t)_i, false);
}
END_TEST

/* ---- merging ---- */

/* a, then b (and c), into a new profile; as canonical bytes. */
static struct pf_profile *sum_of(const struct pf_profile *const *part, unsigned n, uint64_t seed)
{
    struct pf_profile *sum = pf_new(&mem);
    struct pf_merge_how how = {0};
    struct pf_err err = {0};

    ck_assert_ptr_nonnull(sum);
    for (unsigned i = 0; i < n; i++)
        ck_assert_msg(pf_merge(sum, part[i], &how, &err) == 0, "seed %lu: %s", seed, err.msg);
    ck_assert_int_eq(pf_check(sum, NULL, NULL), 0);
    return sum;
}

static void merge_laws(struct pf_profile *p[3], uint64_t seed)
{
    static const int order[][3] = {{0, 1, 2}, {0, 2, 1}, {1, 0, 2},
                                   {1, 2, 0}, {2, 0, 1}, {2, 1, 0}};
    struct gen_bytes first = {0};

    for (unsigned i = 0; i < 6; i++) {
        const int *o = order[i];
        const struct pf_profile *in[3] = {p[o[0]], p[o[1]], p[o[2]]};
        struct pf_profile *flat = sum_of(in, 3, seed); /* (a + b) + c */
        struct pf_profile *tail = sum_of(in + 1, 2, seed);
        const struct pf_profile *nested[2] = {in[0], tail};
        struct pf_profile *right = sum_of(nested, 2, seed); /* a + (b + c) */
        struct gen_bytes left_bytes = gen_written(flat, "pb", -1);
        struct gen_bytes right_bytes = gen_written(right, "pb", -1);

        ck_assert_msg(gen_equal(left_bytes, right_bytes), "seed %lu: not associative", seed);
        ck_assert_msg(!first.at || gen_equal(first, left_bytes), "seed %lu: not commutative", seed);
        if (!first.at)
            first = left_bytes;
        else
            free(left_bytes.at);
        free(right_bytes.at);
        pf_free(flat);
        pf_free(tail);
        pf_free(right);
    }
    free(first.at);
}

static void sums_are_kept(struct pf_profile *p[3], uint64_t seed)
{
    const struct pf_profile *in[3] = {p[0], p[1], p[2]};
    struct pf_profile *sum = sum_of(in, 3, seed);

    for (uint32_t k = 0; k < sum->types.n; k++) {
        const char *type = pf_str_at(sum, sum->types.at[k].name).s;
        if (sum->types.at[k].kind == PF_SUM)
            ck_assert_int_eq(gen_total(sum, type),
                             gen_total(p[0], type) + gen_total(p[1], type) + gen_total(p[2], type));
    }
    pf_free(sum);
}

START_TEST(merge_of_generated)
{
    struct pf_profile *p[3];

    for (unsigned i = 0; i < 3; i++)
        p[i] = made((uint64_t)_i * 3 + i, GEN_ANY);
    merge_laws(p, (uint64_t)_i);
    sums_are_kept(p, (uint64_t)_i);
    for (unsigned i = 0; i < 3; i++)
        pf_free(p[i]);
}
END_TEST

START_TEST(merge_of_pstats)
{
    struct pf_profile *p[3];

    for (unsigned i = 0; i < 3; i++)
        p[i] = pstats((uint64_t)_i * 3 + i, true);
    merge_laws(p, (uint64_t)_i);
    for (unsigned i = 0; i < 3; i++)
        pf_free(p[i]);
}
END_TEST

/* Flat values add up to the total, and no row has more flat than cumulative (values are not < 0).
 */
START_TEST(top_adds_up)
{
    struct pf_profile *p = made((uint64_t)_i, GEN_FOLDED);
    int64_t total = gen_total(p, "samples");

    for (int by = PF_BY_FUNCTION; by <= PF_BY_STACK; by++) {
        struct pf_rows rows = {0};
        struct pf_err err = {0};
        int64_t flat = 0;
        ck_assert_msg(pf_top(p, 0, (enum pf_by)by, &rows, &err) == 0, "%s", err.msg);
        for (uint32_t i = 0; i < rows.n; i++) {
            ck_assert_int_le(rows.at[i].flat, rows.at[i].cum);
            ck_assert_int_le(rows.at[i].cum, total);
            flat += rows.at[i].flat;
        }
        ck_assert_int_eq(rows.total, total);
        ck_assert_int_eq(flat, total);
        pf_dealloc(p->mem, rows.at);
    }
    pf_free(p);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("laws");
    TCase *t = tcase_create("laws");
    SRunner *r = srunner_create(s);

    tcase_add_checked_fixture(t, start, finish);
    tcase_set_timeout(t, 300);
    tcase_add_loop_test(t, pb_round_trip, 0, SEEDS);
    tcase_add_loop_test(t, folded_round_trip, 0, SEEDS);
    tcase_add_loop_test(t, pprof_round_trip, 0, SEEDS);
    tcase_add_loop_test(t, pstats_round_trip, 0, SEEDS);
    tcase_add_loop_test(t, merge_of_generated, 0, SEEDS / 3);
    tcase_add_loop_test(t, merge_of_pstats, 0, SEEDS / 3);
    tcase_add_loop_test(t, top_adds_up, 0, SEEDS);
    suite_add_tcase(s, t);
    srunner_run_all(r, CK_ENV);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
