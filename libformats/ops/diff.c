/* diff.c - two sets of runs against each other: adding runs, and the rows that come of them. */
#include "diff.h"
#include "order.h"

#include <stdlib.h>
#include <string.h>

struct pf_diff *pf_diff_new(struct pf_mem *m, const struct pf_diff_how *how)
{
    struct whole {
        struct pf_diff d;
        struct pf_diff_hidden h;
    } *w = pf_alloc_zero(m, 1, sizeof *w);

    if (!w)
        return NULL;
    w->d.h = &w->h;
    w->d.how = *how;
    w->d.how.level = how->level > 0 ? how->level : 0.05;
    w->d.how.margin = how->margin > 0 ? how->margin : 0.1;
    w->h.mem = m;
    w->d.names = pf_new(m);
    w->h.keys = pf_new(m);
    if (w->d.names && w->h.keys)
        return &w->d;
    pf_diff_free(&w->d);
    return NULL;
}

void pf_diff_free(struct pf_diff *d)
{
    if (!d)
        return;

    struct pf_diff_hidden *h = d->h;
    struct pf_mem *m = h->mem;
    for (int side = 0; side < 2; side++) {
        pf_dealloc(m, d->side[side].files.at);
        pf_dealloc(m, d->side[side].interpreters.at);
        pf_dealloc(m, d->side[side].timers.at);
    }
    pf_pairs_free(m, &h->index);
    void *blocks[] = {h->half, h->entry, h->run, h->total, h->noise, d->total, d->at};
    for (size_t i = 0; i < sizeof blocks / sizeof *blocks; i++)
        pf_dealloc(m, blocks[i]);
    pf_free(h->keys);
    pf_free(d->names);
    pf_dealloc(m, d);
}

int pf_diff_no_memory(const struct pf_diff *d, struct pf_err *err)
{
    return pf_fail(err, PF_ENOMEM, "out of memory (%zu MiB in use; see --max-memory)",
                   d->h->mem->used / PF_MIB);
}

/* ---- adding a run ---- */

static pf_id copy_str(struct pf_profile *to, const struct pf_profile *from, pf_id str)
{
    return pf_str(to, from->strs.at[str].s, from->strs.at[str].len);
}

static int push_once(struct pf_diff *d, struct pf_ids *list, pf_id str)
{
    for (uint32_t i = 0; i < list->n; i++)
        if (list->at[i] == str)
            return 0;
    if (!str)
        return 0;
    if (!pf_grow(d->h->mem, &list->at, list->n, &list->cap, sizeof *list->at))
        return -1;
    list->at[list->n++] = str;
    return 0;
}

/* The total of a type: of peaks and what the source made cumulative, the largest. */
static int total_of(const struct pf_profile *p, unsigned type, int64_t *total, struct pf_err *err)
{
    const int64_t *value = p->samples.value[type];
    enum pf_kind kind = (enum pf_kind)p->types.at[type].kind;
    bool largest = kind == PF_PEAK || kind == PF_FIXED;

    *total = 0;
    for (uint32_t i = 0; i < p->samples.n; i++)
        if (largest)
            *total = i == 0 || value[i] > *total ? value[i] : *total;
        else if (!pf_add64(*total, value[i], total))
            return pf_fail(err, PF_EVALUE, "the sum of '%.40s' does not fit 64 bits",
                           pf_str_at(p, p->types.at[type].name).s);
    return 0;
}

static int add_totals(struct pf_diff *d, const struct pf_profile *p, struct pf_err *err)
{
    struct pf_diff_hidden *h = d->h;

    for (uint32_t k = 0; k < p->types.n; k++) {
        const struct pf_type *t = &p->types.at[k];
        struct pf_run_total total = {copy_str(d->names, p, t->name), copy_str(d->names, p, t->unit),
                                     t->kind, h->n_runs, 0};
        if (!pf_grow(h->mem, &h->total, h->n_totals, &h->cap_totals, sizeof *h->total))
            return pf_diff_no_memory(d, err);
        if (total_of(p, k, &total.value, err))
            return -1;
        h->total[h->n_totals++] = total;
    }
    return 0;
}

/* What a function has in a run, to scale by: its largest row, if there are several of the name. */
static void find_yardstick(const struct pf_diff *d, const struct pf_profile *p,
                           const struct pf_rows *rows, struct pf_side_run *run)
{
    size_t len = d->how.function ? strlen(d->how.function) : 0;

    for (uint32_t i = 0; i < rows->n && len; i++) {
        struct pf_str name = pf_str_at(p, p->funcs.at[rows->at[i].func].name);
        if (name.len != len || memcmp(name.s, d->how.function, len) != 0)
            continue;
        if (!run->has_yardstick || rows->at[i].cum > run->yardstick)
            run->yardstick = rows->at[i].cum;
        run->has_yardstick = true;
    }
}

