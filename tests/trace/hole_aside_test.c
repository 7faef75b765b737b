/* Whoever has the province's key for one line says that the branch's next entry is lost, with a leaf that is
 * in no log (sync/hole_aside.h).  Whatever the branch wrote before and since, the next line to its province
 * brings all of it there, once, and so does an enrolment in its directory. */
#include "sync/exchange_node.h"
#include "sync/frame.h"
#include "sync/hole_aside.h"
#include "sync/lost_message.h"
#include "sync/own_epochs.h"
#include "sync/store_log.h"
#include "sync/streams.h"
#include "sync/verify.h"
#include "sync/witness.h"
#include "tests/sim/province.h"
#include "tests/unit/sync/lose.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const int64_t START_MS = 1795316000000;

static struct province p;

/* What the liar says. */
struct lie {
  uint64_t first;
  uint16_t count; /* 0: no hole, the stream ends before it */
  uint32_t epoch;
  uint8_t leaf;
};

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
  if (branch()->node) {
    p.mono_ms += 120000;
    exchange_node_hello(branch()->node, province_now(&p, branch()));
    province_settle(&p);
    province_hang_up(&p, branch());
  }
}

/* Three entries that the province has proved to have. */
static void begin(void)
{
  province_open(&p, 1, START_MS);
  site_product(&p.hub, 1, "tea", wall());
  site_prices(&branch()->site, 3, wall());
  meet();
  meet();
  assert_int_equal(site_count(&branch()->site, "SELECT max(seq) FROM sync_receipt"), 3);
}

static void put_lie(const struct lie *lie, const struct hello *hello, struct buf *out)
{
  struct buf tail = BUF_INIT, run = BUF_INIT;
  struct lost_message *lost = calloc(1, sizeof *lost);
  assert_non_null(lost);
  struct welcome m = {.schema = hello->schema,
                      .wall_ms = wall(),
                      .head_epoch = lie->epoch,
                      .head_seq = lie->first + lie->count - 1,
                      .shared_seq = hello->shared_seq,
                      .directed_seq = hello->directed_seq};
  uint64_t size = 0;
  memcpy(m.schema_hash, hello->schema_hash, sizeof m.schema_hash);
  (void)snprintf(m.program, sizeof m.program, "1.0.0");
  memset(m.head_hash, lie->leaf, HASH_SIZE);
  if (!lie->count) { /* what stands there */
    struct err err = ERR_INIT;
    struct logged entry;
    struct buf keep = BUF_INIT;
    int64_t pos = -1;
    must(stream_find(branch()->site.db, own(), m.head_seq, &pos, &err), &err, "stream_find");
    must(entry_read(branch()->site.db, pos, &entry, &keep, &err), &err, "entry_read");
    memcpy(m.head_hash, entry.hash, HASH_SIZE);
    buf_wipe(&keep);
  }
  (void)tail_get_u64(hello->tail, TAIL_LOG_SIZE, &size);
  tail_put_u64(&tail, TAIL_LOG_SIZE, size);
  put_u64(&run, lie->first);
  put_u64(&run, lie->count);
  if (lie->count) tail_put(&tail, TAIL_LOST, run.data, run.size);
  m.tail = (struct span){tail.data, tail.size};
  size_t mark = frame_begin(out, FRAME_WELCOME);
  welcome_encode(out, &m);
  frame_end(out, mark);
  *lost = (struct lost_message){.stream = own(), .first_seq = lie->first, .count = lie->count};
  for (uint16_t i = 0; i < lie->count; i++) {
    lost->leaves[i] = (struct lost_leaf){
        .stream = own(), .seq = lie->first + i, .epoch = lie->epoch, .received_ms = wall()};
    memset(lost->leaves[i].leaf.bytes, lie->leaf, HASH_SIZE);
  }
  if (lie->count && hello->head_seq < m.head_seq) {
    mark = frame_begin(out, FRAME_LOST);
    lost_message_encode(out, lost);
    frame_end(out, mark);
  }
  free(lost);
  buf_wipe(&tail);
  buf_wipe(&run);
}

