/* join.c - which row of the base is which row of the new side. */
#include "ops.h"

#include <stdlib.h>
#include <string.h>

enum {
    MODULE_MAX = 1024,
    MAX_SHIFTS = 4096, /* pairs of lines in a group that are looked at for a common shift */
};

/*
 * Keys are functions of a profile that only interns: (name, place) for a group, and for a place
 * (text, kind), where the kind keeps equal texts of different meaning apart.
 */
enum place_kind { PLACE_MODULE = 1, PLACE_BELOW_ROOT, PLACE_FILE, PLACE_ANY_MODULE };

static pf_id place(struct pf_profile *keys, const char *s, size_t len, enum place_kind kind)
{
    return pf_func(keys, pf_str(keys, s, len), 0, kind);
}

pf_id pf_place_key(struct pf_profile *keys, struct pf_str file, enum pf_by by)
{
    char module[MODULE_MAX];
    size_t len = pf_module(file.s, file.len, module, sizeof module);
    size_t root = pf_below_root(file.s, file.len);

    if (len && (by == PF_BY_MODULE || root || pf_is_frozen(file.s, file.len)))
        return place(keys, module, len, PLACE_MODULE);
    if (root)
        return place(keys, file.s + root, file.len - root, PLACE_BELOW_ROOT);
    return place(keys, file.s, file.len, PLACE_FILE);
}

/* ---- by place and name ---- */

static int by_group(const void *a, const void *b)
{
    const struct pf_join *x = a, *y = b;

    if (x->group != y->group)
        return x->group < y->group ? -1 : 1;
    if (x->side != y->side)
        return x->side < y->side ? -1 : 1;
    if (x->line != y->line)
        return x->line < y->line ? -1 : 1;
    return (x->half > y->half) - (x->half < y->half);
}

static void pair(struct pf_join *base, struct pf_join *now)
{
    base->mate = now->half;
    now->mate = base->half;
}

static void pair_in_order(struct pf_join *base, uint32_t n, struct pf_join *now, uint32_t m)
{
    for (uint32_t i = 0; i < n && i < m; i++)
        pair(&base[i], &now[i]);
}

