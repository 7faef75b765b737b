/* recovery_test.c - the commands of bad days, on real programs: a stick instead of a line, a county from
 * yesterday's backup, a county with a new disk, a province whose tables were tampered with; each to the end
 * where both sides have the same and prove it.
 * usage: recovery_test */
#include "core/base/clock.h"
#include "core/base/db.h"
#include "tests/process/http.h"
#include "tests/process/rig.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { BRANCH = 330127, CURRENT_WAIT_MS = 30000 };

static struct rig rig;
static struct program hub, node;
static char cookie[160];

static int64_t number(const char *name, const char *sql)
{
  char file[64], path[RIG_PATH_MAX];
  struct err err = ERR_INIT;
  struct db *db = NULL;
  int64_t n = 0;
  snprintf(file, sizeof file, "%s/store.db", name);
  if (!db_open(&db, rig_path(&rig, file, path), DB_READ, &err) || !db_int(db, sql, 0, &n, &err))
    rig_fail("%s: %s", name, err.text);
  db_close(db);
  return n;
}

static void expect(int64_t have, int64_t want, const char *what)
{
  if (have != want) rig_fail("%s: %lld, not %lld", what, (long long)have, (long long)want);
}

static void wait_for(const char *name, const char *sql, int64_t want)
{
  int64_t begun = rig_now_us();
  while (number(name, sql) != want) {
    if (rig_now_us() - begun > CURRENT_WAIT_MS * 1000LL)
      rig_fail("%s: %s is %lld, not %lld", name, sql, (long long)number(name, sql), (long long)want);
    rig_sleep_ms(20);
  }
}

/* One price; the answer's status. */
static int price(int fen)
{
  static struct http_answer answer;
  char key[32], body[200], today[11];
  date_format(today, date_of_ms(clock_wall_ms()));
  snprintf(key, sizeof key, "price-%08d", fen);
  snprintf(body, sizeof body, "{\"product\":%lld,\"price_fen\":%d,\"source\":\"market\",\"date\":\"%s\"}",
           (long long)number("node", "SELECT min(id) FROM product"), fen, today);
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
    expect(price(1000 + i), 201, "a price is answered");
  rig_sleep_ms(1500); /* signed within a second */
}

/* Runs a command of the hub or the node; its exit status. */
static int command(bool of_hub, const char *a, const char *b, const char *c, const char *d, const char *e)
{
  char out[4096];
  const char *const argv[] = {rig_program(of_hub), a, b, c, d, e, NULL};
  int status = rig_run(out, sizeof out, argv);
  printf("  %s %s: %d %s", of_hub ? "sunlit-hub" : "sunlit-node", a, status, out[0] ? out : "\n");
  return status;
}

static const char *at(const char *name)
{
  static char paths[8][RIG_PATH_MAX];
  static int next;
  return rig_path(&rig, name, paths[next++ % 8]);
}

static void set_up(void)
{
  char hub_password[24];
  rig_open(&rig, NULL);
  rig_init(&rig);
  memcpy(hub_password, rig.password, sizeof hub_password);
  rig_start_hub(&rig, &hub);
  rig_enroll(&rig, "node", BRANCH);
  rig_start_node(&rig, &node, "node", hub.sync_port);
  http_first_login(node.http_port, rig.password, cookie, sizeof cookie);
  wait_for("node", "SELECT count(*) FROM product", number("hub", "SELECT count(*) FROM product"));
}

/* The line is down for good: the hub runs, the node dials a port where nobody is. */
static void carry_by_hand(void)
{
  rig_stop(&node);
  rig_start_node(&rig, &node, "node", 9);
  prices(0, 3);
  expect(command(false, "export", "--dir", at("node"), "--out", at("a.carry")), 0, "export beside the node");
  expect(command(true, "accept", "--dir", at("hub"), at("a.carry"), NULL), 0, "accept beside the hub");
  expect(number("hub", "SELECT count(*) FROM price"), 3, "prices at the hub");
  expect(command(false, "accept", "--dir", at("node"), at("a.carry.receipt"), NULL), 0,
         "accept beside the node");
  int64_t head = number("node", "SELECT sum(count) FROM sync_leaf_run");
  expect(number("node", "SELECT max(seq) FROM sync_receipt"), head, "received");
  /* Again, and with both stopped. */
  prices(3, 2);
  rig_stop(&hub);
  rig_stop(&node);
  expect(command(true, "accept", "--dir", at("hub"), at("a.carry"), NULL), 0, "the same file again");
  expect(command(false, "export", "--dir", at("node"), "--out", at("b.carry")), 0, "export, stopped");
  expect(command(true, "accept", "--dir", at("hub"), at("b.carry"), NULL), 0, "accept, stopped");
  expect(command(false, "accept", "--dir", at("node"), at("b.carry.receipt"), NULL), 0, "accept, stopped");
  expect(number("hub", "SELECT count(*) FROM price"), 5, "prices at the hub");
  expect(command(false, "accept", "--dir", at("node"), at("b.carry"), NULL), 1, "entries are no receipt");
  rig_verify(&rig, true, "hub");
  rig_verify(&rig, false, "node");
  printf("a stick instead of a line: received, proved, twice harmless\n");
}

