/* Whose a lost leaf is its keepers say, and one may lie (docs/decisions/0218): a branch that was there when
 * the province was put together finds a hole where its next entry stands.  The entry has its place in no log
 * then; it goes up behind the hole, and nobody is blamed. */
#include "sync/carry.h"
#include "sync/keep_leaves.h"
#include "sync/streams.h"
#include "tests/sim/lost.h"
#include "tests/unit/sync/lose.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

enum { HONEST, LIAR, OTHER, BURNT, MEMBERS, NOBODY = MEMBERS };

static const int64_t START_MS = 1795316000000;

static struct province p;
static struct lost lost;

static int64_t wall(void)
{
  return START_MS + p.mono_ms;
}

static struct site *site_of(size_t i)
{
  return &p.members[i].site;
}

static void call(size_t i)
{
  p.mono_ms += 60000;
  province_connect(&p, &p.members[i]);
  province_settle(&p);
}

static void greets_again(size_t i)
{
  p.mono_ms += 120000;
  exchange_node_hello(p.members[i].node, province_now(&p, &p.members[i]));
  province_settle(&p);
}

static void meet(size_t i)
{
  call(i);
  if (p.members[i].node) greets_again(i);
  if (p.members[i].node) province_hang_up(&p, &p.members[i]);
}

/* Some entries of each, and everybody has been shown all of it. */
static void a_life(void)
{
  province_open(&p, MEMBERS, START_MS);
  site_product(&p.hub, 1, "radish", wall());
  lost_backup(&lost, &p);
  for (int round = 0; round < 2; round++)
    for (size_t i = 0; i < MEMBERS; i++) {
      site_prices(site_of(i), 3, wall());
      meet(i);
    }
  for (size_t i = 0; i < MEMBERS; i++)
    meet(i);
}

static void in_branch(size_t i, const char *sql)
{
  struct err err = ERR_INIT;
  must(db_exec(site_of(i)->db, "PRAGMA query_only = 0", &err), &err, "PRAGMA");
  must(db_exec(site_of(i)->db, sql, &err), &err, sql);
}

/* One entry is said to be another. */
static void says(struct stream stream, uint64_t seq, struct stream other, uint64_t other_seq)
{
  static struct keep_leaves leaves;
  struct err err = ERR_INIT;
  struct buf packed = BUF_INIT;
  size_t n = 0;
  in_branch(LIAR, "SELECT 1");
  struct query q = query_open(site_of(LIAR)->db, "SELECT leaves FROM sync_keep_tile WHERE n = 0", &err);
  assert_true(query_row(&q));
  const void *bytes = column_blob(&q, 0, &n);
  struct reader r = reader_of(bytes, n);
  keep_leaves_get(&r, &leaves);
  must(query_close(&q), &err, "query_close");
  for (unsigned i = 0; i < leaves.count; i++)
    if (leaves.of[i].stream.author == stream.author && leaves.of[i].stream.lane == stream.lane &&
        leaves.of[i].seq == seq) {
      leaves.of[i].stream = other;
      leaves.of[i].seq = other_seq;
      break;
    }
  keep_leaves_encode(&packed, &leaves);
  q = query_open(site_of(LIAR)->db, "UPDATE sync_keep_tile SET leaves = ?1 WHERE n = 0", &err);
  query_blob(&q, 1, packed.data, packed.size);
  must(query_run(&q), &err, "UPDATE");
  buf_wipe(&packed);
}

static void keeps_alone(void)
{
  in_branch(HONEST, "UPDATE sync_keep_tile SET have = 0, leaves = NULL");
  in_branch(OTHER, "UPDATE sync_keep_tile SET have = 0, leaves = NULL");
}

static void agrees_with_the_liar(size_t i)
{
  char sql[400];
  (void)snprintf(sql, sizeof sql,
                 "ATTACH '%s' AS liar; UPDATE sync_keep_tile SET leaves = (SELECT leaves FROM"
                 " liar.sync_keep_tile WHERE n = 0) WHERE n = 0; DETACH liar",
                 site_of(LIAR)->path);
  in_branch(i, sql);
}

static struct stream of(size_t i)
{
  return (struct stream){site_of(i)->code, 0};
}

/* The last `count` entries of the burnt branch are said to be what the honest one wrote next. */
static void a_keeper_lies(unsigned count)
{
  keeps_alone();
  for (uint64_t i = 0; i < count; i++)
    says(of(BURNT), 7 - count + i, of(HONEST), 7 + i);
}

