#include "forge.h"
#include "sync/store_keys.h"
#include "sync/store_state.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct site hub, node, other;
static const struct stream own = {CHUNAN, 0}, shared = {PROVINCE, 0}, directed = {PROVINCE, CHUNAN};

static int begin(void **state)
{
  (void)state;
  fixture_begin();
  site_open(&hub, "hub", PROVINCE, 1);
  site_open(&node, "node", CHUNAN, 1);
  site_open(&other, "other", TONGLU, 1);
  sites_meet(&hub, &node);
  sites_meet(&hub, &other);
  return 0;
}

static int end(void **state)
{
  (void)state;
  site_close(&hub);
  site_close(&node);
  site_close(&other);
  fixture_end();
  return 0;
}

static struct apply_result apply_sql(struct site *to, struct stream stream, const char *sql)
{
  struct batch *batch = forge_next(to, stream, sql);
  struct apply_result result = site_apply(to, batch);
  batch_close(batch);
  return result;
}

/* An id that belongs to the entry with this seq, as text. */
#define ID "((1 << 40) | (%llu << 12))"

/* ---- what comes in ---- */

static void hub_rows_reach_the_branch_they_are_for_and_no_other(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  struct done done;
  assert_true(site_commit(&hub, CHUNAN,
                          "INSERT INTO product VALUES(1, 'tea', 'kg', NULL, 1.0);"
                          "INSERT INTO decision VALUES(330127, (1 << 40) | (1 << 12), 'accepted');"
                          "INSERT INTO stock VALUES(330000, (1 << 40) | (1 << 12), 'own', 1)",
                          &done, &err));
  assert_int_equal(done.shared.seq, 1);
  assert_int_equal(done.directed.seq, 1);
  assert_int_equal(done.branch.seq, 1);
  assert_int_equal(site_pull(&node, &hub, shared).outcome, OUTCOME_TAKEN);
  assert_int_equal(site_pull(&node, &hub, directed).outcome, OUTCOME_TAKEN);
  assert_int_equal(site_int(&node, "SELECT count(*) FROM product"), 1);
  assert_int_equal(site_int(&node, "SELECT count(*) FROM decision"), 1);
  struct batch *batch = site_batch(&hub, directed, 0, 0);
  struct apply_result result = site_apply(&other, batch);
  assert_int_equal(result.outcome, OUTCOME_REFUSED);
  assert_string_equal(result.reason, "scope");
  batch_close(batch);
  batch = site_batch(&hub, (struct stream){PROVINCE, PROVINCE}, 0, 0);
  assert_int_equal(site_apply(&node, batch).outcome, OUTCOME_REFUSED);
  batch_close(batch);
  assert_true(site_verifies(&hub) && site_verifies(&node) && site_verifies(&other));
}

/* Without its lane it would stand in the stream that every branch is sent; and the province is no branch. */
static void a_row_for_one_branch_is_never_written_for_all(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  static const uint32_t lanes[] = {0, PROVINCE};
  for (size_t i = 0; i < sizeof lanes / sizeof *lanes; i++) {
    err_clear(&err);
    assert_false(site_commit(&hub, lanes[i],
                             "INSERT INTO decision VALUES(330127, (1 << 40) | (1 << 12), 'no')", NULL, &err));
    assert_string_not_equal(err.text, "");
  }
  assert_int_equal(site_int(&hub, "SELECT count(*) FROM decision"), 0);
  assert_int_equal(site_int(&hub, "SELECT count(*) FROM sync_entry"), 0);
  assert_true(site_commit(&hub, CHUNAN, "INSERT INTO decision VALUES(330127, (1 << 40) | (1 << 12), 'no')",
                          NULL, &err));
}

