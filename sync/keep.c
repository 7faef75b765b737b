#include "sync/keep.h"

#include "sync/keep_prove.h"
#include "sync/withholding.h"

#include <stdlib.h>
#include <string.h>

/* ---- what is there ---- */

bool keep_through(struct db *db, uint64_t *pos, struct err *err)
{
  int64_t through = 0;
  if (!db_int(db, "SELECT n * 256 + width FROM sync_keep_tile ORDER BY n DESC LIMIT 1", 0, &through, err))
    return false;
  *pos = (uint64_t)through;
  return true;
}

bool keep_keepers_id(struct db *db, uint8_t out[KEEPERS_ID_SIZE], struct err *err)
{
  struct query q = query_open(db, "SELECT keepers FROM sync_keeping WHERE id = 1", err);
  size_t n = 0;
  memset(out, 0, KEEPERS_ID_SIZE);
  if (query_row(&q)) {
    const void *bytes = column_blob(&q, 0, &n);
    keepers_id(out, bytes, n);
  }
  return query_close(&q);
}

/* The leaves that are kept of a tile; *width 0: the tile is not known. */
static bool read_tile(struct db *db, uint64_t n, struct keep_leaves *leaves, unsigned *width,
                      struct merkle_hash *hash, struct err *err)
{
  struct query q = query_open(db, "SELECT width, hash, leaves FROM sync_keep_tile WHERE n = ?1", err);
  query_int(&q, 1, (int64_t)n);
  *width = 0;
  leaves->count = 0;
  bool ok = true;
  if (query_row(&q)) {
    size_t size = 0, hash_size = 0;
    *width = (unsigned)column_int(&q, 0);
    const void *bytes = column_blob(&q, 1, &hash_size);
    if (hash_size == HASH_SIZE) memcpy(hash->bytes, bytes, HASH_SIZE);
    bytes = column_blob(&q, 2, &size);
    struct reader r = reader_of(bytes, size);
    if (size) keep_leaves_get(&r, leaves);
    ok = !size || reader_done(&r);
  }
  if (!query_close(&q)) return false;
  return ok || err_set(err, ERR_CORRUPT, "what is kept of tile %llu does not decode", (unsigned long long)n);
}

static bool write_tile(struct db *db, uint64_t n, const struct keep_leaves *leaves, unsigned width,
                       const struct merkle_hash *hash, struct err *err)
{
  struct buf packed = BUF_INIT;
  if (leaves->count) keep_leaves_encode(&packed, leaves);
  struct query q = query_open(
      db, "REPLACE INTO sync_keep_tile(n, width, hash, have, leaves) VALUES(?1, ?2, ?3, ?4, ?5)", err);
  query_int(&q, 1, (int64_t)n);
  query_int(&q, 2, width);
  if (width == TILE_WIDTH) query_blob(&q, 3, hash->bytes, HASH_SIZE);
  query_int(&q, 4, leaves->count);
  if (leaves->count) query_blob(&q, 5, packed.data, packed.size);
  bool ok = query_run(&q) && (!packed.bad || err_set(err, ERR_IO, "out of memory for a part of the log"));
  buf_wipe(&packed);
  return ok;
}

/* ---- taking ---- */

static bool mark(struct db *db, uint32_t lane, uint64_t seq, uint64_t pos, struct err *err)
{
  struct query q =
      query_open(db,
                 "INSERT INTO sync_keep_lane(lane, seq, pos) VALUES(?1, ?2, ?3) ON CONFLICT DO UPDATE"
                 " SET seq = excluded.seq, pos = excluded.pos WHERE excluded.seq > seq",
                 err);
  query_int(&q, 1, lane);
  query_int(&q, 2, (int64_t)seq);
  query_int(&q, 3, (int64_t)pos);
  return query_run(&q);
}

static bool take_hashes(struct db *db, uint32_t branch, const struct tiles *m, struct err *err)
{
  static const struct keep_leaves none;
  uint64_t through = 0;
  if (!keep_through(db, &through, err)) return false;
  if (m->from != through) return true;
  bool ok = true;
  for (unsigned i = 0; ok && i < m->count; i++) {
    struct merkle_hash hash;
    memcpy(hash.bytes, m->hashes + (size_t)i * HASH_SIZE, HASH_SIZE);
    ok = write_tile(db, m->from / TILE_WIDTH + i, &none, TILE_WIDTH, &hash, err);
  }
  const uint64_t last = m->from + (uint64_t)m->count * TILE_WIDTH - 1;
  return ok && (!m->shared || mark(db, 0, m->shared, last, err)) &&
         (!m->directed || mark(db, branch, m->directed, last, err));
}

