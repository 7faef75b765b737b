#include "core/domain/field.h"

#include "core/base/clock.h"
#include "core/base/text.h"
#include "core/domain/season.h"
#include "core/domain/unit.h"
#include "core/domain/uscc.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static const char *const groups[] = {"aquatic", "livestock", "produce", "processed", NULL};
static const char *const storages[] = {"ambient", "chilled", "dry", "frozen", "live", NULL};
static const char *const product_status[] = {"active", "delisted", NULL};
static const char *const supplier_status[] = {"active", "suspended", "blacklisted", NULL};
static const char *const ways[] = {"direct", "cooperative", "wholesale", "market", "online", NULL};

static const struct field product_fields[] = {
    {.kind = ITEM_PRODUCT, .key = "name_zh", .type = FIELD_TEXT, .min = 1, .max = 40, .required = true},
    {.kind = ITEM_PRODUCT, .key = "name_pinyin", .type = FIELD_TEXT, .max = 200},
    {.kind = ITEM_PRODUCT, .key = "name_en", .type = FIELD_TEXT, .max = 120},
    {.kind = ITEM_PRODUCT, .key = "aliases", .type = FIELD_TEXT, .max = 200},
    {.kind = ITEM_PRODUCT, .key = "group", .type = FIELD_WORD, .words = groups, .required = true},
    {.kind = ITEM_PRODUCT, .key = "subgroup", .type = FIELD_TEXT, .max = 40},
    {.kind = ITEM_PRODUCT, .key = "origin_code", .type = FIELD_DIVISION, .required = true},
    {.kind = ITEM_PRODUCT, .key = "unit", .type = FIELD_WORD, .words = unit_codes, .required = true},
    {.kind = ITEM_PRODUCT, .key = "storage", .type = FIELD_WORD, .words = storages, .required = true},
    {.kind = ITEM_PRODUCT, .key = "storage_note_zh", .type = FIELD_TEXT, .max = 200},
    {.kind = ITEM_PRODUCT, .key = "geo_indication", .type = FIELD_BOOL},
    {.kind = ITEM_PRODUCT, .key = "geo_basis", .type = FIELD_TEXT, .max = 400},
    {.kind = ITEM_PRODUCT,
     .key = "status",
     .type = FIELD_WORD,
     .words = product_status,
     .province_only = true},
    {.kind = ITEM_PRODUCT, .key = "status_reason", .type = FIELD_TEXT, .max = 400, .province_only = true},
    {.kind = ITEM_PRODUCT, .key = "confirmed", .type = FIELD_BOOL, .province_only = true},
    {.kind = ITEM_PRODUCT, .key = "seasons", .type = FIELD_SEASONS, .required = true},
};

static const struct field supplier_fields[] = {
    {.kind = ITEM_SUPPLIER, .key = "uscc", .type = FIELD_USCC, .required = true},
    {.kind = ITEM_SUPPLIER, .key = "name", .type = FIELD_TEXT, .min = 1, .max = 80, .required = true},
    {.kind = ITEM_SUPPLIER, .key = "division", .type = FIELD_DIVISION, .required = true},
    {.kind = ITEM_SUPPLIER, .key = "contact_name", .type = FIELD_TEXT, .max = 40},
    {.kind = ITEM_SUPPLIER, .key = "contact_phone", .type = FIELD_TEXT, .max = 40},
    {.kind = ITEM_SUPPLIER, .key = "licence_no", .type = FIELD_TEXT, .max = 60},
    {.kind = ITEM_SUPPLIER, .key = "licence_until", .type = FIELD_DATE},
    {.kind = ITEM_SUPPLIER,
     .key = "status",
     .type = FIELD_WORD,
     .words = supplier_status,
     .province_only = true},
    {.kind = ITEM_SUPPLIER, .key = "status_reason", .type = FIELD_TEXT, .max = 400, .province_only = true},
};

