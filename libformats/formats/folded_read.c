/*
 * folded_read.c - the stacks of folded lines. Each distinct text of a frame is looked at once, what
 * a line shares with the one before is taken from there, and from each stack on a line is first
 * expected to go where the last one went that came through it: that needs no hash.
 */
#include "folded.h"
#include "text.h"

#include <string.h>

static bool no_memory(struct folded *r)
{
    pf_fail(&r->p->err, PF_ENOMEM, "out of memory (see --max-memory)");
    return false;
}

void folded_close(struct folded *r)
{
    pf_arena_free(r->mem, &r->arena);
    pf_index_free(r->mem, &r->index);
    pf_dealloc(r->mem, r->texts);
    pf_dealloc(r->mem, r->steps);
    pf_dealloc(r->mem, r->last);
    pf_dealloc(r->mem, r->marks);
    pf_dealloc(r->mem, r->plain);
}

/* Room for `len` bytes; these buffers only grow, and lines are shorter than 4 GiB. */
static bool reserve(struct folded *r, char **buf, uint32_t *cap, size_t len)
{
    if (len <= *cap)
        return true;
    size_t want = len < 256 ? 256 : 2 * len;
    char *grown = pf_realloc(r->mem, *buf, want);
    if (!grown)
        return no_memory(r);
    *buf = grown;
    *cap = (uint32_t)want;
    return true;
}

/* ---- names ---- */

