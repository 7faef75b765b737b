/* What comes of the log to keep may be changed on its way, by a hub that is wrong or wants its past
 * forgotten. What does not lead to the checkpoint is let go and comes again; what was proved before stays. */
#include "sync/frame.h"
#include "sync/keep.h"
#include "sync/keep_prove.h"
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
static char snapshot[200];

static struct member *keeper(void)
{
  return &p.members[0];
}

static struct member *writer(void)
{
  return &p.members[1];
}

static int64_t wall(void)
{
  return START_MS + p.mono_ms;
}

static void meet(struct member *m)
{
  province_meet(&p, m);
}

/* ---- one byte on the line ---- */

static struct {
  unsigned frame; /* of those with TILES, from 0 */
  size_t at;      /* in its body */
  unsigned seen;
  bool done;
} change;

static void change_one(void *ctx, struct member *m, bool up, uint8_t *bytes, size_t n)
{
  (void)ctx;
  if (up || m != keeper()) return;
  struct reader r = reader_of(bytes, n);
  while (reader_left(&r) >= FRAME_HEAD_SIZE) {
    const size_t size = get_u32(&r);
    const bool tiles = get_u8(&r) == FRAME_TILES;
    const size_t body = n - reader_left(&r);
    if (!get_bytes(&r, size)) return;
    if (!tiles || change.seen++ != change.frame || change.at >= size) continue;
    bytes[body + change.at] ^= 1;
    change.done = true;
  }
}

static bool meet_changed(unsigned frame, size_t at)
{
  memset(&change, 0, sizeof change);
  change.frame = frame;
  change.at = at;
  p.saw_bytes = change_one;
  meet(keeper());
  p.saw_bytes = NULL;
  return change.done;
}

/* ---- what is kept ---- */

static int64_t strayed(void)
{
  int64_t at_ms = 0;
  struct err err = ERR_INIT;
  must(keep_strayed(keeper()->site.db, &at_ms, &err), &err, "keep_strayed");
  return at_ms;
}

static uint64_t kept(void)
{
  uint64_t pos = 0;
  assert_true(keep_through(keeper()->site.db, &pos, NULL));
  return pos;
}

/* All of the log is kept, leads to what was signed, and of its own tiles it has the leaves. */
static void all_is_kept(void)
{
  assert_int_equal(kept(), site_count(&p.hub, "SELECT size FROM sync_tree"));
  assert_int_equal(strayed(), 0);
  assert_int_equal(site_count(&keeper()->site, "SELECT count(*) FROM sync_keep_tile WHERE have < width"), 0);
  assert_true(site_verifies(&keeper()->site));
  assert_int_equal(site_count(&keeper()->site, "SELECT count(*) FROM sync_evidence"), 0);
}

static void grow(int prices)
{
  site_prices(&writer()->site, prices, wall());
  meet(writer());
}

/* The keeper has been shown six leaves, and has two records that the province has already. */
static void begin(void)
{
  province_open(&p, 3, START_MS);
  site_product(&p.hub, 1, "radish", wall());
  for (size_t i = 0; i < p.count; i++)
    meet(&p.members[i]);
  grow(3);
  meet(keeper());
  site_prices(&keeper()->site, 2, wall());
  (void)snprintf(snapshot, sizeof snapshot, "%s/snapshot", p.folder);
  site_backup(&keeper()->site, snapshot);
  meet(keeper());
  site_decide(&p.hub, writer()->site.code, "sealed for the keeper", wall());
}

static void wherever_a_piece_is_changed_it_is_let_go_and_comes_again(void **state)
{
  (void)state;
  unsigned letting_go = 0, changed = 0;
  begin();
  grow(3);
  for (size_t at = 0;; at += at < 160 ? 1 : 7) {
    site_restore(&keeper()->site, snapshot, wall());
    if (!meet_changed(0, at)) break;
    changed++;
    letting_go += strayed() != 0;
    meet(keeper());
    meet(keeper());
    all_is_kept();
  }
  assert_true(changed > 100);
  assert_true(letting_go > 32 * 4);
  province_close(&p);
}

