/*
 * fmt_mprof.c - mprof's .dat files: the memory of a process over time.
 *
 *     CMDLINE python shop.py
 *     MEM 12.332031 1795351986.1862                    MiB, seconds since 1970
 *     CHLD 19590 15.937500 1795351986.3065             a child: its pid, or up to 0.60 its number
 *     FUNC __main__.load 21.6680 1795351982.9238 51.6719 1795351983.1940 1
 *
 * Each line of MEM and CHLD is a sample of `rss` with its time as a label, and children have a
 * label `process`. The stack of a sample are the profiled functions that ran at its time. Each FUNC
 * is a sample with `entry` and `exit`, and labels for its time and duration.
 *
 * Two programs write to one file, so lines are in no order: a run begins with its first MEM after a
 * CMDLINE, and calls are given to runs by their times.
 */
#include "mprof.h"
#include "profile.h"

#include <stdlib.h>
#include <string.h>

enum column { RSS, ENTRY, EXIT, COLUMNS };

/* What was seen last, so that it need not be looked up. */
enum { REMEMBERED = 16, PROCESS_MAX = 24 };

struct child {
    char name[PROCESS_MAX];
    size_t len;
    pf_id label;
};

struct run {
    struct pf_profile *p;
    int64_t latest; /* time so far, its label, and the label sets that have it */
    pf_id latest_label;
    struct {
        pf_id process, set;
    } latest_set[REMEMBERED];
    struct child child[REMEMBERED];
    uint32_t n_latest, n_children;
    bool unsorted; /* times do not only rise */
    pf_id key_time, key_process, key_duration, nanoseconds;
    struct { /* of MEM lines, and of CHLD lines */
        int64_t first, last;
        bool any;
    } time[2];
};

struct reading {
    struct pf_profile *first;
    struct pf_profile *names; /* holds the strings of what is not given to a run yet */
    struct pf_mem *mem;
    struct run *run; /* run[n - 1] is being read */
    uint32_t n, cap;
    pf_id command; /* of the next sample's run, in names */
    bool has_command, run_has_command;
    struct mprof_call *call;
    uint32_t n_calls, cap_calls;
    uint64_t bad, first_bad, other, first_other, empty, cut;
};

/* ---- runs ---- */

static void set_types(struct run *run)
{
    struct pf_profile *p = run->p;

    p->format = p->producer = pf_strz(p, "mprof");
    p->stack_kind = PF_EXACT;
    p->rounded = true;
    pf_type_add(p, "rss", "bytes", PF_PEAK);
    run->key_time = pf_strz(p, "time");
    run->key_process = pf_strz(p, "process");
    run->key_duration = pf_strz(p, "duration");
    run->nanoseconds = pf_strz(p, "nanoseconds");
}

static bool begin_run(struct reading *r)
{
    struct pf_profile *p = pf_run(r->first, r->n);

    if (!p)
        return false;
    if (!pf_grow(r->mem, &r->run, r->n, &r->cap, sizeof *r->run)) {
        pf_no_memory(r->first);
        return false;
    }
    r->run[r->n] = (struct run){.p = p};
    set_types(&r->run[r->n++]);
    r->run_has_command = false;
    return true;
}

static void set_command(struct reading *r)
{
    struct pf_profile *p = r->run[r->n - 1].p;
    struct pf_str command = r->names->strs.at[r->command];

    p->command = pf_str(p, command.s, command.len);
    r->run_has_command = true;
    r->has_command = false;
}

static bool has_samples(const struct run *run)
{
    return run->time[0].any || run->time[1].any;
}

/* The run that a sample belongs to: a new one if a command stands before it. */
static struct run *run_of_sample(struct reading *r)
{
    if (r->has_command) {
        if (has_samples(&r->run[r->n - 1]) && !begin_run(r))
            return NULL;
        set_command(r);
    }
    return &r->run[r->n - 1];
}

static void take_command(struct reading *r, const struct mprof_line *l)
{
    r->empty += r->has_command; /* no sample came since the last one */
    r->command = pf_str(r->names, l->text, l->len);
    r->has_command = true;
}

/* ---- samples ---- */