static void updates_and_deletes_of_shared_rows_follow(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  assert_true(site_commit(
      &hub, 0, "INSERT INTO product VALUES(1, 'tea', 'kg', NULL, 1.0), (2, 'rice', 'kg', 'x', 2.5)", NULL,
      &err));
  assert_true(site_commit(
      &hub, 0, "UPDATE product SET note = 'good', rank = 3.25 WHERE id = 1; DELETE FROM product WHERE id = 2",
      NULL, &err));
  assert_int_equal(site_pull(&node, &hub, shared).quarantined, 0);
  assert_int_equal(site_int(&node, "SELECT count(*) FROM product WHERE note = 'good' AND rank = 3.25"), 1);
  assert_int_equal(site_int(&node, "SELECT count(*) FROM product"), 1);
  assert_true(site_verifies(&node));
}

static void replay_is_harmless_in_whole_and_in_part(void **state)
{
  (void)state;
  for (int i = 0; i < 5; i++)
    site_record_price(&node, i);
  struct batch *all = site_batch(&node, own, 0, 0);
  assert_int_equal(site_apply(&hub, all).outcome, OUTCOME_TAKEN);
  assert_int_equal(site_apply(&hub, all).outcome, OUTCOME_REPLAY);
  for (int i = 5; i < 9; i++)
    site_record_price(&node, i);
  struct batch *overlap = site_batch(&node, own, 2, 0);
  struct apply_result result = site_apply(&hub, overlap);
  assert_int_equal(result.outcome, OUTCOME_TAKEN);
  assert_int_equal(result.taken, 4);
  assert_int_equal(result.through_seq, 9);
  assert_int_equal(site_int(&hub, "SELECT count(*) FROM price"), 9);
  assert_true(site_verifies(&hub));
  batch_close(all);
  batch_close(overlap);
}

static void a_gap_is_refused_and_says_what_is_missing(void **state)
{
  (void)state;
  for (int i = 0; i < 5; i++)
    site_record_price(&node, i);
  struct batch *late = site_batch(&node, own, 3, 0);
  struct apply_result result = site_apply(&hub, late);
  assert_int_equal(result.outcome, OUTCOME_GAP);
  assert_int_equal(result.through_seq, 0);
  assert_int_equal(site_int(&hub, "SELECT count(*) FROM sync_entry"), 0);
  batch_close(late);
}

static void many_batches_are_one_transaction_and_one_bad_one_stops_no_other(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  struct apply_result results[3];
  site_record_price(&node, 1);
  site_record_price(&node, 2);
  site_record_price(&other, 1);
  struct batch *gap = site_batch(&node, own, 1, 0);
  struct batch *good = site_batch(&other, (struct stream){TONGLU, 0}, 0, 0);
  struct batch *bad = forge_next(&hub, own, "INSERT INTO product VALUES(9, 'stolen', 'kg', NULL, NULL)");
  struct batch *all[] = {gap, bad, good};
  assert_true(store_apply(hub.store, all, 3, FIXTURE_NOW_MS, results, &err));
  assert_int_equal(results[0].outcome, OUTCOME_GAP);
  assert_int_equal(results[1].outcome, OUTCOME_TAKEN);
  assert_int_equal(results[1].quarantined, 1);
  assert_int_equal(results[2].outcome, OUTCOME_TAKEN);
  assert_int_equal(site_int(&hub, "SELECT count(*) FROM price"), 1);
  assert_true(site_verifies(&hub));
  for (int i = 0; i < 3; i++)
    batch_close(all[i]);
}

/* Whoever holds the province's key could else have a branch sign what nobody there wrote: its next signature
 * is over all that is before it. */
static void the_provinces_word_for_an_entry_of_ours_is_not_ours(void **state)
{
  (void)state;
  site_record_price(&node, 1);
  struct batch *batch =
      forge_next(&node, own, "INSERT INTO stock VALUES(330127, (1 << 40) | (2 << 12), 'x', 1)");
  batch->vouched = true; /* as batch_accept found it signed */
  struct apply_result result = site_apply(&node, batch);
  assert_int_equal(result.outcome, OUTCOME_REFUSED);
  assert_string_equal(result.reason, "vouched");
  assert_int_equal(site_int(&node, "SELECT count(*) FROM sync_entry"), 1);
  /* It is under a later key, up to where the province was then; each alone is not enough. */
  static const struct {
    uint32_t epoch;
    uint64_t base_seq;
    int outcome;
  } cases[] = {{1, 2, OUTCOME_REFUSED}, {2, 1, OUTCOME_REFUSED}, {2, 2, OUTCOME_TAKEN}};
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    node.store->epoch = cases[i].epoch;
    node.store->base_seq = cases[i].base_seq;
    assert_int_equal(site_apply(&node, batch).outcome, cases[i].outcome);
  }
  batch_close(batch);
}

