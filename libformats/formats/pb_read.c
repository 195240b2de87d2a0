/*
 * pb_read.c - reads a profile.proto message: a scan of its top-level fields first, then table by
 * table. Small messages are unpacked by protobuf-c; strings, locations and samples, which come by
 * the million, are walked by hand. The rules are those of Go's CheckValid (google/pprof
 * profile.go).
 */
#include "pb.h"
#include "profile.h"

#include "profile.pb-c.h"

#include <stdio.h>
#include <string.h>

enum { SCRATCH = 1 << 16 };

/* ---- errors, scratch memory ---- */

int pb_fail(struct pb_reading *r, const uint8_t *where, const char *fmt, ...)
{
    char text[200];
    va_list ap;

    va_start(ap, fmt);
    vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    return pf_fail_offset(r->err, PF_ESYNTAX, r->base + (uint64_t)(where - r->buf), "%s", text);
}

int pb_no_memory(struct pb_reading *r)
{
    return pf_fail(r->err, PF_ENOMEM, "out of memory (%zu MiB in use; see --max-memory)",
                   r->p->mem->used / PF_MIB);
}

static void *scratch_alloc(void *data, size_t size)
{
    struct pb_reading *r = data;
    size_t room = (size + 15) & ~(size_t)15;

    if (room <= SCRATCH - r->scratch_used) {
        r->scratch_used += room;
        return r->scratch + r->scratch_used - room;
    }
    void *block = pf_alloc(r->p->mem, size);
    if (!block)
        r->no_memory = true;
    return block;
}

static void scratch_free(void *data, void *block)
{
    struct pb_reading *r = data;

    if ((uint8_t *)block < r->scratch || (uint8_t *)block >= r->scratch + SCRATCH)
        pf_dealloc(r->p->mem, block);
}

void *pb_unpack(struct pb_reading *r, const ProtobufCMessageDescriptor *d, const struct pf_field *f,
                const char *message, uint32_t row)
{
    r->scratch_used = 0;
    ProtobufCMessage *m = protobuf_c_message_unpack(d, &r->alloc, f->len, f->data);
    if (!m && r->no_memory)
        pb_no_memory(r);
    else if (!m)
        pb_fail(r, f->start, "%s[%u]: malformed message", message, row);
    return m;
}

void pb_unpack_done(struct pb_reading *r, void *message)
{
    if (message)
        protobuf_c_message_free_unpacked(message, &r->alloc);
}

/* The unknown fields of a message, as they stood, as a string; 0 if there are none. */
pf_id pb_extra(struct pf_profile *p, const ProtobufCMessage *m)
{
    struct pb_buf b = {.mem = p->mem};
    pf_id id;

    if (!m->n_unknown_fields)
        return 0;
    for (unsigned i = 0; i < m->n_unknown_fields; i++) {
        const ProtobufCMessageUnknownField *u = &m->unknown_fields[i];
        pb_tag(&b, u->tag, (enum pf_wire_type)u->wire_type);
        pb_bytes(&b, u->data, u->len);
    }
    if (b.failed)
        pf_no_memory(p);
    id = pf_str(p, (const char *)b.at, b.n);
    pf_dealloc(p->mem, b.at);
    return id;
}

/* The next field of one number, from *at on; false behind the last one. */
bool pb_each(const struct pb_reading *r, uint32_t number, size_t *at, struct pf_field *f)
{
    uint64_t need;
    const char *why;

    if (!*at)
        *at = r->first[number];
    while (*at < r->end[number]) {
        struct pf_wire w = {r->buf + *at, r->buf + r->len, r->buf};
        if (pf_wire_next(&w, f, &need, &why) != WIRE_FIELD)
            return false;
        *at = (size_t)(w.at - r->buf);
        if (f->number == number)
            return true;
    }
    return false;
}

/* ---- strings, types ---- */

