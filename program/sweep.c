#include "program/sweep.h"

#include "core/base/clock.h"
#include "core/domain/describe.h"
#include "core/domain/login.h"
#include "core/domain/security_event.h"
#include "program/clock_watch.h"

static bool drop_expired(struct tx *tx, void *ctx, struct err *err)
{
  (void)ctx;
  return login_sweep(tx, err);
}

static bool flush_events(struct tx *tx, void *ctx, struct err *err)
{
  (void)ctx;
  return security_event_flush(tx, err);
}

bool sweep(struct app *app, struct db *db, struct err *err)
{
  const struct act act = {
      .actor = "system", .role = "system", .action = ACTION_SECURITY, .now_ms = clock_wall_ms()};
  bool due = false;
  /* A clock that is years ahead would log everybody out for good; when it is right, what is left is swept. */
  bool old = !clock_doubtful(app, act.now_ms);
  if ((old && !app_local(app, drop_expired, NULL, err)) || !security_event_due(db, act.now_ms, &due, err))
    return false;
  return !due || app_commit(app, &act, flush_events, NULL, NULL, err);
}
