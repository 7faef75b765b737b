/* went_back_test.c - disks that go back, on real programs: every row of
 *
 *   who: a node, the hub   x   how: the folder copied back, the write-ahead log deleted, the machine cloned,
 *   store.db missing, store.db empty, a backup restored, the hub to before what a branch was sent and had not
 *   witnessed   x   line up or down at start   x   written before contact or not (a wrong password is a write
 * too)
 *
 * Each ends with both sides having all that was acknowledged, once, by the commands and words the programs
 * give.  usage: went_back_test [node|hub [HOW, counted from 0]|again] */
#include "core/base/clock.h"
#include "core/base/db.h"
#include "tests/process/ask.h"
#include "tests/process/http.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BRANCH = 330127, OTHER = 330902, NOWHERE = 9, BEFORE = 2, LOST = 3, WAIT_MS = 120000 };
enum how { COPIED, NO_WAL, CLONED, MISSING, EMPTY, RESTORED, SENT, HOWS };
static const char *const how_words[HOWS] = {"folder copied back", "wal deleted",    "cloned",
                                            "store.db missing",   "store.db empty", "backup restored",
                                            "sent, not witnessed"};

struct row {
  enum how how;
  bool up, written;
};

static struct rig rig;
static struct program hub, node, other, twin;
static char cookie[160], hub_cookie[160];
static struct http_answer answer;
static int fen = 1000;
static int64_t acked;  /* prices answered 201 */
static int64_t wrongs; /* wrong passwords at the hub that were journaled */

/* ---- what people do ---- */

static bool price(const struct program *at, const char *name)
{
  char key[32], body[200], today[11];
  date_format(today, date_of_ms(clock_wall_ms()));
  snprintf(key, sizeof key, "price-%08d", ++fen);
  snprintf(body, sizeof body, "{\"product\":%lld,\"price_fen\":%d,\"source\":\"market\",\"date\":\"%s\"}",
           (long long)ask_number(&rig, name, "SELECT coalesce(min(id), 1) FROM product"), fen, today);
  const struct http_call call = {.port = at->http_port,
                                 .method = "POST",
                                 .path = "/api/v1/prices",
                                 .cookie = cookie,
                                 .key = key,
                                 .body = body};
  bool taken = http_do(&call, &answer) && answer.status == 201;
  acked += taken;
  return taken;
}

static void prices(int n)
{
  for (int i = 0; i < n; i++)
    if (!price(&node, "node")) rig_fail("a price was answered %d: %s", answer.status, answer.body);
}

static void wrong_password(const struct program *at)
{
  const struct http_call call = {.port = at->http_port,
                                 .method = "POST",
                                 .path = "/api/v1/login",
                                 .body = "{\"name\":\"admin\",\"password\":\"not this one\"}"};
  if (!http_do(&call, &answer) || (answer.status != 401 && answer.status != 429))
    rig_fail("a wrong password was answered %d: %s", answer.status, answer.body);
}

static void sync_now(const struct program *at)
{
  if (!cookie[0]) return; /* nobody can log in yet, and who is refused often is not answered any more */
  const struct http_call call = {
      .port = at->http_port, .method = "POST", .path = "/api/v1/sync/retry", .cookie = cookie};
  (void)http_do(&call, &answer);
}

static bool status_says(const struct program *at, const char *word)
{
  const struct http_call call = {.port = at->http_port, .method = "GET", .path = "/api/v1/status"};
  return http_do(&call, &answer) && answer.status == 200 && strstr(answer.body, word);
}

static void wait_status(const struct program *at, const char *word)
{
  for (int64_t begun = rig_now_us(); !status_says(at, word); rig_sleep_ms(250)) {
    if (rig_now_us() - begun > WAIT_MS * 1000LL) rig_fail("no %s in %s", word, answer.body);
    sync_now(&node);
  }
}

/* ---- what happens to disks ---- */

/* Runs a command in the rig's folder; $1 is the name. */
static void shell(const char *script, const char *name)
{
  char command[RIG_PATH_MAX * 2];
  snprintf(command, sizeof command, "cd %s && set -- %s && %s", rig.folder, name, script);
  if (system(command) != 0) rig_fail("%s", command);
}

