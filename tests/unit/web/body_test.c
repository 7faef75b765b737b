/* Bodies of requests over a real CivetWeb: their bounds by route, by pace, and together. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/base/clock.h"
#include "core/base/limits.h"
#include "core/base/log.h"
#include "tests/unit/web/web_client.h"
#include "webui/web.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static struct web *web;

static void echo(struct web_request *r, void *app)
{
  (void)app;
  char text[64];
  snprintf(text, sizeof text, "%zu", r->body_size);
  web_reply(r, 200, "text/plain", text, strlen(text));
}

static bool peer(void *app, const char *source, char out[WEB_PEER_SIZE], bool *secure)
{
  (void)app;
  snprintf(out, WEB_PEER_SIZE, "%s", source);
  *secure = false;
  return true;
}

static const struct web_route routes[] = {
    {"GET", "/api/v1/echo", echo, 0, 0, NULL},
    {"POST", "/api/v1/echo/{id}", echo, 0, 0, NULL},
    {"POST", "/api/v1/upload", echo, WEB_UPLOAD, 0, NULL},
    {"POST", "/api/v1/login", echo, WEB_STRANGER, 0, NULL},
};

static int open_web(void **state)
{
  (void)state;
  log_quiet(true);
  struct err err = ERR_INIT;
  const struct web_config config = {.routes = routes,
                                    .route_count = sizeof routes / sizeof *routes,
                                    .peer = peer,
                                    .threads = 8,
                                    .body_ms = 300,
                                    .bodies_max = 4 * HTTP_UPLOAD_MAX};
  if (!web_open(&web, &config, &err)) fail_msg("%s", err.text);
  web_client_to(web_port(web));
  return 0;
}

static int close_web(void **state)
{
  (void)state;
  web_close(web);
  return 0;
}

static void bodies_have_their_bounds_by_route(void **state)
{
  (void)state;
  assert_int_equal(status_of(pour("POST /api/v1/echo/9 HTTP/1.1", HTTP_BODY_MAX)), 200);
  assert_int_equal(status_of(pour("POST /api/v1/upload HTTP/1.1", HTTP_BODY_MAX + 1)), 200);
  assert_int_equal(status_of(pour("POST /api/v1/upload HTTP/1.1", HTTP_UPLOAD_MAX)), 200);
  /* Refused by the head alone: nothing of the body was sent. */
  char head[128];
  snprintf(head, sizeof head, "POST /api/v1/echo/9 HTTP/1.1\r\nContent-Length: %d", HTTP_BODY_MAX + 1);
  const char *answer = ask(head);
  assert_int_equal(status_of(answer), 413);
  assert_non_null(strstr(answer, "\"rule\":\"body_size\""));
  assert_non_null(strstr(answer, "Connection: close\r\n"));
  snprintf(head, sizeof head, "POST /api/v1/upload HTTP/1.1\r\nContent-Length: %d", HTTP_UPLOAD_MAX + 1);
  assert_int_equal(status_of(ask(head)), 413);
}

static void chunked_bodies_are_read_and_bounded(void **state)
{
  (void)state;
  const char *head = "POST /api/v1/echo/9 HTTP/1.1\r\nTransfer-Encoding: chunked";
  assert_string_equal(body_of(ask_from("127.0.0.1", head, "3\r\nabc\r\n5\r\ndefgh\r\n0\r\n\r\n")), "8");
  assert_int_equal(status_of(ask_from("127.0.0.1", head, "zz\r\nabc\r\n")), 400);
  int fd = dial("127.0.0.1");
  char chunk[4096 + 16];
  memset(chunk, 'x', sizeof chunk);
  memcpy(chunk, "1000\r\n", 6);
  memcpy(chunk + 6 + 4096, "\r\n", 2);
  say(fd, "POST /api/v1/echo/9 HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n");
  for (size_t sent = 0; sent < HTTP_BODY_MAX + 8192; sent += 4096)
    if (send(fd, chunk, 6 + 4096 + 2, MSG_NOSIGNAL) < 0) break;
  assert_int_equal(status_of(hear(fd)), 413);
  close(fd);
}

/* A body that is announced and not sent yet, once those of earlier connections have been let go. */
static int begin_upload(void)
{
  for (int tries = 0; tries < 50; tries++) {
    int fd = dial("127.0.0.1");
    say(fd, "POST /api/v1/upload HTTP/1.1\r\nHost: h\r\nContent-Length: 100000\r\n\r\n");
    struct pollfd p = {.fd = fd, .events = POLLIN};
    if (poll(&p, 1, 100) == 0) return fd;
    assert_int_equal(status_of(hear(fd)), 503);
    close(fd);
  }
  fail_msg("bodies of connections that are closed still count");
  return -1;
}

