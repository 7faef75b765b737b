/* cert.h - the X.509 certificates of one province: what they say, and their files.
 *
 * The hub is its own authority (net/cert_authority.h).  It issues three kinds of certificate, told apart by
 * what they may be used for and by their name, so that none passes for another:
 *
 *   CERT_NODE    CN = branch code, usage clientAuth only.  A node on the sync port.
 *   CERT_HUB     hub.sunlit, usage serverAuth only.  The hub's sync port, and nobody else has this name.
 *   CERT_PEOPLE  hub.sunlit or 330127.node.sunlit, usage serverAuth only, with the names and addresses that
 *                browsers use.  The people's port of the hub or of a node.
 *
 * NotBefore of the authority, of CERT_NODE and of CERT_HUB is 2020-01-01, because mbedTLS refuses what is not
 * yet valid and a node may start with a dead clock; they live until 2049-12-31, because no deadline exists
 * after which a branch may not come back (revoking is the database's matter).  CERT_PEOPLE is checked by the
 * phone's own clock and lives 800 days from yesterday: Apple's systems refuse server certificates with more
 * than 825 days between the two dates.  Serials are 16 random bytes.
 *
 * Files are PEM, mode 0600, and replaced whole.  THREADS: any.  */
#ifndef SUNLIT_NET_CERT_H
#define SUNLIT_NET_CERT_H

#include "core/base/bytes.h"
#include "core/base/err.h"
#include "net/cert_key.h"

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
/* A people's certificate holds from so long before the moment it was issued: clocks differ. */
enum { CERT_PEOPLE_EARLY_MS = 86400000 };

enum cert_use { CERT_AUTHORITY, CERT_NODE, CERT_HUB, CERT_PEOPLE };

/* What a certificate says.  cert_read takes DER or PEM; it does not verify a signature. */
struct cert_facts {
  uint8_t fingerprint[CERT_FINGERPRINT_SIZE];
  uint8_t key_sha256[CERT_FINGERPRINT_SIZE]; /* of its SubjectPublicKeyInfo */
  uint8_t serial[CERT_SERIAL_SIZE];          /* right-aligned, zeros before */
  bool is_authority, for_client, for_server;
  uint32_t code;            /* of the CN when it is a branch code, else 0 */
  char host[CERT_HOST_MAX]; /* first dNSName, else "" */
  int64_t not_before_ms, not_after_ms;
};
bool cert_read(struct cert_facts *out, const void *bytes, size_t size, struct err *err)
    __attribute__((warn_unused_result));

/* Whether it may be shown at this name or address: one of its own, byte for byte. */
bool cert_names(const void *bytes, size_t size, const char *name, bool *names, struct err *err)
    __attribute__((warn_unused_result));

/* True when the certificate is by this authority's key, and now within its dates. */
bool cert_issued_by(const void *der, size_t size, const void *authority_der, size_t authority_size,
                    struct err *err) __attribute__((warn_unused_result));

/* The file is PEM; the bytes are DER.  cert_load appends. */
bool cert_load(struct buf *der, const char *path, struct err *err) __attribute__((warn_unused_result));
bool cert_save(const char *path, const void *der, size_t size, struct err *err)
    __attribute__((warn_unused_result));

/* The fixed host name of a code: "hub.sunlit" for a province (330000), "330127.node.sunlit" for a branch. */
bool cert_code_is_hub(uint32_t code);
void cert_host(char out[CERT_HOST_MAX], uint32_t code);

#endif
