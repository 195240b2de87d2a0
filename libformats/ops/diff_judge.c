/* diff_judge.c - what of a difference is noise: rank tests over the runs, and a verdict a row. */
#include "diff.h"
#include "stats.h"

#include <math.h>
#include <string.h>

struct judging {
    struct pf_diff *d;
    const struct pf_pairing *pair;
    struct pf_ranks ranks;
    int64_t *value[2]; /* of the runs of each side */
    double *p, *q;     /* of the rows that are tested, in their order */
    uint32_t *order, *row;
    uint32_t n, varying;
    uint64_t k, k_single; /* intervals: of 95%, and such that one change among all is found */
    struct pf_err *err;
};

/* ---- testing ---- */

/* Ranks tell something when both sides have two runs; of a series the order matters. */
static bool can_rank(const struct pf_diff *d)
{
    return d->side[PF_BASE].runs > 1 && d->side[PF_NEW].runs > 1 && !d->how.series;
}

static void load(struct judging *j, const struct pf_half *half, int side)
{
    const struct pf_diff *d = j->d;

    memset(j->value[side], 0, d->side[side].runs * sizeof *j->value[side]);
    for (uint32_t i = 0; half && i < half->n; i++) {
        const struct pf_entry *e = &d->h->entry[half->first + i];
        j->value[side][d->h->run[e->run].of_side] = d->how.cum ? e->v.cum : e->v.flat;
    }
}

static int take_values(struct judging *j, struct pf_err *err)
{
    if (pf_ranks_load(&j->ranks, j->value[PF_BASE], j->value[PF_NEW]))
        return 0;
    return pf_fail(err, PF_EVALUE, "the difference of two runs does not fit 64 bits");
}

static void test_values(struct judging *j, struct pf_diff_test *t)
{
    t->tested = true;
    t->p = t->q = pf_ranks_p(&j->ranks);
    t->effect = pf_ranks_shift(&j->ranks);
    t->bounded = j->k > 0;
    if (t->bounded)
        pf_ranks_interval(&j->ranks, j->k, &t->low, &t->high);
}

/* Rows that are one number in all runs can never be told apart, whatever the split. */
static bool is_constant(const struct pf_half *base, const struct pf_half *now)
{
    int64_t a = base ? base->least : 0, b = base ? base->most : 0;
    int64_t c = now ? now->least : 0, e = now ? now->most : 0;

    return a == b && c == e && a == c;
}

static int test_rows(struct judging *j)
{
    struct pf_diff *d = j->d;

    for (uint32_t i = 0; i < d->n; i++) {
        const struct pf_half *base = j->pair[i].half[PF_BASE], *now = j->pair[i].half[PF_NEW];
        struct pf_diff_test *t = &d->at[i].test;
        bool constant = is_constant(base, now);
        j->varying += !constant;
        if (can_rank(d) && !constant) {
            load(j, base, PF_BASE);
            load(j, now, PF_NEW);
            if (take_values(j, j->err))
                return -1;
            test_values(j, t);
        } else if (d->noise && !constant) {
            pf_diff_test_noise(d, base, &d->at[i]);
        }
        if (!t->tested)
            continue;
        j->row[j->n] = i;
        j->p[j->n++] = t->p;
    }
    return 0;
}

static void adjust(struct judging *j)
{
    pf_fdr(j->p, j->q, j->order, j->n);
    for (uint32_t i = 0; i < j->n; i++)
        j->d->at[j->row[i]].test.q = j->q[i];
}

/* ---- what could have been found ---- */

static void count_needed(struct pf_diff *d, uint32_t varying)
{
    enum { MOST = 1000 };
    double level = d->how.level * (1 + 1e-12), rows = varying ? varying : 1;

    d->needed = 2;
    while (d->needed < MOST && rows * pf_least_p(d->needed, d->needed) > level)
        d->needed++;
    d->enough =
        can_rank(d) && rows * pf_least_p(d->side[PF_BASE].runs, d->side[PF_NEW].runs) <= level;
}

static int find_detectable(struct judging *j)
{
    struct pf_diff *d = j->d;

    if (!can_rank(d) || !d->tested)
        return 0;
    j->k_single = pf_ranks_k(&j->ranks, d->how.level / d->tested);
    for (uint32_t i = 0; i < j->n && j->k_single; i++) {
        uint32_t row = j->row[i];
        load(j, j->pair[row].half[PF_BASE], PF_BASE);
        load(j, j->pair[row].half[PF_NEW], PF_NEW);
        if (take_values(j, j->err))
            return -1;
        d->at[row].test.detects = true;
        d->at[row].test.detectable = pf_ranks_detectable(&j->ranks, j->k_single);
    }
    return 0;
}

/* ---- totals ---- */

static int test_whole(struct judging *j)
{
    struct pf_diff *d = j->d;

    if (!can_rank(d))
        return 0;
    for (uint32_t i = 0; i < d->h->n_runs; i++) {
        const struct pf_side_run *run = &d->h->run[i];
        j->value[run->side][run->of_side] = run->total;
    }
    if (take_values(j, j->err))
        return -1;
    test_values(j, &d->whole);
    return 0;
}

/* Only types that all runs have. */
static int test_totals(struct judging *j)
{
    struct pf_diff *d = j->d;
    const struct pf_run_total *t = d->h->total;

    for (uint32_t i = 0; i < d->n_totals; i++) {
        struct pf_diff_total *total = &d->total[i];
        uint32_t n = total->runs[PF_BASE] + total->runs[PF_NEW];
        if (can_rank(d) && total->runs[PF_BASE] == d->side[PF_BASE].runs
            && total->runs[PF_NEW] == d->side[PF_NEW].runs) {
            for (uint32_t k = 0; k < n; k++) {
                const struct pf_side_run *run = &d->h->run[t[k].run];
                j->value[run->side][run->of_side] = t[k].value;
            }
            if (take_values(j, j->err))
                return -1;
            test_values(j, &total->test);
        }
        t += n;
    }
    return 0;
}

