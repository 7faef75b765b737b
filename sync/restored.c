#include "sync/restored.h"

#include "sync/standing.h"
#include "sync/store_state.h"

bool restored_mark(struct db *copy, int64_t now_ms, struct err *err)
{
  struct query q = query_open(
      copy,
      "INSERT INTO sync_restored(id, copied_ms) VALUES(1, ?1) ON CONFLICT(id) DO UPDATE SET challenge = NULL",
      err);
  query_int(&q, 1, now_ms);
  return query_run(&q);
}

bool restored_state(struct db *db, int64_t *copied_ms, struct err *err)
{
  return db_int(db, "SELECT copied_ms FROM sync_restored", 0, copied_ms, err);
}

bool store_load_restored(struct store *store, struct err *err)
{
  int64_t copied_ms = 0;
  if (!restored_state(store->db, &copied_ms, err)) return false;
  store->restored = copied_ms != 0;
  return true;
}

bool store_not_restored(const struct store *store, struct err *err)
{
  if (!store->restored) return true;
  return err_rule(err, ERR_BUSY, "", "restoring",
                  store->keeps_log
                      ? "this is a restored backup: it adds nothing until sunlit-hub rebuild --from-branches "
                        "has brought back what came after it, or sunlit-hub resume when nothing did"
                      : "this is a restored backup: it writes when the province has said how far "
                        "it has this branch's journal");
}

bool store_heard(struct store *store, int64_t now_ms, struct err *err)
{
  pthread_mutex_lock(&store->lock);
  bool marked = store->restored, waits = store->aside_waits;
  pthread_mutex_unlock(&store->lock);
  if (waits && !store_again(store, now_ms, err)) return false;
  if (!marked) return true;
  if (!store_begin(store, err)) return false;
  bool ok = db_exec(store->db, "DELETE FROM sync_restored", err);
  store->restored = store->restored && !ok;
  return store_end(store, ok, err);
}

bool store_ask(struct store *store, struct err *err)
{
  pthread_mutex_lock(&store->lock);
  bool marked = store->restored;
  pthread_mutex_unlock(&store->lock);
  if (!marked) return true;
  return store_begin(store, err) && store_end(store, challenge_make(store->db, err), err);
}
