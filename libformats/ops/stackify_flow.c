/*
 * stackify_flow.c - how long the calls along each edge took, those inside of others counted again.
 *
 * What the table has as inclusive time is that, unless calls along the edge nested. Those few edges
 * are found by the law that time is conserved at every function: their times are scaled, function
 * by function, until all agree (which keeps them near what their numbers of calls suggest), and the
 * last ticks of rounding are sent along the same edges. What is still not balanced then is a
 * contradiction of the file: time that vanishes below one function and comes up below another is
 * led there over edges that exist; the rest comes from outside, or is lost.
 */
#include "stackify.h"

#include <math.h>
#include <string.h>

enum { SWEEPS = 200, WORK = 64, DEEPEST = 256 };

/* ---- recursive edges ---- */

struct unknowns {
    struct st_graph *g;
    st_wide *need;  /* of each node: inflow that is missing; below 0: outflow that is */
    double *x;      /* of each edge: what it has above its inclusive time */
    int64_t *extra; /* the same as an integer */
    uint32_t *node; /* those that have such edges */
    uint32_t n;
    /* breadth first search */
    uint32_t *queue, *by; /* by: edge + 1 that led to a node; its low bit tells the direction */
    uint32_t *seen, round;
    uint64_t work;
};

static bool is_unknown(const struct st_graph *g, uint32_t e)
{
    return g->edge[e].unknown && g->edge[e].src != g->edge[e].dst;
}

static double share_nested(const struct st_graph *g, const struct st_edge *e)
{
    if (e->src == g->n)
        return 0;
    double nested = 1 - (double)e->primitive / (double)(e->calls > 1 ? e->calls : 1);

    return nested < 0 ? 0 : nested;
}

/* A file that contradicts itself may ask for more and more. */
static double bounded(const struct unknowns *u, double x)
{
    double most = (double)u->g->total * DEEPEST;

    return x < most ? x : most;
}

/* Scales the edges of one function to agree with its need; returns by how much. */
static double scale(struct unknowns *u, uint32_t v)
{
    const struct st_graph *g = u->g;
    double in = 0, out = 0, need = (double)u->need[v], s;

    for (uint32_t i = g->in.at[v]; i < g->in.at[v + 1]; i++)
        in += u->x[g->in.edge[i]];
    for (uint32_t i = g->out.at[v]; i < g->out.at[v + 1]; i++)
        out += u->x[g->out.edge[i]];
    if (in > 0 && out > 0)
        s = (need + sqrt(need * need + 4 * in * out)) / (2 * in);
    else if (in > 0)
        s = need > 0 ? need / in : 1e-9;
    else if (out > 0)
        s = need < 0 ? out / -need : 1e9;
    else
        return 1;
    s = s < 1e-9 || isnan(s) ? 1e-9 : s > 1e9 ? 1e9 : s;
    for (uint32_t i = g->in.at[v]; i < g->in.at[v + 1]; i++)
        u->x[g->in.edge[i]] = bounded(u, u->x[g->in.edge[i]] * s);
    for (uint32_t i = g->out.at[v]; i < g->out.at[v + 1]; i++)
        u->x[g->out.edge[i]] = bounded(u, u->x[g->out.edge[i]] / s);
    return s < 1 ? 1 / s : s;
}

static void scale_all(struct unknowns *u)
{
    struct st_graph *g = u->g;

    for (int sweep = 0; sweep < SWEEPS; sweep++) {
        double worst = 1;
        for (uint32_t i = 0; i < u->n; i++) {
            double s = scale(u, u->node[i]);
            worst = s > worst ? s : worst;
        }
        if (worst < 1 + 1e-7)
            break;
    }
    for (uint32_t e = 0; e < g->m; e++) {
        if (!is_unknown(g, e))
            continue;
        u->extra[e] = (int64_t)(u->x[e] < 0x1p61 ? u->x[e] : 0x1p61);
        u->need[g->edge[e].dst] -= u->extra[e];
        u->need[g->edge[e].src] += u->extra[e];
    }
}

/* One step of the search from v over edge e; forward adds to the edge, backward takes off. */
static void reach_by(struct unknowns *u, uint32_t e, bool forward, uint32_t *tail)
{
    const struct st_edge *x = &u->g->edge[e];
    uint32_t to = forward ? x->dst : x->src;

    if (u->seen[to] == u->round || (!forward && u->extra[e] <= 0))
        return;
    u->seen[to] = u->round;
    u->by[to] = e << 1 | forward;
    u->queue[(*tail)++] = to;
}

/* The nearest function that misses inflow, from one that has too much of it; ST_NONE: none. */
static uint32_t search(struct unknowns *u, uint32_t from)
{
    const struct st_graph *g = u->g;
    uint32_t head = 0, tail = 0;

    u->round++;
    u->seen[from] = u->round;
    u->queue[tail++] = from;
    while (head < tail) {
        uint32_t v = u->queue[head++];
        if (u->need[v] > 0)
            return v;
        u->work += g->in.at[v + 1] - g->in.at[v] + g->out.at[v + 1] - g->out.at[v];
        for (uint32_t i = g->out.at[v]; i < g->out.at[v + 1]; i++)
            if (is_unknown(g, g->out.edge[i]))
                reach_by(u, g->out.edge[i], true, &tail);
        for (uint32_t i = g->in.at[v]; i < g->in.at[v + 1]; i++)
            if (is_unknown(g, g->in.edge[i]))
                reach_by(u, g->in.edge[i], false, &tail);
    }
    return ST_NONE;
}

