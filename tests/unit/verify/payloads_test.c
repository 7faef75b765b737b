/* The promise of the format: what a branch wrote is changesets of SQLite's session extension.  sunlit-verify
 * writes the payloads of a stream out, a program that links SQLite and nothing of ours applies them to an
 * empty schema, and the tables are those of the branch.  usage: payloads_test */
#include "fixture.h"
#include "sync/carry.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct site hub;
static struct site node;

static int setup(void **state)
{
  (void)state;
  fixture_pair(&hub, &node);
  return 0;
}

static int teardown(void **state)
{
  (void)state;
  fixture_pair_end(&hub, &node);
  return 0;
}

static void save(const char *name, const struct buf *bytes)
{
  char path[200];
  snprintf(path, sizeof path, "%s/%s", fixture_folder(), name);
  FILE *file = fopen(path, "wb");
  assert_non_null(file);
  assert_int_equal(fwrite(bytes->data, 1, bytes->size, file), bytes->size);
  assert_int_equal(fclose(file), 0);
}

/* The tables a peer starts from: their definitions alone, without guards. */
static void save_schema(void)
{
  struct buf sql = BUF_INIT;
  struct query q =
      query_open(node.reader,
                 "SELECT m.sql FROM sqlite_schema m JOIN table_scope s ON s.name = m.tbl_name"
                 " WHERE m.type IN ('table', 'index') AND m.sql IS NOT NULL ORDER BY m.type DESC",
                 NULL);
  while (query_row(&q)) {
    put_text(&sql, column_text(&q, 0));
    put_text(&sql, ";\n");
  }
  assert_true(query_close(&q));
  save("schema.sql", &sql);
  buf_wipe(&sql);
}

static void save_keys(void)
{
  const struct site *sites[] = {&hub, &node};
  struct buf lines = BUF_INIT;
  for (int i = 0; i < 2; i++) {
    char hex[2 * PUBLIC_SIZE + 1], line[200];
    hex_encode(hex, sites[i]->public_key, PUBLIC_SIZE);
    snprintf(line, sizeof line, "author %u epoch 1 since 1 revoked 0 %s\n", sites[i]->author, hex);
    put_text(&lines, line);
  }
  save("keys.txt", &lines);
  buf_wipe(&lines);
}

static void save_entries(void)
{
  struct buf bytes = BUF_INIT;
  struct head through;
  struct err err = ERR_INIT;
  const struct carry_wanted wanted = {.province = PROVINCE, .branch = CHUNAN, .all = true};
  if (!carry_export(node.reader, &wanted, &bytes, &through, NULL, &err)) fail_msg("%s", err.text);
  save("entries", &bytes);
  buf_wipe(&bytes);
}

__attribute__((format(printf, 1, 2))) static int shell(const char *format, ...)
{
  char command[1200];
  va_list args;
  va_start(args, format);
  int n = snprintf(command, sizeof command, "cd %s && ", fixture_folder());
  vsnprintf(command + n, sizeof command - (size_t)n, format, args);
  va_end(args);
  int status = system(command);
  return status < 0 ? status : status >> 8;
}

/* Every row of the author's is in the peer's table and the other way round. */
static void same_table(const char *peer, struct site *site, const char *table)
{
  char sql[600];
  struct db *db = NULL;
  int64_t rows = -1, differ = -1;
  snprintf(sql, sizeof sql, "%s/%s", fixture_folder(), peer);
  assert_true(db_open(&db, sql, DB_READ, NULL));
  snprintf(sql, sizeof sql, "ATTACH '%s' AS author", site->path);
  assert_true(db_exec(db, sql, NULL));
  snprintf(sql, sizeof sql, "SELECT count(*) FROM author.%s", table);
  assert_true(db_int(db, sql, -1, &rows, NULL));
  assert_true(rows > 0);
  snprintf(sql, sizeof sql,
           "SELECT (SELECT count(*) FROM main.%s) - %lld"
           " + (SELECT count(*) FROM (SELECT * FROM main.%s EXCEPT SELECT * FROM author.%s))",
           table, (long long)rows, table, table);
  assert_true(db_int(db, sql, -1, &differ, NULL));
  assert_int_equal(differ, 0);
  db_close(db);
}

