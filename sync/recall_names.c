/* Whose a leaf is that nobody can fill: what its keepers say, as far as the entries that are here leave room
 * for it. */
#include "sync/recall_tiles.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* A stream as far as it is named. */
struct named_stream {
  struct stream stream;
  uint64_t seq;   /* its newest entry: of the backup, found, or named behind these */
  size_t tail_at; /* from this lost leaf on nothing of it is found any more */
};

/* Lost entries between two of a stream that are here: they are among the lost leaves [from, to). */
struct need {
  struct stream stream;
  uint64_t next_seq, left;
  size_t from, to;
};

struct lost_at {
  size_t first_claim;
  size_t claims;
};

struct naming {
  struct recall *r;
  struct journal *journal;
  struct named_stream *streams;
  size_t stream_count;
  struct need *needs; /* by their ends */
  size_t need_count, need_first;
  struct lost_at *lost;
  size_t lost_count;
  struct tile_claim *claims;
  size_t claim_count;
  struct tile_names *out;
  struct tile_fill fill;
  struct err *err;
};

/* Room for one more of them; it grows by doubling. */
static void *room(struct naming *n, void *all, size_t count, size_t size)
{
  if (count & (count - 1)) return all;
  void *more = realloc(all, (count ? count * 2 : 1) * size);
  if (!more) (void)err_set(n->err, ERR_IO, "out of memory naming what is lost");
  return more;
}

static struct named_stream *stream_of(struct naming *n, struct stream stream)
{
  for (size_t i = 0; i < n->stream_count; i++)
    if (n->streams[i].stream.author == stream.author && n->streams[i].stream.lane == stream.lane)
      return &n->streams[i];
  const struct stream_state *state = journal_stream(n->journal, stream, n->err);
  void *more = state ? room(n, n->streams, n->stream_count, sizeof *n->streams) : NULL;
  if (!more) return NULL;
  n->streams = more;
  n->streams[n->stream_count] = (struct named_stream){.stream = stream, .seq = state->head.seq};
  return &n->streams[n->stream_count++];
}

/* ---- what the entries that are here need ---- */

static bool see_found(struct naming *n, const struct tile_place *at)
{
  struct named_stream *s = stream_of(n, at->stream);
  if (!s) return false;
  if (at->seq > s->seq + 1) {
    void *more = room(n, n->needs, n->need_count, sizeof *n->needs);
    if (!more) return false;
    n->needs = more;
    n->needs[n->need_count++] = (struct need){.stream = at->stream,
                                              .next_seq = s->seq + 1,
                                              .left = at->seq - s->seq - 1,
                                              .from = s->tail_at,
                                              .to = n->lost_count};
  }
  s->seq = at->seq;
  s->tail_at = n->lost_count;
  return true;
}

static bool add_claim(struct naming *n, const struct tile_claim *said)
{
  if (!recall_is_stream(n->r, said->stream) || said->seq == 0 || said->received_ms < 0) return true;
  void *more = stream_of(n, said->stream) ? room(n, n->claims, n->claim_count, sizeof *n->claims) : NULL;
  if (!more) return false;
  n->claims = more;
  n->claims[n->claim_count++] = *said;
  n->lost[n->lost_count].claims++;
  return true;
}

static bool see_lost(struct naming *n, const struct tile_claims *said, uint64_t pos)
{
  if (!n->fill.leaves || said->count == 0)
    return err_rule(n->err, ERR_MISSING, "pos", "leaf_missing",
                    "of leaf %" PRIu64 " no branch knows the hash, or whose it is", pos);
  void *more = room(n, n->lost, n->lost_count, sizeof *n->lost);
  if (!more) return false;
  n->lost = more;
  n->lost[n->lost_count] = (struct lost_at){.first_claim = n->claim_count};
  bool ok = true;
  for (size_t i = 0; ok && i < said->count; i++)
    ok = add_claim(n, &said->of[i]);
  n->lost_count += ok;
  return ok;
}

static bool see_tile(struct naming *n, const struct tiles_plan *plan, uint64_t tile)
{
  bool ok = tile_fill(n->r, plan, tile, &n->fill, n->err);
  for (unsigned i = n->fill.from; ok && i < n->fill.to; i++)
    ok = n->fill.at[i].found ? see_found(n, &n->fill.at[i])
                             : see_lost(n, &n->fill.claims[i], tile * TILE_WIDTH + i);
  return ok;
}

/* ---- names ---- */

/* The need of the stream that leaf i could meet; NULL: none. */
static struct need *need_at(struct naming *n, struct stream stream, size_t i)
{
  for (size_t k = n->need_first; k < n->need_count; k++) {
    struct need *need = &n->needs[k];
    if (need->stream.author == stream.author && need->stream.lane == stream.lane && need->left > 0 &&
        i >= need->from && i < need->to)
      return need;
  }
  return NULL;
}

