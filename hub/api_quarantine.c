/* Entries that are in the log and not in the tables: why, what releases them, and who has dealt with them.
 *
 * An entry that waits is applied by itself once this program is newer; nobody can hurry it.  A refused one
 * stays out for ever: its branch was told (told.h) and records what was meant anew.  That somebody at the
 * province looked into it is an act of its own, an entry with the action entry.handle whose subject is the
 * position. */
#include "core/base/clock.h"
#include "core/domain/domain.h"
#include "core/domain/security_event.h"
#include "hub/api.h"
#include "hub/audit_reads.h"
#include "hub/trail.h"
#include "site/aside_page.h"
#include "site/edit.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct handling {
  bool done;
  int64_t pos, at_ms; /* of the act */
  char actor[80];
};

/* The act is found by its subject in the index, so it is there again after a rebuild.  It is the province's:
 * a branch can sign an entry that calls itself the same. */
static bool find_handling(struct db *db, uint32_t province, int64_t pos, struct handling *out,
                          struct err *err)
{
  char subject[24];
  snprintf(subject, sizeof subject, "%" PRId64, pos);
  *out = (struct handling){.done = false};
  struct query q = query_open(db,
                              "SELECT pos, claimed_ms, actor FROM audit WHERE action = ?1 AND subject = ?2"
                              " AND author = ?3 ORDER BY pos LIMIT 1",
                              err);
  query_text(&q, 1, ACTION_ENTRY_HANDLE);
  query_text(&q, 2, subject);
  query_int(&q, 3, province);
  if (query_row(&q)) {
    out->done = true;
    out->pos = column_int(&q, 0);
    out->at_ms = column_int(&q, 1);
    snprintf(out->actor, sizeof out->actor, "%s", column_text(&q, 2));
  }
  return query_close(&q);
}

/* One row of the quarantine; texts are copied, for the trail's own queries run between. */
struct held {
  int64_t pos, at_ms;
  bool waits;
  char reason[49], detail[256];
};

static void held_members_out(struct json_out *out, const struct held *held, const struct handling *handling,
                             enum language language)
{
  out_bool(out, "waits", held->waits);
  out_text(out, "reason_title", describe_rule(held->reason, language));
  out_text(out, "detail", held->detail);
  out_int(out, "at_ms", held->at_ms);
  if (!handling->done) {
    out_null(out, "handled");
    return;
  }
  out_object(out, "handled");
  out_int(out, "pos", handling->pos);
  out_int(out, "at_ms", handling->at_ms);
  out_text(out, "actor", handling->actor);
  out_end(out);
}

struct writing {
  struct trail trail;
  uint32_t province;
  const struct held *held;
  const struct handling *handling;
};

/* How many of its stream wait behind one that waits, each for those before it. */
static int64_t behind_of(struct trail *trail, bool waits)
{
  struct head head = {.seq = 0};
  const struct record *record = &trail->entry.record;
  if (!waits) return 0;
  if (!stream_head(trail->db, record->stream, &head, trail->err)) trail->bad = true;
  return head.seq > record->seq ? (int64_t)(head.seq - record->seq) : 0;
}

static void write_held(void *ctx, const struct audit_row *row)
{
  struct writing *w = ctx;
  struct trail *trail = &w->trail;
  if (trail->bad) return;
  if (!entry_read(trail->db, row->pos, &trail->entry, &trail->keep, trail->err)) {
    trail->bad = true;
    return;
  }
  out_object(trail->out, NULL);
  trail_members_out(trail, row);
  held_members_out(trail->out, w->held, w->handling, trail->words.language);
  out_int(trail->out, "schema", trail->entry.record.schema);
  out_int(trail->out, "behind", behind_of(trail, w->held->waits));
  out_end(trail->out);
}

