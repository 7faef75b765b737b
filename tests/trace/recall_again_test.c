/* A province that was put together over lost entries loses its disk once more: what was written behind the
 * holes names their leaves, and comes back with the rest, whether they are filled by then or not. */
#include "sync/carry.h"
#include "sync/lost_said.h"
#include "sync/store_keys.h"
#include "sync/store_log.h"
#include "sync/tlog.h"
#include "tests/sim/lost.h"
#include "tests/unit/sync/lose.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

enum { BURNT, OTHER, MEMBERS };

static const int64_t START_MS = 1795316000000;

static struct province p;
static struct lost lost;
static struct buf stick; /* of the burnt disk */
static struct tlog_state before;

static int64_t wall(void)
{
  return START_MS + p.mono_ms;
}

static struct site *site_of(size_t i)
{
  return &p.members[i].site;
}

static void meet(size_t i)
{
  struct err err = ERR_INIT;
  must(store_sign_log(p.hub.store, wall(), &err), &err, "store_sign_log");
  p.mono_ms += 60000;
  province_connect(&p, &p.members[i]);
  province_settle(&p);
  for (int n = 0; n < 2 && p.members[i].node; n++) {
    p.mono_ms += 120000;
    exchange_node_hello(p.members[i].node, province_now(&p, &p.members[i]));
    province_settle(&p);
  }
  if (p.members[i].node) province_hang_up(&p, &p.members[i]);
}

static void all_meet(void)
{
  for (int round = 0; round < 2; round++)
    for (size_t i = 0; i < MEMBERS; i++)
      meet(i);
}

static void export_stick(void)
{
  struct err err = ERR_INIT;
  struct head through;
  struct site *site = site_of(BURNT);
  const struct carry_wanted what = {.province = PROVINCE, .branch = site->code, .all = true};
  buf_clear(&stick);
  must(store_sign_head(site->store, wall(), &err), &err, "store_sign_head");
  must(carry_export(site->db, &what, &stick, &through, NULL, &err), &err, "carry_export");
}

static void stick_to_province(void)
{
  struct err err = ERR_INIT;
  struct buf receipt = BUF_INIT;
  struct carry_facts facts;
  must(carry_take(p.hub.store, p.hub.db, stick.data, stick.size, wall(), &receipt, &facts, &err), &err,
       "carry_take");
  buf_wipe(&receipt);
}

static void stick_to_branch(void)
{
  struct err err = ERR_INIT;
  struct carry_facts facts;
  must(carry_receive(site_of(BURNT)->store, site_of(BURNT)->db, stick.data, stick.size, wall(), &facts, &err),
       &err, "carry_receive");
  assert_int_equal(facts.returned, 7);
}

static void new_disk(void)
{
  struct err err = ERR_INIT;
  struct site *site = site_of(BURNT);
  must(store_key_revoke(p.hub.store, site->code, EPOCH_MAX, wall(), &err), &err, "store_key_revoke");
  site_new_disk(site, &p.hub, p.folder, wall());
}

/* Both disks burn; what the branch had is lost, and it goes on behind the holes with a new one. */
static void the_first_loss(void)
{
  struct err err = ERR_INIT;
  struct recall_report report;
  province_open(&p, MEMBERS, START_MS);
  site_product(&p.hub, 1, "radish", wall());
  meet(OTHER);
  lost_backup(&lost, &p);
  site_prices(site_of(OTHER), 2, wall());
  site_prices(site_of(BURNT), 7, wall());
  all_meet();
  export_stick();
  lost_disk(&lost, &p);
  assert_true(lost_bring(&lost, &p, OTHER, SIZE_MAX));
  recall_lost_too(lost.recall, true);
  must(lost_assemble(&lost, &report, &err), &err, "recall_assemble");
  assert_int_equal(report.lost, 7);
  lost_start(&lost, &p);
  lost_end(&lost);
  (void)remove(lost.gathered);
  new_disk();
  meet(BURNT);
  site_prices(site_of(BURNT), 2, wall());
}

static void remember(void)
{
  struct err err = ERR_INIT;
  all_meet();
  must(tlog_state(p.hub.db, &before, &err), &err, "tlog_state");
}

static void all_bring(void)
{
  lost_disk(&lost, &p);
  for (size_t i = 0; i < MEMBERS; i++)
    assert_true(lost_bring(&lost, &p, i, SIZE_MAX));
}