/* Strings are taken into a profile when somebody asks for them. */
static int read_strings(struct pb_reading *r)
{
    struct pf_field f;
    uint32_t n = 0;

    if (!r->count[PB_STRING_TABLE])
        return pb_fail(r, r->buf, "string_table is missing");
    r->slice = pf_alloc(r->p->mem, (size_t)r->count[PB_STRING_TABLE] * sizeof *r->slice);
    r->str = pf_alloc_zero(r->p->mem, r->count[PB_STRING_TABLE], sizeof *r->str);
    if (!r->slice || !r->str)
        return pb_no_memory(r);
    for (size_t at = 0; pb_each(r, PB_STRING_TABLE, &at, &f);) {
        if (n == 0 && f.len)
            return pb_fail(r, f.start, "string_table[0] must be \"\"");
        if (f.len > INT32_MAX)
            return pb_fail(r, f.start, "string_table[%u] is longer than 2 GiB", n);
        r->slice[n++] = (struct pb_slice){(size_t)(f.data - r->buf), (uint32_t)f.len};
    }
    return 0;
}

static bool in_table(struct pb_reading *r, const uint8_t *where, int64_t index, const char *message,
                     uint32_t row, const char *field)
{
    if (index >= 0 && index < (int64_t)r->count[PB_STRING_TABLE])
        return true;
    pb_fail(r, where, "%s[%u].%s: there is no string %lld, the table has %u", message, row, field,
            (long long)index, r->count[PB_STRING_TABLE]);
    return false;
}

static pf_id take_string(const struct pb_reading *r, struct pf_profile *p, pf_id *ids,
                         int64_t index)
{
    struct pb_slice s = r->slice[index];

    if (!ids[index])
        ids[index] = pf_str(p, (const char *)r->buf + s.at, s.len);
    return ids[index];
}

pf_id pb_str(struct pb_reading *r, const uint8_t *where, int64_t index, const char *message,
             uint32_t row, const char *field)
{
    return in_table(r, where, index, message, row, field) ? take_string(r, r->p, r->str, index) : 0;
}

pf_id pb_to_str(struct pb_reading *r, const uint8_t *where, int64_t index, const char *message,
                uint32_t row, const char *field)
{
    return in_table(r, where, index, message, row, field) ? take_string(r, r->to, r->to_str, index)
                                                          : 0;
}

/* The default type: the one that default_sample_type names, else the last, as in pprof. */
static uint32_t default_type(const struct pb_reading *r, const struct pf_type *t, uint32_t n)
{
    uint64_t index = r->value[PB_DEFAULT_SAMPLE_TYPE];

    if (index)
        for (uint32_t k = 0; k < n; k++)
            if (t[k].name == take_string(r, r->p, r->str, (int64_t)index))
                return k;
    return n - 1;
}

static bool type_before(const struct pb_reading *r, const struct pf_type *a,
                        const struct pf_type *b)
{
    const struct pf_str *s = r->p->strs.at;
    int c = strcmp(s[a->name].s, s[b->name].s);

    return c ? c < 0 : strcmp(s[a->unit].s, s[b->unit].s) < 0;
}

static int read_type_info(struct pb_reading *r, struct pf_type *t)
{
    struct pf_wire w = {r->buf + r->type_info - 1, r->buf + r->len, r->buf};
    struct pf_field f;
    uint64_t need;
    const char *why;

    for (uint32_t k = 0; k < r->n_type_info; k++) {
        do {
            if (pf_wire_next(&w, &f, &need, &why) != WIRE_FIELD)
                return 0;
        } while (f.number != PB_TYPE_INFO);
        Pf__TypeInfo *info = pb_unpack(r, &pf__type_info__descriptor, &f, "type_info", k);
        if (!info)
            return -1;
        if (info->kind < 0 || (int)info->kind > PF_FIXED)
            return pb_fail(r, f.start, "type_info[%u].kind: %d is unknown", k, (int)info->kind);
        t[k].kind = (uint32_t)info->kind;
        pb_unpack_done(r, info);
    }
    return 0;
}

/* The default first, then by name. */
static void place_types(struct pb_reading *r, const struct pf_type *t, uint32_t n)
{
    uint32_t order[PF_MAX_TYPES] = {default_type(r, t, n)}, filled = 1;

    for (uint32_t k = 0; k < n; k++) {
        uint32_t to = filled;
        if (k == order[0])
            continue;
        for (; to > 1 && type_before(r, &t[k], &t[order[to - 1]]); to--)
            order[to] = order[to - 1];
        order[to] = k;
        filled++;
    }
    for (uint32_t k = 0; k < n; k++) {
        r->column[order[k]] = k;
        r->p->types.at[k] = t[order[k]];
    }
    r->p->types.n = n;
}

