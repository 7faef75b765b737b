/* pending.h - what of the branch's own journal the province has not got.
 *
 * What it had received before this epoch began came from it, or is there: it waits for nobody, though its
 * receipt comes only with the next one.  THREADS: any; the connection's. */
#ifndef SUNLIT_NODE_PENDING_H
#define SUNLIT_NODE_PENDING_H

#include "program/identity.h"
#include "sync/streams.h"

/* *after: the entry behind which it begins; acked is stream_acked's. */
bool pending_look(struct db *db, const struct identity *identity, uint64_t acked, uint64_t *after,
                  struct backlog *out, struct err *err);

#endif
