/* select_match.c - which frames the expressions and presets of pf_select mean. */
#include "select.h"

#include <string.h>

enum { MODULE = 1024 };

/* ---- names ---- */

struct name {
    struct pf_str own, file;
    const char *full; /* "json.encoder.encode", as pprof gets it */
    size_t full_len;
    char module[MODULE];
    size_t module_len;
};

/* What pprof wrote has its names already. */
static bool is_foreign(const struct pf_profile *p)
{
    struct pf_str format = pf_str_at(p, p->format);

    return format.len == 5 && memcmp(format.s, "pprof", 5) == 0;
}

static int name_function(struct pf_selecting *s, pf_id func, struct name *x)
{
    const struct pf_func *f = &s->p->funcs.at[func];

    x->own = pf_str_at(s->p, f->name);
    x->file = pf_str_at(s->p, f->file);
    x->full = x->own.s;
    x->full_len = x->own.len;
    x->module_len = pf_module(x->file.s, x->file.len, x->module, MODULE - 1);
    if (!x->module_len || is_foreign(s->p))
        return 0;
    size_t n = x->module_len;
    x->module[n] = '.';
    bool has_it = x->own.len > n && memcmp(x->own.s, x->module, n + 1) == 0;
    x->module[n] = '\0';
    if (has_it)
        return 0;
    char *full = pf_select_room(s, n + 1 + x->own.len);
    if (!full)
        return -1;
    memcpy(full, x->module, n);
    full[n] = '.';
    memcpy(full + n + 1, x->own.s, x->own.len);
    x->full = full;
    x->full_len = n + 1 + x->own.len;
    return 0;
}

/* Without arguments, as pprof prunes: up to the first bracket that is no part of a C++ name. */
static size_t simple_length(const char *s, size_t len)
{
    static const char *const reserved[] = {"(anonymous namespace)", "operator()"};

    for (size_t i = 0; i < len; i++) {
        size_t skip = 0;
        for (size_t k = 0; k < sizeof reserved / sizeof *reserved; k++) {
            size_t n = strlen(reserved[k]);
            if (len - i >= n && memcmp(s + i, reserved[k], n) == 0)
                skip = n;
        }
        if (skip)
            i += skip - 1;
        else if (s[i] == '(')
            return i;
    }
    return len;
}

/* ---- expressions ---- */

/* 1, 0, or -1 after an error */
static int any(const struct pf_patterns *x, const char *text, size_t len, struct pf_err *err)
{
    int found = 0;

    for (uint32_t i = 0; i < x->n && !found; i++)
        found = pf_pattern_match(x->at[i], text, len, err);
    return found;
}

static int matches(struct pf_selecting *s, const struct pf_patterns *x, const struct name *name)
{
    int found = 0;

    if (!x->n)
        return 0;
    found = any(x, name->full, name->full_len, s->err);
    if (!found)
        found = any(x, name->file.s, name->file.len, s->err);
    if (!found && name->module_len)
        found = any(x, name->module, name->module_len, s->err);
    if (!found && s->how->bare)
        found = any(x, name->own.s, name->own.len, s->err);
    return found;
}

static int matches_simple(struct pf_selecting *s, const struct pf_patterns *x,
                          const struct name *name)
{
    const char *full = name->full;
    size_t len = name->full_len;

    if (!x->n || !name->own.len)
        return 0;
    if (len && *full == '.') {
        full++;
        len--;
    }
    int found = any(x, full, simple_length(full, len), s->err);
    if (!found && s->how->bare)
        found = any(x, name->own.s, simple_length(name->own.s, name->own.len), s->err);
    return found;
}

/* ---- presets ---- */

static unsigned preset(const struct pf_profile *p, pf_id func, const struct name *name)
{
    static const unsigned presets[] = {[PF_PROJECT] = PF_OF_PROJECT,
                                       [PF_STDLIB] = PF_OF_STDLIB,
                                       [PF_PACKAGE] = PF_OF_PACKAGES,
                                       [PF_BUILTIN] = PF_OF_BUILTINS,
                                       [PF_NATIVE] = 0};
    static const char importlib[] = "importlib";
    bool imports = memmem(name->file.s, name->file.len, "<frozen importlib", 17)
                   || (name->module_len >= 9 && memcmp(name->module, importlib, 9) == 0
                       && (name->module_len == 9 || name->module[9] == '.'));

    return presets[pf_origin(p, func)] | (imports ? PF_OF_IMPORTLIB : 0);
}

