/* security_event.h - every refusal of a login, scope or role, as a record an auditor can see.
 *
 * A flood must not fill the journal: of each kind and peer at most 5 rows in ten minutes, 100 over all, are
 * written one by one; the rest is counted, and one row with the count follows when the window is over. */
#ifndef SUNLIT_DOMAIN_SECURITY_EVENT_H
#define SUNLIT_DOMAIN_SECURITY_EVENT_H

#include "core/base/tx.h"

enum { SECURITY_WINDOW_MS = 10 * 60 * 1000, SECURITY_ROWS_PEER = 5, SECURITY_ROWS_ALL = 100 };

/* kind: login, locked, role, scope, csrf, ... ; actor: the account as given, cut to 64; peer may be "". */
bool security_event_add(struct tx *tx, const char *kind, const char *actor, const char *detail,
                        const char *peer, struct err *err);
/* True in *due when windows are over that held something back. */
bool security_event_due(struct db *db, int64_t now_ms, bool *due, struct err *err);
bool security_event_flush(struct tx *tx, struct err *err);

struct security_event {
  uint32_t branch;
  int64_t id;
  const char *kind, *actor, *detail, *peer;
  int64_t count, at_ms;
};
bool security_event_list(struct db *db, uint32_t branch, int offset, int limit,
                         void (*each)(void *ctx, const struct security_event *row), void *ctx, int64_t *total,
                         struct err *err);

#endif
