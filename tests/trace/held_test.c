/* What a branch shows of the province's own entries is judged by what it proves, not by what it says of it.
 */
#include "sync/apply.h"
#include "sync/lost.h"
#include "sync/store_log.h"
#include "sync/stranger.h"
#include "sync/streams.h"
#include "tests/sim/province.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const int64_t START_MS = 1795316000000;
static const struct stream SHARED = {PROVINCE, 0};

static struct province p;
static char past[200];

static struct member *member(int i)
{
  return &p.members[i];
}

static int64_t wall(void)
{
  return START_MS + p.mono_ms;
}

/* With the greeting that brings the cosignature. */
static void meet(struct member *m)
{
  p.mono_ms += 60000;
  province_connect(&p, m);
  province_settle(&p);
  p.mono_ms += 31000;
  province_tick(&p);
  province_settle(&p);
  if (m->node) province_hang_up(&p, m);
}

static void write_products(int from, int count)
{
  for (int i = from; i < from + count; i++) {
    site_product(&p.hub, i, "of the province", wall());
    must(store_sign_head(p.hub.store, wall(), NULL), NULL, "store_sign_head");
  }
}

/* One entry that both branches have witnessed, and the disk as it was then. */
static int begin(void **state)
{
  (void)state;
  province_open(&p, 2, START_MS);
  p.run = 0;
  write_products(1, 1);
  must(store_sign_log(p.hub.store, wall(), NULL), NULL, "store_sign_log");
  meet(member(0));
  meet(member(1));
  (void)snprintf(past, sizeof past, "%s/past.copy", p.folder);
  site_backup(&p.hub, past);
  return 0;
}

static int end(void **state)
{
  (void)state;
  province_close(&p);
  return 0;
}

/* The entry of lane 0 as the hub has it now, to be shown when it has not any more. */
static struct held_message held_of(uint64_t seq, struct buf *keep)
{
  struct err err = ERR_INIT;
  struct logged entry;
  struct held_message m = {.parted = 0};
  int64_t pos = -1;
  must(stream_find(p.hub.db, SHARED, seq, &pos, &err) && entry_read(p.hub.db, pos, &entry, keep, &err), &err,
       "entry_read");
  assert_true(entry.is_signed);
  m.record = (struct span){entry.bytes, entry.size};
  memcpy(m.signature, entry.signature, SIGNATURE_SIZE);
  return m;
}

static enum lost_verdict shown(const struct held_message *m)
{
  struct err err = ERR_INIT;
  enum lost_verdict verdict = LOST_NOT;
  must(store_lost(p.hub.store, member(0)->site.code, m, wall(), &verdict, &err), &err, "store_lost");
  return verdict;
}

/* It continues our log, which has lost it: that the branch names a place that is witnessed hides nothing. */
static void a_parting_that_is_only_claimed_hides_no_loss(void **state)
{
  (void)state;
  struct buf keep = BUF_INIT;
  write_products(2, 2);
  struct held_message m = held_of(3, &keep);
  site_restore(&p.hub, past, wall());
  m.parted = 1;
  assert_int_equal(shown(&m), LOST_NOW);
  assert_false(store_writable(p.hub.store, NULL));
  buf_wipe(&keep);
}

/* The disk went back and was written on, and what was written is witnessed. */
static void another_past_is_witnessed(void)
{
  p.mono_ms += 1000;
  site_restore(&p.hub, past, wall());
  write_products(50, 1);
  must(store_sign_log(p.hub.store, wall(), NULL), NULL, "store_sign_log");
  meet(member(1));
}

static void an_entry_in_whose_place_another_is_witnessed_stands_alone_whatever_is_said(void **state)
{
  (void)state;
  struct buf keep = BUF_INIT;
  write_products(2, 1);
  struct held_message m = held_of(2, &keep);
  another_past_is_witnessed();
  assert_int_equal(shown(&m), LOST_SETTLED);
  m.parted = 9;
  assert_int_equal(shown(&m), LOST_SETTLED);
  assert_true(store_writable(p.hub.store, NULL));
  buf_wipe(&keep);
}

