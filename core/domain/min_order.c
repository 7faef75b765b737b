#include "core/domain/min_order.h"

#include "core/base/json.h"
#include "core/domain/item.h"

bool min_order_count(struct db *db, int64_t product, int64_t *count, struct err *err)
{
  struct query q =
      query_open(db, "SELECT count(*) FROM channel WHERE product = ?1 AND min_order_qty > 0", err);
  query_int(&q, 1, product);
  *count = query_row(&q) ? column_int(&q, 0) : 0;
  return query_close(&q);
}

static bool next(struct db *db, int64_t product, int64_t *id, int64_t *rev, struct err *err)
{
  struct query q = query_open(
      db,
      "SELECT id, rev FROM channel WHERE product = ?1 AND min_order_qty > 0 AND id > ?2 ORDER BY id LIMIT 1",
      err);
  query_int(&q, 1, product);
  query_int(&q, 2, *id);
  *id = query_row(&q) ? column_int(&q, 0) : 0;
  *rev = *id ? column_int(&q, 1) : 0;
  return query_close(&q);
}

bool min_order_empty(struct tx *tx, int64_t product, struct err *err)
{
  int64_t id = 0, rev = 0;
  json_t *none = json_pack("{si}", "min_order_qty", 0);
  bool ok = next(tx->db, product, &id, &rev, err);
  while (ok && id)
    ok = item_change(tx, ITEM_CHANNEL, id, rev, none, NULL, NULL, err) &&
         next(tx->db, product, &id, &rev, err);
  json_decref(none);
  return ok;
}
