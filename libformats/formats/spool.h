/*
 * spool.h - numbers and short texts that a reader meets before it can make sense of them: written
 * once, read once, in as few bytes as they need.
 */
#ifndef SPOOL_H
#define SPOOL_H

#include "formats.h"

struct spool_block;

/* Zero-initialise, then set mem. */
struct spool {
    struct pf_mem *mem;
    struct spool_block *first, *last;
    struct spool_block *reading;
    size_t at;      /* in the block that is being read */
    uint64_t count; /* for the owner: what was put in */
    bool failed;    /* no memory */
    char *text;     /* of spool_take_text */
    size_t cap;
};

void spool_put(struct spool *s, uint64_t number);
void spool_put_text(struct spool *s, const char *text, size_t len);
void spool_rewind(struct spool *s); /* reading begins at the start */
uint64_t spool_take(struct spool *s);
const char *spool_take_text(struct spool *s, size_t *len); /* until the next one */
void spool_free(struct spool *s);                          /* and empty, to be used again */

#endif
