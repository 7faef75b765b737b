/* A stick and an enrolment: what was written before it comes to the province, or back to its branch, after
 * it. No record is lost, and none stands twice. */
#include "sync/beyond.h"
#include "sync/carry.h"
#include "sync/standing.h"
#include "sync/store_keys.h"
#include "sync/store_log.h"
#include "sync/verify.h"
#include "tests/sim/province.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const int64_t START_MS = 1795316000000;

static struct province p;

static struct site *branch(void)
{
  return &p.members[0].site;
}

static void meet(void)
{
  p.mono_ms += 60000;
  province_connect(&p, &p.members[0]);
  province_settle(&p);
  province_hang_up(&p, &p.members[0]);
}

/* Three records that the province has, and two that it has not. */
static void begin(void)
{
  province_open(&p, 2, START_MS);
  site_prices(branch(), 3, START_MS);
  meet();
  site_price(branch(), 61, 610, START_MS + 1);
  site_price(branch(), 62, 620, START_MS + 2);
}

/* As sunlit-node export does. */
static struct buf export_of(struct site *site, bool all)
{
  uint8_t secret[SECRET_SIZE];
  const struct carry_wanted what = {
      .province = PROVINCE, .branch = site->code, .all = all, .secret = secret, .now_ms = START_MS};
  struct buf out = BUF_INIT;
  struct head through;
  struct db *db = NULL;
  struct err err = ERR_INIT;
  must(store_sign_head(site->store, START_MS, &err), &err, "store_sign_head");
  site_secret(site->code, site->epoch, secret);
  must(db_open(&db, site->path, DB_WRITE, &err) && challenge_make(db, &err), &err, "challenge_make");
  db_close(db);
  must(carry_export(site->db, &what, &out, &through, NULL, &err), &err, "carry_export");
  return out;
}

static bool take(const struct buf *file, struct err *err)
{
  struct carry_facts facts;
  struct buf receipt = BUF_INIT;
  bool ok = carry_take(p.hub.store, p.hub.db, file->data, file->size, START_MS + 5000, &receipt, &facts, err);
  buf_wipe(&receipt);
  return ok;
}

/* A file from which nothing comes back is named as the one that goes out. */
static uint64_t back(const struct buf *file)
{
  struct carry_facts facts;
  struct err err = ERR_INIT;
  bool ok =
      carry_receive(branch()->store, branch()->db, file->data, file->size, START_MS + 9000, &facts, &err);
  if (!ok && strcmp(err.rule, "carry_entries") != 0) must(ok, &err, "carry_receive");
  assert_int_equal(ok, facts.returned > 0);
  return facts.returned;
}

/* In its directory, or in a new one: the key of before ends. */
static void enrol_again(bool new_disk)
{
  struct err err = ERR_INIT;
  uint32_t code = branch()->code, was = branch()->epoch;
  struct head head = site_head(&p.hub, code, 0);
  must(store_key_revoke(p.hub.store, code, EPOCH_MAX, START_MS + 3, &err), &err, "store_key_revoke");
  if (new_disk) {
    site_new_disk(branch(), &p.hub, p.folder, START_MS + 3);
    return;
  }
  for (uint32_t epoch = 1; epoch <= was; epoch++)
    site_trust(branch(), code, epoch);
  site_enrol_again(branch(), &head, START_MS + 3);
  site_trust(&p.hub, code, branch()->epoch);
}

/* All of it once, at both ends. */
static void stands_once(int prices)
{
  meet();
  meet();
  struct site *sides[] = {branch(), &p.hub};
  for (int i = 0; i < 2; i++) {
    assert_int_equal(site_count(sides[i], "SELECT count(*) FROM price"), prices);
    assert_int_equal(site_count(sides[i], "SELECT count(*) FROM price WHERE price_fen = 610"), 1);
    assert_int_equal(site_count(sides[i], "SELECT count(*) FROM price WHERE price_fen = 620"), 1);
    assert_int_equal(site_count(sides[i], "SELECT count(*) FROM sync_quarantine"), 0);
    assert_true(site_verifies(sides[i]));
  }
}

