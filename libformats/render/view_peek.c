/* view_peek.c - functions with their callers and callees, for those whose names match. */
#include "render.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { COL_VALUE, COL_PCT, COL_ROLE, COL_OF, COL_OF_PCT };
enum { IN_DATA = PF_IN_JSON | PF_IN_CSV };

static const struct pf_column columns[] = {
    {"role", "", true, IN_DATA, COL_ROLE, 0},
    {"of", "of", true, IN_DATA, COL_OF, 0},
    {"name", "name", true, IN_DATA, PF_COL_NAME, 0},
    {"file", "file", true, IN_DATA, PF_COL_FILE, 0},
    {"line", "line", false, IN_DATA, PF_COL_LINE, 0},
    {"value", "value", false, PF_IN_ALL, COL_VALUE, 0},
    {"of_pct", "of its %", false, PF_IN_TEXT, COL_OF_PCT, 0},
    {"pct", "of all %", false, PF_IN_TEXT, COL_PCT, 0, 1},
    {"role", "", true, PF_IN_TEXT, COL_ROLE, 0},
    {"name", "name", true, PF_IN_TEXT, PF_COL_NAME, 0},
    {"place", "(file:line)", true, PF_IN_TEXT, PF_COL_PLACE, 0},
};
enum { COLUMNS = sizeof columns / sizeof *columns };

enum role { CALLER, SUBJECT, ITSELF, CALLEE };
static const char *const roles[] = {"caller", "FUNCTION", "itself", "callee"};

struct entry {
    enum role role;
    uint32_t row, of;
    int64_t value;
};

struct peeking {
    const struct pf_profile *p;
    const struct pf_tree_how *how;
    const struct pf_view *view;
    struct pf_tree tree;
    struct pf_graph graph;
    bool *chosen; /* rows that match */
    struct entry *entry;
    uint32_t n, cap;
    struct pf_speller speller, other;
    struct pf_err *err;
};

static int no_memory(const struct peeking *v)
{
    return pf_fail(v->err, PF_ENOMEM, "out of memory (%zu MiB in use; see --max-memory)",
                   v->p->mem->used / PF_MIB);
}

static double size_of(int64_t value)
{
    return value < 0 ? -(double)value : (double)value;
}

/* ---- which rows ---- */

/* Matched against what is printed: `name (file:line)`. -1: the pattern took too long. */
static int matches(struct peeking *v, uint32_t row, const struct pf_pattern *x)
{
    struct pf_sink *text = pf_create_mem(v->p->mem, PF_PLAIN, v->err);
    struct pf_cell name = {0}, place = {0};
    size_t len;

    if (!text)
        return -1;
    pf_subject_cell(&v->speller, &v->tree.rows[row], PF_COL_NAME, &name);
    pf_put(text, name.s.s, name.s.len);
    pf_subject_cell(&v->speller, &v->tree.rows[row], PF_COL_PLACE, &place);
    if (place.kind == PF_CELL_PLACE) {
        pf_puts(text, " (");
        pf_put(text, place.s.s, place.s.len);
        pf_printf(text, place.i ? ":%" PRId64 ")" : ")", place.i);
    }
    pf_end_frame(text);
    const char *s = (const char *)pf_sink_bytes(text, &len);
    int found = pf_sink_check(text, v->err) ? -1 : pf_pattern_match(x, s ? s : "", len, v->err);
    pf_abandon(text);
    return found;
}

static int choose(struct peeking *v, const struct pf_pattern *x)
{
    uint32_t found = 0;

    v->chosen = pf_alloc_zero(v->p->mem, v->tree.n_rows, sizeof *v->chosen);
    if (!v->chosen)
        return no_memory(v);
    for (uint32_t r = 0; r < v->tree.n_rows; r++) {
        int match = v->graph.seen[r] ? matches(v, r, x) : 0;
        if (match < 0)
            return -1;
        v->chosen[r] = match;
        found += (uint32_t)match;
    }
    return found ? 0 : pf_fail(v->err, PF_EVALUE, "no function matches --peek");
}

/* ---- entries: a function's callers, itself, its callees ---- */

static int add(struct peeking *v, enum role role, uint32_t row, uint32_t of, int64_t value)
{
    if (!pf_grow(v->p->mem, &v->entry, v->n, &v->cap, sizeof *v->entry))
        return no_memory(v);
    v->entry[v->n++] = (struct entry){role, row, of, value};
    return 0;
}

static int make_entries(struct peeking *v)
{
    const struct pf_graph *g = &v->graph;

    for (uint32_t r = 0; r < v->tree.n_rows; r++)
        if (v->chosen[r]
            && (add(v, SUBJECT, r, r, g->cum[r])
                || (g->flat[r] && add(v, ITSELF, r, r, g->flat[r]))))
            return -1;
    for (uint32_t i = 0; i < g->n_edges; i++) {
        const struct pf_link *e = &g->edge[i];
        if ((v->chosen[e->to] && add(v, CALLER, e->from, e->to, e->value))
            || (v->chosen[e->from] && add(v, CALLEE, e->to, e->from, e->value)))
            return -1;
    }
    return 0;
}

