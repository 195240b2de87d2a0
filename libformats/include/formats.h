/*
 * formats.h - the public interface of libformats: any Python profile in, one model, any format out.
 *
 *   bytes -> pf_source -> probe -> read -> pf_profile -> operation -> write or view -> pf_sink ->
 * bytes
 *
 *     struct pf_mem mem;
 *     struct pf_err err = {0};
 *     pf_mem_init(&mem, 0);
 *     struct pf_source *in = pf_open(&mem, "old.prof", &err);
 *     struct pf_profile *p = in ? pf_load(in, NULL, &err) : NULL;
 *     if (!p)
 *         puts(err.msg);
 *     pf_free(p);
 *     pf_close(in);
 *
 * Ownership: what a function returns as const is borrowed; what it returns otherwise is yours, to
 * be given back to the matching pf_free, pf_close, pf_commit or pf_dealloc. Errors: functions that
 * can fail take a struct pf_err last, or keep a sticky one; the first error wins. The library never
 * prints, never exits and keeps no global state.
 */
#ifndef FORMATS_H
#define FORMATS_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PF_PRINTF(fmt, args) __attribute__((format(printf, fmt, args)))

/* ---- errors ------------------------------------------------------------- */

enum pf_code {
    PF_OK,
    PF_EIO,     /* the operating system said no */
    PF_EPIPE,   /* whoever read our output is gone */
    PF_ENOMEM,  /* no memory, or over the budget of pf_mem */
    PF_EFORMAT, /* no reader recognises the input */
    PF_ESYNTAX, /* recognised, but malformed */
    PF_ELIMIT,  /* well-formed, but larger than a documented limit */
    PF_EVALUE,  /* well-formed, but makes no sense: a sum that overflows, kinds that do not mix */
};

enum pf_where { PF_NOWHERE, PF_AT_LINE, PF_AT_OFFSET };

/* Zero-initialise. `at` counts lines from 1, or bytes from 0 of the unpacked content. */
struct pf_err {
    enum pf_code code;
    enum pf_where where;
    uint64_t at;
    char msg[256];
};

/* Record the first error only; always return -1, so that callers can `return pf_fail(...)`. */
int pf_fail(struct pf_err *err, enum pf_code code, const char *fmt, ...) PF_PRINTF(3, 4);
int pf_fail_offset(struct pf_err *err, enum pf_code code, uint64_t offset, const char *fmt, ...)
    PF_PRINTF(4, 5);
int pf_fail_line(struct pf_err *err, enum pf_code code, uint64_t line, const char *fmt, ...)
    PF_PRINTF(4, 5);

/* ---- memory ------------------------------------------------------------- */

/*
 * The budget that every allocation of the library is taken from, and the secret that keys its hash
 * tables. One for a program is enough; it must outlive all that was made with it.
 * Not safe for use from several threads at once.
 */
struct pf_mem {
    size_t used, peak, limit; /* bytes; limit 0 = none */
    uint64_t count;           /* allocations asked for so far */
    uint64_t fail_at;         /* test hook: the fail_at-th allocation (from 1) and all later fail */
    uint64_t secret[2];
};

enum { PF_KIB = 1024, PF_MIB = 1024 * PF_KIB };

void pf_mem_init(struct pf_mem *m, size_t limit);
/* As malloc, calloc, realloc and free; NULL when over the budget. Blocks know their own size. */
void *pf_alloc(struct pf_mem *m, size_t size);
void *pf_alloc_zero(struct pf_mem *m, size_t n, size_t size); /* checks n * size */
void *pf_realloc(struct pf_mem *m, void *block, size_t size); /* NULL: block is untouched */
void pf_dealloc(struct pf_mem *m, void *block);               /* accepts NULL */

/* ---- the profile -------------------------------------------------------- */

typedef uint32_t pf_id; /* index into one of the tables below; 0 is "none" everywhere */

enum {
    PF_MAX_TYPES = 64,          /* sample types in a profile */
    PF_MAX_LINE = 64 * 1048576, /* bytes in a line of a text format */
};

struct pf_str {
    const char *s; /* a NUL follows, but s may hold NULs itself: len counts */
    uint32_t len;
    uint32_t hash;
};

/* extra, here and below: the string that holds this message's unknown protobuf fields, raw. */
struct pf_func {
    pf_id name, file, sysname, extra;
    int64_t line; /* where the definition starts; 0 = unknown */
};

enum { PF_INLINED = 1, PF_FOLDED = 2 };

struct pf_frame {
    pf_id func, mapping, extra;
    uint32_t flags; /* PF_INLINED: this frame was inlined into its parent, in the same location;
                       PF_FOLDED: pprof's Location.is_folded */
    int64_t line, column;
    uint64_t addr;
};

struct pf_mapping {
    uint64_t start, limit, offset;
    pf_id file, build_id, extra;
    uint32_t has; /* bit 0 functions, 1 filenames, 2 line numbers, 3 inline frames */
};

enum pf_label_kind { PF_LABEL_STR, PF_LABEL_NUM, PF_LABEL_RAW };

/* RAW holds unknown fields of a sample in `str`: as part of the key it keeps samples distinct. */
struct pf_label {
    pf_id key, str, unit;
    uint32_t kind;
    int64_t num;
};

/* How values combine. SUM: along the stack and over files. GAUGE (live bytes): along the stack, not
 * over files. PEAK: the larger one, never below 0. FIXED: the source gave the cumulative value. */
enum pf_kind { PF_SUM, PF_GAUGE, PF_PEAK, PF_FIXED };

struct pf_type {
    pf_id name, unit, extra;
    uint32_t kind;
};

enum pf_stack_kind { PF_EXACT, PF_INFERRED, PF_EDGE_ONLY };

/*
 * A number as pstats stores it. An int is exact in `i`. A float is `d`; the exact sum of merged
 * floats may need more: then parts > 0 doubles follow at calls.part[part], in falling size, and the
 * true value is d plus those (d alone is the sum rounded once).
 */
struct pf_num {
    union {
        int64_t i;
        double d;
    };
    uint32_t part;
    uint16_t parts;
    bool is_int;
};

enum pf_edge_form { PF_EDGES_TIMED, PF_EDGES_COUNTS, PF_EDGES_SAMPLED };

struct pf_call { /* one function of a pstats table */
    pf_id func;
    uint32_t edge;  /* its callers are calls.edge[edge .. next call's edge) */
    int64_t cc, nc; /* primitive calls, all calls */
    struct pf_num tt, ct;
};

