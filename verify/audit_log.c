#include "verify/audit_log.h"

#include "core/base/limits.h"
#include "sync/entry.h"
#include "sync/tlog.h"
#include "verify/source.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { BUNDLE_MAX = TILE_WIDTH * (LEAF_SIZE_MAX + 2) };

/* Where one stream stands. */
struct followed {
  uint32_t author;
  uint32_t lane;
  uint64_t seq;
  uint64_t uncovered; /* records since the last signature */
  uint8_t hash[HASH_SIZE];
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

static const struct author_key *key_of(const struct audit *a, uint32_t author, uint32_t epoch)
{
  for (size_t i = 0; i < a->config->key_count; i++)
    if (a->config->keys[i].author == author && a->config->keys[i].epoch == epoch) return &a->config->keys[i];
  return NULL;
}

static bool check_signature(struct audit *a, struct followed *at, const struct record *record,
                            const struct leaf *leaf, uint64_t pos)
{
  at->uncovered++;
  if (!leaf->signature) return true;
  const struct author_key *key = key_of(a, record->stream.author, record->epoch);
  if (!key) {
    a->result->unknown_keys++;
    return true;
  }
  if (!head_verify(leaf->signature, at->hash, key->public_key))
    return err_rule(a->err, ERR_CORRUPT, "signature", "bad_signature",
                    "entry %" PRIu64 " (author %u, seq %" PRIu64 "): the author's signature does not verify",
                    pos, record->stream.author, record->seq);
  a->result->signatures++;
  at->uncovered = 0;
  return true;
}

/* The record follows the one before it in its stream. */
static bool check_record(struct audit *a, const struct leaf *leaf, uint64_t pos)
{
  struct record record;
  if (!record_decode(&record, leaf->record, leaf->record_size, a->err))
    return err_prefix(a->err, "entry %" PRIu64, pos);
  struct followed *at = follow(a, record.stream.author, record.stream.lane);
  if (!at) return false;
  if (record.seq != at->seq + 1)
    return err_rule(a->err, ERR_CORRUPT, "seq", "gap",
                    "entry %" PRIu64 ": author %u lane %u has seq %" PRIu64 " after %" PRIu64, pos,
                    record.stream.author, record.stream.lane, record.seq, at->seq);
  if (memcmp(record.prev, at->hash, HASH_SIZE) != 0)
    return err_rule(a->err, ERR_CORRUPT, "prev", "chain",
                    "entry %" PRIu64 ": author %u seq %" PRIu64 " does not name the record before it", pos,
                    record.stream.author, record.seq);
  at->seq = record.seq;
  record_hash(at->hash, leaf->record, leaf->record_size);
  return check_signature(a, at, &record, leaf, pos);
}

/* The served tile holds the hashes that we computed. */
static bool check_tile(struct audit *a, int level, uint64_t n, unsigned width)
{
  char path[TILE_PATH_MAX];
  struct tile tile = {.level = level, .n = n, .width = width};
  tile_path(path, &tile);
  if (!source_read(a->config->where, path, (size_t)TILE_WIDTH * HASH_SIZE, &a->tile, a->err)) return false;
  if (a->tile.size == (size_t)width * HASH_SIZE && memcmp(a->tile.data, a->rows[level], a->tile.size) == 0)
    return true;
  return err_rule(a->err, ERR_CORRUPT, path, "tile", "%s does not hold the hashes of the entries below it",
                  path);
}

static bool grow(struct audit *a, int level, const struct merkle_hash *hash)
{
  a->rows[level][a->counts[level]++ % TILE_WIDTH] = *hash;
  if (a->counts[level] % TILE_WIDTH != 0) return true;
  if (!check_tile(a, level, a->counts[level] / TILE_WIDTH - 1, TILE_WIDTH)) return false;
  if (level == TILE_LEVEL_MAX) return true;
  struct merkle_hash row[TILE_WIDTH];
  memcpy(row, a->rows[level], sizeof row);
  for (size_t count = TILE_WIDTH; count > 1; count /= 2)
    for (size_t i = 0; i < count / 2; i++)
      merkle_node(&row[i], &row[2 * i], &row[2 * i + 1]);
  return grow(a, level + 1, &row[0]);
}

static bool check_bundle(struct audit *a, const struct buf *bundle, uint64_t first, unsigned width)
{
  struct reader r = reader_of(bundle->data, bundle->size);
  for (unsigned i = 0; i < width; i++) {
    size_t n = 0;
    const uint8_t *bytes = get_vec16(&r, &n);
    struct leaf leaf;
    struct merkle_hash hash;
    if (!bytes || !leaf_decode(&leaf, bytes, n, a->err))
      return err_prefix(a->err, "entry %" PRIu64, first + i);
    merkle_leaf(&hash, bytes, n);
    if (!check_record(a, &leaf, first + i) || !grow(a, 0, &hash)) return false;
    a->result->last_received_ms = (int64_t)leaf.received_ms;
  }
  return reader_done(&r) ||
         err_set(a->err, ERR_CORRUPT, "the bundle at entry %" PRIu64 " is too long", first);
}

static bool row_hash(void *ctx, unsigned level, uint64_t n, struct merkle_hash *out, struct err *err)
{
  struct audit *a = ctx;
  unsigned tile_level = level / 8;
  size_t count = (size_t)1 << level % 8;
  uint64_t first = n << level % 8;
  if (tile_level > TILE_LEVEL_MAX || first / TILE_WIDTH != a->counts[tile_level] / TILE_WIDTH)
    return err_set(err, ERR_CORRUPT, "subtree %u/%" PRIu64 " is not at the edge", level, n);
  struct merkle_hash row[TILE_WIDTH];
  memcpy(row, &a->rows[tile_level][first % TILE_WIDTH], count * sizeof *row);
  for (; count > 1; count /= 2)
    for (size_t i = 0; i < count / 2; i++)
      merkle_node(&row[i], &row[2 * i], &row[2 * i + 1]);
  *out = row[0];
  return true;
}

static bool check_end(struct audit *a)
{
  const struct checkpoint *checkpoint = &a->result->checkpoint;
  for (int level = 0; level <= TILE_LEVEL_MAX; level++) {
    unsigned width = (unsigned)(a->counts[level] % TILE_WIDTH);
    if (width && !check_tile(a, level, a->counts[level] / TILE_WIDTH, width)) return false;
  }
  struct merkle_source source = {.hash = row_hash, .ctx = a};
  struct merkle_hash root;
  if (!merkle_root(&source, checkpoint->size, &root, a->err)) return false;
  if (memcmp(&root, &checkpoint->root, sizeof root) != 0)
    return err_rule(a->err, ERR_CORRUPT, "root", "root",
                    "the %" PRIu64 " entries do not have the root of the checkpoint", checkpoint->size);
  a->result->streams = a->stream_count;
  for (size_t i = 0; i < a->stream_count; i++)
    a->result->unsigned_tail += a->streams[i].uncovered;
  return true;
}

static bool read_checkpoint(struct audit *a, struct buf *bytes)
{
  struct note note;
  if (!source_read(a->config->where, "checkpoint", NOTE_SIZE_MAX, bytes, a->err) ||
      !note_open(&note, (const char *)bytes->data, bytes->size, a->err) ||
      !checkpoint_decode(&a->result->checkpoint, note.text, note.text_size, a->err))
    return false;
  a->result->cosignatures = note.line_count - 1;
  if (!a->config->log) return true;
  if (!note_verify(&note, a->config->log, NULL, a->err)) return false;
  if (strcmp(a->config->log->name, a->result->checkpoint.origin) != 0)
    return err_rule(a->err, ERR_CORRUPT, "origin", "unknown_log",
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
  struct buf bytes = BUF_INIT;
  bool ok = read_checkpoint(a, &bytes);
  uint64_t size = result->checkpoint.size;
  for (uint64_t n = 0; ok && n * TILE_WIDTH < size; n++) {
    struct tile tile = {.level = TILE_ENTRIES, .n = n, .width = tile_width(0, n, size)};
    char path[TILE_PATH_MAX];
    tile_path(path, &tile);
    ok = source_read(config->where, path, BUNDLE_MAX, &bytes, err) &&
         (check_bundle(a, &bytes, n * TILE_WIDTH, tile.width) || err_prefix(err, "%s", path));
  }
  ok = ok && check_end(a);
  buf_wipe(&bytes);
  buf_wipe(&a->tile);
  free(a->streams);
  free(a);
  return ok;
}
