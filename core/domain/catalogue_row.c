#include "core/domain/catalogue_row.h"

#include "core/base/text.h"
#include "core/domain/field.h"
#include "core/domain/item.h"
#include "core/domain/min_order.h"
#include "core/domain/price.h"

#include <string.h>

/* The file's window and the closed ones: those given, else those the product has. */
json_t *catalogue_row_seasons(const struct catalogue_row *row, const json_t *before)
{
  json_t *list = json_array(), *window;
  json_array_append(list, row->open);
  size_t i;
  json_array_foreach(row->closed ? row->closed : (json_t *)(uintptr_t)before, i, window)
  {
    const char *kind = json_string_value(json_object_get(window, "kind"));
    if (kind && strcmp(kind, "closed") == 0) json_array_append(list, window);
  }
  return list;
}

bool catalogue_row_find(struct db *db, const struct catalogue_row *row, struct catalogue_change *there,
                        struct err *err)
{
  struct query q =
      query_open(db,
                 "SELECT id, rev, status <> 'active', changed_by, changed_ms FROM product WHERE name_zh = ?1"
                 " AND origin_code = ?2",
                 err);
  query_text(&q, 1, row->name);
  query_int(&q, 2, row->code);
  *there = (struct catalogue_change){.line = row->line, .name = row->name};
  if (query_row(&q)) {
    there->id = column_int(&q, 0);
    there->rev = column_int(&q, 1);
    there->delisted = column_int(&q, 2) != 0;
    text_clean(TEXT_NAME, there->changed_by, sizeof there->changed_by, column_text(&q, 3));
    there->changed_ms = column_int(&q, 4);
  }
  return query_close(&q);
}

/* What of the product the row says otherwise, {field: [now, sheet]}; NULL: nothing. */
static json_t *differences(const struct catalogue_row *row, const json_t *before)
{
  json_t *given = json_copy(row->fields), *found = NULL, *value;
  const char *key;
  if (row->open)
    json_object_set_new(given, "seasons", catalogue_row_seasons(row, json_object_get(before, "seasons")));
  json_object_foreach(given, key, value)
  {
    json_t *sheet = field_canonical(key, value), *now = json_object_get(before, key);
    if (!json_equal(now, sheet)) {
      if (!found) found = json_object();
      json_object_set_new(found, key, json_pack("[OO]", now, sheet));
    }
    json_decref(sheet);
  }
  json_decref(given);
  return found;
}

/* What stands for the row already.  A row that says which revision it was made from changes no other. */
bool catalogue_row_compare(struct db *db, struct catalogue_row *row, struct check *check, struct err *err)
{
  json_t *before = NULL;
  if (!catalogue_row_find(db, row, &row->there, err)) return false;
  if (row->there.id == 0) {
    item_basis(NULL, row->fields, check);
    if (row->made)
      check_fault(check, ERR_INPUT, "rev", "unknown_product",
                  "no %.60s of that origin is in the catalogue, but the row was made from its revision %lld",
                  row->name, (long long)row->made);
    return true;
  }
  if (!item_values(db, ITEM_PRODUCT, row->there.id, &before, NULL, err)) return false;
  item_basis(before, row->fields, check);
  row->there.fields = differences(row, before);
  json_decref(before);
  if (row->there.fields && row->made && row->made != row->there.rev)
    check_fault(check, ERR_CONFLICT, "rev", "stale",
                "%.60s is at revision %lld, the sheet was made from %lld", row->name,
                (long long)row->there.rev, (long long)row->made);
  return !json_object_get(row->there.fields, "unit") ||
         (price_count_in_unit(db, row->there.id, &row->there.prices, err) &&
          min_order_count(db, row->there.id, &row->there.orders, err));
}

enum {
  FIGURES_BYTES = 400, /* of the emptied score of one product */
  STAT_BYTES = 100,    /* of one emptied half-month */
  ORDER_BYTES = 500    /* of one emptied minimum order */
};

bool catalogue_row_emptied(struct db *db, int64_t product, const json_t *before, const json_t *fields,
                           size_t *bytes, struct err *err)
{
  const json_t *unit = json_object_get(fields, "unit");
  int64_t orders = 0;
  if (!before || !unit || json_equal(unit, json_object_get(before, "unit"))) return true;
  struct query q = query_open(db, "SELECT count(*) FROM price_stat WHERE product = ?1", err);
  query_int(&q, 1, product);
  if (query_row(&q)) *bytes += FIGURES_BYTES + STAT_BYTES * (size_t)column_int(&q, 0);
  if (!query_close(&q) || !min_order_count(db, product, &orders, err)) return false;
  *bytes += ORDER_BYTES * (size_t)orders;
  return true;
}

json_t *catalogue_row_window(const char *kind, int64_t start_md, int64_t end_md)
{
  return json_pack("{ss sI sI}", "kind", kind, "start_md", (json_int_t)start_md, "end_md",
                   (json_int_t)end_md);
}
