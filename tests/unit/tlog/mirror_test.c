/* What a branch is told of the log besides its own: whose entries stand where, and when they came. */
#include "fixture.h"

#include "core/base/limits.h"
#include "sync/mirror.h"
#include "sync/store_log.h"
#include "sync/tlog.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static struct site hub, node, other;
static const struct stream of_node = {CHUNAN, 0}, of_other = {TONGLU, 0};

static int begin(void **state)
{
  (void)state;
  fixture_begin();
  site_open(&hub, "hub", PROVINCE, 1);
  site_open(&node, "node", CHUNAN, 1);
  site_open(&other, "other", TONGLU, 1);
  sites_meet(&hub, &node);
  sites_meet(&hub, &other);
  return 0;
}

static int end(void **state)
{
  (void)state;
  site_close(&node);
  site_close(&other);
  site_close(&hub);
  fixture_end();
  return 0;
}

static uint64_t log_size(void)
{
  struct tlog_state tree;
  assert_true(tlog_state(hub.reader, &tree, NULL));
  return tree.size;
}

static void expect_run(struct mirror_reader *m, struct stream stream, uint64_t pos, uint64_t seq,
                       uint64_t count)
{
  struct mirror_run run;
  assert_true(mirror_next_run(m, &run));
  assert_int_equal(run.stream.author, stream.author);
  assert_int_equal(run.stream.lane, stream.lane);
  assert_int_equal(run.first_pos, pos);
  assert_int_equal(run.first_seq, seq);
  assert_int_equal(run.count, count);
  assert_int_equal(run.received_ms, FIXTURE_NOW_MS);
}

/* All of it comes in the same millisecond: what tells batches apart is whose they are and their signatures.
 */
static void each_batch_is_a_run_of_its_author_in_its_place(void **state)
{
  static const uint8_t key[BOX_KEY_SIZE] = {7};
  struct buf body = BUF_INIT;
  struct mirror_reader m;
  struct mirror_run none;
  struct mirror_entry entry;
  struct err err = ERR_INIT;
  (void)state;
  site_record_price(&node, 1);
  site_pull(&hub, &node, of_node); /* 0 */
  site_record_price(&other, 1);    /* the first of its own too, one behind in the log */
  site_pull(&hub, &other, of_other);
  for (int i = 2; i <= 4; i++)
    site_record_price(&node, i);
  site_pull(&hub, &node, of_node); /* 2, 3, 4 */
  site_record_price(&other, 2);
  site_pull(&hub, &other, of_other);
  assert_true(site_commit(&hub, TONGLU, "INSERT INTO decision VALUES(330122, (1 << 40) | (1 << 12), 'yes')",
                          NULL, &err));
  uint64_t to = log_size();
  assert_int_equal(to, 7);
  assert_true(mirror_of_log(hub.reader, CHUNAN, key, 0, &to, &body, &err));
  assert_int_equal(to, 7);
  assert_true(mirror_open(&m, body.data, body.size, &err));
  expect_run(&m, of_node, 0, 1, 1);
  expect_run(&m, of_other, 1, 1, 1);
  expect_run(&m, of_node, 2, 2, 3);
  expect_run(&m, of_other, 5, 2, 1);
  expect_run(&m, (struct stream){PROVINCE, TONGLU}, 6, 1, 1);
  assert_false(mirror_next_run(&m, &none));
  /* The decision is for another branch: this one keeps it sealed.  Other branches bring their own. */
  assert_true(mirror_next_entry(&m, &entry));
  assert_int_equal(entry.pos, 6);
  assert_non_null(entry.sealed);
  assert_false(mirror_next_entry(&m, &entry));
  buf_wipe(&body);
}