static void the_next_entry_proves_by_what_it_follows_that_it_is_of_another_past(void **state)
{
  (void)state;
  struct buf keep = BUF_INIT;
  p.mono_ms += 5000; /* no clock gives it away */
  write_products(2, 2);
  struct held_message m = held_of(3, &keep);
  p.mono_ms -= 5000;
  another_past_is_witnessed();
  assert_int_equal(shown(&m), LOST_SETTLED);
  assert_true(store_writable(p.hub.store, NULL));
  buf_wipe(&keep);
}

static void the_next_entry_of_our_own_past_is_lost(void **state)
{
  (void)state;
  struct buf keep = BUF_INIT;
  write_products(2, 1);
  struct held_message m = held_of(2, &keep);
  site_restore(&p.hub, past, wall());
  m.parted = 1;
  assert_int_equal(shown(&m), LOST_NOW);
  buf_wipe(&keep);
}

/* The branch gets the province's newest entries in one batch, and the line breaks before the checkpoint. */
static void take_down_unwitnessed(struct site *site)
{
  struct err err = ERR_INIT;
  struct buf bytes = BUF_INIT;
  struct batch_head head;
  struct batch *batch = NULL;
  struct apply_result result;
  must(store_batch_read(p.hub.db, SHARED, site_head(site, PROVINCE, 0).seq, NULL, &head, &bytes, &err), &err,
       "store_batch_read");
  must(batch_accept(&batch, site->db, bytes.data, bytes.size, &err), &err, "batch_accept");
  must(store_apply(site->store, &batch, 1, wall(), &result, &err), &err, "store_apply");
  batch_close(batch);
  buf_wipe(&bytes);
}

/* An honest branch that was given more of the other past, under one signature: what it shows is older than
 * what our log has before it. */
static void a_branch_shows_the_entry_that_proves_the_parting(void **state)
{
  (void)state;
  write_products(2, 3);
  take_down_unwitnessed(&member(0)->site);
  assert_int_equal(site_head(&member(0)->site, PROVINCE, 0).seq, 4);
  another_past_is_witnessed();
  meet(member(0));
  assert_true(store_writable(p.hub.store, NULL));
  assert_int_equal(site_count(&p.hub, "SELECT count(*) FROM sync_lost"), 0);
}

/* Of several the one that stands where our log has another: the newest proves nothing. */
static void a_branch_shows_the_first_that_is_signed_behind_the_parting(void **state)
{
  (void)state;
  write_products(2, 1);
  take_down_unwitnessed(&member(0)->site);
  p.mono_ms += 5000;
  write_products(3, 2);
  take_down_unwitnessed(&member(0)->site);
  p.mono_ms -= 5000;
  another_past_is_witnessed();
  meet(member(0));
  assert_true(store_writable(p.hub.store, NULL));
}

/* Several entries of another past under one signature, the signed one later than all of ours. */
static void hold_several_under_one_signature(void)
{
  p.mono_ms += 5000;
  write_products(2, 3);
  take_down_unwitnessed(&member(0)->site);
  p.mono_ms -= 5000;
}

static void a_branch_shows_what_leads_from_the_parting_to_the_signature(void **state)
{
  (void)state;
  p.run = 7;
  hold_several_under_one_signature();
  another_past_is_witnessed();
  meet(member(0));
  assert_true(store_writable(p.hub.store, NULL));
  assert_int_equal(site_count(&p.hub, "SELECT count(*) FROM sync_lost"), 0);
}

/* Before an update it goes on as it did. */
static void a_hub_that_does_not_name_its_run_is_shown_the_signed_one_alone(void **state)
{
  (void)state;
  hold_several_under_one_signature();
  another_past_is_witnessed();
  meet(member(0));
  assert_false(store_writable(p.hub.store, NULL));
}

/* Whoever shows it first stops the province; once others have witnessed what stands in its place, it goes on.
 */
static void what_was_shown_before_others_witnessed_stops_until_they_have(void **state)
{
  (void)state;
  p.run = 7;
  hold_several_under_one_signature();
  p.mono_ms += 1000;
  site_restore(&p.hub, past, wall());
  write_products(50, 1);
  must(store_sign_log(p.hub.store, wall(), NULL), NULL, "store_sign_log");
  province_connect(&p, member(1));
  province_settle(&p);
  p.mono_ms += 60000;
  province_connect(&p, member(0));
  province_settle(&p);
  assert_false(store_writable(p.hub.store, NULL));
  assert_int_equal(site_count(&p.hub, "SELECT count(*) FROM sync_lost"), 1);
  p.mono_ms += 31000;
  province_tick(&p);
  province_settle(&p);
  p.mono_ms += 31000;
  province_tick(&p);
  province_settle(&p);
  assert_true(store_writable(p.hub.store, NULL));
  province_hang_up(&p, member(0));
  province_hang_up(&p, member(1));
  site_crash(&p.hub, wall());
  assert_true(store_writable(p.hub.store, NULL));
}

