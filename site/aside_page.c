#include "site/aside_page.h"

#include "core/base/changes.h"
#include "core/base/clock.h"
#include "core/base/tx.h"
#include "core/domain/domain.h"
#include "core/domain/security_event.h"
#include "site/division_names.h"
#include "site/edit.h"
#include "site/entry_words.h"
#include "sync/aside.h"
#include "sync/streams.h"

#include <stdio.h>
#include <string.h>

enum { SHOWN = 200, TABLES_SHOWN = 4, MARK_SIZE = 24 };

/* -- what was decided -- */

/* "aside 0123456789abcdef", as the event of a decision begins. */
static void mark_of(char out[MARK_SIZE], const uint8_t hash[HASH_SIZE])
{
  memcpy(out, "aside ", 6);
  hex_encode(out + 6, hash, 8);
}

struct decision {
  bool made;
  int64_t id, at_ms; /* of the event's row, which leads to its entry */
  char actor[NAME_SIZE_MAX + 1], note[201];
};

static bool find_decision(struct db *db, uint32_t site, const uint8_t hash[HASH_SIZE], struct decision *out,
                          struct err *err)
{
  char mark[MARK_SIZE];
  mark_of(mark, hash);
  *out = (struct decision){.made = false};
  struct query q =
      query_open(db,
                 "SELECT id, at_ms, actor, substr(detail, length(?2) + 2) FROM security_event"
                 " WHERE branch = ?1 AND kind = 'handled' AND detail LIKE ?2 || ' %' ORDER BY id LIMIT 1",
                 err);
  query_int(&q, 1, site);
  query_text(&q, 2, mark);
  if (query_row(&q)) {
    out->made = true;
    out->id = column_int(&q, 0);
    out->at_ms = column_int(&q, 1);
    snprintf(out->actor, sizeof out->actor, "%s", column_text(&q, 2));
    snprintf(out->note, sizeof out->note, "%s", column_text(&q, 3));
  }
  return query_close(&q);
}

/* -- the list -- */

struct listing {
  struct app *app;
  struct db *db;
  struct json_out *out;
  struct entry_words words;
  struct division_names names;
  int64_t rows;
  struct err *err;
  bool bad;
};

/* Which tables it changes, each once, in words. */
static void tables_out(struct listing *l, const struct aside_row *row)
{
  struct changes walk = changes_of(row->payload, row->payload ? row->record.payload_size : 0);
  struct change change;
  char seen[TABLES_SHOWN][65] = {""};
  int count = 0;
  out_array(l->out, "tables");
  while (row->payload && count < TABLES_SHOWN && changes_next(&walk, &change, NULL)) {
    int i = 0;
    while (i < count && strcmp(seen[i], change.table) != 0)
      i++;
    if (i < count || strcmp(change.table, "journaled_again") == 0) continue;
    snprintf(seen[count++], sizeof seen[0], "%s", change.table);
    out_text(l->out, NULL, describe_table(change.table, l->words.language));
  }
  out_end(l->out);
}

/* An entry of ours: its place, a row of it for a proof, and where it stands in the log of a province. */
static void place_of(struct listing *l, const char *key, struct stream stream, uint32_t epoch, uint64_t seq)
{
  int64_t pos = -1;
  if (seq && !stream_find(l->db, stream, seq, &pos, l->err)) l->bad = true;
  if (!seq) {
    out_null(l->out, key);
    return;
  }
  out_object(l->out, key);
  out_int(l->out, "epoch", epoch);
  out_int(l->out, "seq", (int64_t)seq);
  out_int(l->out, "row", id_of(epoch, seq, 0));
  if (pos >= 0 && l->app->kind == APP_HUB)
    out_int(l->out, "pos", pos);
  else
    out_null(l->out, "pos");
  out_end(l->out);
}

