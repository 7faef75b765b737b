#include "sync/leaves.h"

#include "core/base/limits.h"
#include "sync/keys.h"
#include "sync/proof.h"
#include "sync/streams.h"
#include "sync/tlog.h"

#include <stdlib.h>
#include <string.h>

/* What would have been signed with an entry that is lost ends before it; a run of the log may end first. */
static bool before_hole(struct db *db, const struct logged *entry, uint64_t *count, struct err *err)
{
  struct lost_leaf leaf;
  struct entry_rows rows;
  bool found = false;
  int64_t pos = entry->pos;
  *count = 0;
  if (!lost_leaf_next(db, entry->record.stream, entry->record.seq, &leaf, &found, err)) return false;
  entry_rows_open(&rows, db, entry->record.stream, entry->record.seq, err);
  while (found && *count < BATCH_ENTRIES_MAX && entry_rows_next(&rows) && column_int(&rows.at, 3) == pos) {
    ++*count;
    pos++;
  }
  if (*count == 0) *count = 1;
  return entry_rows_close(&rows);
}

bool leaves_find(struct db *db, struct stream stream, uint64_t seq, struct leaves_message *out,
                 struct err *err)
{
  int64_t pos = -1;
  int64_t signed_pos = -1;
  uint64_t to_hole = 1;
  struct buf keep = BUF_INIT;
  struct logged entry;
  bool ok = stream_find(db, stream, seq, &pos, err);
  if (ok && pos < 0)
    ok = err_set(err, ERR_MISSING, "entry %llu of %u is not here", (unsigned long long)seq, stream.author);
  ok = ok && entry_signed_by(db, pos, &signed_pos, err) && entry_read(db, pos, &entry, &keep, err) &&
       (signed_pos >= pos || before_hole(db, &entry, &to_hole, err));
  if (ok) {
    uint64_t count = signed_pos < pos ? to_hole : (uint64_t)(signed_pos - pos) + 1;
    if (count > BATCH_ENTRIES_MAX) count = BATCH_ENTRIES_MAX;
    memset(out, 0, sizeof *out);
    out->first_seq = seq;
    out->count = (uint32_t)count;
    out->first_pos = (uint64_t)pos;
    out->received_ms = entry.received_ms;
    out->last_signed = (uint64_t)pos + count - 1 == (uint64_t)signed_pos;
  }
  if (ok && out->last_signed) {
    ok = entry_read(db, signed_pos, &entry, &keep, err);
    if (ok && entry.is_signed) memcpy(out->signature, entry.signature, SIGNATURE_SIZE);
  }
  buf_wipe(&keep);
  return ok;
}

bool leaves_prove(struct db *db, uint64_t size, struct leaves_message *m, struct err *err)
{
  struct tlog_reader reader;
  struct merkle_source source = tlog_source(&reader, db, size);
  m->size = size;
  return merkle_prove_range(&source, m->first_pos, m->count, size, &m->proof, err);
}

/* Appends the leaf the hub must have made of our entry, the row in hand. */
static bool own_leaf(const struct query *row, uint64_t seq, int64_t received_ms, bool is_signed,
                     struct buf *leaf, struct err *err)
{
  size_t size = 0, signature_size = 0;
  const void *record = column_blob(row, 0, &size);
  const void *signature = column_blob(row, 2, &signature_size);
  /* Asked for again at the next greeting, with the signature. */
  if (is_signed && signature_size != SIGNATURE_SIZE)
    return err_rule(err, ERR_MISSING, "signature", "signature_missing", "entry %llu has no signature here",
                    (unsigned long long)seq);
  leaf_encode(leaf, record, size, (uint64_t)received_ms, signature, is_signed ? SIGNATURE_SIZE : 0);
  return !leaf->bad || err_set(err, ERR_IO, "out of memory for a leaf");
}

/* History comes back in other batches than it went, so signatures inside of them are missing here: what is
 * told is our own, or refused. */
