/*
 * select_tags.c - filters by labels, which pprof calls tags: samples by their values, labels by
 * their keys, and frames made of values.
 */
#include "select.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- the filter of a text ---- */

struct bound {
    double value;
    bool given;
};

struct pf_tag_filter {
    struct pf_mem *mem;
    struct pf_str key; /* len 0: any */
    bool is_range;
    struct bound from, to;
    struct pf_str unit;
    struct pf_patterns all; /* every one must match */
    char text[];
};

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_letter(char c)
{
    return (unsigned)((c | 0x20) - 'a') < 26;
}

/* [+-]digits[letters]; returns what follows, NULL: there is none, or it does not fit. */
static const char *take_bound(const char *s, int64_t *value, struct pf_str *unit)
{
    const char *at = s + (*s == '+' || *s == '-');
    bool negative = *s == '-';

    *value = 0;
    if (!is_digit(*at))
        return NULL;
    for (; is_digit(*at); at++)
        if (__builtin_mul_overflow(*value, 10, value)
            || (negative ? __builtin_sub_overflow(*value, *at - '0', value)
                         : __builtin_add_overflow(*value, *at - '0', value)))
            return NULL;
    *unit = (struct pf_str){.s = at};
    while (is_letter(*at))
        at++;
    unit->len = (uint32_t)(at - unit->s);
    return at;
}

static bool same(struct pf_str a, struct pf_str b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.s, b.s, a.len) == 0);
}

/* `4kb`, `4kb:`, `:4kb`, `4kb:8mb`; false: it is none of these. */
static bool take_range(struct pf_tag_filter *x, const char *s)
{
    int64_t a, b;
    struct pf_str unit, other;
    bool open = *s == ':';
    const char *end = take_bound(s + open, &a, &unit);

    if (!end || (*end && (*end != ':' || open)))
        return false;
    double first = pf_scale(a, unit, unit, &x->unit);
    x->from = (struct bound){first, !open};
    x->to = (struct bound){first, open || !*end};
    if (!*end || !end[1])
        return true;
    end = take_bound(end + 1, &b, &other);
    if (!end || *end)
        return false;
    x->to = (struct bound){pf_scale(b, other, x->unit, &other), true};
    return same(other, x->unit);
}

static int take_patterns(struct pf_tag_filter *x, char *s, size_t before, struct pf_err *err)
{
    uint32_t n = 1;
    const char *start = s;

    for (const char *c = s; *c; c++)
        n += *c == ',';
    x->all.at = pf_alloc_zero(x->mem, n, sizeof(struct pf_pattern *));
    if (!x->all.at)
        return pf_fail(err, PF_ENOMEM, "out of memory (see --max-memory)");
    for (char *comma; s; s = comma) {
        if ((comma = strchr(s, ',')))
            *comma++ = '\0';
        struct pf_err why = {0};
        struct pf_pattern *p = pf_pattern_new(x->mem, s, &why);
        if (!p && why.where == PF_AT_OFFSET)
            return pf_fail_offset(err, why.code, why.at + before + (size_t)(s - start), "%s",
                                  why.msg);
        if (!p)
            return pf_fail(err, why.code, "%s", why.msg);
        x->all.at[x->all.n++] = p;
    }
    return 0;
}

struct pf_tag_filter *pf_tag_filter_new(struct pf_mem *m, const char *text, struct pf_err *err)
{
    size_t len = strlen(text);
    struct pf_tag_filter *x = pf_alloc_zero(m, 1, sizeof *x + len + 1);

    if (!x) {
        pf_fail(err, PF_ENOMEM, "out of memory (see --max-memory)");
        return NULL;
    }
    x->mem = m;
    memcpy(x->text, text, len + 1);
    char *equals = strchr(x->text, '='), *value = x->text;
    if (equals) {
        x->key = (struct pf_str){.s = x->text, .len = (uint32_t)(equals - x->text)};
        value = equals + 1;
    }
    x->is_range = take_range(x, value);
    if (x->is_range || take_patterns(x, value, (size_t)(value - x->text), err) == 0)
        return x;
    pf_tag_filter_free(x);
    return NULL;
}

void pf_tag_filter_free(struct pf_tag_filter *x)
{
    if (!x)
        return;
    for (uint32_t i = 0; i < x->all.n; i++)
        pf_pattern_free(x->all.at[i]);
    pf_dealloc(x->mem, x->all.at);
    pf_dealloc(x->mem, x);
}

/* ---- samples by their labels ---- */

