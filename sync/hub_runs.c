#include "sync/hub_runs.h"

#include "sync/log_message.h"

#include <string.h>

static size_t place_of(const struct hub_runs *runs, uint64_t run)
{
  size_t at = 0;
  while (at < runs->count && runs->of[at] != run)
    at++;
  return at;
}

void hub_runs_met(struct hub_runs *runs, uint64_t run, int64_t now_ms)
{
  size_t at = place_of(runs, run);
  if (run == 0 || (at == 0 && runs->count)) return;
  if (at < runs->count)
    runs->two_ms = now_ms;
  else if (runs->count < HUB_RUNS_MAX)
    runs->count++;
  else
    at = HUB_RUNS_MAX - 1;
  memmove(runs->of + 1, runs->of, at * sizeof *runs->of);
  runs->of[0] = run;
}

bool hub_runs_two(const struct hub_runs *runs, int64_t now_ms)
{
  return runs->two_ms && now_ms - runs->two_ms < TWO_HUBS_TOLD_MS;
}

void hub_runs_tell(const struct hub_runs *runs, struct buf *tail)
{
  struct buf body = BUF_INIT;
  if (runs->count < 2) return;
  for (size_t i = 0; i < runs->count; i++)
    put_u64(&body, runs->of[i]);
  if (!body.bad) tail_put(tail, TAIL_HUB_RUN, body.data, body.size);
  buf_wipe(&body);
}

bool hub_runs_other(struct span tail, uint64_t own)
{
  struct span body;
  if (own == 0 || !tail_get(tail, TAIL_HUB_RUN, &body) || body.size % 8) return false;
  struct reader r = reader_of(body.p, body.size);
  bool newest = true;
  while (reader_left(&r) >= 8) {
    bool is_own = get_u64(&r) == own;
    if (is_own) return !newest;
    newest = false;
  }
  return false;
}