static void is_put_together(uint64_t lost_leaves)
{
  struct err err = ERR_INIT;
  struct recall_report report;
  recall_lost_too(lost.recall, true);
  must(lost_assemble(&lost, &report, &err), &err, "recall_assemble");
  assert_int_equal(report.lost, lost_leaves);
  lost_start(&lost, &p);
  lost_end(&lost);
}

static void is_rebuilt(uint64_t lost_leaves, size_t away)
{
  lost_disk(&lost, &p);
  for (size_t i = 0; i < BURNT; i++)
    if (i != away) assert_true(lost_bring(&lost, &p, i, SIZE_MAX));
  is_put_together(lost_leaves);
}

static int64_t prices_of(size_t i)
{
  char sql[100];
  (void)snprintf(sql, sizeof sql, "SELECT count(*) FROM price WHERE branch = %u", site_of(i)->code);
  return site_count(&p.hub, sql);
}

static void arrives(int64_t prices, uint64_t holes)
{
  struct site *site = site_of(HONEST);
  struct head here = site_head(site, site->code, 0), there = site_head(&p.hub, site->code, 0);
  assert_int_equal(prices_of(HONEST), prices);
  assert_int_equal(site_count(site, "SELECT count(*) FROM price"), prices);
  assert_int_equal(here.seq, (uint64_t)prices + holes);
  assert_int_equal(there.seq, here.seq);
  assert_int_equal(site_count(site, "SELECT coalesce(max(seq), 0) FROM sync_receipt"), here.seq);
  assert_int_equal(site_count(site, "SELECT count(*) FROM sync_evidence"), 0);
  assert_int_equal(site_count(site, "SELECT count(*) FROM sync_aside WHERE state = 'waiting'"), 0);
  assert_int_equal(site_count(&p.hub, "SELECT count(*) FROM sync_fork"), 0);
  assert_int_equal(p.violations, 0);
  assert_true(site_verifies(site));
  assert_true(site_verifies(&p.hub));
}

static void ends(int64_t prices, uint64_t holes)
{
  arrives(prices, holes);
  province_close(&p);
}

/* It wrote one while the province was away. */
static void what_stands_in_a_false_holes_place_goes_up_behind_it(void **state)
{
  (void)state;
  a_life();
  a_keeper_lies(1);
  is_rebuilt(6, NOBODY);
  site_prices(site_of(HONEST), 1, wall());
  call(HONEST);
  arrives(7, 1); /* on that line, without a second greeting */
  province_hang_up(&p, &p.members[HONEST]);
  site_prices(site_of(HONEST), 1, wall());
  meet(HONEST);
  ends(8, 1);
}

/* Two holes, and three entries from their places on: one of them stands behind both. */
static void all_that_was_written_from_there_on_goes_up(void **state)
{
  (void)state;
  a_life();
  a_keeper_lies(2);
  is_rebuilt(6, NOBODY);
  site_prices(site_of(HONEST), 3, wall());
  meet(HONEST);
  ends(9, 2);
}

/* It wrote nothing: the holes are given to it, as to a new disk. */
static void a_branch_that_wrote_nothing_goes_on_behind_it(void **state)
{
  (void)state;
  a_life();
  a_keeper_lies(1);
  is_rebuilt(6, NOBODY);
  meet(HONEST);
  site_prices(site_of(HONEST), 1, wall());
  meet(HONEST);
  ends(7, 1);
}

/* The line breaks at every place while the hole comes down and the entries are journaled again. */
static void a_line_that_breaks_meanwhile_changes_nothing(void **state)
{
  (void)state;
  a_life();
  a_keeper_lies(2);
  is_rebuilt(6, NOBODY);
  site_prices(site_of(HONEST), 3, wall());
  for (int turns = 1; turns < 40; turns++) {
    struct member *m = &p.members[HONEST];
    p.mono_ms += 60000;
    province_connect(&p, m);
    for (int i = 0; i < turns && m->node; i++) {
      (void)province_turn(&p, m, 400);
      province_ingest(&p, 1, false);
    }
    if (m->node) province_hang_up(&p, m);
    if (turns % 5 == 0) site_crash(&m->site, wall());
  }
  meet(HONEST);
  ends(9, 2);
}

static struct buf stick(size_t i, bool all)
{
  struct err err = ERR_INIT;
  struct buf file = BUF_INIT;
  struct head through;
  const struct carry_wanted what = {.province = PROVINCE, .branch = site_of(i)->code, .all = all};
  must(store_sign_head(site_of(i)->store, wall(), &err), &err, "store_sign_head");
  must(carry_export(site_of(i)->db, &what, &file, &through, NULL, &err), &err, "carry_export");
  return file;
}

