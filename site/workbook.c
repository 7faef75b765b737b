#include "core/base/clock.h"
#include "core/base/xlsx_write.h"
#include "core/domain/describe.h"
#include "site/access_record.h"
#include "site/answer.h"
#include "site/checkpoint_now.h"
#include "site/division_names.h"

#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SHEET_COLUMNS_MAX = 24, URL_SHOWN_MAX = 2000 };

static const json_t *member(const json_t *item, const char *path)
{
  char name[40];
  for (;;) {
    size_t size = strcspn(path, ".");
    snprintf(name, sizeof name, "%.*s", (int)size, path);
    item = json_object_get(item, name);
    if (!path[size]) return item;
    path += size + 1;
  }
}

/* The last of February is the 28th or the 29th. */
static bool ends_month(int md)
{
  static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  int month = md / 100;
  return month >= 1 && month <= 12 && md % 100 >= days[month - 1];
}

/* 5月1日—8月15日, and by months alone where these are whole: 8月—次年1月.  All year is 全年, a closed window
 * says so. */
static void seasons_text(const json_t *seasons, struct buf *out)
{
  size_t i;
  json_t *window;
  char text[64];
  json_array_foreach(seasons, i, window)
  {
    int start = (int)json_integer_value(json_object_get(window, "start_md"));
    int end = (int)json_integer_value(json_object_get(window, "end_md"));
    const char *kind = json_string_value(json_object_get(window, "kind"));
    bool closed = kind && strcmp(kind, "closed") == 0;
    if (i) put_text(out, "；");
    if (start == 101 && end == 1231 && !closed)
      snprintf(text, sizeof text, "全年");
    else if (closed || start % 100 != 1 || !ends_month(end))
      snprintf(text, sizeof text, "%s%d月%d日—%s%d月%d日", closed ? "停售 " : "", start / 100, start % 100,
               start > end ? "次年" : "", end / 100, end % 100);
    else if (start / 100 == end / 100)
      snprintf(text, sizeof text, "%d月", start / 100);
    else
      snprintf(text, sizeof text, "%d月—%s%d月", start / 100, start > end ? "次年" : "", end / 100);
    put_text(out, text);
  }
  put_u8(out, 0);
}

static const char *place_text(const json_t *place)
{
  const char *at = json_string_value(json_object_get(place, "at"));
  if (!at) return "";
  return strcmp(at, "province") == 0  ? "省中心已收"
         : strcmp(at, "refused") == 0 ? "省中心未接受"
                                      : "已存本行";
}

/* Words of this interface, not of the domain. */
static const char *site_word(const char *word)
{
  static const char *const words[][2] = {
      {"attention", "需处理"},
      {"offline", "断网"},
      {"unknown", "未知"},
      {"pending", "待上报"},
      {"syncing", "同步中"},
      {"synced", "已同步"},
      {"ok", "可以"},
      {"wait_link", "等联网"},
      {"wait_pending", "等报完"},
      {"verified", "已验证"},
      {"quarantined", "隔离"},
      {"parked", "等升级"},
      {"fork", "有两个版本"},
      {"lost", "无处可寻"},
      {"none", "未接入"},
      {"invited", "已邀请"},
      {"enrolled", "已接入"},
      {"revoked", "已吊销"},
      {"never", "从未接入"},
      {"unheard", "已接入，还没联系过"},
      {"refused", "有未接受的记录"},
      {"skew", "时钟不对"},
      {"branch_pace", "一次报得太多"},
      {"gap", "缺序号"},
      {"repeat", "序号重复"},
      {"disagrees", "与总账索引不符"},
      {"frozen", "已停收"},
      {"silent", "失联"},
  };
  for (size_t i = 0; i < sizeof words / sizeof *words; i++)
    if (strcmp(words[i][0], word) == 0) return words[i][1];
  return word;
}

static void cell_words(struct xlsx_writer *book, const struct list_column *column, const json_t *value)
{
  const char *text = json_string_value(value);
  const char *dot = strrchr(column->path, '.');
  const char *name = column->word ? column->word : dot ? dot + 1 : column->path;
  struct buf seasons = BUF_INIT;
  if (column->cell == CELL_SEASONS) {
    seasons_text(value, &seasons);
    xlsx_writer_text(book, seasons.bad ? "" : (const char *)seasons.data);
    buf_wipe(&seasons);
  } else if (column->cell == CELL_PLACE) {
    xlsx_writer_text(book, place_text(value));
  } else if (column->cell == CELL_YES) {
    xlsx_writer_text(book, json_is_true(value) ? "是" : "");
  } else if (column->cell == CELL_YES_NO) {
    xlsx_writer_text(book, json_is_true(value) ? "是" : "否");
  } else if (text && column->cell == CELL_WORD) {
    xlsx_writer_text(book, describe_word(name, text, LANGUAGE_ZH));
  } else if (text && column->cell == CELL_RULE) {
    xlsx_writer_text(book, describe_rule(text, LANGUAGE_ZH));
  } else if (text && column->cell == CELL_SITE) {
    xlsx_writer_text(book, site_word(text));
  } else {
    xlsx_writer_text(book, text ? describe_action(text, LANGUAGE_ZH) : "");
  }
}

