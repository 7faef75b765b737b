/* accept.h - `accept FILE`: what a branch without a line wrote, taken in, and a receipt beside it. */
#ifndef SUNLIT_HUB_ACCEPT_H
#define SUNLIT_HUB_ACCEPT_H

#include "core/base/cli.h"
#include "program/app.h"

bool accept_command(const struct cli_args *args, struct err *err);
/* For carried.h. */
bool accept_carried(struct app *app, const struct buf *file, struct buf *receipt, struct buf *words,
                    struct err *err);

#endif
