/* select_paths.c - samples with other stacks: frames hidden, cut off, collapsed, or too small. */
#include "select.h"

#include <math.h>
#include <string.h>

static const pf_id NOT_YET = 0xffffffff, DROPPED = 0xfffffffe;

/* ---- a sample with another stack ---- */

static bool same_function(const struct pf_profile *p, pf_id a, pf_id b)
{
    const struct pf_func *x = &p->funcs.at[p->frames.at[a].func];
    const struct pf_func *y = &p->funcs.at[p->frames.at[b].func];

    return x != p->funcs.at && y != p->funcs.at && x->name == y->name && x->file == y->file
           && x->line == y->line;
}

/* Calls are those of the leaf: whoever takes its place was not called that often. Time and memory
 * that the leaf had are its caller's, as pprof has it. */
static int move_sample(struct pf_selecting *s, uint32_t sample, pf_id stack)
{
    struct pf_profile *p = s->p;
    pf_id leaf = p->stacks.frame[p->samples.stack[sample]], now = p->stacks.frame[stack];

    p->samples.stack[sample] = stack;
    if (leaf == now || same_function(p, leaf, now))
        return 0;
    for (int k = 0; k < 2; k++) {
        int64_t *calls = s->calls[k] < 0 ? NULL : &p->samples.value[s->calls[k]][sample];
        if (calls && !pf_add64(s->told->calls_gone[k], *calls, &s->told->calls_gone[k]))
            return pf_fail(s->err, PF_EVALUE, "the sum of the calls does not fit 64 bits");
        if (calls)
            *calls = 0;
    }
    return 0;
}

/* ---- the stack of a path ---- */

struct paths {
    struct pf_profile *p;
    struct pf_path was;   /* frames of the stack at hand */
    pf_id *frame, *stack; /* of the path made last: samples in order share their callers */
    uint32_t n, cap_frame, cap_stack;
};

static pf_id stack_of(struct paths *x, const pf_id *frames, size_t n)
{
    uint32_t same = 0;
    pf_id at = 0;

    while (same < n && same < x->n && x->frame[same] == frames[same])
        at = x->stack[same++];
    x->n = same;
    for (size_t i = same; i < n; i++) {
        if (!pf_grow(x->p->mem, &x->frame, x->n, &x->cap_frame, sizeof *x->frame)
            || !pf_grow(x->p->mem, &x->stack, x->n, &x->cap_stack, sizeof *x->stack)) {
            pf_fail(&x->p->err, PF_ENOMEM, "out of memory (see --max-memory)");
            return 0;
        }
        at = pf_stack(x->p, at, frames[i]);
        x->frame[x->n] = frames[i];
        x->stack[x->n++] = at;
    }
    return at;
}

static pf_id rewritten(struct pf_selecting *s, struct paths *x, pf_rewrite *rewrite, pf_id stack)
{
    bool drop = false;

    if (!pf_unwind(s->p, stack, &x->was)) {
        pf_select_no_memory(s);
        return DROPPED;
    }
    size_t n = rewrite(s, x->was.frame, x->was.n, &drop);
    return drop ? DROPPED : stack_of(x, x->was.frame, n);
}

int pf_select_rewrite(struct pf_selecting *s, pf_rewrite *rewrite)
{
    struct pf_profile *p = s->p;
    struct paths x = {.p = p};
    uint32_t n = 0, stacks = p->stacks.n;
    pf_id *made = pf_alloc(p->mem, stacks * sizeof *made);

    if (!made)
        return pf_select_no_memory(s);
    memset(made, 0xff, stacks * sizeof *made); /* NOT_YET */
    for (uint32_t i = 0; i < s->n_keep && !p->err.code && !s->err->code; i++) {
        pf_id was = p->samples.stack[s->keep[i]];
        if (made[was] == NOT_YET)
            made[was] = rewritten(s, &x, rewrite, was);
        if (made[was] == DROPPED)
            continue;
        move_sample(s, s->keep[i], made[was]);
        s->keep[n++] = s->keep[i];
    }
    s->n_keep = n;
    pf_dealloc(p->mem, made);
    pf_dealloc(p->mem, x.frame);
    pf_dealloc(p->mem, x.stack);
    pf_dealloc(p->mem, x.was.frame);
    return s->err->code || p->err.code ? -1 : 0;
}

/* ---- hide, show, show_from, prune_from ---- */

/* A frame whose caller in the same location is gone is inlined into nothing. */
static pf_id alone(struct pf_profile *p, pf_id frame)
{
    struct pf_frame f = p->frames.at[frame];

    if (!(f.flags & PF_INLINED))
        return frame;
    f.flags &= ~(uint32_t)PF_INLINED;
    return pf_frame_full(p, &f);
}

size_t pf_select_hide_and_cut(struct pf_selecting *s, pf_id *frames, size_t n, bool *drop)
{
    size_t from = 0, end = n, made = 0, last = n;

    if (s->how->show_from.n) {
        while (from < n
               && (s->frame[frames[from]] & (PF_FRAME_FROM | PF_FRAME_GONE)) != PF_FRAME_FROM)
            from++;
        *drop = from == n;
    }
    for (size_t i = n; s->how->prune_from.n && i-- > from;)
        if ((s->frame[frames[i]] & (PF_FRAME_PRUNE | PF_FRAME_GONE)) == PF_FRAME_PRUNE) {
            end = i + 1;
            break;
        }
    for (size_t i = from; i < end; i++) {
        pf_id frame = frames[i];
        if (s->frame[frame] & PF_FRAME_GONE)
            continue;
        frames[made++] = last + 1 == i ? frame : alone(s->p, frame);
        last = i;
    }
    *drop |= n && !made;
    return made;
}

