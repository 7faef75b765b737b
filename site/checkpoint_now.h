/* checkpoint_now.h - the newest checkpoint the province signed, as lists and files name it: what was read
 * stood in a log of this size and root. THREADS: the connection's. */
#ifndef SUNLIT_SITE_CHECKPOINT_NOW_H
#define SUNLIT_SITE_CHECKPOINT_NOW_H

#include "core/base/json_out.h"
#include "sync/tlog.h"

struct checkpoint_now {
  char origin[TLOG_ORIGIN_SIZE];
  uint64_t size;    /* 0: nothing was signed yet */
  char root[48];    /* base64 */
  char root_hex[9]; /* its first digits, for a line of text */
  int64_t signed_ms;
};

bool checkpoint_now(struct db *db, uint32_t province, struct checkpoint_now *out, struct err *err);
/* The member "checkpoint": an object, or null when nothing was signed yet. */
void checkpoint_now_out(struct json_out *out, const struct checkpoint_now *now);

#endif