static void a_trickling_body_is_refused(void **state)
{
  (void)state;
  int fd = begin_upload();
  int64_t since_ms = clock_mono_ms();
  char bytes[4097];
  memset(bytes, 'x', sizeof bytes - 1);
  bytes[200] = 0;
  /* 200 bytes at a time: the first 4 KiB are full after two seconds, at less than the minimum. */
  for (int i = 0; i < 60 && clock_mono_ms() - since_ms < 9000; i++) {
    struct pollfd p = {.fd = fd, .events = POLLIN};
    if (poll(&p, 1, 220) > 0) break;
    if (send(fd, bytes, 200, MSG_NOSIGNAL) < 0) break;
  }
  assert_int_equal(status_of(hear(fd)), 408);
  close(fd);
}

static void what_a_stranger_sends_is_short(void **state)
{
  (void)state;
  char head[128];
  assert_int_equal(status_of(pour("POST /api/v1/login HTTP/1.1", HTTP_STRANGER_MAX)), 200);
  snprintf(head, sizeof head, "POST /api/v1/login HTTP/1.1\r\nContent-Length: %d", HTTP_STRANGER_MAX + 1);
  assert_int_equal(status_of(ask(head)), 413);
}

static void what_is_read_has_no_body(void **state)
{
  (void)state;
  static const char *const heads[] = {"GET /api/v1/echo HTTP/1.1\r\nContent-Length: 3",
                                      "HEAD /api/v1/echo HTTP/1.1\r\nContent-Length: 1000000",
                                      "GET /api/v1/echo HTTP/1.1\r\nTransfer-Encoding: chunked"};
  for (size_t i = 0; i < sizeof heads / sizeof *heads; i++)
    assert_int_equal(status_of(ask_from("127.0.0.1", heads[i], "")), 413); /* before a byte of it came */
}

static void a_body_that_is_only_announced_takes_nobodys_room(void **state)
{
  (void)state;
  int fds[6];
  char head[256];
  struct web_counts counts;
  web_count(web, &counts);
  uint64_t before_them = counts.requests;
  snprintf(head, sizeof head, "POST /api/v1/upload HTTP/1.1\r\nHost: h\r\nContent-Length: %d\r\n\r\n",
           HTTP_UPLOAD_MAX);
  for (int i = 0; i < 6; i++) {
    fds[i] = dial("127.0.0.1");
    say(fds[i], head);
  }
  do {
    usleep(1000);
    web_count(web, &counts);
  } while (counts.requests < before_them + 6);
  const char *answer = ask_from("127.0.0.1", "POST /api/v1/echo/9 HTTP/1.1\r\nContent-Length: 3", "abc");
  assert_int_equal(status_of(answer), 200);
  for (int i = 0; i < 6; i++)
    close(fds[i]);
}

static void bodies_together_are_bounded(void **state)
{
  (void)state;
  char head[256];
  int first = -1;
  const char *answer = NULL;
  const size_t sent = HTTP_UPLOAD_MAX - HTTP_BODY_MAX;
  uint8_t *bytes = calloc(1, sent + 1);
  memset(bytes, 'x', sent);
  snprintf(head, sizeof head, "POST /api/v1/upload HTTP/1.1\r\nHost: h\r\nContent-Length: %d\r\n\r\n",
           HTTP_UPLOAD_MAX);
  /* On a busy machine the first may not have its place yet, or have lost it for being slow. */
  for (int tries = 0; tries < 50; tries++) {
    if (first >= 0) close(first);
    first = dial("127.0.0.1");
    say(first, head);
    say(first, (const char *)bytes);
    usleep(20000);
    answer = pour("POST /api/v1/upload HTTP/1.1", 2 * HTTP_BODY_MAX);
    if (status_of(answer) == 503) break;
  }
  free(bytes);
  assert_int_equal(status_of(answer), 503);
  assert_non_null(strstr(answer, "Retry-After: 5\r\n"));
  close(first);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(bodies_have_their_bounds_by_route),
      cmocka_unit_test(chunked_bodies_are_read_and_bounded),
      cmocka_unit_test(a_trickling_body_is_refused),
      cmocka_unit_test(what_a_stranger_sends_is_short),
      cmocka_unit_test(what_is_read_has_no_body),
      cmocka_unit_test(a_body_that_is_only_announced_takes_nobodys_room),
      cmocka_unit_test(bodies_together_are_bounded),
  };
  return cmocka_run_group_tests(tests, open_web, close_web);
}
