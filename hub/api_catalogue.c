/* The shared catalogue as a curator edits it: items one by one, and whole files. */
#include "core/base/crypto.h"
#include "core/base/limits.h"
#include "core/domain/catalogue_import.h"
#include "core/domain/describe.h"
#include "core/domain/item.h"
#include "core/domain/listed.h"
#include "hub/api.h"
#include "site/edit.h"

#include <stdlib.h>
#include <string.h>

static bool add_item(struct tx *tx, struct edit *edit, enum item_kind kind, struct err *err)
{
  int64_t id;
  if (!item_add(tx, kind, edit->body, &id, &edit->faults, err)) return false;
  out_object(&edit->out, NULL);
  out_int(&edit->out, "id", id);
  out_int(&edit->out, "rev", 1);
  out_end(&edit->out);
  return true;
}

/* The body is the patch and, beside it, the revision it was made against. */
static bool take_rev(struct edit *edit, int64_t *rev, struct err *err)
{
  if (!json_get_int(edit->body, "rev", 1, INT64_MAX, rev, err)) return false;
  json_object_del(edit->body, "rev");
  return json_object_size(edit->body) > 0 ||
         err_rule(err, ERR_INPUT, "", "required", "nothing is to be changed");
}

static void write_revised(struct edit *edit, int64_t id, int64_t rev)
{
  out_object(&edit->out, NULL);
  out_int(&edit->out, "id", id);
  out_int(&edit->out, "rev", rev);
  out_end(&edit->out);
}

static bool change_item(struct tx *tx, struct edit *edit, enum item_kind kind, struct err *err)
{
  int64_t id, rev, fresh;
  if (!web_param_int(edit->request, "id", 1, INT64_MAX, &id, err) || !take_rev(edit, &rev, err) ||
      !item_change(tx, kind, id, rev, edit->body, &fresh, &edit->faults, err))
    return false;
  write_revised(edit, id, fresh);
  return true;
}

static bool add_product(struct tx *tx, struct edit *edit, void *ctx, struct err *err)
{
  (void)ctx;
  return add_item(tx, edit, ITEM_PRODUCT, err);
}

static bool change_product(struct tx *tx, struct edit *edit, void *ctx, struct err *err)
{
  (void)ctx;
  return change_item(tx, edit, ITEM_PRODUCT, err);
}

static bool add_supplier(struct tx *tx, struct edit *edit, void *ctx, struct err *err)
{
  (void)ctx;
  return add_item(tx, edit, ITEM_SUPPLIER, err);
}

static bool change_supplier(struct tx *tx, struct edit *edit, void *ctx, struct err *err)
{
  (void)ctx;
  return change_item(tx, edit, ITEM_SUPPLIER, err);
}

static bool channel_product(struct db *db, int64_t channel, int64_t *product, struct err *err)
{
  struct query q = query_open(db, "SELECT product FROM channel WHERE id = ?1", err);
  query_int(&q, 1, channel);
  *product = query_row(&q) ? column_int(&q, 0) : 0;
  return query_close(&q);
}

/* The minimum is in the unit of the product: whoever says which one it was filled in for is refused when that
 * is another by now. */
static bool take_unit(struct tx *tx, struct edit *edit, int64_t channel, struct err *err)
{
  struct json_out params = JSON_OUT_INIT;
  struct listed listed;
  const char *filled;
  int64_t product = json_integer_value(json_object_get(edit->body, "product"));
  if (!json_object_get(edit->body, "unit")) return true;
  if (!json_get_text(edit->body, "unit", 1, 12, &filled, err) ||
      (!product && !channel_product(tx->db, channel, &product, err)) ||
      !listed_look(tx->db, product, &listed, err))
    return false;
  if (listed.found && strcmp(listed.unit, filled) != 0) {
    out_object(&params, NULL);
    out_text(&params, "filled", filled);
    out_text(&params, "now", listed.unit);
    out_end(&params);
    put_u8(&params.bytes, 0);
    edit->params = params.bytes;
    return err_rule(err, ERR_CONFLICT, "unit", "unit_changed",
                    "it was filled in per %.40s, and the product is sold per %.40s now", filled, listed.unit);
  }
  json_object_del(edit->body, "unit");
  return true;
}

static bool add_channel(struct tx *tx, struct edit *edit, void *ctx, struct err *err)
{
  (void)ctx;
  return take_unit(tx, edit, 0, err) && add_item(tx, edit, ITEM_CHANNEL, err);
}