static void decision_out(struct listing *l, const struct aside_row *row)
{
  struct decision decision;
  const struct stream events = {l->app->code, l->app->kind == APP_HUB ? l->app->code : 0};
  if (!find_decision(l->db, l->app->code, row->hash, &decision, l->err)) l->bad = true;
  if (!decision.made) {
    out_null(l->out, "decided");
    return;
  }
  out_object(l->out, "decided");
  out_text(l->out, "actor", decision.actor);
  out_int(l->out, "at_ms", decision.at_ms);
  out_text(l->out, "note", decision.note);
  place_of(l, "entry", events, id_epoch(decision.id), id_seq(decision.id));
  out_end(l->out);
}

static void name_out(struct json_out *out, const char *key, const struct name *name)
{
  out_textn(out, key, name->text, name->size);
}

static void each_aside(void *ctx, const struct aside_row *row)
{
  struct listing *l = ctx;
  struct buf title = BUF_INIT;
  const struct record *r = &row->record;
  char action[NAME_SIZE_MAX + 1];
  bool own = r->stream.author == l->app->code;
  if (l->bad) return;
  const char *reason = *row->reason || strcmp(row->state, "kept") != 0 ? row->reason : "of_branch";
  snprintf(action, sizeof action, "%.*s", (int)r->action.size, r->action.text);
  if (row->payload && !entry_words_title(&l->words, row->payload, r->payload_size, &title, l->err))
    l->bad = true;
  l->rows++;
  out_object(l->out, NULL);
  out_int(l->out, "id", row->id);
  out_int(l->out, "author", r->stream.author);
  out_text(l->out, "author_name", division_name(&l->names, r->stream.author));
  out_int(l->out, "lane", r->stream.lane);
  out_int(l->out, "epoch", r->epoch);
  out_int(l->out, "seq", (int64_t)r->seq);
  out_hex(l->out, "record_hash", row->hash, HASH_SIZE);
  name_out(l->out, "actor", &r->actor);
  out_text(l->out, "action", action);
  out_text(l->out, "action_title", describe_action(action, l->words.language));
  name_out(l->out, "subject", &r->subject);
  out_text(l->out, "title", title.size && !title.bad ? (const char *)title.data : "");
  tables_out(l, row);
  out_int(l->out, "made_ms", row->made_ms);
  out_int(l->out, "aside_ms", row->aside_ms);
  out_text(l->out, "state", row->state);
  out_text(l->out, "reason", reason);
  out_text(l->out, "reason_title", *reason ? describe_rule(reason, l->words.language) : "");
  place_of(l, "again", r->stream, row->again_epoch, row->again_seq);
  decision_out(l, row);
  out_bool(l->out, "retry", own && row->payload && strcmp(row->state, "kept") == 0);
  out_end(l->out);
  buf_wipe(&title);
}

bool aside_read(struct web_request *request, struct app *app, struct db *db, struct json_out *out,
                struct err *err)
{
  struct listing l = {.app = app, .db = db, .out = out, .err = err};
  struct aside_counts counts;
  enum language language = answer_language(request);
  if (!aside_count(db, &counts, err) || !entry_words_open(&l.words, db, language, err)) return false;
  bool ok = division_names_open(&l.names, db, language, err);
  if (ok) {
    out_object(out, NULL);
    out_array(out, "items");
    ok = aside_list(db, SHOWN, each_aside, &l, err) && !l.bad;
    out_end(out);
    out_int(out, "total", counts.waiting + counts.kept + counts.again);
    out_int(out, "open", counts.waiting + counts.kept);
    out_end(out);
    division_names_close(&l.names);
  }
  entry_words_close(&l.words);
  site_caller(request)->rows = l.rows;
  return ok;
}

/* -- once more -- */

struct found {
  uint8_t hash[HASH_SIZE];
  char place[60];
  bool kept;
  uint64_t again_seq; /* 0: it was not journaled again */
};

