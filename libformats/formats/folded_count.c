/*
 * folded_count.c - the numbers at the end of a folded line.
 *
 * The grammar is flamegraph.pl's: /^(.*)\s+?(\d+(?:\.\d*)?)$/. austin's lines end in one number,
 * which may be negative, or in three, with blanks (1.x) or commas (3.x) between them.
 */
#include "folded.h"
#include "text.h"

enum { FRACTION_DIGITS = 18 };

size_t folded_trim(const char *s, size_t len)
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

/* ---- everybody's ---- */

/* Splits at the last count, false if there is none. Only its place is found, not its value. */
static bool find_count(const char *s, size_t len, struct folded_count *c, size_t *end)
{
    size_t i = folded_trim(s, len);

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

bool folded_count(const char *s, size_t len, struct folded_count *c)
{
    size_t end;

    if (!find_count(s, len, c, &end))
        return false;
    size_t point = c->at + c->digits;
    c->n = 1;
    c->idle = false;
    c->value[0] = digits_value(s + c->at, c->digits, &c->fits);
    c->fraction = point < end ? fraction_value(s + point + 1, end - point - 1) : 0;
    return true;
}

bool folded_ends_in_count(const char *s, size_t len)
{
    struct folded_count c;
    size_t end;

    return find_count(s, len, &c, &end) && end == len;
}

/* ---- austin's ---- */

/* The integer that ends at *end and begins behind `from`; *end moves to where it begins. */
static bool take_last(const char *s, size_t from, size_t *end, struct folded_count *c, int64_t *v)
{
    size_t i = *end;
    bool fits;

    while (i > from && pf_is_digit(s[i - 1]))
        i--;
    if (i == *end)
        return false;
    *v = digits_value(s + i, *end - i, &fits);
    c->fits &= fits;
    c->at = i;
    c->digits = *end - i;
    if (i > from && s[i - 1] == '-') {
        *v = -*v;
        i--;
    }
    *end = i;
    return true;
}

/* n integers with `between` before all but the first one, which has a blank. */
static bool take_all(const char *s, size_t from, size_t end, char between, unsigned n,
                     struct folded_count *c)
{
    c->fits = true;
    for (unsigned k = n; k-- > 0;) {
        if (!take_last(s, from, &end, c, &c->value[k]) || end <= from)
            return false;
        char before = s[--end];
        if (k ? before != between : !pf_is_blank(before))
            return false;
    }
    c->n = n;
    c->stack = end;
    c->fraction = 0;
    return true;
}

bool folded_metrics(const char *s, size_t len, size_t from, enum folded_style style,
                    struct folded_count *c)
{
    size_t end = folded_trim(s, len);

    c->idle = false;
    if (style == FOLDED_AUSTIN1)
        return take_all(s, from, end, ' ', 3, c) || take_all(s, from, end, ' ', 1, c);
    if (take_all(s, from, end, ',', 3, c)) { /* time, idle, bytes */
        c->idle = c->value[1] != 0;
        c->value[1] = c->value[2];
        c->n = 2;
        return true;
    }
    return take_all(s, from, end, ',', 1, c);
}
