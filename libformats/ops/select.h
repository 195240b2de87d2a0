/* select.h - what the parts of pf_select share. They change the profile in place; what is then left
 * of it is copied once, so that nothing that was removed survives in a table. */
#ifndef SELECT_H
#define SELECT_H

#include "ops.h"

struct pf_selecting {
    struct pf_profile *p;
    const struct pf_select *how;
    struct pf_selected *told;
    struct pf_err *err;
    uint8_t *frame; /* bits of each frame */
    uint8_t *stack; /* bits of each stack: what some frame on it has, and its leaf */
    uint32_t *keep; /* the samples that are left, in order */
    uint32_t n_keep;
    int calls[2]; /* columns of all and of primitive calls; -1: none */
    char *text;   /* room for a name */
    size_t text_size;
};

enum pf_frame_bit {
    PF_FRAME_FOCUS = 1,
    PF_FRAME_IGNORE = 2,
    PF_FRAME_GONE = 4, /* hidden, or not shown */
    PF_FRAME_FROM = 8,
    PF_FRAME_PRUNE = 16,
    PF_FRAME_WAITS = 32, /* what waits, if it is the leaf */
    PF_FRAME_LOOP = 64,  /* an event loop runs a callback */
};

int pf_select_no_memory(struct pf_selecting *s);
/* `len` bytes of s->text; NULL: no memory. */
char *pf_select_room(struct pf_selecting *s, size_t len);

/* pattern.c: replaces each match. Returns the length of what is in *buf then; -2: nothing matched.
 */
int pf_pattern_replace(const struct pf_pattern *x, struct pf_str s, const char *with, char **buf,
                       size_t *size, struct pf_err *err);

/* Each returns -1 after an error. */

/* select_match.c */
int pf_select_match_frames(struct pf_selecting *s);

/* select_paths.c */
typedef size_t pf_rewrite(struct pf_selecting *s, pf_id *frames, size_t n, bool *drop);
/* Gives each sample that is kept the stack that `rewrite` makes of its frames, root first. */
int pf_select_rewrite(struct pf_selecting *s, pf_rewrite *rewrite);
pf_rewrite pf_select_hide_and_cut, pf_select_shape;
int pf_select_prune_small(struct pf_selecting *s);

/* select_tags.c */
int pf_select_tag_frames(struct pf_selecting *s);
int pf_select_by_tags(struct pf_selecting *s);
int pf_select_tag_keys(struct pf_selecting *s);
int pf_select_drop_labels(struct pf_selecting *s, const bool *gone); /* gone: by label */

/* measure.c: units as pprof scales them */
double pf_scale(int64_t value, struct pf_str from, struct pf_str to, struct pf_str *unit);

/* idle.c */
bool pf_waits(const struct pf_profile *p, pf_id frame);
bool pf_runs_callback(const struct pf_profile *p, pf_id frame);
int pf_select_no_idle(struct pf_selecting *s);

/* select_names.c, redact.c */
int pf_select_rename(struct pf_selecting *s);
int pf_select_redact(struct pf_selecting *s);

#endif
