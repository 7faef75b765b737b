#include "sync/recalled.h"

#include "sync/keep.h"
#include "sync/keys.h"
#include "sync/mirror.h"
#include "sync/streams.h"
#include "sync/tlog.h"

#include <stdlib.h>
#include <string.h>

enum { OUTPUT_FULL = 512 * 1024 };

/* ---- what there is ---- */

struct collecting {
  struct recalled *m;
  struct db *db;
  struct err *err;
  bool ok;
};

static bool collect_key(void *ctx, const struct key *key)
{
  struct recalled *m = ((struct collecting *)ctx)->m;
  if (m->keys_count == ENROL_KEYS_MAX) return false;
  struct known_key *known = &m->keys[m->keys_count++];
  *known = (struct known_key){
      .author = key->author, .epoch = key->epoch, .since_ms = key->since_ms, .revoked_ms = key->revoked_ms};
  memcpy(known->public_key, key->public_key, PUBLIC_SIZE);
  return true;
}

/* With what the province has named of that epoch instead: it proves what it has given back (own_epochs.h). */
static bool collect_keys(void *ctx, const struct key *key)
{
  struct collecting *c = ctx;
  c->ok = c->ok && (!collect_key(c, key) || key_others(c->db, key, collect_key, c, c->err));
  return c->ok && c->m->keys_count < ENROL_KEYS_MAX;
}

static bool held_note(struct db *db, uint32_t province, struct buf *out, struct err *err)
{
  char origin[TLOG_ORIGIN_SIZE];
  tlog_origin(origin, province);
  struct query q = query_open(db, "SELECT note FROM sync_witness WHERE origin = ?1", err);
  query_text(&q, 1, origin);
  if (query_row(&q)) put_text(out, column_text(&q, 0));
  return query_close(&q);
}

static bool through(struct db *db, uint32_t author, uint32_t lane, uint64_t *seq, struct err *err)
{
  struct head head;
  if (!stream_head(db, (struct stream){author, lane}, &head, err)) return false;
  *seq = head.seq;
  return true;
}

/* A province that does not ask for them knows no tiles. */
static bool kept_marks(struct db *db, const struct recall_marks *have, struct recall_marks *marks,
                       struct err *err)
{
  int64_t places = 0;
  marks->keeps = have->keeps;
  if (!have->keeps) return true;
  if (!keep_through(db, &marks->leaves, err) ||
      !db_int(db, "SELECT first_seq + count FROM sync_leaf_run ORDER BY first_seq DESC LIMIT 1", 1, &places,
              err))
    return false;
  marks->hashes = marks->leaves / TILE_WIDTH;
  marks->places = (uint64_t)places;
  return true;
}

bool recalled_begin(struct recall_answer *a, struct db *db, const struct recall_marks *have,
                    struct wire *wire, struct moment now, struct err *err)
{
  struct buf note = BUF_INIT;
  struct recalled *m = calloc(1, sizeof *m);
  if (!m) return err_set(err, ERR_IO, "out of memory answering the province");
  struct collecting collecting = {.m = m, .db = db, .err = err, .ok = true};
  bool ok = through(db, a->branch, 0, &m->marks.own, err) &&
            through(db, a->province, 0, &m->marks.shared, err) &&
            through(db, a->province, a->branch, &m->marks.directed, err) &&
            mirror_through(db, &m->marks.mirror, err) && kept_marks(db, have, &m->marks, err) &&
            held_note(db, a->province, &note, err) &&
            key_list(db, a->branch, collect_keys, &collecting, err) && collecting.ok;
  if (ok) {
    m->note = (struct span){note.data, note.size};
    size_t mark = frame_begin(&wire->out, FRAME_RECALLED);
    recalled_encode(&wire->out, m);
    frame_end(&wire->out, mark);
    wire_queued(wire, now);
    a->asked = true;
    a->marks = m->marks;
    a->sent = *have;
    a->signatures = have->own;
  }
  buf_wipe(&note);
  free(m);
  return ok;
}

/* ---- bringing it ---- */

/* Some of the signatures of its own entries; *done when there is none left. */
static bool send_signatures(struct recall_answer *a, struct db *db, struct wire *wire, struct moment now,
                            struct err *err)
{
  struct buf body = BUF_INIT;
  uint16_t count = 0;
  uint64_t seq = a->signatures;
  struct query q = query_open(
      db,
      "SELECT s.first_seq + e.pos - s.first_pos, e.signature FROM sync_span AS s CROSS JOIN sync_entry AS e"
      " WHERE s.author = ?1 AND s.lane = 0 AND s.superseded = 0"
      " AND s.first_seq + CASE s.count WHEN 0 THEN " LOG_END " - s.first_pos"
      " ELSE s.count END > ?2 + 1"
      " AND e.pos >= s.first_pos + max(?2 + 1 - s.first_seq, 0)"
      " AND e.pos < s.first_pos + CASE s.count WHEN 0 THEN " LOG_END ""
      " - s.first_pos ELSE s.count END"
      " AND e.signature IS NOT NULL ORDER BY s.first_seq, e.pos LIMIT ?3",
      err);
  query_int(&q, 1, a->branch);
  query_int(&q, 2, (int64_t)a->signatures);
  query_int(&q, 3, SIGNATURES_MAX);
  while (query_row(&q)) {
    size_t size = 0;
    const void *signature = column_blob(&q, 1, &size);
    seq = (uint64_t)column_int(&q, 0);
    put_u64(&body, seq);
    put_bytes(&body, signature, size);
    count++;
  }
  bool ok = query_close(&q) && (!body.bad || err_set(err, ERR_IO, "out of memory for signatures"));
  a->signatures = count ? seq : a->marks.own;
  if (ok && count) {
    size_t mark = frame_begin(&wire->out, FRAME_SIGNATURES);
    put_u16(&wire->out, count);
    put_bytes(&wire->out, body.data, body.size);
    frame_end(&wire->out, mark);
    wire_queued(wire, now);
  }
  buf_wipe(&body);
  return ok;
}

