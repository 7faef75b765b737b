/* A payload that is withheld is gone on both sides, says why, and stays gone; everything else still verifies.
 */
#include "forge.h"

#include "sync/mirror.h"
#include "sync/rebuild.h"
#include "sync/store_log.h"
#include "sync/tlog.h"
#include "sync/verify.h"
#include "sync/withholding.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct site hub, node;
static const struct stream own = {CHUNAN, 0}, shared = {PROVINCE, 0}, directed = {PROVINCE, CHUNAN};
#define SECRET "Zhang-San-13800138000"

static int begin(void **state)
{
  struct err err = ERR_INIT;
  (void)state;
  fixture_pair(&hub, &node);
  site_record_price(&node, 0);
  assert_true(store_sign_head(node.store, FIXTURE_NOW_MS, &err));
  assert_true(
      site_commit(&node, 0,
                  "INSERT INTO price VALUES(330127, (1 << 40) | (2 << 12), 'JG2', 7, 900, 'kg', NULL, NULL,"
                  " 'market', 20261124, 'ask " SECRET "', NULL, 0, 0, 'officer', 1)",
                  NULL, &err));
  site_record_price(&node, 3);
  site_pull(&hub, &node, own);
  return 0;
}

static int end(void **state)
{
  (void)state;
  fixture_pair_end(&hub, &node);
  return 0;
}

struct wish {
  struct site *site;
  struct stream stream;
  uint64_t seq;
  const char *asked_by;
};

static bool do_withhold(struct tx *tx, void *ctx, struct err *err)
{
  const struct wish *wish = ctx;
  const struct withholding act = {.no = "",
                                  .rule = "pipl_47",
                                  .reason = "the person asked for it",
                                  .request = 1,
                                  .asked_by = wish->asked_by,
                                  .asked_ms = 1};
  int64_t pos = -1;
  return stream_find(tx->db, wish->stream, wish->seq, &pos, err) && withholding_add(tx, pos, &act, err);
}

static bool withhold(struct site *at, struct stream stream, uint64_t seq, const char *asked_by,
                     struct err *err)
{
  struct wish wish = {at, stream, seq, asked_by};
  const struct act act = {.actor = "chief", .role = "admin", .action = "withhold", .now_ms = FIXTURE_NOW_MS};
  return store_commit(at->store, &act, do_withhold, &wish, NULL, err);
}

static void withhold_second(void)
{
  struct err err = ERR_INIT;
  bool ok = withhold(&hub, own, 2, "curator", &err);
  if (!ok) print_message("%s: %s\n", err.rule, err.text);
  assert_true(ok);
}

#define ROWS "SELECT count(*) FROM price"
#define PAYLOAD "SELECT count(*) FROM sync_entry WHERE payload IS NULL"

static void is_withheld(struct site *site)
{
  struct withholding act;
  struct err err = ERR_INIT;
  struct buf keep = BUF_INIT;
  bool found = false;
  assert_int_equal(site_int(site, PAYLOAD), 1);
  assert_int_equal(site_int(site, ROWS " WHERE no = 'JG2'"), 0);
  assert_int_equal(site_int(site, ROWS), 2);
  assert_int_equal(site_int(site, "SELECT count(*) FROM sync_quarantine"), 0);
  assert_true(withholding_get(site->reader, own, 2, &act, &found, &keep, &err));
  assert_true(found);
  assert_string_equal(act.rule, "pipl_47");
  assert_string_equal(act.reason, "the person asked for it");
  assert_string_equal(act.asked_by, "curator");
  assert_string_equal(act.actor, "chief");
  buf_wipe(&keep);
  assert_true(site_verifies(site));
}

static void an_act_takes_payload_and_rows_on_both_sides(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  struct tlog_state before, after;
  struct buf note = BUF_INIT;
  assert_true(store_sign_log(hub.store, FIXTURE_NOW_MS, &err));
  assert_true(tlog_checkpoint(hub.reader, &note, &before, &err));
  withhold_second();
  is_withheld(&hub);
  site_pull(&node, &hub, shared);
  is_withheld(&node);
  assert_true(store_sign_log(hub.store, FIXTURE_NOW_MS, &err));
  buf_clear(&note);
  assert_true(tlog_checkpoint(hub.reader, &note, &after, &err));
  assert_int_equal(after.size, before.size + 1); /* the act is a leaf; the others are as they were */
  buf_wipe(&note);
  site_record_price(&node, 4); /* and life goes on */
  assert_int_equal(site_pull(&hub, &node, own).outcome, OUTCOME_TAKEN);
  assert_true(site_verifies(&hub));
}

