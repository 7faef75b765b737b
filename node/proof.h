/* proof.h - `sunlit-node proof`: one entry of this branch as a file that anybody can check.
 *
 * Writes the c2sp.org/tlog-proof@v1 file (index, path, the checkpoint the province signed) and, beside it,
 * the leaf it is about: what `sunlit-verify --log VKEY --leaf FILE.leaf FILE` wants.  Reads only. */
#ifndef SUNLIT_NODE_PROOF_H
#define SUNLIT_NODE_PROOF_H

#include "core/base/cli.h"

bool proof_command(const struct cli_args *args, struct err *err);

#endif
