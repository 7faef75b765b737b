/* branch_clock.h - what time it is, by the branches.
 *
 * The province has nobody above it to ask; when most connected branches agree, they know.  What a branch said
 * is kept as its difference from this machine's clock when it greeted: a clock that was set since makes all
 * of them wrong, until each has greeted again.  THREADS: the steward's. */
#ifndef SUNLIT_HUB_BRANCH_CLOCK_H
#define SUNLIT_HUB_BRANCH_CLOCK_H

#include "program/app.h"

struct branch_clock {
  int64_t offset_ms; /* of the wall clock from clock_boot_ms, when it was looked at last; 0: never */
};

/* Now and then, at least the time between two greetings apart. */
bool branch_clock_hear(struct branch_clock *clock, struct app *app, struct db *db, int64_t wall_ms,
                       int64_t boot_ms, struct err *err);

#endif
