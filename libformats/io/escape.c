/* escape.c - names from a profile written into text, JSON, CSV, Markdown, XML and folded stacks. */
#include "io.h"

#include <string.h>

unsigned pf_utf8(const char *s, size_t len, uint32_t *code)
{
    const uint8_t *b = (const uint8_t *)s;

    if (len == 0)
        return 0;
    if (b[0] < 0x80) {
        *code = b[0];
        return 1;
    }
    unsigned n = b[0] < 0xc2 ? 0 : b[0] < 0xe0 ? 2 : b[0] < 0xf0 ? 3 : b[0] < 0xf5 ? 4 : 0;
    if (n == 0 || n > len)
        return 0;
    uint32_t c = b[0] & (0xffu >> (n + 1));
    for (unsigned i = 1; i < n; i++) {
        if ((b[i] & 0xc0) != 0x80)
            return 0;
        c = c << 6 | (b[i] & 0x3f);
    }
    if ((n == 3 && (c < 0x800 || (c >= 0xd800 && c <= 0xdfff)))
        || (n == 4 && (c < 0x10000 || c > 0x10ffff)))
        return 0;
    *code = c;
    return n;
}

/* Characters that would command the terminal, or show text in another order than it is in. */
static bool is_harmful(uint32_t c)
{
    if (c < 0x7f)
        return c < 0x20;
    if (c < 0x600)
        return c <= 0x9f;
    return c == 0x61c || c == 0x200e || c == 0x200f || (c >= 0x2028 && c <= 0x202e)
           || (c >= 0x2066 && c <= 0x2069) || c == 0xfeff || c == 0xfffe || c == 0xffff;
}

/* The next character: its bytes and code; `bad` when it must not be written as it is. Bytes that
 * are no UTF-8 come one by one, with code 0xffffffff. */
struct piece {
    unsigned len;
    uint32_t code;
    bool bad;
};

enum { NO_CODE = -1 };

static struct piece next_piece(const char *s, size_t len)
{
    struct piece c = {.code = (uint32_t)NO_CODE, .bad = true};

    c.len = pf_utf8(s, len, &c.code);
    if (c.len)
        c.bad = is_harmful(c.code);
    else
        c.len = 1;
    return c;
}

/* How many bytes at s are plain ASCII that no syntax here treats in a special way. */
static size_t plain_run(const char *s, size_t len)
{
    size_t n = 0;

    while (n < len
           && ((s[n] >= 'a' && s[n] <= 'z') || (s[n] >= '0' && s[n] <= '9')
               || (s[n] >= 'A' && s[n] <= 'Z') || s[n] == '/' || s[n] == '.' || s[n] == ' '
               || s[n] == '(' || s[n] == ')'))
        n++;
    return n;
}

static void put_hex(struct pf_sink *k, const char *s, size_t len)
{
    static const char digit[] = "0123456789abcdef";

    for (size_t i = 0; i < len; i++) {
        unsigned char b = (unsigned char)s[i];
        char text[4] = {'\\', 'x', digit[b >> 4], digit[b & 15]};
        pf_put(k, text, sizeof text);
    }
}

/* Writes s, giving each character that is not simply good to `put`, which returns false when it
 * leaves it to be written as it is. */
typedef bool put_special(struct pf_sink *k, const char *s, size_t left, const struct piece *c);

static void put_pieces(struct pf_sink *k, const char *s, size_t len, put_special *put)
{
    size_t from = 0;

    for (size_t i = 0; i < len;) {
        i += plain_run(s + i, len - i);
        if (i == len)
            break;
        struct piece c = next_piece(s + i, len - i);
        size_t at = i;
        i += c.len;
        if (!c.bad && c.code >= 0x80)
            continue;
        /* `put` writes out of turn, so what stands before must go first */
        pf_put(k, s + from, at - from);
        from = put(k, s + at, len - at, &c) ? i : at;
    }
    if (len) /* s may be NULL */
        pf_put(k, s + from, len - from);
}

static bool special_name(struct pf_sink *k, const char *s, size_t left, const struct piece *c)
{
    (void)left;
    if (c->bad)
        put_hex(k, s, c->len);
    return c->bad;
}

void pf_put_name(struct pf_sink *k, const char *s, size_t len)
{
    put_pieces(k, s, len, special_name);
}

static bool special_folded(struct pf_sink *k, const char *s, size_t left, const struct piece *c)
{
    (void)left;
    if (!c->bad && *s != ';' && *s != '\\')
        return false;
    put_hex(k, s, c->len);
    return true;
}

void pf_put_folded(struct pf_sink *k, const char *s, size_t len)
{
    put_pieces(k, s, len, special_folded);
}

/* Readers cut blanks off at both ends, and take an empty name for a reference to one. */
void pf_put_callgrind(struct pf_sink *k, const char *s, size_t len)
{
    size_t from = 0, to = len;

    while (from < to && s[from] == ' ')
        from++;
    while (to > from && s[to - 1] == ' ')
        to--;
    put_hex(k, s, from);
    put_pieces(k, s + from, to - from, special_name);
    put_hex(k, s + to, len - to);
    if (!len)
        pf_put(k, "???", 3);
}

