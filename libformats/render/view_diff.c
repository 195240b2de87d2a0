/* view_diff.c - what changed between two sides. */
#include "render.h"

#include <inttypes.h>
#include <stdlib.h>

enum {
    COL_STATUS,
    COL_BASE,
    COL_NEW,
    COL_DELTA,
    COL_DELTA_PCT,
    COL_CALLS, /* arg, here and below: the side */
    COL_PER_CALL,
    COL_UNKNOWN, /* what needs statistics over many runs */
    COL_VERDICT,
    COL_AMBIGUOUS,
};

enum { IN_DATA = PF_IN_JSON | PF_IN_CSV };

static const struct pf_column columns[] = {
    {"name", "name", true, IN_DATA, PF_COL_NAME, 0},
    {"file", "file", true, IN_DATA, PF_COL_FILE, 0},
    {"line", "line", false, IN_DATA, PF_COL_LINE, 0},
    {"status", "status", true, IN_DATA, COL_STATUS, 0},
    {"base", "base", false, PF_IN_ALL, COL_BASE, 0, 1},
    {"new", "new", false, PF_IN_ALL, COL_NEW, 0},
    {"delta", "delta", false, PF_IN_ALL, COL_DELTA, 0},
    {"delta_pct", "delta %", false, PF_IN_ALL, COL_DELTA_PCT, 0},
    {"calls_base", "calls base", false, PF_IN_ALL, COL_CALLS, PF_BASE, 2},
    {"calls_new", "calls new", false, PF_IN_ALL, COL_CALLS, PF_NEW, 2},
    {"per_call_base", "per call base", false, PF_IN_TEXT, COL_PER_CALL, PF_BASE, 3},
    {"per_call_new", "per call new", false, PF_IN_TEXT, COL_PER_CALL, PF_NEW, 3},
    {"effect", "effect", false, PF_IN_JSON, COL_UNKNOWN, 0},
    {"ci", "ci", false, PF_IN_JSON, COL_UNKNOWN, 0},
    {"q", "q", false, PF_IN_JSON, COL_UNKNOWN, 0},
    {"verdict", "verdict", true, PF_IN_ALL, COL_VERDICT, 0},
    {"ambiguous", "ambiguous", true, IN_DATA, COL_AMBIGUOUS, 0},
    {"name", "name", true, PF_IN_TEXT, PF_COL_NAME, 0},
    {"place", "(file:line)", true, PF_IN_TEXT, PF_COL_PLACE, 0},
};
enum { COLUMNS = sizeof columns / sizeof *columns };

struct diff_view {
    const struct pf_diff *d;
    const struct pf_view *v;
    uint32_t *order; /* the rows to show: at[order[i]] */
    uint32_t n;
    struct pf_speller *speller;
};

static int64_t value(const struct diff_view *v, const struct pf_diff_row *row, enum pf_side side)
{
    return v->v->cum ? row->value[side].cum : row->value[side].flat;
}

static int64_t delta(const struct diff_view *v, const struct pf_diff_row *row)
{
    return value(v, row, PF_NEW) - value(v, row, PF_BASE);
}

static uint64_t size_of(int64_t x)
{
    return x < 0 ? 0 - (uint64_t)x : (uint64_t)x;
}

/* ---- cells ---- */

static void set_word(struct pf_cell *cell, const char *word)
{
    uint32_t len = 0;

    while (word[len])
        len++;
    cell->kind = PF_CELL_WORD;
    cell->s = (struct pf_str){.s = word, .len = len};
}

static void set_number(struct pf_cell *cell, enum pf_cell_kind kind, int64_t i)
{
    cell->kind = kind;
    cell->i = i;
}

static void set_delta(struct pf_cell *cell, const struct pf_column *c, int64_t base, int64_t now)
{
    int64_t difference = now - base;

    cell->sign = true;
    cell->mood = (difference > 0) - (difference < 0);
    if (c->id == COL_DELTA) {
        set_number(cell, PF_CELL_VALUE, difference);
    } else if (base != 0) {
        cell->kind = PF_CELL_PERCENT;
        cell->d = 100 * (double)difference / (double)size_of(base);
    }
}

