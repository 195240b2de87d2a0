/* check_core.c - memory, hash indexes, errors, and the interned tables of a profile. */
#include "profile.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct pf_mem mem;
static struct pf_profile *p;

static void setup(void)
{
    pf_mem_init(&mem, 0);
    p = pf_new(&mem);
}

static void teardown(void)
{
    pf_free(p);
    ck_assert_uint_eq(mem.used, 0);
}

static uint32_t state = 1;

static uint32_t any(uint32_t n)
{
    state = state * 1664525 + 1013904223;
    return (state >> 8) % n;
}

/* ---- errors ---- */

START_TEST(the_first_error_wins)
{
    struct pf_err err = {0};

    ck_assert_int_eq(pf_fail_line(&err, PF_ESYNTAX, 7, "no %s here", "comma"), -1);
    ck_assert_int_eq(pf_fail(&err, PF_ENOMEM, "second"), -1);
    ck_assert_int_eq(pf_fail_offset(&err, PF_EVALUE, 9, "third"), -1);
    ck_assert_int_eq(err.code, PF_ESYNTAX);
    ck_assert_int_eq(err.where, PF_AT_LINE);
    ck_assert_uint_eq(err.at, 7);
    ck_assert_str_eq(err.msg, "no comma here");
}
END_TEST

START_TEST(errors_know_where)
{
    struct pf_err none = {0}, offset = {0};
    char longest[sizeof none.msg + 50];

    memset(longest, 'x', sizeof longest - 1);
    longest[sizeof longest - 1] = 0;
    pf_fail(&none, PF_EIO, "%s", longest);
    ck_assert_int_eq(none.where, PF_NOWHERE);
    ck_assert_uint_eq(strlen(none.msg), sizeof none.msg - 1);
    pf_fail_offset(&offset, PF_ESYNTAX, UINT64_MAX, "cut");
    ck_assert_int_eq(offset.where, PF_AT_OFFSET);
    ck_assert(offset.at == UINT64_MAX);
}
END_TEST

/* ---- memory ---- */

START_TEST(the_budget_is_kept)
{
    struct pf_mem m;

    pf_mem_init(&m, 100);
    char *a = pf_alloc(&m, 60);
    ck_assert_ptr_nonnull(a);
    ck_assert_ptr_null(pf_alloc(&m, 41));
    ck_assert_ptr_null(pf_alloc_zero(&m, 41, 1));
    ck_assert_uint_eq(m.used, 60);
    char *b = pf_alloc(&m, 40);
    ck_assert_ptr_nonnull(b);
    ck_assert_ptr_null(pf_alloc(&m, 1));
    memset(b, 'b', 40);
    ck_assert_ptr_null(pf_realloc(&m, b, 41)); /* and b is as it was */
    ck_assert_int_eq(b[39], 'b');
    pf_dealloc(&m, a);
    ck_assert_uint_eq(m.used, 40);
    b = pf_realloc(&m, b, 100);
    ck_assert_ptr_nonnull(b);
    ck_assert_int_eq(b[39], 'b');
    b = pf_realloc(&m, b, 10);
    ck_assert_uint_eq(m.used, 10);
    ck_assert_uint_eq(m.peak, 100);
    pf_dealloc(&m, b);
    pf_dealloc(&m, NULL);
    ck_assert_uint_eq(m.used, 0);
}
END_TEST

START_TEST(the_nth_allocation_and_all_later_fail)
{
    void *kept[3];

    mem.fail_at = mem.count + 3;
    kept[0] = pf_alloc(&mem, 1);
    kept[1] = pf_alloc_zero(&mem, 1, 1);
    ck_assert(kept[0] && kept[1]);
    ck_assert_ptr_null(pf_alloc(&mem, 1));
    ck_assert_ptr_null(pf_alloc_zero(&mem, 1, 1));
    ck_assert_ptr_null(pf_realloc(&mem, kept[0], 2));
    ck_assert_ptr_null(pf_realloc(&mem, NULL, 2));
    ck_assert_uint_eq(mem.count, mem.fail_at + 3);
    mem.fail_at = 0;
    kept[2] = pf_realloc(&mem, NULL, 2);
    ck_assert_ptr_nonnull(kept[2]);
    for (int i = 0; i < 3; i++)
        pf_dealloc(&mem, kept[i]);
}
END_TEST

