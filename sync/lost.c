#include "sync/lost.h"

#include "core/base/clock.h"
#include "sync/follows.h"
#include "sync/keys.h"
#include "sync/prefix.h"
#include "sync/store_state.h"
#include "sync/streams.h"
#include "sync/tlog.h"

#include <stdio.h>
#include <string.h>

/* It is ours, meant for that branch, and signed by us. */
static bool prove(struct store *store, uint32_t branch, const struct held_message *m, struct record *record,
                  uint8_t hash[HASH_SIZE], struct err *err)
{
  struct key key;
  if (!record_decode(record, m->record.p, m->record.size, err)) return false;
  if (record->stream.author != store->province || (record->stream.lane != 0 && record->stream.lane != branch))
    return err_rule(err, ERR_DENIED, "stream", "wrong_stream", "branch %u shows an entry of %u/%u", branch,
                    record->stream.author, record->stream.lane);
  if (!key_get(store->db, record->stream.author, record->epoch, &key, err)) return false;
  record_hash(hash, m->record.p, m->record.size);
  return head_verify(m->signature, hash, key.public_key) ||
         err_rule(err, ERR_DENIED, "signature", "signature", "entry %llu of %u/%u is not signed by us",
                  (unsigned long long)record->seq, record->stream.author, record->stream.lane);
}

/* What was let go is all that was signed before it was missed: it is not dealt out entry by entry. */
static bool is_settled(struct db *db, const struct record *record, bool *settled, struct err *err)
{
  struct query q =
      query_open(db, "SELECT settled AND (seq >= ?2 OR at_ms >= ?3) FROM sync_lost WHERE lane = ?1", err);
  query_int(&q, 1, record->stream.lane);
  query_int(&q, 2, (int64_t)record->seq);
  query_int(&q, 3, hlc_ms(record->hlc));
  *settled = query_row(&q) && column_int(&q, 0);
  return query_close(&q);
}

/* Have branches witnessed what our log has there?  Then it stays, and the one that has another entry stands
 * alone. */
static bool is_witnessed(struct db *db, struct stream stream, uint64_t seq, bool *witnessed, struct err *err)
{
  int64_t pos = -1, size = 0;
  *witnessed = false;
  if (seq == 0) return true;
  bool ok = stream_find(db, stream, seq, &pos, err) &&
            db_int(db,
                   "SELECT coalesce(max(size), 0) FROM sync_cosigner WHERE name LIKE '%.sunlit/witness'"
                   " /* scan: two rows a branch */",
                   0, &size, err);
  *witnessed = ok && pos >= 0 && size > pos;
  return ok;
}

static bool accuse(struct store *store, uint32_t branch, const struct record *record,
                   const struct held_message *m, int64_t now_ms, struct err *err)
{
  char origin[TLOG_ORIGIN_SIZE], detail[160];
  struct buf proof = BUF_INIT;
  tlog_origin(origin, store->province);
  (void)snprintf(detail, sizeof detail, "branch %u holds entry %llu of %u/%u with our signature", branch,
                 (unsigned long long)record->seq, record->stream.author, record->stream.lane);
  held_message_encode(&proof, m);
  struct query q = query_open(store->db,
                              "INSERT INTO sync_evidence(origin, rule, detail, held, offered, proof, at_ms)"
                              " VALUES(?1, 'log_rolled_back', ?2, coalesce((SELECT note FROM sync_checkpoint"
                              " ORDER BY size DESC LIMIT 1), ''), '', ?3, ?4)",
                              err);
  query_text(&q, 1, origin);
  query_text(&q, 2, detail);
  query_blob(&q, 3, proof.data, proof.size);
  query_int(&q, 4, now_ms);
  bool ok = query_run(&q);
  buf_wipe(&proof);
  return ok;
}

