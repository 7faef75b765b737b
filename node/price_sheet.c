#include "node/price_sheet.h"

#include "core/base/clock.h"
#include "core/base/text.h"
#include "core/domain/unit.h"
#include "node/sheet_names.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What a fault of a column names, as the interface does. */
static const char *const fields[PRICE_COLUMNS] = {"product",   "product_name",    "unit",   "price_fen",
                                                  "qty_milli", "source",          "date",   "supplier",
                                                  "note",      "confirm_outlier", "origin", "branch"};
static const char *const sources[] = {"settled", "quoted", "market", NULL};

enum { NAME_SIZE = SHEET_NAME_SIZE, QTY_MAX = 1000000 };

struct reading {
  struct price_sheet *sheet;
  const struct grid *grid;
  const struct price_sheet_against *with;
  struct sheet_names *names;
  struct price_new *held; /* the rows that will be recorded and count at once, so far */
  size_t held_count;
  struct faults *faults;
  int64_t begun_ms;
  int64_t line;
  size_t row;
  const struct catalogue_item *item; /* of this row, NULL when not found */
  bool bad;                          /* this row has a fault */
};

static const char *cell(const struct reading *r, enum price_column column)
{
  int at = r->sheet->heading.at[column];
  return at < 0 ? "" : grid_cell(r->grid, r->row, (size_t)at);
}

/* ... and of a column of amounts: where other figures are shown than it has, both. */
static const char *number(const struct reading *r, enum price_column column)
{
  int at = r->sheet->heading.at[column];
  return at < 0 ? "" : grid_number(r->grid, r->row, (size_t)at);
}

/* What is shown in a cell that is merged with another, which has it; NULL: it stands alone. */
static const char *merged(const struct reading *r, enum price_column column)
{
  int at = r->sheet->heading.at[column];
  return at < 0 ? NULL : grid_covering(r->grid, r->row, (size_t)at);
}

/* A formula that nobody computed: what a spreadsheet shows there is not in the file. */
static bool uncomputed(const struct reading *r, enum price_column column)
{
  int at = r->sheet->heading.at[column];
  return at >= 0 && grid_formula(r->grid, r->row, (size_t)at);
}

/* A merged cell has that one fault, and so has a formula: what else is missing there is missing for it. */
static void add_fault(struct reading *r, enum price_column column, const struct err *err)
{
  size_t before = r->faults->count;
  int at = r->sheet->heading.at[column];
  const char *shown = merged(r, column);
  const bool is_amount = column == PRICE_COLUMN_PRICE || column == PRICE_COLUMN_QTY;
  r->bad = true;
  if (shown && strcmp(err->rule, "merged") != 0) return;
  if (uncomputed(r, column) && strcmp(err->rule, "formula") != 0) return;
  faults_add(r->faults, r->line, err);
  if (r->faults->count > before)
    faults_show(&r->faults->list[before],
                at < 0 ? price_column_titles[column] : grid_cell(r->grid, r->sheet->heading.row, (size_t)at),
                shown ? shown : (is_amount ? number : cell)(r, column));
}

static void fault(struct reading *r, enum price_column column, const char *rule, const char *text)
{
  struct err err = ERR_INIT;
  err_rule(&err, ERR_INPUT, fields[column], rule, "%s", text);
  add_fault(r, column, &err);
}

/* "row 4: name "x": what" for logs and programs; a page composes its own from rule, column and value. */
static void fault_value(struct reading *r, enum price_column column, const char *rule, const char *what)
{
  char text[200];
  snprintf(text, sizeof text, "%s \"%.80s\" %s", fields[column], cell(r, column), what);
  fault(r, column, rule, text);
}

static void fault_choice(struct reading *r, enum price_column column, const char *what, const char *const *zh,
                         const char *const *en)
{
  size_t before = r->faults->count;
  fault_value(r, column, "one_of", what);
  if (r->faults->count > before) faults_choices(&r->faults->list[before], zh, en);
}

/* -- the product, and what else says which it is -- */

static bool of_origin(const struct reading *r, const struct catalogue_item *item)
{
  char origin[NAME_SIZE];
  typed_fold(origin, sizeof origin, cell(r, PRICE_COLUMN_ORIGIN));
  return !*origin || sheet_same_place(origin, item->origin_name) ||
         sheet_same_place(origin, item->prefecture_name);
}

