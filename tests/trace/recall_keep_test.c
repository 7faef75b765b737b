/* A province is rebuilt from what its branches keep of the log in tiles: an honest list leads to the root, a
 * tile is proved by its hash, an entry by its leaf; who says otherwise is named and keeps nobody from it;
 * what nobody has any more stands in the log by its hash. */
#include "sync/keep_leaves.h"
#include "sync/keep_message.h"
#include "sync/lost_leaf.h"
#include "sync/tlog.h"
#include "tests/sim/lost.h"
#include "tests/unit/sync/lose.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { LIAR = 2, MEMBERS = 4 };

static const int64_t START_MS = 1795316000000;

static struct province p;
static struct lost lost;
static struct tlog_state root_before;
static struct recall_state look;

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

/* Two full tiles and an open one; the province's own entries in the first and the last. */
static void a_life(void)
{
  struct err err = ERR_INIT;
  province_open(&p, MEMBERS, START_MS);
  site_product(&p.hub, 1, "radish", wall());
  for (size_t i = 0; i < MEMBERS; i++)
    meet(i);
  lost_backup(&lost, &p);
  site_decide(&p.hub, code(0), "for the first", wall());
  site_decide(&p.hub, code(1), "for the second", wall());
  for (int round = 0; round < 7; round++)
    for (size_t i = 0; i < MEMBERS; i++) {
      site_prices(&p.members[i].site, round < 3 ? 7 : 30, wall());
      meet(i);
    }
  site_decide(&p.hub, code(0), "for the first again", wall());
  site_product(&p.hub, 2, "bamboo", wall());
  for (size_t i = 0; i < MEMBERS; i++)
    meet(i);
  all_witness();
  must(tlog_state(p.hub.db, &root_before, &err), &err, "tlog_state");
  assert_in_range(root_before.size, 513, 767);
}

static void in_branch(size_t member, const char *sql)
{
  struct err err = ERR_INIT;
  must(db_exec(p.members[member].site.db, "PRAGMA query_only = 0", &err), &err, "PRAGMA");
  must(db_exec(p.members[member].site.db, sql, &err), &err, sql);
}

static void in_all(const char *sql)
{
  for (size_t i = 0; i < MEMBERS; i++)
    in_branch(i, sql);
}

static void look_at_it(void)
{
  struct err err = ERR_INIT;
  must(recall_look(lost.recall, &look, &err), &err, "recall_look");
}

static void bring_all(void)
{
  static const size_t order[MEMBERS] = {LIAR, 0, 1, 3};
  for (size_t i = 0; i < MEMBERS; i++)
    assert_true(lost_bring(&lost, &p, order[i], SIZE_MAX));
}

static void it_comes_back(uint64_t lost_leaves)
{
  struct err err = ERR_INIT;
  struct recall_report report;
  look_at_it();
  assert_true(look.by_tiles);
  assert_int_equal(look.missing, lost_leaves);
  assert_true(lost_leaves ? look.can_lose : look.whole);
  must(lost_assemble(&lost, &report, &err), &err, "recall_assemble");
  assert_int_equal(report.size, root_before.size);
  assert_int_equal(report.lost, lost_leaves);
  assert_memory_equal(&report.root, &root_before.root, sizeof report.root);
  lost_start(&lost, &p);
  assert_int_equal(site_count(&p.hub, "SELECT count(*) FROM product"), 2);
  assert_int_equal(site_count(&p.hub, "SELECT count(*) FROM decision"), 3);
  assert_int_equal((uint64_t)site_count(&p.hub, "SELECT count(*) FROM price"),
                   root_before.size - 5 - lost_leaves);
  assert_true(site_verifies(&p.hub));
}

static void nobody_is_blamed(void)
{
  look_at_it();
  for (size_t i = 0; i < look.fault_count; i++)
    print_message("%u: %s\n", look.faults[i].branch, look.faults[i].why);
  assert_int_equal(look.fault_count, 0);
}