/* A number that is to be text, such as a code, is written with all its digits. */
static void cell_text(struct xlsx_writer *book, const json_t *value)
{
  char digits[24];
  if (json_is_integer(value)) {
    snprintf(digits, sizeof digits, "%lld", (long long)json_integer_value(value));
    xlsx_writer_text(book, digits);
    return;
  }
  xlsx_writer_text(book, json_string_value(value));
}

static void cell_value(struct xlsx_writer *book, const struct list_column *column, const json_t *value)
{
  int date = 0;
  const char *text = json_string_value(value);
  bool number = json_is_number(value);
  if (column->cell == CELL_TEXT) {
    cell_text(book, value);
  } else if (column->cell == CELL_INT && number) {
    xlsx_writer_int(book, json_integer_value(value));
  } else if (column->cell == CELL_FEN && number) {
    xlsx_writer_fen(book, json_integer_value(value));
  } else if (column->cell == CELL_REAL && number) {
    xlsx_writer_real(book, json_number_value(value));
  } else if (column->cell == CELL_DATE && text && date_parse(text, &date)) {
    xlsx_writer_date(book, date);
  } else if (column->cell == CELL_MS && number) {
    xlsx_writer_time(book, json_integer_value(value));
  } else if (column->cell >= CELL_WORD) {
    cell_words(book, column, value);
  } else {
    xlsx_writer_text(book, NULL); /* not known: an empty cell, never a zero */
  }
}

/* What the sheet is of, beside it: who took it when, by which filter, how many rows, and where the province's
 * log stood. */
struct about {
  char account[40];
  int64_t at_ms, rows, total; /* total: what the filter leaves, -1 when the list does not say */
  struct buf filter;          /* the address with its query, in words */
  struct checkpoint_now log;  /* size 0: none */
};

static void about_line(struct xlsx_writer *book, const char *name, const char *value)
{
  xlsx_writer_text(book, name);
  xlsx_writer_text(book, value);
  xlsx_writer_row(book);
}

static void about_out(struct xlsx_writer *book, const struct list_sheet *sheet, const struct about *about)
{
  static const struct xlsx_column columns[] = {{"项目", 18}, {"内容", 72}};
  char text[80];
  xlsx_writer_sheet(book, "本表说明", columns, 2);
  about_line(book, "表", sheet->name);
  xlsx_writer_text(book, "导出时间");
  xlsx_writer_time(book, about->at_ms);
  xlsx_writer_row(book);
  about_line(book, "导出账号", about->account);
  about_line(book, "筛选", (const char *)about->filter.data);
  snprintf(text, sizeof text, "%lld", (long long)about->rows);
  about_line(book, "行数", text);
  if (about->total > about->rows) {
    snprintf(text, sizeof text, "%lld，本表只有前 %lld 行", (long long)about->total, (long long)about->rows);
    about_line(book, "符合筛选的总数", text);
  }
  if (about->log.size == 0) return;
  about_line(book, "总账名称", about->log.origin);
  snprintf(text, sizeof text, "%llu", (unsigned long long)about->log.size);
  about_line(book, "总账条数（检查点）", text);
  about_line(book, "总账根（SHA-256）", about->log.root);
  xlsx_writer_text(book, "检查点签于");
  xlsx_writer_time(book, about->log.signed_ms);
  xlsx_writer_row(book);
}

/* -- The list is walked as text, one row a time: as one tree of JSON it would be ten times its size. -- */

/* Behind the value that begins at p.  It is our own JSON, and well-formed. */
static const char *value_end(const char *p, const char *end)
{
  int depth = 0;
  for (; p < end; p++) {
    if (*p == '"') {
      for (p++; p < end && *p != '"'; p++)
        p += *p == '\\';
    } else if (*p == '{' || *p == '[') {
      depth++;
    } else if (*p == '}' || *p == ']') {
      if (--depth < 0) return p;
    } else if (depth == 0 && (*p == ',' || *p == ':')) {
      return p;
    }
  }
  return end;
}

struct sheet_job {
  const struct list_sheet *sheet;
  struct xlsx_writer *book;
  struct about *about;
};