static void remember(const char *name, struct program *program, enum how how)
{
  bool is_hub = program == &hub;
  if (how == COPIED || how == CLONED) {
    rig_stop(program);
    shell("rm -rf $1.copy && cp -a $1 $1.copy", name);
    if (is_hub)
      rig_start_hub(&rig, &hub);
    else
      rig_start_node(&rig, &node, name, hub.sync_port);
  }
  if (how != RESTORED) return;
  shell("rm -f $1.sealed", name);
  char sealed[40];
  snprintf(sealed, sizeof sealed, "%s.sealed", name);
  ask_expect(ask_run(is_hub, "backup", "--dir", ask_path(&rig, name), "--out", ask_path(&rig, sealed), NULL),
             0, "backup");
}

static void go_back(const char *name, struct program *program, enum how how)
{
  char sealed[40];
  if (how == CLONED) return;
  if (how == NO_WAL)
    rig_kill(program);
  else
    rig_stop(program);
  if (how == COPIED) shell("rm -rf $1 && mv $1.copy $1", name);
  if (how == NO_WAL) shell("rm -f $1/store.db-wal $1/store.db-shm", name);
  if (how == MISSING) shell("rm -f $1/store.db*", name);
  if (how == EMPTY) shell("rm -f $1/store.db-* && : > $1/store.db", name);
  if (how != RESTORED) return;
  shell("rm -rf $1", name);
  snprintf(sealed, sizeof sealed, "%s.sealed", name);
  ask_expect(ask_run(program == &hub, "restore", "--in", ask_path(&rig, sealed), "--dir",
                     ask_path(&rig, name), NULL),
             0, "restore");
}

/* ---- how it ends ---- */

static void wait_all_here(void)
{
  static const char count[] = "SELECT count(*) FROM price WHERE branch = 330127";
  for (int64_t begun = rig_now_us();
       ask_number(&rig, "hub", count) != acked || ask_number(&rig, "node", count) != acked;
       rig_sleep_ms(50)) {
    if (rig_now_us() - begun > WAIT_MS * 1000LL)
      rig_fail("%lld prices acknowledged, %lld at the node, %lld at the hub", (long long)acked,
               (long long)ask_number(&rig, "node", count), (long long)ask_number(&rig, "hub", count));
    if ((rig_now_us() - begun) / 1000000 % 2) sync_now(&node);
  }
  ask_expect(ask_number(&rig, "hub", "SELECT count(DISTINCT no) FROM price WHERE branch = 330127"), acked,
             "numbers given once");
  ask_expect(ask_number(&rig, "hub", "SELECT count(*) FROM sync_fork"), 0, "forks");
  ask_wait(&rig, "node", "SELECT count(*) FROM sync_aside WHERE state <> 'again'", 0);
  ask_wait(&rig, "node",
           "SELECT (SELECT coalesce(max(seq), 0) FROM sync_receipt WHERE lane = 0) ="
           " (SELECT first_seq - 1 + iif(count > 0, count, (SELECT max(pos) FROM sync_entry) - first_pos + 1)"
           "  FROM sync_span WHERE author = 330127 AND superseded = 0 ORDER BY first_seq DESC LIMIT 1)",
           1);
}

/* Nobody holds anything against the province but that it was shorter for a while. */
static void nobody_accuses(void)
{
  static const char accused[] = "SELECT count(*) FROM sync_evidence WHERE rule <> 'log_rolled_back'";
  ask_expect(ask_number(&rig, "node", accused) + ask_number(&rig, "other", accused), 0, "evidence");
}

static void log_in_anew(void)
{
  http_first_login(node.http_port, rig.password, cookie, sizeof cookie);
}

/* Accounts are the machine's own: a session and a password go with the write-ahead log that had them. */
static void log_in_if_out(void)
{
  const struct http_call call = {
      .port = node.http_port, .method = "GET", .path = "/api/v1/sync", .cookie = cookie};
  if (http_do(&call, &answer) && answer.status == 401) log_in_anew();
}

static void refused_with_the_way_out(bool is_hub, const char *name, const char *word)
{
  char command[RIG_PATH_MAX * 2];
  snprintf(command, sizeof command, "%s run --dir %s/%s 2>&1 | grep -q '%s'", rig_program(is_hub), rig.folder,
           name, word);
  if (system(command) != 0) rig_fail("%s without a database does not say %s", name, word);
}

/* ---- the node ---- */

