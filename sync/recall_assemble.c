#include "core/base/clock.h"
#include "core/base/limits.h"
#include "sync/follows.h"
#include "sync/journal.h"
#include "sync/leaf_rows.h"
#include "sync/lost.h"
#include "sync/recall_state.h"
#include "sync/recall_tiles.h"
#include "sync/streams.h"
#include "sync/tlog.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- putting it together ---- */

struct assembly {
  struct recall *r;
  struct db *db; /* of the copy */
  struct journal journal;
  struct ours_entry leaf;
  uint64_t tail;   /* entries that put_tails wrote */
  uint32_t forger; /* whose signature was none, and over which entry */
  uint64_t forged;
  struct err *err;
};

static bool missing(struct assembly *a, const struct mirror_run *run, uint64_t pos, uint64_t seq)
{
  return err_rule(a->err, ERR_MISSING, "pos", "leaf_missing",
                  "leaf %llu is entry %llu of %u/%u, which no branch has brought", (unsigned long long)pos,
                  (unsigned long long)seq, run->stream.author, run->stream.lane);
}

static bool does_not_follow(struct assembly *a, struct stream stream, uint64_t seq)
{
  return err_rule(a->err, ERR_REFUTED, "pos", "other_root",
                  "entry %llu of %u/%u does not follow on what is before it", (unsigned long long)seq,
                  stream.author, stream.lane);
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
  bool found = false;
  if (!own_signature(a->r, record->stream.author, record->seq, out, &found, a->err)) return false;
  return found || err_rule(a->err, ERR_MISSING, "signature", "signature_missing",
                           "branch %u has not brought its signature over entry %llu", record->stream.author,
                           (unsigned long long)record->seq);
}

static bool append(struct assembly *a, const struct mirror_run *run, const struct record *record,
                   bool is_last)
{
  uint8_t hash[HASH_SIZE], signature[SIGNATURE_SIZE];
  const struct ours_entry *leaf = &a->leaf;
  struct stream_state *state = journal_stream(&a->journal, run->stream, a->err);
  bool follows = false;
  if (!state || !follows_on_head(a->db, state->head_pos, &state->head, record->prev, &follows, a->err))
    return false;
  if (record->stream.author != run->stream.author || record->stream.lane != run->stream.lane ||
      record->seq != state->head.seq + 1 || !follows)
    return does_not_follow(a, run->stream, record->seq);
  record_hash(hash, leaf->record.data, leaf->record.size);
  if (is_last && !fetch_signature(a, record, hash, signature)) return false;
  const struct append entry = {.record = record,
                               .bytes = leaf->record.data,
                               .size = leaf->record.size,
                               .hash = hash,
                               .payload = leaf->has_payload ? leaf->payload.data : NULL,
                               .signature = is_last ? signature : NULL,
                               .received_ms = run->received_ms};
  return journal_append(&a->journal, state, &entry, a->err);
}

static bool leaf_hash(struct assembly *a, int64_t pos, struct merkle_hash *out)
{
  struct leaf_rows rows;
  leaf_rows_open(&rows, a->db, (uint64_t)pos, (uint64_t)pos + 1, a->err);
  if (leaf_rows_next(&rows)) *out = rows.hash;
  return leaf_rows_close(&rows);
}

static bool fetch_at(struct assembly *a, struct stream stream, const struct ours_place *at)
{
  if (stream.author == a->r->province) return ours_fetch(a->r, at, &a->leaf, a->err);
  return own_fetch(a->r, stream.author, at, &a->leaf, a->err);
}

/* The next entry of the stream, of those that follow on what the log has: on its record, or on its leaf. */
static bool fetch(struct assembly *a, struct stream stream, uint64_t seq, bool signed_only)
{
  struct merkle_hash leaf;
  const struct stream_state *state = journal_stream(&a->journal, stream, a->err);
  if (!state) return false;
  struct ours_place at = {.lane = stream.lane,
                          .seq = seq,
                          .prev = state->head.hash,
                          .behind_lost = state->head.lost,
                          .signed_only = signed_only};
  if (!fetch_at(a, stream, &at)) return false;
  if (a->leaf.found || !a->leaf.any || state->head.seq == 0) return true;
  if (!leaf_hash(a, state->head_pos, &leaf)) return false;
  at.leaf = leaf.bytes;
  return fetch_at(a, stream, &at);
}

