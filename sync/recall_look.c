#include "sync/recall_state.h"
#include "sync/recall_tiles.h"

#include "core/base/limits.h"
#include "sync/streams.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool recall_largest(struct recall *r, uint64_t *size, struct merkle_hash *root, struct buf *note,
                    uint32_t *source, struct err *err)
{
  struct query q = query_open(
      r->db, "SELECT size, root, note, source FROM standing ORDER BY size DESC, source LIMIT 1", err);
  *size = 0;
  if (query_row(&q)) {
    size_t n = 0;
    const void *bytes = column_blob(&q, 1, &n);
    *size = (uint64_t)column_int(&q, 0);
    if (n == HASH_SIZE) memcpy(root->bytes, bytes, HASH_SIZE);
    if (note) put_text(note, column_text(&q, 2));
    if (source) *source = (uint32_t)column_int(&q, 3);
  }
  return query_close(&q);
}

bool recall_limit(struct recall *r, uint64_t *size, struct err *err)
{
  struct merkle_hash root;
  return recall_largest(r, size, &root, NULL, NULL, err);
}

/* ---- mirrors ---- */

struct mirror_run recall_run_in_hand(const struct query *q)
{
  return (struct mirror_run){
      .first_pos = (uint64_t)column_int(q, 0),
      .stream = {.author = (uint32_t)column_int(q, 1), .lane = (uint32_t)column_int(q, 2)},
      .first_seq = (uint64_t)column_int(q, 3),
      .count = (uint64_t)column_int(q, 4),
      .received_ms = column_int(q, 5)};
}

struct query recall_runs_of(struct recall *r, uint32_t source, uint64_t from, uint64_t to, struct err *err)
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

/* Entries of the source's runs that nobody has brought.  What is here of a stream of the province's is
 * without gaps, for it was chained when it came; what a mirror leaves out of it shows when it is tried. */
static bool count_missing(struct recall *r, uint32_t source, uint64_t *missing, struct err *err)
{
  struct query q = query_open(r->db, "SELECT author, lane, next_seq FROM reach WHERE source = ?1", err);
  bool ok = true;
  query_int(&q, 1, source);
  *missing = 0;
  while (ok && query_row(&q)) {
    uint64_t through = 0, lacks = 0, last = (uint64_t)column_int(&q, 2) - 1;
    const struct stream stream = {(uint32_t)column_int(&q, 0), (uint32_t)column_int(&q, 1)};
    if (stream.author != r->province) {
      ok = own_missing(r, stream.author, last, &lacks, err);
      *missing += lacks;
      continue;
    }
    ok = recall_through(r, stream, &through, err);
    if (ok && last > through) *missing += last - through;
  }
  return query_close(&q) && ok;
}

bool mirrors_list(struct recall *r, uint64_t target, struct mirrors *out, struct err *err)
{
  struct query q = query_open(r->db,
                              "SELECT source, max(first_pos), count FROM run WHERE source NOT IN"
                              " (SELECT source FROM fault WHERE void /* scan: a row a branch */)"
                              " GROUP BY source ORDER BY source",
                              err);
  bool ok = true;
  out->count = 0;
  while (ok && out->count < RECALL_BRANCHES_MAX && query_row(&q)) {
    uint64_t begin = (uint64_t)column_int(&q, 1), end = begin + (uint64_t)column_int(&q, 2);
    size_t i = out->count++;
    out->of[i].source = (uint32_t)column_int(&q, 0);
    out->of[i].through = end > target ? begin : end;
    ok = count_missing(r, out->of[i].source, &out->of[i].missing, err);
  }
  return query_close(&q) && ok;
}

/* ---- how far it is ---- */

/* The one that reaches furthest, and of these the one that lacks least; there is one. */
static size_t best(const struct mirrors *mirrors)
{
  size_t at = 0;
  for (size_t i = 1; i < mirrors->count; i++) {
    bool further = mirrors->of[i].through > mirrors->of[at].through;
    bool as_far = mirrors->of[i].through == mirrors->of[at].through;
    if (further || (as_far && mirrors->of[i].missing < mirrors->of[at].missing)) at = i;
  }
  return at;
}

static bool add_gaps(struct recall *r, uint32_t source, struct stream stream, uint64_t through,
                     struct recall_state *s, struct err *err)
{
  struct query q =
      query_open(r->db,
                 "SELECT first_pos, author, lane, first_seq, count, received_ms FROM run"
                 " WHERE source = ?1 AND author = ?2 AND lane = ?3 AND first_seq + count > ?4 + 1"
                 " ORDER BY first_pos LIMIT ?5",
                 err);
  query_int(&q, 1, source);
  query_int(&q, 2, stream.author);
  query_int(&q, 3, stream.lane);
  query_int(&q, 4, (int64_t)through);
  query_int(&q, 5, (int64_t)(RECALL_GAPS_MAX - s->gap_count));
  while (s->gap_count < RECALL_GAPS_MAX && query_row(&q)) {
    struct recall_gap *gap = &s->gaps[s->gap_count++];
    gap->run = recall_run_in_hand(&q);
    uint64_t last = gap->run.first_seq + gap->run.count - 1;
    gap->missing = through < gap->run.first_seq ? gap->run.count : last - through;
  }
  return query_close(&q);
}

