/* marshal_scalar.c - the strings and numbers of Python's marshal, read. */
#include "marshal.h"
#include "pystr.h"

#include <endian.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>

enum {
    TEXT_CHUNK = 64 * PF_KIB,
    MAX_STRING = 64 * PF_MIB, /* bytes in one string */
    MAX_DIGITS = 1 << 20,     /* of a long, 15 bits each */
};

/* ---- strings ---- */

/* How the bytes of a string are to be read. */
enum spelling { LATIN1, UTF8, BYTES };

char *pf_marshal_room(struct pf_marshal *m, size_t n)
{
    size_t want = m->n_text + n;

    if (want > UINT32_MAX) {
        pf_marshal_fail(m, PF_ELIMIT, "the code objects hold more than 4 GiB of text");
        return NULL;
    }
    if (want > m->cap_text || !m->text) {
        size_t cap = want < TEXT_CHUNK ? TEXT_CHUNK : want + want / 2;
        char *text = pf_realloc(m->p->mem, m->text, cap);
        if (!text) {
            pf_marshal_no_memory(m);
            return NULL;
        }
        m->text = text;
        m->cap_text = cap;
    }
    return m->text + m->n_text;
}

static size_t from_latin1(char *to, const uint8_t *s, size_t n)
{
    char *start = to;

    for (size_t i = 0; i < n; i++) {
        if (s[i] < 0x80) {
            *to++ = (char)s[i];
        } else {
            *to++ = (char)(0xc0 | s[i] >> 6);
            *to++ = (char)(0x80 | (s[i] & 0x3f));
        }
    }
    return (size_t)(to - start);
}

/* Makes v the string of n bytes that stands at m->at. */
static bool take_string(struct pf_marshal *m, struct pf_mval *v, size_t n, enum spelling spelling)
{
    const uint8_t *s = m->at;
    bool as_is = spelling == BYTES || pf_py_ascii(s, n), bad = false;

    m->at += n;
    v->kind = PF_M_STR;
    if (as_is && !m->in_code) {
        v->str = pf_str(m->p, (const char *)s, n);
        return true;
    }
    char *to = pf_marshal_room(m, spelling == LATIN1 ? 2 * n : n);
    if (!to)
        return false;
    if (as_is)
        memcpy(to, s, n);
    else if (spelling == LATIN1)
        n = from_latin1(to, s, n);
    else
        n = pf_py_from_utf8(to, s, n, &bad);
    m->bad_utf8 += bad;
    if (!m->in_code) {
        v->str = pf_str(m->p, to, n);
        return true;
    }
    v->kind = PF_M_TEXT;
    v->n = (uint32_t)n;
    v->first = (uint32_t)m->n_text;
    m->n_text += n;
    return true;
}

static bool sized_string(struct pf_marshal *m, struct pf_mval *v, enum spelling spelling)
{
    int32_t n;

    if (!pf_marshal_s32(m, &n))
        return false;
    if (n < 0)
        return pf_marshal_fail(m, PF_ESYNTAX, "a string claims %d bytes", (int)n);
    if (!pf_marshal_enough(m, n < MAX_STRING ? (size_t)n : MAX_STRING)) {
        size_t left = (size_t)(m->end - m->at);
        if (pf_source_check(m->in, m->err))
            return false;
        return pf_marshal_fail(
            m, PF_ESYNTAX, "the file is cut: a string claims %d bytes, %zu are left", (int)n, left);
    }
    if (n > MAX_STRING)
        return pf_marshal_fail(m, PF_ELIMIT, "a string of %d bytes is longer than %d MiB", (int)n,
                               (int)MAX_STRING / PF_MIB);
    return take_string(m, v, (size_t)n, spelling);
}

static bool short_string(struct pf_marshal *m, struct pf_mval *v, enum spelling spelling)
{
    if (!pf_marshal_need(m, 1))
        return false;
    size_t n = *m->at++;
    return pf_marshal_need(m, n) && take_string(m, v, n, spelling);
}