/* The number of a product as cells hold it: digits.  Else the rule that says why it is none. */
static const char *read_number(const char *text, int64_t *number)
{
  char folded[40];
  typed_fold(folded, sizeof folded, text);
  size_t n = strlen(folded);
  *number = 0;
  if (n && strspn(folded, "0123456789") == n && n <= 18) {
    *number = strtoll(folded, NULL, 10);
    return NULL;
  }
  return strspn(folded, "0123456789.e+") == n && strchr(folded, 'e') ? "scientific" : "type";
}

/* The rule for a product that is not in the catalogue, by its number or its name. */
static const char *why_not_there(const struct reading *r, int64_t number, const char *folded_name)
{
  return sheet_names_gone(r->names, number, folded_name) ? "delisted" : "unknown_product";
}

static void find_by_number(struct reading *r, const char *folded_name)
{
  int64_t number;
  const char *rule = read_number(cell(r, PRICE_COLUMN_ID), &number);
  if (rule) {
    fault_value(r, PRICE_COLUMN_ID, rule, "is no product's number");
    return;
  }
  r->item = catalogue_get(r->with->catalogue, number);
  if (!r->item)
    fault_value(r, PRICE_COLUMN_ID, why_not_there(r, number, ""), "is no product of the catalogue");
  else if (*folded_name && !sheet_names_fits(r->names, r->item, folded_name))
    fault_value(r, PRICE_COLUMN_NAME, "contradiction", "is not what the number names");
}

static void find_by_name(struct reading *r, const char *folded_name)
{
  char origin[NAME_SIZE];
  typed_fold(origin, sizeof origin, cell(r, PRICE_COLUMN_ORIGIN));
  int found = sheet_names_product(r->names, folded_name, origin, &r->item);
  if (found == 1) return;
  fault_value(r, PRICE_COLUMN_NAME,
              found          ? "ambiguous"
              : *folded_name ? why_not_there(r, 0, folded_name)
                             : "required",
              found ? "is more than one product: give the number" : "is no product of the catalogue");
}

static void check_unit(struct reading *r, enum price_column column, const char *written)
{
  char text[160];
  const char *unit = unit_of(written);
  if (!*written || !r->item || (unit && strcmp(unit, r->item->unit) == 0)) return;
  snprintf(text, sizeof text, "the unit \"%.40s\" is not the product's, %s", written, r->item->unit);
  fault(r, column, "unit", text);
}

static void read_product(struct reading *r, struct price_new *to)
{
  char name[NAME_SIZE], branch[NAME_SIZE];
  typed_fold(name, sizeof name, cell(r, PRICE_COLUMN_NAME));
  r->item = NULL;
  if (*cell(r, PRICE_COLUMN_ID))
    find_by_number(r, name);
  else
    find_by_name(r, name);
  if (r->item && !of_origin(r, r->item))
    fault_value(r, PRICE_COLUMN_ORIGIN, "contradiction", "is not the product's origin");
  typed_fold(branch, sizeof branch, cell(r, PRICE_COLUMN_BRANCH));
  if (*branch && !sheet_same_place(branch, r->with->branch_name))
    fault_value(r, PRICE_COLUMN_BRANCH, "other_branch", "is another branch");
  check_unit(r, PRICE_COLUMN_UNIT, cell(r, PRICE_COLUMN_UNIT));
  to->product = r->item ? r->item->id : 0;
  to->unit =
      r->item ? unit_of(r->item->unit) : NULL; /* it is held against this one, and recorded in no other */
}

/* -- the other cells -- */

static void read_numbers(struct reading *r, struct price_new *to)
{
  char unit[TYPED_UNIT_SIZE];
  const char *price = number(r, PRICE_COLUMN_PRICE), *qty = number(r, PRICE_COLUMN_QTY), *rule;
  if (!*price) {
    fault(r, PRICE_COLUMN_PRICE, "required", "the price is missing");
  } else if ((rule = typed_amount(price, 2, PRICE_FEN_MAX / 100, true, &to->price_fen, unit)) != NULL) {
    fault_value(r, PRICE_COLUMN_PRICE, rule, "is no amount above 0 in yuan and fen");
  } else if (!to->price_fen) {
    fault_value(r, PRICE_COLUMN_PRICE, "positive", "is not above 0");
  } else {
    check_unit(r, PRICE_COLUMN_PRICE, unit);
    check_unit(r, PRICE_COLUMN_PRICE, r->sheet->heading.price_unit);
    check_unit(r, PRICE_COLUMN_PRICE, r->sheet->heading.table_unit);
  }
  if (!*qty) return;
  if ((rule = typed_amount(qty, 3, QTY_MAX, false, &to->qty_milli, unit)) != NULL) {
    fault_value(r, PRICE_COLUMN_QTY, rule, "is no number above 0");
  } else if (!to->qty_milli) {
    fault_value(r, PRICE_COLUMN_QTY, "positive", "is not above 0");
  } else {
    check_unit(r, PRICE_COLUMN_QTY, unit);
    check_unit(r, PRICE_COLUMN_QTY, r->sheet->heading.qty_unit);
  }
}

