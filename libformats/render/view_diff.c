/* view_diff.c - what changed between two sides: the table. */
#include "view_diff.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    COL_STATUS,
    COL_BASE,
    COL_NEW,
    COL_DELTA,
    COL_DELTA_PCT,
    COL_CALLS, /* arg, here and below: the side */
    COL_MEAN,  /* arg: the side, or 2: how far they are apart */
    COL_PER_CALL,
    COL_BY_CALLS,
    COL_BY_COST,
    COL_SPREAD,
    COL_EFFECT,
    COL_CI,
    COL_CI_END, /* arg: 0 low, 1 high */
    COL_DETECTABLE,
    COL_P,
    COL_Q,
    COL_PER_STEP,
    COL_GREW,
    COL_VERDICT,
    COL_COUNTS,
    COL_AMBIGUOUS,
    COL_RENAME,
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
    {"mean_base", "mean base", false, PF_IN_TEXT, COL_MEAN, PF_BASE, 2},
    {"mean_new", "mean new", false, PF_IN_TEXT, COL_MEAN, PF_NEW, 2},
    {"mean_pct", "mean %", false, PF_IN_TEXT, COL_MEAN, 2, 2},
    {"calls_base", "calls base", false, PF_IN_ALL, COL_CALLS, PF_BASE, 2},
    {"calls_new", "calls new", false, PF_IN_ALL, COL_CALLS, PF_NEW, 2},
    {"per_call_base", "per call base", false, PF_IN_TEXT, COL_PER_CALL, PF_BASE, 3},
    {"per_call_new", "per call new", false, PF_IN_TEXT, COL_PER_CALL, PF_NEW, 3},
    {"by_calls", "by calls", false, PF_IN_TEXT, COL_BY_CALLS, 0, 5},
    {"by_cost", "by cost", false, PF_IN_TEXT, COL_BY_COST, 0, 5},
    {"spread_base", "spread base", false, PF_IN_TEXT, COL_SPREAD, PF_BASE, 6},
    {"spread_new", "spread new", false, PF_IN_TEXT, COL_SPREAD, PF_NEW, 6},
    {"effect", "effect", false, PF_IN_TEXT | PF_IN_JSON, COL_EFFECT, 0, 4},
    {"ci", "95% interval", false, PF_IN_TEXT | PF_IN_JSON, COL_CI, 0, 4},
    {"detectable", "detectable", false, PF_IN_TEXT, COL_DETECTABLE, 0, 7},
    {"q", "q", false, PF_IN_TEXT | PF_IN_JSON, COL_Q, 0},
    {"per_step", "per step", false, PF_IN_TEXT, COL_PER_STEP, 0},
    {"verdict", "verdict", true, PF_IN_ALL, COL_VERDICT, 0},
    {"ambiguous", "ambiguous", true, IN_DATA, COL_AMBIGUOUS, 0},
    {"effect", "effect", false, PF_IN_CSV, COL_EFFECT, 0},
    {"ci_low", "low", false, PF_IN_CSV, COL_CI_END, 0},
    {"ci_high", "high", false, PF_IN_CSV, COL_CI_END, 1},
    {"q", "q", false, PF_IN_CSV, COL_Q, 0},
    {"calls", "calls", true, IN_DATA, COL_COUNTS, 0},
    {"by_calls", "by calls", false, IN_DATA, COL_BY_CALLS, 0},
    {"by_cost", "by cost", false, IN_DATA, COL_BY_COST, 0},
    {"spread_base", "spread base", false, IN_DATA, COL_SPREAD, PF_BASE},
    {"spread_new", "spread new", false, IN_DATA, COL_SPREAD, PF_NEW},
    {"p", "p", false, IN_DATA, COL_P, 0},
    {"detectable", "detectable", false, IN_DATA, COL_DETECTABLE, 0},
    {"per_step", "per step", false, IN_DATA, COL_PER_STEP, 0},
    {"grew", "grew", false, IN_DATA, COL_GREW, 0},
    {"rename", "rename", true, IN_DATA, COL_RENAME, 0},
    {"mean_base", "mean base", false, IN_DATA, COL_MEAN, PF_BASE},
    {"mean_new", "mean new", false, IN_DATA, COL_MEAN, PF_NEW},
    {"name", "name", true, PF_IN_TEXT, PF_COL_NAME, 0},
    {"place", "(file:line)", true, PF_IN_TEXT, PF_COL_PLACE, 0},
};
enum { COLUMNS = sizeof columns / sizeof *columns };

