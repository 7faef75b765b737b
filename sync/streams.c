#include "sync/streams.h"

#include "core/base/limits.h"
#include "core/base/tx.h"

#include <stdlib.h>
#include <string.h>

/* Where a span ends, exclusive, as one expression: the open one ends with the log. */
#define SPAN_COUNT "CASE count WHEN 0 THEN " LOG_END " - first_pos ELSE count END"

/* ERR_MISSING in words: is it lost, or was it never there? */
static bool not_there(struct db *db, int64_t pos, struct err *err)
{
  struct lost_leaf leaf;
  bool lost = false;
  if (!lost_leaf_at(db, pos, &leaf, &lost, err)) return false;
  if (!lost)
    return err_rule(err, ERR_MISSING, "pos", "entry", "there is no entry at pos %lld", (long long)pos);
  return err_rule(err, ERR_MISSING, "pos", "entry_lost",
                  "entry %u/%u/%llu at pos %lld is lost: the log has its hash, and nobody has what it said",
                  leaf.stream.author, leaf.stream.lane, (unsigned long long)leaf.seq, (long long)pos);
}

bool entry_read(struct db *db, int64_t pos, struct logged *out, struct buf *keep, struct err *err)
{
  struct query q =
      query_open(db, "SELECT record, payload, signature, received_ms FROM sync_entry WHERE pos = ?1", err);
  query_int(&q, 1, pos);
  buf_clear(keep);
  memset(out, 0, sizeof *out);
  bool found = query_row(&q);
  size_t payload_size = 0, signature_size = 0;
  if (found) {
    const void *record = column_blob(&q, 0, &out->size);
    put_bytes(keep, record, out->size);
    const void *payload = column_blob(&q, 1, &payload_size);
    put_bytes(keep, payload, payload_size);
    const void *signature = column_blob(&q, 2, &signature_size);
    out->is_signed = signature_size == SIGNATURE_SIZE;
    if (out->is_signed) memcpy(out->signature, signature, SIGNATURE_SIZE);
    out->received_ms = column_int(&q, 3);
    if (!column_null(&q, 1)) out->payload = keep->data + out->size;
  }
  if (!query_close(&q)) return false;
  if (!found) return not_there(db, pos, err);
  if (keep->bad) return err_set(err, ERR_IO, "out of memory reading an entry");
  out->pos = pos;
  out->bytes = keep->data;
  if (!record_decode(&out->record, out->bytes, out->size, err)) {
    if (err) err->kind = ERR_CORRUPT;
    return err_prefix(err, "entry at pos %lld", (long long)pos);
  }
  if (out->payload && payload_size != out->record.payload_size)
    return err_set(err, ERR_CORRUPT, "entry at pos %lld: the payload has %zu bytes, the record says %u",
                   (long long)pos, payload_size, out->record.payload_size);
  record_hash(out->hash, out->bytes, out->size);
  return true;
}

bool entry_read_or_lost(struct db *db, int64_t pos, struct logged *out, struct buf *keep,
                        struct lost_leaf *leaf, bool *lost, struct err *err)
{
  struct err why = ERR_INIT;
  *lost = false;
  if (entry_read(db, pos, out, keep, &why)) return true;
  if (strcmp(why.rule, "entry_lost") == 0) return lost_leaf_at(db, pos, leaf, lost, err);
  if (err) *err = why;
  return false;
}

static void bind_stream(struct query *q, struct stream stream)
{
  query_int(q, 1, stream.author);
  query_int(q, 2, stream.lane);
}

/* pos of the newest entry, -1 without one. */
static bool head_pos(struct db *db, struct stream stream, int64_t *pos, struct err *err)
{
  struct query q = query_open(db,
                              "SELECT first_pos + " SPAN_COUNT " - 1 FROM sync_span"
                              " WHERE author = ?1 AND lane = ?2 AND superseded = 0"
                              " ORDER BY first_seq DESC LIMIT 1",
                              err);
  bind_stream(&q, stream);
  *pos = -1;
  if (query_row(&q)) *pos = column_int(&q, 0);
  return query_close(&q);
}

