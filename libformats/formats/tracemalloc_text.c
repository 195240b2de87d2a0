/*
 * tracemalloc_text.c - tracemalloc's statistics as programs print them. One input may show the same
 * memory several times, so only lines of one layout are taken, the first of these that there is:
 *
 *     FILE:11: size=483 KiB (+483 KiB), count=10000 (+10000), average=49 B     str() of statistics
 *     <Statistic traceback=<Traceback (<Frame filename='F' lineno=4>,)> size=9 count=1>     repr()
 *     10000 memory blocks: 858.3 KiB        with `  File "F", line 4`, source, ... below
 *     #1: dir/file.py:4: 858.3 KiB          display_top of Python's documentation
 */
#include "pystr.h"
#include "text.h"
#include "tracemalloc.h"

#include <stdio.h>
#include <string.h>

enum layout { STATISTICS, REPRS, BLOCKS, TOP, LAYOUTS };

struct row {
    enum layout layout;
    pf_id stack;
    int64_t values[2]; /* bytes, blocks */
};

struct text {
    struct pf_profile *p;
    struct row *row;
    uint32_t n, cap;
    pf_id *path; /* the frames of a traceback, as they come */
    uint32_t n_path, cap_path;
    bool in_block; /* the lines of a traceback follow its row */
    pf_id file;    /* of which the next line may be the source */
    int64_t line;
    bool rounded[LAYOUTS];
    uint32_t of[LAYOUTS], differences;
    char *name; /* an unescaped file name */
    uint32_t cap_name;
};

/* What is left of a line. */
struct rest {
    const char *s;
    size_t len;
};

static bool no_memory(struct text *t)
{
    pf_fail(&t->p->err, PF_ENOMEM, "out of memory (see --max-memory)");
    return false;
}

/* ---- pieces of a line ---- */

static void skip(struct rest *r, size_t n)
{
    r->s += n;
    r->len -= n;
}

static bool take(struct rest *r, const char *word)
{
    if (!pf_starts(r->s, r->len, word))
        return false;
    skip(r, strlen(word));
    return true;
}

static bool take_number(struct rest *r, int64_t *i)
{
    struct pf_decimal d;
    size_t sign = r->len && (r->s[0] == '+' || r->s[0] == '-'), n = sign;

    while (n < r->len && pf_is_digit(r->s[n]))
        n++;
    if (n == sign || !pf_decimal(r->s, n, 0, &d) || !d.fits)
        return false;
    *i = d.value;
    skip(r, n);
    return true;
}

/* "483 KiB" in bytes, half to even; *rounded unless it was in bytes. */
static bool take_size(struct rest *r, int64_t *bytes, bool *rounded)
{
    static const char *const unit[] = {" B", " KiB", " MiB", " GiB", " TiB"};
    enum { MILLI = 1000 };
    struct pf_decimal d;
    size_t n = pf_decimal(r->s, r->len, 3, &d);

    if (!n || !d.fits)
        return false;
    skip(r, n);
    for (unsigned k = 0; k < sizeof unit / sizeof *unit; k++) {
        if (!take(r, unit[k]))
            continue;
        __int128 x = (__int128)d.value * ((int64_t)1 << (10 * k)), q = x / MILLI,
                 left = x % MILLI * 2;
        left = left < 0 ? -left : left;
        if (left > MILLI || (left == MILLI && q % 2 != 0))
            q += x < 0 ? -1 : 1;
        *rounded |= k > 0;
        *bytes = (int64_t)q;
        return q <= INT64_MAX && q >= INT64_MIN;
    }
    return false;
}

/* FILE:LINE, split at the last colon. */
static bool split_place(const char *s, size_t len, size_t *file_len, int64_t *line)
{
    size_t at = len;

    while (at > 0 && pf_is_digit(s[at - 1]))
        at--;
    struct rest digits = {s + at, len - at};
    if (at == 0 || s[at - 1] != ':' || !take_number(&digits, line))
        return false;
    *file_len = at - 1;
    return true;
}

