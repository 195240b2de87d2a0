/*
 * rename.c - which new row a gone one may have become.
 *
 * Of one file and as many calls, and at most twice as dear or as cheap; where calls are not known,
 * at most a quarter. It must be the only one of the kind on both sides: this is a hint, not a join.
 */
#include "diff.h"

#include <stdlib.h>

struct lone { /* a row of one side only */
    pf_id place;
    int64_t calls, cost;
    uint32_t row;
    enum pf_side side;
};

static int by_place_and_calls(const void *x, const void *y)
{
    const struct lone *a = x, *b = y;

    if (a->place != b->place)
        return a->place < b->place ? -1 : 1;
    if (a->calls != b->calls)
        return a->calls < b->calls ? -1 : 1;
    if (a->side != b->side)
        return a->side < b->side ? -1 : 1;
    return (a->row > b->row) - (a->row < b->row);
}

static bool alike(const struct lone *a, const struct lone *b, bool calls)
{
    double x = (double)a->cost, y = (double)b->cost, most = calls ? 2 : 1.25;

    return x >= 0 && y >= 0 && x <= most * y && y <= most * x;
}

/* The only one of `many` that is like x; NULL: none, or several. */
static const struct lone *only_like(const struct lone *x, const struct lone *many, uint32_t n,
                                    bool calls)
{
    const struct lone *found = NULL;

    for (uint32_t i = 0; i < n; i++) {
        if (!alike(x, &many[i], calls))
            continue;
        if (found)
            return NULL;
        found = &many[i];
    }
    return found;
}

enum { MOST_ALIKE = 64 }; /* of one file and as many calls: among more, nothing is likely */

static void suggest(struct pf_diff *d, const struct lone *gone, uint32_t n, const struct lone *new,
                    uint32_t m, bool calls)
{
    if (n > MOST_ALIKE || m > MOST_ALIKE)
        return;
    for (uint32_t i = 0; i < n; i++) {
        const struct lone *to = only_like(&gone[i], new, m, calls);
        if (!to || only_like(to, gone, n, calls) != &gone[i])
            continue;
        d->at[gone[i].row].rename = to->row + 1;
        d->at[to->row].rename = gone[i].row + 1;
    }
}

static void each_place(struct pf_diff *d, struct lone *lone, uint32_t n, bool calls)
{
    qsort(lone, n, sizeof *lone, by_place_and_calls);
    for (uint32_t i = 0, now, end; i < n; i = end) {
        for (now = i; now < n && lone[now].place == lone[i].place
                      && lone[now].calls == lone[i].calls && lone[now].side == PF_BASE;)
            now++;
        for (end = now;
             end < n && lone[end].place == lone[i].place && lone[end].calls == lone[i].calls;)
            end++;
        suggest(d, lone + i, now - i, lone + now, end - now, calls);
    }
}

int pf_diff_renames(struct pf_diff *d, const struct pf_pairing *pair, struct pf_err *err)
{
    struct pf_diff_hidden *h = d->h;
    bool calls = d->side[PF_BASE].has_calls && d->side[PF_NEW].has_calls;
    uint32_t n = 0;

    if (d->how.by != PF_BY_FUNCTION)
        return 0;
    struct lone *lone = pf_alloc(h->mem, ((size_t)d->n + 1) * sizeof *lone);
    if (!lone)
        return pf_diff_no_memory(d, err);
    for (uint32_t i = 0; i < d->n; i++) {
        const struct pf_diff_row *row = &d->at[i];
        enum pf_side side = row->status == PF_IN_BASE ? PF_BASE : PF_NEW;
        if (row->status == PF_IN_BOTH)
            continue;
        struct lone one = {.place = h->keys->funcs.at[pair[i].half[side]->join.group].file,
                           .calls = calls ? row->value[side].calls : 0,
                           .cost = pf_diff_compared(d, row, side),
                           .row = i,
                           .side = side};
        if (pf_str_at(d->names, d->names->funcs.at[row->func].file).len > 1 && one.cost > 0
            && (!calls || one.calls > 0))
            lone[n++] = one;
    }
    each_place(d, lone, n, calls);
    pf_dealloc(h->mem, lone);
    return 0;
}
