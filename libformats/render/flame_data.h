/*
 * flame_data.h - the tree of a flame graph as the page's script reads it: numbers of 7 bits a byte,
 * least first, gzip over all.
 *
 *     rows, nodes
 *     for each row, by its text: bytes shared with the text before, bytes that follow, those bytes
 *     the colour of each row by module, then by package
 *     how many levels up from the node before each node's caller is (0 for the first node)
 *     the row of each node
 *     for each sample type the own value of each node; in a difference of the new side, then of the
 *         base, and where runs were tested, thousandths of each node's q, 1001 where there is none
 *     samples in the order of time: how many, the node of each, the value of each
 */
#ifndef FLAME_DATA_H
#define FLAME_DATA_H

#include "flame.h"

enum { PF_FLAME_NODES = 1 << 21 }; /* more are put together, the smallest first */

struct pf_flame_data {
    unsigned type[PF_MAX_TYPES]; /* columns of the profile that have a width */
    unsigned types, shown;       /* shown: which of them is shown first */
    uint32_t nodes, hidden;      /* hidden: nodes that were put together with others */
    double negative;             /* of the type shown first */
    bool in_time;
    struct pf_sure sure; /* of a difference, of the type shown first; without its q */
};

/* Writes the bytes to `out`, gzip not included. */
int pf_flame_data_put(const struct pf_profile *p, const struct pf_flame_how *how,
                      struct pf_flame_data *d, struct pf_sink *out, struct pf_err *err);

#endif
