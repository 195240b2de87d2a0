/*
 * diff_noise.c - how far runs of one program are apart, learned from many and used for one.
 *
 * A row's noise is the standard deviation s of the logarithm of its values over r runs, and their
 * range, the largest by the smallest. One run against another differs by ln(new/base); if noise of
 * that size is all there is, this by s sqrt(2) is about t-distributed with r - 1 degrees of freedom
 * (a prediction interval; G. J. Hahn, W. Q. Meeker, "Statistical Intervals", 1991). Times are
 * not quite log-normal, so a verdict also asks that the change is beyond the range.
 */
#include "diff.h"
#include "stats.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const double BILLION = 1e9;
static const char spread_type[] = "noise_spread", range_type[] = "noise_range";

static const char *const by_names[] = {"function", "file", "line", "module", "stack"};

/* What rows the floor is of; it fits no others. */
static int describe(const struct pf_diff *d, char *text, size_t size)
{
    return snprintf(text, size, "profdiff noise floor by %s, %s values", by_names[d->how.by],
                    d->how.cum ? "cumulative" : "flat");
}

/* ---- learning ---- */

static int64_t to_ppb(double x)
{
    return x < 9e9 ? (int64_t)llround(x * BILLION) : (int64_t)9e18;
}

/* Values below 1 have no logarithm that means anything: they count as 1. */
static double log_of(int64_t value)
{
    return value > 1 ? log((double)value) : 0;
}

static void learn(const struct pf_diff *d, const struct pf_half *half, int64_t values[3])
{
    uint32_t runs = d->side[PF_BASE].runs;
    double mean = 0, squares = 0, least = log_of(half->least), most = log_of(half->most);

    for (int pass = 0; pass < 2; pass++)
        for (uint32_t i = 0; i < runs; i++) {
            const struct pf_entry *e = i < half->n ? &d->h->entry[half->first + i] : NULL;
            int64_t value = !e ? 0 : d->how.cum ? e->v.cum : e->v.flat;
            double x = log_of(value);
            if (pass == 0)
                mean += x / runs;
            else
                squares += (x - mean) * (x - mean);
        }
    values[0] = d->how.cum ? half->shown.cum : half->shown.flat;
    values[1] = to_ppb(sqrt(squares / (runs - 1)));
    values[2] = to_ppb(expm1(most - least));
}

static void add_learned(const struct pf_diff *d, const struct pf_half *half, struct pf_profile *p)
{
    const struct pf_func *f = &d->names->funcs.at[half->func];
    struct pf_str name = pf_str_at(d->names, f->name), file = pf_str_at(d->names, f->file);
    int64_t values[3];

    learn(d, half, values);
    pf_id func = pf_func(p, pf_str(p, name.s, name.len), pf_str(p, file.s, file.len), f->line);
    pf_sample(p, pf_stack(p, 0, pf_frame(p, func, half->join.line)), 0, values);
}

struct pf_profile *pf_diff_learned(struct pf_diff *d, struct pf_err *err)
{
    char text[128];

    if (d->side[PF_BASE].runs < 3 || d->how.by == PF_BY_STACK) {
        pf_fail(err, PF_EVALUE,
                d->how.by == PF_BY_STACK ? "noise is learned of functions, files, lines or modules"
                                         : "noise is learned from three runs or more");
        return NULL;
    }
    if (pf_diff_scale(d, err) || pf_diff_sum_up(d, err))
        return NULL;
    struct pf_profile *p = pf_new(d->h->mem);
    if (!p) {
        pf_diff_no_memory(d, err);
        return NULL;
    }
    describe(d, text, sizeof text);
    p->format = pf_strz(p, "noise");
    p->producer = pf_strz(p, "profpipe");
    p->runs = d->side[PF_BASE].runs;
    pf_push(p, &p->comments, pf_strz(p, text));
    pf_type_add(p, pf_str_at(d->names, d->type.name).s, pf_str_at(d->names, d->type.unit).s,
                PF_FIXED);
    pf_type_add(p, spread_type, "ppb", PF_FIXED);
    pf_type_add(p, range_type, "ppb", PF_FIXED);
    for (uint32_t i = 0; i < d->h->n; i++)
        add_learned(d, &d->h->half[i], p);
    if (!p->err.code)
        return p;
    pf_fail(err, p->err.code, "%s", p->err.msg);
    pf_free(p);
    return NULL;
}

/* ---- using what was learned ---- */

static int by_group_and_line(const void *x, const void *y)
{
    const struct pf_noise *a = x, *b = y;

    if (a->group != b->group)
        return a->group < b->group ? -1 : 1;
    return (a->line > b->line) - (a->line < b->line);
}

/* The columns of the floor, or -1 where the profile is none, or one of other rows. */
static int check_noise(const struct pf_diff *d, const struct pf_profile *p, int column[2],
                       struct pf_err *err)
{
    char text[128];
    bool fits = false;

    column[0] = pf_type_find(p, spread_type);
    column[1] = pf_type_find(p, range_type);
    if (column[0] < 0 || column[1] < 0 || p->runs < 3)
        return pf_fail(err, PF_EVALUE, "not a noise floor (profdiff --learn makes one)");
    describe(d, text, sizeof text);
    for (uint32_t i = 0; i < p->comments.n; i++)
        fits |= strcmp(pf_str_at(p, p->comments.at[i]).s, text) == 0;
    if (!fits)
        return pf_fail(err, PF_EVALUE, "the noise floor is of other rows: %.100s",
                       p->comments.n ? pf_str_at(p, p->comments.at[0]).s : "it does not say which");
    if (d->h->n_runs && pf_type_find(p, pf_str_at(d->names, d->type.name).s) < 0)
        return pf_fail(err, PF_EVALUE, "the noise floor is not of '%.60s'",
                       pf_str_at(d->names, d->type.name).s);
    return 0;
}

