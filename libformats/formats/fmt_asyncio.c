/*
 * fmt_asyncio.c - the slow-callback records of asyncio's debug mode, found in any log.
 *
 *     Executing <Task pending name='T' coro=<f() running at a.py:3> created at b.py:9> took 0.152
 * seconds
 *
 * A log is mostly something else. So it is not read line by line: only where `Executing <` stands
 * is there anything to look at. What stands before the record on its line is any logger's prefix,
 * or a JSON object that holds the record in one of its strings. An exception's repr may have lines
 * of its own: then the record goes on to the line that ends in ` took N.NNN seconds`.
 */
#include "asyncio.h"
#include "core.h"
#include "text.h"

#include <string.h>

enum {
    MAX_LINES = 200,     /* of one record */
    MAX_RECORD = PF_MIB, /* bytes to look ahead for its end */
    MAX_PACKED = 3,      /* JSON strings in each other: a log shipper's, a formatter's */
    STAMP = 24,          /* bytes of a prefix that hold date and time */
    NEAR = 4 * PF_KIB,   /* from a record: where its logger's name may be */
};

static const char executing[] = "Executing ";
enum { EXECUTING = sizeof executing - 1 };

struct reading {
    struct pf_profile *p;
    struct pf_mem *mem;
    char *room[MAX_PACKED + 1]; /* what was packed in JSON; the last one is for names */
    size_t cap[MAX_PACKED + 1];
    uint64_t offset, first_unmatched; /* of what is being looked at */
    uint64_t matched, unmatched;
    pf_id file; /* whose `lib/pythonX.Y/asyncio` told the version last */
    bool versions_differ;
};

/* ---- where a record ends ---- */

/* ` took D.DDD seconds`, as it ends at `end`; returns where it begins, NULL: it does not. */
static const char *took(const char *s, const char *end, struct pf_decimal *blocked)
{
    static const char before[] = "> took ", after[] = " seconds";
    enum { BEFORE = sizeof before - 1, AFTER = sizeof after - 1, DECIMALS = 4 };
    const char *digits;

    if (end - s < BEFORE + 1 + DECIMALS + AFTER || memcmp(end - AFTER, after, AFTER) != 0)
        return NULL;
    end -= AFTER;
    for (digits = end; digits > s && (pf_is_digit(digits[-1]) || digits[-1] == '.');)
        digits--;
    size_t n = (size_t)(end - digits);
    if (n <= DECIMALS || end[-DECIMALS] != '.' || digits - s < BEFORE
        || memcmp(digits - BEFORE, before, BEFORE) != 0)
        return NULL;
    if (pf_decimal(digits, n, 9, blocked) != n || !blocked->fits)
        return NULL;
    return digits - BEFORE + 1;
}

/* What a line may end in behind its text: blanks, and the colours' end. */
static const char *text_end(const char *s, const char *end)
{
    while (end > s) {
        const char *c = end;
        if (pf_is_blank(c[-1]) || c[-1] == '\r') {
            end--;
            continue;
        }
        if (c[-1] != 'm')
            break;
        for (c--; c > s && (pf_is_digit(c[-1]) || c[-1] == ';');)
            c--;
        if (c - s < 2 || c[-1] != '[' || c[-2] != '\033')
            break;
        end = c - 2;
    }
    return end;
}

/* The last ` took D.DDD seconds` anywhere in a line. */
static const char *took_within(const char *s, const char *end, struct pf_decimal *blocked)
{
    static const char word[] = " seconds";
    const char *last = NULL;
    struct pf_decimal value;

    for (const char *at = s; (at = memmem(at, (size_t)(end - at), word, sizeof word - 1));) {
        at += sizeof word - 1;
        const char *here = took(s, at, &value);
        if (here) {
            last = here;
            *blocked = value;
        }
    }
    return last;
}

/* `<` behind the word, as it is or as JSON encoders for the web spell it. */
static bool is_record(const char *s, const char *end)
{
    size_t len = (size_t)(end - s);

    return len > EXECUTING && memcmp(s, executing, EXECUTING) == 0
           && (s[EXECUTING] == '<' || pf_starts(s + EXECUTING, len - EXECUTING, "\\u003c")
               || pf_starts(s + EXECUTING, len - EXECUTING, "\\u003C"));
}

