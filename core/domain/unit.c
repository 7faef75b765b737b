#include "core/domain/unit.h"

#include "core/base/typed.h"

#include <stddef.h>
#include <string.h>

static const struct unit {
  const char *code, *zh, *en;
} units[] = {
#define UNIT(code, zh, en) {code, zh, en},
#define ALSO(typed, code)
#include "core/domain/units.inc"
#undef UNIT
#undef ALSO
};

static const char *const also[][2] = {
#define UNIT(code, zh, en)
#define ALSO(typed, code) {typed, code},
#include "core/domain/units.inc"
#undef UNIT
#undef ALSO
};

const char *const unit_codes[] = {
#define UNIT(code, zh, en) code,
#define ALSO(typed, code)
#include "core/domain/units.inc"
#undef UNIT
#undef ALSO
    NULL};

const char *unit_of(const char *typed)
{
  char folded[TYPED_UNIT_SIZE];
  typed_fold(folded, sizeof folded, typed);
  for (size_t i = 0; i < sizeof units / sizeof *units; i++)
    if (strcmp(units[i].code, folded) == 0 || strcmp(units[i].zh, folded) == 0 ||
        strcmp(units[i].en, folded) == 0)
      return units[i].code;
  for (size_t i = 0; i < sizeof also / sizeof *also; i++)
    if (strcmp(also[i][0], folded) == 0) return also[i][1];
  return NULL;
}

const char *unit_word(const char *code, bool english)
{
  for (size_t i = 0; i < sizeof units / sizeof *units; i++)
    if (strcmp(units[i].code, code) == 0) return english ? units[i].en : units[i].zh;
  return NULL;
}
