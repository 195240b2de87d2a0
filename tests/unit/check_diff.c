/* check_diff.c - what is joined with what, what is said of it, and the laws a difference obeys. */
#include "formats.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct pf_mem mem;
static struct pf_err err;
static struct pf_diff *d;

static void setup(void)
{
    pf_mem_init(&mem, 0);
    err = (struct pf_err){0};
    d = pf_diff_new(&mem, &(struct pf_diff_how){.by = PF_BY_FUNCTION});
}

static void teardown(void)
{
    pf_diff_free(d);
    ck_assert_uint_eq(mem.used, 0);
}

struct cost {
    const char *name, *file;
    int64_t line, time, calls;
};

/* A run of functions under main; calls < 0: nobody counted them. */
static struct pf_profile *profile(const struct cost *c)
{
    struct pf_profile *p = pf_new(&mem);
    pf_id top = pf_frame(p, pf_func(p, pf_strz(p, "main"), pf_strz(p, "main.py"), 1), 0);
    pf_id root = pf_stack(p, 0, top);

    pf_type_add(p, "time", "nanoseconds", PF_SUM);
    if (c->calls >= 0)
        pf_type_add(p, "calls", "count", PF_SUM);
    for (; c->name; c++) {
        pf_id f = pf_func(p, pf_strz(p, c->name), pf_strz(p, c->file), c->line);
        int64_t values[] = {c->time, c->calls};
        pf_sample(p, pf_stack(p, root, pf_frame(p, f, 0)), 0, values);
    }
    return p;
}

static int try(enum pf_side side, struct pf_profile *p)
{
    int failed = pf_diff_add(d, side, p, 0, side == PF_BASE ? "old.prof" : "new.prof", &err);
    pf_free(p);
    return failed;
}

static void add(enum pf_side side, const struct cost *c)
{
    ck_assert_msg(try(side, profile(c)) == 0, "%s", err.msg);
}

static void finish(void)
{
    ck_assert_msg(pf_diff_finish(d, &err) == 0, "%s", err.msg);
}

static const struct pf_diff_row *find(const char *name, int64_t line)
{
    const struct pf_diff_row *row = NULL;

    for (uint32_t i = 0; i < d->n; i++)
        if (!strcmp(pf_str_at(d->names, d->names->funcs.at[d->at[i].func].name).s, name)
            && (!line || d->at[i].line == line)) {
            ck_assert_msg(!row, "two rows of %s", name);
            row = &d->at[i];
        }
    ck_assert_msg(row != NULL, "no row of %s:%d", name, (int)line);
    return row;
}

static void expect(const char *name, int64_t line, enum pf_status status, int64_t base, int64_t now)
{
    const struct pf_diff_row *row = find(name, line);

    ck_assert_int_eq(row->status, status);
    ck_assert_int_eq(row->value[PF_BASE].flat, base);
    ck_assert_int_eq(row->value[PF_NEW].flat, now);
}

START_TEST(a_profile_against_itself_is_the_same)
{
    struct cost c[] = {{"f", "x.py", 1, 5, 1}, {"f", "x.py", 9, 6, 1}, {"g", "~", 0, 7, 2}, {0}};

    add(PF_BASE, c);
    add(PF_NEW, c);
    finish();
    ck_assert_uint_eq(d->n, 4);
    for (uint32_t i = 0; i < d->n; i++) {
        ck_assert_int_eq(d->at[i].verdict, PF_SAME);
        ck_assert_int_eq(d->at[i].status, PF_IN_BOTH);
        ck_assert_int_eq(d->at[i].value[0].flat, d->at[i].value[1].flat);
    }
    ck_assert_int_eq(d->side[0].total, 18);
    ck_assert_int_eq(d->side[1].total, 18);
}
END_TEST

