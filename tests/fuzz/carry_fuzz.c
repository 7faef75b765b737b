/* A carried file that opens is whole: its items lie inside of it, are of the types its kind may hold, within
 * their bounds, and written again they are the same bytes. */
#include "sync/carry.h"
#include "tests/fuzz/fuzz.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  struct err err = ERR_INIT;
  struct carry_reader reader;
  struct frame item;
  struct buf again = BUF_INIT;
  uint32_t count = 0;
  if (!carry_open(&reader, data, size, &err)) {
    CLAIM(err.kind != ERR_NONE && err.text[0]);
    return 0;
  }
  CLAIM(carry_is(data, size));
  carry_begin(&again, &reader.head);
  while (carry_next(&reader, &item)) {
    CLAIM(item.size <= frame_size_max(item.type));
    CLAIM(reader.head.kind != CARRY_ENTRIES || item.type == FRAME_BATCH || item.type == FRAME_WITNESSED ||
          item.type == FRAME_STANDING);
    frame_put(&again, item.type, item.body, item.size);
    count++;
  }
  CLAIM(count == reader.head.count);
  CLAIM(carry_end(&again, count, &err));
  CLAIM(again.size == size && memcmp(again.data, data, size) == 0);
  buf_wipe(&again);
  return 0;
}
