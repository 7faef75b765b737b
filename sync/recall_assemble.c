#include "core/base/clock.h"
#include "core/base/limits.h"
#include "sync/journal.h"
#include "sync/lost.h"
#include "sync/recall_state.h"
#include "sync/streams.h"
#include "sync/tlog.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- which leaves, from whose mirror ---- */

static bool largest_shown(struct recall *r, uint64_t *size, struct merkle_hash *root, struct buf *note,
                          struct err *err)
{
  struct query q = query_open(r->db, "SELECT size, root, note FROM shown ORDER BY size DESC LIMIT 1", err);
  *size = 0;
  if (query_row(&q)) {
    size_t n = 0;
    const void *bytes = column_blob(&q, 1, &n);
    *size = (uint64_t)column_int(&q, 0);
    if (n == HASH_SIZE) memcpy(root->bytes, bytes, HASH_SIZE);
    if (note) put_text(note, column_text(&q, 2));
  }
  return query_close(&q);
}

/* The province signed two trees of one size: it forked its own log, and no rebuilding can undo that. */
static bool shown_once(struct recall *r, uint64_t size, struct err *err)
{
  struct query q = query_open(
      r->db, "SELECT count(DISTINCT root) FROM shown WHERE size = ?1 /* scan: a row a branch */", err);
  query_int(&q, 1, (int64_t)size);
  bool forked = query_row(&q) && column_int(&q, 0) > 1;
  if (!query_close(&q)) return false;
  return !forked || err_rule(err, ERR_CORRUPT, "log", "log_forked",
                             "branches hold two different checkpoints of %llu leaves, both signed by the "
                             "province: no log can continue both",
                             (unsigned long long)size);
}

/* Mirrors by how far they reach. */
struct mirrors {
  uint32_t source[RECALL_BRANCHES_MAX];
  uint64_t through[RECALL_BRANCHES_MAX];
  size_t count;
};

static bool list_mirrors(struct recall *r, struct mirrors *out, struct err *err)
{
  struct query q = query_open(r->db,
                              "SELECT source, max(first_pos), count FROM run GROUP BY source"
                              " ORDER BY 2 DESC, source",
                              err);
  out->count = 0;
  while (out->count < RECALL_BRANCHES_MAX && query_row(&q)) {
    out->source[out->count] = (uint32_t)column_int(&q, 0);
    out->through[out->count++] = (uint64_t)(column_int(&q, 1) + column_int(&q, 2));
  }
  return query_close(&q);
}

static struct mirror_run run_in_hand(const struct query *q)
{
  return (struct mirror_run){
      .first_pos = (uint64_t)column_int(q, 0),
      .stream = {.author = (uint32_t)column_int(q, 1), .lane = (uint32_t)column_int(q, 2)},
      .first_seq = (uint64_t)column_int(q, 3),
      .count = (uint64_t)column_int(q, 4),
      .received_ms = column_int(q, 5)};
}

static struct query runs_of(struct recall *r, uint32_t source, uint64_t from, uint64_t to, struct err *err)
{
  struct query q = query_open(r->db,
                              "SELECT first_pos, author, lane, first_seq, count, received_ms FROM run"
                              " WHERE source = ?1 AND first_pos >= ?2 AND first_pos < ?3 ORDER BY first_pos",
                              err);
  query_int(&q, 1, source);
  query_int(&q, 2, (int64_t)from);
  query_int(&q, 3, (int64_t)to);
  return q;
}

/* ---- how far it is ---- */

