/* http.h - one plain HTTP request on loopback, for tests that speak with a program as a browser would. */
#ifndef SUNLIT_TEST_HTTP_H
#define SUNLIT_TEST_HTTP_H

#include <stdbool.h>
#include <stddef.h>

struct http_call {
  int port;
  const char *method, *path;
  const char *cookie; /* "name=value"; NULL: none */
  const char *key;    /* Idempotency-Key; NULL: none */
  const char *body;   /* JSON; NULL: none */
  const char *type;   /* of the body; NULL: JSON */
};

struct http_answer {
  int status;       /* 0: no whole answer came */
  char cookie[160]; /* of Set-Cookie, "name=value"; "" */
  char body[65536];
};

/* False when the connection broke before a whole answer was here: whether the server did it is not known. */
bool http_do(const struct http_call *call, struct http_answer *out);

/* Logs in with a one-time password and changes it; the cookie of the session into out. */
void http_first_login(int port, const char *one_time, char *cookie, size_t room);
/* The whole number of a member of the answer's JSON object; -1 when it has none. */
long long http_number(const struct http_answer *answer, const char *member);
/* The invitation that an answer to one says is open, as the next one names what it replaces: made, or in the
 * place of the one that was named. */
void http_open_invite(const struct http_answer *answer, char replaces_ms[24]);

#endif