struct pf_edge {
    pf_id caller; /* a function, which need not have a row of its own */
    int64_t cc, nc;
    struct pf_num tt, ct; /* not used by PF_EDGES_COUNTS and PF_EDGES_SAMPLED */
};

/* The raw table of a pstats file, in file order; n = 0 where there is none. */
struct pf_calls {
    enum pf_edge_form form;
    bool swapped;       /* yappi writes (nc, cc) at the top level; cc and nc above are set right */
    struct pf_call *at; /* n + 1: the last one only closes the edges */
    struct pf_edge *edge;
    double *part;
    uint32_t n, n_edges, n_parts, cap, cap_edges, cap_parts;
    uint32_t runs; /* files summed up in it */
};

/*
 * How near stacks that were made from call edges (pf_whole_stacks) come to the table they are made
 * from. Times are in the unit of the profile's times; errors are sums of |stacks - table|. Own
 * times have no error. Of merged profiles, all figures are sums.
 */
struct pf_certificate {
    pf_id method;                   /* "flow/1"; 0: there is no certificate */
    int64_t total;                  /* own times */
    int64_t cum_error, cum_total;   /* inclusive times of functions, recursion counted once */
    int64_t edge_error, edge_total; /* and of callers with callees; 0 where the table has none */
    int64_t repaired;        /* time that was put where a stack could go on, not where it should */
    int64_t rerouted;        /* time that vanishes below one function and comes up below another */
    int64_t orphaned;        /* time that nobody called for: its stacks begin there */
    int64_t lost;            /* time that was called for, but spent nowhere */
    int64_t clamped;         /* what inclusive times are below 0, or above all there is */
    int64_t threshold;       /* pieces of a stack below this are put together */
    uint64_t stacks, budget; /* how many there are, and might have been at most */
    uint32_t blocks;         /* fingerprints: sums that are equal to the tick */
    bool deep, back_up;      /* which way through mutual recursion fitted best */
};

/*
 * Small tables are arrays of structs, the two large ones (stacks and samples) are columns.
 * Stacks form a prefix tree: stack 0 is the empty stack, and parent[i] < i for all i > 0, so one
 * forward pass meets callers before callees and one backward pass the reverse.
 * Element 0 of every table exists and is zero ("" for strings), so following an id is always safe.
 * Samples and types count from 0. The first type is the default one.
 *
 * Read the fields freely; change them only through the functions below.
 */
struct pf_profile {
    struct {
        struct pf_str *at;
        uint32_t n, cap;
    } strs;
    struct {
        struct pf_func *at;
        uint32_t n, cap;
    } funcs;
    struct {
        struct pf_frame *at;
        uint32_t n, cap;
    } frames;
    struct {
        struct pf_mapping *at;
        uint32_t n, cap;
    } maps;
    struct {
        struct pf_label *at;
        uint32_t n, cap;
    } labels;
    struct { /* set s holds the labels item[first[s]] .. item[first[s + 1] - 1] */
        uint32_t *first;
        pf_id *item;
        uint32_t n, cap, n_items, cap_items;
    } sets;
    struct {
        pf_id *parent, *frame;
        uint32_t n, cap;
    } stacks;
    struct {
        pf_id *stack, *labels; /* labels: a label set */
        int64_t *value[PF_MAX_TYPES];
        uint32_t n, cap;
    } samples;
    struct {
        struct pf_type at[PF_MAX_TYPES];
        uint32_t n;
    } types;
    struct pf_calls calls;
    struct pf_certificate certificate;
    struct { /* source text, from reports that hold it */
        struct pf_line {
            pf_id file, text;
            int64_t line;
        } * at;
        uint32_t n, cap;
    } lines;

    enum pf_stack_kind stack_kind;
    int64_t time_ns, duration_ns, period; /* time of day since 1970, length, sampling period */
    struct pf_type period_type;
    pf_id drop_frames, keep_frames, doc_url;
    pf_id format, interpreter, command; /* where it came from: "pstat", "CPython 3.11", … */
    pf_id producer; /* what wrote the source, where that tells: "cProfile", "py-spy 0.4.2" */
    bool truncated, rounded; /* stacks were cut at a limit; values had fewer digits */
    struct pf_ids {
        pf_id *at;
        uint32_t n, cap;
    } comments, notes, extras; /* notes: what the reader skipped and why; extras: unknown fields */
    uint32_t runs;             /* profiles that were merged into this one; 1 for one */

    struct pf_mem *mem;
    struct pf_err err;   /* sticky: set by the first failed call, checked once by who finishes */
    struct pf_hidden *h; /* arena and hash indexes */
};

struct pf_profile *pf_new(struct pf_mem *m); /* NULL: no memory */
void pf_free(struct pf_profile *p);          /* accepts NULL; frees all that hangs off p */

/* Each of these interns: equal arguments give equal ids. On failure: 0, and p->err is set. */
pf_id pf_str(struct pf_profile *p, const char *s, size_t len);
pf_id pf_strz(struct pf_profile *p, const char *s); /* NULL counts as "" */
pf_id pf_func(struct pf_profile *p, pf_id name, pf_id file, int64_t line);
pf_id pf_func_full(struct pf_profile *p, const struct pf_func *f);
pf_id pf_frame(struct pf_profile *p, pf_id func, int64_t line);
pf_id pf_frame_full(struct pf_profile *p, const struct pf_frame *f);
pf_id pf_mapping(struct pf_profile *p, const struct pf_mapping *m);
pf_id pf_label(struct pf_profile *p, const struct pf_label *l);
pf_id pf_label_set(struct pf_profile *p, pf_id *labels, uint32_t n); /* sorts labels */
pf_id pf_stack(struct pf_profile *p, pf_id parent, pf_id frame);

/* Adds a sample type, with 0 in all samples so far; returns its column, -1 on failure. */
int pf_type_add(struct pf_profile *p, const char *name, const char *unit, enum pf_kind kind);
/* The column of a type by name, or by decimal index; -1 if there is none. */
int pf_type_find(const struct pf_profile *p, const char *name);

/* Appends a sample; returns its index. The other one adds into the sample that pf_sample_add made
 * before of the same stack and labels (sums are checked; peaks take the larger). */
uint32_t pf_sample(struct pf_profile *p, pf_id stack, pf_id labels, const int64_t *values);
uint32_t pf_sample_add(struct pf_profile *p, pf_id stack, pf_id labels, const int64_t *values);

/* Appends to p->comments, p->notes or p->extras. */
void pf_push(struct pf_profile *p, struct pf_ids *list, pf_id str);
void pf_note(struct pf_profile *p, const char *fmt, ...) PF_PRINTF(2, 3);

