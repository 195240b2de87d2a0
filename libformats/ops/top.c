/* top.c - flat and cumulative values of functions, lines, files, modules and stacks. */
#include "top.h"

#include <stdlib.h>
#include <string.h>

int pf_top_no_memory(struct top *t)
{
    pf_fail(t->err, PF_ENOMEM, "out of memory (%zu MiB in use; see --max-memory)",
            t->mem->used / PF_MIB);
    return -1;
}

static int overflow(struct top *t, pf_id func)
{
    const struct pf_profile *p = t->p;

    return pf_fail(t->err, PF_EVALUE, "the sum of '%.40s' in '%.100s' does not fit 64 bits",
                   p->strs.at[p->types.at[t->type].name].s, p->strs.at[p->funcs.at[func].name].s);
}

static pf_id func_of(const struct pf_profile *p, pf_id stack)
{
    return p->frames.at[p->stacks.frame[stack]].func;
}

static bool is_named(const struct pf_profile *p, pf_id str, const char *name)
{
    struct pf_str s = p->strs.at[str];
    return s.len == strlen(name) && memcmp(s.s, name, s.len) == 0;
}

static pf_id group_of(const struct top *t, pf_id stack)
{
    return t->by == PF_BY_STACK ? stack : t->of_frame[t->p->stacks.frame[stack]];
}

/* ---- values ---- */

/* Sums sum; of peaks and of values that the source made cumulative, the largest is taken. */
static bool join(enum pf_kind kind, bool first, int64_t *to, int64_t value)
{
    if (kind == PF_SUM || kind == PF_GAUGE)
        return pf_add64(*to, value, to);
    if (first || value > *to)
        *to = value;
    return true;
}

static int add_samples(struct top *t, int64_t *total)
{
    const struct pf_profile *p = t->p;
    const int64_t *value = p->samples.value[t->type];

    for (uint32_t i = 0; i < p->samples.n; i++) {
        pf_id s = p->samples.stack[i];
        if (!join(t->kind, !t->used[s], &t->node[s], value[i])
            || !join(t->kind, i == 0, total, value[i]))
            return overflow(t, func_of(p, s));
        t->used[s] = true;
    }
    return 0;
}

static int add_flat(struct top *t)
{
    for (pf_id s = 1; s < t->p->stacks.n; s++) {
        if (!t->used[s])
            continue;
        pf_id g = group_of(t, s);
        if (!join(t->kind, !t->seen[g], &t->row[g].flat, t->node[s]))
            return overflow(t, func_of(t->p, s));
        t->seen[g] = true;
    }
    return 0;
}

/* Values of callees into their callers: parents come before their children. */
static int add_to_parents(struct top *t)
{
    const pf_id *parent = t->p->stacks.parent;

    for (pf_id s = t->p->stacks.n - 1; s > 0; s--) {
        if (!t->used[s])
            continue;
        pf_id up = parent[s];
        if (!join(t->kind, !t->used[up], &t->node[up], t->node[s]))
            return overflow(t, func_of(t->p, up));
        t->used[up] = true;
    }
    return 0;
}

/* The nodes in preorder, and the sizes of their subtrees. */
static void preorder(const struct pf_profile *p, uint32_t *size, uint32_t *next, pf_id *order)
{
    const pf_id *parent = p->stacks.parent;
    uint32_t n = p->stacks.n;

    for (pf_id s = 0; s < n; s++)
        size[s] = 1;
    for (pf_id s = n - 1; s > 0; s--)
        size[parent[s]] += size[s];
    order[0] = 0;
    next[0] = 1; /* where the next child of a node goes */
    for (pf_id s = 1; s < n; s++) {
        uint32_t at = next[parent[s]];
        next[parent[s]] += size[s];
        next[s] = at + 1;
        order[at] = s;
    }
}

/*
 * A group counts once a stack: at its occurrence nearest the root. In preorder the subtree of a
 * node is an interval, and a node has an ancestor of its own group exactly when it lies in the
 * interval that the group opened last at its top; one number a group remembers where that ends.
 */
static int add_outermost(struct top *t, const uint32_t *size, const pf_id *order, uint32_t *end)
{
    for (uint32_t i = 1; i < t->p->stacks.n; i++) {
        pf_id s = order[i];
        if (!t->used[s])
            continue;
        pf_id g = group_of(t, s);
        if (i < end[g])
            continue;
        if (!join(t->kind, end[g] == 0, &t->row[g].cum, t->node[s]))
            return overflow(t, func_of(t->p, s));
        end[g] = i + size[s];
        t->seen[g] = true;
    }
    return 0;
}

