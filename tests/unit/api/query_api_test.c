/* What stands behind the ? of an address: a parameter that a route does not read is refused by its name, and
 * a place in a list is of that list, by that filter and in that order. */
#include "hub/api.h"
#include "hub/audit_index.h"
#include "hub/audit_reads.h"
#include "hub/hub.h"
#include "node/api.h"
#include "node/node.h"
#include "rig.h"
#include "site/site.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct program_asked {
  struct rig rig;
  struct visitor admin;
  struct web_route *routes; /* the program's whole table, as run.c makes it */
  size_t count;
};

static struct hub hub;
static struct node node;
static struct program_asked province, county;

static void serve(struct program_asked *p, struct app *app, const struct web_route *own, size_t own_count)
{
  struct err err = ERR_INIT;
  rig_account(app, "admin", "admin", "a-long-password");
  rig_open(&p->rig, app, own, own_count);
  p->admin = rig_login(&p->rig, "admin", "a-long-password");
  p->routes = site_table(own, own_count, &p->count, &err);
  assert_non_null(p->routes);
}

static int open_both(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  rig_site(&hub.app, APP_HUB, PROVINCE_CODE, audit_index_migrate);
  rig_site(&node.app, APP_NODE, COUNTY, NULL);
  rig_seed(&hub.app);
  rig_carry(&hub.app, &node.app);
  assert_true(audit_reads_open(&hub.reads, &err));
  serve(&province, &hub.app, hub_routes, hub_route_count);
  serve(&county, &node.app, node_routes, node_route_count);
  return 0;
}

static int close_both(void **state)
{
  (void)state;
  free(province.routes);
  free(county.routes);
  rig_close(&province.rig);
  rig_close(&county.rig);
  audit_reads_close(hub.reads);
  rig_site_close(&hub.app);
  rig_site_close(&node.app);
  return 0;
}

/* The route's address, 1 for each of its parts that are to be filled in. */
static void address_of(const struct web_route *route, const char *query, char out[200])
{
  char path[160];
  size_t n = 0;
  for (const char *at = route->pattern; *at && n < sizeof path - 1; at++) {
    path[n++] = *at == '{' ? '1' : *at;
    if (*at == '{') at = strchr(at, '}');
  }
  path[n] = 0;
  snprintf(out, 200, "%s?%s", path, query);
}

static void refuses(struct program_asked *p, const char *path, const char *rule, const char *field)
{
  struct reply r = rig_get(&p->rig, &p->admin, path);
  if (r.status != 400 || strcmp(at_text(&r, "error.rule"), rule) != 0)
    fail_msg("%s is answered %d", path, r.status);
  assert_string_equal(at_text(&r, "error.field"), field);
  if (strcmp(rule, "unknown_parameter") == 0)
    assert_string_equal(at_text(&r, "error.params.named"), field); /* for the words of a page */
  reply_wipe(&r);
}

static void no_route_reads(struct program_asked *p, const char *query, const char *rule, const char *field)
{
  char path[200];
  int asked = 0;
  for (size_t i = 0; i < p->count; i++) {
    if (strcmp(p->routes[i].method, "GET") != 0) continue;
    address_of(&p->routes[i], query, path);
    refuses(p, path, rule, field);
    asked++;
  }
  assert_true(asked > 20);
}

static void a_parameter_that_nobody_reads_is_refused_by_its_name(void **state)
{
  (void)state;
  no_route_reads(&province, "lang=en&staet=decided", "unknown_parameter", "staet");
  no_route_reads(&county, "lang=en&staet=decided", "unknown_parameter", "staet");
  refuses(&county, "/api/v1/prices?=1", "unknown_parameter", "");
  refuses(&county, "/api/v1/prices.xlsx?after=1", "unknown_parameter", "after"); /* it has no pages */
  refused_as(rig_upload(&county.rig, &county.admin, "/api/v1/prices/import?agian=new", "text/csv", "a", 1),
             400, "unknown_parameter");
  /* A change names its account in the header alone. */
  refused_as(rig_post(&county.rig, &county.admin, "/api/v1/sync/retry?as=admin", ""), 400,
             "unknown_parameter");
}

