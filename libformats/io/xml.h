/*
 * xml.h - a pull tokenizer for XML: elements, their attributes, text. No tree, no recursion, and no
 * entities but the five that need no declaration and numbers.
 *
 *     struct pf_xml x = {.in = in, .err = err};
 *     struct pf_xml_token t;
 *     while (pf_xml_next(&x, &t) && t.kind != PF_XML_END)
 *         ...
 */
#ifndef XML_H
#define XML_H

#include "formats.h"

enum {
    PF_XML_DEPTH = 64,        /* elements within each other */
    PF_XML_NAME = 32,         /* bytes in the name of one, with a NUL */
    PF_XML_TAG = 1024 * 1024, /* bytes in a tag with its attributes */
};

enum pf_xml_kind { PF_XML_END, PF_XML_OPEN, PF_XML_CLOSE, PF_XML_TEXT };

struct pf_xml_token {
    enum pf_xml_kind kind;
    bool empty;        /* an OPEN that is its own CLOSE */
    uint64_t at;       /* offset in the input */
    const char *s;     /* the name, or text as it is written; until the next call */
    size_t len;        /* text may come in pieces */
    const char *attrs; /* of OPEN */
    size_t attrs_len;
};

struct pf_xml {
    struct pf_source *in;
    struct pf_err *err;
    size_t used; /* bytes of the token before */
    uint32_t depth;
    char name[PF_XML_DEPTH][PF_XML_NAME];
};

/* false: the input is damaged, or beyond a limit, and err says where */
bool pf_xml_next(struct pf_xml *x, struct pf_xml_token *t);
/* The value of an attribute as it is written; false: there is none. */
bool pf_xml_attr(const struct pf_xml_token *t, const char *name, const char **s, size_t *len);
/* Replaces entities in place; returns the new length, SIZE_MAX: one of them is unknown. */
size_t pf_xml_decode(char *s, size_t len);

#endif
