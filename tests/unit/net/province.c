#include "province.h"

#include "core/base/log.h"

#include <arpa/inet.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static void need(bool ok, const struct err *err)
{
  if (!ok) fail_msg("%s", err->text);
}

const char *province_path(struct province *p, const char *name)
{
  snprintf(p->path, sizeof p->path, "%s/%s", p->folder, name);
  return p->path;
}

static char *file_of(struct province *p, const char *name, const char *kind)
{
  char *path;
  assert_true(asprintf(&path, "%s/%s.%s", p->folder, name, kind) > 0);
  return path;
}

void province_open(struct province *p)
{
  struct err err = ERR_INIT;
  memset(p, 0, sizeof *p);
  log_quiet(true);
  need(tls_start(&err), &err);
  snprintf(p->folder, sizeof p->folder, "/tmp/sunlit-net-XXXXXX");
  assert_non_null(mkdtemp(p->folder));
  char *crt = file_of(p, "ca", "crt"), *key = file_of(p, "ca", "key");
  need(cert_authority_make(crt, key, "Sunlit test authority", &err), &err);
  need(cert_authority_open(&p->authority, crt, key, &err), &err);
  free(crt);
  free(key);
  province_issue(p, "hub", CERT_HUB, 330000, 0);
  province_issue(p, "people", CERT_PEOPLE, 330000, 0);
  province_issue(p, "node", CERT_NODE, 330127, 0);
  province_issue(p, "other", CERT_NODE, 330182, 0);
}

void province_close(struct province *p)
{
  char out[16];
  cert_authority_close(p->authority);
  assert_int_equal(province_run(out, sizeof out, "rm -r %s", p->folder), 0);
}

void province_issue(struct province *p, const char *name, enum cert_use use, uint32_t code,
                    int64_t not_after_ms)
{
  struct err err = ERR_INIT;
  struct cert_key *key;
  struct buf public_key = BUF_INIT, der = BUF_INIT;
  char *key_path = file_of(p, name, "key"), *path = file_of(p, name, "crt");
  need(cert_key_make(&key, &err) && cert_key_save(key, key_path, &err) &&
           cert_key_public(key, &public_key, &err),
       &err);
  const struct cert_request request = {.use = use,
                                       .code = code,
                                       .public_key = public_key.data,
                                       .public_key_size = public_key.size,
                                       .now_ms = clock_wall_ms(),
                                       .not_after_ms = not_after_ms};
  need(cert_issue(p->authority, &request, &der, &err) && cert_save(path, der.data, der.size, &err), &err);
  cert_key_close(key);
  buf_wipe(&public_key);
  buf_wipe(&der);
  free(key_path);
  free(path);
}

struct tls *province_tls(struct province *p, enum tls_use use, const char *name, const char *authority)
{
  struct err err = ERR_INIT;
  struct tls *tls;
  char *crt = file_of(p, name, "crt"), *key = file_of(p, name, "key"), *ca = file_of(p, authority, "crt");
  const struct tls_config config = {
      .use = use, .certificate_path = crt, .key_path = key, .authority_path = ca};
  need(tls_open(&tls, &config, &err), &err);
  free(crt);
  free(key);
  free(ca);
  return tls;
}

struct tls *province_enrol(struct province *p)
{
  struct err err = ERR_INIT;
  struct tls *tls;
  uint8_t fingerprint[CERT_FINGERPRINT_SIZE];
  cert_authority_fingerprint(p->authority, fingerprint);
  need(tls_open(&tls, &(struct tls_config){.use = TLS_ENROL_CLIENT, .fingerprint = fingerprint}, &err), &err);
  return tls;
}

static void echo(struct link *link, void *ctx)
{
  (void)ctx;
  char greeting[64] = "hello nobody\n", bytes[4096];
  struct tls_peer who;
  struct err why = ERR_INIT;
  if (link_branch(link, &who, &why))
    snprintf(greeting, sizeof greeting, "hello %u\n", (unsigned)who.code);
  else if (strncmp(why.rule, "certificate_", 12) == 0)
    snprintf(greeting, sizeof greeting, "hello %s\n", why.rule);
  if (!link_write(link, greeting, strlen(greeting), clock_mono_ms() + 5000, NULL)) return;
  for (;;) {
    size_t n;
    if (link_read(link, bytes, sizeof bytes, &n, clock_mono_ms() + 20000, NULL) != LINK_BYTES) return;
    if (!link_write(link, bytes, n, clock_mono_ms() + 5000, NULL)) return;
    if (n >= 4 && memcmp(bytes + n - 4, "bye\n", 4) == 0) return;
  }
}

struct listener *province_echo(struct tls *tls, const struct listener_config *limits)
{
  struct err err = ERR_INIT;
  struct listener *listener;
  struct listener_config config = {0};
  if (limits) config = *limits;
  config.listen = "127.0.0.1:0";
  config.tls = tls;
  if (!config.serve) config.serve = echo;
  need(listener_open(&listener, &config, &err), &err);
  return listener;
}

struct link *province_dial(struct tls *tls, uint16_t port)
{
  struct link *link = NULL;
  struct err err = ERR_INIT;
  char address[32];
  snprintf(address, sizeof address, "127.0.0.1:%u", (unsigned)port);
  return link_dial(&link, tls, address, clock_mono_ms() + 10000, &err) ? link : NULL;
}

bool province_greeted(struct link *link, const char *who)
{
  char expected[48], got[48] = "";
  snprintf(expected, sizeof expected, "hello %s\n", who);
  size_t size = 0, n;
  while (size < strlen(expected)) {
    if (link_read(link, got + size, strlen(expected) - size, &n, clock_mono_ms() + 10000, NULL) != LINK_BYTES)
      return false;
    size += n;
  }
  return strcmp(got, expected) == 0;
}

int province_socket(uint16_t port)
{
  int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  struct sockaddr_in to = {
      .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  assert_true(fd >= 0);
  assert_int_equal(connect(fd, (struct sockaddr *)&to, sizeof to), 0);
  return fd;
}

size_t province_receive(int fd, char *out, size_t room, int64_t wait_ms)
{
  size_t size = 0;
  int64_t until_ms = clock_mono_ms() + wait_ms;
  while (size + 1 < room) {
    struct pollfd p = {.fd = fd, .events = POLLIN};
    int64_t left = until_ms - clock_mono_ms();
    if (left <= 0 || poll(&p, 1, (int)left) <= 0) break;
    ssize_t n = recv(fd, out + size, room - 1 - size, 0);
    if (n <= 0) break;
    size += (size_t)n;
  }
  out[size] = 0;
  return size;
}

int province_run(char *out, size_t room, const char *format, ...)
{
  char command[2048];
  va_list args;
  va_start(args, format);
  vsnprintf(command, sizeof command, format, args);
  va_end(args);
  FILE *pipe = popen(command, "re");
  assert_non_null(pipe);
  size_t size = fread(out, 1, room - 1, pipe);
  out[size] = 0;
  char rest[256];
  while (fread(rest, 1, sizeof rest, pipe) > 0) {
  }
  int status = pclose(pipe);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}
