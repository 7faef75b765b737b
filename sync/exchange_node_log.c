/* The witness's part of a node's conversation: what it tells of the log it holds, and what it makes of what
 * the hub says about the log.  docs/PROTOCOL.md 7.9 to 7.12 and 10.4. */
#include "sync/exchange_node_state.h"
#include "sync/hole_aside.h"
#include "sync/keep.h"
#include "sync/log_message.h"
#include "sync/mirror.h"
#include "sync/prefix.h"
#include "sync/store_log.h"
#include "sync/streams.h"
#include "sync/tlog.h"

#include <stdlib.h>
#include <string.h>

/* The mirror comes before its checkpoint.  When the last line broke between the two, the hub may have gone
 * back since to where the checkpoint that is held ends, and on from there with other entries: what lies
 * behind goes before this line's first greeting, and is sent again.  A disk that refuses takes no mirror
 * either. */
static void settle_mirror(struct exchange_node *x, uint64_t held, uint64_t *mirrored)
{
  uint64_t kept = 0;
  if (x->mirror_settled) return;
  bool ok = *mirrored <= held || (store_mirror_forget(x->config.store, held, NULL) &&
                                  mirror_through(x->config.db, mirrored, NULL));
  ok = ok && keep_through(x->config.db, &kept, NULL) &&
       (kept <= held || store_keep_forget(x->config.store, held, NULL));
  x->mirror_settled = ok;
}

/* How far it keeps the log in tiles, and which keepers it knows: once, and when a piece was not kept. */
static bool put_keeping(struct exchange_node *x, struct buf *tail, struct err *err)
{
  struct buf item = BUF_INIT;
  uint64_t through = 0;
  uint8_t id[KEEPERS_ID_SIZE];
  bool ok = keep_through(x->config.db, &through, err) && keep_keepers_id(x->config.db, id, err);
  put_u64(&item, through);
  put_bytes(&item, id, sizeof id);
  if (ok) tail_put(tail, TAIL_KEEPING, item.data, item.size);
  x->keeping_told = true;
  buf_wipe(&item);
  return ok;
}

/* What the log's keeper wants of a witness: the size we hold and, once, our cosignatures since the last time.
 */
bool node_log_tail(struct exchange_node *x, struct buf *tail, struct moment now, struct err *err)
{
  char origin[TLOG_ORIGIN_SIZE];
  struct witness_held held;
  tlog_origin(origin, store_province(x->config.store));
  uint64_t mirrored = 0;
  if (!witness_held(x->config.db, origin, &held, err) || !mirror_through(x->config.db, &mirrored, err))
    return false;
  settle_mirror(x, held.size, &mirrored);
  tail_put_u64(tail, TAIL_LOG_SIZE, held.size);
  if (x->mirror_settled) tail_put_u64(tail, TAIL_MIRRORED, mirrored);
  if (x->mirror_settled && !x->keeping_told && !put_keeping(x, tail, err)) return false;
  if (x->config.run) tail_put_u64(tail, TAIL_RUN, x->config.run);
  if (x->config.hubs && !x->facts.welcome) hub_runs_tell(x->config.hubs, tail);
  unsigned first = x->cosigned_count > COSIGNED_MAX ? x->cosigned_count - COSIGNED_MAX : 0;
  for (unsigned n = x->cosigned_count; n > first && !held.distrust[0]; n--) {
    struct buf *one = &x->cosigned[(n - 1) % COSIGNED_MAX];
    tail_put(tail, TAIL_COSIGNATURE, one->data, one->size);
  }
  (void)now;
  x->cosigned_count = 0;
  return true;
}

/* A witness cosigns each checkpoint it takes, while it is the largest it has seen: a later line for it would
 * claim what is not so any more.  The lines travel with the next greeting; before they are too many for one,
 * it comes. */
static bool cosign(struct exchange_node *x, struct moment now, struct err *err)
{
  struct buf line = BUF_INIT;
  uint64_t size = 0;
  bool ok = store_cosign(x->config.store, now.wall_ms, &size, &line, err);
  struct buf *one = &x->cosigned[x->cosigned_count % COSIGNED_MAX];
  if (ok) {
    buf_clear(one);
    put_u64(one, size);
    put_bytes(one, line.data, line.size);
    x->cosigned_count++;
  }
  buf_wipe(&line);
  if (ok && x->cosigned_count >= COSIGNED_MAX) exchange_node_hello(x, now);
  return ok;
}

/* A log that contradicted itself stays contradicted: nothing goes up until a person has acted, and that is
 * looked at before each greeting. */
