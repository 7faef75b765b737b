#include "core/domain/catalogue_import.h"

#include "core/base/clock.h"
#include "core/base/limits.h"
#include "core/base/sheet_read.h"
#include "core/base/typed.h"
#include "core/domain/catalogue_row.h"
#include "core/domain/describe.h"
#include "core/domain/field.h"
#include "core/domain/form.h"
#include "core/domain/item.h"
#include "core/domain/pinyin.h"
#include "core/domain/unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
  CHUNK_BYTES = PAYLOAD_SIZE_MAX * 3 / 4, /* of estimated changes: an estimate wants room */
  ROW_IDS_MAX = 40                        /* a product, its windows and a revision row for each field */
};

struct catalogue_import {
  struct catalogue_row *rows;    /* as in the file */
  struct catalogue_row **sorted; /* by name and code */
  size_t count, next;
  size_t added, changed, same;
  struct pinyin *pinyin;       /* for names that come without */
  struct product_names *names; /* the catalogue's and the new rows', when read and again when written */
  char unread[400];            /* grid.unread */
};

/* A file while it is read. */
struct table {
  struct grid grid;
  size_t heading; /* its row */
};

enum column_use {
  COLUMN_TEXT,
  COLUMN_WORD,
  COLUMN_KIND,
  COLUMN_CODE,
  COLUMN_BOOL,
  COLUMN_MONTH,
  COLUMN_PLACE,
  COLUMN_REV
};

static const struct column {
  const char *name, *key; /* key: the field it becomes */
  enum column_use use;
  bool optional;
  const char *titles[4]; /* what people call it; the first stands in the template */
} columns[CATALOGUE_COLUMNS] = {
    {"name_zh", "name_zh", COLUMN_TEXT, false, {"品名", "产品名称", "产品", "名称"}},
    {"name_pinyin", "name_pinyin", COLUMN_TEXT, true, {"拼音"}},
    {"name_en", "name_en", COLUMN_TEXT, true, {"英文名", "英文名称"}},
    {"group", "group", COLUMN_WORD, false, {"品类", "大类", "类别"}},
    {"subgroup", "subgroup", COLUMN_KIND, true, {"小类"}},
    {"gb2260", "origin_code", COLUMN_CODE, true, {"产地代码", "地区代码", "行政区划代码"}},
    {"origin_prefecture", NULL, COLUMN_PLACE, true, {"地市", "设区市"}},
    {"origin_county", NULL, COLUMN_PLACE, true, {"产地", "县", "产地县"}},
    {"season_start_month", NULL, COLUMN_MONTH, false, {"上市起月", "上市开始月", "上市月份起"}},
    {"season_end_month", NULL, COLUMN_MONTH, false, {"上市止月", "上市结束月", "上市月份止"}},
    {"storage", "storage", COLUMN_WORD, false, {"储存方式", "储存", "存储方式"}},
    {"storage_note_zh", "storage_note_zh", COLUMN_TEXT, true, {"储存说明"}},
    {"unit", "unit", COLUMN_WORD, false, {"单位", "计价单位", "计量单位"}},
    {"geo_indication", "geo_indication", COLUMN_BOOL, true, {"地理标志"}},
    {"geo_basis", "geo_basis", COLUMN_TEXT, true, {"地理标志依据"}},
    {"aliases", "aliases", COLUMN_TEXT, true, {"别名"}},
    {"rev", NULL, COLUMN_REV, true, {"版本"}},
};
enum { COLUMN_COUNT = CATALOGUE_COLUMNS, GB2260 = 5, PREFECTURE = 6, COUNTY = 7 };

const char *catalogue_column_title(int column)
{
  return columns[column].titles[0];
}

/* The column a heading names; -1: none. */
static int column_of(const char *heading)
{
  char folded[80], title[80];
  typed_fold(folded, sizeof folded, heading);
  size_t n = strlen(folded);
  if (n && folded[n - 1] == '*') folded[n - 1] = '\0'; /* how forms mark what must be filled in */
  for (int c = 0; c < COLUMN_COUNT; c++) {
    if (strcmp(columns[c].name, folded) == 0) return c;
    for (int i = 0; i < 4 && columns[c].titles[i]; i++) {
      typed_fold(title, sizeof title, columns[c].titles[i]);
      if (strcmp(title, folded) == 0) return c;
    }
  }
  return -1;
}