/* The furthest of each lane: what lies before it comes back with it, or not at all. */
static bool keep(struct store *store, uint32_t branch, const struct record *record,
                 const uint8_t hash[HASH_SIZE], const struct held_message *m, int64_t now_ms, struct err *err)
{
  struct query q = query_open(
      store->db,
      "INSERT INTO sync_lost(lane, seq, hash, branch, at_ms, settled) VALUES(?1, ?2, ?3, ?4, ?5, 0)"
      " ON CONFLICT(lane) DO UPDATE SET seq = excluded.seq, hash = excluded.hash, branch = excluded.branch,"
      " at_ms = excluded.at_ms, settled = 0 WHERE settled OR excluded.seq > seq",
      err);
  query_int(&q, 1, record->stream.lane);
  query_int(&q, 2, (int64_t)record->seq);
  query_blob(&q, 3, hash, HASH_SIZE);
  query_int(&q, 4, branch);
  query_int(&q, 5, now_ms);
  if (!query_run(&q)) return false;
  return db_changes(store->db) == 0 || accuse(store, branch, record, m, now_ms, err);
}

/* Where our log has what the record proves not to be of the same chain; 0 when it proves no such thing,
 * whatever the branch says.  That is another entry at its place; or, when our log ends before it, our newest
 * one, if it is not the one the record follows, or is not older than the record: on one chain clocks rise. */
static bool parted_at(struct db *db, const struct record *record, enum prefix prefix, uint64_t *seq,
                      struct err *err)
{
  struct head head;
  int64_t pos = -1;
  bool follows = false;
  *seq = prefix == PREFIX_OTHER ? record->seq : 0;
  if (prefix != PREFIX_AHEAD) return true;
  if (!stream_head(db, record->stream, &head, err)) return false;
  if (head.seq > 0 && !stream_find(db, record->stream, head.seq, &pos, err)) return false;
  if (!follows_on_head(db, pos, &head, record->prev, &follows, err)) return false;
  follows = follows || record->seq > head.seq + 1;
  bool later = record->epoch != head.epoch || record->hlc > head.hlc;
  if (!follows || !later) *seq = head.seq;
  return true;
}

/* Does it follow on the record of that hash, by that or by the leaf that our log has of it? */
static bool is_chained(struct db *db, const struct record *record, uint64_t seq,
                       const uint8_t hash[HASH_SIZE], bool *yes, struct err *err)
{
  enum prefix prefix = PREFIX_OTHER;
  int64_t pos = -1;
  *yes = memcmp(record->prev, hash, HASH_SIZE) == 0;
  if (*yes || seq == 0) return true;
  if (!prefix_compare(db, record->stream, seq, hash, &prefix, err)) return false;
  return prefix != PREFIX_SAME || (stream_find(db, record->stream, seq, &pos, err) &&
                                   follows_on(db, pos, hash, record->prev, yes, err));
}

/* The records before it that came with it, which it chains: the first at whose place our log has another is
 * where they part.  They prove nothing when they do not lead to it. */
static bool parted_before(struct db *db, const struct record *record, const struct held_message *m,
                          uint64_t *seq, struct err *err)
{
  struct held_message left = *m;
  struct span bytes;
  struct record before;
  uint8_t hash[HASH_SIZE] = {0};
  uint64_t parted = 0, at = record->seq - m->chain_count;
  if (m->chain_count >= record->seq) return true;
  bool chained = true;
  for (bool first = true; held_message_next(&left, &bytes); first = false, at++) {
    enum prefix prefix = PREFIX_SAME;
    if (!record_decode(&before, bytes.p, bytes.size, err)) return false;
    if (before.stream.author != record->stream.author || before.stream.lane != record->stream.lane ||
        before.seq != at)
      return true;
    if (!first && !is_chained(db, &before, at - 1, hash, &chained, err)) return false;
    if (!chained) return true;
    record_hash(hash, bytes.p, bytes.size);
    if (!parted && !prefix_compare(db, record->stream, at, hash, &prefix, err)) return false;
    if (prefix == PREFIX_OTHER) parted = at;
  }
  if (parted && !is_chained(db, record, at - 1, hash, &chained, err)) return false;
  if (parted && chained) *seq = parted;
  return true;
}

/* Does what is shown stand beside what branches have witnessed of our log? */
static bool is_beside(struct db *db, const struct record *record, const struct held_message *m,
                      enum prefix prefix, bool *beside, struct err *err)
{
  uint64_t parted = 0;
  return parted_at(db, record, prefix, &parted, err) &&
         (parted || parted_before(db, record, m, &parted, err)) &&
         is_witnessed(db, record->stream, parted, beside, err);
}