static pf_id number_label(struct run *run, pf_id key, int64_t ns)
{
    return pf_label(
        run->p,
        &(struct pf_label){.key = key, .unit = run->nanoseconds, .kind = PF_LABEL_NUM, .num = ns});
}

static pf_id process_label(struct run *run, const char *s, size_t len)
{
    for (uint32_t i = 0; i < run->n_children; i++)
        if (run->child[i].len == len && memcmp(run->child[i].name, s, len) == 0)
            return run->child[i].label;

    pf_id label = pf_label(run->p, &(struct pf_label){.key = run->key_process,
                                                      .str = pf_str(run->p, s, len),
                                                      .kind = PF_LABEL_STR});
    if (run->n_children < REMEMBERED && len <= sizeof run->child->name) {
        struct child *c = &run->child[run->n_children++];
        memcpy(c->name, s, len);
        c->len = len;
        c->label = label;
    }
    return label;
}

static pf_id set_of(struct run *run, pf_id process, pf_id time, bool is_new)
{
    bool swap = process > time;
    pf_id label[] = {swap ? time : process, swap ? process : time};
    uint32_t from = process == 0;

    return is_new ? pf_label_set_new(run->p, label + from, 2 - from)
                  : pf_label_set(run->p, label + from, 2 - from);
}

/* The labels of a sample at the latest time so far: few, so that they are remembered. */
static pf_id set_at_latest(struct run *run, pf_id process)
{
    for (uint32_t i = 0; i < run->n_latest; i++)
        if (run->latest_set[i].process == process)
            return run->latest_set[i].set;

    bool room = run->n_latest < REMEMBERED;
    pf_id set = set_of(run, process, run->latest_label, room);
    if (room) {
        run->latest_set[run->n_latest].process = process;
        run->latest_set[run->n_latest++].set = set;
    }
    return set;
}

/* Times mostly rise, and what no sample had yet need not be looked up. */
static pf_id labels_of(struct run *run, const struct mprof_line *l, bool child)
{
    pf_id process = child ? process_label(run, l->text, l->len) : 0;
    struct pf_label time = {run->key_time, 0, run->nanoseconds, PF_LABEL_NUM, l->point.time};

    if (has_samples(run) && l->point.time < run->latest) {
        run->unsorted = true;
        return set_of(run, process, pf_label(run->p, &time), false);
    }
    if (!has_samples(run) || l->point.time > run->latest) {
        run->latest = l->point.time;
        run->latest_label = pf_label_new(run->p, &time);
        run->n_latest = 0;
    }
    return set_at_latest(run, process);
}

static void take_point(struct reading *r, const struct mprof_line *l, bool child)
{
    int64_t value[COLUMNS] = {l->point.bytes};
    struct run *run = run_of_sample(r);

    if (!run)
        return;
    pf_sample(run->p, 0, labels_of(run, l, child), value);
    if (!run->time[child].any || l->point.time < run->time[child].first)
        run->time[child].first = l->point.time;
    if (!run->time[child].any || l->point.time > run->time[child].last)
        run->time[child].last = l->point.time;
    run->time[child].any = true;
}

static void take_call(struct reading *r, const struct mprof_span *span)
{
    if (!pf_grow(r->mem, &r->call, r->n_calls, &r->cap_calls, sizeof *r->call)) {
        pf_no_memory(r->first);
        return;
    }
    r->call[r->n_calls] = (struct mprof_call){.enter = span->enter,
                                              .leave = span->leave,
                                              .level = span->level,
                                              .name = pf_str(r->names, span->name, span->name_len),
                                              .at = r->n_calls};
    r->n_calls++;
}

/* ---- calls ---- */

struct start {
    int64_t time;
    uint32_t run;
};

static int by_start(const void *a, const void *b)
{
    const struct start *x = a, *y = b;

    if (x->time != y->time)
        return x->time < y->time ? -1 : 1;
    return (x->run > y->run) - (x->run < y->run);
}

