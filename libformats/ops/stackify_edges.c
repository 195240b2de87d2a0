/*
 * stackify_edges.c - the call graph of a profile: nodes and edges from its raw table, and the own
 * time of each edge from its edge-only samples, so that whole stacks keep what these say.
 */
#include "stackify.h"

#include <string.h>

/* ---- memory ---- */

struct block {
    struct block *next;
    max_align_t data[];
};

void st_say_no_memory(struct st_graph *g)
{
    pf_fail(g->err, PF_ENOMEM, "out of memory (%zu MiB in use; see --max-memory)",
            g->mem->used / PF_MIB);
}

void *st_take(struct st_graph *g, size_t n, size_t size)
{
    size_t bytes;

    if (__builtin_mul_overflow(n, size, &bytes) || bytes > SIZE_MAX / 2)
        return st_no_memory(g), NULL;
    struct block *b = pf_alloc_zero(g->mem, sizeof *b + bytes, 1);
    if (!b)
        return st_no_memory(g), NULL;
    b->next = g->blocks;
    g->blocks = b;
    return b->data;
}

void st_release(struct st_graph *g)
{
    for (struct block *b = g->blocks, *next; b; b = next) {
        next = b->next;
        pf_dealloc(g->mem, b);
    }
    pf_dealloc(g->mem, g->edge);
    pf_dealloc(g->mem, g->cell);
}

/* ---- nodes and edges ---- */

struct loader {
    struct st_graph *g;
    struct pf_pairs edges; /* src + 1 (0: from outside) and dst + 1, to the edge + 1 */
    bool *signed_self;     /* of each node or edge: a sample of it is below 0 */
    pf_id *frame_of;       /* of each function of the table */
};

uint32_t st_edge_add(struct st_graph *g, uint32_t src, uint32_t dst)
{
    if (g->m >= INT32_MAX - 1 || !pf_grow(g->mem, &g->edge, g->m, &g->cap, sizeof *g->edge))
        return st_no_memory(g), ST_NONE;
    g->edge[g->m] = (struct st_edge){.src = src, .dst = dst};
    return g->m++;
}

static uint32_t edge_of(struct loader *l, uint32_t src, uint32_t dst)
{
    struct st_graph *g = l->g;
    uint32_t a = src == g->n ? 0 : src + 1;
    struct pf_pair *slot = pf_pairs_find(g->mem, &l->edges, a, dst + 1);

    if (slot && slot->id)
        return slot->id - 1;
    uint32_t e = slot ? st_edge_add(g, src, dst) : ST_NONE;
    if (e == ST_NONE)
        return st_no_memory(g), ST_NONE;
    *slot = (struct pf_pair){a, dst + 1, e + 1};
    l->edges.n++;
    return e;
}

/* Every function of the table and every frame of a sample becomes a node. */
static void number(struct st_graph *g, pf_id frame)
{
    if (!g->node_of[frame]) {
        g->frame[g->n++] = frame;
        g->node_of[frame] = g->n; /* + 1 until all have one */
    }
}

static bool make_nodes(struct loader *l)
{
    struct st_graph *g = l->g;
    struct pf_profile *q = g->q;
    const struct pf_calls *c = &q->calls;
    pf_id *frame_of = l->frame_of = st_take(g, q->funcs.n, sizeof *frame_of);

    for (uint32_t i = 0; frame_of && i < c->n + c->n_edges; i++) {
        pf_id func = i < c->n ? c->at[i].func : c->edge[i - c->n].caller;
        if (!frame_of[func])
            frame_of[func] = pf_frame(q, func, 0);
    }
    if (!frame_of || q->err.code)
        return st_no_memory(g);
    g->node_of = st_take(g, q->frames.n, sizeof *g->node_of);
    g->frame = st_take(g, q->frames.n, sizeof *g->frame);
    if (!g->node_of || !g->frame)
        return false;
    for (uint32_t i = 0; i < c->n; i++)
        number(g, frame_of[c->at[i].func]);
    for (uint32_t i = 0; i < c->n_edges; i++)
        number(g, frame_of[c->edge[i].caller]);
    for (uint32_t i = 0; i < q->samples.n; i++) {
        pf_id s = q->samples.stack[i], up = q->stacks.parent[s];
        if (s)
            number(g, q->stacks.frame[s]);
        if (up)
            number(g, q->stacks.frame[up]);
    }
    for (pf_id f = 0; f < q->frames.n; f++)
        g->node_of[f] = g->node_of[f] ? g->node_of[f] - 1 : ST_NONE;
    g->node = st_take(g, (size_t)g->n + 1, sizeof *g->node);
    return g->node != NULL;
}

