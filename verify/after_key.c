#include "verify/after_key.h"

#include <inttypes.h>
#include <stdio.h>

bool after_key(int64_t revoked_ms, int64_t received_ms)
{
  return revoked_ms && received_ms >= revoked_ms;
}

void after_key_line(struct buf *out, uint32_t author, uint64_t count, uint64_t first, uint64_t last)
{
  char line[240], which[100];
  if (count == 1)
    snprintf(which, sizeof which, "entry %" PRIu64 ": by the province's clock it", first);
  else
    snprintf(which, sizeof which,
             "%" PRIu64 " entries, the first %" PRIu64 ", the last %" PRIu64 ": by the province's clock they",
             count, first, last);
  snprintf(line, sizeof line,
           "  not proved: that author %" PRIu32 " wrote %s came after %s key had been revoked\n", author,
           which, count == 1 ? "its" : "their");
  put_text(out, line);
}
