/*
 * stackify_splice.c - inclusive time that an edge of a component still misses: a circle through it
 * is put into stacks that pass one of its functions, where what comes twice then may.
 */
#include "stackify.h"

enum {
    MOST_CIRCLES = 20000,
    MOST_MISSES = 300,     /* stacks that a circle does not fit into, one after the other */
    SIGNS = 4,             /* words of a sign */
    MOST_PLACES = 1 << 23, /* of stacks, for all of their functions */
    WORK = 32,
    LEAST_WORK = 20000000,
    NEW_EDGE = 1, /* costs of a circle's edges: with time to spare, and passed once more */
    OLD_EDGE = 2
};

struct splicer {
    struct st_try *t;
    struct st_graph *g;
    struct place { /* a stack that a function stands on; lists by function, newest first */
        uint32_t context, next;
    } * place;
    /* Which recursive edges a context's path passes, as bits: what a circle's old edges are looked
     * for in before the path is walked. Edges may share a bit. */
    struct sign {
        uint64_t w[SIGNS];
    } * sign, old;
    uint32_t n_signs, cap_signs, *bit;
    uint32_t n_places, cap_places, *first_place, *last_place;
    struct st_heap wanting, heap;
    int64_t *cost;
    uint32_t *by, *seen, round;
    uint32_t *circle, n, cap; /* edges, from the source of the wanting one on */
    uint32_t *path, cap_path;
    bool *inside;  /* of nodes: it lies in a component of mutual recursion */
    int64_t least; /* that is worth it */
    uint32_t misses;
    uint64_t work, most;
};

/* ---- which stacks a function is on ---- */

static bool add_place(struct splicer *s, uint32_t v, uint32_t context)
{
    if (s->n_places >= MOST_PLACES)
        return true;
    if (!pf_grow(s->g->mem, &s->place, s->n_places, &s->cap_places, sizeof *s->place))
        return st_no_memory(s->g);
    s->place[s->n_places] = (struct place){context, 0};
    if (s->last_place[v])
        s->place[s->last_place[v] - 1].next = s->n_places + 1;
    else
        s->first_place[v] = s->n_places + 1;
    s->last_place[v] = ++s->n_places;
    return true;
}

static void add_sign(const struct splicer *s, struct sign *to, uint32_t e)
{
    if (s->g->edge[e].inside && s->g->edge[e].unknown)
        to->w[s->bit[e] / 64] |= (uint64_t)1 << s->bit[e] % 64;
}

static bool has_sign(const struct sign *of, const struct sign *part)
{
    uint64_t lacks = 0;

    for (int i = 0; i < SIGNS; i++)
        lacks |= part->w[i] & ~of->w[i];
    return !lacks;
}

/* Of a path's functions in components, each once. */
static bool index_stack(struct splicer *s, uint32_t context)
{
    const struct st_try *t = s->t;

    while (s->n_signs <= context) {
        if (!pf_grow(s->g->mem, &s->sign, s->n_signs, &s->cap_signs, sizeof *s->sign))
            return st_no_memory(s->g);
        s->sign[s->n_signs++] = (struct sign){{0}};
    }
    s->round++;
    for (uint32_t c = context; c != ST_NONE; c = t->at[c].parent) {
        uint32_t v = s->g->edge[t->at[c].edge].dst;
        s->work++;
        add_sign(s, &s->sign[context], t->at[c].edge);
        if (s->seen[v] == s->round || !s->inside[v])
            continue;
        s->seen[v] = s->round;
        if (!add_place(s, v, context))
            return false;
    }
    return true;
}

static bool index_stacks(struct splicer *s)
{
    for (uint32_t e = 0; e < s->g->m; e++)
        if (s->g->edge[e].inside)
            s->inside[s->g->edge[e].src] = s->inside[s->g->edge[e].dst] = true;
    for (uint32_t c = 0; c < s->t->n && s->n_places < MOST_PLACES; c++)
        if (s->t->at[c].self > 0 && !index_stack(s, c))
            return false;
    return true;
}

/* ---- the circle ---- */

static bool is_new(const struct splicer *s, uint32_t e)
{
    return s->t->first[e] > s->least;
}

