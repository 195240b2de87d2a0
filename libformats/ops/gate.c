/* gate.c - tries a gate expression on the rows of a difference: yes, no, or too few runs to say. */
#include "gate.h"

#include "stats.h"

#include <math.h>
#include <string.h>

/* ---- units ---- */

static const struct unit {
    const char *name;
    char what; /* times and sizes are compared among themselves */
    double is;
} units[] = {
    {"picoseconds", 't', 1e-3},
    {"ps", 't', 1e-3},
    {"nanoseconds", 't', 1},
    {"ns", 't', 1},
    {"microseconds", 't', 1e3},
    {"us", 't', 1e3},
    {"\xc2\xb5s", 't', 1e3},
    {"\xce\xbcs", 't', 1e3},
    {"milliseconds", 't', 1e6},
    {"ms", 't', 1e6},
    {"seconds", 't', 1e9},
    {"s", 't', 1e9},
    {"min", 't', 6e10},
    {"h", 't', 3.6e12},
    {"bytes", 'b', 1},
    {"byte", 'b', 1},
    {"B", 'b', 1},
    {"KiB", 'b', 1024.},
    {"MiB", 'b', 1048576.},
    {"GiB", 'b', 1073741824.},
    {"TiB", 'b', 1099511627776.},
    {"kB", 'b', 1e3},
    {"KB", 'b', 1e3},
    {"MB", 'b', 1e6},
    {"GB", 'b', 1e9},
    {"TB", 'b', 1e12},
};

static const struct unit *find_unit(const char *name, size_t len)
{
    for (size_t i = 0; i < sizeof units / sizeof *units; i++)
        if (strlen(units[i].name) == len && memcmp(units[i].name, name, len) == 0)
            return &units[i];
    return NULL;
}

double pf_gate_unit(const char *unit, size_t len, struct pf_str of_type)
{
    if (!len || (of_type.len == len && memcmp(unit, of_type.s, len) == 0))
        return 1;
    const struct unit *u = find_unit(unit, len), *t = find_unit(of_type.s, of_type.len);
    return u && t && u->what == t->what ? u->is / t->is : 0;
}

/* ---- does it speak of what is there? ---- */

static struct pf_str name_at(const struct pf_diff *d, pf_id id)
{
    return pf_str_at(d->names, id);
}

static bool is_type(const struct pf_diff *d, const struct gate_compare *c, pf_id name)
{
    struct pf_str s = name_at(d, name);

    return s.len == strlen(c->name) && memcmp(s.s, c->name, s.len) == 0;
}

/* One of its name that both sides have, or else any. */
static const struct pf_diff_total *find_total(const struct pf_diff *d, const struct gate_compare *c)
{
    const struct pf_diff_total *found = NULL;

    for (uint32_t i = 0; i < d->n_totals; i++)
        if (is_type(d, c, d->total[i].name)
            && (!found || (d->total[i].runs[0] && d->total[i].runs[1])))
            found = &d->total[i];
    return found;
}

static int check_compare(const struct pf_diff *d, const struct gate_compare *c, const char *text,
                         struct pf_err *err)
{
    struct pf_str unit = name_at(d, d->type.unit);

    if (c->subject == GATE_TYPE && !is_type(d, c, d->type.name))
        return pf_fail_offset(err, PF_EVALUE, c->name_at,
                              "the rows are of '%.60s', not of '%.60s' (see --sample)",
                              name_at(d, d->type.name).s, c->name);
    if (c->subject == GATE_TOTAL) {
        const struct pf_diff_total *total = find_total(d, c);
        if (!total || !total->runs[PF_BASE] || !total->runs[PF_NEW])
            return pf_fail_offset(err, PF_EVALUE, c->name_at, "there is no '%.60s' on %s", c->name,
                                  total ? "both sides" : "either side");
        unit = name_at(d, total->unit);
    }
    if (pf_gate_unit(text + c->value_at + c->value_len, c->unit_len, unit) > 0)
        return 0;
    return pf_fail_offset(err, PF_EVALUE, c->value_at + c->value_len,
                          "'%.*s' is no unit of '%.60s', which is in '%.40s'", (int)c->unit_len,
                          text + c->value_at + c->value_len, c->name, unit.s);
}

/* ---- values ---- */

