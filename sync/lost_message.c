#include "sync/lost_message.h"

#include <string.h>

void lost_message_encode(struct buf *out, const struct lost_message *m)
{
  put_u32(out, m->stream.author);
  put_u32(out, m->stream.lane);
  put_u64(out, m->first_seq);
  put_u16(out, m->count);
  for (uint16_t i = 0; i < m->count; i++) {
    put_u32(out, m->leaves[i].epoch);
    put_u64(out, (uint64_t)m->leaves[i].received_ms);
    put_bytes(out, m->leaves[i].leaf.bytes, HASH_SIZE);
  }
}

bool lost_message_decode(struct lost_message *m, const void *p, size_t n, struct err *err)
{
  struct reader r = reader_of(p, n);
  bool sound = true;
  memset(m, 0, sizeof *m);
  m->stream.author = get_u32(&r);
  m->stream.lane = get_u32(&r);
  m->first_seq = get_u64(&r);
  uint16_t count = get_u16(&r);
  if (count == 0 || count > LOST_LEAVES_MAX || m->first_seq == 0 ||
      m->first_seq > (uint64_t)INT64_MAX - count)
    return err_rule(err, ERR_INPUT, "LOST", "message", "LOST of %u entries", count);
  for (uint16_t i = 0; i < count; i++) {
    struct lost_leaf *leaf = &m->leaves[i];
    *leaf = (struct lost_leaf){.stream = m->stream, .seq = m->first_seq + i};
    leaf->epoch = get_u32(&r);
    leaf->received_ms = (int64_t)get_u64(&r);
    const uint8_t *hash = get_bytes(&r, HASH_SIZE);
    if (hash) memcpy(leaf->leaf.bytes, hash, HASH_SIZE);
    sound = sound && leaf->epoch > 0 && leaf->received_ms >= 0;
  }
  m->count = count;
  return (reader_done(&r) && sound) || err_rule(err, ERR_INPUT, "LOST", "message", "LOST is malformed");
}

bool lost_message_read(struct db *db, struct stream stream, uint64_t after_seq, struct lost_message *out,
                       struct err *err)
{
  bool found = true;
  out->stream = stream;
  out->first_seq = after_seq + 1;
  out->count = 0;
  while (found && out->count < LOST_LEAVES_MAX) {
    struct lost_leaf *leaf = &out->leaves[out->count];
    uint64_t seq = out->first_seq + out->count;
    if (!lost_leaf_next(db, stream, seq, leaf, &found, err)) return false;
    found = found && leaf->seq == seq;
    out->count += found;
  }
  return true;
}

/* Hours follow one another, and a branch may call at the same one each day: mixed, each comes to each turn.
 */
static int64_t turn_of(int64_t wall_ms)
{
  uint64_t mixed = (uint64_t)(wall_ms / TAIL_LOST_TURN_MS) * UINT64_C(0x9e3779b97f4a7c15);
  return (int64_t)((mixed ^ mixed >> 29) >> 32);
}

bool lost_tail_put(struct buf *tail, struct db *db, struct stream stream, int64_t wall_ms, struct err *err)
{
  struct query q = query_open(
      db,
      "SELECT first, n FROM (SELECT min(seq) AS first, count(*) AS n, row_number() OVER (ORDER BY min(seq)) "
      "- 1"
      " AS i, count(*) OVER () AS of FROM (SELECT seq, seq - row_number() OVER (ORDER BY seq) AS run"
      " FROM (SELECT seq FROM sync_lost_leaf WHERE author = ?1 AND lane = ?2 AND found_ms = 0 UNION ALL"
      " SELECT seq FROM sync_quarantine WHERE author = ?1 AND lane = ?2 AND reason = 'withheld'))"
      " GROUP BY run) WHERE of <= ?3 OR i = of - 1 OR i / (?3 - 1) = ?4 % ((of - 2) / (?3 - 1) + 1)"
      " ORDER BY first /* scan: of one stream, what is lost */",
      err);
  query_int(&q, 1, stream.author);
  query_int(&q, 2, stream.lane);
  query_int(&q, 3, TAIL_LOST_MAX);
  query_int(&q, 4, turn_of(wall_ms));
  while (query_row(&q)) {
    struct buf body = BUF_INIT;
    put_u64(&body, (uint64_t)column_int(&q, 0));
    put_u64(&body, (uint64_t)column_int(&q, 1));
    if (!body.bad) tail_put(tail, TAIL_LOST, body.data, body.size);
    buf_wipe(&body);
  }
  return query_close(&q);
}

bool lost_tail_next(struct span *tail, uint64_t *first_seq, uint64_t *count)
{
  struct span body;
  if (!tail_next(tail, TAIL_LOST, &body)) return false;
  struct reader r = reader_of(body.p, body.size);
  *first_seq = get_u64(&r);
  *count = get_u64(&r);
  if (!reader_done(&r) || *first_seq == 0 || *first_seq > (uint64_t)INT64_MAX ||
      *count > (uint64_t)INT64_MAX - *first_seq)
    *count = 0; /* says nothing */
  return true;
}

static bool put_came(struct buf *out, struct db *db, uint64_t first, uint64_t count, unsigned *items,
                     struct err *err)
{
  struct query q =
      query_open(db,
                 "SELECT max(first_seq, ?1), min(first_seq + count, ?2) - max(first_seq, ?1),"
                 " received_ms FROM sync_leaf_run WHERE first_seq < ?2 AND first_seq + count > ?1"
                 " ORDER BY first_seq LIMIT ?3",
                 err);
  query_int(&q, 1, (int64_t)first);
  query_int(&q, 2, (int64_t)(first + count));
  query_int(&q, 3, TAIL_CAME_MAX - (int64_t)*items);
  while (query_row(&q)) {
    struct buf body = BUF_INIT;
    for (int i = 0; i < 3; i++)
      put_u64(&body, (uint64_t)column_int(&q, i));
    if (!body.bad) tail_put(out, TAIL_CAME, body.data, body.size);
    buf_wipe(&body);
    ++*items;
  }
  return query_close(&q);
}

bool came_tail_put(struct buf *out, struct db *db, struct span welcome_tail, struct err *err)
{
  uint64_t first = 0, count = 0;
  unsigned items = 0;
  while (items < TAIL_CAME_MAX && lost_tail_next(&welcome_tail, &first, &count))
    if (count > 0 && !put_came(out, db, first, count, &items, err)) return false;
  return true;
}

void came_tail_read(struct span tail, struct batch *batch)
{
  struct span body;
  while (tail_next(&tail, TAIL_CAME, &body)) {
    struct reader r = reader_of(body.p, body.size);
    const uint64_t first = get_u64(&r), count = get_u64(&r), came_ms = get_u64(&r);
    if (!reader_done(&r) || came_ms > (uint64_t)INT64_MAX) continue;
    for (uint32_t i = 0; i < batch->head.count; i++)
      if (batch->head.first_seq + i - first < count) batch->entries[i].came_ms = (int64_t)came_ms;
  }
}
