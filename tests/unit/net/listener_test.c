/* What strangers cost: each test is a peer that behaves badly, and another that is served all the same. */
#include "province.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* How long a test that will fail waits before it says so; no right answer takes any part of it. */
enum { PATIENCE_MS = 30000, DRAIN_MS = 15000 };

static struct province p;
static struct tls *server, *client, *other;

static int open_all(void **state)
{
  (void)state;
  province_open(&p);
  server = province_tls(&p, TLS_SYNC_SERVER, "hub", "ca");
  client = province_tls(&p, TLS_SYNC_CLIENT, "node", "ca");
  other = province_tls(&p, TLS_SYNC_CLIENT, "other", "ca");
  return 0;
}

static int close_all(void **state)
{
  (void)state;
  tls_close(server);
  tls_close(client);
  tls_close(other);
  province_close(&p);
  return 0;
}

static struct listener_counts counts_of(struct listener *port)
{
  struct listener_counts counts;
  listener_count(port, &counts);
  return counts;
}

/* Waits for the count to become what is expected; the end of patience is for a test that has failed, however
 * busy the machine is. */
#define COUNT_BECOMES(port, field, expected)                                                                 \
  do {                                                                                                       \
    for (int i_ = 0; i_ < 3000 && counts_of(port).field != (expected); i_++)                                 \
      usleep(10000);                                                                                         \
    assert_int_equal(counts_of(port).field, (expected));                                                     \
  } while (0)

static void served(struct listener *port)
{
  struct link *link = province_dial(client, listener_port(port));
  assert_non_null(link);
  assert_true(province_greeted(link, "330127"));
  link_close(link);
}

static void a_peer_that_says_nothing_costs_one_socket_and_is_dropped(void **state)
{
  (void)state;
  struct listener *port = province_echo(server, &(struct listener_config){.silence_ms = 300});
  struct listener *patient = province_echo(server, &(struct listener_config){.silence_ms = 600000});
  int fd = province_socket(listener_port(port)), kept = province_socket(listener_port(patient));
  COUNT_BECOMES(port, waiting, 1);
  COUNT_BECOMES(patient, waiting, 1);
  assert_int_equal(counts_of(port).live, 0); /* no thread, no TLS */
  served(port);
  char out[8];
  assert_int_equal(province_receive(fd, out, sizeof out, PATIENCE_MS), 0);
  COUNT_BECOMES(port, silent, 1);
  COUNT_BECOMES(port, waiting, 0);
  assert_int_equal(counts_of(patient).waiting, 1);
  close(fd);
  close(kept);
  listener_close(patient);
  listener_close(port);
}

static void garbage_is_dropped_before_it_gets_a_thread(void **state)
{
  (void)state;
  struct listener *port = province_echo(server, NULL);
  int fd = province_socket(listener_port(port));
  char out[8];
  assert_int_equal(write(fd, "GET / HTTP/1.1\r\n\r\n", 18), 18);
  assert_int_equal(province_receive(fd, out, sizeof out, 3000), 0);
  COUNT_BECOMES(port, garbage, 1);
  assert_int_equal(counts_of(port).handshake_failed, 0);
  close(fd);
  served(port);
  listener_close(port);
}

static void garbage_in_tls_clothes_fails_its_handshake_alone(void **state)
{
  (void)state;
  struct listener *port = province_echo(server, NULL);
  static const uint8_t records[][12] = {
      {0x16, 3, 1, 0, 5, 9, 9, 9, 9, 9},
      {0x16, 3, 1, 0xff, 0xff, 1, 2, 3},
      {0x16, 3, 3, 0, 4, 1, 0, 0, 0},
  };
  for (size_t i = 0; i < sizeof records / sizeof *records; i++) {
    int fd = province_socket(listener_port(port));
    char out[64];
    assert_int_equal(write(fd, records[i], sizeof records[i]), (ssize_t)sizeof records[i]);
    (void)province_receive(fd, out, sizeof out, 2000);
    close(fd);
  }
  COUNT_BECOMES(port, handshake_failed, 3);
  COUNT_BECOMES(port, live, 0);
  served(port);
  listener_close(port);
}

static void half_a_hello_is_dropped_at_its_deadline(void **state)
{
  (void)state;
  struct listener *port = province_echo(server, &(struct listener_config){.handshake_ms = 300});
  int fd = province_socket(listener_port(port));
  char out[8];
  assert_int_equal(write(fd, "\x16\x03\x01\x02\x00\x01", 6), 6);
  served(port);
  assert_int_equal(province_receive(fd, out, sizeof out, PATIENCE_MS), 0);
  COUNT_BECOMES(port, handshake_failed, 1);
  close(fd);
  listener_close(port);
}

