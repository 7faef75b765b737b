/* bad_disk_test.c - the commands on a disk that becomes full, or read-only, before one of their changes: each
 * says so in one line, leaves what it found or what it was to make, and given again with room it ends as it
 * would have.
 *
 * Where the disk turns is picked over all the changes that the command makes when it runs to its end.  The
 * running programs on such a disk are disk_test.c's.
 * usage: bad_disk_test [MOMENTS [COMMAND]]   (3: moments of each command and kind of disk; from-branches,
 * which waits for a branch each time, only when it is named) */
#include "core/base/db.h"
#include "tests/process/ask.h"
#include "tests/process/fill.h"
#include "tests/process/killed.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { BRANCH = 330127, ENTRIES = 200, PARTED = 20, WORDS = 12, FULL_MS = 4000 };

static struct rig rig;
static struct program hub, node;
static int moments;
static int faults;

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

static void put_back(const char *folder)
{
  char was[64];
  snprintf(was, sizeof was, "%s.before", folder);
  shell("/bin/rm", "-rf", at(folder), NULL);
  shell("/bin/cp", "-a", at(was), at(folder));
}

static bool verifies(bool of_hub, const char *name)
{
  static const char quietly[] = "exec \"$0\" verify --dir \"$1\" 2>&1";
  char out[4096];
  const char *const argv[] = {"/bin/sh", "-c", quietly, rig_program(of_hub), at(name), NULL};
  return rig_run(out, sizeof out, argv) == 0;
}

/* A command, what it starts from, what must hold after it failed, and what when it was done. */
struct command {
  const char *name;
  bool of_hub;
  const char *words[WORDS]; /* paths begin with "./": they lie in the rig's folder */
  void (*prepare)(void);
  bool (*kept)(void);
  bool (*done)(void);
};

static void no_more(const struct command *c, const char *disk, unsigned before, const char *what)
{
  printf("WRONG: %s on a %s disk from change %u on: %s\n", c->name, disk, before, what);
  faults++;
}

static void words_of(const struct command *c, const char *argv[WORDS + 2])
{
  argv[0] = rig_program(c->of_hub);
  int n = 1;
  for (int i = 0; i < WORDS && c->words[i]; i++)
    argv[n++] = strncmp(c->words[i], "./", 2) == 0 ? strdup(at(c->words[i] + 2)) : c->words[i];
  argv[n] = NULL;
}

/* The line of what it said that has the word, or else its last. */
static void said_line(const char *word, char out[400])
{
  char line[400];
  FILE *file = fopen(at("said"), "re");
  out[0] = 0;
  while (file && fgets(line, sizeof line, file) && !strstr(out, word))
    snprintf(out, 400, "%.*s", (int)strcspn(line, "\n"), line);
  if (file) fclose(file);
}

static bool held_before; /* what says that it is done held before it was given: that it holds tells nothing */

static void one_moment(const struct command *c, const char *const *argv, const struct bad_disk *disk)
{
  const char *kind = disk->error == ENOSPC ? "full" : "read-only";
  const char *word = disk->error == ENOSPC ? "disk is full" : "disk is read-only";
  char line[400], wrong[500];
  unsigned changes = 0;
  c->prepare();
  unlink(at("said"));
  int status = bad_disk_run(argv, disk, &changes, at("said"));
  said_line(word, line);
  snprintf(wrong, sizeof wrong, "exit %d, it says: %s", status, line);
  if (status != 0 && (status != 1 || !strstr(line, word))) no_more(c, kind, disk->before, wrong);
  /* It only could not be flushed, or told: given again it may say that it is there. */
  const bool did = c->done();
  if (status != 0 && did && !held_before && strstr(line, "nothing of it was written"))
    no_more(c, kind, disk->before, "it is done, and it says that nothing of it was written");
  if (status == 0 && !did) no_more(c, kind, disk->before, "exit 0, and it is not done");
  if (status != 0 && !c->kept())
    no_more(c, kind, disk->before, "what was there is not there, or is not whole");
  if (status == 0) return;
  unlink(at("said"));
  status = bad_disk_run(argv, &(struct bad_disk){disk->folder, ENOSPC, UINT32_MAX}, &changes, at("said"));
  said_line(word, line);
  snprintf(wrong, sizeof wrong, "given again: exit %d, it says: %s", status, line);
  if (status != 0 && !did)
    no_more(c, kind, disk->before, wrong);
  else if (!c->done())
    no_more(c, kind, disk->before, "given again, and it is not done");
}

