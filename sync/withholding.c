#include "sync/withholding.h"

#include "sync/rows.h"
#include "sync/streams.h"

#include <stdio.h>
#include <string.h>

#define COLUMNS                                                                                              \
  "SELECT id, author, lane, seq, record_hash, subject, no, rule, reason, request, asked_by, asked_ms,"       \
  " actor, at_ms FROM withholding"

static const char TABLE[] = "withholding";

/* ---- reading acts ---- */

static void read_act(const struct query *q, struct withholding *out)
{
  size_t n = 0;
  const void *hash = column_blob(q, 4, &n);
  *out = (struct withholding){.id = column_int(q, 0),
                              .stream = {(uint32_t)column_int(q, 1), (uint32_t)column_int(q, 2)},
                              .seq = (uint64_t)column_int(q, 3),
                              .subject = column_text(q, 5),
                              .no = column_text(q, 6),
                              .rule = column_text(q, 7),
                              .reason = column_text(q, 8),
                              .request = column_int(q, 9),
                              .asked_by = column_text(q, 10),
                              .asked_ms = column_int(q, 11),
                              .actor = column_text(q, 12),
                              .at_ms = column_int(q, 13)};
  if (n == HASH_SIZE) memcpy(out->record_hash, hash, HASH_SIZE);
}

bool withholding_get(struct db *db, struct stream stream, uint64_t seq, struct withholding *out, bool *found,
                     struct buf *keep, struct err *err)
{
  struct query q =
      query_open(db, COLUMNS " WHERE author = ?1 AND lane = ?2 AND seq = ?3 ORDER BY id DESC LIMIT 1", err);
  query_int(&q, 1, stream.author);
  query_int(&q, 2, stream.lane);
  query_int(&q, 3, (int64_t)seq);
  *found = query_row(&q);
  buf_clear(keep);
  if (*found) {
    read_act(&q, out);
    const char **texts[] = {&out->subject, &out->no, &out->rule, &out->reason, &out->asked_by, &out->actor};
    size_t at[sizeof texts / sizeof *texts];
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
      at[i] = keep->size;
      put_text(keep, *texts[i]);
      put_u8(keep, 0);
    }
    for (size_t i = 0; !keep->bad && i < sizeof texts / sizeof *texts; i++)
      *texts[i] = (const char *)keep->data + at[i];
  }
  if (!query_close(&q)) return false;
  return !keep->bad || err_set(err, ERR_IO, "out of memory reading an act");
}

bool withholding_any(struct db *db, struct stream stream, uint64_t first, uint64_t last, bool *any,
                     struct err *err)
{
  struct query q = query_open(
      db, "SELECT 1 FROM withholding WHERE author = ?1 AND lane = ?2 AND seq BETWEEN ?3 AND ?4 LIMIT 1", err);
  query_int(&q, 1, stream.author);
  query_int(&q, 2, stream.lane);
  query_int(&q, 3, (int64_t)first);
  query_int(&q, 4, (int64_t)last);
  *any = query_row(&q);
  return query_close(&q);
}

bool withholding_list(struct db *db, uint32_t author, void (*each)(void *ctx, const struct withholding *act),
                      void *ctx, struct err *err)
{
  struct query q = query_open(
      db,
      COLUMNS " w WHERE (?1 = 0 OR author = ?1 OR lane = ?1) AND NOT EXISTS(SELECT 1 FROM withholding n WHERE"
              " n.author = w.author AND n.lane = w.lane AND n.seq = w.seq AND n.request = w.request"
              " AND n.id > w.id) ORDER BY id DESC /* scan: meant, acts are few */",
      err);
  struct withholding act;
  query_int(&q, 1, author);
  while (query_row(&q)) {
    read_act(&q, &act);
    each(ctx, &act);
  }
  return query_close(&q);
}

bool withholding_each(struct db *db, bool (*each)(void *ctx, const struct withholding *act, struct err *err),
                      void *ctx, struct err *err)
{
  struct query q = query_open(db, COLUMNS " ORDER BY id /* scan: meant, acts are few */", err);
  struct withholding act;
  bool ok = true;
  while (ok && query_row(&q)) {
    read_act(&q, &act);
    ok = each(ctx, &act, err);
  }
  return query_close(&q) && ok;
}

