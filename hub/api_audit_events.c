/* What happened around the records: who was let in, refused, given a role, who exported and who read; and
 * every key that ever signed. */
#include "core/base/clock.h"
#include "core/domain/security_event.h"
#include "hub/api.h"
#include "hub/audit_reads.h"
#include "site/division_names.h"
#include "sync/keys.h"
#include "sync/streams.h"

#include "core/base/tx.h"

#include <string.h>

/* What an auditor asks by one word. */
static const char *const groups[] = {"accounts", "refusals", "access", "keys", NULL};
static const char *const kinds_of[] = {",account_add,account_role,account_disable,account_enable,account_"
                                       "reset,account_logout,account_unlock,password_change,",
                                       ",login,locked,role,scope,csrf,rate,password,link,many,",
                                       ",read,export,evidence,compare,",
                                       ",invite,invite_withdrawn,enrol,revoke,handled,log_token,log_token_"
                                       "ended,trust,let_go,entry_lost,entry_found,hole_denied,"};

struct listing {
  struct json_out *out;
  struct db *db;
  struct app *app;
  struct division_names names;
  enum language language;
  int64_t rows;
  struct err *err;
  bool bad;
};

/* The entry that made a row; branches write theirs in their stream, the province in one of its own. */
static bool pos_of_row(struct listing *list, uint32_t branch, int64_t id, int64_t *pos)
{
  const struct stream stream = {branch, branch == list->app->code ? branch : 0};
  return stream_find(list->db, stream, id_seq(id), pos, list->err);
}

static void put_place(void *ctx, uint32_t code, struct buf *out)
{
  put_text(out, division_name(ctx, code));
}

static void out_event_detail(struct listing *list, const struct security_event *row)
{
  const struct event_reader reader = {list->language, put_place, &list->names};
  struct buf text = BUF_INIT;
  describe_event(&text, &reader, row->kind, row->detail);
  out_textn(list->out, "detail_title", text.data ? (const char *)text.data : "", text.size);
  if (text.bad) list->out->bytes.bad = true;
  buf_wipe(&text);
}

static void each_event(void *ctx, const struct security_event *row)
{
  struct listing *list = ctx;
  struct json_out *out = list->out;
  int64_t pos = -1;
  if (list->bad) return;
  list->bad = !pos_of_row(list, row->branch, row->id, &pos);
  list->rows++;
  out_object(out, NULL);
  out_int(out, "branch", row->branch);
  out_text(out, "branch_name", division_name(&list->names, row->branch));
  out_int(out, "id", row->id);
  out_text(out, "kind", row->kind);
  out_text(out, "kind_title", describe_word("kind", row->kind, list->language));
  out_text(out, "actor", row->actor);
  out_text(out, "detail", row->detail);
  out_event_detail(list, row);
  out_text(out, "peer", row->peer);
  out_int(out, "count", row->count);
  out_int(out, "at_ms", row->at_ms);
  if (pos < 0)
    out_null(out, "pos");
  else
    out_int(out, "pos", pos);
  out_end(out);
}

static bool read_events(struct web_request *request, struct app *app, struct db *db, struct json_out *out,
                        struct err *err)
{
  struct listing list = {.out = out, .db = db, .app = app, .language = answer_language(request), .err = err};
  struct security_filter filter = {.now_ms = clock_wall_ms()};
  int group;
  int64_t branch, total = 0;
  struct bookmark next;
  if (!answer_query_word(request, "group", groups, &group, err) ||
      !web_query_int_or(request, "branch", 110000, 659999, 0, &branch, err) ||
      !answer_page(request, &filter.page, &next, err))
    return false;
  filter.branch = (uint32_t)branch;
  if (group >= 0) filter.kinds = kinds_of[group];
  bool ok = division_names_open(&list.names, db, list.language, err);
  out_object(out, NULL);
  out_array(out, "items");
  ok = ok && security_event_list(db, &filter, each_event, &list, &total, err) && !list.bad;
  out_end(out);
  total_out(out, total);
  next_out(out, &next);
  out_end(out);
  site_caller(request)->rows = list.rows;
  division_names_close(&list.names);
  return ok;
}

void hub_get_audit_events(struct web_request *request, void *app)
{
  answer_trail(request, app, read_events);
}

void hub_get_audit_events_workbook(struct web_request *request, void *app)
{
  static const struct list_column columns[] = {
      {"at_ms", "时间", CELL_MS, 20, NULL},      {"branch_name", "哪里", CELL_TEXT, 14, NULL},
      {"branch", "代码", CELL_TEXT, 10, NULL},   {"kind_title", "什么事", CELL_TEXT, 18, NULL},
      {"actor", "账号", CELL_TEXT, 14, NULL},    {"detail_title", "说明", CELL_TEXT, 60, NULL},
      {"peer", "来源地址", CELL_TEXT, 18, NULL}, {"count", "次数", CELL_INT, 8, NULL},
      {"pos", "总账位置", CELL_INT, 12, NULL},   {"detail", "程序写的原文", CELL_TEXT, 60, NULL},
  };
  static const struct list_sheet sheet = {"安全事件", "items", columns, sizeof columns / sizeof *columns};
  answer_workbook(request, app, read_events, &sheet);
}

/* -- keys -- */

static bool each_key(void *ctx, const struct key *key)
{
  struct listing *list = ctx;
  struct json_out *out = list->out;
  list->rows++;
  out_object(out, NULL);
  out_int(out, "author", key->author);
  out_text(out, "author_name", division_name(&list->names, key->author));
  out_int(out, "epoch", key->epoch);
  out_hex(out, "public_hex", key->public_key, sizeof key->public_key);
  out_int(out, "since_ms", key->since_ms);
  out_int_or_null(out, "revoked_ms", key->revoked_ms);
  out_end(out);
  return !out->bytes.bad;
}

static bool read_keys(struct web_request *request, struct app *app, struct db *db, struct json_out *out,
                      struct err *err)
{
  struct listing list = {.out = out, .db = db, .app = app, .language = answer_language(request), .err = err};
  bool ok = division_names_open(&list.names, db, list.language, err);
  out_object(out, NULL);
  out_array(out, "items");
  ok = ok && key_list(db, 0, each_key, &list, err);
  out_end(out);
  total_out(out, list.rows);
  out_end(out);
  site_caller(request)->rows = list.rows;
  division_names_close(&list.names);
  return ok;
}

void hub_get_audit_keys(struct web_request *request, void *app)
{
  answer_trail(request, app, read_keys);
}

void hub_get_audit_keys_workbook(struct web_request *request, void *app)
{
  static const struct list_column columns[] = {
      {"author_name", "作者", CELL_TEXT, 14, NULL}, {"author", "代码", CELL_TEXT, 10, NULL},
      {"epoch", "第几把", CELL_INT, 8, NULL},       {"since_ms", "启用", CELL_MS, 20, NULL},
      {"revoked_ms", "吊销", CELL_MS, 20, NULL},    {"public_hex", "公钥（Ed25519）", CELL_TEXT, 68, NULL},
  };
  static const struct list_sheet sheet = {"密钥", "items", columns, sizeof columns / sizeof *columns};
  answer_workbook(request, app, read_keys, &sheet);
}
