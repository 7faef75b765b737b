/* recovery_test.c - the commands of bad days, on real programs: a stick instead of a line, a county from
 * yesterday's backup, a county with a new disk, a province whose tables were tampered with; each to the end
 * where both sides have the same and prove it.
 * usage: recovery_test */
#include "core/base/clock.h"
#include "core/base/db.h"
#include "tests/process/ask.h"
#include "tests/process/http.h"
#include "tests/process/rig.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { BRANCH = 330127 };

static struct rig rig;
static struct program hub, node;
static char cookie[160];

/* One price; the answer's status. */
static int price(int fen)
{
  static struct http_answer answer;
  char key[32], body[200], today[11];
  date_format(today, date_of_ms(clock_wall_ms()));
  snprintf(key, sizeof key, "price-%08d", fen);
  snprintf(body, sizeof body, "{\"product\":%lld,\"price_fen\":%d,\"source\":\"market\",\"date\":\"%s\"}",
           (long long)ask_number(&rig, "node", "SELECT min(id) FROM product"), fen, today);
  const struct http_call call = {.port = node.http_port,
                                 .method = "POST",
                                 .path = "/api/v1/prices",
                                 .cookie = cookie,
                                 .key = key,
                                 .body = body};
  if (!http_do(&call, &answer)) rig_fail("no answer to a price");
  return answer.status;
}

static void prices(int from, int count)
{
  for (int i = from; i < from + count; i++)
    ask_expect(price(1000 + i), 201, "a price is answered");
}

static void set_up(void)
{
  char hub_password[24];
  rig_open(&rig, NULL);
  rig_init(&rig);
  memcpy(hub_password, rig.password, sizeof hub_password);
  FILE *conf = fopen(ask_path(&rig, "hub/sunlit.conf"), "we"); /* a branch without a line never calls */
  if (!conf || fputs("[hub]\nhearing_s = 1\n", conf) < 0 || fclose(conf) != 0) rig_fail("no sunlit.conf");
  rig_start_hub(&rig, &hub);
  rig_enroll(&rig, "node", BRANCH);
  rig_start_node(&rig, &node, "node", hub.sync_port);
  http_first_login(node.http_port, rig.password, cookie, sizeof cookie);
  ask_wait(&rig, "node", "SELECT count(*) FROM product",
           ask_number(&rig, "hub", "SELECT count(*) FROM product"));
}

/* The line is down for good: the hub runs, the node dials a port where nobody is. */
static void carry_by_hand(void)
{
  rig_stop(&node);
  rig_start_node(&rig, &node, "node", 9);
  prices(0, 3);
  ask_expect(
      ask_run(false, "export", "--dir", ask_path(&rig, "node"), "--out", ask_path(&rig, "a.carry"), NULL), 0,
      "export beside the node");
  ask_expect(ask_run(true, "accept", "--dir", ask_path(&rig, "hub"), ask_path(&rig, "a.carry"), NULL), 0,
             "accept beside the hub");
  ask_expect(ask_number(&rig, "hub", "SELECT count(*) FROM price"), 3, "prices at the hub");
  ask_expect(
      ask_run(false, "accept", "--dir", ask_path(&rig, "node"), ask_path(&rig, "a.carry.receipt"), NULL), 0,
      "accept beside the node");
  int64_t head = ask_number(&rig, "node", "SELECT sum(count) FROM sync_leaf_run");
  ask_expect(ask_number(&rig, "node", "SELECT max(seq) FROM sync_receipt"), head, "received");
  /* Again, and with neither running: what a killed node had not signed, export signs; a hub that is not there
   * to hear its branches takes nothing and signs nothing. */
  prices(3, 2);
  rig_stop(&hub);
  rig_kill(&node);
  int64_t checkpoints = ask_number(&rig, "hub", "SELECT count(*) FROM sync_checkpoint");
  ask_expect(ask_run(true, "accept", "--dir", ask_path(&rig, "hub"), ask_path(&rig, "a.carry"), NULL), 1,
             "accept with the hub stopped");
  ask_expect(ask_number(&rig, "hub", "SELECT count(*) FROM sync_checkpoint"), checkpoints,
             "signed meanwhile");
  rig_start_hub(&rig, &hub);
  ask_expect(ask_run(true, "accept", "--dir", ask_path(&rig, "hub"), ask_path(&rig, "a.carry"), NULL), 0,
             "the same file again");
  ask_expect(
      ask_run(false, "export", "--dir", ask_path(&rig, "node"), "--out", ask_path(&rig, "b.carry"), NULL), 0,
      "export, stopped");
  ask_expect(ask_run(true, "accept", "--dir", ask_path(&rig, "hub"), ask_path(&rig, "b.carry"), NULL), 0,
             "accept, started");
  ask_expect(
      ask_run(false, "accept", "--dir", ask_path(&rig, "node"), ask_path(&rig, "b.carry.receipt"), NULL), 0,
      "accept, stopped");
  ask_expect(ask_number(&rig, "hub", "SELECT count(*) FROM price"), 5, "prices at the hub");
  ask_expect(ask_run(false, "accept", "--dir", ask_path(&rig, "node"), ask_path(&rig, "b.carry"), NULL), 1,
             "its own file, which is no receipt, when nothing of it is missing here");
  rig_stop(&hub);
  rig_verify(&rig, true, "hub");
  rig_verify(&rig, false, "node");
  printf("a stick instead of a line: received, proved, twice harmless\n");
}