/* ---- what may go ---- */

static bool not_this(struct err *err, const char *rule, const struct change *change, const char *why)
{
  return err_rule(err, ERR_CONFLICT, change->table, rule, "%.64s %s", change->table, why);
}

/* Its rows stand alone: nothing that came later was built on their bytes. */
static bool row_stands_alone(struct db *db, const struct change *change, struct err *err)
{
  struct query q = query_open(db, "SELECT scope, append_only FROM table_scope WHERE name = ?1", err);
  query_text(&q, 1, change->table);
  bool known = query_row(&q);
  bool shared = known && strcmp(column_text(&q, 0), "shared") == 0;
  bool append_only = known && column_int(&q, 1) != 0;
  if (!query_close(&q)) return false;
  if (strcmp(change->table, TABLE) == 0)
    return not_this(err, "withhold_act", change, "is the act itself: it says why something is missing");
  if (shared)
    return not_this(err, "withhold_shared", change,
                    "is shared: every branch builds on it; correct it with a new record");
  if (!append_only || change->op != CHANGE_INSERT)
    return not_this(err, "withhold_changeable", change, "can be changed by records that came later");
  return true;
}

static bool stands_alone(struct db *db, const struct logged *entry, struct err *err)
{
  struct changes walk = changes_of(entry->payload, entry->record.payload_size);
  struct change change;
  while (changes_next(&walk, &change, err))
    if (!row_stands_alone(db, &change, err)) return false;
  return changes_done(&walk);
}

/* What waits for a newer program will be applied.  What its rows are nobody here knows yet, nor what it
 * replaces and what would stand again without it; at its branch they are in the tables. */
static bool waits_for_nothing(struct db *db, const struct logged *entry, struct err *err)
{
  const struct record *r = &entry->record;
  struct query q = query_open(
      db, "SELECT 1 FROM sync_stream WHERE author = ?1 AND lane = ?2 AND waiting_seq BETWEEN 1 AND ?3", err);
  query_int(&q, 1, r->stream.author);
  query_int(&q, 2, r->stream.lane);
  query_int(&q, 3, (int64_t)r->seq);
  const bool waits = query_row(&q);
  if (!query_close(&q)) return false;
  return !waits ||
         err_rule(err, ERR_CONFLICT, "pos", "waits",
                  "entry %lld waits for a newer program: upgrade this one first", (long long)entry->pos);
}

static bool allowed(struct db *db, const struct logged *entry, struct err *err)
{
  int64_t pos = -1;
  bool applied = false;
  if (!entry->payload)
    return err_rule(err, ERR_CONFLICT, "pos", "withheld", "the payload of entry %lld is withheld already",
                    (long long)entry->pos);
  if (!stream_find(db, entry->record.stream, entry->record.seq, &pos, err) ||
      !quarantine_was_applied(db, entry->record.stream, entry->record.seq, entry->pos, &applied, err))
    return false;
  if (pos != entry->pos)
    return err_rule(err, ERR_CONFLICT, "pos", "superseded", "entry %lld was written again at %lld",
                    (long long)entry->pos, (long long)pos);
  if (!waits_for_nothing(db, entry, err)) return false;
  return !applied || stands_alone(db, entry, err);
}

bool withholding_allowed(struct db *db, int64_t pos, struct err *err)
{
  struct logged entry;
  struct buf keep = BUF_INIT;
  bool ok = entry_read(db, pos, &entry, &keep, err) && allowed(db, &entry, err);
  buf_wipe(&keep);
  return ok;
}

/* ---- the act ---- */

