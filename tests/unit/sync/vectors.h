/* vectors.h - the frozen vectors of tests/vectors: lines "name = hex"; "#" begins a comment. */
#ifndef SUNLIT_TESTS_SYNC_VECTORS_H
#define SUNLIT_TESTS_SYNC_VECTORS_H

#include "core/base/bytes.h"

/* Replaces the contents of out; asserts that the line is there. */
void vector_get(const char *file, const char *name, struct buf *out);

#endif
