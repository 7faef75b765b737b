/* account.h - who may log in at this machine: local rows that never travel.
 *
 * Passwords are argon2id.  Hashing takes 60 ms and 64 MiB and touches no database, so it stands apart from
 * the transaction: make or check the secret first, then write.  Names are of roles or duties. */
#ifndef SUNLIT_DOMAIN_ACCOUNT_H
#define SUNLIT_DOMAIN_ACCOUNT_H

#include "core/base/crypto.h"
#include "core/base/tx.h"

enum site { SITE_NODE, SITE_HUB };

/* Node: staff, officer, admin. Hub: curator, auditor, admin. ERR_INPUT "one_of" about "role". */
bool role_check(enum site site, const char *role, struct err *err);

/* The one rule of a name, for every door by which an account can come: 2 to 32 of a-z, 0-9, '-', '_', '.',
 * beginning and ending with a letter or digit and without two signs in a row, so that no two names are one to
 * anything that tidies paths or texts; and not "system". */
bool account_name_check(const char *name, struct err *err);

struct one_time {
  char password[20]; /* shown once; wipe it */
  char hash[PASSWORD_HASH_SIZE];
};
bool one_time_make(struct one_time *out, struct err *err);

/* 10 to 128 characters, and more than the account's name, a run such as 123456 and words everybody tries. */
bool password_check(const char *name, const char *password, struct err *err);

bool account_add(struct tx *tx, enum site site, const char *name, const char *role, const char *hash,
                 struct err *err); /* must change the password at first login; ERR_CONFLICT "exists" */
/* The last enabled administrator can be neither disabled nor given another role: ERR_CONFLICT "last_admin".
 * Disabling, and another role, ends the account's sessions. */
bool account_change(struct tx *tx, enum site site, const char *name, const char *role, const bool *disabled,
                    struct err *err); /* NULL: as it is */
/* ERR_CONFLICT "disabled" for an account that no password opens.
 * one_time: must be changed at the next login, and not to what it was before.  Ends all its sessions, except
 * keep_token's (may be NULL); of a one-time password they are told why. */
bool account_set_password(struct tx *tx, const char *name, const char *hash, bool one_time,
                          const char *keep_token, struct err *err);
/* The hash to verify the old password against before a change; ERR_MISSING "unknown_account". */
bool account_hash(struct db *db, const char *name, char hash[PASSWORD_HASH_SIZE], struct err *err);
struct password_now {
  char hash[PASSWORD_HASH_SIZE];
  char before[PASSWORD_HASH_SIZE]; /* of the password that a one-time one took the place of; "": none */
  bool one_time;                   /* it stands only until its owner has made one */
};
/* ERR_MISSING "unknown_account". */
bool account_password(struct db *db, const char *name, struct password_now *out, struct err *err);

struct account {
  const char *name, *role;
  bool must_change, disabled;
  int64_t made_ms, password_ms, login_ms; /* login_ms 0: never */
  int sessions;
  int64_t locked_until_ms; /* 0: not locked */
};
bool account_list(struct db *db, int64_t now_ms, void (*each)(void *ctx, const struct account *row),
                  void *ctx, struct err *err);

#endif
