/* diff_map.c - what functions, files and modules of the base are called on the new side. */
#include "diff.h"

#include <string.h>

enum { MODULE_MAX = 1024, TEXT_MAX = 4096 };

struct mapping {
    struct pf_str from, to;
};

static struct mapping parse(const char *map)
{
    const char *sign = strchr(map, '=');
    struct mapping m = {.from = {.s = map, .len = (uint32_t)strlen(map)}, .to = {.s = ""}};

    if (sign) {
        m.from.len = (uint32_t)(sign - map);
        m.to = (struct pf_str){.s = sign + 1, .len = (uint32_t)strlen(sign + 1)};
    }
    return m;
}

static bool equal(struct pf_str a, struct pf_str b)
{
    return a.len == b.len && memcmp(a.s, b.s, a.len) == 0;
}

/* text with its start, up to one of `ends`, replaced; false: it starts otherwise, or is too long.
 */
static bool replace_start(const struct mapping *m, struct pf_str text, const char *ends, char *buf,
                          struct pf_str *result)
{
    uint32_t len = m->from.len, rest = text.len - len;

    if (text.len < len || !len || memcmp(text.s, m->from.s, len) != 0)
        return false;
    if (rest && !strchr(ends, text.s[len]) && !strchr(ends, m->from.s[len - 1]))
        return false;
    if (m->to.len + (size_t)rest > TEXT_MAX)
        return false;
    memcpy(buf, m->to.s, m->to.len);
    memcpy(buf + m->to.len, text.s + len, rest);
    *result = (struct pf_str){.s = buf, .len = m->to.len + rest};
    return true;
}

static pf_id group(struct pf_profile *keys, struct pf_str name, pf_id place)
{
    return pf_func(keys, pf_plain_name(keys, pf_str(keys, name.s, name.len)), place, 0);
}

/* A module stands for its file where that has a place by module; else any file of the module. */
static pf_id module_group(const struct pf_diff *d, struct pf_str name, struct pf_str module,
                          struct pf_str old_file)
{
    struct pf_profile *keys = d->h->keys;
    pf_id old = pf_place_key(keys, old_file, d->how.by);
    bool fixed = keys->funcs.at[old].line == PF_PLACE_MODULE;

    return group(
        keys, name,
        pf_place(keys, module.s, module.len, fixed ? PF_PLACE_MODULE : PF_PLACE_ANY_MODULE));
}

/* "pkg.mod.f": a function by its module. */
static pf_id map_qualified(const struct pf_diff *d, const struct mapping *m, struct pf_str name,
                           struct pf_str module, struct pf_str file)
{
    if (m->from.len != module.len + 1 + name.len || m->from.s[module.len] != '.'
        || memcmp(m->from.s, module.s, module.len) != 0
        || memcmp(m->from.s + module.len + 1, name.s, name.len) != 0)
        return 0;

    const char *dot = memrchr(m->to.s, '.', m->to.len);
    uint32_t len = dot ? (uint32_t)(dot - m->to.s) : 0;
    struct pf_str to = {.s = m->to.s, .len = len};
    struct pf_str new_name = {.s = m->to.s + len + (dot != NULL),
                              .len = m->to.len - len - (dot != NULL)};
    return module_group(d, new_name, dot ? to : module, file);
}

static pf_id map_one(const struct pf_diff *d, const struct mapping *m, struct pf_str name,
                     struct pf_str file)
{
    struct pf_profile *keys = d->h->keys;
    char buf[TEXT_MAX], text[MODULE_MAX];
    struct pf_str now;

    if (name.len && equal(name, m->from))
        return group(keys, m->to, pf_place_key(keys, file, d->how.by));
    if (replace_start(m, file, "/\\", buf, &now))
        return group(keys, name, pf_place_key(keys, now, d->how.by));

    struct pf_str module = {.s = text,
                            .len = (uint32_t)pf_module(file.s, file.len, text, sizeof text)};
    if (!module.len)
        return 0;
    if (name.len) {
        pf_id found = map_qualified(d, m, name, module, file);
        if (found)
            return found;
    }
    return replace_start(m, module, ".", buf, &now) ? module_group(d, name, now, file) : 0;
}

pf_id pf_map_group(const struct pf_diff *d, struct pf_str name, struct pf_str file)
{
    for (uint32_t i = 0; i < d->how.n_map; i++) {
        struct mapping m = parse(d->how.map[i]);
        pf_id found = map_one(d, &m, name, file);
        if (found)
            return found;
    }
    return 0;
}
