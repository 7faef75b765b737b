/* talk.h - one connection of the people's port: requests up to CivetWeb, answers down, until somebody ends
 * it.
 *
 *   client -> [up: up to one head] -> followed and cleared -> CivetWeb
 *   client <- [down]               <-                         CivetWeb
 *
 * Nothing goes up before its head was whole and sound; then the head goes without its Expect line, and of the
 * body exactly what the head announced.  The backend is dialled at the first sound head.  What is wrong is
 * answered from here in our own few words, and the connection ends after that answer. THREADS: the
 * connection's own. */
#ifndef SUNLIT_NET_TALK_H
#define SUNLIT_NET_TALK_H

#include "net/link.h"
#include "net/source.h"

struct talk_config {
  struct sources *sources;
  uint16_t (*backend)(void *ctx); /* CivetWeb's port on 127.0.0.1; 0: not there yet */
  bool (*stopping)(void *ctx);
  bool (*crowded)(void *ctx); /* others wait for a place: a quiet connection gives its own soon */
  void *ctx;
  int head_ms, idle_ms, stall_ms;
};

/* Returns when the conversation has ended; the link is the caller's to close. */
void talk_run(struct link *link, const struct talk_config *config);

#endif
