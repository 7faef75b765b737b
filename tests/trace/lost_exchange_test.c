/* A province that has lost entries of a branch (sync/lost_leaf.h), and the branch: with a new disk it is
 * given the holes and goes on behind them, with its old one it brings what is lost. */
#include "hub/entry_proof.h"
#include "sync/carry.h"
#include "sync/store_keys.h"
#include "sync/store_log.h"
#include "sync/streams.h"
#include "sync/verify.h"
#include "tests/sim/lost.h"
#include "tests/unit/sync/lose.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static const int64_t START_MS = 1795316000000;
static struct province p;

static struct member *branch(void)
{
  return &p.members[0];
}

static struct stream own(void)
{
  return (struct stream){branch()->site.code, 0};
}

static int64_t wall(void)
{
  return START_MS + p.mono_ms;
}

static void meet(void)
{
  struct err err = ERR_INIT;
  p.mono_ms += 60000;
  province_connect(&p, branch());
  province_settle(&p);
  must(store_sign_log(p.hub.store, wall(), &err), &err, "store_sign_log");
  if (branch()->node) province_hang_up(&p, branch());
}

/* Two batches, of four and of three; and an entry of the province in each of its lanes. */
static void begin(void)
{
  province_open(&p, 1, START_MS);
  site_product(&p.hub, 1, "tea", wall());
  site_decide(&p.hub, branch()->site.code, "yes", wall());
  site_prices(&branch()->site, 4, wall());
  meet();
  site_prices(&branch()->site, 3, wall());
  meet();
}

static void in_hub(const char *sql)
{
  struct err err = ERR_INIT;
  struct db *db = NULL;
  must(db_open(&db, p.hub.path, DB_WRITE, &err), &err, "db_open");
  must(db_exec(db, sql, &err), &err, sql);
  db_close(db);
}

/* A rebuilding left the province without these. */
static void loses(struct stream stream, uint64_t first, uint64_t count)
{
  lose(p.hub.path, stream, first, count);
  lost_folded(&p);
}

/* As an enrolment does. */
static void ends_its_keys(void)
{
  struct err err = ERR_INIT;
  must(store_key_revoke(p.hub.store, branch()->site.code, EPOCH_MAX, wall(), &err), &err, "store_key_revoke");
}

static void new_disk(void)
{
  site_new_disk(&branch()->site, &p.hub, p.folder, wall());
}

static int64_t lost_at(struct site *site)
{
  return site_count(site, "SELECT count(*) FROM sync_lost_leaf WHERE found_ms = 0");
}

static void ends_whole(uint64_t seq)
{
  assert_int_equal(site_head(&p.hub, branch()->site.code, 0).seq, seq);
  assert_int_equal(site_head(&branch()->site, branch()->site.code, 0).seq, seq);
  assert_true(site_verifies(&p.hub));
  assert_true(site_verifies(&branch()->site));
  assert_int_equal(p.violations, 0);
  province_close(&p);
}

/* The province says of what it has lost in entries that branches do not get: none is blamed for silence
 * there. */
static void unsaid_is(struct site *site, uint64_t count)
{
  struct err err = ERR_INIT;
  struct verify_report report;
  must(store_verify(site->path, &report, &err), &err, "store_verify");
  assert_int_equal(report.lost, 3);
  assert_int_equal(report.lost_unsaid, count);
  buf_wipe(&report.text);
  buf_wipe(&report.lost_text);
}

/* The third to the fifth: the signature over the first two is lost too, and the province stands in for it. */
static void a_new_disk_is_given_its_history_with_the_holes(void **state)
{
  (void)state;
  begin();
  loses(own(), 3, 3);
  new_disk();
  meet();
  assert_int_equal(lost_at(&branch()->site), 3);
  assert_int_equal(site_count(&branch()->site, "SELECT count(*) FROM price"), 4);
  site_prices(&branch()->site, 2, wall());
  meet();
  meet();
  assert_int_equal(lost_at(&p.hub), 3);
  unsaid_is(&p.hub, 3);
  unsaid_is(&branch()->site, 0);
  ends_whole(9);
}

