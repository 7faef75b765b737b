#include "sync/standing.h"

#include "core/base/limits.h"

#include <string.h>

void standing_encode(struct buf *out, const struct standing *standing)
{
  put_u32(out, standing->head.epoch);
  put_u64(out, standing->head.seq);
  put_bytes(out, standing->head.hash, HASH_SIZE);
  put_bytes(out, standing->challenge, CHALLENGE_SIZE);
}

bool standing_decode(struct standing *out, const void *bytes, size_t size, struct err *err)
{
  struct reader r = reader_of(bytes, size);
  struct standing s = {.head.epoch = get_u32(&r)};
  s.head.seq = get_u64(&r);
  const uint8_t *hash = get_bytes(&r, HASH_SIZE);
  const uint8_t *challenge = get_bytes(&r, CHALLENGE_SIZE);
  if (!reader_done(&r) || s.head.seq > SEQ_MAX || s.head.epoch > EPOCH_MAX)
    return err_rule(err, ERR_INPUT, "file", "carry", "a standing of %zu bytes is malformed", size);
  memcpy(s.head.hash, hash, HASH_SIZE);
  memcpy(s.challenge, challenge, CHALLENGE_SIZE);
  *out = s;
  return true;
}

/* A database of before copies asked anything has no column for it, until the program runs on it. */
static bool can_ask(struct db *db, bool *can, struct err *err)
{
  int64_t columns = 0;
  bool ok = db_int(db, "SELECT count(*) FROM pragma_table_info('sync_restored') WHERE name = 'challenge'", 0,
                   &columns, err);
  *can = columns > 0;
  return ok;
}

bool challenge_get(struct db *db, uint8_t out[CHALLENGE_SIZE], bool *asks, struct err *err)
{
  bool can = false;
  *asks = false;
  if (!can_ask(db, &can, err)) return false;
  if (!can) return true;
  struct query q = query_open(db, "SELECT challenge FROM sync_restored WHERE id = 1", err);
  size_t n = 0;
  const void *challenge = query_row(&q) ? column_blob(&q, 0, &n) : NULL;
  *asks = n == CHALLENGE_SIZE;
  if (*asks) memcpy(out, challenge, CHALLENGE_SIZE);
  return query_close(&q);
}

bool challenge_make(struct db *db, struct err *err)
{
  uint8_t challenge[CHALLENGE_SIZE];
  bool can = false;
  if (!can_ask(db, &can, err)) return false;
  if (!can) return true;
  crypto_random(challenge, sizeof challenge);
  struct query q =
      query_open(db, "UPDATE sync_restored SET challenge = ?1 WHERE id = 1 AND challenge IS NULL", err);
  query_blob(&q, 1, challenge, sizeof challenge);
  return query_run(&q);
}
