/*
 * folded_write.c - folded stacks out, one line for each distinct stack text, in an order that does
 * not depend on the order of the input: root-first, callees by the bytes of their text.
 */
#include "folded.h"
#include "lost.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

struct writing {
    const struct pf_profile *p;
    struct pf_mem *mem;
    struct pf_sink *out;
    unsigned type;

    struct pf_sink *spelled; /* the texts of all frames, one after the other */
    const char *text;
    size_t *text_at;  /* of frame f: text[text_at[f]] .. text[text_at[f + 1]] */
    uint32_t *rank;   /* of a frame's text; equal texts have equal ranks */
    uint32_t *ranked; /* a frame with the text of that rank */
    bool equal_texts, two_sided;

    /* The tree of texts. Without equal texts it is the profile's own tree, node for node. */
    uint32_t n;
    pf_id *node; /* of a stack of the profile */
    uint32_t *parent, *node_rank, *size, *place;
    bool *used; /* there are samples at the node itself */
    int64_t *sum;
    int64_t *base; /* for two columns: what `sum` was before; else NULL */
    uint64_t negative, like_comment;
};

/* ---- frames ---- */

static void spell_frame(const struct writing *w, pf_id id)
{
    const struct pf_profile *p = w->p;
    const struct pf_frame *f = &p->frames.at[id];
    const struct pf_func *func = &p->funcs.at[f->func];
    struct pf_str name = p->strs.at[func->name], file = p->strs.at[func->file];
    struct pf_str binary = p->strs.at[p->maps.at[f->mapping].file];
    int64_t line = f->line ? f->line : func->line;

    if (!f->func && f->addr)
        pf_printf(w->spelled, "0x%" PRIx64, f->addr);
    else if (!f->func && binary.len)
        pf_put_folded(w->spelled, binary.s, binary.len);
    else if (!f->func)
        pf_put(w->spelled, "?", 1);
    if (f->flags & FOLDED_LABEL)
        pf_put_folded(w->spelled, name.s, name.len);
    else
        folded_put_name(w->spelled, name, !file.len || (file.len == 1 && file.s[0] == '~'));
    if (!file.len || (file.len == 1 && file.s[0] == '~'))
        return;
    bool bare = f->func && !name.len; /* only the place is known */
    pf_puts(w->spelled, bare ? "" : " (");
    pf_put_folded(w->spelled, file.s, file.len);
    if (line)
        pf_printf(w->spelled, ":%" PRId64, line);
    pf_puts(w->spelled, bare ? "" : ")");
}

static bool spell_frames(struct writing *w, struct pf_err *err)
{
    uint32_t n = w->p->frames.n;
    size_t len;

    w->text_at = pf_alloc_zero(w->mem, (size_t)n + 1, sizeof *w->text_at);
    w->spelled = pf_create_mem(w->mem, PF_PLAIN, err);
    if (!w->text_at || !w->spelled)
        return false;
    for (pf_id id = 0; id < n; id++) {
        spell_frame(w, id);
        pf_end_frame(w->spelled);
        pf_sink_bytes(w->spelled, &w->text_at[id + 1]);
    }
    w->text = (const char *)pf_sink_bytes(w->spelled, &len);
    return w->text && len == w->text_at[n] && pf_sink_check(w->spelled, err) == 0;
}

struct key {
    uint64_t head; /* first 8 bytes of the text: they decide mostly */
    pf_id frame;
};

static size_t text_len(const struct writing *w, pf_id frame)
{
    return w->text_at[frame + 1] - w->text_at[frame];
}

static int by_text(const void *a, const void *b, void *arg)
{
    const struct key *x = a, *y = b;
    const struct writing *w = arg;

    if (x->head != y->head)
        return x->head < y->head ? -1 : 1;
    size_t x_len = text_len(w, x->frame), y_len = text_len(w, y->frame);
    int c = memcmp(w->text + w->text_at[x->frame], w->text + w->text_at[y->frame],
                   x_len < y_len ? x_len : y_len);
    return c ? c : (x_len > y_len) - (x_len < y_len);
}

static uint64_t text_head(const struct writing *w, pf_id frame)
{
    size_t len = text_len(w, frame);
    uint64_t head = 0;

    for (size_t i = 0; i < 8; i++)
        head = head << 8 | (i < len ? (uint8_t)w->text[w->text_at[frame] + i] : 0);
    return head;
}

static bool rank_frames(struct writing *w)
{
    uint32_t n = w->p->frames.n, rank = 0;
    struct key *key = pf_alloc(w->mem, (size_t)n * sizeof *key);

    w->rank = pf_alloc(w->mem, (size_t)n * sizeof *w->rank);
    w->ranked = pf_alloc(w->mem, (size_t)n * sizeof *w->ranked);
    if (!key || !w->rank || !w->ranked) {
        pf_dealloc(w->mem, key);
        return false;
    }
    for (pf_id id = 0; id < n; id++)
        key[id] = (struct key){text_head(w, id), id};
    qsort_r(key, n, sizeof *key, by_text, w);
    for (uint32_t i = 0; i < n; i++) {
        if (i && by_text(&key[i - 1], &key[i], w) != 0)
            rank++;
        else if (i)
            w->equal_texts = true;
        w->rank[key[i].frame] = rank;
        w->ranked[rank] = key[i].frame;
    }
    pf_dealloc(w->mem, key);
    return true;
}

