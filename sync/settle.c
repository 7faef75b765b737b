#include "sync/settle.h"

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
    ok = stands(db, (struct stream){(uint32_t)column_int(&q, 1), (uint32_t)column_int(&q, 2)},
                (uint64_t)column_int(&q, 3), record, n, column_int(&q, 5) != 0, &back, err);
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
