/* What branches bring of their own streams.  Nobody says which of two that come for one branch is the branch:
 * each brings its past, all of them are kept, and the root that the province signed says which was in the
 * log. */
#include "sync/recall_state.h"
#include "sync/streams.h"

#include <stdio.h>
#include <string.h>

bool own_tables(struct db *gathered, struct err *err)
{
  return db_exec(
      gathered,
      /* source: who brought it first. */
      "CREATE TABLE IF NOT EXISTS own(author INTEGER NOT NULL, seq INTEGER NOT NULL, hash BLOB NOT NULL,"
      " prev BLOB NOT NULL, source INTEGER NOT NULL, record BLOB NOT NULL, payload BLOB,"
      " PRIMARY KEY(author, seq, hash)) STRICT;"
      "CREATE TABLE IF NOT EXISTS own_tip(author INTEGER NOT NULL, source INTEGER NOT NULL,"
      " seq INTEGER NOT NULL, hash BLOB NOT NULL, PRIMARY KEY(author, source)) STRICT, WITHOUT ROWID;"
      "CREATE TABLE IF NOT EXISTS signature(author INTEGER NOT NULL, seq INTEGER NOT NULL,"
      " source INTEGER NOT NULL, signature BLOB NOT NULL, PRIMARY KEY(author, seq, source))"
      " STRICT, WITHOUT ROWID;"
      /* Where a source's entries end before what is lost to it too: its chain goes back from here as well. */
      "CREATE TABLE IF NOT EXISTS own_end(author INTEGER NOT NULL, source INTEGER NOT NULL,"
      " seq INTEGER NOT NULL, hash BLOB NOT NULL, PRIMARY KEY(author, source, seq)) STRICT, WITHOUT ROWID;"
      /* The first entry of a stream that there are two of. */
      "CREATE TABLE IF NOT EXISTS rival(author INTEGER PRIMARY KEY, seq INTEGER NOT NULL) STRICT;"
      "CREATE TABLE IF NOT EXISTS own_chosen(author INTEGER NOT NULL, seq INTEGER NOT NULL,"
      " hash BLOB NOT NULL, PRIMARY KEY(author, seq)) STRICT, WITHOUT ROWID;"
      "CREATE TABLE IF NOT EXISTS own_past(author INTEGER PRIMARY KEY, source INTEGER NOT NULL) STRICT;",
      err);
}

bool own_clear(struct db *gathered, struct err *err)
{
  return db_exec(
      gathered,
      "DELETE FROM own; DELETE FROM own_tip; DELETE FROM own_end; DELETE FROM signature; DELETE FROM rival;"
      "DELETE FROM own_chosen; DELETE FROM own_past;",
      err);
}

/* ---- where a source stands ---- */

static bool base_tip(struct recall *r, uint32_t author, struct ours_tip *tip, struct err *err)
{
  struct head head;
  memset(tip, 0, sizeof *tip);
  if (!stream_head(r->log, (struct stream){author, 0}, &head, err)) return false;
  tip->is_base = true;
  tip->seq = head.seq;
  memcpy(tip->hash, head.hash, HASH_SIZE);
  return true;
}

bool own_tip(struct recall *r, uint32_t source, struct ours_tip *tip, struct err *err)
{
  struct query q = query_open(r->db, "SELECT seq, hash FROM own_tip WHERE author = ?1 AND source = ?2", err);
  size_t n = 0;
  memset(tip, 0, sizeof *tip);
  query_int(&q, 1, recall_code(source));
  query_int(&q, 2, source);
  bool found = query_row(&q);
  if (found) {
    const void *hash = column_blob(&q, 1, &n);
    tip->seq = (uint64_t)column_int(&q, 0);
    if (n == HASH_SIZE) memcpy(tip->hash, hash, n);
  }
  if (!query_close(&q) || found) return found;
  return base_tip(r, recall_code(source), tip, err);
}

static bool set_tip(struct recall *r, uint32_t source, uint64_t seq, const uint8_t hash[HASH_SIZE],
                    struct err *err)
{
  struct query q =
      query_open(r->db, "REPLACE INTO own_tip(author, source, seq, hash) VALUES(?1, ?2, ?3, ?4)", err);
  query_int(&q, 1, recall_code(source));
  query_int(&q, 2, source);
  query_int(&q, 3, (int64_t)seq);
  query_blob(&q, 4, hash, HASH_SIZE);
  return query_run(&q);
}

