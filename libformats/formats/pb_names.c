/* pb_names.c - the names that pprof's viewers are to show: UTF-8, module-qualified, one for each
 * function. */
#include "pb_write.h"

#include <string.h>

uint64_t pb_str_index(struct pb_writing *w, const char *s, size_t len)
{
    static const char hex[] = "0123456789abcdef";
    struct pb_buf *b = &w->inner;
    uint32_t code;
    bool clean = true;

    if (!w->pprof)
        return pf_str(w->strings, s, len);
    b->n = 0;
    for (size_t i = 0; i < len;) {
        unsigned n = pf_utf8(s + i, len - i, &code);
        if (n) {
            pb_bytes(b, s + i, n);
            i += n;
            continue;
        }
        unsigned char c = (unsigned char)s[i++];
        char esc[4] = {'\\', 'x', hex[c >> 4], hex[c & 15]};
        pb_bytes(b, esc, sizeof esc);
        clean = false;
    }
    return clean ? pf_str(w->strings, s, len) : pf_str(w->strings, (const char *)b->at, b->n);
}

/* ---- pprof's function names: module.name, and #2, #3 … where one name has several functions ----
 */

/* What pprof wrote is not renamed. */
static bool is_foreign(const struct pb_writing *w)
{
    struct pf_str f = w->p->strs.at[w->p->format];
    return f.len == 5 && memcmp(f.s, "pprof", 5) == 0;
}

static void qualify(const struct pb_writing *w, const struct pf_func *f, struct pb_buf *text)
{
    char module[1024];
    struct pf_str file = w->p->strs.at[f->file], name = w->p->strs.at[f->name];
    size_t n = is_foreign(w) ? 0 : pf_module(file.s, file.len, module, sizeof module - 1);

    text->n = 0;
    if (!name.len) { /* as of tracemalloc, which knows places only */
        pb_bytes(text, file.s, file.len);
        return;
    }
    if (n) {
        module[n++] = '.';
        if (name.len < n || memcmp(name.s, module, n) != 0)
            pb_bytes(text, module, n);
    }
    pb_bytes(text, name.s, name.len);
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

/* Functions come in canonical order, so that those of one name are numbered by file and line. */
bool pb_name_functions(struct pb_writing *w)
{
    const struct pf_profile *p = w->p;
    struct pb_buf text = {.mem = w->mem};
    struct pf_profile *names = pf_new(w->mem);
    uint32_t *next = NULL, cap = 0;
    bool foreign = is_foreign(w);

    w->name = pf_alloc_zero(w->mem, p->funcs.n, sizeof *w->name);
    bool ok = w->name && names && pf_grow(w->mem, &next, 0, &cap, sizeof *next);
    if (ok)
        next[0] = 2;
    for (uint32_t i = 1; ok && i < p->funcs.n; i++) {
        pf_id f = w->o.funcs.at[i];
        qualify(w, &p->funcs.at[f], &text);
        if (!foreign && text.n) {
            pf_id id = free_name(names, &text, &next, &cap);
            struct pf_str s = names->strs.at[id];
            w->name[f] = (pf_id)pb_str_index(w, s.s, s.len);
        } else {
            w->name[f] = (pf_id)pb_str_index(w, (const char *)text.at, text.n);
        }
        ok = !text.failed && !names->err.code && !w->strings->err.code;
    }
    pf_dealloc(w->mem, text.at);
    pf_dealloc(w->mem, next);
    pf_free(names);
    return ok;
}
