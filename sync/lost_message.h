/* lost_message.h - LOST: the hub gives a branch the holes of a stream, in the place of a batch (lost_leaf.h).
 *
 *   author u32 | lane u32 | first_seq u64 | count u16 | count x (epoch u32 | received_ms u64 | leaf[32])
 *
 * It stands in the order of the stream and is answered with CURSOR like a batch.  In WELCOME's tail the same
 * streams' holes are named, so that a branch that has what is lost brings it (TAIL_LOST).
 * THREADS: pure functions. */
#ifndef SUNLIT_SYNC_LOST_MESSAGE_H
#define SUNLIT_SYNC_LOST_MESSAGE_H

#include "core/base/db.h"
#include "sync/batch.h"
#include "sync/lost_leaf.h"
#include "sync/message.h"

enum {
  LOST_LEAVES_MAX = 256,
  LOST_SIZE_MAX = 18 + LOST_LEAVES_MAX * 44,
  TAIL_LOST = 9, /* WELCOME: u64 first_seq ‖ u64 count, a run of the branch's own stream that is lost */
  TAIL_LOST_MAX = 64, /* of them in one WELCOME: the last, by which the head is known, and others by turns */
  TAIL_LOST_TURN_MS = 60 * 60 * 1000,
  TAIL_CAME = 10, /* HELLO: u64 first_seq ‖ u64 count ‖ u64 received_ms, a run of the node's entries that the
                   * hub calls lost and proved to have received then */
  TAIL_CAME_MAX = 40 /* of them in one HELLO, which has room for them beside all cosignatures */
};

struct lost_message {
  struct stream stream;
  uint64_t first_seq;
  uint16_t count;
  struct lost_leaf leaves[LOST_LEAVES_MAX]; /* pos is the receiver's own: 0 */
};

void lost_message_encode(struct buf *out, const struct lost_message *m);
bool lost_message_decode(struct lost_message *m, const void *p, size_t n, struct err *err)
    __attribute__((warn_unused_result));
/* What is lost of the stream right behind after_seq; count 0: nothing. */
bool lost_message_read(struct db *db, struct stream stream, uint64_t after_seq, struct lost_message *out,
                       struct err *err);

/* Hub: the tail items of WELCOME for that stream.  Where there are more than fit, each hour (wall_ms) names
 * others, in no order: a branch that lacks those of one hour is asked for those of another, whenever it
 * calls. */
bool lost_tail_put(struct buf *tail, struct db *db, struct stream stream, int64_t wall_ms, struct err *err);
/* Node: the next of them, as tail_next. */
bool lost_tail_next(struct span *tail, uint64_t *first_seq, uint64_t *count);

/* Node: the tail items of HELLO for what that WELCOME calls lost; none where nothing of it is proved. */
bool came_tail_put(struct buf *out, struct db *db, struct span welcome_tail, struct err *err);
/* Hub: what HELLO says of the entries of a batch. */
void came_tail_read(struct span tail, struct batch *batch);

#endif