static int64_t value(const struct pf_diff_view *v, const struct pf_diff_row *row, enum pf_side side)
{
    return pf_diff_compared(v->d, row, side);
}

static int64_t delta(const struct pf_diff_view *v, const struct pf_diff_row *row)
{
    return value(v, row, PF_NEW) - value(v, row, PF_BASE);
}

static uint64_t size_of(int64_t x)
{
    return x < 0 ? 0 - (uint64_t)x : (uint64_t)x;
}

/* ---- verdicts ---- */

static bool is_live(const struct pf_diff *d)
{
    return d->type.kind == PF_GAUGE || d->type.kind == PF_PEAK
           || strcmp(pf_str_at(d->names, d->type.unit).s, "bytes") == 0;
}

static bool grew_every_time(const struct pf_diff *d, const struct pf_diff_row *row)
{
    return d->how.series && row->grew && row->grew == d->side[PF_NEW].runs;
}

/* People read new and gone first, and see marks; programs get the status and keys of their own. */
const char *pf_verdict_word(const struct pf_diff_view *v, const struct pf_diff_row *row, bool data)
{
    static const char *const keys[] = {"same", "undecided", "calls_changed", "slower", "faster"};
    static const char *const words[] = {"same", "undecided", "calls changed", "slower", "faster"};
    static const char *const live[] = {"same", "undecided", "calls changed", "more", "less"};
    static const char *const alone[] = {[PF_IN_NEW] = "new", [PF_IN_BASE] = "gone"};
    const char *word = (is_live(v->d) ? live : words)[row->verdict];

    if (data)
        return keys[row->verdict];
    if (grew_every_time(v->d, row))
        word = "grew every time";
    else if (row->status != PF_IN_BOTH)
        word = alone[row->status];
    snprintf(v->word, PF_VERDICT_MAX, "%s%s%s", word,
             row->counts == PF_COUNTS_UNSTABLE ? ", calls vary" : "", row->ambiguous ? " ?" : "");
    return v->word;
}

bool pf_diff_changed(const struct pf_diff *d, const struct pf_diff_row *row)
{
    bool known = d->side[PF_BASE].has_calls && d->side[PF_NEW].has_calls;

    return pf_diff_compared(d, row, PF_NEW) != pf_diff_compared(d, row, PF_BASE)
           || ((known || d->means) && row->value[PF_BASE].calls != row->value[PF_NEW].calls)
           || row->verdict == PF_CALLS_CHANGED || row->verdict == PF_SLOWER
           || row->verdict == PF_FASTER || grew_every_time(d, row);
}

/* ---- cells ---- */

static void set_word(struct pf_cell *cell, const char *word)
{
    cell->kind = PF_CELL_WORD;
    cell->s = (struct pf_str){.s = word, .len = (uint32_t)strlen(word)};
}

static void set_number(struct pf_cell *cell, enum pf_cell_kind kind, int64_t i)
{
    cell->kind = kind;
    cell->i = i;
}

static void set_double(struct pf_cell *cell, enum pf_cell_kind kind, double d)
{
    cell->kind = kind;
    cell->d = d;
}

/* What is compared differs by 64 bits, as pf_diff_finish saw to it; means beside it may by more. */
static void set_delta(struct pf_cell *cell, const struct pf_column *c, int64_t base, int64_t now)
{
    uint64_t size = now < base ? (uint64_t)base - (uint64_t)now : (uint64_t)now - (uint64_t)base;

    cell->sign = true;
    cell->mood = (now > base) - (now < base);
    if (c->id == COL_DELTA)
        set_number(cell, PF_CELL_VALUE, now - base);
    else if (base != 0)
        set_double(cell, PF_CELL_PERCENT, 100. * cell->mood * (double)size / (double)size_of(base));
}

