/* policy.h - `sunlit-hub policy`: a policy to start from, written from who is enrolled.
 *
 * The log's key, every branch in force as a witness, a group for each prefecture (half of its branches,
 * rounded up) and two thirds of the prefectures.  Branches of one administration are not independent of it:
 * the text says where a witness outside belongs.  Auditors keep their copy; the hub reads its own from
 * D/policy. */
#ifndef SUNLIT_HUB_POLICY_H
#define SUNLIT_HUB_POLICY_H

#include "core/base/cli.h"

bool policy_command(const struct cli_args *args, struct err *err);

#endif
