/* hub_runs.h - which runs of the province's program a node has met, and whether two of them run at once.
 *
 * A hub makes up a number at its start and says it in WELCOME.  Numbers change when it is started again; but
 * one that comes back after another has not ended meanwhile: two programs have the province's keys, of which
 * one is a copy.  Each signs a log of its own from there on.  A branch stays with the log whose checkpoint
 * continues the one it holds, and tells both (docs/decisions/0198).  Plain data, of the node's line alone;
 * docs/PROTOCOL.md 6.5.  Time is monotonic. */
#ifndef SUNLIT_SYNC_HUB_RUNS_H
#define SUNLIT_SYNC_HUB_RUNS_H

#include "sync/message.h"

enum { HUB_RUNS_MAX = 4, TWO_HUBS_TOLD_MS = 60 * 60 * 1000 };

struct hub_runs {
  uint64_t of[HUB_RUNS_MAX]; /* the newest first */
  size_t count;
  uint64_t follows; /* the one whose log continues what we hold; 0: not known */
  uint64_t other;   /* the one whose log contradicts it; 0: none */
  int64_t two_ms;   /* when one came back last; 0: never */
};

void hub_runs_met(struct hub_runs *runs, uint64_t run, int64_t now_ms);
/* Has one come back within the last TWO_HUBS_TOLD_MS? */
bool hub_runs_two(const struct hub_runs *runs, int64_t now_ms);

/* Of HELLO, when there are several: those met, the newest first. */
void hub_runs_tell(const struct hub_runs *runs, struct buf *tail);
/* At the hub: does the node say that it was welcomed by this run, and since then by another? */
bool hub_runs_other(struct span tail, uint64_t own);

#endif
