/*
 * fmt_pyspydump.c - what py-spy dump tells of the threads of a process, as JSON or as text.
 *
 * Each thread is a sample of one, with its state (idle, active, active+gil) as a label. Several
 * dumps may follow each other.
 */
#include "pyspydump.h"

#include "json.h"
#include "text.h"

#include <stdio.h>
#include <string.h>

bool pyspydump_frame(struct pyspydump *d, pf_id name, pf_id file, int64_t line)
{
    struct pf_profile *p = d->out;
    pf_id func = pf_func(p, name, file, 0);

    if (!pf_grow(p->mem, &d->frames, d->n_frames, &d->cap_frames, sizeof *d->frames)) {
        pf_fail(&p->err, PF_ENOMEM, "out of memory (see --max-memory)");
        return false;
    }
    d->frames[d->n_frames++] = pf_frame(p, func, line > 0 && line < UINT32_MAX ? line : 0);
    return true;
}

void pyspydump_thread(struct pyspydump *d, const struct thread_name *who, const char *state,
                      size_t state_len)
{
    pf_id label[THREAD_LABELS + 1], stack = 0;
    uint32_t n = thread_labels(d->out, who, label, 0);
    const int64_t one = 1;

    n = label_append(d->out, label, n, label_text(d->out, "state", state, state_len));
    for (uint32_t i = d->n_frames; i > 0; i--)
        stack = pf_stack(d->out, stack, d->frames[i - 1]);
    pf_sample_add(d->out, stack, pf_label_set(d->out, label, n), &one);
    d->n_frames = 0;
    d->threads++;
}

/* ---- JSON ---- */

/* A number that may be null: 0. */
static int64_t read_number(struct pf_json *j)
{
    int64_t value = 0;

    if (!pf_json_null(j))
        pf_json_int(j, &value);
    return value;
}

static void read_frame(struct pyspydump *d, struct pf_json *j)
{
    static const char *const keys[] = {"name", "filename", "line", "locals", NULL};
    uint64_t seen = 0;
    pf_id name = 0, file = 0;
    int64_t line = 0;

    if (!pf_json_enter(j, '{'))
        return;
    while (pf_json_key(j))
        switch (pf_json_which(j, keys, &seen)) {
        case 0: name = pf_json_text(j, d->out); break;
        case 1: file = pf_json_text(j, d->out); break;
        case 2: line = read_number(j); break;
        case 3:
            d->locals += pf_json_look(j) != 'n';
            pf_json_skip(j);
            break;
        default: pf_json_skip(j); break;
        }
    if (!(seen & 1))
        pf_json_fail(j, PF_ESYNTAX, "a frame has no name");
    pyspydump_frame(d, name, file, line);
}

struct thread {
    int64_t pid, id, os_id;
    pf_id name, command;
    bool active, has_gil;
};

/* {"pid": ..., "command_line": ..., "parent": the same again} */
static void read_process(struct pyspydump *d, struct pf_json *j, struct thread *t)
{
    if (!pf_json_null(j) && pf_json_enter(j, '{'))
        while (pf_json_member(j, "command_line"))
            t->command = pf_json_text(j, d->out);
}

static void add_thread(struct pyspydump *d, const struct thread *t)
{
    struct pf_str name = pf_str_at(d->out, t->name), command = pf_str_at(d->out, t->command);
    const char *state = !t->active ? "idle" : t->has_gil ? "active+gil" : "active";
    char pid[24], tid[24];
    size_t n_pid = (size_t)snprintf(pid, sizeof pid, "%lld", (long long)t->pid);
    /* as the text has it: the number of the system, or else that of Python */
    size_t n_tid = (size_t)(t->os_id ? snprintf(tid, sizeof tid, "%lld", (long long)t->os_id)
                                     : snprintf(tid, sizeof tid, "0x%llX", (long long)t->id));
    struct thread_name who = {
        .process = {command.len ? command.s : pid, command.len ? command.len : n_pid, pid, n_pid},
        .thread = {name.len ? name.s : tid, name.len ? name.len : n_tid, tid, n_tid},
    };

    if (!d->out->command)
        d->out->command = t->command;
    pyspydump_thread(d, &who, state, strlen(state));
}

