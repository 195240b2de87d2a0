/* types.c - which sample types only some of the profiles have that are put together. */
#include "common.h"

#include <stdio.h>
#include <string.h>

enum { TOLD_AT_MOST = 10 };

/* More types than a profile can have, all of them together cannot have either. */
static struct {
    struct pf_type_name {
        char text[128]; /* "time/nanoseconds" */
    } name[PF_MAX_TYPES];
    unsigned profiles_with[PF_MAX_TYPES], types, profiles;
} seen;

static void name_type(struct pf_type_name *x, const struct pf_profile *p, uint32_t k)
{
    const struct pf_type *t = &p->types.at[k];

    snprintf(x->text, sizeof x->text, "%.80s/%.40s", pf_str_at(p, t->name).s,
             pf_str_at(p, t->unit).s);
}

/* The place of a type, which two columns of one profile may have. */
static unsigned find_type(const struct pf_type_name *x, const bool *taken)
{
    unsigned i = 0;

    while (i < seen.types && (taken[i] || strcmp(seen.name[i].text, x->text) != 0))
        i++;
    return i;
}

void tool_count_types(const struct pf_profile *p)
{
    bool taken[PF_MAX_TYPES] = {false};
    struct pf_type_name x;

    seen.profiles++;
    for (uint32_t k = 0; k < p->types.n; k++) {
        name_type(&x, p, k);
        unsigned i = find_type(&x, taken);
        if (i == PF_MAX_TYPES)
            continue;
        if (i == seen.types)
            seen.name[seen.types++] = x;
        seen.profiles_with[i]++;
        taken[i] = true;
    }
}

void tool_tell_types(void)
{
    char text[TOLD_AT_MOST * 160 + 40];
    unsigned n = 0;
    size_t at = 0;

    for (unsigned i = 0; i < seen.types; i++) {
        if (seen.profiles_with[i] == seen.profiles || n++ >= TOLD_AT_MOST)
            continue;
        at += (size_t)snprintf(text + at, sizeof text - at, "%s%s (%u)", at ? ", " : "",
                               seen.name[i].text, seen.profiles_with[i]);
    }
    if (n > TOLD_AT_MOST)
        snprintf(text + at, sizeof text - at, " and %u more", n - TOLD_AT_MOST);
    if (n)
        warn("only some of the %u profiles have %s", seen.profiles, text);
    memset(&seen, 0, sizeof seen);
}
