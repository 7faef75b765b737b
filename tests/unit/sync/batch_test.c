#include "forge.h"
#include "vectors.h"

#include "core/base/limits.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct site node;
static const struct stream own = {CHUNAN, 0};

static int begin(void **state)
{
  (void)state;
  fixture_begin();
  site_open(&node, "node", CHUNAN, 1);
  return 0;
}

static int end(void **state)
{
  (void)state;
  site_close(&node);
  fixture_end();
  return 0;
}

static void read_bytes(struct buf *out, uint64_t after, struct batch_head *head)
{
  struct err err = ERR_INIT;
  buf_clear(out);
  assert_true(store_sign_head(node.store, FIXTURE_NOW_MS, &err));
  assert_true(store_batch_read(node.reader, own, after, NULL, head, out, &err));
}

static void a_batch_gives_back_every_record_byte_for_byte(void **state)
{
  (void)state;
  struct buf bytes = BUF_INIT, keep = BUF_INIT;
  struct batch *batch = NULL;
  struct logged logged;
  for (int i = 0; i < 200; i++)
    site_record_price(&node, i);
  read_bytes(&bytes, 50, NULL);
  assert_true(batch_open(&batch, bytes.data, bytes.size, NULL));
  assert_int_equal(batch->head.first_seq, 51);
  assert_int_equal(batch->head.count, 150);
  for (uint32_t i = 0; i < batch->head.count; i++) {
    assert_true(entry_read(node.reader, 50 + i, &logged, &keep, NULL));
    assert_int_equal(logged.size, batch->entries[i].record_size);
    assert_memory_equal(logged.bytes, batch->entries[i].record, logged.size);
    assert_memory_equal(logged.hash, batch->entries[i].hash, HASH_SIZE);
    assert_memory_equal(logged.payload, batch->entries[i].payload, logged.record.payload_size);
  }
  assert_true(batch_verify(batch, node.public_key, NULL));
  batch_close(batch);
  buf_wipe(&bytes);
  buf_wipe(&keep);
}

/* Opens and verifies.  A packer's padding bits are nobody's, so a flipped one may pass: then every record and
 * payload must be exactly what was signed. */
static bool accepted(const uint8_t *p, size_t n, const struct batch *original)
{
  struct err err = ERR_INIT;
  struct batch *batch = NULL;
  bool ok = batch_open(&batch, p, n, &err) && batch_verify(batch, node.public_key, &err);
  if (!ok) assert_true(err.rule[0] && err.text[0] && err.field[0]);
  if (ok && original) {
    assert_memory_equal(&batch->head, &original->head, sizeof batch->head);
    assert_int_equal(batch->plain.size, original->plain.size);
    assert_memory_equal(batch->plain.data, original->plain.data, batch->plain.size);
    assert_memory_equal(batch->records.data, original->records.data, batch->records.size);
    ok = false;
  }
  batch_close(batch);
  return ok;
}

static void damage(int entries)
{
  struct buf bytes = BUF_INIT;
  struct batch *original = NULL;
  for (int i = 0; i < entries; i++)
    site_record_price(&node, i);
  read_bytes(&bytes, 0, NULL);
  assert_true(accepted(bytes.data, bytes.size, NULL));
  assert_true(batch_open(&original, bytes.data, bytes.size, NULL));
  for (size_t bit = 0; bit < bytes.size * 8; bit++) {
    bytes.data[bit / 8] ^= (uint8_t)(1 << bit % 8);
    assert_false(accepted(bytes.data, bytes.size, original));
    bytes.data[bit / 8] ^= (uint8_t)(1 << bit % 8);
  }
  for (size_t n = 0; n < bytes.size; n++)
    assert_false(accepted(bytes.data, n, NULL));
  put_u8(&bytes, 0);
  assert_false(accepted(bytes.data, bytes.size, NULL));
  batch_close(original);
  buf_wipe(&bytes);
}

static void any_bit_any_cut_any_byte_more_of_one_entry_is_refused(void **state)
{
  (void)state;
  damage(1);
}

static void any_bit_any_cut_any_byte_more_of_twenty_entries_is_refused(void **state)
{
  (void)state;
  damage(20);
}

