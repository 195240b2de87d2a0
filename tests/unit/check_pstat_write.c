/* check_pstat_write.c - pstats written: from tables made at random, and from stacks. */
#include "pstat_help.h"

/* ---- laws, over tables made at random ---- */

static uint64_t state;

static uint32_t dice(uint32_t n)
{
    state = state * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(state >> 33) % n;
}

static void put_random_number(struct pf_sink *k, bool ints)
{
    static const double odd[] = {0, -0.0, 1e-9, 5e-324, 2.5e-9, 123.456789012, 1e5, 0.1};
    static bool negative;

    negative = dice(30) == 0;
    if (ints || dice(6) == 0)
        pf_marshal_put_int(k, (int64_t)dice(2) << dice(20));
    else
        pf_marshal_put_float(k, (negative ? -1 : 1) * (odd[dice(8)] + dice(1000) * 1e-7));
}

static void put_random_key(struct pf_sink *k, uint32_t i)
{
    char name[] = {(char)('a' + (char)(i % 26)), (char)(0x80 + (char)(i / 26))};

    pf_marshal_put_tuple(k, 3);
    pf_marshal_put_str(k, "x.py", 4);
    pf_marshal_put_int(k, i % 3);
    pf_marshal_put_str(k, name, 2);
}

/* Consistent or not: a reader must stand both. */
static void put_random_table(struct pf_sink *k)
{
    uint32_t functions = 1 + dice(12);
    bool ints = dice(5) == 0, counts = dice(4) == 0;

    pf_marshal_put_code(k, '{');
    for (uint32_t i = 0; i < functions; i++) {
        put_random_key(k, i);
        pf_marshal_put_tuple(k, 5);
        pf_marshal_put_int(k, dice(50));
        pf_marshal_put_int(k, 50 + dice(100));
        put_random_number(k, ints);
        put_random_number(k, ints);
        pf_marshal_put_code(k, '{');
        for (uint32_t e = 0; e < functions + 2; e++) {
            if (dice(2))
                continue;
            put_random_key(k, e);
            if (!counts)
                pf_marshal_put_tuple(k, 4);
            pf_marshal_put_int(k, dice(40));
            if (counts)
                continue;
            pf_marshal_put_int(k, dice(20));
            put_random_number(k, ints);
            put_random_number(k, ints);
        }
        pf_marshal_put_code(k, '0');
    }
    pf_marshal_put_code(k, '0');
}

static void samples_add_up(void)
{
    for (uint32_t i = 0; i < p->calls.n; i++) {
        const struct pf_call *c = &p->calls.at[i];
        int64_t sum[3] = {0}, want[3] = {0, c->nc, c->cc};
        uint32_t n = 0;
        for (uint32_t s = 0; s < p->samples.n; s++) {
            if (p->frames.at[p->stacks.frame[p->samples.stack[s]]].func != c->func)
                continue;
            for (int k = 0; k < 3; k++)
                sum[k] += p->samples.value[k][s];
            n++;
        }
        ck_assert(pf_num_value(&c->tt, &want[0]));
        for (int k = 0; k < 3; k++)
            ck_assert_int_eq(sum[k], want[k]);
        ck_assert_uint_ge(n, 1);
        for (uint32_t s = 0; s < p->samples.n; s++)
            for (int k = 1; k < 3; k++)
                ck_assert_int_ge(p->samples.value[k][s], 0);
    }
}

START_TEST(samples_of_a_function_add_up_to_its_row)
{
    struct pf_sink *k = pf_create_mem(&mem, PF_PLAIN, &err);
    size_t len;

    state = (uint64_t)_i;
    put_random_table(k);
    pf_end_frame(k);
    const uint8_t *bytes = pf_sink_bytes(k, &len);
    try_bytes((const char *)bytes, len);
    samples_add_up();
    bool same_bytes = !noted("also those that are ints");
    there_and_back(same_bytes ? bytes : NULL, len);
    samples_add_up();
    pf_abandon(k);
}
END_TEST

START_TEST(every_allocation_may_fail)
{
    static const char all[] =
        "{" KEY("f") T5 ONE TWO SEC SEC "{" KEY("m") T4 ONE ONE HALF HALF "0" ROW("m") ROW("f") "0";

    for (uint64_t n = 1;; n++) {
        struct pf_err first = {0};
        mem.fail_at = mem.count + n;
        struct pf_source *in = pf_open_mem(&mem, all, sizeof all - 1, &first);
        struct pf_profile *q = pf_new(&mem);
        int status = in && q ? pf_format_pstat.read(in, q, &first) : -1;
        struct pf_sink *out = status ? NULL : pf_create_mem(&mem, PF_PLAIN, &first);
        if (out)
            q->calls.n = 0; /* so that the table is made anew */
        status = out ? pf_format_pstat.write(q, out, &(struct pf_write){.type = -1}, &first) : -1;
        mem.fail_at = 0;
        pf_abandon(out);
        pf_free(q);
        pf_close(in);
        if (!status)
            break;
        ck_assert(!in || !q || first.code == PF_ENOMEM);
        ck_assert_uint_lt(n, 1000);
    }
}
END_TEST

/* ---- a table from stacks ---- */

static pf_id stack_of(const char *names)
{
    pf_id s = 0;

    for (; *names; names++)
        s = pf_stack(p, s, pf_frame(p, pf_func(p, pf_str(p, names, 1), 0, 1), 0));
    return s;
}

