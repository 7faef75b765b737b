#include "node/trust.h"

#include "core/base/clock.h"
#include "core/base/say.h"
#include "core/domain/security_event.h"
#include "program/beside.h"
#include "sync/tlog.h"
#include "sync/witness.h"

/* Shown before anything changes: a person decides with the facts in view. */
static bool show_evidence(struct db *db, struct err *err)
{
  struct query q = query_open(db, "SELECT at_ms, origin, rule, detail FROM sync_evidence ORDER BY id", err);
  while (query_row(&q)) {
    char at[30];
    time_format(at, column_int(&q, 0));
    say("%s  %s  %s: %s\n", at, column_text(&q, 1), column_text(&q, 2), column_text(&q, 3));
  }
  return query_close(&q);
}

/* What is believed again, and that a person said so: one transaction. */
static bool believe(struct db *db, const char *origin, const struct witness_held *held, struct err *err)
{
  struct tx tx = {.db = db, .now_ms = clock_wall_ms()};
  return witness_trust(db, origin, err) && security_event_leave(&tx, "trust", held->distrust, err);
}

static bool trust(const struct beside *beside, struct err *err)
{
  struct db *db = beside->db;
  char origin[TLOG_ORIGIN_SIZE];
  struct witness_held held;
  tlog_origin(origin, beside->identity.province);
  if (!show_evidence(db, err) || !witness_held(db, origin, &held, err)) return false;
  if (!held.distrust[0])
    return err_rule(err, ERR_CONFLICT, "", "trusted", "this branch does not distrust its province");
  bool ok = db_begin(db, err) && believe(db, origin, &held, err) && db_commit(db, err);
  if (!ok) db_rollback(db);
  if (ok)
    say("listening again from the next greeting on; what does not continue the log of %llu entries that "
        "this branch holds is caught again\n",
        (unsigned long long)held.size);
  return ok;
}

bool trust_command(const struct cli_args *args, struct err *err)
{
  return beside_run(args, BESIDE_WRITES, trust, err);
}
