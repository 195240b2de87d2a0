/* pb_tables.c - the tables of a profile.proto message: mappings, functions, locations. */
#include "pb.h"
#include "profile.h"

#include "profile.pb-c.h"

#include <string.h>

/* ---- ids ---- */

static int ids_begin(struct pb_reading *r, struct pb_ids *ids, uint32_t n)
{
    ids->in_order = true;
    ids->n_dense = 2 * (uint64_t)n + 64;
    ids->dense = pf_alloc_zero(r->p->mem, (size_t)ids->n_dense, sizeof *ids->dense);
    return ids->dense ? 0 : pb_no_memory(r);
}

uint32_t pb_find_row(struct pb_ids *ids, uint64_t id)
{
    if (id < ids->n_dense)
        return ids->dense[id];

    const struct pf_pair *slot =
        ids->sparse.n ? pf_pairs_find(ids->mem, &ids->sparse, (pf_id)id, (pf_id)(id >> 32)) : NULL;
    return slot ? slot->id : 0;
}

/* Gives the next row to an id. */
static int add_id(struct pb_reading *r, struct pb_ids *ids, uint64_t id, const char *message,
                  uint32_t row, const uint8_t *where)
{
    uint32_t n = ids->n + 1;

    if (!id)
        return pb_fail(r, where, "%s[%u].id: 0 is reserved", message, row);
    if (pb_row(ids, id))
        return pb_fail(r, where,
                       "%s[%u].id: %llu is used twice (two profiles joined without zstd frames?)",
                       message, row, (unsigned long long)id);
    ids->n = n;
    ids->in_order &= id == n;
    if (id < ids->n_dense) {
        ids->dense[id] = n;
        return 0;
    }
    struct pf_pair *slot = pf_pairs_find(ids->mem, &ids->sparse, (pf_id)id, (pf_id)(id >> 32));
    if (!slot)
        return pb_no_memory(r);
    *slot = (struct pf_pair){(pf_id)id, (pf_id)(id >> 32), n};
    ids->sparse.n++;
    return 0;
}

/* ---- mappings, functions, locations ---- */

static int read_mappings(struct pb_reading *r)
{
    struct pf_field f;
    uint32_t n = 0;

    r->map = pf_alloc_zero(r->p->mem, (size_t)r->count[PB_MAPPING] + 1, sizeof *r->map);
    if (!r->map || ids_begin(r, &r->maps, r->count[PB_MAPPING]) < 0)
        return pb_no_memory(r);
    for (size_t at = 0; pb_each(r, PB_MAPPING, &at, &f); n++) {
        Pf__Mapping *m = pb_unpack(r, &pf__mapping__descriptor, &f, "mapping", n);
        if (!m || add_id(r, &r->maps, m->id, "mapping", n, f.start) < 0)
            return -1;
        struct pf_mapping x = {
            .start = m->memory_start,
            .limit = m->memory_limit,
            .offset = m->file_offset,
            .file = pb_to_str(r, f.start, m->filename, "mapping", n, "filename"),
            .build_id = pb_to_str(r, f.start, m->build_id, "mapping", n, "build_id"),
            .extra = pb_extra(r->to, &m->base),
            .has = (uint32_t)(m->has_functions != 0) | (uint32_t)(m->has_filenames != 0) << 1
                   | (uint32_t)(m->has_line_numbers != 0) << 2
                   | (uint32_t)(m->has_inline_frames != 0) << 3,
        };
        r->map[r->maps.n] = pf_mapping(r->to, &x);
        pb_unpack_done(r, m);
        if (r->err->code)
            return -1;
    }
    return 0;
}

/* By hand: protobuf-c takes five times as long, and functions come by the thousand in each of many
 * small profiles. tests/unit/check_pb.c holds it against protobuf-c. */
