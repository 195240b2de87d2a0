/* merge.h - the parts of a merge: ids, samples, raw pstats tables, and the head. */
#ifndef MERGE_H
#define MERGE_H

#include "profile.h"

#include <string.h>

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

/* The samples that are merged: all, or how->only. */
static inline uint32_t pf_merge_samples(const struct pf_merging *m)
{
    return m->how->only ? m->how->n_only : m->from->samples.n;
}

static inline uint32_t pf_merge_sample(const struct pf_merging *m, uint32_t i)
{
    return m->how->only ? m->how->only[i] : i;
}

static inline int pf_merge_cmp_text(struct pf_str a, struct pf_str b)
{
    int c = memcmp(a.s, b.s, a.len < b.len ? a.len : b.len);
    return c ? c : (a.len > b.len) - (a.len < b.len);
}

static inline int pf_merge_no_memory(struct pf_merging *m)
{
    return pf_fail(m->err, PF_ENOMEM, "out of memory (%zu MiB in use; see --max-memory)",
                   m->into->mem->used / PF_MIB);
}

/* merge_ids.c: maps what the samples reach, and the rest as well unless how->only. false: no
 * memory. pf_merge_unmap is due afterwards in any case. */
bool pf_merge_map(struct pf_merging *m);
void pf_merge_unmap(struct pf_merging *m);
pf_id pf_merge_str(struct pf_merging *m, pf_id id);

/* Adds the raw table, or drops the one of `into` where the two do not go together. */
int pf_merge_calls(struct pf_merging *m);

int pf_merge_head(struct pf_merging *m);

/* The producers that one of two texts names, ", " between them: a text again. */
pf_id pf_producers(struct pf_profile *p, pf_id a, pf_id b);

#endif
