/* audit_tally.h - what the audit index counts of whole streams while it follows the log, record by record.
 *
 * Every number 1..n of a stream must stand in the log exactly once.  That is counted from the records
 * themselves, once, when they are indexed: the sums of a million entries are then one row a stream.  Times
 * are judged the same way: from claimed to received, claimed after received, claimed before the entry it
 * follows.  A tally lives for one transaction of the index: it reads a stream's sums when it first meets
 * the stream and writes them back at the end.  THREADS: the transaction's. */
#ifndef SUNLIT_HUB_AUDIT_TALLY_H
#define SUNLIT_HUB_AUDIT_TALLY_H

#include "core/base/db.h"
#include "sync/entry.h"

/* Clocks are compared with a second's grace: less is no statement about a clock. */
enum { AUDIT_GRACE_MS = 1000 };
enum audit_odd { AUDIT_EARLY = 1, AUDIT_BACK = 2 };

struct stream_sums {
  struct stream stream;
  int64_t entries, seq_max, missing, repeats;
  int64_t last_seq, last_claimed_ms, last_received_ms;
  int64_t early, early_max_ms, back, delay_max_ms, delay_max_pos;
};

struct delay_sum {
  uint32_t author;
  int step;
  int64_t entries;
};

struct audit_tally {
  struct db *db;
  struct stream_sums *streams;
  size_t stream_count, stream_room;
  struct delay_sum *delays;
  size_t delay_count, delay_room;
};

void audit_tally_init(struct audit_tally *tally, struct db *db);
void audit_tally_wipe(struct audit_tally *tally);
/* Forgets everything that was counted: the index begins again. */
bool audit_tally_empty(struct db *db, struct err *err);
/* The next record of the log; *odd becomes bits of enum audit_odd. */
bool audit_tally_add(struct audit_tally *tally, int64_t pos, const struct record *record, int64_t received_ms,
                     int *odd, struct err *err);
bool audit_tally_write(struct audit_tally *tally, struct err *err);

/* A delay as one of about 350 steps, each at most an eighth wider than where it begins, and back to the
 * middle of the step.  Negative delays (claimed after received) mirror the positive ones. */
int delay_step(int64_t ms);
int64_t delay_of_step(int step);

#endif
