/* A province that lost its disk: from an old backup and what its branches bring, the same log and the same
 * tables; or a clear word about what is missing. */
#include "sync/carry_history.h"
#include "sync/rebuild.h"
#include "sync/recall_line.h"
#include "sync/restored.h"
#include "sync/tlog.h"
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
static char backup[200], gathered[200], rebuilt[200];
static struct tlog_state root_before;
static char *products_before, *prices_before;

static int64_t wall(void)
{
  return START_MS + p.mono_ms;
}

static void meet(size_t i)
{
  p.mono_ms += 60000;
  province_connect(&p, &p.members[i]);
  province_settle(&p);
  if (p.members[i].node) province_hang_up(&p, &p.members[i]);
}

static void meet_all(void)
{
  for (size_t round = 0; round < 2; round++)
    for (size_t i = 0; i < p.count; i++)
      meet(i);
}

/* Three counties, one of them away for long, a backup of the first minutes, and a life after it: entries for
 * all, for one that is there, for one that is not, for nobody. */
static void a_life(void)
{
  struct err err = ERR_INIT;
  struct db *db;
  province_open(&p, 3, START_MS);
  (void)snprintf(backup, sizeof backup, "%s/backup.db", p.folder);
  (void)snprintf(gathered, sizeof gathered, "%s/recall.db", p.folder);
  (void)snprintf(rebuilt, sizeof rebuilt, "%s/rebuilt.db", p.folder);
  site_product(&p.hub, 1, "radish", wall());
  site_prices(&p.members[0].site, 2, wall());
  meet(0);
  site_backup(&p.hub, backup);
  must(db_open(&db, backup, DB_WRITE, &err), &err, "db_open");
  must(restored_mark(db, wall(), &err), &err, "restored_mark");
  db_close(db);
  meet_all();
  site_prices(&p.members[0].site, 30, wall());
  site_prices(&p.members[2].site, 3, wall());
  meet(2);
  meet(0);
  site_product(&p.hub, 2, "bamboo", wall());
  site_decide(&p.hub, p.members[0].site.code, "for one that is there", wall());
  site_decide(&p.hub, p.members[1].site.code, "for one that is away", wall());
  site_product(&p.hub, 3, "tea", wall());
  site_price(&p.members[2].site, 1, 5, wall());
  meet(2);
  meet(0);
  meet(2);
  must(tlog_state(p.hub.db, &root_before, &err), &err, "tlog_state");
  products_before = site_rows(&p.hub, "SELECT * FROM product ORDER BY 1", 0);
  prices_before = site_rows(&p.hub, "SELECT * FROM price ORDER BY 1, 2", 0);
}

/* The disk is gone: what is left is the backup. */
static struct recall *lose_the_disk(void)
{
  struct err err = ERR_INIT;
  struct recall *recall = NULL;
  uint8_t secret[SECRET_SIZE];
  site_close(&p.hub);
  (void)unlink(p.hub.path);
  site_secret(PROVINCE, 1, secret);
  must(recall_open(&recall, gathered, backup, secret, &err), &err, "recall_open");
  return recall;
}

/* One branch brings what it has, over a line that breaks after `budget` bytes. */
static bool bring(struct recall *recall, size_t i, size_t budget)
{
  struct err err = ERR_INIT;
  struct member *m = &p.members[i];
  struct exchange_node *node = NULL;
  struct recall_line *line = NULL;
  p.mono_ms += 60000;
  const struct exchange_node_config config = {.store = m->site.store, .db = m->site.db, .program = "1.0.0"};
  const struct moment now = {p.mono_ms, wall()};
  must(exchange_node_open(&node, &config, now, &err), &err, "exchange_node_open");
  must(recall_line_open(&line, recall, m->site.code, now, &err), &err, "recall_line_open");
  for (bool moved = true; moved && budget;) {
    struct span up = exchange_node_output(node);
    size_t n = up.size < budget ? up.size : budget;
    moved = n > 0;
    budget -= n;
    recall_line_input(line, up.p, n, now);
    exchange_node_sent(node, n, now);
    struct span down = recall_line_output(line);
    if (down.size) {
      moved = true;
      size_t size = down.size;
      exchange_node_input(node, down.p, size, now);
      recall_line_sent(line, size, now);
    }
  }
  const struct recall_line_facts *facts = recall_line_facts(line);
  bool complete = facts->complete;
  if (facts->end && facts->end != END_DISMISSED) print_message("%u: %s\n", m->site.code, facts->why.text);
  recall_line_close(line);
  exchange_node_close(node);
  return complete;
}

