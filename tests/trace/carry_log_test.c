/* A stick of a branch that has witnessed a longer log than its province has: what proves that, and what is
 * taken all the same. */
#include "sync/beyond.h"
#include "sync/carry.h"
#include "sync/standing.h"
#include "sync/store_log.h"
#include "tests/sim/province.h"

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

static void begin(void)
{
  struct err err = ERR_INIT;
  province_open(&p, 2, START_MS);
  site_product(&p.hub, 1, "radish", START_MS);
  site_decide(&p.hub, branch()->code, "accepted", START_MS);
  must(store_sign_log(p.hub.store, START_MS, &err), &err, "store_sign_log");
  site_prices(branch(), 3, START_MS);
  must(store_sign_head(branch()->store, START_MS, &err), &err, "store_sign_head");
}

/* As sunlit-node export does. */
static bool challenge_make_at(const char *path, struct err *err)
{
  struct db *db = NULL;
  bool ok = db_open(&db, path, DB_WRITE, err) && challenge_make(db, err);
  db_close(db);
  return ok;
}

static struct buf export_of(struct site *site, bool all)
{
  uint8_t secret[SECRET_SIZE];
  const struct carry_wanted what = {
      .province = PROVINCE, .branch = site->code, .all = all, .secret = secret, .now_ms = START_MS};
  struct buf out = BUF_INIT;
  struct head through;
  struct err err = ERR_INIT;
  must(store_sign_head(site->store, START_MS, &err), &err, "store_sign_head");
  site_secret(site->code, site->epoch, secret);
  must(challenge_make_at(site->path, &err), &err, "challenge_make");
  must(carry_export(site->db, &what, &out, &through, NULL, &err), &err, "carry_export");
  return out;
}

static bool take(const struct buf *file, struct buf *receipt, struct err *err)
{
  struct carry_facts facts;
  return carry_take(p.hub.store, p.hub.db, file->data, file->size, START_MS + 5000, receipt, &facts, err);
}

static bool receive(struct site *site, const struct buf *receipt, struct err *err)
{
  struct carry_facts facts;
  return carry_receive(site->store, site->db, receipt->data, receipt->size, START_MS + 9000, &facts, err);
}

static void note_shown(void *ctx, const struct beyond *row)
{
  *(struct beyond *)ctx = *row;
}

/* The branch shows it, people let go of it. */
static void let_go_of_what_it_shows(struct site *site)
{
  struct err err = ERR_INIT;
  struct beyond row = {.size = 0};
  struct db *db = NULL;
  bool rolled_back = false;
  char *note = site_rows(site, "SELECT rtrim(note, char(10)) FROM sync_witness", 0);
  must(store_witnessed(p.hub.store, site->code, note, strlen(note), START_MS, &rolled_back, &err), &err,
       "store_witnessed");
  assert_true(rolled_back);
  free(note);
  must(db_open(&db, p.hub.path, DB_WRITE, &err) && beyond_list(db, note_shown, &row, &err) &&
           beyond_let_go(db, PROVINCE, &row, &err),
       &err, "beyond_let_go");
  db_close(db);
  site_crash(&p.hub, START_MS);
}

/* A branch that stands alone brings its records, though it has witnessed a longer log than there is. */
static void what_a_branch_has_is_taken_when_what_it_witnessed_was_let_go(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  struct buf receipt = BUF_INIT;
  char past[200];
  begin();
  (void)snprintf(past, sizeof past, "%s/past.copy", p.folder);
  site_backup(&p.hub, past);
  struct buf file = export_of(branch(), false);
  must(take(&file, &receipt, &err), &err, "take");
  must(receive(branch(), &receipt, &err), &err, "receive");
  site_restore(&p.hub, past, START_MS);
  site_price(branch(), 9, 900, START_MS);
  buf_wipe(&file);
  file = export_of(branch(), true);
  buf_clear(&receipt);
  assert_false(take(&file, &receipt, &err));
  assert_string_equal(err.rule, "log_rolled_back");
  err_clear(&err);
  let_go_of_what_it_shows(branch());
  must(take(&file, &receipt, &err), &err, "take");
  assert_int_equal(site_head(&p.hub, branch()->code, 0).seq, 4);
  assert_true(site_verifies(&p.hub));
  buf_wipe(&file);
  buf_wipe(&receipt);
  province_close(&p);
}

