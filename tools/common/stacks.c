/* stacks.c - whole stacks where a tool needs them and a profile has only call edges. */
#include "common.h"

#include <inttypes.h>

static double percent(int64_t part, int64_t whole)
{
    return whole > 0 ? 100.0 * (double)part / (double)whole : 0;
}

/* What a file says against itself is a matter of its reader; that it cannot all be kept is ours. */
static void tell(const struct pf_profile *p, const char *input)
{
    const struct pf_certificate *c = &p->certificate;
    double against = percent(c->rerouted, c->total) + percent(c->orphaned, c->total)
                     + percent(c->lost, c->total) + percent(c->clamped, c->total);

    if (given.max_stacks && c->budget > (uint64_t)given.max_stacks)
        warn("%.4096s: --max-stacks %d is too few: %" PRIu64
             " are the least that keep the times of "
             "all callers",
             input, given.max_stacks, c->budget);
    note("%.4096s: %" PRIu64 " whole stacks from call edges; inclusive times are %.3f%% off, those "
         "of callers %.3f%%",
         input, c->stacks, percent(c->cum_error, c->cum_total),
         percent(c->edge_error, c->edge_total));
    if (against >= 0.1)
        warn("%.4096s: the file contradicts itself: callers and callees do not agree; own times "
             "are kept, "
             "inclusive times are %.1f%% off (see profinfo --stacks whole)",
             input, percent(c->cum_error, c->cum_total));
}

struct pf_profile *tool_whole(struct pf_profile *p, const char *input)
{
    struct pf_stacks_how how = {.budget = (uint32_t)given.max_stacks};
    struct pf_err err = {0};

    if (given.stacks == STACKS_EDGES || p->stack_kind != PF_EDGE_ONLY)
        return p;
    if (!p->calls.n) {
        warn("%.4096s: its stacks are call edges, and there is no table to make whole ones from",
             input);
        return p;
    }
    struct pf_profile *whole = pf_whole_stacks(p, &how, &err);
    if (!whole)
        die_err(input, &err);
    tell(whole, input);
    pf_free(p);
    return whole;
}

struct pf_profile *tool_stacks(struct pf_profile *p, const char *input)
{
    return given.stacks == STACKS_WHOLE ? tool_whole(p, input) : p;
}
