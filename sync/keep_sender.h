/* keep_sender.h - the hub's side of one connection that gives a branch the log to keep (keep.h).
 *
 * In pieces of some kilobytes, and only while nothing else is queued: what people wait for is never behind
 * more than one of them.  First the log from where the branch ends, up to the checkpoint it was told; then
 * the tile it wants.  Nothing is answered: what was lost with a connection is named by the next HELLO.
 * THREADS: the connection's.  A plain struct. */
#ifndef SUNLIT_SYNC_KEEP_SENDER_H
#define SUNLIT_SYNC_KEEP_SENDER_H

#include "sync/keep_log.h"
#include "sync/keepers.h"
#include "sync/wire.h"

struct keep_sender {
  struct keep_log log;
  bool aimed;                  /* the node says that it keeps the log so */
  uint64_t sent;               /* through there */
  uint8_t id[KEEPERS_ID_SIZE]; /* of the keepers that it knows */
  bool other;                  /* it does not know the keepers of now */
  bool wants;                  /* leaves of a full tile, from `want` on */
  uint64_t want;
};

/* At HELLO: where it is; appends what WELCOME says to that. */
bool keep_sender_greet(struct keep_sender *k, struct db *db, struct span hello_tail, struct buf *welcome_tail,
                       struct err *err);
void keep_sender_want(struct keep_sender *k, uint64_t tile);
/* `told`: the size of the checkpoint that the branch has been told, or is about to be.  False: the log cannot
 * be read. */
bool keep_sender_fill(struct keep_sender *k, struct db *db, uint64_t told, struct wire *wire,
                      struct moment now, struct err *err);

#endif
