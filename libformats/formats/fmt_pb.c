/* fmt_pb.c - the common format: profile.proto with our fields, a zstd frame for each profile. */
#include "pb.h"

#include <string.h>

/* format_major stands first in what we write: tag 1000, varint */
static int pb_format_probe(const uint8_t *head, size_t len)
{
    return len >= 3 && head[0] == 0xc0 && head[1] == 0x3e ? 100 : 0;
}

static int pb_format_write(const struct pf_profile *p, struct pf_sink *out,
                           const struct pf_write *w, struct pf_err *err)
{
    (void)w; /* nothing is lost here */
    return pb_write(p, out, false, err);
}

const struct pf_format pf_format_pb = {
    .name = "pb",
    .title = "the common format: pprof's profile.proto plus our fields, in zstd frames",
    .suffix = ".pb.zst",
    .packing = PF_ZSTD,
    .binary = true,
    .stream = true,
    .probe = pb_format_probe,
    .read = pb_read,
    .write = pb_format_write,
};
