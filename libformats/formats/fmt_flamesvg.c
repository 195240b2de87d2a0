/*
 * fmt_flamesvg.c - flame graphs as SVG: what py-spy record writes, inferno and flamegraph.pl.
 *
 *     <svg total_samples="9"> <g><title>f (a.py:3) (9 samples, 100.00%)</title>
 *                                <rect y="36" fg:x="0" fg:w="9" .../> ...</g> ... </svg>
 *
 * Each frame is a box with a title. Newer ones tell their place in samples, older ones in percents
 * or pixels, and then the title alone has the exact count.
 */
#include "flamesvg.h"
#include "text.h"
#include "xml.h"

#include <stdio.h>
#include <string.h>

enum {
    PIXEL_DIGITS = 4,
    ROW_DIGITS = 3,
    MAX_TITLE = PF_MIB,
    SURE = 90,
    PERHAPS = 40,
};

static const int64_t most = INT64_MAX / 4; /* sums of two do not overflow */

struct reading {
    struct flame f;
    struct pf_xml x;
    struct pf_err *err;
    char *title;
    uint32_t title_len, title_cap;
    uint64_t title_at;
    bool in_title, has_title, in_heading;
    uint64_t elements;
};

/* ---- titles ---- */

struct title {
    size_t name; /* length */
    int64_t count;
    size_t unit, unit_len;
};

/* `1,234 samples`, up to a comma; false: it is something else. */
static bool take_count(const char *s, size_t len, size_t i, struct title *t)
{
    size_t from = i;

    t->count = 0;
    for (; i < len && (pf_is_digit(s[i]) || s[i] == ','); i++)
        if (s[i] != ',') {
            if (t->count > most / 10)
                return false;
            t->count = t->count * 10 + (s[i] - '0');
        }
    if (i == from || i == len || s[i] != ' ')
        return false;
    t->unit = i + 1;
    const char *comma = memrchr(s + t->unit, ',', len - t->unit);
    t->unit_len = comma ? (size_t)(comma - s) - t->unit : 0;
    return comma != NULL;
}

/* `NAME (1,234 samples, 5.67%)`, or `...; +0.12%)` in a differential graph. */
static bool split_title(const char *s, size_t len, struct title *t)
{
    if (len < 4 || s[len - 1] != ')' || s[len - 2] != '%')
        return false;
    for (size_t i = len - 2; i > 0; i--) {
        if (s[i] != '(' || s[i - 1] != ' ' || !pf_is_digit(s[i + 1]))
            continue;
        t->name = i - 1;
        return take_count(s, len, i + 1, t);
    }
    return false;
}

static bool grow_title(struct reading *r, size_t more)
{
    size_t want = r->title_len + more;

    if (want > MAX_TITLE) {
        pf_fail_offset(r->err, PF_ELIMIT, r->title_at, "a title is longer than 1 MiB");
        return false;
    }
    if (want <= r->title_cap)
        return true;
    char *grown = pf_realloc(r->f.mem, r->title, 2 * want);
    if (!grown) {
        pf_fail(r->err, PF_ENOMEM, "out of memory (see --max-memory)");
        return false;
    }
    r->title = grown;
    r->title_cap = (uint32_t)(2 * want);
    return true;
}

static bool add_to_title(struct reading *r, const struct pf_xml_token *t)
{
    if (!grow_title(r, t->len))
        return false;
    memcpy(r->title + r->title_len, t->s, t->len);
    r->title_len += (uint32_t)t->len;
    return true;
}

static bool end_title(struct reading *r)
{
    size_t len = r->title_len ? pf_xml_decode(r->title, r->title_len) : 0;

    if (len == SIZE_MAX) {
        pf_fail_offset(r->err, PF_ESYNTAX, r->title_at, "a title has an unknown entity");
        return false;
    }
    r->title_len = (uint32_t)len;
    r->in_title = false;
    r->has_title = true;
    return true;
}

/* ---- boxes ---- */

/* An attribute as a number times 10^scale; -1: there is none, or no such number. */
static int64_t number(const struct pf_xml_token *t, const char *name, int scale)
{
    struct pf_decimal d;
    const char *s;
    size_t len;

    if (!pf_xml_attr(t, name, &s, &len))
        return -1;
    size_t n = pf_decimal(s, len, scale, &d);
    if (!n || (n < len && s[n] != '%') || !d.fits || d.value < 0 || d.value > most)
        return -1;
    return d.value;
}

static bool bad_box(struct reading *r, const struct pf_xml_token *t, const char *what)
{
    pf_fail_offset(r->err, PF_ESYNTAX, t->at, "a frame without %s", what);
    return false;
}

