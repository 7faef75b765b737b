#include "sync/keep_prove.h"

#include "sync/keep.h"
#include "sync/keep_root.h"

#include <stdlib.h>
#include <string.h>

/* ---- what was proved ---- */

static void put_peaks(struct buf *out, const struct keep_root *root)
{
  for (unsigned at = 64; at-- > 0;)
    if (root->size >> at & 1) put_bytes(out, root->peaks[at].bytes, HASH_SIZE);
}

/* Other peaks than the size has are none. */
static void get_peaks(struct keep_root *root, uint64_t size, const uint8_t *bytes, size_t n)
{
  memset(root, 0, sizeof *root);
  struct reader r = reader_of(bytes, n);
  for (unsigned at = 64; at-- > 0;) {
    const uint8_t *peak = size >> at & 1 ? get_bytes(&r, HASH_SIZE) : NULL;
    if (peak) memcpy(root->peaks[at].bytes, peak, HASH_SIZE);
  }
  if (reader_done(&r)) root->size = size;
}

static bool read_proved(struct db *db, struct keep_root *root, int64_t *strayed_ms, struct err *err)
{
  struct query q = query_open(db, "SELECT tiles, peaks, strayed_ms FROM sync_keep_proved WHERE id = 1", err);
  memset(root, 0, sizeof *root);
  *strayed_ms = 0;
  if (query_row(&q)) {
    size_t n = 0;
    const void *bytes = column_blob(&q, 1, &n);
    get_peaks(root, (uint64_t)column_int(&q, 0) * TILE_WIDTH, bytes, n);
    *strayed_ms = column_int(&q, 2);
  }
  return query_close(&q);
}

static bool write_proved(struct db *db, const struct keep_root *root, int64_t strayed_ms, struct err *err)
{
  struct buf peaks = BUF_INIT;
  put_peaks(&peaks, root);
  struct query q = query_open(
      db, "REPLACE INTO sync_keep_proved(id, tiles, peaks, strayed_ms) VALUES(1, ?1, ?2, ?3)", err);
  query_int(&q, 1, (int64_t)(root->size / TILE_WIDTH));
  query_blob(&q, 2, peaks.size ? (const void *)peaks.data : "", peaks.size);
  query_int(&q, 3, strayed_ms);
  bool ok = query_run(&q) && (!peaks.bad || err_set(err, ERR_IO, "out of memory for what is proved"));
  buf_wipe(&peaks);
  return ok;
}

bool keep_prove_until(struct db *db, uint64_t through, struct err *err)
{
  struct query q = query_open(
      db, "UPDATE sync_keep_proved SET tiles = 0, peaks = x'' WHERE id = 1 AND tiles * 256 > ?1", err);
  query_int(&q, 1, (int64_t)through);
  return query_run(&q);
}

bool keep_strayed(struct db *db, int64_t *at_ms, struct err *err)
{
  return db_int(db, "SELECT strayed_ms FROM sync_keep_proved WHERE id = 1", 0, at_ms, err);
}

/* ---- names ---- */

static bool own_fits(struct db *db, const struct keep_leaf *leaf, uint64_t pos, bool *fit, struct err *err)
{
  struct query q =
      query_open(db,
                 "SELECT first_pos + ?1 - first_seq, received_ms FROM sync_leaf_run WHERE first_seq ="
                 " (SELECT max(first_seq) FROM sync_leaf_run WHERE first_seq <= ?1)"
                 " AND first_seq + count > ?1",
                 err);
  query_int(&q, 1, (int64_t)leaf->seq);
  if (query_row(&q)) *fit = (uint64_t)column_int(&q, 0) == pos && column_int(&q, 1) == leaf->received_ms;
  return query_close(&q);
}

static bool sealed_fit(struct db *db, const struct keep_whose *whose, uint64_t begin,
                       const struct keep_leaves *leaves, bool *fit, struct err *err)
{
  struct query q =
      query_open(db, "SELECT pos, lane, seq FROM sync_keep_entry WHERE pos >= ?1 AND pos < ?1 + 256", err);
  query_int(&q, 1, (int64_t)begin);
  while (*fit && query_row(&q)) {
    const uint64_t at = (uint64_t)column_int(&q, 0) - begin;
    const struct keep_leaf *leaf = at < leaves->count ? &leaves->of[at] : NULL;
    *fit = leaf && leaf->stream.author == whose->province && leaf->stream.lane == column_int(&q, 1) &&
           leaf->seq == (uint64_t)column_int(&q, 2);
  }
  return query_close(&q);
}

