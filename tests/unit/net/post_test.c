/* The one HTTP client: replies of every framing are read, those that leave doubt refused, a silent server is
 * cut, and only this machine is asked without TLS. */
#include "province.h"

#include "net/post.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* ---- replies ---- */

static enum reply_verdict parse(const char *text, bool ended, struct reply *out)
{
  return reply_parse(out, (const uint8_t *)text, strlen(text), ended);
}

static void replies_are_read_in_every_framing(void **state)
{
  (void)state;
  static const struct {
    const char *text;
    int status;
    const char *type, *body;
  } good[] = {
      {"HTTP/1.1 200 OK\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: 5\r\n\r\nhello", 200,
       "text/plain", "hello"},
      {"HTTP/1.1 409 Conflict\r\ncontent-type:Text/X.tlog.size\r\ncontent-length: 3\r\n\r\n12\n", 409,
       "text/x.tlog.size", "12\n"},
      {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nhel\r\n2\r\nlo\r\n0\r\n\r\n", 200, "",
       "hello"},
      {"HTTP/1.0 422 \r\n\r\nno", 422, "", "no"},
      {"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n", 204, "", ""},
  };
  for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
    struct reply reply;
    if (parse(good[i].text, true, &reply) != REPLY_WHOLE) fail_msg("reply %zu: %s", i, reply.why);
    assert_int_equal(reply.status, good[i].status);
    assert_string_equal(reply.type, good[i].type);
    assert_int_equal(reply.body.size, strlen(good[i].body));
    assert_true(reply.body.size == 0 || memcmp(reply.body.data, good[i].body, reply.body.size) == 0);
    buf_wipe(&reply.body);
    /* A piece of it is never taken for the whole. */
    for (size_t n = 0; n + 1 < strlen(good[i].text); n++) {
      enum reply_verdict part = reply_parse(&reply, (const uint8_t *)good[i].text, n, false);
      if (part != REPLY_MORE) fail_msg("reply %zu: its first %zu bytes are %d", i, n, part);
    }
  }
}

static void replies_that_leave_doubt_are_refused(void **state)
{
  (void)state;
  static const char *const wrong[] = {
      "SSH-2.0-OpenSSH_9\r\n\r\n",
      "HTTP/2 200\r\n\r\n",
      "HTTP/1.1 99 no\r\n\r\n",
      "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\nx",
      "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\nx",
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\nx",
      "HTTP/1.1 200 OK\r\nContent-Length: +1\r\n\r\nx",
      "HTTP/1.1 200 OK\r\nContent-Length: 70000\r\n\r\nx",
      "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nx",
      "HTTP/1.1 200 OK\r\n Folded: 1\r\n\r\n",
      "HTTP/1.1 200 OK\r\nA : 1\r\n\r\n",
      "HTTP/1.1 200 OK\nA: 1\r\n\r\n",
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nfffff\r\n",
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1;a=b\r\nx\r\n0\r\n\r\n",
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nTrailer: 1\r\n\r\n",
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nxy",
      "HTTP/1.1 200 OK\r\nA: 1\r\n",
      "",
  };
  for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
    struct reply reply;
    if (parse(wrong[i], true, &reply) != REPLY_BAD) fail_msg("taken: %s", wrong[i]);
    assert_non_null(reply.why);
  }
}

/* ---- a server of one connection ---- */

struct server {
  int fd;
  uint16_t port;
  const char *reply; /* NULL: it never says anything */
  char asked[2048];
  pthread_t thread;
};

static void *serve(void *arg)
{
  struct server *s = arg;
  size_t n = 0;
  int fd = accept(s->fd, NULL, NULL);
  for (ssize_t got = 1; got > 0 && n < sizeof s->asked - 1 && !strstr(s->asked, "body");) {
    got = recv(fd, s->asked + n, sizeof s->asked - 1 - n, 0);
    n += got > 0 ? (size_t)got : 0;
  }
  if (s->reply) (void)!write(fd, s->reply, strlen(s->reply));
  if (!s->reply) (void)!recv(fd, s->asked, 1, 0); /* until it is cut */
  close(fd);
  return NULL;
}

