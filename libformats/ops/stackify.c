/*
 * stackify.c - whole stacks from the call edges of a pstats table.
 *
 * The table knows who called whom for how long, not what stood on the stack above. Stacks are made
 * that keep all it knows: own times to the tick, whatever the file; inclusive times of functions
 * and edges as well, where the file does not contradict itself and calls do not nest in themselves,
 * and nearly so where they do. How nearly is known and goes into the profile's certificate.
 */
#include "stackify.h"

enum { STACKS = 50000, SHARE = 10000, LARGE = 10000, HUGE_GRAPH = 500000 };

/* ---- tries ---- */

static void drop_try(struct st_try *t)
{
    struct pf_mem *m = t->g->mem;
    void *blocks[] = {t->at, t->owed, t->first, t->again, t->stuck, t->edge_mark, t->node_mark};

    for (size_t i = 0; i < sizeof blocks / sizeof *blocks; i++)
        pf_dealloc(m, blocks[i]);
}

static bool begin_try(struct st_try *t)
{
    struct st_graph *g = t->g;
    size_t edges = (size_t)g->m + 1;

    t->owed = pf_alloc(g->mem, edges * sizeof *t->owed);
    t->first = pf_alloc(g->mem, edges * sizeof *t->first);
    t->again = pf_alloc(g->mem, edges * sizeof *t->again);
    t->edge_mark = pf_alloc_zero(g->mem, edges, sizeof *t->edge_mark);
    t->node_mark = pf_alloc_zero(g->mem, (size_t)g->n + 1, sizeof *t->node_mark);
    if (!t->owed || !t->first || !t->again || !t->edge_mark || !t->node_mark)
        return st_no_memory(g);
    for (uint32_t e = 0; e < g->m; e++) {
        t->owed[e] = g->edge[e].self;
        t->first[e] = g->edge[e].first;
        t->again[e] = g->edge[e].again;
        t->owing += t->owed[e] > 0;
    }
    return true;
}

static bool run_try(struct st_try *t)
{
    if (!begin_try(t) || !st_expand(t) || !st_repair(t) || !st_measure(t))
        return false;
    return !t->g->cyclic || (st_splice(t) && st_measure(t));
}

static st_wide errors(const struct st_try *t)
{
    return (st_wide)t->cum_error + t->edge_error;
}

/* Four ways through components of mutual recursion: which one fits best is known afterwards. In
 * large graphs, going back finds nothing that is worth its time, and in huge ones neither does a
 * second way: memory, not the processor, is what they wait for. */
static bool best_try(struct st_graph *g, struct st_try *best)
{
    static const struct {
        bool deep, back_up;
    } way[] = {{true, false}, {false, false}, {true, true}, {false, true}};
    uint32_t size = g->m + g->n;
    int n = !g->cyclic || size > HUGE_GRAPH ? 1 : size > LARGE ? 2 : 4, only = g->cyclic ? 0 : 2;

    for (int i = 0; i < n; i++) {
        struct st_try t = {.g = g,
                           .budget = best->budget,
                           .threshold = best->threshold,
                           .deep = way[i + only].deep,
                           .back_up = way[i + only].back_up};
        bool ok = run_try(&t);
        if (ok && (!i || errors(&t) < errors(best))) {
            drop_try(best);
            *best = t;
        } else {
            drop_try(&t);
        }
        if (!ok || !errors(best))
            return ok;
    }
    return !g->cyclic || st_swap(best);
}

/* ---- the budget ---- */

/* Every edge that a sample stands for needs a stack of its own; that is the least. */
static uint32_t budget_of(struct st_graph *g, const struct pf_stacks_how *how, uint32_t *bare)
{
    uint64_t edges = 0,
             most = how && how->budget ? how->budget : STACKS + 2 * (uint64_t)g->m + g->n;

    *bare = 0;
    for (uint32_t i = 0; i < g->q->samples.n; i++)
        *bare += g->sample_edge[i] != ST_NONE && g->edge[g->sample_edge[i]].self == 0;
    for (uint32_t e = 0; e < g->m; e++)
        edges += g->edge[e].self > 0;
    edges += *bare;
    most = most < edges ? edges : most;
    return most < INT32_MAX ? (uint32_t)most : INT32_MAX;
}

/* ---- all of it ---- */

static void certify(struct st_graph *g, const struct st_try *t, uint32_t budget)
{
    struct pf_certificate *c = &g->cert;
    struct pf_profile *q = g->q;

    c->method = pf_strz(q, "flow/1");
    c->total = g->total;
    c->stacks = q->samples.n;
    c->budget = budget;
    c->threshold = t->threshold;
    c->deep = t->deep;
    c->back_up = t->back_up;
    c->cum_error = t->cum_error;
    c->cum_total = t->cum_total;
    c->edge_error = t->edge_error;
    c->edge_total = t->edge_total;
    c->repaired = t->repaired;
    q->certificate = *c;
    q->stack_kind = PF_INFERRED;
}

static bool make(struct st_graph *g, const struct pf_stacks_how *how)
{
    uint32_t bare = 0, share = how && how->share ? how->share : SHARE;
    int time = pf_type_find(g->q, "time");

    g->time = time < 0 ? 0 : (unsigned)time;
    if (!st_load(g) || !st_flow(g) || !st_joint(g))
        return false;
    uint32_t budget = budget_of(g, how, &bare);
    struct st_try t = {.g = g, .budget = budget - bare, .threshold = g->total / share};
    t.threshold = t.threshold ? t.threshold : 1;
    bool ok = best_try(g, &t) && st_values(g, &t);
    if (ok)
        certify(g, &t, budget);
    drop_try(&t);
    return ok && !g->q->err.code;
}

struct pf_profile *pf_whole_stacks(const struct pf_profile *p, const struct pf_stacks_how *how,
                                   struct pf_err *err)
{
    static const struct pf_merge_how copy = {.gauge = PF_GAUGE_SUM};

    if (!p->calls.n || !p->types.n) {
        pf_fail(err, PF_EVALUE, "there is no table of calls to make whole stacks from");
        return NULL;
    }
    struct st_graph g = {.q = pf_new(p->mem), .mem = p->mem, .err = err};
    if (!g.q)
        st_no_memory(&g);
    bool ok = g.q && pf_merge(g.q, p, &copy, err) == 0 && make(&g, how);
    st_release(&g);
    if (ok)
        return g.q;
    if (!err->code)
        st_no_memory(&g);
    pf_free(g.q);
    return NULL;
}
