/* lines.h - the sync port: one thread for each node that is connected.
 *
 * A connection's thread finds out who is there, runs that node's end of the exchange, verifies what it sends
 * and hands it to ingest, and is woken when ingest has committed or when there is something new to send.
 * Whoever shows no good certificate may only ask for enrolment.  A branch has one line: a new one cuts the
 * old, which is most often a node that lost its network without either side noticing. */
#ifndef SUNLIT_HUB_LINES_H
#define SUNLIT_HUB_LINES_H

#include "hub/hub.h"
#include "net/listener.h"
#include "sync/apply.h"

bool lines_open(struct lines **out, struct hub *hub, const char *listen, struct err *err);
/* Stops accepting and waits for the connections; ingest must still be running, for it owes them answers. */
void lines_close(struct lines *lines);
uint16_t lines_port(const struct lines *lines);

/* Ingest's answer: see ingest.h. */
void lines_answer(void *line, uint64_t ticket, const struct apply_result *result, int64_t received_ms,
                  const struct err *why);
void lines_wake(struct lines *lines);                   /* something new for all */
void lines_recheck(struct lines *lines, struct db *db); /* cuts whose certificate is no longer good */
/* While a carried file of the branch is taken nothing of it comes over a line: its lines are cut, and a new
 * one is welcomed when lines_quiet_end says so.  False: they do not end. */
bool lines_quiet(struct lines *lines, uint32_t branch);
void lines_quiet_end(struct lines *lines);
bool lines_connected(struct lines *lines, uint32_t branch);

struct lines_counts {
  struct listener_counts listener;
  uint64_t live, entries_in, entries_out, bytes_in, bytes_out, refused;
};
void lines_count(struct lines *lines, struct lines_counts *out);

#endif
