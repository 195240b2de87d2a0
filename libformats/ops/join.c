/* join.c - which row of the base is which row of the new side. */
#include "ops.h"

#include <stdlib.h>
#include <string.h>

enum {
    MODULE_MAX = 1024,
    ALIGN_MAX = 64, /* in a group of unequal size; larger ones are joined by their order */
    OCTAVE_BITS = 4,
    OCTAVE = 1 << OCTAVE_BITS, /* how unlike two functions are is told in these: see unlikeness */
    MOVED = OCTAVE,
    MOST_COST = 6 * OCTAVE,
    GAP = 4 * OCTAVE,
};

pf_id pf_place(struct pf_profile *keys, const char *s, size_t len, enum pf_place_kind kind)
{
    return pf_func(keys, pf_str(keys, s, len), 0, kind);
}

pf_id pf_place_key(struct pf_profile *keys, struct pf_str file, enum pf_by by)
{
    char module[MODULE_MAX];
    size_t len = pf_module(file.s, file.len, module, sizeof module);
    size_t root = pf_below_root(file.s, file.len);

    if (len && (by == PF_BY_MODULE || root || pf_is_frozen(file.s, file.len)))
        return pf_place(keys, module, len, PF_PLACE_MODULE);
    if (root)
        return pf_place(keys, file.s + root, file.len - root, PF_PLACE_BELOW_ROOT);
    return pf_place(keys, file.s, file.len, PF_PLACE_FILE);
}

pf_id pf_line_key(struct pf_profile *keys, struct pf_str file, int64_t line)
{
    return pf_func(keys, 0, pf_place(keys, file.s, file.len, PF_PLACE_LINE), line);
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
    if (x->calls != y->calls)
        return x->calls < y->calls ? -1 : 1;
    if (x->cost != y->cost)
        return x->cost < y->cost ? -1 : 1;
    return (x->half > y->half) - (x->half < y->half);
}

static void pair(struct pf_join *x, struct pf_join *y)
{
    x->mate = y->half;
    y->mate = x->half;
}

static void pair_in_order(struct pf_join *x, uint32_t n, struct pf_join *y, uint32_t m)
{
    for (uint32_t i = 0; i < n && i < m; i++)
        pair(&x[i], &y[i]);
}

/* ---- groups of unequal size ---- */

