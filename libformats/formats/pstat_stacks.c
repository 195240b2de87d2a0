/*
 * pstat_stacks.c - a pstats table from whole stacks, for profiles that never had one.
 *
 * Own time and calls of a stack go to its last function, and to the edge that leads there. Time
 * with callees goes to every function and every edge of the stack, once, however often it stands
 * there. Of peaks the largest is taken, and what a source gave as cumulative goes no further.
 *
 * A pstats file has no units. Times become seconds; any other value (bytes, samples) stands where
 * times do, as whole numbers, and that is told.
 */
#include "lost.h"
#include "pstat.h"

#include <string.h>

enum { TIME, CALLS, PRIMITIVE, COLUMNS };

struct sums {
    int64_t tt, ct, nc, cc;
    uint32_t on_path; /* how often it stands on the stack that is walked */
};

struct edge {
    struct sums sums;
    pf_id caller;
    uint32_t next; /* edge of the same function */
};

struct row {
    struct sums sums;
    pf_id func;
    uint32_t first, last; /* edges */
};

/* Rows and edges count from 1, stacks as in the profile. */
struct graph {
    const struct pf_profile *p;
    struct pf_err *err;
    int column[COLUMNS]; /* -1: the profile has none */
    enum pf_kind kind;   /* of the values */
    double second;       /* how many of their unit make one; 0: they are no times */
    int64_t *own[COLUMNS], *with_callees; /* of each stack */
    bool *used;                           /* there are samples at it or below */
    pf_id *child, *sibling, *edge_of;     /* of each stack */
    pf_id *same, *row_of;  /* of each function: the one it is written as, and that one's row */
    struct pf_pairs pairs; /* caller and row, to the edge */
    struct row *row;
    struct edge *edge;
    uint32_t n_rows, cap_rows, n_edges, cap_edges;
};

static bool no_memory(struct graph *g)
{
    return pf_fail(g->err, PF_ENOMEM, "out of memory"), false;
}

static bool add(struct graph *g, int64_t *sum, int64_t x)
{
    if (pf_add64(*sum, x, sum))
        return true;
    return pf_fail(g->err, PF_EVALUE, "a sum over all stacks does not fit 64 bits"), false;
}

/* Sums sum; of peaks and of values that the source made cumulative, the largest is taken. */
static bool join(struct graph *g, int64_t *to, int64_t x)
{
    if (g->kind == PF_SUM || g->kind == PF_GAUGE)
        return add(g, to, x);
    *to = *to > x ? *to : x;
    return true;
}

/* ---- which values ---- */

static bool is_text(const struct pf_profile *p, pf_id str, const char *text)
{
    struct pf_str s = p->strs.at[str];

    return s.len == strlen(text) && memcmp(s.s, text, s.len) == 0;
}

/* How many of a type's unit make a second; 0: it is no unit of time. */
static double per_second(const struct pf_profile *p, int k)
{
    double ns = pf_unit_ns(pf_str_at(p, p->types.at[k].unit));

    return ns > 0 ? 1e9 / ns : 0;
}

/* Calls, or what is most like them: samples, objects, hits, and be it the value itself. */
static void choose_calls(struct graph *g, const struct pf_write *w)
{
    const struct pf_profile *p = g->p;
    int n = (int)p->types.n, k = pf_type_find(p, "calls");

    g->column[PRIMITIVE] = k < 0 ? -1 : pf_type_find(p, "primitive_calls");
    if (k < 0)
        k = pf_type_find(p, "samples");
    for (int i = 0; k < 0 && i < n; i++)
        if (p->types.at[i].kind != PF_PEAK && is_text(p, p->types.at[i].unit, "count"))
            k = i;
    g->column[CALLS] = k;
    if (k < 0)
        pf_lost(w, "there are no numbers of calls: they are written as 0");
    else if (!is_text(p, p->types.at[k].name, "calls"))
        pf_lost(w, "numbers of %.60s are written as those of calls",
                p->strs.at[p->types.at[k].name].s);
}

/* The value that was asked for, or else the first one that is a time, or else the first. */
static bool choose(struct graph *g, const struct pf_write *w)
{
    const struct pf_profile *p = g->p;
    int n = (int)p->types.n, k = w && w->type >= 0 ? w->type : 0;

    if (n == 0)
        return pf_fail(g->err, PF_EVALUE, "a profile without sample types has no times"), false;
    if (!w || w->type < 0)
        while (k < n && !(per_second(p, k) > 0 && p->types.at[k].kind == PF_SUM))
            k++;
    k = k < n ? k : 0;
    g->column[TIME] = k;
    g->kind = p->types.at[k].kind;
    g->second = per_second(p, k);
    if (g->second <= 0)
        pf_lost(w, "'%.60s' (%.60s) stands where pstats has seconds",
                p->strs.at[p->types.at[k].name].s, p->strs.at[p->types.at[k].unit].s);
    pf_lost_kind(w, p, (unsigned)k, "readers of pstats files");
    choose_calls(g, w);
    return true;
}

