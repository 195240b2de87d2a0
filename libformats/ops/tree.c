/* tree.c - the samples as a tree of calls, in preorder, with the values of each node. */
#include "top.h"

#include <stdlib.h>
#include <string.h>

/*
 * Nodes are made as paths are met, callers first: that is raw order. Siblings are then sorted by
 * name, and the tree is laid down again in preorder.
 */
struct raw {
    uint32_t *parent, *row;
    uint32_t n, cap, cap_row;
};

struct planting {
    const struct pf_profile *p;
    struct pf_mem *mem;
    struct top top; /* only for its groups */
    struct raw raw;
    struct pf_pairs pairs; /* (node, row) -> child */
    uint32_t *of_stack;    /* stack -> raw node; 0: not asked for yet, or the empty stack */
    uint32_t *place;       /* raw node -> node */
    struct pf_err *err;
};

static int no_memory(struct planting *g)
{
    return pf_fail(g->err, PF_ENOMEM, "out of memory (%zu MiB in use; see --max-memory)",
                   g->mem->used / PF_MIB);
}

/* ---- raw nodes ---- */

static uint32_t node_add(struct planting *g, uint32_t parent, uint32_t row)
{
    struct raw *r = &g->raw;

    if (!pf_grow(g->mem, &r->parent, r->n, &r->cap, sizeof *r->parent)
        || !pf_grow(g->mem, &r->row, r->n, &r->cap_row, sizeof *r->row)) {
        no_memory(g);
        return 0;
    }
    r->parent[r->n] = parent;
    r->row[r->n] = row;
    return r->n++;
}

static uint32_t child_of(struct planting *g, uint32_t parent, uint32_t row)
{
    struct pf_pair *pair = pf_pairs_find(g->mem, &g->pairs, parent, row);

    if (!pair) {
        no_memory(g);
        return 0;
    }
    if (!pair->id) {
        uint32_t node = node_add(g, parent, row);
        if (!node)
            return 0;
        *pair = (struct pf_pair){parent, row, node};
        g->pairs.n++;
    }
    return pair->id;
}

static uint32_t row_of(const struct planting *g, pf_id stack)
{
    return g->top.of_frame[g->p->stacks.frame[stack]];
}

/* Marks the stacks that samples reach; callers come before callees. */
static int plant(struct planting *g)
{
    const struct pf_profile *p = g->p;

    for (uint32_t i = 0; i < p->samples.n; i++)
        g->of_stack[p->samples.stack[i]] = 1;
    for (pf_id s = p->stacks.n - 1; s > 0; s--)
        if (g->of_stack[s])
            g->of_stack[p->stacks.parent[s]] = 1;
    g->of_stack[0] = 0;
    for (pf_id s = 1; s < p->stacks.n; s++) {
        if (!g->of_stack[s])
            continue;
        g->of_stack[s] = child_of(g, g->of_stack[p->stacks.parent[s]], row_of(g, s));
        if (!g->of_stack[s])
            return -1;
    }
    return 0;
}

/* Leaf first: each stack that a sample has goes down a path of its own. */
static int plant_inverted(struct planting *g)
{
    const struct pf_profile *p = g->p;

    for (uint32_t i = 0; i < p->samples.n; i++) {
        pf_id stack = p->samples.stack[i];
        if (g->of_stack[stack])
            continue;
        uint32_t node = 0;
        for (pf_id s = stack; s; s = p->stacks.parent[s])
            if (!(node = child_of(g, node, row_of(g, s))))
                return -1;
        g->of_stack[stack] = node;
    }
    return 0;
}

/* ---- siblings by name ---- */

struct sorting {
    const struct pf_profile *p;
    const struct pf_row *rows;
    enum pf_by by;
};

static int by_name(const void *a, const void *b, void *arg)
{
    const uint32_t *x = a, *y = b;
    const struct sorting *s = arg;
    int c = pf_row_cmp_name(s->p, s->by, &s->rows[*x], &s->rows[*y]);

    return c ? c : (*x > *y) - (*x < *y);
}

/* rank[row]: its place among all rows by name. scratch has room for all rows. */
static void rank_rows(const struct planting *g, uint32_t *rank, uint32_t *scratch)
{
    struct sorting s = {g->p, g->top.row, g->top.by};

    for (uint32_t i = 0; i < g->top.n; i++)
        scratch[i] = i;
    qsort_r(scratch, g->top.n, sizeof *scratch, by_name, &s);
    for (uint32_t i = 0; i < g->top.n; i++)
        rank[scratch[i]] = i;
}

