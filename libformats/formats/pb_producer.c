/* pb_producer.c - what a foreign pprof file tells of who wrote it: Go's runtime, mostly. */
#include "pb.h"

#include <string.h>

enum { GO_TYPES = 4 };

/* The sample types that runtime/pprof writes, one set for each of its profiles. */
static const char *const of_go[][GO_TYPES + 1] = {
    {"samples", "cpu"},       {"alloc_objects", "alloc_space", "inuse_objects", "inuse_space"},
    {"contentions", "delay"}, {"goroutine"},
    {"threadcreate"},
};

static bool has_types(const struct pf_profile *p, const char *const *names)
{
    uint32_t n = 0;

    for (; names[n]; n++)
        if (pf_type_find(p, names[n]) < 0)
            return false;
    return n == p->types.n;
}

static bool has_go_types(const struct pf_profile *p)
{
    for (size_t i = 0; i < sizeof of_go / sizeof *of_go; i++)
        if (has_types(p, of_go[i]))
            return true;
    return false;
}

static bool has_go_file(const struct pb_reading *r)
{
    for (uint32_t i = 0; i < r->count[PB_STRING_TABLE]; i++) {
        struct pb_slice s = r->slice[i];
        if (s.len > 3 && memcmp(r->buf + s.at + s.len - 3, ".go", 3) == 0)
            return true;
    }
    return false;
}

pf_id pb_producer(struct pb_reading *r)
{
    return has_go_types(r->p) && has_go_file(r) ? pf_strz(r->p, "Go runtime/pprof") : 0;
}
