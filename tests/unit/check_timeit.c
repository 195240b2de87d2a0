/* check_timeit.c - the lines that timeit prints, and what its times are per loop. */
#include "timeit.h"

#include <check.h>
#include <string.h>

static const struct {
    const char *line;
    int64_t is; /* enum timeit_is */
    int64_t loops, repeats, time;
    bool mean;
} lines[] = {
    {"50 loops, best of 5: 4.04 msec per loop", TIMEIT_RESULT, 50, 5, 202000000, false},
    {"1 loop, best of 1: 20.1 msec per loop", TIMEIT_RESULT, 1, 1, 20100000, false},
    {"1 loops, best of 3: 20.2 msec per loop", TIMEIT_RESULT, 1, 3, 20200000, false},
    {"20000 loops, best of 3: 0.0072 usec per loop", TIMEIT_RESULT, 20000, 3, 144000, false},
    {"100 loops, best of 3: 5.62e-07 sec per loop", TIMEIT_RESULT, 100, 3, 56200, false},
    {"100 loops, best of 3: 1e+03 nsec per loop", TIMEIT_RESULT, 100, 3, 100000, false},
    {"1 loop, best of 3: 1e+04 sec per loop", TIMEIT_RESULT, 1, 3, 10000000000000, false},
    {"3 loops, best of 3: 0.5 nsec per loop", TIMEIT_RESULT, 3, 3, 2, false}, /* half to even */
    {"10 loops, best of 3: 1.5 \xc2\xb5s per loop", TIMEIT_RESULT, 10, 3, 15000, false},
    {"3.93 \xc2\xb5s \xc2\xb1 4.67 \xc2\xb5s per loop (mean \xc2\xb1 std. dev. of 7 runs, 1,000 "
     "loops each)",
     TIMEIT_RESULT, 1000, 7, 3930000, true},
    {"1min 2s +- 1.2 s per loop (mean +- std. dev. of 1 run, 1 loop each)", TIMEIT_RESULT, 1, 1,
     62000000000, true},
    {"1d 2h 0min 1s +- 1 s per loop (mean +- std. dev. of 1 run, 1 loop each)", TIMEIT_RESULT, 1, 1,
     93601000000000, true},
    {"raw times: 1", TIMEIT_RAW, 0, 0, 0, false},
    {":0: UserWarning: The test results are likely unreliable. The worst time (32.4 usec) was",
     TIMEIT_UNRELIABLE, 0, 0, 0, false},
    {"Traceback (most recent call last):", TIMEIT_FAILED, 0, 0, 0, false},
    {"10 loops -> 9.3e-05 secs", TIMEIT_OTHER, 0, 0, 0, false},
    {"10 ms", TIMEIT_OTHER, 0, 0, 0, false},
    {"10 loopss, best of 5: 1 nsec per loop", TIMEIT_OTHER, 0, 0, 0, false},
    {" 50 loops, best of 5: 4.04 msec per loop", TIMEIT_OTHER, 0, 0, 0, false},
    {"", TIMEIT_OTHER, 0, 0, 0, false},
    {"0 loops, best of 5: 1 nsec per loop", TIMEIT_BAD, 0, 0, 0, false},
    {"5 loops, best of 0: 1 nsec per loop", TIMEIT_BAD, 0, 0, 0, false},
    {"5 loops, best of 5: 1 fortnight per loop", TIMEIT_BAD, 0, 0, 0, false},
    {"5 loops, best of 5: nan nsec per loop", TIMEIT_BAD, 0, 0, 0, false},
    {"5 loops, best of 5: -1 nsec per loop", TIMEIT_BAD, 0, 0, 0, false},
    {"5 loops, best of 5: 1,5 msec per loop", TIMEIT_BAD, 0, 0, 0, false},
    {"5 loops, best of 5: 1 msec", TIMEIT_BAD, 0, 0, 0, false},
    {"99999999999999999999 loops, best of 5: 1 nsec per loop", TIMEIT_BAD, 0, 0, 0, false},
    {"9000000000000000000 loops, best of 5: 9 sec per loop", TIMEIT_BAD, 0, 0, 0, false},
    {"5 loops, best of 5: 1e300 sec per loop", TIMEIT_BAD, 0, 0, 0, false},
    {"1 s +- 1 s per loop (mean +- std. dev. of x runs, 1 loop each)", TIMEIT_BAD, 0, 0, 0, false},
};

START_TEST(line)
{
    struct timeit_result r = {0};

    ck_assert_int_eq(timeit_line(lines[_i].line, strlen(lines[_i].line), &r), lines[_i].is);
    if (lines[_i].is != TIMEIT_RESULT)
        return;
    ck_assert_int_eq(r.loops, lines[_i].loops);
    ck_assert_int_eq(r.repeats, lines[_i].repeats);
    ck_assert_int_eq(r.time, lines[_i].time);
    ck_assert_int_eq(r.mean, lines[_i].mean);
}
END_TEST

