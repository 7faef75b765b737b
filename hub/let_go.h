/* let_go.h - `let-go`: people say that the province goes on without what a branch has shown of its log.
 *
 * A hub that a branch has proved to have gone back adds nothing until a rebuilding has brought that back.
 * When the branch is gone for good, and no other has it, nothing can.  Without more words the command lists
 * what stops the hub, each with the line to type; that line names the branch and exactly what it has shown.
 * What was let go stops nothing any more, whoever shows it, and stands in the audit trail (kind "let_go").
 * Nothing may run on the directory. */
#ifndef SUNLIT_HUB_LET_GO_H
#define SUNLIT_HUB_LET_GO_H

#include "core/base/cli.h"
#include "core/base/db.h"

bool let_go_command(const struct cli_args *args, struct err *err);
/* What the log says was let go is so in that database too, also when it was put together without what
 * branches had shown. */
bool let_go_restore(const char *path, uint32_t province, struct err *err);
/* For other commands, when something still stops the hub: one line that says so, and names this one. */
bool let_go_hint(struct db *db, uint32_t province, struct err *err);

#endif