static bool change_channel(struct tx *tx, struct edit *edit, void *ctx, struct err *err)
{
  const bool *remove = ctx;
  int64_t id, rev;
  if (!web_param_int(edit->request, "id", 1, INT64_MAX, &id, err)) return false;
  if (!*remove) return take_unit(tx, edit, id, err) && change_item(tx, edit, ITEM_CHANNEL, err);
  if (!json_get_int(edit->body, "rev", 1, INT64_MAX, &rev, err) || !channel_remove(tx, id, rev, err))
    return false;
  write_revised(edit, id, rev);
  return true;
}

void hub_post_product(struct web_request *request, void *app)
{
  static const struct edit_plan plan = {
      .action = ACTION_PRODUCT_ADD, .fields = edit_any_fields, .work = add_product};
  edit_run(request, app, &plan, NULL);
}

void hub_patch_product(struct web_request *request, void *app)
{
  static const struct edit_plan plan = {
      .action = ACTION_PRODUCT_CHANGE, .fields = edit_any_fields, .work = change_product, .status = 200};
  edit_run(request, app, &plan, NULL);
}

void hub_post_supplier(struct web_request *request, void *app)
{
  static const struct edit_plan plan = {
      .action = ACTION_SUPPLIER_ADD, .fields = edit_any_fields, .work = add_supplier};
  edit_run(request, app, &plan, NULL);
}

void hub_patch_supplier(struct web_request *request, void *app)
{
  static const struct edit_plan plan = {
      .action = ACTION_SUPPLIER_CHANGE, .fields = edit_any_fields, .work = change_supplier, .status = 200};
  edit_run(request, app, &plan, NULL);
}

void hub_post_channel(struct web_request *request, void *app)
{
  static const struct edit_plan plan = {
      .action = ACTION_CHANNEL_ADD, .fields = edit_any_fields, .work = add_channel};
  edit_run(request, app, &plan, NULL);
}

void hub_patch_channel(struct web_request *request, void *app)
{
  static const struct edit_plan plan = {
      .action = ACTION_CHANNEL_CHANGE, .fields = edit_any_fields, .work = change_channel, .status = 200};
  struct edit edit;
  struct err err = ERR_INIT;
  bool remove;
  if (!edit_begin(&edit, request, app, &plan)) return;
  if (!json_get_bool_or(edit.body, "remove", false, &remove, &err)) {
    edit_refuse(&edit, &err);
  } else {
    if (remove)
      edit.action = ACTION_CHANNEL_REMOVE;
    else
      json_object_del(edit.body, "remove");
    edit_commit(&edit, &remove);
  }
  edit_end(&edit);
}

/* -- what was taken off the list, so that it can be put back -- */

static bool read_delisted(struct web_request *request, struct app *app, struct db *db, struct json_out *out,
                          struct err *err)
{
  int64_t total = 0;
  (void)request;
  (void)app;
  struct query q =
      query_open(db,
                 "SELECT p.id, p.name_zh, coalesce(d.name_zh, ''), p.status_reason, p.rev, p.changed_by,"
                 " p.changed_ms, p.name_en, coalesce(d.name_en, ''), count(*) OVER () FROM product p LEFT "
                 "JOIN division d ON "
                 "d.code = p.origin_code"
                 " WHERE p.status = 'delisted' ORDER BY p.changed_ms DESC LIMIT 1000"
                 " /* scan: some hundred products */",
                 err);
  out_object(out, NULL);
  out_array(out, "items");
  while (query_row(&q)) {
    total = column_int(&q, 9);
    out_object(out, NULL);
    out_int(out, "id", column_int(&q, 0));
    out_text(out, "name_zh", column_text(&q, 1));
    out_text(out, "name_en", column_text(&q, 7));
    out_text(out, "origin_name", column_text(&q, 2));
    out_text(out, "origin_name_en", column_text(&q, 8));
    out_text(out, "status_reason", column_text(&q, 3));
    out_int(out, "rev", column_int(&q, 4));
    out_text(out, "changed_by", column_text(&q, 5));
    out_int(out, "changed_ms", column_int(&q, 6));
    out_end(out);
  }
  out_end(out);
  out_int(out, "total", total);
  out_end(out);
  return query_close(&q);
}

void hub_get_delisted(struct web_request *request, void *app)
{
  answer_reading(request, app, read_delisted);
}

