/* Which entry stands where: the one whose leaf has the hash that the tile proves. */
#include "sync/recall_tiles.h"

#include "core/base/clock.h"
#include "core/base/limits.h"
#include "sync/keep_root.h"
#include "sync/leaf_rows.h"
#include "sync/tlog.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Another way to put a tile together, of which nobody keeps the leaves (guess). */
struct candidate {
  uint32_t voice; /* the branch that says so; 0: keepers */
  size_t next;    /* of the same leaf; 0: none */
  struct tile_place place;
};

struct filling {
  struct recall *r;
  const struct tiles_plan *plan;
  struct tile_fill *out;
  unsigned width; /* of the tile up to the target */
  bool proved;    /* what it must make is known */
  struct merkle_hash expected;
  const struct tile_test *test; /* or this says it */
  struct keep_leaves kept;      /* as some keep it, in hand */
  unsigned votes;               /* so many of them */
  uint8_t digest[HASH_SIZE];
  struct candidate *ways; /* the first is none */
  size_t way_count;
  size_t first_way[TILE_WIDTH], last_way[TILE_WIDTH];
  struct err *err;
};

/* ---- what is said ---- */

static void root_of(const struct keep_leaves *leaves, unsigned width, struct merkle_hash *out)
{
  struct keep_root root;
  memset(&root, 0, sizeof root);
  for (unsigned i = 0; i < width; i++)
    keep_root_leaf(&root, &leaves->of[i].hash);
  keep_root_get(&root, out);
}

static bool blame_keepers(struct filling *f, const char *why)
{
  struct query q = query_open(f->r->db, "SELECT source FROM tile_of WHERE n = ?1 AND digest = ?2", f->err);
  bool ok = true;
  query_int(&q, 1, (int64_t)f->out->tile);
  query_blob(&q, 2, f->digest, HASH_SIZE);
  while (ok && query_row(&q))
    ok = recall_blame(f->r, (uint32_t)column_int(&q, 0), false, why, f->err);
  return query_close(&q) && ok;
}

/* All that is kept of the tile is looked at, however many keep it otherwise: no number of lies leaves out
 * what is right. */
static bool each_kept(struct filling *f, bool (*each)(struct filling *f))
{
  struct query q = query_open(f->r->db,
                              "SELECT digest, leaves, (SELECT count(*) FROM tile_of AS o WHERE o.n = t.n"
                              " AND o.digest = t.digest) FROM tile AS t WHERE n = ?1 ORDER BY 3 DESC",
                              f->err);
  bool ok = true;
  query_int(&q, 1, (int64_t)f->out->tile);
  while (ok && query_row(&q)) {
    size_t n = 0;
    const void *bytes = column_blob(&q, 0, &n);
    memset(f->digest, 0, HASH_SIZE);
    if (n == HASH_SIZE) memcpy(f->digest, bytes, n);
    bytes = column_blob(&q, 1, &n);
    f->votes = (unsigned)column_int(&q, 2);
    struct reader r = reader_of(bytes, n);
    keep_leaves_get(&r, &f->kept);
    ok = each(f);
  }
  return query_close(&q) && ok;
}

static bool judge_kept(struct filling *f)
{
  char why[120];
  struct merkle_hash made;
  if (!f->proved || f->kept.count < f->width) return true;
  root_of(&f->kept, f->width, &made);
  if (memcmp(&made, &f->expected, sizeof made) == 0) {
    f->out->leaves = true;
    for (unsigned i = 0; i < f->width; i++)
      f->out->at[i].leaf = f->kept.of[i].hash;
    return true;
  }
  (void)snprintf(why, sizeof why, "what it keeps of tile %llu does not have the hash of that tile",
                 (unsigned long long)f->out->tile);
  return blame_keepers(f, why);
}

/* A place in hand. */
struct said_place {
  uint32_t source;
  uint64_t first, count, first_seq; /* leaves */
  int64_t received_ms;
  bool last_signed;
};

static struct tile_claim place_claim(const struct said_place *place, uint64_t pos)
{
  return (struct tile_claim){.stream = {recall_code(place->source), 0},
                             .seq = place->first_seq + pos - place->first,
                             .received_ms = place->received_ms,
                             .is_signed = place->last_signed && pos + 1 == place->first + place->count,
                             .votes = 1};
}

