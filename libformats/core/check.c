/* check.c - every invariant of the model, told one by one. */
#include "profile.h"

#include <stdio.h>

enum { TELL_AT_MOST = 100 };

struct checking {
    const struct pf_profile *p;
    pf_tell *tell;
    void *ctx;
    int found;
};

PF_PRINTF(2, 3) static void violated(struct checking *c, const char *fmt, ...)
{
    char text[256];
    va_list ap;

    if (c->found++ >= TELL_AT_MOST || !c->tell)
        return;
    va_start(ap, fmt);
    vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    c->tell(c->ctx, text);
}

static void check_id(struct checking *c, const char *what, uint32_t row, pf_id id, uint32_t n)
{
    if (id >= n)
        violated(c, "%s %u: id %u is not below %u", what, row, id, n);
}

static void check_tables(struct checking *c)
{
    const struct pf_profile *p = c->p;

    for (uint32_t i = 1; i < p->funcs.n; i++) {
        check_id(c, "function name", i, p->funcs.at[i].name, p->strs.n);
        check_id(c, "function file", i, p->funcs.at[i].file, p->strs.n);
        check_id(c, "function system name", i, p->funcs.at[i].sysname, p->strs.n);
    }
    for (uint32_t i = 1; i < p->frames.n; i++) {
        check_id(c, "frame function", i, p->frames.at[i].func, p->funcs.n);
        check_id(c, "frame mapping", i, p->frames.at[i].mapping, p->maps.n);
    }
    for (uint32_t i = 1; i < p->maps.n; i++) {
        check_id(c, "mapping file", i, p->maps.at[i].file, p->strs.n);
        check_id(c, "mapping build id", i, p->maps.at[i].build_id, p->strs.n);
    }
    for (uint32_t i = 1; i < p->labels.n; i++) {
        check_id(c, "label key", i, p->labels.at[i].key, p->strs.n);
        check_id(c, "label text", i, p->labels.at[i].str, p->strs.n);
        check_id(c, "label unit", i, p->labels.at[i].unit, p->strs.n);
    }
    for (uint32_t i = 1; i < p->sets.n; i++)
        if (p->sets.first[i] > p->sets.first[i + 1])
            violated(c, "label set %u ends before it begins", i);
    for (uint32_t i = 0; i < p->lines.n; i++) {
        check_id(c, "source line file", i, p->lines.at[i].file, p->strs.n);
        check_id(c, "source line text", i, p->lines.at[i].text, p->strs.n);
    }
    for (uint32_t i = 0; i < p->sets.n_items; i++)
        check_id(c, "label set item", i, p->sets.item[i], p->labels.n);
}

static void check_stacks(struct checking *c)
{
    const struct pf_profile *p = c->p;

    for (uint32_t i = 1; i < p->stacks.n; i++) {
        if (p->stacks.parent[i] >= i)
            violated(c, "stack %u: parent %u does not come before it", i, p->stacks.parent[i]);
        check_id(c, "stack frame", i, p->stacks.frame[i], p->frames.n);
    }
    for (uint32_t i = 0; i < p->samples.n; i++) {
        check_id(c, "sample stack", i, p->samples.stack[i], p->stacks.n);
        check_id(c, "sample label set", i, p->samples.labels[i], p->sets.n);
    }
}

/* Flat totals must fit; so must the cumulative ones, which are at most the sum of all magnitudes.
 */
static void check_sums(struct checking *c)
{
    const struct pf_profile *p = c->p;

    for (uint32_t k = 0; k < p->types.n; k++) {
        int64_t sum = 0;
        if (p->types.at[k].kind == PF_PEAK || p->types.at[k].kind == PF_FIXED)
            continue;
        for (uint32_t i = 0; i < p->samples.n; i++) {
            if (pf_add64(sum, p->samples.value[k][i], &sum))
                continue;
            violated(c, "the total of '%.40s' does not fit 64 bits",
                     p->strs.at[p->types.at[k].name].s);
            break;
        }
    }
}

/* callers sum to callee: the samples of a function are made from its row and must still equal it */
static void check_calls(struct checking *c)
{
    const struct pf_profile *p = c->p;
    int column = pf_type_find(p, "calls");
    int64_t *nc = column < 0 || !p->calls.n ? NULL : pf_alloc_zero(p->mem, p->funcs.n, sizeof *nc);

    for (uint32_t i = 0; i < p->calls.n; i++) {
        check_id(c, "call row", i, p->calls.at[i].func, p->funcs.n);
        if (p->calls.at[i].edge > p->calls.at[i + 1].edge)
            violated(c, "call row %u: callers end before they begin", i);
    }
    for (uint32_t i = 0; i < p->calls.n_edges; i++)
        check_id(c, "caller", i, p->calls.edge[i].caller, p->funcs.n);
    if (!nc || c->found) {
        pf_dealloc(p->mem, nc);
        return;
    }
    for (uint32_t i = 0; i < p->samples.n; i++) {
        int64_t *to = &nc[p->frames.at[p->stacks.frame[p->samples.stack[i]]].func];
        (void)pf_add64(*to, p->samples.value[column][i], to);
    }
    for (uint32_t i = 0; i < p->calls.n; i++) {
        const struct pf_call *at = &p->calls.at[i];
        if (nc[at->func] != at->nc)
            violated(c, "function '%.100s': its samples count %lld calls, its row %lld",
                     p->strs.at[p->funcs.at[at->func].name].s, (long long)nc[at->func],
                     (long long)at->nc);
    }
    pf_dealloc(p->mem, nc);
}

int pf_check(const struct pf_profile *p, pf_tell *tell, void *ctx)
{
    struct checking c = {p, tell, ctx, 0};

    if (p->err.code)
        violated(&c, "%.200s", p->err.msg);
    check_tables(&c);
    check_stacks(&c);
    if (c.found) /* ids lead out of their tables: nothing more can be looked at */
        return c.found;
    check_sums(&c);
    check_calls(&c);
    if (c.found > TELL_AT_MOST && tell) {
        char text[64];
        snprintf(text, sizeof text, "… %d more", c.found - TELL_AT_MOST);
        tell(ctx, text);
    }
    return c.found;
}
