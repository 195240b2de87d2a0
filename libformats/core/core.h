/* core.h - what the inside of libformats shares; tools cannot include it. */
#ifndef CORE_H
#define CORE_H

#include "formats.h"

/* Makes room for element n of a table (NULL, 0 at first), doubling *cap; false when there is no
 * memory, and then the table is untouched. New elements are not zeroed. */
bool pf_grow_more(struct pf_mem *m, void *table, uint32_t n, uint32_t *cap, size_t size);
static inline bool pf_grow(struct pf_mem *m, void *table, uint32_t n, uint32_t *cap, size_t size)
{
    return n < *cap || pf_grow_more(m, table, n, cap, size);
}

/* A hash set of ids. `slot` holds ids, 0 is an empty slot; cap is a power of two. */
struct pf_index {
    pf_id *slot;
    uint32_t n, cap;
};

/*
 * The slot that holds the id whose element equals key, or else a slot holding 0 (store the new id
 * there and add 1 to n); NULL when there is no memory. Elements are compared and hashed by the two
 * functions, which see `table`.
 */
typedef bool pf_index_eq(const void *table, pf_id id, const void *key);
typedef uint64_t pf_index_hash(const struct pf_mem *m, const void *table, pf_id id);
bool pf_index_enlarge(struct pf_mem *m, struct pf_index *x, const void *table,
                      pf_index_hash *rehash);
static inline pf_id *pf_index_find(struct pf_mem *m, struct pf_index *x, const void *table,
                                   const void *key, uint64_t hash, pf_index_eq *eq,
                                   pf_index_hash *rehash)
{
    if (x->n >= x->cap / 2 && !pf_index_enlarge(m, x, table, rehash))
        return NULL;

    uint32_t i = (uint32_t)hash & (x->cap - 1);
    while (x->slot[i] && !eq(table, x->slot[i], key))
        i = (i + 1) & (x->cap - 1);
    return &x->slot[i];
}
void pf_index_free(struct pf_mem *m, struct pf_index *x);

/* The same for pairs of ids, which are kept in the slots: one cache miss a look-up. A slot with id
 * 0 is free: store a, b and the id there and add 1 to n. */
struct pf_pair {
    pf_id a, b, id;
};
struct pf_pairs {
    struct pf_pair *slot;
    uint32_t n, cap;
};
struct pf_pair *pf_pairs_find(struct pf_mem *m, struct pf_pairs *x, pf_id a, pf_id b);
void pf_pairs_reserve(struct pf_mem *m, struct pf_pairs *x,
                      uint32_t n); /* room for n without growing */
void pf_pairs_free(struct pf_mem *m, struct pf_pairs *x);

/* Bytes that live as long as their profile. */
struct pf_arena {
    struct pf_chunk *head;
};
void *pf_arena_alloc(struct pf_mem *m, struct pf_arena *a, size_t size); /* aligned to 16 */
void pf_arena_free(struct pf_mem *m, struct pf_arena *a);

/* unit.c: nanoseconds in one of a unit of time; 0: it is none. */
double pf_unit_ns(struct pf_str unit);

/* Asks for memory that is read soon. A function that does nothing else must be PF_INLINE: gcc takes
 * it for one without effect, and drops the call. */
#define PF_INLINE  static inline __attribute__((always_inline))
#define PF_ASK(at) __builtin_prefetch(at)

/* Keyed hashes: of two words, and of bytes. */
static inline uint64_t pf_mix(const struct pf_mem *m, uint64_t a, uint64_t b)
{
    __extension__ typedef unsigned __int128 u128;
    u128 x = (u128)(a ^ m->secret[0]) * (b ^ m->secret[1]);
    return (uint64_t)x ^ (uint64_t)(x >> 64);
}
uint64_t pf_hash(const struct pf_mem *m, const void *data, size_t len);

/* sha256.c: hashes that are the same in every process. HMAC is over the kind and the data. */
enum { PF_SHA256 = 32 };
void pf_sha256(const void *data, size_t len, uint8_t digest[PF_SHA256]);
void pf_hmac_sha256(const void *key, size_t key_len, char kind, const void *data, size_t len,
                    uint8_t digest[PF_SHA256]);

#endif
