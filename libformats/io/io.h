/*
 * io.h - the inside of a source: a pile of layers, each filling its window from the one below.
 *
 *     text as UTF-8     (only for UTF-16)
 *     unpacked twice    gzip or zstd
 *     unpacked once     gzip or zstd
 *     raw               read from the file
 *
 * The top window is what pf_peek shows. A layer never reads past the end of its own frame or member
 * before it is told to, so a frame of any zstd layer ends the content seen at the top.
 */
#ifndef IO_H
#define IO_H

#include "core.h"

#include <sys/types.h>

enum {
    MAX_UNPACK = 2,              /* gzip or zstd layers */
    MAX_LAYERS = MAX_UNPACK + 2, /* and the file, and the text */
    MIN_ROOM = 16,               /* a window is filled only when this much is free */
    WINDOW_MIN = 4 * PF_KIB,
    WINDOW_MAX = 256 * PF_KIB, /* of a fresh window; it grows when somebody wants more */
    ONCE_PACKED = 4 * PF_MIB,  /* gzip files up to here are unpacked in one step */
    ONCE_UNPACKED = 16 * PF_MIB,
    MAX_RATIO = 1032, /* deflate packs no better */
};

/* Bytes [at, end) of buf are unread. own is buf, or NULL when buf is the caller's memory. */
struct pf_window {
    uint8_t *own;
    const uint8_t *buf;
    size_t at, end, cap;
};

enum pf_layer_kind { PF_LAYER_RAW, PF_LAYER_GZIP, PF_LAYER_ZSTD, PF_LAYER_UTF16 };

struct pf_layer {
    enum pf_layer_kind kind;
    bool ended;    /* nothing more to fill in, or not before the next frame */
    bool whole;    /* a small gzip file, all of which is in the window below */
    bool in_frame; /* between the first and the last byte of a zstd frame or gzip member */
    bool big_endian;
    size_t hint; /* size of a fresh window */
    struct pf_window out;
    void *unpacker; /* a z_stream or a ZSTD_DCtx */
};

/* Puts up to `room` bytes at `to` and returns how many; 0: no more; -1: *err says why. */
typedef ssize_t pf_more(void *ctx, void *to, size_t room, struct pf_err *err);

struct pf_source {
    struct pf_mem *mem;
    struct pf_err err;
    int fd; /* -1: from memory, or from a function */
    pf_more *more;
    void *ctx;
    bool started, joined, skippable;
    unsigned top;             /* layer[top] is what is shown */
    uint64_t size;            /* of a regular file, else 0 */
    uint64_t bytes_read;      /* from the file */
    uint64_t offset, line;    /* in the frame */
    uint64_t frames, skipped; /* zstd frames begun: with content, skippable ones */
    struct pf_layer layer[MAX_LAYERS];
    struct pf_profile **run; /* repeats that were read and are still to be handed out */
    uint32_t n_runs, next_run;
};

/* from.c: a source whose packed bytes a function has, which is called as they are wanted. */
struct pf_source *pf_open_from(struct pf_mem *m, pf_more *more, void *ctx, struct pf_err *err);
ssize_t pf_read_more(struct pf_source *s, void *to, size_t room);

/* What a reader found beside the first profile: now the source's, until they are taken. */
void pf_source_keep_runs(struct pf_source *s, struct pf_profile **run, uint32_t n);
struct pf_profile *pf_source_take_run(struct pf_source *s); /* NULL: none left */

static inline size_t pf_unread(const struct pf_window *w)
{
    return w->end - w->at;
}

static inline const uint8_t *pf_unread_at(const struct pf_window *w)
{
    return w->buf ? w->buf + w->at : NULL;
}

/* Fills layer i until it holds `want` unread bytes or its frame ends; returns how many it holds. */
size_t pf_layer_peek(struct pf_source *s, unsigned i, size_t want);
/* Moves layer i on to its next frame; false if it is no zstd layer, or there is none. */
bool pf_layer_next(struct pf_source *s, unsigned i);
/* Packing errors: at the offset reached in the file. Returns false. */
bool pf_unpack_fail(struct pf_source *s, enum pf_code code, const char *what, const char *why);

/* unpack.c */
enum pf_layer_kind pf_packing_of(const uint8_t *head, size_t len); /* by magic; RAW: not packed */
bool pf_unpack_open(struct pf_source *s, struct pf_layer *l);
void pf_unpack_close(struct pf_mem *m, struct pf_layer *l);
/* Adds bytes to the window of layer i, which has room; false: none, the frame ended or it failed.
 */
bool pf_fill_gzip(struct pf_source *s, unsigned i);
bool pf_fill_zstd(struct pf_source *s, unsigned i);
bool pf_zstd_start(struct pf_source *s, unsigned i); /* begins a frame; false: there is none */

/*
 * replace.c: where a sink's file goes. A regular file is written as `temp`, beside its target, and
 * takes its place only when it is whole; anything else (temp = NULL) is written directly.
 */
struct pf_place {
    char *target, *temp;
    int fd;
};
int pf_place_open(struct pf_mem *m, const char *path, struct pf_place *at, struct pf_err *err);
/* Both close fd and free the names; drop removes the temporary file. */
int pf_place_keep(struct pf_mem *m, struct pf_place *at, struct pf_err *err);
void pf_place_drop(struct pf_mem *m, struct pf_place *at);
/* Waits for the lock on the folder that the file at path is in, links followed: whoever replaces a
 * file by what was made from it must keep others out. Closing the descriptor gives it back. */
int pf_place_lock(struct pf_mem *m, const char *path, struct pf_err *err);
/* The folder that the file at path is or will be in, links followed: yours. NULL: no memory. */
char *pf_place_folder(struct pf_mem *m, const char *path);

/* width.c: columns of a character on a terminal */
unsigned pf_char_width(uint32_t code);

#endif
