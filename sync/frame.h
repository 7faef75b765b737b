/* frame.h - `u32 length | u8 type | body`: how messages are cut out of a stream of bytes.
 *
 * The length counts the body alone.  Each type has its own bound, checked as soon as the five bytes of the
 * head are there, so a peer cannot make us hold more than it is entitled to.  Which types may come is a set
 * given by the machine that reads: before HELLO that is a few hundred bytes in all. THREADS: none. OWNERSHIP:
 * a frame's body is borrowed from the input until the next feed. */
#ifndef SUNLIT_SYNC_FRAME_H
#define SUNLIT_SYNC_FRAME_H

#include "core/base/bytes.h"
#include "core/base/err.h"

enum frame_type {
  FRAME_HELLO = 1, /* node: who I am, what I have, what I lack */
  FRAME_WELCOME,   /* hub: the answer */
  FRAME_BATCH,     /* both: entries, self-authenticating (batch.h) */
  FRAME_RECEIPT,   /* hub: what became of a batch */
  FRAME_CURSOR,    /* node: what became of a batch, and so where to go on */
  FRAME_ENROL,     /* a node without a certificate */
  FRAME_ENROLLED,
  FRAME_REFUSE,     /* both: why the connection ends */
  FRAME_CHECKPOINT, /* hub: the log's newest signed state (log_message.h) */
  FRAME_LEAVES,     /* hub: where the node's entries stand in it */
  FRAME_WITNESSED,  /* node: the checkpoint it holds, when it is larger than the hub's */
  FRAME_MIRROR,     /* hub: where everything stands in it; node: the same, when it is asked for (mirror.h) */
  FRAME_RECALL,     /* hub that is being rebuilt: give back what I have not got (recall.h) */
  FRAME_RECALLED,   /* node: what will come, the keys it is signed with, and the checkpoint it holds */
  FRAME_SIGNATURES, /* node: those of its own entries */
  FRAME_BROUGHT,    /* node: that was all */
  FRAME_HELD,       /* node: an entry of the hub's own that the hub lost (log_message.h) */
  FRAME_RENEW = 20, /* node: new certificates, please (renewal.h) */
  FRAME_RENEWED,    /* hub: here they are */
  FRAME_STANDING,   /* carried files: how far the branch's stream goes (standing.h) */
  FRAME_TILES,      /* both: what branches keep of the log (keep_message.h) */
  FRAME_KEEPERS,    /* hub: who keeps what of it */
  FRAME_WANT,       /* node: more of it, please */
  FRAME_LOST = 26,  /* hub: entries of the stream that are lost, in their place (lost_message.h) */
  FRAME_TYPE_END
};

enum { FRAME_HEAD_SIZE = 5 };

#define FRAME_BIT(type) (1U << (type))

struct frame {
  enum frame_type type;
  const uint8_t *body;
  size_t size;
};

/* The largest body of that type; 0 for an unknown one. */
size_t frame_size_max(enum frame_type type);
const char *frame_name(enum frame_type type);

/* Writing: everything put between the two calls is the body.  begin returns what end wants. */
size_t frame_begin(struct buf *out, enum frame_type type);
void frame_end(struct buf *out, size_t mark);
void frame_put(struct buf *out, enum frame_type type, const void *body, size_t size);

struct frame_input {
  struct buf held;
  size_t taken;     /* of held: frames already given out */
  uint32_t allowed; /* FRAME_BIT()s of what may come now */
  bool bad;         /* sticky: after a bad head nothing can be cut out any more */
};

void frame_input_wipe(struct frame_input *in);
/* Copies the bytes in.  False (ERR_LIMIT) only when out of memory. */
bool frame_input_feed(struct frame_input *in, const void *p, size_t n, struct err *err)
    __attribute__((warn_unused_result));
/* 1: `frame` is the next one.  0: not all of it is here.  -1: the head is wrong (rule "frame_unexpected" or
 * "frame_oversized") and err says so. */
int frame_input_next(struct frame_input *in, struct frame *frame, struct err *err);
/* How many bytes the frame that is begun still lacks (its head included); 0 when none is begun. */
size_t frame_input_lacking(const struct frame_input *in);

#endif
