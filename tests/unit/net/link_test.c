/* Bytes with deadlines: nothing waits for ever, nothing is lost, another thread may disturb. */
#include "province.h"

#include "net/address.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { MUCH = 6 * 1024 * 1024 };

static struct province p;
static struct tls *server, *client;

static int open_all(void **state)
{
  (void)state;
  province_open(&p);
  server = province_tls(&p, TLS_SYNC_SERVER, "hub", "ca");
  client = province_tls(&p, TLS_SYNC_CLIENT, "node", "ca");
  return 0;
}

static int close_all(void **state)
{
  (void)state;
  tls_close(server);
  tls_close(client);
  province_close(&p);
  return 0;
}

/* Sends MUCH bytes of a pattern and receives as many; true when they are what the other side sent. */
static bool exchange_much(struct link *link)
{
  static _Thread_local uint8_t in[20000];
  struct buf out = BUF_INIT;
  uint8_t *all = buf_reserve(&out, MUCH);
  for (size_t i = 0; i < MUCH; i++)
    all[i] = (uint8_t)(i * 31 >> 3);
  size_t got = 0, n;
  bool right = true, sent = false;
  while (right && (got < MUCH || !sent)) {
    switch (link_turn(link, &out, in, sizeof in, &n, clock_mono_ms() + 10000, NULL)) {
    case LINK_BYTES:
      for (size_t i = 0; i < n; i++)
        right = right && in[i] == (uint8_t)((got + i) * 31 >> 3);
      got += n;
      break;
    case LINK_SENT: sent = true; break;
    case LINK_WOKEN: break; /* the listener drains */
    default: right = false;
    }
  }
  buf_wipe(&out);
  return right && got == MUCH;
}

static void serve_much(struct link *link, void *ctx)
{
  *(bool *)ctx = exchange_much(link);
}

static void two_peers_with_much_to_say_do_not_wait_for_each_other(void **state)
{
  (void)state;
  bool served = false;
  struct listener *port = province_echo(
      server, &(struct listener_config){.serve = serve_much, .ctx = &served, .stack_size = 256 * 1024});
  struct link *link = province_dial(client, listener_port(port));
  assert_non_null(link);
  assert_true(exchange_much(link));
  link_close(link);
  listener_drain(port, 5000);
  listener_close(port);
  assert_true(served);
}

static void *wake_soon(void *link)
{
  usleep(50000);
  link_wake(link);
  return NULL;
}

static void another_thread_wakes_the_one_that_waits(void **state)
{
  (void)state;
  struct listener *port = province_echo(server, NULL);
  struct link *link = province_dial(client, listener_port(port));
  assert_true(province_greeted(link, "330127"));
  pthread_t thread;
  uint8_t in[16];
  size_t n;
  pthread_create(&thread, NULL, wake_soon, link);
  int64_t before_ms = clock_mono_ms();
  assert_int_equal(link_read(link, in, sizeof in, &n, before_ms + 5000, NULL), LINK_WOKEN);
  assert_in_range(clock_mono_ms() - before_ms, 30, 2000);
  pthread_join(thread, NULL);
  /* One wake is told once; several before a turn are one. */
  link_wake(link);
  link_wake(link);
  assert_int_equal(link_read(link, in, sizeof in, &n, before_ms + 5000, NULL), LINK_WOKEN);
  assert_int_equal(link_read(link, in, sizeof in, &n, clock_mono_ms() + 50, NULL), LINK_TIMEOUT);
  link_close(link);
  listener_close(port);
}

static void a_deadline_passes_and_the_link_lives(void **state)
{
  (void)state;
  struct listener *port = province_echo(server, NULL);
  struct link *link = province_dial(client, listener_port(port));
  assert_true(province_greeted(link, "330127"));
  uint8_t in[16];
  size_t n;
  int64_t before_ms = clock_mono_ms();
  assert_int_equal(link_read(link, in, sizeof in, &n, before_ms + 100, NULL), LINK_TIMEOUT);
  assert_in_range(clock_mono_ms() - before_ms, 100, 1000);
  assert_true(link_write(link, "ping", 4, clock_mono_ms() + 1000, NULL));
  assert_int_equal(link_read(link, in, sizeof in, &n, clock_mono_ms() + 5000, NULL), LINK_BYTES);
  assert_int_equal(n, 4);
  assert_memory_equal(in, "ping", 4);
  link_close(link);
  listener_close(port);
}

