/* check_stackify.c - whole stacks from call edges: small graphs whose answer is known, shapes that
 * would be too many stacks, files that contradict themselves; and on any graph, own times and calls
 * stay what they are. */
#include "core.h"
#include "pstat.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct pf_mem mem;
static struct pf_err err;
static struct pf_profile *p, *whole;

static void setup(void)
{
    pf_mem_init(&mem, 0);
    err = (struct pf_err){0};
    p = pf_new(&mem);
    whole = NULL;
}

static void teardown(void)
{
    pf_free(whole);
    pf_free(p);
    ck_assert_uint_eq(mem.used, 0);
}

/* ---- building tables ---- */

static pf_id func(const char *name)
{
    return pf_func(p, pf_strz(p, name), pf_strz(p, "a.py"), 1);
}

static struct pf_num ns(int64_t t)
{
    return (struct pf_num){.d = (double)t / 1e9};
}

/* A function, and then its callers. */
static void row(const char *name, int64_t cc, int64_t nc, int64_t tt, int64_t ct)
{
    struct pf_call *c = pf_call_add(p, func(name));
    c->cc = cc;
    c->nc = nc;
    c->tt = ns(tt);
    c->ct = ns(ct);
}

static void from(const char *caller, int64_t cc, int64_t nc, int64_t tt, int64_t ct)
{
    struct pf_edge *e = pf_edge_add(p, func(caller));
    e->cc = cc;
    e->nc = nc;
    e->tt = ns(tt);
    e->ct = ns(ct);
}

static void tell(void *ctx, const char *text)
{
    (void)ctx;
    ck_abort_msg("%s", text);
}

static void make(const struct pf_stacks_how *how)
{
    p->calls.runs = p->runs = 1;
    ck_assert_int_eq(pf_pstat_samples(p, &err), 0);
    whole = pf_whole_stacks(p, how, &err);
    if (!whole)
        ck_abort_msg("%s", err.msg);
    ck_assert_int_eq(whole->stack_kind, PF_INFERRED);
    ck_assert_int_eq(pf_check(whole, tell, NULL), 0);
}

/* ---- asking for the answer ---- */

static const char *name_of(const struct pf_profile *of, pf_id stack)
{
    return of->strs.at[of->funcs.at[of->frames.at[of->stacks.frame[stack]].func].name].s;
}

/* The value of the stack "a;b;c" in column k; -1: there is no such stack. */
static int64_t value(const char *stack, int k)
{
    struct pf_path path = {0};
    int64_t found = -1;

    for (uint32_t i = 0; i < whole->samples.n; i++) {
        char text[4096] = "";
        size_t n = 0;
        ck_assert(pf_unwind(whole, whole->samples.stack[i], &path));
        for (uint32_t f = 0; f < path.n && n < 4000; f++) {
            pf_id name = whole->funcs.at[whole->frames.at[path.frame[f]].func].name;
            n += (size_t)snprintf(text + n, sizeof text - n, "%s%s", f ? ";" : "",
                                  whole->strs.at[name].s);
        }
        if (!strcmp(text, stack))
            found = whole->samples.value[k][i];
    }
    pf_dealloc(&mem, path.frame);
    return found;
}

/* Of each pair of a function and its caller (or none), what its samples sum up to in a column. */
static int64_t *by_edge(const struct pf_profile *of, int k)
{
    uint32_t n = of->funcs.n;
    int64_t *sum = calloc((size_t)n * n, sizeof *sum);

    for (uint32_t i = 0; i < of->samples.n; i++) {
        pf_id s = of->samples.stack[i], up = of->stacks.parent[s];
        pf_id callee = of->frames.at[of->stacks.frame[s]].func;
        pf_id caller = up ? of->frames.at[of->stacks.frame[up]].func : 0;
        sum[(size_t)caller * n + callee] += of->samples.value[k][i];
    }
    return sum;
}

/* What edges weigh stays, in all columns: the law of whole stacks. Functions have the same ids. */
static void expect_same_edges(void)
{
    ck_assert_uint_eq(whole->funcs.n, p->funcs.n);
    for (int k = 0; k < (int)p->types.n; k++) {
        int64_t *a = by_edge(p, k), *b = by_edge(whole, k);
        ck_assert_mem_eq(a, b, (size_t)p->funcs.n * p->funcs.n * sizeof *a);
        free(a);
        free(b);
    }
}