/* The units of numbers that have none: those that others of the key have, or what pprof takes. */
static int fill_units(struct pf_selecting *s, pf_id **units)
{
    struct pf_profile *p = s->p;
    pf_id bytes = pf_strz(p, "bytes"), request = pf_strz(p, "request");
    pf_id alignment = pf_strz(p, "alignment");

    *units = pf_alloc_zero(p->mem, p->strs.n, sizeof **units); /* by key */
    if (!*units)
        return pf_select_no_memory(s);
    for (pf_id i = 1; i < p->labels.n; i++) {
        const struct pf_label *l = &p->labels.at[i];
        if (l->kind == PF_LABEL_NUM && l->unit && !(*units)[l->key])
            (*units)[l->key] = l->unit;
    }
    for (pf_id i = 1; i < p->labels.n; i++) {
        pf_id key = p->labels.at[i].key;
        if (!(*units)[key])
            (*units)[key] = key == request || key == alignment ? bytes : key;
    }
    return 0;
}

static bool in_range(const struct pf_tag_filter *x, int64_t value, struct pf_str unit)
{
    struct pf_str is;
    double scaled = pf_scale(value, unit, x->unit, &is);

    return same(is, x->unit) && (!x->from.given || scaled >= x->from.value)
           && (!x->to.given || scaled <= x->to.value);
}

/* Without a key an expression sees KEY:VALUE, as in pprof. */
static int label_matches(struct pf_selecting *s, const struct pf_tag_filter *x,
                         const struct pf_pattern *rx, const struct pf_label *l)
{
    struct pf_str key = pf_str_at(s->p, l->key), value = pf_str_at(s->p, l->str);

    if (x->key.len)
        return pf_pattern_match(rx, value.s, value.len, s->err);
    char *both = pf_select_room(s, (size_t)key.len + 1 + value.len);
    if (!both)
        return -1;
    memcpy(both, key.s, key.len);
    both[key.len] = ':';
    memcpy(both + key.len + 1, value.s, value.len);
    return pf_pattern_match(rx, both, (size_t)key.len + 1 + value.len, s->err);
}

/* Whether a label of the set is in the range, or matches the expression rx. */
static int set_has(struct pf_selecting *s, const struct pf_tag_filter *x,
                   const struct pf_pattern *rx, pf_id set, const pf_id *units)
{
    const struct pf_profile *p = s->p;
    enum pf_label_kind kind = rx ? PF_LABEL_STR : PF_LABEL_NUM;

    for (uint32_t i = p->sets.first[set]; i < p->sets.first[set + 1]; i++) {
        const struct pf_label *l = &p->labels.at[p->sets.item[i]];
        if (l->kind != kind || (x->key.len && !same(pf_str_at(p, l->key), x->key)))
            continue;
        int found =
            rx ? label_matches(s, x, rx, l) : in_range(x, l->num, pf_str_at(p, units[l->key]));
        if (found)
            return found;
    }
    return 0;
}

/* pprof: without a key all expressions must match, each some label; with a key any of them may. */
static int set_matches(struct pf_selecting *s, const struct pf_tag_filter *x, pf_id set,
                       const pf_id *units)
{
    if (x->is_range)
        return set_has(s, x, NULL, set, units);
    for (uint32_t i = 0; i < x->all.n; i++) {
        int found = set_has(s, x, x->all.at[i], set, units);
        if (found < 0 || (found != 0) == (x->key.len != 0))
            return found;
    }
    return x->key.len == 0;
}

static int filter_sets(struct pf_selecting *s, const struct pf_tag_filter *x, const pf_id *units,
                       int8_t *of_set)
{
    for (uint32_t i = 0; i < s->n_keep; i++) {
        pf_id set = s->p->samples.labels[s->keep[i]];
        if (of_set[set] < 0)
            of_set[set] = (int8_t)set_matches(s, x, set, units);
        if (of_set[set] < 0)
            return -1;
    }
    return 0;
}

static int filter(struct pf_selecting *s, const struct pf_tag_filter *x, const pf_id *units,
                  bool wanted, unsigned part)
{
    uint32_t n = 0;
    int8_t *of_set = x ? pf_alloc(s->p->mem, s->p->sets.n) : NULL;

    if (!x)
        return 0;
    if (!of_set)
        return pf_select_no_memory(s);
    memset(of_set, -1, s->p->sets.n);
    int rc = filter_sets(s, x, units, of_set);
    for (uint32_t i = 0; rc == 0 && i < s->n_keep; i++) {
        bool matches = of_set[s->p->samples.labels[s->keep[i]]];
        s->told->matched |= matches ? part : 0;
        if (matches == wanted)
            s->keep[n++] = s->keep[i];
    }
    s->n_keep = n;
    pf_dealloc(s->p->mem, of_set);
    return rc;
}

