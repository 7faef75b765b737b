/* A province is rebuilt from its branches, and one of them brings what is not so: the honest rest leads to
 * the right root, the words name the one whose it was, and leaving it out forgets all of it.  The branches
 * keep mirrors of the log, as those of an earlier version do; recall_keep_test.c is of those that keep tiles.
 */
#include "sync/recall_line.h"
#include "sync/streams.h"
#include "sync/tlog.h"
#include "tests/sim/lost.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { LIAR = 2, MEMBERS = 3 };

static const int64_t START_MS = 1795316000000;

static struct province p;
static struct lost lost;
static struct tlog_state root_before;
static struct recall_state look;
static char old[200]; /* the hub of the first minutes */

static int64_t wall(void)
{
  return START_MS + p.mono_ms;
}

static uint32_t code(size_t member)
{
  return p.members[member].site.code;
}

static void meet(size_t i)
{
  province_meet(&p, &p.members[i]);
}

static void meet_all(void)
{
  for (size_t round = 0; round < 2; round++)
    for (size_t i = 0; i < MEMBERS; i++)
      meet(i);
}

/* All are there at once and have something to be proved: all witness the log to its end. */
static void all_witness(void)
{
  for (size_t i = 0; i < MEMBERS; i++) {
    site_prices(&p.members[i].site, 1, wall());
    p.mono_ms += 60000;
    province_connect(&p, &p.members[i]);
  }
  province_settle(&p);
  for (int i = 0; i < 4; i++) {
    p.mono_ms += 31000;
    province_tick(&p);
    province_settle(&p);
  }
  for (size_t i = 0; i < MEMBERS; i++)
    if (p.members[i].node) province_hang_up(&p, &p.members[i]);
}

static void in_branch(size_t member, const char *sql)
{
  struct err err = ERR_INIT;
  must(db_exec(p.members[member].site.db, "PRAGMA query_only = 0", &err), &err, "PRAGMA");
  must(db_exec(p.members[member].site.db, sql, &err), &err, sql);
}

/* A backup of the first minutes; then prices of all, decisions for two of them, products for everybody. */
static void a_life(void)
{
  struct err err = ERR_INIT;
  province_open(&p, MEMBERS, START_MS);
  site_product(&p.hub, 1, "radish", wall());
  meet_all();
  lost_backup(&lost, &p);
  snprintf(old, sizeof old, "%s/old.copy", p.folder);
  site_backup(&p.hub, old);
  for (size_t i = 0; i < MEMBERS; i++) {
    site_prices(&p.members[i].site, 3, wall());
    meet(i);
    site_prices(&p.members[i].site, 2, wall());
    meet(i);
  }
  for (int i = 0; i < 3; i++) {
    site_decide(&p.hub, code(0), "for the first", wall());
    site_decide(&p.hub, code(1), "for the second", wall());
  }
  site_product(&p.hub, 2, "bamboo", wall());
  site_product(&p.hub, 3, "tea", wall());
  meet_all();
  all_witness();
  must(tlog_state(p.hub.db, &root_before, &err), &err, "tlog_state");
  lost_mirrors(&p);
}

static void look_at_it(void)
{
  struct err err = ERR_INIT;
  must(recall_look(lost.recall, &look, &err), &err, "recall_look");
}

static bool is_blamed(uint32_t branch, const char *word)
{
  look_at_it();
  for (size_t i = 0; i < look.fault_count; i++)
    if (look.faults[i].branch == branch && strstr(look.faults[i].why, word)) return true;
  return false;
}

static void only_the_liar_is_blamed(const char *word)
{
  assert_true(is_blamed(code(LIAR), word));
  assert_int_equal(look.fault_count, 1);
}

static void bring_all_the_liar_first(void)
{
  static const size_t order[MEMBERS] = {LIAR, 0, 1};
  for (size_t i = 0; i < MEMBERS; i++)
    assert_true(lost_bring(&lost, &p, order[i], SIZE_MAX));
}

