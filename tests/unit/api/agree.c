#include "agree.h"

#include "openapi.h"
#include "program/people.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
/* clang-format off */
#include <cmocka.h>
/* clang-format on */

static unsigned roles_of(const json_t *operation)
{
  size_t i;
  json_t *one;
  unsigned roles = 0;
  json_array_foreach(json_object_get(operation, "x-roles"), i, one)
  {
    unsigned bit = role_bit(json_string_value(one));
    assert_true(bit);
    roles |= bit;
  }
  return roles;
}

static bool serves(const json_t *operation, const char *site)
{
  size_t i;
  json_t *one;
  json_array_foreach(json_object_get(operation, "x-site"), i, one)
  {
    if (strcmp(json_string_value(one), site) == 0) return true;
  }
  return false;
}

static void lower(const char *method, char out[8])
{
  size_t i = 0;
  for (; method[i] && i < 7; i++)
    out[i] = (char)(method[i] | 0x20);
  out[i] = 0;
}

/* Where a route is described: under the description's server /api/v1, or as it stands. */
static const char *described_at(const char *pattern)
{
  return strncmp(pattern, "/api/v1/", 8) == 0 ? pattern + 7 : pattern;
}

/* What is not under /api/v1 says so. */
static void check_server(const json_t *item, const char *pattern)
{
  const json_t *server = json_array_get(json_object_get(item, "servers"), 0);
  const char *url = json_string_value(json_object_get(server, "url"));
  const char *want = described_at(pattern) == pattern ? "/" : NULL;
  if (want ? !url || strcmp(url, want) != 0 : url != NULL)
    fail_msg("%s is described as served under %s", pattern, url ? url : "/api/v1");
}

/* What a description names as read from the query; of a list's workbook, which names none, what the list
 * reads but for its pages. */
static bool describes(const json_t *paths, const struct web_route *route, const json_t *operation,
                      const char *name)
{
  size_t i, size = strlen(route->pattern);
  json_t *one;
  const json_t *parameters = json_object_get(operation, "parameters");
  if (!parameters && size > 5 && strcmp(route->pattern + size - 5, ".xlsx") == 0) {
    char list[120];
    if (strcmp(name, "after") == 0 || strcmp(name, "limit") == 0) return false;
    snprintf(list, sizeof list, "%.*s", (int)size - 5, route->pattern);
    parameters =
        json_object_get(json_object_get(json_object_get(paths, described_at(list)), "get"), "parameters");
  }
  json_array_foreach(parameters, i, one)
  {
    if (strcmp(json_string_value(json_object_get(one, "in")), "query") == 0 &&
        strcmp(json_string_value(json_object_get(one, "name")), name) == 0)
      return true;
  }
  return false;
}

static bool declares(const struct web_route *route, const char *name)
{
  size_t size = strlen(name);
  for (const char *at = route->query ? route->query : ""; (at = strstr(at, name)); at += size)
    if ((at == route->query || at[-1] == ' ') && (!at[size] || at[size] == ' ')) return true;
  return false;
}

/* The parameters that the program takes are those that are described. */
static void check_query(const json_t *paths, const struct web_route *route, const json_t *operation)
{
  size_t i;
  json_t *one;
  char name[40];
  for (const char *at = route->query ? route->query : ""; *at; at += strspn(at, " ")) {
    size_t n = strcspn(at, " ");
    snprintf(name, sizeof name, "%.*s", (int)n, at);
    if (n && !describes(paths, route, operation, name))
      fail_msg("%s %s reads %s, which is not described", route->method, route->pattern, name);
    at += n;
  }
  json_array_foreach(json_object_get(operation, "parameters"), i, one)
  {
    if (strcmp(json_string_value(json_object_get(one, "in")), "query") == 0 &&
        !declares(route, json_string_value(json_object_get(one, "name"))))
      fail_msg("%s %s is described with %s, which it does not read", route->method, route->pattern,
               json_string_value(json_object_get(one, "name")));
  }
}

static void check_route(const json_t *paths, const struct web_route *route, const struct served *served)
{
  char method[8];
  lower(route->method, method);
  const json_t *item = json_object_get(paths, described_at(route->pattern));
  const json_t *operation = json_object_get(item, method);
  if (!operation || !serves(operation, served->site))
    fail_msg("%s %s is served by the %s and not described", route->method, route->pattern, served->site);
  check_server(item, route->pattern);
  if ((roles_of(operation) & served->roles) != (route->need & served->roles))
    fail_msg("%s %s: other roles are described", route->method, route->pattern);
  bool once = json_is_true(json_object_get(operation, "x-idempotent"));
  if (once != ((route->flags & SITE_ONCE) != 0))
    fail_msg("%s %s: x-idempotent is not as served", route->method, route->pattern);
  check_query(paths, route, operation);
  bool changes = strcmp(route->method, "GET") != 0;
  if (changes && !route->need && !(route->flags & SITE_OPEN) && strcmp(route->pattern, "/api/v1/login") != 0)
    fail_msg("%s %s changes something and asks for no role", route->method, route->pattern);
}

void routes_are_described(const struct served *served)
{
  struct err err = ERR_INIT;
  size_t count;
  json_t *api = openapi_load();
  struct web_route *table = site_table(served->own, served->own_count, &count, &err);
  assert_non_null(table);
  for (size_t i = 0; i < count; i++)
    check_route(json_object_get(api, "paths"), &table[i], served);
  for (size_t i = 0; i < PEOPLE_ROUTES; i++)
    check_route(json_object_get(api, "paths"), &people_routes[i], served);
  free(table);
  json_decref(api);
}

static bool in_table(const struct web_route *table, size_t count, const char *method, const char *path)
{
  char name[8];
  for (size_t i = 0; i < count; i++) {
    lower(table[i].method, name);
    if (strcmp(name, method) == 0 && strcmp(described_at(table[i].pattern), path) == 0) return true;
  }
  return false;
}

void descriptions_are_served(const struct served *served)
{
  struct err err = ERR_INIT;
  size_t count;
  const char *path, *method;
  json_t *operations, *operation;
  json_t *api = openapi_load();
  struct web_route *table = site_table(served->own, served->own_count, &count, &err);
  assert_non_null(table);
  json_object_foreach(json_object_get(api, "paths"), path, operations)
  {
    json_object_foreach(operations, method, operation)
    {
      if (strcmp(method, "servers") == 0) continue;
      if (serves(operation, served->site) && !in_table(table, count, method, path) &&
          !in_table(people_routes, PEOPLE_ROUTES, method, path))
        fail_msg("%s %s is described and not served by the %s", method, path, served->site);
      for (const char *p = path; (p = strchr(p, '{')); p++) {
        char name[40], *end = strchr(p, '}');
        snprintf(name, sizeof name, "%.*s", (int)(end - p - 1), p + 1);
        size_t i;
        json_t *one;
        bool found = strstr(json_string_value(json_object_get(operation, "operationId")), "_xlsx") != NULL;
        json_array_foreach(json_object_get(operation, "parameters"), i, one)
        {
          found = found || strcmp(json_string_value(json_object_get(one, "name")), name) == 0;
        }
        if (!found) fail_msg("%s %s does not describe {%s}", method, path, name);
      }
    }
  }
  free(table);
  json_decref(api);
}
