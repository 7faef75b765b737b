#include "fixture.h"

#include "core/base/crypto.h"
#include "core/base/log.h"
#include "sync/store_keys.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char folder[80];

static const char schema_sql[] =
    "CREATE TABLE price(branch INTEGER NOT NULL, id INTEGER NOT NULL, no TEXT NOT NULL, product INTEGER NOT "
    "NULL,"
    " price_fen INTEGER NOT NULL CHECK(price_fen BETWEEN 1 AND 100000000), unit TEXT NOT NULL, qty_milli "
    "INTEGER,"
    " supplier INTEGER, source TEXT NOT NULL, observed_date INTEGER NOT NULL, note TEXT NOT NULL, replaces "
    "INTEGER,"
    " void INTEGER NOT NULL, outlier INTEGER NOT NULL, actor TEXT NOT NULL, at_ms INTEGER NOT NULL,"
    " PRIMARY KEY(branch, id)) STRICT, WITHOUT ROWID;"
    "CREATE TABLE stock(branch INTEGER NOT NULL, id INTEGER NOT NULL, what TEXT NOT NULL, qty INTEGER NOT "
    "NULL"
    " CHECK(qty >= 0), PRIMARY KEY(branch, id)) STRICT;"
    "CREATE TABLE product(id INTEGER PRIMARY KEY, name TEXT NOT NULL, unit TEXT NOT NULL, note TEXT, rank "
    "REAL)"
    " STRICT;"
    "CREATE UNIQUE INDEX product_name ON product(name);"
    "CREATE TABLE decision(branch INTEGER NOT NULL, id INTEGER NOT NULL, verdict TEXT NOT NULL, PRIMARY "
    "KEY(branch,"
    " id)) STRICT;"
    "CREATE TABLE draft(id INTEGER PRIMARY KEY, text TEXT NOT NULL) STRICT;"
    "INSERT INTO table_scope(name, scope, append_only) VALUES('price', 'branch', 1), ('stock', 'branch', 0),"
    " ('product', 'shared', 0), ('decision', 'directed', 1);";

void fixture_begin(void)
{
  assert_true(crypto_start(NULL));
  log_quiet(true);
  const char *base = getenv("TMPDIR");
  snprintf(folder, sizeof folder, "%.40s/sunlit-test-XXXXXX", base ? base : "/tmp");
  assert_non_null(mkdtemp(folder));
}

void fixture_end(void)
{
  char command[160];
  snprintf(command, sizeof command, "rm -rf %s", folder);
  assert_int_equal(system(command), 0);
}

const char *fixture_folder(void)
{
  return folder;
}

static void must(bool ok, const struct err *err)
{
  if (!ok) print_message("%s: %s\n", err->rule, err->text);
  assert_true(ok);
}

void site_key(uint32_t author, uint32_t epoch, uint8_t public_key[PUBLIC_SIZE], uint8_t secret[SECRET_SIZE])
{
  uint8_t seed[SEED_SIZE] = {0};
  memcpy(seed, &author, sizeof author);
  memcpy(seed + 4, &epoch, sizeof epoch);
  sign_pair_of_seed(public_key, secret, seed);
}

void site_migrate(const char *path)
{
  struct err err = ERR_INIT;
  struct db *db = NULL;
  const struct migration domain[] = {{.number = 1, .sql = schema_sql}};
  must(db_open(&db, path, DB_CREATE, &err), &err);
  must(migrate(db, "sync", sync_migrations, sync_migrations_count, &err), &err);
  must(migrate(db, "domain", domain, 1, &err), &err);
  db_close(db);
}

void site_open(struct site *site, const char *name, uint32_t author, uint32_t epoch)
{
  memset(site, 0, sizeof *site);
  snprintf(site->path, sizeof site->path, "%s/%s.db", folder, name);
  site->author = author;
  site->epoch = epoch;
  site_migrate(site->path);
  site->config = (struct store_config){.path = site->path,
                                       .author = author,
                                       .province = PROVINCE,
                                       .epoch = epoch,
                                       .schema = 1,
                                       .now_ms = FIXTURE_NOW_MS};
  site_key(author, epoch, site->public_key, site->config.secret);
  site_reopen(site);
}

void site_close(struct site *site)
{
  store_close(site->store);
  db_close(site->reader);
  site->store = NULL;
  site->reader = NULL;
}

void site_reopen(struct site *site)
{
  struct err err = ERR_INIT;
  site_close(site);
  must(store_open(&site->store, &site->config, &err), &err);
  must(db_open(&site->reader, site->path, DB_READ, &err), &err);
}

void sites_meet(struct site *hub, struct site *node)
{
  struct err err = ERR_INIT;
  struct key key = {.author = node->author, .epoch = node->epoch, .since_ms = FIXTURE_NOW_MS};
  memcpy(key.public_key, node->public_key, PUBLIC_SIZE);
  must(store_key_add(hub->store, &key, &err), &err);
  key = (struct key){.author = hub->author, .epoch = hub->epoch, .since_ms = FIXTURE_NOW_MS};
  memcpy(key.public_key, hub->public_key, PUBLIC_SIZE);
  must(store_key_add(node->store, &key, &err), &err);
}

void fixture_pair(struct site *hub, struct site *node)
{
  fixture_begin();
  site_open(hub, "hub", PROVINCE, 1);
  site_open(node, "node", CHUNAN, 1);
  sites_meet(hub, node);
}

