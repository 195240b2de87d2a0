/*
 * asyncio_record.c - takes the repr of a Task or Handle apart, as asyncio's debug log shows it.
 *
 *     <Task STATE [name='T'] coro=<NAME() WHERE> [wait_for=<…>] [cb=[…]] [created at F:L]>
 *     <Handle [cancelled] [when=1.5] CALLBACK [at F:L] [created at F:L]>
 *
 * Brackets in it are not balanced (reprlib cuts), and names, results and exceptions hold whatever
 * they like. So it is read from its two ends, and what stands between is skipped.
 */
#include "asyncio.h"

#include "text.h"

#include <string.h>

static bool is_word(char c)
{
    return pf_is_digit(c) || c == '_' || (unsigned)((c | 0x20) - 'a') < 26 || (c & 0x80);
}

static struct aio_text text(const char *s, const char *end)
{
    return (struct aio_text){s, (size_t)(end - s)};
}

static const char *find(const char *s, const char *end, const char *what)
{
    return s < end ? memmem(s, (size_t)(end - s), what, strlen(what)) : NULL;
}

/* The last place in [s, end) where `what` stands; NULL: nowhere. */
static const char *find_last(const char *s, const char *end, const char *what)
{
    size_t n = strlen(what);

    for (const char *at = end; (size_t)(at - s) >= n; at--) {
        at = memrchr(s, what[n - 1], (size_t)(at - s));
        if (!at || (size_t)(at + 1 - s) < n)
            return NULL;
        if (memcmp(at + 1 - n, what, n) == 0)
            return at + 1 - n;
        at++;
    }
    return NULL;
}

/* `FILE:LINE`, all of it; the file may hold colons. */
static bool take_place(const char *s, const char *end, struct aio_place *place)
{
    const char *digits = end;
    int64_t line = 0;

    while (digits > s && pf_is_digit(digits[-1]))
        digits--;
    if (digits == end || end - digits > 9 || digits - s < 2 || digits[-1] != ':')
        return false;
    for (const char *d = digits; d < end; d++)
        line = line * 10 + (*d - '0');
    *place = (struct aio_place){text(s, digits - 1), line};
    return true;
}

/* Cuts ` created at F:L` off the end; returns where the rest ends. */
static const char *cut_created(const char *s, const char *end, struct aio_place *created)
{
    static const char before[] = " created at ";
    const char *at = find_last(s, end, before);

    return at && take_place(at + strlen(before), end, created) ? at : end;
}

/* ---- tasks ---- */

/* The end of the Python string literal at s; NULL: it has none. */
static const char *literal_end(const char *s, const char *end)
{
    for (const char *c = s + 1; c < end; c++) {
        if (*c == '\\')
            c++;
        else if (*c == *s)
            return c + 1;
    }
    return NULL;
}

/* `NAME() running at F:L>…`: the first bracket behind a line number ends it. */
static void take_coroutine(const char *s, const char *end, struct asyncio_record *r)
{
    static const char *const wheres[] = {"() running at ", "() done, defined at ",
                                         "() running, defined at "};
    const char *bracket = s, *call = NULL, *place = NULL;

    for (size_t i = 0; i < sizeof wheres / sizeof *wheres; i++) {
        const char *at = find(s, end, wheres[i]);
        if (at && (!call || at < call)) {
            call = at;
            place = at + strlen(wheres[i]);
        }
    }
    for (bracket = place; bracket && (bracket = find(bracket, end, ">")); bracket++)
        if (take_place(place, bracket, &r->at)) {
            r->name = text(s, call);
            return;
        }
    /* Cython's coroutines have no place. */
    call = find(s, end, "()");
    r->name = text(s, call ? call : end);
}

static void parse_task(const char *s, const char *end, struct asyncio_record *r)
{
    static const char name[] = " name=", coro[] = " coro=<";
    const char *state = s;

    while (s < end && is_word(*s))
        s++;
    r->state = text(state, s);
    if (pf_starts(s, (size_t)(end - s), name)) {
        const char *literal = s + strlen(name);
        bool is_quoted = literal < end && (*literal == '\'' || *literal == '"');
        const char *after = is_quoted ? literal_end(literal, end) : NULL;
        if (after) {
            r->task = text(literal, after);
            s = after;
        }
    }
    end = cut_created(s, end, &r->created);
    s = find(s, end, coro);
    if (s)
        take_coroutine(s + strlen(coro), end, r);
}

/* ---- handles ---- */

/* `<lambda>`, `<locals>` and reprs of objects may be part of it: the arguments begin outside. */
static const char *callback_name_end(const char *s, const char *end)
{
    long depth = 0;

    for (const char *c = s; c < end; c++) {
        if (*c == '<')
            depth++;
        else if (*c == '>')
            depth--;
        else if (*c == '(' && depth <= 0 && c > s)
            return c;
    }
    const char *call = depth ? find(s + 1, end, "(") : NULL;
    return call ? call : end;
}

