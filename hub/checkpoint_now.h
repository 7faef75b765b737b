/* checkpoint_now.h - the newest checkpoint this hub signed, as lists and files name it: what was read stood
 * in a log of this size and root. THREADS: the connection's. */
#ifndef SUNLIT_HUB_CHECKPOINT_NOW_H
#define SUNLIT_HUB_CHECKPOINT_NOW_H

#include "core/base/json_out.h"
#include "sync/tlog.h"

struct checkpoint_now {
  char origin[TLOG_ORIGIN_SIZE];
  uint64_t size; /* 0: nothing was signed yet */
  char root[48]; /* base64 */
  int64_t signed_ms;
};

bool checkpoint_now(struct db *db, uint32_t province, struct checkpoint_now *out, struct err *err);
/* The member "checkpoint": an object, or null when nothing was signed yet. */
void checkpoint_now_out(struct json_out *out, const struct checkpoint_now *now);

#endif
