/* select_names.c - other names: what expressions replace, folders cut off, coarser frames. */
#include "select.h"

#include <string.h>

/* ---- map: the name of a function ---- */

static pf_id mapped(struct pf_selecting *s, pf_id name)
{
    const struct pf_select *how = s->how;

    for (uint32_t i = 0; i < how->map.n; i++) {
        int len = pf_pattern_replace(how->map.at[i], pf_str_at(s->p, name), how->map_to[i],
                                     &s->text, &s->text_size, s->err);
        if (len == -1)
            return 0;
        if (len < 0)
            continue;
        s->told->matched |= PF_SEL_MAP;
        name = pf_str(s->p, s->text, (size_t)len);
    }
    return name;
}

/* ---- trim: the folder of a file ---- */

static bool is_separator(char c)
{
    return c == '/' || c == '\\';
}

static pf_id trimmed(struct pf_profile *p, const struct pf_words *trim, pf_id file)
{
    struct pf_str s = pf_str_at(p, file);

    for (uint32_t i = 0; i < trim->n; i++) {
        size_t n = strlen(trim->at[i]);
        while (n && is_separator(trim->at[i][n - 1]))
            n--;
        if (n && s.len > n + 1 && memcmp(s.s, trim->at[i], n) == 0 && is_separator(s.s[n]))
            return pf_str(p, s.s + n + 1, s.len - n - 1);
    }
    return file;
}

/* ---- granularity ---- */

/* A function stands for its file or its module; what has none keeps its name. */
static void widen(struct pf_profile *p, struct pf_func *f, enum pf_granularity granularity)
{
    char module[1024];
    struct pf_str file = pf_str_at(p, f->file);
    size_t n = pf_module(file.s, file.len, module, sizeof module);

    if (granularity == PF_MODULES && n) {
        f->name = pf_str(p, module, n);
        f->file = 0;
    } else if (file.len > 0 && granularity >= PF_FILES) {
        f->name = f->file;
    }
    f->sysname = 0;
    f->line = 0;
}

static void widen_frames(struct pf_profile *p, enum pf_granularity granularity)
{
    for (pf_id i = 1; i < p->frames.n; i++) {
        struct pf_frame *f = &p->frames.at[i];
        if (!f->func)
            continue;
        f->addr = 0;
        f->column = 0;
        f->line = granularity == PF_LINES ? f->line : 0;
        f->flags &= ~(uint32_t)PF_FOLDED;
    }
}

/* The tables are changed where they stand: what becomes equal meets when the rest is copied. */
int pf_select_rename(struct pf_selecting *s)
{
    struct pf_profile *p = s->p;
    enum pf_granularity granularity = s->how->granularity;

    for (pf_id i = 1; i < p->funcs.n && !p->err.code; i++) {
        struct pf_func *f = &p->funcs.at[i];
        pf_id name = s->how->map.n ? mapped(s, f->name) : f->name;
        if (s->err->code)
            return -1;
        if (name != f->name)
            f->sysname = 0;
        f->name = name;
        f->file = trimmed(p, &s->how->trim, f->file);
        if (granularity == PF_FILES || granularity == PF_MODULES)
            widen(p, f, granularity);
    }
    if (granularity)
        widen_frames(p, granularity);
    return p->err.code ? -1 : 0;
}