static bool set_end(struct recall *r, uint32_t source, const struct ours_tip *tip, struct err *err)
{
  struct query q =
      query_open(r->db, "REPLACE INTO own_end(author, source, seq, hash) VALUES(?1, ?2, ?3, ?4)", err);
  query_int(&q, 1, recall_code(source));
  query_int(&q, 2, source);
  query_int(&q, 3, (int64_t)tip->seq);
  query_blob(&q, 4, tip->hash, HASH_SIZE);
  return query_run(&q);
}

bool own_missing(struct recall *r, uint32_t author, uint64_t last, uint64_t *missing, struct err *err)
{
  struct ours_tip base;
  *missing = 0;
  if (!base_tip(r, author, &base, err)) return false;
  if (last <= base.seq) return true;
  struct query q =
      query_open(r->db,
                 "SELECT CASE WHEN EXISTS(SELECT 1 FROM own_end WHERE author = ?1)"
                 " THEN (SELECT count(DISTINCT seq) FROM own WHERE author = ?1 AND seq > ?2 AND seq <= ?3)"
                 " ELSE max(min(coalesce((SELECT max(seq) FROM own WHERE author = ?1), ?2), ?3) - ?2, 0) END",
                 err);
  query_int(&q, 1, author);
  query_int(&q, 2, (int64_t)base.seq);
  query_int(&q, 3, (int64_t)last);
  *missing = last - base.seq - (query_row(&q) ? (uint64_t)column_int(&q, 0) : 0);
  return query_close(&q);
}

bool own_through(struct recall *r, uint32_t author, uint64_t *seq, struct err *err)
{
  struct head head;
  struct query q = query_open(r->db, "SELECT coalesce(max(seq), 0) FROM own WHERE author = ?1", err);
  query_int(&q, 1, author);
  *seq = query_row(&q) ? (uint64_t)column_int(&q, 0) : 0;
  if (!query_close(&q)) return false;
  if (*seq) return true;
  if (!stream_head(r->log, (struct stream){author, 0}, &head, err)) return false;
  *seq = head.seq;
  return true;
}

/* ---- adding ---- */

/* What says it was withheld gives way to what has it: the hash is the same. */
static bool add(struct recall *r, uint32_t source, uint64_t seq, const uint8_t prev[HASH_SIZE],
                const struct batch_entry *e, struct err *err)
{
  struct query q = query_open(r->db,
                              "INSERT INTO own(author, seq, hash, prev, source, record, payload)"
                              " VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT DO UPDATE SET"
                              " payload = excluded.payload"
                              " WHERE payload IS NULL AND excluded.payload IS NOT NULL",
                              err);
  query_int(&q, 1, recall_code(source));
  query_int(&q, 2, (int64_t)seq);
  query_blob(&q, 3, e->hash, HASH_SIZE);
  query_blob(&q, 4, prev, HASH_SIZE);
  query_int(&q, 5, source);
  query_blob(&q, 6, e->record, e->record_size);
  if (e->payload) query_blob(&q, 7, e->payload, e->payload_size);
  if (!query_run(&q)) return false;
  if (db_changes(r->db)) r->kept += e->record_size + (e->payload ? e->payload_size : 0);
  q = query_open(r->db,
                 "INSERT INTO rival(author, seq) SELECT ?1, ?2 WHERE EXISTS(SELECT 1 FROM own WHERE"
                 " author = ?1 AND seq = ?2 AND hash <> ?3) ON CONFLICT DO UPDATE SET seq = excluded.seq"
                 " WHERE excluded.seq < seq",
                 err);
  query_int(&q, 1, recall_code(source));
  query_int(&q, 2, (int64_t)seq);
  query_blob(&q, 3, e->hash, HASH_SIZE);
  return query_run(&q);
}

static bool does_not_follow(const struct ours_tip *tip, uint32_t author, struct err *err)
{
  return err_rule(err, ERR_REFUTED, "prev", "other_history",
                  "entry %llu of %u/0 follows on another entry than the one that is here",
                  (unsigned long long)tip->seq + 1, author);
}

