/* merge.h - the two halves of a merge: samples, and raw pstats tables. */
#ifndef MERGE_H
#define MERGE_H

#include "profile.h"

struct pf_merging {
    struct pf_profile *into;
    const struct pf_profile *from;
    const struct pf_merge_how *how;
    struct pf_err *err;
    bool first;                                            /* nothing was merged into `into` yet */
    pf_id *str, *func, *frame, *map, *label, *set, *stack; /* id in from -> id in into */
    struct pf_path path;                                   /* scratch */
    uint32_t column[PF_MAX_TYPES];
};

/* Adds the raw table, or drops the one of `into` where the two do not go together. */
int pf_merge_calls(struct pf_merging *m);

#endif
