/* add_checkpoint.h - the standard question to a witness, as C2SP has it, and a witness's answer.
 *
 *   POST <prefix>/add-checkpoint           old 20852014
 *                                          <consistency proof, one base64 hash a line, at most 63>
 *                                          <empty line>
 *                                          <the new checkpoint, a signed note>
 *
 *   200  cosignature lines                 404  the origin is of no log this witness watches
 *   403  not signed by the log's key       400  malformed, or the old size is above the new one
 *   422  the proof does not hold           409  another size is held: that one, as text/x.tlog.size; or the
 *                                               same size with another root
 *
 * Anybody may ask, so an answer never depends on who does.  A checkpoint that is merely older, or a proof
 * that is merely wrong, says nothing against the log: whoever sends it may have made it up.  Two signed roots
 * of one size do: both are kept as evidence. SOURCE: c2sp.org/tlog-witness.  THREADS: none; pure, but for the
 * caller's connection. */
#ifndef SUNLIT_SYNC_ADD_CHECKPOINT_H
#define SUNLIT_SYNC_ADD_CHECKPOINT_H

#include "sync/witness.h"

enum { ADD_CHECKPOINT_SIZE_MAX = NOTE_SIZE_MAX + 64 * 64 };
#define ADD_CHECKPOINT_SIZE_TYPE "text/x.tlog.size"

struct add_checkpoint {
  uint64_t old;
  struct merkle_proof proof;
  const char *note; /* borrowed */
  size_t note_size;
};
void add_checkpoint_encode(struct buf *out, const struct add_checkpoint *question);
/* ERR_INPUT rule "add_checkpoint" names the line. */
bool add_checkpoint_decode(struct add_checkpoint *out, const char *bytes, size_t size, struct err *err);

/* What a 409 says: a decimal and its newline. */
void add_checkpoint_size_encode(struct buf *out, uint64_t size);
bool add_checkpoint_size_decode(uint64_t *out, const void *bytes, size_t size);

/* A question that is well formed and signed by one of the logs. */
struct add_checked {
  struct add_checkpoint question;
  struct note note;
  struct checkpoint checkpoint;
  const struct note_key *log;
};
/* Without a database: status 0 and *out, or the status that refuses and why. */
int add_checkpoint_check(struct add_checked *out, const char *bytes, size_t size, const struct note_key *logs,
                         size_t log_count, struct err *why);
/* Against what is held, and holds it, inside the caller's transaction: status 200, to be cosigned once it is
 * durable, or the refusing status; *held is what was held before.  False on a database fault only. */
bool add_checkpoint_judge(struct db *db, const struct add_checked *asked, int64_t now_ms, int *status,
                          uint64_t *held, struct err *why, struct err *err);

#endif
