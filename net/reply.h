/* reply.h - the reply to an HTTP/1 question (RFC 9112), read whole and strictly, from a server that is not
 * ours.
 *
 * The counterpart of head.h for the one client in the house.  A body ends by Content-Length, by its chunks,
 * or, with neither, where the connection does; two lengths, a length and chunks, folded lines and bare line
 * ends are refused.  Pure; bytes in, facts out. */
#ifndef SUNLIT_NET_REPLY_H
#define SUNLIT_NET_REPLY_H

#include "core/base/bytes.h"

enum { REPLY_HEAD_MAX = 16 * 1024, REPLY_BODY_MAX = 64 * 1024, REPLY_TYPE_SIZE = 64 };

enum reply_verdict { REPLY_MORE, REPLY_WHOLE, REPLY_BAD };

struct reply {
  int status;
  char type[REPLY_TYPE_SIZE]; /* of Content-Type, without parameters, lower case; "" without */
  struct buf body;
  const char *why; /* REPLY_BAD */
};

/* Looks at all n bytes that have come; ended: no more will.  Fills out when the answer is whole, and then
 * only the caller has a body to wipe. */
enum reply_verdict reply_parse(struct reply *out, const uint8_t *p, size_t n, bool ended);

#endif
