/* pb_samples.c - the samples of a profile.proto message: stacks, values, labels. */
#include "pb.h"
#include "profile.h"

#include "profile.pb-c.h"

#include <string.h>

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

static uint32_t count_varints(const uint8_t *at, size_t len)
{
    uint32_t n = 0;

    for (size_t i = 0; i < len; i++)
        n += at[i] < 0x80;
    return n;
}

/* How many bytes at the end of two packed fields are the same, in whole numbers. */
static size_t common_tail(const uint8_t *a, size_t a_len, const uint8_t *b, size_t b_len)
{
    size_t most = a_len < b_len ? a_len : b_len, n = 0;
    uint64_t x, y;

    for (; n + 8 <= most; n += 8) {
        memcpy(&x, a + a_len - n - 8, 8);
        memcpy(&y, b + b_len - n - 8, 8);
        if (x != y)
            break;
    }
    while (n < most && a[a_len - n - 1] == b[b_len - n - 1])
        n++;
    /* A number begins where one ends: before the tails, in both of them. */
    while (n
           && ((n < a_len && a[a_len - n - 1] >= 0x80) || (n < b_len && b[b_len - n - 1] >= 0x80)))
        n--;
    return n;
}

/* Neighbours share their callers, which stand last: only the numbers before these are left in *f to
 * be read. The others are the first r->n_same of r->last_loc. */
static void skip_same(struct pb_reading *r, struct pf_field *f)
{
    struct pb_packed last = r->last_packed;

    r->packed = (struct pb_packed){f->data, f->len};
    if (!last.at)
        return;
    size_t tail = common_tail(f->data, f->len, last.at, last.len);
    r->n_same = r->n_last - count_varints(last.at, last.len - tail);
    f->len -= tail;
}

/* Locations that follow those of another field: what was skipped there is put in. */
static bool put_in_same(struct pb_reading *r)
{
    uint32_t n = r->n_same;

    r->n_same = 0;
    r->packed.at = NULL;
    if (!pf_grow(r->p->mem, &r->loc, r->n_loc + n, &r->cap_loc, sizeof *r->loc))
        return false;
    while (n)
        r->loc[r->n_loc++] = r->last_loc[--n];
    return true;
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
        uint32_t loc = pb_row(&r->locs, id);
        if (!loc)
            return no_location(r, id, row, f->start);
        r->loc[r->n_loc++] = loc;
    } while (f->type == WIRE_LEN);
    return 0;
}

