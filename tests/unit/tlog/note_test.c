/* Notes, keys, checkpoints and cosignatures against a worked example that five independent programs agree on
 * (openssl and signify for the signatures, golang.org/x/mod for notes and tree, torchwood for the
 * cosignature). */
#include "sync/note.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const char log_vkey[] = "hub.example/audit+c506c070+AQOhB7/zzhC+HXDdGOdLwJln5NYwm6UNXx3chmQSVTG4";
static const char witness_vkey[] =
    "county0001.example/w1+a8ef58da+BCmsuuFBvMrwsi4alNNNC8c2HlJtC/4SyJeUvJMilm3X";
static const char text[] = "hub.example/audit\n5\nT62vZSML5iJ8ANplXqCI8QOKOzRDNQs+bPcGLy4Dljo=\n";
static const char signed_note[] =
    "hub.example/audit\n5\nT62vZSML5iJ8ANplXqCI8QOKOzRDNQs+bPcGLy4Dljo=\n\n"
    "\xe2\x80\x94 hub.example/audit "
    "xQbAcH9YXwk/KwvsWygu1Kg6y8oWIOPn0aXirutGtTFR2RnJWDNrKqObQDDgK8BAxzcV7BQao0CsEYaD4xTyZxLAlA0=\n"
    "\xe2\x80\x94 county0001.example/w1 "
    "qO9Y2gAAAABqGKUFTbVKkqT51t93gngBIOZMcLB8qYX3SplBAaYNYS2HxPYgHi1/vCl43vaJ/"
    "M4sUREAfXICb395532kntPLKRxCAA==\n";

struct pair {
  uint8_t public_key[PUBLIC_SIZE];
  uint8_t secret[SECRET_SIZE];
  struct note_key key;
};

static struct pair pair_of(const char *name, uint8_t type, uint8_t first)
{
  struct pair pair;
  uint8_t seed[SEED_SIZE];
  for (int i = 0; i < SEED_SIZE; i++)
    seed[i] = (uint8_t)(first + i);
  sign_pair_of_seed(pair.public_key, pair.secret, seed);
  assert_true(note_key_init(&pair.key, name, type, pair.public_key, NULL));
  return pair;
}

static struct pair log_pair(void)
{
  return pair_of("hub.example/audit", NOTE_KEY_ED25519, 0);
}

static struct pair witness_pair(void)
{
  return pair_of("county0001.example/w1", NOTE_KEY_COSIGNATURE, 0x20);
}

static void expect_text(struct buf *buf, const char *expected)
{
  assert_false(buf->bad);
  put_u8(buf, 0);
  assert_string_equal((const char *)buf->data, expected);
  buf_wipe(buf);
}

static void keys_have_the_ids_of_the_worked_example(void **state)
{
  (void)state;
  struct pair log = log_pair();
  struct pair witness = witness_pair();
  struct buf vkey = BUF_INIT;
  note_key_encode(&vkey, &log.key);
  expect_text(&vkey, log_vkey);
  note_key_encode(&vkey, &witness.key);
  expect_text(&vkey, witness_vkey);
  struct note_key back;
  assert_true(note_key_decode(&back, witness_vkey, NULL));
  assert_memory_equal(back.id, witness.key.id, 4);
  assert_int_equal(back.type, NOTE_KEY_COSIGNATURE);
}

static void a_vkey_that_lies_about_its_id_is_refused(void **state)
{
  (void)state;
  struct note_key key;
  struct err err = ERR_INIT;
  assert_false(
      note_key_decode(&key, "hub.example/audit+c506c071+AQOhB7/zzhC+HXDdGOdLwJln5NYwm6UNXx3chmQSVTG4", &err));
  assert_string_equal(err.rule, "vkey");
  assert_false(
      note_key_decode(&key, "hub.example/other+c506c070+AQOhB7/zzhC+HXDdGOdLwJln5NYwm6UNXx3chmQSVTG4", NULL));
  assert_false(note_key_decode(&key, "hub.example/audit", NULL));
  assert_false(note_key_decode(&key, "", NULL));
}