/* A line of source text that a report brings along. */
void pf_source_line(struct pf_profile *p, pf_id file, int64_t line, pf_id text);

/* The profile of repeat i of the same input; 0 is p itself. Made when first asked for; NULL on
 * failure, with p->err set. pf_load hands them out one after the other. */
struct pf_profile *pf_run(struct pf_profile *p, uint32_t i);

/* The raw pstats table: a function, then its callers. Both return their row for filling in, NULL on
 * failure; the row is valid until the next call. */
struct pf_call *pf_call_add(struct pf_profile *p, pf_id func);
struct pf_edge *pf_edge_add(struct pf_profile *p, pf_id caller);
uint32_t pf_call_edges(const struct pf_profile *p, uint32_t call); /* how many callers */

/* The string of an id; 0 has "". */
static inline struct pf_str pf_str_at(const struct pf_profile *p, pf_id id)
{
    return p->strs.at[id];
}

/* The frames of one stack, root first. Start from {0}, use it again for others, and give it back
 * with pf_dealloc(p->mem, path.frame). pf_unwind: false if there is no memory. */
struct pf_path {
    pf_id *frame;
    uint32_t n, cap;
};
bool pf_unwind(const struct pf_profile *p, pf_id stack, struct pf_path *path);

/* Checks every invariant of the model (ids in range, parent < child, sums, tables); calls `tell`
 * for each violation with one line of text. Returns how many there were, -1 for no memory. */
typedef void pf_tell(void *ctx, const char *text);
int pf_check(const struct pf_profile *p, pf_tell *tell, void *ctx);

/* ---- numbers ------------------------------------------------------------ */

/* false: the sum does not fit, *sum is untouched */
static inline bool pf_add64(int64_t a, int64_t b, int64_t *sum)
{
    int64_t s;
    if (__builtin_add_overflow(a, b, &s))
        return false;
    *sum = s;
    return true;
}

/* Seconds to nanoseconds, rounded half to even; false if not finite or beyond int64. */
bool pf_seconds_to_ns(double seconds, int64_t *ns);
/* One pstats number as nanoseconds (floats are seconds) or, for ints, as it is. */
bool pf_num_value(const struct pf_num *x, int64_t *value);
/* *sum += x, exactly; parts are kept in p->calls. false: no memory (p->err is set). */
bool pf_num_add(struct pf_profile *p, struct pf_num *sum, const struct pf_num *x,
                const double *x_parts);

/* ---- bytes in ----------------------------------------------------------- */

/*
 * A source unpacks gzip and zstd unasked, also one inside the other. The frames of a zstd input are
 * kept apart: pf_peek stops at the end of a frame, and pf_next_frame goes on to the next one.
 */
struct pf_source;

/* path NULL or "-" is stdin; data is borrowed until pf_close. */
struct pf_source *pf_open(struct pf_mem *m, const char *path, struct pf_err *err);
struct pf_source *pf_open_mem(struct pf_mem *m, const void *data, size_t len, struct pf_err *err);
void pf_close(struct pf_source *s); /* accepts NULL */

/* At least `want` bytes unless the frame ends first; *have says how many. Nothing is consumed.
 * NULL only at the end (have = 0) or after an error. */
const uint8_t *pf_peek(struct pf_source *s, size_t want, size_t *have);
void pf_skip(struct pf_source *s, size_t n); /* n: at most what was peeked */

/* The next line without its end (\n or \r\n), valid until the next call; NULL at the end, or when
 * the line is longer than PF_MAX_LINE (an error). UTF-16 with a byte order mark comes as UTF-8, and
 * a UTF-8 one is skipped, once pf_text was called. */
void pf_text(struct pf_source *s);
const char *pf_line(struct pf_source *s, size_t *len);

bool pf_next_frame(struct pf_source *s);  /* skips the rest of this one; false: there is none */
void pf_join_frames(struct pf_source *s); /* from here on, frames are one stream of bytes */

/* Of the next byte, in the unpacked content of the frame. */
uint64_t pf_offset(const struct pf_source *s);
uint64_t pf_line_number(const struct pf_source *s); /* of the line returned last */
uint64_t pf_bytes_read(const struct pf_source *s);  /* from the file, packed */
struct pf_mem *pf_source_mem(const struct pf_source *s);
bool pf_source_utf16(const struct pf_source *s); /* pf_text found the content to be UTF-16 */

/* The sticky error of the source (bad packing, read failed); copies it to err and returns -1 if
 * there is one, else 0. Readers call it when peek or line came back short. */
int pf_source_check(const struct pf_source *s, struct pf_err *err);

/* ---- bytes out ---------------------------------------------------------- */

enum pf_packing { PF_PLAIN, PF_ZSTD, PF_GZIP };

struct pf_sink;

/* path NULL or "-" is stdout. A file is written beside its place and renamed by pf_commit. */
struct pf_sink *pf_create(struct pf_mem *m, const char *path, enum pf_packing packing,
                          struct pf_err *err);
struct pf_sink *pf_create_mem(struct pf_mem *m, enum pf_packing packing, struct pf_err *err);
void pf_put(struct pf_sink *k, const void *data, size_t len); /* errors are sticky */
void pf_puts(struct pf_sink *k, const char *s);
void pf_printf(struct pf_sink *k, const char *fmt, ...) PF_PRINTF(2, 3);
/* Closes a zstd frame or gzip member; the next put opens one. */
void pf_end_frame(struct pf_sink *k);
/* Zstd frames that are hardly packed, for whoever reads them at once; before anything is put. */
void pf_leave_unpacked(struct pf_sink *k);
/* Copies what went wrong so far to err and returns -1, else 0. Long writers ask now and then. */
int pf_sink_check(const struct pf_sink *k, struct pf_err *err);
int pf_commit(struct pf_sink *k, struct pf_err *err); /* flush, sync, rename, close, free */
void pf_abandon(struct pf_sink *k);                /* removes what was begun, frees; accepts NULL */
const char *pf_sink_temp(const struct pf_sink *k); /* the temporary file, or NULL */
/* Of a pf_create_mem sink, after pf_end_frame: the bytes so far, borrowed. */
const uint8_t *pf_sink_bytes(const struct pf_sink *k, size_t *len);

/*
 * A fence around the process: once it is shut, no file can be opened but those that were named, and
 * no TCP connection. For tools that read what strangers made; what is open already stays so. Best
 * effort, with Landlock: -1, which all others take, where the kernel has none.
 */
