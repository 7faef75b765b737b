#include "node/price_sheet.h"

#include "core/base/clock.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *const price_column_titles[PRICE_COLUMNS] = {
    "编号", "品名", "单位", "单价（元）", "数量", "来源", "采价日期", "供应商", "说明", "异常价已核对"};
static const char *const fields[PRICE_COLUMNS] = {"product",   "product_name",   "unit", "price_fen",
                                                  "qty_milli", "source",         "date", "supplier",
                                                  "note",      "confirm_outlier"};
const char *const price_source_titles[4] = {"到货结算", "供应商报价", "市场看价", NULL};
static const char *const sources[] = {"settled", "quoted", "market"};

enum { PRODUCTS_ALL = 100000 };

struct reading {
  struct price_sheet *sheet;
  const struct grid *grid;
  struct db *db;
  const struct catalogue_item **items;
  int item_count;
  struct faults *faults;
  int64_t line;
  size_t row;
  bool bad; /* this row has a fault */
};

static void fault(struct reading *r, enum price_column column, const char *rule, const char *text)
{
  struct err err = ERR_INIT;
  err_rule(&err, ERR_INPUT, price_column_titles[column], rule, "%s", text);
  faults_add(r->faults, r->line, &err);
  r->bad = true;
}

static const char *cell(const struct reading *r, enum price_column column)
{
  int at = r->sheet->at[column];
  return at < 0 ? "" : grid_cell(r->grid, r->row, (size_t)at);
}

/* A comma parts thousands and nothing else: left out of "12,50" it would make a hundred times too much. */
static bool commas_right(const char *text)
{
  const char *end = text + strcspn(text, "."), *comma = text + strcspn(text, ",");
  if (comma >= end) return !*comma;
  if (comma == text || comma - text > 3) return false;
  for (; comma < end; comma += 4)
    if (*comma != ',' || strspn(comma + 1, "0123456789") < 3) return false;
  return comma == end && !strchr(end, ',');
}

/* "118", "118.5", "1,180.00" as an integer of 10^-places; false for a sign, letters, or finer than that. */
static bool read_decimal(const char *text, int places, int64_t *out)
{
  int64_t value = 0;
  int digits = 0, after = -1;
  if (!commas_right(text)) return false;
  for (; *text; text++) {
    if (*text == ',') continue;
    if (*text == '.' && after < 0) {
      after = 0;
      continue;
    }
    if (*text < '0' || *text > '9' || ++digits > 15) return false;
    if (after >= 0 && ++after > places) {
      if (*text != '0') return false;
      continue;
    }
    value = value * 10 + (*text - '0');
  }
  if (!digits) return false;
  for (int i = after < 0 ? 0 : after < places ? after : places; i < places; i++)
    value *= 10;
  *out = value;
  return true;
}

/* Under which rule a number that read_decimal does not read is refused. */
static const char *decimal_rule(const char *text)
{
  if (*text == '-') return "range";
  return commas_right(text) ? "type" : "thousands";
}

static void read_product(struct reading *r, struct price_new *to)
{
  const char *id = cell(r, PRICE_COLUMN_ID), *name = cell(r, PRICE_COLUMN_NAME);
  char text[160];
  int found = 0;
  int64_t number = 0;
  if (*id && !read_decimal(id, 0, &number)) {
    snprintf(text, sizeof text, "product number \"%.60s\" is no number", id);
    fault(r, PRICE_COLUMN_ID, "type", text);
    return;
  }
  for (int i = 0; i < r->item_count; i++) {
    const struct catalogue_item *item = r->items[i];
    if (*id ? item->id != number : strcmp(item->name_zh, name) != 0) continue;
    to->product = item->id;
    found++;
  }
  if (found == 1) return;
  if (found)
    snprintf(text, sizeof text, "%d products are called \"%.60s\": give the number", found, name);
  else
    snprintf(text, sizeof text, "no product \"%.60s\"", *id ? id : name);
  fault(r, *id ? PRICE_COLUMN_ID : PRICE_COLUMN_NAME,
        found          ? "ambiguous"
        : *id || *name ? "unknown_product"
                       : "required",
        text);
}

