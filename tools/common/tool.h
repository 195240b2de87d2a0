/*
 * tool.h - what every command shares: the option table, messages, inputs, outputs, exit status.
 *
 *     int main(int argc, char **argv)
 *     {
 *         char **paths = tool_start(&tool, argc, argv);
 *         struct pf_profile *p = tool_load_merged(paths);
 *         ... one operation ...
 *         struct pf_sink *out = tool_output(PF_PLAIN, false);
 *         ... print it ...
 *         return tool_finish(out);
 *     }
 */
#ifndef TOOL_H
#define TOOL_H

#include "formats.h"

/* The same three answers as diff, cmp and grep. */
enum { EXIT_YES = 0, EXIT_NO = 1, EXIT_TROUBLE = 2 };

enum opt_kind {
    OPT_END,
    OPT_FLAG,   /* to: bool *; sets it */
    OPT_CHOICE, /* to: int *; sets it to `value`: several rows with one `to` are a choice (--json)
                 */
    OPT_INT,    /* to: int *, at least 0 */
    OPT_SIZE,   /* to: uint64_t *; 10, 64k, 4GiB */
    OPT_STR,    /* to: const char ** */
    OPT_LIST,   /* to: struct opt_list *; may be given again */
    OPT_WORD,   /* to: int *; the argument is one of `words` ("auto|always|never"), its index is
                   stored */
};

struct opt_list {
    const char **at;
    int n;
};

struct opt {
    enum opt_kind kind;
    char letter; /* 0 = long only */
    const char *name;
    void *to;
    const char *arg; /* "N", "FILE"; NULL for a flag */
    const char *help;
    const char *words; /* OPT_WORD */
    int value;         /* OPT_CHOICE */
};

/* Which of the common options a tool has besides --output, --from, --max-memory, --color,
 * --progress, --quiet, --verbose, --help, --version. */
enum tool_has {
    TOOL_SAMPLE = 1,
    TOOL_STACKS = 2,      /* the tool calls tool_whole or tool_stacks */
    TOOL_ONE_FORMAT = 4,  /* no --from: the tool sets tool_inputs.from */
    TOOL_VIEW = 8,        /* --format and others of a report: see view.h */
    TOOL_JUNIT = 1 << 10, /* and its --format has junit */
};

struct tool {
    const char *name, *synopsis, *summary;
    const char *text;       /* paragraphs for --help and the man page, or NULL */
    const struct opt *opts; /* ended by {0} */
    int has;
    const char *examples; /* one command a line */
    const char *exits;    /* what status 1 means here, or NULL */
};

extern struct pf_mem tool_mem;

/* Parses argv, answering --help, --version and --formats itself; returns the operands,
 * NULL-terminated. t is kept. */
char **tool_start(const struct tool *t, int argc, char **argv);
const char *tool_name(void);
bool tool_verbose(void);
bool tool_quiet(void);
bool tool_color(void); /* for what goes to the output: --color, NO_COLOR, a terminal */

/* What an option says that takes a share, "0.5%" or "0.005"; `usual` where text is NULL. Exits
 * unless it is between 0 and 1. */
double tool_share(const char *option, const char *text, double usual);

/* ---- inputs ---- */

/* Once the first input is open, nothing can be read any more but the operands and what was named
 * here, nothing be written but --output: input may be hostile. The paths are kept. */
void tool_may_read(const char *const *paths, int n);
/* Files may be made and removed in these folders, ended by NULL, and in that of a file, or NULL. */
void tool_works(const char *const *in, const char *beside_file);
void tool_fence(void); /* shuts it now, for a tool that opens its inputs itself */

/* Every profile of every input, in order (no paths: stdin): call until it returns NULL. Errors and
 * warnings are told here, with the input's name; an error exits. */
struct tool_inputs {
    char **paths;
    const struct pf_format *from; /* NULL: recognised, or --from */
    struct pf_profile *into; /* NULL, or: what comes is merged into it at once, and only told of */
    const struct pf_merge_how *how; /* for that */
    struct pf_source *in;
    const char *name;               /* of the input the last profile came from, "standard input" */
    const struct pf_format *format; /* what that input was read as */
    int index, frame;               /* which input, which profile in it, from 0 */
    uint64_t bytes_in;              /* packed bytes of the input so far */
    unsigned count;                 /* profiles of all inputs so far */
};
struct pf_profile *tool_next(struct tool_inputs *in);
/* All that are left, as profmerge does. p->runs says how many runs that were. */
struct pf_profile *tool_rest_merged(struct tool_inputs *in, const struct pf_merge_how *how);
struct pf_profile *tool_load_merged(char **paths);

