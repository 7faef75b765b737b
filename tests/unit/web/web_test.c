/* Requests and replies over a real CivetWeb; the test itself stands where the front would be. */
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

#include <arpa/inet.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static struct web *web;

/* -- A small program of routes. -- */

static void echo(struct web_request *r, void *app)
{
  (void)app;
  char text[256];
  snprintf(text, sizeof text, "%s|%s|%s|%s|%zu|%s", r->method, r->path, web_param(r, "id"),
           web_query(r, "q") ? web_query(r, "q") : "-", r->body_size, r->peer);
  web_reply(r, 200, "text/plain", text, strlen(text));
}

static void take_json(struct web_request *r, void *app)
{
  (void)app;
  struct err err = ERR_INIT;
  json_t *value = web_body_json(r, &err);
  if (!value) {
    web_reply_err(r, &err);
    return;
  }
  web_set_cookie(r, "session", "abc", 60);
  web_reply_json(r, 201, value);
  json_decref(value);
}

static void refuse(struct web_request *r, void *app)
{
  (void)app;
  struct err err = ERR_INIT;
  err_rule(&err, ERR_INPUT, "price_fen", "range", "price_fen -1 is \"negative\" \xff");
  web_reply_err(r, &err);
}

static void say_nothing(struct web_request *r, void *app)
{
  (void)r;
  (void)app;
}

static void twice(struct web_request *r, void *app)
{
  (void)app;
  web_set_header(r, "X-Evil", "a\r\nSet-Cookie: stolen=1");
  web_reply(r, 200, "text/plain", "first", 5);
  web_reply(r, 500, "text/plain", "second", 6);
}

static void file(struct web_request *r, void *app)
{
  (void)app;
  web_reply_file(r, "text/csv", "价格 1.csv", "a,b\n", 4);
}

static void numbers(struct web_request *r, void *app)
{
  (void)app;
  struct err err = ERR_INIT;
  int64_t id, offset;
  if (!web_param_int(r, "id", 1, 100, &id, &err) || !web_query_int_or(r, "offset", 0, 10, 0, &offset, &err)) {
    web_reply_err(r, &err);
    return;
  }
  char text[64];
  snprintf(text, sizeof text, "%lld %lld", (long long)id, (long long)offset);
  web_reply(r, 200, "text/plain", text, strlen(text));
}

static void origin(struct web_request *r, void *app)
{
  (void)app;
  web_reply_empty(r, web_same_origin(r) ? 204 : 403);
}

static bool before(struct web_request *r, void *app)
{
  (void)app;
  if (!(r->route->flags & WEB_FLAG_APP)) return true;
  web_reply_empty(r, 401);
  return false;
}

static bool peer(void *app, const char *source, char out[WEB_PEER_SIZE], bool *secure)
{
  (void)app;
  if (strcmp(source, "127.0.0.1") != 0 && strcmp(source, "127.7.7.7") != 0) return false;
  snprintf(out, WEB_PEER_SIZE, "10.33.1.27");
  *secure = strcmp(source, "127.7.7.7") == 0;
  return true;
}

static const struct web_route routes[] = {
    {"GET", "/api/v1/echo", echo, 0, 0, NULL},
    {"GET", "/api/v1/echo/{id}", echo, 0, 0, NULL},
    {"POST", "/api/v1/echo/{id}", echo, 0, 0, NULL},
    {"POST", "/api/v1/upload", echo, WEB_UPLOAD, 0, NULL},
    {"POST", "/api/v1/json", take_json, 0, 0, NULL},
    {"GET", "/api/v1/refuse", refuse, 0, 0, NULL},
    {"GET", "/api/v1/nothing", say_nothing, 0, 0, NULL},
    {"GET", "/api/v1/twice", twice, 0, 0, NULL},
    {"GET", "/api/v1/file", file, 0, 0, NULL},
    {"GET", "/api/v1/numbers/{id}", numbers, 0, 0, NULL},
    {"GET", "/api/v1/origin", origin, 0, 0, NULL},
    {"POST", "/api/v1/guarded", echo, WEB_FLAG_APP, 0, NULL},
    {"POST", "/api/v1/login", echo, WEB_STRANGER, 0, NULL},
};