static bool heading_row(const struct grid *grid, size_t *row)
{
  for (*row = 0; *row < grid->rows && *row < GRID_HEADING_ROWS; ++*row) {
    int known = 0;
    for (size_t c = 0; c < grid->columns; c++)
      known += column_of(grid_cell(grid, *row, c)) >= 0;
    if (known >= 3) return true;
  }
  *row = 0;
  return false;
}

static bool fits(const struct grid *head)
{
  size_t row;
  return heading_row(head, &row);
}

static const char *cell_of(const struct table *table, size_t row, int column)
{
  return column < 0 ? "" : grid_cell(&table->grid, row, (size_t)column);
}

static bool whole_number(const char *text, int64_t *out)
{
  char *end;
  if (*text < '0' || *text > '9' || strlen(text) > 15) return false;
  *out = strtoll(text, &end, 10);
  return *end == '\0';
}

/* Where each known column stands; what is missing, unknown or there twice is a fault of the heading. */
static void find_columns(const struct table *table, int at[COLUMN_COUNT], struct check *check)
{
  check->row = (int64_t)table->heading + 1;
  for (int i = 0; i < COLUMN_COUNT; i++)
    at[i] = -1;
  for (size_t c = 0; c < table->grid.columns; c++) {
    const char *heading = cell_of(table, table->heading, (int)c);
    int known = column_of(heading);
    bool twice = known >= 0 && at[known] >= 0, empty = true;
    for (size_t r = table->heading + 1; empty && r < table->grid.rows; r++)
      empty = !*cell_of(table, r, (int)c);
    if (known >= 0 && !twice)
      at[known] = (int)c;
    else if (*heading || !empty)
      check_fault(check, ERR_INPUT, heading, twice ? "duplicate" : "unknown_column",
                  "the column %zu \"%.60s\" is %s", c + 1, heading, twice ? "there twice" : "not known");
    if (known >= 0 && !empty && grid_column_hidden(&table->grid, c))
      check_fault(check, ERR_INPUT, columns[known].name, "hidden_column", "the column \"%.60s\" is hidden",
                  heading);
  }
  for (int i = 0; i < COLUMN_COUNT; i++)
    if (at[i] < 0 && (!columns[i].optional || (i == GB2260 && at[COUNTY] < 0)))
      check_fault(check, ERR_INPUT, columns[i].name, "missing_column", "the column %s is missing",
                  columns[i].titles[0]);
}

/* The word as the field has it, however it was said: "frozen", "冷冻". */
static const char *read_word(const struct column *column, const char *cell)
{
  const struct field *field = field_find(ITEM_PRODUCT, column->key);
  const char *unit = strcmp(column->key, "unit") == 0 ? unit_of(cell) : NULL;
  if (unit) return unit;
  const char *described = strcmp(column->key, "group") == 0 ? "group_code" : column->key;
  char typed[80], said[80];
  typed_fold(typed, sizeof typed, cell);
  for (size_t i = 0; field->words[i]; i++) {
    typed_fold(said, sizeof said, describe_word(described, field->words[i], LANGUAGE_ZH));
    if (strcmp(typed, field->words[i]) == 0 || strcmp(typed, said) == 0) return field->words[i];
  }
  return cell; /* refused by the field's own rule */
}

/* "9", "9月" */
static bool read_month(const char *cell, int64_t *out)
{
  char typed[20];
  typed_fold(typed, sizeof typed, cell);
  char *end = strstr(typed, "月");
  if (end && strcmp(end, "月") == 0) *end = '\0';
  return whole_number(typed, out) && *out >= 1 && *out <= 12;
}

