#include "sync/origins.h"

#include "core/base/tx.h"
#include "sync/follows.h"
#include "sync/same_record.h"
#include "sync/streams.h"

#include <string.h>

/* One step back: what stood at seq, if its hash is `hash`. */
struct step {
  struct db *db;
  struct stream stream;
  uint64_t seq;
  uint8_t hash[HASH_SIZE];
  struct origin_entry is; /* when it is the one that was asked for, or stands here */
  uint8_t prev[HASH_SIZE];
  bool found;
  struct err *err;
};

static bool look_in_log(struct step *s)
{
  struct logged entry;
  struct lost_leaf leaf;
  struct buf keep = BUF_INIT;
  int64_t pos = -1;
  bool lost = false, same = false;
  if (!stream_find(s->db, s->stream, s->seq, &pos, s->err)) return false;
  if (pos < 0) return true;
  bool ok = entry_read_or_lost(s->db, pos, &entry, &keep, &leaf, &lost, s->err) &&
            follows_on(s->db, pos, lost ? leaf.leaf.bytes : entry.hash, s->hash, &same, s->err);
  buf_wipe(&keep);
  s->found = ok && same;
  if (s->found) s->is.kind = ORIGIN_HERE;
  return ok;
}

/* What is journaled again in its own place keeps the ids of its rows. */
static bool take_record(struct step *s, const struct record *record)
{
  bool stands = false;
  uint32_t epoch = 0;
  s->found = true;
  memcpy(s->prev, record->prev, HASH_SIZE);
  if (!same_record_stands(s->db, record, &stands, &epoch, s->err)) return false;
  if (stands) s->is.kind = ORIGIN_HERE;
  return true;
}

static bool look_aside(struct step *s)
{
  struct query q = query_open(s->db,
                              "SELECT coalesce(a.record, e.record), a.state = 'again', a.again_epoch,"
                              " a.again_seq, coalesce(a.pos, -1) FROM sync_aside a LEFT JOIN sync_entry e"
                              " ON e.pos = a.pos WHERE a.author = ?1 AND a.lane = ?2 AND a.seq = ?3"
                              " ORDER BY a.state = 'again' DESC, a.id",
                              s->err);
  bool ok = true;
  query_int(&q, 1, s->stream.author);
  query_int(&q, 2, s->stream.lane);
  query_int(&q, 3, (int64_t)s->seq);
  while (ok && !s->found && query_row(&q)) {
    size_t n = 0;
    struct record record;
    uint8_t hash[HASH_SIZE];
    const void *bytes = column_blob(&q, 0, &n);
    bool same = false;
    if (!bytes) continue;
    record_hash(hash, bytes, n);
    ok = follows_on(s->db, column_int(&q, 4), hash, s->hash, &same, s->err);
    if (!ok || !same) continue;
    if (column_int(&q, 1))
      s->is = (struct origin_entry){ORIGIN_AGAIN, (uint32_t)column_int(&q, 2), (uint64_t)column_int(&q, 3)};
    ok = record_decode(&record, bytes, n, s->err) && take_record(s, &record);
  }
  return query_close(&q) && ok;
}

/* What an enrolment has journaled again lies in the log of this disk as it was first. */
static bool look_superseded(struct step *s)
{
  struct query q = query_open(s->db,
                              "SELECT first_pos + ?3 - first_seq FROM sync_span WHERE author = ?1"
                              " AND lane = ?2 AND superseded = 1 AND first_seq <= ?3"
                              " AND first_seq + count > ?3",
                              s->err);
  bool ok = true;
  query_int(&q, 1, s->stream.author);
  query_int(&q, 2, s->stream.lane);
  query_int(&q, 3, (int64_t)s->seq);
  while (ok && !s->found && query_row(&q)) {
    struct logged entry;
    struct lost_leaf leaf;
    struct buf keep = BUF_INIT;
    bool lost = false, same = false;
    ok = entry_read_or_lost(s->db, column_int(&q, 0), &entry, &keep, &leaf, &lost, s->err) &&
         (lost || follows_on(s->db, column_int(&q, 0), entry.hash, s->hash, &same, s->err));
    if (ok && same) ok = take_record(s, &entry.record);
    buf_wipe(&keep);
  }
  return query_close(&q) && ok;
}

/* Of a disk that is gone its later entry says which it was. */
static bool look_noted(const struct step *s, struct origin_entry *out)
{
  struct query q =
      query_open(s->db, "SELECT id FROM journaled_again WHERE record_hash = ?1 AND branch = ?2", s->err);
  query_blob(&q, 1, s->hash, HASH_SIZE);
  query_int(&q, 2, s->stream.author);
  int64_t id = query_row(&q) ? column_int(&q, 0) : 0;
  if (id) *out = (struct origin_entry){ORIGIN_AGAIN, id_epoch(id), id_seq(id)};
  return query_close(&q);
}

bool origin_of(struct db *db, const struct record *record, uint64_t seq, struct origin_entry *out,
               struct err *err)
{
  struct step s = {.db = db, .stream = record->stream, .err = err};
  *out = (struct origin_entry){.kind = ORIGIN_UNKNOWN};
  memcpy(s.prev, record->prev, HASH_SIZE);
  for (uint64_t at = record->seq; at > seq;) {
    memcpy(s.hash, s.prev, HASH_SIZE);
    s.seq = --at;
    s.found = false;
    s.is = (struct origin_entry){.kind = ORIGIN_UNKNOWN};
    if (!look_in_log(&s)) return false;
    if (s.found) {
      *out = s.is;
      return true;
    }
    if (!look_aside(&s) || !look_superseded(&s)) return false;
    if (!s.found) return at > seq || look_noted(&s, out);
    if (at == seq) *out = s.is;
  }
  return true;
}
