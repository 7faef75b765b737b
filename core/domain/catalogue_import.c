#include "core/domain/catalogue_import.h"

#include "core/base/clock.h"
#include "core/base/limits.h"
#include "core/domain/csv.h"
#include "core/domain/form.h"
#include "core/domain/item.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
  CHUNK_BYTES = PAYLOAD_SIZE_MAX * 3 / 4, /* of estimated changes: an estimate wants room */
  ROW_IDS_MAX = 40                        /* a product, its windows and a revision row for each field */
};

struct row {
  int64_t line;
  const char *name; /* of fields, for sorting */
  int64_t code;
  json_t *fields; /* without seasons */
  json_t *open;   /* the window of the file */
  json_t *closed; /* windows added by catalogue_import_closed, else NULL */
};

struct catalogue_import {
  struct row *rows;    /* as in the file */
  struct row **sorted; /* by name and code */
  size_t count, next;
  size_t added, changed, same;
};

enum column_use { COLUMN_TEXT, COLUMN_CODE, COLUMN_BOOL, COLUMN_MONTH, COLUMN_SHOWN };

static const struct column {
  const char *name, *key; /* the field it becomes */
  enum column_use use;
  bool optional;
} columns[] = {
    {"name_zh", "name_zh", COLUMN_TEXT, false},
    {"name_pinyin", "name_pinyin", COLUMN_TEXT, false},
    {"name_en", "name_en", COLUMN_TEXT, false},
    {"group", "group", COLUMN_TEXT, false},
    {"subgroup", "subgroup", COLUMN_TEXT, false},
    {"gb2260", "origin_code", COLUMN_CODE, false},
    {"season_start_month", NULL, COLUMN_MONTH, false},
    {"season_end_month", NULL, COLUMN_MONTH, false},
    {"storage", "storage", COLUMN_TEXT, false},
    {"storage_note_zh", "storage_note_zh", COLUMN_TEXT, false},
    {"unit", "unit", COLUMN_TEXT, false},
    {"geo_indication", "geo_indication", COLUMN_BOOL, false},
    {"aliases", "aliases", COLUMN_TEXT, true},
    {"geo_basis", "geo_basis", COLUMN_TEXT, true},
    {"origin_prefecture", NULL, COLUMN_SHOWN, true},
    {"origin_county", NULL, COLUMN_SHOWN, true},
};
enum { COLUMN_COUNT = sizeof columns / sizeof *columns };

static const char *trim(const char *cell)
{
  char *text = (char *)(uintptr_t)cell; /* the table is ours */
  while (*text == ' ' || *text == '\t')
    text++;
  for (size_t n = strlen(text); n && (text[n - 1] == ' ' || text[n - 1] == '\t'); n--)
    text[n - 1] = '\0';
  return text;
}

static bool whole_number(const char *text, int64_t *out)
{
  char *end;
  if (*text < '0' || *text > '9' || strlen(text) > 15) return false;
  *out = strtoll(text, &end, 10);
  return *end == '\0';
}

/* Where each known column stands; what is missing or unknown is a fault of line 1. */
static void find_columns(const struct csv *csv, int at[COLUMN_COUNT], struct check *check)
{
  check->row = 1;
  for (int i = 0; i < COLUMN_COUNT; i++) {
    at[i] = csv_column(csv, columns[i].name);
    if (at[i] < 0 && !columns[i].optional)
      check_fault(check, ERR_INPUT, columns[i].name, "missing_column", "the column %s is missing",
                  columns[i].name);
  }
  for (size_t c = 0; c < csv->columns; c++) {
    bool known = false, twice = csv_column(csv, csv->header[c]) != (int)c;
    for (int i = 0; i < COLUMN_COUNT && !known; i++)
      known = at[i] == (int)c;
    if (!known)
      check_fault(check, ERR_INPUT, csv->header[c], twice ? "duplicate" : "unknown_column",
                  "the column %.60s is %s", csv->header[c], twice ? "there twice" : "not known");
  }
}

