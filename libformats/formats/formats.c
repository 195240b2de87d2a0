/* formats.c - the registry: made from formats.def, asked by name or by content. */
#include "foreign.h"
#include "io.h"
#include "profile.h"

#include <string.h>

/* Whoever is sure need not be compared with the rest; who only guesses, as one may of any text, has
 * to step back where an input is known to be something else. */
enum { PROBE_BYTES = 4096, SURE = 90, GUESS = 50 };

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

static const struct pf_format *probe(struct pf_source *in, bool *guessed, struct pf_err *err)
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
    *guessed = best_bid <= GUESS;
    const char *foreign = *guessed ? foreign_name(head, len) : NULL;
    if (foreign)
        best = NULL;
    if (!best)
        pf_fail_offset(err, PF_EFORMAT, 0, "%s", foreign ? foreign : NO_FORMAT);
    return best;
}

const struct pf_format *pf_format_probe(struct pf_source *in, struct pf_err *err)
{
    bool guessed;

    return probe(in, &guessed, err);
}

/* What follows a profile is no other one, but its packing must still be sound. */
static int drain(struct pf_source *in, struct pf_err *err)
{
    size_t have;

    while (pf_peek(in, 1, &have))
        pf_skip(in, have);
    return pf_source_check(in, err);
}

/* A peak is the largest of some amount: what is merged takes 0 for a stack that has none. */
static void check_peaks(const struct pf_profile *p, struct pf_err *err)
{
    for (uint32_t k = 0; k < p->types.n; k++)
        for (uint32_t i = 0; p->types.at[k].kind == PF_PEAK && i < p->samples.n; i++)
            if (p->samples.value[k][i] < 0) {
                pf_fail(err, PF_EVALUE, "a peak of '%.40s' is below 0: %lld",
                        pf_str_at(p, p->types.at[k].name).s, (long long)p->samples.value[k][i]);
                return;
            }
}

/* Gives the source the repeats to hand out later; the first error of any of them is the input's. */
static void keep_runs(struct pf_source *in, struct pf_profile *p, struct pf_err *err)
{
    for (uint32_t i = 0; i < p->h->n_runs; i++) {
        if (p->h->run[i]->err.code && !err->code)
            *err = p->h->run[i]->err;
        check_peaks(p->h->run[i], err);
    }
    pf_source_keep_runs(in, p->h->run, p->h->n_runs);
    p->h->run = NULL;
    p->h->n_runs = p->h->cap_runs = 0;
}

static struct pf_profile *read_profile(struct pf_source *in, const struct pf_format *fmt,
                                       bool guessed, struct pf_toward *toward, struct pf_err *err)
{
    struct pf_profile *p = pf_new(pf_source_mem(in));

    if (!p) {
        pf_fail(err, PF_ENOMEM, "out of memory");
        return NULL;
    }
    p->h->toward = toward;
    p->h->guessed = guessed;
    int status = fmt->read(in, p, err);
    if (status == 0 && !fmt->stream)
        status = drain(in, err);
    keep_runs(in, p, err);
    if (p->err.code && !err->code)
        *err = p->err;
    if (status == 0)
        check_peaks(p, err);
    if (status == 0 && !err->code)
        return p;
    pf_free(p);
    return NULL;
}

struct pf_profile *pf_load_toward(struct pf_source *in, const struct pf_format *fmt,
                                  struct pf_toward *toward, struct pf_err *err)
{
    struct pf_profile *run = pf_source_take_run(in);
    bool guessed = false;
    size_t have;

    if (run)
        return run;
    if (!pf_peek(in, 1, &have) && pf_source_check(in, err) == 0 && pf_bytes_read(in) > 0
        && !pf_next_frame(in)) {
        pf_source_check(in, err);
        return NULL; /* all frames are read */
    }
    if (pf_source_check(in, err) < 0 || (!fmt && !(fmt = probe(in, &guessed, err))))
        return NULL;
    if (!fmt->stream)
        pf_join_frames(in);
    return read_profile(in, fmt, guessed, toward, err);
}

struct pf_profile *pf_load(struct pf_source *in, const struct pf_format *fmt, struct pf_err *err)
{
    return pf_load_toward(in, fmt, NULL, err);
}
