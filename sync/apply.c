/* One batch on its way in, and the order of its questions:
 *
 *   may this author send this stream here, and is its key in force?          no: REFUSED
 *   is the stream frozen?                                                     yes: FROZEN
 *   does it follow on what we have?            behind: GAP; the same again: REPLAY; contradicting: FORK
 *   every new entry: log it; schema known? scope, before-images, rows         else quarantined or parked
 *
 * All of it, for all batches of a call, is one transaction; the caller acknowledges after it (I2).
 *
 * PROTOCOL 4.3: "An entry that cannot be applied stays in the log and in the stream, is never applied in
 * part, and is shown with its reason." */
#include "sync/apply.h"

#include "core/base/clock.h"
#include "sync/again.h"
#include "sync/follows.h"
#include "sync/hole_aside.h"
#include "sync/intake.h"
#include "sync/late.h"
#include "sync/settle.h"
#include "sync/streams.h"
#include "sync/withholding.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { CLOCK_LEAD_MAX_MS = 60000 }; /* how far ahead another's clock may pull ours */

const char *outcome_name(enum outcome outcome)
{
  static const char *const names[] = {"taken", "replay", "gap", "fork", "frozen", "refused"};
  return names[outcome];
}

/* Ends the intake of this batch with an outcome; the call as a whole goes on. */
static void conclude(struct intake *in, enum outcome outcome, const char *reason, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
static void conclude(struct intake *in, enum outcome outcome, const char *reason, const char *format, ...)
{
  in->result->outcome = outcome;
  in->result->through_seq = in->state ? in->state->head.seq : 0;
  snprintf(in->result->reason, sizeof in->result->reason, "%s", reason);
  va_list args;
  va_start(args, format);
  vsnprintf(in->result->detail, sizeof in->result->detail, format, args);
  va_end(args);
}

/* ---- may it come? ---- */

static bool welcome(const struct store *store, struct stream stream)
{
  if (store->author == store->province) return stream.author != store->province && stream.lane == 0;
  if (stream.author == store->province) return stream.lane == 0 || stream.lane == store->author;
  return stream.author == store->author && stream.lane == 0; /* our own history, given back */
}

/* Our own history, given back by the province, and signed by us: it does not fork, our disk went back. */
static bool is_own(const struct intake *in)
{
  return in->store->author == in->batch->head.stream.author && !in->store->keeps_log;
}

/* The province stands in for the author's lost signature where the author cannot have made another: of an
 * epoch before this disk's key, up to where the province was when that was enrolled.  Anywhere else its word
 * would become ours, signed behind it with our own key. */
static bool may_be_vouched(const struct intake *in)
{
  const struct batch_head *head = &in->batch->head;
  return is_own(in) && head->epoch < in->store->epoch && batch_last_seq(head) <= in->store->base_seq;
}

/* False: a fault.  *go_on false: concluded. */
static bool admit(struct intake *in, bool *go_on)
{
  const struct batch_head *head = &in->batch->head;
  struct key key;
  struct err fault = ERR_INIT;
  *go_on = false;
  if (!welcome(in->store, head->stream)) {
    conclude(in, OUTCOME_REFUSED, "scope", "stream %u/%u is not taken here", head->stream.author,
             head->stream.lane);
    return true;
  }
  if (!key_in_force(in->store->db, head->stream.author, head->epoch, &key, &fault)) {
    if (fault.kind == ERR_DENIED) conclude(in, OUTCOME_REFUSED, fault.rule, "%.190s", fault.text);
    if (fault.kind != ERR_DENIED && in->err) *in->err = fault;
    return fault.kind == ERR_DENIED;
  }
  if (in->batch->vouched && !may_be_vouched(in)) {
    conclude(in, OUTCOME_REFUSED, "vouched",
             "entries up to %llu of this branch come with the province's signature instead of its own: they "
             "are taken where this disk was enrolled after them",
             (unsigned long long)batch_last_seq(head));
    return true;
  }
  bool same = in->batch->vouched;
  if (!same && !key_is(in->store->db, &key, in->batch->public_key, &same, in->err)) return false;
  if (!same) {
    conclude(in, OUTCOME_REFUSED, "unknown_key", "verified with another key than that of epoch %u",
             head->epoch);
    return true;
  }
  *go_on = true;
  return true;
}

/* ---- does it follow? ---- */

/* A file may be of a disk that its branch has gone back from: late.h. */
static bool name_late(struct intake *in, uint32_t index)
{
  const struct batch_head *head = &in->batch->head;
  if (!late_name(in->store->db, in->batch, index, in->received_ms, in->err)) return false;
  in->result->late_seq = head->first_seq + index;
  conclude(in, OUTCOME_REFUSED, LATE_RULE, "the branch has other entries since in the places from %llu on",
           (unsigned long long)(head->first_seq + index));
  return true;
}

static bool keep_fork(struct intake *in, uint32_t index, int64_t pos, struct err *err)
{
  if (in->batch->carried && in->store->keeps_log) return name_late(in, index);
  const struct batch *batch = in->batch;
  const struct batch_entry *theirs = &batch->entries[index];
  struct logged ours;
  struct buf keep = BUF_INIT, chain = BUF_INIT;
  bool ok = entry_read(in->store->db, pos, &ours, &keep, err);
  for (uint32_t i = index + 1; i < batch->head.count; i++)
    put_vec16(&chain, batch->entries[i].record, batch->entries[i].record_size);
  if (ok && chain.bad) ok = err_set(err, ERR_IO, "out of memory keeping a fork");
  if (ok) {
    struct query q =
        query_open(in->store->db,
                   "INSERT INTO sync_fork(author, lane, epoch, seq, pos, ours, theirs, theirs_payload,"
                   " theirs_chain, theirs_signature, at_ms)"
                   " VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
                   err);
    query_int(&q, 1, batch->head.stream.author);
    query_int(&q, 2, batch->head.stream.lane);
    query_int(&q, 3, batch->head.epoch);
    query_int(&q, 4, (int64_t)(batch->head.first_seq + index));
    query_int(&q, 5, pos);
    query_blob(&q, 6, ours.bytes, ours.size);
    query_blob(&q, 7, theirs->record, theirs->record_size);
    if (theirs->payload) query_blob(&q, 8, theirs->payload, theirs->payload_size);
    query_blob(&q, 9, chain.data, chain.size);
    query_blob(&q, 10, batch->signature, SIGNATURE_SIZE);
    query_int(&q, 11, in->received_ms);
    ok = query_run(&q) && journal_freeze(&in->store->journal, in->state, "fork", in->received_ms, err);
  }
  buf_wipe(&keep);
  buf_wipe(&chain);
  if (ok)
    conclude(in, OUTCOME_FORK, "fork", "author %u signed two different entries %llu in lane %u",
             batch->head.stream.author, (unsigned long long)(batch->head.first_seq + index),
             batch->head.stream.lane);
  return ok;
}

static bool fork_or_frozen(struct intake *in, uint32_t index, int64_t pos)
{
  if (!in->state->frozen) return keep_fork(in, index, pos, in->err);
  conclude(in, OUTCOME_FROZEN, "frozen", "the stream %u/%u is frozen", in->state->stream.author,
           in->state->stream.lane);
  return true;
}

/* It parts from what is here behind `common`: our tail is put aside (aside.h), unless the province has proved
 * that it logged that very tail; then its log is the one that was rewritten. */
static bool part(struct intake *in, uint64_t common, bool *parted)
{
  uint64_t acked = 0;
  int64_t received_ms = 0;
  *parted = false;
  if (!is_own(in)) return true;
  if (!stream_acked(in->store->db, in->state->stream, &acked, &received_ms, in->err)) return false;
  if (common < acked && acked <= in->state->head.seq) return true;
  *parted = true;
  return aside_cut(in->store, in->state, common, in->received_ms, in->err);
}

/* Is this what we have there?  Of a lost entry nobody can say otherwise: its leaf can (found.h). */
static bool is_ours(struct intake *in, uint64_t seq, const uint8_t hash[HASH_SIZE], int64_t *pos, bool *same)
{
  struct logged entry;
  struct lost_leaf leaf;
  struct buf keep = BUF_INIT;
  bool lost = false;
  const struct head *head = &in->state->head;
  *pos = in->state->head_pos;
  *same = head->lost || memcmp(head->hash, hash, HASH_SIZE) == 0;
  if (seq == head->seq) return true;
  bool ok = stream_find(in->store->db, in->state->stream, seq, pos, in->err) &&
            entry_read_or_lost(in->store->db, *pos, &entry, &keep, &leaf, &lost, in->err);
  *same = ok && (lost || memcmp(entry.hash, hash, HASH_SIZE) == 0);
  buf_wipe(&keep);
  return ok;
}

/* Both versions of some entry we already have: the first that differs.  *skip and *go_on when it is our own
 * disk that went back. */
static bool find_fork(struct intake *in, uint32_t overlap, uint32_t *skip, bool *go_on)
{
  for (uint32_t i = 0; i < overlap; i++) {
    int64_t pos = -1;
    bool same = false;
    if (!is_ours(in, in->batch->head.first_seq + i, in->batch->entries[i].hash, &pos, &same)) return false;
    if (same) continue;
    if (!part(in, in->batch->head.first_seq + i - 1, go_on)) return false;
    if (*go_on) *skip = i;
    return *go_on || fork_or_frozen(in, i, pos);
  }
  return err_set(in->err, ERR_CORRUPT, "the chain of author %u ends in another hash than it says",
                 in->state->stream.author);
}

/* The part of the batch that lies behind our head must be the same, by the hash of its last entry. */
static bool check_overlap(struct intake *in, uint32_t *skip, bool *go_on)
{
  int64_t pos = -1;
  bool same = false;
  const uint32_t overlap = *skip;
  if (!is_ours(in, in->batch->head.first_seq + overlap - 1, in->batch->entries[overlap - 1].hash, &pos,
               &same))
    return false;
  if (!same) return find_fork(in, overlap, skip, go_on);
  *go_on = overlap < in->batch->head.count;
  if (!*go_on) conclude(in, OUTCOME_REPLAY, "", "all of it was here");
  return true;
}

/* The parting lies before this batch, and behind what is proved: from there on it must come. */
static bool ask_from_proved(struct intake *in)
{
  uint64_t acked = 0;
  int64_t received_ms = 0;
  if (!stream_acked(in->store->db, in->state->stream, &acked, &received_ms, in->err)) return false;
  conclude(in, OUTCOME_GAP, "gap", "our history parts from what is here before entry %llu",
           (unsigned long long)in->batch->head.first_seq);
  in->result->through_seq = acked < in->state->head.seq ? acked : in->state->head.seq - 1;
  return true;
}

static bool check_prev(struct intake *in, bool *go_on)
{
  const struct head *head = &in->state->head;
  if (!follows_on_head(in->store->db, in->state->head_pos, head, in->batch->head.prev, go_on, in->err))
    return false;
  if (*go_on) return true;
  if (is_own(in) && head->seq > 0) return ask_from_proved(in);
  /* It says it follows another entry than the one this author signed before. */
  if (head->seq > 0) return keep_fork(in, 0, in->state->head_pos, in->err);
  conclude(in, OUTCOME_REFUSED, "prev", "the first entry of a stream names one before it");
  return true;
}

/* *skip entries at the front are here already. */
static bool follow(struct intake *in, uint32_t *skip, bool *go_on)
{
  const struct batch_head *head = &in->batch->head;
  const struct head *ours = &in->state->head;
  *go_on = false;
  *skip = 0;
  if (!in->store->keeps_log && !in->batch->vouched && !in->batch->carried &&
      !hole_part(in->store, in->state, in->batch, in->received_ms, in->err))
    return false;
  if (head->first_seq > ours->seq + 1) {
    conclude(in, OUTCOME_GAP, "gap", "entry %llu is missing before %llu", (unsigned long long)ours->seq + 1,
             (unsigned long long)head->first_seq);
    return true;
  }
  if (head->first_seq <= ours->seq) {
    uint64_t overlap = ours->seq - head->first_seq + 1;
    *skip = overlap < head->count ? (uint32_t)overlap : head->count;
    if (!check_overlap(in, skip, go_on)) return false;
  } else if (!check_prev(in, go_on)) {
    return false;
  }
  if (!*go_on) return true;
  if (head->epoch < ours->epoch) {
    *go_on = false;
    conclude(in, OUTCOME_REFUSED, "older_epoch", "epoch %u, after epoch %u", head->epoch, ours->epoch);
  } else if (head->epoch == ours->epoch && in->batch->entries[*skip].hlc <= ours->hlc) {
    /* PROTOCOL 3.2: "Within an epoch the hlc rises from batch to batch as it does inside of one" */
    *go_on = false;
    conclude(in, OUTCOME_REFUSED, "clock", "entry %llu claims an earlier moment than the one before it",
             (unsigned long long)ours->seq + 1);
  }
  return true;
}

/* A person answers a fork by enrolling the branch again: the next epoch, behind what we have, thaws it. */
static bool check_frozen(struct intake *in, bool *go_on)
{
  const struct batch_head *head = &in->batch->head;
  const struct head *ours = &in->state->head;
  *go_on = true;
  if (!in->state->frozen || is_own(in)) return true;
  bool follows = false;
  if (!follows_on_head(in->store->db, in->state->head_pos, ours, head->prev, &follows, in->err)) return false;
  if (head->epoch > ours->epoch && head->first_seq == ours->seq + 1 && follows)
    return journal_thaw(&in->store->journal, in->state, in->err);
  *go_on = false;
  conclude(in, OUTCOME_FROZEN, "frozen", "the stream %u/%u is frozen until its branch is enrolled again",
           head->stream.author, head->stream.lane);
  return true;
}

/* ---- taking it ---- */

bool intake_schema_known(const struct store *store, uint32_t schema, const uint8_t hash[SCHEMA_HASH_SIZE],
                         struct refusal *why)
{
  if (schema > store->schema)
    return refuse(why, "schema_newer", "made under schema %u, this program knows %u: upgrade it first",
                  schema, store->schema);
  if (schema == store->schema && memcmp(hash, store->tables.hash, SCHEMA_HASH_SIZE) != 0)
    return refuse(why, "schema_unknown", "its schema %u is not the schema %u of this program", schema,
                  schema);
  return true;
}

/* What it says it is goes before its rows come, and is back when they do not. */
static enum rows_outcome write_payload(struct store *store, const struct origin *origin, const void *payload,
                                       size_t size, int64_t pos, int64_t at_ms, struct refusal *why,
                                       struct err *err)
{
  const bool again = again_any(payload, size);
  if (again && !(db_exec(store->db, "SAVEPOINT again", err) && again_take_back(store, pos, at_ms, err)))
    return ROWS_FAILED;
  const enum rows_outcome outcome = rows_write(store->db, &store->tables, origin, payload, size, why, err);
  if (!again || outcome == ROWS_FAILED) return outcome;
  if (outcome == ROWS_REFUSED && !db_exec(store->db, "ROLLBACK TO again", err)) return ROWS_FAILED;
  return db_exec(store->db, "RELEASE again", err) ? outcome : ROWS_FAILED;
}

/* Applies an entry that is logged at pos.  False is a fault; a refusal is kept, and why names its reason,
 * which is empty when it was written.  One that is withheld by an act is in order, and there is nothing to
 * write. */
static bool apply_entry(struct store *store, const struct origin *origin, const void *payload, size_t size,
                        int64_t pos, int64_t at_ms, struct refusal *why, struct err *err)
{
  memset(why, 0, sizeof *why);
  enum rows_outcome outcome = ROWS_REFUSED;
  bool withheld = false;
  if (payload)
    outcome = write_payload(store, origin, payload, size, pos, at_ms, why, err);
  else if (!withholding_any(store->db, origin->stream, origin->seq, origin->seq, &withheld, err))
    return false;
  else if (withheld)
    outcome = ROWS_WRITTEN;
  else
    refuse(why, "withheld", "its payload was withheld");
  if (outcome != ROWS_REFUSED) return outcome == ROWS_WRITTEN && store_withhold(store, err);
  return quarantine_keep(store->db, origin->stream, origin->seq, pos, why, "refused", at_ms, err);
}

/* The province holds others to the rules of the newest schema it has signed an entry of its own under: so the
 * log says for each entry which rules it was held to.  A branch takes its province's word, and its own. */
static uint32_t level_of(const struct store *store)
{
  return store->author == store->province ? store->journal.schema : 0;
}

static void note(struct apply_result *result, const struct refusal *why)
{
  if (result->reason[0]) return;
  snprintf(result->reason, sizeof result->reason, "%s", why->reason);
  snprintf(result->detail, sizeof result->detail, "%s", why->detail);
}

static bool park(struct intake *in, uint64_t seq, const struct refusal *why)
{
  in->result->parked++;
  note(in->result, why);
  if (in->state->waiting_seq) return true; /* behind one that waits: order is kept */
  return journal_wait(&in->store->journal, in->state, seq, in->err) &&
         quarantine_keep(in->store->db, in->state->stream, seq, in->state->head_pos, why, "waiting",
                         in->received_ms, in->err);
}

/* The act may be here before the entry: a receipt file made earlier, a hub that was rebuilt.  Then its
 * payload is not taken. */
bool intake_payload(struct intake *in, const struct batch_entry *entry, uint64_t seq, const uint8_t **out)
{
  bool withheld = false;
  if (in->any_withheld &&
      !withholding_any(in->store->db, in->batch->head.stream, seq, seq, &withheld, in->err))
    return false;
  *out = withheld ? NULL : entry->payload;
  return true;
}

/* The province's word for the last of it is no signature of its author's: it is kept beside. */
static bool keep_vouch(struct intake *in)
{
  struct query q = query_open(in->store->db, "INSERT OR REPLACE INTO sync_vouch VALUES(?1, ?2)", in->err);
  query_int(&q, 1, in->state->head_pos);
  query_blob(&q, 2, in->batch->signature, SIGNATURE_SIZE);
  return query_run(&q);
}

bool intake_apply(struct intake *in, const struct batch_entry *entry, uint64_t seq, const uint8_t *payload,
                  int64_t pos)
{
  const struct batch_head *head = &in->batch->head;
  struct origin origin = {.stream = head->stream,
                          .province = in->store->province,
                          .epoch = head->epoch,
                          .seq = seq,
                          .older_schema = head->schema < in->store->schema,
                          .level = level_of(in->store)};
  struct refusal why;
  if (!apply_entry(in->store, &origin, payload, entry->payload_size, pos, in->received_ms, &why, in->err))
    return false;
  if (!why.reason[0])
    return !in->any_aside || !in->store->keeps_log || !payload ||
           settle_again(in->store->db, head->stream, payload, entry->payload_size, in->err);
  in->result->quarantined++;
  note(in->result, &why);
  return true;
}

static bool take_entry(struct intake *in, const struct batch_entry *entry, uint64_t seq, bool is_last,
                       const struct refusal *unknown)
{
  const uint8_t *payload = NULL;
  if (!intake_payload(in, entry, seq, &payload)) return false;
  const struct batch_head *head = &in->batch->head;
  struct store *store = in->store;
  struct record record = {.stream = head->stream,
                          .epoch = head->epoch,
                          .seq = seq,
                          .hlc = entry->hlc,
                          .schema = head->schema,
                          .payload_size = entry->payload_size};
  struct append append = {.record = &record,
                          .bytes = entry->record,
                          .size = entry->record_size,
                          .hash = entry->hash,
                          .payload = payload,
                          .signature = is_last && !in->batch->vouched ? in->batch->signature : NULL,
                          .received_ms = in->received_ms};
  if (!journal_append(&store->journal, in->state, &append, in->err)) return false;
  if (is_last && in->batch->vouched && !keep_vouch(in)) return false;
  in->result->taken++;
  if (in->any_aside && !settle_entry(store->db, head->stream, seq, entry, in->err)) return false;
  if (in->state->waiting_seq || unknown->reason[0]) return park(in, seq, unknown);
  return intake_apply(in, entry, seq, payload, in->state->head_pos);
}

/* Whoever hands a file on could leave the content out of it, and it would never come again (content.h).  The
 * province knows its own acts: what none withholds comes with its content. */
static bool has_content(struct intake *in, uint32_t skip, bool *yes)
{
  const struct batch_head *head = &in->batch->head;
  *yes = true;
  for (uint32_t i = skip; *yes && i < head->count && in->store->keeps_log; i++) {
    uint64_t seq = head->first_seq + i;
    if (in->batch->entries[i].payload) continue;
    if (!withholding_any(in->store->db, head->stream, seq, seq, yes, in->err)) return false;
    if (!*yes)
      conclude(in, OUTCOME_REFUSED, "no_content",
               "entry %llu comes without its content, and no act withholds it", (unsigned long long)seq);
  }
  return true;
}

static bool take(struct intake *in, uint32_t skip)
{
  const struct batch_head *head = &in->batch->head;
  struct refusal unknown = {0};
  bool whole = false;
  if (!has_content(in, skip, &whole)) return false;
  if (!whole) return true;
  intake_schema_known(in->store, head->schema, head->schema_hash, &unknown);
  if (in->state->waiting_seq && !unknown.reason[0])
    refuse(&unknown, "order", "an entry before it waits for a newer program");
  if (!withholding_any(in->store->db, head->stream, head->first_seq + skip, head->first_seq + head->count - 1,
                       &in->any_withheld, in->err) ||
      !settle_any(in->store->db, head->stream, &in->any_aside, in->err))
    return false;
  for (uint32_t i = skip; i < head->count; i++)
    if (!take_entry(in, &in->batch->entries[i], head->first_seq + i, i == head->count - 1, &unknown))
      return false;
  /* What we say next happens after what we have just read, unless that clock is off. */
  uint64_t hlc = in->batch->entries[head->count - 1].hlc;
  if (hlc > in->store->journal.hlc && hlc_ms(hlc) <= in->received_ms + CLOCK_LEAD_MAX_MS)
    in->store->journal.hlc = hlc;
  in->result->outcome = OUTCOME_TAKEN;
  in->result->through_seq = in->state->head.seq;
  return true;
}

/* Its key proves nothing any more, and a hole's leaf needs none: only the hash decides.  What else is in it
 * is left as it is. */
static bool fill_holes(struct intake *in)
{
  const struct batch_head *head = &in->batch->head;
  uint64_t ours = 0;
  if (!welcome(in->store, head->stream)) {
    conclude(in, OUTCOME_REFUSED, "scope", "stream %u/%u is not taken here", head->stream.author,
             head->stream.lane);
    return true;
  }
  in->state = journal_stream(&in->store->journal, head->stream, in->err);
  if (!in->state) return false;
  ours = in->state->head.seq;
  if (head->first_seq <= ours &&
      !intake_mend(in, ours - head->first_seq + 1 < head->count ? (uint32_t)(ours - head->first_seq + 1)
                                                                : head->count))
    return false;
  bool same = batch_last_seq(head) <= ours;
  int64_t pos = -1;
  if (same && !is_ours(in, batch_last_seq(head), in->batch->entries[head->count - 1].hash, &pos, &same))
    return false;
  if (same)
    conclude(in, OUTCOME_REPLAY, "", "all of it was here");
  else
    conclude(in, OUTCOME_REFUSED, "revoked_key", "the key of author %u, epoch %u was revoked",
             head->stream.author, head->epoch);
  return true;
}

/* A file does not know of holes.  When what it has in the place of the last entry is not the leaf there, what
 * is behind it would bury it: the branch hears of the hole over its line and puts it behind (store_log.h). */
static bool is_buried(struct intake *in, bool *buried)
{
  const struct batch_head *head = &in->batch->head;
  const struct head *ours = &in->state->head;
  struct lost_leaf hole;
  *buried = in->batch->carried && in->store->keeps_log && ours->lost && batch_last_seq(head) >= ours->seq;
  if (!*buried) return true;
  if (!lost_leaf_next(in->store->db, head->stream, head->first_seq, &hole, buried, in->err)) return false;
  return !*buried || name_late(in, (uint32_t)(hole.seq - head->first_seq));
}

static bool take_batch(struct intake *in)
{
  bool go_on = false;
  uint32_t skip = 0;
  if (in->batch->ended) return fill_holes(in);
  assert(in->batch->verified);
  if (!admit(in, &go_on)) return false;
  if (!go_on) return true;
  in->state = journal_stream(&in->store->journal, in->batch->head.stream, in->err);
  if (!in->state) return false;
  if (!check_frozen(in, &go_on)) return false;
  if (!go_on) return true;
  if (!follow(in, &skip, &go_on)) return false;
  bool goes_on = go_on || in->result->outcome == OUTCOME_REPLAY;
  bool buried = false;
  if (goes_on && skip > 0 && (!intake_mend(in, skip) || !is_buried(in, &buried))) return false;
  return !go_on || buried || take(in, skip);
}

bool store_apply(struct store *store, struct batch *const *batches, size_t count, int64_t received_ms,
                 struct apply_result *results, struct err *err)
{
  struct err fault = ERR_INIT;
  if (!err) err = &fault;
  memset(results, 0, count * sizeof *results);
  if (!store_begin(store, err)) return false;
  store->guard_open = true;
  bool ok = store_not_rolled_back(store, err) && (!store->keeps_log || store_not_restored(store, err));
  for (size_t i = 0; ok && i < count; i++) {
    struct intake in = {
        .store = store, .batch = batches[i], .result = &results[i], .received_ms = received_ms, .err = err};
    ok = take_batch(&in);
  }
  return store_end(store, ok, err);
}

/* ---- what waited ---- */

/* PROTOCOL 4.6: "The rules up to schema number n hold for an entry when an entry of the province's own, made
 * under n or later, stands before it in the log": what waited is held to those it would have been held to
 * when it came, and folding the log again judges it alike, however late it is taken. */
static bool level_at(struct store *store, int64_t pos, uint32_t *level, struct err *err)
{
  int64_t before = -1;
  *level = 0;
  if (store->author != store->province) return true;
  struct query q = query_open(store->db,
                              "SELECT min(first_pos + count, ?2) - 1 FROM sync_span WHERE author = ?1"
                              " AND superseded = 0 AND first_pos < ?2 ORDER BY first_pos DESC LIMIT 1"
                              " /* scan: after an upgrade, once an entry that waited */",
                              err);
  query_int(&q, 1, store->province);
  query_int(&q, 2, pos);
  if (query_row(&q)) before = column_int(&q, 0);
  if (!query_close(&q)) return false;
  struct logged entry;
  struct buf keep = BUF_INIT;
  struct lost_leaf leaf;
  bool lost = false;
  bool ok = before < 0 || entry_read_or_lost(store->db, before, &entry, &keep, &leaf, &lost, err);
  if (ok && before >= 0 && !lost) *level = entry.record.schema;
  buf_wipe(&keep);
  return ok;
}

/* A hole among what waits is passed over: nothing comes of it. */
static bool retry_entry(struct store *store, struct stream_state *state, int64_t now_ms, bool *go_on,
                        uint32_t *applied, struct err *err)
{
  struct buf keep = BUF_INIT;
  struct logged entry;
  struct refusal why = {0};
  int64_t pos = -1;
  struct lost_leaf hole;
  bool lost = false;
  bool ok = stream_find(store->db, state->stream, state->waiting_seq, &pos, err) &&
            entry_read_or_lost(store->db, pos, &entry, &keep, &hole, &lost, err);
  *go_on = ok && (lost || intake_schema_known(store, entry.record.schema, entry.record.schema_hash, &why));
  if (ok && !*go_on)
    ok = quarantine_keep(store->db, state->stream, state->waiting_seq, pos, &why, "waiting", now_ms, err);
  uint32_t level = 0;
  ok = ok && (lost || !*go_on || level_at(store, pos, &level, err));
  if (ok && *go_on && !lost) {
    struct origin origin = {.stream = state->stream,
                            .province = store->province,
                            .epoch = entry.record.epoch,
                            .seq = entry.record.seq,
                            .older_schema = entry.record.schema < store->schema,
                            .level = level,
                            .waited = true};
    ok = apply_entry(store, &origin, entry.payload, entry.record.payload_size, pos, now_ms, &why, err);
    if (ok && !why.reason[0]) {
      struct query q = query_open(store->db, "UPDATE sync_quarantine SET state = 'done' WHERE pos = ?1", err);
      query_int(&q, 1, pos);
      ok = query_run(&q);
      *applied += 1;
    }
  }
  const uint64_t next = state->waiting_seq < state->head.seq ? state->waiting_seq + 1 : 0;
  if (ok && *go_on) ok = journal_wait(&store->journal, state, next, err);
  buf_wipe(&keep);
  return ok;
}

bool store_retry_parked(struct store *store, int64_t now_ms, uint32_t *applied, struct err *err)
{
  uint32_t count = 0;
  pthread_mutex_lock(&store->lock);
  bool any = store->journal.stale;
  for (size_t i = 0; i < store->journal.count; i++)
    any = any || store->journal.streams[i].waiting_seq != 0;
  pthread_mutex_unlock(&store->lock);
  if (applied) *applied = 0;
  if (!any) return true;
  if (!store_begin(store, err)) return false;
  store->guard_open = true;
  bool ok = true;
  for (size_t i = 0; ok && i < store->journal.count; i++) {
    struct stream_state *state = &store->journal.streams[i];
    bool go_on = true;
    while (ok && go_on && state->waiting_seq != 0)
      ok = retry_entry(store, state, now_ms, &go_on, &count, err);
  }
  ok = store_end(store, ok, err);
  if (ok && applied) *applied = count;
  return ok;
}
