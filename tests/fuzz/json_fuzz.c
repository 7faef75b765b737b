/* JSON that is taken can be written and taken again, and is then the same. */
#include "core/base/json.h"
#include "tests/fuzz/fuzz.h"

static void read_members(const json_t *v)
{
  struct err err = ERR_INIT;
  int64_t n;
  const char *text;
  static const char *const only[] = {"name", "price_fen", "note", NULL};
  (void)json_get_int(v, "price_fen", 0, 100000, &n, &err);
  err_clear(&err);
  (void)json_get_text(v, "name", 1, 40, &text, &err);
  err_clear(&err);
  (void)json_get_text_or(v, "note", 200, "", &text, &err);
  err_clear(&err);
  (void)json_only(v, only, &err);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  struct err err = ERR_INIT;
  json_t *value = json_parse((const char *)data, size, &err);
  if (!value) {
    CLAIM(err.text[0]);
    return 0;
  }
  struct buf out = BUF_INIT;
  if (json_is_object(value)) read_members(value);
  CLAIM(json_write(&out, value));
  json_t *again = json_parse((const char *)out.data, out.size, &err);
  CLAIM(again && json_equal(value, again));
  json_decref(again);
  json_decref(value);
  buf_wipe(&out);
  return 0;
}
