/* names.c - function names for exports: UTF-8, module-qualified, one for each function. */
#include "names.h"
#include "pb.h"

#include <string.h>

enum { MODULE_MAX = 1024 };

/* ---- UTF-8 ---- */

/* Appends s; returns whether it was UTF-8 as it stands. */
static bool put_utf8(struct pb_buf *b, const char *s, size_t len)
{
    static const char hex[] = "0123456789abcdef";
    uint32_t code;
    bool clean = true;

    for (size_t i = 0, from = 0; i <= len;) {
        unsigned n = i < len ? pf_utf8(s + i, len - i, &code) : 0;
        if (n) {
            i += n;
            continue;
        }
        pb_bytes(b, s + from, i - from);
        if (i < len) {
            unsigned char c = (unsigned char)s[i];
            char esc[4] = {'\\', 'x', hex[c >> 4], hex[c & 15]};
            pb_bytes(b, esc, sizeof esc);
            clean = false;
        }
        from = ++i;
    }
    return clean;
}

pf_id pf_intern_utf8(struct pf_profile *to, struct pb_buf *room, const char *s, size_t len)
{
    room->n = 0;
    return put_utf8(room, s, len) ? pf_str(to, s, len)
                                  : pf_str(to, (const char *)room->at, room->n);
}

/* ---- names ---- */

/* What pprof wrote is not renamed. */
static bool is_foreign(const struct pf_profile *p)
{
    struct pf_str f = p->strs.at[p->format];
    return f.len == 5 && memcmp(f.s, "pprof", 5) == 0;
}

static void qualify(const struct pf_profile *p, const struct pf_func *f, bool foreign,
                    struct pb_buf *text)
{
    char module[MODULE_MAX];
    struct pf_str file = p->strs.at[f->file], name = p->strs.at[f->name];
    size_t n = foreign ? 0 : pf_module(file.s, file.len, module, sizeof module - 1);

    text->n = 0;
    if (!name.len) { /* as of tracemalloc, which knows places only */
        put_utf8(text, file.s, file.len);
        return;
    }
    if (n) {
        module[n++] = '.';
        if (name.len < n || memcmp(name.s, module, n) != 0)
            put_utf8(text, module, n);
    }
    put_utf8(text, name.s, name.len);
}

static void number_name(struct pb_buf *text, size_t stem, uint32_t number)
{
    char digits[16];
    size_t at = sizeof digits;

    for (; number; number /= 10)
        digits[--at] = (char)('0' + number % 10);
    digits[--at] = '#';
    text->n = stem;
    pb_bytes(text, digits + at, sizeof digits - at);
}

/* The id in `names` of a name that nobody has yet. next[id of a name]: the number to try for it. */
static pf_id free_name(struct pf_profile *names, struct pb_buf *text, uint32_t **next,
                       uint32_t *cap)
{
    size_t stem = text->n;
    uint32_t known = names->strs.n;
    pf_id id = pf_str(names, (const char *)text->at, text->n), first = id;

    while (id < known && !names->err.code && !text->failed) {
        number_name(text, stem, (*next)[first]++);
        known = names->strs.n;
        id = pf_str(names, (const char *)text->at, text->n);
    }
    if (!pf_grow(names->mem, next, id, cap, sizeof **next))
        pf_fail(&names->err, PF_ENOMEM, "out of memory");
    else
        (*next)[id] = 2;
    return id;
}

bool pf_names_make(const struct pf_profile *p, const struct pf_ranking *funcs, struct pf_names *n)
{
    struct pb_buf text = {.mem = p->mem};
    uint32_t *next = NULL, cap = 0;
    bool foreign = is_foreign(p);

    *n = (struct pf_names){.strings = pf_new(p->mem)};
    n->of = pf_alloc_zero(p->mem, p->funcs.n, sizeof *n->of);
    bool ok = n->of && n->strings && pf_grow(p->mem, &next, 0, &cap, sizeof *next);
    if (ok)
        next[0] = 2;
    for (uint32_t i = 1; ok && i < p->funcs.n; i++) {
        pf_id f = funcs->at[i];
        qualify(p, &p->funcs.at[f], foreign, &text);
        n->of[f] = !foreign && text.n ? free_name(n->strings, &text, &next, &cap)
                                      : pf_str(n->strings, (const char *)text.at, text.n);
        ok = !text.failed && !n->strings->err.code;
    }
    pf_dealloc(p->mem, text.at);
    pf_dealloc(p->mem, next);
    return ok;
}

void pf_names_free(const struct pf_profile *p, struct pf_names *n)
{
    pf_dealloc(p->mem, n->of);
    pf_free(n->strings);
}
