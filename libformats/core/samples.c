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

pf_id pf_stack_new(struct pf_profile *p, pf_id parent, pf_id frame)
{
    if (p->err.code)
        return 0;
    if (!grow_two(p->mem, &p->stacks.parent, &p->stacks.frame, p->stacks.n, &p->stacks.cap))
        return pf_no_memory(p);
    p->stacks.parent[p->stacks.n] = parent;
    p->stacks.frame[p->stacks.n] = frame;
    return p->stacks.n++;
}

/* The slot of a stack, or the free one where it belongs. Only where the halves of the hashes agree
 * are the columns looked at, so that nearly every look-up waits for memory once. */
static uint64_t *find_node(const struct pf_profile *p, pf_id parent, pf_id frame, uint64_t hash)
{
    const struct pf_nodes *x = &p->h->nodes;
    uint32_t i = (uint32_t)hash & (x->cap - 1);

    for (; x->slot[i]; i = (i + 1) & (x->cap - 1)) {
        pf_id id = (pf_id)x->slot[i];
        if (x->slot[i] >> 32 == hash >> 32 && p->stacks.parent[id] == parent
            && p->stacks.frame[id] == frame)
            break;
    }
    return &x->slot[i];
}

/* A table of `cap` slots with the stacks that the old one held. */
static bool rebuild_nodes(struct pf_profile *p, uint32_t cap)
{
    struct pf_nodes *x = &p->h->nodes, old = *x;

    x->slot = cap ? pf_alloc_zero(p->mem, cap, sizeof *x->slot) : NULL;
    if (!x->slot) {
        *x = old;
        return false;
    }
    x->cap = cap;
    for (uint32_t i = 0; i < old.cap; i++) {
        pf_id id = (pf_id)old.slot[i];
        if (!id)
            continue;
        uint64_t hash = pf_mix(p->mem, p->stacks.parent[id], p->stacks.frame[id]);
        uint32_t to = (uint32_t)hash & (cap - 1);
        while (x->slot[to])
            to = (to + 1) & (cap - 1);
        x->slot[to] = (hash >> 32 << 32) | id;
    }
    pf_dealloc(p->mem, old.slot);
    return true;
}

void pf_reserve_nodes(struct pf_profile *p, uint32_t stacks)
{
    uint32_t cap = 64;

    while (cap - cap / 4 <= stacks && cap < UINT32_MAX / 4)
        cap *= 2;
    if (cap > p->h->nodes.cap)
        (void)rebuild_nodes(p, cap);
}

/* The id of a stack; puts `id` in where there is none yet. 0: no memory. */
static pf_id intern_node(struct pf_profile *p, pf_id parent, pf_id frame, pf_id id)
{
    struct pf_nodes *x = &p->h->nodes;

    if (x->n >= x->cap - x->cap / 4 && !rebuild_nodes(p, x->cap ? 2 * x->cap : 64))
        return pf_no_memory(p);

    uint64_t hash = pf_mix(p->mem, parent, frame);
    uint64_t *slot = find_node(p, parent, frame, hash);
    if (*slot)
        return (pf_id)*slot;
    if (id == p->stacks.n && !pf_stack_new(p, parent, frame))
        return 0;
    *slot = (hash >> 32 << 32) | id;
    x->n++;
    p->h->indexed = id;
    return id;
}

/* Puts the stacks that pf_stack_new added into the index. */
static bool catch_up(struct pf_profile *p)
{
    pf_reserve_nodes(p, p->stacks.n);
    for (pf_id s = p->h->indexed + 1; s < p->stacks.n; s++) {
        if (!intern_node(p, p->stacks.parent[s], p->stacks.frame[s], s))
            return false;
        p->h->indexed = s;
    }
    return true;
}

pf_id pf_stack(struct pf_profile *p, pf_id parent, pf_id frame)
{
    if (p->err.code)
        return 0;
    if (p->h->indexed + 1 < p->stacks.n && !catch_up(p))
        return 0;
    return intern_node(p, parent, frame, p->stacks.n);
}

/* ---- whole stacks: found by all their frames at once, leaf first ---- */

struct whole_key {
    const pf_id *frame;
    uint32_t n;
};

/* The parent of a stack. It is nearly always the one before it, as the frames of a new stack are
 * added one after the other: a guess that the branch predictor makes spares the wait for the
 * memory. */
static inline pf_id parent_of(const struct pf_profile *p, pf_id id)
{
    pf_id guess = id - 1, parent = p->stacks.parent[id];

    if (__builtin_expect(parent != guess, 0)) {
        guess = parent;
        __asm__("" : "+r"(guess)); /* else the compiler sees that this is parent anyway */
    }
    return guess;
}

static bool whole_eq(const void *table, pf_id id, const void *key)
{
    const struct pf_profile *p = table;
    const struct whole_key *k = key;

    for (uint32_t i = 0; i < k->n; i++, id = parent_of(p, id))
        if (!id || p->stacks.frame[id] != k->frame[i])
            return false;
    return id == 0;
}

/* Two chains, so that one multiplication need not wait for the other. */
struct whole_hash {
    uint64_t a, b;
};

static inline void hash_frame(const struct pf_mem *m, struct whole_hash *h, pf_id frame)
{
    uint64_t a = pf_mix(m, h->a, frame);

    h->a = h->b;
    h->b = a;
}

static uint64_t whole_at(const struct pf_mem *m, const void *table, pf_id id)
{
    const struct pf_profile *p = table;
    struct whole_hash h = {0, 0};

    for (; id; id = p->stacks.parent[id])
        hash_frame(m, &h, p->stacks.frame[id]);
    return pf_mix(m, h.a, h.b);
}

pf_id pf_stack_whole(struct pf_profile *p, const pf_id *frames, uint32_t n)
{
    struct whole_key key = {frames, n};
    struct whole_hash h = {0, 0};
    pf_id stack = 0;

    if (!n || p->err.code)
        return 0;
    for (uint32_t i = 0; i < n; i++)
        hash_frame(p->mem, &h, frames[i]);
    pf_id *slot =
        pf_index_find(p->mem, &p->h->wholes, p, &key, pf_mix(p->mem, h.a, h.b), whole_eq, whole_at);
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

void pf_drop_samples(struct pf_profile *p)
{
    struct pf_hidden *h = p->h;

    p->samples.n = 0;
    p->stacks.n = 1;
    h->indexed = h->nodes.n = h->samples.n = h->wholes.n = 0;
    if (h->nodes.cap)
        memset(h->nodes.slot, 0, h->nodes.cap * sizeof *h->nodes.slot);
    if (h->samples.cap)
        memset(h->samples.slot, 0, h->samples.cap * sizeof *h->samples.slot);
    if (h->wholes.cap)
        memset(h->wholes.slot, 0, h->wholes.cap * sizeof *h->wholes.slot);
    if (h->cap_plain)
        memset(h->plain, 0, h->cap_plain * sizeof *h->plain);
}

int pf_overflow(struct pf_profile *p, pf_id stack, uint32_t type)
{
    struct pf_frame frame = p->frames.at[p->stacks.frame[stack]];

    return pf_fail(&p->err, PF_EVALUE, "the sum of '%.40s' at '%.100s' does not fit 64 bits",
                   p->strs.at[p->types.at[type].name].s,
                   p->strs.at[p->funcs.at[frame.func].name].s);
}
