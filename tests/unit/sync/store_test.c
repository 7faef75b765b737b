#include "fixture.h"

#include "core/base/limits.h"
#include "sync/store_keys.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <pthread.h>
#include <stdio.h>
#include <string.h>

static struct site hub, node;
static const struct stream own = {CHUNAN, 0};

static int begin(void **state)
{
  (void)state;
  fixture_pair(&hub, &node);
  return 0;
}

static int end(void **state)
{
  (void)state;
  fixture_pair_end(&hub, &node);
  return 0;
}

/* ---- one door ---- */

static void a_commit_makes_one_row_and_its_entry(void **state)
{
  (void)state;
  site_record_price(&node, 1);
  assert_int_equal(site_int(&node, "SELECT count(*) FROM price"), 1);
  assert_int_equal(site_int(&node, "SELECT count(*) FROM sync_entry"), 1);
  assert_int_equal(site_int(&node, "SELECT (id >> 12) & 268435455 FROM price"), 1);
  assert_true(site_verifies(&node));
}

static void what_a_node_wrote_arrives_at_the_hub(void **state)
{
  (void)state;
  for (int i = 0; i < 1500; i++)
    site_record_price(&node, i);
  struct apply_result result = site_pull(&hub, &node, own);
  assert_int_equal(result.outcome, OUTCOME_TAKEN);
  assert_int_equal(result.through_seq, 1500);
  assert_int_equal(result.quarantined, 0);
  assert_int_equal(site_int(&hub, "SELECT count(*) FROM price"), 1500);
  assert_int_equal(site_int(&hub, "SELECT count(*) FROM sync_span"), 1);
  assert_true(site_verifies(&hub));
  assert_true(site_verifies(&node));
}

static bool then_fail(struct tx *tx, void *ctx, struct err *err)
{
  (void)ctx;
  return db_exec(tx->db,
                 "INSERT INTO stock VALUES(330127, (1 << 40) | (1 << 12), 'a', 1); INSERT INTO draft "
                 "VALUES(1, 'x')",
                 err) &&
         err_rule(err, ERR_INPUT, "qty", "range", "no");
}

static void failed_work_leaves_nothing(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  struct act act = {.actor = "a", .role = "staff", .action = "x", .now_ms = FIXTURE_NOW_MS};
  assert_false(store_commit(node.store, &act, then_fail, NULL, NULL, &err));
  assert_string_equal(err.rule, "range");
  assert_int_equal(site_int(&node, "SELECT count(*) FROM stock"), 0);
  assert_int_equal(site_int(&node, "SELECT count(*) FROM draft"), 0);
  assert_int_equal(site_int(&node, "SELECT count(*) FROM sync_entry"), 0);
  site_record_price(&node, 1);
  assert_true(site_verifies(&node));
}

static void a_change_of_local_tables_alone_makes_no_entry(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  struct done done;
  assert_true(site_commit(&node, 0, "INSERT INTO draft VALUES(1, 'x')", &done, &err));
  assert_int_equal(done.branch.seq, 0);
  assert_int_equal(site_int(&node, "SELECT count(*) FROM draft"), 1);
  assert_int_equal(site_int(&node, "SELECT count(*) FROM sync_entry"), 0);
}

static void an_author_is_held_to_its_scopes_by_its_own_store(void **state)
{
  (void)state;
  static const char *const at_node[] = {
      "INSERT INTO product VALUES(1, 'tea', 'kg', NULL, NULL)",
      "INSERT INTO decision VALUES(330127, 1, 'x')",
      "INSERT INTO stock VALUES(330122, (1 << 40) | (1 << 12), 'a', 1)",
      "INSERT INTO stock VALUES(330127, 77, 'a', 1)",
  };
  static const char *const rules[] = {"scope", "scope", "scope", "row_id"};
  for (size_t i = 0; i < 4; i++) {
    struct err err = ERR_INIT;
    assert_false(site_commit(&node, 0, at_node[i], NULL, &err));
    assert_int_equal(err.kind, ERR_DENIED);
    assert_string_equal(err.rule, rules[i]);
  }
  struct err err = ERR_INIT;
  assert_false(
      site_commit(&hub, 0, "INSERT INTO decision VALUES(330127, (1 << 40) | (1 << 12), 'x')", NULL, &err));
  assert_string_equal(err.rule, "scope");
  err_clear(&err);
  assert_false(site_commit(&hub, 330122, "INSERT INTO decision VALUES(330127, (1 << 40) | (1 << 12), 'x')",
                           NULL, &err));
  assert_string_equal(err.rule, "scope");
  err_clear(&err);
  assert_true(
      site_commit(&node, 0, "INSERT INTO stock VALUES(330127, (1 << 40) | (1 << 12), 'a', 1)", NULL, &err));
  assert_true(site_verifies(&node));
}

