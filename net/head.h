/* head.h - the head of an HTTP/1 request, and where its body ends (RFC 9112), read more strictly than the
 * standard.
 *
 * Two parsers stand behind one another here, this one and CivetWeb's, and what they could read differently is
 * refused: two lengths, a length and chunks, folded lines, bare line ends, spaces before a colon, chunk
 * extensions, trailers, a target that is not a path.  Pure; bytes in, facts out. */
#ifndef SUNLIT_NET_HEAD_H
#define SUNLIT_NET_HEAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { HEAD_SIZE_MAX = 16 * 1024, HEAD_LINES_MAX = 60 }; /* CivetWeb keeps 64 headers */

enum head_verdict { HEAD_MORE, HEAD_WHOLE, HEAD_BAD };

struct head {
  size_t size;        /* with the empty line */
  uint64_t body_size; /* of Content-Length */
  bool chunked;
  bool expects;                  /* Expect: 100-continue */
  bool upgrades;                 /* Upgrade: websocket */
  size_t expect_at, expect_size; /* the line of the Expect header, to be left out */
  int status;                    /* HEAD_BAD: the answer's, e.g. 431 */
  const char *why;
};

/* Looks at the first n bytes of a request. */
enum head_verdict head_parse(struct head *out, const uint8_t *p, size_t n);

/* Follows a chunked body through whatever pieces it comes in. */
struct chunks {
  int state;
  int digits;
  uint64_t left;  /* of the chunk */
  uint64_t total; /* of all chunks so far */
  bool done, bad;
};

/* How many of the n bytes belong to the body; fewer than n only when it is done or bad. */
size_t chunks_follow(struct chunks *chunks, const uint8_t *p, size_t n);

#endif
