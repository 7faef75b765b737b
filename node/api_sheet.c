/* Prices by the sheet: the template that is filled in, and the sheet that comes back. */
#include "core/base/clock.h"
#include "core/base/xlsx_read.h"
#include "core/base/xlsx_write.h"
#include "core/domain/csv.h"
#include "core/domain/describe.h"
#include "core/domain/division.h"
#include "node/api.h"
#include "node/price_sheet.h"
#include "site/edit.h"
#include "site/place.h"

#include <stdio.h>
#include <string.h>

enum { TEMPLATE_ROWS = 500, PRODUCTS_ALL = 100000 };
static const char xlsx_type[] = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

/* -- the template -- */

static const int widths[PRICE_COLUMNS] = {20, 24, 8, 12, 10, 14, 14, 28, 30, 16};

static void heading(struct xlsx_column columns[PRICE_COLUMNS])
{
  for (int i = 0; i < PRICE_COLUMNS; i++)
    columns[i] = (struct xlsx_column){price_column_titles[i], widths[i]};
}

static void put_product(struct xlsx_writer *book, const struct catalogue_item *item)
{
  char id[24];
  snprintf(id, sizeof id, "%lld", (long long)item->id);
  xlsx_writer_text(book, id);
  xlsx_writer_text(book, item->name_zh);
  xlsx_writer_text(book, describe_word("unit", item->unit, LANGUAGE_ZH));
}

/* What this county grows or has bought before stands in the sheet already. */
static void put_form(struct xlsx_writer *book, uint32_t code, const struct catalogue_page *all)
{
  static const char *const yes[] = {"是", NULL};
  struct xlsx_column columns[PRICE_COLUMNS];
  char range[64];
  heading(columns);
  xlsx_writer_sheet(book, "价格", columns, PRICE_COLUMNS);
  for (int i = 0; i < all->count; i++) {
    if (all->items[i]->origin_code != code && !all->items[i]->own_price_fen) continue;
    put_product(book, all->items[i]);
    xlsx_writer_row(book);
  }
  snprintf(range, sizeof range, "=品名!$B$2:$B$%d", all->count + 1);
  if (all->count) xlsx_writer_choice(book, PRICE_COLUMN_NAME, 1, TEMPLATE_ROWS, range);
  xlsx_writer_choice_words(book, PRICE_COLUMN_SOURCE, 1, TEMPLATE_ROWS, price_source_titles);
  xlsx_writer_choice_words(book, PRICE_COLUMN_CONFIRM, 1, TEMPLATE_ROWS, yes);
  xlsx_writer_as_text(book, PRICE_COLUMN_ID, widths[PRICE_COLUMN_ID]);
}

static void put_products(struct xlsx_writer *book, const struct catalogue_page *all)
{
  static const struct xlsx_column columns[] = {{"编号", 20}, {"品名", 24}, {"单位", 8}, {"产地", 14}};
  xlsx_writer_sheet(book, "品名", columns, 4);
  for (int i = 0; i < all->count; i++) {
    put_product(book, all->items[i]);
    xlsx_writer_text(book, all->items[i]->origin_name);
    xlsx_writer_row(book);
  }
}

static void put_instructions(struct xlsx_writer *book)
{
  static const struct xlsx_column columns[] = {{"怎么填", 90}};
  static const char *const lines[] = {
      "一行一个价格。没有填单价、来源和日期的行不算。",
      "品名从下拉表里选；同名的产品有几个时填编号，编号在“品名”表里。",
      "单价按“单位”一栏的单位，以元计，最多两位小数，不能是负数或 0。",
      "来源：到货结算（有验收单或小票）、供应商报价、市场看价。",
      "采价日期写成 2026-11-24，不能晚于今天。",
      "供应商填全称或统一社会信用代码，可以空着。",
      "单价高于全省中位价 5 倍或低于五分之一时，核对后在“异常价已核对”填“是”，并在“说明”里写原因。",
      "整张表一起存：有一处不对就都不存，退回的表在最右一列写明每行的错处，改好再交。",
      "一张表最多 1500 个价格。",
      NULL};
  xlsx_writer_sheet(book, "说明", columns, 1);
  for (int i = 0; lines[i]; i++) {
    xlsx_writer_text(book, lines[i]);
    xlsx_writer_row(book);
  }
}

