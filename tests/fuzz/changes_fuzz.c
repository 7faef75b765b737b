/* The walker over a changeset stays inside its bytes, and ends in "done" or in an error that says where. */
#include "core/base/changes.h"
#include "tests/fuzz/fuzz.h"

#include <string.h>

static void touch(const struct value *v, const uint8_t *data, size_t size)
{
  if (v->kind == VALUE_TEXT || v->kind == VALUE_BLOB)
    CLAIM(v->size == 0 || (v->p >= data && v->p + v->size <= data + size));
  (void)value_int(v);
  (void)value_real(v);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  struct err err = ERR_INIT;
  struct changes walk = changes_of(data, size);
  struct change change;
  size_t rows = 0;
  while (changes_next(&walk, &change, &err)) {
    CLAIM(change.columns > 0 && change.columns <= CHANGE_COLUMNS_MAX);
    CLAIM(strlen(change.table) < size);
    CLAIM(change.start >= data && change.start + change.size <= data + size);
    for (int i = 0; i < change.columns; i++) {
      if (change.op != CHANGE_INSERT) touch(&change.before[i], data, size);
      if (change.op != CHANGE_DELETE) touch(&change.after[i], data, size);
    }
    CLAIM(++rows <= size);
  }
  CLAIM(changes_done(&walk) || err.text[0]);
  return 0;
}