static bool put_leaf(struct assembly *a, const struct mirror_run *run, uint64_t i)
{
  struct record record;
  uint64_t pos = run->first_pos + i, seq = run->first_seq + i;
  buf_clear(&a->leaf.record);
  buf_clear(&a->leaf.payload);
  if (!fetch(a, run->stream, seq, false)) return false;
  if (!a->leaf.found && a->leaf.any) return does_not_follow(a, run->stream, seq);
  if (!a->leaf.found) return missing(a, run, pos, seq);
  if (a->leaf.record.bad || a->leaf.payload.bad) return err_set(a->err, ERR_IO, "out of memory for a leaf");
  return record_decode(&record, a->leaf.record.data, a->leaf.record.size, a->err) &&
         append(a, run, &record, i + 1 == run->count);
}

static bool put_leaves(struct assembly *a, uint32_t source, uint64_t target)
{
  struct query q = recall_runs_of(a->r, source, a->r->have, target, a->err);
  uint64_t pos = a->r->have;
  bool ok = true;
  while (ok && query_row(&q)) {
    struct mirror_run run = recall_run_in_hand(&q);
    for (uint64_t i = 0; ok && i < run.count; i++)
      ok = put_leaf(a, &run, i);
    pos = run.first_pos + run.count;
  }
  if (!query_close(&q) || !ok) return false;
  return pos == target || err_rule(a->err, ERR_REFUTED, "pos", "other_root",
                                   "the mirror of %u has no run that ends at leaf %llu", recall_code(source),
                                   (unsigned long long)target);
}

static bool same_root(struct assembly *a, uint32_t source, uint64_t target, const struct merkle_hash *root)
{
  struct tlog_state now;
  if (!tlog_integrate(a->db, a->err) || !tlog_state(a->db, &now, a->err)) return false;
  if (now.size == target && memcmp(&now.root, root, sizeof *root) == 0) return true;
  return err_rule(a->err, ERR_REFUTED, "log", "other_root",
                  "the leaves as the mirror of %u places them do not have the root that was signed at %llu",
                  recall_code(source), (unsigned long long)target);
}

/* A branch is sent an entry of the province before it witnesses the log that has it.  Those behind the target
 * are signed by the province, and a rebuilt one that forgot them would sign others in their places. */
static bool put_tail(struct assembly *a, struct stream stream)
{
  struct stream_state *state = journal_stream(&a->journal, stream, a->err);
  while (state) {
    struct mirror_run run = {.stream = stream, .first_seq = state->head.seq + 1, .count = 1};
    struct record record;
    buf_clear(&a->leaf.record);
    buf_clear(&a->leaf.payload);
    /* Others may have witnessed another entry before it: it has no place any more, and its branch stands
     * alone. */
    if (!fetch(a, stream, run.first_seq, true)) return false;
    if (!a->leaf.found) break;
    if (a->leaf.record.bad || a->leaf.payload.bad)
      return err_set(a->err, ERR_IO, "out of memory for an entry");
    if (!record_decode(&record, a->leaf.record.data, a->leaf.record.size, a->err)) return false;
    run.received_ms = hlc_ms(record.hlc);
    if (!append(a, &run, &record, true)) return false;
    a->tail++;
  }
  return state != NULL;
}

/* The shared stream is the first: directed rows speak of what stands in it. */
static bool put_tails(struct assembly *a)
{
  struct query q =
      query_open(a->r->db, "SELECT DISTINCT lane FROM ours ORDER BY lane /* scan: once */", a->err);
  bool ok = true;
  while (ok && query_row(&q))
    ok = put_tail(a, (struct stream){a->r->province, (uint32_t)column_int(&q, 0)});
  return query_close(&q) && ok;
}

static bool keep_checkpoint(struct assembly *a, uint64_t size, const struct merkle_hash *root,
                            const struct buf *note)
{
  struct query q =
      query_open(a->db,
                 "INSERT INTO sync_checkpoint(size, root, note, signed_ms)"
                 " VALUES(?1, ?2, ?3, coalesce((SELECT received_ms FROM sync_entry WHERE pos = ?1 - 1),"
                 " (SELECT received_ms FROM sync_lost_leaf WHERE pos = ?1 - 1)))"
                 " ON CONFLICT DO NOTHING",
                 a->err);
  query_int(&q, 1, (int64_t)size);
  query_blob(&q, 2, root->bytes, HASH_SIZE);
  query_textn(&q, 3, (const char *)note->data, note->size);
  return query_run(&q) && db_exec(a->db, "DELETE FROM sync_restored", a->err);
}

