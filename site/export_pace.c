#include "site/export_pace.h"

#include <stdio.h>
#include <string.h>

void export_pace_init(struct export_pace *pace)
{
  memset(pace, 0, sizeof *pace);
  pthread_mutex_init(&pace->lock, NULL);
}

void export_pace_wipe(struct export_pace *pace)
{
  pthread_mutex_destroy(&pace->lock);
}

/* A bucket as one number: each export moves the moment it is full again by EXPORT_EVERY_MS. */
bool export_pace_take(struct export_pace *pace, const char *account, int64_t mono_ms, struct err *err)
{
  size_t at = 0;
  pthread_mutex_lock(&pace->lock);
  for (size_t i = 0; i < EXPORT_ACCOUNTS_MAX; i++) {
    if (pace->accounts[i].full_ms < pace->accounts[at].full_ms) at = i; /* the one that matters least */
    if (strcmp(pace->accounts[i].account, account) != 0) continue;
    at = i;
    break;
  }
  if (strcmp(pace->accounts[at].account, account) != 0) {
    snprintf(pace->accounts[at].account, sizeof pace->accounts[at].account, "%s", account);
    pace->accounts[at].full_ms = 0;
  }
  int64_t full_ms = pace->accounts[at].full_ms > mono_ms ? pace->accounts[at].full_ms : mono_ms;
  bool ok = full_ms + EXPORT_EVERY_MS - mono_ms <= (int64_t)EXPORTS_AT_A_TIME * EXPORT_EVERY_MS;
  if (ok) pace->accounts[at].full_ms = full_ms + EXPORT_EVERY_MS;
  pthread_mutex_unlock(&pace->lock);
  return ok || err_rule(err, ERR_LIMIT, "", "rate",
                        "%s has taken out %d files within ten minutes: wait %d s before the next", account,
                        EXPORTS_AT_A_TIME, EXPORT_EVERY_MS / 1000);
}

bool export_pace_again(struct export_pace *pace, const char *account, const uint8_t address[HASH_SIZE],
                       int64_t mono_ms, struct export_done *out)
{
  bool found = false;
  pthread_mutex_lock(&pace->lock);
  for (size_t i = 0; i < EXPORTS_KEPT; i++) {
    const struct export_done *d = &pace->done[i];
    if (!d->mono_ms || mono_ms - d->mono_ms > EXPORT_AGAIN_MS || strcmp(d->account, account) != 0 ||
        memcmp(d->address, address, HASH_SIZE) != 0)
      continue;
    *out = *d;
    found = true;
  }
  pthread_mutex_unlock(&pace->lock);
  return found;
}

void export_pace_done(struct export_pace *pace, const struct export_done *done)
{
  size_t at = 0;
  pthread_mutex_lock(&pace->lock);
  for (size_t i = 0; i < EXPORTS_KEPT; i++) {
    const struct export_done *d = &pace->done[i];
    if (strcmp(d->account, done->account) == 0 && memcmp(d->address, done->address, HASH_SIZE) == 0) {
      at = i;
      break;
    }
    if (d->mono_ms < pace->done[at].mono_ms) at = i;
  }
  pace->done[at] = *done;
  pthread_mutex_unlock(&pace->lock);
}
