/* flame_words.c - what the drawings of a flame graph say alike, and which colours their boxes have.
 */
#include "flame.h"

#include <stdio.h>
#include <string.h>

/* FNV-1a: the same colour on every run and machine, unlike the keyed hashes of tables. */
static uint32_t hash(const char *s, size_t len)
{
    uint32_t h = 2166136261u;

    for (size_t i = 0; i < len; i++)
        h = (h ^ (uint8_t)s[i]) * 16777619u;
    return h ^ h >> 16;
}

unsigned pf_flame_color(const struct pf_profile *p, pf_id func, enum pf_flame_colors by)
{
    struct pf_str file = pf_str_at(p, p->funcs.at[func].file);
    char module[PF_MODULE_MAX];
    size_t len = pf_module(file.s, file.len, module, sizeof module);
    const char *dot = len ? memchr(module, '.', len) : NULL;
    unsigned origin = pf_origin(p, func);

    if (by == PF_COLORS_PACKAGE && dot)
        len = (size_t)(dot - module);
    uint32_t h = len ? hash(module, len) : hash(file.s, file.len);
    struct pf_str name = pf_str_at(p, p->funcs.at[func].name);
    return (origin * PF_SHADES + h % PF_SHADES) * PF_TONES + hash(name.s, name.len) % PF_TONES;
}

/* Change against the larger of the two sides: a tenth, a third, two thirds. Less than a thousandth
 * of the whole is not worth a colour, however large a share of a small box. */
int pf_flame_change(const struct pf_flame *f, uint32_t node)
{
    static const double step[] = {0.01, 0.1, 1 / 3., 2 / 3.};
    double now = (double)f->total[node], base = (double)f->base[node];
    double larger = now > base ? now : base, delta = now - base;
    double size = delta < 0 ? -delta : delta;
    int level = 0;

    if (f->sure.q && f->sure.q[node] > (float)PF_SURE_LEVEL)
        return 0;
    if (larger <= 0 || size < (double)f->width[0] / 1000)
        return 0;
    while (level < 4 && size >= step[level] * larger)
        level++;
    return delta < 0 ? -level : level;
}

static int64_t divisor(int64_t a, int64_t b)
{
    while (b) {
        int64_t rest = a % b;
        a = b;
        b = rest;
    }
    return a;
}

/* The least common multiple: sums stay whole numbers, and are exact. */
int64_t pf_flame_runs(const struct pf_sure *s, int64_t times[2])
{
    int64_t base = (int64_t)s->runs[PF_BASE] * s->times[PF_BASE];
    int64_t now = (int64_t)s->runs[PF_NEW] * s->times[PF_NEW], both = divisor(base, now);

    times[PF_BASE] = now / both;
    times[PF_NEW] = base / both;
    return times[PF_NEW] * now;
}

bool pf_flame_scale(int64_t *values, uint32_t n, int64_t times)
{
    for (uint32_t i = 0; times != 1 && i < n; i++)
        if (__builtin_mul_overflow(values[i], times, &values[i]))
            return false;
    return true;
}

void pf_flame_about_runs(const struct pf_sure *s, struct pf_sink *out)
{
    if (s->runs[PF_BASE] == 1 && s->runs[PF_NEW] == 1)
        return;
    pf_printf(out, "; means of %u and %u runs", s->runs[PF_BASE], s->runs[PF_NEW]);
    if (s->too_many)
        pf_puts(out, ", noise unknown: too many runs to test so many functions");
    else if (!s->tested)
        pf_puts(out, ", noise unknown: it takes several runs of both sides");
    else if (s->enough)
        pf_puts(out, "; grey: no significant change (q over 0.05)");
    else
        pf_printf(out,
                  "; grey: no significant change (q over 0.05; %u runs a side find one change)",
                  s->needed);
}

void pf_flame_about(const struct pf_profile *p, struct pf_sink *out)
{
    static const char *const stacks[] = {"exact", "inferred",
                                         "edge-only: a function under its caller"};

    pf_printf(out, "; stacks %s", stacks[p->stack_kind % 3]);
    pf_put_certificate(&p->certificate, out);
    if (p->runs > 1)
        pf_printf(out, "; %u runs merged", p->runs);
}

static int negative_text(const struct pf_profile *p, unsigned type, double negative, char text[128])
{
    char value[PF_VALUE_MAX];

    pf_value_text(value, negative, pf_str_at(p, p->types.at[type].unit), false);
    return snprintf(text, 128, "negative values, %s in all, have no width", value);
}

void pf_flame_about_negative(const struct pf_profile *p, unsigned type, double negative,
                             struct pf_sink *out)
{
    char text[128];

    if (negative < 0 && negative_text(p, type, negative, text) > 0)
        pf_printf(out, "; %s", text);
}

void pf_flame_warn_negative(const struct pf_profile *p, const struct pf_flame_how *how,
                            double negative)
{
    char text[128];

    if (negative < 0 && how->warn && negative_text(p, how->type, negative, text) > 0)
        how->warn(how->ctx, text);
}

const char *pf_flame_title(const struct pf_flame_how *how)
{
    static const char *const own[2][2] = {
        {"Flame graph", "Flame graph, inverted"},
        {"Differential flame graph", "Differential flame graph, inverted"}};

    return how->title ? how->title : own[how->diff][how->inverted];
}