/* That it is let in again later, admission_test says under a clock of its own. */
static void a_flood_from_one_address_is_refused(void **state)
{
  (void)state;
  struct listener *port =
      province_echo(server, &(struct listener_config){.burst_per_peer = 5, .rate_per_peer = 1});
  for (int i = 0; i < 5; i++)
    served(port);
  int refused = 0;
  for (int i = 0; i < 5; i++) {
    struct link *link = province_dial(client, listener_port(port));
    refused += link == NULL;
    link_close(link);
  }
  assert_in_range(refused, 4, 5); /* a minute's token may come in the meantime */
  assert_int_equal(counts_of(port).refused_rate, refused);
  listener_close(port);
}

static void one_address_has_so_many_connections_and_no_more(void **state)
{
  (void)state;
  struct listener *port = province_echo(server, &(struct listener_config){.connections_per_peer_max = 2});
  struct link *first = province_dial(client, listener_port(port));
  struct link *second = province_dial(client, listener_port(port));
  assert_true(first && second);
  assert_null(province_dial(client, listener_port(port)));
  assert_int_equal(counts_of(port).refused_peer, 1);
  /* Another address is let in meanwhile. */
  char out[16384];
  province_run(
      out, sizeof out,
      "echo bye | timeout 5 openssl s_client -ign_eof -tls1_2 -bind 127.0.0.9:0 -connect 127.0.0.1:%u 2>&1",
      (unsigned)listener_port(port));
  assert_non_null(strstr(out, "hello nobody"));
  link_close(first);
  COUNT_BECOMES(port, live, 1);
  served(port);
  link_close(second);
  listener_close(port);
}

static void a_room_full_of_silent_ones_keeps_nobody_out(void **state)
{
  (void)state;
  struct listener *port = province_echo(server, &(struct listener_config){.waiting_max = 8});
  int fds[12];
  for (int i = 0; i < 12; i++)
    fds[i] = province_socket(listener_port(port));
  served(port);
  assert_true(counts_of(port).silent >= 5); /* the oldest made room */
  for (int i = 0; i < 12; i++)
    close(fds[i]);
  listener_close(port);
}

/* They have spoken, and wait for their own handshakes. */
static void a_room_filled_by_one_address_keeps_no_other_out(void **state)
{
  (void)state;
  struct listener *port = province_echo(server, &(struct listener_config){.waiting_max = 8,
                                                                          .handshakes_per_peer_max = 2,
                                                                          .handshake_ms = PATIENCE_MS,
                                                                          .queue_ms = PATIENCE_MS});
  int fds[10];
  for (int i = 0; i < 10; i++) {
    if (i == 2) COUNT_BECOMES(port, live, 2);
    fds[i] = province_socket(listener_port(port));
    assert_int_equal(write(fds[i], "\x16", 1), 1);
  }
  COUNT_BECOMES(port, waiting, 8);
  char out[16384];
  province_run(
      out, sizeof out,
      "echo bye | timeout 5 openssl s_client -ign_eof -tls1_2 -bind 127.0.0.9:0 -connect 127.0.0.1:%u 2>&1",
      (unsigned)listener_port(port));
  assert_non_null(strstr(out, "hello nobody"));
  for (int i = 0; i < 10; i++)
    close(fds[i]);
  listener_close(port);
}

static void stalled_handshakes_wait_among_themselves(void **state)
{
  (void)state;
  struct listener *port = province_echo(
      server, &(struct listener_config){.handshakes_per_peer_max = 2, .handshake_ms = 600, .queue_ms = 5000});
  int fds[4];
  for (int i = 0; i < 4; i++) {
    fds[i] = province_socket(listener_port(port));
    assert_int_equal(write(fds[i], "\x16", 1), 1);
  }
  COUNT_BECOMES(port, live, 2);
  COUNT_BECOMES(port, waiting, 2); /* they have no thread until the first two are dropped */
  char out[16384];
  province_run(
      out, sizeof out,
      "echo bye | timeout 5 openssl s_client -ign_eof -tls1_2 -bind 127.0.0.9:0 -connect 127.0.0.1:%u 2>&1",
      (unsigned)listener_port(port));
  assert_non_null(strstr(out, "hello nobody"));
  COUNT_BECOMES(port, handshake_failed, 4);
  for (int i = 0; i < 4; i++)
    close(fds[i]);
  listener_close(port);
}