static bool special_json(struct pf_sink *k, const char *s, size_t left, const struct piece *c)
{
    (void)left;
    if (c->code == (uint32_t)NO_CODE) {
        pf_put(k, "\\", 1);
        put_hex(k, s, 1);
    } else if (c->bad || *s == '<' || *s == '>' || *s == '&') {
        pf_printf(k, "\\u%04x", (unsigned)c->code);
    } else if (*s == '"' || *s == '\\') {
        pf_put(k, "\\", 1);
        return false;
    } else {
        return false;
    }
    return true;
}

void pf_put_json(struct pf_sink *k, const char *s, size_t len)
{
    pf_put(k, "\"", 1);
    put_pieces(k, s, len, special_json);
    pf_put(k, "\"", 1);
}

static bool special_csv(struct pf_sink *k, const char *s, size_t left, const struct piece *c)
{
    if (*s != '"')
        return special_name(k, s, left, c);
    pf_put(k, "\"\"", 2);
    return true;
}

void pf_put_csv(struct pf_sink *k, const char *s, size_t len)
{
    static const char formula[] = {'=', '+', '-', '@', '\t', '\r'};
    bool quoted = len && (memchr(s, ',', len) || memchr(s, '"', len));

    if (quoted)
        pf_put(k, "\"", 1);
    /* spreadsheets take a field that begins so for a formula */
    if (len && memchr(formula, s[0], sizeof formula))
        pf_put(k, "'", 1);
    put_pieces(k, s, len, special_csv);
    if (quoted)
        pf_put(k, "\"", 1);
}

static bool special_markdown(struct pf_sink *k, const char *s, size_t left, const struct piece *c)
{
    static const char markup[] = {'|', '\\', '`', '*', '_', '[', ']', '~', '$', '!'};

    if (c->bad) {
        pf_put(k, "\\", 1); /* of the escape itself */
        put_hex(k, s, 1);
        for (unsigned i = 1; i < c->len; i++) {
            pf_put(k, "\\", 1);
            put_hex(k, s + i, 1);
        }
        return true;
    }
    switch (*s) {
    case '<': pf_put(k, "&lt;", 4); return true;
    case '>': pf_put(k, "&gt;", 4); return true;
    case '&': pf_put(k, "&amp;", 5); return true;
    case ':': /* would make a link of what looks like an address */
        if (left < 3 || s[1] != '/' || s[2] != '/')
            return false;
        break;
    default:
        if (!memchr(markup, *s, sizeof markup))
            return false;
    }
    pf_put(k, "\\", 1);
    return false;
}

void pf_put_markdown(struct pf_sink *k, const char *s, size_t len)
{
    for (const char *www; len && (www = memmem(s, len, "www.", 4));) { /* a link, too */
        size_t before = (size_t)(www - s) + 3;
        put_pieces(k, s, before, special_markdown);
        pf_put(k, "\\.", 2);
        s += before + 1;
        len -= before + 1;
    }
    put_pieces(k, s, len, special_markdown);
}

/* For text and for attributes in either quotes. Characters that XML cannot hold at all are spelled
 * as in plain text. */
static bool special_xml(struct pf_sink *k, const char *s, size_t left, const struct piece *c)
{
    (void)left;
    if (c->bad) {
        put_hex(k, s, c->len);
        return true;
    }
    switch (*s) {
    case '<': pf_put(k, "&lt;", 4); return true;
    case '>': pf_put(k, "&gt;", 4); return true;
    case '&': pf_put(k, "&amp;", 5); return true;
    case '"': pf_put(k, "&quot;", 6); return true;
    case '\'': pf_put(k, "&#39;", 5); return true;
    default: return false;
    }
}

void pf_put_xml(struct pf_sink *k, const char *s, size_t len)
{
    put_pieces(k, s, len, special_xml);
}

/* In a label, too, a backslash would begin an escape of dot's. */
static bool special_dot(struct pf_sink *k, const char *s, size_t left, const struct piece *c)
{
    (void)left;
    if (c->bad) {
        for (unsigned i = 0; i < c->len; i++) {
            pf_put(k, "\\", 1);
            put_hex(k, s + i, 1);
        }
        return true;
    }
    if (*s == '"' || *s == '\\')
        pf_put(k, "\\", 1);
    return false;
}

void pf_put_dot(struct pf_sink *k, const char *s, size_t len)
{
    put_pieces(k, s, len, special_dot);
}

size_t pf_name_width(const char *s, size_t len)
{
    size_t width = 0;

    for (size_t i = 0; i < len;) {
        struct piece c = next_piece(s + i, len - i);
        width += c.bad ? 4 * c.len : pf_char_width(c.code);
        i += c.len;
    }
    return width;
}
