/* current.h - the tables as this program knows them, for a command that writes beside a running program.
 *
 * Between the upgrade of a program and its first `run` they are as the earlier one left them (sync/older.h
 * bears that where something only reads).  A command that writes brings them up to date as `run` does, and
 * says so; while a program of the earlier release still has the directory it refuses and says what to do:
 * nothing changes the tables under it. */
#ifndef SUNLIT_PROGRAM_CURRENT_H
#define SUNLIT_PROGRAM_CURRENT_H

#include "core/base/data_dir.h"
#include "core/base/db.h"

/* Tables of one program besides those that both have. */
struct current_more {
  bool (*waits)(struct db *db, bool *waits, struct err *err);
  bool (*migrate)(struct db *db, struct err *err);
};
/* more may be NULL.  ERR_BUSY rule "upgrade_waits" while an earlier program runs on it; "newer_schema" when
 * this one is. */
bool current_tables(const struct data_dir *dir, const struct current_more *more, struct err *err);

#endif
