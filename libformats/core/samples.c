/* samples.c - the stack tree, the sample types and the samples in columns. */
#include "profile.h"

#include <string.h>

/* ---- stacks ---- */

/* Both columns of a pair grow together: the second's capacity is the one that counts. */
static bool grow_two(struct pf_mem *m, void *a, void *b, uint32_t n, uint32_t *cap)
{
    uint32_t was = *cap;

    return pf_grow(m, a, n, &was, sizeof(pf_id)) && pf_grow(m, b, n, cap, sizeof(pf_id));
}

pf_id pf_stack(struct pf_profile *p, pf_id parent, pf_id frame)
{
    if (p->err.code)
        return 0;

    struct pf_pair *slot = pf_pairs_find(p->mem, &p->h->stacks, parent, frame);
    if (slot && slot->id)
        return slot->id;
    if (!slot
        || !grow_two(p->mem, &p->stacks.parent, &p->stacks.frame, p->stacks.n, &p->stacks.cap))
        return pf_no_memory(p);
    p->stacks.parent[p->stacks.n] = parent;
    p->stacks.frame[p->stacks.n] = frame;
    *slot = (struct pf_pair){parent, frame, p->stacks.n};
    p->h->stacks.n++;
    return p->stacks.n++;
}

/* ---- whole stacks: found by all their frames at once, leaf first ---- */

struct whole_key {
    const pf_id *frame;
    uint32_t n;
};

static bool whole_eq(const void *table, pf_id id, const void *key)
{
    const struct pf_profile *p = table;
    const struct whole_key *k = key;

    for (uint32_t i = 0; i < k->n; i++, id = p->stacks.parent[id])
        if (!id || p->stacks.frame[id] != k->frame[i])
            return false;
    return id == 0;
}

static uint64_t whole_at(const struct pf_mem *m, const void *table, pf_id id)
{
    const struct pf_profile *p = table;
    uint64_t hash = 0;

    for (; id; id = p->stacks.parent[id])
        hash = pf_mix(m, hash, p->stacks.frame[id]);
    return hash;
}

pf_id pf_stack_whole(struct pf_profile *p, const pf_id *frames, uint32_t n)
{
    struct whole_key key = {frames, n};
    uint64_t hash = 0;
    pf_id stack = 0;

    if (!n || p->err.code)
        return 0;
    for (uint32_t i = 0; i < n; i++)
        hash = pf_mix(p->mem, hash, frames[i]);
    pf_id *slot = pf_index_find(p->mem, &p->h->wholes, p, &key, hash, whole_eq, whole_at);
    if (!slot)
        return pf_no_memory(p);
    if (*slot)
        return *slot;
    for (uint32_t i = n; i > 0; i--)
        stack = pf_stack(p, stack, frames[i - 1]);
    if (stack) {
        *slot = stack;
        p->h->wholes.n++;
    }
    return stack;
}

bool pf_unwind(const struct pf_profile *p, pf_id stack, struct pf_path *path)
{
    path->n = 0;
    for (pf_id s = stack; s; s = p->stacks.parent[s]) {
        if (!pf_grow(p->mem, &path->frame, path->n, &path->cap, sizeof *path->frame))
            return false;
        path->frame[path->n++] = p->stacks.frame[s];
    }
    for (uint32_t i = 0, j = path->n; i + 1 < j; i++) {
        pf_id swap = path->frame[i];
        path->frame[i] = path->frame[--j];
        path->frame[j] = swap;
    }
    return true;
}

/* ---- types and samples ---- */

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
    return grow_two(p->mem, &p->samples.stack, &p->samples.labels, n, &p->samples.cap);
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

uint32_t pf_sample_add(struct pf_profile *p, pf_id stack, pf_id labels, const int64_t *values)
{
    if (p->err.code)
        return 0;

    struct pf_pair *slot = pf_pairs_find(p->mem, &p->h->samples, stack, labels);
    if (!slot)
        return pf_no_memory(p);
    if (!slot->id) {
        uint32_t at = pf_sample(p, stack, labels, values);
        if (p->err.code)
            return 0;
        *slot = (struct pf_pair){stack, labels, at + 1};
        p->h->samples.n++;
        return at;
    }
    uint32_t at = slot->id - 1;
    for (uint32_t k = 0; k < p->types.n; k++) {
        int64_t *to = &p->samples.value[k][at];
        if (p->types.at[k].kind == PF_PEAK)
            *to = *to > values[k] ? *to : values[k];
        else if (!pf_add64(*to, values[k], to))
            pf_overflow(p, stack, k);
    }
    return at;
}

int pf_overflow(struct pf_profile *p, pf_id stack, uint32_t type)
{
    struct pf_frame frame = p->frames.at[p->stacks.frame[stack]];

    return pf_fail(&p->err, PF_EVALUE, "the sum of '%.40s' at '%.100s' does not fit 64 bits",
                   p->strs.at[p->types.at[type].name].s,
                   p->strs.at[p->funcs.at[frame.func].name].s);
}
