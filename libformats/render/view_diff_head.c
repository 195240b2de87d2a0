/* view_diff_head.c - what stands around the rows of a difference: sides, counts, gates. */
#include "view_diff.h"

#include <inttypes.h>
#include <string.h>

static bool is_markdown(const struct pf_diff_view *v)
{
    return v->v->layout == PF_MARKDOWN;
}

static void put_list(const struct pf_diff_view *v, const struct pf_ids *list, struct pf_sink *out)
{
    for (uint32_t i = 0; i < list->n; i++) {
        struct pf_str s = pf_str_at(v->d->names, list->at[i]);
        pf_puts(out, i ? ", " : "");
        if (is_markdown(v))
            pf_put_markdown(out, s.s, s.len);
        else
            pf_put_name(out, s.s, s.len);
    }
}

static void put_side(const struct pf_diff_view *v, const struct pf_table *t, enum pf_side side,
                     struct pf_sink *out)
{
    struct pf_cell total = {.kind = PF_CELL_VALUE, .i = v->d->side[side].total};
    uint32_t runs = v->d->side[side].runs;
    char buf[PF_VALUE_MAX];

    pf_puts(out, side == PF_BASE ? "base: " : "new:  ");
    put_list(v, &v->d->side[side].files, out);
    pf_printf(out, " (%u %s%s", runs, v->d->how.series ? "snapshot" : "run", runs == 1 ? "" : "s");
    if (v->d->side[side].interpreters.n) {
        pf_puts(out, ", ");
        put_list(v, &v->d->side[side].interpreters, out);
    }
    if (v->d->side[side].timers.n) {
        pf_puts(out, ", ");
        put_list(v, &v->d->side[side].timers, out);
    }
    pf_printf(out, "), total %.*s", pf_cell_text(t, &total, buf), buf);
    if (v->d->side[side].certificate.stacks)
        pf_puts(out, "; stacks inferred");
    pf_put_certificate(&v->d->side[side].certificate, out);
    pf_puts(out, "\n");
    if (is_markdown(v)) /* lines of their own */
        pf_puts(out, "\n");
}

/* ---- the head ---- */

struct counts {
    uint32_t verdict[5], status[3], shown, undecided;
};

static struct counts count(const struct pf_diff_view *v)
{
    struct counts c = {.shown = v->n};

    for (uint32_t i = 0; i < v->d->n; i++) {
        const struct pf_diff_row *row = &v->d->at[i];
        c.status[row->status]++;
        c.verdict[row->verdict] += row->status == PF_IN_BOTH;
    }
    for (uint32_t i = 0; i < v->n; i++)
        c.undecided += v->d->at[v->order[i]].verdict == PF_UNDECIDED;
    return c;
}

static void put_count(const struct pf_diff_view *v, uint32_t n, const char *what, bool *any,
                      struct pf_sink *out)
{
    if (!n)
        return;
    pf_printf(out, is_markdown(v) ? "%s**%u %s**" : "%s%u %s", *any ? ", " : "", n, what);
    *any = true;
}

/* "rows: 3 slower, 1 faster, ..." where there were runs enough to have a verdict at all. */
static void put_counts(const struct pf_diff_view *v, const struct counts *c, struct pf_sink *out)
{
    static const enum pf_verdict order[] = {PF_SLOWER, PF_FASTER, PF_CALLS_CHANGED, PF_SAME,
                                            PF_UNDECIDED};
    bool any = false;

    if (!v->d->tested && !is_markdown(v))
        return;
    pf_puts(out, "rows: ");
    for (size_t i = 0; i < sizeof order / sizeof *order; i++) {
        struct pf_diff_row row = {.verdict = order[i]};
        put_count(v, c->verdict[order[i]], pf_verdict_word(v, &row, false), &any, out);
    }
    put_count(v, c->status[PF_IN_NEW], "new", &any, out);
    put_count(v, c->status[PF_IN_BASE], "gone", &any, out);
    pf_puts(out, is_markdown(v) ? "\n\n" : "\n");
}

/* Never "ok" where nothing could have been found. */
static void put_power(const struct pf_diff_view *v, const struct counts *c, struct pf_sink *out)
{
    const struct pf_diff *d = v->d;

    if (d->noise) {
        pf_printf(out, "; %u row%s held against a noise floor", d->tested,
                  d->tested == 1 ? "" : "s");
    } else if (!d->how.series && !d->enough && c->undecided) {
        pf_printf(out,
                  "; undecided: too few runs to tell a change from noise (%u a side find one among "
                  "%u row%s)",
                  d->needed, d->varying, d->varying == 1 ? "" : "s");
    } else if (d->tested) {
        pf_printf(out, "; %u row%s tested", d->tested, d->tested == 1 ? "" : "s");
    }
}

