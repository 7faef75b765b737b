/* push_bench.c - one-row entries from a real node over real TLS into the hub's durable, logged, applied
 * state, against a bare floor, in one run on one disk.
 *
 * The node has N entries and a line that is held shut; the clock runs from the moment it opens (the handshake
 * and HELLO included) until the node holds the province's receipt for the last entry.  The floor then writes
 * the same records and rows with a SHA-256 chain, one log insert and one row insert an entry, a transaction
 * every 1024: no signatures, no wire, no scopes, no TLS.
 * usage: push_bench [ENTRIES [FOLDER [ROWS]]]   (10000, /tmp)   goal: >= 75 % of 10,000, >= 70 % of 100,000
 * ROWS: a file that gets the rows, a JSON array of values a line, for tests/bench/peers. */
#include "core/base/changes.h"
#include "core/base/clock.h"
#include "program/app.h"
#include "sync/batch.h"
#include "sync/streams.h"
#include "tests/process/fill.h"
#include "tests/process/relay.h"
#include "tests/process/rig.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { BRANCH = 330127, IDLE_MS = 10000 };

static const struct stream own = {BRANCH, 0};
static struct rig rig;
static struct program hub, node;

static void must(bool ok, const struct err *err)
{
  if (!ok) rig_fail("%s", err->text);
}

static struct db *look_into(const char *file)
{
  char path[RIG_PATH_MAX];
  struct err err = ERR_INIT;
  struct db *db = NULL;
  must(db_open(&db, rig_path(&rig, file, path), DB_READ, &err), &err);
  return db;
}

static int64_t number(struct db *db, const char *sql)
{
  struct err err = ERR_INIT;
  int64_t n = 0;
  must(db_int(db, sql, 0, &n, &err), &err);
  return n;
}

static void wait_acked(struct db *db, uint64_t through)
{
  struct err err = ERR_INIT;
  uint64_t seq = 0;
  int64_t ms = 0;
  for (int64_t begun = rig_now_us(); seq < through; rig_sleep_ms(1)) {
    must(stream_acked(db, own, &seq, &ms, &err), &err);
    if (rig_now_us() - begun > 300 * 1000000LL)
      rig_fail("acknowledged through %llu of %llu", (unsigned long long)seq, (unsigned long long)through);
  }
}

static void wait_catalogue(void)
{
  struct db *at_node = look_into("node/store.db"), *at_hub = look_into("hub/store.db");
  while (number(at_node, "SELECT count(*) FROM product") != number(at_hub, "SELECT count(*) FROM product"))
    rig_sleep_ms(10);
  rig_sleep_ms(300);
  db_close(at_node);
  db_close(at_hub);
}

static uint8_t chain[HASH_SIZE];
static int64_t pos;

static bool floor_entry(struct db *db, const struct batch_entry *entry, struct err *err)
{
  sha256_two(chain, chain, sizeof chain, entry->record, entry->record_size);
  struct query q = query_open(db, "INSERT INTO log(pos, record, payload) VALUES(?1, ?2, ?3)", err);
  query_int(&q, 1, pos++);
  query_blob(&q, 2, entry->record, entry->record_size);
  query_blob(&q, 3, entry->payload, entry->payload_size);
  if (!query_run(&q)) return false;
  struct changes walk = changes_of(entry->payload, entry->payload_size);
  struct change change;
  if (!changes_next(&walk, &change, err)) return false;
  q = query_open(db, "INSERT INTO price VALUES(?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,?11,?12,?13,?14,?15,?16)", err);
  for (int i = 0; i < change.columns; i++)
    query_value(&q, i + 1, &change.after[i]);
  return query_run(&q);
}