static void read_cell(struct row *row, const struct column *column, const char *cell, int64_t months[2],
                      struct check *check)
{
  int64_t n = 0;
  bool number = whole_number(cell, &n);
  switch (column->use) {
  case COLUMN_SHOWN: return;
  case COLUMN_TEXT: json_object_set_new(row->fields, column->key, json_string(cell)); return;
  case COLUMN_CODE:
    if (number)
      json_object_set_new(row->fields, column->key, json_integer(n));
    else
      check_fault(check, ERR_INPUT, column->name, "type", "%s \"%.40s\" is not a whole number", column->name,
                  cell);
    return;
  case COLUMN_BOOL:
    if (number && n <= 1)
      json_object_set_new(row->fields, column->key, json_boolean(n == 1));
    else
      check_fault(check, ERR_INPUT, column->name, "one_of", "%s \"%.40s\" is neither 0 nor 1", column->name,
                  cell);
    return;
  case COLUMN_MONTH: break;
  }
  if (number && n >= 1 && n <= 12)
    months[strcmp(column->name, "season_end_month") == 0] = n;
  else
    check_fault(check, ERR_INPUT, column->name, "range", "%s \"%.40s\" is no month from 1 to 12",
                column->name, cell);
}

static int last_day_md(int month)
{
  static const int days[] = {31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  return month * 100 + days[month - 1];
}

static json_t *window_of(const char *kind, int64_t start_md, int64_t end_md)
{
  return json_pack("{ss sI sI}", "kind", kind, "start_md", (json_int_t)start_md, "end_md",
                   (json_int_t)end_md);
}

/* The rules of items, their faults told with the file's line and column names. */
static bool check_fields(struct db *db, const struct row *row, struct check *check, struct err *err)
{
  struct faults found = {0};
  struct err why = ERR_INIT;
  bool ok = item_check(db, ITEM_PRODUCT, ITEM_CHANGE, row->fields, &found, &why);
  if (!ok && found.count == 0) return err_set(err, why.kind, "%s", why.text); /* the database, not the row */
  for (size_t i = 0; i < found.count; i++) {
    struct err *what = &found.list[i].err;
    if (strcmp(what->field, "origin_code") == 0) snprintf(what->field, sizeof what->field, "gb2260");
    check_add(check, what);
  }
  faults_wipe(&found);
  return true;
}

static bool read_row(struct db *db, const struct csv *csv, size_t i, const int at[COLUMN_COUNT],
                     struct row *row, struct check *check, struct err *err)
{
  int64_t months[2] = {0, 0};
  *row = (struct row){.line = csv->lines[i], .fields = json_object()};
  check->row = row->line;
  for (int c = 0; c < COLUMN_COUNT; c++)
    if (at[c] >= 0) read_cell(row, &columns[c], trim(csv_cell(csv, i, at[c])), months, check);
  if (months[0] && months[1]) row->open = window_of("open", months[0] * 100 + 1, last_day_md((int)months[1]));
  const json_t *name = json_object_get(row->fields, "name_zh");
  row->name = name ? json_string_value(name) : "";
  row->code = json_integer_value(json_object_get(row->fields, "origin_code"));
  return check_fields(db, row, check, err);
}

static int compare_key(const struct row *a, const char *name, int64_t code)
{
  int by_name = strcmp(a->name, name);
  if (by_name) return by_name;
  return (a->code > code) - (a->code < code);
}

static int compare_rows(const void *a, const void *b)
{
  const struct row *x = *(struct row *const *)a, *y = *(struct row *const *)b;
  int by_key = compare_key(x, y->name, y->code);
  return by_key ? by_key : (x->line > y->line) - (x->line < y->line);
}

static struct row *find_row(const struct catalogue_import *import, const char *name, int64_t code)
{
  size_t low = 0, high = import->count;
  while (low < high) {
    size_t middle = (low + high) / 2;
    int order = compare_key(import->sorted[middle], name, code);
    if (order == 0) return import->sorted[middle];
    if (order < 0)
      low = middle + 1;
    else
      high = middle;
  }
  return NULL;
}

static void sort_rows(struct catalogue_import *import, struct check *check)
{
  for (size_t i = 0; i < import->count; i++)
    import->sorted[i] = &import->rows[i];
  qsort(import->sorted, import->count, sizeof *import->sorted, compare_rows);
  for (size_t i = 1; i < import->count; i++) {
    const struct row *first = import->sorted[i - 1], *again = import->sorted[i];
    if (compare_key(first, again->name, again->code) != 0) continue;
    check->row = again->line;
    check_fault(check, ERR_INPUT, "name_zh", "duplicate", "%.60s of %lld is already on line %lld",
                again->name, (long long)again->code, (long long)first->line);
  }
}

static bool refuse(const struct check *check, struct err *err)
{
  if (!check->bad) return true;
  struct err first = check->err ? *check->err : (struct err)ERR_INIT;
  return err_rule(err, ERR_INPUT, first.field, "faults", "nothing was imported; the first fault: %.250s",
                  first.text);
}

static bool read_rows(struct catalogue_import *import, struct db *db, const struct csv *csv,
                      struct faults *faults, struct err *err)
{
  struct err first = ERR_INIT;
  struct check check = {.faults = faults, .err = &first};
  int at[COLUMN_COUNT];
  find_columns(csv, at, &check);
  if (check.bad) return refuse(&check, err);
  import->rows = calloc(csv->rows + 1, sizeof *import->rows);
  import->sorted = calloc(csv->rows + 1, sizeof(struct row *));
  if (!import->rows || !import->sorted) return err_set(err, ERR_IO, "out of memory reading a table");
  for (size_t i = 0; i < csv->rows; i++) {
    import->count++;
    if (!read_row(db, csv, i, at, &import->rows[i], &check, err)) return false;
  }
  if (import->count == 0) check_fault(&check, ERR_INPUT, "", "empty", "the file has no rows");
  sort_rows(import, &check);
  return refuse(&check, err);
}

bool catalogue_import_open(struct catalogue_import **out, struct db *db, const void *bytes, size_t n,
                           struct faults *faults, struct err *err)
{
  struct csv csv;
  if (!csv_open(&csv, bytes, n, IMPORT_ROWS_MAX, err)) {
    faults_add(faults, 0, err);
    return false;
  }
  struct catalogue_import *import = calloc(1, sizeof *import);
  bool ok = import ? read_rows(import, db, &csv, faults, err) : err_set(err, ERR_IO, "out of memory");
  csv_close(&csv);
  if (!ok) {
    catalogue_import_close(import);
    return false;
  }
  *out = import;
  return true;
}

void catalogue_import_close(struct catalogue_import *import)
{
  if (!import) return;
  for (size_t i = 0; i < import->count; i++) {
    json_decref(import->rows[i].fields);
    json_decref(import->rows[i].open);
    json_decref(import->rows[i].closed);
  }
  free(import->rows);
  free(import->sorted);
  free(import);
}

/* A side table: each row must name a product of the import; `each` takes what it says. */
static bool read_side(struct catalogue_import *import, const void *bytes, size_t n, const char *const *names,
                      void (*each)(struct row *row, const struct csv *csv, size_t i, const int *at,
                                   struct check *check),
                      struct faults *faults, struct err *err)
{
  struct csv csv;
  struct err first = ERR_INIT;
  struct check check = {.faults = faults, .row = 1, .err = &first};
  int at[8];
  if (!csv_open(&csv, bytes, n, IMPORT_ROWS_MAX, err)) return false;
  for (size_t c = 0; names[c]; c++) {
    at[c] = csv_column(&csv, names[c]);
    if (at[c] < 0)
      check_fault(&check, ERR_INPUT, names[c], "missing_column", "the column %s is missing", names[c]);
  }
  for (size_t i = 0; i < csv.rows && !check.bad; i++) {
    int64_t code = 0;
    const char *name = trim(csv_cell(&csv, i, at[0]));
    struct row *row =
        whole_number(trim(csv_cell(&csv, i, at[1])), &code) ? find_row(import, name, code) : NULL;
    check.row = csv.lines[i];
    if (row)
      each(row, &csv, i, at, &check);
    else
      check_fault(&check, ERR_INPUT, "name_zh", "unknown_product",
                  "%.60s of %s is not in the file of products", name, csv_cell(&csv, i, at[1]));
  }
  csv_close(&csv);
  return refuse(&check, err);
}

static void take_basis(struct row *row, const struct csv *csv, size_t i, const int *at, struct check *check)
{
  const char *basis = trim(csv_cell(csv, i, at[2]));
  form_text(check, "basis", basis, 1, 400);
  json_object_set_new(row->fields, "geo_basis", json_string(basis));
}

bool catalogue_import_basis(struct catalogue_import *import, const void *bytes, size_t n,
                            struct faults *faults, struct err *err)
{
  static const char *const names[] = {"name_zh", "gb2260", "basis", NULL};
  return read_side(import, bytes, n, names, take_basis, faults, err);
}

static void take_closed(struct row *row, const struct csv *csv, size_t i, const int *at, struct check *check)
{
  int64_t md[2] = {0, 0};
  for (int k = 0; k < 2; k++) {
    const char *cell = trim(csv_cell(csv, i, at[2 + k]));
    if (!whole_number(cell, &md[k]) || md[k] > 1231 || !date_valid(20240000 + (int)md[k]))
      check_fault(check, ERR_INPUT, k ? "end_md" : "start_md", "date", "\"%.40s\" is no day of a year", cell);
  }
  if (!row->closed) row->closed = json_array();
  json_array_append_new(row->closed, window_of("closed", md[0], md[1]));
}

bool catalogue_import_closed(struct catalogue_import *import, const void *bytes, size_t n,
                             struct faults *faults, struct err *err)
{
  static const char *const names[] = {"name_zh", "gb2260", "start_md", "end_md", NULL};
  return read_side(import, bytes, n, names, take_closed, faults, err);
}

/* The file's window and the closed ones: those given, else those the product has. */
static json_t *seasons_of(const struct row *row, const json_t *before)
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

static bool find_product(struct db *db, const struct row *row, int64_t *id, struct err *err)
{
  struct query q = query_open(db, "SELECT id FROM product WHERE name_zh = ?1 AND origin_code = ?2", err);
  query_text(&q, 1, row->name);
  query_int(&q, 2, row->code);
  *id = query_row(&q) ? column_int(&q, 0) : 0;
  return query_close(&q);
}

static bool write_row(struct tx *tx, struct catalogue_import *import, const struct row *row, size_t *bytes,
                      struct err *err)
{
  int64_t id = 0, rev = 0, new_rev = 0;
  json_t *before = NULL;
  if (!find_product(tx->db, row, &id, err)) return false;
  if (id && !item_values(tx->db, ITEM_PRODUCT, id, &before, &rev, err)) return false;
  json_t *fields = json_copy(row->fields);
  json_object_set_new(fields, "seasons", seasons_of(row, json_object_get(before, "seasons")));
  bool ok = id ? item_change(tx, ITEM_PRODUCT, id, rev, fields, &new_rev, NULL, err)
               : item_add(tx, ITEM_PRODUCT, fields, &id, NULL, err);
  bool written = !before || new_rev != rev;
  if (ok && !before) import->added++;
  if (ok && before && written) import->changed++;
  if (ok && before && !written) import->same++;
  /* The JSON with its keys is longer than the row; a change also keeps before and after of each field. */
  if (written) *bytes += 100 + (before ? 3 : 1) * json_dumpb(fields, NULL, 0, JSON_COMPACT);
  json_decref(fields);
  json_decref(before);
  return ok || err_prefix(err, "line %lld", (long long)row->line);
}

bool catalogue_import_write(struct tx *tx, struct catalogue_import *import, size_t *left, struct err *err)
{
  char subject[32];
  size_t bytes = 0;
  snprintf(subject, sizeof subject, "%zu", import->count - import->next);
  form_subject(tx, subject);
  while (import->next < import->count) {
    if (bytes > CHUNK_BYTES || tx->ids[SCOPE_SHARED].next > ENTRY_ROWS_MAX - ROW_IDS_MAX) break;
    if (!write_row(tx, import, &import->rows[import->next], &bytes, err)) return false;
    import->next++;
  }
  *left = import->count - import->next;
  return true;
}

void catalogue_import_counts(const struct catalogue_import *import, size_t *added, size_t *changed,
                             size_t *same)
{
  *added = import->added;
  *changed = import->changed;
  *same = import->same;
}
