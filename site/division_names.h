/* division_names.h - the names of all counties and prefectures, read once for one list of them.
 * THREADS: the connection's.  OWNERSHIP: names live until division_names_close. */
#ifndef SUNLIT_SITE_DIVISION_NAMES_H
#define SUNLIT_SITE_DIVISION_NAMES_H

#include "core/base/db.h"
#include "core/domain/describe.h"

struct named_division;

struct division_names {
  enum language language;
  struct named_division *list;
  size_t count, room;
  bool bad;
  char spare[16];
};

bool division_names_open(struct division_names *names, struct db *db, enum language language,
                         struct err *err);
void division_names_close(struct division_names *names);
/* The province has a name of its own; an unknown code is its digits, until the next call. */
const char *division_name(struct division_names *names, uint32_t code);

#endif
