/* check_mprof.c - the lines of mprof's files, and how calls stand in each other. */
#include "mprof.h"
#include "profile.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct {
    const char *line;
    enum mprof_is is;
} lines[] = {
    {"CMDLINE python a.py", MPROF_COMMAND},
    {"CMDLINE ", MPROF_COMMAND},
    {"MEM 1.500000 1700000000.1000", MPROF_MEM},
    {"MEM 1.500000 1700000000.1000  ", MPROF_MEM},
    {"CHLD 77 3.000000 1700000000.1500", MPROF_CHILD},
    {"FUNC __main__.f 1.5000 1700000000.1000 2.5000 1700000000.2000 0", MPROF_FUNC},
    {"FUNC __main__.f 1.5000 1700000000.1000 2.5000 1700000000.2000", MPROF_FUNC},
    {"FUNC a b.f 1.0 1.0 2.0 2.0 0", MPROF_FUNC},
    {"MEM", MPROF_OTHER},
    {"MEMORY 1 2", MPROF_OTHER},
    {"", MPROF_OTHER},
    {"MEM ", MPROF_BAD},
    {"MEM 5.0", MPROF_BAD},
    {"MEM 5.0 ", MPROF_BAD},
    {"MEM 5.0 1.0 2.0", MPROF_BAD},
    {"MEM  5.0 1.0", MPROF_BAD},
    {"MEM nan 1.0", MPROF_BAD},
    {"MEM -5.0 1.0", MPROF_BAD},
    {"MEM 1e300 1.0", MPROF_BAD},
    {"MEM 1.0 1e300", MPROF_BAD},
    {"MEM 5,0 1,0", MPROF_BAD},
    {"CHLD 5.0 1.0", MPROF_BAD},
    {"CHLD  5.0 1.0", MPROF_BAD},
    {"CHLD", MPROF_OTHER},
    {"FUNC ", MPROF_BAD},
    {"FUNC 1.0 1.0 2.0 2.0", MPROF_BAD},
    {"FUNC f 1.0 2.0 2.0 1.0 0", MPROF_BAD},
    {"FUNC f 1.0 1.0 2.0", MPROF_BAD},
};

START_TEST(line)
{
    struct mprof_line l;

    ck_assert_int_eq(mprof_line(lines[_i].line, strlen(lines[_i].line), &l), lines[_i].is);
}
END_TEST

START_TEST(fields)
{
    static const char child[] = "CHLD 77 3.000000 1700000000.1500",
                      func[] = "FUNC a b.f 1.0000 10.5000 2.0000 11.2500 3",
                      plain[] = "FUNC f 1 2 3 4";
    struct mprof_line l;

    mprof_line(child, strlen(child), &l);
    ck_assert_uint_eq(l.len, 2);
    ck_assert_mem_eq(l.text, "77", 2);
    ck_assert_int_eq(l.point.bytes, 3145728);
    ck_assert_int_eq(l.point.time, 1700000000150000000);
    mprof_line(func, strlen(func), &l);
    ck_assert_uint_eq(l.span.name_len, 5);
    ck_assert_mem_eq(l.span.name, "a b.f", 5);
    ck_assert_int_eq(l.span.enter.time, 10500000000);
    ck_assert_int_eq(l.span.leave.time, 11250000000);
    ck_assert_int_eq(l.span.leave.bytes, 2097152);
    ck_assert_int_eq(l.span.level, 3);
    ck_assert_int_eq(mprof_line(plain, strlen(plain), &l), MPROF_FUNC);
    ck_assert_int_eq(l.span.level, -1);
    ck_assert_int_eq(l.span.leave.time, 4000000000);
}
END_TEST