bool node_log_distrust(struct exchange_node *x, struct err *err)
{
  char origin[TLOG_ORIGIN_SIZE];
  struct witness_held held;
  tlog_origin(origin, store_province(x->config.store));
  if (!witness_held(x->config.db, origin, &held, err)) return false;
  if (x->other_hub) return true;
  if (!held.distrust[0]) {
    if (x->distrust.kind) sender_resume(&x->up);
    err_clear(&x->distrust);
    return true;
  }
  err_clear(&x->distrust);
  (void)err_rule(&x->distrust, ERR_DENIED, "log", held.distrust,
                 "the province's log contradicted what it had signed before");
  sender_pause(&x->up, NEVER, &x->distrust);
  return true;
}

/* The one whose log we follow is back: it has contradicted nothing, the other has. */
static bool listen_again(struct exchange_node *x, struct err *err)
{
  if (!store_trust(x->config.store, err)) return false;
  err_clear(&x->distrust);
  sender_resume(&x->up);
  return true;
}

/* Two programs with the province's keys, of which one is a copy: each signs a log of its own.  We stay with
 * the one that has continued what we hold, and are deaf to the one that contradicts it, whichever answers. */
bool node_log_meet(struct exchange_node *x, const struct welcome *m, struct moment now, struct err *err)
{
  struct hub_runs *hubs = x->config.hubs;
  if (!hubs) return true;
  if (!x->hub_run && tail_get_u64(m->tail, TAIL_HUB_RUN, &x->hub_run))
    hub_runs_met(hubs, x->hub_run, now.mono_ms);
  x->facts.two_hubs = hub_runs_two(hubs, now.mono_ms);
  if (!x->hub_run) return true;
  if (x->hub_run == hubs->follows && x->distrust.kind) return listen_again(x, err);
  if (x->hub_run != hubs->other || x->other_hub) return true;
  x->other_hub = true;
  err_clear(&x->distrust);
  (void)err_rule(
      &x->distrust, ERR_DENIED, "log", "two_hubs",
      "this is the one of two programs with the province's keys whose log contradicts the one that "
      "this branch has witnessed: nothing is sent to it, and nothing of it is believed");
  sender_pause(&x->up, NEVER, &x->distrust);
  return true;
}

/* Does the checkpoint we hold have that entry?  Then a log without it contradicts the checkpoint, or is
 * shorter, and that is the proof. */
static bool is_witnessed(struct exchange_node *x, struct stream stream, uint64_t seq, uint64_t held,
                         bool *yes, struct err *err)
{
  struct query q =
      query_open(x->config.db,
                 "SELECT 1 FROM sync_mirror_run WHERE author = ?1 AND lane = ?2 AND first_seq <= ?3"
                 " AND first_seq + count > ?3 AND first_pos + ?3 - first_seq < ?4 LIMIT 1"
                 " /* scan: when the province's disk went back */",
                 err);
  query_int(&q, 1, stream.author);
  query_int(&q, 2, stream.lane);
  query_int(&q, 3, (int64_t)seq);
  query_int(&q, 4, (int64_t)held);
  *yes = query_row(&q);
  if (!query_close(&q)) return false;
  return *yes || keep_is_before(x->config.db, stream.lane, seq, held, yes, err);
}

/* Which entry proves the most: the first that is signed from the parting on, for the hub may have another in
 * its place; when there is no parting the newest. */
static bool find_held(struct exchange_node *x, struct stream stream, uint64_t parted, int64_t *pos,
                      struct err *err)
{
  struct head head;
  if (!hole_head(x->config.db, stream, &head, err)) return false;
  const uint64_t seq = parted ? parted : head.seq;
  if (seq == 0) return true;
  if (!stream_find(x->config.db, stream, seq, pos, err)) return false;
  return *pos < 0 || entry_signed_by(x->config.db, *pos, pos, err);
}

/* Those from the parting to the signed one, which chains them: the hub may have another at the parting.  What
 * does not fit, or has a hole, is not told, and then proves less. */
static bool find_chain(struct exchange_node *x, struct stream stream, uint64_t parted, int64_t signed_pos,
                       struct buf *chain, uint16_t *count, struct err *err)
{
  bool ok = true;
  *count = 0;
  for (uint64_t seq = parted; ok && x->hub_run && seq; seq++) {
    struct logged entry = {0};
    struct lost_leaf hole;
    bool lost = false;
    struct buf keep = BUF_INIT;
    int64_t pos = -1;
    ok = stream_find(x->config.db, stream, seq, &pos, err);
    if (pos < 0 || pos == signed_pos) break;
    ok = ok && entry_read_or_lost(x->config.db, pos, &entry, &keep, &hole, &lost, err);
    if (lost) {
      *count = 0;
      break;
    }
    if (ok) put_vec16(chain, entry.bytes, entry.size);
    buf_wipe(&keep);
    ++*count;
    if (chain->size > HELD_CHAIN_MAX) *count = 0;
    if (!*count) break;
  }
  return ok && (!chain->bad || err_set(err, ERR_IO, "out of memory for what this branch holds"));
}

