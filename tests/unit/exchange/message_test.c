/* Message bodies: frozen vectors, and what a decoder must refuse.  The vectors are hex lines, `NAME hex`. */
#include "core/base/limits.h"
#include "sync/frame.h"
#include "sync/keep_message.h"
#include "sync/keepers.h"
#include "sync/log_message.h"
#include "sync/lost_message.h"
#include "sync/recall_message.h"
#include "sync/renewal.h"
#include "sync/standing.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct hello a_hello(void)
{
  struct hello m = {.branch = 330127,
                    .epoch = 2,
                    .schema = 7,
                    .program = "1.0.0",
                    .wall_ms = 1795316525123,
                    .head_epoch = 1,
                    .head_seq = 4211,
                    .acked_seq = 4208,
                    .shared_seq = 990,
                    .directed_seq = 12,
                    .oldest_ms = 1795316000000,
                    .refused = 1,
                    .trouble = "disk_full"};
  memset(m.schema_hash, 0x5c, sizeof m.schema_hash);
  memset(m.head_hash, 0xa1, sizeof m.head_hash);
  return m;
}

static struct welcome a_welcome(void)
{
  struct welcome m = {.schema = 7,
                      .program = "1.0.0",
                      .wall_ms = 1795316525200,
                      .head_epoch = 1,
                      .head_seq = 4208,
                      .shared_seq = 991,
                      .directed_seq = 12,
                      .state = STREAM_FROZEN};
  memset(m.schema_hash, 0x5c, sizeof m.schema_hash);
  memset(m.head_hash, 0xb2, sizeof m.head_hash);
  return m;
}

static struct enrol an_enrol(uint8_t secret[SECRET_SIZE])
{
  static const uint8_t seed[SEED_SIZE] = {1, 2, 3};
  struct enrol m = {.token = "k7qp-3xwm-9d2t", .branch = 330127, .program = "1.0.0"};
  sign_pair_of_seed(m.public_key, secret, seed);
  m.tls_key = (struct span){(const uint8_t *)"tls key, DER", 12};
  return m;
}

static struct enrolled an_enrolled(void)
{
  struct enrolled m = {.branch = 330127,
                       .epoch = 2,
                       .head_seq = 4211,
                       .province = 330000,
                       .wall_ms = 1795316525200,
                       .site_name = "淳安县支行",
                       .certificate = {(const uint8_t *)"certificate", 11},
                       .ca = {(const uint8_t *)"ca", 2},
                       .keys_count = 2};
  memset(m.head_hash, 0xc3, sizeof m.head_hash);
  m.keys[0] = (struct known_key){.author = 330000, .epoch = 1, .since_ms = 5, .public_key = {9}};
  m.keys[1] =
      (struct known_key){.author = 330127, .epoch = 1, .since_ms = 6, .revoked_ms = 7, .public_key = {8}};
  return m;
}

