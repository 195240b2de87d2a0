/* wire.h - protobuf's wire format: fields in, fields out, nothing of their meaning. */
#ifndef WIRE_H
#define WIRE_H

#include "formats.h"

enum pf_wire_type { WIRE_VARINT = 0, WIRE_I64 = 1, WIRE_LEN = 2, WIRE_I32 = 5 };

/* A message being read; `base` is where offsets in errors count from. */
struct pf_wire {
    const uint8_t *at, *end, *base;
};

struct pf_field {
    uint32_t number;
    uint32_t type;
    uint64_t value;      /* of a varint or a fixed number */
    const uint8_t *data; /* of a WIRE_LEN field */
    size_t len;
    const uint8_t *start; /* of its tag */
};

enum pf_wire_found { WIRE_FIELD, WIRE_END, WIRE_CUT, WIRE_BROKEN };

/* The next field. CUT: the message ends inside it, *need tells how many bytes from `at` it wants at
 * least. BROKEN: *why tells. */
enum pf_wire_found pf_wire_slow(struct pf_wire *w, struct pf_field *f, uint64_t *need,
                                const char **why);

/* A varint; false when cut or longer than 64 bits. */
static inline bool pf_varint(const uint8_t **at, const uint8_t *end, uint64_t *value)
{
    const uint8_t *p = *at;
    uint64_t v = 0;

    if (p < end && *p < 0x80) {
        *value = *p;
        *at = p + 1;
        return true;
    }
    if (end - p >= 2 && p[1] < 0x80) {
        *value = (uint64_t)(p[0] & 0x7f) | (uint64_t)p[1] << 7;
        *at = p + 2;
        return true;
    }
    for (unsigned shift = 0; p < end && shift < 64; shift += 7) {
        uint8_t b = *p++;
        v |= (uint64_t)(b & 0x7f) << shift;
        if (b < 0x80) {
            if (shift == 63 && b > 1)
                return false;
            *value = v;
            *at = p;
            return true;
        }
    }
    return false;
}

/* Nearly all fields have a tag of one byte, and are a number or a run of bytes that is all there.
 */
static inline enum pf_wire_found pf_wire_next(struct pf_wire *w, struct pf_field *f, uint64_t *need,
                                              const char **why)
{
    const uint8_t *at = w->at;
    uint64_t v;

    if (at == w->end)
        return WIRE_END;
    uint8_t tag = *at;
    if (tag >= 8 && tag < 0x80 && ((tag & 7) == WIRE_VARINT || (tag & 7) == WIRE_LEN)) {
        f->start = at++;
        if (pf_varint(&at, w->end, &v)
            && ((tag & 7) == WIRE_VARINT || v <= (uint64_t)(w->end - at))) {
            f->number = tag >> 3;
            f->type = tag & 7;
            f->value = v;
            f->data = at;
            f->len = f->type == WIRE_LEN ? (size_t)v : 0;
            w->at = at + f->len;
            return WIRE_FIELD;
        }
    }
    return pf_wire_slow(w, f, need, why);
}

/* Takes the numbers of a small message up to where something else than fields 1 to `most` (below
 * 16) comes, which pf_wire_next then tells; value[] is by field. */
static inline void pf_wire_numbers(struct pf_wire *w, uint32_t most, uint64_t *value)
{
    uint32_t number;

    while (w->at < w->end && (*w->at & 7) == WIRE_VARINT && (number = *w->at >> 3) - 1 < most) {
        const uint8_t *at = w->at + 1;
        if (!pf_varint(&at, w->end, &value[number]))
            return;
        w->at = at;
    }
}

/* Writes a varint to `to` (10 bytes of room); returns behind it. */
static inline uint8_t *pf_put_varint(uint8_t *to, uint64_t v)
{
    for (; v >= 0x80; v >>= 7)
        *to++ = (uint8_t)(v | 0x80);
    *to++ = (uint8_t)v;
    return to;
}

static inline unsigned pf_varint_size(uint64_t v)
{
    return (70 - (unsigned)__builtin_clzll(v | 1)) / 7;
}

#endif