static const char *normalized(const struct pf_diff *d)
{
    static const char *const text[] = {"", ", totals made equal", ", shares of the total",
                                       ", per second", ", by the time of "};
    return text[d->how.normalize];
}

void pf_diff_head(const struct pf_diff_view *v, const struct pf_table *t, struct pf_sink *out)
{
    const struct pf_diff *d = v->d;
    struct pf_str name = pf_str_at(d->names, d->type.name);
    struct counts c = count(v);

    put_side(v, t, PF_BASE, out);
    put_side(v, t, PF_NEW, out);
    pf_put_name(out, name.s, name.len);
    pf_puts(out, " (");
    pf_put_name(out, t->unit.s, t->unit.len);
    pf_printf(out, "), %s", d->how.cum ? "cumulative" : "flat");
    if (d->how.per_loop)
        pf_puts(out, ", per loop");
    if (d->timed)
        pf_puts(out, d->how.mean ? ", mean over time"
                     : d->means  ? ", peaks and means over time"
                                 : "");
    pf_puts(out, normalized(d));
    if (d->how.normalize == PF_NORMALIZE_FUNCTION)
        pf_put_name(out, d->how.function, strlen(d->how.function));
    put_power(v, &c, out);
    pf_puts(out, is_markdown(v) ? "\n\n" : "\n");
    put_counts(v, &c, out);
}

/* ---- the foot ---- */

void pf_put_subject(const struct pf_diff_view *v, const struct pf_diff_row *row,
                    struct pf_sink *out, void (*put)(struct pf_sink *, const char *, size_t))
{
    struct pf_row named = {.func = row->func, .stack = row->stack, .line = row->line};
    struct pf_cell name = {0}, place = {0};

    pf_subject_cell(v->speller, &named, PF_COL_NAME, &name);
    put(out, name.s.s, name.s.len);
    if (v->d->how.by != PF_BY_FUNCTION && v->d->how.by != PF_BY_LINE)
        return;
    pf_subject_cell(v->speller, &named, PF_COL_PLACE, &place);
    if (place.kind == PF_CELL_NONE)
        return;
    pf_puts(out, " (");
    put(out, place.s.s, place.s.len);
    if (place.i)
        pf_printf(out, ":%" PRId64, place.i);
    pf_puts(out, ")");
}

static void put_name(const struct pf_diff_view *v, const struct pf_diff_row *row,
                     struct pf_sink *out)
{
    pf_put_subject(v, row, out, is_markdown(v) ? pf_put_markdown : pf_put_name);
}

/* A foot stands apart from a Markdown table. */
static void start_foot(const struct pf_diff_view *v, bool *started, struct pf_sink *out)
{
    if (is_markdown(v))
        pf_puts(out, "\n");
    *started = true;
}

/* What the mark behind a verdict means, if there is one. */
static void put_ambiguous(const struct pf_diff_view *v, bool *started, struct pf_sink *out)
{
    bool ambiguous = false;

    for (uint32_t i = 0; i < v->n; i++)
        ambiguous |= v->d->at[v->order[i]].ambiguous;
    if (!ambiguous)
        return;
    start_foot(v, started, out);
    pf_puts(out, "? ambiguous: one side has more rows of this name; the most alike are paired\n");
}

enum { MOST_RENAMES = 10, MOST_FAILED = 20 };

static void put_renames(const struct pf_diff_view *v, bool *started, struct pf_sink *out)
{
    uint32_t n = 0;

    for (uint32_t i = 0; i < v->d->n && n < MOST_RENAMES; i++) {
        const struct pf_diff_row *gone = &v->d->at[i];
        if (gone->status != PF_IN_BASE || !gone->rename)
            continue;
        if (!n++)
            start_foot(v, started, out);
        pf_puts(out, is_markdown(v) ? "- likely renamed: " : "likely renamed: ");
        put_name(v, gone, out);
        pf_puts(out, " to ");
        put_name(v, &v->d->at[gone->rename - 1], out);
        pf_puts(out, "; --map OLD=NEW joins them\n");
    }
}

static void put_change(const struct pf_diff_view *v, const struct pf_table *t,
                       const struct pf_diff_row *row, struct pf_sink *out)
{
    struct pf_cell base = {.kind = PF_CELL_VALUE, .i = pf_diff_compared(v->d, row, PF_BASE)};
    struct pf_cell now = {.kind = PF_CELL_VALUE, .i = pf_diff_compared(v->d, row, PF_NEW)};
    char buf[PF_VALUE_MAX];

    pf_cell_text(t, &base, buf);
    pf_printf(out, ": %s to ", buf);
    pf_cell_text(t, &now, buf);
    pf_printf(out, "%s, %s", buf, pf_verdict_word(v, row, false));
}

