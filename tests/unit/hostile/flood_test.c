/* What costs a peer nothing costs the province next to nothing: few lines of the log, few rows. */
#include "hostile.h"

#include "core/base/log.h"
#include "core/base/log_pace.h"
#include "core/domain/security_event.h"
#include "hub/admit.h"
#include "hub/witness.h"

#include <stdio.h>
#include <unistd.h>

enum { FLOOD = 300 };

static struct hostile h;
static FILE *heard;
static int saved;

static void listen_to_the_log(void)
{
  heard = tmpfile();
  assert_non_null(heard);
  saved = dup(STDERR_FILENO);
  assert_true(dup2(fileno(heard), STDERR_FILENO) >= 0);
}

static int lines_logged(void)
{
  char text[2048];
  int n = 0;
  assert_true(dup2(saved, STDERR_FILENO) >= 0);
  close(saved);
  rewind(heard);
  while (fgets(text, sizeof text, heard))
    n++;
  (void)fclose(heard);
  return n;
}

static int64_t rows(const char *sql)
{
  struct err err = ERR_INIT;
  struct db *db = NULL;
  int64_t n = 0;
  assert_true(readers_take(h.hub.app.readers, &db, &err));
  assert_true(db_int(db, sql, 0, &n, &err));
  readers_give(h.hub.app.readers, db);
  return n;
}

static void be_refused(uint32_t branch, const char *peer)
{
  struct err why = ERR_INIT;
  (void)err_rule(&why, ERR_DENIED, "link", "frame_unexpected", "what it should not say");
  admit_event(&h.hub, branch, peer, &why);
}

static void refusals_without_end_are_few_lines_and_few_events(void **state)
{
  (void)state;
  static const char EVENTS[] = "SELECT count(*) FROM security_event /* scan: meant */";
  static const char LEAVES[] = "SELECT count(*) FROM sync_entry /* scan: meant */";
  hostile_open(&h, true);
  int64_t events = rows(EVENTS), leaves = rows(LEAVES);
  listen_to_the_log();
  for (int i = 0; i < FLOOD; i++) {
    be_refused(EVIL, "10.0.0.1");
    be_refused(0, "10.0.0.2");
  }
  assert_int_equal(lines_logged(), 2 * LOG_PACE_EACH);
  assert_int_equal(rows(EVENTS) - events, 2 * SECURITY_ROWS_PEER);
  assert_int_equal(rows(LEAVES) - leaves, 2 * SECURITY_ROWS_PEER);
  hostile_close(&h);
}

static void claims_without_end_are_few_lines_and_no_rows(void **state)
{
  (void)state;
  static const char EVIDENCE[] = "SELECT count(*) FROM sync_evidence /* scan: meant */";
  const struct held_message held = {.parted = 1, .record = {(const uint8_t *)"no record", 9}};
  const struct span note = {(const uint8_t *)"no note", 7};
  static const struct exchange_hub_action cosigned = {.cosigned = {{1, {(const uint8_t *)"no line\n", 8}}},
                                                      .cosigned_count = 1};
  hostile_open(&h, true);
  listen_to_the_log();
  for (int i = 0; i < FLOOD; i++) {
    witness_shown(&h.hub, BESIDE, note);
    witness_lost(&h.hub, BESIDE, &held);
    witness_cosigned(&h.hub, BESIDE, &cosigned);
  }
  assert_int_equal(lines_logged(), 3 * LOG_PACE_EACH);
  assert_int_equal(rows(EVIDENCE), 0);
  hostile_close(&h);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(refusals_without_end_are_few_lines_and_few_events),
      cmocka_unit_test(claims_without_end_are_few_lines_and_no_rows),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