/* Entries of the run that are here. */
static bool count_brought(struct recall *r, const struct mirror_run *run, uint64_t *n, struct err *err)
{
  struct query q =
      query_open(r->db,
                 "SELECT (SELECT count(*) FROM entry WHERE author = ?1 AND lane = ?2 AND seq >= ?3"
                 " AND seq < ?4), (SELECT count(*) FROM sealed WHERE pos >= ?5 AND pos < ?6)",
                 err);
  query_int(&q, 1, run->stream.author);
  query_int(&q, 2, run->stream.lane);
  query_int(&q, 3, (int64_t)run->first_seq);
  query_int(&q, 4, (int64_t)(run->first_seq + run->count));
  query_int(&q, 5, (int64_t)run->first_pos);
  query_int(&q, 6, (int64_t)(run->first_pos + run->count));
  *n = 0;
  if (query_row(&q)) {
    uint64_t entries = (uint64_t)column_int(&q, 0), sealed = (uint64_t)column_int(&q, 1);
    *n = entries > sealed ? entries : sealed;
  }
  return query_close(&q);
}

static bool find_gaps(struct recall *r, uint32_t source, struct recall_state *s, struct err *err)
{
  struct query q = runs_of(r, source, r->have, s->mapped, err);
  bool ok = true;
  while (ok && query_row(&q)) {
    struct mirror_run run = run_in_hand(&q);
    uint64_t brought = 0;
    ok = count_brought(r, &run, &brought, err);
    if (!ok || brought >= run.count) continue;
    s->missing += run.count - brought;
    if (s->gap_count < RECALL_GAPS_MAX)
      s->gaps[s->gap_count++] = (struct recall_gap){.run = run, .missing = run.count - brought};
  }
  return query_close(&q) && ok;
}

struct waiting {
  struct recall *recall;
  struct recall_state *state;
  struct err *err;
  bool ok;
};

static bool add_waiting(struct waiting *w, uint32_t branch)
{
  struct recall_state *s = w->state;
  for (size_t i = 0; i < s->waiting_count; i++)
    if (s->waiting[i] == branch) return true;
  struct query q =
      query_open(w->recall->db, "SELECT 1 FROM branch WHERE code = ?1 AND brought_ms <> 0", w->err);
  query_int(&q, 1, branch);
  bool brought = query_row(&q);
  if (!query_close(&q)) return false;
  if (!brought && s->waiting_count < RECALL_BRANCHES_MAX) s->waiting[s->waiting_count++] = branch;
  return true;
}

static bool add_known(void *ctx, const struct key *key)
{
  struct waiting *w = ctx;
  if (key->author == w->recall->province || key->revoked_ms) return true;
  w->state->known++;
  w->ok = add_waiting(w, key->author);
  return w->ok;
}

static bool find_brought(struct recall *r, struct recall_state *s, struct err *err)
{
  struct query q =
      query_open(r->db, "SELECT code FROM branch WHERE brought_ms <> 0 /* scan: a row a branch */", err);
  while (s->brought_count < RECALL_BRANCHES_MAX && query_row(&q))
    s->brought[s->brought_count++] = (uint32_t)column_int(&q, 0);
  return query_close(&q);
}

/* Branches of the backup whose key is in force, those whose entries the log has, those that have begun, and
 * those that people name. */
static bool find_waiting(struct recall *r, struct recall_state *s, struct err *err)
{
  struct waiting w = {.recall = r, .state = s, .err = err, .ok = true};
  if (!key_list(r->log, 0, add_known, &w, err) || !w.ok) return false;
  struct query q =
      query_open(r->db,
                 "SELECT author FROM run UNION SELECT code FROM branch UNION SELECT branch FROM expected"
                 " /* scan: a few times while people wait */",
                 err);
  while (w.ok && query_row(&q))
    if ((uint32_t)column_int(&q, 0) != r->province) w.ok = add_waiting(&w, (uint32_t)column_int(&q, 0));
  return query_close(&q) && w.ok && find_brought(r, s, err);
}

bool recall_look(struct recall *r, struct recall_state *s, struct err *err)
{
  struct merkle_hash root;
  struct mirrors *mirrors = malloc(sizeof *mirrors);
  if (!mirrors) return err_set(err, ERR_IO, "out of memory looking at what branches brought");
  memset(s, 0, sizeof *s);
  pthread_mutex_lock(&r->lock);
  s->have = s->mapped = r->have;
  bool ok = largest_shown(r, &s->target, &root, NULL, err) && list_mirrors(r, mirrors, err);
  if (ok && mirrors->count) {
    s->mapped = mirrors->through[0] < s->target ? mirrors->through[0] : s->target;
    ok = find_gaps(r, mirrors->source[0], s, err);
  }
  ok = ok && find_waiting(r, s, err);
  pthread_mutex_unlock(&r->lock);
  free(mirrors);
  return ok;
}

