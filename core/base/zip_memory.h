/* zip_memory.h - a zip archive that is read where it lies in memory (minizip).  OWNERSHIP: the bytes are the
 * caller's, and stay until the archive is closed.  THREADS: the caller's. */
#ifndef SUNLIT_BASE_ZIP_MEMORY_H
#define SUNLIT_BASE_ZIP_MEMORY_H

#include <minizip/unzip.h>
#include <stddef.h>
#include <stdint.h>

struct zip_memory {
  const uint8_t *p;
  size_t size, at; /* at: where it is being read */
};

/* NULL: the bytes are no zip archive. */
unzFile zip_memory_open(struct zip_memory *memory);

#endif
