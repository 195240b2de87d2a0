/*
 * stackify_joint.c - which time that comes into a function goes on to which callee.
 *
 * A table has both sums, not what joins them. But times are nanoseconds, and sums of nanoseconds
 * are fingerprints: where what one caller brings equals to the tick what one callee takes (or two
 * take), nothing else can have happened. What such matches leave is spread in proportion.
 */
#include "stackify.h"

#include <stdlib.h>

enum {
    ODDS = 100,          /* a match must be worth so many ticks for each pair that was tried */
    MOST_PAIRED = 200,   /* sides longer than this are not searched for sums of two */
    DENSE = 65536,       /* cells of a block that are filled in proportion … */
    DENSE_EACH = 64,     /* … and for each of its rows and columns */
    MANY_CELLS = 1 << 23 /* in all, and 8 for each edge: beyond, blocks are filled sparsely */
};

struct entry {
    int64_t value;
    uint32_t edge;
};

struct side {
    struct entry *at; /* by falling value, then edge */
    uint32_t n;
};

struct joiner {
    struct st_graph *g;
    struct side row, col;
    struct entry *cells; /* of the function at hand: col and amount … */
    uint32_t *row_of;    /* … and whose they are */
    uint32_t n, cap, cap_row;
    uint32_t *pairs; /* of each single: how many pairs have its sum, and which one */
    uint32_t *count; /* of each in-edge: its cells */
    int64_t *part;
    struct entry *rest;
};

static int by_value(const void *a, const void *b)
{
    const struct entry *x = a, *y = b;

    if (x->value != y->value)
        return x->value < y->value ? 1 : -1;
    return x->edge < y->edge ? -1 : 1;
}

static bool put(struct joiner *j, uint32_t row, uint32_t col, int64_t amount)
{
    struct st_graph *g = j->g;

    if (!pf_grow(g->mem, &j->cells, j->n, &j->cap, sizeof *j->cells)
        || !pf_grow(g->mem, &j->row_of, j->n, &j->cap_row, sizeof *j->row_of))
        return st_no_memory(g);
    j->cells[j->n] = (struct entry){amount, col};
    j->row_of[j->n++] = row;
    j->count[row]++;
    return true;
}

/* ---- fingerprints ---- */

static bool alone(const struct side *s, uint32_t i)
{
    return (!i || s->at[i - 1].value != s->at[i].value)
           && (i + 1 == s->n || s->at[i + 1].value != s->at[i].value);
}

/* Takes out what is marked by edge ST_NONE. */
static void compact(struct side *s)
{
    uint32_t n = 0;

    for (uint32_t i = 0; i < s->n; i++)
        if (s->at[i].edge != ST_NONE)
            s->at[n++] = s->at[i];
    s->n = n;
}

/* One row and one column of a value that no other has. */
static bool match_singles(struct joiner *j, bool *found)
{
    struct side *r = &j->row, *c = &j->col;
    uint64_t pairs = (uint64_t)r->n * c->n;
    int64_t least = ODDS * (int64_t)(pairs < 1000 ? pairs : 1000);

    *found = false;
    for (uint32_t i = 0, k = 0; i < r->n && r->at[i].value >= least; i++) {
        while (k < c->n && c->at[k].value > r->at[i].value)
            k++;
        if (k == c->n)
            break;
        if (c->at[k].value != r->at[i].value || !alone(r, i) || !alone(c, k))
            continue;
        if (!put(j, r->at[i].edge, c->at[k].edge, r->at[i].value))
            return false;
        j->g->cert.blocks++;
        /* the values stay until all are matched: neighbours are compared with them */
        r->at[i].edge = c->at[k].edge = ST_NONE;
        *found = true;
    }
    compact(r);
    compact(c);
    return true;
}

/* The place of a value, ST_NONE if it is not there. */
static uint32_t place_of(const struct side *s, int64_t value)
{
    uint32_t low = 0, high = s->n;

    while (low < high) {
        uint32_t mid = low + (high - low) / 2;
        if (s->at[mid].value > value)
            low = mid + 1;
        else
            high = mid;
    }
    return low < s->n && s->at[low].value == value ? low : ST_NONE;
}

