/* refusal.h - records of a branch the province keeps but does not count, and why; and the automatic price
 * rule that makes most of them.
 *
 * The rule: a counted price of more than five times, or less than a fifth, of the median of at least five
 * other branches' prices near that date; one that a person confirmed with a note waits for a person, however
 * few others there are (price_doubt.h).  The branch settles a refusal by a row that replaces the refused one.
 */
#ifndef SUNLIT_DOMAIN_REFUSAL_H
#define SUNLIT_DOMAIN_REFUSAL_H

#include "core/base/bytes.h"
#include "core/base/tx.h"

struct refusal {
  uint32_t branch;
  int64_t id;
  const char *subject_table; /* "price"; "entry" for quarantined entries: its id names the first one's seq,
                              * the epoch of its rows' ids and how many follow, its detail each of them
                              * (hub/told.h) */
  int64_t subject_id;
  const char *rule;   /* price_outlier, or the quarantine's */
  const char *detail; /* JSON object, for price_outlier {price_fen, median_fen, branches} */
  int64_t at_ms;
  bool settled;
  const char *no;    /* of the refused record; "" when it has none */
  const char *title; /* the product's name; "" when unknown */
};

enum refusal_which { REFUSAL_OPEN, REFUSAL_SETTLED /* by a later row, or by a person */ };
enum { REFUSALS_ALL = -1 };

/* The branch's, newest first, at most max of them. */
bool refusal_list(struct db *db, uint32_t branch, enum refusal_which which, int max,
                  void (*each)(void *ctx, const struct refusal *row), void *ctx, struct err *err);

struct refusal_word {
  char rule[49];
  int64_t at_ms;
};
/* Whether the province refused this row of the branch, or the whole entry it came in, and by which rule.  Two
 * look-ups by index, however much was refused. */
bool refusal_of(struct db *db, uint32_t branch, const char *table, int64_t id, bool *refused,
                struct refusal_word *out, struct err *err);
/* What the province said of the branch's records of these ids, of the entries they came in, and of those that
 * they replace, one after the other back to the first: oldest record first.  A reason stays readable when its
 * record is settled. */
bool refusal_history(struct db *db, uint32_t branch, int64_t first_id, int64_t last_id,
                     void (*each)(void *ctx, const struct refusal *row), void *ctx, struct err *err);
bool refusal_count(struct db *db, uint32_t branch, int64_t *open, struct err *err);
/* Branch: a person looked into a refusal that no later row can replace (of an entry, of a proposal) and says
 * in a few words what was done.  ERR_CONFLICT "handled" when it is settled, "correct_it" for a price or
 * rating. */
bool refusal_handle(struct tx *tx, int64_t id, const char *note, const char *peer, struct err *err);
/* Hub: one refusal for that branch; twice for the same record writes once. */
bool refusal_add(struct tx *tx, uint32_t branch, const char *subject_table, int64_t subject_id,
                 const char *rule, const char *detail, struct err *err);

#endif