static void append_only_tables_refuse_even_replace(void **state)
{
  (void)state;
  site_record_price(&node, 1);
  static const char *const tries[] = {
      "UPDATE price SET price_fen = 1", "DELETE FROM price",
      ("INSERT OR REPLACE INTO price SELECT branch, id, no, product, price_fen + 1, unit,"
       " qty_milli, supplier, source, observed_date, note, replaces, void, outlier, actor, at_ms FROM "
       "price")};
  for (size_t i = 0; i < 3; i++) {
    struct err err = ERR_INIT;
    assert_false(site_commit(&node, 0, tries[i], NULL, &err));
  }
  assert_true(site_verifies(&node));
}

static void a_stray_write_fails_on_any_other_connection(void **state)
{
  (void)state;
  struct db *cli = NULL;
  struct err err = ERR_INIT;
  site_record_price(&node, 1);
  assert_true(db_open(&cli, node.path, DB_WRITE, &err));
  static const char *const tries[] = {"INSERT INTO stock VALUES(330127, 5, 'a', 1)", "DELETE FROM price",
                                      "UPDATE stock SET qty = 1", "DELETE FROM product",
                                      "INSERT INTO product VALUES(1, 'x', 'y', NULL, NULL)"};
  assert_false(db_exec(cli, tries[0], NULL));
  assert_false(db_exec(cli, tries[1], NULL));
  assert_false(db_exec(cli, tries[4], NULL));
  db_close(cli);
  assert_true(site_verifies(&node));
}

static void the_domain_cannot_touch_the_journal_or_the_transaction(void **state)
{
  (void)state;
  static const char *const tries[] = {"DELETE FROM sync_entry",
                                      "UPDATE sync_span SET count = 9",
                                      "INSERT INTO sync_key VALUES(1, 1, x'00', 1, 0)",
                                      "COMMIT",
                                      "DROP TABLE sync_entry",
                                      "PRAGMA foreign_keys = 0",
                                      "CREATE TABLE t(a)"};
  site_record_price(&node, 1);
  for (size_t i = 0; i < sizeof tries / sizeof tries[0]; i++) {
    struct err err = ERR_INIT;
    assert_false(site_commit(&node, 0, tries[i], NULL, &err));
    assert_int_equal(err.kind, ERR_DENIED);
    err_clear(&err);
    assert_false(site_local(&node, tries[i], &err));
    assert_int_equal(err.kind, ERR_DENIED);
  }
  assert_true(site_verifies(&node));
}

static void a_local_transaction_cannot_change_replicated_tables(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  assert_true(site_local(&node, "INSERT INTO draft VALUES(1, 'x')", &err));
  assert_false(site_local(&node, "INSERT INTO stock VALUES(330127, 1, 'a', 1)", &err));
  assert_true(site_verifies(&node));
}

