#include "sync/content.h"

#include "sync/lost_leaf.h"
#include "sync/streams.h"
#include "sync/tlog.h"

bool content_missing_next(struct db *db, struct stream stream, uint64_t seq, uint64_t *missing, bool *found,
                          struct err *err)
{
  struct query q = query_open(db,
                              "SELECT seq FROM sync_quarantine WHERE author = ?1 AND lane = ?2 AND seq >= ?3"
                              " AND reason = 'withheld' ORDER BY seq LIMIT 1",
                              err);
  query_int(&q, 1, stream.author);
  query_int(&q, 2, stream.lane);
  query_int(&q, 3, (int64_t)seq);
  *found = query_row(&q);
  *missing = *found ? (uint64_t)column_int(&q, 0) : 0;
  return query_close(&q);
}

/* The row by which the fold knows when it came; its leaf is what stands in the log already. */
static bool put_row(struct db *db, const struct logged *entry, int64_t log_end, int64_t now_ms,
                    struct err *err)
{
  struct buf bytes = {.max = LEAF_SIZE_MAX};
  struct lost_leaf leaf = {.pos = entry->pos,
                           .stream = entry->record.stream,
                           .seq = entry->record.seq,
                           .epoch = entry->record.epoch,
                           .received_ms = entry->received_ms};
  leaf_encode(&bytes, entry->bytes, entry->size, (uint64_t)entry->received_ms, entry->signature,
              entry->is_signed ? SIGNATURE_SIZE : 0);
  merkle_leaf(&leaf.leaf, bytes.data, bytes.size);
  bool ok = !bytes.bad || err_set(err, ERR_IO, "out of memory for a leaf");
  buf_wipe(&bytes);
  return ok && lost_leaf_put(db, &leaf, err) && lost_leaf_found(db, leaf.pos, now_ms, log_end, err);
}

bool content_put(struct db *db, const struct logged *entry, const uint8_t *payload, int64_t log_end,
                 int64_t now_ms, struct err *err)
{
  struct query q = query_open(db, "DELETE FROM sync_quarantine WHERE pos = ?1 AND reason = 'withheld'", err);
  query_int(&q, 1, entry->pos);
  if (!query_run(&q)) return false;
  q = query_open(db, "UPDATE sync_entry SET payload = ?2 WHERE pos = ?1", err);
  query_int(&q, 1, entry->pos);
  query_blob(&q, 2, payload, entry->record.payload_size);
  return query_run(&q) && put_row(db, entry, log_end, now_ms, err);
}