static void clones_meet(const struct row *row)
{
  shell("rm -rf twin && mv node.copy twin", "node");
  twin = (struct program){0};
  rig_start_node(&rig, &twin, "twin", row->up ? hub.sync_port : NOWHERE);
  if (row->written) {
    if (!price(&twin, "twin")) rig_fail("the clone answered %d", answer.status);
    prices(1);
  }
  if (!row->up) {
    rig_stop(&twin);
    rig_start_node(&rig, &twin, "twin", hub.sync_port);
  }
  for (int64_t begun = rig_now_us(); !status_says(&node, "\"cloned\"") && !status_says(&twin, "\"cloned\"");
       rig_sleep_ms(100)) {
    if (rig_now_us() - begun > WAIT_MS * 1000LL) rig_fail("nobody says cloned: %s", answer.body);
    sync_now(&node);
    sync_now(&twin);
  }
  /* One of the two is stopped, whichever: here the original stays.  What only the clone has is brought first.
   */
  rig_stop(&node);
  sync_now(&twin);
  for (int64_t begun = rig_now_us();
       ask_number(&rig, "twin", "SELECT count(*) FROM price") >
       ask_number(&rig, "hub", "SELECT count(*) FROM price WHERE branch = 330127");
       rig_sleep_ms(100)) {
    if (rig_now_us() - begun > WAIT_MS * 1000LL) rig_fail("the clone's records do not arrive");
    sync_now(&twin);
  }
  rig_stop(&twin);
  rig_start_node(&rig, &node, "node", hub.sync_port);
}

static void node_row(const struct row *row)
{
  remember("node", &node, row->how);
  prices(LOST);
  wait_all_here();
  go_back("node", &node, row->how);
  if (row->how == CLONED) {
    clones_meet(row);
    wait_all_here();
    return;
  }
  bool anew = row->how == MISSING || row->how == EMPTY;
  if (anew) {
    refused_with_the_way_out(false, "node", "sunlit-node enroll");
    rig_enroll(&rig, "node", BRANCH);
    cookie[0] = 0;
  }
  rig_start_node(&rig, &node, "node", row->up ? hub.sync_port : NOWHERE);
  if (row->how == NO_WAL) log_in_if_out();
  if (row->written) {
    /* Of before its catalogue came it has nothing to give a price for. */
    bool priced = !anew && ask_number(&rig, "node", "SELECT count(*) FROM product") > 0;
    wrong_password(&node);
    for (int i = 0; i < 2 && priced; i++)
      if (!price(&node, "node") && row->how != RESTORED)
        rig_fail("a price was answered %d: %s", answer.status, answer.body);
  }
  if (!row->up) {
    rig_sleep_ms(row->written ? 1100 : 0); /* signed within a second, and still nothing is */
    rig_stop(&node);
    rig_start_node(&rig, &node, "node", hub.sync_port);
  }
  if (anew) {
    ask_wait(&rig, "node", "SELECT count(*) FROM price", acked);
    wait_status(&node, "\"synced\"");
    log_in_anew();
  }
  wait_all_here();
}

/* ---- the hub ---- */

/* Without a database nothing says who there was: both have come, and it asks people whether these are all. */
static void rebuilding_waits_for_names(void)
{
  char command[RIG_PATH_MAX * 3];
  snprintf(
      command, sizeof command,
      "cd %s && rm -f unnamed.out && touch unnamed.out && { timeout 120 %s rebuild --dir hub --from-branches "
      "--sync 127.0.0.1:%d >> unnamed.out 2>&1"
      " & p=$!; until grep -q 'again with --branches 330127,330902;' unnamed.out; do kill -0 $p || exit 1;"
      " sleep 0.1; done; kill -INT $p; ! wait $p; }",
      rig.folder, rig_program(true), hub.sync_port);
  if (system(command) != 0)
    rig_fail("a rebuilding that does not know whom to wait for ended; see %s/unnamed.out", rig.folder);
  ask_expect(ask_number(&rig, "hub", "SELECT count(*) FROM sync_entry"), 0, "leaves put in place");
}

/* As the words say: stop, rebuild from the branches, run. */
static void rebuild_hub(void)
{
  char command[RIG_PATH_MAX * 2];
  rig_stop(&hub);
  snprintf(command, sizeof command,
           "timeout 120 %s rebuild --dir %s/hub --from-branches --branches 330127,330902 --sync 127.0.0.1:%d"
           " > %s/rebuild.out 2>&1",
           rig_program(true), rig.folder, hub.sync_port, rig.folder);
  if (system(command) != 0) rig_fail("rebuild --from-branches; see %s/rebuild.out", rig.folder);
  snprintf(command, sizeof command, "grep -q 'log-token' %s/rebuild.out", rig.folder);
  if (system(command) != 0) rig_fail("the rebuilding does not say what becomes of log tokens");
  rig_start_hub(&rig, &hub);
}