static void all_moments(const struct command *c)
{
  static const int errors[] = {ENOSPC, EROFS};
  const char *argv[WORDS + 2];
  unsigned changes = 0;
  struct bad_disk disk = {rig.folder, ENOSPC, UINT32_MAX};
  words_of(c, argv);
  c->prepare();
  held_before = c->done();
  unlink(at("said"));
  if (bad_disk_run(argv, &disk, &changes, at("said")) != 0 || !c->done())
    rig_fail("%s does not end well on a good disk; see %s/said", c->name, rig.folder);
  const unsigned all = changes;
  for (size_t e = 0; e < 2; e++) {
    unsigned last = 0;
    for (int i = 0; i < moments; i++) {
      disk.error = errors[e];
      disk.before =
          moments > 1 ? 1 + (unsigned)((uint64_t)(all - 1) * (unsigned)i / (unsigned)(moments - 1)) : 1;
      if (disk.before != last) one_moment(c, argv, &disk);
      last = disk.before;
    }
  }
  printf("%s: the disk full, and read-only, before %d of its %u changes\n", c->name, moments, all);
}

/* -- what they start from, and what holds -- */

static const char prices[] = "SELECT count(*) FROM price WHERE branch = 330127";

static void hub_before(void)
{
  put_back("hub");
  unlink(at("b.sealed"));
}

static bool hub_kept(void)
{
  return verifies(true, "hub");
}

static bool backup_done(void)
{
  shell("/bin/rm", "-rf", at("copy"), NULL);
  return !is_there("hub/backup.db") && /* the copy that it was made of; a read-only disk kept one */
         ask_run(true, "restore", "--in", at("b.sealed"), "--dir", at("copy"), NULL) == 0 &&
         ask_number(&rig, "copy", prices) == ENTRIES;
}

static bool backup_kept(void)
{
  return hub_kept() && (!is_there("b.sealed") || backup_done());
}

static void no_copy(void)
{
  shell("/bin/rm", "-rf", at("copy"), at("copy.part"));
}

static bool restored(void)
{
  return is_there("copy/keys") && verifies(true, "copy") && ask_number(&rig, "copy", prices) == ENTRIES;
}

/* Whole or not there.  A read-only disk keeps what was made beside, and the next one takes its place. */
static bool copy_kept(void)
{
  if (!is_there("copy")) return true;
  bool whole = restored();
  shell("/bin/rm", "-rf", at("copy"), NULL); /* whole: it only could not be flushed; it is not made twice */
  return whole;
}

static const char tampered[] = "SELECT count(*) FROM price WHERE price_fen = 1";

static void tamper(void)
{
  struct err err = ERR_INIT;
  struct db *db = NULL;
  hub_before();
  if (!db_open(&db, at("hub/store.db"), DB_WRITE, &err) ||
      !db_exec(db,
               "DROP TRIGGER IF EXISTS sunlit_guard_price_UPDATE;"
               " UPDATE price SET price_fen = 1 WHERE id = (SELECT min(id) FROM price)",
               &err))
    rig_fail("tampering: %s", err.text);
  db_close(db);
}

static bool rebuilt(void)
{
  return ask_number(&rig, "hub", tampered) == 0 && ask_number(&rig, "hub", prices) == ENTRIES &&
         verifies(true, "hub");
}