/* Entries follow by their hashes on what this source brought before; what it brought is passed over.  Behind
 * entries that are lost to it too there is nothing to follow on, and what was written there before they
 * turned up names a leaf: where such entries stood their own leaves say. */
bool own_add_batch(struct recall *r, uint32_t source, const struct batch *batch,
                   const uint8_t key[PUBLIC_SIZE], struct err *err)
{
  const struct batch_head *head = &batch->head;
  struct ours_tip tip;
  uint64_t bound = 0;
  bool follows = false;
  if (!own_tip(r, source, &tip, err) || !recall_bound_of(r, source, &bound, err)) return false;
  if (batch_last_seq(head) <= tip.seq || tip.seq >= bound) return true;
  const bool behind_hole = head->first_seq > tip.seq + 1;
  uint32_t i = behind_hole ? 0 : (uint32_t)(tip.seq + 1 - head->first_seq);
  const uint8_t *prev = i ? batch->entries[i - 1].hash : head->prev;
  if (behind_hole && head->first_seq > bound) return true;
  if (!behind_hole && !ours_follows(r, head->stream, &tip, prev, &follows, err)) return false;
  if (!behind_hole && !follows && (i || tip.is_base)) return does_not_follow(&tip, head->stream.author, err);
  if (!follows && !set_end(r, source, &tip, err)) return false;
  bool ok = true;
  for (; ok && i < head->count && head->first_seq + i <= bound; i++) {
    ok = add(r, source, head->first_seq + i, prev, &batch->entries[i], err);
    prev = batch->entries[i].hash;
  }
  return ok && set_tip(r, source, head->first_seq + i - 1, prev, err) &&
         recall_keys_used(r, source, head->epoch, key, err);
}

bool own_add_signature(struct recall *r, uint32_t source, const struct signature_of *one, struct err *err)
{
  struct query q =
      query_open(r->db,
                 "INSERT INTO signature(author, seq, source, signature) VALUES(?1, ?2, ?3, ?4) ON CONFLICT"
                 " DO UPDATE SET signature = excluded.signature WHERE signature <> excluded.signature",
                 err);
  query_int(&q, 1, recall_code(source));
  query_int(&q, 2, (int64_t)one->seq);
  query_int(&q, 3, source);
  query_blob(&q, 4, one->bytes, SIGNATURE_SIZE);
  if (!query_run(&q)) return false;
  if (db_changes(r->db)) r->kept += sizeof one->seq + SIGNATURE_SIZE;
  return true;
}

bool own_ask_from(struct recall *r, uint32_t source, uint64_t *seq, struct err *err)
{
  struct ours_tip tip;
  if (!own_tip(r, source, &tip, err)) return false;
  struct query q = query_open(
      r->db, "SELECT min(seq) FROM own_end WHERE author = ?1 AND source = ?2 HAVING count(*) > 0", err);
  query_int(&q, 1, recall_code(source));
  query_int(&q, 2, source);
  *seq = query_row(&q) ? (uint64_t)column_int(&q, 0) : tip.seq;
  return query_close(&q);
}

/* What was lost to it may have turned up there since: it is asked again from its first hole on.  What it
 * brought behind that stays, and is passed over when it comes again. */
bool own_ask_again(struct recall *r, uint32_t source, struct err *err)
{
  static const char *const steps[] = {
      "REPLACE INTO own_tip(author, source, seq, hash) SELECT author, source, seq, hash FROM own_end"
      " WHERE author = ?1 AND source = ?2 ORDER BY seq LIMIT 1",
      "DELETE FROM own_end WHERE author = ?1 AND source = ?2"};
  bool ok = true;
  for (size_t i = 0; ok && i < sizeof steps / sizeof *steps; i++) { /* without holes none does anything */
    struct query q = query_open(r->db, steps[i], err);
    query_int(&q, 1, recall_code(source));
    query_int(&q, 2, source);
    ok = query_run(&q);
  }
  return ok;
}

/* ---- leaving a source out ---- */

