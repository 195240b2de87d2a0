/* mprof_calls.c - the calls of an mprof file: which stood in which, and what ran when. */
#include "mprof.h"
#include "profile.h"

#include <stdlib.h>

static int by_entry(const void *a, const void *b)
{
    const struct mprof_call *x = a, *y = b;

    if (x->run != y->run)
        return x->run < y->run ? -1 : 1;
    if (x->enter.time != y->enter.time)
        return x->enter.time < y->enter.time ? -1 : 1;
    if (x->level != y->level)
        return x->level < y->level ? -1 : 1;
    if (x->leave.time != y->leave.time)
        return x->leave.time > y->leave.time ? -1 : 1;
    return (x->at > y->at) - (x->at < y->at);
}

void mprof_sort_calls(struct mprof_call *call, uint32_t n)
{
    if (n)
        qsort(call, n, sizeof *call, by_entry);
}

/* ---- nesting ---- */

struct nesting {
    struct pf_profile *p;
    const struct mprof_call *call;
    struct mprof_changes *out;
    uint32_t *open; /* calls that hold one another */
    uint32_t n, cap, overlaps;
};

static bool holds(const struct mprof_call *outer, const struct mprof_call *inner)
{
    return outer->leave.time >= inner->leave.time
           && (outer->level < 0 || inner->level < 0 || outer->level < inner->level);
}

static pf_id top_stack(const struct nesting *x)
{
    return x->n ? x->call[x->open[x->n - 1]].stack : 0;
}

static bool change(struct nesting *x, int64_t time)
{
    struct mprof_changes *c = x->out;

    if (!pf_grow(x->p->mem, &c->at, c->n, &c->cap, sizeof *c->at)) {
        pf_no_memory(x->p);
        return false;
    }
    c->at[c->n++] = (struct mprof_change){time, top_stack(x)};
    return true;
}

/* Closes what cannot hold `next` (NULL: everything). */
static bool close_calls(struct nesting *x, const struct mprof_call *next)
{
    while (x->n) {
        const struct mprof_call *top = &x->call[x->open[x->n - 1]];
        if (next && holds(top, next) && top->leave.time >= next->enter.time)
            break;
        bool ended = !next || top->leave.time <= next->enter.time;
        x->overlaps += !ended;
        x->n--;
        if (ended && !change(x, top->leave.time))
            return false;
    }
    return true;
}

static bool open_call(struct nesting *x, const struct pf_profile *names, struct mprof_call *call)
{
    struct pf_str name = names->strs.at[call->name];
    pf_id func = pf_func(x->p, pf_str(x->p, name.s, name.len), 0, 0);

    call->stack = pf_stack(x->p, top_stack(x), pf_frame(x->p, func, 0));
    if (!pf_grow(x->p->mem, &x->open, x->n, &x->cap, sizeof *x->open)) {
        pf_no_memory(x->p);
        return false;
    }
    x->open[x->n++] = (uint32_t)(call - x->call);
    return change(x, call->enter.time);
}

uint32_t mprof_nest(struct pf_profile *p, const struct pf_profile *names, struct mprof_call *call,
                    uint32_t n, struct mprof_changes *out)
{
    struct nesting x = {.p = p, .call = call, .out = out};
    bool ok = true;

    out->n = 0;
    for (uint32_t i = 0; i < n && ok && !p->err.code; i++)
        ok = close_calls(&x, &call[i]) && open_call(&x, names, &call[i]);
    if (ok)
        close_calls(&x, NULL);
    pf_dealloc(p->mem, x.open);
    return x.overlaps;
}

static bool is_at(const struct mprof_changes *c, uint32_t i, int64_t time)
{
    return c->at[i].time <= time && (i + 1 == c->n || time < c->at[i + 1].time);
}

pf_id mprof_stack_at(const struct mprof_changes *c, int64_t time, uint32_t *hint)
{
    uint32_t low = *hint, high = c->n;

    if (!c->n || time < c->at[0].time)
        return 0;
    /* times mostly rise: the answer is where the last one was, or the next */
    if (low + 1 < c->n && !is_at(c, low, time))
        low++;
    if (low >= c->n || !is_at(c, low, time))
        for (low = 0; high - low > 1;) {
            uint32_t middle = low + (high - low) / 2;
            if (c->at[middle].time <= time)
                low = middle;
            else
                high = middle;
        }
    *hint = low;
    return c->at[low].stack;
}
