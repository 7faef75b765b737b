/* Who may ask what: every route that the two programs register is asked by everybody there is, over the real
 * web, and answers as docs/openapi.yaml says of its roles.
 *
 * The description says who may; the few routes that ask for no login are named here as well, so that a new
 * one is a decision.  Whoever may not is told 401 (nobody is logged in) or 403 (another role); of whoever may
 * only that much is held: the handler was reached. */
#include "agree.h"
#include "hub/api.h"
#include "hub/audit_index.h"
#include "hub/audit_reads.h"
#include "hub/hub.h"
#include "node/api.h"
#include "node/node.h"
#include "openapi.h"
#include "program/people.h"
#include "rig.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Open to everybody without login, at either program. */
static const char *const open_routes[] = {"GET /healthz",
                                          "GET /metrics",
                                          "GET /ca.crt",
                                          "GET /api/v1/status",
                                          "GET /api/v1/session",
                                          "POST /api/v1/login",
                                          "GET /log/checkpoint",
                                          "GET /log/checkpoint.witnessed",
                                          "GET /log/keys.txt",
                                          "GET /log/witnessed",
                                          "GET /log/witnessed/{day}/{n}",
                                          "GET /log/tile/{level}/{n}",
                                          "GET /log/tile/{level}/{x}/{n}",
                                          "GET /log/tile/{level}/{x}/{y}/{n}",
                                          "POST /witness/add-checkpoint"};

/* What an account with a one-time password may do before it has another one, besides what is open. */
static const char *const before_a_password[] = {"POST /api/v1/logout", "POST /api/v1/password"};

/* What is sent again when its answer was lost, and has no Idempotency-Key: by what it is known. */
static const char *const sent_again[] = {
    "POST /api/v1/login",                /* one session more, which its owner sees and ends */
    "POST /api/v1/logout",               /* nobody is logged in: 401 */
    "POST /api/v1/password",             /* the new one is the password already */
    "POST /api/v1/sessions/{id}/logout", /* that session is no more: 404, and the page shows those that are */
    "POST /api/v1/accounts/{name}/logout", /* nothing is left to end */
    "POST /api/v1/accounts/{name}/unlock",
    "PATCH /api/v1/accounts/{name}", /* it says what shall be so, and is so */
    "PATCH /api/v1/products/{id}",   /* by the revision that it changes (docs/decisions/0216) */
    "PATCH /api/v1/suppliers/{id}",
    "PATCH /api/v1/channels/{id}",
    "POST /api/v1/sync/retry",            /* a call to the province, which is made once a second at most */
    "POST /api/v1/sync/carry",            /* by its entries, each of which is taken once */
    "POST /api/v1/sync/aside/{id}/retry", /* where it stands by now is the answer */
    "POST /api/v1/audit/aside/{id}/retry",
    "POST /api/v1/audit/checkpoint", /* a reading, which is in the trail each time */
    "POST /witness/add-checkpoint"}; /* by the size that the witness has seen */

/* What takes the place of something that somebody else may have changed since it was looked at, and by what
 * the request says what it was (docs/decisions/0223, 0225, 0233).  In the path it is a record, which never
 * changes and is acted upon once. */
