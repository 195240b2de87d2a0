/*
 * linestats_text.c - what line_profiler prints:
 *
 *     Timer unit: 1e-09 s
 *
 *     Total time: 1.8687e-05 s
 *     File: shop.py
 *     Function: work at line 6
 *
 *     Line #      Hits         Time  Per Hit   % Time  Line Contents
 *     ==============================================================
 *          6                                           def work(n):
 *          7         1       1032.0   1032.0      5.5      t = 0
 *
 * A table ends at a blank line. Times are counted in the unit, with one decimal. A number wider
 * than its column pushes the rest of its row to the right.
 */
#include "linestats.h"
#include "text.h"

#include <string.h>

static const char unit_line[] = "Timer unit: ", total_line[] = "Total time: ";
static const char file_line[] = "File: ", function_line[] = "Function: ";
static const char missing_line[] = "Could not find file ";

struct reading {
    struct pf_profile *p;
    struct pf_linestats_unit unit;
    pf_id file, func;
    int64_t first;   /* line of the function */
    bool empty;      /* its total time is 0: rows have no share */
    size_t contents; /* column where source begins; 0: not in a table */
    bool ruled;
    uint64_t functions, bad, first_bad, missing;
    bool exact;
};

static size_t skip_blanks(const char *s, size_t len, size_t at)
{
    while (at < len && s[at] == ' ')
        at++;
    return at;
}

/* ---- above a table ---- */

static int read_unit(struct reading *r, const char *s, size_t len, uint64_t line,
                     struct pf_err *err)
{
    struct pf_decimal d;

    if (!pf_decimal(s, len, 18, &d) || !d.fits || d.value <= 0)
        return pf_fail_line(err, PF_ESYNTAX, line, "expected a unit of seconds, as in 1e-09 s");
    r->unit.atto = d.value;
    return 0;
}

/* "NAME at line N" */
static int read_function(struct reading *r, const char *s, size_t len, uint64_t line,
                         struct pf_err *err)
{
    static const char at_line[] = " at line ";
    struct pf_decimal d;

    for (size_t i = len; i-- > 0;) {
        if (!pf_starts(s + i, len - i, at_line))
            continue;
        size_t number = i + sizeof at_line - 1;
        if (pf_decimal(s + number, len - number, 0, &d) == len - number && len > number && d.fits
            && d.value >= 0) {
            r->first = d.value;
            r->func = pf_func(r->p, pf_str(r->p, s, i), r->file, d.value);
            r->functions++;
            return 0;
        }
    }
    return pf_fail_line(err, PF_ESYNTAX, line, "expected \"Function: NAME at line N\"");
}

/* The column of the source, from the header; 0: no header. */
static size_t header(const char *s, size_t len)
{
    static const char last[] = "Line Contents";
    const char *at =
        len > 6 && pf_starts(s, len, "Line #") ? memmem(s, len, last, sizeof last - 1) : NULL;

    return at && memmem(s, len, "Hits", 4) && memmem(s, len, "Time", 4) ? (size_t)(at - s) : 0;
}

/* ---- rows ---- */

struct row {
    int64_t line, hits, ns;
    size_t source;
    bool measured;
};

/* The numbers behind the line: hits, time, time a hit and, unless the whole took no time, a share.
 */
static bool read_numbers(struct reading *r, const char *s, size_t len, size_t at, struct row *row)
{
    struct pf_decimal d[4];
    int n = r->empty ? 3 : 4;

    for (int i = 0; i < n; i++) {
        at = skip_blanks(s, len, at);
        size_t taken = pf_decimal(s + at, len - at, i == 0 ? 0 : 3, &d[i]);
        at += taken;
        if (!taken || !d[i].fits || (at < len && s[at] != ' '))
            return false;
    }
    row->hits = d[0].value;
    row->measured = true;
    r->exact &= d[0].exact && d[1].exact;
    if (d[1].value % 1000)
        r->exact = false; /* a fraction of a tick: the unit it is printed in is not the timer's */
    row->source = at + 2 > r->contents ? at + 2 : r->contents;
    return pf_linestats_ns(r->unit, d[1].value, 3, &row->ns, &r->exact);
}

