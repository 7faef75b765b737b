#include "core/base/readers.h"

#include "core/base/clock.h"

#include <assert.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { WAIT_S = 5 };

struct readers {
  pthread_mutex_t lock;
  pthread_cond_t given;
  char *path;
  bool (*define)(struct db *db, struct err *err); /* may be NULL */
  int max;
  int open; /* lent and idle together */
  int idle_count;
  _Atomic int64_t hurry_ms; /* of clock_mono_ms; 0: nobody hurries */
  struct db *idle[];        /* max of them; the last given is the first taken, its cache is warm */
};

bool readers_open(struct readers **out, const char *path, int max, struct err *err)
{
  assert(max > 0);
  struct readers *readers = calloc(1, sizeof *readers + (size_t)max * sizeof(struct db *));
  char *copy = strdup(path);
  if (!readers || !copy) {
    free(readers);
    free(copy);
    return err_set(err, ERR_IO, "out of memory for %d read connections of %s", max, path);
  }
  pthread_condattr_t monotonic; /* a clock that is set lengthens no wait */
  pthread_condattr_init(&monotonic);
  pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
  pthread_mutex_init(&readers->lock, NULL);
  pthread_cond_init(&readers->given, &monotonic);
  pthread_condattr_destroy(&monotonic);
  readers->path = copy;
  readers->max = max;
  *out = readers;
  return true;
}

void readers_define(struct readers *readers, bool (*define)(struct db *db, struct err *err))
{
  readers->define = define;
}

void readers_close(struct readers *readers)
{
  if (!readers) return;
  assert(readers->open == readers->idle_count);
  for (int i = 0; i < readers->idle_count; i++)
    db_close(readers->idle[i]);
  pthread_cond_destroy(&readers->given);
  pthread_mutex_destroy(&readers->lock);
  free(readers->path);
  free(readers);
}

static _Thread_local int64_t patience_ms;

/* Called and returns with the lock held. */
static bool wait_for_one(struct readers *readers, struct err *err)
{
  struct timespec until;
  clock_gettime(CLOCK_MONOTONIC, &until);
  until.tv_sec += WAIT_S;
  while (readers->idle_count == 0 && readers->open == readers->max) {
    if (pthread_cond_timedwait(&readers->given, &readers->lock, &until) == 0) continue;
    return err_rule(err, ERR_BUSY, "", "busy", "all %d read connections were in use for %d seconds",
                    readers->max, WAIT_S);
  }
  return true;
}

static bool open_one(struct readers *readers, struct db **db, struct err *err)
{
  if (!db_open(db, readers->path, DB_READ, err)) return false;
  if (!readers->define || readers->define(*db, err)) return true;
  db_close(*db);
  return false;
}

bool readers_take(struct readers *readers, struct db **out, struct err *err)
{
  struct db *db = NULL;
  pthread_mutex_lock(&readers->lock);
  bool ok = wait_for_one(readers, err);
  if (ok && readers->idle_count > 0)
    db = readers->idle[--readers->idle_count];
  else if (ok)
    readers->open++;
  pthread_mutex_unlock(&readers->lock);
  if (!ok) return false;
  if (!db && !open_one(readers, &db, err)) {
    pthread_mutex_lock(&readers->lock);
    readers->open--;
    pthread_cond_signal(&readers->given);
    pthread_mutex_unlock(&readers->lock);
    return false;
  }
  db_until(db, patience_ms ? clock_mono_ms() + patience_ms : 0, &readers->hurry_ms);
  *out = db;
  return true;
}

void readers_patience(int64_t ms)
{
  patience_ms = ms;
}

bool readers_in_time(const struct readers *readers, int64_t begun_ms, struct err *err)
{
  int64_t now_ms = clock_mono_ms(), hurry_ms = readers->hurry_ms;
  if (!patience_ms || (now_ms <= begun_ms + patience_ms && (!hurry_ms || now_ms <= hurry_ms))) return true;
  return err_rule(err, ERR_BUSY, "", "busy", "this took longer than anybody waits for it and was stopped");
}

void readers_hurry(struct readers *readers, int64_t ms)
{
  readers->hurry_ms = clock_mono_ms() + ms;
}

void readers_give(struct readers *readers, struct db *db)
{
  if (!db) return;
  assert(!db_in_transaction(db)); /* a forgotten read transaction would keep the WAL from shrinking */
  pthread_mutex_lock(&readers->lock);
  readers->idle[readers->idle_count++] = db;
  pthread_cond_signal(&readers->given);
  pthread_mutex_unlock(&readers->lock);
}