static void take_found(void *ctx, const struct aside_row *row)
{
  struct found *found = ctx;
  const struct record *r = &row->record;
  memcpy(found->hash, row->hash, HASH_SIZE);
  found->kept = strcmp(row->state, "kept") == 0;
  found->again_seq = row->again_seq;
  snprintf(found->place, sizeof found->place, "%u/%u %u.%llu", r->stream.author, r->stream.lane, r->epoch,
           (unsigned long long)r->seq);
}

/* What nobody has decided to leave aside. */
static bool find_undecided(struct db *db, uint32_t site, int64_t id, struct found *found, struct err *err)
{
  struct decision decision;
  if (!aside_get(db, id, take_found, found, err) || !find_decision(db, site, found->hash, &decision, err))
    return false;
  if (decision.made)
    return err_rule(err, ERR_CONFLICT, "id", "handled", "%s decided that it stays aside", decision.actor);
  return true;
}

static bool check_kept(const struct found *found, int64_t id, struct err *err)
{
  return found->kept ||
         err_rule(err, ERR_CONFLICT, "id", "not_kept", "entry %lld is not kept aside", (long long)id);
}

void post_aside_retry(struct web_request *request, void *ctx)
{
  struct app *app = ctx;
  struct db *db = NULL;
  struct found found;
  struct aside_retry retry = {.again = false};
  struct json_out out = JSON_OUT_INIT;
  struct err err = ERR_INIT;
  int64_t id;
  bool ok = web_param_int(request, "id", 1, INT64_MAX, &id, &err) && readers_take(app->readers, &db, &err);
  if (ok) {
    ok = find_undecided(db, app->code, id, &found, &err);
    readers_give(app->readers, db);
  }
  if (ok && found.again_seq) /* whose answer was lost */
    retry = (struct aside_retry){.again = true, .seq = found.again_seq};
  else
    ok = ok && check_kept(&found, id, &err) &&
         store_aside_retry(app->store, id, clock_wall_ms(), &retry, &err);
  if (!ok) {
    app_note(app, false, &err);
    answer_err(request, &err);
    return;
  }
  if (retry.again && app->wake) app->wake(app);
  out_object(&out, NULL);
  out_bool(&out, "again", retry.again);
  out_int_or_null(&out, "seq", (int64_t)retry.seq);
  out_text(&out, "reason", retry.reason);
  out_text(&out, "reason_title", *retry.reason ? describe_rule(retry.reason, answer_language(request)) : "");
  out_end(&out);
  answer_out(request, 200, &out);
  buf_wipe(&out.bytes);
}

/* -- or left aside -- */

static bool leave_work(struct tx *tx, struct edit *edit, void *ctx, struct err *err)
{
  const char *note;
  char mark[MARK_SIZE], detail[MARK_SIZE + 400];
  struct found found;
  int64_t id = *(const int64_t *)ctx;
  if (!json_get_text(edit->body, "note", 2, 60, &note, err) ||
      !find_undecided(tx->db, tx->author, id, &found, err) || !check_kept(&found, id, err))
    return false;
  mark_of(mark, found.hash);
  snprintf(detail, sizeof detail, "%s %s", mark, note);
  snprintf(tx->subject, sizeof tx->subject, "%s", found.place);
  if (!security_event_record(tx, "handled", tx->actor, detail, edit->request->peer, 1, err)) return false;
  out_object(&edit->out, NULL);
  out_int(&edit->out, "id", id);
  out_text(&edit->out, "actor", tx->actor);
  out_int(&edit->out, "at_ms", tx->now_ms);
  out_end(&edit->out);
  return true;
}

void post_aside_leave(struct web_request *request, void *app)
{
  static const char *const fields[] = {"note", NULL};
  static const struct edit_plan plan = {.action = ACTION_ENTRY_HANDLE, .fields = fields, .work = leave_work};
  struct err err = ERR_INIT;
  int64_t id;
  if (web_param_int(request, "id", 1, INT64_MAX, &id, &err))
    edit_run(request, app, &plan, &id);
  else
    answer_err(request, &err);
}
