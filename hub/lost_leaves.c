#include "hub/lost_leaves.h"

#include "core/base/clock.h"
#include "core/base/log.h"
#include "core/domain/describe.h"
#include "core/domain/score.h"
#include "core/domain/security_event.h"
#include "hub/audit_index.h"
#include "sync/lost_said.h"
#include "sync/store_log.h"

#include <stdlib.h>
#include <string.h>

_Static_assert(sizeof LOST_LEAF_ACTION == sizeof ACTION_ENTRY_LOST, "one word for both floors");

enum { SAID_A_TURN = 100 };

/* One of the two things there are to say. */
struct saying {
  struct app *app;
  const char *kind, *action;
  struct lost_said said; /* by the log */
  int64_t now_ms;
  int turn;
};

static bool read_said(struct saying *s, struct db *db, struct err *err)
{
  struct query q = query_open(db,
                              "SELECT detail FROM security_event WHERE branch = ?1 AND kind = ?2"
                              " /* scan: at start, and when what was lost turned up */",
                              err);
  query_int(&q, 1, s->app->code);
  query_text(&q, 2, s->kind);
  while (query_row(&q))
    lost_said_text(&s->said, column_text(&q, 0));
  return query_close(&q) && (!s->said.bad || err_set(err, ERR_IO, "out of memory for what is lost"));
}

static bool is_said(const struct saying *s, const struct lost_run *run)
{
  for (uint64_t i = 0; i < run->count; i++)
    if (!lost_said_covers(&s->said, run->stream, run->first_seq + i)) return false;
  return true;
}

struct event {
  const char *kind;
  int64_t count;
};

static bool record(struct tx *tx, void *ctx, struct err *err)
{
  const struct event *event = ctx;
  return security_event_record(tx, event->kind, "system", tx->subject, "", event->count, err);
}

static bool say_run(void *ctx, const struct lost_run *run, struct err *err)
{
  struct saying *s = ctx;
  char subject[LOST_SUBJECT_SIZE];
  struct event event = {s->kind, (int64_t)run->count};
  if (s->turn >= SAID_A_TURN || is_said(s, run)) return true;
  lost_subject(subject, run);
  const struct act act = {
      .actor = "system", .role = "system", .action = s->action, .subject = subject, .now_ms = s->now_ms};
  s->turn++;
  log_warning("%s: %s", s->kind, subject);
  return app_commit(s->app, &act, record, &event, NULL, err);
}

/* The index had only their places; and what was made of prices and ratings was made without theirs, though
 * none is newer than what was counted. */
static bool count_anew(struct tx *tx, void *ctx, struct err *err)
{
  return audit_index_forget(tx, ctx, err) && score_forget(tx, err);
}

static bool say(struct app *app, struct db *db, bool found, int *turn, struct err *err)
{
  struct saying s = {.app = app,
                     .kind = found ? "entry_found" : "entry_lost",
                     .action = found ? ACTION_ENTRY_FOUND : ACTION_ENTRY_LOST,
                     .now_ms = clock_wall_ms()};
  bool ok = read_said(&s, db, err) && lost_leaf_runs(db, found, say_run, &s, err);
  *turn += s.turn;
  if (ok && found && s.turn) ok = app_local(app, count_anew, NULL, err);
  lost_said_wipe(&s.said);
  return ok;
}

bool lost_leaves_say(struct lost_leaves *state, struct app *app, struct db *db, struct err *err)
{
  int64_t found = 0, any = 0;
  int turn = 0;
  if (!db_int(db, "SELECT count(*) FROM sync_lost_leaf WHERE found_ms > 0", 0, &found, err)) return false;
  if (state->named && state->found == found) return true;
  if (!db_int(db, "SELECT EXISTS(SELECT 1 FROM sync_lost_leaf)", 0, &any, err)) return false;
  bool ok = !any || (store_vouch(app->store, err) && say(app, db, false, &turn, err) &&
                     (found == 0 || say(app, db, true, &turn, err)));
  state->named = ok && turn < SAID_A_TURN;
  state->found = found;
  return ok;
}
