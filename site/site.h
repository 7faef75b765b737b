/* site.h - what the HTTP interfaces of node and hub have in common: who is calling, and what they may do.
 *
 * Both programs give web a table of routes; a route's `need` is the set of roles that may call it, 0 is
 * everybody without login.  site_before stands between route and handler: it finds the session, refuses the
 * wrong role and the wrong origin, records such refusals, and leaves a struct caller in request->state.
 * docs/openapi.yaml is the description; tests/unit/api holds both to it.
 * THREADS: handlers run in many; struct site_state has its own lock. */
#ifndef SUNLIT_SITE_SITE_H
#define SUNLIT_SITE_SITE_H

#include "core/domain/catalogue.h"
#include "core/domain/login.h"
#include "program/app.h"
#include "site/export_pace.h"
#include "site/gate.h"
#include "site/kept_file.h"
#include "site/pace.h"
#include "site/unwritten.h"
#include "webui/web.h"

enum role {
  ROLE_STAFF = 1u << 0,
  ROLE_OFFICER = 1u << 1,
  ROLE_CURATOR = 1u << 2,
  ROLE_AUDITOR = 1u << 3,
  ROLE_ADMIN = 1u << 4,
  ROLE_ANY = (1u << 5) - 1,
  ROLE_NODE = ROLE_STAFF | ROLE_OFFICER | ROLE_ADMIN,
  ROLE_HUB = ROLE_CURATOR | ROLE_AUDITOR | ROLE_ADMIN
};

enum site_flag {
  SITE_ONCE = WEB_FLAG_APP,              /* needs an Idempotency-Key; its first answer is its answer */
  SITE_FILE_BODY = WEB_FLAG_APP << 1,    /* the body is a file, not JSON */
  SITE_NEW_PASSWORD = WEB_FLAG_APP << 2, /* open to an account that must change its password first */
  SITE_OPEN = WEB_FLAG_APP << 3 /* asked by programs of others: no session is looked for, none needed */
};

enum { IDEMPOTENCY_KEY_MIN = 8, IDEMPOTENCY_KEY_MAX = 64 };

/* Who sent the request; account "" when nobody is logged in. */
struct caller {
  struct session session;
  char token[SESSION_TOKEN_SIZE];
  unsigned role;     /* one bit; 0 when nobody is logged in */
  const char *ended; /* nobody is: why the session of this cookie ended, "role_changed" or "password_reset";
                        or NULL */
  const char *page;  /* the account that the page says it is of, as name or name@site; NULL: it says none */
  const char *once;  /* the Idempotency-Key; NULL when the route needs none */
  int64_t whole;     /* a workbook, whose list is not paged: of at most so many rows; 0: a page */
  int64_t rows;      /* what a reading of the audit trail handed out: of a list */
  int64_t pos;       /* ... of one entry; -1: a list */
};

/* The catalogue in memory, and the gates before what costs memory. */
struct site_state;

bool site_open(struct app *app, struct err *err) __attribute__((warn_unused_result));
void site_close(struct app *app);

/* For web_config and people_config: before a body is read, and when it has come. */
bool site_before(struct web_request *request, void *app);
bool site_still(struct web_request *request, void *app);
struct caller *site_caller(const struct web_request *request);

/* Whether who calls has one of these roles and a password of their own (0: everybody), as site_before asks of
 * a route's `need`: for a route where that depends on what is asked for. */
bool site_admits(struct web_request *request, struct app *app, unsigned need, struct err *err);

/* A body may be long on its way, and its turn to write too: whether who was admitted would be now, by the
 * transaction that writes. ERR_DENIED "login_required" or "role_changed". */
bool site_still_admits(const struct web_request *request, struct app *app, struct db *db, struct err *err);

unsigned role_bit(const char *name); /* 0: unknown */

/* The catalogue as the database has it now: borrowed until given back. */
bool site_catalogue(struct app *app, struct db *db, const struct catalogue **out, struct err *err);
void site_catalogue_give(struct app *app, const struct catalogue *catalogue);

/* Files made for one account. */
struct kept_files *site_files(struct app *app);

/* One of few places to hash a password in (64 MiB and a processor each), and one to make or read a workbook
 * in (site/gate.h). */
struct gate *site_hashing(struct app *app);
struct gate *site_sheets(struct app *app);
/* One place for a file of entries, a bundle of evidence or one for a stick: held until it is handed over. */
struct gate *site_bundles(struct app *app);
/* What one account may write: every change is a signed entry for good, at every site that gets it.  Two
 * hundred at once is more than anybody types, and the records of a day without the node come in one go; then
 * one in ten seconds.  A sheet is one. */
enum { WRITES_AT_A_TIME = 200, WRITES_MAX = 1000000, WRITE_EVERY_MS = 10 * 1000 };
struct pace *site_writes(struct app *app);
struct export_pace *site_exports(struct app *app);

/* What of a login and of refusals is kept in memory while the database cannot be written. */
struct unwritten *site_unwritten(struct app *app);
/* Why nothing can be saved now, by whatever reason; rule "" when it can. */
void site_trouble(struct app *app, struct trouble *out);
/* That, or else what a person should see to although everything can be saved: a wrong clock. */
void site_attention(struct app *app, struct trouble *out);
/* Once a second: writes down what waited in memory, when writing works again. */
void site_beat(struct app *app);

/* Records a refusal as a security event; what cannot be written now is kept in memory until it can. */
void site_record(struct app *app, const struct web_request *request, const char *kind, const char *detail);
/* "POST /api/v1/prices", for the detail of such a record. */
enum { SITE_REQUEST_SIZE = 160 };

/* How long one answer may keep asking on a read connection, and one file; a page has given up long before. */
enum { SITE_PATIENCE_MS = 30 * 1000, SITE_FILE_PATIENCE_MS = 120 * 1000 };
void site_describe_request(const struct web_request *request, char out[SITE_REQUEST_SIZE]);

/* The name of a cookie of this site: cookies know no ports, and sites may share a host, so its code is in
 * it.  With the __Host- prefix where the connection is HTTPS.  what: "" for the session, "-device". */
enum { SITE_COOKIE_SIZE = 48 };
void site_cookie(const struct app *app, const struct web_request *request, const char *what,
                 char out[SITE_COOKIE_SIZE]);

extern const struct web_route site_routes[]; /* those both programs serve */
extern const size_t site_route_count;

/* One table of the common routes and the program's own; free() it after the web is closed. */
struct web_route *site_table(const struct web_route *own, size_t own_count, size_t *count, struct err *err);

#endif
