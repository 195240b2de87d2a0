/* folded_labels.c - labels as leading frames of folded stacks, there and back. */
#include "folded.h"
#include "order.h"
#include "text.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { SPELLED = 4 }; /* bytes of \xNN */

/* ---- spelling ---- */

static bool is_label(const char *s, size_t len)
{
    return len >= 3 && s[0] == '{' && s[len - 1] == '}' && memchr(s + 1, '=', len - 2);
}

void folded_put_name(struct pf_sink *out, struct pf_str name, bool alone)
{
    if (alone && is_label(name.s, name.len)) {
        pf_puts(out, "\\x7b");
        pf_put_folded(out, name.s + 1, name.len - 1);
        return;
    }
    pf_put_folded(out, name.s, name.len);
}

/* A key must not end where it does not: its `=`, its last `:` and its backslashes are spelled. */
static void put_key(struct pf_sink *out, struct pf_str key)
{
    for (uint32_t i = 0; i < key.len; i++) {
        bool last = i + 1 == key.len;
        if (key.s[i] == '=' || key.s[i] == '\\' || (last && key.s[i] == ':'))
            pf_printf(out, "\\x%02x", (unsigned)key.s[i]);
        else
            pf_put(out, &key.s[i], 1);
    }
}

static void put_label(struct pf_sink *out, const struct pf_profile *p, const struct pf_label *l)
{
    struct pf_str text = p->strs.at[l->str], unit = p->strs.at[l->unit];

    pf_puts(out, "{");
    put_key(out, p->strs.at[l->key]);
    if (l->kind == PF_LABEL_NUM) {
        pf_printf(out, ":=%" PRId64 "%s", l->num, unit.len ? " " : "");
        pf_put(out, unit.s, unit.len);
    } else {
        pf_puts(out, "=");
        pf_put(out, text.s, text.len);
    }
    pf_puts(out, "}");
}

/* ---- reading ---- */

