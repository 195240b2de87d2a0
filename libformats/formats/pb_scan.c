/* pb_scan.c - the first walk over a profile.proto message, while it is unpacked: what is where,
 * what is unknown, is it whole; and how sure one can be that bytes are such a message. */
#include "pb.h"
#include "profile.h"

enum { FIRST_PEEK = 1 << 16, SURE_AFTER = 32 };

/* ---- the scan ---- */

static int want_type(struct pb_reading *r, const struct pf_field *f, uint32_t type)
{
    if (f->type == type || (f->number == PB_COMMENT && f->type == WIRE_LEN))
        return 0;
    return pb_fail(r, f->start, "field %u has wire type %u instead of %u", f->number, f->type,
                   type);
}

/* Appends the numbers of a repeated int64 field, packed or not. */
static int push_numbers(struct pb_reading *r, const struct pf_field *f, int64_t **list, uint32_t *n,
                        uint32_t *cap)
{
    const uint8_t *at = f->data, *end = f->data + f->len;
    uint64_t v = f->value;

    do {
        if (f->type == WIRE_LEN && at == end)
            break;
        if (f->type == WIRE_LEN && !pf_varint(&at, end, &v))
            return pb_fail(r, f->start, "field %u: a packed number is cut", f->number);
        if (!pf_grow(r->p->mem, list, *n, cap, sizeof **list))
            return pb_no_memory(r);
        (*list)[(*n)++] = (int64_t)v;
    } while (f->type == WIRE_LEN);
    return 0;
}

static int keep_unknown(struct pb_reading *r, const struct pf_field *f)
{
    struct pf_profile *p = r->p;

    pf_push(p, &p->extras,
            pf_str(p, (const char *)f->start, (size_t)(f->data + f->len - f->start)));
    return p->err.code ? -1 : 0;
}

/* Fields of ours; under another wire type they are somebody else's. */
static int take_ours(struct pb_reading *r, const struct pf_field *f)
{
    static const uint8_t type[] = {WIRE_VARINT, WIRE_VARINT, WIRE_LEN, WIRE_VARINT, WIRE_LEN,
                                   WIRE_LEN,    WIRE_VARINT, WIRE_LEN, WIRE_LEN};
    size_t at = (size_t)(f->start - r->buf) + 1;

    if (f->number < PB_FORMAT_MAJOR || f->number > PB_CERTIFICATE
        || (f->type != type[f->number - PB_FORMAT_MAJOR]
            && !(f->number == PB_NOTE && f->type == WIRE_LEN)))
        return keep_unknown(r, f);
    switch (f->number) {
    case PB_FORMAT_MAJOR:
        if (f->value > PB_MAJOR)
            return pb_fail(r, f->start, "this file needs format version %llu; this is version %d",
                           (unsigned long long)f->value, (int)PB_MAJOR);
        return 0;
    case PB_ORIGIN: r->origin = at; return 0;
    case PB_CERTIFICATE: r->certificate = at; return 0;
    case PB_STACK_KIND: r->stack_kind = f->value; return 0;
    case PB_TYPE_INFO:
        r->type_info = r->type_info ? r->type_info : at;
        r->n_type_info++;
        return 0;
    case PB_SOURCE_LINE:
        r->lines = r->lines ? r->lines : at;
        r->n_lines++;
        return 0;
    case PB_CALL_TABLE:
        if (r->calls)
            return pb_fail(r, f->start, "call_table stands twice");
        r->calls = at;
        return 0;
    case PB_NOTE: return push_numbers(r, f, &r->note, &r->n_notes, &r->cap_notes);
    default: return 0;
    }
}

/* One top-level field. Nothing may point into the buffer yet: it still moves. */
static int take_field(struct pb_reading *r, const struct pf_field *f)
{
    uint32_t n = f->number;
    bool number = n >= PB_DROP_FRAMES && n <= PB_DOC_URL && n != PB_PERIOD_TYPE;

    if (n > PB_DOC_URL)
        return take_ours(r, f);
    if (want_type(r, f, number ? WIRE_VARINT : WIRE_LEN) < 0)
        return -1;
    if (n == PB_COMMENT && push_numbers(r, f, &r->comment, &r->n_comments, &r->cap_comments) < 0)
        return -1;
    if (n == PB_TIME_NANOS && r->count[n])
        return pb_fail(r, f->start,
                       "time_nanos stands twice: two profiles joined without zstd frames?");
    if (!r->count[n]++)
        r->first[n] = (size_t)(f->start - r->buf);
    r->end[n] = (size_t)(f->data + f->len - r->buf);
    r->value[n] = f->value;
    return 0;
}

