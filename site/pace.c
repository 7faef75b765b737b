#include "site/pace.h"

#include <stdio.h>
#include <string.h>

void pace_init(struct pace *pace, int at_a_time, int64_t every_ms)
{
  memset(pace, 0, sizeof *pace);
  pthread_mutex_init(&pace->lock, NULL);
  pace->at_a_time = at_a_time;
  pace->every_ms = every_ms;
}

void pace_wipe(struct pace *pace)
{
  pthread_mutex_destroy(&pace->lock);
}

/* The place of the account, else the one that matters least: who is full again the soonest. */
static size_t find(const struct pace *pace, const char *account)
{
  size_t at = 0;
  for (size_t i = 0; i < PACE_ACCOUNTS_MAX; i++) {
    if (strcmp(pace->accounts[i].account, account) == 0) return i;
    if (pace->accounts[i].full_ms < pace->accounts[at].full_ms) at = i;
  }
  return at;
}

/* Its place, made for it if it has none.  Under the lock. */
static size_t place_of(struct pace *pace, const char *account)
{
  size_t at = find(pace, account);
  if (strcmp(pace->accounts[at].account, account) != 0) {
    snprintf(pace->accounts[at].account, sizeof pace->accounts[at].account, "%s", account);
    pace->accounts[at].full_ms = 0;
  }
  return at;
}

bool pace_take_many(struct pace *pace, const char *account, int n, int64_t mono_ms)
{
  pthread_mutex_lock(&pace->lock);
  size_t at = place_of(pace, account);
  int64_t full_ms = pace->accounts[at].full_ms > mono_ms ? pace->accounts[at].full_ms : mono_ms;
  bool ok = full_ms + n * pace->every_ms - mono_ms <= pace->at_a_time * pace->every_ms;
  if (ok) pace->accounts[at].full_ms = full_ms + n * pace->every_ms;
  pthread_mutex_unlock(&pace->lock);
  return ok;
}

void pace_give_many(struct pace *pace, const char *account, int n)
{
  pthread_mutex_lock(&pace->lock);
  size_t at = find(pace, account);
  if (strcmp(pace->accounts[at].account, account) == 0) pace->accounts[at].full_ms -= n * pace->every_ms;
  pthread_mutex_unlock(&pace->lock);
}

bool pace_take(struct pace *pace, const char *account, int64_t mono_ms)
{
  return pace_take_many(pace, account, 1, mono_ms);
}

void pace_give(struct pace *pace, const char *account)
{
  pace_give_many(pace, account, 1);
}

void pace_each(struct pace *pace, int64_t mono_ms, pace_owes *each, void *ctx)
{
  pthread_mutex_lock(&pace->lock);
  for (size_t i = 0; i < PACE_ACCOUNTS_MAX; i++)
    if (pace->accounts[i].full_ms > mono_ms)
      each(ctx, pace->accounts[i].account, pace->accounts[i].full_ms - mono_ms);
  pthread_mutex_unlock(&pace->lock);
}

void pace_owe(struct pace *pace, const char *account, int64_t left_ms, int64_t mono_ms)
{
  int64_t most_ms = pace->at_a_time * pace->every_ms;
  if (left_ms <= 0) return;
  pthread_mutex_lock(&pace->lock);
  pace->accounts[place_of(pace, account)].full_ms = mono_ms + (left_ms < most_ms ? left_ms : most_ms);
  pthread_mutex_unlock(&pace->lock);
}
