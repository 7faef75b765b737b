/* A disk that went back and was written on: what it wrote is cut off where the province's history parts from
 * it, and journaled again behind it; nothing is lost, doubled or signed for one place twice. */
#include "fixture.h"

#include "sync/aside.h"
#include "sync/restored.h"
#include "sync/standing.h"
#include "sync/streams.h"
#include "sync/withholding.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
/* clang-format off */
#include <cmocka.h>
/* clang-format on */

static const struct stream own = {CHUNAN, 0};
static struct site hub, node;

static void keep(const char *from, const char *to)
{
  char command[1200];
  snprintf(command, sizeof command, "cp %s %s && rm -f %s-wal %s-shm", from, to, to, to);
  assert_int_equal(system(command), 0);
}

/* The node's database as it is now, and going back to it. */
static void copy_disk(bool back)
{
  char copy[200];
  snprintf(copy, sizeof copy, "%s.copy", node.path);
  site_close(&node);
  keep(back ? copy : node.path, back ? node.path : copy);
  site_reopen(&node);
}

static void rule(struct site *site)
{
  struct err err = ERR_INIT;
  struct db *db = NULL;
  site_close(site);
  assert_true(db_open(&db, site->path, DB_WRITE, &err));
  assert_true(
      db_exec(db, "INSERT INTO column_rule VALUES('price', 'replaces', 'earlier', 1, 0, '', 1)", &err));
  db_close(db);
  site_reopen(site);
}

/* Three entries that both have; then two more that only the province remembers. */
static int set_up(void **state)
{
  (void)state;
  fixture_begin();
  site_open(&hub, "hub", PROVINCE, 1);
  site_open(&node, "node", CHUNAN, 1);
  rule(&hub);
  rule(&node);
  sites_meet(&hub, &node);
  for (int i = 1; i <= 3; i++)
    site_record_price(&node, i);
  copy_disk(false);
  site_record_price(&node, 4);
  site_record_price(&node, 5);
  assert_int_equal(site_pull(&hub, &node, own).through_seq, 5);
  copy_disk(true);
  return 0;
}

static int tear_down(void **state)
{
  (void)state;
  assert_true(site_verifies(&node));
  assert_true(site_verifies(&hub));
  fixture_pair_end(&hub, &node);
  return 0;
}

static struct apply_result take_history(uint64_t after, uint32_t entries)
{
  struct batch *batch = site_batch(&hub, own, after, entries);
  struct apply_result result = site_apply(&node, batch);
  batch_close(batch);
  return result;
}

static void hear(void)
{
  struct err err = ERR_INIT;
  assert_true(store_heard(node.store, FIXTURE_NOW_MS, &err));
}

static struct aside_counts counts(void)
{
  struct err err = ERR_INIT;
  struct aside_counts n;
  assert_true(aside_count(node.reader, &n, &err));
  return n;
}

/* A price that replaces the newest, as a correction does. */
static bool correct(struct tx *tx, void *ctx, struct err *err)
{
  int64_t newest = 0;
  (void)ctx;
  return db_int(tx->db, "SELECT max(id) FROM price", 0, &newest, err) && price_insert(tx, 9, err) &&
         db_exec(
             tx->db,
             "INSERT INTO price SELECT branch, id + 1, no, product, price_fen, unit, qty_milli, supplier,"
             " source, observed_date, note, (SELECT id FROM price ORDER BY id DESC LIMIT 1 OFFSET 1), 0, 0,"
             " actor, at_ms FROM price ORDER BY id DESC LIMIT 1",
             err);
}