int pf_select_by_tags(struct pf_selecting *s)
{
    pf_id *units = NULL;
    int rc = fill_units(s, &units);

    if (rc == 0)
        rc = filter(s, s->how->tag_focus, units, true, PF_SEL_TAG_FOCUS);
    if (rc == 0)
        rc = filter(s, s->how->tag_ignore, units, false, PF_SEL_TAG_IGNORE);
    pf_dealloc(s->p->mem, units);
    return rc;
}

/* ---- labels by their keys ---- */

static int any(const struct pf_patterns *x, struct pf_str text, struct pf_err *err)
{
    int found = 0;

    for (uint32_t i = 0; i < x->n && !found; i++)
        found = pf_pattern_match(x->at[i], text.s, text.len, err);
    return found;
}

/* Which labels go. */
static int match_keys(struct pf_selecting *s, bool *gone)
{
    const struct pf_select *how = s->how;

    for (pf_id i = 1; i < s->p->labels.n; i++) {
        const struct pf_label *l = &s->p->labels.at[i];
        if (l->kind == PF_LABEL_RAW)
            continue;
        int show = any(&how->tag_show, pf_str_at(s->p, l->key), s->err);
        int hide = any(&how->tag_hide, pf_str_at(s->p, l->key), s->err);
        if (show < 0 || hide < 0)
            return -1;
        s->told->matched |= (show ? PF_SEL_TAG_SHOW : 0) | (hide ? PF_SEL_TAG_HIDE : 0);
        gone[i] = hide || (how->tag_show.n && !show);
    }
    return 0;
}

static pf_id without(struct pf_profile *p, pf_id set, const bool *gone, pf_id *room)
{
    uint32_t n = 0;

    for (uint32_t i = p->sets.first[set]; i < p->sets.first[set + 1]; i++)
        if (!gone[p->sets.item[i]])
            room[n++] = p->sets.item[i];
    return pf_label_set(p, room, n);
}

int pf_select_drop_labels(struct pf_selecting *s, const bool *gone)
{
    struct pf_profile *p = s->p;
    pf_id *made = pf_alloc_zero(p->mem, p->sets.n, sizeof *made);
    pf_id *room = pf_alloc_zero(p->mem, (size_t)p->sets.n_items + 1, sizeof *room);
    uint32_t sets = p->sets.n;

    if (!made || !room)
        pf_select_no_memory(s);
    for (pf_id i = 1; made && room && i < sets; i++)
        made[i] = without(p, i, gone, room);
    for (uint32_t i = 0; made && room && i < s->n_keep; i++)
        p->samples.labels[s->keep[i]] = made[p->samples.labels[s->keep[i]]];
    pf_dealloc(p->mem, made);
    pf_dealloc(p->mem, room);
    return s->err->code || p->err.code ? -1 : 0;
}

int pf_select_tag_keys(struct pf_selecting *s)
{
    bool *gone = pf_alloc_zero(s->p->mem, s->p->labels.n, sizeof *gone);
    int rc = gone ? match_keys(s, gone) : pf_select_no_memory(s);

    if (rc == 0)
        rc = pf_select_drop_labels(s, gone);
    pf_dealloc(s->p->mem, gone);
    return rc;
}

/* ---- frames made of labels ---- */

/* "1.50MB", as pprof writes a number with a unit; "7" without. */
static int put_number(char buf[64], const struct pf_profile *p, const struct pf_label *l)
{
    static const struct pf_str best = {.s = "minimum", .len = 7};
    struct pf_str unit;
    char digits[48];
    double value = pf_scale(l->num, pf_str_at(p, l->unit), best, &unit);
    int n = snprintf(digits, sizeof digits, "%.2f", value);

    if (n > 3 && strcmp(digits + n - 3, ".00") == 0)
        digits[n - 3] = '\0';
    if (!strcmp(digits, "0") || !strcmp(digits, "-0"))
        return snprintf(buf, 64, "0");
    return snprintf(buf, 64, "%s%.*s", digits, (int)(unit.len < 8 ? unit.len : 8), unit.s);
}