/* ---- the tree of texts ---- */

/* The node below `up` with that text; 0: no memory. */
static pf_id node_below(struct writing *w, struct pf_pairs *seen, pf_id up, uint32_t rank)
{
    struct pf_pair *slot = NULL;

    if (w->equal_texts) {
        slot = pf_pairs_find(w->mem, seen, up, rank);
        if (!slot || slot->id)
            return slot ? slot->id : 0;
        *slot = (struct pf_pair){up, rank, w->n};
        seen->n++;
    }
    w->parent[w->n] = up;
    w->node_rank[w->n] = rank;
    return w->n++;
}

static bool make_tree(struct writing *w)
{
    const struct pf_profile *p = w->p;
    struct pf_mem *m = w->mem;
    uint32_t n = p->stacks.n;
    struct pf_pairs seen = {0};
    bool ok = true;

    w->node = pf_alloc_zero(m, n, sizeof *w->node);
    w->parent = pf_alloc_zero(m, n, sizeof *w->parent);
    w->node_rank = pf_alloc_zero(m, n, sizeof *w->node_rank);
    w->size = pf_alloc_zero(m, n, sizeof *w->size);
    w->place = pf_alloc_zero(m, n, sizeof *w->place);
    w->sum = pf_alloc_zero(m, n, sizeof *w->sum);
    w->used = pf_alloc_zero(m, n, sizeof *w->used);
    if (!w->node || !w->parent || !w->node_rank || !w->size || !w->place || !w->sum || !w->used)
        return false;
    if (w->two_sided && !(w->base = pf_alloc_zero(m, n, sizeof *w->base)))
        return false;
    w->n = 1;
    for (pf_id s = 1; ok && s < n; s++) {
        w->node[s] =
            node_below(w, &seen, w->node[p->stacks.parent[s]], w->rank[p->stacks.frame[s]]);
        ok = w->node[s] != 0;
    }
    pf_pairs_free(m, &seen);
    return ok;
}

static bool is_empty_text(const struct writing *w, pf_id node)
{
    return w->parent[node] == 0 && text_len(w, w->ranked[w->node_rank[node]]) == 0;
}

/* Sums sum; of peaks and of values that the source made cumulative, the largest is taken. */
static bool join(const struct writing *w, pf_id node, int64_t *to, int64_t value)
{
    enum pf_kind kind = w->p->types.at[w->type].kind;
    bool first = !w->used[node];

    w->used[node] = true;
    if (kind == PF_SUM || kind == PF_GAUGE)
        return pf_add64(*to, value, to);
    if (first || value > *to)
        *to = value;
    return true;
}

static int sum_up(struct writing *w, struct pf_err *err)
{
    const struct pf_profile *p = w->p;

    for (uint32_t i = 0; i < p->samples.n; i++) {
        pf_id node = w->node[p->samples.stack[i]];
        int64_t value = p->samples.value[w->type][i];
        if (node && is_empty_text(w, node)) /* one empty frame reads as none */
            node = 0;
        bool base = w->base && pf_is_base(p, p->samples.labels[i]);
        if (base ? __builtin_sub_overflow(w->base[node], value, &w->base[node])
                 : !join(w, node, &w->sum[node], value))
            return pf_fail(err, PF_EVALUE, "the sum of a stack does not fit 64 bits");
    }
    return 0;
}

/*
 * place[i] becomes the i-th node of a root-first walk whose siblings stand in the order of their
 * texts: nodes are taken in the order of their ranks, and each gets the next free place below its
 * parent.
 */
static bool order_nodes(struct writing *w)
{
    uint32_t n_ranks = w->p->frames.n, *before = w->place;
    uint32_t *first = pf_alloc_zero(w->mem, (size_t)n_ranks + 1, sizeof *first);
    pf_id *by_rank = pf_alloc(w->mem, (size_t)w->n * sizeof *by_rank);
    uint32_t *used = pf_alloc_zero(w->mem, w->n, sizeof *used);

    if (first && by_rank && used) {
        for (pf_id s = w->n - 1; s > 0; s--) {
            w->size[s]++;
            w->size[w->parent[s]] += w->size[s];
            first[w->node_rank[s] + 1]++;
        }
        for (uint32_t r = 0; r < n_ranks; r++)
            first[r + 1] += first[r];
        for (pf_id s = 1; s < w->n; s++)
            by_rank[first[w->node_rank[s]]++] = s;
        for (uint32_t i = 0; i + 1 < w->n; i++) {
            pf_id s = by_rank[i], up = w->parent[s];
            before[s] = used[up];
            used[up] += w->size[s];
        }
        used[0] = 0; /* from here on: the place of a node */
        for (pf_id s = 1; s < w->n; s++)
            used[s] = used[w->parent[s]] + 1 + before[s];
        for (pf_id s = 0; s < w->n; s++)
            w->place[used[s]] = s;
    }
    bool ok = first && by_rank && used;
    pf_dealloc(w->mem, first);
    pf_dealloc(w->mem, by_rank);
    pf_dealloc(w->mem, used);
    return ok;
}

