/*
 * folded_lines.c - a file of folded stacks, line by line: stacks, counts, comments, and what is to
 * be told of lines that are none of these.
 */
#include "folded.h"
#include "foreign.h"
#include "profile.h"
#include "text.h"

#include <stdio.h>
#include <string.h>

static const uint64_t one = 1000000000000000000; /* fractions are counted in 1e-18 */

enum { STACKS_IN = 12 }; /* one in so many lines has to be a stack */

enum { NEW, BASE }; /* counts of a differential file */

struct lines {
    struct folded r;
    struct folded_austin austin;
    enum folded_columns columns;
    uint64_t line;
    pf_id base;        /* the label of samples of the base */
    uint64_t carry[2]; /* fractions so far */
    uint64_t matched, plain, ignored, first_ignored, two_columns;
    uint64_t stacks; /* lines that are more than text with a number at its end */
    uint64_t cells;  /* that are less, and have a tab before it */
    int64_t total[FOLDED_VALUES];
    unsigned styles; /* 1 << enum folded_style */
    bool fractions;
};

/* ---- one line ---- */

/* Adds the fractions up and passes whole ones on, so that the sum of all counts is the exact sum,
 * rounded once. */
static bool carry_fraction(struct lines *l, int side, struct folded_count *c)
{
    if (!c->fraction)
        return true;
    l->fractions = true;
    l->carry[side] += c->fraction;
    if (l->carry[side] < one)
        return true;
    l->carry[side] -= one;
    return pf_add64(c->value[0], 1, &c->value[0]);
}

static int ignore(struct lines *l, const char *s, size_t len)
{
    if (folded_trim(s, len) && l->ignored++ == 0)
        l->first_ignored = l->line;
    return 0;
}

static int too_large(const struct lines *l, const char *s, const struct folded_count *c,
                     struct pf_err *err)
{
    return pf_fail_line(err, PF_EVALUE, l->line, "the count '%.*s' does not fit 63 bits",
                        (int)(c->digits < 50 ? c->digits : 50), s + c->at);
}

static int add(struct lines *l, pf_id stack, pf_id labels, const struct folded_count *c,
               struct pf_err *err)
{
    for (unsigned k = 0; k < c->n; k++)
        if (!pf_add64(l->total[k], c->value[k], &l->total[k]))
            return pf_fail_line(err, PF_EVALUE, l->line,
                                "the sum of all counts does not fit 63 bits");
    pf_sample_add(l->r.p, stack, labels, c->value);
    return 0;
}

/* Whether it is more than some text: a prefix, several frames (a semicolon in a text has a blank
 * behind it), a place in a file, or nothing, as where a count has a line of its own. */
static bool is_stack(const char *s, size_t len, const struct folded_prefix *x)
{
    struct folded_place at;

    if (x->style != FOLDED_PLAIN)
        return true;
    for (size_t i = 0; i + 1 < len; i++)
        if (s[i] == ';' && !pf_is_blank(s[i + 1]))
            return true;
    return folded_trim(s, len) == 0 || folded_place(x->style, s, len, &at);
}

static int add_plain(struct lines *l, const char *s, struct folded_count *c, struct pf_err *err)
{
    struct folded_prefix x;
    pf_id labels;

    if (!c->fits || !carry_fraction(l, NEW, c))
        return too_large(l, s, c, err);
    l->matched++;
    l->plain++;
    if (l->two_columns + 1 == l->matched)
        l->two_columns += folded_ends_in_count(s, c->stack);
    folded_prefix(s, c->stack, &x);
    l->styles |= 1U << x.style;
    if (l->r.p->h->guessed) { /* who asked for this reader need not wait for that */
        bool is = is_stack(s, c->stack, &x);
        l->stacks += is;
        l->cells += !is && c->at && s[c->at - 1] == '\t';
    }
    pf_id stack = folded_stack(&l->r, s, c->stack, &x, false, &labels);
    return add(l, stack, labels, c, err);
}

