#include "sync/again.h"

#include "core/base/changes.h"
#include "core/base/tx.h"
#include "sync/again_same.h"
#include "sync/store_state.h"

#include <stdio.h>
#include <string.h>

void again_keep_out(struct refusal *why)
{
  (void)refuse(why, "journaled_again", "a later entry is this record, and stands");
}

bool again_stands(struct db *db, struct stream stream, const uint8_t hash[HASH_SIZE], struct refusal *why,
                  struct err *err)
{
  struct query q =
      query_open(db, "SELECT 1 FROM journaled_again WHERE record_hash = ?1 AND branch = ?2", err);
  query_blob(&q, 1, hash, HASH_SIZE);
  query_int(&q, 2, stream.author);
  if (query_row(&q)) again_keep_out(why);
  return query_close(&q);
}

/* Of the entry that made the row of that id. */
static bool is_of(const struct again_asked *asked, int64_t id, const struct logged *first, bool *is,
                  struct err *err)
{
  const uint32_t author = first->record.stream.author;
  const struct stream stream = {author, author == asked->province ? author : 0};
  struct logged later;
  struct buf keep = BUF_INIT;
  int64_t pos = -1;
  bool ok = stream_find_kept(asked->db, stream, id_seq(id), &pos, err) &&
            (pos < 0 || entry_read(asked->db, pos, &later, &keep, err));
  *is = ok && pos >= 0 && again_is_same(asked->tables, first, &later);
  buf_wipe(&keep);
  return ok;
}

bool again_is(const struct again_asked *asked, const struct logged *first, bool *is, bool *named,
              struct err *err)
{
  char sql[128];
  bool ok = true;
  snprintf(sql, sizeof sql, "SELECT id FROM %s.journaled_again WHERE record_hash = ?1 AND branch = ?2",
           asked->rows);
  struct query q = query_open(asked->db, sql, err);
  query_blob(&q, 1, first->hash, HASH_SIZE);
  query_int(&q, 2, first->record.stream.author);
  *is = *named = false;
  while (ok && !*is && query_row(&q)) {
    *named = true;
    ok = is_of(asked, column_int(&q, 0), first, is, err);
  }
  return query_close(&q) && ok;
}

struct taking {
  struct store *store;
  struct stream stream;
  const struct logged *later;
  int64_t at_ms;
};

static bool take_back_at(const struct taking *t, int64_t pos, const uint8_t hash[HASH_SIZE], struct err *err)
{
  struct store *store = t->store;
  struct logged entry;
  struct buf keep = BUF_INIT;
  bool applied = false;
  struct refusal why = {0};
  bool ok = entry_read(store->db, pos, &entry, &keep, err);
  if (ok && memcmp(entry.hash, hash, HASH_SIZE) == 0 && again_is_same(&store->tables, &entry, t->later)) {
    ok = quarantine_was_applied(store->db, t->stream, entry.record.seq, pos, &applied, err);
    if (ok && applied && entry.payload) {
      store->withholding = true; /* append-only tables too */
      ok = rows_undo(store->db, &store->tables, entry.payload, entry.record.payload_size, err);
      store->withholding = false;
      again_keep_out(&why);
      ok = ok && quarantine_keep(store->db, t->stream, entry.record.seq, pos, &why, "refused", t->at_ms, err);
    }
  }
  buf_wipe(&keep);
  return ok;
}

static bool among_found(const struct taking *t, const uint8_t hash[HASH_SIZE], struct err *err)
{
  struct query q = query_open(
      t->store->db, "SELECT pos FROM sync_lost_leaf WHERE author = ?1 AND lane = ?2 AND found_ms > 0", err);
  bool ok = true;
  query_int(&q, 1, t->stream.author);
  query_int(&q, 2, t->stream.lane);
  while (ok && query_row(&q))
    ok = take_back_at(t, column_int(&q, 0), hash, err);
  return query_close(&q) && ok;
}

static bool among_all(const struct taking *t, const uint8_t hash[HASH_SIZE], struct err *err)
{
  struct query q =
      query_open(t->store->db,
                 "SELECT e.pos, e.record FROM sync_span s JOIN sync_entry e ON e.pos >= s.first_pos"
                 " AND e.pos < s.first_pos + iif(s.count = 0, 1 << 60, s.count) WHERE s.author = ?1"
                 " AND s.lane = ?2 AND s.superseded = 0",
                 err);
  int64_t pos = -1;
  query_int(&q, 1, t->stream.author);
  query_int(&q, 2, t->stream.lane);
  while (pos < 0 && query_row(&q)) {
    size_t n = 0;
    uint8_t made[HASH_SIZE];
    const void *bytes = column_blob(&q, 1, &n);
    record_hash(made, bytes, n);
    if (memcmp(made, hash, HASH_SIZE) == 0) pos = column_int(&q, 0);
  }
  return query_close(&q) && (pos < 0 || take_back_at(t, pos, hash, err));
}

static bool take_back(void *ctx, const uint8_t hash[HASH_SIZE], struct err *err)
{
  const struct taking *t = ctx;
  return t->store->keeps_log ? among_found(t, hash, err) : among_all(t, hash, err);
}

bool again_named(const void *payload, size_t size,
                 bool (*each)(void *ctx, const uint8_t hash[HASH_SIZE], struct err *err), void *ctx,
                 struct err *err)
{
  struct changes walk = changes_of(payload, size);
  struct change change;
  bool ok = true;
  while (ok && changes_next(&walk, &change, NULL)) {
    if (strcmp(change.table, "journaled_again") != 0 || change.op != CHANGE_INSERT || change.columns < 3)
      continue;
    const struct value *hash = &change.after[2];
    if (hash->kind == VALUE_BLOB && hash->size == HASH_SIZE) ok = each(ctx, hash->p, err);
  }
  return ok;
}

static bool is_one(void *ctx, const uint8_t hash[HASH_SIZE], struct err *err)
{
  (void)hash;
  (void)err;
  *(bool *)ctx = true;
  return false;
}

bool again_any(const void *payload, size_t size)
{
  bool any = false;
  (void)again_named(payload, size, is_one, &any, NULL);
  return any;
}

bool again_take_back(struct store *store, int64_t pos, int64_t at_ms, struct err *err)
{
  struct logged later;
  struct buf keep = BUF_INIT;
  bool ok = entry_read(store->db, pos, &later, &keep, err);
  struct taking t = {store, later.record.stream, &later, at_ms};
  ok = ok && (!later.payload || again_named(later.payload, later.record.payload_size, take_back, &t, err));
  buf_wipe(&keep);
  return ok;
}
