/* prover.h - the hub's side of one connection that shows a branch where its entries stand in the log.
 *
 * Entries are proved in the order of their stream, from the first the branch has no proof of; each proof
 * leads to a checkpoint the branch has been told, and a newer one is told only when a proof needs it or the
 * branch greets; the meeting (meeting.h) comes before whatever is newer. Nothing is answered: what was lost
 * with a connection is asked for again by the next HELLO. THREADS: the connection's.  A plain struct. */
#ifndef SUNLIT_SYNC_PROVER_H
#define SUNLIT_SYNC_PROVER_H

#include "core/base/db.h"
#include "sync/entry.h"
#include "sync/keep_sender.h"
#include "sync/wire.h"

struct mirroring {
  uint8_t key[BOX_KEY_SIZE];
  uint64_t sent;  /* through there */
  uint64_t heard; /* what the branch said it keeps, at its newest HELLO */
  bool aimed;
};

struct prover {
  struct stream stream;
  uint64_t next_seq;  /* 0: not greeted yet */
  uint64_t told_size; /* the checkpoint the branch holds, or will when it has read what we sent */
  uint64_t old_seq;   /* through here the hub had the stream when the branch greeted: history, perhaps given
                         back, so proofs of it bring the signatures along */
  struct mirroring mirror;
  struct keep_sender keep;
};

/* At HELLO: the branch has proofs through acked_seq and holds a checkpoint of held_size; we hold its stream
 * through have_seq. */
void prover_aim(struct prover *p, uint64_t acked_seq, uint64_t held_size, uint64_t have_seq);
/* At HELLO: the branch keeps the log through there. */
void prover_aim_mirror(struct prover *p, uint64_t mirrored);
/* Sends the meeting if it is newer than the one told, else the newest checkpoint if that is. */
bool prover_tell(struct prover *p, struct db *db, struct wire *wire, struct moment now, struct err *err);
/* Sends proofs as far as entries, signed checkpoints and output allow.  False: the log cannot be read. */
bool prover_fill(struct prover *p, struct db *db, struct wire *wire, struct moment now, struct err *err);
/* Gives the branch the log to keep, when nothing else is queued. */
bool prover_keep(struct prover *p, struct db *db, struct wire *wire, struct moment now, struct err *err);

#endif