#define BYTES(s) (const uint8_t *)(s)
static const struct web_asset assets[] = {
    {"/index.html", "text/html; charset=utf-8", "11aa", false, BYTES("<p>page</p>"), BYTES("GZ"), BYTES("B"),
     11, 2, 1},
    {"/assets/a-1.js", "text/javascript", "22bb", true, BYTES("let a"), NULL, NULL, 5, 0, 0},
};

static int open_web(void **state)
{
  (void)state;
  log_quiet(true);
  struct err err = ERR_INIT;
  const struct web_config config = {.routes = routes,
                                    .route_count = sizeof routes / sizeof *routes,
                                    .assets = assets,
                                    .asset_count = sizeof assets / sizeof *assets,
                                    .peer = peer,
                                    .before = before,
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

/* -- Claims. -- */

static void requests_find_their_route(void **state)
{
  (void)state;
  assert_string_equal(body_of(ask("GET /api/v1/echo?q=%E8%8C%B6 HTTP/1.1")),
                      "GET|/api/v1/echo||茶|0|10.33.1.27");
  assert_string_equal(body_of(ask("GET /api/v1/echo/9%20x HTTP/1.1")),
                      "GET|/api/v1/echo/9 x|9 x|-|0|10.33.1.27");
  assert_string_equal(
      body_of(ask_from("127.0.0.1", "POST /api/v1/echo/9 HTTP/1.1\r\nContent-Length: 3", "abc")),
      "POST|/api/v1/echo/9|9|-|3|10.33.1.27");
}

static void an_unknown_source_is_nobody(void **state)
{
  (void)state;
  const char *answer = ask_from("127.9.9.9", "GET /api/v1/echo HTTP/1.1", "");
  assert_int_equal(status_of(answer), 403);
  assert_null(strstr(answer, "10.33.1.27"));
  assert_int_equal(status_of(ask_from("127.9.9.9", "GET / HTTP/1.1", "")), 403);
}

static void every_answer_carries_the_security_headers(void **state)
{
  (void)state;
  const char *const heads[] = {"GET / HTTP/1.1",
                               "GET /api/v1/echo HTTP/1.1",
                               "GET /api/v1/none HTTP/1.1",
                               "GET /none.js HTTP/1.1",
                               "PUT /api/v1/echo HTTP/1.1",
                               "GET /api/v1/refuse HTTP/1.1",
                               "GET /%ff HTTP/1.1",
                               "GET nonsense HTTP/1.1",
                               "GET / HTTP/3.7",
                               "POST /api/v1/upload HTTP/1.1\r\nContent-Length: 99999999999"};
  for (size_t i = 0; i < sizeof heads / sizeof *heads; i++) {
    const char *answer = ask(heads[i]);
    if (!strstr(answer,
                "Content-Security-Policy: default-src 'none'; script-src 'self'; style-src 'self'; img-src "
                "'self' data:; connect-src 'self'; font-src 'self'; worker-src 'self'; manifest-src 'self'; "
                "form-action 'self'; frame-ancestors 'none'; base-uri 'none'\r\n") ||
        !strstr(answer, "X-Content-Type-Options: nosniff\r\n") || !strstr(answer, "Referrer-Policy: ") ||
        !strstr(answer, "Cache-Control: ") || strstr(answer, "Strict-Transport-Security"))
      fail_msg("%s\n%s", heads[i], answer);
  }
  assert_non_null(strstr(ask_from("127.7.7.7", "GET / HTTP/1.1", ""), "Strict-Transport-Security: max-age="));
}

static void a_known_path_says_which_methods_it_takes(void **state)
{
  (void)state;
  const char *answer = ask("DELETE /api/v1/echo/9 HTTP/1.1");
  assert_int_equal(status_of(answer), 405);
  assert_non_null(strstr(answer, "Allow: GET, POST\r\n"));
  answer = ask("POST /index.html HTTP/1.1\r\nContent-Length: 0");
  assert_int_equal(status_of(answer), 405);
  assert_non_null(strstr(answer, "Allow: GET, HEAD\r\n"));
}

static void an_unknown_api_path_is_404_in_json(void **state)
{
  (void)state;
  const char *answer = ask("GET /api/v1/none HTTP/1.1");
  assert_int_equal(status_of(answer), 404);
  assert_non_null(strstr(answer, "Content-Type: application/json\r\n"));
  assert_non_null(strstr(body_of(answer), "{\"error\":{\"kind\":\"missing\",\"rule\":\"path\""));
}

static void head_is_get_without_a_body(void **state)
{
  (void)state;
  const char *answer = ask("HEAD /api/v1/echo HTTP/1.1");
  assert_int_equal(status_of(answer), 200);
  assert_non_null(strstr(answer, "Content-Length: 33\r\n"));
  assert_string_equal(body_of(answer), "");
}

static void pages_come_in_the_best_encoding_with_a_tag(void **state)
{
  (void)state;
  const char *answer = ask("GET / HTTP/1.1");
  assert_string_equal(body_of(answer), "<p>page</p>");
  assert_non_null(strstr(answer, "Cache-Control: no-cache\r\n"));
  assert_non_null(strstr(answer, "ETag: W/\"11aa\"\r\n"));
  assert_non_null(strstr(answer, "Vary: Accept-Encoding\r\n"));
  assert_string_equal(body_of(ask("GET / HTTP/1.1\r\nAccept-Encoding: gzip, br")), "B");
  assert_string_equal(body_of(ask("GET / HTTP/1.1\r\nAccept-Encoding: gzip, br;q=0")), "GZ");
  assert_int_equal(status_of(ask("GET / HTTP/1.1\r\nIf-None-Match: W/\"11aa\"")), 304);
  assert_int_equal(status_of(ask("GET / HTTP/1.1\r\nIf-None-Match: \"22bb\"")), 200);
  assert_non_null(strstr(ask("GET /assets/a-1.js HTTP/1.1\r\nAccept-Encoding: br"),
                         "Cache-Control: public, max-age=31536000, immutable\r\n"));
}

static void a_path_without_a_dot_is_the_pages_own(void **state)
{
  (void)state;
  assert_string_equal(body_of(ask("GET /products/7 HTTP/1.1")), "<p>page</p>");
  assert_int_equal(status_of(ask("GET /assets/old-9.js HTTP/1.1")), 404);
}

/* CVE-2025-55763 and every path traversal need files behind the server; there are none. */
static void there_are_no_files_to_reach(void **state)
{
  (void)state;
  const char *const heads[] = {"GET /../../etc/passwd HTTP/1.1",
                               "GET /%2e%2e/%2e%2e/etc/passwd HTTP/1.1",
                               "GET //etc/passwd HTTP/1.1",
                               "GET /etc/passwd%00.html HTTP/1.1",
                               "GET /./assets/../../etc/passwd HTTP/1.1",
                               "PUT /etc/x.html HTTP/1.1",
                               "DELETE /etc/passwd HTTP/1.1",
                               "PROPFIND / HTTP/1.1",
                               "MKCOL /x HTTP/1.1"};
  for (size_t i = 0; i < sizeof heads / sizeof *heads; i++) {
    const char *answer = ask(heads[i]);
    if (strstr(answer, "root:") || (status_of(answer) == 200 && strcmp(body_of(answer), "<p>page</p>") != 0))
      fail_msg("%s\n%s", heads[i], answer);
  }
  assert_int_equal(status_of(ask("GET /../../etc/passwd.txt HTTP/1.1")), 400);
}

/* CVE-2025-9648 is in CivetWeb's form parser: a form is a body like any other here, whatever its type says.
 */
static void forms_are_not_parsed(void **state)
{
  (void)state;
  const char *body = "--b\r\nContent-Disposition: form-data; name=\"a\"; filename=\"x\"\r\n\r\nz\r\n--b";
  char head[256];
  snprintf(
      head, sizeof head,
      "POST /api/v1/echo/9 HTTP/1.1\r\nContent-Type: multipart/form-data; boundary=b\r\nContent-Length: %zu",
      strlen(body));
  char expected[64];
  snprintf(expected, sizeof expected, "POST|/api/v1/echo/9|9|-|%zu|10.33.1.27", strlen(body));
  assert_string_equal(body_of(ask_from("127.0.0.1", head, body)), expected);
  assert_int_equal(status_of(ask_from("127.0.0.1",
                                      "POST /api/v1/json HTTP/1.1\r\nContent-Type: "
                                      "application/x-www-form-urlencoded\r\nContent-Length: 3",
                                      "a=b")),
                   400);
}

static void json_bodies_are_read_and_answered(void **state)
{
  (void)state;
  const char *answer =
      ask_from("127.0.0.1",
               "POST /api/v1/json HTTP/1.1\r\nContent-Type: application/json; charset=utf-8\r\n"
               "Content-Length: 14",
               "{\"name\": \"茶\"}");
  (void)answer;
  answer = ask_from("127.7.7.7",
                    "POST /api/v1/json HTTP/1.1\r\nContent-Type: application/json\r\nContent-Length: 7",
                    "{\"a\":1}");
  assert_int_equal(status_of(answer), 201);
  assert_string_equal(body_of(answer), "{\"a\":1}");
  assert_non_null(
      strstr(answer, "Set-Cookie: session=abc; Path=/; HttpOnly; SameSite=Strict; Secure; Max-Age=60\r\n"));
}

static void a_refusal_names_kind_rule_field_and_text(void **state)
{
  (void)state;
  const char *answer = ask("GET /api/v1/refuse HTTP/1.1");
  assert_int_equal(status_of(answer), 400);
  assert_non_null(strstr(body_of(answer),
                         "\"rule\":\"range\",\"field\":\"price_fen\",\"text\":\"price_fen -1 is "
                         "\\\"negative\\\" "));
}

static void a_handler_without_an_answer_is_a_500_and_two_answers_are_the_first(void **state)
{
  (void)state;
  assert_int_equal(status_of(ask("GET /api/v1/nothing HTTP/1.1")), 500);
  const char *answer = ask("GET /api/v1/twice HTTP/1.1");
  assert_string_equal(body_of(answer), "first");
  assert_null(strstr(answer, "stolen")); /* a header with a line end in it is not sent */
}

static void files_have_names_in_chinese(void **state)
{
  (void)state;
  assert_non_null(strstr(ask("GET /api/v1/file HTTP/1.1"),
                         "Content-Disposition: attachment; filename*=UTF-8''%E4%BB%B7%E6%A0%BC%201.csv\r\n"));
}

static void numbers_are_read_strictly(void **state)
{
  (void)state;
  assert_string_equal(body_of(ask("GET /api/v1/numbers/7?offset=10 HTTP/1.1")), "7 10");
  assert_string_equal(body_of(ask("GET /api/v1/numbers/7 HTTP/1.1")), "7 0");
  const char *const bad[] = {
      "GET /api/v1/numbers/0 HTTP/1.1",           "GET /api/v1/numbers/101 HTTP/1.1",
      "GET /api/v1/numbers/7x HTTP/1.1",          "GET /api/v1/numbers/+7 HTTP/1.1",
      "GET /api/v1/numbers/- HTTP/1.1",           "GET /api/v1/numbers/99999999999999999999 HTTP/1.1",
      "GET /api/v1/numbers/7?offset=11 HTTP/1.1", "GET /api/v1/numbers/7?offset=a HTTP/1.1"};
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
    assert_int_equal(status_of(ask(bad[i])), 400);
}

static void another_sites_origin_is_seen(void **state)
{
  (void)state;
  assert_int_equal(status_of(ask("GET /api/v1/origin HTTP/1.1")), 204);
  assert_int_equal(status_of(ask("GET /api/v1/origin HTTP/1.1\r\nOrigin: http://hub.sunlit:8443")), 204);
  assert_int_equal(status_of(ask("GET /api/v1/origin HTTP/1.1\r\nOrigin: https://hub.sunlit:8443")), 403);
  assert_int_equal(status_of(ask("GET /api/v1/origin HTTP/1.1\r\nOrigin: http://evil.example")), 403);
  assert_int_equal(status_of(ask("GET /api/v1/origin HTTP/1.1\r\nOrigin: null")), 403);
}

/* Whoever reads the first and whoever reads the last would decide differently. */
static void a_header_that_decides_comes_once_or_the_same(void **state)
{
  (void)state;
  static const char *const names[] = {"Authorization",    "Content-Type",   "Cookie",   "Idempotency-Key",
                                      "Origin",           "Sec-Fetch-Site", "X-Sunlit", "User-Agent",
                                      "X-Sunlit-Account", "If-None-Match"};
  for (size_t i = 0; i < sizeof names / sizeof *names; i++)
    for (int differ = 0; differ < 2; differ++) {
      char head[200];
      snprintf(head, sizeof head, "GET /api/v1/echo HTTP/1.1\r\n%s: one\r\nX-Between: 1\r\n%s: %s", names[i],
               names[i], differ ? "two" : "one");
      const char *answer = ask(head);
      assert_int_equal(status_of(answer), differ ? 400 : 200);
      if (differ && (!strstr(answer, "\"header_twice\"") || !strstr(answer, names[i])))
        fail_msg("%s", answer);
    }
  assert_int_equal(status_of(ask("GET /api/v1/echo HTTP/1.1\r\nHost: another")), 400);
  assert_int_equal(status_of(ask("GET /api/v1/echo HTTP/1.1\r\nX-Other: 1\r\nX-Other: 2")), 200);
}

static void a_kept_connection_answers_one_request_after_another(void **state)
{
  (void)state;
  int fd = dial("127.0.0.1");
  for (int i = 0; i < 20; i++) {
    say(fd, "POST /api/v1/echo/9 HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nabc");
    char *answer = hear(fd);
    assert_int_equal(status_of(answer), 200);
    assert_non_null(strstr(answer, "Connection: keep-alive\r\n"));
  }
  /* A short body that nobody read does not become the next request. */
  say(fd, "POST /api/v1/guarded HTTP/1.1\r\nHost: h\r\nContent-Length: 21\r\n\r\nGET /evil HTTP/1.1\r\n\r\n");
  assert_int_equal(status_of(hear(fd)), 401);
  say(fd, "GET /api/v1/echo HTTP/1.1\r\nHost: h\r\n\r\n");
  assert_string_equal(body_of(hear(fd)), "GET|/api/v1/echo||-|0|10.33.1.27");
  close(fd);
}

static void a_kept_connection_does_not_wait_for_acknowledgements(void **state)
{
  (void)state;
  int fd = dial("127.0.0.1");
  int64_t fastest_ms =
      INT64_MAX; /* a busy machine delays some of a hundred; Nagle's algorithm all, by 40 ms */
  for (int i = 0; i < 100; i++) {
    int64_t since_ms = clock_mono_ms();
    say(fd, "GET /api/v1/echo HTTP/1.1\r\nHost: h\r\n\r\n");
    (void)hear(fd);
    if (clock_mono_ms() - since_ms < fastest_ms) fastest_ms = clock_mono_ms() - since_ms;
  }
  assert_true(fastest_ms < 30);
  close(fd);
}

static struct web_counts counts_at_rest(void)
{
  struct web_counts counts;
  do {
    usleep(1000);
    web_count(web, &counts);
  } while (counts.active > 0);
  return counts;
}

static void requests_are_counted(void **state)
{
  (void)state;
  struct web_counts before_counts = counts_at_rest(), after;
  (void)ask("GET /api/v1/echo HTTP/1.1");
  (void)ask("GET /api/v1/none HTTP/1.1");
  after = counts_at_rest();
  assert_int_equal(after.requests - before_counts.requests, 2);
  assert_int_equal(after.answered[2] - before_counts.answered[2], 1);
  assert_int_equal(after.answered[4] - before_counts.answered[4], 1);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(requests_find_their_route),
      cmocka_unit_test(an_unknown_source_is_nobody),
      cmocka_unit_test(every_answer_carries_the_security_headers),
      cmocka_unit_test(a_known_path_says_which_methods_it_takes),
      cmocka_unit_test(an_unknown_api_path_is_404_in_json),
      cmocka_unit_test(head_is_get_without_a_body),
      cmocka_unit_test(pages_come_in_the_best_encoding_with_a_tag),
      cmocka_unit_test(a_path_without_a_dot_is_the_pages_own),
      cmocka_unit_test(there_are_no_files_to_reach),
      cmocka_unit_test(forms_are_not_parsed),
      cmocka_unit_test(json_bodies_are_read_and_answered),
      cmocka_unit_test(a_refusal_names_kind_rule_field_and_text),
      cmocka_unit_test(a_handler_without_an_answer_is_a_500_and_two_answers_are_the_first),
      cmocka_unit_test(files_have_names_in_chinese),
      cmocka_unit_test(numbers_are_read_strictly),
      cmocka_unit_test(another_sites_origin_is_seen),
      cmocka_unit_test(a_header_that_decides_comes_once_or_the_same),
      cmocka_unit_test(a_kept_connection_answers_one_request_after_another),
      cmocka_unit_test(a_kept_connection_does_not_wait_for_acknowledgements),
      cmocka_unit_test(requests_are_counted),
  };
  return cmocka_run_group_tests(tests, open_web, close_web);
}