static int add_austin(struct lines *l, const char *s, const struct folded_prefix *x,
                      struct folded_count *c, struct pf_err *err)
{
    pf_id labels;

    if (!c->fits)
        return too_large(l, s, c, err);
    l->matched++;
    l->stacks++;
    l->styles |= 1U << x->style;
    pf_id stack = folded_stack(&l->r, s, c->stack, x, c->idle, &labels);
    return add(l, stack, labels, c, err);
}

static pf_id with_base_label(struct lines *l, pf_id labels)
{
    const struct pf_profile *p = l->r.p;
    pf_id set[16];
    uint32_t n = 0, from = p->sets.first[labels], to = p->sets.first[labels + 1];

    for (uint32_t i = from; i < to && n < 15; i++)
        set[n++] = p->sets.item[i];
    set[n++] = l->base;
    return pf_label_set(l->r.p, set, n);
}

/* `stack BASE NEW`, as difffolded.pl writes it; the base is negated and labelled as pprof's is. */
static int add_difference(struct lines *l, const char *s, size_t len, struct folded_count *c,
                          struct pf_err *err)
{
    struct folded_count base;
    struct folded_prefix x;
    pf_id labels;

    if (!folded_count(s, c->stack, &base) || !folded_ends_in_count(s, c->stack))
        return ignore(l, s, len);
    if (!c->fits || !carry_fraction(l, NEW, c))
        return too_large(l, s, c, err);
    if (!base.fits || !carry_fraction(l, BASE, &base))
        return too_large(l, s, &base, err);
    l->matched++;
    folded_prefix(s, base.stack, &x);
    pf_id stack = folded_stack(&l->r, s, base.stack, &x, false, &labels);
    base.value[0] = -base.value[0];
    if (l->r.p->err.code || add(l, stack, labels, c, err))
        return -1;
    return add(l, stack, with_base_label(l, labels), &base, err);
}

static int read_line(struct lines *l, const char *s, size_t len, struct pf_err *err)
{
    struct folded_prefix x;
    struct folded_count c;

    if (l->columns == FOLDED_TWO)
        return folded_count(s, len, &c) ? add_difference(l, s, len, &c, err) : ignore(l, s, len);
    if (!folded_austin_prefix(s, len, &x))
        return folded_count(s, len, &c) ? add_plain(l, s, &c, err) : ignore(l, s, len);
    if (!folded_metrics(s, len, x.len, x.style, &c)
        || !folded_take(&l->austin, l->r.p, x.style, &c))
        return ignore(l, s, len);
    return add_austin(l, s, &x, &c, err);
}

/* ---- all of them ---- */

/* Any text has lines that end in a number. One that is folded has them mostly, or (among much else,
 * as the output of dtrace has it) some that are surely stacks. What is no stack for sure and has a
 * tab before its number is a row of a table: nobody writes folded stacks so. */
static bool is_other_text(const struct lines *l)
{
    uint64_t lines = l->matched + l->ignored, folded = l->matched - l->cells;

    return l->r.p->h->guessed
           && (!folded || (folded < lines - folded && l->stacks * STACKS_IN < lines));
}

static int read_lines(struct lines *l, struct pf_source *in, struct pf_err *err)
{
    const struct pf_profile *p = l->r.p;
    size_t len;

    for (const char *s; !p->err.code && (s = pf_line(in, &len));) {
        l->line = pf_line_number(in);
        if (len >= 2 && s[0] == '#' && s[1] == ' ')
            folded_comment(&l->austin, l->r.p, s, len);
        else if (read_line(l, s, len, err) < 0)
            return -1;
    }
    if (p->err.code || pf_source_check(in, err) < 0)
        return -1;
    if (is_other_text(l))
        return pf_fail_offset(err, PF_EFORMAT, 0, "%s", NO_FORMAT);
    if (l->matched == 0)
        return pf_fail_line(err, PF_ESYNTAX, 1, "no line is \"%s\"",
                            l->columns == FOLDED_TWO ? "stack count count" : "stack count");
    if (l->matched == 1 && pf_source_utf16(in))
        return pf_fail_line(
            err, PF_ESYNTAX, 1,
            "one line of UTF-16 is too little to be sure that it is a folded profile");
    return folded_finish(&l->austin, l->r.p, l->plain != 0, err);
}

