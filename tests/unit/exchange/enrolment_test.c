/* Enrolment: one question and one answer, between the real machines of both ends. */
#include "core/base/limits.h"
#include "sync/enrolment.h"
#include "sync/exchange_hub.h"
#include "sync/frame.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static const struct moment now = {1000, 1795316000000};

struct pair {
  struct enrolment *node;
  struct exchange_hub *hub;
  uint8_t secret[SECRET_SIZE];
};

static void begin(struct pair *pair)
{
  static const uint8_t seed[SEED_SIZE] = {4};
  struct err err = ERR_INIT;
  struct exchange_hub_config config = {.province = 330000, .program = "1.0.0"}; /* no certificate: branch 0 */
  struct enrol ask = {.token = "k7qp-3xwm", .branch = 330127, .program = "1.0.0"};
  sign_pair_of_seed(ask.public_key, pair->secret, seed);
  ask.tls_key = (struct span){(const uint8_t *)"spki", 4};
  assert_true(enrolment_open(&pair->node, &ask, pair->secret, now, &err));
  assert_true(exchange_hub_open(&pair->hub, &config, now, &err));
}

static void end(struct pair *pair)
{
  enrolment_close(pair->node);
  exchange_hub_close(pair->hub);
}

static bool ask(struct pair *pair, struct exchange_hub_action *action)
{
  struct span out = enrolment_output(pair->node);
  exchange_hub_input(pair->hub, out.p, out.size, now);
  enrolment_sent(pair->node, out.size, now);
  return exchange_hub_action(pair->hub, action);
}

static void answer(struct pair *pair)
{
  struct span out = exchange_hub_output(pair->hub);
  enrolment_input(pair->node, out.p, out.size, now);
  exchange_hub_sent(pair->hub, out.size, now);
}

static void a_proven_key_gets_certificate_epoch_and_keys(void **state)
{
  (void)state;
  struct pair pair;
  struct exchange_hub_action action;
  struct err err = ERR_INIT;
  const struct enrolled *got = NULL;
  static struct enrolled reply = {.branch = 330127,
                                  .epoch = 2,
                                  .head_seq = 80,
                                  .province = 330000,
                                  .wall_ms = 1795316000000,
                                  .site_name = "淳安县支行",
                                  .certificate = {(const uint8_t *)"cert", 4},
                                  .ca = {(const uint8_t *)"ca", 2},
                                  .keys_count = 1};
  begin(&pair);
  assert_true(ask(&pair, &action));
  assert_int_equal(action.kind, HUB_ENROL);
  assert_string_equal(action.enrol->token, "k7qp-3xwm");
  assert_int_equal(enrolment_state(pair.node, &got, &err), ENROLMENT_WAITS);
  exchange_hub_enrolled(pair.hub, &reply, now);
  answer(&pair);
  assert_int_equal(enrolment_state(pair.node, &got, &err), ENROLMENT_DONE);
  assert_int_equal(got->epoch, 2);
  assert_int_equal(got->head_seq, 80);
  assert_string_equal(got->site_name, "淳安县支行");
  assert_memory_equal(got->certificate.p, "cert", 4);
  assert_true(exchange_hub_ended(pair.hub));
  end(&pair);
}

static void a_refused_invite_says_why(void **state)
{
  (void)state;
  struct pair pair;
  struct exchange_hub_action action;
  struct err err = ERR_INIT;
  const struct enrolled *got = NULL;
  begin(&pair);
  assert_true(ask(&pair, &action));
  exchange_hub_refuse(pair.hub, "invite_expired", "this invite was good until yesterday", now);
  answer(&pair);
  assert_int_equal(enrolment_state(pair.node, &got, &err), ENROLMENT_FAILED);
  assert_string_equal(err.rule, "invite_expired");
  end(&pair);
}

static void without_a_certificate_nothing_but_enrolment_is_answered(void **state)
{
  (void)state;
  const enum frame_type types[] = {FRAME_HELLO, FRAME_BATCH, FRAME_CURSOR, FRAME_ENROLLED, FRAME_WELCOME};
  for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
    struct pair pair;
    struct exchange_hub_action action;
    struct buf bytes = BUF_INIT;
    begin(&pair);
    frame_put(&bytes, types[i], "x", 1);
    exchange_hub_input(pair.hub, bytes.data, bytes.size, now);
    assert_true(exchange_hub_action(pair.hub, &action));
    assert_int_equal(action.kind, HUB_VIOLATION);
    assert_string_equal(action.why.rule, "frame_unexpected");
    assert_true(exchange_hub_ended(pair.hub));
    buf_wipe(&bytes);
    end(&pair);
  }
}

