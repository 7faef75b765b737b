#include "core/domain/product.h"

#include <inttypes.h>

static bool read_seasons(struct db *db, struct product *product, struct err *err)
{
  struct query q = query_open(db,
                              "SELECT kind = 'closed', start_md, end_md FROM season WHERE product = ?1"
                              " ORDER BY kind DESC, start_md, end_md",
                              err);
  query_int(&q, 1, product->id);
  while (query_row(&q) && product->season_count < SEASONS_MAX)
    product->seasons[product->season_count++] = (struct season){.closed = column_int(&q, 0) != 0,
                                                                .start_md = (int)column_int(&q, 1),
                                                                .end_md = (int)column_int(&q, 2)};
  return query_close(&q);
}

bool product_get(struct db *db, int64_t id, void (*each)(void *ctx, const struct product *row), void *ctx,
                 struct err *err)
{
  struct product row = {.id = id};
  if (!read_seasons(db, &row, err)) return false;
  struct query q = query_open(
      db,
      "SELECT p.name_zh, p.name_pinyin, p.name_en, p.aliases, p.group_code, p.subgroup, p.origin_code,"
      " d.name_zh, d.name_en, f.name_zh, p.unit, p.storage, p.storage_note_zh, p.geo_indication, p.geo_basis,"
      " p.status, p.status_reason, p.confirmed OR EXISTS(SELECT 1 FROM counted_confirmation c WHERE"
      " c.product = p.id),"
      " p.confirmed_by, p.rev, p.changed_by, p.changed_ms"
      " FROM product p LEFT JOIN division d ON d.code = p.origin_code"
      " LEFT JOIN division f ON f.code = d.prefecture_code WHERE p.id = ?1",
      err);
  query_int(&q, 1, id);
  bool found = query_row(&q);
  if (found) {
    row.name_zh = column_text(&q, 0);
    row.name_pinyin = column_text(&q, 1);
    row.name_en = column_text(&q, 2);
    row.aliases = column_text(&q, 3);
    row.group = column_text(&q, 4);
    row.subgroup = column_text(&q, 5);
    row.origin_code = (uint32_t)column_int(&q, 6);
    row.origin_name = column_text(&q, 7);
    row.origin_name_en = column_text(&q, 8);
    row.prefecture_name = column_text(&q, 9);
    row.unit = column_text(&q, 10);
    row.storage = column_text(&q, 11);
    row.storage_note_zh = column_text(&q, 12);
    row.geo_indication = column_int(&q, 13) != 0;
    row.geo_basis = column_text(&q, 14);
    row.status = column_text(&q, 15);
    row.status_reason = column_text(&q, 16);
    row.confirmed = column_int(&q, 17) != 0;
    row.confirmed_by = (uint32_t)column_int(&q, 18);
    row.rev = column_int(&q, 19);
    row.changed_by = column_text(&q, 20);
    row.changed_ms = column_int(&q, 21);
    each(ctx, &row);
  }
  if (!query_close(&q)) return false;
  return found ||
         err_rule(err, ERR_MISSING, "product", "unknown_product", "there is no product %" PRId64, id);
}

bool confirmation_list(struct db *db, int64_t product,
                       void (*each)(void *ctx, const struct confirmation *row), void *ctx, struct err *err)
{
  struct query q = query_open(db,
                              "SELECT c.branch, c.id, d.name_zh, d.name_en, c.note, c.actor, c.at_ms,"
                              " coalesce(c.rev, 0), EXISTS(SELECT 1 FROM counted_confirmation o WHERE"
                              " o.branch = c.branch AND o.id = c.id)"
                              " FROM confirmation c LEFT JOIN division d ON d.code = c.branch"
                              " WHERE c.product = ?1 ORDER BY c.at_ms, c.branch",
                              err);
  query_int(&q, 1, product);
  while (query_row(&q)) {
    struct confirmation row = {.branch = (uint32_t)column_int(&q, 0),
                               .id = column_int(&q, 1),
                               .branch_name = column_text(&q, 2),
                               .branch_name_en = column_text(&q, 3),
                               .note = column_text(&q, 4),
                               .actor = column_text(&q, 5),
                               .at_ms = column_int(&q, 6),
                               .rev = column_int(&q, 7),
                               .counts = column_int(&q, 8) != 0};
    each(ctx, &row);
  }
  return query_close(&q);
}