/* To whom the decision is for, it comes as an entry; a piece begins where the last one ended. */
static void a_piece_begins_anywhere_a_run_does(void **state)
{
  static const uint8_t key[BOX_KEY_SIZE] = {7};
  struct buf body = BUF_INIT;
  struct mirror_reader m;
  struct mirror_entry entry;
  struct err err = ERR_INIT;
  (void)state;
  site_record_price(&node, 1);
  site_pull(&hub, &node, of_node);
  assert_true(site_commit(&hub, CHUNAN, "INSERT INTO decision VALUES(330127, (1 << 40) | (1 << 12), 'yes')",
                          NULL, &err));
  uint64_t to = 1;
  assert_true(mirror_of_log(hub.reader, CHUNAN, key, 0, &to, &body, &err));
  assert_int_equal(to, 1);
  buf_clear(&body);
  to = log_size();
  assert_true(mirror_of_log(hub.reader, CHUNAN, key, 1, &to, &body, &err));
  assert_int_equal(to, 2);
  assert_true(mirror_open(&m, body.data, body.size, &err));
  assert_int_equal(m.from, 1);
  expect_run(&m, (struct stream){PROVINCE, CHUNAN}, 1, 1, 1);
  assert_false(mirror_next_entry(&m, &entry));
  buf_clear(&body);
  assert_true(mirror_of_log(hub.reader, CHUNAN, key, 2, &to, &body, &err));
  assert_int_equal(body.size, 0);
  buf_wipe(&body);
}

static void keep_mirror(uint64_t from, uint64_t to)
{
  static const uint8_t key[BOX_KEY_SIZE] = {7};
  struct buf body = BUF_INIT;
  struct err err = ERR_INIT;
  assert_true(mirror_of_log(hub.reader, CHUNAN, key, from, &to, &body, &err));
  assert_true(store_mirror(node.store, body.data, body.size, &err));
  buf_wipe(&body);
}

/* It may have come from whoever signed the lie: what was proved stays, and no more. */
static void what_is_kept_ahead_goes_when_the_log_contradicts_itself(void **state)
{
  static struct checkpoint_message m; /* large */
  struct checkpoint lie = {.size = 1, .root = {{9}}};
  struct tlog_state tree;
  struct note_key log;
  struct buf note = BUF_INIT;
  struct err err = ERR_INIT, why = ERR_INIT;
  enum witness_verdict verdict = WITNESS_UNSIGNED;
  uint64_t through = 0;
  (void)state;
  site_record_price(&node, 1);
  site_pull(&hub, &node, of_node);
  assert_true(store_sign_log(hub.store, FIXTURE_NOW_MS, &err));
  assert_true(tlog_checkpoint(hub.reader, &note, &tree, &err));
  m = (struct checkpoint_message){.note = {note.data, note.size}};
  assert_true(store_witness(node.store, &m, FIXTURE_NOW_MS, &verdict, &why, &err));
  assert_int_equal(verdict, WITNESS_TAKEN);
  keep_mirror(0, 1);
  site_record_price(&other, 1);
  site_pull(&hub, &other, of_other);
  keep_mirror(1, 2);
  assert_true(mirror_through(node.reader, &through, &err));
  assert_int_equal(through, 2);
  tlog_origin(lie.origin, PROVINCE);
  assert_true(log_key(node.reader, PROVINCE, &log, &err));
  struct buf text = BUF_INIT;
  buf_clear(&note);
  checkpoint_encode(&text, &lie);
  put_bytes(&note, text.data, text.size);
  put_text(&note, "\n");
  note_sign(&note, (const char *)text.data, text.size, &log, hub.config.secret);
  m = (struct checkpoint_message){.note = {note.data, note.size}};
  assert_true(store_witness(node.store, &m, FIXTURE_NOW_MS, &verdict, &why, &err));
  assert_int_equal(verdict, WITNESS_CONTRADICTS);
  assert_true(mirror_through(node.reader, &through, &err));
  assert_int_equal(through, 1);
  buf_wipe(&note);
  buf_wipe(&text);
}

/* A body as a peer may make it: one run or two, one entry or two. */
struct made {
  uint64_t from, to;
  uint32_t author;
  uint64_t first_seq, count, received_ms;
  uint64_t more;            /* entries of a second run; 0: there is none */
  uint64_t pos, second_pos; /* behind from; second_pos UINT64_MAX: one entry */
  uint8_t has;
  uint64_t size; /* of what is sealed */
  bool tail;
};

static const struct made good = {.from = 3,
                                 .to = 5,
                                 .author = CHUNAN,
                                 .first_seq = 1,
                                 .count = 2,
                                 .pos = 1,
                                 .second_pos = UINT64_MAX,
                                 .has = 1,
                                 .size = 10};