/* Answers each greeting of one line with the lie. */
static void a_liar_answers(const struct lie *lie)
{
  struct err err = ERR_INIT;
  struct member *m = branch();
  struct exchange_node *x = NULL;
  struct frame_input in = {.allowed = UINT32_MAX};
  struct exchange_node_config config = {.store = m->site.store, .db = m->site.db, .program = "1.0.0"};
  p.mono_ms += 60000;
  must(exchange_node_open(&x, &config, province_now(&p, m), &err), &err, "exchange_node_open");
  for (int turn = 0; turn < 20; turn++) {
    struct span out = exchange_node_output(x);
    struct frame frame;
    struct buf answer = BUF_INIT;
    must(frame_input_feed(&in, out.p, out.size, &err), &err, "frame_input_feed");
    exchange_node_sent(x, out.size, province_now(&p, m));
    while (frame_input_next(&in, &frame, &err) == 1) {
      struct hello hello;
      if (frame.type != FRAME_HELLO) continue;
      must(hello_decode(&hello, frame.body, frame.size, &err), &err, "hello_decode");
      put_lie(lie, &hello, &answer);
    }
    if (answer.size) exchange_node_input(x, answer.data, answer.size, province_now(&p, m));
    buf_wipe(&answer);
  }
  assert_false(exchange_node_ended(x));
  frame_input_wipe(&in);
  exchange_node_close(x);
}

/* One line on which that lane of the province is said to go on with a lost entry. */
static void lies_of_the_lane(uint32_t lane)
{
  struct err err = ERR_INIT;
  struct site *site = &branch()->site;
  struct head head = site_head(site, PROVINCE, lane);
  struct lost_message *lost = calloc(1, sizeof *lost);
  uint64_t through = 0;
  enum answer answer = ANSWER_END;
  assert_non_null(lost);
  *lost = (struct lost_message){.stream = {PROVINCE, lane}, .first_seq = head.seq + 1, .count = 1};
  lost->leaves[0] = (struct lost_leaf){
      .stream = lost->stream, .seq = head.seq + 1, .epoch = 1, .received_ms = wall(), .leaf = {{7}}};
  must(store_lost_leaves(site->store, lost, wall(), &through, &answer, &err), &err, "store_lost_leaves");
  assert_int_equal(answer, ANSWER_TAKEN);
  free(lost);
}

static int64_t holes(void)
{
  struct err err = ERR_INIT;
  struct verify_report report;
  must(store_verify(branch()->site.path, &report, &err), &err, "store_verify");
  int64_t lost = (int64_t)report.lost;
  buf_wipe(&report.text);
  buf_wipe(&report.lost_text);
  return lost;
}

static void lies(uint64_t seq, uint8_t leaf)
{
  const struct lie lie = {seq, 1, 1, leaf};
  a_liar_answers(&lie);
  assert_int_equal(holes(), 1);
}

/* All is at the province, proved, and stands once. */
static void all_is_there(int64_t prices, uint64_t seq)
{
  struct site *site = &branch()->site;
  assert_int_equal(site_count(&p.hub, "SELECT count(*) FROM price"), prices);
  assert_int_equal(site_count(site, "SELECT count(*) FROM price"), prices);
  assert_int_equal(site_head(site, site->code, 0).seq, seq);
  assert_int_equal(site_head(&p.hub, site->code, 0).seq, seq);
  assert_int_equal(site_count(site, "SELECT max(seq) FROM sync_receipt"), seq);
  assert_int_equal(site_count(site, "SELECT count(*) FROM sync_aside WHERE state <> 'again'"), 0);
  assert_int_equal(site_count(&p.hub, "SELECT count(*) FROM sync_fork"), 0);
  assert_int_equal(p.violations, 0);
  assert_int_equal(holes(), 0);
  assert_true(site_verifies(site));
  assert_true(site_verifies(&p.hub));
}

