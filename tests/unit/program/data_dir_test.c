#include "tests/unit/program/files.h"

#include "core/base/data_dir.h"

static void place_keys(struct data_dir *dir, const char *content)
{
  struct err err = ERR_INIT;
  assert_true(data_dir_keys_begin(dir, &err));
  assert_true(data_dir_write(dir, "keys.new/author.key", content, strlen(content), &err));
  assert_true(data_dir_keys_place(dir, &err));
}

static void a_second_program_is_refused_and_told_who_holds_it(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  struct data_dir first, second, beside;
  char holder[32];
  assert_true(data_dir_open(&first, in_folder("D"), DATA_DIR_CREATE, &err));
  place_keys(&first, "key");
  assert_false(data_dir_open(&second, in_folder("D/"), DATA_DIR_LOCKED, &err));
  assert_int_equal(err.kind, ERR_BUSY);
  snprintf(holder, sizeof holder, "process %ld", (long)getpid());
  assert_non_null(strstr(err.text, holder));
  assert_true(data_dir_open(&beside, in_folder("D"), DATA_DIR_SHARED, &err));
  data_dir_close(&beside);
  data_dir_close(&first);
  assert_true(data_dir_open(&second, in_folder("D"), DATA_DIR_LOCKED, &err));
  assert_true(data_dir_held(&second));
  data_dir_close(&second);
  assert_false(data_dir_held(&second)); /* the lock still names who had it */
}

static void who_rebuilds_says_so_as_long_as_it_does(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  struct data_dir first, second;
  assert_true(data_dir_open(&first, in_folder("rebuilt"), DATA_DIR_CREATE, &err));
  assert_false(data_dir_rebuilds(&first));
  data_dir_say_rebuild(&first);
  assert_true(data_dir_rebuilds(&first));
  assert_false(data_dir_open(&second, in_folder("rebuilt"), DATA_DIR_CREATE, &err));
  assert_non_null(strstr(err.text, "which rebuilds it"));
  data_dir_close(&first);
  assert_false(data_dir_rebuilds(&first));
  assert_true(data_dir_open(&first, in_folder("rebuilt"), DATA_DIR_CREATE, &err));
  assert_false(data_dir_rebuilds(&first)); /* the next who holds it is another */
  data_dir_close(&first);
}

static void a_folder_that_is_not_ours_is_refused(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  struct data_dir dir;
  assert_false(data_dir_open(&dir, folder, DATA_DIR_LOCKED, &err));
  assert_string_equal(err.rule, "no_data_dir");
  assert_int_not_equal(access(in_folder("lock"), F_OK), 0);
}

static void files_are_the_owners_alone_and_read_back_whole(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  struct data_dir dir;
  struct buf got = BUF_INIT;
  struct stat st;
  assert_true(data_dir_open(&dir, in_folder("D"), DATA_DIR_CREATE, &err));
  place_keys(&dir, "secret");
  assert_true(data_dir_has(&dir, "keys/author.key"));
  assert_int_equal(stat(in_folder("D/keys/author.key"), &st), 0);
  assert_int_equal(st.st_mode & 0777, 0600);
  assert_true(data_dir_read(&dir, "keys/author.key", 6, &got, &err));
  assert_int_equal(got.size, 6);
  assert_memory_equal(got.data, "secret", 6);
  assert_false(data_dir_read(&dir, "keys/author.key", 5, &got, &err));
  assert_string_equal(err.rule, "file_size");
  err_clear(&err);
  assert_false(data_dir_read(&dir, "keys/tls.key", 5, &got, &err));
  assert_int_equal(err.kind, ERR_MISSING);
  buf_wipe(&got);
  data_dir_close(&dir);
}

static void keys_are_put_in_place_in_one_step_and_the_old_ones_kept(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  struct data_dir dir;
  struct buf got = BUF_INIT;
  assert_true(data_dir_open(&dir, in_folder("D"), DATA_DIR_CREATE, &err));
  assert_false(data_dir_has(&dir, "keys"));
  place_keys(&dir, "first");
  place_keys(&dir, "second");
  place_keys(&dir, "third");
  assert_true(data_dir_read(&dir, "keys/author.key", 100, &got, &err));
  assert_true(data_dir_read(&dir, "keys.old/author.key", 100, &got, &err));
  assert_int_equal(got.size, 11);
  assert_memory_equal(got.data, "thirdsecond", 11);
  assert_false(data_dir_has(&dir, "keys.new"));
  buf_wipe(&got);
  data_dir_close(&dir);
}

static void is_placed(struct data_dir *dir, const char *keys, const char *old)
{
  struct err err = ERR_INIT;
  struct buf got = BUF_INIT;
  char both[32];
  assert_true(data_dir_read(dir, "keys/author.key", 100, &got, &err));
  assert_true(data_dir_read(dir, "keys.old/author.key", 100, &got, &err));
  put_u8(&got, 0);
  snprintf(both, sizeof both, "%s%s", keys, old);
  assert_string_equal((const char *)got.data, both);
  assert_false(data_dir_has(dir, "keys.new"));
  assert_false(data_dir_has(dir, "keys.next"));
  buf_wipe(&got);
}