static void who_is_nobody_is_told_that_first(void **state)
{
  static const struct visitor nobody;
  (void)state;
  refused_as(rig_get(&county.rig, &nobody, "/api/v1/prices?staet=void"), 401, "login_required");
}

static void a_language_is_one_that_there_is(void **state)
{
  (void)state;
  no_route_reads(&province, "lang=fr", "one_of", "lang");
}

static void a_branch_has_the_records_of_no_other(void **state)
{
  char path[80];
  (void)state;
  refuses(&county, "/api/v1/prices?branch=330182", "other_branch", "branch");
  refuses(&county, "/api/v1/evaluations?branch=330182", "other_branch", "branch");
  refuses(&county, "/api/v1/withheld?branch=330182", "other_branch", "branch");
  snprintf(path, sizeof path, "/api/v1/prices?branch=%d", COUNTY);
  answered(rig_get(&county.rig, &county.admin, path), 200);
}

static void next_of(struct program_asked *p, const char *path, char out[700])
{
  struct reply r = rig_get(&p->rig, &p->admin, path);
  assert_int_equal(r.status, 200);
  struct buf escaped = BUF_INIT;
  for (const char *c = at_text(&r, "next"); *c; c++)
    if (*c == ' ')
      put_text(&escaped, "%20");
    else
      put_u8(&escaped, (uint8_t)*c);
  put_u8(&escaped, 0);
  snprintf(out, 700, "%s", (const char *)escaped.data);
  buf_wipe(&escaped);
  reply_wipe(&r);
}

static void a_place_is_of_its_list_its_filter_and_its_order(void **state)
{
  static const char *const others[] = {"sort=season", "sort=name&season=now", "sort=name&q=%E8%8C%B6", ""};
  char next[700], path[900];
  (void)state;
  next_of(&county, "/api/v1/catalogue?sort=name&limit=2", next);
  snprintf(path, sizeof path, "/api/v1/catalogue?limit=7&lang=en&after=%s&q=&sort=name", next);
  answered(rig_get(&county.rig, &county.admin, path), 200); /* more at once, and what is empty is not asked */
  for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
    snprintf(path, sizeof path, "/api/v1/catalogue?after=%s&%s", next, others[i]);
    refuses(&county, path, "bookmark", "after");
  }
}

/* The figures behind a number are asked for one of them. */
static const char *needed(const struct web_route *route)
{
  return strstr(route->pattern, "behind") ? "of=price&product=1&branch=330127&" : "";
}

static void no_other_list_takes(struct program_asked *p, const char *next)
{
  char path[900];
  int asked = 0;
  for (size_t i = 0; i < p->count; i++) {
    const struct web_route *route = &p->routes[i];
    if (!route->query || !strstr(route->query, " after") || strcmp(route->pattern, "/api/v1/catalogue") == 0)
      continue;
    snprintf(path, sizeof path, "%s?%safter=%s", route->pattern, needed(route), next);
    refuses(p, path, "bookmark", "after");
    asked++;
  }
  assert_true(asked >= 4);
}

static void a_place_of_one_list_is_none_of_another(void **state)
{
  char next[700];
  (void)state;
  next_of(&county, "/api/v1/catalogue?sort=name&limit=2", next);
  no_other_list_takes(&county, next);
  no_other_list_takes(&province, next);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_parameter_that_nobody_reads_is_refused_by_its_name),
      cmocka_unit_test(who_is_nobody_is_told_that_first),
      cmocka_unit_test(a_language_is_one_that_there_is),
      cmocka_unit_test(a_branch_has_the_records_of_no_other),
      cmocka_unit_test(a_place_is_of_its_list_its_filter_and_its_order),
      cmocka_unit_test(a_place_of_one_list_is_none_of_another),
  };
  return cmocka_run_group_tests(tests, open_both, close_both);
}
