/* ops.h - what the operations share with each other and with the views, beyond formats.h. */
#ifndef OPS_H
#define OPS_H

#include "core.h"

/* Where the part of a path starts that is the same on every machine: behind site-packages,
 * lib/pythonX.Y, x.zip and the like; 0 if there is no such root in it. */
size_t pf_below_root(const char *file, size_t len);
bool pf_is_frozen(const char *file, size_t len); /* "<frozen os>" */

/* Whose code a function is, as far as its file tells. A path with no known root is the project's.
 */
enum pf_origin { PF_PROJECT, PF_STDLIB, PF_PACKAGE, PF_BUILTIN, PF_NATIVE };
enum pf_origin pf_origin(const struct pf_profile *p, pf_id func);

/* The order of pf_rows, and the part of it that goes by name and place. */
int pf_row_cmp(const struct pf_profile *p, enum pf_by by, const struct pf_row *x,
               const struct pf_row *y);
int pf_row_cmp_name(const struct pf_profile *p, enum pf_by by, const struct pf_row *x,
                    const struct pf_row *y);

/* Gives all samples one label more. */
int pf_label_all(struct pf_profile *p, pf_id label, struct pf_err *err);

/* ---- sure.c: what of a signed difference is more than noise ---- */

#define PF_SURE_LEVEL 0.05
enum { PF_UNTESTED = 2 }; /* in the place of a q */

struct pf_sure {
    uint32_t runs[2];  /* by side, as pf_label_run told; 1: one, or not told */
    uint32_t times[2]; /* by side, how often each value counts (pf_multiply_runs) */
    float *q;          /* of each node, NULL: not tested, as a side has one run; pf_dealloc it */
    uint32_t needed;   /* runs a side to find one change among the nodes tested */
    bool enough;       /* there are as many */
    bool tested, too_many; /* too_many: runs and nodes, to be tested */
};
/* Rank tests of each node with all below it, run against run, adjusted over all nodes of at least a
 * thousandth of the whole. */
int pf_sure_make(const struct pf_tree *t, unsigned type, struct pf_sure *s, struct pf_err *err);

/* Adds up all figures; the method is the caller's business. */
void pf_certificate_add(struct pf_certificate *to, const struct pf_certificate *from);

/* ---- join.c: what diff joins rows by ---- */

enum { PF_NO_MATE = 0xffffffff };

struct pf_join {
    pf_id group, first_group;  /* of one place and name; the same when group was made looser */
    int64_t line, calls, cost; /* calls: 0 unless both sides have them */
    uint32_t half, mate;       /* whose this is, and whom it is joined with on the other side */
    enum pf_side side;
    bool ambiguous; /* its group has more on one side: who is whose mate is a guess */
    bool exact;     /* only joined with what is of the same group */
};

/*
 * Keys are functions of a profile that only interns: (name, place) for a group of rows, and for a
 * place (text, kind), where the kind keeps equal texts of different meaning apart.
 */
enum pf_place_kind {
    PF_PLACE_MODULE = 1,
    PF_PLACE_BELOW_ROOT,
    PF_PLACE_FILE,
    PF_PLACE_ANY_MODULE,
    PF_PLACE_LINE,
};
pf_id pf_place(struct pf_profile *keys, const char *s, size_t len, enum pf_place_kind kind);
/* The place of a file. */
pf_id pf_place_key(struct pf_profile *keys, struct pf_str file, enum pf_by by);
/* A name without the addresses in it, which differ from run to run: an id of keys. */
pf_id pf_plain_name(struct pf_profile *keys, pf_id name);
/* diff_map.c: the group of what a function (or file, module: without a name) of the base is called
 * on the new side; 0: no map has it. */
pf_id pf_map_group(const struct pf_maps *maps, struct pf_profile *keys, enum pf_by by,
                   struct pf_str name, struct pf_str file);
/* join_moved.c: rows of the base whose folder was renamed get the group of where it is now. */
bool pf_join_moved(struct pf_profile *keys, struct pf_join *join, uint32_t n);
/* The group of a line of a file, where no function is known: that line of that very file. */
pf_id pf_line_key(struct pf_profile *keys, struct pf_str file, int64_t line);
/* Sets the mates; reorders join. false: no memory. */
bool pf_join_sides(struct pf_profile *keys, enum pf_by by, struct pf_join *join, uint32_t n);

/* The order of pf_diff's rows, and the part of it that goes by name and place. */
int pf_diff_cmp(const struct pf_diff *d, const struct pf_diff_row *x, const struct pf_diff_row *y);
int pf_diff_cmp_name(const struct pf_diff *d, const struct pf_diff_row *x,
                     const struct pf_diff_row *y);

#endif