static int by_number(const void *a, const void *b)
{
    const int64_t *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

static uint64_t size_of(int64_t x)
{
    return x < 0 ? 0 - (uint64_t)x : (uint64_t)x;
}

/* Lines wrap harmlessly. */
static int64_t shift_of(const struct pf_join *few, const struct pf_join *many)
{
    return (int64_t)((uint64_t)many->line - (uint64_t)few->line);
}

/* By how many lines most of the group moved; of several such, the least. */
static int64_t common_shift(const struct pf_join *few, uint32_t n, const struct pf_join *many,
                            uint32_t m)
{
    int64_t shift[ALIGN_MAX * ALIGN_MAX], best = 0;
    uint32_t k = 0, most = 0;

    for (uint32_t i = 0; i < n; i++)
        for (uint32_t j = 0; j < m; j++)
            shift[k++] = shift_of(&few[i], &many[j]);
    qsort(shift, k, sizeof *shift, by_number);
    for (uint32_t i = 0, start = 0; i < k; i++) {
        start = shift[i] == shift[start] ? start : i;
        uint32_t votes = i - start + 1;
        if (votes > most || (votes == most && size_of(shift[i]) < size_of(best))) {
            most = votes;
            best = shift[i];
        }
    }
    return best;
}

/* The binary logarithm of x + 1 in steps of 1 / OCTAVE, straight between powers of two: integers,
 * so that the answer is the same on all machines. */
static int32_t octaves(int64_t x)
{
    uint64_t n = size_of(x) + 1;
    int32_t whole = 63 - __builtin_clzll(n);

    n = whole > OCTAVE_BITS ? n >> (whole - OCTAVE_BITS) : n << (OCTAVE_BITS - whole);
    return whole * OCTAVE + (int32_t)n - OCTAVE;
}

static int32_t apart(int32_t x, int32_t y)
{
    return x < y ? y - x : x - y;
}

/* How unlike two functions are: how many times the calls doubled, how many times what a call costs
 * did, and whether the line moved with the others. Times are noise as well, so they count for less
 * than a gap: equal calls are never told apart by times alone. */
static int32_t unlikeness(const struct pf_join *x, const struct pf_join *y, int64_t shift)
{
    int32_t a = octaves(x->calls), b = octaves(y->calls);
    int32_t cost = apart(octaves(x->cost) - a, octaves(y->cost) - b);

    return apart(a, b) + (cost < MOST_COST ? cost : MOST_COST)
           + (shift_of(x, y) == shift ? 0 : MOVED);
}

enum step { PAIR, SKIP_FEW, SKIP_MANY };

/* The steps of the alignment that costs least: each pair what its functions are apart, each
 * function left alone a gap. step[i][j] is the last one for the first i of `few` and j of `many`.
 */
static void find_steps(const struct pf_join *few, uint32_t n, const struct pf_join *many,
                       uint32_t m, uint8_t step[ALIGN_MAX + 1][ALIGN_MAX + 1])
{
    int64_t shift = common_shift(few, n, many, m);
    int32_t row[ALIGN_MAX + 1];

    for (uint32_t j = 0; j <= m; j++) {
        row[j] = (int32_t)j * GAP;
        step[0][j] = SKIP_MANY;
    }
    for (uint32_t i = 1; i <= n; i++) {
        int32_t diagonal = row[0];
        row[0] += GAP;
        step[i][0] = SKIP_FEW;
        for (uint32_t j = 1; j <= m; j++) {
            int32_t up = row[j] + GAP, left = row[j - 1] + GAP;
            int32_t both = diagonal + unlikeness(&few[i - 1], &many[j - 1], shift);
            diagonal = row[j];
            row[j] = up < left ? up : left;
            step[i][j] = up < left ? SKIP_FEW : SKIP_MANY;
            if (both <= row[j]) {
                row[j] = both;
                step[i][j] = PAIR;
            }
        }
    }
}

static void align_unequal(struct pf_join *few, uint32_t n, struct pf_join *many, uint32_t m)
{
    uint8_t step[ALIGN_MAX + 1][ALIGN_MAX + 1];

    find_steps(few, n, many, m, step);
    for (uint32_t i = n, j = m; i && j;) {
        enum step last = (enum step)step[i][j];
        if (last == PAIR)
            pair(&few[i - 1], &many[j - 1]);
        i -= last != SKIP_MANY;
        j -= last != SKIP_FEW;
    }
}

/*
 * Both slices are in the order of their lines. As many on both sides: the k-th is the k-th. Else
 * something came or went, and which it was is a guess.
 */
static void align(struct pf_join *base, uint32_t n, struct pf_join *now, uint32_t m)
{
    if (n == m || !n || !m) {
        pair_in_order(base, n, now, m);
        return;
    }
    for (uint32_t i = 0; i < n; i++)
        base[i].ambiguous = true;
    for (uint32_t j = 0; j < m; j++)
        now[j].ambiguous = true;
    if (n > ALIGN_MAX || m > ALIGN_MAX)
        pair_in_order(base, n, now, m);
    else if (n < m) /* the same answer when the sides are turned round */
        align_unequal(base, n, now, m);
    else
        align_unequal(now, m, base, n);
}

/* ---- by module and name ---- */

static bool is_hex(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

/* A name without the addresses in it, which differ from run to run. */
pf_id pf_plain_name(struct pf_profile *keys, pf_id name)
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

    if (at.line == PF_PLACE_MODULE) {
        where = pf_place(keys, file.s, file.len, PF_PLACE_ANY_MODULE);
    } else if (at.line == PF_PLACE_FILE) {
        size_t len = pf_module(file.s, file.len, module, sizeof module);
        if (len)
            where = pf_place(keys, module, len, PF_PLACE_ANY_MODULE);
    }
    return pf_func(keys, f.name, where, 0);
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

/* What is of one place on both sides was left alone before, and stays so. */
static void align_loose(struct pf_join *base, uint32_t n, struct pf_join *now, uint32_t m)
{
    if (unambiguous(base, n) && unambiguous(now, m) && base->first_group != now->first_group)
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

/* Moves the rows that have no mate to the front; returns how many they are. */
static uint32_t single_out(struct pf_join *join, uint32_t n)
{
    uint32_t left = 0;

    for (uint32_t i = 0; i < n; i++) {
        if (join[i].mate != PF_NO_MATE || join[i].exact)
            continue;
        struct pf_join swap = join[left];
        join[left] = join[i];
        join[i] = swap;
        left++;
    }
    return left;
}

bool pf_join_sides(struct pf_profile *keys, enum pf_by by, struct pf_join *join, uint32_t n)
{
    each_group(join, n, align);
    if (by == PF_BY_STACK || by == PF_BY_MODULE)
        return true;
    uint32_t left = single_out(join, n);
    if (!pf_join_moved(keys, join, left))
        return false;
    each_group(join, left, align);
    left = single_out(join, left);
    for (uint32_t i = 0; i < left; i++) {
        join[i].first_group = join[i].group;
        join[i].group = loose_key(keys, join[i].group);
    }
    if (keys->err.code)
        return false;
    each_group(join, left, align_loose);
    return true;
}
