/* view_top.c - the functions that cost most. */
#include "render.h"

#include <inttypes.h>
#include <stdlib.h>

enum {
    COL_FLAT,
    COL_FLAT_PCT,
    COL_SUM_PCT,
    COL_CUM,
    COL_CUM_PCT,
    COL_CALLS,
    COL_PRIM,
    COL_PER_CALL
};

enum { IN_DATA = PF_IN_JSON | PF_IN_CSV };

static const struct pf_column columns[] = {
    {"name", "name", true, IN_DATA, PF_COL_NAME, 0},
    {"file", "file", true, IN_DATA, PF_COL_FILE, 0},
    {"line", "line", false, IN_DATA, PF_COL_LINE, 0},
    {"flat", "flat", false, PF_IN_ALL, COL_FLAT, 0},
    {"flat_pct", "flat %", false, PF_IN_TEXT, COL_FLAT_PCT, 0},
    {"sum_pct", "sum %", false, PF_IN_TEXT, COL_SUM_PCT, 0, 3},
    {"cum", "cum", false, PF_IN_ALL, COL_CUM, 0},
    {"cum_pct", "cum %", false, PF_IN_TEXT, COL_CUM_PCT, 0, 2},
    {"calls", "calls", false, PF_IN_ALL, COL_CALLS, 0, 1},
    {"primitive_calls", "primitive", false, IN_DATA, COL_PRIM, 0},
    {"per_call", "per call", false, 0, COL_PER_CALL, 0},
    {"name", "name", true, PF_IN_TEXT, PF_COL_NAME, 0},
    {"place", "(file:line)", true, PF_IN_TEXT, PF_COL_PLACE, 0},
};
enum { COLUMNS = sizeof columns / sizeof *columns };

struct top_view {
    const struct pf_profile *p;
    const struct pf_rows *rows;
    const double *sum; /* of the flat values so far, in the order shown */
    struct pf_speller *speller;
    bool adds_up; /* values of several rows mean something together */
};

static void set_share(struct pf_cell *cell, double part, int64_t total)
{
    double whole = total < 0 ? -(double)total : (double)total;

    if (total == 0)
        return;
    cell->kind = PF_CELL_PERCENT;
    cell->d = 100 * part / whole;
}

static void set_number(struct pf_cell *cell, enum pf_cell_kind kind, int64_t i)
{
    cell->kind = kind;
    cell->i = i;
}

static double per_call(const struct pf_row *row)
{
    return row->calls > 0 ? (double)row->flat / (double)row->calls : 0;
}

static void top_cell(const void *ctx, uint32_t i, const struct pf_column *c, struct pf_cell *cell)
{
    const struct top_view *v = ctx;
    const struct pf_row *row = &v->rows->at[i];
    int64_t total = v->rows->total;

    switch (c->id) {
    case COL_FLAT: set_number(cell, PF_CELL_VALUE, row->flat); break;
    case COL_CUM: set_number(cell, PF_CELL_VALUE, row->cum); break;
    case COL_FLAT_PCT: set_share(cell, (double)row->flat, total); break;
    case COL_CUM_PCT: set_share(cell, (double)row->cum, total); break;
    case COL_SUM_PCT:
        if (v->adds_up)
            set_share(cell, v->sum[i], total);
        break;
    case COL_CALLS:
        if (v->rows->has_calls)
            set_number(cell, PF_CELL_COUNT, row->calls);
        break;
    case COL_PRIM:
        if (pf_type_find(v->p, "primitive_calls") >= 0)
            set_number(cell, PF_CELL_COUNT, row->prim);
        break;
    case COL_PER_CALL:
        if (row->calls > 0) {
            cell->kind = PF_CELL_SHARE;
            cell->d = per_call(row);
        }
        break;
    default: pf_subject_cell(v->speller, row, c->id, cell); break;
    }
}

/* ---- order ---- */

struct sorting {
    const struct pf_profile *p;
    enum pf_by by;
    int key;
};

static int falling(double x, double y)
{
    return (x < y) - (x > y);
}

static int by_key(const void *a, const void *b, void *arg)
{
    const struct pf_row *x = a, *y = b;
    const struct sorting *s = arg;
    int c = 0;

    switch ((enum pf_top_sort)s->key) {
    case PF_SORT_FLAT: break;
    case PF_SORT_CUM: c = (x->cum < y->cum) - (x->cum > y->cum); break;
    case PF_SORT_CALLS: c = (x->calls < y->calls) - (x->calls > y->calls); break;
    case PF_SORT_PER_CALL: c = falling(per_call(x), per_call(y)); break;
    case PF_SORT_NAME: c = pf_row_cmp_name(s->p, s->by, x, y); break;
    }
    return c ? c : pf_row_cmp(s->p, s->by, x, y);
}

/* ---- around the rows ---- */

static const char *const stack_words[] = {"exact", "inferred", "edge-only"};
static const char *const kind_words[] = {"sum", "gauge", "peak", "fixed"};
static const char *const cum_words[] = {"stacks", "edges", "table", "estimate"};
static const char *const cum_texts[] = {"", ": cumulative values see two frames only",
                                        ": cumulative times from the pstats table",
                                        ": cumulative times estimated from the calls into each"};

static void put_text_head(const struct top_view *v, const struct pf_table *t, unsigned type,
                          struct pf_sink *out)
{
    const struct pf_profile *p = v->p;
    struct pf_str name = pf_str_at(p, p->types.at[type].name);
    struct pf_cell total = {.kind = PF_CELL_VALUE, .i = v->rows->total};
    char buf[PF_VALUE_MAX];