START_TEST(verdicts_go_by_calls_and_by_equality)
{
    add(PF_BASE, (struct cost[]){{"same", "x.py", 1, 5, 1},
                                 {"slow", "x.py", 2, 5, 1},
                                 {"often", "x.py", 3, 5, 1},
                                 {"gone", "x.py", 4, 5, 1},
                                 {0}});
    add(PF_NEW, (struct cost[]){{"same", "x.py", 1, 5, 1},
                                {"slow", "x.py", 2, 9, 1},
                                {"often", "x.py", 3, 5, 2},
                                {"fresh", "x.py", 4, 1, 1},
                                {0}});
    finish();
    ck_assert_int_eq(find("same", 0)->verdict, PF_SAME);
    ck_assert_int_eq(find("slow", 0)->verdict, PF_UNDECIDED);
    ck_assert_int_eq(find("often", 0)->verdict, PF_CALLS_CHANGED);
    expect("gone", 0, PF_IN_BASE, 5, 0);
    expect("fresh", 0, PF_IN_NEW, 0, 1);
    ck_assert_int_eq(find("fresh", 0)->verdict, PF_CALLS_CHANGED);
    ck_assert_int_eq(find("main", 0)->value[PF_BASE].cum, 20);
    ck_assert_int_eq(find("main", 0)->value[PF_NEW].cum, 20);
}
END_TEST

START_TEST(unstable_calls_decide_nothing)
{
    for (int run = 0; run < 2; run++) {
        add(PF_BASE, (struct cost[]){{"f", "x.py", 1, 5, 1 + run}, {"g", "x.py", 2, 5, 1}, {0}});
        add(PF_NEW, (struct cost[]){{"f", "x.py", 1, 5, 7}, {"g", "x.py", 2, 5, 3}, {0}});
    }
    finish();
    ck_assert_int_eq(find("f", 0)->verdict, PF_UNDECIDED);
    ck_assert_int_eq(find("g", 0)->verdict, PF_CALLS_CHANGED);
    ck_assert_int_eq(find("f", 0)->value[PF_BASE].calls, 2);
}
END_TEST

START_TEST(calls_that_one_side_lacks_are_unknown)
{
    add(PF_BASE, (struct cost[]){{"f", "x.py", 1, 5, 1}, {0}});
    add(PF_NEW, (struct cost[]){{"f", "x.py", 1, 5, -1}, {0}});
    finish();
    ck_assert(d->side[PF_BASE].has_calls && !d->side[PF_NEW].has_calls);
    ck_assert_int_eq(find("f", 0)->verdict, PF_SAME);
}
END_TEST

START_TEST(means_are_rounded_half_to_even)
{
    int64_t a[] = {1, 2}, b[] = {-1, -2}, c[] = {2, 3}, e[] = {0, 4};

    for (int run = 0; run < 2; run++)
        add(PF_BASE, (struct cost[]){{"a", "x.py", 1, a[run], -1},
                                     {"b", "x.py", 2, b[run], -1},
                                     {"c", "x.py", 3, c[run], -1},
                                     {run ? "e" : "a", "x.py", run ? 4 : 1, e[run], -1},
                                     {0}});
    finish();
    expect("a", 0, PF_IN_BASE, 2, 0);
    expect("b", 0, PF_IN_BASE, -2, 0);
    expect("c", 0, PF_IN_BASE, 2, 0);
    expect("e", 0, PF_IN_BASE, 2, 0); /* 0 in the run without it */
    ck_assert_int_eq(d->side[PF_BASE].total, 4);
}
END_TEST

START_TEST(shifted_lines_are_no_change)
{
    add(PF_BASE, (struct cost[]){{"f", "x.py", 10, 1, -1}, {"f", "x.py", 20, 2, -1}, {0}});
    add(PF_NEW, (struct cost[]){{"f", "x.py", 20, 1, -1}, {"f", "x.py", 30, 2, -1}, {0}});
    finish();
    ck_assert_uint_eq(d->n, 3);
    expect("f", 20, PF_IN_BOTH, 1, 1);
    expect("f", 30, PF_IN_BOTH, 2, 2);
}
END_TEST

