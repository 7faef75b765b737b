/* cert.h - P-256 keys and the X.509 certificates of one province: its own authority and what it issues.
 *
 * The hub is its own authority.  It issues three kinds of certificate, told apart by what they may be used
 * for and by their name, so that none passes for another:
 *
 *   CERT_NODE    CN = branch code, usage clientAuth only.  A node on the sync port.
 *   CERT_HUB     hub.sunlit, usage serverAuth only.  The hub's sync port, and nobody else has this name.
 *   CERT_PEOPLE  hub.sunlit or 330127.node.sunlit, usage serverAuth only, with the names and addresses that
 *                browsers use.  The people's port of the hub or of a node.
 *
 * NotBefore of the authority, of CERT_NODE and of CERT_HUB is 2020-01-01, because mbedTLS refuses what is not
 * yet valid and a node may start with a dead clock.  CERT_PEOPLE is checked by the phone's own clock and
 * lives 800 days from yesterday: Apple's systems refuse server certificates with more than 825 days between
 * the two dates.  Serials are 16 random bytes.
 *
 * Files are PEM, mode 0600, and replaced atomically.  THREADS: none of its own; an authority may issue from
 * any thread, one at a time (it locks).  tls_start comes first.                                            */
#ifndef SUNLIT_NET_CERT_H
#define SUNLIT_NET_CERT_H

#include "core/base/bytes.h"
#include "core/base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
  CERT_FINGERPRINT_SIZE = 32, /* SHA-256 of the DER */
  CERT_SERIAL_SIZE = 16,
  CERT_HOST_MAX = 64,      /* "330127.node.sunlit" and its zero */
  CERT_ADDRESSES_MAX = 16, /* names and addresses of one people's port */
  CERT_SIZE_MAX = 4096     /* DER; ours have about 600 bytes */
};

/* A P-256 key pair. */
struct cert_key;
bool cert_key_make(struct cert_key **out, struct err *err) __attribute__((warn_unused_result));
bool cert_key_load(struct cert_key **out, const char *path, struct err *err)
    __attribute__((warn_unused_result));
bool cert_key_save(const struct cert_key *key, const char *path, struct err *err)
    __attribute__((warn_unused_result));
/* Appends the SubjectPublicKeyInfo in DER (91 bytes): what a node sends when it enrols. */
bool cert_key_public(const struct cert_key *key, struct buf *der, struct err *err)
    __attribute__((warn_unused_result));
void cert_key_close(struct cert_key *key);

/* The authority: its key and its self-signed certificate.  Making one writes both files (the key first) and
 * refuses to replace either.  `name` is what people see in the list of authorities of a phone. */
struct cert_authority;
bool cert_authority_make(const char *certificate_path, const char *key_path, const char *name,
                         struct err *err) __attribute__((warn_unused_result));
bool cert_authority_open(struct cert_authority **out, const char *certificate_path, const char *key_path,
                         struct err *err) __attribute__((warn_unused_result));
void cert_authority_close(struct cert_authority *authority);
void cert_authority_fingerprint(const struct cert_authority *authority, uint8_t out[CERT_FINGERPRINT_SIZE]);

enum cert_use { CERT_AUTHORITY, CERT_NODE, CERT_HUB, CERT_PEOPLE };

struct cert_request {
  enum cert_use use;
  uint32_t code;             /* branch code, or the province code for the hub */
  const uint8_t *public_key; /* borrowed; SubjectPublicKeyInfo in DER; anything but P-256 is refused */
  size_t public_key_size;
  const char *const *addresses; /* borrowed; IP addresses and DNS names browsers use, besides host and */
  size_t address_count;         /*   localhost, 127.0.0.1, ::1, which are always there; not for CERT_NODE */
  int64_t now_ms;
};

/* Appends the certificate in DER. */
bool cert_issue(struct cert_authority *authority, const struct cert_request *request, struct buf *der,
                struct err *err) __attribute__((warn_unused_result));

/* What a certificate says.  cert_read takes DER or PEM; it does not verify a signature. */
struct cert_facts {
  uint8_t fingerprint[CERT_FINGERPRINT_SIZE];
  uint8_t serial[CERT_SERIAL_SIZE]; /* right-aligned, zeros before */
  bool is_authority, for_client, for_server;
  uint32_t code;            /* of the CN when it is a branch code, else 0 */
  char host[CERT_HOST_MAX]; /* first dNSName, else "" */
  int64_t not_before_ms, not_after_ms;
};
bool cert_read(struct cert_facts *out, const void *bytes, size_t size, struct err *err)
    __attribute__((warn_unused_result));

/* True when the certificate is by this authority's key, and now within its dates. */
bool cert_issued_by(const void *der, size_t size, const void *authority_der, size_t authority_size,
                    struct err *err) __attribute__((warn_unused_result));

/* The file is PEM; the bytes are DER.  cert_load appends. */
bool cert_load(struct buf *der, const char *path, struct err *err) __attribute__((warn_unused_result));
bool cert_save(const char *path, const void *der, size_t size, struct err *err)
    __attribute__((warn_unused_result));

/* The fixed host name of a code: "hub.sunlit" for a province (330000), "330127.node.sunlit" for a branch. */
void cert_host(char out[CERT_HOST_MAX], uint32_t code);

#endif
