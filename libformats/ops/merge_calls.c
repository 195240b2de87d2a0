/*
 * merge_calls.c - adds one raw pstats table to another: integers exactly, times without any
 * rounding (core/num.c), so that the order of merging cannot show.
 */
#include "merge.h"

/* Where the rows and edges of `into` are: (function, caller) -> index + 1; caller 0 is the row. */
struct places {
    struct pf_pairs at;
};

static struct pf_pair *place(struct pf_merging *m, struct places *x, pf_id func, pf_id caller)
{
    struct pf_pair *slot = pf_pairs_find(m->into->mem, &x->at, func, caller);

    if (!slot)
        pf_merge_no_memory(m);
    return slot;
}

static void put_place(struct places *x, struct pf_pair *slot, pf_id func, pf_id caller, uint32_t at)
{
    *slot = (struct pf_pair){func, caller, at + 1};
    x->at.n++;
}

static int index_table(struct pf_merging *m, struct places *x)
{
    const struct pf_calls *c = &m->into->calls;

    for (uint32_t i = 0; i < c->n; i++) {
        struct pf_pair *slot = place(m, x, c->at[i].func, 0);
        if (!slot)
            return -1;
        put_place(x, slot, c->at[i].func, 0, i);
        for (uint32_t e = c->at[i].edge; e < c->at[i + 1].edge; e++) {
            if (!(slot = place(m, x, c->at[i].func, c->edge[e].caller)))
                return -1;
            put_place(x, slot, c->at[i].func, c->edge[e].caller, e);
        }
    }
    return 0;
}

static int add_count(struct pf_merging *m, int64_t *sum, int64_t x, pf_id func)
{
    if (pf_add64(*sum, x, sum))
        return 0;
    return pf_fail(m->err, PF_EVALUE, "the calls of '%.100s' do not fit 64 bits",
                   m->into->strs.at[m->into->funcs.at[func].name].s);
}

static int add_num(struct pf_merging *m, struct pf_num *sum, const struct pf_num *x)
{
    if (pf_num_add(m->into, sum, x, x->parts ? m->from->calls.part + x->part : NULL))
        return 0;
    *m->err = m->into->err;
    return -1;
}

/* What a sum starts from: adding x to it gives x itself, -0.0 included. */
static struct pf_num zero_like(const struct pf_num *x)
{
    return x->is_int ? (struct pf_num){.is_int = true} : (struct pf_num){.d = -0.0};
}

static int add_row(struct pf_merging *m, struct pf_call *to, const struct pf_call *x)
{
    return add_count(m, &to->cc, x->cc, to->func) < 0 || add_count(m, &to->nc, x->nc, to->func) < 0
                   || add_num(m, &to->tt, &x->tt) < 0 || add_num(m, &to->ct, &x->ct) < 0
               ? -1
               : 0;
}

static int add_edge(struct pf_merging *m, struct pf_edge *to, const struct pf_edge *x)
{
    return add_count(m, &to->cc, x->cc, to->caller) < 0
                   || add_count(m, &to->nc, x->nc, to->caller) < 0
                   || add_num(m, &to->tt, &x->tt) < 0 || add_num(m, &to->ct, &x->ct) < 0
               ? -1
               : 0;
}

/* One row of `from`, with its edges, into a table where edges need not lie with their row yet:
 * row_of[] tells for each edge. *moved: an edge was added to a row that is not the last. */
static int merge_row(struct pf_merging *m, struct places *x, uint32_t i, uint32_t **row_of,
                     uint32_t *cap)
{
    const struct pf_calls *c = &m->from->calls;
    struct pf_profile *p = m->into;
    pf_id func = m->func[c->at[i].func];
    struct pf_pair *slot = place(m, x, func, 0);

    if (!slot)
        return -1;
    if (!slot->id) {
        struct pf_call *row = pf_call_add(p, func);
        if (!row)
            return pf_merge_no_memory(m);
        row->tt = zero_like(&c->at[i].tt);
        row->ct = zero_like(&c->at[i].ct);
        put_place(x, slot, func, 0, p->calls.n - 1);
    }
    uint32_t row = slot->id - 1;
    if (add_row(m, &p->calls.at[row], &c->at[i]) < 0)
        return -1;
    for (uint32_t e = c->at[i].edge; e < c->at[i + 1].edge; e++) {
        pf_id caller = m->func[c->edge[e].caller];
        if (!(slot = place(m, x, func, caller)))
            return -1;
        if (!slot->id) {
            struct pf_edge *edge = pf_edge_add(p, caller);
            if (!edge || !pf_grow(p->mem, row_of, p->calls.n_edges - 1, cap, sizeof **row_of))
                return pf_merge_no_memory(m);
            edge->tt = zero_like(&c->edge[e].tt);
            edge->ct = zero_like(&c->edge[e].ct);
            (*row_of)[p->calls.n_edges - 1] = row;
            put_place(x, slot, func, caller, p->calls.n_edges - 1);
        }
        if (add_edge(m, &p->calls.edge[slot->id - 1], &c->edge[e]) < 0)
            return -1;
    }
    return 0;
}

