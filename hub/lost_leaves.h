/* lost_leaves.h - the province says which entries of its log are lost, whose they were, and which turned up.
 *
 * After a rebuilding over lost leaves (sync/lost_leaf.h) each run of them is named by an entry of the
 * province's own, with a security event in it: a hole that nobody speaks of is a fault of the log.  So is
 * each run that was put back into its place (sync/found.h).  What the log names already is not named again.
 * THREADS: the chores'; db is its own. */
#ifndef SUNLIT_HUB_LOST_LEAVES_H
#define SUNLIT_HUB_LOST_LEAVES_H

#include "program/app.h"

struct lost_leaves {
  bool named;    /* nothing is left to say */
  int64_t found; /* how many had turned up when that was so */
};

/* Cheap when nothing has changed; what one turn does has a bound. */
bool lost_leaves_say(struct lost_leaves *state, struct app *app, struct db *db, struct err *err);

#endif
