/* check_top.c - flat and cumulative values, held against a plain count by hand. */
#include "formats.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

static struct pf_mem mem;
static struct pf_profile *p;
static struct pf_err err;
static struct pf_rows rows;

static void setup(void)
{
    pf_mem_init(&mem, 0);
    p = pf_new(&mem);
    err = (struct pf_err){0};
    rows = (struct pf_rows){0};
}

static void teardown(void)
{
    pf_dealloc(&mem, rows.at);
    pf_free(p);
    ck_assert_uint_eq(mem.used, 0);
}

static pf_id func(const char *name, const char *file, int64_t line)
{
    return pf_func(p, pf_strz(p, name), pf_strz(p, file), line);
}

/* A sample of the stack "a;b;c" (one letter a frame) in file x.py */
static void sample(const char *stack, int64_t value)
{
    pf_id s = 0;

    for (const char *c = stack; *c; c++)
        if (*c != ';')
            s = pf_stack(p, s, pf_frame(p, func((char[]){*c, 0}, "x.py", *c), 0));
    pf_sample(p, s, 0, &value);
}

static void top(enum pf_by by)
{
    ck_assert_int_eq(p->err.code, PF_OK);
    ck_assert_msg(pf_top(p, 0, by, &rows, &err) == 0, "%s", err.msg);
}

static const char *name_of(const struct pf_row *row)
{
    return p->strs.at[p->funcs.at[row->func].name].s;
}

static void expect(uint32_t i, const char *name, int64_t flat, int64_t cum)
{
    ck_assert_uint_lt(i, rows.n);
    ck_assert_str_eq(name_of(&rows.at[i]), name);
    ck_assert_int_eq(rows.at[i].flat, flat);
    ck_assert_int_eq(rows.at[i].cum, cum);
}

START_TEST(cum_counts_all_below)
{
    pf_type_add(p, "time", "nanoseconds", PF_SUM);
    sample("a;b", 5);
    sample("a;b;c", 7);
    sample("a", 1);
    sample("d", 0);
    top(PF_BY_FUNCTION);
    ck_assert_uint_eq(rows.n, 4);
    ck_assert_int_eq(rows.total, 13);
    ck_assert(!rows.has_calls);
    expect(0, "c", 7, 7);
    expect(1, "b", 5, 12);
    expect(2, "a", 1, 13);
    expect(3, "d", 0, 0);
}
END_TEST

START_TEST(recursion_counts_once)
{
    pf_type_add(p, "time", "nanoseconds", PF_SUM);
    sample("a;b;a;b;a", 8);
    sample("a;b", 2);
    sample("b;a", 1);
    top(PF_BY_FUNCTION);
    expect(0, "a", 9, 11);
    expect(1, "b", 2, 11);
}
END_TEST

START_TEST(ties_go_by_cum_then_name)
{
    pf_type_add(p, "time", "nanoseconds", PF_SUM);
    sample("z", 1);
    sample("m", 1);
    sample("a", 1);
    sample("a;q", 1);
    top(PF_BY_FUNCTION);
    expect(0, "a", 1, 2);
    expect(1, "m", 1, 1);
    expect(2, "q", 1, 1);
    expect(3, "z", 1, 1);
}
END_TEST

