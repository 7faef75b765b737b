/* rebuild.h - `rebuild`: the tables of a data directory made anew from its log, in a copy that takes the
 * place of the database only when it has proved itself.  The same for both programs; nothing may run. */
#ifndef SUNLIT_PROGRAM_REBUILD_H
#define SUNLIT_PROGRAM_REBUILD_H

#include "core/base/cli.h"

bool rebuild_command(const struct cli_args *args, struct err *err);

#endif