/* A peer at 127.0.0.HOST that has begun a handshake and says no more. */
static int stalling(struct listener *port, uint8_t host)
{
  const struct sockaddr_in from = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(0x7f000000u + host)};
  const struct sockaddr_in to = {.sin_family = AF_INET,
                                 .sin_port = htons(listener_port(port)),
                                 .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  assert_int_equal(bind(fd, (const struct sockaddr *)&from, sizeof from), 0);
  assert_int_equal(connect(fd, (const struct sockaddr *)&to, sizeof to), 0);
  assert_int_equal(write(fd, "\x16\x03\x01\x02", 4), 4);
  return fd;
}

/* The other side has hung up, or does within wait_ms. */
static bool ended(int fd, int wait_ms)
{
  char byte;
  struct pollfd end = {.fd = fd, .events = POLLIN};
  return poll(&end, 1, wait_ms) > 0 && recv(fd, &byte, 1, MSG_DONTWAIT) <= 0;
}

static void close_sockets(const int *fds, int n)
{
  for (int i = 0; i < n; i++)
    close(fds[i]);
}

/* They hold every place and queue for more, for longer than any node waits: one of theirs ends, no more. */
static void stalling_from_many_addresses_keeps_no_other_out(void **state)
{
  (void)state;
  struct listener *port = province_echo(server, &(struct listener_config){.handshakes_max = 8,
                                                                          .handshake_ms = 20 * PATIENCE_MS,
                                                                          .queue_ms = 20 * PATIENCE_MS,
                                                                          .fresh_ms = 1});
  int fds[12];
  for (int i = 0; i < 12; i++) {
    fds[i] = stalling(port, (uint8_t)(20 + i % 4));
    if (i < 8) COUNT_BECOMES(port, live, (uint64_t)i + 1);
  }
  COUNT_BECOMES(port, waiting, 4);
  assert_int_equal(counts_of(port).handshake_failed, 0); /* they do not push one another out */
  served(port);
  assert_int_equal(counts_of(port).handshake_failed, 1);
  close_sockets(fds, 12);
  listener_close(port);
}

/* One each: none has more than another, and the oldest has had its time. */
static void the_oldest_of_those_that_have_one_each_gives_way(void **state)
{
  (void)state;
  struct listener *port = province_echo(
      server,
      &(struct listener_config){.handshakes_max = 4, .handshake_ms = 20 * PATIENCE_MS, .fresh_ms = 1});
  int fds[4];
  for (int i = 0; i < 4; i++) {
    fds[i] = stalling(port, (uint8_t)(20 + i));
    COUNT_BECOMES(port, live, (uint64_t)i + 1);
  }
  served(port);
  assert_int_equal(counts_of(port).handshake_failed, 1);
  for (int i = 0; i < 4; i++)
    assert_int_equal(ended(fds[i], i == 0 ? PATIENCE_MS : 0), i == 0);
  close_sockets(fds, 4);
  listener_close(port);
}

/* Many who come at once are all honest, and slow by their number: none is cut for another. */
static void a_fresh_handshake_gives_way_to_nobody(void **state)
{
  (void)state;
  struct listener *port = province_echo(server, &(struct listener_config){.handshakes_max = 2,
                                                                          .handshake_ms = 20 * PATIENCE_MS,
                                                                          .queue_ms = 20 * PATIENCE_MS,
                                                                          .fresh_ms = 20 * PATIENCE_MS});
  int fds[3];
  for (int i = 0; i < 3; i++) {
    fds[i] = stalling(port, (uint8_t)(20 + i / 2));
    if (i < 2) COUNT_BECOMES(port, live, (uint64_t)i + 1);
  }
  COUNT_BECOMES(port, waiting, 1);
  struct link *link = NULL;
  char address[32];
  snprintf(address, sizeof address, "127.0.0.1:%u", (unsigned)listener_port(port));
  assert_false(link_dial(&link, client, address, clock_mono_ms() + 200, NULL));
  assert_int_equal(counts_of(port).handshake_failed, 0);
  close_sockets(fds, 3);
  listener_close(port);
}

struct dial {
  struct listener *port;
  bool served;
};

static void *dial_once(void *arg)
{
  struct dial *dial = arg;
  struct link *link = province_dial(client, listener_port(dial->port));
  dial->served = link && province_greeted(link, "330127");
  link_close(link);
  return NULL;
}

