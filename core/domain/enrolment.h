/* enrolment.h - hub: invites, the certificates given for them, and what each branch last said of itself.
 * Local rows: the exchange proves who a branch is, these say what became of it. */
#ifndef SUNLIT_DOMAIN_ENROLMENT_H
#define SUNLIT_DOMAIN_ENROLMENT_H

#include "core/base/crypto.h"
#include "core/base/tx.h"

enum { INVITE_TOKEN_SIZE = 32 };
#define INVITE_LIFE_MS (INT64_C(72) * 3600 * 1000)

/* Earlier unused invites of the branch are withdrawn. ERR_INPUT "not_a_county". */
bool invite_add(struct tx *tx, uint32_t branch, const uint8_t token[INVITE_TOKEN_SIZE], int64_t *expires_ms,
                struct err *err);
/* Ends the open invites of the branch: ERR_INPUT "not_a_county", ERR_CONFLICT "no_invite" when none is open.
 */
bool invite_withdraw(struct tx *tx, uint32_t branch, struct err *err);
/* When the open invite of the branch expires, as branch_list has it; 0: none is open. */
bool invite_open_until(struct db *db, uint32_t branch, int64_t now_ms, int64_t *expires_ms, struct err *err);
/* What a token opens, for this signing key, when it opens anything: ERR_DENIED "unknown_invite",
 * "withdrawn_invite", "expired_invite", "used_invite" (by another key); the key that has used it may ask
 * again while it is valid, ERR_LIMIT "enrol_too_often" when it was answered INVITE_ANSWERS_MAX times. */
enum { INVITE_ANSWERS_MAX = 8 };
struct invite {
  uint32_t branch;
  int answers; /* before this one */
};
bool invite_look(struct db *db, int64_t now_ms, const uint8_t token[INVITE_TOKEN_SIZE],
                 const uint8_t key[PUBLIC_SIZE], struct invite *out, struct err *err);
/* The same, and one answer more; the first uses it up for that key. */
bool invite_use(struct tx *tx, const uint8_t token[INVITE_TOKEN_SIZE], const uint8_t key[PUBLIC_SIZE],
                struct invite *out, struct err *err);

bool certificate_add(struct tx *tx, const char *serial, uint32_t branch, uint32_t epoch, int64_t until_ms,
                     struct err *err);
/* Revokes every good certificate of the branch and withdraws its invites; 0 revoked is not an error. */
bool certificate_revoke(struct tx *tx, uint32_t branch, const char *reason, int *revoked, struct err *err);
/* ERR_DENIED "unknown_certificate", "revoked", "expired"; branch and epoch when it is good. */
bool certificate_check(struct db *db, const char *serial, int64_t now_ms, uint32_t *branch, uint32_t *epoch,
                       struct err *err);

/* A new certificate for the branch that shows the one with `serial`.  That one stays good until the new one
 * is used; one that was issued before and never used is not.  ERR_LIMIT "renew_too_often" beyond
 * CERTIFICATES_A_DAY, else as certificate_check. */
enum { CERTIFICATES_A_DAY = 8 };
bool certificate_renew(struct tx *tx, const char *serial, const char *fresh, int64_t until_ms,
                       struct err *err);
/* Are there good certificates older than this one, of the same branch?  Once it is used, they end. */
bool certificate_has_older(struct db *db, const char *serial, bool *older, struct err *err);
bool certificate_used(struct tx *tx, const char *serial, struct err *err);

struct branch_fact { /* what a HELLO says */
  uint32_t branch;
  uint32_t epoch;
  int64_t pending, oldest_pending_ms, refused, skew_ms, seq;
  int schema;
  const char *version;
  const char *reason; /* why a person is needed; "" */
};
bool branch_contact_enrolled(struct tx *tx, uint32_t branch, uint32_t epoch, struct err *err);
bool branch_contact_heard(struct tx *tx, const struct branch_fact *fact,
                          struct err *err); /* also: connected */
/* Under which epoch the branch is in, as branch_list has it; 0: it never was. */
bool branch_contact_epoch(struct db *db, uint32_t branch, int64_t *epoch, struct err *err);
bool branch_contact_lost(struct tx *tx, uint32_t branch, struct err *err);
bool branch_contact_reason(struct tx *tx, uint32_t branch, const char *reason, struct err *err);
bool branch_contact_reset(struct tx *tx, struct err *err); /* at start: nobody is connected */

struct branch_state {
  uint32_t code;
  const char *name_zh, *name_en;
  uint32_t prefecture_code;
  bool enrolled; /* and not revoked since */
  bool revoked, invited, connected;
  int64_t enrolled_ms, since_ms, last_contact_ms, invite_expires_ms, certificate_until_ms;
  int64_t pending, oldest_pending_ms, refused, skew_ms, seq;
  uint32_t epoch;
  int schema;
  const char *version, *reason;
};
/* By how much the clocks of the connected branches are ahead of ours, as most of them agree; *agree false:
 * fewer than three are connected, or fewer than two in three say the same within five minutes. */
bool branch_clocks(struct db *db, int64_t *ahead_ms, bool *agree, struct err *err);
/* What three branches' clocks at least had shown when each last called; 0: fewer have. */
bool branch_clocks_before(struct db *db, int64_t *wall_ms, struct err *err);
/* All counties in the order of codes, enrolled or not. */
bool branch_list(struct db *db, int64_t now_ms, void (*each)(void *ctx, const struct branch_state *row),
                 void *ctx, struct err *err);

#endif
