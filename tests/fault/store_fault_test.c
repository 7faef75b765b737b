/* Every durable step of a commit, of an opening and of an apply goes wrong once in every way, and each time:
 * the store works on or opens again, what was acknowledged is there (I2), rows and entries agree (I1), no
 * seq is missing (I5), and the same call goes through afterwards.
 * usage: store_fault_test [full]     without it, every fourth step */
#include "fault_vfs.h"
#include "forge.h"

#include "sync/withholding.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int stride = 4;
static const struct stream own = {CHUNAN, 0};

static void copy_to(const char *from, const char *to)
{
  char command[500];
  snprintf(command, sizeof command, "rm -f %s-wal %s-shm %s*.synced && cp %s %s", to, to, to, from, to);
  assert_int_equal(system(command), 0);
}

static void note(const char *what, enum fault_kind kind, int step)
{
  print_message("%s, step %d %s\n", what, step, fault_names[kind]);
}

static bool try_price(struct tx *tx, void *ctx, struct err *err)
{
  return price_insert(tx, *(int *)ctx, err);
}

static bool try_commit(struct store *store, int n, struct err *err)
{
  struct act act = {
      .actor = "officer", .role = "officer", .action = "price.record", .now_ms = FIXTURE_NOW_MS + n};
  return store_commit(store, &act, try_price, &n, NULL, err);
}

/* One run: opens, commits twice, signs, closes; counts what was acknowledged. */
static int run_node(struct site *node, bool *opened)
{
  struct err err = ERR_INIT;
  struct store *store = NULL;
  int acknowledged = 0;
  *opened = store_open(&store, &node->config, &err);
  if (!*opened) {
    assert_true(err.kind == ERR_IO || err.kind == ERR_BUSY || err.kind == ERR_CORRUPT);
    return 0;
  }
  for (int i = 0; i < 2; i++) {
    struct err why = ERR_INIT;
    if (try_commit(store, 10 + i, &why))
      acknowledged++;
    else
      assert_int_equal(why.kind, ERR_IO);
  }
  store_sign_head(store, FIXTURE_NOW_MS, NULL);
  store_close(store);
  return acknowledged;
}

static bool check_node(struct site *node, int before, int acknowledged)
{
  site_reopen(node);
  int rows = (int)site_int(node, "SELECT count(*) FROM price");
  bool ok = rows >= before + acknowledged && rows <= before + 2 && site_verifies(node);
  site_record_price(node, 99);
  ok = ok && site_int(node, "SELECT count(*) FROM price") == rows + 1 &&
       site_int(node, "SELECT count(*) FROM sync_entry") == rows + 1 && site_verifies(node);
  site_close(node);
  return ok;
}

static void a_commit_that_meets_a_fault_is_whole_or_not_at_all(void **state)
{
  (void)state;
  struct site node;
  char template[200];
  fixture_begin();
  fault_vfs_install();
  site_open(&node, "node", CHUNAN, 1);
  for (int i = 0; i < 3; i++)
    site_record_price(&node, i);
  site_close(&node);
  snprintf(template, sizeof template, "%s.template", node.path);
  copy_to(node.path, template);
  bool hit = true, opened = false;
  int runs = 0;
  for (int kind = 0; kind < FAULT_KINDS; kind++) {
    hit = true;
    for (int step = 1 + (stride > 1 ? kind : 0); hit; step += stride) {
      copy_to(template, node.path);
      fault_arm((enum fault_kind)kind, step);
      int acknowledged = run_node(&node, &opened);
      fault_disarm(&hit);
      if (kind == FAULT_POWER && hit) fault_lose_unsynced(fixture_folder());
      bool ok = check_node(&node, 3, acknowledged);
      if (!ok) note("commit", (enum fault_kind)kind, step);
      assert_true(ok);
      runs++;
    }
  }
  print_message("%d faults\n", runs);
  fixture_end();
}