/* The next `Executing <`. Of the letters of that word x is the one that logs have fewest of. */
static const char *next_record(const char *s, const char *end)
{
    for (const char *x = s; (x = memchr(x, 'x', (size_t)(end - x))); x++)
        if (x > s && is_record(x - 1, end))
            return x - 1;
    return NULL;
}

enum char_class { DIGIT, LETTER, BLANK, OTHER };

static enum char_class class_of(char c)
{
    if (pf_is_digit(c))
        return DIGIT;
    if ((unsigned)((c | 0x20) - 'a') < 26)
        return LETTER;
    return c == ' ' || c == '\t' ? BLANK : OTHER;
}

/* Whether a line begins as one with that prefix does: numbers for numbers, words for words. */
static bool has_shape(const char *prefix, size_t n, const char *s, size_t len)
{
    size_t i = 0, k = 0;

    while (i < n && k < len) {
        enum char_class c = class_of(prefix[i]);
        if (c != class_of(s[k]) || (c == OTHER && prefix[i] != s[k]))
            return false;
        if (c == OTHER) {
            i++;
            k++;
            continue;
        }
        while (i < n && class_of(prefix[i]) == c)
            i++;
        while (k < len && class_of(s[k]) == c)
            k++;
    }
    return i == n;
}

/* `WARNING:asyncio:` and the like: the next record may be of another level. */
static bool begins_with_level(const char *s, size_t len, char after)
{
    static const char *const levels[] = {"DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"};

    for (size_t i = 0; i < sizeof levels / sizeof *levels; i++) {
        size_t n = strlen(levels[i]);
        if (pf_starts(s, len, levels[i]) && len > n && s[n] == after)
            return true;
    }
    return false;
}

/* Whether another record of the log begins with this line. */
static bool is_next_record(const char *prefix, size_t n, const char *s, const char *end)
{
    static const char level[] = "WARNING";
    size_t len = (size_t)(end - s), stamp = n < STAMP ? n : STAMP;

    if (next_record(s, end))
        return true;
    while (stamp && !pf_is_digit(prefix[stamp - 1]))
        stamp--;
    if (stamp)
        return has_shape(prefix, stamp, s, len);
    if (n > strlen(level) && pf_starts(prefix, n, level)
        && begins_with_level(s, len, prefix[strlen(level)]))
        return true;
    return n && len >= n && memcmp(prefix, s, n) == 0;
}

/* A record in its text: [from, to) with both brackets. */
struct found {
    const char *from, *to;
    struct pf_decimal blocked;
    bool more; /* the text ends too soon to tell */
};

/* Looks for the end of the record that begins at `from`, on a line that begins at `line`. `whole`:
 * nothing can follow `end`. to = NULL: it has none. */
static struct found record_at(const char *line, const char *from, const char *end, bool whole)
{
    struct found f = {.from = from + EXECUTING};
    const char *first_end = NULL, *at = f.from;
    size_t prefix = (size_t)(from - line);

    for (int n = 0; n < MAX_LINES && (!first_end || at - first_end < MAX_RECORD); n++) {
        const char *nl = at < end ? memchr(at, '\n', (size_t)(end - at)) : NULL;
        if (!nl && !whole) {
            f.more = true;
            return f;
        }
        const char *stop = nl ? nl : end;
        if (n > 0 && is_next_record(line, prefix, at, stop))
            break;
        f.to = took(f.from, text_end(at, stop), &f.blocked);
        if (f.to)
            return f;
        first_end = first_end ? first_end : stop;
        if (!nl)
            break;
        at = nl + 1;
    }
    f.to = took_within(f.from, first_end, &f.blocked);
    return f;
}

/* ---- what it becomes ---- */

static char *room(struct reading *r, unsigned i, size_t len)
{
    if (len <= r->cap[i])
        return r->room[i];
    char *grown = pf_realloc(r->mem, r->room[i], 2 * len);
    if (!grown) {
        pf_fail(&r->p->err, PF_ENOMEM, "out of memory (see --max-memory)");
        return NULL;
    }
    r->room[i] = grown;
    r->cap[i] = 2 * len;
    return grown;
}

static pf_id label(struct pf_profile *p, const char *key, pf_id value)
{
    return pf_label(p, &(struct pf_label){.key = pf_strz(p, key), .str = value});
}

