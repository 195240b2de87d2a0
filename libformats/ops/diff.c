/* diff.c - two sets of runs against each other, row by row. */
#include "ops.h"
#include "order.h"

#include <stdlib.h>
#include <string.h>

/* One value over the runs of a side that have the row. */
struct tally {
    int64_t sum, min, max;
};

/* A row of one side. `now` is of the run being added, whose number is `run`. */
struct half {
    struct pf_join join;
    enum pf_side side;
    pf_id func, stack;
    uint32_t runs, run;
    struct pf_diff_value now;
    struct tally flat, cum, calls;
};

/* What rows are joined by is interned in `keys`: see pf_join_key. */
struct pf_diff_hidden {
    struct pf_mem *mem;
    struct pf_profile *keys;
    struct pf_pairs index; /* (entry, side) -> half + 1 */
    struct half *half;
    uint32_t n, cap, run;
    int64_t total[2];
};

/* One run while it is added: what its own ids are in the diff. */
struct adding {
    struct pf_diff *d;
    const struct pf_profile *p;
    enum pf_side side;
    pf_id *place;       /* of the strings that are files */
    pf_id *key, *stack; /* of stacks: what they are joined by, and the stack in names */
    struct pf_err *err;
};

struct pf_diff *pf_diff_new(struct pf_mem *m, enum pf_by by)
{
    struct whole {
        struct pf_diff d;
        struct pf_diff_hidden h;
    } *w = pf_alloc_zero(m, 1, sizeof *w);

    if (!w)
        return NULL;
    w->d.h = &w->h;
    w->d.by = by;
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

    struct pf_mem *m = d->h->mem;
    for (int side = 0; side < 2; side++) {
        pf_dealloc(m, d->side[side].files.at);
        pf_dealloc(m, d->side[side].interpreters.at);
    }
    pf_pairs_free(m, &d->h->index);
    pf_dealloc(m, d->h->half);
    pf_free(d->h->keys);
    pf_free(d->names);
    pf_dealloc(m, d->at);
    pf_dealloc(m, d);
}

static int no_memory(const struct pf_diff *d, struct pf_err *err)
{
    return pf_fail(err, PF_ENOMEM, "out of memory (%zu MiB in use; see --max-memory)",
                   d->h->mem->used / PF_MIB);
}

/* ---- adding a run ---- */

static pf_id copy_str(struct pf_profile *to, const struct pf_profile *from, pf_id str)
{
    return pf_str(to, from->strs.at[str].s, from->strs.at[str].len);
}

static pf_id place_of(struct adding *a, pf_id file)
{
    if (!a->place[file])
        a->place[file] = pf_place_key(a->d->h->keys, a->p->strs.at[file], a->d->by);
    return a->place[file];
}

static bool has_names(const struct adding *a)
{
    return a->d->by != PF_BY_FILE && a->d->by != PF_BY_MODULE;
}

/* Without a function, the name of the frame, which may be "", stands for it. */
static pf_id copy_label(const struct adding *a, struct pf_profile *to, pf_id frame)
{
    char label[PF_LABEL_MAX + 1];

    return pf_str(to, label, pf_frame_label(a->p, frame, label));
}

/* What rows of this function are joined by, lines aside. */
static pf_id group_key(struct adding *a, pf_id func, pf_id frame)
{
    const struct pf_func *f = &a->p->funcs.at[func];
    struct pf_profile *keys = a->d->h->keys;
    pf_id place = place_of(a, f->file);

    if (!func)
        return pf_func(keys, copy_label(a, keys, frame), place, 0);
    return pf_func(keys, has_names(a) ? copy_str(keys, a->p, f->name) : 0, place, 0);
}

static pf_id copy_func(struct adding *a, pf_id func, pf_id frame)
{
    const struct pf_func *f = &a->p->funcs.at[func];
    struct pf_profile *names = a->d->names;

    if (!func) {
        pf_id label = copy_label(a, names, frame);
        return label ? pf_func(names, label, has_names(a) ? 0 : label, 0) : 0;
    }
    return pf_func(names, copy_str(names, a->p, f->name), copy_str(names, a->p, f->file), f->line);
}

/* Stacks are joined frame by frame, without lines: parents come before their children. */
static int map_stacks(struct adding *a)
{
    const struct pf_profile *p = a->p;
    struct pf_mem *m = a->d->h->mem;

    if (a->d->by != PF_BY_STACK)
        return 0;
    a->key = pf_alloc_zero(m, p->stacks.n, sizeof *a->key);
    a->stack = pf_alloc_zero(m, p->stacks.n, sizeof *a->stack);
    if (!a->key || !a->stack)
        return no_memory(a->d, a->err);
    for (pf_id s = 1; s < p->stacks.n; s++) {
        pf_id frame = p->stacks.frame[s], up = p->stacks.parent[s];
        const struct pf_frame *f = &p->frames.at[frame];
        pf_id key = pf_frame(a->d->h->keys, group_key(a, f->func, frame), 0);
        pf_id name = pf_frame(a->d->names, copy_func(a, f->func, frame), f->line);
        a->key[s] = pf_stack(a->d->h->keys, a->key[up], key);
        a->stack[s] = pf_stack(a->d->names, a->stack[up], name);
    }
    return 0;
}

