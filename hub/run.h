/* run.h - `sunlit-hub run`: opens everything in order, waits for SIGTERM, closes it in reverse. */
#ifndef SUNLIT_HUB_RUN_H
#define SUNLIT_HUB_RUN_H

#include "core/base/cli.h"

bool run_command(const struct cli_args *args, struct err *err);

#endif
