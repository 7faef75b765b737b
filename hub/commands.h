/* commands.h - short commands on a hub's directory: invite, revoke, import-catalogue.
 *
 * invite and revoke write local rows in one short transaction of their own and may be used while the hub
 * runs; it notices within a second.  import-catalogue writes entries, which only one program may: it takes
 * the directory's lock and is refused while the hub runs (then the pages import). */
#ifndef SUNLIT_HUB_COMMANDS_H
#define SUNLIT_HUB_COMMANDS_H

#include "core/base/cli.h"

bool invite_command(const struct cli_args *args, struct err *err);
bool revoke_command(const struct cli_args *args, struct err *err);
bool import_command(const struct cli_args *args, struct err *err);

#endif
