/* check_exports.c - what callgrind, speedscope and rows make of profiles that try them. */
#include "formats.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct pf_mem mem;
static struct pf_err err;
static struct pf_profile *p;
static char lost[1000];

static void start(void)
{
    pf_mem_init(&mem, 0);
    err = (struct pf_err){0};
    lost[0] = 0;
    p = pf_new(&mem);
}

static void finish(void)
{
    pf_free(p);
    ck_assert_uint_eq(mem.used, 0);
}

static void remember(void *ctx, const char *text)
{
    (void)ctx;
    size_t n = strlen(lost);
    snprintf(lost + n, sizeof lost - n, "%s\n", text);
}

/* What a format writes, yours; NULL: it failed. */
static char *written(const char *format, unsigned how)
{
    struct pf_sink *k = pf_create_mem(&mem, PF_PLAIN, &err);
    struct pf_write w = {.type = -1, .how = how, .lost = remember};
    size_t len = 0;
    char *text = NULL;

    if (k && pf_format_named(format)->write(p, k, &w, &err) == 0) {
        pf_end_frame(k);
        const uint8_t *bytes = pf_sink_bytes(k, &len);
        text = strndup(bytes ? (const char *)bytes : "", len);
    }
    pf_abandon(k);
    return text;
}

static void expect(const char *format, unsigned how, const char *want)
{
    char *got = written(format, how);

    ck_assert_msg(got != NULL, "%s", err.msg);
    ck_assert_msg(strstr(got, want) != NULL, "%s\nis not in\n%s", want, got);
    free(got);
}

static pf_id under(pf_id stack, const char *name, const char *file, int64_t line)
{
    pf_id func = pf_func(p, pf_strz(p, name), pf_strz(p, file), 1);
    return pf_stack(p, stack, pf_frame(p, func, line));
}

static void sample(pf_id stack, const char *key, const char *value, int64_t x)
{
    pf_id label =
        key ? pf_label(p, &(struct pf_label){.key = pf_strz(p, key), .str = pf_strz(p, value)}) : 0;
    pf_sample(p, stack, key ? pf_label_set(p, &label, 1) : 0, &x);
}

/* Each line of a function has its cost, and each line that calls another function its call. */
START_TEST(callgrind_tells_lines)
{
    pf_type_add(p, "time", "nanoseconds", PF_SUM);
    sample(under(under(0, "main", "m.py", 5), "f", "f.py", 7), NULL, NULL, 30);
    sample(under(under(0, "main", "m.py", 6), "f", "f.py", 7), NULL, NULL, 4);
    sample(under(0, "main", "m.py", 6), NULL, NULL, 2);
    expect("callgrind", 0, "summary: 36\n");
    expect("callgrind", 0, "fn=(1) f.f\n7 34\n");
    expect("callgrind", 0,
           "fn=(2) m.main\n6 2\n"
           "cfi=(1)\ncfn=(1)\ncalls=1 1\n5 30\n"
           "cfi=(1)\ncfn=(1)\ncalls=1 1\n6 4\n\ntotals: 36\n");
}
END_TEST

/* Samples without a stack, and what is below zero. */
START_TEST(callgrind_keeps_the_total)
{
    pf_type_add(p, "time", "nanoseconds", PF_SUM);
    sample(0, NULL, NULL, 5);
    sample(under(0, "f", "f.py", 7), NULL, NULL, -3);
    sample(under(0, "g", "f.py", 7), "thread", "x", 2);
    expect("callgrind", 0, "summary: 7\n");
    ck_assert_str_eq(lost, "labels are not kept\nwhat is below zero is not kept (-3 in all)\n");
}
END_TEST

START_TEST(sums_that_do_not_fit)
{
    static const char *const formats[] = {"callgrind", "speedscope", "rows", "pstat", "folded"};

    pf_type_add(p, "time", "nanoseconds", PF_SUM);
    sample(under(0, "f", "", 0), NULL, NULL, INT64_MAX);
    sample(under(0, "f", "", 0), NULL, NULL, 1);
    for (size_t i = 0; i < sizeof formats / sizeof *formats; i++) {
        err = (struct pf_err){0};
        ck_assert_msg(written(formats[i], 0) == NULL, "%s", formats[i]);
        ck_assert_int_eq(err.code, PF_EVALUE);
    }
}
END_TEST

START_TEST(speedscope_weighs_each_stack_once)
{
    pf_type_add(p, "space", "bytes", PF_GAUGE);
    pf_id f = under(0, "f", "f.py", 7);
    sample(f, NULL, NULL, 5);
    sample(f, "thread", "x", 2);
    sample(under(f, "g", "", 0), "thread", "x", INT64_C(1) << 60);
    expect("speedscope", 0,
           "\"unit\":\"bytes\",\"startValue\":0,\"endValue\":1152921504606846983,\n"
           "\"samples\":[\n[0],\n[0,1]],\n\"weights\":[\n7,1152921504606846976]}]}\n");
    ck_assert_str_eq(lost,
                     "labels are not kept\nweights beyond 2^53 lose digits when they are read\n");
}
END_TEST

