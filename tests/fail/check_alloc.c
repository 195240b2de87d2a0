/* check_alloc.c - the n-th allocation fails, for every n, in reading, merging, ranking and writing.
 */
#include "gen.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

enum { MOST = 100000 }; /* allocations that none of the jobs below may need */

static struct pf_mem mem;

static void start(void)
{
    pf_mem_init(&mem, 0);
}

static void finish(void)
{
    ck_assert_uint_eq(mem.used, 0);
}

/* A job returns PF_OK when it was done, else the error it met; it gives back all memory. */
typedef enum pf_code job_fn(void *ctx);

static void fail_every_allocation(job_fn *job, void *ctx)
{
    size_t before = mem.used;
    enum pf_code whole = job(ctx); /* not every format can hold every profile */

    for (uint64_t n = 1; n < MOST; n++) {
        mem.count = 0;
        mem.fail_at = n;
        enum pf_code code = job(ctx);
        uint64_t asked = mem.count;
        mem.fail_at = 0;
        ck_assert_msg(mem.used == before, "allocation %lu failed: %zu bytes leaked", n,
                      mem.used - before);
        if (asked < n) { /* nothing failed any more */
            ck_assert_int_eq(code, whole);
            return;
        }
        ck_assert_msg(code == PF_ENOMEM, "allocation %lu failed: the error is %d", n, code);
    }
    ck_abort_msg("no end of allocations");
}

struct reading {
    const char *format;
    struct gen_bytes bytes;
};

static enum pf_code read_job(void *ctx)
{
    struct reading *r = ctx;
    struct pf_err err = {0};
    struct pf_profile *p = gen_read(&mem, r->bytes, r->format, &err);

    pf_free(p);
    return err.code;
}

static void fail_reading(const char *format, struct gen_bytes bytes)
{
    struct reading r = {format, bytes};

    fail_every_allocation(read_job, &r);
    r.format = NULL; /* and with the probe in front */
    fail_every_allocation(read_job, &r);
    free(bytes.at);
}

static void fail_reading_generated(const char *format, enum gen_how how)
{
    for (uint64_t seed = 0; seed < 6; seed++) {
        struct pf_profile *p = gen_profile(&mem, seed, how);
        ck_assert_ptr_nonnull(p);
        if (p->samples.n)
            fail_reading(format, gen_written(p, format, -1));
        pf_free(p);
    }
}

START_TEST(read_pb)
{
    fail_reading_generated("pb", GEN_ANY);
}
END_TEST

START_TEST(read_pprof)
{
    fail_reading_generated("pprof", GEN_ANY);
}
END_TEST

START_TEST(read_folded)
{
    fail_reading_generated("folded", GEN_FOLDED);
}
END_TEST

/* A little of everything that makes these readers ask for memory. */
static const struct {
    const char *format, *text;
} texts[] = {
    {"speedscope",
     "{\"$schema\":\"speedscope\",\"shared\":{\"frames\":[{\"name\":\"a\\n\"},{\"name\":"
     "\"thread (1): x\"}]},\"exporter\":\"e\",\"profiles\":[{\"type\":\"sampled\",\"name\":"
     "\"p\",\"unit\":\"seconds\",\"startValue\":0,\"samples\":[[1,0],[0,1]],\"weights\":[1,2]}]}"},
    {"speedscope",
     "{\"profiles\":[{\"events\":[{\"type\":\"O\",\"at\":0,\"frame\":0},{\"type\":\"C\",\"at\":"
     "1,\"frame\":0}],\"type\":\"evented\",\"unit\":\"none\"}],\"shared\":{\"frames\":[{\"name\":"
     "\"a\"}]}}"},
    {"chrometrace",
     "{\"traceEvents\":[{\"ph\":\"M\",\"name\":\"process_name\",\"pid\":1,\"args\":{\"name\":"
     "\"p\"}},{\"ph\":\"E\",\"name\":\"a\",\"ts\":9},{\"ph\":\"B\",\"name\":\"a\",\"ts\":1},"
     "{\"ph\":\"X\",\"name\":\"b\",\"ts\":2,\"dur\":3,\"tid\":7}],\"samples\":[{\"ts\":1,"
     "\"sf\":2}],\"stackFrames\":{\"1\":{\"name\":\"r\"},\"2\":{\"name\":\"s\",\"parent\":1}}}"},
    {"pyspydump",
     "[{\"pid\":1,\"thread_id\":5,\"owns_gil\":false,\"active\":true,\"thread_name\":\"t\","
     "\"frames\":[{\"name\":\"f\",\"filename\":\"a.py\",\"line\":3}]}]"},
    {"pyspydump",
     "Process 1: a\nPython v3.12 (x)\n\nThread 2 (\033[1midle\033[0m): \"n\"\n    f (a.py:3)\n"},
    {"pyperf",
     "{\"benchmarks\":[{\"runs\":[{\"values\":[1,2],\"warmups\":[[1,1]]}]}],\"metadata\":{\"name\":"
     "\"b\",\"python_version\":\"3\"}}"},
    {"memray",
     "{\"total_num_allocations\":9,\"total_bytes_allocated\":9,\"top_allocations_by_size\":[{"
     "\"location\":\"f:a.py:1\",\"size\":5}],\"metadata\":{\"command_line\":\"c\"}}"},
    {"scalene",
     "{\"elapsed_time_sec\":1,\"program\":\"p\",\"files\":{\"a.py\":{\"lines\":[{\"lineno\":1,"
     "\"line\":\"x\\n\",\"n_cpu_percent_c\":5,\"n_malloc_mb\":2}]}}}"},
    {"flamesvg",
     "<svg xmlns=\"http://www.w3.org/2000/svg\"><svg id=\"frames\" total_samples=\"10\"><g><title>"
     "all (10 samples, 100%)</title><rect y=\"20\" x=\"0%\" width=\"100%\"/></g><g><title>a "
     "(a.py:1)"
     " (4 samples, 40%)</title><rect y=\"4\" x=\"0%\" width=\"40%\"/></g></svg></svg>"},
};

