/* url.h - paths against patterns, query strings and cookies: the texts of a request, read strictly.
 *
 * Decoded text is valid UTF-8 without control characters, or it is refused: what is read here ends in SQL, in
 * JSON and on pages.  Pure; the results point into the caller's storage. */
#ifndef SUNLIT_WEBUI_URL_H
#define SUNLIT_WEBUI_URL_H

#include <stdbool.h>
#include <stddef.h>

enum { URL_PARAMS_MAX = 4, URL_VALUE_MAX = 128, URL_QUERY_MAX = 32, URL_QUERY_SIZE_MAX = 4096 };

struct url_param {
  char name[24];
  char value[URL_VALUE_MAX];
};

struct url_params {
  int count;
  struct url_param at[URL_PARAMS_MAX];
};

/* "/api/v1/prices/import/{token}.xlsx": each segment literal, or with one {name} that stands for one
 * character or more, none of them a slash.  The path is decoded already, by url_path. */
bool url_match(const char *pattern, const char *path, struct url_params *out);

enum { URL_PATH_SIZE_MAX = 1024 };

/* The path as it was sent, its escapes decoded, and otherwise untouched: nothing is tidied, because a tidied
 * path may name something else than was asked for.  False for what somebody on the way might have tidied (an
 * empty segment, "." or ".." as a segment, an escaped slash or backslash), for a bad % and for what is too
 * long or no text. */
bool url_path(char out[URL_PATH_SIZE_MAX], const char *sent);

struct url_query {
  int count;
  const char *names[URL_QUERY_MAX], *values[URL_QUERY_MAX];
  char text[URL_QUERY_SIZE_MAX];
};

/* "q=%E8%8C%B6&page=2&all": false when it is too long, has too many names, a name twice, a bad % or bad
 * UTF-8. */
bool url_query_parse(struct url_query *out, const char *text);
const char *url_query_get(const struct url_query *query, const char *name); /* NULL when absent */

struct buf;
/* As part of an address in which names, values and what follows are told apart: what means something there,
 * what nobody sees and what turns its neighbours as %XX; all else, any script, as it is. */
void url_put_escaped(struct buf *out, const char *text);

/* The value of one cookie in a Cookie header; false when it is absent or does not fit. */
bool url_cookie(const char *header, const char *name, char *out, size_t room);
/* It is not there twice with different values, as when another program at this address has set one of its
 * name. */
bool url_cookie_single(const char *header, const char *name);

/* A header that is a comma list, such as Accept-Encoding, names this token and not with q=0. */
bool url_list_has(const char *header, const char *token);

/* Text for a path or query: printable and well-formed. */
bool url_text_valid(const char *text);

#endif
