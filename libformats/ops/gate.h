/* gate.h - a gate expression: comparisons in postfix order, which its parser makes and gate.c
 * tries. */
#ifndef GATE_H
#define GATE_H

#include "ops.h"

enum { GATE_MAX_NODES = 128, GATE_MAX_NAME = 128 };

enum gate_op {
    GATE_LESS,
    GATE_LESS_EQUAL,
    GATE_GREATER,
    GATE_GREATER_EQUAL,
    GATE_EQUAL,
    GATE_UNEQUAL
};

enum gate_subject {
    GATE_TYPE,  /* the row's value of a type */
    GATE_TOTAL, /* the whole of a type */
    GATE_CALLS,
    GATE_PER_CALL,
    GATE_SHARE, /* of the total, 0 to 1 */
    GATE_EFFECT,
    GATE_P,
    GATE_Q,
};

struct gate_compare {
    enum gate_subject subject;
    enum gate_op op;
    size_t name_at, value_at; /* in the text, for messages */
    char name[GATE_MAX_NAME]; /* of a type */
    bool change;              /* the value has a sign: the change is compared, not what is new */
    bool percent;
    double value;
    size_t value_len, unit_len; /* of the number, and of the unit behind it */
};

struct gate_node {
    enum { GATE_COMPARE, GATE_NOT, GATE_AND, GATE_OR } kind;
    struct gate_compare c;
};

struct pf_gate {
    struct pf_mem *mem;
    char *text;
    struct gate_node node[GATE_MAX_NODES]; /* operands before their operator */
    uint32_t n;
};

/* What a value of this unit is in the unit of a type: 1e6 for "ms" in nanoseconds; 0: it is not
 * comparable. No unit is the type's own. */
double pf_gate_unit(const char *unit, size_t len, struct pf_str of_type);

#endif