/* An empty cell leaves what stands; a word empties it. */
static bool emptied(const struct column *column, const char **cell)
{
  if (!column->optional || (column->use != COLUMN_TEXT && column->use != COLUMN_KIND)) return true;
  if (!**cell) return false;
  if (strcmp(*cell, CATALOGUE_CELL_EMPTIED) == 0) *cell = "";
  return true;
}

static void read_cell(struct catalogue_row *row, const struct column *column, const char *cell,
                      int64_t months[2], struct check *check)
{
  int64_t n = 0;
  if (!emptied(column, &cell)) return;
  switch (column->use) {
  case COLUMN_PLACE: return;
  case COLUMN_REV:
    if (*cell && !whole_number(cell, &row->made))
      check_fault(check, ERR_INPUT, column->name, "type", "the revision \"%.40s\" is no number", cell);
    return;
  case COLUMN_TEXT: json_object_set_new(row->fields, column->key, json_string(cell)); return;
  case COLUMN_KIND: json_object_set_new(row->fields, column->key, json_string(describe_key(cell))); return;
  case COLUMN_WORD:
    json_object_set_new(row->fields, column->key, json_string(read_word(column, cell)));
    return;
  case COLUMN_CODE:
    if (whole_number(cell, &n))
      json_object_set_new(row->fields, column->key, json_integer(n));
    else if (*cell)
      check_fault(check, ERR_INPUT, column->name, "type", "%s \"%.40s\" is not a whole number",
                  column->titles[0], cell);
    return;
  case COLUMN_BOOL:
    if (!*cell) return;
    if (typed_yes(cell) >= 0)
      json_object_set_new(row->fields, column->key, json_boolean(typed_yes(cell)));
    else
      check_fault(check, ERR_INPUT, column->name, "one_of", "%s \"%.40s\" is neither 是 nor 否",
                  column->titles[0], cell);
    return;
  case COLUMN_MONTH: break;
  }
  if (read_month(cell, &n))
    months[strcmp(column->name, "season_end_month") == 0] = n;
  else
    check_fault(check, ERR_INPUT, column->name, "range", "%s \"%.40s\" is no month from 1 to 12",
                column->titles[0], cell);
}

static bool division_known(struct db *db, int64_t code, bool *known, struct err *err)
{
  struct query q = query_open(db, "SELECT 1 FROM division WHERE code = ?1", err);
  query_int(&q, 1, code);
  *known = query_row(&q);
  return query_close(&q);
}