static bool lay_row(const struct sheet_job *job, const char *text, size_t size, struct err *err)
{
  json_t *item = json_parse(text, size, err);
  if (!item) return false;
  for (size_t c = 0; c < job->sheet->count && c < SHEET_COLUMNS_MAX; c++)
    cell_value(job->book, &job->sheet->columns[c], member(item, job->sheet->columns[c].path));
  xlsx_writer_row(job->book);
  job->about->rows++;
  json_decref(item);
  return true;
}

static bool lay_rows(const struct sheet_job *job, const char *p, const char *end, struct err *err)
{
  bool ok = true;
  while (ok && p < end && *p != ']') {
    const char *next = value_end(p, end);
    ok = lay_row(job, p, (size_t)(next - p), err);
    p = next + (next < end && *next == ',');
  }
  return ok;
}

/* The members of the list: its items row by row, and its total. */
static bool lay_list(const struct sheet_job *job, const struct buf *json, struct err *err)
{
  const char *p = (const char *)json->data + 1, *end = (const char *)json->data + json->size;
  const char *items = job->sheet->items;
  bool ok = true;
  while (ok && p < end && *p == '"') {
    const char *name = p + 1, *colon = value_end(p, end), *value = colon + 1;
    size_t size = (size_t)(colon - name) - 1;
    const char *next = value_end(value, end);
    if (size == strlen(items) && memcmp(name, items, size) == 0)
      ok = lay_rows(job, value + 1, next, err);
    else if (size == 5 && memcmp(name, "total", 5) == 0)
      job->about->total = strtoll(value, NULL, 10);
    p = next + (next < end && *next == ',');
  }
  return ok;
}

/* Whoever sums the sheet does not look at the one behind it. */
static void lay_cut(const struct sheet_job *job)
{
  char text[160];
  const struct about *about = job->about;
  if (about->total <= about->rows) return;
  snprintf(text, sizeof text, "没有完：本表只有前 %lld 行，符合筛选的共 %lld 行。请用筛选分几次导出。",
           (long long)about->rows, (long long)about->total);
  xlsx_writer_text(job->book, text);
  xlsx_writer_row(job->book);
}

/* Wipes the JSON once its rows are laid: the zip needs room too. */
static bool lay_out(struct buf *json, const struct list_sheet *sheet, struct about *about, struct buf *out,
                    struct err *err)
{
  struct xlsx_column columns[SHEET_COLUMNS_MAX];
  struct xlsx_writer *book = xlsx_writer_open(err);
  const struct sheet_job job = {.sheet = sheet, .book = book, .about = about};
  if (!book) return false;
  size_t count = sheet->count < SHEET_COLUMNS_MAX ? sheet->count : SHEET_COLUMNS_MAX;
  for (size_t i = 0; i < count; i++)
    columns[i] = (struct xlsx_column){sheet->columns[i].title, sheet->columns[i].width};
  xlsx_writer_made(book, about->at_ms);
  xlsx_writer_sheet(book, sheet->name, columns, count);
  bool ok = lay_list(&job, json, err);
  buf_wipe(json);
  lay_cut(&job);
  about_out(book, sheet, about);
  struct err none = ERR_INIT;
  return xlsx_writer_close(book, out, ok ? err : &none) && ok;
}

static void put_division(void *names, uint32_t code, struct buf *out)
{
  put_text(out, division_name(names, code));
}

/* As the trail tells what was exported, so that the sheet and its entry read alike. */
static bool filter_words(struct buf *out, const struct web_request *request, struct db *db, struct err *err)
{
  struct division_names names;
  const struct event_reader reader = {LANGUAGE_ZH, put_division, &names};
  struct buf address = BUF_INIT;
  if (!division_names_open(&names, db, LANGUAGE_ZH, err)) return false;
  put_access_address(&address, request, URL_SHOWN_MAX);
  put_u8(&address, 0);
  if (!address.bad) describe_event(out, &reader, "export", (const char *)address.data);
  put_u8(out, 0);
  out->bad = out->bad || address.bad;
  buf_wipe(&address);
  division_names_close(&names);
  return !out->bad || err_rule(err, ERR_BUSY, "", "busy", "no memory for this list");
}

static bool about_open(struct about *about, struct web_request *request, struct app *app, struct db *db,
                       struct err *err)
{
  snprintf(about->account, sizeof about->account, "%s", site_caller(request)->session.account);
  if (!filter_words(&about->filter, request, db, err)) return false;
  return app->kind != APP_HUB || checkpoint_now(db, app->code, &about->log, err);
}

