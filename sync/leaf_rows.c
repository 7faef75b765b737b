#include "sync/leaf_rows.h"

#include "sync/tlog.h"

#include <string.h>

void leaf_rows_open(struct leaf_rows *rows, struct db *db, uint64_t from, uint64_t to, struct err *err)
{
  *rows = (struct leaf_rows){.bytes = {.max = LEAF_SIZE_MAX}};
  rows->at = query_open(db,
                        "SELECT pos, received_ms, record, signature, NULL, NULL, NULL, NULL, NULL"
                        " FROM sync_entry WHERE pos >= ?1 AND pos < ?2 UNION ALL"
                        " SELECT pos, received_ms, NULL, NULL, leaf, author, lane, seq, epoch"
                        " FROM sync_lost_leaf WHERE pos >= ?1 AND pos < ?2 AND found_ms = 0 ORDER BY 1",
                        err);
  query_int(&rows->at, 1, (int64_t)from);
  query_int(&rows->at, 2, to > INT64_MAX ? INT64_MAX : (int64_t)to);
}

static void take_lost(struct leaf_rows *rows)
{
  const struct query *q = &rows->at;
  size_t n = 0;
  struct lost_leaf leaf = {.pos = (int64_t)rows->pos,
                           .stream = {(uint32_t)column_int(q, 5), (uint32_t)column_int(q, 6)},
                           .seq = (uint64_t)column_int(q, 7),
                           .epoch = (uint32_t)column_int(q, 8),
                           .received_ms = rows->received_ms};
  const void *hash = column_blob(q, 4, &n);
  if (n == HASH_SIZE) memcpy(leaf.leaf.bytes, hash, HASH_SIZE);
  rows->hash = leaf.leaf;
  lost_leaf_encode(&rows->bytes, &leaf);
}

bool leaf_rows_next(struct leaf_rows *rows)
{
  const struct query *q = &rows->at;
  if (rows->bad || !query_row(&rows->at)) return false;
  buf_clear(&rows->bytes);
  rows->pos = (uint64_t)column_int(q, 0);
  rows->received_ms = column_int(q, 1);
  rows->lost = column_null(q, 2);
  if (rows->lost) {
    take_lost(rows);
  } else {
    size_t record_size = 0, signature_size = 0;
    const void *record = column_blob(q, 2, &record_size);
    const void *signature = column_blob(q, 3, &signature_size);
    leaf_encode(&rows->bytes, record, record_size, (uint64_t)rows->received_ms, signature, signature_size);
    merkle_leaf(&rows->hash, rows->bytes.data, rows->bytes.size);
  }
  rows->bad = rows->bytes.bad;
  return !rows->bad;
}

bool leaf_rows_close(struct leaf_rows *rows)
{
  struct err *err = rows->at.err;
  bool ok = query_close(&rows->at);
  if (ok && rows->bad)
    ok = err_set(err, ERR_CORRUPT, "leaf %llu does not fit", (unsigned long long)rows->pos);
  buf_wipe(&rows->bytes);
  return ok;
}
