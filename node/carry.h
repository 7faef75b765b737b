/* carry.h - a branch without a line: `export` writes what the province has not received, `accept` takes the
 * receipt that comes back. */
#ifndef SUNLIT_NODE_CARRY_H
#define SUNLIT_NODE_CARRY_H

#include "core/base/cli.h"
#include "program/app.h"

bool export_command(const struct cli_args *args, struct err *err);
bool accept_command(const struct cli_args *args, struct err *err);
/* For carried.h. */
bool accept_carried(struct app *app, const struct buf *file, struct buf *answer, struct buf *words,
                    struct err *err);

#endif