/* Brings edges together with their rows again: a counting sort by row. */
static int gather_edges(struct pf_merging *m, const uint32_t *row_of)
{
    struct pf_calls *c = &m->into->calls;
    struct pf_mem *mem = m->into->mem;
    uint32_t *at = pf_alloc_zero(mem, (size_t)c->n + 1, sizeof *at);
    struct pf_edge *sorted = pf_alloc(mem, (size_t)c->cap_edges * sizeof *sorted);

    if (!at || !sorted) {
        pf_dealloc(mem, at);
        pf_dealloc(mem, sorted);
        return pf_merge_no_memory(m);
    }
    for (uint32_t e = 0; e < c->n_edges; e++)
        at[row_of[e] + 1]++;
    for (uint32_t i = 0; i < c->n; i++) {
        at[i + 1] += at[i];
        c->at[i].edge = at[i];
    }
    c->at[c->n].edge = c->n_edges;
    for (uint32_t e = 0; e < c->n_edges; e++)
        sorted[at[row_of[e]]++] = c->edge[e];
    pf_dealloc(mem, c->edge);
    c->edge = sorted;
    pf_dealloc(mem, at);
    return 0;
}

static int merge_table(struct pf_merging *m, struct places *x)
{
    struct pf_calls *c = &m->into->calls;
    struct pf_mem *mem = m->into->mem;
    uint32_t cap = 0, *row_of = NULL, before = c->n_edges;
    int status = index_table(m, x);

    for (uint32_t i = 0; status == 0 && i < c->n; i++)
        for (uint32_t e = c->at[i].edge; status == 0 && e < c->at[i + 1].edge; e++) {
            if (!pf_grow(mem, &row_of, e, &cap, sizeof *row_of))
                status = pf_merge_no_memory(m);
            else
                row_of[e] = i;
        }
    for (uint32_t i = 0; status == 0 && i < m->from->calls.n; i++)
        status = merge_row(m, x, i, &row_of, &cap);
    if (status == 0 && row_of && c->n_edges > before)
        status = gather_edges(m, row_of);
    pf_dealloc(mem, row_of);
    return status;
}

static pf_id time_unit(const struct pf_profile *p)
{
    int k = pf_type_find(p, "time");
    return k < 0 ? 0 : p->types.at[k].unit;
}

static bool mixable(const struct pf_merging *m)
{
    const struct pf_profile *a = m->into, *b = m->from;
    struct pf_str x = a->strs.at[time_unit(a)], y = b->strs.at[time_unit(b)];

    return a->calls.n && b->calls.n && a->calls.form == b->calls.form && x.len == y.len
           && memcmp(x.s, y.s, x.len) == 0 && m->how->runs == PF_RUNS_SUM;
}

static int copy_table(struct pf_merging *m)
{
    const struct pf_calls *c = &m->from->calls;
    struct pf_profile *p = m->into;

    for (uint32_t i = 0; i < c->n_parts; i++) {
        if (!pf_grow(p->mem, &p->calls.part, i, &p->calls.cap_parts, sizeof *c->part))
            return pf_merge_no_memory(m);
        p->calls.part[i] = c->part[i];
        p->calls.n_parts = i + 1;
    }
    for (uint32_t i = 0; i < c->n; i++) {
        struct pf_call *row = pf_call_add(p, m->func[c->at[i].func]);
        if (!row)
            return pf_merge_no_memory(m);
        row->cc = c->at[i].cc;
        row->nc = c->at[i].nc;
        row->tt = c->at[i].tt;
        row->ct = c->at[i].ct;
        for (uint32_t e = c->at[i].edge; e < c->at[i + 1].edge; e++) {
            struct pf_edge *edge = pf_edge_add(p, 0);
            if (!edge)
                return pf_merge_no_memory(m);
            *edge = c->edge[e];
            edge->caller = m->func[c->edge[e].caller];
        }
    }
    return 0;
}

int pf_merge_calls(struct pf_merging *m)
{
    struct pf_calls *to = &m->into->calls;
    const struct pf_calls *c = &m->from->calls;
    struct places x = {0};

    if (m->how->only)
        return 0;
    if (m->first) {
        to->form = c->form;
        to->swapped = c->swapped;
        to->runs = c->runs;
        return copy_table(m);
    }
    if (!mixable(m)) { /* then the table would tell of a part only */
        to->n = to->n_edges = to->n_parts = 0;
        return 0;
    }
    int status = merge_table(m, &x);
    pf_pairs_free(m->into->mem, &x.at);
    to->swapped = to->swapped && c->swapped;
    to->runs += c->runs;
    return status;
}
