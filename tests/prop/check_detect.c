/*
 * check_detect.c FORMATS SAMPLES - every golden input of FORMATS/FORMAT/CASE and every sample is
 * recognised, from its first 4 KiB, as what it is, and by no other reader as surely.
 */
#include "formats.h"

#include <glob.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { HEAD = 4096, GUESS = 2 }; /* GUESS: what folded bids on any text */

/* Inputs that are not what their folder says, and why. */
static const struct {
    const char *name, *format, *why;
} exceptions[] = {
    {"pb/unknown-fields", "pprof", "only our version field tells the common format from pprof's"},
    {"pb/empty-stack", "pprof", "only our version field tells the common format from pprof's"},
};

static int failures, seen;

static bool ends_in(const char *path, const char *suffix)
{
    size_t len = strlen(path), n = strlen(suffix);

    return len > n && strcmp(path + len - n, suffix) == 0;
}

/* "FORMAT/CASE" of a path that ends in /FORMAT/CASE/input.x */
static const char *case_of(const char *path, char name[256])
{
    const char *end = strrchr(path, '/'), *from = end;

    for (int slashes = 0; from > path && slashes < 2; slashes += from[-1] == '/')
        from--;
    snprintf(name, 256, "%.*s", (int)(end - from), from);
    return name;
}

static const struct pf_format *of_folder(const char *name)
{
    char format[64];

    for (size_t i = 0; i < sizeof exceptions / sizeof *exceptions; i++)
        if (strcmp(name, exceptions[i].name) == 0)
            return pf_format_named(exceptions[i].format);
    snprintf(format, sizeof format, "%.*s", (int)strcspn(name, "/"), name);
    return pf_format_named(format);
}

static void fail(const char *name, const char *what, const char *format, int bid)
{
    failures++;
    printf("%s: %s %s (%d)\n", name, what, format, bid);
}

/* must: somebody has to know it. Of a broken input it is enough that nobody takes it for sure. */
static void look(const char *path, const char *name, const struct pf_format *is, bool must)
{
    struct pf_mem mem;
    struct pf_err err = {0};
    size_t have = 0;

    pf_mem_init(&mem, 0);
    struct pf_source *in = pf_open(&mem, path, &err);
    const uint8_t *head = in ? pf_peek(in, HEAD, &have) : NULL;
    have = have < HEAD ? have : HEAD;
    int own = head && is->probe ? is->probe(head, have) : 0;
    if (must && !own)
        fail(name, "is not recognised as", is->name, own);
    for (size_t i = 0; head && pf_formats[i]; i++) {
        const struct pf_format *f = pf_formats[i];
        int bid = f != is && f->probe ? f->probe(head, have) : 0;
        if (bid && bid >= own && (must || bid > GUESS))
            fail(name, "is taken for", f->name, bid);
    }
    pf_close(in);
    seen++;
}

static void look_at_case(const char *path)
{
    char name[256], exit[4096];
    const struct pf_format *is = of_folder(case_of(path, name));

    snprintf(exit, sizeof exit, "%.*s/expected.exit", (int)(strrchr(path, '/') - path), path);
    if (!is)
        fail(name, "is in the folder of no format", "", 0);
    else if (is->probe) /* others are read on request only */
        look(path, name, is, access(exit, F_OK) != 0);
}

/* What the samples are that are not called after their format. */
static const struct {
    const char *suffix, *format;
} kinds[] = {
    {".prof", "pstat"},
    {".lines.txt", "linestats"},
    {".memory.txt", "memprof"},
    {".timeit.txt", "timeit"},
};

/* All files are samples but the programs and pages that they are made by and of. */
static void look_at_sample(const char *path)
{
    const struct pf_format *is = NULL;

    if (!strchr(strrchr(path, '/'), '.') || ends_in(path, ".py") || ends_in(path, ".sh"))
        return;
    for (size_t i = 0; !is && i < sizeof kinds / sizeof *kinds; i++)
        if (ends_in(path, kinds[i].suffix))
            is = pf_format_named(kinds[i].format);
    for (size_t i = 0; !is && pf_formats[i]; i++)
        if (pf_formats[i]->probe && ends_in(path, pf_formats[i]->suffix))
            is = pf_formats[i];
    if (is)
        look(path, path, is, true);
    else
        fail(path, "is called like no format", "", 0);
}

static void each(const char *folder, const char *pattern, void (*look_at)(const char *path))
{
    char all[4096];
    glob_t found;

    snprintf(all, sizeof all, "%s/%s", folder, pattern);
    if (glob(all, 0, NULL, &found) != 0) {
        fail(all, "matches no file", "", 0);
        return;
    }
    for (size_t i = 0; i < found.gl_pathc; i++)
        look_at(found.gl_pathv[i]);
    globfree(&found);
}

int main(int argc, char **argv)
{
    if (argc != 3)
        return 2;
    each(argv[1], "*/*/input.*", look_at_case);
    each(argv[2], "*", look_at_sample);
    printf("%d files, %d failures\n", seen, failures);
    return failures != 0;
}