/* Those that can be told by how lines begin, in the order of their names. */
static void name_producers(const struct lines *l)
{
    struct pf_profile *p = l->r.p;
    const unsigned austin = 1U << FOLDED_AUSTIN1 | 1U << FOLDED_AUSTIN3;
    const struct {
        bool is;
        const char *name;
    } known[] = {
        {l->styles & 1U << FOLDED_TACHYON, "Tachyon"},
        {l->styles & austin || l->austin.version, "austin"},
        {l->styles & 1U << FOLDED_OURS, "profpipe"},
        {l->styles & 1U << FOLDED_PYSPY, "py-spy"},
    };
    char text[100] = "";
    size_t n = 0;

    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        if (!known[i].is)
            continue;
        n += (size_t)snprintf(text + n, sizeof text - n, "%s%s", n ? ", " : "", known[i].name);
        if (known[i].name[0] == 'a' && l->austin.version)
            n += (size_t)snprintf(text + n, sizeof text - n, " %.20s",
                                  pf_str_at(p, l->austin.version).s);
    }
    p->producer = pf_str(p, text, n);
}

static void tell(const struct lines *l)
{
    struct pf_profile *p = l->r.p;
    const char *what = l->columns == FOLDED_TWO ? "two counts" : "a count";

    if (l->ignored == 1)
        pf_note(p, "1 line without %s was ignored (line %llu)", what,
                (unsigned long long)l->first_ignored);
    else if (l->ignored)
        pf_note(p, "%llu lines without %s were ignored (first: line %llu)",
                (unsigned long long)l->ignored, what, (unsigned long long)l->first_ignored);
    if (l->r.odd_frames)
        pf_note(p, "frames without a file and line, taken as names: %llu",
                (unsigned long long)l->r.odd_frames);
    if (l->fractions)
        pf_note(p, "counts with fractions were rounded, so that their sum is kept");
    if (l->two_columns && l->two_columns == l->matched)
        pf_note(p, "every line has two counts, as in a differential file (difffolded.pl): the last "
                   "one was taken (--from foldeddiff takes both)");
    p->rounded |= l->fractions;
}

/* A binary file of austin begins like this. */
static int refuse_mojo(struct pf_source *in, struct pf_err *err)
{
    size_t have;
    const uint8_t *head = pf_peek(in, 3, &have);

    if (have < 3 || memcmp(head, "MOJ", 3) != 0)
        return 0;
    return pf_fail_offset(err, PF_EFORMAT, 0,
                          "a binary MOJO file of austin: convert it with mojo2austin first");
}

int folded_read_lines(struct pf_source *in, struct pf_profile *out, enum folded_columns columns,
                      struct pf_err *err)
{
    struct lines l = {
        .r = {.p = out, .mem = pf_source_mem(in)}, .columns = columns, .carry = {one / 2, one / 2}};

    out->stack_kind = PF_EXACT;
    pf_type_add(out, "samples", "count", PF_SUM);
    if (columns == FOLDED_TWO)
        l.base = pf_label(out, &(struct pf_label){.key = pf_strz(out, "pprof::base"),
                                                  .str = pf_strz(out, "true")});
    int rc = refuse_mojo(in, err);
    if (rc == 0) {
        pf_text(in);
        rc = read_lines(&l, in, err);
    }
    if (rc == 0) {
        name_producers(&l);
        tell(&l);
    }
    if (out->err.code) {
        pf_fail(err, out->err.code, "%s", out->err.msg);
        rc = -1;
    }
    folded_close(&l.r);
    return rc;
}
