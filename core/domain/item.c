#include "core/domain/item.h"

#include "core/base/clock.h"
#include "core/base/text.h"
#include "core/domain/catalogue.h"
#include "core/domain/confirmation.h"
#include "core/domain/field.h"
#include "core/domain/form.h"
#include "core/domain/min_order.h"
#include "core/domain/search.h"
#include "core/domain/season.h"

#include <inttypes.h>
#include <string.h>

/* Columns stand in the order of field_list; seasons has rows of its own, so it comes last and has no column.
 */
#define PRODUCT_COLUMNS                                                                                      \
  "name_zh, name_pinyin, name_en, aliases, group_code, subgroup, origin_code, unit, storage,"                \
  " storage_note_zh, geo_indication, geo_basis, status, status_reason, confirmed"
#define SUPPLIER_COLUMNS                                                                                     \
  "uscc, name, division, contact_name, contact_phone, licence_no, licence_until_date, status, status_reason"
#define CHANNEL_COLUMNS "product, supplier, way, min_order_qty, delivery_area, note"

static const struct kind {
  const char *name, *unknown;
  const char *select, *insert, *update; /* rev, changed_by, changed_ms and id follow the fields */
  int columns;
} kinds[ITEM_KINDS] = {
    [ITEM_PRODUCT] =
        {"product", "unknown_product", "SELECT " PRODUCT_COLUMNS ", rev FROM product WHERE id = ?1",
         "INSERT INTO product(" PRODUCT_COLUMNS ", rev, changed_by, changed_ms, id, confirmed_by)"
         " VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19,"
         " ?20)",
         "UPDATE product SET (" PRODUCT_COLUMNS ", rev, changed_by, changed_ms, confirmed_by) ="
         " (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18,"
         " ?20) WHERE id = ?19",
         15},
    [ITEM_SUPPLIER] = {"supplier", "unknown_supplier",
                       "SELECT " SUPPLIER_COLUMNS ", rev FROM supplier WHERE id = ?1",
                       "INSERT INTO supplier(" SUPPLIER_COLUMNS ", rev, changed_by, changed_ms, id)"
                       " VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)",
                       "UPDATE supplier SET (" SUPPLIER_COLUMNS ", rev, changed_by, changed_ms) ="
                       " (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12) WHERE id = ?13",
                       9},
    [ITEM_CHANNEL] = {"channel", "unknown_channel",
                      "SELECT " CHANNEL_COLUMNS ", rev FROM channel WHERE id = ?1",
                      "INSERT INTO channel(" CHANNEL_COLUMNS ", rev, changed_by, changed_ms, id)"
                      " VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
                      "UPDATE channel SET (" CHANNEL_COLUMNS ", rev, changed_by, changed_ms) ="
                      " (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9) WHERE id = ?10",
                      6},
};

const char *item_kind_name(enum item_kind kind)
{
  return kinds[kind].name;
}

bool item_kind_of(const char *name, enum item_kind *kind, struct err *err)
{
  for (int i = 0; i < ITEM_KINDS; i++) {
    if (strcmp(kinds[i].name, name) != 0) continue;
    *kind = (enum item_kind)i;
    return true;
  }
  return err_rule(err, ERR_INPUT, "target_kind", "one_of", "%.40s is neither product, supplier nor channel",
                  name);
}

static json_t *column_value(const struct query *q, int index, const struct field *field)
{
  char date[11] = "";
  switch (field->type) {
  case FIELD_BOOL: return json_boolean(column_int(q, index) != 0);
  case FIELD_INT:
  case FIELD_DIVISION:
  case FIELD_PRODUCT:
  case FIELD_SUPPLIER: return json_integer(column_int(q, index));
  case FIELD_DATE:
    if (column_int(q, index)) date_format(date, (int)column_int(q, index));
    return json_string(date);
  default: return json_string(column_text(q, index));
  }
}