int pf_fence(void);
void pf_fence_read(int fence, const char *path); /* a file, or all below a folder */
void pf_fence_replace(int fence, struct pf_mem *m, const char *path); /* as pf_create does */
void pf_fence_work(int fence, const char *folder); /* to read, make and remove files below */
void pf_fence_work_beside(int fence, struct pf_mem *m, const char *path); /* in path's folder */
bool pf_fence_shut(int fence); /* for good; false: there is none */

/* One function for each syntax that a name from a profile is written into. */
void pf_put_name(struct pf_sink *k, const char *s, size_t len); /* text: control bytes, bidi marks
                                                                   and bad UTF-8 become \xNN */
void pf_put_json(struct pf_sink *k, const char *s, size_t len); /* a JSON string with its quotes */
void pf_put_csv(struct pf_sink *k, const char *s, size_t len);  /* one CSV field */
void pf_put_markdown(struct pf_sink *k, const char *s, size_t len); /* text in a table cell */
void pf_put_folded(struct pf_sink *k, const char *s, size_t len);   /* a frame of a folded stack */
void pf_put_dot(struct pf_sink *k, const char *s, size_t len);      /* between quotes in dot */
void pf_put_xml(struct pf_sink *k, const char *s, size_t len); /* text or attribute of XML, HTML */
void pf_put_callgrind(struct pf_sink *k, const char *s, size_t len); /* what follows fn=(1) */
/* Length of the well-formed UTF-8 character at s (1..4), 0 if it is not one. */
unsigned pf_utf8(const char *s, size_t len, uint32_t *code);
/* Columns that pf_put_name's output takes on a terminal (wide and combining characters counted). */
size_t pf_name_width(const char *s, size_t len);

/* ---- formats ------------------------------------------------------------ */

struct pf_write {     /* what a writer is asked for, and what it tells */
    int type;         /* column, for formats that hold one; -1: the default */
    unsigned how;     /* of enum pf_how, what pf_format.takes allows */
    uint32_t nth;     /* how many profiles the output holds already */
    const char *name; /* what to call the profile, where the format has a place for that; or NULL */
    const char *const *labels; /* KEY=VALUE, for samples without a label KEY; n_labels of them */
    uint32_t n_labels;
    pf_tell *lost; /* called with a phrase for each thing that the format cannot hold; or NULL */
    void *ctx;
};

enum pf_how {
    PF_AS_CSV = 1,    /* lines of CSV, not of JSON */
    PF_LABELLED = 2,  /* labels as leading frames of the stacks */
    PF_TWO_SIDED = 4, /* of a difference: base and new values side by side */
    PF_GIVEN = 8,     /* with pf_write.labels */
};

struct pf_format {
    const char *name;   /* "folded": the word after --from and --to, and the file fmt_folded.c */
    const char *title;  /* one line for --formats */
    const char *suffix; /* ".folded" */
    const char *about;  /* paragraphs on what is written, for --help; or NULL */
    enum pf_packing packing; /* of what write writes */
    bool binary;             /* not for a terminal */
    bool stream;             /* holds several profiles: a frame each */
    bool one_value;          /* of the sample types, only pf_write.type is written */
    unsigned takes;          /* of enum pf_how, what its writer can be asked for */
    bool whole_stacks;       /* of no use without them: converters make them from call edges */
    int (*probe)(const uint8_t *head, size_t len); /* 0 no ... 100 certain; NULL = write only */
    int (*read)(struct pf_source *in, struct pf_profile *out, struct pf_err *err);
    int (*write)(const struct pf_profile *p, struct pf_sink *out, const struct pf_write *w,
                 struct pf_err *err); /* NULL = read only */
};

extern const struct pf_format *const pf_formats[]; /* NULL-terminated */

const struct pf_format *pf_format_named(const char *name); /* NULL: none */
const struct pf_format *pf_format_probe(struct pf_source *in, struct pf_err *err);

/* Reads the next profile of the input (fmt NULL: recognises it), checked. NULL with err->code
 * PF_OK: there is no more. For stream formats, each frame of the source is a profile. */
struct pf_profile *pf_load(struct pf_source *in, const struct pf_format *fmt, struct pf_err *err);

/* ---- operations: each leaves its input alone ---------------------------- */

struct pf_merge_how {
    enum { PF_RUNS_SUM, PF_RUNS_MIN, PF_RUNS_MAX } runs;
    enum { PF_GAUGE_REFUSE, PF_GAUGE_SUM, PF_GAUGE_MAX } gauge;
    bool saturate; /* a sum that does not fit stays at the end of int64 instead of failing */
    /* NULL, or: only these samples, and what they reach. The raw pstats table is dropped then. */
    const uint32_t *only;
    uint32_t n_only;
};

/* Adds `from` to `into`. Associative and commutative, up to pf_write's canonical order. */
int pf_merge(struct pf_profile *into, const struct pf_profile *from, const struct pf_merge_how *how,
             struct pf_err *err);

/* pf_load and pf_merge in one, which is faster: adds the next profile of the input to `into`, and
 * returns what is said of it as a whole (format, notes, …; with or without its samples), yours.
 * NULL with err->code PF_OK: there is no more. After an error `into` may hold half of a profile. */
struct pf_profile *pf_load_into(struct pf_profile *into, struct pf_source *in,
                                const struct pf_format *fmt, const struct pf_merge_how *how,
                                struct pf_err *err);

/* Makes this type the first one, which is the default. */
void pf_type_first(struct pf_profile *p, unsigned type);

struct pf_stacks_how {
    uint32_t budget; /* stacks at most (never fewer than edges); 0: 50000, 2 for each edge, 1 for
                        each function */
    uint32_t share;  /* pieces below this part of all time are put together; 0: 10000 */
};

/*
 * Whole stacks from the call edges of a pstats table: a new profile, of the kind PF_INFERRED, with
 * a certificate. Its samples sum up to what p's do, for each function and each caller of it, in
 * every column and for each set of labels. The raw table stays. NULL on failure.
 */
struct pf_profile *pf_whole_stacks(const struct pf_profile *p, const struct pf_stacks_how *how,
                                   struct pf_err *err);

/* What rows stand for. LINE is a function's line, STACK a whole stack. */
enum pf_by { PF_BY_FUNCTION, PF_BY_FILE, PF_BY_LINE, PF_BY_MODULE, PF_BY_STACK };

struct pf_row {
    pf_id func;  /* the (or one) function of the row; name and place are taken from it */
    pf_id stack; /* PF_BY_STACK only */
    pf_id frame; /* without a function: a frame, whose binary or address names the row */
    int64_t line;
    int64_t flat, cum;
    int64_t calls, prim; /* 0 where the profile has none */
};