static bool assemble(struct recall *recall, struct recall_report *report, struct err *err)
{
  struct err fault = ERR_INIT;
  struct db *db;
  (void)unlink(rebuilt);
  must(db_open(&db, backup, DB_READ, &fault), &fault, "db_open");
  must(db_copy(db, rebuilt, &fault), &fault, "db_copy");
  db_close(db);
  return recall_assemble(recall, rebuilt, report, err);
}

static void is_as_before(void)
{
  struct err err = ERR_INIT;
  struct rebuild_report folded;
  struct tlog_state now;
  must(rebuild_tables(rebuilt, backup, &folded, &err), &err, "rebuild_tables");
  p.hub.lives++; /* another file */
  site_restore(&p.hub, rebuilt, wall());
  must(tlog_state(p.hub.db, &now, &err), &err, "tlog_state");
  assert_int_equal(now.size, root_before.size);
  assert_memory_equal(&now.root, &root_before.root, sizeof now.root);
  char *products = site_rows(&p.hub, "SELECT * FROM product ORDER BY 1", 0);
  char *prices = site_rows(&p.hub, "SELECT * FROM price ORDER BY 1, 2", 0);
  assert_string_equal(products, products_before);
  assert_string_equal(prices, prices_before);
  free(products);
  free(prices);
  assert_true(site_verifies(&p.hub));
}

static void end(struct recall *recall)
{
  recall_close(recall);
  free(products_before);
  free(prices_before);
  province_close(&p);
}

static void the_log_comes_back_leaf_by_leaf_to_the_same_root(void **state)
{
  struct err err = ERR_INIT;
  struct recall_report report;
  struct recall_state look;
  (void)state;
  a_life();
  struct recall *recall = lose_the_disk();
  for (size_t i = 0; i < 3; i++)
    assert_true(bring(recall, i, SIZE_MAX));
  must(recall_look(recall, &look, &err), &err, "recall_look");
  assert_int_equal(look.target, root_before.size);
  assert_int_equal(look.mapped, root_before.size);
  assert_int_equal(look.missing, 0);
  assert_int_equal(look.waiting_count, 0);
  must(assemble(recall, &report, &err), &err, "recall_assemble");
  assert_int_equal(report.size, root_before.size);
  is_as_before();
  /* And life goes on: what branches held back arrives, nobody sees another past. */
  site_price(&p.members[1].site, 1, 7, wall());
  site_product(&p.hub, 4, "wax", wall());
  meet_all();
  assert_int_equal(site_count(&p.hub, "SELECT count(*) FROM price"), 2 + 30 + 3 + 1 + 1);
  assert_int_equal(site_count(&p.members[1].site, "SELECT count(*) FROM decision"), 1);
  for (size_t i = 0; i < 3; i++)
    assert_int_equal(site_count(&p.members[i].site, "SELECT count(*) FROM sync_evidence"), 0);
  end(recall);
}

static void a_line_that_breaks_anywhere_goes_on_where_it_was(void **state)
{
  struct err err = ERR_INIT;
  struct recall_report report;
  (void)state;
  a_life();
  struct recall *recall = lose_the_disk();
  int tries = 0;
  for (size_t i = 0; i < 3; i++)
    for (size_t budget = 700; !bring(recall, i, budget); budget += 300)
      tries++;
  assert_true(tries > 3);
  must(assemble(recall, &report, &err), &err, "recall_assemble");
  is_as_before();
  end(recall);
}

