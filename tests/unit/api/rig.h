/* rig.h - a site on a directory of its own, served by the real web over the real store, and people who call
 * it.
 *
 * Every answer is held to docs/openapi.yaml: an operation that is not described, or an answer of another
 * shape, fails the test that called.  The other end of the line is a second store in the same process; what
 * would travel is carried by hand as signed batches. */
#ifndef SUNLIT_TESTS_API_RIG_H
#define SUNLIT_TESTS_API_RIG_H

#include "core/base/json.h"
#include "program/app.h"
#include "webui/web.h"

#include <setjmp.h>
#include <stdarg.h>
/* clang-format off */
#include <cmocka.h>
/* clang-format on */

enum { COUNTY = 330127, OTHER_COUNTY = 330182 };

struct rig {
  struct app *app;
  struct web *web;
  uint16_t port; /* where requests go: the web's own; a test may name another's */
  struct web_route *routes;
  json_t *api;
};

/* A directory with keys, and the program's app open on it. */
void rig_site(struct app *app, enum app_kind kind, uint32_t code, app_migration more);
void rig_site_close(struct app *app); /* and its directory goes */
void rig_open(struct rig *rig, struct app *app, const struct web_route *own, size_t own_count);
void rig_close(struct rig *rig);

/* The seed of the catalogue, written by the hub. */
void rig_seed(struct app *hub);
/* Everything one end has and the other has not; receipts go back to a node. */
void rig_carry(struct app *hub, struct app *node);
/* An account with a password that need not be changed; pass "" to leave the one-time password to change. */
void rig_account(struct app *app, const char *name, const char *role, const char *password);
/* The first product of that name. */
int64_t rig_product(struct app *app, const char *name);
int64_t rig_count(struct app *app, const char *sql);
/* A change of an account by one who saw it as it is now; `more` are the members that say what shall be.  Both
 * are good until the next call of either. */
const char *rig_account_change(struct app *app, const char *name, const char *more);
const char *rig_account_reset(struct app *app, const char *name);

struct visitor {
  char cookie[160]; /* "sunlit=..." */
};

struct reply {
  int status;
  char head[4096];
  uint8_t *body;
  size_t size;
  json_t *json; /* NULL: no JSON */
};

void reply_wipe(struct reply *reply);
/* Headers: lines ended by CRLF, or "".  body NULL: none. */
struct reply rig_send(struct rig *rig, const struct visitor *who, const char *method, const char *path,
                      const char *headers, const void *body, size_t size);
struct reply rig_get(struct rig *rig, const struct visitor *who, const char *path);
/* JSON with all that a change needs, under a key of its own; key NULL: a fresh one. */
struct reply rig_change(struct rig *rig, const struct visitor *who, const char *method, const char *path,
                        const char *key, const char *json);
/* The same, whose body ends only after `meanwhile` has returned, which runs when it has been let in. */
struct reply rig_change_slowly(struct rig *rig, const struct visitor *who, const char *method,
                               const char *path, const char *json, void (*meanwhile)(void));
struct reply rig_post(struct rig *rig, const struct visitor *who, const char *path, const char *json);
struct reply rig_upload(struct rig *rig, const struct visitor *who, const char *path, const char *type,
                        const void *body, size_t size);
/* A workbook of one sheet, given as its XML. */
void rig_workbook(struct buf *out, const char *sheet);
struct visitor rig_login(struct rig *rig, const char *name, const char *password);

/* Members by path, "error.rule" or "items.0.name_zh"; asserts that they are there. */
const json_t *at(const struct reply *reply, const char *path);
int64_t at_int(const struct reply *reply, const char *path);
const char *at_text(const struct reply *reply, const char *path);
/* The status, and the rule of the error; wipes the reply. */
void refused_as(struct reply reply, int status, const char *rule);
/* The status alone; wipes. */
void answered(struct reply reply, int status);

#endif
