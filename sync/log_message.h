/* log_message.h - the frames by which a branch learns where its entries stand in the province's log.
 *
 *   CHECKPOINT  hub    the newest signed checkpoint, and the proof that it continues the one the node holds
 *   LEAVES      hub    entries of the node's stream are leaves first_pos.. of that checkpoint, with their
 * proof WITNESSED   node   the checkpoint it holds, when the hub shows a smaller log: the hub's own signature
 * HELLO carries in its tail the size the node holds and, once, its cosignature; WELCOME the size the hub
 * signed. Encoders and decoders as in message.h; docs/PROTOCOL.md has a section on it. */
#ifndef SUNLIT_SYNC_LOG_MESSAGE_H
#define SUNLIT_SYNC_LOG_MESSAGE_H

#include "sync/merkle.h"
#include "sync/message.h"

enum {
  TAIL_LOG_SIZE = 1,    /* HELLO: u64 size held; WELCOME: u64 size signed */
  TAIL_COSIGNATURE = 2, /* HELLO: u64 size ‖ the cosignature line; the newest first, at most COSIGNED_MAX */
  COSIGNED_MAX = 16,    /* 2,300 bytes of a HELLO */
  TAIL_MIRRORED = 3,    /* HELLO: u64, the node keeps the log through there (mirror.h) */
  TAIL_RUN = 4,         /* HELLO: u64, the run of the program that speaks, any number but 0 */
  TAIL_TWIN = 5,        /* WELCOME: u64 ms, when another machine with this branch's keys was turned away */
  LOG_NOTE_MAX = 1024,  /* the log's line alone, without cosignatures */
  LOG_MESSAGE_SIZE_MAX = 16 + 1 + MERKLE_RANGE_PROOF_MAX * HASH_SIZE + 64 + LOG_NOTE_MAX
};

struct checkpoint_message {
  uint64_t old_size; /* the proof starts there */
  struct merkle_proof proof;
  struct span note;
};

struct leaves_message {
  uint64_t size;      /* of the checkpoint the proof leads to */
  uint64_t first_seq; /* entries first_seq .. first_seq + count - 1 of the node's stream */
  uint32_t count;
  uint64_t first_pos; /* are leaves first_pos .. of the log */
  int64_t received_ms;
  bool last_signed; /* the last of them carries its author's signature in its leaf; the others none */
  bool told;        /* last_signed, and here it is: a node that got its history back may not have it */
  uint8_t signature[SIGNATURE_SIZE];
  struct merkle_proof proof; /* merkle_prove_range */
};

void checkpoint_message_encode(struct buf *out, const struct checkpoint_message *m);
void leaves_message_encode(struct buf *out, const struct leaves_message *m);
bool checkpoint_message_decode(struct checkpoint_message *m, const void *p, size_t n, struct err *err)
    __attribute__((warn_unused_result));
bool leaves_message_decode(struct leaves_message *m, const void *p, size_t n, struct err *err)
    __attribute__((warn_unused_result));

/* A tail item that is one u64; false when it is absent or of another length. */
void tail_put_u64(struct buf *out, uint8_t kind, uint64_t v);
bool tail_get_u64(struct span tail, uint8_t kind, uint64_t *v);

#endif
