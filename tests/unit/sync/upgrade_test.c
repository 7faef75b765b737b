/* A column was added to tables that have rows: what is changed and deleted afterwards reaches the other side,
 * in whichever order the two sides were upgraded, and both prove themselves and can be rebuilt. */
#include "core/base/capture.h"
#include "sync/rebuild.h"
#include "tests/unit/sync/fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

static const struct stream up = {CHUNAN, 0}, down = {PROVINCE, 0};

static void upgrade(struct site *s)
{
  struct err err = ERR_INIT;
  struct db *db = NULL;
  site_close(s);
  assert_true(db_open(&db, s->path, DB_WRITE, &err));
  assert_true(db_exec(db,
                      "ALTER TABLE stock ADD COLUMN place INTEGER NOT NULL DEFAULT 7;"
                      "ALTER TABLE stock ADD COLUMN remark TEXT;"
                      "ALTER TABLE product ADD COLUMN kind TEXT NOT NULL DEFAULT '食品';"
                      "ALTER TABLE product ADD COLUMN share REAL NOT NULL DEFAULT 1;",
                      &err));
  db_close(db);
  s->config.schema = 2;
  site_reopen(s);
}

static bool add_stock(struct tx *tx, void *ctx, struct err *err)
{
  int64_t id = 0;
  (void)ctx;
  if (!tx_id(tx, SCOPE_BRANCH, &id, err)) return false;
  struct query q =
      query_open(tx->db, "INSERT INTO stock(branch, id, what, qty) VALUES(?1, ?2, 'rice', 5)", err);
  query_int(&q, 1, tx->author);
  query_int(&q, 2, id);
  return query_run(&q);
}

static void rows_of_before(struct site *hub, struct site *node)
{
  const struct act act = {.actor = "li", .role = "officer", .action = "stock", .now_ms = FIXTURE_NOW_MS};
  struct err err = ERR_INIT;
  for (int i = 0; i < 3; i++)
    assert_true(store_commit(node->store, &act, add_stock, NULL, NULL, &err));
  assert_true(site_commit(hub, 0, "INSERT INTO product VALUES(1, 'tea', 'kg', NULL, 1.0)", NULL, &err));
  assert_true(site_commit(hub, 0, "INSERT INTO product VALUES(2, 'fish', 'kg', NULL, 1.0)", NULL, &err));
  assert_int_equal(site_pull(hub, node, up).outcome, OUTCOME_TAKEN);
  assert_int_equal(site_pull(node, hub, down).outcome, OUTCOME_TAKEN);
}

static void change_stock(struct site *node)
{
  struct err err = ERR_INIT;
  assert_true(site_commit(
      node, 0, "UPDATE stock SET qty = 6, place = 8 WHERE id = (SELECT min(id) FROM stock)", NULL, &err));
  assert_true(site_commit(node, 0, "DELETE FROM stock WHERE id = (SELECT max(id) FROM stock)", NULL, &err));
}

static void change_products(struct site *hub)
{
  struct err err = ERR_INIT;
  assert_true(site_commit(hub, 0, "UPDATE product SET name = 'green tea' WHERE id = 1", NULL, &err));
  assert_true(site_commit(hub, 0, "UPDATE product SET kind = '茶' WHERE id = 1", NULL, &err));
  assert_true(site_commit(hub, 0, "DELETE FROM product WHERE id = 2", NULL, &err));
}

/* The tables made anew from the log are the same tables. */
static void rebuild_finds_nothing_wrong(struct site *s)
{
  struct err err = ERR_INIT;
  struct rebuild_report report = {0};
  struct db *db = NULL;
  char copy[200];
  site_close(s);
  snprintf(copy, sizeof copy, "%s.copy", s->path);
  assert_true(db_open(&db, s->path, DB_WRITE, &err));
  assert_true(db_copy(db, copy, &err));
  db_close(db);
  bool ok = rebuild_tables(copy, s->path, &report, &err);
  if (!ok) print_message("%s\n", err.text);
  assert_true(ok);
  assert_int_equal(report.missing, 0);
  assert_int_equal(report.extra, 0);
  assert_int_equal(report.refused, 0);
  site_reopen(s);
}

static void both_agree(struct site *hub, struct site *node)
{
  static const char stock[] = "SELECT sum(qty * 100 + place) FROM stock";
  static const char tea[] =
      "SELECT count(*) FROM product WHERE name = 'green tea' AND kind = '茶' AND share = 1.0";
  struct site *sides[] = {hub, node};
  for (int i = 0; i < 2; i++) {
    assert_int_equal(site_int(sides[i], "SELECT count(*) FROM sync_quarantine WHERE state <> 'done'"), 0);
    assert_int_equal(site_int(sides[i], stock), 608 + 507);
    assert_int_equal(site_int(sides[i], tea), 1);
    assert_int_equal(site_int(sides[i], "SELECT count(*) FROM product"), 1);
    assert_true(site_verifies(sides[i]));
  }
}

