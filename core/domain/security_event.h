/* security_event.h - every refusal of a login, scope or role, every change of an account, every export and
 * reading of audit data, as a record an auditor can see.
 *
 * A flood of refusals must not fill the journal: of each kind and peer at most 5 rows in ten minutes, 100
 * over all, are written one by one; the rest is counted, and one row with the count follows when the window
 * is over. */
#ifndef SUNLIT_DOMAIN_SECURITY_EVENT_H
#define SUNLIT_DOMAIN_SECURITY_EVENT_H

#include "core/base/tx.h"
#include "core/domain/bookmark.h"

enum { SECURITY_WINDOW_MS = 10 * 60 * 1000, SECURITY_ROWS_PEER = 5, SECURITY_ROWS_ALL = 100 };

/* kind: login, locked, role, scope, csrf, ... ; actor: the account as given, cut to 64; peer may be "". */
bool security_event_add(struct tx *tx, const char *kind, const char *actor, const char *detail,
                        const char *peer, struct err *err);
/* The same without a bound, for what must be told one by one: who took data out, whose account was changed.
 * count: of how many acts this row speaks. */
bool security_event_record(struct tx *tx, const char *kind, const char *actor, const char *detail,
                           const char *peer, int64_t count, struct err *err);
/* Beside a running program, which alone can sign: the row is written when that program next flushes. */
bool security_event_leave(struct tx *tx, const char *kind, const char *detail, struct err *err);
/* True in *due when windows are over that held something back, or a command has left something to tell. */
bool security_event_due(struct db *db, int64_t now_ms, bool *due, struct err *err);
bool security_event_flush(struct tx *tx, struct err *err);

struct security_event {
  uint32_t branch;
  int64_t id;
  const char *kind, *actor, *detail, *peer;
  int64_t count, at_ms;
};
struct security_filter {
  uint32_t branch;   /* 0: all */
  const char *kinds; /* parted and surrounded by commas, ",login,locked,"; NULL: all */
  int64_t now_ms; /* of all branches: what claims to be later stands behind all others; 0: where it falls */
  struct page page;
};
/* Newest first.  total may be NULL. */
bool security_event_list(struct db *db, const struct security_filter *filter,
                         void (*each)(void *ctx, const struct security_event *row), void *ctx, int64_t *total,
                         struct err *err);

#endif