static bool send_mirror(struct recall_answer *a, struct db *db, struct wire *wire, struct moment now,
                        struct err *err)
{
  uint64_t to = a->marks.mirror;
  size_t mark = frame_begin(&wire->out, FRAME_MIRROR);
  bool ok = mirror_of_kept(db, a->sent.mirror, &to, &wire->out, err);
  if (!ok || to == a->sent.mirror) {
    wire->out.size = mark;
    a->sent.mirror = a->marks.mirror; /* no run begins where the province asks: others may know */
    return ok;
  }
  frame_end(&wire->out, mark);
  wire_queued(wire, now);
  a->sent.mirror = to;
  return true;
}

/* Behind the next hole, or to the end: what the author's signature does not lead to is not brought either. */
static bool pass_hole(struct db *db, struct stream stream, uint64_t *sent, uint64_t last, struct err *err)
{
  struct lost_leaf hole;
  bool found = false;
  if (!lost_leaf_next(db, stream, *sent + 1, &hole, &found, err)) return false;
  if (found && hole.seq <= last) return lost_leaf_through(db, stream, hole.seq, sent, err);
  *sent = last;
  return true;
}

static bool send_batch(struct db *db, struct stream stream, uint64_t *sent, uint64_t last, struct wire *wire,
                       struct moment now, struct err *err)
{
  struct batch_head head;
  const struct batch_limits limits = {.by_author = true};
  size_t mark = frame_begin(&wire->out, FRAME_BATCH);
  bool ok = store_batch_read(db, stream, *sent, &limits, &head, &wire->out, err);
  if (!ok || head.count == 0) {
    wire->out.size = mark;
    return ok && pass_hole(db, stream, sent, last, err);
  }
  frame_end(&wire->out, mark);
  wire_queued(wire, now);
  *sent = batch_last_seq(&head);
  return true;
}

/* Some of what it keeps in tiles: the list, the leaves, its own places. */
static bool send_kept(struct recall_answer *a, struct db *db, struct wire *wire, struct moment now,
                      struct err *err)
{
  struct recall_marks *sent = &a->sent;
  size_t mark = frame_begin(&wire->out, FRAME_TILES);
  const size_t begin = wire->out.size;
  uint64_t *at = &sent->places, last = a->marks.places;
  bool ok;
  if (sent->hashes < a->marks.hashes) {
    at = &sent->hashes;
    last = a->marks.hashes;
    ok = keep_give_hashes(db, at, &wire->out, err);
  } else if (sent->leaves < a->marks.leaves) {
    at = &sent->leaves;
    last = a->marks.leaves;
    ok = keep_give_leaves(db, at, &wire->out, err);
  } else
    ok = keep_give_places(db, at, &wire->out, err);
  if (!ok || wire->out.size == begin) {
    wire->out.size = mark;
    *at = last; /* there is no more */
    return ok;
  }
  frame_end(&wire->out, mark);
  wire_queued(wire, now);
  return true;
}

static bool has_kept(const struct recall_answer *a)
{
  return a->marks.keeps && (a->sent.hashes < a->marks.hashes || a->sent.leaves < a->marks.leaves ||
                            a->sent.places < a->marks.places);
}

bool recalled_fill(struct recall_answer *a, struct db *db, struct wire *wire, struct moment now,
                   struct err *err)
{
  const struct stream own = {a->branch, 0}, shared = {a->province, 0}, directed = {a->province, a->branch};
  struct recall_marks *sent = &a->sent;
  bool ok = true;
  while (ok && a->asked && !a->ended && !wire->end && wire_output(wire).size < OUTPUT_FULL) {
    if (a->signatures < a->marks.own)
      ok = send_signatures(a, db, wire, now, err);
    else if (has_kept(a))
      ok = send_kept(a, db, wire, now, err);
    else if (sent->mirror < a->marks.mirror)
      ok = send_mirror(a, db, wire, now, err);
    else if (sent->shared < a->marks.shared)
      ok = send_batch(db, shared, &sent->shared, a->marks.shared, wire, now, err);
    else if (sent->directed < a->marks.directed)
      ok = send_batch(db, directed, &sent->directed, a->marks.directed, wire, now, err);
    else if (sent->own < a->marks.own)
      ok = send_batch(db, own, &sent->own, a->marks.own, wire, now, err);
    else {
      frame_put(&wire->out, FRAME_BROUGHT, "", 0);
      wire_queued(wire, now);
      a->ended = true;
    }
  }
  return ok;
}
