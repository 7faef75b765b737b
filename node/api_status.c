/* The node's state in one look, and everything about its line. */
#include "core/base/clock.h"
#include "core/base/json.h"
#include "core/domain/contact.h"
#include "core/domain/describe.h"
#include "core/domain/domain.h"
#include "core/domain/heard.h"
#include "core/domain/refusal.h"
#include "node/api.h"
#include "node/node.h"
#include "node/pending.h"
#include "program/clock_watch.h"
#include "site/edit.h"
#include "site/entry_words.h"
#include "site/routes.h"
#include "sync/lost_leaf.h"
#include "sync/streams.h"

#include <stdio.h>
#include <string.h>

enum {
  SYNCING_MS = 10 * 1000, /* what waits no longer than this is on its way, not stuck */
  PENDING_SHOWN = 100,
  CONTACTS_SHOWN = 50,
  SETTLED_SHOWN = 20,
  LOST_SHOWN = 20 /* runs */
};

struct state {
  struct node_link link;
  struct trouble trouble; /* of the disk */
  struct trouble said;    /* why nothing can be saved, whatever the reason; or that the clock is wrong */
  uint64_t pending_after;
  struct backlog pending;
  uint64_t acked;
  int64_t received_ms;
  int64_t refused;
  int64_t later; /* own prices of a day that has not come */
  bool frozen;
  bool writable;
  const char *word;
  int64_t since_ms;
};

/* Worst first: needs a person, no line, not known, waiting, on its way, all there. */
static void judge(struct state *s, const struct app *app, int64_t now_ms)
{
  bool wait = s->pending.count > 0;
  bool late = wait && now_ms - s->pending.oldest_ms > SYNCING_MS;
  if (*s->trouble.rule || s->said.off_ms || s->frozen || s->refused || *s->link.stall_rule) {
    s->word = "attention";
    s->since_ms = *s->trouble.rule ? s->trouble.since_ms : 0;
  } else if (s->link.state == LINK_DOWN) {
    s->word = "offline";
    s->since_ms = s->link.since_ms;
  } else if (s->link.state == LINK_UNKNOWN) {
    s->word = "unknown";
    s->since_ms = app->started_ms;
  } else if (late) {
    s->word = "pending";
    s->since_ms = s->pending.oldest_ms;
  } else if (wait || !s->writable) {
    s->word = "syncing";
    s->since_ms = s->pending.oldest_ms;
  } else {
    s->word = "synced";
    s->since_ms = s->link.last_contact_ms;
  }
}

static bool gather(struct state *s, struct app *app, struct db *db, int64_t now_ms, struct err *err)
{
  const struct stream own = {app->code, 0};
  memset(s, 0, sizeof *s);
  node_link_get(node_of(app), &s->link);
  app_trouble(app, &s->trouble);
  site_trouble(app, &s->said);
  s->writable = !*s->said.rule;
  if (s->writable) clock_trouble(app, now_ms, &s->said);
  if (!stream_acked(db, own, &s->acked, &s->received_ms, err) ||
      !pending_look(db, &app->identity, s->acked, &s->pending_after, &s->pending, err) ||
      !stream_frozen(db, own, &s->frozen, err) || !refusal_count(db, app->code, &s->refused, err) ||
      !price_count_later(db, app->code, clock_province_day(app, now_ms), &s->later, err))
    return false;
  judge(s, app, now_ms);
  return true;
}

static void link_out(struct json_out *out, const struct node_link *link)
{
  static const char *const words[] = {[LINK_UNKNOWN] = "unknown", [LINK_UP] = "up", [LINK_DOWN] = "down"};
  out_object(out, "link");
  out_text(out, "state", words[link->state]);
  out_int_or_null(out, "since_ms", link->since_ms);
  out_int_or_null(out, "last_contact_ms", link->last_contact_ms);
  out_int_or_null(out, "next_try_ms", link->next_try_ms);
  out_text_or_null(out, "error", link->state == LINK_UP ? link->stall : link->error);
  out_text_or_null(out, "stall", link->stall_rule);
  out_end(out);
}

static bool read_status(struct web_request *request, struct app *app, struct db *db, struct json_out *out,
                        struct err *err)
{
  struct state s;
  int64_t now_ms = clock_wall_ms(), rev, at_ms, products;
  enum unheard unheard;
  (void)request;
  if (!gather(&s, app, db, now_ms, err) || !catalogue_state(db, &rev, &at_ms, &products, err) ||
      !heard_look(db, &unheard, err))
    return false;
  out_object(out, NULL);
  out_text(out, "kind", "node");
  out_int(out, "code", app->code);
  if (!site_name_out(app, db, out, err)) return false;
  out_text(out, "version", SUNLIT_VERSION);
  out_int(out, "schema", domain_schema_number());
  out_int(out, "now_ms", now_ms);
  out_text(out, "state", s.word);
  out_int_or_null(out, "since_ms", s.since_ms);
  trouble_out(out, &s.said);
  link_out(out, &s.link);
  out_int(out, "pending", (int64_t)s.pending.count);
  out_int_or_null(out, "oldest_pending_ms", s.pending.oldest_ms);
  out_int(out, "refused", s.refused);
  out_int(out, "later", s.later);
  out_text_or_null(out, "unheard", heard_word(unheard));
  out_object(out, "catalogue");
  out_int(out, "rev", rev);
  out_int_or_null(out, "at_ms", at_ms);
  out_int(out, "products", products);
  out_end(out);
  out_end(out);
  return true;
}