/* ---- putting it together ---- */

struct assembly {
  struct recall *r;
  struct db *db; /* of the copy */
  struct journal journal;
  struct buf record, payload;
  bool has_payload;
  uint64_t tail; /* entries that put_tails wrote */
  struct err *err;
};

static bool missing(struct assembly *a, const struct mirror_run *run, uint64_t pos, uint64_t seq)
{
  return err_rule(a->err, ERR_MISSING, "pos", "leaf_missing",
                  "leaf %llu is entry %llu of %u/%u, which no branch has brought", (unsigned long long)pos,
                  (unsigned long long)seq, run->stream.author, run->stream.lane);
}

static bool fetch_entry(struct assembly *a, const struct mirror_run *run, uint64_t seq, bool *found)
{
  struct query q = query_open(
      a->r->db, "SELECT record, payload FROM entry WHERE author = ?1 AND lane = ?2 AND seq = ?3", a->err);
  query_int(&q, 1, run->stream.author);
  query_int(&q, 2, run->stream.lane);
  query_int(&q, 3, (int64_t)seq);
  *found = query_row(&q);
  if (*found) {
    size_t n = 0;
    const void *bytes = column_blob(&q, 0, &n);
    put_bytes(&a->record, bytes, n);
    bytes = column_blob(&q, 1, &n);
    put_bytes(&a->payload, bytes, n);
    a->has_payload = !column_null(&q, 1);
  }
  return query_close(&q);
}

static bool fetch_sealed(struct assembly *a, uint64_t pos, bool *found)
{
  struct query q = query_open(a->r->db, "SELECT record, sealed FROM sealed WHERE pos = ?1", a->err);
  query_int(&q, 1, (int64_t)pos);
  *found = query_row(&q);
  if (*found) {
    struct mirror_entry e = {.pos = pos};
    e.record = column_blob(&q, 0, &e.record_size);
    e.sealed = column_blob(&q, 1, &e.sealed_size);
    put_bytes(&a->record, e.record, e.record_size);
    a->has_payload = !column_null(&q, 1);
    if (a->has_payload) *found = mirror_unseal(&a->payload, &e, a->r->mirror_key);
  }
  return query_close(&q);
}

/* Its author's, when it is the last of its batch: what the province signed once it signs to the same bytes.
 */
static bool fetch_signature(struct assembly *a, const struct record *record, const uint8_t hash[HASH_SIZE],
                            uint8_t out[SIGNATURE_SIZE])
{
  if (record->stream.author == a->r->province) {
    head_sign(out, hash, a->r->secret);
    return true;
  }
  struct query q =
      query_open(a->r->db, "SELECT signature FROM signature WHERE author = ?1 AND seq = ?2", a->err);
  query_int(&q, 1, record->stream.author);
  query_int(&q, 2, (int64_t)record->seq);
  size_t n = 0;
  const void *bytes = query_row(&q) ? column_blob(&q, 0, &n) : NULL;
  if (n == SIGNATURE_SIZE) memcpy(out, bytes, n);
  if (!query_close(&q)) return false;
  return n == SIGNATURE_SIZE || err_rule(a->err, ERR_MISSING, "signature", "signature_missing",
                                         "branch %u has not brought its signature over entry %llu",
                                         record->stream.author, (unsigned long long)record->seq);
}

