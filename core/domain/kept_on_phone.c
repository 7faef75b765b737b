#include "core/domain/kept_on_phone.h"

bool kept_on_phone_add(struct tx *tx, int64_t id, int64_t age_ms, struct err *err)
{
  if (age_ms < 1 || age_ms > KEPT_DAYS_MAX * (int64_t)86400000 || age_ms >= tx->now_ms) return true;
  struct query q = query_open(tx->db, "INSERT OR IGNORE INTO kept_on_phone(id, kept_ms) VALUES(?1, ?2)", err);
  query_int(&q, 1, id);
  query_int(&q, 2, tx->now_ms - age_ms);
  return query_run(&q);
}

bool kept_on_phone_get(struct db *db, int64_t id, int64_t *kept_ms, struct err *err)
{
  struct query q = query_open(db, "SELECT kept_ms FROM kept_on_phone WHERE id = ?1", err);
  query_int(&q, 1, id);
  *kept_ms = query_row(&q) ? column_int(&q, 0) : 0;
  return query_close(&q);
}
