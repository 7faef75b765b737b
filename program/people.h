/* people.h - the people's port of a program: HTTPS in front, the routes and pages behind it.
 *
 * GET /healthz, GET /metrics and GET /ca.crt are answered here, before the program's own routes, and need no
 * login. THREADS: those of the front and of the web.  OWNERSHIP: routes and app are borrowed until
 * people_close; app->people points here meanwhile. */
#ifndef SUNLIT_PROGRAM_PEOPLE_H
#define SUNLIT_PROGRAM_PEOPLE_H

#include "net/front.h"
#include "program/app.h"
#include "webui/web.h"

enum { PEOPLE_OPEN = 1 << 30 }; /* flag of a route that the program's `before` is not asked about */

/* Those three, for whoever lists what is served. */
enum { PEOPLE_ROUTES = 3 };
extern const struct web_route people_routes[PEOPLE_ROUTES];

struct people_config {
  const char *listen;     /* ADDR:PORT of HTTPS, with D/keys/people.{crt,key}; NULL: none */
  int loopback_http_port; /* plain HTTP on 127.0.0.1; -1: none; 0: the kernel chooses */
  const struct web_route *routes;
  size_t route_count;
  bool (*before)(struct web_request *request, void *app);
  bool (*still)(struct web_request *request, void *app);
};

bool people_open(struct people **out, const struct people_config *config, struct app *app, struct err *err);
/* D/keys/people.crt is another one now: who connects from here on gets it. */
bool people_renew(struct people *people, struct err *err);
void people_close(struct people *people); /* waits for running handlers */
uint16_t people_port(const struct people *people);
uint16_t people_loopback_port(const struct people *people);
void people_count(const struct people *people, struct web_counts *web, struct listener_counts *front);

#endif
