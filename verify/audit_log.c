#include "verify/audit_log.h"

#include "core/base/limits.h"
#include "sync/entry.h"
#include "sync/lost_said.h"
#include "sync/tlog.h"
#include "verify/after_key.h"
#include "verify/source.h"

#include <inttypes.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { BUNDLE_MAX = TILE_WIDTH * (LEAF_SIZE_MAX + 2), BUNDLES = 32, WORKERS_MAX = 8 };

enum signature_state { SIGNED_NOT, SIGNED_WELL, SIGNED_UNKNOWN };

/* What is computed of one entry before it is put in its place. */
struct digest {
  struct record record; /* borrows from the bundle's bytes */
  uint8_t record_hash[HASH_SIZE];
  int64_t received_ms;
  enum signature_state signature;
  bool is_lost;
  struct lost_leaf lost;
};

/* The entries below one tile.  A whole one is compared with that tile and folded into its root right away. */
struct bundle {
  struct buf bytes;
  struct buf tile;
  uint64_t first;
  unsigned width;
  struct digest digests[TILE_WIDTH];
  struct merkle_hash leaves[TILE_WIDTH];
  struct merkle_hash root; /* only of a whole one */
  struct err err;
};

/* Where one stream stands. */
struct followed {
  uint32_t author;
  uint32_t lane;
  uint64_t seq;
  uint64_t uncovered;      /* records since the last signature */
  uint8_t hash[HASH_SIZE]; /* of the record before, or of its leaf when that is lost */
  uint8_t leaf[HASH_SIZE];
  bool lost;
  uint32_t epoch; /* of its record before, whose key that is; NULL: not given */
  const struct author_key *key;
  uint64_t after, after_first, after_last; /* how many came after their key had been revoked, and where */
};

struct audit {
  const struct audit_config *config;
  struct audit_result *result;
  struct followed *streams;
  size_t stream_count;
  size_t stream_room;
  size_t last_stream; /* runs of one stream follow each other */
  struct merkle_hash rows[TILE_LEVEL_MAX + 1][TILE_WIDTH];
  uint64_t counts[TILE_LEVEL_MAX + 1];
  struct buf tile;
  struct bundle bundles[BUNDLES];
  size_t bundle_count;
  uint32_t province;      /* as the log's name says */
  struct lost_said said;  /* by the province */
  struct lost_said holes; /* in the order of the log, neighbours of a stream as one: what must be said, */
  struct lost_said found; /* and what has turned up since, behind which its author had gone on */
  struct err *err;
};

static struct followed *follow(struct audit *a, uint32_t author, uint32_t lane)
{
  if (a->last_stream < a->stream_count) {
    struct followed *last = &a->streams[a->last_stream];
    if (last->author == author && last->lane == lane) return last;
  }
  for (size_t i = 0; i < a->stream_count; i++) {
    if (a->streams[i].author != author || a->streams[i].lane != lane) continue;
    a->last_stream = i;
    return &a->streams[i];
  }
  if (a->stream_count == a->stream_room) {
    size_t room = a->stream_room ? a->stream_room * 2 : 64;
    struct followed *streams = realloc(a->streams, room * sizeof *streams);
    if (!streams) {
      err_set(a->err, ERR_IO, "out of memory");
      return NULL;
    }
    a->streams = streams;
    a->stream_room = room;
  }
  a->last_stream = a->stream_count;
  a->streams[a->stream_count] = (struct followed){.author = author, .lane = lane};
  return &a->streams[a->stream_count++];
}

static const struct author_key *key_of(const struct audit_config *config, uint32_t author, uint32_t epoch)
{
  for (size_t i = 0; i < config->key_count; i++)
    if (config->keys[i].author == author && config->keys[i].epoch == epoch) return &config->keys[i];
  return NULL;
}

static bool check_seq(struct audit *a, const struct followed *at, uint64_t seq, uint64_t pos)
{
  return seq == at->seq + 1 ||
         err_rule(a->err, ERR_REFUTED, "seq", "gap",
                  "entry %" PRIu64 ": author %u lane %u has seq %" PRIu64 " after %" PRIu64, pos, at->author,
                  at->lane, seq, at->seq);
}