/* What an act withholds is not kept, not even sealed: the act may have come first. */
static bool take_entry(struct db *db, const struct mirror_entry *entry, struct err *err)
{
  struct record record;
  bool withheld = false;
  if (!record_decode(&record, entry->record, entry->record_size, err) ||
      !withholding_any(db, record.stream, record.seq, record.seq, &withheld, err))
    return false;
  struct query q = query_open(
      db, "REPLACE INTO sync_keep_entry(pos, lane, seq, record, sealed) VALUES(?1, ?2, ?3, ?4, ?5)", err);
  query_int(&q, 1, (int64_t)entry->pos);
  query_int(&q, 2, record.stream.lane);
  query_int(&q, 3, (int64_t)record.seq);
  query_blob(&q, 4, entry->record, entry->record_size);
  if (entry->sealed && !withheld) query_blob(&q, 5, entry->sealed, entry->sealed_size);
  return query_run(&q);
}

static bool mark_lane(struct db *db, uint32_t branch, uint32_t province, const struct tiles *m,
                      struct err *err)
{
  bool ok = true;
  for (unsigned i = 0; ok && i < m->leaves.count; i++) {
    const struct keep_leaf *leaf = &m->leaves.of[i];
    if (leaf->stream.author != province || (leaf->stream.lane != 0 && leaf->stream.lane != branch)) continue;
    ok = mark(db, leaf->stream.lane, leaf->seq, m->from + i, err);
  }
  return ok;
}

/* What stands behind the open end, or behind what it has of a full tile. */
struct growing {
  struct keep_leaves leaves;
  struct merkle_hash hash;
  unsigned width;
  bool is_new; /* the log grows by it */
};

static bool grow(struct db *db, const struct tiles *m, uint64_t through, struct growing *g, bool *taken,
                 struct err *err)
{
  const uint64_t n = m->from / TILE_WIDTH;
  const unsigned at = (unsigned)(m->from % TILE_WIDTH);
  *taken = false;
  if (!read_tile(db, n, &g->leaves, &g->width, &g->hash, err)) return false;
  g->is_new = m->from == through;
  if (!g->is_new && (g->width < TILE_WIDTH || g->leaves.count == TILE_WIDTH)) return true;
  if (!g->is_new && at == 0) g->leaves.count = 0; /* begun anew */
  if (g->leaves.count != at) return true;
  memcpy(g->leaves.of + at, m->leaves.of, m->count * sizeof *m->leaves.of);
  g->leaves.count += m->count;
  if (g->is_new) g->width = g->leaves.count;
  *taken = true;
  if (g->is_new && g->width == TILE_WIDTH) keep_leaves_root(&g->hash, &g->leaves);
  return write_tile(db, n, &g->leaves, g->width, &g->hash, err);
}

/* Not the tile whose hash it gave, or not where this branch's own entries stand: what it said of it is
 * nothing, and is asked for again. */
static bool judge_tile(struct db *db, const struct keep_whose *whose, uint64_t n, struct growing *g,
                       struct err *err)
{
  struct merkle_hash root;
  bool fit = true;
  if (g->is_new || g->leaves.count < TILE_WIDTH) return true;
  keep_leaves_root(&root, &g->leaves);
  if (!keep_names_fit(db, whose, n * TILE_WIDTH, &g->leaves, &fit, err)) return false;
  if (fit && memcmp(&root, &g->hash, sizeof root) == 0) return true;
  g->leaves.count = 0;
  struct query q =
      query_open(db, "DELETE FROM sync_keep_entry WHERE pos >= ?1 * 256 AND pos < ?1 * 256 + 256", err);
  query_int(&q, 1, (int64_t)n);
  return query_run(&q) && write_tile(db, n, &g->leaves, TILE_WIDTH, &g->hash, err);
}