static void it_comes_back_by_an_honest_mirror(void)
{
  struct err err = ERR_INIT;
  struct recall_report report;
  look_at_it();
  assert_true(look.whole);
  assert_int_equal(look.missing, 0);
  assert_int_equal(look.waiting_count, 0);
  must(lost_assemble(&lost, &report, &err), &err, "recall_assemble");
  assert_int_equal(report.size, root_before.size);
  assert_memory_equal(&report.root, &root_before.root, sizeof report.root);
  lost_start(&lost, &p);
  assert_int_equal(site_count(&p.hub, "SELECT count(*) FROM product"), 3);
  assert_int_equal(site_count(&p.hub, "SELECT count(*) FROM decision"), 6);
  assert_int_equal(site_count(&p.hub, "SELECT count(*) FROM price"), 18);
  assert_true(site_verifies(&p.hub));
}

static void end(void)
{
  lost_end(&lost);
  province_close(&p);
}

static const char LAST_RUN[] = " WHERE first_pos = (SELECT max(first_pos) FROM sync_mirror_run)";

static void a_mirror_with_entries_that_never_were_keeps_nobody(void **state)
{
  char sql[400];
  (void)state;
  a_life();
  snprintf(sql, sizeof sql, "UPDATE sync_mirror_run SET first_seq = 500001%s", LAST_RUN);
  in_branch(LIAR, sql);
  lost_disk(&lost, &p);
  bring_all_the_liar_first();
  only_the_liar_is_blamed("500001");
  it_comes_back_by_an_honest_mirror();
  end();
}

static void a_mirror_with_this_run_is_not_used(const char *stream, const char *named)
{
  char sql[400];
  a_life();
  snprintf(sql, sizeof sql, "UPDATE sync_mirror_run SET %s, first_seq = 1%s", stream, LAST_RUN);
  in_branch(LIAR, sql);
  lost_disk(&lost, &p);
  bring_all_the_liar_first();
  only_the_liar_is_blamed(named);
  it_comes_back_by_an_honest_mirror();
  end();
}

/* A county of another province, and a branch with a second stream. */
static void a_mirror_with_streams_that_no_log_of_this_province_has_is_not_used(void **state)
{
  (void)state;
  a_mirror_with_this_run_is_not_used("author = 440105, lane = 0", "440105/0");
  a_mirror_with_this_run_is_not_used("author = 330999, lane = 330998", "330999/330998");
}

/* The runs follow on one another, and are of a county that never was. */
static void who_is_only_in_a_false_mirror_is_not_waited_for(void **state)
{
  char sql[400];
  struct err err = ERR_INIT;
  struct recall_report report;
  (void)state;
  a_life();
  snprintf(sql, sizeof sql, "UPDATE sync_mirror_run SET author = 330999, lane = 0, first_seq = 1%s",
           LAST_RUN);
  in_branch(0, sql);
  lost_disk(&lost, &p);
  assert_true(lost_bring(&lost, &p, 0, SIZE_MAX));
  look_at_it();
  assert_int_equal(look.mirror_of, code(0)); /* as long as there is no other */
  assert_true(look.missing > 0);
  assert_false(lost_assemble(&lost, &report, &err));
  assert_true(lost_bring(&lost, &p, 1, SIZE_MAX));
  assert_true(lost_bring(&lost, &p, LIAR, SIZE_MAX));
  look_at_it();
  assert_int_not_equal(look.mirror_of, code(0));
  it_comes_back_by_an_honest_mirror();
  end();
}

static void put_run(struct buf *out, uint64_t first_seq, uint64_t count)
{
  put_u32(out, 330999);
  put_u32(out, 0);
  put_varint(out, first_seq);
  put_varint(out, count);
  put_varint(out, (uint64_t)START_MS);
}

