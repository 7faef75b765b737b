#include "sync/settle.h"

#include "sync/again.h"
#include "sync/store_state.h"
#include "sync/streams.h"

#include <string.h>

bool settle_any(struct db *db, struct stream stream, bool *any, struct err *err)
{
  struct query q =
      query_open(db,
                 "SELECT 1 FROM sync_aside WHERE author = ?1 AND lane = ?2 AND record IS NOT NULL"
                 " AND state <> 'again' LIMIT 1",
                 err);
  query_int(&q, 1, stream.author);
  query_int(&q, 2, stream.lane);
  *any = query_row(&q);
  return query_close(&q);
}

bool settle_entry(struct db *db, struct stream stream, uint64_t seq, const struct batch_entry *entry,
                  struct err *err)
{
  struct query q = query_open(db,
                              "DELETE FROM sync_aside WHERE author = ?1 AND lane = ?2 AND seq = ?3"
                              " AND record = ?4 AND state <> 'again' AND (payload IS NULL OR ?5)",
                              err);
  query_int(&q, 1, stream.author);
  query_int(&q, 2, stream.lane);
  query_int(&q, 3, (int64_t)seq);
  query_blob(&q, 4, entry->record, entry->record_size);
  query_int(&q, 5, entry->payload != NULL);
  return query_run(&q);
}

struct naming {
  struct db *db;
  struct stream stream;
};

/* A row without content is a name, and the entry has its record now. */
static bool settle_named(void *ctx, const uint8_t hash[HASH_SIZE], struct err *err)
{
  const struct naming *n = ctx;
  int64_t id = 0;
  struct query q = query_open(n->db,
                              "SELECT id, record FROM sync_aside WHERE author = ?1 AND lane = ?2"
                              " AND record IS NOT NULL AND payload IS NULL AND state <> 'again'",
                              err);
  query_int(&q, 1, n->stream.author);
  query_int(&q, 2, n->stream.lane);
  while (!id && query_row(&q)) {
    size_t size = 0;
    uint8_t made[HASH_SIZE];
    const void *record = column_blob(&q, 1, &size);
    record_hash(made, record, size);
    if (memcmp(made, hash, HASH_SIZE) == 0) id = column_int(&q, 0);
  }
  if (!query_close(&q)) return false;
  if (!id) return true;
  q = query_open(n->db, "DELETE FROM sync_aside WHERE id = ?1", err);
  query_int(&q, 1, id);
  return query_run(&q);
}

bool settle_again(struct db *db, struct stream stream, const void *payload, size_t size, struct err *err)
{
  struct naming n = {db, stream};
  return again_named(payload, size, settle_named, &n, err);
}

static bool stands(struct db *db, struct stream stream, uint64_t seq, const void *record, size_t n,
                   bool payload, bool *back, struct err *err)
{
  int64_t pos = -1;
  struct logged e;
  struct buf keep = BUF_INIT;
  *back = false;
  bool ok = stream_find_kept(db, stream, seq, &pos, err) && (pos < 0 || entry_read(db, pos, &e, &keep, err));
  if (ok && pos >= 0) *back = e.size == n && memcmp(e.bytes, record, n) == 0 && (e.payload || !payload);
  buf_wipe(&keep);
  return ok;
}

bool settle_is_back(struct db *db, struct stream stream, uint64_t seq, const void *record, size_t n,
                    bool *back, struct err *err)
{
  return stands(db, stream, seq, record, n, false, back, err);
}

/* A name whose record another entry is by now. */
static bool is_again(struct db *db, struct stream stream, const void *record, size_t n, bool *again,
                     struct err *err)
{
  uint8_t hash[HASH_SIZE];
  struct refusal why = {0};
  record_hash(hash, record, n);
  bool ok = again_stands(db, stream, hash, &why, err);
  *again = ok && why.reason[0];
  return ok;
}

/* The first row behind `after` whose entry stands in the log again; 0: none. */
static bool find_back(struct db *db, int64_t after, int64_t *id, struct err *err)
{
  struct query q = query_open(db,
                              "SELECT id, author, lane, seq, record, payload IS NOT NULL FROM sync_aside"
                              " WHERE id > ?1 AND record IS NOT NULL AND state <> 'again' ORDER BY id",
                              err);
  bool ok = true, back = false;
  *id = 0;
  query_int(&q, 1, after);
  while (ok && !back && query_row(&q)) {
    size_t n = 0;
    const void *record = column_blob(&q, 4, &n);
    const bool payload = column_int(&q, 5) != 0;
    const struct stream stream = {(uint32_t)column_int(&q, 1), (uint32_t)column_int(&q, 2)};
    ok = stands(db, stream, (uint64_t)column_int(&q, 3), record, n, payload, &back, err) &&
         (back || payload || is_again(db, stream, record, n, &back, err));
    if (ok && back) *id = column_int(&q, 0);
  }
  return query_close(&q) && ok;
}

bool settle_all(struct db *db, struct err *err)
{
  int64_t id = 0;
  bool ok = find_back(db, 0, &id, err);
  while (ok && id) {
    struct query gone = query_open(db, "DELETE FROM sync_aside WHERE id = ?1", err);
    query_int(&gone, 1, id);
    ok = query_run(&gone) && find_back(db, id, &id, err);
  }
  return ok;
}

bool store_settle(struct store *store, struct err *err)
{
  int64_t id = 0;
  pthread_mutex_lock(&store->lock);
  bool ok = find_back(store->db, 0, &id, err);
  pthread_mutex_unlock(&store->lock);
  if (!ok || !id) return ok;
  return store_begin(store, err) && store_end(store, settle_all(store->db, err), err);
}