static int64_t said(void)
{
  return site_count(&branch()->site, "SELECT count(*) FROM sync_evidence WHERE rule = 'hole_denied'");
}

static void ends(int64_t prices, uint64_t seq)
{
  all_is_there(prices, seq);
  site_price(&branch()->site, 9, 900, wall());
  meet();
  all_is_there(prices + 1, seq + 1);
  province_close(&p);
}

static void a_hole_that_the_province_has_not_goes_aside(void **state)
{
  (void)state;
  begin();
  lies(4, 7);
  meet();
  assert_int_equal(said(), 1);
  struct lost_run news;
  store_hole_news(branch()->site.store, &news);
  assert_int_equal(news.first_seq, 4);
  assert_int_equal(news.count, 1);
  store_hole_news(branch()->site.store, &news);
  assert_int_equal(news.count, 0);
  ends(3, 3);
}

static void what_was_written_behind_it_goes_up_in_its_place(void **state)
{
  (void)state;
  begin();
  lies(4, 7);
  site_prices(&branch()->site, 2, wall());
  meet();
  assert_int_equal(said(), 1);
  ends(5, 5);
}

/* It stood in the hole's place, and was journaled again behind it. */
static void what_waited_when_it_came_goes_up_too(void **state)
{
  (void)state;
  begin();
  site_prices(&branch()->site, 2, wall());
  lies(4, 7);
  assert_int_equal(site_head(&branch()->site, own().author, 0).seq, 6);
  site_price(&branch()->site, 8, 800, wall());
  meet();
  assert_int_equal(said(), 1);
  ends(6, 6);
}

/* The same place more than once, each time in another way, with the program started anew between them. */
static void it_may_be_said_again_and_again(void **state)
{
  (void)state;
  begin();
  site_price(&branch()->site, 8, 800, wall());
  for (uint8_t i = 1; i < 4; i++) {
    lies(4, i);
    site_crash(&branch()->site, wall());
  }
  meet();
  all_is_there(4, 4);
  for (uint8_t i = 4; i < 7; i++) {
    lies(5, i);
    meet();
    all_is_there(4, 4);
  }
  assert_int_equal(said(), 3); /* other leaves, and twice no such place */
  ends(4, 4);
}

/* The entry is in the log, and no proof of that had come. */
static void what_the_province_has_in_its_place_takes_it(void **state)
{
  struct member *m = branch();
  (void)state;
  begin();
  p.mono_ms += 60000;
  province_connect(&p, m);
  province_settle(&p);
  m->down_held = true;
  site_price(&m->site, 8, 800, wall());
  exchange_node_wake(m->node, province_now(&p, m));
  province_settle(&p);
  m->down_held = false;
  province_hang_up(&p, m);
  assert_int_equal(site_head(&p.hub, m->site.code, 0).seq, 4);
  lies(4, 7);
  meet();
  assert_int_equal(said(), 1);
  ends(4, 4);
}

/* The branch's disk has gone back, and its next entry is in the log, or is lost there. */
static void goes_back_before_the_fourth(bool lost)
{
  char copy[200];
  begin();
  (void)snprintf(copy, sizeof copy, "%s/copy", p.folder);
  site_backup(&branch()->site, copy);
  site_price(&branch()->site, 8, 800, wall());
  meet();
  if (lost) lose(p.hub.path, own(), 4, 1);
  if (lost) site_crash(&p.hub, wall());
  site_restore(&branch()->site, copy, wall());
}

static void what_a_disk_that_went_back_had_written_takes_it(void **state)
{
  (void)state;
  goes_back_before_the_fourth(false);
  lies(4, 7);
  site_price(&branch()->site, 9, 900, wall());
  meet();
  ends(5, 5);
}