static const char *const names_what_it_replaces[] = {
    "PATCH /api/v1/accounts/{name}",                    /* seen */
    "POST /api/v1/accounts/{name}/reset",               /* password_ms */
    "POST /api/v1/password",                            /* old */
    "PATCH /api/v1/products/{id}",                      /* rev */
    "PATCH /api/v1/suppliers/{id}",                     /* rev */
    "PATCH /api/v1/channels/{id}",                      /* rev */
    "POST /api/v1/catalogue/import",                    /* a sheet's column of revisions */
    "POST /api/v1/reviews/{branch}/{id}/decision",      /* rev, talk */
    "POST /api/v1/reviews/{branch}/{id}/question",      /* the path; while none is open */
    "POST /api/v1/price-doubts/{branch}/{id}",          /* the path */
    "POST /api/v1/audit/aside/{id}/retry",              /* the path */
    "POST /api/v1/audit/aside/{id}/leave",              /* the path */
    "POST /api/v1/audit/{pos}/handled",                 /* the path */
    "POST /api/v1/audit/{pos}/withholding",             /* the path; while none is open */
    "POST /api/v1/audit/{pos}/withholding/carry-out",   /* request, with */
    "POST /api/v1/audit/{pos}/withholding/decline",     /* request */
    "POST /api/v1/invites",                             /* replaces_ms */
    "POST /api/v1/branches/{branch}/invite/withdrawal", /* expires_ms */
    "POST /api/v1/branches/{branch}/revoke",            /* epoch */
    "POST /api/v1/sync/refusals/{id}/handled",          /* the path */
    "POST /api/v1/sync/aside/{id}/retry",               /* the path */
    "POST /api/v1/sync/aside/{id}/leave",               /* the path */
    "POST /api/v1/prices",                              /* unit; replaces */
    "POST /api/v1/prices/{id}/void",                    /* the path */
    "POST /api/v1/evaluations",                         /* replaces */
    "POST /api/v1/evaluations/{id}/void",               /* the path */
    "POST /api/v1/confirmations",                       /* rev */
    "POST /api/v1/proposals",                           /* base_rev */
    "POST /api/v1/proposals/{id}/answer",               /* question */
    "POST /api/v1/proposals/{id}/withdrawal"};          /* the path */

/* What only adds something, or ends what is to end whoever has seen it as what. */
static const char *const replaces_nothing[] = {
    "POST /api/v1/login",
    "POST /api/v1/logout",
    "POST /api/v1/sessions/{id}/logout",
    "POST /api/v1/accounts", /* of a name that there is none of */
    "POST /api/v1/accounts/{name}/logout",
    "POST /api/v1/accounts/{name}/unlock",
    "POST /api/v1/products", /* each a new one */
    "POST /api/v1/suppliers",
    "POST /api/v1/channels",
    "POST /api/v1/prices/import", /* new ones; a row's unit is the sheet's */
    "POST /api/v1/sync/retry",
    "POST /api/v1/sync/carry",
    "POST /api/v1/audit/checkpoint",
    "POST /witness/add-checkpoint"};

struct program_asked {
  const char *name; /* as the description has it */
  struct app *app;
  const struct web_route *own;
  size_t own_count;
  const char *roles[3];
  struct rig rig;
  struct people *people;
  struct web_route *routes; /* the program's whole table, as run.c makes it */
  size_t count;
};

static struct hub hub;
static struct node node;
static struct program_asked province = {
    .name = "hub", .app = &hub.app, .roles = {"curator", "auditor", "admin"}};
static struct program_asked county = {
    .name = "node", .app = &node.app, .roles = {"staff", "officer", "admin"}};

static void serve(struct program_asked *p, const struct web_route *own, size_t own_count)
{
  struct err err = ERR_INIT;
  for (int i = 0; i < 3; i++)
    rig_account(p->app, p->roles[i], p->roles[i], "a-long-password");
  rig_account(p->app, "helper", "admin", "a-long-password");
  rig_account(p->app, "gone", "admin", "a-long-password");
  rig_account(p->app, "ended", "admin", "a-long-password");
  rig_account(p->app, "fresh", "admin", "");
  rig_open(&p->rig, p->app, own, own_count);
  p->routes = site_table(own, own_count, &p->count, &err);
  const struct people_config config = {.loopback_http_port = 0,
                                       .routes = p->routes,
                                       .route_count = p->count,
                                       .before = site_before,
                                       .still = site_still};
  if (!p->routes || !people_open(&p->people, &config, p->app, &err)) fail_msg("%s", err.text);
  p->rig.port = people_loopback_port(p->people);
}

static int open_both(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  rig_site(&hub.app, APP_HUB, PROVINCE_CODE, audit_index_migrate);
  rig_site(&node.app, APP_NODE, COUNTY, NULL);
  rig_seed(&hub.app);
  rig_carry(&hub.app, &node.app);
  assert_true(store_sign_log(hub.app.store, 1, &err));
  assert_true(audit_reads_open(&hub.reads, &err));
  serve(&province, hub_routes, hub_route_count);
  serve(&county, node_routes, node_route_count);
  return 0;
}