static bool check_lost(struct audit *a, const struct lost_leaf *lost, uint64_t pos)
{
  struct followed *at = follow(a, lost->stream.author, lost->stream.lane);
  if (!at || !check_seq(a, at, lost->seq, pos)) return false;
  at->seq = lost->seq;
  at->lost = true;
  memcpy(at->hash, lost->leaf.bytes, HASH_SIZE);
  a->result->by_log_alone += at->uncovered;
  at->uncovered = 0;
  a->result->lost++;
  lost_said_put(&a->holes, &(struct lost_run){lost->stream, lost->seq, 1, (int64_t)pos, lost->received_ms,
                                              lost->received_ms});
  return true;
}

/* It names the record before it; or the leaf, when that was lost to its author, and has perhaps turned up. */
static bool check_prev(struct audit *a, const struct followed *at, const struct record *record, uint64_t pos)
{
  if (memcmp(record->prev, at->hash, HASH_SIZE) == 0) return true;
  a->result->lost_links += at->lost;
  if (at->lost) return true;
  if (at->seq > 0 && memcmp(record->prev, at->leaf, HASH_SIZE) == 0) {
    lost_said_put(&a->found, &(struct lost_run){record->stream, at->seq, 1, (int64_t)pos, 0, 0});
    return true;
  }
  return err_rule(a->err, ERR_REFUTED, "prev", "chain",
                  "entry %" PRIu64 ": author %u seq %" PRIu64 " does not name the record before it", pos,
                  record->stream.author, record->seq);
}

/* Whether somebody signed it or a later one: the key of its epoch is what says who wrote it. */
static void check_key(struct audit *a, struct followed *at, const struct digest *d, uint64_t pos)
{
  if (at->epoch != d->record.epoch) {
    at->epoch = d->record.epoch;
    at->key = key_of(a->config, at->author, at->epoch);
  }
  if (!at->key || !after_key(at->key->revoked_ms, d->received_ms)) return;
  if (at->after++ == 0) at->after_first = pos;
  at->after_last = pos;
}

/* The record follows the one before it in its stream. */
static bool check_record(struct audit *a, const struct digest *d, const struct merkle_hash *leaf,
                         uint64_t pos)
{
  const struct record *record = &d->record;
  struct followed *at = follow(a, record->stream.author, record->stream.lane);
  if (!at || !check_seq(a, at, record->seq, pos) || !check_prev(a, at, record, pos)) return false;
  lost_said_add(&a->said, a->province, record);
  check_key(a, at, d, pos);
  at->seq = record->seq;
  at->lost = false;
  memcpy(at->hash, d->record_hash, HASH_SIZE);
  memcpy(at->leaf, leaf->bytes, HASH_SIZE);
  at->uncovered++;
  if (d->signature == SIGNED_WELL) at->uncovered = 0;
  a->result->signatures += d->signature == SIGNED_WELL;
  a->result->unknown_keys += d->signature == SIGNED_UNKNOWN;
  return true;
}

/* The served tile holds the hashes that we computed. */
static bool same_tile(const char *where, const struct tile *tile, const struct merkle_hash *hashes,
                      struct buf *keep, struct err *err)
{
  char path[TILE_PATH_MAX];
  tile_path(path, tile);
  if (!source_read(where, path, (size_t)TILE_WIDTH * HASH_SIZE, keep, err)) return false;
  if (keep->size == (size_t)tile->width * HASH_SIZE && memcmp(keep->data, hashes, keep->size) == 0)
    return true;
  return err_rule(err, ERR_REFUTED, path, "tile", "%s does not hold the hashes of the entries below it",
                  path);
}

static bool check_tile(struct audit *a, int level, uint64_t n, unsigned width)
{
  const struct tile tile = {.level = level, .n = n, .width = width};
  return same_tile(a->config->where, &tile, a->rows[level], &a->tile, a->err);
}

/* The root over count (a power of two) neighbours. */
static void fold(const struct merkle_hash *hashes, size_t count, struct merkle_hash *out)
{
  struct merkle_hash row[TILE_WIDTH];
  memcpy(row, hashes, count * sizeof *row);
  for (; count > 1; count /= 2)
    for (size_t i = 0; i < count / 2; i++)
      merkle_node(&row[i], &row[2 * i], &row[2 * i + 1]);
  *out = row[0];
}

