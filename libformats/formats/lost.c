/* lost.c - what the target format cannot hold, in words that all writers share. */
#include "lost.h"

#include <stdio.h>

void pf_lost(const struct pf_write *w, const char *fmt, ...)
{
    char text[512];
    va_list ap;

    if (!w || !w->lost)
        return;
    va_start(ap, fmt);
    vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    w->lost(w->ctx, text);
}

static bool has_values(const struct pf_profile *p, uint32_t type)
{
    for (uint32_t i = 0; i < p->samples.n; i++)
        if (p->samples.value[type][i])
            return true;
    return false;
}

void pf_lost_types(const struct pf_write *w, const struct pf_profile *p, unsigned kept, int also)
{
    char others[256];
    int n = 0, room = sizeof others;

    for (uint32_t k = 0; k < p->types.n && n < room; k++)
        if (k != kept && (int)k != also && has_values(p, k))
            n += snprintf(others + n, (size_t)(room - n), "%s%.40s", n ? ", " : "",
                          p->strs.at[p->types.at[k].name].s);
    if (n)
        pf_lost(w, "only %.40s is kept, not %s", p->strs.at[p->types.at[kept].name].s, others);
}

void pf_lost_labels(const struct pf_write *w, const struct pf_profile *p, const char *text)
{
    bool labels = false;

    for (uint32_t i = 0; i < p->samples.n; i++)
        labels |= p->samples.labels[i] != 0;
    if (labels)
        pf_lost(w, "%s", text);
}

void pf_lost_kind(const struct pf_write *w, const struct pf_profile *p, unsigned type,
                  const char *readers)
{
    const struct pf_type *t = &p->types.at[type];

    if (t->kind == PF_PEAK || t->kind == PF_FIXED)
        pf_lost(w, "'%.40s' is no sum, but %s add it up", p->strs.at[t->name].s, readers);
}