/* What others stand on stays: it is theirs too. */
bool own_leave_out(struct recall *r, uint32_t source, struct err *err)
{
  static const char *const steps[] = {
      "DELETE FROM own_tip WHERE author = ?1 AND source = ?2",
      "DELETE FROM own_end WHERE author = ?1 AND source = ?2",
      "DELETE FROM signature WHERE author = ?1 AND source = ?2",
      "WITH RECURSIVE kept(seq, hash) AS (SELECT seq, hash FROM own_tip WHERE author = ?1 UNION"
      " SELECT seq, hash FROM own_end WHERE author = ?1 UNION"
      " SELECT o.seq - 1, o.prev FROM kept AS k JOIN own AS o ON o.author = ?1 AND o.seq = k.seq"
      " AND o.hash = k.hash)"
      " DELETE FROM own WHERE author = ?1 AND source IN (SELECT source FROM left_out)"
      " AND NOT EXISTS (SELECT 1 FROM kept AS k WHERE k.seq = own.seq AND k.hash = own.hash)"
      " /* scan: once, when people leave somebody out */",
      "DELETE FROM rival WHERE author = ?1",
      "INSERT INTO rival(author, seq) SELECT ?1, seq FROM own WHERE author = ?1 GROUP BY seq"
      " HAVING count(*) > 1 ORDER BY seq LIMIT 1"};
  bool ok = true;
  for (size_t i = 0; ok && i < sizeof steps / sizeof *steps; i++) {
    struct query q = query_open(r->db, steps[i], err);
    query_int(&q, 1, recall_code(source));
    if (i < 3) query_int(&q, 2, source);
    ok = query_run(&q);
  }
  return ok;
}

/* ---- several for one branch ---- */

static bool who_came(struct recall *r, struct recall_rival *rival, struct err *err)
{
  struct query q = query_open(r->db,
                              "SELECT b.came_with, t.seq FROM own_tip AS t JOIN branch AS b USING(source)"
                              " WHERE t.author = ?1 AND t.seq >= ?2 ORDER BY source",
                              err);
  query_int(&q, 1, rival->branch);
  query_int(&q, 2, (int64_t)rival->seq);
  while (rival->count < RECALL_RIVALS_SHOWN && query_row(&q)) {
    size_t i = rival->count++;
    (void)snprintf(rival->of[i].came_with, sizeof rival->of[i].came_with, "%s", column_text(&q, 0));
    rival->of[i].through = (uint64_t)column_int(&q, 1);
  }
  return query_close(&q);
}

bool own_rivals(struct recall *r, struct recall_state *s, struct err *err)
{
  struct query q =
      query_open(r->db, "SELECT author, seq FROM rival ORDER BY author /* scan: a row a branch */", err);
  bool ok = true;
  while (ok && s->rival_count < RECALL_FAULTS_MAX && query_row(&q)) {
    struct recall_rival *rival = &s->rivals[s->rival_count++];
    rival->branch = (uint32_t)column_int(&q, 0);
    rival->seq = (uint64_t)column_int(&q, 1);
    ok = who_came(r, rival, err);
  }
  return query_close(&q) && ok;
}

/* A past as a mirror needs it: its entry at the last place, and the signatures where the mirror's runs end.
 */
struct past {
  uint32_t source;
  uint8_t hash[HASH_SIZE];
};

/* On the source's own chain; *found false: it does not reach as far. */
static bool hash_at(struct recall *r, uint32_t source, uint64_t seq, uint8_t out[HASH_SIZE], bool *found,
                    struct err *err)
{
  struct query q = query_open(r->db,
                              "WITH RECURSIVE back(seq, hash) AS (SELECT seq, hash FROM own_tip WHERE"
                              " author = ?1 AND source = ?2 AND seq >= ?3 UNION ALL"
                              " SELECT seq, hash FROM own_end WHERE"
                              " author = ?1 AND source = ?2 AND seq >= ?3 UNION ALL"
                              " SELECT o.seq - 1, o.prev FROM back AS b JOIN own AS o ON o.author = ?1"
                              " AND o.seq = b.seq AND o.hash = b.hash WHERE b.seq > ?3)"
                              " SELECT hash FROM back WHERE seq = ?3 /* scan: of what it has just walked */",
                              err);
  size_t n = 0;
  query_int(&q, 1, recall_code(source));
  query_int(&q, 2, source);
  query_int(&q, 3, (int64_t)seq);
  const void *bytes = query_row(&q) ? column_blob(&q, 0, &n) : NULL;
  *found = n == HASH_SIZE;
  if (*found) memcpy(out, bytes, n);
  return query_close(&q);
}

