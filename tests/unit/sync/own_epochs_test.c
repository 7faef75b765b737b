/* A province whose disk went back gives an epoch that the branch has been in.  Everything of the branch
 * arrives all the same: the next epoch lies behind its own, and two keys of one epoch each prove what they
 * signed. */
#include "fixture.h"

#include "core/base/db.h"
#include "sync/carry_history.h"
#include "sync/own_epochs.h"
#include "sync/recall.h"
#include "sync/restored.h"
#include "sync/store_keys.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct site hub, node, machine;
static const struct stream own = {CHUNAN, 0};
static struct enrolled answer;

static int begin(void **state)
{
  (void)state;
  fixture_begin();
  site_open(&hub, "hub", PROVINCE, 1);
  site_open(&node, "node", CHUNAN, 1);
  site_record_price(&node, 1);
  site_record_price(&node, 2);
  memset(&answer, 0, sizeof answer);
  return 0;
}

static int end(void **state)
{
  (void)state;
  site_close(&machine);
  site_close(&node);
  site_close(&hub);
  memset(&machine, 0, sizeof machine);
  fixture_end();
  return 0;
}

/* Another machine of the branch, in epoch 1 with a key of its own, brings the province three prices. */
static void another_machine_is_the_branch(void)
{
  site_open(&machine, "machine", TONGLU, 1);
  site_close(&machine);
  assert_int_equal(remove(machine.path), 0);
  site_migrate(machine.path);
  machine.author = machine.config.author = CHUNAN;
  site_reopen(&machine);
  sites_meet(&hub, &machine);
  for (int i = 3; i <= 5; i++)
    site_record_price(&machine, i);
  assert_int_equal(site_pull(&hub, &machine, own).through_seq, 3);
}

static bool nothing(struct tx *tx, void *ctx, struct err *err)
{
  (void)tx;
  (void)ctx;
  (void)err;
  return true;
}

static bool collect(void *ctx, const struct key *key)
{
  struct enrolled *to = ctx;
  struct known_key *known = &to->keys[to->keys_count++];
  *known = (struct known_key){
      .author = key->author, .epoch = key->epoch, .since_ms = key->since_ms, .revoked_ms = key->revoked_ms};
  memcpy(known->public_key, key->public_key, PUBLIC_SIZE);
  return true;
}

/* The province's answer to a branch that says `had`, with the key of (CHUNAN, epoch of key). */
static bool enrol(uint32_t had, uint32_t key_epoch, struct err *err)
{
  uint8_t secret[SECRET_SIZE];
  struct enrolling e = {.author = CHUNAN, .had = had};
  site_key(CHUNAN, key_epoch, e.public_key, secret);
  *err = (struct err)ERR_INIT;
  if (!store_enrol(hub.store, &e, FIXTURE_NOW_MS, nothing, NULL, err)) return false;
  answer = (struct enrolled){.branch = CHUNAN,
                             .epoch = e.epoch,
                             .head_seq = e.base_seq,
                             .province = PROVINCE,
                             .wall_ms = FIXTURE_NOW_MS};
  memcpy(answer.head_hash, e.base_hash, HASH_SIZE);
  assert_true(key_list(hub.reader, PROVINCE, collect, &answer, err));
  assert_true(key_list(hub.reader, CHUNAN, collect, &answer, err));
  return true;
}

static uint32_t newest(uint32_t author, uint32_t key_epoch)
{
  uint8_t public_key[PUBLIC_SIZE], secret[SECRET_SIZE];
  uint32_t epoch = UINT32_MAX;
  struct err err = ERR_INIT;
  site_key(author, key_epoch, public_key, secret);
  assert_true(own_epoch_newest(node.reader, CHUNAN, public_key, &epoch, &err));
  return epoch;
}

static bool check(uint32_t key_epoch, struct err *err)
{
  uint8_t public_key[PUBLIC_SIZE], secret[SECRET_SIZE];
  *err = (struct err)ERR_INIT;
  site_key(CHUNAN, key_epoch, public_key, secret);
  return own_epochs_check(node.reader, &answer, public_key, err);
}

/* As enroll does: the database under the answer. */
static size_t goes_on(uint32_t key_epoch)
{
  size_t others = 99;
  struct err err = ERR_INIT;
  node.config.epoch = node.epoch = answer.epoch;
  node.config.base_seq = answer.head_seq;
  memcpy(node.config.base_hash, answer.head_hash, HASH_SIZE);
  site_key(CHUNAN, key_epoch, node.public_key, node.config.secret);
  site_reopen(&node);
  assert_true(own_keys_learn(node.store, &answer, &others, &err));
  return others;
}