static bool append(struct assembly *a, const struct mirror_run *run, const struct record *record,
                   bool is_last)
{
  uint8_t hash[HASH_SIZE], signature[SIGNATURE_SIZE];
  struct stream_state *state = journal_stream(&a->journal, run->stream, a->err);
  if (!state) return false;
  if (record->stream.author != run->stream.author || record->stream.lane != run->stream.lane ||
      record->seq != state->head.seq + 1 || memcmp(record->prev, state->head.hash, HASH_SIZE) != 0)
    return err_rule(a->err, ERR_CORRUPT, "pos", "other_root",
                    "entry %llu of %u/%u does not follow on what is before it",
                    (unsigned long long)record->seq, run->stream.author, run->stream.lane);
  record_hash(hash, a->record.data, a->record.size);
  if (is_last && !fetch_signature(a, record, hash, signature)) return false;
  const struct append entry = {.record = record,
                               .bytes = a->record.data,
                               .size = a->record.size,
                               .hash = hash,
                               .payload = a->has_payload ? a->payload.data : NULL,
                               .signature = is_last ? signature : NULL,
                               .received_ms = run->received_ms};
  return journal_append(&a->journal, state, &entry, a->err);
}

static bool put_leaf(struct assembly *a, const struct mirror_run *run, uint64_t i)
{
  struct record record;
  bool found = false;
  uint64_t pos = run->first_pos + i, seq = run->first_seq + i;
  buf_clear(&a->record);
  buf_clear(&a->payload);
  if (!fetch_entry(a, run, seq, &found) || (!found && !fetch_sealed(a, pos, &found))) return false;
  if (!found) return missing(a, run, pos, seq);
  if (a->record.bad || a->payload.bad) return err_set(a->err, ERR_IO, "out of memory for a leaf");
  return record_decode(&record, a->record.data, a->record.size, a->err) &&
         append(a, run, &record, i + 1 == run->count);
}

static bool put_leaves(struct assembly *a, uint32_t source, uint64_t target)
{
  struct query q = runs_of(a->r, source, a->r->have, target, a->err);
  uint64_t pos = a->r->have;
  bool ok = true;
  while (ok && query_row(&q)) {
    struct mirror_run run = run_in_hand(&q);
    for (uint64_t i = 0; ok && i < run.count; i++)
      ok = put_leaf(a, &run, i);
    pos = run.first_pos + run.count;
  }
  if (!query_close(&q) || !ok) return false;
  return pos == target ||
         err_rule(a->err, ERR_CORRUPT, "pos", "other_root",
                  "the mirror of %u has no run that ends at leaf %llu", source, (unsigned long long)target);
}

static bool same_root(struct assembly *a, uint32_t source, uint64_t target, const struct merkle_hash *root)
{
  struct tlog_state now;
  if (!tlog_integrate(a->db, a->err) || !tlog_state(a->db, &now, a->err)) return false;
  if (now.size == target && memcmp(&now.root, root, sizeof *root) == 0) return true;
  return err_rule(a->err, ERR_CORRUPT, "log", "other_root",
                  "the leaves as the mirror of %u places them do not have the root that was signed at %llu",
                  source, (unsigned long long)target);
}

/* A branch is sent an entry of the province before it witnesses the log that has it.  Those behind the target
 * are signed by the province, and a rebuilt one that forgot them would sign others in their places. */
static bool put_tail(struct assembly *a, struct stream stream)
{
  struct stream_state *state = journal_stream(&a->journal, stream, a->err);
  bool found = state != NULL;
  while (found) {
    struct mirror_run run = {.stream = stream, .first_seq = state->head.seq + 1, .count = 1};
    struct record record;
    buf_clear(&a->record);
    buf_clear(&a->payload);
    if (!fetch_entry(a, &run, run.first_seq, &found)) return false;
    if (!found) break;
    if (a->record.bad || a->payload.bad) return err_set(a->err, ERR_IO, "out of memory for an entry");
    if (!record_decode(&record, a->record.data, a->record.size, a->err)) return false;
    /* Others have witnessed another entry before it: it has no place any more, and its branch stands alone.
     */
    if (memcmp(record.prev, state->head.hash, HASH_SIZE) != 0) break;
    run.received_ms = hlc_ms(record.hlc);
    if (!append(a, &run, &record, true)) return false;
    a->tail++;
  }
  return state != NULL;
}

