/* Suppliers: the list, and one with its channels. */
#include "site/routes.h"

#include <string.h>

static void supplier_members_out(struct json_out *out, const struct supplier *row)
{
  out_int(out, "id", row->id);
  out_text(out, "uscc", row->uscc);
  out_text(out, "name", row->name);
  out_int(out, "division", row->division);
  out_text(out, "division_name", row->division_name);
  out_text(out, "division_name_en", row->division_name_en);
  out_text(out, "contact_name", row->contact_name);
  out_text(out, "contact_phone", row->contact_phone);
  out_text(out, "licence_no", row->licence_no);
  out_date(out, "licence_until", row->licence_until_date);
  out_text(out, "status", row->status);
  out_text(out, "status_reason", row->status_reason);
  out_int(out, "rev", row->rev);
  out_text(out, "changed_by", row->changed_by);
  out_int(out, "changed_ms", row->changed_ms);
  out_int(out, "channels", row->channels);
  out_centi(out, "score", row->overall_centi);
  out_int(out, "score_count", row->score_count);
}

static void each_supplier(void *ctx, const struct supplier *row)
{
  struct json_out *out = ctx;
  out_object(out, NULL);
  supplier_members_out(out, row);
  out_end(out);
}

static bool read_suppliers(struct web_request *request, struct app *app, struct db *db, struct json_out *out,
                           struct err *err)
{
  static const char *const statuses[] = {"active", "suspended", "blacklisted", NULL};
  static const char *const orders[] = {"name", "place", "licence", "channels", "score", "status", NULL};
  static const char *const ways[] = {"asc", "desc", NULL};
  struct supplier_filter filter = {.text = web_query(request, "q")};
  int status, sort, way;
  int64_t division, total;
  struct bookmark next;
  (void)app;
  if (filter.text && strlen(filter.text) > 240)
    return err_rule(err, ERR_INPUT, "q", "length", "q is longer than 240 bytes");
  if (!answer_query_word(request, "status", statuses, &status, err) ||
      !answer_query_word(request, "sort", orders, &sort, err) ||
      !answer_query_word(request, "order", ways, &way, err) ||
      !web_query_int_or(request, "division", 110000, 659999, 0, &division, err) ||
      !answer_page(request, &filter.page, &next, err))
    return false;
  filter.status = status >= 0 ? statuses[status] : NULL;
  filter.division = (uint32_t)division;
  filter.order = (enum supplier_order)(sort + 1); /* none: as usual */
  filter.descending = sort >= 0 && way == 1;
  out_object(out, NULL);
  out_array(out, "items");
  if (!supplier_list(db, &filter, each_supplier, out, &total, err)) return false;
  out_end(out);
  total_out(out, total);
  next_out(out, &next);
  out_end(out);
  return true;
}

void get_suppliers(struct web_request *request, void *app)
{
  answer_reading(request, app, read_suppliers);
}

void get_suppliers_workbook(struct web_request *request, void *app)
{
  static const struct list_column columns[] = {
      {"name", "供应商", CELL_TEXT, 30, NULL},
      {"uscc", "统一社会信用代码", CELL_TEXT, 22, NULL},
      {"division_name", "所在地", CELL_TEXT, 12, NULL},
      {"division", "区划代码", CELL_TEXT, 10, NULL},
      {"contact_name", "联系人", CELL_TEXT, 12, NULL},
      {"contact_phone", "电话", CELL_TEXT, 16, NULL},
      {"licence_no", "许可证号", CELL_TEXT, 24, NULL},
      {"licence_until", "许可证有效期至", CELL_DATE, 16, NULL},
      {"status", "状态", CELL_WORD, 10, NULL},
      {"status_reason", "原因", CELL_TEXT, 30, NULL},
      {"channels", "供货品种", CELL_INT, 10, NULL},
      {"score", "评价", CELL_REAL, 8, NULL},
      {"score_count", "评价次数", CELL_INT, 10, NULL},
  };
  static const struct list_sheet sheet = {"供应商", "items", columns, sizeof columns / sizeof *columns};
  answer_workbook(request, app, read_suppliers, &sheet);
}

static void write_supplier(void *ctx, const struct supplier *row)
{
  supplier_members_out(ctx, row);
}

static void each_channel(void *ctx, const struct channel *row)
{
  channel_out(ctx, row);
}

static bool read_supplier(struct web_request *request, struct app *app, struct db *db, struct json_out *out,
                          struct err *err)
{
  int64_t id;
  (void)app;
  if (!web_param_int(request, "id", 1, INT64_MAX, &id, err)) return false;
  out_object(out, NULL);
  if (!supplier_get(db, id, write_supplier, out, err)) return false;
  out_array(out, "channel_list");
  if (!channel_list(db, 0, id, each_channel, out, err)) return false;
  out_end(out);
  out_end(out);
  return true;
}

void get_supplier(struct web_request *request, void *app)
{
  answer_reading(request, app, read_supplier);
}
