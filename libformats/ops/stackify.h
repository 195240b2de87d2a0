/*
 * stackify.h - the parts of making whole stacks from call edges, and what they work on.
 *
 *     edges -> flow -> joint -> expand -> repair -> splice -> values
 *
 * A call graph of nodes (frames) and edges. An edge e from p to f has a flow F(e): the durations of
 * all calls of f by p, those inside of others counted again. What flows into a function is its own
 * time and what flows out of it, exactly: time that is called is spent.
 */
#ifndef STACKIFY_H
#define STACKIFY_H

#include "ops.h"
#include "profile.h"

__extension__ typedef __int128 st_wide;

enum {
    ST_DEPTH = 400, /* frames of a stack in one component of mutual recursion */
    ST_NONE = 0xffffffff,
    ST_LOST = 0xfffffffe, /* a column of the joint: time that vanishes below a function */
};

struct st_edge {
    uint32_t src, dst; /* nodes; src == graph.n: from outside of the profiled code */
    int64_t self;      /* own time of dst when src called it: what the stacks that end so weigh */
    int64_t ct;        /* inclusive time as recorded, recursion counted once */
    int64_t flow;      /* F(e) */
    int64_t first;     /* of that, what stacks may carry that pass the edge once … */
    int64_t again;     /* … and what they pass again */
    int64_t calls, primitive;
    bool recorded; /* the table has it, with times */
    bool unknown;  /* calls nest in each other: ct is less than the flow, which is to be found */
    bool inside;   /* both ends lie in one component of mutual recursion */
};

struct st_node {
    int64_t self, ct; /* own time, and inclusive time as recorded */
    int64_t calls, primitive;
    int64_t lost;  /* flows in, but nowhere out */
    bool recorded; /* the table has a row for it */
    bool once;     /* never on a stack twice */
};

/* Lists of edges by node, one after the other: of node v at[v] .. at[v + 1). */
struct st_lists {
    uint32_t *at, *edge;
};

struct st_graph {
    struct pf_profile *q;
    struct pf_mem *mem;
    struct pf_err *err;
    void *blocks; /* of st_take */
    uint32_t n, m, cap;
    pf_id *frame;      /* of each node */
    uint32_t *node_of; /* frame -> node */
    struct st_node *node;
    struct st_edge *edge;
    struct st_lists in, out; /* out has a list for "outside", too */
    uint32_t *sample_edge;   /* of each edge-only sample; ST_NONE: it has no stack */
    unsigned time;           /* the column that is spread; all others follow it */
    int64_t total;           /* of all own times */
    bool cyclic;             /* some edge is inside */
    struct pf_certificate cert;
    /* joint: of in-edge e the cells at[e] .. at[e + 1) */
    uint32_t *cell_at;
    struct st_cell {
        uint32_t col; /* out-edge or ST_LOST */
        int64_t amount;
    } * cell;
    uint32_t n_cells, cap_cells;
};

/* A stack so far: the edge it came by, below the context `parent`. Parents come first. */
struct st_context {
    uint32_t parent, edge;
    uint32_t run; /* how many frames of it lie in the component that it ends in */
    int64_t self;
};

/* One try at whole stacks. */
struct st_try {
    struct st_graph *g;
    struct st_context *at;
    uint32_t n, cap;
    int64_t *owed;          /* of each edge: own time that no stack has yet */
    int64_t *first, *again; /* of each edge: room left */
    uint32_t stacks, owing; /* contexts with own time; edges that are owed some */
    uint32_t budget;        /* what both together may reach */
    struct st_stuck {
        uint32_t context;
        int64_t weight;
    } * stuck;
    uint32_t n_stuck, cap_stuck;
    uint32_t *edge_mark, *node_mark, mark; /* what lies on the path at hand */
    bool deep, back_up;
    int64_t threshold, repaired, cum_error, edge_error, cum_total, edge_total;
};

/* Adds the size of x to a figure of the certificate, which stays at the end of int64. */
static inline void st_tally(int64_t *sum, st_wide x)
{
    st_wide all = *sum + (x < 0 ? -x : x);

    *sum = all > INT64_MAX ? INT64_MAX : (int64_t)all;
}

struct st_heap {
    struct st_item {
        int64_t key;
        uint32_t id, tie;
    } * at;
    uint32_t n, cap;
};
bool st_push(struct st_graph *g, struct st_heap *h, int64_t key, uint32_t id, uint32_t tie);
struct st_item st_pop(struct st_heap *h); /* h->n > 0 */

/* Zeroed memory that lives until st_release; NULL: none, and err says so. */
void *st_take(struct st_graph *g, size_t n, size_t size);
void st_release(struct st_graph *g);
void st_say_no_memory(struct st_graph *g);
static inline bool st_no_memory(struct st_graph *g)
{
    st_say_no_memory(g);
    return false;
}

/* stackify_edges.c: nodes and edges from the table and the samples. */
bool st_load(struct st_graph *g);
/* One more edge; its index, ST_NONE on failure. */
uint32_t st_edge_add(struct st_graph *g, uint32_t src, uint32_t dst);
bool st_lists_make(struct st_graph *g);

/* stackify_counts.c: times of edges where the table has only counts. */
bool st_guess(struct st_graph *g);

/* stackify_flow.c and stackify_settle.c */
bool st_flow(struct st_graph *g);
bool st_balance(struct st_graph *g, st_wide *need);
bool st_settle(struct st_graph *g, st_wide *need, int64_t *grown);
bool st_reroute(struct st_graph *g, st_wide *need, int64_t *grown);
/* Marks components of mutual recursion: edge.inside. */
bool st_components(struct st_graph *g);
bool st_reach(struct st_graph *g);

/* stackify_joint.c: which time from which caller goes on to which callee. */
bool st_joint(struct st_graph *g);

/* stackify_expand.c, stackify_repair.c, stackify_splice.c */
bool st_expand(struct st_try *t);
bool st_repair(struct st_try *t);
bool st_splice(struct st_try *t);
bool st_swap(struct st_try *t);                                            /* measures it, too */
uint32_t st_context_add(struct st_try *t, uint32_t parent, uint32_t edge); /* ST_NONE: no memory */
/* Own time of a context: false when the budget has no room for another stack. */
bool st_own(struct st_try *t, uint32_t context, int64_t weight);
/* Sets edge_mark and node_mark of all on the path that lies in the component it ends in. */
void st_mark_path(struct st_try *t, uint32_t context);
bool st_measure(struct st_try *t);
/* Contexts for all edges that are owed own time, which they get, and for those wanted (or NULL):
 * each below the shortest path from outside. */
bool st_from_outside(struct st_try *t, const bool *wanted);

/* stackify_values.c: the samples of the profile, from contexts. */
bool st_values(struct st_graph *g, struct st_try *t);

#endif
