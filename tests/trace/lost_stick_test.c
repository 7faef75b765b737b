/* A stick and what the province has lost: whatever is on it, and was received once, comes back once. */
#include "sync/carry.h"
#include "sync/rebuild.h"
#include "sync/restored.h"
#include "sync/store_keys.h"
#include "sync/store_log.h"
#include "sync/streams.h"
#include "tests/sim/lost.h"
#include "tests/unit/sync/lose.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static const int64_t START_MS = 1795316000000;
static struct province p;

static struct site *branch(void)
{
  return &p.members[0].site;
}

static struct stream own(void)
{
  return (struct stream){branch()->code, 0};
}

static int64_t wall(void)
{
  return START_MS + p.mono_ms;
}

static void meet(void)
{
  struct err err = ERR_INIT;
  p.mono_ms += 60000;
  province_connect(&p, &p.members[0]);
  province_settle(&p);
  must(store_sign_log(p.hub.store, wall(), &err), &err, "store_sign_log");
  if (p.members[0].node) province_hang_up(&p, &p.members[0]);
}

/* One price each. */
static void price(int64_t fen)
{
  site_price(branch(), 50 + fen % 50, fen, wall());
}

/* 101 to 105 are received, in one batch. */
static void begin(void)
{
  province_open(&p, 1, START_MS);
  for (int64_t fen = 101; fen <= 105; fen++)
    price(fen);
  meet();
}

/* A rebuilding left the province without these. */
static void loses(uint64_t first, uint64_t count)
{
  lose(p.hub.path, own(), first, count);
  lost_folded(&p);
}

/* The key of before ends, as by an enrolment. */
static void new_disk(void)
{
  struct err err = ERR_INIT;
  must(store_key_revoke(p.hub.store, branch()->code, EPOCH_MAX, wall(), &err), &err, "store_key_revoke");
  site_new_disk(branch(), &p.hub, p.folder, wall());
}

static struct buf export(bool all)
{
  struct err err = ERR_INIT;
  struct buf file = BUF_INIT;
  struct head through;
  const struct carry_wanted what = {.province = PROVINCE, .branch = branch()->code, .all = all};
  must(store_sign_head(branch()->store, wall(), &err), &err, "store_sign_head");
  must(carry_export(branch()->db, &what, &file, &through, NULL, &err), &err, "carry_export");
  return file;
}

static uint64_t bring(const struct buf *file)
{
  struct err err = ERR_INIT;
  struct buf receipt = BUF_INIT;
  struct carry_facts facts;
  bool ok = carry_take(p.hub.store, p.hub.db, file->data, file->size, wall(), &receipt, &facts, &err);
  if (!ok && strcmp(err.rule, "ended_key") != 0) must(ok, &err, "carry_take");
  assert_int_equal(facts.late_to, 0);
  buf_wipe(&receipt);
  return facts.entries;
}

static int64_t lost_at(struct site *site)
{
  return site_count(site, "SELECT count(*) FROM sync_lost_leaf WHERE found_ms = 0");
}

/* 101 to last, each once, at both ends. */
static void stand_once(int64_t last)
{
  struct site *sides[] = {branch(), &p.hub};
  for (int i = 0; i < 2; i++) {
    assert_int_equal(site_count(sides[i], "SELECT count(*) FROM price"), last - 100);
    assert_int_equal(site_count(sides[i], "SELECT count(DISTINCT price_fen) FROM price"), last - 100);
    assert_int_equal(site_count(sides[i], "SELECT max(price_fen) FROM price"), last);
    assert_int_equal(site_count(sides[i], "SELECT count(*) FROM sync_quarantine"), 0);
    assert_true(site_verifies(sides[i]));
  }
  assert_int_equal(p.violations, 0);
}

/* The fifth went with its signature; the file has it so, whatever was written behind it. */
static void an_export_has_each_entry_as_it_was_received(void **state)
{
  (void)state;
  begin();
  price(106);
  price(107);
  struct buf file = export(true);
  loses(1, 5);
  assert_int_equal(bring(&file), 7);
  assert_int_equal(lost_at(&p.hub), 0);
  stand_once(107);
  buf_wipe(&file);
  province_close(&p);
}