bool keep_names_fit(struct db *db, const struct keep_whose *whose, uint64_t begin,
                    const struct keep_leaves *leaves, bool *fit, struct err *err)
{
  bool ok = true;
  *fit = true;
  for (unsigned i = 0; ok && *fit && i < leaves->count; i++)
    if (leaves->of[i].stream.author == whose->author) ok = own_fits(db, &leaves->of[i], begin + i, fit, err);
  return ok && (!*fit || sealed_fit(db, whose, begin, leaves, fit, err));
}

/* ---- the walk ---- */

struct walk {
  struct db *db;
  const struct keep_whose *whose;
  bool names, strays;
  struct keep_root root, full, proved; /* of all, of the full tiles, and of those that were proved before */
  struct keep_leaves leaves;
  struct err *err;
};

/* The row in hand: n, width, hash, leaves. */
static bool add_tile(struct walk *w, const struct query *q)
{
  struct merkle_hash hash;
  size_t n = 0;
  const uint64_t begin = (uint64_t)column_int(q, 0) * TILE_WIDTH;
  const int64_t width = column_int(q, 1);
  const void *bytes = column_blob(q, 3, &n);
  struct reader r = reader_of(bytes, n);
  bool fit = true;
  w->leaves.count = 0;
  if (n) keep_leaves_get(&r, &w->leaves);
  if (n && !reader_done(&r)) w->strays = true;
  bytes = column_blob(q, 2, &n);
  if (begin != w->root.size || (width < TILE_WIDTH ? w->leaves.count != width : n != HASH_SIZE))
    w->strays = true;
  if (w->strays) return true;
  if (width == TILE_WIDTH) {
    memcpy(hash.bytes, bytes, HASH_SIZE);
    keep_root_tile(&w->root, &hash);
    w->full = w->root;
  }
  for (unsigned i = 0; width < TILE_WIDTH && i < w->leaves.count; i++)
    keep_root_leaf(&w->root, &w->leaves.of[i].hash);
  bool ok = !w->names || keep_names_fit(w->db, w->whose, begin, &w->leaves, &fit, w->err);
  w->strays = w->strays || !fit;
  return ok;
}

static bool walk_new(struct walk *w)
{
  struct query q =
      query_open(w->db, "SELECT n, width, hash, leaves FROM sync_keep_tile WHERE n >= ?1 ORDER BY n", w->err);
  bool ok = true;
  w->root = w->full = w->proved;
  query_int(&q, 1, (int64_t)(w->proved.size / TILE_WIDTH));
  while (ok && !w->strays && query_row(&q))
    ok = add_tile(w, &q);
  return query_close(&q) && ok;
}

/* Full tiles alone are kept as proved: a row changes once in 256 leaves. */
static bool conclude(struct walk *w, const struct witness_held *held, int64_t strayed_ms, int64_t now_ms,
                     enum keep_led *out)
{
  struct merkle_hash made;
  keep_root_get(&w->root, &made);
  if (w->root.size != held->size || memcmp(&made, &held->root, sizeof made) != 0) w->strays = true;
  *out = w->strays ? KEEP_STRAYS : KEEP_LEADS;
  if (w->strays)
    return keep_forget(w->db, w->proved.size, w->err) && write_proved(w->db, &w->proved, now_ms, w->err);
  return (w->full.size == w->proved.size && strayed_ms == 0) || write_proved(w->db, &w->full, 0, w->err);
}

bool keep_prove(struct db *db, const struct keep_whose *whose, const struct witness_held *held, bool names,
                int64_t now_ms, enum keep_led *out, struct err *err)
{
  uint64_t through = 0;
  int64_t strayed_ms = 0;
  *out = KEEP_OPEN;
  if (!keep_through(db, &through, err)) return false;
  if (through == 0 || through != held->size) return true;
  struct walk *w = calloc(1, sizeof *w);
  if (!w) return err_set(err, ERR_LIMIT, "no memory for what is kept of the log");
  w->db = db;
  w->whose = whose;
  w->names = names;
  w->err = err;
  bool ok = read_proved(db, &w->proved, &strayed_ms, err) && walk_new(w) &&
            conclude(w, held, strayed_ms, now_ms, out);
  free(w);
  return ok;
}
