#include "sync/tlog.h"

#include "sync/leaf_rows.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void tlog_origin(char out[TLOG_ORIGIN_SIZE], uint32_t province)
{
  snprintf(out, TLOG_ORIGIN_SIZE, "%u.sunlit/log", province);
}

void tlog_witness_name(char out[TLOG_ORIGIN_SIZE], uint32_t branch)
{
  snprintf(out, TLOG_ORIGIN_SIZE, "%u.sunlit/witness", branch);
}

void leaf_encode(struct buf *out, const void *record, size_t record_size, uint64_t received_ms,
                 const void *signature, size_t signature_size)
{
  put_u8(out, LEAF_VERSION);
  put_vec16(out, record, record_size);
  put_u64(out, received_ms);
  put_vec8(out, signature, signature_size);
}

bool leaf_decode(struct leaf *leaf, const void *bytes, size_t size, struct err *err)
{
  struct reader r = reader_of(bytes, size);
  struct leaf l = {0};
  size_t signature_size = 0;
  uint8_t version = get_u8(&r);
  l.record = get_vec16(&r, &l.record_size);
  l.received_ms = get_u64(&r);
  l.signature = get_vec8(&r, &signature_size);
  if (signature_size == 0) l.signature = NULL;
  bool sized = signature_size == 0 || signature_size == SIGNATURE_SIZE;
  if (version != LEAF_VERSION || !reader_done(&r) || !sized || size > LEAF_SIZE_MAX)
    return err_rule(err, ERR_INPUT, "leaf", "leaf", "%zu bytes are not a leaf of version %d", size,
                    LEAF_VERSION);
  *leaf = l;
  return true;
}

static int64_t key_of(int level, uint64_t n)
{
  return (int64_t)((uint64_t)level << 56 | n);
}

/* ---- reading ---- */

bool tlog_state(struct db *db, struct tlog_state *out, struct err *err)
{
  struct query q = query_open(db, "SELECT size, root FROM sync_tree WHERE id = 1", err);
  struct tlog_state state = {0};
  merkle_empty(&state.root);
  size_t n = 0;
  if (query_row(&q)) {
    state.size = (uint64_t)column_int(&q, 0);
    const void *root = column_blob(&q, 1, &n);
    if (n == HASH_SIZE) memcpy(state.root.bytes, root, HASH_SIZE);
  }
  if (!query_close(&q)) return false;
  *out = state;
  return true;
}

static bool tile_load(struct db *db, int64_t key, uint8_t *hashes, size_t *size, struct err *err)
{
  struct query q = query_open(db, "SELECT hashes FROM sync_tile WHERE id = ?1", err);
  query_int(&q, 1, key);
  *size = 0;
  if (query_row(&q)) {
    const void *bytes = column_blob(&q, 0, size);
    if (*size <= (size_t)TILE_WIDTH * HASH_SIZE) memcpy(hashes, bytes, *size);
  }
  if (!query_close(&q)) return false;
  if (*size > (size_t)TILE_WIDTH * HASH_SIZE || *size % HASH_SIZE != 0)
    return err_set(err, ERR_CORRUPT, "tile %llx of the log has %zu bytes", (unsigned long long)key, *size);
  return true;
}

/* The hash over count (a power of two) neighbours; works in place on a copy. */
static void fold(const uint8_t *hashes, size_t count, struct merkle_hash *out)
{
  struct merkle_hash row[TILE_WIDTH];
  for (size_t i = 0; i < count; i++)
    memcpy(row[i].bytes, hashes + i * HASH_SIZE, HASH_SIZE);
  for (; count > 1; count /= 2)
    for (size_t i = 0; i < count / 2; i++)
      merkle_node(&row[i], &row[2 * i], &row[2 * i + 1]);
  *out = row[0];
}

static bool source_hash(void *ctx, unsigned level, uint64_t n, struct merkle_hash *out, struct err *err)
{
  struct tlog_reader *reader = ctx;
  int tile_level = (int)(level / 8);
  size_t count = (size_t)1 << level % 8;
  uint64_t first = n << level % 8;
  int64_t key = key_of(tile_level, first / TILE_WIDTH);
  if (reader->cached != key) {
    reader->cached = -1;
    if (!tile_load(reader->db, key, reader->tile, &reader->tile_size, err)) return false;
    reader->cached = key;
  }
  size_t at = first % TILE_WIDTH;
  if ((n + 1) << level > reader->size || (at + count) * HASH_SIZE > reader->tile_size)
    return err_set(err, ERR_MISSING, "the log of %llu leaves has no subtree %u/%llu",
                   (unsigned long long)reader->size, level, (unsigned long long)n);
  fold(reader->tile + at * HASH_SIZE, count, out);
  return true;
}

