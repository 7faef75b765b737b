/* restored.h - a store that was put back from a backup writes nothing until it knows what came after the
 * copy.
 *
 * To write at once would be to sign a second record for a place in the stream that the other side has
 * already: a fork.  The mark lies in the copy itself, so no step of restoring can forget it.  A node's goes
 * when the hub's WELCOME shows that it lacks nothing, when its history is back, or by a carried receipt that
 * answers its challenge (standing.h); the hub's when a person
 * says so (sunlit-hub resume): only people know whether every branch has called that might hold more.
 * THREADS: restored_mark the connection's; the others any, as store.h. */
#ifndef SUNLIT_SYNC_RESTORED_H
#define SUNLIT_SYNC_RESTORED_H

#include "sync/store.h"

/* Marks a copy, on a connection of its own to it. */
bool restored_mark(struct db *copy, int64_t now_ms, struct err *err);
/* *copied_ms: when it was copied; 0: it is no restored copy, or has been heard. */
bool restored_state(struct db *db, int64_t *copied_ms, struct err *err);
/* It lacks nothing any more: the mark goes, and what was put aside (aside.h) is journaled again.  Cheap when
 * there is neither. */
bool store_heard(struct store *store, int64_t now_ms, struct err *err);
/* Before a running node hands out a carried file: a restored copy makes up its challenge. */
bool store_ask(struct store *store, struct err *err);

#endif
