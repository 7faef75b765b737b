#include "net/cert.h"

#include "core/base/crypto.h"
#include "net/mbed.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

enum { PEM_SIZE_MAX = 8192 };

bool cert_code_is_hub(uint32_t code)
{
  return code % 10000 == 0;
}

void cert_host(char out[CERT_HOST_MAX], uint32_t code)
{
  if (cert_code_is_hub(code))
    snprintf(out, CERT_HOST_MAX, "hub.sunlit");
  else
    snprintf(out, CERT_HOST_MAX, "%06u.node.sunlit", (unsigned)code);
}

static int64_t ms_of(const mbedtls_x509_time *t)
{
  struct tm tm = {.tm_year = t->year - 1900,
                  .tm_mon = t->mon - 1,
                  .tm_mday = t->day,
                  .tm_hour = t->hour,
                  .tm_min = t->min,
                  .tm_sec = t->sec};
  return (int64_t)timegm(&tm) * 1000;
}

static bool lists_usage(const mbedtls_x509_crt *crt, const char *oid, size_t size)
{
  for (const mbedtls_x509_sequence *at = &crt->ext_key_usage; at; at = at->next)
    if (at->buf.len == size && at->buf.p && memcmp(at->buf.p, oid, size) == 0) return true;
  return false;
}

static uint32_t code_of(const mbedtls_x509_name *subject)
{
  for (; subject; subject = subject->next) {
    if (MBEDTLS_OID_CMP(MBEDTLS_OID_AT_CN, &subject->oid) != 0) continue;
    if (subject->val.len != 6) return 0;
    uint32_t code = 0;
    for (size_t i = 0; i < 6; i++) {
      unsigned digit = subject->val.p[i] - (unsigned)'0';
      if (digit > 9) return 0;
      code = code * 10 + digit;
    }
    return code;
  }
  return 0;
}

static void host_of(const mbedtls_x509_crt *crt, char out[CERT_HOST_MAX])
{
  const unsigned char dns_name = MBEDTLS_ASN1_CONTEXT_SPECIFIC | 2;
  out[0] = 0;
  for (const mbedtls_x509_sequence *at = &crt->subject_alt_names; at && at->buf.p; at = at->next) {
    if (at->buf.tag != dns_name || at->buf.len >= CERT_HOST_MAX) continue;
    memcpy(out, at->buf.p, at->buf.len);
    out[at->buf.len] = 0;
    return;
  }
}

static void facts_of(const mbedtls_x509_crt *crt, struct cert_facts *out)
{
  memset(out, 0, sizeof *out);
  sha256(out->fingerprint, crt->raw.p, crt->raw.len);
  sha256(out->key_sha256, crt->pk_raw.p, crt->pk_raw.len);
  size_t n = crt->serial.len < CERT_SERIAL_SIZE ? crt->serial.len : CERT_SERIAL_SIZE;
  memcpy(out->serial + CERT_SERIAL_SIZE - n, crt->serial.p + crt->serial.len - n, n);
  out->is_authority = mbed_is_authority(crt);
  out->for_client = lists_usage(crt, MBEDTLS_OID_CLIENT_AUTH, MBEDTLS_OID_SIZE(MBEDTLS_OID_CLIENT_AUTH));
  out->for_server = lists_usage(crt, MBEDTLS_OID_SERVER_AUTH, MBEDTLS_OID_SIZE(MBEDTLS_OID_SERVER_AUTH));
  out->code = code_of(&crt->subject);
  host_of(crt, out->host);
  out->not_before_ms = ms_of(&crt->valid_from);
  out->not_after_ms = ms_of(&crt->valid_to);
}

/* PEM needs its zero counted, DER must not have one. */
static int parse(mbedtls_x509_crt *crt, const void *bytes, size_t size)
{
  static const char begin[] = "-----BEGIN";
  if (size < sizeof begin || memcmp(bytes, begin, sizeof begin - 1) != 0)
    return mbedtls_x509_crt_parse_der(crt, bytes, size);
  struct buf text = BUF_INIT;
  put_bytes(&text, bytes, size);
  put_u8(&text, 0);
  int code = text.bad ? MBEDTLS_ERR_X509_ALLOC_FAILED : mbedtls_x509_crt_parse(crt, text.data, text.size);
  buf_wipe(&text);
  return code < 0 ? code : code > 0 ? MBEDTLS_ERR_X509_INVALID_FORMAT : 0;
}