bool stream_head(struct db *db, struct stream stream, struct head *out, struct err *err)
{
  int64_t pos = -1;
  if (!head_pos(db, stream, &pos, err)) return false;
  memset(out, 0, sizeof *out);
  if (pos < 0) return true;
  struct buf keep = BUF_INIT;
  struct logged entry;
  struct lost_leaf leaf;
  bool lost = false;
  bool ok = entry_read_or_lost(db, pos, &entry, &keep, &leaf, &lost, err);
  if (ok && lost) {
    *out = (struct head){.lost = true, .epoch = leaf.epoch, .seq = leaf.seq};
    memcpy(out->hash, leaf.leaf.bytes, HASH_SIZE);
  } else if (ok) {
    *out = (struct head){.epoch = entry.record.epoch,
                         .seq = entry.record.seq,
                         .hlc = entry.record.hlc,
                         .schema = entry.record.schema};
    memcpy(out->hash, entry.hash, HASH_SIZE);
  }
  buf_wipe(&keep);
  return ok;
}

bool stream_find(struct db *db, struct stream stream, uint64_t seq, int64_t *pos, struct err *err)
{
  struct query q = query_open(db,
                              "SELECT first_pos + ?3 - first_seq, first_seq + " SPAN_COUNT " FROM sync_span"
                              " WHERE author = ?1 AND lane = ?2 AND superseded = 0 AND first_seq <= ?3"
                              " ORDER BY first_seq DESC LIMIT 1",
                              err);
  bind_stream(&q, stream);
  query_int(&q, 3, (int64_t)seq);
  *pos = -1;
  if (query_row(&q) && (int64_t)seq < column_int(&q, 1)) *pos = column_int(&q, 0);
  return query_close(&q);
}

bool stream_find_kept(struct db *db, struct stream stream, uint64_t seq, int64_t *pos, struct err *err)
{
  struct lost_leaf leaf;
  bool lost = false;
  if (!stream_find(db, stream, seq, pos, err)) return false;
  if (*pos >= 0 && !lost_leaf_at(db, *pos, &leaf, &lost, err)) return false;
  if (lost) *pos = -1;
  return true;
}

static bool came(struct db *db, int64_t branch, int64_t id, int64_t *pos, struct err *err)
{
  if (!stream_find(db, (struct stream){(uint32_t)branch, 0}, id_seq(id), pos, err)) return false;
  if (*pos < 0) *pos = INT64_MAX;
  return true;
}

bool stream_define_came(struct db *db, struct err *err)
{
  return db_define_number(db, "came", came, err);
}

bool stream_frozen(struct db *db, struct stream stream, bool *frozen, struct err *err)
{
  struct query q =
      query_open(db, "SELECT frozen_ms <> 0 FROM sync_stream WHERE author = ?1 AND lane = ?2", err);
  bind_stream(&q, stream);
  *frozen = query_row(&q) && column_int(&q, 0) != 0;
  return query_close(&q);
}

bool stream_list(struct db *db, bool (*each)(void *ctx, struct stream stream), void *ctx, struct err *err)
{
  struct query q = query_open(db, "SELECT author, lane FROM sync_stream ORDER BY author, lane", err);
  bool go_on = true;
  while (go_on && query_row(&q)) {
    struct stream stream = {.author = (uint32_t)column_int(&q, 0), .lane = (uint32_t)column_int(&q, 1)};
    go_on = each(ctx, stream);
  }
  return query_close(&q);
}

/* A run's end is read once, and what lies before it never changes, so the statement that reads its entries
 * may look later than the one that found it. */
void entry_rows_open(struct entry_rows *rows, struct db *db, struct stream stream, uint64_t seq,
                     struct err *err)
{
  *rows = (struct entry_rows){.seq = seq};
  rows->runs = query_open(db,
                          "SELECT first_seq, first_pos, " SPAN_COUNT " FROM sync_span"
                          " WHERE author = ?1 AND lane = ?2 AND superseded = 0 AND first_seq >= coalesce("
                          "(SELECT max(first_seq) FROM sync_span WHERE author = ?1 AND lane = ?2"
                          " AND superseded = 0 AND first_seq <= ?3), 0) ORDER BY first_seq",
                          err);
  bind_stream(&rows->runs, stream);
  query_int(&rows->runs, 3, (int64_t)seq);
}