static enum pf_answer compare(enum gate_op op, double x, double y)
{
    switch (op) {
    case GATE_LESS: return x < y ? PF_YES : PF_NO;
    case GATE_LESS_EQUAL: return x <= y ? PF_YES : PF_NO;
    case GATE_GREATER: return x > y ? PF_YES : PF_NO;
    case GATE_GREATER_EQUAL: return x >= y ? PF_YES : PF_NO;
    case GATE_EQUAL: return x == y ? PF_YES : PF_NO;
    case GATE_UNEQUAL: return x != y ? PF_YES : PF_NO;
    }
    return PF_NO;
}

/* From nothing to something is more than any percentage. */
static enum pf_answer compare_values(const struct gate_compare *c, double base, double now,
                                     double unit)
{
    if (!c->change)
        return compare(c->op, now, c->value * unit);
    if (!c->percent)
        return compare(c->op, now - base, c->value * unit);
    if (base == 0)
        return compare(c->op, now > 0 ? HUGE_VAL : now < 0 ? -HUGE_VAL : 0, c->value);
    return compare(c->op, (now - base) / fabs(base), c->value);
}

/* A probability that these runs could not have brought below the limit says nothing by being
 * above it. */
static enum pf_answer compare_chance(const struct pf_diff *d, const struct gate_compare *c,
                                     const struct pf_diff_test *t, bool is_q, bool of_row)
{
    if (!t->tested) /* all equal, over runs enough: surely no change */
        return d->enough ? compare(c->op, 1, c->value) : PF_UNKNOWN;

    double rows = is_q && of_row && d->tested ? d->tested : 1;
    double least = rows * pf_least_p(d->side[PF_BASE].runs, d->side[PF_NEW].runs);
    double chance = is_q ? t->q : t->p;
    bool below = c->op == GATE_LESS || c->op == GATE_LESS_EQUAL;
    if (below && chance >= c->value && !d->noise && least > c->value)
        return PF_UNKNOWN;
    return compare(c->op, chance, c->value);
}

static double unit_of(const struct pf_diff *d, const struct gate_compare *c, const char *text,
                      pf_id of_type)
{
    return pf_gate_unit(text + c->value_at + c->value_len, c->unit_len, name_at(d, of_type));
}

static double share(const struct pf_diff *d, const struct pf_diff_row *row, enum pf_side side)
{
    double total = (double)d->side[side].total;

    return total > 0 ? (double)pf_diff_compared(d, row, side) / total : 0;
}

static enum pf_answer try_row(const struct pf_gate *g, const struct pf_diff *d,
                              const struct gate_compare *c, const struct pf_diff_row *row)
{
    double unit = unit_of(d, c, g->text, d->type.unit);
    double base = (double)pf_diff_compared(d, row, PF_BASE);
    double now = (double)pf_diff_compared(d, row, PF_NEW);
    double calls[2] = {(double)row->value[0].calls, (double)row->value[1].calls};

    switch (c->subject) {
    case GATE_TYPE: return compare_values(c, base, now, unit);
    case GATE_CALLS:
        if (row->counts == PF_COUNTS_UNKNOWN || row->counts == PF_COUNTS_UNSTABLE)
            return PF_UNKNOWN;
        return compare_values(c, calls[0], calls[1], 1);
    case GATE_PER_CALL:
        if (row->counts == PF_COUNTS_UNKNOWN || calls[1] == 0)
            return PF_UNKNOWN;
        return compare_values(c, calls[0] > 0 ? base / calls[0] : 0, now / calls[1], unit);
    case GATE_SHARE:
        if (c->change)
            return compare(c->op, share(d, row, PF_NEW) - share(d, row, PF_BASE), c->value);
        return compare(c->op, share(d, row, PF_NEW), c->value);
    case GATE_EFFECT:
        if (!row->test.tested)
            return PF_UNKNOWN;
        return compare_values(c, base, base + (double)row->test.effect, unit);
    case GATE_P: return compare_chance(d, c, &row->test, false, true);
    case GATE_Q: return compare_chance(d, c, &row->test, true, true);
    case GATE_TOTAL: break;
    }
    return PF_UNKNOWN;
}