static int read_function(struct pb_reading *r, const struct pf_field *f, uint32_t row)
{
    static const char *const name[] = {"id", "name", "system_name", "filename", "start_line"};
    struct pf_wire w = {f->data, f->data + f->len, r->buf};
    uint64_t need, value[6] = {0};
    const char *why = "a field is cut";
    struct pb_buf raw = {.mem = r->p->mem};
    struct pf_field g;
    enum pf_wire_found found;
    const char *bad = NULL;
    pf_id extra = 0;

    pf_wire_numbers(&w, 5, value);
    while ((found = pf_wire_next(&w, &g, &need, &why)) == WIRE_FIELD) {
        if (g.number > 5)
            pb_bytes(&raw, g.start, (size_t)(w.at - g.start));
        else if (g.type != WIRE_VARINT)
            bad = name[g.number - 1];
        else
            value[g.number] = g.value;
    }
    if (raw.n)
        extra = pf_str(r->to, (const char *)raw.at, raw.n);
    pf_dealloc(r->p->mem, raw.at);
    if (raw.failed)
        return pb_no_memory(r);
    if (bad)
        return pb_fail(r, f->start, "function[%u].%s is no number", row, bad);
    if (found != WIRE_END)
        return pb_fail(r, w.at, "function[%u]: %s", row, why);
    if (add_id(r, &r->funcs, value[1], "function", row, f->start) < 0)
        return -1;
    struct pf_func x = {
        .name = pb_to_str(r, f->start, (int64_t)value[2], "function", row, "name"),
        .sysname = pb_to_str(r, f->start, (int64_t)value[3], "function", row, "system_name"),
        .file = pb_to_str(r, f->start, (int64_t)value[4], "function", row, "filename"),
        .extra = extra,
        .line = (int64_t)value[5],
    };
    r->func[r->funcs.n] = pf_func_full(r->to, &x);
    return r->err->code ? -1 : 0;
}

static int read_functions(struct pb_reading *r)
{
    struct pf_field f;
    uint32_t n = 0;

    r->func = pf_alloc_zero(r->p->mem, (size_t)r->count[PB_FUNCTION] + 1, sizeof *r->func);
    if (!r->func || ids_begin(r, &r->funcs, r->count[PB_FUNCTION]) < 0)
        return pb_no_memory(r);
    for (size_t at = 0; pb_each(r, PB_FUNCTION, &at, &f); n++)
        if (read_function(r, &f, n) < 0)
            return -1;
    return 0;
}

/* One Line of a location, as a frame whose place in its location is filled in by the caller. */
static int read_line(struct pb_reading *r, const struct pf_field *f, uint32_t row,
                     struct pf_frame *frame)
{
    struct pf_wire w = {f->data, f->data + f->len, r->buf};
    uint64_t need, value[4] = {0};
    const char *why = "a field is cut";
    struct pf_field g;
    enum pf_wire_found found;

    pf_wire_numbers(&w, 3, value);
    while ((found = pf_wire_next(&w, &g, &need, &why)) == WIRE_FIELD) {
        if (g.number > 3)
            r->lost_fields = true;
        else if (g.type != WIRE_VARINT)
            return pb_fail(r, g.start, "location[%u].line: field %u is no number", row, g.number);
        else
            value[g.number] = g.value;
    }
    if (found != WIRE_END)
        return pb_fail(r, w.at, "location[%u].line: %s", row, why);
    uint32_t at = pb_row(&r->funcs, value[1]);
    if (!at)
        return pb_fail(r, f->start, "location[%u].line.function_id: there is no function %llu", row,
                       (unsigned long long)value[1]);
    frame->func = r->func[at];
    frame->line = (int64_t)value[2];
    frame->column = (int64_t)value[3];
    return 0;
}

static int push_frame(struct pb_reading *r, const struct pf_frame *frame)
{
    pf_id id = pf_frame_full(r->to, frame);

    if (!pf_grow(r->p->mem, &r->loc_frame, r->n_loc_frames, &r->cap_loc_frames, sizeof(pf_id)))
        return pb_no_memory(r);
    r->loc_frame[r->n_loc_frames++] = id;
    return 0;
}

/* Lines stand leaf first, the last is the caller: its frame carries what belongs to the location.
 */
static int read_lines(struct pb_reading *r, const struct pf_field *f, uint32_t row,
                      struct pf_frame *outer, uint32_t n_lines, const struct pf_field *last)
{
    struct pf_wire w = {f->data, f->data + f->len, r->buf};
    uint64_t need;
    const char *why;
    struct pf_field g;
    uint32_t first = r->n_loc_frames, n = 0;

    if (n_lines <= 1) /* the rule */
        return n_lines && read_line(r, last, row, outer) < 0 ? -1 : push_frame(r, outer);
    while (n < n_lines && pf_wire_next(&w, &g, &need, &why) == WIRE_FIELD) {
        struct pf_frame frame = {.flags = PF_INLINED};
        if (g.number != 4)
            continue;
        if (++n == n_lines)
            frame = *outer;
        if (read_line(r, &g, row, &frame) < 0 || push_frame(r, &frame) < 0)
            return -1;
    }
    for (uint32_t i = first, j = r->n_loc_frames; i + 1 < j; i++) { /* to root first */
        pf_id swap = r->loc_frame[i];
        r->loc_frame[i] = r->loc_frame[--j];
        r->loc_frame[j] = swap;
    }
    return 0;
}

