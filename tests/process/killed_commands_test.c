/* killed_commands_test.c - init, export, accept, enroll, an import, backup, restore, rebuild, the upgrade of
 * an old database and a branch that sets aside what it wrote on a disk that had gone back are killed before
 * some of their changes on the disk, and given again: nothing is lost, nothing is there twice, and nothing
 * half is taken for whole.
 *
 * The moments are picked among all the changes that the command makes when it runs to its end.
 * usage: killed_commands_test [ROUNDS [SEED]]   (2: rounds of each command) */
#include "core/base/db.h"
#include "tests/process/ask.h"
#include "tests/process/fill.h"
#include "tests/process/killed.h"

#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
  BRANCH = 330127,
  ENTRIES = 1500,
  BATCH = 1024,
  ANSWER_MS = 8000,
  ALL_MS = 120000, /* only what is broken waits as long */
  LAST = 24,
  ENROL_LAST = 6,
  INIT_LAST = 6,
  PARTED = 40,
  IMPORTED = 600
};

static const char prices[] = "SELECT count(*) FROM price WHERE branch = 330127";
static struct rig rig;
static struct program hub, node;
static int rounds;
static unsigned seed;

static const char *at(const char *name)
{
  return ask_path(&rig, name);
}

static bool is_there(const char *name)
{
  return access(at(name), F_OK) == 0;
}

static void shell(const char *a, const char *b, const char *c, const char *d)
{
  char out[256];
  const char *const argv[] = {a, b, c, d, NULL};
  if (rig_run(out, sizeof out, argv) != 0) rig_fail("%s %s %s", a, b, c ? c : "");
}

/* The folder becomes what it was. */
static void put_back(const char *folder, const char *was)
{
  shell("/bin/rm", "-rf", at(folder), NULL);
  shell("/bin/cp", "-a", at(was), at(folder));
}

static bool verifies(const char *name)
{
  static const char quietly[] = "exec \"$0\" verify --dir \"$1\" 2>&1";
  char out[4096];
  const char *const argv[] = {"/bin/sh", "-c", quietly, rig_program(true), at(name), NULL};
  return rig_run(out, sizeof out, argv) == 0;
}

/* A command of one of the programs, and how many changes it makes. */
struct victim {
  const char *argv[12];
  unsigned changes;
};

static struct victim victim_of(bool of_hub, const char *command, ...)
{
  struct victim v = {.argv = {rig_program(of_hub), command}};
  va_list words;
  va_start(words, command);
  for (int i = 2; i < 11; i++) {
    const char *word = va_arg(words, const char *);
    if (!word) break;
    v.argv[i] = strdup(word);
  }
  va_end(words);
  return v;
}

/* To its end, which must be good; the first time its changes are counted. */
static void finish(struct victim *v)
{
  char out[4096];
  int status =
      v->changes ? rig_run(out, sizeof out, v->argv) : killed_run(v->argv, 0, &v->changes, at("said"));
  if (status != 0) rig_fail("%s ended with %d; see %s/said", v->argv[1], status, rig.folder);
}

/* Up to one of its changes; the number of that.  Most of them fill files: every other time it is one of the
 * last, where names are given and taken. */
static unsigned cut_short(const struct victim *v)
{
  unsigned changes = 0;
  unsigned among = rand_r(&seed) % 2 && v->changes > LAST ? LAST : v->changes;
  unsigned before = v->changes - (unsigned)rand_r(&seed) % among;
  int status = killed_run(v->argv, before, &changes, at("said"));
  if (status > 0) rig_fail("%s ended with %d; see %s/said", v->argv[1], status, rig.folder);
  return before;
}

static void told(const struct victim *v, int64_t least)
{
  printf("%s: killed %d times before one of its %u changes; %lld entries after the last\n", v->argv[1],
         rounds, v->changes, (long long)least);
}

