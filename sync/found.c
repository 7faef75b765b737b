#include "sync/found.h"

#include "sync/tlog.h"

#include <string.h>

static bool hashes_to(const struct batch_entry *entry, const struct lost_leaf *leaf, const uint8_t *signature)
{
  struct buf bytes = {.max = LEAF_SIZE_MAX};
  struct merkle_hash hash;
  leaf_encode(&bytes, entry->record, entry->record_size, (uint64_t)leaf->received_ms, signature,
              signature ? SIGNATURE_SIZE : 0);
  merkle_leaf(&hash, bytes.data, bytes.size);
  bool same = !bytes.bad && memcmp(hash.bytes, leaf->leaf.bytes, HASH_SIZE) == 0;
  buf_wipe(&bytes);
  return same;
}

bool found_is(const struct batch *batch, uint32_t index, const struct lost_leaf *leaf, bool *is_signed)
{
  const struct batch_entry *entry = &batch->entries[index];
  bool is_last = index + 1 == batch->head.count;
  *is_signed = is_last && hashes_to(entry, leaf, batch->signature);
  return *is_signed || hashes_to(entry, leaf, NULL);
}

bool found_put(struct db *db, const struct batch *batch, uint32_t index, const struct lost_leaf *leaf,
               bool is_signed, const uint8_t *payload, const struct found_when *when, struct err *err)
{
  const struct batch_entry *entry = &batch->entries[index];
  struct query q = query_open(db,
                              "INSERT INTO sync_entry(pos, record, payload, signature, received_ms)"
                              " VALUES(?1, ?2, ?3, ?4, ?5)",
                              err);
  query_int(&q, 1, leaf->pos);
  query_blob(&q, 2, entry->record, entry->record_size);
  if (payload) query_blob(&q, 3, payload, entry->payload_size);
  if (is_signed) query_blob(&q, 4, batch->signature, SIGNATURE_SIZE);
  query_int(&q, 5, leaf->received_ms);
  if (!query_run(&q)) return false;
  q = query_open(db, "UPDATE sync_lost_leaf SET found_ms = ?2, found_end = ?3 WHERE pos = ?1", err);
  query_int(&q, 1, leaf->pos);
  query_int(&q, 2, when->now_ms > 0 ? when->now_ms : 1);
  query_int(&q, 3, when->log_end);
  return query_run(&q);
}
