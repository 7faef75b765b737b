#include "core/base/crypto.h"

#include <assert.h>
#include <nettle/sha2.h>
#include <sodium.h>
#include <string.h>

bool crypto_start(struct err *err)
{
  if (sodium_init() >= 0) return true;
  return err_set(err, ERR_IO, "libsodium does not start: no source of random bytes");
}

void crypto_random(void *out, size_t n)
{
  randombytes_buf(out, n);
}

void crypto_wipe(void *p, size_t n)
{
  sodium_memzero(p, n);
}

bool crypto_equal(const void *a, const void *b, size_t n)
{
  return sodium_memcmp(a, b, n) == 0;
}

void sha256(uint8_t out[HASH_SIZE], const void *p, size_t n)
{
  sha256_two(out, p, n, NULL, 0);
}

void sha256_two(uint8_t out[HASH_SIZE], const void *a, size_t a_size, const void *b, size_t b_size)
{
  struct sha256_ctx state;
  sha256_init(&state);
  if (a_size) sha256_update(&state, a_size, a);
  if (b_size) sha256_update(&state, b_size, b);
  sha256_digest(&state, HASH_SIZE, out);
}

void sign_pair(uint8_t public_key[PUBLIC_SIZE], uint8_t secret[SECRET_SIZE])
{
  crypto_sign_keypair(public_key, secret);
}

void sign_pair_of_seed(uint8_t public_key[PUBLIC_SIZE], uint8_t secret[SECRET_SIZE],
                       const uint8_t seed[SEED_SIZE])
{
  crypto_sign_seed_keypair(public_key, secret, seed);
}

void sign_make(uint8_t out[SIGNATURE_SIZE], const void *p, size_t n, const uint8_t secret[SECRET_SIZE])
{
  crypto_sign_detached(out, NULL, p, n, secret);
}

bool sign_verify(const uint8_t signature[SIGNATURE_SIZE], const void *p, size_t n,
                 const uint8_t public_key[PUBLIC_SIZE])
{
  return crypto_sign_verify_detached(signature, p, n, public_key) == 0;
}

bool password_hash(char out[PASSWORD_HASH_SIZE], const char *password, struct err *err)
{
  if (crypto_pwhash_str(out, password, strlen(password), crypto_pwhash_OPSLIMIT_INTERACTIVE,
                        crypto_pwhash_MEMLIMIT_INTERACTIVE) == 0)
    return true;
  return err_set(err, ERR_BUSY, "no memory to hash a password");
}

bool password_verify(const char *hash, const char *password)
{
  return crypto_pwhash_str_verify(hash, password, strlen(password)) == 0;
}

void password_make(char out[20])
{
  static const char letters[] = "23456789abcdefghjkmnpqrstuvwxyz";
  size_t at = 0;
  for (int i = 0; i < 16; i++) {
    if (i && i % 4 == 0) out[at++] = '-';
    out[at++] = letters[randombytes_uniform(sizeof letters - 1)];
  }
  out[at] = 0;
}

_Static_assert(sizeof(crypto_secretstream_xchacha20poly1305_state) <= sizeof(struct seal),
               "a seal holds the state");
_Static_assert(SEAL_SALT_SIZE == crypto_pwhash_SALTBYTES, "salt");
_Static_assert(SEAL_HEADER_SIZE == crypto_secretstream_xchacha20poly1305_HEADERBYTES, "header");
_Static_assert(SEAL_EXTRA_SIZE == crypto_secretstream_xchacha20poly1305_ABYTES, "extra");

static bool seal_key(uint8_t key[crypto_secretstream_xchacha20poly1305_KEYBYTES], const char *passphrase,
                     const uint8_t salt[SEAL_SALT_SIZE], struct err *err)
{
  /* A backup is opened once in years and attacked at leisure: four times the cost of a login. */
  if (crypto_pwhash(key, crypto_secretstream_xchacha20poly1305_KEYBYTES, passphrase, strlen(passphrase), salt,
                    crypto_pwhash_OPSLIMIT_MODERATE, crypto_pwhash_MEMLIMIT_MODERATE,
                    crypto_pwhash_ALG_ARGON2ID13) == 0)
    return true;
  return err_set(err, ERR_BUSY, "no memory to derive a key from the passphrase");
}