static void read_thread(struct pyspydump *d, struct pf_json *j)
{
    static const char *const keys[] = {"pid",          "thread_id",    "thread_name",
                                       "os_thread_id", "active",       "owns_gil",
                                       "frames",       "process_info", NULL};
    struct thread t = {0};
    uint64_t seen = 0;

    if (!pf_json_enter(j, '{'))
        return;
    while (pf_json_key(j))
        switch (pf_json_which(j, keys, &seen)) {
        case 0: t.pid = read_number(j); break;
        case 1: t.id = read_number(j); break;
        case 2: t.name = pf_json_text(j, d->out); break;
        case 3: t.os_id = read_number(j); break;
        case 4: pf_json_bool(j, &t.active); break;
        case 5: pf_json_bool(j, &t.has_gil); break;
        case 6:
            if (pf_json_enter(j, '['))
                while (pf_json_item(j))
                    read_frame(d, j);
            break;
        case 7: read_process(d, j, &t); break;
        default: pf_json_skip(j); break;
        }
    if (!(seen & 1 << 6))
        pf_json_fail(j, PF_ESYNTAX, "a thread has no frames");
    if (!j->err->code)
        add_thread(d, &t);
}

static void read_threads(struct pyspydump *d, struct pf_json *j)
{
    if (pf_json_enter(j, '['))
        while (pf_json_item(j))
            read_thread(d, j);
}

/* An array of threads; or, with tasks of asyncio, an object that holds it. */
static void read_dump(struct pyspydump *d, struct pf_json *j)
{
    static const char *const keys[] = {"threads", "asyncio_tasks", NULL};
    uint64_t seen = 0;

    if (pf_json_look(j) != '{') {
        read_threads(d, j);
        return;
    }
    pf_json_enter(j, '{');
    while (pf_json_key(j))
        switch (pf_json_which(j, keys, &seen)) {
        case 0: read_threads(d, j); break;
        case 1:
            pf_note(d->out, "the tasks of asyncio are skipped");
            pf_json_skip(j);
            break;
        default: pf_json_skip(j); break;
        }
    if (!(seen & 1))
        pf_json_fail(j, PF_ESYNTAX, "no `threads`: not a dump of py-spy");
}

static int read_json(struct pyspydump *d, struct pf_source *in, struct pf_err *err)
{
    struct pf_json j;

    pf_json_open(&j, in, err);
    while (pf_json_more(&j))
        read_dump(d, &j);
    if (j.bad_utf8)
        pf_note(d->out, "names that are not valid UTF-8 are kept byte by byte: %llu",
                (unsigned long long)j.bad_utf8);
    if (!d->threads)
        pf_json_fail(&j, PF_ESYNTAX, "there is no thread in it");
    pf_json_close(&j);
    return err->code ? -1 : 0;
}

/* ---- both ---- */

/* The first byte that is no white space; the head is all that is looked at. */
static struct pf_json_head look(struct pf_source *in, char buf[PF_HEAD])
{
    size_t have;
    const uint8_t *head = pf_peek(in, PF_HEAD, &have);

    return head ? pf_json_head(head, have, buf) : (struct pf_json_head){.open = '['};
}

static int pyspydump_read(struct pf_source *in, struct pf_profile *out, struct pf_err *err)
{
    struct pyspydump d = {.out = out};
    char buf[PF_HEAD];

    out->format = pf_strz(out, "pyspydump");
    out->producer = pf_strz(out, "py-spy");
    out->stack_kind = PF_EXACT;
    pf_type_add(out, "samples", "count", PF_SUM);
    int status = look(in, buf).open ? read_json(&d, in, err) : pyspydump_text(&d, in, err);
    if (d.locals)
        pf_note(out, "frames whose arguments and local variables are skipped: %llu",
                (unsigned long long)d.locals);
    if (d.skipped)
        pf_note(out, "lines that say nothing of a thread were skipped: %llu",
                (unsigned long long)d.skipped);
    pf_dealloc(out->mem, d.frames);
    if (out->err.code) /* no memory, which may have made the rest look wrong */
        *err = out->err;
    return status || err->code ? -1 : 0;
}

static int pyspydump_probe(const uint8_t *head, size_t len)
{
    char buf[PF_HEAD];
    struct pf_json_head h = pf_json_head(head, len, buf);

    if (h.open == '[') {
        bool thread = pf_json_head_key(&h, 2, "owns_gil", NULL)
                      || pf_json_head_key(&h, 2, "os_thread_id", NULL);
        return thread && !pf_json_head_key(&h, 2, "ph", NULL) ? 95 : 0;
    }
    if (h.open == '{')
        return pf_json_head_key(&h, 1, "threads", NULL) && pf_json_head_key(&h, 3, "pid", NULL) ? 90
                                                                                                : 0;
    return pyspydump_text_bid(h.s, h.len);
}

const struct pf_format pf_format_pyspydump = {
    .name = "pyspydump",
    .title = "py-spy dump, JSON or text",
    .suffix = ".dump.json",
    .packing = PF_PLAIN,
    .probe = pyspydump_probe,
    .read = pyspydump_read,
};