static bool relax(struct splicer *s, uint32_t v)
{
    struct st_graph *g = s->g;

    for (uint32_t i = g->out.at[v]; i < g->out.at[v + 1]; i++) {
        uint32_t e = g->out.edge[i], to = g->edge[e].dst;
        s->work++;
        if (!g->edge[e].inside || (!is_new(s, e) && !g->edge[e].unknown))
            continue;
        int64_t cost = s->cost[v] + (is_new(s, e) ? NEW_EDGE : OLD_EDGE);
        if (s->seen[to] == s->round && s->cost[to] <= cost)
            continue;
        s->seen[to] = s->round;
        s->cost[to] = cost;
        s->by[to] = e;
        if (!st_push(g, &s->heap, cost, to, to))
            return false;
    }
    return true;
}

/* The cheapest way from the end of e back to its source; n = 0: there is none. */
static bool find_circle(struct splicer *s, uint32_t e)
{
    const struct st_edge *edge = &s->g->edge[e];
    bool found = false;

    s->n = s->heap.n = 0;
    s->seen[edge->dst] = ++s->round;
    s->cost[edge->dst] = 0;
    s->by[edge->dst] = ST_NONE;
    if (!st_push(s->g, &s->heap, 0, edge->dst, 0))
        return false;
    while (s->heap.n && !found) {
        struct st_item x = st_pop(&s->heap);
        found = x.id == edge->src;
        if (!found && x.key == s->cost[x.id] && !relax(s, x.id))
            return false;
    }
    if (!found)
        return true;
    for (uint32_t at = edge->src, next = ST_NONE;; at = s->g->edge[next].src) {
        next = at == edge->dst ? e : s->by[at];
        if (!pf_grow(s->g->mem, &s->circle, s->n, &s->cap, sizeof *s->circle))
            return st_no_memory(s->g);
        s->circle[s->n++] = next;
        if (next == e)
            break;
    }
    for (uint32_t i = 0, k = s->n - 1; i < k; i++, k--) {
        uint32_t swap = s->circle[i];
        s->circle[i] = s->circle[k];
        s->circle[k] = swap;
    }
    return true;
}

/* ---- into stacks ---- */

/* How much of the stack that is marked the circle may go into, at v: an edge that is on it already
 * must be one that recurs, any other must miss time, and no function may come twice that never did.
 */
static int64_t fits(const struct splicer *s, uint32_t v, int64_t weight)
{
    const struct st_try *t = s->t;

    for (uint32_t i = 0; i < s->n; i++) {
        uint32_t e = s->circle[i], to = s->g->edge[e].dst;
        bool on_path = t->edge_mark[e] == t->mark;
        if (on_path && !s->g->edge[e].unknown)
            return 0;
        if (s->g->node[to].once && (to == v || t->node_mark[to] == t->mark))
            return 0;
        if (!on_path && t->first[e] < weight)
            weight = t->first[e];
    }
    return weight;
}

/* The path of a stack, leaf first, and all of it marked. */
static bool take_path(struct splicer *s, uint32_t context, uint32_t *n)
{
    struct st_try *t = s->t;

    t->mark++;
    *n = 0;
    for (uint32_t c = context; c != ST_NONE; c = t->at[c].parent) {
        if (!pf_grow(s->g->mem, &s->path, *n, &s->cap_path, sizeof *s->path))
            return st_no_memory(s->g);
        s->path[(*n)++] = c;
        t->edge_mark[t->at[c].edge] = t->mark;
        t->node_mark[s->g->edge[t->at[c].edge].dst] = t->mark;
    }
    s->work += *n;
    return true;
}

/* Moves weight to the same stack with the circle in it, behind path[at]. */
static bool insert(struct splicer *s, uint32_t at, uint32_t turn, int64_t weight)
{
    struct st_try *t = s->t;
    uint32_t leaf = s->path[0], c = s->path[at];

    for (uint32_t i = 0; i < s->n && c != ST_NONE; i++)
        c = st_context_add(t, c, s->circle[(turn + i) % s->n]);
    while (at > 0 && c != ST_NONE)
        c = st_context_add(t, c, t->at[s->path[--at]].edge);
    if (c == ST_NONE)
        return false;
    t->at[leaf].self -= weight;
    t->stacks += t->at[leaf].self > 0;
    t->at[c].self = weight;
    st_tally(&t->repaired, weight);
    return index_stack(s, c);
}

/* What the stack that is marked did not pass yet misses less now. */
static void settle(struct splicer *s, int64_t weight)
{
    for (uint32_t i = 0; i < s->n; i++)
        if (s->t->edge_mark[s->circle[i]] != s->t->mark)
            s->t->first[s->circle[i]] -= weight;
}

