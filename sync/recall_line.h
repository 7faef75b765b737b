/* recall_line.h - one connection from a branch while its province is being rebuilt.
 *
 * Like exchange_hub, a machine without sockets: bytes and a moment in, bytes out.  HELLO is answered with
 * RECALL; what comes then goes into the recall; when the branch has brought everything it is sent away with
 * the rule "rebuilding" until the province runs again. THREADS: the connection's. */
#ifndef SUNLIT_SYNC_RECALL_LINE_H
#define SUNLIT_SYNC_RECALL_LINE_H

#include "sync/recall.h"
#include "sync/wire.h"

struct recall_line;

struct recall_line_facts {
  bool greeted;
  uint64_t frames; /* taken */
  bool complete;
  enum exchange_end end;
  struct err why;
};

/* `guest` is copied; its epoch will be what HELLO says. */
bool recall_line_open(struct recall_line **out, struct recall *recall, const struct recall_guest *guest,
                      struct moment now, struct err *err) __attribute__((warn_unused_result));
void recall_line_close(struct recall_line *x);
void recall_line_input(struct recall_line *x, const void *p, size_t n, struct moment now);
void recall_line_tick(struct recall_line *x, struct moment now);
/* Sends the branch away. */
void recall_line_dismiss(struct recall_line *x, const char *rule, const char *text, struct moment now);
struct span recall_line_output(const struct recall_line *x);
void recall_line_sent(struct recall_line *x, size_t n, struct moment now);
int64_t recall_line_deadline(const struct recall_line *x);
bool recall_line_ended(const struct recall_line *x);
const struct recall_line_facts *recall_line_facts(struct recall_line *x);

#endif
