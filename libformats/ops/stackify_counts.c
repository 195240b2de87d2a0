/*
 * stackify_counts.c - times of edges where the table has only counts.
 *
 * profile counts calls: each edge gets the share of the callee's inclusive time that its calls
 * have, and then all are scaled, in turn, to what is known exactly: what comes into a function is
 * its inclusive time, what goes out of it is that less its own time.
 * A sampling profiler counts samples with caller and callee next to each other on the stack, which
 * is the flow itself, times the interval.
 */
#include "stackify.h"

enum { SWEEPS = 100 };

/* ---- counts of calls ---- */

struct guess {
    struct st_graph *g;
    double *x; /* of each edge */
};

static double sum_of(const struct guess *u, const struct st_lists *l, uint32_t v)
{
    double sum = 0;

    for (uint32_t i = l->at[v]; i < l->at[v + 1]; i++)
        sum += u->x[l->edge[i]];
    return sum;
}

/* Scales the edges of one list to `want`; returns how far they were off. */
static double scale(struct guess *u, const struct st_lists *l, uint32_t v, double want)
{
    double sum = sum_of(u, l, v);

    if (sum <= 0 || want < 0)
        return 0;
    for (uint32_t i = l->at[v]; i < l->at[v + 1]; i++)
        u->x[l->edge[i]] *= want / sum;
    return want > sum ? want - sum : sum - want;
}

/* Of a function that recurs, the table tells less than what comes in: that follows its callers. */
static double sweep(struct guess *u)
{
    const struct st_graph *g = u->g;
    double off = 0;

    for (uint32_t v = 0; v < g->n; v++)
        if (g->node[v].once)
            off += scale(u, &g->in, v, (double)g->node[v].ct);
    for (uint32_t v = 0; v < g->n; v++) {
        const struct st_node *f = &g->node[v];
        double in = f->once ? (double)f->ct : f->recorded ? sum_of(u, &g->in, v) : -1;
        if (in >= 0)
            off += scale(u, &g->out, v, in > (double)f->self ? in - (double)f->self : 0);
    }
    return off;
}

static void from_calls(struct guess *u)
{
    struct st_graph *g = u->g;

    for (uint32_t v = 0; v < g->n; v++) {
        double calls = 0;
        for (uint32_t i = g->in.at[v]; i < g->in.at[v + 1]; i++)
            calls += (double)g->edge[g->in.edge[i]].calls;
        for (uint32_t i = g->in.at[v]; i < g->in.at[v + 1]; i++) {
            uint32_t e = g->in.edge[i];
            u->x[e] = calls > 0 ? (double)g->node[v].ct * (double)g->edge[e].calls / calls : 0;
        }
    }
    for (int i = 0; i < SWEEPS && sweep(u) > (double)g->total * 1e-9; i++)
        ;
}

/* ---- counts of samples ---- */

static void from_samples(struct guess *u)
{
    struct st_graph *g = u->g;
    double samples = 0;

    for (uint32_t v = 0; v < g->n; v++) /* of a sampled table, cc is what ended in the function */
        samples += g->node[v].primitive > 0 ? (double)g->node[v].primitive : 0;
    double interval = samples > 0 ? (double)g->total / samples : 0;
    for (uint32_t e = 0; e < g->m; e++)
        u->x[e] = g->edge[e].calls > 0 ? (double)g->edge[e].calls * interval : 0;
    for (uint32_t i = g->out.at[g->n]; i < g->out.at[g->n + 1]; i++) {
        uint32_t e = g->out.edge[i], v = g->edge[e].dst;
        u->x[e] = 0;
        double rest = (double)g->node[v].self + sum_of(u, &g->out, v) - sum_of(u, &g->in, v);
        u->x[e] = rest > interval / 2 ? rest : 0;
    }
}

/* ---- own times ---- */

/* A function's own time over its callers: by weight, the last one taking what rounding left. */
static void spread_self(struct guess *u, uint32_t v, bool by_calls)
{
    struct st_graph *g = u->g;
    int64_t left = g->node[v].self;
    double weight = 0;

    for (uint32_t i = g->in.at[v]; i < g->in.at[v + 1]; i++) {
        struct st_edge *x = &g->edge[g->in.edge[i]];
        x->self = 0;
        weight += by_calls ? (double)x->calls : u->x[g->in.edge[i]];
    }
    for (uint32_t i = g->in.at[v]; i < g->in.at[v + 1]; i++) {
        struct st_edge *x = &g->edge[g->in.edge[i]];
        double w = by_calls ? (double)x->calls : u->x[g->in.edge[i]];
        bool last = i + 1 == g->in.at[v + 1];
        double share = weight > 0 ? (double)left * (w / weight) : 0;
        int64_t part = last ? left : (int64_t)share;
        x->self = part < 0 ? 0 : part > left ? left : part;
        left -= x->self;
        weight -= w;
    }
}

/* What no edge is there for: a function with own time, and no caller and no call from outside. */
static bool give_entries(struct st_graph *g)
{
    uint32_t m = g->m;

    for (uint32_t v = 0; v < g->n; v++)
        if (g->in.at[v] == g->in.at[v + 1] && st_edge_add(g, g->n, v) == ST_NONE)
            return false;
    return g->m == m || st_lists_make(g);
}

/* profile's own root has calls, but no times: they were not measured. */
static void find_unmeasured(struct st_graph *g)
{
    for (uint32_t v = 0; v < g->n; v++)
        if (!g->node[v].ct && !g->node[v].self && g->out.at[v] < g->out.at[v + 1])
            g->node[v].recorded = g->node[v].once = false;
}

bool st_guess(struct st_graph *g)
{
    bool sampled = g->q->calls.form == PF_EDGES_SAMPLED;
    struct guess u = {.g = g};

    if (!give_entries(g) || !(u.x = st_take(g, g->m, sizeof *u.x)))
        return false;
    find_unmeasured(g);
    if (sampled)
        from_samples(&u);
    else
        from_calls(&u);
    for (uint32_t v = 0; v < g->n; v++)
        spread_self(&u, v, !sampled);
    for (uint32_t e = 0; e < g->m; e++) {
        struct st_edge *x = &g->edge[e];
        double most = (double)(INT64_MAX / 8);
        int64_t flow = (int64_t)((u.x[e] < most ? u.x[e] : most) + 0.5);
        int64_t least = g->node[x->dst].ct < g->total ? g->node[x->dst].ct : g->total;
        x->flow = flow > x->self ? flow : x->self;
        x->ct = x->flow < least ? x->flow : least > x->self ? least : x->self;
        x->unknown = false;
    }
    return true;
}