static const char *last_of(const char *s, size_t len, const char *word)
{
    size_t n = strlen(word);

    for (size_t i = len >= n ? len - n + 1 : 0; i > 0; i--)
        if (memcmp(s + i - 1, word, n) == 0)
            return s + i - 1;
    return NULL;
}

/* ---- layouts ---- */

/* A line, taken apart. */
struct found {
    enum layout layout;
    const char *file; /* of STATISTICS and TOP; NULL: the others of a TOP */
    size_t file_len;
    int64_t line, values[2];
    bool difference, rounded;
    struct rest frames; /* of REPRS */
};

/* size=S (+S), count=N (+N) and, with commas or without, what may follow. */
static bool take_values(struct rest *r, struct found *f, bool exact, const char *between)
{
    int64_t ignored;
    bool of_difference = false;

    if (exact ? !take_number(r, &f->values[0]) : !take_size(r, &f->values[0], &f->rounded))
        return false;
    if (take(r, " (")) {
        f->difference = true;
        if (!(exact ? take_number(r, &ignored) : take_size(r, &ignored, &of_difference))
            || !take(r, ")"))
            return false;
    }
    if (!take(r, between) || !take_number(r, &f->values[1]))
        return false;
    return !f->difference || (take(r, " (") && take_number(r, &ignored) && take(r, ")"));
}

static bool like_statistics(const char *s, size_t len, struct found *f)
{
    static const char mark[] = ": size=";
    const char *at = last_of(s, len, mark);

    if (!at)
        return false;
    struct rest r = {at + sizeof mark - 1, len - (size_t)(at - s) - (sizeof mark - 1)};
    f->layout = STATISTICS;
    f->file = s;
    return take_values(&r, f, false, ", count=") && (!r.len || take(&r, ", average="))
           && split_place(s, (size_t)(at - s), &f->file_len, &f->line);
}

static bool like_repr(const char *s, size_t len, struct found *f)
{
    static const char end[] = "> size=";
    struct rest r = {s, len};

    f->layout = REPRS;
    if (!take(&r, "<StatisticDiff traceback=<Traceback (")
        && !take(&r, "<Statistic traceback=<Traceback ("))
        return false;
    const char *at = last_of(r.s, r.len, end);
    if (!at)
        return false;
    f->frames = (struct rest){r.s, (size_t)(at - r.s)};
    skip(&r, f->frames.len + sizeof end - 1);
    return take_values(&r, f, true, " count=") && take(&r, ">");
}

static bool like_block(const char *s, size_t len, struct found *f)
{
    struct rest r = {s, len};

    f->layout = BLOCKS;
    return take_number(&r, &f->values[1]) && take(&r, " memory blocks: ")
           && take_size(&r, &f->values[0], &f->rounded) && !r.len;
}

static bool like_top(const char *s, size_t len, struct found *f)
{
    struct rest r = {s, len};
    int64_t n;

    f->layout = TOP;
    if (take(&r, "#") && take_number(&r, &n) && take(&r, ": ")) {
        const char *at = last_of(r.s, r.len, ": ");
        if (!at || !split_place(r.s, (size_t)(at - r.s), &f->file_len, &f->line))
            return false;
        f->file = r.s;
        skip(&r, (size_t)(at - r.s) + 2);
        return take_size(&r, &f->values[0], &f->rounded) && !r.len;
    }
    r = (struct rest){s, len};
    return take_number(&r, &n) && take(&r, " other: ") && take_size(&r, &f->values[0], &f->rounded)
           && !r.len;
}

static bool recognise(const char *s, size_t len, struct found *f)
{
    static bool (*const like[])(const char *s, size_t len, struct found *f) = {
        like_statistics, like_repr, like_block, like_top};

    while (len && pf_is_blank(s[len - 1]))
        len--;
    for (size_t i = 0; i < sizeof like / sizeof *like; i++) {
        *f = (struct found){.file = NULL};
        if (like[i](s, len, f) && f->values[0] >= 0 && f->values[1] >= 0)
            return true;
    }
    return false;
}

