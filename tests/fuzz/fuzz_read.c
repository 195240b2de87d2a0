/* fuzz_read.c - any bytes into the reader of FORMAT, and what it makes of them through all that
 * follows. */
#include "formats.h"

#include <stdlib.h>
#include <string.h>

enum { BUDGET = 512 * PF_MIB };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void write_all(const struct pf_profile *p)
{
    for (size_t i = 0; pf_formats[i]; i++) {
        struct pf_err err = {0};
        struct pf_write how = {.type = -1};
        struct pf_sink *k = pf_formats[i]->write ? pf_create_mem(p->mem, PF_PLAIN, &err) : NULL;
        if (k)
            (void)pf_formats[i]->write(p, k, &how, &err);
        pf_abandon(k);
    }
}

static void rank_and_merge(const struct pf_profile *p)
{
    struct pf_err err = {0};
    struct pf_rows rows = {0};
    struct pf_merge_how how = {0};
    struct pf_profile *sum = pf_new(p->mem);

    if (p->types.n && pf_top(p, 0, PF_BY_FUNCTION, &rows, &err) == 0)
        pf_dealloc(p->mem, rows.at);
    if (sum && pf_merge(sum, p, &how, &err) == 0)
        (void)pf_merge(sum, p, &how, &err);
    pf_free(sum);
}

/* A reader must never make a profile that is not valid; only totals may be too large. */
static void must_be_a_sum(void *ctx, const char *text)
{
    (void)ctx;
    if (!strstr(text, "does not fit 64 bits"))
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct pf_mem mem;
    struct pf_err err = {0};
    struct pf_profile *p;

    pf_mem_init(&mem, BUDGET);
    struct pf_source *in = pf_open_mem(&mem, data, size, &err);
    while (in && (p = pf_load(in, pf_format_named(FORMAT), &err))) {
        pf_check(p, must_be_a_sum, NULL);
        write_all(p);
        rank_and_merge(p);
        pf_free(p);
    }
    pf_close(in);
    if (mem.used || (err.code && !err.msg[0]))
        abort(); /* a leak, or a refusal without a word */
    return 0;
}
