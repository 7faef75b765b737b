#include "net/tls.h"

#include "core/base/crypto.h"
#include "net/mbed.h"

#include <assert.h>
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

enum { TICKET_LIFETIME_S = 8 * 3600, HOST_MAX = 256 };

struct tls {
  atomic_int shares;
  enum tls_use use;
  char host[HOST_MAX];
  uint8_t fingerprint[CERT_FINGERPRINT_SIZE];
  mbedtls_ssl_config conf;
  mbedtls_x509_crt chain; /* own certificate; on the sync port its authority behind it */
  mbedtls_x509_crt authority;
  struct cert_key *key;
  mbedtls_ssl_ticket_context tickets;
};

struct tls_session {
  mbedtls_ssl_context ssl;
  struct tls *tls;
  int fd;
  int io_errno;      /* of the last failed send or recv */
  size_t write_size; /* of a write that mbedTLS has begun and not ended */
};

static pthread_mutex_t start_lock = PTHREAD_MUTEX_INITIALIZER;
static bool started;

bool tls_start(struct err *err)
{
  pthread_mutex_lock(&start_lock);
  bool ok = started || (crypto_start(err) && mbed_start(err));
  if (ok) started = true;
  pthread_mutex_unlock(&start_lock);
  return ok;
}

/* -- The context. -- */

static bool is_client(enum tls_use use)
{
  return use == TLS_SYNC_CLIENT || use == TLS_ENROL_CLIENT || use == TLS_FOREIGN_CLIENT;
}

static bool load_crt(mbedtls_x509_crt *chain, const char *path, struct err *err)
{
  struct buf der = BUF_INIT;
  bool ok = cert_load(&der, path, err);
  if (ok) {
    int code = mbedtls_x509_crt_parse_der(chain, der.data, der.size);
    if (code != 0) ok = mbed_fail(err, ERR_CORRUPT, code, path);
  }
  buf_wipe(&der);
  return ok;
}

/* A wrong file is said here, by name, and not by the first peer that fails. */
static bool check_own(const struct tls *tls, const struct tls_config *config, struct err *err)
{
  struct buf of_key = BUF_INIT;
  struct cert_facts facts;
  bool ok =
      cert_key_public(tls->key, &of_key, err) && cert_read(&facts, tls->chain.raw.p, tls->chain.raw.len, err);
  if (ok &&
      (of_key.size != tls->chain.pk_raw.len || memcmp(of_key.data, tls->chain.pk_raw.p, of_key.size) != 0))
    ok = err_set(err, ERR_CORRUPT, "%s does not belong to %s", config->certificate_path, config->key_path);
  if (ok && !(is_client(tls->use) ? facts.for_client : facts.for_server))
    ok = err_set(err, ERR_CORRUPT, "%s is not for a %s", config->certificate_path,
                 is_client(tls->use) ? "client" : "server");
  buf_wipe(&of_key);
  return ok;
}

/* A file of many; one that this library cannot read spoils no other. */
static bool load_authorities(struct tls *tls, const char *path, struct err *err)
{
  int code = mbedtls_x509_crt_parse_file(&tls->authority, path);
  if (code < 0) return mbed_fail(err, ERR_IO, code, path);
  return tls->authority.raw.p || err_set(err, ERR_IO, "%s holds no certificate", path);
}

static bool load_own(struct tls *tls, const struct tls_config *config, struct err *err)
{
  if (tls->use == TLS_ENROL_CLIENT) return true;
  if (tls->use == TLS_FOREIGN_CLIENT) return load_authorities(tls, config->authority_path, err);
  if (!load_crt(&tls->chain, config->certificate_path, err) ||
      !cert_key_load(&tls->key, config->key_path, err) || !check_own(tls, config, err) ||
      !load_crt(&tls->authority, config->authority_path, err))
    return false;
  /* Who enrols knows the authority by its fingerprint alone, so the sync port shows it. */
  if (tls->use == TLS_SYNC_SERVER && !load_crt(&tls->chain, config->authority_path, err)) return false;
  int code = mbedtls_ssl_conf_own_cert(&tls->conf, &tls->chain, &tls->key->pk);
  return code == 0 ? true : mbed_fail(err, ERR_IO, code, config->certificate_path);
}

