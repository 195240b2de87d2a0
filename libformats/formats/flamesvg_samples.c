/*
 * flamesvg_samples.c - samples from the tree of boxes. What each box has of its own becomes a
 * folded line, and is read as such: threads, processes and places are spelled as there.
 */
#include "flamesvg.h"
#include "folded.h"

#include <string.h>

enum { MAX_TEXT = 256 * PF_KIB };

struct walk {
    struct flame *f;
    struct folded r;
    char *text; /* of the path from the root to the box at hand */
    uint32_t cap;
};

static int too_little_memory(struct pf_err *err)
{
    return pf_fail(err, PF_ENOMEM, "out of memory (see --max-memory)");
}

/* The root's name, `all`, is no frame. */
static bool is_root(const struct flame *f, const struct flame_box *b)
{
    return b == f->box && b->len == 3 && memcmp(b->name, "all", 3) == 0;
}

static int add_text(struct walk *w, uint32_t i, struct pf_err *err)
{
    struct flame_box *b = &w->f->box[i];
    size_t at = i ? w->f->box[b->below].text_end : 0;
    bool semicolon = at > 0;

    b->text_end = at;
    if (is_root(w->f, b))
        return 0;
    if (at + semicolon + b->len > MAX_TEXT)
        return pf_fail_offset(err, PF_ELIMIT, b->at, "the names of a stack take more than 256 KiB");
    while (!w->text || at + semicolon + b->len > w->cap) {
        uint32_t cap = w->cap ? 2 * w->cap : 4096;
        char *grown = pf_realloc(w->f->mem, w->text, cap);
        if (!grown)
            return too_little_memory(err);
        w->text = grown;
        w->cap = cap;
    }
    if (semicolon)
        w->text[at++] = ';';
    if (b->len)
        memcpy(w->text + at, b->name, b->len);
    b->text_end = at + b->len;
    return 0;
}

static void add_sample(struct walk *w, const struct flame_box *b)
{
    const char *text = w->text ? w->text : "";
    struct folded_prefix x;
    pf_id labels;

    if (!folded_austin_prefix(text, b->text_end, &x))
        folded_prefix(text, b->text_end, &x);
    pf_id stack = folded_stack(&w->r, text, b->text_end, &x, false, &labels);
    pf_sample_add(w->f->p, stack, labels, &b->left);
}

/* The box after i in the order root first; 0: there is none. Callees of a box stand in a row. */
static uint32_t next_box(const struct flame *f, uint32_t i)
{
    if (f->box[i].n_above)
        return f->box[i].above;
    while (i) {
        const struct flame_box *below = &f->box[f->box[i].below];
        if (i + 1 < below->above + below->n_above)
            return i + 1;
        i = f->box[i].below;
    }
    return 0;
}

int flame_samples(struct flame *f, struct pf_err *err)
{
    struct walk w = {.f = f, .r = {.p = f->p, .mem = f->mem}};
    int rc = 0;
    uint32_t i = 0;

    do {
        rc = add_text(&w, i, err);
        if (rc == 0 && f->box[i].left)
            add_sample(&w, &f->box[i]);
        i = next_box(f, i);
    } while (i && rc == 0 && !f->p->err.code);
    folded_close(&w.r);
    pf_dealloc(f->mem, w.text);
    return rc;
}
