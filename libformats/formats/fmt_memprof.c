/*
 * fmt_memprof.c - memory_profiler's line report: the memory of a process after each line of a
 * function.
 *
 *     Filename: shop.py
 *
 *     Line #    Mem usage    Increment  Occurrences   Line Contents
 *     =============================================================
 *          5     21.7 MiB     21.7 MiB           1   @profile
 *          6                                         def build(n):
 *
 * Versions differ in their columns, the oldest let functions follow each other without a header,
 * and the program's own output stands in between. The name of a function is only in its source.
 */
#include "memprof.h"
#include "profile.h"

#include <string.h>

/* Where the source of a function stands in p->lines: it is kept once, however often it is reported.
 */
struct known {
    uint32_t first, n;
};

struct reading {
    struct pf_profile *p;
    struct pf_mem *mem;
    struct memprof_layout layout;
    enum {
        OUTSIDE,
        NAMED,
        HEADED,
        INSIDE
    } state;          /* after `Filename:`, after the header, in rows */
    bool interrupted; /* INSIDE: a line of something else came last */
    pf_id file;
    struct memprof_row *row; /* of the function so far */
    uint32_t n, cap;
    struct known *known; /* by function */
    uint32_t n_known, cap_known;
    int64_t increments, occurrences; /* totals */
    uint64_t measured, bad, first_bad, outside, first_outside, between, first_between, no_file;
};

static void count(uint64_t *n, uint64_t *first, uint64_t line)
{
    if ((*n)++ == 0)
        *first = line;
}

/* ---- a function ---- */

static pf_id name_of(struct reading *r)
{
    const struct pf_profile *p = r->p;
    struct pf_str first = p->strs.at[r->row[0].text];
    size_t len;

    for (uint32_t i = 0; i < r->n; i++) {
        struct pf_str text = p->strs.at[r->row[i].text];
        const char *name = memprof_def(text.s, text.len, &len);
        if (name)
            return pf_str(r->p, name, len);
    }
    return pf_strz(r->p, memmem(first.s, first.len, "lambda", 6) ? "<lambda>" : "<unknown>");
}

/* Whether these rows are the lines that the function is known to have. */
static bool is_known(const struct reading *r, struct known k)
{
    if (k.n != r->n)
        return false;
    for (uint32_t i = 0; i < k.n; i++) {
        const struct pf_line *l = &r->p->lines.at[k.first + i];
        if (l->line != r->row[i].line || l->text != r->row[i].text)
            return false;
    }
    return true;
}

static void keep_source(struct reading *r, pf_id func)
{
    struct known k = {r->p->lines.n, r->n};

    if (func < r->n_known && is_known(r, r->known[func]))
        return;
    while (r->n_known <= func) {
        if (!pf_grow(r->mem, &r->known, r->n_known, &r->cap_known, sizeof *r->known)) {
            pf_no_memory(r->p);
            return;
        }
        r->known[r->n_known++] = (struct known){0};
    }
    r->known[func] = k;
    for (uint32_t i = 0; i < r->n; i++)
        pf_source_line(r->p, r->file, r->row[i].line, r->row[i].text);
}

static int add_row(struct reading *r, pf_id func, const struct memprof_row *row, struct pf_err *err)
{
    int64_t value[] = {row->increment, row->occurrences, row->usage};

    if (!row->measured)
        return 0;
    if (!pf_add64(r->increments, row->increment, &r->increments)
        || !pf_add64(r->occurrences, row->occurrences, &r->occurrences))
        return pf_fail_line(err, PF_EVALUE, row->at, "the sum of a column does not fit 64 bits");
    r->measured++;
    pf_sample(r->p, pf_stack(r->p, 0, pf_frame(r->p, func, row->line)), 0, value);
    return 0;
}

/* The rows so far are all of a function. */
static int end_function(struct reading *r, struct pf_err *err)
{
    if (!r->n)
        return 0;
    pf_id func = pf_func(r->p, name_of(r), r->file, r->row[0].line);
    keep_source(r, func);
    for (uint32_t i = 0; i < r->n; i++)
        if (add_row(r, func, &r->row[i], err) < 0)
            return -1;
    r->n = 0;
    return 0;
}

static int end_report(struct reading *r, struct pf_err *err)
{
    r->state = OUTSIDE;
    r->interrupted = false;
    int status = end_function(r, err);
    r->file = 0;
    return status;
}

/* ---- lines ---- */

/* A row of the report. Lines of a function follow each other: where they do not, in the oldest
 * layout, there another function begins. */
static int take_row(struct reading *r, struct memprof_row *row, const char *s, size_t len,
                    struct pf_err *err)
{
    if (r->n && row->line != r->row[r->n - 1].line + 1 && end_function(r, err) < 0)
        return -1;
    if (!pf_grow(r->mem, &r->row, r->n, &r->cap, sizeof *r->row)) {
        pf_no_memory(r->p);
        return -1;
    }
    row->text = pf_str(r->p, s + row->source, len - row->source);
    r->row[r->n++] = *row;
    if (r->interrupted)
        count(&r->between, &r->first_between, row->at - 1);
    r->interrupted = false;
    return 0;
}