static void one_hub_commit_is_one_entry_for_each_class_it_touches(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  struct done done;
  for (int i = 1; i <= 3; i++) {
    char sql[400];
    snprintf(
        sql, sizeof sql,
        "INSERT INTO product VALUES(%d, 'p%d', 'kg', NULL, 1.0); INSERT INTO stock VALUES(330000, (1 << 40) "
        "| (%d << 12), 's', 1);"
        "INSERT INTO decision VALUES(330127, (1 << 40) | (%d << 12), 'v'); UPDATE product SET unit = 'g'",
        i, i, i, i);
    assert_true(site_commit(&hub, CHUNAN, sql, &done, &err));
    assert_int_equal(done.shared.seq, i);
    assert_int_equal(done.directed.seq, i);
    assert_int_equal(done.branch.seq, i);
  }
  assert_int_equal(site_int(&hub, "SELECT count(*) FROM sync_entry"), 9);
  assert_true(site_verifies(&hub));
}

static void too_large_a_transaction_is_a_limit_and_leaves_nothing(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  assert_false(site_commit(
      &node, 0, "INSERT INTO stock VALUES(330127, (1 << 40) | (1 << 12), hex(zeroblob(300000)), 1)", NULL,
      &err));
  assert_int_equal(err.kind, ERR_LIMIT);
  assert_string_equal(err.rule, "payload_size");
  assert_int_equal(site_int(&node, "SELECT count(*) FROM stock"), 0);
  site_record_price(&node, 1);
  assert_true(site_verifies(&node));
}

static bool take_ids(struct tx *tx, void *ctx, struct err *err)
{
  int64_t id = 0, last = 0;
  int n = *(int *)ctx;
  for (int i = 0; i < n; i++) {
    if (!tx_id(tx, SCOPE_BRANCH, &id, err)) return false;
    assert_true(i == 0 || id == last + 1);
    last = id;
  }
  assert_false(tx_id(tx, SCOPE_SHARED, &id, NULL));
  return true;
}

static void one_transaction_has_4096_ids_and_not_one_more(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  struct act act = {.actor = "a", .role = "staff", .action = "x", .now_ms = FIXTURE_NOW_MS};
  int n = ENTRY_ROWS_MAX;
  assert_true(store_commit(node.store, &act, take_ids, &n, NULL, &err));
  n++;
  assert_false(store_commit(node.store, &act, take_ids, &n, NULL, &err));
  assert_string_equal(err.rule, "entry_rows");
}

/* ---- signing, opening ---- */

static void unsigned_entries_are_signed_at_the_next_opening(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  struct buf bytes = BUF_INIT;
  struct batch_head head;
  site_record_price(&node, 1);
  site_record_price(&node, 2);
  assert_true(store_batch_read(node.reader, own, 0, NULL, &head, &bytes, &err));
  assert_int_equal(head.count, 0); /* nothing unsigned is ever sent */
  assert_true(store_sign_head(node.store, FIXTURE_NOW_MS, &err));
  assert_int_equal(site_int(&node, "SELECT count(*) FROM sync_entry WHERE signature IS NOT NULL"), 1);
  site_record_price(&node, 3);
  site_reopen(&node);
  assert_true(store_batch_read(node.reader, own, 0, NULL, &head, &bytes, &err));
  assert_int_equal(head.count, 3);
  buf_wipe(&bytes);
  assert_true(site_verifies(&node));
}

static void there_is_a_signature_within_every_1024_entries(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  struct buf bytes = BUF_INIT;
  struct batch_head head;
  for (int i = 0; i < BATCH_ENTRIES_MAX + 1; i++)
    site_record_price(&node, i);
  assert_true(store_batch_read(node.reader, own, 0, NULL, &head, &bytes, &err));
  assert_int_equal(head.count, BATCH_ENTRIES_MAX);
  buf_wipe(&bytes);
}

static void large_entries_are_signed_before_a_batch_is_full(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  struct buf bytes = BUF_INIT;
  struct batch_head head;
  for (int i = 1; i <= 3; i++) {
    char sql[200];
    snprintf(sql, sizeof sql,
             "INSERT INTO stock VALUES(330127, (1 << 40) | (%d << 12), hex(zeroblob(250000)), 1)", i);
    assert_true(site_commit(&node, 0, sql, NULL, &err));
  }
  assert_true(store_batch_read(node.reader, own, 0, NULL, &head, &bytes, &err));
  assert_int_equal(head.count, 2);
  assert_int_equal(site_pull(&hub, &node, own).through_seq, 3);
  buf_wipe(&bytes);
}