/* Full tiles by their hash, and what it asks for of them. */
static void a_changed_hash_of_a_tile_is_let_go_and_comes_again(void **state)
{
  (void)state;
  static const size_t ats[] = {12, 40, 44, 90, 700};
  unsigned changed = 0;
  begin();
  for (int i = 0; i < 5; i++)
    grow(120);
  for (size_t i = 0; i < sizeof ats / sizeof *ats; i++) {
    for (unsigned frame = 0; frame < 12; frame++) {
      site_restore(&keeper()->site, snapshot, wall());
      changed += meet_changed(frame, ats[i]);
      for (int round = 0; round < 3; round++)
        meet(keeper());
      all_is_kept();
    }
  }
  assert_true(changed > 30);
  province_close(&p);
}

static void in_keeper(const char *sql)
{
  struct err err = ERR_INIT;
  must(db_exec(keeper()->site.db, "PRAGMA query_only = 0", &err), &err, "PRAGMA");
  must(db_exec(keeper()->site.db, sql, &err), &err, sql);
}

/* Its own records and sealed ones stand in a tile that it asks for. */
static void what_is_said_of_a_tile_that_it_asked_for_is_compared(void **state)
{
  (void)state;
  unsigned changed = 0;
  begin();
  for (int i = 0; i < 5; i++)
    grow(50);
  site_decide(&p.hub, writer()->site.code, "sealed too", wall());
  site_prices(&keeper()->site, 30, wall());
  meet(keeper());
  site_decide(&p.hub, writer()->site.code, "sealed as well", wall());
  for (int i = 0; i < 5; i++)
    grow(50);
  meet(keeper());
  in_keeper("DELETE FROM sync_keep_tile; DELETE FROM sync_keep_entry; DELETE FROM sync_keep_lane;"
            " DELETE FROM sync_keep_proved; UPDATE sync_keeping SET asked = 0, pruned = 0");
  site_backup(&keeper()->site, snapshot);
  for (unsigned frame = 0; frame < 12; frame++) {
    for (size_t at = 12; at < 5000; at += at < 120 ? 9 : 333) {
      site_restore(&keeper()->site, snapshot, wall());
      if (!meet_changed(frame, at)) break;
      changed++;
      assert_true(site_verifies(&keeper()->site)); /* whatever came of it */
      meet(keeper());
      meet(keeper());
      all_is_kept();
    }
  }
  assert_true(changed > 50);
  province_close(&p);
}

static void what_was_proved_before_stays(void **state)
{
  (void)state;
  begin();
  for (int i = 0; i < 5; i++)
    grow(120);
  meet(keeper());
  meet(keeper());
  all_is_kept();
  site_backup(&keeper()->site, snapshot);
  grow(300);
  for (size_t at = 12; at < 60; at++) {
    site_restore(&keeper()->site, snapshot, wall());
    assert_true(meet_changed(0, at));
    assert_true(kept() >= 512);
    assert_int_equal(
        site_count(&keeper()->site, "SELECT count(*) FROM sync_keep_tile WHERE n < 2 AND have = 256"), 2);
    meet(keeper());
    meet(keeper());
    all_is_kept();
  }
  province_close(&p);
}

/* By a program that compared nothing. */
static void what_was_kept_wrong_before_heals_with_the_next_line(void **state)
{
  (void)state;
  struct verify_report report;
  struct err err = ERR_INIT;
  begin();
  for (int i = 0; i < 5; i++)
    grow(120);
  meet(keeper());
  meet(keeper());
  in_keeper("UPDATE sync_keep_tile SET hash = randomblob(32), have = 0, leaves = NULL WHERE n = 1");
  in_keeper("DELETE FROM sync_keep_entry WHERE pos BETWEEN 256 AND 511");
  in_keeper("DELETE FROM sync_keep_proved");
  must(store_verify(keeper()->site.path, &report, &err), &err, "store_verify");
  assert_true(report.faults > 0);
  assert_int_equal(report.faults, report.kept_faults); /* nothing of its own is wrong */
  buf_wipe(&report.text);
  buf_wipe(&report.lost_text);
  for (int round = 0; round < 3; round++)
    meet(keeper());
  all_is_kept();
  province_close(&p);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(wherever_a_piece_is_changed_it_is_let_go_and_comes_again),
      cmocka_unit_test(a_changed_hash_of_a_tile_is_let_go_and_comes_again),
      cmocka_unit_test(what_is_said_of_a_tile_that_it_asked_for_is_compared),
      cmocka_unit_test(what_was_proved_before_stays),
      cmocka_unit_test(what_was_kept_wrong_before_heals_with_the_next_line),
  };
  struct err err = ERR_INIT;
  must(crypto_start(&err), &err, "crypto_start");
  return cmocka_run_group_tests(tests, NULL, NULL);
}