bool pf_marshal_text(struct pf_marshal *m, struct pf_mval *v, uint8_t type)
{
    *v = (struct pf_mval){0};
    switch (type) {
    case 'z':
    case 'Z': return short_string(m, v, LATIN1);
    case 'a':
    case 'A': return sized_string(m, v, LATIN1);
    case 'u': return sized_string(m, v, UTF8);
    case 's': v->old = m->old_seen = true; return sized_string(m, v, BYTES);
    default: /* t: UTF-8 in Python 3, which writes references; bytes in Python 2, which does not */
        v->old = !m->refs_seen;
        m->old_seen |= v->old;
        return sized_string(m, v, m->refs_seen ? UTF8 : BYTES)
               && pf_marshal_append(m, &m->strings, v);
    }
}

/* ---- numbers ---- */

static uint16_t get16(const uint8_t *b)
{
    uint16_t x;
    memcpy(&x, b, sizeof x);
    return le16toh(x);
}

static uint64_t get64(const uint8_t *b)
{
    uint64_t x;
    memcpy(&x, b, sizeof x);
    return le64toh(x);
}

static bool take_long(struct pf_marshal *m, struct pf_mval *v)
{
    enum { FITS = 5 }; /* digits that may make up 64 bits */
    int32_t n;
    uint64_t sum = 0;

    if (!pf_marshal_s32(m, &n))
        return false;
    size_t digits = n < 0 ? 0 - (size_t)n : (size_t)n;
    if (digits > MAX_DIGITS)
        return pf_marshal_fail(m, PF_ELIMIT, "an int claims %zu digits, at most %d are read",
                               digits, (int)MAX_DIGITS);
    if (!pf_marshal_need(m, 2 * digits))
        return false;
    bool huge = digits > FITS;
    for (size_t i = 0; i < digits; i++) {
        uint64_t digit = get16(m->at + 2 * i);
        if (digit > 0x7fff || (digit == 0 && i + 1 == digits))
            return pf_marshal_fail(m, PF_ESYNTAX, "an int has a digit that Python does not write");
        huge = huge || (i + 1 == FITS && digit > 0xf);
        sum |= huge ? 0 : digit << (15 * i);
    }
    m->at += 2 * digits;
    huge = huge || sum > (uint64_t)INT64_MAX + (n < 0);
    *v = (struct pf_mval){.kind = huge ? PF_M_HUGE : PF_M_INT};
    v->i = huge ? 0 : (int64_t)(n < 0 ? 0 - sum : sum);
    return true;
}

/* A float as text, which only marshal's versions 0 and 1 write. */
static bool take_text_float(struct pf_marshal *m, struct pf_mval *v)
{
    char text[256], *end;

    if (!pf_marshal_need(m, 1))
        return false;
    size_t n = *m->at++;
    if (!pf_marshal_need(m, n))
        return false;
    memcpy(text, m->at, n);
    text[n] = 0;
    m->at += n;
    if (!n || strspn(text, "+-0123456789.eEinfa") != n)
        return pf_marshal_fail(m, PF_ESYNTAX, "expected a number as text");
    /* glibc's "C" locale is a constant: nothing is allocated */
    locale_t c = newlocale(LC_ALL_MASK, "C", (locale_t)0);
    if (!c)
        return pf_marshal_no_memory(m);
    *v = (struct pf_mval){.kind = PF_M_FLOAT};
    v->d = strtod_l(text, &end, c);
    freelocale(c);
    if (end != text + n)
        return pf_marshal_fail(m, PF_ESYNTAX, "expected a number as text");
    return true;
}

bool pf_marshal_number(struct pf_marshal *m, struct pf_mval *v, uint8_t type)
{
    static const uint8_t sizes[] = {['i'] = 4, ['I'] = 8, ['g'] = 8, ['y'] = 16};
    struct pf_mval imaginary;

    if (type == 'l')
        return take_long(m, v);
    if (type == 'f')
        return take_text_float(m, v);
    if (type == 'x') {
        bool ok = take_text_float(m, v) && take_text_float(m, &imaginary);
        v->kind = PF_M_OTHER;
        return ok;
    }
    if (!pf_marshal_need(m, sizes[type]))
        return false;
    if (type == 'i')
        *v = (struct pf_mval){.kind = PF_M_INT, .i = pf_marshal_get32(m->at)};
    else if (type == 'I')
        *v = (struct pf_mval){.kind = PF_M_INT, .i = (int64_t)get64(m->at)};
    else
        *v = (struct pf_mval){.kind = type == 'g' ? PF_M_FLOAT : PF_M_OTHER,
                              .i = (int64_t)get64(m->at)};
    m->at += sizes[type];
    return true;
}
