/* evidence_act.h - reads, in the payload of an entry of the province, the act that withheld another entry.
 *
 * For whoever has bytes and no database: an auditor with a bundle.  Columns are known by their place, as
 * PROTOCOL 4.5 lists them.  The caller has verified the entry.  THREADS: pure functions. */
#ifndef SUNLIT_SYNC_EVIDENCE_ACT_H
#define SUNLIT_SYNC_EVIDENCE_ACT_H

#include "core/base/crypto.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct evidence_act {
  int64_t pos; /* of the entry with the act; -1: none is known */
  char rule[41];
  char asked_by[65];
  char actor[65];
  int64_t at_ms;
};

/* True when the payload has an act about the entry with that record hash; pos is left alone. */
bool evidence_act_read(const void *payload, size_t size, const uint8_t record_hash[HASH_SIZE],
                       struct evidence_act *out);

#endif
