/* check_gate.c - gate expressions: what they say of a row, what is undecided, what is refused. */
#include "formats.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

static struct pf_mem mem;
static struct pf_err err;
static struct pf_diff *d;

enum { RUNS_ONE = 1, RUNS_TEN = 10 };

/* One run: main with f and g; `scale` makes f slower, run adds a little noise. */
static void add(enum pf_side side, int run, int64_t f_time, int64_t f_calls)
{
    struct pf_profile *p = pf_new(&mem);
    pf_id file = pf_strz(p, "app.py");
    pf_id f = pf_stack(p, 0, pf_frame(p, pf_func(p, pf_strz(p, "f"), file, 1), 0));
    pf_id g = pf_stack(p, 0, pf_frame(p, pf_func(p, pf_strz(p, "g"), file, 9), 0));

    pf_type_add(p, "time", "nanoseconds", PF_SUM);
    pf_type_add(p, "calls", "count", PF_SUM);
    pf_type_add(p, "space", "bytes", PF_GAUGE);
    pf_sample(p, f, 0, (int64_t[]){f_time + run, f_calls, (int64_t)PF_MIB * (1 + side)});
    pf_sample(p, g, 0, (int64_t[]){9000000 + 17 * (run * 7 % 10), 4, 0});
    ck_assert_msg(!pf_diff_add(d, side, p, 0, "x", &err), "%s", err.msg);
    pf_free(p);
}

static void start(void)
{
    pf_mem_init(&mem, 0);
    err = (struct pf_err){0};
    d = pf_diff_new(&mem, &(struct pf_diff_how){.by = PF_BY_FUNCTION});
}

static void compare(int runs)
{
    for (int run = 0; run < runs; run++) {
        add(PF_BASE, run, 1000000, 10);
        add(PF_NEW, run, 1500000, 11);
    }
    ck_assert_msg(!pf_diff_finish(d, &err), "%s", err.msg);
}

static void finish(void)
{
    pf_diff_free(d);
    ck_assert_uint_eq(mem.used, 0);
}

static const struct pf_diff_row *row_of(const char *name)
{
    for (uint32_t i = 0; i < d->n; i++)
        if (!strcmp(pf_str_at(d->names, d->names->funcs.at[d->at[i].func].name).s, name))
            return &d->at[i];
    ck_abort_msg("no row of %s", name);
}

static enum pf_answer ask(const char *text, const char *name)
{
    struct pf_gate_result result;
    struct pf_gate *g = pf_gate_new(&mem, text, &err);

    ck_assert_msg(g != NULL, "%s: %s", text, err.msg);
    ck_assert_msg(!pf_gate_try(g, d, &result, &err), "%s: %s", text, err.msg);
    enum pf_answer answer = name ? pf_gate_row(g, d, row_of(name)) : result.answer;
    pf_dealloc(&mem, result.rows);
    pf_gate_free(g);
    return answer;
}

