#include "sync/cut.h"

#include "core/base/clock.h"
#include "sync/settle.h"
#include "sync/streams.h"

#include <string.h>

bool cut_place(struct db *log, uint64_t below, uint64_t *size, struct err *err)
{
  struct query q = query_open(log,
                              "SELECT coalesce(max(c.size), 0) FROM sync_cosigner c JOIN sync_checkpoint k"
                              " ON k.size = c.size WHERE c.size < ?1 AND c.name LIKE '%.sunlit/witness'"
                              " /* scan: two rows a branch */",
                              err);
  query_int(&q, 1, (int64_t)below);
  *size = query_row(&q) ? (uint64_t)column_int(&q, 0) : 0;
  return query_close(&q);
}

static bool put_aside(struct db *db, int64_t pos, int64_t now_ms, struct err *err)
{
  struct logged e;
  struct buf keep = BUF_INIT;
  struct lost_leaf leaf;
  bool lost = false;
  bool ok = entry_read_or_lost(db, pos, &e, &keep, &leaf, &lost, err);
  if (ok && !lost) {
    struct query q =
        query_open(db,
                   "INSERT INTO sync_aside(cut, author, lane, epoch, seq, record, payload, made_ms, aside_ms,"
                   " state, reason) SELECT coalesce((SELECT min(id) FROM sync_aside WHERE aside_ms = ?8), 0),"
                   " ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, iif(?1 = (SELECT value FROM sync_self WHERE name ="
                   " 'author') AND ?6 IS NOT NULL, 'waiting', 'kept'), iif(?6 IS NULL, 'withheld', '')",
                   err);
    query_int(&q, 1, e.record.stream.author);
    query_int(&q, 2, e.record.stream.lane);
    query_int(&q, 3, e.record.epoch);
    query_int(&q, 4, (int64_t)e.record.seq);
    query_blob(&q, 5, e.bytes, e.size);
    if (e.payload) query_blob(&q, 6, e.payload, e.record.payload_size);
    query_int(&q, 7, hlc_ms(e.record.hlc));
    query_int(&q, 8, now_ms);
    ok = query_run(&q);
  }
  buf_wipe(&keep);
  return ok;
}

/* Each statement once, ?1 the size that stays.  What was known of leaves that are no more goes with them; the
 * tree is made anew when the log is written on. */
static bool forget(struct db *db, uint64_t size, struct err *err)
{
  static const char close_span[] = "UPDATE sync_span SET count = ?1 - first_pos WHERE first_pos < ?1"
                                   " AND (count = 0 OR first_pos + count > ?1) /* scan: once */";
  static const char *const statements[] = {
      close_span,
      "DELETE FROM sync_span WHERE first_pos >= ?1 /* scan: once */",
      "DELETE FROM sync_entry WHERE pos >= ?1",
      "DELETE FROM sync_lost_leaf WHERE pos >= ?1",
      "DELETE FROM sync_vouch WHERE pos >= ?1",
      "DELETE FROM sync_checkpoint WHERE size > ?1",
      "DELETE FROM sync_cosignature WHERE size > ?1",
      "DELETE FROM sync_cosigner WHERE size > ?1 /* scan: two rows a branch */",
      "DELETE FROM sync_quorum WHERE size > ?1 /* scan: one row */",
      "DELETE FROM sync_meeting WHERE size > ?1 /* scan: one row */",
      "UPDATE sync_witnessed SET size = ?1 WHERE size > ?1",
      "DELETE FROM sync_archive WHERE size > ?1 /* scan: once */",
      "DELETE FROM sync_quarantine WHERE pos >= ?1",
      "UPDATE sync_fork SET pos = -1 WHERE pos >= ?1 /* scan: forks are few */",
      "DELETE FROM sync_tile WHERE ?1 >= 0",
      "DELETE FROM sync_tree WHERE ?1 >= 0",
      "DELETE FROM sync_cursor WHERE ?1 >= 0",
  };
  for (size_t i = 0; i < sizeof statements / sizeof statements[0]; i++) {
    struct query q = query_open(db, statements[i], err);
    query_int(&q, 1, (int64_t)size);
    if (!query_run(&q)) return false;
  }
  return true;
}

/* A stream whose waiting entry went waits no more. */
static bool end_waiting(struct db *db, struct err *err)
{
  struct query q =
      query_open(db,
                 "UPDATE sync_stream SET waiting_seq = 0 WHERE waiting_seq > coalesce((SELECT max(first_seq +"
                 " count - 1) FROM sync_span s WHERE s.author = sync_stream.author AND s.lane ="
                 " sync_stream.lane AND s.superseded = 0), 0) /* scan: a row a stream */",
                 err);
  return query_run(&q);
}

static bool cut(struct db *db, uint64_t size, int64_t now_ms, struct err *err)
{
  int64_t end = 0;
  bool ok = log_end(db, &end, err);
  for (int64_t pos = (int64_t)size; ok && pos < end; pos++)
    ok = put_aside(db, pos, now_ms, err);
  return ok &&
         db_exec(db,
                 "UPDATE sync_aside SET cut = (SELECT min(id) FROM sync_aside a WHERE a.aside_ms ="
                 " sync_aside.aside_ms) WHERE cut = 0",
                 err) &&
         forget(db, size, err) && end_waiting(db, err);
}

bool cut_log(const char *copy, uint64_t size, int64_t now_ms, struct err *err)
{
  struct db *db = NULL;
  if (!db_open(&db, copy, DB_WRITE, err)) return false;
  bool ok = db_begin(db, err) && cut(db, size, now_ms, err) && db_commit(db, err);
  if (!ok) db_rollback(db);
  db_close(db);
  return ok;
}

bool cut_settle(const char *copy, struct err *err)
{
  struct db *db = NULL;
  if (!db_open(&db, copy, DB_WRITE, err)) return false;
  bool ok = db_begin(db, err) && settle_all(db, err) && db_commit(db, err);
  if (!ok) db_rollback(db);
  db_close(db);
  return ok;
}
