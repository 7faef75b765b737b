#include "hub/invite.h"

#include "core/base/clock.h"
#include "core/base/crypto.h"
#include "core/domain/describe.h"
#include "core/domain/enrolment.h"
#include "core/domain/security_event.h"
#include "hub/hub.h"

#include <stdio.h>
#include <string.h>

bool invite_fill(struct invite_ask *ask, struct err *err)
{
  char path[DATA_PATH_MAX];
  struct buf der = BUF_INIT;
  struct cert_facts facts;
  bool ok = cert_load(&der, data_dir_path(ask->dir, "keys/ca.crt", path), err) &&
            cert_read(&facts, der.data, der.size, err);
  buf_wipe(&der);
  if (!ok) return false;
  crypto_random(ask->invitation.token, sizeof ask->invitation.token);
  memcpy(ask->invitation.fingerprint, facts.fingerprint, sizeof ask->invitation.fingerprint);
  snprintf(ask->invitation.address, sizeof ask->invitation.address, "%s", ask->address);
  return true;
}

bool invite_write(struct tx *tx, void *ctx, struct err *err)
{
  struct invite_ask *ask = ctx;
  return invite_add(tx, ask->invitation.branch, ask->invitation.token, &ask->invitation.expires_ms, err);
}

static bool record(struct tx *tx, void *ctx, struct err *err)
{
  const struct invite_ask *ask = ctx;
  char text[16];
  snprintf(text, sizeof text, "%u", ask->invitation.branch);
  return security_event_add(tx, "invite", tx->actor, text, "", err);
}

/* app_local speaks as the program; the invite names who asked. */
struct by {
  struct invite_ask *ask;
  const char *actor;
};

static bool write_by(struct tx *tx, void *ctx, struct err *err)
{
  const struct by *by = ctx;
  tx->actor = by->actor;
  return invite_write(tx, by->ask, err);
}

bool hub_invite(struct hub *hub, uint32_t branch, const char *actor, const char *role,
                char line[INVITATION_LINE_MAX], int64_t *expires_ms, struct err *err)
{
  struct invite_ask ask = {.dir = &hub->app.dir, .address = hub->address, .invitation.branch = branch};
  struct by by = {.ask = &ask, .actor = actor};
  const struct act act = {.actor = actor, .role = role, .action = ACTION_SECURITY, .now_ms = clock_wall_ms()};
  if (!invite_fill(&ask, err) || !app_local(&hub->app, write_by, &by, err) ||
      !app_commit(&hub->app, &act, record, &ask, NULL, err))
    return false;
  invitation_write(&ask.invitation, line);
  *expires_ms = ask.invitation.expires_ms;
  return true;
}
