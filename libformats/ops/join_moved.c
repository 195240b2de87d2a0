/* join_moved.c - folders that lie elsewhere on the new side: another home, another checkout. */
#include "ops.h"

#include <stdlib.h>
#include <string.h>

/*
 * Of each file that only the base has, the new file with the longest common end tells what the
 * folders above that end are called now. What most files say is tried first. One file alone is
 * believed when it shares a folder with the new one, not just its name.
 */
struct file {
    pf_id place, now; /* now: of a file of the base, where it is on the new side; of a new file,
                         which file of the base it was */
    const char *s;
    size_t len;
};

struct vote { /* the first `from` bytes of a file of the base are the first `to` of a new one */
    const struct file *old, *new;
    size_t from, to;
    uint32_t count;
    bool folder; /* the common end is more than a file name */
};

struct moving {
    struct pf_mem *mem;
    struct pf_profile *keys;
    struct file *old, *new; /* new: sorted by the reversed text */
    struct vote *vote;
    uint32_t n_old, n_new, n_votes;
};

static int by_end(const void *x, const void *y)
{
    const struct file *a = x, *b = y;

    for (size_t i = 1; i <= a->len && i <= b->len; i++) {
        unsigned char c = (unsigned char)a->s[a->len - i], d = (unsigned char)b->s[b->len - i];
        if (c != d)
            return c < d ? -1 : 1;
    }
    return (a->len > b->len) - (a->len < b->len);
}

static int by_place(const void *x, const void *y)
{
    const struct file *a = x, *b = y;
    return (a->place > b->place) - (a->place < b->place);
}

static bool is_separator(char c)
{
    return c == '/' || c == '\\';
}

/* The length of the common end in whole components; *parts: of how many. */
static size_t common_end(const struct file *a, const struct file *b, uint32_t *parts)
{
    size_t whole = 0, i = 0;

    *parts = 0;
    while (i < a->len && i < b->len && a->s[a->len - 1 - i] == b->s[b->len - 1 - i]) {
        i++;
        bool start = (i == a->len || is_separator(a->s[a->len - 1 - i]))
                     && (i == b->len || is_separator(b->s[b->len - 1 - i]));
        if (start && !is_separator(a->s[a->len - i])) {
            whole = i;
            ++*parts;
        }
    }
    return whole;
}

/* ---- the files of both sides ---- */

static uint32_t unique(struct file *file, uint32_t n)
{
    uint32_t kept = 0;

    qsort(file, n, sizeof *file, by_place);
    for (uint32_t i = 0; i < n; i++)
        if (!kept || file[i].place != file[kept - 1].place)
            file[kept++] = file[i];
    return kept;
}

static bool collect(struct moving *m, const struct pf_join *join, uint32_t n)
{
    m->old = pf_alloc(m->mem, ((size_t)n + 1) * sizeof *m->old);
    m->new = pf_alloc(m->mem, ((size_t)n + 1) * sizeof *m->new);
    if (!m->old || !m->new)
        return false;
    for (uint32_t i = 0; i < n; i++) {
        pf_id place = m->keys->funcs.at[join[i].group].file;
        struct pf_func at = m->keys->funcs.at[place];
        struct pf_str text = m->keys->strs.at[at.name];
        if (at.line != PF_PLACE_FILE || text.len < 2)
            continue;
        struct file file = {place, 0, text.s, text.len};
        if (join[i].side == PF_BASE)
            m->old[m->n_old++] = file;
        else
            m->new[m->n_new++] = file;
    }
    m->n_old = unique(m->old, m->n_old);
    m->n_new = unique(m->new, m->n_new);
    qsort(m->new, m->n_new, sizeof *m->new, by_end);
    return true;
}

/* ---- what became of the folders ---- */