static bool take_leaves(struct db *db, uint32_t branch, uint32_t province, struct tiles *m, struct err *err)
{
  uint64_t through = 0;
  struct mirror_entry entry;
  bool taken = false;
  const struct keep_whose whose = {branch, province};
  struct growing *g = malloc(sizeof *g);
  if (!g) return err_set(err, ERR_LIMIT, "no memory for a part of the log");
  bool ok = keep_through(db, &through, err) && grow(db, m, through, g, &taken, err) &&
            (!taken || mark_lane(db, branch, province, m, err));
  while (ok && taken && mirror_entries_next(&m->entries, &entry))
    ok = take_entry(db, &entry, err);
  ok = ok && (!taken || judge_tile(db, &whose, m->from / TILE_WIDTH, g, err));
  free(g);
  return ok;
}

bool keep_take(struct db *db, uint32_t branch, uint32_t province, struct tiles *m, struct err *err)
{
  if (m->kind == TILES_HASHES) return take_hashes(db, branch, m, err);
  return m->kind != TILES_LEAVES || take_leaves(db, branch, province, m, err);
}

/* ---- whose it is ---- */

bool keep_take_keepers(struct db *db, const void *encoded, size_t n, struct err *err)
{
  struct query q =
      query_open(db,
                 "INSERT INTO sync_keeping(id, keepers, asked, pruned) VALUES(1, ?1, 0, 0) ON CONFLICT"
                 " DO UPDATE SET keepers = excluded.keepers, asked = 0, pruned = 0"
                 " WHERE keepers <> excluded.keepers",
                 err);
  query_blob(&q, 1, encoded, n);
  return query_run(&q);
}

struct stepping {
  struct db *db;
  uint32_t branch;
  struct keepers keepers;
  uint64_t asked, pruned, was_asked, was_pruned;
  uint64_t full; /* tiles */
  struct err *err;
};

static bool read_state(struct stepping *s)
{
  struct query q = query_open(s->db, "SELECT keepers, asked, pruned FROM sync_keeping WHERE id = 1", s->err);
  size_t n = 0;
  bool ok = true;
  if (query_row(&q)) {
    const void *bytes = column_blob(&q, 0, &n);
    s->asked = s->was_asked = (uint64_t)column_int(&q, 1);
    s->pruned = s->was_pruned = (uint64_t)column_int(&q, 2);
    ok = keepers_decode(&s->keepers, bytes, n, s->err);
  }
  return query_close(&q) && ok;
}

static bool lacks_leaves(struct stepping *s, uint64_t n, bool *lacks)
{
  struct query q = query_open(s->db, "SELECT have < 256 FROM sync_keep_tile WHERE n = ?1", s->err);
  query_int(&q, 1, (int64_t)n);
  *lacks = query_row(&q) && column_int(&q, 0);
  return query_close(&q);
}

static bool let_go(struct stepping *s, uint64_t n)
{
  struct query q = query_open(
      s->db, "UPDATE sync_keep_tile SET have = 0, leaves = NULL WHERE n = ?1 AND have > 0", s->err);
  query_int(&q, 1, (int64_t)n);
  if (!query_run(&q)) return false;
  q = query_open(s->db, "DELETE FROM sync_keep_entry WHERE pos >= ?1 * 256 AND pos < ?1 * 256 + 256", s->err);
  query_int(&q, 1, (int64_t)n);
  return query_run(&q);
}

static bool prune(struct stepping *s)
{
  enum { AT_ONCE = 4096 };
  bool ok = true;
  for (unsigned i = 0; ok && i < AT_ONCE && s->pruned + KEEP_RECENT < s->full; i++) {
    ok = keepers_have(&s->keepers, s->pruned, s->branch) || let_go(s, s->pruned);
    s->pruned += ok;
  }
  return ok;
}

static bool ask(struct stepping *s, bool *wants)
{
  enum { AT_ONCE = 65536 };
  bool ok = true;
  *wants = false;
  for (unsigned i = 0; ok && i < AT_ONCE && s->asked < s->full; i++) {
    if (keepers_have(&s->keepers, s->asked, s->branch)) ok = lacks_leaves(s, s->asked, wants);
    if (!ok || *wants) break;
    s->asked++;
  }
  return ok;
}

static bool write_state(struct stepping *s)
{
  if (s->asked == s->was_asked && s->pruned == s->was_pruned) return true;
  struct query q = query_open(s->db, "UPDATE sync_keeping SET asked = ?1, pruned = ?2 WHERE id = 1", s->err);
  query_int(&q, 1, (int64_t)s->asked);
  query_int(&q, 2, (int64_t)s->pruned);
  return query_run(&q);
}