/* Whoever waits at the same time with nothing under way: an address where a branch has been goes first. */
static void where_a_branch_has_been_is_next(void **state)
{
  (void)state;
  struct listener *port = province_echo(server, &(struct listener_config){.handshakes_max = 1,
                                                                          .handshake_ms = 20 * PATIENCE_MS,
                                                                          .queue_ms = 20 * PATIENCE_MS,
                                                                          .fresh_ms = 20 * PATIENCE_MS});
  served(port);
  COUNT_BECOMES(port, live, 0);
  int fds[2];
  fds[0] = stalling(port, 20);
  COUNT_BECOMES(port, live, 1);
  fds[1] = stalling(port, 21);
  COUNT_BECOMES(port, waiting, 1);
  pthread_t thread;
  struct dial dial = {.port = port};
  pthread_create(&thread, NULL, dial_once, &dial);
  COUNT_BECOMES(port, waiting, 2);
  close(fds[0]);
  pthread_join(thread, NULL);
  assert_true(dial.served);
  assert_int_equal(counts_of(port).handshake_failed, 1); /* the one that has ended */
  close(fds[1]);
  listener_close(port);
}

static void who_finds_no_place_waits_for_one(void **state)
{
  (void)state;
  struct listener *port = province_echo(server, &(struct listener_config){.connections_max = 1});
  struct link *first = province_dial(client, listener_port(port));
  assert_true(province_greeted(first, "330127"));
  struct link *second = NULL;
  char address[32];
  snprintf(address, sizeof address, "127.0.0.1:%u", (unsigned)listener_port(port));
  assert_false(link_dial(&second, client, address, clock_mono_ms() + 300, NULL));
  link_close(first);
  served(port);
  listener_close(port);
}

static void a_plain_port_is_for_loopback_alone(void **state)
{
  (void)state;
  struct listener *port;
  struct err err = ERR_INIT;
  assert_false(listener_open(&port, &(struct listener_config){.listen = "0.0.0.0:0"}, &err));
  assert_string_equal(err.rule, "loopback");
}

static void a_port_in_use_is_said(void **state)
{
  (void)state;
  struct listener *port = province_echo(server, NULL), *second;
  struct err err = ERR_INIT;
  char address[32];
  snprintf(address, sizeof address, "127.0.0.1:%u", (unsigned)listener_port(port));
  assert_false(listener_open(&second, &(struct listener_config){.listen = address, .tls = server}, &err));
  assert_non_null(strstr(err.text, address));
  assert_non_null(strstr(err.text, "in use"));
  listener_close(port);
}

static void cutting_a_branch_cuts_that_branch(void **state)
{
  (void)state;
  struct listener *port = province_echo(server, NULL);
  struct link *one = province_dial(client, listener_port(port));
  struct link *two = province_dial(other, listener_port(port));
  assert_true(province_greeted(one, "330127") && province_greeted(two, "330182"));
  assert_int_equal(listener_cut(port, 330127), 1);
  assert_int_equal(listener_cut(port, 330999), 0);
  assert_int_equal(listener_cut(port, 0), 0);
  uint8_t in[16];
  size_t n;
  assert_int_not_equal(link_read(one, in, sizeof in, &n, clock_mono_ms() + PATIENCE_MS, NULL), LINK_TIMEOUT);
  assert_true(link_write(two, "still here", 10, clock_mono_ms() + 1000, NULL));
  assert_int_equal(link_read(two, in, sizeof in, &n, clock_mono_ms() + PATIENCE_MS, NULL), LINK_BYTES);
  link_close(one);
  link_close(two);
  listener_close(port);
}

static void tell_wakes(struct link *link, void *ctx)
{
  uint8_t in[16];
  size_t n;
  (void)ctx;
  while (link_read(link, in, sizeof in, &n, clock_mono_ms() + 5000, NULL) == LINK_WOKEN)
    if (!link_write(link, "woken", 5, clock_mono_ms() + 1000, NULL)) return;
}

static void the_hub_can_push_while_a_connection_waits(void **state)
{
  (void)state;
  struct listener *port = province_echo(server, &(struct listener_config){.serve = tell_wakes});
  struct link *link = province_dial(client, listener_port(port));
  COUNT_BECOMES(port, live, 1);
  uint8_t in[16];
  size_t n;
  /* The branch is known a moment after its handshake, on the other side. */
  size_t woken = 0;
  for (int i = 0; i < 200 && woken == 0; i++, usleep(10000))
    woken = listener_wake(port, 330127);
  assert_int_equal(woken, 1);
  assert_int_equal(link_read(link, in, sizeof in, &n, clock_mono_ms() + PATIENCE_MS, NULL), LINK_BYTES);
  assert_memory_equal(in, "woken", 5);
  link_close(link);
  listener_close(port);
}

static void *drain(void *port)
{
  listener_drain(port, DRAIN_MS);
  return NULL;
}

