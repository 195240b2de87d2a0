/* producers.c - what wrote several profiles that were merged: the set of their producers. */
#include "merge.h"

#include <string.h>

enum { MAX_TEXT = 256, MAX_NAMES = 64 };

struct set {
    struct pf_str at[MAX_NAMES];
    uint32_t n;
    bool full;
};

static void insert(struct set *names, struct pf_str name)
{
    uint32_t i = names->n;

    for (uint32_t k = 0; k < names->n; k++)
        if (pf_merge_cmp_text(names->at[k], name) == 0)
            return;
    if (names->n == MAX_NAMES) {
        names->full = true;
        return;
    }
    for (; i > 0 && pf_merge_cmp_text(names->at[i - 1], name) > 0; i--)
        names->at[i] = names->at[i - 1];
    names->at[i] = name;
    names->n++;
}

/* A text may be a set already: names with ", " between them. */
static void insert_all(struct set *names, struct pf_str text)
{
    while (text.len) {
        const char *comma = memmem(text.s, text.len, ", ", 2);
        uint32_t len = comma ? (uint32_t)(comma - text.s) : text.len;
        if (len)
            insert(names, (struct pf_str){.s = text.s, .len = len});
        len += comma ? 2 : 0;
        text.s += len;
        text.len -= len;
    }
}

/* More than fits a line is called "mixed", also when still more is added. */
pf_id pf_producers(struct pf_profile *p, pf_id a, pf_id b)
{
    const struct pf_str mixed = {.s = "mixed", .len = 5};
    struct set names = {.n = 0};
    char text[MAX_TEXT];
    size_t n = 0;

    if (a == b || !a || !b)
        return a ? a : b;
    insert_all(&names, pf_str_at(p, a));
    insert_all(&names, pf_str_at(p, b));
    for (uint32_t i = 0; i < names.n; i++) {
        struct pf_str name = names.at[i];
        bool has_room = n + 2 + name.len <= sizeof text;
        if (!has_room || pf_merge_cmp_text(name, mixed) == 0)
            names.full = true;
        if (names.full)
            return pf_str(p, mixed.s, mixed.len);
        memcpy(text + n, ", ", n ? 2 : 0);
        n += n ? 2 : 0;
        memcpy(text + n, name.s, name.len);
        n += name.len;
    }
    return pf_str(p, text, n);
}