static void sent_row(const struct row *row);

static const char events[] = "SELECT coalesce(sum(count), 0) FROM security_event WHERE branch = 330000"
                             " AND kind IN ('login', 'locked')";

static void hub_row(const struct row *row)
{
  if (row->how == SENT) {
    sent_row(row);
    return;
  }
  static const char witnessed[] = "SELECT (SELECT max(size) FROM sync_witness) = %lld";
  char sql[100];
  int64_t size;
  remember("hub", &hub, row->how);
  wait_status(&node, "\"synced\"");
  prices(LOST);
  wrong_password(&hub);
  wait_all_here();
  rig_sleep_ms(1500); /* the wrong password is signed and shown with the next proof */
  prices(1);
  wait_all_here();
  size = ask_number(&rig, "hub", "SELECT max(size) FROM sync_checkpoint");
  snprintf(sql, sizeof sql, witnessed, (long long)size);
  ask_wait(&rig, "node", sql, 1);
  wrongs = ask_number(&rig, "hub", events);
  if (!row->up) rig_stop(&node);
  if (!row->up) rig_stop(&other);
  go_back("hub", &hub, row->how);
  if (row->how == CLONED) {
    /* The copy stands beside the original; a branch that is sent to it sees that it is shorter. */
    shell("rm -rf twin && mv hub.copy twin", "hub");
    twin = (struct program){.name = "twin"};
    rig_start_hub(&rig, &twin);
    if (row->written) wrong_password(&twin);
    rig_stop(&node);
    rig_start_node(&rig, &node, "node", twin.sync_port);
    wait_status(&twin, "log_rolled_back");
    rig_stop(&twin);
    rig_stop(&node);
    rig_start_node(&rig, &node, "node", hub.sync_port);
    if (!row->up) rig_start_node(&rig, &other, "other", hub.sync_port);
    wait_all_here();
    nobody_accuses();
    return;
  }
  bool anew = row->how == MISSING || row->how == EMPTY;
  if (anew) refused_with_the_way_out(true, "hub", "rebuild");
  if (!anew) rig_start_hub(&rig, &hub);
  if (!anew && row->written) {
    /* When a branch was quicker, it waits in memory until the hub can write, and is gone when that ends
     * first. */
    int64_t before = ask_number(&rig, "hub", events);
    wrong_password(&hub);
    for (int i = 0; i < 50 && ask_number(&rig, "hub", events) == before; i++)
      rig_sleep_ms(100); /* as long as it takes on a busy machine, when it can be written at all */
    wrongs += ask_number(&rig, "hub", events) - before;
  }
  if (!row->up) {
    rig_start_node(&rig, &node, "node", hub.sync_port);
    rig_start_node(&rig, &other, "other", hub.sync_port);
  }
  bool back = anew || row->how == RESTORED;
  if (!anew) {
    for (int i = 0; i < 40 && !back; i++) {
      back = status_says(&hub, "log_rolled_back");
      if (status_says(&node, "\"synced\"") && i > 10) break;
      sync_now(&node);
      rig_sleep_ms(250);
    }
  }
  if (row->how == COPIED && !back) rig_fail("a hub that went back does not say so: %s", answer.body);
  if (anew && row->up && !row->written) rebuilding_waits_for_names();
  if (back) rebuild_hub();
  wait_status(&node, "\"synced\"");
  prices(1);
  wait_all_here();
  nobody_accuses();
  /* None is lost; one that was only counted when it was looked for is written when the hub stops. */
  char none_lost[300];
  snprintf(none_lost, sizeof none_lost, "SELECT (%s) >= %lld", events, (long long)wrongs);
  ask_wait(&rig, "hub", none_lost, 1);
}

/* A product of the province's own, for everybody. */
static void import_product(const char *name)
{
  char path[RIG_PATH_MAX];
  FILE *file = fopen(rig_path(&rig, "product.csv", path), "we");
  if (!file ||
      fprintf(
          file,
          "\xef\xbb\xbf" /* how such files say that they are UTF-8 */
          "品名,品类,地市,产地,上市起月,上市止月,储存方式,单位\n%s,蔬菜瓜果,湖州市,安吉县,11,2,冷藏,公斤\n",
          name) < 0 ||
      fclose(file) != 0)
    rig_fail("no product.csv");
  ask_expect(ask_run(true, "import-catalogue", "--dir", ask_path(&rig, "hub"), path, NULL), 0, "import");
}