bool seal_start(struct seal *seal, const char *passphrase, uint8_t salt[SEAL_SALT_SIZE],
                uint8_t header[SEAL_HEADER_SIZE], struct err *err)
{
  uint8_t key[crypto_secretstream_xchacha20poly1305_KEYBYTES];
  crypto_secretstream_xchacha20poly1305_state state;
  randombytes_buf(salt, SEAL_SALT_SIZE);
  if (!seal_key(key, passphrase, salt, err)) return false;
  crypto_secretstream_xchacha20poly1305_init_push(&state, header, key);
  memcpy(seal->state, &state, sizeof state);
  sodium_memzero(key, sizeof key);
  return true;
}

void seal_piece(struct seal *seal, uint8_t *out, const void *p, size_t size, bool last)
{
  crypto_secretstream_xchacha20poly1305_state state;
  memcpy(&state, seal->state, sizeof state);
  uint8_t tag = last ? crypto_secretstream_xchacha20poly1305_TAG_FINAL
                     : crypto_secretstream_xchacha20poly1305_TAG_MESSAGE;
  crypto_secretstream_xchacha20poly1305_push(&state, out, NULL, p, size, NULL, 0, tag);
  memcpy(seal->state, &state, sizeof state);
}

bool unseal_start(struct seal *seal, const char *passphrase, const uint8_t salt[SEAL_SALT_SIZE],
                  const uint8_t header[SEAL_HEADER_SIZE], struct err *err)
{
  uint8_t key[crypto_secretstream_xchacha20poly1305_KEYBYTES];
  crypto_secretstream_xchacha20poly1305_state state;
  if (!seal_key(key, passphrase, salt, err)) return false;
  crypto_secretstream_xchacha20poly1305_init_pull(&state, header, key);
  memcpy(seal->state, &state, sizeof state);
  sodium_memzero(key, sizeof key);
  return true;
}

bool unseal_piece(struct seal *seal, uint8_t *out, const uint8_t *p, size_t size, bool *last)
{
  crypto_secretstream_xchacha20poly1305_state state;
  memcpy(&state, seal->state, sizeof state);
  uint8_t tag = 0;
  if (crypto_secretstream_xchacha20poly1305_pull(&state, out, NULL, &tag, p, size, NULL, 0) != 0)
    return false;
  memcpy(seal->state, &state, sizeof state);
  *last = tag == crypto_secretstream_xchacha20poly1305_TAG_FINAL;
  return true;
}

void box_key(uint8_t out[BOX_KEY_SIZE], const uint8_t secret[SECRET_SIZE], const char *use)
{
  static_assert(BOX_KEY_SIZE == crypto_generichash_BYTES, "a key is a hash");
  crypto_generichash(out, BOX_KEY_SIZE, (const uint8_t *)use, strlen(use), secret, SEED_SIZE);
}

void box_seal(uint8_t *out, const void *p, size_t n, const uint8_t nonce[BOX_NONCE_SIZE],
              const uint8_t key[BOX_KEY_SIZE])
{
  static_assert(BOX_NONCE_SIZE == crypto_aead_xchacha20poly1305_ietf_NPUBBYTES &&
                    BOX_EXTRA_SIZE == crypto_aead_xchacha20poly1305_ietf_ABYTES,
                "libsodium's sizes");
  crypto_aead_xchacha20poly1305_ietf_encrypt(out, NULL, p, n, NULL, 0, NULL, nonce, key);
}

bool box_open(uint8_t *out, const uint8_t *p, size_t n, const uint8_t nonce[BOX_NONCE_SIZE],
              const uint8_t key[BOX_KEY_SIZE])
{
  return n >= BOX_EXTRA_SIZE &&
         crypto_aead_xchacha20poly1305_ietf_decrypt(out, NULL, NULL, p, n, NULL, 0, nonce, key) == 0;
}

void base64_encode(struct buf *out, const void *p, size_t n)
{
  size_t room = sodium_base64_ENCODED_LEN(n, sodium_base64_VARIANT_ORIGINAL);
  uint8_t *at = buf_reserve(out, room);
  if (!at) return;
  sodium_bin2base64((char *)at, room, p, n, sodium_base64_VARIANT_ORIGINAL);
  out->size--; /* the zero */
}

bool base64_decode(struct buf *out, const char *text, size_t n)
{
  /* libsodium 1.0.18 takes the byte 0xaf for '/': only ASCII may reach it. */
  for (size_t i = 0; i < n; i++)
    if ((unsigned char)text[i] >= 0x80) return false;
  size_t room = n / 4 * 3 + 3;
  size_t before = out->size;
  uint8_t *at = buf_reserve(out, room);
  size_t got = 0;
  if (at && sodium_base642bin(at, room, text, n, NULL, &got, NULL, sodium_base64_VARIANT_ORIGINAL) == 0) {
    out->size = before + got;
    return true;
  }
  if (at) out->size = before;
  return false;
}