/* Room for so many bytes more, and where they go. */
static char *more(struct pf_selecting *s, size_t n, size_t len)
{
    char *text = s->text_size < n + len ? NULL : s->text;

    if (!text) {
        text = pf_realloc(s->p->mem, s->text, 2 * (n + len));
        if (!text) {
            pf_select_no_memory(s);
            return NULL;
        }
        s->text = text;
        s->text_size = 2 * (n + len);
    }
    return text + n;
}

/* The frame of a key's values, joined by commas: the key is its file. */
static pf_id value_frame(struct pf_selecting *s, pf_id set, const char *key, bool *found)
{
    struct pf_profile *p = s->p;
    size_t n = 0;
    char number[64];

    for (uint32_t i = p->sets.first[set]; i < p->sets.first[set + 1]; i++) {
        const struct pf_label *l = &p->labels.at[p->sets.item[i]];
        struct pf_str name = pf_str_at(p, l->key), value = pf_str_at(p, l->str);
        if (l->kind == PF_LABEL_RAW || name.len != strlen(key)
            || memcmp(name.s, key, name.len) != 0)
            continue;
        if (l->kind == PF_LABEL_NUM)
            value = (struct pf_str){.s = number, .len = (uint32_t)put_number(number, p, l)};
        char *to = more(s, n, (size_t)value.len + 1);
        if (!to)
            return 0;
        if (*found)
            *to++ = ',';
        memcpy(to, value.s, value.len);
        n = (size_t)(to - s->text) + value.len;
        *found = true;
    }
    pf_id name = n ? pf_str(p, s->text, n) : 0;
    return pf_frame(p, pf_func(p, name, pf_strz(p, key), 0), 0);
}

/* The frames of a label set, in the order of the keys; found: a label had one of them. */
static int set_frames(struct pf_selecting *s, pf_id set, const struct pf_words *keys, pf_id *to,
                      unsigned part)
{
    for (uint32_t i = 0; i < keys->n; i++) {
        bool found = false;
        to[i] = value_frame(s, set, keys->at[i], &found);
        if (!to[i])
            return -1;
        s->told->matched |= found ? part : 0;
    }
    return 0;
}

struct tagged {
    pf_id *frames; /* of each set: those of the root, then those of the leaf */
    uint32_t n;
};

static int tag_sets(struct pf_selecting *s, struct tagged *t)
{
    const struct pf_select *how = s->how;

    t->n = how->tag_root.n + how->tag_leaf.n;
    t->frames = pf_alloc_zero(s->p->mem, (size_t)s->p->sets.n * t->n, sizeof *t->frames);
    if (!t->frames)
        return pf_select_no_memory(s);
    for (uint32_t i = 0; i < s->n_keep; i++) {
        pf_id set = s->p->samples.labels[s->keep[i]], *at = t->frames + (size_t)set * t->n;
        if (!at[0]
            && (set_frames(s, set, &how->tag_root, at, PF_SEL_TAG_ROOT)
                || set_frames(s, set, &how->tag_leaf, at + how->tag_root.n, PF_SEL_TAG_LEAF)))
            return -1;
    }
    return 0;
}

static int tag_stacks(struct pf_selecting *s, const struct tagged *t)
{
    struct pf_profile *p = s->p;
    struct pf_path path = {0};
    uint32_t roots = s->how->tag_root.n;

    for (uint32_t i = 0; i < s->n_keep && !p->err.code; i++) {
        uint32_t sample = s->keep[i];
        const pf_id *frames = t->frames + (size_t)p->samples.labels[sample] * t->n;
        pf_id stack = 0;
        if (!pf_unwind(p, p->samples.stack[sample], &path)) {
            pf_dealloc(p->mem, path.frame);
            return pf_select_no_memory(s);
        }
        for (uint32_t k = 0; k < roots; k++)
            stack = pf_stack(p, stack, frames[k]);
        for (uint32_t k = 0; k < path.n; k++)
            stack = pf_stack(p, stack, path.frame[k]);
        for (uint32_t k = roots; k < t->n; k++)
            stack = pf_stack(p, stack, frames[k]);
        p->samples.stack[sample] = stack;
    }
    pf_dealloc(p->mem, path.frame);
    return p->err.code ? -1 : 0;
}

int pf_select_tag_frames(struct pf_selecting *s)
{
    struct tagged t = {0};
    int rc = tag_sets(s, &t);

    if (rc == 0)
        rc = tag_stacks(s, &t);
    pf_dealloc(s->p->mem, t.frames);
    return rc;
}
