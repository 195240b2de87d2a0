/* check_columns.c - the tables of proftop and profdiff in their four layouts. */
#include "render.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct pf_mem mem;
static struct pf_profile *p;
static struct pf_err err;
static struct pf_sink *out;

static void setup(void)
{
    static const struct {
        const char *name, *file;
        int64_t line, values[2];
    } rows[] = {
        {"fast", "/srv/app/tools.py", 7, {1500000, 3}},
        {"<built-in method len>", "~", 0, {500000, 12}},
        {"=odd, \"name\"\x1b[31m|", "x.py", 0, {250, 1}},
    };

    pf_mem_init(&mem, 0);
    err = (struct pf_err){0};
    p = pf_new(&mem);
    pf_type_add(p, "time", "nanoseconds", PF_SUM);
    pf_type_add(p, "calls", "count", PF_SUM);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        pf_id f = pf_func(p, pf_strz(p, rows[i].name), pf_strz(p, rows[i].file), rows[i].line);
        pf_sample(p, pf_stack(p, 0, pf_frame(p, f, 0)), 0, rows[i].values);
    }
    out = pf_create_mem(&mem, PF_PLAIN, &err);
}

static void teardown(void)
{
    pf_abandon(out);
    pf_free(p);
    ck_assert_uint_eq(mem.used, 0);
}

static const char *text(void)
{
    size_t len;

    pf_end_frame(out);
    pf_put(out, "", 1);
    pf_end_frame(out);
    return (const char *)pf_sink_bytes(out, &len);
}

static const char *top(struct pf_view v)
{
    ck_assert_msg(!pf_view_top(p, 0, PF_BY_FUNCTION, &v, out, &err), "%s", err.msg);
    return text();
}

START_TEST(text_is_aligned_and_safe)
{
    ck_assert_str_eq(top((struct pf_view){.layout = PF_TEXT}),
                     "time (nanoseconds), total 2.00 ms; stacks exact\n"
                     "     flat  flat %    sum %        cum   cum %  calls  function (file:line)\n"
                     "  1.50 ms  74.99%   74.99%    1.50 ms  74.99%      3  fast "
                     "(/srv/app/tools.py:7)\n"
                     "500.00 us  25.00%   99.99%  500.00 us  25.00%     12  <built-in method len>\n"
                     "   250 ns   0.01%  100.00%     250 ns   0.01%      1  "
                     "=odd, \"name\"\\x1b[31m| (x.py)\n");
}
END_TEST

START_TEST(csv_has_plain_numbers)
{
    ck_assert_str_eq(top((struct pf_view){.layout = PF_CSV, .limit = 2}),
                     "name,file,line,flat,cum,calls,primitive_calls\n"
                     "fast,/srv/app/tools.py,7,1500000,1500000,3,\n"
                     "<built-in method len>,~,0,500000,500000,12,\n");
}
END_TEST

START_TEST(json_is_one_object)
{
    ck_assert_str_eq(
        top((struct pf_view){.layout = PF_JSON, .limit = 1}),
        "{\"schema\":1,\"type\":\"time\",\"unit\":\"nanoseconds\",\"kind\":\"sum\","
        "\"by\":\"function\",\"stacks\":\"exact\",\"cum_from\":\"stacks\",\"runs\":1,"
        "\"total\":2000250,\"certificate\":null,\"rows\":[\n"
        "{\"name\":\"fast\",\"file\":\"/srv/app/tools.py\",\"line\":7,\"flat\":1500000,"
        "\"cum\":1500000,\"calls\":3,\"primitive_calls\":null}\n]}\n");
}
END_TEST

START_TEST(markdown_is_a_table)
{
    ck_assert_str_eq(top((struct pf_view){
                         .layout = PF_MARKDOWN, .limit = 1, .columns = "flat,calls,name,place"}),
                     "time (nanoseconds), total 2.00 ms; stacks exact\n\n"
                     "| flat | calls | function | (file:line) |\n"
                     "| ---: | ---: | :--- | :--- |\n"
                     "| 1.50 ms | 3 | fast | /srv/app/tools.py:7 |\n");
}
END_TEST

