#include "sync/mirror.h"

#include "core/base/limits.h"
#include "sync/withholding.h"

#include <stdlib.h>
#include <string.h>

/* A frame of this many bytes is full; the entry that fills it may be a whole payload more. */
enum { MIRROR_SIZE_ENOUGH = 4 * 1024 };

/* ---- reading ---- */

static bool take_run(struct reader *r, uint64_t pos, struct mirror_run *out)
{
  out->stream.author = get_u32(r);
  out->stream.lane = get_u32(r);
  out->first_pos = pos;
  out->first_seq = get_varint(r);
  out->count = get_varint(r);
  uint64_t received_ms = get_varint(r);
  out->received_ms = (int64_t)received_ms;
  return !r->bad && out->stream.author > 0 && out->first_seq >= 1 && out->first_seq <= SEQ_MAX &&
         out->count >= 1 && out->count <= SEQ_MAX && received_ms <= INT64_MAX;
}

static bool take_entry(struct reader *r, uint64_t from, struct mirror_entry *out)
{
  memset(out, 0, sizeof *out);
  out->pos = from + get_varint(r);
  out->record = get_vec16(r, &out->record_size);
  uint8_t has = get_u8(r);
  uint64_t size = get_varint(r);
  if (r->bad || has > 1 || size > PAYLOAD_SIZE_MAX + BOX_EXTRA_SIZE || (!has && size)) return false;
  out->sealed = has ? get_bytes(r, (size_t)size) : NULL;
  out->sealed_size = (size_t)size;
  return !r->bad;
}

void mirror_entries_get(struct reader *r, uint64_t from, uint64_t to, struct mirror_entries *out)
{
  uint64_t least = from;
  *out = (struct mirror_entries){.from = from, .left = get_varint(r)};
  out->r = *r;
  for (uint64_t i = 0; i < out->left && !r->bad; i++) {
    struct mirror_entry entry;
    struct record record;
    if (!take_entry(r, from, &entry) || entry.pos < least || entry.pos >= to ||
        !record_decode(&record, entry.record, entry.record_size, NULL))
      r->bad = true;
    least = entry.pos + 1;
  }
}

bool mirror_entries_next(struct mirror_entries *entries, struct mirror_entry *out)
{
  if (entries->left == 0 || !take_entry(&entries->r, entries->from, out)) return false;
  entries->left--;
  return true;
}

/* Goes through both lists once. */
static bool whole(struct mirror_reader *m, const struct reader *at)
{
  struct reader r = *at;
  struct mirror_run run;
  uint64_t pos = m->from;
  m->runs_left = get_varint(&r);
  m->runs = r;
  for (uint64_t i = 0; i < m->runs_left; i++) {
    if (!take_run(&r, pos, &run) || run.count > m->to - pos) return false;
    pos += run.count;
  }
  if (pos != m->to) return false;
  mirror_entries_get(&r, m->from, m->to, &m->entries);
  return reader_done(&r);
}

bool mirror_open(struct mirror_reader *out, const void *p, size_t n, struct err *err)
{
  struct reader r = reader_of(p, n);
  memset(out, 0, sizeof *out);
  out->from = out->pos = get_u64(&r);
  out->to = get_u64(&r);
  if (!r.bad && out->from < out->to && out->to <= INT64_MAX && whole(out, &r)) return true;
  return err_rule(err, ERR_INPUT, "MIRROR", "message", "a MIRROR frame is malformed");
}

bool mirror_next_run(struct mirror_reader *reader, struct mirror_run *out)
{
  if (reader->runs_left == 0 || !take_run(&reader->runs, reader->pos, out)) return false;
  reader->runs_left--;
  reader->pos += out->count;
  return true;
}

bool mirror_next_entry(struct mirror_reader *reader, struct mirror_entry *out)
{
  return mirror_entries_next(&reader->entries, out);
}

/* ---- sealing ---- */

void mirror_key(uint8_t out[BOX_KEY_SIZE], const uint8_t secret[SECRET_SIZE])
{
  box_key(out, secret, "sunlit.mirror.v1\n");
}

/* No record is ever made twice, so its hash serves as the nonce. */
static void nonce_of(uint8_t out[HASH_SIZE], const void *record, size_t size)
{
  record_hash(out, record, size);
}

