#include "core/base/clock.h"
#include "core/base/xlsx_write.h"
#include "core/domain/describe.h"
#include "site/access_record.h"
#include "site/answer.h"
#include "site/checkpoint_now.h"

#include <stdio.h>
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

/* 8月—次年1月; all year is 全年, a closed window says so. */
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
    else if (closed)
      snprintf(text, sizeof text, "停售 %d月%d日—%s%d月%d日", start / 100, start % 100,
               start > end ? "次年" : "", end / 100, end % 100);
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
      {"none", "未接入"},
      {"invited", "已邀请"},
      {"enrolled", "已接入"},
      {"revoked", "已吊销"},
      {"never", "从未接入"},
      {"refused", "有未接受的记录"},
      {"skew", "时钟不对"},
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
  struct buf filter;          /* the address with its query */
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
  about_line(book, "地址和筛选", (const char *)about->filter.data);
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

static bool lay_out(const struct buf *json, const struct list_sheet *sheet, struct about *about,
                    struct buf *out, struct err *err)
{
  struct xlsx_column columns[SHEET_COLUMNS_MAX];
  size_t i;
  json_t *item;
  json_t *root = json_parse((const char *)json->data, json->size, err);
  struct xlsx_writer *book = root ? xlsx_writer_open(err) : NULL;
  if (!book) {
    json_decref(root);
    return false;
  }
  for (i = 0; i < sheet->count && i < SHEET_COLUMNS_MAX; i++)
    columns[i] = (struct xlsx_column){sheet->columns[i].title, sheet->columns[i].width};
  xlsx_writer_sheet(book, sheet->name, columns, i);
  json_array_foreach(json_object_get(root, sheet->items), i, item)
  {
    for (size_t c = 0; c < sheet->count && c < SHEET_COLUMNS_MAX; c++)
      cell_value(book, &sheet->columns[c], member(item, sheet->columns[c].path));
    xlsx_writer_row(book);
    about->rows++;
  }
  about->total = json_integer_value(json_object_get(root, "total"));
  json_decref(root);
  about_out(book, sheet, about);
  return xlsx_writer_close(book, out, err);
}

static bool about_open(struct about *about, struct web_request *request, struct app *app, struct db *db,
                       struct err *err)
{
  *about = (struct about){.at_ms = clock_wall_ms()};
  snprintf(about->account, sizeof about->account, "%s", site_caller(request)->session.account);
  put_access_address(&about->filter, request, URL_SHOWN_MAX);
  put_u8(&about->filter, 0);
  if (about->filter.bad) return err_rule(err, ERR_BUSY, "", "busy", "no memory for this list");
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

void answer_workbook(struct web_request *request, struct app *app, answer_read *read,
                     const struct list_sheet *sheet)
{
  struct buf file = BUF_INIT;
  struct err err = ERR_INIT;
  struct about about = {.rows = 0};
  char day[11], name[80];
  site_caller(request)->whole_list = true;
  bool ok = make_file(request, app, read, sheet, &about, &file, &err);
  const struct access_fact fact = {
      .kind = "export", .rows = about.rows, .file = file.data, .file_size = file.size};
  if (ok && access_record(app, request, &fact, &err)) {
    date_format(day, date_of_ms(about.at_ms));
    snprintf(name, sizeof name, "%s %s.xlsx", sheet->name, day);
    web_reply_file(request, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", name,
                   file.data, file.size);
  } else {
    answer_err(request, &err);
  }
  buf_wipe(&about.filter);
  buf_wipe(&file);
}