/* A branch whose line was never up has a long journal, and carries it. */
static void set_up(void)
{
  rig_open(&rig, NULL);
  setenv("SUNLIT_PASSPHRASE", "a field of yellow flowers", 1);
  rig_init(&rig);
  FILE *conf = fopen(at("hub/sunlit.conf"), "we");
  if (!conf || fputs("[hub]\nhearing_s = 1\n", conf) < 0 || fclose(conf) != 0) rig_fail("no sunlit.conf");
  ask_expect(ask_run(true, "backup", "--dir", at("hub"), "--out", at("first.sealed"), NULL), 0, "backup");
  rig_start_hub(&rig, &hub);
  rig_enroll(&rig, "node", BRANCH);
  rig_start_node(&rig, &node, "node", hub.sync_port);
  static const char products[] = "SELECT count(*) FROM product";
  ask_wait(&rig, "node", products, ask_number(&rig, "hub", products));
  rig_stop(&node);
  rig_stop(&hub);
  shell("/bin/cp", "-a", at("node"), at("parted"));
  (void)fill_node(&rig, "node", ENTRIES);
  ask_expect(ask_run(false, "export", "--dir", at("node"), "--out", at("a.carry"), NULL), 0, "export");
  shell("/bin/cp", "-a", at("hub"), at("hub.before"));
  shell("/bin/cp", "-a", at("node"), at("node.before"));
  (void)fill_node(&rig, "parted", PARTED); /* another past, behind the same beginning */
}

/* A hub that runs: another takes none. */
static void the_province_takes_a_file(void)
{
  rig_start_hub(&rig, &hub);
  ask_expect(ask_run(true, "accept", "--dir", at("hub"), at("a.carry"), NULL), 0, "accept");
  ask_expect(ask_number(&rig, "hub", prices), ENTRIES, "entries");
  rig_stop(&hub);
  rig_verify(&rig, true, "hub");
  shell("/bin/cp", "-a", at("hub"), at("hub.holds"));
}

static void the_branch_takes_its_receipt(void)
{
  static const char received[] = "SELECT coalesce(max(seq), 0) FROM sync_receipt";
  struct victim accept = victim_of(false, "accept", "--dir", at("node"), at("a.carry.receipt"), NULL);
  finish(&accept);
  int64_t proved = 0;
  for (int i = 0; i < rounds; i++) {
    put_back("node", "node.before");
    cut_short(&accept);
    proved = ask_number(&rig, "node", received);
    finish(&accept);
    ask_expect(ask_number(&rig, "node", received), ENTRIES, "received, given again");
  }
  rig_verify(&rig, false, "node");
  told(&accept, proved);
}

static pid_t begin(const char *const *argv)
{
  pid_t pid = fork();
  if (pid != 0) return pid;
  char *copy[12] = {NULL};
  for (int i = 0; argv[i] && i < 11; i++)
    copy[i] = strdup(argv[i]);
  execv(copy[0], copy);
  _exit(127);
}

/* Its exit status, KILLED when no answer came. */
static int wait_answer(pid_t pid)
{
  int status = 0;
  for (int waited = 0; waited < ANSWER_MS; waited += 20, rig_sleep_ms(20))
    if (waitpid(pid, &status, WNOHANG) == pid) return WIFEXITED(status) ? WEXITSTATUS(status) : KILLED;
  kill(pid, SIGKILL);
  waitpid(pid, &status, 0);
  return KILLED;
}

/* The command hands the file to the running program, which dies while it takes it. */
static void the_running_province_dies_with_a_file(void)
{
  struct victim accept = victim_of(true, "accept", "--dir", at("hub"), at("a.carry"), NULL);
  int again = 0;
  for (int i = 0; i < rounds; i++) {
    put_back("hub", "hub.before");
    unlink(at("a.carry.receipt"));
    rig_start_hub(&rig, &hub);
    pid_t pid = begin(accept.argv);
    while (!is_there("hub/carry")) /* handed over: it will not open the store itself */
      rig_sleep_ms(2);
    rig_sleep_ms(rand_r(&seed) % 1300);
    rig_kill(&hub);
    rig_start_hub(&rig, &hub);
    int status = wait_answer(pid);
    if (status > 0) rig_fail("accept ended with %d beside a province that was restarted", status);
    again += status == KILLED;
    if (status == KILLED && wait_answer(begin(accept.argv)) != 0) rig_fail("accept, given again");
    ask_expect(ask_number(&rig, "hub", prices), ENTRIES, "entries at the restarted province");
    rig_stop(&hub);
  }
  rig_verify(&rig, true, "hub");
  printf(
      "accept: the running province was killed %d times while it had the file; %d times it was given again\n",
      rounds, again);
}

