#include "sync/found.h"

#include "sync/tlog.h"

#include <string.h>

static bool hashes_to(const struct batch_entry *entry, const struct lost_leaf *leaf, int64_t received_ms,
                      const uint8_t *signature)
{
  struct buf bytes = {.max = LEAF_SIZE_MAX};
  struct merkle_hash hash;
  leaf_encode(&bytes, entry->record, entry->record_size, (uint64_t)received_ms, signature,
              signature ? SIGNATURE_SIZE : 0);
  merkle_leaf(&hash, bytes.data, bytes.size);
  bool same = !bytes.bad && memcmp(hash.bytes, leaf->leaf.bytes, HASH_SIZE) == 0;
  buf_wipe(&bytes);
  return same;
}

/* The time is part of the leaf.  leaf->received_ms is the true one then. */
static bool fits(const struct batch *batch, uint32_t index, struct lost_leaf *leaf, bool *is_signed)
{
  const struct batch_entry *entry = &batch->entries[index];
  const bool is_last = index + 1 == batch->head.count;
  const int64_t said[] = {leaf->received_ms, entry->came_ms};
  for (size_t i = 0; i < sizeof said / sizeof *said; i++) {
    *is_signed = is_last && hashes_to(entry, leaf, said[i], batch->signature);
    if (!*is_signed && !hashes_to(entry, leaf, said[i], NULL)) continue;
    leaf->received_ms = said[i];
    return true;
  }
  return false;
}

bool found_is(const struct batch *batch, uint32_t index, const struct lost_leaf *leaf, bool *is_signed)
{
  struct lost_leaf found = *leaf;
  return fits(batch, index, &found, is_signed);
}

/* What its keepers said of it was not so. */
static bool put_time(struct db *db, const struct lost_leaf *leaf, struct err *err)
{
  struct query q = query_open(db, "UPDATE sync_lost_leaf SET received_ms = ?2 WHERE pos = ?1", err);
  query_int(&q, 1, leaf->pos);
  query_int(&q, 2, leaf->received_ms);
  return query_run(&q);
}

bool found_put(struct db *db, const struct batch *batch, uint32_t index, const struct lost_leaf *lost,
               bool is_signed, const uint8_t *payload, const struct found_when *when, struct err *err)
{
  struct lost_leaf found = *lost;
  const struct lost_leaf *leaf = &found;
  bool as_it_is = false;
  if (!fits(batch, index, &found, &as_it_is)) return err_set(err, ERR_REFUTED, "it is not the leaf");
  if (found.received_ms != lost->received_ms && !put_time(db, &found, err)) return false;
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
  return query_run(&q) && lost_leaf_found(db, leaf->pos, when->now_ms, when->log_end, err);
}