/* The place by its code, by its name, or by both if they agree: "淳安县" or "淳安". */
static bool read_place(struct db *db, const struct table *table, size_t at_row, const int at[COLUMN_COUNT],
                       struct catalogue_row *row, struct check *check, struct err *err)
{
  const char *county = cell_of(table, at_row, at[COUNTY]), *city = cell_of(table, at_row, at[PREFECTURE]);
  int64_t given = json_integer_value(json_object_get(row->fields, "origin_code")), found = 0;
  int matches = 0;
  if (!*county && !*city) {
    if (!*cell_of(table, at_row, at[GB2260]))
      check_fault(check, ERR_INPUT, at[GB2260] >= 0 ? "gb2260" : "origin_county", "required",
                  "the product has no place of origin");
    return true;
  }
  struct query q = query_open(db,
                              "SELECT d.code FROM division d LEFT JOIN division f ON f.code ="
                              " d.prefecture_code WHERE (?1 = '' OR d.name_zh = ?1 OR (length(?1) > 1 AND"
                              " substr(d.name_zh, 1, length(d.name_zh) - 1) = ?1)) AND (?2 = '' OR f.name_zh"
                              " = ?2 OR substr(f.name_zh, 1, length(f.name_zh) - 1) = ?2) AND (?3 = 0 OR"
                              " d.code = ?3) AND (?3 <> 0 OR ?1 <> '') /* scan: meant, 101 rows */",
                              err);
  query_text(&q, 1, county);
  query_text(&q, 2, city);
  query_int(&q, 3, given);
  for (; query_row(&q); matches++)
    found = column_int(&q, 0);
  if (!query_close(&q)) return false;
  bool known = true; /* an unknown code is told by the field's own rule */
  if (!matches && given && !division_known(db, given, &known, err)) return false;
  if (matches == 1)
    json_object_set_new(row->fields, "origin_code", json_integer(found));
  else if (known)
    check_fault(check, ERR_INPUT, *county ? "origin_county" : "origin_prefecture",
                matches ? "ambiguous"
                : given ? "contradiction"
                        : "unknown_division",
                "%.40s %.40s is %s", city, county,
                matches ? "more than one place"
                : given ? "not the place of the code"
                        : "no place known");
  return true;
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
static bool check_fields(struct db *db, const struct catalogue_row *row, struct check *check, struct err *err)
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

static bool read_row(struct db *db, const struct table *table, size_t i, const int at[COLUMN_COUNT],
                     struct catalogue_row *row, struct check *check, struct err *err)
{
  int64_t months[2] = {0, 0};
  *row = (struct catalogue_row){.line = (int64_t)i + 1, .fields = json_object()};
  check->row = row->line;
  for (int c = 0; c < COLUMN_COUNT; c++)
    if (at[c] >= 0) read_cell(row, &columns[c], cell_of(table, i, at[c]), months, check);
  if (!read_place(db, table, i, at, row, check, err)) return false;
  if (months[0] && months[1]) row->open = window_of("open", months[0] * 100 + 1, last_day_md((int)months[1]));
  const char *pinyin = json_string_value(json_object_get(row->fields, "name_pinyin"));
  if (pinyin && !*pinyin) json_object_del(row->fields, "name_pinyin"); /* as it is, or as it is read */
  const json_t *name = json_object_get(row->fields, "name_zh");
  row->name = name ? json_string_value(name) : "";
  row->code = json_integer_value(json_object_get(row->fields, "origin_code"));
  return check_fields(db, row, check, err);
}

/* What may stand in a column of few words. */
static void show_choices(struct fault *fault, const struct column *column)
{
  enum { WORDS_MAX = 12 };
  static const char *const yes_no[] = {"是", "否", NULL}, *const yes_no_en[] = {"yes", "no", NULL};
  const char *words[WORDS_MAX + 1] = {NULL};
  if (column->use == COLUMN_BOOL) faults_choices(fault, yes_no, yes_no_en);
  if (column->use != COLUMN_WORD) return;
  const struct field *field = field_find(ITEM_PRODUCT, column->key);
  const char *described = strcmp(column->key, "group") == 0 ? "group_code" : column->key;
  for (size_t i = 0; i < WORDS_MAX && field->words[i]; i++)
    words[i] = describe_word(described, field->words[i], LANGUAGE_ZH);
  faults_choices(fault, words, field->words);
}

/* What stands in the cell of each fault, and its column as the file calls it; one that the file has not, as
 * the template does. */
static void show_cells(const struct table *table, const int at[COLUMN_COUNT], struct faults *faults,
                       size_t from)
{
  for (size_t i = from; faults && i < faults->count; i++) {
    struct fault *fault = &faults->list[i];
    for (int c = 0; c < COLUMN_COUNT; c++) {
      if (strcmp(columns[c].name, fault->err.field) != 0) continue;
      if (at[c] < 0) {
        faults_show(fault, columns[c].titles[0], "");
        break;
      }
      const char *shown =
          fault->row > 0 ? grid_covering(&table->grid, (size_t)fault->row - 1, (size_t)at[c]) : "";
      faults_show(fault, cell_of(table, table->heading, at[c]),
                  shown ? shown : cell_of(table, (size_t)fault->row - 1, at[c]));
      if (strcmp(fault->err.rule, "one_of") == 0) show_choices(fault, &columns[c]);
      break;
    }
  }
}

static int compare_key(const struct catalogue_row *a, const char *name, int64_t code)
{
  int by_name = strcmp(a->name, name);
  if (by_name) return by_name;
  return (a->code > code) - (a->code < code);
}

static int compare_rows(const void *a, const void *b)
{
  const struct catalogue_row *x = *(struct catalogue_row *const *)a, *y = *(struct catalogue_row *const *)b;
  int by_key = compare_key(x, y->name, y->code);
  return by_key ? by_key : (x->line > y->line) - (x->line < y->line);
}

static struct catalogue_row *find_row(const struct catalogue_import *import, const char *name, int64_t code)
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
    const struct catalogue_row *first = import->sorted[i - 1], *again = import->sorted[i];
    if (compare_key(first, again->name, again->code) != 0) continue;
    check->row = again->line;
    check_fault(check, ERR_INPUT, "name_zh", "duplicate", "%.60s of %lld is already on line %lld",
                again->name, (long long)again->code, (long long)first->line);
  }
}