static pf_id string(struct pf_profile *p, struct aio_text t)
{
    return pf_str(p, t.s, t.len);
}

/* asyncio's own files lie below `lib/pythonX.Y/asyncio`, which tells the interpreter. */
static void note_version(struct reading *r, pf_id file)
{
    struct pf_str path = pf_str_at(r->p, file);
    const char *at = path.len ? memmem(path.s, path.len, "/asyncio/", 9) : NULL;
    const char *digits = at;

    if (file == r->file || !at)
        return;
    while (digits > path.s && (pf_is_digit(digits[-1]) || digits[-1] == '.'))
        digits--;
    if (digits == at || digits - path.s < 6 || memcmp(digits - 6, "python", 6) != 0)
        return;
    char name[32] = "Python ";
    size_t n = strlen(name), len = (size_t)(at - digits);
    if (n + len >= sizeof name)
        return;
    memcpy(name + n, digits, len);
    pf_id version = pf_str(r->p, name, n + len);
    r->file = file;
    r->versions_differ |= r->p->interpreter && r->p->interpreter != version;
    r->p->interpreter = version;
}

static pf_id frame(struct reading *r, pf_id name, const struct aio_place *at)
{
    pf_id file = string(r->p, at->file);

    note_version(r, file);
    return pf_frame(r->p, pf_func(r->p, name, file, 0), at->line);
}

/* The coroutine or callback, under the place where it was scheduled. The line is a hint only: where
 * a coroutine waits now is behind what blocked. So it belongs to the frame, not to the function. */
static pf_id stack(struct reading *r, const struct asyncio_record *rec)
{
    pf_id under = 0;
    char *name = room(r, MAX_PACKED, rec->name.len);

    if (!name)
        return 0;
    if (rec->created.file.s)
        under = pf_stack(r->p, 0, frame(r, pf_strz(r->p, "<created at>"), &rec->created));
    size_t len = asyncio_without_address(rec->name, name);
    return pf_stack(r->p, under, frame(r, pf_str(r->p, name, len), &rec->at));
}

static pf_id labels(struct reading *r, const struct asyncio_record *rec, bool logger)
{
    struct pf_profile *p = r->p;
    pf_id set[4];
    uint32_t n = 0;

    if (rec->kind.len)
        set[n++] = label(p, "kind", string(p, rec->kind));
    if (rec->state.len)
        set[n++] = label(p, "state", string(p, rec->state));
    if (rec->task.len) {
        char *name = room(r, MAX_PACKED, rec->task.len);
        if (!name)
            return 0;
        size_t len = asyncio_unquote(rec->task, name);
        set[n++] = label(p, "task", pf_str(p, name, len));
    }
    if (logger)
        set[n++] = label(p, "logger", pf_strz(p, "asyncio"));
    return pf_label_set(p, set, n);
}

/* Whether a word that stands beside it is only a part of a path or of a longer name. */
static bool joins(char c)
{
    return class_of(c) == LETTER || (c && strchr("/\\._-", c));
}

/* Whether the logger is named, as a word of its own. */
static bool names_logger(const char *s, const char *end)
{
    static const char word[] = "asyncio";
    enum { WORD = sizeof word - 1 };

    for (const char *at = s; (at = memmem(at, (size_t)(end - at), word, WORD)); at += WORD) {
        bool begins = at == s || !joins(at[-1]), ends = at + WORD == end || !joins(at[WORD]);
        if (begins && ends)
            return true;
    }
    return false;
}

/* Around a record, [from, to) of its line; of a long line only what is near. */
static bool logger_around(const char *line, const char *from, const char *to, const char *stop)
{
    return names_logger(from - line > NEAR ? from - NEAR : line, from)
           || names_logger(to, stop - to > NEAR ? to + NEAR : stop);
}

static void add(struct reading *r, const struct found *f, bool logger)
{
    struct asyncio_record rec;
    int64_t values[] = {f->blocked.value, 1};

    asyncio_parse(f->from, (size_t)(f->to - f->from), &rec);
    pf_id at = stack(r, &rec);
    pf_sample_add(r->p, at, labels(r, &rec, logger), values);
    r->matched++;
}

static void miss(struct reading *r)
{
    if (r->unmatched++ == 0)
        r->first_unmatched = r->offset;
}

/* ---- JSON ---- */