/* People read new and gone first, and see a mark; programs get the status and a key of its own. */
static const char *verdict_word(const struct pf_diff_row *row, bool data)
{
    static const char *const words[] = {"same", "undecided", "calls_changed"};
    static const char *const texts[][2] = {
        {"same", "same ?"}, {"undecided", "undecided ?"}, {"calls changed", "calls changed ?"}};
    static const char *const alone[][2] = {
        [PF_IN_NEW] = {"new", "new ?"}, [PF_IN_BASE] = {"gone", "gone ?"}};

    if (data)
        return words[row->verdict];
    return (row->status == PF_IN_BOTH ? texts[row->verdict] : alone[row->status])[row->ambiguous];
}

static bool is_data(const struct diff_view *v)
{
    return v->v->layout == PF_JSON || v->v->layout == PF_CSV;
}

static void row_cell(const struct diff_view *v, const struct pf_diff_row *row,
                     const struct pf_column *c, struct pf_cell *cell)
{
    static const char *const status[] = {"both", "new", "gone"};
    struct pf_row named = {.func = row->func, .stack = row->stack, .line = row->line};
    int64_t calls = row->value[c->arg].calls;

    switch (c->id) {
    case COL_STATUS: set_word(cell, status[row->status]); break;
    case COL_BASE: set_number(cell, PF_CELL_VALUE, value(v, row, PF_BASE)); break;
    case COL_NEW: set_number(cell, PF_CELL_VALUE, value(v, row, PF_NEW)); break;
    case COL_DELTA:
    case COL_DELTA_PCT: set_delta(cell, c, value(v, row, PF_BASE), value(v, row, PF_NEW)); break;
    case COL_CALLS:
        if (v->d->side[c->arg].has_calls)
            set_number(cell, PF_CELL_COUNT, calls);
        break;
    case COL_PER_CALL:
        if (v->d->side[c->arg].has_calls && calls > 0) {
            cell->kind = PF_CELL_SHARE;
            cell->d = (double)value(v, row, (enum pf_side)c->arg) / (double)calls;
        }
        break;
    case COL_UNKNOWN: break;
    case COL_AMBIGUOUS: set_number(cell, PF_CELL_FLAG, row->ambiguous); break;
    case COL_VERDICT: set_word(cell, verdict_word(row, is_data(v))); break;
    default: pf_subject_cell(v->speller, &named, c->id, cell); break;
    }
}

static void total_cell(const struct diff_view *v, const struct pf_column *c, struct pf_cell *cell)
{
    int64_t base = v->d->side[PF_BASE].total, now = v->d->side[PF_NEW].total;

    switch (c->id) {
    case COL_BASE: set_number(cell, PF_CELL_VALUE, base); break;
    case COL_NEW: set_number(cell, PF_CELL_VALUE, now); break;
    case COL_DELTA:
    case COL_DELTA_PCT: set_delta(cell, c, base, now); break;
    case PF_COL_NAME: set_word(cell, "total"); break;
    default: break;
    }
}

static void diff_cell(const void *ctx, uint32_t i, const struct pf_column *c, struct pf_cell *cell)
{
    const struct diff_view *v = ctx;

    if (i < v->n)
        row_cell(v, &v->d->at[v->order[i]], c, cell);
    else
        total_cell(v, c, cell);
}

/* ---- order ---- */

/* Of 0 to something is more than any percentage. */
static double percent(const struct diff_view *v, const struct pf_diff_row *row)
{
    int64_t base = value(v, row, PF_BASE);

    if (base == 0)
        return value(v, row, PF_NEW) ? 1e300 : 0;
    return (double)size_of(delta(v, row)) / (double)size_of(base);
}

#define FALLING(x, y) (((x) < (y)) - ((x) > (y)))

