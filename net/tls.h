/* tls.h - contexts of TLS 1.2 or later for five uses, and one session over a socket.
 *
 * A context is what many sessions share: own certificate, whom to trust, which suites.  Its five uses:
 *
 *   TLS_SYNC_SERVER    asks for a client certificate and goes on without one; sends its authority along, so
 *                      that who enrols can compare the fingerprint; never resumes a session.
 *   TLS_PEOPLE_SERVER  asks for nothing; session tickets with keys of its own.
 *   TLS_SYNC_CLIENT    shows its certificate; trusts exactly one authority and one host name.
 *   TLS_ENROL_CLIENT   trusts whatever authority has the pinned fingerprint, and the host name under it.
 *   TLS_FOREIGN_CLIENT trusts any authority of a file, as browsers do, and the host name: for servers that
 * are not ours, which may also have RSA keys.
 *
 * All: ECDHE-ECDSA with AES-GCM or ChaCha20-Poly1305, X25519 before P-256, no renegotiation, no compression.
 *
 * Who the peer is, is asked after the handshake, from the session itself: tls_peer_branch.  A certificate
 * that is absent, not of this authority, expired, or not meant for clients is no identity; whether the branch
 * has been revoked is the caller's question to its database.
 *
 * OWNERSHIP: a context counts its sessions; tls_close gives the caller's share back.
 * THREADS: tls_start once before the first thread.  A context may be used by any number of threads; a session
 * by one thread at a time.                                                                                */
#ifndef SUNLIT_NET_TLS_H
#define SUNLIT_NET_TLS_H

#include "core/base/bytes.h"
#include "core/base/err.h"
#include "net/cert.h"

/* Random numbers, PSA where mbedTLS 3 wants it, and one AES operation, because detecting the processor's AES
 * is not safe against threads (CVE-2025-52496).  May be called again; only the first call works. */
bool tls_start(struct err *err) __attribute__((warn_unused_result));

enum tls_use { TLS_SYNC_SERVER, TLS_PEOPLE_SERVER, TLS_SYNC_CLIENT, TLS_ENROL_CLIENT, TLS_FOREIGN_CLIENT };

struct tls_config {
  enum tls_use use;
  const char *certificate_path; /* PEM; not for TLS_ENROL_CLIENT and TLS_FOREIGN_CLIENT */
  const char *key_path;         /* the same */
  const char *authority_path;   /* PEM; not for TLS_ENROL_CLIENT; sent in the chain by servers */
  const uint8_t *fingerprint;   /* TLS_ENROL_CLIENT: CERT_FINGERPRINT_SIZE bytes of the authority */
  const char *host;             /* clients: the name the server must have; NULL: "hub.sunlit" */
};

struct tls;
bool tls_open(struct tls **out, const struct tls_config *config, struct err *err)
    __attribute__((warn_unused_result));
void tls_close(struct tls *tls);
struct tls *tls_share(struct tls *tls); /* one more share, to be closed too */

/* Who is at the other end. */
struct tls_peer {
  uint32_t code; /* branch code */
  uint8_t serial[CERT_SERIAL_SIZE];
  int64_t not_after_ms;
};

/* -- A session; net/link.c is its caller. -- */

enum tls_step { TLS_DONE, TLS_WANT_READ, TLS_WANT_WRITE, TLS_END, TLS_FAILED };

struct tls_session;
/* Over a connected, non-blocking socket, which stays the caller's. */
bool tls_session_open(struct tls_session **out, struct tls *tls, int fd, struct err *err)
    __attribute__((warn_unused_result));
void tls_session_close(struct tls_session *session);
enum tls_step tls_handshake(struct tls_session *session, struct err *err);
/* TLS_DONE with *done > 0, or why not.  TLS_END is a clean end; an end without close_notify is TLS_FAILED. */
enum tls_step tls_read(struct tls_session *session, void *out, size_t max, size_t *done, struct err *err);
/* After TLS_WANT_* the same bytes must be offered again. */
enum tls_step tls_write(struct tls_session *session, const void *p, size_t n, size_t *done, struct err *err);
enum tls_step tls_goodbye(struct tls_session *session); /* sends close_notify, best effort */
size_t tls_pending(const struct tls_session *session);  /* bytes decrypted and not yet read */

/* What a failed verification comes to when nothing but dates is wrong: "certificate_early",
 * "certificate_ended", and then the certificate is ours, and it may be our clock that is wrong; else NULL. */
const char *tls_dates_rule(uint32_t verify_flags);
/* True when the peer proved to be a node of this authority, by the four tests of docs/PROTOCOL.md: a
 * certificate is present, it verified, its usage is clientAuth, its name is a branch code.
 * Rule "certificate_early" or "certificate_ended": it did, but for the dates by our clock; *out is set then.
 */
bool tls_peer_branch(const struct tls_session *session, struct tls_peer *out, struct err *err)
    __attribute__((warn_unused_result));

#endif