static void the_log_is_back(uint64_t holes)
{
  struct err err = ERR_INIT;
  struct recall_report report;
  must(lost_assemble(&lost, &report, &err), &err, "recall_assemble");
  assert_int_equal(report.size, before.size);
  assert_memory_equal(&report.root, &before.root, sizeof before.root);
  assert_int_equal(report.lost, holes);
  lost_start(&lost, &p);
  lost_end(&lost);
  assert_true(site_verifies(&p.hub));
}

static void the_root_is_back(uint64_t holes, int64_t prices)
{
  the_log_is_back(holes);
  site_prices(site_of(BURNT), 1, wall());
  all_meet();
  assert_int_equal(site_count(&p.hub, "SELECT count(*) FROM price WHERE branch <> 330000"), prices + 1);
  assert_int_equal(site_count(&p.hub, "SELECT count(*) FROM sync_fork"), 0);
  assert_true(site_verifies(&p.hub));
  for (size_t i = 0; i < MEMBERS; i++) {
    assert_int_equal(site_count(site_of(i), "SELECT count(*) FROM sync_evidence"), 0);
    assert_true(site_verifies(site_of(i)));
  }
  buf_wipe(&stick);
  province_close(&p);
}

static void holes_that_are_filled_come_back(void **state)
{
  (void)state;
  the_first_loss();
  meet(BURNT);
  stick_to_branch();
  remember();
  all_bring();
  the_root_is_back(0, 11);
}

static void holes_that_are_not_filled_stay_and_all_behind_them_comes_back(void **state)
{
  (void)state;
  the_first_loss();
  remember();
  all_bring();
  recall_lost_too(lost.recall, true);
  the_root_is_back(7, 4);
}

static bool are_said_lost(void)
{
  struct err err = ERR_INIT;
  static struct recall_state look; /* large */
  do
    must(recall_look(lost.recall, &look, &err), &err, "recall_look");
  while (look.looking);
  return look.said_lost;
}

/* The log says so, and the branch has come and lacks them: people need not say it again. */
static void what_the_log_says_is_lost_is_not_waited_for(void **state)
{
  char subject[LOST_SUBJECT_SIZE];
  const struct lost_run run = {.stream = {site_of(BURNT)->code, 0}, .first_seq = 1, .count = 7};
  (void)state;
  the_first_loss();
  lost_subject(subject, &run);
  site_says(&p.hub, LOST_LEAF_ACTION, subject, wall());
  remember();
  lost_disk(&lost, &p);
  assert_true(lost_bring(&lost, &p, OTHER, SIZE_MAX));
  assert_false(are_said_lost());
  assert_true(lost_bring(&lost, &p, BURNT, SIZE_MAX));
  assert_true(are_said_lost());
  the_root_is_back(7, 4);
}

static void what_turned_up_since_is_waited_for(void **state)
{
  char subject[LOST_SUBJECT_SIZE];
  struct err err = ERR_INIT;
  struct recall_report report;
  const struct lost_run run = {.stream = {site_of(BURNT)->code, 0}, .first_seq = 1, .count = 7};
  (void)state;
  the_first_loss();
  lost_subject(subject, &run);
  site_says(&p.hub, LOST_LEAF_ACTION, subject, wall());
  site_says(&p.hub, FOUND_LEAF_ACTION, subject, wall());
  remember();
  all_bring();
  assert_false(are_said_lost());
  assert_false(lost_assemble(&lost, &report, &err));
  assert_string_equal(err.rule, "leaf_missing");
  lost_end(&lost);
  buf_wipe(&stick);
  province_close(&p);
}

/* The backup is of when the hole was filled and what names its leaf had not come. */
static void what_names_a_leaf_follows_on_the_backup(void **state)
{
  (void)state;
  the_first_loss();
  stick_to_province();
  lost_backup(&lost, &p);
  remember();
  all_bring();
  the_root_is_back(0, 11);
}

/* The rebuilding waits for it, and its branch is given the stick meanwhile. */
static void what_turns_up_while_it_is_waited_for_is_asked_for_again(void **state)
{
  (void)state;
  the_first_loss();
  meet(BURNT);
  remember();
  all_bring();
  stick_to_branch();
  assert_true(lost_bring(&lost, &p, BURNT, SIZE_MAX));
  the_root_is_back(0, 11);
}