static void all_of_a_branch_that_was_enrolled_again_is_taken(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  begin();
  meet();
  enrol_again(false);
  site_price(branch(), 63, 630, START_MS + 4);
  struct buf file = export_of(branch(), true);
  must(take(&file, &err), &err, "take");
  assert_int_equal(site_head(&p.hub, branch()->code, 0).seq, 6);
  stands_once(6);
  buf_wipe(&file);
  province_close(&p);
}

static void what_was_journaled_again_by_an_enrolment_does_not_come_back_from_a_stick(void **state)
{
  (void)state;
  begin();
  struct buf file = export_of(branch(), false);
  enrol_again(false);
  meet();
  for (int twice = 0; twice < 2; twice++)
    assert_int_equal(back(&file), 0);
  site_price(branch(), 63, 630, START_MS + 4);
  assert_int_equal(back(&file), 0); /* whatever is not received yet */
  stands_once(6);
  buf_wipe(&file);
  province_close(&p);
}

static void nor_with_a_disk_of_before_that_is_enrolled_once_more(void **state)
{
  (void)state;
  char old[200];
  begin();
  (void)snprintf(old, sizeof old, "%s/old.copy", p.folder);
  site_backup(branch(), old);
  enrol_again(false);
  stands_once(5);
  branch()->epoch = 1;
  site_restore(branch(), old, START_MS + 5);
  branch()->epoch = 2;
  enrol_again(false);
  stands_once(5);
  province_close(&p);
}

static void a_stick_of_a_lost_disk_is_recorded_again_by_its_branch(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  begin();
  struct buf file = export_of(branch(), false);
  enrol_again(true);
  meet();
  meet();
  assert_int_equal(site_head(branch(), branch()->code, 0).seq, 3);
  assert_false(take(&file, &err)); /* its key has ended: the province says whom to give it */
  assert_string_equal(err.rule, "ended_key");
  assert_int_equal(site_head(&p.hub, branch()->code, 0).seq, 3);
  assert_int_equal(back(&file), 2);
  assert_int_equal(back(&file), 0);
  stands_once(5);
  assert_int_equal(back(&file), 0);
  err_clear(&err);
  buf_wipe(&file);
  province_close(&p);
}

/* The province's disk went back to before the key was given; the branch is let in again. */
static void a_stick_of_a_key_that_the_province_forgot_is_for_its_branch(void **state)
{
  (void)state;
  char sql[80];
  struct err err = ERR_INIT;
  struct db *db = NULL;
  province_open(&p, 2, START_MS);
  site_price(branch(), 61, 610, START_MS + 1);
  site_price(branch(), 62, 620, START_MS + 2);
  struct buf file = export_of(branch(), false);
  (void)snprintf(sql, sizeof sql, "DELETE FROM sync_key WHERE author = %u", branch()->code);
  must(db_open(&db, p.hub.path, DB_WRITE, &err) && db_exec(db, sql, &err), &err, sql);
  db_close(db);
  assert_false(take(&file, &err)); /* nobody yet */
  assert_string_equal(err.rule, "unknown_key");
  err_clear(&err);
  enrol_again(false);
  assert_false(take(&file, &err));
  assert_string_equal(err.rule, "ended_key");
  assert_int_equal(back(&file), 0); /* its enrolment has journaled them again */
  stands_once(2);
  buf_wipe(&file);
  province_close(&p);
}

/* The province's disk went back to before what it had proved to hold, and people went on without it. */
static void go_back(const char *old)
{
  site_restore(&p.hub, old, START_MS + 4);
  enrol_again(false);
}

static void note_shown(void *ctx, const struct beyond *row)
{
  *(struct beyond *)ctx = *row;
}

