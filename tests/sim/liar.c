#include "tests/sim/liar.h"

#include "sync/frame.h"
#include "sync/leaves.h"
#include "sync/log_message.h"
#include "tests/sim/dice.h"

#include <stdio.h>
#include <string.h>

static void path_of(const struct province *p, char out[200], const char *name)
{
  (void)snprintf(out, 200, "%s/%s.copy", p->folder, name);
}

void liar_remember(struct province *p)
{
  char path[200];
  path_of(p, path, "truth");
  site_backup(&p->hub, path);
}

void liar_repent(struct province *p)
{
  char path[200];
  path_of(p, path, "truth");
  site_restore(&p->hub, path, province_now(p, NULL).wall_ms);
}

static struct db *stop(struct province *p, char path[200])
{
  struct err err = ERR_INIT;
  struct db *db;
  path_of(p, path, "lie");
  site_backup(&p->hub, path);
  must(db_open(&db, path, DB_WRITE, &err), &err, "db_open");
  return db;
}

static void add_run(struct db *db, const struct record *first, int64_t first_pos, int64_t count)
{
  struct err err = ERR_INIT;
  struct query q = query_open(db,
                              "INSERT INTO sync_span(author, lane, superseded, first_seq, epoch, count,"
                              " first_pos) VALUES(?1, ?2, 0, ?3, ?4, ?5, ?6)",
                              &err);
  query_int(&q, 1, first->stream.author);
  query_int(&q, 2, first->stream.lane);
  query_int(&q, 3, (int64_t)first->seq);
  query_int(&q, 4, first->epoch);
  query_int(&q, 5, count);
  query_int(&q, 6, first_pos);
  must(query_run(&q), &err, "a run");
}

/* Which run of pos is whose, made again from the entries that are there. */
static void index_runs(struct db *db)
{
  struct err err = ERR_INIT;
  struct record first = {.epoch = 0};
  int64_t first_pos = 0;
  int64_t count = 0;
  must(db_exec(db, "DELETE FROM sync_span", &err), &err, "spans");
  struct query q = query_open(db, "SELECT record FROM sync_entry ORDER BY pos", &err);
  while (query_row(&q)) {
    size_t n = 0;
    struct record record;
    const void *bytes = column_blob(&q, 0, &n);
    must(record_decode(&record, bytes, n, &err), &err, "record_decode");
    bool goes_on = count > 0 && record.stream.author == first.stream.author &&
                   record.stream.lane == first.stream.lane && record.epoch == first.epoch &&
                   record.seq == first.seq + (uint64_t)count;
    if (!goes_on) {
      if (count > 0) add_run(db, &first, first_pos, count);
      first_pos += count;
      first = record;
      count = 0;
    }
    count++;
  }
  must(query_close(&q), &err, "records");
  if (count > 0) add_run(db, &first, first_pos, count);
}

static void go_on(struct province *p, struct db *db, const char *path)
{
  static const char forget[] = "DELETE FROM sync_tile; DELETE FROM sync_tree; DELETE FROM sync_checkpoint; "
                               "DELETE FROM sync_cosignature";
  struct err err = ERR_INIT;
  index_runs(db);
  must(db_exec(db, forget, &err), &err, "forget the tree");
  db_close(db);
  site_restore(&p->hub, path, province_now(p, NULL).wall_ms);
}

static void change(struct db *db, const char *sql, int64_t a, int64_t b)
{
  struct err err = ERR_INIT;
  struct query q = query_open(db, sql, &err);
  query_int(&q, 1, a);
  query_int(&q, 2, b);
  must(query_run(&q), &err, sql);
}

