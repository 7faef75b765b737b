/* node.h - the program of one county branch: its store, its pages, and one thread that keeps the line.
 *
 * THREADS: main (signs heads each second, waits for signals), web and front threads (net/, webui/), uplink
 * (the only one that speaks with the province).  They meet in the store and in `link`, under `app.lock`. */
#ifndef SUNLIT_NODE_H
#define SUNLIT_NODE_H

#include "program/app.h"

#include <stdatomic.h>

struct uplink;
struct policy;

enum link_state { LINK_UNKNOWN, LINK_UP, LINK_DOWN };

/* What this program knows of the line since it started; nothing of it is stored. */
struct node_link {
  enum link_state state;
  int64_t since_ms;        /* when the state began */
  int64_t last_contact_ms; /* the last answer of the province; 0 never, read from the contact log at start */
  int64_t next_try_ms;     /* 0 while connected */
  char error[48];          /* why the last try failed, a word that pages translate; "" */
  char stall[160];         /* the line is up, but one direction cannot go on, and why; "" */
  char stall_rule[48];
  int64_t certificate_until_ms; /* when the sooner of the node's two certificates ends */
};

struct node {
  struct app app;                 /* first: handlers get it */
  struct node_link link;          /* under app.lock */
  struct uplink *uplink;          /* set before the pages open */
  atomic_bool certificates_moved; /* by the uplink, for main: the pages have a new certificate */
  struct policy *watched;         /* other people's logs this branch is a witness for; NULL: none */
};

static inline struct node *node_of(struct app *app)
{
  return (struct node *)app;
}

void node_link_get(struct node *node, struct node_link *out);
/* POST sync/retry: the next try is now. */
void node_retry(struct node *node);

#endif
