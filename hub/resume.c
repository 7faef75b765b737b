#include "hub/resume.h"

#include "core/base/clock.h"
#include "core/base/say.h"
#include "hub/audit_index.h"
#include "hub/empty_log.h"
#include "program/app.h"
#include "sync/lost.h"
#include "sync/restored.h"
#include "sync/stranger.h"

/* A branch that can show a longer log has done so while the hub ran: that cannot be resumed from. */
static bool not_rolled_back(struct db *db, uint32_t province, struct err *err)
{
  int64_t beyond = 0;
  if (!db_int(
          db,
          "SELECT coalesce(max(w.size), 0) - coalesce((SELECT size FROM sync_tree), 0) FROM sync_witness w",
          0, &beyond, err))
    return false;
  if (beyond > 0)
    return err_rule(
        err, ERR_CONFLICT, "dir", "log_rolled_back",
        "a branch holds our signature over %lld entries more than this copy has: put a newer one back",
        (long long)beyond);
  bool lost = false, stranger = false;
  if (!lost_any(db, province, &lost, err) || !stranger_any(db, &stranger, err)) return false;
  if (stranger)
    return err_rule(err, ERR_CONFLICT, "dir", "log_rolled_back",
                    "a branch has shown a certificate that this copy does not know: rebuild it with "
                    "--from-branches");
  return !lost ||
         err_rule(err, ERR_CONFLICT, "dir", "log_rolled_back",
                  "a branch holds an entry of ours that this copy has not: put a newer one back, or rebuild "
                  "it with --from-branches");
}

bool resume_command(const struct cli_args *args, struct err *err)
{
  struct app app;
  struct db *db = NULL;
  int64_t copied_ms = 0;
  if (!crypto_start(err) || !app_open(&app, APP_HUB, cli_value(args, "dir"), audit_index_migrate, err))
    return false;
  bool ok = readers_take(app.readers, &db, err) && empty_log_none(db, &app.dir, err) &&
            restored_state(db, &copied_ms, err) && not_rolled_back(db, app.code, err);
  readers_give(app.readers, db);
  if (ok && !copied_ms)
    ok = err_rule(err, ERR_CONFLICT, "dir", "not_restored", "%s is not a restored copy that waits",
                  app.dir.path);
  ok = ok && store_heard(app.store, clock_wall_ms(), err);
  app_close(&app);
  if (ok) say("the province adds entries again\n");
  return ok;
}