static void a_cut_link_fails_at_once(void **state)
{
  (void)state;
  struct listener *port = province_echo(server, NULL);
  struct link *link = province_dial(client, listener_port(port));
  assert_true(province_greeted(link, "330127"));
  link_cut(link);
  uint8_t in[16];
  size_t n;
  struct err err = ERR_INIT;
  enum link_event event = link_read(link, in, sizeof in, &n, clock_mono_ms() + 5000, &err);
  if (event == LINK_WOKEN) event = link_read(link, in, sizeof in, &n, clock_mono_ms() + 5000, &err);
  assert_int_equal(event, LINK_FAILED);
  assert_false(link_write(link, "x", 1, clock_mono_ms() + 1000, &err));
  link_close(link);
  listener_close(port);
}

static void say_goodbye(struct link *link, void *ctx)
{
  (void)ctx;
  (void)!link_write(link, "bye", 3, clock_mono_ms() + 1000, NULL);
}

static void hang_up(struct link *link, void *ctx)
{
  (void)ctx;
  (void)!link_write(link, "bye", 3, clock_mono_ms() + 1000, NULL);
  shutdown(link_socket(link), SHUT_RDWR);
}

static enum link_event last_event(void (*serve)(struct link *, void *))
{
  struct listener *port = province_echo(server, &(struct listener_config){.serve = serve});
  struct link *link = province_dial(client, listener_port(port));
  uint8_t in[16];
  size_t n;
  struct err err = ERR_INIT;
  assert_int_equal(link_read(link, in, sizeof in, &n, clock_mono_ms() + 5000, NULL), LINK_BYTES);
  enum link_event event = link_read(link, in, sizeof in, &n, clock_mono_ms() + 5000, &err);
  link_close(link);
  listener_close(port);
  return event;
}

static void an_end_without_goodbye_is_no_end(void **state)
{
  (void)state;
  assert_int_equal(last_event(say_goodbye), LINK_END);
  assert_int_equal(last_event(hang_up), LINK_FAILED);
}

static void what_is_not_read_waits(void **state)
{
  (void)state;
  struct listener *port = province_echo(server, NULL);
  struct link *link = province_dial(client, listener_port(port));
  struct buf out = BUF_INIT;
  uint8_t in[64];
  size_t n;
  put_text(&out, "ping");
  assert_int_equal(link_turn(link, &out, NULL, 0, &n, clock_mono_ms() + 1000, NULL), LINK_SENT);
  assert_int_equal(link_turn(link, &out, NULL, 0, &n, clock_mono_ms() + 100, NULL), LINK_TIMEOUT);
  assert_true(province_greeted(link, "330127"));
  assert_int_equal(link_turn(link, &out, in, sizeof in, &n, clock_mono_ms() + 1000, NULL), LINK_BYTES);
  assert_int_equal(n, 4);
  link_close(link);
  listener_close(port);
  buf_wipe(&out);
}

/* A server that accepts in its backlog and never says a word. */
static int silent_server(uint16_t *port)
{
  int fd;
  struct err err = ERR_INIT;
  assert_true(address_listen("127.0.0.1:0", true, &fd, port, &err));
  return fd;
}

static void a_silent_server_costs_a_deadline(void **state)
{
  (void)state;
  uint16_t port;
  int fd = silent_server(&port);
  char address[32];
  struct link *link = NULL;
  struct err err = ERR_INIT;
  snprintf(address, sizeof address, "127.0.0.1:%u", (unsigned)port);
  int64_t before_ms = clock_mono_ms();
  assert_false(link_dial(&link, client, address, before_ms + 200, &err));
  assert_in_range(clock_mono_ms() - before_ms, 200, 1500);
  assert_string_equal(err.rule, "timeout");
  close(fd);
}

