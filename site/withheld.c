#include "site/withheld.h"

#include "core/base/clock.h"
#include "core/domain/describe.h"
#include "sync/streams.h"

#include <stdio.h>

static void name_out(struct json_out *out, const char *key, const struct name *name)
{
  out_textn(out, key, name->text, name->size);
}

/* What the record still says; on a node the entry may not have come yet. */
static bool record_out(struct json_out *out, struct db *db, const struct withholding *act,
                       enum language language, struct err *err)
{
  struct logged entry;
  struct buf keep = BUF_INIT;
  int64_t pos = -1, act_pos = -1, province = 0;
  if (!db_int(db, "SELECT value FROM sync_self WHERE name = 'province'", 0, &province, err) ||
      !stream_find_kept(db, act->stream, act->seq, &pos, err) ||
      !stream_find(db, (struct stream){(uint32_t)province, 0}, id_seq(act->id), &act_pos, err))
    return false;
  bool ok = pos < 0 || entry_read(db, pos, &entry, &keep, err);
  const struct name none = {.text = "", .size = 0};
  const struct name action = ok && pos >= 0 ? entry.record.action : none;
  char word[NAME_SIZE_MAX + 1];
  snprintf(word, sizeof word, "%.*s", (int)action.size, action.text);
  if (pos >= 0)
    out_int(out, "pos", pos);
  else
    out_null(out, "pos");
  if (act_pos >= 0)
    out_int(out, "act_pos", act_pos);
  else
    out_null(out, "act_pos");
  out_text(out, "action", word);
  out_text(out, "action_title", describe_action(word, language));
  name_out(out, "recorded_by", ok && pos >= 0 ? &entry.record.actor : &none);
  out_int_or_null(out, "claimed_ms", ok && pos >= 0 ? (int64_t)(entry.record.hlc >> 16) : 0);
  buf_wipe(&keep);
  return ok;
}

bool withheld_out(struct json_out *out, const char *key, struct db *db, struct division_names *names,
                  const struct withholding *act, enum language language, struct err *err)
{
  out_object(out, key);
  out_int(out, "author", act->stream.author);
  out_text(out, "author_name", division_name(names, act->stream.author));
  out_int(out, "lane", act->stream.lane);
  out_int(out, "seq", (int64_t)act->seq);
  out_text(out, "subject", act->subject);
  out_text(out, "no", act->no);
  bool ok = record_out(out, db, act, language, err);
  out_text(out, "rule", act->rule);
  out_text(out, "rule_title", describe_rule(act->rule, language));
  out_text(out, "reason", act->reason);
  out_text(out, "asked_by", act->asked_by);
  out_int(out, "asked_ms", act->asked_ms);
  out_text(out, "decided_by", act->actor);
  out_int(out, "at_ms", act->at_ms);
  out_end(out);
  return ok;
}

struct listing {
  struct json_out *out;
  struct db *db;
  struct division_names names;
  enum language language;
  struct page page;
  struct bookmark next;
  int seen, shown;
  bool more;
  struct err *err;
  bool bad;
};

static void each_act(void *ctx, const struct withholding *act)
{
  struct listing *l = ctx;
  l->seen++;
  if (l->bad || (l->page.after.set && act->id >= l->page.after.id)) return;
  l->more = l->shown == l->page.limit;
  if (l->more) return;
  l->shown++;
  page_keep(&l->page, 0, 0, 0, act->id, "");
  l->bad = !withheld_out(l->out, NULL, l->db, &l->names, act, l->language, l->err);
}

static bool read_withheld(struct web_request *request, struct app *app, struct db *db, struct json_out *out,
                          struct err *err)
{
  struct listing l = {.out = out, .db = db, .language = answer_language(request), .err = err};
  uint32_t branch;
  if (!answer_query_branch(request, app, &branch, err) || !answer_page(request, &l.page, &l.next, err) ||
      !division_names_open(&l.names, db, l.language, err))
    return false;
  out_object(out, NULL);
  out_array(out, "items");
  bool ok = withholding_list(db, branch, each_act, &l, err) && !l.bad;
  out_end(out);
  total_out(out, l.seen);
  l.next.set = l.more;
  next_out(out, &l.next);
  out_end(out);
  division_names_close(&l.names);
  return ok;
}

void get_withheld(struct web_request *request, void *app)
{
  answer_reading(request, app, read_withheld);
}

void get_withheld_workbook(struct web_request *request, void *app)
{
  static const struct list_column columns[] = {
      {"no", "原编号", CELL_TEXT, 24, NULL},           {"subject", "记的是", CELL_TEXT, 22, NULL},
      {"author_name", "作者", CELL_TEXT, 14, NULL},    {"seq", "序号", CELL_INT, 10, NULL},
      {"action", "做了什么", CELL_NAMED, 16, NULL},    {"recorded_by", "经办", CELL_TEXT, 14, NULL},
      {"claimed_ms", "发生", CELL_MS, 20, NULL},       {"rule", "隐去依据", CELL_RULE, 30, NULL},
      {"reason", "理由", CELL_TEXT, 40, NULL},         {"asked_by", "申请人", CELL_TEXT, 14, NULL},
      {"asked_ms", "申请时间", CELL_MS, 20, NULL},     {"decided_by", "决定人", CELL_TEXT, 14, NULL},
      {"at_ms", "隐去时间", CELL_MS, 20, NULL},        {"pos", "总账位置", CELL_INT, 12, NULL},
      {"act_pos", "隐去所在位置", CELL_INT, 14, NULL},
  };
  /* A branch's own store has other places than the log has: author and number name the entry in both. */
  const struct app *where = app;
  const size_t places = where->kind == APP_NODE ? 2 : 0;
  const struct list_sheet sheet = {"依法隐去", "items", columns, sizeof columns / sizeof *columns - places};
  answer_workbook(request, app, read_withheld, &sheet);
}

bool withheld_instead(struct db *db, uint32_t branch, int64_t id, struct err *err)
{
  struct withholding act;
  struct buf keep = BUF_INIT;
  bool found = false;
  char when[30];
  if (!err || err->kind != ERR_MISSING) return false;
  struct err missing = *err;
  err_clear(err);
  if (!withholding_get(db, (struct stream){branch, 0}, id_seq(id), &act, &found, &keep, err)) {
    buf_wipe(&keep);
    return false;
  }
  *err = missing;
  if (found) {
    err_clear(err);
    time_format(when, act.at_ms);
    err_rule(err, ERR_MISSING, "id", "withheld", "%s was withheld by law: %s, %s, by %s", act.no, when,
             describe_rule(act.rule, LANGUAGE_EN), act.actor);
  }
  buf_wipe(&keep);
  return false;
}
