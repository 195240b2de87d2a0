/*
 * folded_prefix.c - the processes and threads that stand before the frames of a stack, and the
 * labels that say the same.
 *
 *     process 1:"sh -c x";process 2:"python x.py";thread (0x7f12): MainThread     py-spy
 *     tid:140243                                                                  Tachyon
 *     Process 1;Thread 7f12                                                       austin 1
 *     P1;T0:2                                                                     austin 3
 *     {thread=MainThread};{bytes:=4096}                                           ours
 *
 * py-spy escapes nothing: a command line or the name of a thread may hold semicolons and quotes,
 * and goes on until something follows that only another process, a thread or a frame looks like.
 */
#include "folded.h"
#include "text.h"

#include <string.h>

static bool is_hex(char c)
{
    return pf_is_digit(c) || (unsigned)(c | 0x20) - 'a' < 6;
}

static size_t skip_digits(const char *s, size_t len, size_t i)
{
    while (i < len && pf_is_digit(s[i]))
        i++;
    return i;
}

/* An id: hexadecimal digits, x of 0x, and more. 0: there is none. */
static size_t skip_id(const char *s, size_t len, size_t i, char more)
{
    bool any = false;

    for (; i < len && (is_hex(s[i]) || s[i] == 'x' || s[i] == more); i++)
        any |= is_hex(s[i]);
    return any ? i : 0;
}

/* ---- austin ---- */

static bool ends_element(const char *s, size_t len, size_t i)
{
    return i == len || s[i] == ';' || pf_is_blank(s[i]) || s[i] == '\r';
}

static size_t thread1(const char *s, size_t len, size_t i)
{
    size_t end = pf_starts(s + i, len - i, "Thread ") ? skip_id(s, len, i + 7, 0) : 0;

    return end && ends_element(s, len, end) ? end : 0;
}

bool folded_austin_prefix(const char *s, size_t len, struct folded_prefix *x)
{
    size_t i = 0, end;

    if (len < 4 || (s[0] != 'P' && s[0] != 'T'))
        return false;
    x->style = FOLDED_AUSTIN1;
    if (s[0] == 'T' || pf_starts(s, len, "Process ")) {
        if (s[0] == 'P') {
            i = skip_digits(s, len, 8);
            if (i == 8 || i == len || s[i++] != ';')
                return false;
        }
        x->len = thread1(s, len, i);
        return x->len != 0;
    }
    x->style = FOLDED_AUSTIN3;
    i = skip_digits(s, len, 1);
    if (i == 1 || !pf_starts(s + i, len - i, ";T"))
        return false;
    end = skip_id(s, len, i + 2, ':');
    x->len = end;
    return end && ends_element(s, len, end);
}

/* ---- py-spy ---- */

/* `process PID:"`: where the command line begins; 0: it is none. */
static size_t process_head(const char *s, size_t len, size_t i)
{
    if (!pf_starts(s + i, len - i, "process "))
        return 0;
    size_t end = skip_digits(s, len, i + 8);
    return end > i + 8 && pf_starts(s + end, len - end, ":\"") ? end + 2 : 0;
}

/* `thread (TID)`: where it ends. */
static size_t thread_head(const char *s, size_t len, size_t i)
{
    size_t end = pf_starts(s + i, len - i, "thread (") ? skip_id(s, len, i + 8, 0) : 0;

    if (!end || end == len || s[end++] != ')')
        return 0;
    return end == len || s[end] == ';' || pf_starts(s + end, len - end, ": ") ? end : 0;
}

static size_t element_end(const char *s, size_t len, size_t i)
{
    const char *semicolon = i < len ? memchr(s + i, ';', len - i) : NULL;

    return semicolon ? (size_t)(semicolon - s) : len;
}

static bool is_frame(const char *s, size_t len, size_t i)
{
    struct folded_place at;

    return folded_place(FOLDED_PLAIN, s + i, element_end(s, len, i) - i, &at);
}

/* The end of a text that begins before i and holds at least one byte before any semicolon: where
 * something else begins, or else the first semicolon. with_quote: the text ends in one. */
static size_t free_text_end(const char *s, size_t len, size_t i, bool with_quote)
{
    size_t first = 0;

    for (size_t end = element_end(s, len, i);; end = element_end(s, len, end + 1)) {
        if (!with_quote || (end > i && s[end - 1] == '"')) {
            if (end == len && with_quote)
                return end;
            if (end < len
                && (is_frame(s, len, end + 1)
                    || (with_quote
                        && (process_head(s, len, end + 1) || thread_head(s, len, end + 1)))))
                return end;
            first = first ? first : end;
        }
        if (end >= len)
            return first;
    }
}

static void pyspy_prefix(const char *s, size_t len, struct folded_prefix *x)
{
    size_t i = 0, end, from;

    while ((from = process_head(s, len, i)) && (end = free_text_end(s, len, from, true))) {
        x->len = end;
        i = end + (end < len);
    }
    end = i < len ? thread_head(s, len, i) : 0;
    if (end && end < len && s[end] == ':')
        end = free_text_end(s, len, end + 2, false);
    if (end)
        x->len = end;
    if (x->len)
        x->style = FOLDED_PYSPY;
}

