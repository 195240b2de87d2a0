/* certificate.c - the certificates of several profiles as one: figures are summed up. */
#include "ops.h"

/* Sums stay at the ends of int64, so that the order of adding cannot show. */
static void add(int64_t *to, int64_t x)
{
    if (!pf_add64(*to, x, to))
        *to = x < 0 ? INT64_MIN : INT64_MAX;
}

static void add_count(uint64_t *to, uint64_t x)
{
    if (__builtin_add_overflow(*to, x, to))
        *to = UINT64_MAX;
}

void pf_certificate_add(struct pf_certificate *to, const struct pf_certificate *from)
{
    add(&to->total, from->total);
    add(&to->cum_error, from->cum_error);
    add(&to->cum_total, from->cum_total);
    add(&to->edge_error, from->edge_error);
    add(&to->edge_total, from->edge_total);
    add(&to->repaired, from->repaired);
    add(&to->rerouted, from->rerouted);
    add(&to->orphaned, from->orphaned);
    add(&to->lost, from->lost);
    add(&to->clamped, from->clamped);
    to->threshold = to->threshold > from->threshold ? to->threshold : from->threshold;
    add_count(&to->stacks, from->stacks);
    add_count(&to->budget, from->budget);
    if (__builtin_add_overflow(to->blocks, from->blocks, &to->blocks))
        to->blocks = UINT32_MAX;
    to->deep |= from->deep;
    to->back_up |= from->back_up;
}
