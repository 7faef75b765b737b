#include "sync/keep_root.h"

#include <assert.h>

enum { TILE_LEVEL = 8 };

static void add(struct keep_root *r, unsigned level, const struct merkle_hash *hash)
{
  struct merkle_hash carried = *hash;
  unsigned at = level;
  for (; r->size >> at & 1; at++)
    merkle_node(&carried, &r->peaks[at], &carried);
  r->peaks[at] = carried;
  r->size += UINT64_C(1) << level;
}

void keep_root_tile(struct keep_root *r, const struct merkle_hash *hash)
{
  assert(r->size % TILE_WIDTH == 0);
  add(r, TILE_LEVEL, hash);
}

void keep_root_leaf(struct keep_root *r, const struct merkle_hash *hash)
{
  add(r, 0, hash);
}

void keep_root_get(const struct keep_root *r, struct merkle_hash *out)
{
  bool any = false;
  merkle_empty(out);
  for (unsigned at = 0; at < 63; at++) {
    if (!(r->size >> at & 1)) continue;
    if (any)
      merkle_node(out, &r->peaks[at], out);
    else
      *out = r->peaks[at];
    any = true;
  }
}
