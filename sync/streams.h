/* streams.h - reading the log: heads, entries, batches to send, on any connection.
 *
 * The log is the table sync_entry, dense by pos but for lost leaves; sync_span says which run of pos belongs
 * to which stream, one row per run, so that a million entries have a few hundred index rows.  The newest run
 * of a stream the store itself is writing is open (count 0): it ends where the log ends. THREADS: the
 * connection's.  Each function is one consistent look; no transaction is needed around it. */
#ifndef SUNLIT_SYNC_STREAMS_H
#define SUNLIT_SYNC_STREAMS_H

#include "core/base/db.h"
#include "sync/batch.h"
#include "sync/lost_leaf.h"

/* Zeros when the stream has no entry. */
bool stream_head(struct db *db, struct stream stream, struct head *out, struct err *err);
/* The pos of one entry, -1 when it is not here. */
bool stream_find(struct db *db, struct stream stream, uint64_t seq, int64_t *pos, struct err *err);
/* The same, and -1 too when it is lost: nobody can read it. */
bool stream_find_kept(struct db *db, struct stream stream, uint64_t seq, int64_t *pos, struct err *err);
/* Defines in SQL `came(branch, id)`: the pos of the entry of the branch's own lane that made the row, so what
 * came earlier has the smaller one, whatever the clock of its branch said; past all when it is not here. */
bool stream_define_came(struct db *db, struct err *err);
bool stream_frozen(struct db *db, struct stream stream, bool *frozen, struct err *err);
/* Every stream this database knows. */
bool stream_list(struct db *db, bool (*each)(void *ctx, struct stream stream), void *ctx, struct err *err);

struct batch_limits {
  uint32_t entries_max; /* 0: BATCH_ENTRIES_MAX */
  size_t size_max;      /* 0: BATCH_SIZE_MAX, uncompressed */
  bool by_author;       /* not where the province's word stands in for the signature (sync_vouch) */
  bool first_signed;    /* ends at the first signature, as it went when it was made */
  /* Entries of an epoch before it go unsigned (zeros) where their signature is lost: their leaves say what
   * they are, and their key has ended anyway. */
  uint32_t unsigned_before;
};
/* Appends one batch of entries after after_seq to out, ending at a signed entry; nothing when there is none.
 * head (may be NULL) says what was built; count 0: nothing to send.  Entries the author has not signed yet
 * are not sent: call store_sign_head first. */
bool store_batch_read(struct db *db, struct stream stream, uint64_t after_seq,
                      const struct batch_limits *limits, struct batch_head *head, struct buf *out,
                      struct err *err);

/* What a stream still has to send behind `acked`: entries, their payload bytes, and since when. */
struct backlog {
  uint64_t count;
  uint64_t bytes;
  int64_t oldest_ms; /* 0: none */
};
bool stream_backlog(struct db *db, struct stream stream, uint64_t acked, struct backlog *out,
                    struct err *err);
/* Node: the newest seq the hub acknowledged, and when it received the entry `seq` (0: not yet). */
bool stream_acked(struct db *db, struct stream stream, uint64_t *seq, int64_t *received_ms, struct err *err);
bool stream_received_ms(struct db *db, struct stream stream, uint64_t seq, int64_t *received_ms,
                        struct err *err);
/* Hub: how far `peer` has the stream. */
bool stream_cursor(struct db *db, uint32_t peer, struct stream stream, uint64_t *seq, int64_t *at_ms,
                   struct err *err);

/* One entry of the log, for the audit trail.  Borrowed from `keep`, which is cleared and filled. */
struct logged {
  int64_t pos;
  struct record record;
  const uint8_t *bytes; /* of the record */
  size_t size;
  uint8_t hash[HASH_SIZE];
  const uint8_t *payload; /* NULL: withheld */
  bool is_signed;
  uint8_t signature[SIGNATURE_SIZE];
  int64_t received_ms;
};
/* ERR_MISSING: nothing is there; rule "entry_lost" when its leaf is (lost_leaf.h), said by name. */
bool entry_read(struct db *db, int64_t pos, struct logged *out, struct buf *keep, struct err *err);
/* For whoever goes on where an entry is lost: *lost, and then `leaf` is filled in and out is zeros. */
bool entry_read_or_lost(struct db *db, int64_t pos, struct logged *out, struct buf *keep,
                        struct lost_leaf *leaf, bool *lost, struct err *err);
/* The entries of a stream from seq on, in order and as they are stored: after each next, the columns of `at`
 * are record, payload, signature (both may be NULL) and pos.  next is false at the end, before a lost entry,
 * and after a fault, which close reports. */
struct entry_rows {
  struct query at;
  struct query runs;
  uint64_t seq;
  int64_t left; /* of the run: 0 at its end, more before a lost entry */
  bool in_run, bad;
};
void entry_rows_open(struct entry_rows *rows, struct db *db, struct stream stream, uint64_t seq,
                     struct err *err);
bool entry_rows_next(struct entry_rows *rows);
bool entry_rows_close(struct entry_rows *rows);
/* Not signed, and what would be signed is lost: the log alone holds it. */
bool entry_by_log_alone(struct db *db, const struct logged *entry, bool *alone, struct err *err);
/* The first pos >= pos whose entry of the same run carries the signature that covers it; -1: not signed yet,
 * or the entry that was signed is lost, or the one at pos. */
bool entry_signed_by(struct db *db, int64_t pos, int64_t *signed_pos, struct err *err);

#endif
