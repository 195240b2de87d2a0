/*
 * fmt_speedscope.c - the JSON that speedscope defines, and that py-spy, austin and others write.
 *
 * A file is a list of frames, named by their index, and profiles: `sampled` (stacks and weights)
 * or `evented` (frames that open and close). Keys come in any order. What is met too early is put
 * by in a few bytes: stacks until their weights come, numbers until their unit is known; and stacks
 * of frames that are not known yet are built in a profile aside, and renamed at the end.
 */
#include "json.h"
#include "profile.h"
#include "speedscope.h"
#include "speedscope_write.h"
#include "text.h"

#include <stdio.h>
#include <string.h>

static const struct speedscope_unit units[] = {
    {"none", SPEEDSCOPE_SAMPLES, 0},      {"nanoseconds", SPEEDSCOPE_TIME, 0},
    {"microseconds", SPEEDSCOPE_TIME, 3}, {"milliseconds", SPEEDSCOPE_TIME, 6},
    {"seconds", SPEEDSCOPE_TIME, 9},      {"bytes", SPEEDSCOPE_SPACE, 0},
};

/* ---- frames ---- */

static bool read_name(struct pf_json *j, struct pf_profile *p, pf_id *id)
{
    if (pf_json_look(j) != 'n') {
        bool ok = pf_json_string(j);
        *id = ok ? pf_str(p, j->text, j->len) : 0;
        return ok;
    }
    return pf_json_null(j);
}

/* A line or column; null, and -1 as an unsigned number (py-spy), say that there is none. */
static bool read_line(struct pf_json *j, int64_t *line)
{
    if (pf_json_look(j) == 'n')
        return pf_json_null(j);
    bool ok = pf_json_int(j, line);
    if (*line < 0 || *line == UINT32_MAX)
        *line = 0;
    return ok;
}

static void read_frame(struct speedscope *r)
{
    static const char *const keys[] = {"name", "file", "line", "col", NULL};
    struct pf_json *j = &r->j;
    uint64_t seen = 0;
    pf_id name = 0, file = 0;
    int64_t line = 0, column = 0;

    if (!pf_json_enter(j, '{'))
        return;
    while (pf_json_key(j))
        switch (pf_json_which(j, keys, &seen)) {
        case 0: read_name(j, r->out, &name); break;
        case 1: read_name(j, r->out, &file); break;
        case 2: read_line(j, &line); break;
        case 3: read_line(j, &column); break;
        default: pf_json_skip(j); break;
        }
    if (!(seen & 1))
        pf_json_fail(j, PF_ESYNTAX, "frame %u has no name", r->n_frames);
    if (!j->err->code)
        speedscope_frame(r, name, file, line, column);
}

static void read_shared(struct speedscope *r)
{
    struct pf_json *j = &r->j;

    if (!pf_json_enter(j, '{'))
        return;
    while (pf_json_key(j)) {
        if (!pf_json_text_is(j, "frames")) {
            pf_json_skip(j);
            continue;
        }
        if (r->has_frames)
            pf_json_fail(j, PF_ESYNTAX, "the key 'frames' stands here for the second time");
        r->has_frames = true;
        if (pf_json_enter(j, '['))
            while (pf_json_item(j))
                read_frame(r);
    }
}

/* ---- a profile ---- */

/* Keeps a number that cannot be understood before the unit is known. */
static void keep_number(struct speedscope *r, struct spool *s)
{
    if (pf_json_number(&r->j))
        spool_put_text(s, r->j.text, r->j.len);
}

static void read_samples(struct speedscope *r)
{
    struct pf_json *j = &r->j;
    uint32_t frame;

    if (!pf_json_enter(j, '['))
        return;
    while (pf_json_item(j) && pf_json_enter(j, '[')) {
        speedscope_stack_begin(r);
        while (pf_json_index(j, &frame))
            if (!speedscope_stack_frame(r, frame))
                return;
        speedscope_stack_end(r);
    }
}

