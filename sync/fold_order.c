#include "sync/fold_order.h"

bool fold_order_open(struct fold_order *order, struct db *db, struct err *err)
{
  int64_t any = 0;
  *order = (struct fold_order){.db = db, .found_end = -1, .found_pos = -1, .err = err};
  bool ok = log_end(db, &order->end, err) &&
            db_int(db, "SELECT EXISTS(SELECT 1 FROM sync_lost_leaf WHERE found_ms > 0)", 0, &any, err);
  order->any = any != 0;
  return ok;
}

/* One that turned up before the next of the log came. */
static bool next_found(struct fold_order *order, int64_t *pos)
{
  struct query q = query_open(order->db,
                              "SELECT found_end, pos FROM sync_lost_leaf WHERE found_ms > 0 AND"
                              " (found_end, pos) > (?1, ?2) AND found_end <= ?3"
                              " ORDER BY found_end, pos LIMIT 1",
                              order->err);
  query_int(&q, 1, order->found_end);
  query_int(&q, 2, order->found_pos);
  query_int(&q, 3, order->pos);
  *pos = -1;
  if (query_row(&q)) {
    order->found_end = column_int(&q, 0);
    *pos = order->found_pos = column_int(&q, 1);
  }
  return query_close(&q);
}

static bool was_found(struct fold_order *order, int64_t pos, bool *found)
{
  struct query q =
      query_open(order->db, "SELECT 1 FROM sync_lost_leaf WHERE pos = ?1 AND found_ms > 0", order->err);
  query_int(&q, 1, pos);
  *found = query_row(&q);
  return query_close(&q);
}

bool fold_order_next(struct fold_order *order, int64_t *pos)
{
  bool found = true;
  *pos = -1;
  if (order->any && !next_found(order, pos)) return false;
  if (*pos >= 0) return true;
  while (found && order->pos < order->end) {
    *pos = order->pos++;
    found = false;
    if (order->any && !was_found(order, *pos, &found)) return false;
    if (found) {
      *pos = -1;
      if (!next_found(order, pos)) return false;
      if (*pos >= 0) return true;
    }
  }
  return true;
}