/* A crash after each of the three renames, and whoever opens the directory next, by either way of opening. */
static void a_crash_while_keys_are_placed_is_finished_by_the_next_opening(void **state)
{
  (void)state;
  static const enum data_dir_mode modes[] = {DATA_DIR_LOCKED, DATA_DIR_CREATE, DATA_DIR_SHARED};
  for (int crash = 1; crash <= 3; crash++)
    for (int i = 0; i < 3; i++) {
      struct err err = ERR_INIT;
      struct data_dir dir;
      char name[16];
      snprintf(name, sizeof name, "D%d%d", crash, i);
      assert_true(data_dir_open(&dir, in_folder(name), DATA_DIR_CREATE, &err));
      place_keys(&dir, "first");
      place_keys(&dir, "second");
      char from[DATA_PATH_MAX], to[DATA_PATH_MAX];
      data_dir_path(&dir, "keys", from);
      assert_int_equal(rename(from, data_dir_path(&dir, "keys.next", to)), 0); /* second is decided */
      if (crash == 1) {
        data_dir_path(&dir, "keys.old", from);
        assert_int_equal(rename(from, data_dir_path(&dir, "keys", to)), 0);
      }
      if (crash == 3) assert_int_equal(rename(to, from), 0);
      data_dir_close(&dir);
      bool ok = data_dir_open(&dir, in_folder(name), modes[i], &err);
      if (!ok) print_message("%s\n", err.text);
      assert_true(ok);
      is_placed(&dir, "second", "first");
      data_dir_close(&dir);
    }
}

/* Somebody else has the directory and does not place them: nothing is read with the keys of before, and what
 * it says is not that they are missing. */
static void keys_that_are_decided_and_not_in_place_are_said_to_be_so(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  struct data_dir dir, beside;
  char from[DATA_PATH_MAX], to[DATA_PATH_MAX];
  assert_true(data_dir_open(&dir, in_folder("D"), DATA_DIR_CREATE, &err));
  assert_true(data_dir_write(&dir, "store.db", "x", 1, &err));
  place_keys(&dir, "first");
  data_dir_path(&dir, "keys", from);
  assert_int_equal(rename(from, data_dir_path(&dir, "keys.next", to)), 0);
  assert_false(data_dir_open(&beside, in_folder("D"), DATA_DIR_SHARED, &err));
  assert_string_equal(err.rule, "keys_unplaced");
  assert_int_equal(err.kind, ERR_BUSY);
  assert_non_null(strstr(err.text, "keys.next"));
  data_dir_close(&dir);
  err_clear(&err);
  assert_true(data_dir_open(&beside, in_folder("D"), DATA_DIR_SHARED, &err));
  assert_true(data_dir_has(&beside, "keys/author.key"));
  assert_int_equal(beside.lock, -1);
  data_dir_close(&beside);
}

/* What a command writes while a rebuilding makes the next database would be in the one before. */
static void nobody_writes_beside_while_the_database_is_replaced(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  struct data_dir program, first, second, reader;
  assert_true(data_dir_open(&program, in_folder("D"), DATA_DIR_CREATE, &err));
  place_keys(&program, "key");
  assert_true(data_dir_open(&first, in_folder("D"), DATA_DIR_BESIDE, &err));
  assert_true(data_dir_open(&second, in_folder("D"), DATA_DIR_BESIDE, &err));
  data_dir_close(&first);
  data_dir_close(&second);
  int bar = data_dir_bar(&program, &err);
  assert_true(bar >= 0);
  assert_false(data_dir_open(&first, in_folder("D"), DATA_DIR_BESIDE, &err));
  assert_int_equal(err.kind, ERR_BUSY);
  assert_string_equal(err.rule, "dir_in_use");
  err_clear(&err);
  assert_true(data_dir_open(&reader, in_folder("D"), DATA_DIR_SHARED, &err));
  close(bar);
  assert_true(data_dir_open(&first, in_folder("D"), DATA_DIR_BESIDE, &err));
  data_dir_close(&first);
  data_dir_close(&reader);
  data_dir_close(&program);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      test_in_folder(a_second_program_is_refused_and_told_who_holds_it),
      test_in_folder(who_rebuilds_says_so_as_long_as_it_does),
      test_in_folder(a_folder_that_is_not_ours_is_refused),
      test_in_folder(nobody_writes_beside_while_the_database_is_replaced),
      test_in_folder(keys_are_put_in_place_in_one_step_and_the_old_ones_kept),
      test_in_folder(a_crash_while_keys_are_placed_is_finished_by_the_next_opening),
      test_in_folder(keys_that_are_decided_and_not_in_place_are_said_to_be_so),
      test_in_folder(files_are_the_owners_alone_and_read_back_whole),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