/* ---- collapse_recursion, depth ---- */

size_t pf_select_shape(struct pf_selecting *s, pf_id *frames, size_t n, bool *drop)
{
    size_t made = 0;

    (void)drop;
    for (size_t i = 0; i < n; i++) {
        bool repeats =
            s->how->collapse_recursion && made && same_function(s->p, frames[made - 1], frames[i]);
        if (repeats && (s->p->frames.at[frames[made - 1]].flags & PF_INLINED) == 0)
            frames[made - 1] = alone(s->p, frames[i]);
        else if (repeats)
            frames[made - 1] = frames[i];
        else
            frames[made++] = frames[i];
    }
    return s->how->depth && made > s->how->depth ? s->how->depth : made;
}

/* ---- min ---- */

/* Paths of functions: the lines of one caller are one path. */
struct small {
    uint32_t *node; /* of each stack */
    uint32_t n;
    int64_t *sum; /* of each node, with all that it calls */
    pf_id *end;   /* of each stack: where it ends then */
};

/* The nodes of all stacks; as callers stand before callees, so do their nodes. */
static int make_nodes(struct pf_selecting *s, struct small *x)
{
    const struct pf_profile *p = s->p;
    struct pf_pairs known = {0};
    int rc = 0;

    x->n = 1;
    for (pf_id i = 1; rc == 0 && i < p->stacks.n; i++) {
        pf_id frame = p->stacks.frame[i], func = p->frames.at[frame].func;
        pf_id own = func ? func : p->funcs.n + frame;
        struct pf_pair *at = pf_pairs_find(p->mem, &known, x->node[p->stacks.parent[i]], own);
        if (!at) {
            rc = pf_select_no_memory(s);
            break;
        }
        if (!at->id) {
            *at = (struct pf_pair){x->node[p->stacks.parent[i]], own, x->n++};
            known.n++;
        }
        x->node[i] = at->id;
    }
    pf_pairs_free(p->mem, &known);
    return rc;
}

/* sum and, of peaks, the larger */
static bool add(int64_t *sum, int64_t value, bool peak)
{
    if (!peak)
        return pf_add64(*sum, value, sum);
    *sum = value > *sum ? value : *sum;
    return true;
}

static int sum_nodes(struct pf_selecting *s, struct small *x)
{
    const struct pf_profile *p = s->p;
    const int64_t *value = p->samples.value[s->how->type];
    bool peak = p->types.at[s->how->type].kind == PF_PEAK, fits = true;
    pf_id *parent = pf_alloc_zero(p->mem, x->n, sizeof *parent);

    if (!parent)
        return pf_select_no_memory(s);
    for (pf_id i = 1; i < p->stacks.n; i++)
        parent[x->node[i]] = x->node[p->stacks.parent[i]];
    for (uint32_t i = 0; i < s->n_keep; i++)
        fits &= add(&x->sum[x->node[p->samples.stack[s->keep[i]]]], value[s->keep[i]], peak);
    for (uint32_t i = x->n; i-- > 1;)
        fits &= add(&x->sum[parent[i]], x->sum[i], peak);
    pf_dealloc(p->mem, parent);
    if (fits)
        return 0;
    return pf_fail(s->err, PF_EVALUE, "the sum of '%.40s' does not fit 64 bits",
                   pf_str_at(p, p->types.at[s->how->type].name).s);
}

static int end_paths(struct pf_selecting *s, const struct small *x)
{
    struct pf_profile *p = s->p;
    double least = s->how->min * fabs((double)x->sum[0]);
    uint32_t n = 0;

    for (pf_id i = 1; i < p->stacks.n; i++)
        x->end[i] = fabs((double)x->sum[x->node[i]]) >= least ? i : x->end[p->stacks.parent[i]];
    for (uint32_t i = 0; i < s->n_keep; i++) {
        pf_id stack = p->samples.stack[s->keep[i]];
        if (stack && !x->end[stack])
            continue;
        if (move_sample(s, s->keep[i], x->end[stack]))
            return -1;
        s->keep[n++] = s->keep[i];
    }
    s->n_keep = n;
    return 0;
}

int pf_select_prune_small(struct pf_selecting *s)
{
    struct pf_mem *m = s->p->mem;
    uint32_t n = s->p->stacks.n;
    struct small x = {.node = pf_alloc_zero(m, n, sizeof *x.node),
                      .sum = pf_alloc_zero(m, n, sizeof *x.sum),
                      .end = pf_alloc_zero(m, n, sizeof *x.end)};
    bool ok = x.node && x.sum && x.end;
    int rc = ok ? make_nodes(s, &x) : pf_select_no_memory(s);

    if (ok && rc == 0)
        rc = sum_nodes(s, &x);
    if (ok && rc == 0)
        rc = end_paths(s, &x);
    pf_dealloc(m, x.node);
    pf_dealloc(m, x.sum);
    pf_dealloc(m, x.end);
    return rc;
}
