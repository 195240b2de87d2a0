/* common.h - what the parts of the shared tool layer tell each other. */
#ifndef COMMON_H
#define COMMON_H

#include "tool.h"

enum when { WHEN_AUTO, WHEN_ALWAYS, WHEN_NEVER };
enum stacks { STACKS_AUTO, STACKS_WHOLE, STACKS_EDGES };

/* What the common options said. */
struct given {
    const char *output, *from, *sample;
    uint64_t max_memory;
    int color, progress, stacks, max_stacks; /* max_stacks 0: not given */
    bool quiet, verbose;
    bool help, version, formats, man; /* questions, answered instead of the work */
};
extern struct given given;

/* What the options of TOOL_VIEW said. */
struct given_view {
    int layout, by, unit;
    int limit; /* -1: not given */
};
extern struct given_view given_view;

extern const struct tool *tool_self;

/* The option tables of a tool, ended by NULL. Returns how many of the first ones say what it does;
 * the rest is common to all tools. */
enum { OPT_TABLES = 8 };
int options_of(const struct tool *t, const struct opt *tables[OPT_TABLES + 1]);
/* Sets what argv says; returns the operands. */
char **options_parse(const struct tool *t, int argc, char **argv);

/* Answers the question that was asked, if any, and exits. */
void help_answer(const struct tool *t);

/* Progress of this input from now on; NULL: there is none any more. The name is borrowed. */
void progress_input(const struct pf_source *in, const char *name);
void progress_clear(void); /* takes the line off the terminal, if it is there */

void fence_operands(char **paths); /* fence.c */

/* text as it may be shown: in one line, nothing that a terminal obeys; valid until the next call.
 */
const char *shown(const char *text, size_t *len);

#endif
