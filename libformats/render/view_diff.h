/* view_diff.h - what the parts of the view of a difference share. */
#ifndef VIEW_DIFF_H
#define VIEW_DIFF_H

#include "render.h"

struct pf_diff_view {
    const struct pf_diff *d;
    const struct pf_view *v;
    uint32_t *order; /* the rows to show: at[order[i]] */
    uint32_t n;
    struct pf_speller *speller;
    char *word; /* room for a verdict */
};

enum { PF_VERDICT_MAX = 64 };

/* The verdict of a row in words for people, or the key that programs see. */
const char *pf_verdict_word(const struct pf_diff_view *v, const struct pf_diff_row *row, bool data);
bool pf_diff_changed(const struct pf_diff *d, const struct pf_diff_row *row);

/* view_diff_head.c: what stands around the table. */
void pf_diff_head(const struct pf_diff_view *v, const struct pf_table *t, struct pf_sink *out);
void pf_diff_foot(const struct pf_diff_view *v, const struct pf_table *t, struct pf_sink *out);
void pf_diff_json_head(const struct pf_diff_view *v, const struct pf_table *t, struct pf_sink *out);
void pf_diff_json_foot(const struct pf_diff_view *v, struct pf_sink *out);
/* "f (file:3)", through put */
void pf_put_subject(const struct pf_diff_view *v, const struct pf_diff_row *row,
                    struct pf_sink *out, void (*put)(struct pf_sink *, const char *, size_t));

/* view_junit.c: all of the report. */
void pf_diff_junit(const struct pf_diff_view *v, const struct pf_table *t, struct pf_sink *out);

#endif
