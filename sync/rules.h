/* rules.h - what each value of a replicated table must be, as its schema declares it (column_rule).
 *
 * One place for all tables and both ends: tables_check asks it of every row, in the author's own store before
 * an entry is sealed and at the province before a row of a branch is written.  What a rule says is in the
 * database, beside the tables; this knows the kinds alone.  A value must also be of the very type its column
 * declares: SQLite would turn the text "700" into a number, and row and signed payload would differ.
 * OWNERSHIP: rules_wipe frees. */
#ifndef SUNLIT_SYNC_RULES_H
#define SUNLIT_SYNC_RULES_H

#include "core/base/changes.h"
#include "sync/entry.h"

struct table;   /* tables.h */
struct refusal; /* tables.h */
struct origin;  /* tables.h */

enum rule_kind {
  RULE_NONE,
  RULE_ID,
  RULE_NUMBER,
  RULE_TIME,
  RULE_DATE,
  RULE_NAME,
  RULE_REMARK,
  RULE_CODE,
  RULE_WORD,
  RULE_OBJECT,
  RULE_ROW,
  RULE_TARGET,
  RULE_EARLIER,
  RULE_BYTES,
  RULE_PROVINCE,
  RULE_AS_IS
};

struct rule {
  enum rule_kind kind;
  int64_t low, high;
  uint32_t since;
  char *refers;
  char *lookup; /* RULE_ROW: SQL */
};

/* The rules of a table whose columns are known; a database from before there were any has none. */
bool rules_load(struct table *table, struct db *db, struct err *err);
void rules_wipe(struct table *table);

/* True: every value that the change writes keeps the rules in force at origin->level.  False without a fault:
 * refused, why names column, rule and value.  A fault of the database is in err. */
bool rules_check(const struct table *table, struct db *db, const struct origin *origin,
                 const struct change *change, struct refusal *why, struct err *err);

#endif
