/* tails.h - the kinds of items in the tails of HELLO, WELCOME and ENROLLED (sync/message.h).
 * Numbers are on the wire and never used twice. */
#ifndef SUNLIT_PROGRAM_TAILS_H
#define SUNLIT_PROGRAM_TAILS_H

enum {
  TAIL_PEOPLE_CERTIFICATE =
      1 /* ENROLLED: DER, serverAuth, for the node's TLS key and the names browsers use */
};

#endif
