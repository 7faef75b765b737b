/* wire.h - one connection as both machines hold it: bytes that came, bytes to send, and why it ended.
 *
 * Two deadlines live here, because they do not depend on what is said: a frame that was begun must come to
 * its end, and bytes that wait to be sent must get away.  Both are paced by LINK_BYTES_PER_S, so that slow
 * and dead are told apart.  The first end wins; one that has ended takes no more bytes, but what is in
 * `out` (a REFUSE, say) may still be sent. THREADS: none.  OWNERSHIP: a wire owns both buffers. */
#ifndef SUNLIT_SYNC_WIRE_H
#define SUNLIT_SYNC_WIRE_H

#include "sync/exchange.h"
#include "sync/frame.h"
#include "sync/message.h"

struct wire {
  struct frame_input in;
  struct buf out;
  size_t out_sent; /* of out: bytes that are away already */
  uint64_t bytes_in;
  uint64_t bytes_out;
  int64_t frame_by; /* monotonic; INT64_MAX when no frame is begun */
  bool frame_sized; /* the deadline already knows the frame's size */
  int64_t send_by;  /* INT64_MAX when nothing waits */
  enum exchange_end end;
  struct err why;
};

void wire_init(struct wire *wire, uint32_t allowed);
void wire_wipe(struct wire *wire);
/* Takes bytes that came.  After the end they are dropped. */
void wire_feed(struct wire *wire, const void *p, size_t n, struct moment now);
/* True with the next frame.  A frame that may not come, or is too big, ends it with a REFUSE. */
bool wire_next(struct wire *wire, struct frame *frame, struct moment now);
/* To be called after something was put into `out`: starts the deadline for sending it. */
void wire_queued(struct wire *wire, struct moment now);
/* What waits to be sent, borrowed until something is put into `out` or was sent. */
struct span wire_output(const struct wire *wire);
/* n bytes of it were sent. */
void wire_sent(struct wire *wire, size_t n, struct moment now);
/* Ends it.  For END_PROTOCOL and END_DISMISSED the peer is told `why` in a REFUSE frame. */
void wire_end(struct wire *wire, enum exchange_end end, const struct err *why, struct moment now);
/* Ends it if one of its two deadlines has passed. */
void wire_tick(struct wire *wire, struct moment now);
int64_t wire_deadline(const struct wire *wire);

/* The wait for n bytes on the slowest line we serve. */
static inline int64_t wire_wait_ms(int64_t wait_ms, size_t n)
{
  return wait_ms + (int64_t)n * 1000 / LINK_BYTES_PER_S;
}

#endif
