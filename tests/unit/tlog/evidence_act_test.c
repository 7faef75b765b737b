/* Who had an entry withheld, by which rule and when, as an auditor reads it from the province's own entry. */
#include "core/base/capture.h"
#include "sync/evidence_act.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static const uint8_t about[HASH_SIZE] = {0xab, 0xcd};

/* PROTOCOL 4.5, and what a later program may add. */
#define COLUMNS                                                                                              \
  "id INTEGER PRIMARY KEY, author, epoch, seq, record_hash, lane, pos, rule, law, why, asked_by, letter, "   \
  "actor"

/* What the SQL does to such a table, as the payload of an entry. */
static void payload_of(struct buf *out, const char *columns, const char *sql)
{
  static const char *const tables[] = {"withholding", "other"};
  struct db *db = NULL;
  struct capture *capture = NULL;
  struct err err = ERR_INIT;
  char create[400];
  (void)snprintf(create, sizeof create, "CREATE TABLE withholding(%s); CREATE TABLE other(%s)", columns,
                 columns);
  bool ok = db_open(&db, ":memory:", DB_CREATE, &err) && db_exec(db, create, &err) &&
            capture_open(&capture, db, tables, 2, &err);
  if (ok) capture_begin(capture);
  ok = ok && db_exec(db, sql, &err) && capture_end(capture, out, &err);
  if (!ok) fail_msg("%s: %s", sql, err.text);
  capture_close(capture);
  db_close(db);
}

#define ACT(id, hash, rule, asked_by, actor)                                                                 \
  "(" id ", 330127, 1, 7, x'" hash "', 0, 9, " rule ", '', '', " asked_by ", '', " actor ", 1795316000000"
#define ZEROS "000000000000000000000000000000000000000000000000000000000000"

static bool reads(const char *columns, const char *sql, struct evidence_act *act)
{
  struct buf payload = BUF_INIT;
  payload_of(&payload, columns, sql);
  *act = (struct evidence_act){.pos = 5};
  bool read = evidence_act_read(payload.data, payload.size, about, act);
  assert_int_equal(act->pos, 5);
  buf_wipe(&payload);
  return read;
}

static void the_act_about_an_entry_is_found_among_others(void **state)
{
  struct evidence_act act;
  (void)state;
  assert_true(
      reads(COLUMNS ", at_ms",
            "INSERT INTO other VALUES" ACT(
                "1", "abcd" ZEROS, "'o'", "'o'",
                "'o'") ");"
                       "INSERT INTO withholding VALUES" ACT("1", "abce" ZEROS, "'x'", "'x'", "'x'") "), " ACT(
                           "2", "abcd" ZEROS, "'pipl47'", "'法院'", "'keeper'") ")",
            &act));
  assert_string_equal(act.rule, "pipl47");
  assert_string_equal(act.asked_by, "法院");
  assert_string_equal(act.actor, "keeper");
  assert_int_equal(act.at_ms, 1795316000000);
  assert_false(reads(COLUMNS ", at_ms",
                     "INSERT INTO withholding VALUES" ACT("1", "abce" ZEROS, "'x'", "'x'", "'x'") ")", &act));
}

/* A program that adds a column is read as before; one that lacks a column says no such thing. */
static void columns_are_known_by_their_place(void **state)
{
  struct evidence_act act;
  (void)state;
  assert_true(reads(COLUMNS ", at_ms, later",
                    "INSERT INTO withholding VALUES" ACT("2", "abcd" ZEROS, "'r'", "'b'", "'a'") ", 'new')",
                    &act));
  assert_string_equal(act.actor, "a");
  assert_false(reads(COLUMNS,
                     "INSERT INTO withholding VALUES(1, 330127, 1, 7, x'abcd" ZEROS
                     "', 0, 9, 'r', '', '', 'b', '', 'a')",
                     &act));
}

static void a_text_fits_or_the_act_is_not_read(void **state)
{
  static const struct {
    int rule, asked_by, actor;
    bool read;
  } cases[] = {{40, 64, 64, true}, {41, 1, 1, false}, {1, 65, 1, false}, {1, 1, 65, false}};
  (void)state;
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    struct evidence_act act;
    char sql[600];
    (void)snprintf(sql, sizeof sql,
                   "INSERT INTO withholding VALUES" ACT("1", "abcd" ZEROS, "'%.*s'", "'%.*s'", "'%.*s'") ")",
                   cases[i].rule, "rrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrr", cases[i].asked_by,
                   "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb", cases[i].actor,
                   "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa");
    if (reads(COLUMNS ", at_ms", sql, &act) != cases[i].read) fail_msg("case %zu", i);
    if (!cases[i].read) continue;
    assert_int_equal(strlen(act.rule), cases[i].rule);
    assert_int_equal(strlen(act.asked_by), cases[i].asked_by);
    assert_int_equal(strlen(act.actor), cases[i].actor);
  }
  struct evidence_act act;
  assert_false(reads(COLUMNS ", at_ms",
                     "INSERT INTO withholding VALUES" ACT("1", "abcd" ZEROS, "7", "'b'", "'a'") ")", &act));
}

/* Nor is a row that went, or a hash that is no hash. */
static void only_an_added_row_with_a_whole_hash_is_an_act(void **state)
{
  struct evidence_act act;
  (void)state;
  assert_false(reads(COLUMNS ", at_ms",
                     "INSERT INTO withholding VALUES" ACT("1", "abcd", "'r'", "'b'", "'a'") ")", &act));
  assert_false(reads(COLUMNS ", at_ms",
                     "INSERT INTO withholding VALUES" ACT("1", "abcd" ZEROS "00", "'r'", "'b'", "'a'") ")",
                     &act));
  assert_false(reads(COLUMNS ", at_ms",
                     "INSERT INTO withholding VALUES(1, 330127, 1, 7,"
                     " CAST(x'abcd" ZEROS "' AS TEXT), 0, 9, 'r', '', '', 'b', '', 'a', 1)",
                     &act));
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_act_about_an_entry_is_found_among_others),
      cmocka_unit_test(columns_are_known_by_their_place),
      cmocka_unit_test(a_text_fits_or_the_act_is_not_read),
      cmocka_unit_test(only_an_added_row_with_a_whole_hash_is_an_act),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