/* A new product is not named as one that is there or as one of another row, by what only a keyboard makes
 * different.  Equal rows are told of already. */
static bool check_names(const struct catalogue_import *import, struct check *check, struct err *err)
{
  bool ok = true;
  for (size_t i = 0; ok && i < import->count; i++) {
    const struct catalogue_row *row = import->sorted[i], *last = i ? import->sorted[i - 1] : NULL;
    if (row->there.id || !*row->name || (last && compare_key(last, row->name, row->code) == 0)) continue;
    check->row = row->line;
    if (product_names_has(import->names, row->name, row->code))
      check_fault(check, ERR_CONFLICT, "name_zh", "exists",
                  "%.60s of that origin is already in the catalogue or in the file", row->name);
    ok = product_names_add(import->names, row->name, row->code, err);
  }
  return ok;
}

/* A merged cell belongs to several rows; what a formula shows that nobody computed is not in the file. */
static bool any_unread(const struct table *table, size_t row, const int at[COLUMN_COUNT], struct check *check)
{
  bool any = false;
  check->row = (int64_t)row + 1;
  for (int c = 0; c < COLUMN_COUNT; c++) {
    const bool merged = at[c] >= 0 && grid_covering(&table->grid, row, (size_t)at[c]);
    if (!merged && (at[c] < 0 || !grid_formula(&table->grid, row, (size_t)at[c]))) continue;
    check_fault(check, ERR_INPUT, columns[c].name, merged ? "merged" : "formula", "%s is %s",
                columns[c].titles[0], merged ? "merged with another cell" : "a formula without its value");
    any = true;
  }
  return any;
}

/* Whoever sends the sheet may not know that it is there. */
static bool is_hidden(const struct table *table, size_t row, struct check *check)
{
  if (!grid_row_hidden(&table->grid, row)) return false;
  check->row = (int64_t)row + 1;
  check_fault(check, ERR_INPUT, "name_zh", "hidden_row", "the row is hidden in the sheet");
  return true;
}

static bool refuse(const struct check *check, struct err *err)
{
  if (!check->bad) return true;
  struct err first = check->err ? *check->err : (struct err)ERR_INIT;
  return err_rule(err, ERR_INPUT, first.field, "faults", "nothing was imported; the first fault: %.250s",
                  first.text);
}

void catalogue_import_changes(const struct catalogue_import *import, catalogue_change_each *each, void *ctx)
{
  for (size_t i = 0; i < import->count; i++)
    if (import->rows[i].there.fields || import->rows[i].there.delisted) each(ctx, &import->rows[i].there);
}

static bool take_row(struct catalogue_import *import, struct db *db, const struct table *table, size_t i,
                     const int at[COLUMN_COUNT], struct check *check, struct err *err)
{
  size_t before = check->faults ? check->faults->count : 0;
  bool bad = check->bad;
  check->bad = false;
  if (!is_hidden(table, i, check) && !any_unread(table, i, at, check)) {
    struct catalogue_row *row = &import->rows[import->count++];
    if (!read_row(db, table, i, at, row, check, err) ||
        (!check->bad && !catalogue_row_compare(db, row, check, err)))
      return false;
  }
  show_cells(table, at, check->faults, before);
  check->bad = check->bad || bad;
  return true;
}