/* A frame that ends inside a field, or without the tables that every profile has, is one part of a
 * message that some packer (pzstd) cut into frames. */
static bool goes_on(struct pb_reading *r, enum pf_wire_found found, size_t have)
{
    size_t more;

    if (found == WIRE_END && r->count[PB_STRING_TABLE] && r->count[PB_SAMPLE_TYPE])
        return false;
    pf_join_frames(r->in);
    r->buf = pf_peek(r->in, have + 1, &more);
    if (more <= have)
        return false;
    pf_note(r->p, "the zstd frames are no whole profiles and were joined");
    return true;
}

int pb_scan(struct pb_reading *r)
{
    size_t have, want = FIRST_PEEK, pos = 0;
    uint64_t need = 0;
    const char *why = "";
    struct pf_field f;

    r->base = pf_offset(r->in);
    for (;;) {
        r->buf = pf_peek(r->in, want, &have);
        if (pf_source_check(r->in, r->err) < 0)
            return -1;
        if (!r->buf)
            return pf_fail_offset(r->err, PF_ESYNTAX, r->base, "the input is empty");
        struct pf_wire w = {r->buf + pos, r->buf + have, r->buf};
        enum pf_wire_found found;
        while ((found = pf_wire_next(&w, &f, &need, &why)) == WIRE_FIELD)
            if (take_field(r, &f) < 0)
                return -1;
        pos = (size_t)(w.at - r->buf);
        if (found == WIRE_BROKEN)
            return pb_fail(r, w.at, "not a protobuf message: %s", why);
        if (have < want && !goes_on(r, found, have)) {
            if (pf_source_check(r->in, r->err) < 0)
                return -1;
            if (found == WIRE_CUT)
                return pb_fail(r, w.at,
                               "the message is cut: a field wants %llu bytes, %zu are left",
                               (unsigned long long)need, (size_t)(w.end - w.at));
            r->len = have;
            r->buf = pf_peek(r->in, have, &have);
            return 0;
        }
        want = 2 * have > pos + need ? 2 * have : pos + (size_t)need;
    }
}

/* Is this a ValueType: two numbers at most? */
static bool is_value_type(const struct pf_field *f)
{
    struct pf_wire w = {f->data, f->data + f->len, f->data};
    struct pf_field g;
    uint64_t need;
    const char *why;

    while (pf_wire_next(&w, &g, &need, &why) == WIRE_FIELD)
        if (g.number > 2 || g.type != WIRE_VARINT)
            return false;
    return w.at == w.end;
}

/* Only fields that a Profile has, of the right type. Numbers alone prove nothing (text can look
 * like them), a sample_type and a table do. */
int pb_probe(const uint8_t *head, size_t len)
{
    struct pf_wire w = {head, head + len, head};
    struct pf_field f;
    uint64_t need;
    const char *why;
    int types = 0, tables = 0;
    enum pf_wire_found found = WIRE_END;

    while (types + tables < SURE_AFTER
           && (found = pf_wire_next(&w, &f, &need, &why)) == WIRE_FIELD) {
        bool number = f.number >= PB_DROP_FRAMES && f.number != PB_PERIOD_TYPE;
        if (f.number > PB_DOC_URL)
            continue;
        if (f.type != (number ? WIRE_VARINT : WIRE_LEN)
            && !(f.number == PB_COMMENT && f.type == WIRE_LEN))
            return 0;
        if (f.number == PB_SAMPLE_TYPE && !is_value_type(&f))
            return 0;
        types += f.number == PB_SAMPLE_TYPE;
        tables += f.number > PB_SAMPLE_TYPE && f.number <= PB_STRING_TABLE;
    }
    if (found == WIRE_BROKEN)
        return types && tables ? 10 : 0;
    return types && tables ? 95 : types ? 60 : tables > 2 ? 20 : 0;
}
