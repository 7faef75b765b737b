#include "sync/recall_tiles.h"

#include "sync/follows.h"

#include <stdlib.h>
#include <string.h>

struct putting {
  struct recall *r;
  struct journal *journal;
  struct tile_names names;
  uint64_t lost;
  struct tile_fill fill;
  struct buf record, payload;
  bool has_payload;
  struct err *err;
};

static bool fetch(struct putting *p, const struct tile_place *at)
{
  const bool ours = at->stream.author == p->r->province;
  struct query q =
      query_open(p->r->db,
                 ours ? "SELECT record, payload FROM ours WHERE lane = ?1 AND seq = ?2 AND hash = ?3"
                      : "SELECT record, payload FROM own WHERE author = ?1 AND seq = ?2 AND hash = ?3",
                 p->err);
  query_int(&q, 1, ours ? at->stream.lane : at->stream.author);
  query_int(&q, 2, (int64_t)at->seq);
  query_blob(&q, 3, at->record, HASH_SIZE);
  buf_clear(&p->record);
  buf_clear(&p->payload);
  if (query_row(&q)) {
    size_t n = 0;
    const void *bytes = column_blob(&q, 0, &n);
    put_bytes(&p->record, bytes, n);
    bytes = column_blob(&q, 1, &n);
    put_bytes(&p->payload, bytes, n);
    p->has_payload = !column_null(&q, 1);
  }
  if (!query_close(&q)) return false;
  return (!p->record.bad && !p->payload.bad) || err_set(p->err, ERR_IO, "out of memory for a leaf");
}

static bool append(struct putting *p, const struct tile_place *at)
{
  static const uint8_t nothing[1];
  struct record record;
  struct stream_state *state = journal_stream(p->journal, at->stream, p->err);
  if (!state || !fetch(p, at) || !record_decode(&record, p->record.data, p->record.size, p->err))
    return false;
  bool follows = false;
  if (!follows_on_head(p->journal->db, state->head_pos, &state->head, record.prev, &follows, p->err))
    return false;
  if (record.seq != state->head.seq + 1 || !follows)
    return err_rule(p->err, ERR_REFUTED, "pos", "other_root",
                    "entry %llu of %u/%u does not follow on what is before it", (unsigned long long)at->seq,
                    at->stream.author, at->stream.lane);
  const struct append entry = {.record = &record,
                               .bytes = p->record.data,
                               .size = p->record.size,
                               .hash = at->record,
                               .payload = !p->has_payload   ? NULL
                                          : p->payload.data ? p->payload.data
                                                            : nothing,
                               .signature = at->is_signed ? at->signature : NULL,
                               .received_ms = at->received_ms};
  return journal_append(p->journal, state, &entry, p->err);
}

static bool append_lost(struct putting *p, const struct tile_place *at, uint64_t pos)
{
  const struct tile_name *name = &p->names.of[p->lost++];
  struct stream_state *state = journal_stream(p->journal, name->stream, p->err);
  const struct lost_leaf leaf = {.pos = (int64_t)pos,
                                 .stream = name->stream,
                                 .seq = name->seq,
                                 .epoch = state && state->head.epoch ? state->head.epoch : 1,
                                 .received_ms = name->received_ms,
                                 .leaf = at->leaf};
  return state && journal_append_lost(p->journal, state, &leaf, p->err);
}

static bool put_leaf(struct putting *p, unsigned i)
{
  const struct tile_place *at = &p->fill.at[i];
  const uint64_t pos = p->fill.tile * TILE_WIDTH + i;
  if (at->found) return append(p, at);
  if (p->lost < p->names.count) return append_lost(p, at, pos);
  if (at->stream.author)
    return err_rule(p->err, ERR_MISSING, "pos", "leaf_missing",
                    "leaf %llu is entry %llu of %u/%u, which no branch has brought", (unsigned long long)pos,
                    (unsigned long long)at->seq, at->stream.author, at->stream.lane);
  return err_rule(p->err, ERR_MISSING, "pos", "leaf_missing", "of leaf %llu no branch knows whose it is",
                  (unsigned long long)pos);
}

/* Nobody has given it up now: then it must be what was given up before. */
static bool were_lost(struct putting *p)
{
  for (size_t i = 0; i < p->names.count; i++) {
    const struct tile_name *name = &p->names.of[i];
    bool said = false;
    if (!recall_is_said(p->r, name->stream, name->seq, &said, p->err)) return false;
    if (!said)
      return err_rule(p->err, ERR_MISSING, "pos", "leaf_missing",
                      "entry %llu of %u/%u is missing, and the province has not said that it is lost",
                      (unsigned long long)name->seq, name->stream.author, name->stream.lane);
  }
  return true;
}

bool tiles_put(struct recall *r, const struct tiles_plan *plan, struct journal *journal, bool lost_too,
               uint64_t *lost, struct err *err)
{
  struct putting *p = calloc(1, sizeof *p);
  if (!p) return err_set(err, ERR_IO, "out of memory putting tiles together");
  *p = (struct putting){.r = r, .journal = journal, .err = err};
  const bool before = r->looked.begun && r->looked.missing > 0 && r->looked.unsaid == 0;
  bool ok = !(lost_too || before) || tiles_name(r, plan, journal, &p->names, err);
  ok = ok && (lost_too || were_lost(p));
  for (uint64_t n = r->have / TILE_WIDTH; ok && n * TILE_WIDTH < plan->target; n++) {
    ok = tile_fill(r, plan, n, &p->fill, err);
    for (unsigned i = p->fill.from; ok && i < p->fill.to; i++)
      ok = put_leaf(p, i);
  }
  *lost = p->lost;
  buf_wipe(&p->record);
  buf_wipe(&p->payload);
  free(p->names.of);
  free(p);
  return ok;
}