static void stop(struct program_asked *p)
{
  people_close(p->people);
  p->app->people = NULL;
  free(p->routes);
  rig_close(&p->rig);
}

static int close_both(void **state)
{
  (void)state;
  stop(&county);
  stop(&province);
  audit_reads_close(hub.reads);
  rig_site_close(&hub.app);
  rig_site_close(&node.app);
  return 0;
}

/* -- who may, by the description -- */

static bool named(const char *const *list, size_t count, const struct web_route *route)
{
  char line[160];
  snprintf(line, sizeof line, "%s %s", route->method, route->pattern);
  for (size_t i = 0; i < count; i++)
    if (strcmp(list[i], line) == 0) return true;
  return false;
}
#define NAMED(list, route) named(list, sizeof(list) / sizeof *(list), route)

/* The description's roles of that program; 0: everybody.  A route it does not have fails. */
static unsigned may(const struct program_asked *p, const struct web_route *route)
{
  char method[8] = "";
  unsigned roles = 0;
  size_t i;
  json_t *one;
  bool here = false;
  for (i = 0; route->method[i] && i < sizeof method - 1; i++)
    method[i] = (char)(route->method[i] | 0x20);
  const char *path = strncmp(route->pattern, "/api/v1/", 8) == 0 ? route->pattern + 7 : route->pattern;
  const json_t *operation =
      json_object_get(json_object_get(json_object_get(p->rig.api, "paths"), path), method);
  json_array_foreach(json_object_get(operation, "x-site"), i, one) here =
      here || strcmp(json_string_value(one), p->name) == 0;
  if (!here)
    fail_msg("%s %s is in no table of who may ask it at the %s", route->method, route->pattern, p->name);
  json_array_foreach(json_object_get(operation, "x-roles"), i, one) roles |= role_bit(json_string_value(one));
  if ((roles == 0) != NAMED(open_routes, route))
    fail_msg("%s %s is %s without login, and is not meant to be", route->method, route->pattern,
             roles ? "not open" : "open");
  return roles;
}

/* -- asking -- */

/* The pattern with something in its braces: of no row. */
static void fill(char out[200], const char *pattern)
{
  char *to = out;
  for (const char *at = pattern; *at; at++) {
    const char *word = NULL;
    if (strncmp(at, "{branch}", 8) == 0) word = "330127";
    if (strncmp(at, "{level}", 7) == 0) word = "0";
    if (strncmp(at, "{day}", 5) == 0) word = "20260101";
    if (*at == '{') {
      to += snprintf(to, 20, "%s", word ? word : "987654321");
      at = strchr(at, '}');
    } else {
      *to++ = *at;
    }
  }
  *to = 0;
}

struct told {
  int status;
  char rule[48];
};

static struct told ask(struct program_asked *p, const struct visitor *who, const char *method,
                       const char *path)
{
  struct reply r = strcmp(method, "GET") == 0 || strcmp(method, "HEAD") == 0
                       ? rig_send(&p->rig, who, method, path, "", NULL, 0)
                       : rig_change(&p->rig, who, method, path, NULL, "{}");
  struct told told = {.status = r.status};
  const char *rule = json_string_value(json_object_get(json_object_get(r.json, "error"), "rule"));
  snprintf(told.rule, sizeof told.rule, "%s", rule ? rule : "");
  reply_wipe(&r);
  return told;
}

enum answer { REACHED, LOGIN_FIRST, OTHER_ROLE, PASSWORD_FIRST };

static const struct {
  int status;
  const char *rule;
} answers[] = {[LOGIN_FIRST] = {401, "login_required"},
               [OTHER_ROLE] = {403, "role"},
               [PASSWORD_FIRST] = {403, "must_change_password"}};

