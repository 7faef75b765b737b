/* gzip.h - bytes made smaller for the way, as browsers read them (RFC 1952).
 *
 * THREADS: any; nothing is kept between calls. */
#ifndef SUNLIT_BASE_GZIP_H
#define SUNLIT_BASE_GZIP_H

#include "core/base/bytes.h"

/* Appends; false when there is no memory, and `out` is then marked bad. */
bool gzip_write(struct buf *out, const void *bytes, size_t size);

#endif
