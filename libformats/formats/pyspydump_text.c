/*
 * pyspydump_text.c - the text of py-spy dump.
 *
 *     Process 165: python app.py
 *     Python v3.12.3 (/usr/bin/python3.12)
 *
 *     Thread 165 (active+gil): "MainThread"
 *         leaf (app.py:12)
 *             Arguments:
 *                 x: 1
 *         <module> (app.py:40)
 *
 * On a terminal there are colours in it, which are taken out.
 */
#include "pyspydump.h"
#include "text.h"

#include <string.h>

/* ---- a line ---- */

struct text {
    const char *s;
    size_t len;
};

static bool take(struct text *t, const char *word)
{
    size_t n = strlen(word);

    if (!pf_starts(t->s, t->len, word))
        return false;
    t->s += n;
    t->len -= n;
    return true;
}

/* Takes out ESC [ ... m; `to` has room for len bytes. Returns how many are left. */
static size_t without_colours(const char *s, size_t len, char *to)
{
    size_t n = 0;

    for (size_t i = 0; i < len; i++) {
        size_t end = i + 2;
        if (s[i] == '\033' && i + 1 < len && s[i + 1] == '[') {
            while (end < len && (pf_is_digit(s[end]) || s[end] == ';'))
                end++;
            if (end < len && s[end] == 'm') {
                i = end;
                continue;
            }
        }
        to[n++] = s[i];
    }
    return n;
}

/* `165` or `0x7F..`, up to what must follow. */
static bool take_id(struct text *t, struct text *id, const char *then)
{
    size_t i = 0;

    while (i < t->len
           && (pf_is_digit(t->s[i]) || ((t->s[i] | 0x20) >= 'a' && (t->s[i] | 0x20) <= 'x')))
        i++;
    *id = (struct text){t->s, i};
    t->s += i;
    t->len -= i;
    return i > 0 && pf_is_digit(id->s[0]) && take(t, then);
}

/* `Thread 165 (active+gil): "MainThread"`, `Thread 165 (idle)` */
static bool thread_line(struct text t, struct thread_part *thread, struct text *state)
{
    struct text id;

    if (!take(&t, "Thread ") || !take_id(&t, &id, " ("))
        return false;
    const char *close = memchr(t.s, ')', t.len);
    if (!close)
        return false;
    *state = (struct text){t.s, (size_t)(close - t.s)};
    t.len -= state->len + 1;
    t.s = close + 1;
    *thread = (struct thread_part){id.s, id.len, id.s, id.len};
    if (t.len == 0)
        return true;
    if (!take(&t, ": \"") || !t.len || t.s[t.len - 1] != '"')
        return false;
    if (t.len > 1) {
        thread->s = t.s;
        thread->len = t.len - 1;
    }
    return true;
}

/* `NAME (FILE:LINE)`, `NAME (FILE)` after four blanks */
static bool frame_line(struct text t, struct text *name, struct text *file, int64_t *line)
{
    struct pf_decimal d;

    if (!take(&t, "    ") || !t.len || t.s[0] == ' ' || t.s[t.len - 1] != ')')
        return false;
    size_t open = t.len - 1;
    while (open > 1 && (t.s[open] != '(' || t.s[open - 1] != ' '))
        open--;
    if (open < 2)
        return false;
    *name = (struct text){t.s, open - 1};
    *file = (struct text){t.s + open + 1, t.len - open - 2};
    *line = 0;
    size_t colon = file->len;
    while (colon && pf_is_digit(file->s[colon - 1]))
        colon--;
    if (colon == file->len || colon < 2 || file->s[colon - 1] != ':')
        return true;
    pf_decimal(file->s + colon, file->len - colon, 0, &d);
    *line = d.value;
    file->len = colon - 1;
    return true;
}

/* ---- the text ---- */

struct reading {
    struct pyspydump *d;
    struct pf_source *in;
    char *plain; /* the line without colours */
    size_t cap;
    struct pf_profile *kept; /* only its strings: the names that outlive their lines */
    pf_id process, pid, thread, tid, state;
    bool in_thread;
    bool in_locals; /* whatever comes now may be a value with several lines */
};

static pf_id keep(struct reading *r, struct text t)
{
    return pf_str(r->kept, t.s, t.len);
}

static void end_thread(struct reading *r)
{
    struct pf_str s[5];
    const pf_id ids[5] = {r->process, r->pid, r->thread, r->tid, r->state};

    if (!r->in_thread)
        return;
    for (unsigned i = 0; i < 5; i++)
        s[i] = pf_str_at(r->kept, ids[i]);
    struct thread_name who = {.process = {s[0].s, s[0].len, s[1].s, s[1].len},
                              .thread = {s[2].s, s[2].len, s[3].s, s[3].len}};
    pyspydump_thread(r->d, &who, s[4].s, s[4].len);
    r->in_thread = r->in_locals = false;
}