/* Of values over time, beside their peaks. */
static void mean_cell(const struct pf_diff_view *v, const struct pf_column *c, int64_t base,
                      int64_t now, struct pf_cell *cell)
{
    if (!v->d->means)
        return;
    if (c->arg < 2)
        set_number(cell, PF_CELL_VALUE, c->arg == PF_BASE ? base : now);
    else
        set_delta(cell, c, base, now);
}

static bool is_data(const struct pf_diff_view *v)
{
    return v->v->layout == PF_JSON || v->v->layout == PF_CSV;
}

static bool calls_known(const struct pf_diff_view *v)
{
    return v->d->side[PF_BASE].has_calls && v->d->side[PF_NEW].has_calls;
}

/* delta = (new calls - old calls) old per-call + new calls (new per-call - old per-call); the first
 * part is rounded, and both add up. Without old calls nothing is known of their cost. */
static void set_part(const struct pf_diff_view *v, const struct pf_diff_row *row, bool by_cost,
                     struct pf_cell *cell)
{
    const struct pf_diff_value *base = &row->value[PF_BASE], *now = &row->value[PF_NEW];
    double more = (double)now->calls - (double)base->calls;

    if (!calls_known(v) || base->calls <= 0)
        return;
    double by_calls = rint(more * (double)value(v, row, PF_BASE) / (double)base->calls);
    if (fabs(by_calls) > 9e18)
        return;
    int64_t part = (int64_t)by_calls;
    if (by_cost && __builtin_sub_overflow(delta(v, row), part, &part))
        return;
    cell->sign = true;
    set_number(cell, PF_CELL_VALUE, part);
}

/* How far the runs of a side are apart, by their mean. */
static void set_spread(const struct pf_diff_view *v, const struct pf_diff_row *row, int side,
                       struct pf_cell *cell)
{
    int64_t mean = value(v, row, (enum pf_side)side);

    if (v->d->side[side].runs > 1 && mean != 0 && !v->d->how.series)
        set_double(cell, PF_CELL_PERCENT,
                   100 * ((double)row->most[side] - (double)row->least[side])
                       / (double)size_of(mean));
}

static void set_interval(const struct pf_diff_test *t, const struct pf_column *c,
                         struct pf_cell *cell)
{
    if (!t->tested || !t->bounded)
        return;
    cell->sign = true;
    if (c->id == COL_CI) {
        set_number(cell, PF_CELL_PAIR, t->low);
        cell->j = t->high;
    } else {
        set_number(cell, PF_CELL_VALUE, c->arg ? t->high : t->low);
    }
}

static void test_cell(const struct pf_diff_test *t, const struct pf_column *c, struct pf_cell *cell)
{
    switch (c->id) {
    case COL_EFFECT:
        cell->sign = true;
        if (t->tested)
            set_number(cell, PF_CELL_VALUE, t->effect);
        break;
    case COL_CI:
    case COL_CI_END: set_interval(t, c, cell); break;
    case COL_DETECTABLE:
        if (t->detects && t->detectable < 9e18)
            set_number(cell, PF_CELL_VALUE, (int64_t)ceil(t->detectable));
        break;
    case COL_P:
        if (t->tested)
            set_double(cell, PF_CELL_NUMBER, t->p);
        break;
    case COL_Q:
        if (t->tested)
            set_double(cell, PF_CELL_NUMBER, t->q);
        break;
    default: break;
    }
}

static void verdict_cell(const struct pf_diff_view *v, const struct pf_diff_row *row,
                         struct pf_cell *cell)
{
    set_word(cell, pf_verdict_word(v, row, is_data(v)));
    cell->mood = (row->verdict == PF_SLOWER) - (row->verdict == PF_FASTER);
}