/* The shared stream is the first: directed rows speak of what stands in it. */
static bool put_tails(struct assembly *a)
{
  struct query q = query_open(
      a->r->db, "SELECT DISTINCT lane FROM entry WHERE author = ?1 ORDER BY lane /* scan: once */", a->err);
  bool ok = true;
  query_int(&q, 1, a->r->province);
  while (ok && query_row(&q))
    ok = put_tail(a, (struct stream){a->r->province, (uint32_t)column_int(&q, 0)});
  return query_close(&q) && ok;
}

/* Keys that the log has just proved, their signatures being in its leaves, or that a branch has shown over
 * the line its certificate opened and has not used yet. */
static bool copy_key(struct db *db, const struct query *from, struct err *err)
{
  size_t n = 0;
  const void *bytes = column_blob(from, 2, &n);
  struct query q = query_open(db,
                              "INSERT INTO sync_key(author, epoch, public_key, since_ms, revoked_ms)"
                              " VALUES(?1, ?2, ?3, ?4, ?5) ON CONFLICT DO NOTHING",
                              err);
  query_int(&q, 1, column_int(from, 0));
  query_int(&q, 2, column_int(from, 1));
  query_blob(&q, 3, bytes, n);
  query_int(&q, 4, column_int(from, 3));
  query_int(&q, 5, column_int(from, 4));
  return query_run(&q);
}

static bool copy_keys(struct assembly *a)
{
  struct query q =
      query_open(a->r->db, "SELECT author, epoch, public_key, since_ms, revoked_ms FROM author_key", a->err);
  bool ok = true;
  while (ok && query_row(&q))
    ok = copy_key(a->db, &q, a->err);
  return query_close(&q) && ok;
}

static bool keep_checkpoint(struct assembly *a, uint64_t size, const struct merkle_hash *root,
                            const struct buf *note)
{
  struct query q =
      query_open(a->db,
                 "INSERT INTO sync_checkpoint(size, root, note, signed_ms)"
                 " VALUES(?1, ?2, ?3, (SELECT max(received_ms) FROM sync_entry WHERE pos = ?1 - 1))"
                 " ON CONFLICT DO NOTHING",
                 a->err);
  query_int(&q, 1, (int64_t)size);
  query_blob(&q, 2, root->bytes, HASH_SIZE);
  query_textn(&q, 3, (const char *)note->data, note->size);
  return query_run(&q) && db_exec(a->db, "DELETE FROM sync_restored", a->err);
}

/* One mirror's map, tried in one transaction: the log with that root, or nothing. */
static bool try_mirror(struct assembly *a, uint32_t source, uint64_t target, const struct merkle_hash *root,
                       const struct buf *note)
{
  if (!db_begin(a->db, a->err)) return false;
  journal_init(&a->journal, a->db, a->r->province);
  a->tail = 0;
  bool ok = journal_load(&a->journal, a->err) && put_leaves(a, source, target) &&
            same_root(a, source, target, root) && copy_keys(a) && keep_checkpoint(a, target, root, note) &&
            put_tails(a) && lost_settle(a->db, a->err) && db_commit(a->db, a->err);
  if (!ok) db_rollback(a->db);
  journal_wipe(&a->journal);
  return ok;
}

static bool try_mirrors(struct assembly *a, const struct mirrors *mirrors, struct recall_report *report,
                        uint64_t target, const struct buf *note)
{
  struct err *err = a->err, first = ERR_INIT, why = ERR_INIT;
  bool ok = false;
  a->err = &why;
  for (size_t i = 0; !ok && i < mirrors->count && mirrors->through[i] >= target; i++) {
    err_clear(&why);
    ok = try_mirror(a, mirrors->source[i], target, &report->root, note);
    if (ok) report->mirror_of = mirrors->source[i];
    if (!ok && first.kind == ERR_NONE) first = why;
    if (!ok && why.kind == ERR_IO) break; /* our own disk */
  }
  a->err = err;
  if (!ok && first.kind == ERR_NONE)
    (void)err_rule(&first, ERR_MISSING, "pos", "leaf_missing",
                   "no branch has brought a mirror of the log up to leaf %llu", (unsigned long long)target);
  if (!ok && err) *err = first;
  return ok;
}

