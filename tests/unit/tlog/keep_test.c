/* What a branch keeps of the province's log: tiles by their hash, and of its own tiles what their leaves are.
 */
#include "fixture.h"

#include "core/base/limits.h"
#include "sync/keep.h"
#include "sync/keep_log.h"
#include "sync/keep_root.h"
#include "sync/store_log.h"
#include "sync/tlog.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct site hub, node;
static const struct stream of_node = {CHUNAN, 0};
static struct keep_log given = {.province = PROVINCE, .branch = CHUNAN, .key = {7}};

static int begin(void **state)
{
  (void)state;
  fixture_pair(&hub, &node);
  return 0;
}

static int end(void **state)
{
  (void)state;
  fixture_pair_end(&hub, &node);
  return 0;
}

static void decide(uint32_t branch)
{
  char sql[200];
  struct err err = ERR_INIT;
  (void)snprintf(sql, sizeof sql,
                 "INSERT INTO decision SELECT %u, (1 << 40) | ((count(*) + 1) << 12), 'yes' FROM decision"
                 " WHERE branch = %u",
                 branch, branch);
  assert_true(site_commit(&hub, branch, sql, NULL, &err));
}

/* So many leaves; the last two of each hundred are decisions, one for us and one for another. */
static void grow_to(uint64_t size)
{
  uint64_t at = (uint64_t)site_int(&hub, "SELECT count(*) FROM sync_entry");
  while (at < size) {
    unsigned prices = 0;
    for (; at < size && at % 100 < 98; at++)
      site_record_price(&node, (int)(++prices));
    if (prices) site_pull(&hub, &node, of_node);
    for (; at < size && at % 100 >= 98; at++)
      decide(at % 2 ? TONGLU : CHUNAN);
  }
}

static uint64_t through(void)
{
  uint64_t pos = 0;
  assert_true(keep_through(node.reader, &pos, NULL));
  return pos;
}

static enum keep_led led; /* of the piece that came last */

static void take(const struct buf *body)
{
  static struct tiles m;
  struct err err = ERR_INIT;
  assert_true(tiles_decode(&m, body->data, body->size, &err));
  assert_true(store_keep(node.store, &m, true, 1, &led, &err));
}

/* The log up to there, as the hub gives it; how many pieces. */
static unsigned give_to(uint64_t size)
{
  struct err err = ERR_INIT;
  unsigned pieces = 0;
  for (uint64_t from = through(), to = 0; from < size; from = to) {
    struct buf body = BUF_INIT;
    assert_true(keep_log_next(hub.reader, &given, from, size, &to, &body, &err));
    assert_true(to > from && body.size < KEEP_PIECE + 1024);
    take(&body);
    assert_int_equal(through(), to);
    pieces++;
    buf_wipe(&body);
  }
  return pieces;
}

static void know_keepers(const struct keepers *all)
{
  struct buf body = BUF_INIT;
  struct err err = ERR_INIT;
  keepers_encode(&body, all);
  assert_true(store_keepers(node.store, body.data, body.size, &err));
  buf_wipe(&body);
}

static bool step(uint64_t *tile)
{
  bool wants = false;
  struct err err = ERR_INIT;
  assert_true(store_keep_step(node.store, &wants, tile, &err));
  return wants;
}

static void give_tile(uint64_t tile)
{
  struct err err = ERR_INIT;
  for (uint64_t from = tile * TILE_WIDTH, to = 0; from < (tile + 1) * TILE_WIDTH; from = to) {
    struct buf body = BUF_INIT;
    assert_true(keep_log_leaves(hub.reader, &given, from, (tile + 1) * TILE_WIDTH, &to, &body, &err));
    take(&body);
    buf_wipe(&body);
  }
}

static void the_root_is_that_of_the_log(uint64_t size)
{
  static struct keep_root r;
  struct merkle_hash made, root;
  struct err err = ERR_INIT;
  memset(&r, 0, sizeof r);
  struct query q = query_open(node.reader, "SELECT width, hash, leaves FROM sync_keep_tile ORDER BY n", &err);
  while (query_row(&q)) {
    static struct keep_leaves leaves;
    size_t n = 0;
    const void *bytes = column_blob(&q, 1, &n);
    if (column_int(&q, 0) == TILE_WIDTH) {
      memcpy(made.bytes, bytes, HASH_SIZE);
      keep_root_tile(&r, &made);
      continue;
    }
    bytes = column_blob(&q, 2, &n);
    struct reader packed = reader_of(bytes, n);
    keep_leaves_get(&packed, &leaves);
    assert_true(reader_done(&packed));
    for (unsigned i = 0; i < leaves.count; i++)
      keep_root_leaf(&r, &leaves.of[i].hash);
  }
  assert_true(query_close(&q));
  keep_root_get(&r, &made);
  assert_int_equal(r.size, size);
  assert_true(
      tlog_root_at(hub.reader, (uint64_t)site_int(&hub, "SELECT size FROM sync_tree"), size, &root, &err));
  assert_memory_equal(&made, &root, sizeof root);
}