/* One entry of `one` that is the sum of exactly one pair of `two`; ST_NONE: there is none. */
static uint32_t find_sum(struct joiner *j, const struct side *one, const struct side *two,
                         uint32_t pair[2])
{
    uint64_t tried = (uint64_t)one->n * two->n * two->n / 2;
    int64_t least = ODDS * (int64_t)(tried < 1000000 ? tried : 1000000);

    if (two->n > MOST_PAIRED || two->n < 3)
        return ST_NONE;
    for (uint32_t i = 0; i < one->n; i++)
        j->pairs[i] = 0;
    for (uint32_t a = 1; a < two->n; a++)
        for (uint32_t b = 0; b < a; b++) {
            uint32_t i = place_of(one, two->at[a].value + two->at[b].value);
            if (i != ST_NONE)
                j->pairs[i]++;
        }
    uint32_t hit = 0;
    while (hit < one->n && (j->pairs[hit] != 1 || !alone(one, hit) || one->at[hit].value < least))
        hit++;
    if (hit == one->n)
        return ST_NONE;
    for (uint32_t a = 1; a < two->n; a++)
        for (uint32_t b = 0; b < a; b++)
            if (two->at[a].value + two->at[b].value == one->at[hit].value) {
                pair[0] = a;
                pair[1] = b;
            }
    return hit;
}

static bool match_sums(struct joiner *j, bool *found)
{
    struct side *r = &j->row, *c = &j->col;
    uint32_t pair[2] = {0, 0}, hit = find_sum(j, r, c, pair);
    bool flip = hit == ST_NONE;

    if (flip)
        hit = find_sum(j, c, r, pair);
    *found = hit != ST_NONE;
    if (!*found)
        return true;
    struct entry *one = flip ? &c->at[hit] : &r->at[hit];
    for (int i = 0; i < 2; i++) {
        struct entry *two = flip ? &r->at[pair[i]] : &c->at[pair[i]];
        if (!put(j, flip ? two->edge : one->edge, flip ? one->edge : two->edge, two->value))
            return false;
        two->edge = ST_NONE;
    }
    one->edge = ST_NONE;
    j->g->cert.blocks++;
    compact(r);
    compact(c);
    return true;
}

static bool match(struct joiner *j)
{
    bool found = true;

    while (found && j->row.n > 1 && j->col.n > 1)
        if (!match_singles(j, &found) || (!found && !match_sums(j, &found)))
            return false;
    return true;
}

/* ---- the rest ---- */

static int by_remainder(const void *a, const void *b)
{
    const struct entry *x = a, *y = b;

    if (x->value != y->value)
        return x->value < y->value ? 1 : -1;
    return x->edge < y->edge ? -1 : 1;
}

/* Column by column over what the rows have left, so that every sum comes out to the tick. */
static bool fill_column(struct joiner *j, const struct entry *col, st_wide *all)
{
    struct side *r = &j->row;
    int64_t left = col->value;

    for (uint32_t i = 0; i < r->n; i++) {
        st_wide share = *all ? (st_wide)col->value * r->at[i].value : 0;
        j->part[i] = *all ? (int64_t)(share / *all) : 0;
        left -= j->part[i];
        /* remainders are compared by their leading bits: they may be longer than 64 */
        st_wide rest = *all ? share % *all : 0;
        j->rest[i] = (struct entry){(int64_t)(*all >> 62 ? rest >> 40 : rest), i};
    }
    if (left)
        qsort(j->rest, r->n, sizeof *j->rest, by_remainder);
    for (uint32_t k = 0; left > 0 && k < r->n; k++) {
        uint32_t i = j->rest[k].edge;
        if (j->part[i] < r->at[i].value) {
            j->part[i]++;
            left--;
        }
    }
    for (uint32_t i = 0; i < r->n; i++) {
        r->at[i].value -= j->part[i];
        *all -= j->part[i];
        if (j->part[i] && !put(j, r->at[i].edge, col->edge, j->part[i]))
            return false;
    }
    return true;
}