static void a_new_disk_goes_on_behind_a_lost_tail(void **state)
{
  (void)state;
  begin();
  loses(own(), 5, 3);
  new_disk();
  meet();
  site_prices(&branch()->site, 1, wall());
  meet();
  assert_int_equal(lost_at(&branch()->site), 3);
  ends_whole(8);
}

static void a_stream_that_is_lost_from_its_beginning_goes_on_too(void **state)
{
  (void)state;
  begin();
  loses(own(), 1, 7);
  new_disk();
  meet();
  site_prices(&branch()->site, 1, wall());
  meet();
  ends_whole(8);
}

static void holes_of_the_provinces_own_lanes_come_down_in_their_place(void **state)
{
  (void)state;
  begin();
  site_product(&p.hub, 2, "rice", wall());
  loses((struct stream){PROVINCE, 0}, 1, 1);
  loses((struct stream){PROVINCE, branch()->site.code}, 1, 1);
  new_disk();
  meet();
  assert_int_equal(lost_at(&branch()->site), 2);
  assert_int_equal(site_count(&branch()->site, "SELECT count(*) FROM product"), 1);
  ends_whole(7);
}

/* What the province writes next names the leaf; a branch that has the record knows it by that. */
static void a_lane_whose_last_entry_is_lost_goes_on_for_those_who_have_it(void **state)
{
  (void)state;
  begin();
  site_product(&p.hub, 2, "rice", wall());
  site_decide(&p.hub, branch()->site.code, "no", wall());
  meet();
  loses((struct stream){PROVINCE, 0}, 2, 1);
  loses((struct stream){PROVINCE, branch()->site.code}, 2, 1);
  site_product(&p.hub, 3, "fish", wall());
  site_decide(&p.hub, branch()->site.code, "again", wall());
  meet();
  assert_int_equal(site_count(&branch()->site, "SELECT count(*) FROM sync_fork"), 0);
  assert_int_equal(site_count(&branch()->site, "SELECT count(*) FROM product"), 3);
  assert_int_equal(site_count(&branch()->site, "SELECT count(*) FROM decision"), 3);
  ends_whole(7);
}

static void a_branch_that_has_what_is_lost_brings_it(uint64_t first, uint64_t count)
{
  begin();
  int64_t rows = site_count(&p.hub, "SELECT count(*) FROM price");
  loses(own(), first, count);
  site_prices(&branch()->site, 1, wall());
  meet();
  assert_int_equal(lost_at(&p.hub), 0);
  assert_int_equal(site_count(&p.hub, "SELECT count(*) FROM sync_lost_leaf WHERE found_ms > 0"), count);
  assert_int_equal(site_count(&p.hub, "SELECT count(*) FROM price"), rows + 1);
  ends_whole(8);
}

static void what_is_lost_in_a_batch_turns_up(void **state)
{
  (void)state;
  a_branch_that_has_what_is_lost_brings_it(2, 2);
}

static void what_is_lost_with_its_signature_turns_up(void **state)
{
  (void)state;
  a_branch_that_has_what_is_lost_brings_it(3, 3);
}

static void a_lost_tail_turns_up(void **state)
{
  (void)state;
  a_branch_that_has_what_is_lost_brings_it(6, 2);
}

static void all_of_it_turns_up(void **state)
{
  (void)state;
  a_branch_that_has_what_is_lost_brings_it(1, 7);
}

static void greets_again(void)
{
  p.mono_ms += 120000;
  exchange_node_hello(branch()->node, province_now(&p, branch()));
  province_settle(&p);
}