/* How far a line was read as JSON, so that a long one is read once. */
struct json {
    const char *line, *at, *string; /* string: the start of the one that `at` is in, or NULL */
};

/* The string of a JSON object that holds `hit`; false: the line is no JSON, or it stands outside.
 */
static bool json_string(struct json *j, const char *line, const char *hit, const char *end,
                        struct aio_text *inner)
{
    if (j->line != line) {
        const char *brace = line;
        while ((brace = memchr(brace, '{', (size_t)(hit - brace)))) {
            const char *next = brace + 1;
            while (next < hit && pf_is_blank(*next))
                next++;
            if (*next == '"')
                break;
            brace++;
        }
        *j = (struct json){line, brace ? brace : hit, NULL};
        if (!brace)
            return false;
    }
    for (; j->at < hit; j->at++) {
        if (*j->at == '"')
            j->string = j->string ? NULL : j->at + 1;
        else if (*j->at == '\\')
            j->at++;
    }
    if (!j->string)
        return false;
    for (const char *c = hit; c < end && *c != '\n'; c++) {
        if (*c == '\\')
            c++;
        else if (*c == '"') {
            *inner = (struct aio_text){j->string, (size_t)(c - j->string)};
            return true;
        }
    }
    return false;
}

/* ---- scanning ---- */

static const char *line_start(const char *s, const char *at)
{
    const char *nl = memrchr(s, '\n', (size_t)(at - s));
    return nl ? nl + 1 : s;
}

static const char *line_end(const char *at, const char *end)
{
    const char *nl = memchr(at, '\n', (size_t)(end - at));
    return nl ? nl : end;
}

/* A JSON string as it was meant; the same text when nothing in it is escaped. */
static struct aio_text unpack(struct reading *r, unsigned depth, struct aio_text packed)
{
    if (!memchr(packed.s, '\\', packed.len))
        return packed;
    char *plain = room(r, depth, packed.len);
    return (struct aio_text){plain, plain ? asyncio_unescape_json(packed.s, packed.len, plain) : 0};
}

/* The one record of a text that was in a JSON string; strings in it may hold it again. */
static void add_packed(struct reading *r, struct aio_text packed, bool logger)
{
    for (unsigned depth = 0; !r->p->err.code; depth++) {
        struct aio_text t = unpack(r, depth, packed);
        const char *end = t.s + t.len, *hit = t.s ? next_record(t.s, end) : NULL;
        if (!hit || hit[EXECUTING] == '\\') {
            if (t.s)
                miss(r);
            return;
        }
        const char *line = line_start(t.s, hit);
        if (depth + 1 < MAX_PACKED
            && json_string(&(struct json){NULL, NULL, NULL}, line, hit, end, &packed)) {
            logger |= logger_around(line, packed.s, packed.s + packed.len, line_end(hit, end));
            continue;
        }
        logger |= logger_around(line, hit, end, end);
        struct found f = record_at(line, hit, end, true);
        if (f.to)
            add(r, &f, logger);
        else
            miss(r);
        return;
    }
}

/*
 * Takes the records out of [s + from, end). Returns how much of the text is done with: all of it,
 * or up to the line of a record that is not complete; *from is then where that begins in its line.
 */
static size_t scan(struct reading *r, const char *s, const char *end, size_t *from, bool whole,
                   uint64_t offset)
{
    const char *at = s + *from, *hit, *line = s, *stop = s;
    struct json json = {NULL, NULL, NULL};
    struct aio_text packed;

    *from = 0;
    while (!r->p->err.code && (hit = next_record(at, end))) {
        if (hit >= stop) {
            line = line_start(stop, hit);
            stop = line_end(hit, end);
        }
        r->offset = offset + (uint64_t)(hit - s);
        if (json_string(&json, line, hit, end, &packed)) {
            at = packed.s + packed.len;
            add_packed(r, packed, logger_around(line, packed.s, at, stop));
            continue;
        }
        if (hit[EXECUTING] == '\\') {
            miss(r);
            at = hit + EXECUTING;
            continue;
        }
        struct found f = record_at(line, hit, end, whole);
        if (f.more) {
            *from = (size_t)(hit - line);
            return (size_t)(line - s);
        }
        if (f.to)
            add(r, &f, logger_around(line, hit, hit, hit));
        else
            miss(r);
        at = f.to ? f.to : stop;
    }
    return (size_t)(end - s);
}

