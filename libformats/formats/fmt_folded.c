/*
 * fmt_folded.c - folded stacks: `root;caller;leaf COUNT`, one stack a line.
 *
 * Written by py-spy record -f raw, FlameGraph's stackcollapse-*, inferno and many others. The
 * grammar is flamegraph.pl's: /^(.*)\s+?(\d+(?:\.\d*)?)$/, other lines are skipped. A frame may
 * read `name (file.py:12)`; any other text is a bare name.
 */
#include "folded.h"
#include "text.h"

#include <string.h>

static const uint64_t one = 1000000000000000000; /* fractions are counted in 1e-18 */

enum { FRACTION_DIGITS = 18 };

/* ---- a line ---- */

struct count {
    size_t stack;      /* length of what stands before */
    size_t digits, at; /* the integer digits */
    uint64_t fraction; /* in 1e-18 */
    int64_t whole;
    bool fits;
};

static size_t without_trailing_blanks(const char *s, size_t len)
{
    while (len && (pf_is_blank(s[len - 1]) || s[len - 1] == '\r'))
        len--;
    return len;
}

static int64_t digits_value(const char *s, size_t n, bool *fits)
{
    int64_t value = 0;

    *fits = true;
    for (size_t i = 0; i < n; i++)
        if (__builtin_mul_overflow(value, 10, &value)
            || __builtin_add_overflow(value, s[i] - '0', &value))
            *fits = false;
    return value;
}

static uint64_t fraction_value(const char *s, size_t n)
{
    uint64_t value = 0;

    for (size_t i = 0; i < FRACTION_DIGITS; i++)
        value = value * 10 + (i < n ? (uint64_t)(s[i] - '0') : 0);
    return value;
}

/* Splits at the last count, false if there is none. Only its place is found, not its value. */
static bool find_count(const char *s, size_t len, struct count *c, size_t *end)
{
    size_t i = without_trailing_blanks(s, len);

    *end = i;
    while (i && pf_is_digit(s[i - 1]))
        i--;
    if (i && s[i - 1] == '.')
        for (i--; i && pf_is_digit(s[i - 1]);)
            i--;
    if (i == 0 || i == *end || !pf_is_digit(s[i]) || !pf_is_blank(s[i - 1]))
        return false;
    c->stack = i - 1;
    c->at = i;
    for (c->digits = 0; i < *end && pf_is_digit(s[i]); i++)
        c->digits++;
    return true;
}

static bool split_count(const char *s, size_t len, struct count *c)
{
    size_t end;

    if (!find_count(s, len, c, &end))
        return false;
    size_t point = c->at + c->digits;
    c->whole = digits_value(s + c->at, c->digits, &c->fits);
    c->fraction = point < end ? fraction_value(s + point + 1, end - point - 1) : 0;
    return true;
}

/* ---- a frame ---- */

struct place {
    size_t name, file, file_len; /* length, start, length */
    int64_t line;
};

/* The parenthesis that the last one closes, so that a file may hold some of its own. */
static size_t opening(const char *s, size_t len)
{
    size_t depth = 0;

    for (size_t i = len; i-- > 0;) {
        if (s[i] == ')')
            depth++;
        else if (s[i] == '(' && --depth == 0)
            return i;
    }
    return 0;
}

/* Whether text in parentheses is a file, and not an argument list or `anonymous namespace`. */
static bool like_file(const char *s, size_t len)
{
    if (len == 0)
        return false;
    if (s[0] == '~' || (s[0] == '<' && s[len - 1] == '>') || memchr(s, '/', len)
        || memchr(s, '\\', len))
        return true;
    for (size_t i = 0; i + 1 < len; i++)
        if (s[i] == '.' && (pf_is_digit(s[i + 1]) || ((unsigned)(s[i + 1] | 0x20) - 'a') < 26))
            return true;
    return false;
}

/* `FILE:LINE`: cuts the line off. It stays part of the file when we would write it differently. */
static int64_t cut_line(const char *file, size_t *len)
{
    size_t i = *len;
    bool fits;

    while (i && pf_is_digit(file[i - 1]))
        i--;
    if (i < 2 || i == *len || file[i - 1] != ':' || file[i] == '0')
        return 0;
    int64_t line = digits_value(file + i, *len - i, &fits);
    if (!fits || line > INT32_MAX)
        return 0;
    *len = i - 1;
    return line;
}

