/* apply_bench.c - what the hub does with one-row entries from a node, from the bytes of a batch to a
 * committed transaction, against a bare floor: a SHA-256 chain over records of the same size, one log insert
 * and one row insert an entry, one transaction a batch.  Same rows, same batches, same run, in turns. usage:
 * apply_bench [ENTRIES]   (10000)                    goal: >= 60 % */
#include "fixture.h"

#include "core/base/changes.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static double now_s(void)
{
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static uint8_t chain[HASH_SIZE];
static int64_t pos;

/* The floor knows the row already: it binds the changeset's values and nothing else. */
static bool floor_entry(struct db *db, const struct batch_entry *entry)
{
  sha256_two(chain, chain, sizeof chain, entry->record, entry->record_size);
  struct query q = query_open(db, "INSERT INTO log(pos, record, payload) VALUES(?1, ?2, ?3)", NULL);
  query_int(&q, 1, pos++);
  query_blob(&q, 2, entry->record, entry->record_size);
  query_blob(&q, 3, entry->payload, entry->payload_size);
  if (!query_run(&q)) return false;
  struct changes walk = changes_of(entry->payload, entry->payload_size);
  struct change change;
  if (!changes_next(&walk, &change, NULL)) return false;
  q = query_open(
      db, "INSERT INTO price VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16)",
      NULL);
  for (int i = 0; i < change.columns; i++)
    query_value(&q, i + 1, &change.after[i]);
  return query_run(&q);
}

static void floor_batch(struct db *db, const struct batch *batch)
{
  bool ok = db_begin(db, NULL);
  for (uint32_t i = 0; ok && i < batch->head.count; i++)
    ok = floor_entry(db, &batch->entries[i]);
  if (!ok || !db_commit(db, NULL)) abort();
}

int main(int argc, char **argv)
{
  int entries = argc > 1 ? atoi(argv[1]) : 10000;
  struct site node, hub;
  struct db *bare = NULL;
  char path[160];
  fixture_begin();
  site_open(&node, "node", CHUNAN, 1);
  site_open(&hub, "hub", PROVINCE, 1);
  sites_meet(&hub, &node);
  snprintf(path, sizeof path, "%s/bare.db", fixture_folder());
  site_migrate(path);
  if (!db_open(&bare, path, DB_WRITE, NULL) ||
      !db_exec(bare, "CREATE TABLE log(pos INTEGER PRIMARY KEY, record BLOB, payload BLOB) STRICT", NULL))
    return 1;
  for (int i = 0; i < entries; i++)
    site_record_price(&node, i);
  if (!store_sign_head(node.store, FIXTURE_NOW_MS, NULL)) return 1;

  double floor_s = 0, open_s = 0, apply_s = 0;
  uint64_t after = 0, bytes_total = 0;
  int batches = 0;
  for (;;) {
    struct buf bytes = BUF_INIT;
    struct batch *batch = NULL;
    struct apply_result result;
    if (!store_batch_read(node.reader, (struct stream){CHUNAN, 0}, after, NULL, NULL, &bytes, NULL)) return 1;
    if (bytes.size == 0) break;
    double t0 = now_s();
    if (!batch_accept(&batch, hub.reader, bytes.data, bytes.size, NULL)) return 1;
    double t1 = now_s();
    if (!store_apply(hub.store, &batch, 1, FIXTURE_NOW_MS, &result, NULL) || result.quarantined) return 1;
    double t2 = now_s();
    floor_batch(bare, batch);
    floor_s += now_s() - t2;
    open_s += t1 - t0;
    apply_s += t2 - t1;
    after = batch_last_seq(&batch->head);
    bytes_total += bytes.size;
    batches++;
    batch_close(batch);
    buf_wipe(&bytes);
  }
  printf("%llu entries in %d batches, %.1f bytes each on the wire\n", (unsigned long long)after, batches,
         (double)bytes_total / (double)after);
  printf("bare floor          %8.0f entries/s\n", (double)after / floor_s);
  printf("open and verify     %8.0f entries/s (in connection threads)\n", (double)after / open_s);
  printf("apply               %8.0f entries/s\n", (double)after / apply_s);
  printf("both, one thread    %8.0f entries/s\n", (double)after / (open_s + apply_s));
  printf("ratio               %.1f %% of the floor (goal >= 60 %%); apply alone %.1f %%\n",
         100 * floor_s / (open_s + apply_s), 100 * floor_s / apply_s);
  db_close(bare);
  fixture_pair_end(&hub, &node);
  return 0;
}
