/* A branch's next epoch begins in one step: older keys end, the new one starts behind what is there, and the
 * invitation is used up with it, or nothing of that happens. */
#include "fixture.h"

#include "sync/restored.h"
#include "sync/store_keys.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

static struct site hub, node;
static const struct stream own = {CHUNAN, 0};

static int begin(void **state)
{
  (void)state;
  fixture_pair(&hub, &node);
  site_record_price(&node, 1);
  site_pull(&hub, &node, own);
  return 0;
}

static int end(void **state)
{
  (void)state;
  fixture_pair_end(&hub, &node);
  return 0;
}

static bool use_up(struct tx *tx, void *ctx, struct err *err)
{
  (void)ctx;
  struct query q = query_open(tx->db, "INSERT INTO draft(id, text) VALUES(1, 'invitation used')", err);
  return query_run(&q);
}

static bool refuse(struct tx *tx, void *ctx, struct err *err)
{
  (void)tx;
  (void)ctx;
  return err_rule(err, ERR_DENIED, "invite", "used_invite", "no");
}

static bool reach_for_keys(struct tx *tx, void *ctx, struct err *err)
{
  (void)ctx;
  struct query q = query_open(tx->db, "UPDATE sync_key SET revoked_ms = 0", err);
  return query_run(&q);
}

static bool enrol(uint32_t author, uint32_t key_epoch, store_work work, struct enrolling *out,
                  struct err *err)
{
  uint8_t secret[SECRET_SIZE];
  *out = (struct enrolling){.author = author};
  *err = (struct err)ERR_INIT;
  site_key(author, key_epoch, out->public_key, secret);
  return store_enrol(hub.store, out, FIXTURE_NOW_MS, work, NULL, err);
}

static int64_t in_force(void)
{
  return site_int(&hub, "SELECT coalesce(max(epoch), 0) * 100 + count(*) FROM sync_key"
                        " WHERE author = 330127 AND revoked_ms = 0");
}

static void the_older_epoch_ends_when_the_next_begins(void **state)
{
  (void)state;
  struct err err;
  struct enrolling e;
  site_record_price(&node, 2);
  struct batch *waits = site_batch(&node, own, 1, 0); /* at ingest, on a stolen disk, in a carried file */
  assert_true(enrol(CHUNAN, 2, use_up, &e, &err));
  assert_int_equal(e.epoch, 2);
  assert_false(e.again);
  assert_int_equal(e.base_seq, 1);
  assert_int_equal(in_force(), 201);
  struct apply_result late = site_apply(&hub, waits);
  batch_close(waits);
  assert_int_equal(late.outcome, OUTCOME_REFUSED);
  assert_string_equal(late.reason, "revoked_key");
  assert_int_equal(site_int(&hub, "SELECT count(*) FROM draft"), 1);
  assert_true(site_verifies(&hub)); /* what was received before stays proved */
}

static void the_same_key_asks_again_and_gets_the_same_epoch(void **state)
{
  (void)state;
  struct err err;
  struct enrolling e;
  assert_true(enrol(CHUNAN, 2, use_up, &e, &err));
  assert_true(site_local(&hub, "DELETE FROM draft", &err));
  assert_true(enrol(CHUNAN, 2, use_up, &e, &err));
  assert_true(e.again);
  assert_int_equal(e.epoch, 2);
  assert_int_equal(in_force(), 201);
}

/* The log names epochs whose keys went with a disk. */
static void an_epoch_that_was_given_is_never_given_again(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  uint8_t secret[SECRET_SIZE];
  struct enrolling e = {.author = CHUNAN, .given = 4};
  site_key(CHUNAN, 5, e.public_key, secret);
  assert_true(store_enrol(hub.store, &e, FIXTURE_NOW_MS, use_up, NULL, &err));
  assert_int_equal(e.epoch, 5);
  assert_int_equal(in_force(), 501);
  assert_true(store_enrol(hub.store, &e, FIXTURE_NOW_MS, refuse, NULL, &err) || e.again);
  assert_int_equal(e.epoch, 5);
}

