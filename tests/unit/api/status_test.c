/* `sunlit-node status`: whatever needs a person is told with its word, a sentence, in both forms, and exit 1.
 */
#include "node/node.h"
#include "node/now.h"
#include "node/status.h"
#include "program/left_out.h"
#include "rig.h"
#include "site/site.h"
#include "sync/entry.h"

#include "core/base/clock.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

static struct node node;
static int now_file;
static char said[16384];
static struct err why;

static int open_rig(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  rig_site(&node.app, APP_NODE, COUNTY, NULL);
  if (!site_open(&node.app, &err)) fail_msg("%s", err.text);
  now_file = now_open(&node.app.dir);
  return now_file < 0;
}

static int close_rig(void **state)
{
  (void)state;
  now_close(now_file);
  site_close(&node.app);
  rig_site_close(&node.app);
  return 0;
}

/* The command with its output in `said` and its refusal in `why`; false is exit 1 (cli.h). */
static bool status(bool json)
{
  static const struct cli_command command = {
      .name = "status", .options = {{"dir", "DIR", true, ""}, {"json", NULL, false, ""}}};
  const struct cli_args args = {.command = &command, .values = {node.app.dir.path, json ? "" : NULL}};
  FILE *file = tmpfile();
  assert_non_null(file);
  fflush(stdout);
  int out = dup(STDOUT_FILENO);
  dup2(fileno(file), STDOUT_FILENO);
  err_clear(&why);
  bool ok = status_command(&args, &why);
  fflush(stdout);
  dup2(out, STDOUT_FILENO);
  close(out);
  rewind(file);
  said[fread(said, 1, sizeof said - 1, file)] = 0;
  fclose(file);
  return ok;
}

static void must_say(const char *word, const char *sentence)
{
  char member[200];
  if (status(false)) fail_msg("%s, and status says all is well: %s", word, said);
  assert_string_equal(why.rule, word);
  assert_non_null(strstr(why.text, word));
  if (!strstr(why.text, sentence)) fail_msg("%s is told as: %s", word, why.text);
  assert_non_null(strstr(said, "attention"));
  if (status(true)) fail_msg("%s, and status --json says all is well: %s", word, said);
  snprintf(member, sizeof member, "\"wrong\":\"%s\"", word);
  if (!strstr(said, member)) fail_msg("no %s in %s", member, said);
  if (!strstr(said, sentence)) fail_msg("%s has no sentence in %s", word, said);
  assert_non_null(strstr(said, "\"state\":\"attention\""));
}

static void must_be_well(void)
{
  if (!status(false)) fail_msg("%s", why.text);
  if (!status(true)) fail_msg("%s", why.text);
  if (!strstr(said, "\"wrong\":null")) fail_msg("%s", said);
  assert_null(strstr(said, "attention"));
}

/* By hand, as no line does it here. */
static void tamper(const char *sql)
{
  struct err err = ERR_INIT;
  struct db *db = NULL;
  char path[DATA_PATH_MAX];
  bool open = true;
  if (!db_open(&db, data_dir_path(&node.app.dir, "store.db", path), DB_WRITE, &err) ||
      !db_define_guard(db, "sunlit_guard", &open, &err) || !db_exec(db, sql, &err))
    fail_msg("%s: %s", sql, err.text);
  db_close(db);
}

static void stall(const char *rule, const char *text)
{
  snprintf(node.link.stall_rule, sizeof node.link.stall_rule, "%s", rule);
  snprintf(node.link.stall, sizeof node.link.stall, "%s", text);
  now_write(now_file, &node);
}

static void a_branch_that_is_well_is_exit_0(void **state)
{
  (void)state;
  stall("", "");
  must_be_well();
}

static void prices_that_claim_a_day_to_come_are_counted_with_how_to_correct_them(void **state)
{
  (void)state;
  must_be_well();
  assert_non_null(strstr(said, "\"later\":0"));
  tamper(
      "INSERT INTO price(branch, id, no, product, price_fen, unit, source, observed_date, note, void, "
      "outlier,"
      " actor, at_ms) VALUES(330127, 4097, 'JG1', 1, 100, 'kg', 'market', 20990101, '', 0, 0, 'officer', 1),"
      " (330127, 4098, 'JG2', 1, 100, 'kg', 'market', 20200101, '', 0, 0, 'officer', 1)");
  must_be_well();
  assert_non_null(strstr(said, "\"later\":1"));
  assert_true(status(false));
  assert_non_null(strstr(said, "1 own prices claim a day that has not come"));
  assert_non_null(strstr(said, "/records?state=later"));
}