static bool read_seasons(struct db *db, int64_t id, json_t *item, struct err *err)
{
  struct query q = query_open(db,
                              "SELECT kind, start_md, end_md FROM season WHERE product = ?1"
                              " ORDER BY kind DESC, start_md, end_md",
                              err);
  query_int(&q, 1, id);
  json_t *list = json_array();
  while (query_row(&q))
    json_array_append_new(list, json_pack("{ss si si}", "kind", column_text(&q, 0), "start_md",
                                          (int)column_int(&q, 1), "end_md", (int)column_int(&q, 2)));
  json_object_set_new(item, "seasons", list);
  return query_close(&q);
}

bool item_values(struct db *db, enum item_kind kind, int64_t id, json_t **out, int64_t *rev, struct err *err)
{
  size_t count;
  const struct field *fields = field_list(kind, &count);
  struct query q = query_open(db, kinds[kind].select, err);
  query_int(&q, 1, id);
  json_t *item = json_object();
  bool found = query_row(&q);
  for (int i = 0; found && i < kinds[kind].columns; i++)
    json_object_set_new(item, fields[i].key, column_value(&q, i, &fields[i]));
  int64_t at = found ? column_int(&q, kinds[kind].columns) : 0;
  bool ok = query_close(&q);
  if (ok && !found)
    ok = err_rule(err, ERR_MISSING, "id", kinds[kind].unknown, "there is no %s %" PRId64, kinds[kind].name,
                  id);
  if (ok && kind == ITEM_PRODUCT) ok = read_seasons(db, id, item, err);
  if (!ok) {
    json_decref(item);
    return false;
  }
  *out = item;
  if (rev) *rev = at;
  return true;
}

static bool find_supplier(struct db *db, int64_t self, const char *uscc, bool *found, struct err *err)
{
  struct query q = query_open(db, "SELECT 1 FROM supplier WHERE uscc = ?1 AND id <> ?2", err);
  query_text(&q, 1, uscc);
  query_int(&q, 2, self);
  *found = query_row(&q);
  return query_close(&q);
}

/* A product is known by name and origin, a supplier by its code, a channel by what is sold by whom and how.
 */
static const char *const known_by[ITEM_KINDS][4] = {
    {"name_zh", "origin_code"}, {"uscc"}, {"product", "supplier", "way"}};
/* What a confirmation speaks of (schema 06, look_again). */
static const char *const confirmable[] = {"seasons", "storage", "storage_note_zh", NULL};

/* Would the fields change one of these? */
static bool changes_one(const char *const *keys, const json_t *item, const json_t *fields)
{
  bool changed = false;
  for (; *keys; keys++) {
    const json_t *given = json_object_get(fields, *keys);
    json_t *value = given ? field_canonical(*keys, given) : NULL;
    changed = changed || (value && !json_equal(json_object_get(item, *keys), value));
    json_decref(value);
  }
  return changed;
}

static bool find_channel(struct db *db, int64_t self, const json_t *item, bool *found, struct err *err)
{
  struct query q = query_open(
      db, "SELECT 1 FROM channel WHERE product = ?1 AND supplier = ?2 AND way = ?3 AND id <> ?4", err);
  query_int(&q, 1, json_integer_value(json_object_get(item, "product")));
  query_int(&q, 2, json_integer_value(json_object_get(item, "supplier")));
  query_text(&q, 3, json_string_value(json_object_get(item, "way")));
  query_int(&q, 4, self);
  *found = query_row(&q);
  return query_close(&q);
}

static bool check_unique(struct db *db, enum item_kind kind, int64_t self, const json_t *item,
                         struct check *check, struct err *err)
{
  if (kind == ITEM_CHANNEL) {
    bool there = false;
    if (!find_channel(db, self, item, &there, err)) return false;
    if (there)
      check_fault(check, ERR_CONFLICT, "way", "exists", "the supplier sells the product that way already");
    return true;
  }
  bool product = kind == ITEM_PRODUCT, found = false;
  const char *name = json_string_value(json_object_get(item, known_by[kind][0]));
  if (!name) return true;
  if (!(product ? product_name_taken(db, self, name, json_integer_value(json_object_get(item, "origin_code")),
                                     &found, err)
                : find_supplier(db, self, name, &found, err)))
    return false;
  if (found)
    check_fault(check, ERR_CONFLICT, known_by[kind][0], "exists",
                product ? "%.60s of that origin is already in the catalogue"
                        : "%.60s is already the code of a supplier",
                name);
  return true;
}

