/* timed.c - samples with the time they were taken at. */
#include "timed.h"

#include "threads.h"

#include <string.h>

void timed_add_without(struct timed *t, pf_id stack, const pf_id *label, uint32_t n,
                       const int64_t *values)
{
    if (n != t->n_last || memcmp(t->last, label, n * sizeof *label) != 0) {
        pf_id set[TIMED_LABELS];
        memcpy(t->last, label, n * sizeof *label);
        memcpy(set, label, n * sizeof *label);
        t->n_last = n;
        t->set = pf_label_set(t->labels, set, n);
    }
    pf_sample_add(t->to, stack, t->set, values);
}

void timed_add(struct timed *t, pf_id stack, const pf_id *label, uint32_t n, int64_t time,
               const int64_t *values)
{
    pf_id set[TIMED_LABELS + 1];

    if (t->kept >= TIMED_SAMPLES) {
        t->summed++;
        timed_add_without(t, stack, label, n, values);
        return;
    }
    t->kept++;
    memcpy(set, label, n * sizeof *label);
    set[n] = label_number(t->labels, "time", time, "nanoseconds");
    pf_sample(t->to, stack, pf_label_set(t->labels, set, n + 1), values);
}

void timed_tell(const struct timed *t)
{
    if (t->summed)
        pf_note(
            t->labels,
            "the times of the first %u samples are kept; %llu later ones are summed up by stack",
            t->kept, (unsigned long long)t->summed);
}