/* Its key has ended and what it wrote last is for its branch; what is lost comes all the same. */
static void so_has_one_of_a_disk_that_is_gone(void **state)
{
  (void)state;
  begin();
  price(106);
  price(107);
  struct buf file = export(true);
  loses(1, 5);
  new_disk();
  meet();
  assert_int_equal(lost_at(branch()), 5);
  assert_int_equal(bring(&file), 5);
  assert_int_equal(lost_at(&p.hub), 0);
  assert_true(site_verifies(&p.hub));
  buf_wipe(&file);
  province_close(&p);
}

/* As a file of before, whose one batch goes over the place where it was received. */
static struct buf wide_export(void)
{
  struct err err = ERR_INIT;
  struct db *db = NULL;
  must(store_sign_head(branch()->store, wall(), &err), &err, "store_sign_head");
  must(db_open(&db, branch()->path, DB_WRITE, &err) &&
           db_exec(db, "UPDATE sync_entry SET signature = NULL WHERE pos < (SELECT max(pos) FROM sync_entry)",
                   &err),
       &err, "sql");
  db_close(db);
  return export(true);
}

/* Of its own, at the branch. */
static uint64_t take_back(const struct buf *file)
{
  struct err err = ERR_INIT;
  struct carry_facts facts;
  bool ok = carry_receive(branch()->store, branch()->db, file->data, file->size, wall(), &facts, &err);
  if (!ok && strcmp(err.rule, "carry_entries") != 0) must(ok, &err, "carry_receive");
  assert_int_equal(ok, facts.returned > 0);
  assert_int_equal(facts.kept, 0);
  return facts.returned;
}

/* 101 to 107 are on a stick, the province lost the first five and the branch its disk. */
static struct buf lost_but_for_a_stick(void)
{
  begin();
  price(106);
  price(107);
  struct buf file = wide_export();
  loses(1, 5);
  new_disk();
  meet();
  assert_int_equal(lost_at(branch()), 5);
  return file;
}

/* Nothing was written there since: the holes are all that it has, and the province has them too. */
static void a_stick_is_taken_back_where_the_holes_are_the_last(void **state)
{
  (void)state;
  struct buf file = lost_but_for_a_stick();
  assert_int_equal(take_back(&file), 7);
  meet();
  stand_once(107);
  buf_wipe(&file);
  province_close(&p);
}

/* The signature that leads to them is not in the file, and their key has ended: they go up by their leaves.
 */
static void what_a_stick_fills_at_its_branch_goes_up(void **state)
{
  (void)state;
  struct buf file = lost_but_for_a_stick();
  price(108);
  meet();
  assert_int_equal(take_back(&file), 7);
  assert_int_equal(lost_at(branch()), 1);
  meet();
  assert_int_equal(lost_at(&p.hub), 1);
  stand_once(108);
  assert_int_equal(site_count(branch(), "SELECT count(*) FROM sync_evidence"), 0);
  assert_int_equal(take_back(&file), 0);
  buf_wipe(&file);
  province_close(&p);
}

/* And where there is no line, with all that was written behind them. */
static void or_on_the_next_stick(void **state)
{
  (void)state;
  struct buf file = lost_but_for_a_stick();
  price(108);
  meet();
  assert_int_equal(take_back(&file), 7);
  struct buf next = export(true);
  assert_int_equal(bring(&next), 7);
  assert_int_equal(lost_at(&p.hub), 1);
  stand_once(108);
  assert_int_equal(take_back(&next), 0); /* its own */
  buf_wipe(&file);
  buf_wipe(&next);
  province_close(&p);
}

/* The places of 106 and 107 have others here, and the province has lost the first so many of the two. */
static void part_at_a_hole(uint64_t lost)
{
  char copy[200];
  begin();
  (void)snprintf(copy, sizeof copy, "%s/branch", p.folder);
  site_backup(branch(), copy);
  price(106);
  price(107);
  meet();
  loses(6, lost);
  site_restore(branch(), copy, wall());
  price(108);
  price(109);
}

