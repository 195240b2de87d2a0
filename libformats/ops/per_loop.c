/* per_loop.c - times of timeit and pyperf, which hold so many loops, as times of one loop. */
#include "ops.h"

#include <string.h>

__extension__ typedef __int128 wide;

static bool is_called(const struct pf_profile *p, int type, const char *unit)
{
    struct pf_str s = type < 0 ? (struct pf_str){0} : pf_str_at(p, p->types.at[type].unit);

    return s.len == strlen(unit) && memcmp(s.s, unit, s.len) == 0;
}

/* What all samples of a stack took so far, and all of their loops. */
struct stack_time {
    wide time, loops;
};

static wide divided(const struct stack_time *t)
{
    wide scaled = t->time * 1000;

    return t->time ? (scaled + (scaled < 0 ? -t->loops : t->loops) / 2) / t->loops : 0;
}

static bool add_loops(const struct pf_profile *p, unsigned type, const int64_t *loops,
                      struct stack_time *of)
{
    const int64_t *time = p->samples.value[type];

    for (uint32_t i = 0; i < p->samples.n; i++) {
        if (loops[i] < 0 || (time[i] && !loops[i]))
            return false;
        of[p->samples.stack[i]].loops += loops[i];
    }
    return true;
}

/* Samples of one stack that differ in their labels share its loops: each has its part of the time
 * of one, and rounding does not add up. */
static bool divide(const struct pf_profile *p, unsigned type, struct stack_time *of, int64_t *to)
{
    const int64_t *time = p->samples.value[type];

    for (uint32_t i = 0; i < p->samples.n; i++) {
        struct stack_time *t = &of[p->samples.stack[i]];
        wide before = divided(t);
        t->time += time[i];
        wide part = divided(t) - before;
        if (part > INT64_MAX || part < -INT64_MAX)
            return false;
        to[i] = (int64_t)part;
    }
    return true;
}

static int no_memory(const struct pf_profile *p, struct pf_err *err)
{
    return pf_fail(err, PF_ENOMEM, "out of memory (%zu MiB in use; see --max-memory)",
                   p->mem->used / PF_MIB);
}

int pf_per_loop(struct pf_profile *p, unsigned type, struct pf_err *err)
{
    int loops = pf_type_find(p, "loops");

    if (!is_called(p, loops, "count") || !is_called(p, (int)type, "nanoseconds"))
        return 0;
    pf_id unit = pf_strz(p, "picoseconds");
    struct stack_time *of = pf_alloc_zero(p->mem, p->stacks.n, sizeof *of);
    int64_t *to = pf_alloc(p->mem, ((size_t)p->samples.n + 1) * sizeof *to);
    bool memory = of && to && !p->err.code;
    bool done =
        memory && add_loops(p, type, p->samples.value[loops], of) && divide(p, type, of, to);
    if (done) {
        p->types.at[type].unit = unit;
        for (uint32_t i = 0; i < p->samples.n; i++)
            p->samples.value[type][i] = to[i];
    }
    pf_dealloc(p->mem, of);
    pf_dealloc(p->mem, to);
    return memory ? done : no_memory(p, err);
}
