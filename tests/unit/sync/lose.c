#include "lose.h"

#include "sync/journal.h"
#include "sync/leaf_rows.h"
#include "sync/streams.h"
#include "sync/tlog.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <string.h>

static void lose_one(struct db *db, struct stream stream, uint64_t seq)
{
  struct err err = ERR_INIT;
  struct logged entry;
  struct leaf_rows rows;
  struct buf keep = BUF_INIT;
  int64_t pos = -1;
  assert_true(stream_find(db, stream, seq, &pos, &err));
  assert_true(entry_read(db, pos, &entry, &keep, &err));
  leaf_rows_open(&rows, db, (uint64_t)pos, (uint64_t)pos + 1, &err);
  assert_true(leaf_rows_next(&rows));
  const struct lost_leaf leaf = {pos, stream, seq, entry.record.epoch, entry.received_ms, rows.hash};
  assert_true(leaf_rows_close(&rows));
  assert_true(lost_leaf_put(db, &leaf, &err));
  struct query q = query_open(db, "DELETE FROM sync_entry WHERE pos = ?1", &err);
  query_int(&q, 1, pos);
  assert_true(query_run(&q));
  buf_wipe(&keep);
}

void lose(const char *path, struct stream stream, uint64_t first_seq, uint64_t count)
{
  struct err err = ERR_INIT;
  struct db *db = NULL;
  assert_true(db_open(&db, path, DB_WRITE, &err));
  assert_true(db_begin(db, &err));
  for (uint64_t i = 0; i < count; i++)
    lose_one(db, stream, first_seq + i);
  assert_true(db_commit(db, &err));
  db_close(db);
}

static void write_one(struct journal *journal, struct db *from, int64_t pos)
{
  struct err err = ERR_INIT;
  struct logged e;
  struct lost_leaf leaf;
  struct buf keep = BUF_INIT;
  bool lost = false;
  assert_true(entry_read_or_lost(from, pos, &e, &keep, &leaf, &lost, &err));
  struct stream_state *state = journal_stream(journal, lost ? leaf.stream : e.record.stream, &err);
  assert_non_null(state);
  const struct append entry = {.record = &e.record,
                               .bytes = e.bytes,
                               .size = e.size,
                               .hash = e.hash,
                               .payload = e.payload,
                               .signature = e.is_signed ? e.signature : NULL,
                               .received_ms = e.received_ms};
  assert_true(lost ? journal_append_lost(journal, state, &leaf, &err)
                   : journal_append(journal, state, &entry, &err));
  buf_wipe(&keep);
}

void write_again(uint32_t province, const char *from, const char *to)
{
  struct err err = ERR_INIT;
  struct db *old = NULL, *new = NULL;
  struct journal journal;
  int64_t end = 0;
  assert_true(db_open(&old, from, DB_READ, &err));
  assert_true(db_open(&new, to, DB_WRITE, &err));
  assert_true(log_end(old, &end, &err));
  assert_true(db_begin(new, &err));
  journal_init(&journal, new, province);
  assert_true(journal_load(&journal, &err));
  for (int64_t pos = 0; pos < end; pos++)
    write_one(&journal, old, pos);
  assert_true(tlog_integrate(new, &err));
  assert_true(db_commit(new, &err));
  journal_wipe(&journal);
  db_close(old);
  db_close(new);
}