/* One stack that grew in one thread and shrank in another one has changed by the difference. */
START_TEST(speedscope_has_no_signs)
{
    pf_type_add(p, "time", "nanoseconds", PF_SUM);
    pf_id f = under(0, "f", "", 0), g = under(0, "g", "", 0);
    sample(f, NULL, NULL, 5);
    sample(f, "thread", "x", -2);
    sample(g, NULL, NULL, INT64_MIN + 1);
    expect("speedscope", 0,
           "\"name\":\"grew\",\"unit\":\"nanoseconds\",\"startValue\":0,"
           "\"endValue\":3,\n\"samples\":[\n[0]],\n\"weights\":[\n3]}");
    expect("speedscope", 0,
           "\"name\":\"shrank\",\"unit\":\"nanoseconds\",\"startValue\":0,"
           "\"endValue\":9223372036854775807,\n\"samples\":[\n[1]],");
}
END_TEST

/* Functions that one name would hide behind another have numbers, also once bytes are spelled. */
START_TEST(names_are_unique)
{
    static const char *const name[] = {"f", "f", "f#2", "\xff", "\\xff"};

    pf_type_add(p, "time", "nanoseconds", PF_SUM);
    for (size_t i = 0; i < sizeof name / sizeof *name; i++) {
        pf_id func = pf_func(p, pf_strz(p, name[i]), pf_strz(p, "m.py"), (int64_t)i);
        sample(pf_stack(p, 0, pf_frame(p, func, 0)), NULL, NULL, 1);
    }
    char *got = written("callgrind", 0);
    for (size_t i = 0; i < sizeof name / sizeof *name; i++) {
        static const char *const want[] = {" m.f\n", " m.f#2\n", " m.f#2#2\n", " m.\\xff\n",
                                           " m.\\xff#2\n"};
        ck_assert_msg(strstr(got, want[i]) != NULL, "%s is not in %s", want[i], got);
    }
    free(got);
}
END_TEST

START_TEST(rows_of_labels)
{
    pf_type_add(p, "time", "nanoseconds", PF_SUM);
    p->time_ns = -1;
    sample(under(0, "f", "", 0), "release", "r2", 5);
    sample(under(0, "f", "", 0), "release", "r1", -6);
    expect("rows", PF_AS_CSV, ",,r1,,-1,time,nanoseconds,f,,1,-6,-6,-6\n");
    expect("rows", PF_AS_CSV, ",,r2,,-1,time,nanoseconds,f,,1,5,5,5\n");
    expect("rows", 0,
           "{\"profile\":\"\",\"service\":\"\",\"release\":\"r1\",\"host\":\"\","
           "\"ts\":-1,\"metric\":\"time\",\"unit\":\"nanoseconds\",\"function\":\"f\","
           "\"file\":\"\",\"line\":1,\"self\":-6,\"cum\":-6,\"total\":-6}\n");
    ck_assert_str_eq(lost, "");
}
END_TEST

START_TEST(every_allocation_may_fail)
{
    static const char *const formats[] = {"callgrind", "speedscope", "rows", "folded"};

    pf_type_add(p, "time", "nanoseconds", PF_SUM);
    pf_id f = under(0, "f", "f.py", 7);
    sample(f, "host", "x", 2);
    sample(under(f, "g", "", 0), "host", "y", 3);
    for (size_t i = 0; i < sizeof formats / sizeof *formats; i++) {
        for (uint64_t n = 1;; n++) {
            err = (struct pf_err){0};
            mem.count = 0;
            mem.fail_at = n;
            char *got = written(formats[i], PF_LABELLED);
            mem.fail_at = 0;
            free(got);
            if (got)
                break;
            ck_assert_int_eq(err.code, PF_ENOMEM);
        }
    }
}
END_TEST

int main(void)
{
    Suite *s = suite_create("exports");
    TCase *t = tcase_create("writers");

    tcase_add_checked_fixture(t, start, finish);
    tcase_set_timeout(t, 60);
    tcase_add_test(t, callgrind_tells_lines);
    tcase_add_test(t, callgrind_keeps_the_total);
    tcase_add_test(t, sums_that_do_not_fit);
    tcase_add_test(t, speedscope_weighs_each_stack_once);
    tcase_add_test(t, speedscope_has_no_signs);
    tcase_add_test(t, names_are_unique);
    tcase_add_test(t, rows_of_labels);
    tcase_add_test(t, every_allocation_may_fail);
    suite_add_tcase(s, t);

    SRunner *r = srunner_create(s);
    srunner_run_all(r, CK_ENV);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