static void heads_survive_closing(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  struct head head;
  for (int i = 0; i < 4; i++) {
    site_record_price(&node, i);
    if (i % 2) site_reopen(&node);
  }
  assert_true(stream_head(node.reader, own, &head, &err));
  assert_int_equal(head.seq, 4);
  assert_true(site_verifies(&node));
}

static void altered_tables_are_refused_at_opening(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  struct db *db = NULL;
  struct store *store = NULL;
  site_close(&node);
  assert_true(db_open(&db, node.path, DB_WRITE, &err));
  assert_true(db_exec(db, "ALTER TABLE stock ADD COLUMN x INTEGER", &err));
  db_close(db);
  assert_false(store_open(&store, &node.config, &err));
  assert_int_equal(err.kind, ERR_CORRUPT);
  assert_string_equal(err.rule, "schema_changed");
  node.config.schema = 2;
  site_reopen(&node);
}

static void a_missing_guard_is_made_again(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  struct db *db = NULL;
  site_close(&node);
  assert_true(db_open(&db, node.path, DB_WRITE, &err));
  assert_true(db_exec(db, "DROP TRIGGER sunlit_guard_stock_INSERT", &err));
  assert_true(db_exec(db,
                      "DROP TRIGGER sunlit_guard_price_DELETE; CREATE TRIGGER sunlit_guard_price_DELETE "
                      "BEFORE DELETE ON price BEGIN SELECT 1; END",
                      &err));
  site_reopen(&node);
  site_record_price(&node, 1);
  assert_false(db_exec(db, "INSERT INTO stock VALUES(330127, 1, 'a', 1)", NULL));
  assert_false(db_exec(db, "DELETE FROM price", NULL));
  db_close(db);
}

static void unfit_tables_are_named_at_opening(void **state)
{
  (void)state;
  static const char *const bad[] = {
      "CREATE TABLE t(id INTEGER PRIMARY KEY, p INTEGER REFERENCES product(id)) STRICT",
      "CREATE TABLE t(id TEXT PRIMARY KEY)",
      "CREATE TABLE t(id INTEGER PRIMARY KEY, g INTEGER AS (id + 1)) STRICT",
      "CREATE TABLE t(id INTEGER) STRICT",
      "CREATE TABLE t(id TEXT NOT NULL COLLATE NOCASE PRIMARY KEY) STRICT",
      "CREATE TABLE t(id REAL NOT NULL PRIMARY KEY) STRICT",
  };
  for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
    struct err err = ERR_INIT;
    struct db *db = NULL;
    struct store *store = NULL;
    site_close(&node);
    assert_true(db_open(&db, node.path, DB_WRITE, &err) && db_exec(db, bad[i], &err) &&
                db_exec(db, "INSERT INTO table_scope VALUES('t', 'shared', 0)", &err));
    assert_false(store_open(&store, &node.config, &err));
    if (strcmp(err.rule, "replicated_table") != 0) print_message("%s: %s\n", bad[i], err.text);
    assert_string_equal(err.rule, "replicated_table");
    assert_string_equal(err.field, "t");
    assert_true(db_exec(db, "DELETE FROM table_scope WHERE name = 't'; DROP TABLE t", NULL));
    db_close(db);
  }
}

static void another_key_or_another_site_is_refused(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  struct store *store = NULL;
  uint8_t public_key[PUBLIC_SIZE];
  struct store_config config = node.config;
  site_close(&node);
  site_key(TONGLU, 1, public_key, config.secret);
  assert_false(store_open(&store, &config, &err));
  assert_string_equal(err.rule, "key_mismatch");
  err_clear(&err);
  config.author = TONGLU;
  assert_false(store_open(&store, &config, &err));
  assert_string_equal(err.rule, "other_site");
  site_reopen(&node);
}

/* ---- a second epoch ---- */

