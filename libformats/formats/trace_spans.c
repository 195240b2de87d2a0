/*
 * trace_spans.c - events of trace files, made into stacks and the times spent in them.
 *
 * A thread's events are taken in the order of their times, those of one moment together: an end
 * closes the innermost open frame if it has its name, else it waits until that frame is closed, or
 * opened, by others of that moment. So files whose order within a moment is arbitrary come out
 * right. Ends that fit nowhere are left out, frames that stay open end with the thread; both are
 * told.
 */
#include "trace.h"

#include <string.h>

enum {
    REORDER = 256, /* ends of one moment that are looked through for the one that fits */
    TIME = 0,
    SAMPLES = 1,
};

static bool no_memory(struct trace *t)
{
    return pf_json_fail(&t->j, PF_ENOMEM, "out of memory (see --max-memory)");
}

static bool fail(struct trace *t, const char *what)
{
    return pf_json_fail(&t->j, PF_EVALUE, "%s does not fit 63 bits", what);
}

/* ---- order ---- */

/* Stable: from[lo .. mid) and from[mid .. hi) are sorted, and become to[lo .. hi). */
static void merge_runs(const struct trace *t, const uint32_t *from, uint32_t *to, size_t lo,
                       size_t mid, size_t hi)
{
    size_t a = lo, b = mid;

    for (size_t i = lo; i < hi; i++) {
        bool first = a < mid && (b == hi || t->events[from[a]].ts <= t->events[from[b]].ts);
        to[i] = first ? from[a++] : from[b++];
    }
}

static bool sort_thread(struct trace *t, struct trace_thread *thread)
{
    size_t n = 0;

    for (uint32_t e = thread->first; e; e = t->events[e].next)
        n++;
    uint32_t *both = pf_alloc_zero(t->j.mem, 2 * n, sizeof *both), *from = both;
    if (!both)
        return no_memory(t);
    uint32_t *to = both + n;
    n = 0;
    for (uint32_t e = thread->first; e; e = t->events[e].next)
        from[n++] = e;
    for (size_t width = 1; width < n; width *= 2) {
        for (size_t lo = 0; lo < n; lo += 2 * width) {
            size_t mid = lo + width < n ? lo + width : n, hi = mid + width < n ? mid + width : n;
            merge_runs(t, from, to, lo, mid, hi);
        }
        uint32_t *swap = from;
        from = to;
        to = swap;
    }
    thread->first = from[0];
    for (size_t i = 0; i < n; i++)
        t->events[from[i]].next = i + 1 < n ? from[i + 1] : 0;
    pf_dealloc(t->j.mem, both);
    return true;
}

static bool push(struct trace *t, struct trace_list *l, uint32_t event)
{
    if (!pf_grow(t->j.mem, &l->at, l->n, &l->cap, sizeof *l->at))
        return no_memory(t);
    l->at[l->n++] = event;
    return true;
}

/* Whole events that begin together: the longer one is the outer one. By insertion, for they come
 * like that in nearly every file; but not for too many. */
static void sort_begins(struct trace *t, const struct trace_list *l)
{
    for (uint32_t i = 1; i < l->n; i++) {
        uint32_t x = l->at[i], k = i;
        int64_t dur = t->events[x].dur;
        for (; dur > 0 && k > 0 && i - k < REORDER; k--) {
            int64_t before = t->events[l->at[k - 1]].dur;
            if (before < 0 || before >= dur)
                break;
            l->at[k] = l->at[k - 1];
        }
        l->at[k] = x;
    }
}

/* ---- samples ---- */

static bool add_total(struct trace *t, unsigned k, int64_t value)
{
    int64_t size = value < 0 ? -value : value;

    return (value != INT64_MIN && pf_add64(t->total[k], size, &t->total[k]))
           || fail(t, "the sum of all values");
}

static void emit(struct trace *t, struct thread_place at, unsigned k, int64_t value, int64_t time)
{
    int64_t values[2] = {0};
    pf_id label[TIMED_LABELS];

    if (!add_total(t, k, value))
        return;
    values[t->columns[k]] = value;
    uint32_t n = at.set ? label_append_set(t->out, label, 0, TIMED_LABELS, at.set) : 0;
    for (uint32_t i = 0; i < t->n_labels; i++)
        n = label_append(t->out, label, n, t->label[i]);
    timed_add(&t->timed, at.stack, label, n, time, values);
}

/* Time goes on to `ts`. */
static void advance(struct trace *t, int64_t ts)
{
    int64_t since;

    if (t->n_open && ts > t->now) {
        if (__builtin_sub_overflow(ts, t->now, &since))
            fail(t, "the time between two events");
        else
            emit(t, t->open[t->n_open - 1].place, TIME, since, t->now);
    }
    t->now = ts > t->now || !t->n_open ? ts : t->now;
}

/* Closes what ends by itself up to `ts`. */
static void close_whole(struct trace *t, int64_t ts)
{
    while (t->n_open && t->open[t->n_open - 1].end <= ts) {
        int64_t end = t->open[t->n_open - 1].end;
        t->overlaps += end < t->now;
        advance(t, end);
        t->n_open--;
    }
}

