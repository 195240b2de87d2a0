/*
 * flame.h - a flame graph before it is drawn: boxes on a plane, laid out once for every drawing.
 *
 * A box is a node of the tree. Its width is the value of its subtree; its children lie above it,
 * from its left edge on, in the order of the tree. In a difference a node is as wide as the larger
 * of its two sides, leaf by leaf, so that what has vanished can be seen.
 */
#ifndef FLAME_H
#define FLAME_H

#include "render.h"

enum { PF_FLAME_ROWS = 1000 }; /* a picture of more is too high for browsers */

struct pf_box {
    uint32_t node;
    uint64_t at; /* where it begins, in values */
    double x, w; /* where it stands, in shares of the whole */
};

struct pf_flame {
    const struct pf_profile *p;
    const struct pf_flame_how *how;
    struct pf_tree tree;
    bool diff;
    int64_t *self, *total;     /* of the profile, or of the new side */
    int64_t *base, *base_self; /* of the base; NULL unless diff */
    struct pf_sure sure;       /* of a difference: which changes are more than noise */
    int64_t runs;              /* values are sums of so many runs */
    uint64_t *width;           /* of subtrees */
    struct pf_box *box;        /* those that are wide enough to be drawn, in preorder */
    uint32_t n;
    uint32_t depth;      /* of the deepest box */
    uint32_t hidden;     /* boxes that are not drawn, narrower than `least` or too deep */
    uint32_t deep;       /* of those: whose caller at PF_FLAME_ROWS is not narrower */
    double least;        /* pixels */
    double hidden_share; /* what they would cover: the widest row of each hidden subtree */
    double negative;     /* the sum of negative values, which have no width */
};

/* Whether there is anything to draw. */
int pf_flame_check(const struct pf_profile *p, const struct pf_flame_how *how, struct pf_err *err);

int pf_flame_make(const struct pf_profile *p, const struct pf_flame_how *how, struct pf_flame *f,
                  struct pf_err *err);
void pf_flame_free(struct pf_flame *f);

/* ---- what a box is called and how it is coloured ---- */

enum { PF_SHADES = 4, PF_TONES = 3 }; /* of each enum pf_origin, and of each shade */
enum { PF_COLORS = 5 * PF_SHADES * PF_TONES };

/* The colour of a row, 0 .. PF_COLORS - 1: by whose code it is, shaded by module or package; a bit
 * lighter or darker by its name, so that neighbours of one module can be told apart. */
unsigned pf_flame_color(const struct pf_profile *p, pf_id func, enum pf_flame_colors by);

/* Of a difference: -4 (all gone) .. 4 (all new), 0 when nothing or next to nothing changed. */
int pf_flame_change(const struct pf_flame *f, uint32_t node);

/* Sets how often each side counts, so that both stand for as many runs: returns how many. */
int64_t pf_flame_runs(const struct pf_sure *s, int64_t times[2]);
/* values[i] *= times; false: it does not fit. */
bool pf_flame_scale(int64_t *values, uint32_t n, int64_t times);
/* "; means of 5 and 5 runs; grey: q over 0.05", or nothing. */
void pf_flame_about_runs(const struct pf_sure *s, struct pf_sink *out);

/* What both drawings say: "; stacks exact; 3 runs merged", and a title of our own. */
void pf_flame_about(const struct pf_profile *p, struct pf_sink *out);

/* "; negative values, -1 MiB in all, have no width", if there are any. */
void pf_flame_about_negative(const struct pf_profile *p, unsigned type, double negative,
                             struct pf_sink *out);
/* The same for who asked for the drawing: its widths do not add up to what other views show. */
void pf_flame_warn_negative(const struct pf_profile *p, const struct pf_flame_how *how,
                            double negative);
const char *pf_flame_title(const struct pf_flame_how *how);

#endif
