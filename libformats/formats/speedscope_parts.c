/* speedscope_parts.c - stacks, weights and events of speedscope files, made into samples. */
#include "speedscope.h"

#include "text.h"
#include "threads.h"

#include <string.h>

enum { LARGEST_FRAME = INT32_MAX, CARRY_DIGITS = 9 };

static const int64_t carry_one = 1000000000;

static const struct {
    const char *name, *unit;
} types[SPEEDSCOPE_KINDS] = {{"time", "nanoseconds"}, {"space", "bytes"}, {"samples", "count"}};

static bool fail(struct speedscope *r, const char *what)
{
    return pf_json_fail(&r->j, PF_EVALUE, "profile %u: %s", r->part.number, what);
}

static bool no_memory(struct speedscope *r)
{
    return pf_json_fail(&r->j, PF_ENOMEM, "out of memory (see --max-memory)");
}

bool speedscope_has_room(struct speedscope *r)
{
    const struct speedscope_part *p = &r->part;

    if (p->start.failed || p->end.failed || p->at.failed || p->stacks.failed || p->late.failed)
        return no_memory(r);
    return true;
}

/* ---- life ---- */

void speedscope_open(struct speedscope *r)
{
    enum { SPOOLS = 5 };
    struct spool *spools[SPOOLS] = {&r->part.start, &r->part.end, &r->part.at, &r->part.stacks,
                                    &r->part.late};

    for (size_t i = 0; i < SPOOLS; i++)
        spools[i]->mem = r->j.mem;
    for (unsigned k = 0; k < SPEEDSCOPE_KINDS; k++)
        r->column[k] = -1;
}

static void empty_spools(struct speedscope_part *p)
{
    spool_free(&p->start);
    spool_free(&p->end);
    spool_free(&p->at);
    spool_free(&p->stacks);
    spool_free(&p->late);
}

void speedscope_close(struct speedscope *r)
{
    empty_spools(&r->part);
    pf_dealloc(r->j.mem, r->frames);
    pf_dealloc(r->j.mem, r->marks);
    if (r->to != r->out)
        pf_free(r->to);
}

bool speedscope_choose(struct speedscope *r)
{
    r->to = r->has_frames ? r->out : pf_new(r->j.mem);
    r->timed = (struct timed){.to = r->to, .labels = r->out};
    return r->to || no_memory(r);
}

/* ---- frames and stacks ---- */

void speedscope_frame(struct speedscope *r, pf_id name, pf_id file, int64_t line, int64_t column)
{
    if (!pf_grow(r->j.mem, &r->frames, r->n_frames, &r->cap_frames, sizeof *r->frames)) {
        no_memory(r);
        return;
    }
    struct speedscope_frame f = {.set = thread_frame_set(r->out, name, file, line), .name = name};
    struct pf_frame full = {.line = line, .column = column};
    if (!f.set) {
        full.func = pf_func(r->out, name, file, 0);
        f.frame = pf_frame_full(r->out, &full);
    }
    r->frames[r->n_frames++] = f;
}

/* One frame further, of known frames. */
static struct thread_place step(struct speedscope *r, struct thread_place at, uint32_t frame)
{
    struct speedscope_frame *f = &r->frames[frame];

    if (!f->frame && at.stack) /* a thread amid a stack is a frame after all */
        f->frame = pf_frame(r->out, pf_func(r->out, f->name, 0, 0), 0);
    return thread_step(r->out, at, f->frame, f->set);
}

static bool walk(struct speedscope *r, struct thread_place *at, uint32_t frame)
{
    if (r->to == r->out && frame >= r->n_frames)
        return pf_json_fail(&r->j, PF_EVALUE, "profile %u: there is no frame %u, only %u",
                            r->part.number, frame, r->n_frames);
    if (frame >= LARGEST_FRAME)
        return pf_json_fail(&r->j, PF_ELIMIT, "profile %u: there is no frame %u", r->part.number,
                            frame);
    if (r->to == r->out) {
        *at = step(r, *at, frame);
        return !r->out->err.code;
    }
    if (frame >= r->top_frame) {
        r->top_frame = frame;
        r->top_at = r->j.token;
    }
    at->stack = pf_stack(r->to, at->stack, frame + 1);
    return !r->to->err.code;
}

