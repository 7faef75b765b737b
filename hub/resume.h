/* resume.h - `resume`: a person says that a restored hub lacks nothing that a branch could show. */
#ifndef SUNLIT_HUB_RESUME_H
#define SUNLIT_HUB_RESUME_H

#include "core/base/cli.h"

bool resume_command(const struct cli_args *args, struct err *err);

#endif