static void only_is_blamed(size_t member, const char *word)
{
  look_at_it();
  for (size_t i = 0; i < look.fault_count; i++)
    assert_int_equal(look.faults[i].branch, code(member));
  assert_int_equal(look.fault_count, 1);
  assert_non_null(strstr(look.faults[0].why, word));
}

static void only_the_liar_is_blamed(const char *word)
{
  only_is_blamed(LIAR, word);
}

static void end(void)
{
  lost_end(&lost);
  province_close(&p);
}

static void what_is_kept_in_tiles_is_enough(void **state)
{
  (void)state;
  a_life();
  lost_disk(&lost, &p);
  bring_all();
  nobody_is_blamed();
  it_comes_back(0);
  end();
}

/* One branch with the list, another with the leaves of the first tile, a third with those of the second. */
static void each_tile_comes_from_any_of_its_keepers(void **state)
{
  (void)state;
  a_life();
  in_branch(0, "DELETE FROM sync_keep_tile WHERE n = 1; UPDATE sync_keep_tile SET have = 0, leaves = NULL");
  in_branch(1, "UPDATE sync_keep_tile SET have = 0, leaves = NULL WHERE n = 1");
  in_branch(2, "UPDATE sync_keep_tile SET have = 0, leaves = NULL WHERE n = 0");
  in_branch(3, "DELETE FROM sync_keep_tile");
  lost_disk(&lost, &p);
  bring_all();
  nobody_is_blamed();
  it_comes_back(0);
  end();
}

/* It goes on where it was, a branch at a time and a few bytes at a time. */
static void a_line_that_breaks_goes_on_where_it_was(void **state)
{
  (void)state;
  a_life();
  lost_disk(&lost, &p);
  for (size_t i = 0; i < MEMBERS; i++)
    for (size_t budget = 3000; !lost_bring(&lost, &p, i, budget); budget += 3000) {
    }
  nobody_is_blamed();
  it_comes_back(0);
  end();
}

static void a_false_list_is_named_and_another_leads(void **state)
{
  (void)state;
  a_life();
  in_branch(LIAR, "UPDATE sync_keep_tile SET hash = zeroblob(32) WHERE n = 1");
  lost_disk(&lost, &p);
  bring_all();
  only_the_liar_is_blamed("list of tiles");
  it_comes_back(0);
  end();
}

/* What a branch keeps of a tile, otherwise. */
static void change_leaves(size_t member, uint64_t tile, void (*change)(struct keep_leaves *leaves))
{
  static struct keep_leaves leaves;
  struct err err = ERR_INIT;
  struct buf packed = BUF_INIT;
  in_branch(member, "SELECT 1");
  struct query q =
      query_open(p.members[member].site.db, "SELECT leaves FROM sync_keep_tile WHERE n = ?1", &err);
  query_int(&q, 1, (int64_t)tile);
  size_t n = 0;
  assert_true(query_row(&q));
  const void *bytes = column_blob(&q, 0, &n);
  struct reader r = reader_of(bytes, n);
  keep_leaves_get(&r, &leaves);
  assert_true(reader_done(&r));
  must(query_close(&q), &err, "query_close");
  change(&leaves);
  keep_leaves_encode(&packed, &leaves);
  q = query_open(p.members[member].site.db, "UPDATE sync_keep_tile SET leaves = ?2 WHERE n = ?1", &err);
  query_int(&q, 1, (int64_t)tile);
  query_blob(&q, 2, packed.data, packed.size);
  must(query_run(&q), &err, "UPDATE");
  buf_wipe(&packed);
}

static void other_hash(struct keep_leaves *leaves)
{
  leaves->of[77].hash.bytes[5] ^= 1;
}

static void other_time(struct keep_leaves *leaves)
{
  leaves->of[20].received_ms++;
}

static void other_author(struct keep_leaves *leaves)
{
  for (unsigned i = 60; i < 200; i++)
    leaves->of[i].stream.author = 330999;
}

