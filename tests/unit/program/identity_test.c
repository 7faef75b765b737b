#include "program/identity.h"

#include "tests/unit/program/files.h"

static struct identity someone(const struct data_dir *dir)
{
  struct err err = ERR_INIT;
  struct identity identity = {
      .code = 330127, .province = 330000, .epoch = 3, .base_seq = 42, .enrolled_ms = 1793000000000};
  memset(identity.base_hash, 0xab, sizeof identity.base_hash);
  snprintf(identity.hub, sizeof identity.hub, "10.33.0.2:7443");
  snprintf(identity.name, sizeof identity.name, "淳安县");
  assert_true(identity_key(dir, "keys.new", identity.secret, &err));
  assert_true(identity_write(dir, "keys.new", &identity, &err));
  return identity;
}

static void an_identity_reads_back_whole_once_it_is_in_place(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  struct data_dir dir;
  struct identity got;
  assert_true(crypto_start(&err));
  assert_true(data_dir_open(&dir, in_folder("D"), DATA_DIR_CREATE, &err));
  assert_true(data_dir_keys_begin(&dir, &err));
  struct identity made = someone(&dir);
  assert_true(data_dir_keys_place(&dir, &err));
  assert_true(identity_read(&dir, "keys", &got, &err));
  assert_memory_equal(&got, &made, sizeof got);
  data_dir_close(&dir);
}

static void the_key_of_an_unfinished_enrolment_is_kept(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  struct data_dir dir;
  uint8_t first[SECRET_SIZE], again[SECRET_SIZE];
  assert_true(crypto_start(&err));
  assert_true(data_dir_open(&dir, in_folder("D"), DATA_DIR_CREATE, &err));
  assert_true(data_dir_keys_begin(&dir, &err));
  assert_true(identity_key(&dir, "keys.new", first, &err));
  assert_true(data_dir_keys_begin(&dir, &err));
  assert_true(identity_key(&dir, "keys.new", again, &err));
  assert_memory_equal(first, again, SECRET_SIZE);
  data_dir_close(&dir);
}

static void a_torn_key_or_file_is_refused_by_name(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  struct data_dir dir;
  struct identity got;
  assert_true(crypto_start(&err));
  assert_true(data_dir_open(&dir, in_folder("D"), DATA_DIR_CREATE, &err));
  assert_true(data_dir_keys_begin(&dir, &err));
  someone(&dir);
  assert_true(data_dir_write(&dir, "keys.new/author.key", "00ff", 4, &err));
  assert_false(identity_read(&dir, "keys.new", &got, &err));
  assert_int_equal(err.kind, ERR_CORRUPT);
  assert_non_null(strstr(err.text, "author.key"));
  err_clear(&err);
  assert_true(data_dir_write(&dir, "keys.new/identity.ini", "[identity]\ncode = 330127\n", 25, &err));
  assert_false(identity_read(&dir, "keys.new", &got, &err));
  assert_non_null(strstr(err.text, "identity.province"));
  data_dir_close(&dir);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      test_in_folder(an_identity_reads_back_whole_once_it_is_in_place),
      test_in_folder(the_key_of_an_unfinished_enrolment_is_kept),
      test_in_folder(a_torn_key_or_file_is_refused_by_name),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
