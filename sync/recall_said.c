/* What the province has said is lost: an entry that stands in the log by its hash alone since an earlier
 * rebuilding is nowhere, and nobody need wait for it again. */
#include "sync/recall_tiles.h"

#include <string.h>

static bool is_found(const struct record *record)
{
  return record->action.size == strlen(FOUND_LEAF_ACTION) &&
         memcmp(record->action.text, FOUND_LEAF_ACTION, record->action.size) == 0;
}

void recall_said_wipe(struct recall *r)
{
  lost_said_wipe(&r->said_lost);
  lost_said_wipe(&r->said_found);
}

bool recall_said_read(struct recall *r, struct err *err)
{
  struct record record;
  struct query q = query_open(r->db,
                              "SELECT record FROM ours WHERE instr(record, CAST('entry.' AS BLOB))"
                              " ORDER BY lane, seq /* scan: once a turn */",
                              err);
  recall_said_wipe(r);
  while (query_row(&q)) {
    size_t n = 0;
    const void *bytes = column_blob(&q, 0, &n);
    if (!record_decode(&record, bytes, n, NULL)) continue;
    if (is_found(&record))
      lost_said_text_of(&r->said_found, record.subject);
    else
      lost_said_add(&r->said_lost, r->province, &record);
  }
  return query_close(&q) && ((!r->said_lost.bad && !r->said_found.bad) ||
                             err_set(err, ERR_IO, "out of memory for what is lost"));
}

bool recall_is_said(struct recall *r, struct stream stream, uint64_t seq, bool *yes, struct err *err)
{
  *yes = lost_said_covers(&r->said_lost, stream, seq) && !lost_said_covers(&r->said_found, stream, seq);
  if (!*yes) return true;
  struct query q = query_open(r->db, "SELECT 1 FROM branch WHERE code = ?1 AND brought_ms <> 0 LIMIT 1", err);
  query_int(&q, 1, stream.author);
  *yes = query_row(&q);
  return query_close(&q);
}