static void encode(struct buf *out, enum frame_type type)
{
  uint8_t secret[SECRET_SIZE];
  struct hello hello = a_hello();
  struct welcome welcome = a_welcome();
  struct enrol enrol = an_enrol(secret);
  struct enrolled enrolled = an_enrolled();
  struct receipt receipt = {4209, 4211, 4211, 1795316525300, ANSWER_TAKEN, 1, 2, "scope", "price of 330128"};
  struct cursor cursor = {330000, 330127, 13, ANSWER_FAILED, 0, 0, "disk_full", "磁盘已满"};
  struct checkpoint_message checkpoint = {.old_size = 70000, .note = {(const uint8_t *)"a note", 6}};
  struct leaves_message leaves = {.size = 70123,
                                  .first_seq = 4209,
                                  .count = 3,
                                  .first_pos = 70119,
                                  .received_ms = 1795316525300,
                                  .last_signed = true};
  struct renew renew = {.tls_key = {(const uint8_t *)"tls key, DER", 12}};
  struct renewed renewed = {.certificate = {(const uint8_t *)"certificate", 11},
                            .people = {(const uint8_t *)"of the pages", 12}};
  checkpoint.proof = leaves.proof = (struct merkle_proof){.count = 2, .hashes = {{{1}}, {{2}}}};
  static struct recalled recalled = {.marks = {.own = 4211, .shared = 991, .directed = 13, .mirror = 70123},
                                     .keys_count = 2};
  recalled.note = (struct span){(const uint8_t *)"a note", 6};
  recalled.keys[0] = (struct known_key){.epoch = 1, .since_ms = 6, .revoked_ms = 7, .public_key = {8}};
  recalled.keys[1] = (struct known_key){.epoch = 2, .since_ms = 7, .public_key = {9}};
  struct held_message held = {.parted = 12, .record = {(const uint8_t *)"a record", 8}, .signature = {6}};
  static const struct keep_leaves leaves_kept = {
      .count = 3,
      .of = {{.hash = {{1}}, .stream = {330127, 0}, .seq = 4209, .received_ms = 1795316525300},
             {.hash = {{2}},
              .stream = {330000, 330122},
              .seq = 13,
              .received_ms = 1795316525299,
              .is_signed = true},
             {.hash = {{3}},
              .stream = {330127, 0},
              .seq = 4210,
              .received_ms = 1795316525301,
              .is_signed = true}}};
  const struct keepers keepers = {.count = 3, .codes = {330122, 330127, 330182}};
  static const struct lost_message lost = {
      .stream = {330127, 0},
      .first_seq = 100,
      .count = 2,
      .leaves = {{.epoch = 2, .received_ms = 1795316000000, .leaf = {{7}}}, {.epoch = 2, .leaf = {{8}}}}};
  const struct buf none = BUF_INIT;
  const struct standing standing = {.head = {.epoch = 2, .seq = 41, .hash = {4}}, .challenge = {5}};
  switch (type) {
  case FRAME_HELLO: hello_encode(out, &hello); break;
  case FRAME_WELCOME: welcome_encode(out, &welcome); break;
  case FRAME_RECEIPT: receipt_encode(out, &receipt); break;
  case FRAME_CURSOR: cursor_encode(out, &cursor); break;
  case FRAME_ENROL: enrol_encode(out, &enrol, secret); break;
  case FRAME_ENROLLED: enrolled_encode(out, &enrolled); break;
  case FRAME_REFUSE: refuse_encode(out, "revoked", "this node's certificate was revoked"); break;
  case FRAME_CHECKPOINT: checkpoint_message_encode(out, &checkpoint); break;
  case FRAME_LEAVES: leaves_message_encode(out, &leaves); break;
  case FRAME_RECALL: recall_encode(out, &recalled.marks); break;
  case FRAME_RECALLED: recalled_encode(out, &recalled); break;
  case FRAME_RENEW: renew_encode(out, &renew); break;
  case FRAME_RENEWED: renewed_encode(out, &renewed); break;
  case FRAME_STANDING: standing_encode(out, &standing); break;
  case FRAME_HELD: held_message_encode(out, &held); break;
  case FRAME_TILES: tiles_encode_leaves(out, 70119, &leaves_kept, 0, &none); break;
  case FRAME_KEEPERS: keepers_encode(out, &keepers); break;
  case FRAME_WANT: want_encode(out, 273); break;
  case FRAME_LOST: lost_message_encode(out, &lost); break;
  case FRAME_WITNESSED: /* a note, judged by note.h */
  case FRAME_BATCH:
  case FRAME_MIRROR: /* a reader of its own: recall_test.c, message_fuzz.c */
  case FRAME_SIGNATURES:
  case FRAME_BROUGHT: /* empty */
  case FRAME_TYPE_END: break;
  }
}

