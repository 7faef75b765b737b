#include "hub/lost_leaves.h"

#include "core/base/clock.h"
#include "core/base/log.h"
#include "core/domain/describe.h"
#include "core/domain/security_event.h"
#include "sync/lost_said.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

_Static_assert(sizeof LOST_LEAF_ACTION == sizeof ACTION_ENTRY_LOST, "one word for both floors");

enum { SAID_A_TURN = 100 };

struct saying {
  struct app *app;
  struct db *db;
  int64_t now_ms;
  int said;
};

static bool is_said(struct saying *s, const char *subject, bool *said, struct err *err)
{
  struct query q = query_open(s->db,
                              "SELECT 1 FROM security_event WHERE branch = ?1 AND kind = 'entry_lost'"
                              " AND detail = ?2 /* scan: after a rebuilding over lost leaves */",
                              err);
  query_int(&q, 1, s->app->code);
  query_text(&q, 2, subject);
  *said = query_row(&q);
  return query_close(&q);
}

static bool record(struct tx *tx, void *ctx, struct err *err)
{
  const struct lost_run *run = ctx;
  return security_event_record(tx, "entry_lost", "system", tx->subject, "", (int64_t)run->count, err);
}

static bool say_run(void *ctx, const struct lost_run *run, struct err *err)
{
  struct saying *s = ctx;
  struct lost_run copy = *run;
  char subject[LOST_SUBJECT_SIZE];
  bool said = false;
  lost_subject(subject, run);
  if (s->said >= SAID_A_TURN) return true;
  if (!is_said(s, subject, &said, err)) return false;
  if (said) return true;
  const struct act act = {.actor = "system",
                          .role = "system",
                          .action = ACTION_ENTRY_LOST,
                          .subject = subject,
                          .now_ms = s->now_ms};
  s->said++;
  log_warning("entries that are lost: %s; the log has their hashes, and nobody has what they said", subject);
  return app_commit(s->app, &act, record, &copy, NULL, err);
}

bool lost_leaves_say(struct app *app, struct db *db, bool *done, struct err *err)
{
  struct saying s = {.app = app, .db = db, .now_ms = clock_wall_ms()};
  *done = false;
  if (!lost_leaf_runs(db, say_run, &s, err)) return false;
  *done = s.said < SAID_A_TURN;
  return true;
}
