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

enum { KEPT_MAX = 32 };

/* A tile as some keep it. */
struct kept {
  uint8_t digest[HASH_SIZE];
  unsigned votes;
  struct keep_leaves leaves;
};

struct filling {
  struct recall *r;
  const struct tiles_plan *plan;
  struct tile_fill *out;
  unsigned width; /* of the tile up to the target */
  bool proved;    /* what it must make is known */
  struct merkle_hash expected;
  struct kept *kept;
  size_t kept_count;
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

static bool blame_keepers(struct filling *f, const struct kept *kept, const char *why)
{
  struct query q = query_open(f->r->db, "SELECT source FROM tile_of WHERE n = ?1 AND digest = ?2", f->err);
  bool ok = true;
  query_int(&q, 1, (int64_t)f->out->tile);
  query_blob(&q, 2, kept->digest, HASH_SIZE);
  while (ok && query_row(&q))
    ok = recall_blame(f->r, (uint32_t)column_int(&q, 0), false, why, f->err);
  return query_close(&q) && ok;
}

static bool judge_kept(struct filling *f, struct kept *kept)
{
  char why[120];
  struct merkle_hash made;
  if (!f->proved || kept->leaves.count < f->width) return true;
  root_of(&kept->leaves, f->width, &made);
  if (memcmp(&made, &f->expected, sizeof made) == 0) {
    f->out->leaves = true;
    for (unsigned i = 0; i < f->width; i++)
      f->out->at[i].leaf = kept->leaves.of[i].hash;
    return true;
  }
  (void)snprintf(why, sizeof why, "what it keeps of tile %llu does not have the hash of that tile",
                 (unsigned long long)f->out->tile);
  return blame_keepers(f, kept, why);
}

static bool read_kept(struct filling *f)
{
  struct query q =
      query_open(f->r->db,
                 "SELECT digest, leaves, (SELECT count(*) FROM tile_of AS o WHERE o.n = t.n"
                 " AND o.digest = t.digest) FROM tile AS t WHERE n = ?1 ORDER BY 3 DESC LIMIT ?2",
                 f->err);
  bool ok = true;
  query_int(&q, 1, (int64_t)f->out->tile);
  query_int(&q, 2, KEPT_MAX);
  while (ok && query_row(&q) && f->kept_count < KEPT_MAX) {
    struct kept *kept = &f->kept[f->kept_count++];
    size_t n = 0;
    const void *bytes = column_blob(&q, 0, &n);
    memset(kept->digest, 0, HASH_SIZE);
    if (n == HASH_SIZE) memcpy(kept->digest, bytes, n);
    bytes = column_blob(&q, 1, &n);
    kept->votes = (unsigned)column_int(&q, 2);
    struct reader r = reader_of(bytes, n);
    keep_leaves_get(&r, &kept->leaves);
    ok = judge_kept(f, kept);
  }
  return query_close(&q) && ok;
}

static void add_claim(struct filling *f, unsigned at, const struct tile_claim *said)
{
  struct tile_claim *of = f->out->claims[at].of;
  const size_t count = f->out->claims[at].count;
  for (size_t i = 0; i < count; i++)
    if (of[i].stream.author == said->stream.author && of[i].stream.lane == said->stream.lane &&
        of[i].seq == said->seq && of[i].received_ms == said->received_ms) {
      of[i].votes += said->votes;
      return;
    }
  if (count < TILE_CLAIMS_MAX) of[f->out->claims[at].count++] = *said;
}

/* Is the leaf there the right one, as it keeps it?  Who keeps less of an open tile keeps that as well. */
static bool is_right(const struct filling *f, const struct kept *kept, unsigned i)
{
  return f->out->leaves && i < kept->leaves.count &&
         memcmp(&kept->leaves.of[i].hash, &f->out->at[i].leaf, sizeof f->out->at[i].leaf) == 0;
}

static void add_kept(struct filling *f, const struct kept *kept)
{
  enum { RIGHT = 10000 }; /* whose hashes are right is asked first */
  for (unsigned i = 0; i < f->width && i < kept->leaves.count; i++) {
    const struct keep_leaf *leaf = &kept->leaves.of[i];
    const struct tile_claim said = {.stream = leaf->stream,
                                    .seq = leaf->seq,
                                    .received_ms = leaf->received_ms,
                                    .is_signed = leaf->is_signed,
                                    .votes = kept->votes * (is_right(f, kept, i) ? RIGHT : 1)};
    add_claim(f, i, &said);
  }
}

/* What authors were proved to have in this tile. */
static bool add_places(struct filling *f)
{
  const uint64_t begin = f->out->tile * TILE_WIDTH, end = begin + f->width;
  struct query q =
      query_open(f->r->db,
                 "SELECT source, first_seq, count, first_pos, received_ms, last_signed FROM place"
                 " WHERE first_pos > ?1 AND first_pos < ?2",
                 f->err);
  query_int(&q, 1, (int64_t)begin - BATCH_ENTRIES_MAX);
  query_int(&q, 2, (int64_t)end);
  while (query_row(&q)) {
    const uint64_t first_seq = (uint64_t)column_int(&q, 1), count = (uint64_t)column_int(&q, 2),
                   first = (uint64_t)column_int(&q, 3);
    for (uint64_t pos = first < begin ? begin : first; pos < end && pos < first + count; pos++) {
      const struct tile_claim said = {.stream = {recall_code((uint32_t)column_int(&q, 0)), 0},
                                      .seq = first_seq + pos - first,
                                      .received_ms = column_int(&q, 4),
                                      .is_signed = column_int(&q, 5) && pos + 1 == first + count,
                                      .votes = 1};
      add_claim(f, (unsigned)(pos - begin), &said);
    }
  }
  return query_close(&q);
}

/* ---- what is so ---- */

struct trial {
  struct filling *f;
  struct tile_place *at;
  const struct tile_claim *said;
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

/* With each signature that was brought for it; what the province signed once it signs to the same bytes. */
static bool try_signatures(struct trial *t)
{
  uint8_t made[SIGNATURE_SIZE];
  if (t->said->stream.author == t->f->r->province) {
    head_sign(made, t->hash, t->f->r->secret);
    (void)is_leaf(t, made);
    return true;
  }
  struct query q = query_open(
      t->f->r->db, "SELECT DISTINCT signature FROM signature WHERE author = ?1 AND seq = ?2", t->f->err);
  query_int(&q, 1, t->said->stream.author);
  query_int(&q, 2, (int64_t)t->said->seq);
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

static bool try_claim(struct filling *f, struct tile_place *at, const struct tile_claim *said)
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
    struct trial t = {.f = f, .at = at, .said = said};
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

/* Who kept the right leaves, and said something else of one than it is. */
static bool blame_claims(struct filling *f, unsigned i)
{
  char why[120];
  const struct tile_place *at = &f->out->at[i];
  bool ok = true;
  (void)snprintf(why, sizeof why, "what it says of leaf %llu is not so: whose it is, or when it came",
                 (unsigned long long)(f->out->tile * TILE_WIDTH + i));
  for (size_t k = 0; ok && k < f->kept_count; k++) {
    const struct keep_leaf *leaf = &f->kept[k].leaves.of[i];
    if (!is_right(f, &f->kept[k], i) ||
        (leaf->stream.author == at->stream.author && leaf->stream.lane == at->stream.lane &&
         leaf->seq == at->seq && leaf->received_ms == at->received_ms))
      continue;
    ok = blame_keepers(f, &f->kept[k], why);
  }
  return ok;
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
  return ok && (!found || try_claim(f, at, &said));
}

static bool fill_leaf(struct filling *f, unsigned i)
{
  struct tile_place *at = &f->out->at[i];
  bool ok = !f->out->leaves || try_ours(f, at);
  sort_claims(f->out->claims[i].of, f->out->claims[i].count);
  for (size_t k = 0; ok && !at->found && k < f->out->claims[i].count; k++)
    ok = try_claim(f, at, &f->out->claims[i].of[k]);
  if (ok && !at->found && f->out->claims[i].count) {
    at->stream = f->out->claims[i].of[0].stream;
    at->seq = f->out->claims[i].of[0].seq;
    at->received_ms = f->out->claims[i].of[0].received_ms;
  }
  return ok && (!at->found || !f->out->leaves || blame_claims(f, i));
}

/* Nobody keeps its leaves: what the entries make must be the tile all the same. */
static void prove_by_entries(struct filling *f)
{
  struct keep_root root;
  struct merkle_hash made;
  bool all = true;
  memset(&root, 0, sizeof root);
  for (unsigned i = 0; i < f->width && all; i++) {
    all = i < f->out->from || f->out->at[i].found;
    keep_root_leaf(&root, &f->out->at[i].leaf);
  }
  keep_root_get(&root, &made);
  f->out->leaves = all && memcmp(&made, &f->expected, sizeof made) == 0;
  for (unsigned i = f->out->from; i < f->width && all && !f->out->leaves; i++)
    f->out->at[i].found = false; /* some of them is not what was there */
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
  bool ok = expect(f) && add_base(f) && read_kept(f);
  for (size_t k = 0; ok && k < f->kept_count; k++)
    add_kept(f, &f->kept[k]);
  ok = ok && add_places(f);
  for (unsigned i = f->out->from; ok && i < f->width; i++)
    ok = fill_leaf(f, i);
  if (ok && f->proved && !f->out->leaves) prove_by_entries(f);
  return ok;
}

bool tile_fill(struct recall *r, const struct tiles_plan *plan, uint64_t tile, struct tile_fill *out,
               struct err *err)
{
  struct filling *f = calloc(1, sizeof *f);
  struct kept *kept = calloc(KEPT_MAX, sizeof *kept);
  memset(out, 0, sizeof *out);
  out->tile = tile;
  bool ok = f && kept;
  if (!ok) err_set(err, ERR_IO, "out of memory for a tile");
  if (ok) {
    *f = (struct filling){.r = r, .plan = plan, .out = out, .kept = kept, .err = err};
    ok = fill(f);
  }
  free(kept);
  free(f);
  return ok;
}