static bool read_rows(struct catalogue_import *import, struct db *db, const struct table *table,
                      struct faults *faults, struct err *err)
{
  struct err first = ERR_INIT;
  struct check check = {.faults = faults, .err = &first};
  const struct grid *grid = &table->grid;
  int at[COLUMN_COUNT];
  find_columns(table, at, &check);
  show_cells(table, at, faults, 0);
  if (check.bad) return refuse(&check, err);
  import->rows = calloc(grid->rows + 1, sizeof *import->rows);
  import->sorted = calloc(grid->rows + 1, sizeof(struct catalogue_row *));
  if (!import->rows || !import->sorted) return err_set(err, ERR_IO, "out of memory reading a table");
  for (size_t i = table->heading + 1; i < grid->rows; i++) {
    if (!grid_row_empty(grid, i) && !take_row(import, db, table, i, at, &check, err)) return false;
  }
  if (import->count == 0 && !check.bad) check_fault(&check, ERR_INPUT, "", "empty", "the file has no rows");
  size_t before = faults ? faults->count : 0;
  sort_rows(import, &check);
  if (!check_names(import, &check, err)) return false;
  show_cells(table, at, faults, before);
  return refuse(&check, err);
}

bool catalogue_import_open(struct catalogue_import **out, struct db *db, const void *bytes, size_t n,
                           struct faults *faults, struct err *err)
{
  struct table table = {.grid = GRID_INIT};
  if (!sheet_read(&table.grid, bytes, n, fits, err)) {
    faults_add(faults, 0, err);
    return false;
  }
  heading_row(&table.grid, &table.heading);
  struct catalogue_import *import = calloc(1, sizeof *import);
  bool ok = import || err_set(err, ERR_IO, "out of memory");
  ok = ok && pinyin_open(&import->pinyin, db, err) && product_names_open(&import->names, db, err) &&
       read_rows(import, db, &table, faults, err);
  if (ok) memcpy(import->unread, table.grid.unread, sizeof import->unread);
  grid_wipe(&table.grid);
  if (!ok) {
    catalogue_import_close(import);
    return false;
  }
  *out = import;
  return true;
}

const char *catalogue_import_unread(const struct catalogue_import *import)
{
  return import->unread;
}

void catalogue_import_close(struct catalogue_import *import)
{
  if (!import) return;
  for (size_t i = 0; i < import->count; i++) {
    json_decref(import->rows[i].fields);
    json_decref(import->rows[i].open);
    json_decref(import->rows[i].closed);
    json_decref(import->rows[i].there.fields);
  }
  pinyin_close(import->pinyin);
  product_names_close(import->names);
  free(import->rows);
  free(import->sorted);
  free(import);
}

static const char *side_cell(const struct grid *grid, size_t row, int column)
{
  return grid_cell(grid, row, (size_t)column);
}

/* A side table: each row must name a product of the import; `each` takes what it says. */
static bool read_side(struct catalogue_import *import, const void *bytes, size_t n, const char *const *names,
                      void (*each)(struct catalogue_row *row, const struct grid *grid, size_t i,
                                   const int *at, struct check *check),
                      struct faults *faults, struct err *err)
{
  struct grid grid = GRID_INIT;
  struct err first = ERR_INIT;
  struct check check = {.faults = faults, .row = 1, .err = &first};
  int at[8];
  if (!sheet_read(&grid, bytes, n, NULL, err)) return false;
  for (size_t c = 0; names[c]; c++) {
    at[c] = grid_column(&grid, 0, names[c]);
    if (at[c] < 0)
      check_fault(&check, ERR_INPUT, names[c], "missing_column", "the column %s is missing", names[c]);
  }
  for (size_t i = 1; i < grid.rows && !check.bad; i++) {
    int64_t code = 0;
    const char *name = side_cell(&grid, i, at[0]), *of = side_cell(&grid, i, at[1]);
    struct catalogue_row *row = whole_number(of, &code) ? find_row(import, name, code) : NULL;
    check.row = (int64_t)i + 1;
    if (row)
      each(row, &grid, i, at, &check);
    else if (!grid_row_empty(&grid, i))
      check_fault(&check, ERR_INPUT, "name_zh", "unknown_product",
                  "%.60s of %s is not in the file of products", name, of);
  }
  grid_wipe(&grid);
  return refuse(&check, err);
}

