/* What is told about the log and a branch's own place, at the bounds of each number: a LEAVES that names no
 * entry, more than a batch has or a place outside of its own tree would be proved against something else than
 * it says. */
#include "core/base/limits.h"
#include "sync/log_message.h"
#include "sync/recall_message.h"
#include "sync/renewal.h"
#include "sync/standing.h"
#include "sync/tile.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static bool takes_leaves(const struct leaves_message *m)
{
  static struct leaves_message got; /* large */
  struct buf out = BUF_INIT;
  leaves_message_encode(&out, m);
  bool taken = leaves_message_decode(&got, out.data, out.size, NULL);
  if (taken) {
    assert_int_equal(got.size, m->size);
    assert_int_equal(got.first_seq, m->first_seq);
    assert_int_equal(got.count, m->count);
    assert_int_equal(got.first_pos, m->first_pos);
    assert_int_equal(got.received_ms, m->received_ms);
    assert_int_equal(got.last_signed, m->last_signed || m->told);
    assert_int_equal(got.told, m->told);
    assert_int_equal(got.proof.count, m->proof.count);
    assert_memory_equal(got.proof.hashes, m->proof.hashes, m->proof.count * HASH_SIZE);
    if (m->told) assert_memory_equal(got.signature, m->signature, SIGNATURE_SIZE);
  }
  buf_wipe(&out);
  return taken;
}

static void entries_are_one_at_least_a_batch_at_most_and_stand_within_the_log(void **state)
{
  static const struct {
    uint64_t size, first_seq;
    uint32_t count;
    uint64_t first_pos;
    int64_t received_ms;
    bool taken;
  } cases[] = {
      {1, 1, 1, 0, 0, true},
      {2000, 1, BATCH_ENTRIES_MAX, 2000 - BATCH_ENTRIES_MAX, 0, true},
      {INT64_MAX, SEQ_MAX, 1, INT64_MAX - 1, INT64_MAX, true},
      {1, 1, 0, 0, 0, false},
      {1, 0, 1, 0, 0, false},
      {2000, 1, BATCH_ENTRIES_MAX + 1, 0, 0, false},
      {7, 1, 1, 7, 0, false},
      {7, 1, 1, 8, 0, false},
      {7, 1, 2, 6, 0, false},
      {0, 1, 1, 0, 0, false},
      {(uint64_t)INT64_MAX + 1, 1, 1, 0, 0, false},
      {7, 1, 1, 0, -1, false},
  };
  (void)state;
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    static struct leaves_message m;
    m = (struct leaves_message){.size = cases[i].size,
                                .first_seq = cases[i].first_seq,
                                .count = cases[i].count,
                                .first_pos = cases[i].first_pos,
                                .received_ms = cases[i].received_ms};
    if (takes_leaves(&m) != cases[i].taken) fail_msg("case %zu", i);
  }
}

/* A branch that got its history back may not have the signature it gave: the province tells it. */
static void the_last_is_unsigned_signed_or_its_signature_is_told(void **state)
{
  static struct leaves_message m = {.size = 3, .first_seq = 1, .count = 3, .signature = {1, 2, 3}};
  struct buf out = BUF_INIT;
  (void)state;
  assert_true(takes_leaves(&m));
  m.last_signed = true;
  assert_true(takes_leaves(&m));
  m.told = true;
  assert_true(takes_leaves(&m));
  leaves_message_encode(&out, &m);
  assert_int_equal(out.data[36], 2);
  out.data[36] = 3; /* means nothing yet */
  assert_false(leaves_message_decode(&m, out.data, out.size, NULL));
  buf_wipe(&out);
}

