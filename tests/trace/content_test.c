/* A batch is signed over its records alone: who carries a file can leave the content out of it.  Nothing is
 * lost by that: it is not taken so, or comes again. */
#include "core/base/crypto.h"
#include "sync/batch.h"
#include "sync/carry.h"
#include "sync/standing.h"
#include "sync/store_log.h"
#include "sync/streams.h"
#include "tests/sim/liar.h"
#include "tests/sim/lost.h"
#include "tests/unit/sync/lose.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const int64_t START_MS = 1795316000000;

static struct province p;

static struct site *branch(void)
{
  return &p.members[0].site;
}

static struct buf export_of(struct site *site, bool all)
{
  uint8_t secret[SECRET_SIZE];
  const struct carry_wanted what = {
      .province = PROVINCE, .branch = site->code, .all = all, .secret = secret, .now_ms = START_MS};
  struct buf out = BUF_INIT;
  struct head through;
  struct db *db = NULL;
  struct err err = ERR_INIT;
  must(store_sign_head(site->store, START_MS, &err), &err, "store_sign_head");
  site_secret(site->code, site->epoch, secret);
  must(db_open(&db, site->path, DB_WRITE, &err) && challenge_make(db, &err), &err, "challenge_make");
  db_close(db);
  must(carry_export(site->db, &what, &out, &through, NULL, &err), &err, "carry_export");
  return out;
}

/* The payloads go, the signature stays as it was. */
static void put_stripped(struct buf *out, const struct frame *frame)
{
  struct err err = ERR_INIT;
  struct batch *batch = NULL;
  struct batch_writer *writer = NULL;
  must(batch_open(&batch, frame->body, frame->size, &err), &err, "batch_open");
  size_t mark = frame_begin(out, FRAME_BATCH);
  must(batch_writer_open(&writer, &batch->head, &err), &err, "batch_writer_open");
  for (uint32_t i = 0; i < batch->head.count; i++) {
    struct record record;
    must(record_decode(&record, batch->entries[i].record, batch->entries[i].record_size, &err), &err,
         "record_decode");
    assert_true(batch_add(writer, &record, NULL));
  }
  must(batch_finish(writer, batch->signature, out, &err), &err, "batch_finish");
  batch_writer_close(writer);
  frame_end(out, mark);
  batch_close(batch);
}

static struct buf stripped(const struct buf *file)
{
  struct err err = ERR_INIT;
  struct carry_reader reader;
  struct frame frame;
  struct buf out = BUF_INIT;
  uint32_t count = 0;
  must(carry_open(&reader, file->data, file->size, &err), &err, "carry_open");
  carry_begin(&out, &reader.head);
  while (carry_next(&reader, &frame)) {
    if (frame.type == FRAME_BATCH)
      put_stripped(&out, &frame);
    else
      frame_put(&out, frame.type, frame.body, frame.size);
    count++;
  }
  must(carry_end(&out, count, &err), &err, "carry_end");
  return out;
}

static bool take(const struct buf *file, struct buf *receipt, struct err *err)
{
  struct carry_facts facts;
  return carry_take(p.hub.store, p.hub.db, file->data, file->size, START_MS + 5000, receipt, &facts, err);
}

static bool receive(const struct buf *receipt, struct err *err)
{
  struct carry_facts facts;
  return carry_receive(branch()->store, branch()->db, receipt->data, receipt->size, START_MS + 9000, &facts,
                       err);
}

static void begin(void)
{
  struct err err = ERR_INIT;
  province_open(&p, 2, START_MS);
  site_product(&p.hub, 1, "radish", START_MS);
  must(store_sign_log(p.hub.store, START_MS, &err), &err, "store_sign_log");
  site_prices(branch(), 3, START_MS);
}

static void the_province_takes_no_entry_without_its_content(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  struct buf receipt = BUF_INIT;
  begin();
  struct buf file = export_of(branch(), false), bare = stripped(&file);
  (void)take(&bare, &receipt, &err);
  assert_int_equal(site_head(&p.hub, branch()->code, 0).seq, 0);
  buf_clear(&receipt);
  err_clear(&err);
  must(take(&file, &receipt, &err), &err, "take");
  assert_int_equal(site_head(&p.hub, branch()->code, 0).seq, 3);
  assert_int_equal(site_count(&p.hub, "SELECT count(*) FROM price"), 3);
  assert_true(site_verifies(&p.hub));
  buf_wipe(&file);
  buf_wipe(&bare);
  buf_wipe(&receipt);
  province_close(&p);
}

static int64_t lost(void)
{
  return site_count(&p.hub, "SELECT count(*) FROM sync_lost_leaf WHERE found_ms = 0");
}