struct merkle_source tlog_source(struct tlog_reader *reader, struct db *db, uint64_t size)
{
  reader->db = db;
  reader->size = size;
  reader->cached = -1;
  reader->tile_size = 0;
  return (struct merkle_source){.hash = source_hash, .ctx = reader};
}

bool tlog_root_at(struct db *db, uint64_t tree, uint64_t size, struct merkle_hash *root, struct err *err)
{
  struct tlog_reader *reader = calloc(1, sizeof *reader);
  if (!reader) return err_set(err, ERR_IO, "out of memory for the log");
  struct merkle_source source = tlog_source(reader, db, tree);
  bool ok = merkle_root(&source, size, root, err);
  free(reader);
  return ok;
}

/* ---- growing ---- */

/* The open tile at the right edge of each level; what is written once per integrate, not once per leaf. */
struct edge {
  uint64_t count; /* hashes of this level in the whole tree */
  size_t fresh;   /* of them, how many came since the last write of the open tile */
  uint8_t hashes[TILE_WIDTH * HASH_SIZE];
};

struct growth {
  struct db *db;
  struct edge edges[TILE_LEVEL_MAX + 1];
  struct err *err;
};

static bool edge_load(struct growth *growth, int level, uint64_t size)
{
  struct edge *edge = &growth->edges[level];
  edge->count = size >> (8 * level);
  edge->fresh = 0;
  size_t open = edge->count % TILE_WIDTH;
  if (open == 0) return true;
  size_t have = 0;
  if (!tile_load(growth->db, key_of(level, edge->count / TILE_WIDTH), edge->hashes, &have, growth->err))
    return false;
  if (have == open * HASH_SIZE) return true;
  return err_set(growth->err, ERR_CORRUPT, "tile %d/%llu of the log holds %zu hashes, the tree says %zu",
                 level, (unsigned long long)(edge->count / TILE_WIDTH), have / HASH_SIZE, open);
}

static bool edge_write(struct growth *growth, int level)
{
  struct edge *edge = &growth->edges[level];
  if (edge->fresh == 0) return true;
  size_t width = edge->count % TILE_WIDTH ? edge->count % TILE_WIDTH : TILE_WIDTH;
  uint64_t n = (edge->count - 1) / TILE_WIDTH;
  edge->fresh = 0;
  struct query q = query_open(growth->db,
                              "INSERT INTO sync_tile(id, hashes) VALUES(?1, ?2)"
                              " ON CONFLICT(id) DO UPDATE SET hashes = excluded.hashes",
                              growth->err);
  query_int(&q, 1, key_of(level, n));
  query_blob(&q, 2, edge->hashes, width * HASH_SIZE);
  return query_run(&q);
}

static bool edge_add(struct growth *growth, int level, const struct merkle_hash *hash)
{
  struct edge *edge = &growth->edges[level];
  memcpy(edge->hashes + edge->count % TILE_WIDTH * HASH_SIZE, hash->bytes, HASH_SIZE);
  edge->count++;
  edge->fresh++;
  if (edge->count % TILE_WIDTH != 0) return true;
  struct merkle_hash up;
  fold(edge->hashes, TILE_WIDTH, &up);
  if (!edge_write(growth, level)) return false;
  return level == TILE_LEVEL_MAX || edge_add(growth, level + 1, &up);
}

/* Hashes the entries from `size` on as the table holds them now. */
static bool take_entries(struct growth *growth, uint64_t *size)
{
  struct leaf_rows rows;
  leaf_rows_open(&rows, growth->db, *size, UINT64_MAX, growth->err);
  bool ok = true;
  while (ok && leaf_rows_next(&rows)) {
    ok = rows.pos == *size;
    if (!ok) err_set(growth->err, ERR_CORRUPT, "the log has no entry at %llu", (unsigned long long)*size);
    ok = ok && edge_add(growth, 0, &rows.hash);
    *size += ok;
  }
  return leaf_rows_close(&rows) && ok;
}

