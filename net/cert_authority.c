#include "net/cert_authority.h"

#include "core/base/crypto.h"
#include "net/mbed.h"

#include <arpa/inet.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

enum { SUBJECT_MAX = 96 };

static const char reserved_domain[] = ".sunlit";
static const char early[] = "20200101000000";
static const char late[] = "20491231235959"; /* the last year that UTCTime can write */
static const int64_t people_days = 800;

struct cert_authority {
  pthread_mutex_t lock; /* guards key: writing a certificate uses its context */
  struct cert_key *key;
  struct buf der;
  char issuer[300];
};

static void put_der_head(struct buf *out, uint8_t tag, size_t n)
{
  put_u8(out, tag);
  if (n >= 0x100) {
    put_u8(out, 0x82);
    put_u16(out, (uint16_t)n);
    return;
  }
  if (n >= 0x80) put_u8(out, 0x81);
  put_u8(out, (uint8_t)n);
}

static bool is_dns_name(const char *name)
{
  size_t n = strlen(name);
  if (n == 0 || n > 253) return false;
  for (; *name; name++)
    if (!((*name >= 'a' && *name <= 'z') || (*name >= '0' && *name <= '9') || *name == '-' || *name == '.'))
      return false;
  return true;
}

static bool is_reserved(const char *name)
{
  size_t n = strlen(name), tail = sizeof reserved_domain - 1;
  return n >= tail && strcasecmp(name + n - tail, reserved_domain) == 0;
}

/* One GeneralName of RFC 5280 4.2.1.6: [2] a DNS name, [7] an address in 4 or 16 bytes. */
static bool put_name(struct buf *out, const char *name, struct err *err)
{
  uint8_t address[16];
  if (inet_pton(AF_INET, name, address) == 1) {
    put_der_head(out, 0x87, 4);
    put_bytes(out, address, 4);
    return true;
  }
  if (inet_pton(AF_INET6, name, address) == 1) {
    put_der_head(out, 0x87, 16);
    put_bytes(out, address, 16);
    return true;
  }
  if (!is_dns_name(name))
    return err_rule(err, ERR_INPUT, "addresses", "format", "\"%.80s\" is no address and no host name", name);
  put_der_head(out, 0x82, strlen(name));
  put_text(out, name);
  return true;
}

static bool put_names(struct buf *out, const struct cert_request *request, struct err *err)
{
  static const char *const always[] = {"localhost", "127.0.0.1", "::1"};
  struct buf names = BUF_INIT;
  char host[CERT_HOST_MAX];
  cert_host(host, request->code);
  bool ok = put_name(&names, host, err);
  for (size_t i = 0; ok && i < sizeof always / sizeof *always; i++)
    ok = put_name(&names, always[i], err);
  if (ok && request->address_count > CERT_ADDRESSES_MAX)
    ok = err_rule(err, ERR_LIMIT, "addresses", "count", "%zu addresses, at most %d", request->address_count,
                  CERT_ADDRESSES_MAX);
  for (size_t i = 0; ok && i < request->address_count; i++) {
    const char *name = request->addresses[i];
    ok = !is_reserved(name) || err_rule(err, ERR_DENIED, "addresses", "reserved_name",
                                        "\"%.80s\" is given by code, not on request", name);
    if (ok) ok = put_name(&names, name, err);
  }
  put_der_head(out, 0x30, names.size);
  put_bytes(out, names.data, names.size);
  ok = ok && (!(out->bad || names.bad) || err_set(err, ERR_IO, "out of memory"));
  buf_wipe(&names);
  return ok;
}

static int set_usage(mbedtls_x509write_cert *w, bool server)
{
  unsigned char usage[] = {0x30, 0x0a, 0x06, 0x08, 0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x03, 0x02};
  if (server) usage[sizeof usage - 1] = 0x01;
  return mbedtls_x509write_crt_set_extension(w, MBEDTLS_OID_EXTENDED_KEY_USAGE,
                                             MBEDTLS_OID_SIZE(MBEDTLS_OID_EXTENDED_KEY_USAGE), 1, usage,
                                             sizeof usage);
}

