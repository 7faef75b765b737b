/* lost_leaf.h - a leaf of the log whose entry nobody has any more: its hash, its place, and whose it was.
 *
 * A province that lost its disk is rebuilt from its branches (recall.h).  Where an entry is nowhere any more,
 * its branch's disk gone too, the others still know the hash of its leaf.  The tree needs nothing else: the
 * root is the one that was signed, and everything behind it can be proved as before.  What the entry said is
 * gone, and every reader of the log says so by name.
 *
 * The row stands in sync_lost_leaf and none in sync_entry; sync_span counts over it, so pos and seq still
 * lead to each other, and the stream goes on behind it.  The record's hash is not known, so the head of a
 * stream whose last entry is lost has the leaf's hash instead: its author's next entry names that one in
 * `prev`, or, when the author has the entry after all, the record's.  A node that gets its history back gets
 * the hole as such and keeps it in its own log, whose positions are its own.
 *
 * A hole of a branch's own stream is its province's word, and goes aside (aside.h) when the province has none
 * there: then the row stays, superseded as its span is, for positions have no gaps, and nothing is lost by
 * it.
 *
 * An entry that turns up must be the leaf, byte for byte (lost_leaf_is): then it takes its place, and the row
 * says since when.  See lost.h for something else: entries a branch shows and the log never had.
 * THREADS: the connection's. */
#ifndef SUNLIT_SYNC_LOST_LEAF_H
#define SUNLIT_SYNC_LOST_LEAF_H

#include "core/base/db.h"
#include "sync/entry.h"
#include "sync/merkle.h"

/* Where the log ends, as one expression of SQL: its last leaf may be a lost one. */
#define LOG_END                                                                                              \
  "(max(coalesce((SELECT max(pos) FROM sync_entry), -1),"                                                    \
  " coalesce((SELECT max(pos) FROM sync_lost_leaf), -1)) + 1)"

/* The same; 0 when it is empty. */
bool log_end(struct db *db, int64_t *end, struct err *err);

struct lost_leaf {
  int64_t pos;
  struct stream stream;
  uint64_t seq;
  uint32_t epoch;
  int64_t received_ms;
  struct merkle_hash leaf;
};

/* Is the leaf at pos lost?  *out is zeros when not. */
bool lost_leaf_at(struct db *db, int64_t pos, struct lost_leaf *out, bool *lost, struct err *err);
/* Is it, or was it until its entry turned up? */
bool lost_leaf_was(struct db *db, int64_t pos, bool *was, struct err *err);
/* Of what stands in a stream; the two above and lost_leaf_count tell of positions, whatever stands there.
 * The first lost entry of the stream from seq on. */
bool lost_leaf_next(struct db *db, struct stream stream, uint64_t seq, struct lost_leaf *out, bool *found,
                    struct err *err);
/* Behind which seq the run of lost entries that begins at seq ends; seq - 1 when that one is not lost. */
bool lost_leaf_through(struct db *db, struct stream stream, uint64_t seq, uint64_t *through, struct err *err);
/* How many of [from, to) are lost. */
bool lost_leaf_count(struct db *db, int64_t from, int64_t to, int64_t *count, struct err *err);

/* Neighbours in one stream, as people are told of them. */
struct lost_run {
  struct stream stream;
  uint64_t first_seq, count;
  int64_t first_pos;         /* of the first */
  int64_t first_ms, last_ms; /* when the first and the last of them came */
};
/* All that are lost, or those that have turned up since, stream by stream. */
bool lost_leaf_runs(struct db *db, bool found,
                    bool (*each)(void *ctx, const struct lost_run *run, struct err *err), void *ctx,
                    struct err *err);

/* What stands in its place in an entry bundle of the public log: no leaf begins with 0.  Its hash is that of
 * the tile above it, and who does not know it passes it over:
 *   u8 version=0 | u32 author | u32 lane | u32 epoch | u64 seq | u64 received_ms | leaf[32] */
enum { LOST_LEAF_VERSION = 0, LOST_LEAF_SIZE = 61 };
void lost_leaf_encode(struct buf *out, const struct lost_leaf *leaf);
/* *is: these bytes are one; pos is not in them.  ERR_INPUT rule "leaf": it begins as one and is none. */
bool lost_leaf_decode(struct lost_leaf *out, const void *bytes, size_t size, bool *is, struct err *err);

/* Writes the row alone; journal_append_lost (journal.h) is how a log gets one. */
bool lost_leaf_put(struct db *db, const struct lost_leaf *leaf, struct err *err);
/* It stands in sync_entry now; log_end: where the log ended when it came. */
bool lost_leaf_found(struct db *db, int64_t pos, int64_t now_ms, int64_t log_end, struct err *err);

#endif
