/* Checkpoints that people have let go: none of them is what a rebuilding leads to, whoever shows it.  The
 * backup knows it, or the province has said so in an entry that somebody brings. */
#include "sync/let_go_said.h"
#include "sync/recall_state.h"

#include <stdio.h>
#include <string.h>

bool let_go_tables(struct db *gathered, struct err *err)
{
  return db_exec(gathered,
                 /* lane -1: the backup knows it, or people say so; else the entry that says so, as long as
                    that is here. */
                 "CREATE TABLE IF NOT EXISTS let_go(size INTEGER NOT NULL, root BLOB NOT NULL,"
                 " lane INTEGER NOT NULL, seq INTEGER NOT NULL, hash BLOB NOT NULL,"
                 " PRIMARY KEY(size, root, lane, seq, hash)) STRICT, WITHOUT ROWID;"
                 "CREATE VIEW IF NOT EXISTS let_go_now(size, root) AS SELECT size, root FROM let_go AS g"
                 " WHERE lane < 0 OR EXISTS (SELECT 1 FROM ours AS o WHERE o.lane = g.lane AND o.seq = g.seq"
                 " AND o.hash = g.hash);"
                 /* What counts of what was shown. */
                 "CREATE VIEW IF NOT EXISTS standing(source, size, root, note) AS SELECT source, size, root,"
                 " note FROM shown AS s WHERE NOT EXISTS (SELECT 1 FROM let_go_now AS g WHERE"
                 " g.size = s.size AND g.root = s.root);",
                 err);
}

bool let_go_clear(struct db *gathered, struct err *err)
{
  return db_exec(gathered, "DELETE FROM let_go", err);
}

static bool put(struct recall *r, const struct beyond *row, int64_t lane, uint64_t seq, const void *hash,
                size_t hash_size, struct err *err)
{
  struct query q = query_open(
      r->db, "INSERT OR IGNORE INTO let_go(size, root, lane, seq, hash) VALUES(?1, ?2, ?3, ?4, ?5)", err);
  query_int(&q, 1, (int64_t)row->size);
  query_blob(&q, 2, row->root.bytes, HASH_SIZE);
  query_int(&q, 3, lane);
  query_int(&q, 4, (int64_t)seq);
  query_blob(&q, 5, hash, hash_size);
  return query_run(&q);
}

bool let_go_of_backup(struct recall *r, struct err *err)
{
  static const uint8_t nothing[1];
  if (!db_exec(r->db, "DELETE FROM let_go WHERE lane < 0 /* scan: at opening */", err)) return false;
  struct query q =
      query_open(r->log, "SELECT size, root FROM sync_beyond WHERE let_go /* scan: bad days are few */", err);
  bool ok = true;
  while (ok && query_row(&q)) {
    struct beyond row = {.size = (uint64_t)column_int(&q, 0)};
    size_t n = 0;
    const void *root = column_blob(&q, 1, &n);
    if (n == HASH_SIZE) memcpy(row.root.bytes, root, n);
    ok = put(r, &row, -1, 0, nothing, 0, err);
  }
  return query_close(&q) && ok;
}

/* Where it was looked for before was perhaps another root of the same size. */
static bool look_anew(struct recall *r, struct err *err)
{
  r->plan_known = r->looking.begun = r->looked.begun = false;
  r->plan_news = r->look_news = true;
  return db_exec(r->db, "DELETE FROM fault WHERE void /* scan: a row a branch */", err);
}

bool recall_not_to(struct recall *r, uint64_t size, const struct merkle_hash *root, struct err *err)
{
  static const uint8_t nothing[1];
  const struct beyond row = {.size = size, .root = *root};
  if (!recall_begin(r, err)) return false;
  bool ok = put(r, &row, -1, 0, nothing, 0, err);
  return recall_end(r, ok && (db_changes(r->db) == 0 || look_anew(r, err)), err);
}

struct noting {
  struct recall *r;
  uint32_t lane;
  uint64_t seq;
  const uint8_t *hash;
  struct err *err;
};

static bool note(void *ctx, const struct beyond *row)
{
  struct noting *n = ctx;
  struct recall *r = n->r;
  if (!put(r, row, n->lane, n->seq, n->hash, HASH_SIZE, n->err)) return false;
  return db_changes(r->db) == 0 || look_anew(r, n->err);
}

bool let_go_of_entry(struct recall *r, uint32_t lane, uint64_t seq, const uint8_t hash[HASH_SIZE],
                     struct span payload, struct err *err)
{
  struct noting n = {.r = r, .lane = lane, .seq = seq, .hash = hash, .err = err};
  return payload.size == 0 || let_go_said(payload.p, payload.size, note, &n);
}

bool let_go_tell(struct recall *r, struct err *err)
{
  char why[240];
  struct query q =
      query_open(r->db,
                 "SELECT DISTINCT s.source, s.size FROM shown AS s JOIN let_go_now AS g"
                 " ON g.size = s.size AND g.root = s.root WHERE NOT EXISTS (SELECT 1 FROM fault AS f"
                 " WHERE f.source = s.source AND f.why <> '') /* scan: a row a branch */",
                 err);
  bool ok = true;
  while (ok && query_row(&q)) {
    (void)snprintf(why, sizeof why,
                   "the checkpoint that it holds, of %lld leaves, was let go, or is left out (--without): "
                   "the log does not go there; "
                   "what it has of what is looked for counts",
                   (long long)column_int(&q, 1));
    ok = recall_blame(r, (uint32_t)column_int(&q, 0), false, why, err);
  }
  return query_close(&q) && ok;
}
