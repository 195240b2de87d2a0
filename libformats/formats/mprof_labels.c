/*
 * mprof_labels.c - the labels of calls in a run whose samples have many: their times rise, so that
 * a call's time is found among them by bisection, and what no sample has is known to be new. The
 * calls themselves are few; they are looked up in a profile of their own.
 */
#include "mprof.h"
#include "profile.h"

bool mprof_labels_open(struct mprof_labels *x, struct pf_profile *p, uint32_t calls)
{
    *x = (struct mprof_labels){.p = p, .points = p->samples.n};
    x->own = pf_new(p->mem);
    x->label = pf_alloc_zero(p->mem, 2 * (size_t)calls + 1, sizeof *x->label);
    x->set = pf_alloc_zero(p->mem, (size_t)calls + 1, sizeof *x->set);
    x->time = pf_strz(p, "time");
    x->duration = pf_strz(p, "duration");
    x->unit = pf_strz(p, "nanoseconds");
    if (!x->own || !x->label || !x->set) {
        pf_no_memory(p);
        return false;
    }
    x->own_key[0] = pf_strz(x->own, "time");
    x->own_key[1] = pf_strz(x->own, "duration");
    return !p->err.code;
}

void mprof_labels_close(struct mprof_labels *x)
{
    pf_free(x->own);
    pf_dealloc(x->p->mem, x->label);
    pf_dealloc(x->p->mem, x->set);
}

/* The label that tells the time of a sample. */
static pf_id time_of(const struct mprof_labels *x, uint32_t sample)
{
    const struct pf_profile *p = x->p;
    uint32_t i = p->sets.first[p->samples.labels[sample]];

    while (p->labels.at[p->sets.item[i]].key != x->time)
        i++;
    return p->sets.item[i];
}

/* 0: no sample was taken at that time. */
static pf_id find_time(const struct mprof_labels *x, int64_t time)
{
    const struct pf_label *labels = x->p->labels.at;
    uint32_t low = 0;

    for (uint32_t high = x->points; low < high;) {
        uint32_t middle = low + (high - low) / 2;
        if (labels[time_of(x, middle)].num < time)
            low = middle + 1;
        else
            high = middle;
    }
    if (low == x->points || labels[time_of(x, low)].num != time)
        return 0;
    return time_of(x, low);
}

/* The label of the profile for one of our own, which is made when it is first asked for. */
static pf_id label_for(struct mprof_labels *x, pf_id own, pf_id key, int64_t ns)
{
    pf_id *id = &x->label[own];

    if (!own)
        return 0;
    if (!*id && key == x->time)
        *id = find_time(x, ns);
    if (!*id)
        *id = pf_label_new(x->p, &(struct pf_label){key, 0, x->unit, PF_LABEL_NUM, ns});
    return *id;
}

pf_id mprof_call_labels(struct mprof_labels *x, int64_t time, int64_t duration)
{
    struct pf_label label[] = {{.key = x->own_key[0], .kind = PF_LABEL_NUM, .num = time},
                               {.key = x->own_key[1], .kind = PF_LABEL_NUM, .num = duration}};
    pf_id own[] = {pf_label(x->own, &label[0]), pf_label(x->own, &label[1])};
    pf_id a = label_for(x, own[0], x->time, time), b = label_for(x, own[1], x->duration, duration);
    pf_id set = pf_label_set(x->own, own, 2);

    if (x->own->err.code) {
        pf_no_memory(x->p);
        return 0;
    }
    if (!x->set[set])
        x->set[set] = pf_label_set_new(x->p, a < b ? (pf_id[]){a, b} : (pf_id[]){b, a}, 2);
    return x->set[set];
}