static void enrol_again(uint64_t base_seq, const uint8_t *base_hash)
{
  struct err err = ERR_INIT;
  site_close(&node);
  node.epoch = node.config.epoch = node.epoch + 1;
  site_key(CHUNAN, node.epoch, node.public_key, node.config.secret);
  node.config.base_seq = base_seq;
  memset(node.config.base_hash, 0, HASH_SIZE);
  if (base_hash) memcpy(node.config.base_hash, base_hash, HASH_SIZE);
  assert_true(store_key_revoke(hub.store, CHUNAN, EPOCH_MAX, FIXTURE_NOW_MS, &err));
  struct key key = {.author = CHUNAN, .epoch = node.epoch, .since_ms = FIXTURE_NOW_MS};
  memcpy(key.public_key, node.public_key, PUBLIC_SIZE);
  assert_true(store_key_add(hub.store, &key, &err));
}

static void a_new_epoch_journals_the_unacknowledged_tail_again(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  struct head head;
  for (int i = 0; i < 5; i++)
    site_record_price(&node, i);
  site_pull(&hub, &node, own);
  for (int i = 5; i < 9; i++)
    site_record_price(&node, i);
  assert_true(stream_head(hub.reader, own, &head, &err));
  enrol_again(head.seq, head.hash);
  site_reopen(&node);
  assert_int_equal(site_int(&node, "SELECT count(*) FROM price"), 9);
  assert_true(site_verifies(&node));
  site_record_price(&node, 10);
  struct apply_result result = site_pull(&hub, &node, own);
  assert_int_equal(result.outcome, OUTCOME_TAKEN);
  assert_int_equal(result.through_seq, 10);
  assert_int_equal(result.quarantined, 0);
  assert_int_equal(site_int(&hub, "SELECT count(*) FROM price"), 10);
  site_reopen(&node); /* and once is enough */
  assert_int_equal(site_int(&node, "SELECT count(*) FROM sync_entry"), 14);
  assert_true(site_verifies(&node) && site_verifies(&hub));
}

static void before_anything_was_sent_everything_is_journaled_again(void **state)
{
  (void)state;
  for (int i = 0; i < 3; i++)
    site_record_price(&node, i);
  enrol_again(0, NULL);
  site_reopen(&node);
  enrol_again(0, NULL);
  site_reopen(&node);
  assert_int_equal(site_pull(&hub, &node, own).through_seq, 3);
  assert_true(site_verifies(&node) && site_verifies(&hub));
}

static void a_new_disk_writes_only_when_it_has_its_history_back(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  struct head head;
  for (int i = 0; i < 5; i++)
    site_record_price(&node, i);
  site_pull(&hub, &node, own);
  assert_true(stream_head(hub.reader, own, &head, &err));
  enrol_again(head.seq, head.hash);
  snprintf(node.path, sizeof node.path, "%s/new.db", fixture_folder());
  site_migrate(node.path);
  site_reopen(&node);
  sites_meet(&hub, &node);
  assert_false(store_writable(node.store, NULL));
  assert_false(site_commit(&node, 0, "INSERT INTO stock VALUES(330127, 1, 'a', 1)", NULL, &err));
  assert_string_equal(err.rule, "restoring");
  struct key old = {.author = CHUNAN, .epoch = 1, .since_ms = FIXTURE_NOW_MS};
  uint8_t secret[SECRET_SIZE];
  site_key(CHUNAN, 1, old.public_key, secret);
  err_clear(&err);
  assert_true(store_key_add(node.store, &old, &err));
  assert_int_equal(site_pull(&node, &hub, own).through_seq, 5);
  assert_true(store_writable(node.store, NULL));
  assert_int_equal(site_int(&node, "SELECT count(*) FROM price"), 5);
  site_record_price(&node, 6);
  assert_int_equal(site_pull(&hub, &node, own).through_seq, 6);
  assert_true(site_verifies(&node) && site_verifies(&hub));
}

