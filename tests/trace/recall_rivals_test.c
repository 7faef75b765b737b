/* Several come for one branch while its province is rebuilt: a key that was stolen, a machine that was
 * copied, a file that somebody wrote.  Whoever dials first, the branch's own past comes back by the root, and
 * people can leave the other out by name. */
#include "sync/carry_history.h"
#include "sync/tlog.h"
#include "tests/sim/lost.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

enum { MEMBERS = 3 };

static const int64_t START_MS = 1795316000000;
static const char HONEST[] = "5e", THIEF[] = "60";

static struct province p;
static struct lost lost;
static struct tlog_state root_before;
static struct recall_state look;
static char early[MEMBERS][200], late[MEMBERS][200];

static int64_t wall(void)
{
  return START_MS + p.mono_ms;
}

static uint32_t code(size_t member)
{
  return p.members[member].site.code;
}

static void meet(size_t i)
{
  province_meet(&p, &p.members[i]);
}

static void all_witness(void)
{
  for (size_t i = 0; i < MEMBERS; i++) {
    site_prices(&p.members[i].site, 1, wall());
    p.mono_ms += 60000;
    province_connect(&p, &p.members[i]);
  }
  province_settle(&p);
  for (int i = 0; i < 4; i++) {
    p.mono_ms += 31000;
    province_tick(&p);
    province_settle(&p);
  }
  for (size_t i = 0; i < MEMBERS; i++)
    if (p.members[i].node) province_hang_up(&p, &p.members[i]);
}

static void keep(char to[200], size_t member, const char *when)
{
  snprintf(to, 200, "%s/%zu.%s", p.folder, member, when);
  site_backup(&p.members[member].site, to);
}

/* Somebody copies two of the machines in the middle of it. */
static void a_life(void)
{
  struct err err = ERR_INIT;
  province_open(&p, MEMBERS, START_MS);
  site_product(&p.hub, 1, "radish", wall());
  for (size_t i = 0; i < MEMBERS; i++)
    meet(i);
  lost_backup(&lost, &p);
  site_product(&p.hub, 3, "tea", wall());
  for (size_t i = 0; i < MEMBERS; i++) {
    site_prices(&p.members[i].site, 3, wall());
    meet(i);
    keep(early[i], i, "early");
    site_prices(&p.members[i].site, 2, wall());
    meet(i);
  }
  site_product(&p.hub, 2, "bamboo", wall());
  for (size_t i = 0; i < MEMBERS; i++)
    meet(i);
  all_witness();
  must(tlog_state(p.hub.db, &root_before, &err), &err, "tlog_state");
  for (size_t i = 0; i < MEMBERS; i++)
    keep(late[i], i, "late");
  lost_disk(&lost, &p);
}

/* Signed where the branch signed, and more of them than it has. */
static void the_thief_writes(size_t member, int more)
{
  struct err err = ERR_INIT;
  struct site *site = &p.members[member].site;
  site_restore(site, early[member], wall());
  for (int i = 0; i < 2 + more; i++) {
    site_prices(site, i ? 1 : 2, wall());
    must(store_sign_head(site->store, wall(), &err), &err, "store_sign_head");
  }
}

static void the_thief_comes(size_t member)
{
  the_thief_writes(member, 2);
  assert_true(lost_bring_with(&lost, &p, member, THIEF, SIZE_MAX));
}

static void the_branch_comes(size_t member)
{
  site_restore(&p.members[member].site, late[member], wall());
  assert_true(lost_bring_with(&lost, &p, member, HONEST, SIZE_MAX));
}

static void look_at_it(void)
{
  struct err err = ERR_INIT;
  must(recall_look(lost.recall, &look, &err), &err, "recall_look");
}

static void it_comes_back(void)
{
  struct err err = ERR_INIT;
  struct recall_report report;
  look_at_it();
  assert_int_equal(look.waiting_count, 0);
  must(lost_assemble(&lost, &report, &err), &err, "recall_assemble");
  assert_int_equal(report.size, root_before.size);
  assert_memory_equal(&report.root, &root_before.root, sizeof report.root);
  lost_start(&lost, &p);
  assert_int_equal(site_count(&p.hub, "SELECT count(*) FROM price"), 18);
  assert_true(site_verifies(&p.hub));
}

