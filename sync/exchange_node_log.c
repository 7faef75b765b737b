/* The witness's part of a node's conversation: what it tells of the log it holds, and what it makes of what
 * the hub says about the log.  docs/PROTOCOL.md 7.9 to 7.12 and 10.4. */
#include "sync/exchange_node_state.h"
#include "sync/log_message.h"
#include "sync/mirror.h"
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
  if (x->mirror_settled) return;
  x->mirror_settled = *mirrored <= held || (store_mirror_forget(x->config.store, held, NULL) &&
                                            mirror_through(x->config.db, mirrored, NULL));
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
  if (x->config.run) tail_put_u64(tail, TAIL_RUN, x->config.run);
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

/* The hub has less of its own streams than it sent us: its disk went back behind what no checkpoint of ours
 * holds yet.  There is no signature to show for it; we send nothing until it has them again. */
static bool shows_less_of_its_own(struct exchange_node *x, const struct welcome *m, struct moment now,
                                  struct err *err)
{
  struct err why = ERR_INIT;
  bool shared = m->shared_seq < x->hello_shared;
  (void)err_rule(&why, ERR_DENIED, "log", "log_rolled_back",
                 "the province shows %llu entries of its own, this branch has %llu of them",
                 (unsigned long long)(shared ? m->shared_seq : m->directed_seq),
                 (unsigned long long)(shared ? x->hello_shared : x->hello_directed));
  sender_pause(&x->up, NEVER, x->distrust.kind ? &x->distrust : &why);
  return store_accuse(x->config.store, &why, "", 0, false, now.wall_ms, err);
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
  if (!witness_held(x->config.db, origin, &held, err)) return false;
  if (!tail_get_u64(m->tail, TAIL_LOG_SIZE, &size)) return true;
  if (size >= held.size)
    return (m->shared_seq >= x->hello_shared && m->directed_seq >= x->hello_directed) ||
           shows_less_of_its_own(x, m, now, err);
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
  if (verdict == WITNESS_TAKEN || verdict == WITNESS_HELD) return;
  if (verdict == WITNESS_CONTRADICTS) x->distrust = why;
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
    if (err.kind == ERR_CORRUPT) refute_leaves(x, frame, &err, now);
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
