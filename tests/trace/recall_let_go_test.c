/* People have let go of a checkpoint that one branch holds, and the province went on.  When it loses its
 * disk, the log that comes back is the one that the others have witnessed, also when that branch calls with
 * its own. */
#include "sync/beyond.h"
#include "sync/let_go_said.h"
#include "sync/tlog.h"
#include "tests/sim/lost.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { ALONE = 0, MEMBERS = 4 };

static const int64_t START_MS = 1795316000000;

static struct province p;
static struct lost lost;
static struct tlog_state before;
static struct recall_state look;
static struct beyond alone;

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

static uint64_t log_size(void)
{
  struct err err = ERR_INIT;
  must(tlog_state(p.hub.db, &before, &err), &err, "tlog_state");
  return before.size;
}

/* All from that member on have written `each` and hold the same checkpoint. */
static void witness_from(size_t from, int each)
{
  for (size_t i = from; i < MEMBERS; i++) {
    site_prices(&p.members[i].site, each, wall());
    p.mono_ms += 60000;
    province_connect(&p, &p.members[i]);
  }
  province_settle(&p);
  for (int i = 0; i < 4; i++) {
    p.mono_ms += 31000;
    province_tick(&p);
    province_settle(&p);
  }
  for (size_t i = from; i < MEMBERS; i++)
    if (p.members[i].node) province_hang_up(&p, &p.members[i]);
}

static void note_alone(void *ctx, const struct beyond *row)
{
  (void)ctx;
  alone = *row;
}

/* Its disk goes back, one branch shows more, and is gone for all that people know. */
static void what_one_holds_is_let_go(const char *older, bool is_said)
{
  struct err err = ERR_INIT;
  struct db *db = NULL;
  char text[LET_GO_TEXT_SIZE];
  memset(&alone, 0, sizeof alone);
  site_restore(&p.hub, older, wall());
  meet(ALONE);
  must(beyond_list(p.hub.db, note_alone, NULL, &err), &err, "beyond_list");
  assert_int_equal(alone.branch, code(ALONE));
  must(db_open(&db, p.hub.path, DB_WRITE, &err), &err, "db_open");
  must(beyond_let_go(db, PROVINCE, &alone, &err), &err, "beyond_let_go");
  db_close(db);
  site_crash(&p.hub, wall());
  let_go_text(text, &alone);
  if (is_said) site_event(&p.hub, "let_go", text, wall());
}

/* Only the backup knows it, or only the log behind it. */
enum backup { BACKUP_OF_BEFORE, BACKUP_OF_AFTER };
static bool nobody_says; /* what people let go of they said nowhere */

static void begin(char older[200])
{
  province_open(&p, MEMBERS, START_MS);
  site_product(&p.hub, 1, "radish", wall());
  for (size_t i = 0; i < MEMBERS; i++)
    meet(i);
  witness_from(0, 1);
  snprintf(older, 200, "%s/older.db", p.folder);
  site_backup(&p.hub, older);
}

/* as_long: the others' newest checkpoint is of the very size of the one that was let go. */
static void a_life(enum backup backup, bool as_long)
{
  char older[200];
  begin(older);
  if (backup == BACKUP_OF_BEFORE) lost_backup(&lost, &p);
  site_prices(&p.members[ALONE].site, 30, wall());
  meet(ALONE);
  meet(ALONE);
  what_one_holds_is_let_go(older, backup == BACKUP_OF_BEFORE && !nobody_says);
  witness_from(1, 1);
  if (backup == BACKUP_OF_AFTER) lost_backup(&lost, &p);
  while (as_long && log_size() < alone.size) {
    site_price(&p.members[1].site, 1, 100, wall());
    meet(1);
  }
  witness_from(1, as_long ? 0 : 1);
  if (as_long)
    assert_int_equal(log_size(), alone.size);
  else
    assert_true(log_size() < alone.size);
  lost_disk(&lost, &p);
}

static void bring(size_t member)
{
  struct err err = ERR_INIT;
  assert_true(lost_bring(&lost, &p, member, SIZE_MAX));
  must(recall_look(lost.recall, &look, &err), &err, "recall_look");
}