static bool find_gaps(struct recall *r, uint32_t source, struct recall_state *s, struct err *err)
{
  struct query q = query_open(r->db, "SELECT author, lane, next_seq FROM reach WHERE source = ?1", err);
  bool ok = true;
  query_int(&q, 1, source);
  while (ok && s->gap_count < RECALL_GAPS_MAX && query_row(&q)) {
    uint64_t through = 0, next = (uint64_t)column_int(&q, 2);
    const struct stream stream = {(uint32_t)column_int(&q, 0), (uint32_t)column_int(&q, 1)};
    ok = recall_through(r, stream, &through, err);
    if (ok && next > through + 1) ok = add_gaps(r, source, stream, through, s, err);
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
  struct query q = query_open(w->recall->db,
                              "SELECT coalesce(max(brought_ms), 0) <> 0 AND sum(is_here AND brought_ms = 0)"
                              " = 0 FROM branch WHERE code = ?1",
                              w->err);
  query_int(&q, 1, branch);
  bool brought = query_row(&q) && column_int(&q, 0);
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
  struct query q = query_open(
      r->db, "SELECT DISTINCT code FROM branch WHERE brought_ms <> 0 /* scan: a row a branch */", err);
  while (s->brought_count < RECALL_BRANCHES_MAX && query_row(&q))
    s->brought[s->brought_count++] = (uint32_t)column_int(&q, 0);
  return query_close(&q);
}

/* Branches of the backup whose key is in force, those whose entries the log has by the mirror that leads
 * furthest, those that have begun, and those that people name. */
static bool find_waiting(struct recall *r, uint32_t mirror_of, struct recall_state *s, struct err *err)
{
  struct waiting w = {.recall = r, .state = s, .err = err, .ok = true};
  if (!key_list(r->log, 0, add_known, &w, err) || !w.ok) return false;
  struct query q = query_open(
      r->db,
      "SELECT author FROM reach WHERE source = ?1 UNION SELECT code FROM branch"
      " WHERE asked_ms <> 0 UNION SELECT branch FROM expected /* scan: a few times while people wait */",
      err);
  query_int(&q, 1, mirror_of);
  while (w.ok && query_row(&q))
    if ((uint32_t)column_int(&q, 0) != r->province) w.ok = add_waiting(&w, (uint32_t)column_int(&q, 0));
  const struct tiles_looking *l = r->looked.begun ? &r->looked : &r->looking;
  for (size_t i = 0; s->by_tiles && w.ok && i < l->lacking_count; i++)
    if (l->lacking[i] != r->province) w.ok = add_waiting(&w, l->lacking[i]);
  return query_close(&q) && w.ok && find_brought(r, s, err);
}

static bool find_faults(struct recall *r, struct recall_state *s, struct err *err)
{
  struct query q =
      query_open(r->db,
                 "SELECT source, void, why, coalesce(came_with, '') FROM fault LEFT JOIN branch USING(source)"
                 " ORDER BY source /* scan: a row a branch */",
                 err);
  while (query_row(&q)) {
    s->void_count += column_int(&q, 1) != 0;
    if (!*column_text(&q, 2) || s->fault_count == RECALL_FAULTS_MAX) continue;
    struct recall_fault *fault = &s->faults[s->fault_count++];
    fault->branch = recall_code((uint32_t)column_int(&q, 0));
    (void)snprintf(fault->came_with, sizeof fault->came_with, "%s", column_text(&q, 3));
    (void)snprintf(fault->why, sizeof fault->why, "%s", column_text(&q, 2));
  }
  return query_close(&q);
}

/* One mirror that is whole is enough, whatever others say. */
static bool judge(struct recall *r, const struct mirrors *mirrors, uint32_t *mirror_of,
                  struct recall_state *s, struct err *err)
{
  s->have = s->mapped = r->have;
  if (mirrors->count == 0 || s->target <= r->have) return true;
  size_t at = best(mirrors);
  *mirror_of = mirrors->of[at].source;
  s->mirror_of = recall_code(*mirror_of);
  s->mapped = mirrors->of[at].through;
  s->missing = mirrors->of[at].missing;
  s->whole = s->mapped == s->target && s->missing == 0;
  return s->missing == 0 || find_gaps(r, *mirror_of, s, err);
}

/* A list that is proved says more than any mirror, unless one has everything that it lacks. */
static bool look_at_tiles(struct recall *r, struct recall_state *s, struct err *err)
{
  struct tiles_plan plan;
  if (s->target <= s->have) return true;
  if (!tiles_plan(r, &plan, err) || (plan.proved && !tiles_blame(r, &plan, err))) return false;
  return s->whole || !plan.proved || tiles_look(r, &plan, s, err);
}

bool recall_look(struct recall *r, struct recall_state *s, struct err *err)
{
  struct merkle_hash root;
  uint32_t mirror_of = 0;
  struct mirrors *mirrors = calloc(1, sizeof *mirrors);
  if (!mirrors) return err_set(err, ERR_IO, "out of memory looking at what branches brought");
  memset(s, 0, sizeof *s);
  pthread_mutex_lock(&r->lock);
  bool ok = let_go_tell(r, err) && recall_largest(r, &s->target, &root, NULL, &s->shown_by, err) &&
            mirrors_list(r, s->target, mirrors, err) && judge(r, mirrors, &mirror_of, s, err) &&
            look_at_tiles(r, s, err) && find_waiting(r, s->by_tiles ? 0 : mirror_of, s, err) &&
            find_faults(r, s, err) && own_rivals(r, s, err) && recall_pasts(r, s, err);
  s->shown_by = recall_code(s->shown_by);
  if (ok && !s->by_tiles)
    s->hopeless = s->target > s->have && s->mapped < s->target && (s->void_count > 0 || r->plan.any);
  pthread_mutex_unlock(&r->lock);
  free(mirrors);
  return ok;
}