/* One more, in the middle or before all others, which makes the rest move. */
START_TEST(one_more_moves_the_rest)
{
    bool first = _i / 2, turned = _i % 2;
    struct cost old[] = {
        {"f", "x.py", 10, 1, -1}, {"f", "x.py", 20, 2, -1}, {"f", "x.py", 30, 3, -1}, {0}};
    struct cost new[] = {{"f", "x.py", first ? 22 : 10, 1, -1},
                         {"f", "x.py", first ? 10 : 15, 7, -1},
                         {"f", "x.py", first ? 32 : 20, 2, -1},
                         {"f", "x.py", first ? 42 : 30, 3, -1},
                         {0}};

    add(PF_BASE, turned ? new : old);
    add(PF_NEW, turned ? old : new);
    finish();
    ck_assert_uint_eq(d->n, 5);
    for (uint32_t i = 0; i < d->n; i++) {
        const struct pf_diff_row *row = &d->at[i];
        int64_t more = row->value[turned ? PF_BASE : PF_NEW].flat;
        if (row->status == PF_IN_BOTH)
            ck_assert_int_eq(row->value[PF_BASE].flat, row->value[PF_NEW].flat);
        else
            ck_assert_int_eq(more, 7);
    }
}
END_TEST

/* Six list comprehensions where there were four, none of them moved as far as the next one. In the
 * order of their lines, or by one shift for all, the slow one would have been the header. */
START_TEST(groups_of_unequal_size_pair_the_most_alike)
{
    static const struct cost old[] = {{"<listcomp>", "r.py", 40, 1500, 1},
                                      {"<listcomp>", "r.py", 88, 910000, 2000},
                                      {"<listcomp>", "r.py", 131, 905000000, 1},
                                      {"<listcomp>", "r.py", 170, 40000, 50},
                                      {"g", "r.py", 7, 1, 1},
                                      {0}};
    static const struct cost new[] = {{"<listcomp>", "r.py", 44, 1600, 1},
                                      {"<listcomp>", "r.py", 61, 30000000, 300},
                                      {"<listcomp>", "r.py", 95, 950000, 2000},
                                      {"<listcomp>", "r.py", 139, 1000000000, 1},
                                      {"<listcomp>", "r.py", 150, 12000, 7},
                                      {"<listcomp>", "r.py", 190, 42000, 50},
                                      {"g", "r.py", 7, 1, 1},
                                      {0}};
    bool turned = _i;

    add(PF_BASE, turned ? new : old);
    add(PF_NEW, turned ? old : new);
    finish();
    ck_assert_uint_eq(d->n, 8);
    for (uint32_t i = 0; i < d->n; i++) {
        const struct pf_diff_row *row = &d->at[i];
        const char *name = pf_str_at(d->names, d->names->funcs.at[row->func].name).s;
        int64_t least = row->value[0].calls, most = row->value[1].calls;
        ck_assert_int_eq(row->ambiguous, !strcmp(name, "<listcomp>"));
        if (row->status == PF_IN_BOTH)
            ck_assert_int_eq(least, most);
        else
            ck_assert(least + most == 300 || least + most == 7);
    }
    if (!turned) {
        expect("<listcomp>", 44, PF_IN_BOTH, 1500, 1600);
        expect("<listcomp>", 139, PF_IN_BOTH, 905000000, 1000000000);
        expect("<listcomp>", 190, PF_IN_BOTH, 40000, 42000);
    }
}
END_TEST

START_TEST(what_is_too_unlike_stays_alone)
{
    add(PF_BASE, (struct cost[]){{"f", "x.py", 10, 1000, 1}, {"g", "x.py", 10, 5, 1}, {0}});
    add(PF_NEW, (struct cost[]){{"f", "x.py", 30, 700000000, 900},
                                {"f", "x.py", 50, 50000000, 90000},
                                {"g", "x.py", 30, 5000000, 1}, /* equal calls: it got slower */
                                {"g", "x.py", 50, 900, 3000},
                                {0}});
    finish();
    expect("f", 10, PF_IN_BASE, 1000, 0);
    expect("f", 30, PF_IN_NEW, 0, 700000000);
    expect("g", 30, PF_IN_BOTH, 5, 5000000);
}
END_TEST