/* What authors were proved to have in this tile: of one source, one place a leaf (take_place). */
static bool each_place(struct filling *f,
                       bool (*each)(struct filling *f, const struct said_place *place, unsigned i))
{
  const uint64_t begin = f->out->tile * TILE_WIDTH, end = begin + f->width;
  struct query q =
      query_open(f->r->db,
                 "SELECT source, first_seq, count, first_pos, received_ms, last_signed FROM place"
                 " WHERE first_pos > ?1 AND first_pos < ?2 ORDER BY first_pos, source",
                 f->err);
  bool ok = true;
  query_int(&q, 1, (int64_t)begin - BATCH_ENTRIES_MAX);
  query_int(&q, 2, (int64_t)end);
  while (ok && query_row(&q)) {
    const struct said_place place = {.source = (uint32_t)column_int(&q, 0),
                                     .first_seq = (uint64_t)column_int(&q, 1),
                                     .count = (uint64_t)column_int(&q, 2),
                                     .first = (uint64_t)column_int(&q, 3),
                                     .received_ms = column_int(&q, 4),
                                     .last_signed = column_int(&q, 5) != 0};
    const uint64_t last = place.first + place.count < end ? place.first + place.count : end;
    for (uint64_t pos = place.first < begin ? begin : place.first; ok && pos < last; pos++)
      ok = each(f, &place, (unsigned)(pos - begin));
  }
  return query_close(&q) && ok;
}

/* For the name of a leaf that nobody fills: the words of most stay. */
static void add_claim(struct filling *f, unsigned at, const struct tile_claim *said)
{
  struct tile_claim *of = f->out->claims[at].of;
  size_t *count = &f->out->claims[at].count, weakest = 0;
  for (size_t i = 0; i < *count; i++) {
    if (of[i].stream.author == said->stream.author && of[i].stream.lane == said->stream.lane &&
        of[i].seq == said->seq && of[i].received_ms == said->received_ms) {
      of[i].votes += said->votes;
      return;
    }
    if (of[i].votes < of[weakest].votes) weakest = i;
  }
  if (*count < TILE_CLAIMS_MAX)
    of[(*count)++] = *said;
  else if (of[weakest].votes < said->votes)
    of[weakest] = *said;
}

/* Is the leaf there the right one, as it keeps it?  Who keeps less of an open tile keeps that as well. */
static bool is_right(const struct filling *f, unsigned i)
{
  return f->out->leaves && i < f->kept.count &&
         memcmp(&f->kept.of[i].hash, &f->out->at[i].leaf, sizeof f->out->at[i].leaf) == 0;
}

/* ---- what is so ---- */

struct trial {
  struct filling *f;
  struct tile_place *at;
  const struct tile_claim *said;
  uint32_t source;       /* who says it; 0: keepers */
  const uint8_t *record; /* the entry's, in hand */
  size_t record_size;
  const uint8_t *hash;
};

static bool is_leaf(struct trial *t, const uint8_t *signature)
{
  struct buf leaf = BUF_INIT;
  struct merkle_hash made;
  leaf_encode(&leaf, t->record, t->record_size, (uint64_t)t->said->received_ms, signature,
              signature ? SIGNATURE_SIZE : 0);
  merkle_leaf(&made, leaf.data, leaf.size);
  const bool is = !leaf.bad && (!t->f->out->leaves || memcmp(&made, &t->at->leaf, sizeof made) == 0);
  buf_wipe(&leaf);
  if (!is) return false;
  t->at->found = true;
  t->at->leaf = made;
  t->at->stream = t->said->stream;
  t->at->seq = t->said->seq;
  t->at->received_ms = t->said->received_ms;
  t->at->is_signed = signature != NULL;
  memcpy(t->at->record, t->hash, HASH_SIZE);
  if (signature) memcpy(t->at->signature, signature, SIGNATURE_SIZE);
  return true;
}

/* With each signature that was brought for it, by whoever says so first; what the province signed once it
 * signs to the same bytes. */
static bool try_signatures(struct trial *t)
{
  uint8_t made[SIGNATURE_SIZE];
  if (t->said->stream.author == t->f->r->province) {
    head_sign(made, t->hash, t->f->r->secret);
    (void)is_leaf(t, made);
    return true;
  }
  struct query q = query_open(t->f->r->db,
                              "SELECT signature FROM signature WHERE author = ?1 AND seq = ?2"
                              " GROUP BY signature ORDER BY min(source <> ?3)",
                              t->f->err);
  query_int(&q, 1, t->said->stream.author);
  query_int(&q, 2, (int64_t)t->said->seq);
  query_int(&q, 3, t->source);
  while (!t->at->found && query_row(&q)) {
    size_t n = 0;
    const void *bytes = column_blob(&q, 0, &n);
    if (n != SIGNATURE_SIZE) continue;
    memcpy(made, bytes, n);
    (void)is_leaf(t, made);
  }
  return query_close(&q);
}

