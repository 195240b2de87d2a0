/*
 * render.h - tables of rows and columns, which every reporting command prints in four layouts.
 *
 * A view is a list of columns and a function that fills in a cell; what a cell looks like in text,
 * JSON, CSV and Markdown is decided in one place each, by its kind.
 */
#ifndef RENDER_H
#define RENDER_H

#include "ops.h"

enum pf_cell_kind {
    PF_CELL_NONE,    /* nothing: blank, or null */
    PF_CELL_COUNT,   /* i, a plain number */
    PF_CELL_VALUE,   /* i, in the unit of the table */
    PF_CELL_SHARE,   /* d, a value in the unit of the table */
    PF_CELL_PERCENT, /* d */
    PF_CELL_NUMBER,  /* d, of no unit */
    PF_CELL_PAIR,    /* i and j, values in the unit of the table: an interval */
    PF_CELL_WORD,    /* s, one of our own words */
    PF_CELL_FLAG,    /* i: true or false; for programs only */
    PF_CELL_NAME,    /* s, from the profile */
    PF_CELL_PLACE,   /* s, a file of the profile, and i, the line (0: none) */
};

struct pf_cell {
    enum pf_cell_kind kind;
    bool sign; /* a plus is shown, too */
    int mood;  /* 1 grew, -1 shrank: red and green where there are colours */
    int64_t i, j;
    double d;
    struct pf_str s; /* valid until the next cell is asked for */
};

/* Where a column stands unless columns were asked for. */
enum { PF_IN_TEXT = 1, PF_IN_JSON = 2, PF_IN_CSV = 4, PF_IN_ALL = 7 };

struct pf_column {
    const char *key;   /* in --columns, JSON and CSV */
    const char *title; /* in text and Markdown */
    bool left;         /* aligned; other columns are to the right */
    unsigned in;       /* a key that stands twice has its place by layout */
    int id;            /* what `cell` knows it by */
    int arg;           /* likewise */
    unsigned spare;    /* where names would be cut short, the highest go first; 0: it stays */
};

enum { PF_MAX_COLUMNS = 40 };

struct pf_table {
    const struct pf_view *view;
    struct pf_str unit;
    struct pf_column column[PF_MAX_COLUMNS]; /* those to print */
    uint32_t columns, rows;
    bool total; /* one more row, the total, in text and Markdown */
    void (*cell)(const void *ctx, uint32_t row, const struct pf_column *c, struct pf_cell *cell);
    const void *ctx;
};

/* Sets t->column to what the view asks for, out of all (n of them). */
int pf_columns_choose(struct pf_table *t, const struct pf_column *all, uint32_t n,
                      struct pf_err *err);

/* Prints the rows; JSON as the elements of an array, a line each. */
void pf_table_put(const struct pf_table *t, struct pf_sink *out);
void pf_table_put_text(const struct pf_table *t, struct pf_sink *out); /* table_text.c */

/* A cell in text, unless it is a name or a place. */
int pf_cell_text(const struct pf_table *t, const struct pf_cell *cell, char buf[PF_VALUE_MAX]);

/* "time (nanoseconds), total 1.2 s; stacks exact", or of JSON all up to its rows. */
void pf_view_head(const struct pf_profile *p, unsigned type, enum pf_by by, int64_t total,
                  const struct pf_view *view, struct pf_sink *out);
/* After the word "inferred": how near the stacks are to the table; nothing without a certificate.
 */
void pf_put_certificate(const struct pf_certificate *c, struct pf_sink *out);

/* ---- what rows are called ---- */

enum { PF_MODULE_MAX = 1024 };

/* Start with names and by; err is set when there was no memory for a stack. */
struct pf_speller {
    const struct pf_profile *names; /* whose ids the rows have */
    enum pf_by by;
    struct pf_sink *stack;      /* the text of the last stack; pf_abandon it */
    char module[PF_MODULE_MAX]; /* of the last row that is named by it, or by its binary */
    struct pf_err err;
};

const char *pf_by_title(enum pf_by by); /* "function" */

/* Columns that name a row, and their cells: id is one of these. */
enum { PF_COL_NAME = 100, PF_COL_PLACE, PF_COL_FILE, PF_COL_LINE };
void pf_subject_cell(struct pf_speller *sp, const struct pf_row *row, int id, struct pf_cell *cell);

/* As many whole characters of a name as fit into `room` columns; where it is cut, one column is
 * left for a mark. Returns their bytes. */
size_t pf_name_fit(const char *s, size_t len, size_t room, bool *cut);

/* The bytes of the first of several lines, each of up to `room` columns: up to a space, but for a
 * word that is longer. */
size_t pf_line_fit(const char *s, size_t len, size_t room);

/* Puts a name as `put` spells it. Of one of over 1,000 bytes only both ends, and how much is left
 * out between them: browsers take minutes to break a word of 100,000 letters into lines. */
typedef void pf_escaper(struct pf_sink *out, const char *s, size_t len);
void pf_put_ends(struct pf_str name, struct pf_sink *out, pf_escaper *put);

#endif
