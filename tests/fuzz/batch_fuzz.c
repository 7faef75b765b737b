/* A batch that opens holds canonical records chained to each other, within all bounds, and what is written of
 * it opens to the same records. */
#include "core/base/limits.h"
#include "sync/batch.h"
#include "tests/fuzz/fuzz.h"

#include <string.h>

static void check_chain(const struct batch *batch)
{
  struct err err = ERR_INIT;
  const uint8_t *prev = batch->head.prev;
  for (uint32_t i = 0; i < batch->head.count; i++) {
    const struct batch_entry *e = &batch->entries[i];
    struct record record;
    CLAIM(record_decode(&record, e->record, e->record_size, &err));
    CLAIM(record.seq == batch->head.first_seq + i && record.epoch == batch->head.epoch);
    CLAIM(memcmp(record.prev, prev, HASH_SIZE) == 0);
    CLAIM(record.payload_size == e->payload_size && e->payload_size <= PAYLOAD_SIZE_MAX);
    prev = e->hash;
  }
}

static void check_again(const struct batch *batch)
{
  struct err err = ERR_INIT;
  struct batch_writer *writer;
  struct batch *again = NULL;
  struct buf bytes = BUF_INIT;
  CLAIM(batch_writer_open(&writer, &batch->head, &err));
  bool fits = true;
  for (uint32_t i = 0; fits && i < batch->head.count; i++) {
    struct record record;
    CLAIM(record_decode(&record, batch->entries[i].record, batch->entries[i].record_size, &err));
    fits = batch_add(writer, &record, batch->entries[i].payload);
  }
  /* Ours may be a little larger than theirs, at the very bound. */
  if (fits && batch_finish(writer, batch->signature, &bytes, &err)) {
    CLAIM(batch_open(&again, bytes.data, bytes.size, &err));
    CLAIM(again->head.count == batch->head.count);
    CLAIM(memcmp(again->entries[again->head.count - 1].hash, batch->entries[batch->head.count - 1].hash,
                 HASH_SIZE) == 0);
  }
  batch_close(again);
  batch_writer_close(writer);
  buf_wipe(&bytes);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  struct err err = ERR_INIT;
  struct batch *batch = NULL;
  struct batch_head head;
  uint8_t key[PUBLIC_SIZE] = {1};
  if (batch_open(&batch, data, size, &err)) {
    CLAIM(batch_peek(&head, data, size, &err));
    check_chain(batch);
    check_again(batch);
    CLAIM(!batch_verify(batch, key, &err) && !batch->verified);
  } else {
    CLAIM(!batch && err.kind != ERR_NONE && err.text[0]);
  }
  batch_close(batch);
  return 0;
}
