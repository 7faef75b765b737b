/* Among which branches the tiles of the log are dealt. */
#include "sync/keepers.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { TILES = 6000 };

static struct keepers deal(uint32_t count)
{
  struct keepers all = {.count = count};
  for (uint32_t i = 0; i < count; i++)
    all.codes[i] = 330101 + i;
  return all;
}

static unsigned count_keepers(const struct keepers *all, uint64_t tile)
{
  unsigned n = 0;
  for (uint32_t i = 0; i < all->count; i++)
    n += keepers_have(all, tile, all->codes[i]);
  return n;
}

static void each_tile_has_three_and_all_when_there_are_no_more(void **state)
{
  (void)state;
  for (uint32_t count = 1; count <= 90; count += count < 6 ? 1 : 21) {
    struct keepers all = deal(count);
    for (uint64_t tile = 0; tile < 300; tile++)
      assert_int_equal(count_keepers(&all, tile), count < 3 ? count : 3);
    assert_false(keepers_have(&all, 7, 330999));
  }
}

static void the_tiles_are_dealt_alike(void **state)
{
  struct keepers all = deal(90);
  (void)state;
  for (uint32_t i = 0; i < all.count; i++) {
    unsigned mine = 0;
    for (uint64_t tile = 0; tile < TILES; tile++)
      mine += keepers_have(&all, tile, all.codes[i]);
    assert_in_range(mine, TILES / 30 * 7 / 10, TILES / 30 * 13 / 10);
  }
}

/* Who stays gets tiles of the one who goes, and gives none of its own away. */
static void who_goes_leaves_its_own_tiles_alone(void **state)
{
  struct keepers all = deal(90), rest = deal(90);
  (void)state;
  memmove(rest.codes + 40, rest.codes + 41, 49 * sizeof *rest.codes);
  rest.count = 89;
  for (uint64_t tile = 0; tile < TILES; tile++)
    for (uint32_t i = 0; i < rest.count; i++) {
      bool was = keepers_have(&all, tile, rest.codes[i]), is = keepers_have(&rest, tile, rest.codes[i]);
      if (was) assert_true(is);
      if (is && !was) assert_true(keepers_have(&all, tile, all.codes[40]));
    }
}

/* Both ends deal alike: written down from PROTOCOL 7.16. */
static void the_numbers_are_those_of_the_protocol(void **state)
{
  const struct keepers all = {.count = 5, .codes = {330102, 330122, 330127, 330182, 330902}};
  char got[64] = "";
  (void)state;
  for (uint64_t tile = 0; tile < 3; tile++)
    for (uint32_t i = 0; i < all.count; i++)
      strcat(got, keepers_have(&all, tile, all.codes[i]) ? "1" : "0");
  assert_string_equal(got, "101011001111001");
}

static void a_list_is_ascending_and_whole(void **state)
{
  struct keepers all = deal(4);
  static struct keepers got;
  struct buf out = BUF_INIT;
  (void)state;
  keepers_encode(&out, &all);
  assert_true(keepers_decode(&got, out.data, out.size, NULL));
  assert_int_equal(got.count, 4);
  assert_false(keepers_decode(&got, out.data, out.size - 1, NULL));
  put_u8(&out, 0);
  assert_false(keepers_decode(&got, out.data, out.size, NULL));
  all.codes[2] = all.codes[1];
  buf_clear(&out);
  keepers_encode(&out, &all);
  assert_false(keepers_decode(&got, out.data, out.size, NULL));
  buf_wipe(&out);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(each_tile_has_three_and_all_when_there_are_no_more),
      cmocka_unit_test(the_tiles_are_dealt_alike),
      cmocka_unit_test(who_goes_leaves_its_own_tiles_alone),
      cmocka_unit_test(the_numbers_are_those_of_the_protocol),
      cmocka_unit_test(a_list_is_ascending_and_whole),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