static void other_signature(struct keep_leaves *leaves)
{
  for (unsigned i = 0; i < leaves->count; i++)
    leaves->of[i].is_signed = !leaves->of[i].is_signed;
}

static void a_keeper_lies(uint64_t tile, void (*lie)(struct keep_leaves *leaves), const char *word)
{
  a_life();
  change_leaves(LIAR, tile, lie);
  lost_disk(&lost, &p);
  bring_all();
  if (word) only_the_liar_is_blamed(word);
  it_comes_back(0);
  end();
}

static void what_a_keeper_says_otherwise_is_found_and_named(void **state)
{
  (void)state;
  a_keeper_lies(1, other_hash, "tile 1");
  a_keeper_lies(0, other_time, "leaf 20");
  a_keeper_lies(0, other_author, "leaf 60");
  a_keeper_lies(2, other_time, "leaf 532");
  a_keeper_lies(1, other_signature, NULL); /* both are tried */
}

/* Everybody with whom it was kept says the same lie: where its author was proved to have it is right. */
static void keepers_who_agree_on_a_lie_change_nothing(void **state)
{
  (void)state;
  a_life();
  for (size_t i = 0; i < MEMBERS; i++)
    change_leaves(i, 1, other_time);
  lost_disk(&lost, &p);
  bring_all();
  it_comes_back(0);
  end();
}

/* But all its entries are here, and their authors were proved where they stand. */
static void a_tile_without_a_keeper_is_filled_from_its_entries(void **state)
{
  (void)state;
  a_life();
  in_all("UPDATE sync_keep_tile SET have = 0, leaves = NULL WHERE n = 1");
  lost_disk(&lost, &p);
  bring_all();
  nobody_is_blamed();
  it_comes_back(0);
  end();
}

/* Of all, and of leaves that are not its own: none of them stands where an honest one does. */
static void false_places_leave_no_honest_one_out(void **state)
{
  (void)state;
  a_life();
  in_all("UPDATE sync_keep_tile SET have = 0, leaves = NULL WHERE n = 1");
  in_branch(LIAR, "WITH RECURSIVE i(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM i WHERE n < 39)"
                  " INSERT INTO sync_leaf_run(first_seq, count, first_pos, received_ms, last_signed, size,"
                  " proof) SELECT 100000 + 300 * n, 300, 240, 1, 0, 1, x'' FROM i");
  lost_disk(&lost, &p);
  bring_all();
  only_the_liar_is_blamed("its places cannot all be so");
  it_comes_back(0);
  end();
}

/* Entries that it has written and brought, where those of the next stand. */
static void a_false_place_of_an_entry_that_is_here_is_found_and_named(void **state)
{
  enum { other = 1 }; /* its entry stands in tile 2, and it says in tile 1 */
  (void)state;
  a_life();
  in_all("UPDATE sync_keep_tile SET have = 0, leaves = NULL WHERE n = 1");
  in_branch(other, "UPDATE sync_leaf_run SET first_pos = (SELECT max(first_pos + count) FROM sync_leaf_run"
                   " WHERE first_pos + count < 512) WHERE first_pos = (SELECT min(first_pos) FROM"
                   " sync_leaf_run WHERE first_pos >= 512)");
  lost_disk(&lost, &p);
  bring_all();
  only_is_blamed(other, "does not stand at leaf");
  it_comes_back(0);
  end();
}

static void later_each(struct keep_leaves *leaves)
{
  for (unsigned i = 0; i < leaves->count; i++)
    leaves->of[i].received_ms++;
}

