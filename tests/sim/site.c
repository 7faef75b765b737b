#include "tests/sim/site.h"

#include "sync/store_keys.h"
#include "sync/streams.h"
#include "sync/verify.h"
#include "sync/withholding.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const struct migration schema[] = {
    {1, "CREATE TABLE price(branch INTEGER NOT NULL, id INTEGER NOT NULL, product INTEGER NOT NULL,"
        " price_fen INTEGER NOT NULL CHECK(price_fen >= 0), PRIMARY KEY(branch, id)) STRICT;"
        "INSERT INTO table_scope(name, scope, append_only) VALUES('price', 'branch', 1);"
        "CREATE TABLE product(id INTEGER PRIMARY KEY NOT NULL, name TEXT NOT NULL) STRICT;"
        "INSERT INTO table_scope(name, scope, append_only) VALUES('product', 'shared', 0);"
        "CREATE TABLE decision(branch INTEGER NOT NULL, id INTEGER NOT NULL, verdict TEXT NOT NULL,"
        " PRIMARY KEY(branch, id)) STRICT;"
        "INSERT INTO table_scope(name, scope, append_only) VALUES('decision', 'directed', 1);"
        "CREATE TABLE security_event(branch INTEGER NOT NULL, id INTEGER NOT NULL, kind TEXT NOT NULL,"
        " actor TEXT NOT NULL, detail TEXT NOT NULL, peer TEXT NOT NULL, count INTEGER NOT NULL,"
        " at_ms INTEGER NOT NULL, PRIMARY KEY(branch, id)) STRICT;"
        "INSERT INTO table_scope(name, scope, append_only) VALUES('security_event', 'branch', 1);"},
};

void must(bool ok, const struct err *err, const char *what)
{
  if (ok) return;
  (void)fprintf(stderr, "%s: %s [%s]\n", what, err ? err->text : "", err ? err->rule : "");
  abort();
}

void site_folder(char out[128])
{
  const char *base = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp";
  (void)snprintf(out, 128, "%s/sunlit-sim-XXXXXX", base);
  must(mkdtemp(out) != NULL, NULL, "a folder for the test");
}

void site_folder_remove(const char *folder)
{
  DIR *dir = opendir(folder);
  struct dirent *entry;
  char path[512];
  while (dir && (entry = readdir(dir))) {
    (void)snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
    if (entry->d_name[0] != '.') (void)unlink(path);
  }
  if (dir) (void)closedir(dir);
  (void)rmdir(folder);
}

static void key_of(uint32_t code, uint32_t epoch, uint8_t public_key[PUBLIC_SIZE],
                   uint8_t secret[SECRET_SIZE])
{
  uint8_t seed[SEED_SIZE] = {0};
  memcpy(seed, &code, sizeof code);
  memcpy(seed + sizeof code, &epoch, sizeof epoch);
  sign_pair_of_seed(public_key, secret, seed);
}

void site_secret(uint32_t code, uint32_t epoch, uint8_t secret[SECRET_SIZE])
{
  uint8_t public_key[PUBLIC_SIZE];
  key_of(code, epoch, public_key, secret);
}

static void site_start(struct site *site, int64_t now_ms)
{
  struct err err = ERR_INIT;
  uint8_t public_key[PUBLIC_SIZE];
  struct store_config config = {.path = site->path,
                                .author = site->code,
                                .province = PROVINCE,
                                .epoch = site->epoch,
                                .schema = SITE_SCHEMA,
                                .base_seq = site->base_seq,
                                .now_ms = now_ms};
  memcpy(config.base_hash, site->base_hash, HASH_SIZE);
  key_of(site->code, site->epoch, public_key, config.secret);
  must(store_open(&site->store, &config, &err), &err, "store_open");
  must(db_open(&site->db, site->path, DB_READ, &err), &err, "db_open");
}

void site_make(struct site *site, const char *folder, uint32_t code, int64_t now_ms)
{
  struct err err = ERR_INIT;
  struct db *db;
  memset(site, 0, sizeof *site);
  (void)snprintf(site->path, sizeof site->path, "%s/%u.db", folder, code);
  site->code = code;
  site->epoch = 1;
  must(db_open(&db, site->path, DB_CREATE, &err), &err, "db_open");
  must(migrate(db, "sync", sync_migrations, sync_migrations_count, &err), &err, "migrate sync");
  must(migrate(db, "test", schema, sizeof schema / sizeof *schema, &err), &err, "migrate test");
  db_close(db);
  site_start(site, now_ms);
}

void site_close(struct site *site)
{
  db_close(site->db);
  store_close(site->store);
  site->db = NULL;
  site->store = NULL;
}

