/* check_model.c - the stack tree, sample types, samples, and every violation that pf_check tells.
 */
#include "profile.h"

#include <check.h>
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

static uint32_t state = 1;

static uint32_t any(uint32_t n)
{
    state = state * 1664525 + 1013904223;
    return (state >> 8) % n;
}

static pf_id frame(const char *name)
{
    return pf_frame(p, pf_func(p, pf_strz(p, name), pf_strz(p, "x.py"), 1), 0);
}

/* ---- stacks ---- */

static pf_id chain(const pf_id *frames, uint32_t n) /* root first */
{
    pf_id s = 0;

    for (uint32_t i = 0; i < n; i++)
        s = pf_stack(p, s, frames[i]);
    return s;
}

static void expect_tree(void)
{
    for (pf_id s = 1; s < p->stacks.n; s++)
        ck_assert_uint_lt(p->stacks.parent[s], s);
    for (pf_id s = 1; s < p->stacks.n; s++) /* no two are one */
        ck_assert_uint_eq(pf_stack(p, p->stacks.parent[s], p->stacks.frame[s]), s);
    ck_assert_int_eq(pf_check(p, NULL, NULL), 0);
}

START_TEST(stacks_are_a_tree)
{
    pf_id a = frame("a"), b = frame("b");
    pf_id sa = pf_stack(p, 0, a), sab = pf_stack(p, sa, b), saba = pf_stack(p, sab, a);

    ck_assert_uint_eq(p->stacks.n, 4);
    ck_assert_uint_eq(pf_stack(p, 0, a), sa);
    ck_assert_uint_eq(pf_stack(p, sab, a), saba);
    ck_assert_uint_ne(pf_stack(p, 0, b), sab);
    ck_assert_uint_eq(p->stacks.parent[saba], sab);
    ck_assert_uint_eq(p->stacks.parent[sa], 0);
    ck_assert_uint_eq(p->stacks.frame[sab], b);
    expect_tree();
}
END_TEST

/* Stacks by name (n = 0: the frames one by one; n > 0: at once), and such that nobody looked up. */
START_TEST(whole_stacks_are_chains)
{
    enum { FRAMES = 5, STACKS = 20000 };
    pf_id pool[FRAMES], path[12], at[12];
    char name[2] = "a";

    state = (uint32_t)_i;
    for (int i = 0; i < FRAMES; i++, name[0]++)
        pool[i] = frame(name);
    for (int i = 0; i < STACKS; i++) {
        uint32_t n = any(13);
        for (uint32_t k = 0; k < n; k++)
            path[k] = pool[any(FRAMES)];
        bool chain_first = any(2);
        uint32_t above = any(n + 1); /* this many frames are looked up one by one in any case */
        pf_id top = chain(path, above), first = chain_first ? chain(path, n) : 0;
        pf_id whole = pf_stack_below(p, top, path + above, n - above, at);
        ck_assert_uint_eq(chain_first ? first : chain(path, n), whole);
        for (uint32_t k = above; k < n; k++)
            ck_assert_uint_eq(at[k - above], chain(path, k + 1));
        ck_assert(n || whole == 0);
    }
    expect_tree();
}
END_TEST

START_TEST(stacks_that_are_known_to_be_new_are_found_later)
{
    pf_id a = frame("a"), b = frame("b"), path[] = {a, b}, at[2];
    pf_id sa = pf_stack_new(p, 0, a), sab = pf_stack_new(p, sa, b);

    ck_assert_uint_eq(pf_stack(p, 0, a), sa);
    pf_id saa = pf_stack_new(p, sa, a);
    ck_assert_uint_eq(pf_stack_below(p, 0, path, 2, at), sab);
    ck_assert_uint_eq(at[0], sa);
    ck_assert_uint_eq(pf_stack(p, sa, a), saa);
    ck_assert_uint_eq(p->stacks.n, 4);
    expect_tree();
}
END_TEST

START_TEST(reserving_changes_nothing)
{
    int64_t value = 5;
    pf_id a = frame("a"), sa = pf_stack(p, 0, a);

    pf_type_add(p, "time", "ns", PF_SUM);
    pf_sample(p, sa, 0, &value);
    pf_reserve(p, 1000, 1000, 1000, 1000);
    pf_reserve_stacks(p, 1000);
    pf_reserve(p, 0, 0, 0, 0);
    mem.fail_at = mem.count + 1;
    pf_reserve(p, 100000, 100000, 100000, 100000);
    pf_reserve_stacks(p, 100000);
    mem.fail_at = 0;
    ck_assert_int_eq(p->err.code, PF_OK);
    ck_assert_uint_eq(frame("a"), a);
    ck_assert_uint_eq(pf_stack(p, 0, a), sa);
    for (int i = 0; i < 5000; i++)
        pf_sample(p, pf_stack(p, (pf_id)i / 2, a), 0, &value);
    ck_assert_int_eq(p->samples.value[0][5000], 5);
    expect_tree();
}
END_TEST

