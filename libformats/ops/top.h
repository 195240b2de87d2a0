/* top.h - the two halves of top: which groups get a row, and what goes into the rows. */
#ifndef TOP_H
#define TOP_H

#include "ops.h"

/*
 * A group is what gets a row. Frames know their group; of stacks, each node is a group of its own.
 * `keys` interns what groups are told apart by, where the profile has no table for it.
 */
struct top {
    const struct pf_profile *p;
    struct pf_mem *mem;
    unsigned type;
    enum pf_kind kind;
    enum pf_by by;
    struct pf_profile *keys;
    pf_id *of_frame, *of_func;
    struct pf_row *row;
    bool *seen;    /* of groups: a sample or the pstats table names it */
    uint32_t n;    /* groups */
    int64_t *node; /* of stack nodes: their own value, later that of all below too */
    bool *used;    /* of stack nodes: a sample ends here or below */
    struct pf_err *err;
};

int pf_top_no_memory(struct top *t); /* fails, and says how much memory there was */

/* top_groups.c: sets of_frame, of_func, row, seen and n. */
int pf_top_groups(struct top *t);
pf_id pf_top_group_of_call(struct top *t, pf_id func); /* of a function of the pstats table */

#endif
