/* Policies say who must have seen a checkpoint; a file that leaves doubt is refused with its line. */
#include "sync/policy.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { WITNESSES = 5 };

static struct note_key keys[WITNESSES];
static uint8_t secrets[WITNESSES][SECRET_SIZE];
static const char text[] = "hub.example/log\n0\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n";

static int make_keys(void **state)
{
  (void)state;
  for (int i = 0; i < WITNESSES; i++) {
    uint8_t public_key[PUBLIC_SIZE];
    char name[20];
    sign_pair(public_key, secrets[i]);
    snprintf(name, sizeof name, "w%d.example", i);
    if (!note_key_init(&keys[i], name, NOTE_KEY_COSIGNATURE, public_key, NULL)) return 1;
  }
  return 0;
}

/* "%0".."%4" in the pattern become the witnesses' keys. */
static struct policy *policy_of(const char *pattern, struct err *err)
{
  struct buf file = BUF_INIT;
  for (const char *c = pattern; *c; c++) {
    if (*c == '%')
      note_key_encode(&file, &keys[*++c - '0']);
    else
      put_bytes(&file, c, 1);
  }
  struct policy *policy = NULL;
  if (!policy_open(&policy, (const char *)file.data, file.size, err)) policy = NULL;
  buf_wipe(&file);
  return policy;
}

static struct policy_result judge(const struct policy *policy, const int *signers, size_t count)
{
  struct buf bytes = BUF_INIT;
  put_text(&bytes, text);
  put_text(&bytes, "\n");
  for (size_t i = 0; i < count; i++)
    note_cosign(&bytes, text, sizeof text - 1, &keys[signers[i]], secrets[signers[i]],
                100 + (uint64_t)signers[i]);
  struct note note;
  struct policy_result result;
  assert_true(note_open(&note, (const char *)bytes.data, bytes.size, NULL));
  policy_judge(policy, &note, &result);
  buf_wipe(&bytes);
  return result;
}

static const char province[] = "# two prefectures and somebody outside\n"
                               "witness a %0\nwitness b %1\nwitness c %2\nwitness d %3\nwitness outside %4\n"
                               "group hangzhou any a b\ngroup ningbo all c d\n"
                               "group counties 2 hangzhou ningbo\n"
                               "group both all counties outside\n"
                               "quorum both\n";

static void a_quorum_of_groups_needs_each_of_its_parts(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  struct policy *policy = policy_of(province, &err);
  if (!policy) fail_msg("%s", err.text);
  assert_int_equal(policy_witnesses(policy), 5);
  struct policy_result all = judge(policy, (int[]){0, 2, 3, 4}, 4);
  assert_true(all.met);
  assert_int_equal(all.witnesses, 4);
  assert_int_equal(all.oldest_s, 100);
  assert_false(judge(policy, (int[]){0, 2, 3}, 3).met);
  assert_false(judge(policy, (int[]){0, 1, 2, 4}, 4).met);
  assert_false(judge(policy, (int[]){2, 3, 4}, 3).met);
  policy_close(policy);
}

static void none_is_always_met(void **state)
{
  (void)state;
  struct policy *policy = policy_of("quorum none\n", NULL);
  assert_non_null(policy);
  assert_true(judge(policy, (int[]){0}, 1).met);
  assert_true(policy_asks_nobody(policy)); /* and so proves nothing */
  policy_close(policy);
}

static void files_that_leave_doubt_are_refused(void **state)
{
  (void)state;
  static const char *const wrong[] = {
      "",
      "witness a %0\n",
      "witness a %0\nquorum a\nquorum a\n",
      "witness a %0\nwitness a %1\nquorum a\n",
      "group g 1 a\nwitness a %0\nquorum g\n",
      "witness a %0\ngroup g 2 a\nquorum g\n",
      "witness a %0\ngroup g 0 a\nquorum g\n",
      "witness a %0\ngroup g any\nquorum g\n",
      "witness a %0\ngroup g any a\ngroup h any a\nquorum g\n",
      "witness a %0\nquorum b\n",
      "witness a %0 https://a.example extra\nquorum a\n",
      "witness a %0\nwitness b %0\nquorum a\n",
      "witness a %0\r\nquorum a\r\n",
      "witness none %0\nquorum none\n",
      "witnes a %0\nquorum none\n",
      "group g any g\nquorum g\n",
  };
  for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
    struct err err = ERR_INIT;
    struct policy *policy = policy_of(wrong[i], &err);
    if (policy) fail_msg("accepted: %s", wrong[i]);
    assert_int_equal(err.kind, ERR_INPUT);
  }
}

