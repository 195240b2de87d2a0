/* asyncio.h - one slow-callback record of asyncio's debug log, taken apart. */
#ifndef ASYNCIO_H
#define ASYNCIO_H

#include "formats.h"

/* A part of the record; s = NULL: it has none. */
struct aio_text {
    const char *s;
    size_t len;
};

struct aio_place {
    struct aio_text file;
    int64_t line;
};

struct asyncio_record {
    struct aio_text kind;     /* "Task", "Handle", "TimerHandle", or the name of a subclass */
    struct aio_text state;    /* "pending", "finished", "cancelled", "cancelling" */
    struct aio_text task;     /* the Python literal that names the task, with its quotes */
    struct aio_text name;     /* of the coroutine or callback */
    struct aio_place at;      /* where that is now, or where it is defined */
    struct aio_place created; /* who made the task or the handle */
};

/* Takes `<Task …>`, `<Handle …>` or any other repr apart; len covers both brackets. */
void asyncio_parse(const char *s, size_t len, struct asyncio_record *r);

/* Both write to `to`, which has room for text.len bytes, and return how many those were. */
size_t asyncio_unquote(struct aio_text literal, char *to);      /* a Python string literal */
size_t asyncio_without_address(struct aio_text text, char *to); /* no ` at 0x7f12…` */

/* A JSON string without its quotes, as UTF-8; never longer than it was. */
size_t asyncio_unescape_json(const char *s, size_t len, char *to);

#endif