    pf_put_name(out, name.s, name.len);
    pf_puts(out, " (");
    pf_put_name(out, t->unit.s, t->unit.len);
    pf_puts(out, "), total ");
    pf_put(out, buf, (size_t)pf_cell_text(t, &total, buf));
    if (p->runs > 1)
        pf_printf(out, ", %u runs merged", p->runs);
    pf_printf(out, "; stacks %s", stack_words[p->stack_kind]);
    pf_put_certificate(&p->certificate, out);
    pf_printf(out, "%s\n", cum_texts[v->rows->cum_from]);
    if (t->view->layout == PF_MARKDOWN)
        pf_puts(out, "\n");
}

static void put_json_head(const struct top_view *v, const struct pf_table *t, unsigned type,
                          struct pf_sink *out)
{
    const struct pf_profile *p = v->p;
    struct pf_str name = pf_str_at(p, p->types.at[type].name);

    pf_puts(out, "{\"schema\":1,\"type\":");
    pf_put_json(out, name.s, name.len);
    pf_puts(out, ",\"unit\":");
    pf_put_json(out, t->unit.s, t->unit.len);
    pf_printf(out, ",\"kind\":\"%s\",\"by\":\"%s\",\"stacks\":\"%s\",\"cum_from\":\"%s\"",
              kind_words[p->types.at[type].kind & 3], pf_by_title(v->speller->by),
              stack_words[p->stack_kind], cum_words[v->rows->cum_from]);
    pf_printf(out, ",\"runs\":%u,\"total\":%" PRId64 ",", p->runs, v->rows->total);
    pf_json_certificate(&p->certificate, pf_str_at(p, p->certificate.method), out);
    pf_puts(out, ",\"rows\":[");
}

static void put_all(const struct top_view *v, const struct pf_table *t, unsigned type,
                    struct pf_sink *out)
{
    bool json = t->view->layout == PF_JSON;

    if (json)
        put_json_head(v, t, type, out);
    else if (t->view->layout != PF_CSV)
        put_text_head(v, t, type, out);
    pf_table_put(t, out);
    if (json)
        pf_puts(out, "]}\n");
}

/* The columns that this view has; one of calls only where there are any. */
static int choose(struct pf_table *t, const struct pf_rows *rows, enum pf_by by, struct pf_err *err)
{
    uint32_t kept = 0;

    if (pf_columns_choose(t, columns, COLUMNS, err))
        return -1;
    for (uint32_t i = 0; i < t->columns; i++) {
        bool usual = !t->view->columns && t->view->layout != PF_JSON && t->view->layout != PF_CSV;
        bool empty =
            (t->column[i].id == COL_CALLS && !rows->has_calls)
            || (t->column[i].id == PF_COL_PLACE && by != PF_BY_FUNCTION && by != PF_BY_LINE);
        if (t->column[i].id == PF_COL_NAME)
            t->column[i].title = pf_by_title(by);
        if (!usual || !empty)
            t->column[kept++] = t->column[i];
    }
    t->columns = kept;
    return 0;
}

static int order(const struct pf_profile *p, enum pf_by by, int key, struct pf_rows *rows,
                 struct pf_err *err)
{
    struct sorting s = {p, by, key};

    if ((key == PF_SORT_CALLS || key == PF_SORT_PER_CALL) && !rows->has_calls)
        return pf_fail(err, PF_EVALUE, "cannot sort by calls: the profile does not tell them");
    if (key != PF_SORT_FLAT)
        qsort_r(rows->at, rows->n, sizeof *rows->at, by_key, &s);
    return 0;
}

static int show(struct top_view *v, struct pf_table *t, unsigned type, struct pf_sink *out,
                struct pf_err *err)
{
    struct pf_mem *m = v->p->mem;
    double *sum = pf_alloc(m, ((size_t)t->rows + 1) * sizeof *sum);

    if (!sum)
        return pf_fail(err, PF_ENOMEM, "out of memory (%zu MiB in use; see --max-memory)",
                       m->used / PF_MIB);
    for (uint32_t i = 0; i < t->rows; i++)
        sum[i] = (i ? sum[i - 1] : 0) + (double)v->rows->at[i].flat;
    v->sum = sum;
    put_all(v, t, type, out);
    pf_dealloc(m, sum);
    pf_abandon(v->speller->stack);
    if (v->speller->err.code)
        return pf_fail(err, v->speller->err.code, "%s", v->speller->err.msg);
    return 0;
}

int pf_view_top(const struct pf_profile *p, unsigned type, enum pf_by by, const struct pf_view *v,
                struct pf_sink *out, struct pf_err *err)
{
    struct pf_speller speller = {.names = p, .by = by};
    struct pf_rows rows;

    if (pf_top(p, type, by, &rows, err))
        return -1;
    uint32_t kind = p->types.at[type].kind;
    struct top_view ctx = {p, &rows, NULL, &speller, kind == PF_SUM || kind == PF_GAUGE};
    struct pf_table t = {.view = v,
                         .unit = pf_str_at(p, p->types.at[type].unit),
                         .rows = v->limit && v->limit < rows.n ? v->limit : rows.n,
                         .cell = top_cell,
                         .ctx = &ctx};
    int failed = choose(&t, &rows, by, err) || order(p, by, v->sort, &rows, err)
                 || show(&ctx, &t, type, out, err);
    pf_dealloc(p->mem, rows.at);
    return failed ? -1 : 0;
}
