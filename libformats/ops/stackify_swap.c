/*
 * stackify_swap.c - inclusive times brought nearer to the table by exchanging the ends of stacks.
 *
 * Two stacks that pass the same edge can exchange what follows it: A-x-M and B-x-N become A-x-N and
 * B-x-M. Own times, flows, and who calls whom after whom stay as they are; only how often functions
 * and edges meet themselves on one stack changes, and that is what the inclusive times of
 * recursion are off by. Pairs are drawn where the error is (by a generator that always begins the
 * same way), and exchanged if that makes the sum of all errors less.
 */
#include "stackify.h"

#include <string.h>

enum {
    MOST_STEPS = 1 << 23, /* edges of all stacks; beyond, stacks stay as they are */
    LEAST_WORK = 20000000,
    WORK = 64,
    DRAWS = 512,   /* between two looks at where the error is */
    PATIENCE = 20, /* such rounds without any gain */
    LONGEST = 4 * ST_DEPTH
};

struct path {
    uint32_t at, n; /* its edges in `step`, root first */
    int64_t weight;
};

struct swapper {
    struct st_try *t;
    struct st_graph *g;
    uint32_t *step, n_steps, cap_steps;
    struct path *path;
    uint32_t n, cap;
    uint32_t **pass, *n_pass, *cap_pass; /* of each edge: paths that pass it, or did */
    int64_t *edge, *node;                /* inclusive times */
    uint8_t *edge_bits, *node_bits;      /* which of four stacks pass it; 0 in between */
    uint32_t *touched, *touched_nodes, n_touched, n_touched_nodes, cap_touched, cap_touched_nodes;
    uint32_t *bad; /* edges whose time is off, or the time of whose callee is */
    int64_t *bad_sum;
    uint32_t n_bad;
    uint64_t state, work, most;
};

/* ---- numbers that look random (xorshift64*) ---- */

/* below > 0 */
static uint64_t draw(struct swapper *s, uint64_t below)
{
    s->state ^= s->state >> 12;
    s->state ^= s->state << 25;
    s->state ^= s->state >> 27;
    return (s->state * 0x2545f4914f6cdd1dULL >> 16) % below;
}

/* ---- paths ---- */

static bool note_pass(struct swapper *s, uint32_t e, uint32_t path)
{
    uint32_t n = s->n_pass[e];

    if (n && s->pass[e][n - 1] == path)
        return true;
    if (!pf_grow(s->g->mem, &s->pass[e], n, &s->cap_pass[e], sizeof **s->pass))
        return st_no_memory(s->g);
    s->pass[e][s->n_pass[e]++] = path;
    return true;
}

/* A new path from the first n edges of one and those behind the m-th of another. */
static bool add_path(struct swapper *s, struct path a, uint32_t n, struct path b, uint32_t m,
                     int64_t weight)
{
    struct pf_mem *mem = s->g->mem;
    uint32_t len = n + b.n - m, at = s->n_steps;

    if (!pf_grow(mem, &s->step, at + len, &s->cap_steps, sizeof *s->step)
        || !pf_grow(mem, &s->path, s->n, &s->cap, sizeof *s->path))
        return st_no_memory(s->g);
    memcpy(s->step + at, s->step + a.at, n * sizeof *s->step);
    if (b.n > m)
        memcpy(s->step + at + n, s->step + b.at + m, (b.n - m) * sizeof *s->step);
    s->n_steps += len;
    s->path[s->n] = (struct path){at, len, weight};
    for (uint32_t i = 0; i < len; i++)
        if (!note_pass(s, s->step[at + i], s->n))
            return false;
    s->n++;
    return true;
}

static bool load_path(struct swapper *s, uint32_t context)
{
    const struct st_try *t = s->t;
    uint32_t n = 0;

    for (uint32_t c = context; c != ST_NONE; c = t->at[c].parent)
        n++;
    if (!pf_grow(s->g->mem, &s->step, s->n_steps + n, &s->cap_steps, sizeof *s->step))
        return st_no_memory(s->g);
    uint32_t at = s->n_steps + n;
    for (uint32_t c = context; c != ST_NONE; c = t->at[c].parent)
        s->step[--at] = t->at[c].edge;
    return add_path(s, (struct path){at, n, 0}, n, (struct path){0}, 0, t->at[context].self);
}

