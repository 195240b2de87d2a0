/* stackify_heap.c - a heap that gives the smallest key first, and of equal keys the smallest tie.
 */
#include "stackify.h"

static bool before(const struct st_item *a, const struct st_item *b)
{
    return a->key != b->key ? a->key < b->key : a->tie < b->tie;
}

bool st_push(struct st_graph *g, struct st_heap *h, int64_t key, uint32_t id, uint32_t tie)
{
    if (!pf_grow(g->mem, &h->at, h->n, &h->cap, sizeof *h->at))
        return st_no_memory(g);
    struct st_item x = {key, id, tie};
    uint32_t at = h->n++;
    for (; at && before(&x, &h->at[(at - 1) / 2]); at = (at - 1) / 2)
        h->at[at] = h->at[(at - 1) / 2];
    h->at[at] = x;
    return true;
}

struct st_item st_pop(struct st_heap *h)
{
    struct st_item top = h->at[0], x = h->at[--h->n];
    uint32_t at = 0;

    for (uint32_t kid; (kid = 2 * at + 1) < h->n; at = kid) {
        kid += kid + 1 < h->n && before(&h->at[kid + 1], &h->at[kid]);
        if (!before(&h->at[kid], &x))
            break;
        h->at[at] = h->at[kid];
    }
    h->at[at] = x;
    return top;
}