START_TEST(cut)
{
    static const struct {
        const char *line;
        bool is;
    } cases[] = {
        {"MEM 1.500000 1700000000.1000", false},
        {"MEM 1.500000 1700000000.100", true},
        {"MEM 1.500000 1700000000", true},
        {"MEM 1.5", true},
        {"FUNC f 1.5000 1.0000 2.5000 2.0000 0", false},
        {"FUNC f 1.5000 1.0000 2.5000 2.0000", false},
        {"FUNC f 1.5000 1.0000 2.5000 2.000", true},
        {"CMDLINE pyt", false},
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        ck_assert_int_eq(mprof_is_cut(cases[i].line, strlen(cases[i].line)), cases[i].is);
}
END_TEST

/* ---- calls ---- */

static struct pf_mem mem;
static struct pf_profile *p, *names;

static void setup(void)
{
    pf_mem_init(&mem, 0);
    p = pf_new(&mem);
    names = pf_new(&mem);
}

static void teardown(void)
{
    pf_free(p);
    pf_free(names);
    ck_assert_uint_eq(mem.used, 0);
}

static struct mprof_call call(const char *name, int64_t from, int64_t to, int64_t level)
{
    static uint32_t at;

    return (struct mprof_call){{0, from}, {0, to}, level, pf_strz(names, name), 0, at++, 0};
}

/* The names of what runs at that time, root first: "a;b". */
static void runs_at(const struct mprof_changes *c, int64_t time, const char *want)
{
    struct pf_path path = {0};
    char text[100] = "";
    size_t len = 0;
    uint32_t hint =
        (uint32_t)((uint64_t)time * 7 % (c->n ? c->n : 1)); /* any hint gives the same answer */

    ck_assert(pf_unwind(p, mprof_stack_at(c, time, &hint), &path));
    for (uint32_t i = 0; i < path.n; i++) {
        const char *name = pf_str_at(p, p->funcs.at[p->frames.at[path.frame[i]].func].name).s;
        len += (size_t)snprintf(text + len, sizeof text - len, "%s%s", i ? ";" : "", name);
    }
    ck_assert_str_eq(text, want);
    pf_dealloc(&mem, path.frame);
}

START_TEST(nesting)
{
    struct mprof_call c[] = {call("b", 2, 4, -1), call("a", 1, 9, -1), call("b", 5, 8, -1),
                             call("c", 6, 7, -1), call("d", 9, 12, -1)};
    struct mprof_changes changes = {0};

    mprof_sort_calls(c, 5);
    ck_assert_uint_eq(mprof_nest(p, names, c, 5, &changes), 0);
    static const char *const want[] = {"",    "a", "a;b", "a;b", "a", "a;b", "a;b;c",
                                       "a;b", "a", "d",   "d",   "d", ""};
    for (int64_t t = 0; t < 13; t++)
        runs_at(&changes, t, want[t]);
    runs_at(&changes, INT64_MAX, "");
    runs_at(&changes, INT64_MIN, "");
    pf_dealloc(&mem, changes.at);
}
END_TEST

START_TEST(levels)
{
    /* one time for all of them: only the levels tell who called whom */
    struct mprof_call c[] = {call("c", 1, 5, 2), call("a", 1, 5, 0), call("b", 1, 5, 1),
                             call("x", 2, 3, 1)};
    struct mprof_changes changes = {0};

    mprof_sort_calls(c, 4);
    ck_assert_uint_eq(mprof_nest(p, names, c, 4, &changes), 2);
    runs_at(&changes, 1, "a;b;c");
    runs_at(&changes, 2, "a;x");
    runs_at(&changes, 4, "a");
    pf_dealloc(&mem, changes.at);
}
END_TEST

START_TEST(overlaps)
{
    struct mprof_call c[] = {call("a", 1, 5, -1), call("b", 3, 8, -1), call("c", 4, 7, -1)};
    struct mprof_changes changes = {0};

    mprof_sort_calls(c, 3);
    ck_assert_uint_eq(mprof_nest(p, names, c, 3, &changes), 1);
    runs_at(&changes, 2, "a");
    runs_at(&changes, 3, "b");
    runs_at(&changes, 6, "b;c");
    runs_at(&changes, 8, "");
    pf_dealloc(&mem, changes.at);
}
END_TEST

/* However deep calls are, and however many: no recursion, and each is opened and closed once. */
START_TEST(many_calls)
{
    enum { DEEP = 20000, CALLS = 2 * DEEP };
    struct mprof_call *c = calloc(CALLS, sizeof *c);
    struct mprof_changes changes = {0};

    for (int i = 0; i < DEEP; i++) {
        c[i] = call("deep", i, 10 * DEEP - i, i);
        c[DEEP + i] = call("wide", 10 * DEEP + i, 11 * DEEP + i, -1);
    }
    mprof_sort_calls(c, CALLS);
    ck_assert_uint_eq(mprof_nest(p, names, c, CALLS, &changes), DEEP - 1);
    ck_assert_uint_eq(p->stacks.n, DEEP + 2);
    for (uint32_t i = 1; i < changes.n; i++)
        ck_assert(changes.at[i - 1].time <= changes.at[i].time);
    pf_dealloc(&mem, changes.at);
    free(c);
}
END_TEST

/* ---- whole files ---- */

static struct pf_profile *load(struct pf_source **in, const char *text, struct pf_err *err)
{
    *in = pf_open_mem(&mem, text, strlen(text), err);
    return pf_load(*in, pf_format_named("mprof"), err);
}

static void labels_are_interned(const struct pf_profile *q)
{
    for (uint32_t a = 1; a < q->labels.n; a++)
        for (uint32_t b = a + 1; b < q->labels.n; b++)
            ck_assert(memcmp(&q->labels.at[a], &q->labels.at[b], sizeof *q->labels.at) != 0);
    for (uint32_t a = 1; a < q->sets.n; a++)
        for (uint32_t b = a + 1; b < q->sets.n; b++) {
            uint32_t n = q->sets.first[a + 1] - q->sets.first[a];
            ck_assert(n != q->sets.first[b + 1] - q->sets.first[b]
                      || memcmp(q->sets.item + q->sets.first[a], q->sets.item + q->sets.first[b],
                                n * sizeof(pf_id))
                             != 0);
        }
}

/* Times are not looked up while they rise; what comes out is as if they had been. */
START_TEST(equal_labels_are_one)
{
    char text[4096] = "";
    struct pf_err err = {0};
    struct pf_source *in;

    for (int i = 0, n = 0; i < 60; i++) {
        n += i % 3 ? sprintf(text + n, "CHLD %d 1.0 %d.0\n", i % 20, i % 25 / 2)
                   : sprintf(text + n, "MEM 1.0 %d.0\n", i % 25 / 2);
    }
    struct pf_profile *q = load(&in, text, &err);
    ck_assert_ptr_nonnull(q);
    ck_assert_uint_eq(q->samples.n, 60);
    labels_are_interned(q);
    pf_free(q);
    pf_close(in);
}
END_TEST

START_TEST(calls_go_to_the_run_of_their_time)
{
    static const char text[] = "FUNC f 1.0 10.5 1.0 10.6\nCMDLINE one\nMEM 1.0 10.0\nMEM 1.0 11.0\n"
                               "FUNC g 1.0 20.5 1.0 20.6\nCMDLINE two\nMEM 1.0 20.0\n";
    struct pf_err err = {0};
    struct pf_source *in;
    struct pf_profile *q = load(&in, text, &err);

    for (int i = 0; i < 2; i++) {
        ck_assert_ptr_nonnull(q);
        ck_assert_str_eq(pf_str_at(q, q->command).s, i ? "two" : "one");
        ck_assert_uint_eq(q->funcs.n, 2);
        ck_assert_str_eq(pf_str_at(q, q->funcs.at[1].name).s, i ? "g" : "f");
        ck_assert_int_eq(q->time_ns, i ? 20000000000 : 10000000000);
        pf_free(q);
        q = pf_load(in, NULL, &err);
    }
    ck_assert_ptr_null(q);
    ck_assert_int_eq(err.code, PF_OK);
    pf_close(in);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("mprof");
    TCase *t = tcase_create("lines"), *c = tcase_create("calls");
    SRunner *runner = srunner_create(s);

    tcase_add_loop_test(t, line, 0, sizeof lines / sizeof *lines);
    tcase_add_test(t, fields);
    tcase_add_test(t, cut);
    suite_add_tcase(s, t);
    tcase_add_checked_fixture(c, setup, teardown);
    tcase_add_test(c, nesting);
    tcase_add_test(c, levels);
    tcase_add_test(c, overlaps);
    tcase_add_test(c, many_calls);
    tcase_add_test(c, equal_labels_are_one);
    tcase_add_test(c, calls_go_to_the_run_of_their_time);
    suite_add_tcase(s, c);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