static void check_status(const json_t *item, struct check *check)
{
  const char *status = json_string_value(json_object_get(item, "status"));
  const char *reason = json_string_value(json_object_get(item, "status_reason"));
  if (!status || strcmp(status, "active") == 0 || (reason && text_said(reason, strlen(reason)) > 0)) return;
  check_fault(check, ERR_INPUT, "status_reason", "required", "%s needs a reason", status);
}

/* Faults of single fields; unknown names are faults as well. */
static bool check_members(struct db *db, enum item_kind kind, enum item_use use, const json_t *patch,
                          struct check *check, struct err *err)
{
  bool proposing = use == ITEM_PROPOSE_ADD || use == ITEM_PROPOSE_CHANGE;
  const char *key;
  json_t *value;
  json_object_foreach((json_t *)(uintptr_t)patch, key, value)
  {
    const struct field *field = field_find(kind, key);
    if (!field)
      check_fault(check, ERR_INPUT, key, "unknown_field", "a %s has no field %.40s", kinds[kind].name, key);
    else if (proposing && field->province_only)
      check_fault(check, ERR_DENIED, key, "province_only", "only the province sets %s", key);
    else if (!field_check(db, field, value, check, err))
      return false;
  }
  return true;
}

static void check_required(enum item_kind kind, const json_t *item, struct check *check)
{
  size_t count;
  const struct field *fields = field_list(kind, &count);
  for (size_t i = 0; i < count; i++)
    if (fields[i].required && !json_object_get(item, fields[i].key))
      check_fault(check, ERR_INPUT, fields[i].key, "required", "%s is missing", fields[i].key);
}

bool item_basis(const json_t *item, json_t *fields, struct check *check)
{
  const json_t *given = json_object_get(fields, "geo_indication");
  const char *basis = json_string_value(json_object_get(fields, "geo_basis"));
  const char *was = json_string_value(json_object_get(item, "geo_basis"));
  if (json_is_true(given ? given : json_object_get(item, "geo_indication"))) return true;
  if (basis && text_said(basis, strlen(basis)) > 0 && (!was || strcmp(basis, was) != 0)) {
    check_fault(check, ERR_INPUT, "geo_indication", "required", "%.60s is the basis of an indication", basis);
    return false;
  }
  return !basis && (!was || !*was) ? true : json_object_set_new(fields, "geo_basis", json_string("")) == 0;
}

static bool check_item(struct db *db, enum item_kind kind, enum item_use use, const json_t *patch,
                       bool known_new, struct faults *faults, struct err *err)
{
  struct check check = {.faults = faults, .err = err};
  if (!json_is_object(patch))
    return err_rule(err, ERR_INPUT, "patch", "type", "the fields are not a JSON object");
  if (!check_members(db, kind, use, patch, &check, err)) return false;
  if (use == ITEM_ADD || use == ITEM_PROPOSE_ADD) {
    check_required(kind, patch, &check);
    if (!known_new && !check_unique(db, kind, 0, patch, &check, err)) return false;
    check_status(patch, &check);
    json_t *given = json_copy((json_t *)(uintptr_t)patch);
    item_basis(NULL, given, &check);
    json_decref(given);
  } else if (json_object_size(patch) == 0)
    check_fault(&check, ERR_INPUT, "patch", "required", "nothing would change");
  return !check.bad;
}

bool item_check(struct db *db, enum item_kind kind, enum item_use use, const json_t *patch,
                struct faults *faults, struct err *err)
{
  return check_item(db, kind, use, patch, false, faults, err);
}

static void bind(struct query *q, int index, const struct field *field, const json_t *value)
{
  int date = 0;
  switch (field->type) {
  case FIELD_BOOL: query_int(q, index, json_is_true(value)); return;
  case FIELD_INT:
  case FIELD_DIVISION:
  case FIELD_PRODUCT:
  case FIELD_SUPPLIER: query_int(q, index, json_integer_value(value)); return;
  case FIELD_DATE:
    if (!date_parse(json_string_value(value), &date)) date = 0;
    query_int(q, index, date);
    return;
  default: query_text(q, index, json_string_value(value)); return;
  }
}