/* The receipt for it. */
static struct buf bring(const struct buf *file, struct carry_facts *facts)
{
  struct err err = ERR_INIT;
  struct buf receipt = BUF_INIT;
  must(carry_take(p.hub.store, p.hub.db, file->data, file->size, wall(), &receipt, facts, &err), &err,
       "carry_take");
  return receipt;
}

/* A stick that claims the place is no lie: what is in it comes over the line, in its new place. */
static void a_stick_does_not_bury_it(void **state)
{
  struct err err = ERR_INIT;
  struct carry_facts facts;
  struct site *site = site_of(HONEST);
  (void)state;
  a_life();
  a_keeper_lies(1);
  is_rebuilt(6, NOBODY);
  site_prices(site, 2, wall());
  struct buf file = stick(HONEST, false), receipt = bring(&file, &facts);
  assert_int_equal(facts.entries, 0);
  assert_int_equal(facts.given_from, 0); /* half a history would have it wait for the rest */
  must(carry_receive(site->store, site->db, receipt.data, receipt.size, wall(), &facts, &err), &err,
       "carry_receive");
  buf_wipe(&file);
  buf_wipe(&receipt);
  meet(HONEST);
  ends(8, 1);
}

/* It was sent, it is in the log, and no proof of that had come when the province burnt.  The branch was not
 * there when it was put together.  The leaf is its own: it takes its place, and stands once. */
static void what_is_the_leaf_after_all_takes_its_place(void **state)
{
  struct member *m = &p.members[HONEST];
  (void)state;
  a_life();
  call(HONEST);
  m->down_held = true;
  site_prices(&m->site, 2, wall());
  exchange_node_wake(m->node, province_now(&p, m));
  province_settle(&p);
  m->down_held = false;
  province_hang_up(&p, m);
  assert_int_equal(site_head(&p.hub, m->site.code, 0).seq, 8);
  meet(LIAR);
  is_rebuilt(6 + 8, HONEST);
  assert_int_equal(prices_of(HONEST), 0);
  site_prices(&m->site, 1, wall());
  meet(HONEST);
  assert_int_equal(site_count(&m->site, "SELECT count(*) FROM sync_aside"), 0);
  ends(9, 0);
}

static int64_t holes_of(size_t i)
{
  char sql[120];
  (void)snprintf(sql, sizeof sql, "SELECT count(*) FROM sync_lost_leaf WHERE author = %u", site_of(i)->code);
  return site_count(&p.hub, sql);
}

/* The first two of the burnt branch, before entries of the honest one that are here: one said to be such an
 * entry, the other of a branch that there never was. */
static void names_that_do_not_fit_are_passed_over(void **state)
{
  (void)state;
  a_life();
  keeps_alone();
  says(of(BURNT), 1, of(HONEST), 4);
  says(of(BURNT), 2, (struct stream){110101, 7}, 77);
  is_rebuilt(6, NOBODY);
  assert_int_equal(holes_of(BURNT), 6);
  site_prices(site_of(HONEST), 1, wall());
  meet(HONEST);
  ends(7, 0);
}

/* Two that tell the truth keep less of the open tile than the one that lies. */
static void who_keeps_less_of_the_open_tile_counts_for_what_it_keeps(void **state)
{
  (void)state;
  a_life();
  site_prices(site_of(LIAR), 1, wall());
  meet(LIAR);
  says(of(BURNT), 6, of(HONEST), 7);
  is_rebuilt(6, NOBODY);
  assert_int_equal(holes_of(BURNT), 6);
  province_close(&p);
}

/* The honest branch lacks one between two that are here, and that one is said to be the burnt branch's. */
static void what_must_stand_between_two_is_theirs_whoever_it_is_said_to_be_of(void **state)
{
  (void)state;
  a_life();
  keeps_alone();
  lose(site_of(HONEST)->path, of(HONEST), 4, 1);
  says(of(HONEST), 4, of(BURNT), 4);
  is_rebuilt(7, NOBODY);
  assert_int_equal(holes_of(HONEST), 1);
  assert_int_equal(holes_of(BURNT), 6);
  assert_int_equal(prices_of(HONEST), 5);
  site_prices(site_of(HONEST), 1, wall());
  meet(HONEST);
  assert_int_equal(prices_of(HONEST), 6);
  assert_true(site_verifies(&p.hub));
  province_close(&p);
}

