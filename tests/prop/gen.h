/* gen.h - profiles made from a seed, and what tests compare of them. */
#ifndef GEN_H
#define GEN_H

#include "formats.h"

enum gen_how {
    GEN_ANY,    /* labels, mappings, inlined frames, several types, negative values, odd names */
    GEN_FOLDED, /* what a folded file can hold: one type, whole stacks, values over 0 */
};

/* The same seed gives the same profile. NULL: no memory. */
struct pf_profile *gen_profile(struct pf_mem *m, uint64_t seed, enum gen_how how);

/* The bytes of a pstats file, as marshal writes them; seed and floats (else integer times). */
struct gen_bytes {
    uint8_t *at;
    size_t n;
};
struct gen_bytes gen_pstats(uint64_t seed, bool floats); /* free(at) */

/* A profile in a format, without packing: free(at). Aborts when writing fails. */
struct gen_bytes gen_written(const struct pf_profile *p, const char *format, int type);
/* The first profile in the bytes, of a format or (NULL) of the one that is recognised; NULL when
 * they are refused (err tells why). */
struct pf_profile *gen_read(struct pf_mem *m, struct gen_bytes from, const char *format,
                            struct pf_err *err);

bool gen_equal(struct gen_bytes a, struct gen_bytes b);
/* The sum of a type's column by name; 0 when there is no such type. */
int64_t gen_total(const struct pf_profile *p, const char *type);

#endif
