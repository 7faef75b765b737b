#include "core/base/crypto.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <string.h>

/* FIPS 180-2, and RFC 8032 section 7.1 test 2. */
static void the_primitives_give_the_published_answers(void **state)
{
  (void)state;
  uint8_t hash[HASH_SIZE], two[HASH_SIZE], want[64], seed[SEED_SIZE], public_key[PUBLIC_SIZE],
      secret[SECRET_SIZE], signature[SIGNATURE_SIZE];
  assert_true(hex_decode(want, 32, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"));
  sha256(hash, "abc", 3);
  sha256_two(two, "a", 1, "bc", 2);
  assert_memory_equal(hash, want, 32);
  assert_memory_equal(two, want, 32);
  assert_true(hex_decode(seed, 32, "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb"));
  sign_pair_of_seed(public_key, secret, seed);
  assert_true(hex_decode(want, 32, "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c"));
  assert_memory_equal(public_key, want, 32);
  sign_make(signature, "\x72", 1, secret);
  assert_true(hex_decode(want, 64,
                         "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
                         "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"));
  assert_memory_equal(signature, want, 64);
  assert_true(sign_verify(signature, "\x72", 1, public_key));
  assert_false(sign_verify(signature, "\x73", 1, public_key));
}

/* The answers of FIPS 180-2 for no byte, two blocks and a million, however the bytes are split. */
static void a_hash_does_not_depend_on_how_its_bytes_come(void **state)
{
  (void)state;
  static const char two_blocks[] = "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq";
  static uint8_t million[1000000];
  uint8_t hash[HASH_SIZE], want[HASH_SIZE];
  assert_true(hex_decode(want, 32, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"));
  sha256(hash, NULL, 0);
  assert_memory_equal(hash, want, 32);
  assert_true(hex_decode(want, 32, "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"));
  for (size_t split = 0; split < sizeof two_blocks; split++) {
    sha256_two(hash, two_blocks, split, two_blocks + split, sizeof two_blocks - 1 - split);
    assert_memory_equal(hash, want, 32);
  }
  memset(million, 'a', sizeof million);
  assert_true(hex_decode(want, 32, "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"));
  sha256(hash, million, sizeof million);
  assert_memory_equal(hash, want, 32);
}

static void a_password_proves_itself_and_no_other(void **state)
{
  (void)state;
  char hash[PASSWORD_HASH_SIZE], one[20], two[20];
  password_make(one);
  password_make(two);
  assert_int_equal(strlen(one), 19);
  assert_string_not_equal(one, two);
  assert_null(strpbrk(one, "0o1il"));
  assert_true(password_hash(hash, one, NULL));
  assert_true(password_verify(hash, one));
  assert_false(password_verify(hash, two));
  assert_false(password_verify("nonsense", one));
}

static void base64_has_one_form(void **state)
{
  (void)state;
  struct buf b = BUF_INIT;
  base64_encode(&b, "\xff\xfe\xfd\xfc", 4);
  assert_int_equal(b.size, 8);
  assert_memory_equal(b.data, "//79/A==", 8);
  buf_clear(&b);
  assert_true(base64_decode(&b, "//79/A==", 8));
  assert_memory_equal(b.data, "\xff\xfe\xfd\xfc", 4);
  static const char *const bad[] = {"//79/A=", "//79/A", "//79/B==", "//79_A==", "//79/A== ", "=", "////="};
  for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
    buf_clear(&b);
    assert_false(base64_decode(&b, bad[i], strlen(bad[i])));
    assert_int_equal(b.size, 0);
  }
  buf_wipe(&b);
}

int main(void)
{
  if (!crypto_start(NULL)) return 1;
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_primitives_give_the_published_answers),
      cmocka_unit_test(a_hash_does_not_depend_on_how_its_bytes_come),
      cmocka_unit_test(a_password_proves_itself_and_no_other),
      cmocka_unit_test(base64_has_one_form),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
