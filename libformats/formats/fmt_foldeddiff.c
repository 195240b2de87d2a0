/*
 * fmt_foldeddiff.c - folded stacks with two counts, `stack BASE NEW`, as difffolded.pl and
 * inferno-diff-folded write them: a signed profile. Nothing in such a file tells it from one whose
 * frames end in numbers, so it is read only on request.
 */
#include "folded.h"

static int foldeddiff_read(struct pf_source *in, struct pf_profile *out, struct pf_err *err)
{
    out->format = pf_strz(out, "foldeddiff");
    return folded_read_lines(in, out, FOLDED_TWO, err);
}

const struct pf_format pf_format_foldeddiff = {
    .name = "foldeddiff",
    .title = "folded stacks with a base and a new count (difffolded.pl), on request only",
    .suffix = ".folded",
    .packing = PF_PLAIN,
    .read = foldeddiff_read,
};