static int by_key(const void *a, const void *b, void *arg)
{
    const struct diff_view *v = arg;
    const struct pf_diff_row *x = &v->d->at[*(const uint32_t *)a];
    const struct pf_diff_row *y = &v->d->at[*(const uint32_t *)b];
    int c = 0;

    switch ((enum pf_diff_sort)v->v->sort) {
    case PF_SORT_DELTA: c = FALLING(size_of(delta(v, x)), size_of(delta(v, y))); break;
    case PF_SORT_BASE: c = FALLING(value(v, x, PF_BASE), value(v, y, PF_BASE)); break;
    case PF_SORT_NEW: c = FALLING(value(v, x, PF_NEW), value(v, y, PF_NEW)); break;
    case PF_SORT_PCT: c = FALLING(percent(v, x), percent(v, y)); break;
    case PF_SORT_CALLS_DELTA:
        c = FALLING(size_of(x->value[PF_NEW].calls - x->value[PF_BASE].calls),
                    size_of(y->value[PF_NEW].calls - y->value[PF_BASE].calls));
        break;
    case PF_SORT_ROW_NAME: c = pf_diff_cmp_name(v->d, x, y); break;
    }
    return c ? c : pf_diff_cmp(v->d, x, y);
}

static bool changed(const struct diff_view *v, const struct pf_diff_row *row)
{
    bool known = v->d->side[PF_BASE].has_calls && v->d->side[PF_NEW].has_calls;

    return delta(v, row) != 0 || (known && row->value[PF_BASE].calls != row->value[PF_NEW].calls)
           || row->verdict == PF_CALLS_CHANGED;
}

static int order(struct diff_view *v, struct pf_err *err)
{
    struct pf_mem *m = v->d->names->mem;

    v->order = pf_alloc(m, ((size_t)v->d->n + 1) * sizeof *v->order);
    if (!v->order)
        return pf_fail(err, PF_ENOMEM, "out of memory (%zu MiB in use; see --max-memory)",
                       m->used / PF_MIB);
    for (uint32_t i = 0; i < v->d->n; i++)
        if (v->v->all || changed(v, &v->d->at[i]))
            v->order[v->n++] = i;
    qsort_r(v->order, v->n, sizeof *v->order, by_key, v);
    if (v->v->limit && v->n > v->v->limit)
        v->n = v->v->limit;
    return 0;
}

/* ---- around the rows ---- */

static void put_list(const struct diff_view *v, const struct pf_ids *list, struct pf_sink *out)
{
    for (uint32_t i = 0; i < list->n; i++) {
        struct pf_str s = pf_str_at(v->d->names, list->at[i]);
        pf_puts(out, i ? ", " : "");
        pf_put_name(out, s.s, s.len);
    }
}

static void put_side(const struct diff_view *v, const struct pf_table *t, enum pf_side side,
                     struct pf_sink *out)
{
    struct pf_cell total = {.kind = PF_CELL_VALUE, .i = v->d->side[side].total};
    uint32_t runs = v->d->side[side].runs;
    char buf[PF_VALUE_MAX];

    pf_puts(out, side == PF_BASE ? "base: " : "new:  ");
    put_list(v, &v->d->side[side].files, out);
    pf_printf(out, " (%u run%s", runs, runs == 1 ? "" : "s");
    if (v->d->side[side].interpreters.n) {
        pf_puts(out, ", ");
        put_list(v, &v->d->side[side].interpreters, out);
    }
    pf_printf(out, "), total %.*s\n", pf_cell_text(t, &total, buf), buf);
    if (v->v->layout == PF_MARKDOWN) /* lines of their own */
        pf_puts(out, "\n");
}

static void put_text_head(const struct diff_view *v, const struct pf_table *t, struct pf_sink *out)
{
    struct pf_str name = pf_str_at(v->d->names, v->d->type.name);
    bool undecided = false;

    put_side(v, t, PF_BASE, out);
    put_side(v, t, PF_NEW, out);
    pf_put_name(out, name.s, name.len);
    pf_puts(out, " (");
    pf_put_name(out, t->unit.s, t->unit.len);
    pf_printf(out, "), %s", v->v->cum ? "cumulative" : "flat");
    for (uint32_t i = 0; i < v->n; i++)
        undecided |= v->d->at[v->order[i]].verdict == PF_UNDECIDED;
    pf_puts(out, undecided ? "; undecided: too few runs to tell a change from noise\n" : "\n");
    if (v->v->layout == PF_MARKDOWN)
        pf_puts(out, "\n");
}