static void upgrade(struct site *site)
{
  site_close(site);
  site->config.schema = 2;
  site_reopen(site);
}

/* Its branch was upgraded first: what the entry is, and what belongs to it, the province cannot read yet. */
static void what_waits_for_an_upgrade_is_withheld_after_it(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  upgrade(&node);
  site_record_price(&node, 4);
  site_record_price(&node, 5);
  assert_int_equal(site_pull(&hub, &node, own).parked, 2);
  for (uint64_t seq = 4; seq <= 5; seq++) {
    assert_false(withhold(&hub, own, seq, "curator", &err));
    assert_string_equal(err.rule, "waits");
    err_clear(&err);
  }
  assert_int_equal(site_int(&hub, PAYLOAD), 0);
  withhold_second(); /* what stands before them can go */
  upgrade(&hub);
  assert_int_equal(site_int(&hub, ROWS), 4);
  assert_true(withhold(&hub, own, 5, "curator", &err));
  assert_int_equal(site_int(&hub, ROWS), 3);
  assert_true(site_verifies(&hub));
}

static bool file_has(const char *path, const char *tail, const char *text)
{
  char name[200];
  snprintf(name, sizeof name, "%s%s", path, tail);
  FILE *f = fopen(name, "rb");
  if (!f) return false;
  static char bytes[8 << 20];
  size_t n = fread(bytes, 1, sizeof bytes, f);
  fclose(f);
  return memmem(bytes, n, text, strlen(text)) != NULL;
}

static void the_bytes_leave_the_files(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  assert_true(file_has(hub.path, "-wal", SECRET));
  withhold_second();
  site_pull(&node, &hub, shared);
  struct site *both[] = {&hub, &node};
  for (int i = 0; i < 2; i++) {
    /* A reader that looks at what was before may keep it for a moment, not for longer. */
    assert_true(db_exec(both[i]->reader, "BEGIN; SELECT count(*) FROM price", &err));
    assert_true(store_sign_head(both[i]->store, FIXTURE_NOW_MS, &err));
    assert_true(db_exec(both[i]->reader, "COMMIT", &err));
    assert_true(store_sign_head(both[i]->store, FIXTURE_NOW_MS, &err));
    assert_false(file_has(both[i]->path, "", SECRET));
    assert_false(file_has(both[i]->path, "-wal", SECRET));
  }
}

/* Pages are split and cells moved while a database grows: no copy may stay behind in a corner of a page. */
static void no_copy_stays_in_a_database_that_grew(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  uint64_t marked[60], seq = 3;
  int count = 0;
  for (int i = 0; i < 1500; i++) {
    seq++;
    if (i % 25) {
      site_record_price(&node, 10 + i);
      continue;
    }
    char sql[400];
    snprintf(sql, sizeof sql,
             "INSERT INTO price VALUES(330127, (1 << 40) | (%d << 12), 'JGM%d', 7, 900, 'kg', NULL, NULL,"
             " 'market', 20261124, '%.*s" SECRET "', NULL, 0, 0, 'officer', 1)",
             (int)seq, i, i % 160,
             "..............................................................................................."
             ".................................................................");
    assert_true(site_commit(&node, 0, sql, NULL, &err));
    marked[count++] = seq;
  }
  site_pull(&hub, &node, own);
  withhold_second();
  for (int i = 0; i < count; i++)
    assert_true(withhold(&hub, own, marked[i], "curator", &err));
  site_pull(&node, &hub, shared);
  struct site *both[] = {&hub, &node};
  for (int i = 0; i < 2; i++) {
    assert_true(store_sign_head(both[i]->store, FIXTURE_NOW_MS, &err));
    assert_int_equal(site_int(both[i], PAYLOAD), count + 1);
    if (file_has(both[i]->path, "", SECRET)) print_message("%s\n", both[i]->path);
    assert_false(file_has(both[i]->path, "", SECRET));
    assert_false(file_has(both[i]->path, "-wal", SECRET));
    assert_true(site_verifies(both[i]));
  }
}

