/*
 * pickle.h - Python's pickles, read by a machine that cannot do harm: it knows the opcodes that
 * make plain data, and of classes only those that its caller allows, as inert tokens. Nothing is
 * imported, called or run; any other opcode and any other global is an error that names it.
 *
 *     static const struct pf_pickle_how how = {.globals = ..., .tuple = ...};
 *     struct pf_pickle m;
 *     pf_pickle_open(&m, &how, ctx, in, profile, err);
 *     if (pf_pickle_load(&m, &top))
 *         ... pf_pickle_object(&m, top) ...
 *     pf_pickle_close(&m);
 *
 * The input is never held. Values are small; what they hold is reached by number, so that sharing
 * costs nothing, and nothing is ever expanded or walked in depth. The caller is offered each tuple
 * when it is made, and what goes into lists: what it takes is not kept here, so a list of millions
 * costs four bytes an item (the memo, by which the pickle may ask for it again).
 */
#ifndef PICKLE_H
#define PICKLE_H

#include "core.h"

enum {
    PF_PICKLE_STACK = 1 << 18, /* values waiting at once; the widest tuple */
    PF_PICKLE_MARKS = 64,      /* open brackets */
};

enum pf_pkind {
    PF_P_UNSET, /* in the memo only */
    PF_P_NONE,
    PF_P_INT,
    PF_P_HUGE, /* an int that 64 bits do not hold */
    PF_P_FLOAT,
    PF_P_STR,   /* interned in the profile */
    PF_P_CLASS, /* id: which of the allowed globals */
    PF_P_TUPLE, /* id, of these four: see pf_pickle_object */
    PF_P_LIST,
    PF_P_DICT,
    PF_P_OBJECT,
    PF_P_OWN, /* and the next two: what the caller made of a tuple. id is the caller's, */
    PF_P_OWN_TOO,
    PF_P_PAIR, /* and here so are i and more */
    PF_P_KEPT, /* in the memo only */
};

struct pf_pval {
    union {
        int64_t i;
        double d;
        pf_id id;
    };
    uint32_t kind; /* enum pf_pkind */
    uint32_t more; /* of PF_P_PAIR */
};

/* What a tuple, list, dict or object holds. Of a dict: key, value, key, value, ... as they came.
 * Of an object: its state, once it was built. */
struct pf_pobj {
    struct pf_pval *at;
    uint32_t n, cap;
    uint32_t kind, cls;
    uint64_t offset; /* where it was made */
};

struct pf_pickle;

enum pf_offer { PF_OFFER_KEEP, PF_OFFER_TAKEN, PF_OFFER_FAILED };

struct pf_pickle_how {
    struct pf_pickle_global {
        const char *module, *name;
    } global[4];  /* those that may be named, up to a NULL */
    bool python2; /* byte strings and ints as text, too */
    /* A tuple was made of n items. TAKEN: *made, of an own kind, stands for it. */
    enum pf_offer (*tuple)(struct pf_pickle *m, const struct pf_pval *item, uint32_t n,
                           struct pf_pval *made);
    /* Items go into a list. TAKEN: they need not be kept. Either may be NULL. */
    enum pf_offer (*append)(struct pf_pickle *m, pf_id list, const struct pf_pval *item,
                            uint32_t n);
    /* What to say of a global that is refused; NULL: nothing more. */
    const char *(*hint)(const char *module, size_t len);
};

struct pf_pickle {
    const struct pf_pickle_how *how;
    void *ctx;
    struct pf_source *in;
    struct pf_profile *p;
    struct pf_err *err;
    const uint8_t *base, *at, *end; /* what was peeked, and how far it is read */
    uint64_t offset;                /* of base */
    uint64_t start;                 /* offset of the opcode being done, */
    uint8_t op;                     /* and the opcode */
    uint64_t frame_end;             /* as the last FRAME claims */
    struct pf_pval *stack;
    uint32_t n, cap;
    uint32_t floor; /* the stack below the innermost mark is out of reach */
    uint32_t mark[PF_PICKLE_MARKS], marks;
    uint32_t *memo, n_memo, cap_memo, puts; /* a value in 32 bits, or where in `kept` it is */
    struct pf_pval *kept;
    uint32_t n_kept, cap_kept;
    struct pf_pobj *obj; /* 0 is the empty tuple */
    uint32_t n_obj, cap_obj;
    struct pf_arena arena; /* the items of tuples */
    char *text;            /* a string being converted */
    size_t cap_text;
    uint64_t bad_utf8; /* strings that should have been UTF-8 and were not */
};

/* false: no memory, err is set. */
bool pf_pickle_open(struct pf_pickle *m, const struct pf_pickle_how *how, void *ctx,
                    struct pf_source *in, struct pf_profile *p, struct pf_err *err);
/* Up to STOP, which must leave one value: *top. */
bool pf_pickle_load(struct pf_pickle *m, struct pf_pval *top);
void pf_pickle_close(struct pf_pickle *m); /* gives back the memory; consumes what was read */

/* What a tuple, list, dict or object holds; NULL for other values. */
const struct pf_pobj *pf_pickle_object(const struct pf_pickle *m, struct pf_pval v);
/* The value of a key of an object's state or of a dict, the last one; NULL: there is none. */
const struct pf_pval *pf_pickle_attr(const struct pf_pickle *m, struct pf_pval v, const char *key);
bool pf_pickle_is(const struct pf_pickle *m, struct pf_pval v, const char *class_name);

/* Records an error at the opcode being done, or at an object; returns false. */
bool pf_pickle_fail(struct pf_pickle *m, enum pf_code code, const char *fmt, ...) PF_PRINTF(3, 4);
/* "a string", "a tuple of 3", ...; for messages, valid until the next call with this buf. */
enum { PF_PICKLE_TEXT = 96 };
const char *pf_pickle_text(const struct pf_pickle *m, struct pf_pval v, char buf[PF_PICKLE_TEXT]);

/* ---- between the files of pickle ---- */

const char *pf_pickle_op_name(uint8_t op); /* NULL: there is no such opcode */
bool pf_pickle_no_memory(struct pf_pickle *m);
bool pf_pickle_new(struct pf_pickle *m, enum pf_pkind kind, uint32_t cls,
                   const struct pf_pval *item, uint32_t n, struct pf_pval *v);
bool pf_pickle_hold(struct pf_pickle *m, pf_id obj, const struct pf_pval *item, uint32_t n);
bool pf_pickle_put(struct pf_pickle *m, uint32_t index, struct pf_pval v);
bool pf_pickle_get(struct pf_pickle *m, uint32_t index, struct pf_pval *v);
bool pf_pickle_string(struct pf_pickle *m, uint64_t n, bool utf8, struct pf_pval *v);
bool pf_pickle_line(struct pf_pickle *m, const char **s, size_t *len);
bool pf_pickle_refill(struct pf_pickle *m, size_t n);

/* At least n bytes at m->at. */
bool pf_pickle_cut(struct pf_pickle *m);
static inline bool pf_pickle_need(struct pf_pickle *m, size_t n)
{
    return (size_t)(m->end - m->at) >= n || pf_pickle_refill(m, n) || pf_pickle_cut(m);
}

#endif