/* Beyond the size that is aligned they go by their order; all are told to be a guess. */
START_TEST(large_groups_go_by_order)
{
    enum { OLD = 70, NEW = 80 };
    static struct cost old[OLD + 1], new[NEW + 1];

    for (int i = 0; i < OLD; i++)
        old[i] = (struct cost){"f", "x.py", 10 * i + 1, i, 1};
    for (int i = 0; i < NEW; i++)
        new[i] = (struct cost){"f", "x.py", 10 * i + 2, i, 1};
    add(PF_BASE, old);
    add(PF_NEW, new);
    finish();
    ck_assert_uint_eq(d->n, NEW + 1);
    for (int i = 0; i < NEW; i++) {
        expect("f", 10 * i + 2, i < OLD ? PF_IN_BOTH : PF_IN_NEW, i < OLD ? i : 0, i);
        ck_assert(find("f", 10 * i + 2)->ambiguous);
    }
}
END_TEST

START_TEST(files_below_a_root_are_one_on_all_machines)
{
    add(PF_BASE, (struct cost[]){{"f", "/usr/lib/python3.9/json/decoder.py", 3, 1, -1},
                                 {"g", "/a/lib/python3.9/site-packages/p/q.py", 1, 2, -1},
                                 {"h", "<frozen importlib._bootstrap>", 8, 3, -1},
                                 {"n", "/a/site-packages/p/native.c", 8, 4, -1},
                                 {0}});
    add(PF_NEW, (struct cost[]){{"f", "C:\\Python\\Lib\\json\\decoder.py", 4, 1, -1},
                                {"g", "/b/lib/python3.11/site-packages/p/q.pyc", 1, 2, -1},
                                {"h", "/usr/lib/python3.7/importlib/_bootstrap.py", 9, 3, -1},
                                {"n", "/b/dist-packages/p/native.c", 8, 4, -1},
                                {0}});
    finish();
    ck_assert_uint_eq(d->n, 5);
    expect("f", 0, PF_IN_BOTH, 1, 1);
    expect("g", 0, PF_IN_BOTH, 2, 2);
    expect("h", 0, PF_IN_BOTH, 3, 3);
    expect("n", 0, PF_IN_BOTH, 4, 4);
}
END_TEST

START_TEST(moved_files_are_joined_where_that_is_plain)
{
    add(PF_BASE, (struct cost[]){{"f", "/home/a/app/server.py", 3, 1, -1},
                                 {"f", "/home/a/app/server.py", 9, 2, -1},
                                 {"run", "/home/a/x/util.py", 1, 4, -1},
                                 {"run", "/home/a/y/util.py", 1, 5, -1},
                                 {"<method of type at 0x7f00>", "~", 0, 6, -1},
                                 {0}});
    add(PF_NEW, (struct cost[]){{"f", "/srv/app/server.py", 4, 1, -1},
                                {"f", "/srv/app/server.py", 10, 2, -1},
                                {"run", "/srv/x/util.py", 1, 4, -1},
                                {"<method of type at 0x7faa>", "~", 0, 6, -1},
                                {0}});
    finish();
    expect("f", 4, PF_IN_BOTH, 1, 1);
    expect("f", 10, PF_IN_BOTH, 2, 2);
    expect("<method of type at 0x7faa>", 0, PF_IN_BOTH, 6, 6);
    int alone = 0;
    for (uint32_t i = 0; i < d->n; i++)
        alone += d->at[i].status != PF_IN_BOTH;
    ck_assert_int_eq(alone, 1); /* /home/a is /srv now: x is joined, and y is gone */
}
END_TEST

START_TEST(stacks_are_joined_without_lines)
{
    pf_diff_free(d);
    d = pf_diff_new(&mem, &(struct pf_diff_how){.by = PF_BY_STACK});
    add(PF_BASE, (struct cost[]){{"f", "x.py", 10, 1, -1}, {"g", "x.py", 20, 2, -1}, {0}});
    add(PF_NEW, (struct cost[]){{"f", "x.py", 11, 5, -1}, {"h", "x.py", 20, 2, -1}, {0}});
    finish();
    ck_assert_uint_eq(d->n, 3);
    expect("f", 0, PF_IN_BOTH, 1, 5);
    expect("g", 0, PF_IN_BASE, 2, 0);
    expect("h", 0, PF_IN_NEW, 0, 2);
}
END_TEST

