/* pb_certificate.c - what is known of stacks that were made from call edges, in the common format.
 */
#include "pb.h"

#include "profile.pb-c.h"

int pb_read_certificate(struct pb_reading *r)
{
    struct pf_wire w = {r->buf + r->certificate - 1, r->buf + r->len, r->buf};
    struct pf_certificate *to = &r->p->certificate;
    struct pf_field f;
    uint64_t need;
    const char *why;

    if (!r->certificate || pf_wire_next(&w, &f, &need, &why) != WIRE_FIELD)
        return 0;
    Pf__Certificate *c = pb_unpack(r, &pf__certificate__descriptor, &f, "certificate", 0);
    if (!c)
        return -1;
    *to = (struct pf_certificate){
        .method = pb_str(r, f.start, c->method, "certificate", 0, "method"),
        .total = c->total,
        .cum_error = c->cum_error,
        .cum_total = c->cum_total,
        .edge_error = c->edge_error,
        .edge_total = c->edge_total,
        .repaired = c->repaired,
        .rerouted = c->rerouted,
        .orphaned = c->orphaned,
        .lost = c->lost,
        .clamped = c->clamped,
        .threshold = c->threshold,
        .stacks = c->stacks,
        .budget = c->budget,
        .blocks = c->blocks,
        .deep = c->deep,
        .back_up = c->back_up,
    };
    pb_unpack_done(r, c);
    return r->err->code ? -1 : 0;
}

void pb_put_certificate(struct pb_buf *b, const struct pf_certificate *c, uint64_t method)
{
    const uint64_t field[] = {
        method,
        (uint64_t)c->total,
        (uint64_t)c->cum_error,
        (uint64_t)c->cum_total,
        (uint64_t)c->edge_error,
        (uint64_t)c->edge_total,
        (uint64_t)c->repaired,
        (uint64_t)c->rerouted,
        (uint64_t)c->orphaned,
        (uint64_t)c->lost,
        (uint64_t)c->clamped,
        (uint64_t)c->threshold,
        c->stacks,
        c->budget,
        c->blocks,
        c->deep,
        c->back_up,
    };

    for (uint32_t i = 0; i < sizeof field / sizeof *field; i++)
        pb_number(b, i + 1, field[i]);
}
