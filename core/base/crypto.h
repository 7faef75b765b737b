/* crypto.h - the primitives: SHA-256 of nettle, which uses the processor's own instructions for it; Ed25519,
 * argon2id, XChaCha20-Poly1305, random bytes and base64 of libsodium.  The only place that includes either.
 * THREADS: all functions may be called from any thread after crypto_start. */
#ifndef SUNLIT_BASE_CRYPTO_H
#define SUNLIT_BASE_CRYPTO_H

#include "core/base/bytes.h"
#include "core/base/err.h"

enum {
  HASH_SIZE = 32,
  SIGNATURE_SIZE = 64,
  PUBLIC_SIZE = 32,
  SECRET_SIZE = 64,
  SEED_SIZE = 32,
  PASSWORD_HASH_SIZE = 128
};

bool crypto_start(struct err *err); /* once, before the first thread */
void crypto_random(void *out, size_t n);
void crypto_wipe(void *p, size_t n);
bool crypto_equal(const void *a, const void *b, size_t n); /* constant time */

void sha256(uint8_t out[HASH_SIZE], const void *p, size_t n);
/* SHA-256 of two runs of bytes, one after the other. */
void sha256_two(uint8_t out[HASH_SIZE], const void *a, size_t a_size, const void *b, size_t b_size);

/* Ed25519, RFC 8032. */
void sign_pair(uint8_t public_key[PUBLIC_SIZE], uint8_t secret[SECRET_SIZE]);
void sign_pair_of_seed(uint8_t public_key[PUBLIC_SIZE], uint8_t secret[SECRET_SIZE],
                       const uint8_t seed[SEED_SIZE]);
void sign_make(uint8_t out[SIGNATURE_SIZE], const void *p, size_t n, const uint8_t secret[SECRET_SIZE]);
bool sign_verify(const uint8_t signature[SIGNATURE_SIZE], const void *p, size_t n,
                 const uint8_t public_key[PUBLIC_SIZE]);

/* argon2id, interactive cost (64 MiB, about 60 ms), RFC 9106; out is a printable string with its parameters.
 */
bool password_hash(char out[PASSWORD_HASH_SIZE], const char *password, struct err *err);
bool password_verify(const char *hash, const char *password);
/* A one-time password people can type: 16 of 31 characters, none of 0 o 1 i l, in fours; out holds 20. */
void password_make(char out[20]);

/* A stream of encrypted pieces under a passphrase: argon2id makes the key, XChaCha20-Poly1305 (libsodium's
 * secretstream) seals each piece in its place, so that none can be changed, dropped, doubled or moved, and
 * the last one is marked. */
enum { SEAL_SALT_SIZE = 16, SEAL_HEADER_SIZE = 24, SEAL_EXTRA_SIZE = 17 };
struct seal {
  uint8_t state[64];
};
bool seal_start(struct seal *seal, const char *passphrase, uint8_t salt[SEAL_SALT_SIZE],
                uint8_t header[SEAL_HEADER_SIZE], struct err *err);
/* out holds size + SEAL_EXTRA_SIZE bytes. */
void seal_piece(struct seal *seal, uint8_t *out, const void *p, size_t size, bool last);
bool unseal_start(struct seal *seal, const char *passphrase, const uint8_t salt[SEAL_SALT_SIZE],
                  const uint8_t header[SEAL_HEADER_SIZE], struct err *err);
/* out holds size - SEAL_EXTRA_SIZE bytes; false when the piece is not the one that was sealed here. */
bool unseal_piece(struct seal *seal, uint8_t *out, const uint8_t *p, size_t size, bool *last);

/* One message under a key of 32 bytes (XChaCha20-Poly1305-IETF).  A nonce serves one message for ever. */
enum { BOX_KEY_SIZE = 32, BOX_NONCE_SIZE = 24, BOX_EXTRA_SIZE = 16 };
/* The key that one use of a secret has: nobody can tell it from the keys of other uses. */
void box_key(uint8_t out[BOX_KEY_SIZE], const uint8_t secret[SECRET_SIZE], const char *use);
/* out holds n + BOX_EXTRA_SIZE bytes. */
void box_seal(uint8_t *out, const void *p, size_t n, const uint8_t nonce[BOX_NONCE_SIZE],
              const uint8_t key[BOX_KEY_SIZE]);
/* out holds n - BOX_EXTRA_SIZE bytes; false when it was not sealed with this key and nonce. */
bool box_open(uint8_t *out, const uint8_t *p, size_t n, const uint8_t nonce[BOX_NONCE_SIZE],
              const uint8_t key[BOX_KEY_SIZE]);

/* base64 of RFC 4648 with padding.  Decoding accepts the canonical form only. */
void base64_encode(struct buf *out, const void *p, size_t n);
bool base64_decode(struct buf *out, const char *text, size_t n);

#endif
