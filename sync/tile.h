/* tile.h - where tiles stand: the paths and widths of a C2SP tlog-tiles tree.
 *
 * A tile is 256 hashes, 8192 bytes: tile (level, n) holds the hashes of the subtrees over 256^level leaves
 * from number n * 256 on.  The last tile of a level may be partial, of width 1 to 255.  Entry bundles are
 * tiles whose items are entries (u16 length, bytes); their level is written "entries". SOURCE:
 * c2sp.org/tlog-tiles.                                                                                */
#ifndef SUNLIT_SYNC_TILE_H
#define SUNLIT_SYNC_TILE_H

#include "core/base/bytes.h"
#include "core/base/err.h"

enum { TILE_WIDTH = 256, TILE_PATH_MAX = 80, TILE_ENTRIES = -1, TILE_LEVEL_MAX = 7 };

struct tile {
  int level; /* 0..7, or TILE_ENTRIES */
  uint64_t n;
  unsigned width; /* 1..256 */
};

/* Writes "tile/0/x001/234.p/5"; out holds TILE_PATH_MAX. */
void tile_path(char out[TILE_PATH_MAX], const struct tile *tile);
/* Reads exactly what tile_path writes; everything else is ERR_INPUT. */
bool tile_parse(struct tile *tile, const char *path, struct err *err);
/* Width of tile (level, n) in a tree of size leaves; 0 when it does not exist.  Entries have the widths of
 * level 0. */
unsigned tile_width(int level, uint64_t n, uint64_t size);

#endif