/* Also between two tiles, and with one leaf in the open one. */
static void tiles_come_by_their_hash_and_lead_to_the_root(void **state)
{
  static const uint64_t sizes[] = {1, 100, 256, 257, 512, 520};
  (void)state;
  grow_to(520);
  for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
    give_to(sizes[i]);
    the_root_is_that_of_the_log(sizes[i]);
  }
  assert_true(site_verifies(&node));
}

/* A branch that was away: two hashes and the open tile. */
static void what_is_full_comes_in_one_piece(void **state)
{
  (void)state;
  grow_to(520);
  assert_int_equal(give_to(520), 2);
  assert_int_equal(site_int(&node, "SELECT sum(have) FROM sync_keep_tile"), 8);
  the_root_is_that_of_the_log(520);
}

static void a_keeper_asks_for_what_it_lacks(void **state)
{
  const struct keepers all = {.count = 1, .codes = {CHUNAN}};
  uint64_t tile = 99;
  (void)state;
  grow_to(520);
  give_to(520);
  assert_false(step(&tile)); /* whose they are is not known */
  know_keepers(&all);
  for (uint64_t n = 0; n < 2; n++) {
    assert_true(step(&tile));
    assert_int_equal(tile, n);
    give_tile(n);
  }
  assert_false(step(&tile));
  assert_int_equal(site_int(&node, "SELECT count(*) FROM sync_keep_entry"),
                   site_int(&hub, "SELECT count(*) FROM decision WHERE branch <> 330127"));
  assert_true(site_verifies(&node));
}

static void leaves_that_are_not_the_tiles_are_not_kept(void **state)
{
  const struct keepers all = {.count = 1, .codes = {CHUNAN}};
  struct buf body = BUF_INIT;
  uint64_t to = 0, tile = 0;
  struct err err = ERR_INIT;
  (void)state;
  grow_to(520);
  give_to(520);
  know_keepers(&all);
  give_tile(0);
  assert_true(keep_log_leaves(hub.reader, &given, 256, 512, &to, &body, &err));
  body.data[40] ^= 1; /* in the first hash */
  take(&body);
  for (uint64_t from = to; from < 512; from = to) {
    buf_clear(&body);
    assert_true(keep_log_leaves(hub.reader, &given, from, 512, &to, &body, &err));
    take(&body);
  }
  buf_wipe(&body);
  assert_int_equal(site_int(&node, "SELECT have FROM sync_keep_tile WHERE n = 1"), 0);
  assert_true(step(&tile));
  assert_int_equal(tile, 1);
  give_tile(1);
  assert_false(step(&tile));
  assert_true(site_verifies(&node));
}

/* A tile as a province might have had it, in two halves. */
static void give_made(uint64_t n)
{
  static struct keep_leaves leaves;
  struct buf body = BUF_INIT, none = BUF_INIT;
  for (unsigned half = 0; half < 2; half++) {
    leaves.count = TILE_WIDTH / 2;
    for (unsigned i = 0; i < leaves.count; i++) {
      const uint64_t pos = n * TILE_WIDTH + half * leaves.count + i;
      leaves.of[i] = (struct keep_leaf){.stream = {TONGLU, 0}, .seq = pos + 1, .received_ms = FIXTURE_NOW_MS};
      memcpy(leaves.of[i].hash.bytes, &pos, sizeof pos);
    }
    buf_clear(&body);
    tiles_encode_leaves(&body, n * TILE_WIDTH + half * leaves.count, &leaves, 0, &none);
    take(&body);
  }
  buf_wipe(&body);
}

/* Of the newest tiles it keeps all. */
static void other_peoples_tiles_go_and_come_back_when_they_are_its_own(void **state)
{
  const struct keepers others = {.count = 3, .codes = {TONGLU, 330182, 330902}};
  const struct keepers all = {.count = 1, .codes = {CHUNAN}};
  const unsigned old = 3, tiles = KEEP_RECENT + old;
  uint64_t tile = 0;
  struct db *db = NULL;
  struct err err = ERR_INIT;
  (void)state;
  for (uint64_t n = 0; n < tiles; n++)
    give_made(n);
  assert_true(db_open(&db, node.path, DB_WRITE, &err));
  assert_true(db_exec(db,
                      "INSERT INTO sync_keep_entry(pos, lane, seq, record) VALUES(767, 1, 1, zeroblob(120)),"
                      " (768, 1, 2, zeroblob(120))",
                      &err));
  db_close(db);
  assert_int_equal(site_int(&node, "SELECT count(*) FROM sync_keep_tile WHERE have = 256"), tiles);
  know_keepers(&others);
  assert_false(step(&tile));
  assert_int_equal(site_int(&node, "SELECT count(*) FROM sync_keep_tile WHERE have = 256"), KEEP_RECENT);
  assert_int_equal(site_int(&node, "SELECT min(pos) FROM sync_keep_entry"), 256 * 3);
  know_keepers(&all);
  for (uint64_t n = 0; n < old; n++) {
    assert_true(step(&tile));
    assert_int_equal(tile, n);
    give_made(n);
  }
  assert_false(step(&tile));
  assert_int_equal(site_int(&node, "SELECT count(*) FROM sync_keep_tile WHERE have = 256"), tiles);
}