/* The raw nodes by falling rank of their rows; first has room for one more than there are rows. */
static void order_nodes(const struct planting *g, const uint32_t *rank, uint32_t *first,
                        uint32_t *order)
{
    const struct raw *r = &g->raw;

    memset(first, 0, ((size_t)g->top.n + 1) * sizeof *first);
    for (uint32_t i = 1; i < r->n; i++)
        first[g->top.n - rank[r->row[i]]]++;
    for (uint32_t i = 1; i <= g->top.n; i++)
        first[i] += first[i - 1];
    for (uint32_t i = r->n - 1; i > 0; i--)
        order[--first[g->top.n - rank[r->row[i]]]] = i;
}

/* Walks the raw tree in preorder without recursion, and says which node each raw one becomes. */
static void walk(const struct planting *g, const uint32_t *order, uint32_t *child, uint32_t *next)
{
    const struct raw *r = &g->raw;
    uint32_t n = 0;

    memset(child, 0, r->n * sizeof *child);
    next[0] = 0;
    for (uint32_t i = 0; i + 1 < r->n; i++) { /* those that come first by name are put in last */
        uint32_t up = r->parent[order[i]];
        next[order[i]] = child[up];
        child[up] = order[i];
    }
    for (uint32_t at = 0;;) {
        g->place[at] = n++;
        if (child[at]) {
            at = child[at];
            continue;
        }
        while (at && !next[at])
            at = r->parent[at];
        if (!at)
            return;
        at = next[at];
    }
}

/* ---- the tree ---- */

static int sort_siblings(struct planting *g)
{
    size_t n = g->raw.n, rows = (size_t)g->top.n + 1;
    uint32_t *rank = pf_alloc(g->mem, rows * sizeof *rank);
    uint32_t *scratch = pf_alloc(g->mem, rows * sizeof *scratch);
    uint32_t *order = pf_alloc(g->mem, n * sizeof *order);
    uint32_t *child = pf_alloc(g->mem, n * sizeof *child);
    uint32_t *next = pf_alloc(g->mem, n * sizeof *next);
    bool ok = rank && scratch && order && child && next;

    if (ok) {
        rank_rows(g, rank, scratch);
        order_nodes(g, rank, scratch, order);
        walk(g, order, child, next);
    }
    void *blocks[] = {rank, scratch, order, child, next};
    for (size_t i = 0; i < sizeof blocks / sizeof *blocks; i++)
        pf_dealloc(g->mem, blocks[i]);
    return ok ? 0 : no_memory(g);
}

static int lay_down(struct planting *g, struct pf_tree *t)
{
    const struct raw *r = &g->raw;

    for (uint32_t i = 0; i < r->n; i++) {
        t->row[g->place[i]] = r->row[i];
        t->parent[g->place[i]] = g->place[r->parent[i]];
        t->size[i] = 1;
        t->depth[i] = 0;
    }
    for (uint32_t i = 1; i < r->n; i++)
        t->depth[i] = t->depth[t->parent[i]] + 1;
    for (uint32_t i = r->n - 1; i > 0; i--)
        t->size[t->parent[i]] += t->size[i];
    for (uint32_t i = 0; i < g->p->samples.n; i++)
        t->of_sample[i] = g->place[g->of_stack[g->p->samples.stack[i]]];
    t->n = r->n;
    t->rows = g->top.row;
    t->n_rows = g->top.n;
    g->top.row = NULL;
    return 0;
}

static int grow_tree(struct planting *g, struct pf_tree *t)
{
    const struct pf_profile *p = g->p;

    if (pf_top_groups(&g->top))
        return -1;
    g->of_stack = pf_alloc_zero(g->mem, p->stacks.n, sizeof *g->of_stack);
    if (!g->of_stack)
        return no_memory(g);
    node_add(g, 0, 0);
    if (g->err->code || (t->inverted ? plant_inverted(g) : plant(g)))
        return -1;
    size_t n = g->raw.n * sizeof(uint32_t);
    g->place = pf_alloc(g->mem, n);
    t->parent = pf_alloc(g->mem, n);
    t->size = pf_alloc(g->mem, n);
    t->depth = pf_alloc(g->mem, n);
    t->row = pf_alloc(g->mem, n);
    t->of_sample = pf_alloc(g->mem, ((size_t)p->samples.n + 1) * sizeof *t->of_sample);
    if (!g->place || !t->parent || !t->size || !t->depth || !t->row || !t->of_sample)
        return no_memory(g);
    return sort_siblings(g) || lay_down(g, t);
}

int pf_tree_make(const struct pf_profile *p, enum pf_by by, bool inverted, struct pf_tree *t,
                 struct pf_err *err)
{
    struct planting g = {.p = p, .mem = p->mem, .err = err};