static void the_head_is_read_without_unpacking(void **state)
{
  (void)state;
  struct buf bytes = BUF_INIT;
  struct batch_head built, peeked;
  for (int i = 0; i < 9; i++)
    site_record_price(&node, i);
  read_bytes(&bytes, 3, &built);
  assert_true(batch_peek(&peeked, bytes.data, bytes.size, NULL));
  /* Up to the last byte of the last field: what pads a struct is nobody's. */
  assert_memory_equal(&peeked, &built, offsetof(struct batch_head, prev) + sizeof built.prev);
  assert_int_equal(batch_last_seq(&peeked), 9);
  buf_wipe(&bytes);
}

static void another_authors_key_proves_nothing(void **state)
{
  (void)state;
  struct buf bytes = BUF_INIT;
  struct batch *batch = NULL;
  struct err err = ERR_INIT;
  uint8_t public_key[PUBLIC_SIZE], secret[SECRET_SIZE];
  site_record_price(&node, 1);
  read_bytes(&bytes, 0, NULL);
  site_key(TONGLU, 1, public_key, secret);
  assert_true(batch_open(&batch, bytes.data, bytes.size, &err));
  assert_false(batch_verify(batch, public_key, &err));
  assert_string_equal(err.rule, "signature");
  assert_false(batch->verified);
  batch_close(batch);
  buf_wipe(&bytes);
}

/* The head of a stored (not packed) batch around a body, for bodies no writer makes. */
static bool body_accepted(const struct buf *body, uint32_t count, struct err *err)
{
  static const uint8_t zeros[SIGNATURE_SIZE];
  struct buf b = BUF_INIT;
  struct batch *batch = NULL;
  put_u8(&b, 1);
  put_u8(&b, 1);
  put_varint(&b, CHUNAN);
  put_varint(&b, 0);
  put_varint(&b, 1);
  put_varint(&b, 1);
  put_bytes(&b, zeros, SCHEMA_HASH_SIZE);
  put_varint(&b, 1);
  put_varint(&b, count);
  put_bytes(&b, zeros, HASH_SIZE);
  put_u8(&b, 0);
  put_varint(&b, body->size);
  put_bytes(&b, body->data, body->size);
  put_bytes(&b, zeros, SIGNATURE_SIZE);
  bool ok = batch_open(&batch, b.data, b.size, err);
  batch_close(batch);
  buf_wipe(&b);
  return ok;
}

struct body {
  uint64_t size, hlc_step;
  uint8_t name;
  uint64_t reference;
  size_t payload_bytes;
};

/* Two entries; the second is as `b` says, the first is plain. */
static bool two_accepted(const struct body *b, struct err *err)
{
  struct buf body = BUF_INIT;
  put_varint(&body, 4 << 1);
  put_varint(&body, b->size << 1);
  put_u64(&body, 1000);
  put_varint(&body, b->hlc_step);
  put_u8(&body, 0); /* actors */
  put_u8(&body, b->name);
  if (b->name & 0x80) put_varint(&body, b->reference);
  for (int i = 0; i < 4; i++)
    put_u8(&body, 0);
  for (size_t i = 0; i < 4 + b->payload_bytes; i++)
    put_u8(&body, 'x');
  bool ok = body_accepted(&body, 2, err);
  buf_wipe(&body);
  return ok;
}

static void bodies_that_lie_are_refused_by_name(void **state)
{
  (void)state;
  const struct body good = {.size = 8, .hlc_step = 1, .name = 0x84, .reference = 4, .payload_bytes = 8};
  const struct {
    struct body body;
    const char *field;
  } wrong[] = {
      {{.size = 8, .hlc_step = 0, .name = 0x84, .reference = 4, .payload_bytes = 8}, "hlc"},
      {{.size = 8, .hlc_step = UINT64_MAX, .name = 0x84, .reference = 4, .payload_bytes = 8}, "hlc"},
      {{.size = 8, .hlc_step = 1, .name = 0x84, .reference = 5, .payload_bytes = 8}, "names"},
      {{.size = 8, .hlc_step = 1, .name = 0x84, .reference = UINT64_MAX, .payload_bytes = 8}, "names"},
      {{.size = 8, .hlc_step = 1, .name = 0x84, .reference = 4, .payload_bytes = 9}, "payloads"},
      {{.size = 8, .hlc_step = 1, .name = 0x84, .reference = 4, .payload_bytes = 7}, "payloads"},
      {{.size = PAYLOAD_SIZE_MAX + 1, .hlc_step = 1, .name = 0, .payload_bytes = 8}, "payload_size"},
  };
  struct err err = ERR_INIT;
  assert_true(two_accepted(&good, &err));
  for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
    err_clear(&err);
    assert_false(two_accepted(&wrong[i].body, &err));
    assert_string_equal(err.field, wrong[i].field);
  }
}

