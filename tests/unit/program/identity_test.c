#include "program/identity.h"

#include "net/cert_authority.h"
#include "net/tls.h"
#include "program/folder_kind.h"
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

static void a_folder_of_the_other_program_is_refused_by_name(void **state)
{
  (void)state;
  static const struct cli_command command = {.name = "status", .options = {{"dir", "D", true, ""}}};
  struct err err = ERR_INIT;
  struct data_dir dir;
  assert_true(crypto_start(&err));
  assert_true(data_dir_open(&dir, in_folder("D"), DATA_DIR_CREATE, &err));
  const struct cli_args args = {.command = &command, .values = {dir.path}};
  assert_true(folder_of_province(&args, &err)); /* not set up: the command says so itself */
  assert_true(data_dir_keys_begin(&dir, &err));
  struct identity identity = someone(&dir);
  assert_true(data_dir_keys_place(&dir, &err));
  assert_false(folder_of_branch(&args, &err)); /* it is, and its database is not there */
  assert_string_equal(err.rule, "no_database");
  err_clear(&err);
  static const struct cli_command makes_one = {.name = "enroll", .options = {{"dir", "D", true, ""}}};
  assert_true(folder_of_branch(&(struct cli_args){.command = &makes_one, .values = {dir.path}}, &err));
  assert_false(folder_of_province(&args, &err));
  assert_string_equal(err.rule, "wrong_folder");
  assert_non_null(strstr(err.text, "the folder of branch 330127: it is sunlit-node"));
  identity.code = identity.province;
  assert_true(identity_write(&dir, "keys", &identity, &err));
  err_clear(&err);
  assert_false(folder_of_province(&args, &err));
  assert_string_equal(err.rule, "no_database");
  err_clear(&err);
  assert_false(folder_of_branch(&args, &err));
  assert_non_null(strstr(err.text, "the folder of the province 330000: it is sunlit-hub"));
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

static void issue_pages_certificate(const struct data_dir *dir, int64_t now_ms)
{
  struct err err = ERR_INIT;
  char certificate[DATA_PATH_MAX], key_path[DATA_PATH_MAX];
  struct cert_authority *authority = NULL;
  struct cert_key *key = NULL;
  struct buf public_key = BUF_INIT, der = BUF_INIT;
  data_dir_path(dir, "ca.crt", certificate);
  data_dir_path(dir, "ca.key", key_path);
  assert_true(tls_start(&err) && cert_authority_make(certificate, key_path, "Sunlit 330000", &err) &&
              cert_authority_open(&authority, certificate, key_path, &err) && cert_key_make(&key, &err) &&
              cert_key_public(key, &public_key, &err));
  const struct cert_request request = {.use = CERT_PEOPLE,
                                       .code = 330127,
                                       .public_key = public_key.data,
                                       .public_key_size = public_key.size,
                                       .now_ms = now_ms};
  assert_true(cert_issue(authority, &request, &der, &err));
  assert_true(cert_save(data_dir_path(dir, "keys.new/people.crt", certificate), der.data, der.size, &err));
  buf_wipe(&der);
  buf_wipe(&public_key);
  cert_key_close(key);
  cert_authority_close(authority);
}

/* Releases before kept no time of the enrolment: then it is the one that the province put on a certificate,
 * and without that, unknown.  A province has none. */
static void an_enrolment_of_an_earlier_release_is_as_old_as_its_certificate(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  struct data_dir dir;
  struct identity got;
  const int64_t issued_ms = INT64_C(1750000000000);
  assert_true(crypto_start(&err));
  assert_true(data_dir_open(&dir, in_folder("D"), DATA_DIR_CREATE, &err));
  assert_true(data_dir_keys_begin(&dir, &err));
  struct identity made = someone(&dir);
  issue_pages_certificate(&dir, issued_ms);
  assert_true(identity_read(&dir, "keys.new", &got, &err));
  assert_int_equal(got.enrolled_ms, made.enrolled_ms);
  made.enrolled_ms = 0;
  assert_true(identity_write(&dir, "keys.new", &made, &err));
  assert_true(identity_read(&dir, "keys.new", &got, &err));
  assert_int_equal(got.enrolled_ms, issued_ms);
  made.code = made.province;
  assert_true(identity_write(&dir, "keys.new", &made, &err));
  assert_true(identity_read(&dir, "keys.new", &got, &err));
  assert_int_equal(got.enrolled_ms, 0);
  made.code = 330127;
  assert_true(identity_write(&dir, "keys.new", &made, &err));
  assert_int_equal(unlink(in_folder("D/keys.new/people.crt")), 0);
  assert_true(identity_read(&dir, "keys.new", &got, &err));
  assert_int_equal(got.enrolled_ms, 0);
  data_dir_close(&dir);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      test_in_folder(a_folder_of_the_other_program_is_refused_by_name),
      test_in_folder(an_identity_reads_back_whole_once_it_is_in_place),
      test_in_folder(the_key_of_an_unfinished_enrolment_is_kept),
      test_in_folder(a_torn_key_or_file_is_refused_by_name),
      test_in_folder(an_enrolment_of_an_earlier_release_is_as_old_as_its_certificate),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