static void a_new_disk_writes_with_its_last_entry_back_and_not_one_before(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  struct head head;
  for (int i = 0; i < 3; i++) { /* each in a batch of its own, so that it can come back alone */
    site_record_price(&node, i);
    site_pull(&hub, &node, own);
  }
  assert_true(stream_head(hub.reader, own, &head, &err));
  enrol_again(head.seq, head.hash);
  snprintf(node.path, sizeof node.path, "%s/new.db", fixture_folder());
  site_migrate(node.path);
  site_reopen(&node);
  sites_meet(&hub, &node);
  struct key old = {.author = CHUNAN, .epoch = 1, .since_ms = FIXTURE_NOW_MS};
  uint8_t secret[SECRET_SIZE];
  site_key(CHUNAN, 1, old.public_key, secret);
  assert_true(store_key_add(node.store, &old, &err));
  for (uint64_t back = 0; back < 3; back++) {
    assert_false(store_writable(node.store, NULL));
    assert_false(site_commit(&node, 0, "INSERT INTO stock VALUES(330127, 1, 'a', 1)", NULL, &err));
    assert_string_equal(err.rule, "restoring");
    err_clear(&err);
    struct batch *one = site_batch(&hub, own, back, 1);
    assert_int_equal(site_apply(&node, one).through_seq, back + 1);
    batch_close(one);
  }
  assert_true(store_writable(node.store, NULL));
}

/* What it writes on is no less unsent than what it wrote before: aside_test.c says what becomes of it. */
static void a_disk_that_parted_from_the_hub_works_on_under_its_new_key(void **state)
{
  (void)state;
  static const uint8_t wrong[HASH_SIZE] = {1};
  for (int i = 0; i < 5; i++)
    site_record_price(&node, i);
  enrol_again(3, wrong);
  site_reopen(&node);
  site_record_price(&node, 5);
  assert_int_equal(site_int(&node, "SELECT count(*) FROM price"), 6);
}

/* ---- receipts, backlog, disk, threads ---- */

static void receipts_say_when_each_entry_was_received(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  uint64_t seq = 0;
  int64_t ms = 0;
  struct backlog backlog;
  for (int i = 0; i < 6; i++)
    site_record_price(&node, i);
  assert_true(store_receipt(node.store, own, 2, 100, &err) && store_receipt(node.store, own, 4, 200, &err));
  assert_true(store_receipt(node.store, own, 3, 300, &err)); /* late: changes nothing */
  assert_true(stream_acked(node.reader, own, &seq, &ms, &err));
  assert_int_equal(seq, 4);
  assert_true(stream_received_ms(node.reader, own, 2, &ms, &err));
  assert_int_equal(ms, 100);
  assert_true(stream_received_ms(node.reader, own, 3, &ms, &err));
  assert_int_equal(ms, 200);
  assert_true(stream_received_ms(node.reader, own, 5, &ms, &err));
  assert_int_equal(ms, 0);
  assert_true(stream_backlog(node.reader, own, 4, &backlog, &err));
  assert_int_equal(backlog.count, 2);
  assert_true(backlog.bytes > 300);
  assert_true(store_cursor(hub.store, CHUNAN, own, 7, 5, &err) &&
              store_cursor(hub.store, CHUNAN, own, 9, 6, &err));
  assert_true(stream_cursor(hub.reader, CHUNAN, own, &seq, &ms, &err));
  assert_int_equal(seq, 9);
}

static void an_entry_is_found_by_arithmetic_and_knows_its_signature(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  int64_t pos = -1, by = -1;
  for (int i = 0; i < 3; i++)
    site_record_price(&node, i);
  assert_true(stream_find(node.reader, own, 2, &pos, &err));
  assert_int_equal(pos, 1);
  assert_true(stream_find(node.reader, own, 4, &pos, &err));
  assert_int_equal(pos, -1);
  assert_true(entry_signed_by(node.reader, 0, &by, &err));
  assert_int_equal(by, -1);
  assert_true(store_sign_head(node.store, FIXTURE_NOW_MS, &err));
  assert_true(entry_signed_by(node.reader, 0, &by, &err));
  assert_int_equal(by, 2);
}

