#include "core/domain/listed.h"

#include <inttypes.h>
#include <string.h>

bool listed_look(struct db *db, int64_t product, struct listed *out, struct err *err)
{
  *out = (struct listed){0};
  struct query q = query_open(db, "SELECT status = 'active', name_zh, unit FROM product WHERE id = ?1", err);
  query_int(&q, 1, product);
  if (query_row(&q)) {
    out->found = true;
    out->active = column_int(&q, 0) != 0;
    strncat(out->name, column_text(&q, 1), sizeof out->name - 1);
    strncat(out->unit, column_text(&q, 2), sizeof out->unit - 1);
  }
  return query_close(&q);
}

void listed_check(struct check *check, int64_t product, const struct listed *listed, bool corrects)
{
  if (!listed->found)
    check_fault(check, ERR_INPUT, "product", "unknown_product", "there is no product %" PRId64, product);
  else if (!listed->active && !corrects)
    check_fault(check, ERR_INPUT, "product", "delisted", "%.60s is no longer in the catalogue", listed->name);
}
