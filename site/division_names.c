#include "site/division_names.h"

#include "core/domain/division.h"
#include "program/app.h"

#include <stdio.h>
#include <stdlib.h>

struct named_division {
  uint32_t code;
  char name[80];
};

static void add(void *ctx, const struct division *row)
{
  struct division_names *names = ctx;
  if (names->count == names->room) {
    size_t room = names->room ? names->room * 2 : 128;
    struct named_division *list = realloc(names->list, room * sizeof *list);
    if (!list) {
      names->bad = true;
      return;
    }
    names->list = list;
    names->room = room;
  }
  struct named_division *to = &names->list[names->count++];
  to->code = row->code;
  snprintf(to->name, sizeof to->name, "%s", names->language == LANGUAGE_ZH ? row->name_zh : row->name_en);
}

bool division_names_open(struct division_names *names, struct db *db, enum language language, struct err *err)
{
  *names = (struct division_names){.language = language};
  bool ok = division_list(db, add, names, err);
  if (ok && names->bad) ok = err_set(err, ERR_IO, "no memory for the names of divisions");
  if (!ok) division_names_close(names);
  return ok;
}

void division_names_close(struct division_names *names)
{
  free(names->list);
  *names = (struct division_names){.count = 0};
}

const char *division_name(struct division_names *names, uint32_t code)
{
  for (size_t i = 0; i < names->count; i++)
    if (names->list[i].code == code) return names->list[i].name;
  if (code == PROVINCE_CODE) return names->language == LANGUAGE_ZH ? "省中心" : "Province";
  snprintf(names->spare, sizeof names->spare, "%u", code);
  return names->spare;
}
