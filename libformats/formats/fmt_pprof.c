/* fmt_pprof.c - google/pprof's profile.proto, gzip or plain, as its viewers like it best. */
#include "pb.h"

#include <stdio.h>

static int pprof_write(const struct pf_profile *p, struct pf_sink *out, const struct pf_write *w,
                       struct pf_err *err)
{
    char text[128];

    if (p->calls.n && w->lost) {
        snprintf(text, sizeof text, "pprof's format has no place for the raw table of %u functions",
                 p->calls.n);
        w->lost(w->ctx, text);
    }
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