void fixture_pair_end(struct site *hub, struct site *node)
{
  site_close(hub);
  site_close(node);
  fixture_end();
}

/* splitmix64: a fixed sequence without a pattern that a compressor could find. */
static uint64_t noise_of(uint64_t n)
{
  uint64_t z = (n + 1) * UINT64_C(0x9e3779b97f4a7c15);
  z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
  z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
  return z ^ z >> 31;
}

bool price_insert(struct tx *tx, int n, struct err *err)
{
  static const char *const units[] = {"kg", "斤", "箱", "只"};
  static const char *const sources[] = {"settled", "quoted", "market"};
  int64_t id = 0;
  if (!tx_id(tx, SCOPE_BRANCH, &id, err)) return false;
  snprintf(tx->subject, sizeof tx->subject, "JG%u-202611-%04d", tx->author, n);
  struct query q =
      query_open(tx->db,
                 "INSERT INTO price VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?13, NULL, 0, 0,"
                 " ?11, ?12)",
                 err);
  uint64_t noise = noise_of((uint64_t)n);
  query_int(&q, 1, tx->author);
  query_int(&q, 2, id);
  query_text(&q, 3, tx->subject);
  query_int(&q, 4, 1 + (int64_t)(noise >> 40) % 542);
  query_int(&q, 5, 300 + (int64_t)(noise >> 20) % 9000);
  query_text(&q, 6, units[noise >> 62]);
  query_int(&q, 7, (1 + (int64_t)(noise >> 50) % 60) * 500);
  query_int(&q, 8, 1 + (int64_t)(noise >> 30) % 120);
  query_text(&q, 9, sources[(noise >> 58) % 3]);
  query_int(&q, 10, 20261124);
  query_text(&q, 11, tx->actor);
  query_int(&q, 12, tx->now_ms);
  query_text(&q, 13, noise % 4 ? "" : "送货上门，品质稳定");
  return query_run(&q);
}

static bool one_price(struct tx *tx, void *ctx, struct err *err)
{
  return price_insert(tx, *(int *)ctx, err);
}

void site_record_price(struct site *site, int n)
{
  struct err err = ERR_INIT;
  struct act act = {.actor = "officer",
                    .role = "officer",
                    .action = "price.record",
                    .now_ms = FIXTURE_NOW_MS + 40000LL * n + (int64_t)(noise_of((uint64_t)n) % 36000)};
  must(store_commit(site->store, &act, one_price, &n, NULL, &err), &err);
}

static bool run_sql(struct tx *tx, void *ctx, struct err *err)
{
  return db_exec(tx->db, ctx, err);
}

bool site_commit(struct site *site, uint32_t lane, const char *sql, struct done *done, struct err *err)
{
  struct act act = {
      .actor = "officer", .role = "officer", .action = "test", .lane = lane, .now_ms = FIXTURE_NOW_MS};
  return store_commit(site->store, &act, run_sql, (void *)(uintptr_t)sql, done, err);
}

bool site_local(struct site *site, const char *sql, struct err *err)
{
  return store_local(site->store, FIXTURE_NOW_MS, run_sql, (void *)(uintptr_t)sql, err);
}

struct batch *site_batch(struct site *from, struct stream stream, uint64_t after_seq, uint32_t entries_max)
{
  struct err err = ERR_INIT;
  struct buf bytes = BUF_INIT;
  struct batch *batch = NULL;
  struct key key;
  struct batch_limits limits = {.entries_max = entries_max};
  if (from->store) must(store_sign_head(from->store, FIXTURE_NOW_MS, &err), &err);
  must(store_batch_read(from->reader, stream, after_seq, &limits, NULL, &bytes, &err), &err);
  if (bytes.size == 0) return NULL;
  must(batch_open(&batch, bytes.data, bytes.size, &err), &err);
  must(key_get(from->reader, batch->head.stream.author, batch->head.epoch, &key, &err), &err);
  must(batch_verify(batch, key.public_key, &err), &err);
  buf_wipe(&bytes);
  return batch;
}

struct apply_result site_apply(struct site *to, struct batch *batch)
{
  struct err err = ERR_INIT;
  struct apply_result result;
  must(store_apply(to->store, &batch, 1, FIXTURE_NOW_MS, &result, &err), &err);
  return result;
}

struct apply_result site_pull(struct site *to, struct site *from, struct stream stream)
{
  struct apply_result result = {.outcome = OUTCOME_REPLAY};
  struct err err = ERR_INIT;
  struct head head;
  for (;;) {
    must(stream_head(to->reader, stream, &head, &err), &err);
    struct batch *batch = site_batch(from, stream, head.seq, 0);
    if (!batch) return result;
    result = site_apply(to, batch);
    batch_close(batch);
    if (result.outcome != OUTCOME_TAKEN) return result;
  }
}

int64_t site_int(struct site *site, const char *sql)
{
  struct err err = ERR_INIT;
  int64_t v = 0;
  must(db_int(site->reader, sql, -1, &v, &err), &err);
  return v;
}

bool site_verifies(struct site *site)
{
  struct err err = ERR_INIT;
  struct verify_report report;
  must(store_verify(site->path, &report, &err), &err);
  if (report.faults) print_message("%.*s", (int)report.text.size, (const char *)report.text.data);
  buf_wipe(&report.text);
  return report.faults == 0;
}
