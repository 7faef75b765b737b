/* history_fill.c - the past of a province: entries that came one at a time, each its own commit and its own
 * checkpoint, from branches at random, spread over ten years up to now.
 *
 * Into the directory of a hub that `sunlit-hub init` made and nobody runs.  The branches are counties of its
 * own list whose keys only this program has: three prices to a rating, as people record them.  Prints a line
 * a tenth of the way.  usage: history_fill DIR ENTRIES [BRANCHES [AT-ONCE]]   (90, 1: entries a commit) */
#include "core/base/capture.h"
#include "core/base/clock.h"
#include "core/domain/describe.h"
#include "program/app.h"
#include "sync/apply.h"
#include "sync/batch.h"
#include "sync/store_keys.h"
#include "sync/store_log.h"
#include "sync/streams.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { BRANCHES_MAX = 90, AT_ONCE_MAX = 1024, PRODUCTS_MAX = 4096, SUPPLIER = 1 };
static const int64_t TEN_YEARS_MS = INT64_C(3652) * 86400 * 1000;

struct branch {
  uint32_t code;
  uint8_t public_key[PUBLIC_SIZE], secret[SECRET_SIZE];
  struct head head;
};

static struct err err = ERR_INIT;
static struct store *store;
static struct db *scratch; /* where a row is written to become a changeset */
static struct capture *capture;
static struct branch branches[BRANCHES_MAX];
static int64_t products[PRODUCTS_MAX];
static size_t branch_count, product_count;

static void must(bool ok)
{
  if (ok) return;
  fprintf(stderr, "history_fill: %s %s\n", err.rule, err.text);
  exit(1);
}

/* splitmix64: the same history every time. */
static uint64_t noise_of(uint64_t n)
{
  uint64_t z = (n + 1) * UINT64_C(0x9e3779b97f4a7c15);
  z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
  z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
  return z ^ z >> 31;
}