/* ---- what an exchange changes ---- */

static bool touch(struct swapper *s, const uint32_t *edge, uint32_t n, uint8_t bits)
{
    struct pf_mem *m = s->g->mem;

    s->work += n;
    for (uint32_t i = 0; i < n; i++) {
        uint32_t e = edge[i], v = s->g->edge[e].dst;
        if (!s->edge_bits[e]) {
            if (!pf_grow(m, &s->touched, s->n_touched, &s->cap_touched, sizeof *s->touched))
                return st_no_memory(s->g);
            s->touched[s->n_touched++] = e;
        }
        if (!s->node_bits[v]) {
            if (!pf_grow(m, &s->touched_nodes, s->n_touched_nodes, &s->cap_touched_nodes,
                         sizeof *s->touched_nodes))
                return st_no_memory(s->g);
            s->touched_nodes[s->n_touched_nodes++] = v;
        }
        s->edge_bits[e] |= bits;
        s->node_bits[v] |= bits;
    }
    return true;
}

/* Bits 0 and 1: the stacks as they are, 2 and 3: as they would be. */
static int more(uint8_t bits)
{
    return (bits >> 2 & 1) + (bits >> 3) - (bits & 1) - (bits >> 1 & 1);
}

static st_wide off(int64_t is, int64_t should)
{
    st_wide d = (st_wide)is - should;

    return d < 0 ? -d : d;
}

/* By how much less (below 0) or more the errors get; with `apply`, they do. Leaves no bits set. */
static st_wide change(struct swapper *s, int64_t d, bool apply)
{
    st_wide sum = 0;

    for (uint32_t i = 0; i < s->n_touched; i++) {
        uint32_t e = s->touched[i];
        int64_t by = more(s->edge_bits[e]) * d;
        if (by && s->g->edge[e].recorded)
            sum += off(s->edge[e] + by, s->g->edge[e].ct) - off(s->edge[e], s->g->edge[e].ct);
        s->edge[e] += apply ? by : 0;
    }
    for (uint32_t i = 0; i < s->n_touched_nodes; i++) {
        uint32_t v = s->touched_nodes[i];
        int64_t by = more(s->node_bits[v]) * d;
        if (by && s->g->node[v].recorded)
            sum += off(s->node[v] + by, s->g->node[v].ct) - off(s->node[v], s->g->node[v].ct);
        s->node[v] += apply ? by : 0;
    }
    return sum;
}

static void untouch(struct swapper *s)
{
    for (uint32_t i = 0; i < s->n_touched; i++)
        s->edge_bits[s->touched[i]] = 0;
    for (uint32_t i = 0; i < s->n_touched_nodes; i++)
        s->node_bits[s->touched_nodes[i]] = 0;
    s->n_touched = s->n_touched_nodes = 0;
}

/* Where two stacks pass the same edge: after step i of path a, and after step k of path b. */
struct crossing {
    uint32_t a, i, b, k;
};

/* Exchanges d of what follows there. */
static bool exchange(struct swapper *s, struct crossing at, int64_t d)
{
    struct path x = s->path[at.a], y = s->path[at.b];
    struct st_try *t = s->t;

    s->path[at.a].weight -= d;
    s->path[at.b].weight -= d;
    t->stacks += (uint32_t)(x.weight > d) + (uint32_t)(y.weight > d);
    return add_path(s, x, at.i + 1, y, at.k + 1, d) && add_path(s, y, at.k + 1, x, at.i + 1, d);
}

