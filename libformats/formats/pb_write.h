/* pb_write.h - the state of writing one profile.proto message. */
#ifndef PB_WRITE_H
#define PB_WRITE_H

#include "order.h"
#include "pb.h"

struct pb_writing {
    const struct pf_profile *p;
    struct pf_sink *out;
    struct pf_err *err;
    struct pf_mem *mem;
    bool pprof, any_inlined;
    uint32_t type[PF_MAX_TYPES]; /* column of each sample type, as they are written */
    struct pf_order o;
    struct pf_profile *strings; /* used as the output's string table: ids are its indexes */
    pf_id *index;               /* string id -> its index there, once asked for */
    pf_id *name;                /* of pprof's: names of functions, in `strings` */
    uint32_t *loc;              /* stack -> location id of the location that ends in its frame */
    uint32_t *loc_bytes;        /* stack -> the bytes of all its locations */
    pf_id last_stack; /* of the sample before, while its bytes are in buf; 0: they are not */
    size_t last_end;  /* where its locations end there */
    uint32_t *chain_frame, *chain_next; /* locations of several frames, from n_frames on */
    uint32_t n_chains, cap_chains;
    struct pf_pairs chains;
    struct pb_buf buf, part, inner;
};

/* Numbers the locations: w->loc, and the chains of inlined frames. */
bool pb_find_locations(struct pb_writing *w);
static inline bool pb_is_inlined(const struct pb_writing *w, pf_id stack)
{
    const struct pf_profile *p = w->p;

    return w->any_inlined && p->frames.at[p->stacks.frame[stack]].flags & PF_INLINED
           && p->stacks.parent[stack];
}

/* The index of a string in the output. For pprof, bytes that are no UTF-8 become \xNN. */
uint64_t pb_str_index(struct pb_writing *w, const char *s, size_t len);
/* Gives every function the name that pprof is to show: w->name. */
bool pb_name_functions(struct pb_writing *w);

#endif
