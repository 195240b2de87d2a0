/*
 * timed.h - samples of readers that know when each was taken: the numeric label `time`, in
 * nanoseconds, keeps them apart. That costs memory for each sample, so that only the first
 * TIMED_SAMPLES have it; later ones are summed up by stack and labels, which is told.
 */
#ifndef TIMED_H
#define TIMED_H

#include "formats.h"

enum { TIMED_SAMPLES = 1 << 18, TIMED_LABELS = 8 };

/* Zero-initialise, then set both: the profile that the samples go to, and the one whose labels and
 * sets they are given by (the same, unless the reader maps its stacks later). */
struct timed {
    struct pf_profile *to, *labels;
    pf_id set; /* of the labels that the last sample without a time had */
    pf_id last[TIMED_LABELS];
    uint32_t n_last;
    uint32_t kept;   /* samples with a time */
    uint64_t summed; /* samples that had one, and do not have it any more */
};

/* n: at most TIMED_LABELS labels. */
void timed_add(struct timed *t, pf_id stack, const pf_id *label, uint32_t n, int64_t time,
               const int64_t *values);
void timed_add_without(struct timed *t, pf_id stack, const pf_id *label, uint32_t n,
                       const int64_t *values);
void timed_tell(const struct timed *t); /* a note, if there is something to tell */

#endif
