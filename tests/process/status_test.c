/* status_test.c - `sunlit-node status` beside real programs when a person is needed: a journal that is frozen
 * at the province, a province that rewrites its log, a branch that is revoked.  Each is said with its word
 * and exit 1 within seconds, and is gone when it has been dealt with. usage: status_test */
#include "core/base/db.h"
#include "tests/process/ask.h"
#include "tests/process/http.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BRANCH = 330127, WAIT_MS = 60000 };

static struct rig rig;
static struct program hub, node;

static void write_file(const char *name, const char *text)
{
  FILE *out = fopen(ask_path(&rig, name), "we");
  if (!out || fputs(text, out) < 0 || fclose(out) != 0) rig_fail("cannot write %s", name);
}

/* With whatever hand somebody has in the database while its program is stopped. */
static void tamper(const char *name, const char *sql)
{
  char file[60];
  struct err err = ERR_INIT;
  struct db *db = NULL;
  snprintf(file, sizeof file, "%s/store.db", name);
  if (!db_open(&db, ask_path(&rig, file), DB_WRITE, &err) || !db_exec(db, sql, &err))
    rig_fail("%s: %s", sql, err.text);
  db_close(db);
}

/* `word` NULL: all is well.  In words and in JSON. */
static void wait_said(const char *word)
{
  char out[4096] = "", member[100];
  const char *const argv[] = {rig_program(false), "status", "--dir", ask_path(&rig, "node"), "--json", NULL};
  int got = -1, want = word ? 1 : 0;
  if (word)
    snprintf(member, sizeof member, "\"wrong\":\"%s\"", word);
  else
    snprintf(member, sizeof member, "\"wrong\":null");
  for (int64_t begun = rig_now_us(); got != want || !strstr(out, member); rig_sleep_ms(100)) {
    if (rig_now_us() - begun > WAIT_MS * 1000LL)
      rig_fail("status exits %d, not %d with %s, and says: %s", got, want, member, out);
    got = rig_run(out, sizeof out, argv);
  }
  ask_expect(ask_run(false, "status", "--dir", ask_path(&rig, "node"), NULL), want, "status in words");
}

/* An entry of the hub's own, and with it a checkpoint beyond those it has signed. */
static void grow(void)
{
  static struct http_answer answer;
  char sql[100];
  const struct http_call wrong = {.port = hub.http_port,
                                  .method = "POST",
                                  .path = "/api/v1/login",
                                  .body = "{\"name\":\"admin\",\"password\":\"not this one\"}"};
  snprintf(sql, sizeof sql, "SELECT max(size) > %lld FROM sync_checkpoint",
           (long long)ask_number(&rig, "hub", "SELECT coalesce(max(size), 0) FROM sync_checkpoint"));
  if (!http_do(&wrong, &answer) || answer.status != 401) rig_fail("a wrong password: %d", answer.status);
  ask_wait(&rig, "hub", sql, 1);
}

static void set_up(void)
{
  char cookie[160];
  rig_open(&rig, NULL);
  rig_init(&rig);
  rig_start_hub(&rig, &hub);
  rig_enroll(&rig, "node", BRANCH);
  write_file("node/sunlit.conf", "[node]\nhello_s = 2\n");
  rig_start_node(&rig, &node, "node", hub.sync_port);
  http_first_login(node.http_port, rig.password, cookie, sizeof cookie); /* is an entry */
  ask_wait_received(&rig, "node", 1);
  wait_said(NULL);
}

static void a_frozen_journal(void)
{
  rig_stop(&hub);
  tamper("hub", "INSERT INTO sync_stream(author, lane, frozen_ms, frozen_reason) VALUES(330127, 0, 1, 'fork')"
                " ON CONFLICT DO UPDATE SET frozen_ms = 1, frozen_reason = 'fork'");
  rig_start_hub(&rig, &hub);
  wait_said("frozen");
  rig_stop(&hub);
  tamper("hub",
         "UPDATE sync_stream SET frozen_ms = 0, frozen_reason = '' WHERE author = 330127 AND lane = 0");
  rig_start_hub(&rig, &hub);
  wait_said(NULL);
  printf("a journal that is frozen at the province is said\n");
}

