/* pystr.h - Python's strings as its files hold them: UTF-8 with lone surrogates. */
#ifndef PYSTR_H
#define PYSTR_H

#include "formats.h"

/* Is there a lone surrogate, U+D800..U+DFFF in three bytes? */
static inline bool pf_py_surrogate(const uint8_t *s, size_t n)
{
    return n >= 3 && s[0] == 0xed && s[1] >= 0xa0 && s[1] <= 0xbf && (s[2] & 0xc0) == 0x80;
}

bool pf_py_ascii(const uint8_t *s, size_t n);

/* Writes at most n bytes. U+DC80..U+DCFF stand for the bytes 80..FF that were no UTF-8 in a file
 * name; all else stays. *bad: there are bytes that are neither UTF-8 nor a surrogate. */
size_t pf_py_from_utf8(char *to, const uint8_t *s, size_t n, bool *bad);

/* The string whose repr (quotes, escapes) s begins with: at most len bytes in `to`, *n of them.
 * Returns how many bytes of s it takes; 0: there is none. */
size_t pf_py_from_repr(char *to, const char *s, size_t len, size_t *n);

#endif
