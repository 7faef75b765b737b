#include "tests/process/ask.h"

#include "core/base/db.h"

#include <stdio.h>

enum { WAIT_MS = 30000, WORDS_MAX = 10 };

int64_t ask_number(const struct rig *rig, const char *name, const char *sql)
{
  char file[64], path[RIG_PATH_MAX];
  struct err err = ERR_INIT;
  struct db *db = NULL;
  int64_t n = 0;
  snprintf(file, sizeof file, "%s/store.db", name);
  if (!db_open(&db, rig_path(rig, file, path), DB_READ, &err) || !db_int(db, sql, 0, &n, &err))
    rig_fail("%s: %s", name, err.text);
  db_close(db);
  return n;
}

void ask_expect(int64_t have, int64_t want, const char *what)
{
  if (have != want) rig_fail("%s: %lld, not %lld", what, (long long)have, (long long)want);
}

void ask_wait(const struct rig *rig, const char *name, const char *sql, int64_t want)
{
  int64_t begun = rig_now_us();
  while (ask_number(rig, name, sql) != want) {
    if (rig_now_us() - begun > WAIT_MS * 1000LL)
      rig_fail("%s: %s is %lld, not %lld", name, sql, (long long)ask_number(rig, name, sql), (long long)want);
    rig_sleep_ms(20);
  }
}

const char *ask_path(const struct rig *rig, const char *name)
{
  static char paths[8][RIG_PATH_MAX];
  static int next;
  return rig_path(rig, name, paths[next++ % 8]);
}

int ask_run(bool of_hub, const char *command, ...)
{
  char out[4096];
  const char *argv[WORDS_MAX + 1] = {rig_program(of_hub), command};
  va_list words;
  va_start(words, command);
  for (int i = 2; i < WORDS_MAX && (argv[i] = va_arg(words, const char *)); i++) {
  }
  va_end(words);
  int status = rig_run(out, sizeof out, argv);
  printf("  %s %s: %d %s", of_hub ? "sunlit-hub" : "sunlit-node", command, status, out[0] ? out : "\n");
  return status;
}
