/* A branch without a line whose disk went back, or was copied, and was written on: sticks alone end it.  No
 * record is lost, none stands twice, and nothing is left behind as put aside. */
#include "sync/aside.h"
#include "sync/carry.h"
#include "sync/restored.h"
#include "sync/standing.h"
#include "sync/store_log.h"
#include "tests/sim/province.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static const int64_t START_MS = 1795316000000;

static struct province p;
static char snapshot[200];

static struct site *branch(void)
{
  return &p.members[0].site;
}

static void write_db(const char *path, bool (*what)(struct db *db, struct err *err))
{
  struct db *db = NULL;
  struct err err = ERR_INIT;
  must(db_open(&db, path, DB_WRITE, &err) && what(db, &err), &err, "write_db");
  db_close(db);
}

static bool mark_restored(struct db *db, struct err *err)
{
  return restored_mark(db, START_MS, err);
}

static bool remember_names(struct db *db, struct err *err)
{
  return db_exec(db, "CREATE TABLE names AS SELECT * FROM sync_aside", err);
}

static bool recall_names(struct db *db, struct err *err)
{
  return db_exec(db, "INSERT INTO sync_aside SELECT * FROM names", err) &&
         db_exec(db, "DROP TABLE names", err);
}

/* What has no signature yet is not in it, and it says that it is there. */
static struct buf export_as_is(struct site *site, bool all)
{
  uint8_t secret[SECRET_SIZE];
  const struct carry_wanted what = {
      .province = PROVINCE, .branch = site->code, .all = all, .secret = secret, .now_ms = START_MS};
  struct buf out = BUF_INIT;
  struct head through;
  struct err err = ERR_INIT;
  site_secret(site->code, site->epoch, secret);
  write_db(site->path, challenge_make);
  must(carry_export(site->db, &what, &out, &through, NULL, &err), &err, "carry_export");
  return out;
}

static struct buf export_of(struct site *site, bool all)
{
  struct err err = ERR_INIT;
  must(store_sign_head(site->store, START_MS, &err), &err, "store_sign_head");
  return export_as_is(site, all);
}

/* The province's receipt for it. */
static struct buf take(const struct buf *file, struct carry_facts *facts)
{
  struct buf receipt = BUF_INIT;
  struct err err = ERR_INIT;
  must(carry_take(p.hub.store, p.hub.db, file->data, file->size, START_MS + 5000, &receipt, facts, &err),
       &err, "carry_take");
  return receipt;
}

static bool give(const struct buf *file, struct carry_facts *facts, struct err *err)
{
  return carry_receive(branch()->store, branch()->db, file->data, file->size, START_MS + 9000, facts, err);
}

static void receive(const struct buf *receipt, struct carry_facts *facts)
{
  struct err err = ERR_INIT;
  must(give(receipt, facts, &err), &err, "carry_receive");
}

static void refused(const struct buf *file, const char *rule)
{
  struct err err = ERR_INIT;
  struct carry_facts facts;
  assert_false(give(file, &facts, &err));
  assert_string_equal(err.rule, rule);
  assert_false(err_is_fault(&err));
}

/* Up and down once. */
static void carry_once(bool all)
{
  struct carry_facts facts;
  struct buf file = export_of(branch(), all), receipt = take(&file, &facts);
  receive(&receipt, &facts);
  buf_wipe(&file);
  buf_wipe(&receipt);
}

/* Three records that are received; of these a snapshot; then three more, on a stick. */
static struct buf begin(void)
{
  province_open(&p, 2, START_MS);
  site_product(&p.hub, 1, "radish", START_MS);
  site_prices(branch(), 3, START_MS);
  carry_once(false);
  (void)snprintf(snapshot, sizeof snapshot, "%s/snapshot", p.folder);
  site_backup(branch(), snapshot);
  for (int i = 0; i < 3; i++)
    site_price(branch(), 61 + i, 610 + 10 * i, START_MS + 1 + i);
  return export_of(branch(), false);
}

