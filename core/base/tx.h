/* tx.h - what a domain function gets of the transaction it runs in.
 *
 * The store opens the transaction, fills this struct and calls the domain; the domain runs SQL on `db`, takes
 * ids and the time from here, and never begins or ends a transaction itself.
 *
 * An id is epoch << 40 | seq << 12 | n, where (epoch, seq) is the entry that creates the row and n counts its
 * rows.  So an id is unique without asking anybody, and any row leads to the signed entry that made it. */
#ifndef SUNLIT_BASE_TX_H
#define SUNLIT_BASE_TX_H

#include "core/base/db.h"

/* Who may author a table's rows and where they go (table_scope in the schema says which table is which). */
enum scope { SCOPE_LOCAL, SCOPE_BRANCH, SCOPE_SHARED, SCOPE_DIRECTED, SCOPE_COUNT };

struct ids {
  int64_t base;
  int next;
};

struct tx {
  struct db *db;
  uint32_t author;   /* the branch code of this node, or the province's on the hub */
  int64_t now_ms;    /* UTC; the same for the whole transaction */
  const char *actor; /* the account that acts, e.g. "officer"; "system" for the program itself */
  const char *role;
  char subject[121]; /* what the entry is about, e.g. the number of the record; the domain may set it */
  bool more; /* set by the domain: there is more than fits one entry, and it goes on in the next of this
                commit */
  struct ids ids[SCOPE_COUNT];
};

/* The next id for a row of that scope; ERR_LIMIT past ENTRY_ROWS_MAX rows in one transaction. */
bool tx_id(struct tx *tx, enum scope scope, int64_t *id, struct err *err);

static inline int64_t id_of(uint32_t epoch, uint64_t seq, int n)
{
  return (int64_t)((uint64_t)epoch << 40 | seq << 12 | (uint64_t)n);
}
static inline uint32_t id_epoch(int64_t id)
{
  return (uint32_t)((uint64_t)id >> 40);
}
static inline uint64_t id_seq(int64_t id)
{
  return ((uint64_t)id >> 12) & ((1U << 28) - 1);
}

#endif
