/* meeting.h - one checkpoint at a time on which cosignatures meet, and the newest that has its quorum.
 *
 * A log that is written to signs many checkpoints a minute, and each branch holds another one: no two would
 * ever cosign the same.  So one of them is the meeting: every branch that holds a smaller one is led through
 * it before it is told a newer (prover.h), and a witness cosigns each checkpoint it takes.  When the meeting
 * has its quorum, or has waited long enough, the newest checkpoint becomes the next.  Whoever chooses it does
 * so in a transaction: no checkpoint above it can be seen by a connection that does not see the meeting too.
 * THREADS: the caller's; what writes runs inside the caller's transaction. */
#ifndef SUNLIT_SYNC_MEETING_H
#define SUNLIT_SYNC_MEETING_H

#include "core/base/db.h"
#include "sync/tlog.h"

struct meeting {
  uint64_t size; /* 0: none yet */
  int64_t since_ms;
};
bool meeting_get(struct db *db, struct meeting *out, struct err *err);
/* The newest signed checkpoint becomes the meeting: chosen where it is written, so that none newer is signed
 * between. */
bool meeting_next(struct db *db, int64_t now_ms, struct err *err);

/* The signed note of one size as cosigned so far: text, the log's line, up to QUORUM_LINES_MAX lines of
 * witnesses, those outside first.  lines: how many.  ERR_MISSING when that size was not signed. */
enum { QUORUM_LINES_MAX = 98 };
bool meeting_note(struct db *db, uint64_t size, struct buf *out, size_t *lines, struct err *err);

/* The newest checkpoint that has its quorum, as it is served; size 0 and nothing in out when there is none.
 */
bool quorum_note(struct db *db, struct buf *out, struct tlog_state *state, struct err *err);
/* Keeps it; a smaller size, or fewer lines for the same, change nothing. */
bool quorum_keep(struct db *db, uint64_t size, const struct buf *note, size_t lines, int64_t now_ms,
                 struct err *err);
bool quorum_size(struct db *db, uint64_t *size, size_t *lines, struct err *err);

#endif