START_TEST(sizes_that_do_not_fit_are_refused)
{
    static const size_t cases[][2] = {
        {SIZE_MAX, 2}, {2, SIZE_MAX}, {SIZE_MAX / 2 + 1, 2}, {(size_t)1 << 32, (size_t)1 << 32},
        {SIZE_MAX, 1},
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        ck_assert_ptr_null(pf_alloc_zero(&mem, cases[i][0], cases[i][1]));
    ck_assert_ptr_null(pf_alloc(&mem, SIZE_MAX));
    ck_assert_ptr_null(pf_alloc(&mem, SIZE_MAX - 15));
    void *block = pf_alloc(&mem, 8);
    ck_assert_ptr_null(pf_realloc(&mem, block, SIZE_MAX));
    pf_dealloc(&mem, block);
}
END_TEST

START_TEST(zeroed_means_all_of_it)
{
    for (size_t n = 0; n < 300; n++) {
        uint8_t *block = pf_alloc_zero(&mem, n, 3);
        ck_assert_ptr_nonnull(block);
        ck_assert_uint_eq((uintptr_t)block % 16, 0);
        for (size_t i = 0; i < 3 * n; i++)
            ck_assert_uint_eq(block[i], 0);
        memset(block, 0xff, 3 * n);
        pf_dealloc(&mem, block);
    }
}
END_TEST

START_TEST(an_arena_keeps_what_it_gave)
{
    enum { BLOCKS = 3000 };
    struct pf_arena a = {0};
    static uint8_t *block[BLOCKS];
    static size_t size[BLOCKS];
    size_t used = mem.used;

    for (int i = 0; i < BLOCKS; i++) {
        size[i] = i % 500 == 0 ? 300000 : any(200);
        block[i] = pf_arena_alloc(&mem, &a, size[i]);
        ck_assert_ptr_nonnull(block[i]);
        ck_assert_uint_eq((uintptr_t)block[i] % 16, 0);
        memset(block[i], i & 0xff, size[i]);
    }
    for (int i = 0; i < BLOCKS; i++)
        for (size_t k = 0; k < size[i]; k++)
            ck_assert(block[i][k] == (i & 0xff));
    ck_assert_ptr_null(pf_arena_alloc(&mem, &a, SIZE_MAX));
    mem.fail_at = mem.count + 1;
    ck_assert_ptr_null(pf_arena_alloc(&mem, &a, 10 << 20));
    mem.fail_at = 0;
    ck_assert_ptr_nonnull(pf_arena_alloc(&mem, &a, 10));
    pf_arena_free(&mem, &a);
    ck_assert_uint_eq(mem.used, used);
}
END_TEST

START_TEST(tables_grow_and_keep_their_rows)
{
    uint64_t *at = NULL;
    uint32_t cap = 0;

    for (uint32_t n = 0; n < 100000; n++) {
        ck_assert(pf_grow(&mem, &at, n, &cap, sizeof *at));
        ck_assert_uint_gt(cap, n);
        at[n] = (uint64_t)n * 7;
    }
    for (uint32_t n = 0; n < 100000; n++)
        ck_assert(at[n] == (uint64_t)n * 7);
    mem.fail_at = mem.count + 1;
    uint64_t *before = at;
    uint32_t cap_before = cap;
    ck_assert(!pf_grow(&mem, &at, cap, &cap, sizeof *at));
    ck_assert(!pf_grow(&mem, &at, UINT32_MAX - 1, &cap, sizeof *at));
    mem.fail_at = 0;
    ck_assert_ptr_eq(at, before);
    ck_assert_uint_eq(cap, cap_before);
    pf_dealloc(&mem, at);
    at = NULL;
    cap = 0;
    ck_assert(pf_grow(&mem, &at, 1000, &cap, sizeof *at)); /* far beyond the end */
    ck_assert_uint_gt(cap, 1000);
    pf_dealloc(&mem, at);
}
END_TEST

/* ---- indexes ---- */

enum { KEYS = 3000 };

static bool word_eq(const void *table, pf_id id, const void *key)
{
    return ((const uint32_t *)table)[id] == *(const uint32_t *)key;
}

/* Hashes from the best to the worst: each of another kind of collisions. */
static uint64_t good_hash(const struct pf_mem *m, const void *table, pf_id id)
{
    return pf_mix(m, ((const uint32_t *)table)[id], 1);
}

static uint64_t high_hash(const struct pf_mem *m, const void *table, pf_id id)
{
    (void)m;
    return (uint64_t)((const uint32_t *)table)[id] << 32; /* all low bits are alike */
}

static uint64_t last_slot(const struct pf_mem *m, const void *table, pf_id id)
{
    (void)m;
    (void)table;
    (void)id;
    return UINT64_MAX; /* goes round the end of the table */
}

static uint64_t few_hash(const struct pf_mem *m, const void *table, pf_id id)
{
    (void)m;
    return ((const uint32_t *)table)[id] % 7;
}

static pf_index_hash *const hashes[] = {good_hash, high_hash, last_slot, few_hash};

START_TEST(an_index_finds_all_whatever_the_hash)
{
    pf_index_hash *hash = hashes[_i];
    struct pf_index x = {0};
    static uint32_t table[KEYS + 1];

    for (pf_id id = 1; id <= KEYS; id++) {
        uint32_t key = id * 2654435761u;
        table[id] = key; /* the hashes look at the row */
        pf_id *slot = pf_index_find(&mem, &x, table, &key, hash(&mem, table, id), word_eq, hash);
        ck_assert_ptr_nonnull(slot);
        ck_assert_uint_eq(*slot, 0);
        *slot = id;
        x.n++;
    }
    for (pf_id id = 1; id <= KEYS; id++) {
        uint32_t key = table[id], other = key + 1;
        uint64_t h = hash(&mem, table, id);
        ck_assert_uint_eq(*pf_index_find(&mem, &x, table, &key, h, word_eq, hash), id);
        ck_assert_uint_eq(*pf_index_find(&mem, &x, table, &other, h, word_eq, hash), 0);
    }
    ck_assert_uint_lt(x.n, x.cap);
    pf_index_free(&mem, &x);
    ck_assert_ptr_null(x.slot);
}
END_TEST

START_TEST(an_index_without_memory_is_as_it_was)
{
    struct pf_index x = {0};
    static uint32_t table[KEYS + 1];
    uint32_t key = 5;

    mem.fail_at = mem.count + 1;
    ck_assert_ptr_null(pf_index_find(&mem, &x, table, &key, 0, word_eq, few_hash));
    mem.fail_at = 0;
    for (pf_id id = 1; id <= 16; id++) {
        table[id] = id;
        *pf_index_find(&mem, &x, table, &id, few_hash(&mem, table, id), word_eq, few_hash) = id;
        x.n++;
    }
    mem.fail_at = mem.count + 1; /* half full: the next look-up wants to grow */
    ck_assert_ptr_null(pf_index_find(&mem, &x, table, &key, 5, word_eq, few_hash));
    mem.fail_at = 0;
    ck_assert_uint_eq(*pf_index_find(&mem, &x, table, &key, 5, word_eq, few_hash), 5);
    pf_index_free(&mem, &x);
}
END_TEST

START_TEST(pairs_find_all)
{
    enum { SIDE = 200 };
    struct pf_pairs x = {0};
    pf_id n = 0;

    if (_i)
        pf_pairs_reserve(&mem, &x, SIDE * SIDE);
    uint32_t cap = x.cap;
    for (pf_id a = 0; a < SIDE; a++)
        for (pf_id b = 0; b < SIDE; b++) {
            struct pf_pair *slot = pf_pairs_find(&mem, &x, a, b);
            ck_assert_ptr_nonnull(slot);
            ck_assert_uint_eq(slot->id, 0);
            *slot = (struct pf_pair){a, b, ++n};
            x.n++;
        }
    if (_i)
        ck_assert_uint_eq(x.cap, cap);
    n = 0;
    for (pf_id a = 0; a < SIDE; a++)
        for (pf_id b = 0; b < SIDE; b++)
            ck_assert_uint_eq(pf_pairs_find(&mem, &x, a, b)->id, ++n);
    ck_assert_uint_eq(pf_pairs_find(&mem, &x, SIDE, 0)->id, 0);
    ck_assert_uint_eq(pf_pairs_find(&mem, &x, UINT32_MAX, UINT32_MAX)->id, 0);
    pf_pairs_reserve(&mem, &x, 1); /* never shrinks */
    ck_assert_uint_eq(pf_pairs_find(&mem, &x, SIDE - 1, SIDE - 1)->id, n);
    pf_pairs_free(&mem, &x);
}
END_TEST

START_TEST(hashes_are_keyed)
{
    struct pf_mem other;

    pf_mem_init(&other, 0);
    ck_assert(pf_hash(&mem, "abc", 3) == pf_hash(&mem, "abc", 3));
    ck_assert(pf_hash(&mem, "abc", 3) != pf_hash(&other, "abc", 3));
    ck_assert(pf_mix(&mem, 1, 2) != pf_mix(&other, 1, 2));
}
END_TEST

/* ---- strings ---- */

START_TEST(element_0_of_every_table_is_none)
{
    ck_assert_uint_eq(p->strs.n, 1);
    ck_assert_uint_eq(p->strs.at[0].len, 0);
    ck_assert_str_eq(p->strs.at[0].s, "");
    ck_assert_uint_eq(p->funcs.at[0].name + p->frames.at[0].func + p->maps.at[0].file, 0);
    ck_assert_uint_eq(p->labels.at[0].key + p->stacks.parent[0] + p->stacks.frame[0], 0);
    ck_assert_uint_eq(p->sets.first[0] + p->sets.first[1], 0);
    ck_assert_uint_eq(p->runs, 1);
    ck_assert_int_eq(pf_check(p, NULL, NULL), 0);
}
END_TEST

START_TEST(equal_strings_have_equal_ids)
{
    static const struct {
        const char *s;
        size_t len;
    } cases[] = {{"a", 1},    {"b", 1},        {"a\0b", 3}, {"a\0", 2}, {"a\0c", 3},    {"\0", 1},
                 {"\0\0", 2}, {"\xff\xfe", 2}, {"a b", 3},  {"A", 1},   {"\xc3\xa9", 2}};
    enum { N = sizeof cases / sizeof *cases };
    pf_id id[N];

    for (int i = 0; i < N; i++)
        id[i] = pf_str(p, cases[i].s, cases[i].len);
    for (int i = 0; i < N; i++) {
        char copy[8];
        memcpy(copy, cases[i].s, cases[i].len);
        ck_assert_uint_ne(id[i], 0);
        ck_assert_uint_eq(pf_str(p, copy, cases[i].len), id[i]);
        for (int j = 0; j < i; j++)
            ck_assert_uint_ne(id[i], id[j]);
        struct pf_str s = pf_str_at(p, id[i]);
        ck_assert_uint_eq(s.len, cases[i].len);
        ck_assert_mem_eq(s.s, cases[i].s, s.len);
        ck_assert_int_eq(s.s[s.len], 0);
    }
    ck_assert_uint_eq(p->strs.n, N + 1);
    ck_assert_uint_eq(pf_str(p, "xyz", 0), 0);
    ck_assert_uint_eq(pf_strz(p, ""), 0);
    ck_assert_uint_eq(pf_strz(p, NULL), 0);
    ck_assert_uint_eq(pf_strz(p, "a"), id[0]);
}
END_TEST

START_TEST(many_strings_keep_their_ids)
{
    enum { MANY = 50000 };
    char text[32];

    for (pf_id i = 0; i < 2 * MANY; i++) {
        int len = snprintf(text, sizeof text, "name %u", i % MANY * 3);
        ck_assert_uint_eq(pf_str(p, text, (size_t)len), i % MANY + 1);
    }
    ck_assert_str_eq(pf_str_at(p, 1).s, "name 0");
    ck_assert_uint_eq(p->strs.n, MANY + 1);
}
END_TEST

/* ---- rows: each field takes part in being equal ---- */

#define DIFFER(type, field, intern)                                                                \
    do {                                                                                           \
        struct type row_ = {0};                                                                    \
        pf_id zero_ = intern(p, &row_);                                                            \
        row_.field = 1;                                                                            \
        pf_id one_ = intern(p, &row_);                                                             \
        ck_assert_msg(one_ &&one_ != zero_, "%s.%s", #type, #field);                               \
        ck_assert_uint_eq(intern(p, &row_), one_);                                                 \
        row_.field = 0;                                                                            \
        ck_assert_uint_eq(intern(p, &row_), zero_);                                                \
    } while (0)

START_TEST(every_field_tells_rows_apart)
{
    DIFFER(pf_func, name, pf_func_full);
    DIFFER(pf_func, file, pf_func_full);
    DIFFER(pf_func, sysname, pf_func_full);
    DIFFER(pf_func, extra, pf_func_full);
    DIFFER(pf_func, line, pf_func_full);
    DIFFER(pf_frame, func, pf_frame_full);
    DIFFER(pf_frame, mapping, pf_frame_full);
    DIFFER(pf_frame, extra, pf_frame_full);
    DIFFER(pf_frame, flags, pf_frame_full);
    DIFFER(pf_frame, line, pf_frame_full);
    DIFFER(pf_frame, column, pf_frame_full);
    DIFFER(pf_frame, addr, pf_frame_full);
    DIFFER(pf_mapping, start, pf_mapping);
    DIFFER(pf_mapping, limit, pf_mapping);
    DIFFER(pf_mapping, offset, pf_mapping);
    DIFFER(pf_mapping, file, pf_mapping);
    DIFFER(pf_mapping, build_id, pf_mapping);
    DIFFER(pf_mapping, extra, pf_mapping);
    DIFFER(pf_mapping, has, pf_mapping);
    DIFFER(pf_label, key, pf_label);
    DIFFER(pf_label, str, pf_label);
    DIFFER(pf_label, unit, pf_label);
    DIFFER(pf_label, kind, pf_label);
    DIFFER(pf_label, num, pf_label);
}
END_TEST

START_TEST(short_forms_equal_the_full_ones)
{
    pf_id name = pf_strz(p, "f"), file = pf_strz(p, "x.py");
    pf_id func = pf_func(p, name, file, 12), frame = pf_frame(p, func, 13);

    ck_assert_uint_eq(pf_func_full(p, &(struct pf_func){.name = name, .file = file, .line = 12}),
                      func);
    ck_assert_uint_eq(pf_frame_full(p, &(struct pf_frame){.func = func, .line = 13}), frame);
    ck_assert_uint_ne(pf_func(p, file, name, 12), func);
}
END_TEST

START_TEST(many_rows_keep_their_ids)
{
    enum { SIDE = 150 };

    for (pf_id i = 0; i < 2 * SIDE * SIDE; i++) {
        pf_id a = i / SIDE % SIDE, b = i % SIDE, want = i % (SIDE * SIDE) + 1;
        ck_assert_uint_eq(pf_func(p, a, b, (int64_t)a << 40), want);
        ck_assert_uint_eq(pf_frame(p, a, b), want);
        struct pf_label l = {.key = a, .num = -(int64_t)b};
        ck_assert_uint_eq(pf_label(p, &l), want);
        struct pf_mapping m = {.start = (uint64_t)a << 12, .offset = b};
        ck_assert_uint_eq(pf_mapping(p, &m), want);
    }
}
END_TEST

/* ---- label sets ---- */

static pf_id set_of(const pf_id *labels, uint32_t n)
{
    pf_id copy[64]; /* pf_label_set sorts it */

    memcpy(copy, labels, n * sizeof *copy);
    return pf_label_set(p, copy, n);
}

START_TEST(label_sets_do_not_know_an_order)
{
    pf_id l[40], set[41];

    for (uint32_t i = 0; i < 40; i++) {
        char key[8];
        snprintf(key, sizeof key, "k%u", i);
        l[i] = pf_label(p, &(struct pf_label){.key = pf_strz(p, key), .num = 1});
    }
    for (uint32_t n = 0; n <= 40; n++) {
        set[n] = set_of(l, n);
        for (int round = 0; round < 20; round++) {
            for (uint32_t i = n; i > 1; i--) { /* shuffles the first n */
                uint32_t j = any(i);
                pf_id swap = l[i - 1];
                l[i - 1] = l[j];
                l[j] = swap;
            }
            ck_assert_uint_eq(set_of(l, n), set[n]);
        }
        ck_assert(n == 0 || set[n] != set[n - 1]);
        ck_assert_uint_eq(p->sets.first[set[n] + 1] - p->sets.first[set[n]], n);
    }
    ck_assert_uint_eq(set[0], 0);
    ck_assert_uint_eq(p->sets.n, 41);
    ck_assert_int_eq(pf_check(p, NULL, NULL), 0);
}
END_TEST

START_TEST(many_label_sets_keep_their_ids)
{
    enum { MANY = 20000 };

    for (int round = 0; round < 2; round++)
        for (uint32_t i = 0; i < MANY; i++) {
            struct pf_label a = {.key = 0, .num = i}, b = {.key = 0, .num = i / 2};
            pf_id pair[] = {pf_label(p, &a), pf_label(p, &b)};
            ck_assert_uint_eq(pf_label_set(p, pair, 2), i + 1);
        }
}
END_TEST

/* ---- failing ---- */

static void tell_nothing(void *ctx, const char *text)
{
    (void)ctx;
    (void)text;
}

static void build(struct pf_profile *q)
{
    int64_t value[] = {1, 2};
    char text[16];

    pf_type_add(q, "time", "nanoseconds", PF_SUM);
    for (int i = 0; i < 200; i++) {
        snprintf(text, sizeof text, "f%d", i);
        struct pf_label l = {.key = pf_strz(q, text), .num = i};
        pf_id label = pf_label(q, &l), set = pf_label_set(q, &label, 1);
        pf_id f = pf_func(q, pf_strz(q, text), 0, i);
        struct pf_frame frame = {.func = f,
                                 .mapping = pf_mapping(q, &(struct pf_mapping){.offset = 1})};
        pf_id s = pf_stack(q, i ? (pf_id)i - 1 : 0, pf_frame_full(q, &frame));
        pf_sample_add(q, s, 0, value);
        pf_sample_add(q, s, set, value);
        if (i == 100)
            pf_type_add(q, "calls", "count", PF_SUM);
        pf_push(q, &q->comments, f);
        pf_note(q, "note %d", i);
        pf_source_line(q, 0, i, 0);
        if (pf_call_add(q, f))
            pf_edge_add(q, f);
    }
    pf_run(q, 3);
}

START_TEST(every_allocation_may_fail)
{
    for (uint64_t n = 1;; n++) {
        size_t used = mem.used;
        mem.fail_at = mem.count + n;
        struct pf_profile *q = pf_new(&mem);
        if (q)
            build(q);
        mem.fail_at = 0;
        enum pf_code code = q ? q->err.code : PF_ENOMEM;
        if (q && code == PF_ENOMEM)
            ck_assert_int_eq(pf_check(q, tell_nothing, NULL), 1); /* the error, nothing else */
        pf_free(q);
        ck_assert_uint_eq(mem.used, used);
        if (code == PF_OK)
            break;
        ck_assert_int_eq(code, PF_ENOMEM);
    }
}
END_TEST

START_TEST(after_an_error_nothing_is_added)
{
    int64_t value = 1;
    pf_id f = pf_func(p, pf_strz(p, "f"), 0, 1), label = 0, at;

    pf_type_add(p, "time", "ns", PF_SUM);
    pf_fail(&p->err, PF_ESYNTAX, "broken");
    ck_assert_uint_eq(pf_strz(p, "f"), 0);
    ck_assert_uint_eq(pf_func(p, 1, 0, 1), 0);
    ck_assert_uint_eq(pf_frame(p, f, 1), 0);
    ck_assert_uint_eq(pf_mapping(p, &(struct pf_mapping){.start = 1}), 0);
    ck_assert_uint_eq(pf_label(p, &(struct pf_label){.num = 1}), 0);
    ck_assert_uint_eq(pf_label_set(p, &label, 1), 0);
    ck_assert_uint_eq(pf_stack(p, 0, 1), 0);
    ck_assert_uint_eq(pf_stack_below(p, 0, &f, 1, &at), 0);
    ck_assert_uint_eq(pf_sample(p, 0, 0, &value), 0);
    ck_assert_uint_eq(pf_sample_add(p, 0, 0, &value), 0);
    ck_assert_int_eq(pf_type_add(p, "x", "y", PF_SUM), -1);
    pf_push(p, &p->comments, 1);
    ck_assert_ptr_null(pf_call_add(p, f));
    ck_assert_uint_eq(p->samples.n + p->calls.n + p->comments.n, 0);
    ck_assert_str_eq(p->err.msg, "broken");
}
END_TEST

int main(void)
{
    Suite *s = suite_create("core");
    TCase *t = tcase_create("core");

    tcase_add_checked_fixture(t, setup, teardown);
    tcase_set_timeout(t, 60);
    tcase_add_test(t, the_first_error_wins);
    tcase_add_test(t, errors_know_where);
    tcase_add_test(t, the_budget_is_kept);
    tcase_add_test(t, the_nth_allocation_and_all_later_fail);
    tcase_add_test(t, sizes_that_do_not_fit_are_refused);
    tcase_add_test(t, zeroed_means_all_of_it);
    tcase_add_test(t, an_arena_keeps_what_it_gave);
    tcase_add_test(t, tables_grow_and_keep_their_rows);
    tcase_add_loop_test(t, an_index_finds_all_whatever_the_hash, 0, sizeof hashes / sizeof *hashes);
    tcase_add_test(t, an_index_without_memory_is_as_it_was);
    tcase_add_loop_test(t, pairs_find_all, 0, 2);
    tcase_add_test(t, hashes_are_keyed);
    tcase_add_test(t, element_0_of_every_table_is_none);
    tcase_add_test(t, equal_strings_have_equal_ids);
    tcase_add_test(t, many_strings_keep_their_ids);
    tcase_add_test(t, every_field_tells_rows_apart);
    tcase_add_test(t, short_forms_equal_the_full_ones);
    tcase_add_test(t, many_rows_keep_their_ids);
    tcase_add_test(t, label_sets_do_not_know_an_order);
    tcase_add_test(t, many_label_sets_keep_their_ids);
    tcase_add_test(t, every_allocation_may_fail);
    tcase_add_test(t, after_an_error_nothing_is_added);
    suite_add_tcase(s, t);

    SRunner *r = srunner_create(s);
    srunner_run_all(r, CK_ENV);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