static const struct {
    const char *text, *row;
    enum pf_answer answer;
} one_run[] = {
    {"time > +10%", "f", PF_YES},
    {"time > +50%", "f", PF_NO}, /* exactly */
    {"time >= +50%", "f", PF_YES},
    {"time > +10%", "g", PF_NO},
    {"time < -10%", "f", PF_NO},
    {"time > +0.4ms", "f", PF_YES},
    {"time > +0.5ms", "f", PF_NO},
    {"time>+499us", "f", PF_YES},
    {"time > 1.4ms", "f", PF_YES},
    {"time > 1600000", "f", PF_NO},
    {"calls > +0", "f", PF_YES},
    {"calls > +0", "g", PF_NO},
    {"calls == 11", "f", PF_YES},
    {"calls != 11", "f", PF_NO},
    {"calls > +5%", "f", PF_YES},
    {"per_call > +10%", "f", PF_YES},
    {"per-call > 2ms", "g", PF_YES},
    {"share > 10%", "f", PF_YES},
    {"share > 0.2", "f", PF_NO},
    {"share > +4%", "f", PF_YES},
    {"q < 0.05", "f", PF_UNKNOWN},
    {"p < 0.05", "f", PF_UNKNOWN},
    {"time > +10% and q < 0.05", "f", PF_UNKNOWN},
    {"time > +10% and q < 0.05", "g", PF_NO}, /* whatever q is */
    {"time > +10% or q < 0.05", "f", PF_YES},
    {"not q < 0.05", "f", PF_UNKNOWN},
    {"not time > +10%", "f", PF_NO},
    {"not not time > +10%", "f", PF_YES},
    {"time > +90% or time > +10% and calls > +0", "f", PF_YES}, /* and before or */
    {"(time > +90% or time > +10%) and calls > +9", "f", PF_NO},
    {"time > +10% or time > +90% and calls > +9", "f", PF_YES},
    {"not time > +90% and calls > +0", "f", PF_YES}, /* not before and */
    {"not (time > +90% and calls > +0)", "f", PF_YES},
    {"((((time > +10%))))", "f", PF_YES},
    {"total.time > +4%", NULL, PF_YES},
    {"total.time > +10%", NULL, PF_NO},
    {"total.space > +0.9MiB", NULL, PF_YES},
    {"total.space > +1MiB", NULL, PF_NO},
    {"total.calls > +0 and not total.space > 1TiB", NULL, PF_YES},
    {"total.time > +4% and time > +10%", "f", PF_YES},
    {"total.time > +4% and q < 0.05", NULL, PF_UNKNOWN},
};

START_TEST(one_run_a_side)
{
    compare(RUNS_ONE);
    ck_assert_msg(ask(one_run[_i].text, one_run[_i].row) == one_run[_i].answer, "%s",
                  one_run[_i].text);
}
END_TEST

START_TEST(many_runs_decide)
{
    compare(RUNS_TEN);
    ck_assert_int_eq(ask("time > +10% and q < 0.05", "f"), PF_YES);
    ck_assert_int_eq(ask("time > +10% and q < 0.05", NULL), PF_YES);
    ck_assert_int_eq(ask("q < 0.05", "g"), PF_NO);
    ck_assert_int_eq(ask("effect > +40%", "f"), PF_YES);
    ck_assert_int_eq(ask("effect > +0.6ms", "f"), PF_NO);
    ck_assert_int_eq(ask("total.time > +4% and q < 0.05", NULL), PF_YES);
    ck_assert_int_eq(ask("q < 0.000000001", "f"), PF_UNKNOWN); /* ten runs cannot say that */
}
END_TEST

/* Three runs a side: one of 20 splits is as far. */
START_TEST(what_few_runs_cannot_say_is_undecided)
{
    compare(3);
    ck_assert_int_eq(ask("q < 0.05", "f"), PF_UNKNOWN);
    ck_assert_int_eq(ask("q < 0.3", "f"), PF_YES);
    ck_assert_int_eq(ask("time > +10% and q < 0.05", NULL), PF_UNKNOWN);
}
END_TEST

START_TEST(new_rows_are_beyond_any_percentage)
{
    add(PF_BASE, 0, 0, 0);
    add(PF_NEW, 0, 5, 1);
    ck_assert(!pf_diff_finish(d, &err));
    ck_assert_int_eq(ask("time > +100000%", "f"), PF_YES);
    ck_assert_int_eq(ask("time < -1%", "f"), PF_NO);
}
END_TEST

static const struct {
    const char *text;
    uint64_t at;
    const char *says;
} broken[] = {
    {"", 0, "expected a name"},
    {"time", 4, "expected <"},
    {"time >> +1%", 6, "expected a number"},
    {"time > ", 7, "expected a number"},
    {"time > +1% and", 14, "expected a name"},
    {"time > +1% time > 2", 11, "expected 'and', 'or' or the end"},
    {"time > +1% & q < 1", 11, "expected 'and', 'or' or the end"},
    {"(time > +1%", 0, "no ')'"},
    {"time > +1%)", 10, "no '('"},
    {"time > 10%", 7, "needs its sign"},
    {"q < +0.05", 4, "do not change"},
    {"calls > +3ms", 8, "without a unit"},
    {"total. > 3", 6, "expected a type"},
    {"5 > time", 0, "expected a name"},
    {"time > 99999999999999999999", 7, "too large"},
    {"time > +1% or or q < 1", 14, "expected"},
};