/* One more hash of a level above the entries. */
static bool grow(struct audit *a, int level, const struct merkle_hash *hash)
{
  a->rows[level][a->counts[level]++ % TILE_WIDTH] = *hash;
  if (a->counts[level] % TILE_WIDTH != 0) return true;
  if (!check_tile(a, level, a->counts[level] / TILE_WIDTH - 1, TILE_WIDTH)) return false;
  if (level == TILE_LEVEL_MAX) return true;
  struct merkle_hash root;
  fold(a->rows[level], TILE_WIDTH, &root);
  return grow(a, level + 1, &root);
}

/* ---- what each entry costs: reading, two hashes and sometimes a signature, on all processors ---- */

static bool digest_entry(const struct audit_config *config, const uint8_t *bytes, size_t size,
                         struct digest *d, struct err *err)
{
  struct leaf leaf;
  if (!lost_leaf_decode(&d->lost, bytes, size, &d->is_lost, err)) return false;
  d->received_ms = d->lost.received_ms;
  if (d->is_lost) return true;
  if (!leaf_decode(&leaf, bytes, size, err) || !record_decode(&d->record, leaf.record, leaf.record_size, err))
    return false;
  record_hash(d->record_hash, leaf.record, leaf.record_size);
  d->received_ms = (int64_t)leaf.received_ms;
  d->signature = SIGNED_NOT;
  if (!leaf.signature) return true;
  const struct author_key *key = key_of(config, d->record.stream.author, d->record.epoch);
  d->signature = key ? SIGNED_WELL : SIGNED_UNKNOWN;
  if (!key || head_verify(leaf.signature, d->record_hash, key->public_key)) return true;
  return err_rule(err, ERR_REFUTED, "signature", "bad_signature",
                  "author %u, seq %" PRIu64 ": the signature does not verify", d->record.stream.author,
                  d->record.seq);
}

static bool read_bundle(const struct audit_config *config, struct bundle *bundle)
{
  char path[TILE_PATH_MAX];
  const struct tile tile = {.level = TILE_ENTRIES, .n = bundle->first / TILE_WIDTH, .width = bundle->width};
  tile_path(path, &tile);
  return source_read(config->where, path, BUNDLE_MAX, &bundle->bytes, &bundle->err);
}

static void digest_bundle(const struct audit_config *config, struct bundle *bundle)
{
  if (!read_bundle(config, bundle)) return;
  struct reader r = reader_of(bundle->bytes.data, bundle->bytes.size);
  bool ok = true;
  for (unsigned i = 0; ok && i < bundle->width; i++) {
    size_t n = 0;
    const uint8_t *bytes = get_vec16(&r, &n);
    ok = bytes ? digest_entry(config, bytes, n, &bundle->digests[i], &bundle->err)
               : err_rule(&bundle->err, ERR_INPUT, "bundle", "bundle", "the bundle is cut");
    if (ok && bundle->digests[i].is_lost)
      bundle->leaves[i] = bundle->digests[i].lost.leaf;
    else if (ok)
      merkle_leaf(&bundle->leaves[i], bytes, n);
    if (!ok) err_prefix(&bundle->err, "entry %" PRIu64, bundle->first + i);
  }
  if (ok && !reader_done(&r))
    ok = err_set(&bundle->err, ERR_REFUTED, "the bundle at entry %" PRIu64 " is too long", bundle->first);
  const struct tile tile = {.n = bundle->first / TILE_WIDTH, .width = TILE_WIDTH};
  if (ok && bundle->width == TILE_WIDTH &&
      same_tile(config->where, &tile, bundle->leaves, &bundle->tile, &bundle->err))
    fold(bundle->leaves, TILE_WIDTH, &bundle->root);
}

struct worker {
  pthread_t thread;
  struct audit *audit;
  size_t first;
  size_t step;
};

static void *work(void *arg)
{
  struct worker *worker = arg;
  for (size_t i = worker->first; i < worker->audit->bundle_count; i += worker->step)
    digest_bundle(worker->audit->config, &worker->audit->bundles[i]);
  return NULL;
}

