/* lockout.h - whoever guesses a secret waits: how often it failed, and until when no further try is looked
 * at.
 *
 * Failures are counted under a kind and a name; from the `free`-th on each costs 30 s, doubling up to 15
 * minutes.  A count fades with time, so that one mistyped password a day never adds up, and it is capped, so
 * that it has faded within hours whatever was tried.  What was written while the clock was ahead counts for
 * nothing once the clock is right: a lock that begins in the future is none. */
#ifndef SUNLIT_DOMAIN_LOCKOUT_H
#define SUNLIT_DOMAIN_LOCKOUT_H

#include "core/base/tx.h"

enum {
  LOCKOUT_WAIT_MS = 30 * 1000,
  LOCKOUT_WAIT_MAX_MS = 15 * 60 * 1000,
  LOCKOUT_BEYOND_MAX = 8,            /* failures counted beyond the free ones */
  LOCKOUT_NAMES_MAX = 10000,         /* somebody who invents names must not fill the disk */
  LOCKOUT_CLOCK_SLACK_MS = 60 * 1000 /* a clock set back by so little lifts no lock */
};

/* What a count is of, and how it grows and fades. */
struct lockout_kind {
  const char *name;
  int free;         /* failures that cost nothing */
  int64_t fades_ms; /* one failure is forgotten in so long */
};
extern const struct lockout_kind lockout_account;  /* a name, from browsers that never logged in as it */
extern const struct lockout_kind lockout_peer;     /* an address: the names that failed from it */
extern const struct lockout_kind lockout_device;   /* a browser that has logged in as the name before */
extern const struct lockout_kind lockout_password; /* the old password, of somebody who is logged in */

/* What so many failures wait. */
int64_t lockout_cost_ms(const struct lockout_kind *kind, int64_t failures);
/* Raises *wait_ms to what is left of the lock, if there is one. */
bool lockout_wait(struct db *db, const struct lockout_kind *kind, const char *name, int64_t now_ms,
                  int64_t *wait_ms, struct err *err);
/* One more failure; raises *wait_ms to what it costs. */
bool lockout_fail(struct tx *tx, const struct lockout_kind *kind, const char *name, int64_t *wait_ms,
                  struct err *err);
/* One failure less. */
bool lockout_forgive(struct tx *tx, const struct lockout_kind *kind, const char *name, struct err *err);
bool lockout_clear(struct tx *tx, const struct lockout_kind *kind, const char *name, struct err *err);
/* Has `name` failed from `peer` lately?  Notes that it has now. */
bool lockout_seen(struct tx *tx, const char *peer, const char *name, bool *seen, struct err *err);
/* Every lock and count, or those of one account: an act of the machine's administrator. */
bool lockout_lift(struct tx *tx, const char *account, int *lifted, struct err *err);
bool lockout_sweep(struct tx *tx, struct err *err);

#endif