/* When a lost leaf came its keepers say, and all of them lie.  The branch has the province's proof. */
static void what_is_said_to_have_come_at_another_time_turns_up(void **state)
{
  (void)state;
  begin();
  int64_t rows = site_count(&p.hub, "SELECT count(*) FROM price");
  int64_t came = site_count(&p.hub, "SELECT sum(received_ms) FROM sync_entry WHERE record IS NOT NULL");
  loses(own(), 2, 5);
  in_hub("UPDATE sync_lost_leaf SET received_ms = received_ms + 7");
  p.mono_ms += 60000;
  province_connect(&p, branch());
  province_settle(&p);
  assert_int_equal(lost_at(&p.hub), 0);
  assert_int_equal(site_count(&p.hub, "SELECT count(*) FROM price"), rows);
  assert_int_equal(site_count(&p.hub, "SELECT sum(received_ms) FROM sync_entry WHERE record IS NOT NULL"),
                   came);
  assert_int_equal(site_count(&p.hub, "SELECT count(*) FROM sync_lost_leaf l JOIN sync_entry e USING(pos)"
                                      " WHERE l.received_ms <> e.received_ms"),
                   0);
  greets_again();
  assert_int_equal(site_count(&branch()->site, "SELECT count(*) FROM sync_evidence"), 0);
  province_hang_up(&p, branch());
  site_prices(&branch()->site, 1, wall());
  meet();
  lost_folded(&p);
  meet();
  ends_whole(8);
}

/* The branch has holes of its own, and the province loses what is around them too, and names one run. */
static void what_is_behind_a_hole_of_the_branch_turns_up(void **state)
{
  (void)state;
  begin();
  loses(own(), 1, 4);
  new_disk();
  meet();
  site_prices(&branch()->site, 1, wall());
  meet();
  loses(own(), 5, 3);
  site_prices(&branch()->site, 1, wall());
  meet();
  assert_int_equal(lost_at(&p.hub), 4);
  ends_whole(9);
}

/* The first two are here without their signature, which was lost with the third. */
static void is_without_a_signature(bool enrolled)
{
  begin();
  loses(own(), 3, 2);
  /* Under the key of then the province's word would become its own. */
  if (!enrolled) site_empty(&branch()->site, p.folder, wall());
  if (!enrolled) meet();
  if (!enrolled) assert_int_equal(site_head(&branch()->site, branch()->site.code, 0).seq, 0);
  ends_its_keys();
  new_disk();
  meet();
  loses(own(), 1, 2);
  loses(own(), 5, 3);
  p.mono_ms += 60000;
  province_connect(&p, branch());
  province_settle(&p);
  assert_int_equal(lost_at(&p.hub), 2);
  greets_again();
  assert_int_equal(site_count(&branch()->site, "SELECT count(*) FROM sync_evidence"), 0);
  province_hang_up(&p, branch());
  site_prices(&branch()->site, 1, wall());
  meet();
  ends_whole(8);
}

/* While the key is in force, nobody can bring them: what is behind them comes, and nobody is accused. */
static void what_no_signature_leads_to_is_passed_over(void **state)
{
  (void)state;
  is_without_a_signature(false);
}

static void once_its_key_has_ended_it_comes_by_its_leaf(void **state)
{
  (void)state;
  is_without_a_signature(true);
}

static struct buf export_all(void)
{
  struct err err = ERR_INIT;
  struct buf file = BUF_INIT;
  struct head through;
  struct site *site = &branch()->site;
  const struct carry_wanted what = {.province = PROVINCE, .branch = site->code, .all = true};
  must(store_sign_head(site->store, wall(), &err), &err, "store_sign_head");
  must(carry_export(site->db, &what, &file, &through, NULL, &err), &err, "carry_export");
  return file;
}

/* The receipt; what was new is counted. */
static struct buf bring(const struct buf *file, uint64_t *entries)
{
  struct err err = ERR_INIT;
  struct buf receipt = BUF_INIT;
  struct carry_facts facts;
  must(carry_take(p.hub.store, p.hub.db, file->data, file->size, wall(), &receipt, &facts, &err), &err,
       "carry_take");
  *entries = facts.entries;
  return receipt;
}

static void carry(uint64_t *entries)
{
  struct err err = ERR_INIT;
  struct carry_facts facts;
  struct buf file = export_all(), receipt = bring(&file, entries);
  must(carry_receive(branch()->site.store, branch()->site.db, receipt.data, receipt.size, wall(), &facts,
                     &err),
       &err, "carry_receive");
  buf_wipe(&file);
  buf_wipe(&receipt);
}