/* ---- what is refused, and that the stream goes on ---- */

struct wrong {
  const char *sql;
  const char *reason;
};

static void wrong_entries_are_kept_and_named_and_the_next_goes_on(void **state)
{
  (void)state;
  static const struct wrong cases[] = {
      {"INSERT INTO stock VALUES(330122, " ID ", 'x', 1)", "scope"},
      {"INSERT INTO product VALUES(9, 'n', 'kg', NULL, NULL)", "scope"},
      {"INSERT INTO decision VALUES(330127, " ID ", 'x')", "scope"},
      {"INSERT INTO draft VALUES(1, 'x')", "unknown_table"},
      {"INSERT INTO other VALUES(1, 'x')", "unknown_table"},
      {"UPDATE price SET price_fen = 5 WHERE id = 1", "append_only"},
      {"DELETE FROM price WHERE id = 1", "append_only"},
      {"INSERT INTO stock VALUES(330127, 5, 'x', 1)", "row_id"},
      {"UPDATE stock SET qty = 11 WHERE id = 1", "row_missing"},
      {"DELETE FROM stock WHERE id = 1", "row_missing"},
  };
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    char sql[300];
    uint64_t seq = (uint64_t)site_int(&hub, "SELECT count(*) + 1 FROM sync_entry");
    snprintf(sql, sizeof sql, "%s", cases[i].sql);
    char *id = strstr(sql, ID);
    if (id) {
      char rest[200];
      snprintf(rest, sizeof rest, "%s", id + strlen(ID));
      snprintf(id, sizeof sql - (size_t)(id - sql), "(1 << 40) | (%llu << 12)%s", (unsigned long long)seq,
               rest);
    }
    struct apply_result result = apply_sql(&hub, own, sql);
    if (result.quarantined != 1 || strcmp(result.reason, cases[i].reason) != 0)
      print_message("%s: %s %s\n", cases[i].sql, result.reason, result.detail);
    assert_int_equal(result.outcome, OUTCOME_TAKEN);
    assert_int_equal(result.quarantined, 1);
    assert_string_equal(result.reason, cases[i].reason);
    assert_true(strlen(result.detail) > 10);
  }
  int n = (int)(sizeof cases / sizeof cases[0]);
  assert_int_equal(site_int(&hub, "SELECT count(*) FROM sync_quarantine WHERE state = 'refused'"), n);
  assert_int_equal(site_int(&hub, "SELECT count(*) FROM stock"), 0);
  assert_true(site_verifies(&hub));
}

static void conflicting_rows_are_quarantined_and_nothing_of_their_entry_stays(void **state)
{
  (void)state;
  assert_int_equal(
      apply_sql(&hub, own, "INSERT INTO stock VALUES(330127, (1 << 40) | (1 << 12), 'a', 7)").quarantined, 0);
  /* before-image: the forger saw 10, here it is 7 and under another id */
  struct apply_result result = apply_sql(&hub, own,
                                         "INSERT INTO stock VALUES(330127, (1 << 40) | (2 << 12), 'b', 1), "
                                         "(330127, (1 << 40) | (2 << 12) | 1, 'c', 1);"
                                         "UPDATE stock SET qty = 3 WHERE id = 1");
  assert_string_equal(result.reason, "row_missing");
  assert_int_equal(site_int(&hub, "SELECT count(*) FROM stock"), 1);
  assert_int_equal(
      apply_sql(&hub, own, "INSERT INTO stock VALUES(330127, (1 << 40) | (3 << 12), 'd', 1)").quarantined, 0);
  assert_int_equal(site_int(&hub, "SELECT count(*) FROM stock"), 2);
  assert_true(site_verifies(&hub));
}