static void bring_too_much(uint64_t beyond)
{
  struct err err = ERR_INIT;
  struct buf frame = BUF_INIT;
  struct mirror_reader m;
  static struct recalled nothing; /* large */
  const struct recall_guest guest = {.branch = 330998, .serial = "5e"};
  a_life();
  lost_disk(&lost, &p);
  bring_all_the_liar_first();
  look_at_it();
  put_u64(&frame, look.have);
  const uint64_t ends = look.target + beyond - look.have;
  put_u64(&frame, look.have + ends + 1000);
  put_varint(&frame, 1001);
  put_run(&frame, 1, ends);
  for (uint64_t i = 0; i < 1000; i++)
    put_run(&frame, ends + 1 + i, 1);
  put_varint(&frame, 0);
  must(mirror_open(&m, frame.data, frame.size, &err), &err, "mirror_open");
  must(recall_take_answer(lost.recall, guest.branch, &nothing, wall(), &err), &err, "recall_take_answer");
  must(recall_take_mirror(lost.recall, guest.branch, &m, &err), &err, "recall_take_mirror");
  must(recall_take_end(lost.recall, &guest, wall(), &err), &err, "recall_take_end");
  assert_int_equal(lost_gathered(&lost, "SELECT count(*) FROM run WHERE source = 330998"), 1);
  assert_int_equal(lost_gathered(&lost, "SELECT bytes FROM branch WHERE source = 330998"),
                   sizeof(struct mirror_run));
  buf_wipe(&frame);
  it_comes_back_by_an_honest_mirror();
  end();
}

/* What begins behind it; and one that goes on behind it reaches no further than where it began. */
static void what_lies_behind_every_checkpoint_is_not_kept(void **state)
{
  (void)state;
  bring_too_much(0);
  bring_too_much(7);
}

/* Every entry at the place of the next. */
static void entries_at_the_place_of_others_are_passed_over(void **state)
{
  (void)state;
  a_life();
  in_branch(LIAR, "CREATE TABLE was AS SELECT * FROM sync_mirror_entry;"
                  "UPDATE sync_mirror_entry AS e SET (record, sealed) = (SELECT record, sealed FROM was"
                  " WHERE pos = coalesce((SELECT min(pos) FROM was WHERE pos > e.pos),"
                  " (SELECT min(pos) FROM was))); DROP TABLE was");
  lost_disk(&lost, &p);
  bring_all_the_liar_first();
  only_the_liar_is_blamed("where its runs have another");
  it_comes_back_by_an_honest_mirror();
  end();
}

/* A record that was none, as if its content had been withheld, in the right place and behind the right one.
 */
static void forge_withheld(void)
{
  struct err err = ERR_INIT;
  struct buf forged = BUF_INIT;
  struct record record;
  struct query q = query_open(p.members[LIAR].site.db,
                              "SELECT pos, record FROM sync_mirror_entry ORDER BY pos DESC LIMIT 1", &err);
  size_t n = 0;
  assert_true(query_row(&q));
  int64_t pos = column_int(&q, 0);
  const void *bytes = column_blob(&q, 1, &n);
  must(record_decode(&record, bytes, n, &err), &err, "record_decode");
  record.hlc++;
  must(record_encode(&forged, &record, &err), &err, "record_encode");
  must(query_close(&q), &err, "query_close");
  q = query_open(p.members[LIAR].site.db,
                 "UPDATE sync_mirror_entry SET record = ?2, sealed = NULL WHERE pos = ?1", &err);
  query_int(&q, 1, pos);
  query_blob(&q, 2, forged.data, forged.size);
  must(query_run(&q), &err, "UPDATE");
  buf_wipe(&forged);
}

static void an_entry_that_never_was_leads_only_its_own_mirror_astray(void **state)
{
  (void)state;
  a_life();
  in_branch(LIAR, "SELECT 1");
  forge_withheld();
  lost_disk(&lost, &p);
  bring_all_the_liar_first();
  assert_int_equal(
      lost_gathered(&lost,
                    "SELECT count(*) FROM (SELECT 1 FROM ours GROUP BY lane, seq HAVING count(*) > 1)"),
      1);
  it_comes_back_by_an_honest_mirror();
  end();
}

static void content_that_one_keeps_back_comes_from_another(void **state)
{
  (void)state;
  a_life();
  in_branch(LIAR, "UPDATE sync_mirror_entry SET sealed = NULL;"
                  "UPDATE sync_entry SET payload = NULL WHERE pos IN (SELECT e.pos FROM sync_entry AS e JOIN"
                  " sync_span AS s ON e.pos >= s.first_pos AND e.pos < s.first_pos + CASE s.count WHEN 0 THEN"
                  " 1000000 ELSE s.count END WHERE s.author = 330000)");
  lost_disk(&lost, &p);
  assert_true(lost_bring(&lost, &p, LIAR, SIZE_MAX));
  assert_true(lost_gathered(&lost, "SELECT count(*) FROM ours WHERE payload IS NULL") > 0);
  bring_all_the_liar_first();
  assert_int_equal(lost_gathered(&lost, "SELECT count(*) FROM ours WHERE payload IS NULL"), 0);
  it_comes_back_by_an_honest_mirror();
  end();
}

