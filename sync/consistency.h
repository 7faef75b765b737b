/* consistency.h - two signed checkpoints of one log, and the proof that the newer continues the older, in one
 * plain file.
 *
 *   sunlit.consistency.v1
 *   older BYTES
 *   <exactly so many bytes: the signed note, as it was kept>
 *   newer BYTES
 *   <the same>
 *   proof COUNT
 *   <COUNT lines of base64: PROOF(older size, D[newer size]) of RFC 6962, section 2.1.2>
 *
 * An auditor who kept a checkpoint shows by it, without the province and years later, that nothing before it
 * was rewritten; or, when it does not verify though both notes carry the log's signature, that something was.
 * docs/PROTOCOL.md 10.8. */
#ifndef SUNLIT_SYNC_CONSISTENCY_H
#define SUNLIT_SYNC_CONSISTENCY_H

#include "sync/note.h"

enum { CONSISTENCY_SIZE_MAX = 2 * NOTE_SIZE_MAX + 64 * 64 + 128 };

struct consistency {
  const char *older, *newer; /* borrowed from the bytes that were decoded */
  size_t older_size, newer_size;
  struct merkle_proof proof;
};

void consistency_encode(struct buf *out, const struct consistency *in);
/* ERR_INPUT rule "consistency" names the part that is wrong. */
bool consistency_decode(struct consistency *out, const char *bytes, size_t size, struct err *err);
bool consistency_is(const void *bytes, size_t size);

/* Both notes are signed by this key and the newer continues the older.  ERR_REFUTED rule "log_rewritten" when
 * both are signed and it does not: that is evidence against the log. */
bool consistency_verify(const struct consistency *in, const struct note_key *log, struct checkpoint *older,
                        struct checkpoint *newer, struct err *err);

#endif