static bool take_signature(struct db *db, struct stream stream, const struct leaves_message *m,
                           struct err *err)
{
  int64_t pos = -1;
  struct buf keep = BUF_INIT;
  struct logged entry;
  struct key key;
  uint64_t seq = m->first_seq + m->count - 1;
  bool ok = stream_find(db, stream, seq, &pos, err);
  if (ok && pos < 0) ok = err_set(err, ERR_MISSING, "entry %llu is not here", (unsigned long long)seq);
  ok = ok && entry_read(db, pos, &entry, &keep, err) &&
       key_get(db, stream.author, entry.record.epoch, &key, err);
  bool known = ok && entry.is_signed;
  bool good = known;
  if (ok && !known) ok = key_signed(db, &key, m->signature, entry.hash, &good, err);
  if (ok && !good)
    ok = err_rule(err, ERR_REFUTED, "signature", "leaves_differ",
                  "the province's log has a signature over entry %llu that is not this branch's",
                  (unsigned long long)seq);
  buf_wipe(&keep);
  if (!ok || known) return ok;
  struct query q = query_open(db, "UPDATE sync_entry SET signature = ?2 WHERE pos = ?1", err);
  query_int(&q, 1, pos);
  query_blob(&q, 2, m->signature, SIGNATURE_SIZE);
  return query_run(&q);
}

/* The leaf hashes of a run, from our own entries; *kept gets a copy of the leaf of kept_seq. */
static bool own_hashes(struct db *db, struct stream stream, const struct leaves_message *m,
                       struct merkle_hash *hashes, uint64_t kept_seq, struct buf *kept, struct err *err)
{
  struct buf leaf = {.max = LEAF_SIZE_MAX};
  bool ok = true;
  struct entry_rows rows;
  entry_rows_open(&rows, db, stream, m->first_seq, err);
  for (uint32_t i = 0; ok && i < m->count; i++) {
    uint64_t seq = m->first_seq + i;
    if (!entry_rows_next(&rows)) {
      ok = !rows.bad && err_set(err, ERR_MISSING, "entry %llu is not here", (unsigned long long)seq);
      break;
    }
    buf_clear(&leaf);
    ok = own_leaf(&rows.at, seq, m->received_ms, m->last_signed && i == m->count - 1, &leaf, err);
    if (ok) merkle_leaf(&hashes[i], leaf.data, leaf.size);
    if (ok && kept && seq == kept_seq) put_bytes(kept, leaf.data, leaf.size);
  }
  buf_wipe(&leaf);
  return entry_rows_close(&rows) && ok;
}

/* The same from the entries that stood in the stream before until_pos, whatever stands there since: an entry
 * that is made again is appended, so the newest of them is meant. */
static bool former_hashes(struct db *db, struct stream stream, const struct leaves_message *m,
                          int64_t until_pos, struct merkle_hash *hashes, struct err *err)
{
  struct buf leaf = {.max = LEAF_SIZE_MAX};
  bool ok = true;
  for (uint32_t i = 0; ok && i < m->count; i++) {
    uint64_t seq = m->first_seq + i;
    struct query q = query_open(
        db,
        "SELECT e.record, e.payload, e.signature FROM sync_span s JOIN sync_entry e"
        " ON e.pos = s.first_pos + ?3 - s.first_seq WHERE s.author = ?1 AND s.lane = ?2 AND s.first_seq <= ?3"
        " AND (s.count = 0 OR s.first_seq + s.count > ?3) AND e.pos < ?4 ORDER BY e.pos DESC LIMIT 1",
        err);
    query_int(&q, 1, stream.author);
    query_int(&q, 2, stream.lane);
    query_int(&q, 3, (int64_t)seq);
    query_int(&q, 4, until_pos);
    buf_clear(&leaf);
    ok = query_row(&q) ? own_leaf(&q, seq, m->received_ms, m->last_signed && i == m->count - 1, &leaf, err)
                       : err_set(err, ERR_MISSING, "entry %llu is not here", (unsigned long long)seq);
    if (ok) merkle_leaf(&hashes[i], leaf.data, leaf.size);
    if (!query_close(&q)) ok = false;
  }
  buf_wipe(&leaf);
  return ok;
}

