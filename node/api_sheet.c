/* Prices by the sheet: the template that is filled in, and the sheet that comes back. */
#include "core/base/clock.h"
#include "core/base/crypto.h"
#include "core/base/sheet_read.h"
#include "core/base/text.h"
#include "core/base/xlsx_write.h"
#include "core/domain/describe.h"
#include "core/domain/division.h"
#include "core/domain/heard.h"
#include "node/api.h"
#include "node/price_sheet.h"
#include "program/clock_watch.h"
#include "site/edit.h"
#include "site/place.h"

#include <malloc.h>
#include <stdio.h>
#include <string.h>

enum { TEMPLATE_ROWS = 500, PRODUCTS_ALL = 100000 };
static const char xlsx_type[] = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

/* -- the template -- */

static const int widths[PRICE_TEMPLATE_COLUMNS] = {20, 24, 8, 12, 10, 14, 14, 28, 30, 16, 14};

static void heading(struct xlsx_column columns[PRICE_TEMPLATE_COLUMNS])
{
  for (int i = 0; i < PRICE_TEMPLATE_COLUMNS; i++)
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
  struct xlsx_column columns[PRICE_TEMPLATE_COLUMNS];
  char range[64];
  heading(columns);
  xlsx_writer_sheet(book, "价格", columns, PRICE_TEMPLATE_COLUMNS);
  for (int i = 0; i < all->count; i++) {
    if (all->items[i]->origin_code != code && !all->items[i]->own_price_fen) continue;
    put_product(book, all->items[i]);
    xlsx_writer_row(book);
  }
  snprintf(range, sizeof range, "=品名!$B$2:$B$%d", all->count + 1);
  if (all->count) xlsx_writer_choice(book, PRICE_COLUMN_NAME, 1, TEMPLATE_ROWS, range);
  xlsx_writer_choice_words(book, PRICE_COLUMN_SOURCE, 1, TEMPLATE_ROWS, price_source_titles);
  xlsx_writer_choice_words(book, PRICE_COLUMN_CONFIRM, 1, TEMPLATE_ROWS, yes);
  xlsx_writer_choice_words(book, PRICE_COLUMN_CONFIRM_DATE, 1, TEMPLATE_ROWS, yes);
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
      "单价按“单位”一栏的单位，以元计，最多两位小数，不能是负数或 0。论斤的先换算成公斤。",
      "来源：到货结算（有验收单或小票）、供应商报价、市场看价。",
      "采价日期写成 2026-11-24，2026/11/24、2026年11月24日也可以，要有年份。",
      "日期晚于今天的，先核对；日期没有错，是本行的时钟慢了，就在“日期已核对”填“是”。",
      "合并的格先拆开，每行都填。",
      "供应商填全称或统一社会信用代码，可以空着。",
      "单价高于全省中位价 5 倍或低于五分之一时，核对后在“异常价已核对”填“是”，并在“说明”里写原因。",
      "全省中位价还没有时，和本行 90 天内上次的价格比，3 倍以上或低于三分之一也要这样写；表里前面的行也算。",
      "整张表一起存：有一处不对就都不存，退回的表在最右一列写明每行的错处，改好再交。",
      "一张表最多 1500 个价格。“合计”行不算。",
      "同一天、同一来源、同一供应商的价格已经记过的，存之前会问一遍。",
      NULL};
  xlsx_writer_sheet(book, "说明", columns, 1);
  for (int i = 0; lines[i]; i++) {
    xlsx_writer_text(book, lines[i]);
    xlsx_writer_row(book);
  }
}

/* Without a catalogue a sheet knows no product and offers none. */
static bool has_catalogue(struct db *db, struct err *err)
{
  enum unheard unheard;
  if (!heard_look(db, &unheard, err)) return false;
  return unheard != UNHEARD_CATALOGUE ||
         err_rule(err, ERR_BUSY, "", "unheard", "the catalogue has not come from the province yet");
}

