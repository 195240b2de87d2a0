/* pstat_names.c - what the names in a pstats table tell: the interpreter, the profiler; and
 * functions in messages. */
#include "pstat.h"

#include <stdio.h>
#include <string.h>

/* ---- messages ---- */

struct pf_pstat_name pf_pstat_name(const struct pf_profile *p, pf_id func)
{
    const struct pf_func *f = &p->funcs.at[func];
    struct pf_str name = p->strs.at[f->name], file = p->strs.at[f->file];
    struct pf_err ignored = {0};
    struct pf_pstat_name out = {""};
    struct pf_sink *k = pf_create_mem(p->mem, PF_PLAIN, &ignored);
    size_t len;

    if (!k)
        return out;
    pf_put_name(k, name.s, name.len < 60 ? name.len : 60);
    pf_puts(k, " (");
    if (file.len > 40)
        pf_puts(k, "...");
    pf_put_name(k, file.s + (file.len > 40 ? file.len - 40 : 0), file.len > 40 ? 40 : file.len);
    pf_printf(k, ":%lld)", (long long)f->line);
    pf_end_frame(k);
    const uint8_t *text = pf_sink_bytes(k, &len);
    snprintf(out.s, sizeof out.s, "%.*s", (int)(len < sizeof out.s ? len : sizeof out.s - 1),
             text ? (const char *)text : "");
    pf_abandon(k);
    return out;
}

/* ---- the interpreter ---- */

enum {
    LOOK_AT = 4096, /* functions that are asked */
    MAX_MAJOR = 4,
    MAX_MINOR = 64,
};

struct votes {
    uint32_t of[MAX_MAJOR][MAX_MINOR], all;
    uint32_t pypy;
};

/* "3.11" of ".../lib/python3.11/json/decoder.py", also of "...\Python311\Lib\json\decoder.py". */
static bool version_in(const char *s, size_t len, uint32_t *major, uint32_t *minor)
{
    static const char *const before[] = {"/lib/python", "/lib/pypy", "\\Python"};

    for (size_t i = 0; i < sizeof before / sizeof *before; i++) {
        const char *at = memmem(s, len, before[i], strlen(before[i])), *end = s + len;
        if (!at)
            continue;
        at += strlen(before[i]);
        if (at == end || *at < '2' || *at >= '0' + MAX_MAJOR)
            continue;
        *major = (uint32_t)(*at++ - '0');
        if (at < end && *at == '.')
            at++;
        const char *digits = at;
        for (*minor = 0; at < end && *at >= '0' && *at <= '9' && *minor < MAX_MINOR; at++)
            *minor = *minor * 10 + (uint32_t)(*at - '0');
        if (at < end && (*at == '/' || *at == '\\') && at > digits && *minor < MAX_MINOR)
            return true;
    }
    return false;
}

static void ask(struct votes *v, const struct pf_profile *p, const struct pf_func *f)
{
    static const char builtin[] = "<built-in function "; /* CPython says method, or nothing */
    struct pf_str name = p->strs.at[f->name], file = p->strs.at[f->file];
    uint32_t major, minor;

    if (name.len >= sizeof builtin && memcmp(name.s, builtin, sizeof builtin - 1) == 0)
        v->pypy++;
    if (memmem(file.s, file.len, "/lib/pypy", 9))
        v->pypy++;
    if (!version_in(file.s, file.len, &major, &minor))
        return;
    v->of[major][minor]++;
    v->all++;
}

pf_id pf_pstat_interpreter(struct pf_profile *p, bool python2)
{
    struct votes v = {.all = 0};
    char text[48];

    uint32_t n = p->calls.n ? p->calls.n : p->funcs.n;
    for (uint32_t i = 0; i < n && i < LOOK_AT; i++)
        ask(&v, p, &p->funcs.at[p->calls.n ? p->calls.at[i].func : i]);
    const char *name = v.pypy ? "PyPy" : "Python";
    for (uint32_t major = 0; major < MAX_MAJOR; major++) {
        for (uint32_t minor = 0; minor < MAX_MINOR; minor++) {
            if (2 * v.of[major][minor] <= v.all || (major == 2) != python2)
                continue;
            snprintf(text, sizeof text, "%s %u.%u", name, major, minor);
            return pf_strz(p, text);
        }
    }
    if (!python2)
        return pf_strz(p, v.pypy ? name : "");
    snprintf(text, sizeof text, "%s 2", name);
    return pf_strz(p, text);
}

/* ---- the profiler ---- */

static bool has_file(const struct pf_profile *p, const char *file)
{
    pf_id last = 0; /* functions of one file stand together, often */

    for (uint32_t i = 0; i < p->calls.n; i++) {
        pf_id at = p->funcs.at[p->calls.at[i].func].file;
        if (at != last && strcmp(p->strs.at[at].s, file) == 0)
            return true;
        last = at;
    }
    return false;
}

/* Where builtins are said to live tells cProfile and yappi apart. */
pf_id pf_pstat_producer(struct pf_profile *p)
{
    if (p->calls.form == PF_EDGES_SAMPLED)
        return pf_strz(p, "Tachyon");
    if (p->calls.form == PF_EDGES_COUNTS)
        return pf_strz(p, "profile");
    if (p->calls.swapped || has_file(p, "__builtin__"))
        return pf_strz(p, "yappi");
    return has_file(p, "~") ? pf_strz(p, "cProfile") : 0;
}