static void spaces_comments_and_addresses_may_stand_where_the_format_has_them(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  struct policy *policy = policy_of("  # by hand\n\n \twitness a %0\thttps://a.example/w \nwitness b %1\n"
                                    "group g any a b\n quorum  g\n",
                                    &err);
  if (!policy) fail_msg("%s", err.text);
  assert_string_equal(policy_witness_url(policy, 0), "https://a.example/w");
  assert_null(policy_witness_url(policy, 1));
  policy_close(policy);
}

static uint64_t size_of(void *ctx, const struct note_key *key)
{
  const uint64_t *sizes = ctx;
  for (int i = 0; i < WITNESSES; i++)
    if (memcmp(key->id, keys[i].id, sizeof key->id) == 0) return sizes[i];
  return 0;
}

static void a_quorum_reaches_as_far_as_its_weakest_needed_part(void **state)
{
  (void)state;
  struct policy *policy = policy_of(province, NULL);
  assert_non_null(policy);
  assert_int_equal(policy_reach(policy, size_of, (uint64_t[]){90, 70, 50, 60, 80}), 50);
  assert_int_equal(policy_reach(policy, size_of, (uint64_t[]){0, 40, 50, 60, 80}), 40);
  assert_int_equal(policy_reach(policy, size_of, (uint64_t[]){90, 70, 50, 60, 0}), 0);
  policy_close(policy);
  policy = policy_of("quorum none\n", NULL);
  assert_true(policy_reach(policy, size_of, NULL) == UINT64_MAX);
  policy_close(policy);
}

static bool among(void *ctx, const struct note_key *key)
{
  for (const int *i = ctx; *i >= 0; i++)
    if (key == &keys[*i] || strcmp(key->name, keys[*i].name) == 0) return true;
  return false;
}

static void who_is_missing_is_named_as_the_policy_does(void **state)
{
  (void)state;
  static const struct {
    int there[6];
    const char *missing;
  } list[] = {{{0, 1, 2, 3, 4, -1}, ""}, {{0, 2, 3, 4, -1}, "b"}, {{2, 3, -1}, "a, b, outside"}};
  struct policy *policy = policy_of(province, NULL);
  for (size_t i = 0; i < sizeof list / sizeof *list; i++) {
    struct buf out = BUF_INIT;
    int there[6];
    memcpy(there, list[i].there, sizeof there);
    policy_missing(policy, among, there, &out);
    put_u8(&out, 0);
    assert_string_equal((const char *)out.data, list[i].missing);
    buf_wipe(&out);
  }
  policy_close(policy);
}

/* A hundred names are no sentence. */
static void of_many_that_are_missing_a_few_are_named(void **state)
{
  (void)state;
  int nobody = -1;
  struct buf file = BUF_INIT, out = BUF_INIT;
  struct policy *policy = NULL;
  for (int i = 0; i < 8; i++) {
    struct note_key key;
    uint8_t public_key[PUBLIC_SIZE], secret[SECRET_SIZE];
    char word[30];
    sign_pair(public_key, secret);
    assert_true(note_key_init(&key, "w.example", NOTE_KEY_COSIGNATURE, public_key, NULL));
    snprintf(word, sizeof word, "witness w%d ", i);
    put_text(&file, word);
    note_key_encode(&file, &key);
    put_text(&file, "\n");
  }
  put_text(&file, "quorum w0\n");
  assert_true(policy_open(&policy, (const char *)file.data, file.size, NULL));
  policy_missing(policy, among, &nobody, &out);
  put_u8(&out, 0);
  assert_string_equal((const char *)out.data, "w0, w1, w2, w3, w4 and 3 more");
  buf_wipe(&out);
  buf_wipe(&file);
  policy_close(policy);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_quorum_of_groups_needs_each_of_its_parts),
      cmocka_unit_test(none_is_always_met),
      cmocka_unit_test(files_that_leave_doubt_are_refused),
      cmocka_unit_test(spaces_comments_and_addresses_may_stand_where_the_format_has_them),
      cmocka_unit_test(a_quorum_reaches_as_far_as_its_weakest_needed_part),
      cmocka_unit_test(who_is_missing_is_named_as_the_policy_does),
      cmocka_unit_test(of_many_that_are_missing_a_few_are_named),
  };
  return cmocka_run_group_tests(tests, make_keys, NULL);
}