/* The same entries, read back from the node's own journal; reading is not timed. */
static double floor_s(struct db *from)
{
  char path[RIG_PATH_MAX];
  struct err err = ERR_INIT;
  struct data_dir dir;
  struct db *bare = NULL;
  int64_t spent_us = 0;
  must(data_dir_open(&dir, rig_path(&rig, "bare", path), DATA_DIR_CREATE, &err), &err);
  must(app_migrate(&dir, NULL, &err), &err);
  must(db_open(&bare, rig_path(&rig, "bare/store.db", path), DB_WRITE, &err), &err);
  must(db_exec(bare, "CREATE TABLE log(pos INTEGER PRIMARY KEY, record BLOB, payload BLOB) STRICT", &err),
       &err);
  for (uint64_t after = 0;;) {
    struct buf bytes = BUF_INIT;
    struct batch *batch = NULL;
    must(store_batch_read(from, own, after, NULL, NULL, &bytes, &err), &err);
    if (bytes.size == 0) break;
    must(batch_open(&batch, bytes.data, bytes.size, &err), &err);
    int64_t begun = rig_now_us();
    must(db_begin(bare, &err), &err);
    for (uint32_t i = 0; i < batch->head.count; i++)
      must(floor_entry(bare, &batch->entries[i], &err), &err);
    must(db_commit(bare, &err), &err);
    spent_us += rig_now_us() - begun;
    after = batch_last_seq(&batch->head);
    batch_close(batch);
    buf_wipe(&bytes);
  }
  db_close(bare);
  data_dir_close(&dir);
  return (double)spent_us / 1e6;
}

static void write_rows(struct db *db, const char *path)
{
  struct err err = ERR_INIT;
  FILE *out = fopen(path, "we");
  if (!out) rig_fail("cannot write %s", path);
  struct query q = query_open(
      db,
      "SELECT json_array(branch, id, no, product, price_fen, unit, qty_milli, supplier, source,"
      " observed_date, note, replaces, void, outlier, actor, at_ms) FROM price ORDER BY branch, id",
      &err);
  while (query_row(&q))
    fprintf(out, "%s\n", column_text(&q, 0));
  must(query_close(&q), &err);
  if (fclose(out) != 0) rig_fail("cannot write %s", path);
}

static void set_up(const char *where)
{
  char path[RIG_PATH_MAX];
  rig_open(&rig, where);
  rig_init(&rig);
  rig_start_hub(&rig, &hub);
  rig_enroll(&rig, "node", BRANCH);
  FILE *conf = fopen(rig_path(&rig, "node/sunlit.conf", path), "we");
  fputs("[node]\nhello_s = 2\n", conf);
  fclose(conf);
  rig_start_node(&rig, &node, "node", hub.sync_port);
  wait_catalogue();
  rig_stop(&node);
}

int main(int argc, char **argv)
{
  int entries = argc > 1 ? atoi(argv[1]) : 10000;
  uint64_t up = 0, down = 0;
  struct err err = ERR_INIT;
  must(crypto_start(&err), &err);
  set_up(argc > 2 ? argv[2] : NULL);
  printf("node commits        %8.0f entries/s, in memory\n", fill_node(&rig, "node", entries));
  struct relay *relay = relay_open(hub.sync_port);
  rig_start_node(&rig, &node, "node", relay_port(relay));
  struct db *db = look_into("node/store.db");
  struct head head;
  must(stream_head(db, own, &head, &err), &err);
  rig_sleep_ms(200); /* it has dialled and waits */
  int64_t begun = rig_now_us();
  relay_release(relay);
  wait_acked(db, head.seq);
  double push_s = (double)(rig_now_us() - begun) / 1e6;
  relay_count(relay, &up, &down);
  printf("%llu entries acknowledged in %.3f s\n", (unsigned long long)head.seq, push_s);
  printf("over the line       %8.0f entries/s, %.1f bytes up and %.2f down each, TLS included\n",
         (double)head.seq / push_s, (double)up / (double)head.seq, (double)down / (double)head.seq);
  rig_sleep_ms(3000);
  relay_count(relay, &up, &down);
  rig_sleep_ms(IDLE_MS);
  relay_count(relay, &up, &down);
  printf("idle                %8.0f bytes a round trip, both ways, TLS included\n",
         (double)(up + down) / (IDLE_MS / 1000));
  printf("memory              node %ld KB (peak %ld), hub %ld KB (peak %ld)\n", rig_memory_kb(&node, false),
         rig_memory_kb(&node, true), rig_memory_kb(&hub, false), rig_memory_kb(&hub, true));
  rig_stop(&node);
  rig_stop(&hub);
  double floor = floor_s(db);
  printf("bare floor          %8.0f entries/s\nratio               %.1f %% of the floor\n",
         (double)head.seq / floor, 100 * floor / push_s);
  if (argc > 3) write_rows(db, argv[3]);
  db_close(db);
  rig_close(&rig);
  return 0;
}