START_TEST(lines_files_and_modules_are_groups)
{
    pf_id f = func("f", "/usr/lib/python3.11/json/a.py", 10),
          g = func("g", "/v/site-packages/b.py", 1);
    pf_id h = func("h", "/w/site-packages/b.py", 1), len = func("len", "~", 0);
    int64_t v[] = {1, 2, 4, 8};

    pf_type_add(p, "time", "nanoseconds", PF_SUM);
    pf_id a = pf_stack(p, 0, pf_frame(p, f, 0)), b = pf_stack(p, a, pf_frame(p, g, 5));
    pf_id c = pf_stack(p, b, pf_frame(p, h, 2)), d = pf_stack(p, c, pf_frame(p, f, 10));
    pf_sample(p, a, 0, &v[0]);
    pf_sample(p, b, 0, &v[1]);
    pf_sample(p, d, 0, &v[2]);
    pf_sample(p, pf_stack(p, 0, pf_frame(p, len, 0)), 0, &v[3]);

    top(PF_BY_LINE);
    ck_assert_uint_eq(rows.n, 4);
    expect(0, "len", 8, 8);
    expect(1, "f", 5, 7);
    ck_assert_int_eq(rows.at[1].line, 10);
    expect(2, "g", 2, 6);
    ck_assert_int_eq(rows.at[2].line, 5);
    expect(3, "h", 0, 4);
    pf_dealloc(&mem, rows.at);

    top(PF_BY_FILE);
    ck_assert_uint_eq(rows.n, 4);
    expect(1, "f", 5, 7);
    expect(2, "g", 2, 6);
    expect(3, "h", 0, 4);
    pf_dealloc(&mem, rows.at);

    top(PF_BY_MODULE);
    ck_assert_uint_eq(rows.n, 3);
    expect(0, "len", 8, 8);
    expect(1, "f", 5, 7);
    expect(2, "g", 2, 6);
}
END_TEST

START_TEST(stacks_are_rows)
{
    pf_type_add(p, "time", "nanoseconds", PF_SUM);
    sample("a;b;c", 3);
    sample("a;b;d", 4);
    sample("a", 1);
    top(PF_BY_STACK);
    ck_assert_uint_eq(rows.n, 3);
    expect(0, "d", 4, 4);
    expect(1, "c", 3, 3);
    expect(2, "a", 1, 8);
    ck_assert_uint_ne(rows.at[0].stack, rows.at[1].stack);
}
END_TEST

START_TEST(peaks_take_the_larger)
{
    pf_type_add(p, "rss", "bytes", PF_PEAK);
    sample("a;b", 5);
    sample("a;b;c", 7);
    sample("a;d", -3);
    sample("a;b", 6);
    top(PF_BY_FUNCTION);
    ck_assert_int_eq(rows.total, 7);
    expect(0, "c", 7, 7);
    expect(1, "b", 6, 7);
    expect(2, "a", 0, 7);
    expect(3, "d", -3, -3);
}
END_TEST

START_TEST(fixed_values_are_taken_as_they_are)
{
    pf_type_add(p, "usage", "bytes", PF_FIXED);
    sample("a", 9);
    sample("a;b", 7);
    sample("a;b;a", 4);
    top(PF_BY_FUNCTION);
    ck_assert_int_eq(rows.total, 9);
    expect(0, "a", 9, 9);
    expect(1, "b", 7, 7);
}
END_TEST

START_TEST(signs_are_kept)
{
    pf_type_add(p, "space", "bytes", PF_GAUGE);
    sample("a;b", -5);
    sample("a;c", 3);
    top(PF_BY_FUNCTION);
    ck_assert_int_eq(rows.total, -2);
    expect(0, "c", 3, 3);
    expect(1, "a", 0, -2);
    expect(2, "b", -5, -5);
}
END_TEST

START_TEST(a_sum_too_large_names_the_function)
{
    pf_type_add(p, "time", "nanoseconds", PF_SUM);
    sample("q;a", INT64_MAX);
    sample("w;b", -5);
    sample("z;c", 6);
    ck_assert_int_eq(pf_top(p, 0, PF_BY_FUNCTION, &rows, &err), -1);
    ck_assert_int_eq(err.code, PF_EVALUE);
    ck_assert_ptr_nonnull(strstr(err.msg, "'time' in 'c'"));
}
END_TEST

