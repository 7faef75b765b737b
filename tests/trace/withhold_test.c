/* A record is withheld while its branch is away, restored from a backup or on a new disk: in the end it is
 * gone there too, and everything proves itself. */
#include "sync/carry.h"
#include "sync/restored.h"
#include "sync/streams.h"
#include "tests/sim/province.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static const int64_t START_MS = 1795316000000;

static struct province p;

static struct member *branch(void)
{
  return &p.members[0];
}

static uint32_t code(void)
{
  return branch()->site.code;
}

static int64_t wall(void)
{
  return START_MS + p.mono_ms;
}

static void meet(void)
{
  province_meet(&p, branch());
}

/* Four prices and a decision, known on both sides. */
static void begin(void)
{
  province_open(&p, 2, START_MS);
  site_decide(&p.hub, code(), "accepted", START_MS);
  for (int i = 1; i <= 4; i++)
    site_price(&branch()->site, i, 100 * i, wall());
  meet();
}

/* Of the branch's entries `seq` and of what the province told it the first are withheld. */
static void withhold(uint64_t seq)
{
  site_withhold(&p.hub, code(), 0, seq, wall());
  site_withhold(&p.hub, PROVINCE, code(), 1, wall());
}

static void gone(struct site *site, int64_t product)
{
  char sql[80];
  (void)snprintf(sql, sizeof sql, "SELECT count(*) FROM price WHERE product = %lld", (long long)product);
  assert_int_equal(site_count(site, sql), 0);
  assert_int_equal(site_count(site, "SELECT count(*) FROM decision"), 0);
  assert_int_equal(site_count(site, "SELECT count(*) FROM sync_entry WHERE payload IS NULL"), 2);
  assert_int_equal(site_count(site, "SELECT count(*) FROM sync_quarantine"), 0);
  assert_true(site_verifies(site));
}

static void goes_on(void)
{
  int64_t before = site_count(&p.hub, "SELECT count(*) FROM price");
  site_price(&branch()->site, 50, 5000, wall());
  meet();
  assert_int_equal(site_count(&p.hub, "SELECT count(*) FROM price"), before + 1);
  assert_true(site_verifies(&p.hub));
}

static void a_branch_that_was_away_erases_when_it_is_back(void **state)
{
  (void)state;
  begin();
  withhold(2);
  gone(&p.hub, 2);
  site_price(&branch()->site, 9, 900, wall()); /* meanwhile, without a line */
  assert_int_equal(site_count(&branch()->site, "SELECT count(*) FROM price WHERE product = 2"), 1);
  meet();
  gone(&branch()->site, 2);
  site_crash(&branch()->site, wall());
  gone(&branch()->site, 2);
  goes_on();
  province_close(&p);
}

static void a_backup_from_before_is_erased_again(void **state)
{
  char path[200];
  struct err err = ERR_INIT;
  struct db *db;
  (void)state;
  begin();
  (void)snprintf(path, sizeof path, "%s/backup", p.folder);
  site_backup(&branch()->site, path);
  must(db_open(&db, path, DB_WRITE, &err), &err, "db_open");
  must(restored_mark(db, wall(), &err), &err, "restored_mark");
  db_close(db);
  withhold(3);
  meet();
  gone(&branch()->site, 3);
  site_restore(&branch()->site, path, wall());
  assert_int_equal(site_count(&branch()->site, "SELECT count(*) FROM price WHERE product = 3"), 1);
  meet();
  gone(&branch()->site, 3);
  goes_on();
  province_close(&p);
}

static void a_new_disk_never_sees_it(void **state)
{
  struct head head;
  (void)state;
  begin();
  withhold(1);
  meet();
  head = site_head(&p.hub, code(), 0);
  char path[200];
  (void)snprintf(path, sizeof path, "%s", branch()->site.path);
  uint32_t epoch = branch()->site.epoch, branch_code = code();
  site_close(&branch()->site);
  assert_int_equal(remove(path), 0);
  (void)snprintf(path, sizeof path, "%s-wal", branch()->site.path);
  (void)remove(path);
  (void)snprintf(path, sizeof path, "%s-shm", branch()->site.path);
  (void)remove(path);
  site_make(&branch()->site, p.folder, branch_code, wall());
  for (uint32_t e = 1; e <= epoch; e++)
    site_trust(&branch()->site, branch_code, e);
  site_trust(&branch()->site, PROVINCE, 1);
  site_enrol_again(&branch()->site, &head, wall());
  site_trust(&p.hub, branch_code, branch()->site.epoch);
  meet();
  meet();
  gone(&branch()->site, 1);
  goes_on();
  province_close(&p);
}

/* A receipt file was made before the act and is read after it: what it carries is dropped. */
static void a_file_from_before_does_not_bring_it_back(void **state)
{
  struct err err = ERR_INIT;
  struct buf file = BUF_INIT, receipt = BUF_INIT;
  struct carry_facts facts;
  struct head through;
  (void)state;
  begin();
  site_decide(&p.hub, code(), "with a name in it", wall());
  const struct carry_wanted what = {.province = PROVINCE, .branch = code(), .all = true};
  must(store_sign_log(p.hub.store, wall(), &err), &err, "store_sign_log");
  must(store_sign_head(branch()->site.store, wall(), &err), &err, "store_sign_head");
  must(carry_export(branch()->site.db, &what, &file, &through, NULL, &err), &err, "carry_export");
  must(carry_take(p.hub.store, p.hub.db, file.data, file.size, wall(), &receipt, &facts, &err), &err,
       "carry_take");
  withhold(4);
  site_withhold(&p.hub, PROVINCE, code(), 2, wall());
  meet();
  must(carry_receive(branch()->site.store, branch()->site.db, receipt.data, receipt.size, wall(), &facts,
                     &err),
       &err, "carry_receive");
  assert_int_equal(site_count(&branch()->site, "SELECT count(*) FROM decision"), 0);
  assert_int_equal(site_count(&branch()->site, "SELECT count(*) FROM sync_entry WHERE payload IS NULL"), 3);
  assert_true(site_verifies(&branch()->site));
  buf_wipe(&file);
  buf_wipe(&receipt);
  goes_on();
  province_close(&p);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_branch_that_was_away_erases_when_it_is_back),
      cmocka_unit_test(a_backup_from_before_is_erased_again),
      cmocka_unit_test(a_new_disk_never_sees_it),
      cmocka_unit_test(a_file_from_before_does_not_bring_it_back),
  };
  struct err err = ERR_INIT;
  must(crypto_start(&err), &err, "crypto_start");
  return cmocka_run_group_tests(tests, NULL, NULL);
}