static void read_numbers(struct reading *r, struct price_new *to)
{
  char text[120];
  const char *price = cell(r, PRICE_COLUMN_PRICE), *qty = cell(r, PRICE_COLUMN_QTY);
  if (!*price) {
    fault(r, PRICE_COLUMN_PRICE, "required", "the price is missing");
  } else if (!read_decimal(price, 2, &to->price_fen)) {
    snprintf(text, sizeof text, "price \"%.40s\" is no amount above 0 in yuan and fen", price);
    fault(r, PRICE_COLUMN_PRICE, decimal_rule(price), text);
  }
  if (*qty && !read_decimal(qty, 3, &to->qty_milli)) {
    snprintf(text, sizeof text, "quantity \"%.40s\" is no number above 0", qty);
    fault(r, PRICE_COLUMN_QTY, decimal_rule(qty), text);
  }
}

/* 2026-11-24, 2026/11/24 and 2026/1/5. */
static bool read_day(const char *text, int *date)
{
  int year, month, day, size = 0;
  if (date_parse(text, date)) return true;
  if (sscanf(text, "%4d/%2d/%2d%n", &year, &month, &day, &size) != 3 || text[size]) return false;
  *date = date_of_civil(year, month, day);
  return date_valid(*date);
}

static void read_words(struct reading *r, struct price_new *to)
{
  char text[120];
  const char *source = cell(r, PRICE_COLUMN_SOURCE), *day = cell(r, PRICE_COLUMN_DATE);
  const char *confirm = cell(r, PRICE_COLUMN_CONFIRM);
  for (int i = 0; i < 3; i++)
    if (strcmp(source, price_source_titles[i]) == 0 || strcmp(source, sources[i]) == 0)
      to->source = sources[i];
  if (!to->source) {
    snprintf(text, sizeof text, "source \"%.40s\" is none of 到货结算, 供应商报价, 市场看价", source);
    fault(r, PRICE_COLUMN_SOURCE, *source ? "one_of" : "required", text);
  }
  if (!read_day(day, &to->observed_date)) {
    snprintf(text, sizeof text, "date \"%.40s\" is no day such as 2026-11-24", day);
    fault(r, PRICE_COLUMN_DATE, *day ? "date" : "required", text);
  }
  to->note = cell(r, PRICE_COLUMN_NOTE);
  to->confirm_outlier =
      strcmp(confirm, "是") == 0 || strcmp(confirm, "1") == 0 || strcmp(confirm, "yes") == 0;
}

/* A supplier by its code, or by its name if only one has it. */
static bool read_supplier(struct reading *r, struct price_new *to, struct err *err)
{
  const char *given = cell(r, PRICE_COLUMN_SUPPLIER);
  char text[160];
  int found = 0;
  if (!*given) return true;
  struct query q = query_open(r->db,
                              "SELECT id FROM supplier WHERE uscc = ?1 UNION ALL"
                              " SELECT id FROM supplier WHERE name = ?1 AND uscc <> ?1 LIMIT 2"
                              " /* scan: a few hundred names */",
                              err);
  query_text(&q, 1, given);
  while (query_row(&q)) {
    to->supplier = column_int(&q, 0);
    found++;
  }
  if (!query_close(&q)) return false;
  if (found == 1) return true;
  snprintf(text, sizeof text, "%s supplier \"%.80s\"", found ? "more than one" : "no", given);
  fault(r, PRICE_COLUMN_SUPPLIER, found ? "ambiguous" : "unknown_supplier", text);
  return true;
}

static void check_twice(struct reading *r, const struct price_new *row)
{
  char text[120];
  for (size_t i = 0; i < r->sheet->count; i++) {
    const struct price_new *other = &r->sheet->rows[i];
    if (other->product != row->product || other->observed_date != row->observed_date ||
        other->supplier != row->supplier || other->source != row->source)
      continue;
    snprintf(text, sizeof text, "row %lld has the same product, day, source and supplier",
             (long long)r->sheet->lines[i]);
    fault(r, PRICE_COLUMN_NAME, "twice", text);
    return;
  }
}

/* What the domain says about a price, under the heading of its column. */
static bool check_rules(struct reading *r, const struct price_new *row, uint32_t branch, int today,
                        struct err *err)
{
  struct faults faults = {0};
  struct err why = ERR_INIT;
  bool ok = price_check(r->db, branch, today, row, r->line, &faults, &why);
  if (!ok && !faults.count && why.kind != ERR_INPUT && why.kind != ERR_CONFLICT && why.kind != ERR_MISSING) {
    if (err) *err = why;
    return false;
  }
  if (!ok && !faults.count) faults_add(&faults, r->line, &why);
  for (size_t i = 0; i < faults.count; i++) {
    const struct err *f = &faults.list[i].err;
    int column = 0;
    while (column < PRICE_COLUMNS && strcmp(fields[column], f->field) != 0)
      column++;
    if (strcmp(f->field, "observed_date") == 0) column = PRICE_COLUMN_DATE;
    fault(r, column < PRICE_COLUMNS ? (enum price_column)column : PRICE_COLUMN_PRICE, f->rule, f->text);
  }
  faults_wipe(&faults);
  return true;
}