static void yesterdays_backup(void)
{
  rig_start_hub(&rig, &hub);
  rig_start_node(&rig, &node, "node", hub.sync_port);
  ask_wait(&rig, "hub", "SELECT count(*) FROM price", 5);
  setenv("SUNLIT_PASSPHRASE", "a field of yellow flowers", 1);
  ask_expect(
      ask_run(false, "backup", "--dir", ask_path(&rig, "node"), "--out", ask_path(&rig, "node.sealed"), NULL),
      0, "backup, running");
  prices(5, 4);
  ask_wait(&rig, "hub", "SELECT count(*) FROM price", 9);
  rig_kill(&node);
  if (rename(ask_path(&rig, "node"), ask_path(&rig, "lost")) != 0) rig_fail("rename");
  setenv("SUNLIT_PASSPHRASE", "a field of yellow flower", 1);
  ask_expect(
      ask_run(false, "restore", "--in", ask_path(&rig, "node.sealed"), "--dir", ask_path(&rig, "node"), NULL),
      1, "a wrong passphrase");
  if (access(ask_path(&rig, "node"), F_OK) == 0) rig_fail("a refused restore left something");
  setenv("SUNLIT_PASSPHRASE", "a field of yellow flowers", 1);
  ask_expect(
      ask_run(true, "restore", "--in", ask_path(&rig, "node.sealed"), "--dir", ask_path(&rig, "node"), NULL),
      1, "a branch's backup at the province's program");
  if (access(ask_path(&rig, "node"), F_OK) == 0) rig_fail("a restore of the other program left something");
  ask_expect(ask_run(true, "status", "--dir", ask_path(&rig, "lost"), NULL), 1,
             "a branch's folder at the hub");
  ask_expect(
      ask_run(false, "restore", "--in", ask_path(&rig, "node.sealed"), "--dir", ask_path(&rig, "node"), NULL),
      0, "restore");
  /* Without the province it reads and does not write. */
  rig_start_node(&rig, &node, "node", 9);
  ask_expect(ask_number(&rig, "node", "SELECT count(*) FROM price"), 5, "what the backup has");
  ask_expect(price(2000) == 201, false, "a price before the province was heard");
  rig_stop(&node);
  rig_start_node(&rig, &node, "node", hub.sync_port);
  ask_wait(&rig, "node", "SELECT count(*) FROM price", 9);
  ask_wait(&rig, "node", "SELECT count(*) FROM sync_restored", 0);
  prices(9, 1);
  ask_wait(&rig, "hub", "SELECT count(*) FROM price", 10);
  ask_wait_received(&rig, "node", 10);
  ask_expect(ask_number(&rig, "hub", "SELECT count(*) FROM sync_fork"), 0, "forks");
  rig_stop(&node);
  rig_stop(&hub);
  rig_verify(&rig, true, "hub");
  rig_verify(&rig, false, "node");
  printf("a county from yesterday's backup: nothing lost, nothing signed twice\n");
}

static void new_disk(void)
{
  rig_start_hub(&rig, &hub);
  if (rename(ask_path(&rig, "node"), ask_path(&rig, "lost2")) != 0) rig_fail("rename");
  rig_enroll(&rig, "node", BRANCH);
  rig_start_node(&rig, &node, "node", hub.sync_port);
  ask_wait(&rig, "node", "SELECT count(*) FROM price", 10);
  ask_wait_received(&rig, "node", ask_entries(&rig, "hub", BRANCH));
  rig_stop(&node);
  rig_stop(&hub);
  rig_verify(&rig, false, "node");
  printf("a county with a new disk: its history is back, proved and verified\n");
}

