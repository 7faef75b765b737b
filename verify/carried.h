/* carried.h - what an auditor can prove of a file that was carried by hand (sync/carry.h): of entries, whose
 * they are and that they follow on each other; of a receipt, that the log signed the checkpoint in it. */
#ifndef SUNLIT_VERIFY_CARRIED_H
#define SUNLIT_VERIFY_CARRIED_H

#include "core/base/err.h"
#include "sync/batch.h"
#include "sync/note.h"
#include "verify/audit_log.h"

struct carried_config {
  const char *where;
  const struct note_key *log; /* NULL: not given */
  const struct author_key *keys;
  size_t key_count;
  /* Called with each batch that verified and follows; NULL: nobody wants them. */
  bool (*take)(void *ctx, const struct batch *batch, struct err *err);
  void *ctx;
};

/* Prints what it proved and what not. */
bool carried_verify(const struct carried_config *config, const void *p, size_t n, struct err *err);
/* Does the batch begin behind an entry of its stream that has this record?  Rule chain when not. */
bool carried_follows(const struct batch_head *head, uint64_t last_seq, const uint8_t last_hash[HASH_SIZE],
                     struct err *err);
/* How many of its entries come without their payload: whoever carries it may have taken them out. */
void carried_say_absent(const struct batch *batch);
/* NULL with err set when the key of that author and epoch was not given. */
const struct author_key *carried_key(const struct carried_config *config, uint32_t author, uint32_t epoch,
                                     struct err *err);

#endif