static void server_open(struct server *s, const char *reply)
{
  struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  socklen_t n = sizeof at;
  memset(s, 0, sizeof *s);
  s->reply = reply;
  s->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  assert_int_equal(bind(s->fd, (struct sockaddr *)&at, sizeof at), 0);
  assert_int_equal(listen(s->fd, 1), 0);
  assert_int_equal(getsockname(s->fd, (struct sockaddr *)&at, &n), 0);
  s->port = ntohs(at.sin_port);
  assert_int_equal(pthread_create(&s->thread, NULL, serve, s), 0);
}

static void server_close(struct server *s)
{
  pthread_join(s->thread, NULL);
  close(s->fd);
}

static struct post *target(const struct server *s)
{
  char url[100];
  struct post *post = NULL;
  struct err err = ERR_INIT;
  snprintf(url, sizeof url, "http://127.0.0.1:%u/w/add-checkpoint", s->port);
  if (!post_open(&post, url, "/nonexistent", &err)) fail_msg("%s", err.text);
  return post;
}

static void a_question_is_asked_and_its_reply_read(void **state)
{
  (void)state;
  struct server server;
  struct reply reply;
  struct err err = ERR_INIT;
  server_open(&server, "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nline");
  struct post *post = target(&server);
  if (!post_send(post, "text/plain", "the body", 8, &reply, &err)) fail_msg("%s", err.text);
  assert_int_equal(reply.status, 200);
  assert_memory_equal(reply.body.data, "line", 4);
  server_close(&server);
  assert_non_null(strstr(server.asked, "POST /w/add-checkpoint HTTP/1.1\r\n"));
  assert_non_null(strstr(server.asked, "Content-Length: 8\r\n"));
  assert_non_null(strstr(server.asked, "\r\n\r\nthe body"));
  buf_wipe(&reply.body);
  post_close(post);
}

static void *cut_soon(void *arg)
{
  usleep(100 * 1000);
  post_cut(arg);
  return NULL;
}

static void a_silent_server_is_cut_and_asked_no_more(void **state)
{
  (void)state;
  struct server server;
  struct reply reply;
  struct err err = ERR_INIT;
  pthread_t cutter;
  server_open(&server, NULL);
  struct post *post = target(&server);
  pthread_create(&cutter, NULL, cut_soon, post);
  int64_t begun_ms = clock_mono_ms();
  assert_false(post_send(post, "text/plain", "the body", 8, &reply, &err));
  assert_true(clock_mono_ms() - begun_ms < 5000);
  pthread_join(cutter, NULL);
  server_close(&server);
  assert_false(post_send(post, "text/plain", "the body", 8, &reply, NULL));
  post_close(post);
}

static void only_this_machine_is_asked_without_tls(void **state)
{
  (void)state;
  static const char *const wrong[] = {"http://witness.example/w",
                                      "ftp://witness.example/w",
                                      "https://",
                                      "https://a b/",
                                      "https://user@host/w",
                                      "https://host/w?x",
                                      "https://host:99999/w",
                                      "witness.example",
                                      "http://127.0.0.1.example/w",
                                      "https://[::1/w"};
  static const char *const good[] = {"https://witness.example", "https://witness.example:8443/w",
                                     "http://127.0.0.1:8080/w", "http://localhost/w",
                                     "http://[::1]:8080/w",     "https://[2001:db8::1]/w"};
  for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
    struct post *post = NULL;
    struct err err = ERR_INIT;
    if (post_open(&post, wrong[i], "/ca", &err)) fail_msg("taken: %s", wrong[i]);
    assert_string_equal(err.rule, "url");
  }
  for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
    struct post *post = NULL;
    struct err err = ERR_INIT;
    if (!post_open(&post, good[i], "/ca", &err)) fail_msg("%s: %s", good[i], err.text);
    post_close(post);
  }
}

static int start(void **state)
{
  (void)state;
  return !tls_start(NULL);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(replies_are_read_in_every_framing),
      cmocka_unit_test(replies_that_leave_doubt_are_refused),
      cmocka_unit_test(a_question_is_asked_and_its_reply_read),
      cmocka_unit_test(a_silent_server_is_cut_and_asked_no_more),
      cmocka_unit_test(only_this_machine_is_asked_without_tls),
  };
  return cmocka_run_group_tests(tests, start, NULL);
}