static void hold(struct program_asked *p, const char *name, const struct visitor *who, const char *method,
                 const char *path, enum answer want)
{
  struct told told = ask(p, who, method, path);
  bool reached = told.status != 403 && (told.status != 401 || strcmp(told.rule, "wrong_login") == 0);
  bool ok = want == REACHED ? reached
                            : told.status == answers[want].status &&
                                  (strcmp(method, "HEAD") == 0 || strcmp(told.rule, answers[want].rule) == 0);
  if (!ok)
    fail_msg("%s: %s %s asked by %s is answered %d %s, not %s", p->name, method, path, name, told.status,
             told.rule, want == REACHED ? "by its handler" : answers[want].rule);
}

/* -- everybody -- */

struct somebody {
  const char *name;
  unsigned role; /* 0: nobody */
  bool one_time;
  struct visitor visitor;
};

static enum answer due(const struct somebody *who, const struct web_route *route, unsigned roles)
{
  if (!roles) return REACHED;
  if (!who->role) return LOGIN_FIRST;
  if (who->one_time) return NAMED(before_a_password, route) ? REACHED : PASSWORD_FIRST;
  return roles & who->role ? REACHED : OTHER_ROLE;
}

/* Those that end the session that asks are asked last. */
static bool ends_a_session(const struct web_route *route)
{
  return strcmp(route->pattern, "/api/v1/logout") == 0;
}

static void ask_all(struct program_asked *p, const struct somebody *who)
{
  char path[200];
  for (int last = 0; last < 2; last++) {
    for (size_t i = 0; i < PEOPLE_ROUTES + p->count; i++) {
      const struct web_route *route = i < PEOPLE_ROUTES ? &people_routes[i] : &p->routes[i - PEOPLE_ROUTES];
      enum answer want = due(who, route, may(p, route));
      if (ends_a_session(route) != last) continue;
      fill(path, route->pattern);
      hold(p, who->name, &who->visitor, route->method, path, want);
      if (strcmp(route->method, "GET") == 0) hold(p, who->name, &who->visitor, "HEAD", path, want);
    }
  }
}

static struct somebody logged_in(struct program_asked *p, const char *name, const char *role)
{
  bool one_time = strcmp(name, "fresh") == 0;
  struct somebody who = {.name = name, .role = role_bit(role), .one_time = one_time};
  who.visitor = rig_login(&p->rig, name, one_time ? "one-time-password" : "a-long-password");
  assert_true(*who.visitor.cookie);
  return who;
}

static void every_role(struct program_asked *p)
{
  const struct somebody nobody = {.name = "nobody"};
  ask_all(p, &nobody);
  for (int i = 0; i < 3; i++) {
    struct somebody who = logged_in(p, p->roles[i], p->roles[i]);
    ask_all(p, &who);
  }
  struct somebody fresh = logged_in(p, "fresh", "admin");
  ask_all(p, &fresh);
}

/* A session that was one: whoever shows it is nobody. */
static void ask_as_nobody(struct program_asked *p, const char *name, const char *cookie)
{
  struct somebody who = {.name = name};
  snprintf(who.visitor.cookie, sizeof who.visitor.cookie, "%s", cookie);
  ask_all(p, &who);
}

static void every_session_that_ended(struct program_asked *p)
{
  struct somebody helper = logged_in(p, "helper", "admin"), gone = logged_in(p, "gone", "admin"),
                  ended = logged_in(p, "ended", "admin");
  answered(rig_change(&p->rig, &helper.visitor, "PATCH", "/api/v1/accounts/gone", NULL,
                      rig_account_change(p->app, "gone", "\"disabled\":true")),
           200);
  answered(rig_post(&p->rig, &ended.visitor, "/api/v1/logout", "{}"), 200);
  ask_as_nobody(p, "a disabled account", gone.visitor.cookie);
  ask_as_nobody(p, "who logged out", ended.visitor.cookie);
}

