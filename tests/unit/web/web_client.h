/* web_client.h - a client of the tests: requests as they are on the line, to a web on 127.0.0.1. */
#ifndef SUNLIT_TESTS_WEB_CLIENT_H
#define SUNLIT_TESTS_WEB_CLIENT_H

#include <stddef.h>
#include <stdint.h>

/* Where the client's connections go from now on. */
void web_client_to(uint16_t port);

/* A connection whose own address is source (127.x.y.z). */
int dial(const char *source);

void say(int fd, const char *text);

/* The head and as much of the body as Content-Length says; valid until the next call. */
char *hear(int fd);

/* head is the request line and headers beside Host, without the last line's end. */
char *ask_from(const char *source, const char *head, const char *body);
char *ask(const char *head);

/* Sends a head and then n bytes as fast as they go; the answer. */
char *pour(const char *head, size_t n);

int status_of(const char *answer);
const char *body_of(const char *answer);

#endif