/* Records that do not lead to the signed one are nobody's proof. */
static void a_chain_that_is_none_hides_no_loss(void **state)
{
  (void)state;
  struct buf keep = BUF_INIT, other = BUF_INIT, chain = BUF_INIT;
  char witnessed[200];
  write_products(2, 2);
  struct held_message lie = held_of(3, &other);
  p.mono_ms += 1000;
  site_restore(&p.hub, past, wall());
  write_products(50, 2);
  must(store_sign_log(p.hub.store, wall(), NULL), NULL, "store_sign_log");
  meet(member(1));
  (void)snprintf(witnessed, sizeof witnessed, "%s/witnessed.copy", p.folder);
  site_backup(&p.hub, witnessed);
  write_products(52, 1);
  struct held_message m = held_of(4, &keep);
  site_restore(&p.hub, witnessed, wall());
  put_vec16(&chain, lie.record.p, lie.record.size);
  m.parted = 3;
  m.chain = reader_of(chain.data, chain.size);
  m.chain_count = 1;
  assert_int_equal(shown(&m), LOST_NOW);
  buf_wipe(&keep);
  buf_wipe(&other);
  buf_wipe(&chain);
}

/* A branch holds another past's checkpoint, and the others have not witnessed ours as far yet: it stops
 * everything until they have. */
static void what_one_branch_holds_stops_nothing_once_others_have_witnessed_as_far(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  bool rolled_back = false;
  write_products(2, 1);
  must(store_sign_log(p.hub.store, wall(), NULL), NULL, "store_sign_log");
  meet(member(0));
  char *note = site_rows(&member(0)->site, "SELECT rtrim(note, char(10)) FROM sync_witness", 0);
  p.mono_ms += 1000;
  site_restore(&p.hub, past, wall());
  write_products(50, 1);
  must(store_sign_log(p.hub.store, wall(), NULL), NULL, "store_sign_log");
  p.mono_ms += 60000;
  province_connect(&p, member(1));
  province_settle(&p);
  must(store_witnessed(p.hub.store, member(0)->site.code, note, strlen(note), wall(), &rolled_back, &err),
       &err, "store_witnessed");
  assert_true(rolled_back);
  assert_false(store_writable(p.hub.store, NULL));
  p.mono_ms += 31000; /* the next greeting brings the cosignature */
  province_tick(&p);
  province_settle(&p);
  assert_true(store_writable(p.hub.store, NULL));
  province_hang_up(&p, member(1));
  free(note);
}

static void at_the_hub(const char *sql)
{
  struct err err = ERR_INIT;
  struct db *db = NULL;
  must(db_open(&db, p.hub.path, DB_WRITE, &err) && db_exec(db, sql, &err), &err, sql);
  db_close(db);
}

static int64_t cosigned(void)
{
  return site_count(&p.hub, "SELECT max(size) FROM sync_cosigner");
}

/* Another branch has a checkpoint that it has not said yet that it cosigned. */
static void the_other_is_about_to_cosign(void)
{
  site_price(&member(1)->site, 5, 500, wall());
  p.mono_ms += 60000;
  province_connect(&p, member(1));
  province_settle(&p);
}

/* The disk was full for the sign and has room for the cosignature: the stop stays. */
static void the_other_cosigns_and_the_stop_stays(void)
{
  int64_t before = cosigned();
  assert_false(store_writable(p.hub.store, NULL));
  p.mono_ms += 31000;
  province_tick(&p);
  province_settle(&p);
  assert_true(cosigned() > before);
  assert_false(store_writable(p.hub.store, NULL));
  province_hang_up(&p, member(1));
}

