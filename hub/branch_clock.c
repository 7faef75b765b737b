#include "hub/branch_clock.h"

#include "core/domain/enrolment.h"
#include "program/clock_watch.h"

#include <stdlib.h>

static bool was_set(struct branch_clock *clock, int64_t wall_ms, int64_t boot_ms)
{
  int64_t before_ms = clock->offset_ms;
  clock->offset_ms = wall_ms - boot_ms;
  return before_ms && llabs(clock->offset_ms - before_ms) > CLOCK_OFF_MS;
}

bool branch_clock_hear(struct branch_clock *clock, struct app *app, struct db *db, int64_t wall_ms,
                       int64_t boot_ms, struct err *err)
{
  int64_t ahead_ms = 0;
  bool agree = false;
  if (was_set(clock, wall_ms, boot_ms)) return true;
  if (!branch_clocks(db, &ahead_ms, &agree, err)) return false;
  if (agree) clock_heard(app, wall_ms + ahead_ms);
  return true;
}
