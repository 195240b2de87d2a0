/*
 * stackify_repair.c - weight that got stuck is led to own time that is still owed.
 *
 * The way from the stuck path to an edge that is owed time is the cheapest one (Dijkstra): edges
 * with room cost little, going back a frame more, and edges without room most. Dijkstra's work is
 * bounded; what then is still owed gets the shortest path from outside.
 */
#include "stackify.h"

#include <stdlib.h>

enum { STEP = 1, BACK = 100, NO_ROOM = 1000, LEAST_WORK = 3000000 };

struct goal {
    int64_t cost;
    uint32_t edge;
};

struct repair {
    struct st_try *t;
    struct st_graph *g;
    int64_t *cost; /* of each node */
    uint32_t *seen, *done, round;
    uint32_t *by;              /* the edge that leads to a node; ST_NONE: it is on the path … */
    uint32_t *context;         /* … here */
    struct st_heap heap, near; /* near: goals that a cheaper way may still be found to */
    uint32_t age;
    struct goal *goal; /* the cheapest first */
    uint32_t n_goals, cap_goals;
    uint32_t *way, cap_way;
    uint64_t work, most;
};

/* ---- the search ---- */

static int64_t cost_of(const struct repair *r, uint32_t e)
{
    const struct st_try *t = r->t;
    const struct st_edge *x = &r->g->edge[e];

    if (t->edge_mark[e] == t->mark)
        return x->unknown ? STEP : NO_ROOM;
    if (t->first[e] <= 0 || (r->g->node[x->dst].once && t->node_mark[x->dst] == t->mark))
        return NO_ROOM;
    return STEP;
}

/* Every function of the path is where the way may begin, the innermost first. */
static bool begin(struct repair *r, uint32_t context)
{
    int64_t cost = 0;

    r->heap.n = r->near.n = r->n_goals = r->age = 0;
    r->round++;
    for (uint32_t c = context; c != ST_NONE; c = r->t->at[c].parent, cost += BACK) {
        uint32_t v = r->g->edge[r->t->at[c].edge].dst;
        r->work++;
        if (r->seen[v] == r->round)
            continue;
        if (cost > (int64_t)BACK * ST_DEPTH * 4)
            break;
        r->seen[v] = r->round;
        r->cost[v] = cost;
        r->by[v] = ST_NONE;
        r->context[v] = c;
        if (!st_push(r->g, &r->heap, cost, v, r->age++))
            return false;
    }
    return true;
}

static bool look_from(struct repair *r, uint32_t v)
{
    struct st_graph *g = r->g;

    for (uint32_t i = g->out.at[v]; i < g->out.at[v + 1]; i++) {
        uint32_t e = g->out.edge[i], to = g->edge[e].dst;
        int64_t cost = r->cost[v] + cost_of(r, e);
        r->work++;
        if (r->t->owed[e] > 0 && !st_push(g, &r->near, cost, e, e))
            return false;
        if (r->seen[to] == r->round && (r->done[to] == r->round || r->cost[to] <= cost))
            continue;
        r->seen[to] = r->round;
        r->cost[to] = cost;
        r->by[to] = e;
        if (!st_push(r->g, &r->heap, cost, to, r->age++))
            return false;
    }
    return true;
}

/* Goals that cost no more than what is still to be looked at: there is no cheaper way to them. */
static bool settle(struct repair *r, int64_t cost, int64_t *found)
{
    while (r->near.n && r->near.at[0].key <= cost) {
        struct st_item x = st_pop(&r->near);
        if (!pf_grow(r->g->mem, &r->goal, r->n_goals, &r->cap_goals, sizeof *r->goal))
            return st_no_memory(r->g);
        r->goal[r->n_goals++] = (struct goal){x.key, x.id};
        *found = *found > INT64_MAX - r->t->owed[x.id] ? INT64_MAX : *found + r->t->owed[x.id];
    }
    return true;
}

/* The cheapest edges that are owed time, enough for the weight. */
static bool search(struct repair *r, uint32_t context, int64_t weight)
{
    int64_t found = 0;

    if (!begin(r, context))
        return false;
    while (r->heap.n && r->work < r->most) {
        struct st_item x = st_pop(&r->heap);
        if (r->done[x.id] == r->round)
            continue;
        if (!settle(r, x.key, &found))
            return false;
        if (found >= weight)
            return true;
        r->done[x.id] = r->round;
        if (!look_from(r, x.id))
            return false;
    }
    return settle(r, INT64_MAX, &found);
}

/* ---- the way ---- */

/* The edges to a goal, last first; *from: the context that it leaves the path at. */
static bool trace(struct repair *r, uint32_t goal, uint32_t *n, uint32_t *from)
{
    *n = 0;
    for (uint32_t e = goal;; e = r->by[r->g->edge[e].src]) {
        if (!pf_grow(r->g->mem, &r->way, *n, &r->cap_way, sizeof *r->way))
            return st_no_memory(r->g);
        r->way[(*n)++] = e;
        uint32_t v = r->g->edge[e].src;
        if (r->by[v] == ST_NONE) {
            *from = r->context[v];
            return true;
        }
    }
}