/* As it lies there, by whoever brought it. */
static const char LIES_THERE[] =
    "SELECT (SELECT sum(length(record) + length(payload)) FROM own)"
    " + (SELECT sum(length(record) + length(payload)) FROM ours) + 72 * (SELECT count(*) FROM signature)"
    " + 40 * (SELECT count(*) FROM place) + (SELECT sum(length(leaves) + 32) FROM tile)";

/* Two come for one branch, each as often as it likes while the rebuilding waits. */
static void what_is_here_already_counts_for_nobody(void **state)
{
  (void)state;
  the_first_loss();
  site_product(&p.hub, 2, "bamboo", wall());
  meet(BURNT);
  remember();
  all_bring();
  int64_t kept = lost_gathered(&lost, "SELECT max(bytes) FROM branch");
  recall_bound(lost.recall, (uint64_t)kept);
  for (int i = 0; i < 3; i++) {
    assert_true(lost_bring(&lost, &p, BURNT, SIZE_MAX));
    assert_true(lost_bring_with(&lost, &p, BURNT, "60", SIZE_MAX));
    assert_true(lost_bring(&lost, &p, OTHER, SIZE_MAX));
  }
  assert_int_equal(lost_gathered(&lost, "SELECT sum(bytes) FROM branch"), lost_gathered(&lost, LIES_THERE));
  recall_lost_too(lost.recall, true);
  the_root_is_back(7, 4);
}

/* Maps of the log as earlier versions keep them. */
static void mirrors_lead_over_holes_that_are_filled(void **state)
{
  (void)state;
  the_first_loss();
  meet(BURNT);
  stick_to_branch();
  remember();
  lost_mirrors(&p);
  all_bring();
  the_root_is_back(0, 11);
}

static void mirrors_follow_on_a_backup_with_the_hole_filled(void **state)
{
  (void)state;
  the_first_loss();
  stick_to_province();
  lost_backup(&lost, &p);
  remember();
  lost_mirrors(&p);
  all_bring();
  the_root_is_back(0, 11);
}

/* An entry of the shared lane that nobody has any more; what the province wrote behind it comes back. */
static void what_stands_behind_a_hole_of_the_provinces_lane_comes_back(void **state)
{
  const struct stream shared = {PROVINCE, 0};
  (void)state;
  the_first_loss();
  site_product(&p.hub, 2, "bamboo", wall());
  site_product(&p.hub, 3, "tea", wall());
  all_meet();
  site_close(&p.hub);
  lose(p.hub.path, shared, 2, 1);
  for (size_t i = 0; i < MEMBERS; i++)
    lose(site_of(i)->path, shared, 2, 1);
  char copy[200];
  (void)snprintf(copy, sizeof copy, "%s/copy", p.folder);
  site_backup(&p.hub, copy);
  site_restore(&p.hub, copy, wall());
  site_product(&p.hub, 4, "fish", wall());
  remember();
  all_bring();
  recall_lost_too(lost.recall, true);
  the_log_is_back(8);
  assert_int_equal(site_count(&p.hub, "SELECT count(*) FROM product"), 3);
  buf_wipe(&stick);
  province_close(&p);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(holes_that_are_filled_come_back),
      cmocka_unit_test(holes_that_are_not_filled_stay_and_all_behind_them_comes_back),
      cmocka_unit_test(what_stands_behind_a_hole_of_the_provinces_lane_comes_back),
      cmocka_unit_test(what_the_log_says_is_lost_is_not_waited_for),
      cmocka_unit_test(what_turned_up_since_is_waited_for),
      cmocka_unit_test(what_turns_up_while_it_is_waited_for_is_asked_for_again),
      cmocka_unit_test(what_names_a_leaf_follows_on_the_backup),
      cmocka_unit_test(what_is_here_already_counts_for_nobody),
      cmocka_unit_test(mirrors_lead_over_holes_that_are_filled),
      cmocka_unit_test(mirrors_follow_on_a_backup_with_the_hole_filled),
  };
  struct err err = ERR_INIT;
  must(crypto_start(&err), &err, "crypto_start");
  return cmocka_run_group_tests(tests, NULL, NULL);
}