static void copy_file(const char *from, const char *to)
{
  char bytes[65536];
  size_t n;
  FILE *in = fopen(from, "rb");
  if (!in) return; /* a database without a WAL */
  FILE *out = fopen(to, "wb");
  must(out != NULL, NULL, to);
  while ((n = fread(bytes, 1, sizeof bytes, in)) > 0)
    must(fwrite(bytes, 1, n, out) == n, NULL, to);
  (void)fclose(in);
  must(fclose(out) == 0, NULL, to);
}

/* The main file and its WAL, as a dying process leaves them. */
static void copy_database(const char *from, const char *to)
{
  char a[200];
  char b[200];
  copy_file(from, to);
  (void)snprintf(a, sizeof a, "%s-wal", from);
  (void)snprintf(b, sizeof b, "%s-wal", to);
  (void)unlink(b);
  copy_file(a, b);
}

static void remove_database(const char *path)
{
  static const char *const tails[] = {"", "-wal", "-shm"};
  char file[200];
  for (size_t i = 0; i < 3; i++) {
    (void)snprintf(file, sizeof file, "%s%s", path, tails[i]);
    (void)unlink(file);
  }
}

void site_crash(struct site *site, int64_t now_ms)
{
  char next[sizeof site->path];
  char *dot = strrchr(site->path, '.');
  (void)snprintf(next, sizeof next, "%.*s.%u", (int)(dot - site->path), site->path, ++site->lives);
  copy_database(site->path, next); /* before closing: closing would sign and checkpoint */
  site_close(site);
  remove_database(site->path);
  memcpy(site->path, next, sizeof next);
  site_start(site, now_ms);
}

void site_backup(const struct site *site, const char *to)
{
  copy_database(site->path, to);
}

void site_restore(struct site *site, const char *from, int64_t now_ms)
{
  site_close(site);
  remove_database(site->path);
  copy_database(from, site->path);
  site_start(site, now_ms);
}

void site_enrol_again(struct site *site, const struct head *hub_head, int64_t now_ms)
{
  site_close(site);
  site->epoch++;
  site->base_seq = hub_head->seq;
  memcpy(site->base_hash, hub_head->hash, HASH_SIZE);
  site_start(site, now_ms);
}

void site_trust(struct site *site, uint32_t author, uint32_t epoch)
{
  struct err err = ERR_INIT;
  uint8_t secret[SECRET_SIZE];
  struct key key = {.author = author, .epoch = epoch, .since_ms = 1};
  key_of(author, epoch, key.public_key, secret);
  must(store_key_add(site->store, &key, &err), &err, "store_key_add");
}

void site_empty(struct site *site, const char *folder, int64_t now_ms)
{
  const uint32_t epoch = site->epoch;
  site_close(site);
  remove_database(site->path);
  site_make(site, folder, site->code, now_ms);
  site->epoch = epoch;
  site_trust(site, PROVINCE, 1);
}

void site_new_disk(struct site *site, struct site *hub, const char *folder, int64_t now_ms)
{
  const struct head head = site_head(hub, site->code, 0);
  const uint32_t next = site->epoch + 1;
  site_empty(site, folder, now_ms);
  for (uint32_t epoch = 1; epoch < next; epoch++)
    site_trust(site, site->code, epoch);
  site_trust(hub, site->code, next);
  site_enrol_again(site, &head, now_ms);
}

struct change {
  int64_t number;
  int64_t value;
  const char *text;
  const char *kind;
  uint32_t branch;
};

static bool write_price(struct tx *tx, void *ctx, struct err *err)
{
  const struct change *c = ctx;
  int64_t id;
  if (!tx_id(tx, SCOPE_BRANCH, &id, err)) return false;
  struct query q =
      query_open(tx->db, "INSERT INTO price(branch, id, product, price_fen) VALUES(?1, ?2, ?3, ?4)", err);
  query_int(&q, 1, tx->author);
  query_int(&q, 2, id);
  query_int(&q, 3, c->number);
  query_int(&q, 4, c->value);
  return query_run(&q);
}

static bool write_product(struct tx *tx, void *ctx, struct err *err)
{
  const struct change *c = ctx;
  struct query q = query_open(tx->db,
                              "INSERT INTO product(id, name) VALUES(?1, ?2)"
                              " ON CONFLICT(id) DO UPDATE SET name = excluded.name",
                              err);
  query_int(&q, 1, c->number);
  query_text(&q, 2, c->text);
  return query_run(&q);
}

static bool write_decision(struct tx *tx, void *ctx, struct err *err)
{
  const struct change *c = ctx;
  int64_t id;
  if (!tx_id(tx, SCOPE_DIRECTED, &id, err)) return false;
  struct query q = query_open(tx->db, "INSERT INTO decision(branch, id, verdict) VALUES(?1, ?2, ?3)", err);
  query_int(&q, 1, c->branch);
  query_int(&q, 2, id);
  query_text(&q, 3, c->text);
  return query_run(&q);
}