static int export_all(void)
{
  char file[RIG_PATH_MAX];
  snprintf(file, sizeof file, "%s/all", rig.folder);
  return ask_run(false, "export", "--all", "--dir", ask_path(&rig, "node"), "--out", file, NULL);
}

static void a_log_that_was_rewritten(void)
{
  char command[RIG_PATH_MAX * 2];
  rig_stop(&hub);
  snprintf(command, sizeof command, "cd %s && cp -a hub honest", rig.folder);
  if (system(command) != 0) rig_fail("%s", command);
  tamper("hub", "UPDATE sync_entry SET received_ms = received_ms - 1 WHERE pos = 0; DELETE FROM sync_tile;"
                " DELETE FROM sync_tree; DELETE FROM sync_checkpoint; DELETE FROM sync_cosignature;"
                " DELETE FROM audit; DELETE FROM sync_witness; DELETE FROM sync_cosigner");
  /* Nobody calls, so that it signs what it would not while its branch can show the other log. */
  rig_stop(&node);
  write_file("hub/sunlit.conf", "[hub]\nhearing_s = 1\n");
  rig_start_hub(&rig, &hub);
  grow();
  rig_start_node(&rig, &node, "node", hub.sync_port);
  wait_said("log_rewritten");
  rig_stop(&node); /* it is in the database, whoever runs */
  wait_said("log_rewritten");
  rig_stop(&hub);
  snprintf(command, sizeof command, "cd %s && rm -rf hub && mv honest hub", rig.folder);
  if (system(command) != 0) rig_fail("%s", command);
  /* Its records go by hand once it is trusted, as the refusal says. */
  ask_expect(export_all(), 1, "export without trust");
  ask_expect(ask_run(false, "trust", "--dir", ask_path(&rig, "node"), NULL), 0, "trust");
  ask_expect(export_all(), 0, "export");
  rig_start_hub(&rig, &hub);
  rig_start_node(&rig, &node, "node", hub.sync_port);
  grow();
  wait_said(NULL);
  /* The trail of both has it: who let the province be believed again, and after what. */
  static const char told[] = "SELECT count(*) FROM security_event WHERE branch = 330127 AND kind = 'trust'"
                             " AND actor = 'command line' AND detail = 'log_rewritten'";
  ask_wait(&rig, "node", told, 1);
  ask_wait(&rig, "hub", told, 1);
  printf("a log that was rewritten is said\n");
}

/* The next epoch on the same data. */
static void enroll_again(void)
{
  char line[600], out[1024];
  const char *const invite[] = {rig_program(true), "invite", "--dir", ask_path(&rig, "hub"),
                                "--branch",        "330127", NULL};
  if (rig_run(line, sizeof line, invite) != 0) rig_fail("invite: %s", line);
  const char *const enroll[] = {rig_program(false), "enroll", "--dir", ask_path(&rig, "node"),
                                "--invite",         line,     NULL};
  if (rig_run(out, sizeof out, enroll) != 0) rig_fail("enroll: %s", out);
}

static void a_revoked_branch(void)
{
  ask_expect(ask_run(true, "revoke", "--dir", ask_path(&rig, "hub"), "--branch", "330127", NULL), 0,
             "revoke");
  wait_said("revoked");
  rig_stop(&node);
  enroll_again();
  rig_start_node(&rig, &node, "node", hub.sync_port);
  wait_said(NULL);
  printf("a branch that was revoked is said\n");
}

int main(void)
{
  setvbuf(stdout, NULL, _IOLBF, 0);
  set_up();
  a_frozen_journal();
  a_log_that_was_rewritten();
  a_revoked_branch();
  rig_stop(&node);
  rig_stop(&hub);
  rig_verify(&rig, true, "hub");
  rig_verify(&rig, false, "node");
  rig_close(&rig);
  return 0;
}