static int verification_of(enum tls_use use)
{
  switch (use) {
  case TLS_SYNC_SERVER: return MBEDTLS_SSL_VERIFY_OPTIONAL; /* who has none may still enrol */
  case TLS_SYNC_CLIENT:
  case TLS_FOREIGN_CLIENT: return MBEDTLS_SSL_VERIFY_REQUIRED;
  case TLS_PEOPLE_SERVER:
  case TLS_ENROL_CLIENT: break; /* the enrolling client verifies itself: verify_pinned */
  }
  return MBEDTLS_SSL_VERIFY_NONE;
}

/* No session cache and no tickets: without them a server cannot resume, and a resumed session would skip
 * every check of the client's certificate.  Only the people's port, which checks none, gets tickets. */
static bool configure(struct tls *tls, struct err *err)
{
  static const int suites[] = {MBEDTLS_TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256,
                               MBEDTLS_TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384,
                               MBEDTLS_TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256, 0};
  static const int foreign_suites[] = {MBEDTLS_TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256,
                                       MBEDTLS_TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384,
                                       MBEDTLS_TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256,
                                       MBEDTLS_TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
                                       MBEDTLS_TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,
                                       MBEDTLS_TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256,
                                       0};
  mbedtls_ssl_config *conf = &tls->conf;
  int endpoint = is_client(tls->use) ? MBEDTLS_SSL_IS_CLIENT : MBEDTLS_SSL_IS_SERVER;
  int code =
      mbedtls_ssl_config_defaults(conf, endpoint, MBEDTLS_SSL_TRANSPORT_STREAM, MBEDTLS_SSL_PRESET_DEFAULT);
  if (code != 0) return mbed_fail(err, ERR_IO, code, "TLS defaults");
  mbed_conf_version(conf);
  if (tls->use == TLS_FOREIGN_CLIENT) { /* what public servers have: the library's own groups, RSA too */
    mbedtls_ssl_conf_ciphersuites(conf, foreign_suites);
    mbedtls_ssl_conf_cert_profile(conf, &mbedtls_x509_crt_profile_default);
  } else {
    mbed_conf_groups(conf);
    mbedtls_ssl_conf_ciphersuites(conf, suites);
    mbedtls_ssl_conf_cert_profile(conf, &mbedtls_x509_crt_profile_suiteb);
  }
  mbedtls_ssl_conf_renegotiation(conf, MBEDTLS_SSL_RENEGOTIATION_DISABLED);
  mbedtls_ssl_conf_rng(conf, mbed_random, NULL);
  mbedtls_ssl_conf_authmode(conf, verification_of(tls->use));
  if (is_client(tls->use)) mbedtls_ssl_conf_session_tickets(conf, MBEDTLS_SSL_SESSION_TICKETS_DISABLED);
  if (tls->use == TLS_PEOPLE_SERVER) {
    code = mbedtls_ssl_ticket_setup(&tls->tickets, mbed_random, NULL, MBEDTLS_CIPHER_AES_256_GCM,
                                    TICKET_LIFETIME_S);
    if (code != 0) return mbed_fail(err, ERR_IO, code, "TLS tickets");
    mbedtls_ssl_conf_session_tickets_cb(conf, mbedtls_ssl_ticket_write, mbedtls_ssl_ticket_parse,
                                        &tls->tickets);
  } else if (tls->use != TLS_ENROL_CLIENT) {
    mbedtls_ssl_conf_ca_chain(conf, &tls->authority, NULL);
  }
  return true;
}

static bool check_config(const struct tls_config *config, struct err *err)
{
  assert(started);
  if (config->use == TLS_ENROL_CLIENT)
    return config->fingerprint || err_set(err, ERR_INPUT, "no fingerprint");
  if (config->use == TLS_FOREIGN_CLIENT)
    return (config->authority_path && config->host) || err_set(err, ERR_INPUT, "no authorities or no host");
  if (!config->certificate_path || !config->key_path || !config->authority_path)
    return err_set(err, ERR_INPUT, "a certificate, a key and an authority are needed");
  return true;
}

