/*
 * marshal.h - Python's marshal: a pull reader for what profiles hold, and the codes to write it.
 *
 * One object a call; tuples and dicts are opened, and the caller asks for their items:
 *
 *     struct pf_marshal m;
 *     pf_marshal_open(&m, in, profile, err);
 *     while (pf_marshal_next(&m, &key) && key.kind != PF_M_NULL)
 *         ...
 *     pf_marshal_close(&m);
 *
 * The input is never held. Objects that later ones may refer to are kept as small values: strings
 * are interned into the profile, code objects become the text that repr gives them, and nothing is
 * ever expanded: a reference costs a look-up, however much hangs off it.
 */
#ifndef MARSHAL_H
#define MARSHAL_H

#include "core.h"

#include <endian.h>
#include <string.h>

enum pf_mkind {
    PF_M_NULL, /* `0`: ends a dict */
    PF_M_NONE,
    PF_M_BOOL,
    PF_M_INT,
    PF_M_HUGE, /* an int that 64 bits do not hold */
    PF_M_FLOAT,
    PF_M_STR,
    PF_M_CODE, /* a code object; str is `<code object NAME, file "FILE", line N>` */
    PF_M_TUPLE,
    PF_M_DICT,
    PF_M_OTHER, /* list, set, complex, ... */
    /* and of the reference list only: */
    PF_M_UNFINISHED,
    PF_M_TEXT, /* a string from inside a code object, not interned yet */
};

/*
 * An object. Scalars are whole. An open tuple or dict: `slot` is where to keep it, n how many items
 * come (of a dict: unknown). A tuple that is not open came by reference: n as before, its items are
 * m->items.at[first]...; `mark` is what the caller had made of it. Of other objects it is the type
 * code.
 */
struct pf_mval {
    union {
        int64_t i; /* PF_M_BOOL too */
        double d;
        pf_id str;
        struct {
            uint32_t n;
            union {
                uint32_t slot; /* index in the reference list + 1; 0 = it cannot be referred to */
                uint32_t first;
            };
        };
    };
    uint32_t mark;
    uint8_t kind; /* enum pf_mkind */
    bool open;
    bool old; /* a string as only Python 2 writes it */
};

struct pf_mlist {
    struct pf_mval *at;
    uint32_t n, cap;
};

struct pf_marshal_layout;

/* Fields for reading: start, items, refs_seen, old_seen, bad_utf8. The rest is marshal's own. */
struct pf_marshal {
    struct pf_source *in;
    struct pf_profile *p;
    struct pf_err *err;
    const uint8_t *base, *at, *end; /* what was peeked, and how far it is read */
    uint64_t offset;                /* of base */
    uint64_t start;                 /* offset of the object read last */
    struct pf_mlist refs, strings, items;
    char *text; /* converted strings: scratch, and those from code objects */
    size_t n_text, cap_text;
    const struct pf_marshal_layout *layout; /* of code objects, once one was seen */
    bool in_code, hold; /* hold: nothing is consumed, since another layout may have to be tried */
    bool refs_seen, old_seen; /* an object for the reference list; strings of Python 2 */
    uint64_t bad_utf8;        /* strings that should have been UTF-8 and were not */
};

void pf_marshal_open(struct pf_marshal *m, struct pf_source *in, struct pf_profile *p,
                     struct pf_err *err);
void pf_marshal_close(struct pf_marshal *m); /* gives back the memory; consumes what was read */

/* The next object; false after an error, which m->err then holds. */
bool pf_marshal_next(struct pf_marshal *m, struct pf_mval *v);

/* Called once an open tuple or dict is read to its end: what references to it give. A tuple is kept
 * with `n` items, or with none (NULL) when the mark says it all. A dict: n is how many pairs it
 * has. */
bool pf_marshal_keep(struct pf_marshal *m, const struct pf_mval *opened,
                     const struct pf_mval *items, uint32_t n, uint32_t mark);

/* Records an error at the object read last; returns false. */
bool pf_marshal_fail(struct pf_marshal *m, enum pf_code code, const char *fmt, ...) PF_PRINTF(3, 4);
const char *pf_marshal_kind(const struct pf_mval *v); /* "a string", "None", ... */

/* ---- between the files of marshal ---- */

bool pf_marshal_no_memory(struct pf_marshal *m);
bool pf_marshal_append(struct pf_marshal *m, struct pf_mlist *list, const struct pf_mval *v);
char *pf_marshal_room(struct pf_marshal *m, size_t n); /* n more bytes of m->text */

/* At least n bytes at m->at. refill, enough: false without an error if the input ends first. */
bool pf_marshal_refill(struct pf_marshal *m, size_t n);
bool pf_marshal_need(struct pf_marshal *m, size_t n);
bool pf_marshal_s32(struct pf_marshal *m, int32_t *i);

bool pf_marshal_text(struct pf_marshal *m, struct pf_mval *v, uint8_t type);
bool pf_marshal_number(struct pf_marshal *m, struct pf_mval *v, uint8_t type);
bool pf_marshal_object(struct pf_marshal *m, struct pf_mval *v); /* whole, or opened */
bool pf_marshal_code(struct pf_marshal *m, const struct pf_mval *opened, struct pf_mval *v);

static inline bool pf_marshal_enough(struct pf_marshal *m, size_t n)
{
    return (size_t)(m->end - m->at) >= n || pf_marshal_refill(m, n);
}

static inline int32_t pf_marshal_get32(const uint8_t *b)
{
    uint32_t x;
    memcpy(&x, b, sizeof x);
    return (int32_t)le32toh(x);
}

/* ---- writing, in marshal's version 2: every CPython from 2.7 on reads it ---- */

void pf_marshal_put_tuple(struct pf_sink *k, uint32_t n); /* then n objects */
void pf_marshal_put_code(struct pf_sink *k, char code);   /* { opens and 0 ends a dict, T is True */
void pf_marshal_put_int(struct pf_sink *k, int64_t i);
void pf_marshal_put_float(struct pf_sink *k, double d);
/* Bytes that are no UTF-8 become U+DC80..U+DCFF, as Python's surrogateescape has them. */
void pf_marshal_put_str(struct pf_sink *k, const char *s, size_t len);

#endif