static void nobody_withholds_alone_and_no_branch_at_all(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  assert_false(withhold(&hub, own, 2, "chief", &err));
  assert_string_equal(err.rule, "two_persons");
  /* Not with SQL of its own either: every receiver's table says so. */
  err_clear(&err);
  assert_false(
      site_commit(&hub, 0,
                  "INSERT INTO withholding VALUES(1, 330127, 0, 2, zeroblob(32), '', '', 'r', 'why', 1, 'a',"
                  " 1, 'a', 1)",
                  NULL, &err));
  err_clear(&err);
  assert_false(withhold(&node, own, 2, "curator", &err));
  assert_int_equal(site_int(&node, PAYLOAD), 0);
  assert_int_equal(site_int(&hub, PAYLOAD), 0);
  assert_int_equal(site_int(&hub, ROWS), 3);
}

static void refused(struct stream stream, uint64_t seq, const char *rule)
{
  struct err err = ERR_INIT;
  assert_false(withhold(&hub, stream, seq, "curator", &err));
  assert_string_equal(err.rule, rule);
}

static void what_others_build_on_stays(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  assert_true(site_commit(&hub, 0, "INSERT INTO product VALUES(1, 'tea', 'kg', NULL, 1.0)", NULL, &err));
  refused(shared, 1, "withhold_shared");
  assert_true(site_commit(&node, 0, "INSERT INTO stock VALUES(330127, (1 << 40) | (4 << 12), 'rice', 5)",
                          NULL, &err));
  site_pull(&hub, &node, own);
  refused(own, 4, "withhold_changeable");
  withhold_second();
  refused(own, 2, "withheld");
  refused(shared, 2, "withhold_act");
  refused(own, 99, "entry");
  assert_true(site_verifies(&hub));
}

/* A province whose program is not ours may say so all the same: then nothing of the entry goes, on either
 * side, and both go on. */
static void an_act_over_what_others_build_on_takes_nothing(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  struct logged entry;
  struct buf keep = BUF_INIT;
  int64_t pos = -1;
  char hash[2 * HASH_SIZE + 1], sql[400];
  assert_true(site_commit(&node, 0, "INSERT INTO stock VALUES(330127, (1 << 40) | (4 << 12), 'rice', 5)",
                          NULL, &err));
  site_pull(&hub, &node, own);
  assert_true(stream_find(hub.reader, own, 4, &pos, &err) &&
              entry_read(hub.reader, pos, &entry, &keep, &err));
  hex_encode(hash, entry.hash, HASH_SIZE);
  snprintf(sql, sizeof sql,
           "INSERT INTO withholding VALUES((1 << 40) | (1 << 12), 330127, 0, 4, x'%s', '', '', 'pipl_47',"
           " 'asked for', 1, 'curator', 1, 'officer', 1)",
           hash);
  assert_true(site_commit(&hub, 0, sql, NULL, &err));
  assert_int_equal(site_pull(&node, &hub, shared).outcome, OUTCOME_TAKEN);
  struct site *const both[] = {&hub, &node};
  for (int i = 0; i < 2; i++) {
    assert_int_equal(site_int(both[i], "SELECT count(*) FROM withholding"), 1);
    assert_int_equal(site_int(both[i], "SELECT qty FROM stock"), 5);
    assert_int_equal(site_int(both[i], PAYLOAD), 0);
  }
  site_record_price(&node, 5);
  assert_int_equal(site_pull(&hub, &node, own).outcome, OUTCOME_TAKEN);
  buf_wipe(&keep);
}

static void the_provinces_answers_may_go_too(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  assert_true(site_commit(&hub, CHUNAN,
                          "INSERT INTO decision VALUES(330127, (1 << 40) | (1 << 12), 'no, " SECRET "')",
                          NULL, &err));
  site_pull(&node, &hub, directed);
  assert_int_equal(site_int(&node, "SELECT count(*) FROM decision"), 1);
  assert_true(withhold(&hub, directed, 1, "curator", &err));
  site_pull(&node, &hub, shared);
  assert_int_equal(site_int(&node, "SELECT count(*) FROM decision"), 0);
  assert_int_equal(site_int(&hub, "SELECT count(*) FROM decision"), 0);
  assert_true(site_verifies(&hub));
  assert_true(site_verifies(&node));
}