static void read_weights(struct speedscope *r)
{
    struct pf_json *j = &r->j;
    bool at_once = speedscope_begin(r, false) && r->part.seen & PART_SAMPLES;

    if (at_once)
        spool_rewind(&r->part.stacks);
    if (!pf_json_enter(j, '['))
        return;
    while (pf_json_item(j) && pf_json_number(j)) {
        if (!at_once)
            spool_put_text(&r->part.late, j->text, j->len);
        else if (!speedscope_weight(r, j->text, j->len))
            return;
        r->part.weights++;
    }
}

/* {"type": "O" or "C", "at": time, "frame": index} */
static bool read_event(struct speedscope *r)
{
    static const char *const keys[] = {"type", "at", "frame", NULL};
    struct pf_json *j = &r->j;
    uint64_t seen = 0;
    int64_t frame = 0;
    char type = 0;

    spool_free(&r->part.at);
    if (!pf_json_enter(j, '{'))
        return false;
    while (pf_json_key(j))
        switch (pf_json_which(j, keys, &seen)) {
        case 0:
            if (pf_json_string(j) && j->len == 1)
                type = j->text[0];
            if (type != 'O' && type != 'C')
                pf_json_fail(j, PF_ESYNTAX, "expected the type of an event, `O` or `C`");
            break;
        case 1: keep_number(r, &r->part.at); break;
        case 2: pf_json_int(j, &frame); break;
        default: pf_json_skip(j); break;
        }
    if (seen != 7)
        pf_json_fail(j, PF_ESYNTAX, "an event needs type, at and frame");
    if (frame < 0 || frame > UINT32_MAX)
        pf_json_fail(j, PF_EVALUE, "expected an index, not %lld", (long long)frame);
    r->event = (struct speedscope_event){type == 'O', (uint32_t)frame};
    return !j->err->code;
}

static void read_events(struct speedscope *r)
{
    struct pf_json *j = &r->j;
    bool at_once = speedscope_begin(r, false);
    size_t len;

    if (!pf_json_enter(j, '['))
        return;
    while (pf_json_item(j) && read_event(r)) {
        spool_rewind(&r->part.at);
        const char *at = spool_take_text(&r->part.at, &len);
        if (!speedscope_has_room(r))
            return;
        if (!at_once) {
            spool_put(&r->part.late, (uint64_t)r->event.frame << 1 | r->event.opens);
            spool_put_text(&r->part.late, at, len);
            r->part.events++;
        } else if (!speedscope_event(r, at, len)) {
            return;
        }
    }
    if (at_once)
        speedscope_all_closed(r);
}

static void read_unit(struct speedscope *r)
{
    if (!pf_json_string(&r->j))
        return;
    for (size_t i = 0; i < sizeof units / sizeof *units; i++)
        if (pf_json_text_is(&r->j, units[i].name))
            r->part.unit = &units[i];
    if (!r->part.unit)
        pf_json_fail(&r->j, PF_EVALUE,
                     "expected a unit (none, bytes, seconds, milli-, micro- or nanoseconds), not "
                     "'%.*s'",
                     (int)(r->j.len < 40 ? r->j.len : 40), r->j.text);
}

static void read_type(struct speedscope *r)
{
    if (!pf_json_string(&r->j))
        return;
    r->part.evented = pf_json_text_is(&r->j, "evented");
    if (!r->part.evented && !pf_json_text_is(&r->j, "sampled"))
        pf_json_fail(&r->j, PF_EVALUE, "expected `sampled` or `evented`");
}

static void read_profile(struct speedscope *r)
{
    static const char *const keys[] = {
        "type",    "unit",    "name",   "startValue", "endValue",
        "samples", "weights", "events", NULL}; /* as enum speedscope_keys */
    struct pf_json *j = &r->j;

    speedscope_new_part(r);
    if (!pf_json_enter(j, '{'))
        return;
    while (pf_json_key(j)) {
        /* what is being read counts as seen only afterwards */
        uint64_t seen = r->part.seen;
        switch (pf_json_which(j, keys, &seen)) {
        case 0: read_type(r); break;
        case 1: read_unit(r); break;
        case 2: read_name(j, r->out, &r->part.name); break;
        case 3: keep_number(r, &r->part.start); break;
        case 4: keep_number(r, &r->part.end); break;
        case 5: read_samples(r); break;
        case 6: read_weights(r); break;
        case 7: read_events(r); break;
        default: pf_json_skip(j); break;
        }
        r->part.seen = seen;
    }
    if (!j->err->code)
        speedscope_end_part(r);
}

