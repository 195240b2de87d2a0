/* foreign.h - profiles that no reader here takes, but that are known by sight. */
#ifndef FOREIGN_H
#define FOREIGN_H

#include <stddef.h>
#include <stdint.h>

/* What is said of an input that no reader takes. */
#define NO_FORMAT "no known profile format (see --formats)"

/* What an input that begins so is, and what to do about it; NULL: not known. */
const char *foreign_name(const uint8_t *head, size_t len);

#endif
