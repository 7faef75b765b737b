/* trust.h - `trust`: a person lets the branch listen to its province again after it was caught in a lie.
 * What the branch has witnessed stays its floor: a log that does not continue it is caught again. */
#ifndef SUNLIT_NODE_TRUST_H
#define SUNLIT_NODE_TRUST_H

#include "core/base/cli.h"

bool trust_command(const struct cli_args *args, struct err *err);

#endif