static void a_batch_holds_1024_entries_and_not_one_more(void **state)
{
  (void)state;
  struct batch_head head = {.stream = own, .epoch = 1, .schema = 1, .first_seq = 1};
  struct batch_writer *writer = NULL;
  struct buf bytes = BUF_INIT;
  struct batch *batch = NULL;
  uint8_t signature[SIGNATURE_SIZE] = {0};
  assert_true(batch_writer_open(&writer, &head, NULL));
  struct record r = {.stream = own, .epoch = 1, .schema = 1, .payload_size = 3};
  for (int i = 1; i <= BATCH_ENTRIES_MAX; i++) {
    r.seq = (uint64_t)i;
    r.hlc = (uint64_t)i;
    assert_true(batch_add(writer, &r, "abc"));
  }
  r.seq++;
  assert_false(batch_add(writer, &r, "abc"));
  assert_true(batch_finish(writer, signature, &bytes, NULL));
  assert_true(batch_open(&batch, bytes.data, bytes.size, NULL));
  batch_close(batch);
  batch_writer_close(writer);
  /* the count varint 1024 = 80 08 raised to 1025 = 81 08 */
  for (size_t i = 0; i + 1 < bytes.size && i < 40; i++)
    if (bytes.data[i] == 0x80 && bytes.data[i + 1] == 0x08) bytes.data[i] = 0x81;
  struct err err = ERR_INIT;
  assert_false(batch_peek(&head, bytes.data, bytes.size, &err));
  assert_string_equal(err.field, "count");
  buf_wipe(&bytes);
}

static void a_withheld_payload_travels_as_size_and_hash(void **state)
{
  (void)state;
  struct batch_head head = {.stream = own, .epoch = 1, .schema = 1, .first_seq = 1};
  struct batch_writer *writer = NULL;
  struct buf bytes = BUF_INIT, record = BUF_INIT;
  struct batch *batch = NULL;
  uint8_t hash[HASH_SIZE], signature[SIGNATURE_SIZE], secret[SECRET_SIZE], public_key[PUBLIC_SIZE];
  struct record r = {.stream = own,
                     .epoch = 1,
                     .seq = 1,
                     .hlc = 5,
                     .schema = 1,
                     .payload_size = 4000,
                     .actor = name_of("officer")};
  memset(r.payload_sha256, 9, HASH_SIZE);
  assert_true(record_encode(&record, &r, NULL));
  record_hash(hash, record.data, record.size);
  site_key(CHUNAN, 1, public_key, secret);
  head_sign(signature, hash, secret);
  assert_true(batch_writer_open(&writer, &head, NULL) && batch_add(writer, &r, NULL) &&
              batch_finish(writer, signature, &bytes, NULL));
  assert_true(bytes.size < 240);
  assert_true(batch_open(&batch, bytes.data, bytes.size, NULL) && batch_verify(batch, public_key, NULL));
  assert_null(batch->entries[0].payload);
  assert_int_equal(batch->entries[0].payload_size, 4000);
  batch_close(batch);
  batch_writer_close(writer);
  buf_wipe(&bytes);
  buf_wipe(&record);
}