static void tell_lost(struct graph *g, const struct pf_write *w)
{
    const struct pf_profile *p = g->p;
    uint64_t without = 0;
    bool lines = false;

    pf_lost(w, "whole stacks are lost: a pstats file holds callers, one level deep");
    for (uint32_t i = 0; i < p->samples.n; i++)
        without += p->samples.stack[i] == 0;
    if (without)
        pf_lost(w, "%llu samples without a stack are lost", (unsigned long long)without);
    for (uint32_t i = 1; i < p->frames.n; i++)
        lines |=
            p->frames.at[i].line && p->frames.at[i].line != p->funcs.at[p->frames.at[i].func].line;
    if (lines)
        pf_lost(w, "the lines inside functions are lost");
    pf_pstat_lost_columns(p, w, g->column, COLUMNS);
}

/* ---- stacks ---- */

static bool allocate(struct graph *g)
{
    struct pf_mem *m = g->p->mem;
    uint32_t n = g->p->stacks.n;
    bool ok = true;

    for (int i = 0; i < COLUMNS; i++)
        ok = (g->own[i] = pf_alloc_zero(m, n, sizeof(int64_t))) && ok;
    ok = (g->with_callees = pf_alloc_zero(m, n, sizeof(int64_t))) && ok;
    ok = (g->used = pf_alloc_zero(m, n, sizeof(bool))) && ok;
    ok = (g->child = pf_alloc_zero(m, n, sizeof(pf_id))) && ok;
    ok = (g->sibling = pf_alloc_zero(m, n, sizeof(pf_id))) && ok;
    ok = (g->edge_of = pf_alloc_zero(m, n, sizeof(pf_id))) && ok;
    ok = (g->same = pf_alloc_zero(m, g->p->funcs.n, sizeof(pf_id))) && ok;
    ok = (g->row_of = pf_alloc_zero(m, g->p->funcs.n, sizeof(pf_id))) && ok;
    return ok || no_memory(g);
}

static void release(struct graph *g)
{
    void *blocks[] = {g->own[TIME], g->own[CALLS], g->own[PRIMITIVE], g->with_callees, g->used,
                      g->child,     g->sibling,    g->edge_of,        g->same,         g->row_of,
                      g->row,       g->edge};

    for (size_t i = 0; i < sizeof blocks / sizeof *blocks; i++)
        pf_dealloc(g->p->mem, blocks[i]);
    pf_pairs_free(g->p->mem, &g->pairs);
}

/* Values of the samples to their stacks, times on to all callers, and the tree turned downwards. */
static bool load(struct graph *g)
{
    const struct pf_profile *p = g->p;

    for (uint32_t i = 0; i < p->samples.n; i++) {
        pf_id s = p->samples.stack[i];
        g->used[s] = true;
        if (!join(g, &g->own[TIME][s], p->samples.value[g->column[TIME]][i]))
            return false;
        for (int k = CALLS; k < COLUMNS; k++)
            if (g->column[k] >= 0 && !add(g, &g->own[k][s], p->samples.value[g->column[k]][i]))
                return false;
    }
    for (pf_id s = p->stacks.n - 1; s > 0; s--) {
        pf_id parent = p->stacks.parent[s];
        if (!g->used[s])
            continue;
        g->used[parent] = true;
        g->sibling[s] = g->child[parent]; /* backwards, so that children come in their order */
        g->child[parent] = s;
        if (!join(g, &g->with_callees[s], g->own[TIME][s])
            || (g->kind != PF_FIXED && !join(g, &g->with_callees[parent], g->with_callees[s])))
            return false;
    }
    return true;
}

/* ---- functions and edges ---- */

/* Functions that differ only in what a pstats file does not hold are one there. */
static bool func_eq(const void *table, pf_id id, const void *key)
{
    const struct pf_func *a = (const struct pf_func *)table + id, *b = key;

    return a->name == b->name && a->file == b->file && a->line == b->line;
}

static uint64_t func_hash(const struct pf_mem *m, const void *table, pf_id id)
{
    const struct pf_func *f = (const struct pf_func *)table + id;

    return pf_mix(m, f->name | (uint64_t)f->file << 32, (uint64_t)f->line);
}

static bool find_same(struct graph *g)
{
    struct pf_mem *m = g->p->mem;
    const struct pf_func *at = g->p->funcs.at;
    struct pf_index seen = {0};
    bool ok = true;

    for (pf_id f = 1; f < g->p->funcs.n && ok; f++) {
        pf_id *slot = pf_index_find(m, &seen, at, &at[f], func_hash(m, at, f), func_eq, func_hash);
        ok = slot != NULL;
        if (ok && !*slot) {
            *slot = f;
            seen.n++;
        }
        if (ok)
            g->same[f] = *slot;
    }
    pf_index_free(m, &seen);
    return ok || no_memory(g);
}

static uint32_t row_of(struct graph *g, pf_id stack)
{
    pf_id func = g->same[g->p->frames.at[g->p->stacks.frame[stack]].func];

    if (g->row_of[func])
        return g->row_of[func];
    if (!pf_grow(g->p->mem, &g->row, g->n_rows + 1, &g->cap_rows, sizeof *g->row))
        return no_memory(g), 0;
    g->row[++g->n_rows] = (struct row){.func = func};
    return g->row_of[func] = g->n_rows;
}

