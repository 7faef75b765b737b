/* apply_changesets.c - what an auditor needs to see a stream as tables: SQLite with its session extension,
 * and nothing of ours.  usage: apply_changesets SCHEMA.sql NEW.db FILE.changeset ... (in the order of the
 * entries) */
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>

static char *read_file(const char *path, int *size)
{
  FILE *file = fopen(path, "rb");
  char *bytes = malloc(1 << 20);
  if (!file || !bytes) {
    perror(path);
    exit(1);
  }
  *size = (int)fread(bytes, 1, (1 << 20) - 1, file);
  bytes[*size] = 0;
  fclose(file);
  return bytes;
}

/* Whoever applies all entries of a stream in order meets no conflict. */
static int conflict(void *ctx, int why, sqlite3_changeset_iter *at)
{
  const char *table = "?";
  int columns = 0, op = 0, indirect = 0;
  sqlite3changeset_op(at, &table, &columns, &op, &indirect);
  fprintf(stderr, "%s: conflict %d in %s\n", (const char *)ctx, why, table);
  return SQLITE_CHANGESET_ABORT;
}

int main(int argc, char **argv)
{
  sqlite3 *db = NULL;
  int size = 0;
  if (argc < 3 || sqlite3_open(argv[2], &db) != SQLITE_OK) return 2;
  char *sql = read_file(argv[1], &size);
  if (sqlite3_exec(db, sql, NULL, NULL, NULL) != SQLITE_OK || sqlite3_exec(db, "BEGIN", NULL, NULL, NULL)) {
    fprintf(stderr, "%s: %s\n", argv[1], sqlite3_errmsg(db));
    return 1;
  }
  free(sql);
  for (int i = 3; i < argc; i++) {
    char *bytes = read_file(argv[i], &size);
    if (sqlite3changeset_apply(db, size, bytes, NULL, conflict, argv[i]) != SQLITE_OK) {
      fprintf(stderr, "%s does not apply\n", argv[i]);
      return 1;
    }
    free(bytes);
  }
  printf("%d changesets applied\n", argc - 3);
  return sqlite3_exec(db, "COMMIT", NULL, NULL, NULL) != SQLITE_OK || sqlite3_close(db) != SQLITE_OK;
}
