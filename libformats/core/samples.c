/* samples.c - the sample types and the samples in columns. */
#include "profile.h"

#include <string.h>

int pf_type_add(struct pf_profile *p, const char *name, const char *unit, enum pf_kind kind)
{
    uint32_t k = p->types.n;

    if (p->err.code)
        return -1;
    if (k >= PF_MAX_TYPES)
        return pf_fail(&p->err, PF_ELIMIT, "more than %d sample types", (int)PF_MAX_TYPES);
    if (p->samples.cap) {
        p->samples.value[k] = pf_alloc_zero(p->mem, p->samples.cap, sizeof(int64_t));
        if (!p->samples.value[k]) {
            pf_no_memory(p);
            return -1;
        }
    }
    p->types.at[k] = (struct pf_type){
        .name = pf_strz(p, name), .unit = pf_strz(p, unit), .kind = (uint32_t)kind};
    if (p->err.code)
        return -1;
    p->types.n++;
    return (int)k;
}

int pf_type_find(const struct pf_profile *p, const char *name)
{
    size_t len = strlen(name);
    uint32_t index = 0;

    for (uint32_t k = 0; k < p->types.n; k++) {
        struct pf_str at = p->strs.at[p->types.at[k].name];
        if (at.len == len && memcmp(at.s, name, len) == 0)
            return (int)k;
    }
    if (len == 0 || len > 2 || strspn(name, "0123456789") != len)
        return -1;
    for (; *name; name++)
        index = index * 10 + (uint32_t)(*name - '0');
    return index < p->types.n ? (int)index : -1;
}

static bool grow_samples(struct pf_profile *p)
{
    uint32_t n = p->samples.n, cap;

    if (n < p->samples.cap)
        return true;
    for (uint32_t k = 0; k < p->types.n; k++) {
        cap = p->samples.cap;
        if (!pf_grow(p->mem, &p->samples.value[k], n, &cap, sizeof(int64_t)))
            return false;
    }
    cap = p->samples.cap; /* the last to grow has the capacity that counts */
    return pf_grow(p->mem, &p->samples.stack, n, &cap, sizeof(pf_id))
           && pf_grow(p->mem, &p->samples.labels, n, &p->samples.cap, sizeof(pf_id));
}

uint32_t pf_sample(struct pf_profile *p, pf_id stack, pf_id labels, const int64_t *values)
{
    uint32_t n = p->samples.n;

    if (p->err.code)
        return 0;
    if (!grow_samples(p))
        return pf_no_memory(p);
    p->samples.stack[n] = stack;
    p->samples.labels[n] = labels;
    for (uint32_t k = 0; k < p->types.n; k++)
        p->samples.value[k][n] = values[k];
    return p->samples.n++;
}

/* Room for `stack` in the table of unlabelled samples, which has no entry for new stacks yet. */
static bool grow_plain(struct pf_profile *p, pf_id stack)
{
    uint32_t had = p->h->cap_plain;

    if (!pf_grow(p->mem, &p->h->plain, stack, &p->h->cap_plain, sizeof *p->h->plain))
        return false;
    memset(p->h->plain + had, 0, (p->h->cap_plain - had) * sizeof *p->h->plain);
    return true;
}

/* Where the index + 1 of the sample of this stack and these labels stands, 0 there for none yet. */
static uint32_t *place_of_sample(struct pf_profile *p, pf_id stack, pf_id labels)
{
    if (!labels) {
        bool room = stack < p->h->cap_plain || grow_plain(p, stack);
        return room ? &p->h->plain[stack] : NULL;
    }

    struct pf_pair *slot = pf_pairs_find(p->mem, &p->h->samples, stack, labels);
    if (slot && !slot->id) {
        slot->a = stack;
        slot->b = labels;
    }
    return slot ? &slot->id : NULL;
}

uint32_t pf_sample_add(struct pf_profile *p, pf_id stack, pf_id labels, const int64_t *values)
{
    if (p->err.code)
        return 0;

    uint32_t *place = place_of_sample(p, stack, labels);
    if (!place)
        return pf_no_memory(p);
    if (!*place) {
        uint32_t at = pf_sample(p, stack, labels, values);
        if (p->err.code)
            return 0;
        *place = at + 1;
        p->h->samples.n += labels != 0;
        return at;
    }
    uint32_t at = *place - 1;
    for (uint32_t k = 0; k < p->types.n; k++) {
        int64_t *to = &p->samples.value[k][at];
        if (p->types.at[k].kind == PF_PEAK)
            *to = *to > values[k] ? *to : values[k];
        else if (!pf_add64(*to, values[k], to))
            pf_overflow(p, stack, k);
    }
    return at;
}

/* Takes all samples out of the index. */
static void forget_samples(struct pf_hidden *h)
{
    h->samples.n = 0;
    if (h->samples.cap)
        memset(h->samples.slot, 0, h->samples.cap * sizeof *h->samples.slot);
    if (h->cap_plain)
        memset(h->plain, 0, h->cap_plain * sizeof *h->plain);
}

int pf_samples_unite(struct pf_profile *p)
{
    uint32_t n = p->samples.n;
    int64_t value[PF_MAX_TYPES] = {0};

    forget_samples(p->h);
    p->samples.n = 0;
    for (uint32_t i = 0; i < n && !p->err.code; i++) { /* to where it is, or further ahead */
        for (uint32_t k = 0; k < p->types.n; k++)
            value[k] = p->samples.value[k][i];
        pf_sample_add(p, p->samples.stack[i], p->samples.labels[i], value);
    }
    return p->err.code ? -1 : 0;
}

void pf_drop_samples(struct pf_profile *p)
{
    struct pf_hidden *h = p->h;

    p->samples.n = 0;
    p->stacks.n = 1;
    h->indexed = h->nodes.n = 0;
    if (h->nodes.cap)
        memset(h->nodes.slot, 0, h->nodes.cap * sizeof *h->nodes.slot);
    forget_samples(h);
}

int pf_overflow(struct pf_profile *p, pf_id stack, uint32_t type)
{
    struct pf_frame frame = p->frames.at[p->stacks.frame[stack]];

    return pf_fail(&p->err, PF_EVALUE, "the sum of '%.40s' at '%.100s' does not fit 64 bits",
                   p->strs.at[p->types.at[type].name].s,
                   p->strs.at[p->funcs.at[frame.func].name].s);
}