/* The hub's own signature over its entries here; a hub that told what it has takes it. */
static bool show_held(struct exchange_node *x, struct stream stream, uint64_t parted, struct moment now,
                      struct err *err)
{
  struct logged entry = {0};
  struct buf keep = BUF_INIT, chain = BUF_INIT;
  int64_t pos = -1;
  uint16_t count = 0;
  bool ok = find_held(x, stream, parted, &pos, err) &&
            (pos < 0 || (entry_read(x->config.db, pos, &entry, &keep, err) &&
                         find_chain(x, stream, parted, pos, &chain, &count, err)));
  if (ok && entry.is_signed) {
    struct held_message m = {.parted = parted,
                             .record = {entry.bytes, entry.size},
                             .chain = reader_of(chain.data, count ? chain.size : 0),
                             .chain_count = count};
    memcpy(m.signature, entry.signature, SIGNATURE_SIZE);
    size_t mark = frame_begin(&x->wire.out, FRAME_HELD);
    held_message_encode(&x->wire.out, &m);
    frame_end(&x->wire.out, mark);
    wire_queued(&x->wire, now);
  }
  buf_wipe(&keep);
  buf_wipe(&chain);
  return ok;
}

/* One of the hub's own streams has less there than it sent us, or another entry at one place: its disk went
 * back behind what no checkpoint of ours holds yet.  We show it what we have, and send nothing until it has
 * that again. */
static bool shows_other_of_its_own(struct exchange_node *x, struct stream stream,
                                   const struct lane_mark *ours, const struct lane_mark *theirs,
                                   struct moment now, struct err *err)
{
  struct err why = ERR_INIT;
  if (theirs->seq < ours->seq)
    (void)err_rule(&why, ERR_DENIED, "log", "log_rolled_back",
                   "the province shows %llu entries of its own, this branch has %llu of them",
                   (unsigned long long)theirs->seq, (unsigned long long)ours->seq);
  else
    (void)err_rule(&why, ERR_DENIED, "log", "log_rolled_back",
                   "the province shows another entry %llu of its own stream %u than this branch has",
                   (unsigned long long)theirs->seq, stream.lane);
  sender_pause(&x->up, NEVER, x->distrust.kind ? &x->distrust : &why);
  return store_accuse(x->config.store, &why, "", 0, false, now.wall_ms, err);
}

static bool compare_lane(struct exchange_node *x, int lane, const struct lane_mark *theirs, bool told,
                         uint64_t held, struct moment now, struct err *err)
{
  const struct stream stream = lane == LANE_SHARED ? x->shared : x->directed;
  const struct lane_mark *ours = &x->hello_lanes[lane];
  enum prefix prefix = PREFIX_SAME;
  bool witnessed = false;
  if (told && !prefix_compare(x->config.db, stream, theirs->seq, theirs->hash, &prefix, err)) return false;
  if (theirs->seq >= ours->seq && prefix != PREFIX_OTHER) return true;
  const uint64_t parted = prefix == PREFIX_OTHER ? theirs->seq : 0;
  if (told && !is_witnessed(x, stream, parted ? parted : theirs->seq + 1, held, &witnessed, err))
    return false;
  return (!told || witnessed || show_held(x, stream, parted, now, err)) &&
         shows_other_of_its_own(x, stream, ours, theirs, now, err);
}

static bool compare_lanes(struct exchange_node *x, const struct welcome *m, uint64_t held, struct moment now,
                          struct err *err)
{
  struct lane_mark theirs[LANES] = {{.seq = m->shared_seq}, {.seq = m->directed_seq}};
  const bool told = tail_get_marks(m->tail, theirs);
  for (int i = 0; i < LANES; i++)
    if (!compare_lane(x, i, &theirs[i], told, held, now, err)) return false;
  return true;
}

/* The hub signed less than we hold: it shows another past than it did.  We show it its own signature, and
 * send nothing until its log is whole again: then it goes on by itself, because whatever comes must continue
 * what we hold. */
