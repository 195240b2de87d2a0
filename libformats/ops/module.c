/* module.c - which Python module a file is, whatever machine or virtual environment it lay on. */
#include "ops.h"

#include <string.h>

static bool is_separator(char c)
{
    return c == '/' || c == '\\';
}

struct part {
    const char *s;
    size_t len;
};

/* The next component of a path at *at, empty ones skipped; false at the end. */
static bool next_part(const char *file, size_t len, size_t *at, struct part *part)
{
    while (*at < len && is_separator(file[*at]))
        ++*at;
    size_t start = *at;
    while (*at < len && !is_separator(file[*at]))
        ++*at;
    *part = (struct part){file + start, *at - start};
    return part->len > 0;
}

static bool part_is(struct part part, const char *s)
{
    return part.len == strlen(s) && memcmp(part.s, s, part.len) == 0;
}

static bool starts_with(const char *s, size_t len, const char *start)
{
    size_t n = strlen(start);
    return len >= n && memcmp(s, start, n) == 0;
}

static bool ends_with(const char *s, size_t len, const char *end)
{
    size_t n = strlen(end);
    return len >= n && memcmp(s + len - n, end, n) == 0;
}

static bool has_version(struct part part, const char *word)
{
    size_t n = strlen(word);
    return part.len > n && starts_with(part.s, part.len, word) && part.s[n] >= '0'
           && part.s[n] <= '9';
}

static bool is_absolute(const char *file, size_t len)
{
    return (len > 0 && is_separator(file[0]))
           || (len > 2 && file[1] == ':' && is_separator(file[2]));
}

/* How sure a component is to end a root, seen with the component before it; 0 = it does not. */
static int root_rank(struct part before, struct part part, bool windows)
{
    if (part_is(part, "site-packages") || part_is(part, "dist-packages"))
        return 3;
    if (ends_with(part.s, part.len, ".zip") || ends_with(part.s, part.len, ".egg"))
        return 2;
    bool lib = part_is(before, "lib") || part_is(before, "lib64");
    if (lib && (has_version(part, "python") || has_version(part, "pypy")))
        return 1;
    if (part_is(before, "lib-python") && has_version(part, ""))
        return 1;
    return windows && part_is(part, "Lib") ? 1 : 0;
}

/* Packages outrank the library they are installed in, and an archive may lie in either: of two
 * roots of one rank the innermost counts for these, the outermost for the library. */
size_t pf_below_root(const char *file, size_t len)
{
    bool windows = memchr(file, '\\', len) || (len > 1 && file[1] == ':');
    struct part before = {"", 0}, part;
    size_t at = 0, root = 0;
    int best = 0;

    while (next_part(file, len, &at, &part)) {
        int rank = root_rank(before, part, windows);
        if (at < len && rank > 0 && (rank > best || (rank == best && rank > 1) || rank == 2)) {
            root = at + 1;
            best = rank > best ? rank : best;
        }
        before = part;
    }
    return root;
}

/* "<frozen os>", and PyPy's "<builtin>/frozen os" */
static bool frozen(const char *file, size_t len, struct part *module)
{
    static const char *const start[] = {"<frozen ", "<builtin>/frozen "};

    for (size_t i = 0; i < sizeof start / sizeof *start; i++)
        if (starts_with(file, len, start[i])) {
            size_t n = strlen(start[i]);
            size_t end = file[len - 1] == '>' ? len - 1 : len;
            *module = (struct part){file + n, end > n ? end - n : 0};
            return module->len > 0;
        }
    return false;
}

bool pf_is_frozen(const char *file, size_t len)
{
    struct part module;
    return frozen(file, len, &module);
}

/* The length of a Python file's name without its suffix, 0 if it has none of Python's. */
static size_t stem_len(const char *file, size_t len)
{
    static const char *const suffix[] = {".py", ".pyc", ".pyo", ".pyx", ".pyw"};

    for (size_t i = 0; i < sizeof suffix / sizeof *suffix; i++) {
        size_t n = strlen(suffix[i]);
        if (ends_with(file, len, suffix[i]) && len > n && !is_separator(file[len - n - 1]))
            return len - n;
    }
    return 0;
}

struct text {
    char *s;
    size_t len, size;
    bool full;
};

static void append(struct text *t, const char *s, size_t len)
{
    if (t->full || len >= t->size - t->len) {
        t->full = true;
        return;
    }
    memcpy(t->s + t->len, s, len);
    t->len += len;
}

/* Where the last component starts. */
static size_t last_part(const char *file, size_t len)
{
    while (len > 0 && is_separator(file[len - 1]))
        len--;
    while (len > 0 && !is_separator(file[len - 1]))
        len--;
    return len;
}

/* Joins components with dots: a package's __init__ is the package, and what lies in __pycache__ as
 * "x.cpython-311" is x. */
static void join(struct text *t, const char *path, size_t len)
{
    struct part part;
    size_t at = 0;
    bool cached = false;

    while (next_part(path, len, &at, &part)) {
        bool last = at == len;
        if (part_is(part, ".") || part_is(part, ".."))
            continue;
        if (part_is(part, "__pycache__") && !last) {
            cached = true;
            continue;
        }
        const char *tag = cached && last ? memchr(part.s, '.', part.len) : NULL;
        if (tag && tag > part.s)
            part.len = (size_t)(tag - part.s);
        if (last && part_is(part, "__init__") && t->len > 0)
            continue;
        if (t->len > 0)
            append(t, ".", 1);
        append(t, part.s, part.len);
    }
}

/* Where the part of an unrooted absolute path starts that names the module: its last component,
 * with the folders before it that are needed (a cache, a package). */
static size_t absolute_start(const char *file, size_t len)
{
    size_t name = last_part(file, len), at = name, folder = last_part(file, name);

    if (starts_with(file + folder, name - folder, "__pycache__")) {
        at = folder;
        folder = last_part(file, folder);
    }
    bool package = starts_with(file + name, len - name, "__init__")
                   && (len - name == 8 || (at < name && file[name + 8] == '.'));
    return package ? folder : at;
}

size_t pf_module(const char *file, size_t len, char *buf, size_t size)
{
    struct text text = {buf, 0, size, size == 0};
    struct part module;

    if (size == 0)
        return 0;
    buf[0] = '\0';
    if (len == 0)
        return 0;
    if (frozen(file, len, &module)) {
        append(&text, module.s, module.len);
    } else {
        size_t stem = stem_len(file, len);
        if (stem == 0 || file[0] == '<')
            return 0;
        size_t root = pf_below_root(file, len);
        if (root == 0 && is_absolute(file, len))
            root = absolute_start(file, stem);
        if (root < stem)
            join(&text, file + root, stem - root);
    }
    if (text.full)
        text.len = 0;
    buf[text.len] = '\0';
    return text.len;
}