static void what_was_never_sent_arrives_at_a_province_that_forgot_the_enrolment(void **state)
{
  (void)state;
  struct err err;
  assert_int_equal(newest(CHUNAN, 9), 1);
  assert_true(enrol(newest(CHUNAN, 9), 9, &err));
  assert_int_equal(answer.epoch, 2);
  assert_true(check(9, &err));
  assert_int_equal(goes_on(9), 0);
  assert_int_equal(site_pull(&hub, &node, own).through_seq, 2);
  assert_int_equal(site_int(&hub, "SELECT count(*) FROM price"), 2);
  assert_true(site_verifies(&hub) && site_verifies(&node));
  /* The same key asks again, for its answer was lost: it is no epoch of before. */
  assert_int_equal(newest(CHUNAN, 9), 1);
  assert_true(enrol(1, 9, &err));
  assert_int_equal(answer.epoch, 2);
  assert_true(check(9, &err));
}

static void on_disk(const char *sql)
{
  struct err err = ERR_INIT;
  struct db *db = NULL;
  assert_true(db_open(&db, node.path, DB_WRITE, &err));
  if (!db_exec(db, sql, &err)) fail_msg("%s", err.text);
  db_close(db);
}

/* The province proved that it had these, and forgot them; meanwhile one lost its content on this disk, and
 * nobody has read it since. */
static void what_is_not_what_was_signed_is_not_signed_again(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  struct store *store = NULL;
  on_disk("INSERT INTO sync_receipt(author, lane, seq, received_ms) VALUES(330127, 0, 2, 1)");
  on_disk("CREATE TABLE kept AS SELECT pos, payload FROM sync_entry WHERE payload IS NOT NULL;"
          "UPDATE sync_entry SET payload = CAST(substr(payload, 1, length(payload) - 1) || 'x' AS BLOB)"
          " WHERE pos = 1");
  assert_true(own_tail_check(node.reader, CHUNAN, &err)); /* a province that has it needs nothing of that */
  assert_true(enrol(newest(CHUNAN, 9), 9, &err));
  struct store_config config = node.config;
  config.epoch = answer.epoch;
  site_key(CHUNAN, 9, node.public_key, config.secret);
  site_close(&node);
  assert_false(store_open(&store, &config, &err));
  assert_int_equal(err.kind, ERR_CORRUPT);
  assert_non_null(strstr(err.text, "the content of entry 2 is not what was signed"));
  on_disk("UPDATE sync_entry SET payload = (SELECT k.payload FROM kept k WHERE k.pos = sync_entry.pos);"
          "DROP TABLE kept");
  site_reopen(&node); /* nothing was changed */
  assert_int_equal(goes_on(9), 0);
  assert_int_equal(site_pull(&hub, &node, own).through_seq, 2);
  assert_true(site_verifies(&hub) && site_verifies(&node));
}

/* Of an earlier program, that does not read what the branch says. */
static void an_epoch_that_was_used_is_refused_before_anything_is_written(void **state)
{
  (void)state;
  struct err err;
  int64_t keys = site_int(&node, "SELECT count(*) FROM sync_key");
  assert_true(enrol(0, 9, &err));
  assert_int_equal(answer.epoch, 1);
  assert_false(check(9, &err));
  assert_string_equal(err.rule, "epoch_used");
  assert_int_equal(site_int(&node, "SELECT count(*) FROM sync_key"), keys);
  site_reopen(&node); /* it goes on under its own epoch */
  site_record_price(&node, 3);
  /* That key has an epoch which the branch has been in: it gets no other, and a new one does. */
  assert_false(enrol(1, 9, &err));
  assert_string_equal(err.rule, "key_used_before");
  assert_true(enrol(1, 8, &err));
  assert_int_equal(answer.epoch, 2);
  assert_true(check(8, &err));
  assert_int_equal(goes_on(8), 1); /* that of the first answer */
  assert_int_equal(site_pull(&hub, &node, own).through_seq, 3);
  assert_true(site_verifies(&hub) && site_verifies(&node));
}