bool node_log_compare(struct exchange_node *x, const struct welcome *m, struct moment now, struct err *err)
{
  char origin[TLOG_ORIGIN_SIZE];
  struct witness_held held;
  uint64_t size = 0;
  tlog_origin(origin, store_province(x->config.store));
  if (x->other_hub) return true;
  if (!witness_held(x->config.db, origin, &held, err)) return false;
  if (!tail_get_u64(m->tail, TAIL_LOG_SIZE, &size)) return true;
  if (size >= held.size) return compare_lanes(x, m, held.size, now, err);
  struct query q = query_open(x->config.db, "SELECT note FROM sync_witness WHERE origin = ?1", err);
  query_text(&q, 1, origin);
  if (query_row(&q)) frame_put(&x->wire.out, FRAME_WITNESSED, column_text(&q, 0), strlen(column_text(&q, 0)));
  wire_queued(&x->wire, now);
  if (!query_close(&q)) return false;
  struct err why = ERR_INIT;
  (void)err_rule(&why, ERR_DENIED, "log", "log_rolled_back",
                 "the province shows a log of %llu entries, this branch has witnessed %llu",
                 (unsigned long long)size, (unsigned long long)held.size);
  sender_pause(&x->up, NEVER, x->distrust.kind ? &x->distrust : &why);
  return store_accuse(x->config.store, &why, "", 0, false, now.wall_ms, err);
}

/* What we hold of the log can only grow; what contradicts it ends the line, and we say why. */
void node_log_checkpoint(struct exchange_node *x, const struct frame *frame, struct moment now)
{
  struct err err = ERR_INIT;
  struct err why = ERR_INIT;
  struct checkpoint_message m;
  enum witness_verdict verdict = WITNESS_UNSIGNED;
  struct hub_runs *hubs = x->config.hubs;
  if (x->other_hub) return;
  if (!checkpoint_message_decode(&m, frame->body, frame->size, &err)) {
    wire_end(&x->wire, END_PROTOCOL, &err, now);
    return;
  }
  if (!store_witness(x->config.store, &m, now.wall_ms, &verdict, &why, &err)) {
    end_store(x, &err, now);
    return;
  }
  if (verdict == WITNESS_TAKEN && !cosign(x, now, &err)) {
    end_store(x, &err, now);
    return;
  }
  if (verdict == WITNESS_TAKEN || verdict == WITNESS_HELD) {
    if (hubs && x->hub_run) hubs->follows = x->hub_run;
    if (verdict == WITNESS_TAKEN) node_keep_judge(x, now);
    return;
  }
  if (verdict == WITNESS_CONTRADICTS) {
    x->distrust = why;
    if (hubs && hubs->follows && x->hub_run != hubs->follows) hubs->other = x->hub_run;
  }
  /* A distrusted log goes on talking; it was told when it lied. */
  if (verdict != WITNESS_DISTRUSTED) wire_end(&x->wire, END_PROTOCOL, &why, now);
}

/* A checkpoint we hold does not have our entries as we wrote them, although the hub says so. */
static void refute_leaves(struct exchange_node *x, const struct frame *frame, const struct err *why,
                          struct moment now)
{
  struct err err = ERR_INIT;
  if (strcmp(why->rule, "leaves_differ") == 0) {
    if (!store_accuse(x->config.store, why, frame->body, frame->size, true, now.wall_ms, &err)) {
      end_store(x, &err, now);
      return;
    }
    x->distrust = *why;
  }
  wire_end(&x->wire, END_PROTOCOL, why, now);
}

void node_log_leaves(struct exchange_node *x, const struct frame *frame, struct moment now)
{
  struct err err = ERR_INIT;
  struct leaves_message *m = calloc(1, sizeof *m);
  uint64_t acked = 0;
  int64_t acked_ms = 0;
  if (!m) (void)err_set(&err, ERR_LIMIT, "no memory for a proof");
  if (!m || !stream_acked(x->config.db, x->up.stream, &acked, &acked_ms, &err)) {
    end_store(x, &err, now);
  } else if (!leaves_message_decode(m, frame->body, frame->size, &err)) {
    wire_end(&x->wire, END_PROTOCOL, &err, now);
  } else if (!x->distrust.kind && !x->parted && m->first_seq + m->count - 1 > acked &&
             !store_leaves(x->config.store, m, &err)) {
    /* While our tail is not the province's its proofs are of other entries: they come again.  Full disks and
     * proofs for a checkpoint we do not hold come right by themselves at the next greeting. */
    if (err.kind == ERR_REFUTED) refute_leaves(x, frame, &err, now);
  }
  free(m);
}

/* Kept, not believed; what cannot be kept now is sent again after the next greetings. */
void node_log_mirror(struct exchange_node *x, const struct frame *frame, struct moment now)
{
  struct err err = ERR_INIT;
  if (x->distrust.kind || !x->mirror_settled || store_mirror(x->config.store, frame->body, frame->size, &err))
    return;
  if (err.kind == ERR_INPUT) wire_end(&x->wire, END_PROTOCOL, &err, now);
}
