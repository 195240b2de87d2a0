/* pattern.c - regular expressions: PCRE2 with limits, and with memory from the budget. */
#include "select.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
#include <string.h>

enum {
    MATCH_STEPS = 1000000, /* of one match: backtracking beyond that is an explosion */
    MATCH_KIB = 16 * PF_KIB,
    ERROR_TEXT = 160,
};

struct pf_pattern {
    struct pf_mem *mem;
    pcre2_general_context *general;
    pcre2_match_context *context;
    pcre2_code *code;
    pcre2_match_data *data;
};

static void *take(PCRE2_SIZE size, void *mem)
{
    return pf_alloc(mem, size);
}

static void give(void *block, void *mem)
{
    pf_dealloc(mem, block);
}

static int no_memory(struct pf_err *err)
{
    return pf_fail(err, PF_ENOMEM, "out of memory (see --max-memory)");
}

static bool compile(struct pf_pattern *x, const char *expression, struct pf_err *err)
{
    char why[ERROR_TEXT];
    PCRE2_SIZE at = 0;
    int code = 0;
    pcre2_compile_context *how = pcre2_compile_context_create(x->general);

    if (!how) {
        no_memory(err);
        return false;
    }
    x->code = pcre2_compile((PCRE2_SPTR)expression, PCRE2_ZERO_TERMINATED,
                            PCRE2_UTF | PCRE2_MATCH_INVALID_UTF | PCRE2_DOLLAR_ENDONLY
                                | PCRE2_NEVER_BACKSLASH_C,
                            &code, &at, how);
    pcre2_compile_context_free(how);
    if (x->code)
        return true;
    if (code == PCRE2_ERROR_HEAP_FAILED) {
        no_memory(err);
        return false;
    }
    if (pcre2_get_error_message(code, (PCRE2_UCHAR *)why, sizeof why) < 0)
        memcpy(why, "it cannot be compiled", sizeof "it cannot be compiled");
    pf_fail_offset(err, PF_EVALUE, at, "%s", why);
    return false;
}

struct pf_pattern *pf_pattern_new(struct pf_mem *m, const char *expression, struct pf_err *err)
{
    struct pf_pattern *x = pf_alloc_zero(m, 1, sizeof *x);

    if (!x) {
        no_memory(err);
        return NULL;
    }
    x->mem = m;
    x->general = pcre2_general_context_create(take, give, m);
    x->context = x->general ? pcre2_match_context_create(x->general) : NULL;
    if (!x->context)
        no_memory(err);
    if (x->context && compile(x, expression, err)) {
        x->data = pcre2_match_data_create_from_pattern(x->code, x->general);
        if (!x->data)
            no_memory(err);
    }
    if (!x->data) {
        pf_pattern_free(x);
        return NULL;
    }
    pcre2_set_match_limit(x->context, MATCH_STEPS);
    pcre2_set_heap_limit(x->context, MATCH_KIB);
    return x;
}

void pf_pattern_free(struct pf_pattern *x)
{
    if (!x)
        return;
    pcre2_match_data_free(x->data);
    pcre2_code_free(x->code);
    pcre2_match_context_free(x->context);
    pcre2_general_context_free(x->general);
    pf_dealloc(x->mem, x);
}

static int failed(int code, const char *s, size_t len, struct pf_err *err)
{
    if (code == PCRE2_ERROR_NOMEMORY)
        return no_memory(err);
    return pf_fail(err, PF_ELIMIT, "the expression takes too long on '%.*s'; make it simpler",
                   (int)(len < 60 ? len : 60), s);
}

int pf_pattern_match(const struct pf_pattern *x, const char *s, size_t len, struct pf_err *err)
{
    int code = pcre2_match(x->code, (PCRE2_SPTR)s, len, 0, 0, x->data, x->context);

    if (code == PCRE2_ERROR_NOMATCH)
        return 0;
    return code >= 0 ? 1 : failed(code, s, len, err);
}

int pf_pattern_replace(const struct pf_pattern *x, struct pf_str s, const char *with, char **buf,
                       size_t *size, struct pf_err *err)
{
    const uint32_t options = PCRE2_SUBSTITUTE_GLOBAL | PCRE2_SUBSTITUTE_OVERFLOW_LENGTH;

    for (int again = 0; again < 2; again++) {
        PCRE2_SIZE len = *size;
        int code =
            pcre2_substitute(x->code, (PCRE2_SPTR)s.s, s.len, 0, options, x->data, x->context,
                             (PCRE2_SPTR)with, PCRE2_ZERO_TERMINATED, (PCRE2_UCHAR *)*buf, &len);
        if (code >= 0)
            return code ? (int)len : -2;
        if (code != PCRE2_ERROR_NOMEMORY || again) {
            char why[ERROR_TEXT] = "";
            if (code == PCRE2_ERROR_MATCHLIMIT || code == PCRE2_ERROR_HEAPLIMIT
                || code == PCRE2_ERROR_DEPTHLIMIT || code == PCRE2_ERROR_NOMEMORY)
                return failed(code, s.s, s.len, err);
            pcre2_get_error_message(code, (PCRE2_UCHAR *)why, sizeof why);
            return pf_fail(err, PF_EVALUE, "the replacement '%.60s' does not work: %s", with, why);
        }
        char *grown = len > INT32_MAX ? NULL : pf_realloc(x->mem, *buf, len);
        if (!grown)
            return no_memory(err);
        *buf = grown;
        *size = len;
    }
    return -1;
}