/* The head of a file is nobody's word: the note in it says what was witnessed, and that stops the hub as over
 * a line. */
static void a_longer_log_is_what_the_note_proves_and_not_what_the_head_says(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  struct buf receipt = BUF_INIT;
  char past[200];
  begin();
  (void)snprintf(past, sizeof past, "%s/past.copy", p.folder);
  site_backup(&p.hub, past);
  struct buf file = export_of(branch(), false);
  const size_t held_at = strlen("sunlit.carry.v1\n") + 1 + 4 + 4 + 8;
  file.data[held_at + 6] = 0x7f;
  assert_false(take(&file, &receipt, &err));
  assert_string_equal(err.rule, "carry");
  assert_true(store_writable(p.hub.store, NULL));
  file.data[held_at + 6] = 0;
  err_clear(&err);
  must(take(&file, &receipt, &err), &err, "take");
  must(receive(branch(), &receipt, &err), &err, "receive");
  site_restore(&p.hub, past, START_MS);
  buf_wipe(&file);
  file = export_of(branch(), true);
  assert_false(take(&file, &receipt, &err));
  assert_string_equal(err.rule, "log_rolled_back");
  assert_false(store_writable(p.hub.store, NULL));
  assert_int_equal(site_count(&p.hub, "SELECT count(*) FROM sync_beyond"), 1);
  buf_wipe(&file);
  buf_wipe(&receipt);
  province_close(&p);
}

static bool holds(const struct site *site, const struct buf *file, uint64_t seq)
{
  struct err err = ERR_INIT;
  struct buf receipt = BUF_INIT;
  bool taken = take(file, &receipt, &err);
  buf_wipe(&receipt);
  return taken && site_head(&p.hub, site->code, 0).seq == seq;
}

/* All branches of a healthy province hold the same checkpoint; which of them had shown it is no matter. */
static void all_who_hold_what_was_let_go_bring_their_records(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  char past[200];
  struct buf receipts[2] = {BUF_INIT, BUF_INIT}, files[2];
  begin();
  (void)snprintf(past, sizeof past, "%s/past.copy", p.folder);
  site_backup(&p.hub, past);
  site_prices(&p.members[1].site, 2, START_MS);
  for (int i = 0; i < 4; i++) { /* twice: the second receipt has all of the log */
    struct buf file = export_of(&p.members[i % 2].site, false);
    buf_clear(&receipts[i % 2]);
    must(take(&file, &receipts[i % 2], &err), &err, "take");
    buf_wipe(&file);
  }
  for (int i = 0; i < 2; i++) {
    must(receive(&p.members[i].site, &receipts[i], &err), &err, "receive");
    files[i] = export_of(&p.members[i].site, true);
    buf_wipe(&receipts[i]);
  }
  assert_int_equal(site_count(&p.members[0].site, "SELECT size FROM sync_witness"),
                   site_count(&p.members[1].site, "SELECT size FROM sync_witness"));
  site_restore(&p.hub, past, START_MS);
  assert_false(holds(&p.members[0].site, &files[0], 3));
  assert_false(holds(&p.members[1].site, &files[1], 2));
  let_go_of_what_it_shows(branch());
  /* What people let go of is what the file must show: another root of that size is not it. */
  uint8_t *root = memmem(files[1].data + 66, 200, "\n", 1); /* behind the head: origin, size, root */
  root = memchr(root + 1, '\n', 30);
  uint8_t first = root[1];
  root[1] = first == 'A' ? 'B' : 'A';
  assert_false(holds(&p.members[1].site, &files[1], 2));
  root[1] = first;
  assert_true(holds(&p.members[1].site, &files[1], 2));
  assert_true(holds(&p.members[0].site, &files[0], 3));
  assert_true(site_verifies(&p.hub));
  for (int i = 0; i < 2; i++)
    buf_wipe(&files[i]);
  province_close(&p);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_longer_log_is_what_the_note_proves_and_not_what_the_head_says),
      cmocka_unit_test(what_a_branch_has_is_taken_when_what_it_witnessed_was_let_go),
      cmocka_unit_test(all_who_hold_what_was_let_go_bring_their_records),
  };
  struct err err = ERR_INIT;
  must(crypto_start(&err), &err, "crypto_start");
  return cmocka_run_group_tests(tests, NULL, NULL);
}