/* Moves the tree's state from the one that was read to the new one; another writer in between is a fault. */
static bool state_move(struct db *db, const struct tlog_state *from, const struct tlog_state *to,
                       struct err *err)
{
  struct query q = query_open(db,
                              "INSERT INTO sync_tree(id, size, root) VALUES(1, ?1, ?2)"
                              " ON CONFLICT(id) DO UPDATE SET size = excluded.size, root = excluded.root"
                              " WHERE size = ?3 AND root = ?4",
                              err);
  query_int(&q, 1, (int64_t)to->size);
  query_blob(&q, 2, to->root.bytes, HASH_SIZE);
  query_int(&q, 3, (int64_t)from->size);
  query_blob(&q, 4, from->root.bytes, HASH_SIZE);
  if (!query_run(&q)) return false;
  if (db_changes(db) == 1) return true;
  return err_set(err, ERR_CORRUPT, "the log's size is no longer %llu", (unsigned long long)from->size);
}

/* Edges and cached tiles are more than the stack of a web server's thread holds. */
struct integration {
  struct growth growth;
  struct tlog_reader reader;
};

static bool integrate(struct integration *in, struct db *db, struct err *err)
{
  struct growth *growth = &in->growth;
  struct tlog_state from;
  if (!tlog_state(db, &from, err)) return false;
  growth->db = db;
  growth->err = err;
  for (int level = 0; level <= TILE_LEVEL_MAX; level++)
    if (!edge_load(growth, level, from.size)) return false;
  struct tlog_state to = from;
  if (!take_entries(growth, &to.size)) return false;
  if (to.size == from.size) return true;
  for (int level = 0; level <= TILE_LEVEL_MAX; level++)
    if (!edge_write(growth, level)) return false;
  struct merkle_source source = tlog_source(&in->reader, db, to.size);
  if (!merkle_root(&source, to.size, &to.root, err)) return false;
  return state_move(db, &from, &to, err);
}

bool tlog_integrate(struct db *db, struct err *err)
{
  struct integration *in = calloc(1, sizeof *in);
  if (!in) return err_set(err, ERR_IO, "out of memory for the log's edge");
  bool ok = integrate(in, db, err);
  free(in);
  return ok;
}

/* ---- signing and serving ---- */

static bool last_signed(struct db *db, struct tlog_state *state, struct buf *note, struct err *err)
{
  struct query q =
      query_open(db, "SELECT size, root, note FROM sync_checkpoint ORDER BY size DESC LIMIT 1", err);
  *state = (struct tlog_state){0};
  if (query_row(&q)) {
    size_t n = 0;
    state->size = (uint64_t)column_int(&q, 0);
    const void *root = column_blob(&q, 1, &n);
    if (n == HASH_SIZE) memcpy(state->root.bytes, root, HASH_SIZE);
    if (note) put_text(note, column_text(&q, 2));
  }
  return query_close(&q);
}

/* A branch may hold a larger checkpoint of ours than this database remembers (a restored snapshot). */
static bool floor_of(struct db *db, const char *origin, struct tlog_state *before, struct err *err)
{
  struct query q = query_open(db, "SELECT size, root FROM sync_witness WHERE origin = ?1 AND size > ?2", err);
  query_text(&q, 1, origin);
  query_int(&q, 2, (int64_t)before->size);
  if (query_row(&q)) {
    size_t n = 0;
    before->size = (uint64_t)column_int(&q, 0);
    const void *root = column_blob(&q, 1, &n);
    if (n == HASH_SIZE) memcpy(before->root.bytes, root, HASH_SIZE);
  }
  return query_close(&q);
}

bool tlog_sign(struct db *db, const char *origin, const uint8_t secret[SECRET_SIZE], int64_t now_ms,
               struct err *err)
{
  struct tlog_state now;
  struct tlog_state before;
  if (!tlog_state(db, &now, err) || !last_signed(db, &before, NULL, err) ||
      !floor_of(db, origin, &before, err))
    return false;
  if (now.size < before.size ||
      (now.size == before.size && now.size > 0 && memcmp(&now.root, &before.root, HASH_SIZE) != 0))
    return err_rule(err, ERR_CORRUPT, "size", "log_rolled_back",
                    "the log has %llu leaves, but %llu were signed: it was rolled back or rewritten; rebuild "
                    "it from the nodes",
                    (unsigned long long)now.size, (unsigned long long)before.size);
  if (now.size == before.size) return true;

