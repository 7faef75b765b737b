/* address.h - "host:port" texts, and TCP sockets made from them.  Sockets are non-blocking and close on exec.
 */
#ifndef SUNLIT_NET_ADDRESS_H
#define SUNLIT_NET_ADDRESS_H

#include "core/base/err.h"

#include <stdint.h>
#include <sys/socket.h>

enum {
  ADDRESS_TEXT_SIZE = 46,
  ADDRESS_HOST_MAX = 256
}; /* "10.33.1.27" or IPv6; a DNS name has at most 253 */

struct address {
  char host[ADDRESS_HOST_MAX]; /* without brackets */
  uint16_t port;
};

/* "host:port", "1.2.3.4:443", "[::1]:443"; everything else is refused. */
bool address_parse(struct address *out, const char *text, struct err *err)
    __attribute__((warn_unused_result));

/* The address of a peer without its port; an IPv4 address in IPv6 clothes is written as IPv4. */
void address_text(char out[ADDRESS_TEXT_SIZE], const struct sockaddr_storage *from);
/* What limits per peer count by: the IPv4 address, or the /64 an IPv6 host may choose its address in. */
uint64_t address_key(const struct sockaddr_storage *from);
bool address_is_loopback(const struct sockaddr_storage *from);

/* Listens; *port is the port the kernel chose when 0 was asked for. */
bool address_listen(const char *text, bool loopback_only, int *fd, uint16_t *port, struct err *err)
    __attribute__((warn_unused_result));
/* Connects before the deadline, trying each address of the name.  Looking the name up has no longer, whatever
 * resolv.conf says: a resolver that does not answer is left behind, with a thread.  Numeric addresses look
 * nothing up.  ERR_IO rule "dns", "refused" or "no_answer". */
bool address_dial(const char *text, int64_t deadline_ms, int *fd, struct err *err)
    __attribute__((warn_unused_result));
/* No delay for small writes; a peer that vanished is noticed within about two minutes. */
void address_tune(int fd);

/* Milliseconds for poll() until a deadline of clock_mono_ms, 0 when it has passed. */
int address_wait_ms(int64_t deadline_ms);

#endif
