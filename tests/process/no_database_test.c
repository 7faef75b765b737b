/* no_database_test.c - keys beside a database that is missing, empty, SQLite's own nothing, or another's:
 * every command that the help of either program names says in words which file that is and what brings it
 * back, and leaves the folder as it was; a backup without a key that it takes to start is not made; and an
 * invitation of another branch is not used up.  A command that comes later is asked as well.  usage:
 * no_database_test */
#include "core/base/db.h"
#include "tests/process/ask.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { BRANCH = 330127, TEXT_MAX = 4096, LINE_MAX_SIZE = 2048 };

static struct rig rig;

/* These make a database, or need none. */
static bool is_free_of_it(const char *command)
{
  static const char *const of[] = {"init", "enroll", "restore", "schema", "witness"};
  for (size_t i = 0; i < sizeof of / sizeof of[0]; i++)
    if (strcmp(of[i], command) == 0) return true;
  return false;
}

/* What a shell says with both streams, and its exit status; nobody waits for one that serves after all. */
static int shell(const char *words, char out[TEXT_MAX])
{
  char line[LINE_MAX_SIZE];
  snprintf(line, sizeof line, "SUNLIT_PASSPHRASE='of this test only' timeout 20 %s 2>&1 </dev/null", words);
  FILE *pipe = popen(line, "re");
  if (!pipe) rig_fail("cannot run %s", line);
  size_t n = fread(out, 1, TEXT_MAX - 1, pipe);
  out[n] = 0;
  int status = pclose(pipe);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/* How the help writes a value, and what to put there. */
static const char *value_of(const char *placeholder)
{
  if (strcmp(placeholder, "CODE") == 0) return "330127";
  if (strncmp(placeholder, "FILE", 4) == 0) return ask_path(&rig, "file");
  return "1";
}

/* "  sunlit-hub backup --dir D --out FILE [--more]" as a command; what stands in brackets is left out. */
static bool line_of_help(const char *help, const char *folder, bool of_hub, char command[40],
                         char out[LINE_MAX_SIZE])
{
  char words[LINE_MAX_SIZE], *rest = NULL;
  int depth = 0;
  snprintf(words, sizeof words, "%s", help);
  strtok_r(words, " ", &rest);
  const char *word = strtok_r(NULL, " ", &rest);
  if (!word || word[0] == '-') return false;
  snprintf(command, 40, "%s", word);
  int n = snprintf(out, LINE_MAX_SIZE, "%s %s", rig_program(of_hub), word);
  for (word = strtok_r(NULL, " ", &rest); word; word = strtok_r(NULL, " ", &rest)) {
    bool option = strncmp(word, "--", 2) == 0;
    depth += word[0] == '[';
    if (depth == 0)
      n += snprintf(out + n, LINE_MAX_SIZE - (size_t)n, " %s",
                    option                   ? word
                    : strcmp(word, "D") == 0 ? folder
                                             : value_of(word));
    depth -= depth > 0 && word[strlen(word) - 1] == ']';
  }
  return true;
}

static void list(const char *folder, char out[TEXT_MAX])
{
  char line[LINE_MAX_SIZE];
  snprintf(line, sizeof line, "find %s -type f ! -name '*lock' -exec sha256sum {} +", folder);
  shell(line, out);
}

static void is_said(const char *line, const char *folder, const char *state, const char *hint)
{
  static char said[TEXT_MAX], before[TEXT_MAX], after[TEXT_MAX];
  char file[RIG_PATH_MAX];
  list(folder, before);
  int status = shell(line, said);
  snprintf(file, sizeof file, "%s/store.db %s", folder, state);
  if (status != 1 || !strstr(said, file) || !strstr(said, hint))
    rig_fail("%s exits %d and says: %s", line, status, said);
  list(folder, after);
  if (strcmp(before, after) != 0) rig_fail("%s changed the folder:\n%s\n%s", line, before, after);
  if (access(ask_path(&rig, "file"), F_OK) == 0) rig_fail("%s wrote a file", line);
}

/* Every command of the program, on the folder as it is. */
static int every_command(bool of_hub, const char *folder, const char *state)
{
  static char help[4 * TEXT_MAX];
  char line[LINE_MAX_SIZE], command[40], *rest = NULL;
  const char *const argv[] = {rig_program(of_hub), "--help", NULL};
  int asked = 0;
  ask_expect(rig_run(help, sizeof help, argv), 0, "help");
  for (const char *l = strtok_r(help, "\n", &rest); l; l = strtok_r(NULL, "\n", &rest)) {
    if (strncmp(l, "  sunlit-", 9) != 0 || !line_of_help(l, folder, of_hub, command, line)) continue;
    if (is_free_of_it(command)) continue;
    is_said(line, folder, state,
            strstr(state, "belongs") ? "copied here from elsewhere"
            : of_hub                 ? "sunlit-hub rebuild"
                                     : "sunlit-node enroll");
    asked++;
  }
  return asked;
}

static void empty(const char *file)
{
  FILE *out = fopen(file, "we");
  if (!out || fclose(out) != 0) rig_fail("cannot empty %s", file);
}

/* SQLite's own file without a table. */
static void nothing_in(const char *file)
{
  struct err err = ERR_INIT;
  struct db *db = NULL;
  if (!db_open(&db, file, DB_CREATE, &err) || !db_exec(db, "CREATE TABLE t(x); DROP TABLE t", &err))
    rig_fail("%s: %s", file, err.text);
  db_close(db);
}

static void remove_all(const char *file)
{
  static const char *const tails[] = {"", "-wal", "-shm"};
  char path[RIG_PATH_MAX + 8];
  for (size_t i = 0; i < sizeof tails / sizeof tails[0]; i++) {
    snprintf(path, sizeof path, "%s%s", file, tails[i]);
    unlink(path);
  }
}

static void on_each(bool of_hub, const char *name, int commands_least)
{
  char folder[RIG_PATH_MAX], file[RIG_PATH_MAX + 16];
  rig_path(&rig, name, folder);
  snprintf(file, sizeof file, "%s/store.db", folder);
  remove_all(file);
  int asked = every_command(of_hub, folder, "is missing");
  if (asked < commands_least) rig_fail("the help names only %d commands", asked);
  empty(file);
  every_command(of_hub, folder, "is empty");
  nothing_in(file);
  every_command(of_hub, folder, "has no tables");
  printf("%s: %d commands say what is missing and what brings it back\n", name, asked);
}

static void copy_file(const char *from, const char *to)
{
  char line[LINE_MAX_SIZE], said[TEXT_MAX];
  snprintf(line, sizeof line, "cp -a %.900s %.900s", from, to);
  ask_expect(shell(line, said), 0, "cp");
}

/* The database of one beside the keys of the other. */
static void mixed(bool of_hub, const char *keys, const char *other)
{
  char folder[RIG_PATH_MAX], from[RIG_PATH_MAX + 16], to[RIG_PATH_MAX + 16], state[40];
  rig_path(&rig, "mixed", folder);
  snprintf(from, sizeof from, "%s", ask_path(&rig, keys));
  copy_file(from, folder);
  snprintf(to, sizeof to, "%s/store.db", folder);
  remove_all(to);
  snprintf(from, sizeof from, "%s/store.db", ask_path(&rig, other));
  copy_file(from, to);
  snprintf(state, sizeof state, "belongs to %d", of_hub ? BRANCH : 330000);
  int asked = every_command(of_hub, folder, state);
  snprintf(from, sizeof from, "rm -rf %s", folder);
  char said[TEXT_MAX];
  shell(from, said);
  printf("%s's keys, %s's database: refused by %d commands\n", keys, other, asked);
}

/* It says which file, and the way back.  The province makes its pages' certificate itself. */
static void no_start_without(const char *name, bool of_hub, const char *file)
{
  char line[LINE_MAX_SIZE], said[TEXT_MAX];
  if (of_hub && strncmp(file, "people", 6) == 0) return;
  snprintf(line, sizeof line, "%s run --dir %s", rig_program(of_hub), ask_path(&rig, name));
  int status = shell(line, said);
  if (status != 1 || !strstr(said, file) || !strstr(said, of_hub ? "newest backup" : "sunlit-node enroll"))
    rig_fail("%s without %s: %d %s", name, file, status, said);
}

/* Nor with an empty one. */
static void no_backup_without(const char *name, bool of_hub, const char *file)
{
  char key[RIG_PATH_MAX + 40], aside[RIG_PATH_MAX + 40], line[LINE_MAX_SIZE], said[TEXT_MAX];
  snprintf(key, sizeof key, "%s/keys/%s", ask_path(&rig, name), file);
  snprintf(aside, sizeof aside, "%s.aside", ask_path(&rig, name));
  snprintf(line, sizeof line, "%s backup --dir %s --out ", rig_program(of_hub), ask_path(&rig, name));
  strncat(line, ask_path(&rig, "file"), sizeof line - strlen(line) - 1);
  if (rename(key, aside) != 0) rig_fail("no %s", key);
  for (int is_there = 0; is_there < 2; is_there++) {
    if (is_there) empty(key);
    int status = shell(line, said);
    if (status != 1 || !strstr(said, file)) rig_fail("without %s: %d %s", key, status, said);
    if (access(ask_path(&rig, "file"), F_OK) == 0) rig_fail("a backup was made without %s", key);
    no_start_without(name, of_hub, file);
  }
  if (rename(aside, key) != 0) rig_fail("no %s", aside);
}

/* The key of another beside a database that has signed with its own. */
static void another_key(void)
{
  char key[RIG_PATH_MAX + 40], kept[RIG_PATH_MAX + 48], other[RIG_PATH_MAX + 40], line[LINE_MAX_SIZE],
      said[TEXT_MAX];
  snprintf(key, sizeof key, "%s/keys/author.key", ask_path(&rig, "hub"));
  snprintf(kept, sizeof kept, "%s.kept", ask_path(&rig, "hub"));
  snprintf(other, sizeof other, "%s/keys/author.key", ask_path(&rig, "node"));
  if (rename(key, kept) != 0) rig_fail("no %s", key);
  copy_file(other, key);
  snprintf(line, sizeof line, "%s verify --dir %s", rig_program(true), ask_path(&rig, "hub"));
  int status = shell(line, said);
  if (status != 1 || !strstr(said, "is not the key of epoch 1")) rig_fail("another key: %d %s", status, said);
  if (rename(kept, key) != 0) rig_fail("no %s", kept);
}

/* With the database gone the documented way back is an invitation: of this branch alone. */
static void another_branchs_invitation(void)
{
  char line[LINE_MAX_SIZE], invite[LINE_MAX_SIZE / 4], said[TEXT_MAX];
  const char *const argv[] = {rig_program(true), "invite", "--dir", strdup(ask_path(&rig, "hub")),
                              "--branch",        "330902", NULL};
  if (rig_run(invite, sizeof invite, argv) != 0) rig_fail("invite");
  invite[strcspn(invite, "\n")] = 0;
  for (int again = 0; again < 2; again++) { /* it is not used up */
    snprintf(line, sizeof line, "%s enroll --dir %s --invite '%.500s'", rig_program(false),
             ask_path(&rig, again ? "other" : "node"), invite);
    int status = shell(line, said);
    if (status != !again || (!again && !strstr(said, "is the directory of 330127")))
      rig_fail("%s: %d %s", line, status, said);
  }
}

static void status_says(const char *what)
{
  char line[LINE_MAX_SIZE], said[TEXT_MAX];
  snprintf(line, sizeof line, "%s status --dir %s", rig_program(true), ask_path(&rig, "hub"));
  int status = shell(line, said);
  if (status != 0 || !strstr(said, what)) rig_fail("status: %d %s", status, said);
}

int main(void)
{
  struct program hub = {0};
  setvbuf(stdout, NULL, _IOLBF, 0);
  rig_open(&rig, NULL);
  rig_init(&rig);
  rig_start_hub(&rig, &hub);
  rig_enroll(&rig, "node", BRANCH);
  rig_stop(&hub);
  mixed(true, "hub", "node");
  mixed(false, "node", "hub");
  static const char *const files[] = {"author.key", "identity.ini", "ca.crt",     "tls.crt",
                                      "tls.key",    "people.crt",   "people.key", "ca.key"};
  for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
    no_backup_without("hub", true, files[i]);
    if (i < 7) no_backup_without("node", false, files[i]);
  }
  char file[RIG_PATH_MAX];
  another_key();
  status_says("no program runs on it");
  empty(rig_path(&rig, "hub/keys/people.key", file));
  empty(rig_path(&rig, "hub/keys/people.crt", file));
  rig_start_hub(&rig, &hub);
  status_says("the program runs");
  remove_all(rig_path(&rig, "node/store.db", file));
  another_branchs_invitation();
  rig_stop(&hub);
  on_each(true, "hub", 14);
  on_each(false, "node", 9);
  rig_close(&rig);
  return 0;
}
