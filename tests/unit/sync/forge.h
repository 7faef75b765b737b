/* forge.h - batches no honest store would make: any changes, any stream, any place, well signed. */
#ifndef SUNLIT_TESTS_SYNC_FORGE_H
#define SUNLIT_TESTS_SYNC_FORGE_H

#include "fixture.h"

struct forgery {
  struct stream stream;
  uint32_t epoch; /* whose key signs; 0: 1 */
  uint64_t first_seq;
  uint8_t prev[HASH_SIZE];
  uint32_t schema;                       /* 0: as `like` */
  uint8_t schema_hash[SCHEMA_HASH_SIZE]; /* zeros: as `like` */
  uint64_t hlc;
  const char *actor, *action, *subject; /* NULL: of nobody honest */
};

/* What `sql` changes in an unguarded database with the fixture's tables and a few more, as a changeset. */
void forge_payload(struct buf *out, const char *sql);
/* One entry a payload, verified. */
struct batch *forge_batch(struct site *like, const struct forgery *f, const struct buf *payloads,
                          uint32_t count);
/* The same with one entry, changing what the SQL says, behind the head that `to` has of the stream. */
struct batch *forge_next(struct site *to, struct stream stream, const char *sql);

#endif