/* All of it, and nobody sees another past. */
static void what_the_others_hold_comes_back(void)
{
  struct err err = ERR_INIT;
  struct recall_report report;
  assert_int_equal(look.target, before.size);
  assert_true(look.whole);
  assert_int_equal(look.fault_count, 1);
  assert_int_equal(look.faults[0].branch, code(ALONE));
  assert_non_null(strstr(look.faults[0].why, "let go"));
  must(lost_assemble(&lost, &report, &err), &err, "recall_assemble");
  assert_int_equal(report.size, before.size);
  assert_int_equal(report.alone_count, 0);
  assert_memory_equal(&report.root, &before.root, sizeof before.root);
  lost_start(&lost, &p);
  for (size_t i = 1; i < MEMBERS; i++)
    site_price(&p.members[i].site, 1, 7, wall());
  witness_from(1, 1);
  for (size_t i = 1; i < MEMBERS; i++)
    assert_int_equal(site_count(&p.members[i].site, "SELECT count(*) FROM sync_evidence"), 0);
  assert_true(site_verifies(&p.hub));
}

static void end(void)
{
  lost_end(&lost);
  province_close(&p);
}

static void what_the_backup_knows_was_let_go_is_no_target(void **state)
{
  (void)state;
  a_life(BACKUP_OF_AFTER, false);
  for (size_t i = 0; i < MEMBERS; i++)
    bring((i + 1) % MEMBERS);
  what_the_others_hold_comes_back();
  end();
}

/* Who stands alone comes first, and for a moment there is nothing else to reach. */
static void what_an_entry_that_is_brought_lets_go_is_no_target(void **state)
{
  (void)state;
  a_life(BACKUP_OF_BEFORE, false);
  bring(ALONE);
  assert_int_equal(look.target, alone.size);
  for (size_t i = 1; i < MEMBERS; i++)
    bring(i);
  what_the_others_hold_comes_back();
  end();
}

/* Two roots of one size: the log goes to the one that nobody let go. */
static void one_of_the_same_size_is_no_fork(void **state)
{
  (void)state;
  a_life(BACKUP_OF_BEFORE, true);
  for (size_t i = 0; i < MEMBERS; i++)
    bring(i);
  what_the_others_hold_comes_back();
  end();
}

/* Nobody let go of anything: the longer log is the province's, and who has witnessed the other is named
 * before anything is changed. */
static void who_will_stand_alone_is_named(void **state)
{
  struct err err = ERR_INIT;
  struct recall_report report;
  char older[200];
  (void)state;
  begin(older);
  lost_backup(&lost, &p);
  site_prices(&p.members[ALONE].site, 30, wall());
  meet(ALONE);
  meet(ALONE);
  const uint64_t longest = log_size();
  site_restore(&p.hub, older, wall());
  witness_from(1, 1);
  lost_disk(&lost, &p);
  for (size_t i = 0; i < MEMBERS; i++)
    bring(i);
  assert_int_equal(look.target, longest);
  must(lost_assemble(&lost, &report, &err), &err, "recall_assemble");
  assert_int_equal(report.alone_count, MEMBERS - 1);
  for (size_t i = 1; i < MEMBERS; i++)
    assert_int_equal(report.alone[i - 1], code(i));
  end();
}

static bool holds(const struct recall_past *past, size_t member)
{
  for (size_t i = 0; i < past->count && i < RECALL_RIVALS_SHOWN; i++)
    if (past->of[i].branch == code(member)) return true;
  return false;
}

/* It is said who holds which, and the one that people leave out keeps nobody's entries away. */
static void two_pasts_of_one_size_are_told_and_one_is_left_out(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  struct recall_report report;
  nobody_says = true;
  a_life(BACKUP_OF_BEFORE, true);
  nobody_says = false;
  for (size_t i = 0; i < MEMBERS; i++)
    bring(i);
  assert_int_equal(look.past_count, 2);
  assert_true(holds(&look.pasts[0], ALONE) && !holds(&look.pasts[1], ALONE));
  for (size_t i = 1; i < MEMBERS; i++)
    assert_true(holds(&look.pasts[1], i) && !holds(&look.pasts[0], i));
  assert_false(lost_assemble(&lost, &report, &err));
  assert_string_equal(err.rule, "log_forked");
  assert_non_null(strstr(err.text, "--without checkpoint:"));
  must(recall_not_to(lost.recall, look.target, &look.pasts[0].root, &err), &err, "recall_not_to");
  err_clear(&err);
  must(recall_look(lost.recall, &look, &err), &err, "recall_look");
  assert_int_equal(look.past_count, 0);
  what_the_others_hold_comes_back();
  end();
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(what_the_backup_knows_was_let_go_is_no_target),
      cmocka_unit_test(what_an_entry_that_is_brought_lets_go_is_no_target),
      cmocka_unit_test(one_of_the_same_size_is_no_fork),
      cmocka_unit_test(who_will_stand_alone_is_named),
      cmocka_unit_test(two_pasts_of_one_size_are_told_and_one_is_left_out),
  };
  struct err err = ERR_INIT;
  must(crypto_start(&err), &err, "crypto_start");
  return cmocka_run_group_tests(tests, NULL, NULL);
}