START_TEST(what_is_empty_has_no_rows)
{
    ck_assert_int_eq(pf_top(p, 0, PF_BY_FUNCTION, &rows, &err), -1);
    err = (struct pf_err){0};
    pf_type_add(p, "time", "nanoseconds", PF_SUM);
    for (int by = PF_BY_FUNCTION; by <= PF_BY_STACK; by++) {
        top((enum pf_by)by);
        ck_assert_uint_eq(rows.n, 0);
        pf_dealloc(&mem, rows.at);
        rows.at = NULL;
    }
    int64_t v = 3;
    pf_sample(p, 0, 0, &v);
    top(PF_BY_FUNCTION);
    ck_assert_uint_eq(rows.n, 0);
    ck_assert_int_eq(rows.total, 3);
}
END_TEST

/* ---- a pstats table ---- */

static struct pf_num seconds(double d)
{
    return (struct pf_num){.d = d};
}

static void edge(pf_id caller, int64_t nc, double ct)
{
    struct pf_edge *e = pf_edge_add(p, caller);
    e->nc = e->cc = nc;
    e->ct = seconds(ct);
}

/* main (m.py) calls a (x.py) twice, a calls b (x.py) */
static void table(enum pf_edge_form form)
{
    pf_id id[] = {func("main", "m.py", 1), func("a", "x.py", 2), func("b", "x.py", 3)};
    double ct[] = {1e-6, 9e-7, 4e-7};
    int64_t values[][2] = {{100, 1}, {500, 2}, {400, 4}};

    pf_type_add(p, "time", "nanoseconds", PF_SUM);
    pf_type_add(p, "calls", "count", PF_SUM);
    p->stack_kind = PF_EDGE_ONLY;
    p->calls.form = form;
    for (int i = 0; i < 3; i++) {
        pf_id up = i ? pf_stack(p, 0, pf_frame(p, id[i - 1], 0)) : 0;
        pf_sample(p, pf_stack(p, up, pf_frame(p, id[i], 0)), 0, values[i]);
        struct pf_call *c = pf_call_add(p, id[i]);
        c->cc = c->nc = values[i][1];
        c->ct = seconds(ct[i]);
        if (i)
            edge(id[i - 1], values[i][1], ct[i]);
    }
}

START_TEST(the_table_has_the_cumulative_time)
{
    table(PF_EDGES_TIMED);
    top(PF_BY_FUNCTION);
    ck_assert_int_eq(rows.cum_from, PF_CUM_TABLE);
    ck_assert(rows.has_calls);
    expect(0, "a", 500, 900);
    expect(1, "b", 400, 400);
    expect(2, "main", 100, 1000);
    ck_assert_int_eq(rows.at[1].calls, 4);
    pf_dealloc(&mem, rows.at);
    top(PF_BY_LINE);
    ck_assert_int_eq(rows.cum_from, PF_CUM_TABLE);
    expect(0, "a", 500, 900);
    expect(2, "main", 100, 1000);
    pf_dealloc(&mem, rows.at);
    ck_assert_int_eq(pf_top(p, 1, PF_BY_FUNCTION, &rows, &err), 0);
    ck_assert_int_eq(rows.cum_from, PF_CUM_EDGES);
}
END_TEST

START_TEST(files_take_what_enters_them)
{
    table(_i ? PF_EDGES_COUNTS : PF_EDGES_TIMED);
    top(PF_BY_FILE);
    ck_assert_int_eq(rows.cum_from, PF_CUM_ESTIMATE);
    ck_assert_uint_eq(rows.n, 2);
    expect(0, "a", 900, 900);
    expect(1, "main", 100, 1000);
}
END_TEST

/* ---- at random, and in depth ---- */

static uint32_t state;

static uint32_t any(uint32_t n)
{
    state = state * 1664525 + 1013904223;
    return (state >> 8) % n;
}

static bool has_func_above(pf_id stack, pf_id f)
{
    for (pf_id s = p->stacks.parent[stack]; s; s = p->stacks.parent[s])
        if (p->frames.at[p->stacks.frame[s]].func == f)
            return true;
    return false;
}

static int64_t count_by_hand(pf_id f, bool cum)
{
    int64_t sum = 0;

    for (uint32_t i = 0; i < p->samples.n; i++)
        for (pf_id s = p->samples.stack[i]; s; s = cum ? p->stacks.parent[s] : 0)
            if (p->frames.at[p->stacks.frame[s]].func == f && !(cum && has_func_above(s, f)))
                sum += p->samples.value[0][i];
    return sum;
}

