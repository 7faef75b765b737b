#include "sync/recall_tiles.h"

#include "core/base/limits.h"

#include <stdio.h>
#include <string.h>

bool tiles_tables(struct db *gathered, struct err *err)
{
  return db_exec(
      gathered,
      /* Lists of tile hashes in pieces of TILES_HASHES_MAX; honest ones are the same bytes. */
      "CREATE TABLE IF NOT EXISTS list(source INTEGER NOT NULL, piece INTEGER NOT NULL, count INTEGER NOT "
      "NULL,"
      " digest BLOB NOT NULL, PRIMARY KEY(source, piece)) STRICT, WITHOUT ROWID;"
      "CREATE TABLE IF NOT EXISTS hashes(digest BLOB PRIMARY KEY, bytes BLOB NOT NULL) STRICT;"
      /* What leaves of a tile are, packed; and who says so. */
      "CREATE TABLE IF NOT EXISTS tile(n INTEGER NOT NULL, digest BLOB NOT NULL, leaves BLOB NOT NULL,"
      " PRIMARY KEY(n, digest)) STRICT;"
      "CREATE TABLE IF NOT EXISTS tile_of(source INTEGER NOT NULL, n INTEGER NOT NULL, digest BLOB NOT NULL,"
      " PRIMARY KEY(source, n)) STRICT, WITHOUT ROWID;"
      "CREATE INDEX IF NOT EXISTS tile_of_n ON tile_of(n, digest);"
      /* Where authors were proved to have their entries. */
      "CREATE TABLE IF NOT EXISTS place(source INTEGER NOT NULL, first_seq INTEGER NOT NULL,"
      " count INTEGER NOT NULL, first_pos INTEGER NOT NULL, received_ms INTEGER NOT NULL,"
      " last_signed INTEGER NOT NULL, PRIMARY KEY(source, first_seq)) STRICT, WITHOUT ROWID;"
      "CREATE INDEX IF NOT EXISTS place_pos ON place(first_pos);"
      /* Tiles of which every entry is here, under the hash they have in the log. */
      "CREATE TABLE IF NOT EXISTS filled(n INTEGER PRIMARY KEY, hash BLOB NOT NULL) STRICT;",
      err);
}

bool tiles_clear(struct db *gathered, struct err *err)
{
  return db_exec(
      gathered,
      "DELETE FROM list; DELETE FROM hashes; DELETE FROM tile; DELETE FROM tile_of; DELETE FROM place;"
      "DELETE FROM filled;",
      err);
}

bool tiles_leave_out(struct recall *r, uint32_t source, struct err *err)
{
  static const char *const steps[] = {
      "DELETE FROM list WHERE source = ?1",
      "DELETE FROM tile_of WHERE source = ?1",
      "DELETE FROM place WHERE source = ?1",
      "DELETE FROM filled WHERE ?1 <> 0 /* scan: once, when people leave somebody out */",
      "DELETE FROM hashes WHERE ?1 <> 0 AND digest NOT IN (SELECT digest FROM list) /* scan: as before */",
      ("DELETE FROM tile WHERE ?1 <> 0 AND NOT EXISTS (SELECT 1 FROM tile_of AS o WHERE o.n = tile.n"
       " AND o.digest = tile.digest) /* scan: as before */")};
  bool ok = true;
  r->plan_known = false;
  r->look_news = true;
  for (size_t i = 0; ok && i < sizeof steps / sizeof *steps; i++) {
    struct query q = query_open(r->db, steps[i], err);
    query_int(&q, 1, source);
    ok = query_run(&q);
  }
  return ok;
}

/* ---- what a source need not bring ---- */

static bool first_of(struct recall *r, const char *sql, uint32_t source, uint64_t least, uint64_t *out,
                     struct err *err)
{
  struct query q = query_open(r->db, sql, err);
  query_int(&q, 1, source);
  *out = query_row(&q) && !column_null(&q, 0) ? (uint64_t)column_int(&q, 0) : 0;
  if (*out < least) *out = least;
  return query_close(&q);
}