static bool insert(struct tx *tx, const struct logged *entry, const uint8_t record_hash[HASH_SIZE],
                   const struct withholding *act, struct err *err)
{
  const struct record *r = &entry->record;
  int64_t id;
  if (!tx_id(tx, SCOPE_SHARED, &id, err)) return false;
  struct query q =
      query_open(tx->db,
                 "INSERT INTO withholding(id, author, lane, seq, record_hash, subject, no, rule, reason,"
                 " request, asked_by, asked_ms, actor, at_ms)"
                 " VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)",
                 err);
  query_int(&q, 1, id);
  query_int(&q, 2, r->stream.author);
  query_int(&q, 3, r->stream.lane);
  query_int(&q, 4, (int64_t)r->seq);
  query_blob(&q, 5, record_hash, HASH_SIZE);
  query_textn(&q, 6, r->subject.text, r->subject.size);
  query_text(&q, 7, act->no);
  query_text(&q, 8, act->rule);
  query_text(&q, 9, act->reason);
  query_int(&q, 10, act->request);
  query_text(&q, 11, act->asked_by);
  query_int(&q, 12, act->asked_ms);
  query_text(&q, 13, tx->actor);
  query_int(&q, 14, tx->now_ms);
  return query_run(&q);
}

/* An entry that was journaled again says of which, once; that record may come back with an old disk. */
static bool insert_first(struct tx *tx, const struct logged *entry, const struct withholding *act,
                         struct err *err)
{
  struct changes walk = changes_of(entry->payload, entry->record.payload_size);
  struct change change;
  while (changes_next(&walk, &change, NULL)) {
    if (strcmp(change.table, "journaled_again") != 0 || change.op != CHANGE_INSERT || change.columns < 3)
      continue;
    const struct value *hash = &change.after[2];
    if (hash->kind != VALUE_BLOB || hash->size != HASH_SIZE) continue;
    return insert(tx, entry, hash->p, act, err);
  }
  return true;
}

bool withholding_add(struct tx *tx, int64_t pos, const struct withholding *act, struct err *err)
{
  struct logged entry;
  struct buf keep = BUF_INIT;
  if (strcmp(tx->actor, act->asked_by) == 0)
    return err_rule(err, ERR_DENIED, "", "two_persons",
                    "%s asked for it: somebody else must decide that it is withheld", act->asked_by);
  bool ok = entry_read(tx->db, pos, &entry, &keep, err) && allowed(tx->db, &entry, err) &&
            insert_first(tx, &entry, act, err) && insert(tx, &entry, entry.hash, act, err);
  buf_wipe(&keep);
  return ok;
}

/* ---- carrying it out ---- */

/* Is this the entry the act names, or the same content under an earlier epoch? */
static bool is_meant(const struct withholding *act, const struct logged *entry, bool superseded,
                     const uint8_t payload_sha256[HASH_SIZE])
{
  if (!superseded) return memcmp(entry->hash, act->record_hash, HASH_SIZE) == 0;
  return memcmp(entry->record.payload_sha256, payload_sha256, HASH_SIZE) == 0;
}

static bool superseded_copies(struct db *db, const struct withholding *act,
                              const uint8_t payload_sha256[HASH_SIZE], withholding_copy *each, void *ctx,
                              struct err *err)
{
  struct query q =
      query_open(db,
                 "SELECT first_pos + ?3 - first_seq FROM sync_span WHERE author = ?1 AND lane = ?2"
                 " AND superseded = 1 AND first_seq <= ?3 AND first_seq + count > ?3",
                 err);
  query_int(&q, 1, act->stream.author);
  query_int(&q, 2, act->stream.lane);
  query_int(&q, 3, (int64_t)act->seq);
  struct buf keep = BUF_INIT;
  bool ok = true;
  while (ok && query_row(&q)) {
    struct logged entry;
    struct lost_leaf hole; /* one that went aside: what is lost there has no content */
    bool lost = false;
    ok = entry_read_or_lost(db, column_int(&q, 0), &entry, &keep, &hole, &lost, err);
    if (ok && !lost && is_meant(act, &entry, true, payload_sha256)) ok = each(ctx, &entry, true, err);
  }
  buf_wipe(&keep);
  return query_close(&q) && ok;
}

bool withholding_copies(struct db *db, const struct withholding *act, withholding_copy *each, void *ctx,
                        struct err *err)
{
  int64_t pos = -1;
  struct logged entry;
  struct buf keep = BUF_INIT;
  uint8_t payload_sha256[HASH_SIZE];
  if (!stream_find_kept(db, act->stream, act->seq, &pos, err)) return false;
  if (pos < 0) return true; /* another branch's */
  bool ok = entry_read(db, pos, &entry, &keep, err);
  bool meant = ok && is_meant(act, &entry, false, NULL);
  if (meant) memcpy(payload_sha256, entry.record.payload_sha256, HASH_SIZE);
  if (meant) ok = each(ctx, &entry, false, err);
  buf_wipe(&keep);
  return ok && (!meant || superseded_copies(db, act, payload_sha256, each, ctx, err));
}

