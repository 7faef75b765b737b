/* init.h - `sunlit-hub init`: a new province in an empty directory.
 *
 * Everything is made beside its place: keys in D/keys.new, the database with its seed under that key, and
 * last D/keys.new becomes D/keys.  A crash before that leaves a directory without keys: init starts over,
 * keeping the keys it had made and throwing away the half-filled database. */
#ifndef SUNLIT_HUB_INIT_H
#define SUNLIT_HUB_INIT_H

#include "core/base/cli.h"

bool init_command(const struct cli_args *args, struct err *err);

#endif
