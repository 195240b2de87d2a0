/* diff_scale.c - the values of runs on one scale, and what a side shows of its runs. */
#include "diff.h"

#include <stdlib.h>
#include <string.h>

__extension__ typedef __int128 wide;

enum { BILLION = 1000000000 };

static wide div_even(wide sum, int64_t n)
{
    wide q = sum / n, rest = sum % n, twice = 2 * (rest < 0 ? -rest : rest);

    if (twice > n || (twice == n && q % 2 != 0))
        q += sum < 0 ? -1 : 1;
    return q;
}

/* A mean of int64 fits int64. */
static int64_t mean(wide sum, uint32_t n)
{
    return (int64_t)div_even(sum, n ? n : 1);
}

int64_t pf_mean(int64_t sum, int64_t n)
{
    return n > 0 ? (int64_t)div_even(sum, n) : 0;
}

/* ---- scaling ---- */

/* Values of a run are times `by`, through `through`. */
struct scale {
    int64_t by, through;
};

static bool scale_value(struct scale s, int64_t *value)
{
    wide scaled = div_even((wide)*value * s.by, s.through);

    *value = (int64_t)scaled;
    return scaled >= INT64_MIN && scaled <= INT64_MAX;
}

static int64_t mean_of_base(const struct pf_diff *d, bool yardstick)
{
    wide sum = 0;

    for (uint32_t i = 0; i < d->h->n_runs; i++) {
        const struct pf_side_run *run = &d->h->run[i];
        if (run->side == PF_BASE)
            sum += yardstick ? run->yardstick : run->total;
    }
    return mean(sum, d->side[PF_BASE].runs);
}

static int cannot(const struct pf_diff *d, const struct pf_side_run *run, const char *why,
                  struct pf_err *err)
{
    return pf_fail(err, PF_EVALUE, "%.100s: cannot normalize: %.120s",
                   pf_str_at(d->names, run->file).s, why);
}

static int scale_of(const struct pf_diff *d, const struct pf_side_run *run, struct scale *s,
                    struct pf_err *err)
{
    switch (d->how.normalize) {
    case PF_NORMALIZE_NONE: return 0;
    case PF_NORMALIZE_TOTAL: *s = (struct scale){mean_of_base(d, false), run->total}; break;
    case PF_NORMALIZE_SHARE: *s = (struct scale){BILLION, run->total}; break;
    case PF_NORMALIZE_RATE:
        *s = (struct scale){BILLION, run->duration};
        return run->duration > 0 ? 0 : cannot(d, run, "it does not say how long it ran", err);
    case PF_NORMALIZE_FUNCTION:
        *s = (struct scale){mean_of_base(d, true), run->yardstick};
        if (!run->has_yardstick)
            return cannot(d, run, "the function is not in it", err);
        return s->by > 0 && run->yardstick > 0 ? 0
                                               : cannot(d, run, "the function has nothing", err);
    }
    return s->by > 0 && run->total > 0 ? 0 : cannot(d, run, "its total is not above 0", err);
}

static int does_not_fit(const struct pf_diff *d, uint32_t half, struct pf_err *err)
{
    const struct pf_profile *names = d->names;

    return pf_fail(err, PF_EVALUE, "the scaled value of '%.100s' does not fit 64 bits",
                   pf_str_at(names, names->funcs.at[d->h->half[half].func].name).s);
}

/* Shares and rates are in units of their own. */
static int rename_unit(struct pf_diff *d, struct pf_err *err)
{
    char unit[128];
    struct pf_str was = pf_str_at(d->names, d->type.unit);

    if (d->how.normalize == PF_NORMALIZE_SHARE) {
        d->type.unit = pf_strz(d->names, "ppb");
    } else if (d->how.normalize == PF_NORMALIZE_RATE && was.len < 100) {
        memcpy(unit, was.s, was.len);
        memcpy(unit + was.len, "/s", 3);
        d->type.unit = pf_strz(d->names, unit);
    }
    return d->names->err.code ? pf_diff_no_memory(d, err) : 0;
}

