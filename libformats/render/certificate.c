/* certificate.c - how near inferred stacks come to what was measured, for the head of a view. */
#include "render.h"

#include <inttypes.h>
#include <stddef.h>
#include <string.h>

static double percent(int64_t part, int64_t whole)
{
    return whole > 0 ? 100.0 * (double)part / (double)whole : 0;
}

void pf_put_certificate(const struct pf_certificate *c, struct pf_sink *out)
{
    double against = percent(c->rerouted, c->total) + percent(c->orphaned, c->total)
                     + percent(c->lost, c->total) + percent(c->clamped, c->total);

    if (!c->stacks)
        return;
    pf_printf(out,
              " from call edges (%" PRIu64 " of at most %" PRIu64
              "; own times exact, inclusive times %.2f%% off",
              c->stacks, c->budget, percent(c->cum_error, c->cum_total));
    if (c->edge_total)
        pf_printf(out, ", those of callers %.2f%%", percent(c->edge_error, c->edge_total));
    if (c->repaired)
        pf_printf(out, ", %.2f%% of all time repaired", percent(c->repaired, c->total));
    if (against >= 0.005)
        pf_printf(out, "; the table contradicts itself by %.2f%%", against);
    pf_puts(out, ")");
}

static const struct figure {
    const char *key;
    size_t at;
} figures[] = {
#define AT(x)                                                                                      \
    {                                                                                              \
#x, offsetof(struct pf_certificate, x)                                                     \
    }
    AT(total),    AT(cum_error), AT(cum_total), AT(edge_error), AT(edge_total), AT(repaired),
    AT(rerouted), AT(orphaned),  AT(lost),      AT(clamped),    AT(threshold),
#undef AT
};

void pf_json_certificate(const struct pf_certificate *c, struct pf_str method, struct pf_sink *out)
{
    int64_t value;

    pf_puts(out, "\"certificate\":");
    if (!c->stacks && !method.len) {
        pf_puts(out, "null");
        return;
    }
    pf_puts(out, "{");
    if (method.len) {
        pf_puts(out, "\"method\":");
        pf_put_json(out, method.s, method.len);
        pf_puts(out, ",");
    }
    for (size_t i = 0; i < sizeof figures / sizeof *figures; i++) {
        memcpy(&value, (const char *)c + figures[i].at, sizeof value);
        pf_printf(out, "\"%s\":%" PRId64 ",", figures[i].key, value);
    }
    pf_printf(out, "\"stacks\":%" PRIu64 ",\"budget\":%" PRIu64 ",\"fingerprints\":%u,", c->stacks,
              c->budget, c->blocks);
    pf_printf(out, "\"deep\":%s,\"back_up\":%s}", c->deep ? "true" : "false",
              c->back_up ? "true" : "false");
}