START_TEST(broken_expressions_say_where)
{
    struct pf_gate *g = pf_gate_new(&mem, broken[_i].text, &err);

    ck_assert_msg(g == NULL, "%s", broken[_i].text);
    ck_assert_int_eq(err.where, PF_AT_OFFSET);
    ck_assert_msg(err.at == broken[_i].at, "%s: at %d", broken[_i].text, (int)err.at);
    ck_assert_msg(strstr(err.msg, broken[_i].says) != NULL, "%s: %s", broken[_i].text, err.msg);
}
END_TEST

static const struct {
    const char *text;
    uint64_t at;
} unfit[] = {
    {"space > +1%", 0},  {"time > +1% and space > +1%", 15}, {"total.nothing > +1%", 0},
    {"time > +3KiB", 9}, {"time > +3furlongs", 9},           {"total.space > +1ms", 16},
};

START_TEST(what_the_rows_lack_is_told)
{
    struct pf_gate_result result;

    compare(RUNS_ONE);
    struct pf_gate *g = pf_gate_new(&mem, unfit[_i].text, &err);
    ck_assert_ptr_nonnull(g);
    ck_assert_int_eq(pf_gate_try(g, d, &result, &err), -1);
    ck_assert_int_eq(err.where, PF_AT_OFFSET);
    ck_assert_msg(err.at == unfit[_i].at, "%s: at %d", unfit[_i].text, (int)err.at);
    pf_gate_free(g);
}
END_TEST

START_TEST(too_long_is_refused)
{
    enum { TIMES = 5000 };
    char *text = calloc(TIMES + 20, 1);

    memset(text, '(', TIMES);
    memcpy(text + TIMES, "time > 3", 9);
    ck_assert_ptr_null(pf_gate_new(&mem, text, &err));
    ck_assert_ptr_nonnull(strstr(err.msg, "too long"));
    free(text);
}
END_TEST

START_TEST(allocations_may_fail)
{
    compare(RUNS_ONE);
    for (uint64_t n = 1; n < 5; n++) {
        struct pf_gate_result result = {0};
        err = (struct pf_err){0};
        mem.fail_at = mem.count + n;
        struct pf_gate *g = pf_gate_new(&mem, "time > +1%", &err);
        int failed = g ? pf_gate_try(g, d, &result, &err) : -1;
        mem.fail_at = 0;
        ck_assert(n < 4 ? failed && err.code == PF_ENOMEM : !failed);
        pf_dealloc(&mem, result.rows);
        pf_gate_free(g);
    }
}
END_TEST

int main(void)
{
    Suite *s = suite_create("gate");
    TCase *t = tcase_create("expressions");

    tcase_add_checked_fixture(t, start, finish);
    tcase_add_loop_test(t, one_run_a_side, 0, sizeof one_run / sizeof *one_run);
    tcase_add_test(t, many_runs_decide);
    tcase_add_test(t, what_few_runs_cannot_say_is_undecided);
    tcase_add_test(t, new_rows_are_beyond_any_percentage);
    tcase_add_loop_test(t, broken_expressions_say_where, 0, sizeof broken / sizeof *broken);
    tcase_add_loop_test(t, what_the_rows_lack_is_told, 0, sizeof unfit / sizeof *unfit);
    tcase_add_test(t, too_long_is_refused);
    tcase_add_test(t, allocations_may_fail);
    suite_add_tcase(s, t);

    SRunner *r = srunner_create(s);
    srunner_run_all(r, CK_ENV);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
