#include "hub/revoke.h"

#include "core/base/clock.h"
#include "core/base/log.h"
#include "core/domain/describe.h"
#include "core/domain/enrolment.h"
#include "core/domain/security_event.h"
#include "hub/lines.h"
#include "sync/store_keys.h"

#include <stdio.h>

enum { BRANCHES_MAX = 64 }; /* a second; the rest in the next */

struct revocation {
  uint32_t branch;
  const char *reason;
  int revoked;
  uint32_t epoch; /* that ended; 0: none, for the branch was enrolled again */
};

static bool mark(struct tx *tx, void *ctx, struct err *err)
{
  struct revocation *r = ctx;
  return certificate_revoke(tx, r->branch, r->reason, &r->revoked, err);
}

/* The epoch it ends stands in the event, and each has its own: a province that comes back from its branches
 * asks (enrolled.h). */
static bool ended_epoch(struct tx *tx, uint32_t branch, uint32_t *epoch, struct err *err)
{
  struct query q = query_open(
      tx->db, "SELECT iif(min(revoked_ms) > 0, max(epoch), 0) FROM certificate WHERE branch = ?1", err);
  query_int(&q, 1, branch);
  *epoch = query_row(&q) ? (uint32_t)column_int(&q, 0) : 0;
  return query_close(&q);
}

static bool record(struct tx *tx, const struct revocation *r, struct err *err)
{
  char text[160];
  snprintf(text, sizeof text, "%u epoch %u %s", r->branch, r->epoch, r->reason);
  return security_event_record(tx, "revoke", tx->actor, text, "", 1, err);
}

/* Whoever ended the certificates may have recorded it, and the keys are still to end: a moment later, or
 * after a crash. */
static bool is_recorded(struct tx *tx, uint32_t branch, uint32_t epoch, bool *yes, struct err *err)
{
  char begin[40];
  snprintf(begin, sizeof begin, "%u epoch %u ", branch, epoch);
  struct query q = query_open(tx->db,
                              "SELECT EXISTS(SELECT 1 FROM security_event WHERE branch = ?1 AND"
                              " kind = 'revoke' AND substr(detail, 1, length(?2)) = ?2)",
                              err);
  query_int(&q, 1, tx->author);
  query_text(&q, 2, begin);
  *yes = query_row(&q) && column_int(&q, 0);
  return query_close(&q);
}

/* Between the look at who is revoked and this the branch may have been enrolled again. */
static bool record_once(struct tx *tx, void *ctx, struct err *err)
{
  struct revocation *r = ctx;
  bool yes = false;
  return ended_epoch(tx, r->branch, &r->epoch, err) &&
         (r->epoch == 0 || (is_recorded(tx, r->branch, r->epoch, &yes, err) && (yes || record(tx, r, err))));
}

bool revoke_record(struct tx *tx, uint32_t branch, const char *reason, uint32_t *epoch, struct err *err)
{
  struct revocation r = {.branch = branch, .reason = reason};
  if (!mark(tx, &r, err)) return false;
  if (r.revoked == 0)
    return err_rule(err, ERR_CONFLICT, "branch", "not_enrolled", "%u has no certificate to revoke", branch);
  if (!ended_epoch(tx, branch, &r.epoch, err) || !record(tx, &r, err)) return false;
  *epoch = r.epoch;
  return true;
}

/* The order matters: with its keys gone first, a crash would leave a branch that still connects and is
 * refused at every batch; this way round it is out at once, and the steward finishes, without another event.
 */
bool revoke_finish(struct hub *hub, uint32_t branch, uint32_t epoch, struct err *err)
{
  bell_ring(&hub->news);
  return store_key_revoke(hub->app.store, branch, epoch, clock_wall_ms(), err);
}

static bool find(struct db *db, uint32_t branches[BRANCHES_MAX], int *found, struct err *err)
{
  struct query q =
      query_open(db,
                 "SELECT DISTINCT k.author FROM sync_key k WHERE k.revoked_ms = 0"
                 " AND EXISTS(SELECT 1 FROM certificate c WHERE c.branch = k.author AND c.revoked_ms <> 0)"
                 " AND NOT EXISTS(SELECT 1 FROM certificate c WHERE c.branch = k.author AND c.revoked_ms = 0)"
                 " /* scan: meant, one row per branch and epoch */",
                 err);
  *found = 0;
  while (*found < BRANCHES_MAX && query_row(&q))
    branches[(*found)++] = (uint32_t)column_int(&q, 0);
  return query_close(&q);
}

bool revoke_carry_out(struct hub *hub, struct db *db, struct err *err)
{
  uint32_t branches[BRANCHES_MAX];
  int found = 0;
  if (!find(db, branches, &found, err)) return false;
  for (int i = 0; i < found; i++) {
    struct revocation r = {.branch = branches[i], .reason = "by the command line"};
    const struct act act = {
        .actor = "system", .role = "system", .action = ACTION_SECURITY, .now_ms = clock_wall_ms()};
    if (!app_commit(&hub->app, &act, record_once, &r, NULL, err)) return false;
    if (r.epoch == 0) continue;
    log_warning("branch %u is revoked", r.branch);
    if (!store_key_revoke(hub->app.store, r.branch, r.epoch, act.now_ms, err)) return false;
  }
  return true;
}