/* The same sums with few cells: row after row, column after column. */
static bool fill_sparsely(struct joiner *j)
{
    struct side *r = &j->row, *c = &j->col;

    for (uint32_t i = 0, k = 0; i < r->n && k < c->n;) {
        int64_t d = r->at[i].value < c->at[k].value ? r->at[i].value : c->at[k].value;
        if (d && !put(j, r->at[i].edge, c->at[k].edge, d))
            return false;
        r->at[i].value -= d;
        c->at[k].value -= d;
        i += !r->at[i].value;
        k += k < c->n && !c->at[k].value;
    }
    return true;
}

static bool fill(struct joiner *j)
{
    struct side *r = &j->row, *c = &j->col;
    uint64_t cells = (uint64_t)r->n * c->n, many = MANY_CELLS + 8 * (uint64_t)j->g->m;
    st_wide all = 0;

    if (r->n > 1 && (cells > DENSE + DENSE_EACH * ((uint64_t)r->n + c->n) || j->n + cells > many))
        return fill_sparsely(j);
    for (uint32_t i = 0; i < r->n; i++)
        all += r->at[i].value;
    for (uint32_t k = 0; k < c->n; k++)
        if (!fill_column(j, &c->at[k], &all))
            return false;
    return true;
}

/* ---- function by function ---- */

static void take_rows(struct joiner *j, uint32_t v)
{
    const struct st_graph *g = j->g;

    j->row.n = j->col.n = 0;
    for (uint32_t i = g->in.at[v]; i < g->in.at[v + 1]; i++) {
        const struct st_edge *e = &g->edge[g->in.edge[i]];
        if (e->flow > e->self)
            j->row.at[j->row.n++] = (struct entry){e->flow - e->self, g->in.edge[i]};
    }
    for (uint32_t i = g->out.at[v]; i < g->out.at[v + 1]; i++) {
        const struct st_edge *e = &g->edge[g->out.edge[i]];
        if (e->flow > 0)
            j->col.at[j->col.n++] = (struct entry){e->flow, g->out.edge[i]};
    }
    if (g->node[v].lost > 0)
        j->col.at[j->col.n++] = (struct entry){g->node[v].lost, ST_LOST};
    qsort(j->row.at, j->row.n, sizeof *j->row.at, by_value);
    qsort(j->col.at, j->col.n, sizeof *j->col.at, by_value);
}

/* Cells were found function by function: they are put in order of the in-edges. */
static bool gather(struct joiner *j)
{
    struct st_graph *g = j->g;

    g->cell_at = st_take(g, (size_t)g->m + 2, sizeof *g->cell_at);
    g->cell = pf_alloc(g->mem, ((size_t)j->n + 1) * sizeof *g->cell);
    if (!g->cell_at || !g->cell)
        return st_no_memory(g);
    for (uint32_t e = 0; e < g->m; e++)
        g->cell_at[e + 2] = g->cell_at[e + 1] + j->count[e];
    for (uint32_t i = 0; i < j->n; i++) {
        uint32_t to = g->cell_at[j->row_of[i] + 1]++;
        g->cell[to] = (struct st_cell){j->cells[i].edge, j->cells[i].value};
    }
    g->n_cells = j->n;
    return true;
}

static bool join_all(struct joiner *j)
{
    struct st_graph *g = j->g;
    size_t most = (size_t)(g->m > g->n ? g->m : g->n) + 2;

    j->row.at = st_take(g, most, sizeof *j->row.at);
    j->col.at = st_take(g, most, sizeof *j->col.at);
    j->rest = st_take(g, most, sizeof *j->rest);
    j->part = st_take(g, most, sizeof *j->part);
    j->pairs = st_take(g, most, sizeof *j->pairs);
    j->count = st_take(g, most, sizeof *j->count);
    if (!j->row.at || !j->col.at || !j->rest || !j->part || !j->pairs || !j->count)
        return false;
    for (uint32_t v = 0; v < g->n; v++) {
        take_rows(j, v);
        if (!match(j) || !fill(j))
            return false;
    }
    return gather(j);
}

bool st_joint(struct st_graph *g)
{
    struct joiner j = {.g = g};
    bool ok = join_all(&j);

    pf_dealloc(g->mem, j.cells);
    pf_dealloc(g->mem, j.row_of);
    return ok;
}
