/* profile.h - the hidden part of a profile, and how core code reports its failures. */
#ifndef PROFILE_H
#define PROFILE_H

#include "core.h"

/*
 * Reading for a merge. A reader that can calls join once it knows the types and all that is said of
 * the profile as a whole: join unites that with `into`, whose tables and samples the reader then
 * adds to directly; column[] tells where its types are there. A reader that cannot fills its
 * profile as ever.
 */
struct pf_toward {
    struct pf_profile *into;
    int (*join)(struct pf_toward *t, const struct pf_profile *head, struct pf_err *err);
    const struct pf_merge_how *how;
    uint32_t column[PF_MAX_TYPES];
    bool joined;
};

enum { PF_MAX_RUNS = 1 << 16 }; /* repeats in one input */

struct pf_hidden {
    struct pf_profile **run; /* the repeats 1 .. n_runs of the same input, at run[0] .. */
    uint32_t n_runs, cap_runs;
    struct pf_arena arena; /* the bytes of the strings */
    struct pf_index strs, funcs, frames, maps, labels, sets;
    struct pf_nodes {   /* the stacks by all of their frames */
        uint64_t *slot; /* the hash, then the id; 0: free */
        uint32_t n, cap;
        uint32_t *hash; /* of each stack that is in here */
        uint32_t *path; /* those of the stacks that are looked for together */
        uint32_t cap_hash, cap_path;
    } nodes;
    struct pf_pairs samples;
    uint32_t indexed; /* stacks 1 .. indexed are in `nodes` */
    uint32_t *plain;  /* stack -> its sample without labels, + 1: those need no hash */
    uint32_t cap_plain;
    struct pf_toward *toward; /* while reading for a merge: where samples may go at once */
    bool guessed;    /* while reading: no more than a guess says that the input is of this format */
    uint32_t merges; /* profiles that pf_merge added; over 1, lists have no order of their own */
};

pf_id pf_no_memory(struct pf_profile *p);                          /* 0, with p->err set */
int pf_overflow(struct pf_profile *p, pf_id stack, uint32_t type); /* -1, with p->err set */
/* A note of what was counted, in words for 1 and for more: "3 lines were ignored (first: line 7)".
 * Nothing for 0; first: 0 where no line is known. */
void pf_note_count(struct pf_profile *p, uint64_t n, uint64_t first, const char *one,
                   const char *more);
/* pf_str with the hash known, as strs.at[].hash of a profile of the same pf_mem has it. */
pf_id pf_str_hashed(struct pf_profile *p, const char *s, uint32_t len, uint32_t hash);

/* Room for so many rows at once; what cannot be had now is asked for again row by row. */
void pf_reserve(struct pf_profile *p, uint32_t strs, uint32_t funcs, uint32_t frames,
                uint32_t samples);
void pf_reserve_stacks(struct pf_profile *p, uint32_t stacks);
void pf_reserve_nodes(struct pf_profile *p, uint32_t stacks); /* and of their index */
/* pf_stack for a caller who knows that this stack is new: it is not looked up, and only put into
 * the index when somebody calls pf_stack. */
pf_id pf_stack_new(struct pf_profile *p, pf_id parent, pf_id frame);
/* The same for a label, and for the set of labels of which one is new; labels are sorted. */
pf_id pf_label_new(struct pf_profile *p, const struct pf_label *l);
pf_id pf_label_set_new(struct pf_profile *p, const pf_id *labels, uint32_t n);
/* The stack that goes on below `parent` with these n frames, root first; at[0] .. at[n - 1] get
 * those on the way, it last. One look-up where all of it is known, a few where most of it is. */
pf_id pf_stack_below(struct pf_profile *p, pf_id parent, const pf_id *frames, uint32_t n,
                     pf_id *at);
/* All stacks of `from`, whose frame f is frame_as[f] here, so that its stack s is to[s] (to[0] is
 * 0). false: p->err is set. */
bool pf_stack_all(struct pf_profile *p, const struct pf_profile *from, const pf_id *frame_as,
                  pf_id *to);

/* Samples of the same stack and labels, which a reader need not look for, become one. -1: p->err.
 */
int pf_samples_unite(struct pf_profile *p);
/* Takes out all samples and stacks; every other table stays. */
void pf_drop_samples(struct pf_profile *p);

/* pf_load for a merge (formats/formats.c). */
struct pf_profile *pf_load_toward(struct pf_source *in, const struct pf_format *fmt,
                                  struct pf_toward *toward, struct pf_err *err);

#endif
