/* spool.c - numbers (as varints) and texts in a chain of blocks. */
#include "spool.h"

#include <string.h>

enum { BLOCK_MIN = 512, BLOCK_MAX = 64 * PF_KIB, VARINT_MAX = 10 };

struct spool_block {
    struct spool_block *next;
    size_t n, cap;
    uint8_t byte[];
};

/* A block with room for `want` more bytes; NULL: no memory. Blocks double, so small stays small. */
static struct spool_block *room(struct spool *s, size_t want)
{
    struct spool_block *b = s->last;

    if (b && b->cap - b->n >= want)
        return b;
    size_t cap = b ? 2 * b->cap : BLOCK_MIN;
    cap = cap < BLOCK_MAX ? cap : BLOCK_MAX;
    struct spool_block *fresh = s->failed ? NULL : pf_alloc(s->mem, sizeof *fresh + cap);
    if (!fresh) {
        s->failed = true;
        return NULL;
    }
    *fresh = (struct spool_block){.cap = cap};
    if (b)
        b->next = fresh;
    else
        s->first = fresh;
    return s->last = fresh;
}

void spool_put(struct spool *s, uint64_t number)
{
    struct spool_block *b = room(s, VARINT_MAX);

    if (!b)
        return;
    for (; number > 127; number >>= 7)
        b->byte[b->n++] = (uint8_t)(number | 128);
    b->byte[b->n++] = (uint8_t)number;
}

void spool_put_text(struct spool *s, const char *text, size_t len)
{
    spool_put(s, len);
    while (len) {
        struct spool_block *b = room(s, 1);
        if (!b)
            return;
        size_t part = b->cap - b->n < len ? b->cap - b->n : len;
        memcpy(b->byte + b->n, text, part);
        b->n += part;
        text += part;
        len -= part;
    }
}

void spool_rewind(struct spool *s)
{
    s->reading = s->first;
    s->at = 0;
}

/* The block that the next byte is in; NULL at the end. */
static struct spool_block *next_block(struct spool *s)
{
    while (s->reading && s->at == s->reading->n) {
        s->reading = s->reading->next;
        s->at = 0;
    }
    return s->reading;
}

uint64_t spool_take(struct spool *s)
{
    uint64_t number = 0;
    struct spool_block *b = next_block(s); /* a number never crosses blocks */

    for (unsigned shift = 0; b && s->at < b->n && shift < 64; shift += 7) {
        uint8_t byte = b->byte[s->at++];
        number |= (uint64_t)(byte & 127) << shift;
        if (byte < 128)
            break;
    }
    return number;
}

const char *spool_take_text(struct spool *s, size_t *len)
{
    size_t want = (size_t)spool_take(s), n = 0;
    struct spool_block *b;

    *len = 0;
    if (want > s->cap) {
        char *grown = pf_realloc(s->mem, s->text, 2 * want);
        if (!grown) {
            s->failed = true;
            return "";
        }
        s->text = grown;
        s->cap = 2 * want;
    }
    while (n < want && (b = next_block(s))) {
        size_t part = b->n - s->at < want - n ? b->n - s->at : want - n;
        memcpy(s->text + n, b->byte + s->at, part);
        s->at += part;
        n += part;
    }
    *len = n;
    return n ? s->text : "";
}

void spool_free(struct spool *s)
{
    while (s->first) {
        struct spool_block *next = s->first->next;
        pf_dealloc(s->mem, s->first);
        s->first = next;
    }
    pf_dealloc(s->mem, s->text);
    *s = (struct spool){.mem = s->mem};
}