/* rule "": the receipt is taken. */
static struct carry_facts answered_with(const char *rule)
{
  struct err err = ERR_INIT;
  struct buf file = export(false), receipt = BUF_INIT;
  struct carry_facts facts, unused;
  must(carry_take(p.hub.store, p.hub.db, file.data, file.size, wall(), &receipt, &facts, &err), &err,
       "carry_take");
  assert_int_equal(facts.given_from, 0);
  bool ok = carry_receive(branch()->store, branch()->db, receipt.data, receipt.size, wall(), &unused, &err);
  assert_int_equal(ok, !*rule);
  assert_string_equal(err.rule, rule);
  buf_wipe(&file);
  buf_wipe(&receipt);
  return facts;
}

static void the_line_ends_it(int64_t lost)
{
  meet();
  meet();
  assert_true(store_writable(branch()->store, NULL));
  assert_int_equal(lost_at(branch()), lost);
  assert_int_equal(site_count(&p.hub, "SELECT count(*) FROM price"), 9 - lost);
  assert_int_equal(site_count(branch(), "SELECT count(*) FROM price"), 9 - lost);
  assert_true(site_verifies(branch()) && site_verifies(&p.hub));
  province_close(&p);
}

/* The receipt cannot bring a hole, and what is behind it alone would leave the branch waiting. */
static void who_parted_at_a_hole_is_given_nothing_behind_it_and_works_on(void **state)
{
  (void)state;
  part_at_a_hole(1);
  struct carry_facts facts = answered_with("carry_other_records");
  assert_int_equal(facts.late_from, 7); /* of the hole nobody can say */
  assert_true(store_writable(branch()->store, NULL));
  the_line_ends_it(1);
}

/* A backup of that disk, put back: it waits for its answer, which is that a stick cannot end this. */
static void a_restored_copy_that_parted_at_holes_is_sent_to_the_line(void **state)
{
  struct err err = ERR_INIT;
  struct db *db = NULL;
  char copy[200];
  (void)state;
  part_at_a_hole(2);
  answered_with("");
  assert_true(store_writable(branch()->store, NULL));
  (void)snprintf(copy, sizeof copy, "%s/branch", p.folder);
  site_backup(branch(), copy);
  must(db_open(&db, copy, DB_WRITE, &err) && restored_mark(db, wall(), &err), &err, "restored_mark");
  db_close(db);
  site_restore(branch(), copy, wall());
  must(store_ask(branch()->store, &err), &err, "store_ask");
  answered_with("diverged");
  assert_false(store_writable(branch()->store, NULL));
  the_line_ends_it(2);
}

/* Monday's has 101 to 105 as they were received; on Tuesday's, of an older program, the fifth cannot be told.
 */
static struct buf two_sticks(struct buf *monday)
{
  begin();
  *monday = export(true);
  price(106);
  price(107);
  struct buf tuesday = wide_export();
  loses(1, 5);
  new_disk();
  meet();
  return tuesday;
}

/* It has its place, and stands where it was recorded again. */
static void stands_kept_out(struct site *site)
{
  assert_int_equal(lost_at(site), 0);
  assert_int_equal(site_count(site, "SELECT count(*) FROM price"), 7);
  assert_int_equal(site_count(site, "SELECT count(DISTINCT price_fen) FROM price"), 7);
  assert_int_equal(site_count(site, "SELECT count(*) FROM price WHERE id >> 40 = 2 AND price_fen = 105"), 1);
  assert_int_equal(site_count(site, "SELECT count(*) FROM sync_quarantine"), 1);
  assert_int_equal(site_count(site, "SELECT count(*) FROM sync_quarantine WHERE seq = 5 AND state = 'refused'"
                                    " AND reason = 'journaled_again'"),
                   1);
  assert_true(site_verifies(site));
}

static void a_better_stick_fills_the_hole_and_nothing_stands_twice(void **state)
{
  (void)state;
  struct buf monday;
  struct buf tuesday = two_sticks(&monday);
  assert_int_equal(take_back(&tuesday), 7);
  meet();
  stand_once(107);
  assert_int_equal(take_back(&monday), 1);
  stands_kept_out(branch());
  meet();
  stands_kept_out(&p.hub);
  buf_wipe(&monday);
  buf_wipe(&tuesday);
  province_close(&p);
}

static void nor_when_it_is_given_to_the_province(void **state)
{
  (void)state;
  struct buf monday;
  struct buf tuesday = two_sticks(&monday);
  assert_int_equal(take_back(&tuesday), 7);
  meet();
  assert_int_equal(bring(&monday), 1);
  stands_kept_out(&p.hub);
  buf_wipe(&monday);
  buf_wipe(&tuesday);
  province_close(&p);
}

