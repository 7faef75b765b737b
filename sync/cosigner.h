/* cosigner.h - who has cosigned how much of our log, and up to where the log counts as witnessed.
 *
 * A witness cosigns a checkpoint only with proof that it continues the one it cosigned before, so its newest
 * cosignature vouches for every smaller size too: one number a witness says it all.  The log is *witnessed*
 * up to the size that the rule in force reaches (policy.h, or the program's own); that mark only rises, and
 * starts anew when the rule changes.
 * THREADS: the caller's; what writes runs inside the caller's transaction. */
#ifndef SUNLIT_SYNC_COSIGNER_H
#define SUNLIT_SYNC_COSIGNER_H

#include "core/base/db.h"
#include "sync/note.h"

/* A cosignature line as it came, verified by the caller. */
struct cosignature {
  uint64_t size;    /* of the checkpoint it is for */
  const void *line; /* borrowed; with its newline */
  size_t line_size;
  uint64_t time_s;  /* the witness's */
  int64_t heard_ms; /* ours */
  bool outside;     /* the witness is none of our branches */
};

/* Stores the line, and how far its key has come.  The same (size, name) again changes nothing. */
bool cosigner_keep(struct db *db, const struct note_key *key, const struct cosignature *cosignature,
                   struct err *err);
/* The largest size that key has cosigned; 0 for none. */
bool cosigner_size(struct db *db, const struct note_key *key, uint64_t *size, uint64_t *time_s,
                   struct err *err);

enum { WITNESSED_RULE_SIZE = 65 };
struct witnessed {
  char rule[WITNESSED_RULE_SIZE]; /* "branches", or a policy's SHA-256 in hex; "" before the first */
  uint64_t size;
  int64_t at_ms;
};
bool witnessed_get(struct db *db, struct witnessed *out, struct err *err);
/* Raises the mark; under another rule than before it is set anew. */
bool witnessed_set(struct db *db, const struct witnessed *mark, struct err *err);
/* When the oldest signed checkpoint above that size was signed; 0 when there is none. */
bool witnessed_waits(struct db *db, uint64_t size, int64_t *since_ms, struct err *err);

#endif