    g.top = (struct top){.p = p, .mem = p->mem, .by = by, .err = err};
    *t = (struct pf_tree){.p = p, .by = by, .inverted = inverted};
    int failed = grow_tree(&g, t);
    pf_free(g.top.keys);
    pf_pairs_free(g.mem, &g.pairs);
    void *blocks[] = {g.top.of_frame, g.top.of_func, g.top.row,  g.top.seen,
                      g.raw.parent,   g.raw.row,     g.of_stack, g.place};
    for (size_t i = 0; i < sizeof blocks / sizeof *blocks; i++)
        pf_dealloc(g.mem, blocks[i]);
    if (failed)
        pf_tree_free(t);
    return failed ? -1 : 0;
}

void pf_tree_free(struct pf_tree *t)
{
    void *blocks[] = {t->parent, t->size, t->depth, t->row, t->of_sample, t->rows};

    for (size_t i = 0; t->p && i < sizeof blocks / sizeof *blocks; i++)
        pf_dealloc(t->p->mem, blocks[i]);
    *t = (struct pf_tree){0};
}

/* ---- values ---- */

static bool is_text(const struct pf_profile *p, pf_id id, const char *text)
{
    struct pf_str s = p->strs.at[id];

    return s.len == strlen(text) && memcmp(s.s, text, s.len) == 0;
}

/* The label that pf_diff_profile gives to samples of the base; 0: nobody has it. */
static pf_id base_label(const struct pf_profile *p)
{
    for (pf_id l = 1; l < p->labels.n; l++)
        if (p->labels.at[l].kind == PF_LABEL_STR && is_text(p, p->labels.at[l].key, "pprof::base")
            && is_text(p, p->labels.at[l].str, "true"))
            return l;
    return 0;
}

static bool has_label(const struct pf_profile *p, pf_id set, pf_id label)
{
    for (uint32_t i = p->sets.first[set]; i < p->sets.first[set + 1]; i++)
        if (p->sets.item[i] == label)
            return true;
    return false;
}

bool pf_is_signed(const struct pf_profile *p)
{
    pf_id base = base_label(p);

    for (uint32_t i = 0; base && i < p->samples.n; i++)
        if (has_label(p, p->samples.labels[i], base))
            return true;
    return false;
}

/* What a sample counts for in this part; false: it does not fit. */
static bool value_of(const struct pf_profile *p, pf_id base, enum pf_part part, unsigned type,
                     uint32_t i, int64_t *value)
{
    *value = p->samples.value[type][i];
    if (part == PF_PART_ALL)
        return true;
    if (part == PF_PART_GAINS) {
        *value = *value > 0 ? *value : 0;
        return true;
    }
    bool is_base = base && has_label(p, p->samples.labels[i], base);
    if (is_base != (part == PF_PART_BASE))
        *value = 0;
    return part == PF_PART_NEW || !__builtin_sub_overflow(0, *value, value);
}

static int overflow(const struct pf_tree *t, unsigned type, uint32_t node, struct pf_err *err)
{
    const struct pf_profile *p = t->p;
    pf_id func = t->rows[t->row[node]].func;

    return pf_fail(err, PF_EVALUE, "the sum of '%.40s' in '%.100s' does not fit 64 bits",
                   p->strs.at[p->types.at[type].name].s, p->strs.at[p->funcs.at[func].name].s);
}

/* Sums add up; of peaks, and of values that the source made cumulative, the larger one counts. */
static bool join(enum pf_kind kind, int64_t *to, int64_t value)
{
    if (kind == PF_SUM || kind == PF_GAUGE)
        return pf_add64(*to, value, to);
    *to = value > *to ? value : *to;
    return true;
}

int pf_tree_values(const struct pf_tree *t, unsigned type, enum pf_part part, int64_t *self,
                   int64_t *total, struct pf_err *err)
{
    const struct pf_profile *p = t->p;
    enum pf_kind kind = (enum pf_kind)p->types.at[type].kind;
    pf_id base = base_label(p);
    int64_t value;

    memset(self, 0, t->n * sizeof *self);
    for (uint32_t i = 0; i < p->samples.n; i++) {
        int64_t *to = &self[t->of_sample[i]];
        if (!value_of(p, base, part, type, i, &value) || !join(kind, to, value))
            return overflow(t, type, t->of_sample[i], err);
    }
    memcpy(total, self, t->n * sizeof *total);
    for (uint32_t i = t->n - 1; i > 0; i--)
        if (!join(kind, &total[t->parent[i]], total[i]))
            return overflow(t, type, t->parent[i], err);
    return 0;
}
