#include "hub/chores.h"

#include "core/base/clock.h"
#include "core/base/log.h"
#include "hub/accept.h"
#include "hub/audit_index.h"
#include "hub/branch_clock.h"
#include "hub/branch_pace.h"
#include "hub/enrolled.h"
#include "hub/evaluate.h"
#include "hub/hearing.h"
#include "hub/ingest.h"
#include "hub/lost_leaves.h"
#include "hub/told.h"
#include "program/carried.h"
#include "program/sweep.h"
#include "sync/archive.h"
#include "sync/store_log.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <time.h>

enum {
  BEAT_MS = 1000,
  SWEEP_MS = 60 * 1000,
  INDEX_ROWS = 2000,
  REST_MS = 300,
  INDEX_MS = 3000,
  BREAK_OFF_MS = 20
};

struct chores {
  struct hub *hub;
  struct db *db;                                                     /* the thread's */
  int64_t evaluate_ms, evaluate_due, sweep_due, beat_due, index_due; /* of clock_boot_ms */
  struct branch_clock clock;
  struct log_once passed_over; /* by the evaluation */
  int archived;                /* the day archive_past was done, yyyymmdd */
  int64_t data_version;
  bool untold;         /* some refusals wait */
  bool told_failed;    /* ... and could not be told: once more with the next beat, whether anything changes or
                          not */
  bool enrolled_named; /* certificates in force are named in the log */
  struct lost_leaves lost;
  struct bell stop;
  pthread_t thread;
  atomic_bool stopping, ended;
};

/* What was broken off because the program ends is no news. */
static void told(struct chores *c, const char *what, bool ok, struct err *err)
{
  if (!ok && !atomic_load(&c->stopping)) log_warning_of(what, "%s: %s", what, err->text);
  err_clear(err);
}

/* Other connections' commits are seen by SQLite's own counter: nothing is read while nothing changed. */
static bool database_moved(struct chores *c)
{
  int64_t version = 0;
  if (!db_int(c->db, "PRAGMA data_version", 0, &version, NULL) || version == c->data_version) return false;
  c->data_version = version;
  return true;
}

/* Once a local day, and at start for the days this program did not run. */
static void archive_past(struct chores *c, int64_t now_ms)
{
  struct err err = ERR_INIT;
  int days = 0;
  if (date_of_ms(now_ms) == c->archived) return;
  bool ok = store_archive(c->hub->app.store, now_ms, &days, &err);
  if (ok && days < ARCHIVE_DAYS_MAX) c->archived = date_of_ms(now_ms); /* else the next beat goes on */
  if (days > 0) log_info("the cosignatures of %d days are archived", days);
  told(c, "archiving cosignatures", ok, &err);
}

static void tell_refusals(struct chores *c)
{
  struct err err = ERR_INIT;
  bool ok = told_catch_up(c->hub, c->db, &c->untold, &err);
  c->told_failed = !ok;
  told(c, "refusals", ok, &err);
}

/* At start, once it may write and branches have called: a disk that went back adds nothing of its own before.
 */
static void name_certificates(struct chores *c)
{
  struct err err = ERR_INIT;
  struct hub *hub = c->hub;
  if (c->enrolled_named || hearing_listens(hub->hearing) || !store_writable(hub->app.store, NULL)) return;
  c->enrolled_named = enrolled_catch_up(hub, c->db, &err);
  told(c, "naming certificates in the log", c->enrolled_named, &err);
}

/* Before anybody reads the log to its end: a hole that nobody speaks of is a fault. */
static void name_lost_leaves(struct chores *c)
{
  struct err err = ERR_INIT;
  struct hub *hub = c->hub;
  if (hearing_listens(hub->hearing) || !store_writable(hub->app.store, NULL)) return;
  told(c, "naming lost entries in the log", lost_leaves_say(&c->lost, &hub->app, c->db, &err), &err);
}

static void each_second(struct chores *c)
{
  if (!hearing_listens(c->hub->hearing)) carried_beat(&c->hub->app, accept_carried);
  name_certificates(c);
  name_lost_leaves(c);
  archive_past(c, clock_wall_ms());
  if (database_moved(c) || c->told_failed) c->untold = true;
}

/* The index follows the log when ingest rests, and a little now and then when it never does. */
static bool index_some(struct chores *c)
{
  struct err err = ERR_INIT;
  bool more = false;
  int64_t now_ms = clock_boot_ms();
  if (ingest_idle_ms(c->hub->ingest) < REST_MS && now_ms < c->index_due) return false;
  c->index_due = now_ms + INDEX_MS;
  told(c, "the audit index", audit_index_follow(&c->hub->app, c->db, INDEX_ROWS, &more, &err), &err);
  return more;
}

static void turn(struct chores *c)
{
  int64_t now_ms = clock_boot_ms();
  struct err err = ERR_INIT;
  if (now_ms >= c->beat_due) {
    c->beat_due = now_ms + BEAT_MS;
    each_second(c);
  }
  if (c->untold) tell_refusals(c);
  if (now_ms >= c->evaluate_due) {
    c->evaluate_due = now_ms + c->evaluate_ms;
    told(c, "evaluation", evaluate(&c->hub->app, c->db, &c->passed_over, &err), &err);
  }
  if (now_ms >= c->sweep_due) {
    c->sweep_due = now_ms + SWEEP_MS;
    told(c, "sweeping", sweep(&c->hub->app, c->db, &err), &err);
    told(c, "the branches' pace",
         branch_pace_keep(c->hub->pace, &c->hub->app, clock_wall_ms(), clock_boot_ms(), &err), &err);
    told(c, "comparing clocks",
         branch_clock_hear(&c->clock, &c->hub->app, c->db, clock_wall_ms(), now_ms, &err), &err);
  }
}

static void *run(void *arg)
{
  struct chores *c = arg;
  bool more = false;
  while (!atomic_load(&c->stopping)) {
    int64_t left = c->beat_due - clock_boot_ms();
    bell_wait(&c->stop, more || c->untold || left < 0 ? 0 : left);
    if (atomic_load(&c->stopping)) break;
    turn(c);
    more = index_some(c);
  }
  atomic_store(&c->ended, true);
  return NULL;
}

bool chores_open(struct chores **out, struct hub *hub, int64_t evaluate_ms, struct err *err)
{
  char path[DATA_PATH_MAX];
  struct chores *c = calloc(1, sizeof *c);
  if (!c) return err_set(err, ERR_IO, "out of memory for the chores");
  c->hub = hub;
  c->evaluate_ms = evaluate_ms;
  c->evaluate_due = clock_boot_ms() + evaluate_ms;
  bell_init(&c->stop);
  bool ok =
      db_open(&c->db, data_dir_path(&hub->app.dir, "store.db", path), DB_READ, err) &&
      (pthread_create(&c->thread, NULL, run, c) == 0 || err_set(err, ERR_IO, "no thread for the chores"));
  if (ok) {
    *out = c;
    return true;
  }
  db_close(c->db);
  bell_wipe(&c->stop);
  free(c);
  return false;
}

/* An evaluation reads for seconds.  It asks more than one question, so that each is broken off. */
void chores_close(struct chores *c)
{
  const struct timespec pause = {.tv_nsec = BREAK_OFF_MS * 1000000L};
  if (!c) return;
  atomic_store(&c->stopping, true);
  bell_ring(&c->stop);
  while (!atomic_load(&c->ended)) {
    db_interrupt(c->db);
    nanosleep(&pause, NULL);
  }
  pthread_join(c->thread, NULL);
  db_close(c->db);
  bell_wipe(&c->stop);
  free(c);
}