/* The province is rebuilt once more, by branches that say nothing of holes: the log's order is all it has. */
static void is_rebuilt_from_its_log(void)
{
  struct err err = ERR_INIT;
  struct rebuild_report report;
  struct db *db = NULL;
  char copy[200];
  (void)snprintf(copy, sizeof copy, "%s/again", p.folder);
  site_backup(&p.hub, copy);
  must(db_open(&db, copy, DB_WRITE, &err) &&
           db_exec(db, "DELETE FROM sync_quarantine; DELETE FROM sync_lost_leaf", &err),
       &err, "sql");
  db_close(db);
  must(rebuild_tables_from(copy, p.hub.path, 0, &report, &err), &err, "rebuild_tables_from");
  assert_int_equal(report.missing + report.extra, 0);
  site_restore(&p.hub, copy, wall());
  stands_kept_out(&p.hub);
}

static void nor_for_who_is_given_all_of_it_later(void **state)
{
  (void)state;
  struct buf monday;
  struct buf tuesday = two_sticks(&monday);
  assert_int_equal(take_back(&tuesday), 7);
  meet();
  assert_int_equal(bring(&monday), 1);
  new_disk();
  meet();
  stands_kept_out(branch());
  is_rebuilt_from_its_log();
  buf_wipe(&monday);
  buf_wipe(&tuesday);
  province_close(&p);
}

/* What is withheld of the later entry is not brought back by a stick of before. */
static void nor_does_what_was_withheld_since_come_back(void **state)
{
  (void)state;
  struct buf monday;
  struct buf tuesday = two_sticks(&monday);
  assert_int_equal(take_back(&tuesday), 7);
  meet();
  site_withhold(
      &p.hub, branch()->code, 0,
      (uint64_t)site_count(&p.hub, "SELECT (id >> 12) & 268435455 FROM price WHERE price_fen = 105"), wall());
  meet();
  assert_int_equal(site_count(&p.hub, "SELECT count(*) FROM price"), 6);
  assert_int_equal(bring(&monday), 0);
  assert_int_equal(take_back(&monday), 0);
  assert_int_equal(site_count(&p.hub, "SELECT count(*) FROM price"), 6);
  assert_int_equal(lost_at(&p.hub), 1);
  assert_int_equal(lost_at(branch()), 1);
  assert_true(site_verifies(&p.hub) && site_verifies(branch()));
  buf_wipe(&monday);
  buf_wipe(&tuesday);
  province_close(&p);
}

/* The province does not know yet that its branch is about to record it again. */
static void nor_when_the_province_has_it_first(void **state)
{
  (void)state;
  struct buf monday;
  struct buf tuesday = two_sticks(&monday);
  assert_int_equal(bring(&monday), 5);
  assert_int_equal(take_back(&tuesday), 7);
  meet();
  stands_kept_out(&p.hub);
  buf_wipe(&monday);
  buf_wipe(&tuesday);
  province_close(&p);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(an_export_has_each_entry_as_it_was_received),
      cmocka_unit_test(so_has_one_of_a_disk_that_is_gone),
      cmocka_unit_test(who_parted_at_a_hole_is_given_nothing_behind_it_and_works_on),
      cmocka_unit_test(a_restored_copy_that_parted_at_holes_is_sent_to_the_line),
      cmocka_unit_test(a_stick_is_taken_back_where_the_holes_are_the_last),
      cmocka_unit_test(what_a_stick_fills_at_its_branch_goes_up),
      cmocka_unit_test(or_on_the_next_stick),
      cmocka_unit_test(a_better_stick_fills_the_hole_and_nothing_stands_twice),
      cmocka_unit_test(nor_when_it_is_given_to_the_province),
      cmocka_unit_test(nor_when_the_province_has_it_first),
      cmocka_unit_test(nor_does_what_was_withheld_since_come_back),
      cmocka_unit_test(nor_for_who_is_given_all_of_it_later),
  };
  struct err err = ERR_INIT;
  must(crypto_start(&err), &err, "crypto_start");
  return cmocka_run_group_tests(tests, NULL, NULL);
}
