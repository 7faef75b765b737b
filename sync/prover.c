#include "sync/prover.h"

#include "sync/leaves.h"
#include "sync/meeting.h"
#include "sync/mirror.h"
#include "sync/streams.h"
#include "sync/tlog.h"

/* What is queued of a mirror can no longer be overtaken by what people wait for. */
enum { OUTPUT_MAX = 128 * 1024, MIRROR_QUEUED = 4 * 1024 };

void prover_aim(struct prover *p, uint64_t acked_seq, uint64_t held_size, uint64_t have_seq)
{
  /* Proofs in flight were sent for seqs behind the one acknowledged then; sending them twice is harmless. */
  p->next_seq = acked_seq + 1;
  /* A checkpoint of ours may be on its way while a later HELLO still names the one before: a proof from that
   * one would not follow on what the branch holds when it comes. */
  if (held_size > p->told_size) p->told_size = held_size;
  p->old_seq = have_seq;
}

/* What was sent and is not kept one HELLO later did not arrive whole: it is sent again from there. */
void prover_aim_mirror(struct prover *p, uint64_t mirrored)
{
  struct mirroring *m = &p->mirror;
  if (!m->aimed || mirrored > m->sent || mirrored == m->heard) m->sent = mirrored;
  m->heard = mirrored;
  m->aimed = true;
}

/* A long mirror must not hold up anything: it goes on when what is queued has left. */
static bool send_mirror(struct prover *p, struct db *db, struct wire *wire, struct moment now,
                        struct err *err)
{
  while (p->mirror.aimed && p->mirror.sent < p->told_size && !wire->end &&
         wire_output(wire).size < MIRROR_QUEUED) {
    uint64_t to = p->told_size;
    size_t mark = frame_begin(&wire->out, FRAME_MIRROR);
    if (!mirror_of_log(db, p->stream.author, p->mirror.key, p->mirror.sent, &to, &wire->out, err)) {
      wire->out.size = mark;
      return false;
    }
    if (to == p->mirror.sent) { /* the branch was told of more than we have */
      wire->out.size = mark;
      return true;
    }
    frame_end(&wire->out, mark);
    wire_queued(wire, now);
    p->mirror.sent = to;
  }
  return true;
}

bool prover_keep(struct prover *p, struct db *db, struct wire *wire, struct moment now, struct err *err)
{
  if (p->keep.aimed) return keep_sender_fill(&p->keep, db, p->told_size, wire, now, err);
  return send_mirror(p, db, wire, now, err); /* a node of an earlier version */
}

static bool send_checkpoint(struct prover *p, struct db *db, const struct tlog_state *state,
                            const struct buf *note, struct wire *wire, struct moment now, struct err *err)
{
  struct tlog_reader reader;
  struct merkle_source source = tlog_source(&reader, db, state->size);
  struct checkpoint_message m = {.old_size = p->told_size, .note = {note->data, note->size}};
  if (!merkle_prove_consistency(&source, p->told_size, state->size, &m.proof, err)) return false;
  p->told_size = state->size;
  /* What is new of the log, if it is little, comes before the checkpoint that has it. */
  if (!prover_keep(p, db, wire, now, err)) return false;
  size_t mark = frame_begin(&wire->out, FRAME_CHECKPOINT);
  checkpoint_message_encode(&wire->out, &m);
  frame_end(&wire->out, mark);
  wire_queued(wire, now);
  return true;
}

/* The meeting is in every snapshot that has a checkpoint above it, so nobody is led past it. */
bool prover_tell(struct prover *p, struct db *db, struct wire *wire, struct moment now, struct err *err)
{
  struct tlog_state state;
  struct meeting meeting;
  struct buf note = BUF_INIT;
  bool ok = meeting_get(db, &meeting, err) &&
            (meeting.size > p->told_size ? tlog_checkpoint_of(db, meeting.size, &note, &state, err)
                                         : tlog_checkpoint(db, &note, &state, err));
  if (ok && state.size > p->told_size) ok = send_checkpoint(p, db, &state, &note, wire, now, err);
  buf_wipe(&note);
  return ok;
}

bool prover_fill(struct prover *p, struct db *db, struct wire *wire, struct moment now, struct err *err)
{
  struct head head;
  if (p->next_seq == 0 || wire->end) return true;
  if (!stream_head(db, p->stream, &head, err)) return false;
  while (p->next_seq <= head.seq && wire_output(wire).size < OUTPUT_MAX) {
    struct leaves_message m;
    uint64_t lost = 0; /* nobody has what could be proved of it */
    if (!lost_leaf_through(db, p->stream, p->next_seq, &lost, err)) return false;
    if (lost >= p->next_seq) {
      p->next_seq = lost + 1;
      continue;
    }
    if (!leaves_find(db, p->stream, p->next_seq, &m, err)) return false;
    uint64_t need = m.first_pos + m.count;
    for (uint64_t told = p->told_size + 1; need > p->told_size && told != p->told_size;) {
      told = p->told_size;
      if (!prover_tell(p, db, wire, now, err)) return false;
    }
    struct tlog_state state;
    if (!tlog_state(db, &state, err)) return false;
    /* Not signed yet: the next wake-up finds it.  Told more than we have: we are the one that went back. */
    if (need > p->told_size || p->told_size > state.size) return true;
    if (!leaves_prove(db, p->told_size, &m, err)) return false;
    m.told = m.last_signed && m.first_seq <= p->old_seq;
    size_t mark = frame_begin(&wire->out, FRAME_LEAVES);
    leaves_message_encode(&wire->out, &m);
    frame_end(&wire->out, mark);
    wire_queued(wire, now);
    p->next_seq += m.count;
  }
  return true;
}