static void proofs_and_notes_have_a_longest(void **state)
{
  static struct leaves_message leaves = {.size = 3, .first_seq = 1, .count = 3};
  static struct checkpoint_message checkpoint;
  static const uint8_t note[LOG_NOTE_MAX + 1] = "a note";
  (void)state;
  for (size_t more = 0; more <= 1; more++) {
    static struct checkpoint_message got;
    struct buf out = BUF_INIT;
    /* The count is a byte in front of so many hashes. */
    leaves.proof.count = MERKLE_RANGE_PROOF_MAX;
    leaves_message_encode(&out, &leaves);
    assert_int_equal(out.data[37], MERKLE_RANGE_PROOF_MAX);
    out.data[37] = (uint8_t)(MERKLE_RANGE_PROOF_MAX + more);
    if (more) put_bytes(&out, note, HASH_SIZE);
    assert_int_equal(leaves_message_decode(&leaves, out.data, out.size, NULL), more == 0);
    buf_clear(&out);
    checkpoint = (struct checkpoint_message){.old_size = 7, .note = {note, 6}};
    checkpoint.proof.count = MERKLE_PROOF_MAX + more;
    checkpoint_message_encode(&out, &checkpoint);
    assert_int_equal(checkpoint_message_decode(&got, out.data, out.size, NULL), more == 0);
    buf_clear(&out);
    checkpoint = (struct checkpoint_message){.old_size = 7, .note = {note, LOG_NOTE_MAX + more}};
    checkpoint_message_encode(&out, &checkpoint);
    assert_int_equal(checkpoint_message_decode(&got, out.data, out.size, NULL), more == 0);
    buf_wipe(&out);
  }
}

/* To a province without its disk: how far a branch has each stream, and the log. */
static void what_a_branch_has_is_within_what_there_can_be(void **state)
{
  const struct recall_marks most = {.own = SEQ_MAX,
                                    .shared = SEQ_MAX,
                                    .directed = SEQ_MAX,
                                    .mirror = INT64_MAX,
                                    .keeps = true,
                                    .hashes = INT64_MAX / TILE_WIDTH,
                                    .leaves = INT64_MAX,
                                    .places = (uint64_t)SEQ_MAX + 1};
  (void)state;
  for (int beyond = 0; beyond <= 7; beyond++) {
    struct recall_marks marks = most, got;
    struct buf out = BUF_INIT;
    uint64_t *each[] = {&marks.own,    &marks.shared, &marks.directed, &marks.mirror,
                        &marks.hashes, &marks.leaves, &marks.places};
    if (beyond) ++*each[beyond - 1];
    recall_encode(&out, &marks);
    if (recall_decode(&got, out.data, out.size, NULL) != (beyond == 0)) fail_msg("mark %d", beyond);
    buf_wipe(&out);
  }
}

static void a_standing_is_of_an_entry_that_can_be(void **state)
{
  (void)state;
  for (int beyond = 0; beyond <= 2; beyond++) {
    struct standing standing = {.head = {.seq = SEQ_MAX, .epoch = EPOCH_MAX}}, got;
    struct buf out = BUF_INIT;
    if (beyond == 1) standing.head.seq++;
    if (beyond == 2) standing.head.epoch++;
    standing_encode(&out, &standing);
    if (standing_decode(&got, out.data, out.size, NULL) != (beyond == 0)) fail_msg("bound %d", beyond);
    buf_wipe(&out);
  }
}

static void what_a_certificate_is_made_of_is_there_and_not_too_long(void **state)
{
  static const uint8_t der[CERTIFICATE_SIZE_MAX + 1];
  static const struct {
    size_t key, certificate, people;
  } cases[] = {{1, 1, 1},
               {TLS_KEY_SIZE_MAX, CERTIFICATE_SIZE_MAX, CERTIFICATE_SIZE_MAX},
               {0, 0, 1},
               {TLS_KEY_SIZE_MAX + 1, CERTIFICATE_SIZE_MAX + 1, 1},
               {0, 1, CERTIFICATE_SIZE_MAX + 1}};
  (void)state;
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    struct renew asked, renew = {.tls_key = {der, cases[i].key}};
    struct renewed given,
        renewed = {.certificate = {der, cases[i].certificate}, .people = {der, cases[i].people}};
    struct buf out = BUF_INIT;
    renew_encode(&out, &renew);
    assert_int_equal(renew_decode(&asked, out.data, out.size, NULL), i < 2);
    buf_clear(&out);
    renewed_encode(&out, &renewed);
    assert_int_equal(renewed_decode(&given, out.data, out.size, NULL), i < 2);
    buf_wipe(&out);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(entries_are_one_at_least_a_batch_at_most_and_stand_within_the_log),
      cmocka_unit_test(the_last_is_unsigned_signed_or_its_signature_is_told),
      cmocka_unit_test(proofs_and_notes_have_a_longest),
      cmocka_unit_test(what_a_branch_has_is_within_what_there_can_be),
      cmocka_unit_test(a_standing_is_of_an_entry_that_can_be),
      cmocka_unit_test(what_a_certificate_is_made_of_is_there_and_not_too_long),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