static bool next_run(struct entry_rows *rows)
{
  struct query *q = &rows->runs;
  if (!query_row(q)) return false;
  int64_t first_seq = column_int(q, 0), first_pos = column_int(q, 1);
  int64_t skip = (int64_t)rows->seq > first_seq ? (int64_t)rows->seq - first_seq : 0;
  rows->left = column_int(q, 2) - skip;
  rows->at = query_open(q->db,
                        "SELECT record, payload, signature, pos FROM sync_entry WHERE pos >= ?1 AND pos <"
                        " coalesce((SELECT min(pos) FROM sync_lost_leaf WHERE pos >= ?1 AND pos < ?2"
                        " AND found_ms = 0), ?2) ORDER BY pos",
                        q->err);
  query_int(&rows->at, 1, first_pos + skip);
  query_int(&rows->at, 2, first_pos + column_int(q, 2));
  return true;
}

bool entry_rows_next(struct entry_rows *rows)
{
  while (!rows->bad) {
    if (!rows->in_run && (rows->left > 0 || !next_run(rows))) return false;
    rows->in_run = query_row(&rows->at);
    if (rows->in_run) rows->left--;
    if (rows->in_run) return true;
    rows->bad = !query_close(&rows->at);
  }
  return false;
}

bool entry_rows_close(struct entry_rows *rows)
{
  if (rows->in_run && !query_close(&rows->at)) rows->bad = true;
  return query_close(&rows->runs) && !rows->bad;
}

bool entry_signed_by(struct db *db, int64_t pos, int64_t *signed_pos, struct err *err)
{
  struct buf keep = BUF_INIT;
  struct logged entry;
  struct lost_leaf leaf;
  bool lost = false;
  *signed_pos = -1;
  bool ok = entry_read_or_lost(db, pos, &entry, &keep, &leaf, &lost, err);
  buf_wipe(&keep);
  if (ok && entry.is_signed) *signed_pos = pos;
  if (!ok || lost || entry.is_signed) return ok;
  /* A signature is at most BATCH_ENTRIES_MAX entries away, else it does not exist yet. */
  struct entry_rows rows;
  entry_rows_open(&rows, db, entry.record.stream, entry.record.seq + 1, err);
  for (int i = 0; *signed_pos < 0 && i < BATCH_ENTRIES_MAX && entry_rows_next(&rows); i++)
    if (!column_null(&rows.at, 2)) *signed_pos = column_int(&rows.at, 3);
  return entry_rows_close(&rows);
}

bool entry_by_log_alone(struct db *db, const struct logged *entry, bool *alone, struct err *err)
{
  int64_t signed_pos = -1;
  struct lost_leaf leaf;
  *alone = false;
  return entry_signed_by(db, entry->pos, &signed_pos, err) &&
         (signed_pos >= 0 || lost_leaf_next(db, entry->record.stream, entry->record.seq, &leaf, alone, err));
}

/* ---- batches ---- */

/* Entries gathered for one batch: where each lies in `bytes`, and how far the newest signature reaches. */
struct gathered {
  struct {
    size_t record, payload; /* offsets; payload SIZE_MAX: withheld */
    size_t record_size;
  } at[BATCH_ENTRIES_MAX];
  uint32_t count;
  uint32_t signed_count;
  size_t cost;
  struct buf bytes;
  uint8_t signature[SIGNATURE_SIZE];
  struct record first;
  int64_t last_pos;
  bool full;
};

static bool same_head(const struct record *a, const struct record *b)
{
  return a->epoch == b->epoch && a->schema == b->schema &&
         memcmp(a->schema_hash, b->schema_hash, SCHEMA_HASH_SIZE) == 0;
}

