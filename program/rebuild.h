/* rebuild.h - `rebuild`: the tables of a data directory made anew from its log, in a copy that takes the
 * place of the database only when it has proved itself.  The same for both programs; nothing may run. */
#ifndef SUNLIT_PROGRAM_REBUILD_H
#define SUNLIT_PROGRAM_REBUILD_H

#include "core/base/cli.h"
#include "core/base/data_dir.h"

/* What is done to the copy before its tables are made: the log is written on.  *fresh_from: see rebuild.h of
 * sync. */
typedef bool (*rebuild_grow)(const char *copy, void *ctx, int64_t *fresh_from, struct err *err);
/* And when they are made, before the copy is proved: local rows that follow from the log. */
typedef bool (*rebuild_settle)(const char *copy, void *ctx, struct err *err);
/* In a directory that is locked already; grow and settle may be NULL.  Tells on stdout what it did. */
bool rebuild_dir(const struct data_dir *dir, rebuild_grow grow, rebuild_settle settle, void *ctx,
                 struct err *err);

bool rebuild_command(const struct cli_args *args, struct err *err);

#endif