/* Ends of the mirror's runs at which `other` has not the signature that the source has; 0: at which the
 * source has none. */
static bool any_end_without(struct recall *r, uint32_t mirror_of, uint32_t source, uint32_t other, bool *any,
                            struct err *err)
{
  struct query q = query_open(
      r->db,
      "SELECT 1 FROM run LEFT JOIN signature AS s ON s.author = ?2 AND s.source = ?3"
      " AND s.seq = first_seq + count - 1 LEFT JOIN signature AS o ON o.author = ?2 AND o.source = ?4"
      " AND o.seq = first_seq + count - 1 WHERE run.source = ?1 AND run.author = ?2 AND run.lane = 0"
      " AND (s.signature IS NULL OR (?4 <> 0 AND s.signature IS NOT o.signature)) LIMIT 1",
      err);
  query_int(&q, 1, mirror_of);
  query_int(&q, 2, recall_code(source));
  query_int(&q, 3, source);
  query_int(&q, 4, other);
  *any = query_row(&q);
  return query_close(&q);
}

static bool is_among(struct recall *r, uint32_t mirror_of, const struct past *past, const struct past *pasts,
                     size_t count, bool *among, struct err *err)
{
  *among = false;
  for (size_t i = 0; i < count; i++) {
    bool differs = false;
    if (memcmp(pasts[i].hash, past->hash, HASH_SIZE) != 0) continue;
    if (!any_end_without(r, mirror_of, past->source, pasts[i].source, &differs, err)) return false;
    if (!differs) *among = true;
  }
  return true;
}

/* Those of one branch that the mirror can be tried with; its own first. */
static bool add_choice(struct recall *r, uint32_t mirror_of, uint32_t author, uint64_t last,
                       struct own_choices *out, struct err *err)
{
  struct past pasts[OWN_PASTS_MAX];
  size_t n = 0;
  bool ok = true;
  struct query q =
      query_open(r->db, "SELECT source FROM own_tip WHERE author = ?1 ORDER BY source <> ?2, source", err);
  query_int(&q, 1, author);
  query_int(&q, 2, mirror_of);
  while (ok && n < OWN_PASTS_MAX && query_row(&q)) {
    bool reaches = false, lacks = false, among = false;
    pasts[n].source = (uint32_t)column_int(&q, 0);
    ok = hash_at(r, pasts[n].source, last, pasts[n].hash, &reaches, err) &&
         any_end_without(r, mirror_of, pasts[n].source, 0, &lacks, err) &&
         is_among(r, mirror_of, &pasts[n], pasts, n, &among, err);
    n += reaches && !lacks && !among;
  }
  if (!query_close(&q) || !ok || n == 0) return ok;
  size_t at = out->count++;
  out->of[at].author = author;
  out->of[at].count = n;
  out->of[at].at = 0;
  for (size_t i = 0; i < n; i++)
    out->of[at].pasts[i] = pasts[i].source;
  return true;
}

bool own_choices(struct recall *r, uint32_t mirror_of, struct own_choices *out, struct err *err)
{
  struct query q = query_open(r->db,
                              "SELECT author, next_seq - 1 FROM reach WHERE source = ?1 AND lane = 0 AND"
                              " author IN (SELECT author FROM own_tip GROUP BY author HAVING count(*) > 1)"
                              " /* scan: a row a certificate */",
                              err);
  bool ok = true;
  out->count = 0;
  query_int(&q, 1, mirror_of);
  while (ok && out->count < OWN_RIVALS_MAX && query_row(&q)) {
    uint32_t author = (uint32_t)column_int(&q, 0);
    uint64_t last = (uint64_t)column_int(&q, 1);
    struct ours_tip base;
    ok = base_tip(r, author, &base, err) &&
         (last <= base.seq || add_choice(r, mirror_of, author, last, out, err));
  }
  return query_close(&q) && ok;
}

bool own_turn(struct own_choices *choices)
{
  for (size_t i = 0; i < choices->count; i++) {
    if (++choices->of[i].at < choices->of[i].count) return true;
    choices->of[i].at = 0;
  }
  return false;
}

