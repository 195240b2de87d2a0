/* pstat_help.h - what the tests of pstats share: small tables as marshal bytes, and their samples
 * as text. */
#ifndef PSTAT_HELP_H
#define PSTAT_HELP_H

#include "marshal.h"
#include "pstat.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

extern const struct pf_format pf_format_pstat;

static struct pf_mem mem;
static struct pf_err err;
static struct pf_profile *p;
static char lost[2048];

static inline void setup(void)
{
    pf_mem_init(&mem, 0);
    err = (struct pf_err){0};
    p = pf_new(&mem);
    lost[0] = 0;
}

static inline void teardown(void)
{
    pf_free(p);
    ck_assert_uint_eq(mem.used, 0);
}

static inline int read_bytes(const void *bytes, size_t len)
{
    struct pf_source *in = pf_open_mem(&mem, bytes, len, &err);
    int status = in ? pf_format_pstat.read(in, p, &err) : -1;

    pf_close(in);
    return status;
}

static inline void remember(void *ctx, const char *text)
{
    (void)ctx;
    size_t n = strlen(lost);
    snprintf(lost + n, sizeof lost - n, "%s\n", text);
}

static inline void expect_valid(void *ctx, const char *text)
{
    (void)ctx;
    ck_abort_msg("%s", text);
}

static inline int write_to(struct pf_sink *out)
{
    return pf_format_pstat.write(p, out, &(struct pf_write){.type = -1, .lost = remember}, &err);
}

/* Replaces p by what its file reads as; the file's bytes are compared with `bytes` if given. */
static inline void there_and_back(const void *bytes, size_t len)
{
    struct pf_sink *out = pf_create_mem(&mem, PF_PLAIN, &err);
    size_t n;

    ck_assert_int_eq(write_to(out), 0);
    pf_end_frame(out);
    const uint8_t *text = pf_sink_bytes(out, &n);
    if (bytes) {
        ck_assert_uint_eq(n, len);
        ck_assert_mem_eq(text, bytes, n);
    }
    pf_free(p);
    p = pf_new(&mem);
    if (read_bytes(text, n))
        ck_abort_msg("%s", err.msg);
    pf_abandon(out);
}

#define LIT(bytes) (bytes), sizeof(bytes) - 1
#define ZERO       "i\0\0\0\0"
#define ONE        "i\1\0\0\0"
#define TWO        "i\2\0\0\0"
#define FIVE       "i\5\0\0\0"
#define HALF       "g\0\0\0\0\0\0\xe0\x3f"
#define SEC        "g\0\0\0\0\0\0\xf0\x3f"
#define T3         "(\3\0\0\0"
#define T4         "(\4\0\0\0"
#define T5         "(\5\0\0\0"
#define STR(c)     "u\1\0\0\0" c
#define KEY(c)     T3 STR("a") ONE STR(c)
#define NONE       "{0"
#define ROW(c)     KEY(c) T5 ONE ONE HALF SEC NONE

#define TRY(bytes) try_bytes(LIT(bytes))
static inline void try_bytes(const char *bytes, size_t len)
{
    if (read_bytes(bytes, len))
        ck_abort_msg("offset %llu: %s", (unsigned long long)err.at, err.msg);
    ck_assert_int_eq(pf_check(p, expect_valid, NULL), 0);
}

static inline bool noted(const char *text)
{
    for (uint32_t i = 0; i < p->notes.n; i++)
        if (strstr(p->strs.at[p->notes.at[i]].s, text))
            return true;
    return false;
}

static inline const char *name_of(pf_id func)
{
    return p->strs.at[p->funcs.at[func].name].s;
}

/* The samples as text: "caller>callee values" in order, each between spaces. */
static inline const char *samples(void)
{
    static char text[4096];
    struct pf_path path = {0};
    size_t n = 0;

    for (uint32_t i = 0; i < p->samples.n; i++) {
        ck_assert(pf_unwind(p, p->samples.stack[i], &path));
        for (uint32_t k = 0; k < path.n; k++)
            n += (size_t)snprintf(text + n, sizeof text - n, "%s%s",
                                  k   ? ">"
                                  : i ? " | "
                                      : "",
                                  name_of(p->frames.at[path.frame[k]].func));
        for (uint32_t k = 0; k < p->types.n; k++)
            n += (size_t)snprintf(text + n, sizeof text - n, " %lld",
                                  (long long)p->samples.value[k][i]);
    }
    pf_dealloc(&mem, path.frame);
    return text;
}

#endif