struct pf_rows {
    struct pf_row *at; /* sorted by flat falling, then cum falling, then name, file, line */
    uint32_t n;
    int64_t total; /* of the column */
    bool has_calls;
    enum pf_cum_from {
        PF_CUM_STACKS,   /* whole stacks */
        PF_CUM_EDGES,    /* two-frame stacks: a function with what it calls itself */
        PF_CUM_TABLE,    /* measured: the pstats table has it */
        PF_CUM_ESTIMATE, /* of a group of functions: inclusive times of the edges into it */
    } cum_from;
};

/* Flat and cumulative values of one column. Recursion counts once. Profiles with a pstats table
 * take the cumulative time from it. rows->at is yours (pf_dealloc). */
int pf_top(const struct pf_profile *p, unsigned type, enum pf_by by, struct pf_rows *rows,
           struct pf_err *err);

/*
 * The samples as a tree: a node for each path of rows (functions, lines, ...) that a sample goes,
 * callers above callees or, inverted, callees above callers. Nodes stand in preorder, siblings by
 * name; node 0 is the whole. The profile must outlive its tree.
 */
struct pf_tree {
    const struct pf_profile *p;
    enum pf_by by;
    bool inverted;
    uint32_t n;                      /* nodes */
    uint32_t *parent, *size, *depth; /* size: nodes of the subtree, this one included */
    uint32_t *row;                   /* what it stands for, in rows; 0 for node 0 */
    uint32_t *of_sample;             /* the node that a sample of the profile ends at */
    struct pf_row *rows;             /* only what names them is set */
    uint32_t n_rows;
};
int pf_tree_make(const struct pf_profile *p, enum pf_by by, bool inverted, struct pf_tree *t,
                 struct pf_err *err);
void pf_tree_free(struct pf_tree *t);

/* What of the samples counts: those of a signed difference by the side that they came from, the
 * base with its sign turned back. GAINS: values over 0. */
enum pf_part { PF_PART_ALL, PF_PART_GAINS, PF_PART_NEW, PF_PART_BASE };
/* The value of each node itself, and with all below it: two arrays of t->n. Sums are checked; of
 * peaks and fixed values the largest counts. */
int pf_tree_values(const struct pf_tree *t, unsigned type, enum pf_part part, int64_t *self,
                   int64_t *total, struct pf_err *err);
/* Whether there are samples of a base, as pf_diff_profile labels them. */
bool pf_is_signed(const struct pf_profile *p);

/*
 * Who calls whom, of a tree that is not inverted: values by its rows, and edges between them, in no
 * order. Recursion counts once. keep: NULL, or the rows that edges may have; an edge then joins a
 * row with its nearest caller of these, and is residual where others lie between.
 */
struct pf_graph {
    const struct pf_tree *tree;
    int64_t *flat, *cum; /* by row */
    bool *seen;          /* rows that are in the tree */
    struct pf_link {
        uint32_t from, to; /* rows */
        bool residual;
        int64_t value;
    } * edge;
    uint32_t n_edges;
    int64_t total;
};
int pf_graph_make(const struct pf_tree *t, unsigned type, enum pf_part part, const bool *keep,
                  struct pf_graph *g, struct pf_err *err);
void pf_graph_free(struct pf_graph *g);

/* The dotted module of a Python file ("…/lib/python3.11/json/encoder.py" -> "json.encoder"), into
 * buf with a NUL; returns the length, 0 if the file is not Python's or the module does not fit. */
size_t pf_module(const char *file, size_t len, char *buf, size_t size);

/* What a frame without a function is called, as pprof does: "[libc.so.6]", the binary without its
 * folders, or else its address. Writes at most LABEL_MAX bytes and a NUL, returns the length; 0:
 * neither is known. */
enum { PF_LABEL_MAX = 1023 };
size_t pf_frame_label(const struct pf_profile *p, pf_id frame, char buf[PF_LABEL_MAX + 1]);

/* ---- diff: two sides, each a set of runs ---------------------------------- */

enum pf_side { PF_BASE, PF_NEW };
enum pf_status { PF_IN_BOTH, PF_IN_NEW, PF_IN_BASE };

/*
 * SLOWER, FASTER: the values differ by more than noise does (q at most the level).
 * CALLS_CHANGED: the numbers of calls are one in all runs of a side, and another in the other's.
 * SAME: all values of all runs are equal, or the interval of the effect is within the margin.
 * UNDECIDED: neither a change nor its absence is shown.
 */
enum pf_verdict { PF_SAME, PF_UNDECIDED, PF_CALLS_CHANGED, PF_SLOWER, PF_FASTER };
/* UNSTABLE: they differ between the runs of one side. */
enum pf_counts { PF_COUNTS_UNKNOWN, PF_COUNTS_SAME, PF_COUNTS_CHANGED, PF_COUNTS_UNSTABLE };

/* Scaling of the values of each run, rounded half to even. TOTAL: all runs have the mean total of
 * the base. SHARE: billionths of the run's total. RATE: per second of its duration. FUNCTION: a
 * function's cumulative value is in all runs what it is in the mean of the base. */
enum pf_normalize {
    PF_NORMALIZE_NONE,
    PF_NORMALIZE_TOTAL,
    PF_NORMALIZE_SHARE,
    PF_NORMALIZE_RATE,
    PF_NORMALIZE_FUNCTION,
};

/* "OLD=NEW": what functions, modules, files and folders of the base are called now. */
struct pf_maps {
    const char *const *at;
    uint32_t n;
    bool *found; /* NULL, or for each: set when something is called OLD */
};

struct pf_diff_how {
    enum pf_by by;
    bool cum;      /* statistics, verdicts and the order of rows go by cumulative values */
    bool series;   /* the runs are snapshots, in order: new is the last of them, not their mean */
    bool mean;     /* samples with a time: their mean counts instead of their kind's peak or sum */
    bool per_loop; /* for the views: pf_per_loop was there */
    bool force;    /* what cannot be compared is compared by shares */
    enum pf_normalize normalize;
    const char *function; /* for PF_NORMALIZE_FUNCTION */
    struct pf_maps maps;
    double level, margin; /* 0: 0.05, 0.1 */
};

struct pf_diff_value {
    int64_t flat, cum, calls; /* means over the runs of a side, rounded half to even; of peaks the
                                 largest; of a series the last. Where pf_diff.means, calls is the
                                 mean over time of the compared value */
};