/* The heaviest function first; of each its callers from light to heavy, so that the heaviest stands
 * next to it, then itself, then its callees from heavy to light. */
static int by_place(const void *a, const void *b, void *arg)
{
    const struct entry *x = a, *y = b;
    const struct peeking *v = arg;
    double cx = size_of(v->graph.cum[x->of]), cy = size_of(v->graph.cum[y->of]);

    if (x->of != y->of && cx != cy)
        return cx < cy ? 1 : -1;
    if (x->of != y->of)
        return pf_row_cmp_name(v->p, v->how->by, &v->tree.rows[x->of], &v->tree.rows[y->of]);
    if (x->role != y->role)
        return (int)x->role - (int)y->role;
    double vx = size_of(x->value), vy = size_of(y->value);
    if (vx != vy)
        return (vx < vy ? 1 : -1) * (x->role == CALLER ? -1 : 1);
    return pf_row_cmp_name(v->p, v->how->by, &v->tree.rows[x->row], &v->tree.rows[y->row]);
}

/* ---- cells ---- */

static void set_percent(struct pf_cell *cell, int64_t part, int64_t whole)
{
    if (!whole)
        return;
    cell->kind = PF_CELL_PERCENT;
    cell->d = 100 * (double)part / size_of(whole);
}

static void set_word(struct pf_cell *cell, const char *word)
{
    cell->kind = PF_CELL_WORD;
    cell->s = (struct pf_str){.s = word, .len = (uint32_t)strlen(word)};
}

static void peek_cell(const void *ctx, uint32_t i, const struct pf_column *c, struct pf_cell *cell)
{
    struct peeking *v = *(struct peeking *const *)ctx;
    const struct entry *e = &v->entry[i];

    switch (c->id) {
    case COL_VALUE:
        cell->kind = PF_CELL_VALUE;
        cell->i = e->value;
        break;
    case COL_PCT: set_percent(cell, e->value, v->graph.total); break;
    case COL_OF_PCT: set_percent(cell, e->value, v->graph.cum[e->of]); break;
    case COL_ROLE:
        set_word(cell,
                 e->role == SUBJECT && v->view->layout != PF_TEXT ? "function" : roles[e->role]);
        break;
    case COL_OF: pf_subject_cell(&v->other, &v->tree.rows[e->of], PF_COL_NAME, cell); break;
    default: pf_subject_cell(&v->speller, &v->tree.rows[e->row], c->id, cell); break;
    }
}

/* ---- the view ---- */

static int show(struct peeking *v, struct pf_sink *out)
{
    struct peeking *self = v;
    struct pf_table t = {.view = v->view,
                         .unit = pf_str_at(v->p, v->p->types.at[v->how->type].unit),
                         .rows = v->view->limit && v->view->limit < v->n ? v->view->limit : v->n,
                         .cell = peek_cell,
                         .ctx = &self};

    if (pf_columns_choose(&t, columns, COLUMNS, v->err))
        return -1;
    for (uint32_t i = 0; i < t.columns; i++)
        if (t.column[i].id == PF_COL_NAME)
            t.column[i].title = pf_by_title(v->how->by);
    pf_view_head(v->p, v->how->type, v->how->by, v->graph.total, v->view, out);
    pf_table_put(&t, out);
    if (v->view->layout == PF_JSON)
        pf_puts(out, "]}\n");
    return pf_sink_check(out, v->err);
}

int pf_view_peek(const struct pf_profile *p, const struct pf_tree_how *how,
                 const struct pf_pattern *x, const struct pf_view *view, struct pf_sink *out,
                 struct pf_err *err)
{
    struct peeking v = {.p = p, .how = how, .view = view, .err = err};

    if (how->type >= p->types.n)
        return pf_fail(err, PF_EVALUE, "there is no sample type %u in the profile", how->type);
    v.speller = v.other = (struct pf_speller){.names = p, .by = how->by};
    int failed = pf_tree_make(p, how->by, false, &v.tree, err)
                 || pf_graph_make(&v.tree, how->type, PF_PART_ALL, NULL, &v.graph, err)
                 || choose(&v, x) || make_entries(&v);
    if (!failed) {
        qsort_r(v.entry, v.n, sizeof *v.entry, by_place, &v);
        failed = show(&v, out);
    }
    pf_graph_free(&v.graph);
    pf_tree_free(&v.tree);
    pf_dealloc(p->mem, v.chosen);
    pf_dealloc(p->mem, v.entry);
    return failed ? -1 : 0;
}
