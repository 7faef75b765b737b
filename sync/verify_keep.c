#include "sync/verify_keep.h"

#include "sync/keep_leaves.h"
#include "sync/keep_root.h"

#include <stdlib.h>
#include <string.h>

struct proof {
  struct db *db;
  uint32_t author, province;
  const struct witness_held *held;
  struct verify_report *report;
  struct err *err;
  uint64_t tiles; /* so far */
  bool whole;     /* no fault in what the root is made of */
  struct keep_root root;
  struct keep_leaves leaves; /* of the tile in hand */
};

static void wrong(struct proof *p, const char *what, uint64_t at)
{
  verify_fault(p->report, "what is kept of the log for the province: %s at %llu", what,
               (unsigned long long)at);
  p->report->kept_faults++;
}

/* Its own entries stand where they were proved to stand. */
static bool check_own(struct proof *p, const struct keep_leaf *leaf, uint64_t pos)
{
  struct query q =
      query_open(p->db,
                 "SELECT first_pos + ?1 - first_seq, received_ms FROM sync_leaf_run WHERE first_seq ="
                 " (SELECT max(first_seq) FROM sync_leaf_run WHERE first_seq <= ?1)"
                 " AND first_seq + count > ?1",
                 p->err);
  query_int(&q, 1, (int64_t)leaf->seq);
  if (query_row(&q) && ((uint64_t)column_int(&q, 0) != pos || column_int(&q, 1) != leaf->received_ms))
    wrong(p, "another place than the proof of its own entry has,", pos);
  return query_close(&q);
}

static bool check_sealed(struct proof *p, uint64_t begin)
{
  struct query q = query_open(
      p->db, "SELECT pos, lane, seq FROM sync_keep_entry WHERE pos >= ?1 AND pos < ?1 + 256", p->err);
  query_int(&q, 1, (int64_t)begin);
  while (query_row(&q)) {
    const uint64_t at = (uint64_t)column_int(&q, 0) - begin;
    const struct keep_leaf *leaf = at < p->leaves.count ? &p->leaves.of[at] : NULL;
    if (leaf && (leaf->stream.author != p->province || leaf->stream.lane != column_int(&q, 1) ||
                 leaf->seq != (uint64_t)column_int(&q, 2)))
      wrong(p, "a sealed entry where its leaf is not,", begin + at);
  }
  return query_close(&q);
}

static bool check_leaves(struct proof *p, uint64_t begin)
{
  bool ok = true;
  for (unsigned i = 0; ok && i < p->leaves.count; i++)
    if (p->leaves.of[i].stream.author == p->author) ok = check_own(p, &p->leaves.of[i], begin + i);
  return ok && check_sealed(p, begin);
}

/* The row in hand: n, width, hash, have, leaves. */
static bool check_tile(struct proof *p, const struct query *q)
{
  struct merkle_hash hash = {{0}}, made = {{0}};
  size_t n = 0;
  const uint64_t tile = (uint64_t)column_int(q, 0), begin = tile * TILE_WIDTH,
                 width = (uint64_t)column_int(q, 1);
  const void *bytes = column_blob(q, 2, &n);
  if (n == HASH_SIZE) memcpy(hash.bytes, bytes, n);
  bytes = column_blob(q, 4, &n);
  struct reader r = reader_of(bytes, n);
  p->leaves.count = 0;
  if (n) keep_leaves_get(&r, &p->leaves);
  const bool decodes = n == 0 || reader_done(&r);
  if (tile != p->tiles || p->root.size % TILE_WIDTH) {
    wrong(p, "a gap before the tile", tile);
    p->whole = false;
  }
  if (!decodes || p->leaves.count != (uint64_t)column_int(q, 3))
    wrong(p, "other leaves than it says, in tile", tile);
  if (p->leaves.count == TILE_WIDTH) keep_leaves_root(&made, &p->leaves);
  if (p->leaves.count == TILE_WIDTH && memcmp(&made, &hash, sizeof made) != 0)
    wrong(p, "leaves that do not make the hash of their tile,", tile);
  p->tiles = tile + 1;
  if (p->whole && width == TILE_WIDTH) keep_root_tile(&p->root, &hash);
  for (unsigned i = 0; p->whole && width < TILE_WIDTH && i < p->leaves.count; i++)
    keep_root_leaf(&p->root, &p->leaves.of[i].hash);
  return check_leaves(p, begin);
}

/* A seal or a record that is not whose leaves are kept. */
static bool check_strays(struct proof *p)
{
  struct query q =
      query_open(p->db,
                 "SELECT pos FROM sync_keep_entry AS e WHERE NOT EXISTS (SELECT 1 FROM sync_keep_tile"
                 " AS t WHERE t.n = e.pos / 256 AND t.have > e.pos % 256) /* scan: all of them */",
                 p->err);
  while (query_row(&q))
    wrong(p, "a sealed entry of which no leaf is kept,", (uint64_t)column_int(&q, 0));
  return query_close(&q);
}

static bool check(struct proof *p)
{
  struct merkle_hash root;
  struct query q =
      query_open(p->db, "SELECT n, width, hash, have, leaves FROM sync_keep_tile ORDER BY n", p->err);
  bool ok = true;
  while (ok && query_row(&q))
    ok = check_tile(p, &q);
  if (!query_close(&q) || !ok) return false;
  keep_root_get(&p->root, &root);
  if (p->whole && p->root.size && p->root.size == p->held->size &&
      memcmp(&root, &p->held->root, sizeof root) != 0)
    wrong(p, "hashes that do not lead to the root of the checkpoint that is held,", p->held->size);
  return check_strays(p);
}

bool verify_keep(struct db *db, uint32_t author, uint32_t province, const struct witness_held *held,
                 struct verify_report *report, struct err *err)
{
  struct proof *p = calloc(1, sizeof *p);
  if (!p) return err_set(err, ERR_IO, "out of memory for what is kept of the log");
  p->db = db;
  p->author = author;
  p->province = province;
  p->held = held;
  p->report = report;
  p->err = err;
  p->whole = true;
  bool ok = check(p);
  free(p);
  return ok;
}
