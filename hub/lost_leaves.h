/* lost_leaves.h - the province says which entries of its log are lost, and whose they were.
 *
 * After a rebuilding over lost leaves (sync/lost_leaf.h) each run of them is named by an entry of the
 * province's own, with a security event in it: a hole that nobody speaks of is a fault of the log.  What the
 * log names already is not named again. THREADS: the chores'; db is its own. */
#ifndef SUNLIT_HUB_LOST_LEAVES_H
#define SUNLIT_HUB_LOST_LEAVES_H

#include "program/app.h"

/* *done: nothing is left to say; what one turn does has a bound. */
bool lost_leaves_say(struct app *app, struct db *db, bool *done, struct err *err);

#endif