struct validity {
  char from[15], to[15]; /* yyyymmddhhmmss, UTC */
};

static void write_time(char out[15], int64_t ms)
{
  time_t seconds = (time_t)(ms / 1000);
  struct tm tm;
  gmtime_r(&seconds, &tm);
  if (strftime(out, 15, "%Y%m%d%H%M%S", &tm) != 14) memcpy(out, late, sizeof late);
}

static struct validity validity_of(const struct cert_request *request)
{
  const int64_t day_ms = 86400000;
  struct validity v;
  memcpy(v.from, early, sizeof early);
  memcpy(v.to, late, sizeof late);
  if (request->use == CERT_PEOPLE) {
    write_time(v.from, request->now_ms - CERT_PEOPLE_EARLY_MS);
    write_time(v.to, request->now_ms + (people_days - 1) * day_ms);
  }
  if (request->not_after_ms) write_time(v.to, request->not_after_ms);
  return v;
}

static void random_serial(unsigned char serial[CERT_SERIAL_SIZE])
{
  crypto_random(serial, CERT_SERIAL_SIZE);
  serial[0] = (unsigned char)((serial[0] & 0x3f) | 0x40); /* positive, and always 16 bytes long */
}

/* What both kinds of certificate have in common; the keys must live until the certificate is written. */
static int set_body(mbedtls_x509write_cert *w, mbedtls_pk_context *subject_key,
                    mbedtls_pk_context *issuer_key, const struct validity *validity)
{
  unsigned char serial[CERT_SERIAL_SIZE];
  random_serial(serial);
  mbedtls_x509write_crt_set_version(w, MBEDTLS_X509_CRT_VERSION_3);
  mbedtls_x509write_crt_set_md_alg(w, MBEDTLS_MD_SHA256);
  mbedtls_x509write_crt_set_subject_key(w, subject_key);
  mbedtls_x509write_crt_set_issuer_key(w, issuer_key);
  int code = mbed_set_serial(w, serial, sizeof serial);
  if (code == 0) code = mbedtls_x509write_crt_set_validity(w, validity->from, validity->to);
  if (code == 0) code = mbedtls_x509write_crt_set_subject_key_identifier(w);
  if (code == 0) code = mbedtls_x509write_crt_set_authority_key_identifier(w);
  return code;
}

static bool write_der(mbedtls_x509write_cert *w, struct buf *der, struct err *err)
{
  unsigned char bytes[CERT_SIZE_MAX];
  int n = mbedtls_x509write_crt_der(w, bytes, sizeof bytes, mbed_random, NULL);
  if (n < 0) return mbed_fail(err, ERR_IO, n, "writing a certificate");
  put_bytes(der, bytes + sizeof bytes - (size_t)n, (size_t)n); /* it writes at the end of its room */
  return !der->bad || err_set(err, ERR_LIMIT, "no room for a certificate");
}

/* The name goes through mbedTLS as "CN=...", whose separators it must not contain; what is not ASCII would
 * come back as question marks, and the issuer of a certificate would not be the subject of its authority. */
static bool check_authority_name(const char *name, struct err *err)
{
  size_t n = strlen(name);
  if (n < 1 || n > 64)
    return err_rule(err, ERR_INPUT, "name", "length", "the authority's name has %zu bytes, 1 to 64", n);
  for (const char *c = name; *c; c++)
    if (*c < 0x20 || *c > 0x7e || strchr(",=+<>#;\\\"", *c))
      return err_rule(err, ERR_INPUT, "name", "format", "the authority's name has a '%c' in it", *c);
  return true;
}

