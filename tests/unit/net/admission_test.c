/* The table that says how much of a port one peer may have. */
#include "province.h"

#include "net/admission.h"

static const struct admission_limits limits = {.per_peer = 3,
                                               .served_per_peer = 3,
                                               .handshakes_per_peer = 2,
                                               .burst = 5,
                                               .per_minute = 60,
                                               .peers_max = 64};

static void a_peer_gets_its_burst_and_then_its_rate(void **state)
{
  (void)state;
  struct admission *a = admission_open(&limits);
  for (int i = 0; i < 5; i++) {
    assert_int_equal(admission_enter(a, 7, 1000), ADMISSION_YES);
    admission_leave(a, 7, false);
  }
  assert_int_equal(admission_enter(a, 7, 1000), ADMISSION_RATE);
  assert_int_equal(admission_enter(a, 7, 1999), ADMISSION_RATE);
  assert_int_equal(admission_enter(a, 7, 2000), ADMISSION_YES);
  assert_int_equal(admission_enter(a, 7, 2000), ADMISSION_RATE);
  admission_close(a);
}

/* A peer that holds its places and asks on spends its rate: it cannot ask for nothing. */
static void a_refusal_costs_as_much_as_a_place(void **state)
{
  (void)state;
  struct admission *a = admission_open(&limits);
  for (int i = 0; i < 3; i++)
    assert_int_equal(admission_enter(a, 7, 0), ADMISSION_YES);
  for (int i = 0; i < 2; i++)
    assert_int_equal(admission_enter(a, 7, 0), ADMISSION_PEER);
  assert_int_equal(admission_enter(a, 7, 0), ADMISSION_RATE); /* its burst of five is spent */
  admission_leave(a, 7, false);
  assert_int_equal(admission_enter(a, 7, 999), ADMISSION_RATE);
  assert_int_equal(admission_enter(a, 7, 1000), ADMISSION_YES);
  admission_close(a);
}

static void one_peer_cannot_take_the_place_of_another(void **state)
{
  (void)state;
  struct admission *a = admission_open(&limits);
  for (int i = 0; i < 3; i++)
    assert_int_equal(admission_enter(a, 7, 0), ADMISSION_YES);
  assert_int_equal(admission_enter(a, 7, 0), ADMISSION_PEER);
  assert_int_equal(admission_enter(a, 8, 0), ADMISSION_YES);
  admission_leave(a, 7, false);
  assert_int_equal(admission_enter(a, 7, 0), ADMISSION_YES);
  admission_close(a);
}

static void handshakes_of_one_peer_are_few_at_once(void **state)
{
  (void)state;
  struct admission *a = admission_open(&limits);
  for (int i = 0; i < 3; i++)
    assert_int_equal(admission_enter(a, 7, 0), ADMISSION_YES);
  assert_true(admission_begin(a, 7));
  assert_true(admission_begin(a, 7));
  assert_false(admission_begin(a, 7));
  admission_end(a, 7);
  assert_true(admission_begin(a, 7));
  admission_close(a);
}

/* Those of an office that find no place wait for one; they are not turned away. */
static void of_a_peers_connections_so_many_are_served_at_once(void **state)
{
  (void)state;
  struct admission_limits few = limits;
  few.served_per_peer = 1;
  struct admission *a = admission_open(&few);
  for (int i = 0; i < 2; i++)
    assert_int_equal(admission_enter(a, 7, 0), ADMISSION_YES);
  assert_true(admission_begin(a, 7));
  admission_end(a, 7); /* its handshake is over, and it is served */
  assert_false(admission_begin(a, 7));
  admission_leave(a, 7, true);
  assert_true(admission_begin(a, 7));
  admission_close(a);
}

static void a_flood_of_peers_is_refused_and_forgotten_again(void **state)
{
  (void)state;
  struct admission *a = admission_open(&limits);
  int in = 0, full = 0;
  for (uint64_t peer = 1; peer <= 1000; peer++) {
    enum admission_answer answer = admission_enter(a, peer, 0);
    if (answer == ADMISSION_YES) {
      in++;
      admission_leave(a, peer, false);
    } else {
      assert_int_equal(answer, ADMISSION_FULL);
      full++;
    }
  }
  assert_in_range(in, 48, 64); /* a row is only found within 16 probes */
  assert_int_equal(in + full, 1000);
  /* After a second every bucket is full again, so the rows may be somebody else's. */
  assert_int_equal(admission_enter(a, 5000, 1000), ADMISSION_YES);
  admission_close(a);
}