/* Whole lines of the window at a time; what is left of it stays there until there is more. */
static int scan_all(struct reading *r, struct pf_source *in, struct pf_err *err)
{
    size_t have, want = 1, from = 0;
    const char *s;

    while (!r->p->err.code && (s = (const char *)pf_peek(in, want, &have))) {
        bool whole = have < want;
        const char *nl = whole ? NULL : memrchr(s, '\n', have);
        const char *end = whole ? s + have : nl ? nl + 1 : s;
        size_t done = scan(r, s, end, &from, whole, pf_offset(in));
        pf_skip(in, done);
        have -= done;
        want = whole ? 1 : have + (done ? 1 : have);
        if (!whole && !nl && have > PF_MAX_LINE)
            return pf_fail_offset(err, PF_ELIMIT, pf_offset(in), "a line is longer than %d MiB",
                                  PF_MAX_LINE / PF_MIB);
    }
    return r->p->err.code ? -1 : pf_source_check(in, err);
}

static int conclude(struct reading *r, struct pf_err *err)
{
    struct pf_profile *p = r->p;
    unsigned long long n = r->unmatched;

    if (r->matched == 0)
        return pf_fail_offset(err, PF_ESYNTAX, r->first_unmatched,
                              "no slow callback (\"Executing <... took N.NNN seconds\") %s",
                              n ? "is complete" : "is in the log");
    if (n)
        pf_note(p,
                "%llu %s \"Executing <\" without \"took N.NNN seconds\" %s left out "
                "(first: offset %llu)",
                n, n == 1 ? "line with" : "lines with", n == 1 ? "was" : "were",
                (unsigned long long)r->first_unmatched);
    if (r->versions_differ) {
        pf_note(p, "records of several Python versions are in the log");
        p->interpreter = 0;
    }
    return 0;
}

static int asyncio_read(struct pf_source *in, struct pf_profile *out, struct pf_err *err)
{
    struct reading r = {.p = out, .mem = pf_source_mem(in)};

    out->format = out->producer = pf_strz(out, "asyncio");
    out->stack_kind = PF_EXACT;
    out->rounded = true; /* milliseconds */
    pf_type_add(out, "blocked", "nanoseconds", PF_SUM);
    pf_type_add(out, "slow_callbacks", "count", PF_SUM);
    pf_text(in);
    int rc = scan_all(&r, in, err);
    if (rc == 0)
        rc = conclude(&r, err);
    if (out->err.code) {
        *err = out->err;
        rc = -1;
    }
    for (unsigned i = 0; i <= MAX_PACKED; i++)
        pf_dealloc(r.mem, r.room[i]);
    return rc;
}

/* ---- probing ---- */

/* A date and a time, or a level, as loggers begin their lines. */
static bool is_log_line(const char *s, size_t len)
{
    static const char stamp[] = "0000-00-00 00:00:00";
    const char *end = s + len;

    if (len && *s == '[')
        s++;
    if (begins_with_level(s, (size_t)(end - s), ':'))
        return true;
    for (size_t i = 0; i < sizeof stamp - 1; i++)
        if (s + i >= end || (stamp[i] == '0' && !pf_is_digit(s[i]))
            || (class_of(stamp[i]) == OTHER && s[i] != stamp[i])
            || (stamp[i] == ' ' && s[i] != ' ' && s[i] != 'T'))
            return false;
    return true;
}

static int asyncio_probe(const uint8_t *head, size_t len)
{
    char buf[PF_HEAD];
    const char *text, *hit;

    len = pf_text_head(head, len, buf, &text);
    const char *nul = memchr(text, '\0', len), *end = nul ? nul : text + len;
    if ((hit = next_record(text, end)))
        return memmem(hit, (size_t)(end - hit), " took ", 6) ? 85 : nul ? 0 : 70;
    if (nul || !is_log_line(text, len))
        return 0;
    return names_logger(text, end) ? 60 : 40;
}

const struct pf_format pf_format_asyncio = {
    .name = "asyncio",
    .title = "logs with asyncio's slow callbacks (debug mode)",
    .suffix = ".log",
    .packing = PF_PLAIN,
    .probe = asyncio_probe,
    .read = asyncio_read,
};
