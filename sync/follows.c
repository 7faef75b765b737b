#include "sync/follows.h"

#include "core/base/clock.h"
#include "sync/streams.h"
#include "sync/tlog.h"

#include <string.h>

/* Of what is lost, or was, the row says it. */
static bool is_kept(struct db *db, int64_t pos, const uint8_t leaf[HASH_SIZE], bool *yes, struct err *err)
{
  struct query q = query_open(db, "SELECT 1 FROM sync_lost_leaf WHERE pos = ?1 AND leaf = ?2", err);
  query_int(&q, 1, pos);
  query_blob(&q, 2, leaf, HASH_SIZE);
  *yes = query_row(&q);
  return query_close(&q);
}

static bool hashes_to(const struct logged *e, int64_t received_ms, bool is_signed,
                      const uint8_t leaf[HASH_SIZE])
{
  struct buf bytes = {.max = LEAF_SIZE_MAX};
  struct merkle_hash made;
  leaf_encode(&bytes, e->bytes, e->size, (uint64_t)received_ms, is_signed ? e->signature : NULL,
              is_signed ? SIGNATURE_SIZE : 0);
  merkle_leaf(&made, bytes.data, bytes.size);
  bool same = !bytes.bad && memcmp(made.bytes, leaf, HASH_SIZE) == 0;
  buf_wipe(&bytes);
  return same;
}

/* What is signed here may have gone up under a later one's signature. */
static bool is_either(const struct logged *e, int64_t received_ms, const uint8_t leaf[HASH_SIZE])
{
  return hashes_to(e, received_ms, false, leaf) || (e->is_signed && hashes_to(e, received_ms, true, leaf));
}

/* Else it is made again.  When the province received an entry of its own a branch knows by the receipt; what
 * the province writes it receives at once, and has signed where the lane ended. */
static bool is_made(struct db *db, int64_t pos, const uint8_t leaf[HASH_SIZE], bool *yes, struct err *err)
{
  struct logged e;
  struct lost_leaf lost_leaf;
  struct buf keep = BUF_INIT;
  int64_t received_ms = 0;
  bool lost = false;
  bool ok = entry_read_or_lost(db, pos, &e, &keep, &lost_leaf, &lost, err) &&
            (lost || stream_received_ms(db, e.record.stream, e.record.seq, &received_ms, err));
  if (ok && !lost) {
    if (received_ms == 0) received_ms = e.received_ms;
    *yes = is_either(&e, received_ms, leaf) || is_either(&e, hlc_ms(e.record.hlc), leaf);
  }
  buf_wipe(&keep);
  return ok;
}

bool is_leaf_here(struct db *db, int64_t pos, const struct lost_leaf *leaf, bool *yes, struct err *err)
{
  struct logged e;
  struct lost_leaf hole;
  struct buf keep = BUF_INIT;
  bool lost = false;
  bool ok = entry_read_or_lost(db, pos, &e, &keep, &hole, &lost, err);
  *yes = ok && !lost && e.record.seq == leaf->seq && is_either(&e, leaf->received_ms, leaf->leaf.bytes);
  buf_wipe(&keep);
  return ok;
}

bool follows_on(struct db *db, int64_t pos, const uint8_t hash[HASH_SIZE], const uint8_t prev[HASH_SIZE],
                bool *yes, struct err *err)
{
  *yes = memcmp(prev, hash, HASH_SIZE) == 0;
  return *yes || pos < 0 || (is_kept(db, pos, prev, yes, err) && (*yes || is_made(db, pos, prev, yes, err)));
}

bool follows_on_head(struct db *db, int64_t pos, const struct head *head, const uint8_t prev[HASH_SIZE],
                     bool *yes, struct err *err)
{
  *yes = head->lost;
  if (*yes || head->seq > 0) return *yes || follows_on(db, pos, head->hash, prev, yes, err);
  *yes = memcmp(prev, head->hash, HASH_SIZE) == 0;
  return true;
}
