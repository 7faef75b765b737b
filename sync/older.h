/* older.h - what only reads bears a database of before the upgrade.
 *
 * Between the upgrade of a program and its first `run`, which brings the tables up to date, the database is
 * as the earlier program left it.  status, verify, rebuild, export, proof and evidence must say what they say
 * of any other: what a later step of the schema added is empty there, so it is read as empty tables of this
 * connection alone, and a column that it added as what new rows have there. Nothing is written to the
 * database. THREADS: the connection's. */
#ifndef SUNLIT_SYNC_OLDER_H
#define SUNLIT_SYNC_OLDER_H

#include "core/base/db.h"

/* Gives the connection an empty table for each of sync's that its databases do not have; nothing when they
 * have all.  Outside of a transaction, and before the first statement that names one. */
bool older_bear(struct db *db, enum db_mode mode, struct err *err);

#endif