/* Of the entry that the act names; *known false: it is not here. */
static bool payload_hash_of(struct db *db, const struct withholding *act, uint8_t out[HASH_SIZE], bool *known,
                            struct err *err)
{
  int64_t pos = -1;
  struct logged entry;
  struct buf keep = BUF_INIT;
  *known = false;
  if (!stream_find_kept(db, act->stream, act->seq, &pos, err)) return false;
  bool ok = pos < 0 || entry_read(db, pos, &entry, &keep, err);
  if (ok && pos >= 0 && is_meant(act, &entry, false, NULL)) {
    memcpy(out, entry.record.payload_sha256, HASH_SIZE);
    *known = true;
  }
  buf_wipe(&keep);
  return ok;
}

bool withholding_asides(struct db *db, const struct withholding *act, withholding_aside *each, void *ctx,
                        struct err *err)
{
  uint8_t meant[HASH_SIZE], hash[HASH_SIZE];
  bool known = false;
  if (!payload_hash_of(db, act, meant, &known, err)) return false;
  struct query q =
      query_open(db,
                 "SELECT a.id, coalesce(a.pos, -1), coalesce(a.record, e.record),"
                 " coalesce(a.payload, e.payload) IS NOT NULL FROM sync_aside a LEFT JOIN sync_entry e"
                 " ON e.pos = a.pos WHERE a.author = ?1 AND a.lane = ?2 AND a.state <> 'again'",
                 err);
  query_int(&q, 1, act->stream.author);
  query_int(&q, 2, act->stream.lane);
  bool ok = true;
  while (ok && query_row(&q)) {
    size_t n = 0;
    struct record record;
    const void *bytes = column_blob(&q, 2, &n);
    const struct aside_copy copy = {
        .id = column_int(&q, 0), .pos = column_int(&q, 1), .content = column_int(&q, 3) != 0};
    record_hash(hash, bytes, n);
    if (!(ok = record_decode(&record, bytes, n, err))) break;
    if (memcmp(hash, act->record_hash, HASH_SIZE) == 0 ||
        (known && memcmp(record.payload_sha256, meant, HASH_SIZE) == 0))
      ok = each(ctx, &copy, err);
  }
  return query_close(&q) && ok;
}

struct erasure {
  struct db *db;
  struct tables *tables;
  bool found; /* the entry is here, and its content goes */
  uint8_t payload_sha256[HASH_SIZE];
};

static bool drop_payload(struct db *db, int64_t pos, struct err *err)
{
  struct query q = query_open(db, "UPDATE sync_entry SET payload = NULL WHERE pos = ?1", err);
  query_int(&q, 1, pos);
  return query_run(&q);
}

/* It came without a payload before the act did: now it is known why. */
static bool explain(struct db *db, int64_t pos, struct err *err)
{
  struct query q = query_open(db, "DELETE FROM sync_quarantine WHERE pos = ?1 AND reason = 'withheld'", err);
  query_int(&q, 1, pos);
  return query_run(&q);
}

/* *goes false: its rows do not stand alone.  The province never withholds such an entry, and half
 * of it must not go. */
static bool erase_rows(struct erasure *e, const struct logged *entry, bool *goes, struct err *err)
{
  bool applied = false;
  struct err why = ERR_INIT;
  *goes = true;
  if (!quarantine_was_applied(e->db, entry->record.stream, entry->record.seq, entry->pos, &applied, err))
    return false;
  if (!applied) return true;
  *goes = stands_alone(e->db, entry, &why);
  if (*goes) return rows_remove(e->db, e->tables, entry->payload, entry->record.payload_size, err);
  if (why.kind == ERR_CONFLICT || why.kind == ERR_INPUT) return true;
  if (err) *err = why;
  return false;
}

