/* folded.h - what the reader and the writer of folded stacks share. */
#ifndef FOLDED_H
#define FOLDED_H

#include "core.h"

/* Bytes that pf_put_folded spells as \xNN, and nothing else is read back from that spelling. */
static inline bool folded_is_spelled(unsigned byte)
{
    return byte < 0x20 || byte >= 0x7f || byte == ';' || byte == '\\';
}

int folded_write(const struct pf_profile *p, struct pf_sink *out, const struct pf_write *w,
                 struct pf_err *err);

#endif