/* A call belongs to the last run that had begun when it was entered. */
static bool give_to_runs(struct reading *r)
{
    struct start *start = pf_alloc(r->mem, r->n * sizeof *start);

    if (!start) {
        pf_no_memory(r->first);
        return false;
    }
    for (uint32_t i = 0; i < r->n; i++)
        start[i] = (struct start){r->run[i].time[!r->run[i].time[0].any].first, i};
    qsort(start, r->n, sizeof *start, by_start);
    for (uint32_t i = 0; i < r->n_calls; i++) {
        uint32_t low = 0;
        for (uint32_t high = r->n; high - low > 1;) {
            uint32_t middle = low + (high - low) / 2;
            if (start[middle].time <= r->call[i].enter.time)
                low = middle;
            else
                high = middle;
        }
        r->call[i].run = start[low].run;
    }
    pf_dealloc(r->mem, start);
    return true;
}

/* Gives the samples of the process itself the stacks that ran at their times. */
static void set_stacks(struct run *run, const struct mprof_changes *changes)
{
    struct pf_profile *p = run->p;
    uint32_t hint = 0;

    for (uint32_t i = 0; i < p->samples.n; i++) {
        uint32_t first = p->sets.first[p->samples.labels[i]];
        if (p->sets.first[p->samples.labels[i] + 1] - first == 1)
            p->samples.stack[i] =
                mprof_stack_at(changes, p->labels.at[p->sets.item[first]].num, &hint);
    }
}

static pf_id looked_up_labels(struct run *run, int64_t time, int64_t duration)
{
    pf_id label[] = {number_label(run, run->key_time, time),
                     number_label(run, run->key_duration, duration)};

    return pf_label_set(run->p, label, 2);
}

static void add_samples(struct run *run, const struct mprof_call *call, uint32_t n)
{
    struct pf_profile *p = run->p;
    struct mprof_labels x = {.p = p};
    bool ok = run->unsorted || mprof_labels_open(&x, p, n);

    for (uint32_t i = 0; ok && i < n && !p->err.code; i++) {
        int64_t value[COLUMNS] = {[ENTRY] = call[i].enter.bytes, [EXIT] = call[i].leave.bytes};
        int64_t time = call[i].enter.time, duration = call[i].leave.time - time;
        pf_id labels = run->unsorted ? looked_up_labels(run, time, duration)
                                     : mprof_call_labels(&x, time, duration);
        pf_sample(p, call[i].stack, labels, value);
    }
    mprof_labels_close(&x);
}

#define SOME_OTHERS                                                                                \
    " others without being inside of them, as in several threads: the caller is not known"

static void add_calls(struct reading *r, struct run *run, struct mprof_call *call, uint32_t n)
{
    struct mprof_changes changes = {0};
    struct pf_profile *p = run->p;
    uint32_t overlaps = mprof_nest(p, r->names, call, n, &changes);

    if (!p->err.code)
        set_stacks(run, &changes);
    pf_dealloc(r->mem, changes.at);
    pf_type_add(p, "entry", "bytes", PF_PEAK);
    pf_type_add(p, "exit", "bytes", PF_PEAK);
    add_samples(run, call, n);
    pf_note_count(p, overlaps, 0, "call overlaps" SOME_OTHERS, "calls overlap" SOME_OTHERS);
}

/* A run's time is that of its MEM lines; without any, of its children or its calls. */
static void set_time(struct run *run, const struct mprof_call *call, uint32_t n)
{
    bool child = !run->time[0].any;
    int64_t first = run->time[child].first, last = run->time[child].last;

    for (uint32_t i = 0; !has_samples(run) && i < n; i++) {
        first = i && first < call[i].enter.time ? first : call[i].enter.time;
        last = i && last > call[i].leave.time ? last : call[i].leave.time;
    }
    run->p->time_ns = first;
    if (__builtin_sub_overflow(last, first, &run->p->duration_ns))
        run->p->duration_ns = 0;
}

static void finish_runs(struct reading *r)
{
    if (!give_to_runs(r))
        return;
    mprof_sort_calls(r->call, r->n_calls);
    uint32_t *end = pf_alloc_zero(r->mem, r->n, sizeof *end);
    if (!end) {
        pf_no_memory(r->first);
        return;
    }
    for (uint32_t i = 0; i < r->n_calls; i++)
        end[r->call[i].run] = i + 1;
    for (uint32_t i = 0, from = 0; i < r->n; i++) {
        uint32_t n = end[i] > from ? end[i] - from : 0;
        struct mprof_call *call = n ? r->call + from : NULL;
        set_time(&r->run[i], call, n);
        if (n)
            add_calls(r, &r->run[i], call, n);
        from += n;
    }
    pf_dealloc(r->mem, end);
}

