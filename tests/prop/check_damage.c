/* check_damage.c FOLDER - every prefix and every flipped bit of the small inputs below
 * FOLDER/FORMAT. */
#include "formats.h"

#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    SMALL = 2500, /* bytes: larger inputs are damaged at every STEP-th place only */
    STEP = 97,
    LARGEST = 64 * 1024,
    BUDGET = 64 * PF_MIB, /* no damage may make a small file want more */
};

struct input {
    const char *path;
    const struct pf_format *format;
    uint8_t *data;
    size_t n;
    bool noted; /* the reader has something to tell of the undamaged file */
};

static int failures;
static unsigned long reads;

static void failed(const struct input *in, const char *what, size_t at, const char *why)
{
    failures++;
    printf("%s: %s %zu: %s\n", in->path, what, at, why);
}

/* A total beyond 64 bits is the content's fault, not the reader's. */
static void count_fault(void *faults, const char *text)
{
    *(int *)faults += !strstr(text, "does not fit 64 bits");
}

/* 1: read, 0: refused. What is refused must be told, and nothing may be left allocated. */
static int try(const struct input *in, const uint8_t *data, size_t n, const char *what, size_t at)
{
    struct pf_mem mem;
    struct pf_err err = {0};
    int frames = 0;

    reads++;
    pf_mem_init(&mem, BUDGET);
    struct pf_source *s = pf_open_mem(&mem, data, n, &err);
    for (struct pf_profile *p; s && (p = pf_load(s, in->format, &err)); frames++) {
        int faults = 0;
        if (pf_check(p, count_fault, &faults) < 0 || faults)
            failed(in, what, at, "the profile that was read is not valid");
        pf_free(p);
    }
    pf_close(s);
    if (err.code && !err.msg[0])
        failed(in, what, at, "refused without a word");
    if (err.code == PF_ENOMEM)
        failed(in, what, at, err.msg);
    if (mem.used)
        failed(in, what, at, "memory leaked");
    return !err.code && frames;
}

/* A marshal object, a pickle, a gzip member or a zstd frame cannot lose its end unnoticed, unless
 * there was more than that in the file, which is noted. */
static bool strict(const struct input *in)
{
    static const uint8_t gzip[] = {0x1f, 0x8b}, zstd[] = {0x28, 0xb5, 0x2f, 0xfd};

    if (in->noted)
        return false;
    return strcmp(in->format->name, "pstat") == 0 || (in->n > 2 && in->data[0] == 0x80)
           || (in->n > 2 && memcmp(in->data, gzip, 2) == 0)
           || (in->n > 4 && memcmp(in->data, zstd, 4) == 0);
}

static void damage(const struct input *in)
{
    size_t step = in->n <= SMALL ? 1 : STEP;

    for (size_t i = 0; i < in->n; i += step) {
        uint8_t *cut =
            malloc(i + 1); /* a block of its own, so that a sanitizer sees reads beyond */
        if (!cut)
            abort();
        memcpy(cut, in->data, i);
        if (try(in, cut, i, "cut at", i) && strict(in))
            failed(in, "cut at", i, "accepted");
        free(cut);
    }
    for (size_t i = 0; i < in->n; i += step)
        for (unsigned bit = 0; bit < 8; bit++) {
            in->data[i] ^= (uint8_t)(1u << bit);
            try(in, in->data, in->n, "bit flipped at", i);
            in->data[i] ^= (uint8_t)(1u << bit);
        }
}

static bool has_notes(const struct input *in)
{
    struct pf_mem mem;
    struct pf_err err = {0};

    pf_mem_init(&mem, 0);
    struct pf_source *s = pf_open_mem(&mem, in->data, in->n, &err);
    struct pf_profile *p = s ? pf_load(s, in->format, &err) : NULL;
    bool noted = p && p->notes.n > 0;
    pf_free(p);
    pf_close(s);
    return noted;
}

static bool load(struct input *in)
{
    FILE *f = fopen(in->path, "rb");

    in->data = malloc(LARGEST);
    if (!f || !in->data)
        abort();
    in->n = fread(in->data, 1, LARGEST, f);
    fclose(f);
    in->noted = has_notes(in);
    return in->n < LARGEST;
}

int main(int argc, char **argv)
{
    unsigned tried = 0;

    for (size_t f = 0; argc == 2 && pf_formats[f]; f++) {
        char pattern[4096];
        glob_t found = {0};
        if (!pf_formats[f]->read)
            continue;
        snprintf(pattern, sizeof pattern, "%s/%s/*/input.*", argv[1], pf_formats[f]->name);
        glob(pattern, 0, NULL, &found);
        for (size_t i = 0; i < found.gl_pathc; i++) {
            struct input in = {.path = found.gl_pathv[i], .format = pf_formats[f]};
            if (load(&in)) {
                damage(&in);
                tried++;
            }
            free(in.data);
        }
        globfree(&found);
    }
    printf("%u inputs damaged, read %lu times, %d failures\n", tried, reads, failures);
    return failures || !tried;
}
