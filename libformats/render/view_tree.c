/* view_tree.c - the tree of calls as text: who called what, the heaviest first. */
#include "render.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { COL_TOTAL, COL_TOTAL_PCT, COL_SELF, COL_DEPTH, COL_MORE };
enum { IN_DATA = PF_IN_JSON | PF_IN_CSV };

static const struct pf_column columns[] = {
    {"depth", "depth", false, IN_DATA, COL_DEPTH, 0},
    {"name", "name", true, IN_DATA, PF_COL_NAME, 0},
    {"file", "file", true, IN_DATA, PF_COL_FILE, 0},
    {"line", "line", false, IN_DATA, PF_COL_LINE, 0},
    {"total", "total", false, PF_IN_ALL, COL_TOTAL, 0},
    {"total_pct", "total %", false, PF_IN_TEXT, COL_TOTAL_PCT, 0, 1},
    {"self", "self", false, PF_IN_ALL, COL_SELF, 0, 2},
    {"more", "more", false, IN_DATA, COL_MORE, 0},
    {"name", "name", true, PF_IN_TEXT, PF_COL_NAME, 0},
    {"place", "(file:line)", true, PF_IN_TEXT, PF_COL_PLACE, 0},
};
enum { COLUMNS = sizeof columns / sizeof *columns };

enum { MOST_LEVELS = 40 }; /* that are drawn; a line says how deep it is beyond that */

/* A line: a node, or (more > 0) so many small ones of the same caller together. */
struct line {
    uint32_t node, more;
    uint32_t up; /* the line of its caller */
    int64_t total, self;
};

struct tree_view {
    const struct pf_profile *p;
    const struct pf_tree_how *how;
    const struct pf_view *view;
    struct pf_tree tree;
    int64_t *self, *total;
    struct line *line;
    uint32_t n, cap;
    uint32_t *scratch; /* children of a node */
    struct line *todo;
    uint32_t n_todo, cap_todo;
    bool *last; /* of lines: none of its siblings follows */
    struct pf_speller speller;
    struct pf_sink *text; /* of the name asked for last */
    struct pf_err *err;
};

static int no_memory(const struct tree_view *v)
{
    return pf_fail(v->err, PF_ENOMEM, "out of memory (%zu MiB in use; see --max-memory)",
                   v->p->mem->used / PF_MIB);
}

static double size_of(int64_t value)
{
    return value < 0 ? -(double)value : (double)value;
}

/* ---- lines ---- */

static int by_total(const void *a, const void *b, void *arg)
{
    const uint32_t *x = a, *y = b;
    const int64_t *total = arg;
    double sx = size_of(total[*x]), sy = size_of(total[*y]);

    if (sx != sy)
        return sx < sy ? 1 : -1;
    return (*x > *y) - (*x < *y); /* by name */
}

static bool is_shown(const struct tree_view *v, uint32_t node)
{
    double whole = size_of(v->total[0]);

    if (v->total[node] == 0 && v->self[node] == 0 && v->tree.size[node] == 1)
        return false;
    if (v->how->depth && v->tree.depth[node] > v->how->depth)
        return false;
    return whole <= 0 || size_of(v->total[node]) >= v->how->min * whole;
}

static bool push(struct tree_view *v, struct line line)
{
    if (!pf_grow(v->p->mem, &v->todo, v->n_todo, &v->cap_todo, sizeof *v->todo))
        return false;
    v->todo[v->n_todo++] = line;
    return true;
}