static int read_location(struct pb_reading *r, const struct pf_field *f, uint32_t row)
{
    struct pf_wire w = {f->data, f->data + f->len, r->buf};
    uint64_t need, value[4] = {0}; /* id, mapping, address */
    const char *why = "a field is cut";
    struct pf_frame outer = {0};
    uint32_t n_lines = 0, bad = 0;
    struct pb_buf raw = {.mem = r->p->mem};
    const uint8_t *line = NULL, *line_start = NULL; /* of the last one */
    size_t line_len = 0;
    struct pf_field g;
    enum pf_wire_found found;

    pf_wire_numbers(&w, 3, value);
    while ((found = pf_wire_next(&w, &g, &need, &why)) == WIRE_FIELD) {
        uint32_t want = g.number == 4 ? WIRE_LEN : WIRE_VARINT;
        if (g.number <= 5 && g.type != want) {
            bad = g.number;
            continue;
        }
        switch (g.number) {
        case 1:
        case 2:
        case 3: value[g.number] = g.value; break;
        case 4:
            n_lines++;
            line_start = g.start;
            line = g.data;
            line_len = g.len;
            break;
        case 5: outer.flags = g.value ? PF_FOLDED : 0; break;
        default: pb_bytes(&raw, g.start, (size_t)(w.at - g.start));
        }
    }
    if (raw.n)
        outer.extra = pf_str(r->to, (const char *)raw.at, raw.n);
    pf_dealloc(r->p->mem, raw.at);
    if (raw.failed)
        return pb_no_memory(r);
    if (bad)
        return pb_fail(r, f->start, "location[%u]: field %u has the wrong wire type", row, bad);
    if (found != WIRE_END)
        return pb_fail(r, w.at, "location[%u]: %s", row, why);
    if (add_id(r, &r->locs, value[1], "location", row, f->start) < 0)
        return -1;
    outer.addr = value[3];
    outer.mapping = r->map[pb_row(&r->maps, value[2])]; /* an unknown one is none, as in pprof */
    struct pf_field last = {.data = line, .len = line_len, .start = line_start};
    return read_lines(r, f, row, &outer, n_lines, &last);
}

static int read_locations(struct pb_reading *r)
{
    struct pf_field f;
    uint32_t n = 0, total = r->count[PB_LOCATION];

    r->loc_first = pf_alloc(r->p->mem, ((size_t)total + 2) * sizeof *r->loc_first);
    if (!r->loc_first || ids_begin(r, &r->locs, total) < 0)
        return pb_no_memory(r);
    for (size_t at = 0; pb_each(r, PB_LOCATION, &at, &f); n++) {
        r->loc_first[n + 1] = r->n_loc_frames;
        if (read_location(r, &f, n) < 0)
            return -1;
        if (r->to->err.code)
            return -1;
    }
    r->loc_first[n + 1] = r->n_loc_frames;
    r->one_frame_each = r->n_loc_frames == n;
    for (uint32_t i = 0; i < n && r->one_frame_each; i++)
        r->one_frame_each = r->loc_first[i + 1] == i;
    return 0;
}

int pb_read_tables(struct pb_reading *r)
{
    r->maps.mem = r->funcs.mem = r->locs.mem = r->p->mem;
    if (r->to == r->p)
        pf_reserve(r->p, r->count[PB_STRING_TABLE], r->count[PB_FUNCTION], r->count[PB_LOCATION],
                   0);
    if (read_mappings(r) < 0 || read_functions(r) < 0 || read_locations(r) < 0)
        return -1;
    return r->to->err.code ? -1 : 0;
}

void pb_tables_free(struct pb_reading *r)
{
    struct pf_mem *m = r->p->mem;
    struct pb_ids *ids[] = {&r->funcs, &r->maps, &r->locs};
    void *blocks[] = {r->func,     r->map,       r->loc_first, r->loc_frame,  r->loc,
                      r->last_loc, r->last_node, r->label,     r->path.frame, r->path_node};

    for (size_t i = 0; i < sizeof ids / sizeof ids[0]; i++) {
        pf_dealloc(m, ids[i]->dense);
        pf_pairs_free(m, &ids[i]->sparse);
    }
    for (size_t i = 0; i < sizeof blocks / sizeof *blocks; i++)
        pf_dealloc(m, blocks[i]);
}
