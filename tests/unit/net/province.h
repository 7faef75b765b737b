/* province.h - what a test of net/ needs: an authority with the certificates of a hub and two nodes in a
 * folder of its own, a listener that echoes, and the output of a command such as `openssl s_client`.
 *
 * Each call fails the running test when it fails. */
#ifndef TESTS_NET_PROVINCE_H
#define TESTS_NET_PROVINCE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/base/clock.h"
#include "net/cert_authority.h"
#include "net/listener.h"

struct province {
  char folder[64];
  struct cert_authority *authority;
  char path[160]; /* of the last province_path */
};

void province_open(struct province *p);
void province_close(struct province *p);
/* A file of the folder; good until the next call. */
const char *province_path(struct province *p, const char *name);

/* NAME.key and NAME.crt of a new key. */
void province_issue(struct province *p, const char *name, enum cert_use use, uint32_t code,
                    int64_t not_after_ms);
/* A context of NAME.key, NAME.crt under AUTHORITY.crt.  NULL names: none. */
struct tls *province_tls(struct province *p, enum tls_use use, const char *name, const char *authority);
struct tls *province_enrol(struct province *p);

/* A port that echoes what it gets, until the peer ends or says "bye"; starts with "hello CODE\n" or "hello
 * nobody\n". */
struct listener *province_echo(struct tls *tls, const struct listener_config *limits);
struct link *province_dial(struct tls *tls, uint16_t port);
/* True when the greeting says so. */
bool province_greeted(struct link *link, const char *who);
/* A plain connected socket. */
int province_socket(uint16_t port);
/* What is read until the end or until wait_ms passed; zero-terminated. */
size_t province_receive(int fd, char *out, size_t room, int64_t wait_ms);

/* Runs a shell command (printf form) and keeps at most room - 1 bytes of its output; its exit code. */
int province_run(char *out, size_t room, const char *format, ...) __attribute__((format(printf, 3, 4)));

#endif
