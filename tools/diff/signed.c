/* signed.c - the difference of two sides as a profile, for profdiff --pb. */
#include "signed.h"

/* Of peaks and such the largest of each side are compared, not what a sum of samples can say. */
static void tell_no_sums(const struct pf_profile *p, const char *compared)
{
    int type = pf_type_find(p, compared);

    for (uint32_t k = 0; k < p->types.n; k++) {
        bool adds_up = p->types.at[k].kind == PF_SUM || p->types.at[k].kind == PF_GAUGE;
        const char *name = pf_str_at(p, p->types.at[k].name).s;
        if (!adds_up && (int)k == type)
            die("values of '%.100s' do not add up, so that there is no signed difference (leave "
                "out --pb, or name another with --sample)",
                name);
        if (!adds_up)
            warn("'%.100s' is left out: its values do not add up", name);
    }
}

static unsigned common_divisor(unsigned a, unsigned b)
{
    while (b) {
        unsigned rest = a % b;
        a = b;
        b = rest;
    }
    return a;
}

/* Means would be rounded, and noise is told from change run by run: each side becomes the sum of as
 * many runs as the other's. */
static void even_out(struct pf_profile *sum[2], const unsigned runs[2])
{
    static const char *const names[] = {"the base", "the new side"};
    unsigned both = common_divisor(runs[PF_BASE], runs[PF_NEW]);
    struct pf_err err = {0};

    for (int side = PF_BASE; side <= PF_NEW; side++) {
        tool_end_runs(sum[side], runs[side], names[side]);
        if (pf_multiply_runs(sum[side], runs[!side] / both, &err))
            die_err(names[side], &err);
    }
    if (runs[PF_BASE] != runs[PF_NEW])
        warn("values are sums of %u runs a side: %u x %u of the base, %u x %u new",
             runs[PF_BASE] / both * runs[PF_NEW], runs[PF_BASE], runs[PF_NEW] / both, runs[PF_NEW],
             runs[PF_BASE] / both);
    else if (runs[PF_NEW] > 1)
        warn("values are sums of %u runs a side", runs[PF_NEW]);
}

struct pf_sink *put_signed(struct pf_profile *sum[2], const unsigned runs[2], const char *type,
                           const struct pf_maps *maps)
{
    const struct pf_format *pb = pf_format_named("pb");
    struct pf_err err = {0};

    tell_no_sums(sum[PF_NEW], type);
    if (sum[PF_BASE]->calls.n || sum[PF_NEW]->calls.n)
        note("the raw pstats table is dropped: it knows nothing of signs");
    even_out(sum, runs);
    struct pf_profile *p = pf_diff_profile(sum[PF_BASE], sum[PF_NEW], maps, &err);
    if (!p)
        die("%s", err.msg);
    struct pf_sink *out = tool_output(pb->packing, pb->binary);
    tool_write(out, p, pb, -1);
    pf_free(p);
    return out;
}
