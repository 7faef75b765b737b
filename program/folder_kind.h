/* folder_kind.h - whose folder or backup a command was given: a province's at sunlit-node, or a branch's at
 * sunlit-hub, is refused by name before anything of it is opened; and so is one whose database is missing or
 * empty or another's, at every command that does not make one.
 *
 *   const struct cli cli = {"sunlit-hub", about, commands, count, folder_of_province};
 */
#ifndef SUNLIT_PROGRAM_FOLDER_KIND_H
#define SUNLIT_PROGRAM_FOLDER_KIND_H

#include "core/base/cli.h"
#include "program/identity.h"

/* For cli.before.  True also when the folder is not there, or cannot be read: the command says that itself.
 * ERR_INPUT rule "wrong_folder", and those of
 * app_need_database. */
bool folder_of_province(const struct cli_args *args, struct err *err);
bool folder_of_branch(const struct cli_args *args, struct err *err);

/* Of a backup that was just restored into `path`: what it made there goes again.  ERR_INPUT "wrong_backup".
 */
bool backup_fits(const struct cli_args *args, const char *path, const struct identity *identity,
                 struct err *err);

#endif
