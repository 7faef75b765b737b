#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/web/web_client.h"

#include <arpa/inet.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static uint16_t to_port;

void web_client_to(uint16_t port)
{
  to_port = port;
}

int dial(const char *source)
{
  int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  struct sockaddr_in from = {.sin_family = AF_INET}, to = {.sin_family = AF_INET, .sin_port = htons(to_port)};
  inet_pton(AF_INET, source, &from.sin_addr);
  inet_pton(AF_INET, "127.0.0.1", &to.sin_addr);
  assert_int_equal(bind(fd, (struct sockaddr *)&from, sizeof from), 0);
  assert_int_equal(connect(fd, (struct sockaddr *)&to, sizeof to), 0);
  return fd;
}

void say(int fd, const char *text)
{
  size_t n = strlen(text);
  assert_int_equal(send(fd, text, n, MSG_NOSIGNAL), (ssize_t)n);
}

/* The head and as much of the body as Content-Length says. */
char *hear(int fd)
{
  static char text[65536];
  size_t size = 0, whole = sizeof text - 1;
  while (size < whole) {
    struct pollfd p = {.fd = fd, .events = POLLIN};
    if (poll(&p, 1, 5000) <= 0) break;
    ssize_t n = recv(fd, text + size, sizeof text - 1 - size, 0);
    if (n <= 0) break;
    size += (size_t)n;
    text[size] = 0;
    const char *end = strstr(text, "\r\n\r\n"), *length = strstr(text, "Content-Length: ");
    if (end) whole = (size_t)(end - text) + 4 + (length && length < end ? strtoul(length + 16, NULL, 10) : 0);
  }
  text[size] = 0;
  return text;
}

char *ask_from(const char *source, const char *head, const char *body)
{
  char *text;
  int fd = dial(source);
  assert_true(asprintf(&text, "%s\r\nHost: hub.sunlit:8443\r\nConnection: close\r\n\r\n%s", head, body) > 0);
  say(fd, text);
  free(text);
  char *answer = hear(fd);
  close(fd);
  return answer;
}

char *ask(const char *head)
{
  return ask_from("127.0.0.1", head, "");
}

int status_of(const char *answer)
{
  return strncmp(answer, "HTTP/1.1 ", 9) == 0 ? atoi(answer + 9) : 0;
}

const char *body_of(const char *answer)
{
  const char *end = strstr(answer, "\r\n\r\n");
  return end ? end + 4 : "";
}

/* Sends a head and then n bytes as fast as they go; the answer. */
char *pour(const char *head, size_t n)
{
  int fd = dial("127.0.0.1");
  char text[512], *body = calloc(1, n + 1);
  memset(body, 'x', n);
  snprintf(text, sizeof text, "%s\r\nHost: h\r\nContent-Length: %zu\r\n\r\n", head, n);
  say(fd, text);
  for (size_t sent = 0; sent < n;) {
    ssize_t k = send(fd, body + sent, n - sent, MSG_NOSIGNAL);
    if (k <= 0) break;
    sent += (size_t)k;
  }
  free(body);
  char *answer = hear(fd);
  close(fd);
  return answer;
}
