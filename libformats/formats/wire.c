/* wire.c - walks the fields of a protobuf message without knowing what they mean. */
#include "wire.h"

enum { MAX_FIELD = (1 << 29) - 1 };

static uint64_t fixed(const uint8_t *at, unsigned bytes)
{
    uint64_t v = 0;

    for (unsigned i = 0; i < bytes; i++)
        v |= (uint64_t)at[i] << 8 * i;
    return v;
}

/* A varint that does not fit is broken, one that the end cuts may go on. */
static enum pf_wire_found varint(const uint8_t **at, const uint8_t *end, uint64_t *value,
                                 uint64_t *need, const uint8_t *start, const char **why)
{
    if (pf_varint(at, end, value))
        return WIRE_FIELD;
    if (end - *at >= 10) {
        *why = "a number is longer than 64 bits";
        return WIRE_BROKEN;
    }
    *need = (uint64_t)(end - start) + 1;
    return WIRE_CUT;
}

enum pf_wire_found pf_wire_slow(struct pf_wire *w, struct pf_field *f, uint64_t *need,
                                const char **why)
{
    const uint8_t *at = w->at;
    uint64_t tag;
    enum pf_wire_found found;

    if (at == w->end)
        return WIRE_END;
    f->start = at;
    if ((found = varint(&at, w->end, &tag, need, w->at, why)) != WIRE_FIELD)
        return found;
    f->type = (uint32_t)tag & 7;
    if (tag >> 3 == 0 || tag >> 3 > MAX_FIELD) {
        *why = "a field number is out of range";
        return WIRE_BROKEN;
    }
    f->number = (uint32_t)(tag >> 3);
    if (f->type == WIRE_VARINT || f->type == WIRE_LEN) {
        if ((found = varint(&at, w->end, &f->value, need, w->at, why)) != WIRE_FIELD)
            return found;
    } else if (f->type == WIRE_I64 || f->type == WIRE_I32) {
        f->value = f->type == WIRE_I64 ? 8 : 4;
    } else {
        *why =
            f->type == 3 || f->type == 4 ? "groups are not used in profiles" : "unknown wire type";
        return WIRE_BROKEN;
    }
    f->data = at;
    f->len = 0;
    if (f->type != WIRE_VARINT) {
        if (f->value > (uint64_t)(w->end - at)) {
            *need = (uint64_t)(at - w->at) + f->value;
            if (*need >> 62) {
                *why = "a length is out of range";
                return WIRE_BROKEN;
            }
            return WIRE_CUT;
        }
        f->len = (size_t)f->value;
        at += f->len;
        if (f->type != WIRE_LEN)
            f->value = fixed(f->data, (unsigned)f->len);
    }
    w->at = at;
    return WIRE_FIELD;
}