static bool make_template(struct app *app, struct db *db, struct buf *out, struct err *err)
{
  const struct catalogue *catalogue;
  struct catalogue_page all = {.items = NULL};
  const struct catalogue_filter everything = {
      .sort = SORT_NAME, .today = date_of_ms(clock_wall_ms()), .page = {.limit = PRODUCTS_ALL}};
  struct xlsx_writer *book = NULL;
  if (!site_catalogue(app, db, &catalogue, err)) return false;
  bool ok = catalogue_find(catalogue, &everything, &all, err) && (book = xlsx_writer_open(err)) != NULL;
  if (ok) {
    put_form(book, app->code, &all);
    put_products(book, &all);
    put_instructions(book);
    ok = xlsx_writer_close(book, out, err);
  }
  catalogue_page_wipe(&all);
  site_catalogue_give(app, catalogue);
  return ok;
}

void node_get_template(struct web_request *request, void *ctx)
{
  struct app *app = ctx;
  struct db *db = NULL;
  struct buf file = BUF_INIT;
  struct err err = ERR_INIT;
  bool ok = readers_take(app->readers, &db, &err);
  if (ok) {
    ok = make_template(app, db, &file, &err);
    readers_give(app->readers, db);
  }
  if (ok)
    web_reply_file(request, xlsx_type, "价格填报表.xlsx", file.data, file.size);
  else
    answer_err(request, &err);
  buf_wipe(&file);
}

/* -- the sheet that comes back -- */

static bool grid_of_csv(struct grid *grid, const struct web_request *request, struct err *err)
{
  struct csv csv;
  if (!csv_open(&csv, request->body, request->body_size, IMPORT_ROWS_MAX, err)) return false;
  bool ok = true;
  for (size_t c = 0; ok && c < csv.columns; c++)
    ok = grid_put(grid, 0, c, csv.header[c], strlen(csv.header[c]), err);
  for (size_t r = 0; ok && r < csv.rows; r++)
    for (size_t c = 0; ok && c < csv.columns; c++) {
      const char *text = csv_cell(&csv, r, (int)c);
      ok = grid_put(grid, (size_t)csv.lines[r] - 1, c, text, strlen(text), err);
    }
  csv_close(&csv);
  if (!ok) grid_wipe(grid);
  return ok;
}

static bool read_grid(struct grid *grid, const struct web_request *request, struct err *err)
{
  const char *type = web_header(request, "Content-Type");
  if (type && strncmp(type, "text/csv", 8) == 0) return grid_of_csv(grid, request, err);
  if (type && strcmp(type, xlsx_type) == 0) return xlsx_read(grid, request->body, request->body_size, err);
  return err_rule(err, ERR_INPUT, "Content-Type", "content_type",
                  "a sheet is sent as text/csv or as an XLSX workbook");
}

struct import {
  struct grid grid;
  struct price_sheet sheet;
};

static bool read_sheet(struct edit *edit, struct import *import, struct err *err)
{
  struct app *app = edit->app;
  struct db *db = NULL;
  const struct catalogue *catalogue = NULL;
  if (!read_grid(&import->grid, edit->request, err) || !readers_take(app->readers, &db, err)) return false;
  bool ok = site_catalogue(app, db, &catalogue, err) &&
            price_sheet_read(&import->sheet, &import->grid, db, app->code, catalogue,
                             date_of_ms(clock_wall_ms()), &edit->faults, err);
  site_catalogue_give(app, catalogue);
  readers_give(app->readers, db);
  return ok;
}

/* All faults of one line of the sheet in one cell. */
static void put_faults(struct xlsx_writer *book, const struct faults *faults, int64_t line)
{
  struct buf text = BUF_INIT;
  for (size_t i = 0; i < faults->count; i++) {
    if (faults->list[i].row != line) continue;
    const struct err *err = &faults->list[i].err;
    if (text.size) put_text(&text, "；");
    put_text(&text, err->field);
    put_text(&text, "：");
    put_text(&text, describe_rule(err->rule, LANGUAGE_ZH));
  }
  put_u8(&text, 0);
  xlsx_writer_fault(book, text.bad ? NULL : (const char *)text.data);
  buf_wipe(&text);
}

