#include "sync/entry.h"

#include "core/base/limits.h"
#include "vectors.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <string.h>

static struct record sample(void)
{
  struct record r = {.stream = {330127, 0},
                     .epoch = 2,
                     .seq = 4711,
                     .hlc = 0x01a20b3c4d5e0007,
                     .schema = 3,
                     .actor = name_of("officer"),
                     .action = name_of("price.record"),
                     .subject = name_of("JG330127-202611-0031 茶"),
                     .payload_size = 147};
  memset(r.prev, 0x11, HASH_SIZE);
  memcpy(r.schema_hash, "\x01\x02\x03\x04\x05\x06\x07\x08", SCHEMA_HASH_SIZE);
  memset(r.payload_sha256, 0x22, HASH_SIZE);
  return r;
}

static void a_record_is_the_frozen_bytes(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  struct buf bytes = BUF_INIT, want = BUF_INIT;
  uint8_t hash[HASH_SIZE];
  struct record r = sample();
  assert_true(record_encode(&bytes, &r, &err));
  vector_get("record.txt", "record", &want);
  assert_int_equal(bytes.size, want.size);
  assert_memory_equal(bytes.data, want.data, want.size);
  record_hash(hash, bytes.data, bytes.size);
  vector_get("record.txt", "hash", &want);
  assert_memory_equal(hash, want.data, HASH_SIZE);
  buf_wipe(&bytes);
  buf_wipe(&want);
}

static void a_head_signature_is_the_frozen_bytes(void **state)
{
  (void)state;
  struct buf seed = BUF_INIT, hash = BUF_INIT, want = BUF_INIT;
  uint8_t public_key[PUBLIC_SIZE], secret[SECRET_SIZE], signature[SIGNATURE_SIZE];
  vector_get("record.txt", "seed", &seed);
  vector_get("record.txt", "hash", &hash);
  vector_get("record.txt", "signature", &want);
  sign_pair_of_seed(public_key, secret, seed.data);
  head_sign(signature, hash.data, secret);
  assert_memory_equal(signature, want.data, SIGNATURE_SIZE);
  assert_true(head_verify(signature, hash.data, public_key));
  for (int i = 0; i < SIGNATURE_SIZE * 8; i++) {
    signature[i / 8] ^= (uint8_t)(1 << i % 8);
    assert_false(head_verify(signature, hash.data, public_key));
    signature[i / 8] ^= (uint8_t)(1 << i % 8);
  }
  buf_wipe(&seed);
  buf_wipe(&hash);
  buf_wipe(&want);
}

static void what_is_encoded_is_decoded(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  struct buf bytes = BUF_INIT, again = BUF_INIT;
  struct record r = sample(), back;
  assert_true(record_encode(&bytes, &r, &err));
  assert_true(record_decode(&back, bytes.data, bytes.size, &err));
  assert_int_equal(back.seq, r.seq);
  assert_int_equal(back.subject.size, r.subject.size);
  assert_true(record_encode(&again, &back, &err));
  assert_memory_equal(bytes.data, again.data, bytes.size);
  buf_wipe(&bytes);
  buf_wipe(&again);
}

/* Every change of a record either fails to decode or is another record with another hash. */
static void no_other_bytes_are_this_record(void **state)
{
  (void)state;
  struct buf bytes = BUF_INIT, again = BUF_INIT;
  struct record r = sample(), back;
  assert_true(record_encode(&bytes, &r, NULL));
  for (size_t n = 0; n < bytes.size; n++)
    assert_false(record_decode(&back, bytes.data, n, NULL));
  put_u8(&bytes, 0);
  struct err err = ERR_INIT;
  assert_false(record_decode(&back, bytes.data, bytes.size, &err));
  assert_string_equal(err.field, "size");
  bytes.size--;
  for (size_t bit = 0; bit < bytes.size * 8; bit++) {
    bytes.data[bit / 8] ^= (uint8_t)(1 << bit % 8);
    if (record_decode(&back, bytes.data, bytes.size, NULL)) {
      buf_clear(&again);
      assert_true(record_encode(&again, &back, NULL));
      assert_int_equal(again.size, bytes.size);
      assert_memory_equal(again.data, bytes.data, bytes.size);
    }
    bytes.data[bit / 8] ^= (uint8_t)(1 << bit % 8);
  }
  buf_wipe(&bytes);
  buf_wipe(&again);
}

static void bounds_hold_at_n_and_break_at_n_plus_one(void **state)
{
  (void)state;
  struct buf bytes = BUF_INIT;
  char text[NAME_SIZE_MAX + 2];
  memset(text, 'a', sizeof text);
  text[NAME_SIZE_MAX + 1] = 0;
  struct record r = sample();
  r.actor = r.action = r.subject = (struct name){text, NAME_SIZE_MAX};
  r.payload_size = PAYLOAD_SIZE_MAX;
  r.seq = SEQ_MAX;
  r.epoch = EPOCH_MAX;
  assert_true(record_encode(&bytes, &r, NULL));
  assert_true(bytes.size <= RECORD_SIZE_MAX);
  struct record wrong = r;
  wrong.subject.size++;
  struct err err = ERR_INIT;
  assert_false(record_encode(&bytes, &wrong, &err));
  assert_int_equal(err.kind, ERR_LIMIT);
  assert_string_equal(err.field, "subject");
  wrong = r;
  wrong.payload_size++;
  assert_false(record_encode(&bytes, &wrong, NULL));
  wrong = r;
  wrong.seq++;
  assert_false(record_encode(&bytes, &wrong, NULL));
  wrong = r;
  wrong.epoch++;
  assert_false(record_encode(&bytes, &wrong, NULL));
  wrong = r;
  wrong.seq = 0;
  assert_false(record_encode(&bytes, &wrong, NULL));
  wrong = r;
  wrong.actor = name_of("two\nlines");
  assert_false(record_encode(&bytes, &wrong, NULL));
  wrong.actor = name_of("\xff");
  assert_false(record_encode(&bytes, &wrong, NULL));
  struct record empty = sample();
  empty.actor = empty.action = empty.subject = name_of("");
  buf_clear(&bytes);
  assert_true(record_encode(&bytes, &empty, NULL));
  assert_int_equal(bytes.size, RECORD_SIZE_MIN);
  buf_wipe(&bytes);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_record_is_the_frozen_bytes),
      cmocka_unit_test(a_head_signature_is_the_frozen_bytes),
      cmocka_unit_test(what_is_encoded_is_decoded),
      cmocka_unit_test(no_other_bytes_are_this_record),
      cmocka_unit_test(bounds_hold_at_n_and_break_at_n_plus_one),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