static void let_go(void)
{
  struct err err = ERR_INIT;
  struct db *db = NULL;
  struct beyond shown = {0};
  must(db_open(&db, p.hub.path, DB_WRITE, &err) && beyond_list(db, note_shown, &shown, &err) &&
           beyond_let_go(db, PROVINCE, &shown, &err),
       &err, "let go");
  assert_int_equal(shown.branch, branch()->code);
  db_close(db);
  site_crash(&p.hub, START_MS + 6);
}

/* The proofs of before are of entries of before: of those that were journaled again they say nothing, and
 * what the province signed over them stays proved. */
static void what_was_proved_before_a_province_went_back_is_proved_of_what_it_was(void **state)
{
  (void)state;
  char old[200];
  struct err err = ERR_INIT;
  begin();
  (void)snprintf(old, sizeof old, "%s/hub.copy", p.folder);
  site_backup(&p.hub, old);
  meet();
  meet();
  assert_int_equal(site_count(branch(), "SELECT max(seq) FROM sync_receipt"), 5);
  go_back(old);
  assert_true(site_verifies(branch()));
  assert_int_equal(site_count(branch(), "SELECT max(seq) FROM sync_receipt"), 3); /* the rest waits again */
  assert_int_equal(site_count(branch(), "SELECT sum(count) FROM sync_leaf_former"), 2);
  assert_int_equal(site_count(branch(), "SELECT count(*) FROM sync_evidence WHERE rule = 'log_rolled_back'"),
                   1);
  meet(); /* it shows the longer log, which stops the province until people let it go */
  let_go();
  struct buf file = export_of(branch(), true);
  must(take(&file, &err), &err, "take");
  assert_int_equal(site_head(&p.hub, branch()->code, 0).seq, 5);
  stands_once(5);
  enrol_again(false); /* nothing new is proved by the other log: it is said once */
  stands_once(5);
  assert_int_equal(site_count(branch(), "SELECT sum(count) FROM sync_leaf_former"), 2);
  /* A proof that does not hold is still found. */
  struct db *db = NULL;
  must(db_open(&db, branch()->path, DB_WRITE, &err) &&
           db_exec(db, "UPDATE sync_leaf_former SET received_ms = received_ms + 1", &err),
       &err, "forge");
  db_close(db);
  struct verify_report report = {0};
  must(store_verify(branch()->path, &report, &err), &err, "store_verify");
  assert_int_equal(report.faults, 1);
  buf_wipe(&report.text);
  buf_wipe(&report.lost_text);
  buf_wipe(&file);
  province_close(&p);
}

/* The same where the province has another entry by now in a place that it had proved: of a copy of the
 * branch's disk.  What was proved there is put aside, and the true history taken. */
static void parts_before_what_was_proved(int copies)
{
  char hub_old[200], old[200], now[200];
  struct err err = ERR_INIT;
  province_open(&p, 2, START_MS);
  site_prices(branch(), 3, START_MS);
  meet();
  (void)snprintf(hub_old, sizeof hub_old, "%s/hub.copy", p.folder);
  (void)snprintf(old, sizeof old, "%s/old.copy", p.folder);
  (void)snprintf(now, sizeof now, "%s/now.copy", p.folder);
  site_backup(&p.hub, hub_old);
  site_backup(branch(), old);
  site_price(branch(), 61, 610, START_MS + 1);
  site_price(branch(), 62, 620, START_MS + 2);
  for (int i = 0; i < 5; i++)
    site_product(&p.hub, i + 1, "x", START_MS + 2);
  meet();
  meet();
  assert_int_equal(site_count(branch(), "SELECT max(seq) FROM sync_receipt"), 5);
  site_backup(branch(), now);
  site_restore(&p.hub, hub_old, START_MS + 4);
  site_restore(branch(), old, START_MS + 4);
  for (int i = 0; i < copies; i++)
    site_price(branch(), 64, 640 + i, START_MS + 5 + i);
  meet();
  assert_int_equal(site_head(&p.hub, branch()->code, 0).seq, 3 + copies);
  site_restore(branch(), now, START_MS + 10);
  site_price(branch(), 65, 650, START_MS + 11);
  enrol_again(false);
  assert_true(site_verifies(branch()));
  meet();
  assert_true(site_verifies(branch()));
  let_go();
  meet();
  meet();
  struct buf file = export_of(branch(), true);
  must(take(&file, &err), &err, "take");
  stands_once(6 + copies);
  buf_wipe(&file);
  province_close(&p);
}