void liar_rewrite(struct province *p, int64_t pos)
{
  char path[200];
  struct err err = ERR_INIT;
  struct buf record = BUF_INIT;
  struct buf payload = BUF_INIT;
  size_t n = 0;
  struct db *db = stop(p, path);
  struct query q = query_open(db, "SELECT record, payload FROM sync_entry WHERE pos = ?1", &err);
  query_int(&q, 1, pos);
  must(query_row(&q), NULL, "an entry to rewrite");
  const void *bytes = column_blob(&q, 0, &n);
  put_bytes(&record, bytes, n);
  bytes = column_blob(&q, 1, &n);
  put_bytes(&payload, bytes, n);
  must(query_close(&q) && payload.size > 0, &err, "an entry to rewrite");
  payload.data[payload.size - 1 - dice(payload.size)] ^= (uint8_t)(1 << dice(8));
  sha256(record.data + record.size - HASH_SIZE, payload.data, payload.size); /* a record ends with it */
  q = query_open(db, "UPDATE sync_entry SET record = ?2, payload = ?3 WHERE pos = ?1", &err);
  query_int(&q, 1, pos);
  query_blob(&q, 2, record.data, record.size);
  query_blob(&q, 3, payload.data, payload.size);
  must(query_run(&q), &err, "rewrite");
  buf_wipe(&record);
  buf_wipe(&payload);
  go_on(p, db, path);
}

void liar_drop(struct province *p, int64_t pos, int64_t count)
{
  char path[200];
  struct db *db = stop(p, path);
  change(db, "DELETE FROM sync_entry WHERE pos >= ?1 AND pos < ?1 + ?2", pos, count);
  change(db, "UPDATE sync_entry SET pos = ?2 - pos - 1 WHERE pos > ?1", pos, count);
  change(db, "UPDATE sync_entry SET pos = -pos - 1 WHERE pos < 0 AND ?1 >= 0 AND ?2 > 0", pos, count);
  go_on(p, db, path);
}

void liar_swap(struct province *p, int64_t pos)
{
  char path[200];
  struct db *db = stop(p, path);
  change(db, "UPDATE sync_entry SET pos = -?2 WHERE pos = ?1", pos, pos + 2);
  change(db, "UPDATE sync_entry SET pos = ?1 WHERE pos = ?2", pos, pos + 1);
  change(db, "UPDATE sync_entry SET pos = ?1 WHERE pos = -?2", pos + 1, pos + 2);
  go_on(p, db, path);
}

/* ---- on the line ---- */

static void forge_leaves(struct province *p, const struct frame *frame, enum forgery how, uint64_t size,
                         struct buf *out)
{
  struct err err = ERR_INIT;
  struct leaves_message m;
  must(leaves_message_decode(&m, frame->body, frame->size, &err), &err, "leaves_message_decode");
  if (how == FORGE_PLACE) {
    uint64_t room = size - m.count;
    m.first_pos = (m.first_pos + 1 + dice(room)) % (room + 1);
    must(leaves_prove(p->hub.db, size, &m, &err), &err, "leaves_prove");
  } else {
    m.received_ms += chance(500) ? 1 : -86400000;
  }
  size_t mark = frame_begin(out, FRAME_LEAVES);
  leaves_message_encode(out, &m);
  frame_end(out, mark);
}

unsigned liar_forge(struct province *p, struct member *m, enum forgery how, uint64_t size)
{
  struct err err = ERR_INIT;
  struct frame_input in = {.allowed = UINT32_MAX};
  struct frame frame;
  struct buf forged = BUF_INIT;
  unsigned found = 0;
  must(frame_input_feed(&in, m->down.data, m->down.size, &err), &err, "frame_input_feed");
  while (frame_input_next(&in, &frame, &err) == 1) {
    bool proves = frame.type == FRAME_LEAVES;
    found += proves;
    if (proves && how != FORGE_SILENCE)
      forge_leaves(p, &frame, how, size, &forged);
    else if (!proves)
      frame_put(&forged, frame.type, frame.body, frame.size);
  }
  must(frame_input_lacking(&in) == 0 && !in.bad, &err, "whole frames on the line");
  buf_clear(&m->down);
  put_bytes(&m->down, forged.data, forged.size);
  buf_wipe(&forged);
  frame_input_wipe(&in);
  return found;
}
