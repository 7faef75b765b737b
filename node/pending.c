#include "node/pending.h"

bool pending_look(struct db *db, const struct identity *identity, uint64_t acked, uint64_t *after,
                  struct backlog *out, struct err *err)
{
  *after = acked > identity->base_seq ? acked : identity->base_seq;
  return stream_backlog(db, (struct stream){identity->code, 0}, *after, out, err);
}