static int add_cum(struct top *t)
{
    size_t bytes = t->p->stacks.n * sizeof(uint32_t);
    uint32_t *size = pf_alloc(t->mem, bytes), *next = pf_alloc(t->mem, bytes);
    pf_id *order = pf_alloc(t->mem, bytes);
    uint32_t *end = pf_alloc_zero(t->mem, t->n, sizeof *end);
    int failed = -1;

    if (size && next && order && end) {
        preorder(t->p, size, next, order);
        failed = add_outermost(t, size, order, end);
    } else {
        pf_top_no_memory(t);
    }
    pf_dealloc(t->mem, size);
    pf_dealloc(t->mem, next);
    pf_dealloc(t->mem, order);
    pf_dealloc(t->mem, end);
    return failed;
}

/* Stacks are their node; where the source gave cumulative values, there are no others. */
static void cum_is_node(struct top *t)
{
    for (uint32_t g = 0; g < t->n; g++)
        t->row[g].cum = t->kind == PF_FIXED ? t->row[g].flat : t->node[g];
}

static int add_calls(struct top *t, const char *name, size_t field, bool *has)
{
    const struct pf_profile *p = t->p;
    int type = -1;

    for (uint32_t k = 0; k < p->types.n; k++)
        if (is_named(p, p->types.at[k].name, name))
            type = (int)k;
    *has = type >= 0;
    for (uint32_t i = 0; type >= 0 && i < p->samples.n; i++) {
        pf_id s = p->samples.stack[i];
        int64_t *to = (int64_t *)(void *)((char *)&t->row[group_of(t, s)] + field);
        if (s && !pf_add64(*to, p->samples.value[type][i], to))
            return overflow(t, func_of(p, s));
    }
    return 0;
}

/* ---- cumulative times of a pstats table ---- */

static int number(struct top *t, pf_id func, const struct pf_num *x, int64_t *value)
{
    if (pf_num_value(x, value))
        return 0;
    return pf_fail(t->err, PF_EVALUE, "the cumulative time of '%.100s' does not fit 64 bits",
                   t->p->strs.at[t->p->funcs.at[func].name].s);
}

/* cProfile measured the cumulative time of each function, recursion counted once. */
static int cum_of_functions(struct top *t)
{
    const struct pf_calls *c = &t->p->calls;

    for (uint32_t i = 0; i < c->n; i++) {
        pf_id g = pf_top_group_of_call(t, c->at[i].func);
        t->row[g].cum = 0;
        t->seen[g] = true;
    }
    for (uint32_t i = 0; i < c->n; i++) {
        int64_t ct = 0, *cum = &t->row[pf_top_group_of_call(t, c->at[i].func)].cum;
        if (number(t, c->at[i].func, &c->at[i].ct, &ct))
            return -1;
        if (!pf_add64(*cum, ct, cum))
            return overflow(t, c->at[i].func);
    }
    return 0;
}

/* What of ct entered function i from outside its group: the time of those edges, and what no edge
 * accounts for, which came from the root. Edges without times are taken to cost the same a call. */
static int entering(struct top *t, uint32_t i, int64_t ct, int64_t *enters)
{
    const struct pf_calls *c = &t->p->calls;
    const struct pf_call *call = &c->at[i];
    int64_t inside = 0, outside = 0, edge_ct = 0;
    double within = 0;

    for (uint32_t e = call->edge; e < call[1].edge; e++) {
        bool same = t->of_func[c->edge[e].caller] == t->of_func[call->func];
        within += same ? (double)c->edge[e].nc : 0;
        if (c->form != PF_EDGES_TIMED)
            continue;
        int64_t *sum = same ? &inside : &outside;
        if (number(t, call->func, &c->edge[e].ct, &edge_ct))
            return -1;
        if (!pf_add64(*sum, edge_ct, sum))
            return overflow(t, call->func);
    }
    if (c->form != PF_EDGES_TIMED) {
        double share = call->nc > 0 ? 1 - within / (double)call->nc : 1;
        *enters = share <= 0 ? 0 : share >= 1 ? ct : (int64_t)(share * (double)ct);
        return 0;
    }
    int64_t known, rest;
    if (!pf_add64(inside, outside, &known) || __builtin_sub_overflow(ct, known, &rest))
        return overflow(t, call->func);
    return pf_add64(outside, rest > 0 ? rest : 0, enters) ? 0 : overflow(t, call->func);
}

/*
 * Files and modules have no measured cumulative time: the largest of their functions' misses the
 * others, the sum counts calls inside the group twice. The inclusive time of the calls that enter
 * the group from outside is right but for calls back into it (they count again), so what it gives
 * is kept between the flat value and the total.
 */
