/* stacks.c - the stack tree: a stack is its caller's stack and a frame, each is there once. */
#include "profile.h"

#include <string.h>

/*
 * A stack's hash goes on from that of its parent's stack, not from the parent's id: so the places
 * of all stacks below a known one can be told, and asked of the memory, before the first of them is
 * found. The index keeps the whole hash in its slots, and grows without a look at the stacks.
 */
static uint32_t hash_below(const struct pf_mem *m, uint32_t parent_hash, pf_id frame)
{
    return (uint32_t)pf_mix(m, parent_hash, frame);
}

pf_id pf_stack_new(struct pf_profile *p, pf_id parent, pf_id frame)
{
    uint32_t n = p->stacks.n, cap = p->stacks.cap;

    if (p->err.code)
        return 0;
    if (!pf_grow(p->mem, &p->stacks.parent, n, &cap, sizeof(pf_id))
        || !pf_grow(p->mem, &p->stacks.frame, n, &p->stacks.cap, sizeof(pf_id)))
        return pf_no_memory(p);
    p->stacks.parent[n] = parent;
    p->stacks.frame[n] = frame;
    return p->stacks.n++;
}

/* The slot of a stack, or the free one where it belongs. Only where the hashes agree are the
 * columns looked at, so that nearly every look-up waits for memory once. */
static uint64_t *find_node(const struct pf_profile *p, pf_id parent, pf_id frame, uint32_t hash)
{
    const struct pf_nodes *x = &p->h->nodes;
    uint32_t i = hash & (x->cap - 1);

    for (; x->slot[i]; i = (i + 1) & (x->cap - 1)) {
        pf_id id = (pf_id)x->slot[i];
        if (x->slot[i] >> 32 == hash && p->stacks.parent[id] == parent
            && p->stacks.frame[id] == frame)
            break;
    }
    return &x->slot[i];
}