static void what_a_disk_that_went_back_wrote_comes_behind_its_history(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  const struct act act = {
      .actor = "officer", .role = "officer", .action = "price.correct", .now_ms = FIXTURE_NOW_MS + 400000};
  site_record_price(&node, 8);
  assert_true(store_commit(node.store, &act, correct, NULL, NULL, &err));
  assert_int_equal(site_int(&node, "SELECT count(*) FROM price"), 6);
  struct apply_result taken = take_history(1, 10);
  assert_int_equal(taken.outcome, OUTCOME_TAKEN);
  assert_int_equal(taken.taken, 2);
  assert_int_equal(site_int(&node, "SELECT count(*) FROM price"), 5);
  assert_int_equal(counts().waiting, 2);
  hear();
  assert_int_equal(counts().again, 2);
  assert_int_equal(site_int(&node, "SELECT count(*) FROM price"), 8);
  assert_int_equal(site_pull(&hub, &node, own).through_seq, 7);
  assert_int_equal(site_int(&hub, "SELECT count(*) FROM price"), 8);
  assert_int_equal(site_int(&hub, "SELECT count(*) FROM sync_fork"), 0);
  assert_int_equal(site_int(&hub, "SELECT count(*) FROM sync_quarantine"), 0);
  /* The correction names what it corrected under the id it has now. */
  assert_int_equal(site_int(&hub, "SELECT count(*) FROM price r JOIN price p ON p.id = r.replaces"
                                  " WHERE p.no LIKE '%-0008' AND r.no LIKE '%-0009'"),
                   1);
  hear();
  assert_int_equal(site_int(&node, "SELECT count(*) FROM price"), 8);
}

static void rows_that_were_changed_are_as_before_and_then_changed_again(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  char sql[160];
  const int64_t id = id_of(1, 4, 0);
  snprintf(sql, sizeof sql, "INSERT INTO stock VALUES(330127, %lld, 'rice', 5)", (long long)id);
  assert_true(site_commit(&node, 0, sql, NULL, &err));
  assert_true(site_commit(&node, 0, "UPDATE stock SET qty = 6", NULL, &err));
  assert_true(site_commit(&node, 0, "DELETE FROM stock", NULL, &err));
  snprintf(sql, sizeof sql, "INSERT INTO stock VALUES(330127, %lld, 'oil', 7)", (long long)id_of(1, 7, 0));
  assert_true(site_commit(&node, 0, sql, NULL, &err));
  assert_int_equal(take_history(3, 10).outcome, OUTCOME_TAKEN);
  assert_int_equal(site_int(&node, "SELECT count(*) FROM stock"), 0);
  hear();
  assert_int_equal(site_int(&node, "SELECT count(*) FROM stock WHERE qty = 7"), 1);
  assert_int_equal(site_pull(&hub, &node, own).through_seq, 9);
  assert_int_equal(site_int(&hub, "SELECT count(*) FROM stock WHERE qty = 7"), 1);
}

static void a_crash_before_it_is_journaled_again_leaves_it_waiting(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  site_record_price(&node, 8);
  assert_int_equal(take_history(3, 10).taken, 2);
  site_reopen(&node);
  assert_false(store_writable(node.store, &err));
  assert_string_equal(err.rule, "restoring");
  hear();
  err_clear(&err);
  assert_true(store_writable(node.store, &err));
  assert_int_equal(site_int(&node, "SELECT count(*) FROM price"), 6);
  assert_int_equal(site_pull(&hub, &node, own).through_seq, 6);
}

static void it_may_go_back_again_and_again(void **state)
{
  (void)state;
  for (int round = 0; round < 3; round++) {
    site_record_price(&node, 20 + round);
    site_record_price(&node, 30 + round);
    uint64_t have = (uint64_t)site_int(&hub, "SELECT count(*) FROM price");
    assert_int_equal(take_history(3, 100).outcome, OUTCOME_TAKEN);
    hear();
    assert_int_equal(site_pull(&hub, &node, own).through_seq, have + 2);
    assert_true(site_verifies(&node));
    copy_disk(true);
  }
  assert_int_equal(take_history(3, 100).outcome, OUTCOME_TAKEN);
  hear();
  assert_int_equal(site_int(&node, "SELECT count(*) FROM price"), 11);
}

static void what_was_journaled_again_is_not_made_a_second_time(void **state)
{
  (void)state;
  site_record_price(&node, 8);
  copy_disk(false); /* with the tail that is about to be put aside */
  assert_int_equal(take_history(3, 10).taken, 2);
  hear();
  assert_int_equal(site_pull(&hub, &node, own).through_seq, 6);
  copy_disk(true);
  assert_int_equal(take_history(3, 10).taken, 3);
  hear();
  assert_int_equal(counts().again, 1);
  assert_int_equal(site_int(&node, "SELECT count(*) FROM price"), 6);
  assert_int_equal(site_int(&hub, "SELECT count(*) FROM price"), 6);
}