/* With certificates as many as it was ever given, other words with each two. */
static void one_honest_keeper_is_enough_among_any_number_of_lies(void **state)
{
  (void)state;
  a_life();
  in_all("DELETE FROM sync_leaf_run");
  in_branch(1, "UPDATE sync_keep_tile SET have = 0, leaves = NULL WHERE n = 1");
  in_branch(3, "UPDATE sync_keep_tile SET have = 0, leaves = NULL WHERE n = 1");
  assert_int_equal(site_count(&p.members[0].site, "SELECT have FROM sync_keep_tile WHERE n = 1"), 256);
  lost_disk(&lost, &p);
  for (int i = 0; i < 40; i++) {
    char serial[CAME_WITH_SIZE];
    (void)snprintf(serial, sizeof serial, "%x", i + 100);
    if (i % 2 == 0) change_leaves(LIAR, 1, later_each);
    assert_true(lost_bring_with(&lost, &p, LIAR, serial, SIZE_MAX));
  }
  for (size_t i = 0; i < MEMBERS; i++)
    if (i != LIAR) assert_true(lost_bring(&lost, &p, i, SIZE_MAX));
  look_at_it();
  for (size_t i = 0; i < look.fault_count; i++)
    assert_int_equal(look.faults[i].branch, code(LIAR));
  assert_int_equal(look.fault_count, RECALL_FAULTS_MAX);
  it_comes_back(0);
  end();
}

static void an_entry_that_nobody_has_is_named_and_may_be_lost(void **state)
{
  struct err err = ERR_INIT;
  struct recall_report report;
  (void)state;
  a_life();
  lost_disk(&lost, &p);
  for (size_t i = 0; i < MEMBERS; i++)
    if (i != 1) assert_true(lost_bring(&lost, &p, i, SIZE_MAX));
  look_at_it();
  assert_true(look.by_tiles && !look.whole && look.can_lose);
  assert_int_equal(look.waiting_count, 1);
  assert_int_equal(look.waiting[0], code(1));
  assert_int_equal(look.gaps[0].run.stream.author, code(1));
  assert_int_equal(look.gaps[0].run.first_seq, 1);
  assert_false(lost_assemble(&lost, &report, &err));
  assert_string_equal(err.rule, "leaf_missing");
  err_clear(&err);
  recall_lost_too(lost.recall, true);
  it_comes_back(3 * 7 + 4 * 30 + 1);
  assert_int_equal(site_count(&p.hub, "SELECT count(*) FROM sync_lost_leaf"), 3 * 7 + 4 * 30 + 1);
  end();
}

/* A branch with holes of its own, from a loss before this one.  The two before the first hole are here
 * without their signature; all the others are brought, and of them none is waited for or called lost. */
static void what_is_behind_a_hole_of_its_branch_is_brought(void **state)
{
  (void)state;
  a_life();
  const struct stream own = {code(1), 0};
  lose(p.members[1].site.path, own, 3, 5);
  lose(p.members[1].site.path, own, 15, 7);
  lost_disk(&lost, &p);
  bring_all();
  nobody_is_blamed();
  assert_int_equal(look.waiting_count, 0);
  recall_lost_too(lost.recall, true);
  it_comes_back(14);
  end();
}

static void of_what_nobody_knows_nothing_is_lost(void **state)
{
  struct err err = ERR_INIT;
  struct recall_report report;
  (void)state;
  a_life();
  in_all("UPDATE sync_keep_tile SET have = 0, leaves = NULL WHERE n = 1");
  lost_disk(&lost, &p);
  for (size_t i = 0; i < MEMBERS; i++)
    if (i != 1) assert_true(lost_bring(&lost, &p, i, SIZE_MAX));
  look_at_it();
  assert_true(look.by_tiles && !look.can_lose);
  recall_lost_too(lost.recall, true);
  assert_false(lost_assemble(&lost, &report, &err));
  assert_string_equal(err.rule, "leaf_missing");
  err_clear(&err);
  assert_true(lost_bring(&lost, &p, 1, SIZE_MAX));
  it_comes_back(0);
  end();
}