/* An entry that the province signed on a disk that went back, as one branch has it that no other met since.
 */
static void bring_another_past(uint32_t branch)
{
  struct err err = ERR_INIT;
  struct buf bytes = BUF_INIT;
  struct batch_head head;
  char name[40];
  static struct recalled m; /* large */
  const struct stream shared = {PROVINCE, 0};
  const struct recall_guest guest = {.branch = branch, .serial = "5e"};
  site_restore(&p.hub, old, wall());
  uint64_t before = site_head(&p.hub, PROVINCE, 0).seq;
  snprintf(name, sizeof name, "past of %u", branch);
  site_product(&p.hub, 7, name, wall());
  must(store_sign_head(p.hub.store, wall(), &err), &err, "store_sign_head");
  must(store_batch_read(p.hub.db, shared, before, NULL, &head, &bytes, &err), &err, "store_batch_read");
  must(recall_take_answer(lost.recall, branch, &m, wall(), &err), &err, "recall_take_answer");
  must(recall_take_batch(lost.recall, branch, bytes.data, bytes.size, &err), &err, "recall_take_batch");
  must(recall_take_end(lost.recall, &guest, wall(), &err), &err, "recall_take_end");
  buf_wipe(&bytes);
}

/* The province's disk had gone back, more than once. */
static void other_pasts_of_the_province_lead_nobody_else_astray(void **state)
{
  (void)state;
  a_life();
  lost_disk(&lost, &p);
  for (uint32_t branch = 330190; branch < 330196; branch++)
    bring_another_past(branch);
  assert_int_equal(lost_gathered(&lost, "SELECT count(*) FROM ours"), 6);
  bring_all_the_liar_first();
  it_comes_back_by_an_honest_mirror();
  end();
}

static void a_signature_that_is_none_names_its_branch_and_no_mirror(void **state)
{
  struct err err = ERR_INIT;
  struct recall_report report;
  (void)state;
  a_life();
  in_branch(LIAR,
            "UPDATE sync_entry SET signature = zeroblob(64) WHERE pos = (SELECT min(e.pos) FROM sync_entry"
            " AS e JOIN sync_span AS s ON e.pos >= s.first_pos AND (s.count = 0 OR e.pos < s.first_pos +"
            " s.count) WHERE s.author <> 330000 AND e.signature IS NOT NULL)");
  lost_disk(&lost, &p);
  bring_all_the_liar_first();
  assert_false(lost_assemble(&lost, &report, &err));
  assert_string_equal(err.rule, "other_root");
  only_the_liar_is_blamed("signature");
  assert_true(look.hopeless);
  assert_int_equal(look.void_count, MEMBERS);
  end();
}

/* Its runs lead to another root; then the next mirror is tried, and once is enough. */
static void a_mirror_that_fails_is_named_and_not_tried_again(void **state)
{
  struct err err = ERR_INIT;
  struct recall_report report;
  (void)state;
  a_life();
  in_branch(0, "UPDATE sync_mirror_run SET received_ms = received_ms + 1 WHERE first_pos > 5");
  in_branch(1, "UPDATE sync_mirror_run SET received_ms = received_ms + 1 WHERE first_pos > 5");
  lost_disk(&lost, &p);
  for (size_t i = 0; i < MEMBERS; i++) {
    if (i == LIAR) in_branch(LIAR, "DELETE FROM sync_mirror_run");
    assert_true(lost_bring(&lost, &p, i, SIZE_MAX));
  }
  assert_false(lost_assemble(&lost, &report, &err));
  assert_string_equal(err.rule, "other_root");
  assert_non_null(strstr(err.text, "2 mirrors say the same"));
  look_at_it();
  assert_true(look.hopeless && !look.whole);
  assert_int_equal(look.void_count, 2);
  must(recall_try_again(lost.recall, &err), &err, "recall_try_again");
  look_at_it();
  assert_true(look.whole && !look.hopeless);
  end();
}