/* Frames without a function are called after their binary, or their address, or not at all. */
START_TEST(frames_without_function_have_names)
{
    static const char *const title[] = {"function", "file", "line", "module"};
    const char *s;

    pf_id so = pf_mapping(p, &(struct pf_mapping){.file = pf_strz(p, "/usr/lib/libm.so")});
    pf_id so2 = pf_mapping(p, &(struct pf_mapping){.file = pf_strz(p, "C:\\lib\\libm.so")});
    struct pf_frame frames[] = {
        {.mapping = so, .addr = 1}, {.mapping = so2, .addr = 2}, {.addr = 0xabc}, {.column = 1}};
    for (size_t i = 0; i < sizeof frames / sizeof *frames; i++)
        pf_sample(p, pf_stack(p, 0, pf_frame_full(p, &frames[i])), 0, (int64_t[]){1 << 2 * i, 0});
    for (int by = PF_BY_FUNCTION; by <= PF_BY_MODULE; by++) {
        struct pf_view v = {.layout = PF_CSV, .columns = "flat,name"};
        pf_abandon(out);
        out = pf_create_mem(&mem, PF_PLAIN, &err);
        ck_assert_int_eq(pf_view_top(p, 0, (enum pf_by)by, &v, out, &err), 0);
        s = strstr(text(), "\n64,?\n16,0xabc\n5,[libm.so]\n");
        ck_assert_msg(s != NULL, "by %s", title[by]);
    }
}
END_TEST

START_TEST(columns_and_order_are_chosen)
{
    ck_assert_str_eq(top((struct pf_view){.layout = PF_CSV,
                                          .sort = PF_SORT_CALLS,
                                          .columns = "name,calls,per-call,flat%"}),
                     "name,calls,per_call,flat_pct\n"
                     "<built-in method len>,12,41666.66667,24.99687539\n"
                     "fast,3,500000,74.99062617\n"
                     "\"'=odd, \"\"name\"\"\\x1b[31m|\",1,250,0.0124984377\n");
}
END_TEST

START_TEST(names_are_padded_before_numbers)
{
    ck_assert_str_eq(
        top((struct pf_view){.layout = PF_TEXT, .raw = true, .columns = "name,flat", .limit = 2}),
        "time (nanoseconds), total 2000250; stacks exact\n"
        "function                  flat\n"
        "fast                   1500000\n"
        "<built-in method len>   500000\n");
}
END_TEST

START_TEST(wrong_columns_are_named)
{
    static const char *const wrong[] = {"flat,flop", "flat,flat", "", "flat,"};
    struct pf_view v = {.columns = wrong[_i]};

    ck_assert_int_eq(pf_view_top(p, 0, PF_BY_FUNCTION, &v, out, &err), -1);
    ck_assert_int_eq(err.code, PF_EVALUE);
    ck_assert_ptr_nonnull(strstr(err.msg, "column"));
}
END_TEST

START_TEST(a_narrow_terminal_keeps_the_end_of_the_path)
{
    struct pf_view v = {.columns = "flat,name,place", .limit = 1, .width = 36};
    static const struct {
        unsigned width;
        const char *row;
    } want[] = {
        {36, "1.50 ms  fast (/srv/app/tools.py:7)\n"},
        {35, "1.50 ms  fast (/srv/app/tools.py:7)\n"},
        {34, "1.50 ms  fast (.../app/tools.py:7)\n"},
        {30, "1.50 ms  fast (.../tools.py:7)\n"},
        {29, "1.50 ms  fast\n"},
        {10, "1.50 ms  fast\n"},
    };

    v.width = want[_i].width;
    ck_assert_str_eq(strchr(strchr(top(v), '\n') + 1, '\n') + 1, want[_i].row);
}
END_TEST

START_TEST(long_names_are_cut)
{
    struct pf_view v = {.columns = "name", .width = 14};
    const char *s = top(v);

    ck_assert_ptr_nonnull(strstr(s, "\n<built-in m...\n"));
    ck_assert_ptr_nonnull(strstr(s, "\n=odd, \"name...\n"));
}
END_TEST