static int cum_of_groups(struct top *t, int64_t total)
{
    const struct pf_calls *c = &t->p->calls;

    for (uint32_t i = 0; i < c->n; i++) {
        pf_id g = t->of_func[c->at[i].func];
        t->row[g].cum = 0;
        t->seen[g] = true;
    }
    for (uint32_t i = 0; i < c->n; i++) {
        int64_t ct, enters = 0, *cum = &t->row[t->of_func[c->at[i].func]].cum;
        if (number(t, c->at[i].func, &c->at[i].ct, &ct) || entering(t, i, ct, &enters))
            return -1;
        if (!pf_add64(*cum, enters, cum))
            return overflow(t, c->at[i].func);
    }
    for (uint32_t i = 0; i < c->n; i++) {
        struct pf_row *row = &t->row[t->of_func[c->at[i].func]];
        if (row->cum > total)
            row->cum = total;
        if (row->cum < row->flat)
            row->cum = row->flat;
    }
    return 0;
}

/* A sampled table counts a sample once for each line of a function that was on the stack, so a
 * recursive function may seem to take more than all there is. */
static void hold_sampled(struct top *t, int64_t total)
{
    const struct pf_calls *c = &t->p->calls;

    for (uint32_t i = 0; c->form == PF_EDGES_SAMPLED && i < c->n; i++) {
        int64_t *cum = &t->row[pf_top_group_of_call(t, c->at[i].func)].cum;
        *cum = *cum > total ? total : *cum;
    }
}

static int cum_from_table(struct top *t, struct pf_rows *rows)
{
    const struct pf_profile *p = t->p;
    bool grouped = t->by == PF_BY_FILE || t->by == PF_BY_MODULE;

    if (t->by == PF_BY_STACK || !is_named(p, p->types.at[t->type].name, "time"))
        return 0;
    if (p->calls.n == 0 || (grouped && p->stack_kind != PF_EDGE_ONLY))
        return 0;
    rows->cum_from = grouped ? PF_CUM_ESTIMATE : PF_CUM_TABLE;
    if (grouped)
        return cum_of_groups(t, rows->total);
    if (cum_of_functions(t))
        return -1;
    hold_sampled(t, rows->total);
    return 0;
}

/* ---- rows ---- */

struct sorting {
    const struct pf_profile *p;
    enum pf_by by;
};

static int by_flat(const void *a, const void *b, void *arg)
{
    const struct sorting *s = arg;
    return pf_row_cmp(s->p, s->by, a, b);
}

/* Keeps the rows that were seen, in order. */
static void finish(struct top *t, struct pf_rows *rows)
{
    struct sorting s = {t->p, t->by};

    rows->at = t->row;
    t->row = NULL;
    for (uint32_t g = 0; g < t->n; g++)
        if (t->seen[g])
            rows->at[rows->n++] = rows->at[g];
    qsort_r(rows->at, rows->n, sizeof *rows->at, by_flat, &s);
}

static int fill(struct top *t, struct pf_rows *rows)
{
    const struct pf_profile *p = t->p;
    bool has_prim;

    if (pf_top_groups(t))
        return -1;
    t->node = pf_alloc_zero(t->mem, p->stacks.n, sizeof *t->node);
    t->used = pf_alloc_zero(t->mem, p->stacks.n, sizeof *t->used);
    if (!t->node || !t->used)
        return pf_top_no_memory(t);
    if (add_samples(t, &rows->total) || add_flat(t)
        || add_calls(t, "calls", offsetof(struct pf_row, calls), &rows->has_calls)
        || add_calls(t, "primitive_calls", offsetof(struct pf_row, prim), &has_prim))
        return -1;
    if (t->kind != PF_FIXED && add_to_parents(t))
        return -1;
    if (t->kind == PF_FIXED || t->by == PF_BY_STACK) {
        cum_is_node(t);
        return 0;
    }
    return add_cum(t) || cum_from_table(t, rows) ? -1 : 0;
}

int pf_top(const struct pf_profile *p, unsigned type, enum pf_by by, struct pf_rows *rows,
           struct pf_err *err)
{
    struct top t = {.p = p, .mem = p->mem, .type = type, .by = by, .err = err};

    *rows = (struct pf_rows){0};
    if (type >= p->types.n)
        return pf_fail(err, PF_EVALUE, "there is no sample type %u in the profile", type);
    t.kind = (enum pf_kind)p->types.at[type].kind;
    rows->cum_from = p->stack_kind == PF_EDGE_ONLY ? PF_CUM_EDGES : PF_CUM_STACKS;
    int failed = fill(&t, rows);
    if (!failed)
        finish(&t, rows);
    pf_free(t.keys);
    void *blocks[] = {t.of_frame, t.of_func, t.row, t.seen, t.node, t.used};
    for (size_t i = 0; i < sizeof blocks / sizeof *blocks; i++)
        pf_dealloc(t.mem, blocks[i]);
    return failed;
}