static bool try_pair(struct swapper *s, struct crossing at, int64_t d, bool *gain)
{
    struct path x = s->path[at.a], y = s->path[at.b];
    uint32_t i = at.i, k = at.k;
    uint32_t longest = i + y.n - k > k + x.n - i ? i + y.n - k : k + x.n - i;
    bool ok = longest <= LONGEST && touch(s, s->step + x.at, i + 1, 1 | 4)
              && touch(s, s->step + x.at + i + 1, x.n - i - 1, 1 | 8)
              && touch(s, s->step + y.at, k + 1, 2 | 8)
              && touch(s, s->step + y.at + k + 1, y.n - k - 1, 2 | 4);

    if (longest > LONGEST)
        return true;
    if (ok && change(s, d, false) < 0) {
        change(s, d, true);
        *gain = true;
        ok = exchange(s, at, d);
    }
    untouch(s);
    return ok;
}

/* ---- which pairs ---- */

static st_wide error_at(const struct swapper *s, uint32_t e)
{
    const struct st_edge *x = &s->g->edge[e];
    const struct st_node *v = &s->g->node[x->dst];

    if (!x->inside)
        return 0;
    return (x->recorded ? off(s->edge[e], x->ct) : 0)
           + (v->recorded ? off(s->node[x->dst], v->ct) / 8 : 0);
}

static void find_bad(struct swapper *s)
{
    st_wide sum = 0, most = INT64_MAX / 2, least = s->g->total / 1000000;

    s->n_bad = 0;
    for (uint32_t e = 0; e < s->g->m; e++) {
        st_wide x = error_at(s, e);
        if (x <= 0 || x <= least || !s->n_pass[e] || sum + x > most)
            continue;
        sum += x;
        s->bad[s->n_bad] = e;
        s->bad_sum[s->n_bad++] = (int64_t)sum;
    }
    s->work += s->g->m;
}

static uint32_t draw_bad(struct swapper *s)
{
    int64_t x = (int64_t)draw(s, (uint64_t)s->bad_sum[s->n_bad - 1]);
    uint32_t low = 0, high = s->n_bad - 1;

    while (low < high) {
        uint32_t mid = low + (high - low) / 2;
        if (s->bad_sum[mid] > x)
            high = mid;
        else
            low = mid + 1;
    }
    return s->bad[low];
}

/* A path with weight that passes e. Those that no longer do are taken off the list. */
static uint32_t draw_path(struct swapper *s, uint32_t e)
{
    while (s->n_pass[e]) {
        uint32_t i = (uint32_t)draw(s, s->n_pass[e]), path = s->pass[e][i];
        if (s->path[path].weight > 0)
            return path;
        s->pass[e][i] = s->pass[e][--s->n_pass[e]];
    }
    return ST_NONE;
}

/* One of the places where a path passes e. */
static uint32_t draw_step(struct swapper *s, uint32_t path, uint32_t e)
{
    const struct path *p = &s->path[path];
    uint32_t start = (uint32_t)draw(s, p->n);

    s->work += p->n;
    for (uint32_t i = 0; i < p->n; i++) {
        uint32_t at = (start + i) % p->n;
        if (s->step[p->at + at] == e)
            return at;
    }
    return ST_NONE;
}

static bool draw_pair(struct swapper *s, bool *gain)
{
    uint32_t bad = draw_bad(s), a = draw_path(s, bad);

    if (a == ST_NONE)
        return true;
    uint32_t i = (uint32_t)draw(s, s->path[a].n), e = s->step[s->path[a].at + i];
    if (!s->g->edge[e].inside)
        return true;
    uint32_t b = draw_path(s, e);
    uint32_t k = b == ST_NONE || b == a ? ST_NONE : draw_step(s, b, e);
    if (k == ST_NONE)
        return true;
    int64_t x = s->path[a].weight, y = s->path[b].weight, d = x < y ? x : y;
    st_wide error = error_at(s, bad);
    uint32_t room = s->t->budget - s->t->stacks;
    if (error < d && error > 0 && room >= 2)
        d = (int64_t)error;
    if ((d < x) + (d < y) > (int)(room < 2 ? room : 2))
        return true;
    return try_pair(s, (struct crossing){a, i, b, k}, d, gain);
}

