/* check_memprof.c - the header and the rows of memory_profiler's reports. */
#include "memprof.h"

#include <check.h>
#include <string.h>

static const struct {
    const char *line;
    bool is;
    unsigned cells, source;
} headers[] = {
    {"Line #    Mem usage   Line Contents", true, 1, 22},
    {"Line #    Mem usage  Increment   Line Contents", true, 2, 33},
    {"Line #    Mem usage    Increment   Line Contents", true, 2, 35},
    {"Line #    Mem usage    Increment  Occurences   Line Contents", true, 3, 47},
    {"Line #    Mem usage    Increment  Occurrences   Line Contents", true, 3, 47},
    {"Line #   Mem usage    Increment   Line Contents", false, 0, 0},
    {"Line #    Mem usage    Increment", false, 0, 0},
    {" Line #    Mem usage    Increment   Line Contents", false, 0, 0},
    {"Line #      Hits         Time  Per Hit   % Time  Line Contents", false, 0, 0},
    {"", false, 0, 0},
};

START_TEST(header)
{
    struct memprof_layout l = {0};

    ck_assert_int_eq(memprof_header(headers[_i].line, strlen(headers[_i].line), &l),
                     headers[_i].is);
    if (!headers[_i].is)
        return;
    ck_assert_uint_eq(l.cells, headers[_i].cells);
    ck_assert_uint_eq(l.source, headers[_i].source);
}
END_TEST

static const struct memprof_layout one = {1, 22}, old = {2, 33}, two = {2, 35}, three = {3, 47};

static const struct {
    const struct memprof_layout *layout;
    const char *line;
    enum memprof_is is;
    struct memprof_row want;
    const char *source;
} rows[] = {
    {&three,
     "     9     21.5 MiB      0.5 MiB        2003       x = 1",
     MEMPROF_ROW,
     {9, 22544384, 524288, 2003, true},
     "    x = 1"},
    {&two,
     "    33    21.875 MiB  -64.000 MiB   a = None\t# tab",
     MEMPROF_ROW,
     {33, 22937600, -67108864, 0, true},
     "a = None\t# tab"},
    {&old,
     "     4      9.50 MB    0.00 MB       big = []",
     MEMPROF_ROW,
     {4, 9961472, 0, 0, true},
     "    big = []"},
    {&one, "     4      9.50 MB   x", MEMPROF_ROW, {4, 9961472, 0, 0, true}, "x"},
    /* nothing measured */
    {&three,
     "     6                                         def f():",
     MEMPROF_ROW,
     {6},
     "def f():"},
    {&old, "    10                           def f():", MEMPROF_ROW, {10}, "def f():"},
    {&three,
     "     6                                              7     12.0 MiB      1.0 MiB           3  "
     " fake",
     MEMPROF_ROW,
     {6},
     "     7     12.0 MiB      1.0 MiB           3   fake"},
    {&three, "     7", MEMPROF_ROW, {7}, ""},
    {&three, "     7                     ", MEMPROF_ROW, {7}, ""},
    {&three, "     8            -            -           -   x", MEMPROF_ROW, {8}, "x"},
    /* wider than the columns */
    {&three,
     "1234567 12345678.5 MiB -12345678.5 MiB  12345678901   x",
     MEMPROF_ROW,
     {1234567, 12945382178816, -12945382178816, 12345678901, true},
     "x"},
    {&three, "1234567                                         x", MEMPROF_ROW, {1234567}, "x"},
    /* nothing stands behind the cells */
    {&three,
     "     9     21.5 MiB      0.5 MiB           1",
     MEMPROF_ROW,
     {9, 22544384, 524288, 1, true},
     ""},
    /* no rows */
    {&three, "", MEMPROF_NO_ROW, {0}, NULL},
    {&three, "after: 10 12.5 MiB 1.0 MiB fake", MEMPROF_NO_ROW, {0}, NULL},
    {&three, "9     21.5 MiB      0.5 MiB           1   x", MEMPROF_NO_ROW, {0}, NULL},
    {&three, "    9     21.5 MiB      0.5 MiB           1   x", MEMPROF_NO_ROW, {0}, NULL},
    {&three, "     9x    21.5 MiB      0.5 MiB           1   x", MEMPROF_NO_ROW, {0}, NULL},
    {&three,
     "99999999999999999999     21.5 MiB      0.5 MiB           1   x",
     MEMPROF_NO_ROW,
     {0},
     NULL},
    /* rows with something else in their cells */
    {&three, "     9      nan MiB      0.5 MiB           1   x", MEMPROF_BAD_ROW, {9}, NULL},
    {&three, "     9     21.5 GiB      0.5 MiB           1   x", MEMPROF_BAD_ROW, {9}, NULL},
    {&three, "     9     21.5 MiBs     0.5 MiB           1   x", MEMPROF_BAD_ROW, {9}, NULL},
    {&three, "     9     21.5 MiB      0.5 MiB         1.5   x", MEMPROF_BAD_ROW, {9}, NULL},
    {&three, "     9     21.5 MiB      0.5 MiB           1 x = 1", MEMPROF_BAD_ROW, {9}, NULL},
    {&three, "     9     1e99 MiB      0.5 MiB           1   x", MEMPROF_BAD_ROW, {9}, NULL},
    {&three, "     9                       x", MEMPROF_BAD_ROW, {9}, NULL},
};

