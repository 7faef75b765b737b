/* policy.h - which witnesses must have cosigned before a checkpoint counts as witnessed.
 *
 *   log VKEY [URL]
 *   witness NAME VKEY [URL]
 *   group NAME k|any|all MEMBER...
 *   quorum NAME|none
 * '#' opens a comment line.  A witness with an address is asked there (add_checkpoint.h).  A name is defined
 * before it is used, is a member of one group at most, and exactly one quorum line stands in the file.
 * SOURCE: c2sp.org/tlog-policy. OWNERSHIP: the policy owns everything; policy_close frees it.  THREADS:
 * read-only after policy_open.        */
#ifndef SUNLIT_SYNC_POLICY_H
#define SUNLIT_SYNC_POLICY_H

#include "sync/note.h"

enum { POLICY_NODES_MAX = 4096, POLICY_SIZE_MAX = 1024 * 1024, POLICY_URL_MAX = 400 };

struct policy;

/* ERR_INPUT rule "policy" names the line and what is wrong with it. */
bool policy_open(struct policy **out, const char *text, size_t size, struct err *err);
void policy_close(struct policy *policy);

/* The pinned log keys, in the order of the file. */
size_t policy_logs(const struct policy *policy, const struct note_key **keys);
size_t policy_witnesses(const struct policy *policy);
const struct note_key *policy_witness(const struct policy *policy, size_t i);
bool policy_asks_nobody(const struct policy *policy); /* quorum none: whatever is shown meets it */
const char *policy_witness_url(const struct policy *policy, size_t i); /* NULL: it has none */

struct policy_result {
  size_t witnesses; /* of those the policy names, how many lines verify */
  bool met;
  uint64_t oldest_s; /* time of the oldest good cosignature, 0 for none */
};
/* Judges the cosignatures of one note; a bad line of a named witness counts as none. */
void policy_judge(const struct policy *policy, const struct note *note, struct policy_result *result);

/* Appends the names of the witnesses that are not there, a few of them: "w1, w2 and 7 more"; nothing when all
 * are. */
void policy_missing(const struct policy *policy, bool (*there)(void *ctx, const struct note_key *key),
                    void *ctx, struct buf *out);

/* How far the quorum reaches when each witness vouches for the log up to a size of its own: a witness that
 * cosigned a checkpoint had proof that it continues all it saw before, so it vouches for every smaller one
 * too. size_of gives 0 for a witness that has cosigned nothing.  UINT64_MAX when the policy wants nobody. */
uint64_t policy_reach(const struct policy *policy, uint64_t (*size_of)(void *ctx, const struct note_key *key),
                      void *ctx);

#endif
