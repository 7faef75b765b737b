#include "sync/superseded.h"

#include <stdlib.h>

struct superseded_run {
  int64_t first, end;
};

static bool add(struct superseded *s, int64_t first, int64_t count, struct err *err)
{
  if ((s->count & (s->count - 1)) == 0) { /* full at every power of two */
    struct superseded_run *more = realloc(s->runs, (s->count ? 2 * s->count : 1) * sizeof *more);
    if (!more) return err_set(err, ERR_IO, "out of memory for %zu superseded runs", s->count);
    s->runs = more;
  }
  s->runs[s->count++] = (struct superseded_run){first, first + count};
  return true;
}

bool superseded_load(struct superseded *out, struct db *db, struct err *err)
{
  *out = (struct superseded){0};
  struct query q = query_open(db,
                              "SELECT first_pos, count FROM sync_span WHERE superseded = 1 ORDER BY first_pos"
                              " /* scan: once for all entries */",
                              err);
  bool ok = true;
  while (ok && query_row(&q))
    ok = add(out, column_int(&q, 0), column_int(&q, 1), err);
  return query_close(&q) && ok;
}

bool superseded_at(const struct superseded *s, int64_t pos)
{
  size_t low = 0, high = s->count; /* the first run that ends behind pos is in low..high */
  while (low < high) {
    size_t mid = low + (high - low) / 2;
    if (s->runs[mid].end <= pos)
      low = mid + 1;
    else
      high = mid;
  }
  return low < s->count && s->runs[low].first <= pos;
}

void superseded_close(struct superseded *s)
{
  free(s->runs);
  *s = (struct superseded){0};
}