/* Adds p to sum as pf_merge does, or exits; input names what p came from. */
void tool_merge(struct pf_profile *sum, const struct pf_profile *p, const struct pf_merge_how *how,
                const char *input);

/* Adds the n-th run (from 1) of a side of a difference to its sum, which begins as NULL; runs are
 * labelled where there are several. Takes p. */
void tool_add_run(struct pf_profile **sum, uint32_t n, struct pf_profile *p, const char *input);
/* After the last of n runs; nothing can be added any more. */
void tool_end_runs(struct pf_profile *sum, uint32_t n, const char *input);

/* Profiles are put together whose sample types may differ: each is counted, and then what only some
 * of them have is told in one line. The next count begins anew. */
void tool_count_types(const struct pf_profile *p);
void tool_tell_types(void);

/* The column that --sample names, or the default; exits when there is no such type. */
unsigned tool_sample(const struct pf_profile *p);
/* The same for tool_write: -1 when --sample was not given. */
int tool_sample_given(const struct pf_profile *p);

/* Makes the type that --sample names the default one, for what holds all types. */
void tool_sample_first(struct pf_profile *p);

/* The column by which several profiles are compared: tool_sample of the first one says which, of
 * all others that of the same name; -1: there is none. tool_compared is that name, "" before. */
int tool_sample_compared(const struct pf_profile *p);
const char *tool_compared(void);

/* How messages call all of the inputs together. */
const char *tool_inputs_name(char **paths);

/* p, or in its stead whole stacks made from its call edges, if it has nothing else. For tools that
 * need them: tool_whole does unless --stacks edges; for all others: tool_stacks only does with
 * --stacks whole. Files that contradict themselves are warned of, by that name. */
struct pf_profile *tool_whole(struct pf_profile *p, const char *input);
struct pf_profile *tool_stacks(struct pf_profile *p, const char *input);

/* ---- outputs ---- */

/* --output or stdout. binary: refused to a terminal. */
struct pf_sink *tool_output(enum pf_packing packing, bool binary);
const char *tool_output_name(void); /* what --output said, or NULL */
/* What --output's name ends in, from its last dot on: "" without one, NULL without --output. */
const char *tool_output_suffix(void);
/* The value of that suffix in a list ended by {0}, or `usual` where there is none; exits for one
 * that is not in the list, `wanted` tells why: "svg or html, by its name or --to". */
struct suffix {
    const char *suffix;
    int value;
};
int tool_by_suffix(const struct suffix *all, int usual, const char *wanted);
void tool_output_to(const char *path); /* as if --output had said so; NULL or "-": stdout */
int tool_finish(struct pf_sink *out);  /* commits; EXIT_YES, or exits with 2 (SIGPIPE for EPIPE) */
/* Writes p; what the format cannot hold is told. type: a column, or -1 for the default. */
void tool_write(struct pf_sink *out, const struct pf_profile *p, const struct pf_format *f,
                int type);
/* The same, asked for in all detail. */
void tool_write_as(struct pf_sink *out, const struct pf_profile *p, const struct pf_format *f,
                   struct pf_write how);

/* ---- messages: one line on stderr, `tool: text`, control bytes escaped ---- */

void warn(const char *fmt, ...) PF_PRINTF(1, 2);     /* not under --quiet */
void note(const char *fmt, ...) PF_PRINTF(1, 2);     /* only under --verbose */
void complain(const char *fmt, ...) PF_PRINTF(1, 2); /* always; die follows */
_Noreturn void die(const char *fmt, ...) PF_PRINTF(1, 2);
_Noreturn void die_err(const char *input, const struct pf_err *err);
/* What is wrong with the value of an option, with a caret under the place; three lines. */
_Noreturn void die_at(const char *option, const char *text, const struct pf_err *err);

/* Progress on stderr: what is done so far, in bytes of input. Silent unless --progress allows. */
void progress(const char *doing, uint64_t done);

#endif
