#include "sync/verify_log.h"

#include "sync/leaf_rows.h"
#include "sync/leaves.h"
#include "sync/store_log.h"
#include "sync/tlog.h"
#include "sync/verify_keep.h"

#include <stdlib.h>
#include <string.h>

/* ---- the hub: a tree of its own beside the stored one ---- */

/* The hashes of one level that have no full tile yet. */
struct level {
  uint64_t count;
  uint8_t hashes[TILE_WIDTH * HASH_SIZE];
};

struct walk {
  struct db *db;
  struct verify_report *report;
  struct err *err;
  uint64_t size;
  struct level levels[TILE_LEVEL_MAX + 1];
  /* The complete subtrees of the leaves so far, the largest first: a root needs nothing else. */
  struct merkle_hash peaks[64];
  unsigned peak_count;
  uint64_t tiles; /* that must be there */
};

static bool compare_tile(struct walk *w, int level, uint64_t n, size_t width)
{
  struct query q = query_open(w->db, "SELECT hashes FROM sync_tile WHERE id = ?1", w->err);
  query_int(&q, 1, (int64_t)((uint64_t)level << 56 | n));
  size_t size = 0;
  const void *stored = query_row(&q) ? column_blob(&q, 0, &size) : NULL;
  if (!stored || size != width * HASH_SIZE || memcmp(stored, w->levels[level].hashes, size) != 0)
    verify_fault(w->report, "tile %d/%llu of the log is not what its entries make", level,
                 (unsigned long long)n);
  w->tiles++;
  return query_close(&q);
}

static bool add_hash(struct walk *w, int level, const struct merkle_hash *hash)
{
  struct level *l = &w->levels[level];
  memcpy(l->hashes + l->count % TILE_WIDTH * HASH_SIZE, hash->bytes, HASH_SIZE);
  if (++l->count % TILE_WIDTH != 0) return true;
  if (!compare_tile(w, level, l->count / TILE_WIDTH - 1, TILE_WIDTH)) return false;
  struct merkle_hash row[TILE_WIDTH];
  memcpy(row, l->hashes, sizeof row);
  for (size_t n = TILE_WIDTH; n > 1; n /= 2)
    for (size_t i = 0; i < n / 2; i++)
      merkle_node(&row[i], &row[2 * i], &row[2 * i + 1]);
  return level == TILE_LEVEL_MAX || add_hash(w, level + 1, &row[0]);
}

static void add_peak(struct walk *w, const struct merkle_hash *hash)
{
  w->peaks[w->peak_count++] = *hash;
  for (uint64_t n = ++w->size; n % 2 == 0; n /= 2) {
    w->peak_count--;
    merkle_node(&w->peaks[w->peak_count - 1], &w->peaks[w->peak_count - 1], &w->peaks[w->peak_count]);
  }
}

static void root_of(const struct walk *w, struct merkle_hash *out)
{
  merkle_empty(out);
  if (w->peak_count == 0) return;
  *out = w->peaks[w->peak_count - 1];
  for (unsigned i = w->peak_count - 1; i > 0; i--)
    merkle_node(out, &w->peaks[i - 1], out);
}

static void compare_root(struct walk *w, const struct query *q, int size_at, int root_at, const char *what)
{
  size_t n = 0;
  struct merkle_hash root;
  const void *stored = column_blob(q, root_at, &n);
  root_of(w, &root);
  if (n != HASH_SIZE || memcmp(stored, root.bytes, HASH_SIZE) != 0)
    verify_fault(w->report, "the %s of %lld entries has another root than they make", what,
                 (long long)column_int(q, size_at));
}

/* Entries and checkpoints side by side: both in the order of sizes. */
static bool walk_entries(struct walk *w)
{
  struct leaf_rows rows;
  leaf_rows_open(&rows, w->db, 0, UINT64_MAX, w->err);
  struct query signed_at =
      query_open(w->db, "SELECT size, root FROM sync_checkpoint ORDER BY size /* scan: all */", w->err);
  bool more = query_row(&signed_at), ok = true;
  while (ok && leaf_rows_next(&rows)) {
    add_peak(w, &rows.hash);
    ok = add_hash(w, 0, &rows.hash);
    for (; more && (uint64_t)column_int(&signed_at, 0) == w->size; more = query_row(&signed_at)) {
      compare_root(w, &signed_at, 0, 1, "checkpoint");
      w->report->checkpoints++;
    }
  }
  if (ok && more)
    verify_fault(w->report, "a checkpoint of %lld entries was signed, and there are %llu",
                 (long long)column_int(&signed_at, 0), (unsigned long long)w->size);
  w->report->leaves = w->size;
  bool closed = query_close(&signed_at);
  return leaf_rows_close(&rows) && closed && ok;
}

