/*
 * redact.c - hashes instead of names, so that a profile may be shown to strangers and still be
 * compared: equal names give equal hashes under one key. What is not known to be harmless goes.
 */
#include "select.h"

#include <string.h>

enum { SHOWN = 8 }; /* bytes of the hash */

/* f_0123456789abcdef: the kind keeps a file from looking like a function of the same name. */
static pf_id hashed(struct pf_selecting *s, char kind, pf_id id)
{
    static const char hex[] = "0123456789abcdef";
    struct pf_str text = pf_str_at(s->p, id);
    uint8_t digest[PF_SHA256];
    char name[2 + 2 * SHOWN] = {kind, '_'};

    if (!text.len)
        return 0;
    pf_hmac_sha256(s->how->redact, strlen(s->how->redact), kind, text.s, text.len, digest);
    for (size_t i = 0; i < SHOWN; i++) {
        name[2 + 2 * i] = hex[digest[i] >> 4];
        name[3 + 2 * i] = hex[digest[i] & 15];
    }
    return pf_str(s->p, name, sizeof name);
}

/* Below a known root a file is the same on every machine, wherever that lies. */
static pf_id hashed_file(struct pf_selecting *s, pf_id id)
{
    struct pf_str file = pf_str_at(s->p, id);
    size_t from = pf_below_root(file.s, file.len);

    return hashed(s, 'x', from ? pf_str(s->p, file.s + from, file.len - from) : id);
}

static void redact_functions(struct pf_selecting *s)
{
    struct pf_profile *p = s->p;

    for (pf_id i = 1; i < p->funcs.n && !p->err.code; i++) {
        pf_id name = hashed(s, 'f', p->funcs.at[i].name);
        pf_id file = hashed_file(s, p->funcs.at[i].file);
        p->funcs.at[i] = (struct pf_func){name, file, 0, 0, p->funcs.at[i].line};
    }
    for (pf_id i = 1; i < p->frames.n; i++)
        p->frames.at[i].extra = 0;
    for (pf_id i = 1; i < p->maps.n && !p->err.code; i++) {
        p->maps.at[i].file = hashed(s, 'b', p->maps.at[i].file);
        p->maps.at[i].build_id = p->maps.at[i].extra = 0;
    }
}

/* Whose side a sample of a difference is on, and what is idle, the tools need to know. */
static bool is_ours(const struct pf_profile *p, const struct pf_label *l)
{
    struct pf_str key = pf_str_at(p, l->key), value = pf_str_at(p, l->str);

    return (key.len == 11 && !memcmp(key.s, "pprof::base", 11) && value.len == 4
            && !memcmp(value.s, "true", 4))
           || (key.len == 5 && !memcmp(key.s, "state", 5) && value.len == 4
               && !memcmp(value.s, "idle", 4));
}

static int redact_labels(struct pf_selecting *s)
{
    struct pf_profile *p = s->p;
    bool *gone = pf_alloc_zero(p->mem, p->labels.n, sizeof *gone);

    if (!gone)
        return pf_select_no_memory(s);
    for (pf_id i = 1; i < p->labels.n && !p->err.code; i++) {
        struct pf_label *l = &p->labels.at[i];
        gone[i] = l->kind == PF_LABEL_RAW;
        if (l->kind == PF_LABEL_STR && !is_ours(p, l)) {
            pf_id value = hashed(s, 'v', l->str);
            p->labels.at[i].str = value;
        }
    }
    int rc = pf_select_drop_labels(s, gone);
    pf_dealloc(p->mem, gone);
    return rc;
}

int pf_select_redact(struct pf_selecting *s)
{
    struct pf_profile *p = s->p;

    redact_functions(s);
    p->command = p->doc_url = p->drop_frames = p->keep_frames = 0;
    p->comments.n = p->notes.n = p->extras.n = p->lines.n = 0;
    for (uint32_t k = 0; k < p->types.n; k++)
        p->types.at[k].extra = 0;
    p->period_type.extra = 0;
    return p->err.code ? -1 : redact_labels(s);
}