START_TEST(unwinding_goes_from_the_root)
{
    enum { DEEP = 200000 };
    pf_id f[] = {frame("a"), frame("b"), frame("c")}, s = 0;
    struct pf_path path = {0};

    for (uint32_t i = 0; i < DEEP; i++)
        s = pf_stack(p, s, f[i % 3]);
    ck_assert(pf_unwind(p, s, &path));
    ck_assert_uint_eq(path.n, DEEP);
    for (uint32_t i = 0; i < DEEP; i++)
        ck_assert_uint_eq(path.frame[i], f[i % 3]);
    ck_assert(pf_unwind(p, pf_stack(p, 0, f[2]), &path)); /* reused */
    ck_assert_uint_eq(path.n, 1);
    ck_assert_uint_eq(path.frame[0], f[2]);
    ck_assert(pf_unwind(p, 0, &path));
    ck_assert_uint_eq(path.n, 0);
    pf_dealloc(&mem, path.frame);

    path = (struct pf_path){0};
    mem.fail_at = mem.count + 1;
    ck_assert(!pf_unwind(p, s, &path));
    mem.fail_at = 0;
}
END_TEST

/* ---- types and samples ---- */

START_TEST(a_type_added_late_is_0_before)
{
    int64_t value[] = {1, 2, 3};

    ck_assert_int_eq(pf_type_add(p, "time", "nanoseconds", PF_SUM), 0);
    for (int i = 0; i < 100; i++)
        pf_sample(p, 0, 0, value);
    ck_assert_int_eq(pf_type_add(p, "calls", "count", PF_SUM), 1);
    ck_assert_int_eq(pf_type_add(p, "rss", "bytes", PF_PEAK), 2);
    for (int i = 0; i < 100; i++)
        pf_sample(p, 0, 0, value);
    for (int i = 0; i < 200; i++) {
        ck_assert_int_eq(p->samples.value[0][i], 1);
        ck_assert_int_eq(p->samples.value[1][i], i < 100 ? 0 : 2);
        ck_assert_int_eq(p->samples.value[2][i], i < 100 ? 0 : 3);
    }
    ck_assert_uint_eq(p->types.at[2].kind, PF_PEAK);
}
END_TEST

START_TEST(types_are_found_by_name_or_number)
{
    static const struct {
        const char *name;
        int column;
    } cases[] = {
        {"time", 0}, {"calls", 1}, {"", -1},   {"tim", -1}, {"time ", -1}, {"0", 2},
        {"1", 1},    {"3", 3},     {"4", -1},  {"03", 3},   {"003", -1},   {"99", -1},
        {"-1", -1},  {"+1", -1},   {"1x", -1}, {" 1", -1},
    };

    pf_type_add(p, "time", "nanoseconds", PF_SUM);
    pf_type_add(p, "calls", "count", PF_SUM);
    pf_type_add(p, "0", "count", PF_SUM); /* a name comes before a number */
    pf_type_add(p, "time", "ticks", PF_SUM);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        ck_assert_msg(pf_type_find(p, cases[i].name) == cases[i].column, "'%s': %d", cases[i].name,
                      pf_type_find(p, cases[i].name));
}
END_TEST

START_TEST(types_have_a_limit)
{
    for (int k = 0; k < PF_MAX_TYPES; k++)
        ck_assert_int_eq(pf_type_add(p, "t", "u", PF_SUM), k);
    ck_assert_int_eq(pf_type_add(p, "t", "u", PF_SUM), -1);
    ck_assert_int_eq(p->err.code, PF_ELIMIT);
    ck_assert_str_eq(p->err.msg, "more than 64 sample types");
}
END_TEST