static void older_branches_have_their_mirrors(void **state)
{
  struct err err = ERR_INIT;
  struct recall_report report;
  (void)state;
  a_life();
  lost_mirrors(&p);
  lost_disk(&lost, &p);
  bring_all();
  look_at_it();
  assert_true(look.whole && !look.by_tiles);
  must(lost_assemble(&lost, &report, &err), &err, "recall_assemble");
  assert_memory_equal(&report.root, &root_before.root, sizeof report.root);
  end();
}

/* Then it is not the entry that the log has: it is missing, and whose it is is said. */
static void a_signature_that_is_none_is_an_entry_that_is_missing(void **state)
{
  (void)state;
  a_life();
  in_branch(LIAR,
            "UPDATE sync_entry SET signature = zeroblob(64) WHERE pos = (SELECT min(pos) FROM sync_entry"
            " WHERE signature IS NOT NULL AND pos IN (SELECT e.pos FROM sync_entry AS e JOIN sync_span AS s"
            " ON e.pos >= s.first_pos AND (s.count = 0 OR e.pos < s.first_pos + s.count)"
            " WHERE s.author <> 330000))");
  lost_disk(&lost, &p);
  bring_all();
  nobody_is_blamed();
  assert_true(look.by_tiles && !look.whole && look.can_lose);
  assert_int_equal(look.missing, 1);
  assert_int_equal(look.waiting_count, 0);
  assert_int_equal(look.gaps[0].run.stream.author, code(LIAR));
  end();
}

static void who_is_left_out_leaves_no_tile(void **state)
{
  struct err err = ERR_INIT;
  struct db *db = NULL;
  int64_t n = 1;
  (void)state;
  a_life();
  change_leaves(LIAR, 1, other_hash);
  in_branch(LIAR, "UPDATE sync_keep_tile SET hash = zeroblob(32) WHERE n = 0");
  lost_disk(&lost, &p);
  assert_true(lost_bring(&lost, &p, LIAR, SIZE_MAX));
  must(recall_leave_out(lost.recall, code(LIAR), &err), &err, "recall_leave_out");
  must(db_open(&db, lost.gathered, DB_READ, &err), &err, "db_open");
  must(db_int(
           db,
           "SELECT (SELECT count(*) FROM list) + (SELECT count(*) FROM hashes) + (SELECT count(*) FROM tile)"
           " + (SELECT count(*) FROM tile_of) + (SELECT count(*) FROM place)",
           0, &n, &err),
       &err, "what is left");
  db_close(db);
  assert_int_equal(n, 0);
  end();
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(what_is_kept_in_tiles_is_enough),
      cmocka_unit_test(each_tile_comes_from_any_of_its_keepers),
      cmocka_unit_test(a_line_that_breaks_goes_on_where_it_was),
      cmocka_unit_test(a_false_list_is_named_and_another_leads),
      cmocka_unit_test(what_a_keeper_says_otherwise_is_found_and_named),
      cmocka_unit_test(keepers_who_agree_on_a_lie_change_nothing),
      cmocka_unit_test(a_tile_without_a_keeper_is_filled_from_its_entries),
      cmocka_unit_test(false_places_leave_no_honest_one_out),
      cmocka_unit_test(a_false_place_of_an_entry_that_is_here_is_found_and_named),
      cmocka_unit_test(one_honest_keeper_is_enough_among_any_number_of_lies),
      cmocka_unit_test(an_entry_that_nobody_has_is_named_and_may_be_lost),
      cmocka_unit_test(what_is_behind_a_hole_of_its_branch_is_brought),
      cmocka_unit_test(of_what_nobody_knows_nothing_is_lost),
      cmocka_unit_test(older_branches_have_their_mirrors),
      cmocka_unit_test(a_signature_that_is_none_is_an_entry_that_is_missing),
      cmocka_unit_test(who_is_left_out_leaves_no_tile),
  };
  struct err err = ERR_INIT;
  must(crypto_start(&err), &err, "crypto_start");
  return cmocka_run_group_tests(tests, NULL, NULL);
}
