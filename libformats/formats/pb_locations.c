/* pb_locations.c - which frames make a pprof location: one, or a chain of those inlined into it. */
#include "pb_write.h"

#include <stdlib.h>
#include <string.h>

/* A location is a frame that was not inlined, plus those that were inlined into it: chains[] links
 * each of these to the location of its parent. */
static bool number_locations(struct pb_writing *w)
{
    const struct pf_profile *p = w->p;
    uint32_t n = p->frames.n;

    w->loc = pf_alloc_zero(w->mem, p->stacks.n, sizeof *w->loc);
    if (!w->loc)
        return false;
    for (pf_id f = 1; f < n; f++)
        w->any_inlined |= p->frames.at[f].flags & PF_INLINED;
    for (pf_id s = 1; s < p->stacks.n; s++) {
        uint32_t frame = w->o.frames.rank[p->stacks.frame[s]];
        if (!pb_is_inlined(w, s)) {
            w->loc[s] = frame;
            continue;
        }
        uint32_t next = w->loc[p->stacks.parent[s]];
        struct pf_pair *slot = pf_pairs_find(w->mem, &w->chains, frame, next);
        uint32_t cap = w->cap_chains;
        if (!slot || !pf_grow(w->mem, &w->chain_frame, w->n_chains, &cap, sizeof(uint32_t))
            || !pf_grow(w->mem, &w->chain_next, w->n_chains, &w->cap_chains, sizeof(uint32_t)))
            return false;
        if (!slot->id) {
            w->chain_frame[w->n_chains] = frame;
            w->chain_next[w->n_chains] = next;
            *slot = (struct pf_pair){frame, next, n + w->n_chains++};
            w->chains.n++;
        }
        w->loc[s] = slot->id;
    }
    return true;
}

/* Chains got their numbers in the order of the stack table, which is not canonical. */
static int by_chain(const void *a, const void *b, void *arg)
{
    const struct pb_writing *w = arg;
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b, n = w->p->frames.n;

    while (x != y) {
        uint32_t fx = x >= n ? w->chain_frame[x - n] : x, fy = y >= n ? w->chain_frame[y - n] : y;
        if (fx != fy)
            return fx < fy ? -1 : 1;
        if (x < n || y < n)
            return x < n ? -1 : 1;
        x = w->chain_next[x - n];
        y = w->chain_next[y - n];
    }
    return 0;
}

static bool sort_chains(struct pb_writing *w)
{
    uint32_t n = w->p->frames.n, count = w->n_chains;
    uint32_t *sorted = pf_alloc(w->mem, (size_t)count * sizeof *sorted);
    uint32_t *place = pf_alloc(w->mem, (size_t)count * sizeof *place);
    uint32_t *frame = pf_alloc(w->mem, (size_t)count * sizeof *frame);
    uint32_t *next = pf_alloc(w->mem, (size_t)count * sizeof *next);
    bool ok = sorted && place && frame && next;

    if (ok) {
        for (uint32_t i = 0; i < count; i++)
            sorted[i] = n + i;
        qsort_r(sorted, count, sizeof *sorted, by_chain, w);
        for (uint32_t i = 0; i < count; i++)
            place[sorted[i] - n] = n + i;
        for (uint32_t i = 0; i < count; i++) {
            uint32_t rest = w->chain_next[sorted[i] - n];
            frame[i] = w->chain_frame[sorted[i] - n];
            next[i] = rest >= n ? place[rest - n] : rest;
        }
        for (pf_id s = 1; s < w->p->stacks.n; s++)
            if (w->loc[s] >= n)
                w->loc[s] = place[w->loc[s] - n];
        memcpy(w->chain_frame, frame, count * sizeof *frame);
        memcpy(w->chain_next, next, count * sizeof *next);
    }
    pf_dealloc(w->mem, sorted);
    pf_dealloc(w->mem, place);
    pf_dealloc(w->mem, frame);
    pf_dealloc(w->mem, next);
    return ok;
}

bool pb_find_locations(struct pb_writing *w)
{
    return number_locations(w) && (!w->n_chains || sort_chains(w));
}