static void what_is_kept_ahead_goes(void **state)
{
  struct err err = ERR_INIT;
  (void)state;
  grow_to(520);
  give_to(300);
  give_to(520);
  assert_true(store_keep_forget(node.store, 515, &err));
  assert_int_equal(through(), 515);
  the_root_is_that_of_the_log(515);
  assert_true(store_keep_forget(node.store, 512, &err));
  assert_int_equal(through(), 512);
  assert_true(store_keep_forget(node.store, 400, &err));
  assert_int_equal(through(), 400);
  the_root_is_that_of_the_log(400);
  assert_int_equal(site_int(&node, "SELECT count(*) FROM sync_keep_entry WHERE pos >= 400"), 0);
  assert_true(store_keep_forget(node.store, 255, &err)); /* of the first tile it has the hash alone */
  assert_int_equal(through(), 0);
  give_to(520);
  the_root_is_that_of_the_log(520);
}

static void keep_mirror(uint64_t size)
{
  struct err err = ERR_INIT;
  for (uint64_t from = 0, to = size; from < size; from = to, to = size) {
    struct buf body = BUF_INIT;
    assert_true(mirror_of_log(hub.reader, CHUNAN, given.key, from, &to, &body, &err));
    assert_true(store_mirror(node.store, body.data, body.size, &err));
    buf_wipe(&body);
  }
}

/* What an earlier version kept serves until the tiles do. */
static void a_mirror_goes_when_the_tiles_lead_as_far(void **state)
{
  const struct keepers all = {.count = 1, .codes = {CHUNAN}};
  uint64_t tile = 0;
  (void)state;
  grow_to(300);
  keep_mirror(290);
  know_keepers(&all);
  give_to(256);
  assert_true(step(&tile));
  give_tile(0);
  assert_false(step(&tile)); /* its own tile is here, and the mirror leads further */
  assert_true(site_int(&node, "SELECT count(*) FROM sync_mirror_run") > 0);
  give_to(300);
  assert_false(step(&tile));
  assert_int_equal(site_int(&node, "SELECT count(*) FROM sync_mirror_run"), 0);
  assert_int_equal(site_int(&node, "SELECT count(*) FROM sync_mirror_entry"), 0);
}

static void what_does_not_follow_is_passed_over(void **state)
{
  struct buf body = BUF_INIT;
  uint64_t to = 0;
  struct err err = ERR_INIT;
  (void)state;
  grow_to(300);
  give_to(100);
  assert_true(keep_log_next(hub.reader, &given, 120, 150, &to, &body, &err));
  take(&body);
  assert_int_equal(through(), 100);
  buf_clear(&body);
  assert_true(keep_log_next(hub.reader, &given, 0, 256, &to, &body, &err));
  take(&body);
  assert_int_equal(through(), 100);
  buf_wipe(&body);
  give_to(300);
  the_root_is_that_of_the_log(300);
}

/* What it gives back is what it was given. */
static void it_gives_back_what_it_was_given(void **state)
{
  static struct tiles m;
  struct buf body = BUF_INIT;
  uint64_t at = 0;
  struct err err = ERR_INIT;
  struct mirror_entry entry;
  (void)state;
  grow_to(520);
  for (uint64_t size = 130; size <= 520; size += 130)
    give_to(size);
  assert_true(keep_give_hashes(node.reader, &at, &body, &err));
  assert_int_equal(at, 2);
  assert_true(tiles_decode(&m, body.data, body.size, &err));
  assert_int_equal(m.kind, TILES_HASHES);
  assert_int_equal(m.count, 2);
  at = 256; /* the second */
  for (uint64_t n = 1; n < 3; n++) {
    buf_clear(&body);
    assert_true(keep_give_leaves(node.reader, &at, &body, &err));
    assert_int_equal(at, (n + 1) * 256);
    assert_true(tiles_decode(&m, body.data, body.size, &err));
    assert_int_equal(m.from, n * 256);
    assert_int_equal(m.count, n == 1 ? 256 : 8);
    assert_int_equal(m.leaves.of[0].received_ms, FIXTURE_NOW_MS);
    assert_int_equal(mirror_entries_next(&m.entries, &entry), n == 1);
  }
  buf_clear(&body);
  assert_true(keep_give_leaves(node.reader, &at, &body, &err));
  assert_int_equal(body.size, 0);
  buf_wipe(&body);
}

