/* pystr.c - Python's strings as its files hold them, turned into the bytes that they stand for. */
#include "pystr.h"

#include <string.h>

bool pf_py_ascii(const uint8_t *s, size_t n)
{
    size_t i = 0;

    for (uint64_t word; i + sizeof word <= n; i += sizeof word) {
        memcpy(&word, s + i, sizeof word);
        if (word & 0x8080808080808080u)
            return false;
    }
    while (i < n && s[i] < 0x80)
        i++;
    return i == n;
}

size_t pf_py_from_utf8(char *to, const uint8_t *s, size_t n, bool *bad)
{
    char *start = to;

    *bad = false;
    for (size_t i = 0, len; i < n; i += len) {
        uint32_t code;
        len = pf_utf8((const char *)s + i, n - i, &code);
        if (!len && pf_py_surrogate(s + i, n - i)) {
            len = 3;
            if (s[i + 1] == 0xb2 || s[i + 1] == 0xb3) {
                *to++ = (char)((s[i + 1] & 1) << 6 | s[i + 2]);
                continue;
            }
        }
        *bad |= !len;
        len = len ? len : 1;
        memcpy(to, s + i, len);
        to += len;
    }
    return (size_t)(to - start);
}

/* ---- reprs ---- */

static int hex(char c)
{
    return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* A character as UTF-8; U+DC80..DCFF are the bytes that they stand for. */
static size_t put_char(char *to, uint32_t c)
{
    size_t n = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;

    if ((c >= 0xdc80 && c <= 0xdcff) || n == 1) {
        to[0] = (char)c;
        return 1;
    }
    for (size_t i = n - 1; i > 0; i--, c >>= 6)
        to[i] = (char)(0x80 | (c & 0x3f));
    to[0] = (char)(0xf00 >> n | c);
    return n;
}

/* What stands behind a backslash: returns how many bytes it takes, 0 if it is no escape. */
static size_t escape(const char *s, size_t len, uint32_t *c)
{
    static const char plain[][2] = {{'\\', '\\'}, {'\'', '\''}, {'"', '"'},
                                    {'n', '\n'},  {'r', '\r'},  {'t', '\t'}};
    size_t digits = !len ? 0 : s[0] == 'x' ? 2 : s[0] == 'u' ? 4 : s[0] == 'U' ? 8 : 0;

    for (size_t i = 0; len && i < sizeof plain / sizeof *plain; i++)
        if (s[0] == plain[i][0]) {
            *c = (unsigned char)plain[i][1];
            return 1;
        }
    *c = 0;
    for (size_t i = 1; i <= digits; i++) {
        int d = i < len ? hex(s[i]) : -1;
        if (d < 0 || *c > 0x10ffff >> 4)
            return 0;
        *c = *c << 4 | (uint32_t)d;
    }
    return digits ? digits + 1 : 0;
}

size_t pf_py_from_repr(char *to, const char *s, size_t len, size_t *n)
{
    char quote = (char)(len ? s[0] : 0);
    size_t i = 1;

    *n = 0;
    if (quote != '\'' && quote != '"')
        return 0;
    while (i < len && s[i] != quote) {
        uint32_t c;
        size_t taken = s[i] == '\\' ? escape(s + i + 1, len - i - 1, &c) : 0;
        if (taken)
            *n += put_char(to + *n, c);
        else
            to[(*n)++] = s[i];
        i += 1 + taken;
    }
    return i < len ? i + 1 : 0;
}