/* The open tiles at the right edge, that none is there besides, and the tree's own size and root. */
static bool compare_edge(struct walk *w)
{
  int64_t tiles = 0;
  for (int level = 0; level <= TILE_LEVEL_MAX; level++) {
    struct level *l = &w->levels[level];
    if (l->count % TILE_WIDTH && !compare_tile(w, level, l->count / TILE_WIDTH, l->count % TILE_WIDTH))
      return false;
  }
  if (!db_int(w->db, "SELECT count(*) FROM sync_tile", 0, &tiles, w->err)) return false;
  if ((uint64_t)tiles != w->tiles)
    verify_fault(w->report, "the log has %lld tiles, its entries make %llu", (long long)tiles,
                 (unsigned long long)w->tiles);
  struct query q = query_open(w->db, "SELECT size, root FROM sync_tree WHERE id = 1", w->err);
  bool found = query_row(&q);
  if (found && (uint64_t)column_int(&q, 0) != w->size)
    verify_fault(w->report, "the tree says %lld entries, there are %llu", (long long)column_int(&q, 0),
                 (unsigned long long)w->size);
  else if (found)
    compare_root(w, &q, 0, 1, "tree");
  else if (w->size > 0)
    verify_fault(w->report, "there is no tree over %llu entries", (unsigned long long)w->size);
  return query_close(&q);
}

/* ---- both: signatures of checkpoints ---- */

static void check_note(struct verify_report *report, const struct note_key *log, const char *text,
                       uint64_t size, const void *root, size_t root_size)
{
  struct note note;
  struct checkpoint checkpoint;
  struct err why = ERR_INIT;
  if (!note_open(&note, text, strlen(text), &why) || !note_verify(&note, log, NULL, &why) ||
      !checkpoint_decode(&checkpoint, note.text, note.text_size, &why))
    verify_fault(report, "the checkpoint of %llu entries: %s", (unsigned long long)size, why.text);
  else if (checkpoint.size != size || root_size != HASH_SIZE ||
           memcmp(checkpoint.root.bytes, root, HASH_SIZE) != 0)
    verify_fault(report, "the checkpoint of %llu entries says another size or root than is kept with it",
                 (unsigned long long)size);
}

/* Rows of size, root, note; closes the query. */
static bool check_notes(struct query *q, const struct note_key *log, struct verify_report *report)
{
  while (query_row(q)) {
    size_t n = 0;
    const void *root = column_blob(q, 1, &n);
    check_note(report, log, column_text(q, 2), (uint64_t)column_int(q, 0), root, n);
  }
  return query_close(q);
}

/* ---- the node: proofs of its own entries ---- */

/* until_pos: of what stood there before (leaves_former_next); 0: of what stands there. */
static bool check_proof(struct db *db, struct stream own, const struct leaves_message *m, int64_t until_pos,
                        struct verify_report *report, struct err *err)
{
  struct err why = ERR_INIT;
  bool holds = leaves_check(db, own, m, until_pos, &why);
  bool ok = holds || why.kind == ERR_MISSING || why.kind == ERR_REFUTED || why.kind == ERR_CORRUPT;
  if (!ok && err) *err = why;
  if (ok && !holds)
    verify_fault(report, "the proof of entries %llu to %llu: %s", (unsigned long long)m->first_seq,
                 (unsigned long long)(m->first_seq + m->count - 1), why.text);
  report->proofs++;
  return ok;
}

static bool check_proofs(struct db *db, struct stream own, struct verify_report *report, struct err *err)
{
  int64_t until_pos = 0;
  bool ok = true, found = true;
  struct leaves_message *m = calloc(1, sizeof *m);
  if (!m) return err_set(err, ERR_IO, "no memory for a proof");
  while (ok && (ok = leaves_next(db, m->first_seq, m, &found, err)) && found)
    ok = check_proof(db, own, m, 0, report, err);
  m->first_seq = 0;
  while (ok && (ok = leaves_former_next(db, &until_pos, m, &found, err)) && found)
    ok = check_proof(db, own, m, until_pos, report, err);
  free(m);
  return ok;
}

