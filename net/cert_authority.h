/* cert_authority.h - the province's own certificate authority: its key, its certificate, and issuing.
 *
 * THREADS: an authority may issue from any thread, one at a time (it locks).  tls_start comes first. */
#ifndef SUNLIT_NET_CERT_AUTHORITY_H
#define SUNLIT_NET_CERT_AUTHORITY_H

#include "net/cert.h"

/* The authority: its key and its self-signed certificate.  Making one writes both files (the key first) and
 * refuses to replace either.  `name` is what people see in the list of authorities of a phone. */
struct cert_authority;
bool cert_authority_make(const char *certificate_path, const char *key_path, const char *name,
                         struct err *err) __attribute__((warn_unused_result));
bool cert_authority_open(struct cert_authority **out, const char *certificate_path, const char *key_path,
                         struct err *err) __attribute__((warn_unused_result));
void cert_authority_close(struct cert_authority *authority);
void cert_authority_fingerprint(const struct cert_authority *authority, uint8_t out[CERT_FINGERPRINT_SIZE]);

struct cert_request {
  enum cert_use use;
  uint32_t code;             /* branch code, or the province code for the hub */
  const uint8_t *public_key; /* borrowed; SubjectPublicKeyInfo in DER; anything but P-256 is refused */
  size_t public_key_size;
  const char *const *addresses; /* borrowed; IP addresses and DNS names browsers use, besides host and */
  size_t address_count;         /*   localhost, 127.0.0.1, ::1, which are always there; not for CERT_NODE */
  int64_t now_ms;
  int64_t not_after_ms; /* 0: the kind's own */
};

/* Appends the certificate in DER.  Names under .sunlit are fixed by use and code; asking for another one is
 * refused (rule "reserved_name"). */
bool cert_issue(struct cert_authority *authority, const struct cert_request *request, struct buf *der,
                struct err *err) __attribute__((warn_unused_result));

#endif