/* ---- frames ---- */

static bool keep_frame(struct text *t, pf_id file, int64_t line)
{
    if (!pf_grow(t->p->mem, &t->path, t->n_path, &t->cap_path, sizeof *t->path))
        return no_memory(t);
    t->path[t->n_path++] = pf_tracemalloc_frame(t->p, file, line);
    return true;
}

/* Python 3.6 lists the most recent frame first, all later ones the oldest. Nothing but the paths
 * of its own library tells which it was. */
static pf_id stack_of_path(struct text *t)
{
    bool recent_first = false;
    pf_id stack = 0;

    for (uint32_t i = 0; i < t->n_path; i++) {
        struct pf_str file = t->p->strs.at[t->p->funcs.at[t->p->frames.at[t->path[i]].func].file];
        for (int minor = '4'; minor <= '6'; minor++) {
            char folder[] = "/python3.x/";
            folder[sizeof folder - 3] = (char)minor;
            recent_first |= memmem(file.s, file.len, folder, sizeof folder - 1) != NULL;
        }
    }
    for (uint32_t i = 0; i < t->n_path; i++)
        stack = pf_stack(t->p, stack, t->path[recent_first ? t->n_path - 1 - i : i]);
    t->n_path = 0;
    return stack;
}

static bool take_quoted(struct text *t, struct rest *r, pf_id *file)
{
    size_t n;

    if (r->len >= UINT32_MAX / 2
        || !pf_grow(t->p->mem, &t->name, (uint32_t)r->len, &t->cap_name, 1))
        return no_memory(t);
    size_t taken = pf_py_from_repr(t->name, r->s, r->len, &n);
    *file = pf_str(t->p, t->name, n);
    skip(r, taken);
    return taken > 0;
}

/* <Frame filename='F' lineno=N>, ... up to the closing parenthesis. */
static bool take_frames(struct text *t, struct rest r)
{
    int64_t line;
    pf_id file;

    t->n_path = 0;
    while (take(&r, "<Frame filename=")) {
        if (!take_quoted(t, &r, &file) || !take(&r, " lineno=") || !take_number(&r, &line)
            || !take(&r, ">") || !keep_frame(t, file, line))
            return false;
        if (!take(&r, ", "))
            take(&r, ",");
    }
    return take(&r, ")");
}

/* ---- lines ---- */

static void add_row(struct text *t, const struct found *f, pf_id stack)
{
    if (!pf_grow(t->p->mem, &t->row, t->n, &t->cap, sizeof *t->row)) {
        no_memory(t);
        return;
    }
    t->row[t->n++] = (struct row){f->layout, stack, {f->values[0], f->values[1]}};
    t->of[f->layout]++;
    t->rounded[f->layout] |= f->rounded;
    t->differences += f->difference;
}

static void end_block(struct text *t)
{
    if (t->in_block)
        t->row[t->n - 1].stack = stack_of_path(t);
    t->in_block = false;
}

/* `  File "F", line N`, as a line of a traceback. */
static bool block_line(struct text *t, const char *s, size_t len)
{
    static const char begin[] = "  File \"", middle[] = "\", line ";
    const char *at = pf_starts(s, len, begin) ? last_of(s, len, middle) : NULL;

    if (!t->in_block || !at || at < s + sizeof begin - 1)
        return false;
    struct rest r = {at + sizeof middle - 1, len - (size_t)(at - s) - (sizeof middle - 1)};
    if (!take_number(&r, &t->line))
        return false;
    t->file = pf_str(t->p, s + sizeof begin - 1, (size_t)(at - s) - (sizeof begin - 1));
    keep_frame(t, t->file, t->line);
    return true;
}

/* Source text stands below its place, indented by four. */
static bool source_line(struct text *t, const char *s, size_t len)
{
    if (!t->file || !pf_starts(s, len, "    "))
        return false;
    pf_source_line(t->p, t->file, t->line, pf_str(t->p, s + 4, len - 4));
    t->file = 0;
    return true;
}

