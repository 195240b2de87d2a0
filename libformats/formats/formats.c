/* formats.c - the registry: made from formats.def, asked by name or by content. */
#include "profile.h"

#include <string.h>

/* Whoever is sure need not be compared with the rest. */
enum { PROBE_BYTES = 4096, SURE = 90 };

#define PF_FORMAT(x) extern const struct pf_format pf_format_##x;
#include "formats.def"
#undef PF_FORMAT

const struct pf_format *const pf_formats[] = {
#define PF_FORMAT(x) &pf_format_##x,
#include "formats.def"
#undef PF_FORMAT
    NULL,
};

const struct pf_format *pf_format_named(const char *name)
{
    for (size_t i = 0; pf_formats[i]; i++)
        if (strcmp(pf_formats[i]->name, name) == 0)
            return pf_formats[i];
    return NULL;
}

const struct pf_format *pf_format_probe(struct pf_source *in, struct pf_err *err)
{
    const struct pf_format *best = NULL;
    size_t len;
    int best_bid = 0;
    const uint8_t *head = pf_peek(in, PROBE_BYTES, &len);

    if (len > PROBE_BYTES)
        len = PROBE_BYTES;

    if (pf_source_check(in, err) < 0)
        return NULL;
    if (!len) {
        pf_fail_offset(err, PF_EFORMAT, 0, "the input is empty");
        return NULL;
    }
    for (size_t i = 0; pf_formats[i] && best_bid < SURE; i++) {
        int bid = pf_formats[i]->probe ? pf_formats[i]->probe(head, len) : 0;
        if (bid > best_bid) {
            best = pf_formats[i];
            best_bid = bid;
        }
    }
    if (!best)
        pf_fail_offset(err, PF_EFORMAT, 0, "no known profile format (see --formats)");
    return best;
}

/* What follows a profile is no other one, but its packing must still be sound. */
static int drain(struct pf_source *in, struct pf_err *err)
{
    size_t have;

    while (pf_peek(in, 1, &have))
        pf_skip(in, have);
    return pf_source_check(in, err);
}

struct pf_profile *pf_load_toward(struct pf_source *in, const struct pf_format *fmt,
                                  struct pf_toward *toward, struct pf_err *err)
{
    size_t have;

    if (!pf_peek(in, 1, &have) && pf_source_check(in, err) == 0 && pf_bytes_read(in) > 0
        && !pf_next_frame(in)) {
        pf_source_check(in, err);
        return NULL; /* all frames are read */
    }
    if (pf_source_check(in, err) < 0 || (!fmt && !(fmt = pf_format_probe(in, err))))
        return NULL;
    if (!fmt->stream)
        pf_join_frames(in);

    struct pf_profile *p = pf_new(pf_source_mem(in));
    if (!p) {
        pf_fail(err, PF_ENOMEM, "out of memory");
        return NULL;
    }
    p->h->toward = toward;
    if (fmt->read(in, p, err) < 0 || p->err.code || (!fmt->stream && drain(in, err) < 0)) {
        if (!err->code)
            *err = p->err;
        pf_free(p);
        return NULL;
    }
    return p;
}

struct pf_profile *pf_load(struct pf_source *in, const struct pf_format *fmt, struct pf_err *err)
{
    return pf_load_toward(in, fmt, NULL, err);
}