static void expect_no_error(void)
{
    ck_assert_int_eq(whole->certificate.cum_error, 0);
    ck_assert_int_eq(whole->certificate.edge_error, 0);
}

/* ---- small graphs ---- */

START_TEST(a_chain_has_one_stack_for_each_function)
{
    row("main", 1, 1, 10, 60);
    row("f", 2, 2, 20, 50);
    from("main", 2, 2, 20, 50);
    row("g", 3, 3, 30, 30);
    from("f", 3, 3, 30, 30);
    make(NULL);
    expect_same_edges();
    expect_no_error();
    ck_assert_uint_eq(whole->samples.n, 3);
    ck_assert_int_eq(value("main", 0), 10);
    ck_assert_int_eq(value("main;f", 0), 20);
    ck_assert_int_eq(value("main;f;g", 0), 30);
    ck_assert_int_eq(value("main;f;g", 1), 3);
    ck_assert_str_eq(pf_str_at(whole, whole->certificate.method).s, "flow/1");
    ck_assert_int_eq(whole->certificate.total, 60);
    ck_assert_uint_eq(whole->certificate.stacks, 3);
}
END_TEST

START_TEST(the_input_is_left_alone_and_the_table_stays)
{
    row("main", 1, 1, 10, 30);
    row("f", 1, 1, 20, 20);
    from("main", 1, 1, 20, 20);
    make(NULL);
    ck_assert_int_eq(p->stack_kind, PF_EDGE_ONLY);
    ck_assert_uint_eq(p->certificate.method, 0);
    ck_assert_uint_eq(whole->calls.n, 2);
    ck_assert_uint_eq(whole->calls.n_edges, 1);
    ck_assert(whole->calls.at[1].tt.d == p->calls.at[1].tt.d);
}
END_TEST

/* Two callers of one dispatcher: that 700001 comes in from x and goes out to a tells who calls
 * whom. */
START_TEST(equal_sums_are_fingerprints)
{
    row("main", 1, 1, 0, 1500011);
    row("x", 1, 1, 0, 700001);
    from("main", 1, 1, 0, 700001);
    row("y", 1, 1, 0, 800010);
    from("main", 1, 1, 0, 800010);
    row("dispatch", 2, 2, 0, 1500011);
    from("x", 1, 1, 0, 700001);
    from("y", 1, 1, 0, 800010);
    row("a", 1, 1, 700001, 700001);
    from("dispatch", 1, 1, 700001, 700001);
    row("b", 1, 1, 800010, 800010);
    from("dispatch", 1, 1, 800010, 800010);
    make(NULL);
    expect_same_edges();
    expect_no_error();
    ck_assert_int_eq(value("main;x;dispatch;a", 0), 700001);
    ck_assert_int_eq(value("main;y;dispatch;b", 0), 800010);
    ck_assert_int_eq(value("main;x;dispatch;b", 0), -1);
    ck_assert_uint_eq(whole->certificate.blocks, 2);
}
END_TEST

START_TEST(recursion_is_counted_once)
{
    row("main", 1, 1, 5, 105);
    row("fib", 1, 15, 100, 100);
    from("main", 1, 1, 10, 100);
    from("fib", 2, 14, 90, 90);
    make(NULL);
    expect_same_edges();
    expect_no_error();
    ck_assert_int_eq(value("main;fib", 0), 10);
}
END_TEST

START_TEST(mutual_recursion_keeps_own_times)
{
    row("main", 1, 1, 1, 101);
    row("even", 1, 5, 50, 100);
    from("main", 1, 1, 10, 100);
    from("odd", 1, 4, 40, 80);
    row("odd", 1, 5, 50, 90);
    from("even", 1, 5, 50, 90);
    make(NULL);
    expect_same_edges();
    ck_assert_int_eq(whole->certificate.total, 101);
}
END_TEST

/* ---- what does not fit together ---- */

START_TEST(callers_without_a_row_are_kept)
{
    row("f", 1, 1, 20, 20);
    from("ghost", 1, 1, 20, 20);
    make(NULL);
    expect_same_edges();
    ck_assert_int_eq(value("ghost;f", 0), 20);
}
END_TEST