static void yesterdays_backup(void)
{
  rig_start_hub(&rig, &hub);
  rig_start_node(&rig, &node, "node", hub.sync_port);
  wait_for("hub", "SELECT count(*) FROM price", 5);
  setenv("SUNLIT_PASSPHRASE", "a field of yellow flowers", 1);
  expect(command(false, "backup", "--dir", at("node"), "--out", at("node.sealed")), 0, "backup, running");
  prices(5, 4);
  wait_for("hub", "SELECT count(*) FROM price", 9);
  rig_kill(&node);
  if (rename(at("node"), at("lost")) != 0) rig_fail("rename");
  setenv("SUNLIT_PASSPHRASE", "a field of yellow flower", 1);
  expect(command(false, "restore", "--in", at("node.sealed"), "--dir", at("node")), 1, "a wrong passphrase");
  if (access(at("node"), F_OK) == 0) rig_fail("a refused restore left something");
  setenv("SUNLIT_PASSPHRASE", "a field of yellow flowers", 1);
  expect(command(false, "restore", "--in", at("node.sealed"), "--dir", at("node")), 0, "restore");
  /* Without the province it reads and does not write. */
  rig_start_node(&rig, &node, "node", 9);
  expect(number("node", "SELECT count(*) FROM price"), 5, "what the backup has");
  expect(price(2000) == 201, false, "a price before the province was heard");
  rig_stop(&node);
  rig_start_node(&rig, &node, "node", hub.sync_port);
  wait_for("node", "SELECT count(*) FROM price", 9);
  wait_for("node", "SELECT count(*) FROM sync_restored", 0);
  prices(9, 1);
  wait_for("hub", "SELECT count(*) FROM price", 10);
  wait_for("node", "SELECT max(seq) FROM sync_receipt",
           number("node", "SELECT sum(count) FROM sync_leaf_run"));
  expect(number("hub", "SELECT count(*) FROM sync_fork"), 0, "forks");
  rig_stop(&node);
  rig_stop(&hub);
  rig_verify(&rig, true, "hub");
  rig_verify(&rig, false, "node");
  printf("a county from yesterday's backup: nothing lost, nothing signed twice\n");
}

static void new_disk(void)
{
  rig_start_hub(&rig, &hub);
  if (rename(at("node"), at("lost2")) != 0) rig_fail("rename");
  rig_enroll(&rig, "node", BRANCH);
  rig_start_node(&rig, &node, "node", hub.sync_port);
  wait_for("node", "SELECT count(*) FROM price", 10);
  wait_for(
      "node", "SELECT coalesce(max(seq), 0) FROM sync_receipt",
      /* The newest run of the log is open: it ends where the log ends. */
      number("hub",
             "SELECT first_seq - 1 + iif(count > 0, count, (SELECT max(pos) FROM sync_entry) - first_pos + 1)"
             " FROM sync_span WHERE author = 330127 AND superseded = 0 ORDER BY first_seq DESC LIMIT 1"));
  rig_stop(&node);
  rig_stop(&hub);
  rig_verify(&rig, false, "node");
  printf("a county with a new disk: its history is back, proved and verified\n");
}

static void tampered_tables(void)
{
  struct err err = ERR_INIT;
  struct db *db = NULL;
  if (!db_open(&db, at("hub/store.db"), DB_WRITE, &err) ||
      !db_exec(
          db,
          "DROP TRIGGER sunlit_guard_price_UPDATE; UPDATE price SET price_fen = 1 WHERE id = (SELECT min(id) "
          "FROM price)",
          &err))
    rig_fail("tampering: %s", err.text);
  db_close(db);
  expect(command(true, "verify", "--dir", at("hub"), NULL, NULL), 1, "a tampered province");
  expect(command(true, "rebuild", "--dir", at("hub"), NULL, NULL), 0, "rebuild");
  expect(number("hub", "SELECT count(*) FROM price WHERE price_fen = 1"), 0, "tampered rows");
  rig_verify(&rig, true, "hub");
  rig_start_hub(&rig, &hub);
  rig_start_node(&rig, &node, "node", hub.sync_port);
  rig_sleep_ms(500);
  expect(number("node", "SELECT count(*) FROM sync_evidence"), 0, "evidence");
  rig_stop(&node);
  rig_stop(&hub);
  printf("a province with tampered tables: rebuilt from its log, verified\n");
}

int main(void)
{
  setvbuf(stdout, NULL, _IOLBF, 0);
  set_up();
  carry_by_hand();
  yesterdays_backup();
  new_disk();
  tampered_tables();
  rig_close(&rig);
  return 0;
}
