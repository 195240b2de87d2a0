/* profile.c - the life of a profile, and its lists and raw pstats table. */
#include "profile.h"

#include <stdio.h>
#include <string.h>

/* ---- life ---- */

static bool first_rows(struct pf_profile *p)
{
    struct pf_mem *m = p->mem;
    bool ok = pf_grow(m, &p->strs.at, 0, &p->strs.cap, sizeof *p->strs.at)
              && pf_grow(m, &p->funcs.at, 0, &p->funcs.cap, sizeof *p->funcs.at)
              && pf_grow(m, &p->frames.at, 0, &p->frames.cap, sizeof *p->frames.at)
              && pf_grow(m, &p->maps.at, 0, &p->maps.cap, sizeof *p->maps.at)
              && pf_grow(m, &p->labels.at, 0, &p->labels.cap, sizeof *p->labels.at)
              && pf_grow(m, &p->sets.first, 1, &p->sets.cap, sizeof *p->sets.first);
    uint32_t cap = 0;

    ok = ok && pf_grow(m, &p->stacks.parent, 0, &cap, sizeof *p->stacks.parent)
         && pf_grow(m, &p->stacks.frame, 0, &p->stacks.cap, sizeof *p->stacks.frame);
    if (!ok)
        return false;
    p->strs.at[0] = (struct pf_str){.s = ""};
    p->funcs.at[0] = (struct pf_func){0};
    p->frames.at[0] = (struct pf_frame){0};
    p->maps.at[0] = (struct pf_mapping){0};
    p->labels.at[0] = (struct pf_label){0};
    p->sets.first[0] = p->sets.first[1] = 0;
    p->stacks.parent[0] = p->stacks.frame[0] = 0;
    p->strs.n = p->funcs.n = p->frames.n = p->maps.n = p->labels.n = p->sets.n = p->stacks.n = 1;
    return true;
}

struct pf_profile *pf_new(struct pf_mem *m)
{
    struct pf_profile *p = pf_alloc_zero(m, 1, sizeof *p);

    if (!p)
        return NULL;
    p->mem = m;
    p->runs = 1;
    p->h = pf_alloc_zero(m, 1, sizeof *p->h);
    if (!p->h || !first_rows(p)) {
        pf_free(p);
        return NULL;
    }
    return p;
}

void pf_free(struct pf_profile *p)
{
    if (!p)
        return;

    struct pf_mem *m = p->mem;
    void *blocks[] = {p->strs.at,      p->funcs.at,      p->frames.at,      p->maps.at,
                      p->labels.at,    p->sets.first,    p->sets.item,      p->stacks.parent,
                      p->stacks.frame, p->samples.stack, p->samples.labels, p->calls.at,
                      p->calls.edge,   p->calls.part,    p->comments.at,    p->notes.at,
                      p->extras.at,    p->lines.at};
    for (size_t i = 0; i < sizeof blocks / sizeof *blocks; i++)
        pf_dealloc(m, blocks[i]);
    for (uint32_t k = 0; k < PF_MAX_TYPES; k++)
        pf_dealloc(m, p->samples.value[k]);
    if (p->h) {
        for (uint32_t i = 0; i < p->h->n_runs; i++)
            pf_free(p->h->run[i]); /* these have no repeats of their own */
        pf_dealloc(m, p->h->run);
        pf_index_free(m, &p->h->strs);
        pf_index_free(m, &p->h->funcs);
        pf_index_free(m, &p->h->frames);
        pf_index_free(m, &p->h->maps);
        pf_index_free(m, &p->h->labels);
        pf_index_free(m, &p->h->sets);
        pf_dealloc(m, p->h->plain);
        pf_dealloc(m, p->h->nodes.slot);
        pf_dealloc(m, p->h->nodes.hash);
        pf_dealloc(m, p->h->nodes.path);
        pf_pairs_free(m, &p->h->samples);
        pf_arena_free(m, &p->h->arena);
    }
    pf_dealloc(m, p->h);
    pf_dealloc(m, p);
}

static void reserve(struct pf_mem *m, void *table, uint32_t n, uint32_t *cap, size_t size)
{
    void *old, *grown;

    memcpy(&old, table, sizeof old);
    if (n <= *cap || n >= UINT32_MAX / 2 || !(grown = pf_realloc(m, old, (size_t)n * size)))
        return;
    memcpy(table, &grown, sizeof grown);
    *cap = n;
}

