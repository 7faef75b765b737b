#include "program/left_out.h"

#include "core/base/clock.h"
#include "core/base/say.h"
#include "sync/aside.h"
#include "sync/lost_leaf.h"
#include "sync/streams.h"

#include <string.h>

/* One entry of either kind, as both forms show it. */
struct named {
  const struct record *record;
  int64_t made_ms;
  const char *state, *reason, *detail;
};

struct telling {
  json_t *list; /* NULL: at the terminal */
  int64_t shown;
  int runs;           /* of what is lost, */
  int64_t total;      /* and how many entries they are */
  uint32_t of_branch; /* whose holes are its province's word alone, 0: the province's own log */
  uint64_t acked;     /* behind this one */
  bool bad;
};

static void tell_line(const struct named *n)
{
  char at[30];
  const struct record *r = n->record;
  time_format(at, n->made_ms);
  say("%s: entry %llu of %u/%u, %.*s by %.*s at %s%s%s%s%s\n", n->state, (unsigned long long)r->seq,
      r->stream.author, r->stream.lane, (int)r->action.size, r->action.text, (int)r->actor.size,
      r->actor.text, at, *n->reason ? ": " : "", n->reason, *n->detail ? ", " : "", n->detail);
}

static json_t *as_json(const struct named *n)
{
  const struct record *r = n->record;
  return json_pack("{s:s, s:I, s:I, s:I, s:I, s:s%, s:s%, s:I, s:s, s:s}", "state", n->state, "author",
                   (json_int_t)r->stream.author, "lane", (json_int_t)r->stream.lane, "epoch",
                   (json_int_t)r->epoch, "seq", (json_int_t)r->seq, "action", r->action.text, r->action.size,
                   "actor", r->actor.text, r->actor.size, "made_ms", (json_int_t)n->made_ms, "reason",
                   n->reason, "detail", n->detail);
}

static void add(struct telling *t, const struct named *n)
{
  t->shown++;
  if (!t->list)
    tell_line(n);
  else if (json_array_append_new(t->list, as_json(n)) != 0)
    t->bad = true;
}

static bool not_entered(struct db *db, struct telling *t, int64_t *total, struct err *err)
{
  struct buf keep = BUF_INIT;
  bool ok = db_int(db, "SELECT count(*) FROM sync_quarantine WHERE state <> 'done' /* scan: what is wrong */",
                   0, total, err);
  struct query q =
      query_open(db,
                 "SELECT pos, state, reason, detail FROM sync_quarantine WHERE state <> 'done'"
                 " ORDER BY state DESC, pos DESC LIMIT ?1 /* scan: what is wrong, not what is right */",
                 err);
  query_int(&q, 1, LEFT_OUT_SHOWN);
  while (ok && query_row(&q)) {
    struct logged entry;
    ok = entry_read(db, column_int(&q, 0), &entry, &keep, err);
    if (!ok) break;
    const struct named named = {.record = &entry.record,
                                .made_ms = hlc_ms(entry.record.hlc),
                                .state = strcmp(column_text(&q, 1), "waiting") == 0 ? "waits" : "refused",
                                .reason = column_text(&q, 2),
                                .detail = column_text(&q, 3)};
    add(t, &named);
  }
  buf_wipe(&keep);
  return query_close(&q) && ok;
}

static void each_aside(void *ctx, const struct aside_row *row)
{
  const struct named named = {.record = &row->record,
                              .made_ms = row->made_ms,
                              .state =
                                  strcmp(row->state, "waiting") == 0 ? "put aside, waits" : "put aside, kept",
                              .reason = row->reason,
                              .detail = ""};
  if (strcmp(row->state, "again") != 0) add(ctx, &named);
}

static bool put_aside(struct db *db, struct telling *t, int64_t *total, struct err *err)
{
  struct aside_counts counts;
  if (!aside_count(db, &counts, err)) return false;
  *total = counts.waiting + counts.kept;
  return aside_list(db, LEFT_OUT_SHOWN, each_aside, t, err);
}

