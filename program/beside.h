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

/* Opens the directory named by --dir, calls work, closes it again.  BESIDE_WRITES: with the tables as this
 * program knows them (current.h); BESIDE_LOOKS takes them as they are, though it may write of what it finds.
 */
enum beside_mode { BESIDE_READS, BESIDE_LOOKS, BESIDE_WRITES };
bool beside_run(const struct cli_args *args, enum beside_mode mode,
                bool (*work)(const struct beside *beside, struct err *err), struct err *err);

#endif
