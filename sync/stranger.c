#include "sync/stranger.h"

#include "sync/store_state.h"
#include "sync/tlog.h"

#include <stdio.h>

static bool accuse(struct store *store, uint32_t branch, const char *serial, int64_t now_ms, struct err *err)
{
  char origin[TLOG_ORIGIN_SIZE], detail[160];
  tlog_origin(origin, store->province);
  (void)snprintf(detail, sizeof detail,
                 "branch %u shows our certificate %.64s, which this database does not know", branch, serial);
  struct query q = query_open(store->db,
                              "INSERT INTO sync_evidence(origin, rule, detail, held, offered, proof, at_ms)"
                              " VALUES(?1, 'log_rolled_back', ?2, coalesce((SELECT note FROM sync_checkpoint"
                              " ORDER BY size DESC LIMIT 1), ''), '', x'', ?3)",
                              err);
  query_text(&q, 1, origin);
  query_text(&q, 2, detail);
  query_int(&q, 3, now_ms);
  return query_run(&q);
}

static bool keep(struct store *store, uint32_t branch, const char *serial, int64_t now_ms, bool *first,
                 struct err *err)
{
  struct query q = query_open(store->db,
                              "INSERT OR IGNORE INTO sync_stranger(branch, serial, at_ms, settled)"
                              " VALUES(?1, ?2, ?3, 0)",
                              err);
  query_int(&q, 1, branch);
  query_text(&q, 2, serial);
  query_int(&q, 3, now_ms);
  if (!query_run(&q)) return false;
  *first = db_changes(store->db) > 0;
  return !*first || accuse(store, branch, serial, now_ms, err);
}

bool store_stranger(struct store *store, uint32_t branch, const char *serial, int64_t now_ms, bool *first,
                    struct err *err)
{
  bool settled = false;
  *first = false;
  if (!store_begin(store, err)) return false;
  bool known = stranger_is_settled(store->db, branch, serial, &settled, err);
  bool ok = known && keep(store, branch, serial, now_ms, first, err);
  return store_end_shown(store, &store->unkept.stranger, branch, known && !settled, ok, err);
}

bool stranger_list(struct db *db, void (*each)(void *ctx, uint32_t branch, const char *serial, int64_t at_ms),
                   void *ctx, struct err *err)
{
  struct query q = query_open(db,
                              "SELECT branch, serial, at_ms FROM sync_stranger WHERE settled = 0"
                              " /* scan: bad days are few */",
                              err);
  while (query_row(&q))
    each(ctx, (uint32_t)column_int(&q, 0), column_text(&q, 1), column_int(&q, 2));
  return query_close(&q);
}

bool stranger_any(struct db *db, bool *any, struct err *err)
{
  int64_t count = 0;
  bool ok = db_int(db, "SELECT count(*) FROM sync_stranger WHERE settled = 0 /* scan: bad days are few */", 0,
                   &count, err);
  *any = count > 0;
  return ok;
}

bool stranger_is_settled(struct db *db, uint32_t branch, const char *serial, bool *settled, struct err *err)
{
  struct query q = query_open(db, "SELECT settled FROM sync_stranger WHERE branch = ?1 AND serial = ?2", err);
  query_int(&q, 1, branch);
  query_text(&q, 2, serial);
  *settled = query_row(&q) && column_int(&q, 0);
  return query_close(&q);
}

bool stranger_settle(struct db *db, uint32_t branch, const char *serial, int64_t now_ms, struct err *err)
{
  struct query q =
      query_open(db,
                 "INSERT INTO sync_stranger(branch, serial, at_ms, settled) VALUES(?1, ?2, ?3, 1)"
                 " ON CONFLICT(branch, serial) DO UPDATE SET settled = 1",
                 err);
  query_int(&q, 1, branch);
  query_text(&q, 2, serial);
  query_int(&q, 3, now_ms);
  return query_run(&q);
}

bool stranger_settle_all(struct db *db, struct err *err)
{
  return db_exec(db, "UPDATE sync_stranger SET settled = 1 /* scan: bad days are few */", err);
}