bool cert_names(const void *bytes, size_t size, const char *name, bool *names, struct err *err)
{
  const unsigned char dns_name = MBEDTLS_ASN1_CONTEXT_SPECIFIC | 2,
                      address = MBEDTLS_ASN1_CONTEXT_SPECIFIC | 7;
  unsigned char raw[16];
  const void *wanted = raw;
  size_t n = inet_pton(AF_INET, name, raw) == 1 ? 4 : inet_pton(AF_INET6, name, raw) == 1 ? 16 : 0;
  unsigned char tag = n ? address : dns_name;
  if (!n) {
    wanted = name;
    n = strlen(name);
  }
  mbedtls_x509_crt crt;
  mbedtls_x509_crt_init(&crt);
  int code = parse(&crt, bytes, size);
  *names = false;
  for (const mbedtls_x509_sequence *at = &crt.subject_alt_names; code == 0 && at && at->buf.p; at = at->next)
    *names = *names || (at->buf.tag == tag && at->buf.len == n && memcmp(at->buf.p, wanted, n) == 0);
  mbedtls_x509_crt_free(&crt);
  return code == 0 || mbed_fail(err, ERR_INPUT, code, "this is not a certificate");
}

bool cert_read(struct cert_facts *out, const void *bytes, size_t size, struct err *err)
{
  mbedtls_x509_crt crt;
  mbedtls_x509_crt_init(&crt);
  int code = parse(&crt, bytes, size);
  if (code == 0) facts_of(&crt, out);
  mbedtls_x509_crt_free(&crt);
  return code == 0 ? true : mbed_fail(err, ERR_INPUT, code, "this is not a certificate");
}

bool cert_issued_by(const void *der, size_t size, const void *authority_der, size_t authority_size,
                    struct err *err)
{
  mbedtls_x509_crt crt, authority;
  uint32_t flags = 0;
  mbedtls_x509_crt_init(&crt);
  mbedtls_x509_crt_init(&authority);
  int code = parse(&crt, der, size);
  if (code == 0) code = parse(&authority, authority_der, authority_size);
  if (code == 0)
    code = mbedtls_x509_crt_verify_with_profile(&crt, &authority, NULL, &mbedtls_x509_crt_profile_suiteb,
                                                NULL, &flags, NULL, NULL);
  mbedtls_x509_crt_free(&crt);
  mbedtls_x509_crt_free(&authority);
  if (code == 0) return true;
  if (flags & MBEDTLS_X509_BADCERT_EXPIRED)
    return err_rule(err, ERR_DENIED, "certificate", "expired", "the certificate has expired");
  return mbed_fail(err, ERR_DENIED, code, "the certificate is not of this authority");
}

bool cert_load(struct buf *der, const char *path, struct err *err)
{
  struct buf file = BUF_INIT;
  mbedtls_x509_crt crt;
  mbedtls_x509_crt_init(&crt);
  bool ok = cert_file_read(path, &file, err);
  if (ok) {
    int code = parse(&crt, file.data, file.size);
    if (code != 0) ok = mbed_fail(err, ERR_CORRUPT, code, path);
  }
  if (ok) {
    put_bytes(der, crt.raw.p, crt.raw.len);
    ok = !der->bad || err_set(err, ERR_LIMIT, "no room for %s", path);
  }
  mbedtls_x509_crt_free(&crt);
  buf_wipe(&file);
  return ok;
}

bool cert_save(const char *path, const void *der, size_t size, struct err *err)
{
  static const char head[] = "-----BEGIN CERTIFICATE-----\n";
  static const char foot[] = "-----END CERTIFICATE-----\n";
  unsigned char pem[PEM_SIZE_MAX];
  size_t n = 0;
  int code = mbedtls_pem_write_buffer(head, foot, der, size, pem, sizeof pem, &n);
  if (code != 0) return mbed_fail(err, ERR_IO, code, path);
  return cert_file_write(path, pem, strlen((const char *)pem), err);
}
