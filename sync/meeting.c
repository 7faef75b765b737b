#include "sync/meeting.h"

#include <string.h>

bool meeting_get(struct db *db, struct meeting *out, struct err *err)
{
  struct query q = query_open(db, "SELECT size, since_ms FROM sync_meeting WHERE id = 1", err);
  *out = (struct meeting){0};
  if (query_row(&q)) *out = (struct meeting){(uint64_t)column_int(&q, 0), column_int(&q, 1)};
  return query_close(&q);
}

bool meeting_next(struct db *db, int64_t now_ms, struct err *err)
{
  struct query q =
      query_open(db,
                 "INSERT INTO sync_meeting(id, size, since_ms) SELECT 1, newest, ?1 FROM (SELECT max(size) AS"
                 " newest FROM sync_checkpoint) WHERE newest > 0 ON CONFLICT(id) DO UPDATE SET"
                 " size = excluded.size, since_ms = excluded.since_ms WHERE excluded.size > size",
                 err);
  query_int(&q, 1, now_ms);
  return query_run(&q);
}

bool meeting_note(struct db *db, uint64_t size, struct buf *out, size_t *lines, struct err *err)
{
  struct query signed_note = query_open(db, "SELECT note FROM sync_checkpoint WHERE size = ?1", err);
  query_int(&signed_note, 1, (int64_t)size);
  bool found = query_row(&signed_note);
  if (found) put_text(out, column_text(&signed_note, 0));
  if (!query_close(&signed_note)) return false;
  if (!found)
    return err_rule(err, ERR_MISSING, "size", "not_signed", "no checkpoint of %llu entries was signed",
                    (unsigned long long)size);
  struct query q = query_open(
      db, "SELECT line FROM sync_cosignature WHERE size = ?1 ORDER BY outside DESC, name LIMIT ?2", err);
  query_int(&q, 1, (int64_t)size);
  query_int(&q, 2, QUORUM_LINES_MAX);
  for (*lines = 0; query_row(&q); ++*lines)
    put_text(out, column_text(&q, 0));
  return query_close(&q);
}

bool quorum_note(struct db *db, struct buf *out, struct tlog_state *state, struct err *err)
{
  struct query q = query_open(db,
                              "SELECT q.size, q.note, c.root FROM sync_quorum q JOIN sync_checkpoint c ON"
                              " c.size = q.size WHERE q.id = 1",
                              err);
  *state = (struct tlog_state){0};
  if (query_row(&q)) {
    size_t n = 0;
    const void *root = column_blob(&q, 2, &n);
    state->size = (uint64_t)column_int(&q, 0);
    if (n == HASH_SIZE) memcpy(state->root.bytes, root, HASH_SIZE);
    put_text(out, column_text(&q, 1));
  }
  return query_close(&q);
}

bool quorum_keep(struct db *db, uint64_t size, const struct buf *note, size_t lines, int64_t now_ms,
                 struct err *err)
{
  struct query q = query_open(
      db,
      "INSERT INTO sync_quorum(id, size, lines, note, at_ms) VALUES(1, ?1, ?2, ?3, ?4) ON CONFLICT(id)"
      " DO UPDATE SET size = excluded.size, lines = excluded.lines, note = excluded.note,"
      " at_ms = excluded.at_ms WHERE excluded.size > size OR (excluded.size = size AND excluded.lines > "
      "lines)",
      err);
  query_int(&q, 1, (int64_t)size);
  query_int(&q, 2, (int64_t)lines);
  query_textn(&q, 3, (const char *)note->data, note->size);
  query_int(&q, 4, now_ms);
  return query_run(&q);
}

bool quorum_size(struct db *db, uint64_t *size, size_t *lines, struct err *err)
{
  struct query q = query_open(db, "SELECT size, lines FROM sync_quorum WHERE id = 1", err);
  *size = 0;
  *lines = 0;
  if (query_row(&q)) {
    *size = (uint64_t)column_int(&q, 0);
    *lines = (size_t)column_int(&q, 1);
  }
  return query_close(&q);
}