static void a_row_that_exists_or_differs_or_breaks_a_check_is_named(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  assert_true(site_commit(
      &hub, 0, "INSERT INTO product VALUES(1, 'tea', 'kg', NULL, 1.0), (5, 'salt', 'kg', NULL, 1.0)", NULL,
      &err));
  site_pull(&node, &hub, shared);
  struct apply_result result =
      apply_sql(&node, shared, "INSERT INTO product VALUES(5, 'new', 'kg', NULL, NULL)");
  assert_string_equal(result.reason, "row_exists");
  result = apply_sql(
      &node, shared,
      "UPDATE product SET unit = 'g' WHERE id = 1"); /* the forger's unit is 'kg', note NULL: fits */
  assert_int_equal(result.quarantined, 0);
  result = apply_sql(&node, shared, "UPDATE product SET unit = 't' WHERE id = 1");
  assert_string_equal(result.reason, "row_differs");
  result = apply_sql(&node, shared, "INSERT INTO product VALUES(6, 'salt', 'kg', NULL, NULL)");
  assert_string_equal(result.reason, "constraint");
  assert_true(site_verifies(&node));
}

static void a_damaged_changeset_is_quarantined_and_the_next_entry_applied(void **state)
{
  (void)state;
  struct buf payloads[3] = {BUF_INIT, BUF_INIT, BUF_INIT};
  put_text(&payloads[0], "not a changeset");
  forge_payload(&payloads[1], "INSERT INTO stock VALUES(330127, (1 << 40) | (2 << 12), 'b', 1)");
  payloads[1].size -= 3;
  forge_payload(&payloads[2], "INSERT INTO stock VALUES(330127, (1 << 40) | (3 << 12), 'c', 1)");
  struct forgery f = {.stream = own, .first_seq = 1};
  struct batch *batch = forge_batch(&hub, &f, payloads, 3);
  struct apply_result result = site_apply(&hub, batch);
  assert_int_equal(result.taken, 3);
  assert_int_equal(result.quarantined, 2);
  assert_string_equal(result.reason, "changeset");
  assert_int_equal(site_int(&hub, "SELECT count(*) FROM stock"), 1);
  assert_true(site_verifies(&hub));
  batch_close(batch);
  for (int i = 0; i < 3; i++)
    buf_wipe(&payloads[i]);
}

/* ---- keys, forks ---- */

static void a_revoked_key_proves_nothing_new(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  site_record_price(&node, 1);
  site_pull(&hub, &node, own);
  site_record_price(&node, 2);
  assert_true(store_key_revoke(hub.store, CHUNAN, EPOCH_MAX, FIXTURE_NOW_MS, &err));
  struct batch *batch = site_batch(&node, own, 1, 0);
  struct apply_result result = site_apply(&hub, batch);
  assert_int_equal(result.outcome, OUTCOME_REFUSED);
  assert_string_equal(result.reason, "revoked_key");
  struct buf bytes = BUF_INIT;
  struct batch *again = NULL;
  assert_true(store_batch_read(node.reader, own, 1, NULL, NULL, &bytes, &err));
  assert_false(batch_accept(&again, hub.reader, bytes.data, bytes.size, &err));
  assert_string_equal(err.rule, "revoked_key");
  assert_true(site_verifies(&hub));
  buf_wipe(&bytes);
  batch_close(batch);
}

/* It was verified, and then its branch was enrolled anew before it was stored. */
static void a_key_that_is_another_by_now_is_refused(void **state)
{
  (void)state;
  site_record_price(&node, 1);
  struct batch *batch = site_batch(&node, own, 0, 0);
  memcpy(batch->public_key, other.public_key, PUBLIC_SIZE);
  struct apply_result result = site_apply(&hub, batch);
  assert_int_equal(result.outcome, OUTCOME_REFUSED);
  assert_string_equal(result.reason, "unknown_key");
  assert_int_equal(site_int(&hub, "SELECT count(*) FROM sync_entry"), 0);
  batch_close(batch);
}