static void put_made_entry(struct buf *out, const struct made *m, uint64_t pos, const struct buf *record)
{
  put_varint(out, pos);
  put_vec16(out, record->data, record->size);
  put_u8(out, m->has);
  put_varint(out, m->size);
  for (uint64_t i = 0; i < m->size; i++)
    put_u8(out, 7);
}

static bool opens(const struct made *m, const struct buf *record)
{
  struct mirror_reader reader;
  struct buf out = BUF_INIT;
  put_u64(&out, m->from);
  put_u64(&out, m->to);
  put_varint(&out, m->more ? 2 : 1);
  for (int i = 0; i < (m->more ? 2 : 1); i++) {
    put_u32(&out, m->author);
    put_u32(&out, 0);
    put_varint(&out, m->first_seq);
    put_varint(&out, i ? m->more : m->count);
    put_varint(&out, m->received_ms);
  }
  put_varint(&out, m->second_pos == UINT64_MAX ? 1 : 2);
  put_made_entry(&out, m, m->pos, record);
  if (m->second_pos != UINT64_MAX) put_made_entry(&out, m, m->second_pos, record);
  if (m->tail) put_u8(&out, 0);
  bool ok = mirror_open(&reader, out.data, out.size, NULL);
  buf_wipe(&out);
  return ok;
}

/* What comes over a line is stored as it is and believed later: but it is whole, and within its bounds. */
static void a_body_with_anything_out_of_bounds_is_refused(void **state)
{
  const uint64_t sealed_max = PAYLOAD_SIZE_MAX + BOX_EXTRA_SIZE;
  struct buf record = BUF_INIT;
  struct err err = ERR_INIT;
  (void)state;
  site_record_price(&node, 1);
  struct query q = query_open(node.reader, "SELECT record FROM sync_entry WHERE pos = 0", &err);
  assert_true(query_row(&q));
  size_t n = 0;
  const void *bytes = column_blob(&q, 0, &n);
  put_bytes(&record, bytes, n);
  assert_true(query_close(&q));
#define IS(taken, ...)                                                                                       \
  do {                                                                                                       \
    struct made m = good;                                                                                    \
    __VA_ARGS__;                                                                                             \
    if (opens(&m, &record) != (taken)) fail_msg("%s", #__VA_ARGS__);                                         \
  } while (0)
  IS(true, m.author = CHUNAN);
  IS(false, m.author = 0);
  IS(false, m.first_seq = 0);
  IS(true, m.first_seq = SEQ_MAX);
  IS(false, m.first_seq = (uint64_t)SEQ_MAX + 1);
  IS(true, m.received_ms = INT64_MAX);
  IS(false, m.received_ms = (uint64_t)INT64_MAX + 1);
  IS(false, m.count = 0);
  IS(false, m.count = 1);
  IS(false, m.count = 3);
  IS(true, m.count = 1; m.more = 1);
  IS(false, m.count = 1; m.more = 2);
  IS(false, m.count = 2; m.more = 1);
  IS(false, m.to = m.from; m.count = 0);
  IS(false, m.to = 2);
  IS(false, m.from = INT64_MAX; m.to = (uint64_t)INT64_MAX + 1; m.count = 1; m.pos = 0);
  IS(true, m.from = INT64_MAX - 1; m.to = INT64_MAX; m.count = 1; m.pos = 0);
  IS(true, m.pos = 0);
  IS(false, m.pos = 2);
  IS(true, m.pos = 0; m.second_pos = 1);
  IS(false, m.pos = 1; m.second_pos = 1);
  IS(false, m.pos = 1; m.second_pos = 0);
  IS(true, m.has = 0; m.size = 0);
  IS(false, m.has = 0);
  IS(false, m.has = 2);
  IS(false, m.has = 2; m.size = 0);
  IS(true, m.size = 0);
  IS(true, m.size = sealed_max);
  IS(false, m.size = sealed_max + 1);
  IS(false, m.tail = true);
  IS(false, record.data[0] ^= 0x80);
#undef IS
  buf_wipe(&record);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(each_batch_is_a_run_of_its_author_in_its_place, begin, end),
      cmocka_unit_test_setup_teardown(a_piece_begins_anywhere_a_run_does, begin, end),
      cmocka_unit_test_setup_teardown(what_is_kept_ahead_goes_when_the_log_contradicts_itself, begin, end),
      cmocka_unit_test_setup_teardown(a_body_with_anything_out_of_bounds_is_refused, begin, end),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