static void rename_cell(const struct pf_diff_view *v, const struct pf_diff_row *row,
                        struct pf_cell *cell)
{
    if (!row->rename)
        return;
    struct pf_row named = {.func = v->d->at[row->rename - 1].func};
    pf_subject_cell(v->speller, &named, PF_COL_NAME, cell);
}

static void row_cell(const struct pf_diff_view *v, const struct pf_diff_row *row,
                     const struct pf_column *c, struct pf_cell *cell)
{
    static const char *const status[] = {"both", "new", "gone"};
    static const char *const counts[] = {"unknown", "same", "changed", "unstable"};
    struct pf_row named = {.func = row->func, .stack = row->stack, .line = row->line};
    int64_t calls = row->value[c->arg & 1].calls;

    switch (c->id) {
    case COL_STATUS: set_word(cell, status[row->status]); break;
    case COL_BASE: set_number(cell, PF_CELL_VALUE, value(v, row, PF_BASE)); break;
    case COL_NEW: set_number(cell, PF_CELL_VALUE, value(v, row, PF_NEW)); break;
    case COL_DELTA:
    case COL_DELTA_PCT: set_delta(cell, c, value(v, row, PF_BASE), value(v, row, PF_NEW)); break;
    case COL_MEAN:
        mean_cell(v, c, row->value[PF_BASE].calls, row->value[PF_NEW].calls, cell);
        break;
    case COL_CALLS:
        if (v->d->side[c->arg].has_calls)
            set_number(cell, PF_CELL_COUNT, calls);
        break;
    case COL_PER_CALL:
        if (v->d->side[c->arg].has_calls && calls > 0)
            set_double(cell, PF_CELL_SHARE,
                       (double)value(v, row, (enum pf_side)c->arg) / (double)calls);
        break;
    case COL_BY_CALLS:
    case COL_BY_COST: set_part(v, row, c->id == COL_BY_COST, cell); break;
    case COL_SPREAD: set_spread(v, row, c->arg, cell); break;
    case COL_PER_STEP:
        cell->sign = true;
        if (v->d->how.series)
            set_double(cell, PF_CELL_SHARE, (double)delta(v, row) / v->d->side[PF_NEW].runs);
        break;
    case COL_GREW:
        if (v->d->how.series)
            set_number(cell, PF_CELL_COUNT, row->grew);
        break;
    case COL_COUNTS: set_word(cell, counts[row->counts]); break;
    case COL_AMBIGUOUS: set_number(cell, PF_CELL_FLAG, row->ambiguous); break;
    case COL_RENAME: rename_cell(v, row, cell); break;
    case COL_VERDICT: verdict_cell(v, row, cell); break;
    case PF_COL_NAME:
    case PF_COL_PLACE:
    case PF_COL_FILE:
    case PF_COL_LINE: pf_subject_cell(v->speller, &named, c->id, cell); break;
    default: test_cell(&row->test, c, cell); break;
    }
}

static void total_cell(const struct pf_diff_view *v, const struct pf_column *c,
                       struct pf_cell *cell)
{
    int64_t base = v->d->side[PF_BASE].total, now = v->d->side[PF_NEW].total;

    switch (c->id) {
    case COL_BASE: set_number(cell, PF_CELL_VALUE, base); break;
    case COL_NEW: set_number(cell, PF_CELL_VALUE, now); break;
    case COL_DELTA:
    case COL_DELTA_PCT: set_delta(cell, c, base, now); break;
    case COL_MEAN: mean_cell(v, c, v->d->side[PF_BASE].mean, v->d->side[PF_NEW].mean, cell); break;
    case PF_COL_NAME: set_word(cell, "total"); break;
    case COL_EFFECT:
    case COL_CI: test_cell(&v->d->whole, c, cell); break;
    default: break;
    }
}

static void diff_cell(const void *ctx, uint32_t i, const struct pf_column *c, struct pf_cell *cell)
{
    const struct pf_diff_view *v = ctx;

    if (i < v->n)
        row_cell(v, &v->d->at[v->order[i]], c, cell);
    else
        total_cell(v, c, cell);
}