static int add_run(struct pf_diff *d, enum pf_side side, const struct pf_profile *p,
                   const struct pf_rows *rows, struct pf_side_run run, struct pf_err *err)
{
    struct pf_diff_hidden *h = d->h;

    run.side = side;
    run.of_side = d->side[side].runs;
    run.total = rows->total;
    run.duration = p->duration_ns;
    find_yardstick(d, p, rows, &run);
    if (!pf_grow(h->mem, &h->run, h->n_runs, &h->cap_runs, sizeof *h->run))
        return pf_diff_no_memory(d, err);
    if (add_totals(d, p, err) || pf_diff_add_rows(d, side, p, rows, err))
        return -1;
    h->run[h->n_runs++] = run;
    d->side[side].has_calls = rows->has_calls && (d->side[side].has_calls || !d->side[side].runs);
    d->side[side].runs++;
    d->timed |= pf_has_times(p);
    return 0;
}

int pf_diff_add(struct pf_diff *d, enum pf_side side, const struct pf_profile *p, unsigned type,
                const char *file, struct pf_err *err)
{
    struct pf_rows rows = {0};
    struct pf_side_run run = {.file = pf_strz(d->names, file)};

    if (pf_diff_check(d, p, type, err) || pf_diff_note_origin(d, side, p, type, err))
        return -1;
    if (push_once(d, &d->side[side].files, pf_strz(d->names, file))
        || push_once(d, &d->side[side].interpreters, copy_str(d->names, p, p->interpreter)))
        return pf_diff_no_memory(d, err);
    pf_certificate_add(&d->side[side].certificate, &p->certificate);
    unsigned column = type;
    bool timed = pf_has_times(p), means = d->how.mean && timed;
    bool peaks = timed && !means && p->types.at[type].kind == PF_PEAK
                 && d->how.normalize == PF_NORMALIZE_NONE; /* scaling is not for means */
    struct pf_profile *sums = means || peaks ? pf_summable(p, type, &column) : NULL;
    if ((means || peaks) && !sums)
        return pf_diff_no_memory(d, err);
    int failed = (means   ? pf_top_means(sums, column, d->how.by, &rows, err)
                  : peaks ? pf_top_peaks(sums, column, &d->how, &rows, &run.mean, err)
                          : pf_top(p, type, d->how.by, &rows, err))
                 || add_run(d, side, sums ? sums : p, &rows, run, err);
    d->means = peaks && (d->means || d->h->n_runs == 1);
    pf_dealloc(p->mem, rows.at);
    pf_free(sums);
    return failed ? -1 : 0;
}

/* ---- rows of both sides ---- */

/* The joins of all halves, in an array that may be sorted. */
static int join_halves(struct pf_diff *d, struct pf_err *err)
{
    struct pf_diff_hidden *h = d->h;
    struct pf_join *join = pf_alloc(h->mem, ((size_t)h->n + 1) * sizeof *join);

    if (!join)
        return pf_diff_no_memory(d, err);
    bool known = d->side[PF_BASE].has_calls && d->side[PF_NEW].has_calls;
    for (uint32_t i = 0; i < h->n; i++) {
        join[i] = h->half[i].join;
        join[i].half = i;
        join[i].side = h->half[i].side;
        join[i].calls = known ? h->half[i].shown.calls : 0;
        join[i].cost = h->half[i].shown.flat;
    }
    int failed = pf_join_sides(h->keys, d->how.by, join, h->n) ? 0 : pf_diff_no_memory(d, err);
    for (uint32_t i = 0; i < h->n; i++) {
        h->half[join[i].half].join.mate = join[i].mate;
        h->half[join[i].half].join.ambiguous = join[i].ambiguous;
    }
    pf_dealloc(h->mem, join);
    return failed;
}

static bool fits(const struct pf_diff_value *base, const struct pf_diff_value *now)
{
    int64_t delta;

    return !__builtin_sub_overflow(now->flat, base->flat, &delta)
           && !__builtin_sub_overflow(now->cum, base->cum, &delta)
           && !__builtin_sub_overflow(now->calls, base->calls, &delta);
}

static int make_row(const struct pf_diff *d, const struct pf_pairing *pair, struct pf_diff_row *row,
                    struct pf_err *err)
{
    const struct pf_half *base = pair->half[PF_BASE], *now = pair->half[PF_NEW];
    const struct pf_half *shown = now ? now : base;

