/* json_read.c - what readers of JSON do again and again: members by their names, texts, numbers,
 * the end. */
#include "core.h"
#include "json.h"
#include "text.h"

bool pf_json_member(struct pf_json *j, const char *name)
{
    while (pf_json_key(j)) {
        if (pf_json_text_is(j, name))
            return true;
        pf_json_skip(j);
    }
    return false;
}

pf_id pf_json_text(struct pf_json *j, struct pf_profile *p)
{
    return !pf_json_null(j) && pf_json_string(j) ? pf_str(p, j->text, j->len) : 0;
}

static int64_t number(struct pf_json *j, int scale, bool mebibytes)
{
    struct pf_decimal d = {0};

    if (pf_json_null(j) || !pf_json_number(j))
        return 0;
    if (mebibytes)
        pf_mebibytes(j->text, j->len, &d);
    else
        pf_decimal(j->text, j->len, scale, &d);
    if (!d.fits)
        pf_json_fail(j, PF_EVALUE, "the number does not fit 63 bits of its unit");
    return d.value;
}

int64_t pf_json_decimal(struct pf_json *j, int scale)
{
    return number(j, scale, false);
}

static void take(struct pf_json *j, const struct pf_json_field *f, struct pf_profile *p, void *to)
{
    void *at = (char *)to + f->at;

    switch (f->type) {
    case PF_JSON_CALL: f->call(to); break;
    case PF_JSON_INT: pf_json_int(j, at); break;
    case PF_JSON_DECIMAL: *(int64_t *)at = pf_json_decimal(j, f->scale); break;
    case PF_JSON_MIB: *(int64_t *)at = number(j, 0, true); break;
    case PF_JSON_STRING: *(pf_id *)at = pf_json_text(j, p); break;
    }
}

uint64_t pf_json_object(struct pf_json *j, const struct pf_json_field *fields, struct pf_profile *p,
                        void *to)
{
    const char *names[PF_JSON_KEYS + 1] = {NULL};
    uint64_t seen = 0;

    for (unsigned i = 0; i < PF_JSON_KEYS && fields[i].name; i++)
        names[i] = fields[i].name;
    if (!pf_json_enter(j, '{'))
        return 0;
    while (pf_json_key(j)) {
        int i = pf_json_which(j, names, &seen);
        if (i < 0)
            pf_json_skip(j);
        else
            take(j, &fields[i], p, to);
    }
    return seen;
}

int pf_json_end(struct pf_json *j, const struct pf_profile *p)
{
    struct pf_err *err = j->err;

    if (p->err.code) /* no memory, which may have made the rest look wrong */
        *err = p->err;
    pf_json_close(j);
    return err->code ? -1 : 0;
}
