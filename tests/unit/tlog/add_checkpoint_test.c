/* A branch as a witness for anybody's log: every status of the standard, one memory behind every door, and
 * bodies that leave doubt refused. */
#include "fake_log.h"
#include "fixture.h"

#include "sync/add_checkpoint.h"
#include "sync/store_keys.h"
#include "sync/store_log.h"
#include "sync/tlog.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct site node;
static struct fake_log foreign;
static struct policy *policy;

static struct policy *watching(const struct fake_log *log)
{
  struct policy *out = NULL;
  struct buf text = BUF_INIT;
  put_text(&text, "log ");
  note_key_encode(&text, &log->key);
  put_text(&text, "\nquorum none\n");
  assert_true(policy_open(&out, (const char *)text.data, text.size, NULL));
  buf_wipe(&text);
  return out;
}

static int begin(void **state)
{
  (void)state;
  fixture_begin();
  site_open(&node, "node", CHUNAN, 1);
  foreign = fake_log_make("other.example/log");
  policy = watching(&foreign);
  return 0;
}

static int end(void **state)
{
  (void)state;
  policy_close(policy);
  site_close(&node);
  fixture_end();
  return 0;
}

/* The question as the log itself would ask it: a true proof from old to size. */
static struct buf question(struct fake_log *log, uint64_t old, uint64_t size)
{
  struct buf out = BUF_INIT, note = fake_log_note(log, size);
  struct add_checkpoint q = {.old = old, .note = (const char *)note.data, .note_size = note.size};
  struct merkle_source source = fake_log_source(log);
  if (old > 0 && old < size) assert_true(merkle_prove_consistency(&source, old, size, &q.proof, NULL));
  add_checkpoint_encode(&out, &q);
  buf_wipe(&note);
  return out;
}

static int ask_bytes(const void *bytes, size_t size, struct buf *body)
{
  struct add_answer answer;
  struct err err = ERR_INIT;
  if (!store_add_checkpoint(node.store, policy, (struct span){bytes, size}, FIXTURE_NOW_MS, &answer, &err))
    fail_msg("%s", err.text);
  assert_int_equal(answer.why.kind == ERR_NONE, answer.status == 200);
  if (body) put_bytes(body, answer.body.data, answer.body.size);
  assert_int_equal(answer.body.size > 0, answer.status == 200 || (answer.status == 409 && !answer.forked));
  buf_wipe(&answer.body);
  return answer.status;
}

static int ask(struct fake_log *log, uint64_t old, uint64_t size)
{
  struct buf q = question(log, old, size);
  int status = ask_bytes(q.data, q.size, NULL);
  buf_wipe(&q);
  return status;
}

static uint64_t held_size(const char *origin)
{
  struct witness_held held;
  assert_true(witness_held(node.reader, origin, &held, NULL));
  return held.size;
}

static void growth_is_held_and_cosigned(void **state)
{
  (void)state;
  struct buf q = question(&foreign, 0, 7), body = BUF_INIT, note = fake_log_note(&foreign, 7);
  struct note opened;
  struct note_key witness;
  uint64_t time_s = 0;
  char name[TLOG_ORIGIN_SIZE];
  assert_int_equal(ask_bytes(q.data, q.size, &body), 200);
  assert_int_equal(held_size("other.example/log"), 7);
  tlog_witness_name(name, CHUNAN);
  assert_true(note_key_init(&witness, name, NOTE_KEY_COSIGNATURE, node.public_key, NULL));
  put_bytes(&note, body.data, body.size);
  assert_true(note_open(&opened, (const char *)note.data, note.size, NULL));
  assert_true(note_verify(&opened, &witness, &time_s, NULL));
  assert_int_equal(time_s, FIXTURE_NOW_MS / 1000);
  assert_int_equal(ask(&foreign, 7, 19), 200);
  assert_int_equal(ask(&foreign, 19, 19), 200); /* asked again: cosigned again */
  assert_int_equal(held_size("other.example/log"), 19);
  buf_wipe(&note);
  buf_wipe(&body);
  buf_wipe(&q);
}

static void another_size_is_answered_with_the_one_that_is_held(void **state)
{
  (void)state;
  struct buf q = question(&foreign, 0, 30), body = BUF_INIT;
  uint64_t size = 0;
  assert_int_equal(ask(&foreign, 0, 12), 200);
  assert_int_equal(ask_bytes(q.data, q.size, &body), 409);
  assert_true(add_checkpoint_size_decode(&size, body.data, body.size));
  assert_int_equal(size, 12);
  /* An old checkpoint that somebody found is no rollback. */
  assert_int_equal(ask(&foreign, 5, 9), 409);
  assert_int_equal(ask(&foreign, 12, 30), 200);
  assert_int_equal(site_int(&node, "SELECT count(*) FROM sync_evidence"), 0);
  buf_wipe(&body);
  buf_wipe(&q);
}

