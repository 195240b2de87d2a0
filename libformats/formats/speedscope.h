/* speedscope.h - what the grammar of speedscope files (fmt_speedscope.c) hands to the maker of
 * samples (speedscope_parts.c). A part is one of the file's profiles. */
#ifndef SPEEDSCOPE_H
#define SPEEDSCOPE_H

#include "core.h"
#include "json.h"
#include "spool.h"
#include "threads.h"
#include "timed.h"

enum speedscope_kind { SPEEDSCOPE_TIME, SPEEDSCOPE_SPACE, SPEEDSCOPE_SAMPLES, SPEEDSCOPE_KINDS };

struct speedscope_unit {
    const char *name;
    enum speedscope_kind kind;
    int scale; /* times 10^scale it is nanoseconds, bytes, a count */
};

enum speedscope_keys {
    PART_TYPE = 1,
    PART_UNIT = 2,
    PART_NAME = 4,
    PART_START = 8,
    PART_SAMPLES = 32,
    PART_WEIGHTS = 64,
    PART_EVENTS = 128,
};

struct speedscope_part {
    uint32_t number; /* from 1 */
    uint64_t seen;   /* keys so far */
    bool evented, begun;
    const struct speedscope_unit *unit;
    pf_id name;
    pf_id label[TIMED_LABELS];
    uint32_t n_labels;
    struct spool start, end, at; /* a number each, as text */
    struct spool stacks;         /* of the samples, until their weights come */
    struct spool late;           /* weights or events that came before the unit */
    uint64_t samples, weights, events;
    int64_t time;  /* of the next sample, or of the last event */
    int64_t carry; /* what rounding left over, in 1e-9 */
    uint32_t column;
};

struct speedscope_mark {
    uint32_t frame;
    struct thread_place place;
};

struct speedscope_event {
    bool opens;
    uint32_t frame;
};

struct speedscope {
    struct pf_json j;
    struct pf_profile *out;
    struct pf_profile *to; /* out; or, before the frames are known, a profile aside: the frames of
                              its stacks are indexes + 1, its label sets are those of out */
    struct speedscope_frame {
        pf_id frame; /* 0: it was not needed so far */
        pf_id set;   /* it is a thread or process, and these are its labels */
        pf_id name;
    } * frames;
    uint32_t n_frames, cap_frames;
    bool has_frames;
    uint32_t top_frame; /* the largest index met while they were unknown, and where */
    uint64_t top_at;
    int column[SPEEDSCOPE_KINDS]; /* -1: there is none yet */
    int64_t total[SPEEDSCOPE_KINDS];
    struct speedscope_part part;
    struct speedscope_event event;
    struct speedscope_mark *marks; /* the stack read last, or the frames that are open */
    uint32_t n_marks, cap_marks, depth;
    bool same; /* all of this stack so far is as in the one before */
    pf_id put_set, taken_set;
    struct timed timed;
    uint64_t negative;
    bool fractions;
};

bool speedscope_has_room(struct speedscope *r); /* false: there was no memory to put things by */
void speedscope_open(struct speedscope *r);
void speedscope_close(struct speedscope *r);
void speedscope_frame(struct speedscope *r, pf_id name, pf_id file, int64_t line, int64_t column);
bool speedscope_choose(struct speedscope *r); /* profiles begin: sets `to` */

void speedscope_new_part(struct speedscope *r);
/* Sets a part up when all is known that its values depend on, or (force) at its end at the latest.
 * Returns whether it is set up. */
bool speedscope_begin(struct speedscope *r, bool force);
void speedscope_stack_begin(struct speedscope *r);
bool speedscope_stack_frame(struct speedscope *r, uint32_t frame);
void speedscope_stack_end(struct speedscope *r);
bool speedscope_weight(struct speedscope *r, const char *text, size_t len); /* of the next stack */
bool speedscope_event(struct speedscope *r, const char *at, size_t len);    /* r->event */
void speedscope_all_closed(struct speedscope *r);
void speedscope_end_part(struct speedscope *r);

/* Renames the frames of the profile aside, and tells what there is to tell. */
void speedscope_finish(struct speedscope *r);

#endif