/* Two functions of one label: the second overwrote the first, whose callees are still there. */
START_TEST(label_collisions_are_repaired_and_told)
{
    row("main", 1, 1, 10, 1000);
    row("<lambda>", 1, 1, 5, 105);
    from("main", 1, 1, 5, 105);
    row("f", 1, 1, 500, 500);
    from("<lambda>", 1, 1, 500, 500);
    make(NULL);
    expect_same_edges();
    ck_assert_int_eq(value("main;<lambda>;f", 0), 500);
    ck_assert_int_gt(whole->certificate.rerouted, 0);
}
END_TEST

START_TEST(times_below_zero_stay_with_their_edge)
{
    row("main", 1, 1, 10, 30);
    row("f", 2, 2, -7, 20);
    from("main", 2, 2, -7, 20);
    row("g", 1, 1, 20, 20);
    from("f", 1, 1, 20, 20);
    make(NULL);
    expect_same_edges();
    ck_assert_int_eq(value("main;f", 0), -7);
}
END_TEST

START_TEST(a_circle_that_nobody_enters_gets_an_entry)
{
    row("a", 1, 1, 10, 20);
    from("b", 1, 1, 10, 20);
    row("b", 1, 1, 10, 20);
    from("a", 1, 1, 10, 20);
    make(NULL);
    expect_same_edges();
}
END_TEST

START_TEST(calls_without_time_are_kept)
{
    row("main", 1, 1, 10, 10);
    row("f", 5, 5, 0, 0);
    from("main", 5, 5, 0, 0);
    make(NULL);
    expect_same_edges();
    ck_assert_int_eq(value("main;f", 1), 5);
}
END_TEST

START_TEST(labels_keep_their_sums)
{
    row("main", 1, 1, 0, 60);
    row("f", 2, 2, 20, 60);
    from("main", 2, 2, 20, 60);
    row("g", 4, 4, 40, 40);
    from("f", 4, 4, 40, 40);
    ck_assert_int_eq(pf_pstat_samples(p, &err), 0);
    pf_id label = pf_label(p, &(struct pf_label){.key = pf_strz(p, "thread"),
                                                 .str = pf_strz(p, "t1"),
                                                 .kind = PF_LABEL_STR});
    pf_id set = pf_label_set(p, &label, 1);
    p->samples.labels[1] = set;
    whole = pf_whole_stacks(p, NULL, &err);
    ck_assert_ptr_nonnull(whole);
    int64_t labelled = 0;
    for (uint32_t i = 0; i < whole->samples.n; i++)
        labelled += whole->samples.labels[i] ? whole->samples.value[0][i] : 0;
    ck_assert_int_eq(labelled, p->samples.value[0][1]);
    expect_same_edges();
}
END_TEST

START_TEST(without_a_table_there_is_nothing_to_make)
{
    ck_assert_ptr_null(pf_whole_stacks(p, NULL, &err));
    ck_assert_int_eq(err.code, PF_EVALUE);
}
END_TEST

/* ---- counts instead of times ---- */

START_TEST(counts_of_calls_share_the_inclusive_time)
{
    row("main", 1, 1, 0, 100);
    row("x", 1, 1, 0, 75);
    from("main", 1, 1, 0, 0);
    row("y", 1, 1, 0, 25);
    from("main", 1, 1, 0, 0);
    row("f", 4, 4, 100, 100);
    from("x", 3, 3, 0, 0);
    from("y", 1, 1, 0, 0);
    p->calls.form = PF_EDGES_COUNTS;
    make(NULL);
    ck_assert_int_eq(value("main;x;f", 0), 75);
    ck_assert_int_eq(value("main;y;f", 0), 25);
    ck_assert_int_eq(value("main;x;f", 1), 3);
    ck_assert_int_eq(whole->certificate.cum_error, 0);
}
END_TEST

START_TEST(counts_of_samples_are_the_flow)
{
    row("main", 1, 10, 100, 1000);
    row("f", 9, 9, 900, 900);
    from("main", 9, 9, 0, 0);
    p->calls.form = PF_EDGES_SAMPLED;
    make(NULL);
    ck_assert_int_eq(value("main", 0), 100);
    ck_assert_int_eq(value("main;f", 0), 900);
    ck_assert_int_eq(value("main;f", 1), 9);
}
END_TEST

/* ---- shapes ---- */

enum { RUNGS = 200 };