START_TEST(read_texts)
{
    size_t n = strlen(texts[_i].text);
    struct gen_bytes bytes = {malloc(n), n};

    ck_assert_ptr_nonnull(bytes.at);
    memcpy(bytes.at, texts[_i].text, n);
    fail_reading(texts[_i].format, bytes);
}
END_TEST

START_TEST(read_pstat)
{
    for (uint64_t seed = 0; seed < 6; seed++) {
        fail_reading("pstat", gen_pstats(seed, true));
        fail_reading("pstat", gen_pstats(seed, false));
    }
}
END_TEST

static struct gen_bytes copied(const char *s, size_t n)
{
    struct gen_bytes bytes = {malloc(n), n};

    ck_assert_ptr_nonnull(bytes.at);
    memcpy(bytes.at, s, n);
    return bytes;
}

START_TEST(read_linestats)
{
    static const char stats[] =
        "\x80\2c_line_profiler\nLineStats\n)\x81}(\x58\7\0\0\0timings}\x58\4\0\0\0x."
        "pyK\1\x58\1\0\0\0f\x87"
        "](K\2K\1K\7\x87K\3K\1K\7\x87"
        "es\x58\4\0\0\0unitG\x3e\xb0\xc6\xf7\xa0\xb5\xed\x8du"
        "b.";
    static const char text[] =
        "Timer unit: 1e-06 s\n\nTotal time: 2e-06 s\nFile: x.py\nFunction: f at line 1\n\n"
        "Line #      Hits         Time  Per Hit   % Time  Line Contents\n=====\n"
        "     1                                           def f():\n"
        "     2         1          2.0      2.0    100.0      pass\n\n";

    fail_reading("linestats", copied(stats, sizeof stats - 1));
    fail_reading("linestats", copied(text, sizeof text - 1));
}
END_TEST

START_TEST(read_tracemalloc)
{
    static const char snapshot[] =
        "\x80\4\x8c\x0btracemalloc\x8c\x08Snapshot\x93)\x81}(\x8c\x06traces\x8c\x0btracemalloc\x8c"
        "\x07_Traces\x93)\x81}\x8c\x07_traces](K\0K\x64\x8c\4a.py\x94K\7\x86\x94\x85\x94K\2t\x94"
        "(K\7K\x64h\2K\1t(K\0K\5h\2K\1th\3esb\x8c\x0ftraceback_limitK\1ub.";
    static const char text[] =
        "a.py:4: size=3 KiB (+1 KiB), count=1 (+1), average=3 KiB\n"
        "<Statistic traceback=<Traceback (<Frame filename='b' lineno=4>,)> size=9 count=1>\n";

    fail_reading("tracemalloc", copied(snapshot, sizeof snapshot - 1));
    fail_reading("tracemalloc", copied(text, sizeof text - 1));
}
END_TEST

/* ---- what is done with profiles ---- */

struct pair {
    const struct pf_profile *a, *b;
    const struct pf_format *format;
    enum pf_by by;
};

static enum pf_code merge_job(void *ctx)
{
    struct pair *in = ctx;
    struct pf_merge_how how = {0};
    struct pf_err err = {0};
    struct pf_profile *sum = pf_new(&mem);

    if (!sum)
        return PF_ENOMEM;
    if (pf_merge(sum, in->a, &how, &err) == 0)
        pf_merge(sum, in->b, &how, &err);
    pf_free(sum);
    return err.code;
}