static void what_the_line_cannot_go_on_for_is_told(void **state)
{
  (void)state;
  static const char *const rules[][2] = {
      {"fork", "two different entries 7 were signed"},
      {"frozen", "the province holds two records for one place"},
      {"diverged", "the province has another record at 7"},
      {"revoked", "the certificate of this branch was revoked"},
      {"cloned", "another machine runs with the keys of this branch"},
      {"two_hubs", "two programs run with the keys of this province"},
      {"log_rolled_back", "the province's log is shorter"},
  };
  for (size_t i = 0; i < sizeof rules / sizeof *rules; i++) {
    stall(rules[i][0], rules[i][1]);
    must_say(rules[i][0], rules[i][1]);
  }
  stall("", "");
  must_be_well();
}

static void a_log_that_contradicted_itself_is_told_before_what_the_line_says(void **state)
{
  (void)state;
  static const char *const rules[] = {"log_rewritten", "log_forked", "log_rolled_back", "leaves_differ"};
  tamper("INSERT INTO sync_witness(origin, size, root, note, verified_ms)"
         " VALUES('330000.sunlit/log', 1, zeroblob(32), 'note', 1)");
  stall("frozen", "the province holds two records for one place");
  for (size_t i = 0; i < sizeof rules / sizeof *rules; i++) {
    char sql[100];
    snprintf(sql, sizeof sql, "UPDATE sync_witness SET distrust = '%s'", rules[i]);
    tamper(sql);
    must_say(rules[i], "contradicted what it had signed before");
  }
  tamper("DELETE FROM sync_witness");
  stall("", "");
  must_be_well();
}

static void a_frozen_journal_is_told_without_a_line(void **state)
{
  (void)state;
  tamper("INSERT INTO sync_stream(author, lane, frozen_ms, frozen_reason) VALUES(330127, 0, 1, 'fork')"
         " ON CONFLICT DO UPDATE SET frozen_ms = 1, frozen_reason = 'fork'");
  must_say("frozen", "another record for one place of this branch's journal");
  tamper("UPDATE sync_stream SET frozen_ms = 0, frozen_reason = ''");
  must_be_well();
}

static void what_is_in_no_table_is_named(void **state)
{
  (void)state;
  enum { ASIDES = LEFT_OUT_SHOWN + 2 };
  struct record record = {.stream = {COUNTY, 0},
                          .epoch = 1,
                          .seq = 7,
                          .hlc = UINT64_C(1795500000000) << 16,
                          .schema = 1,
                          .actor = name_of("officer"),
                          .action = name_of("price.correct"),
                          .subject = name_of("")};
  struct buf bytes = BUF_INIT;
  char hex[1200], sql[2000];
  assert_true(record_encode(&bytes, &record, &why));
  hex_encode(hex, bytes.data, bytes.size);
  for (int i = 1; i <= ASIDES; i++) {
    snprintf(
        sql, sizeof sql,
        "INSERT INTO sync_aside(id, cut, author, lane, epoch, seq, record, made_ms, aside_ms, state, reason)"
        " VALUES(%d, 1, 330127, 0, 1, 7, x'%s', 1795500000000, 2, '%s', '%s')",
        i, hex, i == 1 ? "again" : "kept", i == 1 ? "" : "row_differs");
    tamper(sql);
  }
  buf_wipe(&bytes);
  assert_true(status(false));
  assert_non_null(
      strstr(said, "put aside, kept: entry 7 of 330127/0, price.correct by officer at 2026-11-24"));
  assert_non_null(strstr(said, ": row_differs\n"));
  assert_non_null(strstr(said, "and 1 more that are put aside\n"));
  assert_true(status(true));
  assert_non_null(strstr(said, "\"put_aside_total\":21"));
  assert_non_null(strstr(said, "\"action\":\"price.correct\""));
  tamper("DELETE FROM sync_aside");
  assert_true(status(false));
  assert_null(strstr(said, "put aside"));
}

static void a_copy_that_waits_for_its_province_is_told(void **state)
{
  (void)state;
  tamper("INSERT INTO sync_restored(id, copied_ms) VALUES(1, 1)");
  must_say("restored", "put back from a backup");
  tamper("DELETE FROM sync_restored");
  must_be_well();
}

static void a_program_that_says_nothing_is_told(void **state)
{
  (void)state;
  static const char long_ago[] = "1\n";
  assert_int_equal(pwrite(now_file, long_ago, 2, 0), 2);
  must_say("silent", "it hangs, or its disk does");
  stall("", "");
  must_be_well();
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_branch_that_is_well_is_exit_0),
      cmocka_unit_test(what_the_line_cannot_go_on_for_is_told),
      cmocka_unit_test(a_log_that_contradicted_itself_is_told_before_what_the_line_says),
      cmocka_unit_test(a_frozen_journal_is_told_without_a_line),
      cmocka_unit_test(what_is_in_no_table_is_named),
      cmocka_unit_test(a_copy_that_waits_for_its_province_is_told),
      cmocka_unit_test(a_program_that_says_nothing_is_told),
      cmocka_unit_test(prices_that_claim_a_day_to_come_are_counted_with_how_to_correct_them),
  };
  return cmocka_run_group_tests(tests, open_rig, close_rig);
}
