#include "core/base/clock.h"
#include "core/base/limits.h"
#include "sync/follows.h"
#include "sync/mirror.h"
#include "sync/recall_state.h"
#include "sync/streams.h"
#include "sync/tlog.h"

#include <stdio.h>
#include <string.h>

bool ours_tables(struct db *gathered, struct err *err)
{
  return db_exec(
      gathered,
      /* source: who brought it first; signed: in a batch. */
      "CREATE TABLE IF NOT EXISTS ours(lane INTEGER NOT NULL, seq INTEGER NOT NULL,"
      " hash BLOB NOT NULL, prev BLOB NOT NULL, source INTEGER NOT NULL, signed INTEGER NOT NULL,"
      " record BLOB NOT NULL, payload BLOB, PRIMARY KEY(lane, seq, hash)) STRICT;"
      "CREATE TABLE IF NOT EXISTS tip(source INTEGER NOT NULL, lane INTEGER NOT NULL,"
      " seq INTEGER NOT NULL, hash BLOB NOT NULL, PRIMARY KEY(source, lane)) STRICT, WITHOUT ROWID;"
      "CREATE TABLE IF NOT EXISTS chosen(lane INTEGER NOT NULL, seq INTEGER NOT NULL,"
      " hash BLOB NOT NULL, PRIMARY KEY(lane, seq)) STRICT, WITHOUT ROWID;"
      /* Where a source's entries end before what is lost to it too, or what names a leaf. */
      "CREATE TABLE IF NOT EXISTS ours_end(source INTEGER NOT NULL, lane INTEGER NOT NULL,"
      " seq INTEGER NOT NULL, hash BLOB NOT NULL, PRIMARY KEY(source, lane, seq)) STRICT, WITHOUT ROWID;"
      /* What the province wrote it received at once, and signs to the same bytes: it knows the leaf itself.
       */
      "CREATE TABLE IF NOT EXISTS ours_leaf(leaf BLOB PRIMARY KEY, lane INTEGER NOT NULL,"
      " seq INTEGER NOT NULL, hash BLOB NOT NULL) STRICT, WITHOUT ROWID;",
      err);
}

bool ours_clear(struct db *gathered, struct err *err)
{
  return db_exec(
      gathered,
      "DELETE FROM ours; DELETE FROM tip; DELETE FROM ours_end; DELETE FROM ours_leaf; DELETE FROM chosen;",
      err);
}

/* ---- where a source stands ---- */

bool ours_tip(struct recall *r, uint32_t source, uint32_t lane, struct ours_tip *tip, struct err *err)
{
  struct head head;
  struct query q = query_open(r->db, "SELECT seq, hash FROM tip WHERE source = ?1 AND lane = ?2", err);
  query_int(&q, 1, source);
  query_int(&q, 2, lane);
  size_t n = 0;
  memset(tip, 0, sizeof *tip);
  bool found = query_row(&q);
  if (found) {
    const void *hash = column_blob(&q, 1, &n);
    tip->seq = (uint64_t)column_int(&q, 0);
    if (n == HASH_SIZE) memcpy(tip->hash, hash, n);
  }
  if (!query_close(&q) || found) return found;
  if (!stream_head(r->log, (struct stream){r->province, lane}, &head, err)) return false;
  tip->is_base = true;
  tip->seq = head.seq;
  memcpy(tip->hash, head.hash, HASH_SIZE);
  return true;
}

static bool set_tip(struct recall *r, uint32_t source, uint32_t lane, uint64_t seq,
                    const uint8_t hash[HASH_SIZE], struct err *err)
{
  struct query q = query_open(r->db, "REPLACE INTO tip(source, lane, seq, hash) VALUES(?1, ?2, ?3, ?4)", err);
  query_int(&q, 1, source);
  query_int(&q, 2, lane);
  query_int(&q, 3, (int64_t)seq);
  query_blob(&q, 4, hash, HASH_SIZE);
  return query_run(&q);
}

static bool set_end(struct recall *r, uint32_t source, uint32_t lane, const struct ours_tip *tip,
                    struct err *err)
{
  struct query q =
      query_open(r->db, "REPLACE INTO ours_end(source, lane, seq, hash) VALUES(?1, ?2, ?3, ?4)", err);
  query_int(&q, 1, source);
  query_int(&q, 2, lane);
  query_int(&q, 3, (int64_t)tip->seq);
  query_blob(&q, 4, tip->hash, HASH_SIZE);
  return query_run(&q);
}