/* A time that the file has, not below 0, and not above all there is: a function is not on the stack
 * for longer than the program ran. */
static int64_t inclusive(struct st_graph *g, const struct pf_num *x)
{
    int64_t value;

    if (!pf_num_value(x, &value))
        value = x->is_int || x->d > 0 ? INT64_MAX : 0;
    int64_t to = value < 0 ? 0 : value > g->total ? g->total : value;
    st_tally(&g->cert.clamped, (st_wide)value - to);
    return to;
}

static uint32_t node_of_func(const struct loader *l, pf_id func)
{
    return l->g->node_of[l->frame_of[func]];
}

static bool load_table(struct loader *l)
{
    struct st_graph *g = l->g;
    const struct pf_calls *c = &g->q->calls;

    for (uint32_t i = 0; i < c->n; i++) {
        uint32_t f = node_of_func(l, c->at[i].func);
        struct st_node *v = &g->node[f];
        v->recorded = true;
        v->ct = inclusive(g, &c->at[i].ct);
        v->calls = c->at[i].nc;
        v->primitive = c->at[i].cc;
        v->once = c->at[i].cc == c->at[i].nc;
        for (uint32_t k = c->at[i].edge; k < c->at[i + 1].edge; k++) {
            const struct pf_edge *from = &c->edge[k];
            uint32_t e = edge_of(l, node_of_func(l, from->caller), f);
            if (e == ST_NONE)
                return false;
            g->edge[e].calls = from->nc;
            g->edge[e].primitive = from->cc;
            g->edge[e].recorded = c->form == PF_EDGES_TIMED;
            g->edge[e].unknown = from->nc != from->cc;
            if (c->form == PF_EDGES_TIMED)
                g->edge[e].ct = inclusive(g, &from->ct);
        }
    }
    return true;
}

/* ---- own times ---- */

/* The edge of each sample: from the last frame but one of its stack to the last one. */
static bool load_samples(struct loader *l)
{
    struct st_graph *g = l->g;
    const struct pf_profile *q = g->q;

    g->sample_edge = st_take(g, (size_t)q->samples.n + 1, sizeof *g->sample_edge);
    if (!g->sample_edge)
        return false;
    for (uint32_t i = 0; i < q->samples.n; i++) {
        pf_id s = q->samples.stack[i], up = q->stacks.parent[s];
        g->sample_edge[i] = ST_NONE;
        if (!s)
            continue;
        uint32_t src = up ? g->node_of[q->stacks.frame[up]] : g->n;
        g->sample_edge[i] = edge_of(l, src, g->node_of[q->stacks.frame[s]]);
        if (g->sample_edge[i] == ST_NONE)
            return false;
    }
    return true;
}

/* Own times below 0 (a clock that went backwards) cannot flow: their samples are set apart, and
 * st_values gives each to one stack as it is. */