static bool search(struct swapper *s)
{
    int idle = 0;

    while (idle < PATIENCE && s->work < s->most && s->n_steps < 4 * MOST_STEPS) {
        bool gain = false;
        find_bad(s);
        for (int i = 0; i < DRAWS && s->n_bad; i++)
            if (!draw_pair(s, &gain))
                return false;
        idle = gain ? 0 : idle + 1;
    }
    return true;
}

/* ---- to paths and back ---- */

/* Inclusive times: a function or an edge counts once a stack. */
static bool sum_up(struct swapper *s)
{
    for (uint32_t i = 0; i < s->n; i++) {
        if (!touch(s, s->step + s->path[i].at, s->path[i].n, 4))
            return false;
        change(s, s->path[i].weight, true);
        untouch(s);
    }
    return true;
}

static bool load(struct swapper *s)
{
    for (uint32_t c = 0; c < s->t->n && s->n_steps < MOST_STEPS; c++)
        if (s->t->at[c].self > 0 && !load_path(s, c))
            return false;
    return true;
}

/* The contexts anew, from the paths. */
static bool store(struct swapper *s)
{
    struct st_try *t = s->t;
    struct pf_pairs known = {0};
    bool ok = true;

    t->n = t->stacks = 0;
    for (uint32_t i = 0; i < s->n && ok; i++) {
        uint32_t c = ST_NONE;
        for (uint32_t k = 0; k < s->path[i].n && ok && s->path[i].weight; k++) {
            uint32_t e = s->step[s->path[i].at + k];
            struct pf_pair *slot = pf_pairs_find(s->g->mem, &known, c + 1, e + 1);
            ok = slot || st_no_memory(s->g);
            if (ok && !slot->id) {
                uint32_t to = st_context_add(t, c, e);
                ok = to != ST_NONE;
                *slot = (struct pf_pair){c + 1, e + 1, to + 1};
                known.n++;
            }
            c = ok ? slot->id - 1 : c;
        }
        if (ok && c != ST_NONE) {
            t->stacks += !t->at[c].self;
            t->at[c].self += s->path[i].weight;
        }
    }
    pf_pairs_free(s->g->mem, &known);
    return ok;
}

static bool prepare(struct swapper *s)
{
    struct st_graph *g = s->g;
    size_t edges = (size_t)g->m + 1, nodes = (size_t)g->n + 1;

    s->pass = st_take(g, edges, sizeof *s->pass);
    s->n_pass = st_take(g, edges, sizeof *s->n_pass);
    s->cap_pass = st_take(g, edges, sizeof *s->cap_pass);
    s->edge = st_take(g, edges, sizeof *s->edge);
    s->node = st_take(g, nodes, sizeof *s->node);
    s->edge_bits = st_take(g, edges, sizeof *s->edge_bits);
    s->node_bits = st_take(g, nodes, sizeof *s->node_bits);
    s->bad = st_take(g, edges, sizeof *s->bad);
    s->bad_sum = st_take(g, edges, sizeof *s->bad_sum);
    return s->pass && s->n_pass && s->cap_pass && s->edge && s->node && s->edge_bits && s->node_bits
           && s->bad && s->bad_sum;
}

bool st_swap(struct st_try *t)
{
    struct swapper s = {.t = t, .g = t->g, .state = 0x9e3779b97f4a7c15ULL};
    struct pf_mem *m = t->g->mem;

    s.most = LEAST_WORK + (uint64_t)WORK * t->g->m;
    bool ok = prepare(&s) && load(&s);
    if (ok && s.n && s.n_steps < MOST_STEPS)
        ok = sum_up(&s) && search(&s) && store(&s) && st_measure(t);
    for (uint32_t e = 0; s.pass && e < t->g->m; e++)
        pf_dealloc(m, s.pass[e]);
    void *blocks[] = {s.step, s.path, s.touched, s.touched_nodes};
    for (size_t i = 0; i < sizeof blocks / sizeof *blocks; i++)
        pf_dealloc(m, blocks[i]);
    return ok;
}
