/* The people's port with a real CivetWeb behind it: who asks is known, and nobody can starve the others. */
#include "province.h"

#include "core/base/limits.h"
#include "net/address.h"
#include "net/front.h"
#include "net/source.h"
#include "webui/web.h"

#include <arpa/inet.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static struct province p;
static struct tls *tls;
static struct front *front;
static struct web *web;

static void echo(struct web_request *r, void *app)
{
  (void)app;
  char text[160];
  snprintf(text, sizeof text, "%s %s %zu %s %s", r->method, r->path, r->body_size, r->peer,
           r->secure ? "secure" : "plain");
  web_reply(r, 200, "text/plain", text, strlen(text));
}

static void headers(struct web_request *r, void *app)
{
  (void)app;
  web_reply(r, 200, "text/plain", web_header(r, "Expect") ? "expects" : "plain", 5);
}

static void much(struct web_request *r, void *app)
{
  (void)app;
  size_t n = 4 * 1024 * 1024;
  char *bytes = calloc(1, n);
  memset(bytes, 'm', n);
  web_reply(r, 200, "text/plain", bytes, n);
  free(bytes);
}

static const struct web_route routes[] = {
    {"GET", "/echo", echo, 0, 0, NULL},
    {"POST", "/echo", echo, 0, 0, NULL},
    {"POST", "/upload", echo, WEB_UPLOAD, 0, NULL},
    {"POST", "/headers", headers, 0, 0, NULL},
    {"GET", "/much", much, 0, 0, NULL},
};

static bool peer(void *app, const char *source, char out[WEB_PEER_SIZE], bool *secure)
{
  (void)app;
  return front_peer(front, source, out, secure);
}

static int open_all(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  province_open(&p);
  tls = province_tls(&p, TLS_PEOPLE_SERVER, "people", "ca");
  const struct front_config config = {.listen = "127.0.0.1:0",
                                      .tls = tls,
                                      .burst_per_peer = 1000,
                                      .head_ms = 500,
                                      .idle_ms = 700,
                                      .stall_ms = 1000};
  const struct web_config pages = {
      .routes = routes, .route_count = sizeof routes / sizeof *routes, .peer = peer, .threads = 16};
  if (!front_open(&front, &config, &err) || !web_open(&web, &pages, &err)) fail_msg("%s", err.text);
  front_backend(front, web_port(web));
  return 0;
}

static int close_all(void **state)
{
  (void)state;
  front_close(front);
  web_close(web);
  tls_close(tls);
  province_close(&p);
  return 0;
}

/* -- Clients: over TLS by a link, over the plain port by a socket. -- */

static struct link *dial(void)
{
  struct tls *client = province_tls(&p, TLS_SYNC_CLIENT, "node", "ca");
  struct link *link = province_dial(client, front_port(front));
  assert_non_null(link);
  tls_close(client);
  return link;
}

static void say(struct link *link, const char *text)
{
  struct err err = ERR_INIT;
  if (!link_write(link, text, strlen(text), clock_mono_ms() + 5000, &err)) fail_msg("%s", err.text);
}

/* One answer: its head and, by its length, its body. */
static char *hear(struct link *link)
{
  static char text[65536];
  size_t size = 0, whole = sizeof text - 1, n;
  while (size < whole) {
    size_t room = strstr(text, "\r\n\r\n") && size ? whole - size : 1;
    if (link_read(link, text + size, room, &n, clock_mono_ms() + 5000, NULL) != LINK_BYTES) break;
    size += n;
    text[size] = 0;
    const char *end = strstr(text, "\r\n\r\n"), *length = strstr(text, "Content-Length: ");
    if (end) whole = (size_t)(end - text) + 4 + (length && length < end ? strtoul(length + 16, NULL, 10) : 0);
  }
  text[size] = 0;
  return text;
}

static const char *body_of(const char *answer)
{
  const char *end = strstr(answer, "\r\n\r\n");
  return end ? end + 4 : "";
}