bool tls_open(struct tls **out, const struct tls_config *config, struct err *err)
{
  if (!check_config(config, err)) return false;
  struct tls *tls = calloc(1, sizeof *tls);
  if (!tls) return err_set(err, ERR_IO, "no memory for a TLS context");
  atomic_init(&tls->shares, 1);
  tls->use = config->use;
  snprintf(tls->host, sizeof tls->host, "%s", config->host ? config->host : "hub.sunlit");
  if (config->fingerprint) memcpy(tls->fingerprint, config->fingerprint, sizeof tls->fingerprint);
  mbedtls_ssl_config_init(&tls->conf);
  mbedtls_x509_crt_init(&tls->chain);
  mbedtls_x509_crt_init(&tls->authority);
  mbedtls_ssl_ticket_init(&tls->tickets);
  bool ok = configure(tls, err) && load_own(tls, config, err);
  if (ok)
    *out = tls;
  else
    tls_close(tls);
  return ok;
}

struct tls *tls_share(struct tls *tls)
{
  atomic_fetch_add(&tls->shares, 1);
  return tls;
}

void tls_close(struct tls *tls)
{
  if (!tls || atomic_fetch_sub(&tls->shares, 1) != 1) return;
  mbedtls_ssl_config_free(&tls->conf);
  mbedtls_x509_crt_free(&tls->chain);
  mbedtls_x509_crt_free(&tls->authority);
  mbedtls_ssl_ticket_free(&tls->tickets);
  cert_key_close(tls->key);
  free(tls);
}

/* -- The session. -- */

static bool would_block(int code)
{
  return code == EAGAIN || code == EWOULDBLOCK || code == EINTR;
}

static int send_some(void *ctx, const unsigned char *p, size_t n)
{
  struct tls_session *s = ctx;
  ssize_t sent = send(s->fd, p, n, MSG_NOSIGNAL);
  if (sent >= 0) return (int)sent;
  if (would_block(errno)) return MBEDTLS_ERR_SSL_WANT_WRITE;
  s->io_errno = errno;
  return MBEDTLS_ERR_NET_SEND_FAILED;
}

static int receive_some(void *ctx, unsigned char *p, size_t n)
{
  struct tls_session *s = ctx;
  ssize_t got = recv(s->fd, p, n, 0);
  if (got >= 0) return (int)got;
  if (would_block(errno)) return MBEDTLS_ERR_SSL_WANT_READ;
  s->io_errno = errno;
  return MBEDTLS_ERR_NET_RECV_FAILED;
}

bool tls_session_open(struct tls_session **out, struct tls *tls, int fd, struct err *err)
{
  struct tls_session *s = calloc(1, sizeof *s);
  if (!s) return err_set(err, ERR_IO, "no memory for a TLS session");
  s->tls = tls_share(tls);
  s->fd = fd;
  mbedtls_ssl_init(&s->ssl);
  int code = mbedtls_ssl_setup(&s->ssl, &tls->conf);
  if (code == 0 && is_client(tls->use)) code = mbedtls_ssl_set_hostname(&s->ssl, tls->host);
  if (code != 0) {
    tls_session_close(s);
    return mbed_fail(err, ERR_IO, code, "TLS session");
  }
  mbedtls_ssl_set_bio(&s->ssl, s, send_some, receive_some, NULL);
  *out = s;
  return true;
}

void tls_session_close(struct tls_session *session)
{
  if (!session) return;
  mbedtls_ssl_free(&session->ssl);
  tls_close(session->tls);
  free(session);
}

/* Translates what mbedTLS returned. */
static enum tls_step step_of(const struct tls_session *s, int code, const char *what, struct err *err)
{
  switch (code) {
  case MBEDTLS_ERR_SSL_WANT_READ: return TLS_WANT_READ;
  case MBEDTLS_ERR_SSL_WANT_WRITE: return TLS_WANT_WRITE;
  case MBEDTLS_ERR_SSL_PEER_CLOSE_NOTIFY: return TLS_END;
  case MBEDTLS_ERR_SSL_CONN_EOF: err_rule(err, ERR_IO, "", "closed", "%s: the peer went away", what); break;
  case MBEDTLS_ERR_NET_SEND_FAILED:
  case MBEDTLS_ERR_NET_RECV_FAILED: err_set(err, ERR_IO, "%s: %s", what, strerror(s->io_errno)); break;
  default: mbed_fail(err, ERR_DENIED, code, what);
  }
  return TLS_FAILED;
}