static void digest_all(struct audit *a)
{
  long processors = sysconf(_SC_NPROCESSORS_ONLN);
  size_t count = processors < 1 ? 1 : processors > WORKERS_MAX ? WORKERS_MAX : (size_t)processors;
  struct worker workers[WORKERS_MAX];
  bool started[WORKERS_MAX] = {false};
  for (size_t i = 0; i < count; i++) {
    workers[i] = (struct worker){.audit = a, .first = i, .step = count};
    started[i] = i > 0 && pthread_create(&workers[i].thread, NULL, work, &workers[i]) == 0;
    if (i > 0 && !started[i]) work(&workers[i]);
  }
  work(&workers[0]);
  for (size_t i = 1; i < count; i++)
    if (started[i]) pthread_join(workers[i].thread, NULL);
}

/* Lays out the bundles from entry `from` on, as many as are worked on at once. */
static void plan_bundles(struct audit *a, uint64_t from)
{
  uint64_t size = a->result->checkpoint.size;
  for (a->bundle_count = 0; a->bundle_count < BUNDLES && from < size; a->bundle_count++, from += TILE_WIDTH) {
    struct bundle *bundle = &a->bundles[a->bundle_count];
    bundle->first = from;
    bundle->width = tile_width(0, from / TILE_WIDTH, size);
    err_clear(&bundle->err);
  }
}

static bool row_hash(void *ctx, unsigned level, uint64_t n, struct merkle_hash *out, struct err *err)
{
  struct audit *a = ctx;
  unsigned tile_level = level / 8;
  size_t count = (size_t)1 << level % 8;
  uint64_t first = n << level % 8;
  if (tile_level > TILE_LEVEL_MAX || first / TILE_WIDTH != a->counts[tile_level] / TILE_WIDTH)
    return err_set(err, ERR_REFUTED, "subtree %u/%" PRIu64 " is not at the edge", level, n);
  fold(&a->rows[tile_level][first % TILE_WIDTH], count, out);
  return true;
}

static bool check_root(struct audit *a, uint64_t size, const struct merkle_hash *want)
{
  struct merkle_source source = {.hash = row_hash, .ctx = a};
  struct merkle_hash root;
  if (!merkle_root(&source, size, &root, a->err)) return false;
  return memcmp(&root, want, sizeof root) == 0 ||
         err_rule(a->err, ERR_REFUTED, "root", "root",
                  "the %" PRIu64 " entries do not have the root of the checkpoint", size);
}

/* Where the beginning ends within this bundle the tree is, for a moment, that of the beginning: before the
 * bundle's own tile is closed, or right after it. */
static bool check_beginning(struct audit *a, uint64_t first, unsigned width, bool closed)
{
  const struct audit_beginning *b = a->config->beginning;
  if (!b || b->size <= first || b->size > first + width || (b->size % TILE_WIDTH == 0) != closed) return true;
  uint64_t count = a->counts[0];
  a->counts[0] = b->size;
  bool ok = check_root(a, b->size, &b->root);
  a->counts[0] = count;
  return ok;
}

static bool check_bundles(struct audit *a)
{
  for (size_t i = 0; i < a->bundle_count; i++) {
    const struct bundle *bundle = &a->bundles[i];
    if (bundle->err.kind) {
      *a->err = bundle->err;
      return false;
    }
    for (unsigned k = 0; k < bundle->width; k++) {
      const struct digest *d = &bundle->digests[k];
      uint64_t pos = bundle->first + k;
      if (!(d->is_lost ? check_lost(a, &d->lost, pos) : check_record(a, d, &bundle->leaves[k], pos)))
        return false;
      a->result->last_received_ms = d->received_ms;
    }
    memcpy(a->rows[0], bundle->leaves, bundle->width * sizeof *bundle->leaves);
    if (!check_beginning(a, bundle->first, bundle->width, false)) return false;
    a->counts[0] += bundle->width;
    if (bundle->width == TILE_WIDTH && !grow(a, 1, &bundle->root)) return false;
    if (!check_beginning(a, bundle->first, bundle->width, true)) return false;
  }
  return true;
}

