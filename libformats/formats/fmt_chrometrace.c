/*
 * fmt_chrometrace.c - the trace event format of Chrome's about:tracing, Perfetto, py-spy,
 * VizTracer.
 *
 * An array of events, whose `]` may be missing, or an object that holds it as `traceEvents`. Read
 * are spans (B and E, X) and names of threads and processes (M), and samples with `stackFrames`.
 */
#include "text.h"
#include "trace.h"

#include <stdio.h>
#include <string.h>

enum { MICROSECONDS = 3 };

static bool no_memory(struct trace *t)
{
    return pf_json_fail(&t->j, PF_ENOMEM, "out of memory (see --max-memory)");
}

/* ---- values ---- */

/* A number, which some writers put in quotes; anything else is skipped and is no number. */
static bool read_decimal(struct pf_json *j, int scale, struct pf_decimal *d)
{
    int kind = pf_json_look(j);

    *d = (struct pf_decimal){0, true, true};
    if (kind != '0' && kind != '"') {
        pf_json_skip(j);
        return false;
    }
    if (!(kind == '0' ? pf_json_number(j) : pf_json_string(j)))
        return false;
    return pf_decimal(j->text, j->len, scale, d) == j->len && j->len > 0;
}

static int64_t read_time(struct trace *t)
{
    struct pf_decimal d;

    if (!read_decimal(&t->j, MICROSECONDS, &d))
        pf_json_fail(&t->j, PF_EVALUE, "expected a time in microseconds");
    else if (!d.fits)
        pf_json_fail(&t->j, PF_EVALUE, "the time does not fit 63 bits");
    return d.value;
}

static int64_t read_line(struct trace *t)
{
    struct pf_decimal d;
    bool is_number = read_decimal(&t->j, 0, &d);

    return is_number && d.value > 0 && d.value < UINT32_MAX ? d.value : 0;
}

/* A number or string as it stands. */
static pf_id read_id(struct trace *t)
{
    struct pf_json *j = &t->j;
    int kind = pf_json_look(j);

    if (kind == '0' || kind == '"') {
        bool ok = kind == '0' ? pf_json_number(j) : pf_json_string(j);
        return ok ? pf_str(t->ids, j->text, j->len) : 0;
    }
    pf_json_skip(j);
    return 0;
}

static pf_id read_name(struct trace *t)
{
    if (pf_json_look(&t->j) == '"')
        return read_id(t);
    pf_json_skip(&t->j);
    return 0;
}

/* ---- events ---- */

struct event {
    char ph;
    bool has_ts, has_dur;
    int64_t ts, dur, line;
    pf_id name, file, told_name; /* told_name: of args, in metadata */
    pf_id pid, tid;
};

/* Where the function is: `filename` and `line` (py-spy), `url` and `line` (Hermes). */
static void read_args(struct trace *t, struct event *e)
{
    static const char *const keys[] = {"filename", "url", "line", "name", NULL};
    struct pf_json *j = &t->j;
    uint64_t seen = 0;
    pf_id url = 0;

    if (pf_json_look(j) != '{') {
        pf_json_skip(j);
        return;
    }
    pf_json_enter(j, '{');
    while (pf_json_key(j))
        switch (pf_json_which(j, keys, &seen)) {
        case 0: e->file = read_name(t); break;
        case 1: url = read_name(t); break;
        case 2: e->line = read_line(t); break;
        case 3: e->told_name = read_name(t); break;
        default: pf_json_skip(j); break;
        }
    e->file = e->file ? e->file : url;
}

static void read_ph(struct trace *t, struct event *e)
{
    e->ph = '?';
    if (pf_json_string(&t->j) && t->j.len == 1)
        e->ph = t->j.text[0];
}

static bool read_event(struct trace *t, struct event *e)
{
    static const char *const keys[] = {"ph",  "name", "ts",   "dur", "tdur",
                                       "pid", "tid",  "args", "cat", NULL};
    struct pf_json *j = &t->j;
    uint64_t seen = 0;
    int64_t tdur = 0;

    *e = (struct event){0};
    if (!pf_json_enter(j, '{'))
        return false;
    while (pf_json_key(j))
        switch (pf_json_which(j, keys, &seen)) {
        case 0: read_ph(t, e); break;
        case 1: e->name = read_name(t); break;
        case 2: e->ts = read_time(t); break;
        case 3: e->dur = read_time(t); break;
        case 4: tdur = read_time(t); break;
        case 5: e->pid = read_id(t); break;
        case 6: e->tid = read_id(t); break;
        case 7: read_args(t, e); break;
        case 8:
            if (pf_json_look(j) == '"' && pf_json_string(j))
                t->pyspy |= pf_json_text_is(j, "py-spy");
            else
                pf_json_skip(j);
            break;
        default: pf_json_skip(j); break;
        }
    e->has_ts = seen & 4;
    e->dur = seen & 8 ? e->dur : tdur;
    return !j->err->code;
}