static bool is_fresh(const struct repair *r, uint32_t e)
{
    return r->g->edge[e].inside && r->t->edge_mark[e] != r->t->mark;
}

/* Frames that the way leaves behind: their edges have room again, where the path that stays does
 * not pass them. */
static void give_back(struct repair *r, uint32_t context, uint32_t stays, int64_t weight)
{
    struct st_try *t = r->t;

    for (uint32_t c = context; c != stays; c = t->at[c].parent) {
        uint32_t e = t->at[c].edge, up = t->at[c].parent;
        while (up != ST_NONE && t->at[up].edge != e && t->at[up].run)
            up = t->at[up].parent;
        if (r->g->edge[e].inside && (up == ST_NONE || t->at[up].edge != e))
            t->first[e] += weight;
        r->work++;
    }
}

/* Leads weight along the way; *weight is what is left. */
static bool lead(struct repair *r, uint32_t context, const struct goal *goal, int64_t *weight)
{
    struct st_try *t = r->t;
    int64_t d = *weight < t->owed[goal->edge] ? *weight : t->owed[goal->edge];
    uint32_t n = 0, at = 0;

    if (!trace(r, goal->edge, &n, &at))
        return false;
    for (uint32_t i = 0; i < n && goal->cost < NO_ROOM; i++)
        if (is_fresh(r, r->way[i]) && t->first[r->way[i]] < d)
            d = t->first[r->way[i]];
    /* a stack more than there may be: only if it takes all that the edge is owed */
    if (d <= 0 || (d < t->owed[goal->edge] && t->stacks + t->owing >= t->budget))
        return true;
    give_back(r, context, at, d);
    for (uint32_t i = 0; i < n; i++)
        if (is_fresh(r, r->way[i]))
            t->first[r->way[i]] -= d < t->first[r->way[i]] ? d : t->first[r->way[i]];
    while (n > 0)
        if ((at = st_context_add(t, at, r->way[--n])) == ST_NONE)
            return false;
    if (st_own(t, at, d)) {
        *weight -= d;
        st_tally(&t->repaired, d);
    }
    return true;
}

/* The nearest goals may have no room: then all of them are looked for, once. */
static bool free_one(struct repair *r, struct st_stuck *s)
{
    bool all = false, more = true;

    while (s->weight > 0 && more && r->t->owing && r->work < r->most) {
        int64_t before = s->weight;
        st_mark_path(r->t, s->context);
        if (!search(r, s->context, all ? INT64_MAX : s->weight))
            return false;
        for (uint32_t i = 0; i < r->n_goals && s->weight > 0; i++)
            if (!lead(r, s->context, &r->goal[i], &s->weight))
                return false;
        more = s->weight < before || !all;
        all = s->weight == before;
    }
    return true;
}

static int by_weight(const void *a, const void *b)
{
    const struct st_stuck *x = a, *y = b;

    if (x->weight != y->weight)
        return x->weight < y->weight ? 1 : -1;
    return x->context < y->context ? -1 : x->context > y->context;
}

static bool repair(struct repair *r)
{
    struct st_graph *g = r->g;
    struct st_try *t = r->t;
    size_t nodes = (size_t)g->n + 1;
    unsigned log = 1;

    while (g->m >> log)
        log++;
    r->most = LEAST_WORK + (uint64_t)log * (g->m + g->n);
    r->cost = pf_alloc_zero(g->mem, nodes, sizeof *r->cost);
    r->seen = pf_alloc_zero(g->mem, nodes, sizeof *r->seen);
    r->done = pf_alloc_zero(g->mem, nodes, sizeof *r->done);
    r->by = pf_alloc_zero(g->mem, nodes, sizeof *r->by);
    r->context = pf_alloc_zero(g->mem, nodes, sizeof *r->context);
    if (!r->cost || !r->seen || !r->done || !r->by || !r->context)
        return st_no_memory(g);
    if (t->n_stuck)
        qsort(t->stuck, t->n_stuck, sizeof *t->stuck, by_weight);
    for (uint32_t i = 0; i < t->n_stuck && t->owing; i++)
        if (!free_one(r, &t->stuck[i]))
            return false;
    return !t->owing || st_from_outside(t, NULL);
}

bool st_repair(struct st_try *t)
{
    struct repair r = {.t = t, .g = t->g};
    bool ok = repair(&r);
    void *blocks[] = {r.cost, r.seen, r.done, r.by, r.context, r.heap.at, r.near.at, r.goal, r.way};

    for (size_t i = 0; i < sizeof blocks / sizeof *blocks; i++)
        pf_dealloc(t->g->mem, blocks[i]);
    return ok;
}
