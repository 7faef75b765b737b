/* wire_bytes.c - bytes on the wire per one-row price entry, by batch size.
 * usage: wire_bytes                         goal: <= 56 in batches of 1024, one alone <= 310 */
#include "fixture.h"

#include "core/base/changes.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>

/* What the row itself holds: eight bytes a number, the texts as they are. */
static size_t content_of(const struct batch_entry *entry)
{
  struct changes walk = changes_of(entry->payload, entry->payload_size);
  struct change change;
  size_t size = 0;
  while (changes_next(&walk, &change, NULL))
    for (int i = 0; i < change.columns; i++)
      size += change.after[i].size;
  return size;
}

int main(void)
{
  static const uint32_t sizes[] = {1, 10, 100, 1024};
  struct site node;
  fixture_begin();
  site_open(&node, "node", CHUNAN, 1);
  for (int i = 0; i < 1100; i++) {
    site_record_price(&node, i);
    if (i == 0 || i == 10 || i == 110 || i == 1023)
      if (!store_sign_head(node.store, FIXTURE_NOW_MS, NULL)) return 1;
  }
  static const uint64_t after[] = {0, 1, 11, 0};
  for (int i = 0; i < 4; i++) {
    struct buf bytes = BUF_INIT;
    struct batch *batch = NULL;
    struct batch_limits limits = {.entries_max = sizes[i]};
    if (!store_batch_read(node.reader, (struct stream){CHUNAN, 0}, after[i], &limits, NULL, &bytes, NULL))
      return 1;
    if (!batch_open(&batch, bytes.data, bytes.size, NULL)) return 1;
    size_t content = 0;
    for (uint32_t k = 0; k < batch->head.count; k++)
      content += content_of(&batch->entries[k]);
    printf("%5u entries: %6zu bytes, %6.1f each; content %.1f, record %u\n", batch->head.count, bytes.size,
           (double)bytes.size / batch->head.count, (double)content / batch->head.count,
           batch->entries[0].record_size);
    batch_close(batch);
    buf_wipe(&bytes);
  }
  site_close(&node);
  fixture_end();
  return 0;
}