static enum pf_code top_job(void *ctx)
{
    struct pair *in = ctx;
    struct pf_rows rows = {0};
    struct pf_err err = {0};

    if (pf_top(in->a, 0, in->by, &rows, &err) == 0)
        pf_dealloc(&mem, rows.at);
    return err.code;
}

/* pf_select uses its profile up: each job has one of its own. */
static enum pf_code select_job(void *ctx)
{
    const uint64_t *seed = ctx;
    const char *keys[] = {"thread"}, *to[] = {"x"};
    struct pf_selected told;
    struct pf_err err = {0};
    struct pf_profile *p = gen_profile(&mem, *seed, GEN_ANY), *q = NULL;
    struct pf_pattern *any = p ? pf_pattern_new(&mem, "[a-m]", &err) : NULL;
    struct pf_tag_filter *tags = any ? pf_tag_filter_new(&mem, "k=a,b", &err) : NULL;

    if (tags) {
        struct pf_patterns all = {&any, 1};
        struct pf_select how = {.tag_root = {keys, 1},
                                .focus = all,
                                .hide = all,
                                .tag_hide = all,
                                .tag_ignore = tags,
                                .no_idle = true,
                                .map = all,
                                .map_to = to,
                                .trim = {keys, 1},
                                .granularity = PF_MODULES,
                                .depth = 3,
                                .min = 0.01,
                                .redact = "salt"};
        q = pf_select(p, &how, &told, &err);
    }
    pf_free(q);
    pf_free(p);
    pf_tag_filter_free(tags);
    pf_pattern_free(any);
    return p ? err.code : PF_ENOMEM;
}

START_TEST(select_from_generated)
{
    for (uint64_t seed = 0; seed < 8; seed++)
        fail_every_allocation(select_job, &seed);
}
END_TEST

static enum pf_code write_job(void *ctx)
{
    struct pair *in = ctx;
    struct pf_write how = {.type = -1};
    struct pf_err err = {0};
    struct pf_sink *k = pf_create(&mem, "/dev/null", in->format->packing, &err);

    if (!k)
        return err.code;
    if (in->format->write(in->a, k, &how, &err)) {
        pf_abandon(k);
        return err.code;
    }
    pf_end_frame(k);
    pf_commit(k, &err);
    return err.code;
}

static void fail_work(const struct pf_profile *a, const struct pf_profile *b)
{
    struct pair in = {.a = a, .b = b};

    fail_every_allocation(merge_job, &in);
    for (int by = PF_BY_FUNCTION; by <= PF_BY_STACK; by++) {
        in.by = (enum pf_by)by;
        fail_every_allocation(top_job, &in);
    }
    for (size_t i = 0; pf_formats[i]; i++) {
        in.format = pf_formats[i];
        if (in.format->write)
            fail_every_allocation(write_job, &in);
    }
}

START_TEST(work_on_generated)
{
    for (uint64_t seed = 0; seed < 4; seed++) {
        struct pf_profile *a = gen_profile(&mem, 2 * seed, GEN_FOLDED);
        struct pf_profile *b = gen_profile(&mem, 2 * seed + 1, GEN_FOLDED);
        ck_assert(a && b);
        fail_work(a, b);
        pf_free(a);
        pf_free(b);
    }
}
END_TEST

START_TEST(work_on_pstats)
{
    struct pf_err err = {0};
    struct gen_bytes bytes[2] = {gen_pstats(1, true), gen_pstats(2, true)};
    struct pf_profile *a = gen_read(&mem, bytes[0], "pstat", &err);
    struct pf_profile *b = gen_read(&mem, bytes[1], "pstat", &err);

    ck_assert_msg(a && b, "%s", err.msg);
    fail_work(a, b);
    pf_free(a);
    pf_free(b);
    free(bytes[0].at);
    free(bytes[1].at);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("alloc");
    TCase *t = tcase_create("alloc");
    SRunner *r = srunner_create(s);

    tcase_add_checked_fixture(t, start, finish);
    tcase_set_timeout(t, 300);
    tcase_add_test(t, read_pb);
    tcase_add_test(t, read_pprof);
    tcase_add_test(t, read_folded);
    tcase_add_loop_test(t, read_texts, 0, sizeof texts / sizeof *texts);
    tcase_add_test(t, read_pstat);
    tcase_add_test(t, read_tracemalloc);
    tcase_add_test(t, read_linestats);
    tcase_add_test(t, work_on_generated);
    tcase_add_test(t, work_on_pstats);
    tcase_add_test(t, select_from_generated);
    suite_add_tcase(s, t);
    srunner_run_all(r, CK_ENV);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
