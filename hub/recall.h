/* recall.h - `rebuild`, and `rebuild --from-branches`: a province that lost its disk comes back.
 *
 * The directory is one that `restore` made from a backup, however old.  The command opens the sync port, says
 * what is still missing and whose it is, and goes on as soon as every branch has brought what it has and
 * every leaf can be put in its place; or until SIGINT, and then goes on from there when it is called again.
 * Who there was, --branches says; else the database, when it knows any, and time for others to call.
 */
#ifndef SUNLIT_HUB_RECALL_H
#define SUNLIT_HUB_RECALL_H

#include "core/base/cli.h"

bool recall_command(const struct cli_args *args, struct err *err);

#endif