/* Said to be signed and not, or the other way, is tried too. */
static bool try_entry(struct trial *t)
{
  if (t->said->is_signed) {
    if (!try_signatures(t)) return false;
    if (!t->at->found && t->f->out->leaves) (void)is_leaf(t, NULL);
    return true;
  }
  return is_leaf(t, NULL) || !t->f->out->leaves || try_signatures(t);
}

static bool try_claim(struct filling *f, struct tile_place *at, const struct tile_claim *said,
                      uint32_t source)
{
  const bool ours = said->stream.author == f->r->province;
  struct query q = query_open(f->r->db,
                              ours ? "SELECT hash, record FROM ours WHERE lane = ?1 AND seq = ?2"
                                   : "SELECT hash, record FROM own WHERE author = ?1 AND seq = ?2",
                              f->err);
  bool ok = true;
  query_int(&q, 1, ours ? said->stream.lane : said->stream.author);
  query_int(&q, 2, (int64_t)said->seq);
  while (ok && !at->found && (ours || said->stream.lane == 0) && query_row(&q)) {
    struct trial t = {.f = f, .at = at, .said = said, .source = source};
    size_t n = 0;
    t.hash = column_blob(&q, 0, &n);
    t.record = column_blob(&q, 1, &t.record_size);
    ok = n != HASH_SIZE || try_entry(&t);
  }
  return query_close(&q) && ok;
}

static void sort_claims(struct tile_claim *of, size_t count)
{
  for (size_t i = 1; i < count; i++)
    for (size_t j = i; j > 0 && of[j].votes > of[j - 1].votes; j--) {
      const struct tile_claim other = of[j];
      of[j] = of[j - 1];
      of[j - 1] = other;
    }
}

/* An entry of the province that was brought: nobody needs to say anything of it. */
static bool try_ours(struct filling *f, struct tile_place *at)
{
  struct tile_claim said = {.stream = {f->r->province, 0}, .is_signed = true};
  struct query q = query_open(f->r->db,
                              "SELECT l.lane, l.seq, o.record FROM ours_leaf AS l JOIN ours AS o"
                              " USING(lane, seq, hash) WHERE leaf = ?1",
                              f->err);
  query_blob(&q, 1, at->leaf.bytes, HASH_SIZE);
  const bool found = query_row(&q);
  struct record record;
  bool ok = true;
  if (found) {
    size_t n = 0;
    const void *bytes = column_blob(&q, 2, &n);
    said.stream.lane = (uint32_t)column_int(&q, 0);
    said.seq = (uint64_t)column_int(&q, 1);
    ok = record_decode(&record, bytes, n, f->err);
    if (ok) said.received_ms = hlc_ms(record.hlc);
  }
  ok = query_close(&q) && ok;
  return ok && (!found || try_claim(f, at, &said, 0));
}

static bool add_way(struct filling *f, unsigned i, uint32_t voice, const struct tile_place *place)
{
  enum { FIRST = 512 };
  if (f->way_count == 0) f->way_count = 1;
  if (f->way_count == 1 || (f->way_count >= FIRST && !(f->way_count & (f->way_count - 1)))) {
    const size_t room = f->way_count == 1 ? FIRST : 2 * f->way_count;
    void *more = realloc(f->ways, room * sizeof *f->ways);
    if (!more) return err_set(f->err, ERR_IO, "out of memory for a tile");
    f->ways = more;
  }
  const size_t at = f->way_count++;
  f->ways[at] = (struct candidate){.voice = voice, .place = *place};
  if (f->first_way[i])
    f->ways[f->last_way[i]].next = at;
  else
    f->first_way[i] = at;
  f->last_way[i] = at;
  return true;
}

/* The leaf is that entry, when it has that hash; where the hash is not known, it may be. */
static bool hear(struct filling *f, unsigned i, const struct tile_claim *said, uint32_t source)
{
  struct tile_place may = {.found = false};
  add_claim(f, i, said);
  if (i < f->out->from || f->out->at[i].found) return true;
  if (f->out->leaves) return try_claim(f, &f->out->at[i], said, source);
  return try_claim(f, &may, said, source) &&
         (!may.found || add_way(f, i, source ? recall_code(source) : 0, &may));
}

