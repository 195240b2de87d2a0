/* json_string.c - strings of JSON: where they end, and what their escapes mean. */
#include "json_inner.h"

#include <string.h>

/*
 * The first byte from i on that is a quote, a backslash or a control byte, eight at a time: (x -
 * 0x01…) & ~x & 0x80… has the top bit of each zero byte (and perhaps of some above it, which the
 * second loop sorts out). *high gathers the top bits of what was passed.
 */
static size_t plain_end(const uint8_t *s, size_t i, size_t n, uint64_t *high)
{
    const uint64_t ones = 0x0101010101010101, tops = 0x8080808080808080;
    uint64_t x;

    for (; i + 8 <= n; i += 8) {
        memcpy(&x, s + i, 8);
        uint64_t quote = x ^ (ones * '"'), backslash = x ^ (ones * '\\');
        uint64_t stop = ((x - ones * 0x20) & ~x) | ((quote - ones) & ~quote)
                        | ((backslash - ones) & ~backslash);
        if (stop & tops)
            break;
        *high |= x & tops;
    }
    for (; i < n && s[i] != '"' && s[i] != '\\' && s[i] >= 0x20; i++)
        *high |= s[i] & 0x80;
    return i;
}

static void check_utf8(struct pf_json *j, const char *s, size_t len)
{
    uint32_t code;

    for (size_t i = 0; i < len;) {
        unsigned n = pf_utf8(s + i, len - i, &code);
        if (n == 0) {
            j->bad_utf8++;
            return;
        }
        i += n;
    }
}

static int hex_digit(int c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Four hex digits at s; -1: there are none. */
static int32_t hex4(const uint8_t *s, size_t n)
{
    int32_t code = 0;

    for (size_t i = 0; i < 4; i++) {
        int digit = i < n ? hex_digit(s[i]) : -1;
        if (digit < 0)
            return -1;
        code = code << 4 | digit;
    }
    return code;
}

static char *put_code(char *to, uint32_t code)
{
    if (code < 0x80) {
        *to++ = (char)code;
        return to;
    }
    if (code >= 0x10000)
        *to++ = (char)(0xf0 | code >> 18);
    if (code >= 0x800)
        *to++ = (char)(code >= 0x10000 ? 0x80 | (code >> 12 & 0x3f) : 0xe0 | code >> 12);
    *to++ = (char)(code >= 0x800 ? 0x80 | (code >> 6 & 0x3f) : 0xc0 | code >> 6);
    *to++ = (char)(0x80 | (code & 0x3f));
    return to;
}

/*
 * The escape \uXXXX at s (and its second half), as UTF-8. Lone surrogates: DC80 to DCFF are the
 * bytes that Python could not decode, and become those bytes; others keep their 3-byte form.
 */
static size_t take_u(const uint8_t *s, size_t n, char **to)
{
    int32_t code = hex4(s + 2, n - 2);

    if (code < 0)
        return 0;
    if (code >= 0xd800 && code < 0xdc00 && n >= 8 && s[6] == '\\' && s[7] == 'u') {
        int32_t low = hex4(s + 8, n - 8);
        if (low >= 0xdc00 && low < 0xe000) {
            *to = put_code(*to,
                           0x10000 + ((uint32_t)(code - 0xd800) << 10 | (uint32_t)(low - 0xdc00)));
            return 12;
        }
    }
    if (code >= 0xdc80 && code <= 0xdcff)
        *(*to)++ = (char)code;
    else
        *to = put_code(*to, (uint32_t)code);
    return 6;
}

/* The escape at s, n bytes before the closing quote; returns its length, 0: it is none. */
static size_t take_escape(const uint8_t *s, size_t n, char **to)
{
    static const char names[] = "\"\\/bfnrt", means[] = "\"\\/\b\f\n\r\t";
    const char *at = n < 2 || !s[1] ? NULL : strchr(names, s[1]);

    if (at) {
        *(*to)++ = means[at - names];
        return 2;
    }
    return n >= 2 && s[1] == 'u' ? take_u(s, n, to) : 0;
}

bool pf_json_room(struct pf_json *j, size_t len)
{
    if (len <= j->cap)
        return true;
    size_t want = len < 256 ? 256 : 2 * len;
    char *grown = pf_realloc(j->mem, j->buf, want);
    if (!grown)
        return pf_json_fail(j, PF_ENOMEM, "out of memory (see --max-memory)");
    j->buf = grown;
    j->cap = want;
    return true;
}

/* The string at hand, all n bytes of which are in the window after the quote, has escapes. */
static bool decode(struct pf_json *j, size_t n)
{
    const uint8_t *s = j->at + 1;

    if (!pf_json_room(j, n))
        return false;
    char *to = j->buf;
    for (size_t i = 0; i < n;) {
        const uint8_t *next = memchr(s + i, '\\', n - i);
        size_t plain = next ? (size_t)(next - s) - i : n - i;
        memcpy(to, s + i, plain);
        to += plain;
        i += plain;
        size_t taken = i < n ? take_escape(s + i, n - i, &to) : 1;
        if (taken == 0) {
            pf_fail_offset(j->err, PF_ESYNTAX, j->token + 1 + i,
                           "expected an escape: one of \\\" \\\\ \\/ \\b \\f \\n \\r \\t \\uXXXX");
            return false;
        }
        i += taken;
    }
    j->text = j->buf;
    j->len = (size_t)(to - j->buf);
    return true;
}

/* The string whose opening quote is at hand. */
bool pf_json_take_string(struct pf_json *j)
{
    uint64_t high = 0;
    bool escapes = false;
    size_t i = 1;

    j->token = pf_json_offset(j);
    for (;;) {
        size_t have = (size_t)(j->end - j->at);
        i = i < have ? plain_end(j->at, i, have, &high) : i;
        int c = i < have ? j->at[i] : pf_json_byte_at(j, i);
        if (pf_json_too_long(j, i))
            return false;
        if (c == '"')
            break;
        if (c == '\\')
            i += 2; /* what it escapes is no end */
        else if (c < 0)
            return pf_json_expected_at(j, i, "the closing quote of a string");
        else if (c < 0x20)
            return pf_json_expected_at(j, i, "a character (control bytes are written \\u00XX)");
        escapes |= c == '\\';
    }
    if (high)
        check_utf8(j, (const char *)j->at + 1, i - 1);
    j->text = (const char *)j->at + 1;
    j->len = i - 1;
    if (escapes && !decode(j, i - 1))
        return false;
    j->at += i + 1;
    return true;
}