static void a_checkpoint_that_a_full_disk_did_not_keep_stops_the_province(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  bool rolled_back = false;
  write_products(2, 3);
  must(store_sign_log(p.hub.store, wall(), NULL), NULL, "store_sign_log");
  meet(member(0));
  char *note = site_rows(&member(0)->site, "SELECT rtrim(note, char(10)) FROM sync_witness", 0);
  site_restore(&p.hub, past, wall());
  the_other_is_about_to_cosign();
  at_the_hub("CREATE TRIGGER full BEFORE INSERT ON sync_beyond BEGIN SELECT RAISE(ABORT, 'full'); END");
  assert_false(
      store_witnessed(p.hub.store, member(0)->site.code, note, strlen(note), wall(), &rolled_back, &err));
  assert_true(rolled_back);
  the_other_cosigns_and_the_stop_stays();
  at_the_hub("DROP TRIGGER full");
  err_clear(&err);
  must(store_witnessed(p.hub.store, member(0)->site.code, note, strlen(note), wall(), &rolled_back, &err),
       &err, "store_witnessed");
  assert_int_equal(site_count(&p.hub, "SELECT count(*) FROM sync_beyond"), 1);
  free(note);
}

static void an_entry_that_a_full_disk_did_not_keep_stops_the_province(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  struct buf keep = BUF_INIT;
  enum lost_verdict verdict = LOST_NOT;
  write_products(2, 2);
  struct held_message m = held_of(3, &keep);
  site_restore(&p.hub, past, wall());
  the_other_is_about_to_cosign();
  at_the_hub("CREATE TRIGGER full BEFORE INSERT ON sync_lost BEGIN SELECT RAISE(ABORT, 'full'); END");
  assert_false(store_lost(p.hub.store, member(0)->site.code, &m, wall(), &verdict, &err));
  the_other_cosigns_and_the_stop_stays();
  at_the_hub("DROP TRIGGER full");
  assert_int_equal(shown(&m), LOST_NOW);
  buf_wipe(&keep);
}

static void a_certificate_that_a_full_disk_did_not_keep_stops_the_province(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  bool first = false;
  the_other_is_about_to_cosign();
  at_the_hub("CREATE TRIGGER full BEFORE INSERT ON sync_stranger BEGIN SELECT RAISE(ABORT, 'full'); END");
  assert_false(store_stranger(p.hub.store, 330199, "5e", wall(), &first, &err));
  the_other_cosigns_and_the_stop_stays();
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(a_parting_that_is_only_claimed_hides_no_loss, begin, end),
      cmocka_unit_test_setup_teardown(
          an_entry_in_whose_place_another_is_witnessed_stands_alone_whatever_is_said, begin, end),
      cmocka_unit_test_setup_teardown(the_next_entry_proves_by_what_it_follows_that_it_is_of_another_past,
                                      begin, end),
      cmocka_unit_test_setup_teardown(the_next_entry_of_our_own_past_is_lost, begin, end),
      cmocka_unit_test_setup_teardown(a_branch_shows_the_entry_that_proves_the_parting, begin, end),
      cmocka_unit_test_setup_teardown(a_branch_shows_the_first_that_is_signed_behind_the_parting, begin, end),
      cmocka_unit_test_setup_teardown(a_checkpoint_that_a_full_disk_did_not_keep_stops_the_province, begin,
                                      end),
      cmocka_unit_test_setup_teardown(an_entry_that_a_full_disk_did_not_keep_stops_the_province, begin, end),
      cmocka_unit_test_setup_teardown(a_certificate_that_a_full_disk_did_not_keep_stops_the_province, begin,
                                      end),
      cmocka_unit_test_setup_teardown(a_branch_shows_what_leads_from_the_parting_to_the_signature, begin,
                                      end),
      cmocka_unit_test_setup_teardown(a_hub_that_does_not_name_its_run_is_shown_the_signed_one_alone, begin,
                                      end),
      cmocka_unit_test_setup_teardown(what_was_shown_before_others_witnessed_stops_until_they_have, begin,
                                      end),
      cmocka_unit_test_setup_teardown(a_chain_that_is_none_hides_no_loss, begin, end),
      cmocka_unit_test_setup_teardown(what_one_branch_holds_stops_nothing_once_others_have_witnessed_as_far,
                                      begin, end),
  };
  struct err err = ERR_INIT;
  must(crypto_start(&err), &err, "crypto_start");
  return cmocka_run_group_tests(tests, NULL, NULL);
}