static int status_of(const char *answer)
{
  return strncmp(answer, "HTTP/1.1 ", 9) == 0 ? atoi(answer + 9) : 0;
}

static bool ended(struct link *link)
{
  uint8_t in[64];
  size_t n;
  enum link_event event = link_read(link, in, sizeof in, &n, clock_mono_ms() + 4000, NULL);
  return event == LINK_END || event == LINK_FAILED;
}

/* -- Claims. -- */

static void a_request_is_answered_and_its_peer_known(void **state)
{
  (void)state;
  struct link *link = dial();
  say(link, "GET /echo HTTP/1.1\r\nHost: h\r\n\r\n");
  assert_string_equal(body_of(hear(link)), "GET /echo 0 127.0.0.1 secure");
  /* And again on the kept connection, with a body, with chunks, several at once. */
  say(link, "POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nhello");
  assert_string_equal(body_of(hear(link)), "POST /echo 5 127.0.0.1 secure");
  say(link, "POST /echo HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n");
  assert_string_equal(body_of(hear(link)), "POST /echo 3 127.0.0.1 secure");
  say(link, "GET /echo HTTP/1.1\r\nHost: h\r\n\r\nGET /echo HTTP/1.1\r\nHost: h\r\n\r\n");
  assert_string_equal(body_of(hear(link)), "GET /echo 0 127.0.0.1 secure");
  assert_string_equal(body_of(hear(link)), "GET /echo 0 127.0.0.1 secure");
  link_close(link);
}

static void a_request_in_single_bytes_is_answered(void **state)
{
  (void)state;
  struct link *link = dial();
  const char *text = "POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nhello";
  for (; *text; text++)
    say(link, (char[]){*text, 0});
  assert_string_equal(body_of(hear(link)), "POST /echo 5 127.0.0.1 secure");
  link_close(link);
}

static void people_behind_the_front_are_told_apart(void **state)
{
  (void)state;
  char out[2][256];
  const char *const from[] = {"127.0.0.21", "127.0.0.22"};
  char command[2048];
  /* Both at once, ten requests each over one connection. */
  snprintf(command, sizeof command,
           "cd %s && for i in 21 22; do curl -s --cacert ca.crt --interface 127.0.0.$i "
           "--resolve hub.sunlit:%u:127.0.0.1 https://hub.sunlit:%u/echo -o $i.txt & done; wait",
           p.folder, (unsigned)front_port(front), (unsigned)front_port(front));
  assert_int_equal(province_run(out[0], sizeof out[0], "%s", command), 0);
  for (int i = 0; i < 2; i++) {
    char expected[64];
    assert_int_equal(province_run(out[i], sizeof out[i], "cat %s/%d.txt", p.folder, 21 + i), 0);
    snprintf(expected, sizeof expected, "GET /echo 0 %s secure", from[i]);
    assert_string_equal(out[i], expected);
  }
}

static void who_comes_past_the_front_is_nobody(void **state)
{
  (void)state;
  int fd = province_socket(web_port(web));
  char out[4096];
  static const char request[] = "GET /echo HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n";
  assert_int_equal(write(fd, request, sizeof request - 1), sizeof request - 1);
  province_receive(fd, out, sizeof out, 3000);
  assert_int_equal(status_of(out), 403);
  close(fd);
}

static void a_slow_head_never_reaches_civetweb(void **state)
{
  (void)state;
  struct web_counts before, after;
  web_count(web, &before);
  struct link *link = dial();
  int64_t since_ms = clock_mono_ms();
  say(link, "GET /echo HTTP/1.1\r\nHost: h\r\n");
  for (int i = 0; i < 20; i++) {
    usleep(50000);
    if (!link_write(link, "A: b\r\n", 6, clock_mono_ms() + 100, NULL)) break;
  }
  assert_int_equal(status_of(hear(link)), 408);
  assert_true(ended(link));
  assert_true(clock_mono_ms() - since_ms < 4000);
  web_count(web, &after);
  assert_int_equal(after.requests, before.requests);
  link_close(link);
}