static const struct field channel_fields[] = {
    {.kind = ITEM_CHANNEL, .key = "product", .type = FIELD_PRODUCT, .required = true, .province_only = true},
    {.kind = ITEM_CHANNEL,
     .key = "supplier",
     .type = FIELD_SUPPLIER,
     .required = true,
     .province_only = true},
    {.kind = ITEM_CHANNEL,
     .key = "way",
     .type = FIELD_WORD,
     .words = ways,
     .required = true,
     .province_only = true},
    {.kind = ITEM_CHANNEL, .key = "min_order_qty", .type = FIELD_INT, .max = 1000000, .province_only = true},
    {.kind = ITEM_CHANNEL, .key = "delivery_area", .type = FIELD_TEXT, .max = 120, .province_only = true},
    {.kind = ITEM_CHANNEL, .key = "note", .type = FIELD_TEXT, .max = 200, .province_only = true},
};

const struct field *field_list(enum item_kind kind, size_t *count)
{
  switch (kind) {
  case ITEM_PRODUCT: *count = sizeof product_fields / sizeof *product_fields; return product_fields;
  case ITEM_SUPPLIER: *count = sizeof supplier_fields / sizeof *supplier_fields; return supplier_fields;
  case ITEM_CHANNEL:
  case ITEM_KINDS: break;
  }
  *count = sizeof channel_fields / sizeof *channel_fields;
  return channel_fields;
}

const struct field *field_find(enum item_kind kind, const char *key)
{
  size_t count;
  const struct field *list = field_list(kind, &count);
  for (size_t i = 0; i < count; i++)
    if (strcmp(list[i].key, key) == 0) return &list[i];
  return NULL;
}

/* json.h reads members of objects; a value on its own is wrapped as the only member. */
static bool get_text(const struct field *field, const json_t *value, const char **out, struct err *err)
{
  json_t *object = json_pack("{sO}", field->key, value);
  if (!object) return err_set(err, ERR_IO, "out of memory checking %s", field->key);
  bool ok = json_get_text(object, field->key, (size_t)field->min, (size_t)field->max, out, err);
  json_decref(object);
  return ok;
}

/* Spaces that a name may hold are U+0020 and U+3000. */
static bool edge_space(const char *text, size_t n)
{
  static const char wide[] = "\u3000";
  return n && (text[0] == ' ' || text[n - 1] == ' ' || strncmp(text, wide, 3) == 0 ||
               (n >= 3 && strcmp(text + n - 3, wide) == 0));
}

static void check_text(const struct field *field, const json_t *value, struct check *check)
{
  struct err why = ERR_INIT;
  const char *text = "";
  if (!get_text(field, value, &text, &why)) {
    check_add(check, &why);
    return;
  }
  size_t n = strlen(text);
  if (!text_check(TEXT_NAME, field->key, text, n, &why))
    check_add(check, &why);
  else if (edge_space(text, n))
    check_fault(check, ERR_INPUT, field->key, "edge_space", "%s begins or ends with a space: \"%.80s\"",
                field->key, text);
}

static void check_word(const struct field *field, const json_t *value, struct check *check)
{
  const char *word = json_string_value(value);
  for (size_t i = 0; word && field->words[i]; i++)
    if (strcmp(word, field->words[i]) == 0) return;
  char list[160] = "";
  for (size_t i = 0; field->words[i]; i++) {
    strncat(list, i ? ", " : "", sizeof list - strlen(list) - 1);
    strncat(list, field->words[i], sizeof list - strlen(list) - 1);
  }
  check_fault(check, ERR_INPUT, field->key, word ? "one_of" : "type", "%s is \"%.60s\", not one of %s",
              field->key, word ? word : "no text", list);
}

static bool check_int(const struct field *field, int64_t min, int64_t max, const json_t *value, int64_t *out,
                      struct check *check)
{
  if (!json_is_integer(value)) {
    check_fault(check, ERR_INPUT, field->key, "type", "%s is not a whole number", field->key);
    return false;
  }
  *out = json_integer_value(value);
  if (*out >= min && *out <= max) return true;
  check_fault(check, ERR_INPUT, field->key, "range", "%s %" PRId64 " is not between %" PRId64 " and %" PRId64,
              field->key, *out, min, max);
  return false;
}

static bool exists(struct db *db, const char *sql, int64_t id, bool *found, struct err *err)
{
  struct query q = query_open(db, sql, err);
  query_int(&q, 1, id);
  *found = query_row(&q);
  return query_close(&q);
}