/* The true one, with what was written behind it at both ends; no liar denies what a receipt proves. */
static void ends_with_the_hole(void)
{
  const struct lie denies[] = {{4, 0, 1, 0}, {4, 1, 1, 9}};
  for (int i = 0; i < 2; i++)
    a_liar_answers(&denies[i]);
  assert_int_equal(holes(), 1);
  assert_int_equal(site_count(&branch()->site, "SELECT max(seq) FROM sync_receipt"), 5);
  assert_int_equal(site_count(&p.hub, "SELECT count(*) FROM price WHERE price_fen = 900"), 1);
  assert_int_equal(site_count(&p.hub, "SELECT count(*) FROM sync_fork"), 0);
  assert_true(site_verifies(&branch()->site));
  province_close(&p);
}

/* The entry is lost indeed: the leaf that the province has stands there. */
static void another_leaf_of_the_province_takes_it(void **state)
{
  (void)state;
  goes_back_before_the_fourth(true);
  lies(4, 7);
  site_price(&branch()->site, 9, 900, wall());
  meet();
  assert_int_equal(site_head(&p.hub, own().author, 0).seq, 5);
  assert_int_equal(site_head(&branch()->site, own().author, 0).seq, 5);
  assert_int_equal(
      site_count(&branch()->site, "SELECT count(*) FROM sync_lost_leaf WHERE hex(leaf) NOT LIKE '070707%'"),
      1);
  ends_with_the_hole();
}

/* A hole that the log does have is denied by a liar: the branch goes on as that one says, and its province
 * gives the hole again. */
static void a_hole_that_there_is_comes_back(void **state)
{
  const struct lie denies = {4, 0, 1, 0};
  (void)state;
  goes_back_before_the_fourth(true);
  meet();
  assert_int_equal(holes(), 1);
  site_price(&branch()->site, 9, 900, wall());
  a_liar_answers(&denies);
  assert_int_equal(holes(), 0);
  meet();
  ends_with_the_hole();
}

/* Of an epoch that there never was; the program starts all the same. */
static void the_epoch_of_a_hole_is_never_after_our_own(void **state)
{
  const struct lie lie = {4, 2, 1000000, 7};
  (void)state;
  begin();
  a_liar_answers(&lie);
  assert_int_equal(holes(), 2);
  site_crash(&branch()->site, wall());
  site_price(&branch()->site, 8, 800, wall());
  assert_true(site_verifies(&branch()->site));
  meet();
  ends(4, 4);
}

/* What the province writes next stands in that place, and reaches the branch. */
static void a_hole_in_a_lane_of_the_province_hides_nothing(void **state)
{
  (void)state;
  for (int written = 0; written < 2; written++) {
    begin();
    site_decide(&p.hub, own().author, "first", wall());
    meet();
    lies_of_the_lane(0);
    lies_of_the_lane(own().author);
    assert_int_equal(holes(), 2);
    site_price(&branch()->site, 8, 800, wall());
    if (!written) meet(); /* nothing is in the hole's place yet, and nobody is blamed */
    site_product(&p.hub, 2, "radish", wall());
    site_decide(&p.hub, own().author, "second", wall());
    meet();
    assert_int_equal(site_count(&branch()->site, "SELECT count(*) FROM product"), 2);
    assert_int_equal(site_count(&branch()->site, "SELECT count(*) FROM decision"), 2);
    assert_int_equal(
        site_count(&branch()->site, "SELECT count(*) FROM sync_evidence WHERE rule <> 'hole_denied'"), 0);
    ends(4, 4);
  }
}

static void enrols_again(void)
{
  struct err err = ERR_INIT;
  struct site *site = &branch()->site;
  struct head head = site_head(&p.hub, site->code, 0);
  must(own_tail_check(site->db, site->code, &err), &err, "own_tail_check");
  site_trust(&p.hub, site->code, 2);
  site_enrol_again(site, &head, wall());
}

