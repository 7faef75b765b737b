/* hostile.h - a real hub, and branches whose keys somebody else holds.
 *
 * An entry is whatever one likes, well signed, and comes in by the real apply path.  Then everything the hub
 * does by itself is done, and everything people can look at is looked at over the real web; each must work,
 * and an honest branch must get through. */
#ifndef SUNLIT_TESTS_HOSTILE_H
#define SUNLIT_TESTS_HOSTILE_H

#include "hub/hub.h"
#include "rig.h"
#include "sync/apply.h"

enum { EVIL = 330127, HONEST = 330122, BESIDE = 330182, PRODUCT = 77, SUPPLIER = 88 };

struct hostile {
  struct hub hub;
  struct rig rig;
  struct visitor people[3]; /* curator, auditor, admin */
};

/* sealed: the province has signed entries of its own, so its rules hold; else nothing is in its log yet, as
 * if what comes next had come to a program from before there were rules. */
void hostile_open(struct hostile *h, bool sealed);
/* Divisions, a product, a supplier: entries of the province.  And prices of five more branches, BESIDE among
 * them: so many that the price rule acts. */
void hostile_seal(struct hostile *h);
void hostile_close(struct hostile *h);

/* The last two are the province's alone. */
enum {
  T_PRICE,
  T_EVALUATION,
  T_CONFIRMATION,
  T_PROPOSAL,
  T_SECURITY,
  T_SAID,
  T_AGAIN,
  T_REQUEST,
  T_ANSWER,
  T_COUNT
};

struct forged {
  int kind; /* of a changeset: 1 integer, 2 real, 3 text, 4 bytes, 5 NULL; 0: as the honest row has it */
  int64_t n;
  const void *p;
  size_t size;
};

int hostile_columns(int table);
const char *hostile_table(int table);
int hostile_column(int table, const char *name); /* asserts that there is one */
/* One inserted row that an honest branch could have written, but for one cell (column -1: none). */
void hostile_row(struct hostile *h, struct buf *payload, int table, uint32_t author, int column,
                 const struct forged *cell);

struct labels {
  const char *actor, *action, *subject;
  uint64_t hlc;   /* 0: as it should be */
  uint32_t newer; /* added to the schema number */
};
/* The next entry of that branch with this payload. */
struct apply_result hostile_send(struct hostile *h, uint32_t author, const struct buf *payload,
                                 const struct labels *labels);

void hostile_chores(struct hostile *h);               /* each must work, and leave the hub without trouble */
void hostile_look(struct hostile *h, int64_t newest); /* every GET; of the last `newest` entries each */
/* Every GET of the hub has been looked at since this was asked last: a route to come must be, too. */
void hostile_saw_every_route(void);
/* A price and a refused entry of the honest branch: the one is taken, the other told to it. */
void hostile_honest_gets_through(struct hostile *h);
void hostile_verifies(struct hostile *h);
/* As somebody else's program would, beside the hub: what no program of ours writes. */
void hostile_sql(struct hostile *h, const char *sql);
int64_t hostile_int(struct hostile *h, const char *sql);

#endif