static void end(void)
{
  lost_end(&lost);
  province_close(&p);
}

static void a_stolen_key_that_comes_first_takes_no_place(void **state)
{
  (void)state;
  a_life();
  the_branch_comes(1);
  the_thief_comes(0);
  for (size_t i = 0; i < MEMBERS; i++)
    the_branch_comes(i);
  it_comes_back();
  end();
}

static void a_stolen_key_that_comes_last_takes_no_place_either(void **state)
{
  (void)state;
  a_life();
  for (size_t i = 0; i < MEMBERS; i++)
    the_branch_comes(i);
  the_thief_comes(0);
  it_comes_back();
  end();
}

/* Which of them is right is known of both together only. */
static void keys_of_two_branches_at_once_are_tried_in_every_way(void **state)
{
  (void)state;
  a_life();
  the_branch_comes(2);
  the_thief_comes(0);
  the_thief_comes(1);
  the_branch_comes(0);
  the_branch_comes(1);
  it_comes_back();
  end();
}

/* It has made again what there is, with the same key: only its signatures are others. */
static void a_file_is_one_of_those_that_come(void **state)
{
  struct err err = ERR_INIT;
  struct buf file = BUF_INIT;
  struct recall_guest guest;
  (void)state;
  a_life();
  the_branch_comes(2);
  the_thief_writes(0, 0);
  must(carry_history(p.members[0].site.db, PROVINCE, code(0), &file, &err), &err, "carry_history");
  must(recall_take_carried(lost.recall, file.data, file.size, wall(), &guest, &err), &err,
       "recall_take_carried");
  for (size_t i = 0; i < MEMBERS; i++)
    the_branch_comes(i);
  it_comes_back();
  bool had_come = false;
  must(recall_leave_out_one(lost.recall, guest.serial, &had_come, &err), &err, "recall_leave_out_one");
  assert_true(had_come);
  assert_false(recall_take_carried(lost.recall, file.data, file.size, wall(), &guest, &err));
  assert_string_equal(err.rule, "left_out");
  buf_wipe(&file);
  end();
}

/* What was tried without it failed; then the branch comes. */
static void who_comes_late_has_it_tried_again(void **state)
{
  struct err err = ERR_INIT;
  struct recall_report report;
  (void)state;
  a_life();
  the_branch_comes(1);
  the_branch_comes(2);
  the_thief_comes(0);
  assert_false(lost_assemble(&lost, &report, &err));
  look_at_it();
  assert_true(!look.whole && look.missing > 0); /* the log does not have what the thief brought */
  site_restore(&p.members[0].site, late[0], wall());
  must(db_exec(p.members[0].site.db, "PRAGMA query_only = 0; DELETE FROM sync_mirror_run", &err), &err,
       "it has no mirror");
  assert_true(lost_bring_with(&lost, &p, 0, HONEST, SIZE_MAX));
  look_at_it();
  assert_true(look.whole);
  it_comes_back();
  end();
}

/* A line that breaks: its branch is waited for, though the other has ended. */
static void who_has_begun_is_waited_for(void **state)
{
  (void)state;
  a_life();
  the_branch_comes(1);
  the_branch_comes(2);
  the_thief_comes(0);
  look_at_it();
  assert_int_equal(look.waiting_count, 0);
  site_restore(&p.members[0].site, late[0], wall());
  assert_false(lost_bring_with(&lost, &p, 0, HONEST, 900));
  look_at_it();
  assert_int_equal(look.waiting_count, 1);
  assert_int_equal(look.waiting[0], code(0));
  the_branch_comes(0);
  it_comes_back();
  end();
}

static const char *const OF_THE_THIEF[][2] = {
    {"tile_of", "source"},    {"place", "source"}, {"shown", "source"},     {"tip", "source"},
    {"own_tip", "source"},    {"own", "source"},   {"branch", "came_with"}, {"signature", "source"},
    {"author_key", "source"}, {"guest", "serial"}, {"used_key", "source"}};