static void a_key_has_a_name_of_so_many_characters_and_no_more(void **state)
{
  (void)state;
  char name[NOTE_NAME_MAX + 2];
  struct pair log = log_pair();
  struct note_key key, back;
  struct buf vkey = BUF_INIT;
  memset(name, 'n', sizeof name);
  name[NOTE_NAME_MAX + 1] = 0;
  assert_false(note_key_init(&key, name, NOTE_KEY_ED25519, log.key.public_key, NULL));
  name[NOTE_NAME_MAX] = 0;
  assert_true(note_key_init(&key, name, NOTE_KEY_ED25519, log.key.public_key, NULL));
  note_key_encode(&vkey, &key);
  put_u8(&vkey, 0);
  assert_true(note_key_decode(&back, (const char *)vkey.data, NULL));
  assert_string_equal(back.name, name);
  buf_clear(&vkey);
  put_text(&vkey, "n"); /* one more */
  note_key_encode(&vkey, &key);
  put_u8(&vkey, 0);
  assert_false(note_key_decode(&back, (const char *)vkey.data, NULL));
  buf_wipe(&vkey);
}

static void the_worked_note_is_made_byte_for_byte(void **state)
{
  (void)state;
  struct pair log = log_pair();
  struct pair witness = witness_pair();
  struct checkpoint checkpoint = {.size = 5};
  snprintf(checkpoint.origin, sizeof checkpoint.origin, "hub.example/audit");
  assert_true(hex_decode(checkpoint.root.bytes, HASH_SIZE,
                         "4fadaf65230be6227c00da655ea088f1038a3b3443350b3e6cf7062f2e03963a"));
  struct buf note = BUF_INIT;
  checkpoint_encode(&note, &checkpoint);
  assert_int_equal(note.size, sizeof text - 1);
  put_text(&note, "\n");
  note_sign(&note, text, sizeof text - 1, &log.key, log.secret);
  note_cosign(&note, text, sizeof text - 1, &witness.key, witness.secret, 1780000005);
  expect_text(&note, signed_note);
}

static void both_signatures_verify_and_the_time_is_read(void **state)
{
  (void)state;
  struct pair log = log_pair();
  struct pair witness = witness_pair();
  struct note note;
  uint64_t time_s = 0;
  assert_true(note_open(&note, signed_note, sizeof signed_note - 1, NULL));
  assert_int_equal(note.line_count, 2);
  assert_true(note_verify(&note, &log.key, NULL, NULL));
  assert_true(note_verify(&note, &witness.key, &time_s, NULL));
  assert_int_equal(time_s, 1780000005);
  struct pair stranger = pair_of("hub.example/audit", NOTE_KEY_ED25519, 0x40);
  struct err err = ERR_INIT;
  assert_false(note_verify(&note, &stranger.key, NULL, &err));
  assert_int_equal(err.kind, ERR_MISSING);
}

/* Flips every bit of the text and of the log's line: none may still verify as the same checkpoint. */
static void every_flipped_bit_is_refused(void **state)
{
  (void)state;
  struct pair log = log_pair();
  char bytes[sizeof signed_note];
  size_t end = (size_t)(strstr(signed_note, "county") - signed_note) - 4;
  for (size_t bit = 0; bit < end * 8; bit++) {
    memcpy(bytes, signed_note, sizeof bytes);
    bytes[bit / 8] = (char)(bytes[bit / 8] ^ (1 << bit % 8));
    struct note note;
    bool good = note_open(&note, bytes, sizeof bytes - 1, NULL) && note_verify(&note, &log.key, NULL, NULL);
    if (good) fail_msg("bit %zu of byte %zu (%c) may be flipped", bit % 8, bit / 8, signed_note[bit / 8]);
  }
}