START_TEST(samples_of_one_place_are_summed)
{
    pf_id sa = pf_stack(p, 0, frame("a")), sb = pf_stack(p, 0, frame("b"));
    pf_id l = pf_label(p, &(struct pf_label){.key = pf_strz(p, "thread"), .num = 1});
    pf_id set = pf_label_set(p, &l, 1);
    int64_t v[][3] = {{1, 10, 5}, {2, -20, 3}, {4, 30, -9}};

    pf_type_add(p, "time", "ns", PF_SUM);
    pf_type_add(p, "space", "bytes", PF_GAUGE);
    pf_type_add(p, "rss", "bytes", PF_PEAK);
    for (int i = 0; i < 3; i++) {
        ck_assert_uint_eq(pf_sample_add(p, sa, 0, v[i]), 0);
        ck_assert_uint_eq(pf_sample_add(p, sa, set, v[i]), 1);
        ck_assert_uint_eq(pf_sample_add(p, 0, 0, v[i]), 2);
        ck_assert_uint_eq(pf_sample_add(p, sb, set, v[i]), 3);
    }
    ck_assert_uint_eq(pf_sample(p, sa, 0, v[0]), 4); /* this one always appends */
    ck_assert_uint_eq(p->samples.n, 5);
    for (int i = 0; i < 4; i++) {
        ck_assert_int_eq(p->samples.value[0][i], 7);
        ck_assert_int_eq(p->samples.value[1][i], 20);
        ck_assert_int_eq(p->samples.value[2][i], 5);
    }
    ck_assert_uint_eq(p->samples.stack[3], sb);
    ck_assert_uint_eq(p->samples.labels[3], set);
}
END_TEST

START_TEST(peaks_below_0_are_kept)
{
    int64_t a = -7, b = -3;

    pf_type_add(p, "rss", "bytes", PF_PEAK);
    pf_sample_add(p, 0, 0, &a);
    pf_sample_add(p, 0, 0, &b);
    ck_assert_int_eq(p->samples.value[0][0], -3);
}
END_TEST

START_TEST(many_samples_find_their_place)
{
    enum { STACKS = 3000, SETS = 10 };
    pf_id set[SETS], f = frame("a"), stack[STACKS];
    int64_t one = 1;

    pf_type_add(p, "n", "count", PF_SUM);
    for (int i = 0; i < SETS; i++) {
        pf_id l = pf_label(p, &(struct pf_label){.key = 1, .num = i});
        set[i] = i ? pf_label_set(p, &l, 1) : 0;
    }
    for (int i = 0; i < STACKS; i++)
        stack[i] = pf_stack(p, i ? stack[any((uint32_t)i)] : 0, i % 2 ? f : frame("b"));
    for (int round = 0; round < 3; round++)
        for (int i = 0; i < STACKS; i++)
            for (int k = 0; k < SETS; k++)
                pf_sample_add(p, stack[i], set[k], &one);
    int64_t sum = 0;
    for (uint32_t i = 0; i < p->samples.n; i++)
        sum += p->samples.value[0][i];
    ck_assert_int_eq(sum, (int64_t)3 * STACKS * SETS);
    ck_assert_uint_le(p->samples.n, (uint64_t)(p->stacks.n - 1) * SETS);
    ck_assert_int_eq(p->samples.value[0][0] % 3, 0);
}
END_TEST

START_TEST(a_sum_too_large_names_type_and_frame)
{
    static const int64_t cases[][2] = {
        {INT64_MAX, 1}, {INT64_MIN, -1}, {INT64_MAX - 5, 6}, {INT64_MIN, INT64_MIN}};
    pf_id s = pf_stack(p, pf_stack(p, 0, frame("main")), frame("deep"));

    pf_type_add(p, "time", "nanoseconds", PF_SUM);
    pf_sample_add(p, s, 0, &cases[_i][0]);
    ck_assert_int_eq(p->err.code, PF_OK);
    pf_sample_add(p, s, 0, &cases[_i][1]);
    ck_assert_int_eq(p->err.code, PF_EVALUE);
    ck_assert_str_eq(p->err.msg, "the sum of 'time' at 'deep' does not fit 64 bits");
    ck_assert(p->samples.value[0][0] == cases[_i][0]);
}
END_TEST

START_TEST(repeats_are_profiles_of_their_own)
{
    ck_assert_ptr_eq(pf_run(p, 0), p);
    struct pf_profile *third = pf_run(p, 3), *first = pf_run(p, 1);
    ck_assert(third && first && third != first && first != p);
    ck_assert_ptr_eq(pf_run(p, 3), third);
    ck_assert_uint_eq(p->h->n_runs, 3);
    ck_assert_ptr_null(pf_run(p, PF_MAX_RUNS + 1));
    ck_assert_int_eq(p->err.code, PF_ELIMIT);
}
END_TEST