/* What is written after it went back takes the places that those three have. */
static void goes_back_and_writes(int n)
{
  site_restore(branch(), snapshot, START_MS);
  for (int i = 0; i < n; i++)
    site_price(branch(), 71 + i, 710 + 10 * i, START_MS + 20 + i);
}

static bool may_write(void)
{
  return store_writable(branch()->store, NULL);
}

/* Each record once at both ends, received, and nothing said of it any more. */
static void ends_well(int prices, int written)
{
  assert_true(may_write());
  carry_once(false);
  struct site *sides[] = {branch(), &p.hub};
  for (int i = 0; i < 2; i++) {
    assert_int_equal(site_count(sides[i], "SELECT count(*) FROM price"), prices);
    assert_int_equal(site_count(sides[i], "SELECT count(DISTINCT price_fen) FROM price WHERE product > 60"),
                     prices - 3);
    assert_int_equal(site_count(sides[i], "SELECT count(*) FROM price WHERE product BETWEEN 71 AND 79"),
                     written);
    assert_int_equal(site_count(sides[i], "SELECT count(*) FROM sync_aside WHERE state <> 'again'"), 0);
    assert_int_equal(site_count(sides[i], "SELECT count(*) FROM sync_quarantine"), 0);
    assert_int_equal(site_count(sides[i], "SELECT count(*) FROM sync_fork"), 0);
    assert_true(site_verifies(sides[i]));
  }
  assert_int_equal(site_count(branch(), "SELECT count(*) FROM sync_evidence"), 0);
  assert_int_equal(site_count(branch(), "SELECT max(seq) FROM sync_receipt"),
                   site_head(branch(), branch()->code, 0).seq);
  province_close(&p);
}

static void the_receipt_brings_the_history_and_what_was_written_goes_behind_it(void **state)
{
  (void)state;
  struct carry_facts facts;
  struct buf first = begin(), none = take(&first, &facts);
  goes_back_and_writes(2);
  struct buf second = export_of(branch(), false), receipt = take(&second, &facts);
  assert_int_equal(facts.late_from, 4);
  assert_int_equal(facts.late_to, 5);
  assert_int_equal(facts.given_from, 4);
  assert_int_equal(site_count(&p.hub, "SELECT count(*) FROM sync_aside"), 2);
  /* Its own file has nothing that is not here. */
  refused(&second, "carry_entries");
  site_price(branch(), 73, 730, START_MS + 30); /* it goes on working meanwhile */
  for (int twice = 0; twice < 2; twice++) {
    receive(&receipt, &facts);
    assert_int_equal(facts.returned, twice ? 0 : 3);
    assert_int_equal(facts.again, twice ? 0 : 3);
    assert_int_equal(facts.kept, 0);
    assert_int_equal(facts.through, 6);
    assert_int_equal(site_head(branch(), branch()->code, 0).seq, 9);
    assert_true(may_write());
  }
  /* Neither stick has anything that is not here. */
  refused(&first, "carry_entries");
  refused(&second, "carry_entries");
  buf_wipe(&none);
  none = take(&second, &facts); /* too late at the province as well, which names no record twice */
  assert_int_equal(site_count(&p.hub, "SELECT count(*) FROM sync_aside"), 2);
  buf_wipe(&first);
  buf_wipe(&second);
  buf_wipe(&receipt);
  buf_wipe(&none);
  ends_well(9, 3);
}