/* Marks frame `depth` of a stack; those below it are marked. */
static bool mark(struct speedscope *r, uint32_t depth, uint32_t frame)
{
    struct thread_place at = {0, 0};

    if (depth)
        at = r->marks[depth - 1].place;
    if (!walk(r, &at, frame))
        return false;
    if (!pf_grow(r->j.mem, &r->marks, depth, &r->cap_marks, sizeof *r->marks))
        return no_memory(r);
    r->marks[depth] = (struct speedscope_mark){frame, at};
    r->n_marks = depth + 1;
    return true;
}

void speedscope_stack_begin(struct speedscope *r)
{
    r->depth = 0;
    r->same = true;
}

bool speedscope_stack_frame(struct speedscope *r, uint32_t frame)
{
    if (r->same && r->depth < r->n_marks && r->marks[r->depth].frame == frame) {
        r->depth++;
        return true;
    }
    r->same = false;
    return mark(r, r->depth++, frame);
}

/* A stack is put by as its number, with a bit that says that other labels follow. */
void speedscope_stack_end(struct speedscope *r)
{
    struct thread_place at = {0, 0};
    struct spool *s = &r->part.stacks;

    if (r->depth)
        at = r->marks[r->depth - 1].place;
    spool_put(s, (uint64_t)at.stack << 1 | (at.set != r->put_set));
    if (at.set != r->put_set)
        spool_put(s, at.set);
    r->put_set = at.set;
    r->part.samples++;
}

static struct thread_place take_stack(struct speedscope *r)
{
    uint64_t word = spool_take(&r->part.stacks);

    if (word & 1)
        r->taken_set = (pf_id)spool_take(&r->part.stacks);
    return (struct thread_place){(pf_id)(word >> 1), r->taken_set};
}

/* ---- a part ---- */

void speedscope_new_part(struct speedscope *r)
{
    struct speedscope_part *p = &r->part, was = *p;

    empty_spools(p);
    *p = (struct speedscope_part){.number = was.number + 1,
                                  .start.mem = r->j.mem,
                                  .end.mem = r->j.mem,
                                  .at.mem = r->j.mem,
                                  .stacks.mem = r->j.mem,
                                  .late.mem = r->j.mem};
    r->n_marks = 0;
    r->put_set = r->taken_set = 0;
}

/* The number that a spool holds; 0 if there is none. */
static bool kept_number(struct speedscope *r, struct spool *s, const char *what, int64_t *value)
{
    struct pf_decimal d;
    size_t len;

    *value = 0;
    if (!s->first)
        return true;
    spool_rewind(s);
    const char *text = spool_take_text(s, &len);
    if (!speedscope_has_room(r))
        return false;
    pf_decimal(text, len, r->part.unit->scale, &d);
    *value = d.value;
    return d.fits
           || pf_json_fail(&r->j, PF_EVALUE, "profile %u: %s does not fit 63 bits", r->part.number,
                           what);
}

/* The column of this part's values: what the first part has is the default of the profile. */
static void choose_column(struct speedscope *r)
{
    enum speedscope_kind kind = r->part.unit->kind;

    if (r->column[kind] < 0) {
        r->column[kind] = pf_type_add(r->out, types[kind].name, types[kind].unit, PF_SUM);
        if (r->to != r->out)
            pf_type_add(r->to, types[kind].name, types[kind].unit, PF_SUM);
    }
    r->part.column = r->column[kind] < 0 ? 0 : (uint32_t)r->column[kind];
}

bool speedscope_begin(struct speedscope *r, bool force)
{
    const uint64_t needed = PART_TYPE | PART_UNIT | PART_NAME | PART_START;
    struct speedscope_part *p = &r->part;
    struct pf_str name = pf_str_at(r->out, p->name);
    struct thread_name who;

    if (p->begun || r->j.err->code || (!force && (p->seen & needed) != needed))
        return p->begun;
    if (!p->unit)
        return fail(r, "it has no unit");
    if (!kept_number(r, &p->start, "startValue", &p->time))
        return false;
    choose_column(r);
    if (thread_title(name.s, name.len, &who))
        p->n_labels = thread_labels(r->out, &who, p->label, 0);
    else
        p->n_labels =
            label_append(r->out, p->label, 0, label_text(r->out, "profile", name.s, name.len));
    return p->begun = true;
}