START_TEST(callers_lie_behind_their_row)
{
    static const uint32_t callers[] = {0, 3, 0, 1, 0};

    for (pf_id i = 0; i < 5; i++) {
        struct pf_call *row = pf_call_add(p, i);
        row->nc = (int64_t)i * 10;
        for (pf_id k = 0; k < callers[i]; k++)
            pf_edge_add(p, 100 + k)->nc = k;
    }
    ck_assert_uint_eq(p->calls.n, 5);
    ck_assert_uint_eq(p->calls.n_edges, 4);
    for (uint32_t i = 0; i < 5; i++) {
        ck_assert_uint_eq(pf_call_edges(p, i), callers[i]);
        ck_assert_int_eq(p->calls.at[i].nc, (int64_t)i * 10);
    }
    ck_assert_uint_eq(p->calls.edge[p->calls.at[1].edge + 2].caller, 102);
    ck_assert_uint_eq(p->calls.at[5].edge, 4);
}
END_TEST

/* ---- pf_check ---- */

/* Something of everything: main calls a, and a row for each in the pstats table. */
static void make_whole(void)
{
    int64_t value[][2] = {{5, 1}, {6, 3}};
    pf_id f[] = {frame("main"), frame("a")}, s = 0;
    pf_id l = pf_label(p, &(struct pf_label){.key = pf_strz(p, "k"), .str = pf_strz(p, "v")});
    struct pf_mapping m = {.start = 4096, .file = pf_strz(p, "/bin/x")};

    pf_type_add(p, "time", "nanoseconds", PF_SUM);
    pf_type_add(p, "calls", "count", PF_SUM);
    pf_mapping(p, &m);
    for (int i = 0; i < 2; i++) {
        s = pf_stack(p, s, f[i]);
        pf_sample(p, s, i ? pf_label_set(p, &l, 1) : 0, value[i]);
        struct pf_call *row = pf_call_add(p, p->frames.at[f[i]].func);
        row->nc = row->cc = value[i][1];
        if (i)
            pf_edge_add(p, p->frames.at[f[0]].func)->nc = 3;
    }
    pf_source_line(p, pf_strz(p, "x.py"), 1, pf_strz(p, "pass"));
    ck_assert_int_eq(pf_check(p, NULL, NULL), 0);
}

static char told[4096];

static void tell(void *ctx, const char *text)
{
    ++*(int *)ctx;
    strncat(told, text, sizeof told - strlen(told) - 2);
    strncat(told, "\n", 2);
}

static void expect_violation(const char *text)
{
    int lines = 0;

    told[0] = 0;
    ck_assert_int_eq(pf_check(p, tell, &lines), 1);
    ck_assert_int_eq(lines, 1);
    told[strlen(told) - 1] = 0;
    ck_assert_str_eq(told, text);
    ck_assert_int_eq(pf_check(p, NULL, NULL), 1);
}

#define DAMAGE(place, bad, text)                                                                   \
    do {                                                                                           \
        __typeof__(place) *at_ = &(place), was_ = *at_;                                            \
        *at_ = (bad);                                                                              \
        expect_violation(text);                                                                    \
        *at_ = was_;                                                                               \
        ck_assert_int_eq(pf_check(p, NULL, NULL), 0);                                              \
    } while (0)

START_TEST(check_finds_ids_that_lead_nowhere)
{
    make_whole();
    DAMAGE(p->funcs.at[1].name, 12, "function name 1: id 12 is not below 12");
    DAMAGE(p->funcs.at[2].file, 12, "function file 2: id 12 is not below 12");
    DAMAGE(p->funcs.at[1].sysname, 12, "function system name 1: id 12 is not below 12");
    DAMAGE(p->frames.at[2].func, 3, "frame function 2: id 3 is not below 3");
    DAMAGE(p->frames.at[1].mapping, 2, "frame mapping 1: id 2 is not below 2");
    DAMAGE(p->maps.at[1].file, 12, "mapping file 1: id 12 is not below 12");
    DAMAGE(p->maps.at[1].build_id, 12, "mapping build id 1: id 12 is not below 12");
    DAMAGE(p->labels.at[1].key, 12, "label key 1: id 12 is not below 12");
    DAMAGE(p->labels.at[1].str, UINT32_MAX, "label text 1: id 4294967295 is not below 12");
    DAMAGE(p->labels.at[1].unit, 12, "label unit 1: id 12 is not below 12");
    DAMAGE(p->sets.item[0], 2, "label set item 0: id 2 is not below 2");
    DAMAGE(p->lines.at[0].file, 12, "source line file 0: id 12 is not below 12");
    DAMAGE(p->lines.at[0].text, 12, "source line text 0: id 12 is not below 12");
    DAMAGE(p->stacks.frame[2], 3, "stack frame 2: id 3 is not below 3");
    DAMAGE(p->samples.stack[1], 3, "sample stack 1: id 3 is not below 3");
    DAMAGE(p->samples.labels[0], 2, "sample label set 0: id 2 is not below 2");
    DAMAGE(p->calls.at[1].func, 3, "call row 1: id 3 is not below 3");
    DAMAGE(p->calls.edge[0].caller, 3, "caller 0: id 3 is not below 3");
}
END_TEST

