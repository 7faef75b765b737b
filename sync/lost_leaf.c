#include "sync/lost_leaf.h"

#include <string.h>

bool log_end(struct db *db, int64_t *end, struct err *err)
{
  return db_int(db, "SELECT " LOG_END, 0, end, err);
}

#define COLUMNS "pos, author, lane, seq, epoch, received_ms, leaf"
/* Of a row l: it did not leave its stream with a tail that was put aside (aside.h). */
#define STANDS                                                                                               \
  " AND NOT EXISTS(SELECT 1 FROM sync_span s WHERE s.author = l.author AND s.lane = l.lane AND"              \
  " s.superseded = 1 AND s.first_seq <= l.seq AND l.seq < s.first_seq + s.count"                             \
  " AND s.first_pos + l.seq - s.first_seq = l.pos)"

static void in_hand(const struct query *q, struct lost_leaf *out)
{
  size_t n = 0;
  *out = (struct lost_leaf){.pos = column_int(q, 0),
                            .stream = {(uint32_t)column_int(q, 1), (uint32_t)column_int(q, 2)},
                            .seq = (uint64_t)column_int(q, 3),
                            .epoch = (uint32_t)column_int(q, 4),
                            .received_ms = column_int(q, 5)};
  const void *leaf = column_blob(q, 6, &n);
  if (n == HASH_SIZE) memcpy(out->leaf.bytes, leaf, HASH_SIZE);
}

/* The one row of a query, which it closes. */
static bool take(struct query *q, struct lost_leaf *out, bool *found)
{
  *out = (struct lost_leaf){0};
  *found = query_row(q);
  if (*found) in_hand(q, out);
  return query_close(q);
}

bool lost_leaf_at(struct db *db, int64_t pos, struct lost_leaf *out, bool *lost, struct err *err)
{
  struct query q =
      query_open(db, "SELECT " COLUMNS " FROM sync_lost_leaf WHERE pos = ?1 AND found_ms = 0", err);
  query_int(&q, 1, pos);
  return take(&q, out, lost);
}

bool lost_leaf_next(struct db *db, struct stream stream, uint64_t seq, struct lost_leaf *out, bool *found,
                    struct err *err)
{
  struct query q = query_open(db,
                              "SELECT " COLUMNS " FROM sync_lost_leaf l WHERE author = ?1 AND lane = ?2"
                              " AND seq >= ?3 AND found_ms = 0" STANDS " ORDER BY seq LIMIT 1",
                              err);
  query_int(&q, 1, stream.author);
  query_int(&q, 2, stream.lane);
  query_int(&q, 3, (int64_t)seq);
  return take(&q, out, found);
}

bool lost_leaf_through(struct db *db, struct stream stream, uint64_t seq, uint64_t *through, struct err *err)
{
  *through = seq - 1;
  struct query q = query_open(db,
                              "SELECT seq FROM sync_lost_leaf l WHERE author = ?1 AND lane = ?2"
                              " AND seq >= ?3 AND found_ms = 0" STANDS " ORDER BY seq",
                              err);
  query_int(&q, 1, stream.author);
  query_int(&q, 2, stream.lane);
  query_int(&q, 3, (int64_t)seq);
  while (query_row(&q) && (uint64_t)column_int(&q, 0) == *through + 1)
    ++*through;
  return query_close(&q);
}

bool lost_leaf_was(struct db *db, int64_t pos, bool *was, struct err *err)
{
  struct query q = query_open(db, "SELECT 1 FROM sync_lost_leaf WHERE pos = ?1", err);
  query_int(&q, 1, pos);
  *was = query_row(&q);
  return query_close(&q);
}

bool lost_leaf_count(struct db *db, int64_t from, int64_t to, int64_t *count, struct err *err)
{
  struct query q = query_open(
      db, "SELECT count(*) FROM sync_lost_leaf WHERE pos >= ?1 AND pos < ?2 AND found_ms = 0", err);
  query_int(&q, 1, from);
  query_int(&q, 2, to);
  *count = query_row(&q) ? column_int(&q, 0) : 0;
  return query_close(&q);
}

