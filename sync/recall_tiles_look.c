/* How far the tiles of the log are filled with entries: a part of them at each look, all of them in turn. */
#include "sync/recall_tiles.h"

#include <stdlib.h>
#include <string.h>

/* At one look: the lines wait meanwhile. */
enum { TILES_AT_ONCE = 512 };

static bool is_filled(struct recall *r, uint64_t n, const struct merkle_hash *hash, bool *filled,
                      struct err *err)
{
  struct query q = query_open(r->db, "SELECT hash FROM filled WHERE n = ?1", err);
  size_t size = 0;
  query_int(&q, 1, (int64_t)n);
  const void *bytes = query_row(&q) ? column_blob(&q, 0, &size) : NULL;
  *filled = size == HASH_SIZE && memcmp(bytes, hash->bytes, HASH_SIZE) == 0;
  return query_close(&q);
}

static bool note_filled(struct recall *r, uint64_t n, const struct merkle_hash *hash, struct err *err)
{
  struct query q = query_open(r->db, "REPLACE INTO filled(n, hash) VALUES(?1, ?2)", err);
  query_int(&q, 1, (int64_t)n);
  query_blob(&q, 2, hash->bytes, HASH_SIZE);
  return query_run(&q);
}

static void add_lacking(struct tiles_looking *l, uint32_t author)
{
  for (size_t i = 0; i < l->lacking_count; i++)
    if (l->lacking[i] == author) return;
  if (author && l->lacking_count < TILES_LACKING_MAX) l->lacking[l->lacking_count++] = author;
}

static void add_gap(struct tiles_looking *l, const struct tile_place *at, uint64_t pos)
{
  struct recall_gap *last = l->gap_count ? &l->gaps[l->gap_count - 1] : NULL;
  l->missing++;
  add_lacking(l, at->stream.author);
  if (last && last->run.stream.author == at->stream.author && last->run.stream.lane == at->stream.lane &&
      last->run.first_seq + last->run.count == at->seq && last->run.first_pos + last->run.count == pos) {
    last->run.count++;
    last->missing++;
  } else if (l->gap_count < RECALL_GAPS_MAX)
    l->gaps[l->gap_count++] = (struct recall_gap){.run = {.stream = at->stream,
                                                          .first_pos = pos,
                                                          .first_seq = at->seq,
                                                          .count = 1,
                                                          .received_ms = at->received_ms},
                                                  .missing = 1};
}

static bool look_at(struct recall *r, const struct tiles_plan *plan, struct tile_fill *fill, struct err *err)
{
  struct tiles_looking *l = &r->looking;
  struct merkle_hash hash = plan->open_root;
  bool found = true, filled = false, all = true;
  if (l->next < plan->tiles && !tiles_hash_of(r, plan->source, l->next, &hash, &found, err)) return false;
  if (!is_filled(r, l->next, &hash, &filled, err) || filled) return filled;
  if (!tile_fill(r, plan, l->next, fill, err)) return false;
  for (unsigned i = fill->from; i < fill->to; i++) {
    if (fill->at[i].found) continue;
    bool said = false;
    if (!recall_is_said(r, fill->at[i].stream, fill->at[i].seq, &said, err)) return false;
    all = false;
    l->unsaid += !said;
    l->unproved = l->unproved || !fill->leaves || fill->at[i].stream.author == 0;
    add_gap(l, &fill->at[i], l->next * TILE_WIDTH + i);
  }
  return !all || note_filled(r, l->next, &hash, err);
}

static void begin(struct recall *r)
{
  memset(&r->looking, 0, sizeof r->looking);
  r->looking.begun = true;
  r->looking.next = r->have / TILE_WIDTH;
  r->look_news = false;
}

static bool look_on(struct recall *r, const struct tiles_plan *plan, struct err *err)
{
  struct tiles_looking *l = &r->looking;
  struct tile_fill *fill = malloc(sizeof *fill);
  if (!fill) return err_set(err, ERR_IO, "out of memory for a tile");
  bool ok = l->begun || recall_said_read(r, err);
  if (!l->begun) begin(r);
  for (unsigned i = 0; ok && i < TILES_AT_ONCE && l->next * TILE_WIDTH < plan->target; i++) {
    ok = look_at(r, plan, fill, err);
    l->next += ok;
  }
  if (ok && l->next * TILE_WIDTH >= plan->target) {
    r->looked = *l;
    l->begun = false;
  }
  free(fill);
  return ok;
}

/* What was found in the last turn, while the next one goes on. */
bool tiles_look(struct recall *r, const struct tiles_plan *plan, struct recall_state *s, struct err *err)
{
  const bool news = r->look_news || !r->looked.begun || r->looking.begun;
  if (news && (!db_begin(r->db, err) || !look_on(r, plan, err) || !db_commit(r->db, err))) {
    db_rollback(r->db);
    return false;
  }
  const struct tiles_looking *l = r->looked.begun ? &r->looked : &r->looking;
  const bool done = r->looked.begun && !r->looking.begun && !r->look_news;
  s->by_tiles = true;
  s->looking = !done;
  s->mirror_of = plan->source ? recall_code(plan->source) : s->shown_by;
  s->mapped = done ? plan->target : r->looking.next * TILE_WIDTH;
  s->missing = l->missing;
  s->whole = done && l->missing == 0;
  s->can_lose = done && !l->unproved;
  s->said_lost = s->can_lose && l->missing > 0 && l->unsaid == 0;
  s->hopeless = false;
  s->gap_count = l->gap_count;
  memcpy(s->gaps, l->gaps, sizeof s->gaps);
  return true;
}
