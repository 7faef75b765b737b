#include "site/division_names.h"

#include "core/domain/division.h"
#include "program/app.h"

#include <stdio.h>

static void add(void *ctx, const struct division *row)
{
  struct division_names *names = ctx;
  if (names->count == DIVISION_NAMES_MAX) return;
  names->list[names->count].code = row->code;
  snprintf(names->list[names->count++].name, sizeof names->list->name, "%s",
           names->language == LANGUAGE_ZH ? row->name_zh : row->name_en);
}

bool division_names_read(struct division_names *names, struct db *db, enum language language, struct err *err)
{
  names->language = language;
  names->count = 0;
  return division_list(db, add, names, err);
}

const char *division_name(struct division_names *names, uint32_t code)
{
  for (size_t i = 0; i < names->count; i++)
    if (names->list[i].code == code) return names->list[i].name;
  if (code == PROVINCE_CODE) return names->language == LANGUAGE_ZH ? "省中心" : "Province";
  snprintf(names->spare, sizeof names->spare, "%u", code);
  return names->spare;
}