static int read_inside(struct reading *r, const char *s, size_t len, uint64_t at,
                       struct pf_err *err)
{
    struct memprof_row row;
    enum memprof_is is = memprof_row(&r->layout, s, len, &row);

    row.at = at;
    if (is == MEMPROF_NO_ROW)
        return 0;
    if (r->interrupted && r->n && row.line != r->row[r->n - 1].line + 1) {
        if (row.measured) /* the report was over; this is output that looks like it */
            count(&r->outside, &r->first_outside, at);
        return 0;
    }
    if (is == MEMPROF_BAD_ROW) {
        count(&r->bad, &r->first_bad, at);
        row.measured = false;
    }
    return take_row(r, &row, s, len, err) < 0 ? -1 : 1;
}

static void read_outside(struct reading *r, const char *s, size_t len, uint64_t at)
{
    static const char filename[] = "Filename: ", missing[] = "ERROR: Could not find file ";
    struct memprof_row row;

    if (r->state == HEADED && memprof_is_rule(s, len)) {
        r->state = INSIDE;
    } else if (pf_starts(s, len, filename)) {
        r->state = NAMED;
        r->file = pf_str(r->p, s + sizeof filename - 1, len - (sizeof filename - 1));
    } else if (memprof_header(s, len, &r->layout)) {
        r->state = HEADED;
        r->p->producer = pf_strz(r->p, r->layout.producer);
    } else if (!memprof_is_blank(s, len)) {
        r->state = OUTSIDE;
        r->file = 0;
        r->no_file += pf_starts(s, len, missing);
        if (memprof_row(&(struct memprof_layout){3, 47}, s, len, &row) == MEMPROF_ROW
            && row.measured)
            count(&r->outside, &r->first_outside, at);
    }
}

static int read_line(struct reading *r, const char *s, size_t len, uint64_t at, struct pf_err *err)
{
    if (r->state == INSIDE) {
        int taken = read_inside(r, s, len, at, err);
        if (taken)
            return taken < 0 ? -1 : 0;
        /* one blank line ends a report for good, and so does the start of another one */
        struct memprof_layout other;
        bool ends = memprof_is_blank(s, len) || pf_starts(s, len, "Filename: ")
                    || memprof_header(s, len, &other);
        r->interrupted = true;
        if (!ends)
            return 0;
        if (end_report(r, err) < 0)
            return -1;
    }
    read_outside(r, s, len, at);
    return 0;
}

static int read_lines(struct reading *r, struct pf_source *in, struct pf_err *err)
{
    size_t len;

    for (const char *s; !r->p->err.code && (s = pf_line(in, &len));)
        if (read_line(r, s, len, pf_line_number(in), err) < 0)
            return -1;
    if (pf_source_check(in, err) < 0 || end_report(r, err) < 0 || r->p->err.code)
        return -1;
    if (r->measured)
        return 0;
    if (r->bad)
        return pf_fail_line(err, PF_ESYNTAX, r->first_bad, "not a row of a memory_profiler report");
    return pf_fail_line(err, PF_ESYNTAX, 1, "no measured line of a memory_profiler report");
}

static void tell(struct reading *r)
{
    struct pf_profile *p = r->p;

    pf_note_count(p, r->bad, r->first_bad, "row could not be read: it counts as not measured",
                  "rows could not be read: they count as not measured");
    pf_note_count(p, r->outside, r->first_outside,
                  "line looks like a row, but stands outside of a report: ignored",
                  "lines look like rows, but stand outside of a report: ignored");
    pf_note_count(p, r->between, r->first_between,
                  "place where other output stands in a report: ignored",
                  "places where other output stands in a report: ignored");
    pf_note_count(p, r->no_file, 0, "function is missing: memory_profiler did not find its source",
                  "functions are missing: memory_profiler did not find their source");
}

static int memprof_read(struct pf_source *in, struct pf_profile *out, struct pf_err *err)
{
    struct reading r = {.p = out, .mem = pf_source_mem(in)};

    out->format = pf_strz(out, "memprof");
    out->stack_kind = PF_EXACT;
    out->rounded = true;
    pf_type_add(out, "increment", "bytes", PF_SUM);
    pf_type_add(out, "occurrences", "count", PF_SUM);
    pf_type_add(out, "usage", "bytes", PF_PEAK);
    pf_text(in);
    int status = read_lines(&r, in, err);
    if (status == 0)
        tell(&r);
    if (out->err.code && !err->code)
        *err = out->err;
    pf_dealloc(r.mem, r.row);
    pf_dealloc(r.mem, r.known);
    return err->code ? -1 : status;
}

static int memprof_probe(const uint8_t *head, size_t len)
{
    char buf[PF_HEAD];
    const char *text, *s;
    struct memprof_layout layout;
    size_t n;

    len = pf_text_head(head, len, buf, &text);
    while ((s = pf_head_line(&text, &len, &n)))
        if (memprof_header(s, n, &layout))
            return 92;
    return 0;
}

const struct pf_format pf_format_memprof = {
    .name = "memprof",
    .title = "memory_profiler's line report",
    .suffix = ".txt",
    .probe = memprof_probe,
    .read = memprof_read,
};