static void an_unknown_key_is_refused(void **state)
{
  (void)state;
  struct buf payload = BUF_INIT;
  forge_payload(&payload, "INSERT INTO stock VALUES(330183, (1 << 40) | (1 << 12), 'b', 1)");
  struct forgery f = {.stream = {330183, 0}, .first_seq = 1};
  struct batch *batch = forge_batch(&hub, &f, &payload, 1);
  struct apply_result result = site_apply(&hub, batch);
  assert_int_equal(result.outcome, OUTCOME_REFUSED);
  assert_string_equal(result.reason, "unknown_key");
  batch_close(batch);
  buf_wipe(&payload);
}

static void two_entries_for_one_place_are_both_kept_and_the_stream_is_frozen(void **state)
{
  (void)state;
  struct buf payload = BUF_INIT;
  for (int i = 0; i < 3; i++)
    site_record_price(&node, i);
  site_pull(&hub, &node, own);
  forge_payload(&payload, "INSERT INTO stock VALUES(330127, (1 << 40) | (1 << 12), 'b', 1)");
  struct forgery f = {.stream = own, .first_seq = 1, .hlc = 99};
  struct batch *batch = forge_batch(&hub, &f, &payload, 1);
  assert_int_equal(site_apply(&hub, batch).outcome, OUTCOME_FORK);
  assert_int_equal(site_int(&hub, "SELECT count(*) FROM sync_fork WHERE seq = 1 AND ours <> theirs"), 1);
  assert_int_equal(site_int(&hub, "SELECT frozen_ms <> 0 FROM sync_stream WHERE author = 330127"), 1);
  site_record_price(&node, 4);
  struct batch *next = site_batch(&node, own, 3, 0);
  assert_int_equal(site_apply(&hub, next).outcome, OUTCOME_FROZEN);
  site_record_price(&other, 1);
  assert_int_equal(site_pull(&hub, &other, (struct stream){TONGLU, 0}).outcome, OUTCOME_TAKEN);
  site_reopen(&hub);
  assert_int_equal(site_apply(&hub, next).outcome, OUTCOME_FROZEN);
  assert_true(site_verifies(&hub));
  batch_close(batch);
  batch_close(next);
  buf_wipe(&payload);
}

/* Its own next entry, so much later than its newest by its own clock. */
static struct apply_result made_later(int64_t ticks)
{
  struct buf payload = BUF_INIT;
  struct err err = ERR_INIT;
  struct head head;
  assert_true(stream_head(hub.reader, own, &head, &err));
  forge_payload(&payload, "INSERT INTO stock VALUES(330127, (1 << 40) | (2 << 12), 'b', 1)");
  struct forgery f = {.stream = own, .first_seq = head.seq + 1, .hlc = head.hlc + (uint64_t)ticks};
  memcpy(f.prev, head.hash, HASH_SIZE);
  struct batch *batch = forge_batch(&hub, &f, &payload, 1);
  struct apply_result result = site_apply(&hub, batch);
  batch_close(batch);
  buf_wipe(&payload);
  return result;
}

static void no_entry_claims_the_moment_of_the_one_before_it_or_an_earlier(void **state)
{
  (void)state;
  site_record_price(&node, 1);
  assert_int_equal(site_pull(&hub, &node, own).outcome, OUTCOME_TAKEN);
  for (int ticks = -1; ticks < 1; ticks++) {
    struct apply_result result = made_later(ticks);
    assert_int_equal(result.outcome, OUTCOME_REFUSED);
    assert_string_equal(result.reason, "clock");
  }
  assert_int_equal(site_int(&hub, "SELECT count(*) FROM stock"), 0);
  assert_int_equal(made_later(1).outcome, OUTCOME_TAKEN);
  assert_int_equal(site_int(&hub, "SELECT count(*) FROM stock"), 1);
}