/* ---- lines ---- */

/* The text of the stack that the walk is at, and where each of its frames ends. */
struct line {
    char *s;
    size_t *end;
    uint32_t cap, cap_end, depth;
};

static bool add_text(struct writing *w, struct line *l, const char *s, size_t len, size_t at)
{
    if (at + len >= l->cap) {
        if (at + len > UINT32_MAX / 4)
            return false;
        uint32_t cap = (uint32_t)(2 * (at + len)) + 256;
        char *grown = pf_realloc(w->mem, l->s, cap);
        if (!grown)
            return false;
        l->s = grown;
        l->cap = cap;
    }
    memcpy(l->s + at, s, len);
    return true;
}

static bool enter(struct writing *w, struct line *l, pf_id node, uint32_t depth)
{
    pf_id frame = w->ranked[w->node_rank[node]];
    size_t len = text_len(w, frame);

    if (!pf_grow(w->mem, &l->end, depth, &l->cap_end, sizeof *l->end))
        return false;
    size_t at = depth > 1 ? l->end[depth - 1] : 0;
    if (depth > 1 && !add_text(w, l, ";", 1, at++))
        return false;
    l->end[depth] = at + len;
    return add_text(w, l, w->text + w->text_at[frame], len, at);
}

static void put_line(struct writing *w, const char *s, size_t len, pf_id node)
{
    int64_t value = w->sum[node], base = w->base ? w->base[node] : 0;

    if (value == 0 && base == 0)
        return;
    w->negative += value < 0 || base < 0;
    w->like_comment += len >= 2 && s[0] == '#' && s[1] == ' ';
    pf_put(w->out, s, len);
    if (w->base)
        pf_printf(w->out, " %" PRId64, base);
    pf_printf(w->out, " %" PRId64 "\n", value);
}

static bool put_lines(struct writing *w)
{
    struct line l = {0};
    uint32_t *depth = w->size; /* sizes are used up */
    bool ok = true;

    put_line(w, "", 0, 0);
    depth[0] = 0;
    for (uint32_t i = 1; ok && i < w->n; i++) {
        pf_id node = w->place[i];
        depth[node] = depth[w->parent[node]] + 1;
        ok = enter(w, &l, node, depth[node]);
        if (ok)
            put_line(w, l.s, l.end[depth[node]], node);
    }
    pf_dealloc(w->mem, l.s);
    pf_dealloc(w->mem, l.end);
    return ok;
}

/* ---- what does not fit into the format ---- */

static void tell_lost(const struct writing *w, const struct pf_write *how)
{
    const struct pf_profile *p = w->p;

    pf_lost_types(how, p, w->type, -1);
    pf_lost_kind(how, p, w->type, "readers of folded stacks");
    if (!w->base)
        pf_lost_labels(how, p, "labels are not kept (--labels writes them as leading frames)");
    if (w->negative)
        pf_lost(how,
                "%" PRIu64
                " stacks have negative weights, which most readers of folded stacks skip",
                w->negative);
    if (w->like_comment)
        pf_lost(how, "%" PRIu64 " stacks begin with \"# \", which readers take for comments",
                w->like_comment);
}

/* ---- all of it ---- */

static void free_writing(struct writing *w)
{
    void *blocks[] = {w->text_at, w->rank,  w->ranked, w->node, w->parent, w->node_rank,
                      w->size,    w->place, w->sum,    w->used, w->base};

    for (size_t i = 0; i < sizeof blocks / sizeof *blocks; i++)
        pf_dealloc(w->mem, blocks[i]);
    pf_abandon(w->spelled);
}

static int write_stacks(const struct pf_profile *p, struct pf_sink *out, const struct pf_write *how,
                        struct pf_err *err)
{
    struct writing w = {.p = p, .mem = p->mem, .out = out};
    int rc = -1;

    if (how && how->type >= 0 && (uint32_t)how->type < p->types.n)
        w.type = (unsigned)how->type;
    w.two_sided = how && how->how & PF_TWO_SIDED;
    bool ready = spell_frames(&w, err) && rank_frames(&w) && make_tree(&w);
    if (ready && sum_up(&w, err) == 0 && order_nodes(&w) && put_lines(&w)) {
        tell_lost(&w, how);
        rc = 0;
    } else {
        pf_fail(err, PF_ENOMEM, "out of memory (see --max-memory)"); /* unless it was the sum */
    }
    free_writing(&w);
    return rc;
}

int folded_write(const struct pf_profile *p, struct pf_sink *out, const struct pf_write *how,
                 struct pf_err *err)
{
    if (p->types.n == 0)
        return pf_fail(err, PF_EVALUE, "a profile without sample types has nothing to fold");
    if (!how || !(how->how & PF_LABELLED))
        return write_stacks(p, out, how, err);

    struct pf_profile *labelled = folded_with_labels(p, how->how & PF_TWO_SIDED, err);
    int rc = labelled ? write_stacks(labelled, out, how, err) : -1;

    pf_free(labelled);
    return rc;
}
