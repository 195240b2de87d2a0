/* threads.c - names of threads and processes, and the labels made of them. */
#include "threads.h"

#include "text.h"

#include <string.h>

/* ---- parsing ---- */

/* The length of a decimal or 0x id, 0: there is none. */
static size_t id_length(const char *s, size_t len)
{
    size_t hex = len > 2 && s[0] == '0' && (s[1] | 0x20) == 'x' ? 2 : 0, i = hex;

    while (i < len && (pf_is_digit(s[i]) || (hex && (unsigned)(s[i] | 0x20) - 'a' < 6)))
        i++;
    return i == hex ? 0 : i;
}

static bool skip(const char **s, size_t *len, const char *word)
{
    size_t n = strlen(word);

    if (!pf_starts(*s, *len, word))
        return false;
    *s += n;
    *len -= n;
    return true;
}

static bool ends(const char *s, size_t len, char c)
{
    return len && s[len - 1] == c;
}

/* Takes an id, which is the name for want of another one; false: there is none. */
static bool take_id(const char **s, size_t *len, struct thread_part *part)
{
    size_t n = id_length(*s, *len);

    *part = (struct thread_part){*s, n, *s, n};
    *s += n;
    *len -= n;
    return n > 0;
}

static void name(struct thread_part *part, const char *s, size_t len)
{
    part->s = s;
    part->len = len;
}

static bool process_frame(const char *s, size_t len, struct thread_part *process)
{
    if (!skip(&s, &len, "process ") || !take_id(&s, &len, process) || !skip(&s, &len, ":\"")
        || !ends(s, len, '"'))
        return false;
    name(process, s, len - 1);
    return true;
}

bool thread_frame(const char *s, size_t len, struct thread_name *who)
{
    *who = (struct thread_name){0};
    if (process_frame(s, len, &who->process))
        return true;
    *who = (struct thread_name){0};
    if (!skip(&s, &len, "thread (") || !take_id(&s, &len, &who->thread) || !skip(&s, &len, ")"))
        return false;
    if (skip(&s, &len, ": "))
        name(&who->thread, s, len);
    else if (len)
        return false;
    return true;
}

bool thread_title(const char *s, size_t len, struct thread_name *who)
{
    *who = (struct thread_name){0};
    if (skip(&s, &len, "Process ") && (!take_id(&s, &len, &who->process) || !skip(&s, &len, " ")))
        return false;
    if (!skip(&s, &len, "Thread ") || !take_id(&s, &len, &who->thread))
        return false;
    if (len == 0)
        return true;
    if (!skip(&s, &len, " \"") || !ends(s, len, '"'))
        return false;
    name(&who->thread, s, len - 1);
    return true;
}

/* ---- labels ---- */

pf_id label_text(struct pf_profile *p, const char *key, const char *s, size_t len)
{
    if (!len)
        return 0;
    return pf_label(p, &(struct pf_label){.key = pf_strz(p, key), .str = pf_str(p, s, len)});
}

pf_id label_number(struct pf_profile *p, const char *key, int64_t number, const char *unit)
{
    return pf_label(p, &(struct pf_label){.key = pf_strz(p, key),
                                          .unit = pf_strz(p, unit),
                                          .kind = PF_LABEL_NUM,
                                          .num = number});
}

uint32_t label_append(const struct pf_profile *p, pf_id *label, uint32_t n, pf_id one)
{
    for (uint32_t i = 0; i < n; i++)
        if (p->labels.at[label[i]].key == p->labels.at[one].key)
            return n;
    if (one)
        label[n++] = one;
    return n;
}

struct labels {
    pf_id *at;
    uint32_t n;
};

/* An id as a number, as readers of folded stacks have it; 0 is none, and what is no number of 63
 * bits stays a text. */
static pf_id label_id(struct pf_profile *p, const char *key, const char *s, size_t len)
{
    bool hex = len > 2 && s[0] == '0' && (s[1] | 0x20) == 'x';
    int64_t base = hex ? 16 : 10, id = 0;

    for (size_t i = hex ? 2 : 0; i < len; i++) {
        unsigned letter = (unsigned)(s[i] | 0x20) - 'a';
        int64_t digit = pf_is_digit(s[i]) ? s[i] - '0' : letter < 6 ? (int64_t)letter + 10 : base;
        if (digit >= base || __builtin_mul_overflow(id, base, &id) || !pf_add64(id, digit, &id))
            return label_text(p, key, s, len);
    }
    return id ? label_number(p, key, id, NULL) : 0;
}

static uint32_t part_labels(struct pf_profile *p, const struct thread_part *part,
                            const char *name_key, const char *id_key, struct labels to)
{
    uint32_t n = label_append(p, to.at, to.n, label_text(p, name_key, part->s, part->len));

    return label_append(p, to.at, n, label_id(p, id_key, part->id, part->id_len));
}

uint32_t thread_labels(struct pf_profile *p, const struct thread_name *who, pf_id *label,
                       uint32_t n)
{
    n = part_labels(p, &who->process, "process", "pid", (struct labels){label, n});
    return part_labels(p, &who->thread, "thread", "tid", (struct labels){label, n});
}

uint32_t label_append_set(const struct pf_profile *p, pf_id *label, uint32_t n, uint32_t most,
                          pf_id set)
{
    for (uint32_t i = p->sets.first[set]; i < p->sets.first[set + 1] && n < most; i++)
        n = label_append(p, label, n, p->sets.item[i]);
    return n;
}

/* ---- frames that are none ---- */

pf_id thread_frame_set(struct pf_profile *p, pf_id name, pf_id file, int64_t line)
{
    struct pf_str s = pf_str_at(p, name);
    struct thread_name who;
    pf_id label[THREAD_LABELS];

    if (file || line || !thread_frame(s.s, s.len, &who))
        return 0;
    uint32_t n = thread_labels(p, &who, label, 0);
    return pf_label_set(p, label, n);
}

struct thread_place thread_step(struct pf_profile *p, struct thread_place at, pf_id frame,
                                pf_id set)
{
    pf_id label[2 * THREAD_LABELS];

    if (!set || at.stack) {
        at.stack = pf_stack(p, at.stack, frame);
        return at;
    }
    uint32_t n = label_append_set(p, label, 0, 2 * THREAD_LABELS, set);
    n = label_append_set(p, label, n, 2 * THREAD_LABELS, at.set);
    at.set = pf_label_set(p, label, n);
    return at;
}
