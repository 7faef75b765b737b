/* mbed.h - mbedTLS as the rest of net/ sees it; the only file that includes its headers.
 *
 * Debian 12 has 2.28, later systems 3.6.  Where they differ there is a function here, and the difference is
 * in mbed.c.  Random numbers are libsodium's: they need no lock and no context. */
#ifndef SUNLIT_NET_MBED_H
#define SUNLIT_NET_MBED_H

#include "core/base/bytes.h"
#include "core/base/err.h"

#include <mbedtls/aes.h>
#include <mbedtls/asn1.h>
#include <mbedtls/ecp.h>
#include <mbedtls/error.h>
#include <mbedtls/net_sockets.h>
#include <mbedtls/oid.h>
#include <mbedtls/pem.h>
#include <mbedtls/pk.h>
#include <mbedtls/ssl.h>
#include <mbedtls/ssl_ciphersuites.h>
#include <mbedtls/ssl_ticket.h>
#include <mbedtls/version.h>
#include <mbedtls/x509.h>
#include <mbedtls/x509_crt.h>
#if MBEDTLS_VERSION_NUMBER >= 0x03000000
#include <psa/crypto.h>
#endif

struct cert_key {
  mbedtls_pk_context pk;
};

/* The f_rng of every call. */
int mbed_random(void *ctx, unsigned char *out, size_t n);

/* False, with "what: mbedTLS's own text (-0x7280)". */
bool mbed_fail(struct err *err, enum err_kind kind, int code, const char *what);

bool mbed_start(struct err *err);
int mbed_parse_key(mbedtls_pk_context *pk, const unsigned char *bytes, size_t n);
int mbed_set_serial(mbedtls_x509write_cert *writer, const unsigned char *serial, size_t n);
bool mbed_is_authority(const mbedtls_x509_crt *crt);
/* TLS 1.2 exactly: 3.6 also speaks 1.3, which resumes and shows certificates by other rules than ours. */
void mbed_conf_version(mbedtls_ssl_config *conf);
void mbed_conf_groups(mbedtls_ssl_config *conf); /* X25519, then P-256 */

#endif
