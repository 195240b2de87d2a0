/* flamesvg.h - the parts of the flamesvg format: boxes as they are drawn, and the stacks that they
 * stand for. */
#ifndef FLAMESVG_H
#define FLAMESVG_H

#include "core.h"

/* A frame of the graph. Without fg:x and fg:w, x and w are pixels or percents times 10,000. */
struct flame_box {
    int64_t x, w, y; /* y: rows, the root's is the least after flame_order */
    int64_t count;
    int64_t left; /* of count, without those above */
    const char *name;
    uint32_t len;
    uint32_t below, above, n_above; /* boxes: its caller, the first callee */
    uint64_t at;                    /* offset in the input */
    size_t text_end;
};

struct flame {
    struct pf_profile *p;
    struct pf_mem *mem;
    struct pf_arena arena;
    struct flame_box *box;
    uint32_t n, cap;
    bool exact;         /* fg:x and fg:w */
    int64_t total;      /* total_samples; -1: not told */
    char counts[40];    /* what is counted: samples, bytes, ... */
    int64_t narrow;     /* what boxes too narrow to be drawn took */
    uint64_t ambiguous; /* boxes that could stand on several */
    bool by_time;       /* callees are not in the order of their names */
};

/* Finds out which box stands on which, and what each has of its own. */
int flame_link(struct flame *f, struct pf_err *err);
/* Makes samples of them. */
int flame_samples(struct flame *f, struct pf_err *err);

#endif
