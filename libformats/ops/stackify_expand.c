/*
 * stackify_expand.c - whole stacks from the flow: the heaviest stack so far goes on first.
 *
 * A context is a path with a weight. Some of the weight is own time of its last function; the rest
 * goes on over the cells of the joint, as far as the edges have room. Outside of components of
 * mutual recursion it is split in proportion, but pieces below a threshold are given, all together,
 * to the one column that has gone without for longest: so the number of stacks is bounded, and what
 * a column gets is right in the long run. Inside of components the one with most room gets all it
 * can take. Where nothing is left to go to, the weight goes one frame back.
 */
#include "stackify.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

struct choice {
    uint32_t cell; /* of the joint; ST_NONE: an edge beside it */
    uint32_t col;
    int64_t room, take;
    double weight, share;
    bool seen; /* the edge is on the path already */
};

struct key {
    double first;
    uint32_t choice;
    bool late;
};

struct expander {
    struct st_try *t;
    struct st_graph *g;
    struct st_heap heap;
    uint32_t age;
    int64_t *flow, *room, *cell; /* what is left of each edge's flow as caller, as callee; cells */
    int64_t *lost;
    double *debt, *self_debt, *lost_debt;
    struct choice *choice;
    struct key *key;
    uint32_t n, cap_choice, cap_key;
    uint64_t backs, most;
    bool inside; /* some choice lies in the component that the path ends in: it is marked */
};

/* The heaviest goes on first, of equal ones the oldest. again: it came back, its own time has been
 * taken. */
static bool wait(struct expander *x, uint32_t context, int64_t weight, bool again)
{
    return st_push(x->g, &x->heap, -weight, context << 1 | again, x->age++);
}

/* ---- where to ---- */

/* What an edge inside of a component may still take from the path at hand. */
static int64_t room_inside(const struct expander *x, uint32_t e)
{
    const struct st_try *t = x->t;
    const struct st_edge *edge = &x->g->edge[e];

    if (t->edge_mark[e] == t->mark)
        return t->again[e] < x->room[e] ? t->again[e] : x->room[e];
    if (x->g->node[edge->dst].once && t->node_mark[edge->dst] == t->mark)
        return 0;
    return t->first[e] < x->room[e] ? t->first[e] : x->room[e];
}

static bool add_choice(struct expander *x, const struct choice *c)
{
    struct pf_mem *m = x->g->mem;

    if (!pf_grow(m, &x->choice, x->n, &x->cap_choice, sizeof *x->choice)
        || !pf_grow(m, &x->key, x->n, &x->cap_key, sizeof *x->key))
        return st_no_memory(x->g);
    x->choice[x->n++] = *c;
    return true;
}

static void mark_inside(struct expander *x, uint32_t context)
{
    if (!x->inside)
        st_mark_path(x->t, context);
    x->inside = true;
}

/* The cells of the in-edge that have anything left, and room behind them. */
static bool find_choices(struct expander *x, uint32_t context)
{
    const struct st_graph *g = x->g;
    uint32_t e = x->t->at[context].edge;

    x->n = 0;
    x->inside = false;
    for (uint32_t i = g->cell_at[e]; i < g->cell_at[e + 1]; i++) {
        struct choice c = {.cell = i, .col = g->cell[i].col, .weight = (double)x->cell[i]};
        const struct st_edge *to = c.col == ST_LOST ? NULL : &g->edge[c.col];
        if (to && to->inside)
            mark_inside(x, context);
        if (x->cell[i] <= 0)
            continue;
        if (!to) {
            c.room = x->lost[g->edge[e].dst];
        } else if (!to->inside) {
            c.room = x->room[c.col];
        } else {
            c.room = room_inside(x, c.col);
            c.seen = x->t->edge_mark[c.col] == x->t->mark;
            if (c.seen)
                c.weight *= (double)to->again / (double)to->flow;
        }
        if (c.room > 0 && c.weight > 0 && !add_choice(x, &c))
            return false;
    }
    return true;
}

