/* certificate.c - how near inferred stacks come to what was measured, for the header of a view. */
#include "render.h"

static double percent(int64_t part, int64_t whole)
{
    return whole > 0 ? 100.0 * (double)part / (double)whole : 0;
}

void pf_put_certificate(const struct pf_certificate *c, struct pf_sink *out)
{
    if (!c->stacks)
        return;
    pf_printf(out, " from call edges (own times exact, inclusive times %.2f%% off",
              percent(c->cum_error, c->cum_total));
    if (c->edge_total)
        pf_printf(out, ", those of callers %.2f%%", percent(c->edge_error, c->edge_total));
    pf_puts(out, ")");
}