/* An item as it was read, before a change. */
struct item_at {
  enum item_kind kind;
  int64_t id, rev;
  uint32_t confirmed_by; /* of a product */
};

static bool write_row(struct tx *tx, const struct item_at *to, const char *sql, const json_t *item,
                      struct err *err)
{
  size_t count;
  const struct field *fields = field_list(to->kind, &count);
  int columns = kinds[to->kind].columns;
  struct query q = query_open(tx->db, sql, err);
  for (int i = 0; i < columns; i++)
    bind(&q, i + 1, &fields[i], json_object_get(item, fields[i].key));
  query_int(&q, columns + 1, to->rev);
  query_text(&q, columns + 2, tx->actor);
  query_int(&q, columns + 3, tx->now_ms);
  query_int(&q, columns + 4, to->id);
  if (to->kind == ITEM_PRODUCT) query_int(&q, columns + 5, to->confirmed_by);
  return query_run(&q);
}

static bool write_seasons(struct tx *tx, int64_t product, const json_t *array, struct err *err)
{
  struct season list[SEASONS_MAX];
  size_t n = 0;
  if (!season_parse(array, list, &n, err)) return false;
  struct query q = query_open(tx->db, "DELETE FROM season WHERE product = ?1", err);
  query_int(&q, 1, product);
  if (!query_run(&q)) return false;
  for (size_t i = 0; i < n; i++) {
    int64_t id;
    if (!tx_id(tx, SCOPE_SHARED, &id, err)) return false;
    q = query_open(tx->db,
                   "INSERT INTO season(id, product, kind, start_md, end_md) VALUES(?1, ?2, ?3, ?4, ?5)", err);
    query_int(&q, 1, id);
    query_int(&q, 2, product);
    query_text(&q, 3, list[i].closed ? "closed" : "open");
    query_int(&q, 4, list[i].start_md);
    query_int(&q, 5, list[i].end_md);
    if (!query_run(&q)) return false;
  }
  return true;
}

static void name_subject(struct tx *tx, const json_t *item)
{
  const char *name = json_string_value(json_object_get(item, "name_zh"));
  if (!name) name = json_string_value(json_object_get(item, "name"));
  if (name) form_subject(tx, name);
}

static bool write_item(struct tx *tx, enum item_kind kind, const json_t *fields, int64_t *id, struct err *err)
{
  size_t count;
  const struct field *list = field_list(kind, &count);
  json_t *item = json_object();
  for (size_t i = 0; i < count; i++)
    json_object_set_new(item, list[i].key, field_default(&list[i]));
  json_object_update(item, (json_t *)(uintptr_t)fields);
  int64_t new_id = 0;
  bool ok = tx_id(tx, SCOPE_SHARED, &new_id, err);
  const struct item_at to = {kind, new_id, 1,
                             json_is_true(json_object_get(item, "confirmed")) ? tx->author : 0};
  ok = ok && write_row(tx, &to, kinds[kind].insert, item, err) &&
       (kind != ITEM_PRODUCT || write_seasons(tx, new_id, json_object_get(item, "seasons"), err)) &&
       catalogue_raise(tx, false, err);
  name_subject(tx, item);
  json_decref(item);
  if (ok) *id = new_id;
  return ok;
}

bool item_add(struct tx *tx, enum item_kind kind, const json_t *fields, int64_t *id, struct faults *faults,
              struct err *err)
{
  return item_check(tx->db, kind, ITEM_ADD, fields, faults, err) && write_item(tx, kind, fields, id, err);
}

bool item_add_among(struct tx *tx, struct product_names *names, const json_t *fields, int64_t *id,
                    struct err *err)
{
  const char *name = json_string_value(json_object_get(fields, "name_zh"));
  int64_t origin = json_integer_value(json_object_get(fields, "origin_code"));
  if (name && product_names_has(names, name, origin))
    return err_rule(err, ERR_CONFLICT, "name_zh", "exists",
                    "%.60s of that origin is already in the catalogue", name);
  return check_item(tx->db, ITEM_PRODUCT, ITEM_ADD, fields, true, NULL, err) &&
         write_item(tx, ITEM_PRODUCT, fields, id, err) && product_names_add(names, name, origin, err);
}