/* Rank statistics of the compared value (ops/stats.h): two or more runs on both sides. */
struct pf_diff_test {
    bool tested;  /* p, q; q only of rows */
    bool bounded; /* low, high: the 95% interval of the effect */
    bool detects; /* detectable: there are runs enough to find anything */
    double p, q;
    double detectable; /* the smallest effect found in 80 of 100 cases */
    int64_t effect, low, high;
};

struct pf_diff_row {
    pf_id func, stack; /* in diff->names, as the new side has them, or the base where gone */
    int64_t line;
    enum pf_status status;
    enum pf_verdict verdict;
    enum pf_counts counts;
    struct pf_diff_value value[2]; /* by side */
    int64_t least[2], most[2];     /* of the compared value over the runs of a side */
    struct pf_diff_test test;
    uint32_t grew;   /* of a series: in how many steps */
    uint32_t rename; /* 1 + the row on the other side that this one may have become; 0: none */
    bool ambiguous;  /* one side has more of this place and name: who is whose is a guess */
};

struct pf_diff_total { /* of a sample type that the runs have */
    pf_id name, unit;
    uint32_t kind, runs[2]; /* runs that have it */
    int64_t value[2];       /* as pf_diff_value */
    struct pf_diff_test test;
};

/*
 * Rows stand for what pf_top's rows do. They are joined by place and name without line numbers:
 * a place is a file below a known root (site-packages, lib/pythonX.Y, frozen) wherever that lies,
 * and any other file as recorded; addresses in names are no part of them. Several of one place and
 * name are joined in the order of their lines; where one side has more of them, those that are most
 * alike in calls, cost and line. What then is left on both sides is joined by module and name where
 * that is unambiguous, and by the rest of the path below folders that were renamed.
 * Lines of functions without a name (tracemalloc knows none) are joined by file and line, as they
 * were recorded; so are the stacks that they stand in.
 */
struct pf_diff {
    struct pf_diff_row *at; /* by falling size of the difference, then by name and place */
    uint32_t n;
    struct {
        struct pf_ids files, interpreters, timers; /* strings of names */
        uint32_t runs;
        int64_t total;                     /* as pf_diff_value */
        int64_t mean;                      /* of it, where pf_diff.means */
        bool has_calls;                    /* all runs have them */
        struct pf_certificate certificate; /* of the runs whose stacks are inferred */
    } side[2];
    struct pf_type type; /* of all profiles, or of the first; strings of names */
    struct pf_diff_how how;
    struct pf_diff_total *total; /* of all types, in the order of their names */
    uint32_t n_totals;
    struct pf_diff_test whole; /* of the total of the compared type */
    uint32_t varying;          /* rows that are not one number in all runs */
    uint32_t tested;           /* of these, the ones with a p */
    uint32_t needed;           /* runs a side to find one change among those that vary */
    bool enough;               /* there are as many */
    bool forced;               /* by shares, as `why` forbids anything else */
    bool timed;                /* samples have times */
    bool means;                /* of peaks: what they are in the mean over time is known, too */
    bool noise;                /* single runs are tested against a noise floor */
    char why[256];
    struct pf_profile *names;
    struct pf_diff_hidden *h;
};

/* Turns nanoseconds that stand beside the number of loops they took (timeit, pyperf) into
 * picoseconds of one loop of their stack, which compare whatever that number was. 1: done; 0: p has
 * none, or they do not fit; -1: no memory. */
int pf_per_loop(struct pf_profile *p, unsigned type, struct pf_err *err);

struct pf_diff *pf_diff_new(struct pf_mem *m, const struct pf_diff_how *how); /* NULL: no memory */
void pf_diff_free(struct pf_diff *d);                                         /* accepts NULL */
/* Adds a run to a side; only its rows are kept. file: what to call the input. */
int pf_diff_add(struct pf_diff *d, enum pf_side side, const struct pf_profile *p, unsigned type,
                const char *file, struct pf_err *err);
/* Whether pf_diff_add would take it, for who compares otherwise: only the first is known. */
int pf_diff_may_add(struct pf_diff *d, const struct pf_profile *p, unsigned type,
                    struct pf_err *err);
/* Joins the sides into rows; nothing can be added any more. */
int pf_diff_finish(struct pf_diff *d, struct pf_err *err);

static inline int64_t pf_diff_compared(const struct pf_diff *d, const struct pf_diff_row *row,
                                       enum pf_side side)
{
    return d->how.cum ? row->value[side].cum : row->value[side].flat;
}

/* How far the runs of one program are apart, row by row, as a profile: what was learned from the
 * runs of the base, for pf_diff_noise. NULL on failure. */
struct pf_profile *pf_diff_learned(struct pf_diff *d, struct pf_err *err);
/* Before pf_diff_finish: where a side has one run only, changes are held against that noise. */
int pf_diff_noise(struct pf_diff *d, const struct pf_profile *noise, struct pf_err *err);

/* ---- gates: an expression that is to hold for no row ---------------------- */

enum pf_answer { PF_NO, PF_YES, PF_UNKNOWN };
struct pf_gate;

/* "time > +10% and q < 0.05 and share > 1%". On failure NULL, and err->at is the byte that the
 * message is about. */
struct pf_gate *pf_gate_new(struct pf_mem *m, const char *text, struct pf_err *err);
void pf_gate_free(struct pf_gate *g); /* accepts NULL */
/* Holds the gate against a finished diff; fails where it speaks of types that the diff lacks. */
struct pf_gate_result {
    const char *text;
    const struct pf_gate *gate;
    bool strict;           /* for the views, set by whom it concerns: undecided fails */
    enum pf_answer answer; /* YES: it holds for some row, which is bad news */
    bool whole;            /* it speaks of totals only: there are no rows */
    uint32_t *rows;        /* for which it holds: yours (pf_dealloc) */
    uint32_t n_rows, undecided;
};
int pf_gate_try(const struct pf_gate *g, const struct pf_diff *d, struct pf_gate_result *result,
                struct pf_err *err);
/* Of one row; NULL: of the whole. */
enum pf_answer pf_gate_row(const struct pf_gate *g, const struct pf_diff *d,
                           const struct pf_diff_row *row);

/* Whether a label, or a label set, tells the base of a difference, as pprof does. */
bool pf_is_base_label(const struct pf_profile *p, const struct pf_label *l);
bool pf_is_base(const struct pf_profile *p, pf_id set);

/* The signed difference as a profile: the samples of `now`, and those of `base` negated and
 * labelled pprof::base=true. Functions of the base that pf_diff would join with one of `now` are
 * taken for that. It has no raw pstats table, and of the values only those that add up. maps: or
 * NULL. Both profiles are taken over, whatever comes of it; NULL on failure. */
