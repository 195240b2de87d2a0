/*
 * json.h - a pull tokenizer for JSON (RFC 8259) over a source: readers ask for what they expect.
 *
 *     pf_json_open(&j, in, err);
 *     if (pf_json_enter(&j, '{'))
 *         while (pf_json_key(&j)) {
 *             if (pf_json_text_is(&j, "values") && pf_json_enter(&j, '['))
 *                 while (pf_json_item(&j))
 *                     sum += pf_json_int(&j);
 *             else
 *                 pf_json_skip(&j);
 *         }
 *     pf_json_done(&j);
 *     pf_json_close(&j);
 *     return err->code ? -1 : 0;
 *
 * What is read is a window of the source; only a single string or number is ever held whole. The
 * first error goes to `err` with its offset and what was expected; from then on every function
 * returns false, so that loops end by themselves. Nesting costs a byte a level, no recursion.
 */
#ifndef JSON_H
#define JSON_H

#include "formats.h"

enum {
    PF_JSON_DEPTH = 256,         /* arrays and objects within each other */
    PF_JSON_TEXT = 64 * 1048576, /* bytes of a string or number */
    PF_JSON_KEYS = 64,           /* names in a list for pf_json_which */
};

struct pf_json {
    struct pf_source *in;
    struct pf_mem *mem;
    struct pf_err *err;
    const uint8_t *from, *at, *end; /* the window; [from, at) is read, and skipped when it moves */
    uint64_t base;                  /* offset of `from` */
    uint64_t token;                 /* offset of the key or value taken last */
    const char *text;               /* of the last key, string or number, until the next call */
    size_t len;
    char *buf; /* text with escapes, decoded */
    size_t cap;
    uint64_t bad_utf8; /* strings that are no UTF-8; their bytes are kept as they are */
    uint32_t depth;
    bool first;      /* nothing of the innermost array or object was taken yet */
    bool may_end;    /* set by readers of formats that allow it: the outermost array may end in a
                        comma, or with the input */
    bool ended_open; /* it did */
    uint8_t open[PF_JSON_DEPTH]; /* '[' or '{' */
};

void pf_json_open(struct pf_json *j, struct pf_source *in, struct pf_err *err);
void pf_json_close(
    struct pf_json *j); /* gives back memory; the source stands after what was read */

/* What kind of value comes: one of `{`, `[`, `"`, `0` (a number), `t`, `f`, `n`; 0: an error. */
int pf_json_look(struct pf_json *j);
/* Whether a value comes at all; to be asked between values at the top. */
bool pf_json_more(struct pf_json *j);

bool pf_json_enter(struct pf_json *j, char open); /* takes the `{` or `[` of a value */
bool pf_json_key(struct pf_json *j);              /* the next key; false: the object ended */
bool pf_json_item(struct pf_json *j);             /* a next item comes; false: the array ended */

bool pf_json_string(struct pf_json *j);
bool pf_json_number(struct pf_json *j);              /* as text */
bool pf_json_int(struct pf_json *j, int64_t *value); /* a number that is whole and fits */
bool pf_json_bool(struct pf_json *j, bool *value);
bool pf_json_null(struct pf_json *j); /* takes a null; false: something else comes */
bool pf_json_skip(struct pf_json *j); /* any value, whose syntax is checked all the same */
bool pf_json_done(struct pf_json *j); /* nothing may follow */

/* pf_json_item and pf_json_int in one, for indexes: the next whole number below 2^32. */
bool pf_json_index(struct pf_json *j, uint32_t *value);

/* Which of these names the key taken last is; -1: none. A second one of a name is an error (and
 * -1): *seen, 0 at first, remembers them. The list ends with NULL. */
int pf_json_which(struct pf_json *j, const char *const *names, uint64_t *seen);
bool pf_json_text_is(const struct pf_json *j, const char *s);

/* ---- what readers do again and again (json_read.c) ---- */

/* The next member of that name, of an object that was entered; all others are skipped. */
bool pf_json_member(struct pf_json *j, const char *name);
/* A string, as one of the profile's; 0 for null. */
pf_id pf_json_text(struct pf_json *j, struct pf_profile *p);
/* A number times 10^scale; 0 for null. */
int64_t pf_json_decimal(struct pf_json *j, int scale);

/* An object whose members go to a struct, as a table says that ends with {0}; all others are
 * skipped. Returns which were there: bit i for row i. */
enum pf_json_type {
    PF_JSON_CALL,    /* the function takes the value */
    PF_JSON_INT,     /* int64_t, as pf_json_int has it */
    PF_JSON_DECIMAL, /* int64_t, as pf_json_decimal has it */
    PF_JSON_MIB,     /* int64_t: a number of MiB as bytes; 0 for null */
    PF_JSON_STRING,  /* pf_id, as pf_json_text has it */
};
struct pf_json_field {
    const char *name;
    enum pf_json_type type;
    size_t at; /* offset in the struct */
    int scale;
    void (*call)(void *to);
};
uint64_t pf_json_object(struct pf_json *j, const struct pf_json_field *fields, struct pf_profile *p,
                        void *to);

/* Closes it. What a reader is to return: -1 after an error, be it of j or of its profile. */
int pf_json_end(struct pf_json *j, const struct pf_profile *p);

/* ---- errors and probes ---- */

uint64_t pf_json_offset(const struct pf_json *j); /* of the next byte */
/* Records an error at the key or value taken last; returns false. */
bool pf_json_fail(struct pf_json *j, enum pf_code code, const char *fmt, ...) PF_PRINTF(3, 4);

/* For probes: the head of a JSON text as pf_text_head gives it, which may be cut anywhere. */
struct pf_json_head {
    const char *s;
    size_t len;
    char open; /* `{` or `[` that the text begins with; 0: it is no JSON array or object */
};
struct pf_json_head pf_json_head(const uint8_t *head, size_t len, char buf[/* PF_HEAD */]);
/* Whether an object so deep within others (1: the outermost) has this key in the head, and if
 * `has` is not NULL, that text within 200 bytes from there. */
bool pf_json_head_key(const struct pf_json_head *h, unsigned depth, const char *key,
                      const char *has);

#endif