static void wait_product(const char *name, const char *at)
{
  char sql[120];
  snprintf(sql, sizeof sql, "SELECT count(*) FROM product WHERE name_zh = '%s'", name);
  ask_wait(&rig, at, sql, 1);
}

/* The line broke between the entry and the checkpoint that has it. */
static void unwitness(void)
{
  char path[RIG_PATH_MAX], sql[RIG_PATH_MAX + 400];
  struct err err = ERR_INIT;
  struct db *db = NULL;
  if (!db_open(&db, rig_path(&rig, "node/store.db", path), DB_WRITE, &err)) rig_fail("%s", err.text);
  snprintf(
      sql, sizeof sql,
      "ATTACH '%s/node.copy/store.db' AS was; UPDATE sync_witness SET (size, root, note, verified_ms) ="
      " (SELECT size, root, note, verified_ms FROM was.sync_witness w WHERE w.origin = sync_witness.origin)",
      rig.folder);
  if (!db_exec(db, sql, &err)) rig_fail("%s", err.text);
  db_close(db);
}

static void start_nodes(void)
{
  rig_start_node(&rig, &node, "node", hub.sync_port);
  rig_start_node(&rig, &other, "other", hub.sync_port);
}

static void stop_all(void)
{
  rig_stop(&node);
  rig_stop(&other);
  rig_stop(&hub);
}

static void sent_row(const struct row *row)
{
  static int round;
  char sent[40], instead[40];
  snprintf(sent, sizeof sent, "发下去的笋%c", 'a' + round);
  snprintf(instead, sizeof instead, "后来的笋%c", 'a' + round++);
  wait_status(&node, "\"synced\"");
  stop_all();
  for (const char *const *name = (const char *const[]){"hub", "node", "other", NULL}; *name; name++)
    shell("rm -rf $1.copy && cp -a $1 $1.copy", *name);
  import_product(sent);
  rig_start_hub(&rig, &hub);
  start_nodes();
  wait_product(sent, "node");
  stop_all();
  shell("rm -rf $1 && cp -a $1.copy $1", "hub");
  shell("rm -rf $1 && cp -a $1.copy $1", "other");
  unwitness();
  if (row->written) import_product(instead);
  if (row->up) start_nodes();
  rig_start_hub(&rig, &hub);
  wait_status(&hub, row->up ? "\"listening\":" : "\"listening\":{\"until_ms\"");
  if (!row->up) start_nodes();
  wait_status(&hub, "log_rolled_back");
  wait_status(&node, "log_rolled_back");
  rig_stop(&hub);
  rig_start_hub(&rig, &hub);
  wait_status(&hub, "log_rolled_back");
  rebuild_hub();
  wait_status(&node, "\"synced\"");
  for (const char *const *name = (const char *const[]){"hub", "node", "other", NULL}; *name; name++) {
    wait_product(sent, *name);
  }
  /* The list of products is another one by now: what the hub wrote instead is kept, and named. */
  static const char kept[] = "SELECT count(*) FROM sync_aside WHERE state = 'kept' AND author = 330000";
  if (row->written) ask_expect(ask_number(&rig, "hub", kept) > 0, 1, "what was written instead is put aside");
  if (row->written) shell("grep -q 'put aside, .*: entry' rebuild.out", "");
  prices(1);
  wait_all_here();
  nobody_accuses();
}

/* An entry of the hub's own. */
static void invite(void)
{
  static char open_ms[24] = "null";
  char key[32], body[80];
  snprintf(key, sizeof key, "invite-%08d", ++fen);
  snprintf(body, sizeof body, "{\"branch\":330522,\"replaces_ms\":%s}", open_ms);
  const struct http_call call = {.port = hub.http_port,
                                 .method = "POST",
                                 .path = "/api/v1/invites",
                                 .cookie = hub_cookie,
                                 .key = key,
                                 .body = body};
  if (!http_do(&call, &answer) || answer.status != 201)
    rig_fail("an invitation was answered %d: %s", answer.status, answer.body);
  http_open_invite(&answer, open_ms);
}