/* What was named at the province goes with the entry that is the record now; given again it is not named. */
static void what_is_journaled_again_is_not_named_at_the_province(void **state)
{
  (void)state;
  struct carry_facts facts;
  struct buf first = begin(), none = take(&first, &facts);
  goes_back_and_writes(2);
  struct buf second = export_of(branch(), false), receipt = take(&second, &facts);
  receive(&receipt, &facts);
  buf_wipe(&none);
  write_db(p.hub.path, remember_names);
  carry_once(false);
  assert_int_equal(site_count(&p.hub, "SELECT count(*) FROM sync_aside"), 0);
  /* A program of before left them; they go at the next start. */
  write_db(p.hub.path, recall_names);
  assert_int_equal(site_count(&p.hub, "SELECT count(*) FROM sync_aside"), 2);
  site_crash(&p.hub, START_MS);
  assert_int_equal(site_count(&p.hub, "SELECT count(*) FROM sync_aside"), 0);
  none = take(&second, &facts);
  assert_int_equal(site_count(&p.hub, "SELECT count(*) FROM sync_aside"), 0);
  buf_wipe(&first);
  buf_wipe(&second);
  buf_wipe(&receipt);
  buf_wipe(&none);
  ends_well(8, 2);
}

/* It lost them and has written nothing: the first stick afterwards says so. */
static void a_branch_that_lacks_its_own_entries_is_given_them(void **state)
{
  (void)state;
  struct carry_facts facts;
  struct buf first = begin(), none = take(&first, &facts);
  site_restore(branch(), snapshot, START_MS);
  struct buf second = export_of(branch(), false), receipt = take(&second, &facts);
  assert_int_equal(facts.late_to, 0);
  assert_int_equal(facts.given_from, 4);
  receive(&receipt, &facts);
  assert_int_equal(facts.returned, 3);
  assert_int_equal(facts.again, 0);
  buf_wipe(&first);
  buf_wipe(&second);
  buf_wipe(&receipt);
  buf_wipe(&none);
  ends_well(6, 0);
}

/* The receipt of a stick from before the disk went back has proofs of other records than are here. */
static void a_receipt_of_before_says_to_export_again(void **state)
{
  (void)state;
  struct carry_facts facts;
  struct buf first = begin(), receipt = take(&first, &facts);
  goes_back_and_writes(2);
  refused(&receipt, "carry_other_records");
  goes_back_and_writes(3);
  refused(&receipt, "carry_other_records");
  assert_true(may_write());
  carry_once(false);
  refused(&first, "carry_entries");
  buf_wipe(&first);
  buf_wipe(&receipt);
  ends_well(9, 3);
}

/* The file has none of its records: where the two parted only the last receipt tells. */
static void what_is_not_signed_yet_is_answered_from_the_last_receipt_on(void **state)
{
  (void)state;
  struct carry_facts facts;
  struct buf first = begin(), none = take(&first, &facts);
  goes_back_and_writes(2);
  struct buf second = export_as_is(branch(), false), receipt = take(&second, &facts);
  assert_int_equal(facts.late_from, 0);
  assert_int_equal(facts.given_from, 4);
  receive(&receipt, &facts);
  assert_int_equal(facts.returned, 3);
  assert_int_equal(facts.again, 2);
  buf_wipe(&first);
  buf_wipe(&second);
  buf_wipe(&receipt);
  buf_wipe(&none);
  ends_well(8, 2);
}

/* It brings what a clone wrote behind all of this branch's; since then this disk went back to fewer. */
static void a_receipt_that_goes_on_further_than_here_says_to_export_again(void **state)
{
  (void)state;
  struct carry_facts facts;
  char whole[200];
  struct buf first = begin(), none = take(&first, &facts);
  (void)snprintf(whole, sizeof whole, "%s/whole", p.folder);
  site_backup(branch(), whole);
  site_price(branch(), 71, 710, START_MS + 20);
  struct buf clones = export_of(branch(), false);
  buf_wipe(&none);
  none = take(&clones, &facts);
  site_restore(branch(), whole, START_MS);
  struct buf second = export_of(branch(), false), receipt = take(&second, &facts);
  assert_int_equal(facts.given_from, 7);
  site_restore(branch(), snapshot, START_MS);
  refused(&receipt, "carry_other_records");
  carry_once(false);
  buf_wipe(&first);
  buf_wipe(&clones);
  buf_wipe(&second);
  buf_wipe(&receipt);
  buf_wipe(&none);
  ends_well(7, 1);
}

