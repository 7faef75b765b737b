/* hearing.h - what the province learns from its branches' greetings about disks that went back.
 *
 * Its own: a database that was put back does not know that it was.  Until its branches have called, the store
 * listens (store.h): entries are taken and made, but no new size of the log is signed and nothing of ours is
 * sent down.  A branch that holds more of the log than we show proves it, and then nothing is added any more
 * (store_witnessed).  So a province that went back has not contradicted itself when it learns of it.  Enough
 * have called when all have, when more than half have and HEARING_MORE_MS have passed since the first, or
 * after HEARING_MS (hub.hearing_s) whoever has: branches dial within a minute of a hub's return.  A database
 * that knows no branch is of the first day, or went back to it, which nothing in it tells: it listens as
 * long, or until a branch that has been let in since calls; one of before shows its certificate
 * (sync/stranger.h).
 *
 * A branch's: two machines with one branch's keys, a clone and its original, would push each other off the
 * line.  Each run of a node names itself in HELLO; a run that comes back on a new line after another had
 * taken its place is one of two that are alive.  The newcomer is turned away (rule "cloned"), the other is
 * told in WELCOME, and both pages say so as long as it tries (it dials within a minute); when the other is
 * gone it is let in.
 *
 * And our own twin, a copy of this machine: branches that meet both in turn tell (sync/hub_runs.h).
 * THREADS: any; it has its own lock. */
#ifndef SUNLIT_HUB_HEARING_H
#define SUNLIT_HUB_HEARING_H

#include "hub/hub.h"
#include "sync/hub_runs.h"
#include "sync/message.h"

enum { HEARING_MS = 120 * 1000, HEARING_MORE_MS = 20 * 1000, TWIN_TOLD_MS = 75 * 1000 };

struct hearing;

/* Begins to listen.  mono_ms: clock_mono_ms. */
bool hearing_open(struct hearing **out, struct hub *hub, int64_t (*mono_ms)(void), struct err *err);
void hearing_close(struct hearing *hearing); /* NULL is fine */
/* Once a second. */
void hearing_turn(struct hearing *hearing);
/* Still waiting for calls: what needs a signed log, such as the receipt of a carried file, waits too. */
bool hearing_listens(struct hearing *hearing);
/* Whom it waits for, and until when at the latest. */
enum { HEARD_MAX = 256 };
struct hearing_state {
  bool listens;              /* the rest only then */
  int64_t until_ms;          /* by the wall clock */
  int64_t branches;          /* that could call when it started; 0: it knew none */
  uint32_t heard[HEARD_MAX]; /* those that have, the first first */
  size_t heard_count;
};
void hearing_look(struct hearing *hearing, struct hearing_state *out); /* NULL: listens to nobody */
/* How a greeting came. */
struct hearing_line {
  int64_t opened_ms; /* monotonic */
  bool other_live;   /* another line of the branch has greeted and is open */
  bool shows_more;   /* the branch holds more than we have: it is about to prove that we went back */
};
/* A branch has greeted.  False: it is one of two machines, to be turned away as err says. */
bool hearing_greeted(struct hearing *hearing, const struct hello *hello, const struct hearing_line *line,
                     struct err *err);
/* Somebody calls whose certificate has not begun by our clock, which is wrong then: nobody can be heard yet,
 * and as long as it is so the waiting does not end by time. */
void hearing_kept_out(struct hearing *hearing);
/* A branch says that it has met a hub that runs beside this one.  True: it had not been so for an hour. */
bool hearing_two_hubs_now(struct hearing *hearing, uint32_t branch);
/* Has it said so within the hour?  NULL: no. */
bool hearing_two_hubs(struct hearing *hearing, uint32_t branch);
/* When a twin of the branch was last turned away, by the wall clock; 0: none of late. */
int64_t hearing_twin_ms(struct hearing *hearing, uint32_t branch);

#endif