static void sending_it_again_does_not_bring_it_back(void **state)
{
  (void)state;
  struct batch *with_payload = site_batch(&node, own, 0, 0);
  withhold_second();
  assert_int_equal(site_apply(&hub, with_payload).outcome, OUTCOME_REPLAY);
  is_withheld(&hub);
  batch_close(with_payload);
}

/* An empty disk, the same keys, as after enrolling again without a new epoch. */
static void lose_the_disk(struct site *fresh)
{
  site_open(fresh, "fresh", CHUNAN, 1);
  sites_meet(&hub, fresh);
}

static void a_new_disk_gets_it_withheld_whichever_comes_first(void **state)
{
  (void)state;
  struct batch *with_payload = site_batch(&hub, own, 0, 0);
  withhold_second();
  struct site fresh, other;
  lose_the_disk(&fresh);
  site_pull(&fresh, &hub, own); /* the entry without its payload, before anybody says why */
  assert_int_equal(site_int(&fresh, "SELECT count(*) FROM sync_quarantine WHERE reason = 'withheld'"), 1);
  site_pull(&fresh, &hub, shared);
  is_withheld(&fresh);
  site_close(&fresh);
  site_open(&other, "other", CHUNAN, 1);
  sites_meet(&hub, &other);
  site_pull(&other, &hub,
            shared); /* the act before the entry, which was packed when it still had its payload */
  assert_int_equal(site_apply(&other, with_payload).outcome, OUTCOME_TAKEN);
  is_withheld(&other);
  site_close(&other);
  batch_close(with_payload);
}

static void a_tail_that_was_journaled_again_goes_with_it(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  /* Epoch 2 begins behind the first entry: the hub never got the others. */
  struct site again = node;
  struct head first;
  struct buf keep = BUF_INIT;
  struct logged entry;
  assert_true(entry_read(node.reader, 0, &entry, &keep, &err));
  first.seq = 1;
  memcpy(first.hash, entry.hash, HASH_SIZE);
  buf_wipe(&keep);
  struct site province;
  site_open(&province, "province", PROVINCE, 1);
  sites_meet(&province, &node);
  struct batch *one = site_batch(&node, own, 0, 1);
  assert_int_equal(site_apply(&province, one).outcome, OUTCOME_TAKEN);
  batch_close(one);
  site_close(&node);
  again.epoch = 2;
  again.store = NULL;
  again.reader = NULL;
  again.config.epoch = 2;
  again.config.base_seq = first.seq;
  memcpy(again.config.base_hash, first.hash, HASH_SIZE);
  site_key(CHUNAN, 2, again.public_key, again.config.secret);
  site_reopen(&again);
  sites_meet(&province, &again);
  site_pull(&province, &again, own);
  struct wish wish = {&province, own, 2, "curator"};
  const struct act act = {.actor = "chief", .role = "admin", .action = "withhold", .now_ms = FIXTURE_NOW_MS};
  assert_true(store_commit(province.store, &act, do_withhold, &wish, NULL, &err));
  struct apply_result result = site_pull(&again, &province, shared);
  if (result.outcome != OUTCOME_TAKEN || result.quarantined)
    print_message("%s %s\n", result.reason, result.detail);
  assert_int_equal(site_int(&again, PAYLOAD), 2); /* both epochs' */
  assert_int_equal(site_int(&again, ROWS " WHERE no = 'JG2'"), 0);
  assert_true(store_sign_head(again.store, FIXTURE_NOW_MS, &err));
  assert_false(file_has(again.path, "", SECRET));
  assert_true(site_verifies(&again));
  assert_true(site_verifies(&province));
  site_close(&province);
  node = again;
}

static void tamper(const char *path, const char *sql);
static uint64_t found(const char *path, const char *text);

