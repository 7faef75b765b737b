/* notes.h - a checkpoint by itself: the one a hub serves, or a note of its archive (docs/PROTOCOL.md 10.9).
 *
 * The log's line and every line of a witness whose key was given must verify; lines of others are counted.
 * A line that names a known key and is not that key's signature is no weak cosignature but a changed note:
 * the whole note is refused, as c2sp.org/signed-note wants it. The keys of branches, as in keys.txt, are also
 * those they witness with.  Over all notes of one run it is remembered how far each witness of the policy has
 * come: notes_quorum says how far its quorum reaches. */
#ifndef SUNLIT_VERIFY_NOTES_H
#define SUNLIT_VERIFY_NOTES_H

#include "sync/policy.h"
#include "verify/audit_log.h"

struct notes_config {
  const struct note_key *log; /* NULL: not given */
  const struct author_key *keys;
  size_t key_count;
  const struct policy *policy; /* NULL: not given */
};

struct notes;

bool notes_open(struct notes **out, const struct notes_config *config, struct err *err);
void notes_close(struct notes *notes); /* NULL is fine */
/* Does it look like a signed note?  Asked last: evidence and proofs hold one too. */
bool notes_is(const void *p, size_t n);
/* The cosignatures of a note that something else rests on: none of a known key is bad, and the policy, if one
 * was given, is met.  Prints how many witnesses there are. */
bool notes_judge(struct notes *notes, const void *p, size_t n, struct err *err);
/* The same without asking for the quorum; `met` says whether it is there. */
bool notes_weigh(struct notes *notes, const void *p, size_t n, bool *met, struct err *err);
/* Prints what it proved and what not. */
bool notes_verify(struct notes *notes, const char *where, const void *p, size_t n, struct err *err);
/* Prints up to which size the policy's quorum is met by the notes together; ERR_DENIED when by none. */
bool notes_quorum(struct notes *notes, struct err *err);

#endif