START_TEST(values_have_the_unit_that_fits)
{
    static const struct {
        double value;
        const char *unit, *text;
    } want[] = {
        {0, "nanoseconds", "0"},
        {999, "nanoseconds", "999 ns"},
        {1000, "ns", "1.00 us"},
        {999999, "nanoseconds", "1.00 ms"},
        {-1.5e9, "ns", "-1.50 s"},
        {12, "milliseconds", "12.00 ms"},
        {1e15, "ns", "1000000.00 s"},
        {1023, "bytes", "1023 B"},
        {1536, "bytes", "1.50 KiB"},
        {1e12, "bytes", "931.32 GiB"},
        {1500, "us", "1.50 ms"},
        {1500, "\xc2\xb5s", "1.50 ms"},
        {1500, "\xce\xbcs", "1.50 ms"},
        {123456, "count", "123456"},
        {9007199254740992., "", "9007199254740992"},
    };
    char buf[PF_VALUE_MAX];

    for (size_t i = 0; i < sizeof want / sizeof *want; i++) {
        struct pf_str unit = {.s = want[i].unit, .len = (uint32_t)strlen(want[i].unit)};
        int n = pf_value_text(buf, want[i].value, unit, false);
        ck_assert_str_eq(buf, want[i].text);
        ck_assert_int_eq(n, (int)strlen(buf));
    }
    pf_value_text(buf, 2e6, (struct pf_str){.s = "ns", .len = 2}, true);
    ck_assert_str_eq(buf, "+2.00 ms");
}
END_TEST

/* ---- profdiff ---- */

static struct pf_diff *diff_of(const struct pf_profile *base, const struct pf_profile *now)
{
    struct pf_diff *d = pf_diff_new(&mem, &(struct pf_diff_how){.by = PF_BY_FUNCTION});

    ck_assert(!pf_diff_add(d, PF_BASE, base, 0, "old.prof", &err)
              && !pf_diff_add(d, PF_NEW, now, 0, "new.prof", &err) && !pf_diff_finish(d, &err));
    return d;
}

static const char *diff(const struct pf_profile *base, const struct pf_profile *now,
                        struct pf_view v)
{
    struct pf_diff *d = diff_of(base, now);

    ck_assert_msg(!pf_view_diff(d, &v, out, &err), "%s", err.msg);
    pf_diff_free(d);
    return text();
}

START_TEST(no_difference_has_no_rows)
{
    ck_assert_str_eq(
        diff(p, p, (struct pf_view){.layout = PF_JSON}),
        "{\"schema\":1,\"base\":{\"files\":[\"old.prof\"],\"runs\":1,\"total\":2000250,"
        "\"certificate\":null},"
        "\"new\":{\"files\":[\"new.prof\"],\"runs\":1,\"total\":2000250,\"certificate\":null},"
        "\"type\":\"time\",\"unit\":\"nanoseconds\",\"cum\":false,"
        "\"normalize\":\"none\",\"tested\":0,\"runs_needed\":4,\"enough\":false,"
        "\"rows\":[]}\n");
}
END_TEST

START_TEST(all_rows_are_shown_when_asked_for)
{
    ck_assert_str_eq(diff(p, p, (struct pf_view){.layout = PF_CSV, .all = true, .limit = 1}),
                     "name,file,line,status,base,new,delta,delta_pct,calls_base,calls_new,verdict,"
                     "ambiguous,effect,ci_low,ci_high,q,calls,by_calls,by_cost,spread_base,"
                     "spread_new,p,detectable,per_step,grew,rename,mean_base,mean_new\n"
                     "<built-in method len>,~,0,both,500000,500000,0,0,12,12,same,false,,,,,same,0,"
                     "0,,,,,,,,,\n");
}
END_TEST

