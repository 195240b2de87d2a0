/*
 * stackify_settle.c - what a file's own contradictions leave unbalanced, along edges that exist;
 * and the shape of the graph: what is reached from outside, and what calls each other in a circle.
 */
#include "stackify.h"

enum { WORK = 64 };

/* ---- ticks of rounding: along a tree ---- */

struct tree {
    struct st_graph *g;
    uint32_t *by;    /* of each node: the edge that leads to it; ST_NONE: none */
    uint32_t *order; /* nodes, each after the one that leads to it */
    uint32_t n;
    struct st_heap heap;
};

/* The tree of the widest edges from outside: each function under the caller that most of its time
 * can come from. */
static bool grow_tree(struct tree *t)
{
    struct st_graph *g = t->g;

    for (uint32_t v = 0; v < g->n; v++)
        t->by[v] = ST_NONE;
    for (uint32_t v = g->n;;) {
        uint32_t e;
        for (uint32_t i = g->out.at[v]; i < g->out.at[v + 1]; i++) {
            e = g->out.edge[i];
            if (!st_push(g, &t->heap, -g->edge[e].flow, e, e))
                return false;
        }
        do {
            if (!t->heap.n)
                return true;
            e = st_pop(&t->heap).id;
        } while (t->by[g->edge[e].dst] != ST_NONE);
        v = g->edge[e].dst;
        t->by[v] = e;
        t->order[t->n++] = v;
    }
}

static bool make_tree(struct tree *t)
{
    struct st_graph *g = t->g;

    t->by = st_take(g, (size_t)g->n + 1, sizeof *t->by);
    t->order = st_take(g, (size_t)g->n + 1, sizeof *t->order);
    bool ok = t->by && t->order && grow_tree(t);
    pf_dealloc(g->mem, t->heap.at);
    return ok;
}

/* Each time was rounded once; where edges have no times at all, they were guessed. */
bool st_settle(struct st_graph *g, st_wide *need, int64_t *grown)
{
    bool timed = g->q->calls.form == PF_EDGES_TIMED;
    struct tree t = {.g = g};

    if (!make_tree(&t))
        return false;
    while (t.n > 0) {
        uint32_t v = t.order[--t.n];
        struct st_edge *x = &g->edge[t.by[v]];
        st_wide slack = (st_wide)(g->in.at[v + 1] - g->in.at[v]) + g->out.at[v + 1] - g->out.at[v];
        st_wide d = need[v];
        if (!d || (timed && (d > slack || d < -slack)))
            continue;
        if (d < x->self - x->flow)
            d = x->self - x->flow;
        if (d > INT64_MAX / 4 - x->flow)
            d = INT64_MAX / 4 - x->flow;
        x->flow += (int64_t)d;
        grown[t.by[v]] += (int64_t)d;
        need[v] -= d;
        need[x->src] += d;
    }
    return true;
}

/* ---- time that vanishes here and comes up there ---- */

struct search {
    struct st_graph *g;
    st_wide *need;
    uint32_t *queue, *by, *seen, round;
    uint64_t work, most;
};

/* The nearest function below `from` that misses inflow; ST_NONE: none, or it is too far. */
static uint32_t find_orphan(struct search *s, uint32_t from)
{
    const struct st_graph *g = s->g;
    uint32_t head = 0, tail = 0;

    s->seen[from] = ++s->round;
    s->queue[tail++] = from;
    while (head < tail && s->work < s->most) {
        uint32_t v = s->queue[head++];
        if (s->need[v] > 0)
            return v;
        s->work += g->out.at[v + 1] - g->out.at[v] + 1;
        for (uint32_t i = g->out.at[v]; i < g->out.at[v + 1]; i++) {
            uint32_t e = g->out.edge[i], to = g->edge[e].dst;
            if (s->seen[to] == s->round)
                continue;
            s->seen[to] = s->round;
            s->by[to] = e;
            s->queue[tail++] = to;
        }
    }
    return ST_NONE;
}

static void lead(struct search *s, int64_t *grown, uint32_t from, uint32_t to)
{
    struct st_graph *g = s->g;
    st_wide d = -s->need[from] < s->need[to] ? -s->need[from] : s->need[to];

    for (uint32_t v = to; v != from; v = g->edge[s->by[v]].src)
        if (d > INT64_MAX / 4 - g->edge[s->by[v]].flow)
            d = INT64_MAX / 4 - g->edge[s->by[v]].flow;
    for (uint32_t v = to; v != from; v = g->edge[s->by[v]].src) {
        g->edge[s->by[v]].flow += (int64_t)d;
        grown[s->by[v]] += (int64_t)d;
    }
    s->need[from] += d;
    s->need[to] -= d;
    st_tally(&g->cert.rerouted, d);
    if (d <= 0)
        s->work = s->most;
}