static bool judge(struct store *store, uint32_t branch, const struct held_message *m, int64_t now_ms,
                  enum lost_verdict *out, struct err *err)
{
  struct record record;
  uint8_t hash[HASH_SIZE];
  enum prefix prefix = PREFIX_SAME;
  bool settled = false, witnessed = false;
  if (!prove(store, branch, m, &record, hash, err) ||
      !prefix_compare(store->db, record.stream, record.seq, hash, &prefix, err) ||
      !is_settled(store->db, &record, &settled, err) ||
      !is_beside(store->db, &record, m, prefix, &witnessed, err))
    return false;
  *out = prefix == PREFIX_SAME ? LOST_NOT : settled || witnessed ? LOST_SETTLED : LOST_NOW;
  return *out != LOST_NOW || keep(store, branch, &record, hash, m, now_ms, err);
}

bool store_lost(struct store *store, uint32_t branch, const struct held_message *m, int64_t now_ms,
                enum lost_verdict *out, struct err *err)
{
  *out = LOST_NOT;
  if (!store_begin(store, err)) return false;
  bool ok = judge(store, branch, m, now_ms, out, err);
  return store_end_shown(store, &store->unkept.held, branch, *out == LOST_NOW, ok, err);
}

/* What was shown is kept as it came: others may have witnessed since what our log has in its place. */
static bool stands_beside(struct db *db, const struct lost_entry *row, enum prefix prefix, bool *beside,
                          struct err *err)
{
  struct query q =
      query_open(db,
                 "SELECT proof FROM sync_evidence WHERE rule = 'log_rolled_back' AND length(proof) > 0"
                 " ORDER BY at_ms DESC /* scan: bad days are few */",
                 err);
  bool ok = true, found = false;
  *beside = false;
  while (ok && !found && query_row(&q)) {
    struct held_message m;
    struct record record;
    struct err other = ERR_INIT;
    uint8_t hash[HASH_SIZE];
    size_t n = 0;
    const void *proof = column_blob(&q, 0, &n);
    if (!held_message_decode(&m, proof, n, &other) ||
        !record_decode(&record, m.record.p, m.record.size, &other))
      continue;
    record_hash(hash, m.record.p, m.record.size);
    found = record.stream.lane == row->lane && memcmp(hash, row->hash, HASH_SIZE) == 0;
    if (found) ok = is_beside(db, &record, &m, prefix, beside, err);
  }
  return query_close(&q) && ok;
}

bool lost_list(struct db *db, uint32_t province, void (*each)(void *ctx, const struct lost_entry *row),
               void *ctx, struct err *err)
{
  struct query q = query_open(db,
                              "SELECT branch, lane, seq, hash, at_ms FROM sync_lost WHERE settled = 0"
                              " /* scan: bad days are few */",
                              err);
  bool ok = true;
  while (ok && query_row(&q)) {
    struct lost_entry row = {.branch = (uint32_t)column_int(&q, 0),
                             .lane = (uint32_t)column_int(&q, 1),
                             .seq = (uint64_t)column_int(&q, 2),
                             .at_ms = column_int(&q, 4)};
    enum prefix prefix = PREFIX_SAME;
    size_t n = 0;
    const void *hash = column_blob(&q, 3, &n);
    if (n == HASH_SIZE) memcpy(row.hash, hash, HASH_SIZE);
    bool beside = false;
    ok = prefix_compare(db, (struct stream){province, row.lane}, row.seq, row.hash, &prefix, err) &&
         (prefix == PREFIX_SAME || stands_beside(db, &row, prefix, &beside, err));
    if (ok && prefix != PREFIX_SAME && !beside) each(ctx, &row);
  }
  return query_close(&q) && ok;
}

static void note_any(void *ctx, const struct lost_entry *row)
{
  bool *any = ctx;
  (void)row;
  *any = true;
}

bool lost_any(struct db *db, uint32_t province, bool *any, struct err *err)
{
  *any = false;
  return lost_list(db, province, note_any, any, err);
}

bool lost_let_go(struct db *db, uint32_t lane, struct err *err)
{
  struct query q = query_open(db, "UPDATE sync_lost SET settled = 1 WHERE lane = ?1", err);
  query_int(&q, 1, lane);
  return query_run(&q);
}

bool lost_settle(struct db *db, struct err *err)
{
  return db_exec(db, "UPDATE sync_lost SET settled = 1 /* scan: bad days are few */", err);
}
