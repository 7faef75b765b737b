#include "hub/witness.h"

#include "core/base/clock.h"
#include "core/base/log.h"
#include "sync/store_log.h"

void witness_cosigned(struct hub *hub, uint32_t branch, const struct exchange_hub_action *action)
{
  struct err err = ERR_INIT;
  if (action->cosignature.size == 0) return;
  struct cosignature came = {.size = action->cosigned_size,
                             .line = action->cosignature.p,
                             .line_size = action->cosignature.size,
                             .heard_ms = clock_wall_ms()};
  if (!store_cosignature(hub->app.store, branch, &came, &err)) log_warning("branch %u: %s", branch, err.text);
}

void witness_shown(struct hub *hub, uint32_t branch, struct span note)
{
  struct err err = ERR_INIT;
  bool rolled_back = false;
  bool ok = store_witnessed(hub->app.store, branch, (const char *)note.p, note.size, clock_wall_ms(),
                            &rolled_back, &err);
  if (!ok) log_warning("branch %u shows a checkpoint: %s", branch, err.text);
  if (!rolled_back) return;
  err_rule(&err, ERR_CONFLICT, "log", "log_rolled_back",
           "branch %u holds a newer checkpoint of this log: it was restored from an old copy; rebuild it "
           "from the branches",
           branch);
  log_error("%s", err.text);
  app_note(&hub->app, false, &err);
}