static bool old_or_rebuilt(void)
{
  bool old = ask_number(&rig, "hub", tampered) == 1;
  return ask_number(&rig, "hub", prices) == ENTRIES && verifies(true, "hub") != old;
}

static void node_before(void)
{
  put_back("node");
  unlink(at("b.carry"));
}

static bool node_kept(void)
{
  return ask_number(&rig, "node", prices) == ENTRIES && verifies(false, "node");
}

static bool exported(void)
{
  return is_there("b.carry") && !is_there("b.carry.part") && node_kept();
}

static bool not_exported(void)
{
  return !is_there("b.carry") && node_kept();
}

static bool receipt_taken(void)
{
  return ask_number(&rig, "node", "SELECT coalesce(max(seq), 0) FROM sync_receipt") == ENTRIES && node_kept();
}

static const char imported_rows[] = "SELECT count(*) FROM product WHERE name_zh LIKE '试种%'";

static bool imported(void)
{
  return ask_number(&rig, "hub", imported_rows) == 600 && verifies(true, "hub");
}

/* Chunks are committed one by one: what is there is whole, and given again nothing is there twice. */
static bool partly_imported(void)
{
  return ask_number(&rig, "hub", imported_rows) <= 600 && verifies(true, "hub");
}

static bool token_made(void)
{
  return ask_number(&rig, "hub", "SELECT count(*) FROM log_reader") == 1 &&
         ask_number(&rig, "hub", "SELECT count(*) FROM untold WHERE kind = 'log_token'") == 1;
}

/* Who is told a token has one, and the trail knows; who is told no has none. */
static bool no_token(void)
{
  return ask_number(&rig, "hub", "SELECT count(*) FROM log_reader") == 0 &&
         ask_number(&rig, "hub", "SELECT count(*) FROM untold WHERE kind = 'log_token'") == 0;
}

/* Given again it makes another: whether the first was written its command could not know. */
static bool invited(void)
{
  return ask_number(&rig, "hub", "SELECT count(*) FROM invite WHERE branch = 330182") >= 1;
}

static bool not_invited(void)
{
  return ask_number(&rig, "hub", "SELECT count(*) FROM invite WHERE branch = 330182") <= 1 && hub_kept();
}

static bool password_reset(void)
{
  return ask_number(&rig, "node", "SELECT must_change FROM account WHERE name = 'admin'") == 1;
}

static void no_province(void)
{
  shell("/bin/rm", "-rf", at("fresh"), NULL);
}

static bool province_made(void)
{
  return is_there("fresh/keys") && verifies(true, "fresh");
}

static bool no_half_province(void)
{
  return !is_there("fresh/keys") || verifies(true, "fresh");
}

/* -- with the other side running -- */

static char invite_line[600];

static void invite_again(void)
{
  const char *const invite[] = {rig_program(true), "invite", "--dir", at("hub"), "--branch", "330182", NULL};
  if (!hub.pid) {
    put_back("hub");
    rig_start_hub(&rig, &hub);
  }
  shell("/bin/rm", "-rf", at("late"), NULL);
  if (rig_run(invite_line, sizeof invite_line, invite) != 0) rig_fail("invite: %s", invite_line);
}

static bool let_in(void)
{
  static const char alive[] = "SELECT count(*) FROM sync_key WHERE author = 330182 AND revoked_ms = 0";
  static const char first[] = "SELECT count(*) FROM account WHERE name = 'admin'";
  return is_there("late/keys") && verifies(false, "late") && ask_number(&rig, "hub", alive) == 1 &&
         ask_number(&rig, "late", first) == 1;
}

static bool not_half_in(void)
{
  return !is_there("late/keys") || let_in();
}

static char sync_port[32];

