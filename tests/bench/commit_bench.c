/* commit_bench.c - what the journal costs a node: the same price rows through the store, and into a plain
 * SQLite table with the same synchronous=FULL, in the same run, in turns.
 * usage: commit_bench [ROWS]   (2000)                       goal: >= 75 % */
#include "fixture.h"

#include "core/base/clock.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static double read_s(clockid_t id)
{
  struct timespec t;
  clock_gettime(id, &t);
  return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static double now_s(void)
{
  return read_s(CLOCK_MONOTONIC);
}

static double cpu_s(void)
{
  return read_s(CLOCK_PROCESS_CPUTIME_ID);
}

static void plain_row(struct db *db, int n)
{
  struct tx tx = {
      .db = db, .author = CHUNAN, .now_ms = FIXTURE_NOW_MS + n, .actor = "officer", .role = "officer"};
  tx.ids[SCOPE_BRANCH].base = id_of(1, (uint64_t)n + 1, 0);
  if (!db_begin(db, NULL) || !price_insert(&tx, n, NULL) || !db_commit(db, NULL)) abort();
}

int main(int argc, char **argv)
{
  int rows = argc > 1 ? atoi(argv[1]) : 2000;
  char path[160];
  struct site node;
  struct db *plain = NULL;
  fixture_begin();
  site_open(&node, "node", CHUNAN, 1);
  snprintf(path, sizeof path, "%s/plain.db", fixture_folder());
  site_migrate(path);
  if (!db_open(&plain, path, DB_WRITE, NULL)) return 1;
  enum { TURN = 100 };
  double plain_s = 0, store_s = 0, sign_s = 0, plain_cpu = 0, store_cpu = 0;
  for (int n = 0; n < rows; n += TURN) {
    double t0 = now_s(), c0 = cpu_s();
    for (int i = n; i < n + TURN; i++)
      plain_row(plain, i);
    double t1 = now_s(), c1 = cpu_s();
    for (int i = n; i < n + TURN; i++)
      site_record_price(&node, i);
    double t2 = now_s();
    plain_cpu += c1 - c0;
    store_cpu += cpu_s() - c1;
    if (!store_sign_head(node.store, FIXTURE_NOW_MS, NULL)) return 1;
    plain_s += t1 - t0;
    store_s += t2 - t1;
    sign_s += now_s() - t2;
  }
  printf("plain SQLite      %7.0f rows/s, %.0f us of CPU each\n", rows / plain_s, 1e6 * plain_cpu / rows);
  printf("through the store %7.0f rows/s, %.0f us of CPU each; signed every %d: %.0f rows/s\n",
         rows / store_s, 1e6 * store_cpu / rows, TURN, rows / (store_s + sign_s));
  printf("ratio             %.1f %%  (goal >= 75 %%; with signing %.1f %%)\n", 100 * plain_s / store_s,
         100 * plain_s / (store_s + sign_s));
  db_close(plain);
  site_close(&node);
  fixture_end();
  return 0;
}
