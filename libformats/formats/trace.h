/* trace.h - what the grammar of trace event files (fmt_chrometrace.c) hands to the maker of samples
 * (trace_spans.c): events in the order of the file, a chain of them for each thread. */
#ifndef TRACE_H
#define TRACE_H

#include "core.h"
#include "json.h"
#include "threads.h"
#include "timed.h"

enum { TRACE_BEGIN = -1, TRACE_END = -2 };

struct trace_event {
    int64_t ts, dur; /* nanoseconds; dur of an event that is whole, else TRACE_BEGIN or TRACE_END */
    pf_id frame;     /* of `ids`; 0: it has no name */
    uint32_t next;   /* of this thread; 0: none */
};

struct trace_thread {
    pf_id pid, tid, name; /* strings of `ids` */
    uint32_t first, last;
    bool unsorted;
};

struct trace_taken { /* an element of `samples` */
    int64_t ts, weight;
    pf_id frame; /* a string of `ids` */
    uint32_t thread;
};

struct trace_frame { /* of `stackFrames`, by the string of its id */
    pf_id parent, frame, stack;
    bool known, done;
};

struct trace_open {
    int64_t end; /* INT64_MAX: it waits for its end event */
    pf_id frame; /* of `ids` */
    struct thread_place place;
};

struct trace_list {
    uint32_t *at, n, cap;
};

struct trace {
    struct pf_json j;
    struct pf_profile *out;
    struct pf_profile *ids; /* not a profile: strings and frames as they stand in the file, of which
                               `out` gets those that are used */
    struct trace_made {
        pf_id frame, set; /* in `out`; set: it is a thread or process, and these are its labels */
        bool done;
    } * made;                   /* by frame of `ids` */
    struct trace_event *events; /* from 1 */
    uint32_t n_events, cap_events;
    struct trace_thread *threads; /* from 1 */
    uint32_t n_threads, cap_threads;
    struct pf_pairs by_id; /* (pid, tid) -> thread */
    struct trace_taken *taken;
    uint32_t n_taken, cap_taken;
    struct trace_frame *frames; /* by string of `ids` */
    pf_id *process;             /* names of processes, likewise */
    uint32_t cap_frames, cap_process, cap_made;

    struct trace_open *open; /* the frames that are open */
    uint32_t n_open, cap_open;
    struct trace_list begins, ends; /* of one moment */
    pf_id label[TIMED_LABELS];
    uint32_t n_labels;
    int64_t now;
    int64_t total[2], first_ts, last_ts;
    int columns[2]; /* of time, of samples; -1: there is none */
    struct timed timed;
    uint64_t other, unmatched, unclosed, overlaps;
    bool pyspy, fractions;
};

/* Room for element `id` of a table; new elements are zero. false: no memory. */
bool trace_reach(struct trace *t, void *table, pf_id id, uint32_t *cap, size_t size);

/* Makes samples of all that was read, and tells what there is to tell. */
void trace_finish(struct trace *t);

#endif