/* As a province keeps what was cut from its log (cut.h): the record and its payload beside the log. */
static void what_lies_aside_goes_too(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  tamper(hub.path,
         "INSERT INTO sync_aside(cut, author, lane, epoch, seq, record, payload, made_ms, aside_ms, state)"
         " SELECT 1, 330127, 0, 1, 1 + pos, record, payload, 1, 1, 'kept' FROM sync_entry WHERE pos < 2");
  withhold_second();
  assert_int_equal(
      site_int(&hub, "SELECT count(*) FROM sync_aside WHERE payload IS NULL AND reason = 'withheld'"), 1);
  assert_int_equal(site_int(&hub, "SELECT seq FROM sync_aside WHERE payload IS NULL"), 2);
  is_withheld(&hub);
  assert_true(store_sign_head(hub.store, FIXTURE_NOW_MS, &err));
  assert_false(file_has(hub.path, "", SECRET));
  assert_false(file_has(hub.path, "-wal", SECRET));
  tamper(hub.path, "UPDATE sync_aside SET payload = x'00' WHERE seq = 2");
  assert_true(found(hub.path, "put aside: an act withholds its payload, and it is still kept"));
}

static void what_was_refused_may_go_and_its_namesake_stays(void **state)
{
  (void)state;
  struct batch *bad = forge_next(&hub, own, "INSERT INTO product VALUES(9, '" SECRET "', 'kg', NULL, NULL)");
  struct err err = ERR_INIT;
  assert_true(site_commit(&hub, 0, "INSERT INTO product VALUES(9, 'tea', 'kg', NULL, 1.0)", NULL, &err));
  assert_int_equal(site_apply(&hub, bad).quarantined, 1);
  batch_close(bad);
  assert_true(withhold(&hub, own, 4, "curator", &err));
  assert_int_equal(site_int(&hub, "SELECT count(*) FROM product"), 1);
  assert_int_equal(site_int(&hub, PAYLOAD), 1);
  assert_int_equal(site_int(&hub, "SELECT count(*) FROM sync_quarantine WHERE state = 'refused'"), 1);
  assert_true(site_verifies(&hub));
}

/* As somebody with the file would. */
static void tamper(const char *path, const char *sql)
{
  struct err err = ERR_INIT;
  struct db *db = NULL;
  assert_true(db_open(&db, path, DB_WRITE, &err));
  bool ok = db_exec(db, sql, &err);
  if (!ok) print_message("%s\n", err.text);
  assert_true(ok);
  db_close(db);
}

static uint64_t found(const char *path, const char *text)
{
  struct verify_report report = {0};
  struct err err = ERR_INIT;
  assert_true(store_verify(path, &report, &err));
  put_u8(&report.text, 0);
  bool said = strstr((const char *)report.text.data, text) != NULL;
  if (!said) print_message("%s\n", (const char *)report.text.data);
  buf_wipe(&report.text);
  return said;
}

static int64_t sealed_at(struct site *site)
{
  return site_int(site, "SELECT count(*) FROM sync_mirror_entry WHERE sealed IS NOT NULL");
}

static void what_branches_keep_for_the_province_goes_too(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  struct buf body = BUF_INIT;
  uint8_t key[BOX_KEY_SIZE];
  uint64_t to = 1000;
  struct site late;
  assert_true(
      site_commit(&hub, 0,
                  "INSERT INTO price VALUES(330000, (1 << 40) | (1 << 12), 'own', 7, 900, 'kg', NULL, NULL,"
                  " 'market', 20261124, '" SECRET "', NULL, 0, 0, 'officer', 1)",
                  NULL, &err));
  assert_true(store_sign_log(hub.store, FIXTURE_NOW_MS, &err));
  store_mirror_key(hub.store, key);
  assert_true(mirror_of_log(hub.reader, CHUNAN, key, 0, &to, &body, &err));
  assert_true(store_mirror(node.store, body.data, body.size, &err));
  assert_int_equal(sealed_at(&node), 1);
  assert_true(withhold(&hub, (struct stream){PROVINCE, PROVINCE}, 1, "curator", &err));
  site_pull(&node, &hub, shared);
  assert_int_equal(sealed_at(&node), 0);
  site_open(&late, "late", CHUNAN, 1);
  sites_meet(&hub, &late);
  site_pull(&late, &hub, shared); /* the act first, then what was packed before it */
  assert_true(store_mirror(late.store, body.data, body.size, &err));
  assert_int_equal(site_int(&late, "SELECT count(*) FROM sync_mirror_entry"), 1);
  assert_int_equal(sealed_at(&late), 0);
  assert_true(site_verifies(&late));
  site_close(&late);
  assert_true(site_verifies(&node));
  site_close(&node);
  tamper(node.path, "UPDATE sync_mirror_entry SET sealed = x'00'");
  assert_true(found(node.path, "still kept for the province"));
  tamper(node.path, "UPDATE sync_mirror_run SET count = count + 1 WHERE first_pos = 0");
  assert_true(found(node.path, "the mirror of the log has a gap"));
  buf_wipe(&body);
  assert_true(site_verifies(&hub));
}