static bool decodes(const struct buf *body)
{
  static struct tiles m;
  return tiles_decode(&m, body->data, body->size, NULL);
}

static void a_body_with_anything_out_of_bounds_is_refused(void **state)
{
  struct buf body = BUF_INIT, none = BUF_INIT;
  static struct keep_leaves leaves = {
      .count = 2, .of = {{.stream = {CHUNAN, 0}, .seq = 1}, {.stream = {TONGLU, 0}, .seq = SEQ_MAX}}};
  struct keep_place place = {.first_seq = 1, .count = 1};
  (void)state;
#define IS(taken, call)                                                                                      \
  do {                                                                                                       \
    buf_clear(&body);                                                                                        \
    call;                                                                                                    \
    if (decodes(&body) != (taken)) fail_msg("%s", #call);                                                    \
  } while (0)
  static const struct merkle_hash hashes[TILES_HASHES_MAX + 1];
  IS(true, tiles_encode_hashes(&body, 512, hashes, TILES_HASHES_MAX, 0, 0));
  IS(false, tiles_encode_hashes(&body, 512, hashes, TILES_HASHES_MAX + 1, 0, 0));
  IS(false, tiles_encode_hashes(&body, 511, hashes, 1, 0, 0));
  IS(false, tiles_encode_hashes(&body, 512, hashes, 0, 0, 0));
  IS(true, tiles_encode_leaves(&body, 254, &leaves, 0, &none));
  IS(false, tiles_encode_leaves(&body, 255, &leaves, 0, &none));
  IS(false, tiles_encode_leaves(&body, 254, &leaves, 1, &none));
  leaves.of[1].seq = (uint64_t)SEQ_MAX + 1;
  IS(false, tiles_encode_leaves(&body, 0, &leaves, 0, &none));
  leaves.of[1].seq = 0;
  IS(false, tiles_encode_leaves(&body, 0, &leaves, 0, &none));
  leaves.of[1].seq = 1;
  leaves.of[1].received_ms = INT64_MAX;
  IS(true, tiles_encode_leaves(&body, 0, &leaves, 0, &none));
  leaves.of[0].received_ms = -1;
  leaves.of[1].received_ms = 0;
  IS(false, tiles_encode_leaves(&body, 0, &leaves, 0, &none));
  leaves.of[0].received_ms = 0;
  IS(true, tiles_encode_leaves(&body, 0, &leaves, 0, &none));
  body.data[10] = 3; /* a stream that no leaf is of */
  assert_false(decodes(&body));
  leaves.of[0].stream.author = 0;
  IS(false, tiles_encode_leaves(&body, 0, &leaves, 0, &none));
  IS(true, tiles_encode_places(&body, 1, &place, 1));
  IS(false, tiles_encode_places(&body, 2, &place, 1));
  IS(false, tiles_encode_places(&body, 1, &place, 0));
  IS(false, place.count = 0; tiles_encode_places(&body, 1, &place, 1));
  IS(false, place.count = SEQ_MAX; place.first_seq = 2; tiles_encode_places(&body, 1, &place, 1));
  IS(false, place.count = 1; place.first_pos = INT64_MAX; tiles_encode_places(&body, 1, &place, 1));
  IS(false, place.first_pos = 0; place.received_ms = -1; tiles_encode_places(&body, 1, &place, 1));
#undef IS
  buf_clear(&body);
  put_u64(&body, 0);
  put_u8(&body, TILES_KIND_END);
  assert_false(decodes(&body));
  buf_wipe(&body);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(tiles_come_by_their_hash_and_lead_to_the_root, begin, end),
      cmocka_unit_test_setup_teardown(what_is_full_comes_in_one_piece, begin, end),
      cmocka_unit_test_setup_teardown(a_keeper_asks_for_what_it_lacks, begin, end),
      cmocka_unit_test_setup_teardown(leaves_that_are_not_the_tiles_are_not_kept, begin, end),
      cmocka_unit_test_setup_teardown(other_peoples_tiles_go_and_come_back_when_they_are_its_own, begin, end),
      cmocka_unit_test_setup_teardown(what_is_kept_ahead_goes, begin, end),
      cmocka_unit_test_setup_teardown(a_mirror_goes_when_the_tiles_lead_as_far, begin, end),
      cmocka_unit_test_setup_teardown(what_does_not_follow_is_passed_over, begin, end),
      cmocka_unit_test_setup_teardown(it_gives_back_what_it_was_given, begin, end),
      cmocka_unit_test(a_body_with_anything_out_of_bounds_is_refused),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
