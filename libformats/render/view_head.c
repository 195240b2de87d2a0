/* view_head.c - what trees and graphs say above their rows: what was measured, and how much. */
#include "render.h"

#include <inttypes.h>

static const char *const stack_words[] = {"exact", "inferred", "edge-only"};

static void head_json(const struct pf_profile *p, unsigned type, enum pf_by by, int64_t total,
                      struct pf_sink *out)
{
    static const char *const kinds[] = {"sum", "gauge", "peak", "fixed"};
    struct pf_str name = pf_str_at(p, p->types.at[type].name);
    struct pf_str unit = pf_str_at(p, p->types.at[type].unit);

    pf_puts(out, "{\"schema\":1,\"type\":");
    pf_put_json(out, name.s, name.len);
    pf_puts(out, ",\"unit\":");
    pf_put_json(out, unit.s, unit.len);
    pf_printf(out,
              ",\"kind\":\"%s\",\"by\":\"%s\",\"stacks\":\"%s\",\"runs\":%u,\"total\":%" PRId64 ",",
              kinds[p->types.at[type].kind & 3], pf_by_title(by), stack_words[p->stack_kind],
              p->runs, total);
    pf_json_certificate(&p->certificate, pf_str_at(p, p->certificate.method), out);
    pf_puts(out, ",\"rows\":[");
}

void pf_view_head(const struct pf_profile *p, unsigned type, enum pf_by by, int64_t total,
                  const struct pf_view *view, struct pf_sink *out)
{
    struct pf_str name = pf_str_at(p, p->types.at[type].name);
    struct pf_str unit = pf_str_at(p, p->types.at[type].unit);
    char buf[PF_VALUE_MAX];

    if (view->layout == PF_JSON)
        head_json(p, type, by, total, out);
    if (view->layout == PF_JSON || view->layout == PF_CSV)
        return;
    pf_put_name(out, name.s, name.len);
    pf_puts(out, " (");
    pf_put_name(out, unit.s, unit.len);
    pf_puts(out, "), total ");
    if (view->raw)
        pf_printf(out, "%" PRId64, total);
    else
        pf_put(out, buf, (size_t)pf_value_text(buf, (double)total, unit, false));
    if (p->runs > 1)
        pf_printf(out, ", %u runs merged", p->runs);
    pf_printf(out, "; stacks %s", stack_words[p->stack_kind]);
    pf_put_certificate(&p->certificate, out);
    pf_puts(out, "\n");
    if (view->layout == PF_MARKDOWN)
        pf_puts(out, "\n");
}