static void a_payload_that_is_missing_without_an_act_is_found(void **state)
{
  (void)state;
  tamper(hub.path, "UPDATE sync_entry SET payload = NULL WHERE pos = 1");
  assert_true(found(hub.path, "no act withholds it"));
}

/* The act, and the payload all the same: what a rebuild from other machines may begin with. */
static void put_the_payload_back(struct site *site)
{
  struct err err = ERR_INIT;
  struct buf keep = BUF_INIT;
  struct logged entry;
  struct db *db = NULL;
  assert_true(entry_read(site->reader, 1, &entry, &keep, &err));
  withhold_second();
  site_close(site);
  assert_true(db_open(&db, site->path, DB_WRITE, &err));
  struct query q = query_open(db, "UPDATE sync_entry SET payload = ?1 WHERE pos = 1", &err);
  query_blob(&q, 1, entry.payload, entry.record.payload_size);
  assert_true(query_run(&q));
  db_close(db);
  buf_wipe(&keep);
}

static void a_rebuild_keeps_it_withheld(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  struct rebuild_report report;
  struct db *db = NULL;
  char copy[200];
  snprintf(copy, sizeof copy, "%s/copy.db", fixture_folder());
  put_the_payload_back(&hub);
  assert_true(found(hub.path, "it is still here"));
  assert_true(db_open(&db, hub.path, DB_READ, &err));
  assert_true(db_copy(db, copy, &err));
  db_close(db);
  bool ok = rebuild_tables(copy, hub.path, &report, &err);
  if (!ok) print_message("%s: %s\n", err.rule, err.text);
  assert_true(ok);
  assert_int_equal(report.missing + report.extra, 0);
  assert_int_equal(rename(copy, hub.path), 0);
  site_reopen(&hub);
  is_withheld(&hub);
}

static void count(void *ctx, const struct withholding *act)
{
  assert_string_equal(act->rule, "pipl_47");
  ++*(int *)ctx;
}

static void acts_are_listed_for_those_they_concern(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  int all = 0, here = 0, elsewhere = 0;
  withhold_second();
  assert_true(withholding_list(hub.reader, 0, count, &all, &err));
  assert_true(withholding_list(hub.reader, CHUNAN, count, &here, &err));
  assert_true(withholding_list(hub.reader, TONGLU, count, &elsewhere, &err));
  assert_int_equal(all, 1);
  assert_int_equal(here, 1);
  assert_int_equal(elsewhere, 0);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, begin, end)
  const struct CMUnitTest tests[] = {
      T(an_act_takes_payload_and_rows_on_both_sides),
      T(what_waits_for_an_upgrade_is_withheld_after_it),
      T(the_bytes_leave_the_files),
      T(no_copy_stays_in_a_database_that_grew),
      T(nobody_withholds_alone_and_no_branch_at_all),
      T(what_others_build_on_stays),
      T(an_act_over_what_others_build_on_takes_nothing),
      T(the_provinces_answers_may_go_too),
      T(sending_it_again_does_not_bring_it_back),
      T(a_new_disk_gets_it_withheld_whichever_comes_first),
      T(a_tail_that_was_journaled_again_goes_with_it),
      T(what_lies_aside_goes_too),
      T(what_was_refused_may_go_and_its_namesake_stays),
      T(what_branches_keep_for_the_province_goes_too),
      T(a_payload_that_is_missing_without_an_act_is_found),
      T(a_rebuild_keeps_it_withheld),
      T(acts_are_listed_for_those_they_concern),
  };
  if (!crypto_start(NULL)) return 1;
  return cmocka_run_group_tests(tests, NULL, NULL);
}
