/* The questions a handler asks its request; web.h declares them. */
#include "webui/exchange.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

const char *web_param(const struct web_request *r, const char *name)
{
  for (int i = 0; i < r->x->params.count; i++)
    if (strcmp(r->x->params.at[i].name, name) == 0) return r->x->params.at[i].value;
  return "";
}

/* Decimal digits with an optional minus and nothing else. */
static bool parse_int(const char *text, const char *name, int64_t min, int64_t max, int64_t *out,
                      struct err *err)
{
  const char *digits = *text == '-' ? text + 1 : text;
  if (!*digits || strlen(digits) > 19 || digits[strspn(digits, "0123456789")])
    return err_rule(err, ERR_INPUT, name, "type", "%s is \"%.40s\", not a whole number", name, text);
  errno = 0;
  long long v = strtoll(text, NULL, 10);
  if (errno || v < min || v > max)
    return err_rule(err, ERR_INPUT, name, "range", "%s %.20s is not within %" PRId64 " and %" PRId64, name,
                    text, min, max);
  *out = v;
  return true;
}

bool web_param_int(const struct web_request *r, const char *name, int64_t min, int64_t max, int64_t *out,
                   struct err *err)
{
  return parse_int(web_param(r, name), name, min, max, out, err);
}

const char *web_query(struct web_request *r, const char *name)
{
  return url_query_get(&r->x->query, name);
}

const char *web_query_take(struct web_request *r, const char *name)
{
  struct url_query *query = &r->x->query;
  const char *value = NULL;
  int kept = 0;
  for (int i = 0; i < query->count; i++) {
    if (strcmp(query->names[i], name) == 0) {
      value = query->values[i];
      continue;
    }
    query->names[kept] = query->names[i];
    query->values[kept++] = query->values[i];
  }
  query->count = kept;
  return value;
}

static bool among(const char *names, const char *name)
{
  size_t size = strlen(name);
  for (const char *at = names ? names : ""; *at;) {
    size_t n = strcspn(at, " ");
    if (n && n == size && memcmp(at, name, n) == 0) return true;
    at += n + strspn(at + n, " ");
  }
  return false;
}

const char *web_query_stray(const struct web_request *r, const char *everywhere)
{
  const struct url_query *query = &r->x->query;
  for (int i = 0; i < query->count; i++)
    if (!among(r->route->query, query->names[i]) && !among(everywhere, query->names[i]))
      return query->names[i];
  return NULL;
}

void web_query_all(const struct web_request *r, struct buf *out)
{
  const struct url_query *query = &r->x->query;
  for (int i = 0; i < query->count; i++) {
    if (i) put_u8(out, '&');
    url_put_escaped(out, query->names[i]);
    put_u8(out, '=');
    url_put_escaped(out, query->values[i]);
  }
}

bool web_query_int_or(struct web_request *r, const char *name, int64_t min, int64_t max, int64_t fallback,
                      int64_t *out, struct err *err)
{
  const char *text = web_query(r, name);
  if (text && *text) return parse_int(text, name, min, max, out, err);
  *out = fallback;
  return true;
}

bool web_cookie_single(const struct web_request *r, const char *name)
{
  return url_cookie_single(web_header(r, "Cookie"), name);
}

bool web_cookie(const struct web_request *r, const char *name, char *out, size_t room)
{
  return url_cookie(web_header(r, "Cookie"), name, out, room);
}

/* JSON is UTF-8; who names another charset means other bytes than we would read. */
static bool in_utf8(const char *parameters)
{
  const char *charset = strcasestr(parameters, "charset");
  if (!charset) return true;
  charset += strlen("charset");
  charset += strspn(charset, "= \t\"");
  return strncasecmp(charset, "utf-8", 5) == 0 && !charset[5 + strspn(charset + 5, "\"; \t")];
}

json_t *web_body_json(const struct web_request *r, struct err *err)
{
  static const char json[] = "application/json";
  const char *type = web_header(r, "Content-Type");
  size_t n = sizeof json - 1;
  if (!type || strncasecmp(type, json, n) != 0 || (type[n] && !strchr("; \t", type[n])) ||
      !in_utf8(type + n)) {
    err_rule(err, ERR_INPUT, "body", "content_type", "the body is \"%.80s\", not application/json in UTF-8",
             type ? type : "");
    return NULL;
  }
  return json_parse((const char *)r->body, r->body_size, err);
}

bool web_same_origin(const struct web_request *r)
{
  const char *origin = web_header(r, "Origin"), *host = web_header(r, "Host");
  const char *scheme = r->secure ? "https://" : "http://";
  if (!origin) return true;
  return host && strncasecmp(origin, scheme, strlen(scheme)) == 0 &&
         strcasecmp(origin + strlen(scheme), host) == 0;
}