/* The checkpoint is read before the rows: all of them that it covers are in the log it names. */
static bool make_file(struct web_request *request, struct app *app, answer_read *read,
                      const struct list_sheet *sheet, struct about *about, struct buf *file, struct err *err)
{
  struct json_out json = JSON_OUT_INIT;
  struct db *db = NULL;
  bool ok = readers_take(app->readers, &db, err);
  if (ok) {
    ok = about_open(about, request, app, db, err) && read(request, app, db, &json, err);
    readers_give(app->readers, db); /* before the layout, which takes its time */
  }
  if (ok && json.bytes.bad) ok = err_rule(err, ERR_BUSY, "", "busy", "no memory for this list");
  ok = ok && lay_out(&json.bytes, sheet, about, file, err);
  buf_wipe(&json.bytes);
  return ok;
}

/* Which list, with which filter. */
static void hash_address(uint8_t out[HASH_SIZE], const struct web_request *request)
{
  struct buf address = BUF_INIT;
  put_text(&address, request->path);
  put_u8(&address, '?');
  web_query_all(request, &address);
  sha256(out, address.data, address.size);
  buf_wipe(&address);
}

/* Made one at a time, because of the memory, which is given back at once: the next may be hours away. */
static bool make_in_turn(struct web_request *request, struct app *app, answer_read *read,
                         const struct list_sheet *sheet, struct about *about, struct buf *file,
                         struct err *err)
{
  struct gate_place place;
  if (!gate_enter(site_sheets(app), &place, site_caller(request)->session.account, request->peer, err))
    return false;
  readers_patience(SITE_FILE_PATIENCE_MS);
  bool ok = make_file(request, app, read, sheet, about, file, err);
  malloc_trim(0);
  gate_leave(site_sheets(app), &place);
  return ok;
}

static const char workbook_type[] = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

static bool make_template_in_turn(struct web_request *request, struct app *app, make_workbook *make,
                                  struct buf *file, struct err *err)
{
  struct gate_place place;
  struct db *db = NULL;
  if (!gate_enter(site_sheets(app), &place, site_caller(request)->session.account, request->peer, err))
    return false;
  readers_patience(SITE_FILE_PATIENCE_MS);
  bool ok = readers_take(app->readers, &db, err);
  if (ok) {
    ok = make(app, db, file, err);
    readers_give(app->readers, db);
  }
  malloc_trim(0);
  gate_leave(site_sheets(app), &place);
  return ok;
}

void answer_template(struct web_request *request, struct app *app, make_workbook *make, const char *name)
{
  struct buf file = BUF_INIT;
  struct err err = ERR_INIT;
  if (answer_head_only(request, workbook_type)) return;
  if (make_template_in_turn(request, app, make, &file, &err))
    web_reply_file(request, workbook_type, name, file.data, file.size);
  else
    answer_err(request, &err);
  buf_wipe(&file);
}

/* Recorded, unless it is what this account got a moment ago, to the last byte. */
static bool record_export(struct web_request *request, struct app *app, const struct about *about,
                          const struct buf *file, const struct export_done *before, struct err *err)
{
  struct export_done now = {.at_ms = about->at_ms, .mono_ms = clock_boot_ms()};
  const struct access_fact fact = {
      .kind = "export", .rows = about->rows, .file = file->data, .file_size = file->size};
  snprintf(now.account, sizeof now.account, "%s", site_caller(request)->session.account);
  hash_address(now.address, request);
  sha256(now.file, file->data, file->size);
  if (before->mono_ms && memcmp(before->file, now.file, HASH_SIZE) == 0) return true;
  if (!access_record(app, request, &fact, err)) return false;
  export_pace_done(site_exports(app), &now);
  return true;
}

void answer_workbook(struct web_request *request, struct app *app, answer_read *read,
                     const struct list_sheet *sheet)
{
  struct buf file = BUF_INIT;
  struct err err = ERR_INIT;
  struct about about = {.at_ms = clock_wall_ms()};
  struct export_done before = {.mono_ms = 0};
  const char *account = site_caller(request)->session.account;
  uint8_t address[HASH_SIZE];
  char day[11], name[80];
  if (answer_head_only(request, workbook_type)) return;
  site_caller(request)->whole = site_exports(app)->rows_max;
  hash_address(address, request);
  if (export_pace_again(site_exports(app), account, address, clock_boot_ms(), &before))
    about.at_ms = before.at_ms;
  if (access_pace(app, request, &err) && make_in_turn(request, app, read, sheet, &about, &file, &err) &&
      record_export(request, app, &about, &file, &before, &err)) {
    date_format(day, date_of_ms(about.at_ms));
    snprintf(name, sizeof name, "%s %s.xlsx", sheet->name, day);
    web_reply_file(request, workbook_type, name, file.data, file.size);
  } else {
    answer_err(request, &err);
  }
  buf_wipe(&about.filter);
  buf_wipe(&file);
}