/* ---- bits ---- */

/* What a function's text matches: parts of enum pf_select_part. -1: error. */
static int parts_of(struct pf_selecting *s, const struct name *name)
{
    const struct {
        const struct pf_patterns *x;
        int part;
        bool simple;
    } all[] = {
        {&s->how->focus, PF_SEL_FOCUS, false},
        {&s->how->ignore, PF_SEL_IGNORE, false},
        {&s->how->hide, PF_SEL_HIDE, false},
        {&s->how->show, PF_SEL_SHOW, false},
        {&s->how->show_from, PF_SEL_SHOW_FROM, false},
        {&s->how->prune_from, PF_SEL_PRUNE_FROM, true},
    };
    int parts = 0;

    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        int found = all[i].simple ? matches_simple(s, all[i].x, name) : matches(s, all[i].x, name);
        if (found < 0)
            return -1;
        parts |= found ? all[i].part : 0;
    }
    return parts;
}

/* The bits of a frame of which so much matches, by its function or its binary. */
static uint8_t bits_of(const struct pf_select *how, int parts, unsigned presets)
{
    unsigned bits = 0;

    bits |= parts & PF_SEL_FOCUS ? PF_FRAME_FOCUS : 0;
    bits |= parts & PF_SEL_IGNORE ? PF_FRAME_IGNORE : 0;
    bits |= parts & PF_SEL_SHOW_FROM ? PF_FRAME_FROM : 0;
    bits |= parts & PF_SEL_PRUNE_FROM ? PF_FRAME_PRUNE : 0;
    if ((parts & PF_SEL_HIDE) || (how->show.n && !(parts & PF_SEL_SHOW)) || (presets & how->no)
        || (how->only && !(presets & how->only)))
        bits |= PF_FRAME_GONE;
    return (uint8_t)bits;
}

struct matched {
    int *func, *map; /* parts, of each function and each binary */
    unsigned *preset;
};

static int match_tables(struct pf_selecting *s, struct matched *m)
{
    const struct pf_profile *p = s->p;
    struct name name;

    m->func = pf_alloc_zero(p->mem, p->funcs.n, sizeof *m->func);
    m->preset = pf_alloc_zero(p->mem, p->funcs.n, sizeof *m->preset);
    m->map = pf_alloc_zero(p->mem, p->maps.n, sizeof *m->map);
    if (!m->func || !m->preset || !m->map)
        return pf_select_no_memory(s);
    for (pf_id i = 1; i < p->funcs.n; i++) {
        if (name_function(s, i, &name) || (m->func[i] = parts_of(s, &name)) < 0)
            return -1;
        m->preset[i] = preset(p, i, &name);
    }
    for (pf_id i = 1; i < p->maps.n; i++) {
        struct pf_str file = pf_str_at(p, p->maps.at[i].file);
        name = (struct name){.full = "", .file = file};
        if (!file.len)
            continue;
        if ((m->map[i] = parts_of(s, &name)) < 0)
            return -1;
    }
    return 0;
}

static int match_frames(struct pf_selecting *s, const struct matched *m)
{
    const struct pf_profile *p = s->p;

    s->frame = pf_alloc_zero(p->mem, p->frames.n, 1);
    if (!s->frame)
        return pf_select_no_memory(s);
    for (pf_id i = 1; i < p->frames.n; i++) {
        const struct pf_frame *f = &p->frames.at[i];
        int parts = m->func[f->func] | m->map[f->mapping];
        s->told->matched |= (unsigned)parts;
        s->frame[i] = bits_of(s->how, parts, m->preset[f->func]);
        if (s->how->no_idle && pf_waits(p, i))
            s->frame[i] |= PF_FRAME_WAITS;
        if (s->how->no_idle && pf_runs_callback(p, i))
            s->frame[i] |= PF_FRAME_LOOP;
    }
    return 0;
}

int pf_select_match_frames(struct pf_selecting *s)
{
    struct matched m = {0};
    int rc = match_tables(s, &m);

    if (rc == 0)
        rc = match_frames(s, &m);
    pf_dealloc(s->p->mem, m.func);
    pf_dealloc(s->p->mem, m.preset);
    pf_dealloc(s->p->mem, m.map);
    return rc;
}