static bool make_template(struct app *app, struct db *db, struct buf *out, struct err *err)
{
  const struct catalogue *catalogue;
  struct catalogue_page all = {.items = NULL};
  const struct catalogue_filter everything = {
      .sort = SORT_NAME, .today = clock_province_day(app, clock_wall_ms()), .page = {.limit = PRODUCTS_ALL}};
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

static bool make_form(struct app *app, struct db *db, struct buf *out, struct err *err)
{
  return has_catalogue(db, err) && make_template(app, db, out, err);
}

void node_get_template(struct web_request *request, void *app)
{
  answer_template(request, app, make_form, "价格填报表.xlsx");
}

/* -- the sheet that comes back -- */

/* Which of the two it is, its bytes say: people send a CSV by the name of a workbook. */
static bool read_grid(struct grid *grid, const struct web_request *request, struct err *err)
{
  const char *type = web_header(request, "Content-Type");
  if (!type || (strncmp(type, "text/csv", 8) != 0 && strcmp(type, xlsx_type) != 0))
    return err_rule(err, ERR_INPUT, "Content-Type", "content_type",
                    "a sheet is sent as text/csv or as an XLSX workbook");
  bool ok = sheet_read(grid, request->body, request->body_size, price_heading_fits, err);
  malloc_trim(0);
  return ok;
}

enum again { AGAIN_ASK, AGAIN_NEW, AGAIN_ALL };

struct import {
  struct grid grid;
  struct price_sheet sheet;
  enum again again;
  const char *meant; /* what was seen when again was said */
};

static bool find_branch(struct db *db, uint32_t code, char name[NAME_SIZE_MAX + 1], struct err *err)
{
  struct query q = query_open(db, "SELECT name_zh FROM division WHERE code = ?1", err);
  query_int(&q, 1, code);
  *name = '\0';
  if (query_row(&q)) snprintf(name, NAME_SIZE_MAX + 1, "%s", column_text(&q, 0));
  return query_close(&q);
}

static bool read_sheet(struct edit *edit, struct import *import, struct err *err)
{
  struct app *app = edit->app;
  struct db *db = NULL;
  char name[NAME_SIZE_MAX + 1];
  struct price_sheet_against with = {.readers = app->readers,
                                     .branch = app->code,
                                     .branch_name = name,
                                     .leave_recorded = import->again == AGAIN_NEW};
  clock_days(app, clock_wall_ms(), &with.today, &with.today_least);
  if (!read_grid(&import->grid, edit->request, err) || !readers_take(app->readers, &db, err)) return false;
  bool ok = has_catalogue(db, err) && site_catalogue(app, db, &with.catalogue, err) &&
            find_branch(db, app->code, name, err);
  readers_give(app->readers, db);
  ok = ok && price_sheet_read(&import->sheet, &import->grid, &with, &edit->faults, err);
  site_catalogue_give(app, with.catalogue);
  return ok;
}

/* All faults of one line of the sheet in one cell. */
static void put_faults(struct xlsx_writer *book, const struct faults *faults, int64_t line)
{
  struct buf text = BUF_INIT;
  for (size_t i = 0; i < faults->count; i++) {
    const struct fault *fault = &faults->list[i];
    if (fault->row != line) continue;
    if (text.size) put_text(&text, "；");
    put_text(&text, fault->column);
    put_text(&text, "：");
    if (*fault->value) {
      put_text(&text, "“");
      put_text(&text, fault->value);
      put_text(&text, "”");
    }
    put_text(&text, describe_rule(fault->err.rule, LANGUAGE_ZH));
    if (*fault->choices[0]) put_text(&text, "，可填：");
    put_text(&text, fault->choices[0]);
  }
  put_u8(&text, 0);
  xlsx_writer_fault(book, text.bad ? NULL : (const char *)text.data);
  buf_wipe(&text);
}

/* The sheet as it was sent, every row where it was, with what is wrong beside it. */
static bool write_back(const struct import *import, const struct faults *faults, struct buf *out,
                       struct err *err)
{
  const struct grid *grid = &import->grid;
  struct xlsx_column columns[GRID_COLUMNS_MAX + 1];
  struct xlsx_writer *book = xlsx_writer_open(err);
  if (!book) return false;
  for (size_t c = 0; c < grid->columns; c++)
    columns[c] = (struct xlsx_column){grid_cell(grid, 0, c), 16};
  columns[grid->columns] = (struct xlsx_column){import->sheet.heading.row ? "" : "错处", 60};
  xlsx_writer_sheet(book, "价格", columns, grid->columns + 1);
  for (size_t r = 1; r < grid->rows; r++) {
    for (size_t c = 0; c < grid->columns; c++)
      xlsx_writer_text(book, grid_cell(grid, r, c));
    if (r == import->sheet.heading.row)
      xlsx_writer_text(book, "错处");
    else
      put_faults(book, faults, (int64_t)r + 1);
    xlsx_writer_row(book);
  }
  return xlsx_writer_close(book, out, err);
}

/* What was read of the file, and what of it was not. */
static void read_out(struct json_out *out, const struct import *import)
{
  const struct faults *skipped = &import->sheet.skipped;
  out_object(out, "read");
  out_text_or_null(out, "sheet", import->grid.sheet);
  out_int(out, "heading_row", (int64_t)import->sheet.heading.row + 1);
  out_text_or_null(out, "columns_not_read", import->sheet.heading.unread);
  out_text_or_null(out, "sheets_not_read", import->grid.unread);
  out_array(out, "rows_left_out");
  for (size_t i = 0; i < skipped->count; i++) {
    out_object(out, NULL);
    out_int(out, "row", skipped->list[i].row);
    out_text(out, "rule", skipped->list[i].err.rule);
    out_text(out, "value", skipped->list[i].value);
    out_end(out);
  }
  out_end(out);
  out_end(out);
}

static void refuse_sheet(struct edit *edit, const struct import *import)
{
  struct json_out *out = &edit->out;
  struct buf file = BUF_INIT;
  struct err err = ERR_INIT;
  char name[KEPT_NAME_SIZE] = "";
  if (write_back(import, &edit->faults, &file, NULL))
    kept_files_add(site_files(edit->app), site_caller(edit->request)->session.account, &file, clock_boot_ms(),
                   name);
  buf_wipe(&file);
  err_rule(&err, ERR_INPUT, "", "sheet",
           "%zu cells of the sheet are not as they should be; nothing was saved", edit->faults.total);
  out_object(out, NULL);
  fault_out(out, "error", &err, NULL);
  out_int(out, "accepted", 0);
  row_faults_out(out, &edit->faults);
  out_text_or_null(out, "file", name);
  read_out(out, import);
  out_end(out);
  edit->status = 422;
}

/* -- is it there already? -- */

struct taken {
  uint8_t hash[HASH_SIZE];
  bool known;
  char seen[2 * HASH_SIZE + 1]; /* by which an answer says what it is about: this sheet, with these records */
  char account[NAME_SIZE_MAX + 1], first_no[NUMBER_SIZE], last_no[NUMBER_SIZE];
  int64_t first_id, last_id; /* of what is written now */
  int64_t at_ms, prices;
};

static bool find_taken(struct db *db, struct taken *taken, struct err *err)
{
  struct query q = query_open(
      db, "SELECT account, at_ms, prices, first_no, last_no FROM sheet_taken WHERE hash = ?1", err);
  query_blob(&q, 1, taken->hash, HASH_SIZE);
  taken->known = query_row(&q);
  if (taken->known) {
    text_clean(TEXT_NAME, taken->account, sizeof taken->account, column_text(&q, 0));
    taken->at_ms = column_int(&q, 1);
    taken->prices = column_int(&q, 2);
    text_clean(TEXT_NAME, taken->first_no, sizeof taken->first_no, column_text(&q, 3));
    text_clean(TEXT_NAME, taken->last_no, sizeof taken->last_no, column_text(&q, 4));
  }
  return query_close(&q);
}

static bool note_taken(struct tx *tx, const struct taken *taken, struct err *err)
{
  struct query q =
      query_open(tx->db,
                 "INSERT OR REPLACE INTO sheet_taken(hash, account, at_ms, prices, first_no, last_no)"
                 " VALUES(?1, ?2, ?3, ?4, ?5, ?6)",
                 err);
  query_blob(&q, 1, taken->hash, HASH_SIZE);
  query_text(&q, 2, tx->actor);
  query_int(&q, 3, tx->now_ms);
  query_int(&q, 4, taken->prices);
  query_text(&q, 5, taken->first_no);
  query_text(&q, 6, taken->last_no);
  return query_run(&q);
}

static void same_out(struct json_out *out, int64_t line, const struct price_new *row,
                     const struct price_same *same)
{
  out_object(out, NULL);
  out_int(out, "row", line);
  out_int(out, "product", row->product);
  out_int(out, "id", same->id);
  out_text(out, "no", same->no);
  out_int(out, "price_fen", same->price_fen);
  out_bool(out, "same_price", same->price_fen == row->price_fen);
  out_text(out, "actor", same->actor);
  out_int(out, "at_ms", same->at_ms);
  out_end(out);
}

/* Wipes all. */
static bool see(struct taken *taken, struct buf *all, struct err *err)
{
  uint8_t hash[HASH_SIZE];
  bool bad = all->bad;
  sha256(hash, all->data, all->size);
  hex_encode(taken->seen, hash, sizeof hash);
  buf_wipe(all);
  return !bad || err_rule(err, ERR_BUSY, "", "busy", "no memory for what is recorded already");
}

enum { SAME_TOLD_MAX = 100 };

/* The rows that are recorded already, marked in same, and told in params in case somebody has to be asked. */
static bool find_same(struct tx *tx, const struct price_sheet *sheet, struct taken *taken, bool *same,
                      size_t *count, struct buf *params, struct err *err)
{
  struct json_out out = JSON_OUT_INIT;
  struct buf all = BUF_INIT;
  *count = 0;
  put_bytes(&all, taken->hash, sizeof taken->hash);
  put_u64(&all, taken->known ? (uint64_t)taken->at_ms : 0);
  out_object(&out, NULL);
  out_array(&out, "rows");
  for (size_t i = 0; i < sheet->count; i++) {
    struct price_same found;
    if (!price_find_same(tx->db, tx->author, &sheet->rows[i], &same[i], &found, err)) {
      buf_wipe(&out.bytes);
      buf_wipe(&all);
      return false;
    }
    put_u64(&all, same[i] ? (uint64_t)found.id : 0);
    if (same[i] && (*count)++ < SAME_TOLD_MAX) same_out(&out, sheet->lines[i], &sheet->rows[i], &found);
  }
  out_end(&out);
  if (!see(taken, &all, err)) {
    buf_wipe(&out.bytes);
    return false;
  }
  out_text(&out, "seen", taken->seen);
  out_int(&out, "repeated", (int64_t)*count);
  out_int(&out, "fresh", (int64_t)(sheet->count - *count));
  if (taken->known) {
    out_object(&out, "sheet");
    out_text(&out, "account", taken->account);
    out_int(&out, "at_ms", taken->at_ms);
    out_int(&out, "prices", taken->prices);
    out_text(&out, "first_no", taken->first_no);
    out_text(&out, "last_no", taken->last_no);
    out_end(&out);
  } else {
    out_null(&out, "sheet");
  }
  out_end(&out);
  put_u8(&out.bytes, 0);
  *params = out.bytes;
  return true;
}

static bool add_prices(struct tx *tx, const struct price_sheet *sheet, const bool *leave, struct taken *taken,
                       struct err *err)
{
  struct written row;
  taken->prices = 0;
  for (size_t i = 0; i < sheet->count; i++) {
    if (leave[i]) continue;
    if (!price_add(tx, &sheet->rows[i], &row, NULL, err))
      return err_prefix(err, "row %lld", (long long)sheet->lines[i]);
    if (!taken->prices++) {
      memcpy(taken->first_no, row.no, sizeof row.no);
      taken->first_id = row.id;
    }
    memcpy(taken->last_no, row.no, sizeof row.no);
    taken->last_id = row.id;
  }
  return true;
}

/* A sheet whose answer was lost comes again with another key: what it holds is looked for under the store's
 * lock, and whoever sent it is asked.  again=new takes the other rows, again=all takes every one; either is
 * the answer to what was seen, and of another sheet, or of other records, it is asked anew. */
static bool import_work(struct tx *tx, struct edit *edit, void *ctx, struct err *err)
{
  const struct import *import = ctx;
  struct json_out *out = &edit->out;
  struct taken taken = {.known = false};
  bool leave[PRICE_SHEET_ROWS_MAX] = {false};
  size_t same = 0;
  sha256(taken.hash, edit->request->body, edit->request->body_size);
  if (!find_taken(tx->db, &taken, err) ||
      !find_same(tx, &import->sheet, &taken, leave, &same, &edit->params, err))
    return false;
  bool meant = import->meant && strcmp(import->meant, taken.seen) == 0;
  bool asks = (import->again == AGAIN_ASK || !meant) && (same || taken.known);
  if (asks || (import->again == AGAIN_NEW && same == import->sheet.count))
    return err_rule(err, ERR_CONFLICT, "", "repeated", "%zu of the sheet's %zu prices are recorded already",
                    same, import->sheet.count);
  buf_wipe(&edit->params);
  if (import->again == AGAIN_ALL) memset(leave, 0, sizeof leave);
  if (!add_prices(tx, &import->sheet, leave, &taken, err) || !note_taken(tx, &taken, err)) return false;
  snprintf(tx->subject, sizeof tx->subject, "%lld", (long long)taken.prices);
  out_object(out, NULL);
  out_int(out, "accepted", taken.prices);
  out_int(out, "left_out", (int64_t)import->sheet.count - taken.prices);
  out_text(out, "first_no", taken.first_no);
  out_text(out, "last_no", taken.last_no);
  out_int(out, "first_id", taken.first_id);
  out_int(out, "last_id", taken.last_id);
  out_array(out, "errors");
  out_end(out);
  read_out(out, import);
  place_new(out, tx->now_ms);
  out_end(out);
  return true;
}

static void wipe_import(struct import *import)
{
  price_sheet_wipe(&import->sheet);
  grid_wipe(&import->grid);
}

/* A row that the writing refuses was overtaken by what somebody else wrote since it was read. */
static void import_prices(struct edit *edit, struct import *import)
{
  struct err err = ERR_INIT;
  bool again = edit_still_new(edit);
  while (again) {
    err = (struct err)ERR_INIT;
    if (read_sheet(edit, import, &err)) {
      if (edit->faults.total) refuse_sheet(edit, import);
      if (edit->faults.total || edit_try(edit, import, &err)) return;
    }
    again = edit_read_again(edit, &err) && strcmp(err.rule, "repeated") != 0;
    if (again) wipe_import(import);
    if (!again) edit_refuse(edit, &err);
  }
}

/* One at a time, for its memory and for what reading, comparing and giving back cost. */
void node_post_import(struct web_request *request, void *app)
{
  static const struct edit_plan plan = {.action = ACTION_PRICE_IMPORT, .work = import_work};
  static const char *const words[] = {"new", "all", NULL};
  struct edit edit;
  struct import import = {.grid = GRID_INIT};
  struct gate_place place;
  struct err err = ERR_INIT;
  int again = -1;
  if (!edit_begin(&edit, request, app, &plan)) return;
  bool ok = answer_query_word(request, "again", words, &again, &err);
  import.again = (enum again)(again + 1);
  import.meant = web_query(request, "meant");
  if (!ok ||
      !gate_enter(site_sheets(app), &place, site_caller(request)->session.account, request->peer, &err)) {
    edit_refuse(&edit, &err);
  } else {
    readers_patience(SITE_FILE_PATIENCE_MS);
    import_prices(&edit, &import);
    gate_leave(site_sheets(app), &place);
  }
  wipe_import(&import);
  edit_end(&edit);
}

void node_get_import_file(struct web_request *request, void *app)
{
  struct buf file = BUF_INIT;
  struct err err = ERR_INIT;
  const char *account = site_caller(request)->session.account;
  if (kept_files_get(site_files(app), account, web_param(request, "file"), clock_boot_ms(), &file)) {
    web_reply_file(request, xlsx_type, "价格填报表（有错处）.xlsx", file.data, file.size);
  } else {
    err_rule(&err, ERR_MISSING, "file", "not_found", "there is no such file any more; send the sheet again");
    answer_err(request, &err);
  }
  buf_wipe(&file);
}