/* Takes the row in hand; full when it does not fit any more. */
static bool gather_row(struct gathered *g, const struct query *q, const struct batch_limits *limits,
                       struct err *err)
{
  size_t size = 0, payload_size = 0, signature_size = 0;
  struct record record;
  const void *bytes = column_blob(q, 0, &size);
  if (!record_decode(&record, bytes, size, err)) {
    if (err) err->kind = ERR_CORRUPT;
    return false;
  }
  size_t cost = batch_cost(&record);
  if (g->count == limits->entries_max || (g->count && g->cost + cost > limits->size_max) ||
      (g->count && !same_head(&g->first, &record))) {
    g->full = true;
    return true;
  }
  if (g->count == 0) g->first = record;
  size_t i = g->count++;
  g->last_pos = column_int(q, 3);
  g->cost += cost;
  g->at[i].record = g->bytes.size;
  g->at[i].record_size = size;
  put_bytes(&g->bytes, bytes, size);
  const void *payload = column_blob(q, 1, &payload_size);
  g->at[i].payload = column_null(q, 1) ? SIZE_MAX : g->bytes.size;
  put_bytes(&g->bytes, payload, payload_size);
  if (payload && payload_size != record.payload_size)
    return err_set(err, ERR_CORRUPT, "the payload of entry %llu has %zu bytes, the record says %u",
                   (unsigned long long)record.seq, payload_size, record.payload_size);
  const void *signature = column_blob(q, 2, &signature_size);
  if (signature_size == SIGNATURE_SIZE) {
    memcpy(g->signature, signature, SIGNATURE_SIZE);
    g->signed_count = g->count;
    g->full = limits->first_signed;
  }
  return !g->bytes.bad || err_set(err, ERR_IO, "out of memory for a batch");
}

/* The author's signature over the last before a lost entry was lost with it: the province's stands in. */
static bool take_vouch(struct db *db, struct gathered *g, struct err *err)
{
  struct query q = query_open(db, "SELECT signature FROM sync_vouch WHERE pos = ?1", err);
  query_int(&q, 1, g->last_pos);
  size_t n = 0;
  const void *signature = query_row(&q) ? column_blob(&q, 0, &n) : NULL;
  if (n == SIGNATURE_SIZE) {
    memcpy(g->signature, signature, SIGNATURE_SIZE);
    g->signed_count = g->count;
  }
  return query_close(&q);
}

static bool gather(struct db *db, struct stream stream, uint64_t seq, const struct batch_limits *limits,
                   struct gathered *g, struct err *err)
{
  struct entry_rows rows;
  entry_rows_open(&rows, db, stream, seq, err);
  bool ok = true;
  while (ok && !g->full && entry_rows_next(&rows))
    ok = gather_row(g, &rows.at, limits, err);
  bool at_hole = !g->full && rows.left > 0;
  if (!entry_rows_close(&rows) || !ok) return false;
  if (!at_hole || g->count == g->signed_count) return true;
  if (g->first.epoch < limits->unsigned_before) {
    g->signed_count = g->count;
    memset(g->signature, 0, SIGNATURE_SIZE);
    return true;
  }
  return limits->by_author || take_vouch(db, g, err);
}

static bool write_batch(const struct gathered *g, struct batch_head *head, struct buf *out, struct err *err)
{
  struct batch_writer *writer = NULL;
  if (!batch_writer_open(&writer, head, err)) return false;
  bool ok = true;
  for (uint32_t i = 0; ok && i < g->signed_count; i++) {
    struct record record;
    ok = record_decode(&record, g->bytes.data + g->at[i].record, g->at[i].record_size, err);
    const void *payload = g->at[i].payload == SIZE_MAX ? NULL : g->bytes.data + g->at[i].payload;
    if (ok && !batch_add(writer, &record, payload))
      ok = err_set(err, ERR_LIMIT, "entry %llu does not fit its batch", (unsigned long long)record.seq);
  }
  ok = ok && batch_finish(writer, g->signature, out, err);
  batch_writer_close(writer);
  return ok;
}

