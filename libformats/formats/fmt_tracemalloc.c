/* fmt_tracemalloc.c - what tracemalloc found to be allocated: Snapshot.dump's pickles, and text. */
#include "pickles.h"
#include "tracemalloc.h"

#include "text.h"

void pf_tracemalloc_begin(struct pf_profile *p)
{
    p->format = p->producer = pf_strz(p, "tracemalloc");
    p->stack_kind = PF_EXACT;
    pf_type_add(p, "space", "bytes", PF_GAUGE);
    pf_type_add(p, "objects", "count", PF_GAUGE);
}

static int tracemalloc_read(struct pf_source *in, struct pf_profile *out, struct pf_err *err)
{
    size_t len;
    const uint8_t *head = pf_peek(in, PF_HEAD, &len);

    if (pf_source_check(in, err))
        return -1;
    pf_tracemalloc_begin(out);
    bool pickle = len && (pf_pickle_begins(head, len) || pf_pickle_like(head, len));
    int failed = pickle ? pf_tracemalloc_pickle(in, out, err) : pf_tracemalloc_text(in, out, err);
    if (out->err.code) {
        pf_fail(err, out->err.code, "%s", out->err.msg);
        failed = -1;
    }
    return failed || pf_source_check(in, err) ? -1 : 0;
}

static int tracemalloc_probe(const uint8_t *head, size_t len)
{
    char buf[PF_HEAD];
    const char *text;

    if (pf_pickle_begins(head, len))
        return pf_pickle_names(head, len, "tracemalloc") ? 95 : 60; /* it can say what it is */
    len = pf_text_head(head, len, buf, &text);
    return pf_tracemalloc_text_probe(text, len);
}

const struct pf_format pf_format_tracemalloc = {
    .name = "tracemalloc",
    .title = "tracemalloc snapshots (Snapshot.dump) and statistics (text)",
    .suffix = ".snap",
    .binary = true,
    .packing = PF_PLAIN,
    .probe = tracemalloc_probe,
    .read = tracemalloc_read,
};