struct pf_profile *pf_diff_profile(struct pf_profile *base, struct pf_profile *now,
                                   const struct pf_maps *maps, struct pf_err *err);
/* Gives this label to all samples that have none of its key. */
int pf_label_rest(struct pf_profile *p, struct pf_str key, struct pf_str value, struct pf_err *err);
/* Labels all samples with the number of the run (from 1) that they come from, profpipe::run, so
 * that runs can be told apart when they are merged: what is noise is seen in them only. */
int pf_label_run(struct pf_profile *p, uint32_t run, struct pf_err *err);
/* Labels all samples of merged runs with their number, profpipe::runs, as some may have none. */
int pf_label_runs(struct pf_profile *p, uint32_t runs, struct pf_err *err);
/* Multiplies all values but those that do not add up, so that sums of unequal numbers of runs can
 * be held against each other, and labels them with that, profpipe::times. */
int pf_multiply_runs(struct pf_profile *p, uint32_t times, struct pf_err *err);

/* ---- filters -------------------------------------------------------------- */

/* A regular expression (PCRE2, as pprof's are read: unanchored, `$` at the very end only). NULL: it
 * is broken at err->at, counted in bytes of it. */
struct pf_pattern;
struct pf_pattern *pf_pattern_new(struct pf_mem *m, const char *expression, struct pf_err *err);
void pf_pattern_free(struct pf_pattern *x); /* accepts NULL */
/* 1: somewhere in the text, 0: nowhere; -1: it took more steps or memory than is allowed. */
int pf_pattern_match(const struct pf_pattern *x, const char *s, size_t len, struct pf_err *err);

/* pprof's --tagfocus and --tagignore: [KEY=]RE[,RE]..., or a range of numbers: 4kb, 4kb:, :4kb,
 * 4kb:8kb. */
struct pf_tag_filter;
struct pf_tag_filter *pf_tag_filter_new(struct pf_mem *m, const char *text, struct pf_err *err);
void pf_tag_filter_free(struct pf_tag_filter *x); /* accepts NULL */

struct pf_patterns { /* what any of them matches */
    struct pf_pattern **at;
    uint32_t n;
};
struct pf_words {
    const char **at;
    uint32_t n;
};

enum pf_preset { /* bits */
                 PF_OF_PROJECT = 1,
                 PF_OF_STDLIB = 2,
                 PF_OF_PACKAGES = 4,
                 PF_OF_BUILTINS = 8,
                 PF_OF_IMPORTLIB = 16,
};
enum pf_granularity { PF_AS_IS, PF_FUNCTIONS, PF_FILES, PF_LINES, PF_MODULES };

/*
 * What to keep of a profile. A frame is matched by its module-qualified name, its file, its module
 * and its binary; prune_from by its name alone. In this order, pprof's:
 *   tag_root, tag_leaf   frames made of label values
 *   focus, ignore        samples with a frame that matches, without one
 *   hide, show           frames go; only these stay. So do only (presets to keep) and no (to hide).
 *   show_from            from the outermost match inwards; samples without one go
 *   tag_focus, tag_ignore, no_idle   samples by their labels, or by what their leaf does
 *   tag_show, tag_hide   labels by their keys
 *   prune_from           what the innermost match calls goes
 * and then: map, trim, granularity, collapse_recursion, depth, min, redact.
 * Where the leaf of a sample goes, its values are its caller's then, but for counts of calls
 * (`calls`, `primitive_calls`): these are the leaf's, and become 0.
 */
struct pf_select {
    struct pf_words tag_root, tag_leaf; /* label keys */
    struct pf_patterns focus, ignore, hide, show, show_from, prune_from, tag_show, tag_hide;
    const struct pf_tag_filter *tag_focus, *tag_ignore; /* or NULL */
    unsigned only, no;                                  /* enum pf_preset */
    bool bare;              /* names are matched without their module, too */
    bool no_idle;           /* samples that wait go, but not those that block an event loop */
    struct pf_patterns map; /* what it matches of a function's name becomes map_to[i] */
    const char *const *map_to;
    struct pf_words trim; /* folders that are cut off files */
    enum pf_granularity granularity;
    bool collapse_recursion; /* of frames of one function in a row the innermost stays */
    uint32_t depth;          /* frames from the root; 0: all */
    double min; /* paths with less than this share of column `type` end at their caller */
    unsigned type;
    const char *redact; /* names, files and label values become hashes keyed with this; or NULL */
};

enum pf_select_part { /* bits of pf_selected.matched */
                      PF_SEL_FOCUS = 1,
                      PF_SEL_IGNORE = 2,
                      PF_SEL_HIDE = 4,
                      PF_SEL_SHOW = 8,
                      PF_SEL_SHOW_FROM = 16,
                      PF_SEL_PRUNE_FROM = 32,
                      PF_SEL_TAG_FOCUS = 64,
                      PF_SEL_TAG_IGNORE = 128,
                      PF_SEL_TAG_SHOW = 256,
                      PF_SEL_TAG_HIDE = 512,
                      PF_SEL_TAG_ROOT = 1024,
                      PF_SEL_TAG_LEAF = 2048,
                      PF_SEL_MAP = 4096,
};
struct pf_selected {
    unsigned matched;      /* which parts found something */
    uint32_t samples_kept; /* of the samples that there were */
    int64_t calls_gone[2]; /* all and primitive calls of leaves that were taken out */
};

/* What is left, as a new profile without a raw pstats table. p is used up: its samples and tables
 * were changed, and it is good for pf_free only. NULL on failure. */
struct pf_profile *pf_select(struct pf_profile *p, const struct pf_select *how,
                             struct pf_selected *told, struct pf_err *err);

/* ---- views ---------------------------------------------------------------- */

/* A value as people write it: "1.54 ms", "3.20 MiB", "42". sign: a plus is shown, too. Returns its
 * length. */
enum { PF_VALUE_MAX = 48 };
int pf_value_text(char buf[PF_VALUE_MAX], double value, struct pf_str unit, bool sign);

enum pf_layout { PF_TEXT, PF_JSON, PF_CSV, PF_MARKDOWN, PF_JUNIT };
enum pf_top_sort { PF_SORT_FLAT, PF_SORT_CUM, PF_SORT_CALLS, PF_SORT_PER_CALL, PF_SORT_NAME };
enum pf_diff_sort {
    PF_SORT_DELTA, /* by size, whatever the sign; so are pct and calls */
    PF_SORT_BASE,
    PF_SORT_NEW,
    PF_SORT_PCT,
    PF_SORT_CALLS_DELTA,
    PF_SORT_ROW_NAME,
};

