/*
 * flame_data.h - the tree of a flame graph as the page's script reads it: numbers of 7 bits a byte,
 * least first, gzip over all.
 *
 *     rows, nodes
 *     for each row, by its text: bytes shared with the text before, bytes that follow, those bytes
 *     the colour of each row by module, then by package
 *     how many levels up from the node before each node's caller is (0 for the first node)
 *     for each node but the first, the place of its row among the callees of its caller's row, from
 *         1 in the order in which they first come; 0: it comes first here
 *     the row of each node that comes first
 *     for each sample type the own value of each node; in a difference of the new side, then of the
 *         base, and where runs were tested, thousandths of each node's q, 1001 where there is none.
 *         Values are a unit, and 0 and multiples of it, or 1: the same multiples as those before
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

/* A node as it is written. */
struct pf_flame_cell {
    uint32_t row, depth;
};

/* ---- columns, flame_columns.c ---- */

void pf_flame_put_number(struct pf_sink *out, uint64_t value);
void pf_flame_put_levels(const struct pf_flame_cell *cell, uint32_t n, struct pf_sink *out);
/* false: no memory. */
bool pf_flame_put_calls(struct pf_mem *mem, const struct pf_flame_cell *cell, uint32_t n,
                        uint32_t rows, struct pf_sink *out);
/* None is under 0. Divides `value` by its unit; `before` are the multiples put last. */
void pf_flame_put_values(int64_t *value, int64_t *before, uint32_t n, struct pf_sink *out);

/* ---- all of it ---- */

/* Writes the bytes to `out`, gzip not included. */
int pf_flame_data_put(const struct pf_profile *p, const struct pf_flame_how *how,
                      struct pf_flame_data *d, struct pf_sink *out, struct pf_err *err);

#endif