/* Its number; 0: no memory. */
static uint32_t thread_of(struct trace *t, pf_id pid, pf_id tid)
{
    struct pf_pair *slot = pf_pairs_find(t->j.mem, &t->by_id, pid, tid);

    if (slot && slot->id)
        return slot->id;
    if (!slot
        || !pf_grow(t->j.mem, &t->threads, t->n_threads + 1, &t->cap_threads, sizeof *t->threads)) {
        no_memory(t);
        return 0;
    }
    *slot = (struct pf_pair){pid, tid, ++t->n_threads};
    t->by_id.n++;
    t->threads[slot->id] = (struct trace_thread){.pid = pid, .tid = tid};
    return slot->id;
}

bool trace_reach(struct trace *t, void *table, pf_id id, uint32_t *cap, size_t size)
{
    uint32_t had = *cap;
    void *at;

    if (id < *cap)
        return true;
    if (!pf_grow(t->j.mem, table, id, cap, size) || id >= *cap)
        return no_memory(t);
    memcpy(&at, table, sizeof at);
    memset((char *)at + had * size, 0, (*cap - had) * size);
    return true;
}

static void name_something(struct trace *t, const struct event *e)
{
    struct pf_str what = pf_str_at(t->ids, e->name);
    bool thread = strcmp(what.s, "thread_name") == 0, process = strcmp(what.s, "process_name") == 0;

    if (thread) {
        uint32_t id = thread_of(t, e->pid, e->tid);
        if (id)
            t->threads[id].name = e->told_name;
    } else if (process
               && trace_reach(t, &t->process, e->pid, &t->cap_process, sizeof *t->process)) {
        t->process[e->pid] = e->told_name;
    }
}

static void add_event(struct trace *t, const struct event *e)
{
    uint32_t id = thread_of(t, e->pid, e->tid), n = t->n_events + 1;
    struct trace_event x = {.ts = e->ts, .dur = e->ph == 'X' ? e->dur : TRACE_END};

    if (!id)
        return;
    if (e->ph == 'B')
        x.dur = TRACE_BEGIN;
    else if (e->ph == 'X' && e->dur < 0)
        pf_json_fail(&t->j, PF_EVALUE, "an event lasts less than no time");
    if (e->name || e->ph != 'E')
        x.frame = pf_frame(t->ids, pf_func(t->ids, e->name, e->file, 0), e->line);
    if (n == UINT32_MAX || !pf_grow(t->j.mem, &t->events, n, &t->cap_events, sizeof *t->events)) {
        no_memory(t);
        return;
    }
    struct trace_thread *thread = &t->threads[id];
    if (thread->last) {
        t->events[thread->last].next = n;
        thread->unsorted |= x.ts < t->events[thread->last].ts;
    } else {
        thread->first = n;
    }
    thread->last = n;
    t->events[n] = x;
    t->n_events = n;
}

static void read_events(struct trace *t)
{
    struct pf_json *j = &t->j;
    struct event e;

    if (!pf_json_enter(j, '['))
        return;
    while (pf_json_item(j) && read_event(t, &e)) {
        bool span = e.ph == 'B' || e.ph == 'E' || e.ph == 'X';
        if (span && !e.has_ts)
            pf_json_fail(j, PF_ESYNTAX, "an event of the kind %c has no time (`ts`)", e.ph);
        else if (span)
            add_event(t, &e);
        else if (e.ph == 'M')
            name_something(t, &e);
        else
            t->other++;
    }
}

/* ---- samples ---- */

static void read_sample(struct trace *t)
{
    static const char *const keys[] = {"ts", "weight", "sf", "pid", "tid", NULL};
    struct pf_json *j = &t->j;
    struct trace_taken s = {.weight = 1};
    struct pf_decimal weight;
    uint64_t seen = 0;
    pf_id pid = 0, tid = 0;

    if (!pf_json_enter(j, '{'))
        return;
    while (pf_json_key(j))
        switch (pf_json_which(j, keys, &seen)) {
        case 0: s.ts = read_time(t); break;
        case 1:
            if (!read_decimal(j, 0, &weight) || !weight.fits)
                pf_json_fail(j, PF_EVALUE, "expected a weight of at most 63 bits");
            s.weight = weight.value;
            t->fractions |= !weight.exact;
            break;
        case 2: s.frame = read_id(t); break;
        case 3: pid = read_id(t); break;
        case 4: tid = read_id(t); break;
        default: pf_json_skip(j); break;
        }
    s.thread = thread_of(t, pid, tid);
    if (!pf_grow(j->mem, &t->taken, t->n_taken, &t->cap_taken, sizeof *t->taken))
        no_memory(t);
    else
        t->taken[t->n_taken++] = s;
}

