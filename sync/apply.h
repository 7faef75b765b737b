/* apply.h - verified batches of others into log, tables and cursors, in one transaction.
 *
 * Each entry is logged first and applied second: schema, then scope row by row, then the rows, written with
 * cached statements, never by sqlite3changeset_apply.  An entry that cannot be applied is logged all the same
 * and quarantined with its reason; by the table of reasons in docs/PROTOCOL.md 4.3 later entries of its
 * stream go on (a broken rule, a conflict), wait in order (a newer schema) or are refused (a fork: the stream
 * is frozen).  One bad entry never stops another author's (I7).  Replay is harmless, a gap is refused. A
 * fault of disk or memory undoes the whole call: nothing was received, the senders send again. */
#ifndef SUNLIT_SYNC_APPLY_H
#define SUNLIT_SYNC_APPLY_H

#include "sync/store.h"

enum outcome {
  OUTCOME_TAKEN,  /* logged through through_seq; some entries may be quarantined or parked */
  OUTCOME_REPLAY, /* all of it was here already */
  OUTCOME_GAP,    /* entries before it are missing: send from through_seq + 1 */
  OUTCOME_FORK,   /* contradicts what this author signed before: both kept, stream frozen */
  OUTCOME_FROZEN, /* the stream was frozen before */
  OUTCOME_REFUSED /* not this author's to send here, unknown or revoked key, older epoch */
};

struct apply_result {
  enum outcome outcome;
  uint64_t through_seq; /* the stream's newest entry that is durably here */
  uint32_t taken;       /* new entries */
  uint32_t quarantined; /* of these, refused with a reason */
  uint32_t parked;      /* of these, waiting for a newer program */
  uint64_t late_seq;    /* of a carried batch: from here on it is put aside (late.h) */
  char reason[48];      /* of the first that was quarantined or parked, or of the refusal */
  char detail[200];
};

/* All batches must have passed batch_verify.  results[i] belongs to batches[i].  True: committed, also when
 * some batches were refused.  False: nothing of it is stored. */
bool store_apply(struct store *store, struct batch *const *batches, size_t count, int64_t received_ms,
                 struct apply_result *results, struct err *err);
/* Applies what waited for a newer schema; store_open calls it too.  applied may be NULL. */
bool store_retry_parked(struct store *store, int64_t now_ms, uint32_t *applied, struct err *err);
const char *outcome_name(enum outcome outcome);

#endif