/* Are our entries, as they are (until_pos 0) or were, those leaves of the tree with that root? */
static bool holds_under(struct db *db, struct stream stream, const struct leaves_message *m,
                        int64_t until_pos, const struct merkle_hash *root, struct err *err)
{
  struct merkle_hash *hashes = calloc(m->count, sizeof *hashes);
  if (!hashes) return err_set(err, ERR_LIMIT, "no memory for %u leaves", m->count);
  bool ok = until_pos ? former_hashes(db, stream, m, until_pos, hashes, err)
                      : own_hashes(db, stream, m, hashes, 0, NULL, err);
  if (ok && !merkle_verify_range(hashes, m->first_pos, m->count, m->size, &m->proof, root))
    ok = err_rule(err, ERR_REFUTED, "leaves", "leaves_differ",
                  "the province's log does not hold entries %llu to %llu as this branch wrote them",
                  (unsigned long long)m->first_seq, (unsigned long long)(m->first_seq + m->count - 1));
  free(hashes);
  return ok;
}

bool leaves_take(struct db *db, struct stream stream, const struct leaves_message *m,
                 const struct merkle_hash *root, struct err *err)
{
  if ((m->told && !take_signature(db, stream, m, err)) || !holds_under(db, stream, m, 0, root, err))
    return false;
  struct query q = query_open(
      db,
      "INSERT INTO sync_leaf_run(first_seq, count, first_pos, received_ms, last_signed, size, proof)"
      " VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT(first_seq) DO NOTHING",
      err);
  query_int(&q, 1, (int64_t)m->first_seq);
  query_int(&q, 2, m->count);
  query_int(&q, 3, (int64_t)m->first_pos);
  query_int(&q, 4, m->received_ms);
  query_int(&q, 5, m->last_signed);
  query_int(&q, 6, (int64_t)m->size);
  query_blob(&q, 7, m->proof.hashes, m->proof.count * HASH_SIZE);
  if (!query_run(&q)) return false;
  /* The note the proof leads to stays as long as the proof does. */
  q = query_open(db,
                 "INSERT INTO sync_checkpoint(size, root, note, signed_ms)"
                 " SELECT size, root, note, verified_ms FROM sync_witness WHERE size = ?1"
                 " ON CONFLICT(size) DO NOTHING",
                 err);
  query_int(&q, 1, (int64_t)m->size);
  return query_run(&q);
}

/* first_seq, count, first_pos, received_ms, last_signed, size, proof. */
static void run_of_row(const struct query *q, struct leaves_message *m)
{
  m->first_seq = (uint64_t)column_int(q, 0);
  m->count = (uint32_t)column_int(q, 1);
  m->first_pos = (uint64_t)column_int(q, 2);
  m->received_ms = column_int(q, 3);
  m->last_signed = column_int(q, 4) != 0;
  m->size = (uint64_t)column_int(q, 5);
  size_t n = 0;
  const void *proof = column_blob(q, 6, &n);
  m->proof.count = n / HASH_SIZE;
  if (n > sizeof m->proof.hashes)
    m->count = 0;
  else if (n > 0) /* a log of one run needs no hash to prove it */
    memcpy(m->proof.hashes, proof, n);
}

bool leaves_next(struct db *db, uint64_t after_seq, struct leaves_message *m, bool *found, struct err *err)
{
  struct query q = query_open(
      db,
      "SELECT first_seq, count, first_pos, received_ms, last_signed, size, proof FROM sync_leaf_run"
      " WHERE first_seq > ?1 ORDER BY first_seq LIMIT 1",
      err);
  query_int(&q, 1, (int64_t)after_seq);
  memset(m, 0, sizeof *m);
  *found = query_row(&q);
  if (*found) run_of_row(&q, m);
  return query_close(&q);
}

bool leaves_former_next(struct db *db, int64_t *until_pos, struct leaves_message *m, bool *found,
                        struct err *err)
{
  struct query q = query_open(
      db,
      "SELECT first_seq, count, first_pos, received_ms, last_signed, size, proof, until_pos FROM"
      " sync_leaf_former WHERE (until_pos, first_seq) > (?1, ?2) ORDER BY until_pos, first_seq LIMIT 1",
      err);
  query_int(&q, 1, *until_pos);
  query_int(&q, 2, (int64_t)m->first_seq);
  memset(m, 0, sizeof *m);
  *found = query_row(&q);
  if (*found) run_of_row(&q, m);
  if (*found) *until_pos = column_int(&q, 7);
  return query_close(&q);
}