static void read_source(struct reading *r, struct price_new *to)
{
  char folded[80];
  typed_fold(folded, sizeof folded, cell(r, PRICE_COLUMN_SOURCE));
  for (int i = 0; i < 3; i++)
    if (strcmp(folded, price_source_titles[i]) == 0 || strcmp(folded, sources[i]) == 0)
      to->source = sources[i];
  if (!*folded)
    fault(r, PRICE_COLUMN_SOURCE, "required", "the source is missing");
  else if (!to->source)
    fault_choice(r, PRICE_COLUMN_SOURCE, "is none of 到货结算, 供应商报价, 市场看价", price_source_titles,
                 sources);
}

static void read_words(struct reading *r, struct price_new *to)
{
  static const char *const yes_no[] = {"是", "否", NULL}, *const yes_no_en[] = {"yes", "no", NULL};
  const char *day = cell(r, PRICE_COLUMN_DATE), *rule = typed_date(day, &to->observed_date);
  int confirmed = typed_yes(cell(r, PRICE_COLUMN_CONFIRM));
  int day_confirmed = typed_yes(cell(r, PRICE_COLUMN_CONFIRM_DATE));
  read_source(r, to);
  if (rule)
    fault_value(r, PRICE_COLUMN_DATE,
                !*day          ? "required"
                : *rule == 'y' ? "year_missing"
                               : rule,
                "is no day such as 2026-11-24");
  if (confirmed < 0) fault_choice(r, PRICE_COLUMN_CONFIRM, "is neither yes nor no", yes_no, yes_no_en);
  if (day_confirmed < 0)
    fault_choice(r, PRICE_COLUMN_CONFIRM_DATE, "is neither yes nor no", yes_no, yes_no_en);
  to->note = cell(r, PRICE_COLUMN_NOTE);
  to->confirm_outlier = confirmed == 1;
  to->confirm_date = day_confirmed == 1;
}

