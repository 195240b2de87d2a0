/* json_inner.h - what json.c and json_string.c share. */
#ifndef JSON_INNER_H
#define JSON_INNER_H

#include "json.h"

int pf_json_byte_at(struct pf_json *j, size_t i); /* the byte i places on, -1 beyond the end */
/* Records that i bytes on something else stands than what was expected; returns false. */
bool pf_json_expected_at(struct pf_json *j, size_t i, const char *what);
bool pf_json_too_long(struct pf_json *j,
                      size_t n); /* for a string or number; then it is an error */

bool pf_json_room(struct pf_json *j, size_t len); /* in buf; false: no memory */
bool pf_json_take_string(struct pf_json *j);      /* whose opening quote is at hand */

#endif