static struct half *half_of(struct adding *a, const struct pf_row *row)
{
    struct pf_diff_hidden *h = a->d->h;
    bool whole = a->d->by == PF_BY_STACK;
    pf_id group = whole ? a->key[row->stack] : group_key(a, row->func, row->frame);
    pf_id entry = whole ? group : pf_frame(h->keys, group, row->line);

    struct pf_pair *slot = pf_pairs_find(h->mem, &h->index, entry, (pf_id)a->side);
    if (!slot || (!slot->id && !pf_grow(h->mem, &h->half, h->n, &h->cap, sizeof *h->half)))
        return NULL;
    if (!slot->id) {
        h->half[h->n] = (struct half){
            .join = {.group = group, .line = whole ? 0 : row->line, .mate = PF_NO_MATE},
            .side = a->side,
            .func = copy_func(a, row->func, row->frame),
            .stack = whole ? a->stack[row->stack] : 0,
        };
        *slot = (struct pf_pair){entry, (pf_id)a->side, ++h->n};
        h->index.n++;
    }
    return &h->half[slot->id - 1];
}

/* Two rows of one run that are joined by the same are one. */
static bool combine(enum pf_kind kind, int64_t *to, int64_t value)
{
    if (kind == PF_SUM || kind == PF_GAUGE)
        return pf_add64(*to, value, to);
    *to = *to > value ? *to : value;
    return true;
}

static int add_row(struct adding *a, const struct pf_row *row)
{
    enum pf_kind kind = (enum pf_kind)a->d->type.kind;
    struct half *half = half_of(a, row);

    if (!half)
        return no_memory(a->d, a->err);
    if (half->run != a->d->h->run) {
        half->run = a->d->h->run;
        half->now = (struct pf_diff_value){row->flat, row->cum, row->calls};
        return 0;
    }
    if (combine(kind, &half->now.flat, row->flat) && combine(kind, &half->now.cum, row->cum)
        && pf_add64(half->now.calls, row->calls, &half->now.calls))
        return 0;
    return pf_fail(a->err, PF_EVALUE, "the sum of '%.100s' does not fit 64 bits",
                   pf_str_at(a->p, a->p->funcs.at[row->func].name).s);
}

static bool count(struct tally *t, bool first, int64_t value)
{
    t->min = first || value < t->min ? value : t->min;
    t->max = first || value > t->max ? value : t->max;
    return pf_add64(t->sum, value, &t->sum);
}

/* Takes the run that was added into the tallies. */
static int count_run(struct pf_diff *d, struct pf_err *err)
{
    struct pf_diff_hidden *h = d->h;

    for (uint32_t i = 0; i < h->n; i++) {
        struct half *half = &h->half[i];
        bool first = half->runs == 0;
        if (half->run != h->run)
            continue;
        if (!count(&half->flat, first, half->now.flat) || !count(&half->cum, first, half->now.cum)
            || !count(&half->calls, first, half->now.calls))
            return pf_fail(err, PF_EVALUE, "the sum of '%.100s' over the runs does not fit 64 bits",
                           pf_str_at(d->names, d->names->funcs.at[half->func].name).s);
        half->runs++;
    }
    return 0;
}

static int add_rows(struct adding *a, const struct pf_rows *rows)
{
    struct pf_diff *d = a->d;

    a->place = pf_alloc_zero(d->h->mem, a->p->strs.n, sizeof *a->place);
    if (!a->place)
        return no_memory(d, a->err);
    if (map_stacks(a))
        return -1;
    d->h->run++;
    for (uint32_t i = 0; i < rows->n; i++)
        if (add_row(a, &rows->at[i]))
            return -1;
    if (d->h->keys->err.code || d->names->err.code)
        return no_memory(d, a->err);
    if (count_run(d, a->err))
        return -1;
    if (!pf_add64(d->h->total[a->side], rows->total, &d->h->total[a->side]))
        return pf_fail(a->err, PF_EVALUE, "the sum of the totals of the runs does not fit 64 bits");
    d->side[a->side].has_calls =
        rows->has_calls && (d->side[a->side].has_calls || !d->side[a->side].runs);
    d->side[a->side].runs++;
    return 0;
}