static void backups(void)
{
  struct victim backup = victim_of(true, "backup", "--dir", at("hub"), "--out", at("b.sealed"), NULL);
  int whole = 0;
  finish(&backup);
  for (int i = 0; i < rounds; i++) {
    unlink(at("b.sealed"));
    cut_short(&backup);
    if (!verifies("hub")) rig_fail("the province is not whole after backup was killed");
    bool made = is_there("b.sealed");
    whole += made;
    if (!made) finish(&backup);
    shell("/bin/rm", "-rf", at("copy"), NULL);
    ask_expect(ask_run(true, "restore", "--in", at("b.sealed"), "--dir", at("copy"), NULL), 0,
               made ? "a backup that was there after the kill" : "a backup made again");
    ask_expect(ask_number(&rig, "copy", prices), ENTRIES, "entries in the backup");
  }
  told(&backup, ENTRIES);
  printf("  %d times the file had its name already, and was whole\n", whole);
}

/* Every file of one folder is in the other, and the same; what a reader of the database left does not count.
 */
static bool same_files(const char *a, const char *b)
{
  char out[512];
  const char *const argv[] = {"/usr/bin/diff", "-rq", "-x", "store.db-*", at(a), at(b), NULL};
  return rig_run(out, sizeof out, argv) == 0;
}

static void restores(void)
{
  struct victim restore = victim_of(true, "restore", "--in", at("b.sealed"), "--dir", at("copy"), NULL);
  int half = 0;
  shell("/bin/rm", "-rf", at("copy"), NULL);
  finish(&restore);
  shell("/bin/cp", "-a", at("copy"), at("copy.whole"));
  for (int i = 0; i < rounds; i++) {
    shell("/bin/rm", "-rf", at("copy"), NULL);
    cut_short(&restore);
    if (is_there("copy") && !same_files("copy", "copy.whole")) {
      half++;
      if (verifies("copy")) rig_fail("half a restore in %s/copy is taken for a province", rig.folder);
    }
    shell("/bin/rm", "-rf", at("copy"), NULL);
    finish(&restore);
    ask_expect(ask_number(&rig, "copy", prices), ENTRIES, "entries restored");
  }
  told(&restore, ENTRIES);
  printf("  %d times a part of it was there, and no program takes it for whole\n", half);
}

static void tamper(void)
{
  struct err err = ERR_INIT;
  struct db *db = NULL;
  if (!db_open(&db, at("hub/store.db"), DB_WRITE, &err) ||
      !db_exec(db,
               "DROP TRIGGER IF EXISTS sunlit_guard_price_UPDATE;"
               " UPDATE price SET price_fen = 1 WHERE id = (SELECT min(id) FROM price)",
               &err))
    rig_fail("tampering: %s", err.text);
  db_close(db);
}

static void rebuilds(void)
{
  static const char wrong[] = "SELECT count(*) FROM price WHERE price_fen = 1";
  struct victim rebuild = victim_of(true, "rebuild", "--dir", at("hub"), NULL);
  int done = 0;
  tamper();
  finish(&rebuild);
  for (int i = 0; i < rounds; i++) {
    tamper();
    cut_short(&rebuild);
    bool rebuilt = ask_number(&rig, "hub", wrong) == 0;
    done += rebuilt;
    if (verifies("hub") != rebuilt) rig_fail("after a kill the database is neither the old nor the new one");
    ask_expect(ask_number(&rig, "hub", prices), ENTRIES, "entries after a killed rebuild");
    finish(&rebuild);
    ask_expect(ask_number(&rig, "hub", wrong), 0, "tampered rows");
    rig_verify(&rig, true, "hub");
  }
  told(&rebuild, ENTRIES);
  printf("  %d times the new one was in place already\n", done);
}

/* The province has nothing but the backup of its first day, and a branch that dials in. */
static void rebuilds_from_branches(void)
{
  char port[32], reached[100];
  put_back("node", "node.before"); /* it has not witnessed a log of an earlier round */
  rig_start_hub(&rig, &hub);
  rig_start_node(&rig, &node, "node", hub.sync_port);
  ask_wait(&rig, "node", "SELECT max(seq) FROM sync_receipt", ENTRIES);
  rig_sleep_ms(300);
  rig_stop(&hub);
  snprintf(reached, sizeof reached, "SELECT count(*) FROM sync_checkpoint WHERE size = %lld",
           (long long)ask_number(&rig, "node", "SELECT size FROM sync_witness"));
  snprintf(port, sizeof port, "127.0.0.1:%d", hub.sync_port);
  struct victim rebuild = victim_of(true, "rebuild", "--dir", at("hub"), "--from-branches", "--branches",
                                    "330127", "--sync", port, NULL);
  struct victim restore = victim_of(true, "restore", "--in", at("first.sealed"), "--dir", at("hub"), NULL);
  for (int i = 0; i <= rounds / 2; i++) {
    shell("/bin/rm", "-rf", at("hub"), NULL);
    finish(&restore);
    if (i > 0) {
      cut_short(&rebuild);
      rig_verify(&rig, true, "hub");
    }
    /* What a kill leaves may be all of it: then there is nothing to take back. */
    if (ask_number(&rig, "hub", reached) == 0) finish(&rebuild);
    ask_expect(ask_number(&rig, "hub", reached), 1, "the checkpoint last witnessed");
    ask_expect(ask_number(&rig, "hub", prices), ENTRIES, "entries that came back");
    rig_verify(&rig, true, "hub");
  }
  rig_stop(&node);
  printf("rebuild --from-branches: killed %d times before one of its %u changes; every leaf came back\n",
         rounds / 2, rebuild.changes);
}