static void an_idle_connection_is_closed(void **state)
{
  (void)state;
  struct link *link = dial();
  say(link, "GET /echo HTTP/1.1\r\nHost: h\r\n\r\n");
  (void)hear(link);
  int64_t since_ms = clock_mono_ms();
  assert_true(ended(link));
  assert_in_range(clock_mono_ms() - since_ms, 500, 3000);
  link_close(link);
}

static void an_oversized_head_is_refused(void **state)
{
  (void)state;
  struct link *link = dial();
  char line[1024];
  memset(line, 'x', sizeof line);
  memcpy(line, "A: ", 3);
  memcpy(line + sizeof line - 3, "\r\n", 3);
  say(link, "GET /echo HTTP/1.1\r\nHost: h\r\n");
  for (int i = 0; i < 16; i++)
    say(link, line);
  assert_int_equal(status_of(hear(link)), 431);
  assert_true(ended(link));
  link_close(link);
}

static void garbage_is_refused_with_a_reason(void **state)
{
  (void)state;
  static const char *const texts[] = {
      "\r\n\r\n",
      "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
      "POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
      "\x01\x02\x03\n",
  };
  for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
    struct link *link = dial();
    say(link, texts[i]);
    const char *answer = hear(link);
    assert_int_equal(status_of(answer), 400);
    assert_non_null(strstr(answer, "Connection: close\r\n"));
    assert_non_null(strstr(body_of(answer), "\"rule\":\"request\""));
    assert_true(ended(link));
    link_close(link);
  }
}

static void malformed_chunks_do_not_pass(void **state)
{
  (void)state;
  struct link *link = dial();
  say(link, "POST /echo HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n");
  say(link, "3;evil\r\nabc\r\n0\r\n\r\n");
  assert_int_equal(status_of(hear(link)), 400);
  assert_true(ended(link));
  link_close(link);
}

static void expect_100_is_answered_here_and_not_passed_on(void **state)
{
  (void)state;
  struct link *link = dial();
  say(link, "POST /headers HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n");
  assert_string_equal(hear(link), "HTTP/1.1 100 Continue\r\n\r\n");
  say(link, "abc");
  assert_string_equal(body_of(hear(link)), "plain");
  link_close(link);
  /* curl asks so by itself for a long body, and waits a second where nobody answers. */
  char out[256];
  assert_int_equal(
      province_run(out, sizeof out,
                   "cd %s && head -c 900000 /dev/zero | curl -s --cacert ca.crt --resolve "
                   "hub.sunlit:%u:127.0.0.1 -H 'Expect: 100-continue' --expect100-timeout 9 -m 8 "
                   "--data-binary @- https://hub.sunlit:%u/echo",
                   p.folder, (unsigned)front_port(front), (unsigned)front_port(front)),
      0);
  assert_string_equal(out, "POST /echo 900000 127.0.0.1 secure");
}

static void an_oversized_body_is_413_and_the_answer_arrives(void **state)
{
  (void)state;
  char out[2048];
  /* By the path's bound, by CivetWeb; and by the bound of all paths, by the front: without and with a
   * question. */
  const char *const kinds[] = {"2000000", "9000000"}, *const expects[] = {"", "100-continue"};
  for (int i = 0; i < 4; i++) {
    int code = province_run(
        out, sizeof out,
        "cd %s && head -c %s /dev/zero | curl -s --cacert ca.crt --resolve hub.sunlit:%u:127.0.0.1 "
        "-H 'Expect: %s' -m 8 -w '%%{http_code}' --data-binary @- https://hub.sunlit:%u/echo",
        p.folder, kinds[i % 2], (unsigned)front_port(front), expects[i / 2], (unsigned)front_port(front));
    if (!strstr(out, "413")) fail_msg("%d: exit %d, %s", i, code, out);
  }
}