/* When leaf i goes to that need, or to none, are there enough behind it for all that are needed? */
static bool leaves_enough(const struct naming *n, size_t i, const struct need *given)
{
  uint64_t needed = 0;
  for (size_t k = n->need_first; k < n->need_count; k++) {
    const struct need *need = &n->needs[k];
    needed += need->left - (need == given);
    if (needed > need->to - i - 1) return false;
  }
  return true;
}

static void give(struct naming *n, size_t i, struct stream stream, uint64_t seq, int64_t received_ms)
{
  n->out->of[i] = (struct tile_name){.stream = stream, .seq = seq, .received_ms = received_ms};
  n->out->count = i + 1;
}

static void give_need(struct naming *n, size_t i, struct need *need, int64_t received_ms)
{
  give(n, i, need->stream, need->next_seq++, received_ms);
  need->left--;
}

/* An entry of the province that a branch holds is none that nobody has. */
static bool is_brought(struct naming *n, struct stream stream, uint64_t seq, bool *brought)
{
  *brought = false;
  if (stream.author != n->r->province) return true;
  struct query q = query_open(n->r->db, "SELECT 1 FROM ours WHERE lane = ?1 AND seq = ?2", n->err);
  query_int(&q, 1, stream.lane);
  query_int(&q, 2, (int64_t)seq);
  *brought = query_row(&q);
  return query_close(&q);
}

/* Behind all that is found of it; seq 0: its next, whatever that is. */
static bool try_tail(struct naming *n, size_t i, const struct tile_claim *said, uint64_t seq, bool *done)
{
  struct named_stream *s = stream_of(n, said->stream);
  bool brought = false;
  if (!s) return false;
  if (i < s->tail_at || (seq != 0 && seq != s->seq + 1) || !leaves_enough(n, i, NULL)) return true;
  if (seq != 0 && !is_brought(n, s->stream, seq, &brought)) return false;
  if (brought) return true;
  give(n, i, s->stream, ++s->seq, said->received_ms);
  *done = true;
  return true;
}

static bool try_claim(struct naming *n, size_t i, const struct tile_claim *said, bool *done)
{
  struct need *need = need_at(n, said->stream, i);
  if (!need) return try_tail(n, i, said, said->seq, done);
  if (said->seq != need->next_seq || !leaves_enough(n, i, need)) return true;
  give_need(n, i, need, said->received_ms);
  *done = true;
  return true;
}

/* No claim fits: it is what is needed first, or else the next of somebody of whom nothing is known behind,
 * of the province last. */
static bool name_otherwise(struct naming *n, size_t i, int64_t received_ms, bool *done)
{
  for (size_t k = n->need_first; !*done && k < n->need_count; k++)
    if (n->needs[k].left > 0 && i >= n->needs[k].from) {
      give_need(n, i, &n->needs[k], received_ms);
      *done = true;
    }
  for (size_t last = 0; last < 2; last++)
    for (size_t k = 0; !*done && k < n->stream_count; k++) {
      const struct tile_claim next = {.stream = n->streams[k].stream, .received_ms = received_ms};
      const bool ours = next.stream.author == n->r->province;
      if (ours == (last == 1) && !try_tail(n, i, &next, 0, done)) return false;
    }
  return *done || err_rule(n->err, ERR_MISSING, "pos", "leaf_missing", "of a leaf nobody says whose it is");
}

static bool name_one(struct naming *n, size_t i)
{
  const struct tile_claim *said = n->claims + n->lost[i].first_claim;
  const size_t count = n->lost[i].claims;
  bool ok = true, done = false;
  while (n->need_first < n->need_count && n->needs[n->need_first].to <= i)
    n->need_first++;
  for (size_t k = 0; ok && !done && k < count; k++)
    ok = try_claim(n, i, &said[k], &done);
  for (size_t k = 0; ok && !done && k < count; k++)
    if (said[k].stream.author != n->r->province) ok = try_tail(n, i, &said[k], 0, &done);
  return ok && (done || name_otherwise(n, i, count ? said[0].received_ms : 0, &done));
}

bool tiles_name(struct recall *r, const struct tiles_plan *plan, struct journal *journal,
                struct tile_names *out, struct err *err)
{
  struct naming *n = calloc(1, sizeof *n);
  *out = (struct tile_names){0};
  if (!n) return err_set(err, ERR_IO, "out of memory naming what is lost");
  *n = (struct naming){.r = r, .journal = journal, .out = out, .err = err};
  bool ok = true;
  for (uint64_t tile = r->have / TILE_WIDTH; ok && tile * TILE_WIDTH < plan->target; tile++)
    ok = see_tile(n, plan, tile);
  if (ok && n->lost_count) {
    out->of = calloc(n->lost_count, sizeof *out->of);
    ok = out->of || err_set(err, ERR_IO, "out of memory naming what is lost");
  }
  for (size_t i = 0; ok && i < n->lost_count; i++)
    ok = name_one(n, i);
  free(n->streams);
  free(n->needs);
  free(n->lost);
  free(n->claims);
  free(n);
  return ok;
}
