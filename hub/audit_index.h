/* audit_index.h - the log as an auditor looks through it: who, what, when, about what, newest first.
 *
 * A record is bytes; the index is what its fields say, in columns that can be filtered, with eight bytes of
 * its hash; and sums of whole streams (audit_tally.h).  The steward lets it
 * follow the log whenever ingest rests, so it may be a few seconds behind; audit_lag says how much.  The
 * state of an entry is read from the quarantine and the forks themselves. THREADS: reading on the caller's
 * connection; following in the steward's thread. */
#ifndef SUNLIT_HUB_AUDIT_INDEX_H
#define SUNLIT_HUB_AUDIT_INDEX_H

#include "program/app.h"
#include "program/current.h"

/* Schema part "hub": local tables only the hub has. */
bool audit_index_migrate(struct db *db, struct err *err);
extern const struct current_more audit_index_tables; /* the same, for current_tables */
/* Indexes at most `rows` more entries; *more when there are others. */
bool audit_index_follow(struct app *app, struct db *db, int rows, bool *more, struct err *err);

/* Empties it, inside a local transaction: it is built again from the first entry. */
bool audit_index_forget(struct tx *tx, void *ctx, struct err *err);

struct audit_filter {
  uint32_t author, lane;  /* 0: all */
  const char *action;     /* NULL: all */
  int64_t from_ms, to_ms; /* of receiving; 0: open, to_ms is excluded */
  const char *text;       /* in actor, action or subject; NULL: all */
  const char *state;      /* "verified" "quarantined" "parked" "fork" "lost"; NULL: all */
  int odd;                /* bits of enum audit_odd (audit_tally.h); 0: all */
  int64_t before;         /* pos below this; 0: from the newest */
  int limit;
};

struct audit_row {
  int64_t pos;
  uint32_t author, lane, epoch;
  uint64_t seq;
  int64_t claimed_ms, received_ms;
  const char *actor, *action, *subject;
  const char *state;  /* of the five above */
  const char *reason; /* of the quarantine; "" */
  int odd;            /* bits of enum audit_odd: how its claimed time is out of order */
};

/* Newest first; total counts what the filter leaves, before `before` and limit (may be NULL: not counted). */
bool audit_list(struct db *db, const struct audit_filter *filter,
                void (*each)(void *ctx, const struct audit_row *row), void *ctx, int64_t *total,
                struct err *err);
/* ERR_MISSING "not_found" when the index has no such entry. */
bool audit_get(struct db *db, int64_t pos, void (*each)(void *ctx, const struct audit_row *row), void *ctx,
               struct err *err);
/* Entries whose record hash begins with bytes between low and high, both included, oldest first. */
bool audit_find_hash(struct db *db, const uint8_t low[8], const uint8_t high[8], int64_t *positions, int max,
                     int *count, struct err *err);
/* How many entries of the log are not indexed yet. */
bool audit_lag(struct db *db, int64_t *entries, struct err *err);

#endif