static int hex_digit(char c)
{
    return pf_is_digit(c) ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* The byte that s begins with as \xNN, -1 if it does not. */
static int spelled_byte(const char *s, size_t len)
{
    if (len < SPELLED || s[0] != '\\' || s[1] != 'x')
        return -1;
    int high = hex_digit(s[2]), low = hex_digit(s[3]);
    return high < 0 || low < 0 ? -1 : high * 16 + low;
}

/* Interns s with its \xNN read back, in room for as many bytes. */
static pf_id unspelled(struct pf_profile *p, char *room, const char *s, size_t len)
{
    size_t n = 0;

    for (size_t i = 0; i < len;) {
        int byte = spelled_byte(s + i, len - i);
        room[n] = s[i];
        if (byte >= 0)
            ((uint8_t *)room)[n] = (uint8_t)byte;
        n++;
        i += byte >= 0 ? SPELLED : 1;
    }
    return pf_str(p, room, n);
}

/* `4096 bytes` behind `{bytes:=`; false: it is no number that we would have written. */
static bool number_of(struct pf_profile *p, const char *s, size_t len, struct pf_label *l)
{
    struct pf_decimal d;
    size_t n = pf_decimal(s, len, 0, &d);

    if (!n || !d.fits || !d.exact || (n < len && s[n] != ' '))
        return false;
    l->kind = PF_LABEL_NUM;
    l->num = d.value;
    l->unit = n < len ? pf_str(p, s + n + 1, len - n - 1) : 0;
    return true;
}

/* text: the frame with its \xNN read back once. */
static pf_id label_of(struct pf_profile *p, char *room, struct pf_str text)
{
    const char *equals = text.len > 2 ? memchr(text.s + 1, '=', text.len - 2) : NULL;
    struct pf_label l = {.kind = PF_LABEL_STR};

    if (!equals)
        return 0;
    size_t key = (size_t)(equals - text.s) - 1, from = key + 2;
    const char *value = text.s + from;
    size_t len = text.len - 1 - from;
    if (key && text.s[key] == ':' && number_of(p, value, len, &l))
        key--;
    else
        l.str = pf_str(p, value, len);
    l.key = unspelled(p, room, text.s + 1, key);
    return pf_label(p, &l);
}

/* s: the frame as it stands in the file. 0: no memory. */
static pf_id read_label(struct pf_profile *p, const char *s, size_t len)
{
    char *room = pf_alloc(p->mem, len + 1);
    pf_id id = 0;

    if (room) {
        pf_id text = unspelled(p, room, s, len);
        id = text ? label_of(p, room, p->strs.at[text]) : 0;
    } else {
        pf_fail(&p->err, PF_ENOMEM, "out of memory (see --max-memory)");
    }
    pf_dealloc(p->mem, room);
    return id;
}

/* The end of the frame that begins at `at`. */
static size_t frame_end(const char *s, size_t len, size_t at)
{
    const char *semicolon = memchr(s + at, ';', len - at);

    return semicolon ? (size_t)(semicolon - s) : len;
}

size_t folded_own_prefix(const char *s, size_t len)
{
    size_t prefix = 0, end;

    for (size_t at = 0; at < len; at = end + 1) {
        end = frame_end(s, len, at);
        if (!is_label(s + at, end - at))
            break;
        prefix = end;
    }
    return prefix;
}

pf_id folded_own_labels(struct pf_profile *p, const char *s, size_t len)
{
    pf_id *label = NULL, set = 0;
    uint32_t n = 0, cap = 0;
    size_t end;

    for (size_t at = 0; at < len && !p->err.code; at = end + 1) {
        end = frame_end(s, len, at);
        if (!pf_grow(p->mem, &label, n, &cap, sizeof *label)) {
            pf_fail(&p->err, PF_ENOMEM, "out of memory (see --max-memory)");
            break;
        }
        label[n++] = read_label(p, s + at, end - at);
    }
    if (!p->err.code)
        set = pf_label_set(p, label, n);
    pf_dealloc(p->mem, label);
    return set;
}

/* ---- writing ---- */

struct labelling {
    struct pf_profile *p;
    pf_id *above; /* of each label set: the stack of its labels */
    pf_id *stays; /* and the set of what stays a label */
    bool *known;
    struct pf_path path;
    bool keep_base;
};

static pf_id frame_of_label(struct labelling *k, const struct pf_label *l)
{
    struct pf_err err = {0};
    struct pf_sink *text = pf_create_mem(k->p->mem, PF_PLAIN, &err);
    pf_id frame = 0;
    size_t len;

    if (text) {
        put_label(text, k->p, l);
        pf_end_frame(text);
        const uint8_t *s = pf_sink_bytes(text, &len);
        pf_id name = s ? pf_str(k->p, (const char *)s, len) : 0;
        frame = pf_frame_full(
            k->p, &(struct pf_frame){.func = pf_func(k->p, name, 0, 0), .flags = FOLDED_LABEL});
    }
    if (!text || pf_sink_check(text, &err))
        pf_fail(&k->p->err, PF_ENOMEM, "out of memory (see --max-memory)");
    pf_abandon(text);
    return frame;
}

static int by_label(const void *a, const void *b, void *arg)
{
    const struct pf_profile *p = arg;
    const struct pf_label *x = &p->labels.at[*(const pf_id *)a];
    const struct pf_label *y = &p->labels.at[*(const pf_id *)b];
    int c = pf_str_cmp(p, x->key, y->key);

    if (c == 0)
        c = pf_str_cmp(p, x->str, y->str);
    if (c == 0 && x->num != y->num)
        c = x->num < y->num ? -1 : 1;
    return c ? c : pf_str_cmp(p, x->unit, y->unit);
}

static bool look_at_set(struct labelling *k, pf_id set)
{
    struct pf_profile *p = k->p;
    uint32_t first = p->sets.first[set], n = p->sets.first[set + 1] - first;
    pf_id *item = pf_alloc(p->mem, n * sizeof *item), base = 0;

    if (!item)
        return false;
    k->known[set] = true;
    memcpy(item, p->sets.item + first, n * sizeof *item);
    qsort_r(item, n, sizeof *item, by_label, p);
    for (uint32_t i = 0; i < n; i++) {
        struct pf_label l = p->labels.at[item[i]];
        if (k->keep_base && pf_is_base_label(p, &l))
            base = item[i];
        else if (l.kind != PF_LABEL_RAW)
            k->above[set] = pf_stack(p, k->above[set], frame_of_label(k, &l));
    }
    k->stays[set] = base ? pf_label_set(p, &base, 1) : 0;
    pf_dealloc(p->mem, item);
    return true;
}

static bool relabel(struct labelling *k, uint32_t sample)
{
    struct pf_profile *p = k->p;
    pf_id set = p->samples.labels[sample];

    if (!set)
        return true;
    if (!k->known[set] && !look_at_set(k, set))
        return false;
    if (!pf_unwind(p, p->samples.stack[sample], &k->path))
        return false;
    pf_id stack = k->above[set];
    for (uint32_t i = 0; i < k->path.n && !p->err.code; i++)
        stack = pf_stack(p, stack, k->path.frame[i]);
    p->samples.stack[sample] = stack;
    p->samples.labels[sample] = k->stays[set];
    return !p->err.code;
}

struct pf_profile *folded_with_labels(const struct pf_profile *p, bool keep_base,
                                      struct pf_err *err)
{
    static const struct pf_merge_how how = {.gauge = PF_GAUGE_SUM};
    struct labelling k = {.p = pf_new(p->mem), .keep_base = keep_base};
    bool ok = k.p && pf_merge(k.p, p, &how, err) == 0;
    uint32_t sets = ok ? k.p->sets.n : 0;

    k.above = pf_alloc_zero(p->mem, sets, sizeof *k.above);
    k.stays = pf_alloc_zero(p->mem, sets, sizeof *k.stays);
    k.known = pf_alloc_zero(p->mem, sets, sizeof *k.known);
    ok = ok && k.above && k.stays && k.known;
    for (uint32_t i = 0; ok && i < k.p->samples.n; i++)
        ok = relabel(&k, i);
    pf_dealloc(p->mem, k.above);
    pf_dealloc(p->mem, k.stays);
    pf_dealloc(p->mem, k.known);
    pf_dealloc(p->mem, k.path.frame);
    if (ok)
        return k.p;
    pf_fail(err, PF_ENOMEM, "out of memory (see --max-memory)");
    pf_free(k.p);
    return NULL;
}