static void a_key_that_is_not_proven_gets_nothing(void **state)
{
  (void)state;
  struct pair pair;
  struct exchange_hub_action action;
  begin(&pair);
  struct span out = enrolment_output(pair.node);
  struct buf bytes = BUF_INIT;
  put_bytes(&bytes, out.p, out.size);
  bytes.data[bytes.size - 1] ^= 1;
  exchange_hub_input(pair.hub, bytes.data, bytes.size, now);
  assert_true(exchange_hub_action(pair.hub, &action));
  assert_int_equal(action.kind, HUB_VIOLATION);
  assert_string_equal(action.why.rule, "enrol_signature");
  assert_false(exchange_hub_action(pair.hub, &action));
  buf_wipe(&bytes);
  end(&pair);
}

static void one_question_a_connection(void **state)
{
  (void)state;
  struct pair pair;
  struct exchange_hub_action action;
  struct buf bytes = BUF_INIT;
  begin(&pair);
  struct span out = enrolment_output(pair.node);
  put_bytes(&bytes, out.p, out.size);
  put_bytes(&bytes, out.p, out.size);
  exchange_hub_input(pair.hub, bytes.data, bytes.size, now);
  assert_true(exchange_hub_action(pair.hub, &action));
  assert_int_equal(action.kind, HUB_ENROL);
  assert_true(exchange_hub_action(pair.hub, &action));
  assert_int_equal(action.kind, HUB_VIOLATION);
  buf_wipe(&bytes);
  end(&pair);
}

static void both_ends_stop_waiting(void **state)
{
  (void)state;
  struct pair pair;
  struct err err = ERR_INIT;
  const struct enrolled *got = NULL;
  begin(&pair);
  struct span out = enrolment_output(pair.node);
  enrolment_sent(pair.node, out.size, now);
  assert_int_equal(enrolment_deadline(pair.node), now.mono_ms + ENROL_WAIT_MS);
  enrolment_tick(pair.node, (struct moment){now.mono_ms + ENROL_WAIT_MS - 1, now.wall_ms});
  assert_int_equal(enrolment_state(pair.node, &got, &err), ENROLMENT_WAITS);
  enrolment_tick(pair.node, (struct moment){now.mono_ms + ENROL_WAIT_MS, now.wall_ms});
  assert_int_equal(enrolment_state(pair.node, &got, &err), ENROLMENT_FAILED);
  assert_int_equal(exchange_hub_deadline(pair.hub), now.mono_ms + HELLO_WAIT_MS);
  exchange_hub_tick(pair.hub, (struct moment){now.mono_ms + HELLO_WAIT_MS, now.wall_ms});
  assert_true(exchange_hub_ended(pair.hub));
  end(&pair);
}

/* A stranger that drips one byte a second costs a few hundred bytes for twenty seconds. */
static void a_dripping_stranger_is_dropped(void **state)
{
  (void)state;
  struct pair pair;
  int64_t at = now.mono_ms;
  begin(&pair);
  for (int i = 0; i < 60 && !exchange_hub_ended(pair.hub); i++) {
    at += 1000;
    exchange_hub_input(pair.hub, "\0", 1, (struct moment){at, now.wall_ms});
    exchange_hub_tick(pair.hub, (struct moment){at, now.wall_ms});
  }
  assert_true(exchange_hub_ended(pair.hub));
  assert_in_range(at, now.mono_ms, now.mono_ms + FRAME_WAIT_MS + 2000);
  end(&pair);
}

int main(void)
{
  struct err err = ERR_INIT;
  if (!crypto_start(&err)) return 1;
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_proven_key_gets_certificate_epoch_and_keys),
      cmocka_unit_test(a_refused_invite_says_why),
      cmocka_unit_test(without_a_certificate_nothing_but_enrolment_is_answered),
      cmocka_unit_test(a_key_that_is_not_proven_gets_nothing),
      cmocka_unit_test(one_question_a_connection),
      cmocka_unit_test(both_ends_stop_waiting),
      cmocka_unit_test(a_dripping_stranger_is_dropped),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