static void read_line(struct text *t, const char *s, size_t len)
{
    struct found f;

    if (block_line(t, s, len) || source_line(t, s, len))
        return;
    t->file = 0;
    end_block(t);
    while (len && pf_is_blank(s[0])) {
        s++;
        len--;
    }
    if (!recognise(s, len, &f))
        return;
    for (unsigned better = 0; better < f.layout; better++)
        if (t->of[better]) {
            t->of[f.layout]++; /* to be told, but not added */
            return;
        }
    if (f.layout == REPRS && !take_frames(t, f.frames))
        return;
    pf_id stack = f.layout == REPRS ? stack_of_path(t) : 0;
    if (f.file) {
        pf_id file = pf_str(t->p, f.file, f.file_len);
        stack = pf_stack(t->p, 0, pf_tracemalloc_frame(t->p, file, f.line));
        t->file = f.layout == TOP ? file : 0;
        t->line = f.line;
    }
    add_row(t, &f, stack);
    t->in_block = f.layout == BLOCKS && !t->p->err.code;
}

/* ---- all of it ---- */

static void tell(struct text *t, unsigned layout, uint32_t again)
{
    static const char *const what[] = {"statistics", "reprs of statistics", "tracebacks",
                                       "top lines"};

    t->p->rounded = t->rounded[layout];
    if (t->p->rounded)
        pf_note(t->p, "sizes have the three or four digits of the text");
    if (t->differences)
        pf_note(t->p, "of differences the new values were taken, not what they changed by");
    if (layout == TOP)
        pf_note(t->p, "this layout does not tell numbers of blocks");
    if (again)
        pf_note(t->p, "places that came again: %u; their values were added up", again);
    for (unsigned i = 0; i < LAYOUTS; i++)
        if (i > layout && t->of[i])
            pf_note(t->p, "%u %s were not added: they show memory that the %s show, too", t->of[i],
                    what[i], what[layout]);
}

static int add_samples(struct text *t, struct pf_err *err)
{
    enum layout layout = STATISTICS;
    uint32_t again = 0;

    while (layout < LAYOUTS && !t->of[layout])
        layout++;
    if (layout == LAYOUTS)
        return pf_fail_line(err, PF_ESYNTAX, 1,
                            "no line is of tracemalloc, as \"FILE:LINE: size=..., count=...\"");
    for (uint32_t i = 0; i < t->n && !t->p->err.code; i++) {
        uint32_t n = t->p->samples.n;
        if (t->row[i].layout != layout)
            continue;
        pf_sample_add(t->p, t->row[i].stack, 0, t->row[i].values);
        again += t->p->samples.n == n;
    }
    tell(t, layout, again);
    return 0;
}

int pf_tracemalloc_text(struct pf_source *in, struct pf_profile *out, struct pf_err *err)
{
    struct text t = {.p = out};
    size_t len;

    pf_text(in);
    for (const char *s; !out->err.code && (s = pf_line(in, &len));)
        read_line(&t, s, len);
    end_block(&t);
    int failed = pf_source_check(in, err) || out->err.code || add_samples(&t, err) ? -1 : 0;
    pf_dealloc(out->mem, t.row);
    pf_dealloc(out->mem, t.path);
    pf_dealloc(out->mem, t.name);
    return failed;
}

int pf_tracemalloc_text_probe(const char *text, size_t len)
{
    struct found f;

    for (size_t from = 0; from < len;) {
        const char *nl = memchr(text + from, '\n', len - from);
        size_t end = nl ? (size_t)(nl - text) : len;
        while (from < end && pf_is_blank(text[from]))
            from++;
        size_t n = end > from && text[end - 1] == '\r' ? end - from - 1 : end - from;
        if (recognise(text + from, n, &f))
            return f.layout <= REPRS ? 90 : 80;
        from = end + 1;
    }
    return 0;
}