static bool place_box(struct reading *r, const struct pf_xml_token *t, struct flame_box *b)
{
    const char *s;
    size_t len;
    bool exact = pf_xml_attr(t, "fg:w", &s, &len);

    if (r->f.n == 0)
        r->f.exact = exact;
    if (exact != r->f.exact)
        return bad_box(r, t, exact ? "a place in pixels, as the ones before have" : "fg:w");
    b->y = number(t, "y", ROW_DIGITS);
    b->x = exact ? number(t, "fg:x", 0) : number(t, "x", PIXEL_DIGITS);
    b->w = exact ? number(t, "fg:w", 0) : number(t, "width", PIXEL_DIGITS);
    if (b->y < 0)
        return bad_box(r, t, "a y that is a number");
    if (b->x < 0)
        return bad_box(r, t, exact ? "an fg:x that is a number" : "an x that is a number");
    if (b->w < 0)
        return bad_box(r, t, exact ? "an fg:w that is a number" : "a width that is a number");
    return true;
}

static bool name_box(struct reading *r, const struct pf_xml_token *t, struct flame_box *b)
{
    struct title title;
    bool counted = split_title(r->title, r->title_len, &title);

    if (!counted && !r->f.exact)
        return bad_box(r, t, "a count in its title");
    b->count = r->f.exact ? b->w : title.count;
    b->left = b->count;
    b->len = counted ? (uint32_t)title.name : r->title_len;
    char *copy = pf_arena_alloc(r->f.mem, &r->f.arena, b->len + 1);
    if (!copy) {
        pf_fail(r->err, PF_ENOMEM, "out of memory (see --max-memory)");
        return false;
    }
    if (b->len)
        memcpy(copy, r->title, b->len);
    b->name = copy;
    if (counted && !r->f.counts[0])
        snprintf(r->f.counts, sizeof r->f.counts, "%.*s",
                 (int)(title.unit_len < 39 ? title.unit_len : 39), r->title + title.unit);
    return true;
}

static bool add_box(struct reading *r, const struct pf_xml_token *t)
{
    struct flame_box b = {.at = t->at};
    const char *s;
    size_t len;

    if (!r->has_title)
        return !pf_xml_attr(t, "fg:w", &s, &len) || bad_box(r, t, "a title");
    r->has_title = false;
    if (!place_box(r, t, &b) || !name_box(r, t, &b))
        return false;
    if (!pf_grow(r->f.mem, &r->f.box, r->f.n, &r->f.cap, sizeof b)) {
        pf_fail(r->err, PF_ENOMEM, "out of memory (see --max-memory)");
        return false;
    }
    r->f.box[r->f.n++] = b;
    return true;
}

/* ---- elements ---- */

static bool is(const struct pf_xml_token *t, const char *name)
{
    return t->len == strlen(name) && memcmp(t->s, name, t->len) == 0;
}

/* Above the graph py-spy writes how it was called. */
static void take_heading(struct reading *r, const struct pf_xml_token *t)
{
    size_t word = 0;

    while (word < t->len && t->s[word] != ' ')
        word++;
    const char *at = memmem(t->s, word, "py-spy", 6);
    r->in_heading = false;
    if (at && (at == t->s || at[-1] == '/' || at[-1] == '\\'))
        r->f.p->producer = pf_strz(r->f.p, "py-spy");
}

static bool open_element(struct reading *r, const struct pf_xml_token *t)
{
    const char *s;
    size_t len;

    if (r->elements++ == 0 && !is(t, "svg")) {
        pf_fail_offset(r->err, PF_ESYNTAX, t->at, "XML, but no SVG");
        return false;
    }
    if (is(t, "rect"))
        return add_box(r, t);
    if (is(t, "g"))
        r->has_title = false;
    if (is(t, "text"))
        r->in_heading = pf_xml_attr(t, "id", &s, &len) && len == 5 && memcmp(s, "title", 5) == 0;
    if (is(t, "svg") && r->f.total < 0)
        r->f.total = number(t, "total_samples", 0);
    if (is(t, "title")) {
        r->title_len = 0;
        r->title_at = t->at;
        r->in_title = true;
        return !t->empty || end_title(r);
    }
    return true;
}

static bool close_element(struct reading *r, const struct pf_xml_token *t)
{
    if (is(t, "title") && r->in_title)
        return end_title(r);
    if (is(t, "g"))
        r->has_title = false;
    return true;
}

