/* run.h - `sunlit-node run`: opens everything in order, beats once a second, closes it in reverse. */
#ifndef SUNLIT_NODE_RUN_H
#define SUNLIT_NODE_RUN_H

#include "core/base/cli.h"

bool run_command(const struct cli_args *args, struct err *err);

#endif