static void a_branch_without_a_line_comes_by_stick(void **state)
{
  struct err err = ERR_INIT;
  struct recall_report report;
  struct recall_state look;
  struct buf file = BUF_INIT;
  uint32_t branch = 0;
  (void)state;
  a_life();
  struct recall *recall = lose_the_disk();
  must(carry_history(p.members[2].site.db, PROVINCE, p.members[2].site.code, &file, &err), &err,
       "carry_history");
  assert_true(bring(recall, 0, SIZE_MAX));
  assert_true(bring(recall, 1, SIZE_MAX));
  for (int twice = 0; twice < 2; twice++)
    must(recall_take_carried(recall, file.data, file.size, wall(), &branch, &err), &err,
         "recall_take_carried");
  assert_int_equal(branch, p.members[2].site.code);
  must(recall_look(recall, &look, &err), &err, "recall_look");
  assert_int_equal(look.waiting_count, 0);
  must(assemble(recall, &report, &err), &err, "recall_assemble");
  is_as_before();
  /* Any changed byte is refused, or it changes nothing that counts. */
  file.data[file.size / 2] ^= 1;
  if (recall_take_carried(recall, file.data, file.size, wall(), &branch, &err))
    must(assemble(recall, &report, &err), &err, "recall_assemble");
  buf_wipe(&file);
  end(recall);
}

static void a_branch_that_does_not_come_is_named_with_its_leaves(void **state)
{
  struct err err = ERR_INIT;
  struct recall_report report;
  struct recall_state look;
  (void)state;
  a_life();
  struct recall *recall = lose_the_disk();
  assert_true(bring(recall, 0, SIZE_MAX));
  assert_true(bring(recall, 1, SIZE_MAX));
  must(recall_look(recall, &look, &err), &err, "recall_look");
  assert_int_equal(look.missing, 4);
  assert_int_equal(look.waiting_count, 1);
  assert_int_equal(look.waiting[0], p.members[2].site.code);
  assert_int_equal(look.gaps[0].run.stream.author, p.members[2].site.code);
  assert_false(assemble(recall, &report, &err));
  assert_string_equal(err.rule, "leaf_missing");
  assert_non_null(strstr(err.text, "330103"));
  err_clear(&err);
  assert_true(bring(recall, 2, SIZE_MAX));
  must(assemble(recall, &report, &err), &err, "recall_assemble");
  is_as_before();
  end(recall);
}

static void a_false_mirror_leads_nowhere_and_another_ones_does(void **state)
{
  struct err err = ERR_INIT;
  struct recall_report report;
  (void)state;
  a_life();
  /* The one whose mirror is tried first says other times than were. */
  must(db_exec(p.members[2].site.db, "PRAGMA query_only = 0", &err), &err, "PRAGMA");
  must(db_exec(p.members[2].site.db,
               "UPDATE sync_mirror_run SET received_ms = received_ms + 1 WHERE first_pos > 5", &err),
       &err, "UPDATE");
  meet(0);
  meet(1);
  struct recall *recall = lose_the_disk();
  assert_true(bring(recall, 2, SIZE_MAX));
  assert_true(bring(recall, 1, SIZE_MAX));
  bool ok = assemble(recall, &report, &err);
  assert_false(ok);
  err_clear(&err);
  assert_true(bring(recall, 0, SIZE_MAX));
  must(assemble(recall, &report, &err), &err, "recall_assemble");
  assert_int_not_equal(report.mirror_of, p.members[2].site.code);
  is_as_before();
  end(recall);
}

static void what_a_branch_keeps_for_others_it_cannot_read(void **state)
{
  (void)state;
  a_life();
  assert_true(site_count(&p.members[0].site, "SELECT count(*) FROM sync_mirror_entry") > 0);
  assert_int_equal(site_count(&p.members[0].site, "SELECT count(*) FROM sync_mirror_entry WHERE"
                                                  " instr(sealed, CAST('away' AS BLOB)) > 0"),
                   0);
  assert_int_equal(site_count(&p.members[0].site, "SELECT count(*) FROM decision"), 1);
  end(NULL);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_log_comes_back_leaf_by_leaf_to_the_same_root),
      cmocka_unit_test(a_line_that_breaks_anywhere_goes_on_where_it_was),
      cmocka_unit_test(a_branch_without_a_line_comes_by_stick),
      cmocka_unit_test(a_branch_that_does_not_come_is_named_with_its_leaves),
      cmocka_unit_test(a_false_mirror_leads_nowhere_and_another_ones_does),
      cmocka_unit_test(what_a_branch_keeps_for_others_it_cannot_read),
  };
  struct err err = ERR_INIT;
  must(crypto_start(&err), &err, "crypto_start");
  return cmocka_run_group_tests(tests, NULL, NULL);
}