/* The province has nothing but the backup of its first day, and a branch that dials in. */
static void first_day(void)
{
  if (hub.pid) rig_stop(&hub);
  if (!node.pid) {
    put_back("hub");
    put_back("node");
    rig_start_hub(&rig, &hub);
    rig_start_node(&rig, &node, "node", hub.sync_port);
    ask_wait_received(&rig, "node", ENTRIES);
    rig_sleep_ms(300);
    rig_stop(&hub);
    snprintf(sync_port, sizeof sync_port, "127.0.0.1:%d", hub.sync_port);
  }
  shell("/bin/rm", "-rf", at("hub"), NULL);
  if (ask_run(true, "restore", "--in", at("first.sealed"), "--dir", at("hub"), NULL) != 0)
    rig_fail("the first day's backup");
}

static bool all_back(void)
{
  return ask_number(&rig, "hub", prices) == ENTRIES && verifies(true, "hub");
}

static bool first_day_or_all(void)
{
  return verifies(true, "hub");
}

static const struct command commands[] = {
    {"backup",
     true,
     {"backup", "--dir", "./hub", "--out", "./b.sealed"},
     hub_before,
     backup_kept,
     backup_done},
    {"restore", true, {"restore", "--in", "./a.sealed", "--dir", "./copy"}, no_copy, copy_kept, restored},
    {"rebuild", true, {"rebuild", "--dir", "./hub"}, tamper, old_or_rebuilt, rebuilt},
    {"export",
     false,
     {"export", "--dir", "./node", "--out", "./b.carry"},
     node_before,
     not_exported,
     exported},
    {"accept",
     false,
     {"accept", "--dir", "./node", "./a.carry.receipt"},
     node_before,
     node_kept,
     receipt_taken},
    {"import",
     true,
     {"import-catalogue", "--dir", "./hub", "./new.csv"},
     hub_before,
     partly_imported,
     imported},
    {"log-token",
     true,
     {"log-token", "--dir", "./hub", "--for", "auditor"},
     hub_before,
     no_token,
     token_made},
    {"invite", true, {"invite", "--dir", "./hub", "--branch", "330182"}, hub_before, not_invited, invited},
    {"account",
     false,
     {"account", "--dir", "./node", "--reset", "--name", "admin"},
     node_before,
     node_kept,
     password_reset},
    {"init",
     true,
     {"init", "--dir", "./fresh", "--name", "试省"},
     no_province,
     no_half_province,
     province_made},
    {"enroll",
     false,
     {"enroll", "--dir", "./late", "--invite", invite_line},
     invite_again,
     not_half_in,
     let_in},
    {"from-branches",
     true,
     {"rebuild", "--dir", "./hub", "--from-branches", "--branches", "330127", "--sync", sync_port},
     first_day,
     first_day_or_all,
     all_back},
};

/* -- a program that sets aside what it wrote on a disk that had gone back -- */

/* The number of the program stands in its lock, when there was room for it. */
static pid_t end_after_a_while(void)
{
  pid_t pid = fork();
  if (pid != 0) return pid;
  char line[32] = "";
  rig_sleep_ms(FULL_MS);
  FILE *lock = fopen(at("node/lock"), "re");
  if (!lock || !fgets(line, sizeof line, lock)) _exit(1);
  kill((pid_t)strtol(line, NULL, 10), SIGTERM);
  _exit(0);
}