/* From its tip back to the first place that has several. */
static bool choose(struct recall *r, uint32_t source, struct err *err)
{
  const uint32_t author = recall_code(source);
  struct query q =
      query_open(r->db,
                 "INSERT OR IGNORE INTO own_chosen(author, seq, hash) WITH RECURSIVE back(seq, hash) AS ("
                 "SELECT seq, hash FROM own_tip WHERE author = ?1 AND source = ?2 UNION ALL"
                 " SELECT seq, hash FROM own_end WHERE author = ?1 AND source = ?2 AND seq >="
                 " (SELECT seq FROM rival WHERE author = ?1) UNION ALL"
                 " SELECT o.seq - 1, o.prev FROM back AS b JOIN own AS o ON o.author = ?1 AND o.seq = b.seq"
                 " AND o.hash = b.hash WHERE b.seq > (SELECT seq FROM rival WHERE author = ?1))"
                 " SELECT ?1, seq, hash FROM back",
                 err);
  query_int(&q, 1, author);
  query_int(&q, 2, source);
  if (!query_run(&q)) return false;
  q = query_open(r->db, "INSERT INTO own_past(author, source) VALUES(?1, ?2)", err);
  query_int(&q, 1, author);
  query_int(&q, 2, source);
  return query_run(&q);
}

bool own_choose(struct recall *r, const struct own_choices *choices, struct err *err)
{
  bool ok = db_exec(r->db, "DELETE FROM own_chosen; DELETE FROM own_past", err);
  for (size_t i = 0; ok && i < choices->count; i++)
    ok = choose(r, choices->of[i].pasts[choices->of[i].at], err);
  return ok;
}

bool own_chosen(struct recall *r, uint32_t author, uint32_t *source, struct err *err)
{
  struct query q = query_open(r->db, "SELECT source FROM own_past WHERE author = ?1", err);
  query_int(&q, 1, author);
  *source = query_row(&q) ? (uint32_t)column_int(&q, 0) : author;
  return query_close(&q);
}

/* ---- putting it together ---- */

bool own_fetch(struct recall *r, uint32_t author, const struct ours_place *at, struct ours_entry *out,
               struct err *err)
{
  struct query q =
      query_open(r->db,
                 "SELECT record, payload, ?5 OR prev = ?3 OR prev = ?4 FROM own AS o"
                 " WHERE author = ?1 AND seq = ?2 ORDER BY 3 DESC, NOT EXISTS (SELECT 1 FROM own_chosen AS c"
                 " WHERE c.author = o.author AND c.seq = o.seq AND c.hash = o.hash), payload IS NULL LIMIT 1",
                 err);
  query_int(&q, 1, author);
  query_int(&q, 2, (int64_t)at->seq);
  query_blob(&q, 3, at->prev, HASH_SIZE);
  query_blob(&q, 4, at->leaf ? at->leaf : at->prev, HASH_SIZE);
  query_int(&q, 5, at->behind_lost);
  out->any = query_row(&q);
  out->found = out->any && column_int(&q, 2);
  if (out->found) {
    size_t n = 0;
    const void *bytes = column_blob(&q, 0, &n);
    put_bytes(&out->record, bytes, n);
    bytes = column_blob(&q, 1, &n);
    put_bytes(&out->payload, bytes, n);
    out->has_payload = !column_null(&q, 1);
  }
  return query_close(&q);
}

/* That of the past that was chosen, or anybody's. */
bool own_signature(struct recall *r, uint32_t author, uint64_t seq, uint8_t out[SIGNATURE_SIZE], bool *found,
                   struct err *err)
{
  struct query q =
      query_open(r->db,
                 "SELECT signature FROM signature WHERE author = ?1 AND seq = ?2 ORDER BY"
                 " source <> coalesce((SELECT source FROM own_past WHERE author = ?1), 0), source"
                 " LIMIT 1",
                 err);
  size_t n = 0;
  query_int(&q, 1, author);
  query_int(&q, 2, (int64_t)seq);
  const void *bytes = query_row(&q) ? column_blob(&q, 0, &n) : NULL;
  *found = n == SIGNATURE_SIZE;
  if (*found) memcpy(out, bytes, n);
  return query_close(&q);
}