/* Then the log is the one that was rewritten, and a person must look. */
static void what_the_province_has_proved_is_never_cut(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  site_record_price(&node, 8);
  assert_true(store_receipt(node.store, own, 4, FIXTURE_NOW_MS, &err));
  /* What comes behind it says that it follows on another: that other is asked for, and told apart. */
  struct apply_result behind = take_history(4, 10);
  assert_int_equal(behind.outcome, OUTCOME_GAP);
  assert_int_equal(behind.through_seq, 3);
  assert_int_equal(take_history(3, 10).outcome, OUTCOME_FORK);
  assert_int_equal(take_history(3, 10).outcome, OUTCOME_FROZEN);
  assert_int_equal(site_int(&node, "SELECT count(*) FROM sync_fork"), 1);
  assert_int_equal(site_int(&node, "SELECT count(*) FROM price"), 4);
}

static bool put_stock(struct tx *tx, void *ctx, struct err *err)
{
  int64_t id = 0;
  if (!tx_id(tx, SCOPE_BRANCH, &id, err)) return false;
  struct query q = query_open(tx->db, ctx, err);
  query_int(&q, 1, id);
  return query_run(&q);
}

static void put(const char *sql)
{
  struct err err = ERR_INIT;
  const struct act act = {
      .actor = "officer", .role = "officer", .action = "stock", .now_ms = FIXTURE_NOW_MS + 900000};
  assert_true(store_commit(node.store, &act, put_stock, (void *)(uintptr_t)sql, NULL, &err));
}

static void what_changes_a_row_that_is_another_now_is_kept_with_its_reason(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  assert_int_equal(take_history(3, 10).taken, 2);
  put("INSERT INTO stock VALUES(330127, ?1, 'rice', 5)");
  assert_int_equal(site_pull(&hub, &node, own).through_seq, 6);
  copy_disk(false);
  assert_true(site_commit(&node, 0, "UPDATE stock SET qty = 8", NULL, &err));
  assert_int_equal(site_pull(&hub, &node, own).through_seq, 7);
  copy_disk(true);
  assert_true(site_commit(&node, 0, "UPDATE stock SET qty = 9", NULL, &err));
  site_record_price(&node, 50);
  assert_int_equal(take_history(6, 10).taken, 1);
  hear();
  assert_int_equal(counts().kept, 1);
  assert_int_equal(counts().again, 1);
  assert_int_equal(site_int(&node, "SELECT qty FROM stock"), 8);
  assert_int_equal(site_pull(&hub, &node, own).through_seq, 8);
}

/* The id it had belongs to a record of the true history by now, which it must never stand for. */
static void what_speaks_of_a_record_that_stays_aside_stays_with_it(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  struct db *db = NULL;
  const struct act act = {
      .actor = "officer", .role = "officer", .action = "price.correct", .now_ms = FIXTURE_NOW_MS + 400000};
  site_record_price(&node, 8);
  assert_true(store_commit(node.store, &act, correct, NULL, NULL, &err));
  site_record_price(&node, 10);
  assert_int_equal(take_history(1, 10).taken, 2);
  assert_true(db_open(&db, node.path, DB_WRITE, &err));
  assert_true(db_exec(db, "UPDATE sync_aside SET state = 'kept', reason = 'constraint' WHERE seq = 4", &err));
  db_close(db);
  hear();
  assert_int_equal(counts().kept, 2);
  assert_int_equal(counts().again, 1);
  assert_int_equal(site_int(&node, "SELECT count(*) FROM price WHERE replaces IS NOT NULL"), 0);
  assert_int_equal(site_int(&node, "SELECT count(*) FROM sync_aside WHERE seq = 5 AND reason = 'kept_aside'"),
                   1);
  assert_int_equal(site_pull(&hub, &node, own).through_seq, 6);
}

static pthread_barrier_t at_once;

