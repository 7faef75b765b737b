/* superseded.h - which entries no longer stand in their stream: tails that were journaled again elsewhere.
 *
 * A few runs in the life of a store, while sync_span grows by one for every entry that comes alone.  Who asks
 * of every entry reads them once.  OWNERSHIP: superseded_close, also after a failed load.
 * THREADS: the connection's while loading; then any. */
#ifndef SUNLIT_SYNC_SUPERSEDED_H
#define SUNLIT_SYNC_SUPERSEDED_H

#include "core/base/db.h"

struct superseded {
  struct superseded_run *runs; /* in the order of the log */
  size_t count;
};

bool superseded_load(struct superseded *out, struct db *db, struct err *err);
bool superseded_at(const struct superseded *s, int64_t pos);
void superseded_close(struct superseded *s);

#endif
