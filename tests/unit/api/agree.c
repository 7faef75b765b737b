#include "agree.h"

#include "openapi.h"

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

static void check_route(const json_t *paths, const struct web_route *route, const struct served *served)
{
  char method[8];
  lower(route->method, method);
  /* The public log, and what witnesses answer, is PROTOCOL.md's. */
  if (strncmp(route->pattern, "/log/", 5) == 0 || strncmp(route->pattern, "/witness/", 9) == 0) return;
  assert_true(strncmp(route->pattern, "/api/v1/", 8) == 0);
  const json_t *operation = json_object_get(json_object_get(paths, route->pattern + 7), method);
  if (!operation || !serves(operation, served->site))
    fail_msg("%s %s is served by the %s and not described", route->method, route->pattern, served->site);
  if ((roles_of(operation) & served->roles) != (route->need & served->roles))
    fail_msg("%s %s: other roles are described", route->method, route->pattern);
  bool once = json_is_true(json_object_get(operation, "x-idempotent"));
  if (once != ((route->flags & SITE_ONCE) != 0))
    fail_msg("%s %s: x-idempotent is not as served", route->method, route->pattern);
  bool changes = strcmp(route->method, "GET") != 0;
  if (changes && !route->need && strcmp(route->pattern, "/api/v1/login") != 0)
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
  free(table);
  json_decref(api);
}

static bool in_table(const struct web_route *table, size_t count, const char *method, const char *path)
{
  char name[8];
  for (size_t i = 0; i < count; i++) {
    lower(table[i].method, name);
    if (strcmp(name, method) == 0 && strcmp(table[i].pattern + 7, path) == 0) return true;
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
      if (serves(operation, served->site) && !in_table(table, count, method, path))
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