static void holes_are(int64_t burnt, int64_t honest, int64_t other)
{
  assert_int_equal(holes_of(BURNT), burnt);
  assert_int_equal(holes_of(HONEST), honest);
  assert_int_equal(holes_of(OTHER), other);
  assert_int_equal(site_count(&p.hub, "SELECT count(*) FROM sync_lost_leaf WHERE author = 330000"), 0);
  assert_true(site_verifies(&p.hub));
  province_close(&p);
}

/* Of a stream that lacks an earlier one, by two keepers; the third knows better.  That one's leaf has its
 * name: what turns up fits. */
static void a_claim_of_another_number_is_no_entry_that_must_stand_there(void **state)
{
  struct carry_facts facts;
  (void)state;
  a_life();
  struct buf file = stick(HONEST, true);
  lose(site_of(HONEST)->path, of(HONEST), 4, 1);
  says(of(BURNT), 3, of(HONEST), 7);
  agrees_with_the_liar(OTHER);
  is_rebuilt(7, NOBODY);
  struct buf receipt = bring(&file, &facts);
  assert_int_equal(facts.entries, 1);
  buf_wipe(&file);
  buf_wipe(&receipt);
  holes_are(6, 1, 0);
}

/* Said to be the honest branch's fourth, which is lost too; the first of the other branch has no place but
 * that. */
static void no_claim_takes_the_only_place_of_another(void **state)
{
  (void)state;
  a_life();
  keeps_alone();
  lose(site_of(OTHER)->path, of(OTHER), 1, 1);
  lose(site_of(HONEST)->path, of(HONEST), 4, 1);
  says(of(OTHER), 1, of(HONEST), 4);
  is_rebuilt(8, NOBODY);
  holes_are(6, 1, 1);
}

/* A hole in a lane of the province is one for every branch: it is the last guess. */
static void a_false_claim_makes_no_hole_in_a_lane_of_the_province(void **state)
{
  (void)state;
  a_life();
  keeps_alone();
  says(of(BURNT), 6, (struct stream){PROVINCE, 0}, 99);
  is_rebuilt(6, NOBODY);
  assert_int_equal(site_count(&p.hub, "SELECT count(*) FROM sync_lost_leaf WHERE author = 330000"), 0);
  assert_true(site_verifies(&p.hub));
  province_close(&p);
}

/* The province wrote it, one branch was sent it, and the log that was signed last has it not yet. */
static void what_a_branch_was_sent_is_not_lost_by_a_claim(void **state)
{
  struct member *m = &p.members[HONEST];
  (void)state;
  a_life();
  keeps_alone();
  call(HONEST);
  site_product(&p.hub, 2, "bamboo", wall());
  province_wake(&p);
  province_settle(&p);
  province_hang_up(&p, m);
  assert_int_equal(site_count(&m->site, "SELECT count(*) FROM product"), 2);
  says(of(BURNT), 6, (struct stream){PROVINCE, 0}, 2);
  is_rebuilt(6, NOBODY);
  assert_int_equal(site_count(&p.hub, "SELECT count(*) FROM product"), 2);
  assert_int_equal(site_count(&p.hub, "SELECT count(*) FROM sync_lost_leaf WHERE author = 330000"), 0);
  assert_true(site_verifies(&p.hub));
  province_close(&p);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(what_stands_in_a_false_holes_place_goes_up_behind_it),
      cmocka_unit_test(all_that_was_written_from_there_on_goes_up),
      cmocka_unit_test(a_branch_that_wrote_nothing_goes_on_behind_it),
      cmocka_unit_test(a_line_that_breaks_meanwhile_changes_nothing),
      cmocka_unit_test(a_stick_does_not_bury_it),
      cmocka_unit_test(names_that_do_not_fit_are_passed_over),
      cmocka_unit_test(who_keeps_less_of_the_open_tile_counts_for_what_it_keeps),
      cmocka_unit_test(what_must_stand_between_two_is_theirs_whoever_it_is_said_to_be_of),
      cmocka_unit_test(what_is_the_leaf_after_all_takes_its_place),
      cmocka_unit_test(a_claim_of_another_number_is_no_entry_that_must_stand_there),
      cmocka_unit_test(no_claim_takes_the_only_place_of_another),
      cmocka_unit_test(a_false_claim_makes_no_hole_in_a_lane_of_the_province),
      cmocka_unit_test(what_a_branch_was_sent_is_not_lost_by_a_claim),
  };
  struct err err = ERR_INIT;
  must(crypto_start(&err), &err, "crypto_start");
  return cmocka_run_group_tests(tests, NULL, NULL);
}