void site_says(struct site *hub, const char *action, const char *subject, int64_t now_ms)
{
  struct err err = ERR_INIT;
  struct change change = {.number = 90, .value = 1}; /* a row of its own, as what it records of itself is */
  const struct act act = {
      .actor = "system", .role = "system", .action = action, .subject = subject, .now_ms = now_ms};
  must(store_commit(hub->store, &act, write_price, &change, NULL, &err), &err, action);
}

static void commit(struct site *site, const char *action, store_work work, struct change *change,
                   int64_t now_ms)
{
  struct err err = ERR_INIT;
  struct act act = {.actor = "officer",
                    .role = "officer",
                    .action = action,
                    .subject = "test",
                    .lane = change->branch,
                    .now_ms = now_ms};
  must(store_commit(site->store, &act, work, change, NULL, &err), &err, action);
}

static bool write_event(struct tx *tx, void *ctx, struct err *err)
{
  const struct change *c = ctx;
  int64_t id;
  if (!tx_id(tx, SCOPE_BRANCH, &id, err)) return false;
  struct query q =
      query_open(tx->db, "INSERT INTO security_event VALUES(?1, ?2, ?3, 'command line', ?4, '', 1, ?5)", err);
  query_int(&q, 1, tx->author);
  query_int(&q, 2, id);
  query_text(&q, 3, c->kind);
  query_text(&q, 4, c->text);
  query_int(&q, 5, tx->now_ms);
  return query_run(&q);
}

void site_event(struct site *hub, const char *kind, const char *detail, int64_t now_ms)
{
  struct change change = {.kind = kind, .text = detail};
  commit(hub, "security.event", write_event, &change, now_ms);
}

void site_price(struct site *site, int64_t product, int64_t price_fen, int64_t now_ms)
{
  struct change change = {.number = product, .value = price_fen};
  commit(site, "price.record", write_price, &change, now_ms);
}

void site_prices(struct site *site, int n, int64_t now_ms)
{
  for (int i = 0; i < n; i++)
    site_price(site, i % 500 + 1, 100 + i, now_ms);
}

void site_product(struct site *hub, int64_t id, const char *name, int64_t now_ms)
{
  struct change change = {.number = id, .text = name};
  commit(hub, "product.edit", write_product, &change, now_ms);
}

void site_decide(struct site *hub, uint32_t branch, const char *verdict, int64_t now_ms)
{
  struct change change = {.branch = branch, .text = verdict};
  commit(hub, "proposal.decide", write_decision, &change, now_ms);
}

struct wish {
  struct stream stream;
  uint64_t seq;
};

static bool withhold_work(struct tx *tx, void *ctx, struct err *err)
{
  const struct wish *wish = ctx;
  const struct withholding act = {
      .no = "", .rule = "pipl_47", .reason = "asked for", .request = 1, .asked_by = "curator", .asked_ms = 1};
  struct err why = ERR_INIT;
  int64_t pos = -1;
  if (!stream_find(tx->db, wish->stream, wish->seq, &pos, err)) return false;
  if (pos < 0 || !withholding_allowed(tx->db, pos, &why)) return true;
  return withholding_add(tx, pos, &act, err);
}

void site_withhold(struct site *hub, uint32_t author, uint32_t lane, uint64_t seq, int64_t now_ms)
{
  struct err err = ERR_INIT;
  struct wish wish = {{author, lane}, seq};
  const struct act act = {.actor = "admin", .role = "admin", .action = "withhold", .now_ms = now_ms};
  must(store_commit(hub->store, &act, withhold_work, &wish, NULL, &err), &err, "store_commit withhold");
}

struct head site_head(struct site *site, uint32_t author, uint32_t lane)
{
  struct err err = ERR_INIT;
  struct head head;
  must(stream_head(site->db, (struct stream){author, lane}, &head, &err), &err, "stream_head");
  return head;
}

int64_t site_count(struct site *site, const char *sql)
{
  struct err err = ERR_INIT;
  int64_t n = 0;
  must(db_int(site->db, sql, 0, &n, &err), &err, sql);
  return n;
}

char *site_rows(struct site *site, const char *sql, int64_t parameter)
{
  struct err err = ERR_INIT;
  struct buf text = BUF_INIT;
  struct query q = query_open(site->db, sql, &err);
  if (parameter) query_int(&q, 1, parameter);
  while (query_row(&q)) {
    put_text(&text, column_text(&q, 0));
    put_u8(&text, '\n');
  }
  must(query_close(&q), &err, sql);
  put_u8(&text, 0);
  must(!text.bad, NULL, "memory");
  return (char *)text.data;
}

bool site_verifies(struct site *site)
{
  struct err err = ERR_INIT;
  struct verify_report report = {0};
  must(store_verify(site->path, &report, &err), &err, "store_verify");
  put_u8(&report.text, 0);
  if (report.faults) (void)fprintf(stderr, "site %u: %s", site->code, (const char *)report.text.data);
  buf_wipe(&report.text);
  buf_wipe(&report.lost_text);
  return report.faults == 0;
}