/* The same branch enrols again and again, each time killed at one of its steps and then given the same line
 * again: it always ends with keys that are its own, in force, and nobody's before. */
static void enrolments(void)
{
  static const char alive[] = "SELECT count(*) FROM sync_key WHERE author = 330127 AND revoked_ms = 0";
  static const char twice[] =
      "SELECT count(*) - count(DISTINCT public_key) FROM sync_key WHERE author = 330127";
  static const char newest[] = "SELECT max(epoch) FROM sync_key WHERE author = 330127";
  struct victim enrol = {.changes = 0};
  char line[512];
  int killed = 0;
  put_back("hub", "hub.before");
  put_back("node", "node.before");
  rig_start_hub(&rig, &hub);
  const char *const invite[] = {rig_program(true), "invite", "--dir", strdup(at("hub")),
                                "--branch",        "330127", NULL};
  for (int i = -2; i < ENROL_LAST + rounds; i++) {
    if (rig_run(line, sizeof line, invite) != 0) rig_fail("invite");
    struct victim again = victim_of(false, "enroll", "--dir", at("node"), "--invite", line, NULL);
    if (i >= 0)
      again.changes =
          enrol.changes; /* before: the first has a tail to journal again, the second is counted */
    enrol = again;
    unsigned changes = 0, last = (unsigned)(i < ENROL_LAST ? i : rand_r(&seed) % (int)enrol.changes);
    int status = i < 0 ? KILLED : killed_run(enrol.argv, enrol.changes - last, &changes, at("said"));
    if (status > 0) rig_fail("enroll ended with %d; see %s/said", status, rig.folder);
    killed += i >= 0 && status == KILLED;
    if (status == KILLED) finish(&enrol);
    ask_expect(ask_number(&rig, "hub", alive), 1, "keys of the branch in force");
    ask_expect(ask_number(&rig, "hub", twice), 0, "keys given to two epochs");
    rig_start_node(&rig, &node, "node", hub.sync_port);
    ask_wait(&rig, "hub", prices, ENTRIES);
    rig_stop(&node);
    rig_verify(&rig, false, "node");
    ask_expect(ask_number(&rig, "node", newest), ask_number(&rig, "hub", newest), "the branch's epoch");
  }
  rig_stop(&hub);
  rig_verify(&rig, true, "hub");
  printf("enroll: killed %d times before one of its %u changes; %lld epochs, each with a key of its own\n",
         killed, enrol.changes, (long long)ask_number(&rig, "hub", newest));
}

/* Whoever was told of a province can log into it. */
static void inits(void)
{
  struct victim init = victim_of(true, "init", "--dir", at("fresh"), NULL);
  int made = 0;
  finish(&init);
  for (int i = 0; i < INIT_LAST + rounds; i++) {
    char out[512];
    const char *const told_of[] = {"/bin/grep", "-c", "one-time password: ", at("said"), NULL};
    shell("/bin/rm", "-rf", at("fresh"), NULL);
    unlink(at("said"));
    unsigned changes = 0;
    if (i >= INIT_LAST)
      cut_short(&init);
    else if (killed_run(init.argv, init.changes - (unsigned)i, &changes, at("said")) > 0)
      rig_fail("init ended; see %s/said", rig.folder);
    bool placed = is_there("fresh/keys") || is_there("fresh/keys.next");
    made += placed;
    if (placed && rig_run(out, sizeof out, told_of) != 0)
      rig_fail("a province is there and its password was told to nobody");
    if (!placed) finish(&init);
    if (placed && !is_there("fresh/keys")) /* decided: whoever opens it next ends it */
      ask_expect(ask_run(true, "init", "--dir", at("fresh"), NULL), 1, "init of a province that is there");
    rig_verify(&rig, true, "fresh");
  }
  printf("init: killed %d times before one of its %u changes; %d times the province was there\n",
         INIT_LAST + rounds, init.changes, made);
}

