/*
 * text.h - what the readers of text formats share: numbers without a locale, and the head of an
 * input as a probe wants to see it. Nothing here allocates.
 */
#ifndef TEXT_H
#define TEXT_H

#include "formats.h"

__extension__ typedef __int128 pf_int128;

static inline bool pf_is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static inline bool pf_is_blank(char c) /* within a line */
{
    return c == ' ' || c == '\t' || c == '\v' || c == '\f';
}

static inline bool pf_starts(const char *s, size_t len, const char *with)
{
    size_t n = __builtin_strlen(with);
    return len >= n && __builtin_memcmp(s, with, n) == 0;
}

/*
 * The decimal number that s begins with, [+-]digits[.digits][e[+-]digits], times 10^scale: seconds
 * at scale 9 are nanoseconds. It is taken digit by digit and rounded once, half to even, never by
 * way of a double. Returns how many bytes it takes; 0: there is no number.
 */
struct pf_decimal {
    int64_t value;
    bool fits;  /* false: beyond int64, and value is 0 */
    bool exact; /* false: rounded */
};
size_t pf_decimal(const char *s, size_t len, int scale, struct pf_decimal *d);

/* The same for a number of MiB, as bytes. */
size_t pf_mebibytes(const char *s, size_t len, struct pf_decimal *bytes);

/* n / by, rounded half to even; by > 0. false: it does not fit. */
bool pf_divide(pf_int128 n, int64_t by, int64_t *quotient);

/* The head of an input as text: without a byte order mark, UTF-16 as ASCII with `?` for all else.
 * buf is room that the text may or may not be put into. Returns its length. */
enum { PF_HEAD = 4096 };
size_t pf_text_head(const uint8_t *head, size_t len, char buf[PF_HEAD], const char **text);

/* Cuts the first line off a head, without its end; NULL: there is none left. */
const char *pf_head_line(const char **text, size_t *left, size_t *len);

#endif