/* ---- who gets what ---- */

static int by_key(const void *a, const void *b)
{
    const struct key *x = a, *y = b;

    if (x->late != y->late)
        return x->late ? 1 : -1;
    if (x->first < y->first || x->first > y->first)
        return x->first < y->first ? 1 : -1;
    return x->choice < y->choice ? -1 : 1;
}

static double *debt_of(struct expander *x, const struct choice *c, uint32_t function)
{
    return c->col == ST_LOST ? &x->lost_debt[function] : &x->debt[c->col];
}

/* Fills choices in the order of the first n keys. */
static void fill(struct expander *x, uint32_t n, int64_t *left, int64_t give, uint32_t function)
{
    qsort(x->key, n, sizeof *x->key, by_key);
    for (uint32_t i = 0; i < n && give > 0; i++) {
        struct choice *c = &x->choice[x->key[i].choice];
        int64_t room = c->room - c->take, d = give < room ? give : room;
        if (d <= 0)
            continue;
        c->take += d;
        give -= d;
        *left -= d;
        if (function != ST_NONE)
            *debt_of(x, c, function) -= (double)d;
    }
}

/* Inside of a component: as much as goes to new edges in it, the roomiest first. */
static void go_deep(struct expander *x, int64_t *left)
{
    for (uint32_t i = 0; i < x->n; i++) {
        const struct choice *c = &x->choice[i];
        bool inside = c->col != ST_LOST && x->g->edge[c->col].inside && !c->seen;
        x->key[i] = (struct key){(double)c->room, i, !inside};
    }
    fill(x, x->n, left, *left, ST_NONE);
}

static void split(struct expander *x, uint32_t function, int64_t *left)
{
    double all = 0, rest = (double)*left, small = 0;
    double least = x->inside ? HUGE_VAL : (double)x->t->threshold;
    uint32_t n = 0, last = 0;

    for (uint32_t i = 0; i < x->n; i++)
        all += x->choice[i].weight;
    for (uint32_t i = 0; i < x->n; i++) {
        struct choice *c = &x->choice[i];
        c->share = rest * c->weight / all;
        if (c->share < least) {
            small += c->share;
            last = i;
            x->key[n++] = (struct key){0, i, false};
        }
    }
    if (n == 1 && x->n == 1) { /* alone: no need to wait for more */
        x->choice[last].share = rest;
        n = 0;
    }
    bool any_big = n < x->n;
    for (uint32_t i = 0, k = 0; i < x->n; i++) {
        struct choice *c = &x->choice[i];
        if (k < n && x->key[k].choice == i) {
            k++;
            continue;
        }
        int64_t part = c->share < (double)c->room ? (int64_t)c->share : c->room;
        c->take = part < *left ? part : *left;
        *left -= c->take;
    }
    if (!n)
        return;
    for (uint32_t k = 0; k < n; k++) {
        double *debt = debt_of(x, &x->choice[x->key[k].choice], function);
        x->key[k].first = *debt += x->choice[x->key[k].choice].share;
    }
    int64_t give = !any_big || (double)*left < small ? *left : small < 1 ? 1 : (int64_t)small;
    fill(x, n, left, give, function);
}

/* What the shares did not take, by room. */
static void top_up(struct expander *x, int64_t *left)
{
    for (uint32_t i = 0; i<x->n && * left> 0; i++)
        x->key[i] = (struct key){(double)(x->choice[i].room - x->choice[i].take), i, false};
    if (*left > 0)
        fill(x, x->n, left, *left, ST_NONE);
}

