#include "tests/unit/program/files.h"

#include "core/base/readers.h"

#include <pthread.h>

static struct readers *with_database(int max)
{
  struct err err = ERR_INIT;
  struct db *db = NULL;
  assert_true(db_open(&db, in_folder("store.db"), DB_CREATE, &err));
  assert_true(db_exec(db, "CREATE TABLE t(n INTEGER PRIMARY KEY) STRICT; INSERT INTO t VALUES(7)", &err));
  db_close(db);
  struct readers *readers = NULL;
  assert_true(readers_open(&readers, in_folder("store.db"), max, &err));
  return readers;
}

static void a_reader_reads_and_cannot_write(void **state)
{
  (void)state;
  struct readers *readers = with_database(2);
  struct err err = ERR_INIT;
  struct db *db = NULL;
  int64_t n = 0;
  assert_true(readers_take(readers, &db, &err));
  assert_true(db_int(db, "SELECT n FROM t", 0, &n, &err));
  assert_int_equal(n, 7);
  assert_false(db_exec(db, "INSERT INTO t VALUES(8)", &err));
  readers_give(readers, db);
  readers_close(readers);
}

static void the_last_given_is_the_first_taken(void **state)
{
  (void)state;
  struct readers *readers = with_database(2);
  struct err err = ERR_INIT;
  struct db *a = NULL, *b = NULL, *again = NULL;
  assert_true(readers_take(readers, &a, &err));
  assert_true(readers_take(readers, &b, &err));
  readers_give(readers, b);
  readers_give(readers, a);
  assert_true(readers_take(readers, &again, &err));
  assert_ptr_equal(again, a);
  readers_give(readers, again);
  readers_close(readers);
}

static void *take_and_give(void *arg)
{
  struct readers *readers = arg;
  for (int i = 0; i < 200; i++) {
    struct db *db = NULL;
    if (!readers_take(readers, &db, NULL)) return arg;
    readers_give(readers, db);
  }
  return NULL;
}

static void many_threads_share_two_connections(void **state)
{
  (void)state;
  struct readers *readers = with_database(2);
  pthread_t threads[6];
  for (int i = 0; i < 6; i++)
    assert_int_equal(pthread_create(&threads[i], NULL, take_and_give, readers), 0);
  for (int i = 0; i < 6; i++) {
    void *failed = NULL;
    pthread_join(threads[i], &failed);
    assert_null(failed);
  }
  readers_close(readers);
}

static void a_missing_database_is_an_error_and_frees_its_place(void **state)
{
  (void)state;
  struct readers *readers = NULL;
  struct err err = ERR_INIT;
  struct db *db = NULL;
  assert_true(readers_open(&readers, in_folder("none.db"), 1, &err));
  assert_false(readers_take(readers, &db, &err));
  assert_int_equal(err.kind, ERR_IO);
  err_clear(&err);
  assert_false(readers_take(readers, &db, &err));
  assert_int_equal(err.kind, ERR_IO);
  readers_close(readers);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      test_in_folder(a_reader_reads_and_cannot_write),
      test_in_folder(the_last_given_is_the_first_taken),
      test_in_folder(many_threads_share_two_connections),
      test_in_folder(a_missing_database_is_an_error_and_frees_its_place),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