static int read_types(struct pb_reading *r)
{
    struct pf_type t[PF_MAX_TYPES] = {0};
    uint32_t n = 0;
    struct pf_field f;

    if (r->count[PB_SAMPLE_TYPE] > PF_MAX_TYPES)
        return pf_fail(r->err, PF_ELIMIT, "%u sample types, at most %d are supported",
                       r->count[PB_SAMPLE_TYPE], (int)PF_MAX_TYPES);
    for (size_t at = 0; pb_each(r, PB_SAMPLE_TYPE, &at, &f); n++) {
        Pf__ValueType *v = pb_unpack(r, &pf__value_type__descriptor, &f, "sample_type", n);
        if (!v)
            return -1;
        t[n].name = pb_str(r, f.start, v->type, "sample_type", n, "type");
        t[n].unit = pb_str(r, f.start, v->unit, "sample_type", n, "unit");
        t[n].extra = pb_extra(r->p, &v->base);
        pb_unpack_done(r, v);
    }
    if (r->n_type_info && r->n_type_info != n)
        return pb_fail(r, r->buf + r->type_info - 1, "%u type_info for %u sample types",
                       r->n_type_info, n);
    if (r->type_info && read_type_info(r, t) < 0)
        return -1;
    pb_str(r, r->buf, (int64_t)r->value[PB_DEFAULT_SAMPLE_TYPE], "profile", 0,
           "default_sample_type");
    if (r->err->code)
        return -1;
    if (!n) {
        if (r->count[PB_SAMPLE])
            return pb_fail(r, r->buf, "samples without any sample_type");
        return pb_fail(r, r->buf, "sample_type is missing");
    }
    place_types(r, t, n);
    return 0;
}

/* ---- the rest of the profile ---- */

static int read_origin(struct pb_reading *r)
{
    struct pf_wire w = {r->buf + r->origin - 1, r->buf + r->len, r->buf};
    struct pf_profile *p = r->p;
    struct pf_field f;
    uint64_t need;
    const char *why;

    p->format = pf_strz(p, "pprof");
    if (!r->origin || pf_wire_next(&w, &f, &need, &why) != WIRE_FIELD) {
        p->producer = pb_producer(r);
        return 0;
    }
    Pf__Origin *o = pb_unpack(r, &pf__origin__descriptor, &f, "origin", 0);
    if (!o)
        return -1;
    p->format = pb_str(r, f.start, o->format, "origin", 0, "format");
    p->interpreter = pb_str(r, f.start, o->interpreter, "origin", 0, "interpreter");
    p->command = pb_str(r, f.start, o->command, "origin", 0, "command");
    p->producer = pb_str(r, f.start, o->producer, "origin", 0, "producer");
    p->truncated = o->truncated;
    p->rounded = o->rounded;
    p->runs = o->runs ? o->runs : 1;
    pb_unpack_done(r, o);
    return r->err->code ? -1 : 0;
}

static int read_period_type(struct pb_reading *r)
{
    struct pf_field f;
    size_t at = 0;

    while (pb_each(r, PB_PERIOD_TYPE, &at, &f)) {
        Pf__ValueType *v = pb_unpack(r, &pf__value_type__descriptor, &f, "period_type", 0);
        if (!v)
            return -1;
        r->p->period_type.name = pb_str(r, f.start, v->type, "period_type", 0, "type");
        r->p->period_type.unit = pb_str(r, f.start, v->unit, "period_type", 0, "unit");
        r->p->period_type.extra = pb_extra(r->p, &v->base);
        pb_unpack_done(r, v);
    }
    return r->err->code ? -1 : 0;
}

static int read_head(struct pb_reading *r)
{
    struct pf_profile *p = r->p;
    const int64_t *value = (const int64_t *)r->value;

    if (r->stack_kind > PF_EDGE_ONLY)
        return pb_fail(r, r->buf, "stack_kind %llu is unknown", (unsigned long long)r->stack_kind);
    p->stack_kind = (enum pf_stack_kind)r->stack_kind;
    p->time_ns = value[PB_TIME_NANOS];
    p->duration_ns = value[PB_DURATION_NANOS];
    p->period = value[PB_PERIOD];
    p->drop_frames = pb_str(r, r->buf, value[PB_DROP_FRAMES], "profile", 0, "drop_frames");
    p->keep_frames = pb_str(r, r->buf, value[PB_KEEP_FRAMES], "profile", 0, "keep_frames");
    p->doc_url = pb_str(r, r->buf, value[PB_DOC_URL], "profile", 0, "doc_url");
    for (uint32_t i = 0; i < r->n_comments; i++)
        pf_push(p, &p->comments, pb_str(r, r->buf, r->comment[i], "profile", 0, "comment"));
    for (uint32_t i = 0; i < r->n_notes; i++)
        pf_push(p, &p->notes, pb_str(r, r->buf, r->note[i], "profile", 0, "note"));
    return r->err->code ? -1 : 0;
}