static bool write_authority(struct cert_key *key, const char *name, struct buf *der, struct err *err)
{
  char subject[SUBJECT_MAX];
  struct validity validity;
  memcpy(validity.from, early, sizeof early);
  memcpy(validity.to, late, sizeof late);
  snprintf(subject, sizeof subject, "CN=%s", name);
  mbedtls_x509write_cert w;
  mbedtls_x509write_crt_init(&w);
  int code = set_body(&w, &key->pk, &key->pk, &validity);
  if (code == 0) code = mbedtls_x509write_crt_set_subject_name(&w, subject);
  if (code == 0) code = mbedtls_x509write_crt_set_issuer_name(&w, subject);
  if (code == 0) code = mbedtls_x509write_crt_set_basic_constraints(&w, 1, 0);
  if (code == 0)
    code = mbedtls_x509write_crt_set_key_usage(&w, MBEDTLS_X509_KU_KEY_CERT_SIGN | MBEDTLS_X509_KU_CRL_SIGN);
  bool ok = code == 0 ? write_der(&w, der, err) : mbed_fail(err, ERR_IO, code, "the authority's certificate");
  mbedtls_x509write_crt_free(&w);
  return ok;
}

static bool refuse_existing(const char *path, struct err *err)
{
  FILE *file = fopen(path, "re");
  if (!file) return true;
  fclose(file);
  return err_rule(err, ERR_CONFLICT, "", "exists", "%s exists and is not replaced", path);
}

bool cert_authority_make(const char *certificate_path, const char *key_path, const char *name,
                         struct err *err)
{
  struct cert_key *key = NULL;
  struct buf der = BUF_INIT;
  bool ok = check_authority_name(name, err) && refuse_existing(certificate_path, err) &&
            refuse_existing(key_path, err) && cert_key_make(&key, err) &&
            write_authority(key, name, &der, err) && cert_key_save(key, key_path, err) &&
            cert_save(certificate_path, der.data, der.size, err);
  cert_key_close(key);
  buf_wipe(&der);
  return ok;
}

void cert_authority_close(struct cert_authority *authority)
{
  if (!authority) return;
  cert_key_close(authority->key);
  buf_wipe(&authority->der);
  pthread_mutex_destroy(&authority->lock);
  free(authority);
}

/* The certificate and the key must belong together, or everything issued would be worthless. */
static bool check_authority(struct cert_authority *a, const char *path, struct err *err)
{
  mbedtls_x509_crt crt;
  struct buf of_key = BUF_INIT;
  mbedtls_x509_crt_init(&crt);
  int code = mbedtls_x509_crt_parse_der(&crt, a->der.data, a->der.size);
  bool ok = code == 0 ? true : mbed_fail(err, ERR_CORRUPT, code, path);
  if (ok && !mbed_is_authority(&crt)) ok = err_set(err, ERR_CORRUPT, "%s is not an authority", path);
  if (ok) ok = cert_key_public(a->key, &of_key, err);
  if (ok && (of_key.size != crt.pk_raw.len || memcmp(of_key.data, crt.pk_raw.p, of_key.size) != 0))
    ok = err_set(err, ERR_CORRUPT, "%s does not belong to the authority's key", path);
  if (ok) {
    int n = mbedtls_x509_dn_gets(a->issuer, sizeof a->issuer, &crt.subject);
    if (n < 0) ok = mbed_fail(err, ERR_CORRUPT, n, path);
  }
  mbedtls_x509_crt_free(&crt);
  buf_wipe(&of_key);
  return ok;
}

bool cert_authority_open(struct cert_authority **out, const char *certificate_path, const char *key_path,
                         struct err *err)
{
  struct cert_authority *a = calloc(1, sizeof *a);
  if (!a) return err_set(err, ERR_IO, "no memory for the authority");
  pthread_mutex_init(&a->lock, NULL);
  bool ok = cert_load(&a->der, certificate_path, err) && cert_key_load(&a->key, key_path, err) &&
            check_authority(a, certificate_path, err);
  if (ok)
    *out = a;
  else
    cert_authority_close(a);
  return ok;
}