/* A table of `cap` slots with the stacks that the old one held. */
static bool rebuild_nodes(struct pf_profile *p, uint32_t cap)
{
    struct pf_nodes *x = &p->h->nodes;
    uint64_t *slot = cap ? pf_alloc_zero(p->mem, cap, sizeof *slot) : NULL;

    if (!slot)
        return false;
    for (uint32_t i = 0; i < x->cap; i++) {
        if (!x->slot[i])
            continue;
        uint32_t to = (uint32_t)(x->slot[i] >> 32) & (cap - 1);
        while (slot[to])
            to = (to + 1) & (cap - 1);
        slot[to] = x->slot[i];
    }
    pf_dealloc(p->mem, x->slot);
    x->slot = slot;
    x->cap = cap;
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

/* Room for one more stack in the index. */
static bool room_for_node(struct pf_profile *p)
{
    struct pf_nodes *x = &p->h->nodes;

    if (x->n >= x->cap - x->cap / 4 && !rebuild_nodes(p, x->cap ? 2 * x->cap : 64))
        return false;
    if (p->stacks.n < x->cap_hash)
        return true;
    bool first = !x->cap_hash;
    if (!pf_grow(p->mem, &x->hash, p->stacks.n, &x->cap_hash, sizeof *x->hash))
        return false;
    if (first)
        x->hash[0] = 0;
    return true;
}

/* The id of a stack; puts `id` in where there is none yet. 0: no memory. */
static pf_id intern_node(struct pf_profile *p, pf_id parent, pf_id frame, uint32_t hash, pf_id id)
{
    struct pf_nodes *x = &p->h->nodes;
    uint64_t *slot = find_node(p, parent, frame, hash);

    if (*slot)
        return (pf_id)*slot;
    if (id == p->stacks.n && !pf_stack_new(p, parent, frame))
        return 0;
    *slot = (uint64_t)hash << 32 | id;
    x->hash[id] = hash;
    x->n++;
    p->h->indexed = id;
    return id;
}

/* Puts the stacks that pf_stack_new added into the index, and sees to room for one more. */
static bool ready(struct pf_profile *p)
{
    struct pf_nodes *x = &p->h->nodes;

    if (p->h->indexed + 1 < p->stacks.n)
        pf_reserve_nodes(p, p->stacks.n);
    for (pf_id s = p->h->indexed + 1; s < p->stacks.n; s++) {
        if (!room_for_node(p))
            return false;
        pf_id parent = p->stacks.parent[s], frame = p->stacks.frame[s];
        x->hash[s] = hash_below(p->mem, x->hash[parent], frame);
        if (!intern_node(p, parent, frame, x->hash[s], s))
            return false;
        p->h->indexed = s;
    }
    return room_for_node(p);
}

pf_id pf_stack(struct pf_profile *p, pf_id parent, pf_id frame)
{
    if (p->err.code)
        return 0;
    if (!ready(p))
        return pf_no_memory(p);
    uint32_t hash = hash_below(p->mem, p->h->nodes.hash[parent], frame);
    return intern_node(p, parent, frame, hash, p->stacks.n);
}

/* ---- many stacks at once: memory is asked for the later ones while the first is found ---- */

PF_INLINE void ask_for_slot(const struct pf_nodes *x, uint32_t hash)
{
    PF_ASK(&x->slot[hash & (x->cap - 1)]);
}

/* For a stack whose slot has come: for its columns, if it is the one that is there. */
PF_INLINE void ask_for_columns(const struct pf_profile *p, uint32_t hash)
{
    const struct pf_nodes *x = &p->h->nodes;
    uint64_t slot = x->slot[hash & (x->cap - 1)];

    if (slot >> 32 != hash)
        return;
    PF_ASK(&p->stacks.parent[(pf_id)slot]);
    PF_ASK(&p->stacks.frame[(pf_id)slot]);
}

/* The stack that a slot with this hash holds, which nearly always is the one of these frames. */
static pf_id likely_stack(const struct pf_nodes *x, uint32_t hash)
{
    uint32_t i = hash & (x->cap - 1);

    while (x->slot[i] && x->slot[i] >> 32 != hash)
        i = (i + 1) & (x->cap - 1);
    return (pf_id)x->slot[i];
}

/* How many of the n stacks below one another are known, likely, and the id of the last of them.
 * Where one is, those above it are: so from the leaf on in growing steps, and then by halves. */
static uint32_t likely_known(const struct pf_nodes *x, const uint32_t *hash, uint32_t n, pf_id *id)
{
    uint32_t known = 0, missing = n + 1;
    pf_id found;

    for (uint32_t step = 1; missing > 1 && !known; step *= 2) {
        uint32_t next = n + 1 > step ? n + 1 - step : 1;
        if ((found = likely_stack(x, hash[next - 1])))
            known = next;
        else
            missing = next;
        if (found)
            *id = found;
    }
    while (missing - known > 1) {
        uint32_t next = known + (missing - known) / 2;
        if ((found = likely_stack(x, hash[next - 1]))) {
            known = next;
            *id = found;
        } else {
            missing = next;
        }
    }
    return known;
}

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

/* Whether stack `id` really is that of n frames below `parent`; at[] gets those on the way. */
static bool is_stack(const struct pf_profile *p, pf_id id, pf_id parent, const pf_id *frames,
                     uint32_t n, pf_id *at)
{
    for (; n > 0 && id && p->stacks.frame[id] == frames[n - 1]; n--) {
        at[n - 1] = id;
        id = parent_of(p, id);
    }
    return n == 0 && id == parent;
}

static void hash_path(const struct pf_mem *m, uint32_t above, const pf_id *frames, uint32_t n,
                      uint32_t *hash)
{
    for (uint32_t i = 0; i < n; i++)
        hash[i] = above = hash_below(m, above, frames[i]);
}

pf_id pf_stack_below(struct pf_profile *p, pf_id parent, const pf_id *frames, uint32_t n, pf_id *at)
{
    struct pf_nodes *x = &p->h->nodes;
    uint32_t *hash, known = 0;
    pf_id id = 0;

    if (!n || p->err.code)
        return p->err.code ? 0 : parent;
    if (!ready(p) || !pf_grow(p->mem, &x->path, n, &x->cap_path, sizeof *x->path))
        return pf_no_memory(p);
    hash = x->path;
    hash_path(p->mem, x->hash[parent], frames, n, hash);
    for (uint32_t step = 1; step <= n && step <= 8;
         step *= 2) /* what likely_known looks at first */
        ask_for_slot(x, hash[n - step]);
    known = likely_known(x, hash, n, &id);
    if (!is_stack(p, known ? id : parent, parent, frames, known, at))
        known = 0;
    for (uint32_t i = known; i < n; i++) {
        if (!room_for_node(p))
            return pf_no_memory(p);
        at[i] = intern_node(p, i ? at[i - 1] : parent, frames[i], hash[i], p->stacks.n);
        if (!at[i])
            return 0;
    }
    return at[n - 1];
}

bool pf_stack_all(struct pf_profile *p, const struct pf_profile *from, const pf_id *frame_as,
                  pf_id *to)
{
    enum { SLOTS = 32, COLUMNS = 16 }; /* how far ahead they are asked for */
    uint32_t n = from->stacks.n;
    const pf_id *parent = from->stacks.parent, *frame = from->stacks.frame;
    uint32_t *hash = pf_alloc(p->mem, (size_t)n * sizeof *hash);
    bool ok = hash && ready(p);

    if (ok)
        hash[0] = 0;
    for (uint32_t ahead = 1; ok && ahead < n + SLOTS; ahead++) {
        if (ahead < n) {
            hash[ahead] = hash_below(p->mem, hash[parent[ahead]], frame_as[frame[ahead]]);
            ask_for_slot(&p->h->nodes, hash[ahead]);
        }
        if (ahead > SLOTS - COLUMNS && ahead - (SLOTS - COLUMNS) < n)
            ask_for_columns(p, hash[ahead - (SLOTS - COLUMNS)]);
        if (ahead <= SLOTS)
            continue;
        pf_id s = ahead - SLOTS;
        ok = room_for_node(p);
        if (ok)
            to[s] = intern_node(p, to[parent[s]], frame_as[frame[s]], hash[s], p->stacks.n);
        ok = ok && to[s];
    }
    pf_dealloc(p->mem, hash);
    if (!ok)
        pf_no_memory(p);
    return ok;
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
