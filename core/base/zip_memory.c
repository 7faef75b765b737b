#include "core/base/zip_memory.h"

#include <string.h>

static voidpf memory_open(voidpf memory, const char *name, int mode)
{
  (void)name;
  (void)mode;
  return memory;
}

static uLong memory_read(voidpf opaque, voidpf stream, void *to, uLong size)
{
  struct zip_memory *m = stream;
  (void)opaque;
  size_t left = m->size - m->at, n = size < left ? size : left;
  memcpy(to, m->p + m->at, n);
  m->at += n;
  return (uLong)n;
}

static uLong memory_write(voidpf opaque, voidpf stream, const void *from, uLong size)
{
  (void)opaque;
  (void)stream;
  (void)from;
  (void)size;
  return 0;
}

static long memory_tell(voidpf opaque, voidpf stream)
{
  (void)opaque;
  return (long)((struct zip_memory *)stream)->at;
}

static long memory_seek(voidpf opaque, voidpf stream, uLong offset, int origin)
{
  struct zip_memory *m = stream;
  (void)opaque;
  size_t base = origin == ZLIB_FILEFUNC_SEEK_CUR ? m->at : origin == ZLIB_FILEFUNC_SEEK_END ? m->size : 0;
  if (offset > m->size - base) return -1;
  m->at = base + offset;
  return 0;
}

static int memory_close(voidpf opaque, voidpf stream)
{
  (void)opaque;
  (void)stream;
  return 0;
}

unzFile zip_memory_open(struct zip_memory *memory)
{
  zlib_filefunc_def functions = {.zopen_file = memory_open,
                                 .zread_file = memory_read,
                                 .zwrite_file = memory_write,
                                 .ztell_file = memory_tell,
                                 .zseek_file = memory_seek,
                                 .zclose_file = memory_close,
                                 .zerror_file = memory_close,
                                 .opaque = memory};
  return unzOpen2("", &functions);
}
