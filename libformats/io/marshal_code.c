/*
 * marshal_code.c - gets past the code objects that Python's `profile` module writes into its files.
 *
 * Their layout differs between versions and nothing in the file tells which one it is. So the
 * layouts are tried, newest first, on the first code object only; the one that fits is kept for
 * those inside it and after it. Of a code object only its name, file and line are of use.
 */
#include "marshal.h"

#include <stdio.h>
#include <string.h>

enum {
    MAX_DEPTH = 100, /* objects inside each other; real code objects nest about 10 deep */
    MAX_PART = 1024, /* bytes of the file and of the name that tell a code object */
};

/* What a code object is made of: i an int, L the first line, b bytes, t a tuple, F the file and
 * N the name (strings), s another string. */
struct pf_marshal_layout {
    const char *fields;
    const char *bytes; /* the type codes that b may have */
};

static const struct pf_marshal_layout layouts[] = {
    {"iiiiibtttbFNsLbb", "sr"}, /* 3.11 and later */
    {"iiiiiibtttttFNLb", "sr"}, /* 3.8 to 3.10 */
    {"iiiiibtttttFNLb", "sr"},  /* 3.0 to 3.7 */
    {"iiiibtttttFNLb", "srtR"}, /* 2.x, where the empty string is interned */
};

/* A container that is being read. */
struct level {
    uint8_t kind;       /* enum pf_mkind */
    bool value_due;     /* of a dict: the key was read */
    uint32_t slot;      /* as in struct pf_mval */
    uint32_t left;      /* items still to come */
    const char *fields; /* those of a code object still to come */
    struct pf_mval file, name;
    int32_t line;
};

struct walk {
    struct pf_marshal *m;
    const struct pf_marshal_layout *layout;
    struct level at[MAX_DEPTH];
    uint32_t n;
};

static bool enter(struct walk *w, const struct pf_mval *open)
{
    if (w->n == MAX_DEPTH)
        return pf_marshal_fail(w->m, PF_ELIMIT, "objects nest more than %d deep", (int)MAX_DEPTH);
    w->at[w->n++] = (struct level){
        .kind = open->kind, .slot = open->slot, .left = open->n, .fields = w->layout->fields};
    return true;
}

/* Hands a finished object to the container that it is in. */
static bool deliver(struct walk *w, const struct pf_mval *v)
{
    struct level *to = &w->at[w->n - 1];

    if (to->kind == PF_M_DICT) {
        to->value_due = !to->value_due;
    } else if (to->kind != PF_M_CODE) {
        to->left--;
    } else {
        char field = *to->fields++;
        if ((field == 'F' || field == 'N') && v->kind != PF_M_TEXT && v->kind != PF_M_STR)
            return pf_marshal_fail(w->m, PF_ESYNTAX, "expected the %s of a code object",
                                   field == 'F' ? "file" : "name");
        if (field == 'F')
            to->file = *v;
        else if (field == 'N')
            to->name = *v;
    }
    return true;
}

/* Code objects inside others are constants and no functions: they keep no name. */
static bool leave(struct walk *w)
{
    struct level *done = &w->at[--w->n];
    struct pf_mval v = {.kind = PF_M_OTHER};

    if (done->slot)
        w->m->refs.at[done->slot - 1] = v;
    return w->n == 0 || deliver(w, &v);
}

/* Does the type code of what comes next suit the field? This makes a wrong layout fail early. */
static bool suits(const struct walk *w, char field, uint8_t code)
{
    const char *fit = field == 't' ? "()r" : field == 'b' ? w->layout->bytes : "zZaAutsrR";
    return (code & 0x7f) && strchr(fit, code & 0x7f);
}

static bool take_object(struct walk *w)
{
    struct level *to = &w->at[w->n - 1];
    struct pf_mval v;

    if (!pf_marshal_need(w->m, 1))
        return false;
    if (to->kind == PF_M_CODE && !suits(w, *to->fields, *w->m->at)) {
        w->m->start = w->m->offset + (uint64_t)(w->m->at - w->m->base);
        return pf_marshal_fail(w->m, PF_ESYNTAX, "unexpected type code 0x%02x",
                               (unsigned)*w->m->at);
    }
    if (!pf_marshal_object(w->m, &v))
        return false;
    if (v.kind != PF_M_NULL)
        return v.open ? enter(w, &v) : deliver(w, &v);
    if (to->kind != PF_M_DICT || to->value_due)
        return pf_marshal_fail(w->m, PF_ESYNTAX, "the end of a dict where there is none");
    return leave(w);
}

