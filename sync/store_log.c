#include "sync/store_log.h"

#include "sync/add_checkpoint.h"
#include "sync/archive.h"
#include "sync/beyond.h"
#include "sync/follows.h"
#include "sync/hole_aside.h"
#include "sync/keep.h"
#include "sync/keys.h"
#include "sync/lost.h"
#include "sync/meeting.h"
#include "sync/mirror.h"
#include "sync/store_state.h"
#include "sync/stranger.h"
#include "sync/streams.h"
#include "sync/tlog.h"

#include <stdio.h>
#include <string.h>

enum { LOG_KEY_EPOCH = 1 };

bool log_key(struct db *db, uint32_t province, struct note_key *out, struct err *err)
{
  struct key key;
  char origin[TLOG_ORIGIN_SIZE];
  tlog_origin(origin, province);
  return key_get(db, province, LOG_KEY_EPOCH, &key, err) &&
         note_key_init(out, origin, NOTE_KEY_ED25519, key.public_key, err);
}

/* ---- the node ---- */

bool store_witness(struct store *store, const struct checkpoint_message *m, int64_t now_ms,
                   enum witness_verdict *verdict, struct err *why, struct err *err)
{
  struct note_key key;
  if (!store_begin(store, err)) return false;
  struct witness_held held;
  const struct witness_claim claim = {(const char *)m->note.p, m->note.size, &m->proof};
  bool ok = log_key(store->db, store->province, &key, err) &&
            witness_offer(store->db, &key, &claim, m->old_size, now_ms, verdict, why, err);
  /* Its mirror came first: what stands behind the checkpoint that is held belongs to the lie. */
  if (ok && *verdict == WITNESS_CONTRADICTS)
    ok = witness_held(store->db, key.name, &held, err) && mirror_forget(store->db, held.size, err) &&
         keep_forget(store->db, held.size, err);
  return store_end(store, ok, err);
}

bool store_cosign(struct store *store, int64_t now_ms, uint64_t *size, struct buf *line, struct err *err)
{
  char origin[TLOG_ORIGIN_SIZE];
  char name[TLOG_ORIGIN_SIZE];
  struct note_key key;
  struct witness_held held;
  tlog_origin(origin, store->province);
  tlog_witness_name(name, store->author);
  pthread_mutex_lock(&store->lock);
  bool ok = note_key_init(&key, name, NOTE_KEY_COSIGNATURE, store->secret + SEED_SIZE, err) &&
            witness_held(store->db, origin, &held, err) &&
            witness_cosign(store->db, origin, &key, store->secret, now_ms, line, err);
  pthread_mutex_unlock(&store->lock);
  if (ok) *size = held.size;
  return ok;
}

/* What is held decides, so the log of our own province is judged by the memory that its line fills, and by
 * the key that came with enrolment, whatever a file says. */
static bool judge_question(struct store *store, const struct add_checked *asked, int64_t now_ms,
                           struct add_answer *out, struct err *err)
{
  char origin[TLOG_ORIGIN_SIZE];
  struct note_key pinned;
  uint64_t held = 0;
  tlog_origin(origin, store->province);
  bool own = strcmp(asked->log->name, origin) == 0;
  if (own && !log_key(store->db, store->province, &pinned, err)) return false;
  if (own && memcmp(pinned.public_key, asked->log->public_key, PUBLIC_SIZE) != 0) {
    out->status = 403;
    err_rule(&out->why, ERR_DENIED, "checkpoint", "no_signature", "%s has another key here", origin);
    return true;
  }
  if (!add_checkpoint_judge(store->db, asked, now_ms, &out->status, &held, &out->why, err)) return false;
  out->forked = strcmp(out->why.rule, "log_forked") == 0;
  if (out->status == 409 && !out->forked) add_checkpoint_size_encode(&out->body, held);
  return !own || !out->forked || witness_distrust(store->db, origin, out->why.rule, err);
}