/* ---- order ---- */

/* Of 0 to something is more than any percentage. */
static double percent(const struct pf_diff_view *v, const struct pf_diff_row *row)
{
    int64_t base = value(v, row, PF_BASE);

    if (base == 0)
        return value(v, row, PF_NEW) ? 1e300 : 0;
    return (double)size_of(delta(v, row)) / (double)size_of(base);
}

#define FALLING(x, y) (((x) < (y)) - ((x) > (y)))

static int by_key(const void *a, const void *b, void *arg)
{
    const struct pf_diff_view *v = arg;
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

static int order(struct pf_diff_view *v, struct pf_err *err)
{
    struct pf_mem *m = v->d->names->mem;

    v->order = pf_alloc(m, ((size_t)v->d->n + 1) * sizeof *v->order);
    if (!v->order)
        return pf_fail(err, PF_ENOMEM, "out of memory (%zu MiB in use; see --max-memory)",
                       m->used / PF_MIB);
    for (uint32_t i = 0; i < v->d->n; i++)
        if (v->v->all || pf_diff_changed(v->d, &v->d->at[i]))
            v->order[v->n++] = i;
    qsort_r(v->order, v->n, sizeof *v->order, by_key, v);
    if (v->v->limit && v->n > v->v->limit)
        v->n = v->v->limit;
    return 0;
}

/* ---- the view ---- */

/* For people, leave out what would be blank. */
static bool is_blank(const struct pf_diff_view *v, const struct pf_column *c)
{
    const struct pf_diff *d = v->d;
    bool calls = d->side[PF_BASE].has_calls || d->side[PF_NEW].has_calls;
    bool runs = d->side[PF_BASE].runs > 1 || d->side[PF_NEW].runs > 1;

    switch (c->id) {
    case COL_CALLS:
    case COL_PER_CALL: return !calls;
    case COL_BY_CALLS:
    case COL_BY_COST: return !calls_known(v);
    case COL_MEAN: return !d->means;
    case COL_SPREAD: return !runs || d->how.series;
    case COL_EFFECT:
    case COL_CI: return !d->whole.tested && !d->noise;
    case COL_DETECTABLE: return !d->whole.tested;
    case COL_Q: return !d->tested;
    case COL_PER_STEP: return !d->how.series;
    case PF_COL_PLACE: return d->how.by != PF_BY_FUNCTION && d->how.by != PF_BY_LINE;
    default: return false;
    }
}

static int choose(const struct pf_diff_view *v, struct pf_table *t, struct pf_err *err)
{
    uint32_t kept = 0;

    if (pf_columns_choose(t, columns, COLUMNS, err))
        return -1;
    for (uint32_t i = 0; i < t->columns; i++) {
        struct pf_column *c = &t->column[i];
        if (c->id == PF_COL_NAME && !is_data(v))
            c->title = pf_by_title(v->d->how.by);
        if (is_data(v) || !is_blank(v, c))
            t->column[kept++] = *c;
    }
    t->columns = kept;
    return 0;
}

static void put_all(const struct pf_diff_view *v, const struct pf_table *t, struct pf_sink *out)
{
    switch (v->v->layout) {
    case PF_JUNIT: pf_diff_junit(v, t, out); return;
    case PF_CSV: pf_table_put(t, out); return;
    case PF_JSON:
        pf_diff_json_head(v, t, out);
        pf_table_put(t, out);
        pf_diff_json_foot(v, out);
        return;
    case PF_TEXT:
    case PF_MARKDOWN: break;
    }
    pf_diff_head(v, t, out);
    pf_table_put(t, out);
    pf_diff_foot(v, t, out);
}

int pf_view_diff(const struct pf_diff *d, const struct pf_view *view, struct pf_sink *out,
                 struct pf_err *err)
{
    struct pf_speller speller = {.names = d->names, .by = d->how.by};
    char word[PF_VERDICT_MAX];
    struct pf_diff_view v = {.d = d, .v = view, .speller = &speller, .word = word};
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
