#include "core/domain/catalogue_table.h"

#include "core/base/sheet_read.h"
#include "core/base/typed.h"
#include "core/domain/describe.h"
#include "core/domain/field.h"
#include "core/domain/item.h"
#include "core/domain/unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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

static const char *cell_of(const struct catalogue_table *table, size_t row, int column)
{
  return column < 0 ? "" : grid_cell(&table->grid, row, (size_t)column);
}

bool catalogue_table_number(const char *text, int64_t *out)
{
  char *end;
  if (*text < '0' || *text > '9' || strlen(text) > 15) return false;
  *out = strtoll(text, &end, 10);
  return *end == '\0';
}

/* Where each known column stands; what is missing, unknown or there twice is a fault of the heading. */
void catalogue_table_columns(struct catalogue_table *table, struct check *check)
{
  check->row = (int64_t)table->heading + 1;
  for (int i = 0; i < COLUMN_COUNT; i++)
    table->at[i] = -1;
  for (size_t c = 0; c < table->grid.columns; c++) {
    const char *heading = cell_of(table, table->heading, (int)c);
    int known = column_of(heading);
    bool twice = known >= 0 && table->at[known] >= 0, empty = true;
    for (size_t r = table->heading + 1; empty && r < table->grid.rows; r++)
      empty = !*cell_of(table, r, (int)c);
    if (known >= 0 && !twice)
      table->at[known] = (int)c;
    else if (*heading || !empty)
      check_fault(check, ERR_INPUT, heading, twice ? "duplicate" : "unknown_column",
                  "the column %zu \"%.60s\" is %s", c + 1, heading, twice ? "there twice" : "not known");
    if (known >= 0 && !empty && grid_column_hidden(&table->grid, c))
      check_fault(check, ERR_INPUT, columns[known].name, "hidden_column", "the column \"%.60s\" is hidden",
                  heading);
  }
  for (int i = 0; i < COLUMN_COUNT; i++)
    if (table->at[i] < 0 && (!columns[i].optional || (i == GB2260 && table->at[COUNTY] < 0)))
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
  return catalogue_table_number(typed, out) && *out >= 1 && *out <= 12;
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
    if (*cell && !catalogue_table_number(cell, &row->made))
      check_fault(check, ERR_INPUT, column->name, "type", "the revision \"%.40s\" is no number", cell);
    return;
  case COLUMN_TEXT: json_object_set_new(row->fields, column->key, json_string(cell)); return;
  case COLUMN_KIND: json_object_set_new(row->fields, column->key, json_string(describe_key(cell))); return;
  case COLUMN_WORD:
    json_object_set_new(row->fields, column->key, json_string(read_word(column, cell)));
    return;
  case COLUMN_CODE:
    if (catalogue_table_number(cell, &n))
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
static bool read_place(struct db *db, const struct catalogue_table *table, size_t at_row,
                       struct catalogue_row *row, struct check *check, struct err *err)
{
  const char *county = cell_of(table, at_row, table->at[COUNTY]),
             *city = cell_of(table, at_row, table->at[PREFECTURE]);
  int64_t given = json_integer_value(json_object_get(row->fields, "origin_code")), found = 0;
  int matches = 0;
  if (!*county && !*city) {
    if (!*cell_of(table, at_row, table->at[GB2260]))
      check_fault(check, ERR_INPUT, table->at[GB2260] >= 0 ? "gb2260" : "origin_county", "required",
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

bool catalogue_table_row(struct db *db, const struct catalogue_table *table, size_t i,
                         struct catalogue_row *row, struct check *check, struct err *err)
{
  int64_t months[2] = {0, 0};
  *row = (struct catalogue_row){.line = (int64_t)i + 1, .fields = json_object()};
  check->row = row->line;
  for (int c = 0; c < COLUMN_COUNT; c++)
    if (table->at[c] >= 0) read_cell(row, &columns[c], cell_of(table, i, table->at[c]), months, check);
  if (!read_place(db, table, i, row, check, err)) return false;
  if (months[0] && months[1])
    row->open = catalogue_row_window("open", months[0] * 100 + 1, last_day_md((int)months[1]));
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
void catalogue_table_show(const struct catalogue_table *table, struct faults *faults, size_t from)
{
  for (size_t i = from; faults && i < faults->count; i++) {
    struct fault *fault = &faults->list[i];
    for (int c = 0; c < COLUMN_COUNT; c++) {
      if (strcmp(columns[c].name, fault->err.field) != 0) continue;
      if (table->at[c] < 0) {
        faults_show(fault, columns[c].titles[0], "");
        break;
      }
      const char *shown =
          fault->row > 0 ? grid_covering(&table->grid, (size_t)fault->row - 1, (size_t)table->at[c]) : "";
      faults_show(fault, cell_of(table, table->heading, table->at[c]),
                  shown ? shown : cell_of(table, (size_t)fault->row - 1, table->at[c]));
      if (strcmp(fault->err.rule, "one_of") == 0) show_choices(fault, &columns[c]);
      break;
    }
  }
}

/* A merged cell belongs to several rows; what a formula shows that nobody computed is not in the file. */
static bool any_unread(const struct catalogue_table *table, size_t row, struct check *check)
{
  bool any = false;
  check->row = (int64_t)row + 1;
  for (int c = 0; c < COLUMN_COUNT; c++) {
    const bool merged = table->at[c] >= 0 && grid_covering(&table->grid, row, (size_t)table->at[c]);
    if (!merged && (table->at[c] < 0 || !grid_formula(&table->grid, row, (size_t)table->at[c]))) continue;
    check_fault(check, ERR_INPUT, columns[c].name, merged ? "merged" : "formula", "%s is %s",
                columns[c].titles[0], merged ? "merged with another cell" : "a formula without its value");
    any = true;
  }
  return any;
}

/* Whoever sends the sheet may not know that it is there. */
static bool is_hidden(const struct catalogue_table *table, size_t row, struct check *check)
{
  if (!grid_row_hidden(&table->grid, row)) return false;
  check->row = (int64_t)row + 1;
  check_fault(check, ERR_INPUT, "name_zh", "hidden_row", "the row is hidden in the sheet");
  return true;
}

/* Whoever drew the line took the row back, or a part of it, and left it to be seen: which counts, they must
 * say. */
static bool is_struck(const struct catalogue_table *table, size_t row, struct check *check)
{
  for (int c = 0; c < COLUMN_COUNT; c++) {
    if (table->at[c] < 0 || !grid_struck(&table->grid, row, (size_t)table->at[c])) continue;
    check->row = (int64_t)row + 1;
    check_fault(check, ERR_INPUT, columns[c].name, "struck", "a line goes through the cell");
    return true;
  }
  return false;
}

bool catalogue_table_readable(const struct catalogue_table *table, size_t row, struct check *check)
{
  return !is_hidden(table, row, check) && !is_struck(table, row, check) && !any_unread(table, row, check);
}

bool catalogue_table_open(struct catalogue_table *table, const void *bytes, size_t n, struct err *err)
{
  *table = (struct catalogue_table){.grid = GRID_INIT};
  if (!sheet_read(&table->grid, bytes, n, fits, err)) return false;
  heading_row(&table->grid, &table->heading);
  return true;
}

void catalogue_table_wipe(struct catalogue_table *table)
{
  grid_wipe(&table->grid);
}
