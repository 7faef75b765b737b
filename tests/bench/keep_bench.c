/* What a branch's disk keeps of a province: bytes for each entry of the log, when its branches write one at a
 * time. usage: keep_bench [TILES [BRANCHES]]; 4000 tiles are a million entries. */
#include "core/base/db.h"
#include "core/base/migrate.h"
#include "sync/keep.h"
#include "sync/store.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static struct keepers all;
static struct keep_leaves leaves;
static struct tiles m;
static struct db *db;

static void must(bool ok, const struct err *err)
{
  if (ok) return;
  (void)fprintf(stderr, "%s\n", err->text);
  exit(1);
}

static int64_t number(const char *sql)
{
  struct err err = ERR_INIT;
  int64_t n = 0;
  must(db_int(db, sql, 0, &n, &err), &err);
  return n;
}

static void take(const struct buf *body)
{
  struct err err = ERR_INIT;
  must(tiles_decode(&m, body->data, body->size, &err) && keep_take(db, all.codes[0], 330000, &m, &err), &err);
}

/* Half a second between two entries, each of another branch. */
static void make_leaves(uint64_t tile)
{
  leaves.count = TILE_WIDTH;
  for (unsigned i = 0; i < TILE_WIDTH; i++) {
    const uint64_t pos = tile * TILE_WIDTH + i, mixed = pos * 0x9e3779b97f4a7c15U;
    leaves.of[i] = (struct keep_leaf){.stream = {all.codes[(mixed >> 32) % all.count], 0},
                                      .seq = pos / all.count + 1,
                                      .received_ms = 1795316000000 + (int64_t)(pos * 500 + mixed % 400),
                                      .is_signed = true};
    memcpy(leaves.of[i].hash.bytes, &mixed, sizeof mixed);
  }
}

static uint64_t keep(uint64_t tiles)
{
  struct buf body = BUF_INIT, none = BUF_INIT;
  struct merkle_hash root;
  uint64_t own = 0;
  for (uint64_t n = 0; n < tiles; n++) {
    make_leaves(n);
    keep_leaves_root(&root, &leaves);
    buf_clear(&body);
    tiles_encode_hashes(&body, n * TILE_WIDTH, &root, 1, 0, 0);
    take(&body);
    if (!keepers_have(&all, n, all.codes[0])) continue;
    buf_clear(&body);
    tiles_encode_leaves(&body, n * TILE_WIDTH, &leaves, 0, &none);
    take(&body);
    own++;
  }
  buf_wipe(&body);
  return own;
}

int main(int argc, char **argv)
{
  const uint64_t tiles = argc > 1 ? strtoull(argv[1], NULL, 10) : 4000;
  const uint32_t branches = argc > 2 ? (uint32_t)strtoul(argv[2], NULL, 10) : 90;
  char path[] = "/tmp/keep_bench-XXXXXX";
  struct err err = ERR_INIT;
  if (branches == 0 || branches > KEEPERS_MAX || tiles == 0 || mkstemp(path) < 0) return 2;
  for (all.count = 0; all.count < branches; all.count++)
    all.codes[all.count] = 330101 + all.count;
  must(db_open(&db, path, DB_CREATE, &err) &&
           migrate(db, "sync", sync_migrations, sync_migrations_count, &err) && db_begin(db, &err),
       &err);
  const uint64_t own = keep(tiles);
  must(db_commit(db, &err), &err);
  const double entries = (double)tiles * TILE_WIDTH;
  const double list = (double)number("SELECT sum(pgsize) FROM dbstat WHERE name = 'sync_keep_tile'");
  printf("%.0f entries of %u branches, %llu of %llu tiles are its own: %.2f bytes an entry on its disk; a "
         "mirror of an"
         " earlier version: 24\n",
         entries, branches, (unsigned long long)own, (unsigned long long)tiles, list / entries);
  db_close(db);
  (void)unlink(path);
  return 0;
}