static void a_body_that_stops_is_given_up(void **state)
{
  (void)state;
  struct link *link = dial();
  int64_t since_ms = clock_mono_ms();
  say(link, "POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 100\r\n\r\nabc");
  (void)hear(link);
  assert_true(ended(link));
  assert_true(clock_mono_ms() - since_ms < 5000);
  link_close(link);
}

/* Much at once buys no place for hours: each moment is paid for by what came shortly before it. */
static void a_body_that_came_fast_and_then_trickles_is_given_up(void **state)
{
  (void)state;
  static char much[30001];
  struct link *link = dial();
  memset(much, 'x', sizeof much - 1);
  say(link, "POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 40000\r\n\r\n");
  say(link, much);
  int given = 0;
  /* Ten bytes a second are never as quiet as a peer that stalls; with all that came before they were fast
   * enough for half a minute. */
  while (given < 250 && link_write(link, "x", 1, clock_mono_ms() + 5000, NULL)) {
    usleep(100000);
    given++;
  }
  assert_true(given < 150);
  link_close(link);
}

static void who_does_not_take_its_answer_is_given_up(void **state)
{
  (void)state;
  struct listener_counts before, after;
  front_count(front, &before);
  struct link *link = dial();
  say(link, "GET /much HTTP/1.1\r\nHost: h\r\n\r\n");
  front_count(front, &after);
  assert_true(after.live >= 1);
  for (int i = 0; i < 400 && after.live > before.live; i++) {
    usleep(10000);
    front_count(front, &after);
  }
  assert_true(after.live <= before.live);
  link_close(link);
}

static void a_long_answer_arrives_whole(void **state)
{
  (void)state;
  char out[64];
  assert_int_equal(
      province_run(out, sizeof out,
                   "cd %s && curl -s --cacert ca.crt --resolve hub.sunlit:%u:127.0.0.1 "
                   "https://hub.sunlit:%u/much | tr -d m | wc -c; cd %s && curl -s --cacert ca.crt "
                   "--resolve hub.sunlit:%u:127.0.0.1 https://hub.sunlit:%u/much | wc -c",
                   p.folder, (unsigned)front_port(front), (unsigned)front_port(front), p.folder,
                   (unsigned)front_port(front), (unsigned)front_port(front)),
      0);
  assert_string_equal(out, "0\n4194304\n");
}

static void requests_wait_politely_until_the_pages_are_there(void **state)
{
  (void)state;
  front_backend(front, 0);
  struct link *link = dial();
  say(link, "GET /echo HTTP/1.1\r\nHost: h\r\n\r\n");
  assert_int_equal(status_of(hear(link)), 503);
  front_backend(front, web_port(web));
  link_close(link);
}

/* A backend that upgrades and then echoes in capitals. */
static void *upgrade_once(void *arg)
{
  int listening = *(int *)arg, fd = -1;
  struct pollfd ready = {.fd = listening, .events = POLLIN};
  char in[1024];
  if (poll(&ready, 1, 3000) == 1) fd = accept(listening, NULL, NULL);
  if (fd < 0) return NULL;
  province_receive(fd, in, sizeof in, 200);
  static const char yes[] = "HTTP/1.1 101 Switching Protocols\r\n\r\n";
  (void)!write(fd, yes, sizeof yes - 1);
  for (ssize_t n; (n = recv(fd, in, sizeof in, 0)) > 0;) {
    for (ssize_t i = 0; i < n; i++)
      in[i] = (char)(in[i] >= 'a' && in[i] <= 'z' ? in[i] - 32 : in[i]);
    (void)!write(fd, in, (size_t)n);
  }
  close(fd);
  return NULL;
}

