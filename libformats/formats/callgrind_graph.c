/*
 * callgrind_graph.c - costs and calls of a profile, from its pstats table or from its stacks.
 *
 * A call costs what it and all that it calls take. As in callgrind itself each call on a stack
 * counts in full, those of a recursion, too.
 */
#include "callgrind.h"

#include <string.h>

int cg_no_memory(struct callgrind *g)
{
    return pf_fail(g->err, PF_ENOMEM, "out of memory (see --max-memory)");
}

static int overflow(struct callgrind *g)
{
    return pf_fail(g->err, PF_EVALUE, "a sum over all stacks does not fit 64 bits");
}

int cg_add_cost(struct callgrind *g, pf_id node, int64_t line, int64_t value)
{
    if (value < 0)
        return pf_add64(g->shrunk, value, &g->shrunk) ? 0 : overflow(g);
    if (!pf_grow(g->p->mem, &g->cost, g->n_costs, &g->cap_costs, sizeof *g->cost))
        return cg_no_memory(g);
    g->cost[g->n_costs++] = (struct cg_cost){node, line, value};
    return pf_add64(g->total, value, &g->total) ? 0 : overflow(g);
}

int cg_add_call(struct callgrind *g, const struct cg_call *call)
{
    if (!pf_grow(g->p->mem, &g->call, g->n_calls, &g->cap_calls, sizeof *g->call))
        return cg_no_memory(g);
    struct cg_call *to = &g->call[g->n_calls++];
    *to = *call;
    if (to->value < 0)
        to->value = 0;
    if (to->count < 1) /* readers take the cost of no calls for the caller's own */
        to->count = 1;
    return 0;
}

/* ---- from a table ---- */

bool cg_has_table(const struct callgrind *g)
{
    const struct pf_profile *p = g->p;
    int64_t table = 0, samples = 0, value;

    if (!p->calls.n || pf_type_find(p, "time") != (int)g->type)
        return false;
    for (uint32_t i = 0; i < p->calls.n; i++)
        if (!pf_num_value(&p->calls.at[i].tt, &value) || value < 0
            || !pf_add64(table, value, &table))
            return false;
    for (uint32_t i = 0; i < p->samples.n; i++)
        if (!pf_add64(samples, p->samples.value[g->type][i], &samples))
            return false;
    return table == samples;
}

/* What an edge without a time of its own took: its share of the calls. */
static int64_t share(int64_t ct, int64_t count, int64_t all)
{
    if (all <= 0 || count <= 0 || ct <= 0)
        return 0;
    if (count >= all)
        return ct;
    __extension__ __int128 wide = ct;
    return (int64_t)(wide * count / all);
}

static int add_row(struct callgrind *g, const struct pf_call *c)
{
    const struct pf_profile *p = g->p;
    bool timed = p->calls.form == PF_EDGES_TIMED;
    int64_t tt, ct = 0;

    if (!pf_num_value(&c->tt, &tt) || !pf_num_value(&c->ct, &ct))
        return overflow(g);
    if (cg_add_cost(g, c->func, p->funcs.at[c->func].line, tt) < 0)
        return -1;
    for (uint32_t i = c->edge; i < c[1].edge; i++) {
        const struct pf_edge *e = &p->calls.edge[i];
        struct cg_call call = {.node = e->caller, .callee = c->func, .count = e->nc};
        call.line = p->funcs.at[e->caller].line;
        if (!timed)
            call.value = share(ct, e->nc, c->nc);
        else if (!pf_num_value(&e->ct, &call.value))
            return overflow(g);
        if (cg_add_call(g, &call) < 0)
            return -1;
    }
    return 0;
}

int cg_from_table(struct callgrind *g)
{
    const struct pf_calls *c = &g->p->calls;

    g->from_table = true;
    g->counted = c->form != PF_EDGES_SAMPLED;
    g->apportioned = c->form != PF_EDGES_TIMED;
    for (uint32_t i = 0; i < c->n; i++)
        if (add_row(g, &c->at[i]) < 0)
            return -1;
    return 0;
}

/* ---- from stacks ---- */

struct sums {
    int64_t value, count; /* of a frame by itself, or of a call */
};

struct walking {
    struct callgrind *g;
    struct sums *node; /* of each stack, then with all that is below */
    bool *used;
    int64_t *own;         /* of each frame */
    struct pf_pairs seen; /* calling frame and called function, to the call + 1 */
    int calls;            /* column, or -1: samples are counted */
};

static bool join(enum pf_kind kind, bool first, int64_t *to, int64_t value)
{
    if (kind == PF_SUM || kind == PF_GAUGE)
        return pf_add64(*to, value, to);
    if (first || value > *to)
        *to = value;
    return true;
}

