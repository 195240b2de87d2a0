/* folded.h - what the readers and the writer of folded stacks share. */
#ifndef FOLDED_H
#define FOLDED_H

#include "core.h"

/* Bytes that pf_put_folded spells as \xNN, and nothing else is read back from that spelling. */
static inline bool folded_is_spelled(unsigned byte)
{
    return byte < 0x20 || byte >= 0x7f || byte == ';' || byte == '\\' || byte == '{';
}

/* Who wrote a line, told by how it begins: the spelling of frames differs. */
enum folded_style {
    FOLDED_PLAIN,   /* name (file.py:12), or any text */
    FOLDED_PYSPY,   /* the same below `process 1:"python x.py"` and `thread (0x7f): main` */
    FOLDED_OURS,    /* plain below `{thread=main}`: see folded_labels.c */
    FOLDED_TACHYON, /* tid:140;file.py:name:12 */
    FOLDED_AUSTIN1, /* Process 1;Thread 7f;name (file.py);L12, or name (file.py:12) */
    FOLDED_AUSTIN3, /* P1;T2;file.py:name:12 */
    FOLDED_LABELS,  /* no style: how a reader tells the text of labels from that of frames */
};

/* ---- folded_count.c: the numbers at the end of a line ---- */

enum { FOLDED_VALUES = 3 };

struct folded_count {
    size_t stack;      /* length of what stands before */
    size_t at, digits; /* the first number as it is written: where, and its integer digits */
    unsigned n;        /* of value[] */
    bool fits, idle;   /* every number fits int64; austin says that the thread was idle */
    uint64_t fraction; /* of value[0], in 1e-18 */
    int64_t value[FOLDED_VALUES];
};

size_t folded_trim(const char *s, size_t len); /* the length without blanks at the end */
/* flamegraph.pl's count; false: there is none. */
bool folded_count(const char *s, size_t len, struct folded_count *c);
bool folded_ends_in_count(const char *s, size_t len); /* with nothing behind it */
/* austin's: `57`, `57,1,-1024` (3.x) or `57 0 -1024` (1.x), behind the first `from` bytes. */
bool folded_metrics(const char *s, size_t len, size_t from, enum folded_style style,
                    struct folded_count *c);

/* ---- folded_frame.c: the text of a frame ---- */

struct folded_place {
    size_t name, name_len, file, file_len;
    int64_t line;
};

/* false: all of it is the name */
bool folded_place(enum folded_style style, const char *s, size_t len, struct folded_place *at);

/* ---- folded_prefix.c: processes and threads, which stand before the frames ---- */

struct folded_prefix {
    enum folded_style style;
    size_t len; /* without the semicolon that follows, if frames do */
};

/* austin's, of a whole line; and all others', of a stack without its count. */
bool folded_austin_prefix(const char *s, size_t len, struct folded_prefix *x);
void folded_prefix(const char *s, size_t len, struct folded_prefix *x);
/* The label set that says the same; 0: none, or no memory. */
struct folded;
pf_id folded_labels(struct folded *r, const char *s, size_t len, enum folded_style style,
                    bool idle);

/* ---- folded_read.c: stacks ---- */

/* A text as it stands in the input, and the frame (or label set) that it was found to mean. */
struct folded_text {
    const char *s;
    uint32_t len, hash, style;
    pf_id id;
};

/* A frame of the line before: where its text ends, and the stack up to it. */
struct folded_mark {
    uint32_t end;
    pf_id stack;
};

/* Where lines went on from a stack: a stack, and the text that led there. */
struct folded_step {
    pf_id stack; /* 0: none yet */
    uint32_t text;
};
struct folded_steps {
    struct folded_step last, before;
};

struct folded {
    struct pf_profile *p;
    struct pf_mem *mem;
    struct pf_arena arena;
    struct folded_text *texts; /* from 1 */
    struct pf_index index;
    uint32_t n_texts, cap_texts;
    struct folded_steps *steps; /* of each stack */
    uint32_t cap_steps;
    char *last; /* the stack of the line before */
    struct folded_mark *marks;
    uint32_t n_last, n_marks, cap_last, cap_marks;
    size_t last_prefix;
    pf_id last_labels;
    bool last_idle;
    char *plain; /* a name without its \xNN */
    uint32_t cap_plain;
    uint64_t odd_frames; /* of a style that tells a file and line, but without them */
};

/* Zero-initialise all but p and mem. */
void folded_close(struct folded *r);
/* The stack of a line's frames, and its labels. On failure p->err is set. */
pf_id folded_stack(struct folded *r, const char *s, size_t len, const struct folded_prefix *x,
                   bool idle, pf_id *labels);
/* Interns a name with its \xNN read back; what our writer never writes stays as it is. */
pf_id folded_name(struct folded *r, const char *s, size_t len);

/* ---- folded_austin.c: what austin says about the run, and what its numbers are ---- */

struct folded_austin {
    bool memory; /* mode: memory */
    int64_t interval_us, duration_us;
    pf_id python, version;
    uint32_t comments;
    unsigned columns;             /* of the first line; 0: none yet */
    uint64_t lines, lines1;       /* austin's, and those of 1.x */
    uint64_t not_zero, not_pages; /* numbers; those that no whole number of pages is */
};

/* `# key: value` */
void folded_comment(struct folded_austin *a, struct pf_profile *p, const char *s, size_t len);
/* Takes the numbers of a line into the columns of the profile, which are made here; false: they are
 * not of the kind that the lines before have. */
bool folded_take(struct folded_austin *a, struct pf_profile *p, enum folded_style style,
                 struct folded_count *c);
/* Names the first column and gives it its unit; mixed: other lines are in it, too. */
int folded_finish(struct folded_austin *a, struct pf_profile *p, bool mixed, struct pf_err *err);

/* ---- folded_lines.c: all of it ---- */

enum folded_columns { FOLDED_ONE, FOLDED_TWO };
int folded_read_lines(struct pf_source *in, struct pf_profile *out, enum folded_columns columns,
                      struct pf_err *err);

int folded_write(const struct pf_profile *p, struct pf_sink *out, const struct pf_write *w,
                 struct pf_err *err);

/*
 * A label as a leading frame: `{thread=MainThread}`, `{bytes:=4096 bytes}` for a number with its
 * unit. In keys, `=`, a last `:` and the backslash are spelled as \xNN once more. A function of
 * such a name begins with \x7b instead of the brace, so that only labels are read as labels.
 */

enum { FOLDED_LABEL = 1 << 16 }; /* among the flags of a frame: it is one of these */

/* A copy of p that has its labels in its stacks; a difference's side stays a label if asked for. */
struct pf_profile *folded_with_labels(const struct pf_profile *p, bool keep_base,
                                      struct pf_err *err);
/* Writes a function's name; alone: nothing else is in its frame. */
void folded_put_name(struct pf_sink *out, struct pf_str name, bool alone);
/* How many bytes such labels take at the head of a stack, without the semicolon that follows; */
size_t folded_own_prefix(const char *s, size_t len);
/* and the set of them. On failure p->err is set. */
pf_id folded_own_labels(struct pf_profile *p, const char *s, size_t len);

#endif
