/* check_plot.c - the steps of axes, and what is found in lines. */
#include "plot.h"

#include <check.h>
#include <math.h>
#include <string.h>

static const struct pf_str bytes = {.s = "bytes", .len = 5}, count = {.s = "count", .len = 5};

static const struct {
    double length;
    int64_t most;
    double step;
    const char *name;
    int64_t decimals;
} times[] = {
    {1.11e9, 9, 0.2e9, "s", 1},      {5e9, 9, 1e9, "s", 0},
    {50e9, 9, 10e9, "s", 0},         {59e9, 3, 30e9, "s", 0},
    {600e9, 9, 120e9, "min", 0},     {3540e9, 9, 600e9, "min", 0},
    {3.6e12 * 5, 9, 3.6e12, "h", 0}, {8.64e13 * 3, 9, 4.32e13, "d", 1},
    {450, 9, 50, "ns", 0},           {3, 9, 1, "ns", 0},
    {0, 9, 0.2e9, "s", 1},
};

START_TEST(axis_of_time)
{
    struct pf_axis a;

    pf_axis_of_time(&a, times[_i].length, (unsigned)times[_i].most);
    ck_assert_double_eq_tol(a.step, times[_i].step, times[_i].step * 1e-6);
    ck_assert_str_eq(a.name, times[_i].name);
    ck_assert_int_eq(a.decimals, times[_i].decimals);
    ck_assert(a.step > 0 && a.end >= times[_i].length);
}
END_TEST

START_TEST(axis_of_values)
{
    struct pf_axis a;

    pf_axis_of_values(&a, 3 * 1048576., 61 * 1048576., bytes, 8);
    ck_assert_str_eq(a.name, "MiB");
    ck_assert_double_eq(a.low, 0);
    ck_assert_double_eq(a.step, 10 * 1048576.);
    ck_assert_double_eq(a.end, 70 * 1048576.);
    pf_axis_of_values(&a, -30, 50, count, 8);
    ck_assert_double_eq(a.low, -30);
    ck_assert_double_eq(a.step, 10);
    pf_axis_of_values(&a, 0, 0, count, 8);
    ck_assert(a.end > a.low && a.step >= 1);
    pf_axis_of_values(&a, (double)INT64_MIN, (double)INT64_MAX, bytes, 8);
    ck_assert(isfinite(a.step) && (a.end - a.low) / a.step < 20);
}
END_TEST

static struct pf_profile *timed(struct pf_mem *m, const int64_t (*point)[2], int n)
{
    struct pf_profile *p = pf_new(m);

    pf_type_add(p, "rss", "bytes", PF_PEAK);
    for (int i = 0; i < n; i++) {
        pf_id label = pf_label(p, &(struct pf_label){.key = pf_strz(p, "time"),
                                                     .unit = pf_strz(p, "nanoseconds"),
                                                     .kind = PF_LABEL_NUM,
                                                     .num = point[i][0]});
        pf_sample(p, 0, pf_label_set(p, &label, 1), &point[i][1]);
    }
    return p;
}

START_TEST(peaks_and_slopes)
{
    static const int64_t points[][2] = {
        {3000000000, 30}, {1000000000, 10}, {2000000000, 20}, {4000000000, 40}};
    struct pf_mem mem;
    struct pf_err err = {0};

    pf_mem_init(&mem, 0);
    struct pf_profile *p = timed(&mem, points, 4);
    struct pf_plot *plot = pf_plot_new(&mem);
    ck_assert_int_eq(pf_plot_add(plot, p, 0, "run", &err), 0);
    ck_assert_int_eq(pf_plot_finish(plot, &err), 0);
    ck_assert_uint_eq(plot->lines, 1);
    ck_assert_int_eq(plot->line[0].at[plot->line[0].peak].value, 40);
    ck_assert_double_eq_tol(plot->line[0].slope, 10, 1e-9);
    ck_assert_uint_eq(plot->length, 3000000000);
    ck_assert_int_eq(plot->run[0].start, 1000000000);
    pf_plot_free(plot);
    pf_free(p);
    ck_assert_uint_eq(mem.used, 0);
}
END_TEST

/* Times at both ends of 64 bits: their distance still fits. */
START_TEST(farthest_times)
{
    static const int64_t points[][2] = {{INT64_MIN, INT64_MAX}, {INT64_MAX, INT64_MIN}};
    struct pf_mem mem;
    struct pf_err err = {0};

    pf_mem_init(&mem, 0);
    struct pf_profile *p = timed(&mem, points, 2);
    struct pf_plot *plot = pf_plot_new(&mem);
    struct pf_sink *out = pf_create_mem(&mem, PF_PLAIN, &err);
    ck_assert_int_eq(pf_plot_add(plot, p, 0, "run", &err), 0);
    for (int layout = PF_PLOT_SVG; layout <= PF_PLOT_CSV; layout++) {
        struct pf_plot_how how = {.layout = (enum pf_plot_layout)layout};
        ck_assert_int_eq(pf_view_plot(plot, &how, out, &err), 0);
    }
    ck_assert_uint_eq(plot->length, UINT64_MAX);
    pf_abandon(out);
    pf_plot_free(plot);
    pf_free(p);
    ck_assert_uint_eq(mem.used, 0);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("plot");
    TCase *t = tcase_create("plot");
    SRunner *runner = srunner_create(s);

    tcase_add_loop_test(t, axis_of_time, 0, sizeof times / sizeof *times);
    tcase_add_test(t, axis_of_values);
    tcase_add_test(t, peaks_and_slopes);
    tcase_add_test(t, farthest_times);
    suite_add_tcase(s, t);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