/* Decodes and, when that goes well, encodes what was understood. */
static bool decode(enum frame_type type, const void *p, size_t n, struct buf *again, struct err *err)
{
  static struct enrolled enrolled; /* large */
  uint8_t secret[SECRET_SIZE];
  (void)an_enrol(secret);
  struct hello hello;
  struct welcome welcome;
  struct receipt receipt;
  struct cursor cursor;
  struct enrol enrol;
  struct refuse refuse;
  static struct checkpoint_message checkpoint; /* large */
  static struct leaves_message leaves;
  static struct recalled recalled;
  struct recall_marks marks;
  struct renew renew;
  struct renewed renewed;
  struct standing standing;
  struct held_message held;
  static struct tiles tiles;
  static struct keepers keepers;
  static struct lost_message lost;
  const struct buf none = BUF_INIT;
  uint64_t tile;
  bool ok = false;
  switch (type) {
  case FRAME_HELLO:
    if ((ok = hello_decode(&hello, p, n, err))) hello_encode(again, &hello);
    break;
  case FRAME_WELCOME:
    if ((ok = welcome_decode(&welcome, p, n, err))) welcome_encode(again, &welcome);
    break;
  case FRAME_RECEIPT:
    if ((ok = receipt_decode(&receipt, p, n, err))) receipt_encode(again, &receipt);
    break;
  case FRAME_CURSOR:
    if ((ok = cursor_decode(&cursor, p, n, err))) cursor_encode(again, &cursor);
    break;
  case FRAME_ENROL:
    if ((ok = enrol_decode(&enrol, p, n, err))) enrol_encode(again, &enrol, secret);
    break;
  case FRAME_ENROLLED:
    if ((ok = enrolled_decode(&enrolled, p, n, err))) enrolled_encode(again, &enrolled);
    break;
  case FRAME_REFUSE:
    if ((ok = refuse_decode(&refuse, p, n, err))) refuse_encode(again, refuse.rule, refuse.text);
    break;
  case FRAME_CHECKPOINT:
    if ((ok = checkpoint_message_decode(&checkpoint, p, n, err)))
      checkpoint_message_encode(again, &checkpoint);
    break;
  case FRAME_LEAVES:
    if ((ok = leaves_message_decode(&leaves, p, n, err))) leaves_message_encode(again, &leaves);
    break;
  case FRAME_STANDING:
    if ((ok = standing_decode(&standing, p, n, err))) standing_encode(again, &standing);
    break;
  case FRAME_RENEW:
    if ((ok = renew_decode(&renew, p, n, err))) renew_encode(again, &renew);
    break;
  case FRAME_RENEWED:
    if ((ok = renewed_decode(&renewed, p, n, err))) renewed_encode(again, &renewed);
    break;
  case FRAME_HELD:
    if ((ok = held_message_decode(&held, p, n, err))) held_message_encode(again, &held);
    break;
  case FRAME_WITNESSED:
  case FRAME_BATCH:
  case FRAME_RECALL:
    if ((ok = recall_decode(&marks, p, n, err))) recall_encode(again, &marks);
    break;
  case FRAME_RECALLED:
    if ((ok = recalled_decode(&recalled, p, n, err))) recalled_encode(again, &recalled);
    break;
  case FRAME_TILES:
    if ((ok = tiles_decode(&tiles, p, n, err)))
      tiles_encode_leaves(again, tiles.from, &tiles.leaves, tiles.entries.left, &none);
    break;
  case FRAME_KEEPERS:
    if ((ok = keepers_decode(&keepers, p, n, err))) keepers_encode(again, &keepers);
    break;
  case FRAME_WANT:
    if ((ok = want_decode(&tile, p, n, err))) want_encode(again, tile);
    break;
  case FRAME_LOST:
    if ((ok = lost_message_decode(&lost, p, n, err))) lost_message_encode(again, &lost);
    break;
  case FRAME_MIRROR:
  case FRAME_SIGNATURES:
  case FRAME_BROUGHT:
  case FRAME_TYPE_END: break;
  }
  return ok;
}

#define EACH_MESSAGE(type)                                                                                   \
  for (enum frame_type type = FRAME_HELLO; type < FRAME_TYPE_END; type++)                                    \
    if (frame_size_max(type) > 0 && type != FRAME_BATCH && type != FRAME_WITNESSED &&                        \
        type != FRAME_MIRROR && type != FRAME_SIGNATURES && type != FRAME_BROUGHT)