static bool same_str(const struct pf_profile *p, pf_id a, const struct pf_profile *q, pf_id b)
{
    struct pf_str x = p->strs.at[a], y = q->strs.at[b];
    return x.len == y.len && memcmp(x.s, y.s, x.len) == 0;
}

/* All profiles must have the value in one unit, combined in one way. */
static int check_type(struct pf_diff *d, const struct pf_profile *p, unsigned type,
                      struct pf_err *err)
{
    static const char *const kinds[] = {"sum", "gauge", "peak", "fixed"};

    if (type >= p->types.n)
        return pf_fail(err, PF_EVALUE, "there is no sample type %u in the profile", type);

    const struct pf_type *t = &p->types.at[type];
    if (d->h->run == 0) {
        d->type = (struct pf_type){.name = copy_str(d->names, p, t->name),
                                   .unit = copy_str(d->names, p, t->unit),
                                   .kind = t->kind};
        return d->names->err.code ? no_memory(d, err) : 0;
    }
    const char *name = pf_str_at(d->names, d->type.name).s;
    if (!same_str(d->names, d->type.name, p, t->name))
        return pf_fail(err, PF_EVALUE, "cannot compare '%.40s' with '%.40s'", name,
                       pf_str_at(p, t->name).s);
    if (!same_str(d->names, d->type.unit, p, t->unit))
        return pf_fail(err, PF_EVALUE,
                       "cannot compare: '%.40s' is in '%.40s' here, in '%.40s' before", name,
                       pf_str_at(p, t->unit).s, pf_str_at(d->names, d->type.unit).s);
    if (d->type.kind != t->kind)
        return pf_fail(err, PF_EVALUE, "cannot compare: '%.40s' is of kind %s here, of %s before",
                       name, kinds[t->kind & 3], kinds[d->type.kind & 3]);
    return 0;
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

int pf_diff_add(struct pf_diff *d, enum pf_side side, const struct pf_profile *p, unsigned type,
                const char *file, struct pf_err *err)
{
    struct adding a = {.d = d, .p = p, .side = side, .err = err};
    struct pf_rows rows = {0};

    if (check_type(d, p, type, err))
        return -1;
    if (push_once(d, &d->side[side].files, pf_strz(d->names, file))
        || push_once(d, &d->side[side].interpreters, copy_str(d->names, p, p->interpreter)))
        return no_memory(d, err);
    int failed = pf_top(p, type, d->by, &rows, err) || add_rows(&a, &rows) ? -1 : 0;
    pf_dealloc(p->mem, rows.at);
    pf_dealloc(d->h->mem, a.place);
    pf_dealloc(d->h->mem, a.key);
    pf_dealloc(d->h->mem, a.stack);
    return failed;
}

/* ---- rows of both sides ---- */

/* sum / n, half to even */
static int64_t mean(int64_t sum, uint32_t runs)
{
    int64_t n = runs, q = sum / n, r = sum % n, twice = r < 0 ? -2 * r : 2 * r;

    if (twice > n || (twice == n && q % 2 != 0))
        q += sum < 0 ? -1 : 1;
    return q;
}

/* The least and the largest value over all runs of a side, 0 in those that lack the row. */
static struct tally over_all(const struct half *half, const struct tally *t, uint32_t runs)
{
    struct tally all = half ? *t : (struct tally){0};

    if (half && half->runs < runs) {
        all.min = all.min < 0 ? all.min : 0;
        all.max = all.max > 0 ? all.max : 0;
    }
    return all;
}

static bool all_equal(struct tally a, struct tally b)
{
    return a.min == a.max && b.min == b.max && a.min == b.min;
}

static enum pf_verdict judge(const struct pf_diff *d, const struct half *base,
                             const struct half *now)
{
    uint32_t n = d->side[PF_BASE].runs, m = d->side[PF_NEW].runs;
    struct tally b = over_all(base, base ? &base->calls : NULL, n);
    struct tally c = over_all(now, now ? &now->calls : NULL, m);
    bool known = d->side[PF_BASE].has_calls && d->side[PF_NEW].has_calls;

    if (known && b.min == b.max && c.min == c.max && b.min != c.min)
        return PF_CALLS_CHANGED;
    if (!base || !now || (known && !all_equal(b, c)))
        return PF_UNDECIDED;
    bool same = all_equal(over_all(base, &base->flat, n), over_all(now, &now->flat, m))
                && all_equal(over_all(base, &base->cum, n), over_all(now, &now->cum, m));
    return same ? PF_SAME : PF_UNDECIDED;
}

static struct pf_diff_value means(const struct half *half, uint32_t runs)
{
    if (!half || !runs)
        return (struct pf_diff_value){0};
    return (struct pf_diff_value){mean(half->flat.sum, runs), mean(half->cum.sum, runs),
                                  mean(half->calls.sum, runs)};
}

static bool fits(const struct pf_diff_value *base, const struct pf_diff_value *now)
{
    int64_t delta;

    return !__builtin_sub_overflow(now->flat, base->flat, &delta)
           && !__builtin_sub_overflow(now->cum, base->cum, &delta)
           && !__builtin_sub_overflow(now->calls, base->calls, &delta);
}

static int make_row(struct pf_diff *d, const struct half *base, const struct half *now,
                    struct pf_err *err)
{
    const struct half *shown = now ? now : base;
    struct pf_diff_row row = {
        .func = shown->func,
        .stack = shown->stack,
        .line = shown->join.line,
        .status = !now   ? PF_IN_BASE
                  : base ? PF_IN_BOTH
                         : PF_IN_NEW,
        .verdict = judge(d, base, now),
        .ambiguous = shown->join.ambiguous,
        .value = {means(base, d->side[PF_BASE].runs), means(now, d->side[PF_NEW].runs)},
    };