static void a_key_that_was_somebodys_is_never_given_again(void **state)
{
  (void)state;
  struct err err;
  struct enrolling e;
  uint8_t secret[SECRET_SIZE];
  assert_true(enrol(CHUNAN, 2, use_up, &e, &err));
  assert_true(site_local(&hub, "DELETE FROM draft", &err));
  assert_false(enrol(CHUNAN, 1, use_up, &e, &err)); /* of an earlier epoch */
  assert_string_equal(err.rule, "key_used_before");
  assert_true(store_key_revoke(hub.store, CHUNAN, EPOCH_MAX, FIXTURE_NOW_MS, &err));
  assert_false(enrol(CHUNAN, 2, use_up, &e, &err)); /* revoked */
  assert_string_equal(err.rule, "key_used_before");
  e = (struct enrolling){.author = TONGLU};
  site_key(CHUNAN, 2, e.public_key, secret); /* another branch's */
  assert_false(store_enrol(hub.store, &e, FIXTURE_NOW_MS, use_up, NULL, &err));
  e = (struct enrolling){.author = TONGLU};
  site_key(PROVINCE, 1, e.public_key, secret); /* the province's */
  assert_false(store_enrol(hub.store, &e, FIXTURE_NOW_MS, use_up, NULL, &err));
  assert_int_equal(site_int(&hub, "SELECT count(*) FROM sync_key WHERE author = 330122"), 0);
  assert_int_equal(site_int(&hub, "SELECT count(*) FROM draft"), 0); /* no invitation was used for it */
}

static void what_is_refused_changes_nothing(void **state)
{
  (void)state;
  struct err err;
  struct enrolling e;
  assert_false(enrol(CHUNAN, 2, refuse, &e, &err));
  assert_string_equal(err.rule, "used_invite");
  assert_int_equal(in_force(), 101);
  assert_false(enrol(CHUNAN, 2, reach_for_keys, &e, &err)); /* the fence stands here too */
  assert_int_equal(err.kind, ERR_DENIED);
  assert_int_equal(in_force(), 101);
  site_record_price(&node, 2);
  site_pull(&hub, &node, own);
  assert_int_equal(site_int(&hub, "SELECT count(*) FROM price"), 2);
}

/* The copy may lack an epoch that was given after it was made. */
static void a_restored_hub_enrols_nobody_and_uses_up_nothing(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  struct enrolling e;
  site_close(&hub);
  struct db *db = NULL;
  assert_true(db_open(&db, hub.path, DB_WRITE, &err));
  assert_true(restored_mark(db, FIXTURE_NOW_MS, &err));
  db_close(db);
  site_reopen(&hub);
  assert_false(enrol(CHUNAN, 2, use_up, &e, &err));
  assert_string_equal(err.rule, "restoring");
  assert_int_equal(in_force(), 101);
  assert_int_equal(site_int(&hub, "SELECT count(*) FROM draft"), 0);
}

static bool join_epoch(void *ctx, const struct key *key)
{
  char *at = (char *)ctx + strlen(ctx);
  (void)snprintf(at, 8, "%u ", key->epoch);
  return true;
}

/* A message has room for 64 of them: what a branch cannot do without comes first. */
static void an_authors_keys_come_in_the_order_of_their_use(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  char epochs[200] = "";
  struct db *db = NULL;
  assert_true(db_open(&db, hub.path, DB_WRITE, &err));
  assert_true(db_exec(db,
                      "WITH RECURSIVE n(i) AS (SELECT 2 UNION ALL SELECT i + 1 FROM n WHERE i < 6)"
                      " INSERT INTO sync_key SELECT 330127, i, randomblob(32), 1, 1 FROM n;"
                      " UPDATE sync_span SET epoch = 3 WHERE author = 330127",
                      &err));
  assert_true(key_list(db, CHUNAN, join_epoch, epochs, &err));
  assert_string_equal(epochs, "6 3 5 4 2 1 ");
  epochs[0] = 0;
  assert_true(key_list(db, 0, join_epoch, epochs, &err));
  assert_string_equal(epochs, "1 1 2 3 4 5 6 "); /* the province's, and in the order they were given */
  db_close(db);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(the_older_epoch_ends_when_the_next_begins, begin, end),
      cmocka_unit_test_setup_teardown(the_same_key_asks_again_and_gets_the_same_epoch, begin, end),
      cmocka_unit_test_setup_teardown(an_epoch_that_was_given_is_never_given_again, begin, end),
      cmocka_unit_test_setup_teardown(a_key_that_was_somebodys_is_never_given_again, begin, end),
      cmocka_unit_test_setup_teardown(what_is_refused_changes_nothing, begin, end),
      cmocka_unit_test_setup_teardown(an_authors_keys_come_in_the_order_of_their_use, begin, end),
      cmocka_unit_test_setup_teardown(a_restored_hub_enrols_nobody_and_uses_up_nothing, begin, end),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
