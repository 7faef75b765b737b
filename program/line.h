/* line.h - one open link and the bytes that are on their way out of it.
 *
 * A state machine of sync/exchange offers bytes and wants to know which have left; a link sends from the
 * front of a buffer of its own.  A line copies as much as a link can take in one go, and counts what went.
 * THREADS: the connection's.  OWNERSHIP: the link is borrowed. */
#ifndef SUNLIT_PROGRAM_LINE_H
#define SUNLIT_PROGRAM_LINE_H

#include "net/link.h"
#include "sync/message.h"

enum {
  LINE_READ_MAX = 16 * 1024,
  /* what one TLS record holds */ LINE_SEND_MAX = 64 * 1024,
  LINE_KEEP = 4 * 1024
};

struct line {
  struct link *link;
  struct buf out; /* always a copy of the front of the machine's output */
  uint8_t *in;    /* LINE_READ_MAX bytes */
};

bool line_init(struct line *line, struct link *link, struct err *err);
void line_wipe(struct line *line);

/* One turn: `output` is the machine's, *sent of its bytes have left, *got bytes are in line->in. */
enum link_event line_turn(struct line *line, struct span output, size_t *sent, size_t *got,
                          int64_t deadline_ms, struct err *err);
/* Sends what is left of `output`, reading nothing, until it is out or the deadline passed. */
void line_flush(struct line *line, struct span output, int64_t deadline_ms);

#endif
