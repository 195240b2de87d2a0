/* marshal_write.c - Python's marshal, written as every CPython from 2.7 on reads it. */
#include "marshal.h"
#include "pystr.h"

#include <endian.h>
#include <string.h>

static void put_sized(struct pf_sink *k, char type, uint32_t size)
{
    uint8_t head[5] = {(uint8_t)type};
    uint32_t le = htole32(size);

    memcpy(head + 1, &le, sizeof le);
    pf_put(k, head, sizeof head);
}

void pf_marshal_put_tuple(struct pf_sink *k, uint32_t n)
{
    put_sized(k, '(', n);
}

void pf_marshal_put_code(struct pf_sink *k, char code)
{
    pf_put(k, &code, 1);
}

void pf_marshal_put_int(struct pf_sink *k, int64_t i)
{
    uint64_t rest = i < 0 ? 0 - (uint64_t)i : (uint64_t)i;
    uint8_t digits[10];
    size_t n = 0;

    if (i >= INT32_MIN && i <= INT32_MAX) {
        put_sized(k, 'i', (uint32_t)i);
        return;
    }
    for (; rest; rest >>= 15, n++) {
        digits[2 * n] = (uint8_t)rest;
        digits[2 * n + 1] = (uint8_t)(rest >> 8 & 0x7f);
    }
    put_sized(k, 'l', i < 0 ? 0 - (uint32_t)n : (uint32_t)n);
    pf_put(k, digits, 2 * (size_t)n);
}

void pf_marshal_put_float(struct pf_sink *k, double d)
{
    uint8_t out[9] = {'g'};
    uint64_t bits;

    memcpy(&bits, &d, sizeof bits);
    bits = htole64(bits);
    memcpy(out + 1, &bits, sizeof bits);
    pf_put(k, out, sizeof out);
}

/* How many bytes from s on go out as they are: UTF-8 and those surrogates that are no bytes. */
static size_t plain(const char *s, size_t len)
{
    size_t i = 0;

    for (unsigned n; i < len; i += n) {
        uint32_t code;
        const uint8_t *b = (const uint8_t *)s + i;
        n = pf_utf8(s + i, len - i, &code);
        if (!n && pf_py_surrogate(b, len - i) && b[1] != 0xb2 && b[1] != 0xb3)
            n = 3;
        if (!n)
            break;
    }
    return i;
}

void pf_marshal_put_str(struct pf_sink *k, const char *s, size_t len)
{
    size_t size = 0;

    for (size_t i = 0, n; i < len; i += n + 1) {
        n = plain(s + i, len - i);
        size += n + (i + n < len ? 3 : 0);
    }
    put_sized(k, 'u', (uint32_t)size);
    for (size_t i = 0, n; i < len; i += n + 1) {
        n = plain(s + i, len - i);
        pf_put(k, s + i, n);
        if (i + n < len) {
            uint8_t c = (uint8_t)s[i + n];
            uint8_t out[3] = {0xed, (uint8_t)(0xb0 | c >> 6), (uint8_t)(0x80 | (c & 0x3f))};
            pf_put(k, out, sizeof out);
        }
    }
}