static enum outcome with_epoch_2(uint64_t first_seq, const uint8_t prev[HASH_SIZE])
{
  struct buf payload = BUF_INIT;
  char sql[160];
  snprintf(sql, sizeof sql, "INSERT INTO stock VALUES(330127, (2 << 40) | (%llu << 12), 'b', 1)",
           (unsigned long long)first_seq);
  forge_payload(&payload, sql);
  struct forgery f = {.stream = own, .epoch = 2, .first_seq = first_seq, .hlc = UINT64_C(1) << 62};
  memcpy(f.prev, prev, HASH_SIZE);
  struct batch *batch = forge_batch(&hub, &f, &payload, 1);
  enum outcome outcome = site_apply(&hub, batch).outcome;
  batch_close(batch);
  buf_wipe(&payload);
  return outcome;
}

/* The right predecessor is not enough: under another number it would leave a gap or a second entry for a
 * place. */
static void only_the_next_entry_of_a_new_epoch_thaws_a_frozen_stream(void **state)
{
  (void)state;
  static const uint8_t elsewhere[HASH_SIZE] = {9};
  struct err err = ERR_INIT;
  struct head head;
  struct buf payload = BUF_INIT;
  struct key key = {.author = CHUNAN, .epoch = 2, .since_ms = FIXTURE_NOW_MS};
  uint8_t secret[SECRET_SIZE];
  for (int i = 0; i < 3; i++)
    site_record_price(&node, i);
  site_pull(&hub, &node, own);
  forge_payload(&payload, "INSERT INTO stock VALUES(330127, (1 << 40) | (1 << 12), 'b', 1)");
  struct forgery f = {.stream = own, .first_seq = 1, .hlc = 99};
  struct batch *fork = forge_batch(&hub, &f, &payload, 1);
  assert_int_equal(site_apply(&hub, fork).outcome, OUTCOME_FORK);
  batch_close(fork);
  buf_wipe(&payload);
  site_key(CHUNAN, 2, key.public_key, secret);
  assert_true(store_key_add(hub.store, &key, &err));
  assert_true(stream_head(hub.reader, own, &head, &err));
  assert_int_equal(with_epoch_2(3, head.hash), OUTCOME_FROZEN);
  assert_int_equal(with_epoch_2(5, head.hash), OUTCOME_FROZEN);
  assert_int_equal(with_epoch_2(4, elsewhere), OUTCOME_FROZEN);
  assert_int_equal(site_int(&hub, "SELECT frozen_ms <> 0 FROM sync_stream WHERE author = 330127"), 1);
  assert_int_equal(with_epoch_2(4, head.hash), OUTCOME_TAKEN);
  assert_int_equal(site_int(&hub, "SELECT frozen_ms FROM sync_stream WHERE author = 330127"), 0);
  assert_true(site_verifies(&hub));
}

static void an_entry_that_follows_another_past_is_a_fork(void **state)
{
  (void)state;
  struct buf payload = BUF_INIT;
  site_record_price(&node, 1);
  site_pull(&hub, &node, own);
  forge_payload(&payload, "INSERT INTO stock VALUES(330127, (1 << 40) | (2 << 12), 'b', 1)");
  struct forgery f = {.stream = own, .first_seq = 2, .prev = {7}};
  struct batch *batch = forge_batch(&hub, &f, &payload, 1);
  assert_int_equal(site_apply(&hub, batch).outcome, OUTCOME_FORK);
  batch_close(batch);
  buf_wipe(&payload);
}

/* ---- schema ---- */