/* Every hole is said by the province, in this log. */
static bool check_said(struct audit *a, const struct lost_said *holes)
{
  if (a->said.bad || holes->bad) return err_set(a->err, ERR_IO, "out of memory");
  for (size_t i = 0; i < holes->count; i++) {
    const struct lost_run *hole = &holes->runs[i];
    for (uint64_t k = 0; k < hole->count; k++)
      if (!lost_said_covers(&a->said, hole->stream, hole->first_seq + k))
        return err_rule(a->err, ERR_REFUTED, "lost", "lost_unsaid",
                        "entry %" PRIu64 ": author %u lane %u seq %" PRIu64
                        " is lost, and no entry of the province says so",
                        (uint64_t)hole->first_pos, hole->stream.author, hole->stream.lane,
                        hole->first_seq + k);
  }
  return true;
}

static bool check_end(struct audit *a)
{
  const struct checkpoint *checkpoint = &a->result->checkpoint;
  for (int level = 0; level <= TILE_LEVEL_MAX; level++) {
    unsigned width = (unsigned)(a->counts[level] % TILE_WIDTH);
    if (width && !check_tile(a, level, a->counts[level] / TILE_WIDTH, width)) return false;
  }
  if (!check_root(a, checkpoint->size, &checkpoint->root) || !check_said(a, &a->holes) ||
      !check_said(a, &a->found))
    return false;
  for (size_t i = 0; i < a->holes.count; i++)
    lost_said_line(&a->result->lost_text, &a->holes.runs[i]);
  a->result->streams = a->stream_count;
  for (size_t i = 0; i < a->stream_count; i++) {
    const struct followed *at = &a->streams[i];
    a->result->unsigned_tail += at->uncovered;
    if (at->after)
      after_key_line(&a->result->after_text, at->author, at->after, at->after_first, at->after_last);
  }
  return !a->result->after_text.bad || err_set(a->err, ERR_IO, "out of memory");
}

static bool read_checkpoint(struct audit *a, struct buf *bytes)
{
  struct note note;
  if (!source_read(a->config->where, "checkpoint", NOTE_SIZE_MAX, bytes, a->err) ||
      !note_open(&note, (const char *)bytes->data, bytes->size, a->err) ||
      !checkpoint_decode(&a->result->checkpoint, note.text, note.text_size, a->err))
    return false;
  a->result->cosignatures = note.line_count - 1;
  a->province = (uint32_t)strtoul(a->result->checkpoint.origin, NULL, 10);
  if (!a->config->log) return true;
  if (!note_verify(&note, a->config->log, NULL, a->err)) return false;
  if (strcmp(a->config->log->name, a->result->checkpoint.origin) != 0)
    return err_rule(a->err, ERR_REFUTED, "origin", "unknown_log",
                    "the checkpoint is of '%.80s', not of '%.80s'", a->result->checkpoint.origin,
                    a->config->log->name);
  a->result->checkpoint_signed = true;
  return true;
}

bool audit_log(const struct audit_config *config, struct audit_result *result, struct err *err)
{
  struct audit *a = calloc(1, sizeof *a);
  if (!a) return err_set(err, ERR_IO, "out of memory");
  memset(result, 0, sizeof *result);
  a->config = config;
  a->result = result;
  a->err = err;
  struct err fault = ERR_INIT;
  if (!err) a->err = &fault;
  struct buf note = BUF_INIT;
  bool ok = read_checkpoint(a, &note);
  if (ok && config->beginning && config->beginning->size > result->checkpoint.size)
    ok = err_rule(a->err, ERR_REFUTED, "size", "beginning",
                  "%" PRIu64 " entries were witnessed, and the checkpoint has only %" PRIu64,
                  config->beginning->size, result->checkpoint.size);
  for (uint64_t from = 0; ok && from < result->checkpoint.size; from += (uint64_t)BUNDLES * TILE_WIDTH) {
    plan_bundles(a, from);
    digest_all(a);
    ok = check_bundles(a);
  }
  ok = ok && check_end(a);
  if (config->note) put_bytes(config->note, note.data, note.size);
  buf_wipe(&note);
  for (size_t i = 0; i < BUNDLES; i++) {
    buf_wipe(&a->bundles[i].bytes);
    buf_wipe(&a->bundles[i].tile);
  }
  buf_wipe(&a->tile);
  lost_said_wipe(&a->said);
  lost_said_wipe(&a->holes);
  lost_said_wipe(&a->found);
  free(a->streams);
  free(a);
  return ok;
}
