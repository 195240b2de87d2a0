/* view_dot.c - the call graph for Graphviz: the heaviest functions, and who calls them. */
#include "render.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { USUAL_NODES = 80, NAME_COLUMNS = 60 };

struct dotting {
    const struct pf_profile *p;
    const struct pf_dot_how *how;
    struct pf_tree tree;
    struct pf_graph all, kept;
    bool *keep;
    uint32_t *order; /* of rows, heaviest first */
    uint32_t n, shown;
    struct pf_speller speller;
    struct pf_str unit;
    struct pf_sink *out;
    struct pf_err *err;
};

static int no_memory(const struct dotting *d)
{
    return pf_fail(d->err, PF_ENOMEM, "out of memory (%zu MiB in use; see --max-memory)",
                   d->p->mem->used / PF_MIB);
}

static double size_of(int64_t value)
{
    return value < 0 ? -(double)value : (double)value;
}

static double share(const struct dotting *d, int64_t value)
{
    return d->all.total ? size_of(value) / size_of(d->all.total) : 0;
}

/* ---- which rows ---- */

static int by_weight(const void *a, const void *b, void *arg)
{
    const uint32_t *x = a, *y = b;
    const struct dotting *d = arg;
    double cx = size_of(d->all.cum[*x]), cy = size_of(d->all.cum[*y]);
    double fx = size_of(d->all.flat[*x]), fy = size_of(d->all.flat[*y]);

    if (cx != cy)
        return cx < cy ? 1 : -1;
    if (fx != fy)
        return fx < fy ? 1 : -1;
    return pf_row_cmp_name(d->p, d->how->by, &d->tree.rows[*x], &d->tree.rows[*y]);
}

static int choose(struct dotting *d)
{
    uint32_t most = d->how->nodes ? d->how->nodes : USUAL_NODES;
    double least = d->how->node_share < 0 ? 0.005 : d->how->node_share;

    d->keep = pf_alloc_zero(d->p->mem, d->tree.n_rows, sizeof *d->keep);
    d->order = pf_alloc(d->p->mem, d->tree.n_rows * sizeof *d->order);
    if (!d->keep || !d->order)
        return no_memory(d);
    for (uint32_t r = 0; r < d->tree.n_rows; r++)
        if (d->all.seen[r])
            d->order[d->n++] = r;
    qsort_r(d->order, d->n, sizeof *d->order, by_weight, d);
    while (d->shown < d->n && d->shown < most && share(d, d->all.cum[d->order[d->shown]]) >= least)
        d->keep[d->order[d->shown++]] = true;
    return 0;
}

/* ---- drawing ---- */

static void put_value(const struct dotting *d, int64_t value)
{
    char buf[PF_VALUE_MAX];

    pf_put(d->out, buf, (size_t)pf_value_text(buf, (double)value, d->unit, false));
}

/* Names of any length: a box has room for a line of them. */
static void put_short(const struct dotting *d, struct pf_str s)
{
    size_t used = 0, at = 0;
    uint32_t code;

    while (at < s.len) {
        unsigned n = pf_utf8(s.s + at, s.len - at, &code);
        used += pf_name_width(s.s + at, n ? n : 1);
        if (used > NAME_COLUMNS)
            break;
        at += n ? n : 1;
    }
    pf_put_dot(d->out, s.s, at);
    if (at < s.len)
        pf_puts(d->out, "...");
}

static void put_place(struct dotting *d, const struct pf_row *row)
{
    struct pf_cell place = {0};

    pf_subject_cell(&d->speller, row, PF_COL_PLACE, &place);
    if (place.kind != PF_CELL_PLACE)
        return;
    pf_puts(d->out, "\\n");
    put_short(d, place.s);
    if (place.i)
        pf_printf(d->out, ":%" PRId64, place.i);
}

static void put_node(struct dotting *d, uint32_t number)
{
    uint32_t row = d->order[number];
    int64_t flat = d->all.flat[row], cum = d->all.cum[row];
    struct pf_cell name = {0};
    double s = share(d, flat), c = share(d, cum);

    pf_subject_cell(&d->speller, &d->tree.rows[row], PF_COL_NAME, &name);
    pf_printf(d->out, "N%u [label=\"", number + 1);
    put_short(d, name.s);
    put_place(d, &d->tree.rows[row]);
    pf_puts(d->out, "\\n");
    put_value(d, flat);
    pf_printf(d->out, " (%.2f%%)", 100 * s);
    if (cum != flat) {
        pf_puts(d->out, "\\nof ");
        put_value(d, cum);
        pf_printf(d->out, " (%.2f%%)", 100 * c);
    }
    /* colour is not all there is: the size of the text tells the own value, too */
    pf_printf(d->out, "\" fontsize=%.0f fillcolor=\"%.3f %.3f 1.000\"];\n",
              10 + 22 * (s < 1 ? s : 1), cum < 0 || flat < 0 ? 0.35 : 0.08,
              0.04 + 0.55 * (c < 1 ? c : 1));
}