/* A row of the template that nobody filled in has no price, no source and no date. */
static bool not_filled(const struct reading *r)
{
  return !*cell(r, PRICE_COLUMN_PRICE) && !*cell(r, PRICE_COLUMN_DATE) && !*cell(r, PRICE_COLUMN_SOURCE);
}

static bool find_columns(struct price_sheet *sheet, const struct grid *grid, struct err *err)
{
  static const enum price_column needed[] = {PRICE_COLUMN_PRICE, PRICE_COLUMN_SOURCE, PRICE_COLUMN_DATE};
  for (int c = 0; c < PRICE_COLUMNS; c++) {
    sheet->at[c] = -1;
    for (size_t i = 0; i < grid->columns; i++)
      if (strcmp(grid_cell(grid, 0, i), price_column_titles[c]) == 0 ||
          strcmp(grid_cell(grid, 0, i), fields[c]) == 0)
        sheet->at[c] = (int)i;
  }
  for (size_t i = 0; i < sizeof needed / sizeof *needed; i++)
    if (sheet->at[needed[i]] < 0)
      return err_rule(err, ERR_INPUT, price_column_titles[needed[i]], "missing_column",
                      "the sheet has no column \"%s\"", price_column_titles[needed[i]]);
  if (sheet->at[PRICE_COLUMN_ID] < 0 && sheet->at[PRICE_COLUMN_NAME] < 0)
    return err_rule(err, ERR_INPUT, price_column_titles[PRICE_COLUMN_ID], "missing_column",
                    "the sheet has neither a column \"%s\" nor \"%s\"", price_column_titles[PRICE_COLUMN_ID],
                    price_column_titles[PRICE_COLUMN_NAME]);
  return true;
}

static bool read_rows(struct reading *r, uint32_t branch, int today, struct err *err)
{
  struct price_sheet *sheet = r->sheet;
  for (r->row = 1; r->row < r->grid->rows; r->row++) {
    struct price_new row = {0};
    r->line = (int64_t)r->row + 1;
    r->bad = false;
    if (grid_row_empty(r->grid, r->row) || not_filled(r)) continue;
    if (sheet->count == PRICE_SHEET_ROWS_MAX)
      return err_rule(err, ERR_LIMIT, "", "row_count", "a sheet has at most %d prices", PRICE_SHEET_ROWS_MAX);
    read_product(r, &row);
    read_numbers(r, &row);
    read_words(r, &row);
    if (!read_supplier(r, &row, err)) return false;
    if (!r->bad && !check_rules(r, &row, branch, today, err)) return false;
    if (!r->bad) check_twice(r, &row);
    if (r->bad) continue;
    sheet->lines[sheet->count] = r->line;
    sheet->rows[sheet->count++] = row;
  }
  if (!sheet->count && !r->faults->count)
    return err_rule(err, ERR_INPUT, "", "no_prices", "the sheet has no row with a price");
  return true;
}

bool price_sheet_read(struct price_sheet *sheet, const struct grid *grid, struct db *db, uint32_t branch,
                      const struct catalogue *catalogue, int today, struct faults *faults, struct err *err)
{
  struct catalogue_page all = {.items = NULL};
  const struct catalogue_filter everything = {.today = today, .page = {.limit = PRODUCTS_ALL}};
  memset(sheet, 0, sizeof *sheet);
  if (!find_columns(sheet, grid, err) || !catalogue_find(catalogue, &everything, &all, err)) return false;
  sheet->rows = calloc(PRICE_SHEET_ROWS_MAX, sizeof *sheet->rows);
  sheet->lines = calloc(PRICE_SHEET_ROWS_MAX, sizeof *sheet->lines);
  struct reading reading = {
      .sheet = sheet, .grid = grid, .db = db, .items = all.items, .item_count = all.count, .faults = faults};
  bool ok = (sheet->rows && sheet->lines) || err_set(err, ERR_IO, "no memory for a sheet");
  ok = ok && read_rows(&reading, branch, today, err);
  catalogue_page_wipe(&all);
  if (!ok) price_sheet_wipe(sheet);
  return ok;
}

void price_sheet_wipe(struct price_sheet *sheet)
{
  free(sheet->rows);
  free(sheet->lines);
  memset(sheet, 0, sizeof *sheet);
}
