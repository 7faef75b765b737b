#include "hub/steward.h"

#include "core/base/clock.h"
#include "core/base/log.h"
#include "core/domain/describe.h"
#include "core/domain/domain.h"
#include "core/domain/security_event.h"
#include "hub/accept.h"
#include "hub/audit_index.h"
#include "hub/audit_reads.h"
#include "hub/board.h"
#include "hub/branch_clock.h"
#include "hub/evaluate.h"
#include "hub/hearing.h"
#include "hub/ingest.h"
#include "hub/lines.h"
#include "hub/quorum.h"
#include "hub/revoke.h"
#include "hub/told.h"
#include "program/carried.h"
#include "program/sweep.h"
#include "site/site.h"
#include "sync/store_log.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

enum { BEAT_MS = 1000, SWEEP_MS = 60 * 1000, INDEX_ROWS = 2000, REST_MS = 300, INDEX_MS = 3000 };

struct steward {
  struct hub *hub;
  struct db *db;                                                     /* the thread's */
  int64_t evaluate_ms, evaluate_due, sweep_due, beat_due, index_due; /* monotonic */
  bool meeting_waits;
  struct branch_clock clock;
  int archived; /* the day archive_past was done, yyyymmdd */
  int64_t data_version;
  pthread_t thread;
  atomic_bool stopping;
};

static void told(const char *what, bool ok, struct err *err)
{
  if (!ok) log_warning_of(what, "%s: %s", what, err->text);
  err_clear(err);
}

/* Other connections' commits are seen by SQLite's own counter: nothing is read while nothing changed. */
static bool database_moved(struct steward *s)
{
  int64_t version = 0;
  if (!db_int(s->db, "PRAGMA data_version", 0, &version, NULL) || version == s->data_version) return false;
  s->data_version = version;
  return true;
}

/* Once a local day, and at start for the days this program did not run. */
static void archive_past(struct steward *s, int64_t now_ms)
{
  struct err err = ERR_INIT;
  int days = 0;
  if (date_of_ms(now_ms) == s->archived) return;
  bool ok = store_archive(s->hub->app.store, now_ms, &days, &err);
  if (ok) s->archived = date_of_ms(now_ms);
  if (days > 0) log_info("the cosignatures of %d days are archived", days);
  told("archiving cosignatures", ok, &err);
}

static bool say_upgraded(struct tx *tx, void *ctx, struct err *err)
{
  char detail[40];
  snprintf(detail, sizeof detail, "schema %u", *(const uint32_t *)ctx);
  return security_event_record(tx, "upgrade", tx->actor, detail, "", 1, err);
}

/* The rules that a newer program brings hold for what comes behind an entry made by it (PROTOCOL 4.6), so it
 * makes one at once. */
static void sign_under_schema(struct app *app)
{
  struct err err = ERR_INIT;
  uint32_t number = (uint32_t)domain_schema_number();
  if (store_level(app->store) >= number || !store_writable(app->store, NULL)) return;
  const struct act act = {
      .actor = "system", .role = "system", .action = ACTION_UPGRADE, .now_ms = clock_wall_ms()};
  told("the upgrade", app_commit(app, &act, say_upgraded, &number, NULL, &err), &err);
}

static void each_second(struct steward *s)
{
  struct hub *hub = s->hub;
  struct err err = ERR_INIT;
  app_beat(&hub->app, clock_wall_ms());
  sign_under_schema(&hub->app);
  site_beat(&hub->app);
  hearing_turn(hub->hearing);
  if (!hearing_listens(hub->hearing)) carried_beat(&hub->app, accept_carried);
  told("readings", audit_reads_flush(hub->reads, &hub->app, clock_wall_ms(), false, &err), &err);
  told("the board", board_flush(hub->board, &hub->app, &err), &err);
  archive_past(s, clock_wall_ms());
  bool moved = database_moved(s);
  if (moved || s->meeting_waits)
    told("the quorum's checkpoint", quorum_meet(hub, s->db, clock_wall_ms(), &s->meeting_waits, &err), &err);
  if (!moved) return;
  told("the quorum", quorum_follow(hub, s->db, clock_wall_ms(), &err), &err);
  told("revocations", revoke_carry_out(hub, s->db, &err), &err);
  lines_recheck(hub->lines, s->db);
  told("refusals", told_catch_up(hub, s->db, &err), &err);
}

/* The index follows the log when ingest rests, and a little now and then when it never does. */
static bool index_some(struct steward *s)
{
  struct err err = ERR_INIT;
  bool more = false;
  int64_t now_ms = clock_mono_ms();
  if (ingest_idle_ms(s->hub->ingest) < REST_MS && now_ms < s->index_due) return false;
  s->index_due = now_ms + INDEX_MS;
  told("the audit index", audit_index_follow(&s->hub->app, s->db, INDEX_ROWS, &more, &err), &err);
  return more;
}

static void turn(struct steward *s)
{
  int64_t now_ms = clock_mono_ms();
  struct err err = ERR_INIT;
  if (now_ms >= s->beat_due) {
    s->beat_due = now_ms + BEAT_MS;
    each_second(s);
  }
  if (now_ms >= s->evaluate_due) {
    s->evaluate_due = now_ms + s->evaluate_ms;
    told("evaluation", evaluate(&s->hub->app, s->db, &err), &err);
  }
  if (now_ms >= s->sweep_due) {
    s->sweep_due = now_ms + SWEEP_MS;
    told("sweeping", sweep(&s->hub->app, s->db, &err), &err);
    told("comparing clocks", branch_clock_hear(&s->clock, &s->hub->app, s->db, clock_wall_ms(), now_ms, &err),
         &err);
  }
}

static void *run(void *arg)
{
  struct steward *s = arg;
  bool more = false;
  while (!atomic_load(&s->stopping)) {
    int64_t left = s->beat_due - clock_mono_ms();
    if (bell_wait(&s->hub->news, more || left < 0 ? 0 : left)) {
      struct err err = ERR_INIT;
      told("signing", store_sign_head(s->hub->app.store, clock_wall_ms(), &err), &err);
      lines_wake(s->hub->lines);
    }
    turn(s);
    more = index_some(s);
  }
  return NULL;
}

bool steward_open(struct steward **out, struct hub *hub, int64_t evaluate_ms, struct err *err)
{
  char path[DATA_PATH_MAX];
  struct steward *s = calloc(1, sizeof *s);
  if (!s) return err_set(err, ERR_IO, "out of memory for the steward");
  s->hub = hub;
  s->evaluate_ms = evaluate_ms;
  s->evaluate_due = clock_mono_ms() + evaluate_ms;
  bool ok =
      db_open(&s->db, data_dir_path(&hub->app.dir, "store.db", path), DB_READ, err) &&
      (pthread_create(&s->thread, NULL, run, s) == 0 || err_set(err, ERR_IO, "no thread for the steward"));
  if (ok) {
    *out = s;
    return true;
  }
  db_close(s->db);
  free(s);
  return false;
}

void steward_close(struct steward *s)
{
  if (!s) return;
  atomic_store(&s->stopping, true);
  bell_ring(&s->hub->news);
  pthread_join(s->thread, NULL);
  db_close(s->db);
  free(s);
}
