/* witness.h - this branch as a witness for other people's logs: POST /witness/add-checkpoint, if switched on.
 *
 * [witness] serve = 1 in D/sunlit.conf turns it on; the logs are the `log` lines of D/policy
 * (c2sp.org/tlog-policy).  Off, the path does not exist.  Anybody who reaches the people's port may ask,
 * without login: an answer depends on signatures and on what is held, never on who asks.  What is held is
 * held beside the province's log, in the same memory (sync/witness.h). THREADS: those of the web. */
#ifndef SUNLIT_NODE_WITNESS_H
#define SUNLIT_NODE_WITNESS_H

#include "core/base/cli.h"
#include "node/node.h"
#include "webui/web.h"

/* Reads the setting and the file; node->watched stays NULL when it is off. */
bool witness_open(struct node *node, struct err *err);
void witness_close(struct node *node);
web_handler node_post_add_checkpoint;
/* `sunlit-node witness`: "witness CODE VKEY". */
bool witness_command(const struct cli_args *args, struct err *err);

#endif
