/* proof.h - `sunlit-node proof`, and GET entries/{row}/proof: one entry of this branch as a file that anybody
 * can check.
 *
 * The c2sp.org/tlog-proof@v1 file: the leaf, its index and path, the checkpoint the province signed.  It is
 * what `sunlit-verify --log VKEY FILE` wants.  Reads only. */
#ifndef SUNLIT_NODE_PROOF_H
#define SUNLIT_NODE_PROOF_H

#include "core/base/cli.h"
#include "webui/web.h"

bool proof_command(const struct cli_args *args, struct err *err);
web_handler node_get_proof;

#endif
