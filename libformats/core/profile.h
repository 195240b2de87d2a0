/* profile.h - the hidden part of a profile, and how core code reports its failures. */
#ifndef PROFILE_H
#define PROFILE_H

#include "core.h"

struct pf_hidden {
    struct pf_arena arena; /* the bytes of the strings */
    struct pf_index strs, funcs, frames, maps, labels, sets;
    struct pf_pairs stacks, samples;
    struct pf_index wholes; /* stacks by all of their frames, for pf_stack_whole */
    bool may_be_loose;      /* asked for by pf_load_loose; a reader that can sets loose */
    bool loose;             /* strings, functions, frames and stacks are appended, not looked up */
    uint32_t merges; /* profiles that pf_merge added; over 1, lists have no order of their own */
};

pf_id pf_no_memory(struct pf_profile *p);                          /* 0, with p->err set */
int pf_overflow(struct pf_profile *p, pf_id stack, uint32_t type); /* -1, with p->err set */
/* pf_str with the hash known, as strs.at[].hash of a profile of the same pf_mem has it. */
pf_id pf_str_hashed(struct pf_profile *p, const char *s, uint32_t len, uint32_t hash);

/* Room for so many rows at once; what cannot be had now is asked for again row by row. */
void pf_reserve(struct pf_profile *p, uint32_t strs, uint32_t funcs, uint32_t frames,
                uint32_t samples);
void pf_reserve_stacks(struct pf_profile *p, uint32_t stacks);
/* The stack of these frames, leaf first: one look-up where it is known, one a frame where not. */
pf_id pf_stack_whole(struct pf_profile *p, const pf_id *frames, uint32_t n);

#endif