bool recall_begins(struct recall *r, const char *log, uint64_t *size, bool *begins, struct err *err)
{
  struct merkle_hash shown, ours;
  struct tlog_state state;
  struct db *db = NULL;
  *begins = false;
  pthread_mutex_lock(&r->lock);
  bool ok = largest_shown(r, size, &shown, NULL, err);
  pthread_mutex_unlock(&r->lock);
  ok = ok && db_open(&db, log, DB_READ, err) && tlog_state(db, &state, err);
  if (ok && *size > state.size) *size = 0;
  if (ok && *size > 0) {
    ok = tlog_root_at(db, state.size, *size, &ours, err);
    *begins = ok && memcmp(&ours, &shown, sizeof ours) == 0;
  }
  db_close(db);
  return ok;
}

/* The log that is here must be the one that was witnessed, as far as that goes. */
static bool continues_witnessed(struct assembly *a, struct recall_report *report)
{
  struct merkle_hash root;
  struct tlog_state now;
  if (!tlog_integrate(a->db, a->err) || !tlog_state(a->db, &now, a->err) ||
      (report->size && !tlog_root_at(a->db, now.size, report->size, &root, a->err)))
    return false;
  if (report->size && memcmp(&root, &report->root, sizeof root) != 0)
    return err_rule(a->err, ERR_CORRUPT, "log", "other_root",
                    "the %llu leaves that are here do not continue the %llu that a branch has witnessed",
                    (unsigned long long)a->r->have, (unsigned long long)report->size);
  report->size = now.size;
  report->root = now.root;
  return true;
}

/* Nobody has seen more of the log than is here; but entries that a branch was sent may be missing behind it.
 */
static bool only_tails(struct assembly *a, struct recall_report *report)
{
  if (!db_begin(a->db, a->err)) return false;
  journal_init(&a->journal, a->db, a->r->province);
  bool ok = journal_load(&a->journal, a->err) && continues_witnessed(a, report) && put_tails(a);
  if (ok && a->tail == 0)
    ok = err_rule(a->err, ERR_CONFLICT, "", "nothing_missing",
                  "no branch has seen more than the %llu leaves that are here",
                  (unsigned long long)a->r->have);
  ok = ok && copy_keys(a) && db_exec(a->db, "DELETE FROM sync_restored", a->err) &&
       lost_settle(a->db, a->err) && db_commit(a->db, a->err);
  if (!ok) db_rollback(a->db);
  journal_wipe(&a->journal);
  return ok;
}

bool recall_assemble(struct recall *r, const char *copy, struct recall_report *report, struct err *err)
{
  struct assembly a = {.r = r, .err = err};
  struct buf note = BUF_INIT;
  struct mirrors *mirrors = malloc(sizeof *mirrors);
  if (!mirrors) return err_set(err, ERR_IO, "out of memory putting the log together");
  memset(report, 0, sizeof *report);
  pthread_mutex_lock(&r->lock);
  report->from = r->have;
  bool ok = largest_shown(r, &report->size, &report->root, &note, err) && shown_once(r, report->size, err) &&
            list_mirrors(r, mirrors, err);
  ok = ok && db_open(&a.db, copy, DB_WRITE, err) &&
       (report->size <= r->have ? only_tails(&a, report)
                                : try_mirrors(&a, mirrors, report, report->size, &note));
  report->tail = a.tail;
  pthread_mutex_unlock(&r->lock);
  db_close(a.db);
  buf_wipe(&a.record);
  buf_wipe(&a.payload);
  buf_wipe(&note);
  free(mirrors);
  return ok;
}
