/* diff_map.c - what functions, files and modules of the base are called on the new side. */
#include "ops.h"

#include <string.h>

enum { MODULE_MAX = 1024, TEXT_MAX = 4096 };

struct mapping {
    struct pf_str from, to;
};

struct mapped { /* what is to be joined by something else */
    struct pf_profile *keys;
    enum pf_by by;
    struct pf_str name, file;
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
static pf_id module_group(const struct mapped *of, struct pf_str name, struct pf_str module)
{
    struct pf_profile *keys = of->keys;
    pf_id old = pf_place_key(keys, of->file, of->by);
    bool fixed = keys->funcs.at[old].line == PF_PLACE_MODULE;

    return group(
        keys, name,
        pf_place(keys, module.s, module.len, fixed ? PF_PLACE_MODULE : PF_PLACE_ANY_MODULE));
}

/* "pkg.mod.f": a function by its module. */
static pf_id map_qualified(const struct mapped *of, const struct mapping *m, struct pf_str module)
{
    struct pf_str name = of->name;

    if (m->from.len != module.len + 1 + name.len || m->from.s[module.len] != '.'
        || memcmp(m->from.s, module.s, module.len) != 0
        || memcmp(m->from.s + module.len + 1, name.s, name.len) != 0)
        return 0;

    const char *dot = memrchr(m->to.s, '.', m->to.len);
    uint32_t len = dot ? (uint32_t)(dot - m->to.s) : 0;
    struct pf_str to = {.s = m->to.s, .len = len};
    struct pf_str new_name = {.s = m->to.s + len + (dot != NULL),
                              .len = m->to.len - len - (dot != NULL)};
    return module_group(of, new_name, dot ? to : module);
}

static pf_id map_one(const struct mapped *of, const struct mapping *m)
{
    struct pf_profile *keys = of->keys;
    char buf[TEXT_MAX], text[MODULE_MAX];
    struct pf_str now;

    if (of->name.len && equal(of->name, m->from))
        return group(keys, m->to, pf_place_key(keys, of->file, of->by));
    if (replace_start(m, of->file, "/\\", buf, &now))
        return group(keys, of->name, pf_place_key(keys, now, of->by));

    struct pf_str module = {.s = text};
    module.len = (uint32_t)pf_module(of->file.s, of->file.len, text, sizeof text);
    if (!module.len)
        return 0;
    if (of->name.len) {
        pf_id found = map_qualified(of, m, module);
        if (found)
            return found;
    }
    return replace_start(m, module, ".", buf, &now) ? module_group(of, of->name, now) : 0;
}

pf_id pf_map_group(const struct pf_maps *maps, struct pf_profile *keys, enum pf_by by,
                   struct pf_str name, struct pf_str file)
{
    const struct mapped of = {.keys = keys, .by = by, .name = name, .file = file};

    for (uint32_t i = 0; i < maps->n; i++) {
        struct mapping m = parse(maps->at[i]);
        pf_id found = map_one(&of, &m);
        if (found && maps->found)
            maps->found[i] = true;
        if (found)
            return found;
    }
    return 0;
}