START_TEST(check_finds_a_broken_order)
{
    make_whole();
    DAMAGE(p->stacks.parent[2], 2, "stack 2: parent 2 does not come before it");
    DAMAGE(p->stacks.parent[1], 2, "stack 1: parent 2 does not come before it");
    DAMAGE(p->sets.first[1], 5, "label set 1 ends before it begins");
    DAMAGE(p->calls.at[1].edge, 7, "call row 1: callers end before they begin");
}
END_TEST

START_TEST(check_finds_wrong_sums)
{
    make_whole();
    DAMAGE(p->samples.value[0][0], INT64_MAX, "the total of 'time' does not fit 64 bits");
    p->samples.value[0][0] = -5;
    DAMAGE(p->samples.value[0][1], INT64_MIN, "the total of 'time' does not fit 64 bits");
}
END_TEST

START_TEST(check_holds_samples_against_the_table)
{
    make_whole();
    DAMAGE(p->calls.at[1].nc, 4, "function 'a': its samples count 3 calls, its row 4");
    DAMAGE(p->samples.value[1][0], 2, "function 'main': its samples count 2 calls, its row 1");
}
END_TEST

START_TEST(check_leaves_peaks_alone)
{
    int64_t huge = INT64_MAX;

    pf_type_add(p, "rss", "bytes", PF_PEAK);
    pf_type_add(p, "usage", "bytes", PF_FIXED);
    int64_t value[] = {huge, huge};
    pf_sample(p, 0, 0, value);
    pf_sample(p, 0, 0, value);
    ck_assert_int_eq(pf_check(p, NULL, NULL), 0);
}
END_TEST

START_TEST(check_tells_the_sticky_error)
{
    pf_fail(&p->err, PF_EVALUE, "something is wrong");
    expect_violation("something is wrong");
}
END_TEST

START_TEST(check_tells_a_hundred_at_most)
{
    int lines = 0;

    for (pf_id i = 0; i < 150; i++)
        pf_func(p, 1000 + i, 0, 0);
    told[0] = 0;
    ck_assert_int_eq(pf_check(p, tell, &lines), 150);
    ck_assert_int_le(lines, 101);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("model");
    TCase *t = tcase_create("model");

    tcase_add_checked_fixture(t, setup, teardown);
    tcase_set_timeout(t, 60);
    tcase_add_test(t, stacks_are_a_tree);
    tcase_add_loop_test(t, whole_stacks_are_chains, 0, 5);
    tcase_add_test(t, stacks_that_are_known_to_be_new_are_found_later);
    tcase_add_test(t, reserving_changes_nothing);
    tcase_add_test(t, unwinding_goes_from_the_root);
    tcase_add_test(t, a_type_added_late_is_0_before);
    tcase_add_test(t, types_are_found_by_name_or_number);
    tcase_add_test(t, types_have_a_limit);
    tcase_add_test(t, samples_of_one_place_are_summed);
    tcase_add_test(t, peaks_below_0_are_kept);
    tcase_add_test(t, many_samples_find_their_place);
    tcase_add_loop_test(t, a_sum_too_large_names_type_and_frame, 0, 4);
    tcase_add_test(t, repeats_are_profiles_of_their_own);
    tcase_add_test(t, callers_lie_behind_their_row);
    tcase_add_test(t, check_finds_ids_that_lead_nowhere);
    tcase_add_test(t, check_finds_a_broken_order);
    tcase_add_test(t, check_finds_wrong_sums);
    tcase_add_test(t, check_holds_samples_against_the_table);
    tcase_add_test(t, check_leaves_peaks_alone);
    tcase_add_test(t, check_tells_the_sticky_error);
    tcase_add_test(t, check_tells_a_hundred_at_most);
    suite_add_tcase(s, t);

    SRunner *r = srunner_create(s);
    srunner_run_all(r, CK_ENV);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