static bool write_revision(struct tx *tx, const struct item_at *at, const char *field, const json_t *before,
                           const json_t *after, struct err *err)
{
  int64_t id;
  if (!tx_id(tx, SCOPE_SHARED, &id, err)) return false;
  struct buf old = BUF_INIT, new = BUF_INIT;
  field_text(&old, before);
  field_text(&new, after);
  struct query q =
      query_open(tx->db,
                 "INSERT INTO revision(id, target_kind, target, rev, field, before, after, actor,"
                 " at_ms) VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
                 err);
  query_int(&q, 1, id);
  query_text(&q, 2, kinds[at->kind].name);
  query_int(&q, 3, at->id);
  query_int(&q, 4, at->rev + 1);
  query_text(&q, 5, field);
  query_textn(&q, 6, old.size ? (const char *)old.data : "", old.size);
  query_textn(&q, 7, new.size ? (const char *)new.data : "", new.size);
  query_text(&q, 8, tx->actor);
  query_int(&q, 9, tx->now_ms);
  bool ok = query_run(&q);
  buf_wipe(&old);
  buf_wipe(&new);
  return ok;
}

/* Takes over what differs; one revision row each. */
static bool merge(struct tx *tx, const struct item_at *at, json_t *item, const json_t *fields, int *changes,
                  struct err *err)
{
  const char *key;
  json_t *given;
  bool ok = true;
  json_object_foreach((json_t *)(uintptr_t)fields, key, given)
  {
    json_t *value = field_canonical(key, given);
    const json_t *before = json_object_get(item, key);
    if (ok && !json_equal(before, value)) {
      ok = write_revision(tx, at, key, before, value, err);
      json_object_set(item, key, value);
      ++*changes;
    }
    json_decref(value);
  }
  return ok;
}

/* What the province published is in the unit the product had: it is not known in the new one until the next
 * evaluation counts prices of that. */
static bool forget_prices(struct tx *tx, int64_t product, struct err *err)
{
  struct query q = query_open(tx->db,
                              "UPDATE product_score SET median_fen = NULL, p25_fen = NULL, p75_fen = NULL,"
                              " branches = 0, last_fen = NULL, last_date = NULL, prefectures = 0,"
                              " low_fen = NULL, low_prefecture = NULL, high_fen = NULL,"
                              " high_prefecture = NULL, at_ms = ?2 WHERE product = ?1",
                              err);
  query_int(&q, 1, product);
  query_int(&q, 2, tx->now_ms);
  if (!query_run(&q)) return false;
  q = query_open(tx->db, "DELETE FROM price_stat WHERE product = ?1", err);
  query_int(&q, 1, product);
  return query_run(&q);
}

/* The province speaks for what it writes itself.  What a county has confirmed and the province changes is to
 * be confirmed again, unless it says in the same breath that it stands for it. */
static bool read_confirmed(struct tx *tx, struct item_at *at, json_t *item, json_t *fields, struct err *err)
{
  if (at->kind != ITEM_PRODUCT) return true;
  if (!confirmation_by(tx->db, at->id, &at->confirmed_by, err)) return false;
  json_object_set_new(item, "confirmed", json_boolean(at->confirmed_by != 0));
  const json_t *said = json_object_get(fields, "confirmed");
  bool other = changes_one(confirmable, item, fields);
  if (!said && other && at->confirmed_by && at->confirmed_by != tx->author)
    json_object_set_new(fields, "confirmed", json_false());
  if (json_is_true(said) && (other || !at->confirmed_by)) at->confirmed_by = tx->author;
  return true;
}