/* The edge from a row's function to another row's. */
static uint32_t edge_of(struct graph *g, uint32_t from, uint32_t to)
{
    struct pf_pair *slot = pf_pairs_find(g->p->mem, &g->pairs, from, to);

    if (slot && slot->id)
        return slot->id;
    if (!slot || !pf_grow(g->p->mem, &g->edge, g->n_edges + 1, &g->cap_edges, sizeof *g->edge))
        return no_memory(g), 0;
    *slot = (struct pf_pair){from, to, ++g->n_edges};
    g->pairs.n++;
    g->edge[g->n_edges] = (struct edge){.caller = g->row[from].func};
    struct row *r = &g->row[to];
    if (r->last)
        g->edge[r->last].next = g->n_edges;
    else
        r->first = g->n_edges;
    r->last = g->n_edges;
    return g->n_edges;
}

/* ---- the walk ---- */

static bool enter(struct graph *g, struct sums *x, pf_id stack)
{
    bool first = x->on_path++ == 0;
    int64_t calls = g->own[CALLS][stack];
    /* where calls are not told apart, those of a function that is being called already are
     * recursive */
    int64_t primitive = g->column[PRIMITIVE] >= 0 ? g->own[PRIMITIVE][stack] : first ? calls : 0;

    return join(g, &x->tt, g->own[TIME][stack]) && add(g, &x->nc, calls)
           && add(g, &x->cc, primitive) && (!first || join(g, &x->ct, g->with_callees[stack]));
}

static bool enter_stack(struct graph *g, pf_id stack)
{
    pf_id parent = g->p->stacks.parent[stack];
    uint32_t to = row_of(g, stack), from = parent ? row_of(g, parent) : 0;

    if (!to || !enter(g, &g->row[to].sums, stack))
        return false;
    if (!parent)
        return true;
    g->edge_of[stack] = from ? edge_of(g, from, to) : 0;
    return g->edge_of[stack] && enter(g, &g->edge[g->edge_of[stack]].sums, stack);
}

static void leave_stack(struct graph *g, pf_id stack)
{
    g->row[row_of(g, stack)].sums.on_path--;
    if (g->edge_of[stack])
        g->edge[g->edge_of[stack]].sums.on_path--;
}

/* All stacks, callers before callees; parent leads back, so nothing has to be remembered. */
static bool walk(struct graph *g)
{
    pf_id s = g->child[0];

    while (s) {
        if (!enter_stack(g, s))
            return false;
        if (g->child[s]) {
            s = g->child[s];
            continue;
        }
        while (s && !g->sibling[s]) {
            leave_stack(g, s);
            s = g->p->stacks.parent[s];
        }
        if (s) {
            leave_stack(g, s);
            s = g->sibling[s];
        }
    }
    return true;
}

/* ---- the table ---- */

static struct pf_num number(const struct graph *g, int64_t value)
{
    if (g->second > 0)
        return (struct pf_num){.d = (double)value / g->second};
    return (struct pf_num){.is_int = true, .i = value};
}

static bool fill(struct graph *g, struct pf_calls *calls)
{
    struct pf_mem *m = g->p->mem;
    uint32_t n = 0;

    calls->at = pf_alloc_zero(m, (size_t)g->n_rows + 1, sizeof *calls->at);
    calls->edge = pf_alloc_zero(m, (size_t)g->n_edges + 1, sizeof *calls->edge);
    if (!calls->at || !calls->edge)
        return no_memory(g);
    for (uint32_t i = 1; i <= g->n_rows; i++) {
        const struct row *r = &g->row[i];
        calls->at[i - 1] = (struct pf_call){.func = r->func,
                                            .edge = n,
                                            .cc = r->sums.cc,
                                            .nc = r->sums.nc,
                                            .tt = number(g, r->sums.tt),
                                            .ct = number(g, r->sums.ct)};
        for (uint32_t k = r->first; k; k = g->edge[k].next) {
            const struct edge *e = &g->edge[k];
            calls->edge[n++] = (struct pf_edge){.caller = e->caller,
                                                .cc = e->sums.cc,
                                                .nc = e->sums.nc,
                                                .tt = number(g, e->sums.tt),
                                                .ct = number(g, e->sums.ct)};
        }
    }
    calls->at[g->n_rows].edge = n;
    calls->n = g->n_rows;
    calls->n_edges = n;
    calls->form = PF_EDGES_TIMED;
    return true;
}

bool pf_pstat_from_stacks(const struct pf_profile *p, const struct pf_write *w,
                          struct pf_calls *calls, struct pf_err *err)
{
    struct graph g = {.p = p, .err = err};
    bool ok = choose(&g, w) && allocate(&g) && load(&g) && find_same(&g) && walk(&g);

    if (ok && !g.n_rows)
        ok = pf_fail(err, PF_EVALUE, "there are no functions to write") == 0;
    ok = ok && fill(&g, calls);
    if (ok)
        tell_lost(&g, w);
    release(&g);
    return ok;
}