/* How many changes the program made. */
static unsigned come_back(int error, unsigned before)
{
  static const char numbers[] = "SELECT count(DISTINCT no) FROM price WHERE branch = 330127";
  const char *word = error == ENOSPC ? "disk is full" : "disk is read-only";
  char hub_at[32], line[400];
  unsigned changes = 0;
  if (node.pid) rig_stop(&node);
  if (hub.pid) rig_stop(&hub);
  put_back("hub");
  shell("/bin/rm", "-rf", at("node"), NULL);
  shell("/bin/cp", "-a", at("parted"), at("node"));
  rig_start_hub(&rig, &hub);
  snprintf(hub_at, sizeof hub_at, "127.0.0.1:%d", hub.sync_port);
  char *dir = strdup(at("node"));
  const char *const run[] = {rig_program(false), "run",         "--dir", dir, "--hub", hub_at,
                             "--listen",         "127.0.0.1:0", NULL};
  unlink(at("said"));
  pid_t ends = end_after_a_while();
  int status = bad_disk_run(run, &(struct bad_disk){dir, error, before}, &changes, at("said"));
  kill(ends, SIGKILL);
  waitpid(ends, NULL, 0);
  said_line(word, line); /* before it ran it may say no */
  if (status != 0 && (status != 1 || !strstr(line, word)))
    rig_fail("run on a bad disk ended with %d; see %s/said", status, rig.folder);
  rig_start_node(&rig, &node, "node", hub.sync_port);
  ask_wait(&rig, "hub", prices, ENTRIES + PARTED);
  ask_wait_received(&rig, "node", ENTRIES + PARTED);
  rig_stop(&node);
  rig_stop(&hub);
  ask_expect(ask_number(&rig, "node", prices), ENTRIES + PARTED, "prices of a branch that came back");
  ask_expect(ask_number(&rig, "hub", numbers), ENTRIES + PARTED, "their numbers at the province");
  rig_verify(&rig, false, "node");
  rig_verify(&rig, true, "hub");
  free(dir);
  return changes;
}

static void a_branch_comes_back_on_a_bad_disk(int times)
{
  static const int errors[] = {ENOSPC, EROFS};
  const unsigned all = come_back(ENOSPC, UINT32_MAX);
  for (int i = 0; i < times; i++)
    (void)come_back(errors[i % 2], 1 + (unsigned)((uint64_t)all * (unsigned)(i + 1) / (unsigned)(times + 1)));
  printf("run: a disk that went back, and became full or read-only %d times before one of %u changes\n",
         times, all);
}

static void write_catalogue(void)
{
  FILE *file = fopen(at("new.csv"), "we");
  if (!file) rig_fail("no new.csv");
  fputs("name_zh,group,gb2260,season_start_month,season_end_month,storage,unit\n", file);
  for (int i = 0; i < 600; i++)
    fprintf(file, "试种%d,produce,330127,1,12,dry,kg\n", i);
  fclose(file);
}

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
  shell("/bin/cp", "-a", at("node"), at("parted"));
  (void)fill_node(&rig, "node", ENTRIES);
  ask_expect(ask_run(false, "export", "--dir", at("node"), "--out", at("a.carry"), NULL), 0, "export");
  ask_expect(ask_run(true, "accept", "--dir", at("hub"), at("a.carry"), NULL), 0, "accept");
  rig_stop(&hub);
  ask_expect(ask_run(true, "backup", "--dir", at("hub"), "--out", at("a.sealed"), NULL), 0, "backup");
  shell("/bin/cp", "-a", at("hub"), at("hub.before"));
  shell("/bin/cp", "-a", at("node"), at("node.before"));
  (void)fill_node(&rig, "parted", PARTED); /* another past, behind the same beginning */
  write_catalogue();
}

int main(int argc, char **argv)
{
  moments = argc > 1 ? atoi(argv[1]) : 3;
  setvbuf(stdout, NULL, _IOLBF, 0);
  set_up();
  for (size_t i = 0; i < sizeof commands / sizeof *commands; i++)
    if (argc > 2 ? strcmp(argv[2], commands[i].name) == 0 : commands[i].prepare != first_day)
      all_moments(&commands[i]);
  if (argc <= 2 || strcmp(argv[2], "run") == 0) a_branch_comes_back_on_a_bad_disk(argc > 1 ? 2 * moments : 2);
  if (node.pid) rig_stop(&node);
  if (hub.pid) rig_stop(&hub);
  if (faults) rig_fail("%d things are wrong", faults);
  rig_close(&rig);
  printf("a bad disk was said, and nothing of it was lost\n");
  return 0;
}