void node_get_status(struct web_request *request, void *app)
{
  answer_reading(request, app, read_status);
}

/* -- the sync page -- */

static void name_out(struct json_out *out, const char *key, struct name name)
{
  out_textn(out, key, name.text ? name.text : "", name.size);
}

static bool pending_item_out(struct json_out *out, struct db *db, const struct entry_words *words,
                             int64_t pos, struct err *err)
{
  struct logged entry;
  struct buf keep = BUF_INIT, title = BUF_INIT;
  bool ok = entry_read(db, pos, &entry, &keep, err);
  if (ok && entry.payload)
    ok = entry_words_title(words, entry.payload, entry.record.payload_size, &title, err);
  if (ok) {
    out_object(out, NULL);
    out_int(out, "seq", (int64_t)entry.record.seq);
    name_out(out, "action", entry.record.action);
    name_out(out, "subject", entry.record.subject);
    out_text(out, "title", title.size ? (const char *)title.data : "");
    name_out(out, "actor", entry.record.actor);
    out_int(out, "at_ms", hlc_ms(entry.record.hlc));
    out_end(out);
  }
  buf_wipe(&keep);
  buf_wipe(&title);
  return ok;
}

static bool pending_out(struct json_out *out, struct app *app, struct db *db, const struct state *s,
                        const struct entry_words *words, struct err *err)
{
  const struct stream own = {app->code, 0};
  out_object(out, "pending");
  out_int(out, "count", (int64_t)s->pending.count);
  out_int(out, "bytes", (int64_t)s->pending.bytes);
  out_array(out, "items");
  uint64_t last = s->pending_after + (s->pending.count < PENDING_SHOWN ? s->pending.count : PENDING_SHOWN);
  for (uint64_t seq = s->pending_after + 1; seq <= last; seq++) {
    int64_t pos = -1;
    if (!stream_find_kept(db, own, seq, &pos, err)) return false;
    if (pos >= 0 && !pending_item_out(out, db, words, pos, err)) return false;
  }
  out_end(out);
  out_end(out);
  return true;
}

/* What a refusal's page needs of the refused row itself. */
struct refused_row {
  int64_t product, at_ms;
  char actor[64];
  char name_en[200];
};

static void note_price(void *ctx, const struct price_row *row)
{
  struct refused_row *to = ctx;
  to->product = row->product;
  to->at_ms = row->at_ms;
  snprintf(to->actor, sizeof to->actor, "%s", row->actor);
  snprintf(to->name_en, sizeof to->name_en, "%s", row->product_name_en);
}

struct refusals_out {
  struct json_out *out;
  struct db *db;
  struct err *err;
  enum language language;
  bool bad;
};

/* Of refused entries: which kind of record, which of its fields the province could not take, and their
 * numbers when it is about more than one (hub/told.h). */
static void which_out(struct json_out *out, const struct refusal *row, enum language language)
{
  json_t *detail = json_parse(row->detail, strlen(row->detail), NULL);
  const char *table = json_string_value(json_object_get(detail, "table"));
  const char *column = json_string_value(json_object_get(detail, "column"));
  const char *entries = json_string_value(json_object_get(detail, "entries"));
  json_int_t count = json_integer_value(json_object_get(detail, "count"));
  char which[1600] = "";
  if (table && *table)
    snprintf(which, sizeof which, "%s%s%s", describe_table(table, language), column && *column ? "·" : "",
             column && *column ? describe_column(table, column, language) : "");
  size_t n = strlen(which);
  if (entries && count > 1)
    snprintf(which + n, sizeof which - n,
             language == LANGUAGE_ZH ? "%s第 %.1300s 号，共 %lld 条" : "%sentries %.1300s, %lld in all",
             n ? "; " : "", entries, (long long)count);
  out_text_or_null(out, "which", which);
  json_decref(detail);
}

