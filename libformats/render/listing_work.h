/* listing_work.h - what listing.c and listing_values.c share while a listing is made. */
#ifndef LISTING_WORK_H
#define LISTING_WORK_H

#include "listing.h"

enum { PF_LIST_LINES = 1 << 20 };

/* Where the values of a line are: pairs of (part + 1, line) lead to a slot, from 1. */
struct listing_work {
    struct pf_listing *l;
    struct pf_pairs slots;
    uint32_t n_slots;
    uint32_t *stamp, cap_stamp; /* of slots: the sample that counted last */
};

int pf_listing_no_memory(struct pf_listing *l);

/* The part that a file and a function belong to, as a number from 1; 0: none. */
uint32_t pf_listing_part(struct pf_listing *l, struct pf_str file, struct pf_str func);

/* Adds the values of input `k`. */
int pf_listing_add(struct listing_work *w, uint32_t k);

#endif