START_TEST(other_units_are_refused)
{
    struct pf_profile *p = pf_new(&mem);
    int64_t v = 1;

    add(PF_BASE, (struct cost[]){{"f", "x.py", 1, 1, -1}, {0}});
    pf_type_add(p, "time", _i ? "nanoseconds" : "ticks", _i ? PF_PEAK : PF_SUM);
    pf_sample(p, 0, 0, &v);
    ck_assert_int_eq(try(PF_NEW, p), -1);
    ck_assert_int_eq(err.code, PF_EVALUE);
    ck_assert_ptr_nonnull(strstr(err.msg, "cannot compare"));
}
END_TEST

START_TEST(differences_too_large_are_told)
{
    add(PF_BASE,
        (struct cost[]){{"f", "x.py", 1, INT64_MIN, -1}, {"g", "x.py", 1, INT64_MAX, -1}, {0}});
    add(PF_NEW, (struct cost[]){{"f", "x.py", 1, 1, -1}, {0}});
    ck_assert_int_eq(pf_diff_finish(d, &err), -1);
    ck_assert_int_eq(err.code, PF_EVALUE);
}
END_TEST

/* ---- laws, at random ---- */

static uint32_t state;

static uint32_t any(uint32_t n)
{
    state = state * 1664525 + 1013904223;
    return (state >> 8) % n;
}

static void random_costs(struct cost *c, int n)
{
    static const char *const names[] = {"a", "b", "<lambda>"}, *const files[] = {"x.py", "y.py",
                                                                                 "~"};

    for (int i = 0; i < n; i++)
        c[i] = (struct cost){names[any(3)], files[any(3)], any(12), any(9), any(3)};
    c[n] = (struct cost){0};
}

/* The row of d that has the name and file of a row of another difference. */
static const struct pf_diff_row *find_same(const struct pf_diff *other,
                                           const struct pf_diff_row *row)
{
    const struct pf_func *f = &other->names->funcs.at[row->func];

    for (uint32_t i = 0; i < d->n; i++) {
        const struct pf_func *g = &d->names->funcs.at[d->at[i].func];
        if (!strcmp(pf_str_at(other->names, f->name).s, pf_str_at(d->names, g->name).s)
            && !strcmp(pf_str_at(other->names, f->file).s, pf_str_at(d->names, g->file).s))
            return &d->at[i];
    }
    ck_abort_msg("no row of the name");
}

static int64_t sum_of_deltas(void)
{
    int64_t sum = 0;
    for (uint32_t i = 0; i < d->n; i++)
        sum += d->at[i].value[PF_NEW].flat - d->at[i].value[PF_BASE].flat;
    return sum;
}

START_TEST(turned_round_the_signs_turn)
{
    struct cost a[31], b[25];
    state = (uint32_t)_i;
    random_costs(a, 30);
    random_costs(b, 24);

    add(PF_BASE, a);
    add(PF_NEW, b);
    finish();
    int64_t delta = d->side[PF_NEW].total - d->side[PF_BASE].total;
    ck_assert_int_eq(sum_of_deltas(), delta);
    struct pf_diff *there = d;
    d = pf_diff_new(&mem, &(struct pf_diff_how){.by = PF_BY_FUNCTION});
    add(PF_BASE, b);
    add(PF_NEW, a);
    finish();
    ck_assert_int_eq(sum_of_deltas(), -delta);
    ck_assert_uint_eq(there->n, d->n);
    int64_t base = 0, now = 0;
    for (uint32_t i = 0; i < d->n; i++) {
        base += there->at[i].value[PF_BASE].flat - d->at[i].value[PF_NEW].flat;
        now += (there->at[i].status == PF_IN_BOTH) - (d->at[i].status == PF_IN_BOTH);
    }
    ck_assert_int_eq(base, 0);
    ck_assert_int_eq(now, 0);
    pf_diff_free(there);
}
END_TEST

