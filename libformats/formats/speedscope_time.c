/* speedscope_time.c - samples that know when they were taken, in that order: speedscope's time
 * axis.
 */
#include "speedscope_write.h"

#include <stdlib.h>
#include <string.h>

struct moment {
    int64_t time;
    uint32_t at; /* in the canonical order, which decides between equal times */
    uint32_t sample;
};

static int by_time(const void *a, const void *b)
{
    const struct moment *x = a, *y = b;

    if (x->time != y->time)
        return x->time < y->time ? -1 : 1;
    return (x->at > y->at) - (x->at < y->at);
}

static bool is_time(const struct pf_profile *p, pf_id label)
{
    const struct pf_label *l = &p->labels.at[label];
    struct pf_str key = p->strs.at[l->key];

    return !l->str && key.len == 4 && memcmp(key.s, "time", 4) == 0;
}

/* The time in a set of labels, and how many others there are. */
static bool time_of(const struct pf_profile *p, pf_id set, int64_t *time, uint32_t *others)
{
    bool found = false;

    *others = 0;
    for (uint32_t i = p->sets.first[set]; i < p->sets.first[set + 1]; i++) {
        pf_id label = p->sets.item[i];
        if (!found && is_time(p, label)) {
            *time = p->labels.at[label].num;
            found = true;
        } else {
            ++*others;
        }
    }
    return found;
}

/* Two sets say the same but for the time: items of a set are in the order of their ids. */
static bool same_others(const struct pf_profile *p, pf_id a, pf_id b)
{
    uint32_t i = p->sets.first[a], j = p->sets.first[b];
    bool time_a = false, time_b = false;

    for (;;) {
        if (i < p->sets.first[a + 1] && !time_a && is_time(p, p->sets.item[i])) {
            time_a = true;
            i++;
        } else if (j < p->sets.first[b + 1] && !time_b && is_time(p, p->sets.item[j])) {
            time_b = true;
            j++;
        } else if (i == p->sets.first[a + 1] || j == p->sets.first[b + 1]) {
            return i == p->sets.first[a + 1] && j == p->sets.first[b + 1];
        } else if (p->sets.item[i++] != p->sets.item[j++]) {
            return false;
        }
    }
}

static bool know_it_all(const struct pf_profile *p, struct speedscope_times *t)
{
    bool all = p->samples.n > 0;

    for (uint32_t i = 0; i < p->samples.n; i++) {
        int64_t time;
        uint32_t others;
        pf_id set = p->samples.labels[i];
        bool timed = time_of(p, set, &time, &others);
        t->some |= timed;
        t->others |= others > 0;
        all = all && timed && same_others(p, set, p->samples.labels[0]);
    }
    return all;
}

bool speedscope_times(const struct pf_profile *p, unsigned type, uint32_t *samples,
                      struct speedscope_times *t)
{
    *t = (struct speedscope_times){0};
    if (!know_it_all(p, t) || p->types.at[type].kind != PF_SUM)
        return true;

    struct moment *m = pf_alloc(p->mem, p->samples.n * sizeof *m);
    if (!m)
        return false;
    for (uint32_t i = 0; i < p->samples.n; i++) {
        uint32_t others;
        m[i] = (struct moment){.at = i, .sample = samples[i]};
        (void)time_of(p, p->samples.labels[samples[i]], &m[i].time, &others);
    }
    qsort(m, p->samples.n, sizeof *m, by_time);
    for (uint32_t i = 0; i < p->samples.n; i++)
        samples[i] = m[i].sample;
    pf_dealloc(p->mem, m);
    t->ordered = true;
    return true;
}
