/* pyspydump.h - the two layouts of py-spy dump: JSON (fmt_pyspydump.c) and text. */
#ifndef PYSPYDUMP_H
#define PYSPYDUMP_H

#include "core.h"
#include "threads.h"

/* A thread as it was met at one moment: one sample. */
struct pyspydump {
    struct pf_profile *out;
    pf_id *frames; /* of the thread, leaf first */
    uint32_t n_frames, cap_frames;
    uint64_t threads, locals, skipped;
};

bool pyspydump_frame(struct pyspydump *d, pf_id name, pf_id file, int64_t line);
void pyspydump_thread(struct pyspydump *d, const struct thread_name *who, const char *state,
                      size_t state_len);

int pyspydump_text(struct pyspydump *d, struct pf_source *in, struct pf_err *err);
/* Whether this head is the text of a dump: 0 to 100. */
int pyspydump_text_bid(const char *s, size_t len);

#endif