/* What was lost and comes bare is lost still: it may come whole. */
static void nor_is_a_hole_filled_by_one(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  struct buf receipt = BUF_INIT;
  begin();
  struct buf file = export_of(branch(), false), bare = stripped(&file);
  must(take(&file, &receipt, &err), &err, "take");
  lose(p.hub.path, (struct stream){branch()->code, 0}, 1, 3);
  lost_folded(&p);
  buf_clear(&receipt);
  (void)take(&bare, &receipt, &err);
  assert_int_equal(lost(), 3);
  buf_clear(&receipt);
  err_clear(&err);
  must(take(&file, &receipt, &err), &err, "take");
  assert_int_equal(lost(), 0);
  assert_int_equal(site_count(&p.hub, "SELECT count(*) FROM price"), 3);
  assert_true(site_verifies(&p.hub));
  buf_wipe(&file);
  buf_wipe(&bare);
  buf_wipe(&receipt);
  province_close(&p);
}

/* A receipt may be made before the act that explains it comes, so a branch takes such an entry; whatever
 * comes next with the content, file or line, is used. */
static void a_branch_asks_again_for_content_that_is_missing(void **state)
{
  (void)state;
  for (int by_line = 0; by_line < 2; by_line++) {
    struct err err = ERR_INIT;
    struct buf receipt = BUF_INIT;
    begin();
    struct buf file = export_of(branch(), false);
    must(take(&file, &receipt, &err), &err, "take");
    struct buf bare = stripped(&receipt);
    must(receive(&bare, &err), &err, "receive");
    assert_int_equal(site_count(branch(), "SELECT count(*) FROM product"), 0);
    if (by_line) {
      province_connect(&p, &p.members[0]);
      province_settle(&p);
    } else {
      must(receive(&receipt, &err), &err, "receive");
    }
    assert_int_equal(site_count(branch(), "SELECT count(*) FROM product"), 1);
    assert_int_equal(site_count(branch(), "SELECT count(*) FROM sync_quarantine"), 0);
    assert_true(site_verifies(branch()));
    buf_wipe(&file);
    buf_wipe(&bare);
    buf_wipe(&receipt);
    province_close(&p);
  }
}

/* As a rebuilding leaves it that had nothing but such a file. */
static void empty_one_at_the_province(uint64_t seq)
{
  struct err err = ERR_INIT;
  struct db *db = NULL;
  int64_t pos = -1;
  char sql[700];
  must(stream_find(p.hub.db, (struct stream){branch()->code, 0}, seq, &pos, &err), &err, "stream_find");
  snprintf(
      sql, sizeof sql,
      "DROP TRIGGER IF EXISTS sunlit_guard_price_DELETE;"
      "DELETE FROM price WHERE branch = %u AND id = (SELECT min(id) FROM price WHERE branch = %u);"
      "UPDATE sync_entry SET payload = NULL WHERE pos = %lld;"
      "INSERT INTO sync_quarantine(pos, author, lane, seq, reason, detail, table_name, row_id, state, at_ms)"
      " VALUES(%lld, %u, 0, %llu, 'withheld', '', '', 0, 'refused', 1)",
      branch()->code, branch()->code, (long long)pos, (long long)pos, branch()->code,
      (unsigned long long)seq);
  must(db_open(&db, p.hub.path, DB_WRITE, &err) && db_exec(db, sql, &err), &err, "empty");
  db_close(db);
}

static void a_province_is_brought_content_that_is_missing(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  begin();
  province_connect(&p, &p.members[0]);
  province_settle(&p);
  assert_int_equal(site_count(&p.hub, "SELECT count(*) FROM price"), 3);
  province_hang_up(&p, &p.members[0]);
  empty_one_at_the_province(1);
  assert_int_equal(site_count(&p.hub, "SELECT count(*) FROM price"), 2);
  province_connect(&p, &p.members[0]);
  province_settle(&p);
  assert_int_equal(site_count(&p.hub, "SELECT count(*) FROM price"), 3);
  assert_int_equal(site_count(&p.hub, "SELECT count(*) FROM sync_quarantine"), 0);
  assert_int_equal(site_count(branch(), "SELECT count(*) FROM sync_evidence"), 0); /* nobody is accused */
  must(store_sign_log(p.hub.store, START_MS + 9000, &err), &err, "store_sign_log");
  assert_true(site_verifies(&p.hub));
  province_close(&p);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_province_takes_no_entry_without_its_content),
      cmocka_unit_test(nor_is_a_hole_filled_by_one),
      cmocka_unit_test(a_branch_asks_again_for_content_that_is_missing),
      cmocka_unit_test(a_province_is_brought_content_that_is_missing),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