static void every_message_encodes_to_its_frozen_vector(void **state)
{
  (void)state;
  FILE *file = fopen(SOURCE_DIR "/tests/vectors/messages.txt", "r");
  assert_non_null(file);
  EACH_MESSAGE(type)
  {
    char name[32];
    char hex[4096];
    struct buf out = BUF_INIT;
    char ours[4096];
    encode(&out, type);
    assert_false(out.bad);
    hex_encode(ours, out.data, out.size);
    assert_int_equal(fscanf(file, "%31s %4095s", name, hex), 2);
    assert_string_equal(name, frame_name(type));
    assert_string_equal(ours, hex);
    buf_wipe(&out);
  }
  (void)fclose(file);
}

static void every_message_decodes_to_what_was_encoded(void **state)
{
  (void)state;
  EACH_MESSAGE(type)
  {
    struct buf out = BUF_INIT;
    struct buf again = BUF_INIT;
    struct err err = ERR_INIT;
    encode(&out, type);
    assert_true(decode(type, out.data, out.size, &again, &err));
    assert_int_equal(again.size, out.size);
    assert_memory_equal(again.data, out.data, out.size);
    buf_wipe(&out);
    buf_wipe(&again);
  }
}

static void a_message_cut_short_or_with_a_byte_too_many_is_refused(void **state)
{
  (void)state;
  EACH_MESSAGE(type)
  {
    struct buf out = BUF_INIT;
    struct buf again = BUF_INIT;
    encode(&out, type);
    size_t size = out.size;
    put_u8(&out, 0);
    for (size_t n = 0; n <= size + 1; n++) {
      struct err err = ERR_INIT;
      /* A copy of exactly n bytes, so that a sanitizer sees a read behind them. */
      uint8_t *bytes = malloc(n ? n : 1);
      assert_non_null(bytes);
      memcpy(bytes, out.data, n);
      assert_int_equal(decode(type, bytes, n, &again, &err), n == size);
      if (n != size) assert_string_not_equal(err.text, "");
      free(bytes);
    }
    buf_wipe(&out);
    buf_wipe(&again);
  }
}

static void a_flipped_bit_is_refused_or_means_exactly_those_bytes(void **state)
{
  (void)state;
  EACH_MESSAGE(type)
  {
    struct buf out = BUF_INIT;
    encode(&out, type);
    for (size_t bit = 0; bit < out.size * 8; bit++) {
      struct buf again = BUF_INIT;
      struct err err = ERR_INIT;
      out.data[bit / 8] ^= (uint8_t)(1 << bit % 8);
      if (decode(type, out.data, out.size, &again, &err)) {
        assert_int_not_equal(type, FRAME_ENROL); /* signed: no flip survives */
        assert_int_equal(again.size, out.size);
        assert_memory_equal(again.data, out.data, out.size);
      }
      out.data[bit / 8] ^= (uint8_t)(1 << bit % 8);
      buf_wipe(&again);
    }
    buf_wipe(&out);
  }
}

static void another_protocol_version_is_named_in_the_refusal(void **state)
{
  (void)state;
  const enum frame_type types[] = {FRAME_HELLO, FRAME_WELCOME, FRAME_ENROL, FRAME_ENROLLED};
  for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
    struct buf out = BUF_INIT;
    struct buf again = BUF_INIT;
    struct err err = ERR_INIT;
    encode(&out, types[i]);
    out.data[0] = 2;
    assert_false(decode(types[i], out.data, out.size, &again, &err));
    assert_string_equal(err.rule, "protocol_version");
    buf_wipe(&out);
    buf_wipe(&again);
  }
}

