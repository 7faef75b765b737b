#include "core/domain/unit.h"

#include "core/base/typed.h"

#include <stddef.h>
#include <string.h>

/* amount.ts has the same list. */
static const char *const units[][2] = {
    {"kg", "kg"},         {"公斤", "kg"},  {"千克", "kg"},    {"kgs", "kg"},   {"袋", "bag"},
    {"包", "bag"},        {"bag", "bag"},  {"盒", "box"},     {"box", "box"},  {"瓶", "bottle"},
    {"bottle", "bottle"}, {"罐", "jar"},   {"jar", "jar"},    {"只", "piece"}, {"个", "piece"},
    {"piece", "piece"},   {"升", "litre"}, {"公升", "litre"}, {"l", "litre"},  {"litre", "litre"},
    {"liter", "litre"},
};

const char *unit_of(const char *typed)
{
  char folded[TYPED_UNIT_SIZE];
  typed_fold(folded, sizeof folded, typed);
  for (size_t i = 0; i < sizeof units / sizeof *units; i++)
    if (strcmp(units[i][0], folded) == 0) return units[i][1];
  return NULL;
}