static long long size_of(const char *name)
{
  struct stat st;
  if (stat(at(name), &st) != 0) rig_fail("no %s", name);
  return (long long)st.st_size;
}

static void exports(void)
{
  struct victim out = victim_of(false, "export", "--dir", at("node"), "--out", at("b.carry"), NULL);
  put_back("node", "node.before");
  unlink(at("b.carry"));
  finish(&out);
  for (int i = 0; i < rounds; i++) {
    unlink(at("b.carry"));
    cut_short(&out);
    if (!is_there("b.carry")) finish(&out);
    if (llabs(size_of("b.carry") - size_of("a.carry")) > 64) rig_fail("half an export has its name");
  }
  rig_verify(&rig, false, "node");
  told(&out, ENTRIES);
}

static void write_catalogue(const char *name, int products)
{
  FILE *file = fopen(at(name), "we");
  if (!file) rig_fail("no %s", name);
  fputs("name_zh,group,gb2260,season_start_month,season_end_month,storage,unit\n", file);
  for (int i = 0; i < products; i++)
    fprintf(file, "试种%d,produce,330127,1,12,dry,kg\n", i);
  fclose(file);
}

/* An import is several entries and one commit: all of it is there, or nothing. */
static void imports(void)
{
  static const char grown[] = "SELECT count(*) FROM product WHERE name_zh LIKE '试种%'";
  static const char names[] = "SELECT count(DISTINCT name_zh) FROM product WHERE name_zh LIKE '试种%'";
  struct victim import = victim_of(true, "import-catalogue", "--dir", at("hub"), at("new.csv"), NULL);
  int64_t before = 0;
  write_catalogue("new.csv", IMPORTED);
  put_back("hub", "hub.before");
  finish(&import);
  for (int i = 0; i < rounds; i++) {
    put_back("hub", "hub.before");
    cut_short(&import);
    rig_verify(&rig, true, "hub");
    before = ask_number(&rig, "hub", grown);
    if (before != 0 && before != IMPORTED)
      rig_fail("%lld of %d products of an import", (long long)before, IMPORTED);
    finish(&import);
    ask_expect(ask_number(&rig, "hub", grown), IMPORTED, "products, given again");
    ask_expect(ask_number(&rig, "hub", names), IMPORTED, "names of them");
    rig_verify(&rig, true, "hub");
  }
  printf(
      "import-catalogue: killed %d times before one of its %u changes; %lld of %d products after the last\n",
      rounds, import.changes, (long long)before, IMPORTED);
}

static void unpack(const char *archive)
{
  char path[RIG_PATH_MAX];
  snprintf(path, sizeof path, "%s/%s", UPGRADE_FOLDER, archive);
  shell("/bin/rm", "-rf", at("old"), NULL);
  shell("/bin/mkdir", at("old"), NULL, NULL);
  const char *const argv[] = {"/bin/tar", "-xf", path, "-C", at("old"), NULL};
  char out[256];
  if (rig_run(out, sizeof out, argv) != 0) rig_fail("cannot unpack %s", path);
}

/* Each step of a schema is one transaction: killed between two, or in one, the next start does the rest. */
static void upgrades(void)
{
  static const char *const archives[] = {"sync2-domain3.tar.xz", "sync3-domain3.tar.xz",
                                         "sync5-domain3.tar.xz", "sync6-domain4.tar.xz",
                                         "sync7-domain4.tar.xz", "sync8-domain5.tar.xz"};
  struct victim open = victim_of(true, "import-catalogue", "--dir", at("old/hub"), at("one.csv"), NULL);
  write_catalogue("one.csv", 1);
  for (int i = 0; i < rounds; i++) {
    const char *archive = archives[(size_t)rand_r(&seed) % (sizeof archives / sizeof archives[0])];
    unpack(archive);
    const int64_t had = ask_number(&rig, "old/hub", prices);
    open.changes = 0;
    finish(&open);
    ask_expect(ask_number(&rig, "old/hub", prices), had, "prices of an upgraded province");
    unpack(archive);
    cut_short(&open);
    finish(&open);
    ask_expect(ask_number(&rig, "old/hub", prices), had, "prices of a province whose upgrade was killed");
    rig_verify(&rig, true, "old/hub");
  }
  printf("upgrade: killed %d times before one of its %u changes, and done at the next start\n", rounds,
         open.changes);
}