START_TEST(changes_have_signs_and_colours)
{
    struct pf_profile *q = pf_new(&mem);
    int64_t slow = 3000000, fresh = 10;
    pf_id f = pf_func(q, pf_strz(q, "fast"), pf_strz(q, "/srv/app/tools.py"), 9);

    pf_type_add(q, "time", "nanoseconds", PF_SUM);
    pf_sample(q, pf_stack(q, 0, pf_frame(q, f, 0)), 0, &slow);
    pf_sample(q, pf_stack(q, 0, pf_frame(q, pf_func(q, pf_strz(q, "fresh"), 0, 0), 0)), 0, &fresh);
    q->interpreter = pf_strz(q, "Python 3.13");
    ck_assert_str_eq(
        diff(p, q, (struct pf_view){.layout = PF_TEXT, .color = true, .limit = 2, .width = 115}),
        "base: old.prof (1 run), total 2.00 ms\n"
        "new:  new.prof (1 run, Python 3.13), total 3.00 ms\n"
        "time (nanoseconds), flat; undecided: too few runs to tell a change from noise (5 a "
        "side find one among 4 rows)\n"
        "\033[1m     base      new       delta   delta %  calls base  calls new  verdict    "
        "function (file:line)\033[0m\n"
        "  1.50 ms  3.00 ms    \033[31m+1.50 ms\033[0m  \033[31m+100.00%\033[0m           3"
        "             undecided  fast (/srv/app/tools.py:9)\n"
        "500.00 us        0  \033[32m-500.00 us\033[0m  \033[32m-100.00%\033[0m          12"
        "             gone       <built-in method len>\n"
        "  2.00 ms  3.00 ms  \033[31m+999.76 us\033[0m   \033[31m+49.98%\033[0m            "
        "                        total\n");
    pf_abandon(out);
    out = pf_create_mem(&mem, PF_PLAIN, &err);
    ck_assert_ptr_nonnull(strstr(diff(p, q, (struct pf_view){.layout = PF_JSON}),
                                 "{\"name\":\"fresh\",\"file\":\"\",\"line\":0,\"status\":\"new\","
                                 "\"base\":0,\"new\":10,\"delta\":10,\"delta_pct\":null,"
                                 "\"calls_base\":0,\"calls_new\":null,\"effect\":null,\"ci\":null,"
                                 "\"q\":null,\"verdict\":\"undecided\",\"ambiguous\":false,"));
    pf_free(q);
}
END_TEST

START_TEST(every_allocation_may_fail)
{
    struct pf_diff *d = diff_of(p, p);
    struct pf_view v = {.all = true};

    for (uint64_t n = 1; n < 60; n++) {
        for (int by = PF_BY_FUNCTION; by <= PF_BY_STACK; by++) {
            struct pf_sink *k = pf_create_mem(&mem, PF_PLAIN, &err);
            size_t used = mem.used;
            err = (struct pf_err){0};
            mem.fail_at = mem.count + n;
            int failed = pf_view_top(p, 0, (enum pf_by)by, &v, k, &err);
            mem.fail_at = 0;
            ck_assert(!failed || err.code == PF_ENOMEM);
            ck_assert(!failed || mem.used <= used + PF_MIB);
            pf_abandon(k);
        }
        struct pf_sink *k = pf_create_mem(&mem, PF_PLAIN, &err);
        err = (struct pf_err){0};
        mem.fail_at = mem.count + n;
        int failed = pf_view_diff(d, &v, k, &err);
        mem.fail_at = 0;
        ck_assert(!failed || err.code == PF_ENOMEM);
        pf_abandon(k);
    }
    pf_diff_free(d);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("columns");
    TCase *t = tcase_create("layouts");

    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, text_is_aligned_and_safe);
    tcase_add_test(t, csv_has_plain_numbers);
    tcase_add_test(t, json_is_one_object);
    tcase_add_test(t, markdown_is_a_table);
    tcase_add_test(t, frames_without_function_have_names);
    tcase_add_test(t, columns_and_order_are_chosen);
    tcase_add_test(t, names_are_padded_before_numbers);
    tcase_add_loop_test(t, wrong_columns_are_named, 0, 4);
    tcase_add_loop_test(t, a_narrow_terminal_keeps_the_end_of_the_path, 0, 6);
    tcase_add_test(t, long_names_are_cut);
    tcase_add_test(t, values_have_the_unit_that_fits);
    tcase_add_test(t, no_difference_has_no_rows);
    tcase_add_test(t, all_rows_are_shown_when_asked_for);
    tcase_add_test(t, changes_have_signs_and_colours);
    tcase_add_test(t, every_allocation_may_fail);
    suite_add_tcase(s, t);

    SRunner *r = srunner_create(s);
    srunner_run_all(r, CK_ENV);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
