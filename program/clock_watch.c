#include "program/clock_watch.h"

#include "core/base/clock.h"
#include "core/base/limits.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* 2026-11-01: raised with each release. */
static const int64_t released_ms = INT64_C(1793462400000);

void clock_heard(struct app *app, int64_t peer_wall_ms)
{
  pthread_mutex_lock(&app->lock);
  app->heard_wall_ms = peer_wall_ms;
  app->heard_boot_ms = clock_boot_ms();
  pthread_mutex_unlock(&app->lock);
  store_clock_heard(app->store, peer_wall_ms);
}

static int64_t beyond(int64_t off_ms)
{
  return off_ms > CLOCK_OFF_MS || off_ms < -CLOCK_OFF_MS ? off_ms : 0;
}

int64_t clock_off_ms(struct app *app, int64_t now_ms)
{
  pthread_mutex_lock(&app->lock);
  int64_t heard_ms = app->heard_wall_ms, since_ms = clock_boot_ms() - app->heard_boot_ms;
  pthread_mutex_unlock(&app->lock);
  if (heard_ms) return beyond(now_ms - (heard_ms + since_ms));
  int64_t newest_ms = store_newest_ms(app->store);
  if (newest_ms < released_ms) newest_ms = released_ms;
  return now_ms < newest_ms ? beyond(now_ms - newest_ms) : 0;
}

int clock_province_day(struct app *app, int64_t now_ms)
{
  return date_of_ms(now_ms - clock_off_ms(app, now_ms));
}

void clock_days(struct app *app, int64_t now_ms, int *latest, int *earliest)
{
  int ours = date_of_ms(now_ms), theirs = clock_province_day(app, now_ms);
  *latest = ours > theirs ? ours : theirs;
  *earliest = ours > theirs ? theirs : ours;
}

bool clock_doubtful(struct app *app, int64_t now_ms)
{
  const int64_t day_ms = INT64_C(86400000);
  int64_t off_ms = clock_off_ms(app, now_ms), newest_ms = store_newest_ms(app->store);
  pthread_mutex_lock(&app->lock);
  bool heard = app->heard_wall_ms != 0;
  pthread_mutex_unlock(&app->lock);
  if (off_ms > day_ms || off_ms < -day_ms) return true;
  return !heard && newest_ms && now_ms - newest_ms > CLOCK_LEAP_DAYS * day_ms;
}

bool clock_trouble(struct app *app, int64_t now_ms, struct trouble *out)
{
  char now[30];
  int64_t off_ms = clock_off_ms(app, now_ms), minutes = llabs(off_ms) / 60000;
  if (!off_ms) return false;
  time_format(now, now_ms);
  memset(out, 0, sizeof *out);
  out->off_ms = off_ms;
  snprintf(out->rule, sizeof out->rule, "clock_wrong");
  snprintf(out->text, sizeof out->text,
           "this machine's clock says %s, which is %lld days %lld:%02lld h too %s: set it", now,
           (long long)(minutes / 1440), (long long)(minutes / 60 % 24), (long long)(minutes % 60),
           off_ms > 0 ? "far" : "early");
  return true;
}