static void its_page_says_it_is_linked(uint64_t seq)
{
  struct err err = ERR_INIT;
  struct logged entry;
  struct buf keep = BUF_INIT;
  struct entry_check chain;
  int64_t pos = -1;
  must(stream_find(p.hub.db, own(), seq, &pos, &err) && entry_read(p.hub.db, pos, &entry, &keep, &err) &&
           entry_proof_chain(p.hub.db, &entry, LANGUAGE_EN, &chain, &err),
       &err, "entry_proof_chain");
  assert_int_equal(chain.ok, CHECK_PASSED);
  buf_wipe(&keep);
}

static void what_was_written_behind_a_hole_follows_when_the_hole_is_filled(void **state)
{
  uint64_t entries = 0;
  (void)state;
  begin();
  struct buf file = export_all();
  loses(own(), 5, 3);
  new_disk();
  meet();
  site_prices(&branch()->site, 1, wall());
  struct buf receipt = bring(&file, &entries);
  assert_int_equal(entries, 3);
  meet();
  assert_int_equal(site_count(&p.hub, "SELECT count(*) FROM sync_fork"), 0);
  assert_int_equal(lost_at(&p.hub), 0);
  its_page_says_it_is_linked(8); /* it names the leaf */
  buf_wipe(&file);
  buf_wipe(&receipt);
  ends_whole(8);
}

/* A new disk has gone on behind the holes; then the old one is found and enrolled. */
static void the_old_disk_goes_on(uint64_t behind)
{
  struct site *site = &branch()->site;
  char copy[200];
  begin();
  (void)snprintf(copy, sizeof copy, "%s/old", p.folder);
  site_backup(site, copy);
  loses(own(), 5, 3);
  ends_its_keys();
  new_disk();
  meet();
  site_prices(site, (int)behind, wall());
  meet();
  struct head head = site_head(&p.hub, site->code, 0);
  site->epoch = 1;
  site_restore(site, copy, wall());
  site_trust(site, site->code, 2);
  site->epoch = 2;
  ends_its_keys();
  site_trust(&p.hub, site->code, 3);
  site_enrol_again(site, &head, wall());
  meet();
  meet();
  site_prices(site, 1, wall());
  meet();
  assert_int_equal(site_count(&p.hub, "SELECT count(*) FROM sync_fork"), 0);
  assert_int_equal(lost_at(&p.hub), 0);
  ends_whole(8 + behind);
}

static void an_old_disk_takes_what_was_written_behind_its_entries_since(void **state)
{
  (void)state;
  the_old_disk_goes_on(2);
}

static void an_old_disk_goes_on_where_its_entries_were_the_last(void **state)
{
  (void)state;
  the_old_disk_goes_on(0);
}

/* A branch that was given the holes exports what it wrote behind them. */
static void a_stick_goes_past_the_holes(void **state)
{
  uint64_t entries = 0;
  (void)state;
  begin();
  loses(own(), 5, 3);
  new_disk();
  meet();
  site_prices(&branch()->site, 2, wall());
  carry(&entries);
  assert_int_equal(entries, 2);
  assert_int_equal(lost_at(&p.hub), 3);
  ends_whole(9);
}

/* And one that has them brings them on a stick too. */
static void what_is_lost_turns_up_on_a_stick(void **state)
{
  uint64_t entries = 0;
  (void)state;
  begin();
  loses(own(), 5, 3);
  carry(&entries);
  assert_int_equal(entries, 3);
  assert_int_equal(lost_at(&p.hub), 0);
  ends_whole(7);
}

/* The branch was enrolled again before its eighth; a rebuilding lost that one and the ninth and does not
 * know. */
static void loses_of_another_epoch(void)
{
  begin();
  struct head head = site_head(&p.hub, branch()->site.code, 0);
  site_trust(&branch()->site, branch()->site.code, 1);
  site_trust(&branch()->site, branch()->site.code, 2);
  site_trust(&p.hub, branch()->site.code, 2);
  site_enrol_again(&branch()->site, &head, wall());
  site_prices(&branch()->site, 2, wall());
  meet();
  lose(p.hub.path, own(), 8, 2);
  in_hub("UPDATE sync_lost_leaf SET epoch = 1; UPDATE sync_span SET epoch = 1 WHERE epoch = 2");
  lost_folded(&p);
  assert_int_equal(lost_at(&p.hub), 2);
}