/* 2^200 paths: each rung calls both functions of the next one. */
static void ladder(void)
{
    char name[2][16], above[2][16];

    row("main", 1, 1, 0, INT64_C(2000) * RUNGS);
    for (int r = 0; r < RUNGS; r++) {
        int64_t below = (int64_t)(RUNGS - r) * 1000; /* of each of the two */
        for (int s = 0; s < 2; s++) {
            snprintf(name[s], sizeof *name, "%c%d", 'a' + s, r);
            row(name[s], 2, 2, 1000, below);
            for (int up = 0; up < 2; up++) {
                snprintf(above[up], sizeof *above, "%c%d", 'a' + up, r - 1);
                if (r)
                    from(above[up], 1, 1, 500, below / 2);
            }
            if (!r)
                from("main", 2, 2, 1000, below);
        }
    }
}

START_TEST(a_ladder_of_2_to_200_paths_stays_small)
{
    ladder();
    make(&(struct pf_stacks_how){.share = 1});
    expect_same_edges();
    expect_no_error();
    ck_assert_uint_le(whole->samples.n, 2 * (4 * RUNGS) + 2 * RUNGS);
}
END_TEST

START_TEST(a_budget_is_kept)
{
    ladder();
    make(&(struct pf_stacks_how){.share = 1000000, .budget = 1000});
    expect_same_edges();
    ck_assert_uint_le(whole->samples.n, 1000);
    ck_assert_uint_eq(whole->certificate.budget, 1000);
}
END_TEST

START_TEST(a_chain_of_thousands_is_no_matter_of_depth)
{
    enum { LENGTH = 3000 };
    char name[16], above[16];

    for (int i = 0; i < LENGTH; i++) {
        snprintf(name, sizeof name, "f%d", i);
        row(name, 1, 1, 10, INT64_C(10) * (LENGTH - i));
        snprintf(above, sizeof above, "f%d", i - 1);
        if (i)
            from(above, 1, 1, 10, INT64_C(10) * (LENGTH - i));
    }
    make(NULL);
    expect_no_error();
    ck_assert_uint_eq(whole->samples.n, LENGTH);
    ck_assert_str_eq(name_of(whole, whole->samples.stack[0]), "f0");
}
END_TEST

/* ---- the law, on graphs that make no sense ---- */

static uint64_t state;

static uint64_t draw(uint64_t below)
{
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return state % below;
}

static void any_table(int seed)
{
    uint64_t n = 2 + draw(30), most = draw(3) ? 1000 : 1000000000;
    char name[16], caller[16];

    (void)seed;
    for (uint64_t i = 0; i < n; i++) {
        int64_t nc = (int64_t)draw(20), edges = (int64_t)draw(4);
        snprintf(name, sizeof name, "f%d", (int)i);
        row(name, nc - (nc && !draw(3)), nc, (int64_t)draw(most) - (draw(20) ? 0 : 500),
            (int64_t)draw(3 * most));
        for (int64_t e = 0; e < edges; e++) {
            int64_t calls = (int64_t)draw(5);
            snprintf(caller, sizeof caller, "f%d", (int)((draw(n + 2) / 4) * 4 + (uint64_t)e));
            from(caller, calls - (calls && !draw(2)), calls, (int64_t)draw(most / 3),
                 (int64_t)draw(most * 2));
        }
    }
    p->calls.form = draw(4) ? PF_EDGES_TIMED : draw(2) ? PF_EDGES_COUNTS : PF_EDGES_SAMPLED;
}

/* Where edges have times, each keeps its own; where not, each function does. */
static void expect_same_functions(void)
{
    uint32_t n = p->funcs.n;

    for (int k = 0; k < (int)p->types.n; k++) {
        int64_t *a = by_edge(p, k), *b = by_edge(whole, k);
        for (uint32_t callee = 0; callee < n; callee++) {
            int64_t is = 0, should = 0;
            for (uint32_t caller = 0; caller < n; caller++) {
                should += a[(size_t)caller * n + callee];
                is += b[(size_t)caller * n + callee];
            }
            ck_assert_int_eq(is, should);
        }
        free(a);
        free(b);
    }
}

START_TEST(own_times_and_calls_stay_on_any_graph)
{
    state = (uint64_t)88172645463325252 + (uint64_t)_i * 2654435761U;
    any_table(_i);
    make(&(struct pf_stacks_how){.budget = draw(2) ? 0 : 1, .share = (uint32_t)draw(3) * 50});
    if (p->calls.form == PF_EDGES_TIMED)
        expect_same_edges();
    expect_same_functions();
    ck_assert_uint_le(whole->samples.n, whole->certificate.budget);
}
END_TEST

/* ---- as an operation ---- */