/* ---- whose fault it is ---- */

/* A signature that its author's key did not make is its author's lie, whoever's the mirror: when the root is
 * right all the same, it has shown another key. */
static bool prove_keys(struct assembly *a)
{
  struct recall_forged forged;
  if (!recall_keys_prove(a->r, a->db, &forged, a->err)) return false;
  a->forger = forged.author;
  a->forged = forged.seq;
  return true;
}

static bool leads_there(struct assembly *a, uint32_t source, uint64_t target, const struct merkle_hash *root)
{
  struct err why = ERR_INIT, *err = a->err;
  a->err = &why;
  bool ok = same_root(a, source, target, root);
  a->err = err;
  if ((ok || strcmp(why.rule, "other_root") == 0) && !prove_keys(a)) return false;
  if (a->forger)
    return err_rule(err, ERR_REFUTED, "signature", "other_root",
                    "branch %u has brought a signature over its entry %llu that its key did not make",
                    a->forger, (unsigned long long)a->forged);
  if (!ok && err) *err = why;
  return ok;
}

/* One mirror's map, tried in one transaction: the log with that root, or nothing. */
static bool try_mirror(struct assembly *a, uint32_t source, uint64_t target, const struct merkle_hash *root,
                       const struct buf *note)
{
  if (!db_begin(a->db, a->err)) return false;
  journal_init(&a->journal, a->db, a->r->province);
  a->tail = 0;
  a->forger = 0;
  bool ok = journal_load(&a->journal, a->err) && put_leaves(a, source, target) &&
            leads_there(a, source, target, root) && keep_checkpoint(a, target, root, note) && put_tails(a) &&
            lost_settle(a->db, a->err) && db_commit(a->db, a->err);
  if (!ok) db_rollback(a->db);
  journal_wipe(&a->journal);
  return ok;
}

/* Both reach the target: when one has no run that the other has not, they say the same. */
static bool says_the_same(struct assembly *a, uint32_t one, uint32_t other, uint64_t target, bool *same)
{
  struct query q = query_open(
      a->r->db,
      "SELECT first_pos, author, lane, first_seq, count, received_ms FROM run WHERE source = ?1"
      " AND first_pos < ?3 EXCEPT"
      " SELECT first_pos, author, lane, first_seq, count, received_ms FROM run WHERE source = ?2 LIMIT 1",
      a->err);
  query_int(&q, 1, one);
  query_int(&q, 2, other);
  query_int(&q, 3, (int64_t)target);
  *same = !query_row(&q);
  return query_close(&q);
}

/* The mirrors that were tried, and how many others said what the first of them says. */
struct tried {
  struct assembly *a;
  const struct mirrors *mirrors;
  uint64_t target;
  const struct buf *note;
  uint32_t failed[RECALL_BRANCHES_MAX];
  size_t failed_count;
  size_t agree;
  struct err first;
};

static bool was_tried(struct tried *t, uint32_t source, bool *was)
{
  *was = false;
  for (size_t i = 0; !*was && i < t->failed_count; i++)
    if (!says_the_same(t->a, source, t->failed[i], t->target, was)) return false;
  return true;
}

/* Disk and memory are ours. */
static bool note_failure(struct tried *t, uint32_t source, const struct err *why)
{
  char text[330];
  t->failed[t->failed_count++] = source;
  if (t->first.kind == ERR_NONE) t->first = *why;
  (void)snprintf(text, sizeof text, "its mirror does not lead to the root that was signed: %.250s",
                 why->text);
  if (!t->a->forger) return recall_blame(t->a->r, source, true, text, t->a->err);
  uint32_t forger = 0;
  if (!own_chosen(t->a->r, t->a->forger, &forger, t->a->err)) return false;
  (void)snprintf(text, sizeof text,
                 "it has brought a signature over its entry %llu that its key did not make",
                 (unsigned long long)t->a->forged);
  return recall_blame(t->a->r, forger, false, text, t->a->err) &&
         recall_blame(t->a->r, source, true, "", t->a->err);
}