bool ours_follows(struct recall *r, struct stream stream, const struct ours_tip *tip,
                  const uint8_t prev[HASH_SIZE], bool *yes, struct err *err)
{
  struct head head;
  int64_t pos = -1;
  *yes = memcmp(tip->hash, prev, HASH_SIZE) == 0;
  if (*yes || !tip->is_base || tip->seq == 0) return true;
  return stream_head(r->log, stream, &head, err) && stream_find(r->log, stream, head.seq, &pos, err) &&
         follows_on_head(r->log, pos, &head, prev, yes, err);
}

bool ours_through(struct recall *r, uint32_t lane, uint64_t *seq, struct err *err)
{
  struct head head;
  struct query q = query_open(r->db, "SELECT coalesce(max(seq), 0) FROM ours WHERE lane = ?1", err);
  query_int(&q, 1, lane);
  *seq = query_row(&q) ? (uint64_t)column_int(&q, 0) : 0;
  if (!query_close(&q)) return false;
  if (*seq) return true;
  if (!stream_head(r->log, (struct stream){r->province, lane}, &head, err)) return false;
  *seq = head.seq;
  return true;
}

/* ---- adding ---- */

struct piece {
  uint32_t lane;
  uint64_t seq;
  const uint8_t *hash, *prev;
  struct span record, payload; /* of the payload p NULL: withheld */
  bool is_signed;
};

static bool add_leaf(struct recall *r, const struct piece *e, struct err *err)
{
  struct record record;
  struct merkle_hash leaf;
  struct buf bytes = {.max = LEAF_SIZE_MAX};
  uint8_t signature[SIGNATURE_SIZE];
  if (!record_decode(&record, e->record.p, e->record.size, err)) return false;
  head_sign(signature, e->hash, r->secret);
  leaf_encode(&bytes, e->record.p, e->record.size, (uint64_t)hlc_ms(record.hlc), signature, SIGNATURE_SIZE);
  merkle_leaf(&leaf, bytes.data, bytes.size);
  buf_wipe(&bytes);
  struct query q =
      query_open(r->db, "INSERT OR IGNORE INTO ours_leaf(leaf, lane, seq, hash) VALUES(?1, ?2, ?3, ?4)", err);
  query_blob(&q, 1, leaf.bytes, HASH_SIZE);
  query_int(&q, 2, e->lane);
  query_int(&q, 3, (int64_t)e->seq);
  query_blob(&q, 4, e->hash, HASH_SIZE);
  return query_run(&q);
}

/* What says it was withheld gives way to what has it: the hash is the same. */
static bool add(struct recall *r, uint32_t source, const struct piece *e, struct err *err)
{
  struct query q =
      query_open(r->db,
                 "INSERT INTO ours(lane, seq, hash, prev, source, signed, record, payload)"
                 " VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) ON CONFLICT DO UPDATE SET"
                 " payload = coalesce(payload, excluded.payload), signed = max(signed, excluded.signed)"
                 " WHERE (payload IS NULL AND excluded.payload IS NOT NULL) OR excluded.signed > signed",
                 err);
  query_int(&q, 1, e->lane);
  query_int(&q, 2, (int64_t)e->seq);
  query_blob(&q, 3, e->hash, HASH_SIZE);
  query_blob(&q, 4, e->prev, HASH_SIZE);
  query_int(&q, 5, source);
  query_int(&q, 6, e->is_signed);
  query_blob(&q, 7, e->record.p, e->record.size);
  if (e->payload.p) query_blob(&q, 8, e->payload.p, e->payload.size);
  if (!query_run(&q)) return false;
  if (db_changes(r->db) == 0) return true;
  r->kept += e->record.size + e->payload.size;
  return let_go_of_entry(r, e->lane, e->seq, e->hash, e->payload, err) && add_leaf(r, e, err);
}

/* Another past than the backup's: no mirror of it goes on from there. */
static bool parts(struct recall *r, uint32_t source, const struct ours_tip *tip, uint32_t lane,
                  struct err *err)
{
  char why[160];
  struct query q = query_open(r->db, "DELETE FROM tip WHERE source = ?1 AND lane = ?2", err);
  query_int(&q, 1, source);
  query_int(&q, 2, lane);
  if (!query_run(&q)) return false;
  (void)snprintf(why, sizeof why,
                 "it has another entry %llu of %u/%u than this database: its mirror is not used",
                 (unsigned long long)tip->seq, r->province, lane);
  return !tip->is_base || recall_blame(r, source, true, why, err);
}