/* Its connections would otherwise be nobody's: uncounted, and closed on somebody else's account. */
static void who_has_something_open_keeps_its_row(void **state)
{
  (void)state;
  struct admission_limits few = limits;
  few.peers_max = 16;
  struct admission *a = admission_open(&few);
  for (uint64_t peer = 1; peer <= 16; peer++)
    assert_int_equal(admission_enter(a, peer, 0), ADMISSION_YES);
  assert_int_equal(admission_enter(a, 17, 60000), ADMISSION_FULL); /* though every bucket is full again */
  admission_leave(a, 9, false);
  assert_int_equal(admission_enter(a, 17, 60000), ADMISSION_YES);
  assert_int_equal(admission_enter(a, 9, 60000), ADMISSION_FULL);
  for (uint64_t peer = 1; peer <= 17; peer++)
    if (peer != 9) admission_leave(a, peer, false);
  admission_close(a);
}

/* A flood of strangers takes the rows of strangers first. */
static void where_somebody_has_proved_who_they_are_is_forgotten_last(void **state)
{
  (void)state;
  struct admission_limits few = limits;
  few.peers_max = 16;
  struct admission *a = admission_open(&few);
  for (uint64_t peer = 1; peer <= 16; peer++) {
    assert_int_equal(admission_enter(a, peer, 0), ADMISSION_YES);
    if (peer != 12) admission_prove(a, peer);
    admission_leave(a, peer, false);
  }
  assert_false(admission_proved(a, 12));
  assert_int_equal(admission_enter(a, 17, 60000), ADMISSION_YES); /* the row of 12 */
  for (uint64_t peer = 1; peer <= 16; peer++)
    assert_int_equal(admission_proved(a, peer), peer != 12);
  assert_int_equal(admission_enter(a, 18, 60000), ADMISSION_YES); /* nobody else's was left */
  admission_leave(a, 17, false);
  admission_leave(a, 18, false);
  admission_close(a);
}

/* However crowded the table is: a row that is not found again counts for ever. */
static void whoever_was_let_in_is_found_again(void **state)
{
  (void)state;
  static bool in[5001];
  struct admission_limits many = limits;
  many.peers_max = 1024;
  struct admission *a = admission_open(&many);
  for (uint64_t peer = 1; peer <= 5000; peer++)
    in[peer] = admission_enter(a, peer, 0) == ADMISSION_YES;
  for (uint64_t peer = 1; peer <= 5000; peer++)
    if (in[peer]) admission_leave(a, peer, false); /* asserts that it is there */
  admission_close(a);
}

static void a_long_rest_fills_the_bucket_and_no_more(void **state)
{
  (void)state;
  struct admission *a = admission_open(&limits);
  assert_int_equal(admission_enter(a, 7, 0), ADMISSION_YES);
  for (int i = 0; i < 5; i++) {
    admission_leave(a, 7, false);
    assert_int_equal(admission_enter(a, 7, 3600000), ADMISSION_YES);
  }
  assert_int_equal(admission_enter(a, 7, 3600000), ADMISSION_RATE);
  assert_int_equal(admission_enter(a, 7, 1000),
                   ADMISSION_RATE); /* nor does a clock that went back give any */
  admission_close(a);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_peer_gets_its_burst_and_then_its_rate),
      cmocka_unit_test(a_refusal_costs_as_much_as_a_place),
      cmocka_unit_test(one_peer_cannot_take_the_place_of_another),
      cmocka_unit_test(handshakes_of_one_peer_are_few_at_once),
      cmocka_unit_test(of_a_peers_connections_so_many_are_served_at_once),
      cmocka_unit_test(a_flood_of_peers_is_refused_and_forgotten_again),
      cmocka_unit_test(who_has_something_open_keeps_its_row),
      cmocka_unit_test(where_somebody_has_proved_who_they_are_is_forgotten_last),
      cmocka_unit_test(whoever_was_let_in_is_found_again),
      cmocka_unit_test(a_long_rest_fills_the_bucket_and_no_more),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