static const uint8_t couriers[PUBLIC_SIZE] = {7};

/* A key beside its own, as whoever carries a file can write one into it, or takes its own ones away. */
static void show_keys_again(size_t member, bool from_file)
{
  static struct recalled m; /* large */
  struct err err = ERR_INIT;
  m.keys_count = 2;
  for (uint32_t i = 0; i < 2; i++) {
    m.keys[i] = (struct known_key){.author = code(member), .epoch = i ? 7 : 1, .since_ms = START_MS};
    memcpy(m.keys[i].public_key, couriers, PUBLIC_SIZE);
  }
  recall_from_file(lost.recall, from_file);
  must(recall_take_answer(lost.recall, code(member), &m, wall(), &err), &err, "recall_take_answer");
  recall_from_file(lost.recall, false);
}

static void a_key_that_signed_nothing_is_nobodys(void **state)
{
  struct err err = ERR_INIT;
  struct db *db = NULL;
  char sql[160];
  (void)state;
  a_life();
  /* The backup is of before it was enrolled: its key is one that only the log can prove. */
  must(db_open(&db, lost.backup, DB_WRITE, &err), &err, "db_open");
  (void)snprintf(sql, sizeof sql, "DELETE FROM sync_key WHERE author = %u", code(LIAR));
  must(db_exec(db, sql, &err), &err, sql);
  db_close(db);
  lost_disk(&lost, &p);
  bring_all_the_liar_first();
  show_keys_again(LIAR, true);
  assert_true(lost_bring(&lost, &p, 0, SIZE_MAX));
  struct recall_report report;
  must(lost_assemble(&lost, &report, &err), &err, "recall_assemble");
  assert_int_equal(report.size, root_before.size);
  must(db_open(&db, lost.rebuilt, DB_READ, &err), &err, "db_open");
  int64_t keys = 0;
  (void)snprintf(sql, sizeof sql, "SELECT sum(epoch) FROM sync_key WHERE author = %u", code(LIAR));
  must(db_int(db, sql, -1, &keys, &err), &err, sql);
  assert_int_equal(keys, 1);
  db_close(db);
  lost_start(&lost, &p);
  assert_true(site_verifies(&p.hub));
  end();
}

static void two_that_come_for_one_branch_are_both_kept(void **state)
{
  struct err err = ERR_INIT;
  struct recall_guest *guests = NULL, thief = {.epoch = 9, .serial = "60"};
  size_t count = 0;
  (void)state;
  a_life();
  lost_disk(&lost, &p);
  assert_true(lost_bring(&lost, &p, 0, SIZE_MAX));
  thief.branch = code(0);
  must(recall_take_end(lost.recall, &thief, wall(), &err), &err, "recall_take_end");
  must(recall_guests(lost.recall, &guests, &count, &err), &err, "recall_guests");
  assert_int_equal(count, 2);
  assert_string_equal(guests[0].serial, "5e");
  assert_string_equal(guests[1].serial, "60");
  free(guests);
  end();
}

static const char *const EVERYWHERE[][2] = {
    {"run", "source"},     {"reach", "source"},      {"shown", "source"}, {"tip", "source"},
    {"ours", "source"},    {"own", "author"},        {"branch", "code"},  {"signature", "author"},
    {"own_tip", "author"}, {"author_key", "author"}, {"guest", "branch"}, {"used_key", "author"}};

static int64_t places_of(size_t member)
{
  char sql[100];
  int64_t places = 0;
  for (size_t i = 0; i < sizeof EVERYWHERE / sizeof *EVERYWHERE; i++) {
    snprintf(sql, sizeof sql, "SELECT count(*) FROM %s WHERE %s = %u", EVERYWHERE[i][0], EVERYWHERE[i][1],
             code(member));
    places += lost_gathered(&lost, sql) > 0;
  }
  return places;
}

