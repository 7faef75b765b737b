/* log_message.h - the frames by which a branch learns where its entries stand in the province's log.
 *
 *   CHECKPOINT  hub    the newest signed checkpoint, and the proof that it continues the one the node holds
 *   LEAVES      hub    entries of the node's stream are leaves first_pos.. of that checkpoint, with their
 * proof WITNESSED   node   the checkpoint it holds, when the hub shows a smaller log: the hub's own signature
 *   HELD        node   an entry of the hub's own that the hub has otherwise or not at all, with its signature
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
  TAIL_LANES = 6,   /* the hub's own streams at the node; HELLO: hash[32] a lane, of what its shared_seq and
                     * directed_seq name; WELCOME, when the hub has it otherwise: u64 seq ‖ hash[32] a lane */
  TAIL_KEEPING = 7, /* HELLO: u64 the node keeps the log through there ‖ the id of the keepers it knows;
                     * WELCOME: the id of those of now, and it may say WANT (keep.h) */
  TAIL_HUB_RUN = 8, /* WELCOME, the first of a connection: u64, the run of the hub's program, not 0; HELLO:
                     * those that welcomed this node, the newest first, when there are several (hub_runs.h) */
  TAIL_TIME =
      11, /* WELCOME: u64 ms, what time it is by most branches, of a hub whose own clock is off by it */
  LOG_NOTE_MAX = 1024,         /* the log's line alone, without cosignatures */
  HELD_CHAIN_MAX = 128 * 1024, /* some 500 records as they are */
  HELD_SIZE_MAX = 8 + 2 + RECORD_SIZE_MAX + SIGNATURE_SIZE + 2 + HELD_CHAIN_MAX,
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

struct held_message {
  uint64_t
      parted; /* where the node says it has another entry than WELCOME; 0: it only has more; not believed */
  struct span record;
  uint8_t signature[SIGNATURE_SIZE];
  /* The records before it from where the chains part, oldest first, which nobody signed: it chains them. What
   * remains of vec16 records; count 0: none.  Only to a hub that names its run (TAIL_HUB_RUN). */
  struct reader chain;
  uint16_t chain_count;
};

/* The hub's streams that a node follows. */
enum { LANE_SHARED, LANE_DIRECTED, LANES };
struct lane_mark {
  uint64_t seq; /* 0: nothing, and the hash is zeros */
  uint8_t hash[HASH_SIZE];
};

void checkpoint_message_encode(struct buf *out, const struct checkpoint_message *m);
void leaves_message_encode(struct buf *out, const struct leaves_message *m);
bool checkpoint_message_decode(struct checkpoint_message *m, const void *p, size_t n, struct err *err)
    __attribute__((warn_unused_result));
bool leaves_message_decode(struct leaves_message *m, const void *p, size_t n, struct err *err)
    __attribute__((warn_unused_result));

void held_message_encode(struct buf *out, const struct held_message *m);
/* The next record of the chain, borrowed. */
bool held_message_next(struct held_message *m, struct span *record);
bool held_message_decode(struct held_message *m, const void *p, size_t n, struct err *err)
    __attribute__((warn_unused_result));

/* TAIL_LANES of HELLO: the hashes alone, the seqs are fields of HELLO; and of WELCOME.  False when there is
 * none or it is malformed: then nothing is compared. */
void tail_put_hashes(struct buf *out, const struct lane_mark marks[LANES]);
bool tail_get_hashes(struct span tail, struct lane_mark marks[LANES]);
void tail_put_marks(struct buf *out, const struct lane_mark marks[LANES]);
bool tail_get_marks(struct span tail, struct lane_mark marks[LANES]);

/* A tail item that is one u64; false when it is absent or of another length. */
/* TAIL_COSIGNATURE of HELLO; the lines are borrowed. */
struct cosigned {
  uint64_t size;
  struct span line;
};
unsigned tail_get_cosigned(struct span tail, struct cosigned out[COSIGNED_MAX]);

void tail_put_u64(struct buf *out, uint8_t kind, uint64_t v);
bool tail_get_u64(struct span tail, uint8_t kind, uint64_t *v);

#endif