static void sqlite_alone_makes_a_branchs_tables_of_its_entries(void **state)
{
  (void)state;
  for (int i = 0; i < 30; i++)
    site_record_price(&node, i);
  assert_true(site_commit(&node, 0,
                          "INSERT INTO stock VALUES(330127, (1 << 40) + (31 << 12), '大米', 7),"
                          " (330127, (1 << 40) + (31 << 12) + 1, '面粉', 1)",
                          NULL, NULL));
  assert_true(site_commit(&node, 0, "UPDATE stock SET qty = qty + 5 WHERE what = '大米'", NULL, NULL));
  assert_true(site_commit(&node, 0, "DELETE FROM stock WHERE what = '面粉'", NULL, NULL));
  assert_true(store_sign_head(node.store, FIXTURE_NOW_MS, NULL));
  save_schema();
  save_keys();
  save_entries();
  assert_int_equal(
      shell("%s payloads --stream %d/0 --out out --keys keys.txt entries > said", VERIFY, CHUNAN), 0);
  assert_int_equal(shell("grep -q '33 changesets of stream 330127/0, entries 1 to 33' said"), 0);
  assert_int_equal(shell("%s schema.sql peer.db out/*.changeset > /dev/null", APPLY), 0);
  same_table("peer.db", &node, "price");
  same_table("peer.db", &node, "stock");
}

static void what_is_not_signed_by_its_author_or_not_whole_is_not_written_out(void **state)
{
  (void)state;
  assert_int_equal(shell("sed 's/ 330127 / 330122 /' keys.txt > others.txt"), 0);
  assert_int_equal(
      shell("%s payloads --stream %d/0 --out no --keys others.txt entries > said 2>&1", VERIFY, CHUNAN), 1);
  assert_int_equal(shell("test ! -e no"), 0);
  assert_int_equal(
      shell("%s payloads --stream %d/0 --out no --keys keys.txt entries > said 2>&1", VERIFY, TONGLU), 1);
  assert_int_equal(shell("grep -q 'nothing of stream 330122/0' said"), 0);
  assert_int_equal(
      shell("%s payloads --stream %d/0 --out out --keys keys.txt entries > said 2>&1", VERIFY, CHUNAN),
      1); /* what is there is not written over */
  assert_int_equal(shell("%s payloads --out no --keys keys.txt entries > said 2>&1", VERIFY), 2);
}

static void the_real_tables_are_what_sunlit_node_prints(void **state)
{
  (void)state;
  assert_int_equal(shell("%s schema > real.sql && grep -q 'CREATE TABLE price' real.sql", NODE), 0);
  assert_int_equal(shell("%s real.sql real.db > /dev/null", APPLY), 0);
}

static void the_provinces_stream_comes_with_a_receipt(void **state)
{
  (void)state;
  struct buf entries = BUF_INIT, receipt = BUF_INIT;
  struct carry_facts facts;
  struct err err = ERR_INIT;
  assert_true(site_commit(
      &hub, 0,
      "INSERT INTO product(id, name, unit, rank) VALUES((1 << 40) + (1 << 12), '梭子蟹', 'kg', 0.1),"
      " ((1 << 40) + (1 << 12) + 1, '带鱼', 'kg', 2e300)",
      NULL, NULL));
  assert_true(site_commit(&hub, 0, "UPDATE product SET note = '冬季' WHERE name = '带鱼'", NULL, NULL));
  assert_true(site_commit(&hub, 0, "DELETE FROM product WHERE name = '梭子蟹'", NULL, NULL));
  uint8_t bytes[1 << 16];
  char path[200];
  snprintf(path, sizeof path, "%s/entries", fixture_folder());
  FILE *file = fopen(path, "rb");
  assert_non_null(file);
  put_bytes(&entries, bytes, fread(bytes, 1, sizeof bytes, file));
  fclose(file);
  if (!carry_take(hub.store, hub.reader, entries.data, entries.size, FIXTURE_NOW_MS, &receipt, &facts, &err))
    fail_msg("%s", err.text);
  save("receipt", &receipt);
  assert_int_equal(
      shell("%s payloads --stream %d/0 --out shared --keys keys.txt receipt > said", VERIFY, PROVINCE), 0);
  assert_int_equal(shell("%s schema.sql shared.db shared/*.changeset > /dev/null", APPLY), 0);
  same_table("shared.db", &hub, "product");
  buf_wipe(&entries);
  buf_wipe(&receipt);
}