bool mirror_unseal(struct buf *out, const struct mirror_entry *entry, const uint8_t key[BOX_KEY_SIZE])
{
  uint8_t nonce[HASH_SIZE];
  if (entry->sealed_size < BOX_EXTRA_SIZE) return false;
  uint8_t *at = buf_reserve(out, entry->sealed_size - BOX_EXTRA_SIZE);
  nonce_of(nonce, entry->record, entry->record_size);
  return at && box_open(at, entry->sealed, entry->sealed_size, nonce, key);
}

void mirror_entry_put(struct buf *out, uint64_t at, const struct mirror_entry *entry)
{
  put_varint(out, at);
  put_vec16(out, entry->record, entry->record_size);
  put_u8(out, entry->sealed != NULL);
  put_varint(out, entry->sealed_size);
  put_bytes(out, entry->sealed, entry->sealed_size);
}

bool mirror_is_for_others(const struct record *record, uint32_t province, uint32_t branch)
{
  return record->stream.author == province && record->stream.lane != 0 && record->stream.lane != branch;
}

const void *mirror_payload(const struct query *q, int index, size_t *size)
{
  const void *payload = column_blob(q, index, size);
  return payload || column_null(q, index) ? payload : "";
}

bool mirror_seal(struct buf *out, uint64_t at, const struct mirror_entry *entry, const void *payload,
                 size_t size, const uint8_t key[BOX_KEY_SIZE], struct err *err)
{
  struct mirror_entry whole = {.pos = entry->pos, .record = entry->record, .record_size = entry->record_size};
  uint8_t nonce[HASH_SIZE];
  if (!payload) {
    mirror_entry_put(out, at, &whole);
    return true;
  }
  uint8_t *sealed = malloc(size + BOX_EXTRA_SIZE);
  if (!sealed) return err_set(err, ERR_IO, "out of memory sealing an entry");
  nonce_of(nonce, entry->record, entry->record_size);
  box_seal(sealed, payload, size, nonce, key);
  whole.sealed = sealed;
  whole.sealed_size = size + BOX_EXTRA_SIZE;
  mirror_entry_put(out, at, &whole);
  free(sealed);
  return true;
}

/* ---- writing ---- */

/* A body being put together: the runs and the entries are counted before they are written. */
struct body {
  uint64_t from, to;
  struct mirror_run run; /* the open one; count 0: none */
  uint64_t runs, entries;
  struct buf run_bytes, entry_bytes;
};

static void close_run(struct body *b)
{
  const struct mirror_run *run = &b->run;
  if (run->count == 0) return;
  put_u32(&b->run_bytes, run->stream.author);
  put_u32(&b->run_bytes, run->stream.lane);
  put_varint(&b->run_bytes, run->first_seq);
  put_varint(&b->run_bytes, run->count);
  put_varint(&b->run_bytes, (uint64_t)run->received_ms);
  b->runs++;
  b->to = run->first_pos + run->count;
  b->run.count = 0;
}

static bool is_full(const struct body *b)
{
  return b->run_bytes.size + b->entry_bytes.size >= MIRROR_SIZE_ENOUGH;
}

static bool finish(struct body *b, bool ok, uint64_t *to, struct buf *out, struct err *err)
{
  *to = b->to;
  if (ok && b->runs) {
    put_u64(out, b->from);
    put_u64(out, b->to);
    put_varint(out, b->runs);
    put_bytes(out, b->run_bytes.data, b->run_bytes.size);
    put_varint(out, b->entries);
    put_bytes(out, b->entry_bytes.data, b->entry_bytes.size);
  }
  if (ok && (b->run_bytes.bad || b->entry_bytes.bad || out->bad))
    ok = err_set(err, ERR_IO, "out of memory for a part of the log");
  buf_wipe(&b->run_bytes);
  buf_wipe(&b->entry_bytes);
  return ok;
}

/* Into the open run, or a run of its own. */
static void add_place(struct body *b, struct stream stream, uint64_t seq, uint64_t pos, int64_t received_ms)
{
  struct mirror_run *run = &b->run;
  bool goes_on = run->count && run->stream.author == stream.author && run->stream.lane == stream.lane &&
                 run->received_ms == received_ms && seq == run->first_seq + run->count;
  if (!goes_on) {
    close_run(b);
    *run =
        (struct mirror_run){.stream = stream, .first_pos = pos, .first_seq = seq, .received_ms = received_ms};
  }
  run->count++;
}