/* -- a whole file -- */

/* The rows, their entries and the answer are one commit: a file is taken whole, also when the program stops.
 */
/* The prices that a new unit leaves behind, the minimum orders that it empties, and the rows that do. */
struct old_unit {
  struct json_out rows;
  int64_t prices, orders;
};

static void each_new_unit(void *ctx, const struct catalogue_change *change)
{
  struct old_unit *old = ctx;
  if (!change->prices && !change->orders) return;
  out_int(&old->rows, NULL, change->line);
  old->prices += change->prices;
  old->orders += change->orders;
}

/* The member "old_unit". */
static void old_unit_out(struct json_out *out, const struct catalogue_import *import)
{
  struct old_unit old = {.rows = JSON_OUT_INIT};
  out_array(&old.rows, NULL);
  catalogue_import_changes(import, each_new_unit, &old);
  out_end(&old.rows);
  put_u8(&old.rows.bytes, 0);
  out_object(out, "old_unit");
  out_int(out, "prices", old.prices);
  out_int(out, "orders", old.orders);
  if (old.rows.bytes.bad)
    out->bytes.bad = true;
  else
    out_raw(out, "rows", (const char *)old.rows.bytes.data);
  out_end(out);
  buf_wipe(&old.rows.bytes);
}

static void each_above(void *ctx, int64_t line, const char *text)
{
  struct json_out *out = ctx;
  out_object(out, NULL);
  out_int(out, "row", line);
  out_text(out, "value", text);
  out_end(out);
}

static bool import_work(struct tx *tx, struct edit *edit, void *ctx, struct err *err)
{
  size_t added, changed, same;
  if (!catalogue_import_write(tx, ctx, err)) return false;
  if (tx->more) return true;
  catalogue_import_counts(ctx, &added, &changed, &same);
  out_object(&edit->out, NULL);
  out_int(&edit->out, "products", (int64_t)(added + changed + same));
  out_int(&edit->out, "added", (int64_t)added);
  out_int(&edit->out, "changed", (int64_t)changed);
  out_text_or_null(&edit->out, "sheets_not_read", catalogue_import_unread(ctx));
  out_array(&edit->out, "above_heading");
  catalogue_import_above(ctx, each_above, &edit->out);
  out_end(&edit->out);
  old_unit_out(&edit->out, ctx);
  out_end(&edit->out);
  return true;
}

static bool open_import(struct edit *edit, struct catalogue_import **import, struct err *err)
{
  struct db *db = NULL;
  const char *type = web_header(edit->request, "Content-Type");
  static const char xlsx[] = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
  if (!type || (strncmp(type, "text/csv", 8) != 0 && strcmp(type, xlsx) != 0))
    return err_rule(err, ERR_INPUT, "Content-Type", "content_type",
                    "a catalogue is sent as text/csv or as an XLSX workbook");
  if (!readers_take(edit->app->readers, &db, err)) return false;
  bool ok =
      catalogue_import_open(import, db, edit->request->body, edit->request->body_size, &edit->faults, err);
  readers_give(edit->app->readers, db);
  return ok;
}

static void refuse_file(struct edit *edit)
{
  struct err err = ERR_INIT;
  err_rule(&err, ERR_INPUT, "", "sheet", "%zu cells of the file are not as they should be; nothing was taken",
           edit->faults.total);
  out_object(&edit->out, NULL);
  fault_out(&edit->out, "error", &err, NULL);
  out_int(&edit->out, "accepted", 0);
  row_faults_out(&edit->out, &edit->faults);
  out_null(&edit->out, "file");
  out_end(&edit->out);
  edit->status = 422;
}

/* -- what of the catalogue it would change -- */

enum { CHANGES_TOLD_MAX = 100 };

struct changes {
  struct json_out told, all; /* all: for its hash, by which the answer says what it was that was seen */
  size_t changed, delisted;
  size_t from; /* how many were told before */
};

static void value_out(struct json_out *out, const char *key, const json_t *value)
{
  char *text = json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT);
  out_raw(out, key, text ? text : "null");
  free(text);
}

/* What a person sees beside it, and is not asked about again when one more comes, is no part of the change.
 */