bool store_batch_read(struct db *db, struct stream stream, uint64_t after_seq,
                      const struct batch_limits *limits, struct batch_head *head, struct buf *out,
                      struct err *err)
{
  struct batch_limits bounds = limits ? *limits : (struct batch_limits){0};
  if (bounds.entries_max == 0 || bounds.entries_max > BATCH_ENTRIES_MAX)
    bounds.entries_max = BATCH_ENTRIES_MAX;
  if (bounds.size_max == 0 || bounds.size_max > BATCH_SIZE_MAX) bounds.size_max = BATCH_SIZE_MAX;
  struct gathered *g = calloc(1, sizeof *g);
  if (!g) return err_set(err, ERR_IO, "out of memory for a batch");
  struct batch_head built;
  memset(&built, 0, sizeof built);
  bool ok = gather(db, stream, after_seq + 1, &bounds, g, err);
  /* A tighter limit of the caller can end before the next signature; the author's own bound cannot. */
  if (ok && g->signed_count == 0 && g->full) {
    const struct batch_limits widest = {.entries_max = BATCH_ENTRIES_MAX,
                                        .size_max = BATCH_SIZE_MAX,
                                        .by_author = bounds.by_author,
                                        .unsigned_before = bounds.unsigned_before};
    buf_wipe(&g->bytes);
    memset(g, 0, sizeof *g);
    ok = gather(db, stream, after_seq + 1, &widest, g, err);
  }
  if (ok && g->signed_count > 0) {
    built = (struct batch_head){.stream = stream,
                                .epoch = g->first.epoch,
                                .schema = g->first.schema,
                                .first_seq = g->first.seq,
                                .count = g->signed_count};
    memcpy(built.schema_hash, g->first.schema_hash, SCHEMA_HASH_SIZE);
    memcpy(built.prev, g->first.prev, HASH_SIZE);
    ok = write_batch(g, &built, out, err);
  }
  if (ok && head) *head = built;
  buf_wipe(&g->bytes);
  free(g);
  return ok;
}

/* ---- backlog, receipts, cursors ---- */

bool stream_backlog(struct db *db, struct stream stream, uint64_t acked, struct backlog *out, struct err *err)
{
  struct query q = query_open(
      db,
      "SELECT count(*), coalesce(sum(length(e.record) + coalesce(length(e.payload), 0)), 0),"
      " coalesce(min(e.received_ms), 0) FROM (SELECT first_seq, first_pos, " SPAN_COUNT " AS n FROM sync_span"
      " WHERE author = ?1 AND lane = ?2 AND superseded = 0 AND first_seq >= coalesce((SELECT max(first_seq)"
      " FROM sync_span WHERE author = ?1 AND lane = ?2 AND superseded = 0 AND first_seq <= ?3), 0)) AS s"
      " CROSS JOIN sync_entry AS e WHERE e.pos >= s.first_pos + max(?3 - s.first_seq, 0)"
      " AND e.pos < s.first_pos + s.n",
      err);
  bind_stream(&q, stream);
  query_int(&q, 3, (int64_t)acked + 1);
  memset(out, 0, sizeof *out);
  if (query_row(&q))
    *out = (struct backlog){.count = (uint64_t)column_int(&q, 0),
                            .bytes = (uint64_t)column_int(&q, 1),
                            .oldest_ms = column_int(&q, 2)};
  return query_close(&q);
}

bool stream_acked(struct db *db, struct stream stream, uint64_t *seq, int64_t *received_ms, struct err *err)
{
  struct query q = query_open(db,
                              "SELECT seq, received_ms FROM sync_receipt WHERE author = ?1 AND lane = ?2"
                              " ORDER BY seq DESC LIMIT 1",
                              err);
  bind_stream(&q, stream);
  bool found = query_row(&q);
  *seq = found ? (uint64_t)column_int(&q, 0) : 0;
  *received_ms = found ? column_int(&q, 1) : 0;
  return query_close(&q);
}

bool stream_received_ms(struct db *db, struct stream stream, uint64_t seq, int64_t *received_ms,
                        struct err *err)
{
  struct query q = query_open(db,
                              "SELECT received_ms FROM sync_receipt WHERE author = ?1 AND lane = ?2"
                              " AND seq >= ?3 ORDER BY seq LIMIT 1",
                              err);
  bind_stream(&q, stream);
  query_int(&q, 3, (int64_t)seq);
  *received_ms = query_row(&q) ? column_int(&q, 0) : 0;
  return query_close(&q);
}

bool stream_cursor(struct db *db, uint32_t peer, struct stream stream, uint64_t *seq, int64_t *at_ms,
                   struct err *err)
{
  struct query q =
      query_open(db, "SELECT seq, at_ms FROM sync_cursor WHERE author = ?1 AND lane = ?2 AND peer = ?3", err);
  bind_stream(&q, stream);
  query_int(&q, 3, peer);
  bool found = query_row(&q);
  *seq = found ? (uint64_t)column_int(&q, 0) : 0;
  *at_ms = found ? column_int(&q, 1) : 0;
  return query_close(&q);
}