/* `NAME (FILE:LINE)` and `NAME (FILE)`; false: all of it is the name. */
static bool split_place(const char *s, size_t len, struct place *at)
{
    if (len < 5 || s[len - 1] != ')')
        return false;
    size_t open = opening(s, len);
    bool balanced = open >= 2 && s[open - 1] == ' ';
    if (!balanced) {
        for (open = len - 1; open >= 2 && (s[open] != '(' || s[open - 1] != ' ');)
            open--;
        if (open < 2)
            return false;
    }
    at->name = open - 1;
    at->file = open + 1;
    at->file_len = len - 1 - at->file;
    at->line = cut_line(s + at->file, &at->file_len);
    return at->line || (balanced && like_file(s + at->file, at->file_len));
}

/* ---- reading ---- */

/* A frame's text as it stands in the input, and the frame that it was found to mean. */
struct text {
    const char *s;
    uint32_t len, hash;
    pf_id frame;
};

/* A frame of the line before: where its text ends, and the stack up to it. */
struct mark {
    uint32_t end;
    pf_id stack;
};

struct reading {
    struct pf_profile *p;
    struct pf_mem *mem;
    struct pf_arena arena;
    struct text *texts; /* from 1 */
    struct pf_index index;
    uint32_t n_texts, cap_texts;
    char *last; /* the stack of the line before */
    struct mark *marks;
    uint32_t n_last, n_marks, cap_last, cap_marks;
    char *plain; /* a name without its \xNN */
    uint32_t cap_plain;
    uint64_t carry; /* fractions so far */
    uint64_t matched, ignored, first_ignored, two_columns;
    int64_t total;
    bool fractions;
};

static bool no_memory(struct reading *r)
{
    pf_fail(&r->p->err, PF_ENOMEM, "out of memory (see --max-memory)");
    return false;
}

static bool text_eq(const void *table, pf_id id, const void *key)
{
    const struct text *at = (const struct text *)table + id, *k = key;

    return at->hash == k->hash && at->len == k->len && memcmp(at->s, k->s, k->len) == 0;
}

static uint64_t text_hash(const struct pf_mem *m, const void *table, pf_id id)
{
    (void)m;
    return ((const struct text *)table)[id].hash;
}

/* Room for `len` bytes; these buffers only grow, and lines are shorter than 4 GiB. */
static bool reserve(struct reading *r, char **buf, uint32_t *cap, size_t len)
{
    if (len <= *cap)
        return true;
    size_t want = len < 256 ? 256 : 2 * len;
    char *grown = pf_realloc(r->mem, *buf, want);
    if (!grown)
        return no_memory(r);
    *buf = grown;
    *cap = (uint32_t)want;
    return true;
}

