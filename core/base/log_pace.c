#include "core/base/log_pace.h"

#include <stddef.h>

static struct log_pace_kind *find(struct log_pace *pace, const char *kind)
{
  for (int i = 0; i < LOG_PACE_KINDS - 1; i++) {
    if (!pace->kinds[i].kind) pace->kinds[i].kind = kind;
    if (pace->kinds[i].kind == kind) return &pace->kinds[i];
  }
  return &pace->kinds[LOG_PACE_KINDS - 1];
}

/* FNV-1a: two peers that share a hash share their five lines. */
static uint64_t hash_of(const char *who)
{
  uint64_t hash = 0xcbf29ce484222325ULL;
  for (; *who; who++)
    hash = (hash ^ (unsigned char)*who) * 0x100000001b3ULL;
  return hash;
}

bool log_pace_take(struct log_pace *pace, const char *kind, const char *who, int64_t now_ms, int64_t *held)
{
  struct log_pace_kind *k = find(pace, kind);
  const uint64_t peer = hash_of(who);
  int same = 0;
  *held = 0;
  if (now_ms - k->start_ms >= LOG_PACE_MS) {
    *held = k->held;
    k->start_ms = now_ms;
    k->written = 0;
    k->held = 0;
  }
  for (int i = 0; i < k->written; i++)
    same += k->peers[i] == peer;
  bool may = k->written < LOG_PACE_ALL && same < LOG_PACE_EACH;
  if (may)
    k->peers[k->written++] = peer;
  else
    k->held++;
  return may;
}