struct pf_view {
    enum pf_layout layout;
    int sort;            /* enum pf_top_sort or pf_diff_sort */
    uint32_t limit;      /* rows; 0: all */
    const char *columns; /* keys with commas between; NULL: the usual ones */
    bool all;            /* diff: also rows in which nothing changed */
    bool raw;            /* values as plain integers in text, too */
    bool color;          /* text only */
    unsigned width;      /* of the terminal: columns are left out, names cut; 0: no limit */
    const struct pf_gate_result *gates; /* diff: how they ended */
    uint32_t n_gates;
};

/* The JSON member "certificate": null without one; method may be empty. */
void pf_json_certificate(const struct pf_certificate *c, struct pf_str method, struct pf_sink *out);

/* The functions (or files, ...) of a profile. Values in JSON and CSV are integers in their unit. */
int pf_view_top(const struct pf_profile *p, unsigned type, enum pf_by by, const struct pf_view *v,
                struct pf_sink *out, struct pf_err *err);
/* A finished difference. */
int pf_view_diff(const struct pf_diff *d, const struct pf_view *v, struct pf_sink *out,
                 struct pf_err *err);

/* ---- call trees as text ----------------------------------------------------- */

struct pf_tree_how {
    unsigned type;
    enum pf_by by;
    bool inverted;
    uint32_t depth; /* levels; 0: all */
    double min;     /* a node with a smaller share of the whole is put together with its likes */
};
/* Callers above callees, the heaviest first. view->sort and cum are not used. */
int pf_view_tree(const struct pf_profile *p, const struct pf_tree_how *how,
                 const struct pf_view *view, struct pf_sink *out, struct pf_err *err);
/* Each function that matches, its callers above and its callees below it. */
int pf_view_peek(const struct pf_profile *p, const struct pf_tree_how *how,
                 const struct pf_pattern *x, const struct pf_view *view, struct pf_sink *out,
                 struct pf_err *err);

/* ---- annotated source ------------------------------------------------------- */

/* One input: a group of columns. Its values stand at the lines that its frames name. */
struct pf_list_input {
    const struct pf_profile *p;
    unsigned type;
    const char *name;
    int64_t changed_ns; /* when the file was written; 0: unknown */
};

/*
 * The lines of the files, or of the functions, that `subject` names: a function by its name or its
 * module-qualified name, a file by its path or the end of it. Text comes from the inputs, where
 * they bring it, and from files below `root`; nothing else is opened.
 */
struct pf_list_how {
    const char *subject;
    const struct pf_list_input *input;
    uint32_t inputs;
    const char *root; /* folder of the source, or NULL */
    bool raw;         /* values as plain integers */
    bool color;
    pf_tell *tell; /* of source that is newer than the profile, and of spellings put together */
    void *ctx;
};
int pf_view_list(const struct pf_list_how *how, struct pf_sink *out, struct pf_err *err);
int pf_view_list_html(const struct pf_list_how *how, struct pf_sink *out, struct pf_err *err);

/* ---- call graphs ------------------------------------------------------------ */

struct pf_dot_how {
    unsigned type;
    enum pf_by by;
    uint32_t nodes;                /* at most; 0: 80 */
    double node_share, edge_share; /* less is left out; under 0: 0.005 and 0.001, as pprof does */
    const char *title;             /* or NULL */
};
/* Graphviz's dot. What was left out is said in the label of the graph. */
int pf_view_dot(const struct pf_profile *p, const struct pf_dot_how *how, struct pf_sink *out,
                struct pf_err *err);

/* ---- flame graphs: one file, self-contained ------------------------------- */

enum pf_flame_colors { PF_COLORS_MODULE, PF_COLORS_PACKAGE };

struct pf_flame_how {
    unsigned type;
    enum pf_by by;
    bool inverted; /* callees below their callers' place: the tree starts at the leaves */
    bool icicle;   /* the root on top */
    bool diff;     /* the profile is a signed difference: draw the two sides */
    enum pf_flame_colors colors;
    const char *title; /* NULL: a title of our own */
    unsigned width;    /* pixels of an SVG; 0: 1200 */
    double min_width;  /* pixels; narrower boxes are not drawn; under 0: 0.1 */
    pf_tell *tell;     /* what the picture does not show; or NULL */
    pf_tell *warn;     /* that what is drawn is not all; or NULL */
    void *ctx;
};

/* An SVG that can be read without its script, which adds zoom, search and a keyboard. */
int pf_view_flame_svg(const struct pf_profile *p, const struct pf_flame_how *how,
                      struct pf_sink *out, struct pf_err *err);
/* A page with a canvas, for profiles of any size: all sample types that add up, callers and callees
 * of a function, heaviest first or in time, and a table of the same numbers. */
int pf_view_flame_html(const struct pf_profile *p, const struct pf_flame_how *how,
                       struct pf_sink *out, struct pf_err *err);

/* ---- plots: values over time ------------------------------------------------ */

struct pf_plot; /* of several runs, each beginning at 0 */

enum pf_plot_layout { PF_PLOT_SVG, PF_PLOT_TEXT, PF_PLOT_CSV };

enum { /* of widths; what lies beyond is drawn as these are */
       PF_PLOT_LEAST_PIXELS = 300,
       PF_PLOT_MOST_PIXELS = 20000,
       PF_PLOT_LEAST_COLUMNS = 20,
       PF_PLOT_MOST_COLUMNS = 10000,
};

struct pf_plot_how {
    enum pf_plot_layout layout;
    const char *title; /* NULL: a title of our own */
    unsigned width;    /* SVG: pixels, 0: 1000; text: columns, 0: 80 */
    pf_tell *tell;     /* what the picture does not show; or NULL */
    void *ctx;
};

struct pf_plot *pf_plot_new(struct pf_mem *m); /* NULL: no memory */
void pf_plot_free(struct pf_plot *plot);       /* accepts NULL */
/* Adds the samples of a run that have a label `time`: a line for each process, and calls (samples
 * with a label `duration`, and perhaps values `entry` and `exit`). All runs have one type of value.
 * name: what to call the run. */
int pf_plot_add(struct pf_plot *plot, const struct pf_profile *p, unsigned type, const char *name,
                struct pf_err *err);
int pf_view_plot(struct pf_plot *plot, const struct pf_plot_how *how, struct pf_sink *out,
                 struct pf_err *err);

#endif