static int by_number(const void *a, const void *b)
{
    const int64_t *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

static uint64_t distance(int64_t shift)
{
    return shift < 0 ? 0 - (uint64_t)shift : (uint64_t)shift;
}

/* By how many lines most of the group moved; of several such, the least. Lines wrap harmlessly. */
static int64_t common_shift(const struct pf_join *base, uint32_t n, const struct pf_join *now,
                            uint32_t m)
{
    int64_t shift[MAX_SHIFTS], best = 0;
    uint32_t k = 0, most = 0;

    for (uint32_t i = 0; i < n; i++)
        for (uint32_t j = 0; j < m; j++)
            shift[k++] = (int64_t)((uint64_t)now[j].line - (uint64_t)base[i].line);
    qsort(shift, k, sizeof *shift, by_number);
    for (uint32_t i = 0, start = 0; i < k; i++) {
        start = shift[i] == shift[start] ? start : i;
        uint32_t votes = i - start + 1;
        if (votes > most || (votes == most && distance(shift[i]) < distance(best))) {
            most = votes;
            best = shift[i];
        }
    }
    return best;
}

/*
 * Both slices are in the order of their lines. As many on both sides: the k-th is the k-th. Else
 * something came or went, and what moved by the common shift holds the rest in place between.
 */
static void align(struct pf_join *base, uint32_t n, struct pf_join *now, uint32_t m)
{
    if (n == m || n == 0 || m == 0 || (uint64_t)n * m > MAX_SHIFTS) {
        pair_in_order(base, n, now, m);
        return;
    }
    uint64_t shift = (uint64_t)common_shift(base, n, now, m);
    uint32_t i = 0, j = 0, from_i = 0, from_j = 0;
    while (i < n && j < m) {
        int64_t moved = (int64_t)((uint64_t)base[i].line + shift);
        if (moved != now[j].line) {
            moved < now[j].line ? i++ : j++;
            continue;
        }
        pair_in_order(base + from_i, i - from_i, now + from_j, j - from_j);
        pair(&base[i++], &now[j++]);
        from_i = i;
        from_j = j;
    }
    pair_in_order(base + from_i, n - from_i, now + from_j, m - from_j);
}

/* ---- by module and name ---- */

static bool is_hex(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

/* A name without the addresses in it, which differ from run to run. */
static pf_id plain_name(struct pf_profile *keys, pf_id name)
{
    static const char mark[] = " at 0x";
    enum { MARK = sizeof mark - 1 };
    struct pf_str s = keys->strs.at[name];
    size_t len = 0;

    if (s.len < MARK || !memmem(s.s, s.len, mark, MARK))
        return name;
    char *plain = pf_alloc(keys->mem, s.len);
    if (!plain) {
        pf_fail(&keys->err, PF_ENOMEM, "out of memory");
        return 0;
    }
    for (size_t i = 0; i < s.len;) {
        bool address = s.len - i >= MARK && memcmp(s.s + i, mark, MARK) == 0;
        size_t take = address ? MARK : 1;
        memcpy(plain + len, s.s + i, take);
        len += take;
        i += take;
        while (address && i < s.len && is_hex(s.s[i]))
            i++;
    }
    pf_id id = pf_str(keys, plain, len);
    pf_dealloc(keys->mem, plain);
    return id;
}

static pf_id loose_key(struct pf_profile *keys, pf_id group)
{
    struct pf_func f = keys->funcs.at[group], at = keys->funcs.at[f.file];
    struct pf_str file = keys->strs.at[at.name];
    char module[MODULE_MAX];
    pf_id where = f.file;

    if (at.line == PLACE_MODULE) {
        where = place(keys, file.s, file.len, PLACE_ANY_MODULE);
    } else if (at.line == PLACE_FILE) {
        size_t len = pf_module(file.s, file.len, module, sizeof module);
        if (len)
            where = place(keys, module, len, PLACE_ANY_MODULE);
    }
    return pf_func(keys, plain_name(keys, f.name), where, 0);
}

/* All of one place and name, and told apart by their lines. */
static bool unambiguous(const struct pf_join *join, uint32_t n)
{
    for (uint32_t i = 1; i < n; i++)
        if (join[i].line == join[i - 1].line || join[i].first_group != join[0].first_group)
            return false;
    return n > 0;
}

typedef void aligner(struct pf_join *base, uint32_t n, struct pf_join *now, uint32_t m);

static void align_loose(struct pf_join *base, uint32_t n, struct pf_join *now, uint32_t m)
{
    if (unambiguous(base, n) && unambiguous(now, m))
        align(base, n, now, m);
}

static void each_group(struct pf_join *join, uint32_t n, aligner *align_group)
{
    qsort(join, n, sizeof *join, by_group);
    for (uint32_t i = 0, now, end; i < n; i = end) {
        for (now = i; now < n && join[now].group == join[i].group && join[now].side == PF_BASE;)
            now++;
        for (end = now; end < n && join[end].group == join[i].group;)
            end++;
        align_group(join + i, now - i, join + now, end - now);
    }
}

bool pf_join_sides(struct pf_profile *keys, enum pf_by by, struct pf_join *join, uint32_t n)
{
    uint32_t left = 0;

    each_group(join, n, align);
    if (by == PF_BY_STACK || by == PF_BY_MODULE)
        return true;
    for (uint32_t i = 0; i < n; i++) {
        if (join[i].mate != PF_NO_MATE)
            continue;
        struct pf_join swap = join[left];
        join[left] = join[i];
        join[i] = swap;
        left++;
    }
    for (uint32_t i = 0; i < left; i++) {
        join[i].first_group = join[i].group;
        join[i].group = loose_key(keys, join[i].group);
    }
    if (keys->err.code)
        return false;
    each_group(join, left, align_loose);
    return true;
}