static bool one_out(struct writing *w, struct db *db, const struct held *held, struct err *err)
{
  struct handling handling;
  struct err none = ERR_INIT;
  if (!find_handling(db, w->province, held->pos, &handling, err)) return false;
  w->held = held;
  w->handling = &handling;
  bool ok = audit_get(db, held->pos, write_held, w, &none) && !w->trail.bad;
  if (!ok && none.kind == ERR_MISSING) return true; /* a moment ahead of the index */
  if (!ok && !w->trail.bad) *err = none;
  w->trail.rows += ok;
  return ok;
}

/* What waits first, then what was refused; the newest of each first. */
static bool list_held(struct db *db, const struct page *page, struct held **list, size_t *count,
                      struct err *err)
{
  const struct bookmark *after = &page->after;
  int shown = 0;
  *count = 0;
  *list = calloc((size_t)page->limit, sizeof **list);
  if (!*list) return err_set(err, ERR_IO, "no memory for the quarantine");
  struct query q = query_open(db,
                              "SELECT pos, state = 'waiting', reason, detail, at_ms FROM sync_quarantine"
                              " WHERE state <> 'done' AND (?2 = 0 OR (state = 'waiting') < ?3 OR"
                              " ((state = 'waiting') = ?3 AND pos < ?4))"
                              " ORDER BY state = 'waiting' DESC, pos DESC LIMIT ?1"
                              " /* scan: what is wrong, not what is right */",
                              err);
  query_int(&q, 1, page_rows(page));
  query_int(&q, 2, after->set);
  query_int(&q, 3, after->first);
  query_int(&q, 4, after->id);
  while (page_row(page, &q, &shown)) {
    struct held *held = &(*list)[(*count)++];
    held->pos = column_int(&q, 0);
    held->waits = column_int(&q, 1) != 0;
    snprintf(held->reason, sizeof held->reason, "%s", column_text(&q, 2));
    snprintf(held->detail, sizeof held->detail, "%s", column_text(&q, 3));
    held->at_ms = column_int(&q, 4);
    page_keep(page, held->waits, 0, 0, held->pos, "");
  }
  return query_close(&q);
}

static bool read_quarantine(struct web_request *request, struct app *app, struct db *db, struct json_out *out,
                            struct err *err)
{
  struct writing w = {.province = app->code};
  struct held *list = NULL;
  size_t count = 0;
  int64_t total = 0;
  struct page page;
  struct bookmark next;
  if (!answer_page(request, &page, &next, err) || !list_held(db, &page, &list, &count, err) ||
      !db_int(db, "SELECT count(*) FROM sync_quarantine WHERE state <> 'done' /* scan: as above */", 0,
              &total, err)) {
    free(list);
    return false;
  }
  bool ok = trail_open(&w.trail, request, db, out, err);
  out_object(out, NULL);
  out_int(out, "schema", domain_schema_number());
  out_array(out, "items");
  for (size_t i = 0; ok && i < count; i++)
    ok = one_out(&w, db, &list[i], err);
  out_end(out);
  total_out(out, total);
  next_out(out, &next);
  out_end(out);
  site_caller(request)->rows = w.trail.rows;
  trail_close(&w.trail);
  free(list);
  return ok;
}

void hub_get_quarantine(struct web_request *request, void *app)
{
  answer_trail(request, app, read_quarantine);
}

void hub_get_quarantine_workbook(struct web_request *request, void *app)
{
  static const struct list_column columns[] = {
      {"pos", "总账位置", CELL_INT, 12, NULL},
      {"state", "结论", CELL_SITE, 12, NULL},
      {"author_name", "作者", CELL_TEXT, 14, NULL},
      {"author", "作者代码", CELL_TEXT, 10, NULL},
      {"seq", "序号", CELL_INT, 10, NULL},
      {"actor", "经办", CELL_TEXT, 14, NULL},
      {"action", "做了什么", CELL_NAMED, 16, NULL},
      {"title", "内容", CELL_TEXT, 40, NULL},
      {"reason_title", "原因", CELL_TEXT, 30, NULL},
      {"detail", "细节", CELL_TEXT, 50, NULL},
      {"at_ms", "发现于", CELL_MS, 20, NULL},
      {"handled.actor", "谁处理", CELL_TEXT, 14, NULL},
      {"handled.at_ms", "处理于", CELL_MS, 20, NULL},
      {"handled.pos", "处理的记录", CELL_INT, 12, NULL},
  };
  static const struct list_sheet sheet = {"没有记进的", "items", columns, sizeof columns / sizeof *columns};
  answer_workbook(request, app, read_quarantine, &sheet);
}

