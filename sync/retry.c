#include "sync/retry.h"

#include <string.h>

/* xorshift64*, Vigna 2016: enough for jitter, and the same seed gives the same trace. */
static uint64_t next_random(struct retry *r)
{
  r->random ^= r->random >> 12;
  r->random ^= r->random << 25;
  r->random ^= r->random >> 27;
  return r->random * 0x2545f4914f6cdd1dULL;
}

void retry_init(struct retry *r, uint64_t seed, int64_t mono_ms)
{
  memset(r, 0, sizeof *r);
  r->random = seed ? seed : 1;
  r->tried_ms = mono_ms - RETRY_WORK_MS;
  r->next_ms = mono_ms;
}

void retry_tried(struct retry *r, int64_t mono_ms)
{
  int64_t wait = RETRY_FIRST_MS;
  for (unsigned i = 0; i < r->failures && wait < RETRY_MOST_MS; i++)
    wait *= 2;
  if (wait > RETRY_MOST_MS) wait = RETRY_MOST_MS;
  /* Half fixed, half random: never at once, never all together. */
  r->next_ms = mono_ms + wait / 2 + (int64_t)(next_random(r) % (uint64_t)(wait / 2 + 1));
  r->tried_ms = mono_ms;
  if (r->failures < 16) r->failures++;
}

void retry_worked(struct retry *r, int64_t mono_ms)
{
  r->failures = 0;
  r->tried_ms = mono_ms;
}

void retry_rest(struct retry *r, int64_t mono_ms)
{
  r->failures = 16;
  retry_tried(r, mono_ms);
}

void retry_work(struct retry *r, int64_t mono_ms)
{
  int64_t soonest = r->tried_ms + RETRY_WORK_MS;
  int64_t at = soonest > mono_ms ? soonest : mono_ms;
  if (at < r->next_ms) r->next_ms = at;
}

bool retry_due(const struct retry *r, int64_t mono_ms)
{
  return mono_ms >= r->next_ms;
}