START_TEST(random_trees_agree_with_counting_by_hand)
{
    char name[2] = "a";
    state = (uint32_t)_i;
    uint32_t funcs = 1 + any(6);

    pf_type_add(p, "time", "nanoseconds", PF_SUM);
    for (int i = 0; i < 60; i++) {
        name[0] = (char)('a' + any(funcs));
        pf_stack(p, any(p->stacks.n), pf_frame(p, func(name, "x.py", 1), any(3)));
    }
    for (int i = 0; i < 40; i++) {
        int64_t v = (int64_t)any(200) - 50;
        pf_sample(p, any(p->stacks.n), 0, &v);
    }
    top(PF_BY_FUNCTION);
    for (uint32_t i = 0; i < rows.n; i++) {
        ck_assert_int_eq(rows.at[i].flat, count_by_hand(rows.at[i].func, false));
        ck_assert_int_eq(rows.at[i].cum, count_by_hand(rows.at[i].func, true));
    }
}
END_TEST

START_TEST(depth_costs_no_more_than_breadth)
{
    enum { DEPTH = 300000 };
    pf_id s = 0, even = pf_frame(p, func("even", "x.py", 1), 1),
          odd = pf_frame(p, func("odd", "x.py", 2), 2);
    int64_t one = 1;

    pf_type_add(p, "time", "nanoseconds", PF_SUM);
    for (int i = 0; i < DEPTH; i++) {
        s = pf_stack(p, s, i % 2 ? odd : even);
        pf_sample(p, s, 0, &one);
    }
    top(PF_BY_FUNCTION);
    expect(0, "even", DEPTH / 2, DEPTH);
    expect(1, "odd", DEPTH / 2, DEPTH - 1);
}
END_TEST

START_TEST(every_allocation_may_fail)
{
    table(PF_EDGES_TIMED);
    for (int by = PF_BY_FUNCTION; by <= PF_BY_STACK; by++)
        for (uint64_t n = 1;; n++) {
            size_t used = mem.used;
            err = (struct pf_err){0};
            mem.fail_at = mem.count + n;
            int failed = pf_top(p, 0, (enum pf_by)by, &rows, &err);
            mem.fail_at = 0;
            pf_dealloc(&mem, rows.at);
            rows.at = NULL;
            ck_assert_uint_eq(mem.used, used);
            if (!failed)
                break;
            ck_assert_int_eq(err.code, PF_ENOMEM);
        }
}
END_TEST

int main(void)
{
    Suite *s = suite_create("top");
    TCase *t = tcase_create("rows");

    tcase_add_checked_fixture(t, setup, teardown);
    tcase_set_timeout(t, 30);
    tcase_add_test(t, cum_counts_all_below);
    tcase_add_test(t, recursion_counts_once);
    tcase_add_test(t, ties_go_by_cum_then_name);
    tcase_add_test(t, lines_files_and_modules_are_groups);
    tcase_add_test(t, stacks_are_rows);
    tcase_add_test(t, peaks_take_the_larger);
    tcase_add_test(t, fixed_values_are_taken_as_they_are);
    tcase_add_test(t, signs_are_kept);
    tcase_add_test(t, a_sum_too_large_names_the_function);
    tcase_add_test(t, what_is_empty_has_no_rows);
    tcase_add_test(t, the_table_has_the_cumulative_time);
    tcase_add_loop_test(t, files_take_what_enters_them, 0, 2);
    tcase_add_loop_test(t, random_trees_agree_with_counting_by_hand, 0, 50);
    tcase_add_test(t, depth_costs_no_more_than_breadth);
    tcase_add_test(t, every_allocation_may_fail);
    suite_add_tcase(s, t);

    SRunner *r = srunner_create(s);
    srunner_run_all(r, CK_ENV);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
