#include "sync/beyond.h"

#include "sync/tlog.h"

#include <stdio.h>
#include <string.h>

bool beyond_is_let_go(struct db *db, uint64_t size, const struct merkle_hash *root, bool *yes,
                      struct err *err)
{
  struct query q = query_open(db,
                              "SELECT 1 FROM sync_beyond WHERE size = ?1 AND root = ?2 AND let_go LIMIT 1"
                              " /* scan: bad days are few */",
                              err);
  query_int(&q, 1, (int64_t)size);
  query_blob(&q, 2, root->bytes, HASH_SIZE);
  *yes = query_row(&q);
  return query_close(&q);
}

/* It may be as long again by now, or longer: what is written before anybody has called has the same places.
 */
bool beyond_is(struct db *db, uint64_t size, const struct merkle_hash *root, bool *beyond, struct err *err)
{
  struct tlog_state ours;
  struct merkle_hash here;
  bool let_go = false;
  *beyond = false;
  if (size == 0) return true;
  if (!tlog_state(db, &ours, err) || !beyond_is_let_go(db, size, root, &let_go, err)) return false;
  *beyond = !let_go && size > ours.size;
  if (*beyond || let_go) return true;
  if (!tlog_root_at(db, ours.size, size, &here, err)) return false;
  if (memcmp(&here, root, sizeof here) == 0) return true;
  int64_t witnessed = 0;
  bool ok = db_int(db,
                   "SELECT coalesce(max(size), 0) FROM sync_cosigner WHERE name LIKE '%.sunlit/witness'"
                   " /* scan: two rows a branch */",
                   0, &witnessed, err);
  *beyond = ok && (uint64_t)witnessed < size;
  return ok;
}

/* tlog_sign goes below none of what is kept; so does nothing that reads the log. */
static bool raise_floor(struct db *db, const struct checkpoint *shown, const char *note, size_t note_size,
                        int64_t now_ms, struct err *err)
{
  struct query q =
      query_open(db,
                 "INSERT INTO sync_witness(origin, size, root, note, verified_ms) VALUES(?1, ?2, ?3, ?4, ?5)"
                 " ON CONFLICT(origin) DO UPDATE SET size = excluded.size, root = excluded.root,"
                 " note = excluded.note, verified_ms = excluded.verified_ms WHERE excluded.size > size",
                 err);
  query_text(&q, 1, shown->origin);
  query_int(&q, 2, (int64_t)shown->size);
  query_blob(&q, 3, shown->root.bytes, HASH_SIZE);
  query_textn(&q, 4, note, note_size);
  query_int(&q, 5, now_ms);
  return query_run(&q);
}

static bool accuse(struct db *db, uint32_t branch, const struct checkpoint *shown, const char *note,
                   size_t note_size, int64_t now_ms, struct err *err)
{
  char detail[160];
  (void)snprintf(detail, sizeof detail, "branch %u holds a checkpoint of %llu entries with our signature",
                 branch, (unsigned long long)shown->size);
  struct query q = query_open(db,
                              "INSERT INTO sync_evidence(origin, rule, detail, held, offered, proof, at_ms)"
                              " VALUES(?1, 'log_rolled_back', ?2, coalesce((SELECT note FROM sync_checkpoint"
                              " ORDER BY size DESC LIMIT 1), ''), ?3, x'', ?4)",
                              err);
  query_text(&q, 1, shown->origin);
  query_text(&q, 2, detail);
  query_textn(&q, 3, note, note_size);
  query_int(&q, 4, now_ms);
  return query_run(&q);
}

/* Is nothing as far of the branch kept?  *first: nothing at all that the log still does not have. */
static bool is_further(struct db *db, uint32_t branch, uint64_t size, bool *further, bool *first,
                       struct err *err)
{
  struct query q = query_open(db, "SELECT size, root FROM sync_beyond WHERE branch = ?1 AND let_go = 0", err);
  uint64_t kept = 0;
  struct merkle_hash root = {{0}};
  bool still = false;
  query_int(&q, 1, branch);
  if (query_row(&q)) {
    size_t n = 0;
    kept = (uint64_t)column_int(&q, 0);
    const void *bytes = column_blob(&q, 1, &n);
    if (n == HASH_SIZE) memcpy(root.bytes, bytes, HASH_SIZE);
  }
  if (!query_close(&q) || !beyond_is(db, kept, &root, &still, err)) return false;
  *first = !still;
  *further = !still || kept < size;
  return true;
}