int pf_diff_scale(struct pf_diff *d, struct pf_err *err)
{
    struct pf_diff_hidden *h = d->h;

    if (d->how.normalize == PF_NORMALIZE_NONE || rename_unit(d, err))
        return d->how.normalize == PF_NORMALIZE_NONE ? 0 : -1;
    struct scale *scale = pf_alloc(h->mem, ((size_t)h->n_runs + 1) * sizeof *scale);
    if (!scale)
        return pf_diff_no_memory(d, err);
    int failed = 0;
    for (uint32_t i = 0; i < h->n_runs && !failed; i++)
        failed = scale_of(d, &h->run[i], &scale[i], err);
    for (uint32_t i = 0; i < h->n_entries && !failed; i++) {
        struct pf_entry *e = &h->entry[i];
        if (!scale_value(scale[e->run], &e->v.flat) || !scale_value(scale[e->run], &e->v.cum))
            failed = does_not_fit(d, e->half, err);
    }
    for (uint32_t i = 0; i < h->n_runs && !failed; i++)
        if (!scale_value(scale[i], &h->run[i].total))
            failed = cannot(d, &h->run[i], "its total does not fit 64 bits then", err);
    pf_dealloc(h->mem, scale);
    return failed;
}

/* ---- what a side shows ---- */

/* One number for the values of `n` runs out of `runs`; the others have 0. last: that of the last.
 */
struct summing {
    wide sum;
    int64_t most, last;
    uint32_t n;
};

static void take(struct summing *s, int64_t value, bool is_last)
{
    s->sum += value;
    s->most = s->n == 0 || value > s->most ? value : s->most;
    s->last = is_last ? value : s->last;
    s->n++;
}

static int64_t shown(const struct pf_diff *d, const struct summing *s, uint32_t kind, uint32_t runs)
{
    if (d->how.series)
        return s->last;
    if (kind == PF_PEAK)
        return s->n < runs && s->most < 0 ? 0 : s->most;
    return mean(s->sum, runs);
}

/* Entries half by half; those of a half stay in the order of their runs. */
static int sort_entries(struct pf_diff *d, struct pf_err *err)
{
    struct pf_diff_hidden *h = d->h;
    struct pf_entry *sorted = pf_alloc(h->mem, ((size_t)h->n_entries + 1) * sizeof *sorted);
    uint32_t first = 0;

    if (!sorted)
        return pf_diff_no_memory(d, err);
    for (uint32_t i = 0; i < h->n; i++) {
        h->half[i].first = first;
        first += h->half[i].n;
        h->half[i].n = 0;
    }
    for (uint32_t i = 0; i < h->n_entries; i++) {
        struct pf_half *half = &h->half[h->entry[i].half];
        sorted[half->first + half->n++] = h->entry[i];
    }
    pf_dealloc(h->mem, h->entry);
    h->entry = sorted;
    h->cap_entries = h->n_entries + 1;
    return 0;
}

static void widen(int64_t *least, int64_t *most, bool first, int64_t value)
{
    *least = first || value < *least ? value : *least;
    *most = first || value > *most ? value : *most;
}

static void sum_up_half(const struct pf_diff *d, struct pf_half *half)
{
    const struct pf_entry *e = &d->h->entry[half->first];
    uint32_t runs = d->side[half->side].runs;
    struct summing flat = {0}, cum = {0}, calls = {0};
    int64_t flats[2] = {0}, cums[2] = {0};

    for (uint32_t i = 0; i < half->n; i++) {
        bool last = d->h->run[e[i].run].of_side + 1 == runs;
        take(&flat, e[i].v.flat, last);
        take(&cum, e[i].v.cum, last);
        take(&calls, e[i].v.calls, last);
        widen(&flats[0], &flats[1], i == 0, e[i].v.flat);
        widen(&cums[0], &cums[1], i == 0, e[i].v.cum);
        widen(&half->few, &half->many, i == 0, e[i].v.calls);
    }
    if (half->n < runs) {
        widen(&flats[0], &flats[1], false, 0);
        widen(&cums[0], &cums[1], false, 0);
        widen(&half->few, &half->many, false, 0);
    }
    half->least = d->how.cum ? cums[0] : flats[0];
    half->most = d->how.cum ? cums[1] : flats[1];
    half->shown =
        (struct pf_diff_value){shown(d, &flat, d->type.kind, runs),
                               shown(d, &cum, d->type.kind, runs), shown(d, &calls, PF_SUM, runs)};
}