static bool write_change(struct tx *tx, const struct item_at *at, json_t *item, const json_t *fields,
                         int64_t *new_rev, struct faults *faults, struct err *err)
{
  struct check check = {.faults = faults, .err = err};
  int changes = 0;
  json_t *seasons = json_deep_copy(json_object_get(item, "seasons"));
  bool renamed = changes_one(known_by[at->kind], item, fields);
  const json_t *unit = json_object_get(fields, "unit");
  bool other_unit = at->kind == ITEM_PRODUCT && unit && !json_equal(unit, json_object_get(item, "unit"));
  bool ok = merge(tx, at, item, fields, &changes, err);
  bool new_seasons = at->kind == ITEM_PRODUCT && !json_equal(seasons, json_object_get(item, "seasons"));
  json_decref(seasons);
  if (!ok) return false;
  *new_rev = at->rev;
  if (changes == 0) return true;
  check_status(item, &check);
  if (renamed && !check_unique(tx->db, at->kind, at->id, item, &check, err)) return false;
  if (check.bad) return false;
  bool confirmed = json_is_true(json_object_get(item, "confirmed"));
  const struct item_at to = {at->kind, at->id, at->rev + 1, confirmed ? at->confirmed_by : 0};
  if (!write_row(tx, &to, kinds[at->kind].update, item, err)) return false;
  if (new_seasons && !write_seasons(tx, at->id, json_object_get(item, "seasons"), err)) return false;
  if (other_unit && (!forget_prices(tx, at->id, err) || !min_order_empty(tx, at->id, err))) return false;
  *new_rev = at->rev + 1;
  name_subject(tx, item);
  return catalogue_raise(tx, false, err);
}

static bool stale(enum item_kind kind, int64_t rev, int64_t now, struct err *err)
{
  return err_rule(err, ERR_CONFLICT, "rev", "stale",
                  "the %s is at revision %" PRId64 ", the change was made against %" PRId64, kinds[kind].name,
                  now, rev);
}

bool item_change(struct tx *tx, enum item_kind kind, int64_t id, int64_t rev, const json_t *fields,
                 int64_t *new_rev, struct faults *faults, struct err *err)
{
  json_t *item = NULL;
  int64_t now = 0, result = 0;
  if (!item_values(tx->db, kind, id, &item, &now, err)) return false;
  bool ok =
      now == rev ? item_check(tx->db, kind, ITEM_CHANGE, fields, faults, err) : stale(kind, rev, now, err);
  struct item_at at = {.kind = kind, .id = id, .rev = rev};
  struct check check = {.faults = faults, .err = err};
  json_t *given = ok ? json_copy((json_t *)(uintptr_t)fields) : NULL;
  ok = ok && (kind != ITEM_PRODUCT || item_basis(item, given, &check)) &&
       read_confirmed(tx, &at, item, given, err) && write_change(tx, &at, item, given, &result, faults, err);
  json_decref(given);
  json_decref(item);
  if (ok && new_rev) *new_rev = result;
  return ok;
}

bool channel_remove(struct tx *tx, int64_t id, int64_t rev, struct err *err)
{
  json_t *item = NULL;
  int64_t now = 0;
  if (!item_values(tx->db, ITEM_CHANNEL, id, &item, &now, err)) return false;
  bool ok = now == rev || stale(ITEM_CHANNEL, rev, now, err);
  ok = ok && write_revision(tx, &(struct item_at){.kind = ITEM_CHANNEL, .id = id, .rev = rev}, "removed",
                            item, NULL, err);
  json_decref(item);
  if (!ok) return false;
  struct query q = query_open(tx->db, "DELETE FROM channel WHERE id = ?1", err);
  query_int(&q, 1, id);
  return query_run(&q) && catalogue_raise(tx, false, err);
}

bool item_history(struct db *db, enum item_kind kind, int64_t id, int64_t since_rev,
                  void (*each)(void *ctx, const struct revision *row), void *ctx, struct err *err)
{
  struct query q = query_open(db,
                              "SELECT rev, field, before, after, actor, at_ms FROM revision WHERE"
                              " target_kind = ?1 AND target = ?2 AND rev > ?3 ORDER BY rev DESC, id DESC",
                              err);
  query_text(&q, 1, kinds[kind].name);
  query_int(&q, 2, id);
  query_int(&q, 3, since_rev);
  while (query_row(&q)) {
    struct revision row = {.rev = column_int(&q, 0),
                           .field = column_text(&q, 1),
                           .before = column_text(&q, 2),
                           .after = column_text(&q, 3),
                           .actor = column_text(&q, 4),
                           .at_ms = column_int(&q, 5)};
    each(ctx, &row);
  }
  return query_close(&q);
}