static void draining_lets_conversations_end(void **state)
{
  (void)state;
  struct listener *port = province_echo(server, NULL);
  struct link *link = province_dial(client, listener_port(port));
  assert_true(province_greeted(link, "330127"));
  pthread_t thread;
  int64_t before_ms = clock_mono_ms();
  pthread_create(&thread, NULL, drain, port);
  for (int i = 0; i < 3000 && !listener_stopping(port); i++)
    usleep(10000);
  assert_true(listener_stopping(port));
  /* The echo ends when it is woken; a server with more to say would say it first. */
  uint8_t in[16];
  size_t n;
  assert_int_equal(link_read(link, in, sizeof in, &n, clock_mono_ms() + PATIENCE_MS, NULL), LINK_END);
  link_close(link);
  pthread_join(thread, NULL);
  assert_true(clock_mono_ms() - before_ms < DRAIN_MS); /* nobody waited for the end of the time */
  listener_close(port);
}

static void stay(struct link *link, void *ctx)
{
  uint8_t in[16];
  size_t n;
  enum link_event event;
  (void)ctx;
  do {
    event = link_read(link, in, sizeof in, &n, clock_mono_ms() + 20000, NULL);
  } while (event == LINK_WOKEN || event == LINK_BYTES);
}

static void closing_cuts_who_stays(void **state)
{
  (void)state;
  struct listener *port = province_echo(server, &(struct listener_config){.serve = stay});
  struct link *link = province_dial(client, listener_port(port));
  int silent = province_socket(listener_port(port));
  COUNT_BECOMES(port, waiting, 1);
  int64_t before_ms = clock_mono_ms();
  listener_drain(port, 200);
  listener_close(port);
  assert_in_range(clock_mono_ms() - before_ms, 190, PATIENCE_MS); /* not the 20 s that it would stay */
  link_close(link);
  close(silent);
}

static void show_serial(struct listener *port, char *out, size_t room)
{
  province_run(out, room,
               "timeout 5 openssl s_client -tls1_2 -connect 127.0.0.1:%u </dev/null 2>/dev/null | "
               "openssl x509 -noout -serial",
               (unsigned)listener_port(port));
}

static void a_renewed_certificate_is_shown_to_the_next(void **state)
{
  (void)state;
  char before[256], after[256];
  province_issue(&p, "renewed", CERT_HUB, 330000, 0);
  struct listener *port = province_echo(server, NULL);
  struct tls *renewed = province_tls(&p, TLS_SYNC_SERVER, "renewed", "ca");
  show_serial(port, before, sizeof before);
  listener_renew(port, renewed);
  tls_close(renewed);
  show_serial(port, after, sizeof after);
  assert_true(strncmp(before, "serial=", 7) == 0 && strncmp(after, "serial=", 7) == 0);
  assert_string_not_equal(before, after);
  listener_close(port);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_peer_that_says_nothing_costs_one_socket_and_is_dropped),
      cmocka_unit_test(garbage_is_dropped_before_it_gets_a_thread),
      cmocka_unit_test(garbage_in_tls_clothes_fails_its_handshake_alone),
      cmocka_unit_test(half_a_hello_is_dropped_at_its_deadline),
      cmocka_unit_test(a_flood_from_one_address_is_refused),
      cmocka_unit_test(one_address_has_so_many_connections_and_no_more),
      cmocka_unit_test(a_room_full_of_silent_ones_keeps_nobody_out),
      cmocka_unit_test(a_room_filled_by_one_address_keeps_no_other_out),
      cmocka_unit_test(stalled_handshakes_wait_among_themselves),
      cmocka_unit_test(stalling_from_many_addresses_keeps_no_other_out),
      cmocka_unit_test(the_oldest_of_those_that_have_one_each_gives_way),
      cmocka_unit_test(a_fresh_handshake_gives_way_to_nobody),
      cmocka_unit_test(where_a_branch_has_been_is_next),
      cmocka_unit_test(who_finds_no_place_waits_for_one),
      cmocka_unit_test(a_plain_port_is_for_loopback_alone),
      cmocka_unit_test(a_port_in_use_is_said),
      cmocka_unit_test(cutting_a_branch_cuts_that_branch),
      cmocka_unit_test(the_hub_can_push_while_a_connection_waits),
      cmocka_unit_test(draining_lets_conversations_end),
      cmocka_unit_test(closing_cuts_who_stays),
      cmocka_unit_test(a_renewed_certificate_is_shown_to_the_next),
  };
  return cmocka_run_group_tests(tests, open_all, close_all);
}