static bool emit(struct speedscope *r, struct thread_place at, int64_t value, int64_t time)
{
    struct speedscope_part *p = &r->part;
    int64_t values[SPEEDSCOPE_KINDS] = {0}, size = value < 0 ? -value : value;
    pf_id label[TIMED_LABELS];

    if (!pf_add64(r->total[p->unit->kind], size, &r->total[p->unit->kind]))
        return fail(r, "the sum of its weights does not fit 63 bits");
    values[p->column] = value;
    memcpy(label, p->label, p->n_labels * sizeof *label);
    uint32_t n =
        at.set ? label_append_set(r->out, label, p->n_labels, TIMED_LABELS, at.set) : p->n_labels;
    if (p->unit->kind == SPEEDSCOPE_TIME)
        timed_add(&r->timed, at.stack, label, n, time, values);
    else
        timed_add_without(&r->timed, at.stack, label, n, values);
    return !r->to->err.code && !r->out->err.code;
}

/* A number in the unit of the profile. */
static bool scaled(struct speedscope *r, const char *text, size_t len, struct pf_decimal *d)
{
    pf_decimal(text, len, r->part.unit->scale, d);
    if (!d->fits || d->value == INT64_MIN)
        return pf_json_fail(&r->j, PF_EVALUE, "profile %u: '%.*s' does not fit 63 bits",
                            r->part.number, (int)(len < 40 ? len : 40), text);
    r->fractions |= !d->exact && r->part.unit->kind != SPEEDSCOPE_TIME;
    return true;
}

/* Weights are rounded, but what that takes away or adds is carried on to the next one. */
static bool carry(struct speedscope *r, const char *text, size_t len, struct pf_decimal *d)
{
    struct pf_decimal fine;
    int64_t back, *left = &r->part.carry;

    pf_decimal(text, len, r->part.unit->scale + CARRY_DIGITS, &fine);
    if (!fine.fits || __builtin_mul_overflow(d->value, carry_one, &back))
        return true;
    *left += fine.value - back;
    int64_t step = *left * 2 >= carry_one ? 1 : *left * 2 < -carry_one ? -1 : 0;
    *left -= step * carry_one;
    return pf_add64(d->value, step, &d->value)
           || fail(r, "the sum of its weights does not fit 63 bits");
}

bool speedscope_weight(struct speedscope *r, const char *text, size_t len)
{
    struct speedscope_part *p = &r->part;
    struct pf_decimal d;
    int64_t from = p->time;

    if (p->weights >= p->samples)
        return pf_json_fail(&r->j, PF_EVALUE,
                            "profile %u: there are more weights than samples (%llu)", p->number,
                            (unsigned long long)p->samples);
    if (!scaled(r, text, len, &d) || (!d.exact && !carry(r, text, len, &d)))
        return false;
    r->negative += d.value < 0;
    if (!pf_add64(from, d.value, &p->time))
        return fail(r, "its end does not fit 63 bits");
    return emit(r, take_stack(r), d.value, from);
}

bool speedscope_event(struct speedscope *r, const char *at, size_t len)
{
    struct speedscope_part *p = &r->part;
    struct pf_decimal d;
    int64_t since;

    if (!p->evented)
        return fail(r, "a sampled profile has no events");
    if (!scaled(r, at, len, &d))
        return false;
    if (r->n_marks && (d.value < p->time || __builtin_sub_overflow(d.value, p->time, &since)))
        return fail(r, "an event comes before the one in front of it");
    if (r->n_marks && since && !emit(r, r->marks[r->n_marks - 1].place, since, p->time))
        return false;
    if (!r->n_marks && p->events && d.value < p->time)
        return fail(r, "an event comes before the one in front of it");
    p->events++;
    p->time = d.value;
    if (r->event.opens)
        return mark(r, r->n_marks, r->event.frame);
    if (!r->n_marks || r->marks[r->n_marks - 1].frame != r->event.frame)
        return pf_json_fail(&r->j, PF_EVALUE,
                            "profile %u: event %llu closes frame %u, which is not the innermost "
                            "open one",
                            p->number, (unsigned long long)p->events, r->event.frame);
    r->n_marks--;
    return true;
}

void speedscope_all_closed(struct speedscope *r)
{
    if (r->n_marks)
        pf_json_fail(&r->j, PF_EVALUE, "profile %u: frame %u is still open at its end",
                     r->part.number, r->marks[r->n_marks - 1].frame);
}

