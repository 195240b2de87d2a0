/* err.c - the first error wins. */
#include "core.h"

#include <stdio.h>

PF_PRINTF(5, 0)
static void record(struct pf_err *err, enum pf_code code, enum pf_where where, uint64_t at,
                   const char *fmt, va_list ap)
{
    if (err->code != PF_OK)
        return;
    err->code = code;
    err->where = where;
    err->at = at;
    vsnprintf(err->msg, sizeof err->msg, fmt, ap);
}

int pf_fail(struct pf_err *err, enum pf_code code, const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    record(err, code, PF_NOWHERE, 0, fmt, ap);
    va_end(ap);
    return -1;
}

int pf_fail_offset(struct pf_err *err, enum pf_code code, uint64_t offset, const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    record(err, code, PF_AT_OFFSET, offset, fmt, ap);
    va_end(ap);
    return -1;
}

int pf_fail_line(struct pf_err *err, enum pf_code code, uint64_t line, const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    record(err, code, PF_AT_LINE, line, fmt, ap);
    va_end(ap);
    return -1;
}
