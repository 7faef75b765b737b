/* tar.h - plain POSIX ustar archives of small files, written into and read from memory.
 *
 * What an auditor unpacks in thirty years with whatever is at hand.  Only regular files, names up to 99
 * bytes, a fixed owner and the time given: the same members give the same bytes.  The reader takes what such
 * a file becomes when it is unpacked and packed again by tar(1): GNU's or POSIX headers, folders, extended
 * headers of times, owners and notes, names with empty parts or ".", more empty blocks at the end.  All else
 * is strict, so that tar(1) unpacks what is read here and nothing over it: right checksum, regular files
 * only, safe names, no place twice, nothing that says another name or size, zero padding.
 * SOURCE: POSIX.1-2017, pax, "ustar Interchange Format". */
#ifndef SUNLIT_BASE_TAR_H
#define SUNLIT_BASE_TAR_H

#include "core/base/bytes.h"
#include "core/base/err.h"

enum { TAR_NAME_MAX = 99, TAR_MEMBERS_MAX = 8192 };

void tar_add(struct buf *out, const char *name, const void *p, size_t size, int64_t time_ms);
void tar_end(struct buf *out);

struct tar_member {
  char name[TAR_NAME_MAX + 1]; /* where it leads, without "./" and "//" */
  const uint8_t *bytes;        /* borrowed from the archive */
  size_t size;
};

/* members must hold `room`; ERR_INPUT rule "tar" says at which offset the archive is wrong. */
bool tar_read(const void *p, size_t size, struct tar_member *members, size_t room, size_t *count,
              struct err *err);
/* Printable ASCII that stays below the folder it is unpacked in. */
bool tar_name_safe(const char *name);
/* NULL when there is none of that name. */
const struct tar_member *tar_find(const struct tar_member *members, size_t count, const char *name);

#endif
