/* index.c - growing tables and the two hash indexes: of anything, and of pairs of ids. */
#include "core.h"

#include <string.h>

enum { FIRST_CAP = 16 };

bool pf_grow_more(struct pf_mem *m, void *table, uint32_t n, uint32_t *cap, size_t size)
{
    if (n >= UINT32_MAX / 2)
        return false;

    uint32_t want = *cap ? *cap * 2 : FIRST_CAP;
    while (want <= n)
        want *= 2;
    size_t bytes;
    void *old, *grown;

    memcpy(&old, table, sizeof old); /* `table` is the address of a pointer of any type */
    if (__builtin_mul_overflow((size_t)want, size, &bytes) || !(grown = pf_realloc(m, old, bytes)))
        return false;
    memcpy(table, &grown, sizeof grown);
    *cap = want;
    return true;
}

bool pf_index_enlarge(struct pf_mem *m, struct pf_index *x, const void *table,
                      pf_index_hash *rehash)
{
    uint32_t cap = x->cap ? x->cap * 2 : 2 * FIRST_CAP;
    pf_id *slot = cap ? pf_alloc_zero(m, cap, sizeof *slot) : NULL;

    if (!slot)
        return false;
    for (uint32_t i = 0; i < x->cap; i++) {
        if (!x->slot[i])
            continue;
        uint32_t to = (uint32_t)rehash(m, table, x->slot[i]) & (cap - 1);
        while (slot[to])
            to = (to + 1) & (cap - 1);
        slot[to] = x->slot[i];
    }
    pf_dealloc(m, x->slot);
    x->slot = slot;
    x->cap = cap;
    return true;
}

void pf_index_free(struct pf_mem *m, struct pf_index *x)
{
    pf_dealloc(m, x->slot);
    *x = (struct pf_index){0};
}

static bool pairs_enlarge(struct pf_mem *m, struct pf_pairs *x, uint32_t cap)
{
    struct pf_pair *slot = cap ? pf_alloc_zero(m, cap, sizeof *slot) : NULL;

    if (!slot)
        return false;
    for (uint32_t i = 0; i < x->cap; i++) {
        if (!x->slot[i].id)
            continue;
        uint32_t to = (uint32_t)pf_mix(m, x->slot[i].a, x->slot[i].b) & (cap - 1);
        while (slot[to].id)
            to = (to + 1) & (cap - 1);
        slot[to] = x->slot[i];
    }
    pf_dealloc(m, x->slot);
    x->slot = slot;
    x->cap = cap;
    return true;
}

struct pf_pair *pf_pairs_find(struct pf_mem *m, struct pf_pairs *x, pf_id a, pf_id b)
{
    if (x->n >= x->cap / 2 && !pairs_enlarge(m, x, x->cap ? x->cap * 2 : 4 * FIRST_CAP))
        return NULL;

    uint32_t i = (uint32_t)pf_mix(m, a, b) & (x->cap - 1);
    while (x->slot[i].id && (x->slot[i].a != a || x->slot[i].b != b))
        i = (i + 1) & (x->cap - 1);
    return &x->slot[i];
}

void pf_pairs_reserve(struct pf_mem *m, struct pf_pairs *x, uint32_t n)
{
    uint32_t cap = x->cap ? x->cap : 4 * FIRST_CAP;

    while (cap / 2 <= n && cap < UINT32_MAX / 4)
        cap *= 2;
    if (cap > x->cap)
        (void)pairs_enlarge(m, x, cap);
}

void pf_pairs_free(struct pf_mem *m, struct pf_pairs *x)
{
    pf_dealloc(m, x->slot);
    *x = (struct pf_pairs){0};
}
