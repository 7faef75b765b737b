/* migrate.h - numbered schema steps of one part, applied in order, each in one transaction.
 *
 * A part ("sync", "domain", "hub") has its own number, kept in the table schema_version.  A database whose
 * number is newer than the program's last step is refused: an old program never writes over a newer schema.
 */
#ifndef SUNLIT_BASE_MIGRATE_H
#define SUNLIT_BASE_MIGRATE_H

#include "core/base/db.h"

struct migration {
  int number;      /* 1, 2, 3 ... without gaps */
  const char *sql; /* the whole .sql file */
};

bool migrate(struct db *db, const char *part, const struct migration *steps, size_t count, struct err *err);
/* Is there a step that the database has not taken yet?  ERR_INPUT rule "newer_schema" as migrate. */
bool migrate_waits(struct db *db, const char *part, size_t count, bool *waits, struct err *err);

#endif