int pf_diff_noise(struct pf_diff *d, const struct pf_profile *p, struct pf_err *err)
{
    struct pf_diff_hidden *h = d->h;
    struct pf_adding a = {.d = d, .p = p, .side = PF_NEW, .err = err};
    int column[2];

    if (check_noise(d, p, column, err))
        return -1;
    a.place = pf_alloc_zero(h->mem, p->strs.n, sizeof *a.place);
    h->noise = pf_alloc(h->mem, ((size_t)p->samples.n + 1) * sizeof *h->noise);
    for (uint32_t i = 0; a.place && h->noise && i < p->samples.n; i++) {
        pf_id frame = p->stacks.frame[p->samples.stack[i]], func = p->frames.at[frame].func;
        h->noise[h->n_noise++] = (struct pf_noise){
            .group = pf_diff_group(&a, func, frame, p->frames.at[frame].line),
            .line = p->frames.at[frame].line,
            .spread = (double)p->samples.value[column[0]][i] / BILLION,
            .range = (double)p->samples.value[column[1]][i] / BILLION,
        };
    }
    bool ok = a.place && h->noise && !h->keys->err.code && !d->names->err.code;
    pf_dealloc(h->mem, a.place);
    if (!ok)
        return pf_diff_no_memory(d, err);
    qsort(h->noise, h->n_noise, sizeof *h->noise, by_group_and_line);
    h->noise_runs = p->runs;
    return 0;
}

/* The largest noise of what has the row's place and name: lines may have moved since. */
static bool noise_of(const struct pf_diff *d, const struct pf_half *half, struct pf_noise *noise)
{
    const struct pf_diff_hidden *h = d->h;
    uint32_t low = 0, high = h->n_noise;

    *noise = (struct pf_noise){0};
    while (half && low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (h->noise[middle].group < half->join.group)
            low = middle + 1;
        else
            high = middle;
    }
    uint32_t first = low;
    for (; half && low < h->n_noise && h->noise[low].group == half->join.group; low++) {
        noise->spread = fmax(noise->spread, h->noise[low].spread);
        noise->range = fmax(noise->range, h->noise[low].range);
    }
    return low > first;
}

/* P(|T| > t) by the sums of M. Abramowitz, I. A. Stegun, 26.7.3 and 26.7.4. */
static double t_beyond(double t, uint32_t degrees)
{
    static const double pi = 3.14159265358979323846;
    double angle = atan(t / sqrt(degrees)), c = cos(angle), s = sin(angle);
    double term = degrees % 2 ? c : 1, sum = degrees == 1 ? 0 : term;

    for (uint32_t i = degrees % 2 ? 2 : 1; i + 2 < degrees + (degrees % 2 ? 0 : 1); i += 2) {
        term *= c * c * i / (i + 1);
        sum += term;
    }
    double within = degrees % 2 ? 2 / pi * (angle + s * sum) : s * sum;
    return within < 1 ? 1 - within : 0;
}

/* The t that is exceeded on either side with this probability. */
static double t_for(double p, uint32_t degrees)
{
    double low = 0, high = 1e6;

    for (int i = 0; i < 100; i++) {
        double middle = (low + high) / 2;
        if (t_beyond(middle, degrees) > p)
            low = middle;
        else
            high = middle;
    }
    return (low + high) / 2;
}

static int64_t to_int64(double x)
{
    return x >= 9e18 ? INT64_MAX : x <= -9e18 ? INT64_MIN : (int64_t)llrint(x);
}

static double change_of(const struct pf_diff *d, const struct pf_diff_row *row)
{
    return log_of(pf_diff_compared(d, row, PF_NEW)) - log_of(pf_diff_compared(d, row, PF_BASE));
}

void pf_diff_test_noise(const struct pf_diff *d, const struct pf_half *base,
                        struct pf_diff_row *row)
{
    struct pf_noise noise;
    struct pf_diff_test *t = &row->test;

    if (!noise_of(d, base, &noise) || row->status != PF_IN_BOTH)
        return;
    double change = fabs(change_of(d, row));
    int64_t delta = pf_diff_compared(d, row, PF_NEW) - pf_diff_compared(d, row, PF_BASE);
    t->tested = true;
    t->effect = delta;
    /* what never varied, and does now, is no noise */
    t->p = noise.spread > 0 ? t_beyond(change / (noise.spread * sqrt(2)), d->h->noise_runs - 1)
           : change > 0     ? 0
                            : 1;
    t->q = t->p;
    t->bounded = true;
    double around = t_for(0.05, d->h->noise_runs - 1) * noise.spread * sqrt(2);
    double from = (double)pf_diff_compared(d, row, PF_BASE);
    t->low = to_int64(from * expm1(change_of(d, row) - around));
    t->high = to_int64(from * expm1(change_of(d, row) + around));
}

bool pf_diff_in_range(const struct pf_diff *d, const struct pf_half *base,
                      const struct pf_diff_row *row)
{
    struct pf_noise noise;

    return noise_of(d, base, &noise) && fabs(change_of(d, row)) <= log1p(noise.range);
}