/* The same store goes on after the fault, without being opened again. */
static void the_same_store_works_again_when_the_disk_does(void **state)
{
  (void)state;
  struct site node;
  fixture_begin();
  fault_vfs_install();
  site_open(&node, "node", CHUNAN, 1);
  site_record_price(&node, 0);
  bool hit = true;
  int rows = 1;
  for (int kind = 0; kind < FAULT_POWER; kind++) {
    hit = true;
    for (int step = 1; hit; step++) {
      struct err err = ERR_INIT;
      fault_arm((enum fault_kind)kind, step);
      bool done = try_commit(node.store, rows, &err);
      fault_disarm(&hit);
      if (!done && kind == FAULT_FULL && strcmp(err.rule, "disk_full") != 0 && strcmp(err.rule, "io") != 0)
        note(err.text, (enum fault_kind)kind, step);
      rows = (int)site_int(&node, "SELECT count(*) FROM price");
      site_record_price(&node, rows);
      rows++;
      if (site_int(&node, "SELECT count(*) FROM price") != rows || !site_verifies(&node))
        note("again", (enum fault_kind)kind, step);
      assert_int_equal(site_int(&node, "SELECT count(*) FROM price"), rows);
      assert_int_equal(site_int(&node, "SELECT count(*) FROM sync_entry"), rows);
    }
  }
  assert_true(site_verifies(&node));
  site_reopen(&node);
  assert_int_equal(site_int(&node, "SELECT count(*) FROM price"), rows);
  assert_true(site_verifies(&node));
  site_close(&node);
  fixture_end();
}

static void a_full_disk_is_said_and_nothing_is_half_done(void **state)
{
  (void)state;
  struct site node;
  struct err err = ERR_INIT;
  bool hit = false;
  fixture_begin();
  fault_vfs_install();
  site_open(&node, "node", CHUNAN, 1);
  fault_arm(FAULT_FULL, 1);
  assert_false(try_commit(node.store, 1, &err));
  fault_disarm(&hit);
  assert_true(hit);
  assert_int_equal(err.kind, ERR_IO);
  assert_string_equal(err.rule, "disk_full");
  assert_int_equal(site_int(&node, "SELECT count(*) FROM price"), 0);
  site_record_price(&node, 1);
  assert_true(site_verifies(&node));
  site_close(&node);
  fixture_end();
}

static void an_apply_that_meets_a_fault_took_everything_or_nothing(void **state)
{
  (void)state;
  struct site hub, node;
  char template[200];
  fixture_begin();
  fault_vfs_install();
  site_open(&hub, "hub", PROVINCE, 1);
  site_open(&node, "node", CHUNAN, 1);
  sites_meet(&hub, &node);
  for (int i = 0; i < 5; i++)
    site_record_price(&node, i);
  struct batch *batch = site_batch(&node, own, 0, 0);
  site_close(&hub);
  snprintf(template, sizeof template, "%s.template", hub.path);
  copy_to(hub.path, template);
  int runs = 0;
  for (int kind = 0; kind < FAULT_KINDS; kind++) {
    bool hit = true;
    for (int step = 1; hit; step += stride) {
      struct err err = ERR_INIT;
      struct apply_result result;
      struct store *store = NULL;
      copy_to(template, hub.path);
      assert_true(store_open(&store, &hub.config, &err));
      fault_arm((enum fault_kind)kind, step);
      bool acknowledged = store_apply(store, &batch, 1, FIXTURE_NOW_MS, &result, &err);
      store_close(store);
      fault_disarm(&hit);
      if (kind == FAULT_POWER && hit) fault_lose_unsynced(fixture_folder());
      site_reopen(&hub);
      int64_t rows = site_int(&hub, "SELECT count(*) FROM price");
      bool ok = (rows == 5 || (rows == 0 && !acknowledged)) && site_verifies(&hub);
      result = site_apply(&hub, batch);
      ok = ok && result.outcome == (rows ? OUTCOME_REPLAY : OUTCOME_TAKEN) && result.through_seq == 5 &&
           site_int(&hub, "SELECT count(*) FROM price") == 5 && site_verifies(&hub);
      if (!ok) note("apply", (enum fault_kind)kind, step);
      assert_true(ok);
      site_close(&hub);
      runs++;
    }
  }
  print_message("%d faults\n", runs);
  batch_close(batch);
  site_close(&node);
  fixture_end();
}

static bool try_withhold(struct tx *tx, void *ctx, struct err *err)
{
  const struct withholding act = {
      .no = "", .rule = "pipl_47", .reason = "asked for", .request = 1, .asked_by = "curator", .asked_ms = 1};
  (void)ctx;
  return withholding_add(tx, 2, &act, err);
}

static bool withhold_one(struct store *store, struct err *err)
{
  const struct act act = {.actor = "admin", .role = "admin", .action = "withhold", .now_ms = FIXTURE_NOW_MS};
  return store_commit(store, &act, try_withhold, NULL, NULL, err);
}

/* Act, payload and row: all three or none, whatever the disk does; and the same for who hears of it. */
static bool erased_or_not(struct site *site, bool acknowledged)
{
  int64_t acts = site_int(site, "SELECT count(*) FROM withholding");
  return (acts == 1 || !acknowledged) &&
         site_int(site, "SELECT count(*) FROM sync_entry WHERE payload IS NULL") == acts &&
         site_int(site, "SELECT count(*) FROM price") == 5 - acts && site_verifies(site);
}