/* {ID: {"name": ..., "parent": ID}, ...} */
static void read_stack_frames(struct trace *t)
{
    static const char *const keys[] = {"name", "parent", "line", NULL};
    struct pf_json *j = &t->j;

    if (!pf_json_enter(j, '{'))
        return;
    while (pf_json_key(j)) {
        pf_id id = pf_str(t->ids, j->text, j->len), name = 0, parent = 0;
        int64_t line = 0;
        uint64_t seen = 0;
        if (!trace_reach(t, &t->frames, id, &t->cap_frames, sizeof *t->frames))
            return;
        if (t->frames[id].known)
            pf_json_fail(j, PF_ESYNTAX, "this stack frame stands here for the second time");
        if (!pf_json_enter(j, '{'))
            return;
        while (pf_json_key(j))
            switch (pf_json_which(j, keys, &seen)) {
            case 0: name = read_name(t); break;
            case 1: parent = read_id(t); break;
            case 2: line = read_line(t); break;
            default: pf_json_skip(j); break;
            }
        pf_id frame = pf_frame(t->ids, pf_func(t->ids, name, 0, 0), line);
        t->frames[id] = (struct trace_frame){.parent = parent, .frame = frame, .known = true};
    }
}

/* ---- the file ---- */

/* {"version": "1.0.4", ...} */
static void read_viztracer(struct trace *t)
{
    struct pf_json *j = &t->j;
    char text[48] = "VizTracer";

    if (pf_json_look(j) != '{') {
        pf_json_skip(j);
        return;
    }
    pf_json_enter(j, '{');
    while (pf_json_member(j, "version"))
        if (pf_json_look(j) != '"')
            pf_json_skip(j);
        else if (pf_json_string(j))
            snprintf(text, sizeof text, "VizTracer %.*s", (int)(j->len < 20 ? j->len : 20),
                     j->text);
    t->out->producer = pf_strz(t->out, text);
}

static void read_object(struct trace *t)
{
    static const char *const keys[] = {"traceEvents", "samples", "stackFrames",
                                       "viztracer_metadata", NULL};
    struct pf_json *j = &t->j;
    uint64_t seen = 0;

    pf_json_enter(j, '{');
    while (pf_json_key(j))
        switch (pf_json_which(j, keys, &seen)) {
        case 0: read_events(t); break;
        case 1:
            if (pf_json_enter(j, '['))
                while (pf_json_item(j))
                    read_sample(t);
            break;
        case 2: read_stack_frames(t); break;
        case 3: read_viztracer(t); break;
        default: pf_json_skip(j); break;
        }
    pf_json_done(j);
}

static void read_array(struct trace *t)
{
    t->j.may_end = true;
    read_events(t);
    pf_json_done(&t->j);
}

static void free_all(struct trace *t)
{
    void *blocks[] = {t->events, t->threads, t->taken,     t->frames, t->process,
                      t->open,   t->made,    t->begins.at, t->ends.at};

    for (size_t i = 0; i < sizeof blocks / sizeof *blocks; i++)
        pf_dealloc(t->j.mem, blocks[i]);
    pf_pairs_free(t->j.mem, &t->by_id);
    pf_free(t->ids);
}

static int chrometrace_read(struct pf_source *in, struct pf_profile *out, struct pf_err *err)
{
    struct trace t = {.out = out, .columns = {-1, -1}};

    out->format = pf_strz(out, "chrometrace");
    out->stack_kind = PF_EXACT;
    pf_json_open(&t.j, in, err);
    t.ids = pf_new(t.j.mem);
    if (!t.ids)
        no_memory(&t);
    else if (pf_json_look(&t.j) == '{')
        read_object(&t);
    else
        read_array(&t);
    if (!err->code && !t.ids->err.code)
        trace_finish(&t);
    if (t.ids && t.ids->err.code) /* no memory, which may have made the rest look wrong */
        *err = t.ids->err;
    if (out->err.code)
        *err = out->err;
    free_all(&t);
    pf_json_close(&t.j);
    return err->code ? -1 : 0;
}

static int chrometrace_probe(const uint8_t *head, size_t len)
{
    char buf[PF_HEAD];
    struct pf_json_head h = pf_json_head(head, len, buf);

    if (h.open == '{')
        return pf_json_head_key(&h, 1, "traceEvents", NULL)   ? 95
               : pf_json_head_key(&h, 1, "stackFrames", NULL) ? 60
                                                              : 0;
    return h.open == '[' && pf_json_head_key(&h, 2, "ph", NULL) ? 95 : 0;
}

const struct pf_format pf_format_chrometrace = {
    .name = "chrometrace",
    .title = "trace events (py-spy -f chrometrace, Chrome, Perfetto)",
    .suffix = ".trace.json",
    .packing = PF_PLAIN,
    .probe = chrometrace_probe,
    .read = chrometrace_read,
};
