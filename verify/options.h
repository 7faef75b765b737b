/* options.h - what the auditor gives beside the files: keys, a policy, how to fetch.  OWNERSHIP:
 * options_wipe. */
#ifndef SUNLIT_VERIFY_OPTIONS_H
#define SUNLIT_VERIFY_OPTIONS_H

#include "sync/entry.h"
#include "sync/policy.h"
#include "verify/audit_log.h"

struct options {
  struct note_key log;
  bool log_given;
  struct author_key *keys;
  size_t key_count;
  struct policy *policy;
  struct buf leaf;
  struct stream stream; /* of `payloads` */
  const char *out;      /* of `payloads`; NULL: not given */
};

/* Takes one "--name value".  ERR_MISSING when there is no option of that name. */
bool options_take(struct options *options, const char *name, const char *value, struct err *err);
/* The log's key, NULL when none was given. */
const struct note_key *options_log(const struct options *options);
void options_wipe(struct options *options);

#endif