/* ---- the file ---- */

static void read_title(struct speedscope *r)
{
    pf_id title = 0;
    char line[300];

    if (!read_name(&r->j, r->out, &title) || !title)
        return;
    snprintf(line, sizeof line, "name %s", pf_str_at(r->out, title).s);
    pf_push(r->out, &r->out->comments, pf_strz(r->out, line));
}

/* `py-spy@0.4.2` */
static void read_exporter(struct speedscope *r)
{
    pf_id exporter = 0;
    char text[100];

    if (!read_name(&r->j, r->out, &exporter))
        return;
    snprintf(text, sizeof text, "%s", pf_str_at(r->out, exporter).s);
    char *at = strrchr(text, '@');
    if (at)
        *at = ' ';
    r->out->producer = pf_strz(r->out, text);
}

static void read_file(struct speedscope *r)
{
    static const char *const keys[] = {"shared", "profiles", "name", "exporter", NULL};
    struct pf_json *j = &r->j;
    uint64_t seen = 0;

    if (!pf_json_enter(j, '{'))
        return;
    while (pf_json_key(j))
        switch (pf_json_which(j, keys, &seen)) {
        case 0: read_shared(r); break;
        case 1:
            if (speedscope_choose(r) && pf_json_enter(j, '['))
                while (pf_json_item(j))
                    read_profile(r);
            break;
        case 2: read_title(r); break;
        case 3: read_exporter(r); break;
        default: pf_json_skip(j); break;
        }
    if (!r->has_frames)
        pf_json_fail(j, PF_ESYNTAX, "no list of frames (`shared.frames`): not a speedscope file");
    if (r->part.number == 0)
        pf_json_fail(j, PF_ESYNTAX, "there is no profile in `profiles`");
    pf_json_done(j);
}

static int speedscope_read(struct pf_source *in, struct pf_profile *out, struct pf_err *err)
{
    struct speedscope r = {.out = out};

    out->format = pf_strz(out, "speedscope");
    out->stack_kind = PF_EXACT;
    pf_json_open(&r.j, in, err);
    speedscope_open(&r);
    read_file(&r);
    if (!err->code)
        speedscope_finish(&r);
    if (out->err.code) /* no memory, which may have made the rest look wrong */
        *err = out->err;
    if (r.to && r.to->err.code)
        *err = r.to->err;
    speedscope_close(&r);
    pf_json_close(&r.j);
    return err->code ? -1 : 0;
}

static int speedscope_probe(const uint8_t *head, size_t len)
{
    char buf[PF_HEAD];
    struct pf_json_head h = pf_json_head(head, len, buf);

    if (h.open != '{')
        return 0;
    if (pf_json_head_key(&h, 1, "$schema", "speedscope"))
        return 95;
    bool frames =
        pf_json_head_key(&h, 1, "shared", NULL) && pf_json_head_key(&h, 2, "frames", NULL);
    bool profiles =
        pf_json_head_key(&h, 1, "profiles", NULL)
        && (pf_json_head_key(&h, 3, "startValue", NULL) || pf_json_head_key(&h, 3, "samples", NULL)
            || pf_json_head_key(&h, 3, "events", NULL));
    return frames || profiles ? 85 : 0;
}

const struct pf_format pf_format_speedscope = {
    .name = "speedscope",
    .title = "speedscope JSON (py-spy, austin, speedscope itself)",
    .suffix = ".speedscope.json",
    .packing = PF_PLAIN,
    .one_value = true,
    .probe = speedscope_probe,
    .read = speedscope_read,
    .whole_stacks = true,
    .write = speedscope_write,
};
