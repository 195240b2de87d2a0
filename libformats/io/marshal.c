/* marshal.c - Python's marshal: a pull reader for what profiles hold, one object a call. */
#include "marshal.h"

#include <stdio.h>

enum {
    CHUNK = 64 * PF_KIB,           /* asked of the source at a time */
    MAX_CODE_OBJECT = 64 * PF_MIB, /* bytes held while the layout of code objects is found out */
    FLAG_REF = 0x80,               /* of a type code: append the object to the reference list */
};

/* ---- bytes ---- */

bool pf_marshal_no_memory(struct pf_marshal *m)
{
    pf_fail(m->err, PF_ENOMEM, "out of memory (%zu MiB in use; see --max-memory)",
            m->p->mem->used / PF_MIB);
    return false;
}

static bool cut(struct pf_marshal *m, const char *what)
{
    if (!pf_source_check(m->in, m->err))
        pf_fail_offset(m->err, PF_ESYNTAX, m->offset + (uint64_t)(m->end - m->base),
                       "the file is cut: expected %s", what);
    return false;
}

/* Peeks until n bytes are there, in steps, so that a size that is a lie costs what the input has.
 * False without an error if it has less. */
bool pf_marshal_refill(struct pf_marshal *m, size_t n)
{
    size_t done = (size_t)(m->at - m->base), kept = m->hold ? done : 0, have = 0;

    if (!m->hold) {
        pf_skip(m->in, done);
        m->offset += done;
    }
    if (kept > MAX_CODE_OBJECT)
        return pf_marshal_fail(m, PF_ELIMIT, "a code object is larger than %d MiB",
                               (int)MAX_CODE_OBJECT / PF_MIB);
    size_t goal = kept + (n > CHUNK ? n : CHUNK);
    for (size_t want = kept + CHUNK;; want *= 2) {
        if (want > goal)
            want = goal;
        m->base = pf_peek(m->in, want, &have);
        if (!m->base || have < want || want == goal)
            break;
    }
    if (!m->base || have < kept) {
        m->base = m->at = m->end = NULL;
        return false;
    }
    m->at = m->base + kept;
    m->end = m->base + have;
    return have - kept >= n;
}

bool pf_marshal_need(struct pf_marshal *m, size_t n)
{
    return pf_marshal_enough(m, n) || cut(m, "more of an object");
}

bool pf_marshal_s32(struct pf_marshal *m, int32_t *i)
{
    if (!pf_marshal_need(m, 4))
        return false;
    *i = pf_marshal_get32(m->at);
    m->at += 4;
    return true;
}

bool pf_marshal_fail(struct pf_marshal *m, enum pf_code code, const char *fmt, ...)
{
    char text[sizeof m->err->msg];
    va_list ap;

    va_start(ap, fmt);
    vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    pf_fail_offset(m->err, code, m->start, "%s", text);
    return false;
}

/* ---- the two lists ---- */

bool pf_marshal_append(struct pf_marshal *m, struct pf_mlist *list, const struct pf_mval *v)
{
    if (!pf_grow(m->p->mem, &list->at, list->n, &list->cap, sizeof *list->at))
        return pf_marshal_no_memory(m);
    list->at[list->n++] = *v;
    return true;
}

/* Containers take their place in the reference list before their items. */
static bool opened(struct pf_marshal *m, struct pf_mval *v, enum pf_mkind kind, uint8_t type,
                   uint32_t n, bool flag)
{
    struct pf_mval place = {.kind = PF_M_UNFINISHED};

    *v = (struct pf_mval){.kind = (uint8_t)kind, .open = true, .n = n, .mark = type};
    if (!flag)
        return true;
    if (!pf_marshal_append(m, &m->refs, &place))
        return false;
    v->slot = m->refs.n;
    return true;
}

static bool sized(struct pf_marshal *m, struct pf_mval *v, enum pf_mkind kind, uint8_t type,
                  bool flag)
{
    int32_t n;

    if (!pf_marshal_s32(m, &n))
        return false;
    if (n < 0)
        return pf_marshal_fail(
            m, PF_ESYNTAX, "%s claims %d items",
            pf_marshal_kind(&(struct pf_mval){.kind = (uint8_t)kind, .mark = type}), (int)n);
    return opened(m, v, kind, type, (uint32_t)n, flag);
}

bool pf_marshal_keep(struct pf_marshal *m, const struct pf_mval *open, const struct pf_mval *items,
                     uint32_t n, uint32_t mark)
{
    struct pf_mval done = {.kind = open->kind, .n = n, .first = m->items.n, .mark = mark};

    if (!open->slot)
        return true;
    for (uint32_t i = 0; items && i < n; i++)
        if (!pf_marshal_append(m, &m->items, &items[i]))
            return false;
    m->refs.at[open->slot - 1] = done;
    return true;
}