START_TEST(row)
{
    struct memprof_row got, want = rows[_i].want;
    const char *line = rows[_i].line;

    ck_assert_int_eq(memprof_row(rows[_i].layout, line, strlen(line), &got), rows[_i].is);
    if (rows[_i].is == MEMPROF_NO_ROW)
        return;
    ck_assert_int_eq(got.line, want.line);
    ck_assert_int_eq(got.measured, want.measured);
    if (rows[_i].is == MEMPROF_BAD_ROW)
        return;
    ck_assert_int_eq(got.usage, want.usage);
    ck_assert_int_eq(got.increment, want.increment);
    ck_assert_int_eq(got.occurrences, want.occurrences);
    ck_assert_str_eq(line + got.source, rows[_i].source);
}
END_TEST

START_TEST(names)
{
    static const char *const cases[][2] = {
        {"def f(x):", "f"},
        {"    def m\xc3\xa9thode (self):", "m\xc3\xa9thode"},
        {"\tasync\tdef  g[T](x): pass", "g"},
        {"def f:", "f"},
        {"def f", "f"},
        {"default = 1", NULL},
        {"async with x:", NULL},
        {"@def f()", NULL},
        {"def (x)", NULL},
        {"def", NULL},
        {"", NULL},
    };
    size_t n;

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const char *name = memprof_def(cases[i][0], strlen(cases[i][0]), &n);
        ck_assert_int_eq(name != NULL, cases[i][1] != NULL);
        if (name) {
            ck_assert_uint_eq(n, strlen(cases[i][1]));
            ck_assert_mem_eq(name, cases[i][1], n);
        }
    }
}
END_TEST

/* The source of a function is kept once, the values of all its reports are. */
START_TEST(source_is_kept)
{
    static const char report[] =
        "Filename: a.py\n\nLine #    Mem usage    Increment   Line Contents\n"
        "================================================\n"
        "     1     1.000 MiB    1.000 MiB   @profile\n"
        "     2                             def f():\n"
        "     3     2.000 MiB    1.000 MiB       x()\n\n\n";
    enum { LEN = sizeof report - 1 };
    char twice[2 * LEN];
    struct pf_mem mem;
    struct pf_err err = {0};

    pf_mem_init(&mem, 0);
    memcpy(twice, report, LEN);
    memcpy(twice + LEN, report, LEN);
    struct pf_source *in = pf_open_mem(&mem, twice, sizeof twice, &err);
    struct pf_profile *p = pf_load(in, NULL, &err);
    ck_assert_ptr_nonnull(p);
    ck_assert_uint_eq(p->samples.n, 4);
    ck_assert_uint_eq(p->lines.n, 3);
    ck_assert_str_eq(pf_str_at(p, p->lines.at[2].text).s, "    x()");
    ck_assert_str_eq(pf_str_at(p, p->lines.at[2].file).s, "a.py");
    ck_assert_int_eq(p->lines.at[2].line, 3);
    ck_assert_str_eq(pf_str_at(p, p->funcs.at[1].name).s, "f");
    pf_free(p);
    pf_close(in);
    ck_assert_uint_eq(mem.used, 0);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("memprof");
    TCase *t = tcase_create("memprof");
    SRunner *runner = srunner_create(s);

    tcase_add_loop_test(t, header, 0, sizeof headers / sizeof *headers);
    tcase_add_loop_test(t, row, 0, sizeof rows / sizeof *rows);
    tcase_add_test(t, names);
    tcase_add_test(t, source_is_kept);
    suite_add_tcase(s, t);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