static void an_enrolment_writes_again_what_is_around_a_hole(void **state)
{
  (void)state;
  begin();
  site_prices(&branch()->site, 2, wall());
  lies(6, 7);
  site_prices(&branch()->site, 2, wall());
  enrols_again();
  assert_int_equal(site_head(&branch()->site, own().author, 0).seq, 5);
  assert_int_equal(holes(), 0);
  assert_int_equal(said(), 1);
  meet();
  ends(7, 7);
}

/* With nothing but the hole behind what the province has, or it and what was put aside for it. */
static void an_enrolment_drops_a_hole_at_its_base(void **state)
{
  for (int pending = 0; pending < 2; pending++) {
    (void)state;
    begin();
    if (pending) site_price(&branch()->site, 8, 800, wall());
    lies(4, 7);
    enrols_again();
    site_crash(&branch()->site, wall());
    meet();
    ends(3 + pending, 3 + (uint64_t)pending);
  }
}

/* The invitation is not used up for a tail that cannot be written again. */
static void an_entry_that_cannot_be_read_is_found_before_an_enrolment(void **state)
{
  struct err err = ERR_INIT;
  struct site *site = &branch()->site;
  (void)state;
  begin();
  site_price(site, 8, 800, wall());
  struct db *db = NULL;
  must(db_open(&db, site->path, DB_WRITE, &err), &err, "db_open");
  must(db_exec(db,
               "UPDATE sync_entry SET payload = zeroblob(length(payload)) WHERE pos = (SELECT max(pos) FROM"
               " sync_entry)",
               &err),
       &err, "UPDATE");
  assert_false(own_tail_check(db, site->code, &err));
  assert_string_equal(err.rule, "tail_unreadable");
  db_close(db);
  province_close(&p);
}

/* The line breaks, and the machine with it, at every place while the hole goes aside. */
static void a_line_that_breaks_meanwhile_changes_nothing(void **state)
{
  (void)state;
  begin();
  site_prices(&branch()->site, 2, wall());
  lies(4, 7);
  site_prices(&branch()->site, 2, wall());
  for (int turns = 1; turns < 30; turns++) {
    struct member *m = branch();
    p.mono_ms += 60000;
    province_connect(&p, m);
    for (int i = 0; i < turns && m->node; i++) {
      (void)province_turn(&p, m, 300);
      province_ingest(&p, 1, false);
    }
    if (m->node) province_hang_up(&p, m);
    if (turns % 3 == 0) site_crash(&m->site, wall());
  }
  meet();
  ends(7, 7);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_hole_that_the_province_has_not_goes_aside),
      cmocka_unit_test(what_was_written_behind_it_goes_up_in_its_place),
      cmocka_unit_test(what_waited_when_it_came_goes_up_too),
      cmocka_unit_test(it_may_be_said_again_and_again),
      cmocka_unit_test(what_the_province_has_in_its_place_takes_it),
      cmocka_unit_test(what_a_disk_that_went_back_had_written_takes_it),
      cmocka_unit_test(another_leaf_of_the_province_takes_it),
      cmocka_unit_test(a_hole_that_there_is_comes_back),
      cmocka_unit_test(the_epoch_of_a_hole_is_never_after_our_own),
      cmocka_unit_test(a_hole_in_a_lane_of_the_province_hides_nothing),
      cmocka_unit_test(an_enrolment_writes_again_what_is_around_a_hole),
      cmocka_unit_test(an_enrolment_drops_a_hole_at_its_base),
      cmocka_unit_test(an_entry_that_cannot_be_read_is_found_before_an_enrolment),
      cmocka_unit_test(a_line_that_breaks_meanwhile_changes_nothing),
  };
  struct err err = ERR_INIT;
  must(crypto_start(&err), &err, "crypto_start");
  return cmocka_run_group_tests(tests, NULL, NULL);
}
