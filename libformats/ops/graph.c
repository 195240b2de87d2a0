/* graph.c - who calls whom: the edges of a call tree, recursion counted once. */
#include "ops.h"

#include <stdlib.h>
#include <string.h>

/* An edge or a function counts once a stack: at its place nearest the root. In preorder the subtree
 * of a node is an interval; where the one that was counted last ends is kept of each. */

struct linking {
    const struct pf_tree *t;
    const int64_t *total;
    struct pf_graph *g;
    struct pf_pairs pairs; /* (caller's row, row) -> edge + 1 */
    const bool *keep;      /* rows; NULL: all */
    uint32_t *up;          /* of nodes: the nearest caller that is kept */
    uint32_t *edge_end, *row_end;
    uint32_t cap, cap_end;
    struct pf_mem *mem;
    struct pf_err *err;
};

static int no_memory(struct linking *l)
{
    return pf_fail(l->err, PF_ENOMEM, "out of memory (%zu MiB in use; see --max-memory)",
                   l->mem->used / PF_MIB);
}

static int overflow(struct linking *l, uint32_t row)
{
    const struct pf_profile *p = l->t->p;

    return pf_fail(l->err, PF_EVALUE, "the sum of '%.100s' does not fit 64 bits",
                   p->strs.at[p->funcs.at[l->t->rows[row].func].name].s);
}

static struct pf_link *edge_of(struct linking *l, uint32_t from, uint32_t to, uint32_t **end)
{
    struct pf_graph *g = l->g;
    struct pf_pair *pair = pf_pairs_find(l->mem, &l->pairs, from, to);

    if (!pair || !pf_grow(l->mem, &g->edge, g->n_edges, &l->cap, sizeof *g->edge)
        || !pf_grow(l->mem, &l->edge_end, g->n_edges, &l->cap_end, sizeof *l->edge_end)) {
        no_memory(l);
        return NULL;
    }
    if (!pair->id) {
        g->edge[g->n_edges] = (struct pf_link){.from = from, .to = to};
        l->edge_end[g->n_edges++] = 0;
        *pair = (struct pf_pair){from, to, g->n_edges};
        l->pairs.n++;
    }
    *end = &l->edge_end[pair->id - 1];
    return &g->edge[pair->id - 1];
}

static int link_node(struct linking *l, uint32_t i, const int64_t *self)
{
    const struct pf_tree *t = l->t;
    uint32_t row = t->row[i], parent = t->parent[i], *end;
    struct pf_graph *g = l->g;

    l->up[i] = parent && l->keep && !l->keep[t->row[parent]] ? l->up[parent] : parent;
    uint32_t up = l->up[i];
    if (!pf_add64(g->flat[row], self[i], &g->flat[row]))
        return overflow(l, row);
    if (i >= l->row_end[row]) {
        if (!pf_add64(g->cum[row], l->total[i], &g->cum[row]))
            return overflow(l, row);
        l->row_end[row] = i + t->size[i];
    }
    g->seen[row] = true;
    if (up == 0 || (l->keep && !l->keep[row]))
        return 0;
    struct pf_link *edge = edge_of(l, t->row[up], row, &end);
    if (!edge)
        return -1;
    edge->residual |= up != parent;
    if (i >= *end) {
        if (!pf_add64(edge->value, l->total[i], &edge->value))
            return overflow(l, row);
        *end = i + t->size[i];
    }
    return 0;
}

static int link_all(struct linking *l, unsigned type, enum pf_part part)
{
    const struct pf_tree *t = l->t;
    struct pf_graph *g = l->g;
    int64_t *self = pf_alloc(l->mem, t->n * sizeof *self);
    int64_t *total = pf_alloc(l->mem, t->n * sizeof *total);
    int failed = -1;

    g->flat = pf_alloc_zero(l->mem, t->n_rows, sizeof *g->flat);
    g->cum = pf_alloc_zero(l->mem, t->n_rows, sizeof *g->cum);
    g->seen = pf_alloc_zero(l->mem, t->n_rows, sizeof *g->seen);
    l->row_end = pf_alloc_zero(l->mem, t->n_rows, sizeof *l->row_end);
    l->total = total;
    l->up = pf_alloc_zero(l->mem, t->n, sizeof *l->up);
    if (!l->up || !self || !total || !g->flat || !g->cum || !g->seen || !l->row_end)
        no_memory(l);
    else
        failed = pf_tree_values(t, type, part, self, total, l->err);
    if (!failed)
        g->total = total[0];
    for (uint32_t i = 1; !failed && i < t->n; i++)
        failed = link_node(l, i, self);
    pf_dealloc(l->mem, self);
    pf_dealloc(l->mem, total);
    return failed;
}

int pf_graph_make(const struct pf_tree *t, unsigned type, enum pf_part part, const bool *keep,
                  struct pf_graph *g, struct pf_err *err)
{
    struct linking l = {.t = t, .g = g, .keep = keep, .mem = t->p->mem, .err = err};

    *g = (struct pf_graph){.tree = t};
    int failed = link_all(&l, type, part);
    pf_pairs_free(l.mem, &l.pairs);
    pf_dealloc(l.mem, l.edge_end);
    pf_dealloc(l.mem, l.row_end);
    pf_dealloc(l.mem, l.up);
    if (failed)
        pf_graph_free(g);
    return failed ? -1 : 0;
}

void pf_graph_free(struct pf_graph *g)
{
    void *blocks[] = {g->flat, g->cum, g->seen, g->edge};

    for (size_t i = 0; g->tree && i < sizeof blocks / sizeof *blocks; i++)
        pf_dealloc(g->tree->p->mem, blocks[i]);
    *g = (struct pf_graph){0};
}