/* Its cookie as it is, and its token under the name that the asked program reads, of now and of before. */
static void every_session_of(struct program_asked *p, struct program_asked *other)
{
  char cookie[160];
  struct somebody helper = logged_in(other, "helper", "admin");
  const char *token = strchr(helper.visitor.cookie, '=') + 1;
  ask_as_nobody(p, "a session of the other program", helper.visitor.cookie);
  snprintf(cookie, sizeof cookie, "sunlit-%u=%s", p->app->code, token);
  ask_as_nobody(p, "the other program's token", cookie);
  snprintf(cookie, sizeof cookie, "sunlit=%s", token);
  ask_as_nobody(p, "the other program's token in the old cookie", cookie);
}

static void what_changes_something_does_it_once_when_it_is_sent_twice(void **state)
{
  (void)state;
  const struct program_asked *both[] = {&province, &county};
  size_t known = 0;
  for (int k = 0; k < 2; k++)
    for (size_t i = 0; i < both[k]->count; i++) {
      const struct web_route *route = &both[k]->routes[i];
      bool again = NAMED(sent_again, route);
      if (strcmp(route->method, "GET") == 0) continue;
      if (again == ((route->flags & SITE_ONCE) != 0))
        fail_msg("%s %s: by what is it known when it comes again?", route->method, route->pattern);
      known += again;
    }
  assert_true(known >= sizeof sent_again / sizeof *sent_again); /* none is named that is not there */
}

static void what_replaces_something_says_what_was_seen(void **state)
{
  (void)state;
  const struct program_asked *both[] = {&province, &county};
  for (int k = 0; k < 2; k++)
    for (size_t i = 0; i < both[k]->count; i++) {
      const struct web_route *route = &both[k]->routes[i];
      if (strcmp(route->method, "GET") == 0) continue;
      if (NAMED(names_what_it_replaces, route) == NAMED(replaces_nothing, route))
        fail_msg("%s %s: what does it replace, and how does it say what was seen of that?", route->method,
                 route->pattern);
    }
}

static void every_route_of_the_province_answers_each_role_as_described(void **state)
{
  (void)state;
  every_role(&province);
}

static void every_route_of_a_branch_answers_each_role_as_described(void **state)
{
  (void)state;
  every_role(&county);
}

static void a_session_that_ended_opens_nothing(void **state)
{
  (void)state;
  every_session_that_ended(&province);
  every_session_that_ended(&county);
}

static void a_session_of_the_other_program_opens_nothing(void **state)
{
  (void)state;
  every_session_of(&province, &county);
  every_session_of(&county, &province);
}

/* The one route whose answer depends on what is asked for: the tree is everybody's, the entries are not. */
static void the_logs_entries_are_for_the_provinces_people(void **state)
{
  (void)state;
  static const char *const paths[] = {"/log/tile/entries/000", "/log/tile/entries/000.p/1",
                                      "/log/tile/entries/x001/000", "/log/tile/entries/x001/x000/000"};
  struct somebody helper = logged_in(&county, "helper", "admin"),
                  fresh = logged_in(&province, "fresh", "admin");
  for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
    hold(&province, "nobody", NULL, "GET", paths[i], LOGIN_FIRST);
    hold(&province, "a branch's administrator", &helper.visitor, "GET", paths[i], LOGIN_FIRST);
    hold(&province, "who must change a password", &fresh.visitor, "GET", paths[i], PASSWORD_FIRST);
    for (int r = 0; r < 3; r++) {
      struct somebody who = logged_in(&province, province.roles[r], province.roles[r]);
      hold(&province, who.name, &who.visitor, "GET", paths[i], REACHED);
    }
  }
}

/* -- whose record -- */

/* What changes a record of a person: % stands for the record, $ for the product. */
static const struct {
  const char *operation, *path, *body;
  const char *make, *made; /* how one is made first, and what of */
} of_a_record[] = {
    {"evaluation_add", "/api/v1/evaluations",
     "{\"replaces\":%,\"product\":$,\"quality\":1,\"price\":2,\"delivery\":3}", "/api/v1/evaluations",
     "{\"product\":$,\"quality\":5,\"price\":5,\"delivery\":5}"},
    {"evaluation_void", "/api/v1/evaluations/%/void", "{\"reason\":\"a slip\"}", "/api/v1/evaluations",
     "{\"product\":$,\"quality\":5,\"price\":5,\"delivery\":5}"},
    {"proposal_withdraw", "/api/v1/proposals/%/withdrawal", "{\"text\":\"a slip\"}", "/api/v1/proposals",
     "{\"kind\":\"delisting\",\"target\":$,\"base_rev\":1,\"reason\":\"no longer grown\"}"},
};
enum { OF_A_RECORD = sizeof of_a_record / sizeof *of_a_record };