/* The mirror with each way to choose among pasts of branches that several came for; the first `why` stays. */
static bool try_pasts(struct tried *t, uint32_t source, struct recall_report *report, struct err *why)
{
  struct own_choices *choices = calloc(1, sizeof *choices);
  if (!choices) return err_set(why, ERR_IO, "out of memory choosing among what branches brought");
  bool done = false, ok = own_choices(t->a->r, source, choices, why);
  for (int tries = 0; ok && !done && why->kind != ERR_IO && tries < OWN_TRIES_MAX; tries++) {
    struct err fault = ERR_INIT;
    t->a->err = &fault;
    done =
        own_choose(t->a->r, choices, &fault) && try_mirror(t->a, source, t->target, &report->root, t->note);
    if (!done && (why->kind == ERR_NONE || fault.kind == ERR_IO)) *why = fault;
    if (!done && !own_turn(choices)) break;
  }
  free(choices);
  return done;
}

/* One mirror; false: our own disk. */
static bool try_one(struct tried *t, uint32_t source, struct recall_report *report, bool *done)
{
  struct err *err = t->a->err, why = ERR_INIT;
  bool contested = false, was = false;
  *done = false;
  if (!ours_choose(t->a->r, source, &contested, err)) return false;
  if (!contested && !was_tried(t, source, &was)) return false;
  if (was) {
    t->agree++;
    return recall_blame(t->a->r, source, true, "", err);
  }
  *done = try_pasts(t, source, report, &why);
  t->a->err = err;
  if (*done) report->mirror_of = recall_code(source);
  if (*done) return true;
  if (why.kind == ERR_IO) {
    if (err) *err = why;
    return false;
  }
  return note_failure(t, source, &why);
}

/* Several that say the same do not all lie: then an entry that stands there is not the one that was. */
static bool none_leads_there(struct tried *t)
{
  struct err *err = t->a->err;
  if (t->agree && !t->a->forger)
    return err_rule(
        err, ERR_REFUTED, "log", "other_root",
        "%zu mirrors say the same, so one of the branches has brought other entries of its own than "
        "the log had: %.200s",
        t->agree + 1, t->first.text);
  if (err) *err = t->first;
  return false;
}

static bool try_whole(struct tried *t, struct recall_report *report, bool *done)
{
  for (size_t i = 0; !*done && i < t->mirrors->count; i++)
    if (t->mirrors->of[i].through == t->target && t->mirrors->of[i].missing == 0 &&
        !try_one(t, t->mirrors->of[i].source, report, done))
      return false;
  return true;
}

/* None is whole: what the furthest lacks is said, and that is nobody's fault. */
static bool say_missing(struct tried *t, struct recall_report *report)
{
  struct assembly *a = t->a;
  bool contested = false;
  for (size_t i = 0; i < t->mirrors->count; i++)
    if (t->mirrors->of[i].through == t->target)
      return ours_choose(a->r, t->mirrors->of[i].source, &contested, a->err) &&
             try_mirror(a, t->mirrors->of[i].source, t->target, &report->root, t->note);
  return err_rule(a->err, ERR_MISSING, "pos", "leaf_missing",
                  "no branch has brought a mirror of the log up to leaf %llu", (unsigned long long)t->target);
}

/* The list that is proved, and the entries that its tiles prove, in one transaction. */
static bool try_tiles(struct assembly *a, const struct tiles_plan *plan, struct recall_report *report,
                      const struct buf *note)
{
  static const struct own_choices nobody;
  if (!own_choose(a->r, &nobody, a->err) || !db_begin(a->db, a->err)) return false;
  journal_init(&a->journal, a->db, a->r->province);
  a->tail = 0;
  a->forger = 0;
  bool ok = journal_load(&a->journal, a->err) &&
            tiles_put(a->r, plan, &a->journal, a->r->lost_too, &report->lost, a->err) &&
            leads_there(a, plan->source, plan->target, &report->root) &&
            keep_checkpoint(a, plan->target, &report->root, note) && put_tails(a) &&
            lost_settle(a->db, a->err) && db_commit(a->db, a->err);
  if (!ok) db_rollback(a->db);
  journal_wipe(&a->journal);
  if (ok) report->mirror_of = recall_code(plan->source);
  return ok;
}