/* Puts the circle, begun at its turn-th edge, into one stack that does not pass `wanted` yet. */
static bool try_stack(struct splicer *s, uint32_t context, uint32_t turn, uint32_t wanted)
{
    struct st_try *t = s->t;
    uint32_t v = s->g->edge[s->circle[turn]].src, n, at = 1;

    s->work++;
    if (t->at[context].self <= 0 || !has_sign(&s->sign[context], &s->old))
        return true;
    if (!take_path(s, context, &n))
        return false;
    s->misses++;
    int64_t weight = fits(s, v, t->at[context].self);
    if (weight <= 0 || t->edge_mark[wanted] == t->mark
        || (weight < t->at[context].self && t->stacks >= t->budget))
        return true;
    /* not behind the last frame: its caller must stay who it is */
    while (at < n && s->g->edge[t->at[s->path[at]].edge].dst != v)
        at++;
    if (at == n)
        return true;
    settle(s, weight);
    s->misses = 0;
    return insert(s, at, turn, weight);
}

/* Puts the circle into stacks until the wanted edge misses nothing. */
static bool splice(struct splicer *s, uint32_t wanted)
{
    s->old = (struct sign){{0}};
    for (uint32_t i = 0; i < s->n; i++)
        if (s->t->first[s->circle[i]] <= 0)
            add_sign(s, &s->old, s->circle[i]);
    for (uint32_t turn = 0; turn < s->n && is_new(s, wanted); turn++) {
        uint32_t v = s->g->edge[s->circle[turn]].src, last = s->last_place[v];
        s->misses = 0;
        for (uint32_t p = s->first_place[v];
             p && is_new(s, wanted) && s->misses < MOST_MISSES && s->work < s->most;
             p = s->place[p - 1].next) {
            if (!try_stack(s, s->place[p - 1].context, turn, wanted))
                return false;
            if (p == last)
                break;
        }
    }
    return true;
}

static bool splice_all(struct splicer *s)
{
    struct st_graph *g = s->g;

    for (uint32_t e = 0; e < g->m; e++)
        if (g->edge[e].inside && is_new(s, e) && !st_push(g, &s->wanting, -s->t->first[e], e, e))
            return false;
    for (int circles = 0; s->wanting.n && circles < MOST_CIRCLES && s->work < s->most;) {
        struct st_item x = st_pop(&s->wanting);
        if (!is_new(s, x.id))
            continue;
        if (-x.key == s->t->first[x.id]) {
            circles++;
            if (!find_circle(s, x.id) || (s->n && !splice(s, x.id)))
                return false;
            if (-x.key == s->t->first[x.id])
                continue; /* nothing more can be done for it */
        }
        if (is_new(s, x.id) && !st_push(g, &s->wanting, -s->t->first[x.id], x.id, x.id))
            return false;
    }
    return true;
}

static bool prepare(struct splicer *s)
{
    struct st_graph *g = s->g;
    size_t nodes = (size_t)g->n + 1;
    unsigned log = 1;

    while (g->m >> log)
        log++;
    s->most = LEAST_WORK + (uint64_t)WORK * log * (g->m + g->n) / 8;
    s->least = g->total / 100000 > 1 ? g->total / 100000 : 1;
    s->first_place = pf_alloc_zero(g->mem, nodes, sizeof *s->first_place);
    s->last_place = pf_alloc_zero(g->mem, nodes, sizeof *s->last_place);
    s->cost = pf_alloc_zero(g->mem, nodes, sizeof *s->cost);
    s->by = pf_alloc_zero(g->mem, nodes, sizeof *s->by);
    s->seen = pf_alloc_zero(g->mem, nodes, sizeof *s->seen);
    s->inside = pf_alloc_zero(g->mem, nodes, sizeof *s->inside);
    s->bit = pf_alloc_zero(g->mem, (size_t)g->m + 1, sizeof *s->bit);
    for (uint32_t e = 0, n = 0; s->bit && e < g->m; e++)
        if (g->edge[e].inside && g->edge[e].unknown)
            s->bit[e] = n++ % (64 * SIGNS);
    return (s->first_place && s->last_place && s->cost && s->by && s->seen && s->inside && s->bit)
           || st_no_memory(g);
}

bool st_splice(struct st_try *t)
{
    struct splicer s = {.t = t, .g = t->g};
    bool ok = prepare(&s) && index_stacks(&s) && splice_all(&s);
    void *blocks[] = {s.place, s.first_place, s.last_place, s.wanting.at, s.heap.at, s.cost, s.by,
                      s.seen,  s.circle,      s.path,       s.inside,     s.sign,    s.bit};

    for (size_t i = 0; i < sizeof blocks / sizeof *blocks; i++)
        pf_dealloc(t->g->mem, blocks[i]);
    return ok;
}
