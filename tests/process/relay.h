/* relay.h - a line between a node and the hub that counts its bytes and can be held shut.
 *
 * While it is shut, whoever dials is left waiting in the kernel's queue: from the node's side a line on which
 * nothing answers.  THREADS: one of its own a connection. */
#ifndef SUNLIT_TEST_RELAY_H
#define SUNLIT_TEST_RELAY_H

#include <stdint.h>

struct relay;

struct relay *relay_open(int to_port); /* shut */
void relay_release(struct relay *relay);
int relay_port(const struct relay *relay);
void relay_count(struct relay *relay, uint64_t *up, uint64_t *down); /* since the last call */

#endif
