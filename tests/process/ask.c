#include "tests/process/ask.h"

#include "core/base/db.h"

#include <stdio.h>

enum { WAIT_MS = 120000 /* only what is broken waits as long */, WORDS_MAX = 20 };

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

/* The newest run is open: it ends where the log ends. */
#define HEAD                                                                                                 \
  "(SELECT first_seq - 1 + iif(count > 0, count, (SELECT max(pos) FROM sync_entry) - first_pos + 1)"         \
  " FROM sync_span WHERE author = %s AND lane = 0 AND superseded = 0 ORDER BY first_seq DESC LIMIT 1)"

int64_t ask_entries(const struct rig *rig, const char *name, unsigned author)
{
  char sql[400], code[16];
  snprintf(code, sizeof code, "%u", author);
  snprintf(sql, sizeof sql, "SELECT " HEAD, code);
  return ask_number(rig, name, sql);
}

void ask_wait_received(const struct rig *rig, const char *name, int64_t at_least)
{
  static const char self[] = "(SELECT value FROM sync_self WHERE name = 'author')";
  char sql[1200];
  snprintf(sql, sizeof sql,
           "SELECT head >= %lld AND head = (SELECT coalesce(max(seq), 0) FROM sync_receipt WHERE lane = 0)"
           " FROM (SELECT " HEAD " AS head)",
           (long long)at_least, self);
  ask_wait(rig, name, sql, 1);
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
