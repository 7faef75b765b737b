#include "tests/process/fill.h"

#include "core/base/clock.h"
#include "program/app.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void must(bool ok, const struct err *err)
{
  if (!ok) rig_fail("%s", err->text);
}

/* splitmix64: a fixed sequence without a pattern a compressor could find. */
static uint64_t noise_of(uint64_t n)
{
  uint64_t z = (n + 1) * UINT64_C(0x9e3779b97f4a7c15);
  z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
  z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
  return z ^ z >> 31;
}

static int64_t products[4096];
static size_t product_count;

static void load_products(const char *path)
{
  struct err err = ERR_INIT;
  struct db *db = NULL;
  must(db_open(&db, path, DB_READ, &err), &err);
  struct query q = query_open(db, "SELECT id FROM product ORDER BY id", &err);
  for (product_count = 0; query_row(&q) && product_count < sizeof products / sizeof *products;)
    products[product_count++] = column_int(&q, 0);
  must(query_close(&q), &err);
  db_close(db);
  if (!product_count) rig_fail("%s has no catalogue yet", path);
}

/* A price as people record it: about 122 bytes of content. */
static bool record_price(struct tx *tx, void *ctx, struct err *err)
{
  static const char *const units[] = {"kg", "斤", "箱", "只"}, *const sources[] = {"settled", "quoted",
                                                                                   "market"};
  const int n = *(const int *)ctx;
  const uint64_t noise = noise_of((uint64_t)n);
  int64_t id;
  snprintf(tx->subject, sizeof tx->subject, "JG%u-202611-%04d", tx->author, n);
  if (!tx_id(tx, SCOPE_BRANCH, &id, err)) return false;
  struct query q =
      query_open(tx->db,
                 "INSERT INTO price(branch, id, no, product, price_fen, unit, qty_milli, supplier,"
                 " source, observed_date, note, replaces, void, outlier, actor, at_ms)"
                 " VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, NULL, ?8, 20261124, ?9, NULL, 0, 0, ?10, ?11)",
                 err);
  query_int(&q, 1, tx->author);
  query_int(&q, 2, id);
  query_text(&q, 3, tx->subject);
  query_int(&q, 4, products[(noise >> 40) % product_count]);
  query_int(&q, 5, 300 + (int64_t)(noise >> 20) % 9000);
  query_text(&q, 6, units[noise >> 62]);
  query_int(&q, 7, (1 + (int64_t)(noise >> 50) % 60) * 500);
  query_text(&q, 8, sources[(noise >> 58) % 3]);
  query_text(&q, 9, noise % 4 ? "" : "送货上门，品质稳定");
  query_text(&q, 10, tx->actor);
  query_int(&q, 11, tx->now_ms);
  return query_run(&q);
}

/* In memory, where a flush costs nothing, then copied to the disk the run is about. */
double fill_node(const struct rig *rig, const char *name, int entries)
{
  char path[RIG_PATH_MAX], file[RIG_PATH_MAX], inside[64];
  struct err err = ERR_INIT;
  struct data_dir dir;
  struct data_dir fast = {.lock = -1};
  snprintf(fast.path, sizeof fast.path, "/dev/shm/sunlit-push-XXXXXX");
  if (!mkdtemp(fast.path)) rig_fail("no folder in /dev/shm");
  struct identity identity;
  struct store *store = NULL;
  snprintf(inside, sizeof inside, "%s/store.db", name);
  must(data_dir_open(&dir, rig_path(rig, name, path), DATA_DIR_LOCKED, &err), &err);
  must(identity_read(&dir, "keys", &identity, &err), &err);
  rig_copy(rig_path(rig, inside, path), data_dir_path(&fast, "store.db", file));
  load_products(file);
  must(app_store_open(&store, &fast, &identity, &err), &err);
  store_listen(store, false);
  int64_t begun = rig_now_us();
  for (int i = 0; i < entries; i++) {
    const struct act act = {.actor = "officer",
                            .role = "officer",
                            .action = "price.add",
                            .now_ms =
                                clock_wall_ms() + 40000LL * i + (int64_t)(noise_of((uint64_t)i) % 36000)};
    must(store_commit(store, &act, record_price, &i, NULL, &err), &err);
  }
  double s = (double)(rig_now_us() - begun) / 1e6;
  store_close(store);
  rig_copy(file, path);
  unlink(file);
  rmdir(fast.path);
  data_dir_close(&dir);
  return entries / s;
}
