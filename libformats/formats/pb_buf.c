/* pb_buf.c - a growing buffer that protobuf messages are written into. */
#include "pb.h"

#include <string.h>

bool pb_room(struct pb_buf *b, size_t more)
{
    if (b->failed)
        return false;
    if (b->cap - b->n >= more)
        return true;

    size_t want = b->cap ? 2 * b->cap : 256;
    while (want - b->n < more)
        want *= 2;
    uint8_t *at = pf_realloc(b->mem, b->at, want);
    if (!at) {
        b->failed = true;
        return false;
    }
    b->at = at;
    b->cap = want;
    return true;
}

void pb_varint(struct pb_buf *b, uint64_t v)
{
    if (pb_room(b, 10))
        b->n = (size_t)(pf_put_varint(b->at + b->n, v) - b->at);
}

void pb_bytes(struct pb_buf *b, const void *data, size_t len)
{
    if (len && pb_room(b, len)) {
        memcpy(b->at + b->n, data, len);
        b->n += len;
    }
}

void pb_tag(struct pb_buf *b, uint32_t number, enum pf_wire_type type)
{
    pb_varint(b, (uint64_t)number << 3 | (uint64_t)type);
}

void pb_number(struct pb_buf *b, uint32_t number, uint64_t v)
{
    if (!v)
        return;
    pb_tag(b, number, WIRE_VARINT);
    pb_varint(b, v);
}

void pb_message(struct pb_buf *b, uint32_t number, const struct pb_buf *inner)
{
    pb_tag(b, number, WIRE_LEN);
    pb_varint(b, inner->n);
    pb_bytes(b, inner->at, inner->n);
    b->failed |= inner->failed;
}