static bool goes_on(const struct lost_run *run, const struct lost_leaf *leaf)
{
  return run->count && leaf->stream.author == run->stream.author && leaf->stream.lane == run->stream.lane &&
         leaf->seq == run->first_seq + run->count;
}

bool lost_leaf_runs(struct db *db, bool found,
                    bool (*each)(void *ctx, const struct lost_run *run, struct err *err), void *ctx,
                    struct err *err)
{
  struct lost_run run = {0};
  bool ok = true;
  struct query q = query_open(db,
                              "SELECT " COLUMNS " FROM sync_lost_leaf l WHERE (found_ms > 0) = ?1" STANDS
                              " ORDER BY author, lane, seq /* scan: all that are or were lost */",
                              err);
  query_int(&q, 1, found);
  while (ok && query_row(&q)) {
    struct lost_leaf leaf;
    in_hand(&q, &leaf);
    if (!goes_on(&run, &leaf)) {
      ok = run.count == 0 || each(ctx, &run, err);
      run = (struct lost_run){leaf.stream, leaf.seq, 0, leaf.pos, leaf.received_ms, leaf.received_ms};
    }
    run.count++;
    run.last_ms = leaf.received_ms;
  }
  ok = query_close(&q) && ok;
  return ok && (run.count == 0 || each(ctx, &run, err));
}

bool lost_leaf_put(struct db *db, const struct lost_leaf *leaf, struct err *err)
{
  struct query q = query_open(db,
                              "INSERT INTO sync_lost_leaf(pos, author, lane, seq, epoch, received_ms, leaf)"
                              " VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7)",
                              err);
  query_int(&q, 1, leaf->pos);
  query_int(&q, 2, leaf->stream.author);
  query_int(&q, 3, leaf->stream.lane);
  query_int(&q, 4, (int64_t)leaf->seq);
  query_int(&q, 5, leaf->epoch);
  query_int(&q, 6, leaf->received_ms);
  query_blob(&q, 7, leaf->leaf.bytes, HASH_SIZE);
  return query_run(&q);
}

void lost_leaf_encode(struct buf *out, const struct lost_leaf *leaf)
{
  put_u8(out, LOST_LEAF_VERSION);
  put_u32(out, leaf->stream.author);
  put_u32(out, leaf->stream.lane);
  put_u32(out, leaf->epoch);
  put_u64(out, leaf->seq);
  put_u64(out, (uint64_t)leaf->received_ms);
  put_bytes(out, leaf->leaf.bytes, HASH_SIZE);
}

bool lost_leaf_decode(struct lost_leaf *out, const void *bytes, size_t size, bool *is, struct err *err)
{
  struct reader r = reader_of(bytes, size);
  *out = (struct lost_leaf){0};
  *is = size > 0 && get_u8(&r) == LOST_LEAF_VERSION;
  if (!*is) return true;
  out->stream.author = get_u32(&r);
  out->stream.lane = get_u32(&r);
  out->epoch = get_u32(&r);
  out->seq = get_u64(&r);
  out->received_ms = (int64_t)get_u64(&r);
  const uint8_t *hash = get_bytes(&r, HASH_SIZE);
  if (hash) memcpy(out->leaf.bytes, hash, HASH_SIZE);
  if (reader_done(&r) && out->seq > 0 && out->epoch > 0 && out->received_ms >= 0) return true;
  return err_rule(err, ERR_INPUT, "leaf", "leaf", "%zu bytes are not the note of a lost leaf", size);
}

bool lost_leaf_found(struct db *db, int64_t pos, int64_t now_ms, int64_t log_end, struct err *err)
{
  struct query q =
      query_open(db, "UPDATE sync_lost_leaf SET found_ms = ?2, found_end = ?3 WHERE pos = ?1", err);
  query_int(&q, 1, pos);
  query_int(&q, 2, now_ms > 0 ? now_ms : 1);
  query_int(&q, 3, log_end);
  return query_run(&q);
}
