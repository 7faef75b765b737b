#include "sync/tile.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

void tile_path(char out[TILE_PATH_MAX], const struct tile *tile)
{
  char number[40];
  uint64_t n = tile->n;
  char *at = number + sizeof number - 4;
  snprintf(at, 4, "%03u", (unsigned)(n % 1000));
  while (n >= 1000) {
    n /= 1000;
    char group[6];
    snprintf(group, sizeof group, "x%03u/", (unsigned)(n % 1000));
    at -= 5;
    memcpy(at, group, 5);
  }
  char level[8] = "entries";
  if (tile->level != TILE_ENTRIES) snprintf(level, sizeof level, "%d", tile->level);
  char partial[8] = "";
  if (tile->width < TILE_WIDTH) snprintf(partial, sizeof partial, ".p/%u", tile->width);
  snprintf(out, TILE_PATH_MAX, "tile/%s/%s%s", level, at, partial);
}

/* Up to three digits without more leading zeros than `exact` allows; -1 when it is not a number. */
static int digits(const char **at, bool exact)
{
  int v = 0;
  int count = 0;
  const char *start = *at;
  while (**at >= '0' && **at <= '9' && count < 4) {
    v = v * 10 + (**at - '0');
    (*at)++;
    count++;
  }
  if (count == 0 || count > 3 || (exact && count != 3) || (!exact && count > 1 && *start == '0')) return -1;
  return v;
}

static bool number(const char **at, uint64_t *n)
{
  *n = 0;
  for (int groups = 0; groups < 6; groups++) {
    bool more = **at == 'x';
    if (more) (*at)++;
    int group = digits(at, true);
    if (group < 0 || (more && groups == 0 && group == 0)) return false;
    *n = *n * 1000 + (uint64_t)group;
    if (!more) return true;
    if (*(*at)++ != '/') return false;
  }
  return false;
}

static bool parse(struct tile *tile, const char *path)
{
  const char *at = path;
  if (strncmp(at, "tile/", 5) != 0) return false;
  at += 5;
  tile->width = TILE_WIDTH;
  if (strncmp(at, "entries/", 8) == 0) {
    tile->level = TILE_ENTRIES;
    at += 7;
  } else {
    tile->level = digits(&at, false);
    if (tile->level < 0 || tile->level > TILE_LEVEL_MAX) return false;
  }
  if (*at++ != '/' || !number(&at, &tile->n)) return false;
  if (strncmp(at, ".p/", 3) == 0) {
    at += 3;
    int width = digits(&at, false);
    if (width < 1 || width >= TILE_WIDTH) return false;
    tile->width = (unsigned)width;
  }
  return *at == 0;
}

bool tile_parse(struct tile *tile, const char *path, struct err *err)
{
  struct tile parsed;
  if (!parse(&parsed, path))
    return err_rule(err, ERR_INPUT, "path", "tile_path", "'%.80s' is not the path of a tile", path);
  *tile = parsed;
  return true;
}

unsigned tile_width(int level, uint64_t n, uint64_t size)
{
  uint64_t hashes = level > 0 ? size >> (8 * level) : size;
  if (n >= (hashes + TILE_WIDTH - 1) / TILE_WIDTH) return 0;
  uint64_t left = hashes - n * TILE_WIDTH;
  return left < TILE_WIDTH ? (unsigned)left : TILE_WIDTH;
}