START_TEST(the_same_input_gives_the_same_stacks)
{
    ladder();
    make(NULL);
    struct pf_profile *again = pf_whole_stacks(p, NULL, &err);
    ck_assert_ptr_nonnull(again);
    ck_assert_uint_eq(again->samples.n, whole->samples.n);
    ck_assert_mem_eq(again->samples.stack, whole->samples.stack, whole->samples.n * sizeof(pf_id));
    ck_assert_mem_eq(again->samples.value[0], whole->samples.value[0],
                     whole->samples.n * sizeof(int64_t));
    pf_free(again);
}
END_TEST

START_TEST(certificates_are_summed_up_by_merging)
{
    struct pf_profile *sum = pf_new(&mem);

    row("main", 1, 1, 1, 101);
    row("even", 1, 5, 50, 100);
    from("main", 1, 1, 10, 100);
    from("odd", 1, 4, 40, 80);
    row("odd", 1, 5, 50, 90);
    from("even", 1, 5, 50, 90);
    make(NULL);
    for (int i = 0; i < 2; i++)
        ck_assert_int_eq(pf_merge(sum, whole, NULL, &err), 0);
    ck_assert_int_eq(sum->certificate.total, 202);
    ck_assert_uint_eq(sum->certificate.stacks, 2 * whole->certificate.stacks);
    ck_assert_str_eq(pf_str_at(sum, sum->certificate.method).s, "flow/1");
    ck_assert_int_eq(sum->stack_kind, PF_INFERRED);
    pf_free(sum);
}
END_TEST

/* Every allocation fails once: an error, and nothing is leaked. */
START_TEST(no_memory_is_an_error)
{
    row("main", 1, 1, 1, 101);
    row("even", 1, 5, 50, 100);
    from("main", 1, 1, 10, 100);
    from("odd", 1, 4, 40, 80);
    row("odd", 1, 5, 50, 90);
    from("even", 1, 5, 50, 90);
    row("x", 3, 3, 30, 500);
    from("odd", 2, 3, 30, 700);
    ck_assert_int_eq(pf_pstat_samples(p, &err), 0);
    size_t used = mem.used;
    for (uint64_t n = 1; !whole && n < 10000; n++) {
        err = (struct pf_err){0};
        mem.count = 0;
        mem.fail_at = n;
        whole = pf_whole_stacks(p, NULL, &err);
        mem.fail_at = 0;
        if (whole)
            break;
        ck_assert_int_eq(err.code, PF_ENOMEM);
        ck_assert_uint_eq(mem.used, used);
    }
    ck_assert_ptr_nonnull(whole);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("stackify");
    TCase *t = tcase_create("stackify");

    tcase_add_checked_fixture(t, setup, teardown);
    tcase_set_timeout(t, 120);
    tcase_add_test(t, a_chain_has_one_stack_for_each_function);
    tcase_add_test(t, the_input_is_left_alone_and_the_table_stays);
    tcase_add_test(t, equal_sums_are_fingerprints);
    tcase_add_test(t, recursion_is_counted_once);
    tcase_add_test(t, mutual_recursion_keeps_own_times);
    tcase_add_test(t, callers_without_a_row_are_kept);
    tcase_add_test(t, label_collisions_are_repaired_and_told);
    tcase_add_test(t, times_below_zero_stay_with_their_edge);
    tcase_add_test(t, a_circle_that_nobody_enters_gets_an_entry);
    tcase_add_test(t, calls_without_time_are_kept);
    tcase_add_test(t, labels_keep_their_sums);
    tcase_add_test(t, without_a_table_there_is_nothing_to_make);
    tcase_add_test(t, counts_of_calls_share_the_inclusive_time);
    tcase_add_test(t, counts_of_samples_are_the_flow);
    tcase_add_test(t, a_ladder_of_2_to_200_paths_stays_small);
    tcase_add_test(t, a_budget_is_kept);
    tcase_add_test(t, a_chain_of_thousands_is_no_matter_of_depth);
    tcase_add_loop_test(t, own_times_and_calls_stay_on_any_graph, 0, 250);
    tcase_add_test(t, the_same_input_gives_the_same_stacks);
    tcase_add_test(t, certificates_are_summed_up_by_merging);
    tcase_add_test(t, no_memory_is_an_error);
    suite_add_tcase(s, t);
    SRunner *r = srunner_create(s);
    srunner_run_all(r, CK_ENV);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed != 0;
}