/* The neighbour in the order of the ends has the longest common end. */
static bool cast(const struct moving *m, const struct file *old, struct vote *vote)
{
    uint32_t low = 0, high = m->n_new, most = 0;

    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (by_end(&m->new[middle], old) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    for (uint32_t i = low ? low - 1 : 0; i <= low && i < m->n_new; i++) {
        uint32_t parts;
        size_t end = common_end(old, &m->new[i], &parts);
        if (parts <= most)
            continue;
        most = parts;
        *vote = (struct vote){.old = old,
                              .new = &m->new[i],
                              .from = old->len - end,
                              .to = m->new[i].len - end,
                              .folder = parts > 1};
    }
    return most > 0;
}

static int cmp_start(const char *a, size_t n, const char *b, size_t m)
{
    int c = memcmp(a, b, n < m ? n : m);

    return c ? c : (n > m) - (n < m);
}

static int by_folders(const void *x, const void *y)
{
    const struct vote *a = x, *b = y;
    int c = cmp_start(a->old->s, a->from, b->old->s, b->from);

    return c ? c : cmp_start(a->new->s, a->to, b->new->s, b->to);
}

static int by_count(const void *x, const void *y)
{
    const struct vote *a = x, *b = y;

    if (a->count != b->count)
        return a->count < b->count ? 1 : -1;
    return by_folders(x, y);
}

static bool count_votes(struct moving *m)
{
    uint32_t n = 0, kept = 0;

    m->vote = pf_alloc(m->mem, ((size_t)m->n_old + 1) * sizeof *m->vote);
    if (!m->vote)
        return false;
    for (uint32_t i = 0; i < m->n_old; i++)
        n += cast(m, &m->old[i], &m->vote[n]);
    qsort(m->vote, n, sizeof *m->vote, by_folders);
    for (uint32_t i = 0; i < n; i++) {
        bool same = kept && by_folders(&m->vote[i], &m->vote[kept - 1]) == 0;
        if (!same)
            m->vote[kept++] = m->vote[i];
        m->vote[kept - 1].count++;
        m->vote[kept - 1].folder |= m->vote[i].folder;
    }
    qsort(m->vote, kept, sizeof *m->vote, by_count);
    m->n_votes = kept;
    return true;
}

/* ---- where the files are now ---- */

/* The new file of this text, if nobody was moved there yet. */
static struct file *find_new(const struct moving *m, const struct file *wanted)
{
    struct file *found = bsearch(wanted, m->new, m->n_new, sizeof *m->new, by_end);

    return found && !found->now ? found : NULL;
}

static void move(struct moving *m, const struct vote *vote, char *buf)
{
    for (uint32_t i = 0; i < m->n_old; i++) {
        struct file *old = &m->old[i];
        if (old->now || old->len <= vote->from || memcmp(old->s, vote->old->s, vote->from) != 0)
            continue;
        memcpy(buf, vote->new->s, vote->to);
        memcpy(buf + vote->to, old->s + vote->from, old->len - vote->from);
        struct file wanted = {.s = buf, .len = vote->to + old->len - vote->from};
        struct file *new = find_new(m, &wanted);
        if (new) {
            old->now = new->place;
            new->now = old->place;
        }
    }
}

enum { MOST_FOLDERS = 64 }; /* that are tried, so that the time stays in proportion */

static bool move_all(struct moving *m)
{
    size_t longest = 0;

    for (uint32_t i = 0; i < m->n_old; i++)
        longest = m->old[i].len > longest ? m->old[i].len : longest;
    for (uint32_t i = 0; i < m->n_votes && i < MOST_FOLDERS; i++) {
        if (m->vote[i].count < 2 && !m->vote[i].folder)
            continue;
        char *buf = pf_alloc(m->mem, longest + m->vote[i].to + 1);
        if (!buf)
            return false;
        move(m, &m->vote[i], buf);
        pf_dealloc(m->mem, buf);
    }
    return true;
}

static void regroup(const struct moving *m, struct pf_join *join, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++) {
        struct pf_func group = m->keys->funcs.at[join[i].group];
        struct file wanted = {.place = group.file};
        const struct file *old = bsearch(&wanted, m->old, m->n_old, sizeof *m->old, by_place);
        if (join[i].side == PF_BASE && old && old->now)
            join[i].group = pf_func(m->keys, group.name, old->now, 0);
    }
}

bool pf_join_moved(struct pf_profile *keys, struct pf_join *join, uint32_t n)
{
    struct moving m = {.mem = keys->mem, .keys = keys};
    bool ok = collect(&m, join, n) && count_votes(&m) && move_all(&m);

    if (ok)
        regroup(&m, join, n);
    pf_dealloc(m.mem, m.old);
    pf_dealloc(m.mem, m.new);
    pf_dealloc(m.mem, m.vote);
    return ok && !keys->err.code;
}