static int hex_digit(char c)
{
    return pf_is_digit(c) ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

pf_id folded_name(struct folded *r, const char *s, size_t len)
{
    size_t n = 0;

    if (!memchr(s, '\\', len))
        return pf_str(r->p, s, len);
    if (!reserve(r, &r->plain, &r->cap_plain, len))
        return 0;
    for (size_t i = 0; i < len; i++) {
        int high = -1, low = -1;
        if (s[i] == '\\' && len - i >= 4 && s[i + 1] == 'x') {
            high = hex_digit(s[i + 2]);
            low = hex_digit(s[i + 3]);
        }
        unsigned byte = (unsigned)high << 4 | (unsigned)low;
        if (high >= 0 && low >= 0 && folded_is_spelled(byte)) {
            r->plain[n++] = (char)byte;
            i += 3;
        } else {
            r->plain[n++] = s[i];
        }
    }
    return pf_str(r->p, r->plain, n);
}

static pf_id new_frame(struct folded *r, const char *s, size_t len, enum folded_style style)
{
    struct folded_place at;

    if (folded_place(style, s, len, &at)) {
        pf_id name = folded_name(r, s + at.name, at.name_len);
        pf_id file = folded_name(r, s + at.file, at.file_len);
        return pf_frame(r->p, pf_func(r->p, name, file, 0), at.line);
    }
    /* what has no file: the collector of garbage, native code */
    bool special =
        len >= 3 && ((s[0] == '<' && s[len - 1] == '>') || (s[0] == ':' && s[len - 1] == ':'));
    if (style >= FOLDED_TACHYON)
        r->odd_frames += !special;
    pf_id file = style == FOLDED_TACHYON && special ? pf_strz(r->p, "~") : 0;
    return pf_frame(r->p, pf_func(r->p, folded_name(r, s, len), file, 0), 0);
}

/* ---- texts ---- */

static bool text_eq(const void *table, pf_id id, const void *key)
{
    const struct folded_text *at = (const struct folded_text *)table + id, *k = key;

    return at->hash == k->hash && at->len == k->len && at->style == k->style
           && memcmp(at->s, k->s, k->len) == 0;
}

static uint64_t text_hash(const struct pf_mem *m, const void *table, pf_id id)
{
    (void)m;
    return ((const struct folded_text *)table)[id].hash;
}

/* A text and what it means: a frame or, if asked for, labels. Idle threads' labels are others.
 * 0: no memory. */
static uint32_t find_text(struct folded *r, const char *s, size_t len, enum folded_style style,
                          bool labels, bool idle)
{
    struct folded_text key = {s, (uint32_t)len, 0, style, 0};

    if (labels)
        key.style += FOLDED_LABELS * (1u + idle);
    key.hash = (uint32_t)pf_hash(r->mem, s, len) + key.style;
    pf_id *slot = pf_index_find(r->mem, &r->index, r->texts, &key, key.hash, text_eq, text_hash);
    if (slot && *slot)
        return *slot;
    char *copy = slot ? pf_arena_alloc(r->mem, &r->arena, len) : NULL;
    if (!copy || !pf_grow(r->mem, &r->texts, r->n_texts + 1, &r->cap_texts, sizeof *r->texts)) {
        no_memory(r);
        return 0;
    }
    memcpy(copy, s, len);
    key.s = copy;
    key.id = labels ? folded_labels(r, s, len, style, idle) : new_frame(r, s, len, style);
    r->index.n++;
    *slot = ++r->n_texts;
    r->texts[*slot] = key;
    return *slot;
}

/* ---- stacks ---- */

static size_t common_prefix(const char *a, const char *b, size_t n)
{
    size_t i = 0;
    uint64_t x, y;

    for (; i + 8 <= n; i += 8) {
        memcpy(&x, a + i, 8);
        memcpy(&y, b + i, 8);
        if (x != y)
            break;
    }
    while (i < n && a[i] == b[i])
        i++;
    return i;
}

/* Where the frame that begins at s[from] ends; austin 1 gives its line an element of its own. */
static size_t frame_end(const char *s, size_t len, size_t from, enum folded_style style)
{
    const char *semicolon = from < len ? memchr(s + from, ';', len - from) : NULL;
    size_t end = semicolon ? (size_t)(semicolon - s) : len, i = end + 2;

    if (style != FOLDED_AUSTIN1 || len - end < 3 || s[end + 1] != 'L' || s[end - 1] != ')')
        return end;
    while (i < len && pf_is_digit(s[i]))
        i++;
    return i > end + 2 && (i == len || s[i] == ';') ? i : end;
}

/* How many frames of the line before are frames of this one, too. */
static uint32_t shared_marks(const struct folded *r, const char *s, size_t len, size_t same)
{
    uint32_t n = r->n_marks;

    while (n
           && (r->marks[n - 1].end > same
               || (r->marks[n - 1].end < len && s[r->marks[n - 1].end] != ';')))
        n--;
    return n;
}

/* ---- steps from a stack to the next ---- */

static bool is_text(const struct folded_text *text, const char *s, size_t len, size_t from,
                    enum folded_style style)
{
    return text->style == style && text->len <= len - from
           && (from + text->len == len || s[from + text->len] == ';')
           && memcmp(s + from, text->s, text->len) == 0;
}

/* The step that the frame at s[from] is, if it is one of the last two from this stack. Not with
 * austin 1, where a text may go on behind a semicolon. */
static const struct folded_step *known_step(const struct folded *r, pf_id stack, const char *s,
                                            size_t len, size_t from, enum folded_style style)
{
    if (stack >= r->cap_steps || style == FOLDED_AUSTIN1)
        return NULL;
    struct folded_steps *at = &r->steps[stack];
    if (at->last.stack && is_text(&r->texts[at->last.text], s, len, from, style))
        return &at->last;
    if (at->before.stack && is_text(&r->texts[at->before.text], s, len, from, style)) {
        struct folded_step swap = at->last;
        at->last = at->before;
        at->before = swap;
        return &at->last;
    }
    return NULL;
}

static bool room_for_step(struct folded *r, pf_id stack)
{
    uint32_t had = r->cap_steps;

    if (stack < had)
        return true;
    if (!pf_grow(r->mem, &r->steps, stack, &r->cap_steps, sizeof *r->steps))
        return no_memory(r);
    memset(r->steps + had, 0, (r->cap_steps - had) * sizeof *r->steps);
    return true;
}

/* Takes the step that the frame s[from..end) is. */
static pf_id look_up_step(struct folded *r, pf_id stack, const char *s, size_t from, size_t end,
                          enum folded_style style)
{
    struct folded_step step = {.text = find_text(r, s + from, end - from, style, false, false)};

    if (step.text && room_for_step(r, stack)) {
        step.stack = pf_stack(r->p, stack, r->texts[step.text].id);
        r->steps[stack] = (struct folded_steps){step, r->steps[stack].last};
    }
    return step.stack;
}

/* ---- lines ---- */

static bool remember(struct folded *r, const char *s, size_t len, size_t same, uint32_t marks)
{
    if (!reserve(r, &r->last, &r->cap_last, len + 1))
        return false;
    memcpy(r->last + same, s + same, len - same);
    r->n_last = (uint32_t)len;
    r->n_marks = marks;
    return true;
}

static pf_id labels_of(struct folded *r, const char *s, const struct folded_prefix *x, bool idle,
                       bool same)
{
    if (!x->len && !idle)
        return 0;
    if (!same || idle != r->last_idle) {
        uint32_t text = find_text(r, s, x->len, x->style, true, idle);
        r->last_labels = text ? r->texts[text].id : 0;
    }
    r->last_idle = idle;
    return r->last_labels;
}

pf_id folded_stack(struct folded *r, const char *s, size_t len, const struct folded_prefix *x,
                   bool idle, pf_id *labels)
{
    size_t same = common_prefix(r->last, s, len < r->n_last ? len : r->n_last);
    bool same_prefix = same >= x->len && r->last_prefix == x->len && r->n_last;
    uint32_t n = same_prefix ? shared_marks(r, s, len, same) : 0;

    *labels = labels_of(r, s, x, idle, same_prefix);
    r->last_prefix = x->len;
    pf_id stack = n ? r->marks[n - 1].stack : 0;
    size_t from = n ? r->marks[n - 1].end + 1u : x->len ? x->len + 1 : 0;
    if (len == 0)
        from = 1;
    /* One byte past the end is where a last, empty frame begins. */
    while (from <= len && !r->p->err.code) {
        size_t end;
        const struct folded_step *step = known_step(r, stack, s, len, from, x->style);
        if (step) {
            end = from + r->texts[step->text].len;
            stack = step->stack;
        } else {
            end = frame_end(s, len, from, x->style);
            stack = look_up_step(r, stack, s, from, end, x->style);
        }
        if (!pf_grow(r->mem, &r->marks, n, &r->cap_marks, sizeof *r->marks) && !no_memory(r))
            return 0;
        r->marks[n++] = (struct folded_mark){(uint32_t)end, stack};
        from = end + 1;
    }
    return remember(r, s, len, same, n) ? stack : 0;
}