/* One leaf of the log; of a lost one its place is all there is. */
static bool add_leaf(struct body *b, const struct query *q, uint32_t province, uint32_t branch,
                     const uint8_t key[BOX_KEY_SIZE], struct err *err)
{
  size_t size = 0;
  struct record record;
  uint64_t pos = (uint64_t)column_int(q, 0);
  int64_t received_ms = column_int(q, 4);
  if (column_null(q, 1)) {
    const struct stream stream = {(uint32_t)column_int(q, 5), (uint32_t)column_int(q, 6)};
    add_place(b, stream, (uint64_t)column_int(q, 7), pos, received_ms);
    return true;
  }
  const void *bytes = column_blob(q, 1, &size);
  if (!record_decode(&record, bytes, size, err)) return false;
  add_place(b, record.stream, record.seq, pos, received_ms);
  if (mirror_is_for_others(&record, province, branch)) {
    size_t payload_size = 0;
    const struct mirror_entry entry = {.pos = pos, .record = bytes, .record_size = size};
    const void *payload = mirror_payload(q, 2, &payload_size);
    if (!mirror_seal(&b->entry_bytes, pos - b->from, &entry, payload, payload_size, key, err)) return false;
    b->entries++;
  }
  if (!column_null(q, 3)) close_run(b); /* signed: the batch ends here */
  return true;
}

bool mirror_of_log(struct db *db, uint32_t branch, const uint8_t key[BOX_KEY_SIZE], uint64_t from,
                   uint64_t *to, struct buf *out, struct err *err)
{
  struct body b = {.from = from, .to = from};
  int64_t province = 0;
  if (!db_int(db, "SELECT value FROM sync_self WHERE name = 'province'", 0, &province, err)) return false;
  struct query q = query_open(db,
                              "SELECT pos, record, payload, signature, received_ms, NULL, NULL, NULL"
                              " FROM sync_entry WHERE pos >= ?1 AND pos < ?2 UNION ALL"
                              " SELECT pos, NULL, NULL, NULL, received_ms, author, lane, seq"
                              " FROM sync_lost_leaf WHERE pos >= ?1 AND pos < ?2 AND found_ms = 0"
                              " ORDER BY 1",
                              err);
  query_int(&q, 1, (int64_t)from);
  query_int(&q, 2, (int64_t)*to);
  bool ok = true;
  while (ok && (b.run.count || !is_full(&b)) && query_row(&q))
    ok = add_leaf(&b, &q, (uint32_t)province, branch, key, err);
  close_run(&b);
  ok = query_close(&q) && ok;
  return finish(&b, ok, to, out, err);
}

/* ---- what a branch keeps ---- */

bool mirror_through(struct db *db, uint64_t *pos, struct err *err)
{
  int64_t through = 0;
  if (!db_int(db, "SELECT first_pos + count FROM sync_mirror_run ORDER BY first_pos DESC LIMIT 1", 0,
              &through, err))
    return false;
  *pos = (uint64_t)through;
  return true;
}

static bool keep_run(struct db *db, const struct mirror_run *run, struct err *err)
{
  struct query q = query_open(db,
                              "INSERT INTO sync_mirror_run(first_pos, author, lane, first_seq, count,"
                              " received_ms) VALUES(?1, ?2, ?3, ?4, ?5, ?6)",
                              err);
  query_int(&q, 1, (int64_t)run->first_pos);
  query_int(&q, 2, run->stream.author);
  query_int(&q, 3, run->stream.lane);
  query_int(&q, 4, (int64_t)run->first_seq);
  query_int(&q, 5, (int64_t)run->count);
  query_int(&q, 6, run->received_ms);
  return query_run(&q);
}

/* What an act withholds is not kept, not even sealed: the act may have come first. */
static bool keep_entry(struct db *db, const struct mirror_entry *entry, struct err *err)
{
  struct record record;
  bool withheld = false;
  if (!record_decode(&record, entry->record, entry->record_size, err) ||
      !withholding_any(db, record.stream, record.seq, record.seq, &withheld, err))
    return false;
  struct query q =
      query_open(db, "INSERT INTO sync_mirror_entry(pos, record, sealed) VALUES(?1, ?2, ?3)", err);
  query_int(&q, 1, (int64_t)entry->pos);
  query_blob(&q, 2, entry->record, entry->record_size);
  if (entry->sealed && !withheld) query_blob(&q, 3, entry->sealed, entry->sealed_size);
  return query_run(&q);
}