  struct checkpoint checkpoint = {.size = now.size, .root = now.root};
  struct note_key key;
  /* libsodium keeps the public key in the second half of the secret one. */
  if (!note_key_init(&key, origin, NOTE_KEY_ED25519, secret + SEED_SIZE, err)) return false;
  memcpy(checkpoint.origin, key.name, sizeof checkpoint.origin);
  struct buf note = BUF_INIT;
  checkpoint_encode(&note, &checkpoint);
  struct buf text = BUF_INIT;
  put_bytes(&text, note.data, note.size);
  put_text(&note, "\n");
  if (!text.bad) note_sign(&note, (const char *)text.data, text.size, &key, secret);
  /* Not before its newest entry came: a store that is closed signs once more, without knowing the time. */
  struct query q = query_open(db,
                              "INSERT INTO sync_checkpoint(size, root, note, signed_ms) VALUES(?1, ?2, ?3,"
                              " max(?4, coalesce((SELECT received_ms FROM sync_entry WHERE pos = ?1 - 1),"
                              " (SELECT received_ms FROM sync_lost_leaf WHERE pos = ?1 - 1))))",
                              err);
  query_int(&q, 1, (int64_t)now.size);
  query_blob(&q, 2, now.root.bytes, HASH_SIZE);
  query_textn(&q, 3, (const char *)note.data, note.size);
  query_int(&q, 4, now_ms);
  bool ok = query_run(&q);
  if (ok && (note.bad || text.bad)) ok = err_set(err, ERR_IO, "out of memory signing a checkpoint");
  buf_wipe(&text);
  buf_wipe(&note);
  return ok;
}

bool tlog_checkpoint(struct db *db, struct buf *out, struct tlog_state *state, struct err *err)
{
  return last_signed(db, state, out, err);
}

bool tlog_checkpoint_of(struct db *db, uint64_t size, struct buf *out, struct tlog_state *state,
                        struct err *err)
{
  struct query q = query_open(db, "SELECT root, note FROM sync_checkpoint WHERE size = ?1", err);
  query_int(&q, 1, (int64_t)size);
  *state = (struct tlog_state){0};
  if (query_row(&q)) {
    size_t n = 0;
    const void *root = column_blob(&q, 0, &n);
    state->size = size;
    if (n == HASH_SIZE) memcpy(state->root.bytes, root, HASH_SIZE);
    put_text(out, column_text(&q, 1));
  }
  if (!query_close(&q)) return false;
  return state->size > 0 || err_rule(err, ERR_MISSING, "size", "not_signed",
                                     "no checkpoint of %llu entries was signed", (unsigned long long)size);
}

bool tlog_published(struct db *db, struct buf *out, struct tlog_state *state, struct err *err)
{
  if (!last_signed(db, state, out, err)) return false;
  if (state->size == 0)
    return err_rule(err, ERR_CONFLICT, "checkpoint", "not_yet_signed",
                    "the log has not signed a checkpoint yet");
  struct query q = query_open(
      db, "SELECT line FROM sync_cosignature WHERE size = ?1 ORDER BY outside DESC, name LIMIT ?2", err);
  query_int(&q, 1, (int64_t)state->size);
  query_int(&q, 2, PUBLISHED_COSIGNATURES_MAX);
  while (query_row(&q))
    put_text(out, column_text(&q, 0));
  return query_close(&q);
}

static bool bundle(struct db *db, const struct tile *tile, struct buf *out, struct err *err)
{
  struct leaf_rows rows;
  uint64_t from = tile->n * TILE_WIDTH;
  unsigned count = 0;
  leaf_rows_open(&rows, db, from, from + tile->width, err);
  for (; leaf_rows_next(&rows); count++)
    put_vec16(out, rows.bytes.data, rows.bytes.size);
  if (!leaf_rows_close(&rows)) return false;
  if (!out->bad && count == tile->width) return true;
  return err_set(err, ERR_CORRUPT, "bundle %llu of the log has %u of %u entries", (unsigned long long)tile->n,
                 count, tile->width);
}

bool tlog_tile(struct db *db, const struct tile *tile, uint64_t size, struct buf *out, struct err *err)
{
  int level = tile->level == TILE_ENTRIES ? 0 : tile->level;
  unsigned width = tile_width(level, tile->n, size);
  if (width == 0 || tile->width > width)
    return err_rule(err, ERR_MISSING, "path", "no_tile", "the log of %llu leaves has no such tile",
                    (unsigned long long)size);
  if (tile->level == TILE_ENTRIES) return bundle(db, tile, out, err);
  uint8_t hashes[TILE_WIDTH * HASH_SIZE];
  size_t have = 0;
  if (!tile_load(db, key_of(tile->level, tile->n), hashes, &have, err)) return false;
  if (have < (size_t)tile->width * HASH_SIZE)
    return err_set(err, ERR_CORRUPT, "tile %d/%llu is short", tile->level, (unsigned long long)tile->n);
  put_bytes(out, hashes, (size_t)tile->width * HASH_SIZE);
  return true;
}