/* ---- the file ---- */

static void count(uint64_t *n, uint64_t *first, uint64_t line)
{
    if ((*n)++ == 0)
        *first = line;
}

static void read_line(struct reading *r, const char *s, size_t len, uint64_t at)
{
    struct mprof_line l;

    switch (mprof_line(s, len, &l)) {
    case MPROF_COMMAND: take_command(r, &l); break;
    case MPROF_MEM: take_point(r, &l, false); break;
    case MPROF_CHILD: take_point(r, &l, true); break;
    case MPROF_FUNC: take_call(r, &l.span); break;
    case MPROF_BAD: count(&r->bad, &r->first_bad, at); break;
    case MPROF_OTHER:
        if (len)
            count(&r->other, &r->first_other, at);
        break;
    }
}

static int read_lines(struct reading *r, struct pf_source *in, struct pf_err *err)
{
    size_t len;
    uint64_t before = pf_offset(in);

    for (const char *s; !r->first->err.code && (s = pf_line(in, &len));) {
        bool last = pf_offset(in) - before == len; /* without a newline */
        before = pf_offset(in);
        if (last && mprof_is_cut(s, len))
            r->cut++;
        else
            read_line(r, s, len, pf_line_number(in));
    }
    if (r->first->err.code || pf_source_check(in, err) < 0)
        return -1;
    if (r->has_command && !r->run_has_command)
        set_command(r);
    r->empty += r->has_command;
    if (has_samples(&r->run[0]) || r->n_calls)
        return 0;
    if (r->bad)
        return pf_fail_line(err, PF_ESYNTAX, r->first_bad, "not a line of an mprof file");
    return pf_fail_line(err, PF_ESYNTAX, 1,
                        "no sample of memory (MEM): the run was too short, or it is no mprof file");
}

static void tell(struct reading *r)
{
    struct pf_profile *p = r->first;

    pf_note_count(p, r->bad, r->first_bad, "line could not be read and was ignored",
                  "lines could not be read and were ignored");
    pf_note_count(p, r->other, r->first_other, "line of an unknown kind was ignored",
                  "lines of unknown kinds were ignored");
    if (r->cut)
        pf_note(p, "the last line was cut and is ignored");
    pf_note_count(p, r->empty, 0, "run has no samples", "runs have no samples");
}

static int mprof_read(struct pf_source *in, struct pf_profile *out, struct pf_err *err)
{
    struct reading r = {.first = out, .mem = pf_source_mem(in)};
    int status = -1;

    r.names = pf_new(r.mem);
    if (!r.names)
        pf_no_memory(out);
    pf_text(in);
    if (r.names && begin_run(&r))
        status = read_lines(&r, in, err);
    if (status == 0) {
        finish_runs(&r);
        tell(&r);
    }
    if (r.names && r.names->err.code && !err->code)
        *err = r.names->err;
    if (out->err.code && !err->code)
        *err = out->err;
    pf_free(r.names);
    pf_dealloc(r.mem, r.run);
    pf_dealloc(r.mem, r.call);
    return err->code ? -1 : status;
}

static int mprof_probe(const uint8_t *head, size_t len)
{
    char buf[PF_HEAD];
    const char *text, *s;
    struct mprof_line line;
    size_t n;
    int bid = 0;

    len = pf_text_head(head, len, buf, &text);
    while ((s = pf_head_line(&text, &len, &n))) {
        enum mprof_is is = mprof_line(s, n, &line);
        if (is == MPROF_MEM || is == MPROF_CHILD || is == MPROF_FUNC)
            return 91;
        if (is == MPROF_COMMAND)
            bid = 60;
        else if (!bid && pf_starts(s, n, "MEM ") && !memchr(s, ';', n)) /* with no number */
            bid = 35;
    }
    return bid;
}

const struct pf_format pf_format_mprof = {
    .name = "mprof",
    .title = "mprof's .dat files: memory over time",
    .suffix = ".dat",
    .probe = mprof_probe,
    .read = mprof_read,
};
