/* types.c - which sample types only some of the profiles have that are put together. */
#include "common.h"

#include <stdio.h>
#include <string.h>

enum { TOLD_AT_MOST = 10, NAME_MAX_SHOWN = 80, UNIT_MAX_SHOWN = 40 };

/* More types than a profile can have, all of them together cannot have either. */
static struct {
    struct seen_type {
        char name[NAME_MAX_SHOWN + 1], unit[UNIT_MAX_SHOWN + 1];
        unsigned profiles;
    } type[PF_MAX_TYPES];
    unsigned types, profiles;
} seen;

static bool is(const struct seen_type *t, const char *name, const char *unit)
{
    return !strncmp(t->name, name, NAME_MAX_SHOWN) && !strncmp(t->unit, unit, UNIT_MAX_SHOWN);
}

/* The place of a type, which two columns of one profile may have; PF_MAX_TYPES: there is none. */
static unsigned place_of(const char *name, const char *unit, const bool *taken)
{
    unsigned i = 0;

    while (i < seen.types && (taken[i] || !is(&seen.type[i], name, unit)))
        i++;
    if (i == seen.types && i < PF_MAX_TYPES) {
        struct seen_type *t = &seen.type[seen.types++];
        snprintf(t->name, sizeof t->name, "%s", name);
        snprintf(t->unit, sizeof t->unit, "%s", unit);
    }
    return i;
}

void tool_count_types(const struct pf_profile *p)
{
    bool taken[PF_MAX_TYPES] = {false};

    seen.profiles++;
    for (uint32_t k = 0; k < p->types.n; k++) {
        const struct pf_type *t = &p->types.at[k];
        unsigned i = place_of(pf_str_at(p, t->name).s, pf_str_at(p, t->unit).s, taken);
        if (i == PF_MAX_TYPES)
            continue;
        seen.type[i].profiles++;
        taken[i] = true;
    }
}

void tool_tell_types(void)
{
    char text[TOLD_AT_MOST * 160 + 40];
    unsigned n = 0;
    size_t at = 0;

    for (unsigned i = 0; i < seen.types; i++) {
        const struct seen_type *t = &seen.type[i];
        if (t->profiles == seen.profiles || n++ >= TOLD_AT_MOST)
            continue;
        at += (size_t)snprintf(text + at, sizeof text - at, "%s%s/%s (%u)", at ? ", " : "", t->name,
                               t->unit, t->profiles);
    }
    if (n > TOLD_AT_MOST)
        snprintf(text + at, sizeof text - at, " and %u more", n - TOLD_AT_MOST);
    if (n)
        warn("only some of the %u profiles have %s", seen.profiles, text);
    memset(&seen, 0, sizeof seen);
}