static void a_tail_of_unknown_items_is_carried_and_a_torn_one_refused(void **state)
{
  (void)state;
  struct buf tail = BUF_INIT;
  struct buf out = BUF_INIT;
  struct err err = ERR_INIT;
  struct hello got;
  struct span body;
  struct hello hello = a_hello();
  tail_put(&tail, 200, "from the future", 15);
  tail_put(&tail, 3, "three", 5);
  hello.tail = (struct span){tail.data, tail.size};
  hello_encode(&out, &hello);
  assert_true(hello_decode(&got, out.data, out.size, &err));
  assert_true(tail_get(got.tail, 3, &body));
  assert_int_equal(body.size, 5);
  assert_memory_equal(body.p, "three", 5);
  assert_false(tail_get(got.tail, 4, &body));
  buf_clear(&out);
  hello.tail.size--;
  hello_encode(&out, &hello);
  assert_false(hello_decode(&got, out.data, out.size, &err));
  buf_wipe(&out);
  buf_wipe(&tail);
}

static void the_hubs_own_streams_in_a_tail_are_whole_or_absent(void **state)
{
  (void)state;
  const struct lane_mark marks[LANES] = {{.seq = SEQ_MAX, .hash = {1}}, {.seq = 0}};
  struct lane_mark got[LANES] = {{.seq = 7}, {.seq = 8}};
  struct buf tail = BUF_INIT, body = BUF_INIT;
  assert_false(tail_get_hashes((struct span){0}, got)); /* a peer that knows no such item */
  assert_false(tail_get_marks((struct span){0}, got));
  tail_put_hashes(&tail, marks);
  assert_true(tail_get_hashes((struct span){tail.data, tail.size}, got));
  assert_memory_equal(got[LANE_SHARED].hash, marks[LANE_SHARED].hash, HASH_SIZE);
  assert_int_equal(got[LANE_SHARED].seq, 7); /* HELLO's own fields say it */
  assert_false(tail_get_marks((struct span){tail.data, tail.size}, got));
  buf_clear(&tail);
  tail_put_marks(&tail, marks);
  assert_true(tail_get_marks((struct span){tail.data, tail.size}, got));
  assert_int_equal(got[LANE_SHARED].seq, SEQ_MAX);
  assert_false(tail_get_hashes((struct span){tail.data, tail.size}, got));
  /* One byte less or more, and a seq that no entry has. */
  put_bytes(&body, tail.data + 3, tail.size - 3);
  for (int by = -1; by <= 1; by += 2) {
    buf_clear(&tail);
    put_u8(&body, 0);
    tail_put(&tail, TAIL_LANES, body.data, (size_t)((int)body.size - 1 + by));
    assert_false(tail_get_marks((struct span){tail.data, tail.size}, got));
    body.size--;
  }
  body.data[4] = 0x10; /* 2^28 */
  body.data[5] = body.data[6] = body.data[7] = 0;
  buf_clear(&tail);
  tail_put(&tail, TAIL_LANES, body.data, body.size);
  assert_false(tail_get_marks((struct span){tail.data, tail.size}, got));
  assert_int_equal(got[LANE_SHARED].seq, SEQ_MAX); /* what is refused leaves nothing */
  buf_wipe(&tail);
  buf_wipe(&body);
}

/* What an older node sends has none. */
static void an_entry_shown_may_bring_the_records_before_it(void **state)
{
  (void)state;
  struct buf out = BUF_INIT, chain = BUF_INIT;
  struct span record;
  put_vec16(&chain, "first", 5);
  put_vec16(&chain, "second", 6);
  struct held_message got, held = {.parted = 3,
                                   .record = {(const uint8_t *)"a record", 8},
                                   .chain = reader_of(chain.data, chain.size),
                                   .chain_count = 2};
  held_message_encode(&out, &held);
  assert_true(held_message_decode(&got, out.data, out.size, NULL));
  assert_int_equal(got.chain_count, 2);
  assert_true(held_message_next(&got, &record));
  assert_memory_equal(record.p, "first", 5);
  assert_true(held_message_next(&got, &record));
  assert_memory_equal(record.p, "second", 6);
  assert_false(held_message_next(&got, &record));
  assert_false(held_message_decode(&got, out.data, out.size - 1, NULL));
  put_u8(&out, 0);
  assert_false(held_message_decode(&got, out.data, out.size, NULL));
  buf_wipe(&out);
  buf_wipe(&chain);
}