static bool hear_kept(struct filling *f)
{
  enum { RIGHT = 10000 }; /* whose hashes are right is asked first */
  bool ok = true;
  for (unsigned i = 0; ok && i < f->width && i < f->kept.count; i++) {
    const struct keep_leaf *leaf = &f->kept.of[i];
    const struct tile_claim said = {.stream = leaf->stream,
                                    .seq = leaf->seq,
                                    .received_ms = leaf->received_ms,
                                    .is_signed = leaf->is_signed,
                                    .votes = f->votes * (is_right(f, i) ? RIGHT : 1)};
    ok = hear(f, i, &said, 0);
  }
  return ok;
}

static bool hear_place(struct filling *f, const struct said_place *place, unsigned i)
{
  const struct tile_claim said = place_claim(place, f->out->tile * TILE_WIDTH + i);
  return hear(f, i, &said, place->source);
}

/* Not found: it is called what most say. */
static void call_missing(struct filling *f, unsigned i)
{
  struct tile_place *at = &f->out->at[i];
  const struct tile_claims *claims = &f->out->claims[i];
  sort_claims(f->out->claims[i].of, claims->count);
  if (at->found || claims->count == 0) return;
  at->stream = claims->of[0].stream;
  at->seq = claims->of[0].seq;
  at->received_ms = claims->of[0].received_ms;
}

/* ---- who says otherwise ---- */

static bool says_so(const struct tile_place *at, struct stream stream, uint64_t seq, int64_t received_ms)
{
  return at->stream.author == stream.author && at->stream.lane == stream.lane && at->seq == seq &&
         at->received_ms == received_ms;
}

/* Who keeps the right leaves, and says something else of one than it is. */
static bool blame_kept(struct filling *f)
{
  char why[120];
  for (unsigned i = f->out->from; i < f->width; i++) {
    const struct keep_leaf *leaf = &f->kept.of[i];
    const struct tile_place *at = &f->out->at[i];
    if (!at->found || !is_right(f, i) || says_so(at, leaf->stream, leaf->seq, leaf->received_ms)) continue;
    (void)snprintf(why, sizeof why, "what it says of leaf %llu is not so: whose it is, or when it came",
                   (unsigned long long)(f->out->tile * TILE_WIDTH + i));
    return blame_keepers(f, why);
  }
  return true;
}

static bool blame_place(struct filling *f, const struct said_place *place, unsigned i)
{
  char why[120];
  const struct tile_place *at = &f->out->at[i];
  const uint64_t pos = f->out->tile * TILE_WIDTH + i;
  const struct tile_claim said = place_claim(place, pos);
  if (i < f->out->from || !at->found || says_so(at, said.stream, said.seq, said.received_ms)) return true;
  (void)snprintf(why, sizeof why, "its entry %llu does not stand at leaf %llu, as it says it was proved to",
                 (unsigned long long)said.seq, (unsigned long long)pos);
  return recall_blame(f->r, place->source, false, why, f->err);
}

/* ---- a tile whose leaves nobody keeps ----
 * What its entries make must be the tile.  Where several say which entry stands at a leaf, one of them lies:
 * each of these is heard last in turn, and any two. */

enum { VOICES_MAX = 24 };
struct voices {
  uint32_t of[VOICES_MAX];
  size_t count;
};

static void add_voice(struct voices *v, uint32_t voice)
{
  for (size_t i = 0; i < v->count; i++)
    if (v->of[i] == voice) return;
  if (v->count < VOICES_MAX) v->of[v->count++] = voice;
}

/* *any: of each leaf there is an entry that it may be. */
static void find_contested(const struct filling *f, struct voices *v, bool *any)
{
  *any = true;
  for (unsigned i = f->out->from; *any && i < f->width; i++) {
    const size_t first = f->first_way[i];
    *any = first != 0;
    for (size_t k = first; k; k = f->ways[k].next)
      if (memcmp(&f->ways[k].place.leaf, &f->ways[first].place.leaf, HASH_SIZE) != 0) {
        add_voice(v, f->ways[first].voice);
        add_voice(v, f->ways[k].voice);
      }
  }
}

