/* backup.h - `backup` and `restore`, the same for both programs: a data directory as one sealed file.
 *
 * A backup may be made while the program runs: the database is copied through its own connection, as of one
 * moment, and marked as a copy (sync/restored.h); keys and configuration lie beside it.  The file is read
 * back before it gets its name.  Restoring writes a directory that was not there, or nothing. */
#ifndef SUNLIT_PROGRAM_BACKUP_H
#define SUNLIT_PROGRAM_BACKUP_H

#include "core/base/cli.h"

bool backup_command(const struct cli_args *args, struct err *err);
bool restore_command(const struct cli_args *args, struct err *err);

#endif