static void an_entry_shown_is_no_longer_than_a_record(void **state)
{
  (void)state;
  static uint8_t bytes[RECORD_SIZE_MAX + 1];
  struct buf out = BUF_INIT;
  struct held_message got, held = {.record = {bytes, RECORD_SIZE_MAX}};
  held_message_encode(&out, &held);
  assert_int_equal(out.size + 2 + HELD_CHAIN_MAX, frame_size_max(FRAME_HELD));
  assert_true(held_message_decode(&got, out.data, out.size, NULL));
  buf_clear(&out);
  held.record.size--;
  held.parted = (uint64_t)SEQ_MAX + 1;
  held_message_encode(&out, &held);
  assert_false(held_message_decode(&got, out.data, out.size, NULL));
  buf_clear(&out);
  held.parted = SEQ_MAX;
  held.record.size = RECORD_SIZE_MAX + 1;
  held_message_encode(&out, &held);
  assert_false(held_message_decode(&got, out.data, out.size, NULL));
  buf_wipe(&out);
}

static void texts_that_are_not_printable_utf8_are_refused(void **state)
{
  (void)state;
  const char *bad[] = {"\x1b[31m",         "a\nb",    "\xff", "\xc0\xaf", "\xe6\xb7", "\x7f", "\xed\xa0\x80",
                       "\xf4\x90\x80\x80", "\xc2\x85"};
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
    struct buf out = BUF_INIT;
    struct refuse got;
    struct err err = ERR_INIT;
    put_vec8(&out, "rule", 4);
    put_vec8(&out, bad[i], strlen(bad[i]));
    assert_false(refuse_decode(&got, out.data, out.size, &err));
    buf_clear(&out);
    refuse_encode(&out, bad[i], bad[i]); /* our own encoder never makes such a thing */
    err_clear(&err);
    assert_true(refuse_decode(&got, out.data, out.size, &err));
    buf_wipe(&out);
  }
}

static void a_sentence_too_long_is_cut_between_characters(void **state)
{
  (void)state;
  char text[RULE_TEXT_MAX + 8] = "";
  for (size_t n = 0; n + 3 < sizeof text; n += 3)
    memcpy(text + n, "县", 4);
  for (size_t shift = 0; shift < 3; shift++) {
    struct buf out = BUF_INIT;
    struct refuse got;
    struct err err = ERR_INIT;
    memmove(text + 1, text, sizeof text - 2);
    text[0] = 'x';
    refuse_encode(&out, "rule", text);
    assert_true(refuse_decode(&got, out.data, out.size, &err));
    assert_in_range(strlen(got.text), RULE_TEXT_MAX - 2, RULE_TEXT_MAX);
    buf_wipe(&out);
  }
}

static void numbers_are_taken_at_their_bounds_and_refused_one_above(void **state)
{
  (void)state;
  struct buf out = BUF_INIT;
  struct err err = ERR_INIT;
  struct hello hello = a_hello();
  struct hello got;
  hello.head_seq = SEQ_MAX;
  hello.acked_seq = SEQ_MAX;
  hello_encode(&out, &hello);
  assert_true(hello_decode(&got, out.data, out.size, &err));
  buf_clear(&out);
  hello.head_seq = (uint64_t)SEQ_MAX + 1;
  hello_encode(&out, &hello);
  assert_false(hello_decode(&got, out.data, out.size, &err));
  buf_clear(&out);
  hello = a_hello();
  hello.acked_seq = hello.head_seq + 1; /* a receipt for what was never written */
  hello_encode(&out, &hello);
  assert_false(hello_decode(&got, out.data, out.size, &err));
  buf_clear(&out);
  hello = a_hello();
  hello.wall_ms = -1;
  hello_encode(&out, &hello);
  assert_false(hello_decode(&got, out.data, out.size, &err));
  buf_wipe(&out);
}