static void send(struct unknowns *u, uint32_t from, uint32_t to)
{
    const struct st_graph *g = u->g;
    st_wide d = -u->need[from] < u->need[to] ? -u->need[from] : u->need[to];

    d = d < INT64_MAX / 4 ? d : INT64_MAX / 4;
    for (uint32_t v = to; v != from;) {
        uint32_t e = u->by[v] >> 1;
        bool forward = u->by[v] & 1;
        if (!forward && u->extra[e] < d)
            d = u->extra[e];
        v = forward ? g->edge[e].src : g->edge[e].dst;
    }
    for (uint32_t v = to; v != from;) {
        uint32_t e = u->by[v] >> 1;
        bool forward = u->by[v] & 1;
        u->extra[e] += forward ? (int64_t)d : -(int64_t)d;
        v = forward ? g->edge[e].src : g->edge[e].dst;
    }
    u->need[from] += d;
    u->need[to] -= d;
}

/* The ticks that rounding left over, in the order of the nodes, within a bound of work. */
static void send_rest(struct unknowns *u)
{
    uint64_t most = (uint64_t)WORK * (u->g->m + u->g->n + 1000);

    for (uint32_t i = 0; i < u->n; i++) {
        uint32_t v = u->node[i], to = 0;
        while (u->need[v] < 0 && u->work < most && (to = search(u, v)) != ST_NONE)
            send(u, v, to);
    }
}

bool st_balance(struct st_graph *g, st_wide *need)
{
    struct unknowns u = {.g = g, .need = need};
    bool *has = st_take(g, (size_t)g->n + 1, sizeof *has);

    u.x = st_take(g, g->m, sizeof *u.x);
    u.extra = st_take(g, g->m, sizeof *u.extra);
    u.node = st_take(g, (size_t)g->n + 1, sizeof *u.node);
    u.queue = st_take(g, (size_t)g->n + 1, sizeof *u.queue);
    u.by = st_take(g, (size_t)g->n + 1, sizeof *u.by);
    u.seen = st_take(g, (size_t)g->n + 1, sizeof *u.seen);
    if (!has || !u.x || !u.extra || !u.node || !u.queue || !u.by || !u.seen)
        return false;
    for (uint32_t e = 0; e < g->m; e++) {
        const struct st_edge *x = &g->edge[e];
        if (!is_unknown(g, e))
            continue;
        double prior = (double)x->ct * share_nested(g, x), least = (double)g->total * 1e-6;
        u.x[e] = prior > least ? prior : least;
        has[x->src] = has[x->dst] = true;
    }
    for (uint32_t v = 0; v <= g->n; v++)
        if (has[v])
            u.node[u.n++] = v;
    if (!u.n)
        return true;
    scale_all(&u);
    send_rest(&u);
    for (uint32_t e = 0; e < g->m; e++)
        g->edge[e].flow += u.extra[e];
    return true;
}

/* ---- all of it ---- */

/* What a function needs of inflow beyond what it has: its own time and its outflow, less that. */
static st_wide *needs(struct st_graph *g)
{
    st_wide *need = st_take(g, (size_t)g->n + 1, sizeof *need);

    if (!need)
        return NULL;
    for (uint32_t v = 0; v < g->n; v++)
        need[v] = g->node[v].self;
    for (uint32_t e = 0; e < g->m; e++) {
        need[g->edge[e].dst] -= g->edge[e].flow;
        need[g->edge[e].src] += g->edge[e].flow;
    }
    need[g->n] -= g->total;
    return need;
}

/* What is left: outflow that nobody brought in comes from outside, inflow that goes nowhere is
 * lost. */
static bool give_up(struct st_graph *g, const st_wide *need)
{
    uint32_t m = g->m;

    for (uint32_t v = 0; v < g->n; v++) {
        if (need[v] > INT64_MAX / 2 || need[v] < -(st_wide)INT64_MAX / 2) {
            pf_fail(g->err, PF_EVALUE, "inclusive times do not fit 64 bits");
            return false;
        }
        if (need[v] < 0) {
            g->node[v].lost = (int64_t)-need[v];
            st_tally(&g->cert.lost, need[v]);
        }
        if (need[v] <= 0)
            continue;
        uint32_t e = st_edge_add(g, g->n, v);
        if (e == ST_NONE)
            return false;
        g->edge[e].ct = g->edge[e].flow = (int64_t)need[v];
        st_tally(&g->cert.orphaned, need[v]);
    }
    return g->m == m || st_lists_make(g);
}

static void set_room(struct st_graph *g, const int64_t *grown, uint32_t m)
{
    for (uint32_t e = 0; e < g->m; e++) {
        struct st_edge *x = &g->edge[e];
        st_wide first = (st_wide)x->ct + (e < m ? grown[e] : 0);
        x->first = x->src == g->n || first > x->flow ? x->flow : (int64_t)first;
        x->again = x->flow - x->first;
    }
}

/* What is recorded, or where edges have no times, what can be guessed. */
static bool begin(struct st_graph *g)
{
    bool timed = g->q->calls.form == PF_EDGES_TIMED;

    for (uint32_t e = 0; e < g->m; e++) {
        struct st_edge *x = &g->edge[e];
        if (g->total >> 61) { /* no room for sums: only own times are told */
            st_tally(&g->cert.clamped, (st_wide)x->ct - x->self);
            x->ct = x->self;
            x->unknown = false;
        }
        x->flow = x->ct;
    }
    return timed || st_guess(g);
}

bool st_flow(struct st_graph *g)
{
    if (!begin(g))
        return false;
    uint32_t m = g->m;
    int64_t *grown = st_take(g, m, sizeof *grown);
    st_wide *need = grown ? needs(g) : NULL;
    if (!need || !st_balance(g, need) || !st_settle(g, need, grown) || !st_reroute(g, need, grown)
        || !give_up(g, need) || !st_reach(g))
        return false;
    set_room(g, grown, m);
    return st_components(g);
}
