/* pickles.h - what the formats that are pickles share: telling them apart. */
#ifndef PICKLES_H
#define PICKLES_H

#include "pickle.h"

/* What to say when a pickle names something from this module; NULL: nothing. */
const char *pf_pickle_hint(const char *module, size_t len);

/* Does the head begin as a pickle of protocol 2 to 5 does, or of a text protocol? */
bool pf_pickle_begins(const uint8_t *head, size_t len);
/* Does it look like a pickle without PROTO, rather than like text? */
bool pf_pickle_like(const uint8_t *head, size_t len);
/* Is that word among the first things that the pickle names? */
bool pf_pickle_names(const uint8_t *head, size_t len, const char *word);

#endif