static int load(struct walking *k)
{
    const struct pf_profile *p = k->g->p;
    enum pf_kind kind = p->types.at[k->g->type].kind;

    for (uint32_t i = 0; i < p->samples.n; i++) {
        pf_id s = p->samples.stack[i];
        int64_t count = k->calls < 0 ? 1 : p->samples.value[k->calls][i];
        if (!join(kind, !k->used[s], &k->node[s].value, p->samples.value[k->g->type][i])
            || !pf_add64(k->node[s].count, count, &k->node[s].count))
            return overflow(k->g);
        k->used[s] = true;
    }
    for (pf_id s = 0; s < p->stacks.n; s++) {
        if (!k->used[s])
            continue;
        pf_id f = s ? p->stacks.frame[s] : 0;
        if (!pf_add64(k->own[f], k->node[s].value, &k->own[f]))
            return overflow(k->g);
    }
    return 0;
}

/* The call that a stack ends in; NULL: no memory. */
static struct cg_call *call_of(struct walking *k, pf_id caller, pf_id callee)
{
    struct callgrind *g = k->g;
    struct pf_pair *slot = pf_pairs_find(g->p->mem, &k->seen, caller, callee);

    if (!slot)
        return NULL;
    if (!slot->id) {
        const struct pf_frame *f = &g->p->frames.at[caller];
        int64_t line = f->line ? f->line : g->p->funcs.at[f->func].line;
        struct cg_call call = {cg_node(g->p, caller), callee, line, 0, 0};
        if (!pf_grow(g->p->mem, &g->call, g->n_calls, &g->cap_calls, sizeof *g->call))
            return NULL;
        g->call[g->n_calls] = call;
        *slot = (struct pf_pair){caller, callee, ++g->n_calls};
        k->seen.n++;
    }
    return &g->call[slot->id - 1];
}

/* Leaves first: what a stack took goes to the call it ends in, and on to its caller. Calls that are
 * counted are those of the callee itself; samples pass through all calls that they lie in. */
static int add_calls(struct walking *k)
{
    const struct pf_profile *p = k->g->p;
    enum pf_kind kind = p->types.at[k->g->type].kind;

    for (pf_id s = p->stacks.n - 1; s > 0; s--) {
        pf_id up = p->stacks.parent[s];
        if (!k->used[s] || !up)
            continue;
        struct cg_call *c = call_of(k, p->stacks.frame[up], cg_node(p, p->stacks.frame[s]));
        if (!c)
            return cg_no_memory(k->g);
        if (!pf_add64(c->value, k->node[s].value, &c->value)
            || !pf_add64(c->count, k->node[s].count, &c->count)
            || !join(kind, !k->used[up], &k->node[up].value, k->node[s].value)
            || (k->calls < 0 && !pf_add64(k->node[up].count, k->node[s].count, &k->node[up].count)))
            return overflow(k->g);
        k->used[up] = true;
    }
    return 0;
}

static int finish(struct walking *k)
{
    struct callgrind *g = k->g;

    for (pf_id f = 0; f < g->p->frames.n; f++) {
        const struct pf_frame *frame = &g->p->frames.at[f];
        int64_t line = frame->line ? frame->line : g->p->funcs.at[frame->func].line;
        if (k->own[f] && cg_add_cost(g, cg_node(g->p, f), line, k->own[f]) < 0)
            return -1;
    }
    for (uint32_t i = 0; i < g->n_calls; i++) {
        struct cg_call *c = &g->call[i];
        c->value = c->value < 0 ? 0 : c->value;
        c->count = c->count < 1 ? 1 : c->count;
    }
    return 0;
}

int cg_from_stacks(struct callgrind *g)
{
    const struct pf_profile *p = g->p;
    struct walking k = {.g = g, .calls = pf_type_find(p, "calls")};
    int status = -1;

    g->counted = k.calls >= 0;
    if (k.calls < 0)
        k.calls = pf_type_find(p, "samples");
    bool whole = !g->counted && k.calls >= 0;
    k.node = pf_alloc_zero(p->mem, p->stacks.n, sizeof *k.node);
    k.used = pf_alloc_zero(p->mem, p->stacks.n, sizeof *k.used);
    k.own = pf_alloc_zero(p->mem, p->frames.n, sizeof *k.own);
    if (!k.node || !k.used || !k.own)
        cg_no_memory(g);
    else if (load(&k) == 0) {
        if (whole)
            k.calls = -1; /* loaded: from here on they go up the stack, as values do */
        status = add_calls(&k) < 0 || finish(&k) < 0 ? -1 : 0;
    }
    pf_pairs_free(p->mem, &k.seen);
    pf_dealloc(p->mem, k.node);
    pf_dealloc(p->mem, k.used);
    pf_dealloc(p->mem, k.own);
    return status;
}