static void a_signature_covers_entries_on_the_far_side_of_a_foreign_run(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  int64_t by = -1;
  site_record_price(&node, 1);
  site_record_price(&node, 2);
  assert_true(site_commit(&hub, 0, "INSERT INTO product VALUES(1, 'tea', 'kg', NULL, 1.0)", NULL, &err));
  site_pull(&node, &hub, (struct stream){PROVINCE, 0});
  site_record_price(&node, 3);
  assert_true(store_sign_head(node.store, FIXTURE_NOW_MS, &err));
  assert_true(entry_signed_by(node.reader, 1, &by, &err));
  assert_int_equal(by, 3);
  /* Each stream by itself, in its order: the hub's entry at 2 is not among them. */
  struct entry_rows rows;
  int64_t sum = 0;
  entry_rows_open(&rows, node.reader, own, 2, &err);
  while (entry_rows_next(&rows))
    sum = sum * 10 + column_int(&rows.at, 3);
  assert_true(entry_rows_close(&rows));
  assert_int_equal(sum, 13);
}

static void a_slow_clock_does_not_turn_time_back(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  struct head first, second;
  site_record_price(&node, 5);
  assert_true(stream_head(node.reader, own, &first, &err));
  site_record_price(&node, 1);
  assert_true(stream_head(node.reader, own, &second, &err));
  assert_true(second.hlc > first.hlc);
}

static void *record_many(void *ctx)
{
  for (int i = 0; i < 100; i++)
    site_record_price(ctx, i);
  return NULL;
}

static void threads_take_turns(void **state)
{
  (void)state;
  pthread_t threads[4];
  for (int i = 0; i < 4; i++)
    assert_int_equal(pthread_create(&threads[i], NULL, record_many, &node), 0);
  for (int i = 0; i < 20; i++)
    assert_true(store_sign_head(node.store, FIXTURE_NOW_MS, NULL));
  for (int i = 0; i < 4; i++)
    pthread_join(threads[i], NULL);
  assert_int_equal(site_int(&node, "SELECT count(*) FROM price"), 400);
  assert_true(site_verifies(&node));
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, begin, end)
  const struct CMUnitTest tests[] = {
      T(a_commit_makes_one_row_and_its_entry),
      T(what_a_node_wrote_arrives_at_the_hub),
      T(failed_work_leaves_nothing),
      T(a_change_of_local_tables_alone_makes_no_entry),
      T(an_author_is_held_to_its_scopes_by_its_own_store),
      T(append_only_tables_refuse_even_replace),
      T(a_stray_write_fails_on_any_other_connection),
      T(the_domain_cannot_touch_the_journal_or_the_transaction),
      T(a_local_transaction_cannot_change_replicated_tables),
      T(one_hub_commit_is_one_entry_for_each_class_it_touches),
      T(too_large_a_transaction_is_a_limit_and_leaves_nothing),
      T(one_transaction_has_4096_ids_and_not_one_more),
      T(unsigned_entries_are_signed_at_the_next_opening),
      T(there_is_a_signature_within_every_1024_entries),
      T(large_entries_are_signed_before_a_batch_is_full),
      T(heads_survive_closing),
      T(altered_tables_are_refused_at_opening),
      T(a_missing_guard_is_made_again),
      T(unfit_tables_are_named_at_opening),
      T(another_key_or_another_site_is_refused),
      T(a_new_epoch_journals_the_unacknowledged_tail_again),
      T(before_anything_was_sent_everything_is_journaled_again),
      T(a_new_disk_writes_only_when_it_has_its_history_back),
      T(a_new_disk_writes_with_its_last_entry_back_and_not_one_before),
      T(a_disk_that_parted_from_the_hub_works_on_under_its_new_key),
      T(receipts_say_when_each_entry_was_received),
      T(an_entry_is_found_by_arithmetic_and_knows_its_signature),
      T(a_signature_covers_entries_on_the_far_side_of_a_foreign_run),
      T(a_slow_clock_does_not_turn_time_back),
      T(threads_take_turns),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