/* What came before the unit was known. */
static void replay(struct speedscope *r)
{
    struct speedscope_part *p = &r->part;
    uint64_t n = p->evented ? p->events : p->weights;
    bool ok = true;
    size_t len;

    spool_rewind(&p->late);
    spool_rewind(&p->stacks);
    p->weights = p->events = 0;
    for (uint64_t i = 0; i < n && ok; i++) {
        uint64_t word = p->evented ? spool_take(&p->late) : 0;
        const char *text = spool_take_text(&p->late, &len);
        if (!speedscope_has_room(r))
            return;
        r->event = (struct speedscope_event){word & 1, (uint32_t)(word >> 1)};
        ok = p->evented ? speedscope_event(r, text, len) : speedscope_weight(r, text, len);
        p->weights += !p->evented;
    }
    if (p->evented && ok)
        speedscope_all_closed(r);
}

static void check_part(struct speedscope *r)
{
    struct speedscope_part *p = &r->part;
    uint64_t needed = p->evented ? PART_EVENTS : PART_SAMPLES | PART_WEIGHTS;

    if (!(p->seen & PART_TYPE))
        fail(r, "it has no type");
    else if ((p->seen & needed) != needed)
        fail(r, p->evented ? "it has no events" : "it needs both samples and weights");
    else if (!p->evented && p->seen & PART_EVENTS)
        fail(r, "a sampled profile has no events");
    else if (!p->evented && p->samples != p->weights)
        pf_json_fail(&r->j, PF_EVALUE, "profile %u: %llu samples, but %llu weights", p->number,
                     (unsigned long long)p->samples, (unsigned long long)p->weights);
}

void speedscope_end_part(struct speedscope *r)
{
    struct speedscope_part *p = &r->part;
    int64_t start, end, length;

    if (!speedscope_has_room(r))
        return;
    check_part(r);
    if (!speedscope_begin(r, true))
        return;
    if (p->late.first)
        replay(r);
    if (p->unit->kind == SPEEDSCOPE_TIME && kept_number(r, &p->start, "startValue", &start)
        && kept_number(r, &p->end, "endValue", &end) && !__builtin_sub_overflow(end, start, &length)
        && length > r->out->duration_ns)
        r->out->duration_ns = length;
}

/* ---- the end ---- */

/* The stacks of the profile aside, in `out`; caller of a stack comes before it. */
static bool rename_stacks(struct speedscope *r, struct thread_place *map)
{
    const struct pf_profile *from = r->to;

    if (from->stacks.n > 1 && r->top_frame >= r->n_frames) {
        pf_fail_offset(r->j.err, PF_EVALUE, r->top_at, "there is no frame %u, only %u",
                       r->top_frame, r->n_frames);
        return false;
    }
    for (pf_id s = 1; s < from->stacks.n && !r->out->err.code; s++)
        map[s] = step(r, map[from->stacks.parent[s]], from->stacks.frame[s] - 1);
    return !r->out->err.code;
}

static void rename_samples(struct speedscope *r, const struct thread_place *map)
{
    const struct pf_profile *from = r->to;
    int64_t values[PF_MAX_TYPES];

    for (uint32_t i = 0; i < from->samples.n && !r->out->err.code; i++) {
        struct thread_place at = map[from->samples.stack[i]];
        pf_id set = from->samples.labels[i];
        if (at.set) {
            enum { MOST = TIMED_LABELS + 1 };
            pf_id label[MOST];
            uint32_t n = label_append_set(r->out, label, 0, MOST, set);
            n = label_append_set(r->out, label, n, MOST, at.set);
            set = pf_label_set(r->out, label, n);
        }
        for (uint32_t k = 0; k < from->types.n; k++)
            values[k] = from->samples.value[k][i];
        pf_sample_add(r->out, at.stack, set, values);
    }
}

static void move_over(struct speedscope *r)
{
    struct thread_place *map = pf_alloc_zero(r->j.mem, r->to->stacks.n, sizeof *map);

    if (!map)
        no_memory(r);
    else if (rename_stacks(r, map))
        rename_samples(r, map);
    pf_dealloc(r->j.mem, map);
}

void speedscope_finish(struct speedscope *r)
{
    if (r->to != r->out)
        move_over(r);
    if (r->fractions)
        pf_note(r->out, "values with fractions were rounded, so that their sum is kept");
    r->out->rounded |= r->fractions;
    if (r->negative)
        pf_note(r->out, "negative weights: %llu", (unsigned long long)r->negative);
    if (r->j.bad_utf8)
        pf_note(r->out, "names that are not valid UTF-8 are kept byte by byte: %llu",
                (unsigned long long)r->j.bad_utf8);
    timed_tell(&r->timed);
}