static void save_carried(const char *name, enum carry_kind kind)
{
  struct buf bytes = BUF_INIT;
  carry_begin(&bytes, &(struct carry_head){.kind = kind, .province = PROVINCE, .branch = CHUNAN});
  assert_true(carry_end(&bytes, 0, NULL));
  save(name, &bytes);
  buf_wipe(&bytes);
}

/* Whoever confuses two files is told which one this is, and where it belongs. */
static void what_is_carried_by_hand_is_called_what_it_is_wherever_it_is_given(void **state)
{
  (void)state;
  static const char *const commands[][2] = {{HUB " restore --in", "--dir none"},
                                            {NODE " restore --in", "--dir none"},
                                            {VERIFY " --keys", "keys.txt"},
                                            {VERIFY " --policy", "keys.txt"},
                                            {VERIFY " --leaf", "keys.txt"}};
  static const struct {
    const char *name, *said, *verified;
    enum carry_kind kind;
  } files[] = {
      {"history", "this is all that branch 330127 holds of the log: sunlit-hub rebuild", "the history",
       CARRY_HISTORY},
      {"receipt", "this is the province.s receipt for branch 330127", "a receipt for branch", CARRY_RECEIPT},
      {"outgoing", "this is what branch 330127 hands to the province", "entries of branch", CARRY_ENTRIES}};
  for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
    save_carried(files[i].name, files[i].kind);
    for (size_t k = 0; k < sizeof commands / sizeof *commands; k++) {
      assert_int_equal(
          shell("%s %s %s < /dev/null > said 2>&1", commands[k][0], files[i].name, commands[k][1]), 1);
      if (shell("grep -q \"%s\" said", files[i].said)) fail_msg("%s %s", commands[k][0], files[i].name);
    }
    assert_int_equal(shell(VERIFY " %s > said", files[i].name), 0);
    assert_int_equal(shell("grep -q '^%s: %s' said", files[i].name, files[i].verified), 0);
  }
  /* of one that is in no place at a hub, before it says that the hub does not run */
  assert_int_equal(shell("mkdir -p nowhere && " HUB " accept --dir nowhere history > said 2>&1"), 1);
  assert_int_equal(shell("grep -q 'all that branch 330127 holds' said"), 0);
}

/* In a batch a bit says so, which nobody signs. */
static void what_comes_without_its_payload_is_not_proved_to_say_anything(void **state)
{
  (void)state;
  struct db *db = NULL;
  assert_true(db_open(&db, node.path, DB_WRITE, NULL));
  assert_true(db_exec(db, "UPDATE sync_entry SET payload = NULL WHERE pos = 1", NULL));
  db_close(db);
  save_entries();
  assert_int_equal(shell("%s --keys keys.txt entries > said", VERIFY), 0);
  assert_int_equal(shell("grep -q '^  not proved: what 1 of these entries say' said"), 0);
  assert_int_equal(shell("! grep -q withheld said"), 0);
  assert_int_equal(
      shell("%s payloads --stream %d/0 --out fewer --keys keys.txt entries > said", VERIFY, CHUNAN), 0);
  assert_int_equal(shell("grep -q '^  not proved: what 1 entries say' said && ! grep -q withheld said"), 0);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(sqlite_alone_makes_a_branchs_tables_of_its_entries),
      cmocka_unit_test(what_is_not_signed_by_its_author_or_not_whole_is_not_written_out),
      cmocka_unit_test(the_real_tables_are_what_sunlit_node_prints),
      cmocka_unit_test(the_provinces_stream_comes_with_a_receipt),
      cmocka_unit_test(what_is_carried_by_hand_is_called_what_it_is_wherever_it_is_given),
      cmocka_unit_test(what_comes_without_its_payload_is_not_proved_to_say_anything),
  };
  return cmocka_run_group_tests(tests, setup, teardown);
}