/* One step: an int field, an object, or the end of a container. */
static bool step(struct walk *w)
{
    struct level *to = &w->at[w->n - 1];
    int32_t i;

    if (to->kind == PF_M_CODE && (*to->fields == 'i' || *to->fields == 'L')) {
        if (!pf_marshal_s32(w->m, &i))
            return false;
        if (*to->fields++ == 'L')
            to->line = i;
        return true;
    }
    if (to->kind == PF_M_CODE ? !*to->fields : to->kind != PF_M_DICT && !to->left)
        return leave(w);
    return take_object(w);
}

/* Copies a string to `to`, cut to what a name of a function may sensibly have. */
static char *put_part(char *to, const struct pf_marshal *m, const struct pf_mval *v)
{
    bool kept = v->kind == PF_M_STR;
    const char *s = kept ? m->p->strs.at[v->str].s : m->text + v->first;
    size_t n = kept ? m->p->strs.at[v->str].len : v->n;

    if (n > MAX_PART)
        for (n = MAX_PART; n && (s[n] & 0xc0) == 0x80;)
            n--;
    return mempcpy(to, s, n);
}

/* What repr gives, without the address. */
static bool describe(struct pf_marshal *m, const struct level *code, struct pf_mval *v)
{
    char *start = pf_marshal_room(m, 2 * MAX_PART + 64), *to = start;

    if (!start)
        return false;
    to = mempcpy(to, "<code object ", 13);
    to = put_part(to, m, &code->name);
    to = mempcpy(to, ", file \"", 8);
    to = put_part(to, m, &code->file);
    to += snprintf(to, 24, "\", line %d>", (int)code->line);
    *v = (struct pf_mval){.kind = PF_M_CODE, .str = pf_str(m->p, start, (size_t)(to - start))};
    if (code->slot)
        m->refs.at[code->slot - 1] = *v;
    return true;
}

static bool read_as(struct pf_marshal *m, const struct pf_marshal_layout *layout,
                    const struct pf_mval *open, struct pf_mval *v)
{
    struct walk w = {.m = m, .layout = layout};
    bool ok = enter(&w, open);

    m->in_code = true;
    while (ok && w.n)
        ok = step(&w);
    m->in_code = false;
    return ok && describe(m, &w.at[0], v);
}

/* Tries the layouts in turn; the error told is that of the one that got furthest. */
static bool guess(struct pf_marshal *m, const struct pf_mval *open, struct pf_mval *v)
{
    const struct pf_marshal before = *m;
    struct pf_err *err = m->err, best = {0};

    size_t have;

    pf_skip(m->in, (size_t)(m->at - m->base)); /* so that what is held begins here */
    m->offset += (uint64_t)(m->at - m->base);
    m->base = m->at = pf_peek(m->in, 1, &have);
    m->end = m->base ? m->base + have : NULL;
    m->hold = true;
    for (size_t i = 0; i < sizeof layouts / sizeof *layouts; i++) {
        struct pf_err trial = {0};
        m->err = &trial;
        bool ok = read_as(m, &layouts[i], open, v);
        m->err = err;
        if (ok) {
            m->layout = &layouts[i];
            m->hold = false;
            return true;
        }
        if (best.code == PF_OK || trial.at > best.at)
            best = trial;
        if (trial.code != PF_ESYNTAX && trial.code != PF_ELIMIT)
            break;
        m->at = m->base;
        m->refs.n = before.refs.n;
        m->strings.n = before.strings.n;
        m->n_text = before.n_text;
        m->refs_seen = before.refs_seen;
        m->old_seen = before.old_seen;
        m->bad_utf8 = before.bad_utf8;
    }
    if (best.where != PF_AT_OFFSET)
        return pf_fail(err, best.code, "%s", best.msg), false;
    pf_fail_offset(err, best.code, best.at, "in a code object: %.200s", best.msg);
    return false;
}

bool pf_marshal_code(struct pf_marshal *m, const struct pf_mval *open, struct pf_mval *v)
{
    return m->layout ? read_as(m, m->layout, open, v) : guess(m, open, v);
}
