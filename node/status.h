/* status.h - `sunlit-node status`: what the directory knows of the branch, whether its program runs or not.
 */
#ifndef SUNLIT_NODE_STATUS_H
#define SUNLIT_NODE_STATUS_H

#include "core/base/cli.h"

bool status_command(const struct cli_args *args, struct err *err);

#endif
