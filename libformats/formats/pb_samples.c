/* pb_samples.c - the samples of a profile.proto message: stacks, values, labels. */
#include "pb.h"
#include "profile.h"

#include "profile.pb-c.h"

static int read_label(struct pb_reading *r, const struct pf_field *f, uint32_t row)
{
    Pf__Label *m = pb_unpack(r, &pf__label__descriptor, f, "sample.label", row);
    struct pf_label l = {.kind = PF_LABEL_STR};

    if (!m)
        return -1;
    l.key = pb_to_str(r, f->start, m->key, "sample.label", row, "key");
    l.str = pb_to_str(r, f->start, m->str, "sample.label", row, "str");
    l.unit = pb_to_str(r, f->start, m->num_unit, "sample.label", row, "num_unit");
    if (m->base.n_unknown_fields)
        r->lost_fields = true;
    if (m->str) {
        l.unit = 0; /* Go takes the text where both are set */
    } else {
        l.kind = PF_LABEL_NUM;
        l.num = m->num;
    }
    bool empty = !m->str && !m->num && !m->num_unit; /* Go drops these */
    pb_unpack_done(r, m);
    if (r->err->code || empty)
        return r->err->code ? -1 : 0;
    if (!pf_grow(r->p->mem, &r->label, r->n_label, &r->cap_label, sizeof *r->label))
        return pb_no_memory(r);
    r->label[r->n_label++] = pf_label(r->to, &l);
    return 0;
}

static int no_location(struct pb_reading *r, uint64_t id, uint32_t row, const uint8_t *where)
{
    return pb_fail(r, where, "sample[%u].location_id[%u]: there is no location %llu", row, r->n_loc,
                   (unsigned long long)id);
}

static int read_location_ids(struct pb_reading *r, const struct pf_field *f, uint32_t row)
{
    const uint8_t *at = f->data, *end = f->data + f->len;
    uint64_t id = f->value;

    if (f->type != WIRE_VARINT && f->type != WIRE_LEN)
        return pb_fail(r, f->start, "sample[%u].location_id has wire type %u", row, f->type);
    /* an id takes at least one byte: room for all of them at once */
    if (f->len > UINT32_MAX / 4 - r->n_loc
        || !pf_grow(r->p->mem, &r->loc, r->n_loc + (uint32_t)f->len, &r->cap_loc, sizeof *r->loc))
        return pb_no_memory(r);
    do {
        if (f->type == WIRE_LEN && at == end)
            break;
        if (f->type == WIRE_LEN && !pf_varint(&at, end, &id))
            return pb_fail(r, at, "sample[%u].location_id: a number is cut", row);
        uint32_t loc = id < r->locs.n_dense ? r->locs.dense[id] : pb_row(&r->locs, id);
        if (!loc)
            return no_location(r, id, row, f->start);
        r->loc[r->n_loc++] = loc;
    } while (f->type == WIRE_LEN);
    return 0;
}

static int read_values(struct pb_reading *r, const struct pf_field *f, uint32_t row, int64_t *value,
                       uint32_t *n)
{
    const uint8_t *at = f->data, *end = f->data + f->len;
    uint64_t v = f->value;

    if (f->type != WIRE_VARINT && f->type != WIRE_LEN)
        return pb_fail(r, f->start, "sample[%u].value has wire type %u", row, f->type);
    do {
        if (f->type == WIRE_LEN && at == end)
            break;
        if (f->type == WIRE_LEN && !pf_varint(&at, end, &v))
            return pb_fail(r, at, "sample[%u].value: a number is cut", row);
        if (*n < r->p->types.n)
            value[r->column[*n]] = (int64_t)v;
        ++*n;
    } while (f->type == WIRE_LEN);
    return 0;
}

/* Unknown fields of a sample become a label that nobody else sees: they keep samples apart. */
static int push_raw(struct pb_reading *r, struct pb_buf *raw)
{
    struct pf_label l = {.kind = PF_LABEL_RAW};

    if (raw->failed)
        return pb_no_memory(r);
    l.str = pf_str(r->to, (const char *)raw->at, raw->n);
    if (!pf_grow(r->p->mem, &r->label, r->n_label, &r->cap_label, sizeof *r->label))
        return pb_no_memory(r);
    r->label[r->n_label++] = pf_label(r->to, &l);
    return 0;
}

/* Room for this sample's locations, and in last_loc and last_node. */
static bool room_for_last(struct pb_reading *r)
{
    uint32_t cap = r->cap_last;

    return pf_grow(r->p->mem, &r->last_node, r->n_loc, &cap, sizeof *r->last_node)
           && pf_grow(r->p->mem, &r->last_loc, r->n_loc, &r->cap_last, sizeof *r->last_loc);
}