static void nor_does_it_hold_up_a_history_that_parts_before_it(void **state)
{
  (void)state;
  parts_before_what_was_proved(1);
  parts_before_what_was_proved(3); /* and is longer than what is here */
}

/* ---- the end of every enrolment ---- */

enum bad_day { KEYS_LOST, EXPIRED, DISK_WENT_BACK, CLONED, LET_GO, BAD_DAYS };
static const char *const bad_days[] = {"keys lost", "certificate expired", "disk went back", "machine cloned",
                                       "let go"};
static char hub_then[200], then[200];

/* Five that the province has, the last two of them behind what is kept of then; two that it has not, when
 * they are written; and a stick with all of them. */
static struct buf before_the_day(bool written)
{
  province_open(&p, 2, START_MS);
  (void)snprintf(hub_then, sizeof hub_then, "%s/hub.copy", p.folder);
  (void)snprintf(then, sizeof then, "%s/then.copy", p.folder);
  for (int i = 0; i < 3; i++)
    site_price(branch(), 61 + i, 610 + i, START_MS + i);
  meet();
  site_backup(&p.hub, hub_then);
  site_backup(branch(), then);
  site_price(branch(), 64, 613, START_MS + 4);
  site_price(branch(), 65, 614, START_MS + 5);
  meet();
  meet();
  for (int i = 0; written && i < 2; i++)
    site_price(branch(), 66 + i, 620 + i, START_MS + 6 + i);
  return export_of(branch(), true);
}

/* What happens, to the enrolment that is its remedy.  Returns how many prices are somewhere on a disk. */
static int the_day(enum bad_day day, bool written)
{
  char copy[200];
  int prices = written ? 7 : 5;
  (void)snprintf(copy, sizeof copy, "%s/clone.copy", p.folder);
  if (day == DISK_WENT_BACK) {
    site_restore(branch(), then, START_MS + 10);
    site_price(branch(), 70, 700, START_MS + 11);
    prices = 6; /* what it had not sent went with the disk */
  }
  if (day == CLONED) {
    site_backup(branch(), copy);
    site_price(branch(), 71, 710, START_MS + 11);
    meet(); /* one of the two goes on; */
    site_restore(branch(), copy, START_MS + 12);
    site_price(branch(), 72, 720, START_MS + 13); /* the other stays */
    prices += 2;
  }
  if (day == LET_GO) site_restore(&p.hub, hub_then, START_MS + 10);
  enrol_again(false);
  return prices;
}

/* The stick comes to the province before the branch has called.  True when it is to be given to the branch.
 */
static bool stick_first(const struct buf *file)
{
  struct err err = ERR_INIT;
  if (take(file, &err)) return false;
  if (strcmp(err.rule, "log_rolled_back") == 0) {
    let_go();
    err_clear(&err);
    if (take(file, &err)) return false;
  }
  if (strcmp(err.rule, "ended_key") != 0) must(false, &err, "a stick of before");
  return true;
}

/* What let-go says of a branch that stands alone: its records by hand, and a new directory. */
static void stands_alone(void)
{
  struct err err = ERR_INIT;
  int64_t shown = 0;
  meet();
  shown = site_count(&p.hub, "SELECT count(*) FROM sync_beyond WHERE let_go = 0");
  if (shown) let_go();
  struct buf file = export_of(branch(), true);
  must(take(&file, &err), &err, "accept");
  buf_wipe(&file);
  assert_true(site_verifies(branch()));
  enrol_again(true);
}

