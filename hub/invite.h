/* invite.h - makes an invitation: a random token whose hash goes into the database, and the line around it.
 */
#ifndef SUNLIT_HUB_INVITE_H
#define SUNLIT_HUB_INVITE_H

#include "core/base/data_dir.h"
#include "core/base/tx.h"
#include "program/invitation.h"

struct invite_ask {
  const struct data_dir *dir;   /* whose keys/ca.crt the line names */
  const char *address;          /* host:port of the sync port, as the node will dial it */
  struct invitation invitation; /* branch set by the caller; the rest by invite_fill and the transaction */
};

/* Before the transaction: token and fingerprint. */
bool invite_fill(struct invite_ask *ask, struct err *err);
/* In it, with its event of the trail. */
bool invite_record(struct tx *tx, struct invite_ask *ask, struct err *err);
/* Beside a running hub (a store_work; ctx: the ask), which writes the event. */
bool invite_beside(struct tx *tx, void *ctx, struct err *err);
/* The open invitation of the branch ends, and its event; ERR_CONFLICT "no_invite". */
bool invite_withdraw_record(struct tx *tx, uint32_t branch, struct err *err);
/* Beside a running hub (a store_work; ctx: the branch's uint32_t), which writes the event. */
bool invite_withdraw_beside(struct tx *tx, void *ctx, struct err *err);

#endif