    *row = (struct pf_diff_row){
        .func = shown->func,
        .stack = shown->stack,
        .line = shown->join.line,
        .status = !now   ? PF_IN_BASE
                  : base ? PF_IN_BOTH
                         : PF_IN_NEW,
        .ambiguous = shown->join.ambiguous,
    };
    for (int side = 0; side < 2; side++) {
        const struct pf_half *half = pair->half[side];
        if (!half)
            continue;
        row->value[side] = half->shown;
        row->least[side] = half->least;
        row->most[side] = half->most;
    }
    if (fits(&row->value[PF_BASE], &row->value[PF_NEW]))
        return 0;
    return pf_fail(err, PF_EVALUE, "the difference of '%.100s' does not fit 64 bits",
                   pf_str_at(d->names, d->names->funcs.at[row->func].name).s);
}

/* pair: room for all rows. */
static int make_rows(struct pf_diff *d, struct pf_pairing *pair, struct pf_err *err)
{
    struct pf_diff_hidden *h = d->h;

    for (uint32_t i = 0; i < h->n; i++) {
        const struct pf_half *half = &h->half[i];
        const struct pf_half *mate =
            half->join.mate == PF_NO_MATE ? NULL : &h->half[half->join.mate];
        if (half->side == PF_BASE && mate)
            continue;
        pair[d->n] = half->side == PF_BASE ? (struct pf_pairing){{half, NULL}}
                                           : (struct pf_pairing){{mate, half}};
        if (make_row(d, &pair[d->n], &d->at[d->n], err))
            return -1;
        d->n++;
    }
    return pf_diff_judge(d, pair, err) || pf_diff_renames(d, pair, err) ? -1 : 0;
}

static uint64_t size_of(const struct pf_diff *d, const struct pf_diff_row *row)
{
    int64_t delta = pf_diff_compared(d, row, PF_NEW) - pf_diff_compared(d, row, PF_BASE);
    return delta < 0 ? 0 - (uint64_t)delta : (uint64_t)delta;
}

int pf_diff_cmp_name(const struct pf_diff *d, const struct pf_diff_row *x,
                     const struct pf_diff_row *y)
{
    struct pf_row a = {.func = x->func, .stack = x->stack, .line = x->line};
    struct pf_row b = {.func = y->func, .stack = y->stack, .line = y->line};
    int c = pf_row_cmp_name(d->names, d->how.by, &a, &b);

    return c ? c : (x->status > y->status) - (x->status < y->status);
}

int pf_diff_cmp(const struct pf_diff *d, const struct pf_diff_row *x, const struct pf_diff_row *y)
{
    if (size_of(d, x) != size_of(d, y))
        return size_of(d, x) < size_of(d, y) ? 1 : -1;
    return pf_diff_cmp_name(d, x, y);
}

static int by_size(const void *a, const void *b, void *arg)
{
    const struct pf_diff *d = arg;

    return pf_diff_cmp(d, &d->at[*(const uint32_t *)a], &d->at[*(const uint32_t *)b]);
}

/* Rows that point at each other move together. */
static int sort_rows(struct pf_diff *d, struct pf_err *err)
{
    struct pf_mem *m = d->h->mem;
    struct pf_diff_row *sorted = pf_alloc(m, ((size_t)d->n + 1) * sizeof *sorted);
    uint32_t *order = pf_alloc(m, ((size_t)d->n + 1) * sizeof *order);
    uint32_t *place = pf_alloc(m, ((size_t)d->n + 1) * sizeof *place);

    if (sorted && order && place) {
        for (uint32_t i = 0; i < d->n; i++)
            order[i] = i;
        qsort_r(order, d->n, sizeof *order, by_size, d);
        for (uint32_t i = 0; i < d->n; i++)
            place[order[i]] = i;
        for (uint32_t i = 0; i < d->n; i++) {
            sorted[i] = d->at[order[i]];
            if (sorted[i].rename)
                sorted[i].rename = place[sorted[i].rename - 1] + 1;
        }
        pf_dealloc(m, d->at);
        d->at = sorted;
    } else {
        pf_dealloc(m, sorted);
        sorted = NULL;
    }
    pf_dealloc(m, order);
    pf_dealloc(m, place);
    return sorted ? 0 : pf_diff_no_memory(d, err);
}

int pf_diff_finish(struct pf_diff *d, struct pf_err *err)
{
    struct pf_diff_hidden *h = d->h;

    if (pf_diff_scale(d, err) || pf_diff_sum_up(d, err) || join_halves(d, err))
        return -1;
    struct pf_pairing *pair = pf_alloc(h->mem, ((size_t)h->n + 1) * sizeof *pair);
    d->at = pf_alloc(h->mem, ((size_t)h->n + 1) * sizeof *d->at);
    int failed = pair && d->at ? make_rows(d, pair, err) : pf_diff_no_memory(d, err);
    pf_dealloc(h->mem, pair);
    return failed ? -1 : sort_rows(d, err);
}