static void an_upgraded_connection_is_a_pipe(void **state)
{
  (void)state;
  int listening;
  uint16_t port;
  struct err err = ERR_INIT;
  pthread_t thread;
  assert_true(address_listen("127.0.0.1:0", true, &listening, &port, &err));
  pthread_create(&thread, NULL, upgrade_once, &listening);
  front_backend(front, port);
  struct link *link = dial();
  say(link, "GET /ws HTTP/1.1\r\nHost: h\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\nearly");
  assert_int_equal(status_of(hear(link)), 101);
  uint8_t in[16];
  size_t n;
  assert_int_equal(link_read(link, in, sizeof in, &n, clock_mono_ms() + 3000, NULL), LINK_BYTES);
  assert_memory_equal(in, "EARLY", 5);
  usleep(1200000); /* longer than an idle connection may live */
  say(link, "not http\n");
  assert_int_equal(link_read(link, in, sizeof in, &n, clock_mono_ms() + 3000, NULL), LINK_BYTES);
  assert_memory_equal(in, "NOT HTTP\n", 9);
  link_close(link);
  front_backend(front, web_port(web));
  pthread_join(thread, NULL);
  close(listening);
}

static void the_plain_port_is_on_loopback_and_says_so(void **state)
{
  (void)state;
  struct front *second;
  struct err err = ERR_INIT;
  assert_true(front_open(&second, &(struct front_config){.loopback_http_port = 0}, &err));
  assert_int_equal(front_port(second), 0);
  assert_int_not_equal(front_loopback_port(second), 0);
  struct front *first = front;
  front = second; /* whom front_peer asks */
  front_backend(second, web_port(web));
  int fd = province_socket(front_loopback_port(second));
  char out[4096];
  static const char request[] = "GET /echo HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n";
  assert_int_equal(write(fd, request, sizeof request - 1), sizeof request - 1);
  province_receive(fd, out, sizeof out, 3000);
  assert_string_equal(body_of(out), "GET /echo 0 127.0.0.1 plain");
  assert_null(strstr(out, "Strict-Transport-Security"));
  close(fd);
  front = first;
  front_close(second);
}

/* "Nothing answers" would be read as: the branch is away. */
static void who_finds_the_plain_port_full_is_told_so(void **state)
{
  (void)state;
  struct front *second;
  struct err err = ERR_INIT;
  const struct front_config one = {.loopback_http_port = 0, .connections_max = 1};
  assert_true(front_open(&second, &one, &err));
  int first = province_socket(front_loopback_port(second));
  assert_int_equal(write(first, "GET", 3), 3);
  int fd = province_socket(front_loopback_port(second));
  static const char request[] = "GET /echo HTTP/1.1\r\nHost: h\r\n\r\n";
  char out[4096];
  assert_int_equal(write(fd, request, sizeof request - 1), sizeof request - 1);
  province_receive(fd, out, sizeof out, 3000);
  assert_non_null(strstr(out, "HTTP/1.1 503 "));
  assert_non_null(strstr(out, "Retry-After: "));
  assert_non_null(strstr(body_of(out), "\"rule\":\"busy\""));
  close(fd);
  close(first);
  front_close(second);
}

/* 50 browsers behind one address open six connections each and keep them. */
static void an_office_behind_one_address_waits_for_its_turn_and_gets_it(void **state)
{
  (void)state;
  enum { OPEN = 4, PLACES = 2 };
  struct front *second, *first = front;
  struct err err = ERR_INIT;
  const struct front_config few = {.listen = "127.0.0.1:0",
                                   .tls = tls,
                                   .loopback_http_port = -1,
                                   .connections_per_peer_max = PLACES,
                                   .queue_per_peer_max = OPEN,
                                   .idle_ms = 60000};
  assert_true(front_open(&second, &few, &err));
  front = second;
  front_backend(second, web_port(web));
  struct link *links[OPEN];
  static const char request[] = "GET /echo HTTP/1.1\r\nHost: h\r\n\r\n";
  for (int i = 0; i < OPEN; i++) {
    links[i] = dial(); /* from the third on: when one of the quiet ones has given its place */
    say(links[i], request);
    assert_string_equal(body_of(hear(links[i])), "GET /echo 0 127.0.0.1 secure");
  }
  for (int i = 0; i < OPEN; i++)
    link_close(links[i]);
  front = first;
  front_close(second);
}