/* It has all of both epochs on its disk and was only away; the key of the first has ended. */
static void what_is_lost_of_two_epochs_turns_up(void **state)
{
  (void)state;
  begin();
  struct head head = site_head(&p.hub, branch()->site.code, 0);
  site_trust(&branch()->site, branch()->site.code, 1);
  site_trust(&branch()->site, branch()->site.code, 2);
  ends_its_keys();
  site_trust(&p.hub, branch()->site.code, 2);
  site_enrol_again(&branch()->site, &head, wall());
  site_prices(&branch()->site, 2, wall());
  meet();
  loses(own(), 3, 7);
  site_prices(&branch()->site, 1, wall());
  meet();
  assert_int_equal(lost_at(&p.hub), 0);
  assert_int_equal(site_count(&p.hub, "SELECT count(*) FROM price"), 10);
  ends_whole(10);
}

static void what_turns_up_may_be_of_a_later_epoch_than_was_known(void **state)
{
  (void)state;
  loses_of_another_epoch();
  meet();
  assert_int_equal(lost_at(&p.hub), 0);
  assert_true(site_verifies(&p.hub));
  lost_folded(&p);
  site_prices(&branch()->site, 1, wall());
  meet();
  ends_whole(10);
}

/* The ninth stays lost and is said to be of the first epoch still, behind one of the second. */
static void a_new_disk_is_given_a_hole_behind_what_turned_up(void **state)
{
  (void)state;
  loses_of_another_epoch();
  in_hub(
      "UPDATE sync_lost_leaf SET leaf = CAST(substr(leaf, 2) || substr(leaf, 1, 1) AS BLOB) WHERE seq = 9");
  meet();
  in_hub(
      "UPDATE sync_lost_leaf SET leaf = CAST(substr(leaf, 32) || substr(leaf, 1, 31) AS BLOB) WHERE seq = 9");
  assert_int_equal(lost_at(&p.hub), 1);
  lost_folded(&p);
  new_disk();
  meet();
  assert_int_equal(lost_at(&branch()->site), 1);
  site_prices(&branch()->site, 1, wall());
  meet();
  ends_whole(10);
}

/* Nobody signs with the key of before any more; the leaf asks for no key. */
static void a_stick_of_a_key_that_has_ended_fills_holes(void **state)
{
  uint64_t entries = 0;
  (void)state;
  begin();
  struct buf file = export_all();
  loses(own(), 5, 3);
  ends_its_keys();
  new_disk();
  meet();
  site_prices(&branch()->site, 1, wall());
  meet();
  struct buf receipt = bring(&file, &entries);
  assert_int_equal(entries, 3);
  assert_int_equal(lost_at(&p.hub), 0);
  assert_int_equal(site_count(&p.hub, "SELECT count(*) FROM price"), 8);
  buf_wipe(&file);
  buf_wipe(&receipt);
  ends_whole(8);
}

/* Given to the branch, they fill its holes and go up from there; none is recorded twice. */
static void a_stick_fills_the_holes_of_its_branch(void **state)
{
  struct err err = ERR_INIT;
  struct carry_facts facts;
  (void)state;
  begin();
  struct buf file = export_all();
  loses(own(), 5, 3);
  ends_its_keys();
  new_disk();
  meet();
  site_prices(&branch()->site, 1, wall());
  meet();
  must(carry_receive(branch()->site.store, branch()->site.db, file.data, file.size, wall(), &facts, &err),
       &err, "carry_receive");
  assert_int_equal(facts.returned, 3);
  assert_int_equal(lost_at(&branch()->site), 0);
  meet();
  assert_int_equal(lost_at(&p.hub), 0);
  assert_int_equal(site_count(&p.hub, "SELECT count(*) FROM price"), 8);
  buf_wipe(&file);
  ends_whole(8);
}