bool store_add_checkpoint(struct store *store, const struct policy *policy, struct span question,
                          int64_t now_ms, struct add_answer *out, struct err *err)
{
  char name[TLOG_ORIGIN_SIZE];
  struct add_checked asked;
  const struct note_key *logs = NULL;
  struct note_key key;
  size_t log_count = policy_logs(policy, &logs);
  memset(out, 0, sizeof *out);
  /* What needs no memory needs no lock: only a checkpoint that its log has signed gets to the store. */
  out->status =
      add_checkpoint_check(&asked, (const char *)question.p, question.size, logs, log_count, &out->why);
  if (out->status != 0) return true;
  if (!store_begin(store, err)) return false;
  if (!store_end(store, judge_question(store, &asked, now_ms, out, err), err)) return false;
  if (out->status != 200) return true;
  /* Durable; and it is this checkpoint that is cosigned, even when a newer one has come since. */
  tlog_witness_name(name, store->author);
  if (!note_key_init(&key, name, NOTE_KEY_COSIGNATURE, store->secret + SEED_SIZE, err)) return false;
  note_cosign(&out->body, asked.note.text, asked.note.text_size, &key, store->secret,
              (uint64_t)(now_ms / 1000));
  return !out->body.bad || err_set(err, ERR_IO, "out of memory cosigning");
}

static bool receive(struct store *store, const struct leaves_message *m, struct err *err)
{
  char origin[TLOG_ORIGIN_SIZE];
  struct witness_held held;
  struct stream own = {store->author, 0};
  tlog_origin(origin, store->province);
  if (!witness_held(store->db, origin, &held, err)) return false;
  if (held.size != m->size || held.distrust[0])
    return err_rule(err, ERR_CONFLICT, "size", "stale",
                    "the proof leads to %llu leaves, this branch has verified %llu",
                    (unsigned long long)m->size, (unsigned long long)held.size);
  if (!leaves_take(store->db, own, m, &held.root, err)) return false;
  struct query q = query_open(
      store->db,
      "INSERT INTO sync_receipt(author, lane, seq, received_ms) SELECT ?1, 0, ?2, ?3"
      " WHERE NOT EXISTS (SELECT 1 FROM sync_receipt WHERE author = ?1 AND lane = 0 AND seq >= ?2)",
      err);
  query_int(&q, 1, store->author);
  query_int(&q, 2, (int64_t)(m->first_seq + m->count - 1));
  query_int(&q, 3, m->received_ms);
  return query_run(&q);
}

bool store_leaves(struct store *store, const struct leaves_message *m, struct err *err)
{
  return store_begin(store, err) && store_end(store, receive(store, m, err), err);
}

bool store_keep_evidence(struct store *store, const struct err *why, const void *said, size_t size,
                         int64_t now_ms, struct err *err)
{
  char origin[TLOG_ORIGIN_SIZE];
  tlog_origin(origin, store->province);
  struct query q =
      query_open(store->db,
                 "INSERT INTO sync_evidence(origin, rule, detail, held, offered, proof, at_ms)"
                 " SELECT ?1, ?2, ?3, note, '', ?4, ?5 FROM sync_witness WHERE origin = ?1 AND NOT EXISTS"
                 " (SELECT 1 FROM sync_evidence WHERE origin = ?1 AND rule = ?2 AND detail = ?3)",
                 err);
  query_text(&q, 1, origin);
  query_text(&q, 2, why->rule);
  query_text(&q, 3, why->text);
  query_blob(&q, 4, said, size);
  query_int(&q, 5, now_ms);
  return query_run(&q);
}

bool store_accuse(struct store *store, const struct err *why, const void *said, size_t size, bool distrust,
                  int64_t now_ms, struct err *err)
{
  char origin[TLOG_ORIGIN_SIZE];
  tlog_origin(origin, store->province);
  if (!store_begin(store, err)) return false;
  bool ok = store_keep_evidence(store, why, said, size, now_ms, err) &&
            (!distrust || witness_distrust(store->db, origin, why->rule, err));
  return store_end(store, ok, err);
}

bool store_trust(struct store *store, struct err *err)
{
  char origin[TLOG_ORIGIN_SIZE];
  tlog_origin(origin, store->province);
  return store_begin(store, err) && store_end(store, witness_trust(store->db, origin, err), err);
}

bool store_mirror(struct store *store, const void *body, size_t size, struct err *err)
{
  struct mirror_reader reader;
  return mirror_open(&reader, body, size, err) && store_begin(store, err) &&
         store_end(store, mirror_keep(store->db, &reader, err), err);
}