static void checkpoints_in_any_other_form_are_refused(void **state)
{
  (void)state;
  static const char root[] = "T62vZSML5iJ8ANplXqCI8QOKOzRDNQs+bPcGLy4Dljo=";
  static const char *const wrong[] = {
      "hub\n05\n%s\n", "hub\n+5\n%s\n",  "hub\n5\n%s",    "hub\n5\n%s\nextension\n",         "\n5\n%s\n",
      "hub\n\n%s\n",   "hub\r\n5\n%s\n", "hub\n5 \n%s\n", "hub\n99999999999999999999\n%s\n", "hub\n-1\n%s\n",
  };
  struct checkpoint checkpoint;
  char made[200];
  for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
    const char *mark = strstr(wrong[i], "%s");
    snprintf(made, sizeof made, "%.*s%s%s", (int)(mark - wrong[i]), wrong[i], root, mark + 2);
    bool ok = checkpoint_decode(&checkpoint, made, strlen(made), NULL);
    if (i == 6) continue; /* a CR is a byte of the origin here; note_open refuses it */
    assert_false(ok);
  }
  /* not canonical: the last character has spare bits set; missing padding; 31 bytes */
  assert_false(
      checkpoint_decode(&checkpoint, "h\n1\nT62vZSML5iJ8ANplXqCI8QOKOzRDNQs+bPcGLy4Dljp=\n", 50, NULL));
  assert_false(
      checkpoint_decode(&checkpoint, "h\n1\nT62vZSML5iJ8ANplXqCI8QOKOzRDNQs+bPcGLy4Dljo\n", 49, NULL));
  assert_false(checkpoint_decode(&checkpoint, "h\n1\nAAAA\n", 9, NULL));
  assert_true(checkpoint_decode(&checkpoint, text, sizeof text - 1, NULL));
}

static void notes_with_crlf_no_lines_or_101_lines_are_refused(void **state)
{
  (void)state;
  struct note note;
  assert_false(note_open(&note, "a\r\n\n\xe2\x80\x94 x AAAAAAA=\n", 18, NULL));
  assert_false(note_open(&note, text, sizeof text - 1, NULL));
  assert_false(note_open(&note, "", 0, NULL));
  struct buf many = BUF_INIT;
  put_text(&many, "a\n\n");
  for (int i = 0; i < 100; i++)
    put_text(&many, "\xe2\x80\x94 x AAAAAAAA\n");
  assert_true(note_open(&note, (const char *)many.data, many.size, NULL));
  put_text(&many, "\xe2\x80\x94 x AAAAAAAA\n");
  struct err err = ERR_INIT;
  assert_false(note_open(&note, (const char *)many.data, many.size, &err));
  assert_string_equal(err.rule, "note_lines");
  buf_wipe(&many);
}

static void a_line_that_does_not_begin_with_a_dash_makes_no_note(void **state)
{
  (void)state;
  static const char *const wrong[] = {
      "x",           "hub AAAAAAAA", "- x AAAAAAAA", " \xe2\x80\x94 x AAAAAAAA", "\xe2\x80\x94x AAAAAAAA",
      "\xe2\x80\x94"};
  for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
    struct note note;
    struct err err = ERR_INIT;
    char made[100];
    int size = snprintf(made, sizeof made, "a\n\n\xe2\x80\x94 x AAAAAAAA\n%s\n", wrong[i]);
    assert_false(note_open(&note, made, (size_t)size, &err));
    assert_string_equal(err.rule, "note_line");
  }
}

static void two_lines_of_one_witness_are_refused(void **state)
{
  (void)state;
  struct pair witness = witness_pair();
  struct buf twice = BUF_INIT;
  put_text(&twice, signed_note);
  put_text(&twice, strstr(signed_note, "\xe2\x80\x94 county"));
  struct note note;
  struct err err = ERR_INIT;
  assert_true(note_open(&note, (const char *)twice.data, twice.size, NULL));
  assert_false(note_verify(&note, &witness.key, NULL, &err));
  assert_string_equal(err.rule, "duplicate_signature");
  buf_wipe(&twice);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(keys_have_the_ids_of_the_worked_example),
      cmocka_unit_test(a_vkey_that_lies_about_its_id_is_refused),
      cmocka_unit_test(a_key_has_a_name_of_so_many_characters_and_no_more),
      cmocka_unit_test(the_worked_note_is_made_byte_for_byte),
      cmocka_unit_test(both_signatures_verify_and_the_time_is_read),
      cmocka_unit_test(every_flipped_bit_is_refused),
      cmocka_unit_test(checkpoints_in_any_other_form_are_refused),
      cmocka_unit_test(notes_with_crlf_no_lines_or_101_lines_are_refused),
      cmocka_unit_test(a_line_that_does_not_begin_with_a_dash_makes_no_note),
      cmocka_unit_test(two_lines_of_one_witness_are_refused),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