/* As own_add_batch: behind a hole, and where a leaf is named, the leaves say where entries stood. */
bool ours_add_batch(struct recall *r, uint32_t source, const struct batch *batch, struct err *err)
{
  const struct batch_head *head = &batch->head;
  const uint32_t lane = head->stream.lane;
  struct ours_tip tip;
  bool follows = false;
  if (!ours_tip(r, source, lane, &tip, err)) return false;
  if (batch_last_seq(head) <= tip.seq) return true;
  const bool behind_hole = head->first_seq > tip.seq + 1;
  uint32_t skip = behind_hole ? 0 : (uint32_t)(tip.seq + 1 - head->first_seq);
  const uint8_t *before = skip ? batch->entries[skip - 1].hash : head->prev;
  if (!behind_hole && !ours_follows(r, head->stream, &tip, before, &follows, err)) return false;
  if (!behind_hole && !follows && (skip || tip.is_base)) return parts(r, source, &tip, lane, err);
  bool ok = follows || set_end(r, source, lane, &tip, err);
  for (uint32_t i = skip; ok && i < head->count; i++) {
    const struct batch_entry *e = &batch->entries[i];
    const struct piece piece = {.lane = lane,
                                .seq = head->first_seq + i,
                                .hash = e->hash,
                                .prev = i ? batch->entries[i - 1].hash : head->prev,
                                .record = {e->record, e->record_size},
                                .payload = {e->payload, e->payload ? e->payload_size : 0},
                                .is_signed = true};
    ok = add(r, source, &piece, err);
  }
  return ok && set_tip(r, source, lane, batch_last_seq(head), batch->entries[head->count - 1].hash, err);
}

static bool has_whole(struct recall *r, const struct record *record, const uint8_t hash[HASH_SIZE],
                      bool *whole, struct err *err)
{
  struct query q = query_open(
      r->db, "SELECT payload IS NOT NULL FROM ours WHERE lane = ?1 AND seq = ?2 AND hash = ?3", err);
  query_int(&q, 1, record->stream.lane);
  query_int(&q, 2, (int64_t)record->seq);
  query_blob(&q, 3, hash, HASH_SIZE);
  *whole = query_row(&q) && column_int(&q, 0);
  return query_close(&q);
}

/* Only the province can have sealed it, and only the payload of that record opens it. */
static bool opens(struct recall *r, const struct mirror_entry *entry, const struct record *record,
                  struct buf *payload)
{
  return mirror_unseal(payload, entry, r->mirror_key) &&
         entry->sealed_size - BOX_EXTRA_SIZE == record->payload_size && record_names(record, payload->data);
}

bool ours_add_sealed(struct recall *r, uint32_t source, const struct mirror_entry *entry,
                     const struct record *record, struct err *err)
{
  static const uint8_t nothing[1];
  struct buf payload = BUF_INIT;
  uint8_t hash[HASH_SIZE];
  bool whole = false;
  record_hash(hash, entry->record, entry->record_size);
  bool ok = has_whole(r, record, hash, &whole, err);
  if (ok && !whole) {
    struct piece piece = {.lane = record->stream.lane,
                          .seq = record->seq,
                          .hash = hash,
                          .prev = record->prev,
                          .record = {entry->record, entry->record_size}};
    if (entry->sealed && !opens(r, entry, record, &payload)) {
      buf_wipe(&payload);
      return true;
    }
    if (entry->sealed)
      piece.payload = (struct span){payload.data ? payload.data : nothing, record->payload_size};
    ok = add(r, source, &piece, err);
  }
  buf_wipe(&payload);
  return ok && set_tip(r, source, record->stream.lane, record->seq, hash, err);
}

/* ---- leaving a source out ---- */

/* What others stand on stays: it is theirs too. */
bool ours_leave_out(struct recall *r, uint32_t source, struct err *err)
{
  struct query q = query_open(r->db, "DELETE FROM tip WHERE source = ?1", err);
  query_int(&q, 1, source);
  if (!query_run(&q)) return false;
  q = query_open(r->db, "DELETE FROM ours_end WHERE source = ?1", err);
  query_int(&q, 1, source);
  if (!query_run(&q)) return false;
  q = query_open(r->db,
                 "WITH RECURSIVE kept(lane, seq, hash) AS ("
                 " SELECT lane, seq, hash FROM tip UNION SELECT lane, seq, hash FROM ours_end UNION"
                 " SELECT o.lane, o.seq - 1, o.prev FROM kept AS k JOIN ours AS o"
                 " ON o.lane = k.lane AND o.seq = k.seq AND o.hash = k.hash)"
                 " DELETE FROM ours WHERE source IN (SELECT source FROM left_out)"
                 " AND NOT EXISTS (SELECT 1 FROM kept AS k WHERE k.lane = ours.lane AND k.seq = ours.seq"
                 " AND k.hash = ours.hash) /* scan: once, when people leave a branch out */",
                 err);
  return query_run(&q);
}