static void a_log_that_is_not_listed_or_another_key_is_refused(void **state)
{
  (void)state;
  struct fake_log stranger = fake_log_make("third.example/log");
  struct fake_log impostor = fake_log_make("other.example/log");
  assert_int_equal(ask(&stranger, 0, 5), 404);
  assert_int_equal(ask(&impostor, 0, 5), 403);
  assert_int_equal(held_size("other.example/log"), 0);
}

static void an_old_size_above_the_new_one_is_a_bad_request(void **state)
{
  (void)state;
  assert_int_equal(ask(&foreign, 9, 5), 400);
}

static void a_proof_that_does_not_hold_is_no_evidence_and_changes_nothing(void **state)
{
  (void)state;
  struct fake_log liar = foreign;
  liar.leaves[3].bytes[0] ^= 1;
  assert_int_equal(ask(&foreign, 0, 20), 200);
  assert_int_equal(ask(&liar, 20, 30), 422);
  assert_int_equal(held_size("other.example/log"), 20);
  assert_int_equal(site_int(&node, "SELECT count(*) FROM sync_evidence"), 0);
  assert_int_equal(ask(&foreign, 20, 30), 200);
  /* A proof where there can be none. */
  struct buf q = question(&foreign, 30, 40), note = fake_log_note(&foreign, 30);
  struct add_checkpoint asked;
  struct buf wrong = BUF_INIT;
  assert_true(add_checkpoint_decode(&asked, (const char *)q.data, q.size, NULL));
  asked.note = (const char *)note.data;
  asked.note_size = note.size;
  add_checkpoint_encode(&wrong, &asked);
  assert_int_equal(ask_bytes(wrong.data, wrong.size, NULL), 422);
  buf_wipe(&wrong);
  buf_wipe(&note);
  buf_wipe(&q);
}

static void two_roots_of_one_size_are_kept_once(void **state)
{
  (void)state;
  struct fake_log liar = foreign;
  liar.leaves[19].bytes[0] ^= 1;
  assert_int_equal(ask(&foreign, 0, 20), 200);
  assert_int_equal(ask(&liar, 20, 20), 409);
  assert_int_equal(ask(&liar, 20, 20), 409);
  assert_int_equal(site_int(&node, "SELECT count(*) FROM sync_evidence WHERE rule = 'log_forked'"), 1);
  assert_int_equal(ask(&foreign, 20, 30), 200);
}

static void what_is_held_survives_the_program(void **state)
{
  (void)state;
  assert_int_equal(ask(&foreign, 0, 20), 200);
  site_reopen(&node);
  assert_int_equal(ask(&foreign, 0, 30), 409);
  assert_int_equal(ask(&foreign, 20, 30), 200);
}

static void bodies_that_leave_doubt_are_refused(void **state)
{
  (void)state;
  struct buf good = question(&foreign, 5, 20);
  static const struct {
    const char *what, *with;
  } wrong[] = {
      {"old 5", "old 05"}, {"old 5", "old  5"}, {"old 5", "old -5"},  {"old 5", "Old 5"},
      {"old 5", "old 5 "}, {"old 5", "old"},    {"old 5", "old 5\r"}, {"old 5", "old 99999999999999999999"},
      {"\n\n", "\n"},      {"=\n", "\n"},       {"=\n", "==\n"},
  };
  assert_int_equal(ask(&foreign, 0, 5), 200);
  for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
    struct buf bad = BUF_INIT;
    put_u8(&good, 0);
    good.size--;
    const char *text = (const char *)good.data, *at = strstr(text, wrong[i].what);
    assert_non_null(at);
    put_bytes(&bad, text, (size_t)(at - text));
    put_text(&bad, wrong[i].with);
    put_text(&bad, at + strlen(wrong[i].what));
    int status = ask_bytes(bad.data, bad.size, NULL);
    if (status != 400) fail_msg("'%s' for '%s': %d", wrong[i].with, wrong[i].what, status);
    buf_wipe(&bad);
  }
  for (size_t size = 0; size < good.size; size++)
    assert_int_not_equal(ask_bytes(good.data, size, NULL), 200);
  assert_int_equal(ask_bytes(good.data, good.size, NULL), 200);
  buf_wipe(&good);
}