static pf_id copied(struct trace *t, pf_id string)
{
    struct pf_str s = pf_str_at(t->ids, string);

    return pf_str(t->out, s.s, s.len);
}

/* What a frame of `ids` is in `out`. A thread amid a stack is a frame after all. */
static struct trace_made make_frame(struct trace *t, pf_id frame, bool amid)
{
    const struct pf_frame *f = &t->ids->frames.at[frame];
    const struct pf_func *func = &t->ids->funcs.at[f->func];

    if (!trace_reach(t, &t->made, frame, &t->cap_made, sizeof *t->made))
        return (struct trace_made){0};
    struct trace_made *m = &t->made[frame];
    if (m->done && (m->frame || !amid))
        return *m;
    pf_id name = copied(t, func->name), file = copied(t, func->file);
    m->done = true;
    m->set = thread_frame_set(t->out, name, file, f->line);
    if (!m->set || amid)
        m->frame = pf_frame(t->out, pf_func(t->out, name, file, 0), f->line);
    return *m;
}

static bool open_frame(struct trace *t, const struct trace_event *e)
{
    struct trace_open o = {.end = INT64_MAX, .frame = e->frame, .place = {0, 0}};

    if (t->n_open)
        o.place = t->open[t->n_open - 1].place;
    if (e->dur >= 0 && __builtin_add_overflow(e->ts, e->dur, &o.end))
        return fail(t, "the end of an event");
    if (!pf_grow(t->j.mem, &t->open, t->n_open, &t->cap_open, sizeof *t->open))
        return no_memory(t);
    struct trace_made m = make_frame(t, e->frame, o.place.stack != 0);
    o.place = thread_step(t->out, o.place, m.frame, m.set);
    t->open[t->n_open++] = o;
    return true;
}

/* ---- a moment ---- */

static bool same_name(const struct trace *t, pf_id a, pf_id b)
{
    const struct pf_profile *p = t->ids;

    return p->funcs.at[p->frames.at[a].func].name == p->funcs.at[p->frames.at[b].func].name;
}

/* Takes the end that fits the innermost open frame: of its very line, or else of its name. */
static bool take_end(struct trace *t, uint32_t *from)
{
    struct trace_list *ends = &t->ends;
    const struct trace_open *top = t->n_open ? &t->open[t->n_open - 1] : NULL;
    uint32_t found = ends->n;

    while (*from < ends->n && !ends->at[*from])
        ++*from;
    if (!top || top->end != INT64_MAX)
        return false;
    for (uint32_t i = *from; i < ends->n && i - *from < REORDER; i++) {
        pf_id frame = ends->at[i] ? t->events[ends->at[i]].frame : 0;
        if (!ends->at[i] || (frame && !same_name(t, frame, top->frame)))
            continue;
        if (found == ends->n || frame == top->frame)
            found = i;
        if (frame == top->frame)
            break;
    }
    if (found == ends->n)
        return false;
    ends->at[found] = 0;
    t->n_open--;
    return true;
}

static void pass_moment(struct trace *t, int64_t ts)
{
    uint32_t begun = 0, from = 0, taken = 0;

    sort_begins(t, &t->begins);
    close_whole(t, ts);
    advance(t, ts);
    while (!t->j.err->code && !t->out->err.code) {
        close_whole(t, ts);
        if (taken < t->ends.n && take_end(t, &from))
            taken++;
        else if (begun == t->begins.n || !open_frame(t, &t->events[t->begins.at[begun++]]))
            break;
    }
    close_whole(t, ts);
    t->unmatched += t->ends.n - taken;
    t->begins.n = t->ends.n = 0;
}

/* ---- a thread ---- */

static struct thread_part part_of(struct trace *t, pf_id name, pf_id id)
{
    struct pf_str n = pf_str_at(t->ids, name), i = pf_str_at(t->ids, id);

    return (struct thread_part){n.len ? n.s : i.s, n.len ? n.len : i.len, i.s, i.len};
}

static void label_thread(struct trace *t, const struct trace_thread *thread)
{
    pf_id process = thread->pid < t->cap_process ? t->process[thread->pid] : 0;
    struct thread_name who = {.process = part_of(t, process, thread->pid),
                              .thread = part_of(t, thread->name, thread->tid)};

    t->n_labels = thread_labels(t->out, &who, t->label, 0);
}

static int64_t end_of_thread(const struct trace *t, const struct trace_thread *thread)
{
    int64_t last = t->events[thread->first].ts, end;

    for (uint32_t e = thread->first; e; e = t->events[e].next) {
        int64_t dur = t->events[e].dur;
        if (__builtin_add_overflow(t->events[e].ts, dur > 0 ? dur : 0, &end))
            end = t->events[e].ts;
        last = end > last ? end : last;
    }
    return last;
}

static void close_rest(struct trace *t, int64_t last)
{
    close_whole(t, last);
    advance(t, last);
    while (t->n_open) {
        t->unclosed += t->open[--t->n_open].end == INT64_MAX;
        close_whole(t, last);
    }
}