/* Runs of them; shown counts the entries in those that are. */
static bool each_run(void *ctx, const struct lost_run *run, struct err *err)
{
  struct telling *t = ctx;
  (void)err;
  t->total += (int64_t)run->count;
  if (t->runs++ >= LEFT_OUT_SHOWN) return true;
  t->shown += (int64_t)run->count;
  const uint64_t last = run->first_seq + run->count - 1;
  const bool word = t->of_branch && run->stream.author == t->of_branch && last > t->acked;
  if (!t->list)
    say("lost: entries %llu to %llu of %u/%u: %s, and nobody has what they said\n",
        (unsigned long long)run->first_seq, (unsigned long long)last, run->stream.author, run->stream.lane,
        word ? "the province says that its log has their hashes" : "the log has their hashes");
  else if (json_array_append_new(t->list, json_pack("{s:I, s:I, s:I, s:I, s:b}", "author",
                                                    (json_int_t)run->stream.author, "lane",
                                                    (json_int_t)run->stream.lane, "first_seq",
                                                    (json_int_t)run->first_seq, "count",
                                                    (json_int_t)run->count, "word", word)) != 0)
    t->bad = true;
  return true;
}

/* Of its own stream a branch has no proof behind the newest receipt. */
static bool whose_word(struct db *db, struct telling *t, struct err *err)
{
  int64_t author = 0, province = 0, received_ms = 0;
  if (!db_int(db, "SELECT value FROM sync_self WHERE name = 'author'", 0, &author, err) ||
      !db_int(db, "SELECT value FROM sync_self WHERE name = 'province'", 0, &province, err))
    return false;
  t->of_branch = author == province ? 0 : (uint32_t)author;
  return stream_acked(db, (struct stream){.author = (uint32_t)author}, &t->acked, &received_ms, err);
}

static bool lost(struct db *db, struct telling *t, int64_t *total, struct err *err)
{
  bool ok = whose_word(db, t, err) && lost_leaf_runs(db, false, each_run, t, err);
  *total = t->total;
  return ok;
}

static void tell_rest(int64_t total, int64_t shown, const char *what)
{
  if (total > shown) say("and %lld more %s\n", (long long)(total - shown), what);
}

bool left_out_tell(struct db *db, struct err *err)
{
  struct telling entered = {.list = NULL}, aside = {.list = NULL}, gone = {.list = NULL};
  int64_t total = 0;
  if (!not_entered(db, &entered, &total, err)) return false;
  tell_rest(total, entered.shown, "that are not entered");
  if (!put_aside(db, &aside, &total, err)) return false;
  tell_rest(total, aside.shown, "that are put aside");
  if (!lost(db, &gone, &total, err)) return false;
  tell_rest(total, gone.shown, "that are lost");
  return true;
}

bool left_out_json(struct db *db, json_t *object, struct err *err)
{
  struct telling entered = {.list = json_array()}, aside = {.list = json_array()},
                 gone = {.list = json_array()};
  int64_t entered_total = 0, aside_total = 0, lost_total = 0;
  bool ok = entered.list && aside.list && gone.list && not_entered(db, &entered, &entered_total, err) &&
            put_aside(db, &aside, &aside_total, err) && lost(db, &gone, &lost_total, err);
  bool kept = json_object_set_new(object, "not_entered", entered.list) == 0 &&
              json_object_set_new(object, "put_aside", aside.list) == 0 &&
              json_object_set_new(object, "lost", gone.list) == 0 &&
              json_object_set_new(object, "lost_total", json_integer(lost_total)) == 0 &&
              json_object_set_new(object, "not_entered_total", json_integer(entered_total)) == 0 &&
              json_object_set_new(object, "put_aside_total", json_integer(aside_total)) == 0;
  if (!ok) return false;
  return (kept && !entered.bad && !aside.bad && !gone.bad) || err_set(err, ERR_IO, "out of memory");
}
