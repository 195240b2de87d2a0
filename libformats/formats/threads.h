/* threads.h - who ran: the names by which py-spy and others call a thread or process. */
#ifndef THREADS_H
#define THREADS_H

#include "formats.h"

struct thread_part { /* all 0: not told */
    const char *s;
    size_t len;
    const char *id;
    size_t id_len;
};

struct thread_name {
    struct thread_part process, thread;
};

/*
 * The frames that py-spy puts under a stack, `process PID:"COMMAND LINE"` and `thread (TID): NAME`,
 * and the names it gives to profiles, `Process PID Thread TID "NAME"`; false: it is none of these.
 * Where only the id is known it is the name, too.
 */
bool thread_frame(const char *s, size_t len, struct thread_name *who);
bool thread_title(const char *s, size_t len, struct thread_name *who);

/* The labels `process`, `pid`, `thread` and `tid` that say so (ids are numbers) at label[n];
 * returns how many there are then. What label[] has of that kind is kept. */
enum { THREAD_LABELS = 4 };
uint32_t thread_labels(struct pf_profile *p, const struct thread_name *who, pf_id *label,
                       uint32_t n);

/* A label with a text or number, 0 for an empty text. */
pf_id label_text(struct pf_profile *p, const char *key, const char *s, size_t len);
pf_id label_number(struct pf_profile *p, const char *key, int64_t number, const char *unit);
/* Appends a label unless it is 0, or one of its key is there. */
uint32_t label_append(const struct pf_profile *p, pf_id *label, uint32_t n, pf_id one);

/* Appends the labels of a set, but for those that label[] (of room for `most`) has of one key. */
uint32_t label_append_set(const struct pf_profile *p, pf_id *label, uint32_t n, uint32_t most,
                          pf_id set);

/* Where a walk down a stack has come to. set: the labels that frames of threads stand for. */
struct thread_place {
    pf_id stack, set;
};

/* The labels that a frame without a place stands for; 0: it is an ordinary frame. */
pf_id thread_frame_set(struct pf_profile *p, pf_id name, pf_id file, int64_t line);
/* One frame further. set is thread_frame_set's: threads and processes count only at the root. */
struct thread_place thread_step(struct pf_profile *p, struct thread_place at, pf_id frame,
                                pf_id set);

#endif