static void explain_flags(uint32_t flags, struct err *err)
{
  char text[256];
  int n = mbedtls_x509_crt_verify_info(text, sizeof text, "", flags);
  for (int i = 0; i < n; i++)
    if (text[i] == '\n') text[i] = i == n - 1 ? 0 : ';';
  err_rule(err, ERR_DENIED, "certificate", flags & MBEDTLS_X509_BADCERT_EXPIRED ? "expired" : "not_verified",
           "%s", n > 0 ? text : "not verified");
}

static const mbedtls_x509_crt *with_fingerprint(const mbedtls_x509_crt *chain, const uint8_t *fingerprint)
{
  for (; chain && chain->raw.p; chain = chain->next) {
    uint8_t digest[HASH_SIZE];
    sha256(digest, chain->raw.p, chain->raw.len);
    if (crypto_equal(digest, fingerprint, CERT_FINGERPRINT_SIZE)) return chain;
  }
  return NULL;
}

/* The enrolling client's verification: before anything is sent, the authority in the shown chain is the one
 * whose fingerprint the invite names, and the server's certificate is by it, for the hub's name. */
static bool verify_pinned(const struct tls_session *s, const mbedtls_x509_crt *shown, struct err *err)
{
  const mbedtls_x509_crt *anchor = with_fingerprint(shown, s->tls->fingerprint);
  if (!anchor)
    return err_rule(err, ERR_DENIED, "certificate", "fingerprint",
                    "the server does not show the authority that the invite names");
  mbedtls_x509_crt leaf, authority;
  uint32_t flags = 0;
  mbedtls_x509_crt_init(&leaf);
  mbedtls_x509_crt_init(&authority);
  int code = mbedtls_x509_crt_parse_der(&leaf, shown->raw.p, shown->raw.len);
  if (code == 0) code = mbedtls_x509_crt_parse_der(&authority, anchor->raw.p, anchor->raw.len);
  if (code == 0)
    code = mbedtls_x509_crt_verify_with_profile(&leaf, &authority, NULL, &mbedtls_x509_crt_profile_suiteb,
                                                s->tls->host, &flags, NULL, NULL);
  bool ok = code == 0;
  if (flags)
    explain_flags(flags, err);
  else if (!ok)
    mbed_fail(err, ERR_DENIED, code, "the server's certificate");
  mbedtls_x509_crt_free(&leaf);
  mbedtls_x509_crt_free(&authority);
  return ok;
}

/* mbedTLS lets a certificate without usage pass for every use; a server of ours has serverAuth and that
 * alone. */
static bool verify_server(const struct tls_session *s, struct err *err)
{
  const mbedtls_x509_crt *shown = mbedtls_ssl_get_peer_cert(&s->ssl);
  struct cert_facts facts;
  if (!shown) return err_set(err, ERR_DENIED, "the server shows no certificate");
  if (s->tls->use == TLS_ENROL_CLIENT && !verify_pinned(s, shown, err)) return false;
  if (!cert_read(&facts, shown->raw.p, shown->raw.len, err)) return false;
  if (!facts.for_server || facts.for_client || facts.is_authority)
    return err_rule(err, ERR_DENIED, "certificate", "usage", "the server's certificate is not for servers");
  return true;
}

