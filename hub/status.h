/* status.h - `sunlit-hub status`: what the province holds and what is in no table, from its directory, while
 * the program runs or not. */
#ifndef SUNLIT_HUB_STATUS_H
#define SUNLIT_HUB_STATUS_H

#include "core/base/cli.h"

bool status_command(const struct cli_args *args, struct err *err);

#endif