static bool look_up(struct pf_marshal *m, struct pf_mlist *list, struct pf_mval *v)
{
    int32_t i;

    if (!pf_marshal_s32(m, &i))
        return false;
    if (i < 0 || (uint32_t)i >= list->n)
        return pf_marshal_fail(m, PF_ESYNTAX, "reference %d: there are %u objects to refer to",
                               (int)i, list->n);
    struct pf_mval *at = &list->at[i];
    if (at->kind == PF_M_UNFINISHED)
        return pf_marshal_fail(m, PF_ESYNTAX, "reference %d is to an object that it is part of",
                               (int)i);
    if (at->kind == PF_M_TEXT && !m->in_code) {
        at->str = pf_str(m->p, m->text + at->first, at->n);
        at->kind = PF_M_STR;
    }
    *v = *at;
    return true;
}

/* ---- objects ---- */

/* Those without a body, which never go to the reference list. */
static bool take_constant(struct pf_marshal *m, struct pf_mval *v, uint8_t type)
{
    *v = (struct pf_mval){.kind = PF_M_OTHER, .mark = type};
    switch (type) {
    case '0': v->kind = PF_M_NULL; return true;
    case 'N': v->kind = PF_M_NONE; return true;
    case 'T':
    case 'F':
        v->kind = PF_M_BOOL;
        v->i = type == 'T';
        return true;
    case 'S':
    case '.': return true;
    default: return pf_marshal_fail(m, PF_ESYNTAX, "unknown type code 0x%02x", (unsigned)m->at[-1]);
    }
}

static bool take_container(struct pf_marshal *m, struct pf_mval *v, uint8_t type, bool flag)
{
    switch (type) {
    case ')':
        if (!pf_marshal_need(m, 1))
            return false;
        return opened(m, v, PF_M_TUPLE, type, *m->at++, flag);
    case '(': return sized(m, v, PF_M_TUPLE, type, flag);
    case '{': return opened(m, v, PF_M_DICT, type, 0, flag);
    case ':': return opened(m, v, PF_M_OTHER, type, 3, flag);
    default: return sized(m, v, PF_M_OTHER, type, flag);
    }
}

/* The object at m->at, of which a byte is there: whole, or opened. */
bool pf_marshal_object(struct pf_marshal *m, struct pf_mval *v)
{
    m->start = m->offset + (uint64_t)(m->at - m->base);

    uint8_t code = *m->at++, type = code & 0x7f;
    bool flag = code & FLAG_REF;

    m->refs_seen |= flag;
    switch (type) {
    case 'r': return look_up(m, &m->refs, v);
    case 'R': m->old_seen = true; return look_up(m, &m->strings, v);
    case 'i':
    case 'I':
    case 'l':
    case 'g':
    case 'f':
    case 'y':
    case 'x':
        if (!pf_marshal_number(m, v, type))
            return false;
        break;
    case 'z':
    case 'Z':
    case 'a':
    case 'A':
    case 'u':
    case 't':
    case 's':
        if (!pf_marshal_text(m, v, type))
            return false;
        break;
    case '(':
    case ')':
    case '{':
    case '[':
    case '<':
    case '>':
    case ':': return take_container(m, v, type, flag);
    case 'c': return opened(m, v, PF_M_CODE, type, 0, flag);
    default: return take_constant(m, v, type);
    }
    return !flag || pf_marshal_append(m, &m->refs, v);
}

bool pf_marshal_next(struct pf_marshal *m, struct pf_mval *v)
{
    if (!pf_marshal_enough(m, 1))
        return cut(m, "another object");
    if (!pf_marshal_object(m, v))
        return false;
    if (v->kind != PF_M_CODE || !v->open)
        return true;

    struct pf_mval code = *v;
    return pf_marshal_code(m, &code, v);
}

void pf_marshal_open(struct pf_marshal *m, struct pf_source *in, struct pf_profile *p,
                     struct pf_err *err)
{
    *m = (struct pf_marshal){.in = in, .p = p, .err = err, .offset = pf_offset(in)};
    m->start = m->offset;
}

void pf_marshal_close(struct pf_marshal *m)
{
    if (m->base)
        pf_skip(m->in, (size_t)(m->at - m->base));
    pf_dealloc(m->p->mem, m->refs.at);
    pf_dealloc(m->p->mem, m->strings.at);
    pf_dealloc(m->p->mem, m->items.at);
    pf_dealloc(m->p->mem, m->text);
}

const char *pf_marshal_kind(const struct pf_mval *v)
{
    static const char *const name[] = {
        [PF_M_NULL] = "the end of a dict",
        [PF_M_NONE] = "None",
        [PF_M_BOOL] = "a bool",
        [PF_M_INT] = "an int",
        [PF_M_HUGE] = "a huge int",
        [PF_M_FLOAT] = "a float",
        [PF_M_STR] = "a string",
        [PF_M_CODE] = "a code object",
        [PF_M_TUPLE] = "a tuple",
        [PF_M_DICT] = "a dict",
    };
    if (v->kind <= PF_M_DICT)
        return name[v->kind];
    switch (v->mark) {
    case '[': return "a list";
    case '<':
    case '>': return "a set";
    case '.': return "Ellipsis";
    default: return "an object of another type";
    }
}