    if (!fits(&row.value[PF_BASE], &row.value[PF_NEW]))
        return pf_fail(err, PF_EVALUE, "the difference of '%.100s' does not fit 64 bits",
                       pf_str_at(d->names, d->names->funcs.at[row.func].name).s);
    d->at[d->n++] = row;
    return 0;
}

static int by_size(const void *a, const void *b, void *arg)
{
    const struct pf_diff_row *x = a, *y = b;
    const struct pf_diff *d = arg;

    return pf_diff_cmp(d, x, y);
}

static uint64_t size_of(const struct pf_diff_row *row)
{
    int64_t delta = row->value[PF_NEW].flat - row->value[PF_BASE].flat;
    return delta < 0 ? 0 - (uint64_t)delta : (uint64_t)delta;
}

int pf_diff_cmp_name(const struct pf_diff *d, const struct pf_diff_row *x,
                     const struct pf_diff_row *y)
{
    struct pf_row a = {.func = x->func, .stack = x->stack, .line = x->line};
    struct pf_row b = {.func = y->func, .stack = y->stack, .line = y->line};
    int c = pf_row_cmp_name(d->names, d->by, &a, &b);

    return c ? c : (x->status > y->status) - (x->status < y->status);
}

int pf_diff_cmp(const struct pf_diff *d, const struct pf_diff_row *x, const struct pf_diff_row *y)
{
    if (size_of(x) != size_of(y))
        return size_of(x) < size_of(y) ? 1 : -1;
    return pf_diff_cmp_name(d, x, y);
}

/* The joins of all halves, in an array that may be sorted. */
static int join_halves(struct pf_diff *d, struct pf_err *err)
{
    struct pf_diff_hidden *h = d->h;
    struct pf_join *join = pf_alloc(h->mem, ((size_t)h->n + 1) * sizeof *join);

    if (!join)
        return no_memory(d, err);
    bool known = d->side[PF_BASE].has_calls && d->side[PF_NEW].has_calls;
    for (uint32_t i = 0; i < h->n; i++) {
        join[i] = h->half[i].join;
        struct pf_diff_value v = means(&h->half[i], d->side[h->half[i].side].runs);
        join[i].half = i;
        join[i].side = h->half[i].side;
        join[i].calls = known ? v.calls : 0;
        join[i].cost = v.flat;
    }
    int failed = pf_join_sides(h->keys, d->by, join, h->n) ? 0 : no_memory(d, err);
    for (uint32_t i = 0; i < h->n; i++) {
        h->half[join[i].half].join.mate = join[i].mate;
        h->half[join[i].half].join.ambiguous = join[i].ambiguous;
    }
    pf_dealloc(h->mem, join);
    return failed;
}

int pf_diff_finish(struct pf_diff *d, struct pf_err *err)
{
    struct pf_diff_hidden *h = d->h;
    int64_t delta;

    for (int side = 0; side < 2; side++)
        if (d->side[side].runs)
            d->side[side].total = mean(h->total[side], d->side[side].runs);
    if (__builtin_sub_overflow(d->side[PF_NEW].total, d->side[PF_BASE].total, &delta))
        return pf_fail(err, PF_EVALUE, "the difference of the totals does not fit 64 bits");
    if (join_halves(d, err))
        return -1;
    d->at = pf_alloc(h->mem, ((size_t)h->n + 1) * sizeof *d->at);
    if (!d->at)
        return no_memory(d, err);
    for (uint32_t i = 0; i < h->n; i++) {
        const struct half *half = &h->half[i];
        const struct half *mate = half->join.mate == PF_NO_MATE ? NULL : &h->half[half->join.mate];
        if (half->side == PF_NEW ? make_row(d, mate, half, err)
                                 : !mate && make_row(d, half, NULL, err))
            return -1;
    }
    qsort_r(d->at, d->n, sizeof *d->at, by_size, d);
    return 0;
}
