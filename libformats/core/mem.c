/* mem.c - the budgeted allocator, and the secret that keys hash tables. */
#include "core.h"

#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

/* Stands before each block, so that free and realloc know its size. */
struct head {
    size_t size;
    size_t unused; /* keeps blocks aligned to 16 */
};

void pf_mem_init(struct pf_mem *m, size_t limit)
{
    *m = (struct pf_mem){.limit = limit};
    /* Without a random source the address still differs from run to run. */
    if (getrandom(m->secret, sizeof m->secret, GRND_NONBLOCK) != (ssize_t)sizeof m->secret) {
        m->secret[0] = 0x9e3779b97f4a7c15u ^ (uintptr_t)m;
        m->secret[1] = 0xd6e8feb86659fd93u ^ (uintptr_t)&pf_mem_init;
    }
}

/* Counts an allocation that grows the use by `more` bytes; false if it must not be had. */
static bool admit(struct pf_mem *m, size_t more)
{
    m->count++;
    if (m->fail_at && m->count >= m->fail_at)
        return false;
    return !m->limit || (more <= m->limit && m->used <= m->limit - more);
}

static void account(struct pf_mem *m, size_t before, size_t after)
{
    m->used = m->used - before + after;
    if (m->used > m->peak)
        m->peak = m->used;
}

void *pf_alloc(struct pf_mem *m, size_t size)
{
    if (size > SIZE_MAX / 2 || !admit(m, size))
        return NULL;

    struct head *h = malloc(sizeof *h + size);
    if (!h)
        return NULL;
    h->size = size;
    account(m, 0, size);
    return h + 1;
}

void *pf_alloc_zero(struct pf_mem *m, size_t n, size_t size)
{
    size_t bytes;
    if (__builtin_mul_overflow(n, size, &bytes) || bytes > SIZE_MAX / 2 || !admit(m, bytes))
        return NULL;

    struct head *h = calloc(1, sizeof *h + bytes);
    if (!h)
        return NULL;
    h->size = bytes;
    account(m, 0, bytes);
    return h + 1;
}

void *pf_realloc(struct pf_mem *m, void *block, size_t size)
{
    if (!block)
        return pf_alloc(m, size);

    struct head *h = (struct head *)block - 1;
    size_t before = h->size;
    if (size > SIZE_MAX / 2 || !admit(m, size > before ? size - before : 0))
        return NULL;
    h = realloc(h, sizeof *h + size);
    if (!h)
        return NULL;
    h->size = size;
    account(m, before, size);
    return h + 1;
}

void pf_dealloc(struct pf_mem *m, void *block)
{
    if (!block)
        return;

    struct head *h = (struct head *)block - 1;
    m->used -= h->size;
    free(h);
}

uint64_t pf_hash(const struct pf_mem *m, const void *data, size_t len)
{
    return XXH3_64bits_withSeed(data, len, m->secret[0]) ^ m->secret[1];
}

/* ---- arena ---- */

enum { CHUNK_MIN = 4096, CHUNK_MAX = 1 << 20 };

struct pf_chunk {
    struct pf_chunk *next;
    size_t used, size;
    size_t unused;
};

void *pf_arena_alloc(struct pf_mem *m, struct pf_arena *a, size_t size)
{
    struct pf_chunk *c = a->head;

    if (size > SIZE_MAX / 4)
        return NULL;
    size = (size + 15) & ~(size_t)15;
    if (!c || c->size - c->used < size) {
        size_t want = c ? 2 * c->size : CHUNK_MIN; /* chunks double, so that small stays small */
        if (want > CHUNK_MAX)
            want = CHUNK_MAX;
        if (want < size)
            want = size;
        c = pf_alloc(m, sizeof *c + want);
        if (!c)
            return NULL;
        *c = (struct pf_chunk){.next = a->head, .size = want};
        a->head = c;
    }
    void *at = (char *)(c + 1) + c->used;
    c->used += size;
    return at;
}

void pf_arena_free(struct pf_mem *m, struct pf_arena *a)
{
    while (a->head) {
        struct pf_chunk *next = a->head->next;
        pf_dealloc(m, a->head);
        a->head = next;
    }
}
