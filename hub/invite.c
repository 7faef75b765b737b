#include "hub/invite.h"

#include "core/base/crypto.h"
#include "core/domain/enrolment.h"
#include "core/domain/security_event.h"
#include "net/cert.h"

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

static bool add(struct tx *tx, struct invite_ask *ask, struct err *err)
{
  return invite_add(tx, ask->invitation.branch, ask->invitation.token, &ask->invitation.expires_ms, err);
}

static const char INVITED[] = "invite", WITHDRAWN[] = "invite_withdrawn";

bool invite_record(struct tx *tx, struct invite_ask *ask, struct err *err)
{
  char text[16];
  snprintf(text, sizeof text, "%u", ask->invitation.branch);
  return add(tx, ask, err) && security_event_record(tx, INVITED, tx->actor, text, "", 1, err);
}

bool invite_beside(struct tx *tx, void *ctx, struct err *err)
{
  struct invite_ask *ask = ctx;
  char text[16];
  snprintf(text, sizeof text, "%u", ask->invitation.branch);
  return add(tx, ask, err) && security_event_leave(tx, INVITED, text, err);
}

bool invite_withdraw_record(struct tx *tx, uint32_t branch, struct err *err)
{
  char text[16];
  snprintf(text, sizeof text, "%u", branch);
  return invite_withdraw(tx, branch, err) &&
         security_event_record(tx, WITHDRAWN, tx->actor, text, "", 1, err);
}

bool invite_withdraw_beside(struct tx *tx, void *ctx, struct err *err)
{
  const uint32_t *branch = ctx;
  char text[16];
  snprintf(text, sizeof text, "%u", *branch);
  return invite_withdraw(tx, *branch, err) && security_event_leave(tx, WITHDRAWN, text, err);
}