START_TEST(stacks_become_edges)
{
    static const struct {
        const char *stack;
        int64_t value[2];
    } given[] = {{"m", {1000000000, 1}},
                 {"mf", {2000000000, 2}},
                 {"mfff", {4000000000, 4}},
                 {"gf", {8000000000, 8}}};

    pf_type_add(p, "time", "nanoseconds", PF_SUM);
    pf_type_add(p, "calls", "count", PF_SUM);
    pf_type_add(p, "space", "bytes", PF_SUM);
    for (size_t i = 0; i < sizeof given / sizeof *given; i++)
        pf_sample(p, stack_of(given[i].stack), 0,
                  (int64_t[]){given[i].value[0], given[i].value[1], 7});
    there_and_back(NULL, 0);
    ck_assert_str_eq(name_of(p->calls.at[0].func), "m");
    const struct pf_call *f = &p->calls.at[1];
    ck_assert_str_eq(name_of(f->func), "f");
    ck_assert_double_eq(f->tt.d, 14);
    ck_assert_double_eq(f->ct.d, 14); /* once, though it stands three times on a stack */
    ck_assert_int_eq(f->nc, 14);
    ck_assert_int_eq(f->cc, 10);
    ck_assert_str_eq(samples(), "m 1000000000 1 1 | m>f 2000000000 2 2 | f>f 4000000000 4 0 | "
                                "g>f 8000000000 8 8 | g 0 0 0");
    ck_assert_double_eq(p->calls.at[0].ct.d, 7);
    ck_assert_ptr_nonnull(strstr(lost, "whole stacks are lost"));
    ck_assert_ptr_nonnull(strstr(lost, "'space'"));
}
END_TEST

START_TEST(a_deep_stack_takes_no_recursion)
{
    enum { DEPTH = 200000 };
    pf_id s = 0, frame[2];

    for (int i = 0; i < 2; i++)
        frame[i] = pf_frame(p, pf_func(p, pf_strz(p, i ? "a" : "b"), 0, 1), 0);
    for (int i = 0; i < DEPTH; i++)
        s = pf_stack(p, s, frame[i % 2]);
    pf_type_add(p, "time", "nanoseconds", PF_SUM);
    pf_sample(p, s, 0, (int64_t[]){1000});
    there_and_back(NULL, 0);
    ck_assert_uint_eq(p->calls.n, 2);
    ck_assert_uint_eq(p->calls.n_edges, 2);
    ck_assert_double_eq(p->calls.at[0].ct.d, 1e-6);
}
END_TEST

/* Bytes stand where times do, as whole numbers; what is counted beside them is the calls. */
START_TEST(bytes_stand_for_times)
{
    pf_type_add(p, "space", "bytes", PF_GAUGE);
    pf_type_add(p, "objects", "count", PF_GAUGE);
    pf_id f = stack_of("f");
    pf_sample(p, f, 0, (int64_t[]){1000, 1});
    pf_sample(p, pf_stack(p, f, pf_frame(p, pf_func(p, pf_strz(p, "g"), 0, 0), 0)), 0,
              (int64_t[]){INT64_C(1) << 60, 3});
    there_and_back(NULL, 0);
    ck_assert_ptr_nonnull(strstr(lost, "'space' (bytes) stands where pstats has seconds\n"));
    ck_assert_ptr_nonnull(strstr(lost, "numbers of objects are written as those of calls\n"));
    ck_assert_uint_eq(p->calls.n, 2);
    ck_assert(p->calls.at[0].ct.is_int);
    ck_assert_int_eq(p->calls.at[0].tt.i, 1000);
    ck_assert_int_eq(p->calls.at[0].ct.i, (INT64_C(1) << 60) + 1000);
    ck_assert_int_eq(p->calls.edge[0].nc, 3);
}
END_TEST

/* Of peaks the largest counts, for a function and for its callers. */
START_TEST(peaks_are_no_sums)
{
    pf_type_add(p, "rss", "bytes", PF_PEAK);
    pf_id f = stack_of("f"), g = pf_frame(p, pf_func(p, pf_strz(p, "g"), 0, 0), 0);
    pf_sample(p, f, 0, (int64_t[]){50});
    pf_sample(p, pf_stack(p, f, g), 0, (int64_t[]){70});
    there_and_back(NULL, 0);
    ck_assert_ptr_nonnull(strstr(lost, "'rss' is no sum"));
    ck_assert_int_eq(p->calls.at[0].tt.i, 50);
    ck_assert_int_eq(p->calls.at[0].ct.i, 70);
}
END_TEST

START_TEST(without_values_there_is_no_table)
{
    struct pf_sink *out = pf_create_mem(&mem, PF_PLAIN, &err);

    ck_assert_int_eq(write_to(out), -1);
    ck_assert_ptr_nonnull(strstr(err.msg, "without sample types"));
    pf_abandon(out);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("pstat_write");
    TCase *t = tcase_create("tables");

    tcase_add_checked_fixture(t, setup, teardown);
    tcase_set_timeout(t, 60);
    tcase_add_loop_test(t, samples_of_a_function_add_up_to_its_row, 0, 300);
    tcase_add_test(t, every_allocation_may_fail);
    tcase_add_test(t, stacks_become_edges);
    tcase_add_test(t, a_deep_stack_takes_no_recursion);
    tcase_add_test(t, bytes_stand_for_times);
    tcase_add_test(t, peaks_are_no_sums);
    tcase_add_test(t, without_values_there_is_no_table);
    suite_add_tcase(s, t);

    SRunner *r = srunner_create(s);
    srunner_run_all(r, CK_ENV);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
