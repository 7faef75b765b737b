/* journal.h - appending to the log, and the heads of all streams kept in memory.
 *
 * Part of the store, used under its lock and inside its transactions.  The database is the truth: a head here
 * is what the last span and its last record say, and after a transaction that failed they are read again
 * (mark it stale; journal_load does the rest).
 *
 * The newest span of the log is *open*: its row says count 0 and it ends where the log ends, so that a commit
 * writes one row and not two.  When an entry of another stream or epoch follows, its count is written. */
#ifndef SUNLIT_SYNC_JOURNAL_H
#define SUNLIT_SYNC_JOURNAL_H

#include "core/base/db.h"
#include "sync/entry.h"
#include "sync/lost_leaf.h"

struct stream_state {
  struct stream stream;
  struct head head; /* zeros: no entry yet */
  int64_t head_pos;
  uint64_t span_seq; /* first_seq of the newest span */
  bool listed;       /* has its row in sync_stream */
  bool frozen;
  uint64_t waiting_seq; /* the first entry that waits for a newer schema; 0: none */
  /* Entries at the end without a signature, and what they cost in a batch. */
  uint32_t unsigned_count;
  size_t unsigned_cost;
};

struct journal {
  struct db *db;
  uint32_t author; /* whose unsigned tails and clock matter */
  struct stream_state *streams;
  size_t count, room;
  int64_t next_pos;
  struct stream open; /* whose span is open; author 0: none */
  uint64_t open_seq;  /* its first_seq, epoch and first pos */
  uint32_t open_epoch;
  int64_t open_pos;
  uint32_t epoch;  /* of our key; 0: our clock is of no matter */
  uint64_t hlc;    /* the newest of our own in it: a new epoch may begin earlier (PROTOCOL 3.2) */
  uint32_t schema; /* the newest that one of our own entries was made under */
  bool touched;    /* since the transaction began: when it fails, all this must be read again */
  bool stale;
};

void journal_init(struct journal *journal, struct db *db, uint32_t author); /* stale: load before use */
bool journal_load(struct journal *journal, struct err *err);                /* does nothing unless stale */
void journal_wipe(struct journal *journal);
/* The state of a stream, made empty when it is new; NULL without memory.  Valid until the next new stream. */
struct stream_state *journal_stream(struct journal *journal, struct stream stream, struct err *err);

/* One entry behind the head of its stream, encoded and hashed.  payload and signature may be NULL. */
struct append {
  const struct record *record;
  const uint8_t *bytes;
  size_t size;
  const uint8_t *hash;
  const uint8_t *payload;
  const uint8_t *signature;
  int64_t received_ms;
};
bool journal_append(struct journal *journal, struct stream_state *state, const struct append *entry,
                    struct err *err);
/* A lost leaf (lost_leaf.h) behind the head of its stream, at the end of the log; the head then has the
 * leaf's hash for its own, and no clock and schema.  Its epoch is never before the head's.  ERR_REFUTED rule
 * "lost_leaf" when it does not follow. */
bool journal_append_lost(struct journal *journal, struct stream_state *state, const struct lost_leaf *said,
                         struct err *err);
/* Puts the author's signature beside the head. */
bool journal_sign(struct journal *journal, struct stream_state *state, const uint8_t secret[SECRET_SIZE],
                  struct err *err);
bool journal_freeze(struct journal *journal, struct stream_state *state, const char *reason, int64_t now_ms,
                    struct err *err);
bool journal_thaw(struct journal *journal, struct stream_state *state, struct err *err);
bool journal_wait(struct journal *journal, struct stream_state *state, uint64_t seq, struct err *err);
/* Takes everything behind seq out of the stream and keeps it as superseded; the head is seq afterwards. */
bool journal_supersede(struct journal *journal, struct stream_state *state, uint64_t seq, struct err *err);

#endif