static int by_place(const void *a, const void *b)
{
    const struct pf_link *x = a, *y = b;

    if (x->from != y->from)
        return x->from < y->from ? -1 : 1;
    return (x->to > y->to) - (x->to < y->to);
}

static void put_edge(struct dotting *d, const struct pf_link *e)
{
    double s = share(d, e->value);

    pf_printf(d->out, "N%u -> N%u [label=\"", e->from + 1, e->to + 1);
    put_value(d, e->value);
    pf_printf(d->out, "\" weight=%.0f penwidth=%.2f%s];\n", 1 + 99 * (s < 1 ? s : 1),
              0.5 + 5 * (s < 1 ? s : 1), e->residual ? " style=dashed" : "");
}

/* From here on edges hold the numbers of their nodes, not rows. Returns how many were left out. */
static uint32_t put_edges(struct dotting *d)
{
    double least = d->how->edge_share < 0 ? 0.001 : d->how->edge_share;
    uint32_t left_out = 0;

    for (uint32_t i = 0; i < d->kept.n_edges; i++) {
        struct pf_link *e = &d->kept.edge[i];
        uint32_t from = 0, to = 0;
        while (d->order[from] != e->from) /* there are few nodes */
            from++;
        while (d->order[to] != e->to)
            to++;
        e->from = from;
        e->to = to;
    }
    if (d->kept.n_edges)
        qsort(d->kept.edge, d->kept.n_edges, sizeof *d->kept.edge, by_place);
    for (uint32_t i = 0; i < d->kept.n_edges; i++) {
        if (share(d, d->kept.edge[i].value) >= least)
            put_edge(d, &d->kept.edge[i]);
        else
            left_out++;
    }
    return left_out;
}

static void put_head(struct dotting *d)
{
    static const char *const stacks[] = {"exact", "inferred", "edge-only"};
    const struct pf_profile *p = d->p;
    struct pf_str name = pf_str_at(p, p->types.at[d->how->type].name);
    const char *title = d->how->title ? d->how->title : "call graph";

    pf_puts(d->out, "digraph \"");
    pf_put_dot(d->out, title, strlen(title));
    pf_puts(d->out, "\" {\ngraph [labelloc=t labeljust=l fontname=\"sans-serif\" label=\"");
    if (d->how->title) {
        pf_put_dot(d->out, title, strlen(title));
        pf_puts(d->out, "\\l");
    }
    pf_put_dot(d->out, name.s, name.len);
    pf_puts(d->out, ", total ");
    put_value(d, d->all.total);
    pf_printf(d->out, "; stacks %s", stacks[p->stack_kind % 3]);
    pf_put_certificate(&p->certificate, d->out);
    if (p->runs > 1)
        pf_printf(d->out, "; %u runs merged", p->runs);
    if (d->shown < d->n)
        pf_printf(d->out, "\\l%u of %u nodes; a dashed line leads past others", d->shown, d->n);
    pf_puts(d->out, "\\l\"];\nnode [shape=box style=filled fontname=\"sans-serif\" "
                    "color=\"#555555\"];\nedge [fontname=\"sans-serif\" fontsize=9 "
                    "color=\"#777777\"];\n");
}

static int draw(struct dotting *d)
{
    if (d->shown == 0)
        return pf_fail(d->err, PF_EVALUE,
                       d->n ? "there is nothing to draw: no function has that large a share"
                            : "there is nothing to draw: the profile has no samples with stacks");
    put_head(d);
    for (uint32_t i = 0; i < d->shown; i++)
        put_node(d, i);
    uint32_t left_out = put_edges(d);
    if (left_out)
        pf_printf(d->out, "// %u edges are too small to be shown\n", left_out);
    pf_puts(d->out, "}\n");
    return pf_sink_check(d->out, d->err);
}

int pf_view_dot(const struct pf_profile *p, const struct pf_dot_how *how, struct pf_sink *out,
                struct pf_err *err)
{
    struct dotting d = {.p = p, .how = how, .out = out, .err = err};

    if (how->type >= p->types.n)
        return pf_fail(err, PF_EVALUE, "there is no sample type %u in the profile", how->type);
    d.unit = pf_str_at(p, p->types.at[how->type].unit);
    d.speller = (struct pf_speller){.names = p, .by = how->by};
    int failed = pf_tree_make(p, how->by, false, &d.tree, err)
                 || pf_graph_make(&d.tree, how->type, PF_PART_ALL, NULL, &d.all, err) || choose(&d)
                 || pf_graph_make(&d.tree, how->type, PF_PART_ALL, d.keep, &d.kept, err)
                 || draw(&d);
    pf_graph_free(&d.all);
    pf_graph_free(&d.kept);
    pf_tree_free(&d.tree);
    pf_dealloc(p->mem, d.keep);
    pf_dealloc(p->mem, d.order);
    return failed ? -1 : 0;
}