/* The last piece of a list may have become longer, and the open tile too. */
bool tiles_have(struct recall *r, uint32_t source, struct recall_marks *have, struct err *err)
{
  const uint64_t tile = r->have / TILE_WIDTH;
  have->keeps = true;
  return first_of(r, "SELECT max(piece) * 128 FROM list WHERE source = ?1", source,
                  tile - tile % TILES_HASHES_MAX, &have->hashes, err) &&
         first_of(r, "SELECT max(n) * 256 FROM tile_of WHERE source = ?1", source, tile * TILE_WIDTH,
                  &have->leaves, err) &&
         first_of(r, "SELECT max(first_seq) FROM place WHERE source = ?1", source, 1, &have->places, err);
}

/* ---- taking ---- */

struct taking {
  struct recall *r;
  uint32_t source;
  uint64_t limit; /* leaves of the largest checkpoint shown: what lies behind it is of no use */
  struct tiles *m;
  struct err *err;
};

static bool keep_bytes(struct taking *t, const char *sql, int64_t n, const uint8_t digest[HASH_SIZE],
                       const void *bytes, size_t size)
{
  struct query q = query_open(t->r->db, sql, t->err);
  query_int(&q, 1, n);
  query_blob(&q, 2, digest, HASH_SIZE);
  query_blob(&q, 3, bytes, size);
  if (!query_run(&q)) return false;
  if (db_changes(t->r->db)) t->r->kept += size + HASH_SIZE;
  return true;
}

static bool take_hashes(struct taking *t)
{
  uint8_t digest[HASH_SIZE];
  const struct tiles *m = t->m;
  const uint64_t first = m->from / TILE_WIDTH, full = t->limit / TILE_WIDTH;
  if (first % TILES_HASHES_MAX || first >= full) return true;
  const uint64_t count = m->count < full - first ? m->count : full - first;
  const size_t size = (size_t)count * HASH_SIZE;
  sha256(digest, m->hashes, size);
  if (!keep_bytes(t, "INSERT INTO hashes(digest, bytes) SELECT ?2, ?3 WHERE ?1 >= 0 ON CONFLICT DO NOTHING",
                  0, digest, m->hashes, size))
    return false;
  struct query q =
      query_open(t->r->db, "REPLACE INTO list(source, piece, count, digest) VALUES(?1, ?2, ?3, ?4)", t->err);
  query_int(&q, 1, t->source);
  query_int(&q, 2, (int64_t)(first / TILES_HASHES_MAX));
  query_int(&q, 3, (int64_t)count);
  query_blob(&q, 4, digest, HASH_SIZE);
  return query_run(&q);
}

/* Only the province can have sealed it, and its place is in its record. */
static bool take_entries(struct taking *t)
{
  struct mirror_entry entry;
  struct record record;
  bool ok = true;
  while (ok && mirror_entries_next(&t->m->entries, &entry)) {
    ok = record_decode(&record, entry.record, entry.record_size, t->err);
    if (ok && record.stream.author == t->r->province && record.stream.lane != 0)
      ok = ours_add_sealed(t->r, t->source, &entry, &record, t->err);
  }
  return ok;
}

static bool take_leaves(struct taking *t)
{
  struct buf packed = BUF_INIT;
  uint8_t digest[HASH_SIZE];
  const uint64_t n = t->m->from / TILE_WIDTH;
  if (t->m->from % TILE_WIDTH || t->m->from >= t->limit) return true;
  keep_leaves_encode(&packed, &t->m->leaves);
  sha256(digest, packed.data, packed.size);
  bool ok = !packed.bad || err_set(t->err, ERR_IO, "out of memory for a tile");
  ok = ok && keep_bytes(t, "INSERT INTO tile(n, digest, leaves) VALUES(?1, ?2, ?3) ON CONFLICT DO NOTHING",
                        (int64_t)n, digest, packed.data, packed.size);
  buf_wipe(&packed);
  if (!ok) return false;
  struct query q = query_open(t->r->db, "REPLACE INTO tile_of(source, n, digest) VALUES(?1, ?2, ?3)", t->err);
  query_int(&q, 1, t->source);
  query_int(&q, 2, (int64_t)n);
  query_blob(&q, 3, digest, HASH_SIZE);
  return query_run(&q) && take_entries(t);
}

/* Does it stand with the place of the same source before or behind it?  A log has the entries of a stream one
 * after the other, so of one source a leaf has one place, and a further one is not so. */