/* All frames at once, leaf first. */
static pf_id whole_stack(struct pb_reading *r)
{
    r->path.n = 0;
    for (uint32_t j = 0; j < r->n_loc; j++) {
        uint32_t first = r->loc_first[r->loc[j]], end = r->loc_first[r->loc[j] + 1];
        if (!pf_grow(r->p->mem, &r->path.frame, r->path.n + end - first, &r->path.cap,
                     sizeof *r->path.frame))
            return pf_no_memory(r->to);
        while (end > first)
            r->path.frame[r->path.n++] = r->loc_frame[--end];
    }
    return pf_stack_whole(r->to, r->path.frame, r->path.n);
}

/*
 * The stack of r->loc (leaf first). Where the locations from the root on are those of the sample
 * before, so are the stacks: profiles that are written in order are read without a look-up. In a
 * merge, most stacks of other profiles are known already: one look-up finds them as a whole.
 */
static pf_id sample_stack(struct pb_reading *r)
{
    uint32_t n = r->n_loc, same = 0;

    if (!room_for_last(r))
        return pf_no_memory(r->to);
    while (same < n && same < r->n_last && r->loc[n - 1 - same] == r->last_loc[same])
        same++;
    for (uint32_t k = same; k < n; k++)
        r->last_loc[k] = r->loc[n - 1 - k];
    r->n_last = n;
    if (r->to != r->p && 2 * same < n) {
        r->n_node = 0;
        return whole_stack(r);
    }

    uint32_t k = same < r->n_node ? same : r->n_node;
    pf_id node = k ? r->last_node[k - 1] : 0;
    for (; k < n; k++) {
        uint32_t at = r->last_loc[k];
        for (uint32_t i = r->loc_first[at]; i < r->loc_first[at + 1]; i++)
            node = pf_stack(r->to, node, r->loc_frame[i]);
        r->last_node[k] = node;
    }
    r->n_node = n;
    return node;
}

/* Appends the sample, or in a merge adds it to the one of its stack and labels. */
static int put_sample(struct pb_reading *r, const int64_t *value)
{
    pf_id stack = sample_stack(r), labels = pf_label_set(r->to, r->label, r->n_label);

    if (r->to == r->p)
        pf_sample(r->to, stack, labels, value);
    else
        pf_sample_add(r->to, stack, labels, value);
    return r->to->err.code || r->err->code ? -1 : 0;
}

static int read_sample(struct pb_reading *r, const struct pf_field *f, uint32_t row)
{
    struct pf_wire w = {f->data, f->data + f->len, r->buf};
    uint64_t need;
    const char *why = "a field is cut";
    int64_t value[PF_MAX_TYPES];
    uint32_t n_values = 0;

    for (uint32_t k = 0; k < r->to->types.n; k++) /* what it is merged into may have more */
        value[k] = 0;
    struct pb_buf raw = {.mem = r->p->mem};
    struct pf_field g;
    enum pf_wire_found found;
    int status = 0;

    r->n_loc = r->n_label = 0;
    while (status == 0 && (found = pf_wire_next(&w, &g, &need, &why)) == WIRE_FIELD) {
        if (g.number == 1)
            status = read_location_ids(r, &g, row);
        else if (g.number == 2)
            status = read_values(r, &g, row, value, &n_values);
        else if (g.number == 3 && g.type == WIRE_LEN)
            status = read_label(r, &g, row);
        else if (g.number == 3)
            status = pb_fail(r, g.start, "sample[%u].label has wire type %u", row, g.type);
        else
            pb_bytes(&raw, g.start, (size_t)(w.at - g.start));
    }
    if (status == 0 && raw.n)
        status = push_raw(r, &raw);
    pf_dealloc(r->p->mem, raw.at);
    if (status < 0)
        return -1;
    if (found != WIRE_END)
        return pb_fail(r, w.at, "sample[%u]: %s", row, why);
    if (n_values != r->p->types.n)
        return pb_fail(r, f->start, "sample[%u] has %u values for %u sample types", row, n_values,
                       r->p->types.n);
    return put_sample(r, value);
}

int pb_read_samples(struct pb_reading *r)
{
    struct pf_field f;
    uint32_t n = 0;

    if (r->to == r->p) {
        pf_reserve(r->p, 0, 0, 0, r->count[PB_SAMPLE]);
        pf_reserve_stacks(r->p, r->count[PB_SAMPLE]);
        pf_reserve_nodes(r->p, r->count[PB_SAMPLE]);
    }
    for (size_t at = 0; pb_each(r, PB_SAMPLE, &at, &f); n++)
        if (read_sample(r, &f, n) < 0)
            return -1;
    return 0;
}