static int64_t places_of(int64_t source, const char *serial)
{
  char sql[160];
  int64_t places = 0;
  for (size_t i = 0; i < sizeof OF_THE_THIEF / sizeof *OF_THE_THIEF; i++) {
    const char *column = OF_THE_THIEF[i][1];
    if (strcmp(column, "source") == 0)
      snprintf(sql, sizeof sql, "SELECT count(*) FROM %s WHERE source = %lld", OF_THE_THIEF[i][0],
               (long long)source);
    else
      snprintf(sql, sizeof sql, "SELECT count(*) FROM %s WHERE %s = '%s'", OF_THE_THIEF[i][0], column,
               serial);
    places += lost_gathered(&lost, sql) > 0;
  }
  return places;
}

static void one_certificate_is_left_out_and_not_its_branch(void **state)
{
  struct err err = ERR_INIT;
  struct recall_guest thief = {.branch = 0, .serial = "60"}, honest = {.serial = "5e"};
  bool had_come = false, out = false;
  (void)state;
  a_life();
  the_branch_comes(1);
  the_branch_comes(0);
  the_thief_comes(0);
  look_at_it();
  assert_int_equal(look.rival_count, 1);
  assert_int_equal(look.rivals[0].branch, code(0));
  assert_int_equal(look.rivals[0].count, 2);
  assert_string_equal(look.rivals[0].of[0].came_with, HONEST);
  assert_string_equal(look.rivals[0].of[1].came_with, THIEF);
  int64_t source = lost_gathered(&lost, "SELECT source FROM branch WHERE came_with = '60'");
  assert_int_equal(places_of(source, THIEF), sizeof OF_THE_THIEF / sizeof *OF_THE_THIEF);
  must(recall_leave_out_one(lost.recall, THIEF, &had_come, &err), &err, "recall_leave_out_one");
  assert_true(had_come);
  assert_int_equal(places_of(source, THIEF), 0);
  look_at_it();
  assert_int_equal(look.rival_count, 0);
  thief.branch = honest.branch = code(0);
  must(recall_left_out(lost.recall, &thief, &out, &err), &err, "recall_left_out");
  assert_true(out);
  must(recall_left_out(lost.recall, &honest, &out, &err), &err, "recall_left_out");
  assert_false(out);
  the_branch_comes(2);
  it_comes_back();
  must(recall_leave_out_one(lost.recall, "61", &had_come, &err), &err, "recall_leave_out_one");
  assert_false(had_come);
  end();
}

static void what_one_brings_has_a_bound_in_bytes(void **state)
{
  (void)state;
  a_life();
  recall_bound(lost.recall, 1000);
  site_restore(&p.members[0].site, late[0], wall());
  assert_false(lost_bring(&lost, &p, 0, SIZE_MAX));
  assert_true(lost_gathered(&lost, "SELECT max(bytes) FROM branch") <= 1000);
  recall_bound(lost.recall, RECALL_SOURCE_MAX);
  for (size_t i = 0; i < MEMBERS; i++)
    the_branch_comes(i);
  it_comes_back();
  end();
}

static void certificates_of_one_branch_have_a_bound(void **state)
{
  struct err err = ERR_INIT;
  uint32_t source = 0;
  char serial[8];
  (void)state;
  a_life();
  for (int i = 0; i < RECALL_SOURCES_MAX; i++) {
    snprintf(serial, sizeof serial, "%02x", i);
    must(recall_arrive(lost.recall, code(0), serial, &source, &err), &err, "recall_arrive");
  }
  must(recall_arrive(lost.recall, code(0), serial, &source, &err), &err, "recall_arrive");
  assert_false(recall_arrive(lost.recall, code(0), "more", &source, &err));
  assert_string_equal(err.rule, "too_many_certificates");
  end();
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_stolen_key_that_comes_first_takes_no_place),
      cmocka_unit_test(a_stolen_key_that_comes_last_takes_no_place_either),
      cmocka_unit_test(keys_of_two_branches_at_once_are_tried_in_every_way),
      cmocka_unit_test(a_file_is_one_of_those_that_come),
      cmocka_unit_test(who_comes_late_has_it_tried_again),
      cmocka_unit_test(who_has_begun_is_waited_for),
      cmocka_unit_test(one_certificate_is_left_out_and_not_its_branch),
      cmocka_unit_test(what_one_brings_has_a_bound_in_bytes),
      cmocka_unit_test(certificates_of_one_branch_have_a_bound),
  };
  struct err err = ERR_INIT;
  must(crypto_start(&err), &err, "crypto_start");
  return cmocka_run_group_tests(tests, NULL, NULL);
}
