/* fmt_pprof.c - google/pprof's profile.proto, gzip or plain, as its viewers like it best. */
#include "lost.h"
#include "pb.h"

#include <inttypes.h>

static void tell_lost(const struct pf_profile *p, const struct pf_write *w)
{
    uint32_t without = 0;

    if (p->calls.n)
        pf_lost(w, "pprof's format has no place for the raw table of %u functions", p->calls.n);
    for (uint32_t k = 0; k < p->types.n; k++)
        pf_lost_kind(w, p, k, "pprof's views");
    for (uint32_t i = 0; i < p->samples.n; i++)
        without += p->samples.stack[i] == 0;
    if (without)
        pf_lost(w, "%" PRIu32 " samples without a stack count in pprof's totals, but are not shown",
                without);
}

static int pprof_write(const struct pf_profile *p, struct pf_sink *out, const struct pf_write *w,
                       struct pf_err *err)
{
    tell_lost(p, w);
    return pb_write(p, out, true, err);
}

const struct pf_format pf_format_pprof = {
    .name = "pprof",
    .title = "pprof's profile.proto, for go tool pprof and everything that reads it",
    .suffix = ".pb.gz",
    .packing = PF_GZIP,
    .binary = true,
    .whole_stacks = true,
    .stream = true, /* on the way in: zstd frames are profiles; what is written holds one */
    .probe = pb_probe,
    .read = pb_read,
    .write = pprof_write,
};