static bool check_reference(struct db *db, const struct field *field, const json_t *value,
                            struct check *check, struct err *err)
{
  int64_t id = 0;
  bool found = false;
  if (!check_int(field, 1, INT64_MAX, value, &id, check)) return true;
  switch (field->type) {
  case FIELD_DIVISION:
    if (!exists(db, "SELECT 1 FROM division WHERE code = ?1", id, &found, err)) return false;
    if (!found)
      check_fault(check, ERR_INPUT, field->key, "unknown_division",
                  "%" PRId64 " is not the code of a division", id);
    return true;
  case FIELD_PRODUCT:
    if (!exists(db, "SELECT 1 FROM product WHERE id = ?1", id, &found, err)) return false;
    if (!found)
      check_fault(check, ERR_INPUT, field->key, "unknown_product", "there is no product %" PRId64, id);
    return true;
  default:
    if (!exists(db, "SELECT 1 FROM supplier WHERE id = ?1", id, &found, err)) return false;
    if (!found)
      check_fault(check, ERR_INPUT, field->key, "unknown_supplier", "there is no supplier %" PRId64, id);
    return true;
  }
}

static void check_date(const struct field *field, const json_t *value, struct check *check)
{
  const char *text = json_string_value(value);
  int date = 0;
  if (text && (!*text || (date_parse(text, &date) && date >= 19900101 && date <= 29991231))) return;
  check_fault(check, ERR_INPUT, field->key, text ? "date" : "type",
              "%s \"%.40s\" is no date such as 2027-03-01", field->key, text ? text : "");
}

static void check_seasons(const json_t *value, struct check *check)
{
  struct season list[SEASONS_MAX];
  size_t n = 0;
  struct err why = ERR_INIT;
  if (!season_parse(value, list, &n, &why)) {
    check_add(check, &why);
    return;
  }
  bool open = false;
  for (size_t i = 0; i < n; i++)
    open = open || !list[i].closed;
  if (!open)
    check_fault(check, ERR_INPUT, "seasons", "required",
                "seasons has no open window; all year is 101 to 1231");
}

static void check_uscc(const json_t *value, struct check *check)
{
  struct err why = ERR_INIT;
  if (!json_is_string(value))
    check_fault(check, ERR_INPUT, "uscc", "type", "uscc is not text");
  else if (!uscc_check(json_string_value(value), &why))
    check_add(check, &why);
}

bool field_check(struct db *db, const struct field *field, const json_t *value, struct check *check,
                 struct err *err)
{
  int64_t number;
  switch (field->type) {
  case FIELD_TEXT: check_text(field, value, check); return true;
  case FIELD_WORD: check_word(field, value, check); return true;
  case FIELD_INT: check_int(field, field->min, field->max, value, &number, check); return true;
  case FIELD_BOOL:
    if (!json_is_boolean(value))
      check_fault(check, ERR_INPUT, field->key, "type", "%s is neither true nor false", field->key);
    return true;
  case FIELD_DATE: check_date(field, value, check); return true;
  case FIELD_USCC: check_uscc(value, check); return true;
  case FIELD_SEASONS: check_seasons(value, check); return true;
  case FIELD_DIVISION:
  case FIELD_PRODUCT:
  case FIELD_SUPPLIER: break;
  }
  return check_reference(db, field, value, check, err);
}

json_t *field_default(const struct field *field)
{
  switch (field->type) {
  case FIELD_WORD: return json_string(field->words[0]); /* both statuses begin with "active" */
  case FIELD_BOOL: return json_false();
  case FIELD_SEASONS: return json_array();
  case FIELD_INT:
  case FIELD_DIVISION:
  case FIELD_PRODUCT:
  case FIELD_SUPPLIER: return json_integer(0);
  case FIELD_TEXT:
  case FIELD_DATE:
  case FIELD_USCC: break;
  }
  return json_string("");
}

void field_text(struct buf *out, const json_t *value)
{
  if (!value) return;
  if (json_is_string(value))
    put_text(out, json_string_value(value));
  else
    json_write(out, value);
}

json_t *field_canonical(const char *key, const json_t *value)
{
  struct season list[SEASONS_MAX];
  size_t n = 0;
  if (strcmp(key, "seasons") != 0 || !season_parse(value, list, &n, NULL))
    return json_incref((json_t *)(uintptr_t)value);
  struct buf text = BUF_INIT;
  season_write(&text, list, n);
  json_t *out = json_parse((const char *)text.data, text.size, NULL);
  buf_wipe(&text);
  return out;
}
