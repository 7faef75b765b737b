#include "hub/renewal.h"

#include "core/base/clock.h"
#include "core/base/log.h"
#include "core/domain/describe.h"
#include "core/domain/enrolment.h"
#include "core/domain/security_event.h"
#include "hub/admit.h"
#include "hub/enrolled.h"
#include "hub/issue.h"

#include <stdio.h>

struct grant {
  const struct renewal_peer *peer;
  struct issued issued;
};

static bool add(struct tx *tx, void *ctx, struct err *err)
{
  const struct grant *g = ctx;
  char branch[16];
  uint32_t code = 0;
  struct enrolled_certificate given = {
      .branch = g->peer->branch, .serial = g->issued.serial, .until_ms = g->issued.until_ms, .renewed = true};
  snprintf(branch, sizeof branch, "%u", g->peer->branch);
  return certificate_renew(tx, g->peer->serial, g->issued.serial, g->issued.until_ms, err) &&
         certificate_check(tx->db, given.serial, tx->now_ms, &code, &given.epoch, err) &&
         enrolled_record(tx, &given, err) &&
         security_event_add(tx, "link", branch, "certificate_renewed", g->peer->address, err);
}

void renewal_grant(struct hub *hub, struct exchange_hub *x, const struct renewal_peer *peer,
                   struct span tls_key, struct moment now)
{
  struct grant g = {.peer = peer};
  struct err err = ERR_INIT;
  const struct act act = {
      .actor = "system", .role = "system", .action = ACTION_SECURITY, .now_ms = clock_wall_ms()};
  bool ok = issue_certificates(hub, peer->branch, tls_key, peer->address, &g.issued, &err) &&
            app_commit(&hub->app, &act, add, &g, NULL, &err);
  if (ok) {
    const struct renewed answer = {.certificate = {g.issued.certificate.data, g.issued.certificate.size},
                                   .people = {g.issued.people.data, g.issued.people.size}};
    log_info("branch %u: new certificate %s", peer->branch, g.issued.serial);
    exchange_hub_renewed(x, &answer, now);
  } else {
    admit_event(hub, peer->branch, peer->address, &err);
  }
  issued_wipe(&g.issued);
}

static bool end_older(struct tx *tx, void *ctx, struct err *err)
{
  return certificate_used(tx, ctx, err);
}

void renewal_used(struct hub *hub, struct db *db, const char *serial)
{
  bool older = false;
  struct err err = ERR_INIT;
  char copy[2 * CERT_SERIAL_SIZE + 1];
  snprintf(copy, sizeof copy, "%s", serial);
  if (!certificate_has_older(db, serial, &older, &err) ||
      (older && !app_local(&hub->app, end_older, copy, &err)))
    log_warning_of(serial, "certificates before %s: %s", serial,
                   err.text); /* they end at the next connection */
}
