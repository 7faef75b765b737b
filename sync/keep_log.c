#include "sync/keep_log.h"

#include "sync/tlog.h"

#include <stdlib.h>

/* ---- full tiles ---- */

/* The newest entry of that stream of ours before a leaf.  Asked for at the log's end: its spans are the last.
 */
static bool newest_before(struct db *db, struct stream stream, uint64_t pos, uint64_t *seq, struct err *err)
{
  struct query q =
      query_open(db,
                 "SELECT first_seq - 1 + CASE WHEN count = 0 THEN ?3 - first_pos"
                 " ELSE min(count, ?3 - first_pos) END FROM sync_span WHERE author = ?1 AND lane = ?2"
                 " AND superseded = 0 AND first_pos < ?3 ORDER BY first_seq DESC LIMIT 1",
                 err);
  query_int(&q, 1, stream.author);
  query_int(&q, 2, stream.lane);
  query_int(&q, 3, (int64_t)pos);
  *seq = query_row(&q) ? (uint64_t)column_int(&q, 0) : 0;
  return query_close(&q);
}

static bool put_hashes(struct db *db, const struct keep_log *log, uint64_t from, uint64_t size, uint64_t *to,
                       struct buf *out, struct err *err)
{
  enum { LEVEL = 8 };
  struct merkle_hash hashes[TILES_HASHES_MAX];
  unsigned count = 0;
  struct tlog_reader *reader = malloc(sizeof *reader);
  if (!reader) return err_set(err, ERR_IO, "out of memory for a part of the log");
  struct merkle_source source = tlog_source(reader, db, size);
  bool ok = true;
  const uint64_t first = from / TILE_WIDTH;
  while (ok && count < TILES_HASHES_MAX && (first + count + 1) * TILE_WIDTH <= size) {
    ok = source.hash(source.ctx, LEVEL, first + count, &hashes[count], err);
    count += ok;
  }
  free(reader);
  *to = from + (uint64_t)count * TILE_WIDTH;
  uint64_t shared = 0, directed = 0;
  if (ok && *to + TILE_WIDTH > size)
    ok = newest_before(db, (struct stream){log->province, 0}, *to, &shared, err) &&
         newest_before(db, (struct stream){log->province, log->branch}, *to, &directed, err);
  if (ok) tiles_encode_hashes(out, from, hashes, count, shared, directed);
  return ok;
}

/* ---- leaves ---- */

struct piece {
  const struct keep_log *log;
  uint64_t from;
  struct merkle_source source;
  struct tlog_reader reader;
  struct keep_leaves leaves;
  uint64_t entries;
  struct buf entry_bytes;
};

/* The row in hand: pos, record, payload, signature IS NOT NULL, received_ms; of a lost leaf its stream and
 * seq. */
static bool add_leaf(struct piece *p, const struct query *q, struct err *err)
{
  size_t size = 0, payload_size = 0;
  struct record record;
  const uint64_t pos = p->from + p->leaves.count;
  const void *bytes = column_blob(q, 1, &size);
  struct keep_leaf *leaf = &p->leaves.of[p->leaves.count++];
  if (!p->source.hash(p->source.ctx, 0, pos, &leaf->hash, err)) return false;
  if (column_null(q, 1)) {
    *leaf = (struct keep_leaf){.hash = leaf->hash,
                               .stream = {(uint32_t)column_int(q, 5), (uint32_t)column_int(q, 6)},
                               .seq = (uint64_t)column_int(q, 7),
                               .received_ms = column_int(q, 4)};
    return true;
  }
  if (!record_decode(&record, bytes, size, err)) return false;
  leaf->stream = record.stream;
  leaf->seq = record.seq;
  leaf->is_signed = column_int(q, 3) != 0;
  leaf->received_ms = column_int(q, 4);
  if (!mirror_is_for_others(&record, p->log->province, p->log->branch)) return true;
  const struct mirror_entry entry = {.pos = pos, .record = bytes, .record_size = size};
  const void *payload = mirror_payload(q, 2, &payload_size);
  p->entries++;
  return mirror_seal(&p->entry_bytes, pos - p->from, &entry, payload, payload_size, p->log->key, err);
}

static bool is_full(const struct piece *p)
{
  enum { LEAF_SIZE = HASH_SIZE + 6 };
  return p->leaves.count * (size_t)LEAF_SIZE + p->entry_bytes.size >= KEEP_PIECE - 128;
}

static bool add_leaves(struct piece *p, struct db *db, uint64_t end, struct err *err)
{
  struct query q = query_open(
      db,
      "SELECT pos, record, payload, signature IS NOT NULL, received_ms, NULL, NULL, NULL FROM sync_entry"
      " WHERE pos >= ?1 AND pos < ?2 UNION ALL"
      " SELECT pos, NULL, NULL, 0, received_ms, author, lane, seq FROM sync_lost_leaf"
      " WHERE pos >= ?1 AND pos < ?2 AND found_ms = 0 ORDER BY 1",
      err);
  query_int(&q, 1, (int64_t)p->from);
  query_int(&q, 2, (int64_t)end);
  bool ok = true;
  while (ok && !is_full(p) && query_row(&q)) {
    /* Behind a hole nothing is told. */
    if ((uint64_t)column_int(&q, 0) != p->from + p->leaves.count) break;
    ok = add_leaf(p, &q, err);
  }
  return query_close(&q) && ok;
}

bool keep_log_leaves(struct db *db, const struct keep_log *log, uint64_t from, uint64_t size, uint64_t *to,
                     struct buf *out, struct err *err)
{
  uint64_t end = (from / TILE_WIDTH + 1) * TILE_WIDTH;
  *to = from;
  if (end > size) end = size;
  if (from >= end) return true;
  struct piece *p = calloc(1, sizeof *p);
  if (!p) return err_set(err, ERR_IO, "out of memory for a part of the log");
  p->log = log;
  p->from = from;
  p->source = tlog_source(&p->reader, db, size);
  bool ok = add_leaves(p, db, end, err);
  if (ok && p->leaves.count) {
    tiles_encode_leaves(out, from, &p->leaves, p->entries, &p->entry_bytes);
    *to = from + p->leaves.count;
  }
  if (ok && (p->entry_bytes.bad || out->bad))
    ok = err_set(err, ERR_IO, "out of memory for a part of the log");
  buf_wipe(&p->entry_bytes);
  free(p);
  return ok;
}

bool keep_log_next(struct db *db, const struct keep_log *log, uint64_t from, uint64_t size, uint64_t *to,
                   struct buf *out, struct err *err)
{
  if (from % TILE_WIDTH == 0 && from + TILE_WIDTH <= size)
    return put_hashes(db, log, from, size, to, out, err);
  return keep_log_leaves(db, log, from, size, to, out, err);
}