static bool read_row(struct reading *r, const char *s, size_t len, struct row *row)
{
    struct pf_decimal d;
    size_t at = skip_blanks(s, len, 0), taken = pf_decimal(s + at, len - at, 0, &d);

    at += taken;
    if (!taken || !d.fits || d.value < 0 || (at < len && s[at] != ' '))
        return false;
    *row = (struct row){.line = d.value, .source = r->contents};
    size_t next = skip_blanks(s, len, at);
    if (next >= len || next >= r->contents)
        return true;
    return read_numbers(r, s, len, at, row);
}

static int take_row(struct reading *r, const char *s, size_t len, uint64_t line, struct pf_err *err)
{
    struct row row;

    if (!read_row(r, s, len, &row)) {
        if (r->bad++ == 0)
            r->first_bad = line;
        return 0;
    }
    if (row.source < len)
        pf_source_line(r->p, r->file, row.line, pf_str(r->p, s + row.source, len - row.source));
    return row.measured ? pf_linestats_add(r->p, r->func, row.line, row.ns, row.hits, err) : 0;
}

/* ---- lines ---- */

static int read_outside(struct reading *r, const char *s, size_t len, uint64_t line,
                        struct pf_err *err)
{
    struct pf_decimal d;

    if (pf_starts(s, len, unit_line))
        return read_unit(r, s + sizeof unit_line - 1, len - (sizeof unit_line - 1), line, err);
    if (pf_starts(s, len, total_line)) {
        size_t at = sizeof total_line - 1;
        r->empty = pf_decimal(s + at, len - at, 18, &d) && d.fits && d.value == 0 && d.exact;
        r->file = r->func = 0;
    } else if (pf_starts(s, len, file_line)) {
        r->file = pf_str(r->p, s + sizeof file_line - 1, len - (sizeof file_line - 1));
    } else if (pf_starts(s, len, function_line) && r->file) {
        return read_function(r, s + sizeof function_line - 1, len - (sizeof function_line - 1),
                             line, err);
    } else if (pf_starts(s, len, missing_line)) {
        r->missing++;
        r->file = pf_str(r->p, s + sizeof missing_line - 1, len - (sizeof missing_line - 1));
        r->func = pf_func(r->p, pf_strz(r->p, "<unknown>"), r->file, 0);
    } else {
        r->contents = r->unit.atto && r->func ? header(s, len) : 0;
    }
    return 0;
}

static int read_line(struct reading *r, const char *s, size_t len, uint64_t line,
                     struct pf_err *err)
{
    bool rule = len > 0 && s[0] == '=' && memcmp(s, s + 1, len - 1) == 0;

    if (!r->contents)
        return read_outside(r, s, len, line, err);
    if (!r->ruled) {
        r->ruled = rule;
        r->contents = rule ? r->contents : 0;
        return 0;
    }
    if (skip_blanks(s, len, 0) < len)
        return take_row(r, s, len, line, err);
    r->contents = 0;
    r->ruled = false;
    return 0;
}

static void tell(struct reading *r)
{
    pf_note_count(r->p, r->bad, r->first_bad, "row could not be read: ignored",
                  "rows could not be read: ignored");
    pf_note_count(r->p, r->missing, 0,
                  "function has no name: line_profiler did not find its source",
                  "functions have no name: line_profiler did not find their source");
    r->p->rounded |= !r->exact;
}

int pf_linestats_text(struct pf_source *in, struct pf_profile *out, struct pf_err *err)
{
    struct reading r = {.p = out, .exact = true};
    size_t len;

    pf_text(in);
    for (const char *s; !out->err.code && (s = pf_line(in, &len));)
        if (read_line(&r, s, len, pf_line_number(in), err))
            return -1;
    if (pf_source_check(in, err) || out->err.code)
        return -1;
    if (!r.functions && !r.missing)
        return pf_fail_line(err, PF_ESYNTAX, 1,
                            r.unit.atto ? "line_profiler measured no function"
                                        : "no \"Timer unit:\" of a line_profiler report");
    tell(&r);
    return 0;
}

int pf_linestats_text_probe(const char *text, size_t len)
{
    const char *s;
    size_t n;
    bool unit = false;

    while ((s = pf_head_line(&text, &len, &n))) {
        unit |= pf_starts(s, n, unit_line);
        if (header(s, n))
            return 92;
    }
    return unit ? 70 : 0;
}