bool leaves_set_aside(struct db *db, struct stream stream, uint64_t seq, struct err *err)
{
  int64_t end = 0;
  if (!log_end(db, &end, err)) return false;
  struct query q = query_open(
      db,
      "INSERT INTO sync_leaf_former(until_pos, first_seq, count, first_pos, received_ms, last_signed, size,"
      " proof) SELECT ?2, first_seq, count, first_pos, received_ms, last_signed, size, proof"
      " FROM sync_leaf_run WHERE first_seq + count - 1 > ?1 /* scan: on a bad day */",
      err);
  query_int(&q, 1, (int64_t)seq);
  query_int(&q, 2, end);
  if (!query_run(&q)) return false;
  q = query_open(db, "DELETE FROM sync_leaf_run WHERE first_seq + count - 1 > ?1 /* scan: as above */", err);
  query_int(&q, 1, (int64_t)seq);
  if (!query_run(&q)) return false;
  q = query_open(db, "DELETE FROM sync_receipt WHERE author = ?1 AND lane = ?2 AND seq > ?3", err);
  query_int(&q, 1, stream.author);
  query_int(&q, 2, stream.lane);
  query_int(&q, 3, (int64_t)seq);
  return query_run(&q);
}

bool leaves_check(struct db *db, struct stream stream, const struct leaves_message *m, int64_t until_pos,
                  struct err *err)
{
  struct query q = query_open(db, "SELECT root FROM sync_checkpoint WHERE size = ?1", err);
  struct merkle_hash root;
  size_t n = 0;
  query_int(&q, 1, (int64_t)m->size);
  const void *stored = query_row(&q) ? column_blob(&q, 0, &n) : NULL;
  if (n == HASH_SIZE) memcpy(root.bytes, stored, HASH_SIZE);
  if (!query_close(&q)) return false;
  if (n != HASH_SIZE || m->count == 0)
    return err_rule(err, ERR_REFUTED, "proof", "leaves_differ", "its checkpoint of %llu entries is not here",
                    (unsigned long long)m->size);
  return holds_under(db, stream, m, until_pos, &root, err);
}

static bool run_load(struct db *db, uint64_t seq, struct leaves_message *m, struct err *err)
{
  struct query q = query_open(
      db,
      "SELECT first_seq, count, first_pos, received_ms, last_signed, size, proof FROM sync_leaf_run"
      " WHERE first_seq <= ?1 ORDER BY first_seq DESC LIMIT 1",
      err);
  query_int(&q, 1, (int64_t)seq);
  memset(m, 0, sizeof *m);
  if (query_row(&q)) run_of_row(&q, m);
  if (!query_close(&q)) return false;
  if (m->count > 0 && seq < m->first_seq + m->count) return true;
  return err_rule(err, ERR_MISSING, "seq", "not_received",
                  "the province has not proved that it has entry %llu", (unsigned long long)seq);
}

static bool make_proof(struct db *db, struct stream stream, uint64_t seq, struct buf *file, struct buf *leaf,
                       struct err *err)
{
  struct leaves_message m;
  if (!run_load(db, seq, &m, err)) return false;
  struct merkle_hash *hashes = calloc(m.count, sizeof *hashes);
  if (!hashes) return err_set(err, ERR_LIMIT, "no memory for %u leaves", m.count);
  struct merkle_proof path;
  uint64_t index = m.first_pos + (seq - m.first_seq);
  bool ok = own_hashes(db, stream, &m, hashes, seq, leaf, err) &&
            merkle_path_of_range(hashes, m.first_pos, m.count, m.size, &m.proof, index, &path, err);
  free(hashes);
  if (!ok) return false;
  struct query q = query_open(db, "SELECT note FROM sync_checkpoint WHERE size = ?1", err);
  query_int(&q, 1, (int64_t)m.size);
  bool found = query_row(&q);
  if (found) proof_encode(file, index, &path, column_text(&q, 0), strlen(column_text(&q, 0)));
  if (!query_close(&q)) return false;
  return found ||
         err_set(err, ERR_CORRUPT, "the checkpoint of %llu leaves is not here", (unsigned long long)m.size);
}

bool leaves_proof(struct db *db, struct stream stream, uint64_t seq, struct buf *file, struct err *err)
{
  struct buf leaf = BUF_INIT;
  bool ok = make_proof(db, stream, seq, file, &leaf, err);
  if (ok) proof_add_leaf(file, leaf.data, leaf.size);
  if (ok && (leaf.bad || file->bad)) ok = err_set(err, ERR_IO, "no memory for a proof");
  buf_wipe(&leaf);
  return ok;
}