/* Both begin when both are there. */
static void together(void *(*work)(void *), void *ctx)
{
  pthread_t other;
  assert_int_equal(pthread_barrier_init(&at_once, NULL, 2), 0);
  assert_int_equal(pthread_create(&other, NULL, work, ctx), 0);
  (void)work(ctx);
  assert_int_equal(pthread_join(other, NULL), 0);
  pthread_barrier_destroy(&at_once);
}

static void *hear_too(void *ctx)
{
  struct err err = ERR_INIT;
  pthread_barrier_wait(&at_once);
  if (!store_heard(node.store, FIXTURE_NOW_MS, &err)) atomic_fetch_add((atomic_int *)ctx, 1);
  return NULL;
}

/* The line is back while a receipt is accepted: each record stands once, and none is said to be withheld. */
static void the_line_and_a_receipt_journal_each_once(void **state)
{
  (void)state;
  enum { TAIL = 20 };
  atomic_int failed = 0;
  for (int i = 0; i < TAIL; i++)
    site_record_price(&node, 8 + i);
  assert_int_equal(take_history(3, 10).taken, 2);
  assert_int_equal(counts().waiting, TAIL);
  together(hear_too, &failed);
  assert_int_equal(failed, 0);
  assert_int_equal(counts().again, TAIL);
  assert_int_equal(counts().kept, 0);
  assert_int_equal(site_int(&node, "SELECT count(*) FROM price"), 5 + TAIL);
  assert_int_equal(site_pull(&hub, &node, own).through_seq, 5 + TAIL);
}

struct asking {
  int64_t id;
  atomic_int again;
  _Atomic uint64_t seq;
};

static void *ask_too(void *ctx)
{
  struct asking *asking = ctx;
  struct aside_retry retry;
  struct err err = ERR_INIT;
  pthread_barrier_wait(&at_once);
  if (!store_aside_retry(node.store, asking->id, FIXTURE_NOW_MS, &retry, &err)) return NULL;
  atomic_fetch_add(&asking->again, retry.again);
  atomic_store(&asking->seq, retry.seq);
  return NULL;
}

/* Whoever is second is told where it stands, or that it is not kept any more. */
static void two_people_ask_for_one_record_at_once(void **state)
{
  (void)state;
  enum { TAIL = 40 };
  struct err err = ERR_INIT;
  struct db *db = NULL;
  for (int i = 0; i < TAIL; i++)
    site_record_price(&node, 8 + i);
  assert_int_equal(take_history(3, 10).taken, 2);
  assert_true(db_open(&db, node.path, DB_WRITE, &err));
  assert_true(db_exec(db, "UPDATE sync_aside SET state = 'kept', reason = 'constraint'", &err));
  db_close(db);
  hear();
  for (int i = 1; i <= TAIL; i++) {
    struct asking asking = {.id = i};
    together(ask_too, &asking);
    assert_true(asking.again >= 1);
    assert_int_equal(asking.seq, 5 + i);
    assert_int_equal(counts().again, i);
  }
  assert_int_equal(site_int(&node, "SELECT count(*) FROM price"), 5 + TAIL);
}

/* Until its content is put right: then a person asks for it again. */
static void what_is_not_what_was_signed_stays_aside(void **state)
{
  (void)state;
  struct aside_retry retry;
  struct err err = ERR_INIT;
  struct db *db = NULL;
  site_record_price(&node, 8);
  site_record_price(&node, 9);
  assert_int_equal(take_history(1, 10).taken, 2);
  assert_true(db_open(&db, node.path, DB_WRITE, &err));
  assert_true(
      db_exec(db,
              "CREATE TABLE right AS SELECT e.pos, e.payload FROM sync_aside JOIN sync_entry e USING(pos);"
              "UPDATE sync_entry SET payload = CAST(substr(payload, 1, length(payload) - 1) || 'x' AS BLOB)"
              " WHERE pos = (SELECT min(pos) FROM sync_aside)",
              &err));
  hear();
  assert_int_equal(counts().kept, 1);
  assert_int_equal(counts().again, 1);
  assert_int_equal(site_int(&node, "SELECT count(*) FROM sync_aside WHERE reason = 'changeset'"), 1);
  assert_true(
      db_exec(db,
              "UPDATE sync_entry SET payload = (SELECT r.payload FROM right r WHERE r.pos = sync_entry.pos)"
              " WHERE pos = (SELECT min(pos) FROM sync_aside); DROP TABLE right",
              &err));
  db_close(db);
  assert_true(store_aside_retry(node.store, 1, FIXTURE_NOW_MS, &retry, &err));
  assert_true(retry.again);
  assert_int_equal(site_pull(&hub, &node, own).through_seq, 7);
}