/* -- what the province put aside of its own log -- */

void hub_get_aside(struct web_request *request, void *app)
{
  answer_trail(request, app, aside_read);
}

/* -- the act -- */

/* Was it dealt with a moment ago?  The index is filled behind the commit, and the row is there with it. */
static bool find_row(struct db *db, uint32_t province, int64_t pos, struct handling *out, struct err *err)
{
  struct query q =
      query_open(db,
                 "SELECT actor FROM security_event WHERE branch = ?1 AND kind = 'handled'"
                 " AND detail >= 'entry ' || ?2 || ' ' AND detail < 'entry ' || ?2 || '!' LIMIT 1",
                 err);
  query_int(&q, 1, province);
  query_int(&q, 2, pos);
  if (query_row(&q)) {
    out->done = true;
    snprintf(out->actor, sizeof out->actor, "%s", column_text(&q, 0));
  }
  return query_close(&q);
}

static bool check_refused(struct db *db, uint32_t province, int64_t pos, struct err *err)
{
  struct handling handling;
  char state[12] = "";
  struct query q = query_open(db, "SELECT state FROM sync_quarantine WHERE pos = ?1", err);
  query_int(&q, 1, pos);
  if (query_row(&q)) snprintf(state, sizeof state, "%s", column_text(&q, 0));
  if (!query_close(&q) || !find_handling(db, province, pos, &handling, err) ||
      (!handling.done && !find_row(db, province, pos, &handling, err)))
    return false;
  if (strcmp(state, "waiting") == 0)
    return err_rule(err, ERR_CONFLICT, "pos", "waits",
                    "entry %" PRId64 " waits for a newer program and is then applied by itself", pos);
  if (strcmp(state, "refused") != 0)
    return err_rule(err, ERR_MISSING, "pos", "not_found", "entry %" PRId64 " is not in the quarantine", pos);
  return !handling.done ||
         err_rule(err, ERR_CONFLICT, "pos", "handled", "%s has dealt with it already", handling.actor);
}

static bool handle_work(struct tx *tx, struct edit *edit, void *ctx, struct err *err)
{
  const char *note;
  char detail[300];
  int64_t pos = *(const int64_t *)ctx;
  if (!json_get_text(edit->body, "note", 2, 60, &note, err) || !check_refused(tx->db, tx->author, pos, err))
    return false;
  snprintf(tx->subject, sizeof tx->subject, "%" PRId64, pos);
  snprintf(detail, sizeof detail, "entry %" PRId64 " %s", pos, note);
  if (!security_event_record(tx, "handled", tx->actor, detail, edit->request->peer, 1, err)) return false;
  out_object(&edit->out, NULL);
  out_int(&edit->out, "pos", pos);
  out_text(&edit->out, "actor", tx->actor);
  out_int(&edit->out, "at_ms", tx->now_ms);
  out_end(&edit->out);
  return true;
}

void hub_post_handled(struct web_request *request, void *app)
{
  static const char *const fields[] = {"note", NULL};
  static const struct edit_plan plan = {.action = ACTION_ENTRY_HANDLE, .fields = fields, .work = handle_work};
  struct err err = ERR_INIT;
  int64_t pos;
  if (web_param_int(request, "pos", 0, INT64_MAX, &pos, &err))
    edit_run(request, app, &plan, &pos);
  else
    answer_err(request, &err);
}