enum tls_step tls_handshake(struct tls_session *session, struct err *err)
{
  int code = mbedtls_ssl_handshake(&session->ssl);
  bool ours = is_client(session->tls->use) && session->tls->use != TLS_FOREIGN_CLIENT;
  if (code == 0) return !ours || verify_server(session, err) ? TLS_DONE : TLS_FAILED;
  if (code == MBEDTLS_ERR_X509_CERT_VERIFY_FAILED) {
    explain_flags(mbedtls_ssl_get_verify_result(&session->ssl), err);
    return TLS_FAILED;
  }
  enum tls_step step = step_of(session, code, "TLS handshake", err);
  if (step != TLS_END) return step;
  err_set(err, ERR_DENIED, "TLS handshake: the peer said goodbye");
  return TLS_FAILED;
}

enum tls_step tls_read(struct tls_session *session, void *out, size_t max, size_t *done, struct err *err)
{
  *done = 0;
  int n = mbedtls_ssl_read(&session->ssl, out, max);
  if (n > 0) {
    *done = (size_t)n;
    return TLS_DONE;
  }
  return step_of(session, n == 0 ? MBEDTLS_ERR_SSL_CONN_EOF : n, "TLS", err);
}

enum tls_step tls_write(struct tls_session *session, const void *p, size_t n, size_t *done, struct err *err)
{
  *done = 0;
  /* A begun record is already encrypted: mbedTLS only flushes it, and believes the length it is told. */
  if (session->write_size) {
    assert(n >= session->write_size);
    n = session->write_size;
  }
  if (n > MBEDTLS_SSL_OUT_CONTENT_LEN) n = MBEDTLS_SSL_OUT_CONTENT_LEN;
  int sent = mbedtls_ssl_write(&session->ssl, p, n);
  if (sent > 0) {
    session->write_size = 0;
    *done = (size_t)sent;
    return TLS_DONE;
  }
  session->write_size = n;
  return step_of(session, sent, "TLS", err);
}

enum tls_step tls_goodbye(struct tls_session *session)
{
  int code = mbedtls_ssl_close_notify(&session->ssl);
  return code == 0 ? TLS_DONE : step_of(session, code, "TLS", NULL);
}

size_t tls_pending(const struct tls_session *session)
{
  return mbedtls_ssl_get_bytes_avail(&session->ssl);
}

const char *tls_dates_rule(uint32_t flags)
{
  if (flags == 0 || (flags & ~(uint32_t)(MBEDTLS_X509_BADCERT_EXPIRED | MBEDTLS_X509_BADCERT_FUTURE)))
    return NULL;
  return flags & MBEDTLS_X509_BADCERT_FUTURE ? "certificate_early" : "certificate_ended";
}

static bool dates_fit(const char *rule, const struct tls_peer *peer, struct err *err)
{
  if (!rule) return true;
  bool is_early = strcmp(rule, "certificate_early") == 0;
  return err_rule(
      err, ERR_DENIED, "certificate", rule,
      is_early ? "the certificate of branch %u has not begun by the province's clock: that clock may be "
                 "wrong"
               : "the certificate of branch %u has ended by the province's clock: invite the branch again, "
                 "or set the clock right",
      peer->code);
}

bool tls_peer_branch(const struct tls_session *session, struct tls_peer *out, struct err *err)
{
  const mbedtls_x509_crt *shown = mbedtls_ssl_get_peer_cert(&session->ssl);
  if (session->tls->use != TLS_SYNC_SERVER || !shown)
    return err_rule(err, ERR_DENIED, "certificate", "missing", "the peer shows no certificate");
  uint32_t flags = mbedtls_ssl_get_verify_result(&session->ssl);
  const char *dates = tls_dates_rule(flags);
  if (flags != 0 && !dates) {
    explain_flags(flags, err);
    return false;
  }
  struct cert_facts facts;
  if (!cert_read(&facts, shown->raw.p, shown->raw.len, err)) return false;
  if (!facts.for_client || facts.for_server || facts.is_authority)
    return err_rule(err, ERR_DENIED, "certificate", "usage", "the peer's certificate is not for nodes");
  if (facts.code == 0 || cert_code_is_hub(facts.code))
    return err_rule(err, ERR_DENIED, "certificate", "code", "the peer's certificate names no branch");
  out->code = facts.code;
  memcpy(out->serial, facts.serial, sizeof out->serial);
  out->not_after_ms = facts.not_after_ms;
  return dates_fit(dates, out, err);
}