static void parse_handle(const char *s, const char *end, struct asyncio_record *r)
{
    static const char cancelled[] = "cancelled", when[] = "when=";

    if (pf_starts(s, (size_t)(end - s), cancelled)) {
        r->state = text(s, s + strlen(cancelled));
        s += strlen(cancelled);
        s += s < end && *s == ' ';
    }
    if (pf_starts(s, (size_t)(end - s), when)) {
        const char *blank = memchr(s, ' ', (size_t)(end - s));
        s = blank ? blank + 1 : end;
    }
    end = cut_created(s, end, &r->created);
    if (s >= end || *s == ' ')
        return;
    const char *at = find_last(s, end, ") at ");
    if (at && take_place(at + 5, end, &r->at))
        end = at + 1;
    r->name = text(s, callback_name_end(s, end));
}

void asyncio_parse(const char *s, size_t len, struct asyncio_record *r)
{
    const char *end = s + len - 1, *word = s + 1;

    *r = (struct asyncio_record){{0}, {0}, {0}, {0}, {{0}, 0}, {{0}, 0}};
    while (word < end && (is_word(*word) || *word == '.'))
        word++;
    if (word == s + 1 || word >= end || *word != ' ') {
        r->name = text(s, end + 1); /* the repr of something else */
        return;
    }
    struct aio_text kind = text(s + 1, word++);
    bool is_handle = kind.len >= 6 && memcmp(kind.s + kind.len - 6, "Handle", 6) == 0;
    if (is_handle)
        parse_handle(word, end, r);
    else
        parse_task(word, end, r);
    if (!r->name.s && !is_handle && !r->task.s) { /* no task, either: its state was none */
        *r = (struct asyncio_record){.name = text(s, end + 1)};
        return;
    }
    r->kind = kind;
    if (!r->name.s)
        r->name = r->kind;
}

/* ---- text as it was ---- */

size_t asyncio_without_address(struct aio_text t, char *to)
{
    static const char before[] = " at 0x";
    size_t n = 0;

    for (size_t i = 0; i < t.len;) {
        size_t end = i + strlen(before);
        if (!pf_starts(t.s + i, t.len - i, before)) {
            to[n++] = t.s[i++];
            continue;
        }
        while (end < t.len && (pf_is_digit(t.s[end]) || (unsigned)((t.s[end] | 0x20) - 'a') < 6))
            end++;
        i = end;
    }
    return n;
}

static int hex(char c)
{
    if (pf_is_digit(c))
        return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* n hexadecimal digits; -1: they are none. */
static int64_t hex_value(const char *s, size_t len, size_t n)
{
    int64_t value = 0;

    if (len < n)
        return -1;
    for (size_t i = 0; i < n; i++) {
        if (hex(s[i]) < 0)
            return -1;
        value = value << 4 | hex(s[i]);
    }
    return value;
}

static size_t put_utf8(uint32_t code, char *to)
{
    static const uint8_t first[] = {0, 0, 0xc0, 0xe0, 0xf0};
    size_t n = code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;

    for (size_t i = n; i-- > 1; code >>= 6)
        to[i] = (char)(0x80 | (code & 0x3f));
    to[0] = (char)(first[n] | code);
    return n;
}

/* The character that one letter behind a backslash stands for: often itself. */
static char escaped(char letter)
{
    static const char letters[] = "abfnrtv", values[] = "\a\b\f\n\r\t\v";
    const char *at = letter ? strchr(letters, letter) : NULL;

    if (at)
        letter = values[at - letters];
    return letter;
}

size_t asyncio_unquote(struct aio_text t, char *to)
{
    size_t n = 0;

    for (size_t i = 1; i + 1 < t.len; i++) {
        if (t.s[i] != '\\' || i + 2 >= t.len) {
            to[n++] = t.s[i];
            continue;
        }
        char letter = t.s[++i];
        size_t digits = letter == 'x' ? 2 : letter == 'u' ? 4 : letter == 'U' ? 8 : 0;
        int64_t code = digits ? hex_value(t.s + i + 1, t.len - 1 - i - 1, digits) : -1;
        if (code >= 0 && code <= 0x10ffff) {
            n += put_utf8((uint32_t)code, to + n);
            i += digits;
        } else {
            to[n++] = escaped(letter);
        }
    }
    return n;
}

/* The character of a \uXXXX or of a pair of them at s; *used: how many bytes that takes, or 0. */
static uint32_t json_unicode(const char *s, size_t len, size_t *used)
{
    int64_t high = len > 2 && s[1] == 'u' ? hex_value(s + 2, len - 2, 4) : -1, low = -1;

    *used = high < 0 ? 0 : 6;
    if (high >= 0xd800 && high < 0xdc00 && len >= 12 && s[6] == '\\' && s[7] == 'u')
        low = hex_value(s + 8, len - 8, 4);
    if (low < 0xdc00 || low > 0xdfff)
        return (uint32_t)high;
    *used = 12;
    return (uint32_t)(0x10000 + ((high - 0xd800) << 10) + (low - 0xdc00));
}

size_t asyncio_unescape_json(const char *s, size_t len, char *to)
{
    size_t n = 0, used;

    for (size_t i = 0; i < len; i++) {
        if (s[i] != '\\' || i + 1 == len) {
            to[n++] = s[i];
            continue;
        }
        uint32_t code = json_unicode(s + i, len - i, &used);
        if (used) {
            n += put_utf8(code, to + n);
            i += used - 1;
        } else {
            char letter = s[++i];
            to[n++] = escaped(letter);
        }
    }
    return n;
}