/* The joint has nothing left for this caller: any edge of the function that has room. */
static bool look_beside(struct expander *x, uint32_t context, int64_t *left)
{
    const struct st_graph *g = x->g;
    uint32_t v = g->edge[x->t->at[context].edge].dst, n = x->n;

    for (uint32_t i = g->out.at[v]; i < g->out.at[v + 1] && *left > 0; i++) {
        struct choice c = {.cell = ST_NONE, .col = g->out.edge[i], .room = x->room[g->out.edge[i]]};
        if (c.room <= 0)
            continue;
        if (g->edge[c.col].inside) {
            mark_inside(x, context);
            c.room = room_inside(x, c.col);
            c.seen = x->t->edge_mark[c.col] == x->t->mark;
        }
        for (uint32_t k = 0; k < n; k++)
            if (x->choice[k].col == c.col)
                c.room -= x->choice[k].take;
        c.take = c.room < *left ? c.room : *left;
        if (c.take <= 0)
            continue;
        *left -= c.take;
        if (!add_choice(x, &c))
            return false;
    }
    return true;
}

/* ---- own time ---- */

/* The share of the weight that is own time here: small shares wait until they are worth a stack. */
static int64_t own_share(struct expander *x, uint32_t e, int64_t weight)
{
    int64_t owed = x->t->owed[e], flow = x->flow[e] + weight; /* before this context */
    int64_t least = owed - x->flow[e], most = owed < weight ? owed : weight;
    int64_t s = flow > 0 ? (int64_t)((st_wide)weight * owed / flow) : owed;

    s = s < least ? least : s;
    s = s > most ? most : s;
    int64_t threshold = x->inside ? INT64_MAX : x->t->threshold;
    if (s <= 0 || s >= threshold || x->flow[e] <= 0)
        return s < 0 ? 0 : s;
    double debt = x->self_debt[e] += (double)s;
    least = least < 0 ? 0 : least < most ? least : most;
    if (debt < (double)threshold && !least)
        return 0;
    s = debt < (double)most ? (int64_t)debt : most;
    s = s < least ? least : s;
    x->self_debt[e] -= (double)s;
    return s;
}

static int64_t take_own(struct expander *x, uint32_t context, int64_t weight)
{
    return weight > 0 && st_own(x->t, context, weight) ? weight : 0;
}

/* ---- one context ---- */

static bool go_on(struct expander *x, uint32_t context)
{
    struct st_graph *g = x->g;
    uint32_t v = g->edge[x->t->at[context].edge].dst;

    for (uint32_t i = 0; i < x->n; i++) {
        const struct choice *c = &x->choice[i];
        if (c->take <= 0)
            continue;
        if (c->cell != ST_NONE)
            x->cell[c->cell] -= c->take < x->cell[c->cell] ? c->take : x->cell[c->cell];
        if (c->col == ST_LOST) {
            x->lost[v] -= c->take;
            continue;
        }
        x->room[c->col] -= c->take;
        if (g->edge[c->col].inside)
            *(x->inside && c->seen ? &x->t->again[c->col] : &x->t->first[c->col]) -= c->take;
        uint32_t to = st_context_add(x->t, context, c->col);
        if (to == ST_NONE || !wait(x, to, c->take, false))
            return false;
    }
    return true;
}

static bool is_stuck(struct st_try *t, uint32_t context, int64_t weight)
{
    if (!pf_grow(t->g->mem, &t->stuck, t->n_stuck, &t->cap_stuck, sizeof *t->stuck))
        return st_no_memory(t->g);
    t->stuck[t->n_stuck++] = (struct st_stuck){context, weight};
    return true;
}

/* Back to the caller; if the path passed the edge only once, it has room again for that. */
static bool go_back(struct expander *x, uint32_t context, int64_t weight)
{
    struct st_try *t = x->t;
    const struct st_context *c = &t->at[context];
    uint32_t e = c->edge;

    if (!t->back_up || c->parent == ST_NONE || x->backs >= x->most)
        return is_stuck(t, context, weight);
    x->backs++;
    if (x->g->edge[e].inside) {
        uint32_t y = c->parent;
        while (y != ST_NONE && t->at[y].edge != e && x->g->edge[t->at[y].edge].inside)
            y = t->at[y].parent;
        if (y == ST_NONE || t->at[y].edge != e)
            t->first[e] += weight;
    }
    return wait(x, c->parent, weight, true);
}