static const struct candidate *choose(const struct filling *f, unsigned i, const struct voices *last)
{
  for (size_t k = f->first_way[i]; k; k = f->ways[k].next) {
    bool later = false;
    for (size_t v = 0; v < last->count; v++)
      later = later || last->of[v] == f->ways[k].voice;
    if (!later) return &f->ways[k];
  }
  return &f->ways[f->first_way[i]];
}

static bool try_ways(struct filling *f, const struct voices *last)
{
  struct merkle_hash made;
  struct keep_leaves *all = &f->kept;
  all->count = f->width;
  for (unsigned i = 0; i < f->width; i++)
    all->of[i].hash = i < f->out->from ? f->out->at[i].leaf : choose(f, i, last)->place.leaf;
  root_of(all, f->width, &made);
  if (f->proved ? memcmp(&made, &f->expected, sizeof made) != 0 : !f->test->is_it(f->test->ctx, all))
    return false;
  for (unsigned i = f->out->from; i < f->width; i++)
    f->out->at[i] = choose(f, i, last)->place;
  return true;
}

static void guess(struct filling *f)
{
  struct voices v = {.count = 0};
  bool any = false;
  find_contested(f, &v, &any);
  if (!any) return;
  f->out->leaves = try_ways(f, &(struct voices){.count = 0});
  for (size_t i = 0; i < v.count; i++)
    for (size_t k = 0; k <= i && !f->out->leaves; k++)
      f->out->leaves = try_ways(f, &(struct voices){.of = {v.of[i], v.of[k]}, .count = 2});
}

/* ---- a tile ---- */

static bool expect(struct filling *f)
{
  bool found = false;
  f->width = (unsigned)(f->out->tile < f->plan->tiles ? TILE_WIDTH : f->plan->target % TILE_WIDTH);
  f->proved = f->plan->proved;
  f->expected = f->plan->open_root;
  if (!f->proved || f->out->tile == f->plan->tiles) return true;
  return tiles_hash_of(f->r, f->plan->source, f->out->tile, &f->expected, &found, f->err) &&
         (found || err_set(f->err, ERR_CORRUPT, "the list of tiles has no tile %llu",
                           (unsigned long long)f->out->tile));
}

/* The backup may end inside of it. */
static bool add_base(struct filling *f)
{
  const uint64_t begin = f->out->tile * TILE_WIDTH;
  f->out->from = f->r->have > begin ? (unsigned)(f->r->have - begin) : 0;
  f->out->to = f->width;
  if (f->out->from > f->width) f->out->from = f->width;
  struct leaf_rows rows;
  leaf_rows_open(&rows, f->r->log, begin, begin + f->out->from, f->err);
  for (unsigned i = 0; i < f->out->from && leaf_rows_next(&rows); i++)
    f->out->at[i].leaf = rows.hash;
  return leaf_rows_close(&rows);
}

static bool fill(struct filling *f)
{
  bool ok = expect(f) && add_base(f) && each_kept(f, judge_kept);
  for (unsigned i = f->out->from; ok && f->out->leaves && i < f->width; i++)
    ok = try_ours(f, &f->out->at[i]);
  ok = ok && each_kept(f, hear_kept) && each_place(f, hear_place);
  if (ok && !f->out->leaves) guess(f);
  for (unsigned i = f->out->from; ok && i < f->width; i++)
    call_missing(f, i);
  return ok && (!f->proved || !f->out->leaves || (each_kept(f, blame_kept) && each_place(f, blame_place)));
}

static bool fill_tile(struct recall *r, const struct tiles_plan *plan, uint64_t tile,
                      const struct tile_test *test, struct tile_fill *out, struct err *err)
{
  struct filling *f = calloc(1, sizeof *f);
  memset(out, 0, sizeof *out);
  out->tile = tile;
  if (!f) return err_set(err, ERR_IO, "out of memory for a tile");
  f->r = r;
  f->plan = plan;
  f->out = out;
  f->test = test;
  f->err = err;
  bool ok = fill(f);
  free(f->ways);
  free(f);
  return ok;
}

bool tile_fill(struct recall *r, const struct tiles_plan *plan, uint64_t tile, struct tile_fill *out,
               struct err *err)
{
  return fill_tile(r, plan, tile, NULL, out, err);
}

bool tile_guess(struct recall *r, const struct tiles_plan *plan, uint64_t tile, const struct tile_test *test,
                struct tile_fill *out, struct err *err)
{
  return fill_tile(r, plan, tile, test, out, err);
}