static int sum_up_totals(struct pf_diff *d, struct pf_err *err)
{
    int64_t delta;

    for (int side = 0; side < 2; side++) {
        struct summing total = {0}, means = {0};
        for (uint32_t i = 0; i < d->h->n_runs; i++) {
            const struct pf_side_run *run = &d->h->run[i];
            bool last = run->of_side + 1 == d->side[side].runs;
            if (run->side != (enum pf_side)side)
                continue;
            take(&total, run->total, last);
            take(&means, run->mean, last);
        }
        d->side[side].mean = shown(d, &means, PF_SUM, d->side[side].runs);
        d->side[side].total = shown(d, &total, d->type.kind, d->side[side].runs);
    }
    if (!__builtin_sub_overflow(d->side[PF_NEW].total, d->side[PF_BASE].total, &delta))
        return 0;
    return pf_fail(err, PF_EVALUE, "the difference of the totals does not fit 64 bits");
}

/* ---- totals of all types ---- */

static int by_type(const void *x, const void *y, void *arg)
{
    const struct pf_diff *d = arg;
    const struct pf_run_total *a = x, *b = y;
    int c = strcmp(pf_str_at(d->names, a->name).s, pf_str_at(d->names, b->name).s);

    c = c ? c : (a->name > b->name) - (a->name < b->name);
    c = c ? c : (a->unit > b->unit) - (a->unit < b->unit);
    return c ? c : (a->run > b->run) - (a->run < b->run);
}

static void sum_up_type(const struct pf_diff *d, const struct pf_run_total *t, uint32_t n,
                        struct pf_diff_total *total)
{
    struct summing sum[2] = {{0}, {0}};

    *total = (struct pf_diff_total){.name = t->name, .unit = t->unit, .kind = t->kind};
    for (uint32_t i = 0; i < n; i++) {
        const struct pf_side_run *run = &d->h->run[t[i].run];
        take(&sum[run->side], t[i].value, run->of_side + 1 == d->side[run->side].runs);
    }
    for (int side = 0; side < 2; side++) {
        total->runs[side] = sum[side].n;
        total->value[side] = shown(d, &sum[side], t->kind, sum[side].n);
    }
}

static int sum_up_types(struct pf_diff *d, struct pf_err *err)
{
    struct pf_diff_hidden *h = d->h;

    d->total = pf_alloc(h->mem, ((size_t)h->n_totals + 1) * sizeof *d->total);
    if (!d->total)
        return pf_diff_no_memory(d, err);
    qsort_r(h->total, h->n_totals, sizeof *h->total, by_type, d);
    for (uint32_t i = 0, end; i < h->n_totals; i = end) {
        for (end = i + 1; end < h->n_totals && h->total[end].name == h->total[i].name
                          && h->total[end].unit == h->total[i].unit;)
            end++;
        sum_up_type(d, &h->total[i], end - i, &d->total[d->n_totals++]);
    }
    return 0;
}

int pf_diff_sum_up(struct pf_diff *d, struct pf_err *err)
{
    if (sort_entries(d, err))
        return -1;
    for (uint32_t i = 0; i < d->h->n; i++)
        sum_up_half(d, &d->h->half[i]);
    return sum_up_totals(d, err) || sum_up_types(d, err) ? -1 : 0;
}
