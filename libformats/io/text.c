/* text.c - numbers and heads of text formats. */
#include "text.h"

#include <string.h>

/* ---- decimal numbers ---- */

enum { MAX_EXPONENT = 100000 };

struct number {
    const char *digits; /* with a point among them, perhaps */
    size_t n;           /* bytes of that */
    size_t whole;       /* digits before the point */
    int exponent;
    bool negative;
};

static size_t take_digits(const char *s, size_t len, size_t i)
{
    while (i < len && pf_is_digit(s[i]))
        i++;
    return i;
}

/* The exponent at s[i], if there is one; returns where it ends. */
static size_t take_exponent(const char *s, size_t len, size_t i, int *exponent)
{
    size_t from = i + 1;
    bool negative = false;

    *exponent = 0;
    if (i >= len || (s[i] | 0x20) != 'e')
        return i;
    if (from < len && (s[from] == '-' || s[from] == '+'))
        negative = s[from++] == '-';
    size_t end = take_digits(s, len, from);
    if (end == from)
        return i;
    for (size_t k = from; k < end && *exponent < MAX_EXPONENT; k++)
        *exponent = *exponent * 10 + (s[k] - '0');
    if (negative)
        *exponent = -*exponent;
    return end;
}

static size_t take_number(const char *s, size_t len, struct number *x)
{
    size_t i = 0;

    x->negative = len && s[0] == '-';
    if (len && (s[0] == '-' || s[0] == '+'))
        i++;
    x->digits = s + i;
    size_t from = i;
    i = take_digits(s, len, i);
    x->whole = i - from;
    if (i < len && s[i] == '.')
        i = take_digits(s, len, i + 1);
    x->n = i - from;
    if (x->whole + (x->n > x->whole + 1) == 0)
        return 0;
    return take_exponent(s, len, i, &x->exponent);
}

static char digit_at(const struct number *x, size_t k)
{
    return x->digits[k < x->whole ? k : k + 1];
}

/* Rounds up half to even: what was cut off begins with digit k. */
static bool rounds_up(const struct number *x, size_t k, size_t n, bool odd, bool *exact)
{
    bool more = false;

    for (size_t i = k + 1; i < n; i++)
        more |= digit_at(x, i) != '0';
    char first = digit_at(x, k);
    *exact = first == '0' && !more;
    return first > '5' || (first == '5' && (more || odd));
}

/* Most numbers have few digits and no exponent: those need no more than 64 bits. 0: not so here. */
static size_t short_decimal(const char *s, size_t len, int scale, struct pf_decimal *d)
{
    static const int64_t power[] = {1,      10,      100,      1000,      10000,
                                    100000, 1000000, 10000000, 100000000, 1000000000};
    enum { MOST_DIGITS = 18, MOST_POWER = 9 };
    bool negative = len && s[0] == '-';
    size_t from = negative, i = from, point = 0;
    uint64_t value = 0; /* holds a digit more than is wanted */

    for (; i < len && i - from <= MOST_DIGITS; i++) {
        if (pf_is_digit(s[i]))
            value = value * 10 + (uint64_t)(s[i] - '0');
        else if (s[i] == '.' && !point)
            point = i + 1;
        else
            break;
    }
    size_t digits = i - from - (point != 0);
    int pad = scale - (int)(point ? i - point : 0);
    if (!digits || digits > MOST_DIGITS || pad < 0 || pad > MOST_POWER
        || (i < len && (pf_is_digit(s[i]) || s[i] == '.' || (s[i] | 0x20) == 'e')))
        return 0;
    *d = (struct pf_decimal){0, true, true};
    bool fits =
        !__builtin_mul_overflow(negative ? -(int64_t)value : (int64_t)value, power[pad], &d->value);
    return fits ? i : 0;
}

size_t pf_decimal(const char *s, size_t len, int scale, struct pf_decimal *d)
{
    struct number x;
    size_t taken = short_decimal(s, len, scale, d);

    if (taken)
        return taken;
    taken = take_number(s, len, &x);
    pf_int128 value = 0;
    const pf_int128 most = (pf_int128)INT64_MAX + 1;

    *d = (struct pf_decimal){0, true, true};
    if (!taken)
        return 0;
    size_t n = x.n > x.whole ? x.n - 1 : x.n; /* digits */
    long keep = (long)x.whole + x.exponent + scale;
    for (long k = 0; k < keep && value <= most; k++) {
        if ((size_t)k >= n && value == 0)
            break;
        value = value * 10 + ((size_t)k < n ? digit_at(&x, (size_t)k) - '0' : 0);
    }
    if (keep >= 0 && (size_t)keep < n && value <= most)
        value += rounds_up(&x, (size_t)keep, n, value & 1, &d->exact);
    else if (keep < 0)
        for (size_t k = 0; k < n; k++)
            d->exact &= digit_at(&x, k) == '0';
    if (x.negative)
        value = -value;
    d->fits = value >= INT64_MIN && value <= INT64_MAX;
    d->value = d->fits ? (int64_t)value : 0;
    return taken;
}

bool pf_divide(pf_int128 n, int64_t by, int64_t *quotient)
{
    bool small = n >= INT64_MIN && n <= INT64_MAX; /* which is ten times faster */
    pf_int128 q = small ? (int64_t)n / by : n / by, rest = n - q * by,
              twice = 2 * (rest < 0 ? -rest : rest);

    if (twice > by || (twice == by && (q & 1)))
        q += n < 0 ? -1 : 1;
    *quotient = (int64_t)q;
    return q >= INT64_MIN && q <= INT64_MAX;
}

/* In 1e-9 MiB first: as many digits as anybody writes, and still 8 PiB. */
size_t pf_mebibytes(const char *s, size_t len, struct pf_decimal *bytes)
{
    enum { SCALE = 9, NANO = 1000000000, FIVES = 1953125, MEBI = 1048576 };
    size_t taken = pf_decimal(s, len, SCALE, bytes);

    bytes->exact &= bytes->value % FIVES == 0; /* the twos of NANO are in MEBI */
    if (!pf_divide((pf_int128)bytes->value * MEBI, NANO, &bytes->value))
        bytes->fits = false;
    return taken;
}

/* ---- heads ---- */

static size_t narrow(const uint8_t *head, size_t len, char *text)
{
    bool big_endian = head[0] == 0xfe;
    size_t n = 0;

    for (size_t i = 2; i + 1 < len && n < PF_HEAD; i += 2) {
        uint8_t high = head[big_endian ? i : i + 1], low = head[big_endian ? i + 1 : i];
        text[n++] = (char)(high || low >= 0x80 ? '?' : low);
    }
    return n;
}

size_t pf_text_head(const uint8_t *head, size_t len, char buf[PF_HEAD], const char **text)
{
    *text = (const char *)head;
    len = len < PF_HEAD ? len : PF_HEAD;
    if (len >= 2
        && ((head[0] == 0xff && head[1] == 0xfe) || (head[0] == 0xfe && head[1] == 0xff))) {
        *text = buf;
        return narrow(head, len, buf);
    }
    if (len >= 3 && memcmp(head, "\xef\xbb\xbf", 3) == 0) {
        *text += 3;
        len -= 3;
    }
    return len;
}

const char *pf_head_line(const char **text, size_t *left, size_t *len)
{
    const char *line = *text, *end = *left ? memchr(line, '\n', *left) : NULL;

    if (!*left)
        return NULL;
    *len = end ? (size_t)(end - line) : *left;
    size_t taken = *len + (end != NULL);
    *text += taken;
    *left -= taken;
    if (end && *len && line[*len - 1] == '\r')
        --*len;
    return line;
}