static bool erase_copy(void *ctx, const struct logged *entry, bool superseded, struct err *err)
{
  struct erasure *e = ctx;
  bool goes = true;
  if (!explain(e->db, entry->pos, err)) return false;
  if (entry->payload && !superseded && !erase_rows(e, entry, &goes, err)) return false;
  if (!superseded) {
    e->found = goes;
    memcpy(e->payload_sha256, entry->record.payload_sha256, HASH_SIZE);
  }
  return !entry->payload || !e->found || drop_payload(e->db, entry->pos, err);
}

/* What a forked author sent for the same place: the same content must not stay there either. */
static bool erase_forks(struct erasure *e, const struct withholding *act, struct err *err)
{
  struct query q = query_open(e->db,
                              "SELECT id, theirs_payload FROM sync_fork WHERE author = ?1 AND lane = ?2"
                              " AND seq = ?3 AND theirs_payload IS NOT NULL /* scan: meant, forks are few */",
                              err);
  query_int(&q, 1, act->stream.author);
  query_int(&q, 2, act->stream.lane);
  query_int(&q, 3, (int64_t)act->seq);
  bool ok = true;
  while (ok && query_row(&q)) {
    uint8_t hash[HASH_SIZE];
    size_t n = 0;
    const void *payload = column_blob(&q, 1, &n);
    sha256(hash, payload, n);
    if (memcmp(hash, e->payload_sha256, HASH_SIZE) != 0) continue;
    struct query drop = query_open(e->db, "UPDATE sync_fork SET theirs_payload = NULL WHERE id = ?1", err);
    query_int(&drop, 1, column_int(&q, 0));
    ok = query_run(&drop);
  }
  return query_close(&q) && ok;
}

/* What this branch keeps of the log for the province, sealed (mirror.h, keep.h). */
static bool erase_mirrored(struct db *db, const struct withholding *act, struct err *err)
{
  struct query q =
      query_open(db,
                 "UPDATE sync_mirror_entry SET sealed = NULL WHERE pos IN (SELECT first_pos + ?3 - first_seq"
                 " FROM sync_mirror_run WHERE author = ?1 AND lane = ?2 AND first_seq <= ?3"
                 " AND first_seq + count > ?3 /* scan: meant, acts are few */)",
                 err);
  query_int(&q, 1, act->stream.author);
  query_int(&q, 2, act->stream.lane);
  query_int(&q, 3, (int64_t)act->seq);
  if (!query_run(&q)) return false;
  q = query_open(db,
                 "UPDATE sync_keep_entry SET sealed = NULL WHERE lane = ?2 AND seq = ?3"
                 " AND ?1 = (SELECT value FROM sync_self WHERE name = 'province')",
                 err);
  query_int(&q, 1, act->stream.author);
  query_int(&q, 2, act->stream.lane);
  query_int(&q, 3, (int64_t)act->seq);
  return query_run(&q);
}

static bool erase_aside(void *ctx, const struct aside_copy *copy, struct err *err)
{
  struct db *db = ctx;
  struct query q = query_open(
      db, "UPDATE sync_aside SET state = 'kept', reason = 'withheld', payload = NULL WHERE id = ?1", err);
  query_int(&q, 1, copy->id);
  return query_run(&q) && (copy->pos < 0 || drop_payload(db, copy->pos, err));
}

static bool enforce_asides(void *ctx, const struct withholding *act, struct err *err)
{
  return withholding_asides(ctx, act, erase_aside, ctx, err);
}

bool withholding_enforce_asides(struct db *db, struct err *err)
{
  return withholding_each(db, enforce_asides, db, err);
}

bool withholding_enforce(struct db *db, struct tables *tables, int64_t from_id, struct err *err)
{
  struct withholding act;
  struct query q = query_open(db, COLUMNS " WHERE id >= ?1 ORDER BY id", err);
  query_int(&q, 1, from_id);
  bool ok = true;
  while (ok && query_row(&q)) {
    read_act(&q, &act);
    struct erasure e = {.db = db, .tables = tables};
    ok = withholding_copies(db, &act, erase_copy, &e, err) && (!e.found || erase_forks(&e, &act, err)) &&
         erase_mirrored(db, &act, err) && enforce_asides(db, &act, err);
  }
  return query_close(&q) && ok;
}