bool mirror_keep(struct db *db, struct mirror_reader *reader, struct err *err)
{
  struct mirror_run run;
  struct mirror_entry entry;
  uint64_t through = 0;
  if (!mirror_through(db, &through, err)) return false;
  bool ok = true;
  while (ok && reader->from == through && mirror_next_run(reader, &run))
    ok = keep_run(db, &run, err);
  while (ok && reader->from == through && mirror_next_entry(reader, &entry))
    ok = keep_entry(db, &entry, err);
  return ok;
}

bool mirror_forget(struct db *db, uint64_t size, struct err *err)
{
  uint64_t through = 0;
  struct query q = query_open(db, "DELETE FROM sync_mirror_run WHERE first_pos + count > ?1", err);
  query_int(&q, 1, (int64_t)size);
  if (!query_run(&q) || !mirror_through(db, &through, err)) return false;
  q = query_open(db, "DELETE FROM sync_mirror_entry WHERE pos >= ?1", err);
  query_int(&q, 1, (int64_t)through);
  return query_run(&q);
}

static bool give_entries(struct db *db, struct body *b, struct err *err)
{
  struct query q = query_open(
      db, "SELECT pos, record, sealed FROM sync_mirror_entry WHERE pos >= ?1 AND pos < ?2 ORDER BY pos", err);
  query_int(&q, 1, (int64_t)b->from);
  query_int(&q, 2, (int64_t)b->to);
  while (query_row(&q)) {
    size_t record_size = 0, sealed_size = 0;
    const void *record = column_blob(&q, 1, &record_size);
    const void *sealed = column_blob(&q, 2, &sealed_size);
    const struct mirror_entry entry = {
        .record = record, .record_size = record_size, .sealed = sealed, .sealed_size = sealed_size};
    mirror_entry_put(&b->entry_bytes, (uint64_t)column_int(&q, 0) - b->from, &entry);
    b->entries++;
  }
  return query_close(&q);
}

/* What the entries of a run weigh, so that a frame ends in time. */
static bool weight(struct db *db, const struct mirror_run *run, size_t *sum, struct err *err)
{
  struct query q = query_open(db,
                              "SELECT coalesce(sum(length(record) + coalesce(length(sealed), 0)), 0)"
                              " FROM sync_mirror_entry WHERE pos >= ?1 AND pos < ?2",
                              err);
  query_int(&q, 1, (int64_t)run->first_pos);
  query_int(&q, 2, (int64_t)(run->first_pos + run->count));
  if (query_row(&q)) *sum += (size_t)column_int(&q, 0);
  return query_close(&q);
}

bool mirror_of_kept(struct db *db, uint64_t from, uint64_t *to, struct buf *out, struct err *err)
{
  struct body b = {.from = from, .to = from};
  size_t heavy = 0;
  struct query q = query_open(db,
                              "SELECT first_pos, author, lane, first_seq, count, received_ms"
                              " FROM sync_mirror_run WHERE first_pos >= ?1 ORDER BY first_pos",
                              err);
  query_int(&q, 1, (int64_t)from);
  bool ok = true;
  while (ok && b.run_bytes.size + heavy < MIRROR_SIZE_ENOUGH && query_row(&q)) {
    b.run = (struct mirror_run){
        .stream = {.author = (uint32_t)column_int(&q, 1), .lane = (uint32_t)column_int(&q, 2)},
        .first_pos = (uint64_t)column_int(&q, 0),
        .first_seq = (uint64_t)column_int(&q, 3),
        .count = (uint64_t)column_int(&q, 4),
        .received_ms = column_int(&q, 5)};
    if (b.run.first_pos != b.to) break; /* asked for from inside of a run: there is no such asker */
    ok = weight(db, &b.run, &heavy, err);
    close_run(&b);
  }
  ok = query_close(&q) && ok && give_entries(db, &b, err);
  return finish(&b, ok, to, out, err);
}