/* ---- verdicts ---- */

static enum pf_counts counts_of(const struct pf_diff *d, const struct pf_half *base,
                                const struct pf_half *now)
{
    int64_t few[2] = {base ? base->few : 0, now ? now->few : 0};
    int64_t many[2] = {base ? base->many : 0, now ? now->many : 0};

    if (!d->side[PF_BASE].has_calls || !d->side[PF_NEW].has_calls || d->how.series)
        return PF_COUNTS_UNKNOWN;
    if (few[0] != many[0] || few[1] != many[1])
        return PF_COUNTS_UNSTABLE;
    return few[0] == few[1] ? PF_COUNTS_SAME : PF_COUNTS_CHANGED;
}

/* The compared value is one in all runs of both sides. */
static bool all_equal(const struct pf_half *base, const struct pf_half *now)
{
    return base && now && is_constant(base, now);
}

static double size_of(double x)
{
    return x < 0 ? -x : x;
}

/* The interval leaves no room for a change that matters. */
static bool within_margin(const struct pf_diff *d, const struct pf_diff_row *row)
{
    double margin = d->how.margin * size_of((double)pf_diff_compared(d, row, PF_BASE));
    const struct pf_diff_test *t = &row->test;

    return t->bounded && size_of((double)t->low) <= margin && size_of((double)t->high) <= margin;
}

static enum pf_verdict judge(const struct pf_diff *d, const struct pf_half *base,
                             const struct pf_half *now, const struct pf_diff_row *row)
{
    const struct pf_diff_test *t = &row->test;

    if (t->tested && t->q <= d->how.level && !(d->noise && pf_diff_in_range(d, base, row))) {
        int64_t delta = pf_diff_compared(d, row, PF_NEW) - pf_diff_compared(d, row, PF_BASE);
        return (t->effect ? t->effect : delta) < 0 ? PF_FASTER : PF_SLOWER;
    }
    if (row->counts == PF_COUNTS_CHANGED)
        return PF_CALLS_CHANGED;
    if (all_equal(base, now) && row->counts != PF_COUNTS_UNSTABLE)
        return PF_SAME;
    if (t->tested && (d->enough || d->noise) && row->counts != PF_COUNTS_UNSTABLE
        && within_margin(d, row))
        return PF_SAME;
    return PF_UNDECIDED;
}

/* Of a series: in how many steps a row grew. A snapshot without it has 0. */
static uint32_t steps_up(struct judging *j, const struct pf_half *base, const struct pf_half *now)
{
    const struct pf_diff *d = j->d;
    uint32_t grew = 0;
    int64_t was;

    load(j, base, PF_BASE);
    load(j, now, PF_NEW);
    was = j->value[PF_BASE][d->side[PF_BASE].runs - 1];
    for (uint32_t i = 0; i < d->side[PF_NEW].runs; i++) {
        grew += j->value[PF_NEW][i] > was;
        was = j->value[PF_NEW][i];
    }
    return grew;
}

static void give_verdicts(struct judging *j)
{
    struct pf_diff *d = j->d;

    for (uint32_t i = 0; i < d->n; i++) {
        const struct pf_half *base = j->pair[i].half[PF_BASE], *now = j->pair[i].half[PF_NEW];
        struct pf_diff_row *row = &d->at[i];
        row->counts = counts_of(d, base, now);
        row->verdict = judge(d, base, now, row);
        if (d->how.series)
            row->grew = steps_up(j, base, now);
    }
}

/* ---- all of it ---- */

static bool make_room(struct judging *j)
{
    struct pf_diff *d = j->d;
    struct pf_mem *m = d->h->mem;
    size_t rows = (size_t)d->n + 1;

    for (int side = 0; side < 2; side++)
        j->value[side] = pf_alloc_zero(m, (size_t)d->side[side].runs + 1, sizeof *j->value[side]);
    j->p = pf_alloc(m, rows * sizeof *j->p);
    j->q = pf_alloc(m, rows * sizeof *j->q);
    j->order = pf_alloc(m, rows * sizeof *j->order);
    j->row = pf_alloc(m, rows * sizeof *j->row);
    if (can_rank(d) && !pf_ranks_init(&j->ranks, m, d->side[PF_BASE].runs, d->side[PF_NEW].runs))
        return false;
    return j->value[0] && j->value[1] && j->p && j->q && j->order && j->row;
}

int pf_diff_judge(struct pf_diff *d, const struct pf_pairing *pair, struct pf_err *err)
{
    struct judging j = {.d = d, .pair = pair, .err = err};
    struct pf_mem *m = d->h->mem;
    int failed = make_room(&j) ? 0 : pf_diff_no_memory(d, err);

    d->noise =
        d->h->n_noise && d->side[PF_BASE].runs == 1 && d->side[PF_NEW].runs == 1 && !d->how.series;
    if (!failed && can_rank(d))
        j.k = pf_ranks_k(&j.ranks, 0.05);
    failed = failed || test_rows(&j) || test_whole(&j) || test_totals(&j);
    if (!failed) {
        d->tested = j.n;
        adjust(&j);
        count_needed(d, j.varying);
        d->varying = j.varying;
        failed = find_detectable(&j);
    }
    if (!failed)
        give_verdicts(&j);
    void *blocks[] = {j.value[0], j.value[1], j.p, j.q, j.order, j.row};
    for (size_t i = 0; i < sizeof blocks / sizeof *blocks; i++)
        pf_dealloc(m, blocks[i]);
    pf_ranks_free(&j.ranks);
    return failed ? -1 : 0;
}