/* The roles that x-own names; fails when the description names it of an operation that is not asked below. */
static unsigned only_own(const char *operation)
{
  unsigned roles = 0;
  const char *path, *method;
  json_t *methods, *one, *role;
  size_t i;
  json_object_foreach(json_object_get(county.rig.api, "paths"), path, methods)
  {
    json_object_foreach(methods, method, one)
    {
      const char *id = json_string_value(json_object_get(one, "operationId"));
      bool asked = false;
      for (int k = 0; k < OF_A_RECORD && id; k++)
        asked = asked || strcmp(id, of_a_record[k].operation) == 0;
      if (json_object_get(one, "x-own") && !asked) fail_msg("nobody asks %s for the record of another", id);
      if (!id || strcmp(id, operation) != 0) continue;
      json_array_foreach(json_object_get(one, "x-own"), i, role) roles |= role_bit(json_string_value(role));
    }
  }
  return roles;
}

static const char *put_numbers(char out[200], const char *pattern, int64_t record, int64_t product)
{
  char *to = out;
  for (const char *c = pattern; *c && to < out + 170; c++) {
    if (*c == '%' || *c == '$')
      to += snprintf(to, 24, "%lld", (long long)(*c == '%' ? record : product));
    else
      *to++ = *c;
  }
  *to = 0;
  return out;
}

static int64_t make_one(int kind, const struct visitor *who, int64_t product)
{
  char body[200];
  struct reply r = rig_post(&county.rig, who, of_a_record[kind].make,
                            put_numbers(body, of_a_record[kind].made, 0, product));
  assert_int_equal(r.status, 201);
  int64_t id = at_int(&r, "id");
  reply_wipe(&r);
  return id;
}

static void a_record_is_changed_by_whom_the_description_lets(void **state)
{
  (void)state;
  struct somebody who[3];
  int64_t product = rig_product(&node.app, "千岛湖鳙鱼");
  for (int r = 0; r < 3; r++)
    who[r] = logged_in(&county, county.roles[r], county.roles[r]);
  for (int kind = 0; kind < OF_A_RECORD; kind++) {
    unsigned own = only_own(of_a_record[kind].operation);
    for (int asks = 0; asks < 3; asks++) {
      for (int made = 0; made < 3; made++) {
        char path[200], body[200];
        int64_t id = make_one(kind, &who[made].visitor, product);
        struct reply r =
            rig_post(&county.rig, &who[asks].visitor, put_numbers(path, of_a_record[kind].path, id, 0),
                     put_numbers(body, of_a_record[kind].body, id, product));
        bool may_not = asks != made && own & who[asks].role;
        if (r.status != (may_not ? 403 : 201) ||
            (may_not && strcmp(at_text(&r, "error.rule"), "not_yours") != 0))
          fail_msg("%s of a record of %s by %s is answered %d", of_a_record[kind].operation,
                   county.roles[made], county.roles[asks], r.status);
        reply_wipe(&r);
      }
    }
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(what_changes_something_does_it_once_when_it_is_sent_twice),
      cmocka_unit_test(what_replaces_something_says_what_was_seen),
      cmocka_unit_test(every_route_of_the_province_answers_each_role_as_described),
      cmocka_unit_test(every_route_of_a_branch_answers_each_role_as_described),
      cmocka_unit_test(a_session_that_ended_opens_nothing),
      cmocka_unit_test(a_session_of_the_other_program_opens_nothing),
      cmocka_unit_test(a_record_is_changed_by_whom_the_description_lets),
      cmocka_unit_test(the_logs_entries_are_for_the_provinces_people),
  };
  return cmocka_run_group_tests(tests, open_both, close_both);
}