static void a_bomb_is_refused_before_memory_is_taken(void **state)
{
  (void)state;
  /* a zstd frame header that states 1 GiB */
  static const uint8_t frame[] = {0x28, 0xb5, 0x2f, 0xfd, 0xa0, 0x00, 0x00, 0x00, 0x40, 0x01, 0x00, 0x00};
  struct buf b = BUF_INIT;
  struct batch *batch = NULL;
  struct err err = ERR_INIT;
  put_u8(&b, 1);
  put_u8(&b, 1);
  put_varint(&b, CHUNAN);
  for (int i = 0; i < 3; i++)
    put_varint(&b, 1);
  for (int i = 0; i < SCHEMA_HASH_SIZE; i++)
    put_u8(&b, 0);
  put_varint(&b, 1);
  put_varint(&b, 1);
  for (int i = 0; i < HASH_SIZE; i++)
    put_u8(&b, 0);
  put_u8(&b, 1);
  put_varint(&b, sizeof frame);
  put_bytes(&b, frame, sizeof frame);
  for (int i = 0; i < SIGNATURE_SIZE; i++)
    put_u8(&b, 0);
  assert_false(batch_open(&batch, b.data, b.size, &err));
  assert_int_equal(err.kind, ERR_LIMIT);
  assert_string_equal(err.rule, "batch_size");
  buf_wipe(&b);
}

static void a_price_costs_at_most_310_bytes_alone_and_56_in_a_full_batch(void **state)
{
  (void)state;
  struct buf bytes = BUF_INIT;
  struct batch_head head;
  site_record_price(&node, 0);
  read_bytes(&bytes, 0, &head);
  print_message("one entry alone: %zu bytes\n", bytes.size);
  assert_true(bytes.size <= 310);
  for (int i = 1; i < BATCH_ENTRIES_MAX; i++)
    site_record_price(&node, i);
  read_bytes(&bytes, 0, &head);
  assert_int_equal(head.count, BATCH_ENTRIES_MAX);
  print_message("in a batch of 1024: %.1f bytes\n", (double)bytes.size / head.count);
  assert_true(bytes.size <= 56 * BATCH_ENTRIES_MAX);
  buf_wipe(&bytes);
}

static void the_frozen_batch_opens_to_the_frozen_records(void **state)
{
  (void)state;
  struct buf bytes = BUF_INIT, want = BUF_INIT;
  struct batch *batch = NULL;
  uint8_t public_key[PUBLIC_SIZE], secret[SECRET_SIZE], seed[SEED_SIZE];
  for (uint8_t i = 0; i < SEED_SIZE; i++)
    seed[i] = i;
  sign_pair_of_seed(public_key, secret, seed);
  const char *const names[] = {"packed", "stored"};
  for (int k = 0; k < 2; k++) {
    vector_get("batch.txt", names[k], &bytes);
    assert_true(batch_open(&batch, bytes.data, bytes.size, NULL));
    assert_true(batch_verify(batch, public_key, NULL));
    assert_int_equal(batch->head.count, 3);
    for (uint32_t i = 0; i < 3; i++) {
      char name[16];
      snprintf(name, sizeof name, "record%u", i + 1);
      vector_get("batch.txt", name, &want);
      assert_int_equal(batch->entries[i].record_size, want.size);
      assert_memory_equal(batch->entries[i].record, want.data, want.size);
    }
    assert_null(batch->entries[1].payload);
    assert_int_equal(batch->entries[1].payload_size, 9);
    batch_close(batch);
  }
  buf_wipe(&bytes);
  buf_wipe(&want);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, begin, end)
  const struct CMUnitTest tests[] = {
      T(a_batch_gives_back_every_record_byte_for_byte),
      T(any_bit_any_cut_any_byte_more_of_one_entry_is_refused),
      T(any_bit_any_cut_any_byte_more_of_twenty_entries_is_refused),
      T(the_head_is_read_without_unpacking),
      T(another_authors_key_proves_nothing),
      T(bodies_that_lie_are_refused_by_name),
      T(a_batch_holds_1024_entries_and_not_one_more),
      T(a_withheld_payload_travels_as_size_and_hash),
      T(a_bomb_is_refused_before_memory_is_taken),
      T(a_price_costs_at_most_310_bytes_alone_and_56_in_a_full_batch),
      T(the_frozen_batch_opens_to_the_frozen_records),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