static void draining_ends_quiet_connections_at_once(void **state)
{
  (void)state;
  struct front *second;
  struct err err = ERR_INIT;
  assert_true(front_open(&second, &(struct front_config){.loopback_http_port = 0}, &err));
  int fd = province_socket(front_loopback_port(second));
  assert_int_equal(write(fd, "GET", 3), 3);
  struct listener_counts counts = {0};
  for (int i = 0; i < 200 && counts.live == 0; i++, usleep(10000))
    front_count(second, &counts);
  int64_t since_ms = clock_mono_ms();
  front_drain(second, 300);
  front_close(second);
  assert_true(clock_mono_ms() - since_ms < 2000);
  close(fd);
}

static void sources_are_unique_and_rest_before_they_come_again(void **state)
{
  (void)state;
  struct sources *s = sources_open(4);
  uint32_t taken[4], again;
  char who[LINK_PEER_SIZE];
  bool secure;
  for (int i = 0; i < 4; i++)
    taken[i] = sources_take(s, i % 2 ? "10.0.0.1" : "10.0.0.2", i % 2);
  assert_int_equal(sources_take(s, "10.0.0.3", false), 0);
  for (int i = 0; i < 4; i++) {
    assert_int_equal(taken[i] >> 24, 127);
    assert_true((taken[i] >> 16 & 0xff) >= 1 && (taken[i] >> 16 & 0xff) <= 254);
    assert_true(sources_find(s, taken[i], who, &secure));
    assert_string_equal(who, i % 2 ? "10.0.0.1" : "10.0.0.2");
    assert_int_equal(secure, i % 2);
  }
  sources_give(s, taken[0]);
  assert_false(sources_find(s, taken[0], who, &secure));
  again = sources_take(s, "10.0.0.4", false);
  assert_int_not_equal(again, taken[0]); /* what is still under way for the old one finds nobody */
  assert_false(sources_find(s, taken[0], who, &secure));
  assert_false(sources_find(s, 0x7f000001, who, &secure));
  assert_false(sources_find(s, 0x7fffffff, who, &secure));
  assert_false(sources_find(s, 0, who, &secure));
  sources_close(s);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_request_is_answered_and_its_peer_known),
      cmocka_unit_test(a_request_in_single_bytes_is_answered),
      cmocka_unit_test(people_behind_the_front_are_told_apart),
      cmocka_unit_test(who_comes_past_the_front_is_nobody),
      cmocka_unit_test(a_slow_head_never_reaches_civetweb),
      cmocka_unit_test(an_idle_connection_is_closed),
      cmocka_unit_test(an_oversized_head_is_refused),
      cmocka_unit_test(garbage_is_refused_with_a_reason),
      cmocka_unit_test(malformed_chunks_do_not_pass),
      cmocka_unit_test(expect_100_is_answered_here_and_not_passed_on),
      cmocka_unit_test(an_oversized_body_is_413_and_the_answer_arrives),
      cmocka_unit_test(a_body_that_stops_is_given_up),
      cmocka_unit_test(a_body_that_came_fast_and_then_trickles_is_given_up),
      cmocka_unit_test(who_does_not_take_its_answer_is_given_up),
      cmocka_unit_test(a_long_answer_arrives_whole),
      cmocka_unit_test(requests_wait_politely_until_the_pages_are_there),
      cmocka_unit_test(an_upgraded_connection_is_a_pipe),
      cmocka_unit_test(the_plain_port_is_on_loopback_and_says_so),
      cmocka_unit_test(who_finds_the_plain_port_full_is_told_so),
      cmocka_unit_test(an_office_behind_one_address_waits_for_its_turn_and_gets_it),
      cmocka_unit_test(draining_ends_quiet_connections_at_once),
      cmocka_unit_test(sources_are_unique_and_rest_before_they_come_again),
  };
  return cmocka_run_group_tests(tests, open_all, close_all);
}