static const struct {
    const char *line;
    int64_t n;
    int64_t time[4];
    int64_t end; /* what is returned after those */
} raws[] = {
    {"raw times: 382 msec, 377 msec", 2, {382000000, 377000000}, 0},
    {"raw times: 0.268 0.115 0.0616", 3, {268000000, 115000000, 61600000}, 0},
    {"raw times: 9.5367e-07 1.01 sec", 2, {954, 1010000000}, 0},
    {"raw times: 1.01 sec, 925 msec ", 2, {1010000000, 925000000}, 0},
    {"raw times: ", 0, {0}, 0},
    {"raw times: x", 0, {0}, -1},
    {"raw times: 1 sec, nan", 1, {1000000000}, -1},
    {"raw times: 1 sec; 2 sec", 0, {0}, -1},
    {"raw times: 1e300", 0, {0}, -1},
    {"raw times: -1", 0, {0}, -1},
};

START_TEST(raw)
{
    size_t at = 0, len = strlen(raws[_i].line);
    int64_t ns;

    for (int i = 0; i < raws[_i].n; i++) {
        ck_assert_int_eq(timeit_raw(raws[_i].line, len, &at, &ns), 1);
        ck_assert_int_eq(ns, raws[_i].time[i]);
    }
    ck_assert_int_eq(timeit_raw(raws[_i].line, len, &at, &ns), raws[_i].end);
}
END_TEST

/* A sample of host a and one of host b in one stack. */
static struct pf_profile *hosts(struct pf_mem *m, const int64_t time[2], const int64_t loops[2])
{
    struct pf_profile *p = pf_new(m);
    pf_id stack = pf_stack(p, 0, pf_frame(p, pf_func(p, pf_strz(p, "f"), 0, 0), 0));

    pf_type_add(p, "time", "nanoseconds", PF_SUM);
    pf_type_add(p, "loops", "count", PF_SUM);
    for (int i = 0; i < 2; i++) {
        pf_id label = pf_label(p, &(struct pf_label){.key = pf_strz(p, "host"),
                                                     .str = pf_strz(p, i ? "b" : "a"),
                                                     .kind = PF_LABEL_STR});
        pf_sample(p, stack, pf_label_set(p, &label, 1), (int64_t[]){time[i], loops[i]});
    }
    return p;
}

START_TEST(times_of_one_loop_are_of_the_whole_stack)
{
    static const struct {
        int64_t time[2], loops[2];
        bool done;
        int64_t sum;
    } x[] = {
        {{5000, 5000}, {1, 1}, true, 5000000},
        {{1, 1}, {3000, 3000}, true, 0},
        {{1, 2}, {3, 3}, true, 500},
        {{3000, -1000}, {1, 3}, true, 500000},
        {{(int64_t)1 << 62, 0}, {1, 0}, false, 0},
        {{-((int64_t)1 << 62), 0}, {1, 0}, false, 0},
        {{INT64_MIN, INT64_MIN}, {1, 1}, false, 0},
        {{INT64_MIN, INT64_MIN}, {1000, 1000}, true, INT64_MIN},
        {{5, 5}, {0, 1}, false, 0},
        {{5, 5}, {-1, 3}, false, 0},
    };
    struct pf_mem m;
    struct pf_err err = {0};

    pf_mem_init(&m, 0);
    struct pf_profile *p = hosts(&m, x[_i].time, x[_i].loops);
    ck_assert_int_eq(pf_per_loop(p, 0, &err), x[_i].done);
    const int64_t *v = p->samples.value[0];
    if (x[_i].done)
        ck_assert_int_eq(v[0] + v[1], x[_i].sum);
    else
        ck_assert(v[0] == x[_i].time[0] && v[1] == x[_i].time[1]);
    ck_assert_str_eq(pf_str_at(p, p->types.at[0].unit).s,
                     x[_i].done ? "picoseconds" : "nanoseconds");
    pf_free(p);
    ck_assert_uint_eq(m.used, 0);
}
END_TEST

/* Not dividing has a meaning of its own, which running out of memory must not take. */
START_TEST(no_memory_is_an_error)
{
    int done = -1, failures = 0;

    for (uint64_t n = 1; done != 1; n++) {
        struct pf_mem m;
        struct pf_err err = {0};
        pf_mem_init(&m, 0);
        struct pf_profile *p = hosts(&m, (const int64_t[]){5000, 5000}, (const int64_t[]){1, 1});
        m.fail_at = m.count + n;
        done = pf_per_loop(p, 0, &err);
        ck_assert_int_ne(done, 0);
        ck_assert_int_eq(err.code, done < 0 ? PF_ENOMEM : PF_OK);
        ck_assert_int_eq(p->samples.value[0][0], done < 0 ? 5000 : 5000000 / 2);
        failures += done < 0;
        pf_free(p);
        ck_assert_uint_eq(m.used, 0);
    }
    ck_assert_int_ge(failures, 2);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("timeit");
    TCase *t = tcase_create("timeit");
    SRunner *runner = srunner_create(s);

    tcase_add_loop_test(t, line, 0, sizeof lines / sizeof *lines);
    tcase_add_loop_test(t, raw, 0, sizeof raws / sizeof *raws);
    tcase_add_loop_test(t, times_of_one_loop_are_of_the_whole_stack, 0, 10);
    tcase_add_test(t, no_memory_is_an_error);
    suite_add_tcase(s, t);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