static void rows_from_before_a_column_was_added_change_on_both_sides(void **state)
{
  struct site hub, node;
  (void)state;
  for (int node_first = 0; node_first < 2; node_first++) {
    fixture_pair(&hub, &node);
    rows_of_before(&hub, &node);
    struct site *first = node_first ? &node : &hub, *second = node_first ? &hub : &node;
    upgrade(first);
    /* What the newer side writes waits at the older one. */
    if (node_first) change_stock(&node);
    if (!node_first) change_products(&hub);
    struct apply_result waits = node_first ? site_pull(&hub, &node, up) : site_pull(&node, &hub, down);
    assert_int_equal(waits.outcome, OUTCOME_TAKEN);
    assert_true(waits.parked > 0);
    upgrade(second);
    if (!node_first) change_stock(&node);
    if (node_first) change_products(&hub);
    assert_int_equal(site_pull(&hub, &node, up).quarantined, 0);
    assert_int_equal(site_pull(&node, &hub, down).quarantined, 0);
    both_agree(&hub, &node);
    rebuild_finds_nothing_wrong(&hub);
    rebuild_finds_nothing_wrong(&node);
    fixture_pair_end(&hub, &node);
  }
}

/* A default in a column that may be NULL would make the two look the same in an old row. */
static void a_column_that_is_ambiguous_in_old_rows_is_refused(void **state)
{
  static const char *const names[] = {"stock"};
  struct site node;
  struct err err = ERR_INIT;
  struct db *db = NULL;
  struct capture *capture = NULL;
  (void)state;
  fixture_begin();
  site_open(&node, "node", CHUNAN, 1);
  site_close(&node);
  assert_true(db_open(&db, node.path, DB_WRITE, &err));
  assert_true(db_exec(db, "ALTER TABLE stock ADD COLUMN place INTEGER DEFAULT 7;", &err));
  assert_false(capture_open(&capture, db, names, 1, &err));
  assert_non_null(strstr(err.text, "place may be NULL and has a default"));
  db_close(db);
  fixture_end();
}

/* The same tables under a newer number. */
static void renumber(struct site *s)
{
  s->config.schema = 2;
  site_reopen(s);
}

static void enrolled_again(struct site *node, const struct head *base)
{
  site_close(node);
  node->epoch = node->config.epoch = 2;
  node->config.base_seq = base->seq;
  memcpy(node->config.base_hash, base->hash, HASH_SIZE);
  site_key(CHUNAN, 2, node->public_key, node->config.secret);
  site_reopen(node);
}

/* A batch is of one schema: the tail that an enrolment writes again has a signature where that changes. */
static void a_tail_from_before_and_after_an_upgrade_goes_up_after_an_enrolment(void **state)
{
  (void)state;
  struct site hub, node;
  struct err err = ERR_INIT;
  struct head base = {0};
  fixture_begin();
  site_open(&hub, "hub", PROVINCE, 1);
  site_open(&node, "node", CHUNAN, 1);
  sites_meet(&hub, &node);
  site_record_price(&node, 0);
  site_pull(&hub, &node, up);
  assert_true(stream_head(node.reader, up, &base, &err));
  for (int i = 1; i < 5; i++) {
    if (i == 3) renumber(&node);
    site_record_price(&node, i);
  }
  enrolled_again(&node, &base);
  sites_meet(&hub, &node);
  renumber(&hub);
  for (int batch = 0; batch < 2; batch++)
    (void)site_pull(&hub, &node, up);
  assert_int_equal(site_int(&hub, "SELECT count(*) FROM price"), 5);
  site_close(&hub);
  site_close(&node);
  fixture_end();
}

/* A branch whose own history is of a newer program than its machine has: what it wrote behind that would meet
 * its own rows once they are applied. */
static void nothing_is_written_behind_ones_own_history_that_waits(void **state)
{
  (void)state;
  struct site hub, node, fresh;
  struct err err = ERR_INIT;
  fixture_begin();
  site_open(&hub, "hub", PROVINCE, 1);
  site_open(&node, "node", CHUNAN, 1);
  sites_meet(&hub, &node);
  renumber(&hub);
  renumber(&node);
  for (int i = 0; i < 3; i++)
    site_record_price(&node, i);
  site_pull(&hub, &node, up);
  site_open(&fresh, "fresh", CHUNAN, 1);
  sites_meet(&hub, &fresh);
  assert_int_equal(site_pull(&fresh, &hub, up).parked, 3);
  assert_false(store_writable(fresh.store, &err));
  assert_string_equal(err.rule, "history_newer");
  assert_false(site_commit(&fresh, 0, "INSERT INTO stock(branch, id, what, qty) VALUES(330127, 1, 'a', 1)",
                           NULL, NULL));
  renumber(&fresh);
  site_record_price(&fresh, 7);
  assert_int_equal(site_int(&fresh, "SELECT count(*) FROM price"), 4);
  assert_true(site_verifies(&fresh));
  site_close(&fresh);
  site_close(&hub);
  site_close(&node);
  fixture_end();
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(rows_from_before_a_column_was_added_change_on_both_sides),
      cmocka_unit_test(a_column_that_is_ambiguous_in_old_rows_is_refused),
      cmocka_unit_test(a_tail_from_before_and_after_an_upgrade_goes_up_after_an_enrolment),
      cmocka_unit_test(nothing_is_written_behind_ones_own_history_that_waits),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