static bool any_whole(const struct mirrors *mirrors, uint64_t target)
{
  for (size_t i = 0; i < mirrors->count; i++)
    if (mirrors->of[i].through == target && mirrors->of[i].missing == 0) return true;
  return false;
}

static bool try_mirrors(struct assembly *a, const struct mirrors *mirrors, struct recall_report *report,
                        const struct buf *note)
{
  bool done = false;
  struct tried *t = calloc(1, sizeof *t);
  if (!t) return err_set(a->err, ERR_IO, "out of memory trying mirrors");
  t->a = a;
  t->mirrors = mirrors;
  t->target = report->size;
  t->note = note;
  bool ok = try_whole(t, report, &done);
  if (ok && !done) ok = t->failed_count ? none_leads_there(t) : say_missing(t, report);
  free(t);
  return ok;
}

/* What branches keep in tiles, or the mirrors of older ones. */
static bool try_all(struct assembly *a, const struct mirrors *mirrors, struct recall_report *report,
                    const struct buf *note)
{
  struct tiles_plan plan;
  struct err why = ERR_INIT, *err = a->err;
  if (!tiles_plan(a->r, &plan, err)) return false;
  if (!plan.proved) return try_mirrors(a, mirrors, report, note);
  a->err = &why;
  bool ok = try_tiles(a, &plan, report, note);
  a->err = err;
  if (ok || (why.kind != ERR_IO && any_whole(mirrors, report->size) && try_mirrors(a, mirrors, report, note)))
    return true;
  if (err) *err = why;
  return false;
}

bool recall_begins(struct recall *r, const char *log, uint64_t *size, bool *begins, struct err *err)
{
  struct merkle_hash shown, ours;
  struct tlog_state state;
  struct db *db = NULL;
  *begins = false;
  pthread_mutex_lock(&r->lock);
  bool ok = recall_largest(r, size, &shown, NULL, NULL, err);
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
    return err_rule(a->err, ERR_REFUTED, "log", "other_root",
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
  ok = ok && db_exec(a->db, "DELETE FROM sync_restored", a->err) && lost_settle(a->db, a->err) &&
       db_commit(a->db, a->err);
  if (!ok) db_rollback(a->db);
  journal_wipe(&a->journal);
  return ok;
}

/* Two pasts were signed, and the log is one of them. */
static bool find_alone(struct assembly *a, struct recall_report *report)
{
  struct tlog_state now;
  if (!tlog_state(a->db, &now, a->err)) return false;
  struct query q = query_open(a->r->db,
                              "SELECT source, size, root FROM standing WHERE size > 0 AND size <= ?1"
                              " ORDER BY source /* scan: a row a branch */",
                              a->err);
  bool ok = true;
  query_int(&q, 1, (int64_t)now.size);
  while (ok && query_row(&q)) {
    struct merkle_hash root;
    size_t n = 0;
    const void *shown = column_blob(&q, 2, &n);
    ok = tlog_root_at(a->db, now.size, (uint64_t)column_int(&q, 1), &root, a->err);
    if (!ok || (n == HASH_SIZE && memcmp(shown, &root, n) == 0)) continue;
    if (report->alone_count < RECALL_ALONE_NAMED)
      report->alone[report->alone_count] = recall_code((uint32_t)column_int(&q, 0));
    report->alone_count++;
  }
  return query_close(&q) && ok;
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
  bool ok = recall_largest(r, &report->size, &report->root, &note, NULL, err) &&
            recall_shown_once(r, report->size, err) && mirrors_list(r, report->size, mirrors, err);
  ok = ok && db_open(&a.db, copy, DB_WRITE, err) &&
       (report->size <= r->have ? only_tails(&a, report) : try_all(&a, mirrors, report, &note));
  ok = ok && find_alone(&a, report);
  report->tail = a.tail;
  pthread_mutex_unlock(&r->lock);
  db_close(a.db);
  buf_wipe(&a.leaf.record);
  buf_wipe(&a.leaf.payload);
  buf_wipe(&note);
  free(mirrors);
  return ok;
}
