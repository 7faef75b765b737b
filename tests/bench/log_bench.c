/* log_bench.c - what the transparency log costs.
 * usage: log_bench ingest [ENTRIES]    its share of the hub's time, by how many entries share a transaction
 * (20000) log_bench proofs [LEAVES]     bytes of proofs in a tree of that size (1000000) log_bench measure
 * COMMAND...  a program's seconds, processor seconds and peak memory in KiB tests/bench/log puts them into
 * one table. */
#include "fixture.h"

#include "sync/log_message.h"
#include "sync/proof.h"
#include "sync/store_log.h"
#include "sync/tlog.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static double now_s(void)
{
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* ---- ingest: the linker leads the store's calls of the log through here ---- */

static double log_s;

bool __real_tlog_integrate(struct db *db, struct err *err);
bool __wrap_tlog_integrate(struct db *db, struct err *err);
bool __real_tlog_sign(struct db *db, const char *origin, const uint8_t secret[SECRET_SIZE], int64_t now_ms,
                      struct err *err);
bool __wrap_tlog_sign(struct db *db, const char *origin, const uint8_t secret[SECRET_SIZE], int64_t now_ms,
                      struct err *err);

bool __wrap_tlog_integrate(struct db *db, struct err *err)
{
  double begun = now_s();
  bool ok = __real_tlog_integrate(db, err);
  log_s += now_s() - begun;
  return ok;
}

bool __wrap_tlog_sign(struct db *db, const char *origin, const uint8_t secret[SECRET_SIZE], int64_t now_ms,
                      struct err *err)
{
  double begun = now_s();
  bool ok = __real_tlog_sign(db, origin, secret, now_ms, err);
  log_s += now_s() - begun;
  return ok;
}

/* Everything of the node's goes to a new hub, `group` batches of `each` entries a transaction and a
 * signature. */
static void ingest(struct site *node, uint64_t entries, uint32_t each, size_t group)
{
  static int hubs;
  char name[24];
  struct site hub;
  uint64_t after = 0;
  double total_s = 0;
  (void)snprintf(name, sizeof name, "hub%d", ++hubs);
  site_open(&hub, name, PROVINCE, 1);
  sites_meet(&hub, node);
  log_s = 0;
  while (after < entries) {
    struct batch *batches[16];
    struct apply_result results[16];
    size_t n = 0;
    for (; n < group && after < entries; n++) {
      batches[n] = site_batch(node, (struct stream){CHUNAN, 0}, after, each);
      after = batch_last_seq(&batches[n]->head);
    }
    double begun = now_s();
    if (!store_apply(hub.store, batches, n, FIXTURE_NOW_MS, results, NULL) ||
        !store_sign_log(hub.store, FIXTURE_NOW_MS, NULL))
      abort();
    total_s += now_s() - begun;
    for (size_t i = 0; i < n; i++)
      batch_close(batches[i]);
  }
  int64_t hashes = site_int(&hub, "SELECT sum(length(hashes)) FROM sync_tile");
  int64_t pages = site_int(&hub, "SELECT sum(pgsize) FROM dbstat WHERE name = 'sync_tile'");
  printf("ingest %5zu entries a transaction: %8.0f entries/s, the log %5.1f %% of it; tiles %.2f bytes an "
         "entry, "
         "%.2f in the database\n",
         each * group, (double)entries / total_s, 100 * log_s / total_s, (double)hashes / (double)entries,
         (double)pages / (double)entries);
  site_close(&hub);
}

static int bench_ingest(int entries)
{
  struct site node;
  fixture_begin();
  site_open(&node, "node", CHUNAN, 1);
  for (int i = 0; i < entries; i++) {
    site_record_price(&node, i);
    /* Signed as often as a batch may be small. */
    if ((i < entries / 20 || i % 64 == 63) && !store_sign_head(node.store, FIXTURE_NOW_MS, NULL)) return 1;
  }
  if (!store_sign_head(node.store, FIXTURE_NOW_MS, NULL)) return 1;
  ingest(&node, (uint64_t)entries / 20, 1, 1);
  ingest(&node, (uint64_t)entries, 64, 1);
  ingest(&node, (uint64_t)entries, 1024, 1);
  ingest(&node, (uint64_t)entries, 1024, 4);
  site_close(&node);
  fixture_end();
  return 0;
}

/* ---- proofs ---- */

/* A tree in memory: the hashes of every level, each half as many as the one below. */
struct levels {
  struct merkle_hash *hashes[64];
};

static bool level_hash(void *ctx, unsigned level, uint64_t n, struct merkle_hash *out, struct err *err)
{
  (void)err;
  *out = ((struct levels *)ctx)->hashes[level][n];
  return true;
}

static void grow(struct levels *tree, uint64_t size)
{
  tree->hashes[0] = calloc(size, sizeof *tree->hashes[0]);
  for (uint64_t i = 0; i < size; i++)
    merkle_leaf(&tree->hashes[0][i], &i, sizeof i);
  for (unsigned level = 1; size >> level > 0; level++) {
    tree->hashes[level] = calloc(size >> level, sizeof *tree->hashes[level]);
    for (uint64_t i = 0; i < size >> level; i++)
      merkle_node(&tree->hashes[level][i], &tree->hashes[level - 1][2 * i],
                  &tree->hashes[level - 1][2 * i + 1]);
  }
}

struct sum {
  double total;
  size_t most;
  size_t count;
};

static void add(struct sum *sum, size_t bytes)
{
  sum->total += (double)bytes;
  sum->count++;
  if (bytes > sum->most) sum->most = bytes;
}

static void tell(const char *what, const struct sum *sum)
{
  printf("%-44s %7.0f bytes on average, %5zu at most\n", what, sum->total / (double)sum->count, sum->most);
}

static int bench_proofs(uint64_t size)
{
  static struct levels tree;
  struct merkle_source source = {level_hash, &tree};
  struct merkle_proof proof;
  struct sum path = {0}, consistency = {0}, batch = {0}, file = {0};
  static const char note[] = "330000.sunlit/log\n1000000\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n\n";
  uint64_t at = 1;
  grow(&tree, size);
  for (int i = 0; i < 20000; i++) {
    struct buf text = BUF_INIT;
    at = (at * 6364136223846793005U + 1442695040888963407U);
    uint64_t index = (at >> 11) % size;
    if (!merkle_prove_inclusion(&source, index, size, &proof, NULL)) return 1;
    add(&path, proof.count * HASH_SIZE);
    proof_encode(&text, index, &proof, note, sizeof note - 1);
    add(&file, text.size);
    buf_wipe(&text);
    if (!merkle_prove_consistency(&source, index + 1, size, &proof, NULL)) return 1;
    add(&consistency, proof.count * HASH_SIZE);
    uint64_t first = index + 1024 < size ? index : size - 1024;
    if (!merkle_prove_range(&source, first, 1024, size, &proof, NULL)) return 1;
    add(&batch, proof.count * HASH_SIZE);
  }
  printf("proofs in a log of %llu entries\n", (unsigned long long)size);
  tell("inclusion of one entry", &path);
  tell("  as a tlog-proof file, without signatures", &file);
  tell("consistency with an older checkpoint", &consistency);
  tell("a batch of 1,024 entries, all of them", &batch);
  return 0;
}

/* ---- measure ---- */

static int measure(char **command)
{
  struct rusage used;
  int status = 0;
  double begun = now_s();
  pid_t child = fork();
  if (child == 0) {
    execvp(command[0], command);
    _exit(127);
  }
  if (child < 0 || wait4(child, &status, 0, &used) != child) return 1;
  double cpu = (double)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) +
               (double)(used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1e6;
  fprintf(stderr, "measured %.3f %.3f %ld\n", now_s() - begun, cpu, used.ru_maxrss);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}

int main(int argc, char **argv)
{
  const char *mode = argc > 1 ? argv[1] : "";
  if (strcmp(mode, "ingest") == 0) return bench_ingest(argc > 2 ? atoi(argv[2]) : 20000);
  if (strcmp(mode, "proofs") == 0) return bench_proofs(argc > 2 ? strtoull(argv[2], NULL, 10) : 1000000);
  if (strcmp(mode, "measure") == 0 && argc > 2) return measure(argv + 2);
  fprintf(stderr, "usage: log_bench ingest [ENTRIES] | proofs [LEAVES] | measure COMMAND...\n");
  return 2;
}
