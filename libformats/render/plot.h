/* plot.h - values over time, as they are drawn: lines of points, and calls below them. */
#ifndef PLOT_H
#define PLOT_H

#include "render.h"

struct pf_point {
    int64_t time, value;
};

/* A process of a run. */
struct pf_line_of {
    pf_id name; /* of the process; 0: the run's own */
    uint32_t run;
    struct pf_point *at; /* by time */
    uint32_t n, cap;
    uint32_t peak;                    /* the first of the largest values */
    double slope;                     /* least squares, in values a second */
    double middle_time, middle_value; /* a point of the line of that slope; since the run began */
    bool has_slope;
};

struct pf_span {
    int64_t from, to;
    int64_t entry, exit;
    bool has_values;
    pf_id name;
    uint32_t run, depth;
    uint32_t lane; /* where it is drawn */
};

enum { PF_MAX_LANES = 64 }; /* what finds no free one has UINT32_MAX */

struct pf_plot_run {
    pf_id name;
    int64_t start; /* of all its points and calls */
};

struct pf_plot {
    struct pf_mem *mem;
    struct pf_profile *names; /* holds the strings */
    struct pf_plot_run *run;
    struct pf_line_of *line;
    struct pf_span *span;
    uint32_t runs, cap_runs, lines, cap_lines, spans, cap_spans;
    uint32_t lanes;
    pf_id type, unit; /* strings of names */
    uint64_t length;  /* nanoseconds of the longest run */
    int64_t least, most;
    bool finished;
};

/* Sorts, and finds peaks, slopes, ranges and lanes; fails where there is nothing to draw. */
int pf_plot_finish(struct pf_plot *plot, struct pf_err *err);
/* Nanoseconds since the run began. */
static inline uint64_t pf_plot_since(const struct pf_plot *plot, uint32_t run, int64_t time)
{
    return (uint64_t)time - (uint64_t)plot->run[run].start;
}
struct pf_str pf_plot_unit(const struct pf_plot *plot);
/* "process 17, shop.dat: python shop.py" into a memory sink. */
void pf_plot_put_line_name(const struct pf_plot *plot, uint32_t line, struct pf_sink *to);
/* "peak 61.68 MiB at 430.00 ms, slope +1.20 MiB/s" */
enum { PF_FACTS_MAX = 160 };
int pf_plot_facts(const struct pf_plot *plot, uint32_t line, char buf[PF_FACTS_MAX]);

/* Steps of an axis from 0: round numbers of a unit, at most `most` of them. */
struct pf_axis {
    double step;      /* in the unit of the values */
    double end;       /* the first step at or above the largest value */
    double low;       /* and at or below the smallest */
    double scale;     /* one of what is shown, in the unit of the values */
    const char *name; /* of what is shown: "MiB" */
    int decimals;
};
void pf_axis_of_time(struct pf_axis *a, double length_ns, unsigned most);
void pf_axis_of_values(struct pf_axis *a, double low, double high, struct pf_str unit,
                       unsigned most);

int pf_plot_svg(const struct pf_plot *plot, const struct pf_plot_how *how, struct pf_sink *out,
                struct pf_err *err);
int pf_plot_text(const struct pf_plot *plot, const struct pf_plot_how *how, struct pf_sink *out,
                 struct pf_err *err);
int pf_plot_csv(const struct pf_plot *plot, struct pf_sink *out, struct pf_err *err);

#endif