/* ---- which of several ---- */

/* From there back to the lowest place that has several, or to a hole. */
static bool walk_from(struct recall *r, uint32_t lane, struct ours_tip at, uint64_t lowest, struct err *err)
{
  bool ok = true, found = true;
  while (ok && found && at.seq >= lowest) {
    struct query q = query_open(r->db, "REPLACE INTO chosen(lane, seq, hash) VALUES(?1, ?2, ?3)", err);
    query_int(&q, 1, lane);
    query_int(&q, 2, (int64_t)at.seq);
    query_blob(&q, 3, at.hash, HASH_SIZE);
    if (!query_run(&q)) return false;
    q = query_open(r->db, "SELECT prev FROM ours WHERE lane = ?1 AND seq = ?2 AND hash = ?3", err);
    query_int(&q, 1, lane);
    query_int(&q, 2, (int64_t)at.seq);
    query_blob(&q, 3, at.hash, HASH_SIZE);
    size_t n = 0;
    const void *prev = query_row(&q) ? column_blob(&q, 0, &n) : NULL;
    found = n == HASH_SIZE;
    if (found) memcpy(at.hash, prev, n);
    at.seq--;
    ok = query_close(&q);
  }
  return ok;
}

/* From the source's tip, and from where its entries end before holes. */
static bool walk(struct recall *r, uint32_t source, uint32_t lane, uint64_t lowest, struct err *err)
{
  struct ours_tip at;
  if (!ours_tip(r, source, lane, &at, err)) return false;
  bool ok = at.is_base || walk_from(r, lane, at, lowest, err);
  struct query q =
      query_open(r->db, "SELECT seq, hash FROM ours_end WHERE source = ?1 AND lane = ?2 AND seq >= ?3", err);
  query_int(&q, 1, source);
  query_int(&q, 2, lane);
  query_int(&q, 3, (int64_t)lowest);
  while (ok && query_row(&q)) {
    size_t n = 0;
    const void *hash = column_blob(&q, 1, &n);
    at = (struct ours_tip){.seq = (uint64_t)column_int(&q, 0)};
    if (n == HASH_SIZE) memcpy(at.hash, hash, n);
    ok = walk_from(r, lane, at, lowest, err);
  }
  return query_close(&q) && ok;
}

bool ours_choose(struct recall *r, uint32_t source, bool *contested, struct err *err)
{
  bool ok = db_exec(r->db, "DELETE FROM chosen", err);
  *contested = false;
  struct query q = query_open(r->db,
                              "SELECT lane, min(seq) FROM (SELECT lane, seq FROM ours GROUP BY lane, seq"
                              " HAVING count(*) > 1) GROUP BY lane /* scan: once a mirror that is tried */",
                              err);
  while (ok && query_row(&q)) {
    *contested = true;
    ok = walk(r, source, (uint32_t)column_int(&q, 0), (uint64_t)column_int(&q, 1), err);
  }
  return query_close(&q) && ok;
}

bool ours_fetch(struct recall *r, const struct ours_place *at, struct ours_entry *out, struct err *err)
{
  struct query q = query_open(r->db,
                              "SELECT record, payload, ?6 OR prev = ?3 OR prev = ?5 FROM ours AS o"
                              " WHERE lane = ?1 AND seq = ?2 AND signed >= ?4 ORDER BY 3 DESC,"
                              " NOT EXISTS (SELECT 1 FROM chosen AS c WHERE c.lane = o.lane AND c.seq = o.seq"
                              " AND c.hash = o.hash), signed DESC, payload IS NULL LIMIT 1",
                              err);
  query_int(&q, 1, at->lane);
  query_int(&q, 2, (int64_t)at->seq);
  query_blob(&q, 3, at->prev, HASH_SIZE);
  query_int(&q, 4, at->signed_only);
  query_blob(&q, 5, at->leaf ? at->leaf : at->prev, HASH_SIZE);
  query_int(&q, 6, at->behind_lost);
  out->any = query_row(&q);
  out->found = out->any && column_int(&q, 2);
  if (out->found) {
    size_t n = 0;
    const void *bytes = column_blob(&q, 0, &n);
    put_bytes(&out->record, bytes, n);
    bytes = column_blob(&q, 1, &n);
    put_bytes(&out->payload, bytes, n);
    out->has_payload = !column_null(&q, 1);
  }
  return query_close(&q);
}