static void is_whole(int prices, const char *name)
{
  char sql[100];
  struct site *sides[] = {branch(), &p.hub};
  for (int i = 0; i < 2; i++) {
    int64_t rows = site_count(sides[i], "SELECT count(*) FROM price"),
            once = site_count(sides[i], "SELECT count(DISTINCT price_fen) FROM price");
    if (rows != prices || once != prices)
      fail_msg("%s: %lld prices, %lld of them once, not %d", name, (long long)rows, (long long)once, prices);
    assert_int_equal(site_count(sides[i], "SELECT count(*) FROM sync_quarantine"), 0);
    if (!site_verifies(sides[i])) fail_msg("%s", name);
  }
  struct head here = site_head(branch(), branch()->code, 0), there = site_head(&p.hub, branch()->code, 0);
  assert_int_equal(here.seq, there.seq);
  assert_memory_equal(here.hash, there.hash, HASH_SIZE);
  (void)snprintf(sql, sizeof sql, "SELECT max(seq) = %llu FROM sync_receipt", (unsigned long long)here.seq);
  if (!site_count(branch(), sql)) fail_msg("%s: it is not synced", name);
  assert_int_equal(site_count(branch(), "SELECT count(*) FROM sync_witness WHERE distrust <> ''"), 0);
}

static void play(enum bad_day day, bool written, bool stick)
{
  char name[100];
  (void)snprintf(name, sizeof name, "%s, %s, %s", bad_days[day], written ? "written before" : "all sent",
                 stick ? "a stick first" : "the line at once");
  struct buf file = before_the_day(written);
  int prices = the_day(day, written);
  bool for_the_branch = stick && stick_first(&file);
  if (day == LET_GO) stands_alone();
  meet();
  meet();
  if (for_the_branch) {
    uint64_t returned = back(&file);
    if (day == DISK_WENT_BACK && written) prices += 2; /* the stick had them */
    assert_int_equal(returned > 0, day == DISK_WENT_BACK && written);
    meet();
    meet();
  }
  is_whole(prices, name);
  buf_wipe(&file);
  province_close(&p);
}

static void every_enrolment_ends_well(void **state)
{
  (void)state;
  for (int day = 0; day < BAD_DAYS; day++)
    for (int i = 0; i < 4; i++)
      play((enum bad_day)day, i & 1, i & 2);
}

/* Of a branch that is nobody any more nothing is taken, and its key is named as what it is. */
static void a_revoked_branch_gives_nothing_to_anybody(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  begin();
  struct buf file = export_of(branch(), false);
  must(store_key_revoke(p.hub.store, branch()->code, EPOCH_MAX, START_MS + 3, &err), &err,
       "store_key_revoke");
  assert_false(take(&file, &err));
  assert_string_equal(err.rule, "revoked_key");
  assert_int_equal(site_head(&p.hub, branch()->code, 0).seq, 3);
  buf_wipe(&file);
  province_close(&p);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(all_of_a_branch_that_was_enrolled_again_is_taken),
      cmocka_unit_test(what_was_journaled_again_by_an_enrolment_does_not_come_back_from_a_stick),
      cmocka_unit_test(nor_with_a_disk_of_before_that_is_enrolled_once_more),
      cmocka_unit_test(a_stick_of_a_lost_disk_is_recorded_again_by_its_branch),
      cmocka_unit_test(a_stick_of_a_key_that_the_province_forgot_is_for_its_branch),
      cmocka_unit_test(what_was_proved_before_a_province_went_back_is_proved_of_what_it_was),
      cmocka_unit_test(nor_does_it_hold_up_a_history_that_parts_before_it),
      cmocka_unit_test(every_enrolment_ends_well),
      cmocka_unit_test(a_revoked_branch_gives_nothing_to_anybody),
  };
  struct err err = ERR_INIT;
  must(crypto_start(&err), &err, "crypto_start");
  return cmocka_run_group_tests(tests, NULL, NULL);
}