/* The children of a line go on the pile, the heaviest last, so that it comes off first. */
static int push_children(struct tree_view *v, uint32_t up)
{
    uint32_t node = v->line[up].node;
    const struct pf_tree *t = &v->tree;
    struct line rest = {.node = node, .up = up};
    uint32_t n = 0;

    for (uint32_t k = node + 1; k < node + t->size[node]; k += t->size[k]) {
        if (is_shown(v, k)) {
            v->scratch[n++] = k;
            continue;
        }
        rest.more++;
        if (!pf_add64(rest.total, v->total[k], &rest.total))
            return pf_fail(v->err, PF_EVALUE, "a sum of small values does not fit 64 bits");
    }
    qsort_r(v->scratch, n, sizeof *v->scratch, by_total, v->total);
    if (rest.more && (rest.total || n) && !push(v, rest))
        return no_memory(v);
    for (uint32_t i = n; i-- > 0;) {
        uint32_t k = v->scratch[i];
        if (!push(v, (struct line){k, 0, up, v->total[k], v->self[k]}))
            return no_memory(v);
    }
    return 0;
}

static int make_lines(struct tree_view *v)
{
    uint32_t most = v->view->limit ? v->view->limit : UINT32_MAX;

    if (!push(v, (struct line){0, 0, 0, v->total[0], v->self[0]}))
        return no_memory(v);
    while (v->n_todo && v->n < most) {
        struct line line = v->todo[--v->n_todo];
        if (!pf_grow(v->p->mem, &v->line, v->n, &v->cap, sizeof *v->line))
            return no_memory(v);
        v->line[v->n++] = line;
        if (!line.more && push_children(v, v->n - 1))
            return -1;
    }
    return 0;
}

static uint32_t depth_of(const struct tree_view *v, uint32_t i)
{
    return v->tree.depth[v->line[i].node] + (v->line[i].more > 0);
}

/* Backwards: a line is its caller's last when no other of that depth came before it was left. */
static int find_last(struct tree_view *v)
{
    bool *seen = pf_alloc_zero(v->p->mem, (size_t)v->tree.n + 2, sizeof *seen);
    uint32_t deepest = 0;

    v->last = pf_alloc(v->p->mem, (size_t)v->n * sizeof *v->last);
    if (!seen || !v->last) {
        pf_dealloc(v->p->mem, seen);
        return no_memory(v);
    }
    for (uint32_t i = v->n; i-- > 0;) {
        uint32_t d = depth_of(v, i);
        for (; deepest > d; deepest--)
            seen[deepest] = false;
        v->last[i] = !seen[d];
        seen[d] = true;
        deepest = d;
    }
    pf_dealloc(v->p->mem, seen);
    return 0;
}

/* ---- what stands in a line ---- */

/* Levels whose siblings go on below the line have a rail. */
static void put_branch(const struct tree_view *v, uint32_t i, struct pf_sink *out)
{
    bool open[MOST_LEVELS + 1];
    uint32_t d = depth_of(v, i);

    if (d > MOST_LEVELS) {
        pf_printf(out, "[%u] ", d);
        return;
    }
    for (uint32_t k = v->line[i].up, level = d; level-- > 1; k = v->line[k].up)
        open[level] = !v->last[k];
    for (uint32_t level = 1; level < d; level++)
        pf_puts(out, open[level] ? "\xe2\x94\x82  " : "   ");
    if (d)
        pf_puts(out, v->last[i] ? "\xe2\x94\x94\xe2\x94\x80 " : "\xe2\x94\x9c\xe2\x94\x80 ");
}

static struct pf_str name_of(struct tree_view *v, uint32_t i)
{
    const struct line *line = &v->line[i];
    struct pf_cell cell = {0};
    size_t len;

    pf_abandon(v->text);
    v->text = pf_create_mem(v->p->mem, PF_PLAIN, v->err);
    if (!v->text)
        return (struct pf_str){.s = ""};
    if (v->view->layout == PF_TEXT || v->view->layout == PF_MARKDOWN)
        put_branch(v, i, v->text);
    if (line->more) {
        pf_printf(v->text, "\xe2\x80\xa6 %u more", line->more);
    } else if (line->node == 0) {
        pf_puts(v->text, "all");
    } else {
        pf_subject_cell(&v->speller, &v->tree.rows[v->tree.row[line->node]], PF_COL_NAME, &cell);
        pf_put(v->text, cell.s.s, cell.s.len);
    }
    pf_end_frame(v->text);
    if (pf_sink_check(v->text, v->err))
        return (struct pf_str){.s = ""};
    const char *s = (const char *)pf_sink_bytes(v->text, &len);
    return (struct pf_str){.s = s, .len = (uint32_t)len};
}