static void an_act_that_meets_a_fault_erased_all_or_nothing(void **state)
{
  (void)state;
  struct site hub, node;
  char template[200];
  fixture_begin();
  fault_vfs_install();
  site_open(&hub, "hub", PROVINCE, 1);
  site_open(&node, "node", CHUNAN, 1);
  sites_meet(&hub, &node);
  for (int i = 0; i < 5; i++)
    site_record_price(&node, i);
  site_pull(&hub, &node, own);
  site_close(&hub);
  site_close(&node);
  snprintf(template, sizeof template, "%s.template", hub.path);
  copy_to(hub.path, template);
  int runs = 0;
  for (int kind = 0; kind < FAULT_KINDS; kind++) {
    bool hit = true;
    for (int step = 1; hit; step += stride) {
      struct err err = ERR_INIT;
      struct store *store = NULL;
      copy_to(template, hub.path);
      assert_true(store_open(&store, &hub.config, &err));
      fault_arm((enum fault_kind)kind, step);
      bool acknowledged = withhold_one(store, &err);
      store_sign_head(store, FIXTURE_NOW_MS, NULL); /* empties the write-ahead log */
      store_close(store);
      fault_disarm(&hit);
      if (kind == FAULT_POWER && hit) fault_lose_unsynced(fixture_folder());
      site_reopen(&hub);
      bool ok = erased_or_not(&hub, acknowledged);
      err_clear(&err);
      if (ok && site_int(&hub, "SELECT count(*) FROM withholding") == 0) ok = withhold_one(hub.store, &err);
      ok = ok && erased_or_not(&hub, true);
      if (!ok) note("act", (enum fault_kind)kind, step);
      assert_true(ok);
      site_close(&hub);
      runs++;
    }
  }
  print_message("%d faults\n", runs);
  fixture_end();
}

/* The branch that hears of it. */
static void an_act_that_arrives_during_a_fault_is_carried_out_once_it_is_taken(void **state)
{
  (void)state;
  struct site hub, node;
  char template[200];
  const struct stream shared = {PROVINCE, 0};
  struct err failed = ERR_INIT;
  fixture_begin();
  fault_vfs_install();
  site_open(&hub, "hub", PROVINCE, 1);
  site_open(&node, "node", CHUNAN, 1);
  sites_meet(&hub, &node);
  for (int i = 0; i < 5; i++)
    site_record_price(&node, i);
  site_pull(&hub, &node, own);
  assert_true(withhold_one(hub.store, &failed));
  struct batch *batch = site_batch(&hub, shared, 0, 0);
  site_close(&node);
  snprintf(template, sizeof template, "%s.template", node.path);
  copy_to(node.path, template);
  int runs = 0;
  for (int kind = 0; kind < FAULT_KINDS; kind++) {
    bool hit = true;
    for (int step = 1; hit; step += stride) {
      struct err err = ERR_INIT;
      struct apply_result result;
      struct store *store = NULL;
      copy_to(template, node.path);
      assert_true(store_open(&store, &node.config, &err));
      fault_arm((enum fault_kind)kind, step);
      bool acknowledged = store_apply(store, &batch, 1, FIXTURE_NOW_MS, &result, &err);
      store_close(store);
      fault_disarm(&hit);
      if (kind == FAULT_POWER && hit) fault_lose_unsynced(fixture_folder());
      site_reopen(&node);
      bool ok = erased_or_not(&node, acknowledged);
      site_apply(&node, batch);
      ok = ok && erased_or_not(&node, true);
      if (!ok) note("heard", (enum fault_kind)kind, step);
      assert_true(ok);
      site_close(&node);
      runs++;
    }
  }
  print_message("%d faults\n", runs);
  batch_close(batch);
  site_close(&hub);
  fixture_end();
}

int main(int argc, char **argv)
{
  if (argc > 1 && strcmp(argv[1], "full") == 0) stride = 1;
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_commit_that_meets_a_fault_is_whole_or_not_at_all),
      cmocka_unit_test(the_same_store_works_again_when_the_disk_does),
      cmocka_unit_test(a_full_disk_is_said_and_nothing_is_half_done),
      cmocka_unit_test(an_apply_that_meets_a_fault_took_everything_or_nothing),
      cmocka_unit_test(an_act_that_meets_a_fault_erased_all_or_nothing),
      cmocka_unit_test(an_act_that_arrives_during_a_fault_is_carried_out_once_it_is_taken),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