/* A branch hears of a checkpoint that proves nothing to it when it greets: each second, not each half minute.
 */
static void greet_often(void)
{
  FILE *conf = fopen(ask_path(&rig, "node/sunlit.conf"), "we");
  if (!conf || fputs("[node]\nhello_s = 2\n", conf) < 0 || fclose(conf) != 0) rig_fail("no sunlit.conf");
}

/* Somebody who does not know the password is an entry of the hub's, so there is a checkpoint beyond the one
 * it had, and the branch has looked whether it continues what it holds. */
static void the_branch_follows_the_log(void)
{
  static struct http_answer answer;
  char sql[120];
  int64_t size = ask_number(&rig, "hub", "SELECT max(size) FROM sync_checkpoint");
  const struct http_call wrong = {.port = hub.http_port,
                                  .method = "POST",
                                  .path = "/api/v1/login",
                                  .body = "{\"name\":\"admin\",\"password\":\"not this one\"}"};
  if (!http_do(&wrong, &answer) || answer.status != 401) rig_fail("a wrong password: %d", answer.status);
  snprintf(sql, sizeof sql, "SELECT max(size) > %lld FROM sync_checkpoint", (long long)size);
  ask_wait(&rig, "hub", sql, 1);
  snprintf(sql, sizeof sql, "SELECT count(*) FROM sync_witness WHERE size > %lld", (long long)size);
  ask_wait(&rig, "node", sql, 1);
}

static void tampered_tables(void)
{
  struct err err = ERR_INIT;
  struct db *db = NULL;
  if (!db_open(&db, ask_path(&rig, "hub/store.db"), DB_WRITE, &err) ||
      !db_exec(
          db,
          "DROP TRIGGER sunlit_guard_price_UPDATE; UPDATE price SET price_fen = 1 WHERE id = (SELECT min(id) "
          "FROM price)",
          &err))
    rig_fail("tampering: %s", err.text);
  db_close(db);
  ask_expect(ask_run(true, "verify", "--dir", ask_path(&rig, "hub"), NULL), 1, "a tampered province");
  ask_expect(ask_run(true, "rebuild", "--dir", ask_path(&rig, "hub"), NULL), 0, "rebuild");
  ask_expect(ask_number(&rig, "hub", "SELECT count(*) FROM price WHERE price_fen = 1"), 0, "tampered rows");
  rig_verify(&rig, true, "hub");
  rig_start_hub(&rig, &hub);
  greet_often();
  rig_start_node(&rig, &node, "node", hub.sync_port);
  the_branch_follows_the_log();
  ask_expect(ask_number(&rig, "node", "SELECT count(*) FROM sync_evidence"), 0, "evidence");
  rig_stop(&node);
  rig_stop(&hub);
  printf("a province with tampered tables: rebuilt from its log, verified\n");
}

/* What a branch keeps of the log for its province is no part of its own records: wrong, it keeps nobody from
 * rebuilding them, and the next line brings it again. */
static void what_is_kept_for_the_province_is_wrong(void)
{
  struct err err = ERR_INIT;
  struct db *db = NULL;
  if (!db_open(&db, ask_path(&rig, "node/store.db"), DB_WRITE, &err) ||
      !db_exec(
          db,
          "UPDATE sync_keep_tile SET have = 0, leaves = NULL, hash = iif(width = 256, zeroblob(32), NULL);"
          " DELETE FROM sync_keep_entry; DELETE FROM sync_keep_proved",
          &err))
    rig_fail("changing what is kept: %s", err.text);
  db_close(db);
  ask_expect(ask_run(false, "rebuild", "--dir", ask_path(&rig, "node"), NULL), 0, "rebuild of a branch");
  rig_start_hub(&rig, &hub);
  rig_start_node(&rig, &node, "node", hub.sync_port);
  ask_wait(&rig, "node", "SELECT count(*) > 0 AND min(have = width) FROM sync_keep_tile", 1);
  ask_expect(ask_number(&rig, "node", "SELECT strayed_ms FROM sync_keep_proved"), 0, "proved since");
  rig_stop(&node);
  rig_stop(&hub);
  rig_verify(&rig, false, "node");
  printf("what a branch kept of the log was wrong: its tables were rebuilt, and it came again\n");
}

int main(void)
{
  setvbuf(stdout, NULL, _IOLBF, 0);
  set_up();
  carry_by_hand();
  yesterdays_backup();
  new_disk();
  tampered_tables();
  what_is_kept_for_the_province_is_wrong();
  rig_close(&rig);
  return 0;
}