static void all_of_it_on_one_stick_ends_it_too(void **state)
{
  (void)state;
  struct carry_facts facts;
  struct buf first = begin(), none = take(&first, &facts);
  goes_back_and_writes(4);
  carry_once(true);
  buf_wipe(&first);
  buf_wipe(&none);
  ends_well(10, 4);
}

/* The first stick lies about until the second is taken and its receipt is back. */
static void the_earlier_stick_may_come_last(void **state)
{
  (void)state;
  struct carry_facts facts;
  struct buf first = begin();
  goes_back_and_writes(2);
  carry_once(false);
  struct buf receipt = take(&first, &facts);
  assert_int_equal(facts.late_from, 4);
  assert_int_equal(site_count(&p.hub, "SELECT count(*) FROM sync_aside"), 3);
  receive(&receipt, &facts); /* the branch has what it brings */
  assert_int_equal(facts.returned, 0);
  receive(&first, &facts);
  assert_int_equal(facts.returned, 3);
  buf_wipe(&first);
  buf_wipe(&receipt);
  ends_well(8, 2);
}

/* Two disks of one branch, each with records of its own, each with a stick and a receipt. */
static void a_clone_takes_what_the_other_brought(void **state)
{
  (void)state;
  struct carry_facts facts;
  char clone[200];
  struct buf original = begin();
  (void)snprintf(clone, sizeof clone, "%s/original", p.folder);
  site_backup(branch(), clone);
  goes_back_and_writes(2);
  struct buf copy = export_of(branch(), false), its = take(&copy, &facts);
  struct buf receipt = take(&original, &facts);
  assert_int_equal(facts.late_from, 4);
  site_restore(branch(), clone, START_MS);
  refused(&its, "carry_other_records");
  for (int twice = 0; twice < 2; twice++)
    receive(&receipt, &facts);
  assert_int_equal(site_head(branch(), branch()->code, 0).seq, 8);
  refused(&copy, "carry_entries");
  buf_wipe(&original);
  buf_wipe(&copy);
  buf_wipe(&its);
  buf_wipe(&receipt);
  ends_well(8, 2);
}

/* A copy of a disk that had gone back and was written on, put back from a backup: it waits for its answer. */
static void a_restored_copy_that_was_written_on_ends_it_by_its_receipt(void **state)
{
  (void)state;
  struct carry_facts facts;
  char backup[200];
  struct buf first = begin(), none = take(&first, &facts);
  goes_back_and_writes(2);
  (void)snprintf(backup, sizeof backup, "%s/backup", p.folder);
  site_backup(branch(), backup);
  struct buf before = export_of(branch(), false), old = take(&before, &facts);
  write_db(backup, mark_restored);
  site_restore(branch(), backup, START_MS);
  assert_false(may_write());
  receive(&old, &facts); /* not an answer: it takes what that brings, and waits */
  assert_int_equal(facts.returned, 3);
  assert_true(facts.waits);
  assert_false(may_write());
  carry_once(false);
  assert_int_equal(site_head(branch(), branch()->code, 0).seq, 8);
  buf_wipe(&first);
  buf_wipe(&before);
  buf_wipe(&old);
  buf_wipe(&none);
  ends_well(8, 2);
}

/* The first so many items of a receipt. */
static struct buf cut_short(const struct buf *receipt, uint32_t items)
{
  struct carry_reader reader;
  struct frame item;
  struct buf out = BUF_INIT;
  struct err err = ERR_INIT;
  must(carry_open(&reader, receipt->data, receipt->size, &err), &err, "carry_open");
  carry_begin(&out, &reader.head);
  for (uint32_t i = 0; i < items && carry_next(&reader, &item); i++)
    frame_put(&out, item.type, item.body, item.size);
  must(carry_end(&out, items, &err), &err, "carry_end");
  return out;
}

