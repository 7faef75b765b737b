/* What a branch keeps of the log, given back to a province that lost its disk. */
#include "sync/keep.h"

#include <string.h>

bool keep_give_hashes(struct db *db, uint64_t *tile, struct buf *out, struct err *err)
{
  struct merkle_hash hashes[TILES_HASHES_MAX];
  unsigned count = 0;
  const uint64_t first = *tile, end = (first / TILES_HASHES_MAX + 1) * TILES_HASHES_MAX;
  struct query q = query_open(
      db, "SELECT n, hash FROM sync_keep_tile WHERE n >= ?1 AND n < ?2 AND width = 256 ORDER BY n", err);
  query_int(&q, 1, (int64_t)first);
  query_int(&q, 2, (int64_t)end);
  while (query_row(&q) && (uint64_t)column_int(&q, 0) == first + count) {
    size_t n = 0;
    const void *bytes = column_blob(&q, 1, &n);
    if (n == HASH_SIZE) memcpy(hashes[count++].bytes, bytes, n);
  }
  if (!query_close(&q)) return false;
  if (count) tiles_encode_hashes(out, first * TILE_WIDTH, hashes, count, 0, 0);
  *tile += count;
  return true;
}

/* Those from leaf `from` on, as many as fit; *next is behind them. */
static bool entries_of(struct db *db, uint64_t begin, uint64_t from, uint64_t *next, uint64_t *count,
                       struct buf *out, struct err *err)
{
  enum { ENOUGH = 256 * 1024 }; /* one more may be a whole payload */
  struct query q = query_open(
      db, "SELECT pos, record, sealed FROM sync_keep_entry WHERE pos >= ?1 AND pos < ?2 ORDER BY pos", err);
  query_int(&q, 1, (int64_t)from);
  query_int(&q, 2, (int64_t)(begin + TILE_WIDTH));
  *count = 0;
  *next = begin + TILE_WIDTH;
  while (query_row(&q)) {
    struct mirror_entry entry = {.pos = (uint64_t)column_int(&q, 0)};
    if (out->size >= ENOUGH) {
      *next = entry.pos;
      break;
    }
    entry.record = column_blob(&q, 1, &entry.record_size);
    entry.sealed = column_blob(&q, 2, &entry.sealed_size);
    mirror_entry_put(out, entry.pos - begin, &entry);
    ++*count;
  }
  return query_close(&q);
}

/* The packed leaves of the tile of that leaf, or of the next that has some; *pos moves to where it begins. */
static bool leaves_of(struct db *db, uint64_t *pos, struct buf *packed, struct err *err)
{
  struct query q = query_open(
      db, "SELECT n, leaves FROM sync_keep_tile WHERE n >= ?1 AND have > 0 ORDER BY n LIMIT 1", err);
  query_int(&q, 1, (int64_t)(*pos / TILE_WIDTH));
  if (query_row(&q)) {
    size_t size = 0;
    const uint64_t begin = (uint64_t)column_int(&q, 0) * TILE_WIDTH;
    const void *bytes = column_blob(&q, 1, &size);
    put_bytes(packed, bytes, size);
    if (begin > *pos) *pos = begin;
  }
  return query_close(&q);
}

/* When its sealed entries are too many for one frame, its leaves go with each part of them. */
bool keep_give_leaves(struct db *db, uint64_t *pos, struct buf *out, struct err *err)
{
  struct buf packed = BUF_INIT, entries = BUF_INIT;
  uint64_t count = 0, next = 0;
  bool ok = leaves_of(db, pos, &packed, err);
  const uint64_t begin = *pos - *pos % TILE_WIDTH;
  if (ok && packed.size) {
    ok = entries_of(db, begin, *pos, &next, &count, &entries, err);
    put_u64(out, begin);
    put_u8(out, TILES_LEAVES);
    put_bytes(out, packed.data, packed.size);
    put_varint(out, count);
    put_bytes(out, entries.data, entries.size);
    *pos = next;
  }
  if (ok && (packed.bad || entries.bad)) ok = err_set(err, ERR_IO, "out of memory for a part of the log");
  buf_wipe(&packed);
  buf_wipe(&entries);
  return ok;
}

bool keep_give_places(struct db *db, uint64_t *from, struct buf *out, struct err *err)
{
  struct keep_place places[TILES_PLACES_MAX];
  unsigned count = 0;
  struct query q =
      query_open(db,
                 "SELECT first_seq, count, first_pos, received_ms, last_signed FROM sync_leaf_run"
                 " WHERE first_seq >= ?1 ORDER BY first_seq LIMIT ?2",
                 err);
  query_int(&q, 1, (int64_t)*from);
  query_int(&q, 2, TILES_PLACES_MAX);
  while (query_row(&q))
    places[count++] = (struct keep_place){.first_seq = (uint64_t)column_int(&q, 0),
                                          .count = (uint64_t)column_int(&q, 1),
                                          .first_pos = (uint64_t)column_int(&q, 2),
                                          .received_ms = column_int(&q, 3),
                                          .last_signed = column_int(&q, 4) != 0};
  if (!query_close(&q)) return false;
  if (count) {
    tiles_encode_places(out, *from, places, count);
    *from = places[count - 1].first_seq + places[count - 1].count;
  }
  return true;
}