/* A supplier by its code, or by its name if only one has it. */
static void read_supplier(struct reading *r, struct price_new *to)
{
  char folded[NAME_SIZE];
  typed_fold(folded, sizeof folded, cell(r, PRICE_COLUMN_SUPPLIER));
  if (!*folded) return;
  int found = sheet_names_supplier(r->names, folded, &to->supplier);
  if (found != 1)
    fault_value(r, PRICE_COLUMN_SUPPLIER, found ? "ambiguous" : "unknown_supplier",
                found ? "is more than one supplier" : "is no supplier");
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

static enum price_column column_of_field(const char *field)
{
  for (int c = 0; c < PRICE_COLUMNS; c++)
    if (strcmp(fields[c], field) == 0) return (enum price_column)c;
  return PRICE_COLUMN_PRICE;
}

/* What the domain says about a price, under the heading of its column. */
static bool check_rules(struct reading *r, struct db *db, const struct price_new *row,
                        struct price_against *against, struct err *err)
{
  uint32_t branch = r->with->branch;
  int today = r->with->today;
  struct faults faults = {0};
  struct err why = ERR_INIT;
  struct check check = {.faults = &faults, .row = r->line, .err = &why};
  bool ok = price_held_against(db, branch, today, row, against, &why);
  if (ok) price_hold_against_rows(row, r->held, r->held_count, against);
  ok = ok && price_check(db, branch, today, row, against, &check, &why);
  if (!ok && !faults.count && why.kind != ERR_INPUT && why.kind != ERR_CONFLICT && why.kind != ERR_MISSING) {
    *err = why;
    return false;
  }
  if (!ok && !faults.count) faults_add(&faults, r->line, &why);
  for (size_t i = 0; i < faults.count; i++) {
    struct err *f = &faults.list[i].err;
    if (against->own_date && strcmp(f->rule, "outlier") == 0)
      snprintf(f->rule, sizeof f->rule, "outlier_own"); /* a table has no figures beside its rules */
    /* Nearer than that, who says that the day is right is believed. */
    if (strcmp(f->rule, "future") == 0 && date_days_between(today, row->observed_date) <= PRICE_AGE_DAYS_MAX)
      snprintf(f->rule, sizeof f->rule, "future_asked");
    add_fault(r, column_of_field(strcmp(f->field, "observed_date") == 0 ? "date" : f->field), f);
  }
  faults_wipe(&faults);
  return true;
}

/* -- rows that are no prices -- */

static void skip(struct reading *r, const char *rule, const char *value)
{
  struct faults *skipped = &r->sheet->skipped;
  struct err err = ERR_INIT;
  size_t before = skipped->count;
  err_rule(&err, ERR_INPUT, "", rule, "row %lld is left out: \"%.80s\"", (long long)r->line, value);
  faults_add(skipped, r->line, &err);
  if (skipped->count > before) faults_show(&skipped->list[before], "", value);
}

static const char *first_filled(const struct reading *r)
{
  const char *first = "";
  for (size_t c = 0; !*first && c < r->grid->columns; c++)
    first = grid_cell(r->grid, r->row, c);
  return first;
}

/* 合计, 总 计, 小计（元） and their kind in the name's cell, or in the first that is filled. */
static bool is_sum(struct reading *r)
{
  static const char *const words[] = {"合计", "总计", "小计",   "共计", "总和",  "汇总",
                                      "平均", "均价", "平均价", "合价", "total", "sum"};
  const char *first = first_filled(r), *name = cell(r, PRICE_COLUMN_NAME);
  char folded[NAME_SIZE], packed[NAME_SIZE];
  size_t used = 0;
  typed_fold(folded, sizeof folded, *name ? name : first);
  for (const char *p = folded; *p && *p != '('; p++)
    if (*p != ' ' && *p != ':') packed[used++] = *p;
  packed[used] = '\0';
  for (size_t k = 0; k < sizeof words / sizeof *words; k++)
    if (strcmp(packed, words[k]) == 0) {
      skip(r, "sum_row", *name ? name : first);
      return true;
    }
  return false;
}

/* What is shown in a merged cell belongs to several rows: to which of them a person must say. */
static void check_cells(struct reading *r)
{
  for (int c = 0; c < PRICE_COLUMNS; c++) {
    if (merged(r, (enum price_column)c))
      fault(r, (enum price_column)c, "merged", "the cell is merged with another");
    if (uncomputed(r, (enum price_column)c))
      fault(r, (enum price_column)c, "formula", "the file has a formula without its value");
  }
}

/* Whoever drew the line took the row back, or a part of it, and left it to be seen: which counts, they must
 * say. */
static bool is_struck(struct reading *r)
{
  for (int c = 0; c < PRICE_COLUMNS; c++) {
    int at = r->sheet->heading.at[c];
    if (at < 0 || !grid_struck(r->grid, r->row, (size_t)at)) continue;
    fault(r, (enum price_column)c, "struck", "a line goes through the cell: take the line or the row away");
    return true;
  }
  return false;
}

/* A row of the template that nobody filled in has a number, and no price, no source and no date; if it has
 * something else that a person must have written, or is a line of words, that is told. */
static bool not_filled(struct reading *r)
{
  static const enum price_column written[] = {PRICE_COLUMN_QTY, PRICE_COLUMN_SUPPLIER, PRICE_COLUMN_NOTE,
                                              PRICE_COLUMN_CONFIRM, PRICE_COLUMN_CONFIRM_DATE};
  static const enum price_column needed[] = {PRICE_COLUMN_PRICE, PRICE_COLUMN_DATE, PRICE_COLUMN_SOURCE};
  for (size_t i = 0; i < sizeof needed / sizeof *needed; i++)
    if (*cell(r, needed[i]) || merged(r, needed[i])) return false;
  int64_t number;
  const char *told = read_number(cell(r, PRICE_COLUMN_ID), &number) ? first_filled(r) : "";
  for (size_t i = 0; i < sizeof written / sizeof *written; i++)
    if (*cell(r, written[i])) {
      told = cell(r, written[i]);
      break;
    }
  if (*told) skip(r, "no_price", told);
  return true;
}

/* Titles, and whatever else stands above the heading: each of its cells is told. */
static void tell_above(struct reading *r)
{
  char text[200];
  for (r->row = 0; r->row < r->sheet->heading.row; r->row++) {
    r->line = (int64_t)r->row + 1;
    grid_row_text(r->grid, r->row, text, sizeof text);
    if (*text) skip(r, "above", text);
  }
}

/* What every row says, and which product and supplier it names: no connection is needed for that. */
static bool read_rows(struct reading *r, struct err *err)
{
  struct price_sheet *sheet = r->sheet;
  tell_above(r);
  for (r->row = sheet->heading.row + 1; r->row < r->grid->rows; r->row++) {
    struct price_new row = {.today = r->with->today, .today_least = r->with->today_least};
    r->line = (int64_t)r->row + 1;
    r->bad = false;
    if (!readers_in_time(r->with->readers, r->begun_ms, err)) return false;
    if (grid_row_empty(r->grid, r->row) || is_sum(r) || not_filled(r)) continue;
    if (sheet->count == PRICE_SHEET_ROWS_MAX)
      return err_rule(err, ERR_LIMIT, "", "row_count", "a sheet has at most %d prices", PRICE_SHEET_ROWS_MAX);
    if (grid_row_hidden(r->grid, r->row)) {
      fault(r, PRICE_COLUMN_NAME, "hidden_row", "the row is hidden in the sheet: show it, or take it out");
      continue;
    }
    if (is_struck(r)) continue;
    check_cells(r);
    read_product(r, &row);
    read_numbers(r, &row);
    read_words(r, &row);
    read_supplier(r, &row);
    if (r->bad) continue;
    sheet->lines[sheet->count] = r->line;
    sheet->rows[sheet->count++] = row;
  }
  if (!sheet->count && !r->faults->count)
    return err_rule(err, ERR_INPUT, r->grid->sheet, "no_prices", "the sheet %s has no row with a price",
                    r->grid->sheet);
  return true;
}

/* A row that is recorded already and will be left out is held to nothing, and nothing is held against it; nor
 * against one that waits for a person, or for its day. */
static bool hold_row(struct reading *r, struct db *db, const struct price_new *row, struct err *err)
{
  struct price_same same;
  struct price_against against = {0};
  bool recorded = false;
  if (r->with->leave_recorded && !price_find_same(db, r->with->branch, row, &recorded, &same, err))
    return false;
  if (!recorded && !check_rules(r, db, row, &against, err)) return false;
  if (!r->bad) check_twice(r, row);
  if (!recorded && !r->bad && !price_outlier(row->price_fen, &against) &&
      row->observed_date <= r->with->today)
    r->held[r->held_count++] = *row;
  return true;
}

/* The rows against the rules and against each other; those that are not as they should be fall out. */
static bool hold_rows(struct reading *r, struct db *db, struct err *err)
{
  struct price_sheet *sheet = r->sheet;
  size_t count = sheet->count;
  sheet->count = 0;
  for (size_t i = 0; i < count; i++) {
    const struct price_new row = sheet->rows[i];
    r->line = sheet->lines[i];
    r->row = (size_t)r->line - 1;
    r->bad = false;
    if (!readers_in_time(r->with->readers, r->begun_ms, err) || !hold_row(r, db, &row, err)) return false;
    if (r->bad) continue;
    sheet->lines[sheet->count] = r->line;
    sheet->rows[sheet->count++] = row;
  }
  return true;
}

static bool hold(struct reading *r, struct err *err)
{
  struct db *db = NULL;
  struct faults *cells = r->faults, rules = {0};
  if (!readers_take(r->with->readers, &db, err)) return false;
  r->faults = &rules;
  bool ok = hold_rows(r, db, err);
  readers_give(r->with->readers, db);
  r->faults = cells;
  faults_merge(cells, &rules);
  return ok;
}

static bool make_rows(struct reading *r, struct err *err)
{
  r->sheet->rows = calloc(PRICE_SHEET_ROWS_MAX, sizeof *r->sheet->rows);
  r->sheet->lines = calloc(PRICE_SHEET_ROWS_MAX, sizeof *r->sheet->lines);
  r->held = calloc(PRICE_SHEET_ROWS_MAX, sizeof *r->held);
  return (r->sheet->rows && r->sheet->lines && r->held) || err_set(err, ERR_IO, "no memory for a sheet");
}

bool price_sheet_read(struct price_sheet *sheet, const struct grid *grid,
                      const struct price_sheet_against *with, struct faults *faults, struct err *err)
{
  struct reading reading = {
      .sheet = sheet, .grid = grid, .with = with, .faults = faults, .begun_ms = clock_mono_ms()};
  memset(sheet, 0, sizeof *sheet);
  if (!price_heading_read(&sheet->heading, grid, err)) return false;
  bool ok = make_rows(&reading, err) &&
            sheet_names_open(&reading.names, with->readers, with->catalogue, err) &&
            read_rows(&reading, err) && hold(&reading, err);
  sheet_names_close(reading.names);
  free(reading.held);
  if (!ok) price_sheet_wipe(sheet);
  return ok;
}

void price_sheet_wipe(struct price_sheet *sheet)
{
  free(sheet->rows);
  free(sheet->lines);
  faults_wipe(&sheet->skipped);
  memset(sheet, 0, sizeof *sheet);
}