static void a_newer_schema_waits_in_order_and_is_applied_after_the_upgrade(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  struct buf payloads[2] = {BUF_INIT, BUF_INIT};
  forge_payload(&payloads[0], "INSERT INTO stock VALUES(330127, (1 << 40) | (1 << 12), 'a', 1)");
  forge_payload(&payloads[1], "INSERT INTO stock VALUES(330127, (1 << 40) | (2 << 12), 'b', 1)");
  struct forgery f = {.stream = own, .first_seq = 1, .schema = 2};
  struct batch *batch = forge_batch(&hub, &f, payloads, 2);
  struct apply_result result = site_apply(&hub, batch);
  assert_int_equal(result.outcome, OUTCOME_TAKEN);
  assert_int_equal(result.through_seq, 2);
  assert_int_equal(result.parked, 2);
  assert_string_equal(result.reason, "schema_newer");
  /* one we do understand keeps its place behind them */
  result = apply_sql(&hub, own, "INSERT INTO stock VALUES(330127, (1 << 40) | (3 << 12), 'c', 1)");
  assert_int_equal(result.parked, 1);
  assert_int_equal(site_int(&hub, "SELECT count(*) FROM stock"), 0);
  site_record_price(&other, 1);
  assert_int_equal(site_pull(&hub, &other, (struct stream){TONGLU, 0}).outcome, OUTCOME_TAKEN);
  assert_true(site_verifies(&hub));
  hub.config.schema = 2; /* the same tables: only the number is newer */
  site_reopen(&hub);
  assert_int_equal(site_int(&hub, "SELECT count(*) FROM stock"), 3);
  assert_int_equal(site_int(&hub, "SELECT waiting_seq FROM sync_stream WHERE author = 330127"), 0);
  assert_int_equal(site_int(&hub, "SELECT count(*) FROM sync_quarantine WHERE state = 'waiting'"), 0);
  assert_true(site_verifies(&hub));
  assert_true(store_retry_parked(hub.store, FIXTURE_NOW_MS, NULL, &err));
  batch_close(batch);
  buf_wipe(&payloads[0]);
  buf_wipe(&payloads[1]);
}

/* It is written later than its place in the log says, so a row that is missing now proves nothing. */
static void what_waited_is_not_asked_for_rows_of_others(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  struct db *db = NULL;
  struct buf payload = BUF_INIT;
  site_close(&hub);
  assert_true(db_open(&db, hub.path, DB_WRITE, &err));
  assert_true(db_exec(db, "INSERT INTO column_rule VALUES('stock', 'qty', 'row', 1, 0, 'product', 1)", &err));
  db_close(db);
  site_reopen(&hub);
  assert_true(site_commit(&hub, 0, "INSERT INTO product VALUES(1, 'tea', 'kg', NULL, 1.0)", NULL, &err));
  forge_payload(&payload, "INSERT INTO stock VALUES(330127, (1 << 40) | (1 << 12), 'a', 7)");
  struct forgery f = {.stream = own, .first_seq = 1, .schema = 2};
  struct batch *batch = forge_batch(&hub, &f, &payload, 1);
  assert_int_equal(site_apply(&hub, batch).parked, 1);
  hub.config.schema = 2;
  site_reopen(&hub);
  assert_int_equal(site_int(&hub, "SELECT count(*) FROM stock"), 1);
  struct apply_result result =
      apply_sql(&hub, own, "INSERT INTO stock VALUES(330127, (1 << 40) | (2 << 12), 'b', 7)");
  assert_int_equal(result.quarantined, 1);
  assert_string_equal(result.reason, "unknown_row");
  assert_true(site_verifies(&hub));
  batch_close(batch);
  buf_wipe(&payload);
}

static void what_waited_is_held_to_the_rules_of_its_place(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  struct db *db = NULL;
  struct buf payload = BUF_INIT;
  assert_true(site_commit(&hub, 0, "INSERT INTO product VALUES(1, 'tea', 'kg', NULL, 1.0)", NULL, &err));
  forge_payload(&payload, "INSERT INTO stock VALUES(330127, (1 << 40) | (1 << 12), 'a', 5)");
  struct forgery f = {.stream = own, .first_seq = 1, .schema = 3};
  struct batch *batch = forge_batch(&hub, &f, &payload, 1);
  assert_int_equal(site_apply(&hub, batch).parked, 1);
  /* The next program brings a rule that it breaks, and the province signs under it; one later it is
   * understood. */
  site_close(&hub);
  assert_true(db_open(&db, hub.path, DB_WRITE, &err));
  assert_true(db_exec(db, "INSERT INTO column_rule VALUES('stock', 'qty', 'number', 1, 1, '', 2)", &err));
  db_close(db);
  hub.config.schema = 2;
  site_reopen(&hub);
  assert_true(site_commit(&hub, 0, "INSERT INTO product VALUES(2, 'rice', 'kg', NULL, 1.0)", NULL, &err));
  assert_int_equal(site_int(&hub, "SELECT count(*) FROM stock"), 0);
  site_close(&hub);
  hub.config.schema = 3;
  site_reopen(&hub);
  assert_int_equal(site_int(&hub, "SELECT count(*) FROM stock"), 1);
  assert_true(site_verifies(&hub));
  batch_close(batch);
  buf_wipe(&payload);
}