static int64_t entries(void)
{
  return ask_number(&rig, "hub", "SELECT max(pos) + 1 FROM sync_entry");
}

/* The hub goes back, and before anybody calls it is written on until its log is as long as it was: the size
 * that its branches hold, with another root.  It has signed that size once; it must hear them before it does
 * again. */
static void hub_is_as_long_again(void)
{
  char sql[100];
  remember("hub", &hub, COPIED);
  wait_status(&node, "\"synced\"");
  prices(2);
  wait_all_here();
  int64_t size = ask_number(&rig, "hub", "SELECT max(size) FROM sync_checkpoint");
  snprintf(sql, sizeof sql, "SELECT (SELECT max(size) FROM sync_witness) = %lld", (long long)size);
  ask_wait(&rig, "node", sql, 1);
  ask_expect(entries(), size, "entries, all signed");
  rig_stop(&node);
  rig_stop(&other);
  go_back("hub", &hub, COPIED);
  rig_start_hub(&rig, &hub);
  while (entries() < size)
    invite();
  ask_expect(entries(), size, "entries again");
  rig_sleep_ms(1500); /* what may be signed is signed within a second */
  snprintf(sql, sizeof sql, "SELECT count(*) FROM sync_checkpoint WHERE size = %lld", (long long)size);
  ask_expect(ask_number(&rig, "hub", sql), 0, "sizes signed a second time");
  rig_start_node(&rig, &node, "node", hub.sync_port);
  rig_start_node(&rig, &other, "other", hub.sync_port);
  wait_status(&hub, "log_rolled_back");
  rebuild_hub();
  wait_status(&node, "\"synced\"");
  prices(1);
  wait_all_here();
  nobody_accuses();
  printf("hub: as long again as it was, with other entries: ended well\n");
}

/* ---- all rows ---- */

static void set_up(void)
{
  rig_open(&rig, NULL);
  rig_init(&rig);
  rig_start_hub(&rig, &hub);
  http_first_login(hub.http_port, rig.password, hub_cookie, sizeof hub_cookie);
  rig_enroll(&rig, "other", OTHER);
  rig_start_node(&rig, &other, "other", hub.sync_port);
  rig_enroll(&rig, "node", BRANCH);
  rig_start_node(&rig, &node, "node", hub.sync_port);
  log_in_anew();
  ask_wait(&rig, "node", "SELECT count(*) FROM product",
           ask_number(&rig, "hub", "SELECT count(*) FROM product"));
  prices(BEFORE);
  wait_all_here();
  /* Who is a branch of it is in store.db itself, in whichever row comes first: without its certificate no
   * branch could tell the province what it lost. */
  rig_stop(&hub);
  rig_start_hub(&rig, &hub);
  setenv("SUNLIT_PASSPHRASE", "a field of yellow flowers", 1);
}

static void all_rows(const char *who, int only, void (*play)(const struct row *row))
{
  for (int i = only < 0 ? 0 : only; i < (only < 0 ? HOWS : only + 1); i++)
    for (int bits = 0; bits < 4; bits++) {
      /* A deleted write-ahead log comes first: nothing has ended it yet, and it has everything since the
       * enrolment. */
      int how = only < 0 && i < 2 ? 1 - i : i;
      const struct row row = {.how = (enum how)how, .up = !(bits & 1), .written = bits & 2};
      if (how == SENT && play == node_row) continue;
      int64_t begun = rig_now_us();
      printf("%s: %s, line %s, %s\n", who, how_words[how], row.up ? "up" : "down at start",
             row.written ? "written before contact" : "not written");
      play(&row);
      printf("  ended well after %.1f s\n", (double)(rig_now_us() - begun) / 1e6);
    }
}

int main(int argc, char **argv)
{
  setvbuf(stdout, NULL, _IOLBF, 0);
  int only = argc > 2 ? atoi(argv[2]) : -1;
  set_up();
  if (argc < 2 || strcmp(argv[1], "node") == 0) all_rows("node", only, node_row);
  if (argc < 2 || strcmp(argv[1], "hub") == 0) all_rows("hub", only, hub_row);
  if (argc < 2 || strcmp(argv[1], "again") == 0) hub_is_as_long_again();
  rig_stop(&node);
  rig_stop(&other);
  rig_stop(&hub);
  rig_verify(&rig, true, "hub");
  rig_verify(&rig, false, "node");
  rig_close(&rig);
  return 0;
}
