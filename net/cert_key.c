#include "net/cert_key.h"

#include "core/base/crypto.h"
#include "core/base/data_dir.h"
#include "net/mbed.h"

#include <stdlib.h>
#include <string.h>

enum { PEM_MAX = 1024, PUBLIC_DER_MAX = 256 };

/* data_dir replaces files whole; here the directory is the one the path names. */
static bool split(const char *path, struct data_dir *dir, const char **name, struct err *err)
{
  const char *slash = strrchr(path, '/');
  size_t n = slash ? (size_t)(slash - path) : 1;
  *dir = (struct data_dir){.lock = -1};
  if (n >= sizeof dir->path) return err_set(err, ERR_INPUT, "%.60s... is too long for a path", path);
  memcpy(dir->path, slash ? path : ".", n);
  if (slash == path) dir->path[0] = '/';
  *name = slash ? slash + 1 : path;
  return true;
}

bool cert_file_write(const char *path, const void *p, size_t n, struct err *err)
{
  struct data_dir dir;
  const char *name;
  return split(path, &dir, &name, err) && data_dir_write(&dir, name, p, n, err);
}

bool cert_file_read(const char *path, struct buf *out, struct err *err)
{
  struct data_dir dir;
  const char *name;
  return split(path, &dir, &name, err) && data_dir_read(&dir, name, CERT_FILE_MAX, out, err);
}

static struct cert_key *empty_key(struct err *err)
{
  struct cert_key *key = calloc(1, sizeof *key);
  if (!key) {
    err_set(err, ERR_IO, "no memory for a key");
    return NULL;
  }
  mbedtls_pk_init(&key->pk);
  return key;
}

void cert_key_close(struct cert_key *key)
{
  if (!key) return;
  mbedtls_pk_free(&key->pk);
  free(key);
}

bool cert_key_make(struct cert_key **out, struct err *err)
{
  struct cert_key *key = empty_key(err);
  if (!key) return false;
  int code = mbedtls_pk_setup(&key->pk, mbedtls_pk_info_from_type(MBEDTLS_PK_ECKEY));
  if (code == 0)
    code = mbedtls_ecp_gen_key(MBEDTLS_ECP_DP_SECP256R1, mbedtls_pk_ec(key->pk), mbed_random, NULL);
  if (code != 0) {
    cert_key_close(key);
    return mbed_fail(err, ERR_IO, code, "making a P-256 key");
  }
  *out = key;
  return true;
}

bool cert_key_load(struct cert_key **out, const char *path, struct err *err)
{
  struct cert_key *key = empty_key(err);
  struct buf file = BUF_INIT;
  buf_reserve(&file, CERT_FILE_MAX + 1); /* grown once, so that no freed copy of the key stays behind */
  file.size = 0;
  bool ok = key && cert_file_read(path, &file, err);
  if (ok) {
    put_u8(&file, 0); /* mbedTLS takes bytes for PEM when they end in a zero */
    int code = file.bad ? MBEDTLS_ERR_PK_ALLOC_FAILED : mbed_parse_key(&key->pk, file.data, file.size);
    if (code != 0) ok = mbed_fail(err, ERR_CORRUPT, code, path);
    if (ok && (!mbedtls_pk_can_do(&key->pk, MBEDTLS_PK_ECKEY) || mbedtls_pk_get_bitlen(&key->pk) != 256))
      ok = err_set(err, ERR_CORRUPT, "%s holds a key that is not P-256", path);
  }
  if (file.data) crypto_wipe(file.data, file.room);
  buf_wipe(&file);
  if (ok)
    *out = key;
  else
    cert_key_close(key);
  return ok;
}

/* mbedTLS writes from a context it does not take as const; a copy of the struct is as good to it. */
bool cert_key_save(const struct cert_key *key, const char *path, struct err *err)
{
  mbedtls_pk_context pk = key->pk;
  unsigned char pem[PEM_MAX];
  int code = mbedtls_pk_write_key_pem(&pk, pem, sizeof pem);
  bool ok = code == 0 ? cert_file_write(path, pem, strlen((const char *)pem), err)
                      : mbed_fail(err, ERR_IO, code, "writing a key");
  crypto_wipe(pem, sizeof pem);
  return ok;
}

bool cert_key_public(const struct cert_key *key, struct buf *der, struct err *err)
{
  mbedtls_pk_context pk = key->pk;
  unsigned char bytes[PUBLIC_DER_MAX];
  int n = mbedtls_pk_write_pubkey_der(&pk, bytes, sizeof bytes);
  if (n < 0) return mbed_fail(err, ERR_IO, n, "writing a public key");
  put_bytes(der, bytes + sizeof bytes - (size_t)n, (size_t)n); /* it writes at the end of its room */
  return !der->bad || err_set(err, ERR_LIMIT, "no room for a public key");
}