/* What the mark behind a verdict means, if there is one. */
static void put_text_foot(const struct diff_view *v, struct pf_sink *out)
{
    bool ambiguous = false;

    for (uint32_t i = 0; i < v->n; i++)
        ambiguous |= v->d->at[v->order[i]].ambiguous;
    if (!ambiguous)
        return;
    if (v->v->layout == PF_MARKDOWN)
        pf_puts(out, "\n");
    pf_puts(out, "? ambiguous: one side has more rows of this name; the most alike are paired\n");
}

static void put_json_side(const struct diff_view *v, enum pf_side side, struct pf_sink *out)
{
    const struct pf_ids *files = &v->d->side[side].files;

    pf_printf(out, ",\"%s\":{\"files\":[", side == PF_BASE ? "base" : "new");
    for (uint32_t i = 0; i < files->n; i++) {
        struct pf_str s = pf_str_at(v->d->names, files->at[i]);
        pf_puts(out, i ? "," : "");
        pf_put_json(out, s.s, s.len);
    }
    pf_printf(out, "],\"runs\":%u}", v->d->side[side].runs);
}

static void put_json_head(const struct diff_view *v, const struct pf_table *t, struct pf_sink *out)
{
    struct pf_str name = pf_str_at(v->d->names, v->d->type.name);

    pf_puts(out, "{\"schema\":1");
    put_json_side(v, PF_BASE, out);
    put_json_side(v, PF_NEW, out);
    pf_puts(out, ",\"type\":");
    pf_put_json(out, name.s, name.len);
    pf_puts(out, ",\"unit\":");
    pf_put_json(out, t->unit.s, t->unit.len);
    pf_puts(out, ",\"rows\":[");
}

/* For people, leave out what would be blank. */
static int choose(const struct diff_view *v, struct pf_table *t, struct pf_err *err)
{
    enum pf_by by = v->d->by;
    bool calls = v->d->side[PF_BASE].has_calls || v->d->side[PF_NEW].has_calls;
    uint32_t kept = 0;

    if (pf_columns_choose(t, columns, COLUMNS, err))
        return -1;
    for (uint32_t i = 0; i < t->columns; i++) {
        struct pf_column *c = &t->column[i];
        bool blank = (!calls && (c->id == COL_CALLS || c->id == COL_PER_CALL))
                     || (c->id == PF_COL_PLACE && by != PF_BY_FUNCTION && by != PF_BY_LINE);
        if (c->id == PF_COL_NAME && !is_data(v))
            c->title = pf_by_title(by);
        if (is_data(v) || !blank)
            t->column[kept++] = *c;
    }
    t->columns = kept;
    return 0;
}

static void put_all(const struct diff_view *v, const struct pf_table *t, struct pf_sink *out)
{
    if (v->v->layout == PF_JSON)
        put_json_head(v, t, out);
    else if (v->v->layout != PF_CSV)
        put_text_head(v, t, out);
    pf_table_put(t, out);
    if (v->v->layout == PF_JSON)
        pf_puts(out, "]}\n");
    else if (v->v->layout != PF_CSV)
        put_text_foot(v, out);
}

int pf_view_diff(const struct pf_diff *d, const struct pf_view *view, struct pf_sink *out,
                 struct pf_err *err)
{
    struct pf_speller speller = {.names = d->names, .by = d->by};
    struct diff_view v = {.d = d, .v = view, .speller = &speller};
    struct pf_table t = {.view = view,
                         .unit = pf_str_at(d->names, d->type.unit),
                         .total = true,
                         .cell = diff_cell,
                         .ctx = &v};

    int failed = choose(&v, &t, err) || order(&v, err);
    t.rows = v.n;
    if (!failed)
        put_all(&v, &t, out);
    pf_dealloc(d->names->mem, v.order);
    pf_abandon(speller.stack);
    if (speller.err.code)
        return pf_fail(err, speller.err.code, "%s", speller.err.msg);
    return failed ? -1 : 0;
}
