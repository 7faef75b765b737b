/* beside.h - one command on a data directory whose program may be running beside it: who it belongs to, and a
 * connection to its database. */
#ifndef SUNLIT_PROGRAM_BESIDE_H
#define SUNLIT_PROGRAM_BESIDE_H

#include "core/base/cli.h"
#include "core/base/db.h"
#include "program/identity.h"

struct beside {
  const struct cli_args *args;
  struct identity identity;
  struct db *db;
};

/* Opens the directory named by --dir, calls work, closes it again. */
bool beside_run(const struct cli_args *args, enum db_mode mode,
                bool (*work)(const struct beside *beside, struct err *err), struct err *err);

#endif
