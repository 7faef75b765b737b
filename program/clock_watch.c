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

void clock_recalled(struct app *app, int64_t peers_wall_ms)
{
  int64_t ahead_ms = store_newest_ms(app->store) - peers_wall_ms;
  pthread_mutex_lock(&app->lock);
  app->lead_ms = peers_wall_ms && ahead_ms > 0 ? ahead_ms : 0;
  pthread_mutex_unlock(&app->lock);
}

static int64_t newest_ms(struct app *app)
{
  int64_t made_ms = store_newest_ms(app->store);
  pthread_mutex_lock(&app->lock);
  made_ms -= made_ms ? app->lead_ms : 0;
  pthread_mutex_unlock(&app->lock);
  return made_ms;
}

static int64_t beyond(int64_t off_ms)
{
  return off_ms > CLOCK_OFF_MS || off_ms < -CLOCK_OFF_MS ? off_ms : 0;
}

static bool is_heard(struct app *app, int64_t *there_ms)
{
  pthread_mutex_lock(&app->lock);
  bool heard = app->heard_wall_ms != 0;
  *there_ms = app->heard_wall_ms + clock_boot_ms() - app->heard_boot_ms;
  pthread_mutex_unlock(&app->lock);
  return heard;
}

int64_t clock_heard_off_ms(struct app *app, int64_t now_ms)
{
  int64_t there_ms;
  return is_heard(app, &there_ms) ? beyond(now_ms - there_ms) : 0;
}

int64_t clock_off_ms(struct app *app, int64_t now_ms)
{
  int64_t there_ms;
  if (is_heard(app, &there_ms)) return beyond(now_ms - there_ms);
  int64_t been_ms = newest_ms(app);
  if (been_ms < released_ms) been_ms = released_ms;
  return now_ms < been_ms ? beyond(now_ms - been_ms) : 0;
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

int clock_latest_day(struct app *app, int64_t now_ms, int64_t age_ms)
{
  int ours = date_of_ms(now_ms - age_ms), theirs = date_of_ms(now_ms - clock_off_ms(app, now_ms) - age_ms);
  return ours > theirs ? ours : theirs;
}

bool clock_doubtful(struct app *app, int64_t now_ms)
{
  const int64_t day_ms = INT64_C(86400000);
  int64_t off_ms = clock_off_ms(app, now_ms), been_ms = newest_ms(app);
  int64_t there_ms;
  if (off_ms > day_ms || off_ms < -day_ms) return true;
  return !is_heard(app, &there_ms) && been_ms && now_ms - been_ms > CLOCK_LEAP_DAYS * day_ms;
}

bool clock_trouble(struct app *app, int64_t now_ms, struct trouble *out)
{
  char now[30];
  int64_t there_ms;
  bool differs = app->kind == APP_NODE && is_heard(app, &there_ms);
  int64_t off_ms = clock_off_ms(app, now_ms), minutes = llabs(off_ms) / 60000;
  if (!off_ms) return false;
  time_format(now, now_ms);
  memset(out, 0, sizeof *out);
  out->off_ms = off_ms;
  snprintf(out->rule, sizeof out->rule, differs ? "clock_differs" : "clock_wrong");
  snprintf(out->text, sizeof out->text,
           "this machine's clock says %s, which is %lld days %lld:%02lld h too %s%s", now,
           (long long)(minutes / 1440), (long long)(minutes / 60 % 24), (long long)(minutes % 60),
           off_ms > 0 ? "far" : "early",
           differs ? " by the province's clock: set whichever of both is wrong" : ": set it");
  return true;
}