/* STANDING is left out as well: whatever is taken waits, as for a program that was killed. */
static void killed_at_any_item_it_goes_on_with_the_same_receipt_or_the_next(void **state)
{
  (void)state;
  for (int next = 0; next < 2; next++) {
    struct carry_facts facts;
    struct carry_reader reader;
    struct buf first = begin(), none = take(&first, &facts);
    goes_back_and_writes(2);
    struct buf second = export_of(branch(), false), receipt = take(&second, &facts);
    char parted[200];
    (void)snprintf(parted, sizeof parted, "%s/parted", p.folder);
    site_backup(branch(), parted);
    assert_true(carry_open(&reader, receipt.data, receipt.size, NULL));
    for (uint32_t items = 1; items <= reader.head.count; items++) {
      struct err err = ERR_INIT;
      struct buf part = cut_short(&receipt, items);
      /* As killed, what it took is there, and what it did behind the last item is not. */
      part.data[61 + FRAME_HEAD_SIZE + 4 + 7] ^= 64; /* a head that is not here yet */
      site_restore(branch(), parted, START_MS);
      must(give(&part, &facts, &err), &err, "carry_receive");
      site_crash(branch(), START_MS);
      assert_int_equal(store_writable(branch()->store, &err), items == 1);
      if (items > 1) assert_non_null(strstr(err.text, "what was put aside"));
      if (next)
        carry_once(false);
      else
        receive(&receipt, &facts);
      assert_true(may_write());
      buf_wipe(&part);
    }
    buf_wipe(&first);
    buf_wipe(&second);
    buf_wipe(&receipt);
    buf_wipe(&none);
    (void)unlink(parted);
    ends_well(8, 2);
  }
}

/* Once more while what was put aside is not received yet. */
static void a_disk_that_goes_back_again_and_again_ends_well(void **state)
{
  (void)state;
  struct carry_facts facts;
  struct buf first = begin(), none = take(&first, &facts);
  goes_back_and_writes(2);
  char parted[200];
  (void)snprintf(parted, sizeof parted, "%s/parted", p.folder);
  site_backup(branch(), parted);
  carry_once(false);
  struct buf again = export_of(branch(), false), received = take(&again, &facts);
  site_restore(branch(), parted, START_MS); /* all of that is forgotten here */
  site_price(branch(), 73, 730, START_MS + 40);
  refused(&received, "carry_stale");
  carry_once(false);
  buf_wipe(&first);
  buf_wipe(&again);
  buf_wipe(&received);
  buf_wipe(&none);
  ends_well(9, 3);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_receipt_brings_the_history_and_what_was_written_goes_behind_it),
      cmocka_unit_test(what_is_journaled_again_is_not_named_at_the_province),
      cmocka_unit_test(a_branch_that_lacks_its_own_entries_is_given_them),
      cmocka_unit_test(a_receipt_of_before_says_to_export_again),
      cmocka_unit_test(what_is_not_signed_yet_is_answered_from_the_last_receipt_on),
      cmocka_unit_test(a_receipt_that_goes_on_further_than_here_says_to_export_again),
      cmocka_unit_test(all_of_it_on_one_stick_ends_it_too),
      cmocka_unit_test(the_earlier_stick_may_come_last),
      cmocka_unit_test(a_clone_takes_what_the_other_brought),
      cmocka_unit_test(a_restored_copy_that_was_written_on_ends_it_by_its_receipt),
      cmocka_unit_test(killed_at_any_item_it_goes_on_with_the_same_receipt_or_the_next),
      cmocka_unit_test(a_disk_that_goes_back_again_and_again_ends_well),
  };
  struct err err = ERR_INIT;
  must(crypto_start(&err), &err, "crypto_start");
  return cmocka_run_group_tests(tests, NULL, NULL);
}