static void what_was_brought_is_forgotten_everywhere(void **state)
{
  struct err err = ERR_INIT;
  (void)state;
  a_life();
  in_branch(LIAR, "SELECT 1");
  forge_withheld();
  lost_disk(&lost, &p);
  assert_true(lost_bring(&lost, &p, LIAR, SIZE_MAX));
  assert_int_equal(places_of(LIAR), sizeof EVERYWHERE / sizeof *EVERYWHERE);
  assert_true(lost_bring(&lost, &p, 0, SIZE_MAX));
  assert_true(lost_bring(&lost, &p, 1, SIZE_MAX));
  int64_t all = lost_gathered(&lost, "SELECT count(*) FROM ours");
  must(recall_leave_out(lost.recall, code(LIAR), &err), &err, "recall_leave_out");
  /* What others stand on as well is theirs. */
  assert_int_equal(lost_gathered(&lost, "SELECT count(*) FROM ours"), all - 1);
  must(recall_leave_out(lost.recall, code(0), &err), &err, "recall_leave_out");
  must(recall_leave_out(lost.recall, code(1), &err), &err, "recall_leave_out");
  for (size_t i = 0; i < MEMBERS; i++)
    assert_int_equal(places_of(i), 0);
  end();
}

/* Its own entries that a log of the size shown cannot have, and keys that it does not show any more. */
static void a_branch_cannot_fill_the_disk(void **state)
{
  static struct recalled m; /* large */
  static const uint8_t signature[SIGNATURE_SIZE];
  struct err err = ERR_INIT;
  struct buf frame = BUF_INIT;
  struct signatures signatures;
  (void)state;
  a_life();
  lost_disk(&lost, &p);
  assert_true(lost_bring(&lost, &p, 0, SIZE_MAX));
  for (uint32_t epoch = 1; epoch < 9; epoch++) {
    m.keys_count = 1;
    m.keys[0] = (struct known_key){.epoch = 10 + epoch, .since_ms = START_MS};
    must(recall_take_answer(lost.recall, code(LIAR), &m, wall(), &err), &err, "recall_take_answer");
  }
  assert_int_equal(lost_gathered(&lost, "SELECT count(*) FROM author_key WHERE epoch > 10"), 1);
  put_u16(&frame, SIGNATURES_MAX);
  for (uint64_t i = 0; i < SIGNATURES_MAX; i++) {
    put_u64(&frame, root_before.size + i);
    put_bytes(&frame, signature, SIGNATURE_SIZE);
  }
  must(signatures_decode(&signatures, frame.data, frame.size, &err), &err, "signatures_decode");
  must(recall_take_signatures(lost.recall, code(LIAR), &signatures, &err), &err, "recall_take_signatures");
  buf_wipe(&frame);
  char sql[100];
  snprintf(sql, sizeof sql, "SELECT count(*) FROM signature WHERE author = %u", code(LIAR));
  assert_int_equal(lost_gathered(&lost, sql), 1);
  end();
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_mirror_with_entries_that_never_were_keeps_nobody),
      cmocka_unit_test(who_is_only_in_a_false_mirror_is_not_waited_for),
      cmocka_unit_test(what_lies_behind_every_checkpoint_is_not_kept),
      cmocka_unit_test(a_mirror_with_streams_that_no_log_of_this_province_has_is_not_used),
      cmocka_unit_test(entries_at_the_place_of_others_are_passed_over),
      cmocka_unit_test(an_entry_that_never_was_leads_only_its_own_mirror_astray),
      cmocka_unit_test(content_that_one_keeps_back_comes_from_another),
      cmocka_unit_test(other_pasts_of_the_province_lead_nobody_else_astray),
      cmocka_unit_test(a_signature_that_is_none_names_its_branch_and_no_mirror),
      cmocka_unit_test(a_mirror_that_fails_is_named_and_not_tried_again),
      cmocka_unit_test(a_key_that_signed_nothing_is_nobodys),
      cmocka_unit_test(two_that_come_for_one_branch_are_both_kept),
      cmocka_unit_test(what_was_brought_is_forgotten_everywhere),
      cmocka_unit_test(a_branch_cannot_fill_the_disk),
  };
  struct err err = ERR_INIT;
  must(crypto_start(&err), &err, "crypto_start");
  return cmocka_run_group_tests(tests, NULL, NULL);
}
