/* keep_log.h - the hub gives its branches the log to keep (keep.h), a small piece at a time.
 *
 * Full tiles by their hash; the leaves of the open one, and of tiles that a branch wants, by what they are.
 * THREADS: the connection's. */
#ifndef SUNLIT_SYNC_KEEP_LOG_H
#define SUNLIT_SYNC_KEEP_LOG_H

#include "sync/keep_message.h"

/* A piece is full with so many bytes; a sealed entry may be a whole payload more. */
enum { KEEP_PIECE = 4 * 1024 };

struct keep_log {
  uint32_t province, branch;
  uint8_t key[BOX_KEY_SIZE]; /* mirror_key */
};

/* Appends the body of TILES with what follows on `from`, of a log that the branch knows the first `size`
 * leaves of; *to becomes where it ends, `from` when there is nothing.  size: at most what the tree has. */
bool keep_log_next(struct db *db, const struct keep_log *log, uint64_t from, uint64_t size, uint64_t *to,
                   struct buf *out, struct err *err);
/* The same of leaves alone, to the end of their tile at most. */
bool keep_log_leaves(struct db *db, const struct keep_log *log, uint64_t from, uint64_t size, uint64_t *to,
                     struct buf *out, struct err *err);

#endif