static void two_machines_were_the_branch_in_one_epoch_and_all_of_both_is_there(void **state)
{
  (void)state;
  struct err err;
  another_machine_is_the_branch();
  assert_true(enrol(newest(CHUNAN, 9), 9, &err));
  assert_int_equal(answer.epoch, 2);
  assert_true(check(9, &err));
  assert_int_equal(goes_on(9), 1);
  struct buf bytes = BUF_INIT;
  struct batch *came = NULL;
  assert_true(store_batch_read(hub.reader, own, 0, NULL, NULL, &bytes, &err));
  if (!batch_accept(&came, node.reader, bytes.data, bytes.size, &err)) fail_msg("%s", err.text);
  assert_int_equal(site_apply(&node, came).outcome, OUTCOME_TAKEN);
  batch_close(came);
  buf_wipe(&bytes);
  assert_true(store_heard(node.store, FIXTURE_NOW_MS, &err));
  assert_int_equal(site_pull(&hub, &node, own).through_seq, 5);
  assert_int_equal(site_int(&hub, "SELECT count(*) FROM price"), 5);
  assert_int_equal(site_int(&node, "SELECT count(*) FROM price"), 5);
  assert_true(site_verifies(&hub) && site_verifies(&node));
}

static void is_taken_for(const char *backup, const char *gathered)
{
  struct err err = ERR_INIT;
  struct recall *recall = NULL;
  struct recall_guest guest = {0};
  struct buf file = BUF_INIT;
  char path[200];
  snprintf(path, sizeof path, "%s/%s", fixture_folder(), gathered);
  if (!recall_open(&recall, path, backup, hub.config.secret, &err) ||
      !carry_history(node.reader, PROVINCE, CHUNAN, &file, &err) ||
      !recall_take_carried(recall, file.data, file.size, FIXTURE_NOW_MS, &guest, &err))
    fail_msg("%s: %s", err.rule, err.text);
  recall_close(recall);
  buf_wipe(&file);
}

/* Whether there is a backup, which knows the other's key, or none. */
static void what_both_signed_is_brought_to_a_rebuilding(void **state)
{
  struct site fresh;
  struct db *db = NULL;
  struct err err = ERR_INIT;
  char backup[200];
  two_machines_were_the_branch_in_one_epoch_and_all_of_both_is_there(state);
  snprintf(backup, sizeof backup, "%s/backup.db", fixture_folder());
  assert_true(db_open(&db, hub.path, DB_READ, &err) && db_copy(db, backup, &err));
  db_close(db);
  site_record_price(&node, 7);
  site_pull(&hub, &node, own);
  is_taken_for(backup, "gathered.db");
  site_open(&fresh, "fresh", PROVINCE, 1);
  site_close(&fresh);
  is_taken_for(fresh.path, "gathered-without.db");
}

/* Or whoever has an invitation could use up all epochs there are. */
static void a_branch_that_has_been_in_too_many_epochs_is_refused(void **state)
{
  (void)state;
  struct err err;
  assert_false(enrol(1025, 9, &err));
  assert_string_equal(err.rule, "epoch_range");
  assert_int_equal(site_int(&hub, "SELECT count(*) FROM sync_key WHERE author = 330127"), 0);
  assert_true(enrol(1024, 9, &err));
  assert_int_equal(answer.epoch, 1025);
}

static void a_branch_of_another_province_is_refused_before_anything_is_written(void **state)
{
  (void)state;
  struct err err;
  struct key other = {.author = PROVINCE, .epoch = 1};
  assert_true(store_key_add(node.store, &other, &err));
  assert_true(enrol(1, 9, &err));
  assert_false(check(9, &err));
  assert_string_equal(err.rule, "other_province");
}

int main(void)
{
  struct err err = ERR_INIT;
  if (!crypto_start(&err)) return 1;
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(what_was_never_sent_arrives_at_a_province_that_forgot_the_enrolment,
                                      begin, end),
      cmocka_unit_test_setup_teardown(what_is_not_what_was_signed_is_not_signed_again, begin, end),
      cmocka_unit_test_setup_teardown(an_epoch_that_was_used_is_refused_before_anything_is_written, begin,
                                      end),
      cmocka_unit_test_setup_teardown(two_machines_were_the_branch_in_one_epoch_and_all_of_both_is_there,
                                      begin, end),
      cmocka_unit_test_setup_teardown(what_both_signed_is_brought_to_a_rebuilding, begin, end),
      cmocka_unit_test_setup_teardown(a_branch_that_has_been_in_too_many_epochs_is_refused, begin, end),
      cmocka_unit_test_setup_teardown(a_branch_of_another_province_is_refused_before_anything_is_written,
                                      begin, end),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