static int read_source_lines(struct pb_reading *r)
{
    struct pf_wire w = {r->buf + r->lines - 1, r->buf + r->len, r->buf};
    struct pf_field f;
    uint64_t need;
    const char *why;

    for (uint32_t i = 0; i < r->n_lines; i++) {
        do {
            if (pf_wire_next(&w, &f, &need, &why) != WIRE_FIELD)
                return 0;
        } while (f.number != PB_SOURCE_LINE);
        Pf__SourceLine *l = pb_unpack(r, &pf__source_line__descriptor, &f, "source_line", i);
        if (!l)
            return -1;
        pf_id file = pb_str(r, f.start, l->file, "source_line", i, "file");
        pf_id text = pb_str(r, f.start, l->text, "source_line", i, "text");
        pf_source_line(r->p, file, l->line, text);
        pb_unpack_done(r, l);
    }
    return r->err->code ? -1 : 0;
}

static int read_calls(struct pb_reading *r)
{
    struct pf_wire w = {r->buf + r->calls - 1, r->buf + r->len, r->buf};
    struct pf_field f;
    uint64_t need;
    const char *why;

    if (!r->calls || pf_wire_next(&w, &f, &need, &why) != WIRE_FIELD)
        return 0;
    return pb_read_calls(r, &f);
}

/* Sums without a raw table can go straight into what they are merged into. */
static int choose_target(struct pb_reading *r)
{
    struct pf_profile *p = r->p;
    struct pf_toward *toward = p->h->toward;

    r->to = p;
    r->to_str = r->str;
    for (uint32_t k = 0; toward && k < p->types.n; k++)
        if (p->types.at[k].kind != PF_SUM)
            toward = NULL;
    if (!toward || r->calls)
        return 0;
    if (toward->join(toward, p, r->err) < 0)
        return -1;
    for (uint32_t k = 0; k < p->types.n; k++)
        r->column[k] = toward->column[r->column[k]];
    r->to = toward->into;
    r->to_str = pf_alloc_zero(p->mem, r->count[PB_STRING_TABLE], sizeof *r->to_str);
    return r->to_str ? 0 : pb_no_memory(r);
}

static int read_all(struct pb_reading *r)
{
    r->alloc = (ProtobufCAllocator){scratch_alloc, scratch_free, r};
    r->scratch = pf_alloc(r->p->mem, SCRATCH);
    if (!r->scratch)
        return pb_no_memory(r);
    if (pb_scan(r) < 0 || read_strings(r) < 0 || read_types(r) < 0 || read_origin(r) < 0
        || read_period_type(r) < 0 || read_head(r) < 0 || read_source_lines(r) < 0
        || pb_read_certificate(r) < 0 || choose_target(r) < 0 || pb_read_tables(r) < 0
        || pb_read_samples(r) < 0 || read_calls(r) < 0)
        return -1;
    if (r->lost_fields)
        pf_note(r->to, "unknown fields of labels or lines were not kept");
    pf_skip(r->in, r->len);
    return 0;
}

int pb_read(struct pf_source *in, struct pf_profile *p, struct pf_err *err)
{
    struct pb_reading r = {.in = in, .p = p, .err = err};
    struct pf_mem *m = p->mem;
    int status = read_all(&r);

    if (p->err.code && !err->code)
        *err = p->err;
    if (r.to && r.to->err.code && !err->code)
        *err = r.to->err;
    pb_tables_free(&r);
    if (r.to_str != r.str)
        pf_dealloc(m, r.to_str);
    pf_dealloc(m, r.slice);
    pf_dealloc(m, r.note);
    pf_dealloc(m, r.comment);
    pf_dealloc(m, r.str);
    pf_dealloc(m, r.scratch);
    return err->code ? -1 : status;
}
