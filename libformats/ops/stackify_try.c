/* stackify_try.c - one try at whole stacks: its contexts, and how well it keeps the table. */
#include "stackify.h"

uint32_t st_context_add(struct st_try *t, uint32_t parent, uint32_t edge)
{
    struct st_graph *g = t->g;

    if (t->n >= INT32_MAX || !pf_grow(g->mem, &t->at, t->n, &t->cap, sizeof *t->at))
        return st_no_memory(g), ST_NONE;
    uint32_t run = g->edge[edge].inside && parent != ST_NONE ? t->at[parent].run + 1 : 0;
    t->at[t->n] = (struct st_context){.parent = parent, .edge = edge, .run = run};
    return t->n++;
}

bool st_own(struct st_try *t, uint32_t context, int64_t weight)
{
    struct st_context *c = &t->at[context];

    if (!c->self && weight < t->owed[c->edge] && t->stacks + t->owing >= t->budget)
        return false;
    t->stacks += !c->self;
    c->self += weight;
    t->owed[c->edge] -= weight;
    t->owing -= !t->owed[c->edge];
    return true;
}

void st_mark_path(struct st_try *t, uint32_t context)
{
    t->mark++;
    for (uint32_t c = context; c != ST_NONE; c = t->at[c].parent) {
        uint32_t e = t->at[c].edge;
        t->edge_mark[e] = t->mark;
        t->node_mark[t->g->edge[e].dst] = t->mark;
        if (!t->g->edge[e].inside)
            break;
    }
}

/* ---- the tree of shortest paths from outside ---- */

static bool grow_tree(struct st_try *t, const bool *wanted, uint32_t *queue, uint32_t *context)
{
    struct st_graph *g = t->g;
    uint32_t head = 0, tail = 0;

    for (uint32_t v = 0; v < g->n; v++)
        context[v] = ST_NONE;
    queue[tail++] = g->n;
    while (head < tail) {
        uint32_t v = queue[head++];
        for (uint32_t i = g->out.at[v]; i < g->out.at[v + 1]; i++) {
            uint32_t e = g->out.edge[i], to = g->edge[e].dst;
            bool fresh = context[to] == ST_NONE;
            if (!fresh && t->owed[e] <= 0 && !(wanted && wanted[e]))
                continue;
            uint32_t c = st_context_add(t, v == g->n ? ST_NONE : context[v], e);
            if (c == ST_NONE)
                return false;
            if (fresh) {
                context[to] = c;
                queue[tail++] = to;
            }
            if (t->owed[e] > 0) {
                st_tally(&t->repaired, t->owed[e]);
                st_own(t, c, t->owed[e]);
            }
        }
    }
    return true;
}

bool st_from_outside(struct st_try *t, const bool *wanted)
{
    struct pf_mem *m = t->g->mem;
    uint32_t *queue = pf_alloc(m, ((size_t)t->g->n + 1) * sizeof *queue);
    uint32_t *context = pf_alloc(m, ((size_t)t->g->n + 1) * sizeof *context);
    bool ok = queue && context ? grow_tree(t, wanted, queue, context) : st_no_memory(t->g);

    pf_dealloc(m, queue);
    pf_dealloc(m, context);
    return ok;
}

/* ---- how well it went ---- */

struct measuring {
    struct st_try *t;
    st_wide *weight;        /* of each context: its own time and what is below it */
    uint32_t *size, *order; /* of its subtree; the contexts in preorder */
    uint32_t *next;
    uint32_t *node_end, *edge_end; /* where the subtree ends that a node or edge is open in */
    st_wide *node, *edge;          /* inclusive time that the stacks give */
};

static bool allocate(struct measuring *m)
{
    struct st_try *t = m->t;
    struct pf_mem *mem = t->g->mem;
    size_t n = (size_t)t->n + 1, nodes = (size_t)t->g->n + 1, edges = (size_t)t->g->m + 1;

    m->weight = pf_alloc_zero(mem, n, sizeof *m->weight);
    m->size = pf_alloc_zero(mem, n, sizeof *m->size);
    m->order = pf_alloc_zero(mem, n, sizeof *m->order);
    m->next = pf_alloc_zero(mem, n, sizeof *m->next);
    m->node_end = pf_alloc_zero(mem, nodes, sizeof *m->node_end);
    m->edge_end = pf_alloc_zero(mem, edges, sizeof *m->edge_end);
    m->node = pf_alloc_zero(mem, nodes, sizeof *m->node);
    m->edge = pf_alloc_zero(mem, edges, sizeof *m->edge);
    return m->weight && m->size && m->order && m->next && m->node_end && m->edge_end && m->node
           && m->edge;
}

/* Context c stands at index c + 1; 0 is above all. */
static void preorder(struct measuring *m)
{
    const struct st_try *t = m->t;

    m->size[0] = t->n + 1;
    for (uint32_t c = t->n; c-- > 0;) {
        uint32_t up = t->at[c].parent + 1; /* ST_NONE + 1 is 0 */
        m->size[c + 1]++;
        m->weight[c + 1] += t->at[c].self;
        if (up) {
            m->size[up] += m->size[c + 1];
            m->weight[up] += m->weight[c + 1];
        }
    }
    m->next[0] = 1;
    for (uint32_t c = 0; c < t->n; c++) {
        uint32_t up = t->at[c].parent + 1, at = m->next[up];
        m->next[up] += m->size[c + 1];
        m->next[c + 1] = at + 1;
        m->order[at] = c;
    }
}

/* A function counts where it comes first on a path; so does an edge. */
static void sum_up(struct measuring *m)
{
    const struct st_try *t = m->t;

    for (uint32_t i = 1; i <= t->n; i++) {
        uint32_t c = m->order[i], e = t->at[c].edge, v = t->g->edge[e].dst;
        uint32_t end = i + m->size[c + 1];
        if (i >= m->node_end[v]) {
            m->node[v] += m->weight[c + 1];
            m->node_end[v] = end;
        }
        if (i >= m->edge_end[e]) {
            m->edge[e] += m->weight[c + 1];
            m->edge_end[e] = end;
        }
    }
}

static void compare(struct measuring *m)
{
    struct st_try *t = m->t;
    const struct st_graph *g = t->g;

    t->cum_error = t->cum_total = t->edge_error = t->edge_total = 0;
    for (uint32_t v = 0; v < g->n; v++) {
        if (!g->node[v].recorded)
            continue;
        st_tally(&t->cum_error, m->node[v] - g->node[v].ct);
        st_tally(&t->cum_total, g->node[v].ct);
    }
    for (uint32_t e = 0; e < g->m; e++) {
        st_wide left = g->edge[e].first - m->edge[e];
        t->first[e] = left > 0 ? (int64_t)left : 0;
        if (!g->edge[e].recorded)
            continue;
        st_tally(&t->edge_error, m->edge[e] - g->edge[e].ct);
        st_tally(&t->edge_total, g->edge[e].ct);
    }
}

bool st_measure(struct st_try *t)
{
    struct measuring m = {.t = t};
    bool ok = allocate(&m) || st_no_memory(t->g);

    if (ok) {
        preorder(&m);
        sum_up(&m);
        compare(&m);
    }
    void *blocks[] = {m.weight, m.size, m.order, m.next, m.node_end, m.edge_end, m.node, m.edge};
    for (size_t i = 0; i < sizeof blocks / sizeof *blocks; i++)
        pf_dealloc(t->g->mem, blocks[i]);
    return ok;
}