static void tree_cell(const void *ctx, uint32_t i, const struct pf_column *c, struct pf_cell *cell)
{
    struct tree_view *v = *(struct tree_view *const *)ctx;
    const struct line *line = &v->line[i];
    bool is_row = !line->more && line->node;

    switch (c->id) {
    case COL_DEPTH:
        cell->kind = PF_CELL_COUNT;
        cell->i = depth_of(v, i);
        break;
    case COL_MORE:
        cell->kind = PF_CELL_COUNT;
        cell->i = line->more;
        break;
    case COL_TOTAL:
        cell->kind = PF_CELL_VALUE;
        cell->i = line->total;
        break;
    case COL_SELF:
        if (!line->more) {
            cell->kind = PF_CELL_VALUE;
            cell->i = line->self;
        }
        break;
    case COL_TOTAL_PCT:
        if (v->total[0]) {
            cell->kind = PF_CELL_PERCENT;
            cell->d = 100 * (double)line->total / size_of(v->total[0]);
        }
        break;
    case PF_COL_NAME:
        cell->kind = PF_CELL_NAME;
        cell->s = name_of(v, i);
        break;
    default:
        if (is_row)
            pf_subject_cell(&v->speller, &v->tree.rows[v->tree.row[line->node]], c->id, cell);
        break;
    }
}

/* ---- the view ---- */

static int show(struct tree_view *v, struct pf_sink *out)
{
    struct tree_view *self = v;
    struct pf_table t = {.view = v->view,
                         .unit = pf_str_at(v->p, v->p->types.at[v->how->type].unit),
                         .rows = v->n,
                         .cell = tree_cell,
                         .ctx = &self};

    if (pf_columns_choose(&t, columns, COLUMNS, v->err))
        return -1;
    for (uint32_t i = 0; i < t.columns; i++)
        if (t.column[i].id == PF_COL_NAME)
            t.column[i].title = pf_by_title(v->how->by);
    pf_view_head(v->p, v->how->type, v->how->by, v->total[0], v->view, out);
    pf_table_put(&t, out);
    if (v->view->layout == PF_JSON)
        pf_puts(out, "]}\n");
    return v->err->code ? -1 : pf_sink_check(out, v->err);
}

static int make(struct tree_view *v)
{
    if (v->how->type >= v->p->types.n)
        return pf_fail(v->err, PF_EVALUE, "there is no sample type %u in the profile",
                       v->how->type);
    if (pf_tree_make(v->p, v->how->by, v->how->inverted, &v->tree, v->err))
        return -1;
    v->self = pf_alloc(v->p->mem, v->tree.n * sizeof *v->self);
    v->total = pf_alloc(v->p->mem, v->tree.n * sizeof *v->total);
    v->scratch = pf_alloc(v->p->mem, v->tree.n * sizeof *v->scratch);
    if (!v->self || !v->total || !v->scratch)
        return no_memory(v);
    if (pf_tree_values(&v->tree, v->how->type, PF_PART_ALL, v->self, v->total, v->err))
        return -1;
    return make_lines(v) || find_last(v) ? -1 : 0;
}

int pf_view_tree(const struct pf_profile *p, const struct pf_tree_how *how,
                 const struct pf_view *view, struct pf_sink *out, struct pf_err *err)
{
    struct tree_view v = {.p = p, .how = how, .view = view, .err = err};

    v.speller = (struct pf_speller){.names = p, .by = how->by};
    int failed = make(&v) || show(&v, out);
    pf_abandon(v.text);
    void *blocks[] = {v.self, v.total, v.line, v.scratch, v.todo, v.last};
    for (size_t i = 0; i < sizeof blocks / sizeof *blocks; i++)
        pf_dealloc(p->mem, blocks[i]);
    pf_tree_free(&v.tree);
    return failed ? -1 : 0;
}
