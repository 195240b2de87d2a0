/* callgrind.h - what a callgrind file is made of: costs of lines, and calls with what they cost. */
#ifndef CALLGRIND_H
#define CALLGRIND_H

#include "order.h"

/*
 * Functions here are those of the profile, and behind them its frames without one: NODE_FRAME(p,
 * f). 0: nobody, for samples without a stack.
 */
struct cg_cost { /* of a line of a function by itself */
    pf_id node;
    int64_t line, value;
};

struct cg_call { /* from a line of a function to another one; value: with all that calls in turn */
    pf_id node, callee;
    int64_t line, count, value;
};

struct callgrind {
    const struct pf_profile *p;
    struct pf_err *err;
    unsigned type;
    struct pf_order order;
    struct cg_cost *cost; /* both by node, in canonical order */
    struct cg_call *call;
    uint32_t n_costs, n_calls, cap_costs, cap_calls;
    int64_t total;                         /* of the costs */
    int64_t shrunk;                        /* values below 0, which are left out */
    bool counted, from_table, apportioned; /* calls are real; times are measured; or guessed */
};

static inline pf_id cg_node(const struct pf_profile *p, pf_id frame)
{
    pf_id func = p->frames.at[frame].func;

    return func || !frame ? func : p->funcs.n + frame;
}

/* Fills in cost and call; -1: err tells why. */
int cg_from_table(struct callgrind *g);
int cg_from_stacks(struct callgrind *g);
bool cg_has_table(const struct callgrind *g); /* which all of the values come from */

int cg_add_cost(struct callgrind *g, pf_id node, int64_t line, int64_t value);
int cg_add_call(struct callgrind *g, const struct cg_call *call);
int cg_no_memory(struct callgrind *g);

#endif