/* -- withheld meanwhile -- */

#define PERSON "Zhang-San-13800138000"

static bool do_withhold(struct tx *tx, void *ctx, struct err *err)
{
  const struct withholding act = {.no = "",
                                  .rule = "pipl_47",
                                  .reason = "the person asked for it",
                                  .request = 1,
                                  .asked_by = "curator",
                                  .asked_ms = 1};
  int64_t pos = -1;
  return stream_find(tx->db, own, *(const uint64_t *)ctx, &pos, err) && withholding_add(tx, pos, &act, err);
}

static void withhold(uint64_t seq)
{
  struct err err = ERR_INIT;
  const struct act act = {.actor = "chief", .role = "admin", .action = "withhold", .now_ms = FIXTURE_NOW_MS};
  assert_true(store_commit(hub.store, &act, do_withhold, &seq, NULL, &err));
}

static void price_of_a_person(void)
{
  struct err err = ERR_INIT;
  assert_true(
      site_commit(&node, 0,
                  "INSERT INTO price VALUES(330127, (1 << 40) | (4 << 12), 'JG-P', 7, 900, 'kg', NULL, NULL,"
                  " 'market', 20261124, 'ask " PERSON "', NULL, 0, 0, 'officer', 1)",
                  NULL, &err));
}

/* It was journaled again as entry 6, which is withheld; the disk goes back to before that once more. */
static void comes_back_withheld(bool act_first)
{
  const struct stream shared = {PROVINCE, 0};
  price_of_a_person();
  copy_disk(false);
  assert_int_equal(take_history(3, 10).taken, 2);
  hear();
  assert_int_equal(site_pull(&hub, &node, own).through_seq, 6);
  assert_int_equal(site_int(&hub, "SELECT count(*) FROM price WHERE note LIKE '%" PERSON "'"), 1);
  withhold(6);
  copy_disk(true);
  assert_int_equal(site_int(&node, "SELECT count(*) FROM price WHERE note LIKE '%" PERSON "'"), 1);
  if (act_first) assert_int_equal(site_pull(&node, &hub, shared).outcome, OUTCOME_TAKEN);
  assert_int_equal(take_history(3, 10).taken, 3);
  if (!act_first) assert_int_equal(site_pull(&node, &hub, shared).outcome, OUTCOME_TAKEN);
  assert_int_equal(site_int(&node, "SELECT count(*) FROM sync_aside WHERE reason = 'withheld'"), 1);
  assert_int_equal(counts().waiting, 0);
  hear();
  assert_int_equal(counts().again, 0);
  assert_int_equal(site_int(&node, "SELECT count(*) FROM price WHERE note LIKE '%" PERSON "'"), 0);
  assert_int_equal(site_int(&node, "SELECT count(*) FROM sync_entry WHERE instr(payload, '" PERSON "')"), 0);
  site_record_price(&node, 9); /* and life goes on */
  assert_int_equal(site_pull(&hub, &node, own).through_seq, 7);
  struct withholding act;
  struct buf keep = BUF_INIT;
  struct err err = ERR_INIT;
  struct logged entry;
  bool found = false;
  int64_t pos = -1;
  assert_true(withholding_get(hub.reader, own, 6, &act, &found, &keep, &err)); /* the entry's own */
  assert_true(stream_find(hub.reader, own, 6, &pos, &err));
  uint8_t named[HASH_SIZE];
  memcpy(named, act.record_hash, HASH_SIZE);
  assert_true(entry_read(hub.reader, pos, &entry, &keep, &err));
  assert_memory_equal(entry.hash, named, HASH_SIZE);
  buf_wipe(&keep);
}

