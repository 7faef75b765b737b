/* prove.h - `verify`: every chain, signature and hash of a data directory, and that the tables follow from
 * them. The program may be running; nothing is written. */
#ifndef SUNLIT_PROGRAM_PROVE_H
#define SUNLIT_PROGRAM_PROVE_H

#include "core/base/cli.h"

bool prove_command(const struct cli_args *args, struct err *err);

#endif