static bool place_fits(struct taking *t, const struct keep_place *place, bool *fits)
{
  struct query q = query_open(
      t->r->db,
      "SELECT EXISTS(SELECT 1 FROM (SELECT * FROM place WHERE source = ?1 AND first_seq < ?2 ORDER BY"
      " first_seq DESC LIMIT 1) WHERE first_seq + count > ?2 OR ?4 - first_pos < ?2 - first_seq) OR"
      " EXISTS(SELECT 1 FROM (SELECT * FROM place WHERE source = ?1 AND first_seq > ?2 ORDER BY first_seq"
      " LIMIT 1) WHERE ?2 + ?3 > first_seq OR first_pos - ?4 < first_seq - ?2) /* scan: of one row each */",
      t->err);
  query_int(&q, 1, t->source);
  query_int(&q, 2, (int64_t)place->first_seq);
  query_int(&q, 3, (int64_t)place->count);
  query_int(&q, 4, (int64_t)place->first_pos);
  *fits = query_row(&q) && !column_int(&q, 0);
  return query_close(&q);
}

static bool take_place(struct taking *t, const struct keep_place *place)
{
  bool fits = false;
  char why[160];
  if (place->count > BATCH_ENTRIES_MAX || place->first_pos >= t->limit) return true;
  if (!place_fits(t, place, &fits)) return false;
  if (!fits) {
    (void)snprintf(why, sizeof why,
                   "its places cannot all be so: entries %llu.. at the leaves %llu.. and others of its own",
                   (unsigned long long)place->first_seq, (unsigned long long)place->first_pos);
    return recall_blame(t->r, t->source, false, why, t->err);
  }
  struct query q =
      query_open(t->r->db,
                 "INSERT INTO place(source, first_seq, count, first_pos, received_ms, last_signed)"
                 " VALUES(?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT DO UPDATE SET count = excluded.count,"
                 " first_pos = excluded.first_pos, received_ms = excluded.received_ms,"
                 " last_signed = excluded.last_signed WHERE (count, first_pos, received_ms, last_signed)"
                 " <> (excluded.count, excluded.first_pos, excluded.received_ms, excluded.last_signed)",
                 t->err);
  query_int(&q, 1, t->source);
  query_int(&q, 2, (int64_t)place->first_seq);
  query_int(&q, 3, (int64_t)place->count);
  query_int(&q, 4, (int64_t)place->first_pos);
  query_int(&q, 5, place->received_ms);
  query_int(&q, 6, place->last_signed);
  if (!query_run(&q)) return false;
  if (db_changes(t->r->db)) t->r->kept += sizeof *place;
  return true;
}

static bool take(struct taking *t)
{
  bool ok = true;
  switch (t->m->kind) {
  case TILES_HASHES: return take_hashes(t);
  case TILES_LEAVES: return take_leaves(t);
  default:
    for (unsigned i = 0; ok && i < t->m->count; i++)
      ok = take_place(t, &t->m->places[i]);
    return ok;
  }
}

bool recall_take_tiles(struct recall *r, uint32_t source, struct tiles *m, struct err *err)
{
  struct taking t = {.r = r, .source = source, .m = m, .err = err};
  if (!recall_begin(r, err)) return false;
  r->plan_news = r->look_news = true;
  return recall_end(r, recall_limit(r, &t.limit, err) && take(&t) && recall_spend(r, source, err), err);
}

/* ---- lists ---- */

bool tiles_hash_of(struct recall *r, uint32_t source, uint64_t tile, struct merkle_hash *out, bool *found,
                   struct err *err)
{
  struct query q =
      query_open(r->db,
                 "SELECT substr(h.bytes, 1 + 32 * ?3, 32) FROM list JOIN hashes AS h USING(digest)"
                 " WHERE source = ?1 AND piece = ?2",
                 err);
  query_int(&q, 1, source);
  query_int(&q, 2, (int64_t)(tile / TILES_HASHES_MAX));
  query_int(&q, 3, (int64_t)(tile % TILES_HASHES_MAX));
  size_t n = 0;
  const void *bytes = query_row(&q) ? column_blob(&q, 0, &n) : NULL;
  *found = n == HASH_SIZE;
  if (*found) memcpy(out->bytes, bytes, n);
  return query_close(&q);
}
