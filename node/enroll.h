/* enroll.h - `sunlit-node enroll`: from one line of invitation to a branch of the province.
 *
 * The keys are made in D/keys.new before anything is asked, so when the answer is lost on the line the same
 * command asks again with the same keys and gets the same answer.  Then come the certificates, the database
 * under the new epoch (a node that had a database keeps it, and journals again what the province had not yet
 * received), and last D/keys.new takes the place of D/keys.  A crash at any point before that leaves a
 * directory on which the same command is given again. */
#ifndef SUNLIT_NODE_ENROLL_H
#define SUNLIT_NODE_ENROLL_H

#include "core/base/cli.h"

bool enroll_command(const struct cli_args *args, struct err *err);

#endif
