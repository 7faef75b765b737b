/* invitation.h - the one line by which a branch is let in: where the province is, how to know it, and a
 * secret.
 *
 *   sunlit1/330127/10.33.0.2:7443/<64 hex: SHA-256 of the authority's certificate>/<64 hex: token>/<expiry,
 * s>
 *
 * It travels by whatever way the province trusts (on paper, by an existing messenger); whoever has it first
 * becomes the branch, once, until it expires.  The hub keeps only the SHA-256 of the token. */
#ifndef SUNLIT_PROGRAM_INVITATION_H
#define SUNLIT_PROGRAM_INVITATION_H

#include "core/base/err.h"

#include <stdint.h>

enum {
  INVITATION_TOKEN_SIZE = 32,
  INVITATION_FINGERPRINT_SIZE = 32,
  INVITATION_ADDRESS_MAX = 136,
  INVITATION_LINE_MAX = 320
};

struct invitation {
  uint32_t branch;
  char address[INVITATION_ADDRESS_MAX]; /* host:port */
  uint8_t fingerprint[INVITATION_FINGERPRINT_SIZE];
  uint8_t token[INVITATION_TOKEN_SIZE];
  int64_t expires_ms;
};

void invitation_write(const struct invitation *invitation, char out[INVITATION_LINE_MAX]);
/* Refuses another form, naming the part; the time is the caller's to compare. Blanks around are fine. */
bool invitation_read(const char *line, struct invitation *out, struct err *err);

#endif