/* Statistics of several runs turn their signs and keep their chances. */
START_TEST(turned_round_the_chances_stay)
{
    enum { RUNS = 5, ROWS = 12 };
    struct pf_diff *there = d,
                   *back = pf_diff_new(&mem, &(struct pf_diff_how){.by = PF_BY_FUNCTION});
    struct cost c[ROWS + 1];

    state = (uint32_t)_i;
    for (int run = 0; run < 2 * RUNS; run++) {
        random_costs(c, ROWS);
        for (int i = 0; i < ROWS; i++)
            c[i].line = 1 + (c[i].name[0] - 'a'); /* a row each name and file */
        d = there;
        add(run % 2 ? PF_NEW : PF_BASE, c);
        d = back;
        add(run % 2 ? PF_BASE : PF_NEW, c);
    }
    d = there;
    finish();
    d = back;
    finish();
    ck_assert_uint_eq(there->n, back->n);
    ck_assert_uint_eq(there->tested, back->tested);
    for (uint32_t i = 0; i < there->n; i++) {
        const struct pf_diff_row *x = &there->at[i], *y = find_same(there, x);
        ck_assert_int_eq(x->test.tested, y->test.tested);
        ck_assert_int_eq(x->test.effect, -y->test.effect);
        ck_assert_int_eq(x->test.low, -y->test.high);
        ck_assert(x->test.p > y->test.p - 1e-12 && x->test.p < y->test.p + 1e-12);
        ck_assert(x->test.q > y->test.q - 1e-12 && x->test.q < y->test.q + 1e-12);
    }
    pf_diff_free(there);
}
END_TEST

START_TEST(every_allocation_may_fail)
{
    struct cost c[] = {{"f", "x.py", 1, 5, 1}, {"f at 0x1", "/a/x.py", 9, 6, 1}, {0}};
    struct cost e[] = {{"f", "x.py", 4, 5, 1}, {"f at 0x2", "/b/x.py", 9, 6, 1}, {0}};
    struct pf_profile *p = profile(c), *q = profile(e);

    for (int by = PF_BY_FUNCTION; by <= PF_BY_STACK; by++)
        for (uint64_t n = 1;; n++) {
            size_t used = mem.used;
            err = (struct pf_err){0};
            mem.fail_at = mem.count + n;
            struct pf_diff *x = pf_diff_new(&mem, &(struct pf_diff_how){.by = (enum pf_by)by});
            bool ok = x && !pf_diff_add(x, PF_BASE, p, 0, "a", &err)
                      && !pf_diff_add(x, PF_BASE, q, 0, "a", &err)
                      && !pf_diff_add(x, PF_NEW, q, 0, "b", &err)
                      && !pf_diff_add(x, PF_NEW, p, 0, "b", &err) && !pf_diff_finish(x, &err);
            mem.fail_at = 0;
            pf_diff_free(x);
            ck_assert_uint_eq(mem.used, used);
            if (ok)
                break;
            ck_assert(!x || err.code == PF_ENOMEM);
        }
    pf_free(p);
    pf_free(q);
}
END_TEST

/* ---- the signed profile ---- */

static struct pf_profile *signed_profile(void)
{
    struct pf_profile *base =
        profile((struct cost[]){{"f", "x.py", 1, 5, 1}, {"g", "x.py", 2, 3, 1}, {0}});
    struct pf_profile *now =
        profile((struct cost[]){{"f", "x.py", 1, 9, 1}, {"h", "x.py", 2, 1, 4}, {0}});

    return pf_diff_profile(base, now, NULL, &err);
}

START_TEST(the_signed_profile_is_the_difference)
{
    struct pf_profile *p = signed_profile();
    struct pf_rows rows;

    ck_assert_ptr_nonnull(p);
    ck_assert_uint_eq(p->samples.n, 4);
    ck_assert_int_eq(pf_check(p, NULL, NULL), 0);
    for (uint32_t i = 0; i < p->samples.n; i++) {
        pf_id set = p->samples.labels[i];
        bool minus = p->samples.value[0][i] < 0;
        ck_assert_uint_eq(p->sets.first[set + 1] - p->sets.first[set], minus);
        if (minus) {
            struct pf_label l = p->labels.at[p->sets.item[p->sets.first[set]]];
            ck_assert_str_eq(pf_str_at(p, l.key).s, "pprof::base");
            ck_assert_str_eq(pf_str_at(p, l.str).s, "true");
        }
    }
    ck_assert_int_eq(pf_top(p, 0, PF_BY_FUNCTION, &rows, &err), 0);
    ck_assert_int_eq(rows.total, 2);
    ck_assert_int_eq(rows.at[0].flat, 4);
    ck_assert_int_eq(rows.at[rows.n - 1].flat, -3);
    pf_dealloc(&mem, rows.at);
    pf_free(p);
}
END_TEST

