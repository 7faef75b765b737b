/* status.h - `sunlit-node status`: what the directory and the running program, when one runs, know of the
 * branch. Exit 1 when a person is needed: nothing can be saved, the journal is in doubt, or the line cannot
 * go on. */
#ifndef SUNLIT_NODE_STATUS_H
#define SUNLIT_NODE_STATUS_H

#include "core/base/cli.h"

bool status_command(const struct cli_args *args, struct err *err);

#endif