/* `Process 165: COMMAND LINE`, and what follows it up to the first thread */
static bool header_line(struct reading *r, struct text t)
{
    struct pf_profile *p = r->d->out;
    struct text id;

    if (take(&t, "Process ")) {
        if (!take_id(&t, &id, ": "))
            return false;
        end_thread(r);
        r->pid = keep(r, id);
        r->process = t.len ? keep(r, t) : r->pid;
        if (!p->command)
            p->command = pf_str(p, t.s, t.len);
        return true;
    }
    if (take(&t, "Python v")) {
        const char *blank = memchr(t.s, ' ', t.len);
        char name[64] = "CPython ";
        size_t n = blank ? (size_t)(blank - t.s) : t.len, at = strlen(name);
        n = n < sizeof name - at ? n : sizeof name - at;
        memcpy(name + at, t.s, n);
        if (!p->interpreter)
            p->interpreter = pf_str(p, name, at + n);
        return true;
    }
    return take(&t, "Parent Process ");
}

static bool locals_line(struct reading *r, struct text t)
{
    bool title = take(&t, "        ");

    if (!r->in_thread || !title)
        return false;
    title = (t.len == 10 && memcmp(t.s, "Arguments:", 10) == 0)
            || (t.len == 7 && memcmp(t.s, "Locals:", 7) == 0);
    if (title && !r->in_locals)
        r->d->locals++;
    r->in_locals |= title;
    return title;
}

static bool is_rule(struct text t) /* a line of `-` between processes */
{
    for (size_t i = 0; i < t.len; i++)
        if (t.s[i] != '-' && !pf_is_blank(t.s[i]))
            return false;
    return true;
}

static void read_line(struct reading *r, struct text t)
{
    struct text name, file, state;
    struct thread_part thread;
    int64_t line;

    if (header_line(r, t))
        return;
    if (thread_line(t, &thread, &state)) {
        end_thread(r);
        r->thread = keep(r, (struct text){thread.s, thread.len});
        r->tid = keep(r, (struct text){thread.id, thread.id_len});
        r->state = keep(r, state);
        r->in_thread = true;
    } else if (r->in_thread && frame_line(t, &name, &file, &line)) {
        struct pf_profile *p = r->d->out;
        r->in_locals = false;
        pyspydump_frame(r->d, pf_str(p, name.s, name.len), pf_str(p, file.s, file.len), line);
    } else if (!locals_line(r, t) && !r->in_locals && !is_rule(t)) {
        r->d->skipped++;
    }
}

static bool strip(struct reading *r, struct text *t)
{
    if (!memchr(t->s, '\033', t->len))
        return true;
    if (!r->plain || t->len > r->cap) {
        char *grown = pf_realloc(r->d->out->mem, r->plain, 2 * t->len);
        if (!grown) {
            pf_fail(&r->d->out->err, PF_ENOMEM, "out of memory (see --max-memory)");
            return false;
        }
        r->plain = grown;
        r->cap = 2 * t->len;
    }
    *t = (struct text){r->plain, without_colours(t->s, t->len, r->plain)};
    return true;
}

int pyspydump_text(struct pyspydump *d, struct pf_source *in, struct pf_err *err)
{
    struct pf_profile *p = d->out;
    struct reading r = {.d = d, .in = in, .kept = pf_new(p->mem)};
    size_t len;

    if (!r.kept)
        return pf_fail(err, PF_ENOMEM, "out of memory (see --max-memory)");
    pf_text(in);
    for (const char *s; !p->err.code && !r.kept->err.code && (s = pf_line(in, &len));) {
        struct text t = {s, len};
        if (strip(&r, &t))
            read_line(&r, t);
    }
    end_thread(&r);
    if (r.kept->err.code && !p->err.code)
        p->err = r.kept->err;
    pf_free(r.kept);
    pf_dealloc(p->mem, r.plain);
    if (p->err.code || pf_source_check(in, err) < 0)
        return -1;
    return d->threads
               ? 0
               : pf_fail_line(err, PF_ESYNTAX, 1, "no line is a thread: not a dump of py-spy");
}

/* ---- probing ---- */

int pyspydump_text_bid(const char *s, size_t len)
{
    char plain[PF_HEAD] = {0};
    struct text id, state;
    struct thread_part thread;
    bool process = false;

    if (len > PF_HEAD || memchr(s, '\0', len))
        return 0;
    len = without_colours(s, len, plain);
    for (size_t from = 0; from < len;) {
        const char *nl = memchr(plain + from, '\n', len - from);
        size_t end = nl ? (size_t)(nl - plain) : len;
        struct text t = {plain + from, end - from};
        if (t.len && t.s[t.len - 1] == '\r')
            t.len--;
        if (process && pf_starts(t.s, t.len, "Python v"))
            return 92;
        if (thread_line(t, &thread, &state)
            && (pf_starts(state.s, state.len, "idle") || pf_starts(state.s, state.len, "active")))
            return 60;
        process = take(&t, "Process ") && take_id(&t, &id, ": ");
        from = end + 1;
    }
    return 0;
}