static void nobody_there_is_said_with_the_address(void **state)
{
  (void)state;
  struct link *link = NULL;
  struct err err = ERR_INIT;
  assert_false(link_dial(&link, client, "127.0.0.1:1", clock_mono_ms() + 1000, &err));
  assert_int_equal(err.kind, ERR_IO);
  assert_non_null(strstr(err.text, "127.0.0.1:1: Connection refused"));
}

/* From an address of its own, which is not the peer's. */
static int socket_from_elsewhere(uint16_t port)
{
  struct sockaddr_in from = {.sin_family = AF_INET}, to = {.sin_family = AF_INET, .sin_port = htons(port)};
  int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  assert_int_equal(inet_pton(AF_INET, "127.0.0.9", &from.sin_addr), 1);
  assert_int_equal(inet_pton(AF_INET, "127.0.0.1", &to.sin_addr), 1);
  assert_int_equal(bind(fd, (struct sockaddr *)&from, sizeof from), 0);
  assert_int_equal(connect(fd, (struct sockaddr *)&to, sizeof to), 0);
  return fd;
}

static void a_plain_link_carries_bytes_and_no_identity(void **state)
{
  (void)state;
  struct listener *port = province_echo(NULL, NULL);
  struct link *link = NULL;
  struct err err = ERR_INIT;
  assert_true(link_open(&link, NULL, socket_from_elsewhere(listener_port(port)), &err));
  /* A plain port has no thread for who says nothing, so the client begins. */
  assert_true(link_write(link, "ping", 4, clock_mono_ms() + 1000, NULL));
  assert_true(province_greeted(link, "nobody"));
  assert_string_equal(link_peer(link), "127.0.0.1");
  assert_string_equal(link_local(link), "127.0.0.9");
  assert_false(link_secure(link));
  link_close(link);
  listener_close(port);
}

static void addresses_are_read_strictly(void **state)
{
  (void)state;
  static const struct {
    const char *text, *host;
    uint16_t port;
  } rows[] = {
      {"127.0.0.1:7443", "127.0.0.1", 7443},
      {"[::1]:8443", "::1", 8443},
      {"hub.lan:1", "hub.lan", 1},
      {"0.0.0.0:0", "0.0.0.0", 0},
      {"127.0.0.1", NULL, 0},
      {":7443", NULL, 0},
      {"::1:7443", NULL, 0},
      {"host:65536", NULL, 0},
      {"host:-1", NULL, 0},
      {"host:", NULL, 0},
      {"host: 80", NULL, 0},
      {"host:80x", NULL, 0},
      {"[]:80", NULL, 0},
      {"host:000080", NULL, 0},
  };
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    struct address address;
    struct err err = ERR_INIT;
    bool ok = address_parse(&address, rows[i].text, &err);
    assert_int_equal(ok, rows[i].host != NULL);
    if (!ok) continue;
    assert_string_equal(address.host, rows[i].host);
    assert_int_equal(address.port, rows[i].port);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(two_peers_with_much_to_say_do_not_wait_for_each_other),
      cmocka_unit_test(another_thread_wakes_the_one_that_waits),
      cmocka_unit_test(a_deadline_passes_and_the_link_lives),
      cmocka_unit_test(a_cut_link_fails_at_once),
      cmocka_unit_test(an_end_without_goodbye_is_no_end),
      cmocka_unit_test(what_is_not_read_waits),
      cmocka_unit_test(a_silent_server_costs_a_deadline),
      cmocka_unit_test(nobody_there_is_said_with_the_address),
      cmocka_unit_test(a_plain_link_carries_bytes_and_no_identity),
      cmocka_unit_test(addresses_are_read_strictly),
  };
  return cmocka_run_group_tests(tests, open_all, close_all);
}
