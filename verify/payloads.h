/* payloads.h - the contents of a stream written out as they are: changesets of SQLite's session extension.
 *
 * From verified batches alone (batch files, files carried by hand), one file an entry, DIR/SEQ.changeset with
 * SEQ in ten digits, so that names in order are entries in order.  Applied one after the other to empty
 * tables they give what the author has; an entry without its payload has no file, and is counted. */
#ifndef SUNLIT_VERIFY_PAYLOADS_H
#define SUNLIT_VERIFY_PAYLOADS_H

#include "sync/batch.h"

struct payloads {
  struct stream stream; /* set by the caller, with the folder; all else zero */
  const char *folder;
  uint64_t first_seq, last_seq; /* 0: none yet */
  uint8_t hash[HASH_SIZE];      /* of the last record */
  uint64_t written, absent;
  uint32_t schema_from, schema_to;
};

/* Writes what the batch has of the stream; batches of other streams are passed over.  ctx is the struct.
 * Refuses to write over a file, and a batch that does not follow on the one before. */
bool payloads_take(void *ctx, const struct batch *batch, struct err *err);
/* Prints what was written; ERR_MISSING when nothing was there. */
bool payloads_say(const struct payloads *payloads, struct err *err);

#endif
