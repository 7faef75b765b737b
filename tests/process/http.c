#include "tests/process/http.h"

#include "core/base/json.h"
#include "tests/process/rig.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

enum { WAIT_S = 30 }; /* a bound for what fails, long enough for a machine that does ten things */

static int dial(int port)
{
  int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
  const struct timeval wait = {.tv_sec = WAIT_S};
  to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof wait);
  setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &wait, sizeof wait);
  if (connect(fd, (const struct sockaddr *)&to, sizeof to) == 0) return fd;
  close(fd);
  return -1;
}

static bool send_all(int fd, const char *p, size_t n)
{
  while (n > 0) {
    ssize_t sent = send(fd, p, n, MSG_NOSIGNAL);
    if (sent <= 0) return false;
    p += sent;
    n -= (size_t)sent;
  }
  return true;
}

static bool send_call(int fd, const struct http_call *call)
{
  char head[4096];
  size_t size = call->body ? strlen(call->body) : 0;
  int n = snprintf(head, sizeof head,
                   "%s %s HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nConnection: close\r\nX-Sunlit: 1\r\n%s%s%s%s%s%s"
                   "Content-Type: %s\r\nContent-Length: %zu\r\n\r\n",
                   call->method, call->path, call->port, call->cookie ? "Cookie: " : "",
                   call->cookie ? call->cookie : "", call->cookie ? "\r\n" : "",
                   call->key ? "Idempotency-Key: " : "", call->key ? call->key : "", call->key ? "\r\n" : "",
                   call->type ? call->type : "application/json", size);
  return send_all(fd, head, (size_t)n) && (!size || send_all(fd, call->body, size));
}

static const char *header(const char *text, const char *name)
{
  const char *at = strcasestr(text, name);
  return at ? at + strlen(name) : NULL;
}

bool http_do(const struct http_call *call, struct http_answer *out)
{
  static _Thread_local char text[131072];
  memset(out, 0, offsetof(struct http_answer, body) + 1);
  int fd = dial(call->port);
  if (fd < 0) return false;
  size_t size = 0;
  if (send_call(fd, call)) {
    ssize_t n;
    while (size < sizeof text - 1 && (n = recv(fd, text + size, sizeof text - 1 - size, 0)) > 0)
      size += (size_t)n;
  }
  close(fd);
  text[size] = 0;
  char *body = strstr(text, "\r\n\r\n");
  if (!body || sscanf(text, "HTTP/1.1 %d", &out->status) != 1) return false;
  *body = 0;
  body += 4;
  const char *length = header(text, "\r\nContent-Length:"), *cookie = header(text, "\r\nSet-Cookie:");
  if (length && strlen(body) < (size_t)atol(length)) {
    out->status = 0;
    return false;
  }
  if (cookie) snprintf(out->cookie, sizeof out->cookie, "%.*s", (int)strcspn(cookie + 1, ";\r"), cookie + 1);
  snprintf(out->body, sizeof out->body, "%s", body);
  return true;
}

static void must(const struct http_call *call, struct http_answer *answer)
{
  if (!http_do(call, answer) || answer->status >= 300)
    rig_fail("%s %s: %d %s", call->method, call->path, answer->status, answer->body);
}

void http_first_login(int port, const char *one_time, char *cookie, size_t room)
{
  static struct http_answer answer;
  char body[256];
  snprintf(body, sizeof body, "{\"name\":\"admin\",\"password\":\"%s\"}", one_time);
  struct http_call login = {.port = port, .method = "POST", .path = "/api/v1/login", .body = body};
  must(&login, &answer);
  snprintf(cookie, room, "%s", answer.cookie);
  snprintf(body, sizeof body, "{\"old\":\"%s\",\"new\":\"a password for tests\"}", one_time);
  struct http_call change = {
      .port = port, .method = "POST", .path = "/api/v1/password", .cookie = cookie, .body = body};
  must(&change, &answer);
  if (answer.cookie[0]) snprintf(cookie, room, "%s", answer.cookie);
}

long long http_number(const struct http_answer *answer, const char *member)
{
  json_t *root = json_parse(answer->body, strlen(answer->body), NULL);
  const json_t *value = json_object_get(root, member);
  long long n = json_is_integer(value) ? json_integer_value(value) : -1;
  json_decref(root);
  return n;
}

void http_open_invite(const struct http_answer *answer, char replaces_ms[24])
{
  json_t *root = json_parse(answer->body, strlen(answer->body), NULL);
  const json_t *made = json_object_get(root, "expires_ms");
  const json_t *params = json_object_get(json_object_get(root, "error"), "params");
  const json_t *open = made ? made : json_object_get(params, "now");
  if (json_is_integer(open)) snprintf(replaces_ms, 24, "%lld", (long long)json_integer_value(open));
  json_decref(root);
}