static int hex_digit(char c)
{
    return pf_is_digit(c) ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Interns a name with its \xNN read back; what our writer never writes stays as it is. */
static pf_id decoded(struct reading *r, const char *s, size_t len)
{
    size_t n = 0;

    if (!memchr(s, '\\', len))
        return pf_str(r->p, s, len);
    if (!reserve(r, &r->plain, &r->cap_plain, len))
        return 0;
    for (size_t i = 0; i < len; i++) {
        int high = -1, low = -1;
        if (s[i] == '\\' && len - i >= 4 && s[i + 1] == 'x') {
            high = hex_digit(s[i + 2]);
            low = hex_digit(s[i + 3]);
        }
        unsigned byte = (unsigned)high << 4 | (unsigned)low;
        if (high >= 0 && low >= 0 && folded_is_spelled(byte)) {
            r->plain[n++] = (char)byte;
            i += 3;
        } else {
            r->plain[n++] = s[i];
        }
    }
    return pf_str(r->p, r->plain, n);
}

static pf_id new_frame(struct reading *r, const char *s, size_t len)
{
    struct place at;

    if (!split_place(s, len, &at))
        return pf_frame(r->p, pf_func(r->p, decoded(r, s, len), 0, 0), 0);
    pf_id name = decoded(r, s, at.name), file = decoded(r, s + at.file, at.file_len);
    return pf_frame(r->p, pf_func(r->p, name, file, 0), at.line);
}

static pf_id frame_of(struct reading *r, const char *s, size_t len)
{
    struct text key = {s, (uint32_t)len, (uint32_t)pf_hash(r->mem, s, len), 0};
    pf_id *slot = pf_index_find(r->mem, &r->index, r->texts, &key, key.hash, text_eq, text_hash);

    if (slot && *slot)
        return r->texts[*slot].frame;
    char *copy = slot ? pf_arena_alloc(r->mem, &r->arena, len) : NULL;
    if (!copy || !pf_grow(r->mem, &r->texts, r->n_texts + 1, &r->cap_texts, sizeof *r->texts)) {
        no_memory(r);
        return 0;
    }
    memcpy(copy, s, len);
    key.s = copy;
    key.frame = new_frame(r, s, len);
    r->index.n++;
    *slot = ++r->n_texts;
    r->texts[*slot] = key;
    return key.frame;
}

static size_t common_prefix(const char *a, const char *b, size_t n)
{
    size_t i = 0;
    uint64_t x, y;

    for (; i + 8 <= n; i += 8) {
        memcpy(&x, a + i, 8);
        memcpy(&y, b + i, 8);
        if (x != y)
            break;
    }
    while (i < n && a[i] == b[i])
        i++;
    return i;
}

/* The stack of a line. Frames that it shares with the line before are taken from there. */
static pf_id stack_of(struct reading *r, const char *s, size_t len)
{
    size_t same = common_prefix(r->last, s, len < r->n_last ? len : r->n_last);
    uint32_t n = r->n_marks;

    if (len == 0)
        return 0;
    while (n
           && (r->marks[n - 1].end > same
               || (r->marks[n - 1].end < len && s[r->marks[n - 1].end] != ';')))
        n--;
    pf_id stack = n ? r->marks[n - 1].stack : 0;
    size_t from = n ? r->marks[n - 1].end + 1u : 0;
    /* One byte past the end is where a last, empty frame begins. */
    while (from <= len && !r->p->err.code) {
        const char *semicolon = from < len ? memchr(s + from, ';', len - from) : NULL;
        size_t end = semicolon ? (size_t)(semicolon - s) : len;
        stack = pf_stack(r->p, stack, frame_of(r, s + from, end - from));
        if (!pf_grow(r->mem, &r->marks, n, &r->cap_marks, sizeof *r->marks) && !no_memory(r))
            return 0;
        r->marks[n++] = (struct mark){(uint32_t)end, stack};
        from = end + 1;
    }
    if (!reserve(r, &r->last, &r->cap_last, len + 1))
        return 0;
    memcpy(r->last + same, s + same, len - same);
    r->n_last = (uint32_t)len;
    r->n_marks = n;
    return stack;
}

/* Adds the fractions up and passes whole ones on, so that the sum of all counts is the exact sum,
 * rounded once. */
static bool carry_fraction(struct reading *r, struct count *c)
{
    if (!c->fraction)
        return true;
    r->fractions = true;
    r->carry += c->fraction;
    if (r->carry < one)
        return true;
    r->carry -= one;
    return pf_add64(c->whole, 1, &c->whole);
}

static int read_line(struct reading *r, const char *s, size_t len, uint64_t line,
                     struct pf_err *err)
{
    struct count c, before;
    size_t end;

    if (!split_count(s, len, &c)) {
        bool is_blank_line = without_trailing_blanks(s, len) == 0;
        if (!is_blank_line && r->ignored++ == 0)
            r->first_ignored = line;
        return 0;
    }
    if (!c.fits || !carry_fraction(r, &c))
        return pf_fail_line(err, PF_EVALUE, line, "the count '%.*s' does not fit 63 bits",
                            (int)(c.digits < 50 ? c.digits : 50), s + c.at);
    if (!pf_add64(r->total, c.whole, &r->total))
        return pf_fail_line(err, PF_EVALUE, line, "the sum of all counts does not fit 63 bits");
    r->matched++;
    if (r->two_columns + 1 == r->matched && find_count(s, c.stack, &before, &end) && end == c.stack)
        r->two_columns++;
    pf_sample_add(r->p, stack_of(r, s, c.stack), 0, &c.whole);
    return 0;
}

static int read_lines(struct reading *r, struct pf_source *in, struct pf_err *err)
{
    size_t len;

    for (const char *s; !r->p->err.code && (s = pf_line(in, &len));) {
        if (len >= 2 && s[0] == '#' && s[1] == ' ')
            continue;
        if (read_line(r, s, len, pf_line_number(in), err) < 0)
            return -1;
    }
    if (r->p->err.code || pf_source_check(in, err) < 0)
        return -1;
    if (r->matched == 0)
        return pf_fail_line(err, PF_ESYNTAX, 1, "no line is \"stack count\": not a folded profile");
    if (r->matched == 1 && pf_source_utf16(in))
        return pf_fail_line(
            err, PF_ESYNTAX, 1,
            "one line of UTF-16 is too little to be sure that it is a folded profile");
    return 0;
}

static void tell(struct reading *r)
{
    if (r->ignored == 1)
        pf_note(r->p, "1 line without a count was ignored (line %llu)",
                (unsigned long long)r->first_ignored);
    else if (r->ignored)
        pf_note(r->p, "%llu lines without a count were ignored (first: line %llu)",
                (unsigned long long)r->ignored, (unsigned long long)r->first_ignored);
    if (r->fractions)
        pf_note(r->p, "counts with fractions were rounded, so that their sum is kept");
    if (r->two_columns == r->matched)
        pf_note(r->p, "every line has two counts, as in a differential file (difffolded.pl): "
                      "the last one was taken");
    r->p->rounded |= r->fractions;
}

static int folded_read(struct pf_source *in, struct pf_profile *out, struct pf_err *err)
{
    struct reading r = {.p = out, .mem = pf_source_mem(in), .carry = one / 2};
    int rc;

    out->format = pf_strz(out, "folded");
    out->stack_kind = PF_EXACT;
    pf_type_add(out, "samples", "count", PF_SUM);
    pf_text(in);
    rc = read_lines(&r, in, err);
    if (rc == 0)
        tell(&r);
    if (rc == 0 && out->err.code) {
        *err = out->err;
        rc = -1;
    }
    pf_arena_free(r.mem, &r.arena);
    pf_index_free(r.mem, &r.index);
    pf_dealloc(r.mem, r.texts);
    pf_dealloc(r.mem, r.last);
    pf_dealloc(r.mem, r.marks);
    pf_dealloc(r.mem, r.plain);
    return rc;
}

/* ---- probing ---- */

static bool is_control(char c)
{
    return (c >= 0 && c < 0x20 && c != '\t' && c != '\r' && c != '\n') || c == 0x7f;
}

static int probe_text(const char *s, size_t len)
{
    size_t controls = 0, from = 0;
    struct count c;

    if (len == 0 || memchr(s, '\0', len))
        return 0;
    for (size_t i = 0; i < len; i++)
        controls += is_control(s[i]) && s[i] != '\033'; /* colours occur in text */
    if (controls * 8 > len)
        return 0;
    while (from < len) {
        const char *nl = memchr(s + from, '\n', len - from);
        size_t end = nl ? (size_t)(nl - s) : len;
        if (!nl && len >= PF_HEAD / 2 - 1) /* the line goes on beyond the head */
            break;
        for (size_t i = from; i < end; i++)
            if (is_control(s[i]))
                return 2;
        if (split_count(s + from, end - from, &c) && s[from] != '#')
            return 30;
        from = end + 1;
    }
    return 2;
}

static int folded_probe(const uint8_t *head, size_t len)
{
    char buf[PF_HEAD];
    const char *text;

    len = pf_text_head(head, len, buf, &text);
    return probe_text(text, len);
}

const struct pf_format pf_format_folded = {
    .name = "folded",
    .title = "folded stacks (py-spy raw, stackcollapse-*, inferno)",
    .suffix = ".folded",
    .one_value = true,
    .packing = PF_PLAIN,
    .probe = folded_probe,
    .read = folded_read,
    .write = folded_write,
};
