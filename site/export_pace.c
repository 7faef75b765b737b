#include "site/export_pace.h"

#include "core/base/limits.h"

#include <string.h>

void export_pace_init(struct export_pace *pace)
{
  memset(pace, 0, sizeof *pace);
  pace_init(&pace->pace, EXPORTS_AT_A_TIME, EXPORT_EVERY_MS);
  pace->rows_max = EXPORT_ROWS_MAX;
  pthread_mutex_init(&pace->lock, NULL);
}

void export_pace_wipe(struct export_pace *pace)
{
  pace_wipe(&pace->pace);
  pthread_mutex_destroy(&pace->lock);
}

bool export_pace_take(struct export_pace *pace, const char *account, int64_t mono_ms, struct err *err)
{
  return pace_take(&pace->pace, account, mono_ms) ||
         err_rule(err, ERR_LIMIT, "", "rate",
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
