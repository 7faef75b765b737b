/* A record that decodes is canonical: encoding it gives the same bytes. */
#include "core/base/limits.h"
#include "sync/entry.h"
#include "tests/fuzz/fuzz.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  struct err err = ERR_INIT;
  struct record record;
  struct buf again = BUF_INIT;
  if (record_decode(&record, data, size, &err)) {
    CLAIM(size <= RECORD_SIZE_MAX);
    CLAIM(record_encode(&again, &record, &err));
    CLAIM(again.size == size && memcmp(again.data, data, size) == 0);
  } else {
    CLAIM(err.kind != ERR_NONE && err.text[0]);
  }
  buf_wipe(&again);
  return 0;
}
