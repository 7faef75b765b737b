/* agree.h - a program's table of routes and docs/openapi.yaml, held against each other. */
#ifndef SUNLIT_TESTS_API_AGREE_H
#define SUNLIT_TESTS_API_AGREE_H

#include "site/site.h"

struct served {
  const struct web_route *own;
  size_t own_count;
  const char *site; /* "node" or "hub" */
  unsigned roles;   /* those that exist there */
};

void routes_are_described(const struct served *served);
void descriptions_are_served(const struct served *served);

#endif
