/* hub.h - the program of the province: many lines in, one ingest, the catalogue out.
 *
 * THREADS: main (waits for signals), web and front threads, one per line from a node (lines.h), ingest (the
 * only one that applies what branches send), steward (signs, cuts off, counts witnesses), chores
 * (evaluates, refuses, archives, cleans up), outside (asks other people's witnesses).  They meet in the store
 * and in bounded queues; docs/ARCHITECTURE.md says what each may touch. */
#ifndef SUNLIT_HUB_H
#define SUNLIT_HUB_H

#include "hub/quorum.h"
#include "net/cert_authority.h"
#include "net/tls.h"
#include "program/app.h"
#include "program/bell.h"
#include "program/invitation.h"

struct lines;
struct ingest;
struct steward;
struct chores;
struct board;
struct audit_reads;
struct outside;
struct hearing;
struct branch_pace;

struct hub {
  struct app app;                       /* first: handlers get it */
  struct cert_authority *authority;     /* issues what nodes enrol with */
  struct buf authority_der;             /* its certificate */
  char address[INVITATION_ADDRESS_MAX]; /* host:port that invitations name */
  struct board *board;
  struct ingest *ingest;
  struct lines *lines;
  struct bell news; /* something was committed; the steward listens */
  struct steward *steward;
  struct chores *chores;
  struct audit_reads *reads; /* who reads the trail */
  struct quorum quorum;
  uint64_t run;             /* names this run of the program to branches */
  struct hearing *hearing;  /* who calls */
  struct branch_pace *pace; /* how much of each is taken */
  struct outside *outside;  /* NULL: no witness outside is asked */
};

static inline struct hub *hub_of(struct app *app)
{
  return (struct hub *)app;
}

/* Is the branch's line open at this moment? */
bool hub_connected(struct hub *hub, uint32_t branch);

#endif