static int read_location_field(struct pb_reading *r, struct pf_field *f, bool first, uint32_t row)
{
    if (first && f->type == WIRE_LEN)
        skip_same(r, f);
    else if (!put_in_same(r))
        return pb_no_memory(r);
    return read_location_ids(r, f, row);
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

/* Room for n locations in last_loc and last_node. */
static bool room_for_last(struct pb_reading *r, uint32_t n)
{
    uint32_t cap = r->cap_last;

    return pf_grow(r->p->mem, &r->last_node, n, &cap, sizeof *r->last_node)
           && pf_grow(r->p->mem, &r->last_loc, n, &r->cap_last, sizeof *r->last_loc);
}

/* Room for n frames in r->path, and for a stack each in r->path_node. */
static bool room_for_path(struct pb_reading *r, uint32_t n)
{
    uint32_t cap = r->path.cap;

    return pf_grow(r->p->mem, &r->path_node, n, &cap, sizeof *r->path_node)
           && pf_grow(r->p->mem, &r->path.frame, n, &r->path.cap, sizeof(pf_id));
}

/* Puts the frames of last_loc[known] and of those behind in r->path. */
static bool push_frames(struct pb_reading *r, uint32_t known)
{
    r->path.n = 0;
    for (uint32_t k = known; k < r->n_last; k++) {
        uint32_t first = r->loc_first[r->last_loc[k]];
        uint32_t n = r->loc_first[r->last_loc[k] + 1] - first;
        if (!room_for_path(r, r->path.n + n))
            return false;
        for (uint32_t i = 0; i < n; i++)
            r->path.frame[r->path.n++] = r->loc_frame[first + i];
    }
    return true;
}

/* The rule: each location is one frame, and what is found of r->path are the nodes themselves. */
static pf_id find_single(struct pb_reading *r, uint32_t known)
{
    pf_id above = known ? r->last_node[known - 1] : 0;
    uint32_t n = r->n_last - known;

    if (!n)
        return above;
    if (!room_for_path(r, n))
        return pf_no_memory(r->to);
    for (uint32_t k = 0; k < n; k++)
        r->path.frame[k] = r->loc_frame[r->last_loc[known + k] - 1];
    return pf_stack_below(r->to, above, r->path.frame, n, r->last_node + known);
}

/* The stacks of last_loc[known] and those behind, found together. */
static pf_id find_stacks(struct pb_reading *r, uint32_t known)
{
    pf_id above = known ? r->last_node[known - 1] : 0;

    if (r->one_frame_each)
        return find_single(r, known);
    if (!push_frames(r, known))
        return pf_no_memory(r->to);
    if (r->path.n && !pf_stack_below(r->to, above, r->path.frame, r->path.n, r->path_node))
        return 0;
    for (uint32_t k = known, at = 0; k < r->n_last; k++) { /* a location may have no frame */
        at += r->loc_first[r->last_loc[k] + 1] - r->loc_first[r->last_loc[k]];
        r->last_node[k] = at ? r->path_node[at - 1] : above;
    }
    return r->n_last ? r->last_node[r->n_last - 1] : 0;
}

/* The same where all of them are new. */
static pf_id new_stacks(struct pb_reading *r, uint32_t known)
{
    pf_id node = known ? r->last_node[known - 1] : 0;

    for (uint32_t k = known; k < r->n_last; k++) {
        uint32_t at = r->last_loc[k];
        for (uint32_t i = r->loc_first[at]; i < r->loc_first[at + 1]; i++)
            node = pf_stack_new(r->to, node, r->loc_frame[i]);
        r->last_node[k] = node;
    }
    return node;
}

/* Whether each location is a frame of its own, so that equal stacks have equal locations. */
static bool locations_are_frames(const struct pb_reading *r)
{
    return r->one_frame_each && r->p->frames.n == r->locs.n + 1;
}

/* Keeps r->ordered up: samples came root-first sorted so far. Those from last_loc[same] on are
 * still the old ones; `next` is the new one there, 0 if there is none. */
static void watch_order(struct pb_reading *r, uint32_t same, uint32_t next)
{
    if (!r->ordered || same == r->n_last || next > r->last_loc[same])
        return;
    r->ordered = false;
    pf_reserve_nodes(r->p, r->count[PB_SAMPLE]);
}

/*
 * The stack of the first n_same of last_loc and of r->loc (leaf first). Where the locations from
 * the root on are those of the sample before, so are the stacks; and as long as samples come in
 * order, all others are new: profiles that are written in order are read without a look-up.
 */
static pf_id sample_stack(struct pb_reading *r)
{
    uint32_t n = r->n_same + r->n_loc, same = r->n_same;

    if (!room_for_last(r, n))
        return pf_no_memory(r->to);
    while (same < n && same < r->n_last && r->loc[n - 1 - same] == r->last_loc[same])
        same++;
    watch_order(r, same, same < n ? r->loc[n - 1 - same] : 0);
    for (uint32_t k = same; k < n; k++)
        r->last_loc[k] = r->loc[n - 1 - k];
    r->n_last = n;
    r->last_packed = r->packed;
    return r->ordered ? new_stacks(r, same) : find_stacks(r, same);
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
    uint32_t n_values = 0, n_location_fields = 0;

    for (uint32_t k = 0; k < r->to->types.n; k++) /* what it is merged into may have more */
        value[k] = 0;
    struct pb_buf raw = {.mem = r->p->mem};
    struct pf_field g;
    enum pf_wire_found found;
    int status = 0;

    r->n_loc = r->n_same = r->n_label = 0;
    r->packed.at = NULL;
    while (status == 0 && (found = pf_wire_next(&w, &g, &need, &why)) == WIRE_FIELD) {
        if (g.number == 1)
            status = read_location_field(r, &g, n_location_fields++ == 0, row);
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
        r->ordered = locations_are_frames(r);
        if (!r->ordered)
            pf_reserve_nodes(r->p, r->count[PB_SAMPLE]);
    }
    for (size_t at = 0; pb_each(r, PB_SAMPLE, &at, &f); n++)
        if (read_sample(r, &f, n) < 0)
            return -1;
    return 0;
}
