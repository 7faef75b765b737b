#include "fixture.h"

#include "core/domain/season.h"

static const struct season winter = {.start_md = 1101, .end_md = 430};
static const struct season ban = {.closed = true, .start_md = 501, .end_md = 731};

static void a_window_that_wraps_holds_both_sides_of_new_year(void **state)
{
  (void)state;
  assert_true(season_holds(&winter, 1101));
  assert_true(season_holds(&winter, 1231));
  assert_true(season_holds(&winter, 101));
  assert_true(season_holds(&winter, 430));
  assert_false(season_holds(&winter, 501));
  assert_false(season_holds(&winter, 1031));
}

static void a_season_just_started_and_one_that_ends_this_month_say_so(void **state)
{
  (void)state;
  struct season_state november = season_state_of(&winter, 1, 20261124);
  assert_true(november.on_sale && november.starts && !november.ends && !november.all_year);
  struct season_state april = season_state_of(&winter, 1, 20270401);
  assert_true(april.on_sale && april.ends && !april.starts);
  struct season_state may = season_state_of(&winter, 1, 20270501);
  assert_false(may.on_sale || may.ends || may.starts);
}

static void a_closed_window_cuts_into_an_open_one(void **state)
{
  (void)state;
  const struct season both[] = {{.start_md = 101, .end_md = 1231}, ban};
  assert_true(season_state_of(both, 2, 20260430).on_sale);
  struct season_state closed = season_state_of(both, 2, 20260501);
  assert_true(closed.closed && !closed.on_sale && !closed.all_year);
  assert_false(season_in_month(both, 2, 6));
  assert_true(season_in_month(both, 2, 8));
  assert_false(season_all_year(both, 2));
}

static void all_year_is_found_however_it_is_written(void **state)
{
  (void)state;
  const struct season january = {.start_md = 101, .end_md = 1231}, march = {.start_md = 301, .end_md = 229},
                      nearly = {.start_md = 302, .end_md = 228};
  assert_true(season_all_year(&january, 1));
  assert_true(season_all_year(&march, 1));
  assert_false(season_all_year(&nearly, 1));
  assert_false(season_all_year(NULL, 0));
}

static void windows_are_written_in_one_canonical_order(void **state)
{
  (void)state;
  const struct season list[] = {ban, winter};
  struct buf out = BUF_INIT;
  season_write(&out, list, 2);
  put_u8(&out, 0);
  assert_string_equal((char *)out.data, "[{\"kind\":\"open\",\"start_md\":1101,\"end_md\":430},"
                                        "{\"kind\":\"closed\",\"start_md\":501,\"end_md\":731}]");
  json_t *array = json_parse((char *)out.data, out.size - 1, NULL);
  struct season again[SEASONS_MAX];
  size_t n = 0;
  assert_true(season_parse(array, again, &n, NULL));
  assert_int_equal(n, 2);
  assert_true(again[1].closed && again[1].start_md == 501);
  json_decref(array);
  buf_wipe(&out);
}

static void windows_that_make_no_sense_are_refused(void **state)
{
  (void)state;
  static const struct {
    const char *text, *rule;
  } cases[] = {
      {"{}", "type"},
      {"[1]", "type"},
      {"[{\"kind\":\"open\",\"start_md\":230,\"end_md\":430}]", "date"},
      {"[{\"kind\":\"open\",\"start_md\":1301,\"end_md\":430}]", "range"},
      {"[{\"kind\":\"ajar\",\"start_md\":101,\"end_md\":430}]", "one_of"},
      {"[{\"kind\":\"open\",\"start_md\":101}]", "required"},
      {"[{\"kind\":\"open\",\"start_md\":101,\"end_md\":430,\"x\":1}]", "unknown_field"},
      {"[{\"kind\":\"open\",\"start_md\":101,\"end_md\":2},{\"kind\":\"open\",\"start_md\":101,\"end_md\":2}"
       "]",
       "range"},
      {"[{\"kind\":\"open\",\"start_md\":101,\"end_md\":201},{\"kind\":\"open\",\"start_md\":101,\"end_md\":"
       "201}]",
       "duplicate"},
      {"[0,0,0,0,0,0,0,0,0]", "count"},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    struct err err = ERR_INIT;
    struct season list[SEASONS_MAX];
    size_t n;
    json_t *value = json_parse(cases[i].text, strlen(cases[i].text), NULL);
    assert_refused(season_parse(value, list, &n, &err), &err, cases[i].rule);
    json_decref(value);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_window_that_wraps_holds_both_sides_of_new_year),
      cmocka_unit_test(a_season_just_started_and_one_that_ends_this_month_say_so),
      cmocka_unit_test(a_closed_window_cuts_into_an_open_one),
      cmocka_unit_test(all_year_is_found_however_it_is_written),
      cmocka_unit_test(windows_are_written_in_one_canonical_order),
      cmocka_unit_test(windows_that_make_no_sense_are_refused),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