/* What an earlier version kept leads no further any more, and its tiles are here. */
static bool end_mirror(struct stepping *s, uint64_t through)
{
  uint64_t mirrored = 0;
  if (s->asked < s->full || !mirror_through(s->db, &mirrored, s->err)) return s->asked < s->full;
  if (mirrored == 0 || through < mirrored) return true;
  return db_exec(s->db, "DELETE FROM sync_mirror_run; DELETE FROM sync_mirror_entry", s->err);
}

bool keep_step(struct db *db, uint32_t branch, bool *wants, uint64_t *tile, struct err *err)
{
  uint64_t through = 0;
  *wants = false;
  struct stepping *s = calloc(1, sizeof *s);
  if (!s) return err_set(err, ERR_LIMIT, "no memory for the keepers");
  s->db = db;
  s->branch = branch;
  s->err = err;
  bool ok = read_state(s) && keep_through(db, &through, err);
  s->full = through / TILE_WIDTH;
  ok = ok &&
       (s->keepers.count == 0 || (ask(s, wants) && prune(s) && write_state(s) && end_mirror(s, through)));
  if (ok) *tile = s->asked;
  free(s);
  return ok;
}

/* What is known of the tile in which `size` lies is known of its part too, as far as its leaves are. */
static bool shorten(struct db *db, uint64_t size, struct err *err)
{
  struct growing *g = malloc(sizeof *g);
  if (!g) return err_set(err, ERR_LIMIT, "no memory for a part of the log");
  const unsigned rest = (unsigned)(size % TILE_WIDTH);
  bool ok = read_tile(db, size / TILE_WIDTH, &g->leaves, &g->width, &g->hash, err);
  if (ok && rest > 0 && g->width > rest && g->leaves.count >= rest) {
    g->leaves.count = rest;
    ok = write_tile(db, size / TILE_WIDTH, &g->leaves, rest, &g->hash, err);
  }
  free(g);
  return ok;
}

/* The newest of the province's entries may have been among what went. */
static bool mark_again(struct db *db, uint64_t through, struct err *err)
{
  int64_t branch = 0, province = 0;
  unsigned width = 0;
  struct merkle_hash hash;
  struct tiles *m = calloc(1, sizeof *m);
  if (!m) return err_set(err, ERR_LIMIT, "no memory for a part of the log");
  m->from = through - (through % TILE_WIDTH);
  bool ok = db_int(db, "SELECT value FROM sync_self WHERE name = 'author'", 0, &branch, err) &&
            db_int(db, "SELECT value FROM sync_self WHERE name = 'province'", 0, &province, err) &&
            read_tile(db, m->from / TILE_WIDTH, &m->leaves, &width, &hash, err) &&
            mark_lane(db, (uint32_t)branch, (uint32_t)province, m, err);
  free(m);
  return ok;
}

bool keep_forget(struct db *db, uint64_t size, struct err *err)
{
  static const char *const steps[] = {
      "DELETE FROM sync_keep_entry WHERE pos >= ?1",
      "DELETE FROM sync_keep_lane WHERE pos >= ?1 /* scan: two rows */",
      "UPDATE sync_keeping SET asked = min(asked, ?1 / 256), pruned = min(pruned, ?1 / 256) WHERE id = 1"};
  uint64_t through = 0;
  if (!shorten(db, size, err)) return false;
  struct query q =
      query_open(db, "DELETE FROM sync_keep_tile WHERE n * 256 + width > ?1 AND n >= ?1 / 256", err);
  query_int(&q, 1, (int64_t)size);
  bool ok = query_run(&q) && keep_through(db, &through, err);
  for (size_t i = 0; ok && i < sizeof steps / sizeof *steps; i++) {
    q = query_open(db, steps[i], err);
    query_int(&q, 1, (int64_t)through);
    ok = query_run(&q);
  }
  return ok && keep_prove_until(db, through, err) && mark_again(db, through, err);
}

bool keep_is_before(struct db *db, uint32_t lane, uint64_t seq, uint64_t size, bool *yes, struct err *err)
{
  struct query q =
      query_open(db, "SELECT 1 FROM sync_keep_lane WHERE lane = ?1 AND seq >= ?2 AND pos < ?3", err);
  query_int(&q, 1, lane);
  query_int(&q, 2, (int64_t)seq);
  query_int(&q, 3, (int64_t)size);
  *yes = query_row(&q);
  return query_close(&q);
}