static void change_out(struct json_out *out, const struct catalogue_change *change, bool beside)
{
  const char *key;
  json_t *value;
  out_object(out, NULL);
  out_int(out, "row", change->line);
  out_int(out, "id", change->id);
  out_int(out, "rev", change->rev);
  out_text(out, "name_zh", change->name);
  out_bool(out, "delisted", change->delisted);
  out_text(out, "changed_by", change->changed_by);
  out_int(out, "changed_ms", change->changed_ms);
  if (beside) out_int(out, "prices", change->prices);
  if (beside) out_int(out, "orders", change->orders);
  out_array(out, "fields");
  json_object_foreach(change->fields, key, value)
  {
    out_object(out, NULL);
    out_text(out, "field", key);
    value_out(out, "now", json_array_get(value, 0));
    value_out(out, "sheet", json_array_get(value, 1));
    out_end(out);
  }
  out_end(out);
  out_end(out);
}

static void each_change(void *ctx, const struct catalogue_change *change)
{
  struct changes *changes = ctx;
  size_t at = changes->changed + changes->delisted;
  if (at >= changes->from && at - changes->from < CHANGES_TOLD_MAX) change_out(&changes->told, change, true);
  change_out(&changes->all, change, false);
  if (change->delisted)
    changes->delisted++;
  else
    changes->changed++;
}

/* A file that would change what is there is taken when it says which changes it was that were seen; one that
 * asks for more of them is not taken. */
static bool ask_about_changes(struct edit *edit, const struct catalogue_import *import, struct err *err)
{
  struct changes changes = {.told = JSON_OUT_INIT, .all = JSON_OUT_INIT};
  uint8_t hash[HASH_SIZE];
  char seen[2 * HASH_SIZE + 1];
  const char *meant = web_query(edit->request, "meant"), *more = web_query(edit->request, "from");
  int64_t from;
  if (!web_query_int_or(edit->request, "from", 0, IMPORT_ROWS_MAX, 0, &from, err)) return false;
  changes.from = (size_t)from;
  out_object(&changes.told, NULL);
  out_array(&changes.told, "rows");
  out_array(&changes.all, NULL);
  catalogue_import_changes(import, each_change, &changes);
  out_end(&changes.all);
  out_end(&changes.told);
  sha256(hash, changes.all.bytes.data, changes.all.bytes.size);
  hex_encode(seen, hash, sizeof hash);
  out_int(&changes.told, "changed", (int64_t)changes.changed);
  out_int(&changes.told, "delisted", (int64_t)changes.delisted);
  out_text(&changes.told, "seen", seen);
  old_unit_out(&changes.told, import);
  out_end(&changes.told);
  put_u8(&changes.told.bytes, 0);
  bool bad = changes.all.bytes.bad || changes.told.bytes.bad;
  size_t all = changes.changed + changes.delisted;
  buf_wipe(&changes.all.bytes);
  if (bad || (!more && (all == 0 || (meant && strcmp(meant, seen) == 0)))) {
    buf_wipe(&changes.told.bytes);
    return !bad || err_rule(err, ERR_BUSY, "", "busy", "no memory for what would change");
  }
  edit->params = changes.told.bytes;
  return err_rule(err, ERR_CONFLICT, "", "changes", "%zu products of the file are in the catalogue otherwise",
                  all);
}

/* In its turn: what it compares with the catalogue must still be so when it writes. */
static void import_catalogue(struct edit *edit)
{
  struct err err = ERR_INIT;
  bool again = edit_still_new(edit);
  while (again) {
    struct catalogue_import *import = NULL;
    err = (struct err)ERR_INIT;
    bool read = open_import(edit, &import, &err);
    bool done = read && ask_about_changes(edit, import, &err) && edit_try(edit, import, &err);
    catalogue_import_close(import);
    if (done) return;
    if (!read && edit->faults.count) {
      refuse_file(edit);
      return;
    }
    again = edit_read_again(edit, &err);
    if (!again) edit_refuse(edit, &err);
  }
}

void hub_post_catalogue(struct web_request *request, void *app)
{
  static const struct edit_plan plan = {.action = ACTION_CATALOGUE_IMPORT, .work = import_work};
  struct edit edit;
  struct gate_place place;
  struct err err = ERR_INIT;
  if (!edit_begin(&edit, request, app, &plan)) return;
  if (gate_enter(site_sheets(app), &place, site_caller(request)->session.account, request->peer, &err)) {
    readers_patience(SITE_FILE_PATIENCE_MS);
    import_catalogue(&edit);
    gate_leave(site_sheets(app), &place);
  } else {
    edit_refuse(&edit, &err);
  }
  edit_end(&edit);
}