static void take_basis(struct catalogue_row *row, const struct grid *grid, size_t i, const int *at,
                       struct check *check)
{
  const char *basis = side_cell(grid, i, at[2]);
  form_text(check, "basis", basis, 1, 400);
  json_object_set_new(row->fields, "geo_basis", json_string(basis));
}

bool catalogue_import_basis(struct catalogue_import *import, const void *bytes, size_t n,
                            struct faults *faults, struct err *err)
{
  static const char *const names[] = {"name_zh", "gb2260", "basis", NULL};
  return read_side(import, bytes, n, names, take_basis, faults, err);
}

static void take_closed(struct catalogue_row *row, const struct grid *grid, size_t i, const int *at,
                        struct check *check)
{
  int64_t md[2] = {0, 0};
  for (int k = 0; k < 2; k++) {
    const char *cell = side_cell(grid, i, at[2 + k]);
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

/* A new product without syllables is read as the names that are here are. */
static void add_pinyin(const struct catalogue_import *import, const struct catalogue_row *row, json_t *fields)
{
  struct buf syllables = BUF_INIT;
  if (json_object_get(fields, "name_pinyin")) return;
  pinyin_of(import->pinyin, row->name, &syllables, NULL);
  if (!syllables.bad) json_object_set_new(fields, "name_pinyin", json_string((const char *)syllables.data));
  buf_wipe(&syllables);
}

/* An empty entry takes any row: what is too much for one is refused by it. */
static bool entry_is_full(const struct tx *tx, const struct catalogue_row *row, size_t bytes)
{
  const int64_t ids = tx->ids[SCOPE_SHARED].next + ROW_IDS_MAX + row->there.orders;
  return bytes > 0 && (bytes > CHUNK_BYTES || ids > ENTRY_ROWS_MAX);
}

static bool write_row(struct tx *tx, struct catalogue_import *import, const struct catalogue_row *row,
                      size_t *bytes, struct err *err)
{
  struct catalogue_change now;
  int64_t new_rev = 0;
  json_t *before = NULL;
  if (!catalogue_row_find(tx->db, row, &now, err)) return false;
  int64_t id = now.id, rev = now.rev;
  if (rev != row->there.rev) /* what was asked about is no longer what would be written */
    return err_rule(err, ERR_CONFLICT, "rev", "stale", "line %lld: %.60s was changed just now",
                    (long long)row->line, row->name);
  if (id && !item_values(tx->db, ITEM_PRODUCT, id, &before, NULL, err)) return false;
  json_t *fields = json_copy(row->fields);
  json_object_set_new(fields, "seasons", catalogue_row_seasons(row, json_object_get(before, "seasons")));
  if (!id) add_pinyin(import, row, fields);
  bool ok = catalogue_row_emptied(tx->db, id, before, fields, bytes, err);
  ok = ok && (id ? item_change(tx, ITEM_PRODUCT, id, rev, fields, &new_rev, NULL, err)
                 : item_add_among(tx, import->names, fields, &id, err));
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

bool catalogue_import_write(struct tx *tx, struct catalogue_import *import, struct err *err)
{
  char subject[32];
  size_t bytes = 0;
  snprintf(subject, sizeof subject, "%zu", import->count - import->next);
  form_subject(tx, subject);
  if (import->next == 0) { /* the names as they are now */
    product_names_close(import->names);
    import->names = NULL;
    if (!product_names_open(&import->names, tx->db, err)) return false;
  }
  while (import->next < import->count) {
    if (entry_is_full(tx, &import->rows[import->next], bytes)) break;
    if (!write_row(tx, import, &import->rows[import->next], &bytes, err)) return false;
    import->next++;
  }
  tx->more = import->next < import->count;
  return true;
}

void catalogue_import_counts(const struct catalogue_import *import, size_t *added, size_t *changed,
                             size_t *same)
{
  *added = import->added;
  *changed = import->changed;
  *same = import->same;
}