static void another_schema_under_our_number_waits_too(void **state)
{
  (void)state;
  struct buf payload = BUF_INIT;
  forge_payload(&payload, "INSERT INTO stock VALUES(330127, (1 << 40) | (1 << 12), 'a', 1)");
  struct forgery f = {.stream = own, .first_seq = 1, .schema_hash = {1, 2, 3}};
  struct batch *batch = forge_batch(&hub, &f, &payload, 1);
  struct apply_result result = site_apply(&hub, batch);
  assert_int_equal(result.parked, 1);
  assert_string_equal(result.reason, "schema_unknown");
  batch_close(batch);
  buf_wipe(&payload);
}

static void an_older_schema_with_fewer_columns_is_applied_and_more_columns_are_not(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  struct db *db = NULL;
  struct batch *older =
      forge_next(&hub, own, "INSERT INTO stock VALUES(330127, (1 << 40) | (1 << 12), 'a', 1)");
  site_close(&hub);
  assert_true(db_open(&db, hub.path, DB_WRITE, &err));
  assert_true(db_exec(db, "ALTER TABLE stock ADD COLUMN place TEXT NOT NULL DEFAULT 'here'", &err));
  db_close(db);
  hub.config.schema = 2;
  site_reopen(&hub);
  struct apply_result result = site_apply(&hub, older);
  assert_int_equal(result.quarantined, 0);
  assert_int_equal(site_int(&hub, "SELECT count(*) FROM stock WHERE place = 'here'"), 1);
  /* four columns under the number of a schema that has five */
  result = apply_sql(&hub, own, "INSERT INTO stock VALUES(330127, (1 << 40) | (2 << 12), 'b', 1)");
  assert_string_equal(result.reason, "columns");
  assert_true(site_verifies(&hub));
  batch_close(older);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, begin, end)
  const struct CMUnitTest tests[] = {
      T(hub_rows_reach_the_branch_they_are_for_and_no_other),
      T(a_row_for_one_branch_is_never_written_for_all),
      T(updates_and_deletes_of_shared_rows_follow),
      T(no_entry_claims_the_moment_of_the_one_before_it_or_an_earlier),
      T(replay_is_harmless_in_whole_and_in_part),
      T(the_provinces_word_for_an_entry_of_ours_is_not_ours),
      T(a_gap_is_refused_and_says_what_is_missing),
      T(many_batches_are_one_transaction_and_one_bad_one_stops_no_other),
      T(wrong_entries_are_kept_and_named_and_the_next_goes_on),
      T(conflicting_rows_are_quarantined_and_nothing_of_their_entry_stays),
      T(a_row_that_exists_or_differs_or_breaks_a_check_is_named),
      T(a_damaged_changeset_is_quarantined_and_the_next_entry_applied),
      T(a_revoked_key_proves_nothing_new),
      T(a_key_that_is_another_by_now_is_refused),
      T(an_unknown_key_is_refused),
      T(two_entries_for_one_place_are_both_kept_and_the_stream_is_frozen),
      T(only_the_next_entry_of_a_new_epoch_thaws_a_frozen_stream),
      T(an_entry_that_follows_another_past_is_a_fork),
      T(a_newer_schema_waits_in_order_and_is_applied_after_the_upgrade),
      T(what_waited_is_not_asked_for_rows_of_others),
      T(what_waited_is_held_to_the_rules_of_its_place),
      T(another_schema_under_our_number_waits_too),
      T(an_older_schema_with_fewer_columns_is_applied_and_more_columns_are_not),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
