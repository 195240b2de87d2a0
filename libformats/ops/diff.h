/* diff.h - the inside of a difference, which its parts share. */
#ifndef DIFF_H
#define DIFF_H

#include "ops.h"

/* A row of one side. While runs are added, entry `first` is that of the run `run`, from 1. */
struct pf_half {
    struct pf_join join;
    enum pf_side side;
    pf_id func, stack;
    uint32_t run, n; /* n: runs that have it */
    uint32_t first;  /* entry[first .. first + n), once they are sorted */
    struct pf_diff_value shown;
    int64_t least, most; /* of the compared value over all runs of the side */
    int64_t few, many;   /* of the calls */
};

/* Who is joined with whom; NULL: nobody. */
struct pf_pairing {
    const struct pf_half *half[2];
};

/* What a run has of a row. */
struct pf_entry {
    uint32_t half, run;
    struct pf_diff_value v;
};

struct pf_run_total {
    pf_id name, unit;
    uint32_t kind, run;
    int64_t value;
};

struct pf_side_run {
    enum pf_side side;
    pf_id file;       /* what its input is called, in names */
    uint32_t of_side; /* the how-many-th of its side, from 0 */
    int64_t total, duration, yardstick;
    int64_t mean; /* of the total, where d->means */
    bool has_yardstick;
};

/* How the values of a profile came about, as far as is known. */
struct pf_value_origin {
    enum { PF_HOW_UNKNOWN, PF_TRACED, PF_SAMPLED } how;
    enum { PF_CLOCK_UNKNOWN, PF_CLOCK_CPU, PF_CLOCK_WALL } clock;
    int64_t period;
    pf_id period_unit; /* in names */
};

struct pf_noise { /* a row of a noise floor */
    pf_id group;
    int64_t line;
    double spread; /* standard deviation of the logarithm */
    double range;  /* largest by smallest of the runs that it was learned from, less 1 */
};

/* What rows are joined by is interned in `keys`: see pf_place_key. */
struct pf_diff_hidden {
    struct pf_mem *mem;
    struct pf_profile *keys;
    struct pf_pairs index; /* (entry, side) -> half + 1 */
    struct pf_half *half;
    uint32_t n, cap;
    struct pf_entry *entry; /* sorted by half, then run, by finish */
    uint32_t n_entries, cap_entries;
    struct pf_side_run *run;
    uint32_t n_runs, cap_runs;
    struct pf_run_total *total;
    uint32_t n_totals, cap_totals;
    struct pf_value_origin origin; /* of the first run */
    struct pf_noise *noise;        /* sorted by group and line */
    uint32_t n_noise, noise_runs;
};

int pf_diff_no_memory(const struct pf_diff *d, struct pf_err *err);

/* diff_check.c: may this run be compared with those before? */
int pf_diff_check(struct pf_diff *d, const struct pf_profile *p, unsigned type, struct pf_err *err);
int pf_diff_note_origin(struct pf_diff *d, enum pf_side side, const struct pf_profile *p,
                        unsigned type, struct pf_err *err);

/* diff_add.c: the rows of a run. */
struct pf_adding { /* what the own ids of a run are in the diff */
    struct pf_diff *d;
    const struct pf_profile *p;
    enum pf_side side;
    pf_id *place;       /* of the strings that are files */
    pf_id *key, *stack; /* of stacks: what they are joined by, and the stack in names */
    struct pf_err *err;
};
int pf_diff_add_rows(struct pf_diff *d, enum pf_side side, const struct pf_profile *p,
                     const struct pf_rows *rows, struct pf_err *err);
pf_id pf_diff_group(struct pf_adding *a, pf_id func, pf_id frame,
                    int64_t line); /* what its rows are joined by */

/* diff_time.c: rows of samples that have a time, as means over it. */
bool pf_has_times(const struct pf_profile *p);
struct pf_profile *pf_summable(const struct pf_profile *p, unsigned type, unsigned *column);
int pf_top_means(const struct pf_profile *summable, unsigned column, enum pf_by by,
                 struct pf_rows *rows, struct pf_err *err);

/* Peaks, with their means over time (of cum or flat) in the place of calls; *mean: of the total. */
int pf_top_peaks(struct pf_profile *summable, unsigned column, const struct pf_diff_how *how,
                 struct pf_rows *rows, int64_t *mean, struct pf_err *err);

/* diff_scale.c: --normalize, and what a side shows of its runs. */
int pf_diff_scale(struct pf_diff *d, struct pf_err *err);
int pf_diff_sum_up(struct pf_diff *d, struct pf_err *err);
int64_t pf_mean(int64_t sum, int64_t n); /* rounded half to even; 0 of none */

/* diff_judge.c: statistics and verdicts of finished rows. */
int pf_diff_judge(struct pf_diff *d, const struct pf_pairing *pair, struct pf_err *err);

/* diff_noise.c: p of one run against another, where the noise of the row is known. */
void pf_diff_test_noise(const struct pf_diff *d, const struct pf_half *base,
                        struct pf_diff_row *row);
/* The change is no larger than what runs of one program were apart. */
bool pf_diff_in_range(const struct pf_diff *d, const struct pf_half *base,
                      const struct pf_diff_row *row);

/* rename.c: which new row a gone one may have become. */
int pf_diff_renames(struct pf_diff *d, const struct pf_pairing *pair, struct pf_err *err);

#endif
