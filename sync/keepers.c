#include "sync/keepers.h"

#include "core/base/crypto.h"

#include <string.h>

bool keepers_read(struct keepers *out, struct db *db, uint32_t province, struct err *err)
{
  struct query q = query_open(db,
                              "SELECT DISTINCT author FROM sync_key WHERE revoked_ms = 0 AND author <> ?1"
                              " ORDER BY author LIMIT ?2 /* scan: a row a branch and epoch */",
                              err);
  query_int(&q, 1, province);
  query_int(&q, 2, KEEPERS_MAX);
  out->count = 0;
  while (query_row(&q) && out->count < KEEPERS_MAX)
    out->codes[out->count++] = (uint32_t)column_int(&q, 0);
  return query_close(&q);
}

/* SOURCE: the finalizer of SplitMix64 (Steele, Lea, Flood 2014). */
static uint64_t mix(uint64_t x)
{
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9U;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebU;
  return x ^ (x >> 31);
}

static uint64_t number_of(uint64_t tile_mixed, uint32_t code)
{
  return mix(tile_mixed ^ code);
}

bool keepers_have(const struct keepers *all, uint64_t tile, uint32_t branch)
{
  const uint64_t mixed = mix(tile + 0x9e3779b97f4a7c15U), mine = number_of(mixed, branch);
  uint32_t before = 0;
  bool is_one = false;
  for (uint32_t i = 0; i < all->count && before < KEEPERS_OF_A_TILE; i++) {
    const uint64_t other = number_of(mixed, all->codes[i]);
    is_one = is_one || all->codes[i] == branch;
    before += other > mine || (other == mine && all->codes[i] < branch);
  }
  return is_one && before < KEEPERS_OF_A_TILE;
}

void keepers_encode(struct buf *out, const struct keepers *all)
{
  put_u16(out, (uint16_t)all->count);
  for (uint32_t i = 0; i < all->count; i++)
    put_u32(out, all->codes[i]);
}

bool keepers_decode(struct keepers *out, const void *p, size_t n, struct err *err)
{
  struct reader r = reader_of(p, n);
  out->count = get_u16(&r);
  if (out->count > KEEPERS_MAX) r.bad = true;
  for (uint32_t i = 0; i < out->count && !r.bad; i++) {
    out->codes[i] = get_u32(&r);
    if (out->codes[i] == 0 || (i && out->codes[i] <= out->codes[i - 1])) r.bad = true;
  }
  if (reader_done(&r)) return true;
  out->count = 0;
  return err_rule(err, ERR_INPUT, "KEEPERS", "message", "a KEEPERS frame is malformed");
}

void keepers_id(uint8_t out[KEEPERS_ID_SIZE], const void *encoded, size_t n)
{
  uint8_t hash[HASH_SIZE];
  sha256(hash, encoded, n);
  memcpy(out, hash, KEEPERS_ID_SIZE);
}
