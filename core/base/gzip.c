#include "core/base/gzip.h"

#include <limits.h>
#include <zlib.h>

/* Level 3: nine tenths of what the best level saves, for a quarter of its time. */
enum { LEVEL = 3, WINDOW_BITS = 15 + 16 /* gzip's header and sum */, MEMORY = 8 };

bool gzip_write(struct buf *out, const void *bytes, size_t size)
{
  z_stream z = {0};
  uint8_t chunk[16384];
  int rc = Z_OK;
  if (size > UINT_MAX ||
      deflateInit2(&z, LEVEL, Z_DEFLATED, WINDOW_BITS, MEMORY, Z_DEFAULT_STRATEGY) != Z_OK) {
    out->bad = true;
    return false;
  }
  z.next_in = (Bytef *)(uintptr_t)bytes;
  z.avail_in = (uInt)size;
  while (rc == Z_OK) {
    z.next_out = chunk;
    z.avail_out = sizeof chunk;
    rc = deflate(&z, Z_FINISH);
    put_bytes(out, chunk, sizeof chunk - z.avail_out);
  }
  deflateEnd(&z);
  if (rc != Z_STREAM_END) out->bad = true;
  return !out->bad;
}