static bool step(struct expander *x, const struct st_item *w)
{
    struct st_try *t = x->t;
    uint32_t context = w->id >> 1, e = t->at[context].edge, v = x->g->edge[e].dst;
    int64_t left = -w->key;

    if (t->at[context].run > ST_DEPTH)
        return is_stuck(t, context, left);
    if (!find_choices(x, context))
        return false;
    if (!(w->id & 1)) {
        x->flow[e] -= left;
        left -= take_own(x, context, own_share(x, e, left));
    }
    if (left > 0 && x->n) {
        if (x->inside && t->deep)
            go_deep(x, &left);
        else
            split(x, v, &left);
        top_up(x, &left);
    }
    if (left > 0 && !look_beside(x, context, &left))
        return false;
    if (left > 0 && t->owed[e] > 0)
        left -= take_own(x, context, left < t->owed[e] ? left : t->owed[e]);
    return go_on(x, context) && (left <= 0 || go_back(x, context, left));
}

/* ---- all of them ---- */

static bool prepare(struct expander *x)
{
    struct st_graph *g = x->g;
    size_t edges = (size_t)g->m * sizeof(int64_t), cells = (size_t)g->n_cells * sizeof(int64_t);
    size_t nodes = (size_t)g->n + 1;

    x->flow = pf_alloc(g->mem, edges + 1);
    x->room = pf_alloc(g->mem, edges + 1);
    x->cell = pf_alloc(g->mem, cells + 1);
    x->lost = pf_alloc(g->mem, nodes * sizeof *x->lost);
    x->debt = pf_alloc_zero(g->mem, (size_t)g->m + 1, sizeof *x->debt);
    x->self_debt = pf_alloc_zero(g->mem, (size_t)g->m + 1, sizeof *x->self_debt);
    x->lost_debt = pf_alloc_zero(g->mem, nodes, sizeof *x->lost_debt);
    if (!x->flow || !x->room || !x->cell || !x->lost || !x->debt || !x->self_debt || !x->lost_debt)
        return st_no_memory(g);
    for (uint32_t e = 0; e < g->m; e++)
        x->flow[e] = x->room[e] = g->edge[e].flow;
    for (uint32_t i = 0; i < g->n_cells; i++)
        x->cell[i] = g->cell[i].amount;
    for (uint32_t v = 0; v < g->n; v++)
        x->lost[v] = g->node[v].lost;
    return true;
}

static bool start(struct expander *x)
{
    struct st_graph *g = x->g;

    for (uint32_t i = g->out.at[g->n]; i < g->out.at[g->n + 1]; i++) {
        uint32_t e = g->out.edge[i];
        if (g->edge[e].flow <= 0)
            continue;
        uint32_t c = st_context_add(x->t, ST_NONE, e);
        if (c == ST_NONE || !wait(x, c, g->edge[e].flow, false))
            return false;
    }
    return true;
}

/* Contexts are bounded by the size of the graph and the stacks that are wanted. What waits when
 * they are used up is left to the repair. */
static bool expand(struct expander *x)
{
    const struct st_graph *g = x->g;
    uint64_t size = (uint64_t)g->m + g->n;

    x->most = 6 * size + 40000;
    if (!prepare(x) || !start(x))
        return false;
    while (x->heap.n && x->t->n <= x->most) {
        struct st_item w = st_pop(&x->heap);
        if (!step(x, &w))
            return false;
    }
    while (x->heap.n) {
        struct st_item w = st_pop(&x->heap);
        if (!is_stuck(x->t, w.id >> 1, -w.key))
            return false;
    }
    return true;
}

bool st_expand(struct st_try *t)
{
    struct expander x = {.t = t, .g = t->g};
    bool ok = expand(&x);
    void *blocks[] = {x.heap.at, x.flow,      x.room,      x.cell,   x.lost,
                      x.debt,    x.self_debt, x.lost_debt, x.choice, x.key};

    for (size_t i = 0; i < sizeof blocks / sizeof *blocks; i++)
        pf_dealloc(t->g->mem, blocks[i]);
    return ok;
}