bool store_mirror_forget(struct store *store, uint64_t size, struct err *err)
{
  return store_begin(store, err) && store_end(store, mirror_forget(store->db, size, err), err);
}

static bool prove_kept(struct store *store, bool names, int64_t now_ms, enum keep_led *led, struct err *err)
{
  const struct keep_whose whose = {store->author, store->province};
  char origin[TLOG_ORIGIN_SIZE];
  struct witness_held held;
  tlog_origin(origin, store->province);
  return witness_held(store->db, origin, &held, err) &&
         keep_prove(store->db, &whose, &held, names, now_ms, led, err);
}

bool store_keep(struct store *store, struct tiles *m, bool names, int64_t now_ms, enum keep_led *led,
                struct err *err)
{
  return store_begin(store, err) && store_end(store,
                                              keep_take(store->db, store->author, store->province, m, err) &&
                                                  prove_kept(store, names, now_ms, led, err),
                                              err);
}

bool store_keep_prove(struct store *store, bool names, int64_t now_ms, enum keep_led *led, struct err *err)
{
  return store_begin(store, err) && store_end(store, prove_kept(store, names, now_ms, led, err), err);
}

bool store_keepers(struct store *store, const void *body, size_t size, struct err *err)
{
  return store_begin(store, err) && store_end(store, keep_take_keepers(store->db, body, size, err), err);
}

bool store_keep_step(struct store *store, bool *wants, uint64_t *tile, struct err *err)
{
  return store_begin(store, err) &&
         store_end(store, keep_step(store->db, store->author, wants, tile, err), err);
}

bool store_keep_forget(struct store *store, uint64_t size, struct err *err)
{
  return store_begin(store, err) && store_end(store, keep_forget(store->db, size, err), err);
}

/* Of our own entries that no receipt proves: the first that has its place in no log, for the leaf there is
 * another's.  It and all behind it are put aside, to be journaled again behind the holes.  One with a receipt
 * stays where it was proved to be. */
static bool part_from_lost(struct store *store, struct stream_state *state, const struct lost_message *m,
                           int64_t now_ms, struct err *err)
{
  uint64_t seq = 0, last = m->first_seq + m->count - 1;
  int64_t received_ms = 0, pos = -1;
  if (store->keeps_log || m->stream.author != store->author) return true;
  if (!stream_acked(store->db, m->stream, &seq, &received_ms, err)) return false;
  if (last > state->head.seq) last = state->head.seq;
  for (seq = seq < m->first_seq ? m->first_seq : seq + 1; seq <= last; seq++) {
    bool same = false, other = false;
    if (!stream_find_kept(store->db, m->stream, seq, &pos, err)) return false;
    const struct lost_leaf *leaf = &m->leaves[seq - m->first_seq];
    if (pos >= 0 && !is_leaf_here(store->db, pos, leaf, &same, err)) return false;
    if (pos < 0 && !hole_differs(store->db, m->stream, seq, leaf->leaf.bytes, &other, err)) return false;
    if (pos < 0 && other) return hole_cut(store, state, seq, HOLE_OTHER_LEAF, now_ms, err);
    if (pos >= 0 && !same) return aside_cut(store, state, seq - 1, now_ms, err);
  }
  return true;
}

static bool keep_lost(struct store *store, struct lost_message *m, int64_t now_ms, uint64_t *through,
                      enum answer *answer, struct err *err)
{
  struct stream_state *state = journal_stream(&store->journal, m->stream, err);
  if (!state || !part_from_lost(store, state, m, now_ms, err)) return false;
  const uint64_t head = state->head.seq, last = m->first_seq + m->count - 1;
  *through = last > head ? head : last;
  *answer = m->first_seq > head + 1 ? ANSWER_GAP : last <= head ? ANSWER_REPLAY : ANSWER_TAKEN;
  if (*answer != ANSWER_TAKEN) return true;
  for (uint64_t seq = head + 1; seq <= last; seq++) {
    struct lost_leaf *leaf = &m->leaves[seq - m->first_seq];
    leaf->pos = store->journal.next_pos;
    /* Nobody has written under a later epoch of ours than we are in; the journal would end at it. */
    if (m->stream.author == store->author && leaf->epoch > store->epoch) leaf->epoch = store->epoch;
    if (!journal_append_lost(&store->journal, state, leaf, err)) return false;
  }
  *through = last;
  return true;
}

