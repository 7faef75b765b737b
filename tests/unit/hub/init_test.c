/* A directory is made into a province once: what an init was broken off in begins anew, and what a province
 * has run on is never touched, whatever is missing beside it. */
#include "core/base/cli.h"
#include "core/base/data_dir.h"
#include "core/base/db.h"
#include "hub/init.h"
#include "tests/unit/sync/fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const struct cli_command command = {
    .name = "init",
    .options = {{"dir", "D", true, ""}, {"name", "NAME", false, ""}, {"province", "N", false, ""}}};
static char folder[200];

static const char *within(const char *name)
{
  static char path[4][300];
  static unsigned turn;
  char *out = path[turn++ % 4];
  (void)snprintf(out, 300, "%s/%s", folder, name);
  return out;
}

static int begin(void **state)
{
  (void)state;
  fixture_begin();
  (void)snprintf(folder, sizeof folder, "%s/province", fixture_folder());
  return 0;
}

static int end(void **state)
{
  (void)state;
  fixture_end();
  return 0;
}

static bool init(struct err *err)
{
  const struct cli_args args = {.command = &command, .values = {folder}};
  *err = (struct err)ERR_INIT;
  return init_command(&args, err);
}

static int64_t ask(const char *sql)
{
  struct err err = ERR_INIT;
  struct db *db = NULL;
  int64_t value = -1;
  if (!db_open(&db, within("store.db"), DB_READ, &err) || !db_int(db, sql, -1, &value, &err))
    fail_msg("%s", err.text);
  db_close(db);
  return value;
}

static void execute(const char *sql)
{
  struct err err = ERR_INIT;
  struct db *db = NULL;
  if (!db_open(&db, within("store.db"), DB_WRITE, &err) || !db_exec(db, sql, &err)) fail_msg("%s", err.text);
  db_close(db);
}

static void it_is_made_once(void **state)
{
  (void)state;
  struct err err;
  if (!init(&err)) fail_msg("%s", err.text);
  assert_false(init(&err));
  assert_string_equal(err.rule, "exists");
}

static void without_its_keys_it_stays_as_it_is(void **state)
{
  (void)state;
  struct err err;
  struct data_dir dir;
  assert_true(init(&err));
  int64_t entries = ask("SELECT count(*) FROM sync_entry");
  execute("UPDATE account SET name = name || 'x'"); /* what would not be there in another one */
  assert_int_equal(rename(within("keys"), within("elsewhere")), 0);
  assert_false(init(&err));
  assert_string_equal(err.rule, "keys_missing");
  assert_false(data_dir_open(&dir, folder, DATA_DIR_SHARED, &err));
  assert_string_equal(err.rule, "keys_missing");
  assert_int_equal(ask("SELECT count(*) FROM sync_entry"), entries);
  assert_int_equal(ask("SELECT count(*) FROM account WHERE name LIKE '%x'"), 1);
  assert_non_null(strstr(err.text, "restore a backup"));
  assert_int_equal(mkdir(within("keys.new"), 0700), 0); /* what was broken off says how to end it */
  err_clear(&err);
  assert_false(data_dir_open(&dir, folder, DATA_DIR_SHARED, &err));
  assert_string_equal(err.rule, "keys_missing");
  assert_non_null(strstr(err.text, "Give the same command again"));
}

static void its_name_is_held_to_the_rule_of_names(void **state)
{
  static const struct {
    const char *name, *rule;
  } cases[] = {{"浙\u202e江", "direction_character"},
               {"\xff\xfe", "encoding"},
               {"", "required"},
               {"\u3000", "required"},
               {"\ue000", "required"}};
  (void)state;
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    const struct cli_args args = {.command = &command, .values = {folder, cases[i].name}};
    struct err err = ERR_INIT;
    assert_false(init_command(&args, &err));
    assert_string_equal(err.rule, cases[i].rule);
    assert_int_not_equal(access(within("keys"), F_OK), 0);
  }
}

static void one_that_was_broken_off_begins_anew(void **state)
{
  (void)state;
  struct err err;
  assert_true(init(&err));
  execute("UPDATE account SET name = name || 'x'");
  assert_int_equal(rename(within("keys"), within("keys.new")), 0); /* killed before they were placed */
  if (!init(&err)) fail_msg("%s", err.text);
  assert_int_equal(ask("SELECT count(*) FROM account WHERE name LIKE '%x'"), 0);
  assert_int_equal(access(within("keys"), F_OK), 0);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(it_is_made_once, begin, end),
      cmocka_unit_test_setup_teardown(without_its_keys_it_stays_as_it_is, begin, end),
      cmocka_unit_test_setup_teardown(its_name_is_held_to_the_rule_of_names, begin, end),
      cmocka_unit_test_setup_teardown(one_that_was_broken_off_begins_anew, begin, end),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
