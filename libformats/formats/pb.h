/* pb.h - what the readers and writers of profile.proto share: the .pb of ours and pprof's. */
#ifndef PB_H
#define PB_H

#include "core.h"
#include "wire.h"

#include <protobuf-c/protobuf-c.h>

enum { PB_MAJOR = 1, PB_MINOR = 0 };

/* Field numbers of Profile (proto/profile.proto). */
enum pb_number {
    PB_SAMPLE_TYPE = 1,
    PB_SAMPLE,
    PB_MAPPING,
    PB_LOCATION,
    PB_FUNCTION,
    PB_STRING_TABLE,
    PB_DROP_FRAMES,
    PB_KEEP_FRAMES,
    PB_TIME_NANOS,
    PB_DURATION_NANOS,
    PB_PERIOD_TYPE,
    PB_PERIOD,
    PB_COMMENT,
    PB_DEFAULT_SAMPLE_TYPE,
    PB_DOC_URL,
    PB_FORMAT_MAJOR = 1000,
    PB_FORMAT_MINOR,
    PB_ORIGIN,
    PB_STACK_KIND,
    PB_TYPE_INFO,
    PB_CALL_TABLE,
    PB_NOTE,
    PB_SOURCE_LINE,
    PB_CERTIFICATE,
};

/* Reads one Profile message, a whole frame of the input. */
int pb_read(struct pf_source *in, struct pf_profile *p, struct pf_err *err);

/* Writes one. pprof: as pprof's viewers like it best (default type last, module-qualified names,
 * valid UTF-8, one mapping, none of our fields). */
int pb_write(const struct pf_profile *p, struct pf_sink *out, bool pprof, struct pf_err *err);

/* How sure we are that these are the first bytes of a Profile: 0..100. */
int pb_probe(const uint8_t *head, size_t len);

/* ---- of the reader, for pb_calls.c ---- */

/* Ids of a message table to its rows: an array where the ids are dense, a hash where they are not.
 */
struct pb_ids {
    uint32_t *dense;
    uint64_t n_dense;
    struct pf_pairs sparse;
    struct pf_mem *mem;
    uint32_t n;    /* rows */
    bool in_order; /* they have the ids 1 to n, as is usual */
};
uint32_t pb_find_row(struct pb_ids *ids, uint64_t id);
/* The row of an id, from 1; 0: no such id. */
static inline uint32_t pb_row(struct pb_ids *ids, uint64_t id)
{
    return ids->in_order && id <= ids->n ? (uint32_t)id : pb_find_row(ids, id);
}

struct pb_slice {
    size_t at; /* in buf */
    uint32_t len;
};

struct pb_reading {
    struct pf_source *in;
    struct pf_profile *p;
    struct pf_profile *to; /* where tables and samples go: p, or what it is merged into */
    struct pf_err *err;
    const uint8_t *buf; /* the message */
    size_t len;
    uint64_t base; /* offset of buf in the input */

    uint32_t count[16];        /* of each field 1..15 */
    size_t first[16], end[16]; /* where in buf the fields of a number lie */
    uint64_t value[16];        /* singular ones: the last value */
    size_t origin, type_info, calls, lines, certificate; /* offsets of our messages in buf, + 1; 0:
                                                            none */
    uint32_t n_type_info, n_lines;
    uint64_t stack_kind;
    int64_t *note; /* string indexes */
    uint32_t n_notes, cap_notes;
    int64_t *comment;
    uint32_t n_comments, cap_comments;

    struct pb_slice *slice; /* string index -> its bytes */
    pf_id *str, *to_str;    /* string index -> id in p and in to, once asked for; maybe one array */
    struct pb_ids funcs, maps, locs;
    pf_id *func, *map;   /* row -> id */
    uint32_t *loc_first; /* row -> its frames in loc_frame, root first; one more at the end */
    pf_id *loc_frame;
    uint32_t n_loc_frames, cap_loc_frames;
    bool one_frame_each;           /* location -> the frame loc_frame[row - 1] */
    uint32_t column[PF_MAX_TYPES]; /* sample type of the message -> column of the profile */

    /* the sample being read, and the one before it: neighbours share their first frames */
    uint32_t *loc, *last_loc, *last_node;
    uint32_t n_loc, n_last, cap_loc, cap_last;
    uint32_t n_same; /* of last_loc are the callers of those in loc */
    struct pb_packed {
        const uint8_t *at;
        size_t len;
    } packed, last_packed; /* their locations, if all stand in one packed field */
    bool ordered;        /* samples came root-first sorted, and equal stacks have equal locations */
    struct pf_path path; /* frames, and below them the stacks */
    pf_id *path_node;
    pf_id *label;
    uint32_t n_label, cap_label;

    ProtobufCAllocator alloc; /* a scratch buffer that is reset after each message */
    uint8_t *scratch;
    size_t scratch_used;
    bool no_memory;
    bool lost_fields; /* unknown fields of labels and lines, which have no place in the model */
};

int pb_fail(struct pb_reading *r, const uint8_t *where, const char *fmt, ...) PF_PRINTF(3, 4);
pf_id pb_extra(struct pf_profile *p, const ProtobufCMessage *m); /* unknown fields, as a string */
void pb_tables_free(struct pb_reading *r);
int pb_read_tables(struct pb_reading *r);
int pb_no_memory(struct pb_reading *r);
int pb_scan(struct pb_reading *r);
int pb_read_samples(struct pb_reading *r);
/* The next field of one number, from *at (0 at first) on; false behind the last one. */
bool pb_each(const struct pb_reading *r, uint32_t number, size_t *at, struct pf_field *f);
/* The id of string `index`; fails with the path message[row].field. */
pf_id pb_str(struct pb_reading *r, const uint8_t *where, int64_t index, const char *message,
             uint32_t row, const char *field);
pf_id pb_to_str(struct pb_reading *r, const uint8_t *where, int64_t index, const char *message,
                uint32_t row, const char *field); /* the same in r->to */
void *pb_unpack(struct pb_reading *r, const ProtobufCMessageDescriptor *d, const struct pf_field *f,
                const char *message, uint32_t row);
void pb_unpack_done(struct pb_reading *r, void *message);

int pb_read_calls(struct pb_reading *r, const struct pf_field *f);
/* func_id[f]: the id of a function in the message. Appends the packed CallTable field. */
int pb_write_calls(const struct pf_calls *c, struct pf_mem *m, struct pf_sink *out,
                   const uint32_t *func_id, struct pf_err *err);

/* pb_producer.c: of a file that does not tell its origin as ours do. */
pf_id pb_producer(struct pb_reading *r);

/* ---- pb_certificate.c ---- */

int pb_read_certificate(struct pb_reading *r);
struct pb_buf;
/* Into an empty buffer; method: the index of its string. */
void pb_put_certificate(struct pb_buf *b, const struct pf_certificate *c, uint64_t method);

/* Growable output of bytes for one message (a thin layer over wire.h). */
struct pb_buf {
    struct pf_mem *mem;
    uint8_t *at;
    size_t n, cap;
    bool failed;
};
bool pb_room(struct pb_buf *b, size_t more);
void pb_varint(struct pb_buf *b, uint64_t v);
void pb_bytes(struct pb_buf *b, const void *data, size_t len);
void pb_tag(struct pb_buf *b, uint32_t number, enum pf_wire_type type);
void pb_number(struct pb_buf *b, uint32_t number, uint64_t v); /* left out when 0 */
void pb_message(struct pb_buf *b, uint32_t number, const struct pb_buf *inner);

#endif
