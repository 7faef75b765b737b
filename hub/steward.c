#include "hub/steward.h"

#include "core/base/clock.h"
#include "core/base/log.h"
#include "core/domain/describe.h"
#include "core/domain/domain.h"
#include "core/domain/security_event.h"
#include "hub/audit_reads.h"
#include "hub/board.h"
#include "hub/hearing.h"
#include "hub/lines.h"
#include "hub/quorum.h"
#include "hub/revoke.h"
#include "site/site.h"
#include "sync/store_log.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

enum { BEAT_MS = 1000 };

struct steward {
  struct hub *hub;
  struct db *db;    /* the thread's */
  int64_t beat_due; /* monotonic */
  bool meeting_waits;
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
  told("readings", audit_reads_flush(hub->reads, &hub->app, clock_wall_ms(), false, &err), &err);
  told("the board", board_flush(hub->board, &hub->app, &err), &err);
  bool moved = database_moved(s);
  if (moved || s->meeting_waits)
    told("the quorum's checkpoint", quorum_meet(hub, s->db, clock_wall_ms(), &s->meeting_waits, &err), &err);
  if (!moved) return;
  told("the quorum", quorum_follow(hub, s->db, clock_wall_ms(), &err), &err);
  told("revocations", revoke_carry_out(hub, s->db, &err), &err);
  lines_recheck(hub->lines, s->db);
}

static void *run(void *arg)
{
  struct steward *s = arg;
  while (!atomic_load(&s->stopping)) {
    int64_t left = s->beat_due - clock_mono_ms();
    if (bell_wait(&s->hub->news, left < 0 ? 0 : left)) {
      struct err err = ERR_INIT;
      told("signing", store_sign_head(s->hub->app.store, clock_wall_ms(), &err), &err);
      lines_wake(s->hub->lines);
    }
    if (clock_mono_ms() < s->beat_due) continue;
    s->beat_due = clock_mono_ms() + BEAT_MS;
    each_second(s);
  }
  return NULL;
}

bool steward_open(struct steward **out, struct hub *hub, struct err *err)
{
  char path[DATA_PATH_MAX];
  struct steward *s = calloc(1, sizeof *s);
  if (!s) return err_set(err, ERR_IO, "out of memory for the steward");
  s->hub = hub;
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