/* Another entry in its place, well signed, is not the leaf: the hole stays a hole. */
static void what_is_not_the_leaf_is_not_taken_for_it(void **state)
{
  (void)state;
  begin();
  loses(own(), 2, 2);
  in_hub("UPDATE sync_lost_leaf SET leaf = zeroblob(32) WHERE seq = 2");
  meet();
  assert_int_equal(lost_at(&p.hub), 1);
  assert_int_equal(site_count(&p.hub, "SELECT count(*) FROM sync_entry WHERE pos NOT IN"
                                      " (SELECT pos FROM sync_lost_leaf WHERE found_ms = 0)"),
                   site_count(&p.hub, "SELECT count(*) FROM sync_entry"));
  province_close(&p);
}

static void is_called_lost_for_ever(uint64_t first, uint64_t count)
{
  loses(own(), first, count);
  in_hub("UPDATE sync_lost_leaf SET leaf = zeroblob(32)");
  p.mono_ms += 60000;
  province_connect(&p, branch());
  province_settle(&p);
  greets_again();
  assert_int_equal(site_count(&branch()->site, "SELECT count(*) FROM sync_evidence WHERE rule = 'lost_here'"),
                   1);
  province_close(&p);
}

/* It was brought and is called lost all the same: the branch keeps that for people. */
static void a_province_that_keeps_saying_it_is_lost_is_accused(void **state)
{
  (void)state;
  begin();
  is_called_lost_for_ever(2, 1);
}

/* As well where the run that it names begins with what is lost to the branch too. */
static void an_old_hole_before_it_hides_nothing(void **state)
{
  (void)state;
  begin();
  loses(own(), 1, 4);
  new_disk();
  meet();
  is_called_lost_for_ever(5, 3);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_new_disk_is_given_its_history_with_the_holes),
      cmocka_unit_test(a_new_disk_goes_on_behind_a_lost_tail),
      cmocka_unit_test(a_stream_that_is_lost_from_its_beginning_goes_on_too),
      cmocka_unit_test(holes_of_the_provinces_own_lanes_come_down_in_their_place),
      cmocka_unit_test(a_lane_whose_last_entry_is_lost_goes_on_for_those_who_have_it),
      cmocka_unit_test(what_is_lost_in_a_batch_turns_up),
      cmocka_unit_test(what_is_lost_with_its_signature_turns_up),
      cmocka_unit_test(a_lost_tail_turns_up),
      cmocka_unit_test(all_of_it_turns_up),
      cmocka_unit_test(what_is_said_to_have_come_at_another_time_turns_up),
      cmocka_unit_test(what_is_behind_a_hole_of_the_branch_turns_up),
      cmocka_unit_test(what_no_signature_leads_to_is_passed_over),
      cmocka_unit_test(once_its_key_has_ended_it_comes_by_its_leaf),
      cmocka_unit_test(a_stick_goes_past_the_holes),
      cmocka_unit_test(what_is_lost_turns_up_on_a_stick),
      cmocka_unit_test(what_is_lost_of_two_epochs_turns_up),
      cmocka_unit_test(what_turns_up_may_be_of_a_later_epoch_than_was_known),
      cmocka_unit_test(a_new_disk_is_given_a_hole_behind_what_turned_up),
      cmocka_unit_test(a_stick_of_a_key_that_has_ended_fills_holes),
      cmocka_unit_test(a_stick_fills_the_holes_of_its_branch),
      cmocka_unit_test(what_was_written_behind_a_hole_follows_when_the_hole_is_filled),
      cmocka_unit_test(an_old_disk_takes_what_was_written_behind_its_entries_since),
      cmocka_unit_test(an_old_disk_goes_on_where_its_entries_were_the_last),
      cmocka_unit_test(what_is_not_the_leaf_is_not_taken_for_it),
      cmocka_unit_test(a_province_that_keeps_saying_it_is_lost_is_accused),
      cmocka_unit_test(an_old_hole_before_it_hides_nothing),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
