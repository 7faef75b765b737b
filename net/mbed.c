#include "net/mbed.h"

#include "core/base/crypto.h"

int mbed_random(void *ctx, unsigned char *out, size_t n)
{
  (void)ctx;
  crypto_random(out, n);
  return 0;
}

bool mbed_fail(struct err *err, enum err_kind kind, int code, const char *what)
{
  char text[160];
  mbedtls_strerror(code, text, sizeof text);
  return err_set(err, kind, "%s: %s (-0x%04x)", what, text, (unsigned)-code);
}

static bool first_aes_operation(struct err *err)
{
  mbedtls_aes_context aes;
  unsigned char block[16] = {0};
  mbedtls_aes_init(&aes);
  int code = mbedtls_aes_setkey_enc(&aes, block, 128);
  if (code == 0) code = mbedtls_aes_crypt_ecb(&aes, MBEDTLS_AES_ENCRYPT, block, block);
  mbedtls_aes_free(&aes);
  return code == 0 ? true : mbed_fail(err, ERR_IO, code, "AES");
}

#if MBEDTLS_VERSION_NUMBER >= 0x03000000

bool mbed_start(struct err *err)
{
  psa_status_t status = psa_crypto_init();
  if (status != PSA_SUCCESS) return err_set(err, ERR_IO, "psa_crypto_init answers %d", (int)status);
  return first_aes_operation(err);
}

int mbed_parse_key(mbedtls_pk_context *pk, const unsigned char *bytes, size_t n)
{
  return mbedtls_pk_parse_key(pk, bytes, n, NULL, 0, mbed_random, NULL);
}

int mbed_set_serial(mbedtls_x509write_cert *writer, const unsigned char *serial, size_t n)
{
  unsigned char copy[MBEDTLS_X509_RFC5280_MAX_SERIAL_LEN];
  if (n > sizeof copy) return MBEDTLS_ERR_X509_BAD_INPUT_DATA;
  for (size_t i = 0; i < n; i++)
    copy[i] = serial[i];
  return mbedtls_x509write_crt_set_serial_raw(writer, copy, n);
}

bool mbed_is_authority(const mbedtls_x509_crt *crt)
{
  return mbedtls_x509_crt_get_ca_istrue(crt) == 1;
}

void mbed_conf_version(mbedtls_ssl_config *conf)
{
  mbedtls_ssl_conf_min_tls_version(conf, MBEDTLS_SSL_VERSION_TLS1_2);
  mbedtls_ssl_conf_max_tls_version(conf, MBEDTLS_SSL_VERSION_TLS1_2);
}

void mbed_conf_groups(mbedtls_ssl_config *conf)
{
  static const uint16_t groups[] = {MBEDTLS_SSL_IANA_TLS_GROUP_X25519, MBEDTLS_SSL_IANA_TLS_GROUP_SECP256R1,
                                    MBEDTLS_SSL_IANA_TLS_GROUP_NONE};
  mbedtls_ssl_conf_groups(conf, groups);
}

#else

bool mbed_start(struct err *err)
{
  return first_aes_operation(err);
}

int mbed_parse_key(mbedtls_pk_context *pk, const unsigned char *bytes, size_t n)
{
  return mbedtls_pk_parse_key(pk, bytes, n, NULL, 0);
}

int mbed_set_serial(mbedtls_x509write_cert *writer, const unsigned char *serial, size_t n)
{
  mbedtls_mpi number;
  mbedtls_mpi_init(&number);
  int code = mbedtls_mpi_read_binary(&number, serial, n);
  if (code == 0) code = mbedtls_x509write_crt_set_serial(writer, &number);
  mbedtls_mpi_free(&number);
  return code;
}

bool mbed_is_authority(const mbedtls_x509_crt *crt)
{
  return (crt->ext_types & MBEDTLS_X509_EXT_BASIC_CONSTRAINTS) && crt->ca_istrue;
}

void mbed_conf_version(mbedtls_ssl_config *conf)
{
  mbedtls_ssl_conf_min_version(conf, MBEDTLS_SSL_MAJOR_VERSION_3, MBEDTLS_SSL_MINOR_VERSION_3);
  mbedtls_ssl_conf_max_version(conf, MBEDTLS_SSL_MAJOR_VERSION_3, MBEDTLS_SSL_MINOR_VERSION_3);
}

void mbed_conf_groups(mbedtls_ssl_config *conf)
{
  static const mbedtls_ecp_group_id groups[] = {MBEDTLS_ECP_DP_CURVE25519, MBEDTLS_ECP_DP_SECP256R1,
                                                MBEDTLS_ECP_DP_NONE};
  mbedtls_ssl_conf_curves(conf, groups);
}

#endif
