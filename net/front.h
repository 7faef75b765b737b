/* front.h - the people's port: HTTPS (or plain HTTP on loopback) in front of CivetWeb.
 *
 * CivetWeb spends a thread per connection and knows no TLS here, so it sees only what has already proved to
 * be a request.  The front reads a whole request head (16 KiB, within a deadline), refuses what two parsers
 * could read differently, answers `Expect: 100-continue` itself, and only then dials CivetWeb on loopback,
 * from a source address of 127.x.y.z that no other connection has.  It then pipes both ways and follows where
 * one request ends and the next begins, so every head of a kept connection is held to the same rules.  After
 * an upgrade (WebSocket) it is a plain pipe.
 *
 * front_peer tells who is behind a source address, for exactly the lifetime of the connection; it is what
 * lockouts, limits and the audit trail see.  A source it does not know is nobody, and must be refused.
 *
 * A kept connection that is quiet gives its place when others wait for one.  The plain port answers whom it
 * cannot take with 503; in TLS saying so would cost what is refused.
 *
 * THREADS: those of two listeners; front_peer from any thread.                                           */
#ifndef SUNLIT_NET_FRONT_H
#define SUNLIT_NET_FRONT_H

#include "net/listener.h"

struct front;

struct front_config {
  const char *listen;     /* "ADDR:PORT" for HTTPS; NULL: none */
  struct tls *tls;        /* TLS_PEOPLE_SERVER; shared */
  int loopback_http_port; /* plain HTTP on 127.0.0.1; -1: none; 0: the kernel chooses */
  /* Zero means the default in brackets. */
  int connections_max;               /* [240] keep it below CivetWeb's threads */
  int connections_per_peer_max;      /* [32] of HTTPS; the plain port has one peer, and it everything */
  int queue_per_peer_max;            /* [as many] see listener.h */
  int burst_per_peer, rate_per_peer; /* see listener.h */
  int head_ms;                       /* [10000] for one request head */
  int idle_ms;                       /* [15000] between requests of a kept connection */
  int stall_ms; /* [30000] a peer that takes or gives nothing in the middle of a message */
};

bool front_open(struct front **out, const struct front_config *config, struct err *err)
    __attribute__((warn_unused_result));
/* Where CivetWeb listens on 127.0.0.1; until then requests are answered 503.  (web_open needs front_peer, and
 * the front needs web_port: open the front, open the web, tell the front.) */
void front_backend(struct front *front, uint16_t port);
/* Takes no new connection, lets answers end and closes quiet ones; then front_close cuts the rest. */
void front_drain(struct front *front, int64_t grace_ms);
/* Cuts every connection and waits for its thread.  The web server may still be at a request of one of them,
 * and ask front_peer, who knows nobody any more: it ends between this and front_close. */
void front_stop(struct front *front);
void front_close(struct front *front);          /* when nobody asks any more; stops, if that was not done */
uint16_t front_port(const struct front *front); /* 0: no HTTPS */
uint16_t front_loopback_port(const struct front *front); /* 0: no plain HTTP */
void front_renew(struct front *front, struct tls *tls);

/* `source` is "127.x.y.z" as CivetWeb sees it.  False: not a connection of ours. */
bool front_peer(const struct front *front, const char *source, char peer[LINK_PEER_SIZE], bool *secure);

void front_count(struct front *front, struct listener_counts *out); /* both ports together */

#endif