/* Of no row: totals, and p and q of the total that the expression speaks of. */
static enum pf_answer try_whole(const struct pf_gate *g, const struct pf_diff *d,
                                const struct gate_compare *c)
{
    const struct pf_diff_test *test = &d->whole;

    if (c->subject == GATE_TOTAL) {
        const struct pf_diff_total *t = find_total(d, c);
        return compare_values(c, (double)t->value[PF_BASE], (double)t->value[PF_NEW],
                              unit_of(d, c, g->text, t->unit));
    }
    for (uint32_t i = 0; i < g->n; i++)
        if (g->node[i].kind == GATE_COMPARE && g->node[i].c.subject == GATE_TOTAL)
            test = &find_total(d, &g->node[i].c)->test;
    return compare_chance(d, c, test, false, false);
}

/* ---- and, or, not: unknown stays unknown unless the rest decides ---- */

static enum pf_answer both(enum pf_answer x, enum pf_answer y)
{
    return x == PF_NO || y == PF_NO ? PF_NO : x == PF_YES && y == PF_YES ? PF_YES : PF_UNKNOWN;
}

static enum pf_answer negate(enum pf_answer x)
{
    return x == PF_UNKNOWN ? PF_UNKNOWN : x == PF_YES ? PF_NO : PF_YES;
}

/* Answers that wait for their operator. The parser puts operands first and counts its nodes. */
struct waiting {
    enum pf_answer at[GATE_MAX_NODES];
    uint32_t n;
};

static void push(struct waiting *w, enum pf_answer x)
{
    w->at[w->n++] = x;
}

static enum pf_answer pop(struct waiting *w)
{
    return w->n ? w->at[--w->n] : PF_UNKNOWN;
}

enum pf_answer pf_gate_row(const struct pf_gate *g, const struct pf_diff *d,
                           const struct pf_diff_row *row)
{
    struct waiting w = {.n = 0};

    for (uint32_t i = 0; i < g->n; i++) {
        const struct gate_node *node = &g->node[i];
        switch (node->kind) {
        case GATE_COMPARE:
            push(&w, row && node->c.subject != GATE_TOTAL ? try_row(g, d, &node->c, row)
                                                          : try_whole(g, d, &node->c));
            break;
        case GATE_NOT: push(&w, negate(pop(&w))); break;
        case GATE_AND: push(&w, both(pop(&w), pop(&w))); break;
        case GATE_OR: push(&w, negate(both(negate(pop(&w)), negate(pop(&w))))); break;
        }
    }
    return pop(&w);
}

/* ---- all rows ---- */

/* Without a word of rows there is only the whole to try. */
static bool is_whole(const struct pf_gate *g)
{
    bool total = false, rows = false;

    for (uint32_t i = 0; i < g->n; i++) {
        enum gate_subject s = g->node[i].c.subject;
        if (g->node[i].kind != GATE_COMPARE)
            continue;
        total |= s == GATE_TOTAL;
        rows |= s != GATE_TOTAL && s != GATE_P && s != GATE_Q;
    }
    return total && !rows;
}

static int check(const struct pf_gate *g, const struct pf_diff *d, struct pf_err *err)
{
    for (uint32_t i = 0; i < g->n; i++)
        if (g->node[i].kind == GATE_COMPARE && check_compare(d, &g->node[i].c, g->text, err))
            return -1;
    return 0;
}

int pf_gate_try(const struct pf_gate *g, const struct pf_diff *d, struct pf_gate_result *result,
                struct pf_err *err)
{
    *result = (struct pf_gate_result){.text = g->text, .gate = g, .whole = is_whole(g)};
    if (check(g, d, err))
        return -1;
    if (result->whole) {
        result->answer = pf_gate_row(g, d, NULL);
        result->undecided = result->answer == PF_UNKNOWN;
        return 0;
    }
    result->rows = pf_alloc(g->mem, ((size_t)d->n + 1) * sizeof *result->rows);
    if (!result->rows)
        return pf_fail(err, PF_ENOMEM, "out of memory (%zu MiB in use; see --max-memory)",
                       g->mem->used / PF_MIB);
    for (uint32_t i = 0; i < d->n; i++) {
        enum pf_answer answer = pf_gate_row(g, d, &d->at[i]);
        if (answer == PF_YES)
            result->rows[result->n_rows++] = i;
        result->undecided += answer == PF_UNKNOWN;
    }
    result->answer = result->n_rows ? PF_YES : result->undecided ? PF_UNKNOWN : PF_NO;
    return 0;
}
