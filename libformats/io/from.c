/* from.c - where the packed bytes of a source come from: a file, or a function that has them. */
#include "io.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

static ssize_t read_fd(struct pf_source *s, void *to, size_t room)
{
    ssize_t n;

    while ((n = read(s->fd, to, room)) < 0) {
        struct pollfd wait = {.fd = s->fd, .events = POLLIN};
        if (errno == EAGAIN)
            poll(&wait, 1, -1);
        else if (errno != EINTR)
            break;
    }
    if (n < 0)
        pf_fail(&s->err, PF_EIO, "cannot read: %s", strerror(errno));
    return n;
}

ssize_t pf_read_more(struct pf_source *s, void *to, size_t room)
{
    return s->more ? s->more(s->ctx, to, room, &s->err) : read_fd(s, to, room);
}

struct pf_source *pf_open_from(struct pf_mem *m, pf_more *more, void *ctx, struct pf_err *err)
{
    struct pf_source *s = pf_open_mem(m, "", 0, err);

    if (!s)
        return NULL;
    s->more = more;
    s->ctx = ctx;
    s->layer[0] = (struct pf_layer){.kind = PF_LAYER_RAW, .hint = WINDOW_MAX};
    return s;
}