bool beyond_keep(struct db *db, uint32_t branch, const struct checkpoint *shown, const char *note,
                 size_t note_size, int64_t now_ms, struct err *err)
{
  bool further = false, first = false;
  if (!is_further(db, branch, shown->size, &further, &first, err)) return false;
  if (!further) return true;
  struct query q = query_open(db, "DELETE FROM sync_beyond WHERE branch = ?1 AND let_go = 0", err);
  query_int(&q, 1, branch);
  if (!query_run(&q)) return false;
  q = query_open(db,
                 "INSERT INTO sync_beyond(branch, size, root, note, at_ms, let_go)"
                 " VALUES(?1, ?2, ?3, ?4, ?5, 0)",
                 err);
  query_int(&q, 1, branch);
  query_int(&q, 2, (int64_t)shown->size);
  query_blob(&q, 3, shown->root.bytes, HASH_SIZE);
  query_textn(&q, 4, note, note_size);
  query_int(&q, 5, now_ms);
  return query_run(&q) && raise_floor(db, shown, note, note_size, now_ms, err) &&
         (!first || accuse(db, branch, shown, note, note_size, now_ms, err));
}

bool beyond_list(struct db *db, void (*each)(void *ctx, const struct beyond *row), void *ctx, struct err *err)
{
  struct query q = query_open(db,
                              "SELECT branch, size, root, at_ms FROM sync_beyond WHERE let_go = 0"
                              " ORDER BY size DESC, branch /* scan: bad days are few */",
                              err);
  bool ok = true;
  while (ok && query_row(&q)) {
    struct beyond row = {.branch = (uint32_t)column_int(&q, 0),
                         .size = (uint64_t)column_int(&q, 1),
                         .at_ms = column_int(&q, 3)};
    size_t n = 0;
    bool beyond = false;
    const void *root = column_blob(&q, 2, &n);
    if (n == HASH_SIZE) memcpy(row.root.bytes, root, HASH_SIZE);
    ok = beyond_is(db, row.size, &row.root, &beyond, err);
    if (ok && beyond) each(ctx, &row);
  }
  return query_close(&q) && ok;
}

static void note_any(void *ctx, const struct beyond *row)
{
  bool *any = ctx;
  (void)row;
  *any = true;
}

bool beyond_any(struct db *db, bool *any, struct err *err)
{
  *any = false;
  return beyond_list(db, note_any, any, err);
}

/* The least that is ever signed again is what is left of the others. */
static bool lower_floor(struct db *db, uint32_t province, struct err *err)
{
  char origin[TLOG_ORIGIN_SIZE];
  tlog_origin(origin, province);
  struct query q = query_open(db, "DELETE FROM sync_witness WHERE origin = ?1", err);
  query_text(&q, 1, origin);
  if (!query_run(&q)) return false;
  q = query_open(db,
                 "INSERT INTO sync_witness(origin, size, root, note, verified_ms)"
                 " SELECT ?1, size, root, note, at_ms FROM sync_beyond WHERE let_go = 0"
                 " ORDER BY size DESC LIMIT 1 /* scan: bad days are few */",
                 err);
  query_text(&q, 1, origin);
  return query_run(&q);
}

bool beyond_let_go(struct db *db, uint32_t province, const struct beyond *row, struct err *err)
{
  struct query q = query_open(
      db, "UPDATE sync_beyond SET let_go = 1 WHERE size = ?1 AND root = ?2 /* scan: bad days are few */",
      err);
  query_int(&q, 1, (int64_t)row->size);
  query_blob(&q, 2, row->root.bytes, HASH_SIZE);
  return query_run(&q) && lower_floor(db, province, err);
}