/* When all is at the province, or never came, the branch's program is ended; its number stands in its lock.
 */
static pid_t end_when_all_is_there(void)
{
  pid_t pid = fork();
  if (pid != 0) return pid;
  char line[32] = "";
  int64_t have = 0;
  for (int waited = 0; waited < ALL_MS && have != ENTRIES + PARTED; waited += 20, rig_sleep_ms(20))
    have = ask_number(&rig, "hub", prices);
  FILE *lock = fopen(at("node/lock"), "re");
  if (!lock || !fgets(line, sizeof line, lock)) _exit(1);
  kill((pid_t)strtol(line, NULL, 10), SIGTERM);
  _exit(have == ENTRIES + PARTED ? 0 : 1);
}

/* What both programs said, where a test machine keeps no folder. */
static void show_what_was_said(void)
{
  static const char last[] = "for f; do echo \"$f:\"; tail -n 30 \"$f\"; done >&2";
  char out[256];
  const char *const argv[] = {"/bin/sh", "-c", last, "sh", at("said"), at("hub.log"), NULL};
  (void)rig_run(out, sizeof out, argv);
}

/* A branch whose disk went back and was written on takes its history back from the province, and what it
 * wrote is put aside and journaled again behind it: killed on the way, its next start ends that. */
static void a_parted_branch_dies_as_it_comes_back(void)
{
  static const char own[] = "SELECT count(DISTINCT no) FROM price WHERE branch = 330127";
  char port[32];
  unsigned all = 0;
  int killed = 0;
  for (int i = -1; i < rounds; i++) {
    unsigned changes = 0;
    put_back("hub", "hub.holds");
    put_back("node", "parted");
    rig_start_hub(&rig, &hub);
    snprintf(port, sizeof port, "127.0.0.1:%d", hub.sync_port);
    struct victim run =
        victim_of(false, "run", "--dir", at("node"), "--hub", port, "--listen", "127.0.0.1:0", NULL);
    unsigned before = i < 0 ? 0 : 1 + (unsigned)rand_r(&seed) % all;
    pid_t ends = end_when_all_is_there();
    int status = killed_run(run.argv, before, &changes, at("said"));
    int ended = 0;
    kill(ends, SIGKILL);
    waitpid(ends, &ended, 0);
    if (WIFEXITED(ended) && WEXITSTATUS(ended) != 0) {
      show_what_was_said();
      rig_fail("not every entry of the branch came, %d ms after its start", ALL_MS);
    }
    if (status > 0) rig_fail("run ended with %d; see %s/said", status, rig.folder);
    killed += status == KILLED;
    if (i < 0) all = changes;
    rig_start_node(&rig, &node, "node", hub.sync_port);
    ask_wait(&rig, "hub", prices, ENTRIES + PARTED);
    ask_wait_received(&rig, "node", ENTRIES + PARTED);
    rig_stop(&node);
    rig_stop(&hub);
    ask_expect(ask_number(&rig, "node", prices), ENTRIES + PARTED, "prices of a branch that came back");
    ask_expect(ask_number(&rig, "hub", own), ENTRIES + PARTED, "their numbers at the province");
    rig_verify(&rig, false, "node");
    rig_verify(&rig, true, "hub");
  }
  printf("a disk that went back: killed %d times before one of %u changes; every record is there once\n",
         killed, all);
}

int main(int argc, char **argv)
{
  rounds = argc > 1 ? atoi(argv[1]) : 2;
  seed = argc > 2 ? (unsigned)atoi(argv[2]) : (unsigned)rig_now_us();
  setvbuf(stdout, NULL, _IOLBF, 0);
  printf("killed commands: %d rounds of each, seed %u\n", rounds, seed);
  set_up();
  the_province_takes_a_file();
  if (getenv("ONLY_PARTED")) {
    a_parted_branch_dies_as_it_comes_back();
    rig_close(&rig);
    return 0;
  }
  the_branch_takes_its_receipt();
  inits();
  exports();
  imports();
  upgrades();
  a_parted_branch_dies_as_it_comes_back();
  enrolments();
  the_running_province_dies_with_a_file();
  backups();
  restores();
  rebuilds();
  rebuilds_from_branches();
  rig_close(&rig);
  printf("nothing lost, nothing twice, nothing half\n");
  return 0;
}