/* What is read may have a sample twice: the difference has it once, and none of it is lost. */
START_TEST(samples_that_stand_twice_become_one)
{
    struct cost twice[] = {{"f", "x.py", 1, 5, 1}, {"f", "x.py", 1, 4, 1}, {0}};
    struct pf_profile *base = profile(twice), *now = profile(twice);
    struct pf_profile *p = pf_diff_profile(base, now, NULL, &err);

    ck_assert_ptr_nonnull(p);
    ck_assert_uint_eq(p->samples.n, 2);
    ck_assert_int_eq(p->samples.value[0][0], 9);
    ck_assert_int_eq(p->samples.value[0][1], -9);
    pf_free(p);
}
END_TEST

START_TEST(a_difference_without_memory_leaves_nothing)
{
    size_t used = mem.used;

    for (uint64_t n = 1; n < 300; n++) {
        err = (struct pf_err){0};
        struct pf_profile *base = profile((struct cost[]){{"f", "x.py", 1, 5, 1}, {0}});
        struct pf_profile *now = profile((struct cost[]){{"f", "x.py", 1, 9, 1}, {0}});
        mem.fail_at = mem.count + n;
        struct pf_profile *p = pf_diff_profile(base, now, NULL, &err);
        mem.fail_at = 0;
        ck_assert(p || err.code == PF_ENOMEM);
        pf_free(p);
        ck_assert_uint_eq(mem.used, used);
    }
}
END_TEST

START_TEST(what_cannot_be_negated_is_told)
{
    struct cost least[] = {{"f", "x.py", 1, INT64_MIN, 1}, {0}};

    ck_assert_ptr_null(pf_diff_profile(profile(least), profile(least), NULL, &err));
    ck_assert_int_eq(err.code, PF_EVALUE);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("diff");
    TCase *t = tcase_create("rows");

    tcase_add_checked_fixture(t, setup, teardown);
    tcase_set_timeout(t, 30);
    tcase_add_test(t, a_profile_against_itself_is_the_same);
    tcase_add_test(t, verdicts_go_by_calls_and_by_equality);
    tcase_add_test(t, unstable_calls_decide_nothing);
    tcase_add_test(t, calls_that_one_side_lacks_are_unknown);
    tcase_add_test(t, means_are_rounded_half_to_even);
    tcase_add_test(t, shifted_lines_are_no_change);
    tcase_add_loop_test(t, one_more_moves_the_rest, 0, 4);
    tcase_add_loop_test(t, groups_of_unequal_size_pair_the_most_alike, 0, 2);
    tcase_add_test(t, what_is_too_unlike_stays_alone);
    tcase_add_test(t, large_groups_go_by_order);
    tcase_add_test(t, files_below_a_root_are_one_on_all_machines);
    tcase_add_test(t, moved_files_are_joined_where_that_is_plain);
    tcase_add_test(t, stacks_are_joined_without_lines);
    tcase_add_loop_test(t, other_units_are_refused, 0, 2);
    tcase_add_test(t, differences_too_large_are_told);
    tcase_add_loop_test(t, turned_round_the_signs_turn, 0, 40);
    tcase_add_loop_test(t, turned_round_the_chances_stay, 0, 20);
    tcase_add_test(t, every_allocation_may_fail);
    tcase_add_test(t, the_signed_profile_is_the_difference);
    tcase_add_test(t, samples_that_stand_twice_become_one);
    tcase_add_test(t, a_difference_without_memory_leaves_nothing);
    tcase_add_test(t, what_cannot_be_negated_is_told);
    suite_add_tcase(s, t);

    SRunner *r = srunner_create(s);
    srunner_run_all(r, CK_ENV);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
