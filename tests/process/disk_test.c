/* disk_test.c - a full or read-only disk on either side, and a damaged database: writing stops with a clear
 * word, reading goes on, nothing is lost, and it goes on by itself when there is room.
 *
 * The two directories lie on small file systems in memory, which only root may mount; without that it is
 * skipped (exit 77). */
#include "core/base/clock.h"
#include "core/base/db.h"
#include "tests/process/http.h"
#include "tests/process/rig.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

enum { BRANCH = 330127, SKIPPED = 77, NOTICE_MS = 15000 };

static struct rig rig;
static struct program hub, node;
static char node_cookie[160];
static int prices;
static struct http_answer answer;

static bool mount_small(const char *name)
{
  char path[RIG_PATH_MAX];
  rig_path(&rig, name, path);
  return mkdir(path, 0700) == 0 && mount("sunlit-test", path, "tmpfs", 0, "size=12m,mode=0700") == 0;
}

static void unmount(const char *name)
{
  char path[RIG_PATH_MAX];
  umount2(rig_path(&rig, name, path), MNT_DETACH);
}

static void unmount_both(void)
{
  unmount("node");
  unmount("hub");
}

/* A file that takes every byte there is. */
static void fill_disk(const char *name)
{
  static const char block[4096];
  char file[64], path[RIG_PATH_MAX];
  snprintf(file, sizeof file, "%s/ballast", name);
  int fd = open(rig_path(&rig, file, path), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
  while (write(fd, block, sizeof block) > 0)
    ;
  while (write(fd, block, 1) > 0)
    ;
  close(fd);
}

/* Whether the disk under that folder is read-only; see read_only_disk.c. */
static void read_only(const char *name, bool on)
{
  char file[64], path[RIG_PATH_MAX];
  snprintf(file, sizeof file, "%s.read-only", name);
  rig_path(&rig, file, path);
  if (!on)
    unlink(path);
  else
    close(open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
}

/* What is started next lies on a disk that read_only(name) can turn. */
static void on_a_disk_that_turns(const char *name)
{
  char file[64], path[RIG_PATH_MAX];
  snprintf(file, sizeof file, "%s.read-only", name);
  setenv("SUNLIT_READ_ONLY_WHILE", rig_path(&rig, file, path), 1);
  setenv("LD_PRELOAD", READ_ONLY_DISK, 1);
}

static void make_room(const char *name)
{
  char file[64], path[RIG_PATH_MAX];
  snprintf(file, sizeof file, "%s/ballast", name);
  unlink(rig_path(&rig, file, path));
}

static int get(int port, const char *path, const char *cookie)
{
  const struct http_call call = {.port = port, .method = "GET", .path = path, .cookie = cookie};
  return http_do(&call, &answer) ? answer.status : 0;
}

static int64_t number(const char *name, const char *sql)
{
  char file[64], path[RIG_PATH_MAX];
  struct err err = ERR_INIT;
  struct db *db = NULL;
  int64_t n = -1;
  snprintf(file, sizeof file, "%s/store.db", name);
  if (!db_open(&db, rig_path(&rig, file, path), DB_READ, &err) || !db_int(db, sql, 0, &n, &err))
    rig_fail("%s", err.text);
  db_close(db);
  return n;
}

static int post_price(int *status)
{
  char key[32], body[256], today[11];
  date_format(today, date_of_ms(clock_wall_ms()));
  snprintf(key, sizeof key, "disk-test-%d", ++prices);
  snprintf(body, sizeof body,
           "{\"product\":%lld,\"price_fen\":1200,\"source\":\"market\",\"date\":\"%s\",\"note\":\"%s\","
           "\"confirm_repeat\":true}",
           (long long)number("node", "SELECT min(id) FROM product"), today, key);
  const struct http_call call = {.port = node.http_port,
                                 .method = "POST",
                                 .path = "/api/v1/prices",
                                 .cookie = node_cookie,
                                 .key = key,
                                 .body = body};
  *status = http_do(&call, &answer) ? answer.status : 0;
  return *status;
}

/* The small room a database keeps for itself is used up first, so not the first write need fail. */
static void write_until_refused(void)
{
  int status = 0;
  for (int i = 0; i < 3000 && post_price(&status) == 201; i++)
    ;
  if (status != 503 || !strstr(answer.body, "disk_full"))
    rig_fail("a write to a full disk was answered %d: %s", status, answer.body);
}

/* What a person or a command is told on a full disk: no, and why. */
static void refused_full(const char *what, bool asked)
{
  if (!asked || answer.status != 503 || !strstr(answer.body, "disk_full"))
    rig_fail("%s on a full disk was answered %d: %.300s", what, answer.status, answer.body);
}

static void command(int want, const char *word, const char *const *argv)
{
  char out[4096], shell[2048] = "exec";
  for (int i = 0; argv[i]; i++)
    snprintf(shell + strlen(shell), sizeof shell - strlen(shell), " '%s'", argv[i]);
  snprintf(shell + strlen(shell), sizeof shell - strlen(shell), " 2>&1");
  const char *const said[] = {"/bin/sh", "-c", shell, NULL};
  int got = rig_run(out, sizeof out, said);
  if (got != want || !strstr(out, word))
    rig_fail("%s exits %d, not %d, and says: %s", argv[1], got, want, out);
}

/* A sheet of prices: true when it was answered at all. */
static bool send_sheet(void)
{
  static const char head[] = "品名,单价,日期,来源\n";
  char key[32], today[11], body[8192];
  size_t n = (size_t)snprintf(body, sizeof body, "%s", head);
  for (int i = 0; i < 60; i++) {
    date_format(today, date_of_ms(clock_wall_ms() - i * INT64_C(86400000)));
    n += (size_t)snprintf(body + n, sizeof body - n, "淳安无核柿,%d.5,%s,市场看价\n", i % 3 + 9, today);
  }
  snprintf(key, sizeof key, "disk-sheet-%d", ++prices);
  const struct http_call call = {.port = node.http_port,
                                 .method = "POST",
                                 .path = "/api/v1/prices/import",
                                 .cookie = node_cookie,
                                 .key = key,
                                 .type = "text/csv",
                                 .body = body};
  return http_do(&call, &answer);
}

static void log_in(int port, int want)
{
  const struct http_call right = {.method = "POST",
                                  .path = "/api/v1/login",
                                  .port = port,
                                  .body = "{\"name\":\"admin\",\"password\":\"a password for tests\"}"};
  if (!http_do(&right, &answer) || answer.status != want)
    rig_fail("a login on a full disk was answered %d: %s", answer.status, answer.body);
}

static void wait_status(int port, const char *path, int status)
{
  for (int64_t begun = rig_now_us(); get(port, path, NULL) != status; rig_sleep_ms(50))
    if (rig_now_us() - begun > NOTICE_MS * 1000LL) rig_fail("%s is %d, not %d", path, answer.status, status);
}

static void wait_received(void)
{
  static const char count[] = "SELECT count(*) FROM price WHERE branch = 330127";
  for (int64_t begun = rig_now_us(); number("hub", count) != number("node", count); rig_sleep_ms(50))
    if (rig_now_us() - begun > 60 * 1000000LL)
      rig_fail("the hub has %lld of %lld prices", (long long)number("hub", count),
               (long long)number("node", count));
}

/* `sunlit-node status` says what is wrong, with its exit code too; it hears it from the program within a
 * second. */
static void wait_said(int code, const char *word)
{
  char dir[RIG_PATH_MAX], out[4096] = "";
  const char *const argv[] = {rig_program(false),          "status", "--dir",
                              rig_path(&rig, "node", dir), "--json", NULL};
  int64_t begun = rig_now_us();
  for (int got = -1; got != code || !strstr(out, word); rig_sleep_ms(100)) {
    if (rig_now_us() - begun > NOTICE_MS * 1000LL) rig_fail("status exits %d and says: %s", got, out);
    got = rig_run(out, sizeof out, argv);
  }
}

static void a_full_node_reads_on_and_recovers_by_itself(void)
{
  int status = 0;
  fill_disk("node");
  write_until_refused();
  wait_status(node.http_port, "/healthz", 503);
  if (get(node.http_port, "/api/v1/catalogue?limit=5", node_cookie) != 200)
    rig_fail("a full disk stopped reading: %d %s", answer.status, answer.body);
  wait_said(1, "\"wrong\":\"disk_full\"");
  log_in(node.http_port, 200);
  refused_full("a sheet of prices", send_sheet());
  /* Who takes out a workbook is recorded, so none is handed out that could not be. */
  refused_full("a workbook", get(node.http_port, "/api/v1/prices.xlsx", node_cookie) != 0);
  char dir[RIG_PATH_MAX], inside[RIG_PATH_MAX], elsewhere[RIG_PATH_MAX];
  rig_path(&rig, "node", dir);
  rig_path(&rig, "node/stick", inside);
  rig_path(&rig, "stick", elsewhere);
  const char *const backup[] = {rig_program(false), "backup", "--dir", dir, "--out", elsewhere, NULL};
  const char *const full_stick[] = {
      rig_program(false), "export", "--dir", dir, "--all", "--out", inside, NULL};
  const char *const stick[] = {rig_program(false), "export", "--dir", dir, "--all", "--out", elsewhere, NULL};
  command(1, "disk is full", backup);
  command(1, "disk is full", full_stick);
  command(0, "carry it to the province", stick); /* another disk, with room */
  make_room("node");
  wait_status(node.http_port, "/healthz", 200);
  if (!send_sheet() || answer.status != 201)
    rig_fail("with room again a sheet was answered %d: %s", answer.status, answer.body);
  (void)get(node.http_port, "/api/v1/prices.xlsx", node_cookie); /* no text */
  if (number("node", "SELECT count(*) FROM security_event WHERE kind = 'export'") != 1)
    rig_fail("with room again no workbook was handed out");
  wait_said(0, "\"wrong\":null");
  if (post_price(&status) != 201)
    rig_fail("with room again a price was answered %d: %s", status, answer.body);
  wait_received();
  printf("a full node read on and recovered\n");
}

static void a_full_hub_takes_nothing_and_loses_nothing(void)
{
  int status = 0;
  char invite_line[600], place[RIG_PATH_MAX];
  const char *const invite[] = {rig_program(true), "invite", "--dir", rig_path(&rig, "hub", place),
                                "--branch",        "330182", NULL};
  if (rig_run(invite_line, sizeof invite_line, invite) != 0) rig_fail("invite: %s", invite_line);
  invite_line[strcspn(invite_line, "\n")] = 0;
  wait_received();
  fill_disk("hub");
  for (int i = 0; i < 40; i++)
    if (post_price(&status) != 201)
      rig_fail("the hub's disk is the node's trouble: %d %s", status, answer.body);
  for (int i = 0; i < 1500 && get(hub.http_port, "/healthz", NULL) == 200; i++)
    post_price(&status);
  wait_status(hub.http_port, "/healthz", 503);
  char dir[RIG_PATH_MAX], stick_file[RIG_PATH_MAX], late[RIG_PATH_MAX];
  const char *const accept[] = {rig_program(true),
                                "accept",
                                "--dir",
                                rig_path(&rig, "hub", dir),
                                rig_path(&rig, "stick", stick_file),
                                NULL};
  const char *const enroll[] = {rig_program(false), "enroll",    "--dir", rig_path(&rig, "late", late),
                                "--invite",         invite_line, NULL};
  command(1, "disk is full", accept);
  command(1, "disk is full", enroll);
  make_room("hub");
  wait_status(hub.http_port, "/healthz", 200);
  command(0, "receipt", accept);
  command(0, "enrolled 330182", enroll); /* the same line */
  wait_received();
  printf("a full hub took nothing and lost nothing\n");
}

/* Killed while its disk is full it starts again on the same disk, is read and logged into, and recovers. */
static void a_full_one_that_was_killed_starts_again(bool is_hub)
{
  struct program *program = is_hub ? &hub : &node;
  const char *name = is_hub ? "hub" : "node";
  const struct http_call wrong = {.method = "POST",
                                  .path = "/api/v1/login",
                                  .port = program->http_port,
                                  .body = "{\"name\":\"admin\",\"password\":\"not this one\"}"};
  int status = 0;
  wait_received();
  fill_disk(name);
  for (int i = 0; i < 1500 && get(program->http_port, "/healthz", NULL) == 200; i++)
    post_price(&status);
  wait_status(program->http_port, "/healthz", 503);
  rig_kill(program);
  fill_disk(name);
  on_a_disk_that_turns(name);
  if (is_hub)
    rig_start_hub(&rig, &hub);
  else
    rig_start_node(&rig, &node, "node", hub.sync_port);
  if (get(program->http_port, "/api/v1/status", NULL) != 200) rig_fail("no status: %d", answer.status);
  if (!http_do(&wrong, &answer) || answer.status != 401)
    rig_fail("a wrong password on a full disk was answered %d: %s", answer.status, answer.body);
  wait_status(program->http_port, "/healthz", 503);
  make_room(name);
  wait_status(program->http_port, "/healthz", 200);
  wait_received();
  printf("a full %s that was killed started again\n", name);
}

static void wait_trouble(int port, const char *rule)
{
  for (int64_t begun = rig_now_us(); get(port, "/api/v1/status", NULL) != 200 || !strstr(answer.body, rule);
       rig_sleep_ms(50))
    if (rig_now_us() - begun > NOTICE_MS * 1000LL) rig_fail("no %s in %s", rule, answer.body);
}

static void a_read_only_node_says_so_reads_on_and_recovers_by_itself(void)
{
  int status = 0;
  wait_received();
  read_only("node", true);
  if (post_price(&status) != 503 || !strstr(answer.body, "\"read_only\""))
    rig_fail("a write to a read-only disk was answered %d: %s", status, answer.body);
  wait_status(node.http_port, "/healthz", 503);
  wait_trouble(node.http_port, "\"read_only\"");
  if (get(node.http_port, "/api/v1/catalogue?limit=5", node_cookie) != 200)
    rig_fail("a read-only disk stopped reading: %d %s", answer.status, answer.body);
  read_only("node", false);
  wait_status(node.http_port, "/healthz", 200);
  if (post_price(&status) != 201)
    rig_fail("on a disk that can be written again a price was answered %d: %s", status, answer.body);
  wait_received();
  printf("a read-only node said so, read on and recovered\n");
}

static void a_read_only_hub_says_so_and_loses_nothing(void)
{
  int status = 0;
  read_only("hub", true);
  for (int i = 0; i < 5; i++)
    if (post_price(&status) != 201)
      rig_fail("the hub's disk is the node's trouble: %d %s", status, answer.body);
  wait_status(hub.http_port, "/healthz", 503);
  wait_trouble(hub.http_port, "\"read_only\"");
  read_only("hub", false);
  wait_status(hub.http_port, "/healthz", 200);
  wait_received();
  printf("a read-only hub said so and lost nothing\n");
}

static void a_damaged_database_is_refused_and_left_as_it_was(void)
{
  char path[RIG_PATH_MAX], dir[RIG_PATH_MAX], out[1024], before[8192], after[8192];
  static const char junk[4096] = "these bytes were not written by SQLite";
  struct stat st;
  rig_path(&rig, "node/store.db", path);
  int fd = open(path, O_RDWR | O_CLOEXEC);
  if (fd < 0 || fstat(fd, &st) != 0) rig_fail("no %s", path);
  for (off_t at = 8 * 4096; at < st.st_size; at += 16 * 4096)
    if (pwrite(fd, junk, sizeof junk, at) != (ssize_t)sizeof junk) rig_fail("cannot damage %s", path);
  if (pread(fd, before, sizeof before, 7 * 4096) < 0) rig_fail("cannot read %s", path);
  const char *const argv[] = {rig_program(false), "run",         "--dir", rig_path(&rig, "node", dir),
                              "--listen",         "127.0.0.1:0", NULL};
  if (rig_run(out, sizeof out, argv) != 1) rig_fail("a damaged database was not refused");
  struct stat now;
  if (fstat(fd, &now) != 0 || now.st_size != st.st_size || pread(fd, after, sizeof after, 7 * 4096) < 0 ||
      memcmp(before, after, sizeof after) != 0)
    rig_fail("a damaged database was written to");
  close(fd);
  printf("a damaged database was refused and left as it was\n");
}

int main(void)
{
  setvbuf(stdout, NULL, _IOLBF, 0);
  rig_open(&rig, NULL);
  if (!mount_small("hub") || !mount_small("node")) {
    printf("skipped: no file system of our own may be mounted here\n");
    unmount("hub");
    rig_close(&rig);
    return SKIPPED;
  }
  atexit(unmount_both);
  setenv("SUNLIT_PASSPHRASE", "a field of yellow flowers", 1);
  rig_init(&rig);
  on_a_disk_that_turns("hub");
  rig_start_hub(&rig, &hub);
  rig_enroll(&rig, "node", BRANCH);
  on_a_disk_that_turns("node");
  rig_start_node(&rig, &node, "node", hub.sync_port);
  http_first_login(node.http_port, rig.password, node_cookie, sizeof node_cookie);
  while (number("node", "SELECT count(*) FROM product") == 0)
    rig_sleep_ms(20);
  a_full_node_reads_on_and_recovers_by_itself();
  a_full_hub_takes_nothing_and_loses_nothing();
  a_full_one_that_was_killed_starts_again(true);
  a_full_one_that_was_killed_starts_again(false);
  a_read_only_node_says_so_reads_on_and_recovers_by_itself();
  a_read_only_hub_says_so_and_loses_nothing();
  rig_stop(&node);
  rig_stop(&hub);
  rig_verify(&rig, true, "hub");
  rig_verify(&rig, false, "node");
  a_damaged_database_is_refused_and_left_as_it_was();
  unmount_both();
  rig_close(&rig);
  return 0;
}
