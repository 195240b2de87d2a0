/* view_junit.c - a difference as JUnit XML: a test suite a gate, a test case a row. */
#include "view_diff.h"

#include <inttypes.h>
#include <string.h>

/* What of the rows is reported: those that changed, and those that a gate speaks of. */
static bool is_case(const struct pf_diff_view *v, const struct pf_gate_result *g, uint32_t row,
                    enum pf_answer *answer)
{
    const struct pf_diff_row *r = &v->d->at[row];

    *answer = g ? pf_gate_row(g->gate, v->d, r) : PF_NO;
    return v->v->all || *answer == PF_YES || pf_diff_changed(v->d, r);
}

static void put_values(const struct pf_diff_view *v, const struct pf_table *t, int64_t base,
                       int64_t now, struct pf_sink *out)
{
    struct pf_cell from = {.kind = PF_CELL_VALUE, .i = base};
    struct pf_cell to = {.kind = PF_CELL_VALUE, .i = now};
    struct pf_str name = pf_str_at(v->d->names, v->d->type.name);
    char buf[PF_VALUE_MAX];

    pf_put_xml(out, name.s, name.len);
    pf_cell_text(t, &from, buf);
    pf_printf(out, " %s to ", buf);
    pf_cell_text(t, &to, buf);
    pf_puts(out, buf);
}

static void put_result(const struct pf_gate_result *g, enum pf_answer answer, struct pf_sink *out)
{
    if (answer == PF_UNKNOWN && !g->strict) {
        pf_puts(out, "<skipped message=\"undecided: too few runs to say\"/>");
    } else if (answer != PF_NO) {
        pf_puts(out,
                answer == PF_UNKNOWN ? "<failure message=\"undecided: " : "<failure message=\"");
        pf_put_xml(out, g->text, strlen(g->text));
        pf_puts(out, "\"/>");
    }
}

static void put_case(const struct pf_diff_view *v, const struct pf_table *t,
                     const struct pf_gate_result *g, uint32_t i, enum pf_answer answer,
                     struct pf_sink *out)
{
    const struct pf_diff_row *row = &v->d->at[i];
    struct pf_str file = pf_str_at(v->d->names, v->d->names->funcs.at[row->func].file);

    pf_puts(out, "<testcase classname=\"");
    pf_put_xml(out, file.s, file.len);
    pf_puts(out, "\" name=\"");
    pf_put_subject(v, row, out, pf_put_xml);
    pf_puts(out, "\">");
    if (g)
        put_result(g, answer, out);
    pf_puts(out, "<system-out>");
    put_values(v, t, pf_diff_compared(v->d, row, PF_BASE), pf_diff_compared(v->d, row, PF_NEW),
               out);
    pf_printf(out, ", %s</system-out></testcase>\n", pf_verdict_word(v, row, false));
}

struct tally {
    uint32_t tests, failures, skipped;
};

static void count(struct tally *n, const struct pf_gate_result *g, enum pf_answer answer)
{
    bool failed = answer == PF_YES || (answer == PF_UNKNOWN && g->strict);

    n->tests++;
    n->failures += failed;
    n->skipped += answer == PF_UNKNOWN && !failed;
}

static void put_suite(const struct pf_diff_view *v, const struct pf_table *t,
                      const struct pf_gate_result *g, struct pf_sink *out)
{
    struct pf_str type = pf_str_at(v->d->names, v->d->type.name);
    struct tally n = {0};
    enum pf_answer answer;
    bool whole = g && g->whole;

    for (uint32_t i = 0; i < v->d->n && !whole; i++)
        if (is_case(v, g, i, &answer))
            count(&n, g, answer);
    if (whole)
        count(&n, g, g->answer);
    pf_puts(out, "<testsuite name=\"");
    pf_put_xml(out, g ? g->text : type.s, g ? strlen(g->text) : type.len);
    pf_printf(out, "\" tests=\"%u\" failures=\"%u\" errors=\"0\" skipped=\"%u\">\n", n.tests,
              n.failures, n.skipped);
    for (uint32_t i = 0; i < v->d->n && !whole; i++)
        if (is_case(v, g, i, &answer))
            put_case(v, t, g, i, answer, out);
    if (whole) {
        pf_puts(out, "<testcase classname=\"total\" name=\"total\">");
        put_result(g, g->answer, out);
        pf_puts(out, "</testcase>\n");
    }
    pf_puts(out, "</testsuite>\n");
}

void pf_diff_junit(const struct pf_diff_view *v, const struct pf_table *t, struct pf_sink *out)
{
    pf_puts(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"profdiff\">\n");
    for (uint32_t i = 0; i < v->v->n_gates; i++)
        put_suite(v, t, &v->v->gates[i], out);
    if (!v->v->n_gates)
        put_suite(v, t, NULL, out);
    pf_puts(out, "</testsuites>\n");
}