static void put_gate(const struct pf_diff_view *v, const struct pf_table *t,
                     const struct pf_gate_result *g, struct pf_sink *out)
{
    static const char *const answers[] = {"passed", "failed", "undecided"};

    pf_printf(out, is_markdown(v) ? "- gate **%s**: " : "gate %s: ", answers[g->answer]);
    if (is_markdown(v))
        pf_put_markdown(out, g->text, strlen(g->text));
    else
        pf_put_name(out, g->text, strlen(g->text));
    if (g->undecided && !g->whole)
        pf_printf(out, " (too few runs to say for %u row%s)", g->undecided,
                  g->undecided == 1 ? "" : "s");
    pf_puts(out, "\n");
    for (uint32_t i = 0; i < g->n_rows && i < MOST_FAILED; i++) {
        pf_puts(out, is_markdown(v) ? "  - " : "  ");
        put_name(v, &v->d->at[g->rows[i]], out);
        put_change(v, t, &v->d->at[g->rows[i]], out);
        pf_puts(out, "\n");
    }
    if (g->n_rows > MOST_FAILED)
        pf_printf(out, "%s%u more\n", is_markdown(v) ? "  - " : "  ", g->n_rows - MOST_FAILED);
}

void pf_diff_foot(const struct pf_diff_view *v, const struct pf_table *t, struct pf_sink *out)
{
    bool started = false;

    put_ambiguous(v, &started, out);
    put_renames(v, &started, out);
    if (v->v->n_gates)
        start_foot(v, &started, out);
    for (uint32_t i = 0; i < v->v->n_gates; i++)
        put_gate(v, t, &v->v->gates[i], out);
}

/* ---- JSON ---- */

static void put_json_side(const struct pf_diff_view *v, enum pf_side side, struct pf_sink *out)
{
    const struct pf_ids *files = &v->d->side[side].files;

    pf_printf(out, ",\"%s\":{\"files\":[", side == PF_BASE ? "base" : "new");
    for (uint32_t i = 0; i < files->n; i++) {
        struct pf_str s = pf_str_at(v->d->names, files->at[i]);
        pf_puts(out, i ? "," : "");
        pf_put_json(out, s.s, s.len);
    }
    pf_printf(out, "],\"runs\":%u,\"total\":%" PRId64 ",", v->d->side[side].runs,
              v->d->side[side].total);
    pf_json_certificate(&v->d->side[side].certificate, (struct pf_str){0}, out);
    pf_puts(out, "}");
}

void pf_diff_json_head(const struct pf_diff_view *v, const struct pf_table *t, struct pf_sink *out)
{
    const struct pf_diff *d = v->d;
    struct pf_str name = pf_str_at(d->names, d->type.name);
    static const char *const normalize[] = {"none", "total", "share", "rate", "function"};

    pf_puts(out, "{\"schema\":1");
    put_json_side(v, PF_BASE, out);
    put_json_side(v, PF_NEW, out);
    pf_puts(out, ",\"type\":");
    pf_put_json(out, name.s, name.len);
    pf_puts(out, ",\"unit\":");
    pf_put_json(out, t->unit.s, t->unit.len);
    pf_printf(out,
              ",\"cum\":%s,\"normalize\":\"%s\",\"tested\":%u,\"runs_needed\":%u,\"enough\":%s",
              d->how.cum ? "true" : "false", normalize[d->how.normalize], d->tested, d->needed,
              d->enough ? "true" : "false");
    pf_puts(out, ",\"rows\":[");
}

void pf_diff_json_foot(const struct pf_diff_view *v, struct pf_sink *out)
{
    static const char *const answers[] = {"passed", "failed", "undecided"};

    pf_puts(out, "]");
    for (uint32_t i = 0; i < v->v->n_gates; i++) {
        const struct pf_gate_result *g = &v->v->gates[i];
        pf_puts(out, i ? ",\n{\"gate\":" : ",\"gates\":[\n{\"gate\":");
        pf_put_json(out, g->text, strlen(g->text));
        pf_printf(out, ",\"result\":\"%s\",\"undecided\":%u,\"rows\":[", answers[g->answer],
                  g->undecided);
        for (uint32_t k = 0; k < g->n_rows; k++) {
            const struct pf_diff_row *row = &v->d->at[g->rows[k]];
            struct pf_row named = {.func = row->func, .stack = row->stack, .line = row->line};
            struct pf_cell name = {0};
            pf_subject_cell(v->speller, &named, PF_COL_NAME, &name);
            pf_puts(out, k ? "," : "");
            pf_put_json(out, name.s.s, name.s.len);
        }
        pf_puts(out, "]}");
    }
    pf_puts(out, v->v->n_gates ? "]}\n" : "}\n");
}