static double now_s(void)
{
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* ---- what there is to begin with ---- */

static bool supplier_work(struct tx *tx, void *ctx, struct err *why)
{
  (void)ctx;
  return db_exec(tx->db,
                 "INSERT INTO supplier VALUES(1, '91330127MA27XG7N4F', '淳安渔业', 330127, '', '', '', 0,"
                 " 'active', '', 1, 'seed', 1) ON CONFLICT DO NOTHING",
                 why);
}

static void load(struct db *db, size_t wanted)
{
  struct query q = query_open(db, "SELECT id FROM product ORDER BY id", &err);
  while (query_row(&q) && product_count < PRODUCTS_MAX)
    products[product_count++] = column_int(&q, 0);
  must(query_close(&q));
  q = query_open(db, "SELECT code FROM division WHERE level = 'county' ORDER BY code", &err);
  while (query_row(&q) && branch_count < wanted)
    branches[branch_count++].code = (uint32_t)column_int(&q, 0);
  must(query_close(&q));
  for (size_t i = 0; i < branch_count; i++)
    must(stream_head(db, (struct stream){branches[i].code, 0}, &branches[i].head, &err));
}

static void enrol(struct branch *b)
{
  uint8_t seed[SEED_SIZE] = {(uint8_t)(b->code >> 8), (uint8_t)b->code, 9};
  struct key key = {.author = b->code, .epoch = 1, .since_ms = 1};
  sign_pair_of_seed(b->public_key, b->secret, seed);
  memcpy(key.public_key, b->public_key, PUBLIC_SIZE);
  if (b->head.seq == 0) must(store_key_add(store, &key, &err));
}

static void open_scratch(struct db *live)
{
  static const char *const tables[] = {"price", "evaluation"};
  must(db_open(&scratch, "", DB_CREATE, &err));
  struct query q = query_open(
      live, "SELECT sql FROM sqlite_schema WHERE type = 'table' AND name IN ('price', 'evaluation')", &err);
  while (query_row(&q))
    must(db_exec(scratch, column_text(&q, 0), &err));
  must(query_close(&q));
  must(capture_open(&capture, scratch, tables, 2, &err));
}

/* ---- one entry ---- */

static struct query insert_price(uint64_t noise)
{
  static const char *const units[] = {"kg", "斤", "箱", "只"}, *const sources[] = {"settled", "quoted",
                                                                                   "market"};
  struct query q = query_open(scratch,
                              "INSERT INTO price(branch, id, no, product, actor, at_ms, price_fen, unit,"
                              " qty_milli, supplier, source, observed_date, note, replaces, void, outlier)"
                              " VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, NULL, ?10, ?11, ?12, NULL, 0, 0)",
                              &err);
  query_int(&q, 7, 300 + (int64_t)(noise >> 20) % 9000);
  query_text(&q, 8, units[noise >> 62]);
  query_int(&q, 9, (1 + (int64_t)(noise >> 50) % 60) * 500);
  query_text(&q, 10, sources[(noise >> 58) % 3]);
  query_text(&q, 12, noise % 4 ? "" : "送货上门，品质稳定");
  return q;
}

static struct query insert_rating(uint64_t noise)
{
  struct query q =
      query_open(scratch,
                 "INSERT INTO evaluation(branch, id, no, product, actor, at_ms, supplier, quality,"
                 " price, delivery, remark, replaces, void)"
                 " VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, NULL, 0)",
                 &err);
  query_int(&q, 7, SUPPLIER);
  query_int(&q, 8, 1 + (int64_t)(noise >> 20) % 5);
  query_int(&q, 9, 1 + (int64_t)(noise >> 30) % 5);
  query_int(&q, 10, 1 + (int64_t)(noise >> 50) % 5);
  query_text(&q, 11, noise % 4 ? "" : "新鲜，准时");
  return q;
}

static void payload_of(const struct branch *b, uint64_t seq, bool price, uint64_t noise, int64_t now_ms,
                       struct buf *payload, char no[24])
{
  int day = date_of_ms(now_ms);
  snprintf(no, 24, "%s%u-%06d-%04llu", price ? "JG" : "PJ", b->code, day / 100,
           (unsigned long long)seq % 10000);
  must(db_begin(scratch, &err));
  capture_begin(capture);
  struct query q = price ? insert_price(noise) : insert_rating(noise);
  query_int(&q, 1, b->code);
  query_int(&q, 2, id_of(1, seq, 0));
  query_text(&q, 3, no);
  query_int(&q, 4, products[(noise >> 40) % product_count]);
  query_text(&q, 5, "officer");
  query_int(&q, 6, now_ms);
  if (price) query_int(&q, 11, day);
  must(query_run(&q));
  must(capture_end(capture, payload, &err));
  db_rollback(scratch);
}

static void add(struct branch *b, struct batch_writer *writer, const struct batch_head *like, uint64_t n,
                int64_t now_ms)
{
  struct buf payload = BUF_INIT, encoded = BUF_INIT;
  char no[24];
  uint64_t noise = noise_of(n);
  bool price = noise % 4 != 3;
  payload_of(b, b->head.seq + 1, price, noise, now_ms, &payload, no);
  struct record r = {.stream = {b->code, 0},
                     .epoch = 1,
                     .seq = b->head.seq + 1,
                     .schema = like->schema,
                     .hlc = hlc_next(b->head.hlc, now_ms),
                     .actor = name_of("officer"),
                     .action = name_of(price ? "price.add" : "evaluation.add"),
                     .subject = name_of(no),
                     .payload_size = (uint32_t)payload.size};
  memcpy(r.schema_hash, like->schema_hash, SCHEMA_HASH_SIZE);
  memcpy(r.prev, b->head.hash, HASH_SIZE);
  sha256(r.payload_sha256, payload.data, payload.size);
  must(record_encode(&encoded, &r, &err));
  record_hash(b->head.hash, encoded.data, encoded.size);
  b->head.seq++;
  b->head.hlc = r.hlc;
  if (!batch_add(writer, &r, payload.data)) abort();
  buf_wipe(&payload);
  buf_wipe(&encoded);
}

static void commit(struct branch *b, uint64_t n, int at_once, int64_t now_ms)
{
  struct batch_writer *writer = NULL;
  struct batch *batch = NULL;
  struct buf bytes = BUF_INIT;
  struct apply_result result;
  uint8_t signature[SIGNATURE_SIZE];
  struct batch_head head = {.stream = {b->code, 0}, .epoch = 1, .first_seq = b->head.seq + 1};
  store_schema(store, &head.schema, head.schema_hash);
  memcpy(head.prev, b->head.hash, HASH_SIZE);
  must(batch_writer_open(&writer, &head, &err));
  for (int i = 0; i < at_once; i++)
    add(b, writer, &head, n + (uint64_t)i, now_ms);
  head_sign(signature, b->head.hash, b->secret);
  must(batch_finish(writer, signature, &bytes, &err) && batch_open(&batch, bytes.data, bytes.size, &err) &&
       batch_verify(batch, b->public_key, &err) && store_apply(store, &batch, 1, now_ms, &result, &err) &&
       store_sign_log(store, now_ms, &err));
  if (result.taken != (uint32_t)at_once || result.quarantined) {
    fprintf(stderr, "history_fill: %s %s\n", result.reason, result.detail);
    exit(1);
  }
  batch_close(batch);
  batch_writer_close(writer);
  buf_wipe(&bytes);
}

int main(int argc, char **argv)
{
  struct data_dir dir;
  struct identity identity;
  struct db *live = NULL;
  char path[DATA_PATH_MAX];
  if (argc < 3) return 2;
  uint64_t entries = strtoull(argv[2], NULL, 10);
  size_t wanted = argc > 3 ? strtoull(argv[3], NULL, 10) : BRANCHES_MAX;
  int at_once = argc > 4 ? atoi(argv[4]) : 1;
  if (wanted < 1 || wanted > BRANCHES_MAX || at_once < 1 || at_once > AT_ONCE_MAX) return 2;
  setvbuf(stdout, NULL, _IOLBF, 0);
  must(crypto_start(&err) && data_dir_open(&dir, argv[1], DATA_DIR_LOCKED, &err) &&
       identity_read(&dir, "keys", &identity, &err) && app_store_open(&store, &dir, &identity, &err));
  store_listen(store, false);
  int64_t end_ms = clock_wall_ms(), begin_ms = end_ms - TEN_YEARS_MS;
  const struct act act = {.actor = "system", .role = "system", .action = ACTION_SEED, .now_ms = end_ms};
  must(store_commit(store, &act, supplier_work, NULL, NULL, &err));
  must(db_open(&live, data_dir_path(&dir, "store.db", path), DB_READ, &err));
  load(live, wanted);
  open_scratch(live);
  db_close(live);
  for (size_t i = 0; i < branch_count; i++)
    enrol(&branches[i]);
  double begun = now_s(), last = begun;
  uint64_t step = entries / 10 ? entries / 10 : 1;
  for (uint64_t n = 0; n < entries; n += (uint64_t)at_once) {
    int64_t now_ms = begin_ms + (int64_t)((double)TEN_YEARS_MS * (double)n / (double)entries);
    commit(&branches[noise_of(~n) % branch_count], n, at_once, now_ms);
    if ((n + (uint64_t)at_once) / step == n / step) continue;
    double now = now_s();
    printf("%llu entries, the last tenth at %.0f a second\n", (unsigned long long)(n + (uint64_t)at_once),
           (double)step / (now - last));
    last = now;
  }
  printf("filled %llu entries of %zu branches in %.1f s\n", (unsigned long long)entries, branch_count,
         now_s() - begun);
  capture_close(capture);
  db_close(scratch);
  store_close(store);
  data_dir_close(&dir);
  return 0;
}