void pf_reserve(struct pf_profile *p, uint32_t strs, uint32_t funcs, uint32_t frames,
                uint32_t samples)
{
    struct pf_mem *m = p->mem;
    uint32_t cap = p->samples.cap, all = UINT32_MAX;

    reserve(m, &p->strs.at, strs + 1, &p->strs.cap, sizeof *p->strs.at);
    reserve(m, &p->funcs.at, funcs + 1, &p->funcs.cap, sizeof *p->funcs.at);
    reserve(m, &p->frames.at, frames + 1, &p->frames.cap, sizeof *p->frames.at);
    /* the columns of the samples have one capacity: the least of what they got */
    for (uint32_t k = 0; k < p->types.n; k++, cap = p->samples.cap) {
        reserve(m, &p->samples.value[k], samples, &cap, sizeof(int64_t));
        all = cap < all ? cap : all;
    }
    cap = p->samples.cap;
    reserve(m, &p->samples.stack, samples, &cap, sizeof(pf_id));
    all = cap < all ? cap : all;
    cap = p->samples.cap;
    reserve(m, &p->samples.labels, samples, &cap, sizeof(pf_id));
    p->samples.cap = cap < all ? cap : all;
}

void pf_reserve_stacks(struct pf_profile *p, uint32_t stacks)
{
    uint32_t cap = p->stacks.cap;

    reserve(p->mem, &p->stacks.parent, stacks + 1, &cap, sizeof(pf_id));
    if (cap > stacks)
        reserve(p->mem, &p->stacks.frame, stacks + 1, &p->stacks.cap, sizeof(pf_id));
}

pf_id pf_no_memory(struct pf_profile *p)
{
    pf_fail(&p->err, PF_ENOMEM, "out of memory (%zu MiB in use; see --max-memory)",
            p->mem->used / PF_MIB);
    return 0;
}

/* ---- lists, notes, the pstats table ---- */

void pf_push(struct pf_profile *p, struct pf_ids *list, pf_id str)
{
    if (p->err.code)
        return;
    if (!pf_grow(p->mem, &list->at, list->n, &list->cap, sizeof *list->at))
        pf_no_memory(p);
    else
        list->at[list->n++] = str;
}

void pf_note(struct pf_profile *p, const char *fmt, ...)
{
    char text[256];
    va_list ap;

    va_start(ap, fmt);
    vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    pf_push(p, &p->notes, pf_strz(p, text));
}

void pf_note_count(struct pf_profile *p, uint64_t n, uint64_t first, const char *one,
                   const char *more)
{
    const char *what = n == 1 ? one : more;

    if (n && first)
        pf_note(p, "%llu %s (%sline %llu)", (unsigned long long)n, what,
                n == 1 ? "" : "first: ", (unsigned long long)first);
    else if (n)
        pf_note(p, "%llu %s", (unsigned long long)n, what);
}

void pf_source_line(struct pf_profile *p, pf_id file, int64_t line, pf_id text)
{
    if (p->err.code)
        return;
    if (!pf_grow(p->mem, &p->lines.at, p->lines.n, &p->lines.cap, sizeof *p->lines.at))
        pf_no_memory(p);
    else
        p->lines.at[p->lines.n++] = (struct pf_line){file, text, line};
}

struct pf_profile *pf_run(struct pf_profile *p, uint32_t i)
{
    struct pf_hidden *h = p->h;

    if (i == 0)
        return p;
    if (i > PF_MAX_RUNS) {
        pf_fail(&p->err, PF_ELIMIT, "more than %d repeats", (int)PF_MAX_RUNS);
        return NULL;
    }
    while (h->n_runs < i) {
        bool room = pf_grow(p->mem, &h->run, h->n_runs, &h->cap_runs, sizeof(uintptr_t));
        struct pf_profile *run = room ? pf_new(p->mem) : NULL;
        if (!run) {
            pf_no_memory(p);
            return NULL;
        }
        h->run[h->n_runs++] = run;
    }
    return h->run[i - 1];
}

struct pf_call *pf_call_add(struct pf_profile *p, pf_id func)
{
    struct pf_calls *c = &p->calls;

    if (p->err.code)
        return NULL;
    if (!pf_grow(p->mem, &c->at, c->n + 1, &c->cap, sizeof *c->at)) {
        pf_no_memory(p);
        return NULL;
    }
    c->at[c->n] = (struct pf_call){.func = func, .edge = c->n_edges};
    c->at[c->n + 1] = (struct pf_call){.edge = c->n_edges};
    return &c->at[c->n++];
}

struct pf_edge *pf_edge_add(struct pf_profile *p, pf_id caller)
{
    struct pf_calls *c = &p->calls;

    if (p->err.code)
        return NULL;
    if (!pf_grow(p->mem, &c->edge, c->n_edges, &c->cap_edges, sizeof *c->edge)) {
        pf_no_memory(p);
        return NULL;
    }
    c->edge[c->n_edges] = (struct pf_edge){.caller = caller};
    c->at[c->n].edge = c->n_edges + 1;
    return &c->edge[c->n_edges++];
}

uint32_t pf_call_edges(const struct pf_profile *p, uint32_t call)
{
    return p->calls.at[call + 1].edge - p->calls.at[call].edge;
}