void cert_authority_fingerprint(const struct cert_authority *authority, uint8_t out[CERT_FINGERPRINT_SIZE])
{
  sha256(out, authority->der.data, authority->der.size);
}

static bool check_request(const struct cert_request *request, struct err *err)
{
  if (request->use == CERT_AUTHORITY)
    return err_rule(err, ERR_INPUT, "use", "one_of", "an authority is made, not issued");
  if (request->code < 100000 || request->code > 999999)
    return err_rule(err, ERR_INPUT, "code", "range", "%u is not a code of six digits",
                    (unsigned)request->code);
  bool hub = cert_code_is_hub(request->code);
  if (request->use == CERT_HUB && !hub)
    return err_rule(err, ERR_DENIED, "code", "hub", "%u is not the hub", (unsigned)request->code);
  if (request->use == CERT_NODE && hub)
    return err_rule(err, ERR_DENIED, "code", "node", "%u is not a branch", (unsigned)request->code);
  return true;
}

static bool parse_public(mbedtls_pk_context *pk, const struct cert_request *request, struct err *err)
{
  int code = mbedtls_pk_parse_public_key(pk, request->public_key, request->public_key_size);
  if (code != 0) {
    mbed_fail(err, ERR_INPUT, code, "this is not a public key");
    return false;
  }
  if (!mbedtls_pk_can_do(pk, MBEDTLS_PK_ECKEY) || mbedtls_pk_get_bitlen(pk) != 256)
    return err_rule(err, ERR_INPUT, "public_key", "curve", "the key is not P-256");
  return true;
}

/* Called with the authority locked. */
static bool write_issued(struct cert_authority *a, const struct cert_request *request, mbedtls_pk_context *pk,
                         const struct buf *names, struct buf *der, struct err *err)
{
  bool server = request->use != CERT_NODE;
  struct validity validity = validity_of(request);
  char subject[SUBJECT_MAX], host[CERT_HOST_MAX];
  cert_host(host, request->code);
  if (server)
    snprintf(subject, sizeof subject, "CN=%s", host);
  else
    snprintf(subject, sizeof subject, "CN=%06u", (unsigned)request->code);
  mbedtls_x509write_cert w;
  mbedtls_x509write_crt_init(&w);
  int code = set_body(&w, pk, &a->key->pk, &validity);
  if (code == 0) code = mbedtls_x509write_crt_set_subject_name(&w, subject);
  if (code == 0) code = mbedtls_x509write_crt_set_issuer_name(&w, a->issuer);
  if (code == 0) code = mbedtls_x509write_crt_set_basic_constraints(&w, 0, -1);
  if (code == 0) code = mbedtls_x509write_crt_set_key_usage(&w, MBEDTLS_X509_KU_DIGITAL_SIGNATURE);
  if (code == 0) code = set_usage(&w, server);
  if (code == 0 && server)
    code = mbedtls_x509write_crt_set_extension(&w, MBEDTLS_OID_SUBJECT_ALT_NAME,
                                               MBEDTLS_OID_SIZE(MBEDTLS_OID_SUBJECT_ALT_NAME), 0, names->data,
                                               names->size);
  bool ok = code == 0 ? write_der(&w, der, err) : mbed_fail(err, ERR_IO, code, "a certificate");
  mbedtls_x509write_crt_free(&w);
  return ok;
}

bool cert_issue(struct cert_authority *authority, const struct cert_request *request, struct buf *der,
                struct err *err)
{
  mbedtls_pk_context pk;
  struct buf names = BUF_INIT;
  mbedtls_pk_init(&pk);
  bool ok = check_request(request, err) && parse_public(&pk, request, err) && put_names(&names, request, err);
  if (ok) {
    pthread_mutex_lock(&authority->lock);
    ok = write_issued(authority, request, &pk, &names, der, err);
    pthread_mutex_unlock(&authority->lock);
  }
  mbedtls_pk_free(&pk);
  buf_wipe(&names);
  return ok;
}