static void what_was_withheld_does_not_come_back_with_an_old_disk(void **state)
{
  (void)state;
  comes_back_withheld(false);
}

static void nor_when_the_act_comes_before_the_parting(void **state)
{
  (void)state;
  comes_back_withheld(true);
}

static void count_act(void *ctx, const struct withholding *act)
{
  (void)act;
  ++*(int *)ctx;
}

static void an_act_that_names_two_records_is_one_in_lists(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  int acts = 0;
  price_of_a_person();
  assert_int_equal(take_history(3, 10).taken, 2);
  hear();
  assert_int_equal(site_pull(&hub, &node, own).through_seq, 6);
  withhold(6);
  assert_int_equal(site_int(&hub, "SELECT count(*) FROM withholding"), 2);
  assert_true(withholding_list(hub.reader, 0, count_act, &acts, &err));
  assert_int_equal(acts, 1);
}

/* What is journaled again is made now, and now is what the clock says unless it leaps. */
static void a_clock_that_leaps_is_not_followed_here_either(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  struct head head;
  const int64_t year_ms = INT64_C(365) * 86400000;
  site_record_price(&node, 8);
  assert_int_equal(take_history(3, 10).taken, 2);
  assert_true(store_heard(node.store, FIXTURE_NOW_MS + year_ms, &err));
  assert_int_equal(counts().again, 1);
  assert_true(stream_head(node.reader, own, &head, &err));
  assert_true((int64_t)(head.hlc >> 16) < FIXTURE_NOW_MS + year_ms / 2);
}

/* Until the province answers this very challenge, an old receipt could say how far it has the journal. */
static void a_restored_disk_asks_with_one_challenge_until_it_hears(void **state)
{
  struct err err = ERR_INIT;
  struct db *db = NULL;
  uint8_t first[CHALLENGE_SIZE], again[CHALLENGE_SIZE];
  bool asks = true;
  (void)state;
  assert_true(challenge_get(node.reader, first, &asks, &err));
  assert_false(asks);
  site_close(&node);
  assert_true(db_open(&db, node.path, DB_WRITE, &err) && restored_mark(db, FIXTURE_NOW_MS, &err));
  db_close(db);
  site_reopen(&node);
  assert_true(store_ask(node.store, &err));
  assert_true(challenge_get(node.reader, first, &asks, &err));
  assert_true(asks);
  assert_true(store_ask(node.store, &err));
  assert_true(challenge_get(node.reader, again, &asks, &err));
  assert_memory_equal(first, again, CHALLENGE_SIZE);
  assert_false(store_writable(node.store, &err));
  assert_string_equal(err.rule, "restoring");
  take_history(3, 2);
  hear();
  assert_true(challenge_get(node.reader, again, &asks, &err));
  assert_false(asks);
  err_clear(&err);
  assert_true(store_writable(node.store, &err));
}

int main(void)
{
#define MADE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
  const struct CMUnitTest tests[] = {
      MADE(what_a_disk_that_went_back_wrote_comes_behind_its_history),
      MADE(rows_that_were_changed_are_as_before_and_then_changed_again),
      MADE(a_crash_before_it_is_journaled_again_leaves_it_waiting),
      MADE(it_may_go_back_again_and_again),
      MADE(what_was_journaled_again_is_not_made_a_second_time),
      MADE(what_the_province_has_proved_is_never_cut),
      MADE(what_changes_a_row_that_is_another_now_is_kept_with_its_reason),
      MADE(the_line_and_a_receipt_journal_each_once),
      MADE(two_people_ask_for_one_record_at_once),
      MADE(what_is_not_what_was_signed_stays_aside),
      MADE(what_speaks_of_a_record_that_stays_aside_stays_with_it),
      MADE(what_was_withheld_does_not_come_back_with_an_old_disk),
      MADE(nor_when_the_act_comes_before_the_parting),
      MADE(an_act_that_names_two_records_is_one_in_lists),
      MADE(a_clock_that_leaps_is_not_followed_here_either),
      MADE(a_restored_disk_asks_with_one_challenge_until_it_hears),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
