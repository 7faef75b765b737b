/* Which list of tile hashes is the log's: the one that makes the root that the province signed. */
#include "sync/recall_tiles.h"

#include "sync/keep_root.h"
#include "sync/leaf_rows.h"
#include "sync/tlog.h"

#include <stdlib.h>
#include <string.h>

/* Lists that say the same are one. */
struct lists {
  struct {
    uint32_t source;
    uint8_t key[HASH_SIZE];
  } of[RECALL_BRANCHES_MAX];
  size_t count;
};

struct planning {
  struct recall *r;
  struct tiles_plan *plan;
  struct merkle_hash root; /* that was signed */
  struct keep_root base;   /* over the full tiles of the backup */
  struct lists lists;
  struct tlog_reader reader;
  struct keep_leaves leaves; /* of the open tile, as somebody has them */
  struct tile_fill fill;
  struct err *err;
};

/* ---- lists that reach as far ---- */

/* The digests of its whole pieces, and what it has of the last one as far as the target. */
static bool key_of(struct planning *p, uint32_t source, uint8_t key[HASH_SIZE], bool *reaches)
{
  const uint64_t first = p->r->have / TILE_WIDTH / TILES_HASHES_MAX, last = p->plan->tiles / TILES_HASHES_MAX;
  const size_t rest = (size_t)(p->plan->tiles % TILES_HASHES_MAX) * HASH_SIZE;
  struct query q =
      query_open(p->r->db,
                 "SELECT piece, count, digest, CASE piece WHEN ?3 THEN (SELECT bytes FROM hashes AS h"
                 " WHERE h.digest = list.digest) END FROM list WHERE source = ?1 AND piece >= ?2"
                 " AND piece <= ?3 ORDER BY piece",
                 p->err);
  uint64_t due = first;
  query_int(&q, 1, source);
  query_int(&q, 2, (int64_t)first);
  query_int(&q, 3, (int64_t)last);
  memset(key, 0, HASH_SIZE);
  *reaches = false;
  while (query_row(&q) && (uint64_t)column_int(&q, 0) == due) {
    size_t n = 0, size = 0;
    const void *digest = column_blob(&q, 2, &n), *bytes = column_blob(&q, 3, &size);
    if (due < last ? column_int(&q, 1) < TILES_HASHES_MAX : size < rest) break;
    if (due < last)
      sha256_two(key, key, HASH_SIZE, digest, n);
    else
      sha256_two(key, key, HASH_SIZE, bytes, rest);
    due++;
  }
  *reaches = due > last || (due == last && rest == 0);
  return query_close(&q);
}

/* The backup has all full tiles: only the open one is asked for, and nobody needs a list. */
static bool needs_none(const struct planning *p)
{
  return p->plan->tiles <= p->r->have / TILE_WIDTH;
}

static bool find_lists(struct planning *p)
{
  if (needs_none(p)) {
    p->lists.of[p->lists.count++].source = 0;
    return true;
  }
  struct query q = query_open(
      p->r->db, "SELECT DISTINCT source FROM list ORDER BY source /* scan: lists are few */", p->err);
  bool ok = true;
  while (ok && p->lists.count < RECALL_BRANCHES_MAX && query_row(&q)) {
    bool reaches = false, known = false;
    size_t at = p->lists.count;
    p->lists.of[at].source = (uint32_t)column_int(&q, 0);
    ok = key_of(p, p->lists.of[at].source, p->lists.of[at].key, &reaches);
    for (size_t i = 0; i < at && !known; i++)
      known = memcmp(p->lists.of[i].key, p->lists.of[at].key, HASH_SIZE) == 0;
    p->lists.count += reaches && !known;
  }
  return query_close(&q) && ok;
}

/* ---- the root ---- */

static bool make_base_of_leaves(struct planning *p, uint64_t size)
{
  struct leaf_rows rows;
  leaf_rows_open(&rows, p->r->log, 0, size, p->err);
  while (leaf_rows_next(&rows))
    keep_root_leaf(&p->base, &rows.hash);
  return leaf_rows_close(&rows) &&
         (p->base.size == size || err_set(p->err, ERR_CORRUPT, "the database lacks leaves"));
}

/* A log that was cut back has no tree yet. */
static bool make_base(struct planning *p)
{
  enum { LEVEL = 8 };
  struct merkle_hash hash;
  struct tlog_state tree;
  const uint64_t tiles = p->r->have / TILE_WIDTH;
  struct merkle_source source = tlog_source(&p->reader, p->r->log, p->r->have);
  if (!tlog_state(p->r->log, &tree, p->err)) return false;
  if (tree.size < p->r->have) return make_base_of_leaves(p, tiles * TILE_WIDTH);
  for (uint64_t n = 0; n < tiles; n++) {
    if (!source.hash(source.ctx, LEVEL, n, &hash, p->err)) return false;
    keep_root_tile(&p->base, &hash);
  }
  return true;
}

/* The backup's tiles, and the list's behind them; *whole false: one is missing. */
static bool add_list(struct planning *p, uint32_t source, struct keep_root *root, bool *whole)
{
  *whole = true;
  *root = p->base;
  for (uint64_t n = p->r->have / TILE_WIDTH; *whole && n < p->plan->tiles; n++) {
    struct merkle_hash hash;
    if (!tiles_hash_of(p->r, source, n, &hash, whole, p->err)) return false;
    if (*whole) keep_root_tile(root, &hash);
  }
  return true;
}