static void each_refusal(void *ctx, const struct refusal *row)
{
  struct refusals_out *to = ctx;
  struct json_out *out = to->out;
  struct refused_row refused = {.product = 0};
  struct err why = ERR_INIT;
  if (strcmp(row->subject_table, "price") == 0 &&
      !price_get(to->db, row->branch, row->subject_id, note_price, &refused, &why) &&
      why.kind != ERR_MISSING) {
    if (!to->bad) *to->err = why;
    to->bad = true;
  }
  out_object(out, NULL);
  out_int(out, "id", row->id);
  out_text_or_null(out, "no", row->no);
  out_text(out, "title", row->title);
  out_text(out, "title_en", refused.name_en);
  out_text(out, "rule", row->rule);
  out_stored_object(out, "detail", row->detail);
  out_text(out, "rule_title", describe_rule(row->rule, to->language));
  which_out(out, row, to->language);
  out_text(out, "by", "province");
  out_int(out, "at_ms", row->at_ms);
  out_bool(out, "kept", true);
  out_text(out, "subject_table", row->subject_table);
  out_int(out, "subject_id", row->subject_id);
  out_int_or_null(out, "product", refused.product);
  out_bool(out, "handled", row->settled);
  out_text_or_null(out, "actor", refused.actor);
  out_int_or_null(out, "recorded_ms", refused.at_ms);
  out_end(out);
}

static bool refused_out(struct json_out *out, struct app *app, struct db *db, enum language language,
                        struct err *err)
{
  struct refusals_out to = {.out = out, .db = db, .err = err, .language = language};
  out_array(out, "refused");
  bool ok = refusal_list(db, app->code, REFUSAL_OPEN, REFUSALS_ALL, each_refusal, &to, err) &&
            refusal_list(db, app->code, REFUSAL_SETTLED, SETTLED_SHOWN, each_refusal, &to, err) && !to.bad;
  out_end(out);
  return ok;
}

static void each_contact(void *ctx, const struct contact *row)
{
  struct json_out *out = ctx;
  out_object(out, NULL);
  out_int(out, "at_ms", row->at_ms);
  out_text(out, "kind", row->kind);
  out_int(out, "ms", row->took_ms);
  out_int(out, "sent", row->sent);
  out_int(out, "got", row->got);
  out_int(out, "refused", row->refused);
  out_text(out, "detail", row->detail);
  out_end(out);
}

struct lost_out {
  struct json_out *out;
  int64_t total, runs;
};

static bool each_lost(void *ctx, const struct lost_run *run, struct err *err)
{
  struct lost_out *lost = ctx;
  (void)err;
  lost->total += (int64_t)run->count;
  if (lost->runs++ >= LOST_SHOWN) return true;
  out_object(lost->out, NULL);
  out_int(lost->out, "author", run->stream.author);
  out_int(lost->out, "lane", run->stream.lane);
  out_int(lost->out, "first_seq", (int64_t)run->first_seq);
  out_int(lost->out, "count", (int64_t)run->count);
  out_end(lost->out);
  return true;
}

/* The holes that verify and status count (docs/decisions/0220). */
static bool lost_out(struct json_out *out, struct db *db, struct err *err)
{
  struct lost_out lost = {.out = out};
  out_object(out, "lost");
  out_array(out, "runs");
  if (!lost_leaf_runs(db, false, each_lost, &lost, err)) return false;
  out_end(out);
  out_int(out, "runs_total", lost.runs);
  out_int(out, "total", lost.total);
  out_end(out);
  return true;
}

static bool write_sync(struct app *app, struct db *db, const struct entry_words *words, struct json_out *out,
                       struct err *err)
{
  struct state s;
  int64_t now_ms = clock_wall_ms();
  if (!gather(&s, app, db, now_ms, err)) return false;
  out_object(out, NULL);
  out_int(out, "now_ms", now_ms);
  out_text(out, "state", s.word);
  trouble_out(out, &s.said);
  link_out(out, &s.link);
  if (!pending_out(out, app, db, &s, words, err) || !refused_out(out, app, db, words->language, err))
    return false;
  if (!lost_out(out, db, err)) return false;
  out_array(out, "contacts");
  if (!contact_list(db, CONTACTS_SHOWN, each_contact, out, err)) return false;
  out_end(out);
  out_object(out, "certificate");
  out_int_or_null(out, "until_ms", s.link.certificate_until_ms);
  out_end(out);
  out_end(out);
  return true;
}

static bool read_sync(struct web_request *request, struct app *app, struct db *db, struct json_out *out,
                      struct err *err)
{
  struct entry_words words;
  if (!entry_words_open(&words, db, answer_language(request), err)) return false;
  bool ok = write_sync(app, db, &words, out, err);
  entry_words_close(&words);
  return ok;
}

void node_get_sync(struct web_request *request, void *app)
{
  answer_reading(request, app, read_sync);
}

void node_post_retry(struct web_request *request, void *app)
{
  struct json_out out = JSON_OUT_INIT;
  node_retry(node_of(app));
  out_object(&out, NULL);
  out_bool(&out, "asked", true);
  out_end(&out);
  answer_out(request, 200, &out);
}