static bool read_elements(struct reading *r)
{
    struct pf_xml_token t;

    for (;;) {
        if (!pf_xml_next(&r->x, &t))
            return false;
        switch (t.kind) {
        case PF_XML_END: return true;
        case PF_XML_TEXT:
            if (r->in_title && !add_to_title(r, &t))
                return false;
            if (r->in_heading)
                take_heading(r, &t);
            break;
        case PF_XML_OPEN:
            if (!open_element(r, &t))
                return false;
            break;
        case PF_XML_CLOSE:
            if (!close_element(r, &t))
                return false;
            break;
        }
    }
}

/* ---- the file ---- */

static void add_type(struct flame *f)
{
    if (strcmp(f->counts, "bytes") == 0) {
        pf_type_add(f->p, "space", "bytes", PF_SUM);
        return;
    }
    pf_type_add(f->p, "samples", "count", PF_SUM);
    if (f->counts[0] && strcmp(f->counts, "samples") != 0)
        pf_note(f->p, "the graph counts '%s'", f->counts);
}

static void tell(const struct flame *f)
{
    struct pf_profile *p = f->p;
    int64_t total = f->box[0].count;
    double share = total ? 100.0 * (double)f->narrow / (double)total : 0;

    p->truncated |= f->narrow > 0;
    if (f->narrow && f->by_time)
        pf_note(p,
                "at most %lld (%.2f%%) of the count is of frames too narrow to be drawn: it is "
                "counted as their callers' own",
                (long long)f->narrow, share);
    else if (f->narrow)
        pf_note(p,
                "%lld (%.2f%%) of the count is of frames too narrow to be drawn: it is counted as "
                "their callers' own",
                (long long)f->narrow, share);
    if (!f->exact)
        pf_note(p, "places are rounded, as pixels are: what was too narrow to be drawn cannot be "
                   "told from its callers' own");
    if (f->ambiguous)
        pf_note(p, "frames that could stand on several others: %llu",
                (unsigned long long)f->ambiguous);
}

static int finish(struct reading *r)
{
    struct flame *f = &r->f;

    if (f->n == 0)
        return pf_fail_offset(r->err, PF_ESYNTAX, 0,
                              "an SVG without frames: no flame graph of py-spy, inferno or "
                              "flamegraph.pl");
    add_type(f);
    if (flame_link(f, r->err) || flame_samples(f, r->err))
        return -1;
    tell(f);
    return 0;
}

/* inferno has a name space of its own; flamegraph.pl, whose comment it copies, sets blanks in it.
 */
static pf_id drawn_by(struct pf_source *in, struct pf_profile *p)
{
    static const char inferno[] = "github.com/jonhoo/inferno", perl[] = "<!-- Flame graph stack";
    size_t have;
    const uint8_t *head = pf_peek(in, PF_HEAD, &have);

    if (head && memmem(head, have, inferno, sizeof inferno - 1))
        return pf_strz(p, "inferno");
    return head && memmem(head, have, perl, sizeof perl - 1) ? pf_strz(p, "flamegraph.pl") : 0;
}

static int flamesvg_read(struct pf_source *in, struct pf_profile *out, struct pf_err *err)
{
    struct reading r = {.f = {.p = out, .mem = pf_source_mem(in), .total = -1},
                        .x = {.in = in, .err = err},
                        .err = err};

    out->format = pf_strz(out, "flamesvg");
    out->producer = drawn_by(in, out);
    out->stack_kind = PF_EXACT;
    pf_text(in);
    int rc = read_elements(&r) ? finish(&r) : -1;
    if (out->err.code) {
        pf_fail(err, out->err.code, "%s", out->err.msg);
        rc = -1;
    }
    pf_arena_free(r.f.mem, &r.f.arena);
    pf_dealloc(r.f.mem, r.f.box);
    pf_dealloc(r.f.mem, r.title);
    return rc;
}

static int flamesvg_probe(const uint8_t *head, size_t len)
{
    char buf[PF_HEAD];
    const char *s;
    size_t i = 0;

    len = pf_text_head(head, len, buf, &s);
    while (i < len && (pf_is_blank(s[i]) || s[i] == '\n' || s[i] == '\r'))
        i++;
    if (!pf_starts(s + i, len - i, "<?xml") && !pf_starts(s + i, len - i, "<svg")
        && !pf_starts(s + i, len - i, "<!"))
        return 0;
    return memmem(s, len, "<svg", 4) ? SURE : PERHAPS * (s[i + 1] == '?');
}

const struct pf_format pf_format_flamesvg = {
    .name = "flamesvg",
    .title = "flame graphs as SVG (py-spy record, inferno, flamegraph.pl)",
    .suffix = ".svg",
    .packing = PF_PLAIN,
    .probe = flamesvg_probe,
    .read = flamesvg_read,
};