/* What a province that lost its disk would put its leaves back by: runs without a gap, and those of this
 * branch as the proofs of its own entries have them. */
static bool check_mirror(struct db *db, struct stream own, uint32_t province, struct verify_report *report,
                         struct err *err)
{
  int64_t expected = 0;
  struct query q = query_open(db, "SELECT first_pos, count FROM sync_mirror_run ORDER BY first_pos", err);
  while (query_row(&q)) {
    int64_t first = column_int(&q, 0);
    if (first != expected)
      verify_fault(report, "the mirror of the log has a gap: a run begins at %lld, not at %lld",
                   (long long)first, (long long)expected);
    expected = first + column_int(&q, 1);
  }
  if (!query_close(&q)) return false;
  q = query_open(
      db,
      "SELECT p.first_pos, p.first_seq FROM sync_leaf_run p JOIN sync_mirror_run m ON m.first_pos ="
      " (SELECT max(first_pos) FROM sync_mirror_run WHERE first_pos <= p.first_pos)"
      " WHERE p.first_pos + p.count <= (SELECT first_pos + count FROM sync_mirror_run ORDER BY first_pos DESC"
      " LIMIT 1) AND (m.author <> ?1 OR m.lane <> 0 OR m.received_ms <> p.received_ms"
      " OR m.first_seq - m.first_pos <> p.first_seq - p.first_pos)"
      " /* scan: every proved run is looked at */",
      err);
  query_int(&q, 1, own.author);
  while (query_row(&q))
    verify_fault(report, "the mirror of the log has another run at %lld than the proof of entry %lld",
                 (long long)column_int(&q, 0), (long long)column_int(&q, 1));
  if (!query_close(&q)) return false;
  /* Sealed entries lie where the mirror says the province's entries are. */
  q = query_open(db,
                 "SELECT e.pos FROM sync_mirror_entry e LEFT JOIN sync_mirror_run m ON m.first_pos ="
                 " (SELECT max(first_pos) FROM sync_mirror_run WHERE first_pos <= e.pos)"
                 " WHERE m.first_pos IS NULL OR e.pos >= m.first_pos + m.count OR m.author <> ?1 /* scan: "
                 "all of them */",
                 err);
  query_int(&q, 1, province);
  while (query_row(&q))
    verify_fault(report, "the mirror of the log keeps entry %lld, where no run of the province is",
                 (long long)column_int(&q, 0));
  return query_close(&q);
}

static bool verify_node(struct db *db, uint32_t author, uint32_t province, const struct note_key *log,
                        struct verify_report *report, struct err *err)
{
  struct witness_held kept_to;
  struct query held =
      query_open(db, "SELECT size, root, note FROM sync_witness WHERE origin = ?1 AND size > 0", err);
  query_text(&held, 1, log->name);
  if (!check_notes(&held, log, report)) return false;
  struct query proved =
      query_open(db, "SELECT size, root, note FROM sync_checkpoint /* scan: one row a proved run */", err);
  if (!check_notes(&proved, log, report) || !check_proofs(db, (struct stream){author, 0}, report, err))
    return false;
  const uint64_t before = report->faults;
  if (!check_mirror(db, (struct stream){author, 0}, province, report, err)) return false;
  report->kept_faults += report->faults - before;
  return witness_held(db, log->name, &kept_to, err) &&
         verify_keep(db, author, province, &kept_to, report, err);
}

static bool verify_hub(struct db *db, const struct note_key *log, struct verify_report *report,
                       struct err *err)
{
  struct walk *w = calloc(1, sizeof *w);
  if (!w) return err_set(err, ERR_IO, "no memory for a tree");
  w->db = db;
  w->report = report;
  w->err = err;
  bool ok = walk_entries(w) && compare_edge(w);
  free(w);
  struct query newest =
      query_open(db, "SELECT size, root, note FROM sync_checkpoint ORDER BY size DESC LIMIT 1", err);
  return check_notes(&newest, log, report) && ok;
}

bool verify_log(struct db *db, uint32_t author, uint32_t province, struct verify_report *report,
                struct err *err)
{
  struct note_key log;
  struct err unknown = ERR_INIT;
  if (!log_key(db, province, &log, &unknown)) {
    if (unknown.kind == ERR_DENIED || unknown.kind == ERR_MISSING)
      return true; /* it has met no province yet */
    if (err) *err = unknown;
    return false;
  }
  return author == province ? verify_hub(db, &log, report, err)
                            : verify_node(db, author, province, &log, report, err);
}
