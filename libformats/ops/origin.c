/* origin.c - whose code a function is: the project's, the standard library's, a package's, … */
#include "ops.h"

#include <string.h>

static bool has(const char *s, size_t len, const char *part)
{
    return memmem(s, len, part, strlen(part)) != NULL;
}

static bool begins(const char *s, size_t len, const char *start)
{
    size_t n = strlen(start);
    return len >= n && memcmp(s, start, n) == 0;
}

/* Files that Python does not run: libraries, binaries and what stands for them. */
static bool is_native(const char *file, size_t len)
{
    size_t name = len;

    while (name > 0 && file[name - 1] != '/' && file[name - 1] != '\\')
        name--;
    file += name;
    len -= name;
    return file[0] == '[' || has(file, len, ".so") || begins(file, len, "libc.")
           || has(file, len, ".dll") || has(file, len, ".dylib");
}

/* Builtins have the file "~" in cProfile's tables, and none in those of `profile`. */
static bool is_builtin(const struct pf_profile *p, struct pf_str file, struct pf_str name)
{
    struct pf_str format = p->strs.at[p->format];

    return (file.len == 0 && begins(format.s, format.len, "pstat"))
           || (file.len == 1 && file.s[0] == '~') || begins(name.s, name.len, "<built-in ")
           || begins(name.s, name.len, "<method ");
}

enum pf_origin pf_origin(const struct pf_profile *p, pf_id func)
{
    struct pf_str file = p->strs.at[p->funcs.at[func].file];
    struct pf_str name = p->strs.at[p->funcs.at[func].name];

    if (!func)
        return PF_NATIVE; /* a bare address */
    if (is_builtin(p, file, name))
        return PF_BUILTIN;
    if (has(file.s, file.len, "site-packages") || has(file.s, file.len, "dist-packages"))
        return PF_PACKAGE;
    if (pf_is_frozen(file.s, file.len))
        return PF_STDLIB;
    if (is_native(file.s, file.len))
        return PF_NATIVE;
    return pf_below_root(file.s, file.len) ? PF_STDLIB : PF_PROJECT;
}