static bool makes_root(struct planning *p, const struct keep_root *tiles, unsigned open)
{
  static const struct keep_root empty;
  struct keep_root all = *tiles, alone = empty;
  struct merkle_hash made;
  if (p->leaves.count < open) return false;
  for (unsigned i = 0; i < open; i++) {
    keep_root_leaf(&all, &p->leaves.of[i].hash);
    keep_root_leaf(&alone, &p->leaves.of[i].hash);
  }
  keep_root_get(&all, &made);
  keep_root_get(&alone, &p->plan->open_root);
  return memcmp(&made, &p->root, sizeof made) == 0;
}

/* As somebody keeps the open tile, those that several keep first. */
static bool try_kept(struct planning *p, const struct keep_root *tiles, unsigned open, bool *leads)
{
  struct query q =
      query_open(p->r->db,
                 "SELECT leaves FROM tile AS t WHERE n = ?1 ORDER BY (SELECT count(*) FROM tile_of AS o"
                 " WHERE o.n = t.n AND o.digest = t.digest) DESC",
                 p->err);
  query_int(&q, 1, (int64_t)p->plan->tiles);
  while (!*leads && query_row(&q)) {
    size_t n = 0;
    const void *bytes = column_blob(&q, 0, &n);
    struct reader r = reader_of(bytes, n);
    keep_leaves_get(&r, &p->leaves);
    *leads = makes_root(p, tiles, open);
  }
  return query_close(&q);
}

struct open_test {
  struct planning *p;
  const struct keep_root *tiles;
};

static bool is_open_tile(void *ctx, const struct keep_leaves *leaves)
{
  const struct open_test *t = ctx;
  t->p->leaves = *leaves;
  return makes_root(t->p, t->tiles, (unsigned)(t->p->plan->target % TILE_WIDTH));
}

/* Nobody keeps it, but every entry of it may be here. */
static bool try_entries(struct planning *p, const struct keep_root *tiles, bool *leads)
{
  struct open_test open = {p, tiles};
  const struct tile_test test = {is_open_tile, &open};
  if (!tile_guess(p->r, p->plan, p->plan->tiles, &test, &p->fill, p->err)) return false;
  *leads = p->fill.leaves;
  return true;
}

static bool try_list(struct planning *p, uint32_t source)
{
  const unsigned open = (unsigned)(p->plan->target % TILE_WIDTH);
  struct keep_root *tiles = malloc(sizeof *tiles);
  bool whole = false, leads = false;
  if (!tiles) return err_set(p->err, ERR_IO, "out of memory for a list of tiles");
  bool ok = add_list(p, source, tiles, &whole);
  p->leaves.count = 0;
  if (ok && whole && !open) leads = makes_root(p, tiles, 0);
  if (ok && whole && open) ok = try_kept(p, tiles, open, &leads) && (leads || try_entries(p, tiles, &leads));
  if (ok && leads) {
    p->plan->proved = true;
    p->plan->source = source;
  }
  free(tiles);
  return ok;
}

static bool make_plan(struct planning *p)
{
  bool ok = find_lists(p);
  p->plan->any = p->lists.count > 0;
  ok = ok && (!p->plan->any || make_base(p));
  for (size_t i = 0; ok && !p->plan->proved && i < p->lists.count; i++)
    ok = try_list(p, p->lists.of[i].source);
  return ok;
}

/* What was proved stays so, whatever else is brought. */
bool tiles_plan(struct recall *r, struct tiles_plan *out, struct err *err)
{
  struct tiles_plan plan = {.any = false};
  struct planning *p = calloc(1, sizeof *p);
  if (!p) return err_set(err, ERR_IO, "out of memory for lists of tiles");
  bool ok = recall_largest(r, &plan.target, &p->root, NULL, NULL, err);
  plan.tiles = plan.target / TILE_WIDTH;
  if (ok && r->plan_known && r->plan.target == plan.target && (r->plan.proved || !r->plan_news)) {
    plan = r->plan;
  } else if (ok && plan.target > r->have) {
    r->plan_news = false;
    p->r = r;
    p->plan = &plan;
    p->err = err;
    ok = make_plan(p);
  }
  if (ok) {
    r->plan = plan;
    r->plan_known = true;
    *out = plan;
  }
  free(p);
  return ok;
}

bool tiles_blame(struct recall *r, const struct tiles_plan *plan, struct err *err)
{
  bool ok = true;
  struct query q =
      query_open(r->db,
                 "SELECT DISTINCT a.source FROM list AS p JOIN list AS a USING(piece) JOIN hashes AS hp ON "
                 "hp.digest = p.digest"
                 " JOIN hashes AS ha ON ha.digest = a.digest WHERE p.source = ?1 AND a.digest <> p.digest"
                 " AND substr(hp.bytes, 1, 32 * min(a.count, p.count)) <> substr(ha.bytes, 1, 32 * "
                 "min(a.count, p.count))"
                 " /* scan: once a list is proved */",
                 err);
  query_int(&q, 1, plan->source);
  while (ok && query_row(&q))
    ok = recall_blame(
        r, (uint32_t)column_int(&q, 0), false,
        "its list of tiles is not that of the log: it does not lead to the root that was signed", err);
  return query_close(&q) && ok;
}