static bool add_self(struct loader *l)
{
    struct st_graph *g = l->g;
    const struct pf_profile *q = g->q;
    bool timed = q->calls.form == PF_EDGES_TIMED;
    const int64_t *value = q->samples.value[g->time];
    bool *below = l->signed_self;

    for (uint32_t i = 0; i < q->samples.n; i++)
        if (g->sample_edge[i] != ST_NONE && value[i] < 0)
            below[timed ? g->sample_edge[i] : g->edge[g->sample_edge[i]].dst] = true;
    for (uint32_t i = 0; i < q->samples.n; i++) {
        uint32_t e = g->sample_edge[i];
        if (e == ST_NONE || below[timed ? e : g->edge[e].dst])
            continue;
        struct st_edge *to = &g->edge[e];
        if (!pf_add64(to->self, value[i], &to->self)
            || !pf_add64(g->node[to->dst].self, value[i], &g->node[to->dst].self)
            || !pf_add64(g->total, value[i], &g->total)) {
            pf_fail(g->err, PF_EVALUE, "a sum of own times does not fit 64 bits");
            return false;
        }
    }
    return true;
}

/* ---- what comes from outside ---- */

/* The calls and times that a function's callers leave over came from outside. Only where calls of
 * it never nest does the table tell how long those took. */
static bool add_outside(struct loader *l)
{
    struct st_graph *g = l->g;
    int64_t *calls = st_take(g, g->n, sizeof *calls), *ct = st_take(g, g->n, sizeof *ct);
    uint32_t m = g->m;

    if (!calls || !ct)
        return false;
    for (uint32_t f = 0; f < g->n; f++) {
        calls[f] = g->node[f].calls;
        ct[f] = g->node[f].ct;
    }
    for (uint32_t e = 0; e < m; e++) {
        struct st_edge *x = &g->edge[e];
        x->ct = x->ct > x->self ? x->ct : x->self;
        if (x->src == g->n)
            continue;
        if (__builtin_sub_overflow(calls[x->dst], x->calls, &calls[x->dst]))
            calls[x->dst] = 0;
        if (__builtin_sub_overflow(ct[x->dst], x->ct, &ct[x->dst]))
            ct[x->dst] = 0;
    }
    for (uint32_t f = 0; f < g->n; f++) {
        struct pf_pair *slot = pf_pairs_find(g->mem, &l->edges, 0, f + 1);
        if (!slot)
            return st_no_memory(g);
        if (!slot->id && (calls[f] <= 0 || !g->node[f].recorded))
            continue;
        uint32_t e = edge_of(l, g->n, f);
        if (e == ST_NONE)
            return false;
        struct st_edge *x = &g->edge[e];
        x->calls = calls[f] > 0 ? calls[f] : 0;
        x->unknown = g->node[f].recorded && !g->node[f].once;
        x->ct = g->node[f].once && ct[f] > x->self ? ct[f] : x->self;
    }
    return true;
}

/* ---- lists of edges ---- */

static bool lists_of(struct st_graph *g, struct st_lists *l, bool out)
{
    l->at = st_take(g, (size_t)g->n + 2, sizeof *l->at);
    l->edge = st_take(g, g->m, sizeof *l->edge);
    if (!l->at || !l->edge)
        return false;
    for (uint32_t e = 0; e < g->m; e++)
        l->at[(out ? g->edge[e].src : g->edge[e].dst) + 1]++;
    for (uint32_t v = 0; v <= g->n; v++)
        l->at[v + 1] += l->at[v];
    for (uint32_t e = g->m; e-- > 0;) /* backwards, each list from its end */
        l->edge[--l->at[(out ? g->edge[e].src : g->edge[e].dst) + 1]] = e;
    /* every at[v + 1] now stands where list v begins: shift */
    for (uint32_t v = 0; v <= g->n; v++)
        l->at[v] = l->at[v + 1];
    l->at[g->n + 1] = g->m;
    return true;
}

bool st_lists_make(struct st_graph *g)
{
    return lists_of(g, &g->in, false) && lists_of(g, &g->out, true);
}

bool st_load(struct st_graph *g)
{
    struct loader l = {.g = g};
    bool ok = make_nodes(&l) && load_samples(&l);

    if (ok) {
        uint32_t most = g->m > g->n ? g->m : g->n;
        l.signed_self = st_take(g, (size_t)most + 1, sizeof *l.signed_self);
        ok = l.signed_self && add_self(&l) && load_table(&l) && add_outside(&l);
    }
    pf_pairs_free(g->mem, &l.edges);
    return ok && st_lists_make(g);
}
