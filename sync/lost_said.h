/* lost_said.h - what the province has said of its lost leaves: an entry of its own names each run of them.
 *
 * A hole in the log that nobody speaks of would be a way to hide an entry.  So the province that was rebuilt
 * over lost leaves signs an entry for each run (action "entry.lost", subject "330127/0/100+11": stream, first
 * seq, how many), which is a leaf like any other; who reads the whole log compares.
 * OWNERSHIP: lost_said_wipe.  THREADS: pure functions. */
#ifndef SUNLIT_SYNC_LOST_SAID_H
#define SUNLIT_SYNC_LOST_SAID_H

#include "sync/lost_leaf.h"

#define LOST_LEAF_ACTION "entry.lost"
#define FOUND_LEAF_ACTION "entry.found" /* of one that turned up since */
enum { LOST_SUBJECT_SIZE = 64 };

struct lost_said {
  struct lost_run *runs;
  size_t count;
  bool bad; /* out of memory */
};

void lost_subject(char out[LOST_SUBJECT_SIZE], const struct lost_run *run);
/* Keeps a run; one that follows on the last is made one with it. */
void lost_said_put(struct lost_said *said, const struct lost_run *run);
/* Whose they are and when they came, a line for people. */
void lost_said_line(struct buf *out, const struct lost_run *run);
/* Keeps what the record says when it is such an entry of the province's. */
void lost_said_add(struct lost_said *said, uint32_t province, const struct record *record);
/* The same of the subject alone, as lost_subject writes it. */
void lost_said_text(struct lost_said *said, const char *subject);
void lost_said_text_of(struct lost_said *said, struct name subject);
bool lost_said_covers(const struct lost_said *said, struct stream stream, uint64_t seq);
void lost_said_wipe(struct lost_said *said);

#endif
