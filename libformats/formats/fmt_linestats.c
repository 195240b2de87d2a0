/*
 * fmt_linestats.c - line_profiler: how often each line of a function ran, and for how long. What
 * dump_stats writes (.lprof, a pickle), and what print_stats prints.
 */
#include "linestats.h"
#include "pickles.h"
#include "text.h"

bool pf_linestats_ns(struct pf_linestats_unit unit, int64_t ticks, int digits, int64_t *ns,
                     bool *exact)
{
    __extension__ typedef __int128 int128;
    int128 divisor = 1000000000, value = (int128)ticks * unit.atto;

    for (int i = 0; i < digits; i++)
        divisor *= 10;
    int128 whole = value / divisor, rest = value % divisor;
    if (rest < 0) {
        rest += divisor;
        whole--;
    }
    *exact &= rest == 0;
    if (2 * rest > divisor || (2 * rest == divisor && (whole & 1)))
        whole++;
    if (whole < INT64_MIN || whole > INT64_MAX)
        return false;
    *ns = (int64_t)whole;
    return true;
}

int pf_linestats_add(struct pf_profile *p, pf_id func, int64_t line, int64_t ns, int64_t hits,
                     struct pf_err *err)
{
    int64_t value[] = {ns, hits};

    pf_sample_add(p, pf_stack(p, 0, pf_frame(p, func, line)), 0, value);
    return p->err.code ? pf_fail(err, p->err.code, "%s", p->err.msg) : 0;
}

static int linestats_read(struct pf_source *in, struct pf_profile *out, struct pf_err *err)
{
    size_t len;
    const uint8_t *head = pf_peek(in, PF_HEAD, &len);

    if (pf_source_check(in, err))
        return -1;
    out->format = pf_strz(out, "linestats");
    out->producer = pf_strz(out, "line_profiler");
    out->stack_kind = PF_EXACT;
    pf_type_add(out, "time", "nanoseconds", PF_SUM);
    pf_type_add(out, "hits", "count", PF_SUM);
    bool pickle = len && (pf_pickle_begins(head, len) || pf_pickle_like(head, len));
    int failed = pickle ? pf_linestats_pickle(in, out, err) : pf_linestats_text(in, out, err);
    if (out->err.code)
        failed = pf_fail(err, out->err.code, "%s", out->err.msg);
    return failed || pf_source_check(in, err) ? -1 : 0;
}

static int linestats_probe(const uint8_t *head, size_t len)
{
    char buf[PF_HEAD];
    const char *text;

    if (pf_pickle_begins(head, len))
        return pf_pickle_names(head, len, "line_profiler") ? 95 : 0;
    len = pf_text_head(head, len, buf, &text);
    return pf_linestats_text_probe(text, len);
}

const struct pf_format pf_format_linestats = {
    .name = "linestats",
    .title = "line_profiler's results: .lprof, and text",
    .suffix = ".lprof",
    .packing = PF_PLAIN,
    .probe = linestats_probe,
    .read = linestats_read,
};