bool store_lost_leaves(struct store *store, struct lost_message *m, int64_t now_ms, uint64_t *through,
                       enum answer *answer, struct err *err)
{
  return store_begin(store, err) && store_end(store, keep_lost(store, m, now_ms, through, answer, err), err);
}

/* ---- the hub ---- */

void store_mirror_key(const struct store *store, uint8_t out[BOX_KEY_SIZE])
{
  mirror_key(out, store->secret);
}

bool store_not_rolled_back(const struct store *store, struct err *err)
{
  if (!store->rolled_back) return true;
  return err_rule(
      err, ERR_CONFLICT, "", "log_rolled_back",
      "branches hold what the province has given them, and its log has not: rebuild it from them before "
      "anything is added");
}

bool log_went_back(struct db *db, uint32_t province, bool *went_back, struct err *err)
{
  bool beyond = false, stranger = false, lost = false;
  if (!beyond_any(db, &beyond, err) || !stranger_any(db, &stranger, err) ||
      !lost_any(db, province, &lost, err))
    return false;
  *went_back = beyond || stranger || lost;
  return true;
}

bool store_end_shown(struct store *store, uint32_t *unkept, uint32_t branch, bool stop, bool ok,
                     struct err *err)
{
  if (stop) {
    store->rolled_back = true;
    *unkept = branch;
  }
  ok = store_end(store, ok, err);
  if (!ok) return false;
  pthread_mutex_lock(&store->lock);
  if (*unkept == branch) *unkept = 0;
  pthread_mutex_unlock(&store->lock);
  return true;
}

bool store_load_floor(struct store *store, struct err *err)
{
  bool went_back = false;
  if (!log_went_back(store->db, store->province, &went_back, err)) return false;
  store->rolled_back = went_back;
  return true;
}

static bool vouch(void *ctx, const struct lost_run *run, struct err *err)
{
  struct store *store = ctx;
  struct buf keep = BUF_INIT;
  struct logged entry;
  struct lost_leaf leaf;
  uint8_t signature[SIGNATURE_SIZE];
  int64_t pos = -1;
  bool lost = true;
  if (run->first_seq == 1 || run->stream.author == store->province) return true;
  bool ok = stream_find(store->db, run->stream, run->first_seq - 1, &pos, err) &&
            entry_read_or_lost(store->db, pos, &entry, &keep, &leaf, &lost, err);
  if (ok && !lost && !entry.is_signed) {
    head_sign(signature, entry.hash, store->secret);
    struct query q = query_open(store->db, "INSERT OR IGNORE INTO sync_vouch VALUES(?1, ?2)", err);
    query_int(&q, 1, pos);
    query_blob(&q, 2, signature, sizeof signature);
    ok = query_run(&q);
  }
  buf_wipe(&keep);
  return ok;
}

bool store_vouch(struct store *store, struct err *err)
{
  return store_begin(store, err) &&
         store_end(store, lost_leaf_runs(store->db, false, vouch, store, err), err);
}

/* The text of a checkpoint that we signed, by its size. */
static bool signed_text(struct db *db, uint64_t size, struct buf *text, struct err *err)
{
  struct query q = query_open(db, "SELECT note FROM sync_checkpoint WHERE size = ?1", err);
  struct note note;
  query_int(&q, 1, (int64_t)size);
  bool found = query_row(&q);
  if (found && note_open(&note, column_text(&q, 0), strlen(column_text(&q, 0)), err))
    put_bytes(text, note.text, note.text_size);
  if (!query_close(&q)) return false;
  if (text->size > 0) return true;
  return err_rule(err, ERR_DENIED, "size", "cosignature", "no checkpoint of %llu leaves was signed here",
                  (unsigned long long)size);
}