void folded_prefix(const char *s, size_t len, struct folded_prefix *x)
{
    x->style = FOLDED_PLAIN;
    x->len = 0;
    if (len && s[0] == '{' && (x->len = folded_own_prefix(s, len)))
        x->style = FOLDED_OURS;
    if (len < 5 || (s[0] != 't' && s[0] != 'p'))
        return;
    if (!pf_starts(s, len, "tid:")) {
        pyspy_prefix(s, len, x);
        return;
    }
    size_t end = skip_digits(s, len, 4);
    if (end > 4 && (end == len || s[end] == ';')) {
        x->len = end;
        x->style = FOLDED_TACHYON;
    }
}

/* ---- labels ---- */

enum { MAX_LABELS = 8 };

struct labels {
    struct folded *r;
    pf_id at[MAX_LABELS];
    uint32_t n;
};

static void add_text(struct labels *l, const char *key, const char *s, size_t len)
{
    struct pf_label label = {.key = pf_strz(l->r->p, key), .str = folded_name(l->r, s, len)};

    if (len && l->n < MAX_LABELS)
        l->at[l->n++] = pf_label(l->r->p, &label);
}

/* Decimal, or hexadecimal behind 0x; what is no number, or none of 63 bits, is only text. */
static void add_number(struct labels *l, const char *key, const char *s, size_t len)
{
    bool hex = len > 2 && s[0] == '0' && (s[1] | 0x20) == 'x';
    unsigned base = hex ? 16 : 10;
    struct pf_label label = {.key = pf_strz(l->r->p, key), .kind = PF_LABEL_NUM};

    for (size_t i = hex ? 2 : 0; i < len; i++) {
        unsigned digit =
            pf_is_digit(s[i]) ? (unsigned)(s[i] - '0') : (unsigned)(s[i] | 0x20) - 'a' + 10;
        if (digit >= base || label.num > (INT64_MAX - 15) / 16)
            return;
        label.num = label.num * (int64_t)base + (int64_t)digit;
    }
    if (label.num && l->n < MAX_LABELS)
        l->at[l->n++] = pf_label(l->r->p, &label);
}

static void add_id(struct labels *l, const char *text_key, const char *number_key, const char *s,
                   size_t len)
{
    add_text(l, text_key, s, len);
    add_number(l, number_key, s, len);
}

/* The processes above the last one stay as they are written. */
static void pyspy_labels(struct labels *l, const char *s, size_t len)
{
    size_t i = 0, next = 0, from, end = 0;

    while ((from = process_head(s, len, next))) {
        i = next;
        end = free_text_end(s, len, from, true);
        next = end + (end < len);
        if (end == len)
            break;
    }
    if (i)
        add_text(l, "ancestors", s, i - 1);
    if ((from = process_head(s, len, i))) {
        add_text(l, "process", s + from, end - 1 - from);
        add_number(l, "pid", s + i + 8, from - 2 - (i + 8));
    }
    end = next < len ? thread_head(s, len, next) : 0;
    if (!end)
        return;
    const char *id = s + next + 8;
    size_t id_len = end - 1 - (next + 8);
    if (end + 2 < len)
        add_text(l, "thread", s + end + 2, len - end - 2);
    else
        add_text(l, "thread", id, id_len);
    add_number(l, "tid", id, id_len);
}

static void austin_labels(struct labels *l, const char *s, size_t len, enum folded_style style)
{
    const char *semicolon = memchr(s, ';', len), *thread = semicolon ? semicolon + 1 : s;
    size_t left = len - (size_t)(thread - s);
    size_t process_word = style == FOLDED_AUSTIN1 ? strlen("Process ") : strlen("P");
    size_t thread_word = style == FOLDED_AUSTIN1 ? strlen("Thread ") : strlen("T");

    if (semicolon)
        add_id(l, "process", "pid", s + process_word, (size_t)(semicolon - s) - process_word);
    thread += thread_word;
    left -= thread_word;
    const char *colon = memchr(thread, ':', left);
    if (colon) {
        add_text(l, "interpreter", thread, (size_t)(colon - thread));
        left -= (size_t)(colon + 1 - thread);
        thread = colon + 1;
    }
    add_text(l, "thread", thread, left);
}

pf_id folded_labels(struct folded *r, const char *s, size_t len, enum folded_style style, bool idle)
{
    struct labels l = {.r = r};

    if (style == FOLDED_OURS)
        return folded_own_labels(r->p, s, len);
    if (style == FOLDED_TACHYON)
        add_id(&l, "thread", "tid", s + 4, len - 4);
    else if (style == FOLDED_PYSPY)
        pyspy_labels(&l, s, len);
    else if (len)
        austin_labels(&l, s, len, style);
    if (idle)
        add_text(&l, "state", "idle", 4);
    return l.n ? pf_label_set(r->p, l.at, l.n) : 0;
}
