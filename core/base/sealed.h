/* sealed.h - a few files in one, encrypted under a passphrase: what a backup is.
 *
 *   "sunlit.sealed.v1\n" | salt[16] | header[24] | pieces: u32 size | sealed bytes ...
 * The pieces hold, one after the other, for each member: vec16 name | u64 size | bytes.  The last piece is
 * marked as last, so a cut file is known.  A file is written beside its place, made durable, read back and
 * compared, and only then renamed.  Extraction reads everything through once before it writes anything. */
#ifndef SUNLIT_BASE_SEALED_H
#define SUNLIT_BASE_SEALED_H

#include "core/base/err.h"

#include <stddef.h>

enum { SEALED_PASSPHRASE_MIN = 12, SEALED_MEMBERS_MAX = 64 };

struct sealed_member {
  const char *name; /* as it is called inside, e.g. "keys/author.key"; no "..", no leading slash */
  const char *path; /* the file it is read from */
};

/* ERR_CONFLICT when `path` exists already: a backup never replaces another. */
bool sealed_write(const char *path, const char *passphrase, const struct sealed_member *members, size_t count,
                  struct err *err);
/* Reads all of it; ERR_DENIED rule "passphrase" or ERR_REFUTED rule "damaged". */
bool sealed_verify(const char *path, const char *passphrase, struct err *err);
/* Writes the members below `dir`, which must not exist yet: made beside it as `dir`.part, made durable, and
 * only then renamed, so that whatever ends it, `dir` is whole or not there.  Files get mode 0600, folders
 * 0700. */
bool sealed_extract(const char *path, const char *passphrase, const char *dir, struct err *err);

#endif