static void no_flipped_bit_is_cosigned(void **state)
{
  (void)state;
  struct buf q = question(&foreign, 5, 20);
  assert_int_equal(ask(&foreign, 0, 5), 200);
  for (size_t bit = 0; bit < q.size * 8; bit++) {
    q.data[bit / 8] = (uint8_t)(q.data[bit / 8] ^ (1 << bit % 8));
    if (ask_bytes(q.data, q.size, NULL) == 200)
      fail_msg("bit %zu of byte %zu may be flipped", bit % 8, bit / 8);
    q.data[bit / 8] = (uint8_t)(q.data[bit / 8] ^ (1 << bit % 8));
  }
  buf_wipe(&q);
}

static void sixty_four_hashes_are_one_too_many(void **state)
{
  (void)state;
  struct buf body = BUF_INIT, note = fake_log_note(&foreign, 20);
  struct add_checkpoint q = {.old = 1, .note = (const char *)note.data, .note_size = note.size}, back;
  q.proof.count = 64;
  add_checkpoint_encode(&body, &q);
  assert_false(add_checkpoint_decode(&back, (const char *)body.data, body.size, NULL));
  buf_clear(&body);
  q.proof.count = 63;
  add_checkpoint_encode(&body, &q);
  assert_true(add_checkpoint_decode(&back, (const char *)body.data, body.size, NULL));
  assert_int_equal(back.proof.count, 63);
  buf_wipe(&note);
  buf_wipe(&body);
}

/* PROTOCOL 10.4: the province's own log has no second memory behind this door. */
static void the_provinces_log_is_judged_by_what_its_line_showed(void **state)
{
  (void)state;
  struct fake_log province = fake_log_make("330000.sunlit/log");
  struct key key = {.author = PROVINCE, .epoch = 1, .since_ms = 1};
  struct policy *foreign_policy = policy;
  uint8_t unused[SECRET_SIZE];
  site_key(PROVINCE, 1, key.public_key, unused);
  memcpy(province.secret, unused, SECRET_SIZE);
  assert_true(note_key_init(&province.key, "330000.sunlit/log", NOTE_KEY_ED25519, key.public_key, NULL));
  assert_true(store_key_add(node.store, &key, NULL));
  assert_int_equal(ask(&province, 0, 5), 404); /* not listed */
  policy = watching(&province);
  assert_int_equal(ask(&province, 0, 5), 200);
  /* What this door took, the line goes on from; what the line took, this door asks for. */
  struct buf note = fake_log_note(&province, 20);
  struct checkpoint_message m = {.old_size = 5, .note = {note.data, note.size}};
  struct merkle_source source = fake_log_source(&province);
  enum witness_verdict verdict;
  struct err why = ERR_INIT;
  assert_true(merkle_prove_consistency(&source, 5, 20, &m.proof, NULL));
  assert_true(store_witness(node.store, &m, FIXTURE_NOW_MS, &verdict, &why, NULL));
  assert_int_equal(verdict, WITNESS_TAKEN);
  assert_int_equal(ask(&province, 5, 30), 409);
  /* A fork shown at this door ends the trust in the line as well. */
  province.leaves[0].bytes[0] ^= 1;
  assert_int_equal(ask(&province, 20, 20), 409);
  struct witness_held held;
  assert_true(witness_held(node.reader, "330000.sunlit/log", &held, NULL));
  assert_string_equal(held.distrust, "log_forked");
  assert_int_equal(ask(&province, 20, 30), 403);
  /* A file that names another key for it changes nothing. */
  struct fake_log impostor = fake_log_make("330000.sunlit/log");
  policy_close(policy);
  policy = watching(&impostor);
  assert_int_equal(ask(&impostor, 20, 30), 403);
  policy_close(policy);
  policy = foreign_policy;
  buf_wipe(&note);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(growth_is_held_and_cosigned, begin, end),
      cmocka_unit_test_setup_teardown(another_size_is_answered_with_the_one_that_is_held, begin, end),
      cmocka_unit_test_setup_teardown(a_log_that_is_not_listed_or_another_key_is_refused, begin, end),
      cmocka_unit_test_setup_teardown(an_old_size_above_the_new_one_is_a_bad_request, begin, end),
      cmocka_unit_test_setup_teardown(a_proof_that_does_not_hold_is_no_evidence_and_changes_nothing, begin,
                                      end),
      cmocka_unit_test_setup_teardown(two_roots_of_one_size_are_kept_once, begin, end),
      cmocka_unit_test_setup_teardown(what_is_held_survives_the_program, begin, end),
      cmocka_unit_test_setup_teardown(bodies_that_leave_doubt_are_refused, begin, end),
      cmocka_unit_test_setup_teardown(no_flipped_bit_is_cosigned, begin, end),
      cmocka_unit_test_setup_teardown(sixty_four_hashes_are_one_too_many, begin, end),
      cmocka_unit_test_setup_teardown(the_provinces_log_is_judged_by_what_its_line_showed, begin, end),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