bool store_branch_witness(struct db *db, uint32_t branch, struct note_key *out, struct err *err)
{
  char name[TLOG_ORIGIN_SIZE];
  tlog_witness_name(name, branch);
  struct query q = query_open(db,
                              "SELECT public_key FROM sync_key WHERE author = ?1 AND revoked_ms = 0"
                              " ORDER BY epoch DESC LIMIT 1",
                              err);
  query_int(&q, 1, branch);
  size_t n = 0;
  bool found = query_row(&q);
  const uint8_t *key = found ? column_blob(&q, 0, &n) : NULL;
  bool ok = n == PUBLIC_SIZE && note_key_init(out, name, NOTE_KEY_COSIGNATURE, key, err);
  if (!query_close(&q)) return false;
  return ok || err_rule(err, ERR_DENIED, "branch", "unknown_key", "branch %u has no key in force", branch);
}

/* Verifies a line over the checkpoint of its size and stores it, inside a transaction. */
static bool take_cosignature(struct db *db, const struct note_key *key, const struct cosignature *came,
                             struct err *err)
{
  struct buf text = BUF_INIT;
  struct err bad = ERR_INIT;
  struct cosignature c = *came;
  bool ok = signed_text(db, c.size, &text, err);
  /* The line as it is stored and served ends in its newline; it is verified without. */
  const char *bytes = c.line;
  bool whole = c.line_size > 1 && bytes[c.line_size - 1] == '\n' && !memchr(bytes, '\n', c.line_size - 1);
  if (ok && (!whole || !note_line_verify(bytes, c.line_size - 1, (const char *)text.data, text.size, key,
                                         &c.time_s, &bad)))
    ok = err_rule(err, ERR_DENIED, "cosignature", "cosignature", "%s sent a cosignature that does not verify",
                  key->name);
  buf_wipe(&text);
  return ok && cosigner_keep(db, key, &c, err);
}

bool store_cosignature(struct store *store, uint32_t branch, const struct cosignature *came, struct err *err)
{
  struct note_key key;
  if (!store_begin(store, err)) return false;
  bool ok =
      store_branch_witness(store->db, branch, &key, err) && take_cosignature(store->db, &key, came, err);
  bool stopped = store->rolled_back, went_back = stopped;
  if (ok && stopped) ok = log_went_back(store->db, store->province, &went_back, err);
  /* A sign that a full disk did not take is not looked for in the database. */
  went_back = went_back || store->unkept.shown || store->unkept.held || store->unkept.stranger;
  /* Under the lock: what a branch shows from here on is not forgotten. */
  if (ok && stopped) store->rolled_back = went_back;
  ok = store_end(store, ok, err);
  if (!ok && stopped) store->rolled_back = true;
  return ok;
}

bool store_cosignature_outside(struct store *store, const struct note_key *key,
                               const struct cosignature *came, struct err *err)
{
  return store_begin(store, err) && store_end(store, take_cosignature(store->db, key, came, err), err);
}

bool store_witnessed_mark(struct store *store, const struct witnessed *mark, struct err *err)
{
  return store_begin(store, err) && store_end(store, witnessed_set(store->db, mark, err), err);
}

bool store_meeting(struct store *store, int64_t now_ms, struct err *err)
{
  return store_begin(store, err) && store_end(store, meeting_next(store->db, now_ms, err), err);
}

bool store_quorum(struct store *store, uint64_t size, const struct buf *note, size_t lines, int64_t now_ms,
                  struct err *err)
{
  return store_begin(store, err) &&
         store_end(store, quorum_keep(store->db, size, note, lines, now_ms, err), err);
}

bool store_archive(struct store *store, int64_t now_ms, int *days, struct err *err)
{
  return store_begin(store, err) && store_end(store, archive_days(store->db, now_ms, days, err), err);
}

bool store_witnessed(struct store *store, uint32_t branch, const char *note, size_t size, int64_t now_ms,
                     bool *rolled_back, struct err *err)
{
  struct note_key key;
  struct note opened;
  struct checkpoint shown;
  *rolled_back = false;
  if (!store_begin(store, err)) return false;
  bool ok = log_key(store->db, store->province, &key, err) && note_open(&opened, note, size, err) &&
            note_verify(&opened, &key, NULL, err) &&
            checkpoint_decode(&shown, opened.text, opened.text_size, err) &&
            beyond_is(store->db, shown.size, &shown.root, rolled_back, err);
  if (ok && *rolled_back) ok = beyond_keep(store->db, branch, &shown, note, size, now_ms, err);
  return store_end_shown(store, &store->unkept.shown, branch, *rolled_back, ok, err);
}