static void pass_thread(struct trace *t, struct trace_thread *thread)
{
    if (thread->unsorted && !sort_thread(t, thread))
        return;
    int64_t first = t->events[thread->first].ts, last = end_of_thread(t, thread);
    t->first_ts = first < t->first_ts ? first : t->first_ts;
    t->last_ts = last > t->last_ts ? last : t->last_ts;
    t->now = first;
    label_thread(t, thread);
    for (uint32_t e = thread->first; e && !t->j.err->code && !t->out->err.code;) {
        int64_t ts = t->events[e].ts;
        for (; e && t->events[e].ts == ts; e = t->events[e].next)
            if (!push(t, t->events[e].dur == TRACE_END ? &t->ends : &t->begins, e))
                return;
        pass_moment(t, ts);
    }
    close_rest(t, last);
}

/* ---- samples with stack frames ---- */

/* The stack of a frame by id. The callers that are not known yet are gone through twice: up, to
 * find one that is, and down again; `stack` holds the way back. */
static pf_id stack_of(struct trace *t, pf_id id)
{
    pf_id below = 0, stack = 0;

    while (id && id < t->cap_frames && t->frames[id].known && !t->frames[id].done) {
        struct trace_frame *f = &t->frames[id];
        if (f->stack) {
            pf_json_fail(&t->j, PF_EVALUE, "the stack frame '%.60s' is its own caller",
                         pf_str_at(t->ids, id).s);
            return 0;
        }
        f->stack = below ? below : id; /* itself: nobody is below */
        below = id;
        id = f->parent;
    }
    if (id && (id >= t->cap_frames || !t->frames[id].known)) {
        pf_json_fail(&t->j, PF_EVALUE, "there is no stack frame '%.60s'", pf_str_at(t->ids, id).s);
        return 0;
    }
    stack = id ? t->frames[id].stack : 0;
    while (below) {
        struct trace_frame *f = &t->frames[below];
        pf_id next = f->stack == below ? 0 : f->stack;
        f->stack = stack = pf_stack(t->out, stack, make_frame(t, f->frame, true).frame);
        f->done = true;
        below = next;
    }
    return stack;
}

static void pass_samples(struct trace *t)
{
    uint32_t thread = 0;

    for (uint32_t i = 0; i < t->n_taken && !t->j.err->code && !t->out->err.code; i++) {
        const struct trace_taken *s = &t->taken[i];
        if (s->thread != thread)
            label_thread(t, &t->threads[s->thread]);
        thread = s->thread;
        t->first_ts = s->ts < t->first_ts ? s->ts : t->first_ts;
        t->last_ts = s->ts > t->last_ts ? s->ts : t->last_ts;
        struct thread_place at = {stack_of(t, s->frame), 0};
        if (!t->j.err->code)
            emit(t, at, SAMPLES, s->weight, s->ts);
    }
}

/* ---- all of it ---- */

static void tell_count(struct trace *t, uint64_t n, const char *what)
{
    if (n)
        pf_note(t->out, "%s: %llu", what, (unsigned long long)n);
}

static void tell(struct trace *t)
{
    tell_count(t, t->unmatched, "end events that fit no open frame were left out");
    tell_count(t, t->unclosed, "frames never closed end with the last event of their thread");
    tell_count(t, t->overlaps, "events that end before one that began within them end with it");
    tell_count(t, t->other, "events of other kinds than B, E, X and M were skipped");
    tell_count(t, t->j.bad_utf8, "names that are not valid UTF-8 are kept byte by byte");
    if (t->j.ended_open)
        pf_note(t->out, "the list of events is not closed, which the format allows");
    if (t->pyspy) {
        t->out->producer = pf_strz(t->out, "py-spy");
        pf_note(t->out,
                "py-spy's trace events do not tell idle time: it counts for the stack before");
    }
    if (t->fractions)
        pf_note(t->out, "weights with fractions were rounded");
    t->out->rounded |= t->fractions;
    timed_tell(&t->timed);
}

void trace_finish(struct trace *t)
{
    t->timed = (struct timed){.to = t->out, .labels = t->out};
    t->first_ts = INT64_MAX;
    t->last_ts = INT64_MIN;
    if (!t->n_events && !t->n_taken) {
        pf_json_fail(&t->j, PF_ESYNTAX, "there are no spans (B and E, or X) and no samples in it");
        return;
    }
    if (t->n_events)
        t->columns[TIME] = pf_type_add(t->out, "time", "nanoseconds", PF_SUM);
    if (t->n_taken)
        t->columns[SAMPLES] = pf_type_add(t->out, "samples", "count", PF_SUM);
    for (uint32_t i = 1; i <= t->n_threads && !t->j.err->code && !t->out->err.code; i++)
        if (t->threads[i].first)
            pass_thread(t, &t->threads[i]);
    pass_samples(t);
    if (__builtin_sub_overflow(t->last_ts, t->first_ts, &t->out->duration_ns))
        t->out->duration_ns = 0;
    tell(t);
}