/* The sheet as it was sent, with what is wrong beside each row. */
static bool write_back(const struct grid *grid, const struct faults *faults, struct buf *out, struct err *err)
{
  struct xlsx_column columns[GRID_COLUMNS_MAX + 1];
  struct xlsx_writer *book = xlsx_writer_open(err);
  if (!book) return false;
  for (size_t c = 0; c < grid->columns; c++)
    columns[c] = (struct xlsx_column){grid_cell(grid, 0, c), 16};
  columns[grid->columns] = (struct xlsx_column){"错处", 60};
  xlsx_writer_sheet(book, "价格", columns, grid->columns + 1);
  for (size_t r = 1; r < grid->rows; r++) {
    for (size_t c = 0; c < grid->columns; c++)
      xlsx_writer_text(book, grid_cell(grid, r, c));
    put_faults(book, faults, (int64_t)r + 1);
    xlsx_writer_row(book);
  }
  return xlsx_writer_close(book, out, err);
}

static void refuse_sheet(struct edit *edit, const struct import *import)
{
  struct json_out *out = &edit->out;
  struct buf file = BUF_INIT;
  struct err err = ERR_INIT;
  char name[KEPT_NAME_SIZE] = "";
  if (write_back(&import->grid, &edit->faults, &file, NULL))
    kept_files_add(site_files(edit->app), site_caller(edit->request)->session.account, &file, clock_wall_ms(),
                   name);
  buf_wipe(&file);
  err_rule(&err, ERR_INPUT, "", "sheet",
           "%zu cells of the sheet are not as they should be; nothing was saved", edit->faults.total);
  out_object(out, NULL);
  fault_out(out, "error", &err, NULL);
  out_int(out, "accepted", 0);
  row_faults_out(out, &edit->faults);
  out_text_or_null(out, "file", name);
  out_end(out);
  edit->status = 422;
}

static bool import_work(struct tx *tx, struct edit *edit, void *ctx, struct err *err)
{
  const struct import *import = ctx;
  struct written row;
  struct json_out *out = &edit->out;
  for (size_t i = 0; i < import->sheet.count; i++)
    if (!price_add(tx, &import->sheet.rows[i], &row, NULL, err))
      return err_prefix(err, "row %lld", (long long)import->sheet.lines[i]);
  snprintf(tx->subject, sizeof tx->subject, "%zu", import->sheet.count);
  out_object(out, NULL);
  out_int(out, "accepted", (int64_t)import->sheet.count);
  out_array(out, "errors");
  out_end(out);
  place_new(out, tx->now_ms);
  out_end(out);
  return true;
}

void node_post_import(struct web_request *request, void *app)
{
  static const struct edit_plan plan = {.action = ACTION_PRICE_IMPORT, .work = import_work};
  struct edit edit;
  struct import import = {.grid = GRID_INIT};
  struct err err = ERR_INIT;
  if (!edit_begin(&edit, request, app, &plan)) return;
  if (!read_sheet(&edit, &import, &err))
    edit_refuse(&edit, &err);
  else if (edit.faults.count)
    refuse_sheet(&edit, &import);
  else
    edit_commit(&edit, &import);
  price_sheet_wipe(&import.sheet);
  grid_wipe(&import.grid);
  edit_end(&edit);
}

void node_get_import_file(struct web_request *request, void *app)
{
  struct buf file = BUF_INIT;
  struct err err = ERR_INIT;
  const char *account = site_caller(request)->session.account;
  if (kept_files_get(site_files(app), account, web_param(request, "file"), clock_wall_ms(), &file)) {
    web_reply_file(request, xlsx_type, "价格填报表（有错处）.xlsx", file.data, file.size);
  } else {
    err_rule(&err, ERR_MISSING, "file", "not_found", "there is no such file any more; send the sheet again");
    answer_err(request, &err);
  }
  buf_wipe(&file);
}
