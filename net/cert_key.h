/* cert_key.h - a P-256 key pair for TLS, on disk as PEM (SEC 1), mode 0600. */
#ifndef SUNLIT_NET_CERT_KEY_H
#define SUNLIT_NET_CERT_KEY_H

#include "core/base/bytes.h"
#include "core/base/err.h"

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

/* A small file of keys or certificates, replaced whole: written beside, flushed, renamed. */
bool cert_file_write(const char *path, const void *p, size_t n, struct err *err)
    __attribute__((warn_unused_result));
/* Appends the file; refuses more than CERT_FILE_MAX bytes. */
enum { CERT_FILE_MAX = 32 * 1024 };
bool cert_file_read(const char *path, struct buf *out, struct err *err) __attribute__((warn_unused_result));

#endif