/* A program of before does not say it, and one that reads it takes both. */
static void how_far_a_branch_has_been_is_said_behind_all_else(void **state)
{
  (void)state;
  uint8_t secret[SECRET_SIZE];
  struct err err = ERR_INIT;
  struct enrol m = an_enrol(secret), got;
  struct buf without = BUF_INIT, with = BUF_INIT;
  enrol_encode(&without, &m, secret);
  m.had = 7;
  enrol_encode(&with, &m, secret);
  assert_int_equal(with.size, without.size + 4);
  assert_memory_equal(with.data, without.data, without.size - SIGNATURE_SIZE);
  assert_true(enrol_decode(&got, with.data, with.size, &err));
  assert_int_equal(got.had, 7);
  assert_true(enrol_decode(&got, without.data, without.size, &err));
  assert_int_equal(got.had, 0);
  buf_clear(&with);
  m.had = EPOCH_MAX + 1;
  enrol_encode(&with, &m, secret);
  assert_false(enrol_decode(&got, with.data, with.size, &err));
  assert_string_equal(err.rule, "message_malformed");
  buf_wipe(&with);
  buf_wipe(&without);
}

static void the_largest_messages_fit_their_frames(void **state)
{
  (void)state;
  static uint8_t der[CERTIFICATE_SIZE_MAX];
  static struct enrolled enrolled;
  uint8_t secret[SECRET_SIZE];
  struct buf out = BUF_INIT;
  enrolled = an_enrolled();
  memset(enrolled.site_name, 'x', SITE_NAME_MAX);
  enrolled.certificate = enrolled.ca = (struct span){der, sizeof der};
  enrolled.keys_count = ENROL_KEYS_MAX;
  enrolled_encode(&out, &enrolled);
  assert_in_range(out.size, 1, frame_size_max(FRAME_ENROLLED));
  buf_clear(&out);
  struct enrol enrol = an_enrol(secret);
  memset(enrol.token, 'x', TOKEN_SIZE_MAX);
  memset(enrol.program, 'x', VERSION_TEXT_MAX);
  enrol.tls_key = (struct span){der, TLS_KEY_SIZE_MAX};
  enrol.had = EPOCH_MAX;
  enrol_encode(&out, &enrol, secret);
  assert_in_range(out.size, 1, frame_size_max(FRAME_ENROL));
  buf_clear(&out);
  struct receipt receipt = {0};
  memset(receipt.rule, 'x', sizeof receipt.rule - 1);
  memset(receipt.text, 'x', RULE_TEXT_MAX);
  receipt_encode(&out, &receipt);
  assert_in_range(out.size, 1, frame_size_max(FRAME_RECEIPT));
  buf_wipe(&out);
}

int main(void)
{
  struct err err = ERR_INIT;
  if (!crypto_start(&err)) return 1;
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_message_encodes_to_its_frozen_vector),
      cmocka_unit_test(every_message_decodes_to_what_was_encoded),
      cmocka_unit_test(a_message_cut_short_or_with_a_byte_too_many_is_refused),
      cmocka_unit_test(a_flipped_bit_is_refused_or_means_exactly_those_bytes),
      cmocka_unit_test(another_protocol_version_is_named_in_the_refusal),
      cmocka_unit_test(the_hubs_own_streams_in_a_tail_are_whole_or_absent),
      cmocka_unit_test(an_entry_shown_may_bring_the_records_before_it),
      cmocka_unit_test(an_entry_shown_is_no_longer_than_a_record),
      cmocka_unit_test(a_tail_of_unknown_items_is_carried_and_a_torn_one_refused),
      cmocka_unit_test(texts_that_are_not_printable_utf8_are_refused),
      cmocka_unit_test(a_sentence_too_long_is_cut_between_characters),
      cmocka_unit_test(numbers_are_taken_at_their_bounds_and_refused_one_above),
      cmocka_unit_test(how_far_a_branch_has_been_is_said_behind_all_else),
      cmocka_unit_test(the_largest_messages_fit_their_frames),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
