/* witness.h - the memory that makes a log honest: nobody who has seen a checkpoint can be shown another past.
 *
 * A witness keeps, for each log it watches, the newest checkpoint that it verified.  A newer one is believed
 * only with a proof that it continues the one held; it is made durable first and cosigned after.  A
 * checkpoint that is well signed but does not continue the one held is evidence of a rewritten, rolled back
 * or forked log: it is stored with both sides, and nothing of that log is believed until a person acts.
 * SOURCE: c2sp.org/tlog-witness, c2sp.org/tlog-cosignature.  THREADS: the caller's; witness_offer runs inside
 * the caller's transaction, witness_cosign only after its COMMIT. */
#ifndef SUNLIT_SYNC_WITNESS_H
#define SUNLIT_SYNC_WITNESS_H

#include "core/base/db.h"
#include "sync/note.h"

enum witness_verdict {
  WITNESS_TAKEN,       /* newer and proved; held from now on */
  WITNESS_HELD,        /* the same size and root as the one held */
  WITNESS_STALE,       /* the proof starts at another size than the one held: ask again from that (409) */
  WITNESS_UNKNOWN,     /* a log this witness does not watch (404) */
  WITNESS_UNSIGNED,    /* malformed or not signed by the pinned key (403) */
  WITNESS_CONTRADICTS, /* signed, but not a continuation: evidence is stored (422) */
  WITNESS_DISTRUSTED   /* it contradicted before */
};

struct witness_held {
  uint64_t size;
  struct merkle_hash root;
  int64_t verified_ms;
  char distrust[48];
};

/* What is held of the log; size 0 and the empty root when nothing is yet. */
bool witness_held(struct db *db, const char *origin, struct witness_held *out, struct err *err);

/* A checkpoint as it was served, and the proof that came with it. */
struct witness_claim {
  const char *note; /* borrowed */
  size_t note_size;
  const struct merkle_proof *proof;
};

/* Judges a checkpoint of the log with the pinned key; `old` is the size its proof starts from.
 * False on a database fault only; err also says why for every verdict from STALE on. */
bool witness_offer(struct db *db, const struct note_key *log, const struct witness_claim *claim, uint64_t old,
                   int64_t now_ms, enum witness_verdict *verdict, struct err *why, struct err *err);

/* The parts of that, for another door to the same memory (add_checkpoint.h): makes a checkpoint the one held;
 * keeps what contradicts it; believes nothing of the log any more. */
bool witness_hold(struct db *db, const struct checkpoint *checkpoint, const char *note, size_t note_size,
                  int64_t now_ms, struct err *err);
bool witness_accuse(struct db *db, const char *origin, const struct witness_claim *claim, int64_t now_ms,
                    const struct err *why, struct err *err);
bool witness_distrust(struct db *db, const char *origin, const char *rule, struct err *err);

/* A person lets the log be listened to again.  What is held stays held. */
bool witness_trust(struct db *db, const char *origin, struct err *err);

/* Appends a cosignature line for the checkpoint held, from the stored bytes. */
bool witness_cosign(struct db *db, const char *origin, const struct note_key *witness,
                    const uint8_t secret[SECRET_SIZE], int64_t now_ms, struct buf *line, struct err *err);

#endif
