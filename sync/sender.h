/* sender.h - one stream on its way to a peer: what was sent, what was answered, when to go back or to pause.
 *
 * The node has one (its own stream), the hub three a connection.  Batches are answered in the order they were
 * sent.  When one is not taken, those behind it fall too, each with a gap; so going back is decided once, by
 * the first, and done when the last in flight is answered.  A pause is this stream's alone: other streams and
 * the other direction never notice (I7).
 *
 * Streams, not entries, are what may overtake one another: inside a stream the chain fixes the order.  A
 * stream for urgent entries would be one more sender, filled before the others. THREADS: the connection's.  A
 * plain struct. */
#ifndef SUNLIT_SYNC_SENDER_H
#define SUNLIT_SYNC_SENDER_H

#include "core/base/db.h"
#include "core/base/limits.h"
#include "sync/entry.h"
#include "sync/exchange.h"
#include "sync/message.h"
#include "sync/wire.h"

struct sent_batch {
  uint64_t first_seq;
  uint64_t last_seq;
  size_t size; /* on the wire */
};

struct sender {
  struct stream stream;
  struct sent_batch flight[BATCHES_IN_FLIGHT]; /* a ring of the unanswered, oldest first */
  unsigned oldest;
  unsigned count;
  size_t bytes;
  int64_t moved_ms; /* monotonic: when something of it was last sent or answered */
  uint64_t sent_seq;
  bool gives_lost;     /* what is lost goes as LOST in its place; else it is passed over: the peer knows */
  uint64_t as_made_to; /* through here batches go as they were signed: they fill what the peer has lost */
  uint32_t unsigned_before; /* and of an epoch before it they go without a lost signature */
  bool dry;                 /* the log had no more behind sent_seq when last looked at */
  bool rewind;              /* to rewind_seq, as soon as nothing is in flight */
  uint64_t rewind_seq;
  unsigned gaps;        /* in a row: two ends that disagree for ever must not fill the line */
  int64_t paused_until; /* monotonic; 0: going; INT64_MAX: until something else than time ends it */
  struct err why;       /* of the pause; ERR_NONE while going */
};

void sender_init(struct sender *s, struct stream stream, uint64_t after_seq);
/* Goes on behind that seq, as soon as nothing is in flight. */
void sender_rewind(struct sender *s, uint64_t seq);
/* There may be more in the log than when it was last read; filling looks again. */
void sender_look(struct sender *s);
/* Would filling read the log? */
bool sender_wants(const struct sender *s, const struct wire *wire);
void sender_pause(struct sender *s, int64_t until_ms, const struct err *why);
void sender_resume(struct sender *s);
/* Puts batches into the wire's output as far as flight, output and log allow.  False: the log cannot be read.
 */
bool sender_fill(struct sender *s, struct db *db, struct wire *wire, struct moment now, struct err *err)
    __attribute__((warn_unused_result));
/* The oldest batch was answered; not to be called when none is in flight.  failed_wait_ms: how long to pause
 * when the receiver's store could not take it. */
struct sent_batch sender_answered(struct sender *s, enum answer answer, uint64_t through, const char *rule,
                                  const char *text, int64_t failed_wait_ms, struct moment now);
/* By when the oldest must be answered, if the peer was last heard then; INT64_MAX when none is in flight. */
int64_t sender_deadline(const struct sender *s, int64_t wait_ms, int64_t heard_ms);

#endif
