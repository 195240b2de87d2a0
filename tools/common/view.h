/* view.h - the options that every reporting command shares, and the terminal it reports to. */
#ifndef VIEW_H
#define VIEW_H

#include "tool.h"

/* What --format, -n, --unit and --by said. */
struct view_options {
    int layout, by, limit, unit;
};
extern struct view_options view_options;

/* Rows of an option table. */
/* clang-format off */
#define VIEW_OPTIONS                                                                               \
    {OPT_WORD, 0, "format", &view_options.layout, "FORMAT",                                        \
     "text (default), json, csv or markdown", .words = "text|json|csv|markdown"},                  \
    {OPT_CHOICE, 0, "json", &view_options.layout, NULL, "the same as --format json",               \
     .value = PF_JSON},                                                                            \
    {OPT_CHOICE, 0, "csv", &view_options.layout, NULL, "the same as --format csv",                 \
     .value = PF_CSV},                                                                             \
    {OPT_CHOICE, 0, "markdown", &view_options.layout, NULL, "the same as --format markdown",       \
     .value = PF_MARKDOWN},                                                                        \
    {OPT_WORD, 0, "by", &view_options.by, "WHAT",                                                  \
     "rows are functions (default), files, lines, modules or stacks",                              \
     .words = "function|file|line|module|stack"},                                                  \
    {OPT_INT, 'n', "limit", &view_options.limit, "N",                                              \
     "show the first N rows; 0: all (default: 30, in JSON and CSV all)"},                          \
    {OPT_WORD, 0, "unit", &view_options.unit, "UNIT",                                              \
     "auto (default): values as people write them, 1.54 ms; raw: integers",                        \
     .words = "auto|raw"}
/* clang-format on */

enum pf_by view_by(void);
/* The view that these ask for, for the output that --output names; sort and such are for the tool.
 */
struct pf_view view_asked(void);

#endif
