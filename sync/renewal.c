#include "sync/renewal.h"

enum { RENEWAL_VERSION = 1 };

static struct span get_der(struct reader *r, size_t max)
{
  struct span span = {0};
  span.p = get_vec16(r, &span.size);
  if (span.size == 0 || span.size > max) r->bad = true;
  return span;
}

static bool done(struct reader *r, uint8_t version, const char *name, struct err *err)
{
  if (reader_done(r) && version == RENEWAL_VERSION) return true;
  return err_rule(err, ERR_INPUT, name, "message_malformed", "not a well-formed %s", name);
}

void renew_encode(struct buf *out, const struct renew *m)
{
  put_u8(out, RENEWAL_VERSION);
  put_vec16(out, m->tls_key.p, m->tls_key.size);
}

void renewed_encode(struct buf *out, const struct renewed *m)
{
  put_u8(out, RENEWAL_VERSION);
  put_vec16(out, m->certificate.p, m->certificate.size);
  put_vec16(out, m->people.p, m->people.size);
}

bool renew_decode(struct renew *m, const void *p, size_t n, struct err *err)
{
  struct reader r = reader_of(p, n);
  uint8_t version = get_u8(&r);
  struct renew read = {.tls_key = get_der(&r, TLS_KEY_SIZE_MAX)};
  if (!done(&r, version, "RENEW", err)) return false;
  *m = read;
  return true;
}

bool renewed_decode(struct renewed *m, const void *p, size_t n, struct err *err)
{
  struct reader r = reader_of(p, n);
  uint8_t version = get_u8(&r);
  struct renewed read = {.certificate = get_der(&r, CERTIFICATE_SIZE_MAX)};
  read.people = get_der(&r, CERTIFICATE_SIZE_MAX);
  if (!done(&r, version, "RENEWED", err)) return false;
  *m = read;
  return true;
}