bool st_reroute(struct st_graph *g, st_wide *need, int64_t *grown)
{
    struct search s = {.g = g, .need = need};
    uint32_t to = 0;

    s.queue = st_take(g, (size_t)g->n + 1, sizeof *s.queue);
    s.by = st_take(g, (size_t)g->n + 1, sizeof *s.by);
    s.seen = st_take(g, (size_t)g->n + 1, sizeof *s.seen);
    s.most = (uint64_t)WORK * (g->m + g->n + 1000);
    if (!s.queue || !s.by || !s.seen)
        return false;
    for (uint32_t v = 0; v < g->n; v++)
        while (need[v] < 0 && s.work < s.most && (to = find_orphan(&s, v)) != ST_NONE)
            lead(&s, grown, v, to);
    return true;
}

/* ---- what is reached from outside ---- */

/* Functions that nothing leads to, such as a circle whose entry has no entry in the table, get an
 * edge from outside without time: own time can be put below it. */
bool st_reach(struct st_graph *g)
{
    bool *seen = st_take(g, (size_t)g->n + 1, sizeof *seen);
    uint32_t *queue = st_take(g, (size_t)g->n + 1, sizeof *queue), head = 0, tail = 0, m = g->m;

    if (!seen || !queue)
        return false;
    queue[tail++] = g->n;
    for (uint32_t next = 0;;) {
        while (head < tail) {
            uint32_t v = queue[head++];
            for (uint32_t i = g->out.at[v]; i < g->out.at[v + 1]; i++) {
                uint32_t to = g->edge[g->out.edge[i]].dst;
                if (!seen[to])
                    queue[tail++] = to;
                seen[to] = true;
            }
        }
        while (next < g->n && seen[next])
            next++;
        if (next == g->n)
            break;
        if (st_edge_add(g, g->n, next) == ST_NONE)
            return false;
        seen[next] = true;
        queue[tail++] = next;
    }
    return g->m == m || st_lists_make(g);
}

/* ---- components of mutual recursion (Tarjan's, without recursion) ---- */

struct tarjan {
    uint32_t *index, *low, *component, *stack, *work, *at;
    uint32_t n_index, n_stack, n_work, n_components;
};

static void enter(struct tarjan *t, const struct st_graph *g, uint32_t v)
{
    t->index[v] = t->low[v] = ++t->n_index;
    t->at[v] = g->out.at[v];
    t->stack[t->n_stack++] = v;
    t->work[t->n_work++] = v;
}

static void leave(struct tarjan *t, uint32_t v)
{
    t->n_work--;
    if (t->low[v] == t->index[v]) {
        t->n_components++;
        uint32_t w;
        do {
            w = t->stack[--t->n_stack];
            t->component[w] = t->n_components;
        } while (w != v);
    }
    if (t->n_work) {
        uint32_t up = t->work[t->n_work - 1];
        t->low[up] = t->low[v] < t->low[up] ? t->low[v] : t->low[up];
    }
}

static void step(struct tarjan *t, const struct st_graph *g)
{
    uint32_t v = t->work[t->n_work - 1];

    if (t->at[v] == g->out.at[v + 1]) {
        leave(t, v);
        return;
    }
    uint32_t w = g->edge[g->out.edge[t->at[v]++]].dst;
    if (!t->index[w])
        enter(t, g, w);
    else if (!t->component[w] && t->index[w] < t->low[v])
        t->low[v] = t->index[w];
}

bool st_components(struct st_graph *g)
{
    struct tarjan t = {0};
    uint32_t **of[] = {&t.index, &t.low, &t.component, &t.stack, &t.work, &t.at};

    for (size_t i = 0; i < sizeof of / sizeof *of; i++)
        if (!(*of[i] = st_take(g, (size_t)g->n + 1, sizeof(uint32_t))))
            return false;
    for (uint32_t v = 0; v < g->n; v++) {
        if (!t.index[v])
            enter(&t, g, v);
        while (t.n_work)
            step(&t, g);
    }
    for (uint32_t e = 0; e < g->m; e++) {
        struct st_edge *x = &g->edge[e];
        x->inside = x->src != g->n && t.component[x->src] == t.component[x->dst];
        g->cyclic |= x->inside;
    }
    return true;
}
